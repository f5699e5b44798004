//! Sentence and fix of a hit, in the operator's words.
//!
//! Quoted values are short and printable. Text that looks like a web address is never quoted: it may be signed.

use super::{Finding, Fix, Hit, Rule, stem, values};
use crate::format::thousands;
use crate::manifest::{Field, Row, Value};
use crate::printable::{Unseen, printable};
use crate::s3_url::key::{self, Suspicion};
use crate::s3_url::{Form, Named, Reason, bucket, carries_secret, name, split};

/// Sentence and fix of a hit from [`super::check_row`]; `row` is the checked row.
pub fn explain(row: &Row<'_>, hit: &Hit) -> Finding {
    let (message, fix) = match hit.field {
        Some(field) => (sentence(row, field, hit), proposal(row, field, hit.rule)),
        None if let Some((key, field)) = row.misspelt() => {
            let key = shown(key).unwrap_or_else(|| "A key".into());
            (format!("{key} is not a field of the service. Is it meant to be {}?", field.name()), None)
        }
        None => {
            ("This is not an object. A row is { … } with index_id, language, object and transcription.".into(), None)
        }
    };
    let fix = hit.field.zip(fix).map(|(field, text)| Fix::Set(field, text));
    Finding { rule: hit.rule, severity: hit.severity, field: hit.field, span: hit.span.clone(), message, fix }
}

/// Whether [`explain`] will offer a fix.
pub fn may_fix(row: &Row<'_>, hit: &Hit) -> bool {
    match (hit.rule, hit.field) {
        (Rule::LanguageUndocumented, _) => values::means_english(row.text(Field::Language)),
        (Rule::LanguageEmpty | Rule::ValuePadded | Rule::KeyInvisible, _) => true,
        (
            Rule::IndexIdFormat
            | Rule::UrlPresigned
            | Rule::ObjectNotS3
            | Rule::TranscriptionNotS3
            | Rule::KeyPercent
            | Rule::TranscriptionExtension,
            Some(field),
        ) => proposal(row, field, hit.rule).is_some(),
        _ => false,
    }
}

/// The corrected text.
fn proposal(row: &Row<'_>, field: Field, rule: Rule) -> Option<String> {
    let text = row.text(field);
    match rule {
        Rule::IndexIdFormat => Some(text.trim().to_ascii_lowercase()).filter(|id| values::is_index_id(id)),
        Rule::LanguageEmpty => Some("en".into()),
        Rule::LanguageUndocumented => values::means_english(text).then(|| "en".into()),
        Rule::ObjectNotS3 | Rule::TranscriptionNotS3 | Rule::UrlPresigned => name(text)?.object(),
        Rule::ValuePadded => match field {
            Field::IndexId | Field::Language => Some(text.trim().into()),
            Field::Object | Field::Transcription => Some(values::trimmed(text).into()),
        },
        Rule::KeyInvisible | Rule::KeyPercent | Rule::TranscriptionExtension => {
            let (bucket, key) = split(values::trimmed(text))?;
            let key = match rule {
                Rule::KeyInvisible => key::cleaned(key).trim_end().to_owned(),
                // A blank or a control character that it would leave is the next error.
                Rule::KeyPercent => key::decoded(key)
                    .filter(|key| values::trimmed(key) == key && key::invisible(key).is_none())?
                    .into_owned(),
                _ => values::meant_transcript(key)?,
            };
            Some(format!("s3://{bucket}/{key}"))
        }
        _ => None,
    }
}

