//! Takes over the terminal and always restores it. Draws nothing.

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{execute, queue};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

/// Whether we hold the terminal. Panic hook and signals read it from any thread.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Messages of background panics, for the message line.
static PANICS: OnceLock<Mutex<Vec<String>>> = OnceLock::new();

/// Holds the terminal; restores it on drop.
#[derive(Debug)]
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Enters raw mode, the alternate screen, bracketed paste and, if wanted, mouse capture.
    ///
    /// # Errors
    /// If the terminal refuses; it is left unchanged.
    pub fn enter(mouse: bool) -> io::Result<Guard> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Guard { mouse };
        guard.set_up()?;
        Ok(guard)
    }

    fn set_up(&self) -> io::Result<()> {
        let mut out = io::stdout();
        // After a kill the terminal is still on the alternate screen, with what stood there.
        queue!(out, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste)?;
        if self.mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    }

    /// Returns the terminal to the shell or an editor for a while.
    pub fn leave(&self) {
        restore();
    }

    /// Takes the terminal again.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn enter_again(&self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        self.set_up()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal, once. Safe to call at any time, from any thread.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // Nothing can be done for a terminal that is gone.
        let _ = execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// A panic on the drawing thread restores the terminal before anything is printed. In the background it only leaves a
/// note: the program goes on and shows a message. But where the system refuses what the runtime needs, as polling, its
/// threads would abort the process without a word: then the program ends with exit code 2.
pub fn set_panic_hook() {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        let is_drawing = std::thread::current().id() == drawing;
        let is_fatal = !is_drawing && crate::fault::ends_runtime(info);
        if is_drawing || is_fatal {
            restore();
            // If stderr fails, a second panic would abort the process.
            let mut out = io::stderr().lock();
            let _ = writeln!(out, "{}", crate::fault::words(info));
            let _ = writeln!(out, "Edits are in the journal: opening the file offers them.");
            let trace = std::backtrace::Backtrace::capture();
            if !crate::fault::is_refusal(info) && trace.status() == std::backtrace::BacktraceStatus::Captured {
                let _ = writeln!(out, "{trace}");
            }
            if is_fatal {
                #[expect(clippy::exit, reason = "the runtime would abort")]
                std::process::exit(2);
            }
        } else {
            let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
            tracing::error!("panic in a background task{place}");
            if let Ok(mut notes) = PANICS.get_or_init(Mutex::default).lock() {
                notes.push(format!("a background task failed{place}; the edits are safe"));
            }
        }
    }));
}

/// Messages of background panics since the last call.
pub fn take_panics() -> Vec<String> {
    PANICS.get().and_then(|notes| notes.lock().ok()).map(|mut notes| std::mem::take(&mut *notes)).unwrap_or_default()
}

/// Copies a text to the clipboard through the terminal (OSC 52), which works over ssh.
///
/// # Errors
/// If the terminal can't be written.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(io::stdout(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
}

/// Sleeps until the terminal is gone: crossterm would spin on that. False if the system can't tell.
pub fn wait_until_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = io::stdin();
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_)
                if fds.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)) =>
            {
                return true;
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Whether a shell can resume this job after a stop. If the program is the terminal's own (`ssh -t`, a container, a
/// separate window), nothing would resume it.
pub fn can_stop() -> bool {
    use rustix::process::{getpgrp, getsid};
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops the process group as ^z does, including a script that started us; the shell resumes it.
pub fn stop_job() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}
