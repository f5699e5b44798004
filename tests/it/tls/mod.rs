//! A server with an untrusted certificate, like an intercepting proxy. Its private key is public: it is here.

use crate::loopback::{answer, split};
use cuecard::domain::outcome::{Ended, How, Outcome, judge};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::io::trust::Trust;
use cuecard::io::twelve_labs::{Limits, Route, UploadRequest, submit};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

fn pem(name: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}

/// Answers 204 to clients that accept its certificate.
fn serve() -> u16 {
    let chain = vec![CertificateDer::from_pem_file(pem("certificate.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(pem("key.pem")).unwrap();
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

#[test]
fn a_ca_file_without_certificates_is_refused_by_name() {
    for (file, words) in [(pem("key.pem"), "contains no certificate"), (pem("none.pem"), "no such file")] {
        let said = Trust::from_file(&file).unwrap_err().to_string();
        assert!(said.contains(words) && said.contains(&file.display().to_string()), "{said}");
    }
}
