//! The bytes to save: ranges of the base between the bytes of edits. Copies nothing.

use super::edits::Edits;
use crate::manifest::{Field, Manifest, Member, Members, RowId};
use std::collections::VecDeque;
use std::iter::Peekable;
use std::ops::Range;

#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub bytes: &'a [u8],
    /// Borrowed from the base at this offset.
    pub untouched: bool,
}

/// Iterates over the edited rows, ascending; each removes or inserts some bytes.
pub(super) struct Pieces<'a> {
    base: &'a Manifest,
    edits: &'a Edits,
    rows: Peekable<Box<dyn Iterator<Item = RowId> + 'a>>,
    /// The base is emitted up to this offset.
    at: usize,
    ready: VecDeque<Piece<'a>>,
    ended: bool,
}

impl<'a> Pieces<'a> {
    pub fn of(base: &'a Manifest, edits: &'a Edits) -> Pieces<'a> {
        let rows: Box<dyn Iterator<Item = RowId> + 'a> = Box::new(edits.edited.iter());
        Pieces { base, edits, rows: rows.peekable(), at: 0, ready: VecDeque::new(), ended: false }
    }

    /// One row alone, even if it is excluded.
    pub fn row(base: &'a Manifest, edits: &'a Edits, row: RowId) -> Pieces<'a> {
        let span = base.row_span(row).unwrap_or_default();
        let rows: Box<dyn Iterator<Item = RowId> + 'a> = Box::new(std::iter::empty());
        let (rows, ready) = (rows.peekable(), VecDeque::new());
        let mut pieces = Pieces { base, edits, rows, at: span.start, ready, ended: true };
        pieces.change_row(row);
        pieces.copy_to(span.end);
        pieces
    }

    /// Advances to the next edited row, or to the end of the base.
    fn advance(&mut self) {
        let Some(row) = self.rows.next() else {
            self.copy_to(self.base.bytes().len());
            self.ended = true;
            return;
        };
        if let Some((start, end)) = self.edits.excluded.range_of(row) {
            while self.rows.next_if(|&row| row < end).is_some() {}
            if let Some(gone) = self.gone(start, end) {
                self.copy_to(gone.start);
                self.at = gone.end;
            }
        } else {
            self.change_row(row);
        }
    }

    /// Bytes to remove for a run of excluded rows: with a row before it, everything after that row; otherwise
    /// everything up to the next row that stays; if no row stays, all but the blanks before the `]`.
    fn gone(&self, start: RowId, end: RowId) -> Option<Range<usize>> {
        let first = self.base.row_span(start)?;
        let last = self.base.row_span(end - 1)?;
        match (start.checked_sub(1), self.base.row_span(end)) {
            (Some(kept), _) => Some(self.base.row_span(kept)?.end..last.end),
            (None, Some(kept)) => Some(first.start..kept.start),
            (None, None) => {
                let before = self.base.bytes().get(..first.start)?;
                Some(memchr::memchr(b'[', before)? + 1..last.end)
            }
        }
    }

    fn change_row(&mut self, row: RowId) {
        let (Some(span), base) = (self.base.row_span(row), self.base) else { return };
        let element = base.element(row);
        let mut style: Option<Style<'a>> = None;
        let mut last = [const { None }; 4];
        for member in Members::of(element) {
            if let Some(field) = member.field
                && let Some(last) = last.get_mut(field as usize)
            {
                *last = Some(member.value);
            }
        }
        let mut known: Vec<(Option<Range<usize>>, Field)> = last.into_iter().zip(Field::ALL).collect();
        known.sort_by_key(|(value, _)| value.as_ref().map_or(usize::MAX, |value| value.start));
        for (value, field) in known {
            let Some(json) = self.edits.json(row, field) else { continue };
            match value {
                Some(value) => {
                    self.copy_to(span.start + value.start);
                    self.put(json.as_bytes());
                    self.at = span.start + value.end;
                }
                None => {
                    let like = style.unwrap_or_else(|| Style::of(element));
                    self.copy_to(span.start + like.after);
                    let [comma, blanks] = like.separator;
                    for part in [comma, blanks, b"\"", field.name().as_bytes(), b"\"", like.colon, json.as_bytes()] {
                        self.put(part);
                    }
                    style = Some(like.following());
                }
            }
        }
    }

    fn copy_to(&mut self, end: usize) {
        let bytes = self.base.bytes().get(self.at..end).unwrap_or_default();
        self.ready.push_back(Piece { bytes, untouched: true });
        self.at = end.max(self.at);
    }

    fn put(&mut self, bytes: &'a [u8]) {
        self.ready.push_back(Piece { bytes, untouched: false });
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            match self.ready.pop_front() {
                Some(piece) if !piece.bytes.is_empty() => return Some(piece),
                Some(_) => {}
                None if self.ended => return None,
                None => self.advance(),
            }
        }
    }
}

/// How a row formats its members, copied when one is added.
#[derive(Clone, Copy)]
struct Style<'a> {
    /// Where to insert: after the last documented field, else after the last member.
    after: usize,
    /// The text between two members, in two parts.
    separator: [&'a [u8]; 2],
    /// The text between a key and its value.
    colon: &'a [u8],
}

impl<'a> Style<'a> {
    fn of(element: &'a [u8]) -> Style<'a> {
        let members: Vec<Member> = Members::of(element).collect();
        let known = members.iter().rposition(|member| member.field.is_some());
        let (before, after) = members.split_at(known.map_or(members.len(), |at| at + 1));
        let Some(model) = before.last() else {
            return Style { after: 1, separator: [b"", b""], colon: b": " };
        };
        let slice = |range: Range<usize>| element.get(range).unwrap_or_default();
        let between = |left: &Member, right: &Member| slice(left.value.end..right.key.start - 1);
        let separator = match (before, after) {
            ([.., left, right], _) => [between(left, right), b""],
            ([left], [right, ..]) => [between(left, right), b""],
            _ => [b",", slice(1..model.key.start - 1)],
        };
        Style { after: model.value.end, separator, colon: slice(model.key.end + 1..model.value.start) }
    }

    /// The style for the next added member: in an empty object only the first one has no comma before it.
    fn following(self) -> Style<'a> {
        if self.separator == [b"", b""] { Style { separator: [b", ", b""], ..self } } else { self }
    }
}
