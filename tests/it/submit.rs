//! One upload against sound and faulty servers.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::loopback::{Act, Server, answer, split};
use cuecard::domain::outcome::{BodyState, Ended, How, Outcome, judge};
use cuecard::domain::request::{Address, Fingerprint, request_bytes};
use cuecard::domain::submission::Phase;
use cuecard::io::twelve_labs::{BODY_LIMIT, Limits, Proxy, Route, UploadRequest, submit};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const KEY: &str = "tlk_CANARY_0123456789";

struct Sending {
    _folder: tempfile::TempDir,
    order: UploadRequest,
    stop: CancellationToken,
    seen: Arc<Mutex<Vec<Phase>>>,
}

impl Sending {
    fn new(base: &str, bytes: &[u8]) -> Sending {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("my \"news\".json");
        std::fs::write(&file, bytes).unwrap();
        let order = UploadRequest {
            address: Address::parse(base, false).unwrap(),
            api_key: Arc::new(KEY.into()),
            file,
            expected: Fingerprint::of([bytes]),
            route: Route::default(),
            limits: Limits {
                connect: Duration::from_secs(5),
                idle: Duration::from_millis(400),
                body: Duration::from_millis(400),
            },
        };
        Sending { _folder: folder, order, stop: CancellationToken::new(), seen: Arc::default() }
    }

    fn file(&self) -> PathBuf {
        self.order.file.clone()
    }

    fn run(&self) -> Ended {
        self.run_with(|_| {})
    }

    fn run_with(&self, also: impl Fn(Phase) + Send + Sync + 'static) -> Ended {
        let seen = Arc::clone(&self.seen);
        let progress = move |step| {
            also(step);
            seen.lock().unwrap().push(step);
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(submit(self.order.clone(), progress, self.stop.clone()))
    }
}

fn send_to(act: Act) -> (Ended, Server) {
    let server = Server::start(act);
    let ended = Sending::new(&server.base(), b"[]").run();
    (ended, server)
}

/// More than the buffers between two sockets hold.
fn big() -> Vec<u8> {
    manifest_of(16_000_000)
}

fn manifest_of(least: usize) -> Vec<u8> {
    let row = br#"{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://a/b.mp4","transcription":""},"#;
    let mut bytes = b"[".to_vec();
    while bytes.len() < least {
        bytes.extend_from_slice(row);
    }
    bytes.pop();
    bytes.push(b']');
    bytes
}

#[test]
fn the_server_gets_exactly_the_file_in_one_part() {
    let server = Server::answering("HTTP/1.1 204 No Content\nX-Api-Version: v1.2", b"");
    let bytes = &manifest_of(400_000)[..300_001];
    let sending = Sending::new(&server.base(), bytes);
    let ended = sending.run();
    assert_eq!(judge(&ended), Outcome::Accepted, "{ended:?}");
    assert_eq!(ended.sent, 300_001);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = split(&requests[0]).unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1.2/tasks/transfers http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("x-api-key: {}", KEY.to_ascii_lowercase())));
    assert!(!head.contains("transfer-encoding"));
    let length = request_bytes("my _news_.json", bytes.len() as u64);
    assert!(head.contains(&format!("content-length: {length}")), "{head}");
    assert_eq!(body.len() as u64, length);
    let (part_head, part) = split(body).unwrap();
    let boundary = part_head.lines().next().unwrap().to_owned();
    assert!(part_head.contains("name=\"file\"; filename=\"my _news_.json\""), "{part_head}");
    assert!(part_head.contains("Content-Type: application/json"), "{part_head}");
    assert_eq!(part.strip_suffix(format!("\r\n{boundary}--\r\n").as_bytes()).unwrap(), bytes);
}

#[test]
fn progress_goes_through_its_phases_in_order() {
    let server = Server::answering("HTTP/1.1 200 OK\nContent-Length: 2", b"{}");
    let sending = Sending::new(&server.base(), &manifest_of(300_000)[..200_000]);
    sending.run();
    let seen = sending.seen.lock().unwrap();
    assert_eq!(seen[..2], [Phase::Connecting, Phase::Sending { sent: 0, total: 200_000 }]);
    let rank = |p: &Phase| match p {
        Phase::Connecting => (0, 0),
        Phase::Sending { sent, .. } => (1, *sent),
        Phase::Waiting => (2, 0),
        Phase::Reading => (3, 0),
    };
    assert!(seen.is_sorted_by_key(rank), "{seen:?}");
    assert!(seen.contains(&Phase::Waiting));
    assert_eq!(seen.last(), Some(&Phase::Reading));
}

