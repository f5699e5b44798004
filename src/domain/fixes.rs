//! Fixes of one rule over many rows, as one edit: one step of undo.

use super::draft::{Change, Edit, Snapshot};
use super::findings::Findings;
use super::manifest::{Field, RowId};
use super::row_set::RowSet;
use super::rules::{Fix, Rule};

/// The fix of a row for one rule.
pub fn fix_for(findings: &Findings, snapshot: &Snapshot, row: RowId, rule: Rule) -> Option<Fix> {
    let hits = findings.of_row(snapshot, row);
    hits.iter().filter(|hit| hit.rule == rule).find_map(|hit| findings.explain(snapshot, row, hit).fix)
}

/// One fix as an edit of some rows.
pub fn edit_of(fix: &Fix, rows: RowSet) -> Edit {
    let change = match fix {
        Fix::Set(field, value) => Change::Set(*field, value.clone()),
        Fix::Exclude => Change::Exclude,
    };
    Edit { rows, change }
}

/// The fixes of all these rows together; rows without one are left as they are. Fixes of one rule are of one kind; of
/// those that set a value, the field of the first one counts. None when there is no fix at all.
pub fn together(findings: &Findings, snapshot: &Snapshot, rows: &[RowId], rule: Rule) -> Option<Edit> {
    let mut fixes = rows.iter().filter_map(|row| Some((*row, fix_for(findings, snapshot, *row, rule)?))).peekable();
    match fixes.peek()?.1.clone() {
        Fix::Exclude => Some(Edit { rows: fixes.map(|(row, _)| row).collect(), change: Change::Exclude }),
        Fix::Set(field, _) => {
            let (rows, values): (Vec<RowId>, Vec<String>) =
                fixes.filter_map(|(row, fix)| Some((row, value(fix, field)?))).unzip();
            Some(Edit { rows: rows.into_iter().collect(), change: Change::SetEach(field, values) })
        }
    }
}

fn value(fix: Fix, wanted: Field) -> Option<String> {
    match fix {
        Fix::Set(field, value) if field == wanted => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::draft::Draft;
    use crate::domain::manifest::Manifest;
    use std::sync::Arc;

    #[test]
    fn each_row_gets_its_own_value_and_one_undo_takes_all_back() {
        let rows = ["a.vt", "b.srt", "c.str"].map(|name| {
            format!(r#"{{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://acme-video/{}.mp4","transcription":"s3://acme-captions/{name}"}}"#, name.split('.').next().unwrap())
        });
        let json = format!("[{}]", rows.join(","));
        let mut draft = Draft::new(Arc::new(Manifest::parse(json.clone().into_bytes()).unwrap()));
        let findings = Findings::check(draft.now(), |_| true).unwrap();
        let rows = findings.rows_of(draft.now(), Rule::TranscriptionExtension);
        let edit = together(&findings, draft.now(), &rows, Rule::TranscriptionExtension).unwrap();
        draft.apply(edit);
        let text = |row| draft.now().value(row, Field::Transcription).text().to_owned();
        assert_eq!([text(0), text(2)], ["s3://acme-captions/a.vtt", "s3://acme-captions/c.srt"]);
        draft.undo();
        assert_eq!(draft.now().pieces().flatten().copied().collect::<Vec<u8>>(), json.into_bytes());
    }
}
