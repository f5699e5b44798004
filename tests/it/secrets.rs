//! A link with access rights is a credential: in any form and place, no screen shows it, and what is flagged as a
//! secret is also hidden.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use cuecard::app::Effect;
use cuecard::domain::manifest::{Field, Row, Value};
use cuecard::domain::rules;
use cuecard::domain::s3_url::{carries_secret, stored_form, without_secret};

use crate::app_driver::App;

/// Short enough to be visible in any cell that is cut.
const CANARY: &str = "ZQX";

const FORMS: [&str; 22] = [
    "https://acme.s3.us-west-2.amazonaws.com/01.mp4?X-Amz-Credential=ZQX%2F2026&X-Amz-Signature=ZQX",
    "https://acme.s3.us-west-2.amazonaws.com/01.mp4%3FX-Amz-Signature%3DZQX",
    "https://acme.s3.us-west-2.amazonaws.com/01.mp4?X-Amz-Security-Token=ZQX",
    "https://acme.s3.amazonaws.com/01.mp4?AWSAccessKeyId=ZQX&Expires=1&Signature=ZQX",
    "https://d1.cloudfront.net/01.mp4?Policy=ZQX&Signature=ZQX&Key-Pair-Id=ZQX",
    "https://acme.blob.core.windows.net/c/01.mp4?sv=2026-01-01&sig=ZQX",
    "https://storage.googleapis.com/acme/01.mp4?X-Goog-Signature=ZQX",
    "https://files.example.com/01.mp4?token=ZQX",
    "https://files.example.com/01.mp4?a=1&amp;access_token=ZQX",
    "https://me:ZQX@files.example.com/01.mp4",
    "https://ZQX@files.example.com/01.mp4",
    "ftp://me:ZQX@files.example.com/01.mp4",
    "s3n://AKIA:ZQX@acme/01.mp4",
    "s3a://AKIA:ZQX@acme/01.mp4",
    "s3://AKIA:ZQX@acme/01.mp4",
    "s3://AKIA:1/ZQX@acme/01.mp4",
    "s3://acme/01.mp4?sig=ZQX",
    "s3://acme/01.mp4&X-Amz-Signature=ZQX",
    "s3://acme/01.mp4#token=ZQX",
    "s3://acme/01.mp4 ?X-Amz-Signature=ZQX",
    "acme.s3.us-west-2.amazonaws.com/01.mp4?X-Amz-Signature=ZQX",
    "01.mp4?token=ZQX",
];

/// The form in every field: as text, inside other JSON with various escapes, and as a row of its own.
fn manifest(form: &str) -> String {
    let quoted = serde_json::to_string(form).unwrap();
    let escaped = quoted.replace('&', "\\u0026").replace('=', "\\u003d").replace('/', "\\/");
    let row = |value: &str| {
        let members = ["index_id", "language", "object", "transcription"].map(|name| format!("\"{name}\": {value}"));
        format!("{{{}}}", members.join(", "))
    };
    format!("[{}, {}, {quoted}, [{escaped}]]", row(&quoted), row(&format!("{{\"url\": {escaped}}}")))
}

#[track_caller]
fn shows_none(app: &App, what: &str, manifest: &str) {
    let text = app.draw().text();
    assert!(!text.contains(CANARY), "{what} of {manifest}:\n{text}");
    let leaked = app.effects.iter().any(|effect| match effect {
        Effect::Copy(text) | Effect::EditText { text, .. } => text.contains(CANARY),
        Effect::Journal(lines) => format!("{lines:?}").contains(CANARY),
        _ => false,
    });
    assert!(!leaked, "{what} of {manifest}: {:?}", app.effects);
}

#[test]
fn no_screen_shows_a_secret() {
    for (at, form) in FORMS.into_iter().enumerate() {
        let manifest = manifest(form);
        let size = [(160, 50), (120, 40), (80, 24), (60, 18)][at % 4];
        for (what, keys) in [
            ("the table", ""),
            ("the inspector", "<Tab>"),
            ("the problems", "!"),
            ("the rows of a problem", "!<Enter>"),
            ("the fix", "."),
            ("the review of a cleared row", "dhdhdhdR"),
            ("the review of a row left out", "xR"),
            ("the picker", "o"),
            ("a copied transcript", "yv"),
            ("a copied video", "hhyv"),
            ("$EDITOR", ":edit<Enter>"),
            ("the editor", "e"),
            ("the editor of a language", "he"),
            ("the editor of a video", "hhe"),
            ("the editor of an index", "hhhe"),
            ("an edited row", "e<Enter>k"),
            ("an edited video", "hhe<Enter>k"),
        ] {
            for row in ["1G", "2G", "3G"] {
                let app = App::open(&manifest).size(size.0, size.1).keys(row).keys(keys);
                shows_none(&app, what, &manifest);
            }
        }
    }
}

#[test]
fn a_pasted_secret_is_neither_shown_nor_kept() {
    for form in FORMS {
        for left in ["", "h", "hh", "hhh"] {
            let app = App::open(r#"[{"object": "s3://acme/01.mp4"}, {}]"#).keys(left).paste(form);
            shows_none(&app, "the editor", form);
            let app = app.keys("<Enter>");
            shows_none(&app, "the row", form);
            shows_none(&app.keys("R"), "the review", form);
        }
    }
}

#[test]
fn every_flagged_secret_is_hidden() {
    for form in FORMS {
        assert!(carries_secret(form) && !without_secret(form).contains(CANARY), "{form}");
        assert!(stored_form(form).is_some_and(|stored| !stored.contains(CANARY)), "{form}");
    }
    let sound =
        ["s3://acme/date=1/01.mp4", "https://acme.s3.amazonaws.com/01.mp4?versionId=1", "s3://acme/me@x.com/a.mp4"];
    for text in FORMS.into_iter().chain(sound) {
        for field in [Field::Object, Field::Transcription] {
            let values = Field::ALL.map(|f| Value::Text(if f == field { text } else { "" }.into()));
            let mut hits = Vec::new();
            rules::check_row(&Row::new(true, values, 0), &mut hits);
            let flagged = hits.iter().any(|hit| hit.field == Some(field) && hit.rule.code() == "url-presigned");
            assert_eq!(flagged, carries_secret(text), "{text}: {hits:?}");
        }
    }
}
