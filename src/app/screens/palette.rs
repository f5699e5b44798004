//! Commands by name: an exact command or alias first, else the highlighted entry.

use super::prompt::{self, Purpose};
use super::{Screen, close, editor, open, picker, show, table};
use crate::app::change::{self, Consent};
use crate::app::effect::{Effect, SweepOrder};
use crate::app::keymap::{Action, BINDINGS, Scope};
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use crate::app::online;
use crate::app::session::AfterSave;
use crate::app::update::{enabled, perform, quit};
use crate::domain::manifest::Field;
use std::path::PathBuf;

#[derive(Debug)]
pub struct Palette {
    pub input: LineInput,
    pub choice: usize,
}

/// A command that takes words, or that has no key.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub names: &'static [&'static str],
    /// What follows the name: `PATH`.
    pub takes: &'static str,
    pub label: &'static str,
}

/// Typed commands. Keys' own commands come from the key table.
pub const COMMANDS: &[Command] = &[
    Command { names: &["w", "write"], takes: "[PATH]", label: "save, or save a copy elsewhere" },
    Command { names: &["q"], takes: "", label: "quit" },
    Command { names: &["q!"], takes: "", label: "quit and drop what is not saved" },
    Command { names: &["x", "wq"], takes: "", label: "save and quit" },
    Command { names: &["open", "e"], takes: "PATH", label: "open another manifest" },
    Command { names: &["source"], takes: "SOURCE", label: "read transcript keys: s3://bucket/prefix or a file" },
    Command { names: &["set"], takes: "FIELD VALUE", label: "set language, index or transcript of the selection" },
    Command { names: &["edit"], takes: "", label: "the focused value in $EDITOR" },
    Command { names: &["check"], takes: "[all]", label: "check the row or the selection online; all: every row" },
    Command { names: &["recheck"], takes: "[all]", label: "ask again, what is known too" },
    Command { names: &["pause"], takes: "", label: "let the check online stand still" },
    Command { names: &["resume"], takes: "", label: "let the check online go on" },
    Command { names: &["forget"], takes: "", label: "drop what the journal holds of a crashed session" },
    Command { names: &["demo"], takes: "", label: "the sandbox with its sample, in place of this" },
    Command { names: &["submit"], takes: "", label: "upload: opens the gate" },
];

/// A line of the palette.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub label: &'static str,
    pub keys: String,
    /// Why it can't be done now.
    pub off: Option<&'static str>,
    pub does: Does,
}

#[derive(Clone, Copy, Debug)]
pub enum Does {
    Act(Action),
    /// Needs its words typed.
    Command(&'static Command),
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    show(model, Screen::Palette(Palette { input: LineInput::new(""), choice: 0 }));
    Vec::new()
}

/// What the palette offers for what is typed, best first.
pub fn entries(model: &Model, typed: &str) -> Vec<Entry> {
    let word = typed.split_whitespace().next().unwrap_or_default().to_lowercase();
    let scopes = scopes_below(model);
    let commands = COMMANDS.iter().map(|command| Entry {
        name: format!("{} {}", command.names.first().copied().unwrap_or_default(), command.takes).trim_end().to_owned(),
        label: command.label,
        keys: String::new(),
        off: None,
        does: Does::Command(command),
    });
    let shown = |binding: &&crate::app::keymap::Binding| {
        scopes.contains(&binding.scope) && !matches!(binding.action, Action::Palette | Action::Back | Action::Confirm)
    };
    let keyed = BINDINGS.iter().filter(shown).map(|binding| Entry {
        name: binding.name.to_owned(),
        label: binding.label,
        keys: model
            .keymap
            .of(binding.scope)
            .find(|(b, _)| b.name == binding.name)
            .map(|(_, k)| k.join(" "))
            .unwrap_or_default(),
        off: enabled(model, binding.action).err(),
        does: Does::Act(binding.action),
    });
    let mut all: Vec<Entry> = commands.chain(keyed).collect();
    if !word.is_empty() {
        all.retain(|entry| rank(entry, &word) < 4);
        all.sort_by_key(|entry| rank(entry, &word));
    }
    all
}

fn rank(entry: &Entry, word: &str) -> u8 {
    let alias = |command: &Command| command.names.contains(&word);
    match &entry.does {
        Does::Command(command) if alias(command) => 0,
        _ if entry.name == word => 0,
        _ if entry.name.starts_with(word) => 1,
        _ if entry.name.contains(word) => 2,
        _ if entry.label.to_lowercase().contains(word) => 3,
        _ => 4,
    }
}

/// The scopes of the screen the palette was called on.
fn scopes_below(model: &Model) -> Vec<Scope> {
    match model.screens.iter().rev().nth(1) {
        Some(screen) => screen.scopes(),
        None => match model.stage {
            crate::app::model::Stage::Open(_) => vec![Scope::Table, Scope::Global],
            crate::app::model::Stage::Choosing(_) => vec![Scope::Chooser, Scope::Global],
            crate::app::model::Stage::Unreadable(_) => vec![Scope::Unreadable, Scope::Global],
        },
    }
}

pub fn typed(model: &mut Model) -> Vec<Effect> {
    if let Some(Screen::Palette(palette)) = model.screens.last_mut() {
        palette.choice = 0;
    }
    Vec::new()
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Palette(palette)) = model.screens.last() else { return Vec::new() };
    let (text, choice) = (palette.input.text().to_owned(), palette.choice);
    let offered = entries(model, &text);
    let Some(Screen::Palette(palette)) = model.screens.last_mut() else { return Vec::new() };
    match action {
        Action::Down => palette.choice = (choice + 1).min(offered.len().saturating_sub(1)),
        Action::Up => palette.choice = choice.saturating_sub(1),
        Action::Complete => {
            if let Some(entry) = offered.get(choice) {
                let name = entry.name.split(' ').next().unwrap_or_default().to_owned();
                palette.input.replace(&format!("{name} "));
            }
        }
        Action::Back => close(model),
        Action::Accept => {
            close(model);
            return run(model, text.trim(), offered.get(choice));
        }
        _ => {}
    }
    Vec::new()
}

