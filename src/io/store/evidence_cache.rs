//! Caches answers about S3 objects, by kind and name, for later runs. Names are `s3://` addresses without signatures or
//! API keys. Indexes are not cached: they cost one request, and another API key may see different ones.

use super::{Cache, StoreError};
use crate::domain::evidence::{Answer, Fact, Observation, Subject, SubjectKind, VERSION};
use crate::domain::limits::Limits;
use crate::domain::rules::Severity;
use crate::domain::subtitle::{Inspected, Transcript};
use rusqlite::{OptionalExtension, params};
use std::collections::{HashMap, HashSet};

pub(super) const STEP: &str = "CREATE TABLE learnt (
        place TEXT NOT NULL,
        kind INTEGER NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        asked_ms INTEGER NOT NULL,
        looked TEXT NOT NULL,
        PRIMARY KEY (place, kind, name)
     ) STRICT;
     CREATE INDEX learnt_by_age ON learnt (asked_ms);";

/// Answers were kept as JSON, in four times the space.
pub(super) const STEP_TO_BYTES: &str = "DROP TABLE learnt;
     CREATE TABLE learnt (
        place TEXT NOT NULL,
        kind INTEGER NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        asked_ms INTEGER NOT NULL,
        looked BLOB NOT NULL,
        PRIMARY KEY (place, kind, name)
     ) STRICT;
     CREATE INDEX learnt_by_age ON learnt (asked_ms);";

/// An existing transcript or video rarely changes within a shift, and its age is shown.
const FOUND: i64 = 24 * 60 * 60 * 1000;
/// What is missing, private, archived, empty or faulty is probably being fixed now.
const FAULTY: i64 = 10 * 60 * 1000;

/// Some sixty megabytes, rarely more.
const MOST: u32 = 200_000;

impl Cache {
    /// Cached answers for these subjects that are recent enough. `place` is the store that was asked, `aws` or an
    /// address: answers of different stores are kept apart.
    pub fn recall(
        &self,
        place: &str,
        subjects: &[Subject],
        now_ms: i64,
    ) -> Result<HashMap<Subject, Observation>, StoreError> {
        let found = self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT looked FROM learnt WHERE place = ?1 AND kind = ?2 AND name = ?3 AND version = ?4",
            )?;
            let mut found = Vec::new();
            for subject in subjects {
                let key = params![place, number(subject.kind()), subject.name(), VERSION];
                let observation: Option<Vec<u8>> = statement.query_row(key, |row| row.get(0)).optional()?;
                found.extend(observation.map(|observation| (subject.clone(), observation)));
            }
            Ok(found)
        })?;
        let read = found.into_iter().filter_map(|(subject, bytes)| {
            let observation = Observation::from_bytes(&bytes)?;
            let age = now_ms - observation.at_ms;
            // A time in the future comes from a wrong clock.
            let is_good =
                kind_of(&observation.fact) == subject.kind() && (0..good_for(&observation.fact)).contains(&age);
            is_good.then_some((subject, Observation { cached: true, ..observation }))
        });
        Ok(read.collect())
    }

    /// The lengths of videos in milliseconds that checks told, by `s3://` address and for these only. Where two stores tell
    /// different ones, none: a wrong length misleads more than a missing one.
    pub fn video_lengths(&self, wanted: &HashSet<&str>) -> Result<HashMap<String, u64>, StoreError> {
        let mut lengths: HashMap<String, Option<u64>> = HashMap::new();
        self.database.read(|connection| {
            let find = "SELECT name, looked FROM learnt WHERE kind = ?1 AND version = ?2";
            let mut statement = connection.prepare(find)?;
            let mut rows = statement.query(params![number(SubjectKind::Video), VERSION])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                let length =
                    wanted.contains(name.as_str()).then(|| length_of(&row.get::<_, Vec<u8>>(1).ok()?)).flatten();
                if let Some(length) = length {
                    let known = lengths.entry(name).or_insert(Some(length));
                    *known = known.filter(|known| *known == length);
                }
            }
            Ok(())
        })?;
        Ok(lengths.into_iter().filter_map(|(name, length)| Some((name, length?))).collect())
    }

    /// Stores answers worth caching, in one transaction.
    pub fn keep<'a>(
        &mut self,
        place: &str,
        observed: impl IntoIterator<Item = (&'a Subject, &'a Observation)>,
    ) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT OR REPLACE INTO learnt (place, kind, name, version, asked_ms, looked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for (subject, observation) in observed {
                let (kind, name) = (number(subject.kind()), subject.name());
                if observation.cached || good_for(&observation.fact) == 0 {
                    continue;
                }
                let bytes = observation.to_bytes();
                statement.execute(params![place, kind, name, VERSION, observation.at_ms, bytes])?;
            }
            Ok(())
        })
    }

    /// Deletes the oldest answers beyond the limit.
    pub fn trim(&mut self) -> Result<(), StoreError> {
        self.trim_to(MOST)
    }

    pub(super) fn trim_to(&mut self, most: u32) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "DELETE FROM learnt WHERE asked_ms < (SELECT asked_ms FROM learnt ORDER BY asked_ms DESC LIMIT 1 OFFSET ?1 - 1)",
                [most],
            )?;
            Ok(())
        })
    }
}

