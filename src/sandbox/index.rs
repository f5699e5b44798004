//! Indexes in the three shapes of the API's versions, and in every state that matters to a check.

use serde_json::{Value, json};

/// Prefix of the test index ids; the last two digits select the index.
const SEED: &str = "5eed0000000000000000";

/// The two indexes of the demo's manifest: one with audio, and an expired one without.
pub(super) fn listed() -> Vec<Value> {
    let engines =
        |options: &[&str]| json!([{ "engine_name": "marengo2.6", "engine_options": options, "addons": ["thumbnail"] }]);
    vec![
        v12(
            "6298d673f1090f1100476d4c",
            "evening-news",
            engines(&["visual", "conversation", "text_in_video", "logo"]),
            Value::Null,
        ),
        v12("629d807aa9e2a3a33a92c00b", "lectures-trial", engines(&["visual"]), json!("2026-05-12T08:14:52.161Z")),
    ]
}

/// The index with an id; None if there is none.
pub(super) fn find(id: &str) -> Option<Value> {
    if let Some(index) = listed().into_iter().find(|index| index.get("_id").is_some_and(|known| *known == id)) {
        return Some(index);
    }
    let marengo =
        json!({ "engine_name": "marengo2.6", "engine_options": ["visual", "conversation", "text_in_video", "logo"] });
    let pegasus = json!({ "engine_name": "pegasus1.1", "engine_options": ["visual", "conversation"] });
    let soon = || {
        let then = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(72);
        json!(then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    Some(match id.strip_prefix(SEED)?.trim_start_matches('0') {
        // Version 1.1: flat.
        "11" => json!({
            "_id": id, "index_name": "flat", "engine_id": "marengo2.5",
            "index_options": ["visual", "conversation", "text_in_video", "logo"], "video_count": 3, "total_duration": 120,
            "created_at": "2023-06-28T09:12:54", "updated_at": "2023-06-28T09:12:54", "expires_at": "2027-06-28T09:12:54",
        }),
        "12" => v12(id, "both-engines", json!([marengo, pegasus]), Value::Null),
        "13" => json!({
            "_id": id, "index_name": "models", "video_count": 3, "total_duration": 120.5, "expires_at": null,
            "models": [{ "model_name": "marengo2.7", "model_options": ["visual", "audio"], "finetuned": false }],
            "created_at": "2025-03-04T10:11:12Z", "updated_at": "2025-03-04T10:11:12Z",
        }),
        "14" => v12(id, "expired", json!([marengo]), json!("2026-01-31T00:00:00Z")),
        "15" => v12(id, "expires-soon", json!([marengo]), soon()),
        "16" => v12(id, "deaf", json!([{ "engine_name": "marengo2.6", "engine_options": ["visual"] }]), Value::Null),
        "17" => v12(id, "pegasus", json!([pegasus]), Value::Null),
        _ => return None,
    })
}

fn v12(id: &str, name: &str, engines: Value, expires: Value) -> Value {
    json!({
        "_id": id, "index_name": name, "video_count": 214, "total_duration": 162_640.5, "engines": engines,
        "created_at": "2026-02-11T08:14:52.161Z", "updated_at": "2026-11-20T17:40:09.032Z", "expires_at": expires,
    })
}
