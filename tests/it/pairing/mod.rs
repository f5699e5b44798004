//! Pairing by name: every world of `cases.json` and `more.json`, as it is, without the right transcripts, and reversed.

mod command;
mod properties;

use crate::observed;
use cuecard::domain::draft::Snapshot;
use cuecard::domain::evidence::{Evidence, Observation, Subject, SubjectKind};
use cuecard::domain::keys::{Given, Key, KeyList};
use cuecard::domain::limits::Limits;
use cuecard::domain::manifest::{Field, Manifest};
use cuecard::domain::pair::{self, Class, Inputs, Pairing, Progress};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const VIDEOS: &str = "s3://acme-media/";

/// The result for each row: its class, its transcript, its other candidates.
type Answers = BTreeMap<String, (Class, Option<String>, Vec<String>)>;

/// A world of the corpus, and the bucket of its transcripts.
struct World {
    case: Value,
    texts: &'static str,
}

/// Which transcripts are in the list, and in which order.
#[derive(Clone, Copy)]
struct Listed<'a> {
    without: &'a BTreeSet<String>,
    is_turned: bool,
}

fn worlds(texts: &'static str) -> Vec<World> {
    [include_str!("cases.json"), include_str!("more.json")]
        .into_iter()
        .flat_map(|file| {
            let mut file: Value = serde_json::from_str(file).unwrap();
            file["cases"].as_array_mut().unwrap().drain(..).collect::<Vec<_>>()
        })
        .map(|case| World { case, texts })
        .collect()
}

pub fn keys<'a>(urls: impl IntoIterator<Item = &'a str>) -> KeyList {
    urls.into_iter()
        .filter_map(|url| url.strip_prefix("s3://")?.split_once('/'))
        .map(|(bucket, key)| Key::named(bucket, key))
        .collect()
}

pub fn manifest(rows: &[(String, String, String)]) -> Snapshot {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(object, language, transcription)| {
            serde_json::json!({"index_id": "65a1b2c3d4e5f60718293a4b", "language": language, "object": object,
                               "transcription": transcription})
        })
        .collect();
    Snapshot::of(Arc::new(Manifest::parse(serde_json::to_vec(&rows).unwrap()).unwrap()))
}

pub fn paired(snapshot: &Snapshot, keys: &KeyList) -> Pairing {
    pair::run(&Inputs::new(snapshot, keys), &|_: Progress| {}, &AtomicBool::new(false)).unwrap()
}

impl World {
    fn name(&self) -> &str {
        self.case["name"].as_str().unwrap()
    }

    fn url(&self, key: &str, bucket: &str) -> String {
        if key.starts_with("s3://") { key.to_owned() } else { format!("{bucket}{key}") }
    }

    fn texts(&self, of: &str) -> Vec<String> {
        let bucket = if of == "videos" { VIDEOS } else { self.texts };
        self.case[of].as_array().unwrap().iter().map(|key| self.url(key.as_str().unwrap(), bucket)).collect()
    }

    /// The expected result for each video: the form, and the keys.
    fn expected(&self) -> BTreeMap<String, (&str, Vec<String>)> {
        let urls = |keys: &Value| {
            keys.as_array().unwrap().iter().map(|key| self.url(key.as_str().unwrap(), self.texts)).collect()
        };
        self.case["expect"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(video, right)| {
                let right = match right {
                    Value::String(key) => ("sure", vec![self.url(key, self.texts)]),
                    Value::Object(form) => {
                        let (form, keys) = form.iter().next().unwrap();
                        (form.as_str(), urls(keys))
                    }
                    _ => ("none", Vec::new()),
                };
                (self.url(video, VIDEOS), right)
            })
            .collect()
    }

