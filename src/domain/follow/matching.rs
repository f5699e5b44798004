//! Which task belongs to which row. Names decide, lengths confirm or tell equal names apart. Where two videos fit, no
//! task is claimed; where all their tasks say the same, so do the rows. No step is worse than sorting.

use super::{Counts, MARGIN_MS, SentRow, State, Task};
use crate::sent_before::VideoKey;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;

/// Why a task is thought to be a row's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// No guess: the service told the id.
    TaskId,
    NameAndLength,
    NameOnly,
    LengthOnly,
    /// So many videos fit.
    Several(u32),
    /// So many tasks fit, and they differ.
    Tasks(u32),
    /// A task has the name, and another length than the video.
    OtherLength,
}

impl Guess {
    /// `name, length`
    pub fn words(self) -> String {
        match self {
            Guess::TaskId => "task id".to_owned(),
            Guess::NameAndLength => "name, length".to_owned(),
            Guess::NameOnly => "name only".to_owned(),
            Guess::LengthOnly => "length only".to_owned(),
            Guess::Several(rows) => format!("{rows} rows fit"),
            Guess::Tasks(tasks) => format!("{tasks} tasks fit"),
            Guess::OtherLength => "other length".to_owned(),
        }
    }

    /// `name+length`: as commands print it.
    pub fn code(self) -> String {
        match self {
            Guess::TaskId => "task-id".to_owned(),
            Guess::NameAndLength => "name+length".to_owned(),
            Guess::NameOnly => "name".to_owned(),
            Guess::LengthOnly => "length".to_owned(),
            Guess::Several(rows) => format!("{rows}-rows"),
            Guess::Tasks(tasks) => format!("{tasks}-tasks"),
            Guess::OtherLength => "other-length".to_owned(),
        }
    }
}

/// What is thought of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowStanding {
    pub state: State,
    /// None without a task.
    pub guess: Option<Guess>,
    /// Position in [`Standing::tasks`]; None where no single task is claimed.
    pub task: Option<u32>,
    /// Of the tasks that fit the row, the one that changed last: position in [`Standing::tasks`].
    pub latest: Option<u32>,
    /// Another attempt that holds this video, too.
    pub also: Option<i64>,
}

/// What is thought of all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// One for each row that was sent.
    pub rows: Vec<RowStanding>,
    /// Newest change first.
    pub tasks: Vec<Task>,
    /// Tasks that no row fits.
    pub without_row: u32,
    /// A task that fits a row still runs.
    pub runs: bool,
    /// When a task that fits a row changed last, and when the last of those that are ready or failed did, by the
    /// service's clock.
    pub changed_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    pub counts: Counts,
}

impl Standing {
    pub fn task(&self, row: &RowStanding) -> Option<&Task> {
        self.tasks.get(row.task? as usize)
    }

    /// As [`RowStanding::latest`].
    pub fn latest(&self, row: &RowStanding) -> Option<&Task> {
        self.tasks.get(row.latest? as usize)
    }
}

/// Another accepted or unknown attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    pub attempt: i64,
    /// When it began, by the service's clock.
    pub began_ms: i64,
    /// [`SentRow::video`] of its rows.
    pub videos: HashSet<VideoKey>,
}

