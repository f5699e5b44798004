//! Pictures of the table, its inspector and its editor, with assertions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use cuecard::app::Msg;
use cuecard::app::jobs::Task;
use cuecard::app::layout::Layout;
use cuecard::app::model::Stage;
use cuecard::app::msg::Moment;
use cuecard::app::options::Look;
use cuecard::app::session::Checking;
use cuecard::domain::row_set::RowSet;
use cuecard::ui;
use cuecard::ui::sanitize::style_faults;
use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};

use crate::app_driver::{App, Picture};
use crate::manifests::{manifest, row};
use crate::observed::{all_fine, half_known};
use crate::opening::broken;

pub const SIZES: [(u16, u16); 4] = [(120, 40), (80, 24), (60, 18), (59, 17)];

/// 48 rows: mostly sound, each kind of problem once.
pub fn news() -> String {
    let mut rows: Vec<String> = (700..748)
        .map(|n| {
            let sound = row(format!("s3://acme-video/news/2026/{n:04}.mp4"));
            let row = match n {
                703 => row("s3://acme-video/news/2026/0703-harbour-interview-part-2.mp4")
                    .transcript("s3://acme-captions/news/2026/0703-harbour-interview-part-3.srt"),
                705 | 710 => sound,
                706 => sound.without_transcription(),
                709 => sound.transcription("null"),
                707 => row("s3://acme-video/korea/2026/한국어 저녁 뉴스.mp4")
                    .language("ko")
                    .transcript("s3://acme-captions/korea/2026/한국어 저녁 뉴스.srt"),
                711 => sound.transcript("s3://acme-captions/news/2026/0771.srt"),
                712 => sound.transcript("s3://acme-captions/news/2026/0712.vt"),
                713 => sound.transcription("42"),
                715 => sound.transcription(r#""s3://acme-captions/news/2026/0715\u202e.srt""#),
                _ => sound.transcript(format!("s3://acme-captions/news/2026/{n:04}.srt")),
            };
            row.to_string()
        })
        .collect();
    rows[20] = r#""a row that is no object""#.into();
    manifest(rows)
}

/// On row 12 (the video 0711), with one row edited, one excluded and two selected.
fn table() -> App {
    let mut app = App::open(&news()).keys("5Gd").keys("15Gx").keys("10Gk<space><space>").keys("12G");
    all_fine(&mut app);
    app
}

/// The screen row with this row number, and its text.
#[track_caller]
fn at_row(picture: &Picture, number: u32) -> (u16, String) {
    let number = format!("{number:>3}");
    let mut rows = (4..picture.buffer.area.height - 2).map(|y| (y, picture.row(y)));
    let found = rows.find(|(_, row)| row.chars().skip(4).take(3).eq(number.chars()));
    found.unwrap_or_else(|| panic!("no row {number} in\n{}", picture.text()))
}

#[track_caller]
pub fn clean(app: &App) -> Picture {
    let picture = app.draw();
    assert_eq!(style_faults(&picture.buffer, &ui::theme(&app.model)), Vec::<String>::new(), "\n{}", picture.text());
    picture
}

/// A picture for each window size, including the one that is too small.
macro_rules! pictures {
    ($name:literal, $app:expr) => {
        for (width, height) in $crate::screens::SIZES {
            let app = $app.size(width, height);
            insta::assert_snapshot!(format!("{}-{width}x{height}", $name), $crate::screens::clean(&app).text());
        }
    };
}
pub(crate) use pictures;

#[test]
fn the_table() {
    pictures!("table", half_known());
}

#[test]
fn the_table_without_colour_and_in_ascii_keeps_every_place() {
    let look = |look: Look| {
        let mut app = half_known().size(80, 24);
        app.model.look = look;
        clean(&app)
    };
    let (full, bare) = (look(Look::default()), look(Look { no_color: true, ..Look::default() }));
    assert_eq!(full.text(), bare.text());
    for (full, bare) in full.buffer.content.iter().zip(&bare.buffer.content) {
        // In the cursor's row a sign is bold only if it has no colour.
        assert!(full.modifier == bare.modifier || full.fg != Color::Reset);
    }
    let ascii = look(Look { ascii: true, ..Look::default() });
    assert_snapshot!("table-ascii-80x24", ascii.text());
    let states = |picture: &Picture| -> Vec<String> {
        let x = Layout::new(80, 24, 48).columns.state.x + 2;
        (4..15).map(|y| (x..79).map(|x| picture.buffer[(x, y)].symbol()).collect()).collect()
    };
    assert_eq!(states(&full), states(&ascii));
}

#[test]
fn the_row_of_the_cursor_is_bold_and_the_focused_cell_reversed_over_its_whole_width() {
    let app = table().keys("7G");
    let picture = clean(&app);
    let (y, line) = at_row(&picture, 7);
    assert!(line.starts_with('▌'), "{line}");
    let columns = Layout::new(120, 40, 48).columns;
    let reversed = |x: u16| picture.buffer[(x, y)].modifier.contains(Modifier::REVERSED);
    for x in 0..76 {
        assert_eq!(reversed(x), x >= columns.transcript.x && x < columns.transcript.right(), "cell {x}");
    }
    assert!(picture.buffer[(columns.video.x, y)].modifier.contains(Modifier::BOLD));
    assert!(!picture.buffer[(columns.video.x, y + 1)].modifier.contains(Modifier::BOLD));
}

#[test]
fn a_left_out_row_is_dim_and_tells_nothing_else() {
    let picture = clean(&table());
    let (y, line) = at_row(&picture, 15);
    assert!(line.contains("- excluded") && line.starts_with("  - "), "{line}");
    for x in 4..70 {
        let cell = &picture.buffer[(x, y)];
        assert!(cell.symbol() == " " || cell.modifier.contains(Modifier::DIM), "cell {x}");
    }
}

#[test]
fn each_state_is_a_sign_and_a_word() {
    let picture = clean(&table());
    for (row, state) in [
        (1, "✓ ok"),
        (6, "○ missing"),
        (7, "○ missing"),
        (10, "○ missing"),
        (12, "▲ warn 1"),
        (13, "✗ error 1"),
        (15, "- excluded"),
        (21, "✗ error 1"),
    ] {
        let (_, line) = at_row(&picture, row);
        assert!(line.contains(state), "{line}");
    }
    picture.shows("\"a row that is no ob");
}

#[test]
fn before_the_first_check_rows_are_queued_and_tallies_are_not_zero() {
    let mut app = App::new();
    app.held = true;
    app.load(&news());
    let picture = clean(&app);
    picture.shows("✗ errors –").shows("· queued").shows("checking 0 of 48").shows("~ edited 0");
    picture.hides("✓ ok");
}

#[test]
fn a_later_check_keeps_the_old_words_until_the_new_ones_are_there() {
    let mut app = table();
    let before = app.draw().text();
    app.model.jobs.begin(Task::Check, &mut Vec::new());
    if let Some(session) = app.model.session_mut() {
        let snapshot = session.now().clone();
        session.checking = Some(Checking { snapshot, touched: RowSet::new(), done: 12, observed: Vec::new() });
    }
    let now = clean(&app);
    now.shows("checking 12 of 48").hides("queued");
    let rows = |text: &str| text.lines().take(38).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&before), rows(&now.text()));
}

