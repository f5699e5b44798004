//! `cuecard check --online`: checks everything that rows name, and reports progress and unclear answers.

use super::Check;
use crate::commands::signals::Signals;
use crate::commands::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{
    self as domain, Answer, Evidence, Fact, Observation, Observed, Plan, Progress, Scope, SubjectKind, SweepState,
};
use crate::domain::format::{counted, length, thousands, took};
use crate::domain::printable::printable;
use crate::domain::report::Gap;
use crate::domain::row_set::RowSet;
use crate::io::checks::{CheckOptions, Checks, Labs, Report};
use crate::io::s3::S3;
use crate::submission::Destination;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

/// Interval between progress lines if stderr is not a terminal.
const SAY: Duration = Duration::from_secs(5);

/// The result of the online checks.
#[derive(Debug)]
pub struct Asked {
    pub evidence: Evidence,
    /// Some service answered: otherwise nothing was verified, however few findings there are.
    pub is_verified: bool,
    /// What nobody asked about.
    pub gap: Option<Gap>,
}

impl From<Evidence> for Asked {
    fn from(evidence: Evidence) -> Asked {
        Asked { evidence, is_verified: true, gap: None }
    }
}

/// Makes the checks and returns the answers. Unclear ones are narration and not findings.
///
/// # Errors
/// [`Failure`] if it can't start or a signal ended it: then there is nothing to report.
pub(in crate::commands) fn observe(
    arguments: &Check,
    context: &Context,
    snapshot: &Snapshot,
) -> Result<Asked, Failure> {
    let Round { evidence, stood_still, unclear, .. } = ask(arguments, context, snapshot, scope(arguments))?;
    let is_verified = !stood_still && unclear.is_somebody_there();
    if stood_still || !unclear.is_connected() {
        say("Without a connection nothing is verified online: only the file was checked, and the exit code is 2.");
    } else if !is_verified {
        say(
            "No answer could be used, so nothing is verified online: only the file was checked, and the exit code is 2.",
        );
    }
    Ok(Asked { evidence, is_verified, gap: None })
}

/// What the arguments ask about.
pub(super) fn scope(arguments: &Check) -> Scope {
    Scope {
        rows: arguments.rows.map(|(first, last)| RowSet::range(first - 1, last)),
        transcripts: true,
        videos: !arguments.no_videos,
        indexes: true,
        afresh: arguments.afresh,
        share: None,
    }
}

/// What a round of questions brought.
#[derive(Debug)]
pub(super) struct Round {
    pub evidence: Evidence,
    pub requests: u64,
    /// It ended early, since nobody answers.
    pub stood_still: bool,
    pub unclear: Unclear,
}