/// An exact command or alias first, else the highlighted entry.
fn run(model: &mut Model, text: &str, chosen: Option<&Entry>) -> Vec<Effect> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    if let Ok(number) = name.replace(',', "").parse::<u32>()
        && model.session().is_some()
    {
        return perform(model, Action::Last, Some(number));
    }
    if COMMANDS.iter().any(|command| command.names.contains(&name)) {
        return command(model, name, rest);
    }
    match chosen.map(|entry| entry.does) {
        Some(Does::Act(action)) => perform(model, action, None),
        Some(Does::Command(command)) if command.takes.is_empty() || command.takes.starts_with('[') => {
            let name = command.names.first().copied().unwrap_or_default();
            self::command(model, name, "")
        }
        Some(Does::Command(command)) => {
            let name = command.names.first().copied().unwrap_or_default();
            show(model, Screen::Palette(Palette { input: LineInput::new(&format!("{name} ")), choice: 0 }));
            Vec::new()
        }
        None => {
            if !name.is_empty() {
                let name = crate::domain::printable::printable(name).into_owned();
                model.say(Mark::Plain, format!("no command is called {name}.  : lists them"));
            }
            Vec::new()
        }
    }
}

fn command(model: &mut Model, name: &str, rest: &str) -> Vec<Effect> {
    match name {
        "w" | "write" if rest.is_empty() => save(model, AfterSave::Stay),
        "w" | "write" => match enabled(model, Action::Review) {
            Ok(()) => change::save_copy(model, PathBuf::from(rest)),
            Err(reason) => say(model, reason),
        },
        "q" => quit(model),
        "q!" => vec![Effect::ForgetJournal, Effect::Quit(0)],
        "x" | "wq" if model.session().is_some_and(|session| session.draft.is_dirty()) => save(model, AfterSave::Quit),
        "x" | "wq" => vec![Effect::Quit(0)],
        "open" | "e" if rest.is_empty() => {
            prompt::open(model, Purpose::OpenPath, "");
            Vec::new()
        }
        "open" | "e" if model.session().is_some_and(|session| session.draft.is_dirty()) => {
            say(model, "the changes are not saved.  :w saves them")
        }
        "open" | "e" => open::load(model, PathBuf::from(rest)),
        "check" | "recheck" => match enabled(model, Action::Review) {
            Ok(()) => online::check(model, rest, name == "recheck"),
            Err(reason) => say(model, reason),
        },
        "pause" => online::order(model, SweepOrder::Pause),
        "resume" => online::order(model, SweepOrder::GoOn),
        "forget" => {
            model.say(Mark::Plain, "what the journal held of an earlier session is dropped");
            vec![Effect::ForgetRecovered]
        }
        "demo" if !cfg!(feature = "sandbox") => say(model, "this build has no sandbox"),
        "demo" if model.session().is_some_and(|session| session.draft.is_dirty()) => {
            say(model, "the changes are not saved.  :w saves them")
        }
        "demo" => vec![Effect::Demo],
        "source" if rest.is_empty() => say(model, ":source takes s3://bucket/prefix or the path of a list"),
        "source" => match enabled(model, Action::Review) {
            Ok(()) => picker::read_source(model, rest.to_owned()),
            Err(reason) => say(model, reason),
        },
        "set" => set(model, rest),
        "edit" => match enabled(model, Action::Edit) {
            Ok(()) => editor::hand_over(model),
            Err(reason) => say(model, reason),
        },
        "submit" => perform_on_table(model, Action::Submit),
        _ => Vec::new(),
    }
}

fn save(model: &mut Model, then: AfterSave) -> Vec<Effect> {
    match enabled(model, Action::Save) {
        Ok(()) => change::save(model, then, Consent::default()),
        Err(reason) => say(model, reason),
    }
}

fn set(model: &mut Model, rest: &str) -> Vec<Effect> {
    let (field, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let field = match field {
        "language" | "lang" => Field::Language,
        "index" | "index_id" => Field::IndexId,
        "transcript" | "transcription" => Field::Transcription,
        "video" | "object" => return say(model, "the video is read-only; it is what the bucket holds"),
        _ => return say(model, ":set takes language, index or transcript, and a value"),
    };
    if value.trim().is_empty() {
        return say(model, ":set wants a value too.  d clears");
    }
    match enabled(model, Action::Edit) {
        Ok(()) => table::set(model, field, value.trim()),
        Err(reason) => say(model, reason),
    }
}

fn perform_on_table(model: &mut Model, action: Action) -> Vec<Effect> {
    match enabled(model, action) {
        Ok(()) => table::act(model, action, None),
        Err(reason) => say(model, reason),
    }
}

fn say(model: &mut Model, text: &str) -> Vec<Effect> {
    model.say(Mark::Plain, text);
    Vec::new()
}
