//! Ranks up to a million transcripts for one video.
//!
//! On all cores, some tens of milliseconds; stops soon after its flag is set. The order is deterministic.

use super::list::{KeyList, KeyRef};
use super::name::{Likeness, Nearness, VideoName};
use crate::format::thousands;
use crate::manifest::RowId;
use crate::names::Tokens;
use crate::parallel;
use crate::s3_url::{self, key};
use frizbee::{Config, Match, Matcher, SortStrategy};
use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};

/// Chunks of keys that a thread ranks at a time.
const CHUNKS: usize = 4;

/// Why a key has its rank, in the picker's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    SameName,
    CloseName,
    NextNumber,
    SameFolder,
    OtherFolder,
    /// Another row uses it.
    UsedBy(RowId),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::SameName => f.write_str("same name"),
            Reason::CloseName => f.write_str("close name"),
            Reason::NextNumber => f.write_str("next number"),
            Reason::SameFolder => f.write_str("same folder"),
            Reason::OtherFolder => f.write_str("other folder"),
            Reason::UsedBy(row) => {
                write!(f, "used by {}", thousands(u64::from(*row) + 1))
            }
        }
    }
}

/// One key of a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Index into the ranked [`KeyList`].
    pub index: u32,
    pub reason: Reason,
}

/// A key that can be picked, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOffer {
    /// `s3://bucket/key`
    pub url: String,
    /// `same name`, `used by 4,713`…
    pub reason: String,
    /// In bytes.
    pub size: Option<u64>,
    /// As the listing gives it.
    pub modified: Option<String>,
}

impl KeyOffer {
    /// The keys of a ranking of that list.
    pub fn all(list: &KeyList, ranked: &[Ranked]) -> Vec<KeyOffer> {
        let offer = |ranked: &Ranked| {
            let key = list.get(ranked.index)?;
            let (size, modified) = (key.size, key.modified.clone());
            Some(KeyOffer { url: key.url(), reason: ranked.reason.to_string(), size, modified })
        };
        ranked.iter().filter_map(offer).collect()
    }
}

/// The best keys, best first, and the number of all matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    pub keys: Vec<Ranked>,
    pub matches: u32,
}

/// Ranks the list for a video (its `s3://` URL or key) and the text typed so far. `used` returns the other row that
/// uses a key; it is called for at most `limit` keys. None if `stop` was set.
///
/// The query is split at blanks and every word must match: `'word` literally, `^word` at the start, `word$` at the end,
/// `!word` not at all.
pub fn rank(
    list: &KeyList,
    video: &str,
    query: &str,
    used: &dyn Fn(&KeyRef<'_>) -> Option<RowId>,
    limit: usize,
    stop: &AtomicBool,
) -> Option<Ranking> {
    let video = VideoName::new(video);
    let query = in_bucket(list, query.trim());
    let chunks = list.chunks();
    let parts = parallel::ranges(chunks.len(), CHUNKS, stop, |range| {
        let mut best = Best::new(limit);
        let mut tokens = Tokens::default();
        let config = Config { sort: SortStrategy::IndexAsc, ..Config::default() };
        let mut matcher = (!query.is_empty()).then(|| Matcher::from_query(query, &config));
        for chunk in chunks.get(range).unwrap_or_default() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let Some(matcher) = &mut matcher else {
                for (index, (key, _)) in (chunk.first..).zip(chunk.keys()) {
                    best.offer(RankPlace::of(&video, key, 0, index, &mut tokens));
                }
                continue;
            };
            let keys: Vec<&str> = chunk.keys().map(|(key, _)| key).collect();
            for Match { index, score, .. } in matcher.match_list(&keys) {
                let Some(key) = keys.get(index as usize) else { continue };
                best.offer(RankPlace::of(&video, key, score, chunk.first + index, &mut tokens));
            }
        }
        best
    })?;
    let mut best = Best::new(limit);
    parts.into_iter().for_each(|part| best.take_in(part));
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    let matches = best.offered;
    Some(Ranking { keys: settle(list, best.into_sorted(), used), matches })
}

