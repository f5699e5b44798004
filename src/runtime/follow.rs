//! Following for the screen: asks round by round until it is stopped, and tells what changed as messages. Writes the
//! draft of rows to send again.

use super::world::Stop;
use crate::app::msg::CannotFollow;
use crate::app::{JobId, Msg};
use crate::domain::draft::Snapshot;
use crate::domain::follow::{Look, SentRow, draft_of, located, sent_rows};
use crate::domain::format::thousands;
use crate::domain::manifest::Manifest;
use crate::domain::printable::printable;
use crate::io::files::{self, Over};
use crate::submission::{NoFollow, Submissions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::spawn_blocking;

/// Minimum interval between messages about pages.
const TELL: Duration = Duration::from_secs(1);

pub async fn follow(
    submissions: Arc<Submissions>,
    (job, id, file): (JobId, Option<i64>, Option<PathBuf>),
    now: Arc<Notify>,
    results: Sender<Msg>,
    stop: Stop,
) {
    let prepare = move || submissions.follower(id, file.as_deref());
    let mut follower = match spawn_blocking(prepare).await {
        Ok(Ok(follower)) => follower,
        Ok(Err(why)) => {
            let needs_key = matches!(why, NoFollow::Key(_));
            let why = CannotFollow { why: why.to_string(), needs_key };
            return drop(results.send(Msg::FollowBegan(job, Err(why))).await);
        }
        // The panic itself is told elsewhere.
        Err(_) => return,
    };
    let began = (Box::new(follower.attempt.clone()), Arc::new(follower.look().clone()));
    let _ = results.send(Msg::FollowBegan(job, Ok(began))).await;
    loop {
        let mut told: Option<Instant> = None;
        let mut tell = |look: &Look| {
            // The screen must not hold up the network, and the end of the round is told below.
            if told.is_none_or(|at| at.elapsed() >= TELL) {
                told = Some(Instant::now());
                let _ = results.try_send(Msg::FollowMoved(job, Arc::new(look.clone())));
            }
        };
        tokio::select! {
            biased;
            () = stop.token.cancelled() => break,
            () = follower.round(&mut tell) => {}
        }
        if results.send(Msg::FollowMoved(job, Arc::new(follower.look().clone()))).await.is_err() {
            break;
        }
        tokio::select! {
            biased;
            () = stop.token.cancelled() => break,
            () = now.notified() => {}
            () = follower.pause() => {}
        }
    }
    follower.keep().await;
}

/// Writes the rows, by their position among those sent, to a new file beside the one that was sent. Returns its path,
/// and what to say.
pub fn draft(file: &Path, sent: &[SentRow], rows: &[u32], words: &str) -> Result<(PathBuf, String), String> {
    let name = file.display();
    let loaded = files::read(file, |_, _| true).map_err(|error| format!("{name}: {error}"))?;
    let manifest = Manifest::parse(loaded.bytes).map_err(|refusal| format!("{name}: {refusal}"))?;
    let manifest = Arc::new(manifest);
    let now = Snapshot::of(Arc::clone(&manifest));
    let found = located(sent, rows, &now);
    let gone = rows.len().saturating_sub(found.len()) as u64;
    let is_changed = !is_as_sent(sent, &now);
    let draft =
        draft_of(manifest, &found).ok_or_else(|| format!("{name} was changed since: none of the rows is in it"))?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let file_name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    // The draft is on disk when this is said.
    let mut words = words.replacen("draft of", "saved a draft of", 1);
    if is_changed {
        words.push_str(&format!("; rows as they are in {} now", printable(&file_name)));
    }
    if gone > 0 {
        words.push_str(&format!(", {} of {} not in it any more", thousands(gone), thousands(rows.len() as u64)));
    }
    for number in 1..10_000 {
        let path = file.with_file_name(format!("{stem}-retry-{number}.json"));
        match files::save(&path, Over::Nothing, draft.now(), false) {
            Ok(_) => return Ok((path, words)),
            Err(error) if matches!(error.why, files::Why::Exists) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("{name} has too many drafts beside it"))
}

/// The file still has these rows in their places, with their transcripts.
fn is_as_sent(sent: &[SentRow], now: &Snapshot) -> bool {
    let rows: Vec<SentRow> = sent_rows(now).collect();
    let is_same = |then: &SentRow| {
        let now = rows.get(then.place as usize);
        now.is_some_and(|now| now.index == then.index && now.object == then.object && now.transcript == then.transcript)
    };
    sent.iter().all(is_same)
}
