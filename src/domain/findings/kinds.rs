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

/// The variants of a rule in a field.
#[derive(Clone, Copy)]
enum Ways {
    One {
        has_fix: bool,
    },
    /// With the rule's own severity, or with this milder one.
    Milder {
        to: Severity,
        has_fix: bool,
    },
    /// With or without a fix, depending on the value.
    PerhapsFixed,
}

const NO_FIX: Ways = Ways::One { has_fix: false };
const FIX: Ways = Ways::One { has_fix: true };
const URLS: &[Field] = &[Object, Transcription];

const LAYOUT: &[(Rule, &[Field], Ways)] = &[
    // A finding without a field is stored under the first one.
    (Rule::RowNotObject, &[IndexId], NO_FIX),
    (Rule::FieldMisspelt, &[IndexId], NO_FIX),
    // Of the file; it is stored in the first row.
    (Rule::ManifestBom, &[IndexId], NO_FIX),
    (Rule::FieldDuplicate, &Field::ALL, NO_FIX),
    (Rule::FieldMissing, &[IndexId, Language, Object], NO_FIX),
    (Rule::FieldNotString, &Field::ALL, NO_FIX),
    (Rule::IndexIdFormat, &[IndexId], Ways::PerhapsFixed),
    (Rule::LanguageEmpty, &[Language], FIX),
    (Rule::LanguageUndocumented, &[Language], Ways::PerhapsFixed),
    (Rule::UrlPresigned, URLS, Ways::PerhapsFixed),
    (Rule::ObjectNotS3, &[Object], Ways::PerhapsFixed),
    (Rule::TranscriptionNotS3, &[Transcription], Ways::PerhapsFixed),
    (Rule::UrlUnconvertible, URLS, NO_FIX),
    (Rule::ValuePadded, &Field::ALL, FIX),
    (Rule::BucketInvalid, URLS, Ways::Milder { to: Severity::Warning, has_fix: false }),
    (Rule::BucketPlaceholder, URLS, NO_FIX),
    (Rule::KeyMissing, URLS, NO_FIX),
    (Rule::KeyTooLong, URLS, NO_FIX),
    (Rule::KeyInvisible, URLS, Ways::Milder { to: Severity::Warning, has_fix: true }),
    (Rule::KeySuspicious, URLS, NO_FIX),
    (Rule::KeyPercent, URLS, Ways::PerhapsFixed),
    (Rule::TranscriptionExtension, &[Transcription], Ways::PerhapsFixed),
    (Rule::StemMismatch, &[Transcription], NO_FIX),
    (Rule::ObjectNotVideo, &[Object], Ways::Milder { to: Severity::Note, has_fix: false }),
    (Rule::ObjectDuplicate, &[Object], FIX),
    (Rule::TranscriptionShared, &[Transcription], NO_FIX),
    (Rule::TranscriptionMissing, &[Transcription], NO_FIX),
];

const RULES: usize = Rule::ALL.len();
const NOWHERE: u8 = u8::MAX;

struct Table {
    kinds: [FindingKind; 64],
    used: usize,
    /// The first bit of each rule in each field.
    first: [[u8; 4]; RULES],
}

#[expect(clippy::indexing_slicing, reason = "worked out by the compiler; a wrong index does not compile")]
const TABLE: Table = {
    let nothing = FindingKind { rule: Rule::RowNotObject, severity: Severity::Note, has_fix: false };
    let mut table = Table { kinds: [nothing; 64], used: 0, first: [[NOWHERE; 4]; RULES] };
    let mut at = 0;
    while at < LAYOUT.len() {
        let (rule, fields, ways) = LAYOUT[at];
        let mut field = 0;
        while field < fields.len() {
            table.first[rule as usize][fields[field] as usize] = table.used as u8;
            let (has_fix, other) = match ways {
                Ways::One { has_fix } => (has_fix, None),
                Ways::Milder { to, has_fix } => (has_fix, Some(FindingKind { rule, severity: to, has_fix })),
                Ways::PerhapsFixed => (false, Some(FindingKind { rule, severity: rule.severity(), has_fix: true })),
            };
            table.kinds[table.used] = FindingKind { rule, severity: rule.severity(), has_fix };
            table.used += 1;
            if let Some(other) = other {
                table.kinds[table.used] = other;
                table.used += 1;
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
    let next = TABLE.kinds.get(usize::from(first) + 1).filter(|kind| kind.rule == hit.rule);
    let is_second = match (TABLE.kinds.get(usize::from(first)), next) {
        (Some(kind), _) if hit.severity != kind.severity => true,
        (Some(kind), Some(second)) if kind.has_fix != second.has_fix => may_fix(row, hit),
        _ => false,
    };
    1 << (first + u8::from(is_second))
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
