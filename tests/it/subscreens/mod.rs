//! Screens over the table, drawn from a handmade state: pictures at three sizes, and required content.

mod log;
mod receipt;
mod send;
mod sources;
mod template;

use crate::manifests::{manifest, row};
use crossterm::event::KeyCode;
use cuecard::app::command::{Keymap, Scope};
use cuecard::app::line_input::LineInput;
use cuecard::app::model::{Model, Stage};
use cuecard::app::msg::{JobId, Moment, SourceId};
use cuecard::app::options::{AppOptions, Look};
use cuecard::app::screens::{Help, Palette, Picker, Problems, Review, Screen};
use cuecard::app::scroll::Scroll;
use cuecard::app::session::RecoveredMark;
use cuecard::app::session::Session;
use cuecard::app::session::{KeyOffer, KeySource, SourceState};
use cuecard::domain::draft::{Change, Draft, Edit};
use cuecard::domain::findings::Findings;
use cuecard::domain::keys::{Key, Source, SourceFault};
use cuecard::domain::manifest::{Field, Manifest, RowId};
use cuecard::domain::request::Address;
use cuecard::domain::row_set::RowSet;
use cuecard::ui;
use cuecard::ui::sanitize::{sanitize, style_faults};
use cuecard::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::Modifier;
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 18)];
/// 23 Nov 2026, 14:03:07 in UTC.
const NOW: i64 = 1_795_442_587_000;

fn now() -> Moment {
    Moment { unix_ms: NOW, offset_s: 0 }
}

/// Twenty videos; from the sixth on without a transcript, except the last.
fn twenty() -> Manifest {
    let rows = (1..=20).map(|n| {
        let video =
            if n == 7 { "korea/2026/한국어 저녁 뉴스.mp4".into() } else { format!("news/2026/07{n:02}.mp4") };
        let row = row(format!("s3://acme-video/{video}")).language(if n == 3 { "en-US" } else { "en" });
        match n {
            1..=5 | 20 => row.transcript(format!("s3://acme-captions/news/2026/07{n:02}.srt")),
            9 => row.transcription("null"),
            _ => row,
        }
    });
    Manifest::parse(manifest(rows).into_bytes()).unwrap()
}

fn edits() -> Vec<Edit> {
    let set = |row: RowId, key: &str| Edit {
        rows: RowSet::one(row - 1),
        change: Change::Set(Field::Transcription, format!("s3://acme-captions/{key}")),
    };
    vec![
        set(4, "news/2026/0704.vtt"),
        set(7, "korea/2026/한국어 저녁 뉴스.srt"),
        set(9, "news/2026/0709.srt"),
        set(11, "news/2026/0771.srt"),
        set(12, "news/2026/0712.vt"),
        Edit { rows: RowSet::one(2), change: Change::Set(Field::Language, "en".into()) },
        Edit { rows: RowSet::one(4), change: Change::Clear(Field::Transcription) },
        Edit { rows: RowSet::one(13), change: Change::Exclude },
        set(20, "news/2026/0799.srt"),
    ]
}

fn model(size: (u16, u16), edits: Vec<Edit>) -> Model {
    let mut draft = Draft::new(Arc::new(twenty()));
    for edit in edits {
        draft.apply(edit);
    }
    let mut session = Session::new("/home/op/news-2026.json".into(), JobId(1));
    session.loading = None;
    session.findings = Findings::check(draft.now(), |_| true).map(Arc::new);
    session.findings_of = draft.now().revision();
    session.draft = draft;
    session.saved_at = Some(now());
    let options = AppOptions {
        host: "api.twelvelabs.io".into(),
        address: Address::parse("https://api.twelvelabs.io/v1.2", false).ok(),
        profile: Some("prod".into()),
        ..AppOptions::default()
    };
    let mut model = Model::new(options, Look::default(), Keymap::default(), size);
    model.now = now();
    model.stage = Stage::Open(Box::new(session));
    model
}

/// The same with its edits saved.
fn saved(size: (u16, u16), edits: Vec<Edit>) -> Model {
    let mut model = model(size, edits);
    let session = model.session_mut().unwrap();
    let moment = session.draft.now().clone();
    session.draft.mark_saved(&moment);
    model
}