/// Matches tasks and rows. `began_ms`: when the attempt began, by the service's clock.
pub fn stand<'a>(
    rows: &[SentRow],
    tasks: impl IntoIterator<Item = &'a Task>,
    began_ms: i64,
    others: &[Other],
) -> Standing {
    let mut tasks: Vec<Task> = tasks.into_iter().cloned().collect();
    let age = |task: &Task| std::cmp::Reverse(task.changed_ms.max(task.created_ms));
    tasks.sort_unstable_by(|a, b| age(a).cmp(&age(b)).then_with(|| a.id.cmp(&b.id)));
    let none = RowStanding { state: State::NoTask, guess: None, task: None, latest: None, also: None };
    let mut matching = Matching {
        rows,
        tasks: &tasks,
        began_ms,
        others,
        fits: vec![false; tasks.len()],
        standings: vec![none; rows.len()],
    };
    matching.by_id();
    matching.by_name_and_length();
    let Matching { fits, standings, .. } = matching;
    let mut counts = Counts::of(standings.iter().map(|row| &row.state));
    counts.have_tasks(with_task(&standings, &fits));
    let without_row = fits.iter().filter(|fits| !**fits).count();
    let fitting = || tasks.iter().zip(&fits).filter(|(_, fits)| **fits).map(|(task, _)| task);
    let finished = fitting().filter(|task| task.status.is_final());
    Standing {
        runs: fitting().any(|task| !task.status.is_final()),
        changed_ms: fitting().filter_map(|task| task.changed_ms.max(task.created_ms)).max(),
        finished_ms: finished.filter_map(|task| task.changed_ms).max(),
        counts,
        rows: standings,
        without_row: u32::try_from(without_row).unwrap_or(u32::MAX),
        tasks,
    }
}

/// Rows that a task was made of. Where several rows fit the same tasks, no more of them than there are tasks.
fn with_task(standings: &[RowStanding], fits: &[bool]) -> u32 {
    let claimed: HashSet<u32> = standings.iter().filter_map(|row| row.task).collect();
    let sure = standings.iter().filter(|row| row.task.is_some()).count();
    let open = standings.iter().filter(|row| row.task.is_none() && row.state != State::NoTask).count();
    let left = fits.iter().filter(|fits| **fits).count().saturating_sub(claimed.len());
    u32::try_from(sure + open.min(left)).unwrap_or(u32::MAX)
}

struct Matching<'a> {
    rows: &'a [SentRow],
    tasks: &'a [Task],
    began_ms: i64,
    others: &'a [Other],
    /// Whether each task fits some row.
    fits: Vec<bool>,
    standings: Vec<RowStanding>,
}

/// Rows with the same video in the same index: the service takes it once.
struct Video {
    rows: Vec<u32>,
    length_ms: Option<u64>,
    also: Option<i64>,
    /// Tasks from this time on count for a newer attempt.
    until_ms: i64,
}

/// By index and file name.
type ByName<'a> = HashMap<(&'a str, Cow<'a, str>), Namesakes>;

/// Videos of one index with the same file name, and the tasks that have it.
#[derive(Default)]
struct Namesakes {
    videos: Vec<u32>,
    tasks: Vec<u32>,
}

impl<'a> Matching<'a> {
    fn by_id(&mut self) {
        let ids: HashMap<&str, u32> = (0..).zip(self.tasks).map(|(at, task)| (&*task.id, at)).collect();
        let mut rows: HashMap<&str, u32> = HashMap::new();
        for id in self.rows.iter().filter_map(|row| row.task.as_deref()) {
            *rows.entry(id).or_default() += 1;
        }
        for (row, standing) in self.rows.iter().zip(&mut self.standings) {
            let Some(id) = row.task.as_deref() else { continue };
            let is_shared = rows.get(id).is_some_and(|rows| *rows > 1);
            if is_shared {
                // A gateway may repeat a reply: one task can't be the task of two videos.
                standing.state = State::Unclear;
            }
            let Some(at) = ids.get(id) else { continue };
            let Some(task) = self.tasks.get(*at as usize) else { continue };
            standing.latest = Some(*at);
            if !is_shared {
                standing.state = State::Of(task.status.clone());
                (standing.guess, standing.task) = (Some(Guess::TaskId), Some(*at));
            }
            if let Some(fits) = self.fits.get_mut(*at as usize) {
                *fits = true;
            }
        }
    }

