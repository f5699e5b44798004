use super::*;
use crate::evidence::Subject;
use crate::manifest::Manifest;
use crate::subtitle::FaultKind;
use crate::video::Container;

const INDEX: &str = "6298d673f1090f1100476d4c";
const VIDEO: &str = "s3://acme-video/1.mp4";
const CAPTIONS: &str = "s3://acme-captions/1.srt";
const MINUTE_MS: u64 = 60_000;

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

fn with_fault(kind: FaultKind, column: u32, count: u32) -> Transcript {
    let fault = Fault { kind, severity: kind.severity(), line: 14, column, count };
    Transcript { faults: vec![fault], ..transcript() }
}

fn found(transcript: Transcript) -> Fact {
    let what = Inspected::Subtitles(Box::new(transcript));
    of_transcript(Answer::Found(Found { size: 9_000, etag: None, what }))
}

fn of_transcript(answer: Answer<Inspected>) -> Fact {
    Fact::Transcript(Object { region: None, signed: false, answer })
}

fn of_video(answer: Answer<video::Facts>) -> Fact {
    Fact::Video(Box::new(Object { region: None, signed: false, answer }))
}

/// A sound video of this length.
fn facts(ms: u64) -> video::Facts {
    video::Facts {
        container: Container::IsoMedia("isom".into()),
        duration: Some(Length { ms, is_rough: false, media_ms: None }),
        coded: Some((1_920, 1_080)),
        display: Some((1_920, 1_080)),
        rotation: 0,
        has_video: Some(true),
        has_audio: Some(true),
        doubt: None,
        teller: None,
    }
}

fn seen(what: video::Facts) -> Fact {
    of_video(Answer::Found(Found { size: 1_000_000, etag: None, what }))
}

fn of_index(index: Index) -> Fact {
    Fact::Index(IndexAnswer::Found(index))
}

fn evidence(facts: Vec<Fact>) -> Evidence {
    let mut evidence = Evidence::default();
    for fact in facts {
        let (kind, name) = match fact {
            Fact::Transcript(_) => (SubjectKind::Transcript, CAPTIONS),
            Fact::Video(_) => (SubjectKind::Video, VIDEO),
            Fact::Index(_) => (SubjectKind::Index, INDEX),
        };
        let subject = Subject::of(kind, name).unwrap();
        evidence.observe(&subject, &Observation { at_ms: 0, requests: 1, cached: false, fact });
    }
    evidence
}

fn manifest(language: &str, transcript: &str) -> Manifest {
    let row = format!(
        r#"[{{"index_id":"{INDEX}","language":"{language}","object":"{VIDEO}","transcription":"{transcript}"}}]"#
    );
    Manifest::parse(row.into_bytes()).unwrap()
}

/// What is said of an English row, its notes about incomplete checks aside.
fn said(facts: Vec<Fact>) -> Vec<(Rule, Severity, String)> {
    said_of(&manifest("en", CAPTIONS), facts)
}

fn said_of(manifest: &Manifest, facts: Vec<Fact>) -> Vec<(Rule, Severity, String)> {
    let mut all = Vec::new();
    let (row, evidence) = (manifest.row(0), evidence(facts));
    judge(&row, &known(&row, &evidence), evidence.limits(), &mut |verdict| {
        let words = (verdict.words)();
        assert_eq!(verdict.has_fix, words.fix.is_some(), "{}", words.message);
        if verdict.rule != Rule::NotChecked {
            all.push((verdict.rule, verdict.severity, words.message));
        }
    });
    all
}

fn messages(facts: Vec<Fact>) -> Vec<String> {
    said(facts).into_iter().map(|(_, _, message)| message).collect()
}

#[test]
fn a_fix_is_announced_where_the_words_have_one() {
    let spelled = || Some("1 .srt".into());
    for instead in [None, spelled()] {
        for fact in [
            of_transcript(Answer::Missing { deleted: false, instead: instead.clone() }),
            of_transcript(Answer::Refused { there: None, instead: instead.clone(), because: None }),
            of_video(Answer::Missing { deleted: false, instead: instead.clone() }),
        ] {
            let all = messages(vec![fact]);
            let is_told = all.concat().ends_with("The same name in another spelling is there: 1 .srt");
            assert_eq!((all.len(), is_told), (1, instead.is_some()), "{all:?}");
        }
    }
}

#[test]
fn a_transcript_for_a_row_is_objected_to_for_its_own_faults_only_worst_first() {
    let transcript = Transcript { language: Some("de".into()), ..with_fault(FaultKind::Utf16, 1, 1) };
    let evidence = evidence(vec![found(transcript), of_video(Answer::Empty)]);
    let empty = manifest("en", "");
    let objections = against_transcript(&empty.row(0), CAPTIONS, &evidence);
    let rules: Vec<Rule> = objections.iter().map(|objection| objection.rule).collect();
    assert_eq!(rules, [Rule::Encoding, Rule::LanguageMismatch]);
    assert_eq!((objections[0].severity, objections[1].severity), (Severity::Error, Severity::Warning));
    assert!(objections[0].message.starts_with("Line 14: it is UTF-16"), "{objections:?}");
    assert_eq!(against_transcript(&empty.row(0), "s3://acme-captions/2.srt", &evidence), []);
}

#[test]
fn the_limit_of_the_engine_that_the_index_has_counts() {
    let long = || seen(facts(40 * MINUTE_MS));
    let with = |engine: &str| of_index(Index { engines: vec![engine.into()], ..Index::default() });
    let of = |facts| said(facts).into_iter().map(|(rule, severity, _)| (rule, severity)).collect::<Vec<_>>();
    assert_eq!(of(vec![long(), with("marengo2.6")]), []);
    assert_eq!(of(vec![long(), with("pegasus1.1")]), [(Rule::VideoDuration, Severity::Error)]);
    assert_eq!(of(vec![long()]), [(Rule::VideoDuration, Severity::Warning)], "the index is not known");
}

