//! Requesting an index from Twelve Labs: against the sandbox, and against faulty servers.

use crate::loopback::{Act, Server, answer, split};
use cuecard::domain::evidence::{IndexAnswer, Unclear};
use cuecard::domain::request::Address;
use cuecard::io::twelve_labs::{Indexes, Route};
use cuecard::sandbox::{self, Sandbox};
use std::time::Duration;

const ID: &str = "6298d673f1090f1100476d4c";
const KEY: &str = "tlk_canary";

fn indexes(base: &str, key: &str) -> Indexes {
    let address = Address::parse(base, false).unwrap();
    Indexes::new(&address, &key.to_owned().into(), &Route::default(), Duration::from_millis(500)).unwrap()
}

#[tokio::test]
async fn the_sandboxs_indexes_are_understood() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let indexes = indexes(sandbox.api_url(), KEY);
    let found = async |last: &str| match indexes.index(&format!("5eed000000000000000000{last}")).await {
        IndexAnswer::Found(index) => index,
        other => panic!("{other:?}"),
    };
    assert_eq!(found("11").await.engines, ["marengo2.5".into()]);
    assert_eq!(found("12").await.engines, ["marengo2.6".into(), "pegasus1.1".into()]);
    assert_eq!(found("13").await.needs_audio, Some(true));
    assert_eq!(found("14").await.expires_ms, Some(1_769_817_600_000));
    assert_eq!(found("16").await.needs_audio, Some(false));
    assert_eq!(indexes.index("5eed00000000000000000099").await, IndexAnswer::Missing);
    let asked = sandbox.api_requests();
    assert_eq!(asked[0].target, "/v1.2/indexes/5eed00000000000000000011");
    assert_eq!(asked[0].header("x-api-key"), Some(KEY));
    let refused = self::indexes(sandbox.api_url(), "sandbox-401").index(ID).await;
    assert_eq!(refused, IndexAnswer::Unclear(Unclear::Status(401, Some("api_key_invalid".into()))));
}

#[tokio::test]
async fn misbehaving_servers_give_an_unclear_answer() {
    let bomb = format!("{{\"a\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let head = |length: usize| format!("HTTP/1.1 200 OK\ncontent-length: {length}");
    for (act, wanted) in [
        (Act::Hang, Unclear::Silent(0)),
        (Act::Drip(answer(&head(9_000), b"x")), Unclear::Silent(0)),
        (Act::Answer(answer(&head(bomb.len()), bomb.as_bytes())), Unclear::Garbled),
        (Act::Answer(answer("HTTP/1.1 502 Bad Gateway\ncontent-length: 0", b"")), Unclear::Status(502, None)),
    ] {
        let server = Server::start(act);
        assert_eq!(indexes(&server.base(), KEY).index(ID).await, IndexAnswer::Unclear(wanted));
    }
    for act in [Act::DropAfter(1), Act::Answer(answer(&head(9_000), b"{")), Act::Answer(b"garbage\r\n\r\n".to_vec())] {
        let server = Server::start(act);
        let answer = indexes(&server.base(), KEY).index(ID).await;
        assert!(matches!(answer, IndexAnswer::Unclear(Unclear::Broken(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn the_key_goes_to_that_address_only_and_is_shown_nowhere() {
    let target = Server::answering("HTTP/1.1 200 OK\ncontent-length: 0", b"");
    let location = format!("HTTP/1.1 302 Found\nlocation: {}/indexes/{ID}\ncontent-length: 0", target.base());
    let server = Server::answering(&location, b"");
    let indexes = indexes(&server.base(), KEY);
    assert_eq!(indexes.index(ID).await, IndexAnswer::Unclear(Unclear::Status(302, None)));
    let (head, _) = split(&server.requests()[0]).map(|(head, body)| (head, body.len())).unwrap();
    assert!(head.starts_with(&format!("GET /v1.2/indexes/{ID} HTTP/1.1")), "{head}");
    assert!(target.requests().is_empty());
    assert!(!format!("{indexes:?}").contains(KEY));
    for id in ["", "../tasks", "6298d673f1090f1100476d4c1"] {
        assert_eq!(indexes.index(id).await, IndexAnswer::Unclear(Unclear::Garbled));
    }
    assert_eq!(server.requests().len(), 1);
}
