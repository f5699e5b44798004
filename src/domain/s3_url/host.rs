//! Classifies the host of an https address: a bucket, S3 itself, the console, or something else.
//!
//! Bucket names may contain dots, so AWS hosts are parsed from the right.

/// Why an address can't be written as `s3://`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    AccessPoint,
    MultiRegion,
    ObjectLambda,
    Outposts,
    PrivateLink,
    DirectoryBucket,
    /// An AWS address without a bucket.
    Amazon,
    /// A console page without a bucket.
    ConsolePage,
    /// Another store, by its name.
    Store(&'static str),
    /// A host that is neither S3 nor a known store.
    Host,
    /// The decoded path is not UTF-8.
    NotUtf8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// `BUCKET.s3.REGION.amazonaws.com`: the path is the key.
    Bucket {
        bucket: &'a str,
        region: Option<&'a str>,
        website: bool,
    },
    /// `s3.REGION.amazonaws.com`: the path begins with the bucket.
    PathStyle {
        region: Option<&'a str>,
    },
    Console,
    Other(Reason),
}

/// Parses a host in lower case, without port.
pub(super) fn read(host: &str) -> Host<'_> {
    let console = ["console.aws.amazon.com", "console.amazonaws-us-gov.com", "console.amazonaws.cn"];
    if console.iter().any(|domain| is_within(host, domain)) {
        return Host::Console;
    }
    let aws = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"));
    aws.map_or_else(|| Host::Other(store(host)), amazon)
}

/// `left` is the host without `.amazonaws.com`.
fn amazon(left: &str) -> Host<'_> {
    if left.ends_with(".vpce") {
        return Host::Other(Reason::PrivateLink);
    }
    if left.ends_with(".accesspoint.s3-global") {
        return Host::Other(Reason::MultiRegion);
    }
    let (before, last) = cut(left);
    if let Some(found) = service(before, last, None) {
        return found;
    }
    if last == "dualstack" {
        let (before, service_) = cut(before);
        if service_ == "s3-accelerate" {
            return bucket_or_path(before, None, false);
        }
    }
    if !is_region(last) {
        return Host::Other(Reason::Amazon);
    }
    let (mut before, mut label) = cut(before);
    if label == "dualstack" {
        (before, label) = cut(before);
    }
    service(before, label, Some(last)).unwrap_or(Host::Other(Reason::Amazon))
}

/// The label that names the service, with the text before it.
fn service<'a>(before: &'a str, label: &'a str, region: Option<&'a str>) -> Option<Host<'a>> {
    Some(match label {
        "s3" | "s3-fips" | "s3-external-1" => bucket_or_path(before, region, false),
        "s3-accelerate" if !before.is_empty() => bucket_or_path(before, None, false),
        "s3-website" => bucket_or_path(before, region, true),
        "s3-accesspoint" | "s3-accesspoint-fips" => Host::Other(Reason::AccessPoint),
        "s3-object-lambda" => Host::Other(Reason::ObjectLambda),
        "s3-outposts" => Host::Other(Reason::Outposts),
        _ if label.starts_with("s3express-") => Host::Other(Reason::DirectoryBucket),
        _ if region.is_some() => return None,
        _ => match label.strip_prefix("s3-website-").filter(|region| is_region(region)) {
            Some(region) => bucket_or_path(before, Some(region), true),
            None => {
                let region = label.strip_prefix("s3-").map(|rest| rest.strip_prefix("fips-").unwrap_or(rest));
                bucket_or_path(before, Some(region.filter(|region| is_region(region))?), false)
            }
        },
    })
}

fn bucket_or_path<'a>(bucket: &'a str, region: Option<&'a str>, website: bool) -> Host<'a> {
    match bucket {
        "" if website => Host::Other(Reason::Amazon),
        "" => Host::PathStyle { region },
        _ if bucket.ends_with("-s3alias") => Host::Other(Reason::AccessPoint),
        _ => Host::Bucket { bucket, region, website },
    }
}

/// The last label, and the text before its dot.
fn cut(host: &str) -> (&str, &str) {
    host.rsplit_once('.').unwrap_or(("", host))
}

/// `us-west-2`, `us-gov-east-1`
fn is_region(label: &str) -> bool {
    let Some((area, number)) = label.rsplit_once('-') else { return false };
    let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    let words = area.split('-').all(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase()));
    is_number && words && area.contains('-')
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Stores that operators know by another name than their host.
fn store(host: &str) -> Reason {
    const SITES: [(&str, &str); 4] = [
        ("drive.google.com", "Google Drive"),
        ("dropbox.com", "Dropbox"),
        ("youtube.com", "YouTube"),
        ("vimeo.com", "Vimeo"),
    ];
    let known = STORES.into_iter().chain(SITES).find(|(domain, _)| is_within(host, domain));
    known.map_or(Reason::Host, |(_, name)| Reason::Store(name))
}

/// Stores of objects other than S3, by the domain that ends their hosts.
const STORES: [(&str, &str); 10] = [
    ("cloudfront.net", "CloudFront"),
    ("storage.googleapis.com", "Google Cloud Storage"),
    ("storage.cloud.google.com", "Google Cloud Storage"),
    ("r2.cloudflarestorage.com", "Cloudflare R2"),
    ("r2.dev", "Cloudflare R2"),
    ("wasabisys.com", "Wasabi"),
    ("backblazeb2.com", "Backblaze B2"),
    ("digitaloceanspaces.com", "DigitalOcean Spaces"),
    ("core.windows.net", "Azure Storage"),
    ("aliyuncs.com", "Alibaba Cloud OSS"),
];

/// Whether a name is a host of S3 or of another store, in any case. Buckets may have dots, but none of these names can be
/// theirs.
pub(crate) fn is_of_store(name: &str) -> bool {
    if !name.contains('.') {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let amazon = ["amazonaws.com", "amazonaws.com.cn"]
        .into_iter()
        .any(|domain| name.strip_suffix(domain).is_some_and(|before| before.ends_with('.')));
    amazon || STORES.into_iter().any(|(domain, _)| is_within(&name, domain))
}
