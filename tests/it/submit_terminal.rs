//! What `cuecard submit` asks on a terminal, and what it leaves there.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::loopback::Server;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const KEY: &str = "tlk_CANARY_0123456789";
const GOOD: &str = r#"[{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/a/0700.mp4", "transcription": "s3://acme-captions/a/0700.srt"}]"#;

struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    seen: String,
    _folder: tempfile::TempDir,
}

impl Terminal {
    /// Runs `cuecard submit` on a terminal of its own, with this configuration, in an otherwise empty environment.
    fn submit(server: &Server, config: &str, more: &[&str]) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), GOOD).unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let pty = native_pty_system().openpty(PtySize { rows: 40, cols: 200, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cuecard"));
        command.env_clear();
        command.cwd(folder.path());
        command.env("CUECARD_STATE_DIR", folder.path().join("state"));
        command.env("CUECARD_CONFIG_DIR", folder.path());
        command.args(["submit", "m.json", "--api-url", &server.base()]);
        command.args(more);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let writer = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let _master = pty.master;
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut piece) {
                if sender.send(piece[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { child, writer, output, seen: String::new(), _folder: folder }
    }

    fn until(&mut self, text: &str) -> &mut Terminal {
        while !self.seen.contains(text) {
            let piece = self.output.recv_timeout(Duration::from_secs(30));
            let piece = piece.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        self
    }

    fn types(&mut self, text: &str) -> &mut Terminal {
        self.writer.write_all(text.as_bytes()).unwrap();
        self
    }

    /// The exit code and everything that was on the terminal.
    fn ends(mut self) -> (u32, String) {
        let status = self.child.wait().unwrap();
        while let Ok(piece) = self.output.recv_timeout(Duration::from_millis(500)) {
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        (status.exit_code(), self.seen)
    }
}

fn no_content() -> Server {
    Server::answering("HTTP/1.1 204 No Content", b"")
}

#[test]
fn the_key_is_asked_for_unseen_and_the_upload_for_a_word() {
    let server = no_content();
    let mut terminal = Terminal::submit(&server, "", &[]);
    terminal.until("API key (not shown): ").types("wrong\u{15}x\u{7f}").types(KEY).types("\r");
    terminal.until("Type yes to upload to 127.0.0.1").types("yes\r").until("Status code: 204");
    let (exit, seen) = terminal.ends();
    assert_eq!(exit, 0, "{seen}");
    assert!(!seen.contains(KEY) && seen.contains("*****"), "{seen}");
    assert!(seen.contains(": yes"), "the terminal echoes again: {seen}");
    assert!(memchr::memmem::find(&server.requests()[0], format!("x-api-key: {KEY}\r\n").as_bytes()).is_some());
}

#[test]
fn anything_but_the_word_sends_nothing() {
    for answer in ["\r", "y\r", "\u{4}"] {
        let server = no_content();
        let mut terminal = Terminal::submit(&server, "api-key-command = 'echo tlk_CANARY'", &[]);
        terminal.until("Type yes to upload").types(answer);
        let (exit, seen) = terminal.ends();
        assert_eq!(exit, 3, "{seen}");
        assert!(seen.contains("Nothing was sent."), "{seen}");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn giving_up_on_the_key_sends_nothing() {
    let server = no_content();
    let mut terminal = Terminal::submit(&server, "", &["--yes"]);
    terminal.until("API key").types("tlk\u{3}");
    let (exit, seen) = terminal.ends();
    assert_eq!(exit, 2, "{seen}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_protected_profile_wants_the_number_of_rows() {
    let config = "profile = 'prod'\napi-key-command = 'echo tlk_CANARY'\n[profiles.prod]\nprotect = true";
    for (answer, exit, requests) in [("yes\r", 3, 0), ("1\r", 0, 1)] {
        let server = no_content();
        let mut terminal = Terminal::submit(&server, config, &["--yes"]);
        terminal.until("Type 1 to upload").types(answer);
        let (code, seen) = terminal.ends();
        assert_eq!((code, server.requests().len()), (exit, requests), "{seen}");
    }
}
