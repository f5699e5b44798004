//! What is surely no name of an object, though it may hold one: columns, fields and notes of other tools, and files that
//! are no text at all.

/// Storage classes: some tools print them beside a name.
pub const CLASSES: [&str; 10] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "EXPRESS_ONEZONE",
];

/// Fields of a listing, as YAML, JSON and PowerShell print them before a name.
const FIELDS: [&str; 12] = [
    "key",
    "etag",
    "size",
    "lastmodified",
    "storageclass",
    "path",
    "name",
    "filename",
    "file",
    "url",
    "object",
    "prefix",
];

/// Marks of notes, replies, differences and folder trees, with the blank behind them.
const BULLETS: [&str; 16] =
    ["- ", "* ", "+ ", "> ", "< ", "$ ", "• ", "· ", "– ", "— ", "|", "├", "│", "└", "`--", "+--"];

/// Where a tool says that it failed.
const ERRORS: [&str; 12] = [
    "Traceback (most recent call last)",
    "An error occurred (",
    "fatal error:",
    "Unable to locate credentials",
    "Could not connect to",
    "Connection was closed",
    "[Errno ",
    "ERROR",
    "Error:",
    "error:",
    "mc: <ERROR>",
    "Killed",
];

/// Whether a tool says with this line that it failed.
pub fn is_error(line: &str) -> bool {
    ERRORS.iter().any(|begin| line.starts_with(begin)) || line.contains("[Errno ")
}

/// Whether this is no name of an object: a note, a field, several names, a path of this machine, a line of an unknown
/// listing in columns.
pub fn is_no_name(text: &str) -> bool {
    let is_of_this_machine = text.starts_with('/')
        || text.starts_with("../")
        || text.starts_with("\\\\")
        || text.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/");
    is_of_this_machine
        || text.chars().any(|c| c.is_control() && c != '\t')
        || text.starts_with('"')
        || BULLETS.iter().any(|bullet| text.starts_with(bullet))
        || has_address(text)
        || is_field(text)
        || is_column(text)
        || begins_with_a_hash(text)
        || has_several(text)
        || text.contains("; Content Length: ")
        || is_in_columns(text)
}

/// An address within a name is an address that was not understood.
pub fn has_address(text: &str) -> bool {
    text.contains("s3://") || text.contains("arn:aws")
}

/// A name behind a storage class, or an address: the columns before it are not understood.
pub fn is_column(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    has_address(text) || (first.len() < text.len() && CLASSES.contains(&first))
}

/// `Key: caps/01.srt`, `"Key": "caps/01.srt"`, `Key          : caps/01.srt`
fn is_field(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(':') else { return false };
    let name = name.trim_end().trim_matches('"');
    rest.starts_with([' ', '"']) && FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

/// `d41d8cd98f00b204e9800998ecf8427e  caps/01.srt`, as md5sum and its like print it, and `MD5 (caps/01.srt) = …`.
fn begins_with_a_hash(text: &str) -> bool {
    let Some((first, rest)) = text.split_once(' ') else { return false };
    let is_hash = matches!(first.len(), 32 | 40 | 56 | 64 | 96 | 128) && first.bytes().all(|b| b.is_ascii_hexdigit());
    let is_label = matches!(first, "MD5" | "SHA1" | "SHA256" | "SHA512");
    is_hash || is_label && rest.starts_with([' ', '(', '*'])
}

/// `caps/01.srt,caps/02.srt`, `v/01.mp4;caps/01.srt`, `01.srt  02.srt`: an ending, a separator, and one more ending.
fn has_several(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |ending: &str| memchr::memmem::find_iter(bytes, ending).map(|at| at + ending.len()).collect::<Vec<_>>();
    let is_last = |at: usize, ending: &str| text.get(at..).is_some_and(|rest| rest.trim_end().ends_with(ending));
    let transcripts = [".srt", ".vtt", ".SRT", ".VTT"];
    transcripts.iter().any(|ending| {
        ends(ending).into_iter().any(|at| match bytes.get(at) {
            Some(b',' | b';' | b'|' | b'"') => true,
            Some(b' ') => transcripts.iter().any(|last| is_last(at, last)),
            _ => false,
        })
    }) || [".mp4", ".mov", ".mkv", ".MP4", ".MOV"].iter().any(|ending| {
        ends(ending).into_iter().any(|at| {
            matches!(bytes.get(at), Some(b',' | b';' | b'|')) && transcripts.iter().any(|last| is_last(at, last))
        })
    })
}

/// `   12 caps/01.srt`: an indented number is a count or a size.
pub fn is_numbered_column(line: &str) -> bool {
    let plain = line.trim_start_matches([' ', '\t']);
    let is_number =
        plain.split(' ').next().is_some_and(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()));
    plain.len() < line.len() && is_number && plain.contains(' ')
}

/// Whether the lines are numbered, as in `1. caps/01.srt` and `2. caps/02.srt`. Folders may be numbered, too, but then
/// each has another name.
pub fn is_numbered(lines: &[&str]) -> bool {
    let item = |line: &&str| {
        let (number, rest) = line.trim().split_once(' ')?;
        let number = number.strip_suffix(['.', ')', ':']).unwrap_or(number);
        let number = Some(number).filter(|number| !number.starts_with('0'))?.parse::<usize>().ok()?;
        Some((number, rest.split_once('/')?.0.trim_start().to_owned()))
    };
    let Some((1, folder)) = lines.first().and_then(item) else { return false };
    lines.len() > 1
        && (1..).zip(lines).all(|(number, line)| item(line).is_some_and(|it| it == (number, folder.clone())))
}

