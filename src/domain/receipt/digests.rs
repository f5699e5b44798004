//! A short digest of every row that was sent, so that a receipt can tell which rows of a changed file are still the same.

use crate::draft::Snapshot;
use crate::many::in_chunks;
use crate::row_set::RowSet;
use crate::stable;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes for each row: one edit in sixteen million goes unnoticed.
const LEN: usize = 3;

/// In the order of the rows as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests(Vec<u8>);

impl Digests {
    /// None if the bytes are cut.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Digests> {
        bytes.len().is_multiple_of(LEN).then_some(Digests(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.chunks_exact(LEN)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() / LEN
    }
}

impl Serialize for Digests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digests, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
        Digests::from_bytes(bytes).ok_or_else(|| D::Error::custom("a digest is cut"))
    }
}

/// The digests of the rows that go with a snapshot: of their JSON, without the blanks between its parts.
pub fn row_digests(snapshot: &Snapshot) -> Digests {
    let kept = snapshot.kept_rows();
    let digest = |chunk: &RowSet| {
        let mut digests = Vec::with_capacity(chunk.len() * LEN);
        for row in chunk.iter() {
            let hash = if snapshot.is_edited(row) {
                of_element(snapshot.row_json(row).as_bytes())
            } else {
                of_element(snapshot.base().element(row))
            };
            digests.extend(hash.to_be_bytes().into_iter().take(LEN));
        }
        digests
    };
    Digests(in_chunks(&kept, &|_| true, digest).unwrap_or_default().concat())
}

fn of_element(json: &[u8]) -> u64 {
    let (mut is_text, mut is_escaped) = (false, false);
    stable::hash(json.iter().copied().filter(move |byte| {
        if is_text {
            is_text = *byte != b'"' || is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            return true;
        }
        is_text = *byte == b'"';
        !byte.is_ascii_whitespace()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_ignores_layout_but_covers_every_character() {
        let of = |json: &str| of_element(json.as_bytes());
        let row = r#"{"object":"s3://b/a b.mp4","x":[1,{"y":"\" ]"}]}"#;
        assert_eq!(of(row), of("{ \"object\": \"s3://b/a b.mp4\",\n\t\"x\": [1, {\"y\": \"\\\" ]\"}]\r\n}"));
        for other in [
            row.replace("a b", "ab"),
            row.replace("\\\" ]", "\\\"]"),
            row.replace("[1", "[2"),
            row.replace("mp4", "MP4"),
        ] {
            assert_ne!(of(row), of(&other), "{other}");
        }
    }
}
