//! Derives a template from one or two filled rows.
//!
//! As in FlashFill, every way to split an example's transcript into constants and parts of its video is a path through
//! a graph; with two examples both graphs are searched together, so only common explanations remain. In addition, the
//! listing serves as an oracle: the cheapest candidates are applied to other rows, and those win whose values exist and
//! are unique.

use super::fill::{Video, labelled, numbers, words};
use super::{Applied, Case, Part, PartPosition, Piece, SEPARATORS, Source, Style, Template, Which, apply};
use crate::draft::Snapshot;
use crate::keys::Listed;
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;
use std::collections::{BTreeMap, HashMap};

/// Candidates kept per graph node, and programs tried.
const WAYS: usize = 48;
/// Most parts of one kind tried: words, numbers, folders.
const MOST: usize = 8;
/// Longest transcript address used as an example, in bytes.
const LONGEST: usize = 512;
/// Rows each program is tried on before the best one is applied to all.
const TRIED: usize = 1024;
/// Percentage of rows with an existing value that makes one example enough.
const ENOUGH: usize = 80;
/// Fewer rows than this are filled faster by hand.
const FEWEST: u64 = 3;

/// The input of learning.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    pub snapshot: &'a Snapshot,
    /// One or two filled rows; of more, the last two are used.
    pub examples: &'a [RowId],
    /// Rows with correct transcripts, such as those filled in this session: candidates that contradict one are
    /// rejected.
    pub held: &'a RowSet,
    /// Rows to be filled.
    pub gain: &'a RowSet,
    pub listed: Option<&'a Listed>,
}

/// The best template for the examples, applied to the rows it would fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearntTemplate {
    pub template: Template,
    pub applied: Applied,
    pub rival: Option<Rival>,
}

/// Another template that explains the examples equally well: a row where the two differ and both values exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    pub template: Template,
    pub row: RowId,
    /// The values of the learnt template and of this one.
    pub values: [String; 2],
}

impl LearntTemplate {
    /// Whether enough rows gain from it to offer it.
    pub fn is_worth_offering(&self) -> bool {
        let rows = self.applied.fillable(self.applied.first());
        rows.len() as u64 >= FEWEST
    }
}

/// Learns from filled rows. None if nothing explains them, if there is only one example and too few values exist, or if
/// `progress` stopped it.
pub fn learn(lesson: &Lesson<'_>, progress: impl Fn(u32) -> bool + Sync) -> Option<LearntTemplate> {
    let listed = lesson.listed.filter(|listed| !listed.is_empty());
    let rows: Vec<_> = lesson.examples.iter().rev().take(2).map(|row| lesson.snapshot.row(*row)).collect();
    let examples: Vec<Example<'_>> = rows.iter().map(Example::of).collect::<Option<_>>()?;
    let tried = spread(lesson.gain, TRIED);
    let mut trials: Vec<Trial> = Vec::new();
    for (cost, template) in programs(&examples) {
        if !progress(0) {
            return None;
        }
        let Some(trial) = Trial::of(cost, template, lesson, listed, &tried) else { continue };
        // Programs with equal results are one; the cheaper one came first.
        if trials.iter().all(|known| known.values != trial.values) {
            trials.push(trial);
        }
    }
    // A stable sort keeps the cheapest first.
    trials.sort_by_key(|trial| (std::cmp::Reverse(trial.good), trial.cost));
    let best = trials.first()?;
    if examples.len() < 2 && (best.good * 100 < tried.len() * ENOUGH || listed.is_none()) {
        return None;
    }
    let rival =
        trials.iter().skip(1).filter(|other| listed.is_some() && other.good * 2 >= best.good).find_map(|other| {
            let at = (0..tried.len()).find(|at| {
                let exists = |trial: &Trial| {
                    trial
                        .values
                        .get(*at)
                        .and_then(Option::as_deref)
                        .is_some_and(|value| listed.is_some_and(|listed| listed.contains(value)))
                };
                best.values.get(*at) != other.values.get(*at) && exists(best) && exists(other)
            })?;
            let values = [best.values.get(at)?.clone()?, other.values.get(at)?.clone()?];
            Some(Rival { template: other.template.clone(), row: *tried.get(at)?, values })
        });
    let template = best.template.clone();
    let applied = apply(&template, lesson.snapshot, lesson.gain, listed, progress)?;
    Some(LearntTemplate { template, applied, rival })
}

