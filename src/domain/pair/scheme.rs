//! Naming schemes of folders: a number before every name, a time stamp after it, a title that only one side has.
//!
//! One such pair proves nothing. At least three pairs, two thirds of all possible ones and no contradiction do.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::hash::ByHash;
use super::loose::{CHUNK, Read, Readings};
use super::places::Places;
use super::reading::{Name, Reading, is_other, is_title};
use super::settle::{State, Status};
use super::weigh::{Meeting, weigh};
use super::world::{NOTHING, World};
use crate::names::sense::{Seen, TokenLookup as _};
use crate::names::{Cut, Gap, Step, Tag, Token, TokenKind, Tokens, clean, ends, joined, mix, sense};
use crate::parallel;
use crate::s3_url::key;
use std::sync::atomic::AtomicBool;

/// Nothing was cut off; matches what was.
const PLAIN: u8 = 0;
/// Numbers or a date before the name.
const LEAD: u8 = 1;
/// A date, or a number of at least six digits, after the name.
const TRAIL: u8 = 2;
/// Words after the last number.
const TITLE: u8 = 3;
/// Words that all names in the folder begin with.
const PREFIX: u8 = 4;
/// A letter at the end: never a scheme, but a reason to ask.
const LETTER: u8 = 5;
/// A short number at the end: a reason to ask.
const COUNTER: u8 = 6;
/// Words that all names in the folder end with.
const SUFFIX: u8 = 7;
/// A word at the end: a reason to ask if several videos have one, as in `left` and `right`.
const WORD: u8 = 8;

const FEWEST: usize = 3;

/// Most words compared at the start and end of the open names of a folder.
const MOST_WORDS: usize = 4;

/// Words at one end of a name: their hashes and numbers of tokens.
type Runs = [(u64, usize); MOST_WORDS];

#[derive(Clone, Copy, Debug, Default)]
struct Shared {
    names: u32,
    begin: Runs,
    end: Runs,
}

impl Shared {
    /// Nor does it with any further name.
    fn shares_nothing(&self) -> bool {
        [self.begin, self.end].iter().all(|[first, ..]| first.1 == 0)
    }
}

/// What the open names of each folder share.
#[derive(Default)]
struct Ends(ByHash<u64, Shared>);

impl Ends {
    fn of(world: &World<'_>, state: &State, stop: &AtomicBool) -> Option<Ends> {
        let videos = parallel::ranges(world.videos.len(), CHUNK, stop, |range| {
            let (mut own, mut tokens) = (Ends::default(), Tokens::default());
            for id in range.map(|id| id as u32).filter(|id| state.status(*id) == Status::Open) {
                let folder = world.videos.get(id as usize).map_or(NOTHING, |video| video.folder);
                own.add(u64::from(folder) << 1, world.video_key(id), true, &mut tokens);
            }
            own
        })?;
        let transcripts = parallel::ranges(world.transcripts.len(), CHUNK, stop, |range| {
            let (mut own, mut tokens) = (Ends::default(), Tokens::default());
            for id in range.map(|id| id as u32).filter(|id| state.is_free(*id)) {
                let folder = world.transcripts.get(id as usize).map_or(NOTHING, |it| it.folder);
                own.add(u64::from(folder) << 1 | 1, world.transcript_key(id), false, &mut tokens);
            }
            own
        })?;
        let mut all = Ends::default();
        for (folder, own) in videos.into_iter().chain(transcripts).flat_map(|own| own.0) {
            all.put(folder, own);
        }
        Some(all)
    }

    fn add(&mut self, folder: u64, name: &str, is_video: bool, tokens: &mut Tokens) {
        if let Some(known) = self.0.get_mut(&folder)
            && known.shares_nothing()
        {
            known.names += 1;
            return;
        }
        let text = clean(key::stem(name));
        tokens.read(&text);
        let mut cut = Cut { to: tokens.len(), ..Cut::default() };
        if is_video {
            ends::of_video(&text, tokens, &mut |shorter| cut = shorter);
        } else {
            ends::of_transcript(&text, tokens, &mut |shorter| {
                if shorter.step < Step::Version {
                    cut = shorter;
                }
            });
        }
        let runs = || cut.of(tokens).chunk_by(|_, next| next.gap == Gap::Joined);
        self.put(folder, Shared { names: 1, begin: words(runs()), end: words(runs().rev()) });
    }

    fn put(&mut self, folder: u64, own: Shared) {
        let known = self.0.entry(folder).or_insert(Shared { names: 0, ..own });
        known.names += own.names;
        for (known, own) in [(&mut known.begin, own.begin), (&mut known.end, own.end)] {
            let same = known.iter().zip(&own).take_while(|(a, b)| a == b).count();
            known.iter_mut().skip(same).for_each(|run| *run = (0, 0));
        }
    }

