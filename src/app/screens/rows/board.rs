//! The rows of a send row by row, while they go and afterwards: counts, and the rows of the chosen count.

use super::RowsGate;
use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{Moment, RowsReady};
use crate::app::next::{Next, Purpose, ReceiptOf, Request, Target};
use crate::app::scroll::Scroll;
use crate::domain::draft::Snapshot;
use crate::domain::follow::sent_rows;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::RowId;
use crate::domain::outcome::About;
use crate::domain::request::Fingerprint;
use crate::domain::row_set::RowSet;
use crate::domain::rows::{
    CannotGo, Hold, Quota, RowState, RowsControl, RowsCutOff, RowsNews, RowsSent, RowsWhy, SentRow, Tally, Wait,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows listed while they go, newest first.
const NEWEST: usize = 200;

/// One count of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    State(RowState),
    CannotGo,
}

/// In words, for people.
pub const fn word(count: Count) -> &'static str {
    match count {
        Count::State(state) => state.word(),
        Count::CannotGo => "cannot go",
    }
}

/// Whether the program is left while rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    Stays,
    /// It is asked for, and has to be confirmed.
    Asked,
    /// As soon as nothing is under way.
    Goes,
}

#[derive(Debug)]
pub struct Board {
    pub snapshot: Snapshot,
    /// The rows that are in the file as sent.
    kept: RowSet,
    pub file: String,
    path: PathBuf,
    pub address: String,
    pub fingerprint: Fingerprint,
    pub attempt: Option<i64>,
    pub started: Moment,
    /// Rows that were begun, by their place in the file.
    pub rows: BTreeMap<u32, SentRow>,
    /// The places in each state.
    by_state: BTreeMap<RowState, BTreeSet<u32>>,
    /// Those that changed last, newest first.
    pub newest: VecDeque<u32>,
    pub cannot: Vec<(RowId, CannotGo)>,
    pub why_not: String,
    pub quota: Option<Quota>,
    pub hold: Option<Hold>,
    pub wait: Option<Wait>,
    /// The operator ends it.
    pub is_ending: bool,
    pub leaving: Leaving,
    /// It shows a send that was cut off, before any row goes on.
    cut_off: Option<RowsCutOff>,
    pub ended: Option<(RowsWhy, Moment)>,
    pub scroll: Scroll,
    pub row_scroll: Scroll,
    /// Whether the focus is in the rows, not in the counts.
    pub in_rows: bool,
}

impl Board {
    pub fn new(ctx: &Ctx<'_>, gate: &RowsGate, ready: &RowsReady) -> Board {
        let mut by_state: BTreeMap<RowState, BTreeSet<u32>> = BTreeMap::new();
        by_state.insert(RowState::NotSent, ready.plan.going.iter().map(|going| going.place).collect());
        let mut rows = BTreeMap::new();
        for row in &ready.rows {
            let state = row.state_now();
            if state != RowState::NotSent {
                by_state.entry(state).or_default().insert(row.place);
            }
            rows.insert(row.place, row.clone());
        }
        let cannot: Vec<_> = ready.plan.cannot.iter().filter(|(_, why)| *why != CannotGo::Excluded).copied().collect();
        Board {
            snapshot: gate.snapshot.clone(),
            kept: gate.snapshot.kept_rows(),
            file: ctx.session().map(|session| session.name()).unwrap_or_default(),
            path: ctx.session().map(|session| session.path.clone()).unwrap_or_default(),
            address: ctx.options.address.as_ref().map(|address| address.single()).unwrap_or_default(),
            fingerprint: ready.facts.fingerprint,
            attempt: ready.attempt,
            started: ctx.now,
            rows,
            by_state,
            newest: VecDeque::new(),
            cannot,
            why_not: ready.plan.why_not(),
            quota: ready.quota,
            hold: None,
            wait: None,
            is_ending: false,
            leaving: Leaving::Stays,
            cut_off: None,
            ended: None,
            scroll: Scroll::default(),
            row_scroll: Scroll::default(),
            in_rows: false,
        }
    }