/// At most `most` of the rows, evenly distributed.
fn spread(rows: &RowSet, most: usize) -> Vec<RowId> {
    let step = rows.len().div_ceil(most).max(1);
    rows.iter().step_by(step).collect()
}

/// A program and its values for the sample rows.
struct Trial {
    template: Template,
    cost: u32,
    values: Vec<Option<String>>,
    /// Values that exist and are unique to a video; without a list, all unique ones.
    good: usize,
}

impl Trial {
    /// None if a known row contradicts it.
    fn of(
        cost: u32,
        template: Template,
        lesson: &Lesson<'_>,
        listed: Option<&Listed>,
        tried: &[RowId],
    ) -> Option<Trial> {
        let snapshot = lesson.snapshot;
        let value = |row: RowId| template.value(snapshot, row).ok();
        let agrees = |row: RowId| {
            let known = snapshot.value(row, Field::Transcription);
            known.text().is_empty() || value(row).as_deref() == Some(known.text())
        };
        if !spread(lesson.held, TRIED).into_iter().chain(lesson.examples.iter().copied()).all(agrees) {
            return None;
        }
        let values: Vec<Option<String>> = tried.iter().map(|row| value(*row)).collect();
        let mut by_value: HashMap<&str, (String, bool)> = HashMap::new();
        for (row, value) in tried.iter().zip(&values) {
            let Some(value) = value else { continue };
            let video = snapshot.value(*row, Field::Object).text().to_owned();
            let known = by_value.entry(value).or_insert_with(|| (video.clone(), true));
            known.1 &= known.0 == video;
        }
        let is_good = |value: &&String| {
            by_value.get(value.as_str()).is_some_and(|(_, is_unique)| *is_unique)
                && listed.is_none_or(|listed| listed.contains(value))
        };
        let good = values.iter().flatten().filter(is_good).count();
        Some(Trial { template, cost, values, good })
    }
}

/// A filled row.
#[derive(Clone, Copy)]
struct Example<'a> {
    video: Video<'a>,
    transcript: &'a str,
}

impl<'a> Example<'a> {
    fn of(row: &'a crate::manifest::Row<'_>) -> Option<Example<'a>> {
        let transcript = row.text(Field::Transcription);
        let video = Video::of(row.text(Field::Object), row.text(Field::Language))?;
        (!transcript.is_empty() && transcript.len() <= LONGEST).then_some(Example { video, transcript })
    }

    fn fill(&self, part: &Part) -> Option<String> {
        let mut text = String::new();
        part.fill(&self.video, &mut text)?;
        Some(text)
    }
}

