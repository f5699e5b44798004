//! Matches the rows of two files. Rows can only match if they name the same video, so both files are sorted by a hash
//! of the video and scanned once; texts are compared where hashes are equal.

use super::{Class, Merge, NONE};
use crate::draft::Snapshot;
use crate::manifest::{Field, RowId};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

/// Compares an edited manifest with a fresh export. `progress` gets the number of rows read of both and returns false
/// to stop; then None.
pub fn merge(old: Snapshot, new: Snapshot, progress: impl Fn(u32) -> bool + Sync) -> Option<Merge> {
    let keys = RandomState::new();
    let (edited, nameless_old) = by_video(&old, &keys, &progress)?;
    let read = old.len();
    let (export, nameless_new) = by_video(&new, &keys, &|done| progress(read.saturating_add(done)))?;
    let rows = new.len() as usize;
    let mut matching = Matching {
        old: &old,
        new: &new,
        from: vec![NONE; rows],
        classes: Default::default(),
        sure: Vec::new(),
        to_decide: BTreeMap::new(),
        choices: Vec::new(),
        agree: Vec::new(),
        exclude: Vec::new(),
        common: 0,
    };
    nameless_old.into_iter().for_each(|row| matching.put(Class::Gone, row));
    nameless_new.into_iter().for_each(|row| matching.put(Class::New, row));

    let total = old.len().saturating_add(new.len());
    let (mut left, mut right) = (edited.as_slice(), export.as_slice());
    let mut groups = 0_u32;
    while let Some(hash) = [left.first(), right.first()].into_iter().flatten().map(|(hash, _)| *hash).min() {
        let (olds, news) = (split_off(&mut left, hash), split_off(&mut right, hash));
        matching.same_hash(olds, news);
        groups = groups.wrapping_add(1);
        if groups.is_multiple_of(8192) && !progress(total) {
            return None;
        }
    }
    let Matching { from, classes, sure, to_decide, choices, agree, exclude, common, .. } = matching;
    let classes: [RowSet; Class::ALL.len()] = classes.map(|rows| rows.into_iter().collect());
    let has_transcript = |row: &RowId| !old.value(*row, Field::Transcription).text().is_empty();
    let gone = classes.get(Class::Gone as usize).into_iter().flat_map(RowSet::iter);
    Some(Merge {
        gone_transcripts: gone.filter(has_transcript).count() as u64,
        from,
        classes,
        sure: sure.into_iter().collect(),
        to_decide,
        choices,
        agree: agree.into_iter().collect(),
        exclude: exclude.into_iter().collect(),
        common,
        old,
        new,
    })
}

type Keyed = (u64, RowId);

/// Rows with a video, keyed by its hash, and rows without one.
fn by_video(
    snapshot: &Snapshot,
    keys: &RandomState,
    progress: &(impl Fn(u32) -> bool + Sync),
) -> Option<(Vec<Keyed>, Vec<RowId>)> {
    let parts = in_chunks(&RowSet::range(0, snapshot.len()), progress, |chunk| {
        let (mut keyed, mut nameless) = (Vec::with_capacity(chunk.len()), Vec::new());
        for row in chunk.iter() {
            match snapshot.value(row, Field::Object).text() {
                "" => nameless.push(row),
                video => keyed.push((keys.hash_one(video), row)),
            }
        }
        (keyed, nameless)
    })?;
    let (mut keyed, mut nameless) = (Vec::with_capacity(snapshot.len() as usize), Vec::new());
    for (some, others) in parts {
        keyed.extend(some);
        nameless.extend(others);
    }
    keyed.sort_unstable();
    Some((keyed, nameless))
}

/// Splits the rows with this hash off the front.
fn split_off<'a>(side: &mut &'a [Keyed], hash: u64) -> &'a [Keyed] {
    let count = side.iter().take_while(|(own, _)| *own == hash).count();
    let (same, rest) = side.split_at_checked(count).unwrap_or_default();
    *side = rest;
    same
}

struct Matching<'a> {
    old: &'a Snapshot,
    new: &'a Snapshot,
    from: Vec<RowId>,
    classes: [Vec<RowId>; Class::ALL.len()],
    sure: Vec<RowId>,
    to_decide: BTreeMap<RowId, u32>,
    choices: Vec<Vec<RowId>>,
    agree: Vec<RowId>,
    exclude: Vec<RowId>,
    common: u64,
}

