//! The rules as an operator meets them: a row in, codes, sentences and fixes out.

mod across_rows;
mod check_command;
mod online;

use cuecard::domain::manifest::{Field, Row, Value};
use cuecard::domain::printable::hidden;
use cuecard::domain::rules::{Finding, Fix, Severity, check_row, explain, may_fix};
use cuecard::domain::s3_url::recognise;
use proptest::prelude::*;
use std::borrow::Cow;

const ID: &str = "6298d673f1090f1100476d4c";
const VIDEO: &str = "s3://acme-video/01.mp4";
const TRANSCRIPT: &str = "s3://acme-captions/01.srt";

fn text(value: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(value))
}

fn findings(row: &Row<'_>) -> Vec<Finding> {
    let mut hits = Vec::new();
    check_row(row, &mut hits);
    let found: Vec<_> = hits.iter().map(|hit| explain(row, hit)).collect();
    for (hit, finding) in hits.iter().zip(&found) {
        assert_eq!(may_fix(row, hit), finding.fix.is_some(), "{finding:?}");
        assert_eq!(hidden(&finding.message).count(), 0, "{finding:?}");
        assert!(finding.message.ends_with(['.', '?']), "{finding:?}");
        if let Some(field) = finding.field {
            let span = finding.span.start as usize..finding.span.end as usize;
            assert!(row.text(field).get(span).is_some(), "{finding:?} of {row:?}");
        }
    }
    found
}

fn row<'a>(field: Field, value: Value<'a>) -> Row<'a> {
    let mut values = [text(ID), text("en"), text(VIDEO), text(TRANSCRIPT)];
    values[field as usize] = value;
    Row::new(true, values, 0)
}

