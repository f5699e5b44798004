//! Divides what a manifest names among several processes, so that no object is asked twice and few buckets are: every
//! process works out the same division from the same manifest. Subjects are ordered by bucket, then by a fixed hash of
//! their name; each process takes one stretch of that order.

use super::{Scope, Subject};
use crate::draft::Snapshot;
use crate::manifest::RowId;
use crate::stable;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// One of several processes: the third of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard {
    /// From 1.
    pub number: u32,
    pub of: u32,
}

impl Shard {
    /// More than any scheduler's largest array (AWS Batch has 10,000 children).
    const MOST: u32 = 100_000;

    /// # Errors
    /// A clause that says what is wrong.
    pub fn new(number: u32, of: u32) -> Result<Shard, String> {
        match (number, of) {
            (_, 0) => Err("there is at least 1 part".into()),
            (_, of) if of > Shard::MOST => Err(format!("{} parts are the most", Shard::MOST)),
            (0, _) => Err("parts count from 1".into()),
            (number, of) if number > of => Err(format!("there is no part {number} of {of}")),
            (number, of) => Ok(Shard { number, of }),
        }
    }

    /// From what the scheduler tells an array job: AWS Batch counts from 0, Slurm from where its array begins.
    ///
    /// # Errors
    /// A sentence that names the missing or odd variable.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
        let number = |name: &str| -> Result<Option<u32>, String> {
            let Some(text) = variable(name).filter(|text| !text.is_empty()) else { return Ok(None) };
            text.trim().parse().map(Some).map_err(|_| format!("{name} is not a number"))
        };
        let needed = |name: &str| number(name)?.ok_or_else(|| format!("{name} is not set; give --shard I/N"));
        let shard = |index: u32, of: u32| Shard::new(index.saturating_add(1), of);
        let is_set = |name: &str| variable(name).is_some_and(|text| !text.is_empty());
        if is_set("AWS_BATCH_JOB_ARRAY_INDEX") && is_set("SLURM_ARRAY_TASK_ID") {
            let both = "AWS_BATCH_JOB_ARRAY_INDEX and SLURM_ARRAY_TASK_ID are both set, so it is not known which array this is";
            return Err(format!("{both}; give --shard I/N"));
        }
        if let Some(index) = number("AWS_BATCH_JOB_ARRAY_INDEX")? {
            let of = needed("AWS_BATCH_JOB_ARRAY_SIZE")?;
            return shard(index, of).map_err(|why| format!("AWS_BATCH_JOB_ARRAY_INDEX is {index} of {of}: {why}"));
        }
        let Some(id) = number("SLURM_ARRAY_TASK_ID")? else {
            return Err("neither AWS_BATCH_JOB_ARRAY_INDEX nor SLURM_ARRAY_TASK_ID is set; give --shard I/N".to_owned());
        };
        let (of, first) = (needed("SLURM_ARRAY_TASK_COUNT")?, needed("SLURM_ARRAY_TASK_MIN")?);
        let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
        let index = id.checked_sub(first).filter(|past| past % step == 0).map(|past| past / step);
        let found = index.ok_or_else(|| "the array has gaps".to_owned()).and_then(|index| shard(index, of));
        found.map_err(|why| format!("SLURM_ARRAY_TASK_ID is {id}, of {of} from {first}: {why}; give --shard I/N"))
    }
}

impl FromStr for Shard {
    type Err = String;

