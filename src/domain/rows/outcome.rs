//! What became of one row, from the exchange about it.

use crate::outcome::{About, BodyState, Ended, How, Outcome, Reply, judge};
use crate::printable::printable;
use crate::s3_url::without_links;
use std::time::Duration;

/// The end of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEnd {
    /// [`Outcome::Accepted`] only with a task id.
    pub outcome: Outcome,
    pub status: Option<u16>,
    /// The service's error code, printable.
    pub code: Option<String>,
    /// The service's words, or why there is no answer. Printable, without links.
    pub message: Option<String>,
    /// Only of an accepted row.
    pub task: Option<String>,
    /// What the service told of its limit.
    pub quota: Option<Quota>,
    /// What the answer says about all other rows.
    pub halt: Option<Halt>,
}

/// A limit of requests, as told by the headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub left: u64,
    pub most: Option<u64>,
    /// When it opens again, in Unix seconds of the service's clock.
    pub reset_s: Option<i64>,
}

/// An answer after which the next row would fare no better. Nothing was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Too many requests; how long to wait, if the service tells.
    Limit(Option<Duration>),
    Stop(Stop),
}

/// Why all rows stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub status: u16,
    pub about: About,
}

impl Stop {
    /// `401, the API key was not accepted`
    pub fn words(self) -> String {
        let why = match self.about {
            About::Key => "the API key was not accepted",
            About::Forbidden => "the API key may not do this",
            About::Plan => "this needs a paid plan",
            About::Region => "the API is not available in your region",
            About::Credit => "the account does not have enough credit left",
            About::Elsewhere => "the server points to another address",
            About::Gateway => "something other than the service answered",
            _ => return "this address has no POST /tasks either".to_owned(),
        };
        format!("{}, {why}", self.status)
    }
}

impl RowEnd {
    /// `now_s` is Unix time in seconds.
    pub fn of(ended: &Ended, now_s: i64) -> RowEnd {
        let outcome = judge(ended);
        let Some(reply) = ended.reply() else {
            let message = ended.cause().map(|cause| without_links(&cause).into_owned());
            let (status, code, task, quota, halt) = (None, None, None, None, None);
            return RowEnd { outcome, status, code, message, task, quota, halt };
        };
        let error = reply.vendor_error().unwrap_or_default();
        // A service may echo the link that it could not fetch. Presigned, it is a secret.
        let safe = |text: Option<String>| text.map(|text| without_links(&text).into_owned());
        let mut end = RowEnd {
            outcome,
            status: Some(reply.status),
            code: safe(error.code),
            message: safe(error.message),
            task: None,
            quota: quota(reply),
            halt: None,
        };
        match outcome {
            Outcome::Accepted => {
                end.task = task_id(reply);
                if end.task.is_none() {
                    end.outcome = Outcome::Unknown;
                    end.message = Some("no task id came with it".to_owned());
                }
            }
            // Neither says that nothing was made: an error with a task's id, and "done, look there".
            Outcome::Refused
                if ((200..300).contains(&reply.status) && task_id(reply).is_some()) || reply.status == 303 =>
            {
                end.outcome = Outcome::Unknown;
            }
            Outcome::Refused => {
                end.halt = halt(reply, now_s);
                if end.halt.is_some() {
                    // The row itself was not looked at.
                    end.outcome = Outcome::NotSent;
                }
            }
            Outcome::NotSent | Outcome::Unknown => {}
        }
        if end.message.is_none() && end.outcome != Outcome::Accepted {
            end.message = (!reply.reason.is_empty()).then(|| printable(&reply.reason).into_owned());
        }
        end
    }

    /// Nobody answered clearly: the service may be down. Our own stop says nothing about it.
    pub fn is_silent(&self, ended: &Ended) -> bool {
        let is_ours = matches!(ended.how, How::Stopped | How::FileChanged);
        !is_ours && (self.outcome == Outcome::Unknown || self.status.is_none())
    }
}

fn halt(reply: &Reply, now_s: i64) -> Option<Halt> {
    let about = reply.about();
    match about {
        About::Limit => Some(Halt::Limit(reply.opens_again_in(now_s))),
        About::Key
        | About::Forbidden
        | About::Plan
        | About::Region
        | About::Credit
        | About::Endpoint
        | About::Elsewhere
        | About::Gateway => Some(Halt::Stop(Stop { status: reply.status, about })),
        About::Manifest | About::Missing | About::Size | About::Other => None,
    }
}

fn quota(reply: &Reply) -> Option<Quota> {
    let number = |name: &str| reply.header(name)?.trim().parse::<u64>().ok();
    let left = number("x-ratelimit-remaining")?;
    let reset_s = number("x-ratelimit-reset").and_then(|at| i64::try_from(at).ok());
    Some(Quota { left, most: number("x-ratelimit-limit"), reset_s })
}

