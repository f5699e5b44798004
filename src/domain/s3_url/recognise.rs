//! Converts addresses as people copy them (browser, console, SDK, ARN, signed link) to `s3://bucket/key`.
//!
//! The query of a signed link is a secret: it is only inspected, and never kept, returned or shown. `secret` decides
//! what is a secret; it uses this module to get an address without it.

use super::host::{self, Host, Reason};
use super::key;
use super::secret::carries_secret;
use crate::printable::unseen;
use std::borrow::Cow;

/// Characters that start parameters copied into a key.
const BEFORE_PARAMETERS: [char; 3] = ['?', ';', '#'];

/// The kind of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `S3://`, `s3a://`, `s3n://`, or `s3://` with quotes or blanks.
    S3,
    Https,
    /// `s3://` before the host of a store, where the bucket belongs.
    HostForBucket,
    /// A website endpoint of S3: it may serve a page instead of the object.
    Website,
    Console,
    Arn,
    /// Anything else with a scheme.
    Other,
}

/// A parsed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub form: Form,
    /// Contains a signature, a token or credentials.
    pub is_secret: bool,
    /// Names one version of the object, which `s3://` can't.
    pub has_version: bool,
    /// The region in the address.
    pub region: Option<String>,
    /// The host, if there is one; never with credentials.
    pub host: Option<String>,
    /// Bucket and key, unchecked; the key may be empty or end with `/`.
    pub place: Result<(String, String), Reason>,
}

impl Named {
    /// `s3://bucket/key` if it names an object, not only a bucket or folder.
    pub fn object(&self) -> Option<String> {
        let (bucket, key) = self.place.as_ref().ok()?;
        // A key that still contains a signature is not usable.
        let whole = !key.is_empty() && !key.ends_with('/') && !carries_secret(key);
        (whole && super::bucket::fault(bucket).is_none()).then(|| format!("s3://{bucket}/{key}"))
    }
}

/// The `s3://` form of pasted text in another form of S3 address (https, ARN, console, surrounding blanks or quotes)
/// that names a bucket. The key may be empty or a folder. None if there is nothing to change or the form is unknown.
pub fn recognise(text: &str) -> Option<String> {
    let named = name(text)?;
    let (bucket, key) = named.place.ok()?;
    let valid = super::bucket::fault(&bucket).is_none() && !carries_secret(&key);
    let plain = format!("s3://{bucket}/{key}");
    (valid && plain != text).then_some(plain)
}

/// Parses any address. None if the text has no scheme and doesn't look like AWS.
pub fn name(text: &str) -> Option<Named> {
    let text = unwrapped(text);
    let mut named = if let Some(rest) = after_scheme(text, &["s3", "s3a", "s3n"]) {
        host_for_bucket(rest).unwrap_or_else(|| plain(rest))
    } else if let Some(rest) = one_slash(text) {
        plain(rest)
    } else if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:")) {
        arn(text.get(4..)?)
    } else if let Some(rest) = after_scheme(text, &["https", "http"]) {
        web(rest)
    } else if let Some((scheme, _)) = text.split_once("://") {
        other(scheme)?
    } else {
        // A host copied without its scheme.
        let host = text.split(['/', '?']).next()?.to_ascii_lowercase();
        let known = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
        known.then(|| web(text))?
    };
    named.is_secret = carries_secret(text);
    Some(named)
}

/// Removes surrounding blanks, invisible characters, quotes, brackets, and the comma of a JSON line.
fn unwrapped(text: &str) -> &str {
    let around = |c: char| c.is_whitespace() || unseen(c).is_some();
    let text = text.trim_matches(around);
    let quoted = text.strip_suffix(',').unwrap_or(text);
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('“', '”')] {
        if let Some(inner) = quoted.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inner.trim_matches(around);
        }
    }
    text
}

fn after_scheme<'a>(text: &'a str, schemes: &[&str]) -> Option<&'a str> {
    let (scheme, rest) = text.split_once("://")?;
    schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// `s3:/bucket/key`, which a path that was cleaned up becomes.
fn one_slash(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(":/")?;
    (scheme.eq_ignore_ascii_case("s3") && rest.contains('/') && !rest.starts_with('/')).then_some(rest)
}

/// An https address whose scheme was replaced: the host of a store stands where the bucket belongs.
fn host_for_bucket(rest: &str) -> Option<Named> {
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host::is_of_store(host).then(|| Named { form: Form::HostForBucket, ..web(rest) })
}

fn plain(rest: &str) -> Named {
    let (authority, key) = rest.split_once('/').unwrap_or((rest, ""));
    // Hadoop once allowed s3n://ID:SECRET@BUCKET/KEY.
    let bucket = authority.rsplit_once('@').map_or(authority, |(_, bucket)| bucket);
    let mut named = Named::at(Form::S3, bucket, Cow::Borrowed(key));
    if let Ok((_, key)) = &mut named.place
        && carries_secret(key)
    {
        key.truncate(key.find(BEFORE_PARAMETERS).unwrap_or(key.len()));
    }
    named
}

