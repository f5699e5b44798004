//! The 29 cases of WebVTT: the measured ones, and the W3C grammar for authors.

use super::expect;
use cuecard::domain::rules::Severity::{Error, Note, Warning};
use cuecard::domain::subtitle::Format::{Srt, WebVtt};
use cuecard::domain::subtitle::{Encoding, FaultKind};

const CLEAN: &str = "\
WEBVTT

00:01.000 --> 00:02.000
One

00:03.000 --> 00:04.000
Two

00:05.000 --> 00:06.000
Three
";

#[test]
fn a_carriage_return_that_loses_no_cue_is_a_warning() {
    let found = super::transcript(CLEAN.replace("Two", "T\rwo").as_bytes());
    let worst: Vec<_> = found.faults.iter().map(|fault| (fault.kind, fault.severity)).collect();
    assert_eq!(worst, [(FaultKind::CrOnly, Warning)]);
    assert_eq!((found.apparent, found.recovered), (3, 3));
    let dotted = super::transcript(CLEAN.replace("00:03.000", "00:00.03.000").as_bytes());
    let kinds: Vec<_> = dotted.faults.iter().map(|fault| fault.kind).collect();
    assert!(kinds.contains(&FaultKind::BadSigns) && !kinds.contains(&FaultKind::CommaForPoint), "{kinds:?}");
}

#[test]
fn a_sound_file_has_no_fault() {
    for (name, text) in [
        ("short", CLEAN.to_owned()),
        ("with hours", CLEAN.replace("00:0", "00:00:0")),
        ("CRLF", CLEAN.replace('\n', "\r\n")),
        ("a title", CLEAN.replace("WEBVTT", "WEBVTT - a title")),
        ("identifiers", CLEAN.replace("00:01.", "first\n00:01.").replace("00:03.", "2\n00:03.")),
        ("comments", CLEAN.replace("00:03.", "NOTE one\nline\n\nNOTE\n\n00:03.")),
        ("tabs round the arrow", CLEAN.replace(" --> ", "\t-->\t")),
        (
            "settings",
            CLEAN.replace(
                "04.000",
                "04.000 vertical:rl line:-1,end position:5.5%,line-right size:50% align:left region:a",
            ),
        ),
        (
            "tags",
            CLEAN.replace(
                "Two",
                "<v.loud Bob>Hi <c.a.b><i>you</i></c> <ruby>a<rt>b</ruby> <lang en>c</lang> &amp; 2 > 1&#233;",
            ),
        ),
        ("time in text", CLEAN.replace("Two", "<00:03.500>Two")),
        ("three digits of hours", CLEAN.replace("00:05.", "100:00:05.").replace("00:06.", "100:00:06.")),
        ("a line of one space in text", CLEAN.replace("Two", "Two\n \nmore")),
    ] {
        expect(name, WebVtt, text.as_bytes(), 3, 3, &[]);
    }
}

