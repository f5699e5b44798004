//! Collects the keys of one source: adds bucket and prefix, counts everything else, and emits pages.

use super::{OnPage, ReadOptions};
use crate::keys::{End, Entry, Given, KeyList, NotKeys, Page, SourceFault, SourcePlace, Summary, Unit, is_transcript};

/// A page is emitted after this many keys or pairs,
const PAGE: usize = 2_000;
/// or after this many entries, so that a reader can also stop a list without transcripts.
const LOOK: u64 = 50_000;

/// How the names of a listing relate to keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Full keys.
    Whole,
    /// Keys without the listed prefix.
    Relative,
    /// Either: names with a slash are full keys, names without one only if others have a slash.
    Either,
    /// Names typed by a person, or from a tool that doesn't say: as `Either`, and if a prefix is given, all names
    /// together decide whether they include it.
    Unsure,
}

pub struct Sink<'a> {
    options: &'a ReadOptions<'a>,
    on_page: &'a mut OnPage<'a>,
    pub summary: Summary,
    page: Page,
    /// Entries read when the last page was emitted.
    looked_at: u64,
    /// The bucket for names without one; None until it is looked up.
    bucket: Option<Option<String>>,
    /// Names that are not yet known to be full keys.
    held: KeyList,
    held_for: Option<Names>,
    /// Held names that start with the given prefix.
    held_whole: u32,
    saw_slash: bool,
    saw_folder: bool,
    relative: u64,
    no_bucket: u64,
    stopped: bool,
}

