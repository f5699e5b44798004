//! The settings after the times of a WebVTT cue, by the grammar for authors
//! (<https://www.w3.org/TR/webvtt1/#webvtt-cue-settings-list>). Parsers ignore unknown ones.

/// Byte offset of the first invalid setting in the text after the second time.
pub(super) fn first_bad(rest: &str) -> Option<usize> {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    if !rest.is_empty() && !rest.starts_with(is_blank) {
        return Some(0);
    }
    let mut at = 0;
    // There are six names, so a seventh setting is invalid.
    let mut seen: [&str; 6] = [""; 6];
    for word in rest.split(is_blank) {
        let start = at;
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        let name = word.split_once(':').filter(|(name, value)| is_setting(name, value)).map(|(name, _)| name);
        let free = seen.iter().take_while(|known| !known.is_empty() && Some(**known) != name).count();
        match (name, seen.get_mut(free)) {
            (Some(name), Some(slot)) if slot.is_empty() => *slot = name,
            _ => return Some(start),
        }
    }
    None
}

fn is_setting(name: &str, value: &str) -> bool {
    let (first, second) = match value.split_once(',') {
        Some((first, second)) => (first, Some(second)),
        None => (value, None),
    };
    match name {
        "vertical" => matches!(value, "rl" | "lr"),
        "line" => {
            (is_percentage(first) || is_number(first)) && matches!(second, None | Some("start" | "center" | "end"))
        }
        "position" => is_percentage(first) && matches!(second, None | Some("line-left" | "center" | "line-right")),
        "size" => is_percentage(value),
        "align" => matches!(value, "start" | "center" | "end" | "left" | "right"),
        "region" => !value.is_empty() && !value.contains("-->"),
        _ => false,
    }
}

/// `12%`, `12.5%`; from 0 to 100.
fn is_percentage(text: &str) -> bool {
    let Some(number) = text.strip_suffix('%') else { return false };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain && !number.starts_with('.') && number.parse::<f32>().is_ok_and(|value| (0.0..=100.0).contains(&value))
}

/// `-1`, `12`, `12.5`
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_digits(whole) && is_digits(part)
}
