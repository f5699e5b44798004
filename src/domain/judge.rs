//! The rules that use online answers about a row's transcript, video and index.
//!
//! One function decides what is wrong and, on demand, writes the sentence, so the two can't drift apart. A check
//! without a clear answer is not a finding.

use crate::evidence::{Answer, Evidence, Fact, Found, Index, IndexAnswer, Object, Observation, SubjectKind};
use crate::format::{counted, length, thousands};
use crate::limits::Limits;
use crate::manifest::{Field, Row};
use crate::printable::printable;
use crate::rules::{Fix, Rule, Severity, with_text};
use crate::s3_url::{key, split};
use crate::subtitle::{Encoding, Fault, Format, Inspected, Other, Transcript, same_language};
use crate::video::{self, Doubt, Length, Teller};
use std::time::Duration;

/// The region the service requires for buckets (facts/twelvelabs.md §2.2).
const HOME: &str = "us-west-2";

const HOUR_MS: u64 = 3_600_000;

/// Titles and a first scene may pass without speech, in milliseconds.
const SOON_MS: u64 = 600_000;

/// A cue may end this much after the video, in milliseconds: containers and cue times round.
const SLACK_MS: u64 = 1_000;

/// One problem found by the evidence of a row.
pub(crate) struct Verdict<'a> {
    pub rule: Rule,
    pub severity: Severity,
    pub field: Field,
    /// The words will contain a fix.
    pub has_fix: bool,
    /// Sentence and fix, written on demand.
    pub words: &'a dyn Fn() -> Explanation,
}

/// A sentence or two, printable, and the corrected text.
pub(crate) struct Explanation {
    pub message: String,
    pub fix: Option<Fix>,
}

impl From<String> for Explanation {
    fn from(message: String) -> Explanation {
        Explanation { message, fix: None }
    }
}

impl<'a> Verdict<'a> {
    fn new(rule: Rule, severity: Severity, field: Field, words: &'a dyn Fn() -> Explanation) -> Verdict<'a> {
        Verdict { rule, severity, field, has_fix: false, words }
    }

    fn fixed(self, has_fix: bool) -> Verdict<'a> {
        Verdict { has_fix, ..self }
    }
}

/// A problem that evidence shows, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    pub rule: Rule,
    pub severity: Severity,
    pub message: String,
}

/// The problems a row's transcript would have if it were `text`, worst first.
pub fn against_transcript(row: &Row<'_>, text: &str, evidence: &Evidence) -> Vec<Objection> {
    let mut found = Vec::new();
    let row = with_text(row, Field::Transcription, text);
    judge(&row, &known(&row, evidence), evidence.limits(), &mut |verdict| {
        if verdict.field == Field::Transcription {
            let message = (verdict.words)().message;
            found.push(Objection { rule: verdict.rule, severity: verdict.severity, message });
        }
    });
    found.sort_by_key(|objection| (objection.severity, objection.rule));
    found
}

/// Receives a transcript rule, a severity and the words.
type Put<'a> = dyn FnMut(Rule, Severity, &dyn Fn() -> Explanation) + 'a;

/// What is known of a row: an answer for each of [`SubjectKind::ALL`].
pub(crate) type Known = [Option<Observation>; 3];

pub(crate) fn known(row: &Row<'_>, evidence: &Evidence) -> Known {
    SubjectKind::ALL.map(|kind| evidence.about(kind, row.text(kind.field())))
}

/// Reports every problem of a row that is known, in no order; at most one for each rule, field and severity.
pub(crate) fn judge(row: &Row<'_>, known: &Known, limits: &Limits, say: &mut dyn FnMut(Verdict<'_>)) {
    let [of_transcript, of_video, index] = known;
    let engines = match index.as_ref().map(|observation| &observation.fact) {
        Some(Fact::Index(IndexAnswer::Found(index))) => Some(index),
        _ => None,
    };
    let video = match of_video.as_ref().map(|observation| &observation.fact) {
        Some(Fact::Video(object)) => Some(&**object),
        _ => None,
    };
    if let Some(Fact::Transcript(object)) = of_transcript.as_ref().map(|observation| &observation.fact) {
        transcript(row, object, video.and_then(Object::found), say);
    }
    if let Some(object) = video {
        self::video(row, object, engines, limits, say);
    }
    if let Some(observation) = index
        && let Fact::Index(answer) = &observation.fact
    {
        self::index(row, answer, observation.at_ms, say);
    }
    for (kind, observation) in SubjectKind::ALL.into_iter().zip(known) {
        if let Some(why) = observation.as_ref().and_then(Observation::untold) {
            let words = || not_checked(kind, &why).into();
            say(Verdict::new(Rule::NotChecked, Severity::Note, kind.field(), &words));
        }
    }
}

