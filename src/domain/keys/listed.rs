//! Looks up addresses in a list of keys. A bulk edit asks a million times, so the list is hashed once.

use super::{KeyList, KeyRef};
use crate::domain::s3_url::split;
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// A [`KeyList`] with a hash index. Five bytes per key besides the list.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    keys: KeyList,
    /// Indexes into the list.
    places: HashTable<u32>,
    hasher: RandomState,
}

impl Listed {
    /// A million keys take about a tenth of a second.
    pub fn of(keys: &KeyList) -> Listed {
        let mut listed = Listed { keys: keys.clone(), places: HashTable::new(), hasher: RandomState::new() };
        let Listed { keys, places, hasher } = &mut listed;
        places.reserve(keys.len() as usize, |at| hash_at(hasher, keys, *at));
        for at in 0..keys.len() {
            let Some(key) = keys.get(at) else { continue };
            // Sources may overlap: the first key counts.
            let same =
                |other: &u32| keys.get(*other).is_some_and(|other| (other.bucket, other.key) == (key.bucket, key.key));
            let hash = hash(hasher, key.bucket, key.key);
            if places.find(hash, same).is_none() {
                places.insert_unique(hash, at, |at| hash_at(hasher, keys, *at));
            }
        }
        listed
    }

    /// The key with exactly this `s3://` address.
    pub fn find(&self, url: &str) -> Option<KeyRef<'_>> {
        let (bucket, key) = split(url)?;
        let is_it = |at: &u32| self.keys.get(*at).is_some_and(|found| (found.bucket, found.key) == (bucket, key));
        let at = self.places.find(hash(&self.hasher, bucket, key), is_it)?;
        self.keys.get(*at)
    }

    pub fn contains(&self, url: &str) -> bool {
        self.find(url).is_some()
    }

    /// Nothing can be in it.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn keys(&self) -> &KeyList {
        &self.keys
    }
}

fn hash(hasher: &RandomState, bucket: &str, key: &str) -> u64 {
    hasher.hash_one((bucket, key))
}

fn hash_at(hasher: &RandomState, keys: &KeyList, at: u32) -> u64 {
    keys.get(at).map_or(0, |key| hash(hasher, key.bucket, key.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::Key;

    #[test]
    fn an_address_is_in_the_list_only_letter_by_letter() {
        let keys: KeyList = [("b", "n/1.srt"), ("c", "n/1.srt"), ("b", "n/1.srt"), ("b", "é.vtt")]
            .map(|(b, k)| Key::named(b, k))
            .into_iter()
            .collect();
        let listed = Listed::of(&keys);
        for url in ["s3://b/n/1.srt", "s3://c/n/1.srt", "s3://b/é.vtt"] {
            assert_eq!(listed.find(url).map(|key| key.url()).as_deref(), Some(url));
        }
        for url in [
            "",
            "s3://b",
            "s3://b/",
            "s3://b/n/1.SRT",
            "s3://d/n/1.srt",
            "b/n/1.srt",
            "s3://b/n/1.srt ",
            "s3://b/e\u{301}.vtt",
        ] {
            assert!(!listed.contains(url), "{url}");
        }
        assert!(!Listed::default().contains("s3://b/n/1.srt"));
    }
}
