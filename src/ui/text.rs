//! Fits text into cells: widths, cuts, padding, and shortened S3 keys. All widths are terminal cells, counted by
//! grapheme as the buffer does.
//! It must never let untrusted text through unescaped: each function that takes such text passes it through `printable`
//! first.

use ratatui::buffer::CellWidth;
use ratatui::text::Span;
use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation;

pub use crate::domain::format::{cue_time, exact_bytes, length, short_bytes, thousands, took};
/// Text from a file, a bucket or a reply, made safe to show.
pub use crate::domain::printable::printable as safe;
/// A row's text without the credentials of a signed link.
pub use crate::domain::s3_url::without_secret;
use crate::ui::theme::Theme;

/// A time in a video, given in milliseconds, as `12:40`.
pub fn cue_clock(ms: u64) -> String {
    length(Duration::from_millis(ms))
}

/// Width of `text` in cells. Untrusted text must go through [`safe`] first: a control character has no width.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    usize::from(grapheme.cell_width())
}

/// The start of `text` that fits into `cells`: one cell less where a wide character would be cut in half.
pub fn start_of(text: &str, cells: usize) -> String {
    fitting(text.graphemes(true), cells).collect()
}

/// The end of `text` that fits into `cells`, likewise.
pub fn end_of(text: &str, cells: usize) -> String {
    let mut taken: Vec<&str> = fitting(text.graphemes(true).rev(), cells).collect();
    taken.reverse();
    taken.concat()
}

/// The first graphemes, as many as fit into `cells`.
fn fitting<'a>(graphemes: impl Iterator<Item = &'a str>, cells: usize) -> impl Iterator<Item = &'a str> {
    let mut left = cells;
    graphemes.map_while(move |grapheme| {
        left = left.checked_sub(grapheme_width(grapheme))?;
        Some(grapheme)
    })
}

