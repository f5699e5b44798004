//! Listings in JSON, tables, and reports of S3 Inventory.

use super::{assumed, at, bare, is_relative, read_from};
use cuecard::domain::keys::listing::{Inventory, NotInventory, ReadOptions, Reading, read};
use cuecard::domain::keys::{Column, Columns, End, Given, Shape, Source, SourceFault, WhichColumns};
use std::ops::ControlFlow;

#[test]
fn an_answer_of_list_objects_is_read_with_its_bucket_wherever_that_stands() {
    let text = r#"{ "Contents": [
        { "Key": "caps/a \"b\".srt", "LastModified": "2026-11-12T13:58:00+00:00", "ETag": "\"x\"", "Size": 7 },
        { "Key": "caps/", "Size": 0 }, { "Key": "c.mp4", "Size": 8 }, { "Size": 7 }, 5 ], "RequestCharged": null }"#;
    let got = assumed(text).unwrap();
    assert_eq!(got.urls, ["s3://acme/caps/a \"b\".srt"]);
    assert_eq!(got.keys.get(0).unwrap().modified.as_deref(), Some("2026-11-12 13:58:00"));
    assert_eq!(got.summary.shape.to_string(), "aws s3api list-objects");
    assert_eq!((got.summary.keys, got.summary.folders, got.summary.not_keys.count), (2, 1, 2));
    assert_eq!(got.summary.not_keys.to_string(), "2 entries are no keys, entry 4: \"an object with Size in it\"");

    let named = r#"{"Contents": [{"Key": "a.srt"}], "Name": "own"} {"Name": "two", "Contents": [{"Key": "b.srt"}]}"#;
    let got = bare(named).unwrap();
    assert_eq!((got.urls, got.summary.completed), (vec!["s3://own/a.srt".into(), "s3://two/b.srt".into()], 0));
    // `jq -s` joins several replies into one list.
    assert_eq!(bare(format!("[{}]", named.replace("} {", "},{"))).unwrap().urls.len(), 2);
}

#[test]
fn truncated_listing_is_reported_as_incomplete() {
    for text in [
        r#"{"Contents": [{"Key": "c/a.srt"}], "NextToken": "abc"}"#,
        r#"{"IsTruncated": true, "Contents": [{"Key": "c/a.srt"}]}"#,
    ] {
        let got = assumed(text).unwrap();
        assert!(matches!(&got.summary.end, End::Early(why) if why.contains("--max-items")), "{:?}", got.summary);
        assert!(
            got.summary.remarks()[0].starts_with("ends early, a better key may be missing: the listing is incomplete")
        );
    }
    let pages = r#"{"IsTruncated": true, "Contents": [{"Key": "c/a.srt"}]}{"IsTruncated": false, "Contents": [{"Key": "c/b.srt"}]}"#;
    assert_eq!(assumed(pages).unwrap().summary.end, End::Whole);
}

