//! Looks up addresses in a list of keys. A bulk edit asks a million times, so the list is hashed once.

use super::{Entry, Given, KeyList, KeyRef};
use crate::s3_url::split;
use hashbrown::HashTable;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// A [`KeyList`] with hash indexes. Ten bytes per key besides the list.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    keys: KeyList,
    /// Indexes into the list.
    places: HashTable<u32>,
    /// The same, where capitals and small letters are one.
    folded: HashTable<u32>,
    hasher: RandomState,
}

impl Listed {
    /// A million keys take about a tenth of a second.
    pub fn of(keys: &KeyList) -> Listed {
        Listed::of_all([keys])
    }

    /// The keys of all lists, and the transcripts that tables pair in buckets no list covers: there nothing else says
    /// which keys exist.
    pub fn with_pairs(lists: &[&KeyList], given: &[&Given]) -> Listed {
        let covered: HashSet<&str> = lists.iter().flat_map(|list| list.buckets()).map(String::as_str).collect();
        let mut stated = KeyList::new();
        for pair in given {
            if let Some((bucket, key)) = split(&pair.transcript).filter(|(bucket, _)| !covered.contains(bucket)) {
                stated.push(Entry::named(bucket, key));
            }
        }
        Listed::of_all(lists.iter().copied().chain([&stated]))
    }

    /// The keys of all lists, each once: sources may overlap, and the first one counts.
    pub fn of_all<'a>(lists: impl IntoIterator<Item = &'a KeyList>) -> Listed {
        let mut listed = Listed::default();
        for list in lists {
            listed.add(list);
        }
        listed.fold();
        listed
    }

    fn add(&mut self, list: &KeyList) {
        // A list that has no key twice is shared, not copied.
        let shares = self.keys.is_empty();
        let mut given = shares.then(|| list.clone());
        let Listed { keys, places, hasher, .. } = self;
        places.reserve(list.len() as usize, |at| hash_at(hasher, keys, *at));
        for at in 0..list.len() {
            let Some((bucket, key)) = list.name(at) else { continue };
            let hash = hash(hasher, bucket, key);
            let known = |other: &u32| given.as_ref().unwrap_or(keys).name(*other) == Some((bucket, key));
            if places.find(hash, known).is_none() {
                if given.is_none()
                    && let Some(entry) = list.get(at)
                {
                    let modified = entry.modified.as_deref();
                    keys.push(Entry { bucket, key, size: entry.size, modified });
                }
                let at = if given.is_some() { at } else { keys.len() - 1 };
                places.insert_unique(hash, at, |at| hash_at(hasher, given.as_ref().unwrap_or(keys), *at));
            } else if given.take().is_some() {
                *keys = list.first(at);
            }
        }
        if let Some(given) = given {
            *keys = given;
        }
    }

    fn fold(&mut self) {
        let Listed { keys, folded, hasher, .. } = self;
        let hash_at = |at: u32| keys.name(at).map_or(0, |(bucket, key)| folded_hash(hasher, bucket, key));
        folded.reserve(keys.len() as usize, |at| hash_at(*at));
        for at in 0..keys.len() {
            folded.insert_unique(hash_at(at), at, |at| hash_at(*at));
        }
    }

    /// A key that differs from this `s3://` address only in capitals, and no other is equal: S3 takes them for two.
    pub fn in_another_case(&self, url: &str) -> Option<&str> {
        let (bucket, key) = split(url)?;
        let found = self.folded.find(folded_hash(&self.hasher, bucket, key), |at| {
            self.keys.name(*at).is_some_and(|found| found.0 == bucket && found.1.eq_ignore_ascii_case(key))
        })?;
        let (_, found) = self.keys.name(*found)?;
        (found != key && !self.contains(url)).then_some(found)
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
    keys.name(at).map_or(0, |(bucket, key)| hash(hasher, bucket, key))
}

fn folded_hash(hasher: &RandomState, bucket: &str, key: &str) -> u64 {
    let mut state = hasher.build_hasher();
    bucket.hash(&mut state);
    for byte in key.bytes() {
        state.write_u8(byte.to_ascii_lowercase());
    }
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    #[test]
    fn keys_that_several_sources_hold_are_there_once_in_the_order_they_came() {
        let list = |keys: &[&str]| -> KeyList {
            let key = |key: &&str| Key {
                size: Some(7),
                modified: Some("2026-11-12 13:58:00".into()),
                ..Key::named("b", *key)
            };
            keys.iter().map(key).collect()
        };
        for (lists, once) in [
            (vec![list(&["1.srt", "2.srt"])], vec!["1.srt", "2.srt"]),
            (vec![list(&["1.srt", "1.srt", "2.srt", "1.srt"])], vec!["1.srt", "2.srt"]),
            (vec![list(&["1.srt", "2.srt"]), list(&["2.srt", "3.srt", "1.srt"])], vec!["1.srt", "2.srt", "3.srt"]),
            (vec![list(&[]), list(&["2.srt", "2.srt"]), list(&["2.srt", "9.vtt"])], vec!["2.srt", "9.vtt"]),
        ] {
            let listed = Listed::of_all(&lists);
            let keys: Vec<_> = (0..listed.keys().len()).filter_map(|at| listed.keys().get(at)).collect();
            assert_eq!(keys.iter().map(|key| key.key).collect::<Vec<_>>(), once);
            assert!(keys.iter().all(|key| key.size == Some(7) && key.modified.is_some()));
            assert!(once.iter().all(|key| listed.contains(&format!("s3://b/{key}"))));
        }
    }

    #[test]
    fn listed_keys_match_exactly() {
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

    #[test]
    fn other_case_is_suggested_only_without_an_exact_match() {
        let keys: KeyList = [("b", "News/01.SRT"), ("b", "x.srt"), ("b", "X.srt"), ("c", "y.srt")]
            .map(|(b, k)| Key::named(b, k))
            .into_iter()
            .collect();
        let listed = Listed::of(&keys);
        assert_eq!(listed.in_another_case("s3://b/news/01.srt"), Some("News/01.SRT"));
        for url in ["s3://b/News/01.SRT", "s3://b/x.srt", "s3://b/X.srt", "s3://b/Y.srt", "s3://c/x.srt", "s3://b"] {
            assert_eq!(listed.in_another_case(url), None, "{url}");
        }
    }
}
