//! The hints of the last row: which keys are shown for the screen in front, in what order, and which are dropped in a
//! narrow window.

use ratatui::Frame;
use std::borrow::Cow;

use super::in_sight;
use crate::app::Model;
use crate::app::action::Action;
use crate::app::command::{Group, Scope};
use crate::app::layout::Layout;
use crate::app::line_input::Edit;
use crate::app::screens::decide::Offered;
use crate::app::screens::follow::BESIDE_FROM;
use crate::app::screens::keys::NUMBERED;
use crate::app::screens::pair::{self, Stage};
use crate::app::screens::{Decide, Following, Keys, Pair, Screen};
use crate::app::session::{Session, SourceState, count_selected};
use crate::domain::draft::Change;
use crate::ui::frame::{self, Hint};
use crate::ui::text::{safe, thousands, width};
use crate::ui::theme::Theme;

/// From this width on, labels have more room.
const WIDE: u16 = 110;

/// A hint: a key and what it does; a smaller `place` is more useful.
pub(super) struct Hinted {
    pub keys: String,
    pub label: Cow<'static, str>,
    place: u8,
    /// It leaves the screen: it is dropped last.
    is_way_out: bool,
}

impl Hinted {
    fn new(keys: String, label: impl Into<Cow<'static, str>>, place: u8) -> Hinted {
        Hinted { keys, label: label.into(), place, is_way_out: false }
    }

    fn of(action: Action, keys: String, label: impl Into<Cow<'static, str>>, place: u8) -> Hinted {
        Hinted { is_way_out: action == Action::Back, ..Hinted::new(keys, label, place) }
    }

    fn hint(&self) -> Hint<'_> {
        let priority = if self.is_way_out { u8::MAX - 1 } else { u8::MAX - 2 - self.place };
        Hint { keys: &self.keys, label: &self.label, priority }
    }
}

/// Draws the hint line without the first `left_out` hints, which are on the message line.
pub(super) fn draw(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>, left_out: usize) {
    let scopes = model.scopes();
    let mut keys = special(model, &scopes).unwrap_or_else(|| from_key_table(model, &scopes));
    keys.drain(..left_out.min(keys.len()));
    let (pending, drops) = (pending(model), model.keymap.key_for(&scopes, Action::Back));
    let mut hints = Vec::new();
    if !pending.is_empty() {
        hints.push(Hint { keys: &pending, label: "typed so far", priority: u8::MAX });
        hints.extend(drops.as_deref().map(|keys| Hint { keys, label: "drops it", priority: u8::MAX }));
    }
    hints.extend(keys.iter().map(Hinted::hint));
    let help =
        model.keymap.key_for(&scopes, Action::Help).filter(|_| !matches!(model.screens.last(), Some(Screen::Help(_))));
    let help = help.as_deref().map(|keys| Hint { keys, label: "help", priority: u8::MAX });
    // The number of selected rows is shown only where commands use the selection.
    let is_of_selection = match in_sight(model) {
        None => true,
        Some(Screen::Bulk(_)) => layout.window.width >= 110,
        Some(_) => false,
    };
    let selected = model.session().filter(|_| is_of_selection).map_or(0, count_selected);
    frame::hints(frame.buffer_mut(), layout, theme, &hints, selected, help);
}

