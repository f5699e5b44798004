//! The file that one part of a divided online check leaves: whose manifest it is, which part, when it was asked, the
//! answers, and the findings that follow from them alone. One JSON object, an answer a line.
//!
//! Names are `s3://` addresses without signatures; there is no API key in it.

use crate::domain::evidence::{Evidence, Observation, Shard, Subject, SubjectKind, VERSION};
use crate::io::files::{self, NotRead, NotSaved, Over, Saved};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// How a part begins; other files are never written over.
const MARK: &str = r#"{"cuecard_part":1,"#;

/// Before the checksum of all bytes before it.
const CHECKSUM: &[u8] = b",\n\"checksum\":\"";

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Of the program: others may inspect differently.
    version: String,
    /// Of the manifest's bytes.
    pub sha256: String,
    pub rows: u32,
    /// `3/8`
    part: String,
    /// The store that was asked: `aws` or an address.
    pub store: String,
    /// The operator's AWS credentials were used for what S3 refuses to anonymous requests.
    pub signed: bool,
    pub videos: bool,
    pub began: Timestamp,
    pub ended: Timestamp,
    pub requests: u64,
}

impl Head {
    /// A part that begins now.
    pub fn new(sha256: String, rows: u32, shard: Shard, store: String, signed: bool, videos: bool) -> Head {
        let (version, part, now) = (VERSION.to_owned(), shard.to_string(), Timestamp::now());
        Head { version, sha256, rows, part, store, signed, videos, began: now, ended: now, requests: 0 }
    }

    /// # Errors
    /// [`PartError::Damaged`] if it names no part.
    pub fn shard(&self) -> Result<Shard, PartError> {
        self.part.parse().map_err(|_| PartError::Damaged)
    }
}

/// A part as read.
#[derive(Clone, Debug)]
pub struct Part {
    pub head: Head,
    pub shard: Shard,
    pub answers: Vec<(Subject, Observation)>,
}

#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error("{0}")]
    NotRead(#[from] NotRead),
    #[error("is not a part of a check")]
    NotAPart,
    #[error("is a part that was edited or cut; make it again")]
    Damaged,
    #[error("is of another version of cuecard ({0}); make it again")]
    Version(String),
}

/// The file was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    #[error("it is not a part of a check; name another file with -o")]
    Other,
    #[error("{0}")]
    NotSaved(#[from] NotSaved),
    #[error("can't be looked at: {0}")]
    Unreadable(String),
}

#[derive(Serialize, Deserialize)]
struct Answer<N, O> {
    kind: SubjectKind,
    name: N,
    observation: O,
}

#[derive(Deserialize)]
struct Body {
    answers: Vec<Answer<String, Observation>>,
}

/// Writes a part atomically, over an earlier one but over no other file. `findings` is a JSON array.
///
/// # Errors
/// [`NotWritten`]: then the file has not changed.
pub fn write(path: &Path, head: &Head, evidence: &Evidence, findings: &[u8]) -> Result<Saved, NotWritten> {
    let over = match begins_as_a_part(path) {
        Ok(Some(true)) => Over::Anything,
        Ok(Some(false)) => return Err(NotWritten::Other),
        Ok(None) => Over::Nothing,
        Err(error) => return Err(NotWritten::Unreadable(crate::io::error_words(&error))),
    };
    let bytes = bytes(head, evidence, findings);
    Ok(files::save(path, over, &bytes, false)?)
}

fn bytes(head: &Head, evidence: &Evidence, findings: &[u8]) -> Vec<u8> {
    let mut subjects: Vec<Subject> = evidence.subjects().collect();
    subjects.sort_unstable();
    let mut out = MARK.as_bytes().to_vec();
    // Plain data with text keys always serialises.
    let text = serde_json::to_string(head).unwrap_or_default();
    out.extend_from_slice(text.trim_start_matches('{').trim_end_matches('}').as_bytes());
    out.extend_from_slice(b",\"answers\":[");
    let answers = subjects.iter().filter_map(|subject| Some((subject, evidence.get(subject)?)));
    for (at, (subject, observation)) in answers.enumerate() {
        out.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        let line = Answer { kind: subject.kind(), name: subject.name(), observation };
        out.extend(serde_json::to_vec(&line).unwrap_or_default());
    }
    out.extend_from_slice(b"\n],\"findings\":");
    out.extend_from_slice(findings.trim_ascii());
    let checksum = checksum(&out);
    out.extend_from_slice(CHECKSUM);
    out.extend_from_slice(checksum.as_bytes());
    out.extend_from_slice(b"\"}\n");
    out
}

/// SHA-256 in hexadecimal.
fn checksum(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether these are the bytes that were written: an answer that is missing would be a finding that is missing.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(bytes, CHECKSUM) else { return false };
    let (before, after) = bytes.split_at_checked(at).unwrap_or_default();
    let told = after.get(CHECKSUM.len()..).unwrap_or_default().trim_ascii_end().strip_suffix(b"\"}");
    told == Some(checksum(before).as_bytes())
}

