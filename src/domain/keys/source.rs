//! Sources of transcript keys as named with `--from` and `:source`.

use crate::s3_url::{recognise, without_secret};
use std::path::PathBuf;

/// One source of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A live listing.
    Bucket(SourcePlace),
    /// A saved listing, plain list, table or inventory. `at` is the place of names without a bucket, `columns` the
    /// columns of a table.
    File { file: Input, at: Option<SourcePlace>, columns: Option<Columns> },
    /// The manifest's own transcripts.
    Manifest,
}

/// A bucket and a key prefix; empty for all keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourcePlace {
    pub bucket: String,
    pub prefix: String,
}

/// The input of a saved list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    Path(PathBuf),
    Stdin,
}

/// Which columns of a table name the video and its transcript.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Columns {
    /// None if the table only lists transcripts.
    pub video: Option<Column>,
    pub transcript: Column,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// From 1.
    Number(usize),
    /// By its heading, ignoring case.
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("the source is empty: name s3://bucket/prefix or a file")]
    Empty,
    #[error("there is no bucket in {0}: it should read s3://bucket/prefix")]
    NoBucket(String),
    #[error("{0} is no address of a bucket: it should read s3://bucket/prefix")]
    NotS3(String),
    #[error("{0} is no bucket; a list of names without one is written FILE@s3://BUCKET")]
    Blank(String),
    #[error("{0} does not name two columns: name the video's and the transcript's, such as 1,3 or video,captions")]
    Columns(String),
}

impl Source {
    /// Parses `s3://bucket/prefix` in any form that S3's tools and pages use, `FILE`, `FILE@s3://bucket/prefix` (a list
    /// without buckets, and its place), `-` (standard input) or `manifest`. For files with such names write `./manifest`
    /// and `./-`.
    ///
    /// # Errors
    /// [`SourceError`] if the text names nothing.
    pub fn parse(text: &str) -> Result<Source, SourceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SourceError::Empty);
        }
        if text == "manifest" {
            return Ok(Source::Manifest);
        }
        if is_s3(text) {
            return Ok(Source::Bucket(SourcePlace::parse(text)?));
        }
        match text.rsplit_once('@') {
            Some((file, at)) if !file.is_empty() && is_s3(at) => {
                Ok(Source::file(Input::parse(file)).at(SourcePlace::parse(at)?))
            }
            _ if is_address(text) => match recognise(text) {
                Some(plain) => Ok(Source::Bucket(SourcePlace::parse(&plain)?)),
                None => Err(SourceError::NotS3(without_secret(text).into_owned())),
            },
            _ => Ok(Source::file(Input::parse(text))),
        }
    }

    /// The text that [`Source::parse`] reads back, with the place of a list: for retyping and storing.
    pub fn named(&self) -> String {
        match self {
            Source::File { at: Some(at), .. } => format!("{self}@{at}"),
            _ => self.to_string(),
        }
    }

    fn file(file: Input) -> Source {
        Source::File { file, at: None, columns: None }
    }

    /// The same list with `place` for names without a bucket. Names with a bucket don't change.
    #[must_use]
    pub fn at(self, place: SourcePlace) -> Source {
        match self {
            Source::File { file, columns, .. } => Source::File { file, at: Some(place), columns },
            other => other,
        }
    }

    /// The same file as a table, with these columns.
    #[must_use]
    pub fn with_columns(self, columns: Columns) -> Source {
        match self {
            Source::File { file, at, .. } => Source::File { file, at, columns: Some(columns) },
            other => other,
        }
    }
}

impl SourcePlace {
    /// Parses `s3://bucket/prefix`; the prefix is literal and may be empty.
    ///
    /// # Errors
    /// [`SourceError::NoBucket`]
    pub fn parse(text: &str) -> Result<SourcePlace, SourceError> {
        let no_bucket = || SourceError::NoBucket(text.to_owned());
        let rest = text.get(5..).filter(|_| is_s3(text)).ok_or_else(no_bucket)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(no_bucket());
        }
        // `s3://bucket FILE`
        if bucket.contains(' ') {
            return Err(SourceError::Blank(bucket.to_owned()));
        }
        Ok(SourcePlace { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl Columns {
    /// Parses `video,transcript`: names, or numbers from 1; `0` for no video.
    ///
    /// # Errors
    /// [`SourceError::Columns`]
    pub fn parse(text: &str) -> Result<Columns, SourceError> {
        let wrong = || SourceError::Columns(text.to_owned());
        let (video, transcript) = text.split_once(',').ok_or_else(wrong)?;
        let column = |text: &str| match text.trim() {
            "" => Err(wrong()),
            text => Ok(text.parse().map_or_else(|_| Column::Name(text.to_owned()), Column::Number)),
        };
        let (video, transcript) = (column(video)?, column(transcript)?);
        if transcript == Column::Number(0) {
            return Err(wrong());
        }
        Ok(Columns { video: Some(video).filter(|video| *video != Column::Number(0)), transcript })
    }
}

impl std::fmt::Display for Columns {
    /// In the form of [`Columns::parse`].
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.video {
            Some(video) => write!(f, "{video},{}", self.transcript),
            None => write!(f, "0,{}", self.transcript),
        }
    }
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Column::Number(number) => write!(f, "{number}"),
            Column::Name(name) => f.write_str(name),
        }
    }
}

