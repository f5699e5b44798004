//! Findings over all rows: counts, groups, the rules across rows, and updates after edits.

use crate::manifests::{manifest, row};
use cuecard::domain::draft::{Change, Draft, Edit, Snapshot};
use cuecard::domain::findings::{Findings, Tallies};
use cuecard::domain::manifest::{Field, Manifest, RowId};
use cuecard::domain::row_set::RowSet;
use cuecard::domain::rules::{Fix, Rule, Severity};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const A: &str = "6298d673f1090f1100476d4a";
const B: &str = "6298d673f1090f1100476d4b";

fn draft(rows: &[(&str, &str, &str)]) -> Draft {
    let rows = rows.iter().map(|(index, video, transcript)| row(*video).index(*index).transcript(transcript));
    Draft::new(Arc::new(Manifest::parse(manifest(rows).into_bytes()).unwrap()))
}

fn check(snapshot: &Snapshot) -> Findings {
    Findings::check(snapshot, |_| true).unwrap()
}

/// All data about a row's findings, one per line.
fn lines(findings: &Findings, snapshot: &Snapshot, row: RowId) -> Vec<String> {
    let line = |hit: &_| {
        let finding = findings.explain(snapshot, row, hit);
        let fix = if finding.fix == Some(Fix::Exclude) { " (exclude)" } else { "" };
        format!("{}: {}{fix}", finding.rule.code(), finding.message)
    };
    findings.of_row(snapshot, row).iter().map(line).collect()
}

#[test]
fn the_second_row_of_a_video_in_an_index_is_flagged() {
    let draft = draft(&[
        (A, "s3://abc/1.mp4", ""),
        (A, "s3://abc/1.mp4", ""),
        (B, "s3://abc/1.mp4", ""),
        (A, "s3://abc/2.mp4", ""),
    ]);
    let findings = check(draft.now());
    assert_eq!(findings.rows_of(draft.now(), Rule::ObjectDuplicate), [1]);
    assert_eq!(
        lines(&findings, draft.now(), 1),
        [
            "object-duplicate: Row 1 has the same index and video; the service skips the second. (exclude)",
            "transcription-missing: No transcript yet."
        ]
    );
}

#[test]
fn a_transcript_is_shared_when_its_videos_differ() {
    let draft = draft(&[
        (A, "s3://abc/1.mp4", "s3://abc/1.srt"),
        (A, "s3://abc/01.mp4", "s3://abc/1.srt"),
        (A, "s3://abc/001.mp4", "s3://abc/1.srt"),
        (A, "s3://abc/2.mp4", "s3://abc/2.srt"),
        (B, "s3://abc/2.mp4", "s3://abc/2.srt"),
    ]);
    let findings = check(draft.now());
    assert_eq!(findings.rows_of(draft.now(), Rule::TranscriptionShared), [0, 1, 2]);
    assert_eq!(
        lines(&findings, draft.now(), 1),
        ["transcription-shared: Row 1 and another row have this transcript too, for other videos."]
    );
    assert_eq!(findings.used_by(draft.now(), "s3://abc/2.srt", Some(3)), Some(4));
    assert_eq!(findings.used_by(draft.now(), "s3://abc/3.srt", None), None);
}

#[test]
fn rows_with_another_index_than_most_are_flagged_but_malformed_ids_are_not_counted() {
    let draft = draft(&[
        (B, "s3://abc/1.mp4", ""),
        (A, "s3://abc/2.mp4", ""),
        (A, "s3://abc/3.mp4", ""),
        ("629d807aa9e2a3a33a92c00b1", "s3://abc/4.mp4", ""),
    ]);
    let findings = check(draft.now());
    assert_eq!(findings.rows_of(draft.now(), Rule::IndexMixed), [0]);
    let said = &lines(&findings, draft.now(), 0)[0];
    assert_eq!(said, &format!("index-mixed: 1 row goes to this index, 2 to {A}. Is it meant?"));
    assert_eq!(findings.tallies(), Tallies { errors: 1, warnings: 1, notes: 4, missing: 4 });
    assert_eq!(findings.worst(3), Some(Severity::Error));
    assert_eq!(findings.tallies_of(0), Tallies { errors: 0, warnings: 1, notes: 1, missing: 1 });
}