    fn by_name_and_length(&mut self) {
        let (videos, mut groups) = self.videos();
        let only_index = self.only_index();
        let mut nameless = Vec::new();
        for (at, task) in (0u32..).zip(self.tasks) {
            if self.fits.get(at as usize).is_some_and(|fits| *fits) || !self.is_of_this_time(task) {
                continue;
            }
            let index = task.index.as_deref().or(only_index).unwrap_or_default();
            let name = task.name.as_deref().unwrap_or_default();
            match groups.get_mut(&(index, normal(name))) {
                Some(group) if !name.is_empty() => group.tasks.push(at),
                // A real name that no row has is somebody else's video, however long.
                _ if says_nothing(name) => nameless.push((index, at)),
                _ => {}
            }
        }
        let mut taskless = Vec::new();
        for ((index, _), group) in &groups {
            for (videos_of, tasks_of) in apart(&videos, self.tasks, group) {
                if tasks_of.is_empty() {
                    taskless.extend(videos_of.iter().map(|video| (*index, *video)));
                }
                self.settle(&videos, &videos_of, &tasks_of);
            }
        }
        for (video, task) in by_length_alone(&videos, self.tasks, &taskless, &nameless) {
            // Counted for a newer attempt, it still fits.
            let until = videos.get(video as usize).map_or(i64::MIN, |video| video.until_ms);
            if self.tasks.get(task as usize).and_then(|task| task.created_ms).is_none_or(|created| created >= until) {
                if let Some(fits) = self.fits.get_mut(task as usize) {
                    *fits = true;
                }
                continue;
            }
            self.claim(&videos, video, task, Guess::LengthOnly);
        }
    }

    fn is_of_this_time(&self, task: &Task) -> bool {
        task.created_ms.is_some_and(|created| created >= self.began_ms - MARGIN_MS)
    }

