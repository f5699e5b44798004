//! Computes the result of an action, row by row.

use super::{Action, Class};
use crate::clashes::{clashes, hash_of};
use crate::draft::{Change, Edit, Snapshot};
use crate::keys::Listed;
use crate::manifest::{Field, RowId, Value};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use crate::rules::{Hit, Rule, error_in};
use crate::s3_url::stored_form;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::RandomState;

/// Counts for an action, with the rows of each. Valid for the snapshot it was made from.
#[derive(Clone, Debug)]
pub struct Plan {
    action: Action,
    classes: [RowSet; Class::ALL.len()],
    above: Above,
    /// Rules that new values would break, with counts, highest first.
    pub breaks: Vec<(Rule, u64)>,
    /// For [`Class::Changes`]: whether the new transcripts are listed, if there is a list.
    pub in_list: Option<InList>,
    /// Rows whose new transcript is already used by an unchanged row with another video.
    pub used: u64,
    /// Rows whose new transcript another row of this plan also gets, for another video.
    pub twice: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InList {
    pub listed: u64,
    pub not_listed: u64,
}

/// One row of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    pub class: Class,
    pub old: Value<'a>,
    /// None if no value is written.
    pub new: Option<String>,
    /// The rule the new value would break.
    pub rule: Option<Rule>,
}

/// Plans an action for these rows (for pasted lines: the rows that get one). `progress` gets the number of rows done
/// and returns false to stop; then None.
pub fn plan(
    action: Action,
    snapshot: &Snapshot,
    rows: &RowSet,
    listed: Option<&Listed>,
    progress: impl Fn(u32) -> bool + Sync,
) -> Option<Plan> {
    let there = RowSet::range(0, snapshot.len());
    let rows = match &action {
        Action::FillDown(_, lines) => lines.rows().intersection(&there),
        _ => rows.intersection(&there),
    };
    let above = match &action {
        Action::CopyAbove(field) => Above::of(snapshot, *field, &rows),
        _ => Above::default(),
    };
    let field = action.field();
    let mut plan =
        Plan { action, classes: Default::default(), above, breaks: Vec::new(), in_list: None, used: 0, twice: 0 };
    let is_transcript = field == Field::Transcription && !matches!(plan.action, Action::Clear(_));
    let listed = listed.filter(|_| is_transcript);
    let keys = RandomState::new();
    let parts = in_chunks(&rows, &progress, |chunk| {
        let mut part = PlanPart::default();
        for row in chunk.iter() {
            let value = snapshot.value(row, field);
            let (class, new, rule) = plan.judge(snapshot, row, &value, &mut part.room);
            if let Some(rows) = part.classes.get_mut(class as usize) {
                rows.push(row);
            }
            if let Some(rule) = rule {
                *part.breaks.entry(rule).or_default() += 1;
            }
            if let Some(new) = new.filter(|new| is_transcript && class == Class::Changes && !new.is_empty()) {
                part.hashes.push((hash_of(&keys, &new), row));
                part.listed += u64::from(listed.is_some_and(|listed| listed.contains(&new)));
            }
        }
        part
    })?;
    let mut breaks: BTreeMap<Rule, u64> = BTreeMap::new();
    let mut hashes = Vec::new();
    let mut of_class: [Vec<(RowId, RowId)>; Class::ALL.len()] = Default::default();
    let mut in_list = 0;
    for part in parts {
        for (all, rows) in of_class.iter_mut().zip(part.classes) {
            all.extend(rows.into_iter().collect::<RowSet>().ranges());
        }
        for (rule, count) in part.breaks {
            *breaks.entry(rule).or_default() += count;
        }
        hashes.extend(part.hashes);
        in_list += part.listed;
    }
    plan.classes = of_class.map(RowSet::from);
    if let (Action::FillDown(_, lines), Some(left)) = (&plan.action, plan.classes.get_mut(Class::RowsLeft as usize)) {
        *left = lines.rows_left().intersection(&there);
    }
    plan.breaks = breaks.into_iter().collect();
    plan.breaks.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    // An empty value is no address.
    let addresses = hashes.len() as u64;
    plan.in_list = listed.map(|_| InList { listed: in_list, not_listed: addresses - in_list });
    if addresses > 0 {
        let found = clashes(snapshot, hashes, &keys, &|row| plan.value(snapshot, row), &progress)?;
        (plan.used, plan.twice) = (found.used.len() as u64, found.twice.len() as u64);
    }
    Some(plan)
}

/// One thread's share of the result.
#[derive(Default)]
struct PlanPart {
    classes: [Vec<RowId>; Class::ALL.len()],
    breaks: BTreeMap<Rule, u64>,
    hashes: Vec<(u64, RowId)>,
    listed: u64,
    room: Vec<Hit>,
}

impl Plan {
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Empty for [`Class::LinesLeft`], which counts lines.
    pub fn rows(&self, class: Class) -> &RowSet {
        const NONE: &RowSet = &RowSet::new();
        self.classes.get(class as usize).unwrap_or(NONE)
    }

    pub fn count(&self, class: Class) -> u64 {
        match &self.action {
            Action::FillDown(_, lines) if class == Class::LinesLeft => lines.lines_left() as u64,
            _ => self.rows(class).len() as u64,
        }
    }