/// Hints for the available commands of the current scopes, most useful first.
fn from_key_table(model: &Model, scopes: &[Scope]) -> Vec<Hinted> {
    let mut shown: Vec<Hinted> = Vec::new();
    // What changes or finds rows does nothing in a table without any.
    let has_no_rows = model.screens.is_empty() && model.session().is_some_and(|it| it.is_ready() && it.total() == 0);
    for scope in scopes {
        for (binding, keys) in model.keymap.of(*scope) {
            let Some(first) = keys.into_iter().next().filter(|_| binding.hint > 0) else { continue };
            // An inner scope may bind the same key.
            let is_of_rows = matches!(binding.group, Group::Change | Group::Select | Group::Find);
            if is_of_rows && has_no_rows
                || model.enabled(binding.action).is_err()
                || binding.action == Action::Text(Edit::DeleteToStart) && model.has_nothing_typed()
                || shown.iter().any(|key| key.keys == first)
            {
                continue;
            }
            let both = |on, back| {
                let key = |action| model.keymap.key_for(&[*scope], action);
                Some(format!("{} {}", key(on)?, key(back)?))
            };
            // Both directions are one hint.
            let (keys, label) = match binding.action {
                Action::Up => continue,
                Action::Down if *scope == Scope::Follow => (both(Action::Down, Action::Up), model.label(binding)),
                Action::Down => (both(Action::Down, Action::Up), "move".into()),
                Action::Later | Action::Earlier => (both(Action::Later, Action::Earlier), model.label(binding)),
                // The row-by-row gate has more keys than a narrow window has room for.
                Action::Curl if *scope == Scope::RowsGate && model.size.0 < WIDE => (None, "curl".into()),
                _ => (None, model.label(binding)),
            };
            let is_way_out = binding.group == Group::Leave;
            shown.push(Hinted { is_way_out, ..Hinted::new(keys.unwrap_or(first), label, binding.hint) });
        }
    }
    shown.extend(way_back(model, scopes));
    // Rows wait for a decision, or a template was offered: the way to it comes first.
    let table = model.session().filter(|_| model.screens.is_empty());
    if table.is_some_and(|it| it.proposals.standing.as_ref().is_some_and(|it| it.to_decide() > 0))
        && let Some(pairs) = model.keymap.key_for(scopes, Action::Pair)
        && let Some(key) = shown.iter_mut().find(|key| key.keys == pairs)
    {
        key.place = 0;
    }
    if table.is_some_and(|it| it.templates.is_offered)
        && model.enabled(Action::Template).is_ok()
        && let Some(template) = model.keymap.key_for(scopes, Action::Template)
    {
        shown.push(Hinted::new(template, "template", 0));
    }
    shown.sort_by_key(|key| key.place);
    shown
}

/// Esc over the table, where it takes back a filter or an order.
fn way_back(model: &Model, scopes: &[Scope]) -> Option<Hinted> {
    let query = &model.session().filter(|_| model.screens.is_empty())?.view.query;
    let label = match (query.narrows(), query.is_in_file_order()) {
        (true, _) => "all rows",
        (false, false) => "file order",
        (false, true) => return None,
    };
    Some(Hinted::of(Action::Back, model.keymap.key_for(scopes, Action::Back)?, label, 5))
}

/// Other hints for the table while it is being read, while no row matches, and while rows are selected.
fn special(model: &Model, scopes: &[Scope]) -> Option<Vec<Hinted>> {
    match model.screens.last() {
        Some(Screen::Decide(decide)) => {
            let mut keys = from_key_table(model, scopes);
            if let Some(offered) = &decide.same {
                return Some(same(model, decide, offered, scopes));
            }
            let digits = match decide.choices.len() {
                0 => return Some(keys),
                1 => "1".to_owned(),
                many => format!("1{}{many}", dash(model)),
            };
            keys.insert(0, Hinted::new(digits, "take", 1));
            return Some(keys);
        }
        Some(Screen::Merge(merge)) => {
            let words = merge.answers_in_hand().into_iter().map(|answer| answer.word);
            let digits = (1..).zip(words).map(|(n, word)| Hinted::new(n.to_string(), word, 1));
            return Some(digits.chain(from_key_table(model, scopes)).collect());
        }
        Some(Screen::Follow(follow)) => return Some(following(model, follow, scopes)),
        Some(Screen::Pair(pair)) => return pairs(model, pair, scopes),
        Some(Screen::Keys(keys)) => return sources(model, keys, scopes),
        Some(screen) => {
            if let Some(words) = model.session().and_then(|session| to_type(model, session, screen)) {
                return Some(typing(model, scopes, &words));
            }
        }
        None => {}
    }
    let session = model.session().filter(|_| model.screens.is_empty())?;
    let key = |action| model.keymap.key_for(scopes, action);
    let hint = |action, label: &'static str, place| Some(Hinted::of(action, key(action)?, label, place));
    let keys = if !session.is_ready() {
        let both = format!("{} {}", key(Action::Down)?, key(Action::Up)?);
        vec![Some(Hinted::new(both, "move", 1)), hint(Action::Interrupt, "stop reading", 2)]
    } else if session.in_inspector {
        let both = format!("{} {}", key(Action::Down)?, key(Action::Up)?);
        vec![
            hint(Action::Inspector, "table", 1),
            Some(Hinted::new(both, "scroll", 2)),
            hint(Action::Edit, "edit", 3),
            hint(Action::Pick, "pick", 4),
            hint(Action::Back, "table", 5).filter(|_| key(Action::Inspector).is_none()),
        ]
    } else if session.in_view() == 0 && session.view.query.narrows() {
        vec![
            hint(Action::Back, "clear the filter", 1),
            hint(Action::Filter, "change it", 2),
            hint(Action::FilterByState, "by state", 3),
        ]
    } else {
        return special_for_selection(model, session, scopes);
    };
    Some(keys.into_iter().flatten().collect())
}

