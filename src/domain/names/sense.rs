//! The order-independent meaning of a name: its words, its numbers with labels, its dates.
//!
//! `unit1_lesson2` equals `lesson-2-unit-1` but not `unit2_lesson1`. `Part II` is part 2, `1x02` is season 1 episode 2,
//! `25.01.2024` is the same day as `20240125`.

use super::token::{Gap, Token, TokenKind, X, join, mix};
use super::words::{Meaning, Word, word};

/// The meaning of a name. Equal values mean the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sense {
    pub hash: u64,
    /// The other reading of an ambiguous date.
    pub or: Option<u64>,
    pub words: u32,
    pub numbers: u32,
    /// Numbers with a label, and dates.
    pub labelled: u32,
    /// Without the label of its only number, if the label only says what is counted: `Episode 3 - Fog` as `3 - Fog`.
    pub bare: Option<u64>,
}

/// A token with its dictionary entry: looked up on demand, or once for many readings.
pub trait TokenLookup {
    fn token(&self) -> &Token;
    fn word(&self) -> Word;
}

impl TokenLookup for Token {
    fn token(&self) -> &Token {
        self
    }

    fn word(&self) -> Word {
        word(std::slice::from_ref(self))
    }
}

/// A token with a cached dictionary entry.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub token: Token,
    word: Word,
}

impl Seen {
    pub fn of(token: &Token) -> Seen {
        Seen { token: *token, word: if token.kind == TokenKind::Word { token.word() } else { Word::default() } }
    }
}

impl TokenLookup for Seen {
    fn token(&self) -> &Token {
        &self.token
    }

    fn word(&self) -> Word {
        self.word
    }
}

const SEASON: u64 = 1;
const EPISODE: u64 = 2;
/// Lecture, part, chapter: as with an episode, the number is clear without the label.
const PLAIN: [u64; 4] = [EPISODE, 4, 5, 6];
pub const DATE: u64 = u64::MAX;
const TIME: u64 = u64::MAX - 1;

/// A part of a name, and how many tokens it takes.
enum Part {
    Date { day: u32, or: Option<u32>, tokens: usize },
    Episode { season: u64, episode: u64 },
    Labelled { label: u64, number: u64, tokens: usize },
}

