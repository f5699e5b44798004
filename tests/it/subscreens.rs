//! The screens over the table, drawn from a state built by hand: pictures at three sizes, and what must be in them.

use cuecard::app::desk::Desk;
use cuecard::app::keymap::{Keymap, Scope};
use cuecard::app::line_input::LineInput;
use cuecard::app::model::{Look, Model, Options, Stage};
use cuecard::app::msg::{GateFacts, JobId, Moment, Phase};
use cuecard::app::screens::picker::Offer;
use cuecard::app::screens::review::RecoveredMark;
use cuecard::app::screens::send::{Gate, Sending, result};
use cuecard::app::screens::{Help, Log, Palette, Picker, Problems, Review, Screen, SendScreen, help, problems, table};
use cuecard::app::view::Scroll;
use cuecard::domain::draft::{Change, Draft, Edit};
use cuecard::domain::findings::Findings;
use cuecard::domain::keys::Key;
use cuecard::domain::manifest::{Field, Manifest, RowId};
use cuecard::domain::outcome::{Attempt, BodyState, Ended, How, Intent, Reply, Settlement, judge};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::domain::row_set::RowSet;
use cuecard::ui;
use cuecard::ui::sweep::{style_faults, sweep};
use cuecard::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::Modifier;
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 18)];
const API_KEY: &str = "tlk_CANARY_0123456789";
/// 23 Nov 2026, 14:03:07 in UTC.
const NOW: i64 = 1_795_442_587_000;
const INDEX: &str = "6298d673f1090f1100476d4c";

fn now() -> Moment {
    Moment { unix_ms: NOW, offset_s: 0 }
}

/// Twenty videos: without a transcript from the sixth on, but for the last.
fn manifest() -> Manifest {
    let rows: Vec<String> = (1..=20)
        .map(|n| {
            let video = if n == 7 { "korea/2026/한국어 저녁 뉴스.mp4".into() } else { format!("news/2026/07{n:02}.mp4") };
            let transcript = match n {
                1..=5 | 20 => format!("\"s3://acme-captions/news/2026/07{n:02}.srt\""),
                9 => "null".to_owned(),
                _ => "\"\"".to_owned(),
            };
            let language = if n == 3 { "en-US" } else { "en" };
            format!(
                r#"{{"index_id":"{INDEX}","language":"{language}","object":"s3://acme-video/{video}","transcription":{transcript}}}"#
            )
        })
        .collect();
    Manifest::parse(format!("[\n{}\n]\n", rows.join(",\n")).into_bytes()).unwrap()
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
    let mut draft = Draft::new(Arc::new(manifest()));
    for edit in edits {
        draft.apply(edit);
    }
    let mut desk = Desk::new("/home/op/news-2026.json".into(), JobId(1));
    desk.loading = None;
    desk.findings = Findings::check(draft.now(), |_| true).map(Arc::new);
    desk.draft = draft;
    desk.saved_at = Some(now());
    let options = Options {
        host: "api.twelvelabs.io".into(),
        address: Address::parse("https://api.twelvelabs.io/v1.2", false).ok(),
        profile: Some("prod".into()),
        ..Options::default()
    };
    let mut model = Model::new(options, Look::default(), Keymap::default(), size);
    model.now = now();
    model.stage = Stage::Open(Box::new(desk));
    model
}

/// The same with its edits saved.
fn saved(size: (u16, u16), edits: Vec<Edit>) -> Model {
    let mut model = model(size, edits);
    let desk = model.desk_mut().unwrap();
    let moment = desk.draft.now().clone();
    desk.draft.mark_saved(&moment);
    model
}

