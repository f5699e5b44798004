//! Fixes for one rule over many rows as one edit and one undo step.

use super::draft::{Change, Edit, Snapshot};
use super::findings::Findings;
use super::manifest::{Field, RowId};
use super::row_set::RowSet;
use super::rules::{Fix, Rule};
use std::collections::BTreeMap;

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

/// Fixes for one rule in all these rows, in every field; rows without a fix stay as they are. None if there is no fix.
pub fn together(findings: &Findings, snapshot: &Snapshot, rows: &[RowId], rule: Rule) -> Option<Edit> {
    let mut fixes = Fixes::default();
    for row in rows {
        for hit in findings.of_row(snapshot, *row).iter().filter(|hit| hit.rule == rule) {
            if let Some(fix) = findings.explain(snapshot, *row, hit).fix {
                fixes.add(*row, fix);
            }
        }
    }
    fixes.edit()
}

/// Collects the fixes of many rows into one edit.
#[derive(Debug, Default)]
pub struct Fixes {
    texts: [BTreeMap<RowId, String>; Field::ALL.len()],
    excluded: Vec<RowId>,
}

impl Fixes {
    /// If a field of a row gets two fixes, the first one counts.
    pub fn add(&mut self, row: RowId, fix: Fix) {
        match fix {
            Fix::Exclude => self.excluded.push(row),
            Fix::Set(field, text) => {
                if let Some(texts) = self.texts.get_mut(field as usize) {
                    texts.entry(row).or_insert(text);
                }
            }
        }
    }

    /// One undo step; None if empty.
    pub fn edit(self) -> Option<Edit> {
        let each = Field::ALL.into_iter().zip(self.texts).filter(|(_, texts)| !texts.is_empty());
        let mut edits: Vec<Edit> = each
            .map(|(field, texts)| {
                let (rows, texts): (Vec<RowId>, Vec<String>) = texts.into_iter().unzip();
                Edit { rows: rows.into_iter().collect(), change: Change::SetEach(field, texts) }
            })
            .collect();
        if !self.excluded.is_empty() {
            edits.push(Edit { rows: self.excluded.into_iter().collect(), change: Change::Exclude });
        }
        Edit::together(edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::manifest::Manifest;
    use std::sync::Arc;

    #[test]
    fn one_rule_is_fixed_in_every_field_at_once() {
        let json = r#"[{"index_id":"6298d673f1090f1100476d4c","language":"en ","object":" s3://acme-video/1.mp4","transcription":"s3://acme-captions/1.srt "}]"#;
        let mut draft = Draft::new(Arc::new(Manifest::parse(json.into()).unwrap()));
        let findings = Findings::check(draft.now(), |_| true).unwrap();
        draft.apply(together(&findings, draft.now(), &[0], Rule::ValuePadded).unwrap());
        let text = |field| draft.now().value(0, field).text().to_owned();
        let fields = [Field::Language, Field::Object, Field::Transcription];
        assert_eq!(fields.map(text), ["en", "s3://acme-video/1.mp4", "s3://acme-captions/1.srt"]);
        draft.undo();
        assert!(!draft.is_dirty() && !draft.can_undo());
    }

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
