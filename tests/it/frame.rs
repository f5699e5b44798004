//! Pictures of the frame: its rows character by character, and properties at every size.

use cuecard::app::layout::{Column, Layout};
use cuecard::ui::frame::{
    Header, Hint, Message, Running, Tallies, Title, Unsaved, header, headings, hints, message, rect, rule, tallies,
    title, titled_rule, too_small,
};
use cuecard::ui::sanitize::{sanitize, style_faults};
use cuecard::ui::theme::{Mark, Theme};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

const HEADER: Header<'_> =
    Header { file: "news-2026.json", unsaved: Unsaved::Changes(37), profile: "prod", host: "api.twelvelabs.io" };
const TALLIES: Tallies = Tallies {
    errors: Some(14),
    warnings: Some(220),
    missing: Some(3_112),
    edited: Some(37),
    excluded: Some(12),
    rows: Some(12_480),
};
const PASTED: Message<'_> = Message {
    sign: Some(Mark::Ok),
    text: "pasted 2 transcripts into rows 4,709 and 4,710.",
    short: "pasted 2 transcripts.",
    keys: &[("u", "undo")],
};
const CHECKING: Running<'_> =
    Running::Job { text: "checking 1,204 of 9,368", fraction: Some(1_204.0 / 9_368.0), left: "" };
const HELP: Option<Hint<'_>> = Some(hint("?", "help", 9));
const TABLE_HINTS: [Hint<'_>; 7] = [
    hint("e", "edit", 3),
    hint("o", "pick", 3),
    hint("P", "pair", 3),
    hint("space", "select", 3),
    hint("f", "filter", 3),
    hint("}", "next problem", 2),
    hint("R", "review", 2),
];

const fn hint<'a>(keys: &'a str, label: &'a str, priority: u8) -> Hint<'a> {
    Hint { keys, label, priority }
}

/// A window into which rows are drawn one by one.
struct Drawing {
    layout: Layout,
    theme: Theme,
    buffer: Buffer,
}

impl Drawing {
    fn new(width: u16, height: u16) -> Drawing {
        Drawing::themed(width, height, 12_480, Theme::default())
    }

    fn themed(width: u16, height: u16, total: u64, theme: Theme) -> Drawing {
        let layout = Layout::new(width, height, total);
        Drawing { layout, theme, buffer: Buffer::empty(rect(layout.window)) }
    }

    fn row(&self, y: u16) -> String {
        let mut row = String::new();
        for x in 0..self.layout.window.width {
            row.push_str(self.buffer[(x, y)].symbol());
        }
        row.trim_end().to_owned()
    }

    fn table(mut self) -> Drawing {
        let Drawing { layout, theme, buffer } = &mut self;
        header(buffer, layout, theme, &HEADER);
        tallies(buffer, layout, theme, &TALLIES);
        headings(buffer, layout, theme, Some(Column::Transcript), None);
        rule(buffer, layout, theme, Some("4,711 of 12,480"));
        message(buffer, layout, theme, 0, Some(&PASTED), Some(&CHECKING));
        hints(buffer, layout, theme, &TABLE_HINTS, 2, HELP);
        self
    }

