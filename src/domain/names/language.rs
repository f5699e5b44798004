//! Languages by their codes and names: the one table of them.

/// A language of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(u8);

impl Language {
    /// By ISO 639-1, -2 or -3 code or by name, in lower case.
    pub fn of(word: &str) -> Option<Language> {
        let at = NAMES.iter().position(|(code, names)| *code == word || names.contains(&word))?;
        u8::try_from(at).ok().map(Language)
    }

    /// A row's language: the part before a region (`en-US`, `English (US)`), in any case.
    pub fn named(text: &str) -> Option<Language> {
        let lower = text.trim().to_lowercase();
        Language::of(lower.split(['-', '_', ' ', '(', ',']).next()?)
    }

    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        NAMES.get(usize::from(self.0)).map_or("", |(code, _)| code)
    }

    /// ISO 639-2: `eng`.
    pub fn long_code(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).and_then(|(_, names)| names.first().copied())
    }

    /// In English, in lower case.
    pub fn name(self) -> Option<&'static str> {
        // Codes have at most three letters, English names more.
        NAMES.get(usize::from(self.0))?.1.iter().find(|name| name.len() > 3 && name.is_ascii()).copied()
    }

    /// Groups languages that share a written form or whose names are used for each other.
    pub fn family(self) -> &'static str {
        match self.code() {
            "nb" | "nn" => "no",
            other => other,
        }
    }

    pub fn is_same(self, other: Language) -> bool {
        self == other || self.family() == other.family()
    }

    /// A small number for a compact record.
    pub fn number(self) -> u8 {
        self.0
    }

    pub fn from_number(number: u8) -> Language {
        Language(number)
    }

    /// Every code and name.
    pub(super) fn words() -> impl Iterator<Item = (Language, &'static str)> {
        (0..).zip(NAMES).flat_map(|(at, (code, names))| {
            std::iter::once(*code).chain(names.iter().copied()).map(move |word| (Language(at), word))
        })
    }
}

