//! A receipt's JSON, laid out for people: one fact a line.

use crate::report::write_json;
use serde::Serialize;
use serde_json::Value;

/// Members that share a line with the one before.
const BESIDE: [&str; 2] = ["ended", "outcome"];

pub(super) fn of(receipt: &Value) -> String {
    let mut text = String::from("{\n");
    let members = receipt.as_object().into_iter().flatten();
    for (at, (name, value)) in members.enumerate() {
        if at > 0 {
            text.push_str(if BESIDE.contains(&name.as_str()) { ", " } else { ",\n  " });
        } else {
            text.push_str("  ");
        }
        text.push_str(&format!("{}: ", compact(name)));
        match value {
            Value::Array(items) if !items.is_empty() => {
                let items: Vec<String> = items.iter().map(|item| format!("    {}", inline(item))).collect();
                text.push_str(&format!("[\n{}\n  ]", items.join(",\n")));
            }
            value => text.push_str(&inline(value)),
        }
    }
    text.push_str("\n}\n");
    text
}

/// `{ "name": "news.json", "bytes": 12 }`
fn inline(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", compact(name), inline(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) if !items.is_empty() => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        value => compact(value),
    }
}

/// With invisible characters escaped, so that it is safe on a terminal.
fn compact(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    // Writing into memory doesn't fail.
    let _ = write_json(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}
