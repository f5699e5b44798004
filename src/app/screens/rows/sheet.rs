//! The rows of a send by their place in the file: from the open file, else as the ledger keeps them.

use crate::app::session::Session;
use crate::domain::draft::Snapshot;
use crate::domain::follow::{SentRow, sent_rows};
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::without_secret;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug)]
pub enum Sheet {
    /// The open file, and the rows of it that are in the file as sent.
    Open { snapshot: Snapshot, kept: RowSet },
    /// Another file is open, or none: rows are counted as they were sent.
    Kept(Arc<Vec<SentRow>>),
}

impl Sheet {
    pub fn open(snapshot: &Snapshot) -> Sheet {
        Sheet::Open { snapshot: snapshot.clone(), kept: snapshot.kept_rows() }
    }

    /// The open file, if it has the rows that were sent from this path; else what the ledger keeps.
    pub fn of_sent(session: Option<&Session>, path: &Path, sent: Arc<Vec<SentRow>>) -> Sheet {
        let Some(session) = session.filter(|session| session.path == path) else { return Sheet::Kept(sent) };
        let snapshot = session.draft.saved();
        let kept = snapshot.kept_rows();
        let text = |row, field| snapshot.value(row, field).text().to_owned();
        let is_same = kept.len() == sent.len()
            && kept.iter().zip(sent.iter()).all(|(row, sent)| {
                text(row, Field::Object) == *sent.object && text(row, Field::IndexId) == *sent.index
            });
        if is_same { Sheet::Open { snapshot: snapshot.clone(), kept } } else { Sheet::Kept(sent) }
    }

    /// The rows are those of the table.
    pub fn is_open(&self) -> bool {
        matches!(self, Sheet::Open { .. })
    }

    /// The row that stands at this place of the file as sent.
    pub fn row_of(&self, place: u32) -> RowId {
        match self {
            Sheet::Open { kept, .. } => kept.iter_from(place as usize).next().unwrap_or(place),
            Sheet::Kept(_) => place,
        }
    }

    /// Its video, without a secret.
    pub fn object(&self, row: RowId) -> String {
        match self {
            Sheet::Open { snapshot, .. } => without_secret(snapshot.value(row, Field::Object).text()).into_owned(),
            Sheet::Kept(sent) => without_secret(sent.get(row as usize).map_or("", |row| &row.object)).into_owned(),
        }
    }

    /// All rows of the file as sent.
    pub fn sent(&self) -> Arc<Vec<SentRow>> {
        match self {
            Sheet::Open { snapshot, .. } => Arc::new(sent_rows(snapshot).collect()),
            Sheet::Kept(sent) => Arc::clone(sent),
        }
    }
}
