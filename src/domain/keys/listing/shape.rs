//! Detects the kind of a listing from its first bytes.

use super::foreign;
use super::lines::{self, Line, TOOLS, Tool};
use super::table::{self, Table};
use crate::keys::Columns;

/// How to read a file.
pub enum Form {
    Json,
    Table(Table),
    Lines(Tool),
}

/// Number of lines that are examined.
const VOTERS: usize = 1_000;

/// `sample` ends at a line end; `is_whole` if it is the complete file.
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
    let votes = |kind: Tool| voters.iter().filter(|line| votes_for(kind, line)).count();
    let passed = |kind: Tool| {
        voters.iter().filter(|line| matches!(lines::read(kind, line), Line::Passed | Line::Total(_))).count()
    };
    // A short listing has many blank lines, totals and pager prompts; half of the remaining lines decide.
    for kind in TOOLS {
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
        return Form::Lines(Tool::Tabs);
    }
    if half(|line| line.starts_with("./")) {
        return Form::Lines(Tool::Find);
    }
    Form::Lines(if names_are_doubtful(&voters) { Tool::Addresses } else { Tool::Plain })
}

/// Names of a plain list can only be told from other text by the company they keep: not among more lines that are none,
/// nor in a list that is numbered.
fn names_are_doubtful(voters: &[&str]) -> bool {
    let (mut names, mut others) = (0, 0);
    for line in voters {
        match lines::read(Tool::Plain, line) {
            Line::Key(found) if found.bucket.is_empty() => names += 1,
            Line::No => others += 1,
            _ => {}
        }
    }
    others > names || foreign::is_numbered(voters)
}

fn votes_for(kind: Tool, line: &str) -> bool {
    match lines::read(kind, line) {
        Line::Key(_) | Line::OlderVersion | Line::DeleteMarker => true,
        // Folder lines of `aws s3 ls` and `ls -l` identify the tool like files do; a line that ends in a colon does
        // not.
        Line::Folder => true,
        Line::In(_) | Line::Passed | Line::Total(_) | Line::No => false,
    }
}