    /// The counts to show: the action's fixed ones, and any other that is not 0.
    pub fn counts(&self) -> Vec<(Class, u64)> {
        let own = self.action.classes();
        let others = Class::ALL.into_iter().filter(|class| !own.contains(class) && self.count(*class) > 0);
        own.iter().copied().chain(others).map(|class| (class, self.count(class))).collect()
    }

    /// Current and new value of a row.
    pub fn sample<'a>(&self, snapshot: &'a Snapshot, row: RowId) -> Sample<'a> {
        let old = snapshot.value(row, self.action.field());
        if self.rows(Class::RowsLeft).contains(row) {
            return Sample { class: Class::RowsLeft, old, new: None, rule: None };
        }
        let (class, new, rule) = self.judge(snapshot, row, &old, &mut Vec::new());
        let new = new.map(Cow::into_owned);
        Sample { class, old, new, rule }
    }

    /// One undo step that writes the new values of these classes. None if there is nothing to write or `progress`
    /// stopped it.
    pub fn edit(&self, snapshot: &Snapshot, classes: &[Class], progress: impl Fn(u32) -> bool + Sync) -> Option<Edit> {
        let writable = classes.iter().filter(|class| class.can_be_written());
        let rows = writable.fold(RowSet::new(), |rows, class| rows.union(self.rows(*class)));
        if rows.is_empty() {
            return None;
        }
        let change = match &self.action {
            Action::Set(field, text) => Change::Set(*field, text.clone()),
            Action::Clear(field) => Change::Clear(*field),
            _ => {
                // A signed link is a credential: a draft never stores it.
                let stored = |text: Cow<'_, str>| stored_form(&text).unwrap_or_else(|| text.into_owned());
                let texts = in_chunks(&rows, &progress, |chunk| {
                    chunk
                        .iter()
                        .map(|row| self.value(snapshot, row).map(stored).unwrap_or_default())
                        .collect::<Vec<_>>()
                })?;
                Change::SetEach(self.action.field(), texts.into_iter().flatten().collect())
            }
        };
        Some(Edit { rows, change })
    }

    /// The new value of a row, if it gets one.
    fn value<'a>(&'a self, snapshot: &'a Snapshot, row: RowId) -> Option<Cow<'a, str>> {
        let value = snapshot.value(row, self.action.field());
        let new = self.new_text(snapshot, row, &value).ok()?;
        Some(match new {
            Cow::Owned(text) => Cow::Owned(text),
            Cow::Borrowed(text) => Cow::Owned(text.to_owned()),
        })
    }

    fn judge<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        row: RowId,
        value: &'a Value<'_>,
        room: &mut Vec<Hit>,
    ) -> (Class, Option<Cow<'a, str>>, Option<Rule>) {
        let new = match self.new_text(snapshot, row, value) {
            Ok(new) => new,
            Err(class) => return (class, None, None),
        };
        let is_so = if new.is_empty() { value.is_empty() } else { *value == Value::Text(Cow::Borrowed(&new)) };
        if is_so {
            return (Class::AlreadySo, Some(new), None);
        }
        let rule = error_in(self.action.field(), &new, room);
        (if rule.is_some() { Class::WouldBreak } else { Class::Changes }, Some(new), rule)
    }

    /// The new value, or the class that explains why there is none.
    fn new_text<'a>(&'a self, snapshot: &'a Snapshot, row: RowId, value: &'a Value<'_>) -> Result<Cow<'a, str>, Class> {
        if !snapshot.base().is_object(row) {
            return Err(Class::NotAnObject);
        }
        match &self.action {
            Action::Set(_, text) => Ok(Cow::Borrowed(text)),
            Action::Clear(_) => Ok(Cow::Borrowed("")),
            Action::Replace(_, pattern) => match value {
                Value::Other(_) => Err(Class::NoMatch),
                value => pattern.replaced(value.text()).ok_or(Class::NoMatch),
            },
            Action::CopyAbove(field) => {
                let source = self.above.source(row).ok_or(Class::NothingAbove)?;
                match snapshot.value(source, *field) {
                    Value::Text(text) => Ok(text),
                    _ => Err(Class::NothingAbove),
                }
            }
            Action::Fill(_, template) => template.value(snapshot, row).map(Cow::Owned).map_err(|_| Class::NoValue),
            Action::FillDown(_, lines) => lines.text(row).map(Cow::Borrowed).ok_or(Class::RowsLeft),
        }
    }
}

/// For each run of rows, the row whose value fills it: the one above the run or, if that is empty, the first row of the
/// run with a value. Rows up to and including that one have nothing above.
#[derive(Clone, Debug, Default)]
struct Above {
    /// (first row, last row, source row), ascending.
    runs: Vec<(RowId, RowId, RowId)>,
}

impl Above {
    fn of(snapshot: &Snapshot, field: Field, rows: &RowSet) -> Above {
        let holds = |row: &RowId| matches!(snapshot.value(*row, field), Value::Text(text) if !text.is_empty());
        let run = |&(start, end): &(RowId, RowId)| {
            let source = (start.saturating_sub(1)..end).find(holds)?;
            (source + 1 < end).then_some((start.max(source + 1), end - 1, source))
        };
        Above { runs: rows.ranges().iter().filter_map(run).collect() }
    }

    fn source(&self, row: RowId) -> Option<RowId> {
        let at = self.runs.partition_point(|(first, ..)| *first <= row).checked_sub(1)?;
        self.runs.get(at).filter(|(_, last, _)| row <= *last).map(|(_, _, source)| *source)
    }
}
