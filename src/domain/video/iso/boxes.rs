//! Boxes: a length, four letters, content. Lengths are never trusted, but checked against the enclosing box.

use crate::video::bytes::{Held, Stop};

/// A box without its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub kind: [u8; 4],
    /// Start of its content.
    pub body: u64,
    /// Its end according to its own length.
    pub end: u64,
}

/// The box at an offset; None at the end, or if there is no room for one.
pub(super) fn at(held: &Held, at: u64, limit: u64) -> Result<Option<Piece>, Stop> {
    if at.checked_add(8).is_none_or(|head| head > limit) {
        return Ok(None);
    }
    let [a, b, c, d, kind @ ..] = held.read::<8>(at)?;
    let (head, len) = match u32::from_be_bytes([a, b, c, d]) {
        // Extends to the end of the enclosing box.
        0 => (8, limit - at),
        1 => (16, held.u64(at + 8)?),
        len => (8, len.into()),
    };
    let end = at.checked_add(len).filter(|_| len >= head).ok_or(Stop::Bad)?;
    Ok(Some(Piece { kind, body: at + head, end }))
}

/// Iterates over the boxes in a box. One that exceeds the enclosing box is cut and is the last.
#[derive(Debug)]
pub(super) struct Children<'a> {
    held: &'a Held,
    at: u64,
    limit: u64,
    is_torn: bool,
}

impl<'a> Children<'a> {
    pub fn of(held: &'a Held, parent: Piece) -> Children<'a> {
        Children::between(held, parent.body, parent.end)
    }

    pub fn between(held: &'a Held, at: u64, limit: u64) -> Children<'a> {
        Children { held, at, limit, is_torn: false }
    }

    /// # Errors
    /// [`Stop::Bad`] after a box that was cut: what follows it is unknown.
    pub fn next(&mut self) -> Result<Option<Piece>, Stop> {
        if self.is_torn {
            return Err(Stop::Bad);
        }
        let Some(mut piece) = at(self.held, self.at, self.limit)? else { return Ok(None) };
        if piece.end > self.limit {
            self.is_torn = true;
            piece.end = self.limit;
        }
        self.at = piece.end;
        Ok(Some(piece))
    }
}

/// Ticks per second, and a length in ticks, from `mvhd` or `mdhd`. All bits set means an unknown length.
pub(super) fn clock(held: &Held, piece: Piece) -> Result<(u32, Option<u64>), Stop> {
    let at = |offset: u64| piece.body.checked_add(offset).filter(|at| *at < piece.end).ok_or(Stop::Bad);
    if held.u8(at(0)?)? == 1 {
        let ticks = held.u64(at(24)?)?;
        Ok((held.u32(at(20)?)?, (ticks != u64::MAX).then_some(ticks)))
    } else {
        let ticks = held.u32(at(16)?)?;
        Ok((held.u32(at(12)?)?, (ticks != u32::MAX).then_some(ticks.into())))
    }
}
