use super::*;
use std::time::Duration;

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        reason: String::new(),
        version: "HTTP/1.1".into(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        body_state: BodyState::Whole,
    }
}

fn ended(how: How, begun: bool, sent: u64) -> Ended {
    Ended { how, begun, sent, took_ms: 1 }
}

/// What is said of an outcome as it is judged.
fn words(ended: &Ended, place: &ReplyContext<'_>) -> OutcomeWords {
    super::words(ended, judge(ended), place)
}

fn place() -> ReplyContext<'static> {
    ReplyContext { host: "api.twelvelabs.io", bytes: 2_981_204, reset: None }
}

#[test]
fn not_sent_is_only_said_when_nothing_can_have_left() {
    let cases = [
        (How::NotConnected("refused".into()), false, Outcome::NotSent),
        (How::NotTrusted("invalid peer certificate: UnknownIssuer".into()), false, Outcome::NotSent),
        (How::TimedOut("nothing moved for 120 s".into()), true, Outcome::Unknown),
        (How::NotStarted("no file".into()), false, Outcome::NotSent),
        (How::Stopped, false, Outcome::NotSent),
        (How::FileChanged, false, Outcome::NotSent),
        (How::Stopped, true, Outcome::Unknown),
        (How::FileChanged, true, Outcome::Unknown),
        (How::NoReply("reset".into()), false, Outcome::Unknown),
        (How::NoReply("reset".into()), true, Outcome::Unknown),
        (How::Interrupted, true, Outcome::Unknown),
    ];
    for (how, begun, outcome) in cases {
        assert_eq!(judge(&ended(how.clone(), begun, 0)), outcome, "{how:?} {begun}");
    }
}

