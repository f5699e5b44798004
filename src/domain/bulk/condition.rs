//! Row conditions for scripts: by state, or by the value of a field.

use super::pattern;
use crate::draft::Snapshot;
use crate::findings::Findings;
use crate::manifest::{Field, RowId};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use regex::Regex;

#[derive(Clone, Debug)]
pub enum Condition {
    /// The transcript is missing.
    Missing,
    /// The row has a finding of severity error.
    Error,
    Warning,
    /// The field equals the text (true) or does not (false).
    Is(Field, String, bool),
    /// The field matches the pattern (true) or does not (false).
    Matches(Field, Regex, bool),
}

impl Condition {
    /// Reads `missing`, `error`, `warning`, `field=value`, `field!=value`, `field~pattern` or `field!~pattern`.
    ///
    /// # Errors
    /// What is wrong, and the accepted forms.
    pub fn parse(text: &str) -> Result<Condition, String> {
        match text {
            "missing" => return Ok(Condition::Missing),
            "error" => return Ok(Condition::Error),
            "warning" => return Ok(Condition::Warning),
            _ => {}
        }
        const FORMS: &str =
            "it can be missing, error, warning, FIELD=VALUE, FIELD!=VALUE, FIELD~PATTERN or FIELD!~PATTERN";
        let at = text.find(['=', '~']).ok_or_else(|| FORMS.to_owned())?;
        let (before, rest) = text.split_at(at);
        let (name, wanted) = before.strip_suffix('!').map_or((before, true), |name| (name, false));
        let field = Field::named(name.trim()).ok_or_else(|| {
            format!("there is no field {:?}; there are index_id, language, object, transcription", name.trim())
        })?;
        match rest.strip_prefix('~') {
            Some(find) => match pattern::read(find) {
                Ok(regex) => Ok(Condition::Matches(field, regex, wanted)),
                Err(fault) => Err(format!("the pattern {find:?}: {fault}")),
            },
            None => Ok(Condition::Is(field, rest.get(1..).unwrap_or_default().to_owned(), wanted)),
        }
    }

    /// Whether the condition reads findings.
    pub fn needs_findings(&self) -> bool {
        matches!(self, Condition::Error | Condition::Warning)
    }

    fn holds(&self, snapshot: &Snapshot, findings: Option<&Findings>, row: RowId) -> bool {
        let tallies = || findings.map(|findings| findings.tallies_of(row)).unwrap_or_default();
        match self {
            Condition::Missing => {
                snapshot.base().is_object(row) && snapshot.value(row, Field::Transcription).is_empty()
            }
            Condition::Error => tallies().errors > 0,
            Condition::Warning => tallies().warnings > 0,
            Condition::Is(field, text, wanted) => (snapshot.value(row, *field).text() == text) == *wanted,
            Condition::Matches(field, regex, wanted) => regex.is_match(snapshot.value(row, *field).text()) == *wanted,
        }
    }
}

/// The rows that meet every condition. `findings` is read only if [`Condition::needs_findings`].
pub fn rows_where(
    conditions: &[Condition],
    snapshot: &Snapshot,
    findings: Option<&Findings>,
    rows: &RowSet,
    progress: impl Fn(u32) -> bool + Sync,
) -> Option<RowSet> {
    let rows = rows.intersection(&RowSet::range(0, snapshot.len()));
    if conditions.is_empty() {
        return Some(rows);
    }
    let parts = in_chunks(&rows, &progress, |chunk| {
        let holds = |row: &RowId| conditions.iter().all(|condition| condition.holds(snapshot, findings, *row));
        chunk.iter().filter(holds).collect::<RowSet>()
    })?;
    Some(RowSet::from(parts.iter().flat_map(RowSet::ranges).copied().collect::<Vec<_>>()))
}
