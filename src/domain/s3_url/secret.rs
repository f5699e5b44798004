//! Detects secrets in addresses and removes them. Rules, screens and storage all use this module, so that they agree on
//! what is a secret. It and `recognise` use each other: addresses are recognised without their secret, and secrets are
//! found in every form that is recognised.

use super::recognise;
use std::borrow::Cow;

/// Replaces a secret.
const MARK: &str = "(secret)";
/// Links may be wrapped in other links, and those in JSON.
const LAYERS: usize = 3;

/// Whether the text contains a signature, a token or a password, as a parameter or before the host; plain,
/// percent-encoded, or escaped as in JSON or HTML.
pub fn carries_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    if memchr::memchr3(b'=', b'@', b'%', bytes).is_none() && memchr::memchr2(b'\\', b'&', bytes).is_none() {
        return false;
    }
    let mut plain = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        if has_parameter(&plain) || has_password(&plain) {
            return true;
        }
        let Some(inner) = decoded(&plain) else { return false };
        plain = Cow::Owned(inner);
    }
    has_parameter(&plain) || has_password(&plain)
}

/// The form to store instead of a text with a secret: the `s3://bucket/key` it names, else the text without the secret.
/// None if it has no secret.
pub fn stored_form(text: &str) -> Option<String> {
    let plain = || recognise(text).filter(|plain| !carries_secret(plain));
    carries_secret(text).then(|| plain().unwrap_or_else(|| cut(text, "")))
}

/// The text with a mark in place of a secret, for display. Not in `s3://` form: an old value must not look like its
/// fixed version.
pub fn without_secret(text: &str) -> Cow<'_, str> {
    if carries_secret(text) { Cow::Owned(cut(text, MARK)) } else { Cow::Borrowed(text) }
}

/// A text of somebody else, such as a service's error message, without the secrets of the links in it. Each word by
/// itself, so that the sentence stays.
pub fn without_links(text: &str) -> Cow<'_, str> {
    if !carries_secret(text) {
        return Cow::Borrowed(text);
    }
    let words: Vec<_> = text.split(' ').map(without_secret).collect();
    let kept = words.join(" ");
    Cow::Owned(if carries_secret(&kept) { cut(&kept, MARK) } else { kept })
}

/// Keeps only what is certainly not secret.
fn cut(text: &str, mark: &str) -> String {
    let mut kept = text.to_owned();
    if has_password_in_any_layer(text) {
        let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
        let separator = if scheme.is_empty() { "" } else { "://" };
        let behind = rest.split_at_checked(authority(rest).rfind('@').map_or(0, |at| at + 1)).map(|(_, behind)| behind);
        // A second @ may be part of the password, whose end is then unknown.
        kept = match behind.filter(|behind| behind.len() < rest.len() && !behind.contains('@')) {
            Some(behind) if mark.is_empty() => format!("{scheme}{separator}{behind}"),
            Some(behind) => format!("{scheme}{separator}{mark}@{behind}"),
            None => format!("{scheme}{separator}{mark}"),
        };
    }
    for delimiters in [&['?', '&', '#', ';', '%', '\\'][..], &['=', '@'][..]] {
        if carries_secret(&kept) {
            kept.truncate(kept.find(delimiters).unwrap_or(kept.len()));
            kept = if mark.is_empty() { kept } else { format!("{kept}?{mark}") };
        }
    }
    if carries_secret(&kept) { mark.to_owned() } else { kept }
}

fn has_password_in_any_layer(text: &str) -> bool {
    let mut layers = std::iter::successors(Some(text.to_owned()), |outer| decoded(outer)).take(LAYERS + 1);
    layers.any(|layer| has_password(&layer))
}

/// A secret parameter.
fn has_parameter(text: &str) -> bool {
    memchr::memchr_iter(b'=', text.as_bytes()).any(|at| {
        let (before, value) = text.split_at_checked(at).unwrap_or((text, ""));
        let has_value = value.chars().nth(1).is_some_and(|c| !c.is_whitespace() && !"&#;\"'".contains(c));
        let front = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let name = before.get(front.len()..).unwrap_or_default();
        has_value && (is_signature(name) || (front.ends_with(['?', '&', '#', ';']) && is_secret_name(name)))
    })
}

/// Parameter names used only in signed links: S3 version 4, Google.
fn is_signature(name: &str) -> bool {
    let starts = |start: &str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    starts("X-Amz-") || starts("X-Goog-")
}

