//! `cuecard submit --route tasks`: sends row by row, and prints each row as it is answered. The same command again goes on
//! where it ended.

mod told;

use super::{asking, known, on, read, sent_before, without_ledger};
use crate::commands::arguments::{Format, Submit};
use crate::commands::signals::Signals;
use crate::commands::{Context, Failure, print, say};
use crate::domain::draft::Snapshot;
use crate::domain::format::{counted, length, row_number, thousands};
use crate::domain::manifest::Field;
use crate::domain::printable::printable;
use crate::domain::rows::{
    CannotGo, RowsControl, RowsPlan, RowsSent, RowsWhy, Tally, Terms, curl_of_row, takes_transcripts,
};
use crate::domain::rules::Severity;
use crate::domain::s3_url::S3Url;
use crate::domain::submission::Earlier;
use crate::io::error_words;
use crate::io::s3::S3;
use crate::io::threads;
use crate::submission::rows::{Manner, Places, RowsFacts, RowsParcel, shown_request, tally_of};
use crate::submission::{Submissions, WhyNot};
use futures_util::StreamExt as _;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use told::{Told, clock};

/// A guess at the pace until there is one.
const ROWS_A_SECOND: u64 = 2;
/// Most rows that are listed because they can't go.
const LISTED: usize = 20;

struct Sending<'a> {
    arguments: &'a Submit,
    context: &'a Context,
    submissions: Arc<Submissions>,
    snapshot: Snapshot,
    facts: RowsFacts,
    plan: RowsPlan,
    places: Places,
    s3: S3,
}

/// # Errors
/// [`Failure`] if it ends before the first row could be sent.
pub(super) fn run(arguments: &Submit, context: &Context) -> Result<u8, Failure> {
    if arguments.allow_errors {
        return Err(Failure::usage(
            "--allow-errors has no effect on --route tasks: rows with errors can't go; --skip-blocked sends the others",
        ));
    }
    let runtime = threads::runtime(Some(2));
    let runtime = runtime.map_err(|_| Failure::not_sent("No threads could be started. Nothing was sent."))?;
    let exit = prepare(arguments, context, &runtime).and_then(|sending| {
        if let Some(exit) = sending.nothing_to_do()? {
            return Ok(exit);
        }
        runtime.block_on(sending.deliver())
    });
    // An unanswered question must not delay the end.
    runtime.shutdown_background();
    exit
}

/// Finds every obstacle before the API key is read.
fn prepare<'a>(
    arguments: &'a Submit,
    context: &'a Context,
    runtime: &tokio::runtime::Runtime,
) -> Result<Sending<'a>, Failure> {
    let submissions = Arc::new(context.submissions()?);
    let s3 = S3::new(context.s3()?).map_err(|error| Failure::usage(error.to_string()))?;
    let snapshot = read(&arguments.manifest)?;
    let findings = known::findings(context, &snapshot)?;
    let prepare = || submissions.prepare_rows(&snapshot, &arguments.manifest);
    let facts = crate::commands::patiently(crate::commands::DISK_IS_SLOW, prepare)
        .map_err(|error| Failure::usage(format!("{}: {}", arguments.manifest.display(), error_words(&error))))?;
    if let Some(fault) = &facts.facts.ledger_fault {
        return Err(without_ledger(fault));
    }
    if let Some(number) = arguments.resume.filter(|number| Some(*number) != facts.attempt) {
        let file = arguments.manifest.display();
        return Err(Failure::usage(format!(
            "attempt {number} did not send these bytes row by row to this address, so {file} can't go on there"
        )));
    }
    let terms = Terms {
        takes_transcripts: takes_transcripts(&submissions.to().address),
        without_transcripts: arguments.without_transcripts,
        by_link: s3.credentials().is_some(),
    };
    let is_wrong = |row| findings.worst(row) == Some(Severity::Error);
    let was_private = |object: &str| known::is_private(&findings, object);
    let mut plan = RowsPlan::of(&snapshot, terms, is_wrong, was_private, &facts.known);
    let mut places = Places::new();
    if terms.by_link && !arguments.dry_run {
        places = runtime.block_on(ask_for_places(&s3, &snapshot, &plan))?;
        let is_private = |object: &str| places.get(object).is_some_and(|place| place.is_private);
        plan = RowsPlan::of(&snapshot, terms, is_wrong, is_private, &facts.known);
    }
    Ok(Sending { arguments, context, submissions, snapshot, facts, plan, places, s3 })
}