    /// Tokens that all names in a folder begin and end with; none if there are too few names.
    fn shared(&self, folder: u32, is_video: bool) -> (usize, usize) {
        let known = self.0.get(&(u64::from(folder) << 1 | u64::from(!is_video)));
        let tokens = |runs: &Runs| runs.iter().map(|(_, tokens)| tokens).sum();
        known
            .filter(|known| known.names as usize >= FEWEST)
            .map_or((0, 0), |known| (tokens(&known.begin), tokens(&known.end)))
    }
}

/// The first runs, up to the first that is not a word.
fn words<'t>(runs: impl Iterator<Item = &'t [Token]>) -> Runs {
    let mut words = Runs::default();
    let is_word =
        |run: &&[Token]| run.iter().all(|token| token.kind == TokenKind::Word && token.end - token.start >= 2);
    for (slot, run) in words.iter_mut().zip(runs.take_while(is_word)) {
        *slot = (joined(run), run.len());
    }
    words
}

/// Readings with a part cut off that may be the scheme of a folder.
fn read(id: u32, name: &Name<'_>, (begin, end): (usize, usize), out: &mut Vec<Reading>) {
    let (Some(tokens), cut) = (name.seen(0), name.shortest) else { return };
    if name.says_nothing {
        return;
    }
    let mut put = |tokens: &[Seen], cut: &Cut, above: u8, shape: u8| {
        let sense = sense::of(tokens);
        if sense.words + sense.numbers > 0 {
            let reading = Reading::new(mix(sense.hash ^ 0x73), id, Name::left(cut), Likeness::Scheme, above);
            out.push(Reading { is_telling: sense.words + sense.labelled > 0, shape, ..reading });
        }
    };
    let is_word = |seen: &Seen| seen.token.kind == TokenKind::Word && seen.token.letters >= 2;
    let says_enough = |tokens: &[Seen]| tokens.len() >= 2 || tokens.iter().any(is_word);
    let number = tokens.iter().rposition(|seen| seen.token.is_number());
    // A letter after a number is not a title: `2b` is not `2`.
    let title = number.and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    let is_apart = title.first().is_some_and(|seen| seen.token.gap != Gap::Joined);
    let after = if is_apart && is_title(title) { title.len() } else { 0 };
    for above in 0..=2 {
        let Some(whole) = name.seen(above) else { break };
        put(whole, &cut, above as u8, PLAIN);
        if after > 0 {
            put(whole.get(..whole.len() - after).unwrap_or_default(), &cut, above as u8, TITLE);
        }
    }
    let digits = tokens
        .iter()
        .enumerate()
        .take_while(|(at, seen)| seen.token.is_number() && (*at == 0 || seen.token.gap == Gap::Joined));
    let is_id = tokens.first().is_some_and(|seen| seen.token.kind == TokenKind::Id);
    let lead = sense::date_at(tokens).unwrap_or_else(|| if is_id { 1 } else { digits.count() });
    if lead > 0
        && let Some(kept) = tokens.get(lead..)
        && kept.first().is_some_and(|seen| seen.token.gap != Gap::Joined)
        && says_enough(kept)
    {
        put(kept, &cut, 0, LEAD);
    }
    for (to, shape) in without_end(tokens) {
        let (mut cut, mut kept) = (cut, tokens.get(..to).unwrap_or_default());
        if !name.is_video {
            // The text before the stamp may again end like a transcript's name: `talk-mp4-17044131100`.
            let plain: Vec<Token> = kept.iter().map(|seen| seen.token).collect();
            let mut inner = Cut { to, ..Cut::default() };
            ends::of_transcript(name.text(), &plain, &mut |cut| {
                if cut.step < Step::Version {
                    inner = cut;
                }
            });
            cut.tag = cut.tag.or(inner.tag);
            kept = kept.get(inner.from..inner.to).unwrap_or_default();
        }
        if says_enough(kept) {
            put(kept, &cut, 0, shape);
        }
    }
    for (left, kept, shape) in [
        (tokens.get(..begin), tokens.get(begin..), PREFIX),
        (tokens.get(tokens.len().saturating_sub(end)..), tokens.get(..tokens.len().saturating_sub(end)), SUFFIX),
    ] {
        let (Some(left), Some(kept)) = (left.filter(|left| !left.is_empty()), kept.filter(|kept| !kept.is_empty()))
        else {
            continue;
        };
        if !is_other(left) {
            // A language in all names counts for each of them.
            let language = left.iter().find_map(|seen| seen.word().language);
            let tag = language.map(|language| Tag { language, region: [0; 2], is_doubtful: false });
            put(kept, &Cut { tag: cut.tag.or(tag), ..cut }, 0, shape);
        }
    }
}

