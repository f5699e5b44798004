//! Parses a typed template, or locates its fault.

use super::{Case, Part, PartPosition, Piece, SEPARATORS, Source, Style, Template, WIDEST, Which};
use crate::printable::printable;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// Why a text is not a template, as shown under the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct TemplateFault {
    /// Byte range in the text.
    pub span: Range<usize>,
    pub why: String,
}

impl TemplateFault {
    /// Position of the carets under the displayed text, in cells.
    pub fn cells(&self, text: &str) -> Range<usize> {
        let width = |to: usize| printable(text.get(..to).unwrap_or(text)).width();
        let start = width(self.span.start);
        start..width(self.span.end).max(start + 1)
    }
}

/// Every part, with an argument where it needs one.
const PARTS: &str = "{bucket} {folder} {stem} {token:1} {number:1} {lang} {ext}";

/// Common other names of parts.
const ALIASES: [(&str, &str); 16] = [
    ("basename", "stem"),
    ("file", "stem"),
    ("filename", "stem"),
    ("name", "stem"),
    ("title", "stem"),
    ("dir", "folder"),
    ("directory", "folder"),
    ("path", "folder"),
    ("prefix", "folder"),
    ("extension", "ext"),
    ("suffix", "ext"),
    ("language", "lang"),
    ("locale", "lang"),
    ("num", "number"),
    ("digits", "number"),
    ("word", "token"),
];

const NAMES: [&str; 7] = ["bucket", "folder", "stem", "token", "number", "lang", "ext"];

impl Template {
    /// # Errors
    /// [`TemplateFault`] with its position: an unknown part, or a missing brace.
    pub fn read(text: &str) -> Result<Template, TemplateFault> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("{{") || rest.starts_with("}}") {
                pieces.push(Piece::Text(rest.chars().take(1).collect()));
                at += 2;
            } else if let Some(inner) = rest.strip_prefix('{') {
                let end = inner.find(['}', '{']).filter(|end| inner.get(*end..).is_some_and(|c| c.starts_with('}')));
                let Some(end) = end else {
                    return Err(TemplateFault { span: at..text.len(), why: "a } is missing".into() });
                };
                let span = at..at + end + 2;
                let written = inner.get(..end).unwrap_or_default();
                let part = part(written).map_err(|why| TemplateFault { span: span.clone(), why })?;
                pieces.push(Piece::Part(part));
                at = span.end;
            } else if rest.starts_with('}') {
                let why = "a { is missing before this }; }} stands for one".into();
                return Err(TemplateFault { span: at..at + 1, why });
            } else {
                let end = rest.find(['{', '}']).unwrap_or(rest.len());
                pieces.push(Piece::Text(rest.get(..end).unwrap_or_default().to_owned()));
                at += end;
            }
        }
        Ok(Template::new(pieces))
    }
}

/// Parses the text between braces.
fn part(written: &str) -> Result<Part, String> {
    let mut words = written.split(':').peekable();
    let name = words.next().unwrap_or_default();
    let source = match name {
        "bucket" => Source::Bucket,
        "folder" => match words.peek().and_then(|word| folders(word)) {
            Some(source) => {
                words.next();
                source
            }
            None => Source::WHOLE_FOLDER,
        },
        "stem" if words.next_if_eq(&"bare").is_some() => Source::BareStem,
        "stem" => Source::Stem,
        "token" => {
            let which = words.next().and_then(place);
            Source::Token(which.ok_or("{token} says which word: {token:1} is the first, {token:-1} the last")?)
        }
        "number" => {
            let word = words.next().unwrap_or_default();
            let is_label = !word.is_empty() && word.chars().all(char::is_alphabetic);
            let which = place(word).map(Which::Nth).or_else(|| is_label.then(|| Which::After(word.to_lowercase())));
            let which = which.ok_or(
                "{number} says which: {number:1} is the first, {number:-1} the last, {number:week} the one after week",
            )?;
            let width = words.peek().and_then(|word| word.parse().ok()).filter(|width| (1..=WIDEST).contains(width));
            if width.is_some() {
                words.next();
            }
            Source::Number { which, width }
        }
        "lang" => {
            let style = match words.peek() {
                Some(&"short") => Some(Style::Short),
                Some(&"three") => Some(Style::Three),
                Some(&"long") => Some(Style::Long),
                _ => None,
            };
            if style.is_some() {
                words.next();
            }
            Source::Lang(style.unwrap_or(Style::Own))
        }
        "ext" => Source::Ext,
        _ => return Err(unknown(written, name)),
    };
    let mut part = Part { source, case: None, separator: None };
    for word in words {
        let case = match word {
            "lower" => Some(Case::Lower),
            "upper" => Some(Case::Upper),
            "title" => Some(Case::Title),
            _ => None,
        };
        let mut letters = word.chars();
        match (case, letters.next().filter(|c| SEPARATORS.contains(c)), letters.next()) {
            (Some(case), ..) if part.case.is_none() => part.case = Some(case),
            (None, Some(separator), None) if part.separator.is_none() => part.separator = Some(separator),
            (None, ..) => return Err(not_for(name, word)),
            _ => return Err(format!("{word} is one too many in {{{name}}}")),
        }
    }
    Ok(part)
}

fn place(word: &str) -> Option<PartPosition> {
    word.parse().ok().filter(|place| *place != 0)
}

/// `2`, `-1`, `2..`, `..-2`, `2..3`
fn folders(word: &str) -> Option<Source> {
    if let Some(place) = place(word) {
        return Some(Source::Folder { first: place, last: place });
    }
    let (first, last) = word.split_once("..")?;
    let or = |word: &str, else_: PartPosition| if word.is_empty() { Some(else_) } else { place(word) };
    Some(Source::Folder { first: or(first, 1)?, last: or(last, -1)? })
}

fn unknown(written: &str, name: &str) -> String {
    let shown = printable(written);
    match meant(name, &NAMES) {
        Some("token") => format!("{{{shown}}} is no part. Did you mean {{token:1}}?"),
        Some("number") => format!("{{{shown}}} is no part. Did you mean {{number:1}}?"),
        Some(near) => format!("{{{shown}}} is no part. Did you mean {{{near}}}?"),
        None => format!("{{{shown}}} is no part. There are {PARTS}"),
    }
}

fn not_for(name: &str, word: &str) -> String {
    let known: &[&str] = match name {
        "stem" => &["bare", "lower", "upper", "title"],
        "lang" => &["short", "three", "long", "lower", "upper", "title"],
        _ => &["lower", "upper", "title"],
    };
    let shown = printable(word);
    match meant(word, known) {
        Some(near) => format!("{shown} does not apply to {{{name}}}. Did you mean {{{name}:{near}}}?"),
        None => format!("{shown} does not apply to {{{name}}}. There are {} and - _ . for its words", known.join(", ")),
    }
}

/// The known word that a text nearly matches.
fn meant<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, name)| *name);
    if let Some(name) = alias.and_then(|alias| known.iter().find(|name| **name == alias)) {
        return Some(name);
    }
    let near = known.iter().map(|name| (distance(&lower, name), *name)).min()?;
    (near.0 <= near.1.len() / 2).then_some(near.1)
}

/// The number of letters to insert, delete or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, up) in b.iter().zip(row.iter().skip(1)) {
            left = (left + 1).min(up + 1).min(diagonal + usize::from(x != *y));
            diagonal = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
