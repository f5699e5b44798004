//! All faults of a transcript with their rule, severity and words, and a counter for them. Never looks at bytes.

use super::Fault;
use crate::rules::{Rule, Severity};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $rule:ident $severity:ident $words:literal)*) => {
        /// A fault. Its severity follows facts/subtitles.md §1.1 and §2.1: an error if real parsers lose cues or refuse
        /// the file, a warning if one does or the value is doubtful, a note for style.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum FaultKind { $($(#[$doc])* $kind),* }

        impl FaultKind {
            pub const ALL: &[FaultKind] = &[$(FaultKind::$kind),*];

            /// The rule it breaks: `cues-lost`, `cue-timing`, `cue-overlap`, `cue-order`, `cue-format`, `cues-repeated` or `encoding`.
            pub const fn rule(self) -> Rule {
                match self { $(FaultKind::$kind => Rule::$rule),* }
            }

            pub const fn severity(self) -> Severity {
                match self { $(FaultKind::$kind => Severity::$severity),* }
            }

            /// The fault and, if known, the remedy, without a full stop: `the end is before the start`.
            pub const fn words(self) -> &'static str {
                match self { $(FaultKind::$kind => $words),* }
            }
        }
    };
}

kinds! {
    // Encoding.
    Utf16 Encoding Error "it is UTF-16, which most parsers refuse; save it as UTF-8"
    /// [`super::Encoding::Legacy`] names the likely code page.
    NotUtf8 Encoding Error "it contains bytes of an older code page, which most parsers refuse; save it as UTF-8"
    /// Most of the text is valid UTF-8.
    BrokenUtf8 Encoding Error "a character is damaged, and most parsers refuse the file; type it again"
    /// The text is UTF-8 but for these.
    Surrogates Encoding Error
        "a character is written as halves (CESU-8, or half a surrogate pair), and most parsers refuse the file; save it as UTF-8"
    /// Nothing stands after them.
    NulPadding Encoding Warning "NUL bytes stand at the end, as padding; save it without"
    Nul Encoding Error "a NUL byte: some parsers lose everything after it; delete it"
    /// No parser loses a cue by it.
    NulKept Encoding Warning "a NUL byte: some parsers lose the text after it, up to the end of the cue; delete it"
    Replacement Encoding Warning "a replacement character \u{FFFD} stands where text was lost earlier; type it again"
    /// The BOM hides the signature and some times have no hours: the rest looks like no subtitle format.
    BomHidesCues Encoding Warning
        "it begins with a byte order mark and has times without hours, which some parsers then lose; save it without"
    Bom Encoding Note "it begins with a byte order mark, which simple programs take for text"

    // Cues that real parsers lose, silently or by refusing the file.
    NoCues CuesLost Error "it contains no cue"
    TextBeforeCues CuesLost Error "text stands before the first cue, and most parsers refuse that; delete it"
    BadSignature CuesLost Error "the first line must be WEBVTT, in capitals, then nothing or a blank"
    TextBeforeSignature CuesLost Error "text stands before WEBVTT, which must be the very first line; delete that text"
    NoSignature CuesLost Error "these are WebVTT times without the first line WEBVTT; add it and a blank line"
    BlankBeforeSignature CuesLost Error "WEBVTT must be the very first line; delete the blank lines before it"
    NoBlankAfterHeader CuesLost Error "the header needs a blank line after it; some parsers lose the first cue"
    CommaForPoint CuesLost Error "WebVTT times need a point before the milliseconds; with a comma every parser loses the cue"
    BadSigns CuesLost Error "a WebVTT time has unusual signs between its numbers; write 00:00:01.000"
    BadMillisDigits CuesLost Error "WebVTT milliseconds need exactly three digits; parsers lose the cue"
    BadFieldDigits CuesLost Error "WebVTT minutes and seconds need exactly two digits; parsers lose the cue"
    NoMillis CuesLost Error "a time has no milliseconds; write 00:00:01,000 (WebVTT: 00:00:01.000)"
    NoHours CuesLost Error "a time has no hours, which SRT needs; write 00:01:02,000"
    BadSeparator CuesLost Error "a time has unusual signs between its numbers; write 00:00:01,000"
    BrokenTiming CuesLost Error "a line of times that some parsers can't read; write 00:00:01,000 --> 00:00:02,000"
    /// The same of WebVTT.
    BrokenCueTimes CuesLost Error
        "a line of times that parsers can't read; write 00:00:01.000 --> 00:00:02.000"
    ArrowWrong CuesLost Error "the arrow between the times must be -->"
    ArrowTabs CuesLost Error "tabs stand beside the arrow, where SRT needs spaces"
    OddBlank CuesLost Error "a blank beside the arrow is not a plain space, and parsers lose the cue; type a space"
    Indented CuesLost Error "a line of times is indented, and some parsers lose the cue; begin it at the margin"
    NoIndex CuesLost Error "a cue has no number line before its times, and some parsers refuse the file or stop there"
    IndexNotNumber CuesLost Error "the number line before the times is not a number, and some parsers stop there"
    IndexIndented CuesLost Error "a blank stands before a cue's number, and some parsers lose the cue; delete it"
    BlankMissing CuesLost Error "a blank line is missing before this cue, which some parsers then take for text"
    ArrowInText CuesLost Error "--> in the text ends a WebVTT cue; write --&gt;"
    StrayText CuesLost Error
        "text that belongs to no cue, as after a blank line inside one; FFmpeg drops every cue after it"
    CarriageReturns CuesLost Error "its lines end in CR alone, and FFmpeg loses cues of it; save with LF or CRLF"

    DoubledReturns CuesLost Error
        "lines end in CR CR LF or LF CR, which parsers take for blank lines; save with LF or CRLF"
    SplitCue CuesLost Error "blank lines stand before and after the times, and some parsers lose the cue; delete them"
    MixedReturns CuesLost Error
        "here lines end in CR alone and above in LF or CRLF, and some parsers lose these cues; save with LF or CRLF"
    SignsAfterTimes CuesLost Error "signs stand right after the times, and some parsers lose the cue; delete them"
    OddLineEnds CuesLost Error
        "lines end in a rare separator before the line end, which a parser takes for a blank line; delete it"

    // Times.
    EndBeforeStart CueTiming Error "the end is before the start"
    OverFiftyNine CueTiming Error "minutes or seconds are over 59, which shifts the cue or loses it"
    LongMillis CueTiming Error
        "over three digits of milliseconds, which some parsers take as they are and then show the cue late; write three"
    EndIsStart CueTiming Warning "the end is the start, so the cue is never seen"
    PointForComma CueTiming Warning "SRT times need a comma before the milliseconds; some parsers refuse the point"
    MillisDigits CueTiming Warning "milliseconds without three digits: ,5 is read as 5 or as 500"
    FieldDigits CueTiming Warning "hours, minutes or seconds of one digit; write two"
    HoursOver99 CueTiming Warning "over 99 hours, which some parsers cut to two digits"
    CueOrder CueOrder Warning "the cue starts before an earlier one"
    CueOverlap CueOverlap Note "the cue starts before an earlier one has ended"

    // Text.
    /// Counts cues that repeat the text of one shortly before.
    RepeatedText CuesRepeated Warning
        "the cue repeats the text of one shortly before: rolling captions, or a recogniser in a loop"

    // SRT format.
    CrOnly CueFormat Warning "lines end in CR alone, which some parsers refuse; save with LF or CRLF"
    LeadingBlank CueFormat Warning "blank lines stand before the first cue, and some parsers refuse that; delete them"
    BlankInText CueFormat Warning "a blank line stands inside the text of a cue, and some parsers stop there"
    BlankAfterIndex CueFormat Warning "a blank line stands between number and times, and some parsers refuse that"
    IndexPadded CueFormat Warning "blanks stand beside a cue's number, and some parsers stop there"
    TextLikeTime CueFormat Warning "text that starts like a time after a blank or number line; some parsers refuse it"
    AfterTimes CueFormat Warning "extra text after the times, which some parsers refuse"
    Coordinates CueFormat Note "coordinates after the times (X1: …), which some parsers refuse"
    IndexOrder CueFormat Note "the numbers of the cues do not run 1, 2, 3"

    // Format of both.
    ArrowTight CueFormat Warning "the arrow needs a space on both sides; some parsers refuse it without"
    EmptyText CueFormat Warning "a cue has no text, and some parsers drop it"
    TwoTimesInText CueFormat Warning "text with two times in one line, which some parsers take for another cue"
    OtherFormat CueFormat Warning "a line in the form of another subtitle format; some parsers then refuse the file"
    Truncated CueFormat Warning "it ends in the middle of a cue; is the upload complete?"
    OddLineEnd CueFormat Warning "a rare line or page separator, at which some parsers begin a new line"
    LongLine CueFormat Note "a line is over 4,000 bytes long"

    // The W3C grammar for WebVTT authors.
    IndentedTimes CueFormat Warning "a line of times is indented, which some parsers refuse; begin it at the margin"
    HourDigits CueFormat Warning "WebVTT hours need two digits or more"
    BadSetting CueFormat Warning "a cue setting after the times that WebVTT does not know; parsers ignore it"
    BadTag CueFormat Warning "a tag that WebVTT does not know or that closes nothing; write &lt; for a plain <"
    UnclosedTag CueFormat Warning "a tag is not closed before the cue ends"
    BadEscape CueFormat Warning "an & that begins no known character; write &amp;"
    BadInlineTime CueFormat Warning "a time inside the text that is malformed, outside its cue or out of order"
    LateBlock CueFormat Warning "a STYLE or REGION block after the first cue, which parsers ignore; move it to the top"
    ArrowInBlock CueFormat Warning "--> in the header, a comment, style or region, which some parsers take for a cue"
    StrayLines CueFormat Warning "text that belongs to no cue is not shown"
    SecondHeader CueFormat Warning "a second WEBVTT header: two files were joined"
    DuplicateId CueFormat Note "two cues have the same identifier"
    HeaderLine CueFormat Note "lines after WEBVTT (Kind: and the like) that the standard does not know"
    TimestampMap CueFormat Note "X-TIMESTAMP-MAP: these times belong to a stream (HLS) and may be shifted in it"
    EarlyBlock CueFormat Note "a STYLE or REGION block, at which FFmpeg before 6 stops"
}

