//! Checks all rows in chunks on all cores; each thread writes only into its chunk's own slices.

use super::duplicates::{DuplicateIndex, Entry};
use super::indexes::{Indexes, NO_INDEX};
use super::online::Online;
use super::{Findings, kinds, set_bits};
use crate::draft::Snapshot;
use crate::evidence::Evidence;
use crate::manifest::{Field, Row, RowId};
use crate::parallel;
use crate::rules::{Hit, check_row, is_index_id};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::mem::take;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Rows a thread takes at a time: enough to make scheduling free, few enough to stop promptly.
const CHUNK: usize = 4096;

/// The values a row is compared by; none for an excluded row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys {
    pub video: Option<Entry>,
    pub transcript: Option<Entry>,
    pub index: Option<u128>,
}

impl Keys {
    pub fn of(keys: &RandomState, snapshot: &Snapshot, row: RowId) -> Keys {
        if snapshot.is_excluded(row) {
            return Keys::default();
        }
        Keys::of_decoded(keys, &snapshot.row(row), row)
    }

    fn of_decoded(keys: &RandomState, decoded: &Row<'_>, row: RowId) -> Keys {
        let (index, object) = (decoded.text(Field::IndexId), decoded.text(Field::Object));
        let transcript = decoded.text(Field::Transcription);
        let index_id = is_index_id(index).then(|| u128::from_str_radix(index, 16).ok()).flatten();
        if object.is_empty() {
            return Keys { video: None, transcript: None, index: index_id };
        }
        let hash = video_hash(keys, index, object);
        let video = Some(Entry { hash, other: 0, row });
        let transcript = (!transcript.is_empty()).then(|| Entry {
            hash: transcript_hash(keys, transcript),
            // The upper half of the hash is as good as the lower.
            other: (keys.hash_one(object) >> 32) as u32,
            row,
        });
        Keys { video, transcript, index: index_id }
    }
}

fn video_hash(keys: &RandomState, index: &str, object: &str) -> u64 {
    let mut hasher = keys.build_hasher();
    index.hash(&mut hasher);
    object.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn transcript_hash(keys: &RandomState, transcript: &str) -> u64 {
    keys.hash_one(transcript)
}

pub(super) fn same_video(snapshot: &Snapshot, a: RowId, b: RowId) -> bool {
    let (a, b) = (snapshot.row(a), snapshot.row(b));
    a.text(Field::IndexId) == b.text(Field::IndexId) && a.text(Field::Object) == b.text(Field::Object)
}

pub(super) fn same_transcript(snapshot: &Snapshot, a: RowId, b: RowId) -> bool {
    snapshot.value(a, Field::Transcription).text() == snapshot.value(b, Field::Transcription).text()
}

/// The local findings of a row; none if it is excluded. `hits` is a scratch buffer.
pub(super) fn bits(snapshot: &Snapshot, row: RowId, hits: &mut Vec<Hit>) -> u64 {
    if snapshot.is_excluded(row) { 0 } else { bits_of_decoded(snapshot, row, &snapshot.row(row), hits) }
}

fn bits_of_decoded(snapshot: &Snapshot, row: RowId, decoded: &Row<'_>, hits: &mut Vec<Hit>) -> u64 {
    hits.clear();
    check_row(decoded, hits);
    let of_file = if row == 0 && snapshot.base().has_bom() { kinds::BOM } else { 0 };
    hits.iter().fold(of_file, |bits, hit| bits | kinds::bit(decoded, hit))
}

/// One chunk's part of each table.
struct Chunk<'a> {
    start: usize,
    bits: &'a mut [u64],
    indexes: &'a mut [u16],
    videos: &'a mut [Entry],
    transcripts: &'a mut [Entry],
}

