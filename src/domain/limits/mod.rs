//! The vendor's video limits: named, dated tables, and the limits a video breaks (facts/twelvelabs.md §6).
//!
//! An error breaks the limit in every interpretation and for every engine the index may have. If the interpretations
//! differ, it is a warning that says so. If nothing can be decided, there is no finding.

mod bounds;
mod engines;
mod index;
mod tables;
#[cfg(test)]
mod tests;

pub use index::index_faults;

use super::index::Index;
use super::rules::{Rule, Severity};
use super::video::{Container, Facts};
use engines::{Engines, Name};
use std::fmt;
use tables::{Audio, TABLES, Table};

/// Which table applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub profile: Profile,
}

/// A dated table, named after its API version and, if that version had several, its date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The v1.2 page that describes the transfers endpoint.
    #[default]
    V12,
    V10,
    V11,
    V111,
    V112,
    V12March2024,
    V12July2024,
    V12November2024,
    V13March2025,
    V13August2025,
    V13November2025,
}

impl Profile {
    /// The default first, then by date of publication.
    pub const ALL: [Profile; 11] = [
        Profile::V12,
        Profile::V10,
        Profile::V11,
        Profile::V111,
        Profile::V112,
        Profile::V12March2024,
        Profile::V12July2024,
        Profile::V12November2024,
        Profile::V13March2025,
        Profile::V13August2025,
        Profile::V13November2025,
    ];

    /// The profile with this name. `v1.3` is the newest of that version.
    pub fn named(name: &str) -> Option<Profile> {
        if name == "v1.3" {
            return Some(Profile::V13November2025);
        }
        TABLES.iter().find(|table| table.name == name).map(|table| table.profile)
    }

    /// `v1.2`, `v1.2-2024-07`.
    pub fn name(self) -> &'static str {
        self.table().name
    }

    /// The vendor's page or package that the table comes from.
    pub fn source(self) -> &'static str {
        self.table().source
    }

    #[expect(clippy::indexing_slicing, reason = "a table for each profile, in the order of their declaration")]
    fn table(self) -> &'static Table {
        &TABLES[self as usize]
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A limit that a video or an index breaks or comes close to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub rule: Rule,
    pub severity: Severity,
    /// One or two sentences, with the limit and the table's name.
    pub message: String,
}

/// How certainly something exceeds a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Within,
    /// Depends on the interpretation; why, as a clause without a full stop.
    Doubtful(String),
    Outside,
}

impl Verdict {
    /// The most certain verdict ranks highest.
    fn rank(&self) -> u8 {
        match self {
            Verdict::Within => 0,
            Verdict::Doubtful(_) => 1,
            Verdict::Outside => 2,
        }
    }
}

impl Limits {
    /// The limits broken by a video of `size` bytes; with the index, those of its engines. Undecidable limits are left
    /// out.
    pub fn breaches(&self, facts: &Facts, size: u64, index: Option<&Index>) -> Vec<Breach> {
        if let Some(no_video) = no_video(facts) {
            return vec![no_video];
        }
        let table = self.profile.table();
        let engines = Engines::of(index);
        let mut breaches = Vec::new();
        let mut add = |rule: Rule, verdict: Verdict, fact: String| {
            let (severity, why) = match verdict {
                Verdict::Within => return,
                Verdict::Doubtful(why) => (Severity::Warning, why),
                Verdict::Outside => (Severity::Error, String::new()),
            };
            let why = if why.is_empty() { why } else { format!(" A warning only: {why}.") };
            breaches.push(Breach { rule, severity, message: format!("{fact} (limits {}).{why}", table.name) });
        };
        if let Some(length) = facts.duration {
            let (verdict, engine) = engines.judge(|name| bounds::duration(&length, name.of(table).seconds));
            add(Rule::VideoDuration, verdict, bounds::duration_words(&length, engine, table));
        }
        if let Some((verdict, fact)) = bounds::resolution(facts, table) {
            add(Rule::VideoResolution, verdict, fact);
        }
        if let Some((verdict, fact)) = bounds::aspect(facts, table) {
            add(Rule::VideoAspect, verdict, fact);
        }
        let (verdict, engine) = engines.judge(|name| bounds::size(size, name.of(table).gigabytes));
        add(Rule::VideoSize, verdict, bounds::size_words(size, engine, table));
        if facts.has_audio == Some(false) {
            let (verdict, fact) = audio(table, index);
            add(Rule::VideoAudio, verdict, fact.into());
        }
        breaches
    }
}

/// Certainly not a video: the only breach reported.
fn no_video(facts: &Facts) -> Option<Breach> {
    let message = match (&facts.container, facts.has_video) {
        (Container::NotVideo(what), _) => format!("The object is {what}; the service wants a video."),
        (_, Some(false)) if facts.has_audio == Some(true) => {
            "There is sound in the file and no picture; the service wants a video.".into()
        }
        (_, Some(false)) => "There is no picture in the file; the service wants a video.".into(),
        _ => return None,
    };
    Some(Breach { rule: Rule::ObjectNotVideo, severity: Severity::Warning, message })
}

fn audio(table: &Table, index: Option<&Index>) -> (Verdict, &'static str) {
    match (table.audio, index.and_then(|index| index.needs_audio)) {
        (Audio::Always, _) => (Verdict::Outside, "The video has no audio; every video needs it"),
        (Audio::IfIndexNeedsIt, Some(true)) => (Verdict::Outside, "The video has no audio, and its index needs it"),
        (Audio::IfIndexNeedsIt, Some(false)) => (Verdict::Within, ""),
        (Audio::IfIndexNeedsIt, None) => {
            let why = "it is unknown whether the index needs audio";
            (Verdict::Doubtful(why.into()), "The video has no audio, which some indexes need")
        }
    }
}

impl Name {
    fn of(self, table: &Table) -> tables::Engine {
        match self {
            Name::Marengo => table.marengo,
            Name::Pegasus => table.pegasus,
        }
    }
}
