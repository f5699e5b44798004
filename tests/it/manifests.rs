//! Builds manifests for tests: rows as in an export, with any part replaced.

use std::fmt;

pub const INDEX: &str = "6298d673f1090f1100476d4c";

/// A sound row with an empty transcript by default.
#[derive(Clone, Debug)]
pub struct Row {
    index: String,
    language: String,
    object: String,
    /// As JSON; None for a row without the field.
    transcription: Option<String>,
}

pub fn row(object: impl Into<String>) -> Row {
    let empty = Some("\"\"".to_owned());
    Row { index: INDEX.to_owned(), language: "en".to_owned(), object: object.into(), transcription: empty }
}

impl Row {
    pub fn index(self, id: impl Into<String>) -> Row {
        Row { index: id.into(), ..self }
    }

    pub fn language(self, language: impl Into<String>) -> Row {
        Row { language: language.into(), ..self }
    }

    pub fn transcript(self, url: impl AsRef<str>) -> Row {
        self.transcription(quoted(url.as_ref()))
    }

    /// Any JSON as the transcript.
    pub fn transcription(self, json: impl Into<String>) -> Row {
        Row { transcription: Some(json.into()), ..self }
    }

    pub fn without_transcription(self) -> Row {
        Row { transcription: None, ..self }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [index, language, object] = [&self.index, &self.language, &self.object].map(|text| quoted(text));
        write!(f, r#"{{"index_id": {index}, "language": {language}, "object": {object}"#)?;
        if let Some(json) = &self.transcription {
            write!(f, r#", "transcription": {json}"#)?;
        }
        f.write_str("}")
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// One row per line, as in an export.
pub fn manifest(rows: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let rows: Vec<String> = rows.into_iter().map(|row| format!("  {row}")).collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}
