//! A finding as one bit: every combination of rule, field and severity, so that all findings of a row fit in 8 bytes.

use crate::manifest::Field::{self, IndexId, Language, Object, Transcription};
use crate::manifest::Row;
use crate::rules::{Hit, Rule, Severity, may_fix};

/// The meaning of a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FindingKind {
    pub rule: Rule,
    pub severity: Severity,
    pub has_fix: bool,
}

/// The variants of a rule in a field: severity, and whether there is a fix. One severity with and without a fix depends on
/// the value.
type Ways = &'static [(Severity, bool)];

const ERROR: Ways = &[(Severity::Error, false)];
const ERROR_FIXED: Ways = &[(Severity::Error, true)];
const ERROR_PERHAPS_FIXED: Ways = &[(Severity::Error, false), (Severity::Error, true)];
const WARNING: Ways = &[(Severity::Warning, false)];
const WARNING_FIXED: Ways = &[(Severity::Warning, true)];
const WARNING_PERHAPS_FIXED: Ways = &[(Severity::Warning, false), (Severity::Warning, true)];
const NOTE: Ways = &[(Severity::Note, false)];
const URLS: &[Field] = &[Object, Transcription];

const LAYOUT: &[(Rule, &[Field], Ways)] = &[
    // A finding without a field is stored under the first one.
    (Rule::RowNotObject, &[IndexId], ERROR),
    (Rule::FieldMisspelt, &[IndexId], WARNING),
    // Of the file; it is stored in the first row.
    (Rule::ManifestBom, &[IndexId], NOTE),
    (Rule::FieldDuplicate, &Field::ALL, ERROR),
    (Rule::FieldMissing, &[IndexId, Language, Object], ERROR),
    (Rule::FieldNotString, &Field::ALL, ERROR),
    (Rule::IndexIdFormat, &[IndexId], ERROR_PERHAPS_FIXED),
    (Rule::LanguageEmpty, &[Language], ERROR_FIXED),
    (
        Rule::LanguageUndocumented,
        &[Language],
        &[(Severity::Warning, false), (Severity::Warning, true), (Severity::Error, false), (Severity::Error, true)],
    ),
    (Rule::UrlPresigned, URLS, ERROR_PERHAPS_FIXED),
    (Rule::ObjectNotS3, &[Object], ERROR_PERHAPS_FIXED),
    (Rule::TranscriptionNotS3, &[Transcription], ERROR_PERHAPS_FIXED),
    (Rule::UrlUnconvertible, URLS, ERROR),
    (Rule::ValuePadded, &Field::ALL, ERROR_FIXED),
    (Rule::BucketInvalid, URLS, &[(Severity::Error, false), (Severity::Warning, false)]),
    (Rule::BucketPlaceholder, URLS, WARNING),
    (Rule::KeyMissing, URLS, ERROR),
    (Rule::KeyTooLong, URLS, ERROR),
    (Rule::KeyInvisible, URLS, &[(Severity::Error, true), (Severity::Warning, true)]),
    (Rule::KeySuspicious, URLS, WARNING),
    (Rule::KeyPercent, URLS, WARNING_PERHAPS_FIXED),
    (Rule::TranscriptionExtension, &[Transcription], ERROR_PERHAPS_FIXED),
    (Rule::StemMismatch, &[Transcription], WARNING),
    (Rule::ObjectNotVideo, &[Object], &[(Severity::Warning, false), (Severity::Note, false)]),
    (Rule::ObjectDuplicate, &[Object], WARNING_FIXED),
    (Rule::TranscriptionShared, &[Transcription], WARNING),
    (Rule::TranscriptionMissing, &[Transcription], NOTE),
];

const RULES: usize = Rule::ALL.len();
const NOWHERE: u8 = u8::MAX;

struct Table {
    kinds: [FindingKind; 64],
    used: usize,
    /// The first bit of each rule in each field.
    first: [[u8; 4]; RULES],
    /// How many bits it has there.
    ways: [u8; RULES],
}

#[expect(clippy::indexing_slicing, reason = "worked out by the compiler; a wrong index does not compile")]
const TABLE: Table = {
    let nothing = FindingKind { rule: Rule::RowNotObject, severity: Severity::Note, has_fix: false };
    let mut table = Table { kinds: [nothing; 64], used: 0, first: [[NOWHERE; 4]; RULES], ways: [0; RULES] };
    let mut at = 0;
    while at < LAYOUT.len() {
        let (rule, fields, ways) = LAYOUT[at];
        table.ways[rule as usize] = ways.len() as u8;
        let mut field = 0;
        while field < fields.len() {
            table.first[rule as usize][fields[field] as usize] = table.used as u8;
            let mut way = 0;
            while way < ways.len() {
                let (severity, has_fix) = ways[way];
                table.kinds[table.used] = FindingKind { rule, severity, has_fix };
                table.used += 1;
                way += 1;
            }
            field += 1;
        }
        at += 1;
    }
    table
};

/// The kinds in use, in bit order.
pub(super) fn all() -> impl Iterator<Item = (u32, FindingKind)> {
    (0..).zip(TABLE.kinds.into_iter().take(TABLE.used))
}

/// The bit for a hit of [`crate::rules::check_row`]; 0 for rules stored elsewhere.
pub(super) fn bit(row: &Row<'_>, hit: &Hit) -> u64 {
    let places = TABLE.first.get(hit.rule as usize);
    let first = places.and_then(|fields| fields.get(hit.field.map_or(0, |field| field as usize)));
    let Some(&first) = first.filter(|&&first| first != NOWHERE) else { return 0 };
    let ways = TABLE.ways.get(hit.rule as usize).copied().unwrap_or_default();
    let is_kind = |at: &u8| TABLE.kinds.get(usize::from(*at)).is_some_and(|kind| kind.severity == hit.severity);
    let mut fit = (first..first.saturating_add(ways)).filter(is_kind);
    match (fit.next(), fit.next()) {
        (Some(plain), Some(fixed)) => 1 << if may_fix(row, hit) { fixed } else { plain },
        (Some(only), None) => 1 << only,
        // A severity that the layout does not know: the tests hold that there is none.
        (None, _) => 1 << first,
    }
}

/// The bits of a severity.
pub(super) const fn of_severity(severity: Severity) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < TABLE.used {
        #[expect(clippy::indexing_slicing, reason = "worked out by the compiler")]
        if TABLE.kinds[at].severity as u8 == severity as u8 {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
}

pub(super) const fn of_rule(rule: Rule) -> u64 {
    let mut bits = 0;
    let mut at = 0;
    while at < TABLE.used {
        #[expect(clippy::indexing_slicing, reason = "at is below the table's length")]
        if TABLE.kinds[at].rule as u8 == rule as u8 {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
}

pub(super) const ERRORS: u64 = of_severity(Severity::Error);
pub(super) const WARNINGS: u64 = of_severity(Severity::Warning);
pub(super) const NOTES: u64 = of_severity(Severity::Note);
pub(super) const BOM: u64 = of_rule(Rule::ManifestBom);
pub(super) const DUPLICATE: u64 = of_rule(Rule::ObjectDuplicate);
pub(super) const SHARED: u64 = of_rule(Rule::TranscriptionShared);
pub(super) const MISSING: u64 = of_rule(Rule::TranscriptionMissing);
