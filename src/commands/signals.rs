//! Signals that end a command, as a future. Listening replaces the system's default: from then on only the code that
//! waits here ends the command.

use super::Failure;

/// Signals since listening began; none is lost while nobody waits.
pub(super) struct Signals(Vec<(tokio::signal::unix::Signal, u8)>);

impl Signals {
    /// Starts listening. Call inside a runtime.
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

    /// Waits for a signal and returns its number.
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
    /// Runs a step before anything is sent; a signal ends it.
    ///
    /// # Errors
    /// The step's own error, or the signal.
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
