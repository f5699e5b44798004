use super::*;
use crate::app::command::{Keymap, Scope};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The table, or an input over it.
fn listening(typing: bool) -> Listening {
    static TABLE: LazyLock<Listening> = LazyLock::new(|| {
        let scopes = [Scope::Table, Scope::Always, Scope::Global, Scope::Typed];
        Listening::of(&Keymap::default(), &scopes, false)
    });
    let mut listening = TABLE.clone();
    listening.typing = typing;
    listening
}

/// Pieces, each with the milliseconds before it.
fn decode(pieces: &[(u64, &[u8])], typing: bool) -> Vec<Event> {
    let (mut decoder, mut out, mut now) = (Decoder::default(), VecDeque::new(), Instant::now());
    let end: (u64, &[u8]) = (10_000, b"");
    for (wait, bytes) in pieces.iter().chain([&end]) {
        let due = Duration::from_millis(*wait);
        if decoder.patience().is_some_and(|patience| patience <= due) {
            decoder.pause(now + PAUSE, &mut out);
            if decoder.patience().is_some() {
                decoder.pause(now + 2 * PAUSE, &mut out);
            }
        }
        now += due;
        if !bytes.is_empty() {
            decoder.feed(bytes, now, &listening(typing), &mut out);
        }
    }
    out.into_iter().collect()
}

/// `gg`, `<Esc>`, `{pasted}`.
fn shown(events: &[Event]) -> String {
    let show = |event: &Event| match event {
        Event::Paste(text) => format!("{{{text}}}"),
        Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. })
            if (*modifiers - KeyModifiers::SHIFT).is_empty() =>
        {
            c.to_string()
        }
        Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers: KeyModifiers::ALT, .. }) => format!("<A-{c}>"),
        Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL, .. }) => format!("<C-{c}>"),
        Event::Key(key) => format!("<{}>", key.code),
        other => format!("<{other:?}>"),
    };
    events.iter().map(show).collect()
}

#[test]
fn byte_sequences_decode_to_the_expected_keys() {
    for (bytes, keys) in [
        (&b"gg"[..], "gg"),
        (b":w\r", ":w<Enter>"),
        (b"\x1b", "<Esc>"),
        (b"\x1b\x1b", "<Esc><Esc>"),
        (b"\x1b\x1b[A", "<Esc><Up>"),
        (b"\x1bq", "<A-q>"),
        (b"\x1b[A\x1b[1;5C\x1bOH\x1b[3~\x1b[Z", "<Up><Right><Home><Del><Back Tab>"),
        (b"\x15\x7f\t\x03", "<C-u><Backspace><Tab><C-c>"),
        ("한é🎬".as_bytes(), "한é🎬"),
        (b"a\xff\xfeb", "{a\u{fffd}\u{fffd}b}"),
        (b"\xff", ""),
        (b"\x1b[201~x", "x"),
    ] {
        assert_eq!(shown(&decode(&[(0, bytes)], true)), keys, "{bytes:?}");
    }
}

#[test]
fn esc_waits_for_a_pause_and_what_changes_for_a_moment() {
    let mut decoder = Decoder::default();
    let (mut out, mut now) = (VecDeque::new(), Instant::now());
    for key in ["j", "G", "[", "\x1b[A", "\x03"] {
        now += PAUSE;
        decoder.feed(key.as_bytes(), now, &listening(false), &mut out);
        assert_eq!((out.len(), decoder.patience()), (1, None), "{key:?} waits for nothing");
        out.clear();
    }
    for key in ["q", "x", "\r", "한", "Y", "\x13"] {
        now += PAUSE;
        decoder.feed(key.as_bytes(), now, &listening(false), &mut out);
        assert_eq!((out.len(), decoder.patience()), (0, Some(HOLD)), "{key:?}");
        decoder.pause(now + HOLD, &mut out);
        assert_eq!((out.len(), decoder.patience()), (1, None), "{key:?}");
        out.clear();
    }
    now += PAUSE;
    decoder.feed(b"\x1b", now, &listening(false), &mut out);
    assert_eq!((out.len(), decoder.patience()), (0, Some(PAUSE)));
    // A separate keystroke meanwhile is not part of it.
    decoder.feed(b"j", now + PAUSE / 5, &listening(false), &mut out);
    assert_eq!((shown(out.make_contiguous()).as_str(), decoder.patience()), ("<Esc>j", None));
}

