//! Runs the operator's editor, which gets the terminal: starts, watches, stops and ends it like a shell job. The loop
//! goes on meanwhile.

use crate::app::JobId;
use crate::app::line_input::LONGEST;
use crate::io::api_key::keep_from;
use crate::io::error_words;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpgrp, kill_process, waitpid};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A file longer than any accepted value, with some blank lines around it, is not read back.
const LONGEST_ANSWER: u64 = 2 * LONGEST as u64;
/// How long an editor that must end has to restore the terminal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Work that needs the terminal.
#[derive(Debug)]
pub enum Errand {
    EditText(JobId, String),
    EditFile(JobId, PathBuf, usize),
    /// Stop until the shell resumes us.
    Suspend,
}

/// A change in the editor's state.
#[derive(Debug)]
pub enum Turn {
    /// Stopped, like everything in its job, until the shell resumes it.
    Stopped,
    Ended(io::Result<ExitStatus>),
}

/// $EDITOR with the terminal. It is in our process group, as in a script: ^z and ^c reach both, and one `fg` resumes
/// both.
#[derive(Debug)]
pub struct Editor {
    program: String,
    pid: Pid,
    turns: UnboundedReceiver<Turn>,
    /// The terminal's modes before the editor started.
    modes: Option<Termios>,
}

impl Editor {
    /// Starts $VISUAL or $EDITOR, with arguments if it has any, else vi; all of them understand `+line`.
    ///
    /// # Errors
    /// In words, if it can't be started.
    pub fn open(path: &Path, line: usize) -> Result<Editor, String> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| OsString::from("vi"));
        let editor = editor.to_string_lossy().into_owned();
        let mut words = editor.split_whitespace();
        let program = words.next().unwrap_or("vi").to_owned();
        let modes = tcgetattr(io::stdin()).ok();
        // Not every program understands `+line`, so it is left out where it isn't needed.
        let to_line = (line > 1).then(|| format!("+{line}"));
        let started = keep_from(&mut Command::new(&program)).args(words).args(to_line).arg(path).spawn();
        let child = started.map_err(|error| format!("{program} could not be started: {}", error_words(&error)))?;
        let pid = Pid::from_child(&child);
        let (tell, turns) = unbounded_channel();
        tokio::task::spawn_blocking(move || watch(pid, &tell));
        Ok(Editor { program, pid, turns, modes })
    }

    /// Waits until the editor stops or ends.
    pub async fn turn(&mut self) -> Turn {
        let unseen = || Turn::Ended(Err(io::Error::other("its end was not observed")));
        self.turns.recv().await.unwrap_or_else(unseen)
    }

    /// Resumes the editor, in case the shell resumed only us.
    pub fn go_on(&self) {
        let _ = kill_process(self.pid, Signal::CONT);
    }

    /// Forwards a signal that ends us, and restores the terminal's modes if the editor doesn't.
    pub async fn end(mut self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
        self.go_on();
        let ended = async { while !matches!(self.turn().await, Turn::Ended(_)) {} };
        let _ = tokio::time::timeout(LAST_WORDS, ended).await;
        // From the background, even the attempt would stop us.
        let stdin = io::stdin();
        if let Some(modes) = &self.modes
            && tcgetpgrp(&stdin).is_ok_and(|foreground| foreground == getpgrp())
        {
            let _ = tcsetattr(&stdin, OptionalActions::Drain, modes);
        }
    }

    /// # Errors
    /// In words, unless the editor succeeded.
    pub fn verdict(&self, end: io::Result<ExitStatus>) -> Result<(), String> {
        let program = &self.program;
        match end {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program} ended with {status}; nothing was taken over")),
            Err(error) => Err(format!("{program} is lost: {}; nothing was taken over", error_words(&error))),
        }
    }
}

/// Reports each state change of a child until it ends. Blocks.
fn watch(pid: Pid, tell: &UnboundedSender<Turn>) {
    loop {
        let turn = match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Err(rustix::io::Errno::INTR) | Ok(None) => continue,
            Ok(Some((_, status))) if status.stopped() => Turn::Stopped,
            Ok(Some((_, status))) => Turn::Ended(Ok(ended(status))),
            Err(error) => Turn::Ended(Err(error.into())),
        };
        let last = matches!(turn, Turn::Ended(_));
        if tell.send(turn).is_err() || last {
            return;
        }
    }
}

fn ended(status: WaitStatus) -> ExitStatus {
    ExitStatus::from_raw(status.as_raw())
}

/// A private temporary file with a text, for as long as the editor needs it.
#[derive(Debug)]
pub struct Handed(PathBuf);

impl Handed {
    /// # Errors
    /// In words, if it can't be written.
    pub fn over(text: &str) -> Result<Handed, String> {
        let path = std::env::temp_dir().join(format!("cuecard-{}-{}.txt", std::process::id(), text.len()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&path).map_err(no_file)?;
        let handed = Handed(path);
        file.write_all(text.as_bytes()).map_err(no_file)?;
        Ok(handed)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The current content. The editor may have replaced the file.
    ///
    /// # Errors
    /// In words: gone, not a file, not text, or longer than any value.
    pub fn back(self) -> Result<String, String> {
        let wrong = |error: io::Error| format!("what the editor left can't be read: {}", error_words(&error));
        if !std::fs::metadata(&self.0).map_err(wrong)?.is_file() {
            return Err("the editor left something that is not a file; nothing was taken over".into());
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&self.0).map_err(wrong)?;
        file.take(LONGEST_ANSWER + 1).read_to_end(&mut bytes).map_err(wrong)?;
        if bytes.len() as u64 > LONGEST_ANSWER {
            return Err("the text is longer than a value can be; nothing was taken over".into());
        }
        String::from_utf8(bytes).map_err(|_| "the text is not UTF-8; nothing was taken over".into())
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn no_file(error: io::Error) -> String {
    format!("no file for $EDITOR could be made: {}", error_words(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editor_text_longer_than_an_input_is_refused() {
        let longest = "x".repeat(2 * LONGEST);
        let handed = Handed::over(&longest).unwrap();
        let path = handed.path().to_owned();
        assert_eq!(handed.back(), Ok(longest));
        assert!(!path.exists(), "nothing of it stays");

        let handed = Handed::over("a value").unwrap();
        std::fs::File::create(handed.path()).unwrap().set_len(1 << 40).unwrap();
        assert!(handed.back().unwrap_err().contains("longer"));

        let handed = Handed::over("another value").unwrap();
        std::fs::write(handed.path(), b"\xff").unwrap();
        assert!(handed.back().unwrap_err().contains("not UTF-8"));
        let handed = Handed::over("one more value").unwrap();
        std::fs::remove_file(handed.path()).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            handed.path(),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        assert!(handed.back().unwrap_err().contains("not a file"));
    }
}
