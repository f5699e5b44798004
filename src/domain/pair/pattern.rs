//! The names of a scheme as a pattern, `w{week}-l{lecture}.en.vtt`, from a few of its pairs.

use super::evidence::Likeness;
use super::result::Pairing;
use super::scheme::Scheme;
use super::world::object_key;
use crate::names::words::{label_name, word};
use crate::names::{Gap, Token, TokenKind, Tokens, clean, ends, sense};
use crate::printable::printable;
use crate::s3_url::key;

/// Folders of a video whose labels count for its transcript, too: `Season 1/03.mp4`.
const FOLDERS: usize = 2;

/// Stands for words that vary.
const NAME: &str = "name";

impl Pairing {
    /// The names of a scheme's transcripts: what is the same in all of them as written, and what varies by its name. The
    /// example itself where the names differ in shape.
    pub fn pattern(&self, scheme: &Scheme) -> String {
        let keys = [scheme.key, scheme.others[0], scheme.others[1]];
        let [name, next, last] = keys.map(|at| self.keys().name(at).map_or("", |(_, key)| key::file_name(key)));
        let video = object_key(self.snapshot(), scheme.row);
        let pattern = pattern(&video, name, [next, last], scheme.likeness);
        printable(&pattern.unwrap_or_else(|| name.to_owned())).into_owned()
    }
}

fn pattern(video: &str, name: &str, others: [&str; 2], likeness: Likeness) -> Option<String> {
    let text = clean(key::stem(name));
    let tokens = Tokens::of(&text);
    let others = others.map(|other| Tokens::of(&clean(key::stem(other))));
    if others.iter().any(|other| other.len() != tokens.len()) {
        return None;
    }
    let varies = |at: usize| {
        let value = |tokens: &Tokens| tokens.get(at).map(Token::value);
        others.iter().any(|other| value(other) != value(&tokens))
    };
    let names = stand_for(&text, &tokens, video, likeness);
    let (mut pattern, mut end, mut before) = (String::new(), 0, None);
    for (at, (token, stands_for)) in tokens.iter().zip(names).enumerate() {
        let (start, to) = (token.start as usize, token.end as usize);
        // The show of an episode and a folder's name vary between folders.
        let shown = stands_for.filter(|name| varies(at) || matches!(*name, "show" | "folder"));
        match shown {
            // Of several words, or the parts of one date, one name.
            Some(name) if before == Some(name) && matches!(name, NAME | "show" | "folder" | "date") => {}
            Some(name) => {
                pattern.push_str(text.get(end..start)?);
                pattern.push_str(&format!("{{{name}}}"));
            }
            None => pattern.push_str(text.get(end..to)?),
        }
        (end, before) = (to, shown);
    }
    pattern.push_str(text.get(end..)?);
    let ending = name.get(key::stem(name).len()..)?;
    Some(pattern + ending)
}

/// What each token of a transcript's name stands for, if it varies.
fn stand_for(text: &str, tokens: &[Token], video: &str, likeness: Likeness) -> Vec<Option<&'static str>> {
    let mut to = tokens.len();
    ends::of_transcript(text, tokens, &mut |cut| {
        if cut.from == 0 && cut.tag.is_some() {
            to = to.min(cut.to);
        }
    });
    let parts: Vec<&str> = key::folder(video).split('/').filter(|part| !part.is_empty()).collect();
    let folders = parts.get(parts.len().saturating_sub(FOLDERS)..).unwrap_or_default();
    let whole = clean(&[folders.join("/").as_str(), key::stem(video)].join("/")).into_owned();
    let of_video = labels(&Tokens::of(&whole));
    let folder = Tokens::of(&clean(folders.last().copied().unwrap_or_default())).to_vec();
    let own = labels(tokens);
    let first_number = tokens.iter().position(Token::is_number).unwrap_or(tokens.len());
    let mut names: Vec<Option<&'static str>> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        // `Season 1/S01E01` does not say which of the two a 1 is.
        let of_video = || {
            let mut names = of_video.iter().filter(|(value, _)| *value == token.hash).filter_map(|(_, name)| *name);
            names.next().filter(|first| names.all(|name| name == *first))
        };
        let own = own.get(at).and_then(|(_, name)| *name);
        names.push(match token.kind {
            _ if at >= to && word(std::slice::from_ref(token)).language.is_some() => Some("lang"),
            TokenKind::Id => Some("id"),
            TokenKind::Number => own.or_else(of_video).or(Some("number")),
            // A label is not what varies.
            TokenKind::Word if own == Some("label") => None,
            TokenKind::Word if likeness == Likeness::Episode && at < first_number => Some("show"),
            TokenKind::Word => Some(NAME),
        });
    }
    if matches!(likeness, Likeness::WithFolder | Likeness::Folder) && !folder.is_empty() {
        let is_folder = |from: &usize| {
            let run = tokens.get(*from..from + folder.len()).unwrap_or_default();
            run.len() == folder.len() && run.iter().zip(&folder).all(|(a, b)| a.value() == b.value())
        };
        if let Some(from) = (0..tokens.len()).find(is_folder) {
            names.iter_mut().skip(from).take(folder.len()).for_each(|name| *name = Some("folder"));
        }
    }
    names
}