/// Which videos anybody can read: one request for each, as anybody.
async fn ask_for_places(s3: &S3, snapshot: &Snapshot, plan: &RowsPlan) -> Result<Places, Failure> {
    const AT_ONCE: usize = 16;
    let objects: BTreeSet<String> =
        plan.going.iter().map(|going| snapshot.value(going.row, Field::Object).text().to_owned()).collect();
    if objects.is_empty() {
        return Ok(Places::new());
    }
    say(&format!("Asking which of {} are public, once for each.", counted(objects.len() as u64, "video")));
    let mut signals = Signals::listen();
    let asked = async {
        let asking = objects.into_iter().filter_map(|object| Some((S3Url::parse(&object).ok()?, object)));
        let asking = asking.map(|(url, object)| async move { Some((object, s3.place(&url).await?)) });
        let answers = futures_util::stream::iter(asking).buffer_unordered(AT_ONCE);
        Ok(answers.filter_map(std::future::ready).collect::<HashMap<_, _>>().await)
    };
    signals.unless(asked).await
}

impl Sending<'_> {
    /// Obstacles, and what there is nothing to send for.
    fn nothing_to_do(&self) -> Result<Option<u8>, Failure> {
        let described = self.described();
        if self.arguments.dry_run {
            print(&described.iter().map(|line| format!("{}\n", printable(line))).collect::<String>())?;
        }
        let cannot = self.plan.cannot_go();
        if cannot > 0 {
            self.say_who_cannot();
        }
        let earlier = &self.facts.facts.earlier;
        if earlier.blocking.is_some() || (earlier.not_known.is_some() && !self.arguments.again) {
            return Err(sent_before_as_a_whole(earlier));
        }
        if cannot > 0 && !self.arguments.skip_blocked {
            let what = if cannot == 1 { "it" } else { "them" };
            return Err(Failure::blocked(format!(
                "Nothing was sent. --skip-blocked sends the other rows without {what}{}.",
                if self.has_transcripts_to_lose() {
                    "; --without-transcripts lets rows go without a transcript"
                } else {
                    ""
                }
            )));
        }
        if !self.facts.facts.same_on_disk {
            return Err(Failure::not_sent("The file changed on disk while it was checked. Nothing was sent."));
        }
        if self.arguments.dry_run {
            say("Nothing was sent: this was a dry run.");
            return Ok(Some(0));
        }
        if self.plan.going.is_empty() {
            let tally = Tally { cannot_go: cannot, ..tally_of(&self.facts.rows) };
            if self.plan.asked == 0 && self.plan.left_out.is_empty() {
                return Err(Failure::blocked("No row can go. Nothing was sent."));
            }
            say("No row is left to send.");
            self.summary(self.facts.attempt, &tally);
            return Ok(Some(exit_code(&tally, &RowsWhy::Done)));
        }
        Ok(None)
    }

    fn has_transcripts_to_lose(&self) -> bool {
        self.plan.cannot.iter().any(|(_, why)| matches!(why, CannotGo::WithoutTranscript | CannotGo::TranscriptLost))
    }

    fn say_who_cannot(&self) {
        let cannot = self.plan.cannot_go();
        let rows = counted(cannot, "row");
        say(&format!("{rows} cannot go: {}", self.plan.why_not()));
        for (row, why) in self.plan.cannot.iter().take(LISTED) {
            let why = match why {
                CannotGo::Error => "error; `cuecard check --online` tells which".to_owned(),
                CannotGo::WithoutTranscript => "without transcript".to_owned(),
                CannotGo::TranscriptLost => "this version of the API takes no transcript: it would be lost".to_owned(),
                CannotGo::Private => "private; --aws would let it".to_owned(),
                CannotGo::Repeats(first) => format!("the same index and video as row {}", row_number(*first)),
                CannotGo::NotAskable => "a key with . or .. between slashes".to_owned(),
                CannotGo::UnknownBefore(attempt) => format!("its outcome is unknown in attempt {attempt}"),
                CannotGo::Excluded => continue,
            };
            say(&format!("  {}  {}  {why}", row_number(*row), self.snapshot.value(*row, Field::Object).text()));
        }
        if let Some(more) = cannot.checked_sub(LISTED as u64).filter(|more| *more > 0) {
            say(&format!("  and {} more", thousands(more)));
        }
    }

    fn described(&self) -> Vec<String> {
        let to = self.submissions.to();
        let rows = self.plan.going.len() as u64;
        let by_link = match self.plan.by_link() {
            0 => String::new(),
            many => format!(", {} by presigned link", counted(many, "video")),
        };
        let mut lines = vec![format!(
            "{} to {}, at most {} at once{by_link}",
            counted(rows, "request"),
            to.address.single(),
            crate::domain::rows::AT_ONCE
        )];
        if !self.plan.left_out.is_empty() {
            let (rows, they) =
                (self.plan.left_out.len() as u64, if self.plan.left_out.len() == 1 { "is" } else { "are" });
            lines.push(format!("{} of other attempts {they} accepted and left out", counted(rows, "row")));
        }
        if let Some(attempt) = self.facts.attempt {
            // Those that were never begun are not in the ledger.
            let tally = Tally { not_sent: rows, ..tally_of(&self.facts.rows) };
            lines.push(format!("attempt {attempt} goes on: {}", tally.words()));
        }
        let about = length(Duration::from_secs(rows.div_ceil(ROWS_A_SECOND)));
        if rows > 0 {
            lines.push(format!("about {about} at {ROWS_A_SECOND} a second; the first answer tells the limit"));
        }
        if self.s3.credentials().is_none() {
            lines.push(
                "videos count as public unless a check found them private; --aws asks, and sends links".to_owned(),
            );
        }
        lines.push(format!("sha-256 {}", self.facts.facts.fingerprint.hex()));
        let key = self.facts.facts.key_origin.as_deref().unwrap_or("none yet, it will be asked for");
        lines.push(format!("key {key}"));
        lines.extend(self.facts.facts.proxy.as_ref().map(|proxy| format!("proxy {proxy}")));
        let takes = takes_transcripts(&to.address);
        let first = self.plan.going.first();
        let request = first.and_then(|going| shown_request(&self.snapshot, going, &self.places, &self.s3, takes));
        if let Some(request) = request.filter(|_| self.arguments.dry_run) {
            let curl = curl_of_row(&to.address, &request, self.submissions.api_keys().variable());
            let last = curl.len().saturating_sub(1);
            // Lines of their own: a line end within one would be made visible, and the command could not be run.
            lines.extend(curl.iter().enumerate().map(|(at, part)| {
                let indent = if at == 0 { "" } else { "     " };
                format!("{indent}{part}{}", if at < last { " \\" } else { "" })
            }));
        }
        lines
    }

    async fn deliver(self) -> Result<u8, Failure> {
        let mut signals = Signals::listen();
        signals.unless(asking::have_key(&self.submissions)).await?;
        let protect = self.context.settings.protect;
        let described = self.described();
        if self.arguments.yes && !protect {
            described.iter().for_each(|line| say(line));
        } else {
            let rows = u32::try_from(self.plan.going.len()).unwrap_or(u32::MAX);
            let host = self.submissions.to().address.host();
            let what = format!("send {} one by one to {host}", counted(rows.into(), "row"));
            signals.unless(asking::confirm(protect, rows, &described, &what)).await?;
        }
        threads::ends_with(super::UNKNOWN);
        let (control, wanted) = mpsc::unbounded_channel();
        let parcel = RowsParcel {
            file: self.arguments.manifest.clone(),
            fingerprint: self.facts.facts.fingerprint,
            snapshot: self.snapshot.clone(),
            plan: self.plan.clone(),
            places: self.places.clone(),
            s3: self.s3.clone(),
            again: self.arguments.again,
        };
        let manner = Manner { waits: self.arguments.wait, holds: false };
        let told = Told::new(self.arguments.format, self.plan.going.len() as u64, manner.waits);
        let narrate = |news| told.hear(news);
        let sending = self.submissions.send_rows(parcel, manner, wanted, narrate);
        tokio::pin!(sending);
        let mut signal = None;
        let sent = loop {
            tokio::select! {
                sent = &mut sending => break sent,
                number = signals.next() => {
                    let wanted = if signal.is_none() { RowsControl::End } else { RowsControl::Abandon };
                    if signal.replace(number).is_none() {
                        told.say("Stopping after the rows under way; once more leaves them unknown.");
                    }
                    let _ = control.send(wanted);
                }
            }
        };
        told.clear();
        let sent = sent.map_err(not_begun)?;
        self.report(&sent);
        let by_signal = signal.filter(|_| sent.why == RowsWhy::Ended).map(|number| 128 + number);
        Ok(by_signal.unwrap_or_else(|| exit_code(&sent.tally, &sent.why)))
    }

    fn report(&self, sent: &RowsSent) {
        let left = counted(sent.tally.not_sent, "row");
        match &sent.why {
            RowsWhy::Done => {}
            RowsWhy::Ended => say(&format!("Stopped by you: {left} not sent.")),
            RowsWhy::Limit(wait) if wait.is_told => {
                say(&format!(
                    "The limit is used up until {}: {left} not sent. --wait waits for it.",
                    clock(wait.until_ms)
                ));
            }
            RowsWhy::Limit(_) => {
                say(&format!("Too many requests, and no time told: {left} not sent. --wait waits and tries again."));
            }
            RowsWhy::Silent(rows) => {
                say(&format!(
                    "Stopped: {} in a row without a clear answer. {left} not sent.",
                    counted((*rows).into(), "row")
                ));
            }
            RowsWhy::Stopped(stop) => say(&format!("Stopped: {}. {left} not sent.", stop.words())),
            RowsWhy::Ledger(why) => {
                say(&format!("Stopped: {why}. Without the ledger nothing is sent. {left} not sent."));
            }
        }
        if let Some(why) = &sent.unwritten {
            say(&format!("{why}. The ledger shows the rows that were under way as unknown."));
        }
        self.summary(Some(sent.attempt), &sent.tally);
    }

    fn summary(&self, attempt: Option<i64>, tally: &Tally) {
        if let Some(attempt) = attempt {
            let next =
                if tally.accepted + tally.unknown > 0 { format!("follow {attempt}") } else { "history".to_owned() };
            say(&format!("attempt {attempt}: {}. cuecard {next}", tally.words()));
        }
        let Tally { accepted, refused, unknown, not_sent, cannot_go, .. } = *tally;
        // A closed pipe must not hide the outcome.
        let _ = match self.arguments.format {
            Format::Text => print(&format!("Rows: {}, {} cannot go\n", tally.words(), thousands(cannot_go))),
            Format::Json => {
                let summary = json!({ "attempt": attempt, "accepted": accepted, "refused": refused, "unknown": unknown,
                    "not_sent": not_sent, "cannot_go": cannot_go });
                print(&format!("{}\n", json!({ "summary": summary })))
            }
        };
    }
}

