//! The two screens without a table: the file chooser, and a file that cannot be read.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::msg::{Msg, Recent};
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::{MergeFrom, Session, Unsaved};
use crate::domain::manifest::{ExcerptLine, Refusal};
use crate::domain::rebase::UnsavedEdits;
use std::path::PathBuf;

/// The file chooser: recent files and the JSON files of this folder.
#[derive(Debug, Default)]
pub struct Chooser {
    pub files: Vec<Recent>,
    /// Over the files shown.
    pub scroll: Scroll,
    /// The filter's input, while it is open.
    pub filter: Option<LineInput>,
}

impl Chooser {
    /// The files whose path contains the filter text, ignoring case.
    pub fn shown(&self) -> Vec<&Recent> {
        let typed = self.filter.as_ref().map(|input| input.text().to_lowercase()).unwrap_or_default();
        let holds = |file: &&Recent| file.path.to_string_lossy().to_lowercase().contains(&typed);
        self.files.iter().filter(holds).collect()
    }
}

/// A file that cannot be read as a manifest, with the lines around the fault.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    /// None when the file's bytes could not be read.
    pub refusal: Option<Refusal>,
    pub excerpt: Vec<ExcerptLine>,
    /// Why they could not be read; empty when there is a refusal.
    pub fault: String,
    /// Unsaved changes, to be redone once the file can be read.
    pub unsaved_edits: Option<UnsavedEdits>,
    /// The manifest to merge into it, once it can be read.
    pub merge_from: Option<Box<MergeFrom>>,
}

impl Act for Chooser {
    fn scopes(&self) -> &'static [Scope] {
        match self.filter {
            Some(_) => &[Scope::Find, Scope::Input],
            None => &[Scope::Chooser, Scope::Global],
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        self.filter.as_mut()
    }

    fn line(&self) -> Option<&LineInput> {
        self.filter.as_ref()
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Filter if self.files.is_empty() => Err("there is no file to look for".into()),
            Action::Accept if self.shown().is_empty() && self.filter.is_none() => {
                Err(Why::but("there is no file here.", Action::OpenAnother, "types a path"))
            }
            _ => Ok(()),
        }
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        self.scroll = Scroll::default();
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::OpenAnother => Next::Open(Target::Prompt(Purpose::OpenPath, String::new())),
            Action::Quit => Next::Quit,
            Action::Filter => {
                self.filter = Some(LineInput::new(""));
                Next::Stay
            }
            Action::Back if self.filter.is_some() => {
                self.filter = None;
                self.scroll = Scroll::default();
                Next::Stay
            }
            Action::Accept => match self.shown().get(self.scroll.cursor) {
                Some(file) => Next::Load(file.path.clone()),
                None => Next::Stay,
            },
            action => {
                let lines = usize::from(ctx.size.1).saturating_sub(8).max(1);
                let len = self.shown().len();
                self.scroll.act(action, request.count, len, lines);
                Next::Stay
            }
        }
    }

    fn paste(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Next {
        match self.filter.as_mut().map(|input| input.paste(text)) {
            Some(Ok(())) => self.typed(ctx),
            _ => Next::Stay,
        }
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
            Action::ReadAgain => return Next::ReadAgain(Unsaved::Keep),
            _ => {}
        }
        Next::Stay
    }

    fn paste(&mut self, _ctx: &mut Ctx<'_>, _text: &str) -> Next {
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::EditorClosed(job, Ok(_)) if ctx.jobs.finish(Task::EditFile, job) => {
                Heard::Taken(Next::ReadAgain(Unsaved::Keep))
            }
            msg => Heard::NotMine(msg),
        }
    }
}