/// The value of each token and what its label says; the labels themselves are `label`.
fn labels(tokens: &[Token]) -> Vec<(u64, Option<&'static str>)> {
    let mut labels: Vec<(u64, Option<&'static str>)> = tokens.iter().map(|token| (token.hash, None)).collect();
    let mut at = 0;
    while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
        let mut set = |at: usize, name| labels.get_mut(at).into_iter().for_each(|(_, own)| *own = Some(name));
        if let Some(days) = sense::date_at(rest) {
            (at..at + days).for_each(|at| set(at, "date"));
            at += days;
            continue;
        }
        match rest {
            [season, x, episode, ..]
                if season.is_number()
                    && episode.is_number()
                    && [x, episode].iter().all(|token| token.gap == Gap::Joined)
                    && Tokens::of("x").first().is_some_and(|letter| letter.value() == x.value()) =>
            {
                set(at, "season");
                set(at + 1, "label");
                set(at + 2, "episode");
                at += 3;
            }
            [label, number, ..] if label.kind == TokenKind::Word && number.is_number() => {
                let known = word(std::slice::from_ref(label)).label;
                if let Some(name) = label_name(known.into()) {
                    set(at, "label");
                    set(at + 1, name);
                } else if label.letters == 1 && number.gap == Gap::Joined {
                    set(at, "label");
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_names_the_varying_parts() {
        use Likeness::{Episode, Scheme, Tags, WithFolder, Words};
        for (video, names, likeness, expected) in [
            (
                "lms/Week 1/Lecture 1 - Tides.mp4",
                ["w01-l01.en.vtt", "w01-l02.en.vtt", "w09-l03.en.vtt"],
                WithFolder,
                "w{week}-l{lecture}.en.vtt",
            ),
            (
                "vod/Season 1/Salt.Road.S01E01.mp4",
                ["salt-road_1x01.srt", "salt-road_1x02.srt", "salt-road_2x10.srt"],
                Episode,
                "{show}_{season}x{episode}.srt",
            ),
            (
                "a/2024-01-05 evening.mp4",
                ["evening_20240105.srt", "evening_20240106.srt", "evening_20240205.srt"],
                Words,
                "evening_{date}.srt",
            ),
            (
                "A001/C0001.MP4",
                ["A001_C0001.srt", "A001_C0002.srt", "A001_C0009.srt"],
                WithFolder,
                "{folder}_C{number}.srt",
            ),
            ("v/1.mp4", ["w01l02.srt", "w02l02.srt", "w03l05.srt"], Words, "w{week}l{lecture}.srt"),
            ("v/12 Harbour.mp4", ["Harbour.en.srt", "Moor.ko.srt", "Tide.en.srt"], Scheme, "{name}.{lang}.srt"),
            ("v/01 Red Moor.mp4", ["Red Moor.srt", "Old Tide.srt", "New Gorge.srt"], Scheme, "{name}.srt"),
            ("v/1.mp4", ["all the same.srt", "all the same.srt", "all the same.srt"], Tags, "all the same.srt"),
        ] {
            let [name, others @ ..] = names;
            assert_eq!(pattern(video, name, others, likeness).as_deref(), Some(expected), "{video}");
        }
        assert_eq!(pattern("v/1.mp4", "one.srt", ["one two.srt", "one.srt"], Scheme), None);
    }
}
