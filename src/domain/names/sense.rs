//! What a name says whatever the order: its words, its numbers with their labels, its dates.
//!
//! `unit1_lesson2` and `lesson-2-unit-1` say the same, `unit2_lesson1` does not. `Part II` says part 2, `1x02` says season 1
//! episode 2, `25.01.2024` the same day as `20240125`.

use super::token::{Gap, Kind, Token, mix};
use super::words::{Meaning, word};

/// What a name says. Two senses that are equal say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sense {
    pub hash: u64,
    /// The other reading of a date that can be read in two ways.
    pub or: Option<u64>,
    pub words: u32,
    pub numbers: u32,
    /// Numbers with a label, and dates.
    pub labelled: u32,
}

const SEASON: u64 = 1;
const EPISODE: u64 = 2;

/// A part of a name, and how many tokens it takes.
enum Part {
    Date { day: u32, or: Option<u32>, tokens: usize },
    Episode { season: u64, episode: u64 },
    Labelled { label: u64, number: u64, tokens: usize },
}

pub fn of(text: &str, tokens: &[Token]) -> Sense {
    let mut sense = Sense::default();
    let add = |sense: &mut Sense, value: u64, or: u64| {
        sense.hash = sense.hash.wrapping_add(value);
        sense.or = sense.or.map(|hash| hash.wrapping_add(or));
    };
    let labelled = |label: u64, number: u64| mix(mix(label ^ 0x6C61_6265_6C00).wrapping_add(number));
    let (mut has_season, mut has_episode) = (false, false);
    // Numbers that nothing labels: the first, and what they and what stands before them come to.
    let (mut bare, mut first, mut bound) = (0_u32, 0_u64, 0_u64);
    let mut at = 0;
    let mut before = 0_u64;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        let part = date(rest).or_else(|| episode(text, rest)).or_else(|| label(rest));
        at += match part {
            Some(Part::Date { day, or, tokens }) => {
                sense.labelled += 1;
                if let Some(or) = or {
                    sense.or = Some(sense.or.unwrap_or(sense.hash));
                    add(&mut sense, labelled(u64::MAX, day.into()), labelled(u64::MAX, or.into()));
                } else {
                    let value = labelled(u64::MAX, day.into());
                    add(&mut sense, value, value);
                }
                before = 0;
                tokens
            }
            Some(Part::Episode { season, episode }) => {
                sense.labelled += 2;
                (has_season, has_episode) = (true, true);
                let value = labelled(SEASON, season).wrapping_add(labelled(EPISODE, episode));
                add(&mut sense, value, value);
                before = 0;
                3
            }
            Some(Part::Labelled { label, number, tokens }) => {
                sense.labelled += 1;
                has_season |= label == SEASON;
                has_episode |= label == EPISODE;
                let value = labelled(label, number);
                add(&mut sense, value, value);
                before = 0;
                tokens
            }
            None if token.is_number() => {
                (bare, first) = (bare + 1, if bare == 0 { token.hash } else { first });
                bound = bound.wrapping_add(mix(before ^ token.value()));
                before = token.value();
                1
            }
            None => {
                let is_article = token.kind == Kind::Word && {
                    let run = rest.get(..1).unwrap_or_default();
                    word(run).is(Meaning::ARTICLE)
                };
                before = token.value();
                if !is_article {
                    sense.words += 1;
                    add(&mut sense, before, before);
                }
                1
            }
        };
    }
    let value = match bare {
        0 => 0,
        // `Season 1/03`: what follows the season is the episode.
        1 if has_season && !has_episode => {
            sense.labelled += 1;
            labelled(EPISODE, first)
        }
        1 => mix(first ^ 0x6261_7265),
        _ => bound,
    };
    add(&mut sense, value, value);
    sense.numbers = bare + sense.labelled;
    sense
}

/// Every number that a text states, with its label, or 0 where it has none. Ids count as numbers.
pub fn numbers(text: &str, tokens: &[Token], each: &mut dyn FnMut(u64, u64)) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        at += match date(rest).or_else(|| episode(text, rest)).or_else(|| label(rest)) {
            Some(Part::Date { day, tokens, .. }) => {
                each(u64::MAX, day.into());
                tokens
            }
            Some(Part::Episode { season, episode }) => {
                each(SEASON, season);
                each(EPISODE, episode);
                3
            }
            Some(Part::Labelled { label, number, tokens }) => {
                each(label, number);
                tokens
            }
            None => {
                if token.kind != Kind::Word {
                    each(0, if token.is_number() { token.hash } else { token.value() });
                }
                1
            }
        };
    }
}

/// An episode of a show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    pub show: u64,
    pub season: u64,
    pub episode: u64,
    /// Tokens up to and with the episode.
    pub end: usize,
}

/// Show, season and episode of a name that states all three: `Salt Road S01E02`, `Salt.Road.1x02.Pilot`. What follows is no
/// part of it.
pub fn episode_of(text: &str, tokens: &[Token]) -> Option<Named> {
    (1..tokens.len()).find_map(|at| {
        let (before, rest) = tokens.split_at_checked(at)?;
        let show = || of(text, before).hash;
        if let Some(Part::Episode { season, episode }) = episode(text, rest) {
            return Some(Named { show: show(), season, episode, end: at + 3 });
        }
        let Some(Part::Labelled { label: SEASON, number: season, tokens }) = label(rest) else { return None };
        let after = at + tokens;
        let Some(Part::Labelled { label: EPISODE, number: episode, tokens }) = label(rest.get(tokens..)?) else {
            return None;
        };
        Some(Named { show: show(), season, episode, end: after + tokens })
    })
}

