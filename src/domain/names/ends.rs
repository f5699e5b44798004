//! Parts at the end of a name that don't name the video: languages, kinds, sizes, versions.
//!
//! Nothing is decided here. A name is shortened step by step, each cut records what it removed, and the caller that
//! compares names weighs it.

use super::language::Language;
use super::token::{Gap, Token, TokenKind, joined};
use super::words::{Meaning, Word, is_size, last_run, word};

/// How much of a name was cut off; more is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    #[default]
    Whole,
    /// Language, kind and media extension.
    Tags,
    /// Size and codec.
    Size,
    /// `final`, `v2`
    Version,
}

/// A language tag at the end of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    pub language: Language,
    /// First and last letter of the region or script; zeros if there is none.
    pub region: [u8; 2],
    /// A code that may also be an English word: `fix it`, `01_it`.
    pub is_doubtful: bool,
}

/// A name with some of its end cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The remaining tokens.
    pub from: usize,
    pub to: usize,
    pub step: Step,
    pub tag: Option<Tag>,
    /// What was cut off.
    pub marks: Meaning,
}

impl Cut {
    pub fn of<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        tokens.get(self.from..self.to).unwrap_or_default()
    }

    pub fn hash(&self, tokens: &[Token]) -> u64 {
        joined(self.of(tokens))
    }
}

impl Tag {
    /// Parses a row's language: `en`, `en-US`, `English (US)`.
    pub fn of_row(text: &str) -> Option<Tag> {
        let language = Language::named(text)?;
        let rest = text.trim().split(['-', '_', ' ', '(', ')']).filter(|part| !part.is_empty()).nth(1);
        Some(Tag { language, region: rest.map(region_of).unwrap_or_default(), is_doubtful: false })
    }
}

fn region_of(part: &str) -> [u8; 2] {
    let bytes = part.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if (2..=4).contains(&bytes.len()) => {
            [first.to_ascii_lowercase(), last.to_ascii_lowercase()]
        }
        _ => [0; 2],
    }
}

/// The readings of the end of a transcript's name, from the whole name to the shortest. Returns true if the name
/// consists only of such words: `en.srt`, `2_English.srt`.
pub fn of_transcript(text: &str, tokens: &[Token], each: &mut dyn FnMut(Cut)) -> bool {
    let mut cut = Cut { to: tokens.len(), ..Cut::default() };
    each(cut);
    loop {
        match transcript_end(text, cut.of(tokens), &mut cut) {
            Some(0) => return true,
            Some(to) => {
                cut.to = to;
                each(cut);
                // `captions_ep01`: the kind may come before the name.
                if let Some(from) = kind_before(cut.of(tokens)) {
                    each(Cut { from, step: cut.step.max(Step::Tags), ..cut });
                }
            }
            None => break,
        }
    }
    if cut.to == tokens.len()
        && let Some(from) = kind_before(tokens)
    {
        each(Cut { from, step: Step::Tags, ..cut });
    }
    // A track's number before its language: `2_English`.
    cut.tag.is_some() && matches!(cut.of(tokens), [only] if only.is_number())
}

fn kind_before(tokens: &[Token]) -> Option<usize> {
    let end = tokens.iter().skip(1).position(|token| token.gap != Gap::Joined)? + 1;
    let first = tokens.get(..end)?;
    let is_kind = first.iter().all(|token| !token.is_number()) && word(first).is(Meaning::KIND);
    is_kind.then_some(end)
}

