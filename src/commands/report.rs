//! A command's report on many rows: on standard output, or on standard error if the result is written there; as text,
//! or as one JSON object that ends in an array. Streamed, so a million rows need no memory.

use super::Failure;
use crate::domain::report::write_json;
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// Passes the output stream to `write`. A closed pipe is not an error.
///
/// # Errors
/// [`Failure`] if it can't be written for any other reason.
pub fn report(to_stderr: bool, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let stream: Box<dyn Write> = if to_stderr { Box::new(io::stderr().lock()) } else { Box::new(io::stdout().lock()) };
    let mut out = BufWriter::with_capacity(1 << 16, stream);
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("the output can't be written: {}", crate::io::error_words(&error))))
        }
        _ => Ok(()),
    }
}

/// A JSON object whose last member is being written.
pub struct Rows<'a> {
    out: &'a mut dyn Write,
    is_first: bool,
}

impl<'a> Rows<'a> {
    /// `head`: the members so far; `name`: the array's.
    pub fn begin(mut out: &'a mut dyn Write, head: &serde_json::Value, name: &str) -> io::Result<Rows<'a>> {
        let mut text = Vec::new();
        write_json(&mut text, head)?;
        out.write_all(text.strip_suffix(b"}").unwrap_or(&text))?;
        out.write_all(b",")?;
        write_json(&mut out, &name)?;
        out.write_all(b":[")?;
        Ok(Rows { out, is_first: true })
    }

    pub fn put(&mut self, row: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        write_json(&mut self.out, row)
    }

    pub fn end(self) -> io::Result<()> {
        self.out.write_all(if self.is_first { b"]}\n" } else { b"\n]}\n" })
    }
}