#[test]
fn a_page_that_names_a_next_one_is_incomplete_whatever_else_it_says() {
    for (fields, is_whole) in [
        (r#""IsTruncated": false"#, true),
        (r#""IsTruncated": false, "NextContinuationToken": "t""#, false),
        (r#""NextContinuationToken": "t", "IsTruncated": false"#, false),
        (r#""NextContinuationToken": """#, true),
        (r#""NextContinuationToken": null"#, true),
        (r#""NextMarker": "c/a.srt""#, false),
        (r#""RequestCharged": null"#, true),
    ] {
        let got = assumed(format!(r#"{{"Contents": [{{"Key": "c/a.srt"}}], {fields}}}"#)).unwrap();
        assert_eq!(got.summary.end == End::Whole, is_whole, "{fields}: {:?}", got.summary.end);
    }
}

#[test]
fn every_json_list_of_keys_is_read() {
    for (text, shape) in [
        (r#"["caps/01.srt", "s3://acme/caps/02.vtt"]"#, "JSON list"),
        (r#"[{"Key": "caps/01.srt", "Size": 3}, {"Key": "caps/02.vtt"}]"#, "aws s3api list-objects"),
        (r#"[["caps/01.srt", 1234], [99, "caps/02.vtt"]]"#, "JSON list"),
        (r#"[["2026-03-14T12:00:00Z", "caps/01.srt"], ["\"e1\"", "caps/02.vtt"]]"#, "JSON list"),
        (r#"["arn:aws:s3:::acme/caps/01.srt", "- caps/x.srt", "caps/02.vtt"]"#, "JSON list"),
        (
            r#"{"key":"s3://acme/caps/01.srt","type":"file","size":3}
               {"key":"s3://acme/caps/02.vtt","type":"file"}"#,
            "s5cmd ls",
        ),
        (
            r#"[{"transcription":"s3://acme/caps/01.srt","object":"s3://b/a.mp4"},{"transcription":""},
                {"transcription":null},{"transcription":"s3://acme/caps/02.vtt"}]"#,
            "JSON list",
        ),
    ] {
        let got = assumed(text).unwrap();
        assert_eq!(got.urls, ["s3://acme/caps/01.srt", "s3://acme/caps/02.vtt"], "{text}");
        assert_eq!(got.summary.shape.to_string(), shape, "{text}");
    }
    for (text, shape) in [
        (
            r#"[{"Path":"older","IsDir":true},{"Path":"01.srt","Name":"01.srt","Size":3,"ModTime":"2026-03-14T12:00:00Z","IsDir":false}]"#,
            "rclone lsjson",
        ),
        (
            r#"{"status":"success","type":"folder","key":"older/"}
               {"status":"success","type":"file","lastModified":"2026-03-14T12:00:00Z","size":3,"key":"01.srt"}"#,
            "mc ls",
        ),
    ] {
        assert!(is_relative(&assumed(text)), "{text}");
        let got = at("s3://acme/caps/", text);
        assert_eq!((got.urls, got.summary.folders), (vec!["s3://acme/caps/01.srt".to_owned()], 1), "{text}");
        assert_eq!(got.summary.shape.to_string(), shape, "{text}");
        assert!(got.keys.get(0).unwrap().size == Some(3) && got.keys.get(0).unwrap().modified.is_some());
    }
    let versions = r#"{"Versions": [{"Key": "c/1.srt", "IsLatest": true}, {"Key": "c/1.srt", "IsLatest": false}],
                       "DeleteMarkers": [{"Key": "c/2.srt", "IsLatest": true}], "Name": "acme"}"#;
    let got = bare(versions).unwrap();
    assert_eq!((got.urls.len(), got.summary.older_versions, got.summary.delete_markers), (1, 1, 1));
}

#[test]
fn broken_json_says_where_and_keeps_what_came_before() {
    let got = assumed("[\"caps/01.srt\",\n \"caps/02.srt\",\n oops]").unwrap();
    assert_eq!(got.urls.len(), 2);
    assert_eq!(got.summary.end, End::Early("line 3, column 2: expected value".to_owned()));
    let fault = assumed("{\"Contents\": [\n  {\"Key\": ").unwrap_err().to_string();
    assert_eq!(fault, "keys.txt: line 2, column 10: EOF while parsing a value");
    assert!(assumed("[".repeat(100_000)).is_err());
    let garbage = assumed("{\"a\":1}").unwrap_err();
    assert!(matches!(garbage, SourceFault::NoKeys { .. }), "{garbage:?}");
}

fn given(video: &str, transcript: &str, line: u64) -> Given {
    Given { video: video.to_owned(), transcript: transcript.to_owned(), line, by: "keys.txt".into() }
}

#[test]
fn a_table_gives_pairs_by_its_values_with_their_lines() {
    for text in [
        "title,video,captions\nOne,s3://v/1.mp4,s3://t/1.srt\n\"Two, and more\",s3://v/2.mp4,s3://t/2.vtt\nThree,s3://v/3.mp4,\n",
        "title\tvideo\tcaptions\r\nOne\ts3://v/1.mp4\ts3://t/1.srt\r\nTwo\ts3://v/2.mp4\ts3://t/2.vtt\r\nThree\ts3://v/3.mp4\t\r\n",
        "title;video;captions\nOne;s3://v/1.mp4;s3://t/1.srt\nTwo;s3://v/2.mp4;s3://t/2.vtt\nThree;s3://v/3.mp4;\n",
    ] {
        let got = bare(text).unwrap();
        assert_eq!(
            got.given,
            [given("s3://v/1.mp4", "s3://t/1.srt", 2), given("s3://v/2.mp4", "s3://t/2.vtt", 3)],
            "{text}"
        );
        assert_eq!(got.summary.shape.to_string(), "table, 4 lines");
        assert_eq!((got.summary.given, got.summary.passed, got.summary.keys), (2, 2, 0));
        let columns = Columns { video: Some(Column::Number(2)), transcript: Column::Number(3) };
        assert_eq!(got.summary.columns, Some(columns));
    }
}

#[test]
fn one_line_with_a_video_and_its_transcript_is_a_table_and_two_transcripts_are_none() {
    assert_eq!(bare("v/1.mp4,caps/1.srt\n").unwrap().given, [given("v/1.mp4", "caps/1.srt", 1)]);
    for several in ["caps/1.srt,caps/2.srt,caps/3.srt\n", "caps/1.srt;caps/2.srt\n", "caps/1.srt caps/2.srt\n"] {
        assert!(matches!(assumed(several), Err(SourceFault::NoKeys { .. })), "{several}");
    }
    let rows = "v/1.mp4,arn:aws:s3:::text/1.srt\nv/2.mp4,/mnt/2.srt\nv/3.mp4,- 3.srt\n";
    let got = bare(rows).unwrap();
    assert_eq!((got.given, got.summary.not_keys.count), (vec![given("v/1.mp4", "s3://text/1.srt", 1)], 2));
}

#[test]
fn a_table_of_names_gets_its_transcripts_place_and_leaves_the_videos_as_they_stand() {
    let text = "v/1.mp4,1.srt\nv/2.mp4,2.srt\nv/3.mp4,s3://own/3.srt\n";
    let got = at("s3://acme/caps", text);
    assert_eq!(got.given[0], given("v/1.mp4", "s3://acme/caps/1.srt", 1));
    assert_eq!(got.given[2], given("v/3.mp4", "s3://own/3.srt", 3));
    assert_eq!(bare(text).unwrap().given[1], given("v/2.mp4", "2.srt", 2));
}

#[test]
fn columns_that_cannot_be_told_are_asked_for_and_can_be_named() {
    let text = "clip,english,spanish\n1.mp4,1.en.srt,1.es.srt\n2.mp4,2.en.srt,2.es.srt\n";
    let fault = bare(text).unwrap_err();
    let SourceFault::Columns(which) = &fault else { panic!("{fault:?}") };
    let WhichColumns { columns, guess: None, missing: None, .. } = &**which else { panic!("{which:?}") };
    assert_eq!(
        columns.iter().map(|c| (c.filled, c.videos, c.transcripts)).collect::<Vec<_>>(),
        [(2, 2, 0), (2, 0, 2), (2, 0, 2)]
    );
    assert_eq!(
        fault.to_string(),
        "keys.txt: which column names the video, which the transcript? Name them: --columns VIDEO,TRANSCRIPT (names or \
         numbers, 0 for none). It has 1 clip, 2 english, 3 spanish"
    );
    let named = |columns: &str| Source::parse("keys.txt").unwrap().with_columns(Columns::parse(columns).unwrap());
    for columns in ["clip,Spanish", "1,3"] {
        let got = read_from(&named(columns), text.as_bytes(), None).unwrap();
        assert_eq!(got.given[1], given("2.mp4", "2.es.srt", 3), "{columns}");
    }
    let fault = read_from(&named("clip,german"), text.as_bytes(), None).unwrap_err().to_string();
    assert!(
        fault.starts_with("keys.txt has no column german Name them") || fault.contains("no column german"),
        "{fault}"
    );
    let only = read_from(&named("0,2"), b"a,c/1.srt\nb,c/2.srt\n", Some("acme")).unwrap();
    assert_eq!((only.urls.len(), only.given.len()), (2, 0));

    let order = ReadOptions { source: &Source::parse("p.csv").unwrap(), ask_columns: true, assume: &|| None };
    let reading = read(&b"1.mp4,1.srt\n2.mp4,2.srt\n"[..], &order, &mut |_| ControlFlow::Continue(()));
    let Err(SourceFault::Columns(which)) = reading else { panic!("{reading:?}") };
    assert_eq!(which.guess, Some(Columns::parse("1,2").unwrap()));
}

#[test]
fn names_with_commas_or_tabs_are_no_table_and_a_table_with_numbers_is() {
    let got = assumed("caps/Lecture 1, part 2.srt\ncaps/Lecture 1, part 3.srt\n").unwrap();
    assert_eq!((got.summary.shape, got.urls[0].as_str()), (Shape::Plain, "s3://acme/caps/Lecture 1, part 2.srt"));
    let got = assumed("caps/1,2.srt\ncaps/3,4.srt\n").unwrap();
    assert_eq!(got.urls, ["s3://acme/caps/1,2.srt", "s3://acme/caps/3,4.srt"]);
    // `--query 'Contents[].[Key,Size,LastModified]' --output text`, and `rclone lsf -F pst`
    for text in [
        "caps/1.srt\t1234\t2026-03-14T12:00:00+00:00\ncaps/2.srt\t99\t2026-03-14T12:00:00+00:00\n",
        "caps/1.srt;1234;2026-03-14 12:00:00\ncaps/2.srt;99;2026-03-14 12:00:00\n",
    ] {
        let got = assumed(text).unwrap();
        assert_eq!(got.urls, ["s3://acme/caps/1.srt", "s3://acme/caps/2.srt"], "{text}");
        assert_eq!(got.summary.shape, Shape::Table { lines: 2 });
    }
}

#[test]
fn rows_of_a_table_that_are_no_pairs_are_counted_and_an_open_quote_is_not_hidden() {
    let text = "v,t\n1.mp4,1.srt\n2.mp4,notes.docx\n,3.srt\n4.mp4,4.srt\n";
    let got = bare(text).unwrap();
    assert_eq!((got.given.len(), got.summary.not_keys.count), (2, 2));
    assert_eq!(got.summary.not_keys.to_string(), "2 lines are no keys, line 3: \"2.mp4, notes.docx\"");
    let torn = bare("1.mp4,1.srt\n2.mp4,2.srt\n\"3.mp4,3.srt\n4.mp4,4.srt\n").unwrap();
    assert_eq!((torn.given.len(), torn.summary.not_keys.count), (2, 1));
}

const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate";

fn manifest(format: &str, schema: &str) -> String {
    format!(
        r#"{{"sourceBucket":"acme","destinationBucket":"arn:aws:s3:::reports","version":"2016-11-30",
            "creationTimestamp":"1760000000000","fileFormat":"{format}","fileSchema":"{schema}",
            "files":[{{"key":"r/acme/all/data/1.csv.gz","size":123,"MD5checksum":"x"}}]}}"#
    )
}

#[test]
fn the_manifest_of_an_inventory_is_told_by_its_shape_and_says_what_its_columns_are() {
    let source = Source::parse("manifest.json").unwrap();
    let order = ReadOptions { source: &source, ask_columns: false, assume: &|| None };
    let text = manifest("CSV", SCHEMA);
    let reading = read(text.as_bytes(), &order, &mut |_| ControlFlow::Continue(()));
    let Ok(Reading::Inventory(bytes)) = reading else { panic!("{reading:?}") };
    let inventory = Inventory::parse(&bytes).unwrap();
    let rows = "\"acme\",\"caps/a+b%2Bc%C3%A9.srt\",\"v1\",\"true\",\"false\",\"7\",\"2026-03-14T12:00:00.000Z\"\n\
                \"acme\",\"caps/old.srt\",\"v0\",\"false\",\"false\",\"7\",\"\"\n\"acme\",\"caps/gone.srt\",\"v2\",\"true\",\"true\",\"\",\"\"\n";
    let mut seen = Vec::new();
    inventory
        .read_csv(rows.as_bytes(), &mut |row| {
            seen.push((row.key.map(str::to_owned), row.is_older, row.is_delete_marker, row.size));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen[0], (Some("caps/a b+cé.srt".to_owned()), false, false, Some(7)));
    assert_eq!((seen[1].1, seen[2].2), (true, true));

    assert_eq!(Inventory::parse(manifest("CSV", "Bucket, Size").as_bytes()), Err(NotInventory::NoKey));
    let orc = Inventory::parse(manifest("ORC", "struct<bucket:string>").as_bytes()).unwrap_err();
    assert_eq!(orc.to_string(), "the inventory is in the format ORC; set its report up as CSV");
}

#[test]
fn what_is_no_listing_is_refused_with_what_is_expected() {
    for (text, what) in [
        ("<!DOCTYPE html><html><body>Sign in", "keys.txt is a web page. Expected a listing"),
        ("\n<HTML>", "keys.txt is a web page. "),
        (
            "<?xml version=\"1.0\"?>\n<ListBucketResult><Contents><Key>caps/1.srt</Key></Contents></ListBucketResult>",
            "keys.txt is a reply of S3 in XML",
        ),
        ("<ListBucketResult><Contents><Key>caps/1.srt</Key>", "keys.txt is a reply of S3 in XML"),
        ("<Error><Code>AccessDenied</Code></Error>", "keys.txt is XML. "),
        (
            "Contents:\n- ETag: '\"9e\"'\n  Key: caps/01.srt\n  Size: 9\n  StorageClass: STANDARD\n",
            "keys.txt is YAML: ",
        ),
        ("- Key: caps/01.srt\n- Key: caps/02.srt\n", "keys.txt is YAML: "),
        ("\"acme\",\"caps/a+b.srt\",\"7\"\n\"acme\",\"v/1.mp4\",\"9\"\n", "keys.txt is a data file of an S3 Inventory"),
        ("PK\u{3}\u{4}\u{14}\0\0\0\u{8}\0caps/01.srt", "keys.txt is a zip archive or a spreadsheet"),
        ("PAR1\u{15}\u{4}\u{15}\0\u{15}\0L\u{15}\u{2}", "keys.txt is a data file in Parquet"),
        ("\u{1}\u{2}\0\0\0caps/01.srt", "keys.txt is no text"),
    ] {
        let fault = assumed(text).unwrap_err().to_string();
        assert!(fault.starts_with(what) && fault.contains("aws s3 ls --recursive"), "{text}: {fault}");
    }
    for packed in [&b"\x28\xB5\x2F\xFD\x04\x58caps"[..], b"\xFD7zXZ\0\0\x04", b"\x1F\x8B\x08\0\0\0"] {
        let fault = assumed(packed).unwrap_err().to_string();
        assert!(fault.contains("unpack it first") && fault.contains("Expected a listing"), "{fault}");
    }
    assert!(assumed("").unwrap().urls.is_empty(), "tools print nothing for an empty folder");
    assert_eq!(assumed("PARTS/1.srt\nBZh/2.srt\nORCA/3.srt\n").unwrap().urls.len(), 3, "names may begin so");
    assert_eq!(assumed("<b>/1.srt\n").unwrap().urls, ["s3://acme/<b>/1.srt"], "a key may begin so");
}

#[test]
fn a_column_that_the_table_does_not_have_is_told() {
    let columns =
        |video, transcript| Columns { video: Some(Column::Number(video)), transcript: Column::Number(transcript) };
    let read = |columns| {
        let source = Source::parse("keys.txt").unwrap().with_columns(columns);
        read_from(&source, b"a.mp4,caps/a.srt\nb.mp4,caps/b.srt\n", Some("acme"))
    };
    assert_eq!(read(columns(1, 2)).unwrap().given.len(), 2);
    for (video, transcript) in [(9, 8), (1, 3), (3, 2)] {
        let fault = read(columns(video, transcript)).unwrap_err();
        assert!(matches!(&fault, SourceFault::Columns(which) if which.missing.is_some()), "{fault}");
    }
}

#[test]
fn a_listing_that_breaks_off_keeps_what_it_brought() {
    let cut = r#"{"Contents": [{"Key": "caps/1.srt"}, {"Key": "caps/2.srt"}, {"Key": "ca"#;
    let got = assumed(cut).unwrap();
    assert_eq!(got.urls, ["s3://acme/caps/1.srt", "s3://acme/caps/2.srt"]);
    assert!(matches!(got.summary.end, End::Early(_)), "{:?}", got.summary.end);

    /// Some bytes, then an error, as a compressed file that is cut off.
    struct Torn(std::io::Cursor<&'static [u8]>);
    impl std::io::Read for Torn {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => Ok(read),
            }
        }
    }
    let torn = Torn(std::io::Cursor::new(b"caps/1.srt\ncaps/2.srt\ncap"));
    let source = Source::parse("keys.txt").unwrap();
    let order = ReadOptions { source: &source, ask_columns: false, assume: &|| Some("acme".into()) };
    let mut keys = Vec::new();
    let reading = read(torn, &order, &mut |page| {
        keys.extend((0..page.keys.len()).filter_map(|at| page.keys.get(at).map(|key| key.url())));
        ControlFlow::Continue(())
    });
    let Ok(Reading::Listing(summary)) = reading else { panic!("{reading:?}") };
    assert!(matches!(summary.end, End::Early(_)), "{:?}", summary.end);
    assert!(keys.starts_with(&["s3://acme/caps/1.srt".to_owned(), "s3://acme/caps/2.srt".to_owned()]), "{keys:?}");
}
