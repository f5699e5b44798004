//! The bytes of a manifest, and where each row and field stands in them.
//!
//! Nothing here owns a decoded copy of the document: bytes that no edit touches are never interpreted, only located.
//! Rows are indexed once; the fields of a row are found again each time they are asked for, which is cheaper than
//! keeping them for a million rows.

mod index;
mod lines;
mod members;
mod refusal;

pub use lines::Lines;
pub(crate) use members::{Member, Members};
pub use refusal::{ExcerptLine, Refusal, excerpt};

use index::Index;
use std::borrow::Cow;
use std::fmt;
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

    /// Its word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Field::IndexId => "index",
            Field::Language => "language",
            Field::Object => "video",
            Field::Transcription => "transcript",
        }
    }

    /// The key in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Field::IndexId => "index_id",
            Field::Language => "language",
            Field::Object => "object",
            Field::Transcription => "transcription",
        }
    }

    /// The field that an operator names: by its key in the file, or as the screens call it.
    pub fn named(name: &str) -> Option<Field> {
        match name {
            "index_id" | "index" => Some(Field::IndexId),
            "language" | "lang" => Some(Field::Language),
            "object" | "video" => Some(Field::Object),
            "transcription" | "transcript" => Some(Field::Transcription),
            _ => None,
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
    /// A number, boolean, array or object, or a string that stands for no text (a lone surrogate): the raw JSON.
    Other(&'a str),
}

impl<'a> Value<'a> {
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

    /// Reads the raw JSON of one value. Bytes that are no UTF-8 cannot come here from a manifest that was read.
    fn decode(raw: &'a [u8]) -> Value<'a> {
        let Ok(raw) = std::str::from_utf8(raw) else { return Value::Other("") };
        if raw == "null" {
            return Value::Null;
        }
        let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
            return Value::Other(raw);
        };
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            return Value::Text(Cow::Borrowed(inner));
        }
        serde_json::from_str(raw).map_or(Value::Other(raw), |text| Value::Text(Cow::Owned(text)))
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

    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
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

    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
    pub(crate) fn replace(&mut self, field: Field, value: Value<'a>) {
        self.values[field as usize] = value;
    }

    /// Reads the JSON of one element.
    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
    fn decode(element: &'a [u8]) -> Row<'a> {
        let mut row = Row::new(element.first() == Some(&b'{'), [const { Value::Absent }; 4], 0);
        let mut raw: [Option<&[u8]>; 4] = [None; 4];
        for member in Members::of(element) {
            let Some(field) = member.field else { continue };
            if raw[field as usize].replace(element.get(member.value).unwrap_or_default()).is_some() {
                row.repeated |= 1 << field as u8;
            }
        }
        for (value, raw) in row.values.iter_mut().zip(raw) {
            if let Some(raw) = raw {
                *value = Value::decode(raw);
            }
        }
        row
    }
}

/// A manifest as it stands in a file. Cheap to clone; never changes.
#[derive(Clone)]
pub struct Manifest {
    bytes: Arc<Vec<u8>>,
    index: Index,
}

/// Sizes only: a log or a failed test must not hold the file.
impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("bytes", &self.bytes.len()).field("rows", &self.len()).finish()
    }
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
    ///
    /// # Errors
    /// As [`Manifest::parse`]. The caller still holds the bytes, so [`excerpt`] can show the place.
    pub fn parse_with(bytes: Arc<Vec<u8>>, mut progress: impl FnMut(&Manifest) -> bool) -> Result<Manifest, Refusal> {
        let read = index::read(&bytes, |index| progress(&Manifest { bytes: Arc::clone(&bytes), index }));
        match read.fault {
            None => Ok(Manifest { bytes, index: read.index }),
            Some(fault) => Err(refusal::refuse(&bytes, &read.index, &fault)),
        }
    }

    /// The whole rows that stand in the first bytes of a file, for a first screen. Never fails: what can't be read is
    /// left out.
    pub fn prefix(bytes: Vec<u8>) -> Manifest {
        let mut index = index::read(&bytes, |_| true).index;
        // A number or a word at the very end may go on in the bytes that are not here.
        if let Some(last) = index.len().checked_sub(1)
            && let Some(span) = index.span(last)
            && span.end == bytes.len()
            && !matches!(bytes.last(), Some(b'}' | b']' | b'"'))
        {
            index = index.without_last();
        }
        Manifest { bytes: Arc::new(bytes), index }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of rows.
    pub fn len(&self) -> u32 {
        self.index.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row as it stands in the file. A row that isn't there reads as one that is no object.
    pub fn row(&self, row: RowId) -> Row<'_> {
        Row::decode(self.element(row))
    }

    /// One field of [`Manifest::row`], at a lower price.
    pub fn value(&self, row: RowId, field: Field) -> Value<'_> {
        let element = self.element(row);
        let last = Members::of(element).filter(|member| member.field == Some(field)).last();
        last.map_or(Value::Absent, |member| Value::decode(element.get(member.value).unwrap_or_default()))
    }

    /// The bytes of the element, as they stand in the file. Empty for a row that isn't there.
    pub fn element(&self, row: RowId) -> &[u8] {
        self.index.span(row).and_then(|span| self.bytes.get(span)).unwrap_or_default()
    }

    /// The element is a JSON object.
    pub fn is_object(&self, row: RowId) -> bool {
        self.element(row).first() == Some(&b'{')
    }

    /// Where the element stands, in bytes.
    pub fn row_span(&self, row: RowId) -> Option<Range<usize>> {
        self.index.span(row)
    }

    /// Where the field's value stands (the last one, if the key is repeated), in bytes, quotes included.
    pub fn value_span(&self, row: RowId, field: Field) -> Option<Range<usize>> {
        let start = self.row_span(row)?.start;
        let element = self.element(row);
        let last = Members::of(element).filter(|member| member.field == Some(field)).last()?;
        Some(start + last.value.start..start + last.value.end)
    }

    /// Line and column of a byte offset, counted from one; the column in characters.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        lines::line_column(&self.bytes, byte)
    }

    /// A counter for the lines of many offsets, cheap when they ascend.
    pub fn lines(&self) -> Lines<'_> {
        Lines::of(&self.bytes)
    }
}
