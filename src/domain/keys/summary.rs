//! The result of reading a source of transcript keys: its kind, its counts, or why it was refused.
//!
//! Counts and words only. Text from outside is stored raw and passes `printable` where it is shown.

use super::{Columns, Source};
use crate::format::{counted, thousands};
use crate::printable::printable;
use crate::s3_url;
use std::fmt;

/// How many example lines are kept; the rest are counted.
const KEPT: usize = 3;
/// Longer examples are cut, in characters.
const LINE: usize = 200;

/// The kind of a source, in the words of the keys screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A live listing; `signed` if made with the operator's credentials.
    Bucket {
        signed: bool,
    },
    /// The manifest's own transcripts.
    Manifest,
    #[default]
    Plain,
    AwsLs {
        recursive: bool,
    },
    /// `aws s3api list-objects-v2` as JSON, and as text.
    Objects,
    ObjectsText,
    S5cmd,
    S3cmd,
    RcloneLs,
    RcloneLsl,
    RcloneLsjson,
    Mc,
    LsL,
    Find,
    /// JSON in a format of no known tool.
    Json,
    Table {
        lines: u64,
    },
    Inventory {
        files: usize,
    },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        f.write_str(match self {
            Shape::Bucket { signed: false } => "listed, anonymous",
            Shape::Bucket { signed: true } => "listed, --aws",
            Shape::Manifest => "this manifest",
            Shape::Plain => "plain list",
            Shape::AwsLs { recursive: true } => "aws s3 ls --recursive",
            Shape::AwsLs { recursive: false } => "aws s3 ls",
            Shape::Objects => "aws s3api list-objects",
            Shape::ObjectsText => "aws s3api, text",
            Shape::S5cmd => "s5cmd ls",
            Shape::S3cmd => "s3cmd ls",
            Shape::RcloneLs => "rclone ls",
            Shape::RcloneLsl => "rclone lsl",
            Shape::RcloneLsjson => "rclone lsjson",
            Shape::Mc => "mc ls",
            Shape::LsL => "ls -l",
            Shape::Find => "find",
            Shape::Json => "JSON list",
            Shape::Table { lines } => {
                return write!(f, "table, {} line{}", thousands(*lines), plural(*lines));
            }
            Shape::Inventory { files } => {
                let files = *files as u64;
                return write!(f, "S3 Inventory, {} file{}", thousands(files), plural(files));
            }
        })
    }
}

/// Keys other than `.srt` and `.vtt`, counted by extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    /// In order of appearance: lower case, with the dot; empty for names without one.
    counts: Vec<(Box<str>, u64)>,
    /// Keys with extensions beyond the limit.
    rest: u64,
}

/// More extensions than a screen shows; a list of hashes must not exhaust memory.
const ENDINGS: usize = 40;

impl Endings {
    /// Counts a key that is not a transcript.
    pub fn count(&mut self, key: &str) {
        let ending = ending(key);
        let known = self.counts.len();
        match self.counts.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(ending)) {
            Some((_, count)) => *count += 1,
            None if known < ENDINGS => self.counts.push((ending.to_ascii_lowercase().into(), 1)),
            None => self.rest += 1,
        }
    }

    /// Whether a key with the ending of this one was counted.
    pub fn knows(&self, key: &str) -> bool {
        let ending = ending(key);
        self.counts.iter().any(|(known, _)| known.eq_ignore_ascii_case(ending))
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum::<u64>() + self.rest
    }

    /// Most frequent first; an empty extension stands for names without one.
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
        let others = (others > 0).then(|| counted(others, "other"));
        f.write_str(&words.chain(others).collect::<Vec<_>>().join(", "))
    }
}

/// `.mp4` of a key's file name; empty if there is none, or the text after the last dot is not an extension.
pub(super) fn ending(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let Some(at) = name.rfind('.').filter(|at| *at > 0) else { return "" };
    let ending = name.get(at..).unwrap_or_default();
    let is_one = (2..=9).contains(&ending.len()) && ending.bytes().skip(1).all(|b| b.is_ascii_alphanumeric());
    if is_one { ending } else { "" }
}

/// Lines, or JSON entries, that are not keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotKeys {
    pub count: u64,
    /// The first few with their number, from 1, and text, cut if long. Without secrets, but not yet printable.
    pub first: Vec<(u64, String)>,
    pub unit: Unit,
}

/// What a source is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    Line,
    Entry,
}

impl NotKeys {
    pub fn add(&mut self, line: u64, text: &str) {
        self.count += 1;
        if self.first.len() < KEPT {
            let text: String = text.chars().take(LINE).collect();
            self.first.push((line, s3_url::without_secret(&text).into_owned()));
        }
    }