#[test]
fn open_range_is_shown_as_selected() {
    let app = App::open(&news()).keys("3Gvjj");
    let picture = clean(&app);
    for (row, selected) in [(2, false), (3, true), (4, true), (5, true), (6, false)] {
        assert_eq!(at_row(&picture, row).1.contains('◆'), selected, "{row}");
    }
    picture.shows("◆ 3 selected");
}

#[test]
fn a_row_that_is_selected_and_in_the_range_counts_once() {
    for (view, end) in [("", "5j"), ("f07<Enter>", "5j"), ("st", "6j"), ("f07<Enter>sv", "8j")] {
        let app = App::open(&news()).keys(view).keys("gg<space><space>9j<space>ggjv").keys(end);
        let marks = clean(&app).text().matches('◆').count() - 1;
        clean(&app).shows(&format!("◆ {marks} selected"));
        assert!(marks > 6, "{marks}");
        let taken = app.keys("v");
        clean(&taken).shows(&format!("◆ {marks} selected"));
    }
}

#[test]
fn what_nobody_can_see_is_named_in_the_table() {
    clean(&App::open(&news()).keys("16G")).shows("‹U+202E›").shows("key-invisible");
}

#[test]
fn the_rule_says_where_the_cursor_is() {
    let label = |app: App| clean(&app).row(3).trim_matches(['─', ' ']).to_owned();
    assert_eq!(label(App::open(&news()).keys("12G")), "12 of 48");
    assert_eq!(label(App::open(&news()).keys("f071<Enter>jj")), "3 of 10 in view, 48 rows");
    assert_eq!(label(App::open(&news()).keys("fzzz<Enter>")), "0 of 48");
    assert_eq!(label(App::open("[]")), "0 of 0");
}

