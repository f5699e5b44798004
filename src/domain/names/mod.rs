//! Parses file names into their meaning, independent of spelling. The one engine for rules, ranking and pairing.
//!
//! [`clean`] normalises Unicode, [`Tokens`] splits a name, [`ends`] cuts parts that don't name the video, [`sense`]
//! reads the rest independent of order. Names are compared by 64-bit hashes: a name costs no memory of its own
//! where [`Tokens`] are reused.

pub mod ends;
pub mod folders;
mod language;
pub mod sense;
mod token;
pub mod words;

pub use ends::{Cut, Step, Tag};
pub use language::Language;
pub use token::{Gap, Token, TokenKind, Tokens, join, joined, mix};

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A name in comparable form: percent-decoded if it was encoded, and in NFKC, so that full-width letters, substitutes
/// such as `：` and decomposed accents compare equal.
pub fn clean(name: &str) -> Cow<'_, str> {
    let decoded = match crate::s3_url::key::percent(name) {
        Some(_) => crate::s3_url::key::decoded(name).unwrap_or(Cow::Borrowed(name)),
        None => Cow::Borrowed(name),
    };
    if decoded.is_ascii() || is_nfkc_quick(decoded.chars()) == IsNormalized::Yes {
        return decoded;
    }
    Cow::Owned(decoded.nfkc().collect())
}