#[test]
fn faults_that_lose_cues_are_errors() {
    let lost = "cues-lost";
    for (name, text, recovered, kind, line) in [
        ("CR only", CLEAN.replace('\n', "\r"), 2, FaultKind::CarriageReturns, 1),
        ("WEBVTTx", CLEAN.replace("WEBVTT", "WEBVTTx"), 0, FaultKind::BadSignature, 1),
        ("webvtt", CLEAN.replace("WEBVTT", "webvtt"), 0, FaultKind::BadSignature, 1),
        ("no header", CLEAN.replace("WEBVTT\n\n", ""), 0, FaultKind::NoSignature, 1),
        ("blank line before the header", format!("\n{CLEAN}"), 0, FaultKind::BlankBeforeSignature, 1),
        (
            "no blank line after the header",
            CLEAN.replace("WEBVTT\n\n", "WEBVTT\n"),
            2,
            FaultKind::NoBlankAfterHeader,
            2,
        ),
        ("commas", CLEAN.replace('.', ","), 0, FaultKind::CommaForPoint, 3),
        ("one comma", CLEAN.replace("03.", "03,"), 0, FaultKind::CommaForPoint, 6),
        ("one digit of seconds", CLEAN.replace("00:03.", "00:3."), 0, FaultKind::BadFieldDigits, 6),
        ("two digits of milliseconds", CLEAN.replace("03.000", "03.00"), 0, FaultKind::BadMillisDigits, 6),
        ("an arrow in text", CLEAN.replace("Two", "a --> b"), 0, FaultKind::ArrowInText, 7),
        ("a blank line in text", CLEAN.replace("Two", "Two\n\nmore"), 2, FaultKind::StrayText, 9),
        ("a blank line between cues missing", CLEAN.replace("Two\n\n", "Two\n"), 2, FaultKind::BlankMissing, 8),
        ("no milliseconds", CLEAN.replace("00:03.000", "00:00:03"), 0, FaultKind::NoMillis, 6),
        ("a dash for the arrow", CLEAN.replace("03.000 -->", "03.000 -"), 0, FaultKind::ArrowWrong, 6),
        ("a word for the arrow", CLEAN.replace("03.000 -->", "03.000 to"), 0, FaultKind::ArrowWrong, 6),
        ("a comma for the arrow", CLEAN.replace("00:03.000 --> ", "00:00:03.000,00:"), 0, FaultKind::ArrowWrong, 6),
        (
            "long dashes in the arrow",
            CLEAN.replace("03.000 -->", "03.000 \u{2014}\u{2014}>"),
            0,
            FaultKind::ArrowWrong,
            6,
        ),
        ("another arrow", CLEAN.replace("03.000 -->", "03.000 ->"), 0, FaultKind::ArrowWrong, 6),
        ("seconds alone", CLEAN.replace("00:03.000", "3.000"), 0, FaultKind::BrokenCueTimes, 6),
        (
            "a sentence before the header",
            format!("Here is your transcript:\n\n{CLEAN}"),
            0,
            FaultKind::TextBeforeSignature,
            1,
        ),
        ("a fence around it", format!("```\n{CLEAN}\n"), 0, FaultKind::TextBeforeSignature, 1),
        (
            "a sentence before it, with hours",
            format!("Here:\n{}", CLEAN.replace("00:0", "00:00:0")),
            0,
            FaultKind::TextBeforeSignature,
            1,
        ),
    ] {
        expect(name, WebVtt, text.as_bytes(), 3, recovered, &[(kind, lost, Error, line)]);
    }
    for kind in FaultKind::ALL.iter().filter(|kind| kind.words().contains("WebVTT")) {
        let advice = kind.words().rsplit_once("write").map_or("", |(_, advice)| advice);
        assert!(!advice.contains(",000") || advice.contains(".000"), "{kind:?}: a comma loses every cue");
    }
    expect("header only", WebVtt, b"WEBVTT\n", 0, 0, &[(FaultKind::NoCues, lost, Error, 1)]);
}

#[test]
fn faults_of_time_are_judged_by_how_they_are_read() {
    let timing = "cue-timing";
    for (name, text, recovered, said) in [
        ("end before start", CLEAN.replace("04.000", "02.500"), 3, (FaultKind::EndBeforeStart, timing, Error, 6)),
        ("end is start", CLEAN.replace("04.000", "03.000"), 3, (FaultKind::EndIsStart, timing, Warning, 6)),
        ("seconds over 59", CLEAN.replace("06.000", "61.000"), 2, (FaultKind::OverFiftyNine, timing, Error, 9)),
        ("out of order", CLEAN.replace("00:05.", "00:00."), 3, (FaultKind::CueOrder, "cue-order", Warning, 9)),
        ("overlapping", CLEAN.replace("04.000", "05.500"), 3, (FaultKind::CueOverlap, "cue-overlap", Note, 9)),
    ] {
        expect(name, WebVtt, text.as_bytes(), 3, recovered, &[said]);
    }
}