    fn answers(&self, listed: Listed<'_>) -> Answers {
        let language = |video: &str| match &self.case["language"] {
            Value::String(language) => language.clone(),
            of_each => of_each[video].as_str().unwrap().to_owned(),
        };
        let mut rows: Vec<(String, String, String)> = self.case["videos"]
            .as_array()
            .unwrap()
            .iter()
            .map(|video| {
                let video = video.as_str().unwrap();
                let filled =
                    self.case["filled"][video].as_str().map_or_else(String::new, |key| self.url(key, self.texts));
                (self.url(video, VIDEOS), language(video), filled)
            })
            .collect();
        let mut urls: Vec<String> =
            self.texts("transcripts").into_iter().filter(|url| !listed.without.contains(url)).collect();
        if listed.is_turned {
            rows.reverse();
            urls.reverse();
            let middle = urls.len() / 2;
            urls.rotate_left(middle);
            let unrelated = ["quartz-north", "basalt-south"].map(|name| format!("{}zz-other/{name}.srt", self.texts));
            urls.splice(middle..middle, unrelated);
        }
        let (snapshot, keys) = (manifest(&rows), keys(urls.iter().map(String::as_str)));
        let pairing = paired(&snapshot, &keys);
        let answers: Answers = pairing
            .proposals()
            .iter()
            .map(|proposal| {
                let object = snapshot.value(proposal.row, Field::Object).text().to_owned();
                assert!(!pairing.reason(proposal).is_empty(), "{}: {object} has no reason", self.name());
                let alternatives = pairing.alternatives(proposal).into_iter().map(|key| pairing.url(key)).collect();
                (object, (proposal.class, proposal.transcript().map(|key| pairing.url(key)), alternatives))
            })
            .collect();
        let given: Vec<&String> = answers.values().filter_map(|(_, transcript, _)| transcript.as_ref()).collect();
        let filled = rows.iter().map(|(_, _, filled)| filled).filter(|filled| !filled.is_empty());
        let all: Vec<&String> = given.into_iter().chain(filled).collect();
        let once: BTreeSet<&String> = all.iter().copied().collect();
        assert_eq!(all.len(), once.len(), "{}: a transcript is given twice", self.name());
        answers
    }
}

fn nothing() -> BTreeSet<String> {
    BTreeSet::new()
}

fn each(texts: &'static str, judge: impl Fn(&World, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for world in worlds(texts) {
        judge(&world, &mut wrong);
    }
    assert_eq!(wrong, [""; 0]);
}

fn as_expected(world: &World, wrong: &mut Vec<String>) {
    let answers = world.answers(Listed { without: &nothing(), is_turned: false });
    for (video, (form, keys)) in world.expected() {
        let (class, transcript, alternatives) = &answers[&video];
        let is_right = match (form, transcript) {
            ("sure" | "any_of", Some(transcript)) => keys.contains(transcript),
            ("may", transcript) => transcript.as_ref().is_none_or(|transcript| keys.contains(transcript)),
            ("ambiguous", None) => *class == Class::Ambiguous && keys.iter().all(|key| alternatives.contains(key)),
            ("none", None) => true,
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{}: {video} is {class:?} {transcript:?}, right is {form} {keys:?}", world.name()));
        }
    }
}

#[test]
fn every_sure_transcript_is_found_and_nothing_else_is_taken() {
    each("s3://acme-captions/", as_expected);
}

#[test]
fn a_list_of_the_videos_own_bucket_gives_the_same() {
    each(VIDEOS, |world, wrong| {
        if !world.texts("transcripts").iter().any(|url| !url.starts_with(VIDEOS)) {
            as_expected(world, wrong);
        }
    });
}

#[test]
fn when_the_right_transcript_is_missing_no_other_takes_its_place() {
    each("s3://acme-captions/", |world, wrong| {
        let expected = world.expected();
        let sure: Vec<&String> =
            expected.values().filter(|(form, _)| *form == "sure").filter_map(|(_, keys)| keys.first()).collect();
        if world.case["holdout"] == false || sure.is_empty() {
            return;
        }
        // All, and each half.
        for (from, step) in [(0, 1), (0, 2), (1, 2)] {
            let without: BTreeSet<String> = sure.iter().skip(from).step_by(step).map(|url| (*url).clone()).collect();
            for (video, (_, transcript, _)) in world.answers(Listed { without: &without, is_turned: false }) {
                let is_right = |transcript: &String| {
                    expected.get(&video).is_some_and(|(form, keys)| *form != "ambiguous" && keys.contains(transcript))
                };
                if transcript.as_ref().is_some_and(|transcript| !is_right(transcript)) {
                    wrong.push(format!("{}: {video} took {transcript:?} without {without:?}", world.name()));
                }
            }
        }
    });
}

