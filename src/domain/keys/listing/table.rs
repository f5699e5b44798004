//! Pairs of video and transcript in a table: CSV, or separated by tabs or semicolons.
//!
//! Columns are detected by their values or given by name; if that fails, the operator is asked.

use super::ReadOptions;
use super::lines::{Found, Line, plain_line};
use super::sink::{Names, Sink};
use crate::keys::{
    Column, Columns, End, Entry, Given, Shape, SourceFault, SourcePlace, Summary, TableColumn, WhichColumns,
    is_transcript, s3_object,
};
use crate::rules::is_video_extension;
use crate::s3_url::key;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::io::{BufRead, Read};
use std::sync::Arc;

/// Rows examined to detect the columns.
const VOTERS: usize = 200;
/// With more columns it is a list of names separated by tabs.
const MOST_COLUMNS: usize = 64;

/// The format of a table and the content of its columns.
#[derive(Debug)]
pub struct Table {
    delimiter: u8,
    columns: Vec<TableColumn>,
    has_header: bool,
}

impl Table {
    /// The operator says it is a table: uses the delimiter that splits most lines.
    pub fn with_columns(sample: &str) -> Table {
        let line = sample.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let count = |delimiter: u8| memchr::memchr_iter(delimiter, line.as_bytes()).count();
        let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
        look(sample, delimiter)
    }

    /// By values: exactly one column of videos and one of transcripts. A table of transcripts and numbers has no
    /// videos.
    fn guess(&self) -> Option<Columns> {
        let only = |is: fn(&TableColumn) -> bool| {
            let mut found = (1..).zip(&self.columns).filter(|(_, column)| is(column)).map(|(number, _)| number);
            (found.next(), found.next())
        };
        let (transcript, None) = only(TableColumn::is_of_transcripts) else { return None };
        let (video, None) = only(TableColumn::is_of_videos) else { return None };
        // Videos and transcripts in one column are a list.
        let video = video.filter(|video| Some(*video) != transcript);
        let is_decided = video.is_some() || self.columns.iter().all(|c| c.is_of_transcripts() || c.is_of_numbers());
        is_decided.then_some(Columns { video: video.map(Column::Number), transcript: Column::Number(transcript?) })
    }

    /// Position of a column, from 0.
    fn place(&self, column: &Column) -> Option<usize> {
        match column {
            Column::Number(number) => number.checked_sub(1).filter(|at| *at < self.columns.len()),
            Column::Name(name) => {
                let is =
                    |column: &TableColumn| column.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
                self.columns.iter().position(is)
            }
        }
    }
}

impl TableColumn {
    fn is_of_transcripts(&self) -> bool {
        self.transcripts > 0 && self.transcripts * 2 >= self.filled
    }

    fn is_of_videos(&self) -> bool {
        self.videos > 0 && self.videos * 2 >= self.filled
    }

    fn is_of_numbers(&self) -> bool {
        self.numbers == self.filled
    }
}

/// Whether a file starts like a table: rows with equal numbers of fields, one column of transcripts, and a column that
/// no list of names has.
pub fn detect(sample: &str, is_whole: bool) -> Option<Table> {
    for delimiter in [b'\t', b';', b','] {
        if memchr::memchr(delimiter, sample.as_bytes()).is_none() {
            continue;
        }
        let table = look(sample, delimiter);
        let is_even = table.columns.len() >= 2 && table.columns.len() <= MOST_COLUMNS && is_even(sample, delimiter);
        let has_transcripts = table.columns.iter().any(TableColumn::is_of_transcripts);
        let has_videos = table.columns.iter().any(|c| c.is_of_videos() && !c.is_of_transcripts());
        // Names with commas split too, but not into names and numbers.
        let has_numbers = table.columns.iter().all(|c| c.is_of_transcripts() || c.is_of_numbers() && c.filled > 0);
        // A single line is a list of names, but for a video and its transcript.
        let is_pair = delimiter != b'\t' && table.guess().is_some_and(|columns| columns.video.is_some());
        let is_one_line = !is_pair && is_whole && sample.trim().lines().count() < 2;
        if is_even && !is_one_line && has_transcripts && (has_videos || has_numbers || table.has_header) {
            return Some(table);
        }
    }
    None
}