/// Asks about everything in scope, and says how far it is and what remained unclear.
///
/// # Errors
/// As [`observe`].
pub(super) fn ask(
    arguments: &Check,
    context: &Context,
    snapshot: &Snapshot,
    mut scope: Scope,
) -> Result<Round, Failure> {
    let failed =
        |error: io::Error| Failure::usage(format!("nothing can be checked online: {}", crate::io::error_words(&error)));
    let mut evidence = Evidence::new(context.limits()?);
    let nothing = |evidence| Round { evidence, requests: 0, stood_still: false, unclear: Unclear::default() };
    let Some(mut plan) = Plan::of(snapshot, &scope, &evidence, || true) else {
        return Ok(nothing(evidence));
    };
    let labs = labs(context, &plan)?;
    if labs.is_none() {
        plan.indexes = 0;
        scope.indexes = false;
    }
    let total = plan.transcripts + plan.videos + plan.indexes;
    if total == 0 {
        say("These rows name nothing to check online.");
        return Ok(nothing(evidence));
    }
    let options = context.s3()?;
    let s3 = S3::new(options.clone()).map_err(|error| Failure::usage(error.to_string()))?;
    let options = CheckOptions {
        shared_by: arguments.shard.map_or(1, |shard| shard.of),
        ..CheckOptions::of(&options, &s3, context.folders.state.clone())
            .with_at_once(context.at_once(arguments.at_once))
    };
    say(&format!("Checking {}.", plan.words(None)));
    let runtime = crate::io::threads::runtime(None).map_err(failed)?;
    let result = runtime.block_on(async {
        let mut signals = Signals::listen();
        let (checks, reports) = Checks::start(s3, labs, options);
        checks.sweep(1, snapshot.clone(), scope, total);
        let mut asking =
            Asking { reports, evidence: &mut evidence, unclear: Unclear::default(), told: Affected::default() };
        let began = Instant::now();
        let ended = tokio::select! {
            biased;
            number = signals.next() => Err(number),
            ended = asking.go_on(&checks) => Ok(ended),
        };
        asking.told.wipe();
        // The answers are cached for the next run.
        drop(checks);
        while let Some(report) = asking.reports.recv().await {
            if let Report::Observed(batch) = report {
                asking.observe(batch);
            }
        }
        let Progress { done, total, requests, .. } = &asking.told.last;
        let (done, total) = (thousands(*done), thousands(*total));
        let stood_still = match ended {
            Err(number) => {
                let message =
                    format!("Ended by signal {number}: {done} of {total} were asked about. No findings are written.");
                return Err(Failure { exit: 128 + number, message });
            }
            Ok(Some(why)) => {
                say(&format!("The check stopped, {why}: {done} of {total} were asked about."));
                true
            }
            Ok(None) => false,
        };
        let remembered = match asking.unclear.remembered {
            0 => String::new(),
            many => format!(", {} remembered", thousands(many)),
        };
        let sent = *requests;
        let requests = counted(sent, "request");
        let took = took(began.elapsed());
        match asking.unclear.clear {
            clear if clear >= asking.unclear.all => {
                say(&format!("Checked {done} online with {requests} in {took}{remembered}."));
            }
            clear => {
                let clear = thousands(clear);
                say(&format!(
                    "Requested {done} online with {requests} in {took}{remembered}: {clear} could be checked."
                ));
            }
        }
        asking.unclear.say();
        Ok((sent, stood_still, asking.unclear))
    });
    // A pending name lookup must not delay the end.
    runtime.shutdown_background();
    let (requests, stood_still, unclear) = result?;
    Ok(Round { evidence, requests, stood_still, unclear })
}

/// How to check indexes; None without an API key, or if no row names one.
fn labs(context: &Context, plan: &Plan) -> Result<Option<Labs>, Failure> {
    if plan.indexes == 0 {
        return Ok(None);
    }
    let submissions = context.submissions()?;
    if submissions.api_keys().origin().is_none() {
        say("There is no API key: indexes are not checked.");
        return Ok(None);
    }
    let api_key = match submissions.api_keys().api_key() {
        Ok(api_key) => api_key,
        Err(why) => {
            say(&format!("Indexes are not checked: {why}"));
            return Ok(None);
        }
    };
    let Destination { address, route, .. } = submissions.to().clone();
    Ok(Some(Labs { address, route, api_key: Arc::new(move || Some(api_key.clone())) }))
}

struct Asking<'a> {
    reports: Receiver<Report>,
    evidence: &'a mut Evidence,
    unclear: Unclear,
    told: Affected,
}

impl Asking<'_> {
    /// Runs until everything is checked, or returns why nobody answers.
    async fn go_on(&mut self, checks: &Checks) -> Option<String> {
        let mut gave_up = None;
        while let Some(report) = self.reports.recv().await {
            match report {
                Report::Observed(batch) => self.observe(batch),
                Report::Moved(progress) => {
                    let state = progress.state.clone();
                    // After giving up, requests under way still report; then it is over.
                    let is_quiet = progress.now.is_empty();
                    self.told.tell(progress);
                    match state {
                        SweepState::Done => return None,
                        SweepState::Resting(why) => {
                            gave_up.get_or_insert(why);
                            checks.stop();
                        }
                        SweepState::None if gave_up.is_some() && is_quiet => return gave_up,
                        _ => {}
                    }
                }
            }
        }
        gave_up
    }

    fn observe(&mut self, batch: Vec<Observed>) {
        for Observed { subject, observation, .. } in batch {
            let Some(observation) = observation else { continue };
            if !self.evidence.has(&subject) {
                self.unclear.count(subject.kind(), &observation);
            }
            self.evidence.observe(&subject, &observation);
        }
    }
}

