//! Keys that are nearly the name of a field. Most keys are told apart by their length and first letter: a million rows
//! may have such a key each.

use super::Field;

/// The key, and the field it nearly names: `transcript`, `Transcription`, `lang`, `index-id`. `key` is not a field's name.
pub(super) fn misspelt(key: &[u8]) -> Option<(&str, Field)> {
    let first = key.first()?.to_ascii_lowercase();
    if !(4..=20).contains(&key.len()) || !matches!(first, b'i' | b'l' | b'o' | b't') {
        return None;
    }
    let field = Field::ALL.into_iter().find(|field| is_near(key, field.name().as_bytes()))?;
    Some((std::str::from_utf8(key).ok()?, field))
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
            assert_eq!(misspelt(key.as_bytes()), Some((key, field)), "{key}");
        }
        for key in
            ["id", "title", "filename", "label", "length", "location", "owner", "order", "tags", "type", "subject"]
        {
            assert_eq!(misspelt(key.as_bytes()), None, "{key}");
        }
        for key in ["translation", "transcoded", "transcript_url", "index_name", "objective", "\u{e9}\u{e9}", ""] {
            assert_eq!(misspelt(key.as_bytes()), None, "{key}");
        }
    }
}