fn draw_themed(model: &Model, screen: &Screen, theme: &Theme) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let layout = model.layout();
    terminal
        .draw(|frame| match screen {
            Screen::Review(screen) => ui::review::draw(model, screen, &layout, theme, frame),
            Screen::Send(screen) => ui::send::draw(model, screen, &layout, theme, frame),
            Screen::Picker(screen) => ui::picker::draw(model, screen, &layout, theme, frame),
            Screen::Pair(screen) => ui::pair::draw(model, screen, &layout, theme, frame),
            Screen::Decide(screen) => ui::decide::draw(model, screen, &layout, theme, frame),
            Screen::Problems(screen) => ui::problems::draw(model, screen, &layout, theme, frame),
            Screen::Help(screen) => ui::help::draw(screen, &layout, theme, frame),
            Screen::Palette(screen) => ui::palette::draw(screen, &layout, theme, frame),
            Screen::Receipt(screen) => ui::receipt::draw(model, screen, &layout, theme, frame),
            Screen::Log(screen) => ui::log::draw(model, screen, &layout, theme, frame),
            Screen::Template(screen) => ui::template::draw(model, screen, &layout, theme, frame),
            Screen::Keys(screen) => ui::sources::draw(model, screen, &layout, theme, frame),
            Screen::AddSource(screen) => ui::sources::draw_add(model, screen, &layout, theme, frame),
            other => panic!("{other:?} is drawn elsewhere"),
        })
        .unwrap();
    let mut buffer = terminal.backend().buffer().clone();
    assert_eq!(style_faults(&buffer, theme), Vec::<String>::new());
    assert_eq!(sanitize(&mut buffer, theme), 0);
    buffer
}

fn draw(model: &Model, screen: &Screen) -> String {
    text(&draw_themed(model, screen, &Theme::default()))
}

fn text(buffer: &Buffer) -> String {
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // The second cell of a wide character is not a separate blank.
            x += symbol.cell_width().max(1);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Compares the pictures at all sizes; in ASCII and without colours every sign keeps its position.
fn pictures(name: &str, model: impl Fn((u16, u16)) -> Model, screen: impl Fn(&mut Model) -> Screen) {
    for size in SIZES {
        let mut model = model(size);
        let screen = screen(&mut model);
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), draw(&model, &screen));
        for theme in [
            Theme { ascii: true, ..Theme::default() },
            Theme { color: false, ..Theme::default() },
            Theme { high_contrast: true, ..Theme::default() },
        ] {
            draw_themed(&model, &screen, &theme);
        }
    }
}

fn review(model: &mut Model, cursor: usize) -> Screen {
    let rows = model.session().unwrap().now().edited_rows().iter().collect();
    Screen::Review(Review { rows, scroll: Scroll { cursor, top: 0 }, recovered: None, drop_asked: false })
}

#[test]
fn the_review_shows_old_and_new() {
    pictures("review", |size| model(size, edits()), |model| review(model, 4));
}

#[test]
fn the_chosen_change_is_whole_wherever_it_stands() {
    let all: Vec<Edit> = (1..=20)
        .map(|row: RowId| Edit {
            rows: RowSet::one(row - 1),
            change: Change::Set(Field::Transcription, format!("s3://other/new-{row:02}.srt")),
        })
        .collect();
    for size in SIZES {
        let mut model = model(size, all.clone());
        for cursor in 0..20 {
            for top in [0, cursor, 19] {
                let mut screen = review(&mut model, cursor);
                let Screen::Review(open) = &mut screen else { unreachable!() };
                open.scroll.top = top;
                let picture = draw(&model, &screen);
                assert!(picture.contains(&format!("+ s3://other/new-{:02}.srt", cursor + 1)), "{picture}");
                let marked = picture.lines().filter(|line| line.starts_with('▌')).count();
                assert_eq!(marked, cuecard::app::screens::review::lines_of(model.session().unwrap(), cursor as RowId));
            }
        }
    }
}

#[test]
fn a_review_of_nothing_says_so() {
    let mut model = model((80, 24), Vec::new());
    let screen = review(&mut model, 0);
    assert!(draw(&model, &screen).contains("Nothing is changed. The file would be sent as it is."));
}

#[test]
fn recovered_changes_say_when_they_were_made() {
    let mut model = model((80, 24), edits());
    let mut screen = review(&mut model, 0);
    if let Screen::Review(open) = &mut screen {
        open.recovered = Some(RecoveredMark { changes: 37, unreadable: 0, last: now().at(NOW - 23 * 60_000) });
    }
    assert!(draw(&model, &screen).contains("37 changes from 13:40 were recovered"));
}

#[test]
fn the_part_that_differs_is_bold_in_both_lines() {
    let mut model = model((120, 40), edits());
    let screen = review(&mut model, 8);
    let buffer = draw_themed(&model, &screen, &Theme::default());
    let bold = |y: u16| -> String {
        let cells = (14..70).filter(|x| buffer[(*x, y)].modifier.contains(Modifier::BOLD));
        cells.map(|x| buffer[(x, y)].symbol()).collect()
    };
    let picture = text(&buffer);
    let line = |part: &str| picture.lines().position(|line| line.contains(part)).unwrap() as u16;
    assert_eq!(bold(line("- s3://acme-captions/news/2026/0704.srt")), "srt");
    assert_eq!(bold(line("+ s3://acme-captions/news/2026/0704.vtt")), "vtt");
}

