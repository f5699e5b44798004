//! Findings as lines, JSON or SARIF. Rows are rendered on all cores and handed out in order, some thousands at a time, so
//! a million findings need no memory.

use crate::draft::Snapshot;
use crate::findings::Findings;
use crate::manifest::{Field, Lines, RowId};
use crate::many::{CHUNK, in_chunks};
use crate::printable::{hidden, printable};
use crate::row_set::RowSet;
use crate::rules::{Fix, Rule, Severity};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::{Serializer, json};
use std::borrow::Cow;
use std::io::{self, Write};

/// Rows rendered before anything is handed out: enough for all cores, and a few megabytes.
const ROWS: u32 = 16 * CHUNK as u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per finding, like a compiler.
    Text,
    /// One array of {row, line, code, severity, field, message, fix}.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// One finding with its position.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// From 1, like the line.
    pub row: u32,
    pub line: usize,
    pub rule: Rule,
    pub severity: Severity,
    pub field: Option<Field>,
    pub message: &'a str,
    /// The proposed value, or `exclude` to leave the row out.
    pub fix: Option<&'a str>,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
}

impl Count {
    pub fn all(self) -> u64 {
        self.errors + self.warnings + self.notes
    }

    fn add(&mut self, severity: Severity) {
        *match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        } += 1;
    }

    fn and(self, other: Count) -> Count {
        Count {
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            notes: self.notes + other.notes,
        }
    }
}

/// What parts of a divided check are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// A sentence without its full stop.
    pub words: String,
    /// The operator allows it: the run counts as successful.
    pub is_allowed: bool,
}

/// A report under way: every piece of it goes to `write`.
#[derive(Debug)]
pub struct Report<W> {
    style: Style,
    write: W,
    count: Count,
}

impl<E, W: FnMut(&[u8]) -> Result<(), E>> Report<W> {
    /// # Errors
    /// Those of `write`, as everywhere here.
    pub fn begin(format: Format, file: &str, mut write: W) -> Result<Self, E> {
        let style = Style::new(format, file);
        write(&style.head())?;
        Ok(Report { style, write, count: Count::default() })
    }

    pub fn put(&mut self, it: &Placed<'_>) -> Result<(), E> {
        let mut piece = Piece::default();
        piece.put(&self.style, it);
        self.hand_out(&piece)
    }

    /// Writes the findings of rows that `keeps` keeps.
    pub fn rows(
        &mut self,
        snapshot: &Snapshot,
        findings: &Findings,
        rows: std::ops::Range<RowId>,
        keeps: fn(Rule) -> bool,
    ) -> Result<(), E> {
        let base = snapshot.base();
        let first_byte = |row| base.row_span(row).map_or(0, |span| span.start);
        let mut lines = base.lines();
        let mut start = rows.start;
        while start < rows.end {
            let end = start.saturating_add(ROWS).min(rows.end);
            // Counted ahead: a chunk doesn't know how many lines stand before it.
            let first_rows = (start..end).step_by(CHUNK);
            let line_of: Vec<usize> = first_rows.map(|row| lines.line_of(first_byte(row))).collect();
            let render = |chunk: &RowSet| {
                let first = chunk.iter().next().unwrap_or(start);
                let line = line_of.get((first - start) as usize / CHUNK).copied().unwrap_or(1);
                let lines = base.lines_from(first_byte(first), line);
                Piece::of_rows(&self.style, snapshot, findings, chunk, lines, keeps)
            };
            for piece in in_chunks(&RowSet::range(start, end), &|_| true, render).unwrap_or_default() {
                self.hand_out(&piece)?;
            }
            start = end;
        }
        Ok(())
    }

    fn hand_out(&mut self, piece: &Piece) -> Result<(), E> {
        // Every finding but the first stands behind a comma.
        let is_first = self.count.all() == 0;
        let bytes = piece.bytes.strip_prefix(b",").filter(|_| is_first).unwrap_or(&piece.bytes);
        self.count = self.count.and(piece.count);
        if bytes.is_empty() { Ok(()) } else { (self.write)(bytes) }
    }

    /// `gap`: what was not asked about. Only SARIF has a place for it.
    pub fn end(mut self, gap: Option<&Gap>) -> Result<Count, E> {
        (self.write)(&self.style.foot(self.count.all() == 0, gap))?;
        Ok(self.count)
    }
}

#[derive(Clone, Debug)]
struct Style {
    format: Format,
    /// The file as displayed or, in SARIF, as a URI.
    file: String,
}

impl Style {
    fn new(format: Format, file: &str) -> Style {
        let file = match format {
            Format::Text | Format::Json => printable(file).into_owned(),
            Format::Sarif if file.starts_with('/') => format!("file://{}", utf8_percent_encode(file, URI)),
            Format::Sarif => utf8_percent_encode(file, URI).to_string(),
        };
        Style { format, file }
    }

    fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Text => Vec::new(),
            Format::Json => b"[".to_vec(),
            Format::Sarif => {
                let driver = json!({"name": "cuecard", "version": env!("CARGO_PKG_VERSION"), "rules": rules()});
                let start =
                    br#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":"#;
                [start, &*json_of(&driver), br#"},"columnKind":"unicodeCodePoints","results":["#].concat()
            }
        }
    }

    fn foot(&self, is_empty: bool, gap: Option<&Gap>) -> Vec<u8> {
        match self.format {
            Format::Text => Vec::new(),
            Format::Json if is_empty => b"]\n".to_vec(),
            Format::Json => b"\n]\n".to_vec(),
            Format::Sarif => {
                let invocations = gap.map_or_else(Vec::new, |gap| {
                    let level = if gap.is_allowed { Severity::Warning } else { Severity::Error }.word();
                    let told = json!({"level": level, "message": {"text": gap.words}});
                    let all = json!([{"executionSuccessful": gap.is_allowed, "toolExecutionNotifications": [told]}]);
                    [b",\"invocations\":", &*json_of(&all)].concat()
                });
                [b"\n]", &*invocations, b"}]}\n"].concat()
            }
        }
    }
}

/// The findings of some rows.
#[derive(Debug, Default)]
struct Piece {
    /// In JSON and SARIF each finding stands behind a comma and a line end.
    bytes: Vec<u8>,
    count: Count,
}

impl Piece {
    fn of_rows(
        style: &Style,
        snapshot: &Snapshot,
        findings: &Findings,
        rows: &RowSet,
        mut lines: Lines<'_>,
        keeps: fn(Rule) -> bool,
    ) -> Piece {
        let base = snapshot.base();
        let mut piece = Piece::default();
        for row in rows.iter().filter(|row| findings.has_any(*row)) {
            findings.each_of_row(snapshot, row, |finding| {
                if !keeps(finding.rule) {
                    return;
                }
                let value = finding.field.and_then(|field| base.value_span(row, field));
                let at = value.or_else(|| base.row_span(row)).map_or(0, |span| span.start);
                let fix = finding.fix.as_ref().map(|fix| match fix {
                    Fix::Set(_, text) => text.as_str(),
                    Fix::Exclude => "exclude",
                });
                let (rule, severity, field) = (finding.rule, finding.severity, finding.field);
                let (line, message) = (lines.line_of(at), finding.message.as_str());
                piece.put(style, &Placed { row: row + 1, line, rule, severity, field, message, fix });
            });
        }
        piece
    }

    fn put(&mut self, style: &Style, it: &Placed<'_>) {
        self.count.add(it.severity);
        let out = &mut self.bytes;
        // Writing into memory doesn't fail.
        let _ = match style.format {
            Format::Text => text(out, &style.file, it),
            Format::Json => out.write_all(b",\n").and_then(|()| write_json(out, &Json::of(it))),
            Format::Sarif => out.write_all(b",\n").and_then(|()| write_json(out, &Sarif::of(it, &style.file))),
        };
    }
}

/// `m.json:12: error key-missing: row 2, transcription: Only a bucket, no object.`
fn text(out: &mut Vec<u8>, file: &str, it: &Placed<'_>) -> io::Result<()> {
    out.write_all(file.as_bytes())?;
    write!(out, ":{}: ", it.line)?;
    out.write_all(it.severity.word().as_bytes())?;
    out.write_all(b" ")?;
    out.write_all(it.rule.code().as_bytes())?;
    write!(out, ": row {}", it.row)?;
    if let Some(field) = it.field {
        out.write_all(b", ")?;
        out.write_all(field.name().as_bytes())?;
    }
    out.write_all(b": ")?;
    out.write_all(it.message.as_bytes())?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Json<'a> {
    row: u32,
    line: usize,
    code: &'a str,
    severity: &'a str,
    field: Option<&'a str>,
    message: &'a str,
    fix: Option<&'a str>,
}

impl<'a> Json<'a> {
    fn of(it: &Placed<'a>) -> Json<'a> {
        let Placed { row, line, message, fix, .. } = *it;
        let (code, severity, field) = (it.rule.code(), it.severity.word(), it.field.map(Field::name));
        Json { row, line, code, severity, field, message, fix }
    }
}

/// A result of SARIF.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sarif<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'a str,
    message: Message<'a>,
    locations: [Location<'a>; 1],
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Place<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    artifact_location: Artifact<'a>,
    region: Region,
}

#[derive(Serialize)]
struct Artifact<'a> {
    uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

#[derive(Serialize)]
struct Properties<'a> {
    row: u32,
    field: Option<&'a str>,
    fix: Option<&'a str>,
}

