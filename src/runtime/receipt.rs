//! Reads a receipt from the ledger or from a file, and compares a file on disk with what was sent.

use crate::app::effect::ReceiptOrder;
use crate::app::msg::{ReceiptRead, ReceiptVerdict};
use crate::domain::receipt::{Receipt, ReceiptError, Verdict};
use crate::io::files::{self, NotRead};
use crate::submission::Submissions;
use std::path::{Path, PathBuf};

/// # Errors
/// Why there is nothing to show, in words.
pub fn read(submissions: &Submissions, order: ReceiptOrder) -> Result<Box<ReceiptRead>, String> {
    let ReceiptOrder { attempt, open, against } = order;
    if let Some(other) = against.as_deref().filter(|path| is_receipt(path)) {
        return of_file(other);
    }
    let found = submissions.receipt(attempt, open.as_deref(), false).map_err(|error| error.to_string())?;
    let (receipt, sent) = found.ok_or_else(|| match attempt {
        Some(attempt) => format!("there is no attempt {attempt} in the ledger"),
        None => "nothing was sent from this machine".to_owned(),
    })?;
    let is_given = against.is_some();
    let file = against.unwrap_or_else(|| PathBuf::from(&sent.intent.file));
    let verdict = compare(&receipt, &file)?;
    let text = receipt.text();
    Ok(Box::new(ReceiptRead { receipt, text, verdict, name: name(&file), is_given, file: Some(sent.intent.file) }))
}

/// A receipt that stands in a file, compared with the manifest beside it.
fn of_file(path: &Path) -> Result<Box<ReceiptRead>, String> {
    let bytes = bytes(path)?;
    match Receipt::parse(&bytes) {
        Ok(receipt) => {
            let file = path.with_file_name(&receipt.file.name);
            let verdict = compare(&receipt, &file)?;
            let (text, name, file) = (receipt.text(), name(&file), Some(file.display().to_string()));
            Ok(Box::new(ReceiptRead { receipt, text, verdict, name, is_given: false, file }))
        }
        Err(ReceiptError::Damaged) => match Receipt::parse_damaged(&bytes) {
            Some(receipt) => {
                let (text, name) = (receipt.text(), name(path));
                let verdict = ReceiptVerdict::Damaged;
                Ok(Box::new(ReceiptRead { receipt, text, verdict, name, is_given: true, file: None }))
            }
            None => Err(format!("{}: {}", name(path), ReceiptError::Damaged)),
        },
        Err(why) => Err(format!("{} {why}", name(path))),
    }
}

fn is_receipt(path: &Path) -> bool {
    files::read_prefix(path, 64).is_ok_and(|start| Receipt::begins(&start.bytes))
}

fn compare(receipt: &Receipt, file: &Path) -> Result<ReceiptVerdict, String> {
    match files::read(file, |_, _| true) {
        Ok(loaded) => Ok(match receipt.verify(loaded.bytes).1 {
            Verdict::Same => ReceiptVerdict::Same,
            Verdict::Other(rows) => ReceiptVerdict::Other(rows),
        }),
        Err(NotRead::Missing) => Ok(ReceiptVerdict::NoFile),
        Err(why) => Err(format!("{}: {why}", name(file))),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    files::read(path, |_, _| true).map(|loaded| loaded.bytes).map_err(|why| format!("{}: {why}", name(path)))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
