//! Where transcript keys come from, as `--from` and `:source` name it.

use std::path::PathBuf;

/// One source of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A live listing.
    Bucket { bucket: String, prefix: String },
    /// A saved listing or a plain list. `at` says where keys belong that stand in it without a bucket.
    File { path: PathBuf, at: Option<(String, String)> },
    /// The keys that the manifest names itself.
    Manifest,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("the source is empty: name s3://bucket/prefix or a file")]
    Empty,
    #[error("there is no bucket in {0}: it should read s3://bucket/prefix")]
    NoBucket(String),
}

impl Source {
    /// Reads `s3://bucket/prefix`, `FILE`, `FILE@s3://bucket` (a list without buckets, and the bucket it is of) or
    /// `manifest`. A file called `manifest` is named as `./manifest`.
    ///
    /// # Errors
    /// [`SourceError`] when nothing is named.
    pub fn parse(text: &str) -> Result<Source, SourceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SourceError::Empty);
        }
        if text == "manifest" {
            return Ok(Source::Manifest);
        }
        if is_s3(text) {
            let (bucket, prefix) = bucket_and_prefix(text)?;
            return Ok(Source::Bucket { bucket, prefix });
        }
        match text.rsplit_once('@') {
            Some((path, at)) if !path.is_empty() && is_s3(at) => {
                Ok(Source::File { path: path.into(), at: Some(bucket_and_prefix(at)?) })
            }
            _ => Ok(Source::File { path: text.into(), at: None }),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Source::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Source::File { path, .. } => write!(f, "{}", path.display()),
            Source::Manifest => f.write_str("manifest"),
        }
    }
}

fn is_s3(text: &str) -> bool {
    text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("s3://"))
}

fn bucket_and_prefix(url: &str) -> Result<(String, String), SourceError> {
    let rest = url.get(5..).unwrap_or_default();
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(SourceError::NoBucket(url.to_owned()));
    }
    Ok((bucket.to_owned(), prefix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_and_shown_as_it_was_named() {
        let bucket = |bucket: &str, prefix: &str| Source::Bucket { bucket: bucket.into(), prefix: prefix.into() };
        for (text, source) in [
            ("s3://acme", bucket("acme", "")),
            ("s3://acme/news/2026", bucket("acme", "news/2026")),
            ("s3://acme/dt=2026-11-12/", bucket("acme", "dt=2026-11-12/")),
            ("keys.txt", Source::File { path: "keys.txt".into(), at: None }),
            ("me@home.txt", Source::File { path: "me@home.txt".into(), at: None }),
            ("./manifest", Source::File { path: "./manifest".into(), at: None }),
            ("manifest", Source::Manifest),
        ] {
            assert_eq!(Source::parse(text).as_ref(), Ok(&source));
            assert_eq!(source.to_string(), text);
        }
        let of_acme = Source::File { path: "keys.txt".into(), at: Some(("acme".into(), "news/".into())) };
        assert_eq!(Source::parse("keys.txt@s3://acme/news/"), Ok(of_acme));
    }

    #[test]
    fn a_source_that_names_nothing_is_refused() {
        assert_eq!(Source::parse("  "), Err(SourceError::Empty));
        assert_eq!(Source::parse("s3:///a"), Err(SourceError::NoBucket("s3:///a".into())));
        assert_eq!(Source::parse("keys.txt@s3://"), Err(SourceError::NoBucket("s3://".into())));
    }
}
