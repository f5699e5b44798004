//! Tools that print lines. Each listing has the form of a real one, with keys that contain blanks, tabs, symbols and
//! letters of all kinds.

use super::{Got, assumed, at, bare, is_relative};
use cuecard::domain::keys::{Shape, SourceFault};

/// The tool, and the objects with sizes in bytes.
struct Listing {
    shape: &'static str,
    text: &'static str,
    /// Besides `caps/01.srt`, `caps/02 the lathe.srt`, `caps/a b.srt`, `caps/Café + más.vtt` and a video.
    folders: u64,
    passed: u64,
    /// Sizes of the first two.
    sizes: [Option<u64>; 2],
}

/// Listings of a bucket from its root.
const WHOLE: [Listing; 9] = [
    Listing {
        shape: "aws s3 ls --recursive",
        text: "2026-03-14 12:00:00       1234 caps/01.srt\n2026-03-14 12:01:00    5678901 caps/02 the lathe.srt\n\
               2026-03-14 12:02:00         99 caps/a  b.srt\n2026-03-14 12:03:00        400 caps/Café + más.vtt\n\
               2026-03-14 12:04:00  123456789 caps/v.mp4\n2026-03-14 12:05:00          0 caps/\n\n\
               Total Objects: 6\n   Total Size: 129137122\n",
        folders: 1,
        passed: 2,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "aws s3 ls --recursive",
        text: "2026-03-14 12:00:00    1.2 KiB caps/01.srt\r\n2026-03-14 12:01:00    5.4 MiB caps/02 the lathe.srt\r\n\
               2026-03-14 12:02:00   99 Bytes caps/a  b.srt\r\n2026-03-14 12:03:00  400 Bytes caps/Café + más.vtt\r\n\
               2026-03-14 12:04:00  117.7 MiB caps/v.mp4\r\n\r\nTotal Objects: 5\r\n   Total Size: 123.2 MiB\r\n",
        folders: 0,
        passed: 2,
        sizes: [Some(1_228), Some(5_662_310)],
    },
    Listing {
        shape: "s5cmd ls",
        text: "                                  DIR  caps/older/\n2026/03/14 12:00:00             1234  caps/01.srt\n\
               2026/03/14 12:01:00          5678901  caps/02 the lathe.srt\n\
               2026/03/14 12:02:00               99  caps/a  b.srt\n\
               2026/03/14 12:03:00              400  caps/Café + más.vtt\n\
               2026/03/14 12:04:00        123456789  caps/v.mp4\n",
        folders: 1,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "s5cmd ls",
        text: "2026/03/14 12:00:00 I 9e107d9d372bb6826bd81d3542a419d6             1.2K  s3://acme/caps/01.srt\n\
               2026/03/14 12:01:00   9e107d9d372bb6826bd81d3542a419d6-12          5.4M  s3://acme/caps/02 the lathe.srt\n\
               2026/03/14 12:02:00   9e107d9d372bb6826bd81d3542a419d6               99  s3://acme/caps/a  b.srt\n\
               2026/03/14 12:03:00   9e107d9d372bb6826bd81d3542a419d6              400  s3://acme/caps/Café + más.vtt\n\
               2026/03/14 12:04:00   9e107d9d372bb6826bd81d3542a419d6           117.7M  s3://acme/caps/v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [Some(1_228), Some(5_662_310)],
    },
    Listing {
        shape: "s3cmd ls",
        text: "                          DIR  s3://acme/caps/older/\n2026-03-14 12:00         1234  s3://acme/caps/01.srt\n\
               2026-03-14 12:01      5678901  s3://acme/caps/02 the lathe.srt\n\
               2026-03-14 12:02           99  s3://acme/caps/a  b.srt\n\
               2026-03-14 12:03          400  s3://acme/caps/Café + más.vtt\n\
               2026-03-14 12:04    123456789  s3://acme/caps/v.mp4\n",
        folders: 1,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "s3cmd ls",
        text: "2026-03-14 12:00         1k  9e107d9d372bb6826bd81d3542a419d6  STANDARD     s3://acme/caps/01.srt\n\
               2026-03-14 12:01         5M  9e107d9d372bb6826bd81d3542a419d6  STANDARD     s3://acme/caps/02 the lathe.srt\n\
               2026-03-14 12:02        99   9e107d9d372bb6826bd81d3542a419d6  STANDARD     s3://acme/caps/a  b.srt\n\
               2026-03-14 12:03       400   9e107d9d372bb6826bd81d3542a419d6  STANDARD     s3://acme/caps/Café + más.vtt\n\
               2026-03-14 12:04       117M  9e107d9d372bb6826bd81d3542a419d6  STANDARD     s3://acme/caps/v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [Some(1_024), Some(5_242_880)],
    },
    Listing {
        shape: "aws s3api, text",
        text: "CONTENTS\t\"9e107d9d372bb6826bd81d3542a419d6\"\tcaps/01.srt\t2026-03-14T12:00:00+00:00\t1234\tSTANDARD\n\
               CHECKSUMALGORITHM\tCRC64NVME\nOWNER\tacme\t9e107d9d\n\
               CONTENTS\t\"9e1\"\tcaps/02 the lathe.srt\t2026-03-14T12:01:00.000Z\t5678901\tSTANDARD\n\
               CONTENTS\tFULL_OBJECT\t\"9e1\"\tcaps/a  b.srt\t2026-03-14T12:02:00+00:00\t99\tSTANDARD\n\
               CONTENTS\t\"9e1\"\tcaps/Café + más.vtt\t2026-03-14T12:03:00+00:00\t400\tGLACIER\n\
               CONTENTS\t\"9e1\"\tcaps/v.mp4\t2026-03-14T12:04:00+00:00\t123456789\tSTANDARD\nNone\nCOMMONPREFIXES\tcaps/older/\n",
        folders: 1,
        passed: 3,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "aws s3api, text",
        text: "caps/01.srt\tcaps/02 the lathe.srt\tcaps/a  b.srt\tcaps/Café + más.vtt\tcaps/v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [None, None],
    },
    Listing {
        shape: "plain list",
        text: "# captions of spring\ncaps/01.srt\n\n  s3://acme/caps/02 the lathe.srt  \n\"caps/a  b.srt\"\n\
               https://acme.s3.us-west-2.amazonaws.com/caps/Caf%C3%A9%20%2B%20m%C3%A1s.vtt\ncaps/v.mp4\ncaps/older/\n",
        folders: 1,
        passed: 1,
        sizes: [None, None],
    },
];

