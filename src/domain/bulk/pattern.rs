//! A search pattern and its replacement: Rust regular expressions, `$1` and `${name}`. Both are parsed before use, so a
//! mistake is shown with its position, and a reference to a missing group can't empty a value.

use regex::{Captures, Regex, RegexBuilder};
use std::borrow::Cow;
use std::ops::Range;

/// Longest pattern or replacement, in bytes.
const LONGEST: usize = 4_096;
/// Largest compiled pattern, in bytes: `\w{1000}{1000}` is refused instead of stalling.
const LARGEST: usize = 1 << 22;

#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    with: String,
}

/// Which of the two inputs is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Find,
    With,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}, column {column}")]
pub struct PatternFault {
    pub part: Part,
    /// Byte range in that input.
    pub span: Range<usize>,
    /// In characters, from 1.
    pub column: usize,
    pub why: String,
}

impl PatternFault {
    fn new(part: Part, text: &str, span: Range<usize>, why: impl Into<String>) -> PatternFault {
        let column = text.get(..span.start).map_or(1, |before| before.chars().count() + 1);
        PatternFault { part, span, column, why: why.into() }
    }
}

impl Pattern {
    /// # Errors
    /// [`PatternFault`] with the position of the mistake.
    pub fn new(find: &str, with: &str) -> Result<Pattern, PatternFault> {
        let regex = read(find)?;
        for (part, text) in [(Part::Find, find), (Part::With, with)] {
            if text.len() > LONGEST {
                return Err(PatternFault::new(part, text, 0..text.len(), "longer than 4,096 bytes"));
            }
        }
        let has_group = |name: &str| match name.parse::<usize>() {
            Ok(number) => number < regex.captures_len(),
            Err(_) => regex.capture_names().flatten().any(|known| known == name),
        };
        for (span, name) in references(with) {
            if !has_group(name) {
                let digits = name.trim_start_matches(|c: char| c.is_ascii_digit());
                let (number, rest) = name.split_at(name.len() - digits.len());
                let is_run_on = !rest.is_empty() && !number.is_empty() && has_group(number);
                let why = if is_run_on {
                    format!("no group {name} in the pattern; is ${{{number}}}{rest} meant?")
                } else {
                    format!("no group {name} in the pattern")
                };
                return Err(PatternFault::new(Part::With, with, span, why));
            }
        }
        Ok(Pattern { regex, with: with.to_owned() })
    }

    /// Replaces every match; None if nothing matches.
    pub fn replaced<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.regex.is_match(text).then(|| self.regex.replace_all(text, self.with.as_str()))
    }

    /// Groups of the first match as (`$1` or `${name}`, text). Empty if nothing matches.
    pub fn groups<'t>(&self, text: &'t str) -> Vec<(String, &'t str)> {
        let Some(found) = self.regex.captures(text) else { return Vec::new() };
        let text = |at: usize, found: &Captures<'t>| found.get(at).map_or("", |group| group.as_str());
        let names = self.regex.capture_names().enumerate().skip(1);
        names
            .map(|(at, name)| (name.map_or_else(|| format!("${at}"), |name| format!("${{{name}}}")), text(at, &found)))
            .collect()
    }
}

/// Parses a pattern without a replacement, for conditions.
///
/// # Errors
/// [`PatternFault`], always of [`Part::Find`].
pub(super) fn read(find: &str) -> Result<Regex, PatternFault> {
    use regex_syntax::Error;
    let whole = |why: &str| PatternFault::new(Part::Find, find, 0..find.len(), why);
    if find.len() > LONGEST {
        return Err(whole("longer than 4,096 bytes"));
    }
    if let Err(error) = regex_syntax::Parser::new().parse(find) {
        let placed = |span: &regex_syntax::ast::Span, why: String| {
            PatternFault::new(Part::Find, find, span.start.offset..span.end.offset, why)
        };
        return Err(match &error {
            Error::Parse(error) => placed(error.span(), error.kind().to_string()),
            Error::Translate(error) => placed(error.span(), error.kind().to_string()),
            _ => whole("no pattern"),
        });
    }
    RegexBuilder::new(find).size_limit(LARGEST).build().map_err(|_| whole("the pattern is too large"))
}

/// Group references in a replacement, as `regex` parses them: `$$` is a dollar sign, `${…}` a name, `$` takes as many
/// word characters as follow. A dollar sign before anything else is literal.
fn references(with: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + with.get(from..)?.find('$')?;
            let rest = with.get(at + 1..)?;
            from = at + 1;
            if rest.starts_with('$') {
                from += 1;
            } else if let Some(inner) = rest.strip_prefix('{') {
                if let Some(end) = inner.find('}') {
                    from = at + 2 + end + 1;
                    return inner.get(..end).map(|name| (at..from, name));
                }
            } else {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                if end > 0 {
                    from = at + 1 + end;
                    return rest.get(..end).map(|name| (at..from, name));
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_pattern_is_told_at_its_place() {
        for (find, with, part, said) in [
            ("^s3://old-captions/(\\d{4}", "", Part::Find, "unclosed group, column 20"),
            ("é(", "", Part::Find, "unclosed group, column 2"),
            ("[z-a]", "", Part::Find, "invalid character class range, the start must be <= the end, column 2"),
            ("a)", "", Part::Find, "unopened group, column 2"),
            ("(a)", "x$2", Part::With, "no group 2 in the pattern, column 2"),
            ("(a)", "é${name}", Part::With, "no group name in the pattern, column 2"),
            ("(a)", "$1_x", Part::With, "no group 1_x in the pattern; is ${1}_x meant?, column 1"),
            ("\\w{900}{900}", "", Part::Find, "the pattern is too large, column 1"),
        ] {
            let fault = Pattern::new(find, with).unwrap_err();
            assert_eq!((fault.part, fault.to_string().as_str()), (part, said), "{find} {with}");
        }
        assert!(Pattern::new(&"a".repeat(5_000), "").is_err());
        assert!(Pattern::new("a", &"a".repeat(5_000)).is_err());
    }

    #[test]
    fn every_match_is_replaced_and_dollars_can_be_meant() {
        for (find, with, text, new) in [
            (
                "^s3://old/(\\d{4})/(.+)\\.srt$",
                "s3://new/news/$1/$2.vtt",
                "s3://old/2026/0704.srt",
                Some("s3://new/news/2026/0704.vtt"),
            ),
            ("(?<y>\\d+)", "${y}x", "1 2", Some("1x 2x")),
            ("a", "$$1", "a", Some("$1")),
            ("a", "$", "a", Some("$")),
            ("a", "$ ${", "a", Some("$ ${")),
            ("a", "b", "c", None),
            ("a", "a", "a", Some("a")),
            ("^$", "en", "", Some("en")),
        ] {
            assert_eq!(Pattern::new(find, with).unwrap().replaced(text).as_deref(), new, "{find}");
        }
    }

    #[test]
    fn groups_are_shown_by_the_names_that_a_replacement_uses() {
        let pattern = Pattern::new("(\\d+)/(?<name>[a-z]+)(x)?", "").unwrap();
        let groups = pattern.groups("2026/abc");
        let shown: Vec<(&str, &str)> = groups.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        assert_eq!(shown, [("$1", "2026"), ("${name}", "abc"), ("$3", "")]);
        assert!(pattern.groups("none").is_empty());
    }
}
