//! Texts for online evidence: facts of videos and transcripts, how they were obtained, and what is wrong with them.
//! It must never claim more than the evidence: what is unknown is left out.

mod beside;
mod cues;
pub mod verified;

pub use beside::{Beside, PREVIEW, contents};
pub use cues::{cue_lines, first_cue, span, timeline};

use super::text::{cue_clock, exact_bytes, safe, short_bytes, thousands};
use super::theme::Mark;
use crate::app::msg::Moment;
use crate::app::session::Session;
use crate::domain::evidence::{Answer, Fact, IndexAnswer, Object, Observation, SubjectKind};
use crate::domain::manifest::RowId;
use crate::domain::subtitle::{Encoding, Format, Inspected, Other, Transcript};
use crate::domain::video::{Container, Facts, Length, Teller};

/// Observations of the objects a row names, or would name with another transcript.
#[derive(Default)]
pub struct RowEvidence {
    pub transcript: Option<Observation>,
    pub video: Option<Observation>,
    pub index: Option<Observation>,
}

impl RowEvidence {
    pub fn of(session: &Session, row: RowId) -> RowEvidence {
        let now = session.now();
        let known = |kind: SubjectKind| about(session, kind, now.value(row, kind.field()).text());
        RowEvidence {
            transcript: known(SubjectKind::Transcript),
            video: known(SubjectKind::Video),
            index: known(SubjectKind::Index),
        }
    }

    /// The same row with another transcript.
    pub fn with_transcript(self, session: &Session, text: &str) -> RowEvidence {
        RowEvidence { transcript: about(session, SubjectKind::Transcript, text), ..self }
    }

    pub fn cues(&self) -> Option<&Transcript> {
        match &self.transcript.as_ref()?.fact {
            Fact::Transcript(object) => match &object.found()?.what {
                Inspected::Subtitles(transcript) => Some(transcript),
                Inspected::Other(_) => None,
            },
            _ => None,
        }
    }

    /// Length of the video, if its header has one.
    pub fn length(&self) -> Option<Length> {
        match &self.video.as_ref()?.fact {
            Fact::Video(object) => object.found()?.what.duration.filter(|length| length.ms > 0),
            _ => None,
        }
    }
}

fn about(session: &Session, kind: SubjectKind, text: &str) -> Option<Observation> {
    session.findings.as_deref()?.evidence().about(kind, text)
}

/// A short text for beside a label, and a shorter one for where there is less room.
#[derive(Debug, PartialEq, Eq)]
pub struct EvidenceWords {
    pub full: String,
    pub short: String,
    /// It says only that nothing is known: drawn dim.
    pub quiet: bool,
}

impl EvidenceWords {
    fn new(full: String, short: String) -> EvidenceWords {
        EvidenceWords { full, short, quiet: false }
    }

    fn quiet(full: &str, short: &str) -> EvidenceWords {
        EvidenceWords { full: full.into(), short: short.into(), quiet: true }
    }
}

/// `12:40  1920x1080  audio`, or why the facts are not known.
pub fn of_video(observation: &Observation) -> Option<EvidenceWords> {
    let Fact::Video(object) = &observation.fact else { return None };
    Some(match &object.answer {
        Answer::Found(found) => {
            let facts = &found.what;
            if let Some(doubt) = facts.broken() {
                return Some(EvidenceWords::new(doubt.to_string(), "broken".into()));
            }
            let length = facts.duration.filter(|length| length.ms > 0).map(in_words);
            let parts = [length.clone(), picture(facts), sound(facts), container(facts)];
            let mut full: Vec<String> = parts.into_iter().flatten().collect();
            let is_untold = facts.untold().is_some();
            // The header has no facts: show the size.
            if full.is_empty() {
                full.push(short_bytes(found.size));
            }
            if is_untold && length.is_none() {
                full.insert(0, "not checked".to_owned());
            }
            let short = length.unwrap_or_else(|| if is_untold { "not checked".to_owned() } else { String::new() });
            EvidenceWords::new(full.join("  "), short)
        }
        Answer::Refused { .. } => EvidenceWords::quiet("private, not checked", "private"),
        answer => gone(answer),
    })
}

