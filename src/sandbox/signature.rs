//! Verifies that a request is signed by the buckets' owner (AWS Signature Version 4 in the `Authorization` header). It
//! uses `bucket` for its fault.

use super::bucket::Fault;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The credentials that open all buckets.
#[derive(Clone, Debug)]
pub struct Owner {
    pub access_key_id: String,
    pub secret_access_key: String,
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// False for an unsigned request.
///
/// # Errors
/// S3's reply to a wrong or unknown signature.
pub(super) fn is_owners(request: &Request, owner: Option<&Owner>) -> Result<bool, Fault> {
    let Some(authorization) = request.headers().get("authorization") else { return Ok(false) };
    let malformed = Fault::new(
        StatusCode::BAD_REQUEST,
        "AuthorizationHeaderMalformed",
        "The authorization header that you provided is not valid.",
    );
    let claim = authorization.to_str().ok().and_then(Claim::read).ok_or(malformed)?;
    let unknown = "The AWS Access Key Id you provided does not exist in our records.";
    let owner = owner.filter(|owner| owner.access_key_id == claim.key_id).ok_or(Fault::new(
        StatusCode::FORBIDDEN,
        "InvalidAccessKeyId",
        unknown,
    ))?;
    let differs = "The request signature we calculated does not match the signature you provided.";
    match signature(request, &claim, &owner.secret_access_key) {
        Some(signature) if signature == claim.signature => Ok(true),
        _ => Err(Fault::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", differs)),
    }
}

/// The content of an `Authorization` header.
#[derive(Debug)]
struct Claim<'a> {
    key_id: &'a str,
    /// `20130524/us-east-1/s3/aws4_request`
    scope: &'a str,
    /// In lower case, separated by semicolons.
    signed_headers: &'a str,
    signature: &'a str,
}

impl Claim<'_> {
    fn read(header: &str) -> Option<Claim<'_>> {
        let parts = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let (key_id, scope) = part("Credential")?.split_once('/')?;
        Some(Claim { key_id, scope, signed_headers: part("SignedHeaders")?, signature: part("Signature")? })
    }
}

/// None if a signed header is missing.
fn signature(request: &Request, claim: &Claim<'_>, secret: &str) -> Option<String> {
    let header = |name: &str| request.headers().get(name).map(HeaderValue::to_str)?.ok();
    let mut canonical = format!("{}\n{}\n{}\n", request.method(), path(request), query(request));
    for name in claim.signed_headers.split(';') {
        let _ = writeln!(canonical, "{name}:{}", header(name)?.trim());
    }
    let _ = write!(canonical, "\n{}\n{}", claim.signed_headers, header("x-amz-content-sha256")?);
    let time = header("x-amz-date")?;
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{}\n{}", claim.scope, hex(&Sha256::digest(&canonical)));
    let key = claim.scope.split('/').try_fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part))?;
    Some(hex(&hmac(&key, &to_sign)?))
}

fn path(request: &Request) -> String {
    let parts = request.uri().path().split('/').map(encoded);
    parts.collect::<Vec<_>>().join("/")
}

fn query(request: &Request) -> String {
    let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Normalises the encoding, as the signature requires.
fn encoded(text: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    percent_encode(&bytes, UNRESERVED).to_string()
}

fn hmac(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn asked(target: &str, headers: &str, signature: &str) -> Request {
        let signed = format!("host{headers};x-amz-content-sha256;x-amz-date");
        let scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        let mut request = Request::get(target)
            .header("host", "examplebucket.s3.amazonaws.com")
            .header("x-amz-content-sha256", EMPTY)
            .header("x-amz-date", "20130524T000000Z")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={signed},Signature={signature}"),
            );
        if !headers.is_empty() {
            request = request.header("range", "bytes=0-9");
        }
        request.body(Body::empty()).unwrap()
    }

    /// The examples of the AWS documentation, "Signature Calculations for the Authorization Header".
    #[test]
    fn only_exactly_valid_signatures_are_accepted() {
        let owner = Owner {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        };
        let object = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        let list = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        let taken = |request: &Request| is_owners(request, Some(&owner)).is_ok();
        assert!(taken(&asked("/test.txt", ";range", object)));
        assert!(taken(&asked("/?max-keys=2&prefix=J", "", list)));
        assert!(taken(&asked("/?prefix=J&max-keys=2", "", list)), "in any order");
        assert!(taken(&asked("/t%65st.txt", ";range", object)), "in any spelling");
        for (target, headers, signature) in [
            ("/test.tx", ";range", object),
            ("/test.txt?a", ";range", object),
            ("/test.txt", "", object),
            ("/?max-keys=2&prefix=K", "", list),
            ("/test.txt", ";range", list),
            ("/test.txt", ";range;none", object),
        ] {
            assert!(!taken(&asked(target, headers, signature)), "{target} {headers}");
        }
        let another = Owner { secret_access_key: "another".to_owned(), ..owner.clone() };
        assert!(is_owners(&asked("/test.txt", ";range", object), Some(&another)).is_err());
        assert!(is_owners(&asked("/test.txt", ";range", object), None).is_err());
        assert!(matches!(is_owners(&Request::new(Body::empty()), Some(&owner)), Ok(false)));
    }
}
