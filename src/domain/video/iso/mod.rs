//! MP4, MOV, M4V, 3GP (ISO/IEC 14496-12 and QuickTime): finds the headers of the movie and each track. Sample tables
//! are skipped, so a movie of hours costs about one block per track.

mod boxes;
mod last;
mod pieces;
mod pixel;
mod track;

use super::bytes::{Held, Stop};
use super::{Container, Doubt, Facts, Length, milliseconds};
use boxes::{Children, Piece};
use pieces::Pieces;
use track::Track;

/// Most tracks examined.
const MOST_TRACKS: usize = 64;

/// Tolerated difference between tracks and movie, in milliseconds: the last frame, the priming of the sound.
const SAME_MS: u64 = 250;

/// The facts so far, and whether more bytes are needed for all of them.
pub(super) fn read(held: &Held) -> (Facts, Result<(), Stop>) {
    let mut movie = Movie::default();
    let end = movie.walk(held);
    (movie.facts(), end)
}

/// What was found so far.
#[derive(Debug, Default)]
struct Movie {
    brand: Option<Box<str>>,
    /// Ticks per second of the movie's clock.
    scale: u32,
    /// The movie's length in ticks; None if it says unknown.
    ticks: Option<u64>,
    tracks: Vec<Track>,
    pieces: Pieces,
    /// Every track was examined: what was not found doesn't exist.
    is_whole: bool,
    /// Nothing further could change the facts.
    is_enough: bool,
    doubt: Option<Doubt>,
}

impl Movie {
    fn walk(&mut self, held: &Held) -> Result<(), Stop> {
        let mut at = 0;
        let (mut has_movie, mut has_frames) = (false, false);
        while let Some(piece) = boxes::at(held, at, held.size())? {
            match &piece.kind {
                b"ftyp" => self.brand = Some(brand(held.read(piece.body)?)),
                b"moov" => {
                    has_movie = true;
                    self.movie(held, piece)?;
                    if piece.end > held.size() {
                        return Err(Stop::End);
                    }
                    if !self.pieces.are_there {
                        if !self.frames_behind(held, piece.end)? && !has_frames && self.length().is_some() {
                            self.doubt.get_or_insert(Doubt::Frameless);
                        }
                        return Ok(());
                    }
                }
                b"sidx" => self.pieces.segments(held, piece)?,
                b"moof" => {
                    self.pieces.are_there = true;
                    if self.is_rest_cut(held, at) {
                        return Err(Stop::End);
                    }
                    break;
                }
                b"mdat" if piece.end > held.size() => return Err(Stop::End),
                b"mdat" if has_movie => break,
                b"mdat" => has_frames |= piece.end > piece.body,
                _ => {}
            }
            at = piece.end;
        }
        if self.pieces.are_there && has_movie && self.length().is_none() {
            let clocks: Vec<(u32, u32)> = self.tracks.iter().map(|track| (track.id, track.scale)).collect();
            self.pieces.random_access(held, &clocks)?;
        } else if !has_movie && !self.pieces.are_there {
            self.doubt.get_or_insert(Doubt::Headless);
        }
        if self.pieces.is_cut { Err(Stop::End) } else { Ok(()) }
    }