#[test]
fn a_status_is_taken_as_it_came() {
    let cases = [
        ("HTTP/1.1 204 No Content", "", Outcome::Accepted),
        ("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 13", r#"{"type":"ok"}"#, Outcome::Accepted),
        ("HTTP/1.1 400 Bad Request\nContent-Length: 12", r#"{"code":"x"}"#, Outcome::Refused),
        ("HTTP/1.1 401 Unauthorized\nContent-Length: 0", "", Outcome::Refused),
        ("HTTP/1.1 429 Too Many\nX-Ratelimit-Reset: 1795737600\nContent-Length: 0", "", Outcome::Refused),
        ("HTTP/1.1 500 Oh\nContent-Length: 0", "", Outcome::Unknown),
        ("HTTP/1.1 503 Gateway\nContent-Type: text/html\nContent-Length: 6", "<html>", Outcome::Unknown),
        ("HTTP/1.1 799 Strange\nContent-Length: 0", "", Outcome::Unknown),
    ];
    for (head, body, outcome) in cases {
        let (ended, server) = send_to(Act::Answer(answer(head, body.as_bytes())));
        assert_eq!(judge(&ended), outcome, "{head}: {ended:?}");
        let reply = ended.reply().unwrap();
        assert_eq!((reply.body.as_slice(), reply.body_state), (body.as_bytes(), BodyState::Whole), "{head}");
        assert_eq!(server.requests().len(), 1, "{head}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_the_key_reaches_no_second_origin() {
    let second = Server::answering("HTTP/1.1 200 OK\nContent-Length: 0", b"");
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Moved\nLocation: {}\nContent-Length: 0", second.base());
        let (ended, _) = send_to(Act::Answer(answer(&head, b"")));
        assert_eq!(judge(&ended), Outcome::Refused);
        assert_eq!(ended.reply().unwrap().header("location"), Some(second.base().as_str()));
    }
    assert!(second.requests().is_empty());
}

#[test]
fn without_a_complete_head_the_outcome_is_unknown() {
    let huge = format!("HTTP/1.1 200 OK\r\nX-Big: {}\r\n\r\n", "x".repeat(3_000_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(5_000));
    let acts = [
        ("drop at once", Act::DropAfter(0)),
        ("drop in the request", Act::DropAfter(1)),
        ("drop before the head", Act::Answer(Vec::new())),
        ("cut head", Act::Answer(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())),
        ("garbage", Act::Answer(b"\x00\x01 what is this\r\n\r\n".to_vec())),
        ("another protocol", Act::Answer(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())),
        ("huge header", Act::Answer(huge.into_bytes())),
        ("many headers", Act::Answer(many.into_bytes())),
        ("hang", Act::Hang),
        (
            "a head that drips",
            Act::Drip(b"HTTP/1.1 204 No Content\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n".to_vec()),
        ),
    ];
    for (name, act) in acts {
        let (ended, _server) = send_to(act);
        let gave_up = matches!(name, "hang" | "a head that drips");
        let told = if gave_up { matches!(ended.how, How::TimedOut(_)) } else { matches!(ended.how, How::NoReply(_)) };
        assert!(told, "{name}: {ended:?}");
        assert_eq!(judge(&ended), Outcome::Unknown, "{name}");
    }
}

#[test]
fn an_accepted_manifest_stays_accepted_when_its_reply_is_cut() {
    let ok = "HTTP/1.1 200 OK\nContent-Length: 50";
    let acts = [
        Act::Answer(answer(ok, b"{\"a\":")),
        Act::AnswerAndHold(answer(ok, b"{\"a\":")),
        Act::Answer(answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"5\r\n{\"a\":\r\nzz")),
    ];
    for act in acts {
        let (ended, _server) = send_to(act);
        assert_eq!(judge(&ended), Outcome::Accepted, "{ended:?}");
        let reply = ended.reply().unwrap();
        assert_eq!((reply.body.as_slice(), reply.body_state), (b"{\"a\":".as_slice(), BodyState::Cut));
    }
    // 204 has no body, whatever its headers claim.
    let (ended, _server) = send_to(Act::Answer(answer("HTTP/1.1 204 No Content\nContent-Length: 50", b"")));
    assert_eq!(ended.reply().unwrap().body_state, BodyState::Whole);
}

#[test]
fn a_reply_is_kept_up_to_its_limit_after_decompression() {
    let plain = vec![b'x'; 3 * BODY_LIMIT];
    let (ended, _server) = send_to(Act::Answer(answer("HTTP/1.1 200 OK\nConnection: close", &plain)));
    let reply = ended.reply().unwrap();
    assert_eq!((reply.body.len(), reply.body_state), (BODY_LIMIT, BodyState::Truncated));
    let bomb = answer("HTTP/1.1 200 OK\nContent-Encoding: gzip\nConnection: close", &gzip_of_zeros(40 * BODY_LIMIT));
    assert!(bomb.len() < BODY_LIMIT);
    let (ended, _server) = send_to(Act::Answer(bomb));
    let reply = ended.reply().unwrap();
    assert_eq!((reply.body.len(), reply.body_state), (BODY_LIMIT, BodyState::Truncated));
    let (ended, _server) = send_to(Act::Answer(answer("HTTP/1.1 200 OK\nContent-Encoding: gzip", b"not gzip")));
    assert_eq!(judge(&ended), Outcome::Unknown, "{ended:?}");
    assert_eq!(ended.reply().unwrap().body_state, BodyState::Cut);
}

/// Compressed by the system's gzip.
fn gzip_of_zeros(bytes: usize) -> Vec<u8> {
    let mut child = std::process::Command::new("gzip")
        .arg("-c")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&vec![0; bytes]).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

#[test]
fn an_echoed_key_is_taken_out_of_the_reply() {
    let head = format!("HTTP/1.1 400 Bad\nX-Echo: {KEY}\nConnection: close");
    let (ended, _server) = send_to(Act::Answer(answer(&head, format!("bad key {KEY}!").as_bytes())));
    assert!(!format!("{ended:?}").contains(KEY));
    assert_eq!(String::from_utf8_lossy(&ended.reply().unwrap().body), "bad key ‹the API key›!");
}

#[test]
fn an_answer_in_the_middle_of_the_upload_is_taken() {
    let early = Act::AnswerEarly(answer("HTTP/1.1 413 Payload Too Large\nContent-Length: 0\nConnection: close", b""));
    let server = Server::start(early);
    let ended = Sending::new(&server.base(), &manifest_of(4_000_000)).run();
    assert_eq!(ended.reply().map(|reply| reply.status), Some(413), "{ended:?}");
}

#[test]
fn a_refused_connection_proves_that_nothing_left() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ended = Sending::new(&format!("http://127.0.0.1:{port}"), b"[]").run();
    assert_eq!(ended.how, How::NotConnected("connection refused".into()));
    assert_eq!((judge(&ended), ended.begun, ended.sent), (Outcome::NotSent, false, 0));
}

#[test]
fn a_server_that_speaks_no_tls_gets_nothing() {
    let server = Server::start(Act::DropAfter(1));
    let ended = Sending::new(&server.base().replace("http:", "https:"), b"[]").run();
    assert_eq!(judge(&ended), Outcome::NotSent, "{ended:?}");
    assert!(!server.requests().concat().windows(KEY.len()).any(|w| w == KEY.as_bytes()));
}

#[test]
fn stopping_before_the_first_byte_sends_nothing() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    let sending = Sending::new(&server.base(), b"[]");
    sending.stop.cancel();
    let ended = sending.run();
    assert_eq!((&ended.how, judge(&ended)), (&How::Stopped, Outcome::NotSent));
    assert!(server.requests().is_empty());
}

#[test]
fn stopping_after_the_first_byte_leaves_it_open_what_became_of_it() {
    let server = Server::start(Act::Deaf);
    let sending = Sending::new(&server.base(), &big());
    let stop = sending.stop.clone();
    let ended = sending.run_with(move |step| {
        if matches!(step, Phase::Sending { sent: 1.., .. }) {
            stop.cancel();
        }
    });
    assert_eq!((&ended.how, judge(&ended)), (&How::Stopped, Outcome::Unknown));
    assert!(ended.sent > 0 && ended.sent < big().len() as u64, "{}", ended.sent);
}

#[test]
fn a_peer_that_takes_nothing_is_given_up_on() {
    let server = Server::start(Act::Deaf);
    let ended = Sending::new(&server.base(), &big()).run();
    assert!(matches!(&ended.how, How::TimedOut(why) if why.contains("nothing moved")), "{ended:?}");
    assert!(ended.begun && ended.sent < big().len() as u64);
}

#[test]
fn a_slow_answer_within_the_limit_is_waited_for() {
    let mut drip = answer("HTTP/1.1 204 No Content", b"");
    drip.truncate(200);
    let server = Server::start(Act::Drip(drip));
    let mut sending = Sending::new(&server.base(), b"[]");
    sending.order.limits.idle = Duration::from_secs(20);
    assert_eq!(judge(&sending.run()), Outcome::Accepted);
}

#[test]
fn a_file_that_is_not_the_checked_one_is_not_sent() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    for other in [b"[1".as_slice(), b"[]\n", b"{}", b""] {
        let sending = Sending::new(&server.base(), b"[]");
        std::fs::write(sending.file(), other).unwrap();
        let ended = sending.run();
        assert_eq!((&ended.how, judge(&ended)), (&How::FileChanged, Outcome::NotSent));
    }
    let sending = Sending::new(&server.base(), b"[]");
    std::fs::remove_file(sending.file()).unwrap();
    assert!(matches!(sending.run().how, How::NotStarted(_)));
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_that_changes_on_its_way_never_arrives_complete() {
    let bytes = manifest_of(1_000_000);
    type Change = fn(&std::path::Path);
    let changes: [Change; 3] = [
        |path| std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b" ").unwrap(),
        |path| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(800_000).unwrap(),
        |path| {
            use std::io::Seek;
            let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.seek(std::io::SeekFrom::End(-10)).unwrap();
            file.write_all(b"X").unwrap();
        },
    ];
    for change in changes {
        let server = Server::answering("HTTP/1.1 204 No Content", b"");
        let sending = Sending::new(&server.base(), &bytes);
        let path = sending.file();
        let ended = sending.run_with(move |step| {
            if matches!(step, Phase::Sending { sent: 0, .. }) {
                change(&path);
            }
        });
        assert_eq!((&ended.how, judge(&ended)), (&How::FileChanged, Outcome::Unknown));
        let arrived = server.requests().concat().len() as u64;
        assert!(arrived < request_bytes("my _news_.json", bytes.len() as u64));
    }
}

