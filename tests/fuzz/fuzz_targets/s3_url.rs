//! Addresses of objects in any form, and their secrets: what is recognised is valid, and no signature survives.
#![no_main]

use cuecard_domain::printable::hidden;
use cuecard_domain::s3_url::{Fault, S3Url, bucket, carries_secret, key, name, recognise, stored_form, without_secret};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "5eCr3t0123456789";

fuzz_target!(|text: &str| {
    check(text);
    if let Ok(url) = S3Url::parse(text) {
        assert_eq!(url.to_string(), text, "the key is literal");
        assert!(!url.key().is_empty() && url.key().len() <= key::MAX_BYTES);
        assert!(url.bucket().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b)));
        assert_eq!(format!("{}{}", url.folder(), url.file_name()).trim_matches('/'), url.key().trim_matches('/'));
    }
    let _ = (key::look(text), key::cleaned(text), key::invisible(text), bucket::is_placeholder(text));
    if let Some((_, range)) = key::suspicion(text) {
        assert!(text.get(range).is_some());
    }

    // The same with a signature: nothing that is kept or shown has it.
    if text.contains(SECRET) {
        return;
    }
    for signed in [
        format!("{text}?X-Amz-Signature={SECRET}"),
        format!("{text}?a=b&X-Amz-Signature={SECRET}&{text}"),
        format!("https://acme.s3.amazonaws.com/{text}?AWSAccessKeyId=x&Signature={SECRET}"),
        format!("https://user:{SECRET}@example.com/{text}"),
    ] {
        assert!(carries_secret(&signed), "{signed:?}");
        let shown = without_secret(&signed);
        assert!(!shown.contains(SECRET), "{signed:?}: {shown:?}");
        let stored = stored_form(&signed).expect("it has a secret");
        assert!(!stored.contains(SECRET), "{signed:?}: {stored:?}");
        check(&signed);
        let told = [recognise(&signed), name(&signed).and_then(|named| named.object())];
        assert!(told.iter().flatten().all(|told| !told.contains(SECRET)), "{signed:?}: {told:?}");
    }
});

fn check(text: &str) {
    if let Some(plain) = recognise(text) {
        assert!(!carries_secret(&plain), "{text:?}: {plain:?}");
        assert!(plain.starts_with("s3://") && plain != text);
        let fault = S3Url::parse(&plain).err();
        assert!(matches!(fault, None | Some(Fault::NoKey | Fault::LongKey)), "{text:?}: {plain:?}: {fault:?}");
    }
    if let Some(named) = name(text) {
        assert_eq!(named.is_secret, carries_secret(text) || named.is_secret);
        assert!(named.host.as_deref().is_none_or(|host| !host.contains('@')), "{text:?}: {named:?}");
        if let Some(object) = named.object() {
            let fault = S3Url::parse(&object).err();
            assert!(matches!(fault, None | Some(Fault::LongKey)), "{text:?}: {object:?}: {fault:?}");
            assert!(!carries_secret(&object), "{text:?}: {object:?}");
        }
        if let Err(reason) = named.place {
            let _ = hidden(&format!("{reason:?}")).count();
        }
    }
    match stored_form(text) {
        Some(stored) => assert!(!carries_secret(&stored), "{text:?}: {stored:?}"),
        None => assert!(!carries_secret(text)),
    }
    assert!(!carries_secret(&without_secret(text)), "{text:?}");
}
