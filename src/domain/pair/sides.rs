//! Reads the names of both sides once, on all cores.

use super::folders::Folders;
use super::hash::{ByHash, Sieve, raw_hash};
use super::world::{Entry, Left, Marks, NOTHING, Signs, Transcript, Video, World, key_of};
use super::{Inputs, Prefer};
use crate::keys::KeyList;
use crate::manifest::{Field, RowId};
use crate::names::{Cut, Step, Tag, Token, TokenKind, Tokens, clean, ends};
use crate::parallel;
use crate::s3_url::{self, key};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// None if `stop` was set. `as_empty`: treat filled rows as empty.
pub(super) fn read<'a>(input: &'a Inputs<'a>, as_empty: bool, stop: &AtomicBool) -> Option<World<'a>> {
    let (videos, transcripts) =
        parallel::both(|| Side::videos(input, as_empty, stop), || Side::transcripts(input, stop))?;
    let (mut videos, mut transcripts) = (videos?, transcripts?);
    transcripts.folders.forget_languages(&videos.folders.languages());
    transcripts.keep_what_meets(&videos);
    let (video_entries, transcript_entries) =
        parallel::both(|| sorted(&mut videos.entries), || sorted(&mut transcripts.entries))?;
    let world = World {
        input,
        as_empty,
        videos: videos.items,
        video_keys: videos.keys,
        transcripts: transcripts.items,
        video_folders: videos.folders,
        transcript_folders: transcripts.folders,
        video_entries,
        transcript_entries,
    };
    Some(world.prepared())
}

/// By hash.
fn sorted(parts: &mut Vec<Vec<Entry>>) -> Vec<Entry> {
    parallel::sort_by_hash(std::mem::take(parts), |entry| entry.hash, |a, b| a.rank().cmp(&b.rank()))
}

/// The videos, or the transcripts.
struct Side<'a, T> {
    items: Vec<T>,
    /// The videos' keys.
    keys: Vec<Cow<'a, str>>,
    folders: Folders,
    /// In parts, as they were read.
    entries: Vec<Vec<Entry>>,
}

/// Names that a thread reads at a time.
const CHUNK: usize = 4_096;

/// An item of a side.
trait Item {
    fn folder(&mut self) -> &mut u32;
}

impl Item for Video {
    fn folder(&mut self) -> &mut u32 {
        &mut self.folder
    }
}

impl Item for Transcript {
    fn folder(&mut self) -> &mut u32 {
        &mut self.folder
    }
}

impl<'a, T: Item> Side<'a, T> {
    fn for_some(names: usize) -> Side<'a, T> {
        Side {
            items: Vec::with_capacity(names),
            keys: Vec::new(),
            folders: Folders::default(),
            // Most names have one or two.
            entries: vec![Vec::with_capacity(2 * names)],
        }
    }

    /// Puts parts together that were read apart, in order.
    fn joined(parts: Vec<Side<'a, T>>) -> Side<'a, T> {
        let mut side = Side { items: Vec::new(), keys: Vec::new(), folders: Folders::default(), entries: Vec::new() };
        side.items.reserve(parts.iter().map(|part| part.items.len()).sum());
        side.keys.reserve(parts.iter().map(|part| part.keys.len()).sum());
        for mut part in parts {
            let first = side.items.len() as u32;
            let folders = side.folders.take_in(part.folders);
            for item in &mut part.items {
                let folder = item.folder();
                *folder = folders.get(*folder as usize).copied().unwrap_or(NOTHING);
            }
            side.items.append(&mut part.items);
            side.keys.append(&mut part.keys);
            part.entries.iter_mut().flatten().for_each(|entry| *entry = entry.after(first));
            side.entries.append(&mut part.entries);
        }
        side
    }
}

/// Adds entries of one name; each hash once, with the smallest cut.
fn push_new(entries: &mut Vec<Entry>, from: usize, entry: Entry) {
    let own = entries.get(from..).unwrap_or_default();
    if entry.hash != 0 && !own.iter().any(|known| known.hash == entry.hash) {
        entries.push(entry);
    }
}

fn has_id(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.kind == TokenKind::Id)
}