/// What a gate waits to have typed.
fn to_type(model: &Model, session: &Session, screen: &Screen) -> Option<String> {
    match screen {
        Screen::Send(send) => send.to_type(session, &model.options),
        Screen::Rows(rows) => rows.to_type(session, &model.options),
        _ => None,
    }
}

/// Hints while a gate waits for words: which, and that going back sends nothing.
fn typing(model: &Model, scopes: &[Scope], words: &str) -> Vec<Hinted> {
    let mut keys = from_key_table(model, scopes);
    let (enter, back) = (model.keymap.key_for(scopes, Action::Accept), model.keymap.key_for(scopes, Action::Back));
    for key in &mut keys {
        if Some(&key.keys) == enter.as_ref() {
            key.label = std::mem::take(&mut key.keys).into();
            key.keys = format!("type {words}, then");
        } else if Some(&key.keys) == back.as_ref() {
            key.label = "back, nothing is sent".into();
        }
    }
    keys
}

/// Hints while the last answer for all rows like it waits for Enter.
fn same(model: &Model, decide: &Decide, offered: &Offered, scopes: &[Scope]) -> Vec<Hinted> {
    let (verb, rows) = match offered {
        Offered::Leave(rows) => ("leave", rows.len()),
        Offered::Edit(edit) if edit.change == Change::Exclude => ("exclude", edit.rows.len()),
        Offered::Edit(edit) => ("fill", edit.rows.len()),
    };
    let as_template = decide.took().then(|| (Action::Same, "as a template".to_owned()));
    let all = [(Action::Accept, format!("{verb} {}", thousands(rows as u64)))].into_iter();
    let all = all.chain(as_template).chain([(Action::Back, "not".to_owned())]);
    let key = |(place, (action, label)): (u8, (Action, String))| {
        Some(Hinted::of(action, model.keymap.key_for(scopes, action)?, label, place))
    };
    (1..).zip(all).filter_map(key).collect()
}

/// Hints while an attempt is followed, in shorter words where the rows stand below the counts.
fn following(model: &Model, follow: &Following, scopes: &[Scope]) -> Vec<Hinted> {
    let mut keys = from_key_table(model, scopes);
    if model.size.0 < BESIDE_FROM {
        let short = [(Action::Accept, if follow.in_rows { "row" } else { "rows" }), (Action::DraftToRetry, "draft")];
        for (action, label) in short {
            let key = model.keymap.key_for(scopes, action);
            if let Some(hint) = keys.iter_mut().find(|hint| key.as_ref() == Some(&hint.keys)) {
                hint.label = label.into();
            }
        }
    }
    keys
}

/// Hints for the sources: what Enter does with the one in hand, and the numbers of a table's columns.
fn sources(model: &Model, keys: &Keys, scopes: &[Scope]) -> Option<Vec<Hinted>> {
    let session = model.session()?;
    let mut shown = from_key_table(model, scopes);
    let columns = keys.columns(session);
    let enter = match (keys.in_hand(session), columns) {
        (None, _) => "add a source",
        (_, Some(_)) => "use these columns",
        (Some(source), _) => match source.state {
            SourceState::Refused(_) if source.asks().is_some() => "name the prefix",
            SourceState::Refused(_) => "try again",
            SourceState::Known(_) => "read it",
            SourceState::Reading(_) | SourceState::Read { .. } => "use them",
        },
    };
    let accept = model.keymap.key_for(scopes, Action::Accept);
    if let Some(at) = shown.iter().position(|key| accept.as_ref() == Some(&key.keys)) {
        if let Some(key) = shown.get_mut(at) {
            key.label = enter.into();
        }
        if let Some(which) = columns {
            let last = which.columns.len().min(NUMBERED);
            let digits = if last > 1 { format!("1{}{last}", dash(model)) } else { "1".to_owned() };
            shown.insert(at + 1, Hinted::new(digits, "column", 1));
        }
    }
    Some(shown)
}

