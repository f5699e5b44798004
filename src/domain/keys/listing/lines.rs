//! Parses one line of a listing for each tool that prints lines. For the formats see the tests.

use super::sink::{Names, Sink};
use crate::keys::{Entry, Shape, s3_object};
use std::borrow::Cow;

/// Which tool printed the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    AwsLs,
    /// `aws s3api list-objects-v2 --output text`: one object a line, its fields between tabs.
    ObjectsText,
    S5cmd,
    S3cmd,
    RcloneLsl,
    RcloneLs,
    Mc,
    LsL,
    /// Names between tabs, many on a line: `--query 'Contents[].Key' --output text`.
    Tabs,
    Find,
    Plain,
}

/// In detection order: stricter formats first.
pub const TOOLS: [Tool; 8] =
    [Tool::ObjectsText, Tool::Mc, Tool::S3cmd, Tool::S5cmd, Tool::AwsLs, Tool::RcloneLsl, Tool::LsL, Tool::RcloneLs];

/// Storage classes, which some tools print before the key.
const CLASSES: [&str; 10] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "EXPRESS_ONEZONE",
];

/// A parsed line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Key(Found<'a>),
    Folder,
    /// `ls -lR` continues in this folder.
    In(&'a str),
    OlderVersion,
    DeleteMarker,
    /// A heading or a total.
    Passed,
    No,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found<'a> {
    /// Empty if the line names none.
    pub bucket: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub size: Option<u64>,
    pub modified: Option<&'a str>,
}

pub struct Reader {
    kind: Tool,
    saw_folder: bool,
    saw_slash: bool,
    /// For `ls -lR`: empty, or ends in a slash.
    folder: String,
}

impl Reader {
    pub fn new(kind: Tool) -> Reader {
        Reader { kind, saw_folder: false, saw_slash: false, folder: String::new() }
    }

    pub fn shape(&self) -> Shape {
        match self.kind {
            Tool::AwsLs => Shape::AwsLs { recursive: self.saw_slash || !self.saw_folder },
            Tool::ObjectsText | Tool::Tabs => Shape::ObjectsText,
            Tool::S5cmd => Shape::S5cmd,
            Tool::S3cmd => Shape::S3cmd,
            Tool::RcloneLsl => Shape::RcloneLsl,
            Tool::RcloneLs => Shape::RcloneLs,
            Tool::Mc => Shape::Mc,
            Tool::LsL => Shape::LsL,
            Tool::Find => Shape::Find,
            Tool::Plain => Shape::Plain,
        }
    }

    fn names(&self) -> Names {
        match self.kind {
            Tool::AwsLs => Names::Either,
            Tool::ObjectsText | Tool::Tabs | Tool::S3cmd => Names::Whole,
            Tool::RcloneLsl | Tool::RcloneLs | Tool::Mc | Tool::LsL | Tool::Find => Names::Relative,
            Tool::S5cmd | Tool::Plain => Names::Unsure,
        }
    }

    /// Processes a line; `number` counts from 1.
    pub fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>) {
        let plain = line.trim();
        if plain.is_empty() {
            return;
        }
        if self.kind == Tool::Tabs {
            for name in line.split('\t').filter(|name| !name.is_empty()) {
                self.take(number, name, plain_line(name), sink);
            }
            return;
        }
        let read = match read(self.kind, line) {
            // A full address names its object in any listing.
            Line::No if self.kind != Tool::Plain && plain.contains("://") => plain_line(plain),
            read => read,
        };
        self.take(number, line, read, sink);
    }

    fn take(&mut self, number: u64, line: &str, read: Line<'_>, sink: &mut Sink<'_>) {
        match read {
            Line::Key(Found { bucket, key, size, modified }) => {
                let key = if self.folder.is_empty() || !bucket.is_empty() {
                    key
                } else {
                    Cow::Owned(format!("{}{key}", self.folder))
                };
                self.saw_slash |= key.contains('/');
                sink.key(Entry { bucket: &bucket, key: &key, size, modified }, self.names());
            }
            Line::Folder => {
                self.saw_folder = true;
                sink.folder();
            }
            Line::In(folder) => {
                let folder = folder.trim_start_matches("./");
                self.folder = if matches!(folder, "" | ".") { String::new() } else { format!("{folder}/") };
                sink.folder();
            }
            Line::OlderVersion => sink.older_version(),
            Line::DeleteMarker => sink.delete_marker(),
            Line::Passed => sink.passed(),
            Line::No => sink.not_key(number, line.trim()),
        }
    }
}

