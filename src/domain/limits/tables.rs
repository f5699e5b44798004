//! The vendor's tables as published, one const each, with date and source. They changed often and contradict each
//! other, so the operator chooses one, and every message names its table. (facts/twelvelabs.md §6)

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

/// The limits of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// Seconds, both inclusive.
    pub seconds: (u64, u64),
    /// Gigabytes; the vendor doesn't say which kind.
    pub gigabytes: Option<u64>,
}

/// A bound on the picture: the vendor's words and each way to read them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixels {
    pub words: &'static str,
    pub readings: &'static [Reading],
}

/// One interpretation of a bound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    /// The shorter side, in either orientation.
    Shorter(u32),
    /// The vertical side.
    Height(u32),
    /// The longer and the shorter side.
    Sides(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// From 1:1 to 2.4:1.
    Range,
    /// One of a list; another page of the same time says [`Aspect::Range`].
    List,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audio {
    Always,
    /// If the index processes audio (`conversation`, later `audio`).
    IfIndexNeedsIt,
}

const fn takes(least: u64, most: u64, gigabytes: Option<u64>) -> Engine {
    Engine { seconds: (least, most), gigabytes }
}

/// The height in landscape orientation; a later text says the shorter side.
const FROM_360P: Pixels = Pixels { words: "360p", readings: &[Reading::Shorter(360), Reading::Height(360)] };
const FROM_480X360: Pixels = Pixels { words: "480x360", readings: &[Reading::Sides(480, 360)] };
const FROM_360: Pixels = Pixels { words: "360 on the shorter side", readings: &[Reading::Shorter(360)] };

const BELOW_1080P: Pixels =
    Pixels { words: "anything below 1080p", readings: &[Reading::Shorter(1_079), Reading::Height(1_079)] };
const TO_1080P: Pixels = Pixels { words: "1080p", readings: &[Reading::Shorter(1_080), Reading::Height(1_080)] };
/// 4K of television and of cinema, in either orientation.
const TO_4K: Pixels = Pixels { words: "4K", readings: &[Reading::Sides(3_840, 2_160), Reading::Sides(4_096, 2_160)] };
const TO_3840X2160: Pixels = Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160)] };
/// The package limits only the shorter side, the page both.
const TO_2160: Pixels =
    Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160), Reading::Shorter(2_160)] };
/// The service's error messages allow more than its pages.
const TO_5184X2160: Pixels =
    Pixels { words: "3840x2160", readings: &[Reading::Sides(3_840, 2_160), Reading::Sides(5_184, 2_160)] };

const HOURS_2: u64 = 7_200;

/// By date of publication; the first is the default.
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
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
        audio: Audio::IfIndexNeedsIt,
    },
];
