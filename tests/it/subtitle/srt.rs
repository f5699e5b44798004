//! The 43 measured cases of SRT: one fault each in a file of three cues.

use super::expect;
use cuecard::domain::rules::Severity::{Error, Note, Warning};
use cuecard::domain::subtitle::Format::Srt;
use cuecard::domain::subtitle::{Encoding, FaultKind, Format, Inspected, Other, inspect};

const CLEAN: &str = "\
1
00:00:01,000 --> 00:00:02,000
One

2
00:00:03,000 --> 00:00:04,000
Two

3
00:00:05,000 --> 00:00:06,000
Three
";

#[test]
fn faults_that_lose_cues_are_errors() {
    let lost = "cues-lost";
    for (name, text, recovered, kind, line) in [
        ("no milliseconds", CLEAN.replace(",000", ""), 0, FaultKind::NoMillis, 2),
        ("no milliseconds in one", CLEAN.replace("03,000", "03"), 2, FaultKind::NoMillis, 6),
        ("no hours", CLEAN.replace("00:00:0", "00:0"), 0, FaultKind::NoHours, 2),
        (
            "no index lines",
            CLEAN.replace("1\n00", "00").replace("2\n00", "00").replace("3\n00", "00"),
            0,
            FaultKind::NoIndex,
            1,
        ),
        ("one index missing", CLEAN.replace("2\n00", "00"), 1, FaultKind::NoIndex, 5),
        ("index not a number", CLEAN.replace("2\n00", "two\n00"), 1, FaultKind::IndexNotNumber, 5),
        ("one blank line missing", CLEAN.replace("One\n\n", "One\n"), 2, FaultKind::BlankMissing, 4),
        ("all blank lines missing", CLEAN.replace("\n\n", "\n"), 1, FaultKind::BlankMissing, 4),
        ("tabs round the arrow", CLEAN.replace(" --> ", "\t-->\t"), 0, FaultKind::ArrowTabs, 2),
        ("another arrow", CLEAN.replace("-->", "->"), 0, FaultKind::ArrowWrong, 2),
        ("indented", CLEAN.replace("00:00:01", "  00:00:01"), 0, FaultKind::Indented, 2),
        ("text before the cues", format!("Subtitles by me\n\n{CLEAN}"), 0, FaultKind::TextBeforeCues, 1),
        ("a letter in a time", CLEAN.replace("03,000", "0l,000"), 0, FaultKind::BrokenTiming, 6),
        ("colons everywhere", CLEAN.replace("03,000", "03:000"), 0, FaultKind::BadSeparator, 6),
        ("a blank before an index", CLEAN.replace("2\n00", " 2\n00"), 1, FaultKind::IndexIndented, 5),
        ("a comma behind the times", CLEAN.replace("04,000", "04,000,"), 2, FaultKind::SignsAfterTimes, 6),
        ("an arrow behind the times", CLEAN.replace("04,000", "04,000 -->"), 2, FaultKind::SignsAfterTimes, 6),
        ("a point behind the times", CLEAN.replace("04,000", "04,000."), 0, FaultKind::SignsAfterTimes, 6),
        ("coordinates after a tab", CLEAN.replace("04,000", "04,000\tX1:1"), 0, FaultKind::SignsAfterTimes, 6),
        ("no-break space", CLEAN.replace("03,000 ", "03,000\u{A0}"), 0, FaultKind::OddBlank, 6),
    ] {
        let found = super::transcript(text.as_bytes());
        let fault = found.faults.iter().find(|fault| fault.kind == kind);
        let said = fault.map(|fault| (fault.kind.rule().code(), fault.severity, fault.line));
        assert_eq!(said, Some((lost, Error, line)), "{name}: {:#?}", found.faults);
        assert_eq!((found.format, found.apparent, found.recovered), (Srt, 3, recovered), "{name}");
        let others = found.faults.iter().filter(|fault| fault.kind != kind && fault.severity != Note);
        assert_eq!(others.count(), 0, "{name}: {:#?}", found.faults);
    }
}

