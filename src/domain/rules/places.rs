//! Whether the folders of two matching names contradict: season 1 is not season 2, Monday not Tuesday.

use super::stem::{Difference, significant};
use crate::names::Tokens;
use crate::names::folders::{Part, Parts, Relation, labels_contradict, relation};
use crate::names::words::word;
use crate::s3_url::key;

/// None if they don't contradict.
pub(super) fn folders<'a>(video_key: &'a str, transcript_key: &'a str) -> Option<Difference<'a>> {
    let (video, transcript) = (key::folder(video_key), key::folder(transcript_key));
    // What both end in says nothing, and is most of it where one tree mirrors another.
    let same = same_end(video, transcript);
    let (video, transcript) = (video.get(..video.len() - same)?, transcript.get(..transcript.len() - same)?);
    let told = |video: &'a str, transcript: &'a str| {
        Some(Difference { video, transcript, at: offset(transcript_key, transcript), is_number: false })
    };
    if let Some((video, transcript)) = named_apart(video, transcript) {
        return told(video, transcript);
    }
    // By far most folders are the same, or have no number to differ in.
    let has_number = |folder: &str| folder.bytes().any(|b| b.is_ascii_digit() || !b.is_ascii());
    if !has_number(video) || !has_number(transcript) {
        return None;
    }
    if let Some((video, transcript)) = numbered_apart(video, transcript) {
        return told(video, transcript);
    }
    let (a, b) = (Parts::of(video), Parts::of(transcript));
    if relation(&a, &b) != Relation::Contradict && !labels_contradict(&a, &b) {
        return None;
    }
    let differ = |(a, b): &(&Part, &Part)| a.hash != b.hash;
    let (a, b) = a.iter().rev().zip(b.iter().rev()).find(differ).or_else(|| a.last().zip(b.last()))?;
    let slice = |text: &'a str, start: u32, end: u32| text.get(start as usize..end as usize);
    told(slice(video, a.start, a.end)?, slice(transcript, b.start, b.end)?)
}

/// Byte offset of a part in `text`.
pub(super) fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// The last folder that names something, unlike `subs` or `uploads`.
pub(super) fn last_folder(key: &str) -> Option<&str> {
    let last = *Parts::of(key::folder(key)).last()?;
    key.get(last.start as usize..last.end as usize)
}

/// Last folders that differ in nothing but a month, a weekday, a counting word or a single letter: `Room A` and `Room B`.
fn named_apart<'a>(video: &'a str, transcript: &'a str) -> Option<(&'a str, &'a str)> {
    const DAYS: [&str; 7] = [
        "mon monday montag lundi lunes",
        "tue tuesday dienstag mardi martes",
        "wed wednesday mittwoch mercredi miércoles",
        "thu thursday donnerstag jeudi jueves",
        "fri friday freitag vendredi viernes",
        "sat saturday samstag samedi sábado",
        "sun sunday sonntag dimanche domingo",
    ];
    let (video, transcript) = (last_folder(video)?, last_folder(transcript)?);
    let (mut only, mut same) = (None, 0);
    let (mut left, mut right) = (words(video), words(transcript));
    let (a, b) = loop {
        match (left.next(), right.next(), only) {
            (None, None, found) => break found?,
            (Some(a), Some(b), _) if a.to_lowercase() == b.to_lowercase() => same += 1,
            (Some(a), Some(b), None) => only = Some((a, b)),
            _ => return None,
        }
    };
    let differ = |of: &dyn Fn(&str) -> Option<usize>| matches!((of(a), of(b)), (Some(a), Some(b)) if a != b);
    let day = |word: &str| {
        let word = word.to_lowercase();
        DAYS.iter().position(|names| names.split(' ').any(|name| name == word))
    };
    let month = |name: &str| Some(usize::from(word(&Tokens::of(name)).month)).filter(|month| *month > 0);
    let count = |name: &str| Some(usize::from(word(&Tokens::of(name)).counts)).filter(|count| *count > 0);
    let is_letter = |word: &str| word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    // Alone, a letter may stand for the kind of its files: V for videos, S for subtitles.
    let is_group =
        |word: &str| is_letter(word) && !"VTSCMF".contains(word) && word.bytes().all(|b| b.is_ascii_uppercase());
    let letters = if same > 0 { is_letter(a) && is_letter(b) } else { is_group(a) && is_group(b) };
    (letters || same > 0 && differ(&count) || differ(&month) || differ(&day)).then_some((video, transcript))
}

/// Words, with a last capital for itself: `RoomA`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.flat_map(|word| {
        let mut ends = word.char_indices().rev();
        let last = ends.next().filter(|(_, c)| c.is_ascii_uppercase());
        let at = last.filter(|_| ends.next().is_some_and(|(_, c)| c.is_ascii_lowercase())).map(|(at, _)| at);
        let (head, tail) = at.and_then(|at| word.split_at_checked(at)).unwrap_or((word, ""));
        [head, tail].into_iter().filter(|part| !part.is_empty())
    })
}

/// Folders that are numbers alone, in the same depth: `1/2` is not `2/1`. Not parts of a date.
fn numbered_apart<'a>(video: &'a str, transcript: &'a str) -> Option<(&'a str, &'a str)> {
    let numbers = |folder: &'a str| -> Vec<&'a str> {
        let is_number = |name: &&str| (1..=3).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
        folder.trim_end_matches('/').rsplit('/').take_while(is_number).collect()
    };
    let (ours, theirs) = (numbers(video), numbers(transcript));
    if ours.len() < 2 || ours.len() != theirs.len() {
        return None;
    }
    ours.into_iter().zip(theirs).find(|(a, b)| significant(a) != significant(b))
}

/// The length of the folders that both end in, in bytes.
fn same_end(a: &str, b: &str) -> usize {
    let mut same = 0;
    let (a, b) = (a.split_inclusive('/').rev(), b.split_inclusive('/').rev());
    for (a, _) in a.zip(b).take_while(|(a, b)| a == b) {
        same += a.len();
    }
    same
}
