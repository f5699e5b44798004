//! Looks for a missing key among the names beside it: in another case, or with blanks for `+` and the other way round.
//! One listing of a folder serves all keys that are missed in it; where listing is refused, nothing more is asked.

use super::S3;
use super::address::{bucket_url, query};
use super::exchange::{Ask, Reply};
use super::list::read_folder;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use unicode_normalization::UnicodeNormalization;

/// How long a listing counts: somebody may be uploading.
const FRESH: Duration = Duration::from_secs(60);
/// Most folders that are kept.
const MOST_FOLDERS: usize = 10_000;
/// Most bytes of a page of a thousand names.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// The names in a folder, each with the prefix, by what they are but for their spelling; those of folders end in a slash.
type Folder = HashMap<String, Vec<Box<str>>>;

/// None if it can't be listed.
type Names = Option<Arc<Folder>>;

/// A listing, under way or done, and the requests that it took.
type Listing = Shared<BoxFuture<'static, (Names, u32)>>;

/// The listings, shared by all questions.
#[derive(Clone, Debug, Default)]
pub(super) struct Folders(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// By bucket and prefix.
    listings: HashMap<(Box<str>, Box<str>), (Listing, Instant)>,
    /// Buckets that can't be listed.
    closed: HashMap<Box<str>, Instant>,
}

/// Where a key is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub bucket: &'a str,
    pub region: &'a str,
    pub is_signed: bool,
}

impl S3 {
    /// The one key that is written like this but for case, blanks and the composition of accents. Adds the requests that
    /// it took.
    pub(super) async fn written_otherwise(&self, place: Place<'_>, key: &str, requests: &mut u32) -> Option<Box<str>> {
        let folder = key.rfind('/').and_then(|slash| key.get(..=slash)).unwrap_or_default();
        let names = match self.names(place, folder, requests).await? {
            // There is no such folder: it may be written otherwise, too.
            names if names.is_empty() && !folder.is_empty() => {
                let folder = self.folder_otherwise(place, folder, requests).await?;
                self.names(place, &folder, requests).await?
            }
            names => names,
        };
        only_one(&names, key)
    }

    /// From the top down: a folder may stand in one that is written otherwise.
    async fn folder_otherwise(&self, place: Place<'_>, folder: &str, requests: &mut u32) -> Option<Box<str>> {
        let mut there = Box::<str>::from("");
        for (at, _) in folder.match_indices('/') {
            let meant = folder.get(..=at)?;
            let folders = folders_in(&*self.names(place, &there, requests).await?, &there);
            let is_there = folders.values().flatten().any(|name| **name == *meant);
            there = if is_there { meant.into() } else { only_one(&folders, meant)? };
        }
        Some(there)
    }

    async fn names(&self, place: Place<'_>, folder: &str, requests: &mut u32) -> Names {
        let (listing, is_ours) = self.folders.listing(place.bucket, folder, || {
            let (s3, folder) = (self.clone(), folder.to_owned());
            let (bucket, region, is_signed) = (place.bucket.to_owned(), place.region.to_owned(), place.is_signed);
            let listing =
                async move { s3.ask_names(Place { bucket: &bucket, region: &region, is_signed }, &folder).await };
            listing.boxed().shared()
        })?;
        let (names, sent) = listing.await;
        if is_ours {
            *requests += sent;
        }
        if names.is_none() {
            self.folders.close(place.bucket);
        }
        names
    }

    async fn ask_names(&self, place: Place<'_>, folder: &str) -> (Names, u32) {
        let mut requests = 0;
        let Some(url) = bucket_url(self.options.endpoint.as_ref(), place.region, place.bucket) else {
            return (None, requests);
        };
        let pairs = [("list-type", "2"), ("encoding-type", "url"), ("delimiter", "/"), ("prefix", folder)];
        let url = format!("{url}?{}", query(&pairs));
        let ask = Ask { sign_for: place.is_signed.then_some(place.region), ..Ask::get(&url) };
        let reply = self.ask(&ask, MOST_BYTES, &mut requests).await.ok();
        let is_page =
            |reply: &Reply| reply.status == 200 && reply.not_from_a_store(self.options.endpoint.is_some()).is_none();
        let names = reply.filter(is_page).and_then(|reply| read_folder(&reply.body));
        (names.map(|names| Arc::new(folder_of(names))), requests)
    }
}

