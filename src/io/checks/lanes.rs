//! The threads of a check, one per core. A question, its connection and the memory of both stay on one of them, and who
//! hands out the questions shares the first: handed from thread to thread, they cost more than their inspection.

use super::ask::Asker;
use crate::domain::evidence::{Observation, Subject};
use crate::domain::parallel;
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinSet};

/// A few threads ask more than any store wants to be asked.
const MOST: usize = 8;

pub(super) struct Lanes {
    asker: Asker,
    lanes: Vec<Lane>,
}

struct Lane {
    runtime: Handle,
    /// Has connections of its own, from the first question on.
    asker: Arc<OnceLock<Asker>>,
    under_way: usize,
    /// Dropped, it ends the thread.
    _open: Option<oneshot::Sender<()>>,
}

impl Lanes {
    /// Starts the threads; where the system gives none, questions are asked on the current runtime.
    pub fn start(asker: Asker) -> Lanes {
        let wanted = parallel::cores().min(MOST);
        let mut lanes: Vec<_> = (0..wanted).map_while(|_| Lane::start().ok()).collect();
        if lanes.is_empty() {
            lanes.push(Lane::here(asker.clone()));
        }
        Lanes { asker, lanes }
    }

    /// Where the questions are handed out.
    pub fn first(&self) -> Handle {
        self.lanes.first().map_or_else(Handle::current, |lane| lane.runtime.clone())
    }

    /// What all threads ask with.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// Asks on the thread that is asking least, and returns which one that is.
    pub fn ask(&mut self, subject: Subject, questions: &mut JoinSet<Observation>) -> Option<(Id, usize)> {
        let (at, lane) = self.lanes.iter_mut().enumerate().min_by_key(|(_, lane)| lane.under_way)?;
        lane.under_way += 1;
        let (common, own) = (self.asker.clone(), Arc::clone(&lane.asker));
        let question = async move { own.get_or_init(|| common.on_own_connections()).ask(&subject).await };
        Some((questions.spawn_on(question, &lane.runtime).id(), at))
    }

    /// A question on this thread has ended.
    pub fn ended(&mut self, at: usize) {
        if let Some(lane) = self.lanes.get_mut(at) {
            lane.under_way -= 1;
        }
    }
}

impl Lane {
    fn start() -> io::Result<Lane> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (open, closed) = oneshot::channel::<()>();
        std::thread::Builder::new().name("questions".into()).spawn(move || {
            let _ = runtime.block_on(closed);
            // Whoever looks up a name now is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Lane { runtime: handle, asker: Arc::default(), under_way: 0, _open: Some(open) })
    }

    fn here(asker: Asker) -> Lane {
        let asker = Arc::new(OnceLock::from(asker));
        Lane { runtime: Handle::current(), asker, under_way: 0, _open: None }
    }
}