#[test]
fn the_inspector() {
    pictures!("inspector", half_known().keys("<Tab>"));
}

#[test]
fn the_inspector_has_the_focus_only_when_it_is_asked_for() {
    let picture = clean(&table().keys("<Tab>"));
    let (y, line) = at_row(&picture, 12);
    assert!(line.starts_with('│'), "{line}");
    assert!((0..76).all(|x| !picture.buffer[(x, y)].modifier.contains(Modifier::REVERSED)));
    let title = picture.row(2).find("row 12").expect("the pane's title");
    assert!(picture.buffer[(title as u16, 2)].modifier.contains(Modifier::BOLD));
}

#[test]
fn absent_values_are_named_and_no_text_is_shown_as_it_stands() {
    for (keys, words) in [("6G", "\"\" (empty)"), ("7G", "no key"), ("10G", "null"), ("14G", "42")] {
        clean(&App::open(&news()).keys(keys)).shows(words);
    }
    clean(&App::open(&news()).keys("14G").size(80, 24)).shows("transcript  42").shows("field-not-string");
}

#[test]
fn the_inspector_tells_what_was_and_when_it_was_changed() {
    let picture = clean(&table().keys("5G"));
    picture.shows("was  s3://acme-captions/news/2026/").shows("edited 14:01").shows("\"\" (empty)");
}

#[test]
fn a_long_value_is_wrapped_and_never_cut() {
    let key = (0..40).map(|n| format!("folder-{n:02}")).collect::<Vec<_>>().join("/");
    let json = manifest([row(format!("s3://acme-video/{key}/0700.mp4"))]);
    let shown = |width, height, pane: std::ops::Range<usize>| -> String {
        let text = clean(&App::open(&json).size(width, height)).text();
        let lines = text.lines().skip(4);
        lines.map(|line| line.chars().skip(pane.start).take(pane.len()).collect::<String>().trim().to_owned()).collect()
    };
    let beside = shown(120, 40, 82..120);
    assert!(beside.contains(&format!("s3://acme-video/{key}/0700.mp4")), "{beside}");
    // Below there are six lines: the rest is counted and can be scrolled to.
    let app = App::open(&json).size(80, 24);
    clean(&app).shows("more lines  Tab");
    clean(&app.keys("<Tab>jjjjjjjjj")).shows("0700.mp4").shows("language");
}

#[test]
fn the_fix_key_stands_at_the_fix_that_it_applies() {
    let picture = clean(&App::open(&news()).keys("13G"));
    picture.shows("✗ transcription-extension").shows(". add t");
    let picture = clean(&App::open(&news()).keys("13G").size(80, 24));
    picture.shows(".vt is not .srt or .vtt.").shows(". add t");
}