fn draw_themed(model: &Model, screen: &Screen, theme: &Theme) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let layout = table::layout(model);
    terminal
        .draw(|frame| match screen {
            Screen::Review(screen) => ui::review::draw(model, screen, &layout, theme, frame),
            Screen::Send(screen) => ui::send::draw(model, screen, &layout, theme, frame),
            Screen::Picker(screen) => ui::picker::draw(model, screen, &layout, theme, frame),
            Screen::Problems(screen) => ui::problems::draw(model, screen, &layout, theme, frame),
            Screen::Help(screen) => ui::help::draw(model, screen, &layout, theme, frame),
            Screen::Palette(screen) => ui::palette::draw(model, screen, &layout, theme, frame),
            Screen::Log(screen) => ui::log::draw(model, screen, &layout, theme, frame),
            other => panic!("{other:?} is drawn elsewhere"),
        })
        .unwrap();
    let mut buffer = terminal.backend().buffer().clone();
    assert_eq!(style_faults(&buffer, theme), Vec::<String>::new());
    assert_eq!(sweep(&mut buffer, theme), 0);
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
            // The second cell of a wide character is not a blank of its own.
            x += symbol.cell_width().max(1);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Compares the pictures at all sizes; in ASCII and without colours every sign keeps its place.
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
    let rows = model.desk().unwrap().now().edited_rows().iter().collect();
    Screen::Review(Review { rows, scroll: Scroll { cursor, top: 0 }, recovered: None })
}

fn facts(model: &Model) -> GateFacts {
    GateFacts {
        fingerprint: Fingerprint::of(model.desk().unwrap().now().pieces()),
        same_on_disk: true,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        sent_before: None,
        ledger_fault: None,
    }
}

fn gate(model: &Model, change: impl FnOnce(&mut Gate)) -> Screen {
    let mut gate = Gate {
        job: None,
        snapshot: model.desk().unwrap().now().clone(),
        facts: Some(Box::new(facts(model))),
        fault: None,
        armed_at: Some(NOW),
        needed: Vec::new(),
        input: None,
        given: Vec::new(),
    };
    change(&mut gate);
    Screen::Send(Box::new(SendScreen::Gate(gate)))
}

fn reply(status: u16, reason: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Reply {
        status,
        reason: reason.into(),
        version: "HTTP/1.1".into(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_vec(),
        body_state: BodyState::Whole,
    }
}

fn attempt(id: i64, how: How, begun: bool) -> Attempt {
    let fingerprint = Fingerprint { bytes: 2_981_204, ..Fingerprint::of([&b"news"[..]]) };
    let sent = if begun { 2_981_204 } else { 0 };
    let ended = Ended { how, begun, sent, took_ms: 1_800 };
    Attempt {
        id,
        intent: Intent {
            started_ms: NOW - (3 - id) * 3_600_000,
            address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
            profile: Some("prod".into()),
            file: "/home/op/news-2026.json".into(),
            fingerprint,
            rows: 12_468,
            key_origin: "from TWELVELABS_API_KEY in the environment".into(),
        },
        outcome: judge(&ended),
        ended,
        under_way: false,
        settled: None,
    }
}

fn accepted(id: i64) -> Attempt {
    let headers = [
        ("Date", "Mon, 23 Nov 2026 14:03:09 GMT"),
        ("x-api-version", "v1.2"),
        ("x-ratelimit-limit", "1000"),
        ("x-ratelimit-remaining", "987"),
        ("x-ratelimit-reset", "1795478400"),
    ];
    attempt(id, How::Replied(reply(204, "No Content", &headers, b"")), true)
}

fn refused(id: i64) -> Attempt {
    let body = br#"{"code":"api_key_invalid","message":"API key is invalid or expired.","docs_url":"https://docs.twelvelabs.io/reference/error-codes"}"#;
    attempt(id, How::Replied(reply(401, "Unauthorized", &[("Date", "today"), ("server", "gw")], body)), true)
}

fn unknown(id: i64) -> Attempt {
    attempt(id, How::NoReply("connection reset by peer".into()), true)
}

fn shown(attempt: Attempt) -> Screen {
    let earlier = vec![attempt.clone(), refused(2), accepted(1)];
    Screen::Send(Box::new(result(attempt, earlier)))
}

fn pane(screen: &mut Screen, change: impl FnOnce(&mut cuecard::app::screens::send::ResultPane)) {
    if let Screen::Send(send) = screen
        && let SendScreen::Result(pane) = &mut **send
    {
        change(pane);
    }
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
                assert_eq!(marked, cuecard::app::screens::review::lines_of(model.desk().unwrap(), cursor as RowId));
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
        open.recovered = Some(RecoveredMark { edits: 37, last: now().at(NOW - 23 * 60_000) });
    }
    assert!(draw(&model, &screen).contains("37 changes from 13:40 were recovered"));
}

