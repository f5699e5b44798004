//! The end of the last fragment of a fragmented movie: the start of each track plus the durations of its samples.

use super::boxes::{self, Children, Piece};
use crate::video::bytes::{Held, Stop};
use crate::video::milliseconds;

/// Defaults that a track's fragments may omit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Track {
    pub id: u32,
    /// Ticks per second.
    pub scale: u32,
    /// Default duration of a sample, in ticks.
    pub sample: u32,
}

/// The end of the fragment at an offset, in milliseconds; None if there is none.
pub(super) fn end(held: &Held, place: u64, tracks: &[Track]) -> Result<Option<u64>, Stop> {
    let Some(moof) = boxes::at(held, place, held.size())?.filter(|piece| &piece.kind == b"moof") else {
        return Ok(None);
    };
    let mut latest = None;
    let mut children = Children::of(held, moof);
    while let Some(piece) = children.next()? {
        if &piece.kind == b"traf" {
            latest = latest.max(run(held, piece, tracks)?);
        }
    }
    Ok(latest)
}

fn run(held: &Held, traf: Piece, tracks: &[Track]) -> Result<Option<u64>, Stop> {
    let (mut track, mut start, mut lasts) = (Track::default(), None, 0_u64);
    let mut children = Children::of(held, traf);
    while let Some(piece) = children.next()? {
        match &piece.kind {
            b"tfhd" => track = head(held, piece, tracks)?,
            b"tfdt" if held.u8(piece.body)? == 1 => start = Some(held.u64(piece.body.saturating_add(4))?),
            b"tfdt" => start = Some(held.u32(piece.body.saturating_add(4))?.into()),
            b"trun" => lasts = lasts.saturating_add(samples(held, piece, track)?),
            _ => {}
        }
    }
    Ok(start.and_then(|start: u64| milliseconds(start.checked_add(lasts)?, track.scale)))
}

fn head(held: &Held, tfhd: Piece, tracks: &[Track]) -> Result<Track, Stop> {
    let flags = held.u32(tfhd.body)?;
    let id = held.u32(tfhd.body.saturating_add(4))?;
    let mut track = tracks.iter().find(|track| track.id == id).copied().unwrap_or_default();
    if flags & 0x8 != 0 {
        // After the optional data offset and sample description number.
        let before = 8 + if flags & 0x1 != 0 { 8 } else { 0 } + if flags & 0x2 != 0 { 4 } else { 0 };
        track.sample = held.u32(tfhd.body.saturating_add(before))?;
    }
    Ok(track)
}

/// The duration of a run of samples, in ticks.
fn samples(held: &Held, trun: Piece, track: Track) -> Result<u64, Stop> {
    let flags = held.u32(trun.body)?;
    let count = u64::from(held.u32(trun.body.saturating_add(4))?);
    if flags & 0x100 == 0 {
        return Ok(count.saturating_mul(track.sample.into()));
    }
    let has = |bit: u32, bytes: u64| if flags & bit != 0 { bytes } else { 0 };
    let table = trun.body.saturating_add(8 + has(0x1, 4) + has(0x4, 4));
    // Duration, size, flags, composition offset.
    let entry = 4 + has(0x200, 4) + has(0x400, 4) + has(0x800, 4);
    let mut lasts = 0_u64;
    for sample in 0..count {
        let place = table.saturating_add(entry * sample);
        if place >= trun.end {
            return Err(Stop::Bad);
        }
        lasts = lasts.saturating_add(held.u32(place)?.into());
    }
    Ok(lasts)
}