/// What has no clear answer, and why.
#[derive(Debug, Default)]
pub(super) struct Unclear {
    whys: BTreeMap<(SubjectKind, String), u64>,
    /// Kinds of subjects with an answer, and kinds without any.
    reached: BTreeSet<SubjectKind>,
    missed: BTreeSet<SubjectKind>,
    private_videos: u64,
    remembered: u64,
    /// Subjects so far.
    all: u64,
    /// Of those, the ones that were checked in full.
    clear: u64,
    /// Of those, the ones that were requested, and the ones that the service told anything about.
    requested: u64,
    told: u64,
}

impl Unclear {
    pub fn count(&mut self, kind: SubjectKind, observation: &Observation) {
        self.remembered += u64::from(observation.cached);
        match observation.unclear() {
            Some(domain::Unclear::Unreachable(_)) => self.missed.insert(kind),
            // No request was made.
            Some(domain::Unclear::NotAskable | domain::Unclear::NoKey) => false,
            _ => !observation.cached && self.reached.insert(kind),
        };
        self.all += 1;
        self.clear += u64::from(observation.is_clear());
        let is_requested = !matches!(observation.unclear(), Some(domain::Unclear::NotAskable | domain::Unclear::NoKey));
        self.requested += u64::from(is_requested);
        self.told += u64::from(observation.is_settled());
        if let Some(why) = observation.untold() {
            *self.whys.entry((kind, why)).or_default() += 1;
        }
        if let Fact::Video(video) = &observation.fact
            && matches!(video.answer, Answer::Refused { .. })
        {
            self.private_videos += 1;
        }
    }

    /// Whether every service could be reached.
    pub fn is_connected(&self) -> bool {
        self.missed.is_subset(&self.reached)
    }

    /// Whether every service could be reached, and one of them told something.
    pub fn is_somebody_there(&self) -> bool {
        self.is_connected() && (self.told > 0 || self.requested == 0)
    }

    pub fn say(&self) {
        for ((kind, why), count) in &self.whys {
            say(&format!("{} could not be checked: {why}.", many(*kind, *count)));
        }
        if self.private_videos > 0 {
            let private = many(SubjectKind::Video, self.private_videos);
            let verb = if self.private_videos == 1 { "is" } else { "are" };
            say(&format!("{private} {verb} private, which is fine, and could not be read."));
        }
    }
}

fn many(kind: SubjectKind, count: u64) -> String {
    let (one, more) = match kind {
        SubjectKind::Transcript => ("transcript", "transcripts"),
        SubjectKind::Video => ("video", "videos"),
        SubjectKind::Index => ("index", "indexes"),
    };
    format!("{} {}", thousands(count), if count == 1 { one } else { more })
}

/// Progress: one line that is overwritten on a terminal, otherwise a line now and then.
#[derive(Debug)]
struct Affected {
    last: Progress,
    on_terminal: bool,
    said: Instant,
}

impl Default for Affected {
    fn default() -> Self {
        Affected { last: Progress::default(), on_terminal: io::stderr().is_terminal(), said: Instant::now() }
    }
}

impl Affected {
    fn tell(&mut self, progress: Progress) {
        let left = progress.left().filter(|left| !left.is_zero());
        let left = left.map_or_else(String::new, |left| format!(", about {} left", length(left)));
        let line = format!("checked {} of {}{left}", thousands(progress.done), thousands(progress.total));
        self.last = progress;
        if self.on_terminal {
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[K{}", printable(&line)).and_then(|()| out.flush());
        } else if self.said.elapsed() >= SAY {
            self.said = Instant::now();
            say(&line);
        }
    }

    /// Clears the line for the next message.
    fn wipe(&self) {
        if self.on_terminal {
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}