#[test]
fn the_grammar_for_authors_gives_warnings() {
    let form = "cue-format";
    let with = |text: &str| CLEAN.replace("Two", text);
    for (name, text, recovered, kind, severity, line) in [
        ("no spaces round the arrow", CLEAN.replace(" --> ", "-->"), 0, FaultKind::ArrowTight, Warning, 3),
        ("indented times", CLEAN.replace("00:03.", " 00:03."), 0, FaultKind::IndentedTimes, Warning, 6),
        ("hours of one digit", CLEAN.replace("00:03.", "0:00:03."), 3, FaultKind::HourDigits, Warning, 6),
        (
            "STYLE after a cue",
            CLEAN.replace("00:05.", "STYLE\n::cue { color: red }\n\n00:05."),
            3,
            FaultKind::LateBlock,
            Warning,
            9,
        ),
        ("REGION after a cue", CLEAN.replace("00:05.", "REGION\nid:a\n\n00:05."), 3, FaultKind::LateBlock, Warning, 9),
        ("STYLE at the top", CLEAN.replace("00:01.", "STYLE\n::cue {}\n\n00:01."), 3, FaultKind::EarlyBlock, Note, 3),
        (
            "Kind and Language",
            CLEAN.replace("WEBVTT", "WEBVTT\nKind: captions\nLanguage: en"),
            3,
            FaultKind::HeaderLine,
            Note,
            2,
        ),
        (
            "HLS",
            CLEAN.replace("WEBVTT", "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00.000"),
            3,
            FaultKind::TimestampMap,
            Note,
            2,
        ),
        ("unknown setting", CLEAN.replace("04.000", "04.000 colour:red"), 3, FaultKind::BadSetting, Warning, 6),
        ("setting out of range", CLEAN.replace("04.000", "04.000 size:101%"), 3, FaultKind::BadSetting, Warning, 6),
        ("setting twice", CLEAN.replace("04.000", "04.000 align:end align:end"), 3, FaultKind::BadSetting, Warning, 6),
        ("unknown tag", with("<font>Two"), 3, FaultKind::BadTag, Warning, 7),
        ("plain <", with("1 < 2"), 3, FaultKind::BadTag, Warning, 7),
        ("voice without a name", with("<v>Two"), 3, FaultKind::BadTag, Warning, 7),
        ("tag not closed", with("<b>Two"), 3, FaultKind::UnclosedTag, Warning, 6),
        ("plain &", with("R&D"), 3, FaultKind::BadEscape, Warning, 7),
        ("time outside the cue", with("<00:09.000>Two"), 3, FaultKind::BadInlineTime, Warning, 7),
        (
            "the same identifier",
            CLEAN.replace("00:03.", "a\n00:03.").replace("00:05.", "a\n00:05."),
            3,
            FaultKind::DuplicateId,
            Note,
            10,
        ),
        (
            "an arrow in a comment",
            CLEAN.replace("00:05.", "NOTE\na --> b\n\n00:05."),
            3,
            FaultKind::ArrowInBlock,
            Warning,
            10,
        ),
        ("text after the last cue", format!("{CLEAN}\nThe end\n"), 3, FaultKind::StrayLines, Warning, 12),
        ("two files in one", CLEAN.replace("00:05.", "WEBVTT\n\n00:05."), 3, FaultKind::SecondHeader, Warning, 9),
        ("empty text", CLEAN.replace("Two\n", "\n"), 2, FaultKind::EmptyText, Warning, 6),
        ("cut after the times", CLEAN[..CLEAN.len() - 7].to_owned(), 2, FaultKind::Truncated, Warning, 9),
        ("karaoke", with("<00:03.100>a<00:03.200>b"), 3, FaultKind::TwoTimesInText, Warning, 7),
    ] {
        expect(name, WebVtt, text.as_bytes(), 3, recovered, &[(kind, form, severity, line)]);
    }
}

#[test]
fn a_byte_order_mark_is_a_note_unless_it_hides_cues() {
    let long = format!("\u{FEFF}{}", CLEAN.replace("00:0", "00:00:0"));
    let note = (FaultKind::Bom, "encoding", Note, 1);
    expect("BOM", WebVtt, long.as_bytes(), 3, 3, &[note]);
    assert_eq!(super::transcript(long.as_bytes()).encoding, Encoding::Utf8 { bom: true });
    let one = long.replace("00:00:03.", "00:03.");
    expect(
        "BOM, one short time",
        WebVtt,
        one.as_bytes(),
        3,
        2,
        &[note, (FaultKind::BomHidesCues, "encoding", Warning, 6)],
    );
}

#[test]
fn srt_saved_as_webvtt_is_srt() {
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nOne\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n";
    expect("SRT", Srt, srt.as_bytes(), 2, 2, &[]);
}

