//! Background computations over all rows: pure jobs that report progress and can be stopped. The runtime runs them on a
//! thread, tests call them directly.

use super::count::{Chosen, Count, Merged};
use super::filling::{Fill, Learning};
use super::msg::{Bucket, JobId, Msg, Progress, RowList};
use super::pairs::{Pair, Same, Stand};
use crate::domain::draft::{Draft, Edit, Snapshot};
use crate::domain::evidence::{Evidence, Plan, Scope};
use crate::domain::findings::Findings;
use crate::domain::keys::{self, Given, KeyList, KeyOffer, KeyRef, Listed};
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::merge;
use crate::domain::pair::{Class, Pairing, matched};
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::{bucket, split};
use crate::domain::search::{self, Query};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// At most this many buckets are found: nobody looks through more.
const MOST_BUCKETS: usize = 50;

#[derive(Debug)]
pub enum Compute {
    /// Checks all rows, using the online evidence there is.
    Check {
        snapshot: Snapshot,
        evidence: Evidence,
    },
    /// Finds the rows the query keeps, in its order.
    View {
        snapshot: Snapshot,
        findings: Option<Arc<Findings>>,
        query: Query,
    },
    /// Finds the nearest row in view that contains the text, from a view position on, wrapping around.
    Find {
        snapshot: Snapshot,
        text: String,
        rows: Option<RowList>,
        from: usize,
        forward: bool,
    },
    /// Counts the requests an online check of these rows needs.
    Plan {
        snapshot: Snapshot,
        scope: Scope,
        evidence: Evidence,
    },
    Rank(Rank),
    /// Proposes a transcript for every row without one.
    Pair(Box<Pair>),
    /// Holds the filled rows against their names.
    Compare(Box<Pair>),
    /// Counts how the rows of a pairing stand.
    Stand(Stand),
    Same(Same),
    /// Counts what a template would fill.
    Fill(Box<Fill>),
    Learn(Box<Learning>),
    /// Merges lists of S3 keys, without duplicates, and the pairs of tables.
    Gather {
        snapshot: Snapshot,
        lists: Vec<Arc<KeyList>>,
        given: Vec<Arc<Vec<Given>>>,
    },
    /// Finds the transcripts that were not found and whose key is listed in another case.
    Spell {
        evidence: Evidence,
        listed: Arc<Listed>,
    },
    /// Counts what the edits come to, for the snapshot and its copies.
    Sums(Snapshot),
    /// Finds the buckets a manifest names.
    Buckets(Snapshot),
    /// Counts what a bulk change would do.
    Count(Count),
    /// Compares an edited manifest with a fresh export.
    Merge {
        old: Snapshot,
        new: Snapshot,
    },
    /// Applies a bulk change to a copy of the draft. It runs to its end; a stale result is dropped with its copy.
    Apply {
        draft: Box<Draft>,
        what: Bulk,
    },
}

/// A bulk change.
#[derive(Debug)]
pub enum Bulk {
    Edit(Edit),
    /// A change that was counted before.
    Chosen(Chosen),
    /// The sure proposals of these classes.
    Take {
        pairing: Arc<Pairing>,
        classes: Vec<Class>,
        scope: Option<Arc<RowSet>>,
    },
    Undo,
    Redo,
}

impl Bulk {
    /// Changes the draft and returns the rows that changed.
    pub fn apply(self, draft: &mut Draft) -> RowSet {
        match self {
            Bulk::Edit(edit) => draft.apply(edit),
            Bulk::Chosen(chosen) => chosen.edit(draft.now()).map(|edit| draft.apply(edit)).unwrap_or_default(),
            Bulk::Take { pairing, classes, scope } => {
                let edit = pairing.take(&classes, scope.as_deref(), draft.now());
                edit.map(|edit| draft.apply(edit)).unwrap_or_default()
            }
            Bulk::Undo => draft.undo().map(|edit| edit.rows.clone()).unwrap_or_default(),
            Bulk::Redo => draft.redo().map(|edit| edit.rows.clone()).unwrap_or_default(),
        }
    }
}