const KEYS: [&str; 4] = [
    "s3://acme/caps/01.srt",
    "s3://acme/caps/02 the lathe.srt",
    "s3://acme/caps/a  b.srt",
    "s3://acme/caps/Café + más.vtt",
];

/// Listings of `caps/` that don't name it.
const RELATIVE: [Listing; 9] = [
    Listing {
        shape: "aws s3 ls",
        text: "                           PRE older/\n2026-03-14 12:00:00       1234 01.srt\n\
               2026-03-14 12:01:00    5678901 02 the lathe.srt\n2026-03-14 12:02:00         99 a  b.srt\n\
               2026-03-14 12:03:00        400 Café + más.vtt\n2026-03-14 12:04:00  123456789 v.mp4\n",
        folders: 1,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "rclone ls",
        text: "     1234 01.srt\n  5678901 02 the lathe.srt\n       99 a  b.srt\n      400 Café + más.vtt\n123456789 v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "rclone lsl",
        text: "     1234 2026-03-14 12:00:00.000000000 01.srt\n  5678901 2026-03-14 12:01:00.123456789 02 the lathe.srt\n\
                      99 2026-03-14 12:02:00.000000000 a  b.srt\n      400 2026-03-14 12:03:00.000000000 Café + más.vtt\n\
               123456789 2026-03-14 12:04:00.000000000 v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "mc ls",
        text: "[2026-03-14 12:00:00 UTC] 1.2KiB STANDARD 01.srt\n[2026-03-14 12:01:00 UTC] 5.4MiB STANDARD 02 the lathe.srt\n\
               [2026-03-14 12:02:00 UTC]    99B STANDARD a  b.srt\n[2026-03-14 12:03:00 CET]   400B GLACIER Café + más.vtt\n\
               [2026-03-14 12:04:00 UTC] 118MiB STANDARD v.mp4\n[2026-03-14 12:05:00 UTC]     0B older/\n",
        folders: 1,
        passed: 0,
        sizes: [Some(1_228), Some(5_662_310)],
    },
    Listing {
        shape: "ls -l",
        text: "total 118M\ndrwxr-xr-x  2 ana staff      4096 Mar 14 12:05 older\n\
               -rw-r--r--  1 ana staff      1234 Mar 14 12:00 01.srt\n\
               -rw-r--r--@ 1 ana staff   5678901 Mar 14  2025 02 the lathe.srt\n\
               -rw-r--r--. 1 ana domain\\users 99 Mar 14 12:02 a  b.srt\n\
               -rw-r--r--  1 ana staff       400 Mar  4 12:03 Café + más.vtt\n\
               -rw-r--r--  1 ana staff 123456789 Mar 14 12:04 v.mp4\n",
        folders: 1,
        passed: 1,
        sizes: [Some(1_234), Some(5_678_901)],
    },
    Listing {
        shape: "ls -l",
        text: "-rw-r--r-- 1 ana staff 1.2K 2026-03-14 12:00 01.srt\n\
               -rw-r--r-- 1 ana staff 5.4M 2026-03-14 12:01:00.000000000 +0100 02 the lathe.srt\n\
               -rw-r--r-- 1 ana staff   99 2026-03-14 12:02 a  b.srt\n-rw-r--r-- 1 ana staff  400 2026-03-14 12:03 Café + más.vtt\n\
               -rw-r--r-- 1 ana staff 118M 2026-03-14 12:04 v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [Some(1_228), Some(5_662_310)],
    },
    Listing {
        shape: "find",
        text: "./01.srt\n./02 the lathe.srt\n./a  b.srt\n./Café + más.vtt\n./v.mp4\n",
        folders: 0,
        passed: 0,
        sizes: [None, None],
    },
    Listing {
        shape: "plain list",
        text: "01.srt\r\n02 the lathe.srt\r\na  b.srt\r\nCafé + más.vtt\r\nv.mp4\r\nolder/\r\n",
        folders: 1,
        passed: 0,
        sizes: [None, None],
    },
    Listing {
        shape: "s5cmd ls",
        text: "                                  DIR  older/\n2026/03/14 12:00:00             1234  01.srt\n\
               2026/03/14 12:01:00          5678901  02 the lathe.srt\n2026/03/14 12:02:00               99  a  b.srt\n\
               2026/03/14 12:03:00              400  Café + más.vtt\n2026/03/14 12:04:00        123456789  v.mp4\n",
        folders: 1,
        passed: 0,
        sizes: [Some(1_234), Some(5_678_901)],
    },
];

