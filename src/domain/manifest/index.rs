//! The position of each row: 16 bytes per row, in shared chunks, so a partial index can be handed out cheaply while the
//! rest is being read. serde_json validates; this module never judges JSON itself.

use super::RowId;
use serde::Deserializer as _;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Rows per chunk and per call of `progress`: about 4 ms of reading.
const CHUNK: usize = 8192;

type Chunk = Arc<Vec<(usize, usize)>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// All full except the last.
    chunks: Arc<Vec<Chunk>>,
    len: RowId,
}

impl Index {
    pub fn len(&self) -> RowId {
        self.len
    }

    pub fn span(&self, row: RowId) -> Option<Range<usize>> {
        let row = row as usize;
        let &(start, end) = self.chunks.get(row / CHUNK)?.get(row % CHUNK)?;
        Some(start..end)
    }

    pub fn without_last(&self) -> Index {
        let mut chunks = self.chunks.as_ref().clone();
        if let Some(last) = chunks.last_mut() {
            Arc::make_mut(last).pop();
        }
        Index { chunks: Arc::new(chunks), len: self.len.saturating_sub(1) }
    }
}

/// Why reading stopped early.
#[derive(Debug)]
pub(super) enum Fault {
    /// Invalid UTF-8 from this offset on.
    Encoding {
        byte: usize,
    },
    TooManyRows {
        byte: usize,
    },
    Syntax {
        error: serde_json::Error,
    },
}

#[derive(Debug)]
pub(super) struct Reading {
    /// All well-formed rows before the fault.
    pub index: Index,
    pub fault: Option<Fault>,
}

/// Indexes the array's elements. `progress` gets the index so far and returns false to stop.
///
/// Not generic: a generic function is compiled, and optimised, in the package that calls it.
pub(super) fn read(bytes: &[u8], progress: &mut dyn FnMut(Index) -> bool) -> Reading {
    // serde_json would report invalid UTF-8 only at the end of the row. Checking first gives the exact position, and
    // rows need no check of their own.
    let (text, encoding) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let byte = error.valid_up_to();
            let text = bytes.get(..byte).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
            (text, Some(byte))
        }
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut rows = Rows { start: bytes.as_ptr() as usize, full: Vec::new(), open: Vec::new(), progress, stop: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let syntax = json.deserialize_seq(&mut rows).and_then(|()| json.end()).err();
    let fault = match (rows.stop.take(), syntax, encoding) {
        (Some(Stop::Asked), ..) => None,
        (Some(Stop::TooManyRows(byte)), ..) => Some(Fault::TooManyRows { byte }),
        // The text is cut at the invalid byte, so the missing end is an encoding fault.
        (None, Some(error), Some(byte)) if error.is_eof() => Some(Fault::Encoding { byte }),
        (None, None, Some(byte)) => Some(Fault::Encoding { byte }),
        (None, Some(error), _) => Some(Fault::Syntax { error }),
        (None, None, None) => None,
    };
    Reading { index: rows.index(), fault }
}

enum Stop {
    Asked,
    /// The offset of the first row beyond the limit.
    TooManyRows(usize),
}

struct Rows<P> {
    /// The address of the file's first byte.
    start: usize,
    full: Vec<Chunk>,
    open: Vec<(usize, usize)>,
    progress: P,
    stop: Option<Stop>,
}

impl<P> Rows<P> {
    fn index(&self) -> Index {
        let mut chunks = self.full.clone();
        if !self.open.is_empty() {
            chunks.push(Arc::new(self.open.clone()));
        }
        Index { chunks: Arc::new(chunks), len: self.len() }
    }

    /// Never more than [`RowId::MAX`]: `visit_seq` stops there.
    fn len(&self) -> RowId {
        RowId::try_from(self.full.len() * CHUNK + self.open.len()).unwrap_or(RowId::MAX)
    }
}

impl<'de, P: FnMut(Index) -> bool> Visitor<'de> for &mut Rows<P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let start = element.get().as_ptr() as usize - self.start;
            if self.len() == RowId::MAX {
                self.stop = Some(Stop::TooManyRows(start));
                return Err(A::Error::custom("too many rows"));
            }
            self.open.push((start, start + element.get().len()));
            if self.open.len() == CHUNK {
                self.full.push(Arc::new(std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK))));
                let index = self.index();
                if !(self.progress)(index) {
                    self.stop = Some(Stop::Asked);
                    return Err(A::Error::custom("stopped"));
                }
            }
        }
        Ok(())
    }
}
