//! Reads a source of transcript keys for the open manifest and shows the keys as they arrive.

use super::world::Stop;
use crate::app::{JobId, Msg};
use crate::domain::keys::{KeyList, Source, Summary};
use crate::io::key_sources::{self, World};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Minimum interval between updates.
const TELL: Duration = Duration::from_millis(100);

pub async fn list(job: JobId, world: World, list: Arc<KeyList>, source: String, results: Sender<Msg>, stop: Stop) {
    let end = tokio::select! {
        biased;
        () = stop.token.cancelled() => return,
        end = read(job, &world, list, &source, &results) => end,
    };
    let _ = results.send(Msg::KeysEnded(job, end)).await;
}

async fn read(
    job: JobId,
    world: &World,
    list: Arc<KeyList>,
    source: &str,
    results: &Sender<Msg>,
) -> Result<Box<Summary>, String> {
    let source = Source::parse(source).map_err(|error| error.to_string())?;
    let mut list = Arc::unwrap_or_clone(list);
    let mut told: Option<Instant> = None;
    let summary = key_sources::read(&source, world, |page| {
        list.extend(&page.keys);
        // Don't wait for a full channel: the next page, or the end, shows these too.
        if told.is_none_or(|at| at.elapsed() > TELL)
            && results.try_send(Msg::KeysListed(job, Arc::new(list.clone()))).is_ok()
        {
            told = Some(Instant::now());
        }
        ControlFlow::Continue(())
    })
    .await;
    let _ = results.send(Msg::KeysListed(job, Arc::new(list))).await;
    match summary {
        Ok(summary) => Ok(Box::new(summary)),
        Err(fault) => Err(fault.to_string()),
    }
}