fn is_all_of(got: &Got, listing: &Listing) {
    let Listing { shape, text, folders, passed, sizes } = listing;
    // In a mix of addresses and names, the names may come last.
    let (mut urls, mut expected) = (got.urls.clone(), KEYS);
    urls.sort();
    expected.sort_unstable();
    assert_eq!(urls, expected, "{text}");
    let summary = &got.summary;
    assert_eq!(summary.shape.to_string(), *shape, "{text}");
    assert_eq!((summary.folders, summary.passed), (*folders, *passed), "{text}");
    assert_eq!((summary.keys, summary.usable, summary.not_keys.count), (5, 4, 0), "{text}: {summary:?}");
    assert_eq!(summary.others.to_string(), "1 .mp4", "{text}");
    let size = |url: &str| got.urls.iter().position(|own| own == url).and_then(|at| got.keys.get(at as u32)?.size);
    assert_eq!([size(KEYS[0]), size(KEYS[1])], *sizes, "{text}");
}

#[test]
fn whole_keys_of_every_tool_are_read_and_get_the_bucket_that_is_named() {
    for listing in &WHOLE {
        is_all_of(&at("s3://acme", listing.text), listing);
        // The listed prefix changes nothing: the keys contain it.
        is_all_of(&at("s3://acme/caps/", listing.text), listing);
    }
}

#[test]
fn whole_keys_without_a_bucket_get_the_only_one_of_the_manifest_and_that_is_said() {
    for listing in &WHOLE {
        let got = assumed(listing.text).unwrap();
        is_all_of(&got, listing);
        let names_buckets = listing.text.contains("s3://acme/caps/01.srt");
        let expected = (!names_buckets).then(|| "acme".to_owned());
        assert_eq!(got.summary.assumed_bucket, expected, "{}", listing.text);
        let is_said = got.summary.remarks().iter().any(|remark| remark.contains("taken to be in s3://acme"));
        assert_eq!(is_said, !names_buckets, "{}", listing.text);
        if !names_buckets {
            match bare(listing.text) {
                Err(fault) => assert!(matches!(fault, SourceFault::NoBucket { .. }), "{}: {fault}", listing.text),
                // If some name their bucket, the others are counted.
                Ok(got) => assert!(got.summary.unplaced > 0, "{}", listing.text),
            }
        }
    }
}

