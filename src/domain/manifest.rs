//! The bytes of a manifest, and where each row and field stands in them.
//!
//! Nothing here owns a decoded copy of the document: bytes that no edit touches are never interpreted, only located.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A row's place in the file, counted from zero. Shown to people counted from one.
pub type RowId = u32;

/// The fields of a row that the service documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    IndexId,
    Language,
    Object,
    Transcription,
}

impl Field {
    pub const ALL: [Field; 4] = [Field::IndexId, Field::Language, Field::Object, Field::Transcription];

    /// The key in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Field::IndexId => "index_id",
            Field::Language => "language",
            Field::Object => "object",
            Field::Transcription => "transcription",
        }
    }
}

/// What stands in a field. The three empty states stay apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// The row has no such key.
    Absent,
    Null,
    /// A JSON string, decoded; may be empty.
    Text(Cow<'a, str>),
    /// A number, boolean, array or object: the raw JSON text.
    Other(&'a str),
}

impl Value<'_> {
    /// The text, or `""` for every state that holds none.
    pub fn text(&self) -> &str {
        match self {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// Absent, null or `""`.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Absent | Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Other(_) => false,
        }
    }
}

/// One row, decoded for reading. With duplicate keys the last one is shown, as most parsers take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The element is a JSON object. When false every field is [`Value::Absent`].
    pub is_object: bool,
    values: [Value<'a>; 4],
    /// Bit `1 << field` is set for a field whose key stands more than once.
    repeated: u8,
}

impl<'a> Row<'a> {
    pub fn new(is_object: bool, values: [Value<'a>; 4], repeated: u8) -> Self {
        Row { is_object, values, repeated }
    }

    pub fn value(&self, field: Field) -> &Value<'a> {
        &self.values[field as usize]
    }

    /// The text of a field, or `""` for every state that holds none.
    pub fn text(&self, field: Field) -> &str {
        self.value(field).text()
    }

    pub fn is_repeated(&self, field: Field) -> bool {
        self.repeated & (1 << field as u8) != 0
    }
}

/// Why a file can't be a manifest, and where. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct Refusal {
    /// In the operator's words: `expected a comma or ], found {`.
    pub why: String,
    /// What to do, for the line under the fault: `a comma is missing after the row above`. May be empty.
    pub advice: String,
    /// Counted from one.
    pub line: usize,
    /// Counted from one, in characters.
    pub column: usize,
    /// Offset in bytes from the start of the file.
    pub byte: usize,
    /// Rows before the fault that are well formed.
    pub rows_before: u32,
}

/// A manifest as it stands in a file. Cheap to clone; never changes.
#[derive(Clone, Debug)]
pub struct Manifest {
    bytes: Arc<Vec<u8>>,
}

impl Manifest {
    /// Reads a whole file.
    ///
    /// # Errors
    /// [`Refusal`] when it is no JSON, or its top level is no array. Odd elements and values are not refused:
    /// they are findings.
    pub fn parse(bytes: Vec<u8>) -> Result<Manifest, Refusal> {
        Manifest::parse_with(Arc::new(bytes), |_| true)
    }

    /// As [`Manifest::parse`], and calls `progress` now and then with what is indexed so far (a usable manifest of
    /// fewer rows). `progress` returns false to stop; then the rows so far are returned.
    pub fn parse_with(_bytes: Arc<Vec<u8>>, _progress: impl FnMut(&Manifest) -> bool) -> Result<Manifest, Refusal> {
        todo!()
    }

    /// The whole rows that stand in the first bytes of a file, for a first screen. Never fails: what can't be read is
    /// left out.
    pub fn prefix(_bytes: Vec<u8>) -> Manifest {
        todo!()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of rows.
    pub fn len(&self) -> u32 {
        todo!()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row as it stands in the file. A row that isn't there reads as one that is no object.
    pub fn row(&self, _row: RowId) -> Row<'_> {
        todo!()
    }

    /// Where the element stands, in bytes.
    pub fn row_span(&self, _row: RowId) -> Option<Range<usize>> {
        todo!()
    }

    /// Where the field's value stands (the last one, if the key is repeated), in bytes, quotes included.
    pub fn value_span(&self, _row: RowId, _field: Field) -> Option<Range<usize>> {
        todo!()
    }

    /// Line and column of a byte offset, counted from one; the column in characters.
    pub fn line_column(&self, _byte: usize) -> (usize, usize) {
        todo!()
    }
}
