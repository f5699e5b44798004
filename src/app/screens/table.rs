//! The table: movement, and the commands on its rows.

use super::pair::nothing_to_pair;
use super::send;
use crate::app::action::{Action, What};
use crate::app::command::Scope;
use crate::app::context::{Act, Ctx};
use crate::app::effect::Effect;
use crate::app::layout::Side;
use crate::app::message::Message;
use crate::app::next::{BulkForm, FindKind, Menu, Next, Request, Target, Text};
use crate::app::options::AppOptions;
use crate::app::session::{Done, KeysState, Session, has_selection, keys_state, selected, targets};
use crate::domain::bulk::Column;
use crate::domain::draft::{Change, Edit};
use crate::domain::fixes::edit_of;
use crate::domain::format::{row_number, thousands};
use crate::domain::manifest::{Field, RowId, Value};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::rules::{Finding, Fix, Severity, is_index_id};
use crate::domain::s3_url::{self, S3Url};
use crate::domain::search::{Query, StateFilter};

/// The fields the focus moves through, left to right. The video is read-only.
const FOCUS: [Field; 3] = [Field::IndexId, Field::Language, Field::Transcription];

/// It has no state of its own: the session holds the cursor, so that every screen returns to the same row.
#[derive(Clone, Copy, Debug)]
pub struct Table;

