//! Turns a panic into one sentence and an exit code: a bug of cuecard, or a refusal of the system that a library panics
//! over. Whatever can be tested in advance is.

use std::any::Any;
use std::io;
use std::panic::{PanicHookInfo, UnwindSafe, catch_unwind};
use std::sync::RwLock;

/// Panic messages of libraries when the system refuses a thread, a socket, a random number, polling, or anything else.
const REFUSALS: [&str; 8] = [
    "OS can't spawn",
    "failed to spawn thread",
    "failed to create UnixStream",
    "failed to generate random data",
    "unexpected error when polling",
    "failed to wake I/O driver",
    "unexpected error during closedir",
    // Any other call of the system that a library expects to succeed. Ours never do.
    "Err` value: Os { code: ",
];

/// Threads besides those that compute: input, signals, the journal and its watch, the terminal.
const MORE_THREADS: usize = 5;

/// The sentence for a panic; it may contain text of the file.
pub fn words(info: &PanicHookInfo<'_>) -> String {
    if is_refusal(info) {
        return refusal(info.payload_as_str().unwrap_or_default());
    }
    let said = info.payload_as_str().unwrap_or_default().escape_debug();
    match info.location() {
        Some(at) => format!("cuecard: this is a bug in cuecard at {}:{}: {said}", at.file(), at.line()),
        None => format!("cuecard: this is a bug in cuecard: {said}"),
    }
}

/// The sentence for a refusal of the system, whatever a library made of it.
fn refusal(said: &str) -> String {
    const THREADS: [&str; 2] = ["OS can't spawn", "failed to spawn thread"];
    if THREADS.iter().any(|thread| said.contains(thread)) {
        return "cuecard: the system starts no more threads. It may do so when fewer programs run, or with a higher limit (ulimit -u).".to_owned();
    }
    format!("cuecard: the system refuses what cuecard needs: {}", said.escape_debug())
}

/// Whether a panic is one of the runtime itself, which aborts the process after it.
pub fn ends_runtime(info: &PanicHookInfo<'_>) -> bool {
    let said = info.payload_as_str().unwrap_or_default();
    ["unexpected error when polling", "failed to wake I/O driver", "failed to generate random data"]
        .iter()
        .any(|fatal| said.contains(fatal))
}

/// Whether the system refused something, so that no bug is to be found.
pub fn is_refusal(info: &PanicHookInfo<'_>) -> bool {
    is_refused(info.payload())
}

fn is_refused(payload: &(dyn Any + Send)) -> bool {
    let said = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    said.is_some_and(|said| REFUSALS.iter().any(|refusal| said.contains(refusal)))
}

/// Runs the program. A panic is printed and gives exit code 101, or that of `refused` if the system refused something.
pub fn guarded(say: fn(&str), refused: fn() -> u8, run: impl FnOnce() -> u8 + UnwindSafe) -> u8 {
    std::panic::set_hook(Box::new(move |info| say(&words(info))));
    catch_unwind(run).unwrap_or_else(|panic| if is_refused(&*panic) { refused() } else { 101 })
}

/// Tests whether the system provides what libraries would otherwise panic over: among it a thread for each core.
///
/// # Errors
/// What it refuses, and why.
pub fn system_works(cores: usize) -> io::Result<()> {
    let threads = cores + MORE_THREADS;
    let refused = |what: &str, error: io::Error| io::Error::other(format!("the system {what}: {error}"));
    // All at once, as they will be later.
    let gate = RwLock::new(());
    let closed = gate.write();
    let started = std::thread::scope(|scope| {
        let started = (0..threads).try_for_each(|_| {
            let wait = || drop(gate.read());
            std::thread::Builder::new().spawn_scoped(scope, wait).map(drop)
        });
        drop(closed);
        started
    });
    started.map_err(|error| refused("starts no threads", error))?;
    std::os::unix::net::UnixStream::pair().map_err(|error| refused("makes no sockets", error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_refusals_are_not_reported_as_program_faults() {
        for (said, refused) in [
            ("OS can't spawn worker thread: x", true),
            ("called `Result::unwrap()` on an `Err` value: Os { code: 5, kind: Uncategorized }", true),
            ("called `Result::unwrap()` on an `Err` value: Empty", false),
            ("index out of bounds", false),
        ] {
            let panic: Box<dyn Any + Send> = Box::new(said.to_owned());
            assert_eq!(is_refused(&*panic), refused, "{said}");
            let panic: Box<dyn Any + Send> = Box::new(said);
            assert_eq!(is_refused(&*panic), refused, "{said}");
        }
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_told_in_plain_words() {
        for said in [
            "OS can't spawn worker thread: Resource temporarily unavailable (os error 11)",
            r#"failed to spawn thread: Os { code: 11, kind: WouldBlock, message: "Resource temporarily unavailable" }"#,
        ] {
            let words = refusal(said);
            assert!(words.starts_with("cuecard: the system starts no more threads."), "{words}");
            assert!(!words.contains(['\\', '{']), "{words}");
        }
    }

    #[test]
    fn working_system_passes_the_fault_check() {
        assert!(system_works(2).is_ok());
    }
}