/// Parses a line in this tool's format.
pub fn read(kind: Tool, line: &str) -> Line<'_> {
    match kind {
        Tool::AwsLs => aws_ls(line),
        Tool::ObjectsText => objects_text(line),
        Tool::S5cmd => s5cmd(line).unwrap_or(Line::No),
        Tool::S3cmd => s3cmd(line).unwrap_or(Line::No),
        Tool::RcloneLsl => rclone_lsl(line).unwrap_or(Line::No),
        Tool::RcloneLs => rclone_ls(line).unwrap_or(Line::No),
        Tool::Mc => mc(line).unwrap_or(Line::No),
        Tool::LsL => ls_l(line),
        Tool::Find => match line.strip_prefix("./") {
            Some(_) => plain_line(line),
            None => Line::No,
        },
        Tool::Tabs | Tool::Plain => plain_line(line),
    }
}

/// In `shape`, `0` is a digit and everything else literal.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, of)| if of == b'0' { byte.is_ascii_digit() } else { byte == of })
}

/// Splits the text after `shape.len()` if it starts with that shape.
fn shaped<'a>(text: &'a str, shape: &str) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(shape.len()).filter(|(begin, _)| is_shaped(begin, shape))
}

/// The first word, and the rest with its leading blanks.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let end = text.find(' ')?;
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

fn named<'a>(bare: &'a str, size: Option<u64>, modified: Option<&'a str>) -> Line<'a> {
    // A column that this tool does not print, or an address: the key begins later.
    let is_column = bare.split_once(' ').is_some_and(|(first, _)| CLASSES.contains(&first));
    if bare.is_empty() || is_column || bare.contains("s3://") || bare.starts_with("arn:aws") {
        Line::No
    } else {
        Line::Key(Found { key: bare.into(), size, modified, ..Found::default() })
    }
}

/// Date, time, size, exactly one blank, then the key, which may itself start with blanks. With `--human-readable` the
/// size has two words.
fn aws_ls(line: &str) -> Line<'_> {
    let plain = line.trim_start();
    if plain.starts_with("PRE ") && line.starts_with("   ") {
        return Line::Folder;
    }
    if plain.starts_with("Total Objects:") || plain.starts_with("Total Size:") {
        return Line::Passed;
    }
    let read = || {
        let (modified, rest) = shaped(line, "0000-00-00 00:00:00")?;
        let (number, rest) = word(rest.strip_prefix(' ')?)?;
        let rest = rest.strip_prefix(' ')?;
        // `99 Bytes` or `1.2 KiB`: after an integer, the next word may also be a name that starts with a unit.
        let (size, key) = match rest.split_once(' ') {
            Some(("Byte" | "Bytes", key)) => (number.parse().ok()?, key),
            Some((unit, key)) if number.contains('.') => (decimal(number, unit_factor(unit)?)?, key),
            _ => (number.parse().ok()?, rest),
        };
        Some(named(key, Some(size), Some(modified)))
    };
    read().unwrap_or(Line::No)
}

/// Human-readable size units, as powers of 1,024.
fn unit_factor(unit: &str) -> Option<u64> {
    let power = match unit {
        "B" => 0,
        "KiB" | "K" | "Ki" | "k" => 1,
        "MiB" | "M" | "Mi" => 2,
        "GiB" | "G" | "Gi" => 3,
        "TiB" | "T" | "Ti" => 4,
        "PiB" | "P" | "Pi" => 5,
        _ => return None,
    };
    Some(1 << (10 * power))
}

/// `2.9` of a unit in bytes, as exact as the listing allows.
fn decimal(number: &str, factor: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if part.is_empty() || part.len() > 4 || whole.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    {
        return None;
    }
    let of = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part: u64 = part.parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(part.checked_mul(factor)? / of)
}

