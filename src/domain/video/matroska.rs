//! Matroska and WebM (RFC 8794, RFC 9559): reads the segment information and tracks, which are usually in the first few
//! KiB; otherwise the seek head locates them. Clusters are never read.

use super::bytes::{Held, Stop};
use super::{Container, Doubt, Facts, Length};

/// Most tracks examined.
const MOST_TRACKS: usize = 64;

const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const FLAG_ENABLED: u32 = 0xb9;
const CONTENT_ENCODINGS: u32 = 0x6d80;
const CONTENT_ENCODING: u32 = 0x6240;
const CONTENT_ENCRYPTION: u32 = 0x5035;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const CROP_BOTTOM: u32 = 0x54aa;
const CROP_TOP: u32 = 0x54bb;
const CROP_LEFT: u32 = 0x54cc;
const CROP_RIGHT: u32 = 0x54dd;
const DISPLAY_WIDTH: u32 = 0x54b0;
const DISPLAY_HEIGHT: u32 = 0x54ba;
const DISPLAY_UNIT: u32 = 0x54b2;
const PROJECTION: u32 = 0x7670;
const POSE_ROLL: u32 = 0x7675;
const CLUSTER: u32 = 0x1f43_b675;
const CUES: u32 = 0x1c53_bb6b;
const CHAPTERS: u32 = 0x1043_a770;
const TAGS: u32 = 0x1254_c367;
const ATTACHMENTS: u32 = 0x1941_a469;

/// Elements that end one of unknown length.
const TOP: [u32; 8] = [SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, CHAPTERS, TAGS, ATTACHMENTS];

/// The facts so far, and whether more bytes are needed for all of them.
pub(super) fn read(held: &Held) -> (Facts, Result<(), Stop>) {
    let mut segment = Segment { scale: 1_000_000, ..Segment::default() };
    let end = segment.walk(held);
    (segment.facts(), end)
}

/// An element without its header.
#[derive(Clone, Copy, Debug)]
struct Element {
    id: u32,
    body: u64,
    end: u64,
    /// Its length is unknown: it ends at the next element of its parent's level.
    is_open: bool,
}

/// The element at an offset; None at the end.
fn element(held: &Held, at: u64, limit: u64) -> Result<Option<Element>, Stop> {
    if at >= limit {
        return Ok(None);
    }
    let (id_len, id) = number(held, at, 4)?;
    let id = u32::try_from(id).map_err(|_| Stop::Bad)?;
    let size_at = at.checked_add(id_len).ok_or(Stop::Bad)?;
    let (size_len, marked) = number(held, size_at, 8)?;
    let body = size_at.checked_add(size_len).ok_or(Stop::Bad)?;
    // The first set bit marks the length of the number; all other bits set means unknown.
    let marker = 1_u64 << (7 * size_len);
    let size = marked & (marker - 1);
    let is_open = size == marker - 1;
    let end = if is_open { limit } else { body.checked_add(size).ok_or(Stop::Bad)? };
    Ok(Some(Element { id, body, end, is_open }))
}

/// A variable-length number with its marker, and its length in bytes.
fn number(held: &Held, at: u64, most: u32) -> Result<(u64, u64), Stop> {
    let first = held.u8(at)?;
    let len = first.leading_zeros() + 1;
    if len > most {
        return Err(Stop::Bad);
    }
    let mut value = u64::from(first);
    for offset in 1..u64::from(len) {
        value = value << 8 | u64::from(held.u8(at.checked_add(offset).ok_or(Stop::Bad)?)?);
    }
    Ok((len.into(), value))
}

/// Calls `each` for the children of an element. One that exceeds its parent is an error, after its turn.
fn children(held: &Held, parent: Element, mut each: impl FnMut(Element) -> Result<(), Stop>) -> Result<(), Stop> {
    let mut at = parent.body;
    while let Some(mut child) = element(held, at, parent.end)? {
        if parent.is_open && TOP.contains(&child.id) {
            break;
        }
        let is_torn = child.end > parent.end;
        child.end = child.end.min(parent.end);
        each(child)?;
        if is_torn {
            return Err(Stop::Bad);
        }
        if child.is_open {
            break;
        }
        at = child.end;
    }
    Ok(())
}

fn unsigned(held: &Held, element: Element) -> Result<u64, Stop> {
    let len = element.end.saturating_sub(element.body);
    if len > 8 {
        return Err(Stop::Bad);
    }
    (0..len).try_fold(0_u64, |value, offset| Ok(value << 8 | u64::from(held.u8(element.body + offset)?)))
}

fn float(held: &Held, element: Element) -> Result<f64, Stop> {
    match element.end.saturating_sub(element.body) {
        0 => Ok(0.0),
        4 => held.read(element.body).map(f32::from_be_bytes).map(f64::from),
        8 => held.read(element.body).map(f64::from_be_bytes),
        _ => Err(Stop::Bad),
    }
}

