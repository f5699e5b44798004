//! Opens a file or standard input, unpacks it if needed, and passes it to the parser. The manifest of an S3 Inventory
//! goes to `inventory`, which opens its data files here.

use super::inventory;
use crate::domain::keys::listing::{self, OnPage, ReadOptions, Reading};
use crate::domain::keys::{Input, SourceFault, Summary};
use crate::io::error_words;
use crate::io::files::{NotRead, must_be_read_once};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

const BUFFER: usize = 256 * 1024;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Reads a saved list of any kind.
///
/// # Errors
/// [`SourceFault`] if it holds no usable keys.
pub fn read(file: &Input, options: &ReadOptions<'_>, on_page: &mut OnPage<'_>) -> Result<Summary, SourceFault> {
    if matches!(file, Input::Path(path) if !path.exists()) {
        return Err(SourceFault::NoFile { source: Box::new(options.source.clone()) });
    }
    let input = open(file).map_err(|why| SourceFault::Unreadable(format!("{file} {why}")))?;
    match listing::read(input, options, on_page)? {
        Reading::Listing(summary) => Ok(*summary),
        Reading::Inventory(manifest) => inventory::read(file, &manifest, options, on_page),
    }
}

fn open(file: &Input) -> Result<Box<dyn Read>, String> {
    match file {
        Input::Stdin => unpacked(io::stdin()),
        Input::Path(path) => unpacked(opened(path)?),
    }
}

/// A file, or what a shell gives for `<(aws s3 ls …)`.
fn opened(path: &Path) -> Result<File, String> {
    match must_be_read_once(path) {
        Ok(()) => {}
        Err(NotRead::Missing) => return Err("does not exist".to_owned()),
        Err(NotRead::Folder) => {
            return Err("is a folder; a source is s3://bucket/prefix or a list in a file".to_owned());
        }
        Err(why) => return Err(why.to_string()),
    }
    File::open(path).map_err(|error| format!("can't be read: {}", error_words(&error)))
}

/// The content of a file, unpacked.
fn unpacked(mut input: impl Read + 'static) -> Result<Box<dyn Read>, String> {
    let mut begin = Vec::new();
    input
        .by_ref()
        .take(2)
        .read_to_end(&mut begin)
        .map_err(|error| format!("can't be read: {}", error_words(&error)))?;
    let is_packed = begin == GZIP;
    let input = Cursor::new(begin).chain(BufReader::with_capacity(BUFFER, input));
    Ok(if is_packed { Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, input))) } else { Box::new(input) })
}

/// The first bytes of the text in a file.
pub fn begin(path: &Path, bytes: u64) -> Option<Vec<u8>> {
    let mut begin = Vec::new();
    unpacked(opened(path).ok()?).ok()?.take(bytes).read_to_end(&mut begin).ok()?;
    Some(begin)
}

/// As [`open`], for a data file.
pub fn data(path: &Path) -> Result<Box<dyn Read>, String> {
    unpacked(opened(path)?)
}
