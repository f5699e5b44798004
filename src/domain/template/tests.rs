use super::*;
use crate::draft::{Draft, Snapshot};
use crate::keys::{Key, KeyList, Listed};
use crate::manifest::{Field, Manifest, RowId};
use crate::row_set::RowSet;
use proptest::prelude::*;
use std::sync::Arc;

/// Rows with a video key, a language and a transcript.
fn rows<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Snapshot {
    let row = |(object, language, transcript)| {
        serde_json::json!({
            "index_id": "6298d673f1090f1100476d4c", "language": language,
            "object": format!("s3://acme-video/{object}"), "transcription": transcript,
        })
    };
    let json = serde_json::Value::Array(rows.into_iter().map(row).collect());
    Snapshot::of(Arc::new(Manifest::parse(json.to_string().into_bytes()).unwrap()))
}

fn value(template: &str, object: &str, language: &str) -> Result<String, String> {
    let template = Template::read(template).unwrap_or_else(|fault| panic!("{template}: {fault}"));
    template.value(&rows([(object, language, "")]), 0).map_err(|none| none.to_string())
}

#[test]
fn each_part_is_taken_from_the_video_or_the_language() {
    let (object, language) = ("news/2026/world/S01E07 - The Talk_1080p.mp4", "en-US");
    for (written, text) in [
        (
            "s3://acme-captions/{folder}/{stem}.{lang}.vtt",
            "s3://acme-captions/news/2026/world/S01E07 - The Talk_1080p.en-US.vtt",
        ),
        ("{bucket}", "acme-video"),
        ("{ext}", "mp4"),
        ("{folder:1}", "news"),
        ("{folder:-1}", "world"),
        ("{folder:2..}", "2026/world"),
        ("{folder:..-2}", "news/2026"),
        ("{folder:2..-2}", "2026"),
        ("x/{folder:4..}/y", "x/y"),
        ("{stem:bare}", "S01E07 - The Talk"),
        ("{stem:bare:lower:-}", "s01e07-the-talk"),
        ("{stem:upper}", "S01E07 - THE TALK_1080P"),
        ("{stem:bare:_}", "S01E07_The_Talk"),
        ("{stem:bare:lower:title}", ""),
        ("{token:1}", "S01E07"),
        ("{token:-1}", "1080p"),
        ("{token:2:title}", "The"),
        ("{number:1}", "1"),
        ("{number:1:2}", "01"),
        ("{number:2:3}", "007"),
        ("{number:-1:2}", "1080"),
        ("{number:s}", "1"),
        ("{number:e:2}", "07"),
        ("{lang}", "en-US"),
        ("{lang:short}", "en"),
        ("{lang:three}", "eng"),
        ("{lang:long}", "english"),
        ("{lang:long:title}", "English"),
        ("{{{ext}}}", "{mp4}"),
    ] {
        if written == "{stem:bare:lower:title}" {
            assert_eq!(Template::read(written).unwrap_err().why, "title is one too many in {stem}");
            continue;
        }
        assert_eq!(value(written, object, language).as_deref(), Ok(text), "{written}");
    }
    assert_eq!(
        value("w{number:week:2}-l{number:lecture:2}.vtt", "algebra/Week 3 - Lecture 12.mp4", "en").as_deref(),
        Ok("w03-l12.vtt")
    );
    assert_eq!(value("{number:season}x{number:ep:2}", "Season 2/Ep.004.mkv", "").as_deref(), Ok("2x04"));
    assert_eq!(value("{number:1}", "000.mp4", "").as_deref(), Ok("0"));
    assert_eq!(value("c/{folder}/{stem}.srt", "1.mp4", "").as_deref(), Ok("c/1.srt"), "no folder, no slash");
    assert_eq!(value("{number:회}", "뉴스 3회 7.mp4", "ko"), Ok("7".into()));
}

