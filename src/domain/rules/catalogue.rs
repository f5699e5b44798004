//! The list of rules: codes and severities are an interface and never change their meaning.

/// How much it matters; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The service, or every parser, will lose it.
    Error,
    /// Some will, or it is probably not what was meant.
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
        /// A rule of the catalogue. Its code is an interface and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Rule { $($rule),* }

        impl Rule {
            pub const ALL: &[Rule] = &[$(Rule::$rule),*];

            /// `row-not-object`
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$rule => $code),* }
            }

            /// What the rule is about, for the list of problems: `not .srt or .vtt`.
            pub const fn title(self) -> &'static str {
                match self { $(Rule::$rule => $title),* }
            }

            /// Its usual severity. Some hits are milder: an access-point alias ([`Rule::BucketInvalid`]) and characters that
            /// are unseen but no controls ([`Rule::KeyInvisible`]) are warnings, an unknown kind of file
            /// ([`Rule::ObjectNotVideo`]) is a note.
            pub const fn severity(self) -> Severity {
                match self { $(Rule::$rule => Severity::$severity),* }
            }
        }
    };
}

// In the order in which the findings of one severity are shown in a row: what hides the others comes first.
catalogue! {
    RowNotObject "row-not-object" Error "row is not an object"
    FieldDuplicate "field-duplicate" Error "a field stands twice in a row"
    FieldMissing "field-missing" Error "a required field is missing"
    FieldNotString "field-not-string" Error "value is not text in quotes"
    IndexIdFormat "index-id-format" Error "not 24 lower-case hex digits"
    IndexMixed "index-mixed" Warning "more than one index"
    LanguageEmpty "language-empty" Error "no language"
    LanguageUndocumented "language-undocumented" Warning "only en is documented"
    UrlPresigned "url-presigned" Error "signed link, it holds a secret"
    ObjectNotS3 "object-not-s3" Error "video is not an s3:// address"
    TranscriptionNotS3 "transcription-not-s3" Error "transcript is not an s3:// address"
    UrlUnconvertible "url-unconvertible" Error "address names no S3 bucket"
    ValuePadded "value-padded" Error "blanks around the value"
    BucketInvalid "bucket-invalid" Error "no valid bucket name"
    BucketPlaceholder "bucket-placeholder" Warning "bucket name from an example"
    KeyMissing "key-missing" Error "address names no object"
    KeyTooLong "key-too-long" Error "key over 1,024 bytes"
    KeyInvisible "key-invisible" Error "characters nobody can see"
    KeySuspicious "key-suspicious" Warning "odd slashes or dots in the key"
    KeyPercent "key-percent" Warning "% in the key can be read in two ways"
    TranscriptionExtension "transcription-extension" Error "not .srt or .vtt"
    StemMismatch "stem-mismatch" Warning "video and transcript names differ"
    ObjectNotVideo "object-not-video" Warning "not a video by its name"
    ObjectDuplicate "object-duplicate" Warning "same video twice in an index"
    TranscriptionShared "transcription-shared" Warning "one transcript for several videos"
    AlreadySent "already-sent" Warning "these bytes were sent before"
    TranscriptionMissing "transcription-missing" Note "no transcript"
}
