#![allow(clippy::unwrap_used, reason = "a test that can't go on fails by panicking")]

use super::*;
use crate::evidence::{Answer, Fact, Found, IndexAnswer, Object, Unclear};
use crate::index::Index;
use crate::rules::Severity;
use crate::subtitle::{Cue, Encoding, Fault, FaultKind, Format, Inspected, Other, Transcript, inspect};
use crate::video::{Container, Doubt, Facts, Length, Teller};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{self, select};
use std::collections::HashMap;

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof!["[ -~]{0,40}", any::<String>()].prop_map(Into::into)
}

fn cue() -> impl Strategy<Value = Cue> {
    (any::<u64>(), any::<u64>(), text()).prop_map(|(start_ms, end_ms, text)| Cue { start_ms, end_ms, text })
}

fn fault() -> impl Strategy<Value = Fault> {
    let severity = select(&Severity::ALL);
    (select(FaultKind::ALL), severity, any::<[u32; 3]>()).prop_map(|(kind, severity, [line, column, count])| Fault {
        kind,
        severity,
        line,
        column,
        count,
    })
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![
        any::<bool>().prop_map(|bom| Encoding::Utf8 { bom }),
        any::<(bool, bool)>().prop_map(|(little_endian, bom)| Encoding::Utf16 { little_endian, bom }),
        text().prop_map(Encoding::Legacy),
    ]
}

fn transcript() -> BoxedStrategy<Transcript> {
    let said = (vec(cue(), 0..5), vec(fault(), 0..5), option::of(text()), encoding());
    let counts = (any::<[u32; 2]>(), any::<[u64; 3]>(), any::<[u64; 2]>());
    (select(&[Format::Srt, Format::WebVtt]), any::<bool>(), said, counts)
        .prop_map(|(format, is_cut, said, counts)| {
            let (opening, faults, language, encoding) = said;
            let ([apparent, recovered], [first_ms, last_ms, covered_ms], slices) = counts;
            Transcript {
                format,
                encoding,
                apparent,
                recovered,
                first_ms,
                last_ms,
                covered_ms,
                slices,
                opening,
                faults,
                language,
                is_cut,
            }
        })
        .boxed()
}

fn inspected() -> impl Strategy<Value = Inspected> {
    prop_oneof![
        8 => transcript().prop_map(|transcript| Inspected::Subtitles(Box::new(transcript))),
        1 => option::of(text()).prop_map(|code| Inspected::Other(Other::S3Error(code))),
        1 => Just(Inspected::Other(Other::Gzip)),
    ]
}

fn video() -> BoxedStrategy<Facts> {
    let container = prop_oneof![
        text().prop_map(Container::IsoMedia),
        Just(Container::Matroska),
        text().prop_map(Container::Other),
        Just(Container::Unknown),
    ];
    let length = any::<(u64, bool, Option<u64>)>();
    let length = length.prop_map(|(ms, is_rough, media_ms)| Length { ms, is_rough, media_ms });
    let doubt = option::of(select(&[Doubt::Budget, Doubt::Encrypted, Doubt::Zeros]));
    let teller =
        prop_oneof![Just(None), Just(Some(Teller::Ffprobe)), text().prop_map(|it| Some(Teller::NotFfprobe(it)))];
    let sizes = any::<(Option<(u32, u32)>, Option<(u32, u32)>, u16, Option<bool>, Option<bool>)>();
    (container, option::of(length), sizes, doubt, teller)
        .prop_map(|(container, duration, sizes, doubt, teller)| {
            let (coded, display, rotation, has_video, has_audio) = sizes;
            Facts { container, duration, coded, display, rotation, has_video, has_audio, doubt, teller }
        })
        .boxed()
}

fn unclear() -> impl Strategy<Value = Unclear> {
    prop_oneof![
        Just(Unclear::Throttled),
        text().prop_map(Unclear::Unreachable),
        any::<u64>().prop_map(Unclear::Slow),
        (any::<u16>(), option::of(text())).prop_map(|(status, code)| Unclear::Status(status, code)),
        Just(Unclear::Garbled),
        // Longer than a block.
        Just(Unclear::Broken("ab".repeat(BLOCK).into())),
    ]
}

fn etag() -> impl Strategy<Value = Option<Box<str>>> {
    let md5 = prop_oneof!["\"[0-9a-f]{32}\"", "\"[0-9a-f]{32}-[0-9]{1,5}\"", "[\"W/0-9a-fA-F-]{0,40}"];
    option::of(prop_oneof![4 => md5.prop_map(Into::into), 1 => text()])
}

fn object<T: std::fmt::Debug + Clone + 'static>(what: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Object<T>> {
    let found = (any::<u64>(), etag(), what).prop_map(|(size, etag, what)| Answer::Found(Found { size, etag, what }));
    let answer = prop_oneof![
        8 => found,
        1 => Just(Answer::NoBucket),
        1 => (any::<bool>(), option::of(text())).prop_map(|(deleted, instead)| Answer::Missing { deleted, instead }),
        1 => (any::<Option<bool>>(), option::of(text()), option::of(text()))
            .prop_map(|(there, instead, because)| Answer::Refused { there, instead, because }),
        1 => text().prop_map(Answer::Archived),
        1 => Just(Answer::Empty),
        1 => unclear().prop_map(Answer::Unclear),
    ];
    let region = option::of(prop_oneof![Just("us-west-2".into()), text()]);
    (region, any::<bool>(), answer).prop_map(|(region, signed, answer)| Object { region, signed, answer }).boxed()
}

