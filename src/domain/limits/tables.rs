//! The vendor's tables, as they were published: one const each, with its date and source. They changed often and contradict
//! each other, so none is the truth: the operator chooses, and every message names its table. (facts/twelvelabs.md §6)

use super::Profile;

/// One published set of limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub profile: Profile,
    pub name: &'static str,
    /// The page or package it is from.
    pub source: &'static str,
    pub least: Pixels,
    pub most: Pixels,
    /// Shape of the picture.
    pub aspect: Option<Aspect>,
    pub marengo: Engine,
    pub pegasus: Engine,
    pub audio: Audio,
}

/// What one engine takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// Seconds, both inclusive.
    pub seconds: (u64, u64),
    /// Gigabytes; nobody says of which kind.
    pub gigabytes: Option<u64>,
}

/// A bound on the picture, in the vendor's words and in each way they can be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixels {
    pub words: &'static str,
    pub readings: &'static [Reading],
}

/// One way to read a bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    /// The shorter side, whichever it is.
    Shorter(u32),
    /// The side that stands upright.
    Height(u32),
    /// The longer and the shorter side.
    Sides(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// From 1:1 to 2.4:1.
    Range,
    /// One of a list, which another page of the time gives as [`Aspect::Range`].
    List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audio {
    Always,
    /// If the index listens (`conversation`, later `audio`).
    IfListening,
}

const fn takes(least: u64, most: u64, gigabytes: Option<u64>) -> Engine {
    Engine { seconds: (least, most), gigabytes }
}

/// Height in a landscape picture, shorter side in a later text.
const FROM_360P: Pixels = Pixels { words: "360p", readings: &[Reading::Shorter(360), Reading::Height(360)] };
const FROM_480X360: Pixels = Pixels { words: "480x360", readings: &[Reading::Sides(480, 360)] };
const FROM_360: Pixels = Pixels { words: "360 on the shorter side", readings: &[Reading::Shorter(360)] };

const BELOW_1080P: Pixels =
    Pixels { words: "anything below 1080p", readings: &[Reading::Shorter(1_079), Reading::Height(1_079)] };
const TO_1080P: Pixels = Pixels { words: "1080p", readings: &[Reading::Shorter(1_080), Reading::Height(1_080)] };
/// Of television, and of cinema. Either way up.
const TO_4K: Pixels = Pixels { words: "4K", readings: &[Reading::Sides(3_840, 2_160), Reading::Sides(4_096, 2_160)] };
const TO_3840X2160: Pixels = Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160)] };
/// The package speaks of the shorter side only, the page of both.
const TO_2160: Pixels =
    Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160), Reading::Shorter(2_160)] };
/// The error messages of the service allow more than its pages.
const TO_5184X2160: Pixels =
    Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160), Reading::Sides(5_184, 2_160)] };

const HOURS_2: u64 = 7_200;

/// In the order in which they were published; the first is the default.
pub(super) const TABLES: [Table; 11] = [
    Table {
        profile: Profile::V12,
        name: "v1.2",
        source: "docs.twelvelabs.io/v1.2/docs/provide-transcriptions-cloud-to-cloud-transfers",
        least: FROM_360P,
        most: TO_4K,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(5, 1_800, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V10,
        name: "v1.0",
        source: "twelvelabs-documentation of July 2022, shared/video-requirements.md",
        least: FROM_360P,
        most: BELOW_1080P,
        aspect: None,
        marengo: takes(15, HOURS_2, None),
        pegasus: takes(15, HOURS_2, None),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V11,
        name: "v1.1",
        source: "docs.twelvelabs.io/docs/providing-transcriptions-cloud-to-cloud-transfers",
        least: FROM_360P,
        most: BELOW_1080P,
        aspect: None,
        marengo: takes(10, HOURS_2, None),
        pegasus: takes(10, HOURS_2, None),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V111,
        name: "v1.1.1",
        source: "docs.twelvelabs.io/v1.1.1/reference/tasks",
        least: FROM_360P,
        most: TO_1080P,
        aspect: None,
        marengo: takes(10, HOURS_2, Some(2)),
        pegasus: takes(10, HOURS_2, Some(2)),
        audio: Audio::Always,
    },
    Table {
        profile: Profile::V112,
        name: "v1.1.2",
        source: "docs.twelvelabs.io/v1.1.2/docs/upload-cloud",
        least: FROM_360P,
        most: TO_4K,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(30, 1_800, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V12March2024,
        name: "v1.2-2024-03",
        source: "twelvelabs-python 0.1.23 and docs.twelvelabs.io/reference/tasks",
        least: FROM_360P,
        most: TO_4K,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(4, 1_200, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V12July2024,
        name: "v1.2-2024-07",
        source: "twelvelabs-python 0.2.5 to 0.2.10",
        least: FROM_360P,
        most: TO_4K,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(4, 1_800, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V12November2024,
        name: "v1.2-2024-11",
        source: "twelvelabs-python 0.3.0",
        least: FROM_480X360,
        most: TO_3840X2160,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(4, 1_800, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V13March2025,
        name: "v1.3-2025-03",
        source: "twelvelabs-python 0.4.5",
        least: FROM_480X360,
        most: TO_3840X2160,
        aspect: None,
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(4, 3_600, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V13August2025,
        name: "v1.3-2025-08",
        source: "twelvelabs-python 1.0.0 and docs.twelvelabs.io/v1.3",
        least: FROM_360,
        most: TO_2160,
        aspect: Some(Aspect::List),
        marengo: takes(4, HOURS_2, Some(2)),
        pegasus: takes(4, 3_600, Some(2)),
        audio: Audio::IfListening,
    },
    Table {
        profile: Profile::V13November2025,
        name: "v1.3-2025-11",
        source: "twelvelabs-python 1.1.0 and docs.twelvelabs.io/api-reference/error-codes",
        least: FROM_360,
        most: TO_5184X2160,
        aspect: Some(Aspect::Range),
        marengo: takes(4, 14_400, Some(4)),
        pegasus: takes(4, 3_600, Some(2)),
        audio: Audio::IfListening,
    },
];