/// `412 cues  SRT  38 KB`, or why the facts are not known.
pub fn of_transcript(observation: &Observation) -> Option<EvidenceWords> {
    let Fact::Transcript(object) = &observation.fact else { return None };
    Some(match &object.answer {
        Answer::Found(found) => match &found.what {
            Inspected::Subtitles(transcript) => {
                let cues = cues(transcript);
                let format = format(transcript.format);
                EvidenceWords::new(format!("{cues}  {format}  {}", short_bytes(found.size)), cues)
            }
            Inspected::Other(Other::Unread) => {
                EvidenceWords::new(format!("not checked  {}", short_bytes(found.size)), "not checked".into())
            }
            Inspected::Other(_) => {
                EvidenceWords::new(format!("no transcript  {}", short_bytes(found.size)), "no cues".into())
            }
        },
        Answer::Refused { there: Some(true), .. } => EvidenceWords::new("private".into(), "private".into()),
        Answer::Refused { .. } => EvidenceWords::new("not public".into(), "not public".into()),
        answer => gone(answer),
    })
}

/// Name of an index in the service, and its engines.
pub fn of_index(observation: &Observation) -> Option<String> {
    let Fact::Index(IndexAnswer::Found(index)) = &observation.fact else { return None };
    let parts = index.name.iter().chain(&index.engines).map(|part| safe(part)).collect::<Vec<_>>();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn gone<T>(answer: &Answer<T>) -> EvidenceWords {
    let words = |words: &str| EvidenceWords::new(words.into(), words.into());
    match answer {
        Answer::Missing { .. } => words("no such object"),
        Answer::Archived(_) => words("in cold storage"),
        Answer::Empty => words("0 bytes"),
        Answer::NoBucket => words("no such bucket"),
        Answer::Barred(_) => words("refused to everyone"),
        Answer::Refused { .. } | Answer::Unclear(_) | Answer::Found(_) => {
            EvidenceWords::quiet("not verified", "not verified")
        }
    }
}

/// `12:40`, `about 12:40`.
pub fn in_words(length: Length) -> String {
    let about = if length.is_rough { "about " } else { "" };
    format!("{about}{}", cue_clock(length.ms))
}

/// Picture size as displayed, after rotation.
fn picture(facts: &Facts) -> Option<String> {
    let (width, height) = facts.display.or(facts.coded)?;
    let turned = matches!(facts.rotation, 90 | 270);
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Some(format!("{width}x{height}"))
}

fn sound(facts: &Facts) -> Option<String> {
    facts.has_audio.map(|has| if has { "audio" } else { "no audio" }.to_owned())
}

/// The container, only if it was not parsed or is not a video.
fn container(facts: &Facts) -> Option<String> {
    match &facts.container {
        Container::Other(name) | Container::NotVideo(name) => Some(safe(name).into_owned()),
        _ => None,
    }
}

/// `412 cues`, `398 of 412 cues`.
pub fn cues(transcript: &Transcript) -> String {
    let count = thousands(transcript.apparent.into());
    let word = if transcript.apparent == 1 { "cue" } else { "cues" };
    match transcript.left() {
        // The rest was not read.
        _ if transcript.is_cut => format!("at least {count} {word}"),
        Some(left) => format!("{} of {count} {word}", thousands(left.into())),
        None => format!("{count} {word}"),
    }
}

pub fn format(format: Format) -> &'static str {
    match format {
        Format::Srt => "SRT",
        Format::WebVtt => "WebVTT",
    }
}

pub fn encoding(encoding: &Encoding) -> String {
    match encoding {
        Encoding::Utf8 { bom: false } => "UTF-8".into(),
        Encoding::Utf8 { bom: true } => "UTF-8 with BOM".into(),
        Encoding::Utf16 { .. } => "UTF-16".into(),
        Encoding::Legacy(page) => safe(page).into_owned(),
    }
}