#[test]
fn names_that_are_relative_are_never_put_into_a_bucket_until_their_prefix_is_named() {
    for listing in &RELATIVE {
        for read in [assumed(listing.text), bare(listing.text)] {
            assert!(is_relative(&read), "{}: {read:?}", listing.text);
        }
        for place in ["s3://acme/caps/", "s3://acme/caps"] {
            let got = at(place, listing.text);
            is_all_of(&got, listing);
            assert_eq!(got.summary.prefix.as_deref(), Some("caps/"), "{}", listing.text);
        }
        // Only the bucket: they are at its root.
        assert_eq!(at("s3://acme", listing.text).urls[0], "s3://acme/01.srt");
    }
    let why = assumed(RELATIVE[0].text).unwrap_err().to_string();
    assert_eq!(why, "keys.txt: names are relative. Name the prefix they belong to: keys.txt@s3://BUCKET/PREFIX/");
}

#[test]
fn names_with_and_without_a_slash_in_one_recursive_listing_are_all_whole() {
    let text = "2026-03-14 12:00:00 1 top.srt\n2026-03-14 12:00:00 1 caps/01.srt\n2026-03-14 12:00:00 1  blank.srt\n";
    let expected = ["s3://acme/top.srt", "s3://acme/caps/01.srt", "s3://acme/ blank.srt"];
    for got in [assumed(text).unwrap(), at("s3://acme", text), at("s3://acme/caps/", text)] {
        assert_eq!(got.urls, expected);
    }
    assert_eq!(assumed("top.srt\ncaps/01.srt\nend.vtt").unwrap().urls.len(), 3);
    assert_eq!(assumed(text).unwrap().summary.shape, Shape::AwsLs { recursive: true });
}

#[test]
fn a_plain_list_that_mixes_whole_and_relative_names_is_not_guessed() {
    let source = cuecard::domain::keys::Source::parse("keys.txt@s3://acme/caps/").unwrap();
    let fault = super::read_from(&source, b"caps/01.srt\nold/02.srt\n", None).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "keys.txt: some names begin with caps/, others don't. If they are whole keys, name the bucket only: keys.txt@s3://BUCKET"
    );
    assert_eq!(at("s3://acme/caps/", "old/02.srt\n").urls, ["s3://acme/caps/old/02.srt"]);
    assert_eq!(at("s3://acme/caps/", "caps/01.srt\ncaps/02.srt\n").urls[0], "s3://acme/caps/01.srt");
}

#[test]
fn lines_that_are_no_keys_are_counted_and_shown_and_never_keys() {
    let text = "2026-03-14 12:00:00 1 caps/01.srt\n--More--\n2026-03-14 12:00:00 1 caps/02.srt\nbroken/line.srt\n\
                An error occurred (SlowDown) when calling ListObjectsV2\n2026-03-14 12:00:00 1 caps/03.srt\n\
                2026-03-14 12:00:00 1 caps/04.srt\n\u{1b}[7mlog file: keys.txt\u{1b}[m\n";
    let got = at("s3://acme", text);
    assert_eq!(got.urls.len(), 4);
    let not_keys = &got.summary.not_keys;
    assert_eq!((not_keys.count, not_keys.first.len()), (4, 3));
    assert_eq!(not_keys.to_string(), "4 lines are no keys, line 2: \"--More--\"");
    assert_eq!(not_keys.first[1], (4, "broken/line.srt".to_owned()));
    assert!(got.summary.is_doubtful());

    let one = at("s3://acme", "caps/00.srt\ncaps/01.srt\n2026-03-14  12:00:00   99  caps/02.srt\nhello there\n");
    assert_eq!((one.urls.len(), one.summary.not_keys.count), (2, 2));
}

