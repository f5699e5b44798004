//! A scripted server on loopback that records the heads of its requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to a connection after its request's head was read.
pub enum Act {
    /// These bytes, then the end.
    Reply(Vec<u8>),
    /// One byte after another, slowly, forever.
    Drip(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// No reply; the connection stays open.
    Hold,
}

impl From<String> for Act {
    fn from(text: String) -> Act {
        Act::Reply(text.into_bytes())
    }
}

/// Handles each connection with the next act; after the last one connections stay open.
pub struct Faulty {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Faulty {
    pub async fn start<A: Into<Act>>(acts: impl IntoIterator<Item = A>) -> Faulty {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let mut acts: VecDeque<Act> = acts.into_iter().map(Into::into).collect();
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    // A connection opened in advance may close without a request.
                    let Ok(byte) = stream.read_u8().await else { break };
                    head.push(byte);
                }
                if head.is_empty() {
                    continue;
                }
                kept.lock().unwrap().push(String::from_utf8(head).unwrap());
                tokio::spawn(serve(stream, acts.pop_front().unwrap_or(Act::Hold)));
            }
        });
        Faulty { url, heads }
    }

    /// Accepts and never answers.
    pub async fn silent() -> Faulty {
        Faulty::start::<Act>([]).await
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The request line of each.
    pub fn targets(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.lines().next().unwrap().to_owned()).collect()
    }
}

async fn serve(mut stream: TcpStream, act: Act) {
    match act {
        // The client may stop reading early.
        Act::Reply(bytes) => drop(stream.write_all(&bytes).await),
        Act::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Act::Reset => drop(stream.set_zero_linger()),
        Act::Hold => drop(stream.read_u8().await),
    }
}

/// A reply with a correct length.
pub fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

/// An error as S3 words it.
pub fn fault(status: &str, code: &str) -> String {
    reply(status, "", &format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>"))
}

/// The first bytes of an object of that size.
pub fn part(range: &str, etag: &str, body: &str) -> String {
    reply("206 Partial Content", &format!("content-range: bytes {range}\r\netag: {etag}\r\n"), body)
}