/// `1234`, `1.2K`, `40.2KiB`.
fn size_of(word: &str) -> Option<u64> {
    let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (number, unit) = word.split_at_checked(digits)?;
    if unit.is_empty() { number.parse().ok() } else { decimal(number, unit_factor(unit)?) }
}

/// `CONTENTS`, then the object's fields in alphabetical order: …, Key, LastModified, Size, StorageClass.
fn objects_text(line: &str) -> Line<'_> {
    let mut fields = line.split('\t');
    let kind = fields.next().unwrap_or_default();
    let is_version = kind == "VERSIONS";
    match kind {
        "CONTENTS" | "VERSIONS" => {}
        "DELETEMARKERS" => return Line::DeleteMarker,
        "COMMONPREFIXES" => return Line::Folder,
        "OWNER" | "CHECKSUMALGORITHM" | "RESTORESTATUS" | "REQUESTCHARGED" | "None" => return Line::Passed,
        _ => return Line::No,
    }
    let fields: Vec<&str> = fields.collect();
    let is_date = |field: &&str| shaped(field, "0000-00-00T00:00:00").is_some();
    let Some(at) = fields.iter().rposition(is_date) else { return Line::No };
    let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied();
    if is_version && field(at.checked_sub(2)) != Some("True") {
        return Line::OlderVersion;
    }
    let Some(key) = field(at.checked_sub(1)) else { return Line::No };
    named(key, field(Some(at + 1)).and_then(|size| size.parse().ok()), field(Some(at)))
}

/// Date, time, optional storage class and ETag, size, two blanks (one in old releases), path.
fn s5cmd(line: &str) -> Option<Line<'_>> {
    if let Some(folder) = line.strip_prefix(' ') {
        let folder = folder.trim_start().strip_prefix("DIR ")?;
        return (!folder.trim().is_empty()).then_some(Line::Folder);
    }
    let (modified, mut rest) = shaped(line, "0000/00/00 00:00:00")?;
    for _ in 0..3 {
        let (column, after) = word(rest)?;
        if let Some(size) = size_of(column) {
            let key = after.strip_prefix("  ").or_else(|| after.strip_prefix(' '))?;
            return Some(placed(key, Some(size), Some(modified)));
        }
        rest = after;
    }
    None
}

/// Date, time without seconds, size, optional MD5 and storage class, address.
fn s3cmd(line: &str) -> Option<Line<'_>> {
    let (before, _) = line.split_once("  s3://")?;
    let url = line.get(before.len() + 2..)?;
    if let Some(dir) = before.strip_prefix(' ') {
        return (dir.trim() == "DIR").then_some(Line::Folder);
    }
    let (modified, rest) = shaped(before, "0000-00-00 00:00")?;
    let size = rest.split_ascii_whitespace().next().and_then(size_of)?;
    Some(placed(url, Some(size), Some(modified)))
}

/// A path that may be a full address.
fn placed<'a>(path: &'a str, size: Option<u64>, modified: Option<&'a str>) -> Line<'a> {
    if !path.starts_with("s3://") {
        return named(path, size, modified);
    }
    match s3_object(path) {
        Some((bucket, key)) => Line::Key(Found { bucket, key, size, modified }),
        None => Line::No,
    }
}

/// Size, date, time with nine decimals, path.
fn rclone_lsl(line: &str) -> Option<Line<'_>> {
    let (size, rest) = word(line)?;
    let (modified, path) = shaped(rest.strip_prefix(' ')?, "0000-00-00 00:00:00.000000000")?;
    Some(named(path.strip_prefix(' ')?, Some(size_of(size)?), Some(modified)))
}

/// Size, right-aligned in nine columns, path. Without the alignment it may be a name that starts with a number.
fn rclone_ls(line: &str) -> Option<Line<'_>> {
    let (size, rest) = word(line)?;
    let width = line.len() - rest.len();
    let is_column = if line.starts_with(' ') { width == 9 } else { width >= 9 };
    let path = rest.strip_prefix(' ').filter(|_| is_column)?;
    Some(named(path, Some(size_of(size)?), None))
}

