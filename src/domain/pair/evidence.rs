//! How well a transcript fits a video, as compact codes. Sentences are made from them on demand.

/// What the names have in common, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// A table states the pair.
    Given,
    /// Byte for byte.
    Exact,
    /// Except for case, separators, leading zeros and Unicode form.
    Written,
    /// Except for language, kind and media extension.
    Tags,
    /// Except for size and codec as well.
    Size,
    /// Except for `final`, `v2` as well.
    Version,
    /// The same words, numbers and dates in another order or spelling.
    Words,
    /// Together with the name of a folder.
    WithFolder,
    /// The folder name stands for the file name.
    Folder,
    /// Show, season and episode; one side adds a title.
    Episode,
    /// The same id.
    Id,
    /// Like the other names in the folder.
    Scheme,
}

/// How close the folders are, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Near {
    Same,
    Mirrored,
    OtherRoot,
    /// One side has more parts.
    More,
    Unrelated,
}

/// Why a person should look at a transcript before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    None,
    /// Another region of the row's language.
    Region,
    Language,
    Forced,
    /// The transcript has a version, the video has none.
    Version,
    Copy,
    /// It lies in a folder of outdated files.
    Stale,
    /// Another row has it.
    Used,
    /// The part that was cut off distinguishes two videos.
    Content,
    /// The video's name says more: `Panel A` with `Panel.srt`.
    Extra,
    /// The sizes differ.
    Size,
    /// `C` and `C++`
    Signs,
    /// The folder names differ.
    Folder,
    /// Day and month may be swapped.
    Date,
    /// The cues don't fit the video.
    Facts,
}

/// A candidate transcript for a video.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub video: u32,
    pub transcript: u32,
    /// Less is stronger.
    pub level: u8,
    /// Tie-breaker within a level for files in one place: language, kind, format. Less is better.
    pub choice: u8,
    pub likeness: Likeness,
    pub near: Near,
    pub doubt: Doubt,
    /// The language comes from a tag.
    pub has_tag: bool,
    /// The only candidate that fits the video's length.
    pub fits_alone: bool,
}

/// The format part of [`Edge::choice`].
pub(super) const FORMAT: u8 = 1;

/// Levels below: names in matching places, with only their ends cut.
pub(super) const PLAIN: u8 = 30;
/// From this level on only the other names in the folder decide.
pub(super) const SCHEMES: u8 = 100;

impl Edge {
    /// Less is stronger: first the folder, then the spelling of the name.
    pub fn level(near: Near, likeness: Likeness) -> u8 {
        let name = likeness as u8;
        match (near, likeness) {
            (_, Likeness::Scheme) => SCHEMES + near as u8,
            (Near::Unrelated, _) if likeness <= Likeness::Version => 70 + name,
            (Near::Unrelated, _) => 80 + name,
            _ if likeness <= Likeness::Version => near as u8 * 7 + name,
            _ => PLAIN + (name - Likeness::Words as u8) * 4 + near as u8,
        }
    }

    /// By pair, then best first; as one number, because that is compared without a branch. Only equal edges have equal
    /// ones.
    pub fn rank(&self) -> u128 {
        let has_doubt = u128::from(self.doubt != Doubt::None);
        let how = has_doubt << 40
            | u128::from(self.level) << 32
            | u128::from(self.choice) << 24
            | (self.doubt as u128) << 16
            | u128::from(self.has_tag);
        u128::from(self.video) << 80 | u128::from(self.transcript) << 48 | how
    }

    /// Strongest first, and by video within a level.
    pub fn strength(&self) -> u128 {
        u128::from(self.level) << 80
            | u128::from(self.video) << 48
            | u128::from(self.choice) << 32
            | u128::from(self.transcript)
    }

    /// Best first.
    pub fn order(&self) -> (bool, u8, u8, u32) {
        (self.doubt != Doubt::None, self.level, self.choice, self.transcript)
    }
}
