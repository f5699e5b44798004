//! The text of a cue without tags and escapes, for display and counting only.

use super::Format;

/// Most bytes of a line examined: a line may be as long as the file.
const MOST: usize = 2048;

/// Appends the words of a line to a text.
pub(super) fn add(line: &str, format: Format, out: &mut String) {
    let mut rest = head(line).trim();
    while let Some(at) = memchr::memchr3(b'<', b'{', b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let skipped = match from.as_bytes() {
            [b'<', next, ..] if next.is_ascii_alphanumeric() || *next == b'/' => from.find('>').map(|end| end + 1),
            // `{\an8}`, which many SRT files contain from other formats.
            [b'{', b'\\', ..] => from.find('}').map(|end| end + 1),
            [b'&', ..] if format == Format::WebVtt => escape(from).map(|(c, length)| {
                out.push(c);
                length
            }),
            _ => None,
        };
        let step = skipped.unwrap_or_else(|| {
            out.extend(from.chars().next());
            1
        });
        rest = from.get(step..).unwrap_or("");
    }
    out.push_str(rest);
}

/// The beginning of a line, cut at a character boundary.
pub(super) fn head(line: &str) -> &str {
    line.get(..line.floor_char_boundary(MOST)).unwrap_or(line)
}

/// The character and length of an escape at the start of a text.
fn escape(text: &str) -> Option<(char, usize)> {
    // The longest known one: `&#1114111;`.
    let end = text.bytes().take(10).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => '\u{A0}',
        "lrm" => '\u{200E}',
        "rlm" => '\u{200F}',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((c, end + 1))
}