fn sentence(row: &Row<'_>, field: Field, hit: &Hit) -> String {
    let text = row.text(field);
    let what = if field == Field::Object { "video" } else { "transcript" };
    let s3 = split(values::trimmed(text));
    let key = s3.map_or("", |(_, key)| key);
    match hit.rule {
        Rule::FieldMissing => format!("The row has no {}. Every row needs it.", field.name()),
        Rule::FieldDuplicate => {
            format!(
                "{} occurs more than once in this row, and it is undefined which one counts. Keep one.",
                field.name()
            )
        }
        Rule::FieldNotString => not_text(field, row.value(field)),
        Rule::IndexIdFormat => index_id(text),
        Rule::LanguageEmpty => "The language is empty; en is documented.".into(),
        Rule::LanguageUndocumented if values::has_control(text) => {
            format!("The language contains a control character: {}.", shown(text.trim()).unwrap_or_default())
        }
        Rule::LanguageUndocumented => match shown(text.trim()) {
            Some(language) => format!("{language}; only en is documented."),
            None => "This is a web address, and no language; only en is documented.".into(),
        },
        Rule::ValuePadded if text.trim().is_empty() => "There are only blanks here. Clear the field.".into(),
        Rule::ValuePadded => "There are blanks around the value; the service may take them for part of it.".into(),
        Rule::ObjectNotS3 | Rule::TranscriptionNotS3 | Rule::UrlPresigned | Rule::UrlUnconvertible => {
            address(text, what, hit)
        }
        Rule::BucketInvalid => {
            s3.and_then(|(bucket, _)| bucket::fault(bucket)).map_or_else(String::new, |fault| fault.to_string())
        }
        Rule::BucketPlaceholder => match s3.and_then(|(bucket, _)| shown(bucket)) {
            Some(bucket) => format!("{bucket} is a name from an example. Put your own bucket."),
            None => "This bucket's name is from an example. Put your own bucket.".into(),
        },
        Rule::KeyMissing if key.is_empty() => format!("Only a bucket, no object. Add the {what}'s key."),
        Rule::KeyMissing => format!("A key that ends with / is a folder. Add the {what}'s file name."),
        Rule::KeyTooLong => format!("The key has {} bytes, S3 allows 1,024.", thousands(key.len() as u64)),
        Rule::KeySuspicious => suspicion(key).into(),
        Rule::KeyPercent => {
            let part = key::percent(key).and_then(|range| key.get(range)).unwrap_or("%");
            let then = match proposal(row, field, Rule::KeyPercent) {
                Some(_) => "The fix decodes it.",
                None => "Decoded, it would not be a name that people write.",
            };
            format!("{part} may be meant literally or as an encoding; programs differ. {then}")
        }
        Rule::KeyInvisible => invisible(key),
        Rule::ObjectNotVideo => match extension(key) {
            None => "The name has no extension, so the kind of file is unknown.".into(),
            Some(dotted) if hit.severity == super::Severity::Warning => {
                format!("{dotted} is not a video. Is this the right object?")
            }
            Some(dotted) => format!("{dotted} is not a known kind of video."),
        },
        Rule::TranscriptionExtension => match extension(key) {
            None => "The name has no extension; a transcript ends with .srt or .vtt.".into(),
            Some(dotted) => format!("{dotted} is not .srt or .vtt."),
        },
        Rule::StemMismatch => {
            let video = split(values::trimmed(row.text(Field::Object))).map_or("", |(_, key)| key);
            let difference = stem::difference(video, key);
            let both = difference.as_ref().and_then(|it| Some((it.is_number, shown(it.video)?, shown(it.transcript)?)));
            match both {
                Some((true, video, transcript)) => format!("{video} and {transcript} differ. Is it swapped?"),
                Some((false, video, transcript)) => {
                    format!("“{video}” and “{transcript}” differ. Is it the right transcript?")
                }
                None => "The names of video and transcript differ.".into(),
            }
        }
        Rule::TranscriptionMissing => "No transcript yet.".into(),
        // Rules across rows and online rules have their sentences elsewhere.
        _ => hit.rule.title().into(),
    }
}

fn not_text(field: Field, value: &Value<'_>) -> String {
    let kind = match value {
        Value::Other(raw) if raw.starts_with('"') => {
            let half = half_pair(raw).unwrap_or_default();
            return format!(
                "{} contains {half}, half of a surrogate pair, which is not a character. Type the value again.",
                field.name()
            );
        }
        Value::Other(raw) => match raw.bytes().next() {
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b't' | b'f') => "true or false",
            _ => "a number",
        },
        _ => "null",
    };
    format!("{} is {kind}; it must be a JSON string.", field.name())
}

