//! The sentences of a pairing, written on demand. All outside text in them is printable.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::given::{Origin, pair_number};
use super::result::{Claim, Class, Mark, Pairing, Proposal};
use super::world::{NOTHING, object_key};
use crate::format::thousands;
use crate::manifest::{Field, RowId};
use crate::names::folders::{Parts, contradict};
use crate::names::words::word;
use crate::names::{Gap, Tag, Token, Tokens, clean, ends, joined};
use crate::parallel::{self, Sorted};
use crate::printable::printable;
use crate::s3_url::key;
use std::borrow::Cow;

/// How many that fit alike are named after the first two.
const LABELLED: usize = 2;
/// How many neighbours in the sorted list are compared to find the nearest name.
const NEIGHBOURS: usize = 6;

impl Pairing {
    /// Why a row has its proposal, what must be decided, or what came nearest.
    pub fn reason(&self, proposal: &Proposal) -> String {
        match (proposal.class, self.pair(proposal)) {
            (Class::None, _) => self.nothing(proposal),
            (Class::Ambiguous, _) | (_, None) => {
                self.question(proposal).unwrap_or_else(|| Class::Ambiguous.why().to_owned())
            }
            (_, Some(edge)) => {
                let mut reason = self.evidence(edge).join(" · ");
                if proposal.mark != Mark::None
                    && let Some(question) = self.question(proposal)
                {
                    reason = format!("{reason} · {question}");
                }
                reason
            }
        }
    }

    fn pair(&self, proposal: &Proposal) -> Option<&Edge> {
        self.edges_of(proposal.video).iter().find(|edge| edge.transcript == proposal.transcript)
    }