#[test]
fn line_ends_that_parsers_take_for_blank_lines_are_told_with_what_is_left() {
    let mixed = format!(
        "{}{}",
        &CLEAN[..CLEAN.find("2\n00").unwrap()],
        &CLEAN[CLEAN.find("2\n00").unwrap()..].replace('\n', "\r")
    );
    for (name, text, recovered, kind) in [
        ("CR CR LF", CLEAN.replace('\n', "\r\r\n"), 0, FaultKind::DoubledReturns),
        ("LF CR", CLEAN.replace('\n', "\n\r"), 0, FaultKind::DoubledReturns),
        ("a blank line after every line", CLEAN.replace('\n', "\n\n"), 0, FaultKind::SplitCue),
        ("VT before LF", CLEAN.replace('\n', "\u{b}\n"), 0, FaultKind::OddLineEnds),
        ("form feed before LF", CLEAN.replace('\n', "\u{c}\n"), 0, FaultKind::OddLineEnds),
        ("CR behind LF", mixed, 1, FaultKind::MixedReturns),
    ] {
        let found = super::transcript(text.as_bytes());
        let fault = found.faults.iter().find(|fault| fault.kind == kind);
        assert_eq!(fault.map(|fault| fault.severity), Some(Error), "{name}: {:#?}", found.faults);
        assert_eq!((found.apparent, found.left()), (3, Some(recovered)), "{name}: {:#?}", found.faults);
        if kind == FaultKind::DoubledReturns {
            // One fault, from the first line on: CR alone and blank lines are only how it looks.
            let kinds: Vec<FaultKind> = found.faults.iter().map(|fault| fault.kind).collect();
            assert_eq!((kinds, found.faults[0].line), (vec![kind], 1), "{name}");
        }
    }
    // One of them where every measured parser reads on.
    for (name, text) in [
        ("between cues", CLEAN.replacen("\n\n", "\r\r\n\r\r\n", 1)),
        ("behind a text", CLEAN.replace("Two\n", "Two\r\r\n")),
        ("behind a number", CLEAN.replace("2\n00", "2\r\r\n00")),
        ("a blank line behind a number", CLEAN.replace("2\n00", "2\n\n00")),
    ] {
        let found = super::transcript(text.as_bytes());
        assert_eq!(found.left(), None, "{name}: {:#?}", found.faults);
        assert!(found.faults.iter().all(|fault| fault.severity > Error), "{name}: {:#?}", found.faults);
    }
}

#[test]
fn a_carriage_return_alone_before_a_cue_hides_it_from_one_parser() {
    for (name, text, recovered) in [
        ("a blank line", CLEAN.replace("One\n\n", "One\n\r"), 2),
        ("the second of two", CLEAN.replace("One\n\n", "One\n\n\r"), 2),
        ("a blank line among CRLF", CLEAN.replace('\n', "\r\n").replace("One\r\n\r\n", "One\r\n\r"), 2),
        ("the number", CLEAN.replace("2\n00", "2\r00"), 2),
        ("a blank line below the number", CLEAN.replace("2\n00", "2\r\n\r00"), 0),
        ("number and times", CLEAN.replace("2\n00", "2\r00").replace("04,000\n", "04,000\r"), 2),
        // It finds a number and times there, and refuses the file.
        ("the times", CLEAN.replace("04,000\n", "04,000\r"), 0),
        ("within the times", CLEAN.replace("04,000", "0\r4,000"), 0),
    ] {
        let found = super::transcript(text.as_bytes());
        let kinds: Vec<_> = found.faults.iter().map(|fault| (fault.kind, fault.severity)).collect();
        assert!(kinds.contains(&(FaultKind::MixedReturns, Error)), "{name}: {kinds:?}");
        assert_eq!((found.apparent, found.left()), (3, Some(recovered)), "{name}: {kinds:?}");
    }
}

