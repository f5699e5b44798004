//! Starts the threads that asynchronous work runs on, or ends the program with a sentence.

use std::io;
use std::panic::{set_hook, take_hook};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// A runtime with so many workers, one per core by default.
///
/// Where the system starts no thread, tokio panics, and then waits for ever for the threads it has. So such a panic ends
/// the program at once with exit code 2, after the panic hook has said why. Nothing was begun yet.
///
/// # Errors
/// If the system refuses anything else.
pub fn runtime(workers: Option<usize>) -> io::Result<Runtime> {
    let before = Arc::new(take_hook());
    let hook = Arc::clone(&before);
    set_hook(Box::new(move |info| {
        hook(info);
        #[expect(clippy::exit, reason = "unwinding would never end")]
        std::process::exit(2);
    }));
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers);
    }
    let runtime = builder.enable_all().build();
    set_hook(Box::new(move |info| before(info)));
    runtime
}
