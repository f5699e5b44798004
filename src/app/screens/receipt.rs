//! The receipt of one attempt, and whether a file on disk is what was sent.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::{Effect, ReceiptOrder};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{Moment, Msg, ReceiptRead};
use crate::app::next::{Next, Purpose, ReceiptOf, Request, Target};
use crate::app::options::AppOptions;
use crate::app::session::{Session, file_name};
use crate::domain::format::exact_bytes;
use crate::domain::printable::printable;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub struct ReceiptPane {
    /// The screen it was opened from.
    pub from: &'static str,
    /// Its place among the attempts, from 1, and their number.
    pub place: Option<(usize, usize)>,
    /// None while it is read.
    pub read: Option<Result<Box<ReceiptRead>, String>>,
    /// When it was compared with the file.
    pub at: Moment,
}

impl ReceiptPane {
    pub fn open(ctx: &mut Ctx<'_>, of: ReceiptOf) -> ReceiptPane {
        let ReceiptOf { attempt, against, from, place } = of;
        let open = ctx.session().map(|session| session.path.clone());
        ask(ctx, ReceiptOrder { attempt, open, against });
        ReceiptPane { from, place, read: None, at: ctx.now }
    }

    /// The receipt, once it is read.
    pub fn receipt(&self) -> Option<&ReceiptRead> {
        self.read.as_ref()?.as_ref().ok().map(|read| &**read)
    }

    /// `news-2026.receipt-41.json`, beside the file that was sent.
    fn target(read: &ReceiptRead) -> PathBuf {
        let name = &read.receipt.file.name;
        let stem = name.strip_suffix(".json").unwrap_or(name);
        let name = format!("{stem}.receipt-{}.json", read.receipt.attempt);
        read.file.as_ref().map_or_else(|| PathBuf::from(&name), |file| Path::new(file).with_file_name(&name))
    }
}

fn ask(ctx: &mut Ctx<'_>, order: ReceiptOrder) {
    let job = ctx.begin(Task::ReadReceipt);
    ctx.ask(Effect::ReadReceipt(job, order));
}

impl Act for ReceiptPane {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Receipt, Scope::Global]
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::SaveReceipt | Action::CopyReceipt | Action::VerifyReceipt if self.receipt().is_none() => {
                Err("there is no receipt yet".into())
            }
            _ => Ok(()),
        }
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        (action == Action::Back && !self.from.is_empty()).then(|| self.from.to_owned())
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match (request.action, self.receipt()) {
            (Action::Back | Action::Quit, _) => return Next::Close,
            // `:receipt N` shows another one in its place.
            (Action::Receipt, _) if request.words.is_empty() => ctx.say(Message::plain("this is the receipt")),
            (Action::Receipt, _) => {
                let ReceiptOf { attempt, against, .. } = ReceiptOf::typed(&request.words);
                let open = ctx.session().map(|session| session.path.clone());
                self.place = None;
                ask(ctx, ReceiptOrder { attempt, open, against });
            }
            (Action::SaveReceipt, Some(read)) => {
                let (path, bytes) = (ReceiptPane::target(read), read.text.clone().into_bytes());
                let job = ctx.begin(Task::WriteFile);
                ctx.ask(Effect::WriteFile { job, path, bytes });
            }
            (Action::CopyReceipt, Some(read)) => {
                ctx.say(Message::handed("the receipt"));
                ctx.ask(Effect::Copy(read.text.clone()));
            }
            (Action::VerifyReceipt, Some(_)) => {
                return Next::Open(Target::Prompt(Purpose::VerifyFile, String::new()));
            }
            _ => {}
        }
        Next::Stay
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, text: &str) -> Next {
        if let (Purpose::VerifyFile, Some(read)) = (purpose, self.receipt()) {
            let attempt = Some(read.receipt.attempt);
            ask(ctx, ReceiptOrder { attempt, open: None, against: Some(PathBuf::from(text)) });
        }
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::ReceiptRead(job, read) if ctx.jobs.finish(Task::ReadReceipt, job) => {
                match read {
                    // What stands there stays.
                    Err(fault) if self.receipt().is_some() => ctx.say(Message::error(fault)),
                    read => {
                        self.read = Some(read);
                        self.at = ctx.now;
                    }
                }
                Heard::Taken(Next::Stay)
            }
            Msg::FileWritten(job, Ok(path)) if ctx.jobs.finish(Task::WriteFile, job) => {
                let bytes = self.receipt().map_or(0, |read| read.text.len()) as u64;
                ctx.say(Message::fine(format!("saved {}, {}", printable(&file_name(&path)), exact_bytes(bytes))));
                Heard::Taken(Next::Stay)
            }
            msg => Heard::NotMine(msg),
        }
    }

    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, task: Task) -> Next {
        if task == Task::ReadReceipt { Next::Close } else { Next::Stay }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::ReadReceipt);
    }
}