impl Folders {
    /// The listing of a folder, and whether it begins with this. None if the bucket can't be listed.
    fn listing(&self, bucket: &str, folder: &str, begin: impl FnOnce() -> Listing) -> Option<(Listing, bool)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: &Instant| at.elapsed() < FRESH;
        if kept.closed.get(bucket).is_some_and(is_fresh) {
            return None;
        }
        let place = (Box::from(bucket), Box::from(folder));
        if let Some((listing, at)) = kept.listings.get(&place)
            && is_fresh(at)
        {
            return Some((listing.clone(), false));
        }
        if kept.listings.len() >= MOST_FOLDERS {
            kept.listings.clear();
        }
        let listing = begin();
        kept.listings.insert(place, (listing.clone(), Instant::now()));
        Some((listing, true))
    }

    fn close(&self, bucket: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.closed.insert(bucket.into(), Instant::now());
    }
}

fn folder_of(names: impl IntoIterator<Item = String>) -> Folder {
    let mut folder = Folder::new();
    for name in names {
        folder.entry(folded(&name)).or_default().push(name.into());
    }
    folder
}

/// The folders directly in a folder. Some stores list all keys below it instead.
fn folders_in(names: &Folder, folder: &str) -> Folder {
    let inside = names.values().flatten().filter_map(|name| name.strip_prefix(folder)?.split_once('/'));
    let folders: HashSet<String> = inside.map(|(first, _)| format!("{folder}{first}/")).collect();
    folder_of(folders)
}

/// The name that differs from `meant` only in how it is written, if there is just one.
fn only_one(names: &Folder, meant: &str) -> Option<Box<str>> {
    let mut alike = names.get(&folded(meant))?.iter().filter(|name| ***name != *meant);
    let found = alike.next()?;
    alike.next().is_none().then(|| found.clone())
}

fn folded(name: &str) -> String {
    name.replace('+', " ").to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> Folder {
        folder_of(names.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn folders_are_told_by_stores_with_and_without_a_word_for_them() {
        let names = folder(&["k/", "k/a.srt", "k/Sub/", "k/Sub/x.srt", "k/Sub/deep/y.srt", "k/t/z.srt"]);
        assert_eq!(folders_in(&names, "k/"), folder(&["k/Sub/", "k/t/"]));
        assert_eq!(folders_in(&names, ""), folder(&["k/"]));
    }

    #[test]
    fn a_name_is_found_however_it_is_written_and_only_if_there_is_one() {
        let names = folder(&[
            "k/UPPER.srt",
            "k/a+b c.srt",
            "k/plus+real.srt",
            "k/CAFE\u{301}.srt",
            "k/x.srt",
            "k/X.SRT",
            "k/Sub/",
        ]);
        for (meant, found) in [
            ("k/upper.SRT", Some("k/UPPER.srt")),
            ("k/a b c.srt", Some("k/a+b c.srt")),
            ("k/a+b+c.srt", Some("k/a+b c.srt")),
            ("k/plus real.srt", Some("k/plus+real.srt")),
            ("k/caf\u{e9}.srt", Some("k/CAFE\u{301}.srt")),
            ("k/sub/", Some("k/Sub/")),
            // Two are written otherwise; one of them is it; none is alike.
            ("k/x.SRT", None),
            ("k/UPPER.srt", None),
            ("k/upper2.srt", None),
            ("k/upper.vtt", None),
        ] {
            assert_eq!(only_one(&names, meant).as_deref(), found, "{meant}");
        }
    }
}