/// The cues that every measured parser recovers of three, and the severity of a fault, for changes of [`CLEAN`].
fn table(kinds: [FaultKind; 2], cases: &[(&str, String, u32)]) {
    let [costly, harmless] = kinds;
    for (name, text, recovered) in cases {
        let found = super::transcript(text.as_bytes());
        assert_eq!((found.apparent, found.recovered), (3, *recovered), "{name}: {:#?}", found.faults);
        let expected = if *recovered < 3 { (costly, Error) } else { (harmless, Warning) };
        let said: Vec<_> = found.faults.iter().map(|fault| (fault.kind, fault.severity)).collect();
        assert!(said.contains(&expected), "{name}: {said:?}");
        assert!(said.iter().all(|(_, severity)| *severity >= expected.1), "{name}: {said:?}");
    }
}

#[test]
fn a_nul_byte_is_an_error_only_where_ffmpeg_loses_a_cue() {
    let cases = [
        ("in a text", CLEAN.replace("Two", "T\0wo"), 2),
        ("before a text", CLEAN.replace("Two", "\0Two"), 2),
        ("two after a text", CLEAN.replace("Two", "Two\0\0"), 2),
        ("in an identifier", CLEAN.replace("00:03.", "a\0b\n00:03."), 1),
        ("in settings", CLEAN.replace("04.000", "04.000 align:\0start"), 2),
        ("in a line of its own", CLEAN.replace("Two\n", "Two\n\n\0\n"), 2),
        ("after a text", CLEAN.replace("Two", "Two\0"), 3),
        ("before what FFmpeg takes for a comment", CLEAN.replace("Two", "Two\0NOTE"), 3),
        ("in the header", CLEAN.replace("WEBVTT", "WEBVTT \0"), 3),
        ("in the blank line below it", CLEAN.replace("WEBVTT\n", "WEBVTT\n\0"), 3),
        ("in the last text", CLEAN.replace("Three", "Th\0ree"), 3),
        ("in the last settings", CLEAN.replace("06.000", "06.000 align:\0start"), 3),
    ];
    table([FaultKind::Nul, FaultKind::NulKept], &cases);
    expect("its place", WebVtt, cases[0].1.as_bytes(), 3, 2, &[(FaultKind::Nul, "encoding", Error, 7)]);
}

#[test]
fn lines_that_belong_to_no_cue_are_an_error_only_where_ffmpeg_stops_at_them() {
    let before_two = |lines: &str| CLEAN.replace("00:03.", &format!("{lines}00:03."));
    let cases = [
        ("a block of text", before_two("loose\n\n"), 1),
        ("two lines above the times", before_two("a\nb\n"), 1),
        ("a no-break space below the identifier", before_two("a\n\u{A0}\n"), 1),
        ("a time below the identifier", before_two("a\n00:09.000\n"), 1),
        ("what only FFmpeg takes for a comment, around a cue", before_two("NOTE- x\ny\n"), 2),
        ("hours in a line of their own", before_two("a\n01:\n"), 1),
        ("hours that are none", before_two("a\n00:\n"), 3),
        ("blanks below the identifier", before_two("a\n \t\n"), 3),
        ("what only FFmpeg takes for a comment", before_two("NOTE- x\n\n"), 3),
        ("for a style", before_two("STYLES\n\n"), 3),
        ("for a header", before_two("WEBVTTX\n\n"), 3),
        ("text at the end", format!("{CLEAN}\nThe end\n"), 3),
    ];
    table([FaultKind::StrayText, FaultKind::StrayLines], &cases);
}

#[test]
fn a_carriage_return_alone_is_an_error_only_where_ffmpeg_loses_a_cue() {
    let returns = |text: &str| text.replace('\n', "\r");
    let header = CLEAN.replace("WEBVTT", "WEBVTT\nKind: captions");
    let cases = [
        ("all, below a header of one line", returns(CLEAN), 2),
        ("all, below a comment of one line", returns(&header.replace("00:03.", "NOTE x\n\n00:03.")), 2),
        ("beside a blank line", CLEAN.replace("One\n\n", "One\r\n\r"), 2),
        ("all, below a header of two lines", returns(&header), 3),
        ("all, below a comment of two lines", returns(&header.replace("00:03.", "NOTE x\ny\n\n00:03.")), 3),
        ("in settings", CLEAN.replace("04.000", "04.000 align:\rstart"), 3),
        ("in a text", CLEAN.replace("Two", "T\rwo"), 3),
    ];
    table([FaultKind::CarriageReturns, FaultKind::CrOnly], &cases);
}
