//! The columns of the table: hidden, widened, sorted by, and found again in the next session.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use cuecard::app::layout::{Column, Layout, Shape};
use cuecard::app::{Effect, Msg};
use cuecard::domain::manifest::Field;
use proptest::prelude::*;

fn news() -> String {
    manifest((1..=6).map(|n| {
        row(format!("s3://acme-video/news/a-folder-with-a-long-name/2026/07{n:02}.mp4"))
            .transcript(format!("s3://acme-captions/{}.srt", 9 - n))
    }))
}

fn kept(app: &App) -> Option<String> {
    app.effects.iter().rev().find_map(|effect| match effect {
        Effect::KeepLook(path, words) if path.ends_with("news-2026.json") => Some(words.clone()),
        _ => None,
    })
}

fn heading(app: &App) -> String {
    app.draw().row(2)
}

#[test]
fn a_hidden_column_leaves_its_room_to_the_others_and_comes_back() {
    let app = App::open(&news()).size(80, 24);
    let before = heading(&app);
    let app = app.keys(":hide lang<Enter>");
    app.draw().shows("hidden.  :columns shows all columns");
    assert!(!heading(&app).contains("lang") && before.contains("lang"));
    let app = app.keys(":hide transcript<Enter>");
    assert!(!heading(&app).contains("transcript"), "{}", heading(&app));
    app.draw().shows("s3://acme-video/news/a-folder-with-a-long-name/2026/0701.mp4");
    let app = app.keys(":columns<Enter>");
    assert_eq!(heading(&app), before);
}

#[test]
fn a_wide_column_takes_two_thirds_of_what_two_share() {
    let widths = |app: &App| {
        let columns = app.model.layout().columns;
        (columns.video.width, columns.transcript.width)
    };
    let app = App::open(&news()).size(120, 40);
    let (video, transcript) = widths(&app);
    let app = app.keys(":widen video<Enter>");
    assert!(widths(&app).0 > video && widths(&app).1 < transcript, "{:?}", widths(&app));
    let app = app.keys(":widen transcript<Enter>");
    assert!(widths(&app).1 > transcript);
}

#[test]
fn required_columns_cannot_be_hidden() {
    let app = App::open(&news()).keys(":hide state<Enter>");
    app.draw().shows("the number and the state always stay");
    let app = app.keys(":hide video<Enter>:hide transcript<Enter>");
    app.draw().shows("one of video and transcript must stay");
    let app = app.keys(":hide nonsense<Enter>");
    app.draw().shows("the columns are video, lang and transcript");
}

#[test]
fn the_focus_is_never_on_a_hidden_column() {
    let app = App::open(&news()).keys(":hide transcript<Enter>");
    let focus = |app: &App| app.model.session().unwrap().view.focus;
    assert_eq!(focus(&app), Field::Language);
    let app = app.keys("lll");
    assert_eq!(focus(&app), Field::Language);
    let app = app.keys("hh");
    assert_eq!(focus(&app), Field::IndexId);
}

#[test]
fn sort_and_columns_are_found_again_in_the_next_session() {
    let app = App::open(&news()).keys("stst:hide lang<Enter>:widen transcript<Enter>");
    let words = kept(&app).expect("it is kept");
    assert_eq!(words, "-language, +transcript, by transcript, descending");
    let mut next = App::open(&news());
    let job = next.model.session().unwrap().online.job;
    next.send(Msg::LookKnown(job, words));
    assert_eq!(heading(&next), heading(&app));
    assert!(heading(&next).contains("transcript ↓"));
    assert_eq!(next.draw().row(4), app.draw().row(4));
    // What another version kept and this one does not know is passed over.
    let mut next = App::open(&news());
    let job = next.model.session().unwrap().online.job;
    next.send(Msg::LookKnown(job, "-everything, by moonlight, ,-,+".into()));
    assert_eq!(heading(&next), heading(&App::open(&news())));
}

#[test]
fn late_saved_view_does_not_override_a_new_sort() {
    let mut app = App::open(&news()).keys("sv");
    let job = app.model.session().unwrap().online.job;
    let before = heading(&app);
    app.send(Msg::LookKnown(job, "by language".into()));
    assert_eq!(heading(&app), before);
}

proptest! {
    #[test]
    fn columns_never_overlap_and_never_leave_the_window(
        width in 60u16..240, height in 18u16..60, total in 0u64..2_000_000,
        steps in prop::collection::vec((any::<bool>(), prop::sample::select(vec![Column::Number, Column::Video, Column::Language, Column::Transcript, Column::State])), 0..6),
    ) {
        let mut shape = Shape::default();
        for (hides, column) in steps {
            let _ = if hides { shape.hide(column) } else { shape.widen(column) };
        }
        prop_assert!(shape.shows(Column::Video) || shape.shows(Column::Transcript));
        let layout = Layout::shaped(width, height, total, false, shape);
        let mut end = 0;
        for (column, cells) in layout.columns.each() {
            prop_assert!(shape.shows(column));
            prop_assert!(cells.x >= end, "{column:?}");
            end = cells.right();
        }
        prop_assert!(end <= layout.table.right(), "{end} of {:?}", layout.table);
    }
}