#[test]
fn the_order_of_rows_and_keys_and_keys_of_others_change_nothing() {
    each("s3://acme-captions/", |world, wrong| {
        let said = |answers: Answers| -> BTreeMap<String, (Class, Option<String>)> {
            answers.into_iter().map(|(video, (class, transcript, _))| (video, (class, transcript))).collect()
        };
        let one = said(world.answers(Listed { without: &nothing(), is_turned: false }));
        let two = said(world.answers(Listed { without: &nothing(), is_turned: true }));
        if one != two {
            wrong.push(format!("{}: {one:?} and {two:?}", world.name()));
        }
    });
}

#[test]
fn reasons_are_words_for_the_operator() {
    let rows =
        [("v/ep01.mp4", "en"), ("v/ep02.mp4", "en"), ("v/ep03.mp4", "en"), ("v/tour.mp4", "en"), ("v/e9.mp4", "en")]
            .map(|(key, language)| (format!("{VIDEOS}{key}"), language.to_owned(), String::new()));
    let snapshot = manifest(&rows);
    let list = keys([
        "s3://texts/v/ep01.srt",
        "s3://texts/v/EP02.en.srt",
        "s3://texts/v/ep03.en-GB.srt",
        "s3://texts/v/ep03.en-US.srt",
        "s3://texts/v/tour.es.srt",
        "s3://texts/v/e90.srt",
    ]);
    let pairing = paired(&snapshot, &list);
    let reasons: Vec<String> = pairing.proposals().iter().map(|proposal| pairing.reason(proposal)).collect();
    assert_eq!(
        reasons,
        [
            "same name · same folder · only candidate",
            "same name · en tag, the row's language · same folder · only candidate",
            "two fit: en-GB and en-US; the row says en",
            "only in es, the row says en",
            "nothing fits; near: e90.srt, 90 is not 9",
        ]
    );
    let overview = pairing.overview();
    assert_eq!((overview.sure(), overview.to_decide(), overview.nothing_fits(), overview.unused), (2, 2, 1, 1));
}

#[test]
fn a_counter_that_may_be_shifted_is_not_taken_in_bulk() {
    let rows: Vec<_> =
        (0..6).map(|at| (format!("{VIDEOS}day-2/{at:02}.mp4"), "en".to_owned(), String::new())).collect();
    let snapshot = manifest(&rows);
    let urls: Vec<String> = (1..7).map(|at| format!("s3://texts/day-2/{at:02}.srt")).collect();
    let pairing = paired(&snapshot, &keys(urls.iter().map(String::as_str)));
    let [alarm] = pairing.alarms() else { panic!("{:?}", pairing.alarms()) };
    assert_eq!((alarm.rows, alarm.row, pairing.url(alarm.left)), (5, 0, "s3://texts/day-2/06.srt".to_owned()));
    assert_eq!((pairing.overview().sure(), pairing.overview().to_decide()), (0, 5));
    assert!(pairing.edit(&Class::ALL).is_none());
    assert_eq!(pairing.questions().len(), 1);
}

#[test]
fn rows_with_the_same_doubt_ask_one_question() {
    let rows: Vec<_> =
        (0..9).map(|at| (format!("{VIDEOS}i/interview-{at:02}.mp4"), "en".to_owned(), String::new())).collect();
    let snapshot = manifest(&rows);
    let urls: Vec<String> = (0..9)
        .flat_map(|at| {
            if at < 7 { vec!["en-GB", "en-US"] } else { vec!["es"] }
                .into_iter()
                .map(move |tag| format!("s3://texts/i/interview-{at:02}.{tag}.vtt"))
        })
        .collect();
    let pairing = paired(&snapshot, &keys(urls.iter().map(String::as_str)));
    let asked: Vec<(u32, String)> = pairing
        .questions()
        .iter()
        .enumerate()
        .map(|(at, question)| (question.rows, pairing.question(pairing.rows_asking(at).next().unwrap()).unwrap()))
        .collect();
    assert_eq!(
        asked,
        [(7, "two fit: en-GB and en-US; the row says en".to_owned()), (2, "only in es, the row says en".to_owned()),]
    );
}

#[test]
fn close_second_match_needs_a_decision() {
    let rows = [(format!("{VIDEOS}show/harbour walk.mp4"), "en".to_owned(), String::new())];
    let snapshot = manifest(&rows);
    let pairing =
        paired(&snapshot, &keys(["s3://texts/show/harbour walk.srt", "s3://texts/show/part/harbour walk.srt"]));
    let proposal = pairing.proposals()[0];
    assert_eq!((proposal.class, proposal.is_sure()), (Class::Exact, false));
    assert!(pairing.reason(&proposal).ends_with("a close second: show/ and part/"), "{}", pairing.reason(&proposal));
}