/// Completions for a text in the editor: first the keys whose whole URL starts with it, then those whose file name
/// starts with its last part. None for an empty text: use [`rank`].
pub fn complete(
    list: &KeyList,
    typed: &str,
    video: &str,
    used: &dyn Fn(&KeyRef<'_>) -> Option<RowId>,
    limit: usize,
    stop: &AtomicBool,
) -> Option<Vec<Ranked>> {
    if typed.is_empty() {
        return Some(Vec::new());
    }
    let video = VideoName::new(video);
    // For each bucket, the part of a key that the text already contains; None if it names another bucket.
    let begun: Vec<Option<&str>> = list
        .buckets()
        .iter()
        .map(|bucket| {
            let url = format!("s3://{bucket}/");
            typed.strip_prefix(url.as_str()).or_else(|| url.starts_with(typed).then_some(""))
        })
        .collect();
    let file = key::file_name(typed);
    let mut tokens = Tokens::default();
    let mut whole = Best::new(limit);
    let mut partly = Best::new(limit);
    for chunk in list.chunks() {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        for (index, (key, bucket)) in (chunk.first..).zip(chunk.keys()) {
            let begun = begun.get(usize::from(bucket)).copied().flatten();
            if begun.is_some_and(|begun| key.starts_with(begun)) {
                whole.offer(RankPlace::of(&video, key, 0, index, &mut tokens));
            } else if !file.is_empty() && key::file_name(key).starts_with(file) {
                partly.offer(RankPlace::of(&video, key, 0, index, &mut tokens));
            }
        }
    }
    let mut keys = settle(list, whole.into_sorted(), used);
    keys.extend(settle(list, partly.into_sorted(), used));
    keys.truncate(limit);
    Some(keys)
}

/// A query that starts with the URL of a listed bucket searches that bucket; keys are matched without their bucket.
fn in_bucket<'q>(list: &KeyList, query: &'q str) -> &'q str {
    match s3_url::split(query) {
        Some((bucket, key)) if list.buckets().iter().any(|known| known == bucket) => key,
        Some((bucket, "")) if list.buckets().iter().any(|known| known.starts_with(bucket)) => "",
        _ => query,
    }
}

/// A key's rank: fields are compared in order, the index last, so no two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RankPlace {
    /// Query match and name similarity combined.
    fit: Reverse<u16>,
    likeness: Likeness,
    nearness: Nearness,
    length: u16,
    index: u32,
}

impl RankPlace {
    fn of(video: &VideoName, key: &str, score: u16, index: u32, tokens: &mut Tokens) -> RankPlace {
        let likeness = video.likeness(key, tokens);
        let nearness = video.nearness(key);
        // In points of the matcher, where each matching letter adds 12: a good name outweighs a letter or two of luck,
        // and a longer query outweighs a good name.
        let fit = match likeness {
            Likeness::Same => 30,
            Likeness::Close => 18,
            Likeness::Next => 12,
            Likeness::None if nearness == Nearness::Elsewhere => 0,
            Likeness::None => 4,
        };
        // Without a query only the name similarity counts.
        let fit = if score == 0 { 0 } else { score.saturating_add(fit) };
        let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
        RankPlace { fit: Reverse(fit), likeness, nearness, length, index }
    }

    fn reason(&self) -> Reason {
        match (self.likeness, self.nearness) {
            (Likeness::Same, _) => Reason::SameName,
            (Likeness::Close, _) => Reason::CloseName,
            (Likeness::Next, _) => Reason::NextNumber,
            (Likeness::None, Nearness::Elsewhere) => Reason::OtherFolder,
            (Likeness::None, _) => Reason::SameFolder,
        }
    }
}

/// The best of many places, in little memory.
struct Best {
    limit: usize,
    offered: u32,
    /// At most twice the limit; reduced to the best when full.
    places: Vec<RankPlace>,
    /// After a reduction: later places than this one are rejected.
    worst: Option<RankPlace>,
}

impl Best {
    fn new(limit: usize) -> Best {
        Best { limit, offered: 0, places: Vec::new(), worst: None }
    }

    fn offer(&mut self, place: RankPlace) {
        self.offered += 1;
        if self.limit == 0 || self.worst.is_some_and(|worst| place > worst) {
            return;
        }
        self.places.push(place);
        if self.places.len() >= self.limit.saturating_mul(2).max(1_024) {
            let at = self.limit.saturating_sub(1);
            let (_, worst, _) = self.places.select_nth_unstable(at);
            self.worst = Some(*worst);
            self.places.truncate(self.limit);
        }
    }

    fn take_in(&mut self, part: Best) {
        let offered = self.offered + part.offered;
        part.places.into_iter().for_each(|place| self.offer(place));
        self.offered = offered;
    }

    fn into_sorted(mut self) -> Vec<RankPlace> {
        self.places.sort_unstable();
        self.places.truncate(self.limit);
        self.places
    }
}

/// Turns places into the result: keys used by other rows are marked and come after the free ones of their kind.
fn settle(list: &KeyList, places: Vec<RankPlace>, used: &dyn Fn(&KeyRef<'_>) -> Option<RowId>) -> Vec<Ranked> {
    let mut keys: Vec<(RankPlace, Ranked)> = places
        .into_iter()
        .filter_map(|place| {
            let key = list.get(place.index)?;
            let reason = used(&key).map_or_else(|| place.reason(), Reason::UsedBy);
            Some((place, Ranked { index: place.index, reason }))
        })
        .collect();
    let taken = |ranked: &Ranked| matches!(ranked.reason, Reason::UsedBy(_));
    keys.sort_by_key(|(place, ranked)| (place.fit, place.likeness, place.nearness, taken(ranked)));
    keys.into_iter().map(|(_, ranked)| ranked).collect()
}