    /// `3/8`
    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let (number, of) = numbers.ok_or("expected a part and the number of parts, like 3/8")?;
        Shard::new(number, of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// Where a subject stands in the common order: its bucket's rank, then the hash of its name.
type Place = (u32, u64);

/// The stretch of every shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// By name; an index has the bucket "", which is the first.
    ranks: HashMap<Box<str>, u32>,
    /// The first place of each shard but the first, ascending.
    starts: Vec<Place>,
}

impl Shares {
    /// Divides the subjects in scope into `of` stretches of equal length. `go_on` is polled now and then; None if it
    /// returns false.
    pub fn of(snapshot: &Snapshot, scope: &Scope, of: u32, go_on: impl Fn() -> bool) -> Option<Shares> {
        let mut buckets: BTreeMap<Box<str>, Vec<u64>> = BTreeMap::new();
        for (at, row) in scope.rows(snapshot).enumerate() {
            if at % 1024 == 0 && !go_on() {
                return None;
            }
            for subject in scope.subjects(snapshot, row) {
                let bucket = bucket(&subject);
                match buckets.get_mut(bucket.as_ref()) {
                    Some(hashes) => hashes.push(hash(&subject)),
                    None => drop(buckets.insert(bucket, vec![hash(&subject)])),
                }
            }
        }
        let mut ranks = HashMap::new();
        let mut places: Vec<Place> = Vec::new();
        for ((bucket, mut hashes), rank) in buckets.into_iter().zip(0..) {
            hashes.sort_unstable();
            hashes.dedup();
            places.extend(hashes.into_iter().map(|hash| (rank, hash)));
            ranks.insert(bucket, rank);
        }
        let all = places.len() as u64;
        let start = |number: u32| {
            let at = usize::try_from(all * u64::from(number) / u64::from(of)).unwrap_or(usize::MAX);
            places.get(at).copied().unwrap_or((u32::MAX, u64::MAX))
        };
        Some(Shares { ranks, starts: (1..of).map(start).collect() })
    }

    /// The number of the shard that asks about a subject, from 1.
    pub fn number(&self, subject: &Subject) -> u32 {
        let rank = self.ranks.get(&bucket(subject)).copied().unwrap_or_default();
        let place = (rank, hash(subject));
        1 + self.starts.partition_point(|start| *start <= place) as u32
    }
}

/// What one shard asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub shares: Arc<Shares>,
    pub number: u32,
}

impl Share {
    pub fn has(&self, subject: &Subject) -> bool {
        self.shares.number(subject) == self.number
    }
}

fn bucket(subject: &Subject) -> Box<str> {
    subject.url().map_or_else(Box::default, |url| url.bucket().into())
}

fn hash(subject: &Subject) -> u64 {
    stable::hash(std::iter::once(subject.kind() as u8).chain(subject.name().bytes()))
}

