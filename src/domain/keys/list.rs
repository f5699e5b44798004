//! Up to millions of keys in little memory, usable while more arrive.
//!
//! A list only grows at its end, so an index stays valid. Clones share everything.

use super::{Key, is_transcript};
use std::sync::Arc;

/// Keys per chunk: small enough that a search can stop between two.
const CHUNK: usize = 16_384;

/// The transcripts of one or more listings, in listing order.
#[derive(Clone, Debug, Default)]
pub struct KeyList {
    chunks: Arc<Vec<Arc<Chunk>>>,
    buckets: Arc<Vec<String>>,
    len: u32,
}

/// A key from a listing, before it is added to a [`KeyList`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    /// In bytes.
    pub size: Option<u64>,
    /// In the listing's format: `2026-11-12T…` or `2026-11-12 13:58:00`.
    pub modified: Option<&'a str>,
}

impl<'a> Entry<'a> {
    /// A key without size and date.
    pub fn named(bucket: &'a str, key: &'a str) -> Entry<'a> {
        Entry { bucket, key, size: None, modified: None }
    }
}

/// A key of a [`KeyList`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    /// In bytes; sizes of 4 GiB and more read as unknown.
    pub size: Option<u64>,
    /// `2026-11-12 13:58:00`, in the listing's time zone.
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
    /// The end of each key in `text`.
    ends: Vec<u32>,
    buckets: Vec<u16>,
    /// `u32::MAX` if unknown. Empty if no listing reports sizes.
    sizes: Vec<u32>,
    /// In the form of [`pack`], 0 if unknown. Empty if no listing reports dates.
    dates: Vec<u64>,
}

impl KeyList {
    /// Whether the two share their keys: one is a copy of the other, and neither grew since. Takes no time.
    pub fn is_same(&self, other: &KeyList) -> bool {
        Arc::ptr_eq(&self.chunks, &other.chunks) && self.len == other.len
    }

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

    /// Appends a key if it is a transcript. Existing clones don't change.
    pub fn push(&mut self, entry: Entry<'_>) -> bool {
        if !is_transcript(entry.key) {
            return false;
        }
        let size = entry.size.map_or(u32::MAX, |size| u32::try_from(size).unwrap_or(u32::MAX));
        let date = entry.modified.and_then(pack).unwrap_or(0);
        let Some(bucket) = self.bucket_number(entry.bucket) else { return false };
        self.push_packed(entry.key, bucket, size, date);
        true
    }

    /// Appends the transcripts among these keys.
    pub fn append(&mut self, keys: impl IntoIterator<Item = Key>) {
        for key in keys {
            self.push(key.entry());
        }
    }

    /// Appends another list.
    pub fn extend(&mut self, more: &KeyList) {
        if self.is_empty() {
            *self = more.clone();
            return;
        }
        for chunk in &*more.chunks {
            for (within, (key, bucket)) in chunk.keys().enumerate() {
                let Some(bucket) = more.buckets.get(usize::from(bucket)).and_then(|name| self.bucket_number(name))
                else {
                    continue;
                };
                let size = chunk.sizes.get(within).copied().unwrap_or(u32::MAX);
                self.push_packed(key, bucket, size, chunk.dates.get(within).copied().unwrap_or(0));
            }
        }
    }

    /// The first `len` keys.
    pub(super) fn first(&self, len: u32) -> KeyList {
        let mut first = KeyList::new();
        for entry in (0..len).filter_map(|at| self.get(at)) {
            let modified = entry.modified.as_deref();
            first.push(Entry { bucket: entry.bucket, key: entry.key, size: entry.size, modified });
        }
        first
    }

    /// The same keys, all moved to `bucket`.
    pub(super) fn moved_to(mut self, bucket: &str) -> KeyList {
        self.buckets = Arc::new(self.buckets.iter().map(|_| bucket.to_owned()).collect());
        self
    }