/// Rows end in a line feed; a preceding carriage return is trimmed with the blanks, so that lines are counted
/// correctly.
fn reader<R: Read>(input: R, delimiter: u8) -> Reader<R> {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).terminator(csv::Terminator::Any(b'\n'));
    builder.from_reader(input)
}

/// The rows to examine; empty lines are skipped.
fn voters(sample: &str, delimiter: u8) -> impl Iterator<Item = ByteRecord> {
    let rows = reader(sample.as_bytes(), delimiter).into_byte_records().map_while(Result::ok);
    rows.filter(|row| row.iter().any(|field| !field.trim_ascii().is_empty())).take(VOTERS)
}

/// Two thirds of the rows have as many fields as the first, and no field starts with a blank as in `Lecture 1, part
/// 2.srt`.
fn is_even(sample: &str, delimiter: u8) -> bool {
    let mut rows = voters(sample, delimiter).peekable();
    let Some(fields) = rows.peek().map(ByteRecord::len) else { return false };
    let (mut even, mut all) = (0, 0);
    for row in rows {
        if row.iter().skip(1).any(|field| field.starts_with(b" ")) {
            return false;
        }
        all += 1;
        even += u32::from(row.len() == fields);
    }
    even * 3 >= all * 2
}

fn look(sample: &str, delimiter: u8) -> Table {
    let mut table = Table { delimiter, columns: Vec::new(), has_header: false };
    for (at, row) in voters(sample, delimiter).enumerate() {
        if at == 0 {
            table.has_header = is_header(&row);
            table.columns.resize_with(row.len(), TableColumn::default);
            if table.has_header {
                for (column, name) in table.columns.iter_mut().zip(&row) {
                    column.name = Some(String::from_utf8_lossy(name).trim().to_owned());
                }
                continue;
            }
        }
        for (column, value) in table.columns.iter_mut().zip(&row) {
            let value = String::from_utf8_lossy(value);
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            column.filled += 1;
            column.transcripts += u32::from(is_transcript(value));
            column.videos += u32::from(is_video(value));
            column.numbers += u32::from(is_number(value));
            column.values.push(value.to_owned());
            if column.first.is_empty() {
                value.clone_into(&mut column.first);
            }
        }
    }
    table
}

/// Headings instead of values: no file, no address, no number, and not all equal.
fn is_header(row: &ByteRecord) -> bool {
    let is_word = |field: &[u8]| {
        str::from_utf8(field).is_ok_and(|field| {
            let field = field.trim();
            let is_name = is_transcript(field) || is_video(field) || field.contains('/');
            !field.is_empty() && field.len() <= 60 && !is_name && !is_number(field)
        })
    };
    row.len() >= 2 && row.iter().all(is_word)
}

fn is_video(value: &str) -> bool {
    key::extension(value).is_some_and(is_video_extension)
}

/// A number, a size, a date, a time, a checksum.
fn is_number(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit())
        && value
            .bytes()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b'-' | b'/' | b':' | b' ' | b'+' | b'T' | b'Z'))
        && !value.contains("//")
}