#[test]
fn a_rare_separator_before_a_text_hides_the_cue_and_all_after_it() {
    for separator in ['\u{b}', '\u{c}', '\u{1c}', '\u{85}', '\u{2028}'] {
        let two = |text: &str| CLEAN.replace("Two", &text.replace('|', &separator.to_string()));
        for (text, recovered) in [
            (two("|Two"), 1),
            (two(" |Two"), 1),
            (two("|Two\nmore"), 1),
            (two("||Two"), 2),
            (two("Two\n|more"), 2),
            (two("Two||more"), 2),
            (two("Two|more"), 3),
            (CLEAN.replace("Three", &format!("{separator}Three")), 2),
        ] {
            let found = super::transcript(text.as_bytes());
            assert_eq!((found.apparent, found.recovered), (3, recovered), "{text:?}: {:#?}", found.faults);
            assert_eq!(found.faults.first().map(|fault| fault.kind), Some(FaultKind::OddLineEnd), "{text:?}");
        }
    }
}

#[test]
fn a_nul_byte_is_an_error_only_where_ffmpeg_loses_a_cue() {
    for (name, text, recovered) in [
        ("in a text", CLEAN.replace("Two", "T\0wo"), 1),
        ("in a number", CLEAN.replace("2\n00", "2\0\n00"), 1),
        ("in the last text", CLEAN.replace("Three", "Th\0ree"), 2),
        ("in the second line of a text", CLEAN.replace("Two", "Two\nm\0re"), 2),
        ("in the second line of the last", CLEAN.replace("Three", "Three\nm\0re"), 3),
        ("after the last", format!("{CLEAN}\n\0\nThe end\n"), 3),
    ] {
        let found = super::transcript(text.as_bytes());
        assert_eq!((found.apparent, found.recovered), (3, recovered), "{name}: {:#?}", found.faults);
        let expected = if recovered < 3 { (FaultKind::Nul, Error) } else { (FaultKind::NulKept, Warning) };
        let said: Vec<_> = found.faults.iter().map(|fault| (fault.kind, fault.severity)).collect();
        assert!(said.contains(&expected), "{name}: {said:?}");
    }
}

#[test]
fn padding_at_the_end_is_no_more_than_a_warning() {
    for padding in [1, 4_096] {
        let padded = format!("{CLEAN}{}", "\0".repeat(padding));
        let found = super::transcript(padded.as_bytes());
        assert_eq!((found.apparent, found.recovered), (3, 3), "{:#?}", found.faults);
        let kinds: Vec<_> = found.faults.iter().map(|fault| (fault.kind, fault.severity)).collect();
        assert_eq!(kinds, [(FaultKind::NulPadding, Warning)]);
    }
}

#[test]
fn faults_of_time_are_judged_by_how_they_are_read() {
    let timing = "cue-timing";
    for (name, text, recovered, said) in [
        ("a point for the comma", CLEAN.replace(',', "."), 0, (FaultKind::PointForComma, timing, Warning, 2)),
        (
            "one digit of milliseconds",
            CLEAN.replace("03,000", "03,5"),
            3,
            (FaultKind::MillisDigits, timing, Warning, 6),
        ),
        (
            "zeros beyond milliseconds",
            CLEAN.replace(",000", ",000000000"),
            3,
            (FaultKind::MillisDigits, timing, Warning, 2),
        ),
        ("microseconds", CLEAN.replace("03,000", "03,123456"), 3, (FaultKind::LongMillis, timing, Error, 6)),
        ("microseconds at first", CLEAN.replace("01,000", "01,1234"), 3, (FaultKind::LongMillis, timing, Error, 2)),
        ("fields of one digit", CLEAN.replace("00:00:03", "0:0:3"), 3, (FaultKind::FieldDigits, timing, Warning, 6)),
        ("out of order", CLEAN.replace("00:00:05", "00:00:00"), 3, (FaultKind::CueOrder, "cue-order", Warning, 10)),
        ("overlapping", CLEAN.replace("04,000", "05,500"), 3, (FaultKind::CueOverlap, "cue-overlap", Note, 10)),
        ("end before start", CLEAN.replace("04,000", "02,500"), 3, (FaultKind::EndBeforeStart, timing, Error, 6)),
        ("end is start", CLEAN.replace("04,000", "03,000"), 3, (FaultKind::EndIsStart, timing, Warning, 6)),
        ("seconds over 59", CLEAN.replace("06,000", "61,000"), 3, (FaultKind::OverFiftyNine, timing, Error, 10)),
        ("minutes over 59", CLEAN.replace("00:00:06", "00:60:06"), 3, (FaultKind::OverFiftyNine, timing, Error, 10)),
        ("over 99 hours", CLEAN.replace("00:00:06", "100:00:06"), 3, (FaultKind::HoursOver99, timing, Warning, 10)),
    ] {
        expect(name, Srt, text.as_bytes(), 3, recovered, &[said]);
    }
}