/// What no answer was found for, and why.
fn not_checked(kind: SubjectKind, why: &str) -> String {
    let what = match kind {
        SubjectKind::Transcript => "transcript",
        SubjectKind::Video => "video",
        SubjectKind::Index => "index",
    };
    format!("The {what} could not be checked: {}.", printable(why))
}

fn transcript(
    row: &Row<'_>,
    object: &Object<Inspected>,
    video: Option<&Found<video::Facts>>,
    say: &mut dyn FnMut(Verdict<'_>),
) {
    let field = Field::Transcription;
    let text = row.text(field);
    bucket(text, field, object, say);
    let mut error = |rule, words: &dyn Fn() -> Explanation| {
        say(Verdict::new(rule, Severity::Error, field, words).fixed(instead(&object.answer).is_some()))
    };
    match &object.answer {
        Answer::Missing { deleted, instead } => error(Rule::TranscriptNotFound, &|| {
            let why =
                if *deleted { "It was deleted from this bucket." } else { "There is no such object in the bucket." };
            spelled(text, field, why, instead.as_deref())
        }),
        Answer::Refused { there, instead: _, because: Some(because) } => error(Rule::TranscriptNotPublic, &|| {
            let whether = if *there == Some(true) { "The object exists, but S3" } else { "S3" };
            let because = printable(because);
            format!(
                "{whether} refuses it without credentials: “{because}” The service reads transcripts without credentials."
            )
            .into()
        }),
        Answer::Refused { there, instead, because: None } => error(Rule::TranscriptNotPublic, &|| {
            let why = match there {
                Some(true) => "The object exists but is private. The service reads transcripts without credentials.",
                Some(false) => "S3 answers 403 without credentials; with yours it says that the object does not exist.",
                None => {
                    "S3 answers 403 without credentials: the object is private or does not exist. The service reads transcripts without credentials."
                }
            };
            spelled(text, field, why, instead.as_deref())
        }),
        Answer::Barred(because) => error(Rule::TranscriptNotPublic, &|| barred(because)),
        Answer::Archived(class) => error(Rule::TranscriptArchived, &|| {
            format!("It is in cold storage ({}) and can't be read until it is restored.", printable(class)).into()
        }),
        Answer::Empty => {
            error(Rule::TranscriptEmpty, &|| "The object is empty: it has 0 bytes.".to_owned().into());
        }
        Answer::Found(found) => match &found.what {
            // It is told as not checked.
            Inspected::Other(Other::Unread) => {}
            Inspected::Other(other) => {
                error(Rule::TranscriptNotSubtitles, &|| not_subtitles(other).into());
            }
            Inspected::Subtitles(transcript) => cues(row, transcript, video, say),
        },
        Answer::NoBucket | Answer::Unclear(_) => {}
    }
}

fn bucket<T>(text: &str, field: Field, object: &Object<T>, say: &mut dyn FnMut(Verdict<'_>)) {
    let name = || printable(split(text).map_or("", |(bucket, _)| bucket)).into_owned();
    if matches!(object.answer, Answer::NoBucket) {
        let words = || format!("There is no bucket {}.", name()).into();
        say(Verdict::new(Rule::BucketNotFound, Severity::Error, field, &words));
    }
    if let Some(region) = object.region.as_deref().filter(|region| *region != HOME) {
        let words = || {
            format!("The bucket {} is in {}; the service reads buckets in {HOME}.", name(), printable(region)).into()
        };
        say(Verdict::new(Rule::BucketRegion, Severity::Error, field, &words));
    }
}

/// The spelling under which the object exists.
fn instead<T>(answer: &Answer<T>) -> Option<&str> {
    match answer {
        Answer::Missing { instead, .. } | Answer::Refused { instead, .. } => instead.as_deref(),
        _ => None,
    }
}

/// A sentence, and the existing spelling of the name.
fn spelled(text: &str, field: Field, why: &str, instead: Option<&str>) -> Explanation {
    let Some((instead, (bucket, key))) = instead.zip(split(text)) else { return why.to_owned().into() };
    // The folder may be what is written otherwise.
    let name = if key::file_name(instead) == key::file_name(key) { instead } else { key::file_name(instead) };
    Explanation {
        message: format!("{why} The same name in another spelling is there: {}", printable(name)),
        fix: Some(Fix::Set(field, format!("s3://{bucket}/{instead}"))),
    }
}

fn cues(row: &Row<'_>, transcript: &Transcript, video: Option<&Found<video::Facts>>, say: &mut dyn FnMut(Verdict<'_>)) {
    let field = Field::Transcription;
    let mut put = |rule, severity, words: &dyn Fn() -> Explanation| say(Verdict::new(rule, severity, field, words));
    if transcript.apparent == 0 {
        return put(Rule::TranscriptEmpty, Severity::Error, &|| "It contains no cue.".to_owned().into());
    }
    const OF_FAULTS: [Rule; 7] = [
        Rule::Encoding,
        Rule::CuesLost,
        Rule::CueTiming,
        Rule::CueOrder,
        Rule::CueFormat,
        Rule::CueOverlap,
        Rule::CuesRepeated,
    ];
    for rule in OF_FAULTS {
        let own = || transcript.faults.iter().filter(move |fault| fault.kind.rule() == rule);
        let Some(severity) = own().map(|fault| fault.severity).min() else { continue };
        put(rule, severity, &|| {
            let mut message = own().map(placed).collect::<Vec<_>>().join(" ");
            match (rule, &transcript.encoding) {
                (Rule::Encoding, Encoding::Legacy(page)) => {
                    message = format!("{message} It reads like {}.", printable(page));
                }
                (Rule::CuesLost, _) => message = format!("{}{message}", loss(transcript, transcript.left())),
                (Rule::CueFormat, _) if transcript.left().is_none() => {
                    // That one parser refuses the file is in the words of the fault.
                    let some = Some(transcript.recovered).filter(|left| (1..transcript.apparent).contains(left));
                    message = format!("{}{message}", loss(transcript, some));
                }
                (Rule::CuesRepeated, _) => message = own().map(|fault| repeated(transcript, fault)).collect(),
                _ => {}
            }
            message.into()
        });
    }
    let extension = split(row.text(field)).and_then(|(_, key)| key::extension(key)).unwrap_or_default();
    let wrong_name = match transcript.format {
        Format::Srt => extension.eq_ignore_ascii_case("vtt").then_some(("SRT", "WebVTT", ".srt")),
        Format::WebVtt => extension.eq_ignore_ascii_case("srt").then_some(("WebVTT", "SRT", ".vtt")),
    };
    if let Some((is, named, right)) = wrong_name {
        put(Rule::FormatExtension, Severity::Error, &|| {
            format!("The text is {is} and the name says {named}; some parsers refuse it. Name the object {right}.")
                .into()
        });
    }
    let language = row.text(Field::Language);
    if let Some(detected) = transcript.language.as_deref()
        && same_language(language, detected) == Some(false)
    {
        put(Rule::LanguageMismatch, Severity::Warning, &|| {
            format!("The text reads like {detected}, the row says {}.", printable(language)).into()
        });
    }
    let length = video.and_then(|found| found.what.duration).filter(|length| length.ms > 0);
    if is_broadcast_time(transcript.first_ms) && length.is_none_or(|length| ends_after(transcript, length)) {
        put(Rule::CuesStartLate, Severity::Warning, &|| {
            let hour = transcript.first_ms / HOUR_MS;
            format!(
                "The first cue is at {}: the times of a broadcast, which begins at {hour:02}:00:00. Take {hour} {} off every time.",
                clock(transcript.first_ms),
                if hour == 1 { "hour" } else { "hours" },
            )
            .into()
        });
    }
    if let Some(length) = length {
        against_video(transcript, length, &mut put);
    }
}

fn barred(because: &str) -> Explanation {
    format!("S3 refuses it, whoever asks: “{}” The service can't read it, either.", printable(because)).into()
}

/// Why the service can't read a video.
fn broken(doubt: Doubt, size: u64) -> String {
    match doubt {
        Doubt::Headless => {
            "There is no movie header (moov) in it: a recording that was never finished, or a file that is cut off."
                .to_owned()
        }
        Doubt::Frameless => format!(
            "Only a header is there, in {}, and not one frame (mdat): an upload that ended early, or frames in another file.",
            counted(size, "byte")
        ),
        Doubt::Zeros => "It begins with zeros instead of a header: the copy was never finished.".to_owned(),
        _ => {
            format!("The file is cut off: by its header it goes on after the {} that are there.", counted(size, "byte"))
        }
    }
}

/// Whether the first cue fits a broadcast tape, which starts at 01:00:00 or 10:00:00.
fn is_broadcast_time(first_ms: u64) -> bool {
    matches!(first_ms / HOUR_MS, 1 | 10) && first_ms % HOUR_MS < SOON_MS
}

fn repeated(transcript: &Transcript, fault: &Fault) -> String {
    format!(
        "{} of {} {} a cue shortly before, first at line {}: rolling captions, or a recogniser in a loop.",
        thousands(fault.count.into()),
        counted(transcript.apparent.into(), "cue"),
        if fault.count == 1 { "repeats" } else { "repeat" },
        thousands(fault.line.into()),
    )
}

/// How many cues the strictest of the common parsers recovers, if it is fewer than there are.
fn loss(transcript: &Transcript, left: Option<u32>) -> String {
    let all = counted(transcript.apparent.into(), "cue");
    match left {
        None => String::new(),
        Some(left) if transcript.is_cut => {
            format!("A common parser recovers {} of the first {all}. ", thousands(left.into()))
        }
        Some(0) => format!("A common parser refuses the file, or finds none of its {all}. "),
        Some(left) => format!("A common parser recovers {} of {all}. ", thousands(left.into())),
    }
}

/// Whether the last cue ends after the video by more than rounding explains.
fn ends_after(transcript: &Transcript, length: Length) -> bool {
    let slack = if length.is_rough { SLACK_MS.max(length.ms / 20) } else { SLACK_MS };
    transcript.last_ms > length.ms.saturating_add(slack)
}

/// Compares the cues with the length of the video.
fn against_video(transcript: &Transcript, length: Length, put: &mut Put<'_>) {
    let video_ms = length.ms;
    if ends_after(transcript, length) {
        put(Rule::CuesPastEnd, Severity::Warning, &|| {
            format!("The last cue ends at {}, the video at {}.", clock(transcript.last_ms), clock(video_ms)).into()
        });
    } else if !transcript.is_cut && is_sparse(transcript, video_ms) {
        put(Rule::CuesSparse, Severity::Warning, &|| {
            let percent = transcript.covered_ms.saturating_mul(100) / video_ms;
            format!(
                "Cues stand from {} to {} of {}, {percent} % of the time. Is it the right transcript?",
                clock(transcript.first_ms),
                clock(transcript.last_ms),
                clock(video_ms)
            )
            .into()
        });
    }
}

/// Speech may pause; but cues that span less than half of a video, or fill less than a twentieth of it, rarely belong
/// to it.
fn is_sparse(transcript: &Transcript, video_ms: u64) -> bool {
    let span = transcript.last_ms.saturating_sub(transcript.first_ms);
    video_ms >= 10_000 && (span < video_ms / 2 || transcript.covered_ms < video_ms / 20)
}

fn video(
    row: &Row<'_>,
    object: &Object<video::Facts>,
    index: Option<&Index>,
    limits: &Limits,
    say: &mut dyn FnMut(Verdict<'_>),
) {
    let field = Field::Object;
    let text = row.text(field);
    bucket(text, field, object, say);
    let mut unreadable = |severity, words: &dyn Fn() -> Explanation| {
        say(Verdict::new(Rule::VideoUnreadable, severity, field, words).fixed(instead(&object.answer).is_some()));
    };
    match &object.answer {
        Answer::Missing { instead, .. } => unreadable(Severity::Error, &|| {
            spelled(text, field, "There is no such object in the bucket.", instead.as_deref())
        }),
        Answer::Barred(because) => unreadable(Severity::Error, &|| barred(because)),
        Answer::Empty => {
            unreadable(Severity::Error, &|| "The object is empty: it has 0 bytes.".to_owned().into());
        }
        Answer::Archived(class) => unreadable(Severity::Error, &|| {
            format!("It is in cold storage ({}); the service can't read it until it is restored.", printable(class))
                .into()
        }),
        Answer::Found(Found { what, size, .. }) if let Some(doubt) = what.broken() => {
            unreadable(Severity::Error, &|| broken(doubt, *size).into());
        }
        Answer::Found(found) => {
            let is_by_ffprobe = found.what.teller == Some(Teller::Ffprobe);
            for breach in limits.breaches(&found.what, found.size, index) {
                let by = if is_by_ffprobe && breach.rule != Rule::VideoSize { " ffprobe told it." } else { "" };
                let words = || format!("{}{by}", breach.message).into();
                say(Verdict::new(breach.rule, breach.severity, field, &words));
            }
        }
        // A private video proves nothing: the service reads it through a role.
        Answer::Refused { .. } | Answer::NoBucket | Answer::Unclear(_) => {}
    }
}

fn index(row: &Row<'_>, answer: &IndexAnswer, asked_ms: i64, say: &mut dyn FnMut(Verdict<'_>)) {
    let field = Field::IndexId;
    match answer {
        IndexAnswer::Missing => {
            let words = || "Twelve Labs has no index with this id for this API key.".to_owned().into();
            say(Verdict::new(Rule::IndexNotFound, Severity::Error, field, &words));
        }
        IndexAnswer::Found(index) => {
            let has_transcript = !row.value(Field::Transcription).is_empty();
            for breach in crate::limits::index_faults(index, asked_ms, has_transcript) {
                let words = || breach.message.clone().into();
                say(Verdict::new(breach.rule, breach.severity, field, &words));
            }
        }
        IndexAnswer::Unclear(_) => {}
    }
}

/// `Line 12, column 5 and 2 more places: the end is before the start.`
fn placed(fault: &Fault) -> String {
    let column = if fault.column > 1 { format!(", column {}", thousands(fault.column.into())) } else { String::new() };
    let more = match fault.count {
        0 | 1 => String::new(),
        count => format!(" and {}", counted(u64::from(count) - 1, "more place")),
    };
    format!("Line {}{column}{more}: {}.", thousands(fault.line.into()), fault.kind.words())
}

fn not_subtitles(other: &Other) -> String {
    let sentence = match other {
        Other::Blank => "It contains only blanks.",
        Other::Nuls => "It contains only NUL bytes and no text: a copy that was never finished.",
        Other::Console => {
            "This is what a transcriber printed on the console, neither SRT nor WebVTT. Let it write a file instead (whisper: --output_format srt)."
        }
        Other::Unread => "What was read of it contains no cue.",
        Other::Html => "This is an HTML page, not a transcript.",
        Other::S3Error(Some(code)) => {
            return format!("This is an error of S3 ({}) that was saved as a file, not a transcript.", printable(code));
        }
        Other::S3Error(None) => "This is an error of S3 that was saved as a file, not a transcript.",
        Other::Xml => "This is XML, neither SRT nor WebVTT.",
        Other::Json => "This is JSON, neither SRT nor WebVTT.",
        Other::Gzip => "This is compressed (gzip); the service wants plain text.",
        Other::Zip => "This is a ZIP archive; the service wants plain text.",
        Other::Pdf => "This is a PDF, not a transcript.",
        Other::Binary => "This is binary data, not text.",
        Other::Text => "This is text without a single cue, neither SRT nor WebVTT.",
    };
    sentence.to_owned()
}

fn clock(ms: u64) -> String {
    length(Duration::from_millis(ms))
}

#[cfg(test)]
mod tests;
