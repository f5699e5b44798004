//! Online answers applied to rows.

use crate::manifests::{manifest, row};
use cuecard::domain::draft::{Change, Draft, Edit};
use cuecard::domain::evidence::{
    Answer, Evidence, Fact, Found, Index, IndexAnswer, Object, Observation, Observed, Subject, SubjectKind, Unclear,
};
use cuecard::domain::findings::{Findings, Tallies};
use cuecard::domain::manifest::{Field, Manifest, RowId};
use cuecard::domain::row_set::RowSet;
use cuecard::domain::rules::{Finding, Fix, Rule, Severity};
use cuecard::domain::subtitle::{Encoding, Fault, FaultKind, Format, Inspected, Other, Transcript};
use cuecard::domain::video::{self, Container, Doubt, Length};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const INDEX: &str = "6298d673f1090f1100476d4a";

fn draft(rows: &[[&str; 4]]) -> Draft {
    let rows = rows.iter().map(|[index, language, video, transcript]| {
        row(*video).index(*index).language(*language).transcript(transcript)
    });
    Draft::new(Arc::new(Manifest::parse(manifest(rows).into_bytes()).unwrap()))
}

/// 100 sound cues over ten minutes.
fn transcript() -> Transcript {
    Transcript {
        format: Format::Srt,
        encoding: Encoding::Utf8 { bom: false },
        apparent: 100,
        recovered: 100,
        first_ms: 1_000,
        last_ms: 600_000,
        covered_ms: 400_000,
        slices: [u64::MAX; 2],
        opening: Vec::new(),
        faults: Vec::new(),
        language: None,
        is_cut: false,
    }
}

/// Times from a tape that starts at this hour.
fn broadcast(hour: u64) -> Transcript {
    let shift = |ms: u64| ms + hour * 3_600_000;
    let plain = transcript();
    Transcript { first_ms: shift(plain.first_ms), last_ms: shift(plain.last_ms), ..plain }
}

/// Some blank lines are missing.
fn lossy(recovered: u32) -> Transcript {
    let kind = FaultKind::BlankMissing;
    let fault = Fault { kind, severity: kind.severity(), line: 14, column: 1, count: 2 };
    Transcript { recovered, faults: vec![fault], ..transcript() }
}

fn found(transcript: Transcript) -> Answer<Inspected> {
    Answer::Found(Found { size: 9_000, etag: None, what: Inspected::Subtitles(Box::new(transcript)) })
}

fn of_transcript(answer: Answer<Inspected>) -> Fact {
    Fact::Transcript(Object { region: Some("us-west-2".into()), signed: false, answer })
}

/// A video of this length within every limit.
fn of_video(ms: u64) -> Fact {
    let facts = video::Facts {
        container: Container::IsoMedia("isom".into()),
        duration: Some(Length { ms, is_rough: false, media_ms: None }),
        coded: Some((1920, 1080)),
        display: Some((1920, 1080)),
        rotation: 0,
        has_video: Some(true),
        has_audio: Some(true),
        doubt: None,
        teller: None,
    };
    Fact::Video(Box::new(Object {
        region: None,
        signed: false,
        answer: Answer::Found(Found { size: 1_000_000, etag: None, what: facts }),
    }))
}

fn observed(kind: SubjectKind, name: &str, rows: &[RowId], fact: Fact) -> Observed {
    let observation = Observation { at_ms: 1_795_442_460_000, requests: 1, cached: false, fact };
    Observed {
        rows: rows.to_vec(),
        subject: Subject::of(kind, name).unwrap(),
        observation: Some(Arc::new(observation)),
    }
}

const VIDEO: &str = "s3://acme-video/1.mp4";
const CAPTIONS: &str = "s3://acme-captions/1.srt";