fn completed() -> App {
    table().with_keys("acme-captions", &["news/2026/0712.vtt", "news/2026/0712.en.vtt", "news/2026/0713.srt"])
}

#[test]
fn the_editor() {
    pictures!("editor", completed().keys("13Ge"));
}

#[test]
fn the_cursor_of_the_terminal_stands_behind_the_text() {
    let app = completed().size(80, 24).keys("13Ge");
    let picture = clean(&app);
    let (y, line) = picture.find("▌ s3://");
    let end = 2 + "s3://acme-captions/news/2026/0712.vt".len() as u16;
    assert_eq!(picture.cursor.map(|at| (at.x, at.y)), Some((end, y)), "{line}");
    assert_eq!(line, "▌ s3://acme-captions/news/2026/0712.vt t");
    let carets = picture.row(y + 1);
    assert_eq!(carets, format!("▌{}^^^", " ".repeat(line.find(".vt").expect("the fault") - "▌".len())));
}

#[test]
fn tokens_and_wide_characters_move_the_cursor_by_the_cells_they_take() {
    let cursor = |typed: &str| clean(&App::open(&news()).keys("c").paste(typed)).cursor.expect("an input").x;
    assert_eq!(cursor("abc"), 5);
    assert_eq!(cursor("한국어"), 8);
    assert_eq!(cursor("a\u{202e}b"), 2 + 1 + "‹U+202E›".chars().count() as u16 + 1);
    assert_eq!(cursor("e\u{301}"), 3);
    let back = App::open(&news()).keys("c").paste("한국어").keys("<Left>");
    assert_eq!(clean(&back).cursor.expect("an input").x, 6);
}

#[test]
fn a_long_text_scrolls_sideways_and_shows_where_it_is_cut() {
    let long = format!("s3://acme-captions/{}.srt", "x".repeat(200));
    let app = App::open(&news()).size(80, 24).keys("c").paste(&long);
    let picture = clean(&app);
    let (y, line) = picture.find("x.srt");
    assert!(line.starts_with("▌ …x") && line.ends_with("x.srt"), "{line}");
    assert_eq!(picture.cursor.map(|at| at.x), Some(78));
    let picture = clean(&app.keys("<Home>"));
    let line = picture.row(y);
    assert!(line.starts_with("▌ s3://acme-captions/x") && line.ends_with("x…"), "{line}");
    assert_eq!(picture.cursor.map(|at| (at.x, at.y)), Some((2, y)));
    // In the middle, the cursor is visible between two cut edges.
    let picture = clean(&app_in_the_middle(&long));
    let line = picture.row(y);
    assert!(line.starts_with("▌ …") && line.ends_with('…'), "{line}");
    assert!((4..77).contains(&picture.cursor.expect("an input").x));
}

fn app_in_the_middle(long: &str) -> App {
    App::open(&news()).size(80, 24).keys("c").paste(long).keys(&"<Left>".repeat(100))
}

#[test]
fn the_editor_says_when_a_text_looks_right_and_what_was_done_to_a_paste() {
    let app = App::open(&news()).paste("https://acme-captions.s3.us-west-2.amazonaws.com/news/2026/0700.srt");
    let picture = clean(&app);
    picture.shows("▌ s3://acme-captions/news/2026/0700.srt").shows("✓ the address is well formed");
    picture.shows("i rewritten as s3://; it was an https link").shows("editing transcript of row 1");
}

#[test]
fn several_findings_are_told_worst_first_and_the_rest_counted() {
    let app = App::open(&news()).keys("13Gc").paste("s3://my-bucket//a%20b.txt");
    let picture = clean(&app);
    let (y, _) = picture.find("▌ ✗ transcription-extension");
    assert!(picture.row(y + 1).contains("▲ ") && picture.row(y + 1).contains("more"), "{}", picture.text());
}

