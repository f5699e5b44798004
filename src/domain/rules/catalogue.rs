//! The list of rules. Codes and severities are an interface and never change their meaning.

/// How serious a finding is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Severity {
    /// The service, or every parser, loses data.
    Error,
    /// Some parsers do, or it is probably not intended.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    pub const ALL: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

macro_rules! catalogue {
    ($($rule:ident $code:literal $severity:ident $title:literal)*) => {
        /// A rule of the catalogue. Its code never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Rule { $($rule),* }

        impl Rule {
            pub const ALL: &[Rule] = &[$(Rule::$rule),*];

            /// `row-not-object`
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$rule => $code),* }
            }

            /// Whether it needs an answer from S3 or Twelve Labs.
            pub const fn is_online(self) -> bool {
                self as u8 >= Rule::BucketNotFound as u8
            }

            /// The subject of the rule, for the list of problems: `not .srt or .vtt`.
            pub const fn title(self) -> &'static str {
                match self { $(Rule::$rule => $title),* }
            }

            /// Its usual severity. Some hits are milder: an access-point alias ([`Rule::BucketInvalid`]) and invisible
            /// characters other than controls ([`Rule::KeyInvisible`]) are warnings, an unknown file type
            /// ([`Rule::ObjectNotVideo`]) is a note.
            pub const fn severity(self) -> Severity {
                match self { $(Rule::$rule => Severity::$severity),* }
            }
        }
    };
}

// In display order within one severity: a finding that hides others comes first.
catalogue! {
    RowNotObject "row-not-object" Error "row is not an object"
    FieldDuplicate "field-duplicate" Error "a field occurs twice in the row"
    FieldMissing "field-missing" Error "a required field is missing"
    FieldMisspelt "field-misspelt" Warning "a key is nearly that of a field"
    FieldNotString "field-not-string" Error "the value is not a JSON string"
    IndexIdFormat "index-id-format" Error "not 24 lower-case hex digits"
    IndexMixed "index-mixed" Warning "more than one index"
    LanguageEmpty "language-empty" Error "no language"
    LanguageUndocumented "language-undocumented" Warning "only en is documented"
    UrlPresigned "url-presigned" Error "signed link, it holds a secret"
    ObjectNotS3 "object-not-s3" Error "video is no s3:// address"
    TranscriptionNotS3 "transcription-not-s3" Error "transcript is no s3:// address"
    UrlUnconvertible "url-unconvertible" Error "address names no S3 bucket"
    ValuePadded "value-padded" Error "blanks around the value"
    BucketInvalid "bucket-invalid" Error "no valid bucket name"
    BucketPlaceholder "bucket-placeholder" Warning "bucket name from an example"
    KeyMissing "key-missing" Error "address names no object"
    KeyTooLong "key-too-long" Error "key over 1,024 bytes"
    KeyInvisible "key-invisible" Error "invisible characters"
    KeySuspicious "key-suspicious" Warning "odd slashes or dots in the key"
    KeyPercent "key-percent" Warning "% in the key reads in two ways"
    TranscriptionExtension "transcription-extension" Error "not .srt or .vtt"
    StemMismatch "stem-mismatch" Warning "video and transcript names differ"
    ObjectNotVideo "object-not-video" Warning "not a video"
    ObjectDuplicate "object-duplicate" Warning "same video twice in an index"
    TranscriptionShared "transcription-shared" Warning "one transcript for several videos"
    AlreadySent "already-sent" Warning "these bytes were sent before"
    TranscriptionMissing "transcription-missing" Note "no transcript"
    ManifestBom "manifest-bom" Note "file begins with a byte order mark"
    // From answers of S3 and Twelve Labs.
    BucketNotFound "bucket-not-found" Error "there is no such bucket"
    BucketRegion "bucket-region" Error "bucket is not in us-west-2"
    TranscriptNotFound "transcript-not-found" Error "no such object"
    TranscriptNotPublic "transcript-not-public" Error "S3 answers 403 without a key"
    TranscriptArchived "transcript-archived" Error "in cold storage, can't be read"
    TranscriptEmpty "transcript-empty" Error "the object is empty"
    TranscriptNotSubtitles "transcript-not-subtitles" Error "neither SRT nor WebVTT"
    Encoding "encoding" Error "text is not plain UTF-8"
    CuesLost "cues-lost" Error "parsers recover fewer cues"
    CueTiming "cue-timing" Error "implausible times"
    FormatExtension "format-extension" Error "SRT named .vtt, or the reverse"
    CueOrder "cue-order" Warning "cues out of time order"
    CueFormat "cue-format" Warning "a form that some parsers refuse"
    CueOverlap "cue-overlap" Note "cues overlap"
    LanguageMismatch "language-mismatch" Warning "text is in another language"
    CuesPastEnd "cues-past-end" Warning "last cue is after the end of the video"
    CuesSparse "cues-sparse" Warning "cues cover a part of the video only"
    CuesRepeated "cues-repeated" Warning "the same text again and again"
    CuesStartLate "cues-start-late" Warning "times of a broadcast, not of the video"
    VideoUnreadable "video-unreadable" Error "video is missing, empty, archived or cut off"
    VideoDuration "video-duration" Error "too short or too long"
    VideoResolution "video-resolution" Error "picture too small or too big"
    VideoSize "video-size" Error "file too big"
    VideoAudio "video-audio" Error "no audio, and the index needs it"
    VideoAspect "video-aspect" Error "picture too wide or too tall"
    IndexNotFound "index-not-found" Error "Twelve Labs knows no such index"
    IndexExpired "index-expired" Error "index has expired"
    IndexAudio "index-audio" Warning "index without audio, transcript unused"
    NotChecked "not-checked" Note "could not be checked online"
}