/// Date and time with a zone in brackets, size, path; newer releases add the storage class before the path.
fn mc(line: &str) -> Option<Line<'_>> {
    let (when, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (modified, _) = shaped(when, "0000-00-00 00:00:00")?;
    let (size, rest) = word(rest)?;
    let size = size_of(size).filter(|_| size.ends_with('B'))?;
    let mut path = rest.strip_prefix(' ')?;
    if let Some((class, rest)) = path.split_once(' ')
        && CLASSES.contains(&class)
    {
        path = rest;
    }
    if is_version(path) {
        return Some(Line::No);
    }
    Some(named(path, Some(size), Some(modified)))
}

/// `mc ls --versions` adds an id, a number and the operation before a path, but not which version is the latest.
fn is_version(path: &str) -> bool {
    let mut words = path.split(' ');
    let is_number =
        |word: &str| word.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    words.next().is_some() && words.next().is_some_and(is_number) && matches!(words.next(), Some("PUT" | "DEL"))
}

/// Mode, links, owner, group, size, date in one of several forms, name.
fn ls_l(line: &str) -> Line<'_> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if line.strip_prefix("total ").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')) {
        return Line::Passed;
    }
    let read = || {
        let (mode, mut rest) = word(line).filter(|_| !line.starts_with(' '))?;
        let kind = mode.chars().next().filter(|_| is_mode(mode))?;
        let mut size = None;
        for _ in 0..6 {
            let (column, after) = word(rest)?;
            let name = if MONTHS.contains(&column) {
                // `Mar 14 12:00` or `Mar 14  2025`
                let (_, after) = word(after)?;
                word(after)?.1
            } else if is_shaped(column, "0000-00-00") {
                let (_, after) = word(after)?;
                match word(after) {
                    Some((zone, after)) if is_shaped(zone, "+0000") || is_shaped(zone, "-0000") => after,
                    _ => after,
                }
            } else {
                size = size_of(column);
                rest = after;
                continue;
            };
            let name = name.strip_prefix(' ')?;
            return Some(match kind {
                'd' => Line::Folder,
                '-' => named(name, size, None),
                _ => Line::No,
            });
        }
        None
    };
    match read() {
        Some(line) => line,
        // `ls -lR` prints the folder before its files.
        None => match line.strip_suffix(':') {
            Some(folder) if !folder.is_empty() && !folder.starts_with('/') => Line::In(folder),
            _ => Line::No,
        },
    }
}

fn is_mode(word: &str) -> bool {
    let (mode, mark) = word.split_at_checked(10).unwrap_or((word, ""));
    mode.len() == 10
        && matches!(mark, "" | "." | "+" | "@")
        && mode.starts_with(['-', 'd', 'l', 'b', 'c', 'p', 's'])
        && mode.bytes().skip(1).all(|b| b"rwxsStT-".contains(&b))
}

/// An address, a key, or a file name. Rejects what is plainly something else: prose, a local path, a line of an unknown
/// columnar listing.
pub fn plain_line(line: &str) -> Line<'_> {
    let plain = line.trim();
    if plain.starts_with('#') {
        return Line::Passed;
    }
    // A line of a JSON list without its brackets.
    let plain = plain.strip_suffix(',').filter(|plain| plain.starts_with('"') && plain.ends_with('"')).unwrap_or(plain);
    let plain = unquoted(plain);
    if plain.contains("://") || plain.starts_with("arn:") {
        // A million lines are not copied.
        let object = match &plain {
            Cow::Borrowed(text) => s3_object(text),
            Cow::Owned(text) => {
                s3_object(text).map(|(bucket, key)| (bucket.into_owned().into(), key.into_owned().into()))
            }
        };
        return object.map_or(Line::No, |(bucket, key)| Line::Key(Found { bucket, key, ..Found::default() }));
    }
    let key = match &plain {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix("./").unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.strip_prefix("./").unwrap_or(text).to_owned()),
    };
    let is_of_this_machine = key.starts_with('/')
        || key.starts_with("../")
        || key.starts_with("\\\\")
        || key.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/");
    let is_name = key.contains('/') || !crate::keys::summary::ending(&key).is_empty();
    if is_of_this_machine || !is_name || key.contains(['\0', '\u{1b}']) || is_in_columns(&key) || is_of_a_list(&key) {
        return Line::No;
    }
    Line::Key(Found { key, ..Found::default() })
}

