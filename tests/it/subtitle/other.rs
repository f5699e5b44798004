//! Files that are not transcripts are named.

use cuecard::domain::subtitle::{Encoding, FaultKind, Inspected, Other, inspect};

#[test]
fn what_is_no_transcript_is_named() {
    let utf16_page: Vec<u8> = "<html><body>Not found</body></html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: &[(&[u8], Other)] = &[
        (b"", Other::Blank),
        (b"\xEF\xBB\xBF\r\n", Other::Blank),
        (&[0; 4096], Other::Nuls),
        (b"\0\0\n\0 \0", Other::Nuls),
        (b"<!doctype HTML><title>x</title>", Other::Html),
        (b"\n  <html lang=en>\n1\n00:00:01,000 --> 00:00:02,000\n", Other::Html),
        (b"<?xml version=\"1.0\"?><!DOCTYPE html><html></html>", Other::Html),
        (&utf16_page, Other::Html),
        (b"<Error><Code>NoSuchKey</Code><Message>x</Message></Error>", Other::S3Error(Some("NoSuchKey".into()))),
        (b"<?xml version=\"1.0\"?>\n<Error><Message>x</Message></Error>", Other::S3Error(None)),
        (b"<?xml version=\"1.0\"?>\n<Error><Code>\x1B[31m</Code></Error>", Other::S3Error(None)),
        (b"<?xml version=\"1.0\"?><tt xmlns=\"http://www.w3.org/ns/ttml\"/>", Other::Xml),
        (b"<transcript><p>x</p></transcript>", Other::Xml),
        (b"{\"results\": {\"transcripts\": []}}", Other::Json),
        (b"[\n  {\"start\": 1}\n]", Other::Json),
        (b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n", Other::Json),
        (b"[{\"start\": 1, \"text\": \"cut her", Other::Json),
        (b"{\"segments\": [{\"start\": 1,}]}", Other::Json),
        (b"[ {\"start\": 1}, ]", Other::Json),
        (b"[]", Other::Json),
        (b"{}", Other::Json),
        (b"[", Other::Text),
        (b"{", Other::Text),
        (b" [\n[\n", Other::Text),
        (b"{ \n", Other::Text),
        (b"[{", Other::Text),
        (b"[\"one\", \"tw", Other::Json),
        (
            b"[00:00.000 --> 00:02.380]  Welcome back to the workshop.\n[00:03.840 --> 00:04.000]  Today we clean.",
            Other::Console,
        ),
        (b"\n[00:00:00.000 --> 00:00:02.380]   Hi\n", Other::Console),
        (b"Detected language: English\n[00:00.000 --> 00:02.380]  Hi\n", Other::Console),
        (b"[0.00s -> 2.38s] Hi\n[2.38s -> 4.00s] Ho\n", Other::Console),
        (b"[go -> there] now\n[1 -> 2]\n", Other::Text),
        (b"[00:12.00]A line of a song\n[00:17.20]Another\n", Other::Text),
        (b"[ti:Title]\n[00:12.00]A line\n", Other::Text),
        (b"[100][200] A line of MPL2\n[300][400] Another\n", Other::Text),
        (b"[10] seconds in\n", Other::Text),
        (b"[ laughs ] and then\n", Other::Text),
        (b"{1}{25}A line of MicroDVD\n", Other::Text),
        (b"{\\an8}A line\n", Other::Text),
        (b"[\"Quoted\"] words\n", Other::Text),
        (b"\x1F\x8B\x08\0", Other::Gzip),
        (b"PK\x03\x04rest", Other::Zip),
        (b"%PDF-1.7\n", Other::Pdf),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", Other::Binary),
        (b"\x1A\x45\xDF\xA3\x01\0\0\0", Other::Binary),
        (b"\x01\x02\x03\x04\x80\x90", Other::Binary),
        (b"[Script Info]\nTitle: x\n", Other::Text),
        (b"[Music plays] and then\n", Other::Text),
        (b"webvtt is a format of subtitles\n", Other::Text),
        (b"0:00:01.000,0:00:02.000\nOne\n", Other::Text),
    ];
    for (bytes, other) in cases {
        assert_eq!(inspect(bytes, false), Inspected::Other(other.clone()), "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_beginning_without_a_cue_says_nothing_of_a_file_that_goes_on() {
    let goes_on = |bytes: &[u8]| match inspect(bytes, true) {
        Inspected::Other(other) => other,
        Inspected::Subtitles(_) => panic!("no cue was there"),
    };
    assert_eq!(goes_on(&b"\n".repeat(4096)), Other::Unread);
    assert_eq!(goes_on(&[0; 4096]), Other::Unread);
    assert_eq!(goes_on(&b"A licence, and more of it.\n".repeat(200)), Other::Unread);
    assert_eq!(goes_on(b"<!doctype html>\n<p>"), Other::Html, "nothing that follows changes that");
    let long = [&b"\n".repeat(cuecard::domain::subtitle::MOST_BYTES)[..], b"1\n00:00:01,000 --> 00:00:02,000\nHi\n"];
    assert_eq!(inspect(&long.concat(), false), Inspected::Other(Other::Unread));
}

#[test]
fn halves_of_characters_are_named_and_no_code_page_is_guessed() {
    let cue = |text: &[u8]| [b"1\n00:00:01,000 --> 00:00:02,000\n", text, b"\n"].concat();
    for (text, reads) in [
        (&b"Hi \xED\xA0\xBD\xED\xB8\x80"[..], "Hi \u{1F600}"),
        (b"caf\xC3\xA9 \xED\xA0\xBD\xED\xB8\x80!", "caf\u{e9} \u{1F600}!"),
        (b"half \xED\xA0\xBD", "half \u{FFFD}"),
        (b"\xED\xB8\x80 the other", "\u{FFFD} the other"),
    ] {
        let Inspected::Subtitles(found) = inspect(&cue(text), false) else { panic!("{text:?}") };
        let faults: Vec<FaultKind> = found.faults.iter().map(|fault| fault.kind).collect();
        assert_eq!((faults, &*found.opening[0].text), (vec![FaultKind::Surrogates], reads));
        assert_eq!(found.encoding, Encoding::Utf8 { bom: false });
        assert_eq!(found.faults[0].line, 3);
    }
    // Beside other damage it is none of that.
    let Inspected::Subtitles(found) = inspect(&cue(b"na\xEFve \xED\xA0\xBD\xED\xB8\x80 \xFF"), false) else { panic!() };
    assert!(found.faults.iter().all(|fault| fault.kind != FaultKind::Surrogates));
}
