//! The API key in a reply of any bytes, in a form that a server may echo it: none of it is left.
//!
//! Input: a byte for the form, one for the place, the reply.
#![no_main]

use libfuzzer_sys::fuzz_target;
use redact::Redactor;
use std::sync::LazyLock;

/// What the redactor takes from the domain.
mod domain {
    pub use cuecard_domain::printable;
}

#[expect(dead_code, reason = "the program uses all of it")]
#[path = "../../../src/io/twelve_labs/redact.rs"]
mod redact;

const KEY: &str = "tlk_CANARY?0123>456~789";
static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(KEY));

fuzz_target!(|data: &[u8]| {
    let Some((&[form, place], text)) = data.split_first_chunk() else { return };
    let coded = match form % 5 {
        0 => KEY.to_owned(),
        1 => KEY.to_uppercase(),
        2 => KEY.chars().rev().collect(),
        3 => KEY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        _ => KEY.bytes().map(|byte| format!("%{byte:02X}")).collect(),
    };
    // An escape before it would take its first character.
    let between: &[u8] = if form % 5 == 4 { b" " } else { b"" };
    let at = text.len() * usize::from(place) / 256;
    let said = [&text[..at], between, coded.as_bytes(), between, &text[at..]].concat();
    for is_cut in [false, true] {
        let marked = REDACTOR.redacted(&said, is_cut);
        let told = marked.to_ascii_lowercase();
        let gone = coded.to_ascii_lowercase();
        assert!(memchr::memmem::find(&told, gone.as_bytes()).is_none(), "{}", String::from_utf8_lossy(&marked));
        let part = &gone.as_bytes()[..gone.len() / 2];
        assert!(memchr::memmem::find(&told, part).is_none(), "{}", String::from_utf8_lossy(&marked));
        assert!(memchr::memmem::find(&marked, "‹the API key›".as_bytes()).is_some());
    }
    // A reply without the key, cut within it.
    let cut = [text, b" ", &KEY.as_bytes()[..4 + usize::from(place) % (KEY.len() - 4)]].concat();
    let marked = REDACTOR.redacted(&cut, true);
    assert!(marked.ends_with("‹the API key›".as_bytes()), "{}", String::from_utf8_lossy(&marked));
});
