//! The terminal: taken over as a whole, given back as it was, whatever happens. It draws nothing.

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{execute, queue};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

/// The terminal is ours now. A panic or a signal must know, from any thread.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// What a panic in the background said, for the message line.
static PANICS: OnceLock<Mutex<Vec<String>>> = OnceLock::new();

/// Holds the terminal; dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Raw mode, the alternate screen, bracketed paste, and the mouse if wanted.
    ///
    /// # Errors
    /// When the terminal refuses; it is left as it was.
    pub fn enter(mouse: bool) -> io::Result<Guard> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Guard { mouse };
        guard.set_up()?;
        Ok(guard)
    }

    fn set_up(&self) -> io::Result<()> {
        let mut out = io::stdout();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste)?;
        if self.mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    }

    /// Gives the terminal back for a while: to the shell, or to an editor.
    pub fn leave(&self) {
        restore();
    }

    /// Takes it again.
    ///
    /// # Errors
    /// When the terminal refuses.
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

/// Gives the terminal back, once. Safe to call at any time, from anywhere.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // A terminal that is gone can't be restored: nothing to do about it.
        let _ = execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// On the thread that draws, a panic gives the terminal back before anything is printed. In the background it only
/// leaves a note: the program goes on, and what failed becomes a message.
pub fn set_panic_hook() {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == drawing {
            restore();
            // Where nobody can be told any more, a panic over that would end everything at once.
            let mut out = io::stderr().lock();
            let _ = writeln!(out, "{}", crate::fault::words(info));
            let _ = writeln!(out, "Edits are in the journal: opening the file offers them.");
            let trace = std::backtrace::Backtrace::capture();
            if trace.status() == std::backtrace::BacktraceStatus::Captured {
                let _ = writeln!(out, "{trace}");
            }
        } else {
            let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
            tracing::error!("panic in the background{place}");
            if let Ok(mut notes) = PANICS.get_or_init(Mutex::default).lock() {
                notes.push(format!("something in the background failed{place}; the edits are safe"));
            }
        }
    }));
}

/// What background panics said since this was last asked.
pub fn take_panics() -> Vec<String> {
    PANICS.get().and_then(|notes| notes.lock().ok()).map(|mut notes| std::mem::take(&mut *notes)).unwrap_or_default()
}

/// Copies a text to the clipboard through the terminal (OSC 52), which works over ssh.
///
/// # Errors
/// When the terminal can't be written to.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(io::stdout(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
}

/// Waits, without using any time, until the terminal is gone: crossterm would spin on it.
pub fn wait_until_gone() {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = io::stdin();
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_)
                if fds.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)) =>
            {
                return;
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Whether a shell waits to start this job again once it stands still. Where the program is the terminal's own (`ssh -t`,
/// a container, a window of its own) nobody does, and standing still would be for ever.
pub fn can_stop() -> bool {
    use rustix::process::{getpgrp, getsid};
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops this job as ^z does; it comes back when the shell says so. All of it: a script that started us waits too.
pub fn stop_job() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}
