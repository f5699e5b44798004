//! A fresh export gets the transcripts of an edited manifest: what an operator types, sees, and gets.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use cuecard::app::effect::JournalLine;
use cuecard::app::msg::{Loaded, SaveEnd};
use cuecard::app::{Effect, Msg};
use cuecard::domain::draft::{Draft, Snapshot};
use cuecard::domain::manifest::{Field, Manifest};
use cuecard::ui::sanitize::style_faults;
use cuecard::ui::theme::Theme;
use proptest::prelude::*;
use std::sync::Arc;

const OTHER: &str = "6298d673f1090f1100476aaa";

fn video(n: u32) -> String {
    format!("s3://acme-video/news/2026/07{n:02}.mp4")
}

fn captions(n: u32) -> String {
    format!("s3://acme-captions/news/2026/07{n:02}.srt")
}

/// Twelve videos with their transcripts.
fn edited() -> String {
    manifest((1..=12).map(|n| row(video(n)).transcript(captions(n))))
}

/// Of those: 1–6 as they were, 7 and 8 in another index, 9 with another transcript, 10 in another language, 11 and 12 not at
/// all; and a new one.
fn export() -> String {
    let rows = (1..=10).map(|n| match n {
        7 | 8 => row(video(n)).index(OTHER),
        9 => row(video(n)).transcript("s3://acme-captions/news/2026/0709.en.vtt"),
        10 => row(video(n)).language("de"),
        _ => row(video(n)),
    });
    manifest(rows.chain([row(video(40))]))
}

/// Reads the file that was asked for.
fn read(app: &mut App, json: &str) {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Load(..))).expect("a file is read");
    let Effect::Load(job, path) = app.effects.remove(at) else { unreachable!() };
    let manifest = Manifest::parse(json.into()).unwrap();
    app.send(Msg::Loaded(job, Box::new(Loaded { manifest, path })));
}

pub fn merging(old: &str, new: &str) -> App {
    let mut app = App::open(old).size(80, 24).keys(":merge /videos/export-1126.json<Enter>");
    read(&mut app, new);
    app
}

fn transcript(app: &App, row: u32) -> String {
    app.model.session().unwrap().now().value(row, Field::Transcription).text().to_owned()
}

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}

fn journal(app: &App) -> Vec<JournalLine> {
    let lines = app.effects.iter().filter_map(|effect| match effect {
        Effect::Journal(lines) => Some(lines.clone()),
        _ => None,
    });
    lines.flatten().collect()
}

#[test]
fn the_classes_of_a_merge_are_told_before_anything_is_taken() {
    let app = merging(&edited(), &export());
    app.draw()
        .shows(" cuecard  export-1126.json  not merged")
        .shows(" merge         9 sure, 1 to decide")
        .shows("news-2026.json")
        .shows("› same row           7       7          0   index, video agree")
        .shows("› same video         2       2          0   the index differs")
        .shows("▲ conflict           1       0          1   two transcripts")
        .shows("~ changed            1       –          –   language, index")
        .shows("+ new                1       –          –   only in export")
        .shows("- gone               2       –          –   2 had transcripts")
        .shows("2 transcripts belong to rows that are gone.  y copies them");
    assert!(!app.model.session().unwrap().draft.is_dirty());
}

#[test]
fn the_merge_in_all_windows() {
    for size in [(120, 40), (80, 24), (60, 18)] {
        let name = |what: &str| format!("{what}-{}x{}", size.0, size.1);
        let app = merging(&edited(), &export()).size(size.0, size.1).keys("jj");
        assert_eq!(style_faults(&app.draw().buffer, &Theme::default()), Vec::<String>::new());
        insta::assert_snapshot!(name("merge"), app.draw().text());
        let app = app.keys("<Enter>");
        assert_eq!(style_faults(&app.draw().buffer, &Theme::default()), Vec::<String>::new());
        insta::assert_snapshot!(name("merge-rows"), app.draw().text());
        let app = app.keys("<Esc>j<Enter>");
        insta::assert_snapshot!(name("merge-changed"), app.draw().text());
    }
}

#[test]
fn all_that_is_sure_is_taken_as_one_step_on_the_exports_own_bytes() {
    let app = merging(&edited(), &export()).keys("A");
    app.draw().shows("✓ took 9 rows, one step.  u undo").shows("✓ same row");
    let rows: Vec<String> = (0..11).map(|row| transcript(&app, row)).collect();
    let mut wanted: Vec<String> = (1..=10).map(captions).collect();
    wanted[8] = "s3://acme-captions/news/2026/0709.en.vtt".into();
    wanted.push(String::new());
    assert_eq!(rows, wanted);
    let session = app.model.session().unwrap();
    assert_eq!((session.draft.operations().len(), session.draft.is_dirty()), (1, true));
    let app = app.keys("u");
    assert_eq!(bytes(app.model.session().unwrap().now()), export().as_bytes());
    app.draw().shows("› same row");
    // Nothing more to take is said, and what is left.
    let app = app.keys("AA");
    app.draw().shows("nothing to take: 1 to decide.  Enter decides");
}

