//! Parses pasted lines as one column of values and assigns each to a row.

use super::plain;
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;

/// One value per line. An empty line skips a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Trimmed and unquoted; the last one is not empty.
    lines: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnFault {
    /// `line` counts from 1.
    #[error("{columns} columns in line {line}. Copy one, or use :source for a table")]
    Table { columns: usize, line: usize },
    #[error("there is no text in it")]
    Empty,
}

impl Column {
    /// Parses pasted lines or a JSON array of strings.
    ///
    /// # Errors
    /// [`ColumnFault`] for a table or for empty input.
    pub fn parse(text: &str) -> Result<Column, ColumnFault> {
        let array =
            text.trim_start().starts_with('[').then(|| serde_json::from_str::<Vec<String>>(text).ok()).flatten();
        let mut lines = match array {
            Some(texts) => texts,
            None => text
                .replace("\r\n", "\n")
                .split(['\n', '\r'])
                .enumerate()
                .map(|(at, line)| match cells(line.trim()) {
                    1 => Ok(unquoted(line.trim())),
                    columns => Err(ColumnFault::Table { columns, line: at + 1 }),
                })
                .collect::<Result<_, _>>()?,
        };
        let filled = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
        lines.truncate(filled);
        if lines.is_empty() { Err(ColumnFault::Empty) } else { Ok(Column { lines }) }
    }

    /// Counts empty lines between others.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

/// Number of columns in a line. A comma or blank separates columns only where an address starts after it: keys may hold
/// both.
fn cells(line: &str) -> usize {
    if line.contains('\t') {
        return line.split('\t').count();
    }
    let begins = |rest: &str| ["s3://", "http://", "https://"].iter().any(|scheme| rest.starts_with(scheme));
    let is_parted = |separator: char| {
        let rests = line.match_indices(separator).filter_map(|(at, _)| line.get(at + separator.len_utf8()..));
        rests.map(|rest| rest.trim_start_matches([' ', '"'])).any(begins)
    };
    if let Some(separator) = [',', ';', '|', ' '].into_iter().find(|separator| is_parted(*separator)) {
        return line.split(separator).filter(|cell| !cell.trim().is_empty()).count();
    }
    // Quoted cells may hold anything.
    let quoted = line.strip_prefix('"').map_or(1, |rest| 1 + rest.matches("\",\"").count());
    quoted.max(1)
}

/// A cell as spreadsheets and JSON quote it: `"s3://…",`
fn unquoted(line: &str) -> String {
    let inner = line.strip_suffix(',').unwrap_or(line).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| line.to_owned(), |inner| inner.replace("\"\"", "\"").trim().to_owned())
}

/// Which value goes to which row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FillDown {
    /// Ascending.
    texts: Vec<(RowId, String)>,
    rows: RowSet,
    rows_left: RowSet,
    lines_left: usize,
}

impl FillDown {
    /// `rows`: the target rows in screen order, without repeats. `ends`: they are a selection, so its rows without a
    /// line count as rows left. Without a selection, rows after the last line are not involved.
    pub fn new(field: Field, column: &Column, rows: impl IntoIterator<Item = RowId>, ends: bool) -> FillDown {
        let mut rows = rows.into_iter();
        let mut fill = FillDown::default();
        let mut left = Vec::new();
        for line in &column.lines {
            match (rows.next(), line.is_empty()) {
                (Some(row), true) => left.push(row),
                (Some(row), false) => fill.texts.push((row, plain(field, line))),
                (None, true) => {}
                (None, false) => fill.lines_left += 1,
            }
        }
        if ends {
            left.extend(rows);
        }
        fill.texts.sort_unstable();
        fill.texts.dedup_by_key(|(row, _)| *row);
        fill.rows = fill.texts.iter().map(|(row, _)| *row).collect();
        fill.rows_left = left.into_iter().collect();
        fill
    }

    /// Rows that get a line.
    pub fn rows(&self) -> &RowSet {
        &self.rows
    }

    pub fn rows_left(&self) -> &RowSet {
        &self.rows_left
    }

    pub fn lines_left(&self) -> usize {
        self.lines_left
    }

    pub fn text(&self, row: RowId) -> Option<&str> {
        let at = self.texts.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.texts.get(at).map(|(_, text)| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_a_line_and_an_empty_line_is_kept_as_one() {
        for (text, lines) in [
            ("s3://b/1.srt\ns3://b/2.srt\n", &["s3://b/1.srt", "s3://b/2.srt"][..]),
            ("s3://b/1.srt\r\n\r\ns3://b/3.srt\r\n\r\n", &["s3://b/1.srt", "", "s3://b/3.srt"]),
            ("a\rb", &["a", "b"]),
            ("  en \n\tko\t\n", &["en", "ko"]),
            ("s3://b/My talk, part 1.srt", &["s3://b/My talk, part 1.srt"]),
            ("\"s3://b/1.srt\",\n\"a \"\"b\"\"\"", &["s3://b/1.srt", "a \"b\""]),
            ("[\"s3://b/1.srt\", \"\",\n \"en\"]", &["s3://b/1.srt", "", "en"]),
            ("[not json]", &["[not json]"]),
        ] {
            assert_eq!(
                Column::parse(text).map(|column| column.lines),
                Ok(lines.iter().map(|l| (*l).to_owned()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn pasted_table_is_refused_with_its_columns_and_line() {
        for (text, columns, line) in [
            ("a\tb\tc", 3, 1),
            ("en\n\ns3://b/1.mp4\ts3://b/1.srt", 2, 3),
            ("s3://b/1.mp4,s3://b/1.srt", 2, 1),
            ("s3://b/1.mp4; s3://b/1.srt; en", 3, 1),
            ("1 s3://b/1.srt", 2, 1),
            ("\"a\",\"b\"", 2, 1),
            ("\"a\",\"s3://b/1.srt\",en", 3, 1),
        ] {
            assert_eq!(Column::parse(text), Err(ColumnFault::Table { columns, line }), "{text}");
        }
        for text in ["", "\n\n", "  ", "[]"] {
            assert_eq!(Column::parse(text), if text == "[]" { Column::parse(text) } else { Err(ColumnFault::Empty) });
        }
        let said = ColumnFault::Table { columns: 3, line: 1 }.to_string();
        assert_eq!(said, "3 columns in line 1. Copy one, or use :source for a table");
    }

    #[test]
    fn lines_go_down_the_rows_as_they_are_seen() {
        let column = Column::parse("a\n\nc\nd\n").unwrap();
        let fill = FillDown::new(Field::Language, &column, [7, 2, 5], true);
        assert_eq!((fill.text(7), fill.text(2), fill.text(5)), (Some("a"), None, Some("c")));
        assert_eq!((fill.lines_left(), fill.rows_left().iter().collect::<Vec<_>>()), (1, vec![2]));
        let fill = FillDown::new(Field::Language, &column, 0..6, true);
        assert_eq!((fill.lines_left(), fill.rows_left().iter().collect::<Vec<_>>()), (0, vec![1, 4, 5]));
        let fill = FillDown::new(Field::Language, &column, 0..6, false);
        assert_eq!(fill.rows_left().iter().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn pasted_links_become_addresses_and_lose_their_secret() {
        let column = Column::parse("https://acme.s3.us-west-2.amazonaws.com/1.srt?X-Amz-Signature=CANARY").unwrap();
        let fill = FillDown::new(Field::Transcription, &column, [0], false);
        assert_eq!(fill.text(0), Some("s3://acme/1.srt"));
    }
}
