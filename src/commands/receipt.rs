//! `cuecard receipt verify` and `cuecard history show`: receipts as files, and whether a file is what one says was sent.

use super::arguments::Format;
use super::{Context, Failure, print, say};
use crate::domain::format::{counted, exact_bytes};
use crate::domain::receipt::{Receipt, ReceiptError, RowOutcomes, RowsAsSent, Verdict};
use crate::io::files;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::{Path, PathBuf};

const SAME: u8 = 0;
const OTHER: u8 = 1;
const DAMAGED: u8 = 2;

/// Most rows that are named in a line.
const NAMED: usize = 20;

/// Receipts of uploads
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Is this manifest what was sent? Exit code 0 for the same bytes, 1 for other ones, 2 for a damaged receipt
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The receipt, as `cuecard history show N` prints it; - is standard input
    pub receipt: PathBuf,
    /// The manifest to compare
    pub manifest: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `cuecard history show N`
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Number of the attempt
    pub attempt: i64,
    /// Write the file's folder into it
    #[arg(long)]
    pub with_path: bool,
}

/// # Errors
/// [`Failure`] with exit code 2 if there is no such attempt.
pub fn show(arguments: &Show, context: &Context) -> Result<u8, Failure> {
    let submissions = context.submissions()?;
    let read = || submissions.receipt(Some(arguments.attempt), None, arguments.with_path);
    let found = super::patiently(super::DISK_IS_SLOW, read).map_err(|error| Failure::usage(error.to_string()))?;
    let (receipt, _) = found.ok_or_else(|| Failure::usage(format!("there is no attempt {}", arguments.attempt)))?;
    print(&receipt.text()).map(|()| 0)
}

/// # Errors
/// [`Failure`] with exit code 2 if a file can't be read, or the first is no receipt.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let What::Verify(verify) = &arguments.what;
    let read = |path: &Path| {
        let (_, bytes) = files::read_once(path).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))?;
        Ok::<_, Failure>(bytes)
    };
    let receipt = match Receipt::parse(&read(&verify.receipt)?) {
        Ok(receipt) => receipt,
        Err(ReceiptError::Damaged) => {
            match verify.format {
                Format::Text => say(&format!("{}: {}", verify.receipt.display(), ReceiptError::Damaged)),
                Format::Json => print(&format!("{}\n", json!({"verdict": "damaged"})))?,
            }
            return Ok(DAMAGED);
        }
        Err(why) => return Err(Failure::usage(format!("{} {why}", verify.receipt.display()))),
    };
    let manifest = read(&verify.manifest)?;
    let name = verify.manifest.file_name().unwrap_or(verify.manifest.as_os_str()).to_string_lossy().into_owned();
    let (sha256, verdict) = receipt.verify(manifest);
    let attempt = receipt.attempt;
    match verify.format {
        Format::Text => {
            let words = match &verdict {
                Verdict::Same if receipt.row_outcomes.is_some_and(|rows| rows.not_sent + rows.cannot_go > 0) => {
                    format!("same bytes: {name} is the file whose rows attempt {attempt} sent")
                }
                Verdict::Same => format!("same bytes: {name} is what attempt {attempt} sent"),
                Verdict::Other(None) => format!("other bytes: {name} is not what attempt {attempt} sent"),
                Verdict::Other(Some(rows)) => format!("other bytes: {}", as_sent(rows)),
            };
            print(&format!("{}\n", crate::domain::printable::printable(&words)))?;
            narrate(&receipt);
        }
        Format::Json => print(&format!("{}\n", as_json(&receipt, &sha256, &verdict)))?,
    }
    Ok(if verdict == Verdict::Same { SAME } else { OTHER })
}

/// `12,466 of 12,468 rows are as sent; differ: 4711, 5002`
fn as_sent(rows: &RowsAsSent) -> String {
    let words = rows.words();
    let named: Vec<String> = rows.differ.iter().take(NAMED).map(u32::to_string).collect();
    match rows.differ.len().saturating_sub(NAMED) {
        _ if named.is_empty() => words,
        0 => format!("{words}; differ: {}", named.join(", ")),
        more => format!("{words}; differ: {} and {}", named.join(", "), counted(more as u64, "more row")),
    }
}

fn narrate(receipt: &Receipt) {
    let (file, rows) = (&receipt.file, counted(receipt.rows.sent.into(), "row"));
    say(&format!("sha-256 {}, {}, {rows}", file.sha256, exact_bytes(file.bytes)));
    let status = receipt.status.map(|status| format!(" {status}")).unwrap_or_default();
    let local = |at: &str| {
        let at_zone = |at: Timestamp| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        at.parse().map_or_else(|_| at.to_owned(), at_zone)
    };
    let (words, to) = (receipt.outcome_words(), &receipt.address);
    say(&match &receipt.settled {
        // The word is not the service's.
        Some(said) => format!("{words} at {}; sent {} to {to}", local(&said.at), local(&receipt.began)),
        None => format!("{words}{status} at {} by {to}", local(receipt.ended.as_ref().unwrap_or(&receipt.began))),
    });
    if let Some(rows) = &receipt.row_outcomes {
        let by_word = if rows.by_word == 0 { String::new() } else { format!(" ({} by your word)", rows.by_word) };
        let RowOutcomes { accepted, refused, unknown, not_sent, cannot_go, .. } = rows;
        say(&format!(
            "row by row: {accepted} accepted{by_word}, {refused} refused, {unknown} unknown, {not_sent} not sent, \
             {cannot_go} cannot go"
        ));
    }
    say("the checksum shows damage; it does not prove who wrote the receipt");
}

fn as_json(receipt: &Receipt, sha256: &str, verdict: &Verdict) -> serde_json::Value {
    let (word, rows) = match verdict {
        Verdict::Same => ("same", Some((receipt.rows.sent, receipt.rows.sent, &[][..]))),
        Verdict::Other(rows) => ("other", rows.as_ref().map(|rows| (rows.sent, rows.as_sent, rows.differ.as_slice()))),
    };
    json!({
        "verdict": word,
        "attempt": receipt.attempt,
        "sha256": {"receipt": receipt.file.sha256, "file": sha256},
        "rows": rows.map(|(sent, as_sent, differ)| json!({"sent": sent, "as_sent": as_sent, "differ": differ})),
    })
}