/// The first `\u…` of a JSON string that is an unpaired surrogate.
fn half_pair(raw: &str) -> Option<&str> {
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let escape = rest.get(at..)?;
        let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
        let taken = match unit(escape) {
            Some(0xD800..=0xDBFF) if matches!(escape.get(6..).and_then(unit), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => return escape.get(..6),
            Some(_) => 6,
            None => 2,
        };
        rest = escape.get(taken..)?;
    }
    None
}

fn index_id(text: &str) -> String {
    let id = text.trim();
    let bad = id.chars().find(|c| !c.is_ascii_hexdigit());
    let count = id.chars().count();
    match bad {
        _ if id.is_empty() => "The index id is empty; an index id has 24 hex digits.".into(),
        _ if count != values::INDEX_DIGITS => format!("{} characters, an index id has 24.", thousands(count as u64)),
        Some(c) => {
            format!("“{}” is not a hex digit; an index id has 0-9 and a-f.", printable(c.encode_utf8(&mut [0; 4])))
        }
        None => "An index id is lower case.".into(),
    }
}

fn address(text: &str, what: &str, hit: &Hit) -> String {
    let Some(named) = name(text) else {
        return match hit.rule {
            Rule::UrlPresigned => "This contains a signature, which is a secret. Remove it.".into(),
            _ if text.trim().is_empty() => format!("The {what} is empty. Write s3://bucket/key."),
            _ if text.trim_start().starts_with("file:") || text.trim_start().starts_with('/') => {
                format!(
                    "This is a file on a computer; the service reads S3 only. Upload the {what}, then write s3://bucket/key."
                )
            }
            _ => "This is not an S3 address. Write s3://bucket/key.".into(),
        };
    };
    let mut message = match (&named.place, hit.rule) {
        (_, Rule::UrlPresigned) => signed(&named).into(),
        (Err(reason), _) => unconvertible(*reason, &named),
        (Ok((_, key)), _) if key.is_empty() || key.ends_with('/') => {
            format!("{} names a bucket or folder, not an object. Write s3://bucket/key.", it(named.form))
        }
        (Ok((bucket, _)), _) if bucket::fault(bucket).is_some() => {
            format!("{} contains an invalid bucket name. Write s3://bucket/key.", it(named.form))
        }
        _ => not_plain(named.form).into(),
    };
    if let Some(region) = named.region.as_deref().filter(|region| *region != "us-west-2") {
        message.push_str(&format!(" The address says {}, the service reads us-west-2.", printable(region)));
    }
    if may_be_a_blank(text, &named) {
        message.push_str(" A + in a link may be a blank; the fix keeps it, and an online check looks for both.");
    }
    if named.has_version {
        message.push_str(" s3:// always means the newest version.");
    }
    message
}

/// Whether the key has a `+` that the link may have written for a blank, as forms do.
fn may_be_a_blank(text: &str, named: &Named) -> bool {
    let is_link = matches!(named.form, Form::Https | Form::HostForBucket | Form::Website | Form::Console);
    let key = named.object().filter(|_| is_link);
    text.contains('+') && key.is_some_and(|url| split(&url).is_some_and(|(_, key)| key.contains('+')))
}

/// The kind of address, as the subject of a sentence.
fn it(form: Form) -> &'static str {
    match form {
        Form::S3 | Form::HostForBucket | Form::Other => "This address",
        Form::Https => "This web address",
        Form::Website => "This address of an S3 website",
        Form::Console => "This page of the AWS console",
        Form::Arn => "This ARN",
    }
}

/// For an address that names an object in another form.
fn not_plain(form: Form) -> &'static str {
    match form {
        Form::S3 => "The address does not start with exactly s3://; the manifest wants s3://bucket/key.",
        Form::Https => "This is a web address; the manifest wants s3://bucket/key.",
        Form::HostForBucket => "A host of S3 stands in the bucket's place; the manifest wants s3://bucket/key.",
        Form::Website => "An S3 website may answer with a page and not the object; the manifest wants s3://bucket/key.",
        Form::Console => "This is a page of the AWS console; the manifest wants s3://bucket/key.",
        Form::Arn => "This is an ARN; the manifest wants s3://bucket/key.",
        Form::Other => "This is not an S3 address; the manifest wants s3://bucket/key.",
    }
}