/// A time of day before the last column gap, or a mode: the listing of some tool.
fn is_in_columns(line: &str) -> bool {
    let has_gap = line.contains("  ") || line.contains('\t');
    let is_time = |word: &str| {
        ["00:00", "00:00:00", "0:00"]
            .iter()
            .any(|shape| word.get(..shape.len()).is_some_and(|begin| is_shaped(begin, shape)))
    };
    let mut words = line.split_ascii_whitespace().rev();
    words.next();
    let (mut is_dated, mut has_mode) = (false, false);
    for word in words {
        is_dated |= is_time(word);
        has_mode |= is_mode(word);
    }
    let begins_dated = shaped(line, "0000-00-00 ").is_some() || shaped(line, "0000/00/00 ").is_some();
    has_mode || is_dated && (has_gap || begins_dated)
}

/// In `shape`, `0` is a digit and everything else literal.
pub fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, of)| if of == b'0' { byte.is_ascii_digit() } else { byte == of })
}

/// Splits the text after `shape.len()` if it starts with that shape.
pub fn shaped<'a>(text: &'a str, shape: &str) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(shape.len()).filter(|(begin, _)| is_shaped(begin, shape))
}

/// `-rw-r--r--`, with or without a mark behind it.
pub fn is_mode(word: &str) -> bool {
    let (mode, mark) = word.split_at_checked(10).unwrap_or((word, ""));
    mode.len() == 10
        && matches!(mark, "" | "." | "+" | "@")
        && mode.starts_with(['-', 'd', 'l', 'b', 'c', 'p', 's'])
        && mode.bytes().skip(1).all(|b| b"rwxsStT-".contains(&b))
}

/// What a file is that is surely no listing, from its beginning. An empty file is the listing of an empty folder: tools
/// print nothing for it.
pub fn file(bytes: &[u8], sample: &str) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"\x28\xB5\x2F\xFD", "packed with zstd: unpack it first, as zstd -d does"),
        (b"\xFD7zXZ\0", "packed with xz: unpack it first, as xz -d does"),
        (b"BZh", "packed with bzip2: unpack it first, as bzip2 -d does"),
        (b"\x1F\x8B", "packed twice with gzip: unpack it first, as gzip -d does"),
        (b"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or save the sheet as CSV"),
        (b"7z\xBC\xAF", "a 7z archive: unpack it first"),
        (b"%PDF-", "a PDF"),
        (b"PAR1", "a data file in Parquet: an S3 Inventory is named by its manifest.json"),
        (b"ORC", "a data file in ORC, which is not read: have AWS write the report as CSV"),
    ];
    let known = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    // Names may begin like these, but a text has no such bytes.
    if let Some((magic, what)) = known
        && (magic.iter().any(|b| !b.is_ascii_graphic()) || is_binary(sample))
    {
        return Some(what);
    }
    let start: String = sample.trim_start().chars().take(512).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Some("a web page");
    }
    let is_xml = start.starts_with("<?xml") || start.starts_with("<listbucketresult") || start.starts_with("<error>");
    match start.contains("<listbucketresult") {
        _ if !is_xml => {}
        true => {
            return Some(
                "a reply of S3 in XML, of which a bucket has many: list the bucket, as s3://BUCKET or with a tool",
            );
        }
        false => return Some("XML"),
    }
    is_yaml(sample).then_some("YAML: write it with --output json or text")
}

/// What a file is in which no tool's listing was found.
pub fn plain_file(sample: &str) -> Option<&'static str> {
    const INVENTORY: &str = "a data file of an S3 Inventory: name its manifest.json, which says what its columns are";
    if is_inventory_data(sample) {
        return Some(INVENTORY);
    }
    is_binary(sample).then_some("no text")
}

/// More than one character of twenty is none that a text has.
fn is_binary(sample: &str) -> bool {
    let is_odd = |c: &char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{1b}');
    let (odd, all) = sample.chars().take(512).fold((0, 0), |(odd, all), c| (odd + u32::from(is_odd(&c)), all + 1));
    all >= 4 && odd * 20 > all
}

/// Objects of `aws s3api --output yaml`: fields with a key among them, most lines a field or an item.
fn is_yaml(sample: &str) -> bool {
    let is_of = |line: &str, field: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'))
    };
    let (mut fields, mut keys, mut lines) = (0, 0, 0);
    for line in sample.lines().filter(|line| !line.trim().is_empty()).take(200) {
        lines += 1;
        keys += u32::from(is_of(line, "Key"));
        fields += u32::from(
            ["Contents", "ETag", "Key", "LastModified", "Size", "StorageClass", "ChecksumAlgorithm", "Name", "Prefix"]
                .iter()
                .any(|field| is_of(line, field)),
        );
    }
    keys > 0 && fields * 2 > lines
}

/// A data file of an S3 Inventory without its manifest: every row begins with the same bucket, in quotes, and its names
/// are encoded in a way that only the manifest tells.
fn is_inventory_data(sample: &str) -> bool {
    let bucket = |line: &str| {
        let (bucket, rest) = line.strip_prefix('"')?.split_once("\",\"")?;
        (crate::s3_url::bucket::fault(bucket).is_none() && !rest.starts_with("s3:")).then(|| bucket.to_owned())
    };
    let mut lines = sample.lines().filter(|line| !line.trim().is_empty()).take(200);
    let Some(first) = lines.next().and_then(bucket) else { return false };
    lines.all(|line| bucket(line).is_some_and(|own| own == first))
}
