//! The naming rules of general-purpose buckets. AWS user guide: bucketnamingrules, gpbucketnamespaces.

/// Which rule a bucket name breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketFault {
    Empty,
    /// Under 3 characters.
    Short,
    /// Over 63 characters.
    Long,
    /// Allowed in us-east-1 before March 2018, never in us-west-2.
    UpperCase,
    /// As [`BucketFault::UpperCase`].
    Underscore,
    /// A character that was never allowed.
    Character(char),
    /// Begins or ends with a dot or hyphen.
    Edge,
    TwoDots,
    /// `a-.b`, `a.-b`
    HyphenAtDot,
    Ipv4,
    ReservedPrefix(&'static str),
    ReservedSuffix(&'static str),
    /// `…-s3alias`: S3 accepts it as a bucket name; whether the transfer does is unknown.
    Alias,
}

const PREFIXES: [&str; 2] = ["xn--", "sthree-"];
const SUFFIXES: [&str; 4] = ["--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// The first rule that a name breaks.
pub fn fault(name: &str) -> Option<BucketFault> {
    use BucketFault::{
        Alias, Character, Edge, Empty, HyphenAtDot, Ipv4, Long, ReservedPrefix, ReservedSuffix, Short, TwoDots,
        Underscore, UpperCase,
    };
    if name.is_empty() {
        return Some(Empty);
    }
    let mut shape = None;
    let mut before = b'.';
    for b in name.bytes() {
        match b {
            b'a'..=b'z' | b'0'..=b'9' => {}
            b'.' if before == b'.' => shape = shape.or(Some(TwoDots)),
            b'.' if before == b'-' => shape = shape.or(Some(HyphenAtDot)),
            b'-' if before == b'.' => shape = shape.or(Some(HyphenAtDot)),
            b'.' | b'-' => {}
            // A character that was never allowed takes precedence over an outdated one.
            _ => {
                let bad = |c: &char| !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_');
                return Some(
                    name.chars().find(bad).map_or(if name.contains('_') { Underscore } else { UpperCase }, Character),
                );
            }
        }
        before = b;
    }
    if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) {
        return Some(Edge);
    }
    if shape.is_some() {
        return shape;
    }
    match name.len() {
        0..3 => return Some(Short),
        3..=63 => {}
        _ => return Some(Long),
    }
    if is_ipv4_shaped(name) {
        return Some(Ipv4);
    }
    if let Some(prefix) = PREFIXES.into_iter().find(|prefix| name.starts_with(prefix)) {
        return Some(ReservedPrefix(prefix));
    }
    if let Some(suffix) = SUFFIXES.into_iter().find(|suffix| name.ends_with(suffix)) {
        return Some(ReservedSuffix(suffix));
    }
    if name.ends_with("-s3alias") {
        return Some(Alias);
    }
    (name.ends_with("-an") && !is_account_regional(name)).then_some(ReservedSuffix("-an"))
}

/// A name from an example: AWS uses `amzn-s3-demo-…`, people write `your-bucket` or `<bucket>`.
pub fn is_placeholder(name: &str) -> bool {
    let Some(first) = name.bytes().next() else { return false };
    match first {
        // The only first letters in the lists below: this runs for every row.
        b'a' | b'A' => is_any(name, &["amzn-s3-demo"]),
        b'b' | b'B' => is_word(name, &["bucket", "bucket-name", "bucketname"]),
        b'd' | b'D' => is_any(name, &["doc-example-bucket"]),
        b'e' | b'E' => is_word(name, &["example-bucket", "examplebucket"]),
        b'm' | b'M' => is_word(name, &["my-bucket", "mybucket", "my-bucket-name", "mybucketname"]),
        b'y' | b'Y' => is_any(name, &["your-bucket", "yourbucket", "your_bucket", "your-s3-bucket"]),
        b'<' => name.ends_with('>'),
        b'{' => name.ends_with('}'),
        b'[' => name.ends_with(']'),
        b'$' => true,
        _ => false,
    }
}

fn is_any(name: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|start| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

fn is_word(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Four groups of digits, even if they are not an address, like `300.1.1.1`.
fn is_ipv4_shaped(name: &str) -> bool {
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    name.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && name.split('.').count() == 4
        && name.split('.').all(is_number)
}

/// `prefix-123456789012-us-west-2-an`: `-an` is reserved for buckets in an account's regional namespace.
fn is_account_regional(name: &str) -> bool {
    let Some(rest) = name.strip_suffix("-an") else { return false };
    let mut parts = rest.rsplitn(5, '-');
    let (number, direction, area) = (parts.next(), parts.next(), parts.next());
    let (account, prefix) = (parts.next(), parts.next());
    let digits = |part: Option<&str>| part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let letters = |part: Option<&str>| part.is_some_and(|p| p.len() > 1 && p.bytes().all(|b| b.is_ascii_lowercase()));
    let plain = digits(number) && letters(direction) && letters(area);
    plain && digits(account) && account.is_some_and(|a| a.len() == 12) && prefix.is_some_and(|p| !p.is_empty())
}

impl std::fmt::Display for BucketFault {
    /// One sentence with advice; characters of the name are made printable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use crate::printable::printable;
        match self {
            BucketFault::Empty => write!(f, "The bucket's name is missing after s3://."),
            BucketFault::Short => write!(f, "A bucket name has at least 3 characters."),
            BucketFault::Long => write!(f, "A bucket name has at most 63 characters."),
            BucketFault::UpperCase => {
                write!(
                    f,
                    "Bucket names are lower case; only old us-east-1 buckets have capitals, and the service reads us-west-2."
                )
            }
            BucketFault::Underscore => {
                write!(f, "Bucket names have no _; only old us-east-1 buckets do, and the service reads us-west-2.")
            }
            BucketFault::Character(' ') => write!(f, "A bucket name can't contain blanks."),
            BucketFault::Character(c) => {
                let mut buffer = [0; 4];
                write!(
                    f,
                    "{} is not allowed in a bucket name, only a-z, 0-9, dot and hyphen.",
                    printable(c.encode_utf8(&mut buffer))
                )
            }
            BucketFault::Edge => write!(f, "A bucket name begins and ends with a letter or digit."),
            BucketFault::TwoDots => write!(f, "A bucket name has no two dots in a row."),
            BucketFault::HyphenAtDot => write!(f, "A bucket name has no hyphen next to a dot."),
            BucketFault::Ipv4 => write!(f, "A bucket name can't look like an IP address."),
            BucketFault::ReservedPrefix(prefix) => write!(f, "AWS keeps names that begin with {prefix} for itself."),
            BucketFault::ReservedSuffix("-an") => {
                write!(f, "Only names like prefix-123456789012-us-west-2-an may end with -an.")
            }
            BucketFault::ReservedSuffix("--x-s3") => {
                write!(f, "That is a directory bucket; the service reads ordinary ones.")
            }
            BucketFault::ReservedSuffix("--table-s3") => {
                write!(f, "That is a table bucket; it contains no video files.")
            }
            BucketFault::ReservedSuffix(suffix) => {
                write!(f, "Names that end with {suffix} are access points. Use the bucket's own name.")
            }
            BucketFault::Alias => {
                write!(
                    f,
                    "That is an access-point alias; it is unknown whether the service takes it. Use the bucket's own name."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_the_rules_pass() {
        for name in [
            "abc",
            "a1b",
            "acme-video",
            "my.dotted.bucket",
            "0123",
            "a-b.c-d",
            "1.2.3",
            "a.1.2.3.4",
            "ends-in-an-x",
            "logs-123456789012-us-west-2-an",
            "xn-ok",
            &"a".repeat(63),
            "s3alias",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn each_broken_rule_has_its_own_sentence() {
        use BucketFault::*;
        let mut sentences = std::collections::BTreeSet::new();
        for (name, expected) in [
            ("", Empty),
            ("ab", Short),
            (&"a".repeat(64), Long),
            ("Acme", UpperCase),
            ("my_bucket", Underscore),
            ("a b", Character(' ')),
            ("evil.com#", Character('#')),
            ("caf\u{e9}", Character('é')),
            ("AB\u{202e}c", Character('\u{202e}')),
            ("-abc", Edge),
            ("abc.", Edge),
            ("a..b", TwoDots),
            ("a-.b", HyphenAtDot),
            ("a.-b", HyphenAtDot),
            ("192.168.5.4", Ipv4),
            ("300.1.1.1", Ipv4),
            ("xn--abc", ReservedPrefix("xn--")),
            ("sthree-configurator", ReservedPrefix("sthree-")),
            ("my-ap--ol-s3", ReservedSuffix("--ol-s3")),
            ("abc.mrap", ReservedSuffix(".mrap")),
            ("abc--usw2-az1--x-s3", ReservedSuffix("--x-s3")),
            ("abc--table-s3", ReservedSuffix("--table-s3")),
            ("abc-s3alias", Alias),
            ("plan-an", ReservedSuffix("-an")),
            ("logs-12345678901-us-west-2-an", ReservedSuffix("-an")),
        ] {
            assert_eq!(fault(name), Some(expected), "{name}");
            let sentence = expected.to_string();
            assert_eq!(crate::printable::printable(&sentence), sentence);
            sentences.insert(sentence);
        }
        assert!(sentences.len() >= 20, "{sentences:#?}");
    }

    #[test]
    fn names_from_examples_are_known() {
        for name in
            ["amzn-s3-demo-bucket", "<your-bucket>", "your-bucket", "YOUR-BUCKET-NAME", "my-bucket", "${BUCKET}"]
        {
            assert!(is_placeholder(name), "{name}");
        }
        for name in ["acme-video", "twelve-labs-docs", "my-bucket-of-news", "bucketeer", ""] {
            assert!(!is_placeholder(name), "{name}");
        }
    }
}
