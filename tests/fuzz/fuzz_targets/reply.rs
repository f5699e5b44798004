//! What the service, or something before it, answered: its outcome, its words and its body on the screen.
//!
//! Input: two bytes for the status, one for the body's state and headers; a header's text to the first byte 0; the body.
#![no_main]

use cuecard_domain::follow::Page;
use cuecard_domain::outcome::{BodyState, Ended, How, Outcome, Reply, ReplyContext, judge, words};
use cuecard_domain::printable::hidden;
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

fuzz_target!(|data: &[u8]| {
    let Some((&[a, b, state], rest)) = data.split_first_chunk() else { return };
    let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    let header = String::from_utf8_lossy(&rest[..end]).into_owned();
    let name = ["content-type", "Retry-After", "x-ratelimit-reset", "server"][usize::from(state >> 6)];
    let reply = Reply {
        status: 100 + u16::from_be_bytes([a, b]) % 900,
        reason: if state & 4 == 0 { String::new() } else { header.clone() },
        version: "HTTP/1.1".into(),
        headers: vec![(name.into(), header.clone())],
        body: rest.get(end + 1..).unwrap_or_default().to_vec(),
        body_state: [BodyState::Whole, BodyState::Truncated, BodyState::Cut, BodyState::NotLoaded][usize::from(state & 3)],
    };

    let body = reply.shown_body();
    assert!(["empty", "JSON", "text", "binary"].contains(&body.kind));
    body.lines.iter().for_each(|line| safe(line));
    safe(&reply.status_line());
    let error = reply.vendor_error().unwrap_or_default();
    [&error.code, &error.message].into_iter().flatten().for_each(|text| safe(text));
    let wait = reply.opens_again_in(1_700_000_000);
    assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(400 * 24 * 3600)));

    let status = reply.status;
    let is_page = reply.is_web_page();
    let ended = Ended { how: How::Replied(reply), begun: true, sent: 1, took_ms: 1 };
    let outcome = judge(&ended);
    match outcome {
        Outcome::Accepted => {
            assert!((200..300).contains(&status) && status != 207);
            assert!(!is_page && error.code.is_none(), "{error:?}");
            accepts(&ended);
        }
        Outcome::NotSent => panic!("a reply came"),
        Outcome::Refused => assert!((200..500).contains(&status)),
        // A gateway ended the connection, or the service gave up waiting.
        Outcome::Unknown => assert!(
            !(300..500).contains(&status)
                || matches!(status, 444 | 460 | 499)
                || error.code.as_deref() == Some("request_canceled_or_timed_out")
        ),
    }
    let place = ReplyContext { host: "example.com", bytes: 1, reset: None };
    let said = words(&ended, outcome, &place);
    assert_eq!((said.outcome, said.word), (outcome, outcome.word()));
    safe(&said.status);
    for sentence in said.sentences {
        assert!(sentence.ends_with('.'), "{sentence}");
        safe(&sentence);
    }

    // The same body as a page of tasks.
    let How::Replied(reply) = &ended.how else { return };
    if let Some(page) = Page::read(&reply.body, 1, |text| text.parse().ok()) {
        assert_eq!(page.len(), page.tasks.len() + page.garbled as usize);
        assert!(page.tasks.iter().all(|task| !task.id.is_empty() && task.id.chars().count() <= 1_024));
    }
});

fn safe(text: &str) {
    assert_eq!(hidden(text).next(), None, "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// Accepted: whole JSON that denies it in one of the plain ways is never told so.
fn accepts(ended: &Ended) {
    let Some(reply) = ended.reply() else { return };
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&reply.body) else { return };
    assert!(json.get("success") != Some(&false.into()), "{json}");
    assert!(json.get("error").is_none_or(|error| error.as_str().is_none_or(|text| text.trim().is_empty())), "{json}");
    assert!(json.get("message").is_none() || json.get("type").is_some(), "{json}");
}