/// Between the first and the last of some numbers.
fn dash(model: &Model) -> &'static str {
    if model.look.ascii { "-" } else { "–" }
}

/// Other hints for pairs while keys are read or names compared, and for a class in which nothing is to decide.
fn pairs(model: &Model, pair: &Pair, scopes: &[Scope]) -> Option<Vec<Hinted>> {
    let session = model.session()?;
    let key = |(place, (action, label)): (u8, (Action, &'static str))| {
        Some(Hinted::of(action, model.keymap.key_for(scopes, action)?, label, place))
    };
    let way_out = (Action::Back, "table");
    let keys = match pair::stage(session, &model.jobs) {
        Stage::Reading => {
            vec![(Action::Accept, "look"), (Action::Sources, "keys"), (Action::Interrupt, "stop reading")]
        }
        Stage::Working => vec![(Action::Interrupt, "stop pairing"), (Action::Sources, "keys")],
        Stage::Stopped => vec![(Action::Accept, "pair"), (Action::Sources, "keys")],
        Stage::Pairs => {
            let mut keys = from_key_table(model, scopes);
            let looks = pair.looks_through(session).then(|| model.keymap.key_for(scopes, Action::Accept)).flatten();
            if let Some(key) = keys.iter_mut().find(|key| looks.as_ref() == Some(&key.keys)) {
                key.label = "look".into();
            }
            return Some(keys);
        }
        _ => return None,
    };
    Some((1..).zip(keys.into_iter().chain([way_out])).filter_map(key).collect())
}

/// Hints for the commands that act on all selected rows, with their number.
fn special_for_selection(model: &Model, session: &Session, scopes: &[Scope]) -> Option<Vec<Hinted>> {
    let count = thousands(Some(count_selected(session)).filter(|count| *count > 0)?);
    let actions = [
        (Action::Clear, format!("clear {count}")),
        (Action::Exclude, format!("exclude {count}")),
        (Action::Put, format!("put into {count}")),
        (Action::Select, "select".to_owned()),
        (Action::SelectAll, "all in view".to_owned()),
        (Action::Back, "unselect".to_owned()),
    ];
    let can = |action: Action| match action {
        Action::Put => model.clipboard.is_some(),
        // Esc removes a filter first.
        Action::Back => session.view.query.is_plain(),
        _ => true,
    };
    let shown = |(place, (action, label)): (u8, (Action, String))| {
        let keys = model.keymap.key_for(scopes, action).filter(|_| can(action) && model.enabled(action).is_ok())?;
        Some(Hinted::of(action, keys, label, place))
    };
    Some((1..).zip(actions).filter_map(shown).collect())
}

/// The count and keystrokes typed so far.
fn pending(model: &Model) -> String {
    let count = model.pending.count.map(|count| count.to_string()).unwrap_or_default();
    let keys: String = model.pending.keys.iter().map(ToString::to_string).collect();
    safe(&(count + &keys)).into_owned()
}

/// The first answers to a menu's question that do not fit on the hint line: they follow the question instead.
pub(super) fn left_over(model: &Model, layout: &Layout) -> Vec<Hinted> {
    let scopes = model.scopes();
    let mut keys = from_key_table(model, &scopes);
    let help = model.keymap.key_for(&scopes, Action::Help).map_or(0, |keys| width(&keys) + "   help ".len());
    let selected = match model.session().map_or(0, count_selected) {
        0 => 0,
        count => "◆  selected   ".chars().count() + thousands(count).len(),
    };
    let room = usize::from(layout.hints.width).saturating_sub(2 + help + selected);
    let cells = |key: &Hinted| width(&safe(&key.keys)) + 1 + width(&key.label) + 3;
    let mut left: usize = keys.iter().map(cells).sum();
    let fits = |key: &Hinted| {
        let has_room = left <= room + 3;
        left = left.saturating_sub(cells(key));
        has_room
    };
    let at = keys.iter().position(fits).unwrap_or(keys.len());
    keys.truncate(at);
    keys
}
