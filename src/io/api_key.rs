//! Reads an API key that isn't in the environment: from a private file, a command, or the terminal. It is never echoed,
//! and no error contains it.

use super::error_words;
use super::files::{Real, System as _};
use secrecy::{ExposeSecret, SecretString};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Environment variables that may hold the API key.
pub const VARIABLES: [&str; 2] = ["TWELVELABS_API_KEY", "TL_API_KEY"];

/// Child processes don't need the API key, and some log their environment.
pub fn keep_from(command: &mut Command) -> &mut Command {
    VARIABLES.iter().fold(command, |command, name| command.env_remove(name))
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the API key file {} can't be read: {}", path.display(), error_words(source))]
    File { path: PathBuf, source: io::Error },
    #[error("the API key file {} can be read by others: chmod 600 it, and treat the key as leaked", path.display())]
    Exposed { path: PathBuf },
    #[error("the command for the API key {0}")]
    Command(String),
    #[error("no API key: set TWELVELABS_API_KEY, or api-key-file or api-key-command in the configuration")]
    Missing,
    #[error("the API key is malformed: {0}")]
    Malformed(&'static str),
    #[error("the terminal can't be read: {}", error_words(.0))]
    Terminal(#[from] io::Error),
}

/// An API key ready for a header: trimmed, visible ASCII.
///
/// # Errors
/// [`KeyError::Malformed`] if it is empty or not valid in a header.
pub fn sound(text: &str) -> Result<SecretString, KeyError> {
    let key = text.trim();
    if key.is_empty() {
        return Err(KeyError::Malformed("it is empty"));
    }
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(KeyError::Malformed("it contains blanks, control characters or letters outside ASCII"));
    }
    Ok(key.into())
}

/// The same key, shared if it needs no trimming: fewer copies of a secret in memory.
///
/// # Errors
/// As [`sound`].
pub fn sound_shared(key: &Arc<SecretString>) -> Result<Arc<SecretString>, KeyError> {
    let trimmed = sound(key.expose_secret())?;
    let is_same = trimmed.expose_secret() == key.expose_secret();
    Ok(if is_same { Arc::clone(key) } else { Arc::new(trimmed) })
}

/// The first line of a file that only its owner can read.
pub fn from_file(path: &Path) -> Result<SecretString, KeyError> {
    let wrong = |source| KeyError::File { path: path.to_owned(), source };
    let file = Real.open(path).map_err(wrong)?;
    let facts = file.metadata().map_err(wrong)?;
    if !facts.is_file() {
        return Err(wrong(io::Error::other("it is not a regular file")));
    }
    if facts.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(String::with_capacity(4096));
    file.take(4096).read_to_string(&mut text).map_err(wrong)?;
    sound(text.lines().next().unwrap_or_default())
}

/// The first line of a shell command's output.
pub fn from_command(command: &str) -> Result<SecretString, KeyError> {
    let output = keep_from(&mut Command::new("sh"))
        .args(["-c", command])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| KeyError::Command(format!("can't be started: {}", error_words(&error))))?;
    if !output.status.success() {
        // The output may contain the API key or part of it.
        return Err(KeyError::Command(format!("ended with {}", output.status)));
    }
    let printed = Zeroizing::new(output.stdout);
    let text = str::from_utf8(&printed).map_err(|_| KeyError::Malformed("it is not UTF-8 text"))?;
    sound(text.lines().next().unwrap_or_default())
}

/// Prompts on the terminal and echoes one `*` per character. None if the operator cancels (^c, ^d, Esc). Restores the
/// terminal even if the future is dropped early.
pub async fn from_terminal(prompt: &str) -> Result<Option<SecretString>, KeyError> {
    let mut terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    // Switch off the echo before prompting, so that fast typing is neither shown nor lost.
    let raw = RawInput::begin(terminal.try_clone()?)?;
    write!(terminal, "{prompt}")?;
    // A blocking read of a terminal can't be cancelled: if nobody waits any more, the thread ends with the process.
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("key".into()).spawn(move || {
        let _ = sender.send(typed(&mut terminal));
    })?;
    let typed = receiver.await.unwrap_or_else(|_| Err(io::Error::other("its reader has closed it")));
    drop(raw);
    typed?.map(|typed| sound(&typed)).transpose()
}

fn typed(terminal: &mut std::fs::File) -> io::Result<Option<Zeroizing<String>>> {
    // Allocated at its maximum size, so that the secret is never moved.
    let mut typed = Zeroizing::new(String::with_capacity(4096));
    let mut byte = [0];
    loop {
        if terminal.read(&mut byte)? == 0 {
            return Ok(None);
        }
        match byte {
            [b'\r' | b'\n'] => return Ok(Some(typed)),
            [0x03 | 0x04 | 0x1b] => return Ok(None),
            [0x08 | 0x7f] if typed.pop().is_some() => terminal.write_all(b"\x08 \x08")?,
            [0x15] => {
                while typed.pop().is_some() {
                    terminal.write_all(b"\x08 \x08")?;
                }
            }
            [byte] if byte.is_ascii_graphic() && typed.len() < 4096 => {
                typed.push(byte as char);
                terminal.write_all(b"*")?;
            }
            _ => {}
        }
    }
}

/// Raw input without echo until dropped.
struct RawInput {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
}

impl RawInput {
    fn begin(terminal: std::fs::File) -> io::Result<RawInput> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(&terminal)?;
        let mut raw = before.clone();
        raw.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&terminal, OptionalActions::Flush, &raw)?;
        Ok(RawInput { terminal, before })
    }
}

impl Drop for RawInput {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(&self.terminal, rustix::termios::OptionalActions::Flush, &self.before);
        let _ = self.terminal.write_all(b"\n");
    }
}
