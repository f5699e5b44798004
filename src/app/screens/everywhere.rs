//! Commands that do the same on every screen: the `:` commands, help, palette, log, suspend and interrupt.

use super::table;
use crate::app::action::Action;
use crate::app::context::{Ctx, refused};
use crate::app::effect::{Effect, SweepOrder};
use crate::app::jobs::Task;
use crate::app::layout::{Column, Shape};
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{BulkForm, Next, Purpose, ReceiptOf, Request, Target};
use crate::app::session::Unsaved;
use crate::app::session::{AfterSave, Consent};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;
use crate::domain::s3_url;
use std::path::PathBuf;

/// Carries out a command that does the same on every screen; None when it is up to the screen in front.
pub fn act(ctx: &mut Ctx<'_>, request: &Request) -> Option<Next> {
    let words = request.words.as_str();
    Some(match request.action {
        Action::Help => Next::Open(Target::Help),
        Action::Palette => Next::Open(Target::Palette(String::new())),
        Action::Log => Next::Open(Target::Log),
        // By its key, it is the screen's own attempt.
        Action::Receipt if !request.is_pressed => Next::Open(Target::Receipt(ReceiptOf::typed(words))),
        Action::Suspend => asked(ctx, Effect::Suspend),
        Action::Interrupt => Next::Interrupt,
        Action::Save => save(ctx, AfterSave::Stay),
        Action::Write if words.is_empty() => save(ctx, AfterSave::Stay),
        Action::Write => {
            ctx.on(|session, env| session.save_copy(env, PathBuf::from(words)));
            Next::Stay
        }
        Action::WriteOver => {
            let consent = Consent { over_changes: true, with_losses: true };
            ctx.on(|session, env| session.save(env, AfterSave::Stay, consent));
            Next::Stay
        }
        Action::Reload => Next::ReadAgain(Unsaved::Keep),
        Action::ReloadAndDrop => Next::ReadAgain(Unsaved::Drop),
        Action::QuitNow => {
            ctx.ask(Effect::ForgetJournal);
            asked(ctx, Effect::Quit(0))
        }
        Action::SaveIfNeededAndQuit if ctx.session().is_some_and(|session| session.draft.is_dirty()) => {
            save(ctx, AfterSave::Quit)
        }
        Action::SaveIfNeededAndQuit => asked(ctx, Effect::Quit(0)),
        Action::OpenFile if words.is_empty() => Next::Open(Target::Prompt(Purpose::OpenPath, String::new())),
        Action::OpenFile => Next::Load(PathBuf::from(words)),
        Action::ReadSource if words.is_empty() => {
            said(ctx, Message::plain(":source takes s3://bucket/prefix or the path of a list"))
        }
        Action::ReadSource => {
            ctx.on(|session, env| session.read_named(env, words));
            Next::Stay
        }
        Action::SetField => set(ctx, words),
        Action::Merge => merge(ctx, words),
        Action::HideColumn | Action::WidenColumn => reshape(ctx, request.action, words),
        Action::AllColumns => {
            ctx.on(|session, _| session.reshape(Shape::default()));
            Next::Stay
        }
        Action::Replace | Action::CopyAbove => bulk(ctx, request.action, words),
        Action::Restore => {
            table::exclude(ctx, Some(false));
            Next::Stay
        }
        Action::InvertSelection => {
            ctx.on(|session, env| session.invert_selection(env));
            Next::Stay
        }
        Action::HandOver => {
            hand_over(ctx);
            Next::Stay
        }
        Action::Check | Action::Recheck => {
            ctx.on(|session, env| session.check_online(env, words, request.action == Action::Recheck));
            Next::Stay
        }
        Action::ReadPart if words.is_empty() => {
            said(ctx, Message::plain(":evidence takes the path of a part of a divided check"))
        }
        Action::ReadPart => {
            ctx.on(|session, env| session.read_part(env, PathBuf::from(words)));
            Next::Stay
        }
        Action::PauseCheck => {
            ctx.on(|session, _| session.order_online(SweepOrder::Pause));
            Next::Stay
        }
        Action::ResumeCheck => {
            ctx.on(|session, _| session.order_online(SweepOrder::GoOn));
            Next::Stay
        }
        Action::ForgetTemplate if words.trim().is_empty() => {
            said(ctx, Message::plain(":forget takes the name of a saved template"))
        }
        Action::ForgetTemplate => {
            ctx.on(|session, env| session.forget_template(env, words.trim()));
            Next::Stay
        }
        Action::Template => Next::Open(Target::Template(None)),
        Action::ForgetJournal => {
            ctx.say(Message::plain("dropped what the journal held of an earlier session"));
            asked(ctx, Effect::ForgetRecovered)
        }
        Action::Tour if ctx.options.tour.is_none() => {
            said(ctx, Message::plain("the tour belongs to the demo.").offer(Action::Demo, "starts it"))
        }
        Action::Tour
            if words != "off" && ctx.session().is_none_or(|it| ctx.options.tour.as_ref() != Some(&it.path)) =>
        {
            said(
                ctx,
                Message::plain("the tour is of the demo's own file only").offer(Action::Demo, "starts another demo"),
            )
        }
        Action::Tour => {
            let size = ctx.size;
            if let Some(session) = ctx.session_mut() {
                session.tour = words != "off";
                session.rescroll(size);
            }
            Next::Stay
        }
        Action::Theme => {
            let text =
                "the colours are your terminal's own 16; NO_COLOR=1, --ascii and contrast = \"high\" change the look";
            said(ctx, Message::plain(text))
        }
        Action::Settings => {
            let text = match &ctx.options.settings_file {
                Some(path) => format!("settings are read at the start from {}", printable(&path.display().to_string())),
                None => "the demo reads no settings file".to_owned(),
            };
            said(ctx, Message::plain(text))
        }
        Action::Demo => asked(ctx, Effect::Demo),
        Action::Sources => Next::Open(Target::Keys),
        Action::OpenGate => match words.trim() {
            "" => Next::Open(Target::Gate),
            "tasks" => Next::Open(Target::RowsGate(None)),
            _ => said(ctx, Message::plain(":submit takes tasks, for row by row, or nothing")),
        },
        Action::FollowAttempt if words.is_empty() => Next::Open(Target::Follow(None)),
        Action::FollowAttempt => match words.trim().parse() {
            Ok(id) => Next::Open(Target::Follow(Some(id))),
            Err(_) => said(ctx, Message::plain(":follow takes the number of an attempt, as the log shows it")),
        },
        _ => return None,
    })
}