#[test]
fn a_class_is_taken_alone() {
    let app = merging(&edited(), &export()).keys("ja");
    app.draw().shows("✓ took 2 rows, one step.");
    assert_eq!((transcript(&app, 0), transcript(&app, 6)), (String::new(), captions(7)));
}

#[test]
fn a_conflict_is_decided_by_number() {
    let app = merging(&edited(), &export()).keys("jj<Enter>");
    app.draw()
        .shows("conflict: 1 to decide")
        .shows("9  0709.mp4")
        .shows("1 yours  s3://acme-captions/news/2026/0709.srt")
        .shows("2 export s3://acme-captions/news/2026/0709.en.vtt");
    let app = app.keys("1");
    assert_eq!(transcript(&app, 8), captions(9));
    app.draw().shows("✓ row 9 took yours.  u undo").shows("taken");
    let app = app.keys("2");
    assert_eq!(transcript(&app, 8), "s3://acme-captions/news/2026/0709.en.vtt");
    let app = app.keys("uu");
    assert_eq!(bytes(app.model.session().unwrap().now()), export().as_bytes());
    app.draw().shows("to decide");
    // The export's is an answer, too, and no edit.
    let app = app.keys("2<Esc>");
    app.draw().shows("✓ conflict").shows("0 to decide").hides("○ conflict");
    assert!(!app.model.session().unwrap().draft.is_dirty());
    app.keys("u").draw().shows("1 to decide");
}

#[test]
fn a_number_that_is_no_answer_says_how_many_there_are() {
    let app = merging(&edited(), &export()).keys("jj<Enter>7");
    app.draw().shows("there are 2 answers");
    // In the overview a digit is a count, as everywhere.
    let app = merging(&edited(), &export()).keys("2j");
    app.draw().shows("▌ ▲ conflict");
}

#[test]
fn a_language_that_the_export_changed_is_put_back_by_number() {
    let app = merging(&edited(), &export()).keys("jjj<Enter>");
    app.draw().shows("1 yours  language en").shows("2 export language de");
    let app = app.keys("G1");
    let language = |app: &App| app.model.session().unwrap().now().value(9, Field::Language).text().to_owned();
    assert_eq!(language(&app), "en");
    let app = app.keys("G2");
    assert_eq!(language(&app), "de");
}

#[test]
fn a_video_in_two_rows_is_decided_among_all_its_transcripts() {
    let old = manifest([row(video(1)).transcript(captions(1)), row(video(1)).transcript(captions(2))]);
    let new = manifest([row(video(1))]);
    let app = merging(&old, &new).keys("<Enter>");
    app.draw().shows("1 yours").shows("2 yours").shows("3 export \"\" (empty)");
    let app = app.keys("2");
    assert_eq!(transcript(&app, 0), captions(2));
}

#[test]
fn the_numbers_that_answer_stand_in_the_hint_line() {
    let app = merging(&edited(), &export()).keys("jj<Enter>");
    app.draw().shows("1 yours   2 export");
    merging(&edited(), &export()).draw().hides("1 yours   2 export");
}

#[test]
fn once_nothing_is_left_to_decide_enter_is_said_to_look() {
    let app = merging(&edited(), &export());
    app.draw().shows("Enter decide");
    app.keys("jj<Enter>1<Esc>").draw().shows("0 to decide").shows("Enter look").hides("Enter decide");
}

#[test]
fn new_rows_are_paired_from_the_merge_and_esc_comes_back_to_it() {
    let app = merging(&edited(), &export()).with_keys("acme-captions", &["news/2026/0740.srt"]);
    let app = app.keys("P");
    app.draw().shows("1 sure, 0 to decide, 0 nothing fits");
    let app = app.keys("A");
    assert_eq!(transcript(&app, 10), "s3://acme-captions/news/2026/0740.srt");
    app.keys("<Esc>").draw().shows("merge ").shows("only in export");
}

#[test]
fn an_export_without_new_rows_says_so() {
    let app = merging(&edited(), &edited().replace("news/2026/0709.srt", "")).keys("P");
    app.draw().shows("no row is new");
}