    /// The board of a send that was cut off: nothing goes yet.
    pub fn cut_off(ctx: &Ctx<'_>, gate: &RowsGate, ready: &RowsReady, found: RowsCutOff) -> Board {
        Board { hold: Some(Hold::Paused), cut_off: Some(found), ..Board::new(ctx, gate, ready) }
    }

    /// What became of the send that was cut off.
    pub fn cut_off_words(&self) -> Option<Message> {
        let RowsCutOff { last, unknown, .. } = self.cut_off?;
        let unknown = if unknown == 0 { String::new() } else { format!("{} unknown, ", thousands(unknown)) };
        let not_sent = thousands(self.count_of(Count::State(RowState::NotSent)));
        let text =
            format!("stopped at row {} when cuecard ended: {unknown}{not_sent} not sent.", thousands(last.into()));
        Some(Message::plain(text).offer(Action::PauseRows, "goes on"))
    }

    pub fn count_of(&self, count: Count) -> u64 {
        match count {
            Count::State(state) => self.by_state.get(&state).map_or(0, BTreeSet::len) as u64,
            Count::CannotGo => self.cannot.len() as u64,
        }
    }

    pub fn tally(&self) -> Tally {
        let of = |state| self.count_of(Count::State(state));
        Tally {
            accepted: of(RowState::Accepted),
            refused: of(RowState::Refused),
            unknown: of(RowState::Unknown),
            under_way: of(RowState::UnderWay),
            not_sent: of(RowState::NotSent),
            cannot_go: self.cannot.len() as u64,
        }
    }

    /// In the order they are drawn, which never changes while the screen is open.
    pub fn counts(&self) -> Vec<Count> {
        let states = [RowState::Accepted, RowState::Refused, RowState::Unknown, RowState::UnderWay, RowState::NotSent];
        let shown = states.into_iter().filter(|state| self.ended.is_none() || *state != RowState::UnderWay);
        shown.map(Count::State).chain([Count::CannotGo]).collect()
    }

    pub fn chosen(&self) -> Count {
        self.counts().get(self.scroll.cursor).copied().unwrap_or(Count::CannotGo)
    }

    /// The row of the table that stands at this place in the file.
    pub fn row_of(&self, place: u32) -> RowId {
        self.kept.iter_from(place as usize).next().unwrap_or(place)
    }

    /// The places of the chosen count, from the first that is in sight; of those that can't go, the rows.
    pub fn listed(&self, skip: usize, take: usize) -> Vec<u32> {
        match self.chosen() {
            Count::State(state) => {
                let places = self.by_state.get(&state).into_iter().flatten();
                places.skip(skip).take(take).copied().collect()
            }
            Count::CannotGo => self.cannot.iter().skip(skip).take(take).map(|(row, _)| *row).collect(),
        }
    }

    /// The unknown row under the cursor, by its place.
    fn unknown(&self) -> Option<u32> {
        let is_one = self.in_rows && self.chosen() == Count::State(RowState::Unknown);
        self.listed(self.row_scroll.cursor, 1).first().copied().filter(|_| is_one)
    }

