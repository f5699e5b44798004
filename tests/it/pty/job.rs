//! The complete job, from opening a manifest to the service's answer, key by key.

use super::screen::{Place, Screen};
use super::{KEY, VENDOR, rows, vendor_fixed};
use crate::loopback::{Server, split};
use std::time::Duration;

const FIRST: &str = "https://acme-captions.s3.eu-west-1.amazonaws.com/news/01.srt";
const SECOND: &str = "https://acme-captions.s3.eu-west-1.amazonaws.com/news/02.srt?X-Amz-Signature=c0ffee";

pub fn at(server: &Server, size: (u16, u16)) -> Place {
    let place = Place::new().with("m.json", vendor_fixed()).size(size.0, size.1);
    place.env("TWELVELABS_API_KEY", KEY).env("CUECARD_API_URL", &server.base())
}

/// The gate accepts `Y` only after a moment.
pub fn confirm(screen: &mut Screen) {
    screen.until("upload 2 rows to 127.0.0.1");
    screen.watch(Duration::from_millis(310));
    screen.keys("Y");
}

/// The part named `file` of a recorded request.
fn part_file(request: &[u8]) -> String {
    let (_, body) = split(request).unwrap();
    let body = std::str::from_utf8(body).unwrap();
    let (boundary, rest) = body.split_once("\r\n").unwrap();
    let (head, content) = rest.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("name=\"file\"") && head.contains("application/json"), "{head}");
    content.strip_suffix(&format!("\r\n{boundary}--\r\n")).unwrap().to_owned()
}

#[test]
fn two_rows_are_pasted_saved_reviewed_and_uploaded_once() {
    for size in [(80, 24), (120, 40)] {
        let server = Server::answering("HTTP/1.1 204 No Content", b"");
        let place = at(&server, size);
        let mut screen = place.cuecard(&["m.json"]);
        screen.until("errors 0");
        screen.paste(FIRST).until("s3://acme-captions/news/01.srt").until("rewritten as s3://");
        assert_eq!(place.read("m.json"), vendor_fixed(), "a paste commits nothing");
        screen.keys("\r").until("1 unsaved");
        screen.paste(SECOND).until("s3://acme-captions/news/02.srt").until("secret is dropped");
        screen.keys("\r").until("2 unsaved");
        screen.keys(":w\r").until("saved m.json, 2 rows changed");
        screen.keys("R").until("2 changes").keys("S").until("upload 2 rows to 127.0.0.1");

        // Neither Enter nor a paste sends, and a second S is no answer.
        screen.keys("\r").paste("Y").until("a paste does nothing here").keys("S\r");
        screen.watch(Duration::from_millis(310));
        assert!(server.requests().is_empty());

        screen.keys("Y").until("ACCEPTED").until("204 No Content").until("accepted, 2 rows");
        // A second one comes too late.
        screen.keys("Y\r").esc("ACCEPTED").keys("q");
        assert_eq!(screen.ends(), 0);
        screen.is_given_back();

        let wanted = vendor_fixed()
            .replace("s3://twelve-labs-docs/01.srt", "s3://acme-captions/news/01.srt")
            .replace("s3://twelve-labs-docs/02.srt", "s3://acme-captions/news/02.srt");
        assert_eq!(place.read("m.json"), wanted, "only the two values differ");
        let [request] = &server.requests()[..] else { panic!("{} requests", server.requests().len()) };
        assert_eq!(part_file(request), wanted, "the server got the file");
        assert!(!String::from_utf8_lossy(screen.raw()).contains(KEY));
        assert!(!String::from_utf8_lossy(screen.raw()).contains("c0ffee"), "the signature is nowhere");
    }
}

/// ux.md: `cuecard m.json`, paste, Enter, paste, Enter, `:w`, `R`, `S`, `Y`.
#[test]
fn the_two_row_job_takes_exactly_the_keys_promised() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    let place = at(&server, (80, 24));
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("errors 0").paste(FIRST).keys("\r").paste(SECOND).keys("\r").keys(":w\r").until("saved m.json");
    screen.keys("RS");
    confirm(&mut screen);
    screen.until("ACCEPTED");
}

#[test]
fn a_y_typed_before_the_gate_could_be_read_sends_nothing() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    let mut screen = at(&server, (80, 24)).cuecard(&["m.json"]);
    screen.until("errors 0").keys("RSY").until("upload 2 rows to 127.0.0.1");
    screen.keys("Y").until("nothing was sent.  Y uploads");
    assert!(server.requests().is_empty());
    confirm(&mut screen);
    screen.until("ACCEPTED");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_vendors_own_example_is_flagged_and_its_error_blocks_the_upload() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    let place = at(&server, (80, 24)).with("m.json", VENDOR);
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("errors 1").until("index-id-format");
    screen.keys("RS").until("Y sends anyway").keys("Y").until("type send anyway");
    screen.keys("send it\r").until("nothing is sent").keys("Y").paste("send anyway").until("a paste does nothing here");
    screen.keys("\r").until("that was not").esc("nothing has been sent yet").keys("qq");
    assert_eq!(screen.ends(), 0);
    assert!(server.requests().is_empty());
}

#[test]
fn errors_leave_only_with_the_words_typed() {
    let server = Server::answering("HTTP/1.1 204 No Content", b"");
    let place = at(&server, (80, 24)).with("m.json", VENDOR);
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("errors 1").keys("RS").until("Y sends anyway").keys("Y").until("type send anyway");
    screen.keys("send anyway\r");
    confirm(&mut screen);
    screen.until("ACCEPTED");
    assert_eq!(part_file(&server.requests()[0]), VENDOR);
}

#[test]
fn fifty_thousand_rows_open_and_the_last_is_one_key_away() {
    let place = Place::new().with("m.json", rows(50_000));
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("00001.mp4").until("missing 50,000").keys("G").until("50000.mp4").until("50,000 of 50,000");
    screen.keys("d").until("that changes nothing").keys("12345G").until("12345.mp4");
    screen.paste("s3://acme-captions/12345.srt").keys("\r").until("1 unsaved").keys(":w\r").until("saved m.json");
    let wanted = rows(50_000).replacen(
        r#"12345.mp4", "transcription": """#,
        r#"12345.mp4", "transcription": "s3://acme-captions/12345.srt""#,
        1,
    );
    assert!(place.read("m.json") == wanted, "one value differs");
}

/// The demo, from its first line to `204`, by the keys that its tour names; the key of the sandbox is named as such.
#[test]
fn the_demo_is_walked_from_its_first_line_to_204_by_the_keys_its_tour_names() {
    let place = Place::new();
    let mut screen = place.cuecard(&["demo"]);
    // The whole sample is asked about: that ends before the walk begins.
    screen.until("tour 1 of 9").until("no real key").until("› proposed").until("30 rows have errors");
    // Each key waits for what it brings.
    let walk = [
        ("!", "tour 2 of 9"),
        ("X", "applies them"),
        ("\r", "What is left needs you"),
        ("\x1b", "tour 3 of 9"),
        ("F", "which rows?"),
        ("e", "only errors"),
        ("a", "◆ 20 selected"),
        ("x", "left out"),
        ("\x1b", "tour 4 of 9"),
        ("P", "A take all sure"),
        ("A", "took"),
        ("\x1b", "tour 5 of 9"),
        ("\x13", "saved"),
        ("R", "tour 7 of 9"),
        ("S", "of the sandbox"),
    ];
    for (key, brings) in walk {
        screen.keys(key).until(brings);
    }
    screen.until("rows to 127.0.0.1");
    screen.watch(Duration::from_millis(310));
    screen.keys("Y").until("ACCEPTED").until("204");
}