/// How and when it was obtained: `checked 14:01:07, 1 request`.
pub fn how(observation: &Observation, now: Moment) -> String {
    let at = now.at(observation.at_ms);
    let today = at.date() == now.date();
    if let Some(why) = unclear(observation) {
        return format!("not verified: {why}");
    }
    let mut words = match (observation.cached, today) {
        (true, _) => format!("remembered from {}", moment(at, now)),
        (false, true) => format!("checked {}", at.clock()),
        (false, false) => format!("checked {}", moment(at, now)),
    };
    if !observation.cached && observation.requests > 0 {
        let plural = if observation.requests == 1 { "" } else { "s" };
        words.push_str(&format!(", {} request{plural}", thousands(observation.requests.into())));
    }
    if is_signed(observation) {
        words.push_str(", asked with your AWS credentials");
    }
    if let Fact::Video(object) = &observation.fact
        && object.found().is_some_and(|found| found.what.teller == Some(Teller::Ffprobe))
    {
        words.push_str(", told by ffprobe");
    }
    words
}

/// `13:58` today, else `12 Nov 13:58`.
pub fn moment(at: Moment, now: Moment) -> String {
    if at.date() == now.date() { at.short_clock() } else { format!("{} {}", at.short_date(), at.short_clock()) }
}

/// Why there is no clear answer, naming the service that was asked; None when there is one.
fn unclear(observation: &Observation) -> Option<String> {
    let (why, who) = match &observation.fact {
        Fact::Transcript(Object { answer: Answer::Unclear(why), .. }) => (why, "S3"),
        Fact::Video(object) => match &object.answer {
            Answer::Unclear(why) => (why, "S3"),
            _ => return None,
        },
        Fact::Index(IndexAnswer::Unclear(why)) => (why, "Twelve Labs"),
        _ => return None,
    };
    let words = why.to_string();
    Some(words.strip_prefix("it ").map_or_else(|| words.clone(), |rest| format!("{who} {rest}")))
}

fn is_signed(observation: &Observation) -> bool {
    match &observation.fact {
        Fact::Transcript(object) => object.signed,
        Fact::Video(object) => object.signed,
        Fact::Index(_) => false,
    }
}

/// Whether the transcript's bytes were read, so that faults concern its contents.
pub fn is_read(observation: &Observation) -> bool {
    matches!(&observation.fact, Fact::Transcript(Object { answer: Answer::Found(_), .. }))
}

/// What S3 says about a transcript: `public, 412 cues, 38 KB`. With `exact`, the size in bytes and no cues, which have
/// a line of their own.
pub fn in_bucket(observation: &Observation, exact: bool) -> (Mark, String) {
    if let Some(why) = unclear(observation) {
        return (Mark::Unknown, format!("not verified: {why}"));
    }
    let Fact::Transcript(object) = &observation.fact else { return (Mark::Unknown, "not verified".into()) };
    match &object.answer {
        Answer::Found(found) => {
            // The service does not have the operator's credentials: access with them proves nothing.
            let (mark, how) =
                if object.signed { (Mark::Note, "read with your AWS credentials") } else { (Mark::Ok, "public") };
            // Nor does the beginning prove the rest.
            let mark = if observation.untold().is_some() { Mark::Unknown } else { mark };
            let what = match &found.what {
                Inspected::Subtitles(transcript) if !exact => format!(", {}", cues(transcript)),
                _ => String::new(),
            };
            let size = if exact { exact_bytes(found.size) } else { short_bytes(found.size) };
            (mark, format!("{how}{what}, {size}"))
        }
        Answer::Missing { deleted: true, .. } => (Mark::Error, "no such object, it was deleted".into()),
        Answer::Missing { .. } => (Mark::Error, "no such object".into()),
        Answer::Refused { there: Some(true), .. } => (Mark::Error, "there, and not public".into()),
        Answer::Refused { there: Some(false), .. } => (Mark::Error, "no such object".into()),
        Answer::Refused { there: None, .. } => (Mark::Error, "private, or no such object: S3 answers 403".into()),
        Answer::Archived(class) => (Mark::Error, format!("in cold storage ({})", safe(class))),
        Answer::Empty => (Mark::Error, "there, with 0 bytes in it".into()),
        Answer::NoBucket => (Mark::Error, "there is no such bucket".into()),
        Answer::Barred(because) => (Mark::Error, format!("refused to everyone: {}", safe(because))),
        Answer::Unclear(_) => (Mark::Unknown, "not verified".into()),
    }
}
