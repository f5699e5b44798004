//! What the commands on attempts print alike: JSON that a terminal can show, instants, counts of rows.

use crate::domain::follow::Counts;
use crate::domain::printable::printable;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The same JSON with every character that a terminal wouldn't show written as `\u…`: JSON readers get the same text,
/// terminals get no control sequences.
pub(super) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let mut bytes = [0; 4];
        if c == '\n' || printable(c.encode_utf8(&mut bytes)) == *c.encode_utf8(&mut [0; 4]) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// `2026-11-23T14:03:09.120Z`
pub(super) fn instant(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}

/// How many rows are in which state, as JSON. `not_seen` counts the rows without a task, also before everything has settled:
/// whoever adds up comes to `rows`.
pub(super) fn counts(counts: &Counts) -> Value {
    let running = counts.each().filter(|(state, _)| state.runs());
    let running: serde_json::Map<String, Value> =
        running.map(|(state, count)| (state.word(false).to_owned(), json!(count))).collect();
    json!({
        "rows": counts.all(), "ready": counts.ready(), "failed": counts.failed(), "not_seen": counts.no_task(),
        "unclear": counts.unclear(), "running": running,
    })
}