impl<'a> Sink<'a> {
    pub fn new(options: &'a ReadOptions<'a>, on_page: &'a mut OnPage<'a>) -> Sink<'a> {
        Sink {
            options,
            on_page,
            summary: Summary::default(),
            page: Page::default(),
            looked_at: 0,
            bucket: None,
            held: KeyList::new(),
            held_for: None,
            held_whole: 0,
            saw_slash: false,
            saw_folder: false,
            relative: 0,
            no_bucket: 0,
            stopped: false,
        }
    }

    /// The receiver has stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whether a key with the ending of this one was seen.
    pub fn knows_ending(&self, key: &str) -> bool {
        self.summary.others.knows(key)
    }

    /// The place the operator gave for the names.
    pub fn place(&self) -> Option<&'a SourcePlace> {
        self.options.at()
    }

    /// A key with a bucket, or with an empty one that [`Names`] says how to fill.
    pub fn key(&mut self, entry: Entry<'_>, names: Names) {
        self.entry();
        if entry.key.ends_with('/') {
            // A folder marker object, which a listing with `--recursive` also contains.
            self.summary.folders += 1;
            return;
        }
        self.summary.keys += 1;
        if entry.bucket.is_empty() {
            self.saw_slash |= entry.key.contains('/');
            self.release();
        }
        if !is_transcript(entry.key) {
            self.summary.others.count(entry.key);
        } else if entry.bucket.is_empty() {
            self.without_bucket(entry, names);
        } else {
            self.take(entry);
        }
    }

    /// A folder of the listing.
    pub fn folder(&mut self) {
        self.entry();
        self.summary.folders += 1;
        self.saw_folder = true;
        self.release();
    }

    /// A heading, a total, a comment.
    pub fn passed(&mut self) {
        self.entry();
        self.summary.passed += 1;
    }

    pub fn not_key(&mut self, line: u64, text: &str) {
        self.entry();
        self.summary.not_keys.add(line, text);
    }

    pub fn older_version(&mut self) {
        self.entry();
        self.summary.older_versions += 1;
    }

    pub fn delete_marker(&mut self) {
        self.entry();
        self.summary.delete_markers += 1;
    }

    pub fn given(&mut self, given: Given) {
        self.entry();
        self.summary.given += 1;
        self.page.given.push(given);
        self.hand_on_when_full();
    }

    /// The bucket for names without one: given, or the manifest's only bucket.
    pub fn bucket(&mut self) -> Option<&str> {
        if self.bucket.is_none() {
            let named = self.options.at().map(|at| at.bucket.clone());
            let is_named = named.is_some();
            let bucket = named.or_else(|| (self.options.assume)());
            if !is_named {
                self.summary.assumed_bucket.clone_from(&bucket);
            }
            self.bucket = Some(bucket);
        }
        self.bucket.as_ref()?.as_deref()
    }

    fn entry(&mut self) {
        self.summary.entries += 1;
        if self.summary.entries - self.looked_at >= LOOK {
            self.hand_on();
        }
    }

    fn take(&mut self, entry: Entry<'_>) {
        if self.page.keys.push(entry) {
            self.summary.usable += 1;
        }
        self.hand_on_when_full();
    }

    fn without_bucket(&mut self, entry: Entry<'_>, names: Names) {
        let prefix = self.options.at().map(|at| &*at.prefix);
        match names {
            Names::Whole => self.complete(entry),
            Names::Relative => self.join(entry),
            _ if prefix == Some("") => self.complete(entry),
            Names::Unsure if let Some(prefix) = prefix => {
                self.held_whole += u32::from(entry.key.starts_with(prefix));
                self.hold(entry, names);
            }
            Names::Either | Names::Unsure => {
                if entry.key.contains('/') || self.saw_slash && !self.saw_folder {
                    self.complete(entry);
                } else if self.saw_folder {
                    self.join(entry);
                } else {
                    self.hold(entry, names);
                }
            }
        }
    }

    fn hold(&mut self, entry: Entry<'_>, names: Names) {
        self.held.push(Entry { bucket: "", ..entry });
        self.held_for = Some(names);
    }

    /// Adds the bucket to a full key.
    fn complete(&mut self, entry: Entry<'_>) {
        let Some(bucket) = self.bucket().map(str::to_owned) else {
            self.no_bucket += 1;
            return;
        };
        self.summary.completed += 1;
        self.take(Entry { bucket: &bucket, ..entry });
    }

    /// Adds the given bucket and prefix to a name.
    fn join(&mut self, entry: Entry<'_>) {
        let Some(at) = self.options.at() else {
            self.relative += 1;
            return;
        };
        let prefix = folder(&at.prefix);
        if !prefix.is_empty() && self.summary.prefix.is_none() {
            self.summary.prefix = Some(prefix.clone());
        }
        self.summary.completed += 1;
        self.take(Entry { bucket: &at.bucket, key: &format!("{prefix}{}", entry.key), ..entry });
    }

    /// Emits the held names as soon as their kind is known.
    fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let prefix = self.options.at().map(|at| &*at.prefix);
        match self.held_for {
            // Only all names together can decide.
            Some(Names::Unsure) if prefix.is_some_and(|prefix| !prefix.is_empty()) => {}
            _ if self.saw_folder => self.release_as(Names::Relative),
            _ if self.saw_slash => self.release_as(Names::Whole),
            _ => {}
        }
    }

    fn release_as(&mut self, names: Names) {
        let held = std::mem::take(&mut self.held);
        if names == Names::Whole
            && let Some(bucket) = self.bucket().map(str::to_owned)
        {
            self.summary.completed += u64::from(held.len());
            self.summary.usable += u64::from(held.len());
            self.page.keys.extend(&held.moved_to(&bucket));
            self.hand_on_when_full();
            return;
        }
        for key in (0..held.len()).filter_map(|index| held.get(index)) {
            let modified = key.modified.as_deref();
            let entry = Entry { bucket: "", key: key.key, size: key.size, modified };
            if names == Names::Whole { self.complete(entry) } else { self.join(entry) }
        }
    }

    fn hand_on_when_full(&mut self) {
        if self.page.keys.len() as usize >= PAGE || self.page.given.len() >= PAGE {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        self.looked_at = self.summary.entries;
        let page = std::mem::take(&mut self.page);
        if !self.stopped && (self.on_page)(page).is_break() {
            self.stopped = true;
        }
    }

    /// Ends the source, complete or broken off.
    ///
    /// # Errors
    /// [`SourceFault`] if it held no usable keys.
    pub fn finish(mut self, end: End) -> Result<Summary, SourceFault> {
        let source = self.options.source;
        if !self.held.is_empty() {
            let whole = self.held_whole;
            let is_unsure = self.held_for == Some(Names::Unsure) && self.options.at().is_some();
            match (is_unsure, whole) {
                (true, whole) if whole == self.held.len() => self.release_as(Names::Whole),
                (true, 1..) => {
                    let prefix = self.options.at().map(|at| at.prefix.clone()).unwrap_or_default();
                    return Err(SourceFault::SomeWithPrefix { source: Box::new(source.clone()), prefix });
                }
                _ => self.release_as(Names::Relative),
            }
        }
        self.hand_on();
        self.summary.unplaced = self.relative + self.no_bucket;
        if self.summary.completed == 0 {
            self.summary.assumed_bucket = None;
        }
        self.summary.end = if self.stopped { End::Stopped } else { end };
        let summary = self.summary;
        if summary.usable == 0 && summary.given == 0 && summary.end != End::Stopped {
            if let End::Early(why) = summary.end {
                return Err(SourceFault::Unreadable(format!("{source}: {why}")));
            }
            if self.relative > 0 {
                return Err(SourceFault::RelativeNames { source: Box::new(source.clone()) });
            }
            if self.no_bucket > 0 {
                return Err(SourceFault::NoBucket { source: Box::new(source.clone()) });
            }
            if summary.keys == 0 && summary.folders == 0 && summary.not_keys.count > 0 {
                return Err(SourceFault::NoKeys { source: Box::new(source.clone()), not_keys: summary.not_keys });
            }
        }
        Ok(summary)
    }

    /// Entries are counted, not lines.
    pub fn counts_entries(&mut self) {
        self.summary.not_keys = NotKeys { unit: Unit::Entry, ..std::mem::take(&mut self.summary.not_keys) };
    }
}

/// A prefix for relative names ends in a slash: `caps` becomes `caps/`.
fn folder(prefix: &str) -> String {
    if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") }
}