/// Start of the last part that doesn't name the video.
fn transcript_end(text: &str, tokens: &[Token], cut: &mut Cut) -> Option<usize> {
    if let Some(dot) = tokens.iter().rposition(|token| token.gap == Gap::Dot)
        && let Some((tag, marks)) = dotted(text, tokens.get(dot..)?, tokens.get(..dot)?)
    {
        cut.tag = cut.tag.or(tag);
        cut.marks = cut.marks.or(marks);
        cut.step = cut.step.max(Step::Tags);
        return Some(dot);
    }
    let start = last_run(tokens)?;
    let run = tokens.get(start..)?;
    let gap = run.first()?.gap;
    let found = word(run);
    let mut off = |marks: Meaning, step: Step| {
        cut.marks = cut.marks.or(marks);
        cut.step = cut.step.max(step);
        Some(start)
    };
    let apart = gap != Gap::Blank;
    let letters: usize = run.iter().map(|token| usize::from(token.letters)).sum();
    if found.is(Meaning::MEDIA) && matches!(gap, Gap::Dot | Gap::Dash | Gap::Underscore | Gap::Start) {
        return off(Meaning::MEDIA, Step::Tags);
    }
    if found.is(Meaning::FORCED) && apart {
        return off(Meaning::FORCED, Step::Tags);
    }
    if found.is(Meaning::OTHER_TEXT) && apart {
        return off(Meaning::OTHER_TEXT, Step::Tags);
    }
    if found.is(Meaning::IMPAIRED) && apart {
        let is_hindi = found.language.is_some() && !follows_language(tokens.get(..start)?);
        if !is_hindi {
            return off(Meaning::IMPAIRED, Step::Tags);
        }
    }
    if found.is(Meaning::AUTO) && apart {
        return off(Meaning::AUTO, Step::Tags);
    }
    if found.is(Meaning::KIND) && (apart || letters >= 5) {
        let from = after_word(text, tokens, start, &["closed"]).unwrap_or(start);
        off(Meaning::KIND, Step::Tags);
        return Some(from);
    }
    if let Some((from, tag)) = language_at_end(text, tokens, start, found) {
        cut.tag = cut.tag.or(Some(tag));
        cut.step = cut.step.max(Step::Tags);
        return Some(from);
    }
    if let Some(to) = picture_end(text, tokens, start, found) {
        cut.step = cut.step.max(Step::Size);
        cut.marks = cut.marks.or(Meaning::TECHNICAL);
        return Some(to);
    }
    let is_counted = matches!(run, [only] if only.is_number() && only.hash < 100);
    if found.is(Meaning::COPY) || (gap == Gap::Open && is_counted) {
        return off(Meaning::COPY, Step::Version);
    }
    if is_version(text, run, found) {
        return off(Meaning::VERSION, Step::Version);
    }
    None
}

/// Start of one of these words, if it comes directly before.
fn after_word(text: &str, tokens: &[Token], start: usize, words: &[&str]) -> Option<usize> {
    let before = last_run(tokens.get(..start)?)?;
    let (first, last) = (tokens.get(before)?, tokens.get(start.checked_sub(1)?)?);
    let text = text.get(first.start as usize..last.end as usize)?;
    words.iter().any(|word| text.eq_ignore_ascii_case(word)).then_some(before)
}

fn follows_language(before: &[Token]) -> bool {
    last_run(before).and_then(|start| before.get(start..)).is_some_and(|run| {
        run.first().is_some_and(|token| token.gap != Gap::Blank && token.gap != Gap::Start)
            && word(run).language.is_some()
    })
}

/// A language and its region, or the script: `en`, `English`, `pt_BR`, `zh-Hans`.
fn language_at_end(text: &str, tokens: &[Token], start: usize, found: Word) -> Option<(usize, Tag)> {
    let run = tokens.get(start..)?;
    let gap = run.first()?.gap;
    let slice = |run: &[Token]| {
        let (first, last) = (run.first()?, run.last()?);
        text.get(first.start as usize..last.end as usize)
    };
    if found.is(Meaning::REGION)
        && matches!(gap, Gap::Dash | Gap::Underscore)
        && let Some(before) = last_run(tokens.get(..start)?)
        && let Some(language) = word(tokens.get(before..start)?).language
    {
        let gap = tokens.get(before)?.gap;
        let region = region_of(slice(run)?);
        let is_script = run.first()?.letters > 2;
        let is_doubtful = !is_script && !is_strong(gap) && word(tokens.get(before..start)?).is(Meaning::CODE);
        return Some((before, Tag { language, region, is_doubtful }));
    }
    let language = found.language?;
    let is_doubtful = found.is(Meaning::CODE) && !is_strong(gap);
    Some((start, Tag { language, region: [0; 2], is_doubtful }))
}