/// An entry of YAML, Markdown or a quoted mail, a line of `md5sum`, several names with commas between: something stands
/// before or beside the key.
fn is_of_a_list(line: &str) -> bool {
    const FIELDS: [&str; 9] =
        ["Key:", "key:", "ETag:", "Size:", "LastModified:", "StorageClass:", "Name:", "Prefix:", "Contents:"];
    let Some((first, rest)) = line.split_once(' ') else {
        return line.split(',').filter(|part| crate::keys::is_transcript(part)).count() > 1;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_sum = matches!(first.len(), 32 | 40 | 64) && first.bytes().all(|b| b.is_ascii_hexdigit());
    matches!(first, "-" | "*" | ">" | "+" | "•")
        || FIELDS.contains(&first)
        || is_sum && rest.starts_with([' ', '*'])
        // `1. caps/01.srt`; `1. Intro.srt` may be a name.
        || first.strip_suffix(['.', ')']).is_some_and(is_number) && rest.contains('/')
        || line.split(',').filter(|part| crate::keys::is_transcript(part)).count() > 1
}

/// `"caps/01.srt"` from `jq` or a one-column CSV.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains(['"', '\\']) => Cow::Borrowed(inner),
        Some(inner) => serde_json::from_str(text).map_or_else(|_| Cow::Owned(inner.replace("\"\"", "\"")), Cow::Owned),
        None => Cow::Borrowed(text),
    }
}

/// A time of day before the last column gap: the listing of some tool.
fn is_in_columns(line: &str) -> bool {
    let has_gap = line.contains("  ") || line.contains('\t');
    let is_time = |word: &str| {
        ["00:00", "00:00:00", "0:00"]
            .iter()
            .any(|shape| word.get(..shape.len()).is_some_and(|begin| is_shaped(begin, shape)))
    };
    let mut words = line.split_ascii_whitespace().rev();
    words.next();
    let mut before = words;
    let is_dated = before.any(is_time);
    is_dated && (has_gap || shaped(line, "0000-00-00 ").is_some() || shaped(line, "0000/00/00 ").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(line: &str) -> Option<(String, String)> {
        match plain_line(line) {
            Line::Key(Found { bucket, key, .. }) => Some((bucket.into_owned(), key.into_owned())),
            _ => None,
        }
    }

    #[test]
    fn a_line_with_something_before_or_beside_its_key_is_no_key() {
        for line in [
            "  Key: caps/01.srt",
            "- caps/01.srt",
            "* caps/01.srt",
            "> caps/01.srt",
            "1. caps/01.srt",
            "9e107d9d372bb6826bd81d3542a419d6  caps/01.srt",
            "9e107d9d372bb6826bd81d3542a419d6 *caps/01.srt",
            "caps/01.srt,caps/02.srt,caps/03.srt",
            "caps/01.srt, caps/02.srt",
            "arn:aws:s3:::acme",
        ] {
            assert_eq!(keys(line), None, "{line}");
        }
        for (line, bucket, key) in [
            ("caps/01.srt", "", "caps/01.srt"),
            ("1. Intro.srt", "", "1. Intro.srt"),
            ("caps/a, b.srt", "", "caps/a, b.srt"),
            ("caps/- a.srt", "", "caps/- a.srt"),
            ("\"caps/01.srt\",", "", "caps/01.srt"),
            ("arn:aws:s3:::acme/caps/01.srt", "acme", "caps/01.srt"),
            ("s3://acme/caps/01.srt", "acme", "caps/01.srt"),
        ] {
            assert_eq!(keys(line), Some((bucket.to_owned(), key.to_owned())), "{line}");
        }
    }

    #[test]
    fn a_column_that_a_tool_does_not_print_is_no_part_of_a_key() {
        for (kind, line) in [
            (Tool::AwsLs, "2026-03-14 12:00:00  1234 STANDARD caps/01.srt"),
            (Tool::S5cmd, "2026/03/14 12:00:00  1234  STANDARD  s3://tbk/caps/01.srt"),
            (Tool::AwsLs, "2026-03-14 12:00:00  1234 s3://tbk/caps/01.srt"),
        ] {
            assert!(!matches!(read(kind, line), Line::Key(Found { key, .. }) if key != "caps/01.srt"), "{line}");
        }
    }
}