/// Lines as other tools and people write them around the name of an object.
const FOREIGN: [&str; 38] = [
    "- {}",
    "* {}",
    "> {}",
    "< {}",
    "• {}",
    "$ cat {}",
    "├── {}",
    "│   └── {}",
    "| {} |",
    "Key: {}",
    "  Key: {}",
    "- Key: {}",
    "\"Key\": \"{}\",",
    "            \"Key\": \"{}\",",
    "Key          : {}",
    "File: {}",
    "\"{}",
    "\"{}\", \"caps/two.srt\"",
    "d41d8cd98f00b204e9800998ecf8427e  {}",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709 *{}",
    "MD5  {}",
    "MD5 ({}) = d41d8cd98f00b204e9800998ecf8427e",
    "{},caps/two.srt",
    "{};caps/two.srt",
    "{}|caps/two.srt",
    "{} caps/two.srt",
    "v/01.mp4,{}",
    "   12 {}",
    "-rw-r--r-- {}",
    "1234 4 -rw-r--r-- 1 ana staff 9 Mar 14 12:00 {}",
    "upload: {} to s3://acme/{}",
    "(dryrun) copy: s3://acme/{} to s3://b/{}",
    "STANDARD {}",
    "INFO: {}; Content Length: 9.00 B",
    "/mnt/{}",
    "gs://acme/{}",
    "arn:aws:ec2:::acme/{}",
    "see arn:aws:s3:::acme/{}",
];

#[test]
fn a_name_within_a_line_that_is_not_understood_is_never_a_key() {
    for form in FOREIGN {
        for name in ["caps/one.srt", "caps/one.vtt", "caps/Café 2.srt"] {
            let line = form.replace("{}", name);
            let got = at("s3://acme", format!("caps/a.srt\ncaps/b.srt\n{line}\ncaps/c.srt\n"));
            assert_eq!((got.urls.len(), got.summary.not_keys.count), (3, 1), "{line}: {:?}", got.urls);
            // All lines of such a form are no list.
            for read in [assumed(format!("{line}\n{line}\n")), bare(format!("{line}\n"))] {
                assert!(read.is_err() || read.as_ref().unwrap().urls.is_empty(), "{line}: {read:?}");
            }
        }
    }
}

#[test]
fn names_that_only_look_like_a_foreign_line_are_names() {
    for name in [
        "caps/- one.srt",
        "-one.srt",
        "*one.srt",
        "01. intro.srt",
        "1. intro.srt",
        "Key West.srt",
        "Q: what? A: that!.vtt",
        "name=harbour/one.srt",
        "dt=2026-03-14/one.srt",
        "STANDARD.srt",
        "Standard one.srt",
        "d41d8cd98f00b204e9800998ecf8427e.srt",
        "Lecture 1, part 2.srt",
        "a;b.srt",
        "one.srt.vtt",
        "talk.mp4.srt",
        "talk.mp4 one.srt",
        "[2021] one.srt",
        "arnold.srt",
        "s3 one.srt",
        "amazonaws.com.srt",
        "Killed in action.srt",
        "Error 404.srt",
        "MD5.srt",
        "it's.srt",
    ] {
        let got = at("s3://acme", format!("caps/a.srt\n{name}\ncaps/c.srt\n"));
        assert_eq!(got.urls.get(1), Some(&format!("s3://acme/{name}")), "{name}: {:?}", got.summary);
    }
}

#[test]
fn quotes_and_commas_of_a_list_are_no_part_of_its_keys() {
    for form in ["\"{}\"", "\"{}\",", "'{}'", "'{}',", "`{}`", "  \"{}\",  "] {
        let text: String =
            ["caps/01.srt", "caps/a b.vtt"].map(|name| format!("{}\n", form.replace("{}", name))).concat();
        assert_eq!(at("s3://acme", text).urls, ["s3://acme/caps/01.srt", "s3://acme/caps/a b.vtt"], "{form}");
    }
    assert_eq!(at("s3://acme", "\"caps/say \"\"hi\"\".srt\"\n").urls, ["s3://acme/caps/say \"hi\".srt"]);
    assert_eq!(at("s3://acme", "\"caps/say \\\"hi\\\".srt\",\n").urls, ["s3://acme/caps/say \"hi\".srt"]);
}

