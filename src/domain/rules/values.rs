//! Finds faults in one value: positions, without sentences.

use super::{Hit, Rule, Severity};
use crate::manifest::Field;
use crate::printable::{Unseen, unseen};
use crate::s3_url::key::{self, Look, MAX_BYTES};
use crate::s3_url::{BucketFault, bucket, carries_secret, is_of_store, name, split};

/// 24 lower-case hex digits, as in every id of the vendor's documentation except one typo with 25.
pub(crate) const INDEX_DIGITS: usize = 24;

/// Whether a text is a well-formed index id.
pub fn is_index_id(text: &str) -> bool {
    text.len() == INDEX_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn index_id(text: &str, hits: &mut Vec<Hit>) {
    if is_index_id(text) {
        return;
    }
    let rule = if is_index_id(text.trim()) { Rule::ValuePadded } else { Rule::IndexIdFormat };
    hits.push(Hit::new(rule, Field::IndexId, 0..text.len()));
}

pub(super) fn language(text: &str, hits: &mut Vec<Hit>) {
    let rule = match text.trim() {
        "en" if text.len() == 2 => return,
        "en" => Rule::ValuePadded,
        "" => Rule::LanguageEmpty,
        _ => Rule::LanguageUndocumented,
    };
    let hit = Hit::new(rule, Field::Language, 0..text.len());
    // No language, anywhere, has a control character in its name: the service can't mean it.
    let has_control = rule == Rule::LanguageUndocumented && has_control(text);
    hits.push(if has_control { hit.with(Severity::Error) } else { hit });
}

/// Whether a text has a control character within, not around it.
pub(super) fn has_control(text: &str) -> bool {
    text.trim().chars().any(|c| unseen(c) == Some(Unseen::Control))
}

/// Other spellings of English, for which the fix is `en`.
pub(super) fn means_english(text: &str) -> bool {
    let text = &key::cleaned(text);
    let text = text.trim();
    let region = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("en"))
        && text.get(2..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', ' ', '(']));
    region
        || text.eq_ignore_ascii_case("eng")
        || text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("english"))
}

/// Characters around a value that are there by accident: blanks of every kind and invisible marks.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_start_matches(is_around).trim_end_matches(char::is_whitespace)
}

fn is_around(c: char) -> bool {
    c.is_whitespace() || unseen(c).is_some()
}

/// Checks an address. Returns the key and its byte offset, if it names an object.
pub(super) fn url<'a>(field: Field, text: &'a str, hits: &mut Vec<Hit>) -> Option<(usize, &'a str)> {
    let inner = trimmed(text);
    if let Some((bucket, key)) = split(inner).filter(|(bucket, _)| !is_of_store(bucket)) {
        let sound = Sound { key: key::look(key), bucket: bucket::fault(bucket).is_none() };
        if (!sound.bucket || sound.key == Look::Odd) && carries_secret(inner) {
            hits.push(Hit::new(Rule::UrlPresigned, field, 0..text.len()));
            return None;
        }
        let mut before = 0;
        if inner.len() != text.len() {
            before = text.len() - text.trim_start_matches(is_around).len();
            let span = if before > 0 { 0..before } else { inner.len()..text.len() };
            hits.push(Hit::new(Rule::ValuePadded, field, span));
        }
        return s3(field, (bucket, key), before, sound, hits);
    }
    let rule = match name(text) {
        Some(named) if named.is_secret => Rule::UrlPresigned,
        Some(named) if named.place.is_err() => Rule::UrlUnconvertible,
        None if inner.is_empty() && field == Field::Transcription => Rule::ValuePadded,
        None if carries_secret(text) => Rule::UrlPresigned,
        _ if field == Field::Object => Rule::ObjectNotS3,
        _ => Rule::TranscriptionNotS3,
    };
    hits.push(Hit::new(rule, field, 0..text.len()));
    None
}

/// The result of a quick check of bucket and key.
#[derive(Clone, Copy)]
struct Sound {
    bucket: bool,
    key: Look,
}

