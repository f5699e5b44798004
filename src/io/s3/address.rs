//! Builds the URL that addresses a bucket and nothing else.
//!
//! A bucket's name becomes part of a host, so it is checked before a URL is built: `evil.com#` is not a bucket.

use crate::domain::s3_url::S3Url;
use crate::domain::s3_url::bucket::{self, BucketFault};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::net::IpAddr;

/// The region the service requires for buckets.
pub(super) const HOME: &str = "us-west-2";

/// Everything except RFC 3986's unreserved characters, which are safe in any path or query.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An S3-compatible store with path-style addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: url::Url,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not an S3 endpoint: it should read https://host or http://host:port", if .0.trim().is_empty() { "\"\"" } else { .0 })]
pub struct BadEndpoint(String);

impl Endpoint {
    /// Parses `https://host[:port][/path]`.
    ///
    /// # Errors
    /// [`BadEndpoint`] for another scheme, a user name, a query or a fragment.
    pub fn parse(text: &str) -> Result<Endpoint, BadEndpoint> {
        let bad = || BadEndpoint(text.to_owned());
        let url = url::Url::parse(text.trim()).map_err(|_| bad())?;
        let plain = url.username().is_empty() && url.password().is_none();
        let plain = plain && url.query().is_none() && url.fragment().is_none() && url.has_host();
        if plain && matches!(url.scheme(), "http" | "https") { Ok(Endpoint { url }) } else { Err(bad()) }
    }

    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(url::Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// The URL of a bucket, ending in a slash. None if the name is not valid for a bucket.
pub(super) fn bucket_url(endpoint: Option<&Endpoint>, region: &str, name: &str) -> Option<String> {
    if !is_bucket(name) {
        return None;
    }
    match endpoint {
        Some(endpoint) => Some(format!("{endpoint}/{name}/")),
        None if !is_region(region) => None,
        // The certificate's wildcard covers one label only.
        None if name.contains('.') => Some(format!("{}/{name}/", regional(region))),
        None => Some(format!("https://{name}.s3.{region}.amazonaws.com/")),
    }
}

/// The URL for `HEAD` on a bucket: path-style, which works in any region. None if the name is not valid for a bucket.
pub(super) fn bucket_by_path(endpoint: Option<&Endpoint>, name: &str) -> Option<String> {
    let base = endpoint.map_or_else(|| regional(HOME), ToString::to_string);
    is_bucket(name).then(|| format!("{base}/{name}"))
}

/// The URL for exactly these bytes of a key. None if no HTTP client can request them: a `.` or `..` segment would be
/// resolved to another object.
pub(super) fn object_url(endpoint: Option<&Endpoint>, region: &str, url: &S3Url) -> Option<String> {
    let key = url.key();
    if key.split('/').any(|segment| matches!(segment, "." | "..")) {
        return None;
    }
    let bucket = match endpoint {
        // On a bucket's own host, the old SOAP interface uses this name.
        None if key == "soap" && is_region(region) && is_bucket(url.bucket()) => {
            format!("{}/{}/", regional(region), url.bucket())
        }
        endpoint => bucket_url(endpoint, region, url.bucket())?,
    };
    let segments: Vec<String> = key.split('/').map(|part| utf8_percent_encode(part, UNRESERVED).to_string()).collect();
    Some(bucket + &segments.join("/"))
}

fn regional(region: &str) -> String {
    format!("https://s3.{region}.amazonaws.com")
}

/// `name=value&…` with encoded values.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, UNRESERVED))).collect();
    pairs.join("&")
}

/// Valid names contain only letters, digits, dots and hyphens: nothing that could end a host.
fn is_bucket(name: &str) -> bool {
    matches!(bucket::fault(name), None | Some(BucketFault::Alias))
}

/// Checks the form of a region: it comes from a reply and becomes part of a host.
pub(super) fn is_region(region: &str) -> bool {
    (5..=32).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_asked_at_its_own_host_and_a_dotted_one_by_path() {
        assert_eq!(bucket_url(None, HOME, "acme").unwrap(), "https://acme.s3.us-west-2.amazonaws.com/");
        assert_eq!(bucket_url(None, HOME, "a.b.c").unwrap(), "https://s3.us-west-2.amazonaws.com/a.b.c/");
        let endpoint = Endpoint::parse("http://127.0.0.1:9000/").unwrap();
        assert_eq!(bucket_url(Some(&endpoint), HOME, "acme").unwrap(), "http://127.0.0.1:9000/acme/");
    }

    #[test]
    fn encoded_keys_are_left_unchanged_by_http_clients() {
        let asked = |key: &str| object_url(None, HOME, &S3Url::new("acme", key).unwrap());
        for (key, path) in [
            ("a/b.srt", "/a/b.srt"),
            ("/a//b/", "//a//b/"),
            ("a b+c%20d?e#f", "/a%20b%2Bc%2520d%3Fe%23f"),
            ("%2e%2e/\\x\t\n", "/%252e%252e/%5Cx%09%0A"),
            ("é/日.srt", "/%C3%A9/%E6%97%A5.srt"),
            (".../..a/ ", "/.../..a/%20"),
            (
                "a;b=c,d:e@f&g'h(i)*!|\"<>[]^`{}~$",
                "/a%3Bb%3Dc%2Cd%3Ae%40f%26g%27h%28i%29%2A%21%7C%22%3C%3E%5B%5D%5E%60%7B%7D~%24",
            ),
        ] {
            let url = asked(key).unwrap();
            assert_eq!(url, format!("https://acme.s3.us-west-2.amazonaws.com{path}"), "{key}");
            assert_eq!(url::Url::parse(&url).unwrap().as_str(), url, "{key}");
        }
        for key in ["..", ".", "a/../b", "a/./b", "../a", "a/.."] {
            assert_eq!(asked(key), None, "{key}");
        }
        assert_eq!(asked("soap").unwrap(), "https://s3.us-west-2.amazonaws.com/acme/soap");
    }

    #[test]
    fn a_bucket_is_asked_for_by_path_whatever_its_region() {
        assert_eq!(bucket_by_path(None, "a.b.c").unwrap(), "https://s3.us-west-2.amazonaws.com/a.b.c");
        let endpoint = Endpoint::parse("http://127.0.0.1:9000/store/").unwrap();
        assert_eq!(bucket_by_path(Some(&endpoint), "acme").unwrap(), "http://127.0.0.1:9000/store/acme");
        assert_eq!(bucket_by_path(None, "evil.com#"), None);
    }

    #[test]
    fn text_that_would_change_the_host_is_no_bucket() {
        for name in [
            "",
            "ab",
            "evil.com#",
            "x@evil.com:443/",
            "evil.com/",
            "evil.com?",
            "evil.com\\",
            "a b",
            "a\tb",
            "a%2eb",
            "..",
            "a..b",
            "-ab",
            "ab-",
            ".ab",
            "10.0.0.1",
            "UPPER",
            "bücket",
            "a\u{200b}b",
            "[::1]",
            "a:80",
        ] {
            assert_eq!(bucket_url(None, HOME, name), None, "{name}");
        }
        for region in ["", "evil.com", "us-west-2.evil", "us west 2", "-us-west-2", "us-west-2/"] {
            assert_eq!(bucket_url(None, region, "acme"), None, "{region}");
        }
    }

    #[test]
    fn an_endpoint_is_a_plain_address() {
        for text in ["", "acme", "ftp://a", "http://u:p@a", "http://u@a", "http://a?x", "http://a#x", "file:///a"] {
            assert_eq!(Endpoint::parse(text), Err(BadEndpoint(text.to_owned())), "{text}");
        }
        for (text, loopback) in
            [("http://localhost:1", true), ("http://127.0.0.2", true), ("http://[::1]:9", true), ("https://a.b", false)]
        {
            assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn a_value_in_a_query_is_encoded_whole() {
        assert_eq!(query(&[("prefix", "a b+c/é&d=#")]), "prefix=a%20b%2Bc%2F%C3%A9%26d%3D%23");
    }
}