#[test]
fn the_example_of_the_readme_holds() {
    let (object, language) = ("news/2026/Week 3 - Talk_1080p.mp4", "en-US");
    for (written, text) in [
        ("{folder:1} {folder:-1} {folder:2..} {folder:..-2}", "news 2026 2026 news"),
        ("{token:1} {token:-1}", "Week 1080p"),
        ("{number:1} {number:week:2}", "3 03"),
        ("{stem:bare:lower:-}", "week-3-talk"),
    ] {
        assert_eq!(value(written, object, language).as_deref(), Ok(text), "{written}");
    }
}

#[test]
fn missing_template_parts_are_named() {
    for (written, said) in [
        ("{number:2}", "row 1 has no number 2"),
        ("{number:-3}", "row 1 has no number 3 from the end"),
        ("{number:week}", "row 1 has no number after week"),
        ("{token:5}", "row 1 has no word 5"),
        ("{folder:1}", "row 1 has no folder 1"),
        ("{folder:3..}", "row 1 has no 3 folders"),
        ("{lang}", "row 1 has no language"),
        ("{ext}", "row 1 has no ending"),
    ] {
        assert_eq!(value(written, "clip 7", ""), Err(said.into()), "{written}");
    }
    let snapshot = Snapshot::of(Arc::new(Manifest::parse(b"[{\"object\":\"https://x\"},7]".to_vec()).unwrap()));
    let template = Template::read("{stem}").unwrap();
    for row in 0..2 {
        assert_eq!(template.value(&snapshot, row).unwrap_err().what, "video in a bucket");
    }
}

#[test]
fn template_errors_name_their_position() {
    for (text, span, why) in [
        ("s3://c/{stm}.vtt", 7..12, "{stm} is no part. Did you mean {stem}?"),
        ("{language}", 0..10, "{language} is no part. Did you mean {lang}?"),
        ("{Stem}", 0..6, "{Stem} is no part. Did you mean {stem}?"),
        ("{filename}", 0..10, "{filename} is no part. Did you mean {stem}?"),
        ("{nr}", 0..4, "{nr} is no part. There are {bucket} {folder} {stem} {token:1} {number:1} {lang} {ext}"),
        ("{}", 0..2, "{} is no part. There are {bucket} {folder} {stem} {token:1} {number:1} {lang} {ext}"),
        ("a{stem", 1..6, "a } is missing"),
        ("a{stem.{ext}", 1..12, "a } is missing"),
        ("a}b", 1..2, "a { is missing before this }; }} stands for one"),
        ("{stem:lowr}", 0..11, "lowr does not apply to {stem}. Did you mean {stem:lower}?"),
        ("{lang:lng}", 0..10, "lng does not apply to {lang}. Did you mean {lang:long}?"),
        (
            "{number}",
            0..8,
            "{number} says which: {number:1} is the first, {number:-1} the last, {number:week} the one after week",
        ),
        ("{token:0}", 0..9, "{token} says which word: {token:1} is the first, {token:-1} the last"),
        (
            "{number:1:40}",
            0..13,
            "40 does not apply to {number}. There are lower, upper, title and - _ . for its words",
        ),
    ] {
        let fault = Template::read(text).unwrap_err();
        assert_eq!((fault.span, fault.why.as_str()), (span, why), "{text}");
    }
    let fault = Template::read("日本/{stm}").unwrap_err();
    assert_eq!((fault.span.clone(), fault.cells("日本/{stm}")), (7..12, 5..10));
}

fn listed<'a>(keys: impl IntoIterator<Item = &'a str>) -> Listed {
    Listed::of(&keys.into_iter().map(|key| Key::named("acme-captions", key)).collect::<KeyList>())
}

fn said(applied: &Applied) -> String {
    applied.counts().iter().map(|(fit, count)| format!("{} {count}", fit.word())).collect::<Vec<_>>().join(", ")
}

