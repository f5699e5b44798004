//! Transcript keys to pick from: reading lists of them, and ranking them for one video.

/// One object of a bucket, as a listing tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub bucket: String,
    pub key: String,
    /// In bytes.
    pub size: Option<u64>,
    /// As the listing gives it: `2026-11-12T…` or `2026-11-12 13:58:00`.
    pub modified: Option<String>,
}
