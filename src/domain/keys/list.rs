//! Up to millions of keys in little memory, usable while they still arrive.
//!
//! A list only ever grows at its end, so an index stays with its key. Clones share everything.

use super::{Key, is_transcript};
use std::sync::Arc;

/// Keys of one chunk. Small enough that a search can be stopped between two.
const CHUNK: usize = 16_384;

/// The transcripts of one or more listings, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct KeyList {
    chunks: Arc<Vec<Arc<Chunk>>>,
    buckets: Arc<Vec<String>>,
    len: u32,
    others: u64,
}

/// A key of a [`KeyList`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    /// In bytes; sizes of 4 GiB and more read as unknown.
    pub size: Option<u64>,
    /// `2026-11-12 13:58:00`, in whatever zone the listing uses.
    pub modified: Option<String>,
}

impl KeyRef<'_> {
    /// `s3://bucket/key`
    pub fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    /// The index of the first key in the list.
    pub(super) first: u32,
    text: String,
    /// Where each key ends in `text`.
    ends: Vec<u32>,
    buckets: Vec<u16>,
    /// `u32::MAX` where unknown. Empty when no listing told any.
    sizes: Vec<u32>,
    /// As [`pack`] gives it, 0 where unknown. Empty when no listing told any.
    dates: Vec<u64>,
}

impl KeyList {
    pub fn new() -> KeyList {
        KeyList::default()
    }

    /// Number of transcripts.
    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Keys that were listed and are no transcripts: counted, not kept.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// Takes a page in at the end: the transcripts of it, the others are counted. Lists that were cloned before don't
    /// change.
    pub fn append(&mut self, page: impl IntoIterator<Item = Key>) {
        // A page adds to the last chunk when it is still small: a listing of pages of a thousand keys doesn't end up
        // as thousands of chunks. At most one small chunk is copied a page, and only if a clone still holds it.
        let mut open = match Arc::make_mut(&mut self.chunks) {
            chunks if chunks.last().is_some_and(|last| last.ends.len() < CHUNK) => chunks.pop().unwrap_or_default(),
            _ => Arc::new(Chunk { first: self.len, ..Chunk::default() }),
        };
        for key in page {
            if !is_transcript(&key.key) {
                self.others += 1;
                continue;
            }
            let Some(bucket) = self.bucket_number(&key.bucket) else {
                self.others += 1;
                continue;
            };
            if open.ends.len() >= CHUNK {
                let full = std::mem::replace(&mut open, Arc::new(Chunk { first: self.len, ..Chunk::default() }));
                Arc::make_mut(&mut self.chunks).push(full);
            }
            Arc::make_mut(&mut open).push(&key, bucket);
            self.len += 1;
        }
        if !open.ends.is_empty() {
            Arc::make_mut(&mut self.chunks).push(open);
        }
    }

    pub fn get(&self, index: u32) -> Option<KeyRef<'_>> {
        let at = self.chunks.partition_point(|chunk| chunk.first <= index).checked_sub(1)?;
        let chunk = self.chunks.get(at)?;
        let within = (index - chunk.first) as usize;
        let bucket = self.buckets.get(*chunk.buckets.get(within)? as usize)?;
        let size = chunk.sizes.get(within).filter(|&&size| size != u32::MAX).map(|&size| u64::from(size));
        let modified = chunk.dates.get(within).filter(|&&date| date != 0).map(|&date| unpack(date));
        Some(KeyRef { bucket, key: chunk.key(within)?, size, modified })
    }

    /// Takes another list in at the end.
    pub fn extend(&mut self, more: &KeyList) {
        if self.is_empty() {
            let others = self.others;
            *self = more.clone();
            self.others += others;
            return;
        }
        let others = more.others;
        self.append((0..more.len()).filter_map(|index| {
            let KeyRef { bucket, key, size, modified } = more.get(index)?;
            Some(Key { bucket: bucket.to_owned(), key: key.to_owned(), size, modified })
        }));
        self.others += others;
    }

    /// Bucket and key alone, which costs nothing to look up.
    pub fn name(&self, index: u32) -> Option<(&str, &str)> {
        let at = self.chunks.partition_point(|chunk| chunk.first <= index).checked_sub(1)?;
        let chunk = self.chunks.get(at)?;
        let within = (index - chunk.first) as usize;
        let bucket = self.buckets.get(*chunk.buckets.get(within)? as usize)?;
        Some((bucket, chunk.key(within)?))
    }

    /// The buckets that occur, in the order they came up.
    pub fn buckets(&self) -> &[String] {
        &self.buckets
    }

    pub(super) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// None past 65,536 buckets, which no listing reaches.
    fn bucket_number(&mut self, bucket: &str) -> Option<u16> {
        let known = self.buckets.iter().rposition(|known| known == bucket);
        let number = known.unwrap_or(self.buckets.len());
        if known.is_none() {
            u16::try_from(number).ok()?;
            Arc::make_mut(&mut self.buckets).push(bucket.to_owned());
        }
        u16::try_from(number).ok()
    }
}

