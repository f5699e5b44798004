//! Other readings of one name: words in any order, with folder names, as an episode, by its ids.

use super::evidence::{Doubt, Likeness};
use super::world::{Left, Marks};
use crate::names::folders::Part;
use crate::names::sense::{Seen, TokenLookup as _};
use crate::names::words::{Meaning, is_size, word};
use crate::names::{Cut, Gap, Step, Tag, Token, TokenKind, Tokens, clean, ends, mix, sense};
use crate::s3_url::key;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Most folder parts that a name may repeat.
const MOST_PARTS: usize = 3;

/// One reading of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub hash: u64,
    pub id: u32,
    pub left: Left,
    pub likeness: Likeness,
    /// How many of the folder's last parts it includes.
    pub above: u8,
    /// A title follows the episode.
    pub has_title: bool,
    /// An ambiguous date.
    pub is_doubtful: bool,
    /// Without the label of its number.
    pub is_bare: bool,
    /// Contains a word or a label, not only a number.
    pub is_telling: bool,
    /// What a scheme may cut off; see [`super::scheme`].
    pub shape: u8,
}

impl Reading {
    /// By hash, then by name. Only equal readings are equal.
    pub fn order(&self, other: &Reading) -> Ordering {
        let rest = |it: &Reading| (it.id, it.above, it.shape, it.left.packed());
        self.hash.cmp(&other.hash).then_with(|| rest(self).cmp(&rest(other)))
    }

    pub fn new(hash: u64, id: u32, left: Left, likeness: Likeness, above: u8) -> Reading {
        Reading {
            hash,
            id,
            left,
            likeness,
            above,
            has_title: false,
            is_doubtful: false,
            is_bare: false,
            is_telling: true,
            shape: 0,
        }
    }
}

/// The last parts of a folder, tokenised once for all names in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Above<'w> {
    parts: &'w [Part],
    seen: Vec<Seen>,
    /// Start of the last part, of the last two, and so on.
    starts: Vec<usize>,
}

impl<'w> Above<'w> {
    pub fn of(parts: &'w [Part], folder: &str) -> Above<'w> {
        let mut above = Above::default();
        let first = parts.len().saturating_sub(MOST_PARTS);
        for part in parts.get(first..).unwrap_or_default() {
            above.starts.push(above.seen.len());
            let text = clean(folder.get(part.start as usize..part.end as usize).unwrap_or_default());
            above.seen.extend(Tokens::of(&text).iter().map(below));
        }
        above.starts.reverse();
        above.parts = parts;
        above
    }
}

/// A token after a slash, with its dictionary entry.
fn below(token: &Token) -> Seen {
    let gap = if token.gap == Gap::Start { Gap::Slash } else { token.gap };
    Seen::of(&Token { gap, ..*token })
}

/// What a name is read into. Reused for the next name.
#[derive(Default)]
pub(super) struct Scratch {
    tokens: Tokens,
    cuts: Vec<Cut>,
    /// Tokens of the last folder parts and of the shortest cut.
    seen: Vec<Seen>,
}

/// A name prepared for these comparisons.
pub(super) struct Name<'a> {
    text: Cow<'a, str>,
    pub scratch: Scratch,
    above: &'a Above<'a>,
    folder: &'a str,
    /// `video.mp4`, `2_English.srt`: the folder name identifies the video.
    pub says_nothing: bool,
    /// None of the names in the folder has a meaning.
    pub is_folder: bool,
    pub is_video: bool,
    /// The shortest cut, and what it removed.
    pub shortest: Cut,
}