#[derive(Debug, Default)]
struct Segment {
    is_webm: bool,
    /// Nanoseconds per tick.
    scale: u64,
    ticks: Option<f64>,
    /// Completely read: what was not found doesn't exist.
    has_info: bool,
    has_tracks: bool,
    tracks: Vec<Track>,
    is_encrypted: bool,
    doubt: Option<Doubt>,
}

#[derive(Debug, Default)]
struct Track {
    /// 1 for video, 2 for audio.
    kind: u64,
    is_disabled: bool,
    video: Video,
}

#[derive(Clone, Copy, Debug, Default)]
struct Video {
    width: u64,
    height: u64,
    /// Cropped columns and rows.
    cropped: (u64, u64),
    display: (u64, u64),
    unit: u64,
    /// Counter-clockwise, in degrees.
    roll: f64,
}

impl Segment {
    fn walk(&mut self, held: &Held) -> Result<(), Stop> {
        let size = held.size();
        let mut at = 0;
        let segment = loop {
            let it = element(held, at, size)?.ok_or(Stop::End)?;
            match it.id {
                SEGMENT => break it,
                _ if it.is_open => return Err(Stop::Bad),
                EBML => self.doc_type(held, it)?,
                _ => {}
            }
            at = it.end;
        };
        let end = segment.end.min(size);
        let mut seeks: Vec<(u64, u64)> = Vec::new();
        at = segment.body;
        while !(self.has_info && self.has_tracks)
            && let Some(it) = element(held, at, end)?
        {
            match it.id {
                SEEK_HEAD => contents(held, it, &mut seeks)?,
                INFO => self.info(held, it)?,
                TRACKS => self.tracks(held, it)?,
                // What was not found yet comes after all frames; the seek head may locate it.
                CLUSTER => break,
                _ if it.is_open => break,
                _ => {}
            }
            at = if it.is_open { self.after(held, it)? } else { it.end };
        }
        for (wanted, has) in [(INFO, self.has_info), (TRACKS, self.has_tracks)] {
            let Some((_, position)) = seeks.iter().find(|(id, _)| !has && *id == u64::from(wanted)) else { continue };
            let at = segment.body.checked_add(*position).ok_or(Stop::Bad)?;
            match element(held, at, end)? {
                Some(it) if it.id == INFO && wanted == INFO => self.info(held, it)?,
                Some(it) if it.id == TRACKS && wanted == TRACKS => self.tracks(held, it)?,
                _ => return Err(Stop::Bad),
            }
        }
        if !segment.is_open && segment.end > size {
            self.doubt.get_or_insert(Doubt::Truncated);
        } else if !(self.has_info && self.has_tracks) {
            self.doubt.get_or_insert(Doubt::Unreadable);
        }
        Ok(())
    }

    /// The end of an element of unknown length.
    fn after(&self, held: &Held, open: Element) -> Result<u64, Stop> {
        let mut at = open.body;
        while let Some(child) = element(held, at, open.end)? {
            if TOP.contains(&child.id) || child.is_open {
                break;
            }
            at = child.end;
        }
        Ok(at.max(open.body))
    }

    fn doc_type(&mut self, held: &Held, ebml: Element) -> Result<(), Stop> {
        children(held, ebml, |it| {
            if it.id == DOC_TYPE && it.end.saturating_sub(it.body) >= 4 {
                self.is_webm = &held.read::<4>(it.body)? == b"webm";
            }
            Ok(())
        })
    }

    fn info(&mut self, held: &Held, info: Element) -> Result<(), Stop> {
        children(held, info, |it| {
            match it.id {
                TIMESTAMP_SCALE => self.scale = unsigned(held, it)?,
                DURATION => self.ticks = Some(float(held, it)?),
                _ => {}
            }
            Ok(())
        })?;
        self.has_info = true;
        Ok(())
    }

    fn tracks(&mut self, held: &Held, tracks: Element) -> Result<(), Stop> {
        children(held, tracks, |it| {
            if it.id != TRACK_ENTRY {
                return Ok(());
            }
            if self.tracks.len() >= MOST_TRACKS {
                self.doubt.get_or_insert(Doubt::Budget);
                return Err(Stop::Bad);
            }
            let mut track = Track::default();
            let end = self.track(held, it, &mut track);
            self.tracks.push(track);
            end
        })?;
        self.has_tracks = true;
        Ok(())
    }

    fn track(&mut self, held: &Held, entry: Element, track: &mut Track) -> Result<(), Stop> {
        children(held, entry, |it| {
            match it.id {
                TRACK_TYPE => track.kind = unsigned(held, it)?,
                FLAG_ENABLED => track.is_disabled = unsigned(held, it)? == 0,
                VIDEO => video(held, it, &mut track.video)?,
                CONTENT_ENCODINGS => children(held, it, |encoding| {
                    if encoding.id != CONTENT_ENCODING {
                        return Ok(());
                    }
                    children(held, encoding, |part| {
                        self.is_encrypted |= part.id == CONTENT_ENCRYPTION;
                        Ok(())
                    })
                })?,
                _ => {}
            }
            Ok(())
        })
    }

