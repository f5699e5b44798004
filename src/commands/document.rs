//! A manifest as a command reads and writes it: from a file or standard input, over the file it came from as the table
//! saves it, or to another that must be new.

use super::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::format::counted;
use crate::domain::manifest::Manifest;
use crate::domain::request::Fingerprint;
use crate::io::files::{self, DASH, Over, Saved};
use crate::io::store::{Fit, Ledger};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A manifest and where it came from.
#[derive(Clone, Debug)]
pub struct Input {
    /// As the operator named it.
    pub name: String,
    /// With all symbolic links followed; None for standard input.
    pub path: Option<PathBuf>,
    pub manifest: Arc<Manifest>,
}

impl Input {
    /// # Errors
    /// [`Failure`] with exit code 2 and, for JSON that can't be read, line and column.
    pub fn read(path: &Path) -> Result<Input, Failure> {
        let is_stdin = path.as_os_str() == DASH;
        let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
        let refused = |why: String| Failure::usage(format!("{name}: {why}"));
        let (path, bytes) = files::read_once(path).map_err(|error| refused(error.to_string()))?;
        let manifest = Manifest::parse(bytes).map_err(|refusal| refused(refusal.to_string()))?;
        Ok(Input { name, path, manifest: Arc::new(manifest) })
    }
}

/// Where the result goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Output {
    /// Write the result here and leave the manifest as it is; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write over OUT although it is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

impl Output {
    /// The result goes to standard output, so that what else is to be said goes to standard error.
    pub fn is_stdout(&self) -> bool {
        self.output.as_ref().is_some_and(|path| path.as_os_str() == DASH)
    }

    /// Standard input can't be written to: without `-o` there is no place for the result.
    ///
    /// # Errors
    /// [`Failure`] that says so.
    pub fn must_be_given_for(&self, input: &Path) -> Result<(), Failure> {
        match &self.output {
            None if input.as_os_str() == DASH => {
                Err(Failure::usage("the manifest comes from standard input: -o says where the result goes"))
            }
            _ => Ok(()),
        }
    }

    /// Writes the result, and says so. A file that was read is replaced only if it still holds what was read, and has no
    /// unsaved changes in the journal; another file is written over only with `--force`. Returns the name of what was written.
    ///
    /// # Errors
    /// [`Failure`] with exit code 2: then the file is as it was.
    pub fn write(&self, context: &Context, inputs: &[&Input], result: &Snapshot) -> Result<String, Failure> {
        if self.is_stdout() {
            return to_stdout(result).map(|()| "standard output".to_owned());
        }
        let first = inputs.first().and_then(|input| Some((input.path.as_ref()?, input.name.clone())));
        let named = self.output.as_ref().map(|path| (path, path.display().to_string()));
        let Some((target, name)) = named.or(first) else {
            return Err(Failure::usage("there is no file to write to"));
        };
        let canonical = target.canonicalize().ok();
        let own = inputs.iter().find(|input| input.path.is_some() && input.path == canonical);
        let is_asked = self.output.is_none() || self.force;
        let expected = own.filter(|_| is_asked).map(|input| Snapshot::of(Arc::clone(&input.manifest)));
        if let (Some(expected), Some(path)) = (&expected, &canonical) {
            no_unsaved_changes(context, path, &name, expected)?;
        }
        let over = match &expected {
            Some(expected) => Over::This(expected),
            None if self.force => Over::Anything,
            None => Over::Nothing,
        };
        let saved = files::save(target, over, result, false);
        // What a save left that was killed before this one.
        if let Some(words) = files::sweep(target).words() {
            say(&format!("{name}: {words}"));
        }
        match saved {
            Ok(Saved::Durable) => Ok(name),
            Ok(saved) => {
                say(&format!("{name}: {saved}"));
                Ok(name)
            }
            Err(error) => {
                let advice = if matches!(error.why, files::Why::Exists) { "; --force writes over it" } else { "" };
                Err(Failure::usage(format!("{name}: {error}{advice}")))
            }
        }
    }
}

/// Changes that a session left in the journal speak of the file as it is: they could not be taken back after this.
fn no_unsaved_changes(context: &Context, path: &Path, name: &str, now: &Snapshot) -> Result<(), Failure> {
    let content = Fingerprint::of(now.pieces()).hex();
    let found = match Ledger::open(&context.folders.state).and_then(|mut ledger| ledger.recover(path, &content)) {
        Ok(found) => found,
        Err(error) => {
            // Without the journal there is nothing in it to lose.
            say(&error.to_string());
            return Ok(());
        }
    };
    match found {
        Some(left) if left.fit != Fit::Neither && !left.edits.is_empty() => {
            let count = left.edits.len() as u64;
            let were = if count == 1 { "was" } else { "were" };
            Err(Failure::usage(format!(
                "{name}: {} of it {were} not saved. Open it to take that back or drop it, or write to another file with -o",
                counted(count, "change")
            )))
        }
        _ => Ok(()),
    }
}

fn to_stdout(result: &Snapshot) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = result.pieces().try_for_each(|piece| out.write_all(piece)).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("the output can't be written: {}", crate::io::error_words(&error))))
        }
        _ => Ok(()),
    }
}
