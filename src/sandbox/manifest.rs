//! Parses uploaded manifests row by row, so that a big one needs no memory.

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::Value;

/// Rows kept per manifest, to become tasks.
const KEPT: usize = 250_000;

/// An accepted manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// All elements of the array.
    pub(super) rows: usize,
    /// The first rows that have an index, a language and an object.
    pub(super) usable: Vec<Usable>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usable {
    pub(super) index_id: String,
    pub(super) object: String,
}

/// Parses a manifest as leniently as the service may: it is not documented that one bad row fails the whole file, so
/// only a file without any usable row is refused. The error is a sentence.
pub(super) fn read(bytes: &[u8]) -> Result<Taken, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let (taken, first_fault) = reader.deserialize_any(Rows).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    match first_fault {
        Some(fault) if taken.usable.is_empty() => Err(fault),
        _ if taken.rows == 0 => Err("The manifest has no rows".to_owned()),
        _ => Ok(taken),
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = (Taken, Option<String>);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
        let mut taken = Taken::default();
        let mut first_fault = None;
        while let Some(row) = rows.next_element::<Value>()? {
            taken.rows += 1;
            match usable(&row) {
                Ok(row) if taken.usable.len() < KEPT => taken.usable.push(row),
                Ok(_) => {}
                Err(fault) => first_fault = first_fault.or(Some(format!("Row {}: {fault}", taken.rows))),
            }
        }
        Ok((taken, first_fault))
    }
}

fn usable(row: &Value) -> Result<Usable, String> {
    let row = row.as_object().ok_or("it is not an object")?;
    let text = |field: &str| match row.get(field) {
        None => Err(format!("{field} is missing")),
        Some(value) => value.as_str().map(str::to_owned).ok_or(format!("{field} is not a string")),
    };
    text("language")?;
    if !matches!(row.get("transcription"), None | Some(Value::Null | Value::String(_))) {
        return Err("transcription is not a string".to_owned());
    }
    Ok(Usable { index_id: text("index_id")?, object: text("object")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_needs_at_least_one_usable_row() {
        let row = r#"{"index_id":"a","language":"en","object":"s3://b/c.mp4"}"#;
        assert_eq!(read(format!("[{row}]").as_bytes()).unwrap().usable.len(), 1);
        assert_eq!(read(format!("[7, {row}]").as_bytes()).unwrap().rows, 2);
        for (text, reason) in [
            ("[]", "The manifest has no rows"),
            ("[7]", "Row 1: it is not an object"),
            ("[{}]", "Row 1: language is missing"),
            (r#"[{"language":"en","index_id":1,"object":""}]"#, "Row 1: index_id is not a string"),
            ("{}", "invalid type: map, expected an array of objects at line 1 column 2"),
            ("[1,]", "trailing comma at line 1 column 4"),
            ("[] x", "trailing characters at line 1 column 4"),
        ] {
            assert_eq!(read(text.as_bytes()), Err(reason.to_owned()), "{text}");
        }
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }
}