/// Reads a table to its end, or until the receiver stops.
///
/// # Errors
/// [`SourceFault::Columns`] if the columns can't be detected; otherwise as for any listing.
pub fn read(
    input: impl BufRead,
    table: Table,
    options: &ReadOptions<'_>,
    mut sink: Sink<'_>,
) -> Result<Summary, SourceFault> {
    let named = options.columns().cloned();
    let wanted = if options.ask_columns { named } else { named.or_else(|| table.guess()) };
    let find = |column: &Column| table.place(column).ok_or_else(|| column.to_string());
    let ask = |table: &Table, missing| {
        let (source, columns) = (options.source.clone(), table.columns.clone());
        Err(SourceFault::Columns(Box::new(WhichColumns { source, columns, guess: table.guess(), missing })))
    };
    let Some(columns) = wanted else { return ask(&table, None) };
    let (video, transcript) = match (columns.video.as_ref().map(find).transpose(), find(&columns.transcript)) {
        (Ok(video), Ok(transcript)) => (video, transcript),
        (Err(missing), _) | (_, Err(missing)) => return ask(&table, Some(missing)),
    };
    let by: Arc<str> = key::file_name(&options.source.to_string()).into();
    let end = rows(reader(input, table.delimiter), table.has_header, (video, transcript), &by, &mut sink);
    sink.summary.shape = Shape::Table { lines: sink.summary.entries };
    sink.summary.columns = Some(columns);
    sink.finish(end)
}

fn rows(
    mut reader: Reader<impl BufRead>,
    has_header: bool,
    (video, transcript): (Option<usize>, usize),
    by: &Arc<str>,
    sink: &mut Sink<'_>,
) -> End {
    let mut row = ByteRecord::new();
    let mut is_header = has_header;
    loop {
        if sink.is_stopped() {
            return End::Stopped;
        }
        match reader.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => return End::Whole,
            Err(error) => return End::Early(error.to_string()),
        }
        let line = row.position().map_or(0, csv::Position::line);
        if std::mem::take(&mut is_header) {
            sink.passed();
            continue;
        }
        let field = |at: usize| str::from_utf8(row.get(at).unwrap_or_default()).map(str::trim).ok();
        // A field that spans lines comes from an unclosed quote.
        let is_torn = row.iter().any(|field| memchr::memchr(b'\n', field).is_some());
        let read = (video.map_or(Some(""), field), field(transcript));
        match (video, read) {
            (_, (Some(_), Some(""))) if !is_torn => sink.passed(),
            (None, (_, Some(name))) if !is_torn => listed(line, name, sink),
            (Some(_), (Some(video), Some(transcript))) if !is_torn && !video.is_empty() && is_name(transcript) => {
                let place = sink.place();
                let transcript = address(transcript, place).unwrap_or_else(|| transcript.to_owned());
                let video = address(video, None).unwrap_or_else(|| video.to_owned());
                sink.given(Given { video, transcript, line, by: Arc::clone(by) });
            }
            _ => {
                let shown: Vec<_> = row.iter().map(String::from_utf8_lossy).collect();
                sink.not_key(line, &shown.join(", "));
            }
        }
    }
}

/// A table without videos is a list of keys.
fn listed(line: u64, name: &str, sink: &mut Sink<'_>) {
    match plain_line(name) {
        Line::Key(Found { bucket, key, .. }) => {
            let names = if bucket.is_empty() { Names::Unsure } else { Names::Whole };
            sink.key(Entry::named(&bucket, &key), names);
        }
        _ => sink.not_key(line, name),
    }
}

/// Whether a field is an address or a name of a transcript.
fn is_name(transcript: &str) -> bool {
    is_transcript(transcript) && matches!(plain_line(transcript), Line::Key(_))
}

/// `s3://bucket/key` of an address, or of a name in the given place.
fn address(value: &str, place: Option<&SourcePlace>) -> Option<String> {
    if let Some((bucket, key)) = s3_object(value) {
        return Some(format!("s3://{bucket}/{key}"));
    }
    let SourcePlace { bucket, prefix } = place?;
    let has_prefix = prefix.is_empty() || value.starts_with(prefix.as_str());
    let slash = if has_prefix || prefix.ends_with('/') { "" } else { "/" };
    Some(format!("s3://{bucket}/{}{slash}{value}", if has_prefix { "" } else { prefix }))
}