#[test]
fn an_excluded_row_has_no_findings_and_does_not_count_for_others() {
    let mut draft = draft(&[(A, "s3://abc/1.mp4", ""), (A, "s3://abc/1.mp4", ""), ("x", "y", "z")]);
    let mut findings = check(draft.now());
    let before = draft.now().clone();
    let rows = draft.apply(Edit { rows: [0, 2].into_iter().collect(), change: Change::Exclude });
    findings.update(&before, draft.now(), &rows);
    assert_eq!(findings.of_row(draft.now(), 0), []);
    assert_eq!(findings.tallies(), Tallies { errors: 0, warnings: 0, notes: 1, missing: 1 });
    assert_eq!(findings.groups().len(), 1);
}

#[test]
fn the_next_problem_wraps_round() {
    let draft =
        draft(&[(A, "s3://abc/1.mp4", ""), (A, "x", ""), (A, "s3://abc/2.mp4", ""), (A, "y", "s3://abc/9.srt")]);
    let findings = check(draft.now());
    let next = |from, forward| findings.next(draft.now(), from, forward, Severity::Error);
    assert_eq!((next(0, true), next(1, true), next(3, true)), (Some(1), Some(3), Some(1)));
    assert_eq!((next(0, false), next(3, false), next(1, false)), (Some(3), Some(1), Some(3)));
    assert_eq!((next(u32::MAX, true), next(u32::MAX, false)), (Some(1), Some(3)));
    assert_eq!(findings.rows_with(Severity::Error), [1, 3].into_iter().collect());
    assert_eq!(findings.rows_with(Severity::Note).len(), 4);
}

#[test]
fn groups_come_errors_first_then_by_count_with_their_fixes() {
    let draft = draft(&[
        (A, "s3://abc/1.mp4", "s3://abc/1.vt"),
        (A, "s3://abc/2.mp4", "s3://abc/2.txt"),
        (A, "https://abc.s3.amazonaws.com/3.mp4", ""),
        (A, "s3://amzn-s3-demo-bucket/4.mp4", "s3://abc/4.srt"),
        ("zz", "s3://abc/5.mp4", "s3://abc/5.srt"),
    ]);
    let groups = check(draft.now()).groups();
    let brief: Vec<_> = groups.iter().map(|g| (g.rule.code(), g.severity.word(), g.count, g.fixes)).collect();
    assert_eq!(
        brief,
        [
            ("transcription-extension", "error", 2, 1),
            ("index-id-format", "error", 1, 0),
            ("object-not-s3", "error", 1, 1),
            ("bucket-placeholder", "warning", 1, 0),
            ("transcription-missing", "note", 1, 0),
        ]
    );
}

#[test]
fn a_check_can_be_stopped_and_says_how_far_it_is() {
    let rows: Vec<_> = (0..20_000).map(|_| (A, "s3://abc/1.mp4", "")).collect();
    let draft = draft(&rows);
    assert!(Findings::check(draft.now(), |_| false).is_none());
    let most = AtomicU32::new(0);
    let findings = Findings::check(draft.now(), |done| {
        most.fetch_max(done, Ordering::Relaxed);
        true
    });
    assert_eq!(most.into_inner(), 20_000);
    assert_eq!(findings.unwrap().tallies().warnings, 19_999);
}

#[test]
fn an_empty_manifest_has_no_findings() {
    let draft = draft(&[]);
    let findings = check(draft.now());
    assert_eq!(findings.tallies(), Tallies::default());
    assert_eq!(findings.next(draft.now(), 0, true, Severity::Note), None);
}

