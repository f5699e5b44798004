//! The length of a fragmented MP4. Its movie header says 0, which is never right: use the announced length (`mehd`),
//! the segment index (`sidx`) or the fragment index (`mfra`).

use super::boxes::{self, Children, Piece};
use super::last;
use crate::video::bytes::{Held, Stop};
use crate::video::{FIRST, Length, milliseconds};

/// Tolerated difference between the announced and the proven length, in milliseconds: the priming of the sound.
const SAME_MS: u64 = 1_000;

/// Most tracks whose defaults are kept.
const MOST_TRACKS: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The movie is fragmented.
    pub are_there: bool,
    /// The segment index names bytes after the end of the object.
    pub is_cut: bool,
    /// In ticks of the movie's clock. A promise made before the first fragment was written.
    announced: Option<u64>,
    segments_ms: Option<u64>,
    last_end_ms: Option<u64>,
    /// (track, default sample duration in ticks).
    samples: Vec<(u32, u32)>,
}

impl Pieces {
    pub fn length(&self, movie_scale: u32) -> Option<Length> {
        let announced = self.announced.and_then(|ticks| milliseconds(ticks, movie_scale)).map(|ms| (ms, false));
        // Only an index that reaches the end of the file proves that all fragments are there.
        let proven = self.segments_ms.or(self.last_end_ms).filter(|ms| *ms > 0)?;
        let kept = announced.filter(|(ms, _)| ms.abs_diff(proven) <= SAME_MS);
        let (ms, is_rough) = kept.unwrap_or((proven, true));
        Some(Length { ms, is_rough, media_ms: None })
    }

    /// `mvex`: the movie is fragmented; it may state the total length.
    pub fn announce(&mut self, held: &Held, mvex: Piece) -> Result<(), Stop> {
        self.are_there = true;
        let mut children = Children::of(held, mvex);
        while let Some(piece) = children.next()? {
            if &piece.kind == b"trex" && self.samples.len() < MOST_TRACKS {
                let sample = held.u32(piece.body.saturating_add(12))?;
                self.samples.push((held.u32(piece.body.saturating_add(4))?, sample));
            } else if &piece.kind == b"mehd" {
                let ticks = match held.u8(piece.body)? {
                    1 => Some(held.u64(piece.body.saturating_add(4))?).filter(|ticks| *ticks != u64::MAX),
                    _ => {
                        Some(held.u32(piece.body.saturating_add(4))?).filter(|ticks| *ticks != u32::MAX).map(Into::into)
                    }
                };
                self.announced = ticks.filter(|ticks| *ticks > 0);
            }
        }
        Ok(())
    }

    /// `sidx`: the segments and their lengths. Counts only if it covers the whole file, not just the first segment.
    pub fn segments(&mut self, held: &Held, sidx: Piece) -> Result<(), Stop> {
        self.are_there = true;
        let body = sidx.body;
        let at = |offset: u64| body.checked_add(offset).filter(|at| *at < sidx.end).ok_or(Stop::Bad);
        let scale = held.u32(at(8)?)?;
        let (offset, table) = match held.u8(body)? {
            1 => (held.u64(at(20)?)?, 28),
            _ => (held.u32(at(16)?)?.into(), 20),
        };
        let count = held.u16(at(table + 2)?)?;
        let mut ticks = 0_u64;
        let mut covered = sidx.end.saturating_add(offset);
        for entry in 0..u64::from(count) {
            let [a, b, c, d, e, f, g, h] = held.read::<8>(at(table + 4 + 12 * entry)?)?;
            covered = covered.saturating_add((u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff).into());
            ticks = ticks.saturating_add(u32::from_be_bytes([e, f, g, h]).into());
        }
        self.is_cut |= covered > held.size();
        let goes_on = match boxes::at(held, covered, held.size()) {
            Ok(Some(next)) => matches!(&next.kind, b"moof" | b"styp" | b"sidx" | b"emsg" | b"prft" | b"mdat"),
            Ok(None) => false,
            Err(Stop::Missing(range)) => return Err(Stop::Missing(range)),
            Err(_) => true,
        };
        if !goes_on && !self.is_cut {
            self.segments_ms = self.segments_ms.max(milliseconds(ticks, scale).filter(|ms| *ms > 0));
        }
        Ok(())
    }

    /// `mfra` at the end of the file lists fragment offsets; the last fragment gives the end. `clocks`: (track, ticks
    /// per second).
    pub fn random_access(&mut self, held: &Held, clocks: &[(u32, u32)]) -> Result<(), Stop> {
        let Some(tail) = held.size().checked_sub(16) else { return Ok(()) };
        let [0, 0, 0, 16, b'm', b'f', b'r', b'o', _, _, _, _, len @ ..] = (match held.read::<16>(tail) {
            // The index follows the last fragment: one request usually covers both its end and its start.
            Err(Stop::Missing(_)) => return Err(Stop::Missing(held.size().saturating_sub(FIRST)..held.size())),
            read => read?,
        }) else {
            return Ok(());
        };
        let Some(start) = held.size().checked_sub(u32::from_be_bytes(len).into()) else { return Ok(()) };
        let Some(mfra) = boxes::at(held, start, held.size())?.filter(|piece| &piece.kind == b"mfra") else {
            return Ok(());
        };
        let mut place = None;
        let mut children = Children::of(held, mfra);
        while let Some(piece) = children.next()? {
            if &piece.kind == b"tfra" {
                place = place.max(last_place(held, piece)?);
            }
        }
        let Some(place) = place else { return Ok(()) };
        let sample = |id: u32| self.samples.iter().find(|(track, _)| *track == id).map_or(0, |(_, sample)| *sample);
        let tracks: Vec<last::Track> =
            clocks.iter().map(|(id, scale)| last::Track { id: *id, scale: *scale, sample: sample(*id) }).collect();
        self.last_end_ms = last::end(held, place, &tracks)?;
        Ok(())
    }
}

/// The last fragment offset in `tfra`.
fn last_place(held: &Held, tfra: Piece) -> Result<Option<u64>, Stop> {
    let at = |offset: u64| tfra.body.checked_add(offset).filter(|at| *at < tfra.end).ok_or(Stop::Bad);
    let is_long = held.u8(at(0)?)? == 1;
    let [.., lengths] = held.read::<4>(at(8)?)?;
    let numbers = [lengths >> 4 & 3, lengths >> 2 & 3, lengths & 3].map(|length| u64::from(length) + 1);
    let entry = numbers.iter().sum::<u64>() + if is_long { 16 } else { 8 };
    let Some(last) = held.u32(at(12)?)?.checked_sub(1) else { return Ok(None) };
    let last = 16 + entry * u64::from(last);
    Ok(Some(if is_long { held.u64(at(last + 8)?)? } else { held.u32(at(last + 4)?)?.into() }))
}
