//! One track of a movie: its kind, length and picture size. Stops as soon as they are known, so that the sample tables
//! after them are never read.

use super::boxes::{self, Children, Piece};
use super::pixel::{self, Shape};
use crate::video::bytes::{Held, Stop};
use crate::video::milliseconds;

#[derive(Debug, Default)]
pub(super) struct Track {
    pub id: u32,
    pub is_enabled: bool,
    /// `vide`, `soun`, `tmcd`, `text`.
    pub kind: Option<[u8; 4]>,
    /// Ticks per second of the track's clock.
    pub scale: u32,
    pub media_ms: Option<u64>,
    pub coded: Option<(u32, u32)>,
    /// Clockwise, in degrees.
    pub rotation: u16,
    pub is_encrypted: bool,
    /// From the track header.
    shown: Option<(u32, u32)>,
    /// Of one pixel.
    pixel: Option<Shape>,
    codec: [u8; 4],
}

impl Track {
    pub fn is(&self, kind: &[u8; 4]) -> bool {
        self.kind.as_ref() == Some(kind)
    }

    /// A chapter image or cover, or a video of such images.
    pub fn is_still(&self) -> bool {
        matches!(&self.codec, b"jpeg" | b"png ")
    }

    /// Width and height as shown, before rotation. Some writers repeat the coded size here and leave the pixel shape to
    /// the sample description.
    pub fn display(&self) -> Option<(u32, u32)> {
        let (Some((width, height)), Some(pixel)) = (self.coded, self.pixel) else { return self.shown };
        if self.shown.is_some_and(|shown| shown != (width, height)) {
            return self.shown;
        }
        let (across, down) = match pixel {
            Shape::Told(across, down) if across != down => (across, down),
            Shape::Told(..) | Shape::Open => return self.shown,
            Shape::Unknown => return None,
        };
        let wide = (u64::from(width) * u64::from(across) + u64::from(down) / 2).checked_div(down.into());
        wide.and_then(|wide| u32::try_from(wide).ok())
            .filter(|wide| *wide > 0)
            .map(|wide| (wide, height))
            .or(self.shown)
    }

