mod attempts;
mod body;

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
        (200, PAGE, Outcome::Unknown, "Something other than the service answered: a web page"),
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
        r#"{"results":[{"code":"never_heard_of"}]}"#,
        r#"[{"error":"x"},{"ok":true}]"#,
        r#"[[[[[["Forbidden"]]]]]]"#,
        r#"{"error":1}"#,
        r#"{"status":300}"#,
        r#"{"status":"300"}"#,
        r#"{"status":" Failed "}"#,
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
        let codes = body.contains("never_heard_of") && !body.contains("results");
        let meaning =
            if codes { "The service answered with an error code" } else { "Something other than the service answered" };
        assert!(said[0].starts_with(meaning) && said[1].contains("asks for typed words"), "{body}: {said:?}");
    }
    for body in [
        r#"[{"code":"parameter_invalid","message":"m"}]"#,
        r#"{"errors":[{"code":"parameter_invalid"}]}"#,
        r#"{"errors":[{"a":1},{"error_code":104}]}"#,
        r#"{"errors":[{"a":1},{"code":"parameter_invalid"},{"b":2}]}"#,
        r#"{"error":{"code":"usage_limit_exceeded"}}"#,
    ] {
        assert_eq!(judge(&ended(How::Replied(reply(200, body)), true, 0)), Outcome::Refused, "{body}");
    }
    for body in [
        "",
        " \n",
        "{}",
        "[]",
        "null",
        r#""""#,
        r#"{"error":null,"errors":[]}"#,
        r#"{"success":true}"#,
        r#"{"_id":"1"}"#,
        r#"{"error":0,"errors":{},"code":null,"error_code":""}"#,
        r#"{"status":"ok"}"#,
        r#"{"status":299,"status_code":"299"}"#,
        r#"{"status":null,"data":[{"_id":"1"}],"items":[]}"#,
    ] {
        assert_eq!(judge(&ended(How::Replied(reply(200, body)), true, 0)), Outcome::Accepted, "{body}");
    }
    let parts = ended(How::Replied(reply(207, r#"{"type":"x"}"#)), true, 0);
    assert_eq!(judge(&parts), Outcome::Unknown);
    let parts = ended(How::Replied(reply(207, "")), true, 0);
    let said = words(&parts, &place()).sentences;
    assert_eq!(said[0], "Something other than the service answered, without a word.", "there are none below");
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
        let [meaning, now] = words(&ended, &place()).sentences;
        let is_told =
            meaning == "The request was given up on before it was answered." && now.contains("may have taken");
        assert!(is_told, "{status}: {meaning} {now}");
    }
}

#[test]
fn a_reply_that_was_announced_and_never_came_is_unknown() {
    let cut = ended(How::Replied(Reply { body_state: BodyState::Cut, ..reply(200, "") }), true, 0);
    assert_eq!(judge(&cut), Outcome::Unknown);
    assert_eq!(words(&cut, &place()).sentences[0], "The status arrived, the reply that it announced did not.");
    let page = Reply { headers: vec![("content-type".into(), "text/html".into())], ..reply(200, "") };
    let page = ended(How::Replied(page), true, 0);
    assert_eq!(judge(&page), Outcome::Unknown);
    assert_eq!(words(&page, &place()).sentences[0], "Something other than the service answered, without a word.");
    let begun = ended(How::Replied(Reply { body_state: BodyState::Cut, ..reply(200, "Forbid") }), true, 0);
    assert_eq!(words(&begun, &place()).sentences[0], "Something other than the service answered. Its words are below.");
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
    // The type that makes a message the service's own may be in the part that is missing; an error stays one.
    for (body, outcome) in [
        (r#"{"message":"Succesfully requested","ty"#, Outcome::Accepted),
        (r#"{"error":"upstream is down","mess"#, Outcome::Unknown),
        (r#"{"message":"m","success":false,"ty"#, Outcome::Unknown),
    ] {
        assert_eq!(judge(&ended(How::Replied(cut(body, BodyState::Cut)), true, 0)), outcome, "{body}");
    }
}

#[test]
fn a_time_out_and_a_stop_are_not_told_as_a_connection_that_closed() {
    let said = |how| words(&ended(how, true, 2_981_204), &place()).sentences[0].clone();
    let time_out = How::TimedOut("nothing moved for 120 s".into());
    assert_eq!(said(time_out), "All bytes left this machine, then a time-out: nothing moved for 120 s.");
    assert_eq!(said(How::Stopped), "All bytes left this machine, then you stopped it.");
    let garbled = said(How::NoReply("invalid HTTP version parsed".into()));
    assert!(garbled.ends_with("then a reply came that can't be read: invalid HTTP version parsed."), "{garbled}");
    for cause in ["URI could not be parsed", "the head is too large"] {
        let garbled = said(How::NoReply(cause.into()));
        assert!(garbled.ends_with(&format!("then a reply came that can't be read: {cause}.")), "{garbled}");
    }
    assert!(said(How::NoReply("reset".into())).ends_with("then the connection closed without a reply."));
    let changed = said(How::FileChanged);
    assert_eq!(changed, "All bytes left this machine, then the file changed on disk and cuecard stopped.");
    assert_eq!(said(How::Interrupted), "cuecard ended before the reply was recorded.");
}

#[test]
fn what_kept_a_send_from_beginning_is_told_with_the_way_on() {
    let said = |how| {
        let said = words(&ended(how, false, 0), &place());
        assert_eq!((said.word, said.status.as_str()), ("NOT SENT", "nothing left this machine"));
        said.sentences
    };
    assert_eq!(
        said(How::Stopped),
        ["Stopped before the first byte. Nothing left this machine.", "Try again any time."]
    );
    assert_eq!(
        said(How::FileChanged),
        [
            "The file on disk is not the one that was checked. Nothing left this machine.",
            "Read it again, look, then send."
        ]
    );
    assert_eq!(
        said(How::NotStarted("m.json: \u{1b}permission denied".into())),
        ["M.json: ‹U+001B›permission denied. Nothing left this machine.", "Try again any time."]
    );
}

#[test]
fn a_send_row_by_row_is_told_as_one() {
    let said = |outcome| super::words(&ended(How::RowByRow, true, 0), outcome, &place());
    assert_eq!(said(Outcome::Accepted).status, "row by row");
    assert_eq!(
        said(Outcome::Unknown).sentences,
        [
            "Rows were sent one by one, and of some the outcome is unknown.",
            "The same again sends only rows that were not sent."
        ]
    );
}

#[test]
fn an_outcome_is_named_in_one_way_in_the_ledger_and_by_one_exit_code() {
    for (outcome, word, code, exit_code) in [
        (Outcome::Accepted, "ACCEPTED", "accepted", 0),
        (Outcome::NotSent, "NOT SENT", "not_sent", 3),
        (Outcome::Refused, "REFUSED", "refused", 4),
        (Outcome::Unknown, "OUTCOME UNKNOWN", "unknown", 5),
    ] {
        assert_eq!((outcome.word(), outcome.code(), outcome.exit_code()), (word, code, exit_code));
        assert_eq!(Outcome::from_code(code), Some(outcome));
    }
    assert_eq!(Outcome::from_code("ACCEPTED"), None);
}

#[test]
fn every_documented_code_has_its_subject_whatever_the_status() {
    for (codes, about) in [
        (&["api_key_invalid", "unauthorized", "101"][..], About::Key),
        (&["api_not_allowed"], About::Forbidden),
        (&["api_allowed_for_paid_plan"], About::Plan),
        (&["region_not_allowed"], About::Region),
        (&["usage_limit_exceeded", "insufficient_funds"], About::Credit),
        (&["parameter_invalid", "parameter_unknown", "tags_not_allowed", "102", "105"], About::Manifest),
        (&["resource_not_exist", "201"], About::Missing),
        (&["api_upgrade_required"], About::Endpoint),
        (&["video_filesize_too_large"], About::Size),
        (&["too_many_requests"], About::Limit),
        (&["index_name_already_exists", "video_file_broken", "301", "501"], About::Other),
    ] {
        for code in codes {
            for status in [200, 400, 401, 413, 503] {
                let reply = reply(status, &format!(r#"{{"code":"{code}"}}"#));
                assert_eq!(reply.about(), about, "{status} {code}");
                let is_success = status == 200;
                let outcome = judge(&ended(How::Replied(reply), true, 0));
                assert!(!is_success || outcome == Outcome::Refused, "{code}: {outcome:?}");
            }
        }
    }
}

#[test]
fn a_certificate_that_is_not_trusted_names_the_way_out() {
    let said = |cause: &str| words(&ended(How::NotTrusted(cause.into()), false, 0), &place()).sentences;
    let [meaning, now] = said("invalid peer certificate: UnknownIssuer");
    assert_eq!(meaning, "The certificate of api.twelvelabs.io is not trusted. Nothing left this machine.");
    assert!(now.contains("SSL_CERT_FILE") && now.contains("ca-file"), "{now}");
    for fault in ["Other(OtherError(CaUsedAsEndEntity))", "Other(OtherError(UnsupportedCertVersion))"] {
        let [_, now] = said(&format!("invalid peer certificate: {fault}"));
        assert!(now.contains("ca-file") && !now.contains("Other("), "{now}");
    }
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
            "The service may have taken the manifest. Sending again asks for typed words."
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
fn a_refusal_in_plain_words_or_that_asks_for_a_password_is_not_the_services() {
    let of = |status, headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reply { headers, ..reply(status, body) }
    };
    for reply in [
        of(403, &[("Content-Type", "text/plain")], "Blocked by ZScaler"),
        of(403, &[], "error code: 1020"),
        of(401, &[("WWW-Authenticate", "Basic realm=\"nginx\"")], ""),
    ] {
        assert_eq!(reply.about(), About::Gateway, "{reply:?}");
        let [meaning, now] = words(&ended(How::Replied(reply), true, 0), &place()).sentences;
        assert!(meaning.contains("other than the service") && now.contains("proxy"), "{meaning} {now}");
        assert!(!meaning.contains("web page"), "{meaning}");
    }
    assert_eq!(of(401, &[], "").about(), About::Key);
    assert_eq!(of(403, &[], "{\"message\":\"no\"}").about(), About::Forbidden);
}
