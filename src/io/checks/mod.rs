//! Checks a manifest's subjects online, by priority and within limits.
//!
//! One task holds the queue; a [`Checks`] handle tells it what is wanted, and [`Report`]s come back in small batches. A
//! subject is requested once, however many rows name it, and recent answers of earlier runs are reused. While nobody
//! receives the reports, no further requests are made, so memory stays bounded.

mod ask;
mod cursor;
mod engine;
mod evidence_cache;
mod lanes;
mod queue;
mod rate_limit;

pub use ask::Labs;

use ask::Asker;
use engine::Engine;
use lanes::Lanes;

use crate::domain::draft::Snapshot;
use crate::domain::evidence::{AT_ONCE, Observed, Progress, Scope, Subject};
use crate::domain::manifest::RowId;
use crate::io::s3::{self, Endpoint, S3};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// How to send requests.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Concurrent questions, 1 to 64.
    pub at_once: usize,
    /// Most questions per second; None for no limit.
    pub per_second: Option<u32>,
    /// Processes that ask the same store at the same time and keep that number together.
    pub shared_by: u32,
    /// The first pause when S3 asks to slow down; doubled each time.
    pub pause: Duration,
    /// The cache: the state folder, and the store being asked (`aws` or an address). None for no cache.
    pub evidence_cache: Option<(PathBuf, String)>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions {
            at_once: AT_ONCE,
            per_second: Some(PER_SECOND),
            shared_by: 1,
            pause: Duration::from_secs(1),
            evidence_cache: None,
        }
    }
}

impl CheckOptions {
    /// Options for an S3 client, with the cache in the state folder. A local store is asked without a rate limit.
    pub fn of(options: &s3::S3Options, s3: &S3, state: PathBuf) -> CheckOptions {
        let store = options.store();
        // Authenticated requests may get other answers.
        let store = s3.credentials().map_or_else(|| store.clone(), |origin| format!("{store}, {origin}"));
        // Without ffprobe less is known.
        let store = if options.ffprobe.is_some() { format!("{store}, ffprobe") } else { store };
        let is_near = options.endpoint.as_ref().is_some_and(Endpoint::is_loopback);
        CheckOptions {
            per_second: (!is_near).then_some(PER_SECOND),
            evidence_cache: Some((state, store)),
            ..CheckOptions::default()
        }
    }

    /// With this many concurrent questions. Who wants more than usual wants more per second, too.
    pub fn with_at_once(self, at_once: usize) -> CheckOptions {
        let share = u32::try_from(at_once).unwrap_or(u32::MAX).saturating_mul(MOST_PER_SECOND) / MOST_AT_ONCE;
        let per_second = self.per_second.map(|usual| if at_once > AT_ONCE { share } else { usual });
        CheckOptions { at_once, per_second, ..self }
    }
}

/// The bucket's owner pays for requests, and others use the bucket too. S3 itself allows 5,500 requests per second and
/// prefix (AWS user guide, "Optimizing performance").
const PER_SECOND: u32 = 200;
/// With [`MOST_AT_ONCE`] questions at once.
const MOST_PER_SECOND: u32 = 1_000;
/// The most that `checks-at-once` can be.
const MOST_AT_ONCE: u32 = 64;

/// Batches waiting for the receiver.
const WAITING: usize = 4;

/// What happened.
#[derive(Debug)]
pub enum Report {
    Observed(Vec<Observed>),
    /// Progress, at most ten times per second.
    Moved(Progress),
}

enum CheckOrder {
    Look(Vec<(RowId, Subject)>),
    Ask(Vec<(RowId, Subject)>, bool),
    Sweep { id: u64, what: Box<(Snapshot, Scope)>, total: u64 },
    Pause,
    Resume,
    Stop,
}

/// Sends orders to the task. Cheap to clone. After the last one is dropped no more requests are made, and the reports
/// end when all answers are cached.
#[derive(Clone, Debug)]
pub struct Checks {
    orders: mpsc::UnboundedSender<CheckOrder>,
}

impl Checks {
    /// Starts the task, on threads of its own where it can. It makes no requests until ordered. Without `labs`, indexes can't be
    /// checked.
    pub fn start(s3: S3, labs: Option<Labs>, options: CheckOptions) -> (Checks, mpsc::Receiver<Report>) {
        let (orders, todo) = mpsc::unbounded_channel();
        let (reports, told) = mpsc::channel(WAITING);
        let lanes = Lanes::start(Asker::new(s3, labs));
        lanes.first().spawn(Engine::new(lanes, options, todo, reports).run());
        (Checks { orders }, told)
    }

    /// Checks what is visible, nearest first. Replaces earlier calls except for requests under way.
    pub fn look(&self, wanted: Vec<(RowId, Subject)>) {
        self.tell(CheckOrder::Look(wanted));
    }

    /// Highest priority; cancelled only by [`Checks::stop`]. `afresh` ignores known answers.
    pub fn ask(&self, wanted: Vec<(RowId, Subject)>, afresh: bool) {
        self.tell(CheckOrder::Ask(wanted, afresh));
    }

    /// Checks row after row at the lowest priority. Every [`Progress`] carries `id`, which is not 0; `total` is the
    /// number of distinct subjects.
    pub fn sweep(&self, id: u64, snapshot: Snapshot, scope: Scope, total: u64) {
        self.tell(CheckOrder::Sweep { id, what: Box::new((snapshot, scope)), total });
    }

    /// Pauses the sweep.
    pub fn pause(&self) {
        self.tell(CheckOrder::Pause);
    }

    /// Resumes the sweep.
    pub fn resume(&self) {
        self.tell(CheckOrder::Resume);
    }

    /// Cancels the sweep and all orders; requests under way still report.
    pub fn stop(&self) {
        self.tell(CheckOrder::Stop);
    }

    fn tell(&self, order: CheckOrder) {
        // The task ends before its handles only if nobody receives its reports.
        let _ = self.orders.send(order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_at_once_than_usual_is_more_per_second_up_to_a_thousand() {
        let per_second = |at_once| CheckOptions::default().with_at_once(at_once).per_second;
        assert_eq!([1, AT_ONCE, 32, 64].map(per_second), [Some(200), Some(200), Some(500), Some(1_000)]);
        let near = CheckOptions { per_second: None, ..CheckOptions::default() };
        assert_eq!(near.with_at_once(64).per_second, None, "a store on this machine");
    }
}
