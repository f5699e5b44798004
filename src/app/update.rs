//! `update`: the only place that changes state. Routes keystrokes to the screen in front and results to the screen that
//! asked for them, and carries out the [`Next`] a screen returns.

mod ending;
mod input;
mod opening;

use ending::{interrupt, quit};
use input::{mouse, paste, press};
use opening::{load_failed, merge, not_loaded, read_again};

pub use opening::{choose, load};

use super::action::Action;
use super::command::{Scope, needs};
use super::context::{Act, Ctx, Heard, Taken};
use super::effect::Effect;
use super::jobs::Task;
use super::message::Message;
use super::model::{Model, Pending};
use super::msg::{JobId, Msg};
use super::next::{Menu, Next, Purpose, Request, Target};
use super::screens::{Screen, Unreadable, everywhere};
use super::session::online::InSight;
use super::session::{Changed, Done, Env, Question, Session};
use secrecy::SecretString;
use std::path::PathBuf;

/// Applies a message to the model and returns the effects to run.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let moves_nothing = matches!(msg, Msg::Clock(_) | Msg::Ticked(_) | Msg::Drawn);
    let mut effects = take_in(model, msg);
    if !moves_nothing {
        let in_sight = match model.screens.last() {
            Some(screen) => screen.as_act().in_sight(),
            None => InSight { rows: true, ..InSight::default() },
        };
        effects.extend(over_session(model, |session, env| session.settle(env, in_sight)));
    }
    effects
}

