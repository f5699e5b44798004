//! A server with an untrusted certificate, like an intercepting proxy. Its private key is public: it is here.

use crate::loopback::{answer, split};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::evidence::Unclear;
use cuecard::domain::follow::{Tone, Trouble};
use cuecard::domain::manifest::Manifest;
use cuecard::domain::outcome::{Ended, How, Outcome, judge};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::io::s3::{Endpoint, S3, S3Options};
use cuecard::io::trust::Trust;
use cuecard::io::twelve_labs::{Limits, Route, UploadRequest, submit};
use cuecard::submission::{ApiKeys, Configured, Destination, Parcel, Submissions};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn pem(name: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}

/// Answers 204 to clients that accept its certificate.
fn serve() -> u16 {
    serve_with("certificate.pem", "key.pem")
}

fn serve_with(certificate: &str, key: &str) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(pem(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(pem(key)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
            while !split(&seen).is_some_and(|(_, body)| body.ends_with(b"--\r\n")) {
                match stream.read(&mut piece) {
                    Ok(read @ 1..) => seen.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            let _ = stream.write_all(&answer("HTTP/1.1 204 No Content", b""));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

fn sent(host: &str, trust: Trust) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.json");
    std::fs::write(&file, "[1]").unwrap();
    let order = UploadRequest {
        address: Address::parse(&format!("https://{host}:{}/v1.2", serve()), false).unwrap(),
        api_key: Arc::new("tlk_CANARY".into()),
        file,
        expected: Fingerprint::of([&b"[1]"[..]]),
        route: Route { proxy: None, trust },
        limits: Limits::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(submit(order, |_| {}, CancellationToken::new()))
}

#[test]
fn a_certificate_nobody_vouches_for_is_told_as_such_and_nothing_is_sent() {
    let ended = sent("localhost", Trust::default());
    assert!(matches!(&ended.how, How::NotTrusted(why) if why.contains("UnknownIssuer")), "{ended:?}");
    assert_eq!((judge(&ended), ended.sent), (Outcome::NotSent, 0));
}

#[test]
fn ca_file_makes_the_server_certificate_trusted() {
    let trust = Trust::from_file(&pem("certificate.pem")).unwrap();
    let ended = sent("localhost", trust);
    assert_eq!(judge(&ended), Outcome::Accepted, "{ended:?}");
}

fn s3(port: u16, trust: Trust) -> S3 {
    let endpoint = Some(Endpoint::parse(&format!("https://localhost:{port}")).unwrap());
    let silence = Duration::from_millis(500);
    S3::new(S3Options { endpoint, trust, silence, ..S3Options::default() }).unwrap()
}

#[tokio::test]
async fn s3_with_a_certificate_nobody_vouches_for_names_the_ca_file_and_works_with_it() {
    let port = serve();
    let s3_of = |trust| s3(port, trust);
    let why = s3_of(Trust::default()).bucket("acme").await.unclear.unwrap().to_string();
    assert!(why.contains("its certificate is not trusted") && why.contains("SSL_CERT_FILE, or ca-file"), "{why}");
    let (pages, _kept) = tokio::sync::mpsc::channel(1);
    let why = s3_of(Trust::default()).list("acme", "", pages).await.unwrap_err().to_string();
    assert!(why.contains("SSL_CERT_FILE, or ca-file"), "{why}");
    let trusted = s3_of(Trust::from_file(&pem("certificate.pem")).unwrap()).bucket("acme").await;
    assert!(!matches!(trusted.unclear, Some(Unclear::Unreachable(_))), "{trusted:?}");
}

#[tokio::test]
async fn a_self_signed_certificate_as_openssl_makes_it_is_told_in_plain_words_with_or_without_a_ca_file() {
    let port = serve_with("self-signed.pem", "self-signed-key.pem");
    for trust in [Trust::default(), Trust::from_file(&pem("self-signed.pem")).unwrap()] {
        let why = s3(port, trust).bucket("acme").await.unclear.unwrap().to_string();
        assert!(why.contains("it is self-signed, and as an authority (CA:TRUE)"), "{why}");
        assert!(why.contains("basicConstraints=critical,CA:FALSE") && !why.contains("Other("), "{why}");
    }
}

#[tokio::test]
async fn following_stands_still_at_an_untrusted_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.json");
    std::fs::write(&file, "[1]").unwrap();
    let port = serve();
    let submissions = |trust| {
        let address = Address::parse(&format!("https://localhost:{port}/v1.2"), false).unwrap();
        let to =
            Destination { address, profile: None, route: Route { proxy: None, trust }, idle: Duration::from_secs(5) };
        let read = Box::new(|| Ok(Arc::new("tlk_CANARY".into())));
        let keys = ApiKeys::new(Some(Configured { origin: "from a test".into(), variable: None, read }));
        Arc::new(Submissions::new(folder.path().to_owned(), to, keys))
    };
    let snapshot = Snapshot::of(Arc::new(Manifest::parse(b"[1]".to_vec()).unwrap()));
    let fingerprint = Fingerprint::of(snapshot.pieces());
    let parcel = Parcel { file, fingerprint, rows: snapshot.len(), snapshot, again: true };
    let trusting = submissions(Trust::from_file(&pem("certificate.pem")).unwrap());
    let sent = trusting.send(parcel, |_| (), CancellationToken::new()).await.unwrap();
    assert_eq!(sent.attempt.outcome, Outcome::Accepted);
    // The setting is gone, or the certificate is another one.
    let mut follower = submissions(Trust::default()).follower(None, None).unwrap();
    follower.round(&mut |_| ()).await;
    let look = follower.look();
    assert!(matches!(look.trouble, Some(Trouble::Untrusted(_))), "{:?}", look.trouble);
    assert_eq!(look.next_ms, None);
    let told = look.says(0, |_| String::new()).unwrap();
    let (tone, said) = (told.tone, told.whole());
    assert!(tone == Tone::Bad && said.contains("SSL_CERT_FILE, or ca-file in config.toml"), "{said}");
}

#[test]
fn a_ca_file_without_certificates_is_refused_by_name() {
    for (file, words) in [(pem("key.pem"), "contains no certificate"), (pem("none.pem"), "no such file")] {
        let said = Trust::from_file(&file).unwrap_err().to_string();
        assert!(said.contains(words) && said.contains(&file.display().to_string()), "{said}");
    }
}