#[test]
fn what_is_typed_into_an_input_waits_only_at_the_end_of_the_line() {
    let mut decoder = Decoder::default();
    let (mut out, now) = (VecDeque::new(), Instant::now());
    decoder.feed("q:qdé".as_bytes(), now, &listening(true), &mut out);
    assert_eq!((shown(out.make_contiguous()).as_str(), decoder.patience()), ("q:qdé", None));
    decoder.feed(b"s\rj", now + PAUSE, &listening(true), &mut out);
    assert_eq!((shown(out.make_contiguous()).as_str(), decoder.patience()), ("q:qdés", Some(HOLD)));
    decoder.pause(now + 2 * PAUSE, &mut out);
    assert_eq!((shown(out.make_contiguous()).as_str(), decoder.patience()), ("q:qdés<Enter>j", None));
}

/// As a terminal without bracketed paste sends it over a line that cuts it: whole, after its first bytes, or in bytes.
#[test]
fn no_command_runs_from_an_unmarked_paste_however_it_is_cut() {
    for text in ["xylophone lesson.srt", "delete this\r", "quiet please", "RSY and more text\r"] {
        for wait in [1, 5, 7] {
            for at in 1..text.len() {
                let (head, tail) = text.split_at(at);
                let pieces = [(0, head.as_bytes()), (wait, tail.as_bytes())];
                assert_eq!(shown(&decode(&pieces, false)), format!("{{{text}}}"), "cut at {at}, {wait} ms");
            }
            let pieces: Vec<(u64, &[u8])> = text.as_bytes().chunks(1).map(|byte| (wait, byte)).collect();
            assert_eq!(shown(&decode(&pieces, false)), format!("{{{text}}}"), "in bytes, {wait} ms");
        }
    }
    // Harmless keys at its beginning are not held.
    for text in ["axe.srt\r", "uk intro.srt\r", "s3://tbk/01.srt\r", "jxx\r", "1\ten\ts3://tbk/01.srt\r"] {
        let pieces: Vec<(u64, &[u8])> = text.as_bytes().chunks(1).map(|byte| (1, byte)).collect();
        let shown = shown(&decode(&pieces, false));
        let (keys, pasted) = shown.split_once('{').unwrap_or((&shown, ""));
        assert!(keys.len() <= 2 && listening(false).only_moves(keys) && !pasted.is_empty(), "{text}: {shown}");
    }
}

#[test]
fn keys_that_follow_each_other_closely_are_keys_however_they_are_cut() {
    for (text, typing) in
        [(":w\r", false), ("jje\x15s3://acme/01.srt\r", false), ("s3://acme/01.srt\r:w\r", true), ("gg:q\r", false)]
    {
        for wait in [0, 1, 5, 10, 30] {
            let pieces: Vec<(u64, &[u8])> = text.as_bytes().chunks(1).map(|byte| (wait, byte)).collect();
            let events = decode(&pieces, typing);
            assert!(events.iter().all(|event| matches!(event, Event::Key(_))), "{text:?}, {wait} ms: {events:?}");
            assert_eq!(events.len(), text.len());
        }
    }
}

#[test]
fn pastes_split_across_reads_are_recognised() {
    let text = "s3://acme/q:q.srt\rq:q\r\x1b[A\u{1b}";
    let whole = [START, text.as_bytes(), END].concat();
    for at in 1..whole.len() {
        let (head, tail) = whole.split_at(at);
        for wait in [0, 20, 200, 3_000] {
            let pieces: [(u64, &[u8]); 4] = [(0, b"j"), (500, head), (wait, tail), (500, b"k")];
            let esc = if at == 1 && wait >= 50 { "<Esc>" } else { "" };
            assert_eq!(shown(&decode(&pieces, false)), format!("j{esc}{{{text}}}k"), "cut at {at}, {wait} ms");
        }
    }
    // Byte by byte, on the slowest line.
    let pieces: Vec<(u64, &[u8])> = whole.chunks(1).map(|byte| (400, byte)).collect();
    let leaked = shown(&decode(&pieces, false));
    assert_eq!(
        shown(&decode(&whole.chunks(1).map(|byte| (30, byte)).collect::<Vec<_>>(), true)),
        format!("{{{text}}}")
    );
    assert!(leaked.starts_with("<Esc>["), "beyond the limits: {leaked}");
}

#[test]
fn bytes_after_esc_are_typed_unless_they_end_a_paste_mark() {
    for (pieces, keys) in [
        (&[(0, &b"\x1b"[..]), (100, b"["), (100, b"]")][..], "<Esc>[]"),
        (&[(0, b"\x1b"), (100, b"[2"), (100, b"q")], "<Esc>[2q"),
        (&[(0, b"\x1b"), (100, b"[x")], "<Esc>[x"),
        // No command has these characters: text, if not the mark.
        (&[(0, b"\x1b"), (9_000, b"[200~")], "<Esc>{[200~}"),
        (&[(0, b"\x1b"), (100, b"["), (10, b"200~q"), (10, b"\x1b[201~")], "<Esc>{q}"),
    ] {
        assert_eq!(shown(&decode(pieces, false)), keys, "{pieces:?}");
    }
}