fn take_in(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => model.now = now,
        Msg::Ticked(now) => {
            model.now = now;
            model.ticks += 1;
        }
        Msg::Key(event) => return press(model, &event),
        Msg::Paste(text) => return paste(model, &text),
        Msg::Mouse(event) => return mouse(model, event),
        Msg::Resized(width, height) => {
            model.size = (width, height);
            if let Some(session) = model.session_mut() {
                session.rescroll((width, height));
            }
            for screen in &mut model.screens {
                screen.as_act_mut().resized((width, height));
            }
        }

        Msg::PrefixRead(job, manifest, reading) | Msg::RowsIndexed(job, manifest, reading) => {
            return over_session(model, |session, env| session.rows_so_far(env, job, manifest, reading));
        }
        Msg::Loaded(job, loaded) => {
            let again = model.session().is_some_and(|session| session.read_again.is_some());
            let mut effects = over_session(model, |session, env| session.loaded(env, job, *loaded));
            if model.session().is_some_and(Session::is_ready)
                && let Some(row) = model.before.take().and_then(|before| before.current()).filter(|_| again)
            {
                effects.extend(over_session(model, |session, env| {
                    let last = session.total().saturating_sub(1);
                    session.show_row(env, row.min(last))
                }));
            }
            if model.session().is_some_and(|session| session.is_ready() && session.merge_from.is_some()) {
                effects.extend(open(model, Target::Merge));
            }
            return effects;
        }
        Msg::LoadRefused(job, refusal, excerpt) => {
            let refused = |path, unsaved_edits, merge_from| Unreadable {
                path,
                refusal: Some(*refusal),
                excerpt,
                fault: String::new(),
                unsaved_edits,
                merge_from,
            };
            return not_loaded(model, job, refused);
        }
        Msg::LoadFailed(job, fault) => return load_failed(model, job, fault),

        Msg::Checking(job, done) => return over_session(model, |session, env| session.checking(env, job, done)),
        Msg::Checked(job, findings) => {
            return over_session(model, |session, env| session.checked(env, job, *findings));
        }
        Msg::Observed(job, batch) => return over_session(model, |session, env| session.observed(env, job, batch)),
        Msg::OnlineMoved(job, progress) => {
            return over_session(model, |session, env| session.online_moved(env, job, progress));
        }
        Msg::PartRead(job, read) => return over_session(model, |session, env| session.part_read(env, job, read)),
        Msg::CuesCompared(job, told) => {
            return over_session(model, |session, env| session.cues_compared(env, job, told));
        }
        Msg::Planned(job, plan) => return over_session(model, |session, env| session.planned(env, job, plan)),
        Msg::Viewed(job, rows, progress) => {
            return over_session(model, |session, env| session.viewed(env, job, rows, progress));
        }
        Msg::Found(job, hit, place) => {
            return over_session(model, |session, env| session.found(env, job, hit, place));
        }
        Msg::Applied(job, draft, rows) => {
            return over_session(model, |session, env| session.applied(env, job, *draft, &rows));
        }
        Msg::Pairing(job, progress) => return over_session(model, |session, env| session.pairing(env, job, progress)),
        Msg::Paired(job, paired) => return over_session(model, |session, env| session.paired(env, job, *paired)),
        Msg::Stood(job, standing, explains) => {
            return over_session(model, |session, env| session.stood(env, job, standing, explains));
        }
        Msg::Compared(job, told) => return over_session(model, |session, env| session.compared(env, job, told)),
        Msg::Saved(job, snapshot, end) => {
            return over_session(model, |session, env| session.saved(env, job, &snapshot, end));
        }
        Msg::JournalRead(job, found) => {
            let mut effects = over_session(model, |session, env| session.journal_read(env, job, found));
            effects.extend(offer_recovered(model));
            return effects;
        }
        Msg::LookedBack(job, found) => {
            return over_session(model, |session, env| session.looked_back(env, job, found));
        }
        Msg::KeysListed(job, id, so_far) => {
            return over_session(model, |session, env| session.keys_listed(env, job, id, so_far));
        }
        Msg::KeysEnded(job, id, end) => {
            return over_session(model, |session, env| session.keys_ended(env, job, id, end));
        }
        Msg::SourcesKnown(job, known) => return over_session(model, |session, _| session.sources_known(job, known)),
        Msg::LookKnown(job, words) => {
            return over_session(model, |session, env| session.look_known(env, job, &words));
        }
        Msg::Learnt(job, learnt) if model.jobs.awaits(Task::Learn, job) => {
            return over_session(model, |session, env| session.learnt(env, job, learnt));
        }
        Msg::TemplatesRead(job, read) => {
            return over_session(model, |session, env| session.templates_read(env, job, read));
        }
        Msg::Gathered(job, listed, tables) => {
            return over_session(model, |session, env| session.gathered(env, job, listed, tables));
        }
        Msg::Spelled(job, subjects) => {
            return over_session(model, |session, env| session.spelled(env, job, subjects));
        }
        Msg::Elapsed(job) if model.jobs.finish(Task::SightPause, job) => {
            return over_session(model, |session, _| session.ask_in_sight());
        }

        Msg::Elapsed(job) if model.jobs.finish(Task::PairPause, job) => {
            return over_session(model, Session::pair_again);
        }
        Msg::Drawn => model.drawn = model.asked(),

        msg @ (Msg::FilesListed(..)
        | Msg::Ranked(..)
        | Msg::SameFor(..)
        | Msg::Summed(_)
        | Msg::BucketsFound(..)
        | Msg::TemplateCounted(..)
        | Msg::Learnt(..)
        | Msg::ListsFound(..)
        | Msg::PathCompleted(..)
        | Msg::Counting(..)
        | Msg::Counted(..)
        | Msg::Merging(..)
        | Msg::Merged(..)
        | Msg::Prepared(..)
        | Msg::SendMoved(..)
        | Msg::SendSlow(..)
        | Msg::Sent(..)
        | Msg::Settled(_)
        | Msg::RowsPrepared(..)
        | Msg::RowsMoved(..)
        | Msg::RowsEnded(..)
        | Msg::RowSettled(_)
        | Msg::RowsRead(..)
        | Msg::LogRead(..)
        | Msg::FileWritten(..)
        | Msg::ReceiptRead(..)
        | Msg::FollowBegan(..)
        | Msg::FollowMoved(..)
        | Msg::Drafted(..)
        | Msg::Fingerprinted(..)
        | Msg::EditorClosed(..)
        | Msg::Elapsed(_)) => return hear(model, msg),

        Msg::Hashed(hex) => {
            model.message = Some(Message::handed(&hex));
            return vec![Effect::Copy(hex)];
        }
        Msg::Copied(Ok(())) => {}
        Msg::Copied(Err(fault)) => model.message = Some(Message::error(format!("not copied: {fault}"))),
        Msg::JournalFailed(fault) => model.message = Some(Message::no_journal(&fault)),
        Msg::JobFailed(job, what) => {
            model.message = Some(Message::error(what));
            return job_failed(model, job);
        }
        Msg::Failed(what) => model.message = Some(Message::error(what)),
    }
    Vec::new()
}