/// `code` or `code*` for a milder severity than the rule's own, and `code -> fix`.
fn brief(found: &[Finding]) -> String {
    let one = |f: &Finding| {
        let mild = if f.severity == f.rule.severity() { "" } else { "*" };
        match &f.fix {
            Some(Fix::Set(_, text)) => format!("{}{mild} -> {text:?}", f.rule.code()),
            Some(Fix::Exclude) => format!("{}{mild} -> exclude", f.rule.code()),
            None => format!("{}{mild}", f.rule.code()),
        }
    };
    found.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_sound_row_has_no_finding() {
    assert_eq!(brief(&findings(&row(Field::Language, text("en")))), "");
}

#[test]
fn the_vendors_own_example_has_an_id_of_25_digits() {
    let found = findings(&row(Field::IndexId, text("629d807aa9e2a3a33a92c00b1")));
    assert_eq!(brief(&found), "index-id-format");
    assert_eq!(found[0].message, "25 characters, an index id has 24.");
    assert_eq!(found[0].severity, Severity::Error);
}

#[test]
fn an_element_that_is_no_object_has_one_finding() {
    let absent = || Value::Absent;
    let found = findings(&Row::new(false, [absent(), absent(), absent(), absent()], 0));
    assert_eq!(brief(&found), "row-not-object");
    let found = findings(&Row::new(true, [absent(), absent(), absent(), absent()], 0));
    assert_eq!(brief(&found), "field-missing, field-missing, field-missing, transcription-missing");
}

#[test]
fn each_mistake_in_a_field_gives_one_finding() {
    use Field::{IndexId, Language, Object, Transcription};
    for (field, value, expected) in [
        (IndexId, Value::Null, "field-not-string"),
        (IndexId, Value::Other("12"), "field-not-string"),
        (IndexId, text(""), "index-id-format"),
        (IndexId, text("6298D673F1090F1100476D4C"), "index-id-format -> \"6298d673f1090f1100476d4c\""),
        (IndexId, text(" 6298D673F1090F1100476D4C\n"), "index-id-format -> \"6298d673f1090f1100476d4c\""),
        (IndexId, text(" 6298d673f1090f1100476d4c"), "value-padded -> \"6298d673f1090f1100476d4c\""),
        (IndexId, text("6298d673f1090f1100476d4g"), "index-id-format"),
        (Language, text(""), "language-empty -> \"en\""),
        (Language, text("  "), "language-empty -> \"en\""),
        (Language, text("en "), "value-padded -> \"en\""),
        (Language, text("EN"), "language-undocumented -> \"en\""),
        (Language, text("en-US"), "language-undocumented -> \"en\""),
        (Language, text("English (United States)"), "language-undocumented -> \"en\""),
        (Language, text("ko"), "language-undocumented"),
        (Language, text("e\u{0}n"), "language-undocumented* -> \"en\""),
        (Language, text("en\u{200b}"), "language-undocumented -> \"en\""),
        (Language, text("ko\u{1b}[31m"), "language-undocumented*"),
        (Language, Value::Other("true"), "field-not-string"),
        (Object, Value::Absent, "field-missing"),
        (Object, Value::Other("[]"), "field-not-string"),
        (Object, text(""), "object-not-s3"),
        (Object, text("  "), "object-not-s3"),
        (Object, text("/home/me/01.mp4"), "object-not-s3"),
        (Object, text("01.mp4"), "object-not-s3"),
        (Object, text("file:///01.mp4"), "object-not-s3"),
        (Object, text("S3://acme-video/01.mp4"), "object-not-s3 -> \"s3://acme-video/01.mp4\""),
        (Object, text("s3a://acme-video/01.mp4"), "object-not-s3 -> \"s3://acme-video/01.mp4\""),
        (Object, text("\"s3://acme-video/01.mp4\","), "object-not-s3 -> \"s3://acme-video/01.mp4\""),
        (Object, text(" s3://acme-video/01.mp4"), "value-padded -> \"s3://acme-video/01.mp4\""),
        (Object, text("\u{feff}s3://acme-video/01.mp4\n"), "value-padded -> \"s3://acme-video/01.mp4\""),
        (Object, text("s3://"), "bucket-invalid"),
        (Object, text("s3:///01.mp4"), "bucket-invalid"),
        (Object, text("s3://Acme/01.mp4"), "bucket-invalid"),
        (Object, text("s3://my-ap-s3alias/01.mp4"), "bucket-invalid*"),
        (Object, text("s3://evil.com#/01.mp4"), "bucket-invalid"),
        (Object, text("s3://amzn-s3-demo-bucket/01.mp4"), "bucket-placeholder"),
        (Object, text("s3://<your-bucket>/01.mp4"), "bucket-placeholder"),
        (Object, text("s3://acme-video"), "key-missing"),
        (Object, text("s3://acme-video/"), "key-missing"),
        (Object, text("s3://acme-video/folder/"), "key-missing"),
        (Object, text("s3://acme-video//01.mp4"), "key-suspicious"),
        (Object, text("s3://acme-video/a//01.mp4"), "key-suspicious"),
        (Object, text("s3://acme-video/a/../01.mp4"), "key-suspicious"),
        (Object, text("s3://acme-video/a\\01.mp4"), "key-suspicious, stem-mismatch"),
        (Object, text("s3://acme-video/a%20b/01.mp4"), "key-percent -> \"s3://acme-video/a b/01.mp4\""),
        (Object, text("s3://acme-video/100%/01.mp4"), ""),
        (Object, text("s3://acme-video/01\u{200b}.mp4"), "key-invisible* -> \"s3://acme-video/01.mp4\""),
        (Object, text("s3://acme-video/01\u{0}.mp4"), "key-invisible -> \"s3://acme-video/01.mp4\""),
        (Object, text("s3://acme-video/a\u{a0}b/01.mp4"), "key-invisible* -> \"s3://acme-video/a b/01.mp4\""),
        (Object, text("s3://acme-video/docu séries/日本語/01.mp4"), ""),
        (Object, text("s3://acme-video/01.srt"), "object-not-video"),
        (Object, text("s3://acme-video/01"), "object-not-video*"),
        (Object, text("s3://acme-video/01.MP4"), ""),
        (Object, text("gs://acme-video/01.mp4"), "url-unconvertible"),
        (Object, text("https://videos.example.com/01.mp4"), "url-unconvertible"),
        (Object, text("arn:aws:s3:us-west-2:123456789012:accesspoint/ap/object/01.mp4"), "url-unconvertible"),
        (Transcription, text(""), "transcription-missing"),
        (Transcription, Value::Null, "transcription-missing"),
        (Transcription, Value::Absent, "transcription-missing"),
        (Transcription, Value::Other("0"), "field-not-string"),
        (Transcription, text(" "), "value-padded -> \"\""),
        (Transcription, text("01.srt"), "transcription-not-s3"),
        (Transcription, text("s3://acme-captions/"), "key-missing"),
        (Transcription, text("s3://acme-captions/01.vt"), "transcription-extension -> \"s3://acme-captions/01.vtt\""),
        (Transcription, text("s3://acme-captions/01.str"), "transcription-extension -> \"s3://acme-captions/01.srt\""),
        (
            Transcription,
            text("s3://acme-captions/01.srt.txt"),
            "transcription-extension -> \"s3://acme-captions/01.srt\"",
        ),
        (Transcription, text("s3://acme-captions/01.txt"), "transcription-extension"),
        (Transcription, text("s3://acme-captions/01"), "transcription-extension"),
        (Transcription, text("s3://acme-captions/01.SRT"), ""),
        (Transcription, text("s3://acme-captions/10.srt"), "stem-mismatch"),
        (
            Transcription,
            text("s3://acme-captions.s3.us-west-2.amazonaws.com/a/01.srt"),
            "transcription-not-s3 -> \"s3://acme-captions/a/01.srt\"",
        ),
        (Transcription, text("s3:/acme-captions/01.srt"), "transcription-not-s3 -> \"s3://acme-captions/01.srt\""),
        (Transcription, text("s3:/acme-captions"), "transcription-not-s3"),
        (Transcription, text("s3://acme.amazonaws.com/01.srt"), "url-unconvertible"),
        (Transcription, text("s3://amazonaws.com.acme/01.srt"), ""),
        (Transcription, text("s3://storage.googleapis.com/acme-clips/01.srt"), "url-unconvertible"),
        (Transcription, text("s3://acme-clips.Storage.GoogleAPIs.com/01.srt"), "url-unconvertible"),
        (Transcription, text("s3://acme.r2.cloudflarestorage.com/acme-clips/01.srt"), "url-unconvertible"),
        (Transcription, text("s3://acme-clips.nyc3.digitaloceanspaces.com/01.srt"), "url-unconvertible"),
        (Object, text("s3://s3.us-west-2.wasabisys.com/acme-clips/01.mp4"), "url-unconvertible"),
        (Transcription, text("s3://storage.googleapis.com.acme/01.srt"), ""),
        (Transcription, text("s3://acme-clips/01.srt s3://acme-clips/01.srt"), "key-suspicious"),
        (Transcription, text("s3://acme-clips/a%0Ab/01.srt"), "key-percent"),
        (Transcription, text("s3://acme-clips/a%00b/01.srt"), "key-percent"),
        (Transcription, text("s3://acme-clips/a%E2%80%8Bb/01.srt"), "key-percent"),
        (
            Transcription,
            text("https://acme-captions.s3.us-west-2.amazonaws.com/a%20b/01.srt"),
            "transcription-not-s3 -> \"s3://acme-captions/a b/01.srt\"",
        ),
    ] {
        let row = row(field, value);
        assert_eq!(brief(&findings(&row)), expected, "{:?}", row.value(field));
    }
}

#[test]
fn a_key_is_measured_in_bytes() {
    let long = format!("s3://acme-video/{}.mp4", "é".repeat(511));
    let found = findings(&Row::new(true, [text(ID), text("en"), text(&long), Value::Null], 0));
    assert_eq!(brief(&found), "key-too-long, transcription-missing");
    assert_eq!(found[0].message, "The key has 1,026 bytes, S3 allows 1,024.");
}

#[test]
fn a_repeated_key_is_an_error_whatever_it_holds() {
    let row = Row::new(true, [text(ID), text("en"), text(VIDEO), text(TRANSCRIPT)], 1 << Field::Object as u8);
    assert_eq!(brief(&findings(&row)), "field-duplicate");
}

#[test]
fn the_sentences_say_what_is_wrong_and_where() {
    for (field, value, message, at) in [
        (Field::Transcription, "s3://acme-captions/01.vt", ".vt is not .srt or .vtt.", ".vt"),
        (Field::Transcription, "s3://acme-captions/10.srt", "01 and 10 differ. Is it swapped?", "10"),
        (Field::Language, "en-US", "en-US; only en is documented.", "en-US"),
        (Field::Language, "k\u{7}o", "The language contains a control character: k‹U+0007›o.", "k\u{7}o"),
        (
            Field::Object,
            "s3://acme-video/a//01.mp4",
            "There are two slashes in a row; S3 takes them literally. Is there one too many?",
            "//",
        ),
        (
            Field::Object,
            "s3://acme-video/\u{202e}/01.mp4",
            "The key contains a character that reorders the text around it, U+202E.",
            "\u{202e}",
        ),
        (
            Field::Object,
            "s3://a_b/01.mp4",
            "Bucket names have no _; only old us-east-1 buckets do, and the service reads us-west-2.",
            "a_b",
        ),
        (
            Field::Object,
            "https://acme.s3.eu-west-1.amazonaws.com/01.mp4",
            "This is a web address; the manifest wants s3://bucket/key. The address says eu-west-1, the service reads us-west-2.",
            "https://acme.s3.eu-west-1.amazonaws.com/01.mp4",
        ),
        (
            Field::Object,
            "s3://acme.s3.us-west-2.amazonaws.com/01.mp4",
            "A host of S3 stands in the bucket's place; the manifest wants s3://bucket/key.",
            "s3://acme.s3.us-west-2.amazonaws.com/01.mp4",
        ),
        (
            Field::Transcription,
            "https://us-west-2.console.aws.amazon.com/s3/object/acme?region=us-west-2&prefix=01+x.srt",
            "This is a page of the AWS console; the manifest wants s3://bucket/key. A + in a link may be a blank; the fix keeps it, and an online check looks for both.",
            "https://us-west-2.console.aws.amazon.com/s3/object/acme?region=us-west-2&prefix=01+x.srt",
        ),
        (
            Field::Transcription,
            "https://us-west-2.console.aws.amazon.com/s3/object/acme?region=us-west-2&prefix=01%2Bx.srt",
            "This is a page of the AWS console; the manifest wants s3://bucket/key.",
            "https://us-west-2.console.aws.amazon.com/s3/object/acme?region=us-west-2&prefix=01%2Bx.srt",
        ),
        (
            Field::Object,
            "https://d1.cloudfront.net/01.mp4",
            "CloudFront is not Amazon S3. Copy the file to a bucket in us-west-2.",
            "https://d1.cloudfront.net/01.mp4",
        ),
    ] {
        let row = row(field, text(value));
        let found = findings(&row);
        assert_eq!(found[0].message, message);
        assert_eq!(&value[found[0].span.start as usize..found[0].span.end as usize], at);
    }
}

#[test]
fn a_language_with_a_control_character_is_an_error_and_one_without_a_warning() {
    for (language, severity) in
        [("ko", Severity::Warning), ("k\u{1b}o", Severity::Error), ("en\u{85}x", Severity::Error)]
    {
        assert_eq!(findings(&row(Field::Language, text(language)))[0].severity, severity, "{language:?}");
    }
}

#[test]
fn every_form_of_an_s3_address_is_recognised() {
    let plain = "s3://acme.video/a b/01+x.mp4";
    for form in [
        "https://acme.video.s3.us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "https://s3.us-west-2.amazonaws.com/acme.video/a%20b/01+x.mp4",
        "https://acme.video.s3-us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "https://s3-us-west-2.amazonaws.com/acme.video/a%20b/01+x.mp4",
        "https://acme.video.s3.amazonaws.com/a%20b/01+x.mp4",
        "https://s3.amazonaws.com/acme.video/a%20b/01+x.mp4",
        "https://acme.video.s3.dualstack.us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "https://s3.dualstack.us-west-2.amazonaws.com/acme.video/a%20b/01+x.mp4",
        "https://acme.video.s3-fips.us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "https://acme.video.s3-fips.dualstack.us-gov-west-1.amazonaws.com/a%20b/01+x.mp4",
        "https://acme.video.s3-accelerate.amazonaws.com/a%20b/01+x.mp4",
        "https://acme.video.s3-accelerate.dualstack.amazonaws.com/a%20b/01+x.mp4",
        "https://acme.video.s3.cn-north-1.amazonaws.com.cn/a%20b/01+x.mp4",
        "http://acme.video.s3-website-us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "http://acme.video.s3-website.eu-central-1.amazonaws.com/a%20b/01+x.mp4",
        "HTTPS://ACME.VIDEO.S3.US-WEST-2.AMAZONAWS.COM:443/a%20b/01+x.mp4",
        "acme.video.s3.us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "https://acme.video.s3.us-west-2.amazonaws.com/a%20b/01+x.mp4?versionId=3HL4kqtJ&response-content-type=video/mp4#t=10",
        "https://acme.video.s3.us-west-2.amazonaws.com/a%20b/01+x.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=CANARY",
        "https://acme.video.s3.amazonaws.com/a%20b/01+x.mp4?AWSAccessKeyId=CANARY&Expires=1&Signature=CANARY",
        "arn:aws:s3:::acme.video/a b/01+x.mp4",
        "arn:aws-cn:s3:::acme.video/a b/01+x.mp4",
        "https://us-west-2.console.aws.amazon.com/s3/object/acme.video?region=us-west-2&prefix=a%20b/01+x.mp4",
        "https://console.aws.amazon.com/s3/object/acme.video?prefix=a%20b%2F01%2Bx.mp4",
        "https://s3.console.aws.amazon.com/s3/object/acme.video?region=us-west-2&bucketType=general&prefix=a%20b/01%2Bx.mp4&tab=overview",
        "https://s3.console.aws.amazon.com/s3/object/acme.video/a%20b/01+x.mp4?region=us-west-2",
        "https://console.aws.amazon.com/s3/home?region=us-west-2#&bucket=acme.video&prefix=a%20b/01+x.mp4",
        "https://123456789012-abc.us-west-2.console.aws.amazon.com/s3/object/acme.video?prefix=a%20b/01%2Bx.mp4",
        "s3://acme.video.s3.us-west-2.amazonaws.com/a%20b/01+x.mp4",
        "s3://s3.us-west-2.amazonaws.com/acme.video/a%20b/01+x.mp4",
        "S3://Acme.Video.S3.Amazonaws.Com/a%20b/01+x.mp4",
        "s3:/acme.video/a b/01+x.mp4",
        "S3://acme.video/a b/01+x.mp4",
        "s3a://acme.video/a b/01+x.mp4",
        "s3n://acme.video/a b/01+x.mp4",
        " s3://acme.video/a b/01+x.mp4\n",
        "\"s3://acme.video/a b/01+x.mp4\",",
    ] {
        assert_eq!(recognise(form).as_deref(), Some(plain), "{form}");
    }
    for (form, plain) in [
        ("https://us-west-2.console.aws.amazon.com/s3/buckets/acme?prefix=news/2026/", "s3://acme/news/2026/"),
        ("https://us-west-2.console.aws.amazon.com/s3/buckets/acme", "s3://acme/"),
        ("https://acme.s3.amazonaws.com", "s3://acme/"),
        ("https://acme.s3.amazonaws.com/a%2520b", "s3://acme/a%20b"),
        ("https://acme.s3.amazonaws.com//a/../b", "s3://acme//a/../b"),
        ("https://acme.s3.amazonaws.com/100%.mp4", "s3://acme/100%.mp4"),
    ] {
        assert_eq!(recognise(form).as_deref(), Some(plain), "{form}");
    }
}

#[test]
fn what_names_no_bucket_is_not_converted() {
    for (form, part) in [
        ("https://ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com/01.mp4", "access point"),
        ("https://ap-abc-s3alias.s3.us-west-2.amazonaws.com/01.mp4", "access point"),
        ("https://s3.us-west-2.amazonaws.com/ap-abc-s3alias/01.mp4", "access point"),
        ("https://m1.mrap.accesspoint.s3-global.amazonaws.com/01.mp4", "multi-region"),
        ("https://x-123.s3-object-lambda.us-west-2.amazonaws.com/01.mp4", "Object Lambda"),
        ("https://bucket.vpce-1a2b-5e6f.s3.us-west-2.vpce.amazonaws.com/01.mp4", "private link"),
        ("https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/01.mp4", "directory bucket"),
        ("https://ec2.us-west-2.amazonaws.com/01.mp4", "names no bucket"),
        ("https://us-west-2.console.aws.amazon.com/s3/home?region=us-west-2", "page of the AWS console"),
        ("arn:aws:s3::123456789012:accesspoint/m1.mrap", "multi-region"),
        ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op/accesspoint/ap", "Outposts"),
        ("https://storage.googleapis.com/acme/01.mp4", "Google Cloud Storage"),
        ("https://acct.r2.cloudflarestorage.com/acme/01.mp4", "Cloudflare R2"),
        ("https://s3.wasabisys.com/acme/01.mp4", "Wasabi"),
        ("https://user:CANARY@files.example.net/01.mp4", "signed link"),
        ("https://evil-amazonaws.com/01.mp4", "evil-amazonaws.com is not Amazon S3"),
        ("https://s3.amazonaws.com.evil.net/acme/01.mp4", "s3.amazonaws.com.evil.net is not"),
        ("https://acme.s3.amazonaws.com/%ff.mp4", "UTF-8"),
        ("s3://ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com/01.mp4", "access point"),
        ("s3://ec2.us-west-2.amazonaws.com/01.mp4", "names no bucket"),
    ] {
        assert_eq!(recognise(form), None, "{form}");
        let row = row(Field::Object, text(form));
        let found = findings(&row);
        assert_eq!(found[0].fix, None, "{form}");
        assert!(found[0].message.to_lowercase().contains(&part.to_lowercase()), "{form}: {}", found[0].message);
    }
}

/// A secret at any position never appears in a message, a fix or a recognised form.
#[test]
fn a_signature_is_never_shown_or_kept() {
    let signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=CANARY%2F20260101&X-Amz-Signature=CANARY";
    for value in [
        format!("https://acme.s3.us-west-2.amazonaws.com/01.mp4?{signed}"),
        format!(" \"https://acme.s3.us-west-2.amazonaws.com/01.mp4?{signed}\" "),
        format!("https://acme.s3.us-west-2.amazonaws.com/01.mp4?{}", signed.replace('&', "&amp;")),
        format!("https://acme.s3.us-west-2.amazonaws.com/01.mp4%3F{}", signed.replace('&', "%26")),
        format!("https://ap-1.s3-accesspoint.us-west-2.amazonaws.com/01.mp4?{signed}"),
        format!("https://acme.s3.us-west-2.amazonaws.com?{signed}"),
        format!("https://acme.s3.us-west-2.amazonaws.com/01.mp4&{signed}"),
        format!("https://cdn.example.com/01.mp4?{signed}"),
        format!("acme.s3.us-west-2.amazonaws.com/01.mp4?{signed}"),
        format!("s3://acme/01.mp4?{signed}"),
        format!("s3://acme/01.mp4 ?{signed}\n"),
        format!("s3://acme?{signed}"),
        format!("s3://{signed}/01.mp4?a"),
        format!("ftp://x/01.mp4?{signed}"),
        format!("01.mp4?{signed}"),
        "https://acme.s3.amazonaws.com/01.mp4?AWSAccessKeyId=CANARY&Expires=1&Signature=CANARY".into(),
        "https://d1.cloudfront.net/01.mp4?Expires=1&Signature=CANARY&Key-Pair-Id=CANARY".into(),
        "https://acme.blob.core.windows.net/c/01.mp4?sv=1&sig=CANARY".into(),
        "https://storage.googleapis.com/acme/01.mp4?X-Goog-Signature=CANARY".into(),
        "https://files.example.com/01.mp4?token=CANARY".into(),
        "https://CANARY:CANARY@acme.s3.amazonaws.com/01.mp4".into(),
        "s3n://AKIA:CANARY@acme/01.mp4".into(),
        "s3://AKIA:CANARY@acme/01.mp4".into(),
        "s3://AKIA:CAN/CANARY@acme/01.mp4".into(),
    ] {
        for field in Field::ALL {
            let row = row(field, text(&value));
            let found = findings(&row);
            assert!(!found.is_empty(), "{value}");
            assert!(!format!("{found:?}").contains("CANARY"), "{value}: {found:#?}");
            if matches!(field, Field::Object | Field::Transcription) {
                assert_eq!(found[0].rule.code(), "url-presigned", "{value}");
                assert_eq!(found.len(), 1, "{value}: {found:?}");
            }
        }
        assert!(!format!("{:?}", recognise(&value)).contains("CANARY"), "{value}");
    }
    let row = row(Field::Object, text("https://acme.s3.us-west-2.amazonaws.com/01.mp4?X-Amz-Signature=x"));
    assert_eq!(brief(&findings(&row)), "url-presigned -> \"s3://acme/01.mp4\"");
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(s3|S3|https|arn|)(://|:)[a-zA-Z0-9.<>@:#?%\\\\/ é\u{200b}\u{202e}\n-]{0,40}(\\.mp4|\\.vt|\\.srt|/)?",
        "https://[a-z.]{0,12}(s3|s3-us-west-2|console)(\\.us-west-2)?\\.(amazonaws\\.com|aws\\.amazon\\.com)/[a-z/%0-9?&=#]{0,30}",
    ]
}

proptest! {
    /// `findings` asserts that messages are printable, spans are valid, and promised fixes exist.
    #[test]
    fn any_text_in_any_field_is_judged_without_panic(values in prop::array::uniform4(any_value()), repeated in 0u8..16) {
        let row = Row::new(true, [text(&values[0]), text(&values[1]), text(&values[2]), text(&values[3])], repeated);
        findings(&row);
    }

    #[test]
    fn a_fix_that_was_taken_is_not_proposed_again(value in any_value(), field in prop::sample::select(Field::ALL.to_vec())) {
        for finding in findings(&row(field, text(&value))) {
            if let Some(Fix::Set(field, fixed)) = finding.fix {
                prop_assert_ne!(&fixed, &value);
                let again = findings(&row(field, text(&fixed)));
                // `%2525` is decoded once for each fix that is applied.
                let twice = again.iter().any(|f| f.rule == finding.rule && f.rule.code() != "key-percent");
                prop_assert!(!twice, "{:?} -> {:?} -> {:?}", value, fixed, again);
            }
        }
    }
}

#[test]
fn every_sentence_is_whole() {
    let cases = [
        (
            "https://us-west-2.console.aws.amazon.com/s3/buckets/acme",
            "This page of the AWS console names a bucket or folder, not an object. Write s3://bucket/key.",
        ),
        ("arn:aws:s3:::acme/", "This ARN names a bucket or folder, not an object. Write s3://bucket/key."),
        (
            "https://acme.s3.us-west-2.amazonaws.com/news/",
            "This web address names a bucket or folder, not an object. Write s3://bucket/key.",
        ),
        ("arn:aws:s3:::Acme/01.mp4", "This ARN contains an invalid bucket name. Write s3://bucket/key."),
        ("S3://Acme/01.mp4", "This address contains an invalid bucket name. Write s3://bucket/key."),
        (
            "http://acme.s3-website-us-west-2.amazonaws.com/01.mp4",
            "An S3 website may answer with a page and not the object; the manifest wants s3://bucket/key.",
        ),
        ("arn:aws:s3:::acme/01.mp4", "This is an ARN; the manifest wants s3://bucket/key."),
        ("s3://acme-video/01", "The name has no extension, so the kind of file is unknown."),
        ("s3://acme-video/0\u{200b}1.mp4", "The key contains an invisible character, U+200B."),
    ];
    for (object, message) in cases {
        let found = findings(&row(Field::Object, text(object)));
        assert!(found.iter().any(|finding| finding.message == message), "{object}: {found:#?}");
    }
    let secret = findings(&row(Field::Language, text("https://x.example/?token=CANARY")));
    assert!(secret.iter().any(|f| f.message.starts_with("This is a web address, and no language;")), "{secret:#?}");
    assert!(!format!("{secret:?}").contains("CANARY"));
}

#[test]
fn a_value_that_is_no_string_is_named_for_what_it_is() {
    let half = |escape: &str| {
        format!(
            "transcription contains {escape}, half of a surrogate pair, which is not a character. Type the value again."
        )
    };
    let must = |kind: &str| format!("transcription is {kind}; it must be a JSON string.");
    let cases = [
        (r#""s3://acme/01\ud83d.srt""#, half(r"\ud83d")),
        (r#""\uD83D\u0041""#, half(r"\uD83D")),
        (r#""\ud83d\ude00 \ude00""#, half(r"\ude00")),
        (r#""\\ud83d \ud83d\ud83d\ude00""#, half(r"\ud83d")),
        ("1.5", must("a number")),
        ("-1", must("a number")),
        ("true", must("true or false")),
        ("[1]", must("an array")),
        ("{}", must("an object")),
    ];
    for (raw, message) in cases {
        let found = findings(&row(Field::Transcription, Value::Other(raw)));
        assert_eq!(found.first().map(|finding| finding.message.as_str()), Some(message.as_str()), "{raw}");
    }
}

#[test]
fn a_manifest_with_half_a_surrogate_pair_is_read_and_says_so() {
    let bytes = br#"[{"index_id": "65f1c0ffee0123456789abcd", "language": "en", "object": "s3://acme-clips/01.mp4",
        "transcription": "s3://acme-clips/01\ud83d.srt"}]"#;
    let manifest = cuecard::domain::manifest::Manifest::parse(bytes.to_vec()).unwrap();
    let found = findings(&manifest.row(0));
    assert!(
        found.iter().any(|finding| finding.message.contains(r"contains \ud83d, half of a surrogate pair")),
        "{found:?}"
    );
}