impl<'a> Name<'a> {
    pub fn video(key: &'a str, above: &'a Above<'a>, scratch: Scratch) -> Name<'a> {
        let mut name = Name::read(key, above, scratch, true);
        let Scratch { tokens, cuts, .. } = &mut name.scratch;
        ends::of_video(&name.text, tokens, &mut |cut| cuts.push(cut));
        name.says_nothing = ends::is_generic(&name.text, tokens);
        name.look();
        name
    }

    pub fn transcript(key: &'a str, above: &'a Above<'a>, scratch: Scratch) -> Name<'a> {
        let mut name = Name::read(key, above, scratch, false);
        let Scratch { tokens, cuts, .. } = &mut name.scratch;
        name.says_nothing =
            ends::of_transcript(&name.text, tokens, &mut |cut| cuts.push(cut)) || ends::is_generic(&name.text, tokens);
        name.look();
        name
    }

    fn read(key: &'a str, above: &'a Above<'a>, mut scratch: Scratch, is_video: bool) -> Name<'a> {
        let text = clean(key::stem(key));
        scratch.tokens.read(&text);
        scratch.cuts.clear();
        scratch.seen.clear();
        Name {
            scratch,
            above,
            folder: key::folder(key),
            says_nothing: false,
            is_folder: false,
            is_video,
            shortest: Cut::default(),
            text,
        }
    }

    fn look(&mut self) {
        // A version cut from a transcript's name needs a person.
        let fits = |cut: &&Cut| self.is_video || cut.step < Step::Version;
        self.shortest = self.scratch.cuts.iter().rev().find(fits).copied().unwrap_or_default();
        let Scratch { tokens, seen, .. } = &mut self.scratch;
        seen.extend_from_slice(&self.above.seen);
        seen.extend(self.shortest.of(tokens).iter().map(below));
    }

    pub fn left(cut: &Cut) -> Left {
        Left { step: cut.step, tag: cut.tag, marks: Marks::of(cut.marks) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The shortest cut, preceded by the last `above` folder parts.
    pub fn seen(&self, above: usize) -> Option<&[Seen]> {
        let from = match above.checked_sub(1) {
            Some(at) => *self.above.starts.get(at)?,
            None => self.above.seen.len(),
        };
        self.scratch.seen.get(from..)
    }

    /// The last folder parts as written.
    fn folder_text(&self, count: usize) -> Option<String> {
        let parts = self.above.parts;
        let names = parts.get(parts.len().checked_sub(count)?..)?.iter();
        let names: Vec<&str> =
            names.filter_map(|part| self.folder.get(part.start as usize..part.end as usize)).collect();
        Some(names.join("/"))
    }

    /// All readings of the name.
    pub fn readings(&self, id: u32, out: &mut Vec<Reading>) {
        let from = out.len();
        if self.says_nothing {
            if self.is_folder {
                self.folder_readings(id, out);
            }
            return;
        }
        let cut = self.shortest;
        // A language tag at the end of a transcript's name is not one of its words.
        let is_tagged = !self.is_video && cut.tag.is_some_and(|tag| !tag.is_doubtful);
        if let Some(whole) = self.scratch.cuts.first().filter(|whole| !is_tagged && **whole != cut) {
            let seen: Vec<Seen> = whole.of(&self.scratch.tokens).iter().map(below).collect();
            self.sense(id, &seen, whole, Likeness::Words, 0, from, out);
        }
        for above in 0..=MOST_PARTS {
            let Some(seen) = self.seen(above) else { break };
            let likeness = if above == 0 { Likeness::Words } else { Likeness::WithFolder };
            self.sense(id, seen, &cut, likeness, above as u8, from, out);
            if let Some(found) = sense::episode_of(seen)
                && is_title(seen.get(found.end..).unwrap_or_default())
            {
                let hash = mix(mix(found.show ^ 0x65).wrapping_add(found.season << 20 | found.episode));
                let has_title = found.end < seen.len();
                let reading = Reading::new(hash, id, Name::left(&cut), Likeness::Episode, above as u8);
                out.push(Reading { has_title, ..reading });
            }
        }
        each_id(&self.text, cut.of(&self.scratch.tokens), &mut |hash, _| {
            out.push(Reading::new(mix(hash ^ 0x69), id, Name::left(&cut), Likeness::Id, 0));
        });
    }

    /// The folder name as the name, with its own end cut.
    fn folder_readings(&self, id: u32, out: &mut Vec<Reading>) {
        let from = out.len();
        for above in 1..=MOST_PARTS {
            let Some(text) = self.folder_text(above) else { break };
            let text = clean(&text);
            let tokens = Tokens::of(&text);
            let mut shortest = Cut { to: tokens.len(), ..Cut::default() };
            ends::of_video(&text, &tokens, &mut |cut| shortest = cut);
            let seen: Vec<Seen> = shortest.of(&tokens).iter().map(below).collect();
            let cut = Cut { tag: self.tag(), ..self.shortest };
            self.sense(id, &seen, &cut, Likeness::Folder, above as u8, from, out);
        }
    }

    /// The language in the name, even if it is all the name says.
    fn tag(&self) -> Option<Tag> {
        if let Some(tag) = self.scratch.cuts.iter().rev().find_map(|cut| cut.tag) {
            return Some(tag);
        }
        let language = word(&self.scratch.tokens).language.filter(|_| !self.is_video)?;
        Some(Tag { language, region: [0; 2], is_doubtful: false })
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one reading")]
    fn sense(
        &self,
        id: u32,
        seen: &[Seen],
        cut: &Cut,
        likeness: Likeness,
        above: u8,
        from: usize,
        out: &mut Vec<Reading>,
    ) {
        let sense = sense::of(seen);
        if sense.words + sense.numbers == 0 {
            return;
        }
        for (hash, is_bare) in [(Some(sense.hash), false), (sense.or, false), (sense.bare, true)] {
            let Some(hash) = hash else { continue };
            let reading = Reading {
                is_bare,
                is_doubtful: sense.or.is_some(),
                is_telling: sense.words + sense.labelled > 0,
                ..Reading::new(mix(hash ^ 0x73), id, Name::left(cut), likeness, above)
            };
            if !out.get(from..).unwrap_or_default().iter().any(|known| known.hash == reading.hash) {
                out.push(reading);
            }
        }
    }

    /// Whether the name contains a random id.
    pub fn has_id(&self) -> bool {
        self.scratch.tokens.iter().any(|token| token.kind == TokenKind::Id)
    }

    /// What the name says besides its ids.
    pub fn beside_ids(&self) -> Beside {
        let tokens = self.shortest.of(&self.scratch.tokens);
        let mut ids = Vec::new();
        each_id(&self.text, tokens, &mut |_, range| ids.push(range));
        let mut beside = Beside::default();
        let mut rest: Vec<Seen> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            if !ids.iter().any(|range| range.contains(&at)) {
                let is_after = ids.iter().any(|range| range.end <= at);
                // Within a title it is a word of that: `A new day [id]`, but `A day, new [id]`.
                let may_be_version = is_after || ids.iter().any(|range| range.start == at + 1);
                let seen = below(token);
                beside.add(&seen, is_after, may_be_version);
                rest.push(seen);
            }
        }
        sense::numbers(&rest, &mut |label, number| {
            if label == sense::DATE { beside.dates.push(number) } else { beside.numbers.push(number) }
        });
        beside
    }
}

/// What a name says besides its ids.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Other words.
    words: Vec<u64>,
    /// Those that follow the id.
    after: Vec<u64>,
    /// Words for another video, or for another text than the transcript.
    roles: Vec<u64>,
    /// `draft`, `old`, `copy`
    versions: Vec<u64>,
    /// Numbers, and single letters behind the id: `-2`, `-b`.
    numbers: Vec<u64>,
    dates: Vec<u64>,
}

impl Beside {
    fn add(&mut self, seen: &Seen, is_after: bool, may_be_version: bool) {
        let (token, word) = (seen.token, seen.word());
        if token.kind != TokenKind::Word {
            return;
        }
        let value = token.value();
        if word.is(Meaning::ROLE.or(Meaning::OTHER_TEXT).or(Meaning::FORCED)) {
            self.roles.push(value);
        } else if may_be_version && word.is(Meaning::VERSION.or(Meaning::STALE).or(Meaning::COPY)) {
            self.versions.push(value);
        } else if is_after && token.letters == 1 {
            self.numbers.push(value);
        } else if !word.is(Meaning::KIND.or(Meaning::MEDIA).or(Meaning::TECHNICAL).or(Meaning::AUTO)) {
            self.words.push(value);
            if is_after {
                self.after.push(value);
            }
        }
    }

    /// The doubt that remains about a video and a transcript with the same id. None if they are not the same: an id
    /// outweighs spelling and folder, but no word for another video, and no number or word that only one name has.
    ///
    /// `is_random`: a house number is short enough to recur, so there the words must agree, too.
    pub fn doubt(&self, transcript: &Beside, is_random: bool) -> Option<Doubt> {
        let within = |a: &[u64], b: &[u64]| a.iter().all(|x| b.contains(x));
        let same = |a: &[u64], b: &[u64]| within(a, b) && within(b, a);
        if !same(&self.roles, &transcript.roles) {
            return None;
        }
        let either = |a: &[u64], b: &[u64]| within(a, b) || within(b, a);
        let may_be = either(&self.words, &transcript.words) && either(&self.numbers, &transcript.numbers);
        if !is_random && !may_be {
            return None;
        }
        if !within(&transcript.versions, &self.versions) {
            return Some(Doubt::Version);
        }
        // The title before a random id may have been edited, and so may one behind it that both names have.
        let (own, theirs) = match is_random {
            true => (&self.after, &transcript.after),
            false => (&self.words, &transcript.words),
        };
        let is_edited = is_random && !own.is_empty() && !either(own, theirs);
        let has_more = !within(theirs, own) && !is_edited && !within(theirs, &self.words);
        // A date on one side only is that of an export.
        let has_other_date =
            !self.dates.is_empty() && !transcript.dates.is_empty() && !same(&self.dates, &transcript.dates);
        let is_extra = has_more || has_other_date || !same(&self.numbers, &transcript.numbers);
        Some(if is_extra { Doubt::Extra } else { Doubt::None })
    }
}

/// Whether the words behind an episode are its title, and not a part, a version or another text of it.
pub(super) fn is_title(seen: &[Seen]) -> bool {
    let is_other_text = |seen: &Seen| seen.word().is(Meaning::OTHER_TEXT.or(Meaning::FORCED));
    let is_plain = |seen: &Seen| {
        let (token, word) = (seen.token, seen.word());
        let is_long = token.letters >= 3 || token.end - token.start > u32::from(token.letters);
        token.kind == TokenKind::Word
            && is_long
            && word.label == 0
            && !word.is(Meaning::VERSION.or(Meaning::STALE).or(Meaning::COPY).or(Meaning::CUT).or(Meaning::ARTICLE))
    };
    seen.is_empty() || seen.iter().any(is_plain) && !is_other(seen) && !seen.iter().any(is_other_text)
}

/// Words that indicate another video.
pub(super) fn is_other(seen: &[Seen]) -> bool {
    seen.iter().any(|seen| seen.word().is(Meaning::ROLE))
}

/// `C0042`, `DSC01234`, `GH010042`: a camera's counter, which every card begins anew.
fn is_clip_number(text: &str, run: &[Token]) -> bool {
    const CAMERAS: [&str; 24] = [
        "dsc", "dscn", "dscf", "gh", "gx", "gl", "gp", "gopr", "mvi", "img", "mov", "vid", "dji", "pxl", "clip", "mah",
        "sam", "pict", "imag", "kic", "hpim", "mts", "avc", "p",
    ];
    let [letters, number] = run else { return false };
    let prefix = text.get(letters.start as usize..letters.end as usize).unwrap_or_default();
    let is_short = letters.letters == 1 && number.letters <= 5;
    letters.kind == TokenKind::Word
        && number.is_number()
        && (is_short || CAMERAS.iter().any(|camera| camera.eq_ignore_ascii_case(prefix)))
}

/// The ids of a name: random ones, and archive numbers such as `HN004512A`.
fn each_id(text: &str, tokens: &[Token], each: &mut dyn FnMut(u64, std::ops::Range<usize>)) {
    let mut at = 0;
    while let Some(first) = tokens.get(at) {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let end = at + 1 + rest.iter().take_while(|token| token.gap == Gap::Joined).count();
        let run = tokens.get(at..end).unwrap_or_default();
        if first.kind == TokenKind::Id {
            each(first.value(), at..at + 1);
        } else {
            let digits =
                run.iter().filter(|token| token.is_number()).map(|token| u32::from(token.letters)).max().unwrap_or(0);
            let letters: u32 =
                run.iter().filter(|token| !token.is_number()).map(|token| u32::from(token.letters)).sum();
            let is_technical = word(run).is(Meaning::TECHNICAL.or(Meaning::MEDIA)) || is_size(text, run);
            let is_date = run.iter().any(|token| sense::date_at(std::slice::from_ref(token)).is_some());
            if digits >= 4 && !is_date && (1..=6).contains(&letters) && !is_technical && !is_clip_number(text, run) {
                each(crate::names::joined(run), at..end);
            }
        }
        at = end;
    }
}
