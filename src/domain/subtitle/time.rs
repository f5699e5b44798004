//! Parses lines of times leniently and records every deviation; other modules judge them.

/// The separator before the milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Comma,
    Point,
    /// A colon or full-width form; or another separator than `:` between the other numbers.
    Odd,
    /// No milliseconds.
    Absent,
}

/// A time and its spelling. Digits are counted, up to 255; 0 for a missing number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub ms: u64,
    pub hours: u64,
    pub hour_digits: u8,
    pub minute_digits: u8,
    pub second_digits: u8,
    pub milli_digits: u8,
    pub sign: Sign,
    /// Minutes or seconds exceed 59.
    pub is_over: bool,
    /// More digits than any parser distinguishes.
    pub is_huge: bool,
    /// More than three digits of milliseconds, which as a number are others than as a fraction.
    pub is_ambiguous: bool,
}

/// The text between a time and the arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Nothing,
    Spaces,
    /// Including a tab.
    Tabs,
    /// No-break spaces and the like.
    Odd,
}

/// A line of two times with an arrow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing<'a> {
    pub start: Stamp,
    pub end: Stamp,
    /// Bytes of blanks before the first time.
    pub indent: usize,
    pub is_arrow: bool,
    pub gaps: [Gap; 2],
    /// Byte offsets of the arrow and the second time.
    pub arrow_at: usize,
    pub end_at: usize,
    /// The text after the second time, with trailing blanks.
    pub rest: &'a str,
}

/// Wrong spellings of `-->`; longer ones first.
const WRONG_ARROWS: [&str; 14] =
    ["--->", "--&gt;", "-- >", "- ->", "==>", "—>", "–>", "->", "- >", "=>", ">>", "→", "⟶", "--"];

/// Fewest bytes of a line of times: `1:2:3->4:5:6`.
const SHORTEST: usize = 12;

/// Parses a line of times. None if it can't be one.
pub(super) fn timing(line: &str) -> Option<Timing<'_>> {
    // Text rarely starts with a digit, and a number is shorter.
    if line.len() < SHORTEST || line.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let inner = line.trim_start();
    let indent = line.len() - inner.len();
    if !inner.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (start, after) = stamp(inner)?;
    let (before_arrow, arrow) = gap(after);
    let (is_arrow, after) = match arrow.strip_prefix("-->") {
        Some(after) => (true, after),
        None => (false, WRONG_ARROWS.iter().find_map(|wrong| arrow.strip_prefix(wrong))?),
    };
    let (after_arrow, second) = gap(after);
    let (end, rest) = stamp(second)?;
    let (arrow_at, end_at) = (line.len() - arrow.len(), line.len() - second.len());
    Some(Timing { start, end, indent, is_arrow, gaps: [before_arrow, after_arrow], arrow_at, end_at, rest })
}

/// Two times and nothing else, with other signs or a word between them: `00:01.000 - 00:02.000`, `0:01 to 0:02`.
pub(super) fn is_pair(line: &str) -> bool {
    let Some((_, after)) = stamp(line.trim()) else { return false };
    let Some((between, second)) = after.find(|c: char| c.is_ascii_digit()).and_then(|at| after.split_at_checked(at))
    else {
        return false;
    };
    let is_sign = |c: char| !c.is_alphanumeric();
    let between = between.trim();
    let is_between = matches!(between, "to" | "bis" | "a" | "à") || between.chars().all(is_sign);
    is_between
        && (1..=4).contains(&between.chars().count())
        && line.matches(':').count() >= 2
        && stamp(second).is_some_and(|(_, rest)| rest.is_empty())
}

/// Whether a text contains `-->`.
pub(super) fn has_arrow(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'>', bytes).any(|at| bytes.get(..at).is_some_and(|before| before.ends_with(b"--")))
}

/// The start of a line of times and nothing else: `00:00:05,0`, `00:00:05,000 --> 00:`.
pub(super) fn is_stub(line: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_digit() || matches!(b, b':' | b',' | b'.' | b'-' | b'>' | b' ');
    let is_whole = || timing(line).is_some_and(|timing| timing.end.milli_digits >= 3);
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(':') && line.bytes().all(is_sign) && !is_whole()
}

fn gap(text: &str) -> (Gap, &str) {
    if let Some(rest) = text.strip_prefix(' ')
        && rest.starts_with(|c: char| c.is_ascii_graphic())
    {
        return (Gap::Spaces, rest);
    }
    let rest = text.trim_start();
    let blanks = text.strip_suffix(rest).unwrap_or("");
    let gap = match blanks.as_bytes() {
        [] => Gap::Nothing,
        blanks if blanks.iter().all(|b| *b == b' ') => Gap::Spaces,
        blanks if blanks.iter().all(|b| matches!(b, b' ' | b'\t')) => Gap::Tabs,
        _ => Gap::Odd,
    };
    (gap, rest)
}

