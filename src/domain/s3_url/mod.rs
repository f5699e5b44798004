//! Every form in which operators name an S3 object, and every way it can be wrong.
//!
//! Text is split by hand and not by a URL parser, which would resolve `..`, drop tabs, turn `\` into `/` and treat `#`
//! as a fragment, and so name another object than the bytes do. Nothing here keeps, returns or shows the query of a
//! signed URL. Rules: AWS user guide, "Bucket naming rules" and "Naming objects"; splitting as in the AWS command line.

pub mod bucket;
mod host;
pub mod key;
mod recognise;
mod secret;

pub use bucket::BucketFault;
pub use host::Reason;
pub(crate) use host::is_of_store;
pub use recognise::{Form, Named, name, recognise};
pub use secret::{carries_secret, stored_form, without_links, without_secret};

/// A valid S3 address: the bucket follows the naming rules, the key is not empty and has at most 1024 bytes.
///
/// A valid bucket name can't bring another host into a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct S3Url {
    bucket: String,
    key: String,
}

/// Why a text is not a valid [`S3Url`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it does not begin with s3://")]
    NoScheme,
    #[error("{0}")]
    Bucket(BucketFault),
    #[error("it names no object")]
    NoKey,
    #[error("the key is longer than 1,024 bytes")]
    LongKey,
}

impl S3Url {
    /// # Errors
    /// An invalid bucket (see [`bucket::fault`]), or a key that is empty or over 1024 bytes.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Result<S3Url, Fault> {
        let (bucket, key) = (bucket.into(), key.into());
        if let Some(fault) = bucket::fault(&bucket).filter(|fault| *fault != BucketFault::Alias) {
            return Err(Fault::Bucket(fault));
        }
        match key.len() {
            0 => Err(Fault::NoKey),
            1..=key::MAX_BYTES => Ok(S3Url { bucket, key }),
            _ => Err(Fault::LongKey),
        }
    }

    /// Parses `s3://bucket/key` exactly: the scheme in lower case, the key literal.
    ///
    /// # Errors
    /// As [`S3Url::new`], or another scheme.
    pub fn parse(text: &str) -> Result<S3Url, Fault> {
        let (bucket, key) = split(text).ok_or(Fault::NoScheme)?;
        S3Url::new(bucket, key)
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// See [`key::file_name`].
    pub fn file_name(&self) -> &str {
        key::file_name(&self.key)
    }

    /// See [`key::stem`].
    pub fn stem(&self) -> &str {
        key::stem(&self.key)
    }

    /// See [`key::extension`].
    pub fn extension(&self) -> Option<&str> {
        key::extension(&self.key)
    }

    /// See [`key::folder`].
    pub fn folder(&self) -> &str {
        key::folder(&self.key)
    }
}

impl std::fmt::Display for S3Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Bucket and key of `s3://bucket/key`, unchecked and literal; the key may be empty. None if the text doesn't start
/// with `s3://` in lower case.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("s3://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_at_the_first_slash_and_the_key_is_literal() {
        for (text, bucket, key) in [
            ("s3://acme-video/news/0711.mp4", "acme-video", "news/0711.mp4"),
            ("s3://my.dotted.bucket/a b%20c?x#y", "my.dotted.bucket", "a b%20c?x#y"),
            ("s3://abc//x", "abc", "/x"),
            ("s3://abc/a/../c", "abc", "a/../c"),
            ("s3://abc/日本語.mp4", "abc", "日本語.mp4"),
        ] {
            let url = S3Url::parse(text).unwrap();
            assert_eq!((url.bucket(), url.key()), (bucket, key));
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn invalid_s3_urls_are_refused() {
        for text in [
            "",
            "s3",
            "s3:/",
            "s3://",
            "s3://abc",
            "s3://abc/",
            "S3://abc/k",
            "https://abc/k",
            "s3://evil.com#/k",
            "s3://x@evil.com:443/k",
            "s3://a b/k",
            "s3://ab/k",
            "s3://a\\b.c/k",
        ] {
            assert!(S3Url::parse(text).is_err(), "{text}");
        }
        assert!(S3Url::new("abc", "k".repeat(1024)).is_ok());
        assert_eq!(S3Url::new("abc", "é".repeat(513)), Err(Fault::LongKey));
    }
}