    /// `line 7: "--More--"`, of the first.
    fn example(&self) -> Option<String> {
        let (line, text) = self.first.first()?;
        let unit = match self.unit {
            Unit::Line => "line",
            Unit::Entry => "entry",
        };
        Some(format!("{unit} {}: \"{}\"", thousands(*line), printable(text)))
    }
}

impl fmt::Display for NotKeys {
    /// `412 lines are no keys, line 7: "--More--"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is, key) = if self.count == 1 { ("is", "key") } else { ("are", "keys") };
        let unit = match (self.unit, self.count) {
            (Unit::Line, 1) => "line",
            (Unit::Line, _) => "lines",
            (Unit::Entry, 1) => "entry",
            (Unit::Entry, _) => "entries",
        };
        write!(f, "{} {unit} {is} no {key}", thousands(self.count))?;
        self.example().map_or(Ok(()), |example| write!(f, ", {example}"))
    }
}

/// How a successful reading ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// All of it was read.
    #[default]
    Whole,
    /// The receiver stopped it.
    Stopped,
    /// It broke off: the keys so far are good, but some may be missing. The words say why.
    Early(String),
}

impl End {
    /// Broken off for the reason that a sentence gives.
    pub fn early(sentence: &str) -> End {
        let words = sentence.strip_suffix('.').unwrap_or(sentence);
        let mut letters = words.chars();
        // `S3` and `TLS` keep their capitals.
        let is_word = words.chars().nth(1).is_some_and(|second| second.is_lowercase() || second == ' ');
        End::Early(match letters.next().filter(|_| is_word) {
            Some(first) => format!("{}{}", first.to_lowercase(), letters.as_str()),
            None => words.to_owned(),
        })
    }
}

/// The content of a source. In a listing, `entries` is the sum of `keys`, `folders`, `not_keys`, `passed`, `given`,
/// `delete_markers` and `older_versions`; and `keys` of `usable`, `others` and `unplaced`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub shape: Shape,
    /// Lines, entries or rows read.
    pub entries: u64,
    /// All keys, usable or not.
    pub keys: u64,
    /// `.srt` and `.vtt` keys emitted in pages.
    pub usable: u64,
    pub others: Endings,
    pub not_keys: NotKeys,
    /// Transcripts without a bucket, or relative to an unknown prefix, beside others that are complete: left out.
    pub unplaced: u64,
    /// Folders of the listing, and folder marker objects.
    pub folders: u64,
    /// Headings, totals, comments, rows without a transcript.
    pub passed: u64,
    /// In an inventory or a list of versions: left out.
    pub delete_markers: u64,
    pub older_versions: u64,
    /// Pairs of video and transcript from a table.
    pub given: u64,
    /// The columns used, given or guessed.
    pub columns: Option<Columns>,
    /// Transcripts to which a bucket was added.
    pub completed: u64,
    /// The prefix added to relative names.
    pub prefix: Option<String>,
    /// The bucket assumed for names without one, because all transcripts, or else all videos, of the manifest are in
    /// it.
    pub assumed_bucket: Option<String>,
    pub end: End,
}

impl Summary {
    /// Something needs attention: `▲`.
    pub fn is_doubtful(&self) -> bool {
        let is_empty = self.usable == 0 && self.given == 0;
        self.not_keys.count > 0 || self.unplaced > 0 || is_empty || self.end != End::Whole
    }

    /// What needs to be said about it, a sentence each, most important first: for the message line, the keys screen and
    /// stderr.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let s = |count: u64| if count == 1 { "" } else { "s" };
        match &self.end {
            End::Whole => {}
            End::Stopped => remarks.push("stopped before its end: a better key may be missing".to_owned()),
            End::Early(why) => remarks.push(format!("ends early, a better key may be missing: {}", printable(why))),
        }
        if self.usable == 0 && self.given == 0 {
            remarks.push("no .srt or .vtt in it".to_owned());
        }
        if let Some(bucket) = &self.assumed_bucket {
            remarks.push(format!("names no bucket: taken to be in s3://{}", printable(bucket)));
        }
        if self.unplaced > 0 {
            let count = self.unplaced;
            remarks.push(format!("{} name{} without a bucket left out", thousands(count), s(count)));
        }
        if self.not_keys.count > 0 {
            remarks.push(self.not_keys.to_string());
        }
        if let Some(prefix) = &self.prefix {
            remarks.push(format!("names taken as relative to {}", printable(prefix)));
        }
        if self.others.total() > 0 {
            remarks.push(format!("not usable: {}", self.others));
        }
        for (count, what) in [(self.older_versions, "older version"), (self.delete_markers, "delete marker")] {
            if count > 0 {
                remarks.push(format!("{} {what}{} left out", thousands(count), s(count)));
            }
        }
        remarks
    }
}

