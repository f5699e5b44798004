//! The one function that makes untrusted text safe to show.

use std::borrow::Cow;

/// Every control, bidi, zero-width, tag and other invisible character becomes a visible token such as `‹U+202E›`;
/// nothing is deleted. Text without any is returned as it is.
pub fn printable(text: &str) -> Cow<'_, str> {
    let _ = text;
    todo!()
}
