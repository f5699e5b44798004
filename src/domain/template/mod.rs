//! Names transcripts after their videos: `s3://acme-captions/{folder}/{stem}.{lang}.vtt`.
//!
//! A template is text with parts in braces, which are taken from the row's video or language. It can be typed
//! ([`Template::read`]), stored (its `Display` parses back to itself), learnt from filled rows ([`learn()`]) and
//! applied to a million rows before one is filled ([`apply()`]). Nothing here changes a draft.

mod apply;
mod fill;
mod learn;
mod read;

pub use apply::{Applied, Fit, apply};
pub use fill::NoValue;
pub use learn::{LearntTemplate, Lesson, Rival, learn};
pub use read::TemplateFault;

use crate::format::counted;
use std::fmt;

/// A template that the operator keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTemplate {
    pub name: String,
    pub text: String,
    /// Unix time in milliseconds.
    pub saved_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Texts are not empty and not adjacent.
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Text(String),
    Part(Part),
}

/// The content of a pair of braces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    source: Source,
    case: Option<Case>,
    /// The separator between words, one of [`SEPARATORS`].
    separator: Option<char>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    Bucket,
    /// The video's folders from the first to the last of these, inclusive.
    Folder {
        first: PartPosition,
        last: PartPosition,
    },
    /// The file name without its extension.
    Stem,
    /// The stem without picture size, codec and version at its end.
    BareStem,
    /// A word of the stem.
    Token(PartPosition),
    Number {
        which: Which,
        width: Option<u8>,
    },
    Lang(Style),
    Ext,
}

/// From 1, or from the end if negative; never 0.
type PartPosition = i16;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Which {
    /// In the stem.
    Nth(PartPosition),
    /// The last number after this word (in lower case), anywhere in the key.
    After(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Style {
    /// As in the row.
    Own,
    /// `en`
    Short,
    /// `eng`
    Three,
    /// `english`
    Long,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Case {
    Lower,
    Upper,
    Title,
}

/// Separators between the words of a name, which a part can replace.
const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];

/// Most digits that a number is padded to.
const WIDEST: u8 = 18;

impl Source {
    const WHOLE_FOLDER: Source = Source::Folder { first: 1, last: -1 };

    /// What the row lacks: `number 2`, `language`.
    fn missing(&self) -> String {
        let nth = |place: &PartPosition, what: &str| match place {
            -1 => format!("last {what}"),
            place if *place < 0 => format!("{what} {} from the end", place.unsigned_abs()),
            place => format!("{what} {place}"),
        };
        match self {
            Source::Bucket | Source::Stem | Source::BareStem => "video in a bucket".into(),
            Source::Folder { first, last } if *first == *last => nth(first, "folder"),
            Source::Folder { first, .. } if *first > 1 => counted(first.unsigned_abs().into(), "folder"),
            Source::Folder { last, .. } => counted(last.unsigned_abs().into(), "folder"),
            Source::Token(place) => nth(place, "word"),
            Source::Number { which: Which::Nth(place), .. } => nth(place, "number"),
            Source::Number { which: Which::After(label), .. } => format!("number after {label}"),
            Source::Lang(Style::Own) => "language".into(),
            Source::Lang(_) => "language that is known by another name".into(),
            Source::Ext => "ending".into(),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Piece::Part(part) => part.fmt(f)?,
            }
        }
        Ok(())
    }
}

/// With its braces.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Bucket => f.write_str("{bucket")?,
            Source::Folder { first: 1, last: -1 } => f.write_str("{folder")?,
            Source::Folder { first, last } if first == last => write!(f, "{{folder:{first}")?,
            Source::Folder { first, last: -1 } => write!(f, "{{folder:{first}..")?,
            Source::Folder { first: 1, last } => write!(f, "{{folder:..{last}")?,
            Source::Folder { first, last } => write!(f, "{{folder:{first}..{last}")?,
            Source::Stem => f.write_str("{stem")?,
            Source::BareStem => f.write_str("{stem:bare")?,
            Source::Token(place) => write!(f, "{{token:{place}")?,
            Source::Number { which, width } => {
                match which {
                    Which::Nth(place) => write!(f, "{{number:{place}")?,
                    Which::After(label) => write!(f, "{{number:{label}")?,
                }
                width.map_or(Ok(()), |width| write!(f, ":{width}"))?;
            }
            Source::Lang(Style::Own) => f.write_str("{lang")?,
            Source::Lang(Style::Short) => f.write_str("{lang:short")?,
            Source::Lang(Style::Three) => f.write_str("{lang:three")?,
            Source::Lang(Style::Long) => f.write_str("{lang:long")?,
            Source::Ext => f.write_str("{ext")?,
        }
        match self.case {
            None => {}
            Some(Case::Lower) => f.write_str(":lower")?,
            Some(Case::Upper) => f.write_str(":upper")?,
            Some(Case::Title) => f.write_str(":title")?,
        }
        self.separator.map_or(Ok(()), |separator| write!(f, ":{separator}"))?;
        f.write_str("}")
    }
}

impl Template {
    fn new(pieces: impl IntoIterator<Item = Piece>) -> Template {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Text(text)) if text.is_empty() => {}
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        Template { pieces: joined }
    }

    /// Whether it is the same text for every row.
    pub fn is_constant(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }
}

#[cfg(test)]
mod tests;
