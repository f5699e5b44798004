//! Shortens texts without hiding their differences: two values of one field, and S3 keys in a list. It must never make
//! two different texts look the same: their equal parts are cut first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::text::Span;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::text::{Key, cut_end, cut_middle, end_of, safe, start_of, width};
use super::theme::Theme;

/// Of longer texts, only this many bytes around the first difference are compared.
const LONGEST: usize = 16 * 1024;

/// One of two texts: the common prefix, its own part, the common suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    pub before: String,
    pub differs: String,
    pub after: String,
}

impl Parts {
    pub fn spans(self, theme: &Theme) -> Vec<Span<'static>> {
        vec![Span::raw(self.before), Span::styled(self.differs, theme.bold()), Span::raw(self.after)]
    }
}

/// Shortens two texts to `cells` each. Their different parts stay visible and start in the same column.
pub fn side_by_side(old: &str, new: &str, cells: usize, ellipsis: &str) -> [Parts; 2] {
    let (old, new) = bounded(old, new);
    let (old, new) = (safe(old), safe(new));
    let exact = shared(&old, &new);
    let words = whole_words(&old, &new, &exact);
    // Mark whole words, which are easier to read, if they take at most a third of the line.
    let longest = |[old, new]: &[Range<usize>; 2], texts: [&str; 2]| {
        [old, new].into_iter().zip(texts).filter_map(|(range, text)| Some(width(text.get(range.clone())?))).max()
    };
    let roomy = longest(&words, [&old, &new]).is_some_and(|longest| longest <= cells / 3);
    let [of_old, of_new] = if roomy { words } else { exact };
    let [old, new] = [(&*old, of_old), (&*new, of_new)].map(|(text, range)| {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        Parts { before: part(0..range.start), after: part(range.end..text.len()), differs: part(range) }
    });
    let wide = |parts: &Parts| width(&parts.before) + width(&parts.differs) + width(&parts.after);
    if wide(&old).max(wide(&new)) <= cells {
        return [old, new];
    }
    let differs = width(&old.differs).max(width(&new.differs));
    let least_after = width(&old.after).min(cells / 4);
    let before = cells.saturating_sub(differs + least_after).max(cells / 3);
    let before = cut_middle(&old.before, before, ellipsis);
    let left = cells.saturating_sub(width(&before));
    [old, new].map(|parts| {
        let differs = cut_middle(&parts.differs, left.saturating_sub(least_after), ellipsis);
        let after = cut_middle(&parts.after, left.saturating_sub(width(&differs)), ellipsis);
        Parts { before: before.clone(), differs, after }
    })
}

/// Describes an invisible difference, with one phrase for each text: blanks, or characters that look the same. None
/// when the difference is visible.
pub fn unseen(old: &str, new: &str) -> Option<[String; 2]> {
    let (old, new) = bounded(old, new);
    let [of_old, of_new] = shared(old, new);
    let (old, new) = (old.get(of_old)?, new.get(of_new)?);
    if old == new {
        return None;
    }
    let blank = |text: &str| text.chars().all(|c| c == ' ');
    if blank(old) && blank(new) {
        return Some([old, new].map(|blanks| match blanks.chars().count() {
            0 => "without the blank".to_owned(),
            1 => "with a blank".to_owned(),
            more => format!("with {more} blanks"),
        }));
    }
    let odd_blanks = old.trim().is_empty() && new.trim().is_empty();
    (odd_blanks || old.nfc().eq(new.nfc())).then(|| {
        [old, new].map(|text| {
            let points: Vec<String> = text.chars().take(4).map(|c| format!("U+{:04X}", c as u32)).collect();
            if points.is_empty() { "without it".to_owned() } else { points.join(" ") }
        })
    })
}

/// The part around the first difference of long texts; short texts whole.
fn bounded<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    if old.len().max(new.len()) <= LONGEST {
        return (old, new);
    }
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    // The texts are equal up to here, so a boundary of one is a boundary of both.
    let start = old.floor_char_boundary(same.saturating_sub(LONGEST / 4));
    let part = |text: &'a str| text.get(start..text.floor_char_boundary(start + LONGEST)).unwrap_or(text);
    (part(old), part(new))
}