impl<'a> Sarif<'a> {
    fn of(it: &Placed<'a>, uri: &'a str) -> Sarif<'a> {
        let Placed { row, line, message, fix, .. } = *it;
        let physical_location = Place { artifact_location: Artifact { uri }, region: Region { start_line: line } };
        Sarif {
            rule_id: it.rule.code(),
            rule_index: it.rule as usize,
            // SARIF uses the same three words.
            level: it.severity.word(),
            message: Message { text: message },
            locations: [Location { physical_location }],
            properties: Properties { row, field: it.field.map(Field::name), fix },
        }
    }
}

fn rules() -> Vec<serde_json::Value> {
    let rule = |rule: &Rule| {
        let level = rule.severity().word();
        json!({"id": rule.code(), "shortDescription": {"text": rule.title()}, "defaultConfiguration": {"level": level}})
    };
    Rule::ALL.iter().map(rule).collect()
}

/// Characters of a path that must be encoded in a URI.
const URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

fn json_of(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory doesn't fail.
    let _ = write_json(&mut out, value);
    out
}

/// Compact JSON that a terminal shows as plain text.
///
/// # Errors
/// Those of `out`.
pub fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Visible(CompactFormatter)))?)
}

/// As [`write_json`], for a text in a buffer: most are plain, and only copied.
pub fn push_json(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|b| matches!(b, 0x20..=0x7E) && b != b'"' && b != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    // Writing into memory doesn't fail.
    let _ = write_json(out, &text);
}

/// JSON with invisible characters escaped: the same value, safe to show on a terminal.
struct Visible(CompactFormatter);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if matches!(printable(fragment), Cow::Borrowed(_)) {
            return self.0.write_string_fragment(writer, fragment);
        }
        let mut copied = 0;
        for (at, c) in hidden(fragment) {
            writer.write_all(fragment.get(copied..at).unwrap_or_default().as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            copied = at + c.len_utf8();
        }
        self.0.write_string_fragment(writer, fragment.get(copied..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use std::convert::Infallible;
    use std::sync::Arc;

    /// All findings of a manifest with one row a line, and the number of pieces they came in.
    fn written(rows: u32, format: Format, range: std::ops::Range<RowId>) -> (String, Count, usize) {
        let text = format!("[\n{}\n]", vec!["{\"object\":\"x\"}"; rows as usize].join(",\n"));
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(text.into_bytes()).unwrap()));
        let findings = Findings::check(&snapshot, |_| true).unwrap();
        let (mut out, mut pieces) = (Vec::new(), 0);
        let write = |bytes: &[u8]| -> Result<(), Infallible> {
            pieces += 1;
            out.extend_from_slice(bytes);
            Ok(())
        };
        let Ok(mut report) = Report::begin(format, "m.json", write);
        let Ok(()) = report.rows(&snapshot, &findings, range, |rule| rule == Rule::ObjectNotS3);
        let Ok(count) = report.end(None);
        (String::from_utf8(out).unwrap(), count, pieces)
    }

    #[test]
    fn many_rows_are_told_in_order_and_each_with_its_line() {
        let rows = ROWS + 3 * CHUNK as u32 + 5;
        let (text, count, _) = written(rows, Format::Text, 0..rows);
        assert_eq!(count, Count { errors: rows.into(), ..Count::default() });
        for (row, line) in (1..).zip(text.lines()) {
            assert!(
                line.starts_with(&format!("m.json:{}: error object-not-s3: row {row}, object: ", row + 1)),
                "{line}"
            );
        }
        let (json, ..) = written(rows, Format::Json, 0..rows);
        assert!(json.starts_with("[\n{\"row\":1,") && json.ends_with("}\n]\n"));
        assert_eq!(json.matches("},\n{").count(), rows as usize - 1);
    }

    #[test]
    fn a_range_begins_with_its_own_line_and_without_a_comma() {
        let rows = 2 * CHUNK as u32;
        let (text, count, _) = written(rows, Format::Text, CHUNK as u32 - 1..CHUNK as u32 + 1);
        let lines: Vec<&str> = text.lines().map(|line| line.split(": error").next().unwrap_or_default()).collect();
        assert_eq!((lines, count.all()), (vec!["m.json:4097", "m.json:4098"], 2));
        let (json, ..) = written(rows, Format::Json, rows - 1..rows);
        assert!(json.starts_with("[\n{\"row\":8192,\"line\":8193,"), "{json}");
        assert_eq!(written(1, Format::Json, 0..0).0, "[]\n");
    }
}