    /// Reads the movie header. Missing bytes are not requested if they can't add anything.
    fn movie(&mut self, held: &Held, moov: Piece) -> Result<(), Stop> {
        let mut children = Children::of(held, moov);
        loop {
            match self.child(held, &mut children) {
                Ok(true) => {}
                Ok(false) => {
                    self.is_whole = !self.tracks.is_empty();
                    if !self.is_whole {
                        // A compressed header, or one that only refers to other files.
                        self.doubt.get_or_insert(Doubt::Unreadable);
                    }
                    return Ok(());
                }
                // A fragmented movie's header has no tables that could push its end out of reach.
                Err(Stop::Missing(_)) if self.knows_all() => {
                    self.is_enough = true;
                    return Ok(());
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    fn child(&mut self, held: &Held, children: &mut Children<'_>) -> Result<bool, Stop> {
        let Some(piece) = children.next()? else { return Ok(false) };
        match &piece.kind {
            b"mvhd" => (self.scale, self.ticks) = boxes::clock(held, piece)?,
            b"mvex" => self.pieces.announce(held, piece)?,
            b"trak" if self.tracks.len() >= MOST_TRACKS => {
                self.doubt.get_or_insert(Doubt::Budget);
                return Err(Stop::Bad);
            }
            b"trak" => {
                let mut track = Track::default();
                let end = track.read(held, piece);
                self.tracks.push(track);
                match end {
                    Err(Stop::Bad) => _ = self.doubt.get_or_insert(Doubt::Unreadable),
                    end => end?,
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn knows_all(&self) -> bool {
        let has_picture = self.video().is_some_and(|track| track.coded.is_some() && !track.is_still());
        has_picture && self.has(b"soun") == Some(true) && self.length().is_some()
    }

    /// Whether there are frames after the header, and an error if they are not all there, which their length says.
    fn frames_behind(&self, held: &Held, mut at: u64) -> Result<bool, Stop> {
        while let Some(piece) = boxes::at(held, at, held.size())? {
            if &piece.kind == b"mdat" && piece.end > piece.body {
                // Boxes of frames after the first one are not worth a request.
                return if self.is_rest_cut(held, at) { Err(Stop::End) } else { Ok(true) };
            }
            at = piece.end;
        }
        Ok(false)
    }

    /// With the bytes at hand: whether frames exceed the object. Other boxes may: they can be rubbish at the end.
    fn is_rest_cut(&self, held: &Held, mut at: u64) -> bool {
        while let Ok(Some(piece)) = boxes::at(held, at, held.size()) {
            if piece.end > held.size() && matches!(&piece.kind, b"mdat" | b"moof") {
                return true;
            }
            at = piece.end;
        }
        false
    }

    /// The track that players show: preferably enabled and not a chapter image.
    fn video(&self) -> Option<&Track> {
        let enabled = || self.tracks.iter().filter(|track| track.is_enabled && track.is(b"vide"));
        enabled().find(|track| !track.is_still()).or_else(|| enabled().next())
    }

    fn has(&self, kind: &[u8; 4]) -> Option<bool> {
        if self.tracks.iter().any(|track| track.is(kind) && track.is_enabled) {
            return Some(true);
        }
        // A disabled track, or one of unknown kind, may or may not be used.
        let may = self.tracks.iter().any(|track| track.kind.is_none() || track.is(kind) && !track.is_still());
        (self.is_whole && !may).then_some(false)
    }

    fn length(&self) -> Option<Length> {
        let media = || self.tracks.iter().filter(|track| track.is(b"vide") || track.is(b"soun"));
        let media = media().filter_map(|track| track.media_ms).max().filter(|ms| *ms > 0);
        if self.pieces.are_there {
            return self.pieces.length(self.scale);
        }
        match self.ticks.and_then(|ticks| milliseconds(ticks, self.scale)).filter(|ms| *ms > 0) {
            Some(ms) => {
                let media_ms = media.filter(|media| media.abs_diff(ms) > SAME_MS);
                // Before the header's end it may still turn out to be the length of the first fragment.
                Some(Length { ms, is_rough: !(self.is_whole || self.is_enough), media_ms })
            }
            None => media.map(|ms| Length { ms, is_rough: true, media_ms: None }),
        }
    }

    fn facts(&self) -> Facts {
        let video = self.video();
        let duration = self.length();
        let doubt = match duration {
            _ if self.tracks.iter().any(|track| track.is_encrypted) => Some(Doubt::Encrypted),
            None if self.pieces.are_there => Some(Doubt::Fragmented),
            None if self.is_whole => Some(Doubt::Unfinished),
            _ => None,
        };
        Facts {
            container: Container::IsoMedia(self.brand.clone().unwrap_or_else(|| "qt".into())),
            duration,
            coded: video.and_then(|track| track.coded),
            display: video.and_then(Track::display),
            rotation: video.map_or(0, |track| track.rotation),
            has_video: self.has(b"vide"),
            has_audio: self.has(b"soun"),
            doubt: self.doubt.or(doubt),
            teller: None,
        }
    }
}

/// `isom`, `qt`: four letters without trailing blanks.
fn brand(bytes: [u8; 4]) -> Box<str> {
    match std::str::from_utf8(&bytes) {
        Ok(brand) if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) => brand.trim().into(),
        _ => "?".into(),
    }
}