/// The id of the new task: from the JSON body, as far as it came.
fn task_id(reply: &Reply) -> Option<String> {
    const LONGEST: usize = 64;
    let fields = reply.fields()?;
    let text = serde_json::from_str::<String>(fields.get("_id").or_else(|| fields.get("id"))?.get()).ok()?;
    let is_id = (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (is_id && reply.body_state != BodyState::NotLoaded).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_000_000;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            reason: "Reason".into(),
            version: "HTTP/1.1".into(),
            headers: Vec::new(),
            body: body.into(),
            body_state: BodyState::Whole,
        }
    }

    fn ended(how: How) -> Ended {
        Ended { how, begun: true, sent: 1, took_ms: 1 }
    }

    fn end(reply: Reply) -> RowEnd {
        RowEnd::of(&ended(How::Replied(reply)), NOW)
    }

    #[test]
    fn a_row_is_accepted_only_with_a_task_id() {
        let id = "66f0c1447b0e9a4411f3a001";
        for (status, body, outcome, task) in [
            (201, format!(r#"{{"_id":"{id}"}}"#), Outcome::Accepted, Some(id)),
            (200, format!(r#"{{"_id":"{id}","video_id":"x"}}"#), Outcome::Accepted, Some(id)),
            (201, format!(r#"{{"id":"{id}"}}"#), Outcome::Accepted, Some(id)),
            (201, String::new(), Outcome::Unknown, None),
            (204, String::new(), Outcome::Unknown, None),
            (201, "{}".into(), Outcome::Unknown, None),
            (201, r#"{"_id":7}"#.into(), Outcome::Unknown, None),
            (201, r#"{"_id":"a b\u001b[2J"}"#.into(), Outcome::Unknown, None),
            (201, format!(r#"{{"_id":"{}"}}"#, "a".repeat(65)), Outcome::Unknown, None),
            (200, "<html>sign in</html>".into(), Outcome::Unknown, None),
            (200, r#"{"code":"parameter_invalid","message":"no"}"#.into(), Outcome::Refused, None),
        ] {
            let end = end(reply(status, &body));
            assert_eq!((end.outcome, end.task.as_deref()), (outcome, task), "{status} {body}");
        }
    }

    #[test]
    fn an_answer_that_breaks_off_after_the_id_is_accepted_and_before_it_unknown() {
        for (body, outcome) in [(r#"{"_id":"66f0","vid"#, Outcome::Accepted), (r#"{"_id":"66"#, Outcome::Unknown)] {
            let end = end(Reply { body_state: BodyState::Cut, ..reply(201, body) });
            assert_eq!(end.outcome, outcome, "{body}");
        }
    }

    #[test]
    fn errors_that_affect_every_row_stop_the_upload_and_leave_rows_unsent() {
        let json = |code: &str| format!(r#"{{"code":"{code}","message":"m"}}"#);
        for (status, body, stops) in [
            (400, json("parameter_invalid"), None),
            (400, json("video_resolution_too_low"), None),
            (400, json("something_new"), None),
            (404, json("resource_not_exist"), None),
            (413, String::new(), None),
            (401, json("api_key_invalid"), Some(About::Key)),
            (401, String::new(), Some(About::Key)),
            (403, String::new(), Some(About::Forbidden)),
            (404, String::new(), Some(About::Endpoint)),
            (410, String::new(), Some(About::Endpoint)),
            (400, json("api_upgrade_required"), Some(About::Endpoint)),
            (400, json("usage_limit_exceeded"), Some(About::Credit)),
            (302, String::new(), Some(About::Elsewhere)),
            (403, "<html>".into(), Some(About::Gateway)),
        ] {
            let end = end(reply(status, &body));
            let outcome = if stops.is_some() { Outcome::NotSent } else { Outcome::Refused };
            let stop = stops.map(|about| Halt::Stop(Stop { status, about }));
            assert_eq!((end.outcome, end.halt), (outcome, stop), "{status} {body}");
        }
    }

    #[test]
    fn too_many_requests_leave_the_row_not_sent_and_tell_when_to_go_on() {
        let told = |headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            end(Reply { headers, ..reply(429, "") })
        };
        let reset = (NOW + 90).to_string();
        let end = told(&[("X-Ratelimit-Remaining", "0"), ("X-Ratelimit-Reset", &reset), ("X-Ratelimit-Limit", "50")]);
        assert_eq!((end.outcome, end.halt), (Outcome::NotSent, Some(Halt::Limit(Some(Duration::from_secs(90))))));
        assert_eq!(end.quota, Some(Quota { left: 0, most: Some(50), reset_s: Some(NOW + 90) }));
        assert_eq!(told(&[]).halt, Some(Halt::Limit(None)));
        assert_eq!(told(&[("Retry-After", "7")]).halt, Some(Halt::Limit(Some(Duration::from_secs(7)))));
        assert_eq!(told(&[("X-Ratelimit-Reset", "1")]).halt, Some(Halt::Limit(None)), "in the past");
    }

    #[test]
    fn unclear_or_unreachable_answers_count_as_silence() {
        let no_byte = |how| Ended::before_anything_left(how);
        for (ended, outcome, silent) in [
            (ended(How::NoReply("reset".into())), Outcome::Unknown, true),
            (ended(How::TimedOut("t".into())), Outcome::Unknown, true),
            (ended(How::Replied(reply(503, "<html>"))), Outcome::Unknown, true),
            (no_byte(How::NotConnected("refused".into())), Outcome::NotSent, true),
            (no_byte(How::NotStarted("no link".into())), Outcome::NotSent, true),
            (no_byte(How::Stopped), Outcome::NotSent, false),
            (ended(How::Stopped), Outcome::Unknown, false),
            (ended(How::Replied(reply(400, ""))), Outcome::Refused, false),
        ] {
            let end = RowEnd::of(&ended, NOW);
            assert_eq!((end.outcome, end.is_silent(&ended)), (outcome, silent), "{ended:?}");
        }
    }

    #[test]
    fn a_presigned_link_that_the_service_echoes_is_not_kept() {
        for link in [
            "https://b.s3.us-west-2.amazonaws.com/a.mp4?X-Amz-Credential=CANARY&X-Amz-Signature=CANARY",
            "'https://b/a.mp4?X-Amz-Signature=CANARY',",
            "https%3A%2F%2Fb%2Fa.mp4%3FX-Amz-Signature%3DCANARY",
        ] {
            let body =
                serde_json::json!({ "code": "video_file_broken", "message": format!("Unable to read {link} today") });
            let end = end(reply(400, &body.to_string()));
            let message = end.message.unwrap_or_default();
            assert!(!message.contains("CANARY") && message.starts_with("Unable to read"), "{message}");
        }
    }
}
