//! The service's replies, and what of them reaches the operator's terminal.

use super::job::{at, confirm};
use super::screen::{Place, Screen};
use super::vendor_fixed;
use crate::loopback::{Act, Server, answer};
use std::time::Duration;

fn upload(place: &Place) -> Screen {
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("errors 0").keys("RS");
    confirm(&mut screen);
    screen
}

#[test]
fn a_refused_key_keeps_the_edits_and_another_is_asked_for_unseen() {
    const OTHER: &str = "tlk_SECOND_CANARY_42";
    for size in [(80, 24), (120, 40)] {
        let server = Server::answering("HTTP/1.1 401 Unauthorized", br#"{"code": "api_key_invalid", "message": "no"}"#);
        let place = at(&server, size);
        let mut screen = place.cuecard(&["m.json"]);
        screen.until("errors 0").paste("s3://acme-captions/01.srt").keys("\r:w\r").until("saved m.json").keys("RS");
        confirm(&mut screen);
        screen.until("REFUSED").until("401 Unauthorized").until("api_key_invalid");
        screen.until("The API key was not accepted").until("K takes another key, S sends again");

        screen.keys("K").until("for this session only").keys(OTHER).until("••••").keys("\r").until_gone("•");
        screen.keys("S");
        confirm(&mut screen);
        screen.until("REFUSED");
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert!(memchr::memmem::find(&requests[1], format!("x-api-key: {OTHER}\r\n").as_bytes()).is_some());
        assert!(!String::from_utf8_lossy(screen.raw()).contains("SECOND"), "the key is never shown");
        screen.esc("REFUSED").until("acme-captions/01.srt").keys("q");
        assert_eq!(screen.ends(), 0);
        assert!(place.read("m.json").contains("s3://acme-captions/01.srt"));
    }
}

#[test]
fn no_byte_of_a_reply_is_a_control_of_the_terminal() {
    let body = "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[?1049l\x1b[31mred\r\n\x08\x7f\u{9b}31m\u{202e}txt.exe\u{200b}\x1b[6n\x1bP+q\x1b\\";
    let head = "HTTP/1.1 400 B\u{e4}d \u{202e}Request\nx-evil: caf\u{e9}\u{9b}31m\u{202e}\ncontent-type: text/plain";
    for size in [(80, 24), (120, 40)] {
        let server = Server::answering(head, body.as_bytes());
        let place = at(&server, size);
        let mut screen = upload(&place);
        screen.until("REFUSED").until("400").keys("h").until("x-evil");
        screen.keys("GGjjjjjj").until("‹U+001B›]0;owned").until("‹U+202E›").until("‹U+009B›");
        screen.esc("REFUSED").keys("L").until("refused 400").esc("refused 400").keys("q");
        assert_eq!(screen.ends(), 0);
        only_our_controls(screen.raw());
    }
}

#[test]
fn no_byte_of_a_manifest_is_a_control_of_the_terminal() {
    let evil = r"\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u200b";
    let manifest = vendor_fixed().replace("01.mp4", &format!("{evil}01.mp4")).replace("\"en\"", &format!("\"{evil}\""));
    let place = Place::new().with("m.json", manifest.replace("02.srt", &format!("02{evil}.srt")));
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("‹U+001B›").keys("!").until("invisible characters").esc("invisible characters  ");
    screen.keys("j\r").until("editing transcript").esc("editing transcript");
    screen
        .keys("hhe")
        .until("as it was")
        .esc("as it was")
        .keys("R")
        .until("Nothing is changed")
        .esc("Nothing is changed")
        .keys("q");
    assert_eq!(screen.ends(), 0);
    only_our_controls(screen.raw());
}

/// The terminal receives only text and the few sequences needed for drawing.
#[track_caller]
fn only_our_controls(raw: &[u8]) {
    let text = std::str::from_utf8(raw).unwrap();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => {
                assert_eq!(chars.next(), Some('['), "only CSI sequences");
                let rest = chars.as_str();
                let end = rest.find(|c: char| ('@'..='~').contains(&c)).unwrap();
                let (parameters, last) = (&rest[..end], &rest[end..=end]);
                let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';' || c == ':');
                let known = match (last, parameters.strip_prefix('?')) {
                    ("H" | "m" | "J" | "K", None) => numbers(parameters),
                    ("h" | "l", Some(mode)) => {
                        ["25", "1049", "2004", "1000", "1002", "1003", "1006", "1015"].contains(&mode)
                    }
                    _ => false,
                };
                assert!(known, "CSI {parameters} {last}");
                chars = rest[end + 1..].chars();
            }
            c => {
                let unseen = cuecard::domain::printable::printable(c.encode_utf8(&mut [0; 4])).starts_with('‹');
                assert!(!unseen || c == '‹', "U+{:04X} in {text:?}", c as u32);
            }
        }
    }
}

#[test]
fn without_a_reply_the_outcome_is_unknown_until_the_operator_settles_it() {
    for size in [(80, 24), (120, 40)] {
        let server = Server::start(Act::DropAfter(usize::MAX - 1));
        let place = at(&server, size);
        let mut screen = upload(&place);
        screen.until("OUTCOME UNKNOWN").until("sending again asks for words");
        // From the pane, and after a new start: it stays blocked.
        screen.keys("S").until("it may have been taken").esc("OUTCOME UNKNOWN").keys("qq");
        assert_eq!(screen.ends(), 0);
        let mut screen = place.cuecard(&["m.json"]);
        screen.until("errors 0").keys("RS").until("with no known outcome").keys("Y");
        screen.watch(Duration::from_millis(310));
        screen.keys("Y").until("type send again");
        assert_eq!(server.requests().len(), 1);
        screen.esc("type send again");
        screen
            .keys("L")
            .until("unknown")
            .keys("\r")
            .until("it was not")
            .keys("N")
            .until("m.json can be sent again")
            .until("S send again");
        screen.keys("S");
        confirm(&mut screen);
        screen.until("OUTCOME UNKNOWN");
        assert_eq!(server.requests().len(), 2, "one before, one after it was settled");
    }
}

#[test]
fn a_cut_reply_of_an_accepted_upload_is_accepted_and_blocks_a_second_one() {
    let server = Server::start(Act::Answer(answer("HTTP/1.1 200 OK\ncontent-length: 100", b"{\"a\":")));
    let place = at(&server, (80, 24));
    let mut screen = upload(&place);
    screen.until("ACCEPTED").until("Do not send again").esc("ACCEPTED");
    screen.keys("RS").until("these bytes were accepted").keys("Y").until("type send again").keys("\r");
    screen.until("nothing is sent");
    assert_eq!(server.requests().len(), 1);
}