    /// Reads `trak`. What was found before it stopped is kept.
    pub fn read(&mut self, held: &Held, trak: Piece) -> Result<(), Stop> {
        let mut children = Children::of(held, trak);
        let (mut has_head, mut has_media) = (false, false);
        while !(has_head && has_media)
            && let Some(piece) = children.next()?
        {
            match &piece.kind {
                b"tkhd" => {
                    self.head(held, piece)?;
                    has_head = true;
                }
                b"mdia" => {
                    self.media(held, piece)?;
                    has_media = true;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn head(&mut self, held: &Held, tkhd: Piece) -> Result<(), Stop> {
        let [version, .., flags] = held.read::<4>(tkhd.body)?;
        let wider = if version == 1 { 8 } else { 0 };
        let at = |offset: u64| tkhd.body.checked_add(offset).filter(|at| *at < tkhd.end).ok_or(Stop::Bad);
        self.is_enabled = flags & 1 == 1;
        self.id = held.u32(at(12 + wider)?)?;
        // Times and length take 12 more bytes in version 1.
        let matrix = at(40 + wider * 3 / 2)?;
        let signed = |offset: u64| held.u32(matrix.saturating_add(offset)).map(u32::cast_signed);
        self.rotation = rotation(signed(0)?, signed(4)?, signed(12)?, signed(16)?);
        let size = (held.u32(matrix.saturating_add(36))?, held.u32(matrix.saturating_add(40))?);
        self.shown = Some((whole(size.0), whole(size.1))).filter(|(width, height)| *width > 0 && *height > 0);
        Ok(())
    }

    fn media(&mut self, held: &Held, mdia: Piece) -> Result<(), Stop> {
        let mut children = Children::of(held, mdia);
        let (mut has_clock, mut has_description) = (false, false);
        while !(has_clock && has_description && self.kind.is_some())
            && let Some(piece) = children.next()?
        {
            match &piece.kind {
                b"mdhd" => {
                    let (scale, ticks) = boxes::clock(held, piece)?;
                    self.scale = scale;
                    self.media_ms = ticks.and_then(|ticks| milliseconds(ticks, scale));
                    has_clock = true;
                }
                b"hdlr" => self.kind = Some(held.read(piece.body.saturating_add(8))?),
                b"minf" => {
                    match self.description(held, piece) {
                        // For other tracks this would only show whether they are encrypted, which is not worth a
                        // request.
                        Err(Stop::Missing(_)) if self.kind.is_some() && !self.is(b"vide") => {}
                        end => end?,
                    }
                    has_description = true;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The first sample description: `minf/stbl/stsd`.
    fn description(&mut self, held: &Held, minf: Piece) -> Result<(), Stop> {
        let mut parent = minf;
        for kind in [b"stbl", b"stsd"] {
            let mut children = Children::of(held, parent);
            parent = loop {
                match children.next()? {
                    Some(piece) if piece.kind == *kind => break piece,
                    Some(_) => {}
                    None => return Ok(()),
                }
            };
        }
        let Some(entry) = Children::between(held, parent.body.saturating_add(8), parent.end).next()? else {
            return Ok(());
        };
        self.codec = entry.kind;
        self.is_encrypted = matches!(&entry.kind, b"encv" | b"enca");
        if entry.end.saturating_sub(entry.body) < 28 || self.kind.is_some() && !self.is(b"vide") {
            return Ok(());
        }
        let size = (held.u16(entry.body + 24)?.into(), held.u16(entry.body + 26)?.into());
        self.coded = Some(size).filter(|(width, height)| *width > 0 && *height > 0);
        // Read it if it is at hand, but don't request it.
        let mut told = None;
        let mut extensions = Children::between(held, entry.body.saturating_add(78), entry.end);
        while let Ok(Some(piece)) = extensions.next() {
            let content = || held.at_hand(piece.body, piece.end);
            match &piece.kind {
                b"pasp" => {
                    let (across, down) = (held.u32(piece.body), held.u32(piece.body.saturating_add(4)));
                    if let (Ok(across @ 1..), Ok(down @ 1..)) = (across, down) {
                        told = Some(Shape::Told(across, down));
                    }
                }
                b"avcC" => self.pixel = Some(content().map_or(Shape::Unknown, pixel::of_avc)),
                b"esds" => self.pixel = Some(content().map_or(Shape::Unknown, pixel::of_mpeg4)),
                _ => {}
            }
        }
        // The box of the file counts before the header of the codec.
        self.pixel = told.or(self.pixel);
        Ok(())
    }
}

/// The integer part of a 16.16 fixed-point number.
fn whole(fixed: u32) -> u32 {
    (fixed >> 16) + (fixed >> 15 & 1)
}

/// The clockwise quarter turn nearest to the matrix `a b / c d`. Mirroring doesn't count as rotation.
fn rotation(a: i32, b: i32, c: i32, d: i32) -> u16 {
    let (a, b, c, d) = (i64::from(a), i64::from(b), i64::from(c), i64::from(d));
    if a.abs() + d.abs() >= b.abs() + c.abs() {
        if a < 0 && d < 0 { 180 } else { 0 }
    } else if b > 0 && c < 0 {
        90
    } else if b < 0 && c > 0 {
        270
    } else {
        // Rotated and mirrored: 90 or 270 are equally valid, but it is on its side.
        90
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarter_turns_are_read_from_the_matrix() {
        const ONE: i32 = 0x1_0000;
        for (matrix, degrees) in [
            ([ONE, 0, 0, ONE], 0),
            ([0, ONE, -ONE, 0], 90),
            ([-ONE, 0, 0, -ONE], 180),
            ([0, -ONE, ONE, 0], 270),
            ([-ONE, 0, 0, ONE], 0),
            ([0, 0, 0, 0], 0),
            ([i32::MIN, i32::MIN, i32::MIN, i32::MIN], 180),
        ] {
            let [a, b, c, d] = matrix;
            assert_eq!(rotation(a, b, c, d), degrees, "{matrix:?}");
        }
    }

    #[test]
    fn the_shape_of_a_pixel_counts_where_the_header_only_repeats_the_coded_size() {
        let track = Track {
            coded: Some((640, 360)),
            shown: Some((640, 360)),
            pixel: Some(Shape::Told(4, 3)),
            kind: Some(*b"vide"),
            ..Track::default()
        };
        assert_eq!(track.display(), Some((853, 360)));
        let track = Track { pixel: Some(Shape::Told(1, 10_000)), ..track };
        assert_eq!(track.display(), Some((640, 360)), "no picture is so thin that nothing is left");
        let track = Track { pixel: Some(Shape::Unknown), ..track };
        assert_eq!(track.display(), None, "it stands in the frames");
        let track = Track { shown: Some((800, 360)), ..track };
        assert_eq!(track.display(), Some((800, 360)));
    }
}
