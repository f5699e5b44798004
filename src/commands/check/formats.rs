//! Writes findings as lines, JSON or SARIF. All are streamed, so a million findings need no memory.

use super::{Format, Gap, Placed};
use crate::domain::printable::{hidden, printable};
use crate::domain::rules::{Rule, Severity};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::{Serializer, json};
use std::borrow::Cow;
use std::io::{self, Write};

pub(super) struct Report<W: Write> {
    format: Format,
    /// The file as displayed or, in SARIF, as a URI.
    file: String,
    out: W,
    is_first: bool,
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

impl<W: Write> Report<W> {
    pub fn begin(format: Format, file: &str, mut out: W) -> io::Result<Self> {
        let file = match format {
            Format::Text | Format::Json => printable(file).into_owned(),
            Format::Sarif if file.starts_with('/') => format!("file://{}", utf8_percent_encode(file, URI)),
            Format::Sarif => utf8_percent_encode(file, URI).to_string(),
        };
        match format {
            Format::Text => {}
            Format::Json => out.write_all(b"[")?,
            Format::Sarif => {
                let driver = json!({"name": "cuecard", "version": env!("CARGO_PKG_VERSION"), "rules": rules()});
                out.write_all(
                    br#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":"#,
                )?;
                write_json(&mut out, &driver)?;
                out.write_all(br#"},"columnKind":"unicodeCodePoints","results":["#)?;
            }
        }
        Ok(Report { format, file, out, is_first: true })
    }

    pub fn put(&mut self, it: &Placed<'_>) -> io::Result<()> {
        let (word, code, field) = (it.severity.word(), it.rule.code(), it.field.map(|field| field.name()));
        if self.format != Format::Text {
            self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
            self.is_first = false;
        }
        match self.format {
            Format::Text => {
                let (file, line, row) = (&self.file, it.line, it.row);
                let field = field.map_or_else(String::new, |field| format!(", {field}"));
                writeln!(self.out, "{file}:{line}: {word} {code}: row {row}{field}: {}", it.message)
            }
            Format::Json => {
                let Placed { row, line, message, fix, .. } = *it;
                write_json(&mut self.out, &Json { row, line, code, severity: word, field, message, fix })
            }
            Format::Sarif => {
                let place = json!({
                    "physicalLocation": {"artifactLocation": {"uri": self.file}, "region": {"startLine": it.line}}
                });
                let result = json!({
                    "ruleId": code,
                    "ruleIndex": it.rule as usize,
                    "level": word,
                    "message": {"text": it.message},
                    "locations": [place],
                    "properties": {"row": it.row, "field": field, "fix": it.fix},
                });
                write_json(&mut self.out, &result)
            }
        }
    }

    /// `gap`: what was not asked about. Only SARIF has a place for it.
    pub fn end(mut self, gap: Option<&Gap>) -> io::Result<()> {
        let last: &[u8] = match self.format {
            Format::Text => b"",
            Format::Json if self.is_first => b"]\n",
            Format::Json => b"\n]\n",
            Format::Sarif => b"\n]",
        };
        self.out.write_all(last)?;
        if let (Format::Sarif, Some(gap)) = (self.format, gap) {
            let level = if gap.is_allowed { Severity::Warning } else { Severity::Error }.word();
            let told = json!({"level": level, "message": {"text": gap.words}});
            let invocation = json!({"executionSuccessful": gap.is_allowed, "toolExecutionNotifications": [told]});
            self.out.write_all(br#","invocations":["#)?;
            write_json(&mut self.out, &invocation)?;
            self.out.write_all(b"]")?;
        }
        if self.format == Format::Sarif {
            self.out.write_all(b"}]}\n")?;
        }
        self.out.flush()
    }
}

fn rules() -> Vec<serde_json::Value> {
    let rule = |rule: &Rule| {
        // SARIF uses the same three words.
        let level = rule.severity().word();
        json!({"id": rule.code(), "shortDescription": {"text": rule.title()}, "defaultConfiguration": {"level": level}})
    };
    Rule::ALL.iter().map(rule).collect()
}

/// Compact JSON that a terminal shows as plain text.
pub(in crate::commands) fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Visible(CompactFormatter)))?)
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
