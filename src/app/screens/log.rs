//! Earlier submissions from the ledger.

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::domain::outcome::Attempt;

#[derive(Debug)]
pub struct Log {
    /// None while it is read. Newest first.
    pub attempts: Option<Vec<Attempt>>,
    pub fault: Option<String>,
    pub scroll: Scroll,
}

impl Log {
    pub fn open(ctx: &mut Ctx<'_>) -> Log {
        let job = ctx.begin(Task::ReadLog);
        ctx.ask(Effect::ReadLog(job));
        Log { attempts: None, fault: None, scroll: Scroll::default() }
    }
}

impl Act for Log {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Log, Scope::Global]
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let attempts = self.attempts.as_deref().unwrap_or_default();
        match request.action {
            Action::Back => return Next::Close,
            Action::Accept => match attempts.get(self.scroll.cursor) {
                Some(chosen) if chosen.is_whole() => {
                    let (attempt, earlier) = (Box::new(chosen.clone()), attempts.to_vec());
                    return Next::Open(Target::Result { attempt, earlier });
                }
                Some(chosen) => {
                    let job = ctx.begin(Task::ReadAttempt);
                    ctx.ask(Effect::ReadAttempt { job, id: chosen.id });
                }
                None => {}
            },
            action => {
                let lines = usize::from(ctx.size.1).saturating_sub(6).max(1);
                let len = attempts.len();
                self.scroll.act(action, request.count, len, lines);
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
                    Ok(Some(attempt)) => {
                        let earlier = self.attempts.clone().unwrap_or_default();
                        return Heard::Taken(Next::Open(Target::Result { attempt: Box::new(attempt), earlier }));
                    }
                    Ok(None) => ctx.say(Message::error("this upload is not in the ledger any more")),
                    Err(fault) => ctx.say(Message::error(format!("the ledger can't be read: {fault}"))),
                }
                Heard::Taken(Next::Stay)
            }
            msg => Heard::NotMine(msg),
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::ReadLog);
        ctx.end(Task::ReadAttempt);
    }
}