impl<'a> Side<'a, Video> {
    fn videos(input: &Inputs<'a>, as_empty: bool, stop: &AtomicBool) -> Option<Side<'a, Video>> {
        let rows = input.snapshot.len() as usize;
        let parts = parallel::ranges(rows, CHUNK, stop, |rows| {
            let mut side = Side::for_some(rows.len());
            side.read_videos(input, as_empty, rows);
            side
        })?;
        Some(Side::joined(parts))
    }

    fn read_videos(&mut self, input: &Inputs<'a>, as_empty: bool, rows: Range<usize>) {
        let snapshot = input.snapshot;
        let mut tokens = Tokens::default();
        let mut language = (String::new(), None);
        for row in rows.map(|row| row as RowId).filter(|row| !snapshot.is_excluded(*row)) {
            let decoded = snapshot.row(row);
            let object = decoded.text(Field::Object);
            let is_filled = !decoded.value(Field::Transcription).is_empty();
            let (bucket, key) = s3_url::split(object).unwrap_or(("", object));
            self.keys.push(key_of(decoded.value(Field::Object)));
            let says = decoded.text(Field::Language);
            if says != language.0 {
                language = (says.to_owned(), Tag::of_row(says));
            }
            let stem = key::stem(key);
            let text = clean(stem);
            tokens.read(&text);
            let id = self.items.len() as u32;
            let folder = self.folders.intern(bucket, key::folder(key));
            self.items.push(Video {
                row,
                folder,
                raw: raw_hash(&[stem]),
                signs: Signs::of(&text),
                tag: language.1,
                is_filled: is_filled && !as_empty,
                has_id: has_id(&tokens),
                says_nothing: ends::is_generic(&text, &tokens),
                is_content: false,
            });
            let Some(entries) = self.entries.last_mut() else { return };
            let from = entries.len();
            ends::of_video(&text, &tokens, &mut |cut: Cut| {
                let left = Left { step: cut.step, tag: cut.tag, marks: Marks::of(cut.marks) };
                push_new(entries, from, Entry::new(cut.hash(&tokens), id, left));
            });
        }
    }
}

impl<'a> Side<'a, Transcript> {
    fn transcripts(input: &Inputs<'a>, stop: &AtomicBool) -> Option<Side<'a, Transcript>> {
        let parts = parallel::ranges(input.keys.len() as usize, CHUNK, stop, |keys| {
            let mut side = Side::for_some(keys.len());
            side.read_keys(input, keys);
            side
        })?;
        let mut side = Side::joined(parts);
        side.mark_doubles(input.keys, stop)?;
        Some(side)
    }

    fn read_keys(&mut self, input: &Inputs<'_>, keys: Range<usize>) {
        let mut tokens = Tokens::default();
        for index in keys.map(|index| index as u32) {
            let (bucket, key) = input.keys.name(index).unwrap_or_default();
            let stem = key::stem(key);
            let text = clean(stem);
            tokens.read(&text);
            let id = self.items.len() as u32;
            let folder = self.folders.intern(bucket, key::folder(key));
            let Some(entries) = self.entries.last_mut() else { return };
            let from = entries.len();
            let mut is_version = false;
            let says_nothing = ends::of_transcript(&text, &tokens, &mut |cut: Cut| {
                is_version |= cut.step == Step::Version;
                let left = Left { step: cut.step, tag: cut.tag, marks: Marks::of(cut.marks) };
                push_new(entries, from, Entry::new(cut.hash(&tokens), id, left));
            });
            let is_srt = key::extension(key).is_some_and(|end| end.eq_ignore_ascii_case("srt"));
            self.items.push(Transcript {
                folder,
                raw: raw_hash(&[stem]),
                signs: Signs::of(&text),
                used_by: NOTHING,
                is_preferred: is_srt == (input.prefer == Prefer::Srt),
                has_id: has_id(&tokens),
                says_nothing: says_nothing && !is_version || ends::is_generic(&text, &tokens),
                is_double: false,
            });
        }
    }

    /// Sources may overlap: a repeated key is the same transcript.
    fn mark_doubles(&mut self, keys: &KeyList, stop: &AtomicBool) -> Option<()> {
        // Each part of the hashes has a table that fits the processor's cache.
        const PARTS: usize = 16;
        let hash = |index: usize| keys.name(index as u32).map_or(0, |(bucket, key)| raw_hash(&[bucket, key]));
        let hashes = parallel::ranges(self.items.len(), CHUNK, stop, |range| range.map(hash).collect::<Vec<u64>>())?;
        let doubles = parallel::ranges(PARTS, 1, stop, |part| {
            let mut seen: ByHash<u64, ()> = ByHash::default();
            seen.reserve(self.items.len() / PARTS);
            let own = (0..).zip(hashes.iter().flatten()).filter(|(_, hash)| **hash as usize % PARTS == part.start);
            own.filter(|(_, hash)| seen.insert(**hash, ()).is_some()).map(|(id, _)| id).collect::<Vec<usize>>()
        })?;
        let mut has_doubles = false;
        for id in doubles.into_iter().flatten() {
            has_doubles = true;
            if let Some(item) = self.items.get_mut(id) {
                item.is_double = true;
                let text = clean(key::stem(keys.name(id as u32).unwrap_or_default().1));
                item.says_nothing = ends::is_generic(&text, &Tokens::of(&text));
            }
        }
        if has_doubles {
            let items = &self.items;
            let is_first = |entry: &Entry| items.get(entry.id as usize).is_some_and(|item| !item.is_double);
            self.entries.iter_mut().for_each(|part| part.retain(is_first));
        }
        Some(())
    }

    /// Drops the entries that no video's meets, but for those that tell which folders are languages: of ten million keys
    /// a few may have a video.
    fn keep_what_meets(&mut self, videos: &Side<'_, Video>) {
        let wanted = Sieve::of(&videos.entries, |entry| entry.hash);
        let paths = self.folders.language_paths();
        let (items, folders) = (&self.items, &self.folders);
        let tells = |entry: &Entry| {
            let folder = items.get(entry.id as usize).and_then(|item| folders.get(item.folder));
            folder.is_some_and(|folder| paths.contains_key(&folder.bare_path()))
        };
        let keeps = |entry: &Entry| wanted.may_have(entry.hash) || !paths.is_empty() && tells(entry);
        self.entries.iter_mut().for_each(|part| part.retain(keeps));
    }
}