pub fn of<K: TokenLookup>(tokens: &[K]) -> Sense {
    let mut sense = Sense::default();
    let add = |sense: &mut Sense, value: u64, or: u64| {
        sense.hash = sense.hash.wrapping_add(value);
        sense.or = sense.or.map(|hash| hash.wrapping_add(or));
    };
    let labelled = |label: u64, number: u64| mix(mix(label ^ 0x6C61_6265_6C00).wrapping_add(number));
    let (mut has_season, mut has_episode) = (false, false);
    let mut only: Option<(u64, u64)> = None;
    // Unlabelled numbers: their count, the first one, and a hash of them with the words before them.
    let (mut bare, mut first, mut bound) = (0_u32, 0_u64, 0_u64);
    let mut at = 0;
    let mut before = 0_u64;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        if let Some(code) = code(rest) {
            before = mix(code.iter().fold(0, |hash, known| join(hash, known.token())));
            sense.words += 1;
            add(&mut sense, before, before);
            at += code.len();
            continue;
        }
        let part = date(rest).or_else(|| episode(rest)).or_else(|| label(rest));
        at += match part {
            Some(Part::Date { day, or, tokens }) => {
                sense.labelled += 1;
                if let Some(or) = or {
                    sense.or = Some(sense.or.unwrap_or(sense.hash));
                    add(&mut sense, labelled(DATE, day.into()), labelled(DATE, or.into()));
                } else {
                    let value = labelled(DATE, day.into());
                    add(&mut sense, value, value);
                }
                before = 0;
                let rest = rest.get(tokens..).unwrap_or_default();
                tokens
                    + time(rest).map_or(0, |(time, tokens)| {
                        sense.labelled += 1;
                        let value = labelled(TIME, time.into());
                        add(&mut sense, value, value);
                        tokens
                    })
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
                only = Some((label, number));
                before = 0;
                tokens
            }
            None if token.token().is_number() => {
                let token = token.token();
                (bare, first) = (bare + 1, if bare == 0 { token.hash } else { first });
                bound = bound.wrapping_add(mix(before ^ token.value()));
                before = token.value();
                1
            }
            None => {
                let is_article = token.token().kind == TokenKind::Word && token.word().is(Meaning::ARTICLE);
                before = token.token().value();
                if !is_article {
                    sense.words += 1;
                    add(&mut sense, before, before);
                }
                1
            }
        };
    }
    sense.bare =
        only.filter(|(label, _)| bare == 0 && sense.labelled == 1 && sense.words > 0 && PLAIN.contains(label)).map(
            |(label, number)| sense.hash.wrapping_sub(labelled(label, number)).wrapping_add(mix(number ^ 0x6261_7265)),
        );
    let value = match bare {
        0 => 0,
        // `Season 1/03`: the number after the season is the episode.
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

/// `ab1c`, `HN004512A`: letters and digits joined, other than labels with their numbers. The order of its parts counts.
fn code<K: TokenLookup>(tokens: &[K]) -> Option<&[K]> {
    let (first, rest) = tokens.split_first()?;
    if first.token().gap == Gap::Joined {
        return None;
    }
    let len = 1 + rest.iter().take_while(|known| known.token().gap == Gap::Joined).count();
    let run = tokens.get(..len).filter(|run| run.len() >= 3)?;
    let is_plain = |token: &Token| token.is_number() || token.end - token.start == u32::from(token.letters);
    if !run.iter().all(|known| is_plain(known.token())) {
        return None;
    }
    let mut at = 0;
    while let Some(rest) = run.get(at..).filter(|rest| !rest.is_empty()) {
        at += match date(rest).or_else(|| episode(rest)).or_else(|| label(rest)) {
            Some(Part::Date { tokens, .. } | Part::Labelled { tokens, .. }) => tokens,
            Some(Part::Episode { .. }) => 3,
            None => return Some(run),
        };
    }
    None
}

/// Every number in a text with its label, or 0 if it has none. Ids count as numbers.
pub fn numbers<K: TokenLookup>(tokens: &[K], each: &mut dyn FnMut(u64, u64)) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        at += match date(rest).or_else(|| episode(rest)).or_else(|| label(rest)) {
            Some(Part::Date { day, tokens, .. }) => {
                each(DATE, day.into());
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
                let token = token.token();
                if token.kind != TokenKind::Word {
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
    /// Tokens up to and including the episode.
    pub end: usize,
}

/// Show, season and episode of a name that has all three: `Salt Road S01E02`, `Salt.Road.1x02.Pilot`. A title after
/// them is ignored.
pub fn episode_of<K: TokenLookup>(tokens: &[K]) -> Option<Named> {
    (1..tokens.len()).find_map(|at| {
        let (before, rest) = tokens.split_at_checked(at)?;
        let show = || of(before).hash;
        if let Some(Part::Episode { season, episode }) = episode(rest) {
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
fn episode<K: TokenLookup>(tokens: &[K]) -> Option<Part> {
    let [season, x, episode, ..] = tokens else { return None };
    let (season, x, episode) = (season.token(), x.token(), episode.token());
    let is_x = x.kind == TokenKind::Word && x.letters == 1 && x.hash == X;
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

/// `s01`, `Season 1`, `Part II`, `Chapter two`; any single letter labels a number joined to it.
fn label<K: TokenLookup>(tokens: &[K]) -> Option<Part> {
    let [known, follows, ..] = tokens else { return None };
    let (name, next) = (known.token(), follows.token());
    if name.kind != TokenKind::Word || next.kind == TokenKind::Id {
        return None;
    }
    let known = known.word();
    let is_joined = next.gap == Gap::Joined;
    let number = if next.is_number() {
        next.hash
    } else if name.letters > 2 && known.label > 0 {
        match follows.word().counts {
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
    // `E0004` is a clip, not an episode.
    let is_known = known.label > 0 && (name.letters > 1 || next.letters <= 3);
    let label = if is_known { u64::from(known.label) } else { name.value() };
    Some(Part::Labelled { label, number, tokens: 2 })
}

/// Number of tokens of the date at the start of a name.
pub fn date_at<K: TokenLookup>(tokens: &[K]) -> Option<usize> {
    match date(tokens)? {
        Part::Date { tokens, .. } => Some(tokens),
        _ => None,
    }
}

/// A time of day after a date: `150003`, `15-00-03`, `T150003`.
fn time<K: TokenLookup>(tokens: &[K]) -> Option<(u32, usize)> {
    let is_t =
        |known: &K| known.token().kind == TokenKind::Word && known.token().letters == 1 && known.word().label == 0;
    let (rest, skipped) = match tokens.split_first() {
        Some((first, rest)) if is_t(first) => (rest, 1),
        _ => (tokens, 0),
    };
    let two =
        |known: &K| (known.token().is_number() && known.token().letters == 2).then_some(known.token().hash as u32);
    let (value, used) = match rest {
        [first, ..] if first.token().is_number() && first.token().letters == 6 => (first.token().hash as u32, 1),
        [h, m, s, ..] if m.token().gap == s.token().gap => (two(h)? * 10_000 + two(m)? * 100 + two(s)?, 3),
        _ => return None,
    };
    let is_time = value / 10_000 < 24 && value / 100 % 100 < 60 && value % 100 < 60;
    is_time.then_some((value, skipped + used))
}

/// A full date in a spelling with year, month and day.
fn date<K: TokenLookup>(tokens: &[K]) -> Option<Part> {
    let first = tokens.first()?.token();
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
    if !a.token().is_number() && !b.token().is_number() {
        return None;
    }
    let month_at = [a, b].map(|known| match known.token().kind {
        TokenKind::Word => u32::from(known.word().month),
        _ => 0,
    });
    let (a, b, c) = (a.token(), b.token(), c.token());
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

/// `03-04-2024` is ambiguous; `25-01-2024` is not.
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

#[cfg(test)]
mod tests {
    use super::super::{Tokens, clean};
    use super::*;

    fn sense(name: &str) -> Sense {
        of::<Token>(&Tokens::of(&clean(name)))
    }

    #[test]
    fn names_say_the_same_in_any_order_and_spelling() {
        for (a, b) in [
            ("unit1_lesson2", "lesson-2-unit-1"),
            ("On Rivers Part II", "on-rivers-part-2"),
            ("Harbour part two", "harbour-pt2"),
            ("Salt Road S01E02", "salt.road.1x02"),
            ("Salt Road/Season 1/02", "salt_road_s01e02"),
            ("Week 3 Lecture 2", "w03-l02"),
            ("2024-01-25 evening", "evening_20240125"),
            ("evening 25.01.2024", "20240125 evening"),
            ("5 Mar 2024", "2024-03-05"),
            ("March 5, 2024", "20240305"),
            ("The Big Meeting 03", "Big Meeting 3"),
            ("Smith, Anna - Interview", "interview-anna-smith"),
            ("A001/C0001", "A001_C0001"),
            ("tape 7 harbour", "harbour tape 007"),
            ("2024-01-05 15-00-03", "20240105_150003"),
            ("20240105T150003", "2024-01-05 15.00.03"),
        ] {
            assert_eq!(sense(a).hash, sense(b).hash, "{a} {b}");
        }
    }

    #[test]
    fn numbers_keep_their_labels_and_their_order() {
        for (a, b) in [
            ("unit1_lesson2", "unit2_lesson1"),
            ("Part 2", "S02"),
            ("1-23", "23-1"),
            ("ab1aa", "aa1ab"),
            ("HN004512A", "A004512HN"),
            ("Malcolm X", "Malcolm 10"),
            ("2024-01-25", "2024-01-26"),
            ("take 2 scene 3", "take 3 scene 2"),
            ("2024-01-05 15-00-03", "20240105_150004"),
        ] {
            assert_ne!(sense(a).hash, sense(b).hash, "{a} {b}");
        }
    }

    #[test]
    fn a_date_that_can_be_read_in_two_ways_has_both() {
        let (both, march, april) = (sense("03-04-2024"), sense("2024-03-04"), sense("2024-04-03"));
        assert_eq!((both.hash, both.or), (april.hash, Some(march.hash)));
        assert_eq!(sense("25-01-2024").or, None);
        assert_eq!(sense("04-04-2024").or, None);
    }
}