/// Runs a function over the open manifest and follows up on what it did.
fn over_session(model: &mut Model, act: impl FnOnce(&mut Session, &mut Env<'_>) -> Done) -> Vec<Effect> {
    let (_, _, mut ctx) = model.parts();
    ctx.on(act);
    let taken = ctx.taken();
    follow_up(model, taken, Next::Stay)
}

/// Runs the screen in front and follows up on what it did.
fn over_front(model: &mut Model, act: impl FnOnce(&mut dyn Act, &mut Ctx<'_>) -> Next) -> Vec<Effect> {
    let (screens, mut base, mut ctx) = model.parts();
    let front = match screens.last_mut() {
        Some(screen) => screen.as_act_mut(),
        None => base.as_act(),
    };
    let next = act(front, &mut ctx);
    let taken = ctx.taken();
    follow_up(model, taken, next)
}

/// Makes the transition, tells the screens what changed and raises the question. Returns all effects.
fn follow_up(model: &mut Model, taken: Taken, next: Next) -> Vec<Effect> {
    let mut effects = taken.effects;
    effects.extend(go(model, next));
    if taken.changed.any() {
        effects.extend(tell_screens(model, taken.changed));
    }
    if let Some(question) = taken.question {
        decide(model, question);
    }
    effects
}

/// Tells all screens what changed in the session, front first.
fn tell_screens(model: &mut Model, changed: Changed) -> Vec<Effect> {
    let (screens, _, mut ctx) = model.parts();
    let mut next = Next::Stay;
    for (from_front, screen) in screens.iter_mut().rev().enumerate() {
        screen.as_act_mut().follow(&mut ctx, changed);
        // Only the screen in front may make a transition.
        next = ctx.leads_to().filter(|_| from_front == 0).unwrap_or(next);
    }
    let mut effects = ctx.taken().effects;
    effects.extend(go(model, next));
    effects
}

/// Offers a result to each screen, front first, until one takes it.
fn hear(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let (screens, mut base, mut ctx) = model.parts();
    let mut waiting = Some(msg);
    let mut next = Next::Stay;
    let all = screens.iter_mut().rev().map(Screen::as_act_mut).chain([base.as_act()]);
    for screen in all {
        let Some(msg) = waiting.take() else { break };
        match screen.hear(&mut ctx, msg) {
            Heard::NotMine(msg) => waiting = Some(msg),
            Heard::Taken(then) => next = then,
        }
    }
    match waiting {
        Some(msg @ Msg::EditorClosed(..)) => everywhere::came_back(&mut ctx, msg),
        Some(Msg::FileWritten(job, end)) => {
            ctx.jobs.finish(Task::WriteFile, job);
            ctx.say(match end {
                Ok(path) => Message::fine(format!("written to {}", path.display())),
                Err(fault) => Message::error(fault),
            });
        }
        Some(Msg::Settled(Err(fault))) => ctx.say(Message::error(format!("not written to the ledger: {fault}"))),
        _ => {}
    }
    let taken = ctx.taken();
    follow_up(model, taken, next)
}

/// Asks the operator. While they type, a question of consent becomes a message, so that their text does not answer it.
fn decide(model: &mut Model, question: Question) {
    let typing = model.is_typing();
    let screen = match question {
        Question::Consent { why, .. } if typing => {
            let message = Message::error(format!("{why}.")).staying();
            model.message = Some(message.offer(Action::Save, "asks what to do"));
            return;
        }
        Question::CheckOnline { .. } => {
            show(model, Screen::Menu(Menu::Decide(question)));
            return;
        }
        Question::StillUnsaved => Screen::Menu(Menu::Quit),
        Question::Consent { .. } => Screen::Menu(Menu::Decide(question)),
        Question::Recovered(mark) => {
            let (_, _, mut ctx) = model.parts();
            Screen::Review(super::screens::Review::of_recovered(&mut ctx, mark))
        }
    };
    show(model, screen);
    model.block_typeahead();
}

/// Offers a crashed session's edits once no screen is open and no binding is half typed.
fn offer_recovered(model: &mut Model) -> Vec<Effect> {
    if !model.screens.is_empty() || !model.pending.is_empty() {
        return Vec::new();
    }
    over_session(model, |session, env| session.offer_recovered(env))
}

/// Pushes a screen on the stack.
fn show(model: &mut Model, screen: Screen) {
    model.pending = Pending::default();
    model.screens.push(screen);
}

/// Pops the screen in front.
fn close(model: &mut Model) -> Vec<Effect> {
    model.pending = Pending::default();
    let Some(mut screen) = model.screens.pop() else { return Vec::new() };
    let (_, _, mut ctx) = model.parts();
    screen.as_act_mut().closed(&mut ctx);
    ctx.taken().effects
}

fn close_all(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    while !model.screens.is_empty() {
        effects.extend(close(model));
    }
    effects
}

/// Opens a screen on top of the stack.
pub fn open(model: &mut Model, target: Target) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(target, Target::Log)
        && let Some(log) = model.screens.iter().position(|screen| matches!(screen, Screen::Log(_)))
    {
        // There is only one log: the screens over it are closed.
        while model.screens.len() > log + 1 {
            effects.extend(close(model));
        }
        return effects;
    }
    if matches!(target, Target::Gate) && matches!(model.screens.last(), Some(Screen::Send(_))) {
        // Otherwise the old result would stay open under the gate.
        effects.extend(close(model));
    }
    let below = match target {
        Target::Help | Target::Palette(_) => model.below(),
        _ => Default::default(),
    };
    let (_, _, mut ctx) = model.parts();
    let opened = Screen::open(&mut ctx, target, below);
    let taken = ctx.taken();
    match opened {
        Ok(screen) => show(model, screen),
        Err(message) => model.message = message.or(model.message.take()),
    }
    effects.extend(follow_up(model, taken, Next::Stay));
    effects
}

/// Carries out a transition.
fn go(model: &mut Model, next: Next) -> Vec<Effect> {
    match next {
        Next::Stay => Vec::new(),
        Next::Close => close(model),
        Next::ToTable => close_all(model),
        Next::Open(target) => open(model, target),
        Next::Instead(target) => and_then(model, close, |model| open(model, target)),
        Next::Run(request) => and_then(model, close, |model| perform(model, &request)),
        Next::Refuse(message) => {
            let effects = close(model);
            model.message = Some(message);
            effects
        }
        Next::Answer(purpose, text) => and_then(model, close, |model| answer(model, purpose, text)),
        Next::Load(path) => load(model, path),
        Next::LoadSaying(path, message) => {
            let effects = load(model, path);
            model.message = Some(message.staying());
            effects
        }
        Next::Merge(path) => merge(model, path),
        Next::ReadAgain(unsaved) => read_again(model, unsaved),
        Next::Choose => choose(model),
        Next::Quit => quit(model),
        Next::Interrupt => interrupt(model),
    }
}

fn and_then(
    model: &mut Model,
    first: impl FnOnce(&mut Model) -> Vec<Effect>,
    second: impl FnOnce(&mut Model) -> Vec<Effect>,
) -> Vec<Effect> {
    let mut effects = first(model);
    effects.extend(second(model));
    effects
}

/// Handles the answer to a prompt.
fn answer(model: &mut Model, purpose: Purpose, text: String) -> Vec<Effect> {
    match purpose {
        Purpose::OpenPath => match needs::all_saved(model.session()) {
            Ok(()) => load(model, PathBuf::from(text)),
            Err(why) => {
                model.message = Some(why.message());
                Vec::new()
            }
        },
        Purpose::ApiKey => {
            let mut effects = vec![Effect::KeepKey(SecretString::from(text))];
            effects.extend(over_front(model, |front, ctx| front.answered(ctx, purpose, "")));
            effects
        }
        Purpose::SaveReply | Purpose::SearchReply | Purpose::TemplateName | Purpose::VerifyFile => {
            over_front(model, |front, ctx| front.answered(ctx, purpose, &text))
        }
    }
}

/// A job ended without a result: the session and the screens stop waiting for it.
fn job_failed(model: &mut Model, job: JobId) -> Vec<Effect> {
    if model.jobs.awaits(Task::Load, job) {
        return load_failed(model, job, "it could not be read".into());
    }
    let Some(task) = model.jobs.fail(job) else { return Vec::new() };
    if let Some(session) = model.session_mut() {
        session.job_failed(task);
    }
    let (screens, mut base, mut ctx) = model.parts();
    let mut next = Next::Stay;
    let mut at = screens.len();
    for (index, screen) in screens.iter_mut().enumerate() {
        let then = screen.as_act_mut().job_failed(&mut ctx, task);
        if !matches!(then, Next::Stay) {
            (next, at) = (then, index);
        }
    }
    base.as_act().job_failed(&mut ctx, task);
    let taken = ctx.taken();
    let mut effects = Vec::new();
    while model.screens.len() > at + 1 {
        effects.extend(close(model));
    }
    effects.extend(follow_up(model, taken, next));
    effects
}

/// Carries out a command on the screen in front, or says why it is not available.
fn perform(model: &mut Model, request: &Request) -> Vec<Effect> {
    if request.action == Action::Quit && !model.screens.is_empty() {
        // On a screen over the table, `:q` closes that screen.
        return perform(model, &Request { action: Action::Back, ..request.clone() });
    }
    if let Err(why) = model.enabled(request.action) {
        model.message = Some(model.refusal(request.action, why));
        if request.action == Action::Save {
            return over_session(model, |session, env| session.compare_with_disk(env));
        }
        return Vec::new();
    }
    over_front(model, |front, ctx| {
        if let Action::Text(edit) = request.action {
            if let Some(input) = front.input() {
                input.apply(edit);
            }
            return front.typed(ctx);
        }
        let is_of_help = request.action == Action::Help && front.scopes().contains(&Scope::Help);
        let general = if is_of_help { None } else { everywhere::act(ctx, request) };
        general.unwrap_or_else(|| front.act(ctx, request))
    })
}
