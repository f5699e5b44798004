//! The questions of `cuecard submit` on a terminal, and what remains there.

use crate::loopback::Server;
use crate::pty::KEY;
use crate::pty::screen::{Place, Screen};

const GOOD: &str = r#"[{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/a/0700.mp4", "transcription": "s3://acme-captions/a/0700.srt"}]"#;

/// Runs `cuecard submit` on its own terminal, with this configuration.
fn submit(server: &Server, config: &str, more: &[&str]) -> Screen {
    let place = Place::new().with("m.json", GOOD).with("config.toml", config).size(200, 40);
    let base = server.base();
    place.cuecard(&[&["submit", "m.json", "--api-url", &base], more].concat())
}

/// The exit code and everything the terminal showed.
fn ends(mut screen: Screen) -> (u32, String) {
    let exit = screen.ends();
    (exit, String::from_utf8_lossy(screen.raw()).into_owned())
}

fn no_content() -> Server {
    Server::answering("HTTP/1.1 204 No Content", b"")
}

#[test]
fn the_key_is_asked_for_unseen_and_the_upload_for_a_word() {
    let server = no_content();
    let mut terminal = submit(&server, "", &[]);
    terminal.until("API key (not shown): ").keys("wrong\u{15}x\u{7f}").keys(KEY).keys("\r");
    terminal.until("Type yes to upload to 127.0.0.1").keys("yes\r").until("Status code: 204");
    let (exit, seen) = ends(terminal);
    assert_eq!(exit, 0, "{seen}");
    assert!(!seen.contains(KEY) && seen.contains("*****"), "{seen}");
    // Typed text may come before the last characters of the question: they were still visible.
    let answered = seen.rsplit("Type yes to upload").next().unwrap_or_default();
    assert!(answered.contains("yes"), "the terminal echoes again: {seen}");
    assert!(memchr::memmem::find(&server.requests()[0], format!("x-api-key: {KEY}\r\n").as_bytes()).is_some());
}

#[test]
fn anything_but_the_word_sends_nothing() {
    for answer in ["\r", "y\r", "\u{4}"] {
        let server = no_content();
        let mut terminal = submit(&server, "api-key-command = 'echo tlk_CANARY'", &[]);
        terminal.until("Type yes to upload").keys(answer);
        let (exit, seen) = ends(terminal);
        assert_eq!(exit, 3, "{seen}");
        assert!(seen.contains("Nothing was sent."), "{seen}");
        assert!(server.requests().is_empty());
    }
}

#[test]
fn giving_up_on_the_key_sends_nothing() {
    let server = no_content();
    let mut terminal = submit(&server, "", &["--yes"]);
    terminal.until("API key").keys("tlk\u{3}");
    let (exit, seen) = ends(terminal);
    assert_eq!(exit, 2, "{seen}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_protected_profile_wants_the_number_of_rows() {
    let config = "profile = 'prod'\napi-key-command = 'echo tlk_CANARY'\n[profiles.prod]\nprotect = true";
    for (answer, exit, requests) in [("yes\r", 3, 0), ("1\r", 0, 1)] {
        let server = no_content();
        let mut terminal = submit(&server, config, &["--yes"]);
        terminal.until("Type 1 to upload").keys(answer);
        let (code, seen) = ends(terminal);
        assert_eq!((code, server.requests().len()), (exit, requests), "{seen}");
    }
}

#[test]
fn a_signal_at_a_question_gives_the_terminal_back_and_sends_nothing() {
    use rustix::process::Signal;
    let signals = [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)];
    for (signal, code) in signals {
        for (config, question) in [("", "API key (not shown): "), ("api-key-command = 'echo k'", "Type yes to upload")]
        {
            let server = no_content();
            let mut terminal = submit(&server, config, &[]);
            terminal.until(question).signal(signal);
            assert_eq!(terminal.ends(), code, "{question}");
            terminal.is_given_back();
            assert_eq!(terminal.killed_by, None);
            assert!(terminal.shows("Nothing was sent."), "{}", terminal.text());
            assert!(server.requests().is_empty());
        }
    }
}

#[test]
fn a_signal_while_a_command_looks_for_the_key_ends_it() {
    let server = no_content();
    let mut terminal = submit(&server, "api-key-command = 'echo looking >/dev/tty; sleep 20'", &["--yes"]);
    terminal.until("looking").signal(rustix::process::Signal::TERM);
    terminal.until("Nothing was sent.");
    assert!(server.requests().is_empty());
}