/// The online findings of one row, as `code: message`.
fn said(language: &str, captions: &str, facts: Vec<(SubjectKind, &str, Fact)>) -> Vec<Finding> {
    let draft = draft(&[[INDEX, language, VIDEO, captions]]);
    let mut findings = Findings::check(draft.now(), |_| true).unwrap();
    let batch: Vec<Observed> = facts.into_iter().map(|(kind, name, fact)| observed(kind, name, &[0], fact)).collect();
    findings.observe(draft.now(), &batch);
    let hits = findings.of_row(draft.now(), 0);
    let all: Vec<Finding> = hits.iter().map(|hit| findings.explain(draft.now(), 0, hit)).collect();
    let count = |severity| all.iter().filter(|finding| finding.severity == severity).count() as u64;
    let tallies = findings.tallies();
    assert_eq!(
        [tallies.errors, tallies.warnings, tallies.notes],
        [Severity::Error, Severity::Warning, Severity::Note].map(count),
        "every finding has its bit: {all:?}"
    );
    all.into_iter().filter(|finding| finding.rule.is_online()).collect()
}

fn only(answer: Answer<Inspected>) -> Finding {
    let mut all = said("en", CAPTIONS, vec![(SubjectKind::Transcript, CAPTIONS, of_transcript(answer))]);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn every_answer_of_s3_about_a_transcript_has_its_code() {
    let other = |other| Answer::Found(Found { size: 10, etag: None, what: Inspected::Other(other) });
    for (answer, code) in [
        (Answer::NoBucket, "bucket-not-found"),
        (Answer::Missing { deleted: false, instead: None }, "transcript-not-found"),
        (Answer::Missing { deleted: true, instead: None }, "transcript-not-found"),
        (Answer::Refused { there: None, instead: None, because: None }, "transcript-not-public"),
        (Answer::Archived("GLACIER".into()), "transcript-archived"),
        (Answer::Barred("All access to this object has been disabled".into()), "transcript-not-public"),
        (Answer::Empty, "transcript-empty"),
        (other(Other::Html), "transcript-not-subtitles"),
        (other(Other::S3Error(Some("NoSuchKey".into()))), "transcript-not-subtitles"),
        (found(Transcript { apparent: 0, recovered: 0, ..transcript() }), "transcript-empty"),
        (found(lossy(98)), "cues-lost"),
        (found(Transcript { format: Format::WebVtt, ..transcript() }), "format-extension"),
    ] {
        let finding = only(answer);
        assert_eq!((finding.rule.code(), finding.field), (code, Some(Field::Transcription)));
        assert_eq!(finding.severity, Severity::Error, "{code}");
        assert!(finding.message.ends_with('.'), "{}", finding.message);
    }
}

#[test]
fn lost_cues_are_counted_where_a_fault_says_why() {
    let message = |transcript| only(found(transcript)).message;
    let why =
        "Line 14 and 1 more place: a blank line is missing before this cue, which some parsers then take for text.";
    assert_eq!(message(lossy(98)), format!("A common parser recovers 98 of 100 cues. {why}"));
    assert_eq!(message(lossy(0)), format!("A common parser refuses the file, or finds none of its 100 cues. {why}"));
    // Cues that one parser refuses and others accept are not lost.
    let kind = FaultKind::Coordinates;
    let fault = Fault { kind, severity: kind.severity(), line: 2, column: 31, count: 1 };
    let refused = only(found(Transcript { recovered: 0, faults: vec![fault], ..transcript() }));
    assert_eq!((refused.rule, refused.severity), (Rule::CueFormat, Severity::Note));
}

#[test]
fn text_that_stands_again_and_again_is_counted() {
    let kind = FaultKind::RepeatedText;
    let fault = Fault { kind, severity: kind.severity(), line: 9, column: 1, count: 74 };
    let finding = only(found(Transcript { faults: vec![fault], ..transcript() }));
    assert_eq!((finding.rule, finding.severity), (Rule::CuesRepeated, Severity::Warning));
    assert!(finding.message.starts_with("74 of 100 cues repeat a cue shortly before, first at line 9: "));
}

#[test]
fn broadcast_times_are_reported_unless_they_fit_the_video() {
    for hour in [1, 10] {
        let finding = only(found(broadcast(hour)));
        assert_eq!((finding.rule, finding.severity), (Rule::CuesStartLate, Severity::Warning));
        assert!(finding.message.starts_with(&format!("The first cue is at {hour}:00:01: ")), "{}", finding.message);
    }
    let late = |transcript: Transcript, video: u64| {
        let facts = vec![
            (SubjectKind::Transcript, CAPTIONS, of_transcript(found(transcript))),
            (SubjectKind::Video, VIDEO, of_video(video)),
        ];
        let codes: Vec<_> = said("en", CAPTIONS, facts).iter().map(|finding| finding.rule.code()).collect();
        codes.contains(&"cues-start-late")
    };
    assert!(late(broadcast(1), 610_000), "and it ends after the video");
    assert!(!late(broadcast(1), 4_300_000), "a long video whose first word comes after an hour");
    for first_ms in [0, 3_500_000, 2 * 3_600_000, 3_600_000 + 700_000] {
        let last_ms = first_ms + 600_000;
        assert_eq!(
            said(
                "en",
                CAPTIONS,
                vec![(
                    SubjectKind::Transcript,
                    CAPTIONS,
                    of_transcript(found(Transcript { first_ms, last_ms, ..transcript() }))
                )]
            ),
            []
        );
    }
}

#[test]
fn unclear_answers_are_only_a_not_checked_note() {
    let unclear = [
        Unclear::Throttled,
        Unclear::Unreachable("refused".into()),
        Unclear::Silent(20),
        Unclear::Status(400, None),
        Unclear::NotAskable,
        Unclear::Garbled,
    ];
    for why in unclear {
        let facts = vec![(SubjectKind::Transcript, CAPTIONS, of_transcript(Answer::Unclear(why.clone())))];
        let all = said("en", CAPTIONS, facts);
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].rule, all[0].severity), (Rule::NotChecked, Severity::Note));
        assert_eq!(all[0].message, format!("The transcript could not be checked: {why}."));
    }
    let no_key = Fact::Index(IndexAnswer::Unclear(Unclear::NoKey));
    assert_eq!(said("en", CAPTIONS, vec![(SubjectKind::Index, INDEX, no_key)]), [], "nobody asked");
    let private = Fact::Video(Box::new(Object {
        region: None,
        signed: false,
        answer: Answer::Refused { there: None, instead: None, because: None },
    }));
    assert_eq!(
        said("en", CAPTIONS, vec![(SubjectKind::Video, VIDEO, private)]),
        [],
        "the service reads videos by a role"
    );
}