    /// What supports a pair, strongest first.
    fn evidence(&self, edge: &Edge) -> Vec<Cow<'static, str>> {
        if let Some(origin) = self.origin(edge) {
            return vec![origin.into()];
        }
        let mut words: Vec<Cow<'_, str>> = vec![likeness(edge.likeness).into()];
        if edge.has_tag
            && let Some(tag) = self.tag(edge.transcript)
        {
            words.push(format!("{} tag, the row's language", tag_words(&tag)).into());
        }
        words.push(place(edge.near).into());
        if edge.fits_alone {
            words.push("only one that fits the length".into());
        }
        if self.edges_of(edge.video).len() == 1 {
            words.push("only candidate".into());
        }
        words
    }

    /// `given by pairs.csv, line 17`
    fn origin(&self, edge: &Edge) -> Option<String> {
        let Origin { by, line } = self.origins.get(&pair_number(edge.video, edge.transcript))?;
        (edge.likeness == Likeness::Given).then(|| format!("given by {}, line {}", printable(by), thousands(*line)))
    }

    /// The class explained in a few words.
    pub fn why(&self, class: Class) -> Cow<'static, str> {
        let overview = self.overview();
        if class != Class::Exact || overview.given == 0 {
            return class.why().into();
        }
        let mut tables = self.origins.values().map(|origin| &origin.by);
        let first = tables.next();
        let by = match first {
            Some(by) if tables.all(|other| other == by) => printable(by),
            _ => "tables".into(),
        };
        if overview.given == overview.of(class).rows {
            format!("given by {by}").into()
        } else {
            format!("same name, or given by {by}").into()
        }
    }

    /// The question about a row; None if there is none.
    pub fn question(&self, proposal: &Proposal) -> Option<String> {
        if proposal.mark == Mark::Shifted {
            return Some("may be shifted by one".to_owned());
        }
        if proposal.mark == Mark::CloseSecond {
            let pair = self.pair(proposal)?;
            let second = self.second(proposal.video, pair)?;
            let (a, b) = self.labels(pair.transcript, second.transcript);
            return Some(format!("a close second: {a} and {b}"));
        }
        if proposal.class != Class::Ambiguous {
            return None;
        }
        let alike = self.alike(proposal);
        let first = *alike.first()?;
        let says = || printable(self.snapshot.value(proposal.row, Field::Language).text()).into_owned();
        if let [a, b, rest @ ..] = alike.as_slice() {
            let (one, two) = self.labels(a.transcript, b.transcript);
            let row = if a.has_tag && b.has_tag { format!("; the row says {}", says()) } else { String::new() };
            let others = rest.iter().take(LABELLED).map(|edge| self.labels(a.transcript, edge.transcript).1);
            let others: Vec<String> = others.collect();
            return Some(match (rest.len(), others.as_slice()) {
                (0, _) => format!("two fit: {one} and {two}{row}"),
                (1, [three]) => format!("3 fit: {one}, {two} and {three}{row}"),
                (2, [three, four]) => format!("4 fit: {one}, {two}, {three} and {four}{row}"),
                (more, _) => format!("{} fit: {one}, {two} and {} more{row}", alike.len(), thousands(more as u64)),
            });
        }
        if self.is_unlisted(first.transcript) {
            let origin = self.origin(first).map_or_else(String::new, |origin| format!(": {origin}"));
            return Some(format!("not in the lists{origin}"));
        }
        Some(match first.doubt {
            Doubt::None | Doubt::Content => match self.claimant(proposal.video, first) {
                Some(row) => format!("{} claims it as well", number(row)),
                None => "what its name says more tells it from another video".to_owned(),
            },
            Doubt::Language | Doubt::Region => {
                let tag =
                    self.tag(first.transcript).map_or_else(|| "another language".to_owned(), |tag| tag_words(&tag));
                format!("only in {tag}, the row says {}", says())
            }
            Doubt::Used => match self.used_by.get(&first.transcript) {
                Some(row) => format!("used by {}", number(*row)),
                None => "used by another row".to_owned(),
            },
            Doubt::Forced => "only forced".to_owned(),
            Doubt::Version => "the transcript has a version, the video has none".to_owned(),
            Doubt::Copy => "only a copy".to_owned(),
            Doubt::Stale => "only in a folder of old things".to_owned(),
            Doubt::Extra => "one name says more than the other".to_owned(),
            Doubt::Size => "the sizes differ".to_owned(),
            Doubt::Signs => "the names differ in a sign".to_owned(),
            Doubt::Folder => "same name, the folders differ".to_owned(),
            Doubt::Date => "day and month may be the other way round".to_owned(),
            Doubt::Facts => "the cues do not fit the video".to_owned(),
        })
    }

    /// Rows with the same parts have the same question.
    pub(super) fn question_parts(&self, proposal: &Proposal) -> Vec<String> {
        if proposal.mark != Mark::None {
            return vec![format!("{:?}", proposal.mark)];
        }
        let alike = self.alike(proposal);
        let Some(first) = alike.first() else { return vec!["none".to_owned()] };
        let language = || self.snapshot.value(proposal.row, Field::Language).text().to_owned();
        if let [a, b, rest @ ..] = alike.as_slice() {
            let (one, two) = self.labels(a.transcript, b.transcript);
            let mut parts = vec![format!("{} fit", alike.len()), one, two];
            parts.extend(rest.iter().take(LABELLED).map(|edge| self.labels(a.transcript, edge.transcript).1));
            if a.has_tag && b.has_tag {
                parts.push(language());
            }
            return parts;
        }
        if self.is_unlisted(first.transcript) {
            return vec!["not in the lists".to_owned()];
        }
        let mut parts = vec![format!("{:?}", if first.doubt == Doubt::Content { Doubt::None } else { first.doubt })];
        // A name that fits in another way, or from another place, is another kind of candidate.
        parts.push(format!("{:?} {:?}", first.likeness, first.near));
        if matches!(first.doubt, Doubt::Language | Doubt::Region) {
            parts.extend(self.tag(first.transcript).map(|tag| tag_words(&tag)));
            parts.push(language());
        }
        parts
    }

    /// Two of its candidates fit alike.
    pub fn fit_alike(&self, proposal: &Proposal) -> bool {
        proposal.class == Class::Ambiguous && self.alike(proposal).len() > 1
    }

    /// Candidates that nothing distinguishes.
    fn alike(&self, proposal: &Proposal) -> Vec<&Edge> {
        let Some(first) = self.candidates(proposal.video).next() else { return Vec::new() };
        let mut alike: Vec<&Edge> = self
            .candidates(proposal.video)
            .take_while(|edge| edge.doubt == first.doubt && edge.level == first.level)
            .collect();
        let name = |edge: &&Edge| self.keys.name(edge.transcript);
        alike.sort_by(|a, b| (a.choice, name(a)).cmp(&(b.choice, name(b))));
        alike
    }

    /// Sorts what sentences are looked up in, so that none that is written later takes a look at all keys.
    pub fn prepare_words(&self) {
        parallel::join(
            &mut || {
                self.claims();
            },
            &mut || {
                self.by_name();
            },
        );
    }

    fn claims(&self) -> &[Claim] {
        self.claims.get_or_init(|| {
            let claim = |edge: &Edge| Claim { transcript: edge.transcript, level: edge.level, video: edge.video };
            let mut claims: Vec<Claim> = self.edges.iter().map(claim).collect();
            let rank = |it: &Claim| u128::from(it.transcript) << 40 | u128::from(it.level) << 32 | u128::from(it.video);
            parallel::sort(&mut claims, rank);
            claims
        })
    }

    fn file_name(&self, index: u32) -> &str {
        key::file_name(self.keys.name(index).map_or("", |(_, key)| key))
    }

    fn by_name(&self) -> &Sorted {
        self.by_name.get_or_init(|| Sorted::of(self.listed().len(), |index| self.file_name(index)))
    }

    /// The first other row that a transcript fits as well.
    fn claimant(&self, video: u32, edge: &Edge) -> Option<RowId> {
        let claims = self.claims();
        let mut from = claims.partition_point(|claim| claim.transcript < edge.transcript);
        let mut first: Option<u32> = None;
        // Only the first of each level: thousands of rows may claim one transcript.
        while let Some(claim) = claims.get(from).filter(|it| it.transcript == edge.transcript && it.level <= edge.level)
        {
            let own = claims.get(from..).unwrap_or_default();
            let is_it = |other: &&Claim| (other.transcript, other.level) == (claim.transcript, claim.level);
            let other = own.iter().take(2).filter(is_it).map(|other| other.video).find(|other| *other != video);
            first = first.into_iter().chain(other).min();
            from += own.partition_point(|other| (other.transcript, other.level) <= (claim.transcript, claim.level));
        }
        self.videos.get(first? as usize).map(|video| video.row)
    }

    /// The shortest labels that distinguish two keys.
    pub(super) fn labels(&self, a: u32, b: u32) -> (String, String) {
        if let (Some(one), Some(two)) = (self.tag(a), self.tag(b))
            && (one.language, one.region) != (two.language, two.region)
        {
            return (tag_words(&one), tag_words(&two));
        }
        let name = |index| self.keys.name(index).map_or("", |(_, key)| key);
        let (a, b) = (name(a), name(b));
        let (x, y) = if key::folder(a) == key::folder(b) {
            (key::file_name(a), key::file_name(b))
        } else if key::file_name(a) == key::file_name(b) {
            let (x, y) = differing(key::folder(a), key::folder(b), &['/']);
            // If one folder is only deeper, the last part.
            let last = |part: &str, key: &str| match part.trim_matches('/') {
                "" => key::file_name(key::folder(key).trim_end_matches('/')).to_owned(),
                part => part.to_owned(),
            };
            let slash = |part: String| format!("{}/", printable(&part));
            return (slash(last(x, a)), slash(last(y, b)));
        } else {
            (a, b)
        };
        let (x, y) = differing(x, y, &['.', '_', '-', ' ']);
        let bare = |part: &str| printable(part.trim_matches(['.', '_', ' '])).into_owned();
        (bare(x), bare(y))
    }

    /// A remark about one candidate of a row.
    pub fn candidate(&self, proposal: &Proposal, transcript: u32) -> String {
        let Some(edge) = self.edges_of(proposal.video).iter().find(|edge| edge.transcript == transcript) else {
            return "other key".to_owned();
        };
        if let Some(row) = self.used_by.get(&transcript) {
            return format!("used by {}", number(*row));
        }
        if self.is_unlisted(transcript) {
            return "not in the lists".to_owned();
        }
        match edge.doubt {
            Doubt::Language | Doubt::Region => match self.tag(transcript) {
                Some(tag) => format!("language {}", tag_words(&tag)),
                None => "other language".to_owned(),
            },
            Doubt::Forced => "forced".to_owned(),
            Doubt::Stale | Doubt::Folder => "other folder".to_owned(),
            _ => match self.claimant(proposal.video, edge) {
                Some(row) => format!("claimed by {}", number(row)),
                None if edge.likeness <= Likeness::Tags => "same name".to_owned(),
                None => "close name".to_owned(),
            },
        }
    }

    /// The language in a transcript's name or folder.
    fn tag(&self, transcript: u32) -> Option<Tag> {
        let (_, key) = self.keys.name(transcript)?;
        let text = clean(key::stem(key));
        let tokens = Tokens::of(&text);
        let mut tag = None;
        ends::of_transcript(&text, &tokens, &mut |cut| tag = tag.or(cut.tag));
        let whole = || word(&tokens).language.map(|language| Tag { language, region: [0; 2], is_doubtful: false });
        let folder = || {
            let parts = Parts::of(key::folder(key));
            let language = parts.iter().rev().find_map(|part| part.language)?;
            Some(Tag { language, region: [0; 2], is_doubtful: false })
        };
        tag.or_else(whole).or_else(folder)
    }

    /// For a row without candidates: the nearest key, and why it doesn't fit.
    fn nothing(&self, proposal: &Proposal) -> String {
        if let Some(edge) = self.edges_of(proposal.video).first()
            && let Some(owner) = self.taken.get(edge.transcript as usize).filter(|owner| **owner != NOTHING)
            && let Some(owner) = self.videos.get(*owner as usize)
        {
            return format!("nothing fits; {} is nearer to {}", self.file(edge.transcript), number(owner.row));
        }
        match self.nearest(proposal.row) {
            Some((near, veto)) => format!("nothing fits; near: {}, {veto}", self.file(near)),
            None => "nothing fits; near: none".to_owned(),
        }
    }

    fn file(&self, transcript: u32) -> String {
        printable(self.file_name(transcript)).into_owned()
    }

    /// The nearest key that is not a row's own, and why it doesn't fit.
    pub fn nearest(&self, row: RowId) -> Option<(u32, String)> {
        let video = object_key(&self.snapshot, row);
        let stem = key::stem(&video);
        let by_name = self.by_name();
        let at = by_name.place(stem, |index| self.file_name(index));
        let end = (at + NEIGHBOURS).min(by_name.indexes.len());
        let around = by_name.indexes.get(at.saturating_sub(NEIGHBOURS)..end)?;
        let text = clean(stem);
        let (own, mut tokens) = (Tokens::of(&text), Tokens::default());
        let told = around.iter().filter_map(|index| {
            let (_, key) = self.keys.name(*index)?;
            let (distance, veto) = differs(&video, (&text, &own), key, &mut tokens)?;
            Some((distance, key, *index, veto))
        });
        told.min().map(|(_, _, index, veto)| (index, veto))
    }
}

