//! Splits a name into words and numbers, in one pass.
//!
//! Tokens end at separators and where letters, digits or scripts change. A word is hashed in lower case, a number by
//! its value, so tokens are independent of spelling.

/// Most tokens kept apart in one name. Everything after them counts as one more, so equal still means equal.
const MOST: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Word,
    Number,
    /// A random id, which may be case-sensitive.
    Id,
}

/// The separator before a token. Of several, the strongest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing: `ep` and `7` in `ep7`.
    Joined,
    Blank,
    Underscore,
    Plus,
    Other,
    Dash,
    Close,
    Dot,
    Open,
    Slash,
    Start,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Hash of the letters or the id; the value of a number.
    pub hash: u64,
    /// Byte offset in the text.
    pub start: u32,
    pub end: u32,
    /// Letters of a word; digits of a number, as written.
    pub letters: u8,
    pub kind: TokenKind,
    pub gap: Gap,
}

/// The tokens of one text. Reusable for the next text.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Vec<Token>);

impl std::ops::Deref for Tokens {
    type Target = [Token];

    fn deref(&self) -> &[Token] {
        &self.0
    }
}

impl Tokens {
    pub fn of(text: &str) -> Tokens {
        // Few names have more.
        let mut tokens = Tokens(Vec::with_capacity(16));
        tokens.read(text);
        tokens
    }

    /// The first token of a text from [`super::clean`], as [`Tokens::read`] finds it.
    pub fn first_of(text: &str) -> Option<Token> {
        Reader { text, at: 0, gap: Gap::Start }.next()
    }

    /// Tokenises a text from [`super::clean`].
    pub fn read(&mut self, text: &str) {
        self.0.clear();
        let mut reader = Reader { text, at: 0, gap: Gap::Start };
        while let Some(token) = reader.next() {
            if self.0.len() == MOST {
                let rest = text.get(token.start as usize..).unwrap_or_default();
                let hash = rest.bytes().fold(0, |hash, byte| letter(hash, u32::from(byte)));
                self.0.push(Token { hash, end: text.len() as u32, letters: u8::MAX, kind: TokenKind::Word, ..token });
                return;
            }
            self.0.push(token);
        }
    }
}

/// Most letters in a word, except where the last one counts for several in lower case.
const LONGEST: usize = 241;

/// Any odd number works: with an even one letters would be lost.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

#[expect(clippy::indexing_slicing, reason = "worked out by the compiler; a wrong index does not compile")]
const POWERS: [u64; 256] = {
    let mut powers = [1; 256];
    let mut at = 1;
    while at < 256 {
        powers[at] = BASE.wrapping_mul(powers[at - 1]);
        at += 1;
    }
    powers
};

/// The hash of `x`, as in `1x02`.
pub(super) const X: u64 = letter(0, 'x' as u32);

const fn letter(hash: u64, code: u32) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(code as u64 + 1)
}

/// Mixes every bit of a hash into all others (the finaliser of SplitMix64).
pub fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

impl Token {
    /// Different for a word, a number and an id.
    pub fn value(&self) -> u64 {
        match self.kind {
            TokenKind::Word => mix(self.hash),
            TokenKind::Number => mix(self.hash ^ 0x6E75_6D62_6572),
            TokenKind::Id => mix(self.hash ^ 0x6964_6964_6964),
        }
    }

    pub fn is_number(&self) -> bool {
        self.kind == TokenKind::Number
    }
}

/// Appends a token to the hash of those before it: words concatenate, so `open day` equals `openday`; numbers stay
/// separate, so `1-2` differs from `12`.
pub fn join(hash: u64, token: &Token) -> u64 {
    match token.kind {
        TokenKind::Word => {
            let power = POWERS.get(usize::from(token.letters)).copied().unwrap_or(BASE);
            hash.wrapping_mul(power).wrapping_add(token.hash)
        }
        TokenKind::Number | TokenKind::Id => mix(hash ^ BASE).wrapping_add(token.value()),
    }
}

