//! Properties for any names.

use super::{keys, manifest, paired};
use cuecard::domain::manifest::Field;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Names that often match: few words, numbers, folders, ends.
fn stem() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["ep", "harbour", "Panel", "S01E02", "1x02", "part", "of", "C++", "日本", "é"]);
    let gap = prop::sample::select(vec!["", " ", "_", "-", "."]);
    let number = prop::sample::select(vec!["", "1", "01", "2", "10", "A", "20240125", "(1)"]);
    let end =
        prop::sample::select(vec!["", ".en", "_es", "-en-GB", ".forced", "_1080p", "_final", "_v2", " final", ".mp4"]);
    (word, gap, number, end).prop_map(|(word, gap, number, end)| format!("{word}{gap}{number}{end}"))
}

fn folder() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "uploads/2023/",
        "subs/2023/",
        "subs/2024/",
        "show/",
        "show/old/",
        "x/en/",
        "x/es/",
        "captions/",
    ])
}

fn video() -> impl Strategy<Value = (String, String, String)> {
    let language = prop::sample::select(vec!["en", "es", ""]);
    (folder(), stem(), language)
        .prop_map(|(folder, stem, language)| (format!("s3://v/{folder}{stem}.mp4"), language.to_owned(), String::new()))
}

fn transcript() -> impl Strategy<Value = String> {
    let extension = prop::sample::select(vec!["srt", "vtt", "SRT"]);
    (folder(), stem(), extension).prop_map(|(folder, stem, extension)| format!("s3://t/{folder}{stem}.{extension}"))
}

proptest! {
    #[test]
    fn a_transcript_goes_to_one_row_and_the_order_changes_nothing(
        rows in prop::collection::btree_set(video(), 1..12),
        urls in prop::collection::btree_set(transcript(), 0..14),
        filled in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut rows: Vec<_> = rows.into_iter().collect();
        let mut urls: Vec<_> = urls.into_iter().collect();
        // Some rows already hold a transcript of the list.
        let mut held = BTreeSet::new();
        for at in &filled {
            if let Some(url) = urls.get(at.index(urls.len().max(1))).cloned() && held.insert(url.clone()) {
                let row = at.index(rows.len());
                rows[row].2 = url;
            }
        }
        let held: BTreeSet<String> = rows.iter().map(|row| row.2.clone()).filter(|url| !url.is_empty()).collect();
        let answers = |rows: &[(String, String, String)], urls: &[String]| {
            let snapshot = manifest(rows);
            let pairing = paired(&snapshot, &keys(urls.iter().map(String::as_str)));
            let mut given = BTreeSet::new();
            let mut answers = BTreeMap::new();
            for proposal in pairing.proposals() {
                let value = |field| snapshot.value(proposal.row, field).text().to_owned();
                assert!(value(Field::Transcription).is_empty());
                assert!(!pairing.reason(proposal).is_empty());
                assert_eq!(proposal.transcript().is_some(), proposal.class.is_sure());
                if let Some(key) = proposal.transcript() {
                    let url = pairing.url(key);
                    assert!(given.insert(url.clone()), "{url} is given twice");
                    assert!(!held.contains(&url), "{url} is another row's");
                }
                let key = (value(Field::Object), value(Field::Language));
                let alternatives: Vec<String> = pairing.alternatives(proposal).into_iter().map(|key| pairing.url(key)).collect();
                answers.insert(key, (proposal.class, proposal.mark, proposal.transcript().map(|key| pairing.url(key)), alternatives));
            }
            assert_eq!(pairing.proposals().len(), rows.iter().filter(|row| row.2.is_empty()).count());
            answers
        };
        let one = answers(&rows, &urls);
        let (row, url) = (turn.index(rows.len()), turn.index(urls.len().max(1)));
        rows.rotate_left(row);
        rows.reverse();
        let turned = url.min(urls.len());
        urls.rotate_left(turned);
        prop_assert_eq!(one, answers(&rows, &urls));
    }

    #[test]
    fn repeated_listing_changes_no_pairing(
        rows in prop::collection::btree_set(video(), 1..6),
        urls in prop::collection::btree_set(transcript(), 0..6),
    ) {
        let rows: Vec<_> = rows.into_iter().collect();
        let snapshot = manifest(&rows);
        let urls: Vec<String> = urls.into_iter().collect();
        let twice = urls.iter().chain(&urls).map(String::as_str);
        let said = |pairing: cuecard::domain::pair::Pairing| -> Vec<_> {
            pairing.proposals().iter().map(|it| (it.row, it.class, it.transcript().map(|key| pairing.url(key)))).collect()
        };
        prop_assert_eq!(said(paired(&snapshot, &keys(urls.iter().map(String::as_str)))), said(paired(&snapshot, &keys(twice))));
    }

    #[test]
    fn any_text_can_be_a_name(stems in prop::collection::vec(any::<String>(), 1..5), names in prop::collection::vec("\\PC{0,40}", 0..5)) {
        let rows: Vec<_> = stems.iter().map(|stem| (format!("s3://v/{stem}.mp4"), "en".to_owned(), String::new())).collect();
        let urls: Vec<String> = names.iter().map(|name| format!("s3://t/{name}.srt")).collect();
        let pairing = paired(&manifest(&rows), &keys(urls.iter().map(String::as_str)));
        prop_assert_eq!(pairing.proposals().len(), rows.len());
        for proposal in pairing.proposals() {
            pairing.reason(proposal);
        }
    }
}
