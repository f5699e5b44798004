//! The rows of an attempt, as far as following them needs.

use crate::draft::Snapshot;
use crate::manifest::Field;
use crate::s3_url::stored_form;
use crate::sent_before::VideoKey;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// One row that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRow {
    /// Its place among all rows of the file as sent, from 0.
    pub place: u32,
    pub index: Arc<str>,
    /// As it stands in the manifest, but without a signature: `s3://bucket/key`.
    pub object: Box<str>,
    /// Empty if the row has no transcript.
    pub transcript: Box<str>,
    /// Of the video, if a check had told it.
    pub length_ms: Option<u64>,
    /// Sent by itself, so the service told its task's id.
    pub task: Option<Box<str>>,
    /// Sent by itself without an answer that tells a task: whether there is one is a guess, and it is never sent again
    /// by way of a draft.
    pub is_unknown: bool,
}

impl SentRow {
    /// The file's name, without folders.
    pub fn name(&self) -> &str {
        self.object.rsplit('/').next().unwrap_or(&self.object)
    }

    /// The same video in the same index.
    pub fn video(&self) -> VideoKey {
        VideoKey::of(&self.index, &self.object)
    }
}

/// What is kept and shown of a row's video: an address that carries a signature is a secret.
pub(super) fn object_of(text: &str) -> Cow<'_, str> {
    stored_form(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The rows that go with a snapshot, in the order of the file.
pub fn sent_rows(snapshot: &Snapshot) -> impl Iterator<Item = SentRow> + '_ {
    let mut indexes: HashSet<Arc<str>> = HashSet::new();
    let kept = (0..snapshot.len()).filter(|row| !snapshot.is_excluded(*row));
    (0u32..).zip(kept).map(move |(place, id)| {
        let row = snapshot.row(id);
        let index = row.text(Field::IndexId);
        let index = indexes.get(index).cloned().unwrap_or_else(|| {
            let new: Arc<str> = index.into();
            indexes.insert(Arc::clone(&new));
            new
        });
        SentRow {
            place,
            index,
            object: object_of(row.text(Field::Object)).into(),
            transcript: object_of(row.text(Field::Transcription)).into(),
            length_ms: None,
            task: None,
            is_unknown: false,
        }
    })
}
