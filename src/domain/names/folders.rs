//! Compares the folders of two keys.
//!
//! A folder is compared by its parts, without words for the kind of file (`video`, `subs`) and for the root of a tree
//! (`uploads`). Numbers in them are facts that must not contradict: season 1 is not season 2.

use super::sense;
use super::token::{Gap, Token, TokenKind, Tokens};
use super::words::{Meaning, is_size, label_name, last_run, word};
use super::{Language, clean};
use std::cmp::Ordering;

/// A number in a folder's name, with its label if it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    label: u64,
    value: u64,
}

/// A part of a folder that names something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub hash: u64,
    facts: [Fact; 3],
    count: u8,
    /// The whole part is a language: `en`, `español`.
    pub language: Option<Language>,
    /// Outdated files: `old`, `backup`.
    pub is_stale: bool,
    /// Byte offset in the folder.
    pub start: u32,
    pub end: u32,
}

impl Part {
    fn facts(&self) -> &[Fact] {
        self.facts.get(..usize::from(self.count)).unwrap_or_default()
    }
}

/// Number of parts compared, from the end; deeper trees differ below the top, too.
pub const MOST: usize = 8;

/// The parts of a folder, outermost first.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    len: usize,
    all: [Part; MOST],
}

impl std::ops::Deref for Parts {
    type Target = [Part];

    fn deref(&self) -> &[Part] {
        self.all.get(..self.len).unwrap_or_default()
    }
}

impl Parts {
    /// Parses everything up to and including the last slash of a key.
    pub fn of(folder: &str) -> Parts {
        let mut parts = Parts::default();
        let mut end = folder.len();
        for name in folder.rsplit('/') {
            let start = end - name.len();
            if let Some(part) = part(name)
                && let Some(slot) = parts.all.get_mut(parts.len)
            {
                *slot = Part { start: start as u32, end: end as u32, ..part };
                parts.len += 1;
            }
            end = start.saturating_sub(1);
        }
        if let Some(all) = parts.all.get_mut(..parts.len) {
            all.reverse();
        }
        parts
    }

    /// Removes the parts that don't count here.
    pub fn without(&self, is_out: impl Fn(&Part) -> bool) -> Parts {
        let mut parts = Parts::default();
        for part in self.iter().filter(|part| !is_out(part)) {
            if let Some(slot) = parts.all.get_mut(parts.len) {
                *slot = *part;
                parts.len += 1;
            }
        }
        parts
    }
}

/// A part that says more than the kind of its files.
fn part(name: &str) -> Option<Part> {
    let name = clean(name);
    let all = Tokens::of(&name);
    let mut tokens: &[Token] = &all;
    let whole = tokens;
    if tokens.is_empty() || is_root(tokens) {
        return None;
    }
    // Kinds at either end are cut: `mix-subs`, `captions_2023`.
    while let Some(start) = last_run(tokens) {
        let run = tokens.get(start..).unwrap_or_default();
        if !word(run).is(Meaning::KIND.or(Meaning::MEDIA)) && !is_size(&name, run) {
            break;
        }
        tokens = tokens.get(..start).unwrap_or_default();
    }
    while let Some(end) = first_run(tokens) {
        if !word(tokens.get(..end).unwrap_or_default()).is(Meaning::KIND) {
            break;
        }
        tokens = tokens.get(end..).unwrap_or_default();
    }
    if tokens.is_empty() || is_root(tokens) {
        return None;
    }
    let found = word(tokens);
    let is_one = first_run(tokens) == Some(tokens.len());
    let language = if is_one { found.language } else { with_region(tokens) };
    let stale_run = |tokens: &[Token]| {
        last_run(tokens).is_some_and(|at| word(tokens.get(at..).unwrap_or_default()).is(Meaning::STALE))
    };
    let is_stale = stale_run(tokens)
        || first_run(tokens).is_some_and(|end| word(tokens.get(..end).unwrap_or_default()).is(Meaning::STALE));
    let hash = singular(&name, tokens).unwrap_or_else(|| sense::of(tokens).hash);
    let (facts, count) = facts(whole);
    Some(Part { hash, facts, count, language, is_stale, start: 0, end: 0 })
}

fn is_root(tokens: &[Token]) -> bool {
    first_run(tokens) == Some(tokens.len())
        && word(tokens).is(Meaning::ROOT.or(Meaning::KIND).or(Meaning::TECHNICAL).or(Meaning::MEDIA))
}

fn first_run(tokens: &[Token]) -> Option<usize> {
    let (_, rest) = tokens.split_first()?;
    Some(rest.iter().position(|token| token.gap != Gap::Joined).map_or(tokens.len(), |at| at + 1))
}

/// `en-US`, `zh_Hans`
fn with_region(tokens: &[Token]) -> Option<Language> {
    let start = last_run(tokens)?;
    let (language, region) = tokens.split_at_checked(start)?;
    let is_region = word(region).is(Meaning::REGION) && first_run(language) == Some(language.len());
    word(language).language.filter(|_| is_region)
}

/// `feeds` becomes `feed`.
fn singular(name: &str, tokens: &[Token]) -> Option<u64> {
    let last = tokens.last().filter(|last| last.kind == TokenKind::Word && last.letters >= 4)?;
    let text = name.get(tokens.first()?.start as usize..last.end as usize)?;
    let text = text.strip_suffix(['s', 'S'])?;
    Some(sense::of::<Token>(&Tokens::of(text)).hash)
}

/// The first numbers, and how many.
fn facts(tokens: &[Token]) -> ([Fact; 3], u8) {
    let (mut facts, mut count) = ([Fact::default(); 3], 0);
    sense::numbers(tokens, &mut |label, value| {
        if let Some(slot) = facts.get_mut(usize::from(count)) {
            *slot = Fact { label, value };
            count += 1;
        }
    });
    (facts, count)
}