    /// # Errors
    /// What is in the way.
    pub fn can(&self, action: Action) -> Result<(), Why> {
        let is_key =
            matches!(self.hold, Some(Hold::Stopped(stop)) if matches!(stop.about, About::Key | About::Forbidden));
        match action {
            Action::AnotherKey if self.ended.is_none() && !is_key => Err("the API key was not refused".into()),
            Action::PauseRows if self.is_ending => Err("it is ending".into()),
            Action::PauseRows if self.wait.is_some() && self.hold.is_none() => {
                Err("the limit is used up: it goes on by itself".into())
            }
            Action::ItWasAccepted | Action::ItWasNot if self.unknown().is_none() => {
                Err(Why::but("choose an unknown row first:", Action::NextCount, "goes to the rows"))
            }
            Action::Follow if self.tally().accepted + self.tally().unknown == 0 => {
                Err("nothing was accepted, so there is nothing to follow".into())
            }
            Action::Follow | Action::Receipt if self.attempt.is_none() => Err("nothing was sent".into()),
            Action::DraftToRetry | Action::DraftOf if self.ended.is_none() => Err("rows are still being sent".into()),
            Action::DraftToRetry if !matches!(self.chosen(), Count::State(RowState::Refused | RowState::NotSent)) => {
                Err("only refused rows and rows not sent can go again: choose one of these counts".into())
            }
            Action::Submit if self.count_of(Count::State(RowState::NotSent)) == 0 => {
                Err("every row that can go was sent".into())
            }
            Action::NextCount | Action::Accept | Action::DraftToRetry if self.count_of(self.chosen()) == 0 => {
                Err("there is no such row".into())
            }
            _ => Ok(()),
        }
    }