/// Other parameters of signed links (S3 version 2, CloudFront, Google, Azure, Alibaba, Akamai) and plain tokens.
fn is_secret_name(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "AWSAccessKeyId",
        "Signature",
        "Key-Pair-Id",
        "Policy",
        "GoogleAccessId",
        "sig",
        "OSSAccessKeyId",
        "security-token",
        "auth_key",
        "hdnts",
        "hdnea",
        "hdntl",
        "token",
        "access_token",
        "auth_token",
        "id_token",
        "jwt",
        "api_key",
        "api-key",
        "apikey",
        "secret",
        "client_secret",
        "password",
        "passwd",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A name and a password, or a single token, before a host.
fn has_password(text: &str) -> bool {
    let behind_scheme = text.match_indices("://").any(|(at, mark)| {
        let (scheme, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        let rest = rest.strip_prefix(mark).unwrap_or_default();
        let scheme = scheme.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        // Hadoop once allowed s3n://ID:SECRET@BUCKET/KEY; an id alone is harmless.
        let may_be_id = ["s3", "s3a", "s3n"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let authority = authority(rest);
        match authority.rsplit_once('@') {
            Some((who, _)) => who != MARK && if may_be_id { who.contains(':') } else { !who.is_empty() },
            // A password with a slash: one in sixty characters of Amazon's secrets is one.
            None => {
                let port = authority.rsplit_once(':').map(|(_, port)| port);
                let is_none = port.is_some_and(|port| may_be_id || !port.bytes().all(|b| b.is_ascii_digit()));
                is_none && !authority.starts_with('[') && word(rest).contains('@')
            }
        }
    });
    // A host copied without its scheme.
    let bare = || {
        let authority = authority(text.trim_start()).to_ascii_lowercase();
        let host = authority.rsplit_once('@').filter(|(who, _)| who.contains(':')).map(|(_, host)| host);
        host.is_some_and(|host| host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
    };
    behind_scheme || (memchr::memchr(b'@', text.as_bytes()).is_some() && bare())
}

/// The part before the path of an address.
fn authority(rest: &str) -> &str {
    word(rest).split(['/', '?', '#']).next().unwrap_or_default()
}

/// Up to a blank or a quote.
fn word(rest: &str) -> &str {
    rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>')).next().unwrap_or_default()
}

/// Decodes one layer of percent-encoding and of the escapes of JSON and HTML, ASCII only: all syntax of an address is
/// ASCII. None if there is nothing to decode.
fn decoded(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '\\', '&']) {
        let (before, escape) = rest.split_at_checked(at)?;
        let ascii = |hex: &str| u8::from_str_radix(hex, 16).ok().filter(u8::is_ascii).map(char::from);
        let read = match escape.get(..2) {
            Some("\\u") => escape.get(2..6).and_then(ascii_unit).map(|c| (c, 6)),
            Some("\\/") => Some(('/', 2)),
            Some(start) if start.starts_with('&') => reference(escape),
            Some(start) if start.starts_with('%') => escape.get(1..3).and_then(ascii).map(|c| (c, 3)),
            _ => None,
        };
        let (c, taken) = read.unwrap_or_else(|| (escape.chars().next().unwrap_or('%'), 1));
        plain.push_str(before);
        plain.push(c);
        rest = escape.get(taken..).unwrap_or_default();
    }
    plain.push_str(rest);
    (plain != text).then_some(plain)
}

/// A character that HTML writes as `&amp;`, `&#45;` or `&#x2d;`, and the bytes of that.
fn reference(text: &str) -> Option<(char, usize)> {
    const NAMES: [(&str, char); 12] = [
        ("amp", '&'),
        ("equals", '='),
        ("hyphen", '-'),
        ("dash", '-'),
        ("lowbar", '_'),
        ("percnt", '%'),
        ("quest", '?'),
        ("period", '.'),
        ("colon", ':'),
        ("sol", '/'),
        ("commat", '@'),
        ("num", '#'),
    ];
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let inner = text.get(1..end)?;
    let c = match inner.strip_prefix('#') {
        Some(number) => {
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?).filter(char::is_ascii)?
        }
        None => NAMES.iter().find(|(name, _)| *name == inner)?.1,
    };
    Some((c, end + 1))
}

/// `\u0026`: four hex digits.
fn ascii_unit(hex: &str) -> Option<char> {
    u8::try_from(u16::from_str_radix(hex, 16).ok()?).ok().filter(u8::is_ascii).map(char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_cut_out_for_showing_and_for_storing() {
        for (text, shown, stored) in [
            (
                "https://acme.s3.amazonaws.com/01.mp4?X-Amz-Signature=CANARY",
                "https://acme.s3.amazonaws.com/01.mp4?(secret)",
                "s3://acme/01.mp4",
            ),
            ("s3n://AKIA:CANARY@acme/01.mp4", "s3n://(secret)@acme/01.mp4", "s3://acme/01.mp4"),
            ("s3://acme/01.srt?token=CANARY", "s3://acme/01.srt?(secret)", "s3://acme/01.srt"),
            ("s3://acme/01.srt;sig=CANARY", "s3://acme/01.srt?(secret)", "s3://acme/01.srt"),
            (
                "https://acme.blob.core.windows.net/c/01.mp4?sv=1&sig=CANARY",
                "https://acme.blob.core.windows.net/c/01.mp4?(secret)",
                "https://acme.blob.core.windows.net/c/01.mp4",
            ),
            (
                "https://me:CANARY@example.com/01.mp4",
                "https://(secret)@example.com/01.mp4",
                "https://example.com/01.mp4",
            ),
            ("https://CANARY@example.com/01.mp4", "https://(secret)@example.com/01.mp4", "https://example.com/01.mp4"),
            ("s3://AKIA:CAN/ARY@acme/01.mp4", "s3://(secret)", "s3://"),
            ("https://me:p@CANARY/x@y", "https://(secret)", "https://"),
            ("me:CANARY@acme.s3.amazonaws.com/01.mp4", "(secret)@acme.s3.amazonaws.com/01.mp4", "s3://acme/01.mp4"),
            (
                "{\"url\":\"https:\\/\\/cdn.example.com\\/1?a=b\\u0026sig\\u003dCANARY\"}",
                "{\"url\":\"https:?(secret)",
                "{\"url\":\"https:",
            ),
            ("https://x.com/go?to=https%253A%252F%252Fme%253ACANARY%2540y.com", "https://(secret)", "https://"),
            ("X-Amz-Signature=CANARY", "X-Amz-Signature?(secret)", "X-Amz-Signature"),
        ] {
            assert_eq!(without_secret(text), shown, "{text}");
            assert_eq!(stored_form(text).as_deref(), Some(stored), "{text}");
            assert_eq!(without_secret(shown), shown, "what is cut once is whole");
        }
    }

    #[test]
    fn a_link_in_a_reply_is_cut_however_html_writes_its_signs() {
        let link = "https://b.s3.amazonaws.com/a.mp4?X-Amz-Credential=CANARY1&X-Amz-Signature=CANARY2";
        for (sign, escaped) in [
            ("-", "&#45;"),
            ("-", "&#x2D;"),
            ("-", "&hyphen;"),
            ("&", "&amp;"),
            ("=", "&#61;"),
            ("=", "&equals;"),
            ("?", "&quest;"),
        ] {
            let told = format!("can't fetch {} now", link.replace(sign, escaped));
            let kept = without_links(&told);
            assert!(!kept.contains("CANARY") && kept.starts_with("can't fetch https:"), "{told}: {kept}");
            assert!(without_links(&link.replace(sign, escaped).replace('&', "&amp;")).find("CANARY").is_none());
        }
    }

    #[test]
    fn a_plain_key_holds_no_secret() {
        for text in [
            "s3://acme/date=2026-11-12/01.mp4",
            "s3://acme/R&D; a=b/q&amp;a.mp4",
            "s3://acme/policy/token.mp4",
            "s3://acme/R&D; policy.mp4",
            "s3://acme/me@example.com/50%25.mp4",
            "s3://acme/?token=",
            "https://example.com:8443/a@b.mp4",
            "http://[fe80::1]/a@b.mp4",
            "mailto:me@example.com",
            "https://acme.s3.amazonaws.com/01.mp4?versionId=3HL4",
            "C:\\videos\\01.mp4",
            "en",
            "",
        ] {
            assert!(!carries_secret(text), "{text}");
            assert_eq!(stored_form(text), None, "{text}");
            assert_eq!(without_secret(text), text);
        }
    }

    proptest! {
        #[test]
        fn redacted_text_never_holds_a_secret(
            text in "(s3|s3n|https|)(://)?([a-z]{0,3}:?[a-z/]{0,3}@)?[a-z%\\\\u0263 \"@/]{0,9}([?&;#](sig|token|X-Amz-Signature)(=|%3D)[a-z@:/]{0,5}){0,3}"
        ) {
            let shown = without_secret(&text);
            prop_assert!(!carries_secret(&shown), "{:?}", shown);
            prop_assert_eq!(carries_secret(&text), stored_form(&text).is_some());
            if let Some(stored) = stored_form(&text) {
                prop_assert!(!carries_secret(&stored), "{:?}", stored);
            }
        }
    }
}