#[test]
fn control_c_ends_a_paste_without_an_end_mark() {
    let lost: [(u64, &[u8]); 4] = [(0, b"\x1b[200~q:q"), (10, b"\x03"), (2_000, b"\x03"), (10, b"j")];
    assert_eq!(shown(&decode(&lost, false)), "<C-c>j");
}

#[test]
fn bursts_of_keys_decode_as_keys() {
    for (burst, typing) in [
        (":w\r", false),
        (":w\r:q\r", false),
        ("gg", false),
        ("jjjjjjjjjjjjjjjjjjjjjjjjjjjjjj", false),
        ("dhdhdhdR", false),
        (":source s3://acme-captions/news/\r", false),
        (":filter some words of mine\r", false),
        ("/some words of mine\r", false),
        ("es3://acme/news/01.srt\r", false),
        ("5j10k]]", false),
        ("          ", false),
        ("s3://acme-captions/news/01.srt\r", true),
        ("s3://acme-captions/news/01.srt\rj", true),
        ("some words of mine", true),
        ("send anyway\r", true),
    ] {
        let events = decode(&[(0, burst.as_bytes())], typing);
        assert!(events.iter().all(|event| matches!(event, Event::Key(_))), "{burst:?}: {events:?}");
        assert_eq!(events.len(), burst.chars().count());
    }
}

#[test]
fn unmarked_pastes_are_recognised() {
    for (burst, typing) in [
        ("s3://acme/q:q.srt\rs3://acme/02.srt\r", false),
        ("https://acme.s3.amazonaws.com/q:q.srt", false),
        ("\"s3://acme/01.srt\",", false),
        ("  {\"index_id\": \"6298\", \"language\": \"q:q\"},\r", false),
        ("Dear all, quit\rq:q\r", false),
        ("q\rhttps://example.com/q", false),
        ("01.srt\rs3://acme/q:q.srt\r", true),
        ("first\rdear all of you\rq:q\r", true),
        ("q:q", false),
        ("dd", false),
        ("Xavier\r", false),
        ("a.srt\rb.srt\r", true),
    ] {
        let pieces: [(u64, &[u8]); 3] = [(0, burst.as_bytes()), (10, b"q:q\r"), (500, b"j")];
        assert_eq!(shown(&decode(&pieces, typing)), format!("{{{burst}q:q\r}}j"), "{burst:?}");
    }
    // A keystroke of another kind ends it.
    let pieces: [(u64, &[u8]); 2] = [(0, b"s3://acme/01.srt"), (10, b"\x03")];
    assert_eq!(shown(&decode(&pieces, false)), "{s3://acme/01.srt}<C-c>");
}

proptest! {
    #[test]
    fn no_byte_of_a_marked_paste_is_a_key(
        text in "[a-z:\r\n \u{1b}\\[~0-9]{0,60}",
        cuts in proptest::collection::vec((1_usize..9, 0_u64..49), 1..40),
        typing: bool,
    ) {
        prop_assume!(!text.contains("\u{1b}[201~"));
        let whole = [START, text.as_bytes(), END].concat();
        let (mut rest, mut pieces) = (whole.as_slice(), Vec::new());
        for (len, wait) in cuts {
            let (head, tail) = rest.split_at(len.min(rest.len()));
            pieces.push((wait, head));
            rest = tail;
        }
        pieces.push((0, rest));
        prop_assert_eq!(decode(&pieces, typing), vec![Event::Paste(text)]);
    }

    #[test]
    fn keys_after_any_bytes_are_still_decoded(
        pieces in proptest::collection::vec((0_u64..3_000, proptest::collection::vec(any::<u8>(), 1..40)), 0..20),
    ) {
        let mut pieces: Vec<(u64, &[u8])> = pieces.iter().map(|(wait, bytes)| (*wait, bytes.as_slice())).collect();
        // A mark or a pause ends whatever was begun.
        let last: [(u64, &[u8]); 4] = [(5_000, b"\x1b[201~"), (5_000, b"zzz"), (5_000, b"q"), (5_000, b"j")];
        pieces.extend(last);
        let events = decode(&pieces, false);
        prop_assert_eq!(events.last(), Some(&Event::Key(KeyCode::Char('j').into())));
    }
}
