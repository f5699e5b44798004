//! Before there is a table: choosing a file, and a file that can't be read.

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::msg::{Msg, Recent};
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::scroll::Scroll;
use crate::domain::manifest::{ExcerptLine, Refusal};
use crate::domain::rebase::UnsavedEdits;
use std::path::PathBuf;

/// No file was given: recent ones and JSON files here.
#[derive(Debug, Default)]
pub struct Chooser {
    pub files: Vec<Recent>,
    pub scroll: Scroll,
}

/// A file that is no manifest, with the lines around the fault.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    /// None when the file could not even be read.
    pub refusal: Option<Refusal>,
    pub excerpt: Vec<ExcerptLine>,
    /// In words, when there is no refusal.
    pub fault: String,
    /// Changes that are not saved, to be done again when the file can be read.
    pub unsaved_edits: Option<UnsavedEdits>,
}

impl Act for Chooser {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Chooser, Scope::Global]
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::OpenAnother => Next::Open(Target::Prompt(Purpose::OpenPath, String::new())),
            Action::Quit => Next::Quit,
            Action::Accept => match self.files.get(self.scroll.cursor) {
                Some(file) => Next::Load(file.path.clone()),
                None => Next::Stay,
            },
            action => {
                let lines = usize::from(ctx.size.1).saturating_sub(8).max(1);
                self.scroll.act(action, request.count, self.files.len(), lines);
                Next::Stay
            }
        }
    }

    fn paste(&mut self, _ctx: &mut Ctx<'_>, _text: &str) -> Next {
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::FilesListed(job, files) if ctx.jobs.finish(Task::ListFiles, job) => {
                self.files = files;
                Heard::Taken(Next::Stay)
            }
            msg => Heard::NotMine(msg),
        }
    }
}

impl Act for Unreadable {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Unreadable, Scope::Global]
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::OpenAnother => return Next::Open(Target::Prompt(Purpose::OpenPath, String::new())),
            Action::Quit => return Next::Quit,
            Action::EditFile => {
                let line = self.refusal.as_ref().map_or(1, |refusal| refusal.line);
                let job = ctx.begin(Task::EditFile);
                ctx.ask(Effect::EditFile { job, path: self.path.clone(), line });
            }
            Action::ReadAgain => return Next::ReadAgain,
            _ => {}
        }
        Next::Stay
    }

    fn paste(&mut self, _ctx: &mut Ctx<'_>, _text: &str) -> Next {
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::EditorClosed(job, Ok(_)) if ctx.jobs.finish(Task::EditFile, job) => Heard::Taken(Next::ReadAgain),
            msg => Heard::NotMine(msg),
        }
    }
}