#[test]
fn online_facts_choose_among_equals_and_block_contradictions() {
    let rows = ["show/e5.mp4", "show/e6.mp4", "show/e7.mp4"]
        .map(|key| (format!("{VIDEOS}{key}"), "en".to_owned(), String::new()));
    let snapshot = manifest(&rows);
    let list = keys([
        "s3://texts/show/e5.en-GB.srt",
        "s3://texts/show/e5.en-US.srt",
        "s3://texts/show/e6.srt",
        "s3://texts/other/x.srt",
    ]);
    let mut evidence = Evidence::new(Limits::default());
    let mut learn = |kind, url: &str, fact| {
        let observation = Observation { at_ms: 0, requests: 1, cached: false, fact };
        evidence.observe(&Subject::of(kind, url).unwrap(), &observation);
    };
    for (at, url) in rows.iter().map(|row| &row.0).enumerate() {
        learn(SubjectKind::Video, url, observed::video(600 + at as u64));
    }
    for (url, last_ms) in [
        ("s3://texts/show/e5.en-GB.srt", 900_000),
        ("s3://texts/show/e5.en-US.srt", 590_000),
        ("s3://texts/show/e6.srt", 900_000),
    ] {
        learn(SubjectKind::Transcript, url, observed::read(observed::cues(last_ms)));
    }
    let inputs = Inputs { evidence: Some(&evidence), ..Inputs::new(&snapshot, &list) };
    let pairing = pair::run(&inputs, &|_| {}, &AtomicBool::new(false)).unwrap();
    let said: Vec<_> = pairing
        .proposals()
        .iter()
        .map(|it| (it.class, it.transcript().map(|key| pairing.url(key)), pairing.reason(it)))
        .collect();
    assert_eq!((said[0].0, said[0].1.as_deref()), (Class::Likely, Some("s3://texts/show/e5.en-US.srt")), "{said:?}");
    assert_eq!((said[1].0, said[1].2.as_str()), (Class::Ambiguous, "the cues do not fit the video"), "{said:?}");
    assert_eq!(said[2].0, Class::None, "{said:?}");
}

#[test]
fn what_a_table_states_goes_before_names() {
    let rows = ["a.mp4", "b.mp4"].map(|key| (format!("{VIDEOS}{key}"), "en".to_owned(), String::new()));
    let snapshot = manifest(&rows);
    let list = keys(["s3://texts/a.srt", "s3://texts/b.srt", "s3://texts/x9.srt"]);
    let state = |video: &str, transcript: &str, line| Given {
        video: video.into(),
        transcript: transcript.into(),
        line,
        by: "pairs.csv".into(),
    };
    let given = [state("a.mp4", "s3://texts/x9.srt", 2), state("b.mp4", "s3://texts/gone.srt", 3)];
    let inputs = Inputs { given: &given, ..Inputs::new(&snapshot, &list) };
    let pairing = pair::run(&inputs, &|_| {}, &AtomicBool::new(false)).unwrap();
    let first = pairing.proposals()[0];
    assert_eq!(first.transcript().map(|key| pairing.url(key)).as_deref(), Some("s3://texts/x9.srt"));
    // Without the stated pair a person would decide: no other is a close second.
    assert!(first.is_sure());
    assert_eq!(pairing.reason(&first), "given by pairs.csv, line 2");
    assert_eq!(pairing.why(Class::Exact), "given by pairs.csv");

    // The key of the second pair is in no list: a person decides, though another name fits.
    let second = pairing.proposals()[1];
    assert_eq!((second.class, second.transcript()), (Class::Ambiguous, None));
    assert_eq!(pairing.reason(&second), "not in the lists: given by pairs.csv, line 3");
    let choices: Vec<String> = pairing.choices(&second).into_iter().map(|key| pairing.url(key)).collect();
    assert_eq!(choices, ["s3://texts/gone.srt", "s3://texts/b.srt"]);
    let key = pairing.choices(&second)[0];
    assert_eq!(pairing.candidate(&second, key), "not in the lists");
    assert_eq!((pairing.listed().len(), pairing.overview().given), (3, 1));
}
