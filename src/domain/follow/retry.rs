//! The draft of rows to send again: which rows, and where they stand in the file as it is now.

use super::sent::object_of;
use super::{SentRow, Standing, State, Status};
use crate::draft::{Change, Draft, Edit, Snapshot};
use crate::manifest::{Field, Manifest, RowId};
use crate::row_set::RowSet;
use std::collections::HashMap;
use std::sync::Arc;

/// Why a row may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    Failed,
    NotSeen,
}

impl Why {
    pub const ALL: [Why; 2] = [Why::Failed, Why::NotSeen];

    /// None for a row that is ready, runs or is unclear: it might come twice.
    pub fn of(state: &State) -> Option<Why> {
        match state {
            State::Of(Status::Failed) => Some(Why::Failed),
            State::NoTask => Some(Why::NotSeen),
            _ => None,
        }
    }

    /// The state of such a row.
    pub const fn state(self) -> State {
        match self {
            Why::Failed => State::Of(Status::Failed),
            Why::NotSeen => State::NoTask,
        }
    }

    /// `not seen`
    pub const fn words(self) -> &'static str {
        match self {
            Why::Failed => "failed",
            Why::NotSeen => "not seen",
        }
    }
}

/// The chosen rows, by their position among those followed. A row that may have been taken in without a word is not
/// one of them, unless its task failed.
pub fn to_retry(sent: &[SentRow], standing: &Standing, wanted: impl Fn(Why) -> bool) -> Vec<u32> {
    let may_be = |row: &SentRow, why| !(row.is_unknown && why == Why::NotSeen);
    let rows = (0u32..).zip(sent.iter().zip(&standing.rows));
    let chosen =
        rows.filter(|(_, (row, standing))| Why::of(&standing.state).is_some_and(|why| may_be(row, why) && wanted(why)));
    chosen.map(|(at, _)| at).collect()
}

/// Where rows stand in a file that may have changed since; those that are gone are left out. `positions`: in `sent`.
pub fn located(sent: &[SentRow], positions: &[u32], now: &Snapshot) -> RowSet {
    let is_at = |row: RowId, sent: &SentRow| {
        row < now.len()
            && now.value(row, Field::IndexId).text() == &*sent.index
            && object_of(now.value(row, Field::Object).text()) == *sent.object
    };
    let mut by_video: Option<HashMap<(String, String), Vec<RowId>>> = None;
    let mut found = Vec::new();
    for position in positions {
        let Some(row) = sent.get(*position as usize) else { continue };
        if is_at(row.place, row) {
            found.push(row.place);
            continue;
        }
        let by_video = by_video.get_or_insert_with(|| {
            let mut map: HashMap<_, Vec<RowId>> = HashMap::new();
            for row in 0..now.len() {
                let text = |field| now.value(row, field).text().to_owned();
                let video = (text(Field::IndexId), object_of(&text(Field::Object)).into_owned());
                map.entry(video).or_default().push(row);
            }
            map
        });
        let key = (row.index.to_string(), row.object.to_string());
        found.extend(by_video.get(&key).into_iter().flatten());
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().collect()
}

/// The file's bytes with every other row left out; None where no row is kept.
pub fn draft_of(manifest: Arc<Manifest>, kept: &RowSet) -> Option<Draft> {
    if kept.is_empty() {
        return None;
    }
    let others = RowSet::range(0, manifest.len()).difference(kept);
    let mut draft = Draft::new(manifest);
    if !others.is_empty() {
        draft.apply(Edit { rows: others, change: Change::Exclude });
    }
    Some(draft)
}