impl FaultKind {
    /// The bytes are not valid UTF-8, which most parsers require.
    pub(super) const fn is_undecodable(self) -> bool {
        matches!(self, FaultKind::Utf16 | FaultKind::NotUtf8 | FaultKind::BrokenUtf8 | FaultKind::Surrogates)
    }
}

/// A position: a line from 1, and the text of the line up to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'a> {
    pub line: u32,
    pub before: &'a str,
}

impl Position<'_> {
    /// One fault there.
    pub fn fault(self, kind: FaultKind) -> Fault {
        let column = u32::try_from(self.before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        Fault { kind, severity: kind.severity(), line: self.line, column, count: 1 }
    }
}

/// Counts faults by kind, with the position of the first.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
}

impl Faults {
    pub fn add(&mut self, kind: FaultKind, place: Position<'_>) {
        if let Some(known) = self.kept.iter_mut().find(|fault| fault.kind == kind) {
            known.count = known.count.saturating_add(1);
            return;
        }
        self.kept.push(place.fault(kind));
    }

    /// Adds faults of a kind that were counted elsewhere.
    pub fn put(&mut self, fault: Fault) {
        self.kept.push(fault);
    }

    pub fn kinds(&self) -> impl Iterator<Item = FaultKind> {
        self.kept.iter().map(|fault| fault.kind)
    }

    /// What doubled returns look like line by line is one fault, where the first of it is.
    fn gather_returns(&mut self) {
        let is_of_it = |kind| {
            let looks =
                [FaultKind::CrOnly, FaultKind::MixedReturns, FaultKind::BlankInText, FaultKind::BlankAfterIndex];
            looks.contains(&kind)
        };
        let is_it = |fault: &Fault| fault.kind == FaultKind::DoubledReturns;
        if !self.kept.iter().any(is_it) {
            return;
        }
        let places = self.kept.iter().filter(|fault| is_it(fault) || is_of_it(fault.kind));
        let first = places.map(|fault| (fault.line, fault.column)).min().unwrap_or((1, 1));
        self.kept.retain(|fault| !is_of_it(fault.kind));
        for fault in self.kept.iter_mut().filter(|fault| is_it(fault)) {
            (fault.line, fault.column) = first;
        }
    }

    /// Worst first, then in file order.
    pub fn into_sorted(mut self) -> Vec<Fault> {
        self.gather_returns();
        self.kept.sort_by_key(|fault| (fault.severity, fault.line, fault.column, fault.kind));
        // It is kept for long.
        self.kept.shrink_to_fit();
        self.kept
    }
}