#[test]
fn exclusions_are_carried_over_and_told() {
    let mut app = App::open(&edited()).size(80, 24).keys("jx<^s>").saved().keys(":merge /videos/x.json<Enter>");
    read(&mut app, &export());
    let app = app.keys("A");
    app.draw().shows("took 9 rows, 1 exclusion carried over, one step.");
    assert!(app.model.session().unwrap().now().is_excluded(1));
}

#[test]
fn leaving_an_undecided_merge_asks_first() {
    let app = merging(&edited(), &export()).keys("A<Esc>");
    app.draw().shows("▲ 1 to decide stays as the export has it.  Y leaves, Esc stays");
    let app = app.keys("<Esc>");
    app.draw().shows("carried over");
    let app = app.keys("<Esc>Y");
    assert!(app.model.screens.is_empty());
    app.draw().shows("export-1126.json  9 unsaved");
    assert_eq!(transcript(&app, 0), captions(1));
    // With nothing left there is no question.
    let app = merging(&edited(), &export()).keys("A<Enter>1<Esc><Esc>");
    assert!(app.model.screens.is_empty());
}

#[test]
fn transcripts_of_gone_rows_are_copied_as_a_table() {
    let app = merging(&edited(), &export()).keys("y");
    app.draw().shows("2 gone transcripts as a table");
    let copied = app.effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("it is copied");
    assert!(copied.contains(&captions(11)) && copied.contains(&captions(12)), "{copied}");
}

#[test]
fn many_gone_transcripts_go_into_a_file_that_no_clipboard_cuts() {
    let old = manifest((0..2_000).map(|n| row(format!("s3://acme-video/{n}.mp4")).transcript(captions(n))));
    let new = manifest([row("s3://acme-video/0.mp4")]);
    let app = merging(&old, &new).keys("y");
    let written = app
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::WriteFile { path, .. } if path.ends_with("export-1126.gone.tsv")));
    assert!(written);
}

#[test]
fn the_same_file_and_the_wrong_file_say_so() {
    let app = merging(&edited(), &edited());
    app.draw().shows("The export holds the same rows and transcripts.");
    assert!(app.keys("A<Enter><Esc>").model.screens.is_empty());
    let app = merging(&edited(), &manifest([row("s3://other/1.mp4")]));
    app.draw().shows("✗ no row of the export is in news-2026.json. Is it the right file?");
    // The file that was open opens again.
    let mut app = app;
    app.effects.clear();
    app.press("<Esc>");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::ForgetEarlier)));
    read(&mut app, &edited());
    app.draw().shows(" cuecard  news-2026.json  saved").shows("news-2026.json is open again, nothing was merged");
    assert!(app.model.screens.is_empty());
    assert!(transcript(&app, 0).ends_with("0701.srt"));
}

#[test]
fn changes_that_are_not_saved_are_not_left_behind() {
    let app = App::open(&edited()).keys("d:merge /videos/export.json<Enter>");
    app.draw().shows("the changes are not saved.  :w saves them");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Load(_, path) if path.ends_with("export.json"))));
}

/// Another program wrote a fresh export over the file while transcripts were filled in.
fn overwritten() -> App {
    let old = manifest((1..=12).map(|n| row(video(n))));
    let mut app = App::open(&old).size(80, 24).keys(&format!(":set transcript {}<Enter><Enter><^s>", captions(1)));
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Save(_))).unwrap();
    let Effect::Save(save) = app.effects.remove(at) else { unreachable!() };
    app.send(Msg::Saved(save.job, save.snapshot, SaveEnd::ChangedOnDisk));
    app.model.now.unix_ms += 1_000;
    app.effects.clear();
    app
}

#[test]
fn a_file_that_was_exported_anew_is_merged_from_the_question() {
    let mut app = overwritten();
    app.draw().shows("m merge with it");
    app.press("m");
    read(&mut app, &export());
    app.draw().shows("merge         1 sure, ");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::ForgetEarlier)), "the journal keeps what it had");
    app.press("A<Esc>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::ForgetEarlier)));
    assert_eq!(transcript(&app, 0), captions(1));
    app.draw().shows("1 unsaved");
}

#[test]
fn an_export_that_cannot_be_read_loses_nothing() {
    let mut app = overwritten().keys("m");
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Load(..))).unwrap();
    let Effect::Load(job, _) = app.effects.remove(at) else { unreachable!() };
    app.send(Msg::LoadFailed(job, "it is not there".into()));
    app.draw().shows("it is not there; the open file stays open");
    assert!(app.model.has_unsaved());
    assert!(app.model.session().unwrap().is_ready());
}