/// How two similar names differ; less is nearer. `tokens` is a scratch buffer.
fn differs(video: &str, (a, own): (&str, &[Token]), transcript: &str, tokens: &mut Tokens) -> Option<(u32, String)> {
    let b = clean(key::stem(transcript));
    tokens.read(&b);
    let theirs: &[Token] = tokens;
    let mut cut = theirs.len();
    ends::of_transcript(&b, theirs, &mut |end| {
        if end.from == 0 {
            cut = end.to;
        }
    });
    let theirs = theirs.get(..cut).unwrap_or_default();
    let shown = |text: &str, token: &Token| {
        printable(text.get(token.start as usize..token.end as usize).unwrap_or_default()).into_owned()
    };
    let same = own.iter().zip(theirs).take_while(|(x, y)| x.value() == y.value()).count();
    if same == own.len() && same == theirs.len() || joined(own) == joined(theirs) {
        let (a, b) = (Parts::of(key::folder(video)), Parts::of(key::folder(transcript)));
        let differing = a.iter().rev().zip(b.iter().rev()).find(|(x, y)| x.hash != y.hash);
        let name = |folder: &str, part: &crate::names::folders::Part| {
            printable(folder.get(part.start as usize..part.end as usize).unwrap_or_default()).into_owned()
        };
        let (x, y) = differing?;
        let is_contradiction = contradict(std::slice::from_ref(x), std::slice::from_ref(y));
        return Some((u32::from(!is_contradiction), format!("{} is not {}", name(transcript, y), name(video, x))));
    }
    match (own.get(same), theirs.get(same)) {
        (Some(x), Some(y)) if x.is_number() && y.is_number() && own.len() == theirs.len() => {
            Some((2, format!("{} is not {}", shown(&b, y), shown(a, x))))
        }
        (None, Some(y)) if same > 0 && theirs.len() == same + 1 => Some((3, format!("{} is extra", shown(&b, y)))),
        (Some(x), None) if same > 0 && own.len() == same + 1 => Some((4, format!("{} is missing in it", shown(a, x)))),
        (Some(x), Some(y)) if same > 0 && x.gap != Gap::Joined && y.gap != Gap::Joined => {
            Some((5, format!("{} is not {}", shown(&b, y), shown(a, x))))
        }
        _ => None,
    }
}

