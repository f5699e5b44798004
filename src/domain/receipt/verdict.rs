//! Is a file what a receipt says was sent; and if not, which rows still are.

use super::{Digests, Receipt, row_digests};
use crate::draft::Snapshot;
use crate::format::{counted, thousands};
use crate::manifest::Manifest;
use crate::request::Fingerprint;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// Other bytes; None where nothing can be told of single rows.
    Other(Option<RowsAsSent>),
}

/// Of the rows that were sent, how many the file still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsAsSent {
    pub sent: u32,
    pub as_sent: u32,
    /// The others, by their number in the file as sent, from 1.
    pub differ: Vec<u32>,
}

impl Receipt {
    /// Compares a file with what was sent. Also returns the file's SHA-256.
    pub fn verify(&self, file: Vec<u8>) -> (String, Verdict) {
        let sha256 = Fingerprint::of([file.as_slice()]).hex();
        if sha256 == self.file.sha256 {
            return (sha256, Verdict::Same);
        }
        let manifest = self.row_digests.as_ref().and_then(|sent| Some((sent, Manifest::parse(file).ok()?)));
        let rows = manifest.map(|(sent, manifest)| compare(sent, &row_digests(&Snapshot::of(Arc::new(manifest)))));
        (sha256, Verdict::Other(rows))
    }
}

impl RowsAsSent {
    /// `12,466 of 12,468 rows are as sent`
    pub fn words(&self) -> String {
        let is = if self.sent == 1 { "is" } else { "are" };
        format!("{} of {} {is} as sent", thousands(self.as_sent.into()), counted(self.sent.into(), "row"))
    }
}

/// A row counts as sent where it stands in its place, or anywhere else in the file, once.
fn compare(sent: &Digests, now: &Digests) -> RowsAsSent {
    let mut elsewhere: HashMap<&[u8], u32> = HashMap::new();
    let mut places = now.iter();
    let mut moved: Vec<(u32, &[u8])> = Vec::new();
    for (number, row) in (1..).zip(sent.iter()) {
        match places.next() {
            Some(same) if same == row => {}
            other => {
                other.into_iter().for_each(|other| *elsewhere.entry(other).or_default() += 1);
                moved.push((number, row));
            }
        }
    }
    places.for_each(|other| *elsewhere.entry(other).or_default() += 1);
    let mut is_there = |row: &[u8]| match elsewhere.get_mut(row) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    };
    let differ: Vec<u32> = moved.into_iter().filter(|(_, row)| !is_there(row)).map(|(number, _)| number).collect();
    let sent = u32::try_from(sent.len()).unwrap_or(u32::MAX);
    RowsAsSent { sent, as_sent: sent - u32::try_from(differ.len()).unwrap_or(sent).min(sent), differ }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(names: &[&str]) -> Digests {
        let rows: Vec<String> = names.iter().map(|name| format!(r#"{{"object":"s3://b/{name}.mp4"}}"#)).collect();
        let manifest = Manifest::parse(format!("[{}]", rows.join(",")).into_bytes()).unwrap();
        row_digests(&Snapshot::of(Arc::new(manifest)))
    }

    #[test]
    fn each_sent_row_matches_one_row_at_any_position() {
        let sent = ["a", "b", "c", "b"];
        for (now, differ) in [
            (&["a", "b", "c", "b"][..], &[][..]),
            (&["x", "a", "b", "c", "b"], &[]),
            (&["b", "c", "b", "a"], &[]),
            (&["a", "b", "x", "b"], &[3]),
            (&["a", "c", "b"], &[4]),
            (&["a", "x", "c", "y"], &[2, 4]),
            (&[], &[1, 2, 3, 4]),
        ] {
            let told = compare(&rows(&sent), &rows(now));
            assert_eq!((told.sent, told.differ.as_slice()), (4, differ), "{now:?}");
            assert_eq!(told.as_sent as usize, 4 - differ.len());
        }
    }
}
