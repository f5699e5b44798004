//! Any keys, pastes and resizes in any order: no edit is lost, and no letter typed into a text is a command.

use crate::manifests;
use cuecard::app::action::Action;
use cuecard::app::command::{Group, TABLE};
use cuecard::app::effect::JournalLine;
use cuecard::app::jobs::Task;
use cuecard::app::msg::{Fit, KeysSoFar, Recovered, SaveEnd};
use cuecard::app::{Effect, Msg};
use cuecard::domain::draft::{Draft, Edit, Snapshot};
use cuecard::domain::evidence::{
    Answer, Fact, Object, Observation, Observed, Progress, Subject, SubjectKind, SweepState, Unclear,
};
use cuecard::domain::keys::{Key, KeyList, Source, SourceFault};
use cuecard::domain::manifest::Manifest;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app_driver::{App, NOW};

/// What is typed beside the keys of the table: words after `:`, digits, and keys in a row that lead on.
const TYPED: &[&str] = &[
    "gg",
    ":w<Enter>",
    ":set language fr<Enter>",
    ":set language fr<Enter><Enter>",
    ":replace transcript<Enter>",
    ":replace transcript<Enter>srt<Enter>vtt<Enter>",
    ":copy-above language<Enter>",
    ":fix<Enter>",
    ":invert<Enter>",
    ":hide transcript<Enter>",
    ":widen lang<Enter>",
    ":columns<Enter>",
    ":exclude<Enter>",
    ":restore<Enter>",
    ":set transcript s3://acme-captions/{stem}.srt<Enter>",
    ":edit<Enter>",
    ":check<Enter>",
    ":check all<Enter>",
    ":recheck all<Enter>t",
    ":pause<Enter>",
    "PA",
    "P<Enter>",
    "Fp",
    "Fd",
    ":sources<Enter>",
    ":submit tasks<Enter>",
    ":source keys.txt<Enter>",
    ":source s3://acme-captions<Enter>",
    "1",
    "2",
    "3",
    "x",
    "u",
    "P",
    "<Enter>",
    "<Enter>",
    "<Esc>",
];

/// All keys of all commands but those that quit or suspend, and what is typed beside them.
fn keys() -> Vec<&'static str> {
    let bound = TABLE.iter().flat_map(|command| command.keys).map(|key| match key.chars().count() {
        1 => *key,
        _ if key.chars().all(|c| c.is_ascii_lowercase()) => *key,
        _ => format!("<{key}>").leak(),
    });
    let bound: BTreeSet<&'static str> = bound.filter(|key| *key != "<^z>").collect();
    bound.into_iter().chain(TYPED.iter().copied()).collect()
}

const PASTES: &[&str] = &[
    "s3://acme-captions/a.srt",
    "https://acme-captions.s3.amazonaws.com/b.vtt?X-Amz-Signature=1",
    "dd\nxx\n",
    "s3://acme-captions/a.srt\n\ns3://acme-captions/b.vtt\n",
    "a\tb\nc\td\n",
    "qx",
    "\u{202e}\u{1b}[2J",
    "",
    " s3://x/y.srt ",
    "\u{1f468}\u{200d}\u{1f469}",
];

#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Paste(&'static str),
    Resize(u16, u16),
    /// Answers what is pending: saves, $EDITOR.
    Answer,
    /// An online answer arrives, for some row or for a missing one.
    Learn(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::sample::select(keys()).prop_map(Step::Key),
        3 => prop::sample::select(PASTES).prop_map(Step::Paste),
        1 => (1u16..170, 1u16..50).prop_map(|(width, height)| Step::Resize(width, height)),
        2 => Just(Step::Answer),
        2 => (0u32..14).prop_map(Step::Learn),
    ]
}

fn manifest() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "\"\"",
        "null",
        "42",
        "\"s3://acme-captions/1.srt\"",
        "\"https://b.s3.amazonaws.com/k.srt\"",
        "\"s3://b/k.vt\"",
        "\"\\ud800\"",
    ]);
    let row = (prop::option::of(value), 0..9u8).prop_map(|(value, n)| {
        let row = manifests::row(format!("s3://acme-video/{n}.mp4"));
        match (value, n) {
            (_, 8) => "17".to_owned(),
            (Some(json), _) => row.transcription(json).to_string(),
            (None, _) => row.without_transcription().to_string(),
        }
    });
    prop::collection::vec(row, 1..12).prop_map(manifests::manifest)
}

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}

/// The file that the journal would restore after a crash.
fn replayed(json: &str, lines: &[JournalLine]) -> Vec<u8> {
    let mut draft = Draft::new(Arc::new(Manifest::parse(json.into()).expect("it was opened")));
    for line in lines {
        match line {
            JournalLine::Did(edit) => drop(draft.apply(Edit::clone(edit))),
            JournalLine::Undid => drop(draft.undo()),
            JournalLine::Redid => drop(draft.redo()),
        }
    }
    bytes(draft.now())
}