/// How two folders relate, from the video's side. Nearer is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// The same path apart from words for kind and root.
    Mirrored,
    /// The same parts under another root.
    OtherRoot,
    /// One of them has more parts; nothing differs.
    More,
    /// Nothing in common and no contradiction.
    Unrelated,
    /// Under the same parent, with different names.
    Siblings,
    /// Their numbers differ.
    Contradict,
}

/// How the folders of a video and a transcript relate.
pub fn relation(video: &[Part], transcript: &[Part]) -> Relation {
    let same = |(a, b): &(&Part, &Part)| a.hash == b.hash;
    let end = video.iter().rev().zip(transcript.iter().rev()).take_while(same).count();
    let (video, transcript) = (
        video.get(..video.len() - end).unwrap_or_default(),
        transcript.get(..transcript.len() - end).unwrap_or_default(),
    );
    let begin = video.iter().zip(transcript).take_while(same).count();
    let (video, transcript) = (video.get(begin..).unwrap_or_default(), transcript.get(begin..).unwrap_or_default());
    if video.is_empty() && transcript.is_empty() {
        return Relation::Mirrored;
    }
    if contradict(video, transcript) {
        return Relation::Contradict;
    }
    if video.is_empty() || transcript.is_empty() {
        return Relation::More;
    }
    let shares = |a: &[Part], b: &[Part]| a.iter().any(|part| b.iter().any(|other| part.hash == other.hash));
    match (begin, end) {
        _ if shares(video, transcript) => Relation::OtherRoot,
        (1.., _) => Relation::Siblings,
        (0, 1..) => Relation::OtherRoot,
        (0, 0) => Relation::Unrelated,
    }
}

/// A label counts something else at the end of each: `Season 1` and `Season 1/Season 2`.
pub fn labels_contradict(a: &[Part], b: &[Part]) -> bool {
    let last = |parts: &[Part], label: u64| {
        parts.iter().flat_map(Part::facts).rfind(|fact| fact.label == label).map(|fact| fact.value)
    };
    let labels = a.iter().flat_map(Part::facts).map(|fact| fact.label).filter(|label| label_name(*label).is_some());
    let mut pairs = labels.filter_map(|label| last(a, label).zip(last(b, label)));
    pairs.any(|(a, b)| a != b)
}

/// Both contain numbers, and the smaller set is not part of the larger one.
pub fn contradict(a: &[Part], b: &[Part]) -> bool {
    let facts = |parts: &'_ [Part]| parts.iter().flat_map(Part::facts).copied().collect::<Facts>();
    let (a, b) = (facts(a), facts(b));
    let (few, many) = if a.len.cmp(&b.len) == Ordering::Greater { (b, a) } else { (a, b) };
    let agree = |x: &Fact, y: &Fact| x.value == y.value && (x.label == y.label || x.label == 0 || y.label == 0);
    // `2024/01/25` is `2024-01-25`.
    let has = |value: u64| many.iter().any(|other| other.label == 0 && other.value == value);
    let is_in_parts = |fact: &Fact| {
        let day = fact.value;
        fact.label == sense::DATE && has(day / 10_000) && has(day / 100 % 100) && has(day % 100)
    };
    few.iter().any(|fact| !is_in_parts(fact) && !many.iter().any(|other| agree(fact, other)))
}

/// The facts of a few parts, without allocating.
#[derive(Default)]
struct Facts {
    len: usize,
    all: [Fact; 12],
}

impl Facts {
    fn iter(&self) -> std::slice::Iter<'_, Fact> {
        self.all.get(..self.len).unwrap_or_default().iter()
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Facts {
        let mut all = Facts::default();
        for (slot, fact) in all.all.iter_mut().zip(facts) {
            *slot = fact;
            all.len += 1;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_by_what_their_parts_say() {
        use Relation::{Contradict, Mirrored, More, OtherRoot, Siblings, Unrelated};
        for (video, transcript, expected) in [
            ("talks/", "talks/", Mirrored),
            ("uploads/2023/", "subs/2023/", Mirrored),
            ("harbour/season-1/video/", "harbour/season-1/captions/", Mirrored),
            ("show/Season 1/", "show/s01/", Mirrored),
            ("mix/", "mix-subs/", Mirrored),
            ("feeds/eu/", "feed-text/eu/", Mirrored),
            ("vault/2023/", "depot/2023/", OtherRoot),
            ("uploads/2023/", "subs/", More),
            ("show/", "show/final/", More),
            ("m/", "t/", Unrelated),
            ("show/", "exports/batch-a/", Unrelated),
            ("sites/pl/", "sites/es/", Siblings),
            ("clients/brightwater/", "clients/kestrel/", Siblings),
            ("uploads/2023/", "subs/2024/", Contradict),
            ("shows/Season 1/", "shows/Season 2/", Contradict),
            ("lec/week 3/", "lec/week 4/", Contradict),
            ("shoot/A001/", "shoot-subs/B001/", Contradict),
            ("0001/", "0002/", Contradict),
            ("2024/01/25/", "2024-01-26/", Contradict),
            ("2024/01/25/", "2024-01-25/", Unrelated),
            ("20240125/", "2024/01/25/", Unrelated),
            ("0f8fad5b-d9cb-469f-a165-70867728950e/", "7c9e6679-7425-40de-944b-e07fc1f90ae7/", Contradict),
            ("show/week 3/", "show/3/", Siblings),
        ] {
            assert_eq!(relation(&Parts::of(video), &Parts::of(transcript)), expected, "{video} {transcript}");
        }
    }
}