    pub fn get(&self, index: u32) -> Option<KeyRef<'_>> {
        let (chunk, within) = self.place(index)?;
        let bucket = self.buckets.get(*chunk.buckets.get(within)? as usize)?;
        let size = chunk.sizes.get(within).filter(|&&size| size != u32::MAX).map(|&size| u64::from(size));
        let modified = chunk.dates.get(within).filter(|&&date| date != 0).map(|&date| unpack(date));
        Some(KeyRef { bucket, key: chunk.key(within)?, size, modified })
    }

    /// Bucket and key only, which is cheap.
    pub fn name(&self, index: u32) -> Option<(&str, &str)> {
        let (chunk, within) = self.place(index)?;
        let bucket = self.buckets.get(*chunk.buckets.get(within)? as usize)?;
        Some((bucket, chunk.key(within)?))
    }

    /// All chunks but the last are full.
    fn place(&self, index: u32) -> Option<(&Chunk, usize)> {
        Some((self.chunks.get(index as usize / CHUNK)?, index as usize % CHUNK))
    }

    /// The buckets that occur, in order of appearance.
    pub fn buckets(&self) -> &[String] {
        &self.buckets
    }

    pub(super) fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// None beyond 65,536 buckets, which no listing has.
    fn bucket_number(&mut self, bucket: &str) -> Option<u16> {
        let known = self.buckets.iter().rposition(|known| known == bucket);
        let number = u16::try_from(known.unwrap_or(self.buckets.len())).ok()?;
        if known.is_none() {
            Arc::make_mut(&mut self.buckets).push(bucket.to_owned());
        }
        Some(number)
    }

    /// Fills the last chunk first, so pages of a thousand keys don't become thousands of chunks. The chunk is copied
    /// once if a clone still shares it.
    fn push_packed(&mut self, key: &str, bucket: u16, size: u32, date: u64) {
        let chunks = Arc::make_mut(&mut self.chunks);
        if chunks.last().is_none_or(|last| last.ends.len() >= CHUNK) {
            let next = chunks.last_mut().map_or_else(Chunk::default, |last| {
                if let Some(last) = Arc::get_mut(last) {
                    last.shrink();
                }
                last.like()
            });
            chunks.push(Arc::new(Chunk { first: self.len, ..next }));
        }
        if let Some(last) = chunks.last_mut() {
            Arc::make_mut(last).push(key, bucket, size, date);
            self.len += 1;
        }
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
    fn push(&mut self, key: &str, bucket: u16, size: u32, date: u64) {
        let before = self.ends.len();
        self.text.push_str(key);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.buckets.push(bucket);
        if size != u32::MAX {
            self.sizes.resize(before, u32::MAX);
            self.sizes.push(size);
        }
        if date != 0 {
            self.dates.resize(before, 0);
            self.dates.push(date);
        }
    }

    /// An empty chunk with room for one like this: grown step by step, it would hold twice its bytes.
    fn like(&self) -> Chunk {
        let room = |of: usize| if of == 0 { 0 } else { CHUNK };
        Chunk {
            first: 0,
            text: String::with_capacity(self.text.len()),
            ends: Vec::with_capacity(CHUNK),
            buckets: Vec::with_capacity(CHUNK),
            sizes: Vec::with_capacity(room(self.sizes.len())),
            dates: Vec::with_capacity(room(self.dates.len())),
        }
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.buckets.shrink_to_fit();
        self.sizes.shrink_to_fit();
        self.dates.shrink_to_fit();
    }

    fn key(&self, within: usize) -> Option<&str> {
        let start = match within.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..*self.ends.get(within)? as usize)
    }

    /// All keys of the chunk, with their bucket numbers.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, u16)> {
        let mut start = 0;
        self.ends.iter().zip(&self.buckets).map(move |(&end, &bucket)| {
            let key = self.text.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            (key, bucket)
        })
    }
}