    fn only_index(&self) -> Option<&'a str> {
        let first = &*self.rows.first()?.index;
        self.rows.iter().all(|row| &*row.index == first).then_some(first)
    }

    fn videos(&self) -> (Vec<Video>, ByName<'a>) {
        let mut videos: Vec<Video> = Vec::new();
        let mut known: HashMap<(&str, &str), u32> = HashMap::new();
        let mut groups = ByName::new();
        for (at, row) in (0u32..).zip(self.rows).filter(|(_, row)| row.task.is_none()) {
            let next = u32::try_from(videos.len()).unwrap_or(u32::MAX);
            let video = *known.entry((&row.index, &row.object)).or_insert(next);
            if video == next {
                let held: Vec<&Other> = match self.others {
                    [] => Vec::new(),
                    others => {
                        let hash = row.video();
                        others.iter().filter(|other| other.videos.contains(&hash)).collect()
                    }
                };
                let newer = held.iter().filter(|other| other.began_ms > self.began_ms).map(|other| other.began_ms);
                videos.push(Video {
                    rows: Vec::new(),
                    length_ms: row.length_ms,
                    also: held.iter().map(|other| other.attempt).max(),
                    until_ms: newer.min().map_or(i64::MAX, |began| began - MARGIN_MS),
                });
                groups.entry((&row.index, normal(row.name()))).or_default().videos.push(video);
            }
            if let Some(video) = videos.get_mut(video as usize) {
                video.rows.push(at);
                video.length_ms = video.length_ms.max(row.length_ms);
            }
        }
        (videos, groups)
    }

    /// Decides for videos that nothing tells apart.
    fn settle(&mut self, all: &[Video], videos: &[u32], tasks: &[u32]) {
        let until = videos.iter().filter_map(|video| all.get(*video as usize)).map(|video| video.until_ms).max();
        let ours = |at: &&u32| {
            let created = self.tasks.get(**at as usize).and_then(|task| task.created_ms);
            created.is_some_and(|created| until.is_some_and(|until| created < until))
        };
        let ours: Vec<u32> = tasks.iter().filter(ours).copied().collect();
        // Counted for a newer attempt, they still fit.
        for at in tasks {
            if let Some(fits) = self.fits.get_mut(*at as usize) {
                *fits = true;
            }
        }
        let mut by_age: Vec<(&Task, u32)> =
            ours.iter().filter_map(|at| Some((self.tasks.get(*at as usize)?, *at))).collect();
        by_age.sort_unstable_by(|(a, _), (b, _)| b.created_ms.cmp(&a.created_ms).then_with(|| b.id.cmp(&a.id)));
        match (videos, &*by_age) {
            (_, []) => self.also(all, videos),
            ([video], tasks) => self.settle_one(all, *video, tasks),
            (_, [(first, _), rest @ ..]) => {
                let is_same = rest.iter().all(|(task, _)| task.status == first.status) && by_age.len() >= videos.len();
                let state = if is_same { State::Of(first.status.clone()) } else { State::Unclear };
                let several = Guess::Several(u32::try_from(videos.len()).unwrap_or(u32::MAX));
                // They stand in the order of their changes.
                let latest = ours.iter().min().copied();
                for video in videos {
                    self.write(all, *video, &state, Some(several), (None, latest));
                }
            }
        }
    }

    /// Decides for the only video of its name. A length is told by the file and by the service: equal ones tell the task
    /// among others of this name, unequal ones speak against it. Of several that differ, none is claimed.
    fn settle_one(&mut self, all: &[Video], video: u32, by_age: &[(&Task, u32)]) {
        let length = all.get(video as usize).and_then(|video| video.length_ms);
        let fits = |task: &Task| Some(is_as_long(length?, task.length_ms?));
        let of = |wanted: Option<bool>| by_age.iter().filter(|(task, _)| fits(task) == wanted).collect::<Vec<_>>();
        let (guess, found) = match of(Some(true)) {
            surely if !surely.is_empty() => (Guess::NameAndLength, surely),
            _ => (Guess::NameOnly, of(None)),
        };
        match &*found {
            [] => {
                let latest = by_age.iter().map(|(_, at)| *at).min();
                self.write(all, video, &State::Unclear, Some(Guess::OtherLength), (None, latest));
            }
            [(newest, at), rest @ ..] if rest.iter().all(|(task, _)| task.status == newest.status) => {
                self.claim(all, video, *at, guess);
            }
            differ => {
                let tasks = Guess::Tasks(u32::try_from(differ.len()).unwrap_or(u32::MAX));
                let latest = differ.iter().map(|(_, at)| *at).min();
                self.write(all, video, &State::Unclear, Some(tasks), (None, latest));
            }
        }
    }

    fn claim(&mut self, all: &[Video], video: u32, task: u32, guess: Guess) {
        let Some(state) = self.tasks.get(task as usize).map(|task| State::Of(task.status.clone())) else { return };
        if let Some(fits) = self.fits.get_mut(task as usize) {
            *fits = true;
        }
        self.write(all, video, &state, Some(guess), (Some(task), Some(task)));
    }

    fn also(&mut self, all: &[Video], videos: &[u32]) {
        for video in videos {
            self.write(all, *video, &State::NoTask, None, (None, None));
        }
    }

    /// `tasks`: the one that is claimed, and the one that changed last.
    fn write(
        &mut self,
        all: &[Video],
        video: u32,
        state: &State,
        guess: Option<Guess>,
        (task, latest): (Option<u32>, Option<u32>),
    ) {
        let Some(video) = all.get(video as usize) else { return };
        for row in &video.rows {
            if let Some(standing) = self.standings.get_mut(*row as usize) {
                *standing = RowStanding { state: state.clone(), guess, task, latest, also: video.also };
            }
        }
    }
}