/// ISO 639-1 code, ISO 639-2 and -3 codes, English name, own name.
const NAMES: &[(&str, &[&str])] = &[
    ("af", &["afr", "afrikaans"]),
    ("ak", &["aka", "akan", "twi"]),
    ("am", &["amh", "amharic"]),
    ("ar", &["ara", "arb", "arabic", "العربية"]),
    ("az", &["aze", "azerbaijani"]),
    ("be", &["bel", "belarusian"]),
    ("bg", &["bul", "bulgarian", "български"]),
    ("bn", &["ben", "bengali", "বাংলা"]),
    ("bs", &["bos", "bosnian"]),
    ("ca", &["cat", "catalan", "català"]),
    ("cs", &["ces", "cze", "czech", "čeština"]),
    ("cy", &["cym", "wel", "welsh", "cymraeg"]),
    ("da", &["dan", "danish", "dansk"]),
    ("de", &["deu", "ger", "german", "deutsch"]),
    ("el", &["ell", "gre", "greek", "ελληνικά"]),
    ("en", &["eng", "english"]),
    ("eo", &["epo", "esperanto"]),
    ("es", &["spa", "spanish", "español", "espanol", "castilian"]),
    ("et", &["est", "estonian", "eesti"]),
    ("fa", &["fas", "pes", "per", "persian", "farsi", "فارسی"]),
    ("fi", &["fin", "finnish", "suomi"]),
    ("fr", &["fra", "fre", "french", "français", "francais"]),
    ("gl", &["glg", "galician", "galego"]),
    ("gu", &["guj", "gujarati"]),
    ("he", &["heb", "iw", "hebrew", "עברית"]),
    ("hi", &["hin", "hindi", "हिन्दी"]),
    ("hr", &["hrv", "croatian", "hrvatski"]),
    ("hu", &["hun", "hungarian", "magyar"]),
    ("hy", &["hye", "arm", "armenian"]),
    ("id", &["ind", "in", "indonesian"]),
    ("it", &["ita", "italian", "italiano"]),
    ("ja", &["jpn", "japanese", "日本語"]),
    ("jv", &["jav", "javanese"]),
    ("ka", &["kat", "geo", "georgian"]),
    ("km", &["khm", "khmer"]),
    ("kn", &["kan", "kannada"]),
    ("ko", &["kor", "korean", "한국어"]),
    ("la", &["lat", "latin"]),
    ("lt", &["lit", "lithuanian"]),
    ("lv", &["lav", "latvian"]),
    ("mk", &["mkd", "mac", "macedonian"]),
    ("ml", &["mal", "malayalam"]),
    ("mr", &["mar", "marathi"]),
    ("ms", &["msa", "may", "zsm", "malay"]),
    ("my", &["mya", "bur", "burmese"]),
    ("nb", &["nob", "bokmål", "bokmal"]),
    ("ne", &["nep", "nepali"]),
    ("nl", &["nld", "dut", "dutch", "nederlands", "flemish"]),
    ("nn", &["nno", "nynorsk"]),
    ("no", &["nor", "norwegian", "norsk"]),
    ("or", &["ori", "odia", "oriya"]),
    ("pa", &["pan", "punjabi"]),
    ("pl", &["pol", "polish", "polski"]),
    ("pt", &["por", "portuguese", "português", "portugues"]),
    ("ro", &["ron", "rum", "romanian", "română"]),
    ("ru", &["rus", "russian", "русский"]),
    ("si", &["sin", "sinhala"]),
    ("sk", &["slk", "slo", "slovak", "slovenčina"]),
    ("sl", &["slv", "slovenian", "slovene"]),
    ("sn", &["sna", "shona"]),
    ("sr", &["srp", "serbian", "српски"]),
    ("sv", &["swe", "swedish", "svenska"]),
    ("ta", &["tam", "tamil"]),
    ("te", &["tel", "telugu"]),
    ("th", &["tha", "thai", "ไทย"]),
    ("tk", &["tuk", "turkmen"]),
    ("tl", &["tgl", "fil", "tagalog", "filipino"]),
    ("tr", &["tur", "turkish", "türkçe", "turkce"]),
    ("uk", &["ukr", "ukrainian", "українська"]),
    ("ur", &["urd", "urdu", "اردو"]),
    ("uz", &["uzb", "uzbek"]),
    ("vi", &["vie", "vietnamese", "tiếng"]),
    ("yi", &["yid", "yiddish"]),
    ("zh", &["zho", "chi", "cmn", "yue", "chinese", "mandarin", "cantonese", "中文", "普通话"]),
    ("zu", &["zul", "zulu"]),
    ("aa", &[]),
    ("ab", &[]),
    ("as", &["asm", "assamese"]),
    ("ba", &[]),
    ("bo", &["bod", "tibetan"]),
    ("br", &["bre", "breton"]),
    ("eu", &["eus", "baq", "basque", "euskara"]),
    ("fj", &[]),
    ("fo", &["fao", "faroese"]),
    ("fy", &["fry", "frisian"]),
    ("ga", &["gle", "irish", "gaeilge"]),
    ("gd", &["gla", "gaelic"]),
    ("ha", &["hau", "hausa"]),
    ("ia", &[]),
    ("is", &["isl", "ice", "icelandic"]),
    ("kk", &["kaz", "kazakh"]),
    ("ku", &["kur", "kurdish"]),
    ("ky", &["kir", "kyrgyz"]),
    ("lb", &["ltz", "luxembourgish"]),
    ("lo", &["lao"]),
    ("mg", &["mlg", "malagasy"]),
    ("mi", &["mri", "maori"]),
    ("mn", &["mon", "mongolian"]),
    ("mt", &["mlt", "maltese"]),
    ("oc", &["oci", "occitan"]),
    ("om", &[]),
    ("ps", &["pus", "pashto"]),
    ("qu", &["que", "quechua"]),
    ("rm", &[]),
    ("rn", &[]),
    ("rw", &["kin", "kinyarwanda"]),
    ("sa", &[]),
    ("sd", &["snd", "sindhi"]),
    ("sg", &[]),
    ("sm", &[]),
    ("so", &["som", "somali"]),
    ("sq", &["sqi", "alb", "albanian"]),
    ("ss", &[]),
    ("st", &[]),
    ("su", &["sun", "sundanese"]),
    ("sw", &["swa", "swahili"]),
    ("tg", &["tgk", "tajik"]),
    ("ti", &["tir", "tigrinya"]),
    ("tn", &[]),
    ("ts", &[]),
    ("tt", &["tat", "tatar"]),
    ("tw", &[]),
    ("ug", &["uig", "uyghur"]),
    ("vo", &[]),
    ("wo", &[]),
    ("xh", &["xho", "xhosa"]),
    ("yo", &["yor", "yoruba"]),
];