    fn gate(mut self, texts: &[Hint<'_>]) -> Drawing {
        let Drawing { layout, theme, buffer } = &mut self;
        header(buffer, layout, theme, &Header { unsaved: Unsaved::Saved, ..HEADER });
        tallies(buffer, layout, theme, &Tallies { errors: Some(0), ..TALLIES });
        let phrase = "nothing has been sent yet";
        title(buffer, layout, theme, &Title { name: "upload", phrase, phrase_at: Title::PHRASE_AT, right: "" });
        rule(buffer, layout, theme, None);
        message(buffer, layout, theme, 0, None, None);
        hints(buffer, layout, theme, texts, 0, HELP);
        self
    }
}

#[test]
fn the_frame_of_the_table_at_120_cells() {
    let drawing = Drawing::new(120, 40).table();
    for (y, row) in [
        (
            0,
            " cuecard  news-2026.json  37 unsaved                                                   upload to prod api.twelvelabs.io",
        ),
        (
            1,
            " ✗ errors 14       ▲ warnings 220      ○ missing 3,112    ~ edited 37       - excluded 12                   rows 12,480",
        ),
        (2, "         #  video                    lang   transcript               state"),
        (
            3,
            "────────────────────────────────────────────────────────────── 4,711 of 12,480 ─────────────────────────────────────────",
        ),
        (37, ""),
        (
            38,
            " ✓ pasted 2 transcripts into rows 4,709 and 4,710.  u undo                      ◓ checking 1,204 of 9,368  ━╸──────────",
        ),
        (
            39,
            " e edit   o pick   P pair   space select   f filter   } next problem   R review                   ◆ 2 selected   ? help",
        ),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
}

#[test]
fn the_frame_of_the_table_at_80_cells() {
    let mut drawing = Drawing::new(80, 24).table();
    let Drawing { layout, theme, buffer } = &mut drawing;
    titled_rule(buffer, layout, theme, 15, "row 4,711", "", false);
    for (y, row) in [
        (0, " cuecard  news-2026.json  37 unsaved           upload to prod api.twelvelabs.io"),
        (1, " ✗ errors 14      ▲ warnings 220     ○ missing 3,112   ~ edited 37       12,480"),
        (2, "         #  video                    lang   transcript               state"),
        (3, "───────────────────────────────────────────────────────────── 4,711 of 12,480 ──"),
        (15, "─ row 4,711 ────────────────────────────────────────────────────────────────────"),
        (22, " ✓ pasted 2 transcripts.  u undo                      ◓ checking 1,204 of 9,368"),
        (23, " e edit   o pick   P pair   space select   f filter       ◆ 2 selected   ? help"),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
    let Drawing { layout, theme, buffer } = &mut drawing;
    titled_rule(buffer, layout, theme, 14, "preview", "WebVTT  UTF-8", false);
    assert_eq!(drawing.row(14), "─ preview ────────────────────────────────────────────────────── WebVTT  UTF-8 ─");
}

#[test]
fn the_frame_of_the_gate() {
    let texts =
        [hint("Y", "upload", 3), hint("c", "copy the curl command", 2), hint("Esc", "back, nothing is sent", 1)];
    let drawing = Drawing::new(120, 40).gate(&texts);
    for (y, row) in [
        (
            0,
            " cuecard  news-2026.json  saved                                                        upload to prod api.twelvelabs.io",
        ),
        (
            1,
            " ✗ errors 0        ▲ warnings 220      ○ missing 3,112    ~ edited 37       - excluded 12                   rows 12,480",
        ),
        (2, " upload        nothing has been sent yet"),
        (
            3,
            "────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────",
        ),
        (38, ""),
        (
            39,
            " Y upload   c copy the curl command   Esc back, nothing is sent                                                  ? help",
        ),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
    let drawing = Drawing::new(80, 24).gate(&texts);
    for (y, row) in [
        (0, " cuecard  news-2026.json  saved                upload to prod api.twelvelabs.io"),
        (1, " ✗ errors 0       ▲ warnings 220     ○ missing 3,112   ~ edited 37       12,480"),
        (2, " upload        nothing has been sent yet"),
        (3, "────────────────────────────────────────────────────────────────────────────────"),
        (22, ""),
        (23, " Y upload   c copy the curl command   Esc back, nothing is sent          ? help"),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
}

#[test]
fn reading_takes_the_whole_message_row_until_something_is_said() {
    let reading = Running::Reading { word: "reading", fraction: 124.0 / 204.0, numbers: "124 of 204 MB" };
    let mut drawing = Drawing::new(80, 24);
    let Drawing { layout, theme, buffer } = &mut drawing;
    message(buffer, layout, theme, 0, None, Some(&reading));
    header(buffer, layout, theme, &Header { unsaved: Unsaved::Reading, ..HEADER });
    tallies(buffer, layout, theme, &Tallies::default());
    rule(buffer, layout, theme, Some("1 of 612,000 so far"));
    for (y, row) in [
        (0, " cuecard  news-2026.json  reading              upload to prod api.twelvelabs.io"),
        (1, " ✗ errors –       ▲ warnings –       ○ missing –       ~ edited –"),
        (3, "───────────────────────────────────────────────────────── 1 of 612,000 so far ──"),
        (22, " ◓ reading                                 ━━━━━━━━━━━━╸───────   124 of 204 MB"),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
    let mut drawing = Drawing::new(80, 24);
    let Drawing { layout, theme, buffer } = &mut drawing;
    let said = Message { sign: Some(Mark::Warning), text: "not yet", ..Message::default() };
    message(buffer, layout, theme, 0, Some(&said), Some(&reading));
    assert_eq!(drawing.row(22), " ▲ not yet                                 ━━━━━━━━━━━━╸───────   124 of 204 MB");
}

#[test]
fn ascii_keeps_every_place() {
    let drawing = Drawing::themed(80, 24, 12_480, Theme { ascii: true, ..Theme::default() }).table();
    assert_eq!(drawing.row(1), " x errors 14      ! warnings 220     o missing 3,112   ~ edited 37       12,480");
    assert_eq!(drawing.row(22), " + pasted 2 transcripts.  u undo                      | checking 1,204 of 9,368");
    assert_eq!(drawing.row(23), " e edit   o pick   P pair   space select   f filter       * 2 selected   ? help");
    assert!((0..24).all(|y| drawing.row(y).is_ascii()));
}

#[test]
fn the_narrowest_window_keeps_what_must_never_be_given_up() {
    let drawing = Drawing::new(60, 18).table();
    for (y, row) in [
        (0, " cuecard  news-2026.json  37 unsaved      api.twelvelabs.io"),
        (1, " ✗ errors 14      ▲ warnings 220     ○ missing 3,112"),
        (3, "───────────────────────────────────────── 4,711 of 12,480 ──"),
        (16, " ✓ pasted 2 transcript…  u undo   ◓ checking 1,204 of 9,368"),
        (17, " e edit   o pick   P pair             ◆ 2 selected   ? help"),
    ] {
        assert_eq!(drawing.row(y), row, "row {y}");
    }
}

#[test]
fn a_long_file_name_is_cut_before_the_profile_goes() {
    let mut drawing = Drawing::new(80, 24);
    let Drawing { layout, theme, buffer } = &mut drawing;
    header(buffer, layout, theme, &Header { file: "the-whole-archive-of-the-evening-news.json", ..HEADER });
    assert_eq!(drawing.row(0), " cuecard  the-who…ening-news.json  37 unsaved  upload to prod api.twelvelabs.io");
}

#[test]
fn less_useful_hints_go_first_and_from_the_right() {
    let mut drawing = Drawing::new(60, 18);
    let Drawing { layout, theme, buffer } = &mut drawing;
    let texts = [hint("a", "first of the list", 1), hint("b", "second of the list", 5), hint("c", "third of it", 5)];
    hints(buffer, layout, theme, &texts, 0, HELP);
    assert_eq!(drawing.row(17), " b second of the list   c third of it                ? help");
}

#[test]
fn the_file_and_counts_are_bold_and_their_words_are_not() {
    let drawing = Drawing::new(80, 24).table();
    let bold = |y: u16| {
        (0..80)
            .filter(|x| drawing.buffer[(*x, y)].modifier.contains(Modifier::BOLD))
            .map(|x| drawing.buffer[(x, y)].symbol())
            .collect::<String>()
    };
    assert_eq!(bold(0), "cuecard37 unsavedprod ");
    assert_eq!(bold(1), "142203,11237");
    assert_eq!(bold(2), "transcript");
    assert_eq!(bold(22), "u");
    assert_eq!(bold(23), "eoPspacef?");
}

#[test]
fn a_window_that_is_too_small_says_so_and_that_nothing_is_lost() {
    let mut drawing = Drawing::new(52, 10);
    let Drawing { layout, theme, buffer } = &mut drawing;
    too_small(buffer, layout, theme, "Nothing is lost: 37 changes are kept.", &[("q".to_owned(), "quit")]);
    let shown: Vec<_> = (0..10).map(|y| drawing.row(y)).collect();
    assert_eq!(
        shown,
        [
            " cuecard",
            "",
            " This window is too small.",
            " It is 52x10; cuecard needs 60x18.",
            "",
            " Nothing is lost: 37 changes are kept.",
            "",
            "",
            "",
            " q quit",
        ]
    );
}

proptest! {
    #[test]
    fn every_size_and_every_text_draws_a_clean_frame(
        size in (0_u16..220, 0_u16..70),
        total in 0_u64..20_000_000,
        texts in proptest::collection::vec(".{0,60}", 5),
        count in proptest::option::of(0_u64..20_000_000),
        (ascii, color, high_contrast) in any::<(bool, bool, bool)>(),
    ) {
        let theme = Theme { ascii, color, high_contrast };
        let mut drawing = Drawing::themed(size.0, size.1, total, theme);
        let Drawing { layout, theme, buffer } = &mut drawing;
        if layout.is_too_small() {
            too_small(buffer, layout, theme, &texts[3], &[(texts[0].clone(), &texts[1])]);
        } else {
            let unsaved = count.map_or(Unsaved::Reading, Unsaved::Changes);
            header(buffer, layout, theme, &Header { file: &texts[0], unsaved, profile: &texts[1], host: &texts[2] });
            let count = count.map(|count| count.min(total));
            tallies(buffer, layout, theme, &Tallies {
                errors: count, warnings: count, missing: count, edited: count, excluded: count, rows: count,
            });
            let (name, phrase, right) = (&*texts[0], &*texts[3], &*texts[4]);
            title(buffer, layout, theme, &Title { name, phrase, phrase_at: 15, right });
            rule(buffer, layout, theme, Some(phrase));
            let told = Message { sign: Some(Mark::Error), text: phrase, short: right, keys: &[(name, right)] };
            let job = Running::Job { text: &texts[2], fraction: Some(0.5), left: &texts[4] };
            message(buffer, layout, theme, 1, Some(&told), Some(&job));
            hints(buffer, layout, theme, &[hint(&texts[1], &texts[2], 1), hint("e", "edit", 2)], total, HELP);

            prop_assert!(drawing.row(1).contains("errors ") && drawing.row(1).contains("missing "));
            let count = count.map(cuecard::ui::text::thousands);
            if let Some(count) = count {
                prop_assert_eq!(drawing.row(1).matches(&format!("s {count} ")).count(), 2);
            }
            prop_assert!(drawing.row(size.1 - 1).ends_with(" ? help"));
        }
        prop_assert_eq!(style_faults(&drawing.buffer, &drawing.theme), Vec::<String>::new());
        prop_assert_eq!(sanitize(&mut drawing.buffer, &drawing.theme), 0);
    }
}

#[test]
fn what_a_message_offers_is_never_cut_and_what_stands_still_gives_way_to_it() {
    let offer = Message {
        text: "…/{stem}.{lang}.vtt fits 28 rows; whether they exist is not known.",
        keys: &[("T", "shows them")],
        ..Message::default()
    };
    for (width, running) in
        [(88, None), (80, None), (60, None), (80, Some(Running::Note("offline, links are not checked")))]
    {
        let mut drawing = Drawing::new(width, 24);
        let Drawing { layout, theme, buffer } = &mut drawing;
        message(buffer, layout, theme, 0, Some(&offer), running.as_ref());
        assert!(drawing.row(22).contains("T shows them"), "{width}: {}", drawing.row(22));
    }
    let gone = Message {
        sign: Some(Mark::Warning),
        text: "talks/a-very-long-folder/and-a-very-long-name-of-a-video.mp4 took 1, interview-06.en-GB.vtt.",
        keys: &[("T", "does that to the 42 like it")],
        ..Message::default()
    };
    let mut drawing = Drawing::new(80, 24);
    let Drawing { layout, theme, buffer } = &mut drawing;
    message(buffer, layout, theme, 0, Some(&gone), Some(&CHECKING));
    let row = drawing.row(22);
    assert!(row.contains(" took 1, ") && row.contains("T does that to the 42 like it"), "{row}");
}