/// `aws:s3:::BUCKET/KEY`, without `arn:`. The key is literal.
fn arn(rest: &str) -> Named {
    let mut parts = rest.splitn(5, ':');
    let (_partition, service) = (parts.next(), parts.next().unwrap_or_default());
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let resource = parts.next().unwrap_or_default();
    let reason = match service {
        "s3" if resource.starts_with("accesspoint") && resource.contains(".mrap") => Reason::MultiRegion,
        "s3" if resource.starts_with("accesspoint") => Reason::AccessPoint,
        "s3" if region.is_empty() && account.is_empty() && !resource.is_empty() => {
            let (bucket, key) = resource.split_once('/').unwrap_or((resource, ""));
            return Named::at(Form::Arn, bucket, Cow::Borrowed(key));
        }
        "s3-object-lambda" => Reason::ObjectLambda,
        "s3-outposts" => Reason::Outposts,
        "s3express" => Reason::DirectoryBucket,
        _ => Reason::Amazon,
    };
    Named::not(Form::Arn, reason)
}

/// An http address without its scheme.
fn web(rest: &str) -> Named {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, at)| at);
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let (path, query) = rest.split_at_checked(rest.find(['?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""));
    let path = path.strip_prefix('/').unwrap_or(path);

    let mut named = match host::read(&host) {
        Host::Console => console(path, query),
        Host::Bucket { bucket, region, website } => {
            let form = if website { Form::Website } else { Form::Https };
            Named::decoded(form, bucket, path).in_region(region)
        }
        Host::PathStyle { region } => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            match key::decoded(bucket) {
                Some(bucket) if bucket.ends_with("-s3alias") => Named::not(Form::Https, Reason::AccessPoint),
                Some(bucket) if !bucket.is_empty() => Named::decoded(Form::Https, &bucket, key).in_region(region),
                _ => Named::not(Form::Https, Reason::Amazon),
            }
        }
        Host::Other(reason) => Named::not(Form::Https, reason),
    };
    if named.region.is_none() && host.ends_with(".cn") && named.place.is_ok() {
        named.region = Some("China".into());
    }
    named.has_version = parameters(query).any(|(name, _)| name.eq_ignore_ascii_case("versionId"));
    named.host = Some(host);
    named
}

/// A page of the AWS console. The URL forms are undocumented; these were observed since 2017.
fn console(path: &str, query: &str) -> Named {
    let parameter = |wanted: &str| {
        let found = parameters(query).find(|(name, _)| *name == wanted).map(|(_, value)| value)?;
        key::decoded(found)
    };
    let page = ["s3/object/", "s3/buckets/"].iter().find_map(|page| path.strip_prefix(page));
    let (bucket, rest) = page.map(|page| page.split_once('/').unwrap_or((page, ""))).unwrap_or_default();
    let bucket = key::decoded(bucket).filter(|bucket| !bucket.is_empty()).or_else(|| parameter("bucket"));
    let key = parameter("prefix").or_else(|| key::decoded(rest));
    match (bucket, key) {
        (Some(bucket), Some(key)) if !bucket.is_empty() && path.starts_with("s3") => {
            Named::at(Form::Console, &bucket, key).in_region(parameter("region").as_deref())
        }
        (_, None) => Named::not(Form::Console, Reason::NotUtf8),
        _ => Named::not(Form::Console, Reason::ConsolePage),
    }
}

/// The parameters of a query, or of a fragment that contains one (`?region=R#&bucket=B`), not decoded.
fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split(['?', '#', '&', ';'])
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
}

fn other(scheme: &str) -> Option<Named> {
    const SCHEMES: [(&str, &str); 8] = [
        ("gs", "Google Cloud Storage"),
        ("az", "Azure Storage"),
        ("abfs", "Azure Storage"),
        ("abfss", "Azure Storage"),
        ("wasbs", "Azure Storage"),
        ("r2", "Cloudflare R2"),
        ("b2", "Backblaze B2"),
        ("oss", "Alibaba Cloud OSS"),
    ];
    let (_, store) = SCHEMES.into_iter().find(|(known, _)| scheme.eq_ignore_ascii_case(known))?;
    Some(Named::not(Form::Other, Reason::Store(store)))
}

impl Named {
    fn at(form: Form, bucket: &str, key: Cow<'_, str>) -> Named {
        let place = Ok((bucket.to_owned(), key.into_owned()));
        Named { form, is_secret: false, has_version: false, region: None, host: None, place }
    }

    /// The path of an https address, decoded once; `+` stays a plus.
    fn decoded(form: Form, bucket: &str, path: &str) -> Named {
        let Some(mut key) = key::decoded(path) else { return Named::not(form, Reason::NotUtf8) };
        // A link with an encoded `?`.
        if carries_secret(&key)
            && let Some(at) = key.find(BEFORE_PARAMETERS)
        {
            key.to_mut().truncate(at);
        }
        Named::at(form, bucket, key)
    }

    fn not(form: Form, reason: Reason) -> Named {
        Named { form, is_secret: false, has_version: false, region: None, host: None, place: Err(reason) }
    }

    fn in_region(mut self, region: Option<&str>) -> Named {
        self.region =
            region.filter(|region| region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).map(str::to_owned);
        self
    }
}