#[test]
fn counts_say_what_exists_and_what_cannot_be_filled() {
    let snapshot = rows([
        ("a/1.mp4", "en", ""),
        ("a/2.mp4", "en", ""),
        ("b/2.mp4", "en", ""),
        ("a/3.mp4", "en", ""),
        ("a/3b.mp4", "en", "s3://acme-captions/3.en.vtt"),
        ("a/4.mp4", "", ""),
        ("a/5.mp4", "en", ""),
        ("a/1.mp4", "en", ""),
    ]);
    let template = Template::read("s3://acme-captions/{stem}.{lang}.vtt").unwrap();
    let missing = RowSet::range(0, 8).difference(&RowSet::one(4));
    let keys = listed(["1.en.vtt", "2.en.vtt", "3.en.vtt"]);
    let applied = apply(&template, &snapshot, &missing, Some(&keys), |_| true).unwrap();
    assert_eq!(said(&applied), "exist 2, not listed 1, twice 2, in use 1, no value 1, all 7");
    assert_eq!(
        (applied.other(1), applied.other(2), applied.other(3), applied.other(0)),
        (Some(2), Some(1), Some(4), None)
    );
    assert_eq!(
        (applied.first(), applied.after(Fit::Exist), applied.after(Fit::All)),
        (Fit::Exist, Fit::NotListed, Fit::Exist)
    );
    let rows = |fit| applied.fillable(fit).iter().collect::<Vec<_>>();
    assert_eq!(
        (rows(Fit::Exist), rows(Fit::All), rows(Fit::Twice)),
        (vec![0, 7], vec![0, 6, 7], vec![]),
        "one video may stand twice"
    );
    assert_eq!(applied.fits(), 6);

    let mut draft = Draft::new(Arc::clone(snapshot.base()));
    draft.apply(applied.edit(&template, &snapshot, Fit::Exist, |_| true).unwrap());
    assert_eq!(draft.now().value(7, Field::Transcription).text(), "s3://acme-captions/1.en.vtt");
    assert!(applied.edit(&template, &snapshot, Fit::Twice, |_| true).is_none());

    let blind = apply(&template, &snapshot, &missing, None, |_| true).unwrap();
    assert_eq!((said(&blind).as_str(), blind.first()), ("twice 2, in use 1, no value 1, all 7", Fit::All));
    assert_eq!(blind.fillable(Fit::All).iter().collect::<Vec<_>>(), [0, 6, 7]);
    let odd = apply(&Template::read("{stem}").unwrap(), &snapshot, &missing, None, |_| true).unwrap();
    assert_eq!(said(&odd), "twice 0, in use 0, would break 7, all 7");
    assert!(apply(&template, &snapshot, &missing, None, |_| false).is_none());
}

/// The result of learning from the first rows, which have a transcript, for the rest.
fn learnt(snapshot: &Snapshot, listed: Option<&Listed>) -> Option<LearntTemplate> {
    let filled = |row: &RowId| !snapshot.value(*row, Field::Transcription).is_empty();
    let examples: Vec<RowId> = (0..snapshot.len()).filter(filled).collect();
    let gain = (0..snapshot.len()).filter(|row| !filled(row)).collect();
    let held = examples.iter().copied().collect();
    learn(&Lesson { snapshot, examples: &examples, held: &held, gain: &gain, listed }, |_| true)
}

#[test]
fn two_filled_rows_tell_the_template() {
    for (examples, template) in [
        (
            [
                ("news/2026/0705.mp4", "en", "s3://acme-captions/news/2026/0705.en.vtt"),
                ("news/2026/0706.mp4", "en", "s3://acme-captions/news/2026/0706.en.vtt"),
            ],
            "s3://acme-captions/{folder}/{stem}.{lang}.vtt",
        ),
        (
            [("2026/07.mp4", "en", "s3://acme-captions/07.srt"), ("2025/08.mp4", "en", "s3://acme-captions/08.srt")],
            "s3://acme-captions/{stem}.srt",
        ),
        (
            [
                ("algebra/Week 3 - Lecture 2.mp4", "en", "s3://acme-captions/algebra/w03-l02.en.vtt"),
                ("algebra/Week 10 - Lecture 1.mp4", "en", "s3://acme-captions/algebra/w10-l01.en.vtt"),
            ],
            "s3://acme-captions/{folder}/w{number:week:2}-l{number:lecture:2}.{lang}.vtt",
        ),
        (
            [
                ("talks/The Big Talk.mov", "en-US", "s3://acme-captions/talks/the-big-talk_english.srt"),
                ("talks/Another One.mov", "ko", "s3://acme-captions/talks/another-one_korean.srt"),
            ],
            "s3://acme-captions/{folder}/{stem:lower:-}_{lang:long}.srt",
        ),
        (
            [
                ("raw/2026/ab12_talk_1080p.mp4", "en", "s3://acme-captions/2026/AB12_TALK.vtt"),
                ("raw/2025/cd34_talk_1080p.mp4", "en", "s3://acme-captions/2025/CD34_TALK.vtt"),
            ],
            "s3://acme-captions/{folder:-1}/{stem:bare:upper}.vtt",
        ),
    ] {
        let snapshot = rows(examples);
        let found = learnt(&snapshot, None).unwrap();
        assert_eq!(found.template.to_string(), template);
    }
}

