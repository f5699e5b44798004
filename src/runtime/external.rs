//! Errands that need the terminal for themselves: $EDITOR, and standing still until the shell says go on.

use crate::app::{JobId, Msg};
use crate::terminal::{self, Guard};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Debug)]
pub enum Errand {
    EditText(JobId, String),
    EditFile(JobId, PathBuf, usize),
    Suspend,
}

/// Gives the terminal away, waits, and takes it back.
pub fn run(guard: &Guard, errand: Errand) -> Option<Msg> {
    if matches!(errand, Errand::Suspend) && !terminal::can_stop() {
        return Some(Msg::Failed("no shell waits behind this terminal: cuecard can't stand still here".into()));
    }
    guard.leave();
    let msg = match errand {
        Errand::Suspend => {
            terminal::stop_job();
            None
        }
        Errand::EditText(job, text) => Some(Msg::EditorClosed(job, edit_text(&text))),
        Errand::EditFile(job, path, line) => Some(Msg::EditorClosed(job, edit(&path, line).map(|()| String::new()))),
    };
    match guard.enter_again() {
        Ok(()) => msg,
        Err(error) => Some(Msg::Failed(format!("the terminal did not come back: {error}"))),
    }
}

/// Through a file of our own that nobody else can read.
fn edit_text(text: &str) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("no file for $EDITOR could be made: {error}");
    let folder = std::env::temp_dir();
    let path = folder.join(format!("cuecard-{}-{}.txt", std::process::id(), text.len()));
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(wrong)?;
    let edited = file.write_all(text.as_bytes()).map_err(wrong).and_then(|()| edit(&path, 1)).and_then(|()| {
        // The editor may have put another file in its place.
        let mut back = String::new();
        std::fs::File::open(&path).and_then(|mut file| file.read_to_string(&mut back)).map_err(wrong)?;
        Ok(back)
    });
    let _ = std::fs::remove_file(&path);
    edited
}

/// $VISUAL or $EDITOR, which may have arguments, else vi; `+line` is understood by all of them.
fn edit(path: &Path, line: usize) -> Result<(), String> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| OsString::from("vi"));
    let editor = editor.to_string_lossy().into_owned();
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program)
        .args(words)
        // Not every program takes it for a line number; without a line to go to there is no need.
        .args((line > 1).then(|| format!("+{line}")))
        .arg(path)
        .status()
        .map_err(|error| format!("{program} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}; nothing was taken over")) }
}