fn fact() -> BoxedStrategy<Fact> {
    let index = (option::of(text()), vec(text(), 0..3), any::<Option<bool>>(), any::<Option<i64>>());
    let index = index.prop_map(|(name, engines, needs_audio, expires_ms)| {
        IndexAnswer::Found(Index { name, engines, needs_audio, expires_ms })
    });
    let index = prop_oneof![index, Just(IndexAnswer::Missing), unclear().prop_map(IndexAnswer::Unclear)];
    prop_oneof![
        6 => object(inspected()).prop_map(Fact::Transcript),
        2 => object(video()).prop_map(|video| Fact::Video(Box::new(video))),
        1 => index.prop_map(Fact::Index),
    ]
    .boxed()
}

fn observation() -> impl Strategy<Value = Observation> {
    (any::<i64>(), any::<u32>(), any::<bool>(), fact()).prop_map(|(at_ms, requests, cached, fact)| Observation {
        at_ms,
        requests,
        cached,
        fact,
    })
}

/// Few names, so that some are put again, and some that begin with another.
fn subject() -> impl Strategy<Value = Subject> {
    let names = ["s3://acme/a.srt", "s3://acme/a.srt.srt", "s3://acme/ä b.vtt", "S3://acme/a.srt", "s3n://acme/a.srt"];
    let kinds = vec![SubjectKind::Transcript, SubjectKind::Video];
    (select(kinds), select(names.to_vec())).prop_map(|(kind, name)| Subject { kind, name: name.into() })
}

proptest! {
    #[test]
    fn what_is_read_is_the_answer_that_was_put(observation in observation(), subject in subject()) {
        let mut packed = Packed::default();
        packed.put(0, &subject, &observation);
        let read = packed.get(0, &subject);
        prop_assert_eq!(read.as_ref(), Some(&observation));
        let json = |it: &Observation| serde_json::to_string(it).unwrap();
        prop_assert_eq!(read.map(|it| json(&it)), Some(json(&observation)));
        prop_assert_eq!(packed.iter().collect::<Vec<_>>(), vec![(subject, observation)]);
    }

    #[test]
    fn bytes_of_an_answer_are_read_whole_or_not_at_all(observation in observation(), at: sample::Index, byte: u8) {
        let bytes = observation.to_bytes();
        prop_assert_eq!(Observation::from_bytes(&bytes), Some(observation));
        prop_assert_eq!(Observation::from_bytes(&[&bytes[..], &[0]].concat()), None);
        prop_assert_eq!(Observation::from_bytes(&bytes[..at.index(bytes.len())]), None);
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] = byte;
        prop_assert!(damaged == bytes || Observation::from_bytes(&damaged).is_none());
    }

    /// The hash alone tells no two subjects apart.
    #[test]
    fn answers_are_found_by_their_subject_whatever_was_put_before(
        puts in vec((subject(), observation(), 0..2_u32), 0..24)
    ) {
        let (mut packed, mut model) = (Packed::default(), HashMap::new());
        let hash = |subject: &Subject, hash: u32| if subject.kind == SubjectKind::Video { 7 } else { hash };
        let puts: HashMap<Subject, (Vec<Observation>, u32)> =
            puts.into_iter().fold(HashMap::new(), |mut puts, (subject, observation, hash)| {
                puts.entry(subject).or_insert_with(|| (Vec::new(), hash)).0.push(observation);
                puts
            });
        for round in 0..24 {
            for (subject, (observations, own)) in &puts {
                if let Some(observation) = observations.get(round) {
                    let before = packed.put(hash(subject, *own), subject, observation);
                    prop_assert_eq!(before, model.insert(subject.clone(), observation.clone()));
                }
            }
        }
        for (subject, (_, own)) in &puts {
            prop_assert_eq!(packed.get(hash(subject, *own), subject), model.get(subject).cloned());
        }
        prop_assert_eq!(packed.iter().collect::<HashMap<_, _>>(), model);
    }
}

#[test]
fn a_transcript_is_kept_in_250_bytes_with_its_address() {
    let mut text = String::new();
    for (number, line) in (1..).zip(["The harbour is open again,\nsaid the engineer."; 360]) {
        let (minute, second) = (number / 15, number % 15 * 4);
        let times = format!("00:{minute:02}:{second:02},000 --> 00:{minute:02}:{:02},800", second + 2);
        text.push_str(&format!("{number}\n{times}\n{line}\n\n"));
    }
    let etag = Some("\"9e107d9d372bb6826bd81d3542a419d6\"".into());
    let answer = Answer::Found(Found { size: text.len() as u64, etag, what: inspect(text.as_bytes(), false) });
    let fact = Fact::Transcript(Object { region: Some("us-west-2".into()), signed: false, answer });
    let name = "s3://captions-of-archive/broadcast/2026/season-0004/episode-0000017-final.en.srt";
    let mut packed = Packed::default();
    let subject = Subject::of(SubjectKind::Transcript, name).unwrap();
    packed.put(0, &subject, &Observation { at_ms: 1_790_000_000_000, requests: 1, cached: false, fact });
    assert!(packed.blocks[0].len() <= 250, "{}", packed.blocks[0].len());
}