#[test]
fn the_list_decides_between_templates_that_explain_the_examples_alike() {
    // Both rows have the same folder and year: only the list shows which of the two the name contains.
    let filled = [
        ("2026/2026/0705.mp4", "en", "s3://acme-captions/2026/0705.vtt"),
        ("2026/2026/0706.mp4", "en", "s3://acme-captions/2026/0706.vtt"),
    ];
    let empty: Vec<String> = (0..9).map(|n| format!("2025/2026/09{n:02}.mp4")).collect();
    let all = || filled.iter().copied().chain(empty.iter().map(|object| (object.as_str(), "en", "")));
    let snapshot = rows(all());
    let keys_of = |folder: &str| (0..9).map(|n| format!("{folder}/09{n:02}.vtt")).collect::<Vec<_>>();
    let of = |folders: &[&str]| {
        let keys: Vec<String> = folders.iter().flat_map(|folder| keys_of(folder)).collect();
        learnt(&snapshot, Some(&listed(keys.iter().map(String::as_str)))).unwrap()
    };
    let first = of(&["2025"]);
    assert_eq!(first.template.value(&snapshot, 2).as_deref(), Ok("s3://acme-captions/2025/0900.vtt"));
    assert_eq!((first.applied.count(Fit::Exist), first.rival), (9, None));
    let last = of(&["2026"]);
    assert_eq!(last.template.value(&snapshot, 2).as_deref(), Ok("s3://acme-captions/2026/0900.vtt"));
    assert!(last.is_worth_offering());
    // If both exist, the operator is asked about one row.
    let both = of(&["2025", "2026"]);
    let rival = both.rival.unwrap();
    assert_eq!(rival.row, 2);
    let mut values = rival.values.clone();
    values.sort();
    assert_eq!(values, ["s3://acme-captions/2025/0900.vtt", "s3://acme-captions/2026/0900.vtt"]);
}

#[test]
fn one_example_is_enough_when_the_list_has_most_of_the_rest() {
    let names: Vec<String> = (700..720).map(|n| format!("news/{n:04}.mp4")).collect();
    let row =
        |(at, object): (usize, &String)| (object.clone(), if at == 0 { "s3://acme-captions/0700.en.vtt" } else { "" });
    let all: Vec<(String, &str)> = names.iter().enumerate().map(row).collect();
    let snapshot = rows(all.iter().map(|(object, transcript)| (object.as_str(), "en", *transcript)));
    let keys = |share: std::ops::Range<u32>| share.map(|n| format!("{n:04}.en.vtt")).collect::<Vec<_>>();
    let of = |keys: &[String]| learnt(&snapshot, Some(&listed(keys.iter().map(String::as_str))));
    let found = of(&keys(700..718)).unwrap();
    assert_eq!(found.template.to_string(), "s3://acme-captions/{stem}.{lang}.vtt");
    assert_eq!(said(&found.applied), "exist 17, not listed 2, twice 0, in use 0, all 19");
    assert_eq!(of(&keys(700..710)), None, "half is not most");
    assert_eq!(learnt(&snapshot, None), None, "nobody knows");
    // One key that exists for every row proves nothing.
    assert_eq!(of(&keys(700..701)), None);
}

