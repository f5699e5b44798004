//! `cuecard history draft`: the rows of an attempt that may be sent again, as a file.

use super::document::{Input, Output};
use super::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::follow::{Why, draft_of, located, to_retry};
use crate::domain::format::{counted, thousands};
use crate::domain::request::Fingerprint;
use crate::io::store::Ledger;
use crate::submission::standing_of;
use std::path::Path;
use std::sync::Arc;

/// Write the rows of an attempt that failed or were not seen to a file of their own
#[derive(Clone, Debug, clap::Args)]
pub struct Draft {
    /// Number of the attempt
    pub attempt: i64,
    /// Which rows: failed, not-seen, or both
    #[arg(long, value_name = "STATES", value_delimiter = ',', required = true, value_parser = why)]
    pub only: Vec<Why>,
    #[command(flatten)]
    pub output: Output,
}

fn why(word: &str) -> Result<Why, String> {
    let code = |why: &Why| why.words().replace(' ', "-");
    let known = || Why::ALL.map(|why| code(&why)).join(" or ");
    let word = word.trim();
    let more = match word {
        "refused" | "not-sent" => {
            "; the same `cuecard submit --route tasks` sends rows that were not sent, and `:draft` makes a draft of refused ones"
        }
        _ => "",
    };
    Why::ALL.into_iter().find(|why| code(why) == word).ok_or_else(|| format!("it is {}{more}", known()))
}

/// # Errors
/// [`Failure`] if the attempt was not followed, its file is gone, or OUT exists.
pub fn run(arguments: &Draft, context: &Context) -> Result<u8, Failure> {
    let id = arguments.attempt;
    if arguments.output.output.is_none() {
        return Err(Failure::usage("Name a file for the draft with -o."));
    }
    let unreadable = |error: crate::io::store::StoreError| Failure::usage(error.to_string());
    let ledger = super::patiently(super::DISK_IS_SLOW, || Ledger::open(&context.folders.state)).map_err(unreadable)?;
    let attempt = ledger.attempt(id).map_err(unreadable)?;
    let attempt = attempt.ok_or_else(|| Failure::usage(format!("There is no attempt {id} in the ledger.")))?;
    let not_followed = || Failure::usage(format!("Attempt {id} was not followed yet. `cuecard follow {id}` does."));
    let known = ledger.known(id).map_err(unreadable)?.ok_or_else(not_followed)?;
    let followed = attempt.followed.as_ref().ok_or_else(not_followed)?;
    if arguments.only.contains(&Why::NotSeen) && !followed.settled {
        return Err(Failure::blocked(format!(
            "Attempt {id} is not settled yet: rows without a task may still come. `cuecard follow {id}` waits for them."
        )));
    }
    let input = Input::read(Path::new(&attempt.intent.file))?;
    let snapshot = Snapshot::of(Arc::clone(&input.manifest));
    let is_same = Fingerprint::of(snapshot.pieces()) == attempt.intent.fingerprint;
    let submissions = context.submissions()?;
    let (rows, standing) = standing_of(&submissions, &ledger, &attempt, &known)
        .map_err(|why| Failure::usage(super::follow::sentence(&why)))?;
    let chosen = to_retry(&rows, &standing, |why| arguments.only.contains(&why));
    let found = located(&rows, &chosen, &snapshot);
    let draft = draft_of(Arc::clone(&input.manifest), &found)
        .ok_or_else(|| Failure::blocked(format!("No row of attempt {id} is to be sent again.")))?;
    let name = arguments.output.write(context, &[], draft.now())?;
    let of = |why| to_retry(&rows, &standing, |other| other == why).len() as u64;
    let told = arguments.only.iter().map(|why| format!("{} {}", thousands(of(*why)), why.words()));
    say(&format!("saved {name}: {} ({})", counted(found.len() as u64, "row"), told.collect::<Vec<_>>().join(", ")));
    if !is_same {
        let gone = chosen.len().saturating_sub(found.len()) as u64;
        let gone = if gone == 0 { String::new() } else { format!(", {} not in it any more", counted(gone, "row")) };
        say(&format!("{} was changed since. The draft takes the rows as they are now{gone}.", input.name));
    }
    match standing.counts.unclear() {
        0 => {}
        1 => say("1 unclear row is not in it."),
        unclear => say(&format!("{} unclear rows are not in it.", thousands(unclear.into()))),
    }
    Ok(0)
}