    fn has(&self, kind: u64) -> Option<bool> {
        if self.tracks.iter().any(|track| track.kind == kind && !track.is_disabled) {
            return Some(true);
        }
        let may = self.tracks.iter().any(|track| track.kind == kind || track.kind == 0);
        (self.has_tracks && !may).then_some(false)
    }

    fn length(&self) -> Option<Length> {
        /// A century: longer is an error.
        const MOST_MS: f64 = 3.2e12;
        let ticks = self.ticks.filter(|_| self.has_info)?;
        let ms = ticks * (self.scale as f64) / 1e6;
        // NaN fails both comparisons.
        (1.0..=MOST_MS).contains(&ms).then_some(Length { ms: ms.round() as u64, is_rough: false, media_ms: None })
    }

    fn facts(&self) -> Facts {
        let video = self.tracks.iter().find(|track| track.kind == 1 && !track.is_disabled).map(|track| track.video);
        let duration = self.length();
        let doubt = match duration {
            _ if self.is_encrypted => Some(Doubt::Encrypted),
            None if self.has_info => Some(Doubt::Unfinished),
            _ => None,
        };
        Facts {
            container: if self.is_webm { Container::WebM } else { Container::Matroska },
            duration,
            coded: video.and_then(|video| pixels(video.width, video.height)),
            display: video.and_then(Video::display),
            rotation: video.map_or(0, Video::rotation),
            has_video: self.has(1),
            has_audio: self.has(2),
            doubt: self.doubt.or(doubt),
            teller: None,
        }
    }
}

impl Video {
    /// Clockwise, as the nearest quarter turn.
    fn rotation(self) -> u16 {
        match ((-self.roll / 90.0).round()).rem_euclid(4.0) {
            1.0 => 90,
            2.0 => 180,
            3.0 => 270,
            _ => 0,
        }
    }

    fn display(self) -> Option<(u32, u32)> {
        let shown = (self.width.checked_sub(self.cropped.0)?, self.height.checked_sub(self.cropped.1)?);
        match (self.display, self.unit) {
            ((0, _) | (_, 0), _) => pixels(shown.0, shown.1),
            ((width, height), 0) => pixels(width, height),
            // Centimetres, inches or a ratio: they only give the shape.
            ((across, down), 1..=3) => {
                let wide = u128::from(shown.1) * u128::from(across) / u128::from(down);
                pixels(u64::try_from(wide).ok()?, shown.1)
            }
            _ => None,
        }
    }
}

/// None for a picture without pixels, or with too many to count.
fn pixels(width: u64, height: u64) -> Option<(u32, u32)> {
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn video(held: &Held, parent: Element, video: &mut Video) -> Result<(), Stop> {
    children(held, parent, |it| {
        let slot = match it.id {
            PIXEL_WIDTH => &mut video.width,
            PIXEL_HEIGHT => &mut video.height,
            DISPLAY_WIDTH => &mut video.display.0,
            DISPLAY_HEIGHT => &mut video.display.1,
            DISPLAY_UNIT => &mut video.unit,
            PROJECTION => {
                return children(held, it, |part| {
                    if part.id == POSE_ROLL {
                        video.roll = float(held, part)?;
                    }
                    Ok(())
                });
            }
            CROP_LEFT | CROP_RIGHT => {
                video.cropped.0 = video.cropped.0.saturating_add(unsigned(held, it)?);
                return Ok(());
            }
            CROP_TOP | CROP_BOTTOM => {
                video.cropped.1 = video.cropped.1.saturating_add(unsigned(held, it)?);
                return Ok(());
            }
            _ => return Ok(()),
        };
        *slot = unsigned(held, it)?;
        Ok(())
    })
}

/// The seek head: element ids and their positions in the segment.
fn contents(held: &Held, seek_head: Element, seeks: &mut Vec<(u64, u64)>) -> Result<(), Stop> {
    children(held, seek_head, |seek| {
        if seek.id != SEEK {
            return Ok(());
        }
        let (mut id, mut position) = (0, None);
        children(held, seek, |it| {
            match it.id {
                SEEK_ID => id = unsigned(held, it)?,
                SEEK_POSITION => position = Some(unsigned(held, it)?),
                _ => {}
            }
            Ok(())
        })?;
        // The first entry of a kind counts; unused kinds are not kept.
        if let Some(position) = position
            && (id == u64::from(INFO) || id == u64::from(TRACKS))
            && seeks.iter().all(|(known, _)| *known != id)
        {
            seeks.push((id, position));
        }
        Ok(())
    })
}
