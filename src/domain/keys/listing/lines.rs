//! Parses one line of a listing for each tool that prints lines. For the formats see the tests.

use super::foreign::{self, is_mode, is_shaped, shaped};
use super::sink::{Names, Sink};
use crate::format::{counted, thousands};
use crate::keys::{Entry, Shape, is_transcript, s3_object};
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
    /// A text most lines of which are something else: only a full address is a key.
    Addresses,
}

/// In detection order: stricter formats first.
pub const TOOLS: [Tool; 8] =
    [Tool::ObjectsText, Tool::Mc, Tool::S3cmd, Tool::S5cmd, Tool::AwsLs, Tool::RcloneLsl, Tool::LsL, Tool::RcloneLs];

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
    /// The number of objects that the tool counted itself.
    Total(u64),
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
    /// Objects since the last total.
    objects: u64,
    /// Why the listing is not complete, as far as its own lines tell.
    broken: Option<String>,
}

impl Reader {
    pub fn new(kind: Tool) -> Reader {
        Reader { kind, saw_folder: false, saw_slash: false, folder: String::new(), objects: 0, broken: None }
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
            Tool::Plain | Tool::Addresses => Shape::Plain,
        }
    }

    /// Why the listing is not complete: a total that is not reached, an error that the tool printed, a line that is cut.
    pub fn broken(&mut self) -> Option<String> {
        self.broken.take()
    }

    fn names(&self) -> Names {
        match self.kind {
            Tool::AwsLs => Names::Either,
            Tool::ObjectsText | Tool::Tabs | Tool::S3cmd => Names::Whole,
            Tool::RcloneLsl | Tool::RcloneLs | Tool::Mc | Tool::LsL | Tool::Find => Names::Relative,
            Tool::S5cmd | Tool::Plain | Tool::Addresses => Names::Unsure,
        }
    }

    /// Processes a line; `number` counts from 1. The last one may lack its end.
    pub fn line(&mut self, number: u64, line: &str, has_end: bool, sink: &mut Sink<'_>) {
        let plain = line.trim();
        if plain.is_empty() {
            return;
        }
        if !has_end && self.is_cut(plain, line, sink) {
            self.broken.get_or_insert_with(|| format!("line {}, the last, is cut", thousands(number)));
        }
        if self.kind == Tool::Tabs {
            for name in line.split('\t').filter(|name| !name.is_empty()) {
                self.take(number, name, plain_line(name), sink);
            }
            return;
        }
        let read = match read(self.kind, line) {
            // A full address names its object in any listing.
            Line::No if self.kind != Tool::Plain => address(plain).unwrap_or(Line::No),
            read => read,
        };
        self.take(number, line, read, sink);
    }

    /// Tools end every line. A last one without an end is cut if it is not understood, or has an ending that no other
    /// key has: people also copy whole lines without the last end.
    fn is_cut(&self, plain: &str, line: &str, sink: &Sink<'_>) -> bool {
        if matches!(self.kind, Tool::Tabs | Tool::Find | Tool::Plain | Tool::Addresses) {
            return false;
        }
        match read(self.kind, line) {
            Line::No => address(plain).is_none(),
            Line::Key(Found { key, .. }) => !is_transcript(&key) && !sink.knows_ending(&key),
            _ => false,
        }
    }

    fn take(&mut self, number: u64, line: &str, read: Line<'_>, sink: &mut Sink<'_>) {
        match read {
            Line::Key(Found { bucket, key, size, modified }) => {
                self.objects += 1;
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
            Line::Total(objects) => {
                let here = std::mem::take(&mut self.objects);
                if here < objects {
                    let (says, here) = (counted(objects, "object"), thousands(here));
                    self.broken.get_or_insert_with(|| format!("its total says {says}, and {here} stand above it"));
                }
                sink.passed();
            }
            Line::No => {
                if foreign::is_error(line.trim()) {
                    self.broken.get_or_insert_with(|| format!("line {} is an error of the tool", thousands(number)));
                }
                sink.not_key(number, line.trim());
            }
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
        Tool::Addresses => address(line.trim()).unwrap_or(Line::No),
    }
}

/// The first word, and the rest with its leading blanks.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let end = text.find(' ')?;
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

fn named<'a>(bare: &'a str, size: Option<u64>, modified: Option<&'a str>) -> Line<'a> {
    if bare.is_empty() || foreign::is_column(bare) {
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
    if let Some(objects) = plain.strip_prefix("Total Objects:") {
        return objects.trim().parse().map_or(Line::Passed, Line::Total);
    }
    if plain.starts_with("Total Size:") {
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
        && foreign::CLASSES.contains(&class)
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

/// An address, a key, or a file name. Rejects what is plainly something else: `foreign` knows what that is.
pub fn plain_line(line: &str) -> Line<'_> {
    let plain = line.trim();
    if plain.starts_with('#') {
        return Line::Passed;
    }
    if let Some(line) = address(plain) {
        return line;
    }
    let key = match unquoted(plain) {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix("./").unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.strip_prefix("./").unwrap_or(&text).to_owned()),
    };
    let is_name = key.contains('/') || !crate::keys::summary::ending(&key).is_empty();
    if !is_name || foreign::is_no_name(&key) || foreign::is_numbered_column(line) {
        return Line::No;
    }
    Line::Key(Found { key, ..Found::default() })
}

/// A text that is an address in any form: its object, or [`Line::No`] if it names none. None for other text.
fn address(plain: &str) -> Option<Line<'_>> {
    let text = unquoted(plain);
    let host = || text.split('/').next().is_some_and(crate::s3_url::is_of_store);
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if !text.contains("://") && !begins("arn:") && !begins("s3:/") && !host() {
        return None;
    }
    // A million lines are not copied.
    let object = match &text {
        Cow::Borrowed(text) => s3_object(text),
        Cow::Owned(text) => s3_object(text).map(|(bucket, key)| (bucket.into_owned().into(), key.into_owned().into())),
    };
    Some(match object {
        Some((bucket, key)) if !foreign::has_address(&key) => Line::Key(Found { bucket, key, ..Found::default() }),
        _ => Line::No,
    })
}

/// `"caps/01.srt"` from `jq` or a one-column CSV, also with the comma of a JSON list.
fn unquoted(text: &str) -> Cow<'_, str> {
    let within = |quote: char| {
        let text = text.strip_suffix(',').unwrap_or(text).trim_end();
        text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).filter(|inner| !inner.is_empty())
    };
    if let Some(inner) = within('\'').or_else(|| within('`')) {
        return Cow::Borrowed(inner);
    }
    match within('"') {
        Some(inner) if !inner.contains(['"', '\\']) => Cow::Borrowed(inner),
        Some(inner) => match serde_json::from_str(&format!("\"{inner}\"")) {
            Ok(text) => Cow::Owned(text),
            // In a table a quote is doubled; anything else is more than one value.
            Err(_) if !inner.replace("\"\"", "").contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
            Err(_) => Cow::Borrowed(text),
        },
        None => Cow::Borrowed(text),
    }
}