#[test]
fn addresses_in_every_form_are_the_objects_they_name_in_a_plain_list() {
    for text in [
        "s3://acme/caps/01.srt",
        "S3://acme/caps/01.srt",
        "s3a://acme/caps/01.srt",
        "s3:/acme/caps/01.srt",
        "arn:aws:s3:::acme/caps/01.srt",
        "ARN:aws:s3:::acme/caps/01.srt",
        "\"arn:aws:s3:::acme/caps/01.srt\",",
        "https://acme.s3.amazonaws.com/caps/01.srt",
        "acme.s3.us-west-2.amazonaws.com/caps/01.srt",
        "https://s3.us-west-2.amazonaws.com/acme/caps/01.srt",
    ] {
        assert_eq!(bare(format!("{text}\n")).unwrap().urls, ["s3://acme/caps/01.srt"], "{text}");
    }
    for text in ["arn:aws:s3:::acme", "arn:aws:s3:us-west-2:1:accesspoint/x/object/caps/01.srt", "arn:aws:s3:::"] {
        let got = at("s3://own", format!("caps/a.srt\n{text}\n"));
        assert_eq!((got.urls, got.summary.not_keys.count), (vec!["s3://own/caps/a.srt".to_owned()], 1), "{text}");
    }
}

#[test]
fn names_among_more_lines_that_are_none_are_no_keys_but_addresses_are() {
    let letter = "Dear all,\nhere they are\ncaps/01.srt\nand one more\nbye\n";
    assert!(matches!(assumed(letter), Err(SourceFault::NoKeys { .. })));
    let letter = "Dear all,\nhere they are\ns3://acme/caps/01.srt\ncaps/02.srt\nbye\n";
    let got = assumed(letter).unwrap();
    assert_eq!((got.urls, got.summary.not_keys.count), (vec!["s3://acme/caps/01.srt".to_owned()], 4));
    for numbered in ["1. caps/01.srt\n2. caps/02.srt\n", "1) caps/01.srt\n2) caps/02.srt\n", "1 c/1.srt\n2 c/2.srt\n"] {
        assert!(matches!(assumed(numbered), Err(SourceFault::NoKeys { .. })), "{numbered}");
    }
    for folders in ["1. Intro/a.srt\n2. Setup/a.srt\n", "01 c/1.srt\n02 c/2.srt\n", "1 c/1.srt\n1 c/2.srt\n"] {
        assert_eq!(assumed(folders).unwrap().urls.len(), 2, "{folders}");
    }
}

#[test]
fn columns_that_a_tool_put_before_the_name_are_no_part_of_it() {
    for line in [
        "2026-03-14 12:00:00       1234 STANDARD caps/01.srt",
        "2026-03-14 12:00:00       1234 s3://acme/caps/01.srt",
        "2026/03/14 12:00:00             1234  STANDARD  caps/01.srt",
        "2026/03/14 12:00:00             1234  STANDARD  s3://acme/caps/01.srt",
        "     1234 GLACIER caps/01.srt",
    ] {
        let got = assumed(format!("{line}\n"));
        assert!(got.is_err() || got.as_ref().unwrap().urls.is_empty(), "{line}: {got:?}");
    }
}

#[test]
fn a_listing_that_its_own_lines_call_incomplete_is_incomplete() {
    use cuecard::domain::keys::End;
    let whole = "2026-03-14 12:00:00          1 c/01.srt\n2026-03-14 12:00:00          1 c/02.srt\n";
    for (text, why) in [
        (whole.to_owned(), None),
        (format!("{whole}\nTotal Objects: 2\n   Total Size: 2\n"), None),
        (format!("{whole}2026-03-14 12:00:00          0 c/\n\nTotal Objects: 3\n"), None),
        (
            format!("{whole}\nTotal Objects: 3\n   Total Size: 3\n"),
            Some("its total says 3 objects, and 2 stand above it"),
        ),
        (format!("{whole}Total Objects: 2\n{whole}Total Objects: 2\n"), None),
        (
            format!("{whole}Total Objects: 2\n{whole}Total Objects: 4\n"),
            Some("its total says 4 objects, and 2 stand above it"),
        ),
        (format!("{whole}2026-03-14 12:00"), Some("line 3, the last, is cut")),
        (format!("{whole}2026-03-14 12:00:00          1 c/03.sr"), Some("line 3, the last, is cut")),
        (format!("{whole}2026-03-14 12:00:00          1 c/03"), Some("line 3, the last, is cut")),
        (whole.trim_end().to_owned(), None),
        (format!("{whole}Traceback (most recent call last):\n"), Some("line 3 is an error of the tool")),
        (format!("{whole}fatal error: Unable to locate credentials\n"), Some("line 3 is an error of the tool")),
        (
            format!("{whole}\nAn error occurred (SlowDown) when calling the ListObjectsV2 operation\n"),
            Some("line 4 is an error of the tool"),
        ),
        ("c/01.srt\nc/02.srt\nTraceback (most recent call last):\n".to_owned(), Some("line 3 is an error of the tool")),
        (format!("{whole}--More--\n"), None),
    ] {
        let got = at("s3://acme", &text);
        let end = why.map_or(End::Whole, |why| End::Early(why.to_owned()));
        assert_eq!((got.urls.len() >= 2, got.summary.end), (true, end), "{text}");
    }
}