/// Packs `2026-11-12T13:58:00.000Z`, `2026-11-12 13:58:00` or, without seconds, `2026-11-12 13:58` into 38 bits. None
/// for another form.
fn pack(date: &str) -> Option<u64> {
    let mut numbers = date.splitn(7, |c: char| !c.is_ascii_digit());
    let mut packed = 0;
    // A fraction or zone after the seconds stays in the seventh part of `splitn`.
    for (bits, most) in [(12, 4095), (4, 12), (5, 31), (5, 23), (6, 59), (6, 60)] {
        let number: u64 = match numbers.next() {
            Some(number) => number.parse().ok().filter(|&number| number <= most)?,
            None if most == 60 => 0,
            None => return None,
        };
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
    fn adding_keys_does_not_change_earlier_clones() {
        let mut list: KeyList = [Key::named("b", "a.srt"), Key::named("b", "a.mp4")].into_iter().collect();
        let before = list.clone();
        assert!(list.push(Entry::named("c", "b.VTT")));
        assert!(!list.push(Entry::named("c", "b.txt")));
        assert_eq!((before.len(), before.get(1)), (1, None));
        let urls = |list: &KeyList| (0..list.len()).filter_map(|at| Some(list.get(at)?.url())).collect::<Vec<_>>();
        assert_eq!(urls(&list), ["s3://b/a.srt", "s3://c/b.VTT"]);

        let mut both = before.clone();
        both.extend(&list);
        assert_eq!(urls(&both), ["s3://b/a.srt", "s3://b/a.srt", "s3://c/b.VTT"]);
        assert_eq!(urls(&list.moved_to("d")), ["s3://d/a.srt", "s3://d/b.VTT"]);
    }

    #[test]
    fn every_index_keeps_its_key_over_chunks_and_pages() {
        let mut list = KeyList::new();
        for page in 0..50_u64 {
            let mut more = KeyList::new();
            for at in 0..1_000 {
                more.push(Entry {
                    bucket: "b",
                    key: &format!("{}.srt", page * 1_000 + at),
                    size: (at % 3 == 0).then_some(page * 1_000 + at),
                    modified: (at % 5 == 0).then(|| format!("2026-11-12T13:58:{:02}.000Z", at % 60)).as_deref(),
                });
            }
            list.extend(&more);
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
    fn a_million_keys_take_their_bytes_and_few_more() {
        let (mut list, mut bytes) = (KeyList::new(), 0);
        for at in 0..500 {
            let mut page = KeyList::new();
            for at in at * 2_000..(at + 1) * 2_000 {
                let key = format!("captions/harbour-show-{:07}/season {}/The Tide Talk {at}.en.srt", at / 24, at % 9);
                let (size, modified) = (Some(20_000 + at % 7_919), Some("2026-11-12T13:58:00.000Z"));
                page.push(Entry { bucket: "acme-media", key: &key, size, modified });
                bytes += key.len();
            }
            list.extend(&page);
        }
        let size_of = |chunk: &Chunk| {
            let Chunk { first: _, text, ends, buckets, sizes, dates } = chunk;
            text.capacity() + 4 * ends.capacity() + 2 * buckets.capacity() + 4 * sizes.capacity() + 8 * dates.capacity()
        };
        let beside = list.chunks().iter().map(|chunk| size_of(chunk)).sum::<usize>() - bytes;
        assert!(beside <= 24 * list.len() as usize, "{} bytes beside each key", beside / list.len() as usize);
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        for text in ["", "yesterday", "2026-13-01 00:00:00", "2026-11-12", "99999-01-01 00:00:00"] {
            assert_eq!(pack(text), None, "{text}");
        }
        for text in ["2026-11-12T13:58:00+00:00", "2026/11/12 13:58:00", "2026-11-12 13:58"] {
            assert_eq!(pack(text).map(unpack), Some("2026-11-12 13:58:00".to_owned()), "{text}");
        }
    }
}