#[test]
fn a_proxy_gets_a_tunnel_request_but_never_the_key_of_a_tls_address() {
    let proxy = Server::answering("HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 0", b"");
    let mut sending = Sending::new("https://api.example/v1.2", b"[]");
    let variable = |name: &str| (name == "https_proxy").then(|| format!("http://me:hunter2@127.0.0.1:{}", proxy.port));
    sending.order.route.proxy = Proxy::from_environment(&sending.order.address, variable);
    let ended = sending.run();
    assert_eq!(judge(&ended), Outcome::NotSent, "{ended:?}");
    assert!(!format!("{ended:?}").contains("hunter2"));
    let requests = proxy.requests();
    assert!(requests[0].starts_with(b"CONNECT api.example:443 HTTP/1.1\r\n"));
    assert!(!requests.concat().windows(KEY.len()).any(|w| w == KEY.as_bytes()));
}

#[test]
fn a_socks_proxy_is_spoken_to_in_its_own_protocol() {
    let mut sending = Sending::new("http://127.0.0.1:1/v1.2", b"[1]");
    sending.order.address = Address::parse("http://api.example/v1.2", true).unwrap();
    let proxy = Server::answering("no socks", b"");
    let variable = |_: &str| Some(format!("socks5h://127.0.0.1:{}", proxy.port));
    sending.order.route.proxy = Proxy::from_environment(&sending.order.address, variable);
    assert_eq!(
        sending.order.route.proxy.as_ref().unwrap().shown(),
        format!("127.0.0.1:{} from http_proxy", proxy.port)
    );
    let ended = sending.run();
    assert_eq!(judge(&ended), Outcome::NotSent, "{ended:?}");
    let asked = &proxy.requests()[0];
    assert_eq!(asked.first(), Some(&5), "it greets with the version of SOCKS: {asked:?}");
    assert!(memchr::memmem::find(asked, KEY.as_bytes()).is_none());
}

#[test]
fn only_the_named_proxy_is_used() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = Server::answering("HTTP/1.1 204 No Content", b"");
    let mut sending = Sending::new(&format!("http://127.0.0.1:{port}"), b"[]");
    let variable = |_: &str| Some(format!("127.0.0.1:{}", proxy.port));
    assert!(Proxy::from_environment(&sending.order.address, variable).is_none(), "loopback needs none");
    sending.order.address = Address::parse("http://api.example/v1.2", true).unwrap();
    sending.order.route.proxy = Proxy::from_environment(&sending.order.address, variable);
    assert_eq!(judge(&sending.run()), Outcome::Accepted);
    assert!(proxy.requests()[0].starts_with(b"POST http://api.example/v1.2/tasks/transfers HTTP/1.1\r\n"));
}
