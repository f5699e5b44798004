//! Reads and writes a manifest for a command: from a file or standard input, back to the file as the table saves it, or
//! to a new file.

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

/// A manifest and its origin.
#[derive(Clone, Debug)]
pub struct Input {
    /// As named by the operator.
    pub name: String,
    /// With all symbolic links resolved; None for standard input.
    pub path: Option<PathBuf>,
    pub manifest: Arc<Manifest>,
}

impl Input {
    /// # Errors
    /// [`Failure`] with exit code 2 and, for invalid JSON, line and column.
    pub fn read(path: &Path) -> Result<Input, Failure> {
        let is_stdin = files::is_stream(path);
        let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
        let refused = |why: String| Failure::usage(format!("{name}: {why}"));
        // Standard input may wait for a person.
        let read = || files::read_once(path);
        let read = if is_stdin { read() } else { super::patiently(super::FILE_IS_SLOW, read) };
        let (path, bytes) = read.map_err(|error| refused(error.to_string()))?;
        let manifest = Manifest::parse(bytes).map_err(|refusal| refused(refusal.to_string()))?;
        Ok(Input { name, path, manifest: Arc::new(manifest) })
    }
}

/// Where the result goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Output {
    /// Write the result here and leave the manifest unchanged; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Overwrite OUT if it exists
    #[arg(long, requires = "output")]
    pub force: bool,
}

impl Output {
    /// Whether the result goes to standard output, so that messages go to standard error.
    pub fn is_stdout(&self) -> bool {
        self.output.as_ref().is_some_and(|path| path.as_os_str() == DASH)
    }

    /// Standard input can't be written: without `-o` there is no place for the result.
    ///
    /// # Errors
    /// [`Failure`] that says so.
    pub fn must_be_given_for(&self, input: &Path) -> Result<(), Failure> {
        match &self.output {
            None if files::is_stream(input) => {
                Err(Failure::usage("the manifest comes from standard input: name a file for the result with -o"))
            }
            _ => Ok(()),
        }
    }

    /// Writes the result and says so. The input file is replaced only if it is unchanged and the journal has no unsaved
    /// edits for it; another existing file only with `--force`. Returns the name of the written file.
    ///
    /// # Errors
    /// [`Failure`] with exit code 2: then the file is unchanged.
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
        let saved = super::patiently(super::DISK_IS_SLOW, || files::save(target, over, result, false));
        // Files left by a killed save before this one.
        if let Some(words) = super::patiently(super::DISK_IS_SLOW, || files::sweep(target)).words() {
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

/// Unsaved edits in the journal refer to the current file: they could not be recovered after this.
fn no_unsaved_changes(context: &Context, path: &Path, name: &str, now: &Snapshot) -> Result<(), Failure> {
    let content = Fingerprint::of(now.pieces()).hex();
    let recover = || Ledger::open(&context.folders.state).and_then(|mut ledger| ledger.recover(path, &content));
    let found = match super::patiently(super::DISK_IS_SLOW, recover) {
        Ok(found) => found,
        Err(error) => {
            // Without a journal there is nothing to lose.
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
