//! The rows of a send row by row, while they go and afterwards: counts, and the rows of the chosen count.

use super::{RowsGate, Sheet};
use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{Moment, RowsRead, RowsReady};
use crate::app::next::{Next, Purpose, ReceiptOf, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::file_name;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::RowId;
use crate::domain::printable::printable;
use crate::domain::request::Fingerprint;
use crate::domain::rows::{
    CannotGo, Hold, Quota, RowState, RowsControl, RowsCutOff, RowsNews, RowsSent, RowsWhy, SentRow, Slow, Tally, Wait,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows listed while they go, newest first.
const NEWEST: usize = 200;
/// What the sending took and what lies between its first row and its last differ by no more than this, in milliseconds.
const NEARLY: i64 = 2_000;

/// The rows can be looked at, but they are not those of the table.
const OF_ANOTHER_FILE: Why = Why::but("these rows are of another file.", Action::OpenItsFile, "opens it");

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
    pub sheet: Sheet,
    pub file: String,
    path: PathBuf,
    pub address: String,
    pub fingerprint: Fingerprint,
    pub attempt: Option<i64>,
    pub started: Moment,
    /// When this run of it began, in Unix milliseconds: it may have gone on from an earlier one.
    pub run_ms: i64,
    /// It was sent in one go: its time from the start to the end says how long it took.
    pub is_one_run: bool,
    /// When the last row changed, in Unix milliseconds.
    pub last_ms: Option<i64>,
    /// Rows that are accepted by the operator's word.
    by_word: u64,
    /// Rows that were begun, by their place in the file.
    pub rows: BTreeMap<u32, SentRow>,
    /// The places in each state.
    by_state: BTreeMap<RowState, BTreeSet<u32>>,
    /// Those that changed last, newest first.
    pub newest: VecDeque<u32>,
    /// Rows that can't go, and why; the ledger does not keep that.
    pub cannot: Vec<(RowId, Option<CannotGo>)>,
    pub why_not: String,
    pub quota: Option<Quota>,
    pub hold: Option<Hold>,
    pub wait: Option<Wait>,
    pub(super) slow: Option<Slow>,
    /// The operator ends it.
    pub is_ending: bool,
    pub leaving: Leaving,
    /// It shows a send that was cut off, before any row goes on.
    pub(super) cut_off: Option<RowsCutOff>,
    /// It was opened from the log, and goes back there.
    pub is_from_log: bool,
    pub ended: Option<(RowsWhy, Moment)>,
    pub scroll: Scroll,
    pub row_scroll: Scroll,
    /// Whether the focus is in the rows, not in the counts.
    pub in_rows: bool,
}

impl Board {
    pub fn new(ctx: &Ctx<'_>, gate: &RowsGate, ready: &RowsReady) -> Board {
        let cannot = ready.plan.cannot.iter().filter(|(_, why)| *why != CannotGo::Excluded);
        let cannot = cannot.map(|(row, why)| (*row, Some(*why))).collect();
        let able = ready.plan.going.iter().map(|going| going.place);
        let begun = ready.rows.iter().map(|row| row.at_ms).min();
        let board = Board {
            sheet: Sheet::open(&gate.snapshot),
            file: ctx.session().map(|session| session.name()).unwrap_or_default(),
            path: ctx.session().map(|session| session.path.clone()).unwrap_or_default(),
            address: ctx.options.address.as_ref().map(|address| address.single()).unwrap_or_default(),
            fingerprint: ready.facts.fingerprint,
            attempt: ready.attempt,
            started: begun.map_or(ctx.now, |began| ctx.now.at(began)),
            run_ms: ctx.now.unix_ms,
            is_one_run: begun.is_none(),
            last_ms: None,
            by_word: 0,
            rows: BTreeMap::new(),
            by_state: BTreeMap::from([(RowState::NotSent, able.collect())]),
            newest: VecDeque::new(),
            cannot,
            why_not: ready.plan.why_not(),
            quota: ready.quota,
            hold: None,
            wait: None,
            slow: None,
            is_ending: false,
            leaving: Leaving::Stays,
            cut_off: None,
            is_from_log: false,
            ended: None,
            scroll: Scroll::default(),
            row_scroll: Scroll::default(),
            in_rows: false,
        };
        board.with(&ready.rows)
    }

    /// A send from the ledger.
    pub fn of_kept(ctx: &mut Ctx<'_>, read: &RowsRead) -> Board {
        let RowsRead { attempt, rows, able, sent } = read;
        let path = PathBuf::from(&attempt.intent.file);
        let able: BTreeSet<u32> = able.iter().copied().chain(rows.iter().map(|row| row.place)).collect();
        let sheet = Sheet::of_sent(ctx.session(), &path, Arc::clone(sent));
        let others = (0..attempt.intent.rows).filter(|place| !able.contains(place));
        let cannot = others.map(|place| (sheet.row_of(place), None)).collect();
        let took = i64::try_from(attempt.ended.took_ms).unwrap_or(0);
        let board = Board {
            sheet,
            file: file_name(&path),
            path,
            address: attempt.intent.address.clone(),
            fingerprint: attempt.intent.fingerprint,
            attempt: Some(attempt.id),
            started: ctx.now.at(attempt.intent.started_ms),
            run_ms: attempt.intent.started_ms,
            is_one_run: attempt.ended_ms() - attempt.intent.started_ms <= took.saturating_add(NEARLY),
            last_ms: None,
            by_word: 0,
            rows: BTreeMap::new(),
            by_state: BTreeMap::from([(RowState::NotSent, able)]),
            newest: VecDeque::new(),
            cannot,
            why_not: String::new(),
            quota: None,
            hold: None,
            wait: None,
            slow: None,
            is_ending: false,
            leaving: Leaving::Stays,
            cut_off: None,
            is_from_log: true,
            ended: Some((RowsWhy::Done, ctx.now.at(attempt.ended_ms()))),
            scroll: Scroll::default(),
            row_scroll: Scroll::default(),
            in_rows: false,
        };
        let mut board = board.with(rows);
        board.choose_worst();
        ctx.say(board.came_to());
        board
    }

    /// With rows that were begun before.
    fn with(mut self, rows: &[SentRow]) -> Board {
        let mut rows: Vec<&SentRow> = rows.iter().collect();
        rows.sort_by_key(|row| row.at_ms);
        rows.into_iter().for_each(|row| self.put(row.clone()));
        self
    }

    /// The board of a send that was cut off: nothing goes yet.
    pub fn cut_off(ctx: &Ctx<'_>, gate: &RowsGate, ready: &RowsReady, found: RowsCutOff) -> Board {
        Board { hold: Some(Hold::Paused), cut_off: Some(found), ..Board::new(ctx, gate, ready) }
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
            by_word: self.by_word,
            last_ms: self.last_ms,
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

    /// The row that stands at this place in the file.
    pub fn row_of(&self, place: u32) -> RowId {
        self.sheet.row_of(place)
    }

    /// Nothing is under way, and nothing goes before the operator says so.
    pub fn rests(&self) -> bool {
        self.hold.is_some() && self.count_of(Count::State(RowState::UnderWay)) == 0
    }

    /// The operator's word is asked for the row under the cursor.
    pub fn asks_for_word(&self) -> bool {
        self.ended.is_some() && self.unknown().is_some()
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
        match action {
            Action::AnotherKey if self.ended.is_none() && !self.wants_key() => {
                Err("the API key was not refused".into())
            }
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
            Action::Submit if self.count_of(Count::State(RowState::NotSent)) == 0 => Err(self.why_nothing_is_left()),
            Action::OpenItsFile if self.sheet.is_open() => Err("this file is open already".into()),
            Action::Submit if !self.sheet.is_open() => Err(OF_ANOTHER_FILE),
            Action::NextCount | Action::Accept | Action::DraftToRetry if self.count_of(self.chosen()) == 0 => {
                Err("there is no such row".into())
            }
            Action::Accept if self.in_rows && !self.sheet.is_open() => Err(OF_ANOTHER_FILE),
            _ => Ok(()),
        }
    }

    fn why_nothing_is_left(&self) -> Why {
        match self.tally() {
            Tally { refused: 1.., .. } => {
                Why::but("nothing is left to send.", Action::DraftToRetry, "drafts the refused rows")
            }
            Tally { unknown: 1.., .. } => "nothing is left to send: an unknown row waits for your word".into(),
            _ => "every row that can go was sent".into(),
        }
    }

    /// Why nothing is done with rows of a file that is not open, by its name.
    pub fn refusal(&self, action: Action) -> Option<Message> {
        let wants_table = matches!(action, Action::Submit | Action::Accept);
        let text = format!("these rows are of {}.", printable(&self.file));
        let is_other = wants_table && !self.sheet.is_open() && self.can(action) == Err(OF_ANOTHER_FILE);
        is_other.then(|| Message::plain(text).offer(Action::OpenItsFile, "opens it"))
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
                *ctx.message = None;
            }
            Action::Back | Action::Quit if self.ended.is_none() => {
                self.leaving = Leaving::Asked;
                ctx.say(self.asks_to_leave());
            }
            Action::Back if self.in_rows => self.in_rows = false,
            Action::Back | Action::Quit | Action::Log if self.is_from_log => return Next::Close,
            Action::Back | Action::Quit => return Next::ToTable,
            Action::OpenItsFile => return Next::Load(self.path.clone()),
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
        *ctx.message = None;
    }

    /// Writes the rows of the chosen count to a file of their own.
    fn draft(&self, ctx: &mut Ctx<'_>) {
        let Count::State(state) = self.chosen() else { return };
        let rows: Vec<u32> = self.by_state.get(&state).into_iter().flatten().copied().collect();
        let count = rows.len() as u64;
        let words = format!("draft of {}: {} {}", counted(count, "row"), thousands(count), state.word());
        let sent = self.sheet.sent();
        let job = ctx.begin(Task::Draft);
        ctx.ask(Effect::DraftToRetry { job, file: self.path.clone(), sent, rows, words });
    }

    fn order(&self, ctx: &mut Ctx<'_>, control: RowsControl) {
        if let Some(job) = ctx.jobs.id(Task::SendRows) {
            ctx.ask(Effect::OrderRows(job, control));
        }
    }

    pub fn moved(&mut self, ctx: &mut Ctx<'_>, news: RowsNews) {
        self.slow = if let RowsNews::Slow(slow) = news { Some(slow) } else { None };
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
            // What stands now is told by [`Board::stands`].
            RowsNews::Slow(_) if self.leaving == Leaving::Asked => {}
            RowsNews::Slow(_) => *ctx.message = None,
            RowsNews::Stands { hold, wait, .. } => {
                let is_news = (self.hold, self.wait) != (hold, wait);
                (self.hold, self.wait) = (hold, wait);
                if self.leaving == Leaving::Asked {
                    // The question stands until it is answered.
                } else if is_news {
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
        let is_by_word = |row: &SentRow| row.settled.is_some() && row.state_now() == RowState::Accepted;
        self.by_state.entry(row.state_now()).or_default().insert(place);
        self.last_ms = self.last_ms.max(Some(row.at_ms));
        self.by_word += u64::from(is_by_word(&row));
        let before = self.rows.insert(place, row);
        self.by_word -= u64::from(before.is_some_and(|before| is_by_word(&before)));
        if let Some(at) = self.newest.iter().position(|known| *known == place) {
            self.newest.remove(at);
        }
        self.newest.push_front(place);
        self.newest.truncate(NEWEST);
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
        self.choose_worst();
        if self.leaving == Leaving::Goes { Next::Quit } else { Next::Stay }
    }

    /// What the operator has to look at comes first.
    fn choose_worst(&mut self) {
        let worst = [RowState::Refused, RowState::Unknown, RowState::NotSent];
        let worst = worst.into_iter().find(|state| self.count_of(Count::State(*state)) > 0);
        let at = self.counts().iter().position(|count| Some(*count) == worst.map(Count::State));
        self.scroll = Scroll { cursor: at.unwrap_or(0), top: 0 };
    }

    /// The cursor stays where it is: on the row that follows the settled one.
    pub fn settled(&mut self, ctx: &mut Ctx<'_>, end: &Result<SentRow, String>) {
        match end {
            Ok(row) => {
                let words =
                    if row.state_now() == RowState::Accepted { "counts as accepted" } else { "can be sent again" };
                let number = crate::domain::format::row_number(self.row_of(row.place));
                self.put(row.clone());
                let left = self.count_of(self.chosen()) as usize;
                self.in_rows &= left > 0;
                self.row_scroll.cursor = self.row_scroll.cursor.min(left.saturating_sub(1));
                self.row_scroll.top = self.row_scroll.top.min(self.row_scroll.cursor);
                ctx.say(Message::fine(format!("written to the ledger: row {number} {words}")));
            }
            Err(why) => ctx.say(Message::error(why.clone())),
        }
    }
}