impl Matching<'_> {
    fn put(&mut self, class: Class, row: RowId) {
        if let Some(rows) = self.classes.get_mut(class as usize) {
            rows.push(row);
        }
    }

    /// Rows whose videos have one hash: nearly always one video.
    fn same_hash(&mut self, olds: &[Keyed], news: &[Keyed]) {
        let video = |snapshot: &Snapshot, row: RowId| snapshot.value(row, Field::Object).text().to_owned();
        if let (&[(_, old)], &[(_, new)]) = (olds, news)
            && self.old.value(old, Field::Object) == self.new.value(new, Field::Object)
        {
            return self.pair(old, new);
        }
        let mut videos: BTreeMap<String, (Vec<RowId>, Vec<RowId>)> = BTreeMap::new();
        for (_, row) in olds {
            videos.entry(video(self.old, *row)).or_default().0.push(*row);
        }
        for (_, row) in news {
            videos.entry(video(self.new, *row)).or_default().1.push(*row);
        }
        for (olds, news) in videos.into_values() {
            self.same_video(&olds, &news);
        }
    }

    /// All rows of both files that name one video.
    fn same_video(&mut self, olds: &[RowId], news: &[RowId]) {
        match (olds, news) {
            (_, []) => return olds.iter().for_each(|row| self.put(Class::Gone, *row)),
            ([], _) => return news.iter().for_each(|row| self.put(Class::New, *row)),
            (&[old], &[new]) => return self.pair(old, new),
            _ => {}
        }
        // The video occurs in two rows of one file: only the index separates them.
        let index = |snapshot: &Snapshot, row: RowId| snapshot.value(row, Field::IndexId).text().to_owned();
        let mut indexes: BTreeMap<String, (Vec<RowId>, Vec<RowId>)> = BTreeMap::new();
        for row in olds {
            indexes.entry(index(self.old, *row)).or_default().0.push(*row);
        }
        for row in news {
            indexes.entry(index(self.new, *row)).or_default().1.push(*row);
        }
        let (mut left, mut others) = (Vec::new(), Vec::new());
        for (olds, news) in indexes.into_values() {
            match (olds.as_slice(), news.as_slice()) {
                (&[old], &[new]) => self.pair(old, new),
                (olds, []) => left.extend_from_slice(olds),
                ([], news) => others.extend_from_slice(news),
                (olds, news) => self.ask(Class::SameRow, olds, news),
            }
        }
        if others.is_empty() {
            left.into_iter().for_each(|row| self.put(Class::Gone, row));
        } else {
            // New index for this video: take the transcript from a row not matched yet, else from any.
            let from = if left.is_empty() { olds } else { &left };
            self.ask(Class::SameVideo, from, &others);
        }
    }

    /// One row of each file.
    fn pair(&mut self, old: RowId, new: RowId) {
        self.common += 1;
        if let Some(from) = self.from.get_mut(new as usize) {
            *from = old;
        }
        if self.old.is_excluded(old) && !self.new.is_excluded(new) {
            self.exclude.push(new);
        }
        let (was, is) = (self.old.row(old), self.new.row(new));
        let is_same_index = was.text(Field::IndexId) == is.text(Field::IndexId);
        let transcript = was.text(Field::Transcription);
        let value = is.value(Field::Transcription);
        let mut is_told = false;
        if transcript.is_empty() || !is.is_object {
            if !transcript.is_empty() {
                self.put(Class::Gone, old);
            }
        } else if value.is_empty() {
            is_told = !is_same_index;
            self.put(if is_same_index { Class::SameRow } else { Class::SameVideo }, new);
            self.sure.push(new);
        } else if value.text() == transcript {
            self.agree.push(new);
        } else {
            self.put(Class::Conflict, new);
            self.question(new, vec![old]);
        }
        if (!is_same_index && !is_told) || was.text(Field::Language) != is.text(Field::Language) {
            self.put(Class::Changed, new);
        }
    }

    /// Rows that can't be matched unambiguously. If the export already has all their transcripts, there is no question.
    fn ask(&mut self, class: Class, olds: &[RowId], news: &[RowId]) {
        let mut seen = BTreeSet::new();
        let is_first = |row: &&RowId| {
            let value = self.old.value(**row, Field::Transcription);
            !value.text().is_empty() && seen.insert(value.text().to_owned())
        };
        let choices: Vec<RowId> = olds.iter().filter(is_first).copied().collect();
        let only = choices.first().filter(|_| choices.len() == 1);
        let only = only.map(|row| self.old.value(*row, Field::Transcription).text().to_owned());
        self.common += news.len() as u64;
        let (mut asked, mut is_kept) = (Vec::new(), choices.is_empty());
        for new in news {
            let value = self.new.value(*new, Field::Transcription);
            if only.as_deref().is_some_and(|only| only == value.text()) {
                is_kept = true;
                self.agree.push(*new);
            } else if !choices.is_empty() {
                asked.push((*new, if value.is_empty() { class } else { Class::Conflict }));
            }
        }
        debug_assert!(is_kept || !asked.is_empty(), "no transcript is lost");
        let group = u32::try_from(self.choices.len()).unwrap_or(u32::MAX);
        if !asked.is_empty() {
            self.choices.push(choices);
        }
        for (new, class) in asked {
            self.put(class, new);
            self.to_decide.insert(new, group);
        }
    }

    fn question(&mut self, new: RowId, choices: Vec<RowId>) {
        let group = u32::try_from(self.choices.len()).unwrap_or(u32::MAX);
        self.choices.push(choices);
        self.to_decide.insert(new, group);
    }
}