#[test]
fn comparing_is_stopped_and_begun_again() {
    let mut app = App::open(&edited()).size(80, 24);
    app.holds_counts = true;
    app.press(":merge /videos/x.json<Enter>");
    read(&mut app, &export());
    app.model.now.unix_ms += 1_000;
    app.draw().shows("◓ 0 of 23");
    app.press("<^c>");
    app.draw().shows("not compared  Enter compares");
    app.holds_counts = false;
    app.press("<Enter>");
    app.draw().shows("9 sure");
}

const KEYS: &[&str] = &[
    "A",
    "a",
    "<Enter>",
    "<Esc>",
    "u",
    "y",
    "1",
    "2",
    "3",
    "j",
    "k",
    "G",
    "Y",
    "<^c>",
    "q",
    "?",
    "<PgDn>",
    "x",
    "e",
    ":set language de<Enter><Enter>",
];

fn file() -> impl Strategy<Value = String> {
    let one = (0u32..6, any::<bool>(), 0u32..3, any::<bool>());
    prop::collection::vec(one, 1..10).prop_map(|rows| {
        manifest(rows.into_iter().map(|(n, other, t, german)| {
            let row = row(video(n)).index(if other { OTHER } else { crate::manifests::INDEX });
            let row = if german { row.language("de") } else { row };
            if t == 0 { row } else { row.transcript(captions(t)) }
        }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever is pressed, the journal has every edit, and every edit stands on the export's bytes.
    #[test]
    fn any_keys_of_a_merge_lose_no_edit_and_touch_nothing_else(
        old in file(), new in file(), keys in prop::collection::vec(prop::sample::select(KEYS), 0..25)
    ) {
        let mut app = merging(&old, &new);
        for key in keys {
            if app.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))) {
                break;
            }
            app.press(key);
            app.draw();
            if !app.model.session().unwrap().path.ends_with("export-1126.json") {
                // It was the wrong file: the manifest opens again, which another test looks at.
                return Ok(());
            }
        }
        let mut draft = Draft::new(Arc::new(Manifest::parse(new.clone().into_bytes()).unwrap()));
        for line in journal(&app) {
            match line {
                JournalLine::Did(edit) => drop(draft.apply(Arc::unwrap_or_clone(edit))),
                JournalLine::Undid => drop(draft.undo()),
                JournalLine::Redid => drop(draft.redo()),
            }
        }
        let now = app.model.session().unwrap().now();
        prop_assert_eq!(bytes(draft.now()), bytes(now));
        if now.edited_rows().is_empty() {
            prop_assert_eq!(bytes(now), new.into_bytes());
        }
    }
}

#[test]
fn undo_in_a_merge_never_takes_back_what_was_not_its_own() {
    let many = |transcript: bool| {
        manifest((0..3_000).map(|n| {
            let video = row(format!("s3://acme-video/{n:05}.mp4"));
            if transcript { video.transcript(format!("s3://acme-captions/{n:05}.srt")) } else { video }
        }))
    };
    let mut app = merging(&many(true), &many(false));
    app.held = true;
    app.press("A");
    app.press("<^c>");
    app.effects.clear();
    app.held = false;
    let app = app.keys("u");
    app.draw().shows("not applied");
    assert_eq!(app.model.session().unwrap().draft.operations().len(), 0);
    let mut app = app.keys("A");
    assert_eq!(transcript(&app, 7), "s3://acme-captions/00007.srt");
    app.press(":set language de<Enter><Enter>");
    let app = app.keys("u");
    app.draw().shows("other rows were changed since");
    assert_eq!(transcript(&app, 7), "s3://acme-captions/00007.srt");
}

#[test]
fn the_title_counts_what_was_carried_over_and_nothing_before_it_was() {
    let app = merging(&edited(), &export());
    app.draw().shows("merge         9 sure, 1 to decide").hides("carried over").shows("A take all sure");
    let app = app.keys("A");
    app.draw().shows("merge         9 transcripts carried over, 0 sure, 1 to decide").hides("A take all sure");
    let app = app.keys("u");
    app.draw().shows("merge         9 sure, 1 to decide").hides("carried over").shows("A take all sure");
    // A class without rows is no success.
    let app = merging(&edited(), &manifest((1..=3).map(|n| row(video(n)))));
    app.draw().shows("○ conflict").shows("○ same video").hides("✓");
}

#[test]
fn row_numbers_of_the_samples_end_in_one_column() {
    let old = manifest((1..=12).map(|n| row(video(n)).transcript(captions(n))));
    let app = merging(&old, &manifest((1..=12).map(|n| row(video(n))))).size(120, 60);
    let picture = app.draw();
    let column = |name: &str| picture.find(name).1.split(name).next().unwrap().trim_end().chars().count();
    assert_eq!(column("0709.mp4"), column("0710.mp4"), "{}", picture.text());
}
