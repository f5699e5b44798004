//! What a send asks the operator on the terminal: the API key, and whether it is meant.

use crate::commands::{Failure, say};
use crate::io::api_key::{self, KeyError};
use crate::submission::Submissions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The API key; prompts on the terminal if none is configured.
pub(super) async fn have_key(submissions: &Arc<Submissions>) -> Result<(), Failure> {
    let keys = submissions.api_keys();
    let had = if keys.origin().is_none() && io::stdin().is_terminal() {
        match api_key::from_terminal("API key (not shown): ").await {
            Ok(Some(key)) => {
                keys.type_in(key);
                Ok(())
            }
            Ok(None) => return Err(Failure::usage("No API key was given. Nothing was sent.")),
            Err(error) => Err(error),
        }
    } else {
        let submissions = Arc::clone(submissions);
        let fetched = tokio::task::spawn_blocking(move || submissions.api_keys().fetch());
        fetched.await.unwrap_or(Err(KeyError::Missing))
    };
    had.map_err(|error| Failure::usage(format!("{error}. Nothing was sent.")))
}

/// Shows what is meant and asks for `yes`, under a protected profile for the number of rows.
pub(super) async fn confirm(protect: bool, rows: u32, described: &[String], what: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::usage(if protect {
            "This profile is protected: the number of rows must be typed, and there is no terminal to ask on. Nothing was sent."
        } else {
            "There is no terminal to ask on; --yes sends without asking. Nothing was sent."
        }));
    }
    described.iter().for_each(|line| say(line));
    let expected = if protect { rows.to_string() } else { "yes".to_owned() };
    // Keys pressed before the question are no answer to it.
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    let _ = write!(io::stderr().lock(), "Type {expected} to {what}: ");
    // A blocking read of a terminal can't be cancelled: if nobody waits any more, the thread ends with the process.
    let (sender, receiver) = oneshot::channel();
    let asking = std::thread::Builder::new().name("question".into()).spawn(move || {
        let mut typed = String::new();
        let read = io::stdin().lock().read_line(&mut typed);
        let _ = sender.send(read.map(|_| typed));
    });
    if let Err(error) = asking {
        return Err(Failure::not_sent(format!("The question could not be asked: {error}. Nothing was sent.")));
    }
    if matches!(receiver.await, Ok(Ok(typed)) if typed.trim() == expected) {
        Ok(())
    } else {
        Err(Failure::not_sent("Not confirmed. Nothing was sent."))
    }
}
