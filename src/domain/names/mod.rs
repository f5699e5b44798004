//! File names: what they say, whatever way they are written. The one engine for rules, ranking and pairing.
//!
//! [`clean`] gives a name in one form of Unicode, [`Tokens`] takes it apart, [`ends`] leaves off what doesn't name the thing,
//! [`sense`] says what is left whatever the order. Comparing is comparing hashes of 64 bits: nothing is allocated for a name
//! in plain characters.

pub mod ends;
pub mod folders;
mod language;
pub mod sense;
mod token;
pub mod words;

pub use ends::{Cut, Step, Tag};
pub use language::Language;
pub use token::{Gap, Kind, Token, Tokens, join, joined, mix};

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A name as it is compared: percent-decoded where it was encoded, in NFKC, so that full-width letters, stand-ins such as
/// `：` and decomposed accents read as usual.
pub fn clean(name: &str) -> Cow<'_, str> {
    let decoded = match crate::domain::s3_url::key::percent(name) {
        Some(_) => crate::domain::s3_url::key::decoded(name).unwrap_or(Cow::Borrowed(name)),
        None => Cow::Borrowed(name),
    };
    if decoded.is_ascii() || is_nfkc_quick(decoded.chars()) == IsNormalized::Yes {
        return decoded;
    }
    Cow::Owned(decoded.nfkc().collect())
}