#[test]
fn no_folder_is_found_within_the_scheme_of_an_address() {
    let names: Vec<String> = (1..=28).map(|n| format!("s/{n:02}-{n:02}.mp4")).collect();
    let row =
        |(at, object): (usize, &String)| (object.clone(), if at == 0 { "s3://acme-captions/s/clip01.srt" } else { "" });
    let all: Vec<(String, &str)> = names.iter().enumerate().map(row).collect();
    let snapshot = rows(all.iter().map(|(object, transcript)| (object.as_str(), "en", *transcript)));
    let keys: Vec<String> = (1..=28).map(|n| format!("s/clip{n:02}.srt")).collect();
    let found = learnt(&snapshot, Some(&listed(keys.iter().map(String::as_str)))).unwrap();
    assert_eq!(found.template.to_string(), "s3://acme-captions/s/clip{number:1:2}.srt");
}

#[test]
fn a_row_that_is_known_to_be_right_disqualifies_what_contradicts_it() {
    let snapshot = rows([
        ("a/1.mp4", "en", "s3://acme-captions/1.srt"),
        ("a/2.mp4", "en", "s3://acme-captions/2.srt"),
        ("a/3.mp4", "en", "s3://acme-captions/three.srt"),
        ("a/4.mp4", "en", ""),
    ]);
    let lesson = |held: RowSet| {
        learn(
            &Lesson { snapshot: &snapshot, examples: &[0, 1], held: &held, gain: &RowSet::one(3), listed: None },
            |_| true,
        )
    };
    assert_eq!(lesson(RowSet::range(0, 2)).unwrap().template.to_string(), "s3://acme-captions/{stem}.srt");
    assert_eq!(lesson(RowSet::range(0, 3)), None);
}

#[test]
fn no_template_is_learned_from_unrelated_values() {
    let snapshot = rows([
        ("a/1.mp4", "en", "s3://acme-captions/x.srt"),
        ("a/2.mp4", "en", "s3://acme-captions/y.srt"),
        ("a/4.mp4", "en", ""),
    ]);
    assert_eq!(learnt(&snapshot, None), None);
    let long = format!("s3://acme-captions/{}.srt", "x".repeat(2_000));
    assert_eq!(learnt(&rows([("a/1.mp4", "en", long.as_str()), ("a/2.mp4", "en", long.as_str())]), None), None);
}

fn any_part() -> impl Strategy<Value = Part> {
    let place = || prop_oneof![1..4_i16, -3..0_i16];
    let which = prop_oneof![place().prop_map(Which::Nth), "[a-z가-힣]{1,5}".prop_map(Which::After)];
    let width = prop::option::of(1..=WIDEST);
    let source = prop_oneof![
        Just(Source::Bucket),
        (place(), place()).prop_map(|(first, last)| Source::Folder { first, last }),
        Just(Source::Stem),
        Just(Source::BareStem),
        place().prop_map(Source::Token),
        (which, width).prop_map(|(which, width)| Source::Number { which, width }),
        prop::sample::select(vec![Style::Own, Style::Short, Style::Three, Style::Long]).prop_map(Source::Lang),
        Just(Source::Ext),
    ];
    let case = prop::option::of(prop::sample::select(vec![Case::Lower, Case::Upper, Case::Title]));
    (source, case, prop::option::of(prop::sample::select(SEPARATORS.to_vec())))
        .prop_map(|(source, case, separator)| Part { source, case, separator })
}

fn any_template() -> impl Strategy<Value = Template> {
    let piece = prop_oneof![any_part().prop_map(Piece::Part), "[a-z{}/.é ]{1,4}".prop_map(Piece::Text)];
    prop::collection::vec(piece, 0..7).prop_map(Template::new)
}

fn any_video() -> impl Strategy<Value = String> {
    let name = "[A-C][a-c0-2]{0,3}([-_ .][a-cA-C0-9]{1,3}){0,3}";
    (prop::collection::vec("[a-c0-9]{1,4}", 0..3), name).prop_map(|(folders, name)| {
        format!("{}{name}.mp4", folders.iter().map(|f| format!("{f}/")).collect::<String>())
    })
}

