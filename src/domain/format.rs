//! Formats quantities: counts, sizes, durations, clocks. The screen and the headless commands print the same words. A
//! number that proves something is never rounded: use `thousands`.

use std::time::Duration;

/// `12480` becomes `12,480`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How a row is numbered for people, from 1: row 4710 is `4,711`.
pub fn row_number(row: u32) -> String {
    thousands(u64::from(row) + 1)
}

/// Exact: `2,981,204 bytes`.
pub fn exact_bytes(bytes: u64) -> String {
    counted(bytes, "byte")
}

/// `1 row`, `8,412 rows`: for nouns with a plural in s.
pub fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A rounded size, at most 8 cells, in decimal units as S3 and the Twelve Labs limits use them: `41 KB`, `2.9 MB`.
pub fn short_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1_000.0;
    let mut units = UNITS.into_iter().peekable();
    let mut unit = units.next().unwrap_or_default();
    // 999.5 would round to 1000, so it belongs to the next unit.
    while size >= 999.5 && units.peek().is_some() {
        size /= 1_000.0;
        unit = units.next().unwrap_or(unit);
    }
    if unit != "KB" && size < 9.95 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

/// An elapsed time: `1.8 s`, from two minutes on `2:05 min`.
pub fn took(duration: Duration) -> String {
    if duration < Duration::from_secs(120) {
        // Truncated: a timer must not show 2.0 s before two seconds are over.
        format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
    } else {
        format!("{} min", length(duration))
    }
}

/// An estimate: `about 1.8 s`, `under a second`.
pub fn about(duration: Duration) -> String {
    if duration < Duration::from_secs(1) { "under a second".to_owned() } else { format!("about {}", took(duration)) }
}

/// The length of a video or a remaining time: `0:07`, `12:40`, `3:12:08`.
pub fn length(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// A position in a video, always with hours so that cues align: `0:00:01`.
pub fn cue_time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (number, word) in
            [(0, "0"), (14, "14"), (999, "999"), (1_000, "1,000"), (12_480, "12,480"), (2_981_204, "2,981,204")]
        {
            assert_eq!(thousands(number), word);
        }
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn sizes_are_short_and_carry_into_the_next_unit() {
        for (bytes, word) in [
            (0, "0 B"),
            (142, "142 B"),
            (999, "999 B"),
            (1_000, "1 KB"),
            (41_207, "41 KB"),
            (999_499, "999 KB"),
            (999_500, "1.0 MB"),
            (2_981_204, "3.0 MB"),
            (9_949_999, "9.9 MB"),
            (9_950_000, "10 MB"),
            (204_000_000, "204 MB"),
            (1_500_000_000, "1.5 GB"),
            (5_000_000_000_000_000, "5000 TB"),
        ] {
            assert_eq!(short_bytes(bytes), word, "{bytes}");
        }
        assert_eq!(exact_bytes(1), "1 byte");
        assert_eq!(exact_bytes(41_207), "41,207 bytes");
    }

    #[test]
    fn durations_read_like_a_clock() {
        for (millis, word) in
            [(0, "0.0 s"), (250, "0.2 s"), (1_899, "1.8 s"), (31_000, "31.0 s"), (125_000, "2:05 min")]
        {
            assert_eq!(took(Duration::from_millis(millis)), word);
        }
        for (seconds, word) in [(7, "0:07"), (502, "8:22"), (760, "12:40"), (11_528, "3:12:08")] {
            assert_eq!(length(Duration::from_secs(seconds)), word);
        }
        assert_eq!(cue_time(Duration::from_millis(1_900)), "0:00:01");
    }
}