#[test]
fn in_a_plain_list_prose_paths_of_this_machine_and_unknown_columns_are_no_keys() {
    for line in [
        "hello there",
        "--More--",
        "/home/ana/caps/01.srt",
        "../caps/01.srt",
        "C:\\caps\\01.srt",
        "14.03.2026  12:00             1,234 01.srt",
        "2026-03-14 12:00:00 caps/01.srt",
        "ftp://acme/caps/01.srt",
        "s3://acme",
        "s3://",
        "https://example.com/01.srt",
        "\u{1b}[0m01.srt\u{1b}[0m",
        "a\0b.srt",
    ] {
        let got = at("s3://acme", format!("caps/ok.srt\n{line}\n"));
        assert_eq!((got.urls.len(), got.summary.not_keys.count), (1, 1), "{line}");
        assert_eq!(got.summary.not_keys.first[0].0, 2, "{line}");
    }
    for line in ["12:30 news.srt", "2026-03-14 interview.srt", "01 intro.srt", "a  b.srt", "Q: what? A: that!.vtt"] {
        let got = at("s3://acme", format!("caps/ok.srt\n{line}\n"));
        assert_eq!(got.urls[1], format!("s3://acme/{line}"));
    }
}

#[test]
fn a_file_of_which_nothing_is_understood_is_refused_with_what_was_expected() {
    let fault = assumed("Dear all,\nhere is the list\nhttps://x?X-Amz-Signature=abc\n").unwrap_err();
    assert!(matches!(&fault, SourceFault::NoKeys { not_keys, .. } if not_keys.count == 3), "{fault:?}");
    let words = fault.to_string();
    assert!(
        words.starts_with("keys.txt: no line is a key (line 1: \"Dear all,\"). Expected a listing (aws s3 ls"),
        "{words}"
    );
    assert!(!format!("{fault:?}").contains("abc"), "no secret is kept: {fault:?}");
    for nothing in ["\n\n", "# nothing yet\n"] {
        let got = assumed(nothing).unwrap();
        assert_eq!((got.urls.len(), got.summary.is_doubtful()), (0, true));
        assert!(got.summary.remarks().contains(&"no .srt or .vtt in it".to_owned()));
    }
    let videos = assumed("v/1.mp4\nv/2.mp4\nREADME\n").unwrap().summary;
    assert_eq!(
        videos.remarks(),
        ["no .srt or .vtt in it", "1 line is no key, line 3: \"README\"", "not usable: 2 .mp4"]
    );
}

#[test]
fn text_is_read_in_every_encoding_that_shells_write() {
    let text = "caps/Café + más.vtt\r\ncaps/日本語 1.srt\r\n";
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        wide(&[0xFF, 0xFE], u16::to_le_bytes),
        wide(&[0xFE, 0xFF], u16::to_be_bytes),
        wide(&[], u16::to_le_bytes),
        wide(&[], u16::to_be_bytes),
        text.replace("\r\n", "\r").into_bytes(),
        text.replace("\r\n", "\r\r\n").into_bytes(),
        text.trim_end().as_bytes().to_vec(),
    ] {
        let got = at("s3://acme", &bytes);
        assert_eq!(got.urls, ["s3://acme/caps/Café + más.vtt", "s3://acme/caps/日本語 1.srt"], "{bytes:?}");
    }
    let latin = at("s3://acme", b"caps/Caf\xE9.srt\ncaps/01.srt\n");
    assert_eq!(
        (latin.urls.len(), latin.summary.not_keys.first[0].clone()),
        (1, (1, "caps/Caf\u{FFFD}.srt".to_owned()))
    );
    let half = [&[0xFF, 0xFE][..], &[0x00, 0xD8, b'a', 0]].concat();
    assert!(matches!(assumed(half), Err(SourceFault::Unreadable(why)) if why.contains("not UTF-16 text")));
}

