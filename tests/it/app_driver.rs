//! Drives the program's state without a terminal, a thread or a clock: keys in, a picture out. Pure computations run at
//! once; all other effects are kept for the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cuecard::app::command::Keymap;
use cuecard::app::compute::Compute;
use cuecard::app::key::Key;
use cuecard::app::msg::{KeysSoFar, Loaded, Moment, SaveEnd, SourceId};
use cuecard::app::options::{AppOptions, Look};
use cuecard::app::{Effect, JobId, Model, Msg, update};
use cuecard::domain::evidence::Subject;
use cuecard::domain::keys::Source;
use cuecard::domain::keys::listing::{self, ReadOptions, Reading};
use cuecard::domain::keys::{self, KeyList, Listed, SourceFault};
use cuecard::domain::manifest::{Manifest, RowId, excerpt};
use cuecard::domain::pair::count_objects;
use cuecard::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// 2026-11-23 14:01:00, the time in every picture.
pub const NOW: Moment = Moment { unix_ms: 1_795_442_460_000, offset_s: 0 };

pub struct App {
    pub model: Model,
    /// Effects that were not executed, oldest first.
    pub effects: Vec<Effect>,
    /// Checks and views are not computed: rows stay as before the first result.
    pub held: bool,
    /// Nothing is drawn: keys are typed faster than the screen follows.
    pub blind: bool,
    /// Counts of bulk changes are not computed.
    pub holds_counts: bool,
    /// Subjects that the screen wants checked online.
    pub looked_at: Vec<(RowId, Subject)>,
}

impl App {
    /// No file open, and none to choose from.
    pub fn new() -> App {
        let options =
            AppOptions { host: "api.twelvelabs.io".into(), profile: Some("prod".into()), ..AppOptions::default() };
        let mut model = Model::new(options, Look::default(), Keymap::default(), (120, 40));
        model.now = NOW;
        App { model, effects: Vec::new(), held: false, blind: false, holds_counts: false, looked_at: Vec::new() }
    }

    /// With a manifest, parsed and checked.
    pub fn open(json: &str) -> App {
        let mut app = App::new();
        app.load(json);
        app
    }

    /// Loads a text as `news-2026.json`.
    pub fn load(&mut self, json: &str) {
        let job = self.begin_loading();
        self.send(match Manifest::parse(json.into()) {
            Ok(manifest) => Msg::Loaded(job, Box::new(Loaded { manifest, path: path() })),
            Err(refusal) => {
                let lines = excerpt(json.as_bytes(), &refusal, 3, 200);
                Msg::LoadRefused(job, Box::new(refusal), lines)
            }
        });
    }

    /// Requests the file; none of it has arrived yet.
    pub fn begin_loading(&mut self) -> JobId {
        let effects = cuecard::app::load(&mut self.model, path());
        let load = effects.into_iter().find_map(|effect| match effect {
            Effect::Load(job, _) => Some(job),
            _ => None,
        });
        load.expect("a load was asked for")
    }

    pub fn size(mut self, width: u16, height: u16) -> App {
        self.send(Msg::Resized(width, height));
        self
    }

    /// Presses keys in the notation of the key table, named ones in angle brackets: `jjx:w<Enter>`.
    pub fn keys(mut self, written: &str) -> App {
        self.press(written);
        self
    }

    pub fn press(&mut self, written: &str) {
        let mut rest = written;
        while !rest.is_empty() {
            let named = rest.strip_prefix('<').and_then(|named| named.split_once('>'));
            let (key, after) = match named {
                Some((name, after)) => (name.to_owned(), after),
                None => {
                    let first = rest.chars().next().unwrap_or_default();
                    (first.to_string(), &rest[first.len_utf8()..])
                }
            };
            rest = after;
            for key in Key::sequence(&key).unwrap_or_else(|| panic!("no key is called {key}")) {
                self.send(Msg::Key(event(key)));
            }
        }
    }

    pub fn paste(mut self, text: &str) -> App {
        self.send(Msg::Paste(text.into()));
        self
    }

    /// Adds transcript keys to pick from, as if listed.
    pub fn with_keys(mut self, bucket: &str, names: &[&str]) -> App {
        let mut list = KeyList::new();
        list.append(names.iter().map(|key| keys::Key {
            bucket: bucket.into(),
            key: (*key).into(),
            size: Some(41_207),
            modified: None,
        }));
        if let Some(session) = self.model.session_mut() {
            session.keys.listed = Arc::new(Listed::of(&list));
            session.keys.list = Arc::new(list);
        }
        self
    }

    /// Sends a message and processes everything that follows from it.
    pub fn send(&mut self, msg: Msg) {
        let mut waiting = vec![msg];
        while let Some(msg) = waiting.pop() {
            for effect in update(&mut self.model, msg) {
                match self.compute(effect) {
                    Ok(answer) => waiting.insert(0, answer),
                    Err(Effect::AskInSight { wanted, .. }) => self.looked_at = wanted,
                    Err(effect) => self.effects.push(effect),
                }
            }
        }
        if !self.blind {
            update(&mut self.model, Msg::Drawn);
        }
    }

