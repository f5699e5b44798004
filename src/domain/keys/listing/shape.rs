//! What kind of listing a file is, from its beginning.

use super::lines::{self, KINDS, Kind, Line};
use super::table::{self, Table};
use crate::domain::keys::Columns;

/// How a file is to be read.
pub enum Form {
    Json,
    Table(Table),
    Lines(Kind),
}

/// So many lines vote.
const VOTERS: usize = 1_000;

/// Of the beginning of a file, cut at the end of a line; `is_whole` when that is all of it.
pub fn of(sample: &str, is_whole: bool, columns: Option<&Columns>) -> Form {
    if columns.is_some() {
        return Form::Table(Table::with_columns(sample));
    }
    let split = if sample.contains('\n') { '\n' } else { '\r' };
    let voters: Vec<&str> = sample
        .split(split)
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .filter(|line| !line.trim().is_empty())
        .take(VOTERS)
        .collect();
    let votes = |kind: Kind| voters.iter().filter(|line| votes_for(kind, line)).count();
    let passed = |kind: Kind| voters.iter().filter(|line| lines::read(kind, line) == Line::Passed).count();
    // Blanks beside the objects, totals and prompts of a pager are many in a short listing; half of the rest decides.
    for kind in KINDS {
        let votes = votes(kind);
        if votes > 0 && votes * 2 >= voters.len() - passed(kind) {
            return Form::Lines(kind);
        }
    }
    let begin = sample.trim_start();
    if begin.starts_with('{') || begin.starts_with('[') {
        return Form::Json;
    }
    if let Some(table) = table::detect(sample, is_whole) {
        return Form::Table(table);
    }
    let half =
        |is: fn(&str) -> bool| !voters.is_empty() && voters.iter().filter(|line| is(line)).count() * 2 >= voters.len();
    if half(|line| line.trim().contains('\t')) {
        return Form::Lines(Kind::Tabs);
    }
    if half(|line| line.starts_with("./")) {
        return Form::Lines(Kind::Find);
    }
    Form::Lines(Kind::Plain)
}

fn votes_for(kind: Kind, line: &str) -> bool {
    match lines::read(kind, line) {
        Line::Key(_) | Line::OlderVersion | Line::DeleteMarker => true,
        // Folders of `aws s3 ls` and `ls -l` are as telling as files; a line with a colon at its end is not.
        Line::Folder => true,
        Line::In(_) | Line::Passed | Line::No => false,
    }
}
