//! Reads a source of transcript keys for the open manifest, shows the keys as they arrive, and finds files that could be
//! sources.

use super::recent::when;
use super::world::Stop;
use crate::app::msg::{FoundList, KeysSoFar, SourceId};
use crate::app::{JobId, Msg};
use crate::domain::keys::{Given, KeyList, Source, SourceFault, Summary};
use crate::io::files::names_in;
use crate::io::key_sources::{self, World};
use std::ops::ControlFlow;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};
use tokio::sync::mpsc::Sender;

/// Minimum interval between updates.
const TELL: Duration = Duration::from_millis(100);
/// So many files are looked into beside a manifest.
const LOOKED_INTO: usize = 200;

pub async fn read(job: JobId, id: SourceId, world: World, source: Source, results: Sender<Msg>, stop: Stop) {
    let end = tokio::select! {
        biased;
        () = stop.token.cancelled() => return,
        end = pages(job, id, &world, &source, &results) => end,
    };
    let _ = results.send(Msg::KeysEnded(job, id, end)).await;
}

async fn pages(
    job: JobId,
    id: SourceId,
    world: &World,
    source: &Source,
    results: &Sender<Msg>,
) -> Result<Box<Summary>, Box<SourceFault>> {
    let mut list = KeyList::new();
    let mut given: Vec<Given> = Vec::new();
    let so_far = |list: &KeyList, given: &[Given]| {
        let so_far = KeysSoFar { list: Arc::new(list.clone()), given: Arc::new(given.to_vec()) };
        Msg::KeysListed(job, id, so_far)
    };
    let mut reported: Option<Instant> = None;
    let summary = key_sources::read(source, world, |page| {
        list.extend(&page.keys);
        given.extend(page.given);
        // Don't wait for a full channel: the next page, or the end, shows these too.
        if reported.is_none_or(|at| at.elapsed() > TELL) && results.try_send(so_far(&list, &given)).is_ok() {
            reported = Some(Instant::now());
        }
        ControlFlow::Continue(())
    })
    .await;
    let _ = results.send(so_far(&list, &given)).await;
    summary.map(Box::new).map_err(Box::new)
}

/// Files beside a manifest that look like lists of keys, by name.
pub fn lists_beside(manifest: &Path) -> Vec<FoundList> {
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let here = std::env::current_dir().ok();
    let is_here = here.is_some_and(|here| folder.canonicalize().is_ok_and(|folder| folder == here));
    let mut names: Vec<_> = names_in(folder).collect();
    names.sort();
    let looked = names.into_iter().filter(|name| !name.as_encoded_bytes().starts_with(b".")).take(LOOKED_INTO);
    looked
        .filter_map(|name| {
            let path = folder.join(&name);
            let facts = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
            if path == manifest {
                return None;
            }
            let shape = key_sources::shape_of(&path)?;
            let changed = facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let ms = changed.map_or(0, |at| i64::try_from(at.as_millis()).unwrap_or(i64::MAX));
            let path = if is_here { PathBuf::from(&name) } else { path };
            Some(FoundList { path, shape, size: facts.len(), when: when(ms) })
        })
        .collect()
}

/// A path that was begun, as far as the names there leave no choice.
pub fn completed(begun: &str) -> String {
    let (folder, name) = match begun.rfind(MAIN_SEPARATOR) {
        Some(at) => begun.split_at(at + 1),
        None => ("", begun),
    };
    let looked = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let mut names = names_in(looked).filter_map(|it| it.into_string().ok()).filter(|it| it.starts_with(name));
    let Some(first) = names.next() else { return begun.to_owned() };
    let common = names.fold(first, |common, other| {
        let same = common.chars().zip(other.chars()).take_while(|(a, b)| a == b);
        same.map(|(c, _)| c).collect()
    });
    let path = format!("{folder}{common}");
    if Path::new(&path).is_dir() { format!("{path}{MAIN_SEPARATOR}") } else { path }
}
