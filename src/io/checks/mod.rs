//! Asks online about what a manifest names, in the right order and never too much at once.
//!
//! One task holds everything that waits; a [`Checks`] tells it what is wanted, and [`Report`]s come back in small batches.
//! Whatever a row names is asked about once, however many rows name it, and what earlier runs learnt is not asked again while
//! it is young. When nobody takes the reports, nothing more is asked: it never grows.

mod ask;
mod cursor;
mod engine;
mod evidence_cache;
mod queue;
mod rate_limit;

pub use ask::Labs;

use crate::domain::draft::Snapshot;
use crate::domain::evidence::{AT_ONCE, Observed, Progress, Scope, Subject};
use crate::domain::manifest::RowId;
use crate::io::s3::{self, Endpoint, S3};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// How to ask.
#[derive(Clone, Debug)]
pub struct Options {
    /// Questions under way at once, 1 to 64.
    pub at_once: usize,
    /// Questions a second at most; None: no bound.
    pub per_second: Option<u32>,
    /// How long nothing is asked when S3 asks to slow down, for the first time; doubled for each further one.
    pub pause: Duration,
    /// What earlier runs learnt: the state folder, and which store was asked, `aws` or an address. None: nothing is
    /// remembered.
    pub evidence_cache: Option<(PathBuf, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Options { at_once: AT_ONCE, per_second: Some(PER_SECOND), pause: Duration::from_secs(1), evidence_cache: None }
    }
}

impl Options {
    /// For a client of S3: what it answers is remembered in the state folder. A store on this machine is asked as fast as it
    /// answers.
    pub fn of(options: &s3::Options, s3: &S3, state: PathBuf) -> Options {
        let endpoint = options.endpoint.as_ref();
        let store = endpoint.map_or_else(|| "aws".to_owned(), Endpoint::to_string);
        // Who asks in his own name may be told something else.
        let store = s3.credentials().map_or_else(|| store.clone(), |origin| format!("{store}, {origin}"));
        let is_near = endpoint.is_some_and(Endpoint::is_loopback);
        Options {
            per_second: (!is_near).then_some(PER_SECOND),
            evidence_cache: Some((state, store)),
            ..Options::default()
        }
    }
}

/// A bucket's owner pays for requests and others use it too. S3 itself bears 5,500 a second and prefix (AWS user guide,
/// "Optimizing performance").
const PER_SECOND: u32 = 200;

/// Batches that may wait to be taken.
const WAITING: usize = 4;

/// What came of it.
#[derive(Debug)]
pub enum Report {
    Observed(Vec<Observed>),
    /// How far it is; ten times a second at most.
    Moved(Progress),
}

enum Order {
    Look(Vec<(RowId, Subject)>),
    Ask(Vec<(RowId, Subject)>, bool),
    Sweep { id: u64, what: Box<(Snapshot, Scope)>, total: u64 },
    Pause,
    Resume,
    Stop,
}

/// Says what is wanted. Cheap to clone; when the last one is dropped nothing more is asked, and the reports end when what
/// was learnt is written down.
#[derive(Clone, Debug)]
pub struct Checks {
    orders: mpsc::UnboundedSender<Order>,
}

impl Checks {
    /// Starts the task, on the current runtime. Nothing is asked until it is told to. Without `labs`, indexes can't be asked
    /// for.
    pub fn start(s3: S3, labs: Option<Labs>, options: Options) -> (Checks, mpsc::Receiver<Report>) {
        let (orders, todo) = mpsc::unbounded_channel();
        let (reports, told) = mpsc::channel(WAITING);
        tokio::spawn(engine::Engine::new(s3, labs, options, todo, reports).run());
        (Checks { orders }, told)
    }

    /// What is in sight, nearest first. It takes the place of what was in sight before and is not under way yet.
    pub fn look(&self, wanted: Vec<(RowId, Subject)>) {
        self.tell(Order::Look(wanted));
    }

    /// Before all else, and given up only by [`Checks::stop`]. With `afresh`, what is known is asked again.
    pub fn ask(&self, wanted: Vec<(RowId, Subject)>, afresh: bool) {
        self.tell(Order::Ask(wanted, afresh));
    }

    /// Row after row, behind all else. Every [`Progress`] of it carries `id`, which is not 0; `total` is the number of distinct things that will be asked for, for the progress.
    pub fn sweep(&self, id: u64, snapshot: Snapshot, scope: Scope, total: u64) {
        self.tell(Order::Sweep { id, what: Box::new((snapshot, scope)), total });
    }

    /// The sweep waits.
    pub fn pause(&self) {
        self.tell(Order::Pause);
    }

    /// The sweep goes on.
    pub fn resume(&self) {
        self.tell(Order::Resume);
    }

    /// The sweep and what was asked for are given up; what is under way still comes in.
    pub fn stop(&self) {
        self.tell(Order::Stop);
    }

    fn tell(&self, order: Order) {
        // The task ends before its handles only when nobody takes its reports any more.
        let _ = self.orders.send(order);
    }
}