/// The sums rest on bits, the sentences on the text: they must not tell two stories.
#[test]
fn the_sums_count_what_the_rows_are_told() {
    let texts = [
        "s3://acme/a.srt s3://acme/b.srt",
        "s3://acme/a//b.srt",
        "s3://acme/a\u{1}.srt",
        "s3://acme/a\u{200b}.srt",
        "s3://acme/a%20b.srt",
        "s3://acme/01.txt",
        "s3://acme/01.srt",
        "s3://acme/",
        "s3://ACME/01.srt",
        "s3://acme-s3alias/01.srt",
        "https://acme.s3.amazonaws.com/01.srt",
        "https://example.com/01.srt",
        " s3://acme/01.srt",
        "https://acme.s3.amazonaws.com/01.srt?X-Amz-Signature=abc",
        "e\u{0}n",
        "ko\u{1b}[31m",
        "en",
        "EN",
        "de",
        " en",
        "",
        "x",
        A,
        "6298D673F1090F1100476D4C",
    ];
    for text in texts {
        for field in Field::ALL {
            let mut draft = draft(&[(A, "s3://acme/1.mp4", "s3://acme/1.srt")]);
            draft.apply(Edit { rows: RowSet::one(0), change: Change::Set(field, text.into()) });
            let now = draft.now();
            let findings = check(now);
            let mut counted = [0; 3];
            for hit in findings.of_row(now, 0) {
                counted[hit.severity as usize] += 1;
                assert!(findings.rows_of(now, hit.rule).contains(&0), "{:?} of {text:?} in {field:?}", hit.rule);
            }
            let tallies = findings.tallies();
            let told = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| counted[severity as usize]);
            assert_eq!(told, [tallies.errors, tallies.warnings, tallies.notes], "{text:?} in {field:?}");
        }
    }
}

fn any_row() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    let index = prop::sample::select(vec![A, B, "6298d673f1090f1100476d4c", "bad", ""]);
    let video = prop::sample::select(vec!["s3://abc/1.mp4", "s3://abc/2.mp4", "s3://abc/3.txt", "nothing", ""]);
    let transcript = prop::sample::select(vec!["s3://abc/1.srt", "s3://abc/2.srt", "s3://abc/3.vt", ""]);
    (index, video, transcript)
}

fn any_change() -> impl Strategy<Value = Change> {
    let field = prop::sample::select(Field::ALL.to_vec());
    let text = any_row().prop_flat_map(|(a, b, c)| prop::sample::select(vec![a, b, c]));
    prop_oneof![
        4 => (field.clone(), text).prop_map(|(field, text)| Change::Set(field, text.into())),
        1 => field.clone().prop_map(Change::Clear),
        1 => field.prop_map(Change::Revert),
        2 => Just(Change::Exclude),
        1 => Just(Change::Restore),
    ]
}

proptest! {
    #[test]
    fn findings_that_followed_edits_equal_a_fresh_check(
        rows in prop::collection::vec(any_row(), 1..12),
        steps in prop::collection::vec((prop::collection::vec(0u32..14, 1..5), any_change(), 0u8..6), 1..12),
    ) {
        let mut draft = draft(&rows);
        let mut followed = check(draft.now());
        for (at, change, turn) in steps {
            let before = draft.now().clone();
            let touched: RowSet = match turn {
                0 => draft.undo().map(|edit| edit.rows.clone()).unwrap_or_default(),
                1 => draft.redo().map(|edit| edit.rows.clone()).unwrap_or_default(),
                _ => draft.apply(Edit { rows: at.into_iter().collect(), change }),
            };
            let now = draft.now().clone();
            followed.update(&before, &now, &touched);
            let fresh = check(&now);
            prop_assert_eq!(followed.tallies(), fresh.tallies());
            prop_assert_eq!(followed.groups(), fresh.groups());
            for rule in Rule::ALL {
                prop_assert_eq!(followed.rows_of(&now, *rule), fresh.rows_of(&now, *rule), "{:?}", rule);
            }
            let mut sum = Tallies::default();
            for row in 0..now.len() {
                prop_assert_eq!(lines(&followed, &now, row), lines(&fresh, &now, row));
                prop_assert_eq!(followed.tallies_of(row), fresh.tallies_of(row));
                let own = fresh.tallies_of(row);
                let hits = fresh.of_row(&now, row);
                let count = |severity| hits.iter().filter(|hit| hit.severity == severity).count() as u64;
                prop_assert_eq!((own.errors, own.warnings, own.notes), (count(Severity::Error), count(Severity::Warning), count(Severity::Note)));
                prop_assert_eq!(fresh.worst(row), hits.first().map(|hit| hit.severity));
                sum.errors += own.errors;
                sum.warnings += own.warnings;
                sum.notes += own.notes;
                sum.missing += own.missing;
            }
            prop_assert_eq!(sum, fresh.tallies());
        }
    }
}