#[test]
fn near_the_end_of_the_table_the_editor_opens_upward() {
    let picture = clean(&App::open(&news()).size(80, 24).keys("G").keys("e"));
    let (label, _) = picture.find("▌ transcript");
    assert_eq!(label + 9, at_row(&picture, 48).0, "{}", picture.text());
}

#[test]
fn tab_and_the_fix_key_are_hinted_only_when_they_do_something() {
    clean(&completed().keys("13Ge")).shows("Tab complete").shows("^t take the fix");
    clean(&App::open(&news()).keys("e")).hides("Tab complete").hides("^t take the fix").shows("F1 help");
}

#[test]
fn a_filter_that_matches_nothing_says_so() {
    pictures!("empty-filter", App::open(&news()).keys("12Gf0719 x<Enter>"));
}

#[test]
fn a_filter_by_state_is_named_too() {
    let picture = clean(&App::open(&news()).keys("Fs"));
    picture.shows("No row is selected.").shows("Row 1 comes back into view.");
}

#[test]
fn the_filter_is_typed_on_the_message_line() {
    let app = App::open(&news()).size(80, 24).keys("f한국");
    let picture = clean(&app);
    assert_eq!(picture.row(22), " filter 한국");
    assert_eq!(picture.cursor.map(|at| (at.x, at.y)), Some((12, 22)));
    picture.shows("뉴스.mp4").shows("1 of 1 in view, 48 rows").shows("Enter keep it");
    let app = App::open(&news()).size(80, 24).keys("/0720");
    let picture = clean(&app);
    assert!(
        picture.row(22).starts_with(" /0720  ") && picture.row(22).ends_with("no row contains 0720"),
        "{}",
        picture.text()
    );
}

#[test]
fn menus() {
    pictures!("menu-yank", table().keys("y"));
    let quit = clean(&table().keys("q"));
    quit.shows("▲ 2 changes of news-2026.json are not saved").shows("s save and quit   d discard and quit   Esc stay");
    clean(&table().keys("F")).shows("which rows?").shows("m missing   e errors   w warnings");
}

#[test]
fn message_line_shows_one_running_job_at_a_time() {
    let mut app = table();
    app.press("<^s>");
    clean(&app).shows("◓ saving");
    app.send(Msg::Ticked(crate::app_driver::NOW));
    clean(&app).shows("◑ saving");
    let app = app.saved();
    clean(&app).hides("saving").shows("✓ saved; 1 row left out").shows("news-2026.json  saved");
    let mut app = table();
    app.model.options.offline = true;
    clean(&app).shows("offline, links are not checked");
}

#[test]
fn the_header_says_how_the_file_stands() {
    for (app, words) in [
        (App::open(&news()), "cuecard  news-2026.json  saved"),
        (table(), "cuecard  news-2026.json  2 unsaved"),
        (broken(), "cuecard  news-2026.json  not loaded"),
        (App::new(), "cuecard  no file"),
    ] {
        let row = clean(&app).row(0);
        assert!(row.trim_start().starts_with(words) && row.ends_with("upload to prod api.twelvelabs.io"), "{row}");
    }
    let mut app = table();
    app.model.options.profile = None;
    assert!(clean(&app).row(0).ends_with("  upload to api.twelvelabs.io"));
}

#[test]
fn keys_typed_so_far_are_shown() {
    clean(&App::open(&news()).keys("12")).shows("12 typed so far");
    clean(&App::open(&news()).keys("12g")).shows("12g typed so far");
    clean(&App::open(&news()).keys("12gg")).hides("typed so far");
}

#[test]
fn unavailable_commands_are_not_hinted() {
    clean(&App::open(&news())).hides("^s save");
    clean(&App::open(&news()).keys("d")).shows("^s save");
}

#[test]
fn the_inspector_says_at_what_minute_a_row_was_edited_in_local_time() {
    let mut app = App::open(&news());
    app.model.now = Moment { unix_ms: 0, offset_s: 3_600 };
    app.press("dk");
    clean(&app).shows("edited 01:00");
    assert!(matches!(app.model.stage, Stage::Open(_)));
}