/// The hash of a range of tokens. 0 if it is empty.
pub fn joined(tokens: &[Token]) -> u64 {
    tokens.iter().fold(0, join)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Alphabet,
    Kana,
    Hangul,
    Han,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Letter(Script),
    Digit(u8),
    /// Ignored: apostrophes and invisible characters.
    Skip,
    Between(Gap),
}

#[expect(clippy::indexing_slicing, reason = "worked out by the compiler; a wrong index does not compile")]
const ASCII: [Class; 128] = {
    let mut classes = [Class::Skip; 128];
    let mut at = 0;
    while at < 128 {
        classes[at] = class_of(at as u8 as char);
        at += 1;
    }
    classes
};

/// Runs for every character of a name, so it is looked up.
fn class(c: char) -> Class {
    match ASCII.get(c as usize) {
        Some(class) => *class,
        None => match class_of(c) {
            Class::Between(Gap::Other) => foreign(c),
            class => class,
        },
    }
}

/// The class of an ASCII character, or of a mark beyond that has a counterpart there; [`Gap::Other`] for any other.
const fn class_of(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter(Script::Alphabet),
        '0'..='9' => Class::Digit(c as u8 - b'0'),
        ' ' => Class::Between(Gap::Blank),
        '_' => Class::Between(Gap::Underscore),
        '-' | '–' | '—' | '‐' | '‑' => Class::Between(Gap::Dash),
        '.' => Class::Between(Gap::Dot),
        '+' => Class::Between(Gap::Plus),
        '(' | '[' | '{' | '（' | '【' | '「' | '『' | '《' | '〈' => Class::Between(Gap::Open),
        ')' | ']' | '}' | '）' | '】' | '」' | '』' | '》' | '〉' => Class::Between(Gap::Close),
        '/' => Class::Between(Gap::Slash),
        '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => Class::Skip,
        _ => Class::Between(Gap::Other),
    }
}

fn foreign(c: char) -> Class {
    use crate::printable::{Unseen, unseen};
    match unseen(c) {
        Some(Unseen::OddBlank) => return Class::Between(Gap::Blank),
        Some(_) => return Class::Skip,
        None => {}
    }
    if let Some(digit) = digit(c) {
        return Class::Digit(digit);
    }
    if !c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c) {
        return Class::Between(Gap::Other);
    }
    Class::Letter(match c as u32 {
        0x3040..=0x30FF | 0x31F0..=0x31FF => Script::Kana,
        0x1100..=0x11FF | 0xAC00..=0xD7FF => Script::Hangul,
        0x3005..=0x3007 | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Script::Han,
        _ => Script::Alphabet,
    })
}