    pub fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let counts = self.counts().len();
        let panes = ctx.layout().rows(counts as u16, self.ended.is_some(), self.in_rows);
        match request.action {
            Action::PauseRows => {
                let goes_on = self.hold.is_some();
                self.order(ctx, if goes_on { RowsControl::GoOn } else { RowsControl::Pause });
            }
            Action::StopRows => self.end(ctx),
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::Confirm if self.leaving == Leaving::Asked => {
                self.leaving = Leaving::Goes;
                self.end(ctx);
            }
            Action::Back if self.leaving == Leaving::Asked => {
                self.leaving = Leaving::Stays;
                *ctx.message = self.stands();
            }
            Action::Back | Action::Quit if self.ended.is_none() => {
                self.leaving = Leaving::Asked;
                let (tally, rows) = (self.tally(), self.tally().rows());
                let have = if tally.answered() == 1 || rows == 1 { "has" } else { "have" };
                let answered = format!("{} of {} {have} an answer", thousands(tally.answered()), counted(rows, "row"));
                ctx.say(Message::plain(format!("{answered}. Pause and quit? The rest can go on later")).staying());
            }
            Action::Back if self.in_rows => self.in_rows = false,
            Action::Back | Action::Quit => return Next::ToTable,
            Action::NextCount => self.in_rows = !self.in_rows,
            Action::Accept if !self.in_rows => self.in_rows = true,
            Action::Accept => {
                let place = self.listed(self.row_scroll.cursor, 1).first().copied();
                let row = place.map(|place| match self.chosen() {
                    Count::CannotGo => place,
                    Count::State(_) => self.row_of(place),
                });
                if let Some(row) = row {
                    *ctx.message = None;
                    ctx.on(|session, env| session.show_row(env, row));
                    return Next::ToTable;
                }
            }
            Action::ItWasAccepted | Action::ItWasNot => {
                if let (Some(attempt), Some(place)) = (self.attempt, self.unknown()) {
                    let accepted = request.action == Action::ItWasAccepted;
                    ctx.ask(Effect::SettleRow { attempt, place, accepted });
                }
            }
            Action::Log => return Next::Open(Target::Log),
            Action::Follow => return Next::Open(Target::Follow(self.attempt)),
            Action::Receipt => {
                let of = ReceiptOf { attempt: self.attempt, against: None, from: "row by row", place: None };
                return Next::Open(Target::Receipt(of));
            }
            Action::DraftToRetry => self.draft(ctx),
            Action::DraftOf => {
                let wanted = [RowState::Refused, RowState::NotSent].into_iter();
                match wanted.map(Count::State).find(|count| word(*count).replace(' ', "-") == request.words) {
                    None => ctx.say(Message::plain(":draft takes refused or not-sent here")),
                    Some(count) => {
                        let at = self.counts().iter().position(|other| *other == count);
                        self.scroll.cursor = at.unwrap_or_default();
                        match self.can(Action::DraftToRetry) {
                            Ok(()) => self.draft(ctx),
                            Err(why) => ctx.say(why.message()),
                        }
                    }
                }
            }
            action if self.in_rows => {
                let len = self.count_of(self.chosen()) as usize;
                let height = panes.side.area().map_or(1, |area| usize::from(area.height));
                self.row_scroll.act(action, request.count, len, height);
            }
            action => {
                let before = self.scroll.cursor;
                self.scroll.act(action, request.count, counts, counts);
                if self.scroll.cursor != before {
                    self.row_scroll = Scroll::default();
                }
            }
        }
        Next::Stay
    }

    /// Ends it after the rows under way; asked again, at once.
    fn end(&mut self, ctx: &mut Ctx<'_>) {
        let again = std::mem::replace(&mut self.is_ending, true);
        self.order(ctx, if again { RowsControl::Abandon } else { RowsControl::End });
        let under_way = self.count_of(Count::State(RowState::UnderWay));
        if !again && under_way > 0 {
            let message = Message::plain(format!("stopping, {under_way} under way."));
            ctx.say(message.offer(Action::StopRows, "again leaves them unknown"));
        }
    }

    /// Writes the rows of the chosen count to a file of their own.
    fn draft(&self, ctx: &mut Ctx<'_>) {
        let Count::State(state) = self.chosen() else { return };
        let rows: Vec<u32> = self.by_state.get(&state).into_iter().flatten().copied().collect();
        let words = format!("draft of {}: {}", counted(rows.len() as u64, "row"), state.word());
        let sent = Arc::new(sent_rows(&self.snapshot).collect());
        let job = ctx.begin(Task::Draft);
        ctx.ask(Effect::DraftToRetry { job, file: self.path.clone(), sent, rows, words });
    }

    fn order(&self, ctx: &mut Ctx<'_>, control: RowsControl) {
        if let Some(job) = ctx.jobs.id(Task::SendRows) {
            ctx.ask(Effect::OrderRows(job, control));
        }
    }

    pub fn moved(&mut self, ctx: &mut Ctx<'_>, news: RowsNews) {
        match news {
            RowsNews::Begun { attempt, interrupted } => {
                self.attempt = Some(attempt);
                if interrupted > 0 {
                    let rows = counted(interrupted, "row");
                    let are = if interrupted == 1 { "is" } else { "are" };
                    ctx.say(Message::new(Mark::Unknown, format!("{rows} under way when cuecard ended {are} unknown")));
                }
            }
            RowsNews::Rows(rows) => rows.into_iter().for_each(|row| self.put(row)),
            RowsNews::Quota(quota) => self.quota = Some(quota),
            RowsNews::Stands { hold, wait, .. } => {
                let is_news = (self.hold, self.wait) != (hold, wait);
                (self.hold, self.wait) = (hold, wait);
                if self.leaving == Leaving::Asked {
                    // The question stands until it is answered.
                } else if is_news && let Some(message) = self.stands() {
                    ctx.say(message);
                } else if is_news && !self.is_ending {
                    *ctx.message = None;
                }
            }
        }
    }

    /// The row has another state now.
    fn put(&mut self, row: SentRow) {
        let place = row.place;
        for places in self.by_state.values_mut() {
            places.remove(&place);
        }
        self.by_state.entry(row.state_now()).or_default().insert(place);
        self.rows.insert(place, row);
        if let Some(at) = self.newest.iter().position(|known| *known == place) {
            self.newest.remove(at);
        }
        self.newest.push_front(place);
        self.newest.truncate(NEWEST);
    }

    /// Why nothing goes now.
    pub(super) fn stands(&self) -> Option<Message> {
        let not_sent = self.count_of(Count::State(RowState::NotSent));
        let left = format!("{} not sent", counted(not_sent, "row"));
        let goes_on = |message: Message| message.offer(Action::PauseRows, "goes on");
        Some(match (self.hold, self.wait) {
            (Some(Hold::Paused), _) => goes_on(Message::plain(format!("paused, {left}."))),
            (Some(Hold::Silent(rows)), _) => {
                goes_on(Message::warning(format!("paused: {} without an answer. {left}.", counted(rows.into(), "row"))))
            }
            (Some(Hold::Stopped(stop)), _) => {
                let message = Message::error(format!("stopped: {}. {left}.", stop.words()));
                match stop.about {
                    About::Key | About::Forbidden => goes_on(message.offer(Action::AnotherKey, "takes another key")),
                    _ => message.offer(Action::StopRows, "ends"),
                }
            }
            (None, Some(wait)) if wait.is_told => Message::warning("limit used up, it goes on by itself"),
            (None, Some(_)) => Message::warning("too many requests, no time told: it goes on by itself"),
            (Some(Hold::Ending) | None, _) => return None,
        })
    }

    pub fn over(&mut self, ctx: &mut Ctx<'_>, end: Result<RowsSent, String>) -> Next {
        match end {
            Ok(sent) => {
                self.attempt = Some(sent.attempt);
                self.ended = Some((sent.why, ctx.now));
                let message = match sent.unwritten {
                    Some(why) => Message::error(format!("{why}: rows that were under way count as unknown")),
                    None => self.came_to(),
                };
                ctx.say(message);
            }
            Err(why) => {
                self.ended = Some((RowsWhy::Ledger(why.clone()), ctx.now));
                ctx.say(Message::error(format!("nothing was sent: {why}")));
            }
        }
        // What the operator has to look at comes first.
        let worst = [RowState::Refused, RowState::Unknown, RowState::NotSent];
        let worst = worst.into_iter().find(|state| self.count_of(Count::State(*state)) > 0);
        let at = self.counts().iter().position(|count| Some(*count) == worst.map(Count::State));
        self.scroll = Scroll { cursor: at.unwrap_or(0), top: 0 };
        if self.leaving == Leaving::Goes { Next::Quit } else { Next::Stay }
    }

    fn came_to(&self) -> Message {
        let tally = self.tally();
        let are = |rows: u64| if rows == 1 { "is" } else { "are" };
        let were = |rows: u64| if rows == 1 { "was" } else { "were" };
        match tally {
            Tally { unknown: 0, refused: 0, not_sent: 0, accepted, .. } => {
                Message::fine(format!("accepted, {}", counted(accepted, "row")))
            }
            Tally { unknown: 0, refused: 0, not_sent, .. } => {
                Message::plain(format!("{} not sent.", counted(not_sent, "row")))
                    .offer(Action::Submit, "sends the rest")
            }
            Tally { unknown: 0, refused, .. } => {
                Message::warning(format!("{} {} refused", counted(refused, "row"), were(refused)))
            }
            Tally { unknown, refused: 0, .. } => {
                Message::new(Mark::Unknown, format!("{} {} unknown", counted(unknown, "row"), are(unknown)))
            }
            Tally { unknown, refused, .. } => {
                let unknown = format!("{} {} unknown", counted(unknown, "row"), are(unknown));
                Message::new(Mark::Unknown, format!("{unknown}, {refused} {} refused", were(refused)))
            }
        }
    }

    pub fn settled(&mut self, ctx: &mut Ctx<'_>, end: Result<SentRow, String>) {
        match end {
            Ok(row) => {
                let words =
                    if row.state_now() == RowState::Accepted { "counts as accepted" } else { "can be sent again" };
                let number = crate::domain::format::row_number(self.row_of(row.place));
                self.put(row);
                self.in_rows &= self.count_of(self.chosen()) > 0;
                self.row_scroll = Scroll::default();
                ctx.say(Message::fine(format!("written to the ledger: row {number} {words}")));
            }
            Err(why) => ctx.say(Message::error(why)),
        }
    }
}
