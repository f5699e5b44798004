//! Reading a saved list of keys: `aws s3 ls --recursive`, `aws s3api list-objects-v2`, or plain lines.
//!
//! Never guesses silently: what a line without a bucket was taken for, and what could not be read, is in the answer.

use super::{Key, KeyList};
use crate::domain::s3_url;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// What a saved list held.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub keys: KeyList,
    /// Keys that stood there without a bucket and were given `bucket`.
    pub completed: u64,
    /// Keys that stood there without a bucket, when none was known: left out.
    pub without_bucket: u64,
    /// Lines or entries that are no key.
    pub unreadable: u64,
}

/// Why a file is no list of keys at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    #[error("it is neither UTF-8 nor UTF-16 text")]
    NotText,
    #[error("line {line}, column {column}: {why}")]
    Json { line: usize, column: usize, why: String },
}

/// Where keys belong that stand in a list without their bucket: the bucket, and a prefix of names that were listed
/// relative to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    pub bucket: Option<&'a str>,
    pub prefix: &'a str,
}

/// Reads a saved list.
///
/// # Errors
/// [`ListingError`] when the file is no text, or begins like JSON and is none.
pub fn parse(bytes: &[u8], place: Place<'_>) -> Result<Parsed, ListingError> {
    let text = decode(bytes)?;
    let mut collected = Collected { place, pending: Vec::new(), parsed: Parsed::default() };
    match text.trim_start().as_bytes().first() {
        Some(b'{') => read_json(&text, &mut collected)?,
        Some(b'[') => read_json_array(&text, &mut collected)?,
        _ => text.lines().for_each(|line| read_line(line, &mut collected)),
    }
    Ok(collected.finish())
}

/// The keys that a manifest names itself, each once, in the order they come.
pub fn of_manifest<'a>(transcripts: impl IntoIterator<Item = &'a str>) -> KeyList {
    let mut seen = std::collections::HashSet::new();
    transcripts
        .into_iter()
        .filter(|url| seen.insert(*url))
        .filter_map(split_url)
        .map(|(bucket, key)| Key::named(bucket, key))
        .collect()
}

/// The bucket that most of the URLs name; of two as common the one that came first.
pub fn usual_bucket<'a>(urls: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut counts: HashMap<Cow<'a, str>, (usize, usize)> = HashMap::new();
    for (at, url) in urls.into_iter().enumerate() {
        if let Some((bucket, _)) = split_url(url) {
            counts.entry(bucket).or_insert((0, at)).0 += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, (count, first))| (*count, std::cmp::Reverse(*first)))?;
    Some(most.0.into_owned())
}

struct Collected<'p> {
    place: Place<'p>,
    /// Keys without a bucket wait until the end: whether they are relative to the prefix shows only from all of them.
    pending: Vec<Key>,
    parsed: Parsed,
}

impl Collected<'_> {
    fn whole(&mut self, bucket: impl Into<String>, key: impl Into<String>) {
        self.parsed.keys.append([Key::named(bucket, key)]);
    }

    fn bare(&mut self, key: Key) {
        // What is no transcript needs no bucket to be counted.
        if super::is_transcript(&key.key) { self.pending.push(key) } else { self.parsed.keys.append([key]) }
    }

    fn finish(self) -> Parsed {
        let Collected { place, mut pending, mut parsed } = self;
        let Some(bucket) = place.bucket else {
            parsed.without_bucket = pending.iter().filter(|key| key.bucket.is_empty()).count() as u64;
            pending.retain(|key| !key.bucket.is_empty());
            parsed.keys.append(pending);
            return parsed;
        };
        let relative = !place.prefix.is_empty() && !pending.iter().any(|key| key.key.starts_with(place.prefix));
        for key in &mut pending {
            if key.bucket.is_empty() {
                parsed.completed += 1;
                bucket.clone_into(&mut key.bucket);
            }
            if relative {
                key.key.insert_str(0, place.prefix);
            }
        }
        parsed.keys.append(pending);
        parsed
    }
}

/// UTF-8 with or without a mark, or UTF-16 with one: what `>` writes in Windows PowerShell.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ListingError> {
    let wide = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|pair| read(*pair)).collect();
        String::from_utf16(&units).map(Cow::Owned).map_err(|_| ListingError::NotText)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| ListingError::NotText),
        _ => str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| ListingError::NotText),
    }
}