/// After such a separator a two-letter code is a language and not a word.
fn is_strong(gap: Gap) -> bool {
    matches!(gap, Gap::Dot | Gap::Open | Gap::Start)
}

/// The part after the last dot, if it is a language with optional parts: `en`, `en-US`, `zh_Hans`, `en-orig`, `es-en`,
/// or `en-nP7-2PuUl7o` with a track id.
fn dotted(text: &str, piece: &[Token], before: &[Token]) -> Option<(Option<Tag>, Meaning)> {
    let end = piece.iter().skip(1).position(|token| token.gap != Gap::Joined).map_or(piece.len(), |at| at + 1);
    let found = word(piece.get(..end)?);
    let language = found.language?;
    let mut tag = Tag { language, region: [0; 2], is_doubtful: false };
    if end == piece.len() {
        if found.is(Meaning::IMPAIRED) && follows_language(before) {
            return Some((None, Meaning::IMPAIRED));
        }
        return Some((Some(tag), Meaning::default()));
    }
    let rest = piece.get(end..)?;
    if !matches!(rest.first()?.gap, Gap::Dash | Gap::Underscore) {
        return None;
    }
    let text = text.get(rest.first()?.start as usize..rest.last()?.end as usize)?;
    let id = text.len() == 11 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let mut marks = Meaning::default();
    for part in text.split(['-', '_']) {
        let lower = part.to_ascii_lowercase();
        match lower.as_str() {
            "x" => break,
            "orig" | "cc" => {}
            "auto" | "asr" | "autogen" => marks = marks.or(Meaning::AUTO),
            "sdh" | "hi" => marks = marks.or(Meaning::IMPAIRED),
            "forced" => marks = marks.or(Meaning::FORCED),
            "hans" | "hant" | "latn" | "cyrl" | "419" => tag.region = region_of(part),
            _ if part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()) => {
                if Language::of(&lower).is_none() || part.bytes().all(|b| b.is_ascii_uppercase()) || is_country(&lower)
                {
                    tag.region = region_of(part);
                }
            }
            _ if id => break,
            _ => return None,
        }
    }
    Some((Some(tag), marks))
}

fn is_country(code: &str) -> bool {
    word(&super::token::Tokens::of(code)).is(Meaning::REGION)
}

/// Size, codec, and the group name at the end of a release: `720p.BluRay.x264-GROUP`.
fn picture_end(text: &str, tokens: &[Token], start: usize, found: Word) -> Option<usize> {
    let run = tokens.get(start..)?;
    if found.is(Meaning::TECHNICAL) || is_size(text, run) {
        return Some(start);
    }
    // `h.264`, `web-dl`, `5.1`
    if let [only] = run {
        let before = last_run(tokens.get(..start)?)?;
        let prior = tokens.get(before..start)?;
        if only.is_number() && matches!(prior, [one] if one.letters == 1 && matches!(only.hash, 264 | 265)) {
            return Some(before);
        }
        let name = text.get(only.start as usize..only.end as usize)?;
        if name.eq_ignore_ascii_case("dl") && word(prior).is(Meaning::TECHNICAL) {
            return Some(before);
        }
    }
    if run.first()?.gap != Gap::Dash {
        return None;
    }
    let codec = last_run(tokens.get(..start)?)?;
    let source = last_run(tokens.get(..codec)?)?;
    let is_technical =
        |run: Option<&[Token]>| run.is_some_and(|run| word(run).is(Meaning::TECHNICAL) || is_size(text, run));
    (is_technical(tokens.get(codec..start)) && is_technical(tokens.get(source..codec))).then_some(start)
}

fn is_version(text: &str, run: &[Token], found: Word) -> bool {
    let numbered = match run {
        [letters, number] if number.is_number() && number.hash < 100 => {
            let letters = text.get(letters.start as usize..letters.end as usize).unwrap_or_default();
            ["v", "ver", "version", "rev"].iter().any(|known| letters.eq_ignore_ascii_case(known))
        }
        _ => false,
    };
    numbered || found.is(Meaning::VERSION)
}