/// Decimal digits of other scripts used in file names.
fn digit(c: char) -> Option<u8> {
    const ZEROS: [u32; 18] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
        0x1040, 0x17E0, 0x1810,
    ];
    let code = c as u32;
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    u8::try_from(code - zero).ok()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    gap: Gap,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text.get(self.at..)?.chars().next(),
            None => None,
        }
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let c = self.peek()?;
            let class = class(c);
            if let Class::Between(gap) = class {
                self.gap = self.gap.max(gap);
                self.at += c.len_utf8();
                if gap == Gap::Open
                    && let Some(id) = self.bracketed()
                {
                    return Some(id);
                }
                continue;
            }
            if self.gap != Gap::Joined
                && let Some(end) = id_end(self.text.as_bytes().get(self.at..).unwrap_or_default())
            {
                return Some(self.id(self.at + end));
            }
            match class {
                Class::Letter(Script::Han) if c == '第' => match self.ordinal() {
                    Some(token) => return Some(token),
                    None if self.digit_follows(c) => self.at += c.len_utf8(),
                    None => return Some(self.word(Script::Han)),
                },
                Class::Letter(Script::Hangul) if c == '제' && self.digit_follows(c) => self.at += c.len_utf8(),
                Class::Letter(script) => return Some(self.word(script)),
                Class::Digit(_) => return Some(self.number()),
                Class::Skip | Class::Between(_) => self.at += c.len_utf8(),
            }
        }
    }

    fn token(&mut self, start: usize, hash: u64, letters: usize, kind: TokenKind) -> Token {
        let gap = std::mem::replace(&mut self.gap, Gap::Joined);
        let letters = u8::try_from(letters).unwrap_or(u8::MAX);
        Token { hash, start: start as u32, end: self.at as u32, letters, kind, gap }
    }

    fn word(&mut self, script: Script) -> Token {
        let (start, mut hash, mut letters) = (self.at, 0, 0_usize);
        if script == Script::Alphabet {
            let rest = self.text.as_bytes().get(start..).unwrap_or_default();
            for byte in rest.iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()) {
                (hash, letters) = (letter(hash, u32::from(byte | 0x20)), letters + 1);
            }
            self.at += letters;
        }
        let mut end = self.at;
        // A word longer than the table of powers continues as another token; joined they hash the same.
        while letters < LONGEST
            && let Some(c) = self.peek()
        {
            match class(c) {
                Class::Letter(of) if of == script && (c != '第' || self.at == start) => {
                    match c {
                        'a'..='z' => (hash, letters) = (letter(hash, c as u32), letters + 1),
                        'A'..='Z' => (hash, letters) = (letter(hash, c as u32 | 0x20), letters + 1),
                        'ς' => (hash, letters) = (letter(hash, 'σ' as u32), letters + 1),
                        'İ' => (hash, letters) = (letter(hash, 'i' as u32), letters + 1),
                        _ => {
                            for low in c.to_lowercase() {
                                (hash, letters) = (letter(hash, low as u32), letters + 1);
                            }
                        }
                    }
                    self.at += c.len_utf8();
                    end = self.at;
                }
                Class::Skip => self.at += c.len_utf8(),
                _ => break,
            }
        }
        let token = self.token(start, hash, letters, TokenKind::Word);
        Token { end: end as u32, ..token }
    }

    fn number(&mut self) -> Token {
        let (start, mut value, mut digits, mut is_long) = (self.at, 0_u64, 0, false);
        while let Some(c) = self.peek() {
            let Class::Digit(digit) = class(c) else { break };
            digits += 1;
            match value.checked_mul(10).and_then(|value| value.checked_add(digit.into())) {
                Some(next) if !is_long => value = next,
                _ => {
                    is_long = true;
                    value = letter(value, digit.into());
                }
            }
            self.at += c.len_utf8();
        }
        self.token(start, if is_long { value | 1 << 63 } else { value }, digits, TokenKind::Number)
    }

    fn id(&mut self, end: usize) -> Token {
        let start = std::mem::replace(&mut self.at, end);
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        // Hex is case-insensitive; a mix of cases makes the id case-sensitive.
        let is_mixed = bytes.iter().any(u8::is_ascii_uppercase) && bytes.iter().any(u8::is_ascii_lowercase);
        let plain = |byte: &u8| if is_mixed { *byte } else { byte.to_ascii_lowercase() };
        let hash = bytes.iter().fold(0, |hash, byte| letter(hash, plain(byte).into()));
        self.token(start, hash, bytes.len(), TokenKind::Id)
    }

    /// `[xQ3-bT7_k9A]`: an id of eleven characters in brackets, as download tools write it.
    fn bracketed(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes().get(self.at..self.at + 12)?;
        let (close, id) = bytes.split_last()?;
        let is_id = matches!(close, b')' | b']' | b'}')
            && id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && id.iter().any(u8::is_ascii_uppercase)
            && id.iter().any(u8::is_ascii_lowercase)
            && (changes(id) >= 4 || id.iter().any(|b| matches!(b, b'-' | b'_')) && changes(id) >= 3);
        is_id.then(|| self.id(self.at + 11))
    }

    fn digit_follows(&self, c: char) -> bool {
        let rest = self.text.get(self.at + c.len_utf8()..).unwrap_or_default();
        rest.chars().next().is_some_and(|next| matches!(class(next), Class::Digit(_)))
    }

    /// `第十二`
    fn ordinal(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at + '第'.len_utf8()..)?;
        let (mut value, mut digit, mut bytes) = (0_u64, None::<u64>, 0);
        for c in rest.chars().take(7) {
            let ones = "零一二三四五六七八九".chars().position(|known| known == c);
            match (c, ones) {
                (_, Some(ones)) => digit = Some(ones as u64),
                ('〇', _) => digit = Some(0),
                ('两', _) => digit = Some(2),
                ('十', _) => value += digit.take().unwrap_or(1) * 10,
                ('百', _) => value += digit.take().unwrap_or(1) * 100,
                _ => break,
            }
            bytes += c.len_utf8();
        }
        if bytes == 0 {
            return None;
        }
        let start = self.at;
        self.at += '第'.len_utf8() + bytes;
        Some(self.token(start, value + digit.unwrap_or(0), bytes, TokenKind::Number))
    }
}