fn read_line(line: &str, collected: &mut Collected<'_>) {
    let plain = line.trim();
    if plain.is_empty() || plain.starts_with('#') || is_summary(plain) {
        return;
    }
    if let Some(key) = listed(line) {
        collected.bare(key);
    } else if let Some((bucket, key)) = split_url(plain) {
        collected.whole(bucket, key);
    } else if plain.contains("://") || plain.contains('\0') {
        collected.parsed.unreadable += 1;
    } else {
        collected.bare(Key::named("", plain));
    }
}

/// What `aws s3 ls` prints beside the objects: folders, and the totals of `--summarize`.
fn is_summary(line: &str) -> bool {
    line.starts_with("PRE ") || line.starts_with("Total Objects:") || line.starts_with("Total Size:")
}

/// A line of `aws s3 ls`: date, time, size, then the key after exactly one blank, so that its own blanks stay.
fn listed(line: &str) -> Option<Key> {
    let (date, rest) = line.split_once(' ')?;
    let (time, rest) = rest.split_once(' ')?;
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, of)| if of == b'0' { byte.is_ascii_digit() } else { byte == of })
    };
    if !shaped(date, "0000-00-00") || !shaped(time, "00:00:00") {
        return None;
    }
    let (number, rest) = rest.trim_start_matches(' ').split_once(' ')?;
    let (size, key) = match rest.split_once(' ') {
        Some((unit, key)) if let Some(factor) = unit_factor(unit) => (human_size(number, factor)?, key),
        _ => (number.parse().ok()?, rest),
    };
    Some(Key { size: Some(size), modified: Some(format!("{date} {time}")), ..Key::named("", key) })
}

/// The units of `--human-readable`.
fn unit_factor(unit: &str) -> Option<u64> {
    let power = match unit {
        "Byte" | "Bytes" => 0,
        "KiB" => 1,
        "MiB" => 2,
        "GiB" => 3,
        "TiB" => 4,
        "PiB" => 5,
        _ => return None,
    };
    Some(1 << (10 * power))
}

/// `2.9` of a unit in bytes: as near as the listing tells.
fn human_size(number: &str, factor: u64) -> Option<u64> {
    let (whole, tenths) = number.split_once('.').unwrap_or((number, "0"));
    let tenths: u64 = tenths.parse().ok().filter(|_| tenths.len() == 1)?;
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(tenths * factor / 10)
}

#[derive(Deserialize)]
struct ListObjects<'a> {
    #[serde(rename = "Name", borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(rename = "Contents", borrow, default)]
    contents: Vec<ListedObject<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedObject<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    size: Option<u64>,
    #[serde(borrow)]
    last_modified: Option<Cow<'a, str>>,
}

/// One answer of `aws s3api list-objects-v2`, or several after one another.
fn read_json(text: &str, collected: &mut Collected<'_>) -> Result<(), ListingError> {
    for page in serde_json::Deserializer::from_str(text).into_iter::<ListObjects<'_>>() {
        let page = page.map_err(json_error)?;
        let bucket = page.name.unwrap_or_default();
        for ListedObject { key, size, last_modified } in page.contents {
            let modified = last_modified.map(Cow::into_owned);
            collected.bare(Key { bucket: bucket.clone().into_owned(), key: key.into_owned(), size, modified });
        }
    }
    Ok(())
}

/// An array of URLs or keys, or another manifest.
fn read_json_array(text: &str, collected: &mut Collected<'_>) -> Result<(), ListingError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry<'a> {
        Text(#[serde(borrow)] Cow<'a, str>),
        Row {
            #[serde(borrow)]
            transcription: Option<Cow<'a, str>>,
        },
        Other(serde::de::IgnoredAny),
    }
    let entries: Vec<Entry<'_>> = serde_json::from_str(text).map_err(json_error)?;
    for entry in entries {
        match entry {
            Entry::Text(line) => read_line(&line, collected),
            Entry::Row { transcription } => read_line(transcription.as_deref().unwrap_or_default(), collected),
            Entry::Other(_) => collected.parsed.unreadable += 1,
        }
    }
    Ok(())
}

fn json_error(error: serde_json::Error) -> ListingError {
    let why = error.to_string();
    let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why).to_owned();
    ListingError::Json { line: error.line(), column: error.column(), why }
}

/// Bucket and key of a line that names both, in any form that S3's own tools and pages use.
fn split_url(text: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    if let Some((bucket, key)) = s3_url::split(text) {
        return (!bucket.is_empty() && !key.is_empty()).then_some((Cow::Borrowed(bucket), Cow::Borrowed(key)));
    }
    let plain = s3_url::recognise(text)?;
    let (bucket, key) = s3_url::split(&plain)?;
    (!key.is_empty()).then(|| (Cow::Owned(bucket.to_owned()), Cow::Owned(key.to_owned())))
}
