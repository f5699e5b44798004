//! Adds a source of S3 keys: typed, or selected from the buckets and files cuecard found. Sends nothing to S3 before
//! the operator accepts one.

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::compute::Compute;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::{Bucket, FoundList, Msg, SourceId};
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::{Answer, Asks, Changed, Session, SourceState, asks};
use crate::domain::keys::{Input, KnownSource, Source, SourceFault, SourcePlace};
use crate::domain::printable::printable;

#[derive(Debug)]
pub struct AddSource {
    pub input: LineInput,
    /// Action to run once there are S3 keys; None returns to the screen below.
    pub then: Option<Action>,
    buckets: Vec<Bucket>,
    lists: Vec<FoundList>,
    pub scroll: Scroll,
    /// Why the accepted text is not a source.
    pub refusal: Option<String>,
    /// The accepted source, while it is being read.
    reads: Option<SourceId>,
    /// The source whose bucket and folder the input asks for.
    place_of: Option<SourceId>,
}

/// A possible source that cuecard found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// Read in an earlier session of this file.
    Known(&'a KnownSource),
    Bucket(&'a Bucket),
    List(&'a FoundList),
}

impl Found<'_> {
    /// As the operator would type it.
    pub fn name(self) -> String {
        match self {
            Found::Known(known) => known.source.named(),
            Found::Bucket(bucket) => format!("s3://{}/", bucket.name),
            Found::List(list) => list.path.display().to_string(),
        }
    }
}

impl AddSource {
    /// With `place`, the input asks for the bucket and folder of that source.
    pub fn open(ctx: &mut Ctx<'_>, then: Option<Action>, place: Option<SourceId>) -> Option<AddSource> {
        let session = ctx.session()?;
        let (snapshot, path) = (session.now().clone(), session.path.clone());
        let fault = place.and_then(|id| session.keys.get(id)).and_then(|source| match &source.state {
            SourceState::Refused(fault) => Some(in_words(fault)),
            _ => None,
        });
        let job = ctx.begin(Task::FindBuckets);
        ctx.ask(Effect::Compute(job, Compute::Buckets(snapshot)));
        let job = ctx.begin(Task::FindLists);
        ctx.ask(Effect::FindLists(job, path));
        *ctx.message = None;
        Some(AddSource {
            input: LineInput::new(if place.is_some() { "s3://" } else { "" }),
            then,
            buckets: Vec::new(),
            lists: Vec::new(),
            scroll: Scroll::default(),
            refusal: fault,
            reads: None,
            place_of: place,
        })
    }

    /// The possible sources that are not in use yet: first those of earlier sessions.
    pub fn found<'a>(&'a self, session: &'a Session) -> Vec<Found<'a>> {
        let known = session.keys.all.iter().filter_map(|source| match &source.state {
            SourceState::Known(known) => Some(Found::Known(known)),
            _ => None,
        });
        let buckets = self.buckets.iter().map(Found::Bucket);
        let found = buckets.chain(self.lists.iter().map(Found::List));
        let is_new = |found: &Found<'_>| Source::parse(&found.name()).is_ok_and(|it| session.keys.named(&it).is_none());
        let known = known.filter(|_| self.place_of.is_none());
        known.chain(found.filter(is_new)).collect()
    }

    fn in_hand(&self, session: &Session) -> Option<String> {
        self.found(session).get(self.scroll.cursor).map(|found| found.name())
    }

    fn accept(&mut self, ctx: &mut Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        let typed = self.input.text().trim();
        if let Some(id) = self.place_of {
            return match SourcePlace::parse(typed) {
                Ok(place) => {
                    self.begin(id);
                    ctx.on(|session, env| session.answer_source(env, id, Answer::Place(place)));
                }
                Err(why) => self.refusal = Some(why.to_string()),
            };
        }
        let text = Some(typed.to_owned()).filter(|typed| !typed.is_empty()).or_else(|| self.in_hand(session));
        match text.as_deref().map(Source::parse) {
            None => ctx.say(Message::plain("type an address or a path")),
            Some(Err(why)) => self.refusal = Some(why.to_string()),
            Some(Ok(Source::File { file: Input::Stdin, .. })) => {
                self.refusal = Some("standard input is the keyboard here: save the list to a file first".to_owned());
            }
            Some(Ok(source)) => {
                let mut chosen = SourceId::default();
                ctx.on(|session, env| {
                    let (id, done) = session.read_source(env, source);
                    chosen = id;
                    done
                });
                self.begin(chosen);
                self.look(ctx);
            }
        }
    }

    fn begin(&mut self, id: SourceId) {
        (self.reads, self.refusal) = (Some(id), None);
    }

    /// Checks on the accepted source: goes on once it has S3 keys, or shows why it was refused.
    fn look(&mut self, ctx: &mut Ctx<'_>) {
        let Some(id) = self.reads else { return };
        let Some(source) = ctx.session().and_then(|session| session.keys.get(id)) else { return };
        let fault = match &source.state {
            _ if source.not_again.is_some() => source.not_again.as_deref().cloned(),
            SourceState::Reading(so_far) if so_far.list.is_empty() && so_far.given.is_empty() => return,
            SourceState::Known(_) => return,
            SourceState::Reading(_) | SourceState::Read { .. } => {
                self.reads = None;
                return ctx.lead_to(match self.then {
                    Some(action) => Next::Run(Request::of(action)),
                    None => Next::Close,
                });
            }
            SourceState::Refused(fault) => Some((**fault).clone()),
        };
        let Some(fault) = fault else { return };
        let is_lost = matches!(source.state, SourceState::Refused(_));
        (self.reads, self.place_of) = (None, None);
        *ctx.message = None;
        match asks(&fault) {
            Some(Asks::Columns(_)) => return ctx.lead_to(Next::Instead(Target::Keys)),
            Some(Asks::Place) => {
                self.place_of = Some(id);
                self.input = LineInput::new("s3://");
            }
            None => {
                if let Some(session) = ctx.session_mut().filter(|_| is_lost) {
                    session.forget_source(id);
                }
            }
        }
        self.refusal = Some(in_words(&fault));
    }

    /// Completes the input from the list or the file system; takes the selected entry if it is empty.
    fn complete(&mut self, ctx: &mut Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        let typed = self.input.text();
        let begun = self.found(session).into_iter().map(Found::name).find(|name| name.starts_with(typed));
        let name = if typed.is_empty() { self.in_hand(session) } else { begun };
        match name {
            Some(name) => self.input.replace(&name),
            None if typed.starts_with("s3://") => {}
            None => {
                let typed = typed.to_owned();
                let job = ctx.begin(Task::CompletePath);
                ctx.ask(Effect::CompletePath(job, typed));
            }
        }
    }
}

/// Why a source was refused, worded for this screen, which has the input and shows the kinds of sources.
fn in_words(fault: &SourceFault) -> String {
    let shown = |source: &Source| printable(&source.to_string()).into_owned();
    match fault {
        SourceFault::NoKeys { source, .. } => {
            format!("{}: no line is a key. Expected one of the shapes below", shown(source))
        }
        SourceFault::NotAllowed { source, .. } => {
            format!("S3 does not let us list {}. Use a saved listing, or --aws", shown(source))
        }
        SourceFault::NoFile { .. } => "no such file".to_owned(),
        SourceFault::RelativeNames { .. } => "names are relative. Type the prefix they belong to:".to_owned(),
        SourceFault::NoBucket { .. } => "names have no bucket. Type the one they belong to:".to_owned(),
        SourceFault::SomeWithPrefix { prefix, .. } => {
            format!("some names begin with {}, others don't. Type the bucket only:", printable(prefix))
        }
        SourceFault::Unreadable(_) | SourceFault::Columns(_) => fault.to_string(),
    }
}

impl Act for AddSource {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::AddSource, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        if self.place_of.is_none() {
            self.refusal = None;
        }
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Accept => self.accept(ctx),
            Action::Complete => self.complete(ctx),
            Action::Back => return Next::Close,
            action => {
                let len = ctx.session().map_or(0, |session| self.found(session).len());
                self.scroll.act(action, None, len, len.max(1));
            }
        }
        ctx.leads_to().unwrap_or_default()
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.keys {
            self.look(ctx);
            let len = ctx.session().map_or(0, |session| self.found(session).len());
            self.scroll.to(self.scroll.cursor, len, len.max(1));
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::BucketsFound(job, buckets) if ctx.jobs.finish(Task::FindBuckets, job) => self.buckets = buckets,
            Msg::ListsFound(job, lists) if ctx.jobs.finish(Task::FindLists, job) => self.lists = lists,
            Msg::PathCompleted(job, path) if ctx.jobs.finish(Task::CompletePath, job) => self.input.replace(&path),
            msg => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        for task in [Task::FindBuckets, Task::FindLists, Task::CompletePath] {
            ctx.end(task);
        }
    }
}