/// `text` if it fits, else its start and the ellipsis.
pub fn cut_end(text: &str, cells: usize, ellipsis: &str) -> String {
    let text = safe(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mark = start_of(ellipsis, cells);
    let room = cells - width(&mark);
    format!("{}{mark}", start_of(&text, room))
}

/// `text` if it fits, else the ellipsis and its end.
pub fn cut_start(text: &str, cells: usize, ellipsis: &str) -> String {
    let text = safe(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let room = cells.saturating_sub(width(ellipsis));
    let mut end: Vec<&str> = fitting(text.graphemes(true).rev(), room).collect();
    end.reverse();
    format!("{ellipsis}{}", end.concat())
}

/// `text` if it fits, else one third from its start, the ellipsis, and two thirds from its end.
pub fn cut_middle(text: &str, cells: usize, ellipsis: &str) -> String {
    let text = safe(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mark = start_of(ellipsis, cells);
    let room = cells - width(&mark);
    let start = start_of(&text, room / 3);
    let end = end_of(&text, room - width(&start));
    format!("{start}{mark}{end}")
}

/// Names keep this many cells at least.
const SHORTEST_NAME: usize = 16;

/// `text` if it fits, else with its longest words, which are names, cut in their middle. None where that is not enough.
pub fn cut_names(text: &str, cells: usize, ellipsis: &str) -> Option<String> {
    let text = safe(text);
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    loop {
        let surplus = (words.iter().map(|word| width(word)).sum::<usize>() + words.len() - 1).saturating_sub(cells);
        if surplus == 0 {
            return Some(words.join(" "));
        }
        let longest = words.iter_mut().max_by_key(|word| width(word)).filter(|word| width(word) > SHORTEST_NAME)?;
        // A sentence's sign stays behind the name.
        let name = longest.trim_end_matches(['.', ',', ':', ';']);
        let sign = longest.get(name.len()..).unwrap_or_default();
        let left = width(name).saturating_sub(surplus).max(SHORTEST_NAME.saturating_sub(width(sign)));
        let cut = format!("{}{sign}", cut_middle(name, left, ellipsis));
        if width(&cut) >= width(longest) {
            return None;
        }
        *longest = cut;
    }
}

/// `text` if it fits, else cut before its first colon; the reason behind the colon is cut last.
pub fn cut_before_reason(text: &str, cells: usize, ellipsis: &str) -> String {
    let safe = safe(text);
    match safe.split_once(": ") {
        Some((said, reason)) if width(&safe) > cells && width(reason) + 2 < cells => {
            format!("{}: {reason}", cut_end(said, cells - width(reason) - 2, ellipsis))
        }
        Some((_, reason)) if width(&safe) > cells => cut_end(reason, cells, ellipsis),
        _ => cut_end(text, cells, ellipsis),
    }
}

/// `text` padded with blanks to `cells`; longer text is cut without an ellipsis.
pub fn pad_to(text: &str, cells: usize) -> String {
    let text = safe(text);
    let mut padded = start_of(&text, cells);
    let missing = cells.saturating_sub(width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// `text` right-aligned in `cells`, for numbers; longer text is cut without an ellipsis.
pub fn pad_left(text: &str, cells: usize) -> String {
    let text = safe(text);
    let shown = start_of(&text, cells);
    format!("{}{shown}", " ".repeat(cells.saturating_sub(width(&shown))))
}

/// Wraps `text` into lines of at most `cells`, at blanks. A word longer than a line is broken at its word boundaries,
/// else anywhere.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let text = safe(text);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let (bare, blank) = word.split_at_checked(word.trim_end().len()).unwrap_or((word, ""));
        if width(bare) > cells {
            bare.split_word_bounds().for_each(|part| place(&mut lines, &mut used, part, cells));
        } else {
            place(&mut lines, &mut used, bare, cells);
        }
        // A blank neither begins a line nor starts a new one.
        if used > 0 && used < cells {
            push(&mut lines, blank);
            used += width(blank);
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Appends a part to the last line, or starts a new one if it does not fit; breaks it if it is longer than a line.
fn place(lines: &mut Vec<String>, used: &mut usize, part: &str, cells: usize) {
    if *used > 0 && *used + width(part) > cells {
        lines.push(String::new());
        *used = 0;
    }
    for grapheme in part.graphemes(true) {
        let wide = grapheme_width(grapheme);
        if *used > 0 && *used + wide > cells {
            lines.push(String::new());
            *used = 0;
        }
        push(lines, grapheme);
        *used += wide;
    }
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// A shortened S3 key, in two parts with different styles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Drawn dim. Ends with the slash before the name; empty when only the name fits.
    pub directory: String,
    /// Drawn plain: the part that differs within a folder.
    pub name: String,
}

impl Key {
    pub fn spans(self, theme: &Theme) -> [Span<'static>; 2] {
        [Span::styled(self.directory, theme.dim()), Span::styled(self.name, theme.plain())]
    }
}

/// Shortens an S3 key or URL to `cells`. If it does not fit, `s3://` goes (other schemes stay, because they are
/// unexpected), then the middle folders, then the start of the bucket, then all folders, then the middle of the name.
pub fn cut_key(url: &str, cells: usize, ellipsis: &str) -> Key {
    let url = safe(url);
    let short = if width(&url) <= cells { &*url } else { url.strip_prefix("s3://").unwrap_or(&url) };
    let (directory, name) = split_name(short);
    if width(short) <= cells {
        return Key { directory: directory.to_owned(), name: name.to_owned() };
    }

    // The path keeps at least the slash before the name.
    let room = cells.saturating_sub(width(name) + width(ellipsis));
    if directory.is_empty() || room == 0 {
        return Key { directory: String::new(), name: cut_middle(name, cells, ellipsis) };
    }
    let head = start_of(directory, room.saturating_sub(1).min(4));
    let folders = last_folders(directory, room - width(&head));
    Key { directory: format!("{head}{ellipsis}{folders}"), name: name.to_owned() }
}

/// Splits after the last slash. For an S3 key that ends in a slash, the last folder is the name.
fn split_name(key: &str) -> (&str, &str) {
    let body = key.strip_suffix('/').unwrap_or(key);
    body.rfind('/').and_then(|slash| key.split_at_checked(slash + 1)).unwrap_or(("", key))
}

/// The longest suffix of `directory` that starts with a slash and fits.
fn last_folders(directory: &str, cells: usize) -> &str {
    directory
        .match_indices('/')
        .filter_map(|(slash, _)| directory.get(slash..))
        .find(|folders| width(folders) <= cells)
        .unwrap_or_default()
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