#[test]
fn a_status_decides_whatever_became_of_the_body() {
    for status in 100..1000 {
        let outcome = match status {
            200..=299 => Outcome::Accepted,
            444 | 460 | 499 => Outcome::Unknown,
            300..=499 => Outcome::Refused,
            _ => Outcome::Unknown,
        };
        // The parts of a 207 may have failed.
        let outcome = if status == 207 { Outcome::Unknown } else { outcome };
        assert_eq!(judge(&ended(How::Replied(reply(status, "")), true, 0)), outcome, "{status}");
        for body_state in [BodyState::Whole, BodyState::Cut, BodyState::Truncated] {
            let reply = Reply { body_state, ..reply(status, r#"{"type":"x","#) };
            let is_whole = body_state == BodyState::Whole && (200..300).contains(&status);
            let outcome = if is_whole { Outcome::Unknown } else { outcome };
            assert_eq!(judge(&ended(How::Replied(reply), true, 0)), outcome, "{status} {body_state:?}");
        }
    }
}

#[test]
fn every_status_has_its_two_sentences() {
    let cases = [
        (
            204,
            "",
            "The service took the manifest. This endpoint answers with an empty body.",
            "Indexing runs later and may still refuse single videos.",
        ),
        (200, "{}", "The service took the manifest.", "Its reply is below."),
        (302, "", "The server points to another address; cuecard does not follow.", "Check the host in the settings."),
        (400, "{}", "The service found the manifest wrong.", "Its words are below."),
        (422, "{}", "The service found the manifest wrong.", "Its words are below."),
        (
            401,
            "",
            "The API key was not accepted. Nothing was taken in; your edits are safe.",
            "Keys expire after two months: try with another one.",
        ),
        (403, "", "The key is known but may not do this.", "It may need a paid plan."),
        (
            404,
            "",
            "This address has no transfer upload any more.",
            "Check the version in the API's address, in the settings.",
        ),
        (
            410,
            "",
            "This address has no transfer upload any more.",
            "Check the version in the API's address, in the settings.",
        ),
        (409, "", "The service refused the request.", "It gave no reason."),
        (503, "<html>", "The service, or a gateway before it, failed.", "It may have taken the manifest."),
    ];
    for (status, body, meaning, now) in cases {
        let words = words(&ended(How::Replied(reply(status, body)), true, 0), &place());
        assert_eq!(words.sentences, [meaning, now], "{status}");
    }
    let too_big = words(&ended(How::Replied(reply(413, "")), true, 0), &place());
    assert_eq!(too_big.sentences[0], "The file is too big for the service.");
    let limit = ReplyContext { reset: Some(("00:00", Duration::from_secs(11_528))), ..place() };
    let limited = words(&ended(How::Replied(reply(429, "")), true, 0), &limit);
    assert_eq!(limited.sentences, ["Too many requests.", "The limit opens again at 00:00, in 3:12:08."]);
    let cut = Reply { body_state: BodyState::Cut, ..reply(200, "{\"a") };
    let cut = words(&ended(How::Replied(cut), true, 0), &place());
    assert_eq!(cut.sentences, ["The status arrived, the rest of the reply did not.", "Do not send again."]);
}

#[test]
fn reply_body_can_overrule_the_status() {
    const PAGE: &str = "\u{feff} <!DOCTYPE html><title>Sign in</title>";
    let cases = [
        (200, PAGE, Outcome::Unknown, "Something other than the service answered"),
        (204, "", Outcome::Accepted, "The service took the manifest."),
        (200, r#"{"message":"Succesfully requested indexing task","type":"x"}"#, Outcome::Accepted, "The service took"),
        (200, "null", Outcome::Accepted, "The service took the manifest."),
        (
            200,
            r#"{"code":"parameter_invalid","message":"m"}"#,
            Outcome::Refused,
            "The service found the manifest wrong.",
        ),
        (201, r#"{"error_code":"104","message":"m"}"#, Outcome::Refused, "The service found the manifest wrong."),
        (200, r#"{"error":{"code":"api_key_invalid"}}"#, Outcome::Refused, "The API key was not accepted."),
        (200, r#"{"code":"never_heard_of"}"#, Outcome::Unknown, "The service answered with an error code that is not"),
        (
            200,
            r#"{"code":"request_canceled_or_timed_out"}"#,
            Outcome::Unknown,
            "The service answered with an error code",
        ),
        (403, PAGE, Outcome::Refused, "Something other than the service answered"),
        (401, PAGE, Outcome::Refused, "Something other than the service answered"),
        (404, PAGE, Outcome::Refused, "Something other than the service answered"),
        (413, PAGE, Outcome::Refused, "The file is too big"),
        (302, PAGE, Outcome::Refused, "The server points to another address"),
        (503, PAGE, Outcome::Unknown, "The service, or a gateway before it, failed."),
        (400, r#"{"code":"api_upgrade_required"}"#, Outcome::Refused, "This address has no transfer upload any more."),
        (403, r#"{"code":"api_allowed_for_paid_plan"}"#, Outcome::Refused, "This upload needs a paid plan."),
        (404, r#"{"code":"resource_not_exist"}"#, Outcome::Refused, "Something that the manifest names does not exist"),
        (400, r#"{"code":"usage_limit_exceeded"}"#, Outcome::Refused, "The account does not have enough credit left."),
        (400, r#"{"code":"too_many_requests"}"#, Outcome::Refused, "Too many requests."),
        (400, r#"{"code":"never_heard_of"}"#, Outcome::Refused, "The service found the manifest wrong."),
    ];
    for (status, body, outcome, said) in cases {
        let ended = ended(How::Replied(reply(status, body)), true, 0);
        assert_eq!(judge(&ended), outcome, "{status} {body}");
        let words = words(&ended, &place());
        assert!(words.sentences[0].starts_with(said), "{status} {body}: {:?}", words.sentences);
        let claims_the_key = words.sentences.concat().contains("key is known");
        assert!(!claims_the_key || body.is_empty(), "{status} {body}");
    }
}

#[test]
fn an_error_that_comes_with_200_is_never_told_as_accepted() {
    for body in [
        r#"{"error":"upstream is down"}"#,
        r#"{"error":true}"#,
        r#"{"error":{"reason":"x"}}"#,
        r#"{"errors":["x"]}"#,
        r#"{"errors":[{"detail":"x"}]}"#,
        r#"{"success":false}"#,
        r#"{"ok":false,"type":"x"}"#,
        r#"{"status_code":400}"#,
        r#"{"statusCode":502,"type":"x"}"#,
        r#"{"status":"error"}"#,
        r#"{"message":"Forbidden"}"#,
        r#"{"failed_files":[{"key":"a.mp4"}]}"#,
        r#"{"results":[{"status":200},{"status":400}]}"#,
        r#"{"code":"never_heard_of"}"#,
        r#"[{"code":"never_heard_of"}]"#,
        r#""Forbidden""#,
        "Forbidden",
        "OK",
        "upstream connect error or disconnect/reset before headers",
        "{\"a\":1",
        "\u{1f}\u{8b}\u{8}",
        r#"{"errorMessage":"Task timed out after 30 seconds","errorType":"Sandbox.Timedout"}"#,
        r#"{"detail":"Not authenticated"}"#,
        r#"{"fault":{"faultstring":"Invalid ApiKey"}}"#,
        r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#,
        r#"{"Code":"ParameterInvalid","Message":"x"}"#,
        r#"{"__type":"AccessDeniedException"}"#,
        r#"{"errcode":40001,"errmsg":"invalid credential"}"#,
        r#"{"errorCode":"x","errorDescription":"y"}"#,
        r#"{"error_description":"y"}"#,
        r#"{"exception":"NullPointerException"}"#,
        r#"{"stat":"fail"}"#,
        r#"{"result":"failure","reason":"quota"}"#,
        r#"{"reason":"quota exceeded"}"#,
        r#"{"access":"denied"}"#,
        r#"{"captive":true,"user-portal-url":"https://x"}"#,
        "false",
        "0",
    ] {
        let ended = ended(How::Replied(reply(200, body)), true, 0);
        assert_eq!(judge(&ended), Outcome::Unknown, "{body}");
        let said = words(&ended, &place()).sentences;
        let codes = body.contains("never_heard_of");
        let meaning =
            if codes { "The service answered with an error code" } else { "Something other than the service answered" };
        assert!(said[0].starts_with(meaning) && said[1].contains("blocked"), "{body}: {said:?}");
    }
    for body in [
        r#"[{"code":"parameter_invalid","message":"m"}]"#,
        r#"{"errors":[{"code":"parameter_invalid"}]}"#,
        r#"{"errors":[{"a":1},{"error_code":104}]}"#,
        r#"{"error":{"code":"usage_limit_exceeded"}}"#,
    ] {
        assert_eq!(judge(&ended(How::Replied(reply(200, body)), true, 0)), Outcome::Refused, "{body}");
    }
    for body in
        ["", " \n", "{}", "[]", "null", r#"{"error":null,"errors":[]}"#, r#"{"success":true}"#, r#"{"_id":"1"}"#]
    {
        assert_eq!(judge(&ended(How::Replied(reply(200, body)), true, 0)), Outcome::Accepted, "{body}");
    }
    let parts = ended(How::Replied(reply(207, r#"{"type":"x"}"#)), true, 0);
    assert_eq!(judge(&parts), Outcome::Unknown);
}

#[test]
fn a_request_that_somebody_gave_up_on_may_have_been_taken() {
    for (status, body) in [
        (400, r#"{"code":"request_canceled_or_timed_out","message":"m"}"#),
        (408, r#"{"code":"request_canceled_or_timed_out","message":"m"}"#),
        (499, ""),
        (460, ""),
        (444, ""),
    ] {
        let ended = ended(How::Replied(reply(status, body)), true, 0);
        assert_eq!(judge(&ended), Outcome::Unknown, "{status}");
        let said = words(&ended, &place()).sentences.concat();
        assert!(!said.contains("wrong") && said.contains("may have taken"), "{status}: {said}");
    }
}

#[test]
fn a_reply_that_was_announced_and_never_came_is_unknown() {
    let cut = ended(How::Replied(Reply { body_state: BodyState::Cut, ..reply(200, "") }), true, 0);
    assert_eq!(judge(&cut), Outcome::Unknown);
    assert_eq!(words(&cut, &place()).sentences[0], "The status arrived, the reply that it announced did not.");
    let page = Reply { headers: vec![("content-type".into(), "text/html".into())], ..reply(200, "") };
    assert_eq!(judge(&ended(How::Replied(page), true, 0)), Outcome::Unknown);
}

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
fn an_error_code_counts_also_where_the_reply_was_cut_behind_it() {
    let cut = |body: &str, body_state| Reply { body_state, ..reply(200, body) };
    let code = r#"{"code":"parameter_invalid","message":"The para"#;
    assert_eq!(judge(&ended(How::Replied(cut(code, BodyState::Cut)), true, 0)), Outcome::Refused);
    let before = r#"{"code":"parameter_inv"#;
    assert_eq!(judge(&ended(How::Replied(cut(before, BodyState::Cut)), true, 0)), Outcome::Unknown);
    let long = format!(r#"{{"message":"{}"#, "x".repeat(4_000) + r#"","code":"parameter_inv"#);
    assert_eq!(judge(&ended(How::Replied(cut(&long, BodyState::Truncated)), true, 0)), Outcome::Unknown);
    assert_eq!(cut(code, BodyState::Whole).vendor_error(), None, "that is no JSON");
}

#[test]
fn a_time_out_and_a_stop_are_not_told_as_a_connection_that_closed() {
    let said = |how| words(&ended(how, true, 2_981_204), &place()).sentences[0].clone();
    let time_out = How::TimedOut("nothing moved for 120 s".into());
    assert_eq!(said(time_out), "All bytes left this machine, then a time-out: nothing moved for 120 s.");
    assert_eq!(said(How::Stopped), "All bytes left this machine, then you stopped it.");
    let garbled = said(How::NoReply("invalid HTTP version parsed".into()));
    assert!(garbled.ends_with("then a reply came that can't be read: invalid HTTP version parsed."), "{garbled}");
    assert!(said(How::NoReply("reset".into())).ends_with("then the connection closed without a reply."));
}

#[test]
fn a_certificate_that_is_not_trusted_names_the_way_out() {
    let said = |cause: &str| words(&ended(How::NotTrusted(cause.into()), false, 0), &place()).sentences;
    let [meaning, now] = said("invalid peer certificate: UnknownIssuer");
    assert_eq!(meaning, "The certificate of api.twelvelabs.io is not trusted. Nothing left this machine.");
    assert!(now.contains("SSL_CERT_FILE") && now.contains("ca-file"), "{now}");
    let [_, now] = said("invalid peer certificate: Expired");
    assert!(now.contains("clock") && !now.contains("SSL_CERT_FILE"), "{now}");
}

#[test]
fn missing_status_is_described_only_by_what_is_certain() {
    let all = ended(How::NoReply("connection reset by peer".into()), true, 2_981_204);
    let said = words(&all, &place());
    assert_eq!((said.word, said.status.as_str()), ("OUTCOME UNKNOWN", "no status came back"));
    assert_eq!(
        said.sentences,
        [
            "All bytes left this machine, then the connection closed without a reply.",
            "The service may have taken the manifest. Sending it again is blocked for now."
        ]
    );
    assert_eq!(all.cause().as_deref(), Some("connection reset by peer"));
    let some = ended(How::Stopped, true, 1_441_792);
    assert!(words(&some, &place()).sentences[0].starts_with("1,441,792 of 2,981,204 bytes left this machine"));
    assert_eq!(some.cause().as_deref(), Some("stopped by you"));
    let none = words(&ended(How::NotConnected("refused".into()), false, 0), &place());
    assert_eq!(
        none.sentences,
        ["No connection to api.twelvelabs.io. Nothing left this machine.", "Try again any time."]
    );
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
    for odd in ["-5", "soon", "999999999999999999999", "9223372036854775807", ""] {
        assert_eq!(with("x-ratelimit-reset", odd).opens_again_in(1_000_000), None, "{odd}");
    }
}

#[test]
fn settling_as_not_accepted_unblocks_the_upload() {
    let attempt = |outcome, settled| Attempt {
        id: 1,
        intent: Intent {
            started_ms: 0,
            address: "https://x".into(),
            profile: None,
            file: "m.json".into(),
            fingerprint: Fingerprint::of([b"x".as_slice()]),
            rows: 1,
            key_origin: String::new(),
        },
        ended: ended(How::Interrupted, true, 0),
        outcome,
        under_way: false,
        settled,
        settled_before: Vec::new(),
        followed: None,
        tally: None,
    };
    let said = |accepted| Some(Settlement { accepted, at_ms: 1 });
    assert!(attempt(Outcome::Accepted, None).blocks());
    assert!(attempt(Outcome::Unknown, None).blocks());
    assert!(attempt(Outcome::Unknown, said(true)).blocks());
    assert!(!attempt(Outcome::Unknown, said(false)).blocks());
    assert!(!attempt(Outcome::Refused, None).blocks());
    assert!(!attempt(Outcome::NotSent, None).blocks());
}
