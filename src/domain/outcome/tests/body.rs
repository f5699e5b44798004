//! What is read and shown of a reply.

use super::*;

#[test]
fn a_page_is_told_by_its_body_and_without_one_by_its_header() {
    let html = |body: &str, body_state| Reply {
        headers: vec![("Content-Type".into(), "text/HTML; charset=utf-8".into())],
        body_state,
        ..reply(200, body)
    };
    assert!(html("Please sign in", BodyState::Whole).is_web_page());
    assert!(html("", BodyState::NotLoaded).is_web_page());
    assert!(!html("", BodyState::Whole).is_web_page(), "an empty body is the service's own answer");
    assert!(!html(r#"{"message":"ok"}"#, BodyState::Whole).is_web_page(), "some servers call all they send HTML");
    assert!(reply(200, "<!-- x -->").is_web_page());
    assert!(!reply(200, "plain words").is_web_page());
}

#[test]
fn the_status_is_shown_with_its_phrase_and_nothing_hidden_in_it() {
    assert_eq!(reply(599, "").status_line(), "599");
    let odd = Reply { reason: "No \u{202e}Content".into(), ..reply(204, "") };
    assert_eq!(odd.status_line(), "204 No ‹U+202E›Content");
}

#[test]
fn an_error_body_is_understood_in_all_three_shapes() {
    let cases = [
        (r#"{"code":"api_key_invalid","message":"No."}"#, Some("api_key_invalid"), Some("No.")),
        (r#"{"error_code":101,"message":"No."}"#, Some("101"), Some("No.")),
        (r#"{"error":{"code":"x","message":"y","details":[]}}"#, Some("x"), Some("y")),
        (r#"{"error":"plain","message":"m"}"#, None, Some("m")),
        (r#"{"code":null,"message":{}}"#, None, None),
        ("<html>", None, None),
        ("", None, None),
        ("[1]", None, None),
    ];
    for (body, code, message) in cases {
        let error = reply(400, body).vendor_error().unwrap_or_default();
        assert_eq!((error.code.as_deref(), error.message.as_deref()), (code, message), "{body}");
    }
}

#[test]
fn no_error_is_looked_for_in_a_body_longer_than_any_error() {
    for (len, is_read) in [(64 * 1024, true), (64 * 1024 + 1, false), (64 * 1024 + 2, false)] {
        let start = r#"{"code":"parameter_invalid","message":""#;
        let body = format!("{start}{}\"}}", "x".repeat(len - start.len() - 2));
        assert_eq!(body.len(), len);
        assert_eq!(reply(400, &body).vendor_error().is_some(), is_read, "{len}");
    }
}

#[test]
fn a_body_with_few_strange_bytes_is_text_and_with_many_binary() {
    for (letters, kind) in [(48, "binary"), (49, "text"), (50, "text")] {
        let body = [b"x".repeat(letters), vec![0xff]].concat();
        let shown = Reply { body, ..reply(200, "") }.shown_body();
        assert_eq!(shown.kind, kind, "{letters}");
        assert_eq!(shown.lines.concat() == "49 bytes of binary data", kind == "binary", "{:?}", shown.lines);
    }
}

#[test]
fn every_byte_that_is_not_shown_is_counted() {
    const MIB: usize = 1024 * 1024;
    let line = "x".repeat(MIB + 4096);
    for (body, left_out) in
        [(line.clone(), "4,096"), (format!("{line}\nabc"), "4,100"), (format!("{line}\r\nabc"), "4,101")]
    {
        let shown = reply(200, &body).shown_body();
        assert_eq!(shown.lines.len(), 2);
        assert_eq!(shown.lines[0].len(), MIB);
        assert_eq!(shown.lines[1], format!("… {left_out} more bytes, not shown here"));
    }
}

#[test]
fn a_json_body_is_indented_and_otherwise_left_as_it_is() {
    let body = r#"{"b":1.10,"a":[ ],"b":{"x":"{,\"}","y":[true,null]}}"#;
    let shown = reply(200, body).shown_body();
    assert_eq!(shown.kind, "JSON");
    assert_eq!(
        shown.lines.join("\n"),
        "{\n  \"b\": 1.10,\n  \"a\": [],\n  \"b\": {\n    \"x\": \"{,\\\"}\",\n    \"y\": [\n      true,\n      null\n    ]\n  }\n}"
    );
}

#[test]
fn large_reply_bodies_are_shown_within_their_limits() {
    const MIB: usize = 1024 * 1024;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let deep = "[".repeat(128) + &"1,".repeat(MIB / 2 - 200) + "1" + &"]".repeat(128);
    let sentence = format!("\"{}\"", "\u{9b}".repeat(MIB / 2 - 1));
    // The body; the line limit; the last line; bytes of the body not shown.
    let cases = [
        ("nested", nested(MIB / 2), 1..=1, false),
        ("nested as deep as is indented", nested(128), 255..=255, false),
        ("nested one deeper", nested(130), 1..=1, false),
        ("many values in the depth", deep, 2_000..=20_001, true),
        ("brackets", "[".repeat(MIB), 1..=1, false),
        ("one line", "x".repeat(MIB), 1..=1, false),
        ("one JSON string of controls", sentence, 2..=2, true),
        ("controls", "\u{1}".repeat(MIB), 2..=2, true),
        ("tabs", "\t".repeat(MIB), 2..=2, true),
        ("newlines", "\n".repeat(MIB), 20_001..=20_001, true),
        ("pairs", format!("[{}1]", "{\"a\":1},".repeat(MIB / 8 - 2)), 20_001..=20_001, true),
    ];
    for (name, body, lines, cut) in cases {
        let shown = reply(200, &body).shown_body();
        assert!(lines.contains(&shown.lines.len()), "{name}: {}", shown.lines.len());
        let bytes: usize = shown.lines.iter().map(String::len).sum();
        assert!(bytes < MIB + 64 * 1024, "{name}: {bytes}");
        let last = shown.lines.last().map(String::as_str).unwrap_or_default();
        assert_eq!(last.ends_with("more bytes, not shown here"), cut, "{name}: {last:.80}");
    }
    let newlines = reply(200, &"\n".repeat(MIB)).shown_body();
    assert_eq!(newlines.lines.last().map(String::as_str), Some("… 1,028,576 more bytes, not shown here"));
}

#[test]
fn no_body_brings_a_control_character_to_the_screen() {
    let bodies: [&[u8]; 6] = [
        b"\x1b]0;title\x07\x1b[2J\r\nnext\tline",
        b"{\"a\":\"\xe2\x80\xae\xe2\x80\x8b\"}",
        b"\xff\xfe\x00\x01\x02",
        "cut in the mi\u{301}ddle of 한".as_bytes().strip_suffix(b"\x9c").unwrap_or(b"x"),
        b"{\"a\":",
        b"",
    ];
    for body in bodies {
        let shown = Reply { body: body.to_vec(), ..reply(200, "") }.shown_body();
        let odd = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}');
        assert!(shown.lines.iter().all(|line| !line.contains(odd)), "{:?}", shown.lines);
    }
}

#[test]
fn rate_limit_reset_time_is_read_from_the_headers() {
    let with = |name: &str, value: &str| Reply { headers: vec![(name.into(), value.into())], ..reply(429, "") };
    assert_eq!(with("X-RateLimit-Reset", "1000060").opens_again_in(1_000_000), Some(Duration::from_secs(60)));
    assert_eq!(with("retry-after", "30").opens_again_in(1_000_000), Some(Duration::from_secs(30)));
    let longest = 400 * 24 * 3600;
    assert_eq!(with("retry-after", &longest.to_string()).opens_again_in(0), Some(Duration::from_secs(longest)));
    assert_eq!(with("retry-after", &(longest + 1).to_string()).opens_again_in(0), None);
    for odd in ["-5", "soon", "999999999999999999999", "9223372036854775807", ""] {
        assert_eq!(with("x-ratelimit-reset", odd).opens_again_in(1_000_000), None, "{odd}");
    }
}