#[test]
fn a_differing_name_is_bold_in_both_lines() {
    let mut model = model((120, 40), edits());
    let screen = review(&mut model, 8);
    let buffer = draw_themed(&model, &screen, &Theme::default());
    let bold = |y: u16| -> String {
        let cells = (14..70).filter(|x| buffer[(*x, y)].modifier.contains(Modifier::BOLD));
        cells.map(|x| buffer[(x, y)].symbol()).collect()
    };
    let picture = text(&buffer);
    let line = |part: &str| picture.lines().position(|line| line.contains(part)).unwrap() as u16;
    assert_eq!(bold(line("- s3://acme-captions/news/2026/0704.srt")), "0704.srt");
    assert_eq!(bold(line("+ s3://acme-captions/news/2026/0704.vtt")), "0704.vtt");
}

#[test]
fn the_gate_offers_the_upload() {
    pictures("gate", |size| saved(size, edits()[..1].to_vec()), |model| gate(model, |_| {}));
}

#[test]
fn a_gate_that_is_blocked_has_no_confirm_key() {
    let confirm = "upload 20 rows to api.twelvelabs.io";
    for size in SIZES {
        let open = saved(size, Vec::new());
        assert!(draw(&open, &gate(&open, |_| {})).contains(confirm));

        let dirty = model(size, edits());
        let picture = draw(&dirty, &gate(&dirty, |_| {}));
        assert!(picture.contains("✗ 9 changes are not saved.  ^s saves"), "{picture}");
        let errors = saved(size, edits());
        let picture = draw(&errors, &gate(&errors, |_| {}));
        assert!(picture.contains("✗ 1 error blocks the upload."), "{picture}");
        type Spoil = fn(&mut GateFacts);
        let spoil: [(Spoil, &str); 4] = [
            (|facts| facts.same_on_disk = false, "✗ the file on disk holds something else."),
            (|facts| facts.key_origin = None, "✗ no API key"),
            (|facts| facts.ledger_fault = Some("disk full".into()), "✗ the ledger can't be written"),
            (|facts| facts.sent_before = Some(Box::new(unknown(3))), "✗ an upload of 14:03:07 has no known outcome."),
        ];
        for (spoil, words) in spoil {
            let screen = gate(&open, |gate| spoil(gate.facts.as_mut().unwrap()));
            let picture = draw(&open, &screen);
            assert!(picture.contains(words), "{picture}");
            assert!(!picture.contains(confirm), "{picture}");
        }
    }
}

#[test]
fn bytes_that_were_accepted_before_are_named_with_their_day() {
    let open = saved((80, 24), Vec::new());
    let before = |attempt| gate(&open, |gate| gate.facts.as_mut().unwrap().sent_before = Some(Box::new(attempt)));
    assert!(draw(&open, &before(accepted(0))).contains("▲ these bytes were accepted 11:03 today, 204"));
    let days_ago = draw(&open, &before(accepted(-70)));
    assert!(days_ago.contains("▲ these bytes were accepted 13:03 on 20 Nov, 204"), "{days_ago}");
}

#[test]
fn a_typed_confirmation_stands_where_the_confirm_key_would() {
    pictures(
        "gate-typing",
        |size| saved(size, edits()),
        |model| gate(model, |gate| gate.input = Some(LineInput::new("send any"))),
    );
}

#[test]
fn the_cursor_of_the_terminal_stands_behind_what_is_typed() {
    for size in SIZES {
        let model = saved(size, edits());
        let screen = gate(&model, |gate| gate.input = Some(LineInput::new("send any")));
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let Screen::Send(send) = &screen else { unreachable!() };
        let layout = table::layout(&model);
        terminal.draw(|frame| ui::send::draw(&model, send, &layout, &Theme::default(), frame)).unwrap();
        let cursor = terminal.get_cursor_position().unwrap();
        let before: String = (1..cursor.x).map(|x| terminal.backend().buffer()[(x, cursor.y)].symbol()).collect();
        assert_eq!(before, "▌ > send any");
    }
}