pub(super) fn check(snapshot: &Snapshot, progress: &(dyn Fn(u32) -> bool + Sync)) -> Option<Findings> {
    let keys = RandomState::new();
    let rows = snapshot.len() as usize;
    let mut bits = vec![0; rows];
    let mut of_row = vec![NO_INDEX; rows];
    let mut videos = vec![Entry::NONE; rows];
    let mut transcripts = vec![Entry::NONE; rows];
    let indexes = Mutex::new(Indexes::default());

    let tables = bits.chunks_mut(CHUNK).zip(of_row.chunks_mut(CHUNK));
    let entries = videos.chunks_mut(CHUNK).zip(transcripts.chunks_mut(CHUNK));
    let chunks = tables.zip(entries).enumerate().map(|(at, ((bits, indexes), (videos, transcripts)))| Chunk {
        start: at * CHUNK,
        bits,
        indexes,
        videos,
        transcripts,
    });
    let chunks = Mutex::new(chunks);
    let (done, stopped) = (AtomicU32::new(0), AtomicBool::new(false));
    let work = || {
        let mut scratch = Scratch::default();
        while !stopped.load(Relaxed) {
            let Some(chunk) = chunks.lock().ok().and_then(|mut chunks| chunks.next()) else { break };
            let count = chunk.bits.len() as u32;
            scratch.check(snapshot, &keys, &indexes, chunk);
            if !progress(done.fetch_add(count, Relaxed) + count) {
                stopped.store(true, Relaxed);
            }
        }
    };
    parallel::on_threads(parallel::cores().min(rows.div_ceil(CHUNK)), &work);
    if stopped.load(Relaxed) {
        return None;
    }

    let mut indexes = indexes.into_inner().ok()?;
    indexes.count(of_row);
    let (mut of_videos, mut of_transcripts) = (DuplicateIndex::default(), DuplicateIndex::default());
    parallel::join(
        &mut || of_videos = DuplicateIndex::build(take(&mut videos), |a, b| same_video(snapshot, a, b)),
        &mut || of_transcripts = DuplicateIndex::build(take(&mut transcripts), |a, b| same_transcript(snapshot, a, b)),
    );
    let (videos, transcripts) = (of_videos, of_transcripts);
    for same in videos.groups().filter(|same| same.len() > 1) {
        for entry in same.iter().skip(1) {
            bits.get_mut(entry.row as usize).into_iter().for_each(|bits| *bits |= kinds::DUPLICATE);
        }
    }
    for same in transcripts.groups() {
        if same.first().map(|entry| entry.other) != same.last().map(|entry| entry.other) {
            for entry in same {
                bits.get_mut(entry.row as usize).into_iter().for_each(|bits| *bits |= kinds::SHARED);
            }
        }
    }
    let mut counts = [0u32; 64];
    for own in &bits {
        for bit in set_bits(*own) {
            counts.get_mut(bit as usize).into_iter().for_each(|count| *count += 1);
        }
    }
    let online = Online::new(rows, Evidence::default());
    Some(Findings { bits, counts, videos, transcripts, indexes, keys, online })
}

/// What a thread keeps from row to row.
#[derive(Default)]
struct Scratch {
    hits: Vec<Hit>,
    /// The last row's index: nearly always that of the next row, too.
    index: Option<(u128, u16)>,
}

impl Scratch {
    fn check(&mut self, snapshot: &Snapshot, keys: &RandomState, indexes: &Mutex<Indexes>, chunk: Chunk<'_>) {
        let places = chunk.bits.iter_mut().zip(chunk.indexes);
        let entries = chunk.videos.iter_mut().zip(chunk.transcripts);
        for (at, ((bits, index), (video, transcript))) in places.zip(entries).enumerate() {
            let row = (chunk.start + at) as RowId;
            if snapshot.is_excluded(row) {
                continue;
            }
            let decoded = snapshot.row(row);
            *bits = bits_of_decoded(snapshot, row, &decoded, &mut self.hits);
            let keyed = Keys::of_decoded(keys, &decoded, row);
            *video = keyed.video.unwrap_or(Entry::NONE);
            *transcript = keyed.transcript.unwrap_or(Entry::NONE);
            if let Some(id) = keyed.index {
                *index = self.number(id, indexes);
            }
        }
    }

    fn number(&mut self, id: u128, indexes: &Mutex<Indexes>) -> u16 {
        match self.index {
            Some((last, number)) if last == id => number,
            _ => {
                let number = indexes.lock().map_or(NO_INDEX, |mut indexes| indexes.number(id));
                self.index = Some((id, number));
                number
            }
        }
    }
}
