//! S3 Inventory: AWS's own report of the objects in a bucket, for buckets too large to list. Amazon S3 user guide,
//! "storage-inventory-location": a `manifest.json` names the data files and their columns.
//!
//! In CSV a key is form-encoded; in Parquet and ORC it is literal.

use super::OnRow;
use super::sink::{Names, Sink};
use crate::keys::Entry;
use serde::Deserialize;
use std::borrow::Cow;
use std::io::Read;

/// The manifest of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    pub bucket: String,
    pub format: Format,
    /// The meaning of each CSV column.
    columns: Vec<Option<Field>>,
    pub files: Vec<DataFile>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Parquet,
}

/// A data file in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DataFile {
    /// In the bucket the report was delivered to.
    pub key: String,
    /// In bytes.
    pub size: u64,
}

/// The columns used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Bucket,
    Key,
    IsLatest,
    IsDeleteMarker,
    Size,
    LastModified,
}

/// One object of a report, its `key` decoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    /// Line or row number in its file, from 1.
    pub line: u64,
    pub bucket: Option<&'a str>,
    /// None if it is not valid text.
    pub key: Option<&'a str>,
    pub is_older: bool,
    pub is_delete_marker: bool,
    pub size: Option<u64>,
    pub modified: Option<&'a str>,
}

/// Why a manifest is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInventory {
    #[error("the manifest of the inventory can't be read: {0}")]
    Json(String),
    #[error("the inventory is in the format {0}; set its report up as CSV")]
    Format(String),
    #[error("the inventory has no column Key")]
    NoKey,
}

/// Whether a file starts like the manifest of an inventory.
pub fn is_manifest(sample: &str) -> bool {
    let begin = sample.trim_start();
    begin.starts_with('{')
        && ["\"fileFormat\"", "\"fileSchema\"", "\"files\""].iter().filter(|name| begin.contains(*name)).count() >= 2
}

impl Field {
    /// By the name in the schema: `Key` in CSV, `key` in Parquet.
    pub fn named(name: &str) -> Option<Field> {
        Some(match name.to_ascii_lowercase().replace('_', "").as_str() {
            "bucket" => Field::Bucket,
            "key" => Field::Key,
            "islatest" => Field::IsLatest,
            "isdeletemarker" => Field::IsDeleteMarker,
            "size" => Field::Size,
            "lastmodifieddate" => Field::LastModified,
            _ => return None,
        })
    }
}

impl Inventory {
    /// # Errors
    /// [`NotInventory`]
    pub fn parse(bytes: &[u8]) -> Result<Inventory, NotInventory> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Manifest {
            source_bucket: String,
            file_format: String,
            #[serde(default)]
            file_schema: String,
            files: Vec<DataFile>,
        }
        let Manifest { source_bucket, file_format, file_schema, files } =
            serde_json::from_slice(bytes).map_err(|error| NotInventory::Json(error.to_string()))?;
        let (format, columns) = match &*file_format {
            "CSV" => {
                let columns: Vec<_> = file_schema.split(',').map(|name| Field::named(name.trim())).collect();
                if !columns.contains(&Some(Field::Key)) {
                    return Err(NotInventory::NoKey);
                }
                (Format::Csv, columns)
            }
            "Parquet" => (Format::Parquet, Vec::new()),
            _ => return Err(NotInventory::Format(file_format)),
        };
        Ok(Inventory { bucket: source_bucket, format, columns, files })
    }

    /// Reads the rows of an unpacked CSV data file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read_csv(&self, input: impl Read, take: &mut OnRow<'_>) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
            let line = record.position().map_or(0, csv::Position::line);
            let mut row = Row { line, ..Row::default() };
            let mut key = None;
            for (column, value) in self.columns.iter().zip(&record) {
                let (Some(column), Ok(value)) = (column, str::from_utf8(value)) else { continue };
                match column {
                    Field::Key => key = form_decoded(value),
                    Field::Bucket => row.bucket = Some(value),
                    Field::IsLatest => row.is_older = value.eq_ignore_ascii_case("false"),
                    Field::IsDeleteMarker => row.is_delete_marker = value.eq_ignore_ascii_case("true"),
                    Field::Size => row.size = value.parse().ok(),
                    Field::LastModified => row.modified = Some(value),
                }
            }
            if take(Row { key: key.as_deref(), ..row }).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn take(&self, row: Row<'_>, sink: &mut Sink<'_>) {
        let bucket = row.bucket.filter(|bucket| !bucket.is_empty()).unwrap_or(&self.bucket);
        match row.key {
            _ if row.is_delete_marker => sink.delete_marker(),
            _ if row.is_older => sink.older_version(),
            Some(key) if !key.is_empty() => {
                sink.key(Entry { bucket, key, size: row.size, modified: row.modified }, Names::Whole);
            }
            _ => sink.not_key(row.line, "a row without a key that is text"),
        }
    }
}

/// `+` is a blank. None if the bytes are not UTF-8.
fn form_decoded(key: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr2(b'%', b'+', key.as_bytes()).is_none() {
        return Some(Cow::Borrowed(key));
    }
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(|key| Cow::Owned(key.into_owned()))
}