#[test]
fn the_upload_shows_four_phases_from_the_start() {
    let sending = |model: &mut Model| {
        model.ticks = 4;
        let mut facts = facts(model);
        facts.fingerprint.bytes = 2_981_204;
        Screen::Send(Box::new(SendScreen::Sending(Sending {
            job: JobId(1),
            facts: Box::new(facts),
            snapshot: model.desk().unwrap().now().clone(),
            started: now().at(NOW - 1_500),
            phase: Phase::Sending { sent: 1_441_792, total: 2_981_204 },
            began: [Some(NOW - 1_500), Some(NOW - 1_300), None, None],
            stopping: false,
        })))
    };
    pictures("sending", |size| saved(size, Vec::new()), sending);
}

#[test]
fn a_result_of_each_kind_has_one_shape() {
    let fresh = |size| saved(size, Vec::new());
    pictures("result-accepted", fresh, |_| shown(accepted(3)));
    pictures("result-refused", fresh, |_| shown(refused(3)));
    pictures("result-unknown", fresh, |_| shown(unknown(3)));
}

#[test]
fn only_an_open_outcome_can_be_answered() {
    let model = saved((80, 24), Vec::new());
    assert!(draw(&model, &shown(unknown(3))).contains("▌ A  it was accepted   the manifest counts as sent"));
    let settled = Attempt { settled: Some(Settlement { accepted: false, at_ms: NOW }), ..unknown(3) };
    let picture = draw(&model, &shown(settled));
    assert!(!picture.contains("▌ A") && picture.contains("the upload is open again"), "{picture}");
    let under_way = Attempt { under_way: true, ..attempt(3, How::Interrupted, true) };
    let picture = draw(&model, &shown(under_way));
    assert!(!picture.contains("▌ A") && picture.contains("UNDER WAY"), "{picture}");
}

#[test]
fn a_reply_full_of_escape_sequences_shows_tokens() {
    let headers = [("x-\u{1b}[2J", "a\u{202e}b\u{7}")];
    let body = "\u{1b}[31mred\u{1b}]52;c;cGF3bg==\u{7}\n\u{202e}txt\r\n\u{9b}2J";
    let evil = attempt(3, How::Replied(reply(400, "Bad\u{1b}[0m", &headers, body.as_bytes())), true);
    for size in SIZES {
        let model = saved(size, Vec::new());
        let mut screen = shown(evil.clone());
        pane(&mut screen, |pane| {
            pane.all_headers = true;
            pane.scroll.top = if size.1 < 24 { 6 } else { 0 };
        });
        let picture = draw(&model, &screen);
        assert!(!picture.chars().any(|c| c.is_control() && c != '\n'), "{picture:?}");
        assert!(picture.contains("‹U+001B›[31mred"), "{picture}");
    }
}

#[test]
fn a_match_is_in_sight_and_marked_in_a_body_of_any_length() {
    let body: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
    let long = attempt(3, How::Replied(reply(400, "Bad Request", &[], body.as_bytes())), true);
    for size in SIZES {
        let model = saved(size, Vec::new());
        for at in [0, 77, 19_999] {
            let mut screen = shown(long.clone());
            pane(&mut screen, |pane| {
                pane.matched = Some(at);
                pane.scroll = Scroll { cursor: at, top: at };
            });
            let picture = draw(&model, &screen);
            assert!(picture.contains(&format!("› line {at}")), "{picture}");
        }
    }
}

#[test]
fn the_key_is_never_on_the_screen() {
    let model = saved((120, 40), Vec::new());
    for screen in [gate(&model, |_| {}), shown(refused(3)), shown(accepted(3))] {
        assert!(!draw(&model, &screen).contains(API_KEY));
    }
    let mut input = LineInput::masked();
    input.paste(API_KEY).unwrap();
    let screen = Screen::Palette(Palette { input, choice: 0 });
    assert!(!draw(&model, &screen).contains(API_KEY));
}