/// Parts that examples can explain, in names of whole words.
fn learnable_part() -> impl Strategy<Value = Part> {
    let number = |which| Source::Number { which, width: Some(3) };
    let source = prop::sample::select(vec![
        Source::Stem,
        Source::BareStem,
        Source::WHOLE_FOLDER,
        Source::Folder { first: 1, last: 1 },
        Source::Folder { first: -1, last: -1 },
        Source::Folder { first: 2, last: -1 },
        Source::Bucket,
        Source::Ext,
        Source::Lang(Style::Long),
        Source::Lang(Style::Own),
        Source::Token(2),
        Source::Token(-1),
        number(Which::Nth(1)),
        number(Which::After("b".into())),
    ]);
    (source, prop::bool::ANY).prop_map(|(source, lower)| {
        let plain = lower && !matches!(source, Source::Number { .. });
        Part { source, case: plain.then_some(Case::Lower), separator: plain.then_some('-') }
    })
}

proptest! {
    #[test]
    fn any_template_is_learned_from_two_distinct_rows(
        parts in prop::collection::vec(learnable_part(), 1..5),
        videos in prop::collection::vec((any_video(), prop::sample::select(vec!["en", "ko", "en-US"])), 2),
    ) {
        let text = |text: &str| Piece::Text(text.into());
        let pieces = parts.into_iter().flat_map(|part| [text("/"), Piece::Part(part)]);
        let template = Template::new([text("s3://c")].into_iter().chain(pieces).chain([text("/x.srt")]));
        let blank = rows(videos.iter().map(|(object, language)| (object.as_str(), *language, "")));
        let (Ok(a), Ok(b)) = (template.value(&blank, 0), template.value(&blank, 1)) else { return Ok(()) };
        prop_assume!(a != b);
        let snapshot = rows(videos.iter().zip([&a, &b]).map(|((object, language), text)| (object.as_str(), *language, text.as_str())));
        let lesson = Lesson { snapshot: &snapshot, examples: &[0, 1], held: &RowSet::range(0, 2), gain: &RowSet::new(), listed: None };
        prop_assert!(learn(&lesson, |_| true).is_some(), "{} from {} and {}", template, a, b);
    }

    #[test]
    fn printed_template_parses_back_to_itself(template in any_template()) {
        let written = template.to_string();
        prop_assert_eq!(Template::read(&written).map_err(|fault| fault.why), Ok(template), "{}", written);
    }

    #[test]
    fn any_text_parses_or_reports_an_error_position(text in "[{}a-z:.0-9/-]{0,16}") {
        match Template::read(&text) {
            Ok(template) => prop_assert_eq!(Template::read(&template.to_string()), Ok(template)),
            Err(fault) => {
                prop_assert!(text.get(fault.span.clone()).is_some_and(|part| !part.is_empty()));
                prop_assert!(!fault.cells(&text).is_empty());
            }
        }
    }

    #[test]
    fn learned_template_reproduces_its_examples(
        template in any_template(),
        videos in prop::collection::vec((any_video(), prop::sample::select(vec!["en", "ko", "en-US"])), 2..12),
    ) {
        let blank = rows(videos.iter().map(|(object, language)| (object.as_str(), *language, "")));
        let text = |row: RowId| template.value(&blank, row).map(|text| format!("s3://acme-captions/{text}.srt"));
        let (Ok(a), Ok(b)) = (text(0), text(1)) else { return Ok(()) };
        let transcript = |at: usize| match at { 0 => a.as_str(), 1 => b.as_str(), _ => "" };
        let snapshot = rows(videos.iter().enumerate().map(|(at, (object, language))| (object.as_str(), *language, transcript(at))));
        let rest = RowSet::range(2, snapshot.len());
        let lesson = Lesson { snapshot: &snapshot, examples: &[0, 1], held: &RowSet::range(0, 2), gain: &rest, listed: None };
        if let Some(found) = learn(&lesson, |_| true) {
            prop_assert_eq!(found.template.value(&snapshot, 0), Ok(a));
            prop_assert_eq!(found.template.value(&snapshot, 1), Ok(b));
            prop_assert!(!found.template.is_constant());
            let fillable = found.applied.fillable(Fit::All);
            for row in fillable.iter() {
                prop_assert!(found.template.value(&snapshot, row).is_ok());
            }
        }
    }
}