/// The readings of the end of a video's name, from the whole name to the shortest. A language tag is cut only if
/// nothing suggests that it is a word.
pub fn of_video(text: &str, tokens: &[Token], each: &mut dyn FnMut(Cut)) {
    let mut cut = Cut { to: tokens.len(), ..Cut::default() };
    each(cut);
    loop {
        let left = cut.of(tokens);
        let Some(start) = last_run(left).filter(|start| *start > 0) else { return };
        let run = left.get(start..).unwrap_or_default();
        let found = word(run);
        let gap = run.first().map_or(Gap::Start, |token| token.gap);
        if let Some(to) = picture_end(text, left, start, found).filter(|to| *to > 0) {
            cut = Cut { to, step: cut.step.max(Step::Size), marks: cut.marks.or(Meaning::TECHNICAL), ..cut };
        } else if is_view(text, left, start) {
            cut = Cut { to: start, step: cut.step.max(Step::Size), marks: cut.marks.or(Meaning::TECHNICAL), ..cut };
        } else if (is_version(text, run, found) || is_generic_end(text, run, found, gap)) && names(left.get(..start)) {
            cut = Cut { to: start, step: Step::Version, marks: cut.marks.or(Meaning::VERSION), ..cut };
        } else if cut.tag.is_none()
            && gap != Gap::Blank
            && let Some((to, tag)) = language_at_end(text, left, start, found).filter(|(to, _)| *to > 0)
        {
            cut = Cut { to, step: cut.step.max(Step::Tags), tag: Some(tag), ..cut };
        } else {
            return;
        }
        each(cut);
    }
}

/// `interview_video`, `Meeting Recording`
fn is_generic_end(text: &str, run: &[Token], found: Word, gap: Gap) -> bool {
    let is_recording = || {
        let name = run.first().zip(run.last()).and_then(|(a, b)| text.get(a.start as usize..b.end as usize));
        name.is_some_and(|name| name.eq_ignore_ascii_case("recording"))
    };
    found.is(Meaning::GENERIC) && (gap != Gap::Blank || is_recording())
}

/// The view that a meeting was recorded in: `Recording_gallery`.
fn is_view(text: &str, tokens: &[Token], start: usize) -> bool {
    const VIEWS: [&str; 6] = ["gallery", "speaker", "as", "gvo", "avo", "sharedscreen"];
    let run = tokens.get(start..).unwrap_or_default();
    let name = run.first().zip(run.last()).and_then(|(a, b)| text.get(a.start as usize..b.end as usize));
    name.is_some_and(|name| VIEWS.iter().any(|view| name.eq_ignore_ascii_case(view)))
        && after_word(text, tokens, start, &["recording"]).is_some()
}

/// Whether the rest still names something: more than an article or a short word.
fn names(tokens: Option<&[Token]>) -> bool {
    tokens.unwrap_or_default().iter().any(|token| token.kind != TokenKind::Word || token.letters > 3)
        || tokens.is_some_and(|tokens| tokens.len() > 1)
}

/// The name says nothing about the content: `video.mp4`, `1080p.mp4`, `video1234567890.mp4`.
pub fn is_generic(text: &str, tokens: &[Token]) -> bool {
    let mut rest = tokens;
    while let Some(start) = last_run(rest) {
        let run = rest.get(start..).unwrap_or_default();
        let known = Meaning::GENERIC.or(Meaning::TECHNICAL).or(Meaning::MEDIA).or(Meaning::KIND);
        let is_numbered = matches!(run, [name, number] if number.is_number() && number.letters >= 6
            && word(std::slice::from_ref(name)).is(Meaning::GENERIC));
        if !word(run).is(known) && !is_size(text, run) && !is_numbered {
            return false;
        }
        rest = rest.get(..start).unwrap_or_default();
    }
    !tokens.is_empty()
}
