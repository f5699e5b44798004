//! The log: earlier uploads of all files from the ledger, with a filter.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Next, ReceiptOf, Request, Target};
use crate::app::screens::send::can_be_followed;
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::domain::outcome::Attempt;

#[derive(Debug)]
pub struct Log {
    /// Newest first; None while the ledger is being read.
    pub attempts: Option<Vec<Attempt>>,
    pub fault: Option<String>,
    /// Over the attempts shown.
    pub scroll: Scroll,
    /// Words an attempt must contain to be shown.
    pub filter: LineInput,
    /// Whether the filter has the focus.
    pub is_typing: bool,
}

impl Log {
    pub fn open(ctx: &mut Ctx<'_>) -> Log {
        let job = ctx.begin(Task::ReadLog);
        ctx.ask(Effect::ReadLog(job));
        Log::of(None)
    }

    pub fn of(attempts: Option<Vec<Attempt>>) -> Log {
        Log { attempts, fault: None, scroll: Scroll::default(), filter: LineInput::new(""), is_typing: false }
    }

    /// The attempts that match the filter.
    pub fn shown(&self) -> Vec<&Attempt> {
        let wanted = self.filter.text().to_lowercase();
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let all = self.attempts.as_deref().unwrap_or_default();
        all.iter().filter(|attempt| words.is_empty() || holds(attempt, &words)).collect()
    }

    /// Lines of the list in a body of `body` lines; headings and the selected attempt take the rest.
    pub fn list_lines(body: u16) -> u16 {
        body.saturating_sub(if body < 18 { 6 } else { 9 }).max(1)
    }

    fn lines(ctx: &Ctx<'_>) -> usize {
        Log::list_lines(ctx.layout().body.height).into()
    }

    /// Changes the filter; the cursor stays on its attempt if that is still shown.
    fn refilter(&mut self, ctx: &Ctx<'_>, change: impl FnOnce(&mut LineInput)) {
        let chosen = self.shown().get(self.scroll.cursor).map(|attempt| attempt.id);
        change(&mut self.filter);
        let shown = self.shown();
        let at = shown.iter().position(|attempt| Some(attempt.id) == chosen).unwrap_or(0);
        let len = shown.len();
        self.scroll.to(at, len, Log::lines(ctx));
    }

    fn show(&self, ctx: &mut Ctx<'_>) -> Next {
        let Some(chosen) = self.shown().get(self.scroll.cursor).map(|attempt| (*attempt).clone()) else {
            return Next::Stay;
        };
        // While another cuecard sends it, its rows change.
        if chosen.is_row_by_row() && !chosen.under_way {
            let job = ctx.begin(Task::ReadAttempt);
            ctx.ask(Effect::ReadRows { job, id: chosen.id });
            return Next::Stay;
        }
        if chosen.is_whole() {
            return self.result(chosen);
        }
        let job = ctx.begin(Task::ReadAttempt);
        ctx.ask(Effect::ReadAttempt { job, id: chosen.id });
        Next::Stay
    }

    fn result(&self, attempt: Attempt) -> Next {
        let earlier = self.attempts.clone().unwrap_or_default();
        Next::Open(Target::Result { attempt: Box::new(attempt), earlier })
    }
}

/// Whether an attempt's file, endpoint, outcome or SHA-256 matches each of the words.
fn holds(attempt: &Attempt, words: &[&str]) -> bool {
    let intent = &attempt.intent;
    let text = [intent.file.as_str(), &intent.address, attempt.outcome.code(), &attempt.in_short()].join(" ");
    let (text, hash) = (text.to_lowercase(), intent.fingerprint.hex());
    words.iter().all(|word| text.contains(word) || hash.starts_with(word))
}

impl Act for Log {
    fn scopes(&self) -> &'static [Scope] {
        if self.is_typing { &[Scope::Find, Scope::Input] } else { &[Scope::Log, Scope::Global] }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        self.is_typing.then_some(&mut self.filter)
    }

    fn line(&self) -> Option<&LineInput> {
        self.is_typing.then_some(&self.filter)
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        self.scroll = Scroll::default();
        Next::Stay
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Log => Err("this is the log".into()),
            Action::Follow if !self.is_typing => match self.shown().get(self.scroll.cursor) {
                Some(attempt) => can_be_followed(attempt),
                None => Err("there is no upload to follow".into()),
            },
            Action::Accept | Action::Receipt if !self.is_typing && self.shown().is_empty() => {
                Err("there is no upload to show".into())
            }
            Action::Filter if self.attempts.as_ref().is_none_or(Vec::is_empty) => {
                Err("there is nothing to filter".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Back if self.is_typing || !self.filter.text().is_empty() => {
                self.is_typing = false;
                self.refilter(ctx, |filter| filter.replace(""));
            }
            Action::Back => return Next::Close,
            Action::Accept if self.is_typing => self.is_typing = false,
            Action::Accept => return self.show(ctx),
            Action::Receipt => {
                let shown = self.shown();
                if let Some(chosen) = shown.get(self.scroll.cursor) {
                    let place = Some((self.scroll.cursor + 1, shown.len()));
                    let attempt = Some(chosen.id);
                    return Next::Open(Target::Receipt(ReceiptOf { attempt, against: None, from: "log", place }));
                }
            }
            Action::Follow => {
                let id = self.shown().get(self.scroll.cursor).map(|attempt| attempt.id);
                return id.map_or(Next::Stay, |id| Next::Open(Target::Follow(Some(id))));
            }
            Action::Filter => {
                *ctx.message = None;
                self.is_typing = true;
            }
            action => {
                let len = self.shown().len();
                self.scroll.act(action, request.count, len, Log::lines(ctx));
            }
        }
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::LogRead(job, attempts) if ctx.jobs.finish(Task::ReadLog, job) => {
                match attempts {
                    Ok(attempts) => self.attempts = Some(attempts),
                    Err(fault) => self.fault = Some(fault),
                }
                Heard::Taken(Next::Stay)
            }
            Msg::LogRead(job, attempts) if ctx.jobs.finish(Task::ReadAttempt, job) => {
                match attempts.map(|mut attempts| attempts.pop()) {
                    Ok(Some(attempt)) => return Heard::Taken(self.result(attempt)),
                    Ok(None) => ctx.say(Message::error("this upload is not in the ledger any more")),
                    Err(fault) => ctx.say(Message::error(format!("the ledger can't be read: {fault}"))),
                }
                Heard::Taken(Next::Stay)
            }
            Msg::RowsRead(job, read) if ctx.jobs.finish(Task::ReadAttempt, job) => {
                match read {
                    Ok(Some(read)) => return Heard::Taken(Next::Open(Target::RowsOf(read))),
                    Ok(None) => ctx.say(Message::error("this upload is not in the ledger any more")),
                    Err(fault) => ctx.say(Message::error(format!("the ledger can't be read: {fault}"))),
                }
                Heard::Taken(Next::Stay)
            }
            Msg::RowSettled(Ok(_)) => {
                let job = ctx.begin(Task::ReadLog);
                ctx.ask(Effect::ReadLog(job));
                Heard::Taken(Next::Stay)
            }
            // The result screen in front shows the message.
            Msg::Settled(Ok(settled)) => {
                if let Some(attempt) = self.attempts.iter_mut().flatten().find(|attempt| attempt.id == settled.id) {
                    attempt.settled = settled.settled;
                    attempt.settled_before.clone_from(&settled.settled_before);
                }
                // A gate below may open now.
                Heard::NotMine(Msg::Settled(Ok(settled)))
            }
            msg => Heard::NotMine(msg),
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::ReadLog);
        ctx.end(Task::ReadAttempt);
    }
}