/// The differing parts of two texts, extended to the borders.
fn differing<'t>(a: &'t str, b: &'t str, borders: &[char]) -> (&'t str, &'t str) {
    let begin = a
        .char_indices()
        .zip(b.chars())
        .take_while(|((_, x), y)| x == y)
        .last()
        .map_or(0, |((at, c), _)| at + c.len_utf8());
    let begin = a.get(..begin).and_then(|same| same.rfind(borders)).map_or(0, |at| at + 1);
    let (a, b) = (a.get(begin..).unwrap_or(a), b.get(begin..).unwrap_or(b));
    let end: usize = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(c, _)| c.len_utf8()).sum();
    let tail = a.get(a.len() - end..).and_then(|same| same.find(borders).map(|at| same.len() - at)).unwrap_or(0);
    let cut = |text: &'t str| text.get(..text.len() - tail).filter(|text| !text.is_empty()).unwrap_or(text);
    (cut(a), cut(b))
}

fn number(row: RowId) -> String {
    thousands(u64::from(row) + 1)
}

fn tag_words(tag: &Tag) -> String {
    let code = tag.language.code();
    match tag.region {
        [0, 0] => code.to_owned(),
        [b'h', b's'] => format!("{code}-Hans"),
        [b'h', b't'] => format!("{code}-Hant"),
        [b'4', b'9'] => format!("{code}-419"),
        [a, b] => format!("{code}-{}{}", char::from(a.to_ascii_uppercase()), char::from(b.to_ascii_uppercase())),
    }
}

