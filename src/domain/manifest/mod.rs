//! The bytes of a manifest, and the position of each row and field in them.
//!
//! No decoded copy of the document exists: bytes that no edit touches are located but never interpreted. Rows are
//! indexed once; the fields of a row are located again on each access, which is cheaper than storing them for a million
//! rows.

mod index;
mod lines;
mod members;
mod misspelt;
mod refusal;

pub use lines::Lines;
pub(crate) use members::{Member, Members};
use misspelt::misspelt;
pub use refusal::{ExcerptLine, Refusal, excerpt};

use index::Index;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A row's position in the file, from 0. Shown to people from 1.
pub type RowId = u32;

/// The documented fields of a row.
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

    /// The label for people.
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

    /// The field with this key in the file or label on the screens.
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

/// The value of a field. The three empty states are distinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// The row lacks the key.
    Absent,
    Null,
    /// A JSON string, decoded; may be empty.
    Text(Cow<'a, str>),
    /// The raw JSON of a number, boolean, array or object, or of a string that is not valid text (a lone surrogate).
    Other(&'a str),
}

impl<'a> Value<'a> {
    /// The text, or `""` if there is none.
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

    /// Decodes the raw JSON of one value. A parsed manifest holds only valid UTF-8.
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

/// One row, decoded for reading. Of duplicate keys the last one counts, as in most parsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Whether the element is a JSON object. If not, every field is [`Value::Absent`].
    pub is_object: bool,
    values: [Value<'a>; 4],
    /// Bit `1 << field` is set if the field's key occurs more than once.
    repeated: u8,
    /// The first key that is nearly that of a field without a value: as in the file, without quotes.
    misspelt: Option<(&'a str, Field)>,
}

impl<'a> Row<'a> {
    pub fn new(is_object: bool, values: [Value<'a>; 4], repeated: u8) -> Self {
        Row { is_object, values, repeated, misspelt: None }
    }

    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
    pub fn value(&self, field: Field) -> &Value<'a> {
        &self.values[field as usize]
    }

    /// The text of a field, or `""` if it has none.
    pub fn text(&self, field: Field) -> &str {
        self.value(field).text()
    }

    pub fn is_repeated(&self, field: Field) -> bool {
        self.repeated & (1 << field as u8) != 0
    }

    /// A key that is nearly that of a field without a value, and that field.
    pub fn misspelt(&self) -> Option<(&'a str, Field)> {
        self.misspelt.filter(|(_, field)| self.value(*field).is_empty())
    }

    /// The same row, with the misspelt key of another one.
    pub(crate) fn misspelt_as(self, row: &Row<'a>) -> Row<'a> {
        Row { misspelt: row.misspelt, ..self }
    }

    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
    pub(crate) fn replace(&mut self, field: Field, value: Value<'a>) {
        self.values[field as usize] = value;
    }

    /// Decodes the JSON of one element.
    #[expect(clippy::indexing_slicing, reason = "four fields, four values")]
    fn decode(element: &'a [u8]) -> Row<'a> {
        let mut row = Row::new(element.first() == Some(&b'{'), [const { Value::Absent }; 4], 0);
        let mut raw: [Option<&[u8]>; 4] = [None; 4];
        for member in Members::of(element) {
            let Some(field) = member.field else {
                // A row goes without its transcript and nobody asks, so that is the one to tell of.
                if row.misspelt.is_none_or(|(_, field)| field != Field::Transcription) {
                    let part = |range| element.get(range).unwrap_or_default();
                    row.misspelt = misspelt(part(member.key), part(member.value)).or(row.misspelt);
                }
                continue;
            };
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

/// The manifest of one file. Immutable; cheap to clone.
#[derive(Clone)]
pub struct Manifest {
    bytes: Arc<Vec<u8>>,
    index: Index,
}

/// Sizes only: the file's content must not get into a log or a test report.
impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("bytes", &self.bytes.len()).field("rows", &self.len()).finish()
    }
}

impl Manifest {
    /// Parses a whole file.
    ///
    /// # Errors
    /// [`Refusal`] if it is not JSON or its top level is not an array. Unexpected elements and values are findings, not
    /// errors.
    pub fn parse(bytes: Vec<u8>) -> Result<Manifest, Refusal> {
        Manifest::parse_with(Arc::new(bytes), |_| true)
    }

    /// As [`Manifest::parse`], and passes the rows so far to `progress` now and then as a usable manifest. If
    /// `progress` returns false, parsing stops and the rows so far are returned.
    ///
    /// # Errors
    /// As [`Manifest::parse`]. The caller still holds the bytes, so [`excerpt`] can show the position.
    pub fn parse_with(bytes: Arc<Vec<u8>>, mut progress: impl FnMut(&Manifest) -> bool) -> Result<Manifest, Refusal> {
        let read = index::read(&bytes, &mut |index| progress(&Manifest { bytes: Arc::clone(&bytes), index }));
        match read.fault {
            None => Ok(Manifest { bytes, index: read.index }),
            Some(fault) => Err(refusal::refuse(&bytes, &read.index, &fault)),
        }
    }

    /// The complete rows in the first bytes of a file, for a first screen. Never fails: unreadable rows are left out.
    pub fn prefix(bytes: Vec<u8>) -> Manifest {
        let mut index = index::read(&bytes, &mut |_| true).index;
        // A number or word at the very end may continue in the missing bytes.
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

    /// Whether the file begins with a byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bytes.starts_with(b"\xef\xbb\xbf")
    }

    /// Number of rows.
    pub fn len(&self) -> u32 {
        self.index.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row as in the file. A row out of range reads as one that is not an object.
    pub fn row(&self, row: RowId) -> Row<'_> {
        Row::decode(self.element(row))
    }

    /// One field of [`Manifest::row`], but cheaper.
    pub fn value(&self, row: RowId, field: Field) -> Value<'_> {
        let element = self.element(row);
        let last = Members::of(element).filter(|member| member.field == Some(field)).last();
        last.map_or(Value::Absent, |member| Value::decode(element.get(member.value).unwrap_or_default()))
    }

    /// The element's bytes in the file. Empty for a row out of range.
    pub fn element(&self, row: RowId) -> &[u8] {
        self.index.span(row).and_then(|span| self.bytes.get(span)).unwrap_or_default()
    }

    /// Whether the element is a JSON object.
    pub fn is_object(&self, row: RowId) -> bool {
        self.element(row).first() == Some(&b'{')
    }

    /// Byte range of the element.
    pub fn row_span(&self, row: RowId) -> Option<Range<usize>> {
        self.index.span(row)
    }

    /// Byte range of the field's value with quotes (the last one, if the key is repeated).
    pub fn value_span(&self, row: RowId, field: Field) -> Option<Range<usize>> {
        let start = self.row_span(row)?.start;
        let element = self.element(row);
        let last = Members::of(element).filter(|member| member.field == Some(field)).last()?;
        Some(start + last.value.start..start + last.value.end)
    }

    /// Line and column of a byte offset, from 1; the column in characters.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        lines::line_column(&self.bytes, byte)
    }

    /// A line counter for many offsets, cheap when they ascend.
    pub fn lines(&self) -> Lines<'_> {
        Lines::of(&self.bytes)
    }

    /// The same from an offset on, whose line is known.
    pub fn lines_from(&self, byte: usize, line: usize) -> Lines<'_> {
        Lines::from(&self.bytes, byte, line)
    }
}
