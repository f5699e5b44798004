//! Servers on loopback that follow a script and record every byte they receive.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a server does with one connection.
pub enum Act {
    /// Read the whole request, then write these bytes and close.
    Answer(Vec<u8>),
    /// Read the whole request, write these bytes, then hold the connection open.
    AnswerAndHold(Vec<u8>),
    /// Write these bytes after the request's first bytes, then read the rest.
    AnswerEarly(Vec<u8>),
    /// Close at once, or after that many bytes.
    DropAfter(usize),
    /// Read the whole request and never answer.
    Hang,
    /// Accept and read nothing.
    Deaf,
    /// Read the whole request, then write one byte now and then.
    Drip(Vec<u8>),
    /// Read the whole request, then write what the script says to it.
    #[cfg(feature = "sandbox")]
    Script(Script),
}

/// The reply to a request's head.
#[cfg(feature = "sandbox")]
pub type Script = Box<dyn Fn(&str) -> Vec<u8> + Send>;

pub struct Server {
    pub port: u16,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    pub fn start(act: Act) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let at = kept.lock().unwrap().len();
                kept.lock().unwrap().push(Vec::new());
                let keep = |bytes: &[u8]| kept.lock().unwrap()[at].extend_from_slice(bytes);
                serve(&act, stream, keep, &mut held);
            }
        });
        Server { port, requests }
    }

    /// A status line and headers, then the body.
    pub fn answering(head: &str, body: &[u8]) -> Server {
        Server::start(Act::Answer(answer(head, body)))
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/v1.2", self.port)
    }

    /// The bytes of every connection so far.
    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

pub fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = head.replace('\n', "\r\n").into_bytes();
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn serve(act: &Act, mut stream: TcpStream, keep: impl Fn(&[u8]), held: &mut Vec<TcpStream>) {
    match act {
        Act::Answer(bytes) => {
            read_request(&mut stream, keep, usize::MAX);
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(Shutdown::Write);
        }
        Act::AnswerAndHold(bytes) => {
            read_request(&mut stream, keep, usize::MAX);
            let _ = stream.write_all(bytes);
            held.push(stream);
        }
        Act::AnswerEarly(bytes) => {
            read_request(&mut stream, &keep, 1);
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let mut rest = [0; 65536];
            while stream.read(&mut rest).is_ok_and(|read| read > 0) {}
        }
        Act::DropAfter(0) => drop(stream),
        Act::DropAfter(bytes) => read_request(&mut stream, keep, *bytes),
        Act::Hang => {
            read_request(&mut stream, keep, usize::MAX);
            held.push(stream);
        }
        Act::Deaf => held.push(stream),
        #[cfg(feature = "sandbox")]
        Act::Script(script) => {
            let all = std::cell::RefCell::new(Vec::new());
            let both = |bytes: &[u8]| {
                keep(bytes);
                all.borrow_mut().extend_from_slice(bytes);
            };
            read_request(&mut stream, both, usize::MAX);
            let head = String::from_utf8_lossy(&all.borrow()).into_owned();
            let _ = stream.write_all(&script(&head));
            let _ = stream.shutdown(Shutdown::Write);
        }
        Act::Drip(bytes) => {
            read_request(&mut stream, keep, usize::MAX);
            for byte in bytes {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            held.push(stream);
        }
    }
}

/// Reads until the request is complete by its Content-Length, or `most` bytes have arrived.
fn read_request(stream: &mut TcpStream, keep: impl Fn(&[u8]), most: usize) {
    let mut all = Vec::new();
    let mut piece = [0; 65536];
    while all.len() < most && !is_whole(&all) {
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => {
                keep(&piece[..read]);
                all.extend_from_slice(&piece[..read]);
            }
            _ => return,
        }
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some((head, body)) = split(bytes) else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0usize)
}

/// Head and body of a request.
pub fn split(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 4..]))
}
