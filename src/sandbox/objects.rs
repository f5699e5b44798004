//! The objects of all buckets, in memory, in S3's listing order.

use super::footage::Sparse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) content: Arc<Sparse>,
    /// When it was stored.
    pub(super) modified: jiff::Timestamp,
}

/// Bucket by bucket, key by key. `str` compares bytes, as S3 does.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects(Arc<Mutex<BTreeMap<String, BTreeMap<String, Object>>>>);

impl Objects {
    pub(super) fn put(&self, bucket: &str, key: &str, content: Sparse) {
        let object = Object { content: Arc::new(content), modified: jiff::Timestamp::now() };
        self.kept().entry(bucket.to_owned()).or_default().insert(key.to_owned(), object);
    }

    pub(super) fn get(&self, bucket: &str, key: &str) -> Option<Object> {
        self.kept().get(bucket)?.get(key).cloned()
    }

    /// Calls `take` with the objects whose keys start with `prefix` and come after `after`, until it returns false.
    pub(super) fn scan(&self, bucket: &str, prefix: &str, after: &str, mut take: impl FnMut(&str, &Object) -> bool) {
        let kept = self.kept();
        let Some(objects) = kept.get(bucket) else { return };
        let start = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        for (key, object) in objects.range::<str, _>((start, Bound::Unbounded)) {
            if !key.starts_with(prefix) || !take(key, object) {
                return;
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, Object>>> {
        // The map is consistent at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
