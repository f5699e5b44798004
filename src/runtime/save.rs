//! Executes a save and classifies its result. Shows nothing to the operator itself.

use super::journal::Journal;
use crate::app::Msg;
use crate::app::effect::Save;
use crate::app::msg::SaveEnd;
use crate::io::files::{self, Loss, NotSaved, OnDisk, Over, Saved, Why};

pub fn save(save: Save, journal: &Journal) -> Msg {
    // The journal gets the new content first, so that a crash between the two can be recognised.
    if save.expected.is_some()
        && let Err(error) = journal.saving(save.snapshot.clone())
    {
        tracing::warn!(error, "the save is not in the journal");
    }
    let end = write(&save);
    // Files left by a killed save before this one.
    if let Some(words) = files::sweep(&save.target).words() {
        tracing::warn!(words, "beside the manifest");
    }
    Msg::Saved(save.job, save.snapshot, end)
}

fn write(save: &Save) -> SaveEnd {
    if save.is_unchanged {
        match files::on_disk(&save.target, &save.snapshot) {
            Ok(OnDisk::Same) => return SaveEnd::Unchanged,
            Ok(OnDisk::Different) => return SaveEnd::ChangedOnDisk,
            Ok(OnDisk::Missing) => return SaveEnd::Missing,
            // The save says what is wrong.
            Err(_) => {}
        }
    }
    let over = match &save.expected {
        _ if save.over_changes => Over::Anything,
        Some(expected) => Over::This(expected),
        None => Over::Nothing,
    };
    match files::save(&save.target, over, &save.snapshot, save.with_losses) {
        Ok(Saved::Durable) => SaveEnd::Saved,
        Ok(Saved::NotConfirmed { why }) => SaveEnd::NotConfirmed(why),
        Ok(saved) => SaveEnd::SavedBut(saved.to_string()),
        Err(error) => not_saved(error),
    }
}

/// Results the operator can answer are separate; the rest is a sentence.
fn not_saved(error: NotSaved) -> SaveEnd {
    let said = error.to_string();
    for path in error.left_behind {
        tracing::warn!(path = %path.display(), "could not be removed");
    }
    match error.why {
        Why::ChangedOnDisk => SaveEnd::ChangedOnDisk,
        Why::Missing => SaveEnd::Missing,
        Why::WouldLose(losses) => SaveEnd::WouldLose(Loss::list(&losses)),
        Why::Exists | Why::NotAFile | Why::ChangedTwice(_) | Why::Failed { .. } | Why::Unclear { .. } => {
            SaveEnd::Failed(said)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::JobId;
    use crate::domain::draft::Draft;
    use crate::domain::manifest::Manifest;
    use std::fs;
    use std::sync::Arc;

    #[test]
    fn consent_to_overwrite_does_not_imply_consent_to_loss() {
        let folder = tempfile::tempdir().unwrap();
        let (target, other) = (folder.path().join("m.json"), folder.path().join("other.json"));
        let draft = Draft::new(Arc::new(Manifest::parse(b"[]".to_vec()).unwrap()));
        let saved = |over_changes, with_losses| {
            let expected = Some(draft.saved().clone());
            let (snapshot, target) = (draft.now().clone(), target.clone());
            write(&Save { job: JobId(1), snapshot, expected, target, over_changes, with_losses, is_unchanged: false })
        };
        assert_eq!(saved(false, true), SaveEnd::Missing);
        assert_eq!(saved(true, false), SaveEnd::Saved, "written anew");

        fs::hard_link(&target, &other).unwrap();
        let links = SaveEnd::WouldLose("another name of it would keep the old content".into());
        assert_eq!(saved(false, false), links);
        fs::write(&other, "[ ]").unwrap();
        assert_eq!(saved(false, false), SaveEnd::ChangedOnDisk, "the change is told of before the losses");
        assert_eq!(saved(false, true), SaveEnd::ChangedOnDisk, "losses allow no overwriting");
        assert_eq!(saved(true, false), links, "overwriting allows no losses");
        assert_eq!(fs::read_to_string(&target).unwrap(), "[ ]");
        assert_eq!(saved(true, true), SaveEnd::Saved);
        assert_eq!((fs::read(&target).unwrap(), fs::read(&other).unwrap()), (b"[]".to_vec(), b"[ ]".to_vec()));
    }

    #[test]
    fn saving_without_changes_only_compares_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("m.json");
        let draft = Draft::new(Arc::new(Manifest::parse(b"[]".to_vec()).unwrap()));
        let look = || {
            let (snapshot, expected) = (draft.now().clone(), Some(draft.saved().clone()));
            let target = target.clone();
            write(&Save {
                job: JobId(1),
                snapshot,
                expected,
                target,
                over_changes: false,
                with_losses: false,
                is_unchanged: true,
            })
        };
        assert_eq!((look(), target.exists()), (SaveEnd::Missing, false));
        fs::write(&target, "[]").unwrap();
        let before = fs::metadata(&target).unwrap().modified().unwrap();
        assert_eq!(look(), SaveEnd::Unchanged);
        assert_eq!(fs::metadata(&target).unwrap().modified().unwrap(), before);
        fs::write(&target, "[ ]").unwrap();
        assert_eq!((look(), fs::read_to_string(&target).unwrap()), (SaveEnd::ChangedOnDisk, "[ ]".to_owned()));
    }

    #[test]
    fn unclear_save_result_is_not_reported_as_untouched() {
        let end = |why| not_saved(NotSaved { why, left_behind: Vec::new() });
        let unclear = end(Why::Unclear { why: "no answer".into() });
        assert_eq!(
            unclear,
            SaveEnd::Failed(
                "the file is whole; whether it holds the old or the new bytes is unknown: no answer".into()
            )
        );
        let failed = end(Why::Failed { step: "writing", why: "the disk is full".into() });
        assert_eq!(failed, SaveEnd::Failed("not saved, file untouched: writing: the disk is full".into()));
    }
}