fn picker(model: &mut Model) -> Screen {
    let keys = [
        ("news/2026/0712.vtt", "same name", 41_207, "2026-11-12 13:58:00"),
        ("news/2026/0712.en.vtt", "same name", 41_010, "2026-11-12 13:58:00"),
        ("news/2026/0712-draft.srt", "close name", 12_000, "2026-11-11 09:00:00"),
        ("news/2025/0712.srt", "other folder", 38_000, "2026-01-03 09:00:00"),
        ("news/2026/0711.srt", "used by 11", 44_000, "2026-11-12 13:58:00"),
    ];
    let offers = keys.map(|(key, reason, size, date)| Offer {
        url: format!("s3://acme-captions/{key}"),
        reason: reason.into(),
        size: Some(size),
        modified: Some(date.into()),
    });
    let desk = model.desk_mut().unwrap();
    desk.keys.source = Some("s3://acme-captions/".into());
    desk.keys.list = Arc::new((0..9_214).map(|n| Key::named("acme-captions", format!("news/{n}.srt"))).collect());
    Screen::Picker(Box::new(Picker {
        row: 11,
        input: LineInput::new("0712"),
        offers: offers.to_vec(),
        matches: 38,
        scroll: Scroll::default(),
        job: None,
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
    let desk = model.desk_mut().unwrap();
    desk.keys = Default::default();
    assert!(draw(&model, &screen).contains("No listing yet.  ^r lists s3://acme-captions/news/2026/"));
    model.desk_mut().unwrap().keys.fault = Some("The bucket does not let us list.".into());
    let picture = draw(&model, &screen);
    assert!(picture.contains("does not let us list.") && picture.contains("Paste a listing: :source FILE"));
}

fn problem_list(model: &mut Model) -> Screen {
    problems::open(model);
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
        scroll: Scroll::default(),
        rows: Vec::new(),
        row_scroll: Scroll::default(),
        in_rows: false,
        confirm_fix_all: None,
    });
    assert!(draw(&model, &screen).contains("No problems in 20 rows."));
    model.desk_mut().unwrap().findings = None;
    assert!(draw(&model, &screen).contains("The rows are not checked yet."));
}

fn help_on(scopes: Vec<Scope>, typed: &str) -> Help {
    Help { input: LineInput::new(typed), scopes, all: false, choice: 0 }
}

#[test]
fn help_is_made_from_the_key_table() {
    let table = || Screen::Help(help_on(vec![Scope::Table, Scope::Global, Scope::Always], ""));
    pictures("help", |size| model(size, edits()), |_| table());
}

#[test]
fn the_page_of_the_help_follows_the_chosen_key() {
    for size in SIZES {
        let model = model(size, edits());
        let mut help = help_on(vec![Scope::Table], "");
        help.all = true;
        let (entries, _) = help::entries(&model, &help);
        for choice in (1..entries.len()).step_by(5) {
            help.choice = choice;
            let screen = Screen::Help(Help { input: LineInput::new(""), scopes: help.scopes.clone(), ..help });
            let picture = draw(&model, &screen);
            assert_eq!(picture.matches('›').count(), 1, "{choice}: {picture}");
            let key = &entries[choice].keys[0];
            assert!(picture.contains(&format!("›{key} ")), "{key}: {picture}");
        }
    }
}

#[test]
fn the_palette_lists_commands_with_their_keys() {
    let typed = |text: &str| Screen::Palette(Palette { input: LineInput::new(text), choice: 1 });
    pictures("palette", |size| model(size, edits()), |_| typed("re"));
}

#[test]
fn the_log_lists_uploads_and_says_when_there_are_none() {
    let log =
        |attempts| Screen::Log(Log { job: JobId(1), attempts, fault: None, scroll: Scroll { cursor: 1, top: 0 } });
    let settled = Attempt { settled: Some(Settlement { accepted: true, at_ms: NOW }), ..unknown(2) };
    let all = || vec![unknown(3), settled.clone(), refused(1), accepted(0), attempt(-70, How::Stopped, false)];
    pictures("log", |size| saved(size, Vec::new()), |_| log(Some(all())));
    let model = saved((80, 24), Vec::new());
    assert!(draw(&model, &log(Some(Vec::new()))).contains("Nothing has been sent from this file."));
    assert!(draw(&model, &log(None)).contains("reading the ledger"));
}
