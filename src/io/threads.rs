//! Starts the threads that asynchronous work runs on, and ends the program with a sentence where the system refuses what
//! they need.

use std::io;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use tokio::runtime::{Builder, Runtime};

/// The exit code if the runtime fails.
static EXIT: AtomicU8 = AtomicU8::new(2);
static STARTING: AtomicBool = AtomicBool::new(false);

/// A runtime with so many workers, one per core by default.
///
/// Where the system starts no thread, can't be polled, or gives no random numbers, tokio panics, and then waits for ever for
/// the threads it has, or aborts. So such a panic ends the program at once, after the panic hook has said why.
///
/// # Errors
/// If the system refuses anything else.
pub fn runtime(workers: Option<usize>) -> io::Result<Runtime> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            before(info);
            if STARTING.load(Ordering::SeqCst) || is_of_runtime(info) {
                #[expect(clippy::exit, reason = "unwinding would never end")]
                std::process::exit(EXIT.load(Ordering::SeqCst).into());
            }
        }));
    });
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers);
    }
    STARTING.store(true, Ordering::SeqCst);
    let runtime = builder.enable_all().build();
    STARTING.store(false, Ordering::SeqCst);
    runtime
}

fn is_of_runtime(info: &PanicHookInfo<'_>) -> bool {
    let said = info.payload_as_str().unwrap_or_default();
    ["unexpected error when polling", "failed to wake I/O driver", "failed to generate random data"]
        .iter()
        .any(|own| said.contains(own))
}

/// The exit code if the system refuses something.
pub fn exit_code() -> u8 {
    EXIT.load(Ordering::SeqCst)
}

/// From now on the program ends with this code if the runtime fails. It is 2 until something may have happened that a
/// caller must know of.
pub fn ends_with(code: u8) {
    EXIT.store(code, Ordering::SeqCst);
}
