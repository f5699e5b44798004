//! Which engines an index has and whose limit counts: the strictest one.

use super::Verdict;
use crate::index::Index;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Marengo,
    Pegasus,
}

impl Name {
    pub fn word(self) -> &'static str {
        match self {
            Name::Marengo => "Marengo",
            Name::Pegasus => "Pegasus",
        }
    }
}

/// The engines of an index, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engines {
    One(Name),
    Both,
    Unknown,
}

impl Engines {
    /// Recognised by the start of their names: `marengo2.6`, `pegasus1.1`.
    pub fn of(index: Option<&Index>) -> Engines {
        let has = |name: &str| {
            let starts = |engine: &str| engine.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            index.is_some_and(|index| index.engines.iter().any(|engine| starts(engine)))
        };
        match (has("marengo"), has("pegasus")) {
            (true, true) => Engines::Both,
            (true, false) => Engines::One(Name::Marengo),
            (false, true) => Engines::One(Name::Pegasus),
            (false, false) => Engines::Unknown,
        }
    }

    /// The verdict for the index, and the engine that sets the limit.
    pub fn judge(self, verdict: impl Fn(Name) -> Verdict) -> (Verdict, Name) {
        if let Engines::One(name) = self {
            return (verdict(name), name);
        }
        let (marengo, pegasus) = (verdict(Name::Marengo), verdict(Name::Pegasus));
        let (strict, name, mild) = match pegasus.rank() > marengo.rank() {
            true => (pegasus, Name::Pegasus, marengo),
            false => (marengo, Name::Marengo, pegasus),
        };
        let strict = match strict {
            Verdict::Outside if self == Engines::Unknown && mild != Verdict::Outside => {
                Verdict::Doubtful(format!("it is unknown whether the index has {}", name.word()))
            }
            strict => strict,
        };
        (strict, name)
    }
}