/// Parses a time at the start of a text: three or four numbers, as `1:02:03,004`, `02:03.004`, `1:02:03`.
pub(super) fn stamp(text: &str) -> Option<(Stamp, &str)> {
    usual_stamp(text).or_else(|| any_stamp(text))
}

/// `01:02:03,004`, the usual form.
fn usual_stamp(text: &str) -> Option<(Stamp, &str)> {
    let (inner, after) = text.split_at_checked(12)?;
    let (byte, sign) = match inner.as_bytes().get(8)? {
        b',' => (b',', Sign::Comma),
        _ => (b'.', Sign::Point),
    };
    if after.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes, seconds, millis) = usual_numbers(inner.as_bytes().first_chunk()?, byte)?;
    let stamp = Stamp {
        ms: ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis,
        hours,
        hour_digits: 2,
        minute_digits: 2,
        second_digits: 2,
        milli_digits: 3,
        sign,
        is_over: minutes > 59 || seconds > 59,
        is_huge: false,
        is_ambiguous: false,
    };
    Some((stamp, after))
}

/// Hours, minutes, seconds and milliseconds of `01:02:03,004`, with this sign. Eight bytes are taken as one number.
fn usual_numbers(text: &[u8; 12], sign: u8) -> Option<(u64, u64, u64, u64)> {
    let (clock, rest) = text.split_first_chunk::<8>()?;
    // Digits become 0 to 9 and signs 0; what is added makes a byte with more reach 128.
    let clock = u64::from_be_bytes(*clock) ^ u64::from_be_bytes(*b"00:00:00");
    let rest = u32::from_be_bytes(*rest.first_chunk()?) ^ u32::from_be_bytes([sign, b'0', b'0', b'0']);
    let excess = clock.wrapping_add(0x7676_7F76_767F_7676) | clock;
    let more = rest.wrapping_add(0x7F76_7676) | rest;
    if excess & 0x8080_8080_8080_8080 != 0 || more & 0x8080_8080 != 0 {
        return None;
    }
    let two = |place: u32| (clock >> (56 - place)) % 16 * 10 + (clock >> (48 - place)) % 16;
    let millis = (rest >> 16) % 16 * 100 + (rest >> 8) % 16 * 10 + rest % 16;
    Some((two(0), two(24), two(48), u64::from(millis)))
}

/// Bytes of `01:02:03,004 --> 01:02:03,004`.
pub(super) const USUAL_BYTES: usize = 29;

/// The milliseconds of times in the usual form, with this sign.
pub(super) fn usual_times(line: &[u8; USUAL_BYTES], sign: u8) -> Option<(u64, u64)> {
    let (start, after) = line.split_first_chunk()?;
    let (arrow, end) = after.split_first_chunk()?;
    let ms = |(hours, minutes, seconds, millis)| {
        (minutes < 60 && seconds < 60).then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis)
    };
    let times = (ms(usual_numbers(start, sign)?)?, ms(usual_numbers(end.first_chunk()?, sign)?)?);
    (arrow == b" --> ").then_some(times)
}

fn any_stamp(text: &str) -> Option<(Stamp, &str)> {
    let mut numbers = [(0u64, 0u8); 4];
    let mut signs = [Sign::Absent; 3];
    let mut colons = [false; 3];
    let mut rest = text;
    let mut count = 0;
    for number in &mut numbers {
        let (value, digits, after) = digits(rest)?;
        *number = (value, digits);
        rest = after;
        count += 1;
        let Some((sign, is_colon, after)) = separator(rest) else { break };
        if !after.starts_with(|c: char| c.is_ascii_digit()) || count == 4 {
            break;
        }
        if let (Some(kept), Some(colon)) = (signs.get_mut(count - 1), colons.get_mut(count - 1)) {
            (*kept, *colon) = (sign, is_colon);
        }
        rest = after;
    }
    let [first, second, third, fourth] = numbers;
    let none = (0, 0);
    let (hour, minute, second, milli, sign, plain) = match (count, colons) {
        (4, [a, b, _]) => (first, second, third, fourth, signs[2], a && b),
        (3, [a, true, _]) => (first, second, third, none, Sign::Absent, a),
        (3, [a, false, _]) => (none, first, second, third, signs[1], a),
        _ => return None,
    };
    let sign = if plain { sign } else { Sign::Odd };
    // `,5` is half a second, as in most parsers; a fourth digit is dropped.
    let millis = match milli {
        (_, 0) => 0,
        (value, 1) => value * 100,
        (value, 2) => value * 10,
        (value, digits) => value / 10u64.saturating_pow(u32::from(digits) - 3).max(1),
    };
    let seconds = hour.0.saturating_mul(3600).saturating_add(minute.0.saturating_mul(60)).saturating_add(second.0);
    let stamp = Stamp {
        ms: seconds.saturating_mul(1000).saturating_add(millis),
        hours: hour.0,
        hour_digits: hour.1,
        minute_digits: minute.1,
        second_digits: second.1,
        milli_digits: milli.1,
        sign,
        is_over: minute.0 > 59 || second.0 > 59,
        is_huge: hour.1 > MOST_DIGITS || minute.1 > 2 || second.1 > 2 || milli.1 > MOST_MILLIS,
        is_ambiguous: milli.1 > 3 && milli.0 > 0,
    };
    Some((stamp, rest))
}

