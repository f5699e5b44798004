//! Tests of cutting and wrapping: examples taken from the designed screens, and properties.

use proptest::prelude::*;

use super::*;

fn shown(url: &str, cells: usize, ellipsis: &str) -> String {
    let key = cut_key(url, cells, ellipsis);
    key.directory + &key.name
}

#[test]
fn long_keys_are_shortened_to_fit() {
    let long = "s3://acme-video/news/2026/0703-harbour-interview-part-2.mp4";
    let korean = "s3://acme-video/korea/2026/한국어 저녁 뉴스.mp4";
    let korean_captions = "s3://acme-captions/korea/2026/한국어 저녁 뉴스.srt";
    for (url, cells, expected) in [
        ("s3://acme-video/news/2026/0700.mp4", 64, "s3://acme-video/news/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 34, "s3://acme-video/news/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 33, "acme-video/news/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 28, "acme…/news/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 23, "acme…/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 21, "acme…/2026/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 18, "acme…/0700.mp4"),
        ("s3://acme-video/news/2026/0700.mp4", 12, "ac…/0700.mp4"),
        ("s3://acme-captions/news/2026/0712.vt", 22, "acme…/2026/0712.vt"),
        ("s3://acme-captions/news/2026/0712.vt", 23, "acme…/news/2026/0712.vt"),
        ("s3://acme-video/news/2026/teaser-b.mp4", 21, "acme…/teaser-b.mp4"),
        ("s3://acme-video/news/2026/teaser-b.mp4", 23, "acme…/2026/teaser-b.mp4"),
        (long, 21, "0703-h…iew-part-2.mp4"),
        (long, 22, "0703-ha…iew-part-2.mp4"),
        (long, 23, "0703-ha…view-part-2.mp4"),
        (korean, 23, "a…/한국어 저녁 뉴스.mp4"),
        (korean_captions, 22, "…/한국어 저녁 뉴스.srt"),
        // The name alone fits into 20 and 21 cells, so it has no ellipsis.
        (korean, 20, "한국어 저녁 뉴스.mp4"),
        (korean, 19, "한국어…녁 뉴스.mp4"),
        ("https://acme-video.s3.amazonaws.com/news/0700.mp4", 23, "http…/news/0700.mp4"),
        ("s3://acme-video/news/2026/", 17, "acme…/news/2026/"),
        ("0700-without-any-folder.mp4", 12, "070…lder.mp4"),
        ("", 12, ""),
    ] {
        assert_eq!(shown(url, cells, "…"), expected, "{url} in {cells}");
    }
}

#[test]
fn ascii_pays_two_cells_for_the_ellipsis() {
    assert_eq!(shown("s3://acme-video/news/2026/0711.mp4", 23, ".."), "acme../2026/0711.mp4");
    assert_eq!(shown("s3://acme-captions/news/2026/0712.vt", 23, ".."), "acme../2026/0712.vt");
}

#[test]
fn cut_key_separates_the_name_from_its_folders() {
    let key = cut_key("s3://acme-video/news/2026/0700.mp4", 23, "…");
    assert_eq!((key.directory.as_str(), key.name.as_str()), ("acme…/2026/", "0700.mp4"));
    let whole = cut_key("s3://acme/0700.mp4", 23, "…");
    assert_eq!((whole.directory.as_str(), whole.name.as_str()), ("s3://acme/", "0700.mp4"));
}

#[test]
fn a_wide_character_is_never_cut_in_half_and_leaves_no_blank_at_the_cut() {
    assert_eq!(cut_end("한국어", 4, "…"), "한…");
    assert_eq!(cut_middle("한국어한국어", 7, "…"), "한…국어");
    assert_eq!(cut_middle("한국어한국어", 8, "…"), "한…국어");
    assert_eq!(cut_middle("x국어한국어", 8, "…"), "x…한국어");
    assert_eq!(start_of("한국어", 3), "한");
    assert_eq!(end_of("한국어", 3), "어");
    assert_eq!(pad_to("한국어", 5), "한국 ");
    assert_eq!(pad_to("한국", 6), "한국  ");
    assert_eq!(pad_left("4,711", 8), "   4,711");
}

#[test]
fn text_that_fits_is_not_cut() {
    for cut in [cut_end, cut_middle] {
        assert_eq!(cut("0711.mp4", 8, "…"), "0711.mp4");
        assert_eq!(cut("0711.mp4", 0, "…"), "");
        assert_eq!(cut("0711.mp4", 1, "…"), "…");
        assert_eq!(cut("0711.mp4", 1, ".."), ".");
    }
    assert_eq!(cut_end("0711.mp4", 5, "…"), "0711…");
}

#[test]
fn sentences_wrap_at_blanks_and_long_words_anywhere() {
    assert_eq!(
        wrap("The harbour reopened today after two years of works.", 27),
        ["The harbour reopened today", "after two years of works."]
    );
    assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    assert_eq!(wrap("한국어", 3), ["한", "국", "어"]);
    assert_eq!(wrap("", 3), [""]);
}

#[test]
fn the_reason_of_a_refusal_is_cut_last() {
    let refusal = "not saved, file untouched: the disk is full";
    assert_eq!(cut_before_reason(refusal, 60, "…"), refusal);
    assert_eq!(cut_before_reason(refusal, 30, "…"), "not saved, …: the disk is full");
    assert_eq!(cut_before_reason(refusal, 16, "…"), "the disk is full");
    assert_eq!(cut_before_reason("nothing to undo here", 10, "…"), "nothing t…");
}

proptest! {
    #[test]
    fn a_cut_is_never_wider_than_its_cells(text in "[a-z/한é.😀ﾞ ]{0,40}", cells in 0_usize..50) {
        for ellipsis in ["…", ".."] {
            prop_assert!(width(&cut_end(&text, cells, ellipsis)) <= cells);
            prop_assert!(width(&cut_middle(&text, cells, ellipsis)) <= cells);
            let refusal = format!("{text}: {text}");
            prop_assert!(width(&cut_before_reason(&refusal, cells, ellipsis)) <= cells);
            prop_assert!(width(&shown(&text, cells, ellipsis)) <= cells);
        }
        prop_assert_eq!(width(&pad_to(&text, cells)), cells);
    }

    #[test]
    fn a_cut_adds_nothing_but_the_ellipsis(text in "[a-z/한é.😀]{0,40}", cells in 0_usize..50) {
        prop_assert!(!cut_end(&text, cells, "…").contains(' '));
        prop_assert!(!cut_middle(&text, cells, "…").contains(' '));
        prop_assert!(!shown(&text, cells, "…").contains(' '));
    }

    #[test]
    fn the_name_of_a_key_is_whole_wherever_it_fits(
        folders in proptest::collection::vec("[a-z한]{1,9}", 1..5),
        name in "[a-z한]{1,12}",
        cells in 24_usize..40,
    ) {
        let url = format!("s3://{}/{name}", folders.join("/"));
        prop_assert_eq!(cut_key(&url, cells, "…").name, name);
    }

    #[test]
    fn wrapped_lines_lose_only_blanks(text in "[a-z,. ]{0,80}", cells in 1_usize..30) {
        let lines = wrap(&text, cells);
        prop_assert!(lines.iter().all(|line| width(line) <= cells));
        let kept: String = lines.concat().split_whitespace().collect();
        prop_assert_eq!(kept, text.split_whitespace().collect::<String>());
    }
}

#[test]
fn names_in_a_sentence_are_cut_before_the_sentence_is() {
    let said = "took the-very-long-name-of-a-transcript.en-GB.vtt, one step.";
    assert_eq!(cut_names(said, 60, "…").as_deref(), Some(said));
    assert_eq!(cut_names(said, 40, "…").as_deref(), Some("took the-ver…script.en-GB.vtt, one step."));
    let two = cut_names("news/2026/0705.mp4 is not news/2026/0706.mp4", 42, "…").unwrap();
    assert_eq!((width(&two), two.contains(" is not ")), (42, true), "{two}");
    assert_eq!(cut_names("no word here is long enough", 20, "…"), None);
    assert_eq!(cut_names("a-long-name-is-left-readable.srt", 8, "…"), None);
}