struct Run {
    app: App,
    json: String,
    journal: Vec<JournalLine>,
    /// The content of the file.
    disk: Vec<u8>,
}

impl Run {
    fn new(json: &str) -> Run {
        Run { app: App::open(json), json: json.to_owned(), journal: Vec::new(), disk: json.as_bytes().to_vec() }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Key(key) => self.app.press(key),
            Step::Paste(text) => self.app.send(Msg::Paste((*text).into())),
            Step::Resize(width, height) => self.app.send(Msg::Resized(*width, *height)),
            Step::Answer => self.answer(),
            Step::Learn(row) => self.observe(*row),
        }
        for effect in std::mem::take(&mut self.app.effects) {
            match effect {
                Effect::Journal(lines) => self.journal.extend(lines),
                effect @ (Effect::Save(_) | Effect::EditText { .. } | Effect::ReadKeys { .. }) => {
                    self.app.effects.push(effect)
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self) {
        for effect in std::mem::take(&mut self.app.effects) {
            match effect {
                Effect::Save(save) => {
                    if save.expected.is_some() {
                        self.disk = bytes(&save.snapshot);
                    }
                    self.app.send(Msg::Saved(save.job, save.snapshot, SaveEnd::Saved));
                }
                Effect::ReadKeys { job, id, source, .. } => {
                    let list: KeyList = (0..9).map(|n| Key::named("acme-captions", format!("{n}.srt"))).collect();
                    let so_far = KeysSoFar { list: Arc::new(list), ..KeysSoFar::default() };
                    self.app.send(Msg::KeysListed(job, id, so_far));
                    let end = match source {
                        Source::Bucket(_) => Ok(Box::default()),
                        source => Err(Box::new(SourceFault::RelativeNames { source: Box::new(source) })),
                    };
                    self.app.send(Msg::KeysEnded(job, id, end));
                }
                Effect::EditText { job, text } => self.app.send(Msg::EditorClosed(job, Ok(text + "x\n"))),
                effect => self.app.effects.push(effect),
            }
        }
    }

    fn observe(&mut self, row: u32) {
        let Some(job) = self.app.model.session().map(|session| session.online.job) else { return };
        let subject = Subject::of(SubjectKind::Transcript, "s3://acme-captions/1.srt").expect("it is an address");
        let answer = if row.is_multiple_of(2) { Answer::Empty } else { Answer::Unclear(Unclear::Throttled) };
        let fact = Fact::Transcript(Object { region: Some("eu-west-1".into()), signed: false, answer });
        let observation = Some(Arc::new(Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact }));
        self.app.send(Msg::Observed(job, vec![Observed { rows: vec![row], subject, observation }]));
        let state = if row == 0 { SweepState::Done } else { SweepState::Running };
        let progress = Progress { done: row.into(), total: 14, now: vec![row], state, ..Progress::default() };
        self.app.send(Msg::OnlineMoved(job, progress));
    }

    /// The keys opened another file.
    fn has_left(&self) -> bool {
        self.app.model.session().is_none_or(|session| !session.is_ready())
    }

    fn holds(&self) -> Result<(), TestCaseError> {
        if let Some(message) = &self.app.model.message {
            // Keys are added when a message is drawn, from the active key map.
            prop_assert!(!message.text.contains(".  ") && !message.text.contains(" ^"), "a key in {:?}", message.text);
        }
        let session = self.app.model.session().expect("the file stays open");
        if self.has_left() {
            return Ok(());
        }
        let now = bytes(session.now());
        prop_assert_eq!(&replayed(&self.json, &self.journal), &now, "the journal has every edit");
        if !session.draft.is_dirty() {
            prop_assert_eq!(&self.disk, &now, "what is called saved is on the disk");
        }
        prop_assert!(Manifest::parse(now).is_ok(), "what would be saved can be read again");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_lose_no_edit(json in manifest(), steps in prop::collection::vec(step(), 1..60)) {
        let mut run = Run::new(&json);
        for step in &steps {
            run.take(step);
            run.holds()?;
        }
        run.app.draw();
    }

    #[test]
    fn letters_typed_into_a_text_are_never_commands(
        json in manifest(), steps in prop::collection::vec(step(), 1..40), letters in "[a-zA-Z!.:?/{} ]{1,12}"
    ) {
        let mut run = Run::new(&json);
        for step in &steps {
            run.take(step);
        }
        // A window too small to read accepts no typing.
        run.app.send(Msg::Resized(80, 24));
        let before = (run.journal.clone(), run.app.model.screens.len());
        let Some(was) = text(&mut run.app) else { return Ok(()) };
        for letter in letters.chars() {
            let key: &'static str = if letter == ' ' { "<space>" } else { letter.to_string().leak() };
            run.take(&Step::Key(key));
        }
        let typed = text(&mut run.app).expect("the input stays");
        prop_assert_eq!(typed.len(), was.len() + letters.len(), "{:?} and {:?} are {:?}", was, letters, typed);
        prop_assert_eq!((run.journal.clone(), run.app.model.screens.len()), before);
    }

    /// Recovered edits restore exactly the lost bytes.
    #[test]
    fn taking_recovered_edits_restores_the_lost_bytes(json in manifest(), steps in prop::collection::vec(step(), 1..40)) {
        let mut run = Run::new(&json);
        for step in &steps {
            run.take(step);
        }
        prop_assume!(!run.has_left());
        let edits = run.app.model.session().expect("it is open").draft.operations().iter().map(|edit| Edit::clone(edit)).collect::<Vec<_>>();
        let lost = bytes(run.app.model.session().expect("it is open").now());
        let mut app = App::open(&json);
        let job = app.model.jobs.id(Task::ReadJournal).expect("the journal is asked");
        let found = Recovered {
            found: edits.len(),
            edits,
            last: NOW,
            fit: Fit::AsOpened,
            undone_after_save: 0,
            unreadable: 0,
        };
        app.send(Msg::JournalRead(job, Ok(Some(found))));
        app.model.now.unix_ms += 1_000;
        app.press("t");
        prop_assert_eq!(bytes(app.model.session().expect("it is open").now()), lost);
    }
}

proptest! {
    // The same cases every time; PROPTEST_RNG_SEED and PROPTEST_CASES look for more.
    #![proptest_config(ProptestConfig { cases: 160, rng_seed: seed(), ..ProptestConfig::default() })]

    #[test]
    fn a_key_of_the_hint_line_does_something(
        json in manifest(), steps in prop::collection::vec(step(), 1..40), choice in 0..64usize
    ) {
        let mut run = Run::new(&json);
        for step in &steps {
            run.take(step);
        }
        // What runs already may be asked for again without effect.
        run.answer();
        prop_assume!(run.app.effects.is_empty());
        run.app.send(Msg::Resized(160, 40));
        // A question that comes by itself takes no answer at once.
        run.app.model.now.unix_ms += 1_000;
        let model = &run.app.model;
        let hinted: Vec<(String, Action)> = model
            .scopes()
            .iter()
            .flat_map(|scope| model.keymap.of(*scope))
            // At the end of a list the cursor stays, an empty text is not cleared, a whole name not completed.
            .filter(|(command, _)| command.hint > 0 && !matches!(command.group, Group::Move | Group::Type))
            .filter(|(command, _)| command.action != Action::Complete && model.enabled(command.action).is_ok())
            .filter_map(|(command, keys)| Some((keys.into_iter().next()?, command.action)))
            .collect();
        let Some((key, action)) = (!hinted.is_empty()).then(|| hinted[choice % hinted.len()].clone()) else {
            return Ok(());
        };
        // An inner scope may bind the same key.
        prop_assume!(hinted.iter().position(|(other, _)| *other == key) == hinted.iter().position(|it| it.1 == action));
        run.app.model.message = None;
        let before = seen(&run.app);
        run.app.press(&format!("<{key}>"));
        let after = seen(&run.app);
        prop_assert_ne!(before, after, "{} ({:?})", key, action);
    }

    #[test]
    fn a_key_that_a_message_names_does_something(json in manifest(), steps in prop::collection::vec(step(), 1..40)) {
        let mut run = Run::new(&json);
        for step in &steps {
            run.take(step);
        }
        run.app.send(Msg::Resized(80, 24));
        let model = &run.app.model;
        let Some(message) = model.message.clone() else { return Ok(()) };
        let named = message.offers.iter().find_map(|offer| {
            let works = offer.takes.is_empty() && model.enabled(offer.action).is_ok();
            model.key_for(offer.action).filter(|_| works)
        });
        let Some(key) = named else { return Ok(()) };
        let before = seen(&run.app);
        let pressed = match key.strip_prefix(':') {
            Some(name) => format!(":{name}<Enter>"),
            None => format!("<{key}>"),
        };
        run.app.press(&pressed);
        // The message goes with the key; more than that must have happened, or something else is said.
        if run.app.model.message.as_ref().is_some_and(|said| *said != message) {
            return Ok(());
        }
        run.app.model.message = Some(message.clone());
        let after = seen(&run.app);
        prop_assert_ne!(before, after, "{} after {:?}", key, message);
    }
}

/// What pressing a key can change for an operator.
fn seen(app: &App) -> (String, usize, bool) {
    // A range of one row that ends looks like the selection it becomes.
    let is_range = app.model.session().is_some_and(|session| session.range_from.is_some());
    (app.draw().text(), app.effects.len(), is_range)
}

fn seed() -> RngSeed {
    match ProptestConfig::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(7),
        given => given,
    }
}

fn text(app: &mut App) -> Option<String> {
    app.model.screens.last_mut()?.as_act_mut().input().map(|input| input.text().to_owned())
}