/// `1x02`
fn episode(text: &str, tokens: &[Token]) -> Option<Part> {
    let [season, x, episode, ..] = tokens else { return None };
    let is_x = text.get(x.start as usize..x.end as usize).is_some_and(|x| x.eq_ignore_ascii_case("x"));
    let is_it = season.is_number()
        && episode.is_number()
        && is_x
        && x.gap == Gap::Joined
        && episode.gap == Gap::Joined
        && season.hash < 100
        && episode.letters >= 2
        && episode.hash < 1_000;
    is_it.then_some(Part::Episode { season: season.hash, episode: episode.hash })
}

/// `s01`, `Season 1`, `Part II`, `Chapter two`; a single letter labels what is joined to it, whatever the letter.
fn label(tokens: &[Token]) -> Option<Part> {
    let [name, next, ..] = tokens else { return None };
    if name.kind != Kind::Word || next.kind == Kind::Id {
        return None;
    }
    let known = word(std::slice::from_ref(name));
    let is_joined = next.gap == Gap::Joined;
    let number = if next.is_number() {
        next.hash
    } else if name.letters > 2 || is_number_word(next) {
        match word(std::slice::from_ref(next)).counts {
            0 => return None,
            counts => counts.into(),
        }
    } else {
        return None;
    };
    let is_label = match name.letters {
        1 => is_joined && next.is_number(),
        2 => known.label > 0,
        _ => {
            known.label > 0
                && matches!(next.gap, Gap::Joined | Gap::Blank | Gap::Underscore | Gap::Dash | Gap::Dot | Gap::Other)
        }
    };
    let follows_letter = matches!(next.gap, Gap::Joined | Gap::Blank | Gap::Underscore | Gap::Dash | Gap::Dot);
    if !is_label || !follows_letter && name.letters <= 2 {
        return None;
    }
    let label = if known.label > 0 { u64::from(known.label) } else { name.value() };
    Some(Part::Labelled { label, number, tokens: 2 })
}

/// `two`, not a numeral of letters that may be a word.
fn is_number_word(token: &Token) -> bool {
    token.letters > 2
}

/// How many tokens the date takes that a name begins with.
pub fn date_at(tokens: &[Token]) -> Option<usize> {
    match date(tokens)? {
        Part::Date { tokens, .. } => Some(tokens),
        _ => None,
    }
}

/// A whole day, in the spellings that say year, month and day.
fn date(tokens: &[Token]) -> Option<Part> {
    let first = tokens.first()?;
    if first.is_number() && first.letters == 8 {
        let value = first.hash as u32;
        let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
        if is_day(year, month, day) {
            return Some(Part::Date { day: value, or: None, tokens: 1 });
        }
        let (day, month, year) = (value / 1_000_000, value / 10_000 % 100, value % 10_000);
        return day_and_month(day, month, year, 1);
    }
    let [a, b, c, ..] = tokens else { return None };
    let month_at = [a, b].map(|token| match token.kind {
        Kind::Word => u32::from(word(std::slice::from_ref(token)).month),
        _ => 0,
    });
    let number = |token: &Token| (token.is_number() && token.letters <= 4).then_some(token.hash as u32);
    match month_at {
        // 5 Mar 2024, 2024 Mar 5
        [0, month] if month > 0 => {
            let (a, year) = (number(a)?, number(c)?);
            let (day, year) = if a > 31 { (year, a) } else { (a, year) };
            is_day(year, month, day).then_some(Part::Date { day: whole(year, month, day), or: None, tokens: 3 })
        }
        // Mar 5, 2024
        [month, _] if month > 0 => {
            let (day, year) = (number(b)?, number(c)?);
            is_day(year, month, day).then_some(Part::Date { day: whole(year, month, day), or: None, tokens: 3 })
        }
        _ => {
            let (x, y, z) = (number(a)?, number(b)?, number(c)?);
            if c.gap != b.gap || matches!(b.gap, Gap::Joined | Gap::Open | Gap::Close) {
                return None;
            }
            if a.letters == 4 && b.letters <= 2 && c.letters <= 2 && is_day(x, y, z) {
                return Some(Part::Date { day: whole(x, y, z), or: None, tokens: 3 });
            }
            let shaped = a.letters <= 2 && b.letters <= 2 && c.letters == 4;
            if shaped { day_and_month(x, y, z, 3) } else { None }
        }
    }
}

fn whole(year: u32, month: u32, day: u32) -> u32 {
    year * 10_000 + month * 100 + day
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// `03-04-2024` may be either; `25-01-2024` not.
fn day_and_month(a: u32, b: u32, year: u32, tokens: usize) -> Option<Part> {
    let (first, second) = (is_day(year, b, a), is_day(year, a, b));
    let (day_first, month_first) = (whole(year, b, a), whole(year, a, b));
    match (first, second) {
        (true, true) if a != b => Some(Part::Date { day: day_first, or: Some(month_first), tokens }),
        (true, _) => Some(Part::Date { day: day_first, or: None, tokens }),
        (_, true) => Some(Part::Date { day: month_first, or: None, tokens }),
        _ => None,
    }
}