impl Act for Table {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Table, Scope::Global]
    }

    fn label(&self, session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        let session = session?;
        match (action, session.view.focus) {
            // An edit is of the focused field; mostly that is the transcript.
            (Action::Edit, Field::Language | Field::IndexId) => Some(format!("edit {}", session.view.focus.word())),
            (Action::Inspector, _) if session.in_inspector => Some("to the table".into()),
            (Action::Down, _) if session.in_inspector => Some("line down".into()),
            (Action::Up, _) if session.in_inspector => Some("line up".into()),
            _ => None,
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        use Action as A;
        let (size, count) = (ctx.size, request.count);
        let many = count.unwrap_or(1).max(1) as isize;
        let page = usize::from(ctx.layout().page()).saturating_sub(1).max(1) as isize;
        let Some(session) = ctx.session_mut() else { return Next::Stay };
        match request.action {
            A::Down | A::Up | A::PageDown | A::PageUp | A::HalfDown | A::HalfUp if session.in_inspector => {
                let layout = session.layout(size);
                let height = layout.inspector.area().map_or(layout.body.height, |area| area.height);
                let page = isize::try_from(height).unwrap_or(1).saturating_sub(1).max(1);
                let lines = match request.action {
                    A::Down => 1,
                    A::Up => -1,
                    A::HalfDown => (page / 2).max(1),
                    A::HalfUp => -(page / 2).max(1),
                    A::PageDown => page,
                    _ => -page,
                };
                session.inspector_top = session.inspector_top.saturating_add_signed(lines).min(200);
            }
            A::Down => session.step_rows(size, many),
            A::Up => session.step_rows(size, -many),
            A::PageDown => session.step_rows(size, page * many),
            A::PageUp => session.step_rows(size, -page * many),
            A::HalfDown => session.step_rows(size, (page / 2).max(1) * many),
            A::HalfUp => session.step_rows(size, -(page / 2).max(1) * many),
            A::First | A::Last => match (count, request.action) {
                (Some(number), _) => ctx.on(|session, _| session.go_to_number(size, number.saturating_sub(1))),
                (None, A::First) => session.to_position(size, 0),
                _ => session.to_position(size, usize::MAX),
            },
            A::FocusLeft | A::FocusRight => {
                let fields: Vec<Field> = FOCUS.into_iter().filter(|field| session.view.is_in_sight(*field)).collect();
                let last = fields.len().saturating_sub(1);
                let at = fields.iter().position(|field| *field == session.view.focus).unwrap_or(last);
                let to = if request.action == A::FocusLeft { at.saturating_sub(1) } else { (at + 1).min(last) };
                session.view.focus = fields.get(to).copied().unwrap_or(Field::IndexId);
                tell_index(ctx);
            }
            A::Inspector => {
                session.in_inspector = !session.in_inspector;
                session.inspector_top = 0;
            }
            A::Edit => return edit(session, Text::AsItIs),
            A::ClearAndEdit => return edit(session, Text::Empty),
            // By name or with a selection, the change is counted and shown first.
            A::Clear if !request.is_pressed || has_selection(session) => match named(session, &request.words) {
                Some(field) => return Next::Open(Target::Bulk(BulkForm::Clear(field))),
                None => ctx.say(no_field()),
            },
            A::Clear => clear(ctx),
            A::Exclude => exclude(ctx, if request.is_pressed { None } else { Some(true) }),
            A::Fix if request.is_pressed && has_selection(session) => return fix_selected(ctx),
            A::Fix if !request.is_pressed => return Next::Open(Target::Bulk(BulkForm::Fix)),
            A::Fix => fix(ctx),
            A::Pick => return Next::Open(Target::Picker),
            A::Pair => return pairs(ctx),
            A::Undo => ctx.on(|session, env| session.undo(env)),
            A::Redo => ctx.on(|session, env| session.redo(env)),
            A::YankMenu => return Next::Open(Target::Menu(Menu::Yank)),
            A::Yank(what) => yank(ctx, what),
            A::Put => {
                let (field, is_many) = (session.view.focus, has_selection(session));
                match ctx.clipboard.clone() {
                    Some(text) if is_many => return Next::Open(Target::Bulk(BulkForm::Set(field, text))),
                    Some(text) => put(ctx, field, &text),
                    None => ctx.say(Message::plain("nothing was copied yet.").offer(A::YankMenu, "copies")),
                }
            }
            A::Select => session.select(size, many),
            A::SelectRange => ctx.on(|session, _| session.select_range()),
            A::SelectAll => ctx.on(|session, env| session.select_all(env)),
            A::Search => return Next::Open(Target::Find(FindKind::Search)),
            A::Filter => return Next::Open(Target::Find(FindKind::Filter)),
            A::SearchNext => ctx.on(|session, env| session.find_next(env, true)),
            A::SearchPrevious => ctx.on(|session, env| session.find_next(env, false)),
            A::FilterByState => return Next::Open(Target::Menu(Menu::FilterBy)),
            A::Sort => return Next::Open(Target::Menu(Menu::SortBy)),
            A::Show(state) => ctx.on(|session, env| {
                let rows = match (state, &session.proposals.standing) {
                    (StateFilter::Proposed, Some(standing)) => (*standing.sure).clone(),
                    (StateFilter::ToDecide, Some(standing)) => (*standing.to_decide).clone(),
                    (StateFilter::Proposed | StateFilter::ToDecide, None) => RowSet::new(),
                    _ => selected(session),
                };
                session.show_state(env, state, rows)
            }),
            A::SortBy(key) => ctx.on(|session, env| session.sort_by(env, key)),
            A::Refresh => ctx.on(|session, env| session.refresh(env)),
            A::NextProblem => ctx.on(|session, env| session.next_problem(env.size, true, Severity::Warning)),
            A::PreviousProblem => ctx.on(|session, env| session.next_problem(env.size, false, Severity::Warning)),
            A::NextError => ctx.on(|session, env| session.next_problem(env.size, true, Severity::Error)),
            A::PreviousError => ctx.on(|session, env| session.next_problem(env.size, false, Severity::Error)),
            A::Problems => return Next::Open(Target::Problems),
            A::Review => return Next::Open(Target::Review),
            A::Submit => return Next::Open(Target::Gate),
            A::Back => ctx.on(back),
            A::Quit => return Next::Quit,
            _ => {}
        }
        Next::Stay
    }

    /// A pasted line opens the row's editor, several lines open a bulk change that fills them down. Nothing is changed
    /// yet.
    fn paste(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Next {
        let Some(session) = ctx.session_mut() else { return Next::Stay };
        let lines = text.trim_end_matches(['\r', '\n']);
        if !lines.contains(['\r', '\n']) {
            // A transcript's URL is never an index, wherever the focus is.
            session.view.focus = fitting(text).unwrap_or(session.view.focus);
            return edit(session, Text::Pasted(text.to_owned()));
        }
        match Column::parse(text) {
            Ok(column) => {
                let first = column.lines().iter().find_map(|line| fitting(line));
                session.view.focus = first.unwrap_or(session.view.focus);
                Next::Open(Target::Bulk(BulkForm::FillDown(session.view.focus, column)))
            }
            Err(fault) => {
                ctx.say(Message::error(fault.to_string()));
                Next::Stay
            }
        }
    }
}

/// The field whose form a pasted text has; None when it fits several or none.
fn fitting(text: &str) -> Option<Field> {
    let text = text.trim();
    if s3_url::recognise(text).is_some() || S3Url::parse(text).is_ok() {
        return Some(Field::Transcription);
    }
    is_index_id(text).then_some(Field::IndexId)
}

fn pairs(ctx: &mut Ctx<'_>) -> Next {
    let is_empty = ctx.session().is_some_and(|session| nothing_to_pair(session).is_some());
    match ctx.session().filter(|_| !is_empty).map(|session| keys_state(session, ctx.jobs)) {
        // Once there are keys they are paired.
        Some(KeysState::None) => Next::Open(Target::AddSource { then: Some(Action::Pair), place: None }),
        _ => Next::Open(Target::Pair),
    }
}

fn edit(session: &Session, text: Text) -> Next {
    match session.current() {
        Some(row) => Next::Open(Target::Editor { row, field: session.view.focus, text }),
        None => Next::Stay,
    }
}

/// Esc: undoes one of inspector, range, filter, sort and selection, in this order.
fn back(session: &mut Session, env: &mut crate::app::session::Env<'_>) -> Done {
    // Search highlighting is removed in any case.
    session.marks_search = false;
    if session.in_inspector {
        session.in_inspector = false;
    } else if session.range_from.take().is_some() {
    } else if !session.view.query.is_plain() {
        let narrowed = session.view.query.narrows();
        let Query { sort, descending, .. } = session.view.query;
        session.view.query = if narrowed { Query { sort, descending, ..Query::default() } } else { Query::default() };
        return session.refresh(env);
    } else {
        session.selection = RowSet::new();
    }
    Done::nothing()
}

/// Shows the index on the message line when the inspector is hidden: it has no column.
fn tell_index(ctx: &mut Ctx<'_>) {
    let hidden = ctx.layout().inspector == Side::Hidden;
    let Some(session) = ctx.session().filter(|session| session.view.focus == Field::IndexId && hidden) else { return };
    let Some(row) = session.current() else { return };
    let value = session.now().row(row).text(Field::IndexId).to_owned();
    ctx.say(Message::plain(format!("index {}", printable(&value))));
}

/// The field named by `words`, the focused one when they are empty; None for an unknown or read-only field.
pub fn named(session: &Session, words: &str) -> Option<Field> {
    match Field::named(words) {
        _ if words.is_empty() => Some(session.view.focus),
        Some(Field::Object) | None => None,
        field => field,
    }
}

pub fn no_field() -> Message {
    Message::plain("the fields are language, index and transcript; the video is read-only")
}

fn clear(ctx: &mut Ctx<'_>) {
    ctx.on(|session, env| {
        let (field, rows) = (session.view.focus, targets(session));
        session.edit(env, Edit { rows, change: Change::Clear(field) }, |_| {
            format!("cleared {} of this row.", field.word())
        })
    });
}

/// Excludes rows (`Some(true)`) or restores them (`Some(false)`); None restores them if all are excluded, else
/// excludes.
pub fn exclude(ctx: &mut Ctx<'_>, out: Option<bool>) {
    ctx.on(|session, env| {
        let (rows, selected) = (targets(session), has_selection(session));
        let back_in = out.map_or_else(|| rows.iter().all(|row| session.now().is_excluded(row)), |out| !out);
        let (change, verb) = if back_in { (Change::Restore, "took back in") } else { (Change::Exclude, "left out") };
        let done = session.edit(env, Edit { rows, change }, |n| format!("{verb} {}.", counted(n, selected)));
        // The selection is used up: the next command applies to the row under the cursor.
        session.selection = RowSet::new();
        session.range_from = None;
        done
    });
}

/// Sets a field of the row under the cursor to the copied text.
fn put(ctx: &mut Ctx<'_>, field: Field, value: &str) {
    ctx.on(|session, env| {
        let rows = targets(session);
        let change = if value.is_empty() { Change::Clear(field) } else { Change::Set(field, value.to_owned()) };
        session.edit(env, Edit { rows, change }, |_| format!("set {} of this row.", field.word()))
    });
}

/// The fix to offer for a row: that of the worst finding, the focused field's first.
pub fn fix_of(session: &Session, row: RowId) -> Option<(Finding, Fix)> {
    let findings = session.findings.as_ref()?;
    let mut found: Vec<Finding> =
        findings.of_row(session.now(), row).iter().map(|hit| findings.explain(session.now(), row, hit)).collect();
    found.sort_by_key(|finding| (finding.severity, finding.field != Some(session.view.focus)));
    found.into_iter().find_map(|finding| finding.fix.clone().map(|fix| (finding, fix)))
}

/// Of a selection the sure proposals; without one, its fixes are counted first.
fn fix_selected(ctx: &mut Ctx<'_>) -> Next {
    let mut is_taken = false;
    ctx.on(|session, env| {
        let rows = selected(session);
        let done = session.take_selected(env, &rows);
        is_taken = done.is_some();
        done.unwrap_or_default()
    });
    if is_taken { Next::Stay } else { Next::Open(Target::Bulk(BulkForm::Fix)) }
}

fn fix(ctx: &mut Ctx<'_>) {
    ctx.on(|session, env| {
        let Some(row) = session.current() else { return Done::nothing() };
        if session.findings.is_none() {
            return Done::plain("the rows are still being checked");
        }
        let Some((finding, fix)) = fix_of(session, row) else {
            let proposed = session.take_proposal(env, row).or_else(|| session.take_templated(env, row));
            if let Some(done) = proposed {
                return done;
            }
            return Done::said(no_fix(session, row));
        };
        session.edit(env, edit_of(&fix, RowSet::one(row)), |_| {
            format!("fixed {} of row {}.", finding.rule.code(), row_number(row))
        })
    });
}

/// What can be done about a row without a fix; the field it is about gets the focus.
fn no_fix(session: &mut Session, row: RowId) -> Message {
    let note = Message::plain("no fix is known for this row.");
    let is_faulty = session.findings.as_ref().is_some_and(|findings| findings.has_any(row));
    match session.focus_on_worst(row) {
        Some(Field::Language) => note.offer(Action::Edit, "edits its language"),
        Some(Field::IndexId) => note.offer(Action::Edit, "edits its index"),
        Some(Field::Transcription | Field::Object) => note.offer(Action::Edit, "edits its transcript"),
        // The video, or the row itself: neither can be edited.
        None if is_faulty => note.offer(Action::Exclude, "leaves it out"),
        None => Message::plain("nothing is wrong with this row."),
    }
}

fn yank(ctx: &mut Ctx<'_>, what: What) {
    let Some((session, row)) = ctx.session().and_then(|session| Some((session, session.current()?))) else { return };
    let field = session.view.focus;
    let (text, said) = match what {
        What::Value => match session.now().value(row, field) {
            value if value.is_empty() => return ctx.say(Message::plain("there is no value to copy")),
            Value::Text(text) => (text.into_owned(), format!("{} of row {}", field.word(), row_number(row))),
            Value::Other(raw) => (raw.to_owned(), format!("{} of row {}", field.word(), row_number(row))),
            Value::Absent | Value::Null => return ctx.say(Message::plain("there is no value to copy")),
        },
        What::Row => (session.now().row_json(row), format!("row {} as JSON", row_number(row))),
        What::Curl => {
            let text = send::curl(ctx.options, ctx.session());
            (text, "the curl command, without the key".into())
        }
        What::Sha256 => {
            let effect = Effect::CopySha256(session.now().clone());
            ctx.ask(effect);
            return ctx.say(Message::plain("computing the SHA-256 of what would be saved"));
        }
    };
    if what == What::Row && s3_url::carries_secret(&text) {
        let note = Message::plain("not copied: the row has a signed link, which works like a password.");
        return ctx.say(note.offer(Action::Fix, "takes the secret out"));
    }
    // A signed link contains credentials: it is copied without them.
    let text = if what == What::Value { s3_url::stored_form(&text).unwrap_or(text) } else { text };
    if what == What::Value {
        *ctx.clipboard = Some(text.clone());
    }
    ctx.say(Message::handed(&said));
    ctx.ask(Effect::Copy(text));
}

fn counted(rows: usize, selected: bool) -> String {
    match (rows, selected) {
        (1, false) => "this row".into(),
        (1, true) => "1 selected row".into(),
        (n, _) => format!("{} selected rows", thousands(n as u64)),
    }
}