/// A video that was read, with these facts.
fn seen(facts: video::Facts) -> Fact {
    Fact::Video(Box::new(Object {
        region: None,
        signed: false,
        answer: Answer::Found(Found { size: 50_000, etag: None, what: facts }),
    }))
}

fn facts_of(fact: Fact) -> video::Facts {
    match fact {
        Fact::Video(object) => object.found().expect("a video that was read").what.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_video_that_is_cut_is_an_error_and_is_checked_and_one_that_can_not_be_told_is_neither() {
    let sound = || facts_of(of_video(60_000));
    let doubt = |doubt| video::Facts { doubt: Some(doubt), ..sound() };
    let other = |name: &str| video::Facts { container: Container::Other(name.into()), ..video::Facts::default() };
    for (facts, code, words) in [
        (sound(), "", ""),
        (
            doubt(Doubt::Truncated),
            "video-unreadable",
            "The file is cut off: by its header it goes on after the 50,000 bytes",
        ),
        (doubt(Doubt::Frameless), "video-unreadable", "Only a header is there, in 50,000 bytes, and not one frame"),
        (doubt(Doubt::Headless), "video-unreadable", "There is no movie header (moov) in it"),
        (doubt(Doubt::Zeros), "video-unreadable", "It begins with zeros"),
        (video::Facts { doubt: Some(Doubt::Truncated), ..other("AVI") }, "video-unreadable", "The file is cut off"),
        (doubt(Doubt::Withheld), "not-checked", "The video could not be checked: fewer bytes came"),
        (doubt(Doubt::Unreadable), "not-checked", "The video could not be checked: the header can't be read."),
        (doubt(Doubt::Unfinished), "not-checked", "The video could not be checked: the recording was never finished."),
        (doubt(Doubt::Budget), "not-checked", "The video could not be checked: "),
        (doubt(Doubt::Fragmented), "not-checked", "The video could not be checked: "),
        (other("MPEG-TS"), "not-checked", "The video could not be checked: the header of MPEG-TS is not read."),
        (video::Facts::default(), "not-checked", "The video could not be checked: its format is not known."),
        (video::Facts { coded: None, display: None, ..sound() }, "not-checked", "The video could not be checked: "),
        (video::Facts { display: None, ..sound() }, "not-checked", "The video could not be checked: "),
        (video::Facts { has_audio: None, ..sound() }, "not-checked", "The video could not be checked: "),
    ] {
        let all = said("en", CAPTIONS, vec![(SubjectKind::Video, VIDEO, seen(facts.clone()))]);
        let codes: Vec<&str> = all.iter().map(|finding| finding.rule.code()).collect();
        assert_eq!(codes, if code.is_empty() { vec![] } else { vec![code] }, "{facts:?}");
        assert!(all.iter().all(|finding| finding.message.starts_with(words)), "{all:?}");
        let draft = draft(&[[INDEX, "en", VIDEO, CAPTIONS]]);
        let mut findings = Findings::check(draft.now(), |_| true).unwrap();
        findings.observe(draft.now(), &[observed(SubjectKind::Video, VIDEO, &[0], seen(facts))]);
        let verified = findings.verified();
        let is_told = code != "not-checked";
        assert_eq!((verified.videos, verified.videos_untold), (u64::from(is_told), u64::from(!is_told)));
        assert_eq!(findings.is_untold(0), !is_told);
    }
}

#[test]
fn a_transcript_longer_than_is_read_is_not_vouched_for() {
    let long = Transcript { is_cut: true, apparent: 209_960, recovered: 209_960, ..transcript() };
    let finding = only(found(long.clone()));
    assert_eq!((finding.rule, finding.severity), (Rule::NotChecked, Severity::Note));
    assert_eq!(finding.message, "The transcript could not be checked: only the first 10 MiB were read.");
    let draft = draft(&[[INDEX, "en", VIDEO, CAPTIONS]]);
    let mut findings = Findings::check(draft.now(), |_| true).unwrap();
    let fact = of_transcript(found(long));
    findings.observe(draft.now(), &[observed(SubjectKind::Transcript, CAPTIONS, &[0], fact)]);
    assert_eq!((findings.verified().transcripts, findings.verified().transcripts_unclear), (0, 1));
    assert!(findings.is_untold(0));
}

#[test]
fn a_transcript_that_kms_encrypts_is_not_public_and_s3s_words_say_why() {
    let because = Some("Requests need AWS Signature Version 4.\u{202e}".into());
    let finding = only(Answer::Refused { there: Some(true), instead: None, because });
    assert_eq!((finding.rule, finding.severity), (Rule::TranscriptNotPublic, Severity::Error));
    assert!(
        finding.message.starts_with("The object exists, but S3 refuses it without credentials: “Requests need AWS")
    );
    assert!(!finding.message.contains('\u{202e}'));
}

#[test]
fn a_name_that_is_spelled_otherwise_is_offered_as_a_fix() {
    let percent = "s3://acme-captions/a%201.srt";
    for answer in [
        Answer::Missing { deleted: false, instead: Some("a 1.srt".into()) },
        Answer::Refused { there: None, instead: Some("a 1.srt".into()), because: None },
    ] {
        let all = said("en", percent, vec![(SubjectKind::Transcript, percent, of_transcript(answer))]);
        assert_eq!(all[0].fix, Some(Fix::Set(Field::Transcription, "s3://acme-captions/a 1.srt".into())));
        assert!(all[0].message.ends_with("is there: a 1.srt"), "{}", all[0].message);
    }
    // Where the folder is what differs, it is told.
    let lower = "s3://acme-captions/caps/a.srt";
    let answer = Answer::Missing { deleted: false, instead: Some("Caps/a.srt".into()) };
    let all = said("en", lower, vec![(SubjectKind::Transcript, lower, of_transcript(answer))]);
    assert!(all[0].message.ends_with("is there: Caps/a.srt"), "{}", all[0].message);
}

#[test]
fn a_bucket_elsewhere_is_named_with_its_region() {
    let object = Object { region: Some("eu-west-1".into()), signed: false, answer: found(transcript()) };
    let all = said("en", CAPTIONS, vec![(SubjectKind::Transcript, CAPTIONS, Fact::Transcript(object))]);
    assert_eq!(all[0].rule, Rule::BucketRegion);
    assert_eq!(all[0].message, "The bucket acme-captions is in eu-west-1; the service reads buckets in us-west-2.");
}

#[test]
fn cues_are_held_against_the_length_of_the_video() {
    let with = |ms, transcript| {
        let facts = vec![
            (SubjectKind::Video, VIDEO, of_video(ms)),
            (SubjectKind::Transcript, CAPTIONS, of_transcript(found(transcript))),
        ];
        let all = said("en", CAPTIONS, facts).into_iter().filter(|finding| finding.rule != Rule::NotChecked);
        all.map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(with(600_000, transcript()), [""; 0]);
    assert_eq!(with(599_000, transcript()), [""; 0], "clocks round");
    assert_eq!(with(598_999, transcript()), ["The last cue ends at 10:00, the video at 9:58."]);
    assert_eq!(with(1_190_000, transcript()), [""; 0]);
    let sparse = with(1_200_000, transcript());
    assert_eq!(sparse, ["Cues stand from 0:01 to 10:00 of 20:00, 33 % of the time. Is it the right transcript?"]);
    assert_eq!(with(1_200_000, Transcript { is_cut: true, ..transcript() }), [""; 0], "its end was not read");
}

#[test]
fn answer_for_many_rows_triggers_a_full_check() {
    let rows: Vec<[&str; 4]> = (0..5_000).map(|_| [INDEX, "en", VIDEO, CAPTIONS]).collect();
    let draft = draft(&rows);
    let mut findings = Findings::check(draft.now(), |_| true).unwrap();
    let news = observed(SubjectKind::Transcript, CAPTIONS, &[7], of_transcript(Answer::Empty));
    let told = findings.observe(draft.now(), std::slice::from_ref(&news));
    assert!(told.rows.len() <= 2_001 && !told.is_all, "{}", told.rows.len());
    // For a repeated answer only the rows that asked are judged.
    let again = findings.observe(draft.now(), &[news]);
    assert_eq!((again.rows, again.is_all), (vec![7], true));
    let all = Findings::check_with(draft.now(), findings.evidence().clone(), |_| true).unwrap();
    assert_eq!(all.rows_of(draft.now(), Rule::TranscriptEmpty).len(), 5_000);
}

#[test]
fn a_check_of_all_rows_judges_each_by_its_own_answer_and_tells_nothing_when_stopped() {
    let names = ["s3://acme-captions/1.srt", "s3://acme-captions/2.srt"];
    let is_empty = |row: usize| row.is_multiple_of(7);
    let rows: Vec<[&str; 4]> = (0..5_000).map(|row| [INDEX, "en", VIDEO, names[usize::from(is_empty(row))]]).collect();
    let draft = draft(&rows);
    let mut findings = Findings::check(draft.now(), |_| true).unwrap();
    findings.observe(draft.now(), &[observed(SubjectKind::Transcript, names[1], &[0], of_transcript(Answer::Empty))]);
    let evidence = findings.evidence().clone();
    let all = Findings::check_with(draft.now(), evidence.clone(), |_| true).unwrap();
    let empty: Vec<RowId> = (0..5_000).filter(|row| is_empty(*row as usize)).collect();
    assert_eq!(all.rows_of(draft.now(), Rule::TranscriptEmpty), empty);
    assert_eq!(all.verified().transcripts, empty.len() as u64);
    // Stopped once the local rules are done.
    let told = AtomicU32::new(0);
    let stops = |done| done < 5_000 || told.fetch_add(1, Ordering::Relaxed) == 0;
    assert!(Findings::check_with(draft.now(), evidence, stops).is_none());
}

#[test]
fn secret_or_invalid_addresses_are_never_requested() {
    let signed = "s3://acme-captions/a.srt?X-Amz-Credential=A&X-Amz-Signature=0123";
    assert_eq!(Subject::of(SubjectKind::Transcript, signed), None);
    let subjects = |captions: &str| {
        let draft = draft(&[[INDEX, "en", VIDEO, captions]]);
        Subject::of_row(&draft.now().row(0), |_| true).iter().map(Subject::kind).collect::<Vec<_>>()
    };
    assert_eq!(subjects(CAPTIONS), [SubjectKind::Transcript, SubjectKind::Video, SubjectKind::Index]);
    for unsound in [signed, "s3://acme-video/1.mp4", " s3://acme-captions/1.srt", "s3://acme-captions/a\u{8}.srt", ""] {
        assert_eq!(subjects(unsound), [SubjectKind::Video, SubjectKind::Index], "{unsound}");
    }
}

#[test]
fn an_index_that_is_not_there_is_an_error_of_its_row() {
    let all = said("en", CAPTIONS, vec![(SubjectKind::Index, INDEX, Fact::Index(IndexAnswer::Missing))]);
    assert_eq!((all[0].rule, all[0].field), (Rule::IndexNotFound, Some(Field::IndexId)));
    assert_eq!(
        said("en", CAPTIONS, vec![(SubjectKind::Index, INDEX, Fact::Index(IndexAnswer::Found(Index::default())))]),
        []
    );
}

#[test]
fn one_answer_speaks_for_every_row_that_names_the_transcript_and_for_no_other() {
    let mut draft = draft(&[
        [INDEX, "en", "s3://acme-video/1.mp4", CAPTIONS],
        [INDEX, "en", "s3://acme-video/2.mp4", CAPTIONS],
        [INDEX, "en", "s3://acme-video/3.mp4", "s3://acme-captions/3.srt"],
    ]);
    let mut findings = Findings::check(draft.now(), |_| true).unwrap();
    // Row 3 was edited during the request.
    let missing = of_transcript(Answer::Missing { deleted: false, instead: None });
    let told = findings.observe(draft.now(), &[observed(SubjectKind::Transcript, CAPTIONS, &[0, 2, 77], missing)]);
    assert_eq!((told.rows, told.is_all), (vec![0, 1, 2], true));
    assert_eq!(findings.rows_of(draft.now(), Rule::TranscriptNotFound), [0, 1]);
    assert_eq!(findings.verified().transcripts, 2);

    let before = draft.now().clone();
    let rows = draft.apply(Edit { rows: RowSet::one(2), change: Change::Set(Field::Transcription, CAPTIONS.into()) });
    findings.update(&before, draft.now(), &rows);
    assert_eq!(findings.rows_of(draft.now(), Rule::TranscriptNotFound), [0, 1, 2], "it is known already");
    let before = draft.now().clone();
    let rows = draft.apply(Edit { rows: RowSet::one(0), change: Change::Exclude });
    findings.update(&before, draft.now(), &rows);
    assert_eq!(findings.rows_of(draft.now(), Rule::TranscriptNotFound), [1, 2]);
}

fn any_row() -> impl Strategy<Value = [&'static str; 4]> {
    let index = prop::sample::select(vec![INDEX, "6298d673f1090f1100476d4b", "bad"]);
    let video = prop::sample::select(vec![VIDEO, "s3://acme-video/2.mp4", "nothing"]);
    let transcript = prop::sample::select(vec![CAPTIONS, "s3://acme-captions/2.vtt", "nothing", ""]);
    (index, video, transcript).prop_map(|(index, video, transcript)| [index, "en", video, transcript])
}

fn any_answer() -> impl Strategy<Value = Answer<Inspected>> {
    prop_oneof![
        Just(Answer::NoBucket),
        Just(Answer::Empty),
        Just(Answer::Refused { there: None, instead: Some("x".into()), because: None }),
        Just(Answer::Missing { deleted: false, instead: None }),
        Just(Answer::Unclear(Unclear::Throttled)),
        (0u32..101, 0u64..900_000).prop_map(|(recovered, last_ms)| found(Transcript { last_ms, ..lossy(recovered) })),
    ]
}

fn any_learnt() -> impl Strategy<Value = Observed> {
    let rows = prop::collection::vec(0u32..8, 0..4);
    let transcript = (prop::sample::select(vec![CAPTIONS, "s3://acme-captions/2.vtt"]), any_answer())
        .prop_map(|(name, answer)| (SubjectKind::Transcript, name, of_transcript(answer)));
    let video = (prop::sample::select(vec![VIDEO, "s3://acme-video/2.mp4"]), 0u64..900_000)
        .prop_map(|(name, ms)| (SubjectKind::Video, name, of_video(ms)));
    let index = Just((SubjectKind::Index, INDEX, Fact::Index(IndexAnswer::Missing)));
    (rows, prop_oneof![3 => transcript, 2 => video, 1 => index])
        .prop_map(|(rows, (kind, name, fact))| observed(kind, name, &rows, fact))
}

#[derive(Clone, Debug)]
enum Step {
    Learn(Vec<Observed>),
    Do(Vec<RowId>, Change),
    Undo,
}

fn any_step() -> impl Strategy<Value = Step> {
    let change = prop_oneof![
        4 => any_row().prop_map(|[_, _, _, text]| Change::Set(Field::Transcription, text.into())),
        1 => any_row().prop_map(|[_, _, text, _]| Change::Set(Field::Object, text.into())),
        1 => Just(Change::Exclude),
        1 => Just(Change::Restore),
    ];
    prop_oneof![
        3 => prop::collection::vec(any_learnt(), 1..4).prop_map(Step::Learn),
        3 => (prop::collection::vec(0u32..8, 1..4), change).prop_map(|(rows, change)| Step::Do(rows, change)),
        1 => Just(Step::Undo),
    ]
}

proptest! {
    /// Whoever asked, either every row that names the subject is updated, or a check of all rows is requested.
    #[test]
    fn findings_that_followed_edits_and_answers_equal_a_fresh_check(
        rows in prop::collection::vec(any_row(), 1..8),
        steps in prop::collection::vec(any_step(), 1..12),
    ) {
        let mut draft = draft(&rows);
        let mut followed = Findings::check(draft.now(), |_| true).unwrap();
        let mut evidence = Evidence::default();
        for step in steps {
            let before = draft.now().clone();
            match step {
                Step::Learn(batch) => {
                    for observed in &batch {
                        evidence.observe(&observed.subject, observed.observation.as_ref().unwrap());
                    }
                    if !followed.observe(&before, &batch).is_all {
                        followed = Findings::check_with(&before, followed.evidence().clone(), |_| true).unwrap();
                    }
                }
                Step::Do(at, change) => {
                    let touched = draft.apply(Edit { rows: at.into_iter().collect(), change });
                    followed.update(&before, draft.now(), &touched);
                }
                Step::Undo => {
                    let touched = draft.undo().map(|edit| edit.rows.clone()).unwrap_or_default();
                    followed.update(&before, draft.now(), &touched);
                }
            }
            let now = draft.now().clone();
            let fresh = Findings::check_with(&now, evidence.clone(), |_| true).unwrap();
            prop_assert_eq!(followed.tallies(), fresh.tallies());
            prop_assert_eq!(followed.groups(), fresh.groups());
            let mut sum = Tallies::default();
            for row in 0..now.len() {
                prop_assert_eq!(followed.of_row(&now, row), fresh.of_row(&now, row));
                prop_assert_eq!(followed.tallies_of(row), fresh.tallies_of(row));
                prop_assert_eq!(fresh.worst(row), fresh.of_row(&now, row).first().map(|hit| hit.severity));
                sum.errors += fresh.tallies_of(row).errors;
                sum.warnings += fresh.tallies_of(row).warnings;
            }
            prop_assert_eq!((sum.errors, sum.warnings), (fresh.tallies().errors, fresh.tallies().warnings));
            prop_assert_eq!(followed.verified(), fresh.verified());
        }
    }
}

#[test]
fn a_video_that_s3_refuses_to_everyone_is_an_error_in_s3s_words() {
    let answer = Answer::Barred("The account is \u{1b}[31mclosed".into());
    let video = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
    let found = said("en", CAPTIONS, vec![(SubjectKind::Video, VIDEO, video)]);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.rule.code(), finding.severity), ("video-unreadable", Severity::Error));
    assert!(finding.message.starts_with("S3 refuses it, whoever asks: “The account is "));
    assert!(!finding.message.contains('\u{1b}'), "{}", finding.message);
}
