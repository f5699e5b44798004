//! How long `cuecard check --online` takes for many transcripts of 28 KB, no two alike, beside curl, which only fetches the
//! same bytes over as many connections, from the same store on the same cores (budget: half as long again, and 1,000
//! requests per second).
//!
//!     cargo bench --bench online -- 10000

#![expect(clippy::unwrap_used, reason = "a bench may stop at a fault of its own")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

/// Connections at once, of both.
const AT_ONCE: &str = "64";

const WORDS: &str = "the harbour reopened today after eleven days of storm and ferries to the islands run again from tomorrow \
                     morning said the chief engineer while we are ready";

/// A transcript in English of 340 cues, of which the first has room for a number of seven digits.
fn transcript() -> String {
    let mut text = String::new();
    let mut words = WORDS.split(' ').cycle();
    for cue in 0..340 {
        let time = |second: usize| format!("00:{:02}:{:02},040", second / 60, second % 60);
        let (start, end) = (time(cue * 4), time(cue * 4 + 3));
        let number = if cue == 0 { "0000000 and " } else { "" };
        let line: Vec<&str> = words.by_ref().take(8).collect();
        let _ = write!(text, "{}\n{start} --> {end}\n{number}{}\n\n", cue + 1, line.join(" "));
    }
    text
}

/// A store with a thread for each connection, which answers a request with one write: there is nothing cheaper.
fn store() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let text: Arc<str> = transcript().into();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let text = Arc::clone(&text);
            std::thread::spawn(move || answer(&client, &text));
        }
    });
    address
}

/// Answers each request for an object with a transcript that says the object's name.
fn answer(client: &TcpStream, text: &str) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let size = text.len();
    let place = text.find("0000000 and")?;
    let mut reader = BufReader::new(client);
    let (mut head, mut reply) = (String::new(), Vec::new());
    loop {
        head.clear();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        reply.clear();
        if head.starts_with("HEAD") {
            reply.extend_from_slice(b"HTTP/1.1 200 OK\r\nx-amz-bucket-region: us-west-2\r\nContent-Length: 0\r\n\r\n");
        } else {
            let number = head.split_once(".srt")?.0.rsplit('/').next()?;
            let status = if head.contains("bytes=") { "206 Partial Content" } else { "200 OK" };
            let _ = write!(
                reply,
                "HTTP/1.1 {status}\r\nETag: \"{number:0>32}\"\r\nContent-Range: bytes 0-{}/{size}\r\nContent-Length: \
                 {size}\r\n\r\n",
                size - 1
            );
            let start = reply.len() + place;
            reply.extend_from_slice(text.as_bytes());
            reply.get_mut(start..start + 7)?.copy_from_slice(number.as_bytes());
        }
        let mut client = client;
        client.write_all(&reply).ok()?;
    }
}

/// CPU seconds of this process, and of the children that have ended; 0 where the system doesn't tell it this way.
fn cpu() -> [f64; 2] {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| after_name.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    [(ticks(11) + ticks(12)) / 100.0, (ticks(13) + ticks(14)) / 100.0]
}

fn measure(what: &str, count: usize, command: &mut Command) {
    let ([store, own], began) = (cpu(), Instant::now());
    let ended = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let took = began.elapsed().as_secs_f64();
    let [store_after, own_after] = cpu();
    let said = String::from_utf8_lossy(&ended.stderr).lines().last().unwrap_or_default().to_owned();
    println!(
        "{what:<8} {took:>6.2} s  {:>6.0} requests/s  CPU {:>5.2} s, the store {:>5.2} s  {said}",
        count as f64 / took,
        own_after - own,
        store_after - store,
    );
}

fn cuecard(folder: &Path, address: &str, manifest: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
    command.args(["check", "--online", "--no-videos", "--at-once", AT_ONCE]).arg(manifest);
    command.env("CUECARD_S3_ENDPOINT", format!("http://{address}"));
    for name in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, folder);
    }
    command
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let address = store();
    let mut manifest = String::from("[");
    let mut fetch = String::from("silent\nparallel\n");
    let _ = writeln!(fetch, "parallel-max = {AT_ONCE}");
    for number in 0..count {
        let comma = if number == 0 { "" } else { ",\n" };
        let _ = write!(
            manifest,
            r#"{comma}{{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://acme-video/{number:07}.mp4","transcription":"s3://captions/{number:07}.srt"}}"#
        );
        let _ = writeln!(fetch, "url = \"http://{address}/captions/{number:07}.srt\"\noutput = \"/dev/null\"");
    }
    manifest.push_str("]\n");
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let [rows, list] = ["rows.json", "list"].map(|name| folder.path().join(name));
        std::fs::write(&rows, &manifest).unwrap();
        std::fs::write(&list, &fetch).unwrap();
        measure("curl", count, Command::new("curl").arg("-K").arg(&list));
        measure("cuecard", count, &mut cuecard(folder.path(), &address, &rows));
    }
}