/// The programs that produce each example's transcript from its video, cheapest first.
fn programs(examples: &[Example<'_>]) -> Vec<(u32, Template)> {
    let Some(first) = examples.first() else { return Vec::new() };
    let second = examples.get(1);
    let edges = edges(first, second);
    let goal = (first.transcript.len(), second.map_or(0, |second| second.transcript.len()));
    let mut places: BTreeMap<(usize, usize), Vec<Way>> = BTreeMap::new();
    places.insert((0, 0), vec![Way { cost: 0, in_text: false, from: None }]);
    let mut found: BTreeMap<(usize, usize), Vec<Way>> = BTreeMap::new();
    // Steps only go forward in the first transcript, so nodes are visited in order.
    while let Some((place, mut ways)) = places.pop_first() {
        ways.sort_by_key(|way| way.cost);
        ways.truncate(WAYS);
        if place != goal {
            let text =
                |example: &Example<'_>, at: usize| example.transcript.get(at..).and_then(|rest| rest.chars().next());
            let same = text(first, place.0).filter(|c| second.is_none_or(|second| text(second, place.1) == Some(*c)));
            for (index, way) in ways.iter().enumerate() {
                let mut go = |to: (usize, usize), cost: u32, in_text: bool, step: Step| {
                    let ways = places.entry(to).or_default();
                    ways.push(Way { cost: way.cost + cost, in_text, from: Some((place, index, step)) });
                };
                if let Some(c) = same {
                    let len = c.len_utf8();
                    let to = (place.0 + len, if second.is_some() { place.1 + len } else { 0 });
                    // An unexplained letter is suspicious; a slash is not.
                    let cost = if c.is_alphanumeric() { 4 } else { 1 };
                    go(to, cost + u32::from(!way.in_text), true, Step::Letter(c));
                }
                for edge in edges.get(&place).into_iter().flatten() {
                    go(edge.to, edge.cost, false, edge.step.clone());
                }
            }
        }
        found.insert(place, ways);
    }
    let ends = found.get(&goal).map(Vec::as_slice).unwrap_or_default();
    let mut programs: Vec<(u32, Template)> = Vec::new();
    for way in ends {
        let template = template(way, &found);
        if !template.is_constant() && programs.iter().all(|(_, known)| *known != template) {
            programs.push((way.cost, template));
        }
    }
    programs
}

/// A path to a node, with its last step.
struct Way {
    cost: u32,
    in_text: bool,
    from: Option<((usize, usize), usize, Step)>,
}

#[derive(Clone)]
enum Step {
    Letter(char),
    Part(Part),
    /// A folder and its slash, which is dropped if there is no folder.
    Folder(Part),
}

fn template(end: &Way, found: &BTreeMap<(usize, usize), Vec<Way>>) -> Template {
    let mut pieces = Vec::new();
    let mut way = Some(end);
    while let Some((place, index, step)) = way.and_then(|way| way.from.as_ref()) {
        match step {
            Step::Letter(c) => pieces.push(Piece::Text(c.to_string())),
            Step::Part(part) => pieces.push(Piece::Part(part.clone())),
            Step::Folder(part) => pieces.extend([Piece::Text("/".into()), Piece::Part(part.clone())]),
        }
        way = found.get(place).and_then(|ways| ways.get(*index));
    }
    pieces.reverse();
    Template::new(pieces)
}

/// A step that explains the text from one node to another.
struct Edge {
    to: (usize, usize),
    cost: u32,
    step: Step,
}

fn edges(first: &Example<'_>, second: Option<&Example<'_>>) -> BTreeMap<(usize, usize), Vec<Edge>> {
    let mut edges: BTreeMap<(usize, usize), Vec<Edge>> = BTreeMap::new();
    let mut sources = sources(first);
    for source in second.map(self::sources).unwrap_or_default() {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    for source in sources {
        let mut known: Vec<(String, Option<String>)> = Vec::new();
        for part in written(&source) {
            let Some(text) = first.fill(&part) else { continue };
            let other = match second.map(|second| second.fill(&part)) {
                Some(None) => continue,
                other => other.flatten(),
            };
            // The plain form came first: another with the same result in every example adds nothing.
            let said = (text, other);
            if known.contains(&said) {
                continue;
            }
            let mut put = |text: &str, other: Option<&str>, step: &Step| {
                let whole = is_whole(&source);
                let starts = occurrences(first.transcript, text, whole);
                let others =
                    second.zip(other).map_or(vec![0], |(second, text)| occurrences(second.transcript, text, whole));
                for start in starts {
                    for from in &others {
                        let to = (start + text.len(), from + other.map_or(0, str::len));
                        // A step to its own start would loop forever.
                        if to != (start, *from) {
                            edges.entry((start, *from)).or_default().push(Edge {
                                to,
                                cost: cost(&part),
                                step: step.clone(),
                            });
                        }
                    }
                }
            };
            let (text, other) = (said.0.as_str(), said.1.as_deref());
            if !text.is_empty() && other.is_none_or(|text| !text.is_empty()) {
                put(text, other, &Step::Part(part.clone()));
            } else if matches!(source, Source::Folder { .. }) {
                let with_slash = |text: &str| if text.is_empty() { String::new() } else { format!("{text}/") };
                put(&with_slash(text), other.map(with_slash).as_deref(), &Step::Folder(part.clone()));
            }
            known.push(said);
        }
    }
    for out in edges.values_mut() {
        out.sort_by_key(|edge| edge.cost);
    }
    edges
}

/// The parts that a transcript's name may contain for a video like this one.
fn sources(example: &Example<'_>) -> Vec<Source> {
    let Video { folder, stem, key, .. } = example.video;
    let mut sources = vec![Source::Stem, Source::BareStem, Source::WHOLE_FOLDER, Source::Bucket, Source::Ext];
    sources.extend([Style::Own, Style::Short, Style::Three, Style::Long].map(Source::Lang));
    let folders = if folder.is_empty() { 0 } else { place(folder.matches('/').count() + 1) };
    for at in 1..=folders {
        sources.push(Source::Folder { first: -at, last: -at });
        sources.push(Source::Folder { first: at, last: at });
        if at > 1 {
            sources.push(Source::Folder { first: at, last: -1 });
            sources.push(Source::Folder { first: -at, last: -1 });
            sources.push(Source::Folder { first: 1, last: -at });
        }
    }
    let tokens = place(words(stem).count());
    sources.extend((1..=tokens).flat_map(|at| [at, -at]).map(Source::Token));
    let widths = || std::iter::once(None).chain((2..=6).map(Some));
    let labels: Vec<String> = labelled(key).map(|(label, _)| label.to_lowercase()).take(MOST).collect();
    let labels = labels.into_iter().map(Which::After);
    let count = place(numbers(stem).count());
    let numbered = labels.chain((1..=count).flat_map(|at| [at, -at]).map(Which::Nth));
    for which in numbered {
        sources.extend(widths().map(|width| Source::Number { which: which.clone(), width }));
    }
    sources
}

fn place(count: usize) -> PartPosition {
    PartPosition::try_from(count.min(MOST)).unwrap_or(PartPosition::MAX)
}

/// The notations of a part, plain first.
fn written(source: &Source) -> Vec<Part> {
    if matches!(source, Source::Number { .. }) {
        return vec![Part { source: source.clone(), case: None, separator: None }];
    }
    let mut parts = Vec::new();
    for case in [None, Some(Case::Lower), Some(Case::Upper), Some(Case::Title)] {
        for separator in std::iter::once(None).chain(SEPARATORS.map(Some)) {
            parts.push(Part { source: source.clone(), case, separator });
        }
    }
    parts.sort_by_key(cost);
    parts
}

/// Prefer fewer constant letters, then the stem over words, and labelled numbers over numbers by position.
fn cost(part: &Part) -> u32 {
    let source = match &part.source {
        Source::Stem => 4,
        Source::Folder { first: 1, last: -1 } => 4,
        Source::Bucket | Source::Lang(Style::Own) => 5,
        Source::Lang(Style::Short) | Source::Ext | Source::BareStem => 6,
        Source::Lang(_) => 7,
        Source::Folder { first, last } if first == last => {
            if *first < 0 {
                7
            } else {
                8
            }
        }
        Source::Folder { .. } => 8,
        Source::Number { which: Which::After(_), .. } => 7,
        Source::Number { which: Which::Nth(place), .. } => {
            if *place > 0 {
                8
            } else {
                9
            }
        }
        Source::Token(place) => {
            if *place > 0 {
                9
            } else {
                10
            }
        }
    };
    source + if part.case.is_some() { 2 } else { 0 } + if part.separator.is_some() { 2 } else { 0 }
}

/// It is a whole word: `en` in `talents` is not.
fn is_whole(source: &Source) -> bool {
    matches!(source, Source::Lang(_) | Source::Ext | Source::Token(_) | Source::Bucket)
}

/// Positions of a text in an address at word boundaries: between a letter and a digit, or beside anything else. None is
/// within `s3://`.
fn occurrences(text: &str, part: &str, whole: bool) -> Vec<usize> {
    let kind = |c: Option<char>| match c {
        Some(c) if c.is_ascii_digit() => 1,
        Some(c) if c.is_alphanumeric() => 2,
        _ => 0,
    };
    let is_border = |at: usize| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let (left, right) = (kind(before.chars().next_back()), kind(after.chars().next()));
        left == 0 || right == 0 || (left != right && !whole)
    };
    let scheme = text.find("://").map_or(0, |at| at + "://".len());
    let starts = text.match_indices(part).map(|(at, _)| at);
    starts.filter(|at| *at >= scheme && is_border(*at) && is_border(at + part.len())).collect()
}
