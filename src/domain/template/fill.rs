//! Fills in a template for one row.

use super::{Case, Part, PartPosition, Piece, SEPARATORS, Source, Style, Template, Which};
use crate::draft::Snapshot;
use crate::format::thousands;
use crate::manifest::{Field, RowId};
use crate::names::{self, Cut, Language, Tokens};
use crate::s3_url::{key, split};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What a row lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {} has no {what}", thousands(u64::from(*row) + 1))]
pub struct NoValue {
    pub row: RowId,
    pub what: String,
}

/// The parts of a video's name, and the row's language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Video<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    /// Without the trailing slash.
    pub folder: &'a str,
    pub stem: &'a str,
    pub language: &'a str,
}

impl<'a> Video<'a> {
    /// None if the text is not the address of an object.
    pub fn of(object: &'a str, language: &'a str) -> Option<Video<'a>> {
        let (bucket, key) = split(object)?;
        let folder = key::folder(key);
        let (folder, stem) = (folder.strip_suffix('/').unwrap_or(folder), key::stem(key));
        (!bucket.is_empty() && !stem.is_empty()).then_some(Video {
            bucket,
            key,
            folder,
            stem,
            language: language.trim(),
        })
    }
}

impl Template {
    /// The template's value for a row.
    ///
    /// # Errors
    /// [`NoValue`] naming what the row lacks.
    pub fn value(&self, snapshot: &Snapshot, row: RowId) -> Result<String, NoValue> {
        let mut text = String::new();
        self.fill_row(snapshot, row, &mut text).map_err(|what| NoValue { row, what: what.missing() })?;
        Ok(text)
    }

    /// The parts this template uses, then every other kind: notation, value in a row (None if the row lacks it), and meaning.
    pub fn parts_of(
        used: Option<&Template>,
        snapshot: &Snapshot,
        row: RowId,
    ) -> Vec<(String, Option<String>, &'static str)> {
        const LIST: [(&str, &str); 10] = [
            ("{bucket}", ""),
            ("{folder}", ""),
            ("{folder:-1}", "the last folder"),
            ("{stem}", ""),
            ("{token:1}", "the first word of the stem"),
            ("{number:1:4}", "the first number, 4 digits"),
            ("{lang}", ""),
            ("{lang:long}", ""),
            ("{ext}", ""),
            ("{stem:lower:-}", "small letters, - between words"),
        ];
        let pieces = used.into_iter().flat_map(|template| &template.pieces);
        let mut written: Vec<String> = Vec::new();
        let parts = pieces.filter_map(|piece| match piece {
            Piece::Part(part) => Some(part.to_string()),
            Piece::Text(_) => None,
        });
        for part in parts.chain(LIST.iter().map(|(part, _)| (*part).to_owned())) {
            if !written.contains(&part) {
                written.push(part);
            }
        }
        let shown = |written: String| {
            let value = Template::read(&written).ok().and_then(|template| template.value(snapshot, row).ok());
            let means = LIST.iter().find(|(part, _)| *part == written).map_or("", |(_, means)| means);
            (written, value, means)
        };
        written.into_iter().map(shown).collect()
    }

    /// As [`Template::value`], into `out`, which is cleared first.
    pub(super) fn fill_row(&self, snapshot: &Snapshot, row: RowId, out: &mut String) -> Result<(), &Source> {
        let decoded = snapshot.row(row);
        match Video::of(decoded.text(Field::Object), decoded.text(Field::Language)) {
            Some(video) => self.fill(&video, out),
            None => {
                out.clear();
                Err(&Source::Stem)
            }
        }
    }

    pub(super) fn fill(&self, video: &Video<'_>, out: &mut String) -> Result<(), &Source> {
        out.clear();
        let mut without_slash = false;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    // For a video at the top of its bucket, the slash after the empty folder is dropped.
                    let rest = text.strip_prefix('/').filter(|_| without_slash);
                    out.push_str(rest.unwrap_or(text));
                    without_slash = false;
                }
                Piece::Part(part) => {
                    let before = out.len();
                    part.fill(video, out).ok_or(&part.source)?;
                    without_slash = out.len() == before && matches!(part.source, Source::Folder { .. });
                }
            }
        }
        Ok(())
    }
}

impl Part {
    /// Appends the value for a video; None if there is none.
    pub(super) fn fill(&self, video: &Video<'_>, out: &mut String) -> Option<()> {
        if let Source::Number { which, width } = &self.source {
            let digits = match which {
                Which::Nth(place) => nth(numbers(video.stem), *place)?,
                Which::After(label) => number_after(video.key, label)?,
            };
            let digits = digits.trim_start_matches('0');
            let digits = if digits.is_empty() { "0" } else { digits };
            let width = usize::from(width.unwrap_or(1));
            let _ = write!(out, "{digits:0>width$}");
            return Some(());
        }
        let text = match &self.source {
            Source::Bucket => video.bucket,
            Source::Folder { first, last } => folders(video.folder, *first, *last)?,
            Source::Stem => video.stem,
            Source::BareStem => bare(video.stem),
            Source::Token(place) => nth(words(video.stem), *place)?,
            Source::Lang(style) => language(video.language, *style)?,
            Source::Ext => key::extension(video.key).filter(|ext| !ext.is_empty())?,
            Source::Number { .. } => return None,
        };
        out.push_str(&self.written(text));
        Some(())
    }