/// Ways to cut the end of a name: numbers, dates and ids; otherwise a counter, a letter or a word.
fn without_end(tokens: &[Seen]) -> Vec<(usize, u8)> {
    let run = |end: usize| {
        let kept = tokens.get(..end)?;
        let start = kept.iter().rposition(|seen| seen.token.gap != Gap::Joined).filter(|start| *start > 0)?;
        Some((start, kept.get(start..)?))
    };
    let mut to = tokens.len();
    while let Some((start, last)) = run(to) {
        let date = start.checked_sub(2).filter(|at| *at > 0);
        let date = date.filter(|at| sense::date_at(tokens.get(*at..to).unwrap_or_default()) == Some(3));
        let is_stamp = matches!(last, [only] if only.token.kind == TokenKind::Id || only.token.is_number() && only.token.letters >= 6);
        to = match date {
            Some(date) => date,
            None if is_stamp => start,
            None => break,
        };
    }
    if to < tokens.len() {
        return vec![(to, TRAIL)];
    }
    let Some((start, last)) = run(to) else { return Vec::new() };
    match last {
        // `take 2`: the label is cut with its number.
        [only] if only.token.is_number() => match run(start) {
            Some((label, [word])) if word.word().label > 0 => vec![(start, COUNTER), (label, COUNTER)],
            _ => vec![(start, COUNTER)],
        },
        [word, number] if word.token.kind == TokenKind::Word && number.token.is_number() => vec![(start, COUNTER)],
        [.., letter] if letter.token.kind == TokenKind::Word && letter.token.letters == 1 => vec![(to - 1, LETTER)],
        [word] if word.token.kind == TokenKind::Word => vec![(start, WORD)],
        _ => Vec::new(),
    }
}

struct Candidate {
    group: u64,
    edge: Edge,
    shapes: (u8, u8),
}

/// Pairs that follow a folder's scheme, and doubtful ones that might.
pub(super) fn edges(world: &World<'_>, places: &Places<'_>, state: &State, stop: &AtomicBool) -> Option<Vec<Edge>> {
    if !(0..world.videos.len() as u32).any(|id| state.status(id) == Status::Open) {
        return Some(Vec::new());
    }
    let shared = Ends::of(world, state, stop)?;
    let read_one: &Read<'_> = &|id, name, out| {
        let folder = if name.is_video {
            world.videos.get(id as usize).map(|video| video.folder)
        } else {
            world.transcripts.get(id as usize).map(|it| it.folder)
        };
        read(id, name, shared.shared(folder.unwrap_or(u32::MAX), name.is_video), out);
    };
    let readings = Readings::of(world, places, state, read_one, stop)?;
    let mut candidates = readings.meet(world, places, stop, |a, b| candidate(world, places, a, b))?;
    candidates.sort_unstable_by_key(|it: &Candidate| (it.group, it.edge.video, it.edge.transcript));
    candidates.dedup_by_key(|it| (it.group, it.edge.video, it.edge.transcript));
    let mut edges = Vec::new();
    for group in candidates.chunk_by(|a, b| a.group == b.group) {
        let is_scheme = is_scheme(group);
        let mut claims: ByHash<u32, u32> = ByHash::default();
        for it in group.iter().filter(|it| it.shapes == (WORD, PLAIN)) {
            *claims.entry(it.edge.transcript).or_insert(0) += 1;
        }
        edges.extend(group.iter().filter_map(|it| {
            let says_more = match it.shapes {
                (LEAD | TRAIL | LETTER | COUNTER, PLAIN) | (PLAIN, LEAD | TRAIL) => true,
                (WORD, PLAIN) => claims.get(&it.edge.transcript).is_some_and(|claims| *claims > 1),
                _ => false,
            };
            match (is_scheme, says_more) {
                (true, _) => Some(it.edge),
                (false, true) if it.edge.doubt == Doubt::None => Some(Edge { doubt: Doubt::Extra, ..it.edge }),
                (false, _) => None,
            }
        }));
    }
    Some(edges)
}