/// The length of the video in a stored answer, unless it is an estimate.
fn length_of(looked: &[u8]) -> Option<u64> {
    let Fact::Video(video) = Observation::from_bytes(looked)?.fact else { return None };
    let Answer::Found(found) = video.answer else { return None };
    found.what.duration.filter(|length| !length.is_rough).map(|length| length.ms)
}

fn number(kind: SubjectKind) -> i64 {
    match kind {
        SubjectKind::Transcript => 0,
        SubjectKind::Video => 1,
        SubjectKind::Index => 2,
    }
}

fn kind_of(fact: &Fact) -> SubjectKind {
    match fact {
        Fact::Transcript(_) => SubjectKind::Transcript,
        Fact::Video(_) => SubjectKind::Video,
        Fact::Index(_) => SubjectKind::Index,
    }
}

/// How long an answer is valid, in milliseconds; 0 if it is not worth caching.
fn good_for(fact: &Fact) -> i64 {
    fn object<T>(answer: &Answer<T>, is_faulty: impl Fn(u64, &T) -> bool) -> i64 {
        match answer {
            Answer::Found(found) if is_faulty(found.size, &found.what) => FAULTY,
            Answer::Found(_) => FOUND,
            Answer::Unclear(_) => 0,
            _ => FAULTY,
        }
    }
    match fact {
        Fact::Transcript(it) => object(&it.answer, |_, what| match what {
            Inspected::Subtitles(transcript) => is_faulty(transcript),
            Inspected::Other(_) => true,
        }),
        // With the default limits: the actual ones only affect how soon it is requested again.
        Fact::Video(it) => object(&it.answer, |size, facts| {
            Limits::default().breaches(facts, size, None).iter().any(|breach| breach.severity == Severity::Error)
        }),
        Fact::Index(_) => 0,
    }
}

