//! Keys that are nearly the name of a field. Most keys are told apart by their length and first letter: a million rows
//! may have such a key each.

use super::Field;
use crate::printable::unseen;
use unicode_normalization::UnicodeNormalization;

/// The key, and the field it nearly names: `transcript`, `Transcription`, `lang`, `index-id`; or `transcription`, where its
/// value is the address of a transcript. Both as they stand in the file; `key` is not a field's name.
pub(super) fn misspelt<'a>(key: &'a [u8], value: &[u8]) -> Option<(&'a str, Field)> {
    let named = || std::str::from_utf8(key).ok();
    if is_transcript(value) {
        return Some((named()?, Field::Transcription));
    }
    let is_usual = |byte: &u8| byte.is_ascii_graphic() && *byte != b'\\';
    if key.iter().all(is_usual) {
        return Some((named()?, near(key)?));
    }
    Some((named()?, near(plain(named()?).as_bytes())?))
}

fn near(key: &[u8]) -> Option<Field> {
    let first = key.first()?.to_ascii_lowercase();
    if !(4..=20).contains(&key.len()) || !matches!(first, b'i' | b'l' | b'o' | b't') {
        return None;
    }
    Field::ALL.into_iter().find(|field| is_near(key, field.name().as_bytes()))
}

/// `"s3://bucket/key.srt"`
fn is_transcript(value: &[u8]) -> bool {
    let ends = |with: &[u8]| {
        let end = value.len().checked_sub(with.len()).and_then(|at| value.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(with))
    };
    value.starts_with(b"\"s3://") && (ends(b".srt\"") || ends(b".vtt\""))
}

/// Without blanks around it, invisible characters and accents, and with Latin letters for those that look like them.
fn plain(key: &str) -> String {
    const ALIKE: [(&str, &str); 2] = [("аеорсухіјѕԁһԛԝɡ", "aeopcyxijsdhqwg"), ("οαερτινυ", "oaeptivu")];
    let decoded = serde_json::from_str::<String>(&format!("\"{key}\"")).unwrap_or_else(|_| key.to_owned());
    let latin = |c: char| {
        let c = c.to_lowercase().next().unwrap_or(c);
        let alike =
            ALIKE.iter().find_map(|(those, latin)| latin.chars().nth(those.chars().position(|that| that == c)?));
        match c {
            'ı' => 'i',
            'т' | 'τ' => 't',
            'п' => 'n',
            _ => alike.unwrap_or(c),
        }
    };
    let letters = decoded.trim().nfkd().filter(|c| unseen(*c).is_none() && *c != '\u{ad}' && !is_accent(*c));
    letters.map(latin).collect()
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_near(key: &[u8], name: &[u8]) -> bool {
    if key.first().map(u8::to_ascii_lowercase) != name.first().copied() {
        return false;
    }
    // Two changes leave most letters as they are. Other keys get no further than this, or than the prefix.
    let is_alike = key.len().abs_diff(name.len()) <= 3 && (bag(key) ^ bag(name)).count_ones() <= 4;
    let is_start = || name.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key));
    if !is_alike {
        return is_start();
    }
    let (key, name) = (letters(key), letters(name));
    // `lang` and `transcript` are how people say it.
    let one = key.strip_suffix(b"s").unwrap_or(&key);
    name.starts_with(one) || distance(&key, &name) <= if name.len() < 8 { 1 } else { 2 }
}

/// Which letters occur, a bit for each.
fn bag(text: &[u8]) -> u32 {
    text.iter().filter(|byte| byte.is_ascii_alphabetic()).fold(0, |bag, byte| bag | 1 << (byte & 0x1f))
}

/// Without case, blanks and the signs between words.
fn letters(text: &[u8]) -> Vec<u8> {
    text.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b' ' | b'.')).map(u8::to_ascii_lowercase).collect()
}

/// Letters to insert, remove, replace or swap with the next one.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, x) in a.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut least =
                (at(&above, column) + usize::from(x != y)).min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let is_swapped = row > 0 && column > 0 && a.get(row - 1) == Some(y) && b.get(column - 1) == Some(x);
            if is_swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_nearly_a_field_is_told_and_other_keys_are_left_alone() {
        for (key, field) in [
            ("transcript", Field::Transcription),
            ("transcripts", Field::Transcription),
            ("transcriptions", Field::Transcription),
            ("Transcription", Field::Transcription),
            ("TRANSCRIPTION", Field::Transcription),
            ("transcripiton", Field::Transcription),
            ("transciption", Field::Transcription),
            ("transcription ", Field::Transcription),
            // Blanks, what is not seen, accents, and letters of other scripts.
            (" transcription", Field::Transcription),
            ("transcription\u{200b}", Field::Transcription),
            ("\u{feff}transcription", Field::Transcription),
            ("tran\u{ad}scription", Field::Transcription),
            ("transcription\\u200b", Field::Transcription),
            ("\\ttranscription", Field::Transcription),
            ("transcri\u{440}tion", Field::Transcription),
            ("\u{442}ranscription", Field::Transcription),
            ("transcr\u{131}ption", Field::Transcription),
            ("transcripci\u{f3}n", Field::Transcription),
            ("\u{ff54}ranscription", Field::Transcription),
            ("\u{43e}bject", Field::Object),
            (" object", Field::Object),
            ("\u{a0}index_id", Field::IndexId),
            ("\u{2060}language", Field::Language),
            ("lang", Field::Language),
            ("langauge", Field::Language),
            ("languages", Field::Language),
            ("Object", Field::Object),
            ("objects", Field::Object),
            ("obejct", Field::Object),
            ("index", Field::IndexId),
            ("indexId", Field::IndexId),
            ("index-id", Field::IndexId),
            ("indx_id", Field::IndexId),
        ] {
            assert_eq!(misspelt(key.as_bytes(), b"1"), Some((key, field)), "{key}");
        }
        for key in
            ["id", "title", "filename", "label", "length", "location", "owner", "order", "tags", "type", "subject"]
        {
            assert_eq!(misspelt(key.as_bytes(), b"\"x\""), None, "{key}");
        }
        for key in ["translation", "transcoded", "transcript_url", "index_name", "objective", "\u{e9}\u{e9}", ""] {
            assert_eq!(misspelt(key.as_bytes(), b"\"x\""), None, "{key}");
        }
    }

    #[test]
    fn a_key_of_any_name_with_the_address_of_a_transcript_is_meant_as_one() {
        for key in ["transcription_url", "transcriptionUrl", "transcript-url", "subtitles", "srt", "captions", "x"] {
            for value in ["\"s3://b/a.srt\"", "\"s3://b/a.VTT\""] {
                assert_eq!(misspelt(key.as_bytes(), value.as_bytes()), Some((key, Field::Transcription)), "{key}");
            }
            for value in ["\"s3://b/a.mp4\"", "\"a.srt\"", "null", "[\"s3://b/a.srt\"]", ""] {
                assert_eq!(misspelt(b"captions", value.as_bytes()), None, "{value}");
            }
        }
    }
}
