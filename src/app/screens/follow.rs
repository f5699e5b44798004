//! Following: what became of each row of an attempt. The job behind it asks the service; this chooses what is shown.

mod allows;
mod words;

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{CannotFollow, Msg};
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::options::AppOptions;
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session, file_name};
use crate::domain::follow::{Look, State, Why as Again, to_retry};
use crate::domain::manifest::{Field, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::row_set::RowSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lines of the body above the counts: bar, pace, a blank.
pub const ABOVE: u16 = 3;
/// From this width on the rows stand beside the counts.
pub const BESIDE_FROM: u16 = 110;

#[derive(Debug)]
pub struct Following {
    /// The attempt that was asked for; None for the newest one of the open file.
    asked: Option<i64>,
    /// None until the ledger was read.
    pub attempt: Option<Box<Attempt>>,
    pub look: Arc<Look>,
    /// Why it can't be followed.
    pub fault: Option<CannotFollow>,
    /// The chosen count; None for all rows.
    pub chosen: Option<State>,
    pub in_rows: bool,
    pub scroll: Scroll,
    /// Rows of the chosen count, by their position among those sent; newest change first.
    pub shown: Vec<u32>,
    /// The same rows in the table, if the attempt's file is open.
    pub table: Option<Vec<RowId>>,
    /// The operator stopped it.
    pub stands: bool,
    /// A key was typed that the service has not judged yet.
    has_new_key: bool,
    /// Counts and rows are shown although the outcome is unknown.
    pub with_counts: bool,
}

impl Following {
    /// Starts asking.
    ///
    /// # Errors
    /// The message on why nothing is asked.
    pub fn open(ctx: &mut Ctx<'_>, asked: Option<i64>) -> Result<Following, Message> {
        if ctx.options.offline {
            return Err(Message::plain("offline is set, so the service is not asked"));
        }
        *ctx.message = None;
        let mut following = Following {
            asked,
            attempt: None,
            look: Arc::default(),
            fault: None,
            chosen: None,
            in_rows: false,
            scroll: Scroll::default(),
            shown: Vec::new(),
            table: None,
            stands: false,
            has_new_key: false,
            with_counts: false,
        };
        following.begin(ctx);
        Ok(following)
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.stands = false;
        self.fault = None;
        let file = ctx.session().map(|session| session.path.clone());
        let id = self.attempt.as_ref().map(|attempt| attempt.id).or(self.asked);
        let job = ctx.begin(Task::Follow);
        ctx.ask(Effect::Follow { job, id, file });
    }

    /// The outcome is unknown, and the screen asks for the operator's word.
    pub fn is_open_question(&self) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.can_be_settled())
    }

    /// Nothing to see yet: no task was made since.
    pub fn waits(&self) -> bool {
        self.look.counts().with_task() == 0 && !self.look.is_settled()
    }

    /// The claim and the choices are shown in place of the counts.
    pub fn shows_claim(&self) -> bool {
        self.is_open_question() && !self.with_counts
    }

    /// The counts, in order: all, then those above 0.
    pub fn lines(&self) -> Vec<(Option<&State>, u32)> {
        let counts = self.look.counts();
        let each = counts.each().map(|(state, count)| (Some(state), count));
        std::iter::once((None, counts.all())).chain(each).collect()
    }

    pub fn line(&self) -> usize {
        self.lines().iter().position(|(state, _)| *state == self.chosen.as_ref()).unwrap_or(0)
    }

    /// The row under the cursor, by its position among those sent.
    pub fn row(&self) -> Option<u32> {
        self.shown.get(self.scroll.cursor).copied()
    }

    /// Lines of the list of rows.
    pub fn list_height(&self, size: (u16, u16), body: u16) -> u16 {
        let counts = u16::try_from(self.lines().len()).unwrap_or(u16::MAX);
        match size.0 >= BESIDE_FROM {
            // Headings above, the position below.
            true => body.saturating_sub(ABOVE + 2),
            false => body.saturating_sub(ABOVE + Following::counts_height(body, counts) + 1),
        }
        .max(1)
    }

    /// Lines of the counts where the rows stand below them.
    pub fn counts_height(body: u16, counts: u16) -> u16 {
        counts.min(body.saturating_sub(ABOVE + 4)).max(1)
    }

    /// Collects the rows of the chosen count. A cursor that was moved stays on its row, else it is on the newest.
    fn collect(&mut self, ctx: &Ctx<'_>, stay: bool) {
        let kept = self.row().filter(|_| stay && (self.in_rows || self.scroll.cursor > 0));
        if self.chosen.as_ref().is_some_and(|state| self.look.counts().get(state) == 0) {
            self.chosen = None;
        }
        let rows = &self.look.standing.rows;
        let wanted = (0u32..).zip(rows).filter(|(_, row)| self.chosen.as_ref().is_none_or(|state| row.state == *state));
        let mut shown: Vec<(u32, u32)> = wanted.map(|(at, row)| (row.latest.unwrap_or(u32::MAX), at)).collect();
        // The tasks stand in the order of their changes.
        shown.sort_unstable();
        self.shown = shown.into_iter().map(|(_, at)| at).collect();
        let at = kept.and_then(|row| self.shown.iter().position(|shown| *shown == row)).unwrap_or(0);
        let height = self.list_height(ctx.size, ctx.layout().body.height);
        self.scroll.to(at, self.shown.len(), height.into());
    }

    /// Finds the sent rows in the open table.
    fn compare(&mut self, session: Option<&Session>) {
        self.table = None;
        let (Some(session), Some(attempt)) = (session, &self.attempt) else { return };
        let snapshot = session.draft.saved();
        if session.path != Path::new(&attempt.intent.file) {
            return;
        }
        let kept: Vec<RowId> = (0..snapshot.len()).filter(|row| !snapshot.is_excluded(*row)).collect();
        let found = self.look.rows.iter().map(|sent| {
            let row = *kept.get(sent.place as usize)?;
            let is = |field, text: &str| snapshot.value(row, field).text() == text;
            (is(Field::Object, &sent.object) && is(Field::IndexId, &sent.index)).then_some(row)
        });
        self.table = found.collect();
    }

    /// The number of a row: its place in the file as sent, whichever file is open.
    pub fn number(&self, at: u32) -> RowId {
        self.look.rows.get(at as usize).map_or(at, |row| row.place)
    }

    /// Its number in the table, where that is another: rows were left out when the file was saved.
    pub fn other_number(&self, at: u32) -> Option<RowId> {
        let row = *self.table.as_ref()?.get(at as usize)?;
        (row != self.number(at)).then_some(row)
    }

    /// Claim, counts, rows, and from the start; once the outcome is settled, counts and rows.
    fn turn(&mut self) {
        let can_enter = !self.waits() && !self.shows_claim();
        (self.with_counts, self.in_rows) = match (self.is_open_question(), self.in_rows) {
            (true, false) if !self.with_counts => (true, false),
            (true, false) => (can_enter, can_enter),
            (true, true) => (false, false),
            (false, in_rows) => (self.with_counts, !in_rows),
        };
    }

    fn only_these(&self, ctx: &mut Ctx<'_>) -> Next {
        let Some(table) = &self.table else { return Next::Stay };
        let rows: RowSet = {
            let mut rows: Vec<RowId> = self.shown.iter().filter_map(|at| table.get(*at as usize).copied()).collect();
            rows.sort_unstable();
            rows.into_iter().collect()
        };
        let word = self.chosen.as_ref().map_or("sent", |state| state.word(self.look.is_settled())).to_owned();
        ctx.show_only(rows, &word);
        Next::ToTable
    }

    fn show_row(&self, ctx: &mut Ctx<'_>) -> Next {
        let row = self.row().and_then(|at| self.table.as_ref()?.get(at as usize).copied());
        let Some(row) = row else { return Next::Stay };
        *ctx.message = None;
        ctx.on(|session, env| session.show_row(env, row));
        Next::ToTable
    }

    /// The rows of the chosen count that may be sent again.
    fn retried(&self) -> Vec<u32> {
        let wanted = |why: Again| match &self.chosen {
            None => true,
            Some(state) => Again::of(state) == Some(why),
        };
        // Before everything has settled, a row without a task may still get one.
        to_retry(&self.look.rows, &self.look.standing, |why| {
            wanted(why) && (why == Again::Failed || self.look.is_settled())
        })
    }

    fn draft(&self, ctx: &mut Ctx<'_>) {
        let Some(attempt) = &self.attempt else { return };
        if ctx.session().is_some_and(|session| session.draft.is_dirty()) {
            ctx.say(Message::plain("the changes of the open file are not saved.").offer(Action::Save, "saves them"));
            return;
        }
        let rows = self.retried();
        let words = self.draft_words(&rows);
        let job = ctx.begin(Task::Draft);
        let (file, sent) = (PathBuf::from(&attempt.intent.file), Arc::clone(&self.look.rows));
        ctx.ask(Effect::DraftToRetry { job, file, sent, rows, words });
    }

    fn command(&self) -> Option<String> {
        let attempt = self.attempt.as_ref()?;
        let task = self.row().and_then(|at| {
            let standing = &self.look.standing;
            standing.task(standing.rows.get(at as usize)?)
        });
        Some(match task {
            Some(task) if self.look.counts().with_task() > 0 => task.id.to_string(),
            _ => format!("cuecard follow {}", attempt.id),
        })
    }

    pub fn file_name(&self) -> String {
        self.attempt.as_ref().map(|attempt| file_name(Path::new(&attempt.intent.file))).unwrap_or_default()
    }
}

