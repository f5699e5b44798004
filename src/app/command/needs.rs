//! Requirements of commands on the open manifest; the reasons are shown in the help and on the message line.

use super::Why;
use crate::app::action::Action;
use crate::app::session::Session;

type Answer = Result<(), Why>;

pub fn nothing(_: Option<&Session>) -> Answer {
    Ok(())
}

fn ready(session: Option<&Session>) -> Result<&Session, Why> {
    match session {
        None => Err("no manifest is open".into()),
        Some(session) => session.why_not_editable().map_or(Ok(session), |why| Err(why.into())),
    }
}

/// A manifest read to its end, and no bulk edit running.
pub fn rows(session: Option<&Session>) -> Answer {
    ready(session).map(|_| ())
}

/// As [`rows`], and a row under the cursor.
pub fn a_row(session: Option<&Session>) -> Answer {
    ready(session)?.current().map(|_| ()).ok_or("no row is in view".into())
}

pub fn something_done(session: Option<&Session>) -> Answer {
    if ready(session)?.draft.can_undo() { Ok(()) } else { Err("nothing to undo".into()) }
}

pub fn something_undone(session: Option<&Session>) -> Answer {
    if ready(session)?.draft.can_redo() { Ok(()) } else { Err("nothing to redo".into()) }
}

pub fn a_search(session: Option<&Session>) -> Answer {
    if ready(session)?.search.is_empty() {
        Err(Why::but("nothing was searched for yet.", Action::Search, "searches"))
    } else {
        Ok(())
    }
}

pub fn findings(session: Option<&Session>) -> Answer {
    ready(session)?.findings.as_ref().map(|_| ()).ok_or("the rows are still being checked".into())
}

pub fn unsaved_changes(session: Option<&Session>) -> Answer {
    let session = ready(session)?;
    if session.saving.is_some() {
        Err("the file is being saved".into())
    } else if session.draft.is_dirty() {
        Ok(())
    } else {
        Err("nothing changed since the save".into())
    }
}

pub fn rows_to_send(session: Option<&Session>) -> Answer {
    let now = ready(session)?.now();
    if now.len() as usize > now.excluded_rows().len() {
        Ok(())
    } else {
        Err("This manifest has no rows. There is nothing to upload.".into())
    }
}

/// No save, load or bulk edit is running. Also holds for a file that could not be read.
pub fn at_rest(session: Option<&Session>) -> Answer {
    match session {
        Some(session) if session.saving.is_some() => Err("the file is being saved".into()),
        Some(session) => session.why_not_editable().map_or(Ok(()), |why| Err(why.into())),
        None => Ok(()),
    }
}

/// No unsaved changes, so that another file can be opened.
pub fn all_saved(session: Option<&Session>) -> Answer {
    if session.is_some_and(|session| session.draft.is_dirty()) {
        Err(Why::but("the changes are not saved.", Action::Write, "saves them"))
    } else {
        Ok(())
    }
}

/// As [`all_saved`], in a build that has the sandbox.
pub fn the_sandbox(session: Option<&Session>) -> Answer {
    if cfg!(feature = "sandbox") { all_saved(session) } else { Err("this build has no sandbox".into()) }
}