/// Splits namesakes by their lengths where every length is known, else leaves them together.
fn apart(videos: &[Video], tasks: &[Task], group: &Namesakes) -> Vec<(Vec<u32>, Vec<u32>)> {
    let together = || vec![(group.videos.clone(), group.tasks.clone())];
    if group.videos.len() < 2 || group.tasks.is_empty() {
        return together();
    }
    let length = |video: &u32| videos.get(*video as usize)?.length_ms.map(|length| (length, *video));
    let Some(mut by_length) = group.videos.iter().map(length).collect::<Option<Vec<_>>>() else { return together() };
    by_length.sort_unstable();
    // Neighbours that one length could mean stay together.
    let mut clusters: Vec<(u64, u64, Vec<u32>, Vec<u32>)> = Vec::new();
    for (length, video) in by_length {
        match clusters.last_mut() {
            Some((_, longest, of, _)) if is_as_long(*longest, length) => {
                *longest = length;
                of.push(video);
            }
            _ => clusters.push((length, length, vec![video], Vec::new())),
        }
    }
    for at in &group.tasks {
        let Some(length) = tasks.get(*at as usize).and_then(|task| task.length_ms) else { return together() };
        let after = clusters.partition_point(|(_, longest, ..)| *longest < length);
        let near = |(shortest, longest, ..): &(u64, u64, Vec<u32>, Vec<u32>)| {
            (*shortest..=*longest).contains(&length) || is_as_long(*shortest, length) || is_as_long(*longest, length)
        };
        let fit: Vec<usize> = [after.checked_sub(1), Some(after)]
            .into_iter()
            .flatten()
            .filter(|at| clusters.get(*at).is_some_and(near))
            .collect();
        match *fit {
            [only] => {
                if let Some((.., of)) = clusters.get_mut(only) {
                    of.push(*at);
                }
            }
            // Of two it could be either; of none, a length was told wrong.
            _ => return together(),
        }
    }
    clusters.into_iter().map(|(.., videos, tasks)| (videos, tasks)).collect()
}

/// Videos and tasks whose lengths fit each other and nothing else in their index. A video whose length is not known could
/// be any task's: then nothing is claimed by length alone.
fn by_length_alone(
    videos: &[Video],
    tasks: &[Task],
    taskless: &[(&str, u32)],
    nameless: &[(&str, u32)],
) -> Vec<(u32, u32)> {
    let mut lengths: HashMap<&str, Vec<(u64, bool, u32)>> = HashMap::new();
    let mut unclear: HashSet<&str> = HashSet::new();
    for (index, video) in taskless {
        match videos.get(*video as usize).and_then(|video| video.length_ms) {
            Some(length) => lengths.entry(index).or_default().push((length, true, *video)),
            None => _ = unclear.insert(index),
        }
    }
    lengths.retain(|index, _| !unclear.contains(index));
    for (index, task) in nameless {
        let length = tasks.get(*task as usize).and_then(|task| task.length_ms);
        if let (Some(length), Some(lengths)) = (length, lengths.get_mut(index)) {
            lengths.push((length, false, *task));
        }
    }
    let mut found = Vec::new();
    for sorted in lengths.values_mut() {
        sorted.sort_unstable();
        // A pair that stands alone: nothing else is near either of the two.
        let near = |a: Option<&(u64, bool, u32)>, b: Option<&(u64, bool, u32)>| {
            a.zip(b).is_some_and(|((a, ..), (b, ..))| is_as_long(*a, *b))
        };
        for (at, pair) in sorted.windows(2).enumerate() {
            let [(_, first_is_video, first), (_, second_is_video, second)] = pair else { continue };
            let alone = !near(at.checked_sub(1).and_then(|before| sorted.get(before)), pair.first())
                && !near(pair.get(1), sorted.get(at + 2));
            if first_is_video != second_is_video && near(pair.first(), pair.get(1)) && alone {
                found.push(if *first_is_video { (*first, *second) } else { (*second, *first) });
            }
        }
    }
    found
}

/// The service may measure a length elsewhere than in the file's header.
fn is_as_long(a: u64, b: u64) -> bool {
    a.abs_diff(b) <= (a.max(b) / 100).max(1_000)
}

/// Names are compared in one Unicode form: S3 keeps what it was given, others compose.
fn normal(name: &str) -> Cow<'_, str> {
    if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

/// No name, or one that a machine made up: of videos from addresses, a UUID was seen.
fn says_nothing(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let digits = stem.bytes().filter(u8::is_ascii_hexdigit).count();
    name.is_empty() || (digits >= 24 && stem.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
}