impl FromIterator<Key> for KeyList {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut list = KeyList::new();
        list.append(keys);
        list
    }
}

impl Chunk {
    fn push(&mut self, key: &Key, bucket: u16) {
        let before = self.ends.len();
        self.text.push_str(&key.key);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.buckets.push(bucket);
        if let Some(size) = key.size {
            self.sizes.resize(before, u32::MAX);
            self.sizes.push(u32::try_from(size).unwrap_or(u32::MAX));
        }
        if let Some(date) = key.modified.as_deref().and_then(pack) {
            self.dates.resize(before, 0);
            self.dates.push(date);
        }
    }

    fn key(&self, within: usize) -> Option<&str> {
        let start = match within.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..*self.ends.get(within)? as usize)
    }

    /// All keys of the chunk, each with its bucket's number.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, u16)> {
        let mut start = 0;
        self.ends.iter().zip(&self.buckets).map(move |(&end, &bucket)| {
            let key = self.text.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            (key, bucket)
        })
    }
}

/// `2026-11-12T13:58:00.000Z` or `2026-11-12 13:58:00` in 38 bits. None for anything that isn't shaped like that.
fn pack(date: &str) -> Option<u64> {
    let mut numbers = date.splitn(7, |c: char| !c.is_ascii_digit());
    let mut packed = 0;
    // The seconds may carry a fraction or a zone; `splitn` leaves it in the seventh part.
    for (bits, most) in [(12, 4095), (4, 12), (5, 31), (5, 23), (6, 59), (6, 60)] {
        let number: u64 = numbers.next()?.parse().ok().filter(|&number| number <= most)?;
        packed = packed << bits | number;
    }
    Some(packed)
}

fn unpack(packed: u64) -> String {
    let part = |shift: u32, bits: u32| packed >> shift & ((1 << bits) - 1);
    let (year, month, day) = (part(26, 12), part(22, 4), part(17, 5));
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", part(12, 5), part(6, 6), part(0, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_taken_in_without_changing_what_was_cloned_before() {
        let mut list: KeyList = [Key::named("b", "a.srt"), Key::named("b", "a.mp4")].into_iter().collect();
        let before = list.clone();
        list.append([Key::named("c", "b.VTT")]);
        assert_eq!((before.len(), before.others()), (1, 1));
        assert_eq!((list.len(), list.others()), (2, 1));
        assert_eq!(before.get(1), None);
        assert_eq!(list.get(0).map(|key| key.url()), Some("s3://b/a.srt".to_owned()));
        assert_eq!(list.get(1).map(|key| key.url()), Some("s3://c/b.VTT".to_owned()));
    }

    #[test]
    fn every_index_keeps_its_key_over_chunks_and_pages() {
        let mut list = KeyList::new();
        for page in 0..50_u64 {
            list.append((0..1_000).map(|at| Key {
                size: (at % 3 == 0).then_some(page * 1_000 + at),
                modified: (at % 5 == 0).then(|| format!("2026-11-12T13:58:{:02}.000Z", at % 60)),
                ..Key::named("b", format!("{}.srt", page * 1_000 + at))
            }));
        }
        assert_eq!(list.len(), 50_000);
        assert!(list.chunks().len() <= 4);
        for index in [0, 1, 999, 1_000, 16_383, 16_384, 33_333, 49_999] {
            let key = list.get(index).unwrap();
            assert_eq!(key.key, format!("{index}.srt"));
            assert_eq!(key.size, (index % 1_000 % 3 == 0).then_some(u64::from(index)));
            let seconds = index % 1_000 % 60;
            assert_eq!(key.modified, (index % 1_000 % 5 == 0).then(|| format!("2026-11-12 13:58:{seconds:02}")));
        }
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        for text in ["", "yesterday", "2026-13-01 00:00:00", "2026-11-12", "99999-01-01 00:00:00"] {
            assert_eq!(pack(text), None, "{text}");
        }
        assert_eq!(pack("2026-11-12T13:58:00+00:00").map(unpack), Some("2026-11-12 13:58:00".to_owned()));
    }
}