#[test]
fn faults_of_form_are_warnings_and_notes() {
    let form = "cue-format";
    let index = |text: String| (text, 3, Some((FaultKind::IndexOrder, form, Note, 1)));
    let cases = [
        ("CRLF", (CLEAN.replace('\n', "\r\n"), 3, None)),
        ("CR only", (CLEAN.replace('\n', "\r"), 0, Some((FaultKind::CrOnly, form, Warning, 1)))),
        (
            "index not from 1",
            index(CLEAN.replace("1\n00", "7\n00").replace("2\n00", "8\n00").replace("3\n00", "9\n00")),
        ),
        ("index twice", (CLEAN.replace("2\n00", "1\n00"), 3, Some((FaultKind::IndexOrder, form, Note, 5)))),
        ("index out of order", (CLEAN.replace("2\n00", "9\n00"), 3, Some((FaultKind::IndexOrder, form, Note, 5)))),
        (
            "blank line in text",
            (CLEAN.replace("Two", "Two\n\nmore"), 2, Some((FaultKind::BlankInText, form, Warning, 9))),
        ),
        ("a number as text", (CLEAN.replace("Two", "42"), 3, None)),
        ("a number in text", (CLEAN.replace("Two", "Two\n42\nmore"), 3, None)),
        ("a text like a time", (CLEAN.replace("Two", "1.567.202 people"), 3, None)),
        (
            "that after a number",
            (CLEAN.replace("Two", "42\n1.567.202"), 0, Some((FaultKind::TextLikeTime, form, Warning, 8))),
        ),
        ("an arrow in text", (CLEAN.replace("Two", "a --> b"), 3, None)),
        ("empty text", (CLEAN.replace("Two\n", ""), 2, Some((FaultKind::EmptyText, form, Warning, 6)))),
        ("arrow without spaces", (CLEAN.replace(" --> ", "-->"), 0, Some((FaultKind::ArrowTight, form, Warning, 2)))),
        ("leading blank lines", (format!("\n\n{CLEAN}"), 0, Some((FaultKind::LeadingBlank, form, Warning, 1)))),
        ("no final newline", (CLEAN.trim_end().to_owned(), 3, None)),
        ("more blank lines", (CLEAN.replace("\n\n", "\n\n\n\n"), 3, None)),
        (
            "coordinates",
            (CLEAN.replace("04,000", "04,000 X1:1 X2:2 Y1:3 Y2:4"), 0, Some((FaultKind::Coordinates, form, Note, 6))),
        ),
        (
            "settings of WebVTT",
            (CLEAN.replace("04,000", "04,000 align:end"), 0, Some((FaultKind::AfterTimes, form, Warning, 6))),
        ),
        ("index with a blank", (CLEAN.replace("2\n00", "2 \n00"), 1, Some((FaultKind::IndexPadded, form, Warning, 5)))),
        (
            "blank after index",
            (CLEAN.replace("2\n00", "2\n\n00"), 0, Some((FaultKind::BlankAfterIndex, form, Warning, 5))),
        ),
        (
            "cut in the times",
            (CLEAN[..CLEAN.len() - 10].to_owned(), 0, Some((FaultKind::Truncated, form, Warning, 10))),
        ),
        (
            "cut after the times",
            (CLEAN[..CLEAN.len() - 7].to_owned(), 2, Some((FaultKind::Truncated, form, Warning, 10))),
        ),
        (
            "two times in text",
            (
                CLEAN.replace("Two", "00:00:01,000 or 00:00:02,000"),
                3,
                Some((FaultKind::TwoTimesInText, form, Warning, 7)),
            ),
        ),
    ];
    for (name, (text, recovered, said)) in cases {
        expect(name, Srt, text.as_bytes(), 3, recovered, said.as_slice());
    }
    let cut = &CLEAN[..CLEAN.len() - "00:00:05,000 --> 00:00:06,000\nThree\n".len()];
    expect("cut after a number", Srt, cut.as_bytes(), 2, 0, &[(FaultKind::Truncated, form, Warning, 9)]);
}

