//! The picker: transcript S3 keys for one row, ranked for its video and searched as the operator types.

use super::editor;
use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::{Compute, Rank};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Next, Request, Target, Text};
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Done, KeyOffer, Session, TranscriptSources};
use crate::domain::evidence::{Subject, SubjectKind};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;

/// Number of S3 keys that can be scrolled through; typing reaches the rest.
const LIMIT: usize = 1_000;

#[derive(Debug)]
pub struct Picker {
    pub row: RowId,
    pub input: LineInput,
    pub offers: Vec<KeyOffer>,
    /// Number of matching S3 keys, including those beyond the limit.
    pub matches: u32,
    pub scroll: Scroll,
}

impl Picker {
    /// # Errors
    /// Why the row under the cursor can take no transcript.
    pub fn open(ctx: &mut Ctx<'_>) -> Result<Picker, Message> {
        let row = ctx.session().and_then(|session| session.current().filter(|_| session.is_ready()));
        let Some(row) = row else { return Err(Message::plain("no row is in view")) };
        if !ctx.session().is_some_and(|session| session.now().row(row).is_object) {
            return Err(editor::not_an_object(row));
        }
        *ctx.message = None;
        let picker =
            Picker { row, input: LineInput::new(""), offers: Vec::new(), matches: 0, scroll: Scroll::default() };
        let nothing_read = ctx.session().is_some_and(|session| session.keys.list.is_empty() && !session.keys.is_used());
        if !ctx.options.offline && nothing_read {
            ctx.on(|session, env| session.list_around(env, row));
        }
        picker.rank(ctx);
        if let Some(note) = ctx.session().and_then(|session| whose(&session.keys)) {
            ctx.say(note);
        }
        Ok(picker)
    }

    /// Starts ranking the S3 keys for this row and the typed text.
    fn rank(&self, ctx: &mut Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        let (list, snapshot, findings) = (session.keys.list.clone(), session.now().clone(), session.findings.clone());
        let object = snapshot.value(self.row, Field::Object).text().to_owned();
        let (query, row, limit) = (self.input.text().to_owned(), self.row, LIMIT);
        let rank = Rank { list, object, query, complete: false, snapshot, findings, row, limit };
        let job = ctx.begin(Task::Rank);
        ctx.ask(Effect::Compute(job, Compute::Rank(rank)));
    }

    fn ranked(&mut self, ctx: &Ctx<'_>, offers: Vec<KeyOffer>, matches: u32) {
        // The cursor stays on its S3 key while the list grows.
        let chosen = self.offers.get(self.scroll.cursor).map(|offer| offer.url.clone());
        let at = chosen.filter(|_| self.scroll.cursor > 0).and_then(|url| offers.iter().position(|o| o.url == url));
        self.offers = offers;
        self.matches = matches;
        self.scroll.to(at.unwrap_or(0), self.offers.len(), height(ctx));
    }
}

/// Message on the sources of the S3 keys; warns first of a bucket that was only assumed.
fn whose(keys: &TranscriptSources) -> Option<Message> {
    let at = keys.oldest()?.short_clock();
    if let Some(bucket) = keys.assumed_buckets().first() {
        return Some(Message::warning(format!("taken to be in s3://{}, {at}", printable(bucket))));
    }
    let mut read = keys.read();
    Some(Message::plain(match (read.next(), read.count()) {
        (Some((source, ..)), 0) => format!("keys of {}, {at}", printable(&source.name())),
        (_, more) => format!("keys of {} sources, the oldest of {at}", more + 1),
    }))
}

/// Height of the list's viewport, in lines.
fn height(ctx: &Ctx<'_>) -> usize {
    usize::from(ctx.layout().picker().main.height)
}

impl Act for Picker {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Picker, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Accept | Action::UseAndEdit | Action::Down | Action::Up if self.offers.is_empty() => {
                Err("no key is shown".into())
            }
            _ => Ok(()),
        }
    }

    fn typed(&mut self, ctx: &mut Ctx<'_>) -> Next {
        self.scroll = Scroll::default();
        self.rank(ctx);
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let row = self.row;
        let chosen = self.offers.get(self.scroll.cursor).map(|offer| offer.url.clone());
        match request.action {
            Action::Accept | Action::UseAndEdit => {
                let Some(url) = chosen else {
                    ctx.say(Message::plain("no key is chosen"));
                    return Next::Stay;
                };
                if request.action == Action::UseAndEdit {
                    // The editor writes it, when the operator accepts it there.
                    return Next::Instead(Target::Editor { row, field: Field::Transcription, text: Text::Chosen(url) });
                }
                editor::write(ctx, row, Field::Transcription, &url);
                ctx.on(|session, env| {
                    session.go_to(env.size, row);
                    session.step_rows(env.size, 1);
                    Done::nothing()
                });
                Next::Close
            }
            Action::ListAgain => {
                ctx.on(|session, env| session.list_around(env, row));
                Next::Stay
            }
            Action::Back => Next::Close,
            action => {
                self.scroll.act(action, None, self.offers.len(), height(ctx));
                Next::Stay
            }
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Ranked(job, offers, matches) if ctx.jobs.finish(Task::Rank, job) => {
                self.ranked(ctx, offers, matches);
                Heard::Taken(Next::Stay)
            }
            msg => Heard::NotMine(msg),
        }
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if !changed.keys {
            return;
        }
        let is_empty = ctx.session().is_some_and(|session| session.keys.list.is_empty());
        if is_empty {
            self.offers.clear();
        }
        // Pages of a listing arrive fast: do not restart a running ranking for each of them.
        if !ctx.jobs.reads_keys() || !ctx.jobs.has(Task::Rank) {
            self.rank(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Rank);
    }

    fn in_sight(&self) -> InSight {
        let url = self.offers.get(self.scroll.cursor).map(|offer| offer.url.as_str());
        let subject = url.and_then(|url| Subject::of(SubjectKind::Transcript, url));
        InSight { typed: subject.map(|subject| (self.row, subject)).into_iter().collect(), rows: true, pair: None }
    }
}
