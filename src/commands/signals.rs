//! Signals that ask a command to end, as something that can be waited for. Whoever listens takes over from the system:
//! from then on nothing ends the command but what waits here.

use super::Failure;

/// The signals that came since listening began; one that comes while nobody looks is not lost.
pub(super) struct Signals(Vec<(tokio::signal::unix::Signal, u8)>);

impl Signals {
    /// Begins to listen. Inside a runtime only.
    pub(super) fn listen() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        let all = [
            (SignalKind::hangup(), 1),
            (SignalKind::interrupt(), 2),
            (SignalKind::quit(), 3),
            (SignalKind::terminate(), 15),
        ];
        Signals(all.into_iter().filter_map(|(kind, number)| Some((signal(kind).ok()?, number))).collect())
    }

    /// Waits for one, and returns its number.
    pub(super) async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            for (signal, number) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

impl Signals {
    /// Does a step before anything is sent; a signal ends it.
    ///
    /// # Errors
    /// The step's own, or the signal's.
    pub(super) async fn unless<T>(&mut self, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            number = self.next() => {
                let message = format!("Ended by signal {number}. Nothing was sent.");
                Err(Failure { exit: 128 + number, message })
            }
            done = step => done,
        }
    }
}