#[test]
fn faults_of_encoding_name_the_line_and_the_code_page() {
    let encoding = "encoding";
    let bom = format!("\u{FEFF}{CLEAN}");
    expect("BOM", Srt, bom.as_bytes(), 3, 3, &[(FaultKind::Bom, encoding, Note, 1)]);
    let nul = CLEAN.replace("Two", "T\0wo");
    expect("NUL", Srt, nul.as_bytes(), 3, 1, &[(FaultKind::Nul, encoding, Error, 7)]);

    let latin: Vec<u8> = CLEAN.replace("Two", "Déjà vu, garçon, à bientôt").chars().map(|c| c as u8).collect();
    expect("Latin-1", Srt, &latin, 3, 0, &[(FaultKind::NotUtf8, encoding, Error, 7)]);
    let found = super::transcript(&latin);
    assert_eq!(found.encoding, Encoding::Legacy("windows-1252".into()));
    assert_eq!((found.faults[0].column, &*found.opening[1].text), (2, "Déjà vu, garçon, à bientôt"));

    let damaged = [CLEAN.replace("Two", "Übung, größer").as_bytes(), b"4\xC3\n"].concat();
    assert!(
        super::transcript(&damaged).faults.iter().any(|fault| fault.kind == FaultKind::BrokenUtf8 && fault.line == 12)
    );
    let replaced = CLEAN.replace("Two", "Gar\u{FFFD}on");
    expect("replacement character", Srt, replaced.as_bytes(), 3, 3, &[(FaultKind::Replacement, encoding, Warning, 7)]);

    for little_endian in [true, false] {
        for bom in [true, false] {
            let units =
                CLEAN.encode_utf16().flat_map(|c| if little_endian { c.to_le_bytes() } else { c.to_be_bytes() });
            let mark: &[u8] = match (bom, little_endian) {
                (false, _) => b"",
                (true, true) => b"\xFF\xFE",
                (true, false) => b"\xFE\xFF",
            };
            let bytes: Vec<u8> = mark.iter().copied().chain(units).collect();
            expect("UTF-16", Srt, &bytes, 3, 0, &[(FaultKind::Utf16, encoding, Error, 1)]);
            assert_eq!(super::transcript(&bytes).encoding, Encoding::Utf16 { little_endian, bom });
        }
    }
}

#[test]
fn the_type_is_decided_by_content() {
    let headed = format!("WEBVTT\n\n{CLEAN}");
    expect(
        "WEBVTT and SRT",
        Format::WebVtt,
        headed.as_bytes(),
        3,
        0,
        &[(FaultKind::CommaForPoint, "cues-lost", Error, 4)],
    );
    let webvtt = headed.replace(',', ".");
    expect("WebVTT", Format::WebVtt, webvtt.as_bytes(), 3, 3, &[]);
    for (bytes, other) in [
        (&b"<!DOCTYPE html>\n<html><body>404</body></html>"[..], Other::Html),
        (
            b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>",
            Other::S3Error(Some("AccessDenied".into())),
        ),
        (b"Dear all,\nhere come the subtitles.\n", Other::Text),
        (b"", Other::Blank),
        (b"\n \r\n\t\n", Other::Blank),
        (b"\x1F\x8B\x08\x00\x00\x00\x00\x00", Other::Gzip),
    ] {
        assert_eq!(inspect(bytes, false), Inspected::Other(other));
    }
}
