//! Two keys without what the names of one thing often differ in, for a second look before they are said to differ:
//! accents, the shape of the frame, what a recorder adds behind its time, versions and days of folders.

use crate::s3_url::key;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether any such spelling of both agrees.
pub(super) fn agree(video: &str, transcript: &str, agrees: impl Fn(&str, &str) -> bool) -> bool {
    let eased = (without_extras(video, transcript), without_extras(transcript, video));
    let eased = dateless(&eased.0, &eased.1).unwrap_or(eased);
    let is_other = eased.0 != video || eased.1 != transcript;
    let (video, transcript) = eased;
    if is_other && agrees(&video, &transcript) {
        return true;
    }
    if video.is_ascii() && transcript.is_ascii() {
        return false;
    }
    // `Über` is written `Uber` by some, `Ueber` by others.
    [false, true].into_iter().any(|with_e| agrees(&plain(&video, with_e), &plain(&transcript, with_e)))
}

/// Latin letters without their marks.
fn plain(text: &str, with_e: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_latin = false;
    for c in text.nfc() {
        match c {
            'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü' if with_e => {
                plain.extend(c.nfd().next());
                plain.push('e');
            }
            'ß' => plain.push_str("ss"),
            'æ' | 'Æ' => plain.push_str("ae"),
            'œ' | 'Œ' => plain.push_str("oe"),
            'ø' | 'Ø' if with_e => plain.push_str("oe"),
            'ø' | 'Ø' => plain.push('o'),
            'å' | 'Å' if with_e => plain.push_str("aa"),
            'ł' | 'Ł' => plain.push('l'),
            'đ' | 'Đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            c => {
                for c in c.nfd() {
                    // Marks of other scripts make another letter: カ and ガ.
                    if !is_combining_mark(c) {
                        is_latin = c.is_ascii_alphabetic();
                        plain.push(c);
                    } else if !is_latin {
                        plain.push(c);
                    }
                }
            }
        }
    }
    plain.nfc().collect()
}

/// Without versions of folders, the shape of the frame and what stands behind a recorder's time.
fn without_extras(key: &str, other: &str) -> String {
    let mut eased = String::with_capacity(key.len());
    for folder in key::folder(key).split_inclusive('/') {
        let name = unversioned(folder.trim_end_matches('/'));
        if !name.is_empty() || folder == "/" {
            eased.push_str(name);
            eased.push('/');
        }
    }
    let (stem, others) = (key::stem(key), key::stem(other));
    let end = key::file_name(key).get(stem.len()..).unwrap_or_default();
    eased.push_str(unshaped(until_recorded(stem, others), others));
    eased.push_str(end);
    eased
}

/// `captions_v3` is `captions`: the text is of another day than the picture.
fn unversioned(name: &str) -> &str {
    let number = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_number = (1..=3).contains(&(name.len() - number.len()));
    match number.strip_suffix(['v', 'V']) {
        Some(rest) if is_number && (rest.is_empty() || rest.ends_with([' ', '_', '-', '.'])) => {
            rest.trim_end_matches([' ', '_', '-', '.'])
        }
        _ => name,
    }
}

/// `Interview 16x9` is `Interview`. `4x3` may be an episode, too: only where the other has none.
fn unshaped<'a>(stem: &'a str, other: &str) -> &'a str {
    let has_episode = other.as_bytes().windows(3).any(|at| matches!(at, [b'0'..=b'9', b'x' | b'X', b'0'..=b'9']));
    let shapes = ["16x9", "9x16", "4x3", "3x4", "1x1", "4x5"];
    let shapes = shapes.get(..if has_episode { 2 } else { shapes.len() }).unwrap_or_default();
    let bare = stem.trim_end_matches([')', ']']);
    let cut = shapes.iter().find_map(|shape| {
        let at = bare.len().checked_sub(shape.len())?;
        let (rest, end) = bare.split_at_checked(at)?;
        let rest = rest.strip_suffix(['(', '[', ' ', '_', '-', '.'])?;
        end.eq_ignore_ascii_case(shape).then_some(rest.trim_end_matches(['(', '[', ' ', '_', '-', '.']))
    });
    cut.filter(|cut| !cut.is_empty()).unwrap_or(stem)
}

/// `Weekly sync-20240105_100000-Meeting Recording` up to its time, if the other says nothing behind it, or calls itself a
/// transcript of it.
fn until_recorded<'a>(stem: &'a str, other: &str) -> &'a str {
    let cut = |stem: &'a str| {
        let at = time_end(stem)?;
        stem.get(at..)?.strip_prefix('-').and(stem.get(..at))
    };
    let Some(short) = cut(stem) else { return stem };
    let rest = other.get(..short.len()).filter(|same| *same == short).and_then(|_| other.get(short.len()..));
    let is_of_it = |rest: &str| !rest.starts_with('-') || rest.eq_ignore_ascii_case("-meeting transcript");
    let calls_itself = stem.get(short.len()..).is_some_and(|rest| rest.eq_ignore_ascii_case("-meeting transcript"));
    if calls_itself || rest.is_some_and(is_of_it) { short } else { stem }
}

/// The end of the first `-20240105_100000`, or with `UTC` behind it.
fn time_end(stem: &str) -> Option<usize> {
    let bytes = stem.as_bytes();
    let is_time = |at: &[u8]| {
        let [b'-', day @ .., b'_', _, _, _, _, _, _] = at else { return false };
        let time = at.get(10..).unwrap_or_default();
        day.iter().chain(time).all(u8::is_ascii_digit)
    };
    let end = bytes.windows(16).position(is_time)? + 16;
    let has_zone = stem.get(end..).is_some_and(|rest| rest.starts_with("UTC"));
    Some(if has_zone { end + 3 } else { end })
}

/// Without folders that say on which day something was done, where that is not the same on both sides: a video that was
/// uploaded on one day is transcribed on another.
fn dateless(video: &str, transcript: &str) -> Option<(String, String)> {
    let (ours, theirs) = (done(video)?, done(transcript)?);
    let is_other = ours.1.get(..4) != theirs.1.get(..4);
    let without = |key: &str, folder: &str| key.replacen(folder, "", 1);
    is_other.then(|| (without(video, ours.0), without(transcript, theirs.0)))
}

/// A folder like `uploaded-2024-01-05/`, and its word.
fn done(key: &str) -> Option<(&str, String)> {
    const DONE: [&str; 8] = ["upload", "ingest", "incoming", "deliver", "receiv", "export", "transcri", "caption"];
    key::folder(key).split_inclusive('/').find_map(|folder| {
        let mut parts = folder.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        let word = parts.next()?.to_ascii_lowercase();
        let digits: String = parts.collect();
        let is_day = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
        (is_day && DONE.iter().any(|done| word.starts_with(done))).then_some((folder, word))
    })
}