#[derive(Debug)]
pub struct Rank {
    pub list: Arc<KeyList>,
    /// The video's URL.
    pub object: String,
    pub query: String,
    /// The query is the beginning of an S3 key, not a search.
    pub complete: bool,
    /// To tell which S3 keys other rows use.
    pub snapshot: Snapshot,
    pub findings: Option<Arc<Findings>>,
    pub row: RowId,
    pub limit: usize,
}

impl Compute {
    /// Runs it and returns the result; None when it was stopped. `progress` receives partial results.
    pub fn run(self, job: JobId, progress: &(dyn Fn(Msg) + Sync), stop: &AtomicBool) -> Option<Msg> {
        let goes_on = || !stop.load(Ordering::Relaxed);
        match self {
            Compute::Check { snapshot, evidence } => {
                let so_far = |done| {
                    progress(Msg::Checking(job, done));
                    goes_on()
                };
                Findings::check_with(&snapshot, evidence, so_far).map(|f| Msg::Checked(job, Box::new(f)))
            }
            Compute::View { snapshot, findings, query } => {
                let so_far = |rows: Vec<RowId>| progress(Msg::Viewed(job, Arc::new(rows), Progress::SoFar));
                let rows = search::run(&query, &snapshot, findings.as_deref(), stop, so_far)?;
                Some(Msg::Viewed(job, Arc::new(rows), Progress::Whole))
            }
            Compute::Find { snapshot, text, rows, from, forward } => {
                let rows = rows.as_ref().map(|rows| rows.as_slice());
                let Some(hit) = search::next(&text, &snapshot, rows, from, forward, stop) else {
                    return goes_on().then_some(Msg::Found(job, None, None));
                };
                // Reported at once, so that the cursor moves; counting looks at all rows.
                progress(Msg::Found(job, Some(hit), None));
                let place = search::place(&text, &snapshot, rows, hit.at, stop)?;
                Some(Msg::Found(job, Some(hit), Some(place)))
            }
            Compute::Plan { snapshot, scope, evidence } => {
                Plan::of(&snapshot, &scope, &evidence, goes_on).map(|plan| Msg::Planned(job, plan))
            }
            Compute::Rank(rank) => rank.run(job, stop),
            Compute::Pair(pair) => {
                let paired = pair.run(&|at| progress(Msg::Pairing(job, at)), stop)?;
                Some(Msg::Paired(job, Box::new(paired)))
            }
            Compute::Compare(pair) => Some(Msg::Compared(job, Arc::new(pair.compare(stop)?))),
            Compute::Stand(stand) => {
                let (standing, explains) = stand.run(stop)?;
                Some(Msg::Stood(job, Arc::new(standing), explains))
            }
            Compute::Same(same) => {
                let edit = same.run(stop);
                goes_on().then_some(Msg::SameFor(job, edit.map(Arc::new)))
            }
            Compute::Fill(fill) => {
                let so_far = |done| {
                    progress(Msg::Counting(job, done));
                    goes_on()
                };
                fill.run(so_far).map(|filled| Msg::TemplateCounted(job, filled))
            }
            Compute::Learn(learning) => {
                let learnt = learning.run(|_| goes_on());
                goes_on().then(|| Msg::Learnt(job, learnt.map(Box::new)))
            }
            Compute::Gather { snapshot, lists, given } => {
                let lists: Vec<&KeyList> = lists.iter().map(|list| &**list).collect();
                let given: Vec<&[Given]> = given.iter().map(|given| given.as_slice()).collect();
                let tables = matched(&given, &snapshot, &lists);
                let given: Vec<&Given> = tables.iter().flat_map(|table| &table.given).collect();
                let listed = Listed::with_pairs(&lists, &given);
                Some(Msg::Gathered(job, Arc::new(listed), tables))
            }
            Compute::Spell { evidence, listed } => {
                let subjects = evidence.subjects().take_while(|_| goes_on());
                // Names are compared first: to unpack an answer takes ten times as long.
                let otherwise = subjects.filter(|subject| listed.in_another_case(subject.name()).is_some());
                let found = otherwise.filter(|subject| evidence.get(subject).is_some_and(|it| it.is_not_found()));
                let found = found.collect();
                goes_on().then_some(Msg::Spelled(job, found))
            }
            Compute::Sums(snapshot) => {
                snapshot.size();
                snapshot.summary();
                Some(Msg::Summed(job))
            }
            Compute::Buckets(snapshot) => Some(Msg::BucketsFound(job, buckets_of(&snapshot))),
            Compute::Count(count) => {
                let so_far = |done| {
                    progress(Msg::Counting(job, done));
                    goes_on()
                };
                count.run(so_far).map(|counted| Msg::Counted(job, counted))
            }
            Compute::Merge { old, new } => {
                let so_far = |done| {
                    progress(Msg::Merging(job, done));
                    goes_on()
                };
                let filled = [&old, &new].map(|file| {
                    let rows = RowSet::range(0, file.len());
                    let filled = |row: &RowId| !file.value(*row, Field::Transcription).text().is_empty();
                    rows.iter().filter(filled).count() as u64
                });
                let merge = merge(old, new, so_far)?;
                Some(Msg::Merged(job, Merged { merge: Arc::new(merge), filled }))
            }
            Compute::Apply { mut draft, what } => {
                let rows = what.apply(&mut draft);
                Some(Msg::Applied(job, draft, rows))
            }
        }
    }
}

