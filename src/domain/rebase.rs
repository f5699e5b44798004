//! Reapplies unsaved edits to a file that another program changed: only where the row and the edited value are still
//! the same.

use super::draft::{Change, Draft, Edit, Snapshot};
use super::manifest::{Field, Manifest, RowId};
use super::row_set::RowSet;

/// The unsaved edits, by row of the saved file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsavedEdits {
    rows: Vec<Changed>,
    /// Rows restored after a save had left them out: the file has no place for them.
    without_place: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Changed {
    /// Row in the saved file.
    row: RowId,
    video: String,
    excluded: bool,
    /// (field, saved text, current text).
    fields: Vec<(Field, String, String)>,
}

impl UnsavedEdits {
    /// None if everything is saved.
    pub fn of(draft: &Draft) -> Option<UnsavedEdits> {
        let (saved, now) = (draft.saved(), draft.now());
        let mut unsaved_edits = UnsavedEdits { rows: Vec::new(), without_place: 0 };
        // Rows ascend, so the excluded rows before them are counted once for all.
        let (mut left_out, mut excluded) = (0, saved.excluded_rows().iter().peekable());
        for row in draft.unsaved_rows().iter() {
            while excluded.next_if(|out| *out < row).is_some() {
                left_out += 1;
            }
            match Changed::of(saved, now, row, left_out) {
                Some(changed) => unsaved_edits.rows.push(changed),
                None => unsaved_edits.without_place += 1,
            }
        }
        draft.is_dirty().then_some(unsaved_edits)
    }

    /// Number of edited rows.
    pub fn len(&self) -> usize {
        self.rows.len() + self.without_place
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The edits for the new file, and the number of rows that could not be matched: they moved, or the edited value
    /// changed.
    pub fn rebase(&self, manifest: &Manifest) -> (Vec<Edit>, usize) {
        let mut left_out = self.without_place;
        let mut excluded = Vec::new();
        let mut texts: [Vec<(RowId, String)>; 4] = Default::default();
        for changed in &self.rows {
            let row = manifest.row(changed.row);
            let fits = row.text(Field::Object) == changed.video
                && changed.fields.iter().all(|(field, was, _)| row.text(*field) == was);
            if !fits {
                left_out += 1;
                continue;
            }
            if changed.excluded {
                excluded.push(changed.row);
            }
            for (field, _, now) in &changed.fields {
                if let Some(texts) = texts.get_mut(*field as usize) {
                    texts.push((changed.row, now.clone()));
                }
            }
        }
        let mut edits: Vec<Edit> = Field::ALL
            .into_iter()
            .zip(texts)
            .filter(|(_, texts)| !texts.is_empty())
            .map(|(field, texts)| {
                let (rows, texts): (Vec<RowId>, Vec<String>) = texts.into_iter().unzip();
                Edit { rows: rows.into_iter().collect(), change: Change::SetEach(field, texts) }
            })
            .collect();
        if !excluded.is_empty() {
            edits.push(Edit { rows: excluded.into_iter().collect::<RowSet>(), change: Change::Exclude });
        }
        (edits, left_out)
    }
}

impl Changed {
    /// None if the saved file lacks the row. `before`: excluded rows before it, which the saved file lacks, too.
    fn of(saved: &Snapshot, now: &Snapshot, row: RowId, before: u32) -> Option<Changed> {
        if saved.is_excluded(row) {
            return None;
        }
        let (was, is) = (saved.row(row), now.row(row));
        let fields = Field::ALL
            .into_iter()
            .filter(|field| was.text(*field) != is.text(*field))
            .map(|field| (field, was.text(field).to_owned(), is.text(field).to_owned()))
            .collect();
        let video = was.text(Field::Object).to_owned();
        Some(Changed { row: row - before, video, excluded: now.is_excluded(row), fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn manifest(rows: &[(&str, &str)]) -> Manifest {
        let rows: Vec<String> =
            rows.iter().map(|(o, t)| format!(r#"{{"object":"s3://v/{o}.mp4","transcription":"{t}"}}"#)).collect();
        Manifest::parse(format!("[{}]", rows.join(",")).into_bytes()).unwrap()
    }

    fn set(draft: &mut Draft, row: RowId, text: &str) {
        draft.apply(Edit { rows: RowSet::one(row), change: Change::Set(Field::Transcription, text.into()) });
    }

    #[test]
    fn rebase_redoes_unsaved_edits_except_where_the_file_changed() {
        let mut draft = Draft::new(Arc::new(manifest(&[("a", ""), ("b", ""), ("c", ""), ("d", "")])));
        draft.apply(Edit { rows: RowSet::one(0), change: Change::Exclude });
        set(&mut draft, 1, "saved");
        let moment = draft.now().clone();
        draft.mark_saved(&moment);
        set(&mut draft, 2, "mine c");
        set(&mut draft, 3, "mine d");
        let unsaved_edits = UnsavedEdits::of(&draft).unwrap();
        // Another program wrote to d, and to b, which was saved and is no longer an unsaved edit.
        let theirs = manifest(&[("b", "theirs"), ("c", ""), ("d", "theirs")]);
        let (edits, left_out) = unsaved_edits.rebase(&theirs);
        let mut again = Draft::new(Arc::new(theirs));
        for edit in edits {
            again.apply(edit);
        }
        let texts: Vec<String> =
            (0..3).map(|row| again.now().value(row, Field::Transcription).text().to_owned()).collect();
        assert_eq!(texts, ["theirs", "mine c", "theirs"]);
        assert_eq!(left_out, 1);
    }

    #[test]
    fn saved_draft_has_no_edits_to_rebase() {
        let draft = Draft::new(Arc::new(manifest(&[("a", "")])));
        assert_eq!(UnsavedEdits::of(&draft), None);
    }
}