fn signed(named: &Named) -> &'static str {
    match (named.object(), named.form) {
        (Some(_), Form::S3) => {
            "This contains a signature or credentials, which are secret. The plain s3:// address needs none."
        }
        (Some(_), _) => {
            "This is a signed link: it expires, and its signature is a secret. The fix keeps only bucket and key."
        }
        (None, _) => {
            "This is a signed link: it expires, and its signature is a secret. Copy the object's s3:// address instead."
        }
    }
}

fn unconvertible(reason: Reason, named: &Named) -> String {
    let host = named.host.as_deref().unwrap_or_default();
    match reason {
        Reason::AccessPoint => {
            "An access point hides the bucket's name. Copy the object's S3 URI from the bucket itself.".into()
        }
        Reason::MultiRegion => {
            "A multi-region access point names no bucket. Copy the object's S3 URI from the bucket in us-west-2.".into()
        }
        Reason::ObjectLambda => {
            "An Object Lambda access point names no bucket. Copy the object's S3 URI from the bucket itself.".into()
        }
        Reason::Outposts => {
            "S3 on Outposts can't be read by the service. Copy the file to a bucket in us-west-2.".into()
        }
        Reason::PrivateLink => {
            "A private link (VPC endpoint) works only within your network. Copy the object's S3 URI.".into()
        }
        Reason::DirectoryBucket => {
            "A directory bucket can't be read by the service. Copy the file to an ordinary bucket.".into()
        }
        Reason::Amazon => "This AWS address names no bucket. Copy the object's S3 URI.".into(),
        Reason::ConsolePage => {
            "This page of the AWS console names no bucket. Open the object and copy its S3 URI.".into()
        }
        Reason::Store(store) => format!("{store} is not Amazon S3. Copy the file to a bucket in us-west-2."),
        Reason::Host if host.is_empty() => "This address has no host. Write s3://bucket/key.".into(),
        Reason::Host => {
            let host = shown(host).unwrap_or_else(|| "This host".to_owned());
            format!("{host} is not Amazon S3. Write the bucket and key behind it as s3://bucket/key.")
        }
        Reason::NotUtf8 => "The address does not decode to UTF-8 text. Copy the object's S3 URI.".into(),
    }
}

fn suspicion(key: &str) -> &'static str {
    match key::suspicion(key) {
        Some((Suspicion::LeadingSlash, _)) => {
            "The key begins with /, so S3 looks for another object than without. Is there a slash too many?"
        }
        Some((Suspicion::DoubleSlash, _)) => {
            "There are two slashes in a row; S3 takes them literally. Is there one too many?"
        }
        Some((Suspicion::Address, _)) => "There is an s3:// within the key: were two addresses put into one value?",
        Some((Suspicion::DotSegment, _)) => {
            "S3 takes . and .. literally, other programs don't. Write the path without them."
        }
        _ => "S3 takes \\ literally; folders are separated by /.",
    }
}

fn invisible(key: &str) -> String {
    let Some((kind, c, _)) = key::invisible(key) else { return String::new() };
    let what = match kind {
        Unseen::Control => "a control character",
        Unseen::Bidi => "a character that reorders the text around it",
        Unseen::Invisible => "an invisible character",
        Unseen::OddBlank => "a blank that is not the usual one",
    };
    format!("The key contains {what}, U+{:04X}.", c as u32)
}

/// `.mp4`, safe to quote.
fn extension(key: &str) -> Option<String> {
    key::extension(key).map(|extension| shown(&format!(".{extension}")).unwrap_or_else(|| "This extension".to_owned()))
}

/// A value as a short printable quotation. None for an address with a query, which may contain a secret.
fn shown(text: &str) -> Option<String> {
    const LONGEST: usize = 40;
    if text.contains("://") || carries_secret(text) {
        return None;
    }
    Some(match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", printable(text.get(..end).unwrap_or_default())),
        None => printable(text).into_owned(),
    })
}