fn is_faulty(transcript: &Transcript) -> bool {
    transcript.apparent == 0 || transcript.faults.iter().any(|fault| fault.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Found, Index, IndexAnswer, Object, Unclear};
    use crate::domain::subtitle::inspect;
    use crate::domain::video::{Facts, Length};

    const PLACE: &str = "aws";

    fn subject(name: &str) -> Subject {
        Subject::of(SubjectKind::Video, name).unwrap()
    }

    fn observation(at_ms: i64, answer: Answer<Facts>) -> Observation {
        let fact = Fact::Video(Box::new(Object { region: Some("us-west-2".into()), signed: false, answer }));
        Observation { at_ms, requests: 2, cached: false, fact }
    }

    fn found() -> Answer<Facts> {
        Answer::Found(Found { size: 9, etag: Some("\"e\"".into()), what: Facts::default() })
    }

    fn missing() -> Answer<Facts> {
        Answer::Missing { deleted: false, instead: None }
    }

    #[test]
    fn cached_answers_expire_and_are_marked_as_cached() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(folder.path()).unwrap();
        let at = 1_700_000_000_000;
        let name = subject("s3://acme-video/a.mp4");
        for (answer, good) in [(found(), FOUND), (missing(), FAULTY)] {
            let observed = observation(at, answer);
            cache.keep(PLACE, [(&name, &observed)]).unwrap();
            // An unclear answer does not replace a clear one.
            let unclear = observation(at, Answer::Unclear(Unclear::Throttled));
            cache.keep(PLACE, [(&name, &unclear)]).unwrap();
            let recall = |now| cache.recall(PLACE, std::slice::from_ref(&name), now).unwrap().remove(&name);
            assert_eq!(recall(at), Some(Observation { cached: true, ..observed.clone() }));
            assert!(recall(at + good - 1).is_some() && recall(at + good).is_none());
            // The clock was set back.
            assert_eq!(recall(at - 1), None);
        }
    }

    #[test]
    fn answers_with_errors_expire_sooner() {
        let found = |what| Answer::Found(Found { size: 9, etag: None, what });
        let transcript = |bytes: &[u8]| {
            let answer = found(inspect(bytes, false));
            good_for(&Fact::Transcript(Object { region: None, signed: false, answer }))
        };
        let cue = "1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n";
        assert_eq!(transcript(cue.as_bytes()), FOUND);
        for faulty in ["<!doctype html><html></html>", "no cue", "WEBVTT\n"] {
            assert_eq!(transcript(faulty.as_bytes()), FAULTY, "{faulty}");
        }
        assert_eq!(
            transcript(cue.replace("Good", "Go\u{e4}d").chars().map(|c| c as u8).collect::<Vec<_>>().as_slice()),
            FAULTY
        );
        let video = |ms| {
            let duration = Some(Length { ms, is_rough: false, media_ms: None });
            let answer = Answer::Found(Found { size: 9, etag: None, what: Facts { duration, ..Facts::default() } });
            good_for(&Fact::Video(Box::new(Object { region: None, signed: false, answer })))
        };
        assert_eq!((video(60_000), video(1_000)), (FOUND, FAULTY));
    }

    #[test]
    fn cached_answers_are_kept_per_endpoint() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(folder.path()).unwrap();
        let name = subject("s3://acme-video/a.mp4");
        cache.keep(PLACE, [(&name, &observation(5, found()))]).unwrap();
        // A transcript with the same address is another subject.
        let transcript = Subject::of(SubjectKind::Transcript, name.name()).unwrap();
        let both = [name.clone(), transcript];
        let recall = |place| cache.recall(place, &both, 6).unwrap().into_keys().collect::<Vec<_>>();
        assert_eq!(recall(PLACE), std::slice::from_ref(&name));
        assert!(recall("http://127.0.0.1:9").is_empty());
    }

    #[test]
    fn an_entry_that_is_damaged_or_of_another_version_is_not_found_and_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(folder.path()).unwrap();
        let names = ["a", "b", "c"].map(|name| subject(&format!("s3://acme-video/{name}.mp4")));
        let observed = observation(5, found());
        cache.keep(PLACE, names.iter().map(|name| (name, &observed))).unwrap();
        cache
            .database
            .write(|transaction| {
                transaction.execute("UPDATE learnt SET looked = substr(looked, 2) WHERE name LIKE '%a.mp4'", [])?;
                transaction.execute("UPDATE learnt SET version = '0.0.1/1' WHERE name LIKE '%b.mp4'", [])
            })
            .unwrap();
        assert_eq!(cache.recall(PLACE, &names, 6).unwrap().into_keys().collect::<Vec<_>>(), names[2..]);
    }

    #[test]
    fn an_index_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(folder.path()).unwrap();
        let id = Subject::of(SubjectKind::Index, "6298d673f1090f1100476d4c").unwrap();
        let answer = Fact::Index(IndexAnswer::Found(Index::default()));
        cache.keep(PLACE, [(&id, &Observation { at_ms: 5, requests: 1, cached: false, fact: answer })]).unwrap();
        assert!(cache.recall(PLACE, &[id], 6).unwrap().is_empty());
    }

    #[test]
    fn trimming_the_cache_drops_the_oldest_answers() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(folder.path()).unwrap();
        let names: Vec<Subject> = (0..9).map(|n| subject(&format!("s3://acme-video/{n}.mp4"))).collect();
        let observed: Vec<Observation> = (0..9).map(|at| observation(at, found())).collect();
        cache.keep(PLACE, names.iter().zip(&observed)).unwrap();
        cache.trim_to(9).unwrap();
        assert_eq!(cache.recall(PLACE, &names, 100).unwrap().len(), 9);
        cache.trim_to(4).unwrap();
        let mut left: Vec<Subject> = cache.recall(PLACE, &names, 100).unwrap().into_keys().collect();
        left.sort();
        assert_eq!(left, names[5..]);
    }
}
