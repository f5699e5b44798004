//! What came of reading a source of transcript keys: what it was read as, what it held, and why it was refused.
//!
//! Counts and words only; every text from outside is kept as it stands and passes `printable` where it is shown.

use super::Source;
use crate::domain::format::thousands;
use crate::domain::printable::printable;
use std::fmt;

/// Lines that are no keys are kept so many, the others counted.
const KEPT: usize = 3;
/// Longer ones are cut, in characters.
const LINE: usize = 200;

/// What a source was read as. Its words are those of the keys screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A live listing; `signed` with the operator's own credentials.
    Bucket {
        signed: bool,
    },
    /// The transcripts that the manifest names itself.
    Manifest,
    #[default]
    Plain,
    AwsLs {
        recursive: bool,
    },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Bucket { signed: false } => "listed, anonymous",
            Shape::Bucket { signed: true } => "listed, --aws",
            Shape::Manifest => "this manifest",
            Shape::Plain => "plain list",
            Shape::AwsLs { recursive: true } => "aws s3 ls --recursive",
            Shape::AwsLs { recursive: false } => "aws s3 ls",
        })
    }
}

/// Keys that are neither `.srt` nor `.vtt`, counted by their ending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    /// In the order they first came: lower case, with the dot; empty for names that have none.
    counts: Vec<(Box<str>, u64)>,
    /// Of endings beyond those that are told apart.
    rest: u64,
}

/// More endings than a screen shows; a list of hashes must not fill the memory.
const ENDINGS: usize = 40;

impl Endings {
    /// Counts a key that is no transcript.
    pub fn count(&mut self, key: &str) {
        let ending = ending(key);
        let known = self.counts.len();
        match self.counts.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(ending)) {
            Some((_, count)) => *count += 1,
            None if known < ENDINGS => self.counts.push((ending.to_ascii_lowercase().into(), 1)),
            None => self.rest += 1,
        }
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum::<u64>() + self.rest
    }

    /// The most frequent first; an empty ending is of names without one.
    pub fn most_first(&self) -> Vec<(&str, u64)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(ending, count)| (&**ending, *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

impl fmt::Display for Endings {
    /// `3,120 .mp4, 12 .txt, 4 without an ending, 7 others`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        let counts = self.most_first();
        let words = counts.iter().take(SHOWN).map(|(ending, count)| match *ending {
            "" => format!("{} without an ending", thousands(*count)),
            ending => format!("{} {}", thousands(*count), printable(ending)),
        });
        let others = counts.iter().skip(SHOWN).map(|(_, count)| count).sum::<u64>() + self.rest;
        let others = (others > 0).then(|| format!("{} others", thousands(others)));
        f.write_str(&words.chain(others).collect::<Vec<_>>().join(", "))
    }
}

/// `.mp4` of a key's file name; empty when it has none, or what follows the last dot is no ending.
fn ending(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let Some(at) = name.rfind('.').filter(|at| *at > 0) else { return "" };
    let ending = name.get(at..).unwrap_or_default();
    let is_one = (2..=9).contains(&ending.len()) && ending.bytes().skip(1).all(|b| b.is_ascii_alphanumeric());
    if is_one { ending } else { "" }
}

/// Lines (entries of a JSON list, rows of a table) that are no keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotKeys {
    pub count: u64,
    /// The first few, with their number from 1 and their text, cut where it is long.
    pub first: Vec<(u64, String)>,
}

impl NotKeys {
    pub fn add(&mut self, line: u64, text: &str) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push((line, text.chars().take(LINE).collect()));
        }
    }
}

impl fmt::Display for NotKeys {
    /// `412 lines are no keys, line 7: "--More--"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, are, keys) = if self.count == 1 { ("line", "is", "key") } else { ("lines", "are", "keys") };
        write!(f, "{} {lines} {are} no {keys}", thousands(self.count))?;
        match self.first.first() {
            Some((line, text)) => write!(f, ", line {}: \"{}\"", thousands(*line), printable(text)),
            None => Ok(()),
        }
    }
}

/// How a reading ended that brought something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// All of it was read.
    #[default]
    Whole,
    /// The reader of the pages wanted no more.
    Stopped,
    /// It broke off: what came before is good, and more may be missing. The sentence says why.
    Early(String),
}

/// What a source held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub shape: Shape,
    /// All keys, usable or not.
    pub keys: u64,
    /// `.srt` and `.vtt`: those that came in the pages.
    pub usable: u64,
    pub others: Endings,
    pub not_keys: NotKeys,
    /// Folders of the listing, which are no keys.
    pub folders: u64,
    /// Of an inventory or a list of versions: left out.
    pub delete_markers: u64,
    pub older_versions: u64,
    /// Pairs of video and transcript that a table gives.
    pub given: u64,
    /// Keys that stood there without their bucket and got it, and a prefix where names were relative.
    pub completed: u64,
    pub prefix: Option<String>,
    /// The source names no bucket: this one was taken because all transcripts, or else all videos, of the manifest lie in it.
    pub assumed_bucket: Option<String>,
    pub end: End,
}

impl Summary {
    /// Something in it deserves a look: `▲`.
    pub fn is_doubtful(&self) -> bool {
        self.not_keys.count > 0 || self.usable == 0 || self.end != End::Whole
    }
}

/// Why a source brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceFault {
    /// The file can't be opened or the bucket can't be listed: the whole sentence.
    Unreadable(String),
    /// Nothing in it is a key.
    NoKeys { source: Source, not_keys: NotKeys },
    /// Names relative to a prefix that nobody named.
    RelativeNames { source: Source },
    /// Keys without a bucket, and the manifest's rows don't lie in exactly one.
    NoBucket { source: Source },
}

/// What a file of keys may be.
pub const EXPECTED: &str = "a listing (aws s3 ls --recursive, aws s3api list-objects-v2, s5cmd, s3cmd, rclone, mc), \
                            a list of keys or URLs, a table of videos and transcripts, or the manifest.json of an S3 Inventory";

impl fmt::Display for SourceFault {
    /// A whole sentence for a command's output; the screens ask in words of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceFault::Unreadable(sentence) => f.write_str(sentence),
            SourceFault::NoKeys { source, not_keys } => {
                write!(f, "{source}: no line is a key.")?;
                if let Some((line, text)) = not_keys.first.first() {
                    write!(f, " Line {}: \"{}\".", thousands(*line), printable(text))?;
                }
                write!(f, " Expected {EXPECTED}")
            }
            SourceFault::RelativeNames { source } => {
                write!(f, "{source}: names are relative. Name the prefix they belong to: {source}@s3://BUCKET/PREFIX/")
            }
            SourceFault::NoBucket { source } => {
                write!(f, "{source} names no bucket. Say whose list it is: {source}@s3://BUCKET")
            }
        }
    }
}

impl std::error::Error for SourceFault {}