/// The buckets that rows name, with the numbers of transcripts and videos in each; most transcripts first, then most
/// videos.
fn buckets_of(snapshot: &Snapshot) -> Vec<Bucket> {
    let mut found: Vec<Bucket> = Vec::new();
    for row in 0..snapshot.len() {
        for (field, is_video) in [(Field::Transcription, false), (Field::Object, true)] {
            let value = snapshot.value(row, field);
            // What can't be a bucket, or stands for one in an example, can't be listed.
            let is_real = |name: &str| bucket::fault(name).is_none() && !bucket::is_placeholder(name);
            let Some((name, _)) = split(value.text()).filter(|(name, _)| is_real(name)) else { continue };
            let at = found.iter().position(|bucket| bucket.name == name);
            let at = at.unwrap_or_else(|| {
                found.push(Bucket { name: name.to_owned(), transcripts: 0, videos: 0 });
                found.len() - 1
            });
            if let Some(bucket) = found.get_mut(at) {
                *(if is_video { &mut bucket.videos } else { &mut bucket.transcripts }) += 1;
            }
            if found.len() > MOST_BUCKETS {
                found.truncate(MOST_BUCKETS);
            }
        }
    }
    found.sort_by_key(|bucket| (std::cmp::Reverse(bucket.transcripts), std::cmp::Reverse(bucket.videos)));
    found
}

impl Rank {
    fn run(&self, job: JobId, stop: &AtomicBool) -> Option<Msg> {
        let used = |key: &KeyRef<'_>| self.findings.as_ref()?.used_by(&self.snapshot, &key.url(), Some(self.row));
        let Rank { list, query, object, limit, .. } = self;
        if self.complete {
            let mut ranked = keys::complete(list, query, object, &used, *limit, stop)?;
            if ranked.len() < *limit {
                // After the S3 keys that begin with the query come those that contain it; for an empty query, those
                // that fit the video.
                let others = keys::rank(list, object, query, &used, *limit, stop)?.keys;
                let new: Vec<_> =
                    others.into_iter().filter(|other| ranked.iter().all(|it| it.index != other.index)).collect();
                ranked.extend(new);
                ranked.truncate(*limit);
            }
            let matches = u32::try_from(ranked.len()).unwrap_or(u32::MAX);
            return Some(Msg::Ranked(job, KeyOffer::all(list, &ranked), matches));
        }
        let ranking = keys::rank(list, object, query, &used, *limit, stop)?;
        Some(Msg::Ranked(job, KeyOffer::all(list, &ranking.keys), ranking.matches))
    }
}
