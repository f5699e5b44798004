//! One page of `GET /tasks`, in each of the shapes that the versions have had. `page_info` is not believed: it has been
//! seen to deny pages that are there.

use super::{Status, Task};
use crate::s3_url::without_links;
use serde_json::Value;

/// Tasks asked for in one page: the documented maximum.
pub const PAGE: usize = 50;

/// Most characters of an id, a name or a reason.
const LONGEST: usize = 1_024;

/// What is left of the query of a presigned link.
const NO_QUERY: &str = "?(secret)";

/// A page of tasks, newest first as documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub tasks: Vec<Task>,
    /// Elements that are no tasks.
    pub garbled: u32,
    /// `page_info` says that other pages follow.
    pub claims_more: bool,
    /// The page length that the service uses, if it tells one.
    pub limit: Option<usize>,
}

impl Page {
    /// Reads a reply's body; None if it is no list of tasks. `time` reads a timestamp into Unix milliseconds.
    pub fn read(body: &[u8], page: u32, time: impl Fn(&str) -> Option<i64>) -> Option<Page> {
        let json: Value = serde_json::from_slice(body).ok()?;
        // Version 1.0 wraps it once more.
        let inner = json.get("data").filter(|inner| inner.is_object()).unwrap_or(&json);
        let list = inner.as_array().or_else(|| inner.get("data")?.as_array())?;
        let info = inner.get("page_info").or_else(|| json.get("page_info"));
        let number = |name: &str| info.and_then(|info| info.get(name)).and_then(Value::as_u64);
        let tasks: Vec<Task> = list.iter().filter_map(|element| task(element, &time)).collect();
        Some(Page {
            garbled: u32::try_from(list.len() - tasks.len()).unwrap_or(u32::MAX),
            tasks,
            claims_more: number("total_page").is_some_and(|total| total > u64::from(page)),
            limit: number("limit_per_page").and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0),
        })
    }

    /// As [`Page::read`], of a reply about one task.
    pub fn of_one(body: &[u8], time: impl Fn(&str) -> Option<i64>) -> Option<Page> {
        let json: Value = serde_json::from_slice(body).ok()?;
        let inner = json.get("data").filter(|inner| inner.is_object()).unwrap_or(&json);
        let tasks = vec![task(inner, &time)?];
        Some(Page { garbled: 0, tasks, claims_more: false, limit: None })
    }

    /// Elements on the page, tasks or not.
    pub fn len(&self) -> usize {
        self.tasks.len() + self.garbled as usize
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fewer elements than a page holds.
    pub fn is_short(&self) -> bool {
        self.len() < self.limit.unwrap_or(PAGE).min(PAGE)
    }
}

fn task(element: &Value, time: impl Fn(&str) -> Option<i64>) -> Option<Task> {
    let text = |value: &Value, name: &str| {
        let text = value.get(name)?.as_str()?.trim();
        // A service may tell the link that it was given. Presigned, it is a secret.
        (!text.is_empty()).then(|| without_links(text).chars().take(LONGEST).collect::<String>())
    };
    let at = |name: &str| text(element, name).and_then(|text| time(&text));
    let metadata =
        ["metadata", "system_metadata"].into_iter().find_map(|name| element.get(name)).unwrap_or(&Value::Null);
    let id = text(element, "_id").or_else(|| text(element, "id"))?;
    let name = text(metadata, "filename").or_else(|| text(metadata, "video_title"));
    // Some versions may name the whole key, or take the query of a link for a part of the name.
    let name = name.map(|name| name.trim_end_matches(NO_QUERY).rsplit('/').next().unwrap_or_default().to_owned());
    let name = name.filter(|name| !name.is_empty());
    let seconds =
        metadata.get("duration").and_then(Value::as_f64).filter(|seconds| seconds.is_finite() && *seconds > 0.0);
    let reason =
        ["error_message", "failure_reason", "reason", "message"].into_iter().find_map(|name| text(element, name));
    let reason = reason.or_else(|| element.get("error").and_then(|error| text(error, "message")));
    Some(Task {
        id: id.into(),
        index: text(element, "index_id").map(Into::into),
        status: Status::read(&text(element, "status").unwrap_or_else(|| "no status".to_owned())),
        created_ms: at("created_at"),
        changed_ms: at("updated_at"),
        name: name.map(Into::into),
        length_ms: seconds.map(|seconds| (seconds * 1_000.0) as u64),
        reason: reason.map(Into::into),
    })
}