fn picker(model: &mut Model) -> Screen {
    let keys = [
        ("news/2026/0712.vtt", "same name", 41_207, "2026-11-12 13:58:00"),
        ("news/2026/0712.en.vtt", "same name", 41_010, "2026-11-12 13:58:00"),
        ("news/2026/0712-draft.srt", "close name", 12_000, "2026-11-11 09:00:00"),
        ("news/2025/0712.srt", "other folder", 38_000, "2026-01-03 09:00:00"),
        ("news/2026/0711.srt", "used by 11", 44_000, "2026-11-12 13:58:00"),
    ];
    let offers = keys.map(|(key, reason, size, date)| KeyOffer {
        url: format!("s3://acme-captions/{key}"),
        reason: reason.into(),
        size: Some(size),
        modified: Some(date.into()),
    });
    let session = model.session_mut().unwrap();
    session.keys.list = Arc::new((0..9_214).map(|n| Key::named("acme-captions", format!("news/{n}.srt"))).collect());
    Screen::Picker(Box::new(Picker {
        row: 11,
        input: LineInput::new("0712"),
        offers: offers.to_vec(),
        matches: 38,
        scroll: Scroll::default(),
    }))
}

#[test]
fn the_picker_lists_keys_and_shows_what_is_known_of_one() {
    pictures("picker", |size| model(size, edits()), picker);
}

#[test]
fn an_empty_picker_says_why_and_what_to_press() {
    let mut model = model((80, 24), Vec::new());
    let mut screen = picker(&mut model);
    if let Screen::Picker(picker) = &mut screen {
        picker.offers.clear();
    }
    assert!(draw(&model, &screen).contains("No key matches 0712."));
    let session = model.session_mut().unwrap();
    session.keys = Default::default();
    assert!(draw(&model, &screen).contains("No listing yet.  ^r lists s3://acme-captions/news/2026/"));
    let refused = SourceFault::Unreadable("The bucket does not let us list.".into());
    let source = Source::parse("s3://acme-captions/").unwrap();
    let source = KeySource::new(SourceId(1), source, SourceState::Refused(Box::new(refused)));
    model.session_mut().unwrap().keys.all.push(source);
    let picture = draw(&model, &screen);
    assert!(picture.contains("does not let us list.") && picture.contains("Paste a listing: :source FILE"));
}

fn problem_list(model: &mut Model) -> Screen {
    cuecard::app::update(model, cuecard::app::Msg::Key(KeyCode::Char('!').into()));
    model.screens.pop().unwrap()
}

#[test]
fn problems_stand_by_rule_with_the_rows_of_the_chosen_one() {
    pictures("problems", |size| model(size, edits()), problem_list);
}

#[test]
fn no_problems_and_no_findings_are_told_apart() {
    let mut model = model((80, 24), Vec::new());
    let screen = Screen::Problems(Problems {
        groups: Vec::new(),
        affected: 3,
        scroll: Scroll::default(),
        rows: Vec::new(),
        row_scroll: Scroll::default(),
        in_rows: false,
    });
    assert!(draw(&model, &screen).contains("No problems in 20 rows."));
    model.session_mut().unwrap().findings = None;
    assert!(draw(&model, &screen).contains("The rows are not checked yet."));
}

fn help_on(model: &Model, scopes: Vec<Scope>, typed: &str) -> Help {
    Help { input: LineInput::new(typed), ..Help::new(scopes, model.below().offered) }
}

#[test]
fn help_is_made_from_the_key_table() {
    let scopes = || vec![Scope::Table, Scope::Global, Scope::Always];
    pictures("help", |size| model(size, edits()), |model| Screen::Help(help_on(model, scopes(), "")));
}

#[test]
fn the_page_of_the_help_follows_the_chosen_key() {
    for size in SIZES {
        let model = model(size, edits());
        let mut help = help_on(&model, vec![Scope::Table], "");
        help.all = true;
        let (entries, _) = help.entries();
        let keys: Vec<String> = entries.iter().map(|entry| entry.keys[0].clone()).collect();
        for (choice, key) in keys.into_iter().enumerate().skip(1).step_by(5) {
            let mut help = Help { all: true, choice, ..help_on(&model, vec![Scope::Table], "") };
            let page = help.pages(&model.layout()).iter().position(|page| page.shows(choice));
            help.page = page.unwrap();
            let screen = Screen::Help(help);
            let picture = draw(&model, &screen);
            assert_eq!(picture.matches('›').count(), 1, "{choice}: {picture}");
            assert!(picture.contains(&format!("›{key} ")), "{key}: {picture}");
        }
    }
}

#[test]
fn the_palette_lists_commands_with_their_keys() {
    let typed = |model: &Model| {
        let scopes = [Scope::Table, Scope::Global, Scope::Always];
        Screen::Palette(Palette { choice: 1, ..Palette::new("re", &scopes, model.below().offered) })
    };
    pictures("palette", |size| model(size, edits()), |model| typed(model));
}