impl Act for Following {
    fn scopes(&self) -> &'static [Scope] {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.can_be_settled() || attempt.can_be_corrected()) {
            &[Scope::Settle, Scope::Follow, Scope::Global]
        } else {
            &[Scope::Follow, Scope::Global]
        }
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        match action {
            Action::NextCount if self.in_rows && self.is_open_question() => Some("claim".into()),
            Action::NextCount if self.in_rows => Some("counts".into()),
            Action::Accept if self.in_rows => Some("row in the table".into()),
            Action::Down if self.in_rows => Some("row".into()),
            Action::AskNow if self.fault.is_some() => Some("try again".into()),
            Action::Curl => Some(if self.waits() { "copy the command" } else { "copy" }.into()),
            Action::Log => Some("log".into()),
            _ => None,
        }
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        self.allows(session, action)
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let height = usize::from(self.list_height(ctx.size, ctx.layout().body.height));
        match request.action {
            Action::Back | Action::Quit => return Next::Close,
            Action::NextCount => self.turn(),
            Action::Accept if self.in_rows => return self.show_row(ctx),
            Action::Accept => return self.only_these(ctx),
            Action::DraftToRetry => self.draft(ctx),
            Action::DraftOf => {
                let named =
                    |word: &str| Again::ALL.into_iter().find(|why| why.words().replace(' ', "-") == word.trim());
                let wanted: Option<Vec<Again>> = request.words.split(',').map(named).collect();
                match wanted.as_deref() {
                    None | Some([]) => ctx.say(Message::plain(":draft takes failed, not-seen or failed,not-seen here")),
                    // All that can go again are those of the first count.
                    Some(wanted) => {
                        self.chosen = if let [why] = wanted { Some(why.state()) } else { None };
                        self.collect(ctx, false);
                        match self.can(ctx.session(), Action::DraftToRetry) {
                            Ok(()) => self.draft(ctx),
                            Err(why) => ctx.say(why.message()),
                        }
                    }
                }
            }
            Action::AskNow => {
                *ctx.message = None;
                match ctx.jobs.id(Task::Follow).filter(|_| !self.stands && self.fault.is_none()) {
                    Some(job) => ctx.ask(Effect::AskTasksNow(job)),
                    None => self.begin(ctx),
                }
            }
            Action::StopFollowing => {
                self.stands = true;
                ctx.end(Task::Follow);
            }
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::OpenItsFile => {
                return self
                    .attempt
                    .as_ref()
                    .map_or(Next::Stay, |attempt| Next::Load(PathBuf::from(&attempt.intent.file)));
            }
            Action::ItWasAccepted | Action::ItWasNot => {
                let accepted = request.action == Action::ItWasAccepted;
                if let Some(attempt) = &self.attempt {
                    ctx.ask(Effect::Settle { id: attempt.id, accepted });
                }
            }
            Action::Curl => {
                if let Some(text) = self.command() {
                    ctx.say(Message::handed(&text));
                    ctx.ask(Effect::Copy(text));
                }
            }
            action if self.in_rows => self.scroll.act(action, request.count, self.shown.len(), height),
            action => {
                let lines = self.lines();
                let mut cursor = Scroll { cursor: self.line(), top: 0 };
                cursor.act(action, request.count, lines.len(), lines.len());
                let chosen = lines.get(cursor.cursor).and_then(|(state, _)| *state).cloned();
                if chosen != self.chosen {
                    self.chosen = chosen;
                    self.collect(ctx, false);
                }
            }
        }
        Next::Stay
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, _text: &str) -> Next {
        if purpose == Purpose::ApiKey {
            self.has_new_key = true;
            self.begin(ctx);
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.saved || changed.rows {
            self.compare(ctx.session());
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::FollowBegan(job, began) if ctx.jobs.awaits(Task::Follow, job) => match began {
                Ok((attempt, look)) => {
                    (self.attempt, self.look) = (Some(attempt), look);
                    self.compare(ctx.session());
                    self.collect(ctx, true);
                }
                Err(fault) => {
                    self.fault = Some(fault);
                    ctx.jobs.finish(Task::Follow, job);
                }
            },
            Msg::FollowMoved(job, look) if ctx.jobs.awaits(Task::Follow, job) => {
                let is_new = !Arc::ptr_eq(&self.look.standing, &look.standing);
                self.look = look;
                if self.has_new_key && self.look.reading.is_none() {
                    self.has_new_key = false;
                    if self.look.trouble.is_none() {
                        ctx.say(Message::fine("the new key was accepted"));
                    }
                }
                if is_new {
                    self.collect(ctx, true);
                }
            }
            Msg::Drafted(job, drafted) if ctx.jobs.finish(Task::Draft, job) => match drafted {
                Ok((path, words)) => return Heard::Taken(Next::LoadSaying(path, Message::fine(words).read_first())),
                Err(fault) => ctx.say(Message::error(fault)),
            },
            Msg::Settled(result) => {
                if let (Ok(settled), Some(attempt)) = (&result, &mut self.attempt)
                    && attempt.id == settled.id
                {
                    attempt.settled = settled.settled;
                    attempt.settled_before.clone_from(&settled.settled_before);
                    if let Some(word) = settled.settled {
                        // The result below has words for it, too.
                        ctx.say(words::by_your_word(word, ctx.now).read_first());
                    }
                }
                // The result and the log below show the attempt, too.
                return Heard::NotMine(Msg::Settled(result));
            }
            msg => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, task: Task) -> Next {
        if task == Task::Follow {
            self.stands = true;
        }
        Next::Stay
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Follow);
        ctx.end(Task::Draft);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