const fn likeness(likeness: Likeness) -> &'static str {
    match likeness {
        Likeness::Given => "given by a table",
        Likeness::Exact => "same name",
        Likeness::Written => "same name, other writing",
        Likeness::Tags => "same name",
        Likeness::Size => "same name, size left off",
        Likeness::Version => "same name, version left off",
        Likeness::Words => "words and numbers agree",
        Likeness::WithFolder => "same name with the folder's",
        Likeness::Folder => "the folder is the name",
        Likeness::Episode => "same season and episode",
        Likeness::Id => "same id",
        Likeness::Scheme => "scheme of folder",
    }
}

const fn place(near: Near) -> &'static str {
    match near {
        Near::Same => "same folder",
        Near::Mirrored => "mirrored folder",
        Near::OtherRoot => "same folder under another root",
        Near::More => "near folder",
        Near::Unrelated => "other folder",
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::Snapshot;
    use crate::keys::{Key, KeyList};
    use crate::manifest::Manifest;
    use crate::pair::{Inputs, Pairing, run};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    fn paired(rows: &[(&str, &str)], keys: &[&str]) -> Pairing {
        let rows: Vec<_> = rows
            .iter()
            .map(|(video, language)| {
                serde_json::json!({"index_id": "65a1b2c3d4e5f60718293a4b", "language": language,
                    "object": format!("s3://b/{video}"), "transcription": ""})
            })
            .collect();
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(serde_json::to_vec(&rows).unwrap()).unwrap()));
        let keys: KeyList = keys.iter().map(|key| Key::named("b", *key)).collect();
        run(&Inputs::new(&snapshot, &keys), &|_| {}, &AtomicBool::new(false)).unwrap()
    }

    #[test]
    fn rows_with_one_question_read_the_same_question() {
        let pairing = paired(
            &[("v/one.mp4", "en"), ("v/two.mp4", "en"), ("v/three.mp4", "de"), ("v/four.mp4", "en")],
            &[
                "v/one.es.srt",
                "v/one.fr.srt",
                "v/one.ja.srt",
                "v/two.es.srt",
                "v/two.fr.srt",
                "v/two.ko.srt",
                "v/three.es.srt",
                "v/three.fr.srt",
                "v/three.ja.srt",
                "v/four.es.srt",
                "v/four.fr.srt",
                "v/four.ja.srt",
            ],
        );
        let asked: Vec<_> =
            pairing.proposals().iter().map(|it| (it.question(), pairing.question(it).unwrap_or_default())).collect();
        for (one, words) in &asked {
            for (other, others) in &asked {
                assert_eq!(one == other, words == others, "{words} / {others}");
            }
        }
        assert_eq!(pairing.questions().len(), 3, "{asked:?}");
    }
}