impl Input {
    fn parse(text: &str) -> Input {
        if text == "-" { Input::Stdin } else { Input::Path(text.into()) }
    }
}

impl std::fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &*self.prefix {
            "" => write!(f, "s3://{}", self.bucket),
            prefix => write!(f, "s3://{}/{prefix}", self.bucket),
        }
    }
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Input::Path(path) => write!(f, "{}", path.display()),
            Input::Stdin => f.write_str("-"),
        }
    }
}

impl std::fmt::Display for Source {
    /// The name without the place of a list.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Bucket(place) => write!(f, "{place}"),
            Source::File { file, .. } => write!(f, "{file}"),
            Source::Manifest => f.write_str("manifest"),
        }
    }
}

/// An address in another form than `s3://`, and no path of a file.
fn is_address(text: &str) -> bool {
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    begins("arn:")
        || text.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_s3(text: &str) -> bool {
    text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("s3://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(bucket: &str, prefix: &str) -> SourcePlace {
        SourcePlace { bucket: bucket.into(), prefix: prefix.into() }
    }

    fn file(path: &str) -> Source {
        Source::file(Input::Path(path.into()))
    }

    #[test]
    fn a_source_is_read_and_shown_as_it_was_named() {
        for (text, source) in [
            ("s3://acme", Source::Bucket(place("acme", ""))),
            ("s3://acme/news/2026", Source::Bucket(place("acme", "news/2026"))),
            ("s3://acme/dt=2026-11-12/", Source::Bucket(place("acme", "dt=2026-11-12/"))),
            ("keys.txt", file("keys.txt")),
            ("me@home.txt", file("me@home.txt")),
            ("./manifest", file("./manifest")),
            ("./-", file("./-")),
            ("-", Source::file(Input::Stdin)),
            ("manifest", Source::Manifest),
        ] {
            assert_eq!(Source::parse(text).as_ref(), Ok(&source));
            assert_eq!(source.to_string(), text);
        }
        let of_acme = file("keys.txt").at(place("acme", "news/"));
        assert_eq!(of_acme.named(), "keys.txt@s3://acme/news/");
        assert_eq!(Source::parse("keys.txt@s3://acme/news/"), Ok(of_acme));
        assert_eq!(Source::parse("-@S3://acme"), Ok(Source::file(Input::Stdin).at(place("acme", ""))));
    }

    #[test]
    fn a_bucket_is_named_in_every_form_that_people_copy() {
        for (text, bucket, prefix) in [
            ("https://acme.s3.amazonaws.com/", "acme", ""),
            ("https://acme.s3.us-west-2.amazonaws.com/news/2026/", "acme", "news/2026/"),
            ("https://s3.us-west-2.amazonaws.com/acme/a%20b/", "acme", "a b/"),
            ("HTTPS://acme.s3.amazonaws.com", "acme", ""),
            ("arn:aws:s3:::acme/news/", "acme", "news/"),
            ("arn:aws:s3:::acme", "acme", ""),
            ("s3a://acme/news/", "acme", "news/"),
            ("https://us-west-2.console.aws.amazon.com/s3/buckets/acme?prefix=news/", "acme", "news/"),
        ] {
            assert_eq!(Source::parse(text), Ok(Source::Bucket(place(bucket, prefix))), "{text}");
        }
        for text in ["https://example.com/keys.txt", "gs://acme/news/", "ftp://acme/", "arn:aws:ec2:::x"] {
            assert_eq!(Source::parse(text), Err(SourceError::NotS3(text.to_owned())));
        }
        let signed = Source::parse("https://example.com/k?X-Amz-Signature=abcdef0123456789").unwrap_err();
        assert!(!signed.to_string().contains("abcdef0123456789"), "{signed}");
        for path in ["C:/keys.txt", "a b://x", "./https://x"] {
            assert_eq!(Source::parse(path), Ok(file(path)));
        }
    }

    #[test]
    fn a_source_that_names_nothing_is_refused() {
        assert_eq!(Source::parse("  "), Err(SourceError::Empty));
        assert_eq!(Source::parse("s3:///a"), Err(SourceError::NoBucket("s3:///a".into())));
        assert_eq!(Source::parse("s3://acme keys.txt"), Err(SourceError::Blank("acme keys.txt".into())));
        assert!(Source::parse("s3://acme/a b/").is_ok());
        assert_eq!(Source::parse("keys.txt@s3://"), Err(SourceError::NoBucket("s3://".into())));
        assert_eq!(SourcePlace::parse("acme/news"), Err(SourceError::NoBucket("acme/news".into())));
    }

    #[test]
    fn columns_are_named_or_numbered() {
        let columns = |video: Option<Column>, transcript| Ok(Columns { video, transcript });
        let name = |name: &str| Column::Name(name.to_owned());
        assert_eq!(Columns::parse("1,3"), columns(Some(Column::Number(1)), Column::Number(3)));
        assert_eq!(Columns::parse("clip, srt file"), columns(Some(name("clip")), name("srt file")));
        assert_eq!(Columns::parse("0,2"), columns(None, Column::Number(2)));
        for text in ["1,3", "clip,srt file", "0,2"] {
            assert_eq!(Columns::parse(text).map(|columns| columns.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "1", "1,", ",1", "1,0"] {
            assert_eq!(Columns::parse(text), Err(SourceError::Columns(text.to_owned())));
        }
    }
}