    fn written<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let joined = match self.separator {
            None => Cow::Borrowed(text),
            Some(separator) => {
                let words = text.split(SEPARATORS).filter(|word| !word.is_empty());
                let mut joined = String::with_capacity(text.len());
                for word in words {
                    if !joined.is_empty() {
                        joined.push(separator);
                    }
                    joined.push_str(word);
                }
                Cow::Owned(joined)
            }
        };
        match self.case {
            None => joined,
            Some(Case::Lower) => joined.to_lowercase().into(),
            Some(Case::Upper) => joined.to_uppercase().into(),
            Some(Case::Title) => title(&joined).into(),
        }
    }
}

/// Each word in title case.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match before.is_alphanumeric() || is_accent(before) {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        before = c;
    }
    out
}

/// The folders from one position to another, with slashes. Empty (not None) if the second position directly precedes
/// the first, as for all but the first folder of one.
fn folders(folder: &str, first: PartPosition, last: PartPosition) -> Option<&str> {
    if (first, last) == (1, -1) {
        return Some(folder);
    }
    let count = if folder.is_empty() { 0 } else { folder.matches('/').count() + 1 };
    let count = isize::try_from(count).ok()?;
    let at = |place: PartPosition| if place > 0 { isize::from(place) - 1 } else { count + isize::from(place) };
    let (first, last) = (at(first), at(last));
    if first == last + 1 && (0..=count).contains(&first) {
        return Some("");
    }
    if first > last || last >= count {
        return None;
    }
    let (first, last) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
    let start = if first == 0 { 0 } else { folder.match_indices('/').nth(first - 1)?.0 + 1 };
    let end = folder.match_indices('/').nth(last).map_or(folder.len(), |(at, _)| at);
    folder.get(start..end)
}

fn nth<'a>(things: impl DoubleEndedIterator<Item = &'a str>, place: PartPosition) -> Option<&'a str> {
    let mut things = things;
    match usize::try_from(place) {
        Ok(place) => things.nth(place.checked_sub(1)?),
        Err(_) => things.nth_back(usize::from(place.unsigned_abs()) - 1),
    }
}

/// The words of a name, separated by anything but letters and digits.
pub(super) fn words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric() && !is_accent(c)).filter(|word| !word.is_empty())
}

/// Combining accents of decomposed names.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}')
}

pub(super) fn numbers(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty())
}

/// A video's stem without picture size, codec and version at its end.
fn bare(stem: &str) -> &str {
    // If cleaning changes the text, its positions don't apply to the stem.
    let Cow::Borrowed(text) = names::clean(stem) else { return stem };
    let tokens = Tokens::of(text);
    let mut last = Cut { to: tokens.len(), ..Cut::default() };
    names::ends::of_video(text, &tokens, &mut |cut| last = cut);
    let (first, end) = match last.of(&tokens) {
        [first, .., end] => (first, end),
        [only] => (only, only),
        [] => return stem,
    };
    text.get(first.start as usize..end.end as usize).filter(|bare| !bare.is_empty()).unwrap_or(stem)
}

/// Each number in a key with the word before it: `Week 3/ep07` has `Week` 3 and `ep` 07.
pub(super) fn labelled(key: &str) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    let starts = key.match_indices(|c: char| c.is_ascii_digit());
    let starts = starts
        .map(|(at, _)| at)
        .filter(|at| !key.get(..*at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit())));
    starts.filter_map(|start| {
        let (before, rest) = key.split_at_checked(start)?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let before = before.trim_end_matches([' ', '-', '_', '.', '#']);
        let label = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        (!label.is_empty()).then(|| rest.get(..end).map(|digits| (label, digits)))?
    })
}

fn number_after<'a>(key: &'a str, label: &str) -> Option<&'a str> {
    let is_it = |word: &str| word.eq_ignore_ascii_case(label) || (!word.is_ascii() && word.to_lowercase() == label);
    labelled(key).rev().find(|(word, _)| is_it(word)).map(|(_, digits)| digits)
}

fn language(language: &str, style: Style) -> Option<&str> {
    if style == Style::Own {
        return (!language.is_empty()).then_some(language);
    }
    let language = Language::named(language)?;
    match style {
        Style::Own | Style::Short => Some(language.code()),
        Style::Three => language.long_code(),
        Style::Long => language.name(),
    }
}