fn candidate(world: &World<'_>, places: &Places<'_>, a: &Reading, b: &Reading) -> Option<Candidate> {
    if (a.shape == PLAIN) == (b.shape == PLAIN) {
        return None;
    }
    let (video, transcript) = (world.videos.get(a.id as usize)?, world.transcripts.get(b.id as usize)?);
    let lie = places.lie_above(video.folder, a.above, transcript.folder, b.above);
    let lie = lie.of_names(world.video_key(a.id), world.transcript_key(b.id));
    // A number alone counts only in the same folder.
    if !a.is_telling && lie.near > Near::OtherRoot {
        return None;
    }
    let edge = weigh(
        world,
        &Meeting {
            video: (a.id, a.left),
            transcript: (b.id, b.left),
            lie,
            likeness: Likeness::Scheme,
            doubt: if video.is_content && a.left.step > Step::Whole { Doubt::Content } else { Doubt::None },
            is_language: &|_| false,
        },
    )?;
    let own = places.video_paths(video.folder, a.above).first().copied().unwrap_or(0);
    let theirs = places.transcript_paths(transcript.folder, b.above).first().copied().unwrap_or(0);
    let shapes = u64::from(a.shape) << 24 | u64::from(b.shape) << 16 | u64::from(a.above) << 8 | u64::from(b.above);
    Some(Candidate { group: mix(mix(own).wrapping_add(theirs)) ^ mix(shapes), edge, shapes: (a.shape, b.shape) })
}

/// At least three pairs, and two thirds of all, are one to one.
fn is_scheme(group: &[Candidate]) -> bool {
    if group.iter().any(|it| matches!(it.shapes, (LETTER | COUNTER | WORD, _) | (_, LETTER | COUNTER | WORD))) {
        return false;
    }
    // A pair in another language, or in use, still follows the scheme.
    let follows = |edge: &&Edge| matches!(edge.doubt, Doubt::None | Doubt::Language | Doubt::Region | Doubt::Used);
    let sound: Vec<&Edge> = group.iter().map(|it| &it.edge).filter(follows).collect();
    let count = |of: fn(&Edge) -> u32| {
        let mut counts: ByHash<u32, u32> = ByHash::default();
        sound.iter().for_each(|edge| *counts.entry(of(edge)).or_insert(0) += 1);
        counts
    };
    let (videos, transcripts) = (count(|edge| edge.video), count(|edge| edge.transcript));
    let is_one = |edge: &&&Edge| videos.get(&edge.video) == Some(&1) && transcripts.get(&edge.transcript) == Some(&1);
    let ones = sound.iter().filter(is_one).count();
    ones >= FEWEST && ones * 3 >= sound.len() * 2
}

/// The scheme of a folder's names, and the number of rows it explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Rows it explains, out of those in their folders.
    pub rows: u32,
    pub of: u32,
    /// An example row, and its transcript as an index into the list.
    pub row: crate::manifest::RowId,
    pub key: u32,
    /// The next key and the last one: what differs between them varies.
    pub(super) others: [u32; 2],
    pub likeness: Likeness,
}

/// The schemes of all pairs beyond equal names, most rows first.
pub(super) fn found(world: &World<'_>, edges: &[Edge], state: &State) -> Vec<Scheme> {
    let mut schemes: ByHash<u64, (Scheme, Vec<u32>)> = ByHash::default();
    let mut sizes: ByHash<u32, u32> = ByHash::default();
    for video in world.videos.iter().filter(|video| !video.is_filled) {
        *sizes.entry(video.folder).or_insert(0) += 1;
    }
    for edge in edges.iter().filter(|edge| edge.likeness >= Likeness::Words && state.has(edge.video, edge.transcript)) {
        let (Some(video), Some(transcript)) = (
            world.videos.get(edge.video as usize).filter(|video| !video.is_filled),
            world.transcripts.get(edge.transcript as usize),
        ) else {
            continue;
        };
        let kind = u64::from(transcript.folder) << 8 | edge.likeness as u64;
        let (row, key, likeness) = (video.row, edge.transcript, edge.likeness);
        let new = Scheme { rows: 0, of: 0, row, key, others: [key; 2], likeness };
        let (scheme, folders) = schemes.entry(kind).or_insert((new, Vec::new()));
        scheme.rows += 1;
        let [next, _] = scheme.others;
        scheme.others = [if scheme.rows <= 2 { key } else { next }, key];
        if folders.last() != Some(&video.folder) {
            folders.push(video.folder);
        }
    }
    let mut schemes: Vec<Scheme> = schemes
        .into_values()
        .filter(|(scheme, _)| scheme.rows as usize >= FEWEST)
        .map(|(mut scheme, mut folders)| {
            folders.sort_unstable();
            folders.dedup();
            scheme.of = folders.iter().filter_map(|folder| sizes.get(folder)).sum();
            scheme
        })
        .collect();
    schemes.sort_unstable_by_key(|scheme| (std::cmp::Reverse(scheme.rows), scheme.row));
    schemes
}
