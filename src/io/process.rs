//! Identifies a process, even if its number was reused later: after a reboot, or in a container where every start gets
//! the same number.

use std::sync::OnceLock;

/// The process that wrote something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer<'a> {
    pub process: u32,
    /// Empty if the system doesn't say.
    pub identity: &'a str,
}

/// This process.
pub(super) fn own() -> Writer<'static> {
    static OWN: OnceLock<String> = OnceLock::new();
    let process = std::process::id();
    Writer { process, identity: OWN.get_or_init(|| identity(process).unwrap_or_default()) }
}

/// Whether the process that wrote a row still runs. If only its number is known, a process that reused the number also
/// counts, so callers check the age, too.
pub(super) fn is_alive(writer: Writer<'_>) -> bool {
    let own = own();
    match writer {
        Writer { process, identity } if process == own.process => identity == own.identity,
        Writer { process, identity: "" } => has_process(process),
        Writer { process, identity: kept } => identity(process).is_some_and(|now| now == kept),
    }
}

/// The boot id, and the process's start in clock ticks since boot. None if there is no such process, or only a zombie.
#[cfg(target_os = "linux")]
fn identity(process: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    // The second field is the program's name in brackets, with arbitrary content.
    let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let is_gone = matches!(fields.next()?, "Z" | "X" | "x");
    // The third field was the state; the twenty-second is the start time.
    let start = fields.nth(18)?;
    (!is_gone).then(|| format!("{} {start}", boot.trim()))
}

/// The second in which it started.
#[cfg(not(target_os = "linux"))]
fn identity(process: u32) -> Option<String> {
    let output = std::process::Command::new("ps")
        .args(["-o", "lstart=", "-p", &process.to_string()])
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    let started = String::from_utf8(output.stdout).ok()?;
    let started = started.trim();
    (!started.is_empty()).then(|| started.to_owned())
}

/// Whether any process has this number now.
pub(super) fn has_process(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    id.is_some_and(|id| !matches!(rustix::process::test_kill_process(id), Err(rustix::io::Errno::SRCH)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_given_to_another_process_is_not_the_writer() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = identity(child.id()).unwrap();
        let earlier = format!("{identity}1");
        for (identity, alive) in [(identity.as_str(), true), (earlier.as_str(), false), ("", true)] {
            assert_eq!(is_alive(Writer { process: child.id(), identity }), alive, "{identity}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for identity in [identity.as_str(), earlier.as_str(), ""] {
            assert!(!is_alive(Writer { process: child.id(), identity }), "{identity}");
        }
    }

    #[test]
    fn writer_with_another_identity_counts_as_ended() {
        assert!(is_alive(own()));
        for identity in ["", "another start"] {
            assert!(!is_alive(Writer { identity, ..own() }), "{identity}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreaped_process_counts_as_ended() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let writer = identity(child.id());
        // Has exited but is not reaped.
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let options = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(rustix::process::WaitId::Pid(pid), options).unwrap();
        assert_eq!(identity(child.id()), None, "was {writer:?}");
        child.wait().unwrap();
    }
}