    /// Executes an effect that was held back.
    pub fn carry_out(&mut self, effect: Effect) {
        match self.compute(effect) {
            Ok(answer) => self.send(answer),
            Err(effect) => self.effects.push(effect),
        }
    }

    /// The result of a pure effect; otherwise the effect itself.
    #[expect(clippy::result_large_err, reason = "an effect that is not computed is handed back as it came")]
    fn compute(&self, effect: Effect) -> Result<Msg, Effect> {
        match effect {
            Effect::Compute(
                _,
                Compute::Check { .. }
                | Compute::View { .. }
                | Compute::Apply { .. }
                | Compute::Pair(_)
                | Compute::Spell { .. }
                | Compute::Sums(_),
            ) if self.held => Err(effect),
            Effect::Compute(_, Compute::Count(_) | Compute::Merge { .. }) if self.holds_counts => Err(effect),
            Effect::Compute(job, what) => {
                let nobody_stops_it = AtomicBool::new(false);
                Ok(what.run(job, &|_| {}, &nobody_stops_it).expect("nobody stops it"))
            }
            Effect::After { job, .. } => Ok(Msg::Elapsed(job)),
            effect => Err(effect),
        }
    }

    /// The sources that are to be read and were not answered yet, by name, are answered as if they held this: the text is
    /// read as the program reads it.
    #[track_caller]
    pub fn source_holds(&mut self, name: &str, text: &str) {
        let (job, id, source) = self.asked_source(name);
        let (mut list, mut given) = (KeyList::new(), Vec::new());
        let order = ReadOptions { source: &source, ask_columns: true, assume: &|| None };
        let read = listing::read(text.as_bytes(), &order, &mut |page| {
            list.extend(&page.keys);
            given.extend(page.given);
            ControlFlow::Continue(())
        });
        let end = match read {
            Ok(Reading::Listing(summary)) => Ok(summary),
            Ok(Reading::Inventory(_)) => panic!("it is an inventory"),
            Err(mut fault) => {
                if let (SourceFault::Columns(which), Some(session)) = (&mut fault, self.model.session()) {
                    count_objects(which, session.now());
                }
                Err(Box::new(fault))
            }
        };
        let so_far = KeysSoFar { list: Arc::new(list), given: Arc::new(given) };
        self.send(Msg::KeysListed(job, id, so_far));
        self.send(Msg::KeysEnded(job, id, end));
    }

    /// Takes out of the effects what asks for a source.
    #[track_caller]
    pub fn asked_source(&mut self, name: &str) -> (JobId, SourceId, Source) {
        let is_it = |effect: &Effect| matches!(effect, Effect::ReadKeys { source, .. } if source.to_string() == name);
        let at = self.effects.iter().rposition(is_it).unwrap_or_else(|| panic!("nobody asks for {name}"));
        let Effect::ReadKeys { job, id, source, .. } = self.effects.remove(at) else { unreachable!() };
        (job, id, source)
    }

    /// Answers the last requested save.
    pub fn saved(mut self) -> App {
        let at = self.effects.iter().rposition(|effect| matches!(effect, Effect::Save(_)));
        let Effect::Save(save) = self.effects.remove(at.expect("a save was asked for")) else { unreachable!() };
        self.send(Msg::Saved(save.job, save.snapshot, SaveEnd::Saved));
        self
    }

    pub fn draw(&self) -> Picture {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a picture needs no terminal");
        let mut cursor = None;
        terminal
            .draw(|frame| {
                ui::draw(&self.model, frame);
            })
            .expect("a picture needs no terminal");
        if terminal.backend().cursor_visible() {
            cursor = Some(terminal.get_cursor_position().expect("a picture needs no terminal"));
        }
        Picture { buffer: terminal.backend().buffer().clone(), cursor }
    }
}

fn path() -> PathBuf {
    PathBuf::from("/videos/news-2026.json")
}

fn event(key: Key) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, key.ctrl);
    modifiers.set(KeyModifiers::ALT, key.alt);
    modifiers.set(KeyModifiers::SHIFT, matches!(key.code, KeyCode::Char(c) if c.is_uppercase()));
    KeyEvent::new(key.code, modifiers)
}

/// A frame as shown on a terminal.
pub struct Picture {
    pub buffer: Buffer,
    pub cursor: Option<Position>,
}

impl Picture {
    pub fn row(&self, y: u16) -> String {
        let mut row = String::new();
        let mut x = 0;
        while x < self.buffer.area.width {
            let symbol = self.buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += (ui::text::width(symbol) as u16).max(1);
        }
        row.trim_end().to_owned()
    }

    pub fn text(&self) -> String {
        (0..self.buffer.area.height).map(|y| self.row(y) + "\n").collect()
    }

    /// The screen row that contains a text.
    #[track_caller]
    pub fn find(&self, text: &str) -> (u16, String) {
        let row = (0..self.buffer.area.height).map(|y| (y, self.row(y))).find(|(_, row)| row.contains(text));
        row.unwrap_or_else(|| panic!("{text:?} is nowhere in\n{}", self.text()))
    }

    #[track_caller]
    pub fn shows(&self, text: &str) -> &Picture {
        self.find(text);
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Picture {
        assert!(!self.text().contains(text), "{text:?} is in\n{}", self.text());
        self
    }
}