#[test]
fn an_index_without_audio_is_told_where_the_row_has_a_transcript() {
    let deaf = || vec![of_index(Index { needs_audio: Some(false), ..Index::default() })];
    assert_eq!(said(deaf()).first().map(|said| said.0), Some(Rule::IndexAudio));
    assert_eq!(said_of(&manifest("en", ""), deaf()), []);
}

#[test]
fn what_ffprobe_told_is_said_to_be_its_word_but_not_the_size_which_s3_tells() {
    let what = video::Facts { teller: Some(Teller::Ffprobe), ..facts(3 * 60 * MINUTE_MS) };
    let fact = of_video(Answer::Found(Found { size: 50_000_000_000, etag: None, what }));
    let all = said(vec![fact]);
    assert!(all.iter().any(|(rule, ..)| *rule == Rule::VideoSize), "{all:?}");
    assert!(all.iter().any(|(rule, ..)| *rule == Rule::VideoDuration), "{all:?}");
    for (rule, _, message) in all {
        assert_eq!(message.ends_with(" ffprobe told it."), rule != Rule::VideoSize, "{message}");
    }
    let own = messages(vec![seen(facts(3 * 60 * MINUTE_MS))]);
    assert!(!own.is_empty() && !own.concat().contains("ffprobe"), "{own:?}");
}

#[test]
fn a_fault_is_told_with_its_place_and_an_older_code_page_with_its_name() {
    let encoding = Encoding::Legacy("windows-1252".into());
    let legacy = Transcript { encoding, ..with_fault(FaultKind::NotUtf8, 5, 3) };
    let all = messages(vec![found(legacy)]);
    assert!(all[0].starts_with("Line 14, column 5 and 2 more places: it contains bytes of an older"), "{all:?}");
    assert!(all[0].ends_with(" It reads like windows-1252."), "{all:?}");
    let first = messages(vec![found(with_fault(FaultKind::NotUtf8, 1, 1))]);
    assert!(first[0].starts_with("Line 14: "), "{first:?}");
    assert!(!first[0].contains("reads like"), "{first:?}");
    let cut = Transcript { recovered: 98, is_cut: true, ..with_fault(FaultKind::BlankMissing, 1, 1) };
    assert!(messages(vec![found(cut)])[0].starts_with("A common parser recovers 98 of the first 100 cues. "));
}

#[test]
fn a_language_is_only_doubted_if_the_text_reads_like_another() {
    let reads_like = |language: &str| vec![found(Transcript { language: Some(language.into()), ..transcript() })];
    assert_eq!(messages(reads_like("de")), ["The text reads like de, the row says en."]);
    assert_eq!(messages(reads_like("en")), [""; 0]);
}

#[test]
fn the_hour_of_a_broadcast_is_told_and_how_to_be_rid_of_it() {
    let at = |first_ms| messages(vec![found(Transcript { first_ms, last_ms: first_ms + 600_000, ..transcript() })]);
    let (hour, soon) = (3_600_000, 600_000);
    let [one, ten] = [at(hour), at(10 * hour + soon - 1)];
    assert_eq!(
        one,
        [
            "The first cue is at 1:00:00: the times of a broadcast, which begins at 01:00:00. Take 1 hour off every time."
        ]
    );
    assert!(ten[0].ends_with("which begins at 10:00:00. Take 10 hours off every time."), "{ten:?}");
    assert_eq!(at(hour + soon), [""; 0], "after ten minutes it may be the first scene");
}

#[test]
fn a_length_that_is_roughly_known_or_not_at_all_is_given_room() {
    let ends = |last_ms, ms, is_rough| {
        let length = Length { ms, is_rough, media_ms: None };
        let video = video::Facts { duration: Some(length), ..facts(0) };
        let cues = found(Transcript { last_ms, covered_ms: last_ms, ..transcript() });
        said(vec![seen(video), cues]).iter().any(|(rule, ..)| *rule == Rule::CuesPastEnd)
    };
    assert!(!ends(630_000, 600_000, true), "a twentieth of its length");
    assert!(ends(630_001, 600_000, true));
    assert!(!ends(11_000, 10_000, true), "and no less than a second");
    assert!(ends(11_001, 10_000, true));
    assert!(ends(601_001, 600_000, false) && !ends(601_000, 600_000, false));
    assert!(!ends(600_000, 0, false), "a length of nothing is none");
}

#[test]
fn cues_are_sparse_below_half_of_the_video_or_a_twentieth_of_its_time() {
    let is_sparse = |first_ms, last_ms, covered_ms, ms| {
        let cues = found(Transcript { first_ms, last_ms, covered_ms, ..transcript() });
        said(vec![seen(facts(ms)), cues]).iter().any(|(rule, ..)| *rule == Rule::CuesSparse)
    };
    assert!(!is_sparse(1_000, 301_000, 300_000, 600_000), "just half of it");
    assert!(is_sparse(1_000, 300_999, 300_000, 600_000));
    assert!(!is_sparse(1_000, 600_000, 30_000, 600_000), "just a twentieth");
    assert!(is_sparse(1_000, 600_000, 29_999, 600_000));
    assert!(!is_sparse(0, 1_000, 0, 9_999), "a clip of some seconds");
    assert!(is_sparse(0, 1_000, 0, 10_000));
}