/// `before`: bytes in front of `s3://`.
fn s3<'a>(
    field: Field,
    (bucket, key): (&str, &'a str),
    before: usize,
    sound: Sound,
    hits: &mut Vec<Hit>,
) -> Option<(usize, &'a str)> {
    let bucket_at = before + "s3://".len();
    let key_at = bucket_at + bucket.len() + 1;
    let bucket_end = bucket_at + bucket.len();
    let bucket_span = bucket_at..bucket_end;
    if bucket::is_placeholder(bucket) {
        hits.push(Hit::new(Rule::BucketPlaceholder, field, bucket_span));
    } else if !sound.bucket
        && let Some(fault) = bucket::fault(bucket)
    {
        let hit = Hit::new(Rule::BucketInvalid, field, bucket_span);
        hits.push(if fault == BucketFault::Alias { hit.with(Severity::Warning) } else { hit });
        if fault == BucketFault::Empty {
            return None;
        }
    }
    if key.is_empty() || key.ends_with('/') {
        // Without even a slash, the key is missing at the end of the bucket.
        let at = if key.is_empty() { bucket_end } else { key_at };
        hits.push(Hit::new(Rule::KeyMissing, field, 0..key.len()).after(at));
        return None;
    }
    if key.len() > MAX_BYTES {
        let mut fits = MAX_BYTES;
        while !key.is_char_boundary(fits) {
            fits -= 1;
        }
        hits.push(Hit::new(Rule::KeyTooLong, field, fits..key.len()).after(key_at));
    }
    if sound.key != Look::Plain
        && let Some((kind, _, span)) = key::invisible(key)
    {
        let hit = Hit::new(Rule::KeyInvisible, field, span).after(key_at);
        hits.push(if kind == Unseen::Control { hit } else { hit.with(Severity::Warning) });
    }
    if sound.key == Look::Odd {
        if let Some((_, span)) = key::suspicion(key) {
            hits.push(Hit::new(Rule::KeySuspicious, field, span).after(key_at));
        }
        if let Some(span) = key::percent(key) {
            hits.push(Hit::new(Rule::KeyPercent, field, span).after(key_at));
        }
    }
    Some((key_at, key))
}

/// Containers that FFmpeg lists and that people record, edit and export.
const VIDEO: &str = "mp4 mov m4v mkv webm avi ts mts m2ts mpg mpeg m2v mpv vob wmv asf flv f4v 3gp 3g2 mxf ogv ogm \
                 divx rm rmvb dv qt mj2 y4m gxf tod mod";

/// File types that certainly contain no video.
const NOT_VIDEO: &str = "srt vtt sbv ass ssa ttml dfxp scc stl txt json csv xml html md pdf doc docx xls xlsx zip gz tar jpg jpeg png \
    gif webp tif tiff bmp svg psd mp3 wav m4a aac flac ogg opus wma ini log yaml yml db ds_store";

/// `known` is a list separated by blanks.
fn is_one_of(extension: &str, known: &str) -> bool {
    known.split_ascii_whitespace().any(|one| extension.eq_ignore_ascii_case(one))
}

/// Whether a word is a video file extension.
pub(crate) fn is_video_extension(extension: &str) -> bool {
    is_one_of(extension, VIDEO)
}

pub(super) fn video_name(at: usize, key: &str, hits: &mut Vec<Hit>) {
    let extension = key::extension(key);
    if extension.is_some_and(is_video_extension) {
        return;
    }
    let hit = Hit::new(Rule::ObjectNotVideo, Field::Object, extension_span(key)).after(at);
    let surely = extension.is_some_and(|extension| is_one_of(extension, NOT_VIDEO));
    hits.push(if surely { hit } else { hit.with(Severity::Note) });
}

pub(super) fn transcript_name(at: usize, key: &str, hits: &mut Vec<Hit>) {
    if !is_transcript(key) {
        hits.push(Hit::new(Rule::TranscriptionExtension, Field::Transcription, extension_span(key)).after(at));
    }
}

/// The extension with its dot, or the file name if it has none.
fn extension_span(key: &str) -> std::ops::Range<usize> {
    let length = key::extension(key).map_or(key::file_name(key).len(), |extension| extension.len() + 1);
    key.len() - length..key.len()
}

/// Corrects a typo in `.srt` or `.vtt`: returns the probable key.
pub(super) fn meant_transcript(key: &str) -> Option<String> {
    let extension = key::extension(key)?;
    let stem = key.strip_suffix(extension)?;
    let meant = match extension.to_ascii_lowercase().as_str() {
        "vt" | "tvt" | "vttt" | "vvtt" | "wvtt" | "webvtt" | "vtt_" => "vtt",
        "sr" | "str" | "srtt" | "ssrt" | "strt" | "srt_" => "srt",
        // `0711.srt.txt`, and a dot too many.
        "txt" | "" => return stem.strip_suffix('.').filter(|k| is_transcript(k)).map(str::to_owned),
        _ => return None,
    };
    Some(format!("{stem}{meant}"))
}

fn is_transcript(key: &str) -> bool {
    key::extension(key).is_some_and(|extension| is_one_of(extension, "srt vtt"))
}
