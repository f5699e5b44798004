//! Reads a manifest: its first rows at once, then the whole file, and what is remembered of it.

use super::journal::Journal;
use super::now;
use super::world::{Stop, World};
use crate::app::msg::{Loaded, Reading};
use crate::app::{JobId, Msg};
use crate::domain::manifest::{Manifest, excerpt};
use crate::io::files::{self, NotRead};
use crate::io::store::Cache;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of a file that are enough for a first screen.
const PREFIX: u64 = 256 * 1024;
/// Minimum interval between progress messages.
const TELL: Duration = Duration::from_millis(50);

pub fn load(job: JobId, path: &Path, journal: &Journal, world: &World, tell: &dyn Fn(Msg), stop: &Stop) {
    let (prefix, total) = match files::read_prefix(path, PREFIX) {
        Ok(loaded) => (Manifest::prefix(loaded.bytes), loaded.stamp.len),
        Err(error) => return tell(Msg::LoadFailed(job, error.to_string())),
    };
    let mut reported = Instant::now();
    tell(Msg::PrefixRead(job, prefix.clone(), Reading { read: 0, total }));
    let read = files::read(path, |read, total| {
        if reported.elapsed() > TELL {
            reported = Instant::now();
            tell(Msg::PrefixRead(job, prefix.clone(), Reading { read, total }));
        }
        !stop.is_asked()
    });
    let (path, bytes) = match read {
        Ok(loaded) => (loaded.path, Arc::new(loaded.bytes)),
        Err(NotRead::Stopped) => return,
        Err(error) => return tell(Msg::LoadFailed(job, error.to_string())),
    };
    let total = bytes.len() as u64;
    let parsed = Manifest::parse_with(Arc::clone(&bytes), |so_far| {
        if reported.elapsed() > TELL {
            reported = Instant::now();
            tell(Msg::RowsIndexed(job, so_far.clone(), Reading { read: total, total }));
        }
        !stop.is_asked()
    });
    if stop.is_asked() {
        return;
    }
    match parsed {
        Ok(manifest) => {
            let rows = manifest.len();
            let read = Arc::new(manifest.clone());
            tell(Msg::Loaded(job, Box::new(Loaded { manifest, path: path.clone() })));
            // Its answer must not arrive before the file.
            journal.open(job, path.clone(), read);
            let known = Cache::open(&world.state).and_then(|mut cache| {
                cache.opened(&path, rows, now().unix_ms)?;
                Ok((cache.known_sources(&path)?, cache.look(&path)?))
            });
            match known {
                Ok((sources, look)) => {
                    if !sources.is_empty() {
                        tell(Msg::SourcesKnown(job, sources));
                    }
                    if let Some(words) = look {
                        tell(Msg::LookKnown(job, words));
                    }
                }
                Err(error) => tracing::warn!(%error, "not among the recent files"),
            }
            if let Some(words) = files::sweep(&path).words() {
                tell(Msg::Failed(words));
            }
        }
        Err(refusal) => {
            let lines = excerpt(&bytes, &refusal, 3, 200);
            tell(Msg::LoadRefused(job, Box::new(refusal), lines));
        }
    }
}