fn asked(ctx: &mut Ctx<'_>, effect: Effect) -> Next {
    ctx.ask(effect);
    Next::Stay
}

fn said(ctx: &mut Ctx<'_>, message: Message) -> Next {
    ctx.say(message);
    Next::Stay
}

fn save(ctx: &mut Ctx<'_>, then: AfterSave) -> Next {
    ctx.on(|session, env| session.save(env, then, Consent::default()));
    Next::Stay
}

/// `:set FIELD VALUE`
fn set(ctx: &mut Ctx<'_>, words: &str) -> Next {
    let (field, value) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let field = match Field::named(field) {
        Some(Field::Object) => {
            return said(ctx, Message::plain("the video is read-only: it names what is in the bucket"));
        }
        Some(field) => field,
        None => return said(ctx, Message::plain(":set takes language, index or transcript, and a value")),
    };
    Next::Open(Target::Bulk(BulkForm::Set(field, value.trim().to_owned())))
}

/// `:hide COLUMN` and `:widen COLUMN`
fn reshape(ctx: &mut Ctx<'_>, action: Action, words: &str) -> Next {
    let Some(mut shape) = ctx.session().map(|session| session.view.shape) else { return Next::Stay };
    let Some(column) = Column::named(words) else {
        return said(ctx, Message::plain("the columns are video, lang and transcript"));
    };
    match if action == Action::HideColumn { shape.hide(column) } else { shape.widen(column) } {
        Ok(()) => ctx.on(|session, _| session.reshape(shape)),
        Err(why) => return said(ctx, Message::plain(why)),
    }
    if action == Action::HideColumn {
        ctx.say(Message::plain("hidden.").offer(Action::AllColumns, "shows all columns"));
    }
    Next::Stay
}

/// `:merge EXPORT`: opens the export, to merge the open manifest's transcripts into it.
fn merge(ctx: &mut Ctx<'_>, words: &str) -> Next {
    let path = PathBuf::from(words);
    match ctx.session() {
        _ if words.is_empty() => said(ctx, Message::plain(":merge takes the path of a fresh export")),
        Some(session) if session.saving.is_some() => said(ctx, Message::plain("the file is being saved")),
        // Unsaved changes would be left without a file, unless the export is a new version of the same file.
        Some(session) if session.draft.is_dirty() && session.path != path => {
            let message = Message::plain("the changes are not saved.");
            said(ctx, message.offer(Action::Write, "saves them"))
        }
        _ => Next::Merge(path),
    }
}

/// `:replace [FIELD]` and `:copy-above [FIELD]`
fn bulk(ctx: &mut Ctx<'_>, action: Action, words: &str) -> Next {
    let Some(session) = ctx.session() else { return Next::Stay };
    match table::named(session, words) {
        Some(field) if action == Action::Replace => Next::Open(Target::Bulk(BulkForm::Replace(field))),
        Some(field) => Next::Open(Target::Bulk(BulkForm::CopyAbove(field))),
        None => said(ctx, table::no_field()),
    }
}

/// `:edit`: opens the focused value in `$EDITOR`.
fn hand_over(ctx: &mut Ctx<'_>) {
    let job = ctx.begin(Task::EditText);
    let Some(session) = ctx.session_mut() else { return };
    let Some(row) = session.current() else { return };
    let text = session.now().value(row, session.view.focus).text().to_owned();
    // A signed link contains credentials: they must not reach the editor's file.
    let text = if s3_url::carries_secret(&text) { s3_url::recognise(&text).unwrap_or_default() } else { text };
    session.handed_over = Some((row, session.view.focus));
    ctx.ask(Effect::EditText { job, text });
}

/// Takes in the text that `$EDITOR` saved.
pub fn came_back(ctx: &mut Ctx<'_>, msg: Msg) {
    let Msg::EditorClosed(job, text) = msg else { return };
    let awaited = ctx.jobs.finish(Task::EditText, job);
    let handed: Option<(RowId, Field)> = ctx.session_mut().and_then(|session| session.handed_over.take());
    match (handed.filter(|_| awaited), text) {
        (_, Err(fault)) => ctx.say(Message::error(printable(&fault).into_owned())),
        (Some((row, field)), Ok(text)) => {
            let text = text.trim_end_matches(['\r', '\n']);
            match LineInput::new("").paste(text) {
                Err(why) => ctx.say(refused(why, text)),
                Ok(()) => super::editor::write(ctx, row, field, text),
            }
        }
        (None, Ok(_)) => {}
    }
}
