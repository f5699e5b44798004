//! The online checks of the loop: the engine is created on the first request, and again for another manifest; its
//! reports become messages.

use super::world::World;
use crate::app::effect::SweepOrder;
use crate::app::{JobId, Msg};
use crate::io::checks::{CheckOptions, Checks, Labs, Report};
use crate::io::s3::S3;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long the end of the program waits until the last answers are cached.
const LAST_ANSWERS: Duration = Duration::from_millis(300);

/// The online checks of one manifest. Dropping it ends the requests.
pub struct Online {
    job: JobId,
    checks: Checks,
    /// Cancelled when nobody receives answers any more.
    unheard: CancellationToken,
    /// Ends when all answers are cached.
    handing_on: JoinHandle<()>,
}

impl Online {
    /// Starts the engine, without any request yet.
    pub fn start(job: JobId, s3: S3, world: &World, results: Sender<Msg>) -> Online {
        let options = CheckOptions::of(&world.s3, &s3, world.state.clone()).with_at_once(world.at_once);
        let submissions = Arc::clone(&world.submissions);
        let to = submissions.to().clone();
        let labs = Labs {
            address: to.address,
            route: to.route,
            api_key: Arc::new(move || submissions.api_keys().api_key().ok()),
        };
        let (checks, reports) = Checks::start(s3, Some(labs), options);
        let unheard = CancellationToken::new();
        let handing_on = tokio::spawn(hand_on(job, reports, results, unheard.clone()));
        Online { job, checks, unheard, handing_on }
    }

    /// Waits for the answers to be cached, up to a limit.
    pub async fn end(self) {
        let Online { checks, unheard, handing_on, .. } = self;
        drop(checks);
        unheard.cancel();
        let _ = tokio::time::timeout(LAST_ANSWERS, handing_on).await;
    }

    /// The manifest's job.
    pub fn job(&self) -> JobId {
        self.job
    }

    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    pub fn order(&self, order: SweepOrder) {
        match order {
            SweepOrder::Pause => self.checks.pause(),
            SweepOrder::GoOn => self.checks.resume(),
            SweepOrder::Stop => self.checks.stop(),
        }
    }
}

/// Forwards reports at the loop's pace; if the loop is slow, the engine waits.
async fn hand_on(job: JobId, mut reports: Receiver<Report>, results: Sender<Msg>, unheard: CancellationToken) {
    while let Some(report) = reports.recv().await {
        let msg = match report {
            Report::Observed(batch) => Msg::Observed(job, batch),
            Report::Moved(progress) => Msg::OnlineMoved(job, progress),
        };
        tokio::select! {
            biased;
            () = unheard.cancelled() => {}
            sent = results.send(msg) => {
                if sent.is_err() {
                    return;
                }
            }
        }
    }
}