#[test]
fn a_name_that_begins_like_a_unit_or_a_size_is_a_name() {
    for name in ["T .srt", "KiB.srt", "KiB 2.srt", "12 KiB.srt", "1.5 MiB left.srt", "2026-03-14 12:00:00 9 x.srt"] {
        let got = at("s3://acme", format!("2026-03-14 12:00:00       1234 {name}\n"));
        assert_eq!(got.urls, [format!("s3://acme/{name}")]);
        let got = at("s3://acme", format!("2026/03/14 12:00:00             1234  {name}\n     "));
        assert_eq!(got.urls, [format!("s3://acme/{name}")]);
    }
}

#[test]
fn a_key_with_a_line_break_in_it_is_not_taken_for_two() {
    let text = "2026-03-14 12:00:00 1 caps/a\nb.srt\n2026-03-14 12:00:00 1 caps/02.srt\n";
    let got = at("s3://acme", text);
    assert_eq!((got.urls, got.summary.not_keys.count), (vec!["s3://acme/caps/02.srt".to_owned()], 1));
}

#[test]
fn folders_of_a_listing_with_all_its_folders_are_put_before_their_files() {
    let text = ".:\ntotal 8\ndrwxr-xr-x 2 ana staff 4096 Mar 14 12:00 a\n-rw-r--r-- 1 ana staff 9 Mar 14 12:00 1.srt\n\n\
                ./a:\ntotal 8\n-rw-r--r-- 1 ana staff 9 Mar 14 12:00 2 b.srt\nlrwxrwxrwx 1 ana staff 9 Mar 14 12:00 l.srt -> 2.srt\n";
    let got = at("s3://acme/caps", text);
    assert_eq!(got.urls, ["s3://acme/caps/1.srt", "s3://acme/caps/a/2 b.srt"]);
    assert_eq!(got.summary.not_keys.count, 1, "a link is no file");
}

#[test]
fn versions_are_left_out_and_counted() {
    let text = "VERSIONS\t\"9e1\"\tTrue\tcaps/01.srt\t2026-03-14T12:00:00+00:00\t1234\tSTANDARD\tabc\n\
                VERSIONS\t\"9e1\"\tFalse\tcaps/01.srt\t2026-03-13T12:00:00+00:00\t1234\tSTANDARD\tabd\n\
                DELETEMARKERS\tTrue\tcaps/02.srt\t2026-03-14T12:00:00+00:00\tabe\nOWNER\tacme\tid\n";
    let got = at("s3://acme", text);
    assert_eq!(got.urls, ["s3://acme/caps/01.srt"]);
    assert_eq!((got.summary.older_versions, got.summary.delete_markers), (1, 1));
    assert_eq!(got.summary.remarks(), ["1 older version left out", "1 delete marker left out"]);
    let mc = at(
        "s3://acme",
        "[2026-03-14 12:00:00 UTC] 9B STANDARD 0c2f v2 PUT 01.srt\n[2026-03-14 12:00:00 UTC] 9B 02.srt\n",
    );
    assert_eq!((mc.urls, mc.summary.not_keys.count), (vec!["s3://acme/02.srt".to_owned()], 1));
}

#[test]
fn pages_come_as_they_are_read_and_a_reader_who_has_enough_is_left_alone() {
    use cuecard::domain::keys::listing::{ReadOptions, Reading, read};
    use cuecard::domain::keys::{End, Source};
    use std::ops::ControlFlow;
    let text: String = (0..100_000).map(|n| format!("caps/{n}.srt\n")).collect();
    let source = Source::parse("keys.txt@s3://acme").unwrap();
    let order = ReadOptions { source: &source, ask_columns: false, assume: &|| None };
    let mut seen = 0;
    let reading = read(text.as_bytes(), &order, &mut |page| {
        seen += page.keys.len();
        ControlFlow::Break(())
    });
    let Ok(Reading::Listing(summary)) = reading else { panic!("{reading:?}") };
    assert_eq!((seen, summary.end), (2_000, End::Stopped));
    assert!(summary.entries < 3_000);
}