/// The byte range of each text between the common prefix and suffix, at grapheme boundaries.
fn shared(old: &str, new: &str) -> [Range<usize>; 2] {
    let same = |(a, b): &(&str, &str)| a == b;
    let start = first_difference(old, new);
    let (rest_old, rest_new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let ends = rest_old.graphemes(true).rev().zip(rest_new.graphemes(true).rev());
    let end: usize = ends.take_while(same).map(|(a, _)| a.len()).sum();
    [start..old.len() - end, start..new.len() - end]
}

/// Length of the common prefix in bytes, at a grapheme boundary.
fn first_difference(old: &str, new: &str) -> usize {
    old.graphemes(true).zip(new.graphemes(true)).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
}

/// The same ranges, extended to whole words.
fn whole_words(old: &str, new: &str, [of_old, of_new]: &[Range<usize>; 2]) -> [Range<usize>; 2] {
    let in_word = |grapheme: &&str| grapheme.starts_with(char::is_alphanumeric);
    let before = old.get(..of_old.start).unwrap_or_default().graphemes(true).rev().take_while(in_word);
    let before: usize = before.map(str::len).sum();
    let after = old.get(of_old.end..).unwrap_or_default().graphemes(true).take_while(in_word);
    let after: usize = after.map(str::len).sum();
    let grown = |range: &Range<usize>, len: usize| range.start - before..(range.end + after).min(len);
    [grown(of_old, old.len()), grown(of_new, new.len())]
}

/// Shortens the S3 keys of a list with `short`. Where different ones would look the same, cuts their common part
/// instead.
pub fn tell_apart<'a>(
    keys: impl IntoIterator<Item = Cow<'a, str>>,
    cells: usize,
    ellipsis: &str,
    short: impl Fn(&str) -> Key,
) -> Vec<Key> {
    let keys: Vec<Cow<'_, str>> = keys.into_iter().collect();
    let mut shown: Vec<Key> = keys.iter().map(|key| short(key)).collect();
    let all: Vec<usize> = (0..keys.len()).collect();
    let mut waiting = alike(&all, &keys, &shown);
    while let Some(group) = waiting.pop() {
        let texts: Vec<Cow<'_, str>> = group.iter().filter_map(|at| keys.get(*at)).map(|key| safe(key)).collect();
        let Some(common) = start_of_all(&texts, cells, ellipsis) else { continue };
        for (at, text) in group.iter().zip(&texts) {
            if let Some(slot) = shown.get_mut(*at) {
                *slot = from(text, common, cells, ellipsis);
            }
        }
        // Some may still look the same, because they have a longer common part than the group.
        let left = alike(&group, &keys, &shown);
        waiting.extend(left.into_iter().filter(|smaller| smaller.len() < group.len()));
    }
    shown
}

/// Subgroups of `group` that look the same but are not.
fn alike(group: &[usize], keys: &[Cow<'_, str>], shown: &[Key]) -> Vec<Vec<usize>> {
    let mut looks: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for at in group {
        if let Some(key) = shown.get(*at) {
            looks.entry((&key.directory, &key.name)).or_default().push(*at);
        }
    }
    let differ = |same: &Vec<usize>| same.windows(2).any(|pair| matches!(pair, [a, b] if keys.get(*a) != keys.get(*b)));
    looks.into_values().filter(differ).collect()
}

/// The byte from which to show the texts so that their first difference is visible, as early as there is room.
fn start_of_all(texts: &[Cow<'_, str>], cells: usize, ellipsis: &str) -> Option<usize> {
    let (first, others) = texts.split_first()?;
    let at = others.iter().map(|other| first_difference(first, other)).min()?;
    let same = first.get(..at)?;
    let rest = texts.iter().map(|text| width(text.get(at..).unwrap_or_default())).max()?;
    let room = cells.saturating_sub(width(ellipsis));
    if let Some(left) = room.checked_sub(rest) {
        return Some(at - last_cells(same, left));
    }
    // From the slash before it, if the difference is still within the half that is shown.
    let near = |slash: &usize| same.get(*slash..).is_some_and(|before| width(before) + 4 <= half(cells, ellipsis));
    Some(same.rfind('/').filter(near).unwrap_or(at))
}

/// Number of bytes at the end of a text that fit into `cells`.
fn last_cells(text: &str, cells: usize) -> usize {
    let mut left = cells;
    let fits = |grapheme: &&str| left.checked_sub(width(grapheme)).map(|less| left = less).is_some();
    text.graphemes(true).rev().take_while(fits).map(str::len).sum()
}

/// Width of each of two pieces, next to two ellipses.
fn half(cells: usize, ellipsis: &str) -> usize {
    (cells.saturating_sub(2 * width(ellipsis)) / 2).max(1)
}

/// A text from the byte `at` on, with its middle cut if it does not fit.
fn from(text: &str, at: usize, cells: usize, ellipsis: &str) -> Key {
    if at == 0 {
        return Key { directory: String::new(), name: cut_middle(text, cells, ellipsis) };
    }
    let rest = text.get(at..).unwrap_or_default();
    let directory = ellipsis.to_owned();
    if width(ellipsis) + width(rest) <= cells {
        return Key { directory, name: rest.to_owned() };
    }
    let start = start_of(rest, half(cells, ellipsis));
    let end = end_of(text, cells.saturating_sub(2 * width(ellipsis) + width(&start)));
    Key { directory, name: format!("{start}{ellipsis}{end}") }
}

/// As [`tell_apart`], but shows only the last part of each path where that tells them apart.
pub fn names_apart<'a>(keys: impl IntoIterator<Item = Cow<'a, str>>, cells: usize, ellipsis: &str) -> Vec<String> {
    let short = |key: &str| {
        let name = cut_middle(super::body::file_part(key), cells, ellipsis);
        Key { directory: String::new(), name }
    };
    let apart = tell_apart(keys, cells, ellipsis, short);
    apart.into_iter().map(|key| cut_end(&(key.directory + &key.name), cells, ellipsis)).collect()
}

#[cfg(test)]
#[path = "difference_tests.rs"]
mod tests;