/// Whether the file is a part; None if there is none.
fn begins_as_a_part(path: &Path) -> io::Result<Option<bool>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Ok(Some(false));
    }
    let mut start = Vec::new();
    file.take(MARK.len() as u64).read_to_end(&mut start)?;
    Ok(Some(start == MARK.as_bytes()))
}

/// Whether a file begins as a part does.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK.as_bytes())
}

/// # Errors
/// [`PartError`], which continues the file's name.
pub fn read(path: &Path) -> Result<Part, PartError> {
    let (_, bytes) = files::read_once(path)?;
    if !begins(&bytes) {
        return Err(PartError::NotAPart);
    }
    let head: Head = serde_json::from_slice(&bytes).map_err(|_| PartError::Damaged)?;
    if head.version != VERSION {
        return Err(PartError::Version(head.version));
    }
    if !is_whole(&bytes) {
        return Err(PartError::Damaged);
    }
    let Body { answers } = serde_json::from_slice(&bytes).map_err(|_| PartError::Damaged)?;
    let answer = |it: Answer<String, Observation>| Some((Subject::of(it.kind, &it.name)?, it.observation));
    let answers: Option<Vec<_>> = answers.into_iter().map(answer).collect();
    let shard = head.shard()?;
    Ok(Part { shard, head, answers: answers.ok_or(PartError::Damaged)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Answer as Told, Fact, Object, Unclear};

    fn head() -> Head {
        let shard = Shard::new(3, 8).unwrap();
        Head { requests: 9, ..Head::new("3f9a".into(), 12, shard, "aws".into(), false, true) }
    }

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        for (kind, name, answer) in [
            (SubjectKind::Video, "s3://acme-video/ä \"b\".mp4", Told::Empty),
            (SubjectKind::Video, "s3://acme-video/a.mp4", Told::Unclear(Unclear::Throttled)),
        ] {
            let fact = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
            let observation = Observation { at_ms: 7, requests: 1, cached: false, fact };
            evidence.observe(&Subject::of(kind, name).unwrap(), &observation);
        }
        evidence
    }

    #[test]
    fn written_part_reads_back_with_one_line_per_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.json");
        write(&path, &head(), &evidence(), b"[\n{\"row\":1}\n]\n").unwrap();
        let part = read(&path).unwrap();
        assert_eq!((&part.head, part.shard), (&head_at(&part.head), Shard::new(3, 8).unwrap()));
        let mut read_back = Evidence::default();
        part.answers.iter().for_each(|(subject, it)| read_back.observe(subject, it));
        for (subject, observation) in evidence().iter() {
            assert_eq!(read_back.get(&subject), Some(observation));
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with("{\"kind\"")).count(), 2);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        // The same part again: a retry.
        write(&path, &head(), &Evidence::default(), b"[]").unwrap();
        assert!(read(&path).unwrap().answers.is_empty());
    }

    fn head_at(times: &Head) -> Head {
        Head { began: times.began, ended: times.ended, ..head() }
    }

    #[test]
    fn a_part_is_written_over_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.json");
        for other in ["", "[]", "{\"cuecard_receipt\":1}"] {
            std::fs::write(&path, other).unwrap();
            assert!(matches!(write(&path, &head(), &evidence(), b"[]"), Err(NotWritten::Other)));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
            assert!(matches!(read(&path), Err(PartError::NotAPart)));
        }
        assert!(write(folder.path(), &head(), &evidence(), b"[]").is_err());
        assert!(matches!(read(&folder.path().join("none")), Err(PartError::NotRead(_))));
    }

    #[test]
    fn a_part_in_which_an_answer_or_a_letter_is_missing_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.json");
        let whole = String::from_utf8(bytes(&head(), &evidence(), b"[]")).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let without: Vec<String> = (1..lines.len())
            .map(|at| lines.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| format!("{line}\n")).collect())
            .collect();
        let flipped = (MARK.len()..whole.len() - 2).map(|at| {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            bytes
        });
        for damaged in without.into_iter().map(String::into_bytes).chain(flipped) {
            std::fs::write(&path, &damaged).unwrap();
            let read = read(&path);
            assert!(
                matches!(read, Err(PartError::Damaged | PartError::Version(_))),
                "{read:?} {}",
                String::from_utf8_lossy(&damaged)
            );
        }
    }

    #[test]
    fn a_part_that_is_cut_or_of_another_version_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.json");
        let whole = bytes(&head(), &evidence(), b"[]");
        for cut in MARK.len()..whole.len() - 1 {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(matches!(read(&path), Err(PartError::Damaged)), "{cut}");
        }
        let text = String::from_utf8(whole).unwrap();
        std::fs::write(&path, text.replace(VERSION, "9.9.9/9")).unwrap();
        assert!(matches!(read(&path), Err(PartError::Version(version)) if version == "9.9.9/9"));
        std::fs::write(&path, text.replace("3/8", "9/8")).unwrap();
        assert!(matches!(read(&path), Err(PartError::Damaged)));
        // A signed link is nothing that was ever asked about.
        std::fs::write(&path, text.replace("a.mp4", "a.mp4?X-Amz-Signature=1")).unwrap();
        assert!(matches!(read(&path), Err(PartError::Damaged)));
    }
}