/// A source read for this manifest in an earlier session: offered again, but never read again by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    pub source: Source,
    /// The label of its [`Shape`].
    pub shape: String,
    pub keys: u64,
    pub usable: u64,
    /// Unix time in milliseconds.
    pub read_ms: i64,
}

impl KnownSource {
    pub fn new(source: Source, summary: &Summary, read_ms: i64) -> KnownSource {
        let (keys, usable) = (summary.keys + summary.given, summary.usable + summary.given);
        KnownSource { source, shape: summary.shape.to_string(), keys, usable, read_ms }
    }
}

/// The content of a table's column, from its first rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableColumn {
    /// From its heading.
    pub name: Option<String>,
    /// The first value in it.
    pub first: String,
    /// Non-empty values, and how many of them are video files, `.srt` or `.vtt`, numbers or dates.
    pub filled: u32,
    pub videos: u32,
    pub transcripts: u32,
    pub numbers: u32,
    /// Those values; how many of them are objects of the manifest, once that was looked up.
    pub values: Vec<String>,
    pub objects: Option<u32>,
}

/// Why a source has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceFault {
    /// The file can't be opened or the bucket can't be listed: a complete sentence.
    Unreadable(String),
    /// There is no such file.
    NoFile {
        source: Box<Source>,
    },
    /// S3 lists the bucket for others, or for nobody; what would help in a sentence.
    NotAllowed {
        source: Box<Source>,
        help: String,
    },
    /// It contains no key.
    NoKeys {
        source: Box<Source>,
        not_keys: NotKeys,
    },
    /// Names relative to an unknown prefix. Give it with [`Source::at`].
    RelativeNames {
        source: Box<Source>,
    },
    /// Keys without a bucket, and the manifest's rows are not all in one. Give it with [`Source::at`].
    NoBucket {
        source: Box<Source>,
    },
    /// Only some names start with the given prefix, so relative and full names can't be separated.
    SomeWithPrefix {
        source: Box<Source>,
        prefix: String,
    },
    Columns(Box<WhichColumns>),
}

/// A table whose columns must be given with [`Source::with_columns`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhichColumns {
    pub source: Source,
    pub columns: Vec<TableColumn>,
    /// As far as the values show it.
    pub guess: Option<Columns>,
    /// A given column that doesn't exist.
    pub missing: Option<String>,
}

/// The accepted kinds of key files.
pub const EXPECTED: &str = "a listing (aws s3 ls --recursive, aws s3api list-objects-v2, s5cmd, s3cmd, rclone, mc), \
                            keys or URLs one a line, a table of videos and transcripts, or the manifest.json of an S3 Inventory";

impl fmt::Display for SourceFault {
    /// A complete sentence for a command's output; the screens have their own questions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |source: &Source| printable(&source.to_string()).into_owned();
        match self {
            SourceFault::Unreadable(sentence) | SourceFault::NotAllowed { help: sentence, .. } => f.write_str(sentence),
            SourceFault::NoFile { source } => write!(f, "{} does not exist", shown(source)),
            SourceFault::NoKeys { source, not_keys } => {
                write!(f, "{}: no line is a key", shown(source))?;
                if let Some(example) = not_keys.example() {
                    write!(f, " ({example})")?;
                }
                write!(f, ". Expected {EXPECTED}")
            }
            SourceFault::RelativeNames { source } => {
                let source = shown(source);
                write!(f, "{source}: names are relative. Name the prefix they belong to: {source}@s3://BUCKET/PREFIX/")
            }
            SourceFault::NoBucket { source } => {
                let source = shown(source);
                write!(f, "{source} names no bucket. Say whose list it is: {source}@s3://BUCKET")
            }
            SourceFault::SomeWithPrefix { source, prefix } => {
                let (source, prefix) = (shown(source), printable(prefix));
                write!(
                    f,
                    "{source}: some names begin with {prefix}, others don't. If they are whole keys, name the bucket only: \
                     {source}@s3://BUCKET"
                )
            }
            SourceFault::Columns(which) => {
                let WhichColumns { source, columns, missing, .. } = &**which;
                let source = shown(source);
                match missing {
                    Some(missing) => write!(f, "{source} has no column {}.", printable(missing))?,
                    None => write!(f, "{source}: which column names the video, which the transcript?")?,
                }
                f.write_str(" Name them: --columns VIDEO,TRANSCRIPT (names or numbers, 0 for none). It has ")?;
                let named = (1..).zip(columns).map(|(number, column)| match &column.name {
                    Some(name) => format!("{number} {}", printable(name)),
                    None => format!("{number} \"{}\"", printable(&column.first)),
                });
                f.write_str(&named.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl std::error::Error for SourceFault {}