fn sent_before_as_a_whole(earlier: &Earlier) -> Failure {
    match &earlier.blocking {
        Some(_) => Failure::blocked(format!(
            "As a whole, {}, to this address. No row of them goes one by one; cuecard history tells more.",
            earlier.words(on)
        )),
        None => sent_before(earlier),
    }
}

fn not_begun(why: WhyNot) -> Failure {
    match why {
        WhyNot::Key(error) => Failure::usage(format!("{error}. Nothing was sent.")),
        WhyNot::RowsSentBefore(rows) => Failure::blocked(format!(
            "Meanwhile {}. Nothing was sent; the same command again leaves these rows out.",
            rows.words(on)
        )),
        WhyNot::NotKnown(why) => sent_before(&Earlier { not_known: Some(why.to_string()), ..Earlier::default() }),
        WhyNot::SentBefore(attempt) if attempt.is_row_by_row() => Failure::blocked(format!(
            "Another cuecard is sending these rows, attempt {}. Nothing was sent.",
            attempt.id
        )),
        WhyNot::SentBefore(attempt) => {
            sent_before_as_a_whole(&Earlier { blocking: Some(attempt), ..Earlier::default() })
        }
        WhyNot::Ledger(error) => without_ledger(&error.to_string()),
        why @ (WhyNot::Setup(_) | WhyNot::Broken) => Failure::not_sent(format!("{why}. Nothing was sent.")),
    }
}

/// The worst row decides.
fn exit_code(tally: &Tally, why: &RowsWhy) -> u8 {
    match (tally, why) {
        (Tally { unknown: 1.., .. }, _) => 5,
        (Tally { refused: 1.., .. }, _) | (_, RowsWhy::Stopped(_)) => 4,
        (Tally { not_sent: 1.., .. }, _) => 3,
        _ => 0,
    }
}