/// Most digits of hours that every measured parser can hold (some use 32 bits).
const MOST_DIGITS: u8 = 5;
/// The same of milliseconds: as many as 64 bits hold.
const MOST_MILLIS: u8 = 18;

/// A number at the start of a text: value, number of digits, rest.
pub(super) fn digits(text: &str) -> Option<(u64, u8, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count)?;
    let value = number.bytes().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    (count > 0).then_some((value, u8::try_from(count).unwrap_or(u8::MAX), rest))
}

/// A separator between two numbers, and whether it is a plain colon.
fn separator(text: &str) -> Option<(Sign, bool, &str)> {
    let mut chars = text.chars();
    let (sign, is_colon) = match chars.next()? {
        ',' => (Sign::Comma, false),
        '.' => (Sign::Point, false),
        ':' => (Sign::Odd, true),
        ';' | '，' | '．' | '。' | '：' => (Sign::Odd, false),
        _ => return None,
    };
    Some((sign, is_colon, chars.as_str()))
}

/// Whether a text line contains exactly two times: pysubs2 treats it as a cue even without an arrow. SRT times have
/// three numbers before the separator and one to three digits after it; WebVTT times may lack the hours.
pub(super) fn holds_two(line: &str, is_webvtt: bool) -> bool {
    if memchr::memchr(b':', line.as_bytes()).is_none() {
        return false;
    }
    let bytes = line.as_bytes();
    let (mut at, mut found) = (0, 0);
    while let Some(rest) = bytes.get(at..)
        && !rest.is_empty()
        && found < 3
    {
        match if is_webvtt { webvtt_stamp(rest) } else { srt_stamp(rest) } {
            Some(length) => (at, found) = (at + length, found + 1),
            None => at += 1,
        }
    }
    found == 2
}

/// `\d{1,2}:\d{1,2}:\d{1,2}[.,]\d{1,3}`
fn srt_stamp(bytes: &[u8]) -> Option<usize> {
    let hours = run(bytes, 0, 2).filter(|n| *n > 0)?;
    let at = sign(bytes, hours, b":")?;
    let minutes = run(bytes, at, 2).filter(|n| *n > 0)?;
    let at = sign(bytes, at + minutes, b":")?;
    let seconds = run(bytes, at, 2).filter(|n| *n > 0)?;
    let at = sign(bytes, at + seconds, b".,")?;
    let millis = run(bytes, at, 3).filter(|n| *n > 0)?;
    Some(at + millis)
}

/// `(\d{0,4}:)?\d{2}:\d{2}\.\d{2,3}`
fn webvtt_stamp(bytes: &[u8]) -> Option<usize> {
    let short = |from: usize| {
        run(bytes, from, 2).filter(|n| *n == 2)?;
        let at = sign(bytes, from + 2, b":")?;
        run(bytes, at, 2).filter(|n| *n == 2)?;
        let at = sign(bytes, at + 2, b".")?;
        let millis = run(bytes, at, 3).filter(|n| *n >= 2)?;
        Some(at + millis)
    };
    run(bytes, 0, 4).and_then(|hours| sign(bytes, hours, b":")).and_then(short).or_else(|| short(0))
}

/// The number of digits at a position, at most `most`.
fn run(bytes: &[u8], from: usize, most: usize) -> Option<usize> {
    Some(bytes.get(from..)?.iter().take(most).take_while(|b| b.is_ascii_digit()).count())
}

/// The position after one of the separators.
fn sign(bytes: &[u8], at: usize, signs: &[u8]) -> Option<usize> {
    signs.contains(bytes.get(at)?).then_some(at + 1)
}
