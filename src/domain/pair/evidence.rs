//! How near a transcript is to a video, in a few codes. Words are made of them when somebody reads.

/// What the names have in common, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// A table states the pair.
    Given,
    /// Byte for byte.
    Exact,
    /// But for case, separators, zeros, accents' form.
    Written,
    /// Without language, kind and the media's ending.
    Tags,
    /// Without size and codec.
    Size,
    /// Without `final`, `v2`.
    Version,
    /// The same words, numbers and dates, in another order or spelling.
    Words,
    /// With the name of a folder.
    WithFolder,
    /// The folder is the name.
    Folder,
    /// Show, season and episode; a title follows on one side.
    Episode,
    /// The same id.
    Id,
    /// As the other names of the folder do.
    Scheme,
}

/// How the folders lie, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Near {
    Same,
    Mirrored,
    OtherRoot,
    /// One side says more.
    More,
    Unrelated,
}

/// What speaks against taking a transcript without a person.
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
    /// It lies in a folder of old things.
    Stale,
    /// Another row has it.
    Used,
    /// What was left off tells two videos apart.
    Content,
    /// The video's name says more: `Panel A` with `Panel.srt`.
    Extra,
    /// The sizes differ.
    Size,
    /// `C` and `C++`
    Signs,
    /// The folders have other names.
    Folder,
    /// Day and month may be the other way round.
    Date,
    /// The cues don't fit the video.
    Facts,
}

/// A transcript that may belong to a video.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub video: u32,
    pub transcript: u32,
    /// Less is stronger.
    pub level: u8,
    /// Decides within a level, when both lie in one place: language, kind, format. Less is better.
    pub choice: u8,
    pub likeness: Likeness,
    pub near: Near,
    pub doubt: Doubt,
    /// The language is known from a tag.
    pub has_tag: bool,
    /// The only one of several that fits the video's length.
    pub fits_alone: bool,
}

/// The format alone, in [`Edge::choice`].
pub(super) const FORMAT: u8 = 1;

/// Below are names in places that lie alike, and nothing left off but their end.
pub(super) const PLAIN: u8 = 30;
/// From here on only the folder's other names tell.
pub(super) const SCHEMES: u8 = 100;

impl Edge {
    /// Less is stronger: where it lies, then how the name is written.
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

    /// Best first.
    pub fn order(&self) -> (bool, u8, u8, u32) {
        (self.doubt != Doubt::None, self.level, self.choice, self.transcript)
    }
}