/// The rows that name something in scope without an answer, in order.
pub fn unasked<'a>(
    snapshot: &'a Snapshot,
    scope: &'a Scope,
    is_asked: impl Fn(&Subject) -> bool + 'a,
) -> impl Iterator<Item = RowId> + 'a {
    let rows = scope.rows(snapshot);
    rows.filter(move |row| scope.subjects(snapshot, *row).iter().any(|subject| !is_asked(subject)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::SubjectKind;
    use crate::manifest::Manifest;
    use std::collections::{BTreeSet, HashSet};

    const ALL: Scope = Scope { rows: None, transcripts: true, videos: true, indexes: true, afresh: false, share: None };

    #[test]
    fn shard_text_parses_back_to_itself() {
        for text in ["1/1", "3/8", "10000/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in ["", "3", "0/8", "9/8", "1/0", "-1/8", "3/8/2", "a/b", "1/100001", " 1/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_array_job_finds_its_part() {
        let find = |set: &[(&str, &str)]| {
            Shard::from_environment(|name| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        let [index, size] = ["AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"];
        let [id, count, min, step] = ["ID", "COUNT", "MIN", "STEP"].map(|it| format!("SLURM_ARRAY_TASK_{it}"));
        let [id, count, min, step] = [&id, &count, &min, &step].map(String::as_str);
        assert_eq!(find(&[(index, "0"), (size, "8")]), Ok(Shard { number: 1, of: 8 }));
        assert_eq!(find(&[(index, "7"), (size, "8")]), Ok(Shard { number: 8, of: 8 }));
        assert_eq!(find(&[(id, "0"), (count, "8"), (min, "0")]), Ok(Shard { number: 1, of: 8 }));
        // --array=1-8, and --array=10-24:2
        assert_eq!(find(&[(id, "8"), (count, "8"), (min, "1")]), Ok(Shard { number: 8, of: 8 }));
        assert_eq!(find(&[(id, "14"), (count, "8"), (min, "10"), (step, "2")]), Ok(Shard { number: 3, of: 8 }));
        for (set, told) in [
            (vec![], "neither AWS_BATCH_JOB_ARRAY_INDEX nor SLURM_ARRAY_TASK_ID"),
            (vec![(index, "0"), (size, "8"), (id, "1"), (count, "8"), (min, "1")], "both set"),
            (vec![(index, "3")], "AWS_BATCH_JOB_ARRAY_SIZE is not set"),
            (vec![(index, "x"), (size, "8")], "AWS_BATCH_JOB_ARRAY_INDEX is not a number"),
            (vec![(index, "8"), (size, "8")], "no part 9 of 8"),
            (vec![(id, "3")], "SLURM_ARRAY_TASK_COUNT is not set"),
            // --array=1,3,7
            (vec![(id, "7"), (count, "3"), (min, "1")], "no part 7 of 3"),
            (vec![(id, "3"), (count, "2"), (min, "0"), (step, "2")], "gaps"),
            (vec![(id, "0"), (count, "8"), (min, "1")], "gaps"),
        ] {
            let why = find(&set).unwrap_err();
            assert!(why.contains(told), "{why}");
        }
    }

    /// Rows over three buckets, with repeated videos and transcripts.
    fn rows(count: usize) -> Snapshot {
        let row = |n: usize| {
            let (video, transcript) = (n / 2, n / 3);
            let buckets = ["alpha", "beta-video", "gamma"];
            let bucket = buckets[video % 3];
            format!(
                r#"{{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://{bucket}/{video}.mp4","transcription":"s3://captions/{transcript}.srt"}}"#
            )
        };
        let text = format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(",\n"));
        Snapshot::of(Arc::new(Manifest::parse(text.into_bytes()).unwrap()))
    }

    #[test]
    fn every_subject_belongs_to_one_part_and_the_parts_are_even() {
        for (count, of) in [(0, 3), (1, 3), (5, 8), (900, 1), (900, 7), (900, 64)] {
            let snapshot = rows(count);
            let shares = Arc::new(Shares::of(&snapshot, &ALL, of, || true).unwrap());
            let mut parts: BTreeMap<u32, HashSet<Subject>> = BTreeMap::new();
            let mut all = HashSet::new();
            for row in 0..snapshot.len() {
                for subject in ALL.subjects(&snapshot, row) {
                    parts.entry(shares.number(&subject)).or_default().insert(subject.clone());
                    all.insert(subject);
                }
            }
            assert!(parts.keys().all(|number| (1..=of).contains(number)));
            assert_eq!(parts.values().map(HashSet::len).sum::<usize>(), all.len());
            let even = all.len().div_ceil(of as usize);
            assert!(parts.values().all(|part| part.len() <= even), "{count} rows, {of} parts");
            // A bucket is asked once, and once more for each part that begins in the midst of it.
            let buckets =
                |part: &HashSet<Subject>| part.iter().map(bucket).filter(|b| !b.is_empty()).collect::<BTreeSet<_>>();
            let asked: usize = parts.values().map(|part| buckets(part).len()).sum();
            assert!(asked < buckets(&all).len() + of as usize, "{asked}");
        }
    }

    #[test]
    fn the_division_is_the_same_on_every_machine() {
        let subject = |name| Subject::of(SubjectKind::Transcript, name).unwrap();
        assert_eq!(hash(&subject("s3://captions/7.srt")), 5_514_627_129_297_333_583);
        let snapshot = rows(300);
        let divide = || Shares::of(&snapshot, &ALL, 5, || true);
        assert_eq!(divide(), divide());
    }
}