/// How often a text switches between lower case, capitals, digits and marks.
fn changes(text: &[u8]) -> usize {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    text.iter().zip(text.iter().skip(1)).filter(|(a, b)| kind(a) != kind(b)).count()
}

/// End of the id that starts here: a UUID, a long hex number with letters, or a jumble of digits and both cases.
fn id_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len());
    if end < 8 || bytes.get(end).is_some_and(|byte| !byte.is_ascii()) {
        return None;
    }
    let run = bytes.get(..end)?;
    if end == 8 && is_uuid(bytes) {
        return Some(36);
    }
    let has = |of: fn(&u8) -> bool| run.iter().any(of);
    let is_hex = end >= 16 && run.iter().all(u8::is_ascii_hexdigit) && has(u8::is_ascii_alphabetic);
    let is_jumble = has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && changes(run) * 2 >= end - 1;
    (is_hex || is_jumble).then_some(end)
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.get(..36).is_some_and(|uuid| {
        uuid.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    }) && !bytes.get(36).is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::super::clean;
    use super::*;

    fn hash(name: &str) -> u64 {
        joined(&Tokens::of(&clean(name)))
    }

    #[test]
    fn spelling_variants_of_a_name_hash_equal() {
        for (a, b) in [
            ("My Talk_01", "my-talk-1"),
            ("The.Long.Way.Down", "the long way down"),
            ("OpenDay-2", "open_day_2"),
            ("clip_7", "clip_007"),
            ("0", "000"),
            ("Why？ The ‘Long’ Answer： Part 1", "Why The 'Long' Answer - Part 1"),
            ("Input⧸Output – 2", "Input-Output - 2"),
            ("Ｗｅｂ　０３", "web 03"),
            ("caf\u{e9} 1", "cafe\u{301} 1"),
            ("My%20Talk%201", "My Talk 1"),
            ("Caf%C3%A9+2", "Café 2"),
            ("がんばれ 2", "か\u{3099}んは\u{3099}れ 2"),
            ("河流 第三集", "河流 第3集"),
            ("河流 第十二集", "河流 第12集"),
            ("강의 제3강", "강의_3강"),
            ("don't panic", "dont panic"),
            ("so\u{ad}ft\u{200b}", "soft"),
            ("فيلم ٣", "فيلم 3"),
            ("ΟΔΟΣ", "οδος"),
            ("3F2C1A90-7B1E-4C55-9F0A-0C1D2E3F4A5C", "3f2c1a90-7b1e-4c55-9f0a-0c1d2e3f4a5c"),
        ] {
            assert_eq!(hash(a), hash(b), "{a} {b}");
        }
    }

    #[test]
    fn different_names_hash_differently() {
        for (a, b) in [
            ("1-2", "12"),
            ("s1e11", "s11e1"),
            ("ep1", "ep10"),
            ("Peña", "Pena"),
            ("访谈（上）", "访谈（下）"),
            ("[aaBBccDDee1]", "[AAbbCCddEE1]"),
            ("第二集", "第20集"),
            ("a 1", "a"),
            ("18446744073709551616", "18446744073709551617"),
            ("", "a"),
        ] {
            assert_ne!(hash(a), hash(b), "{a} {b}");
        }
    }

    #[test]
    fn a_name_of_any_length_is_read_to_its_end() {
        let long = "z1".repeat(100);
        assert_eq!(Tokens::of(&long).len(), MOST + 1);
        assert_ne!(hash(&long), hash(&format!("{long}y")));
        let word = "x".repeat(1_000);
        assert_eq!(hash(&word), hash(&word.to_uppercase()));
        assert_ne!(hash(&word), hash(&format!("{word}x")));
    }
}
