//! Properties of any listing.

use super::read_from;
use cuecard::domain::keys::{Columns, Source, Summary};
use proptest::prelude::*;

fn adds_up(summary: &Summary) {
    let Summary { keys, folders, not_keys, passed, given, delete_markers, older_versions, .. } = summary;
    let parts = keys + folders + not_keys.count + passed + given + delete_markers + older_versions;
    assert_eq!(summary.entries, parts, "{summary:?}");
    assert_eq!(summary.keys, summary.usable + summary.others.total() + summary.unplaced, "{summary:?}");
}

fn sources() -> [Source; 4] {
    let plain = Source::parse("keys.txt").unwrap();
    [
        plain.clone(),
        Source::parse("keys.txt@s3://acme").unwrap(),
        Source::parse("keys.txt@s3://acme/caps/").unwrap(),
        plain.with_columns(Columns::parse("1,2").unwrap()),
    ]
}

fn every_way(bytes: &[u8]) {
    for source in sources() {
        for assumed in [None, Some("acme")] {
            if let Ok(got) = read_from(&source, bytes, assumed) {
                adds_up(&got.summary);
                assert_eq!(got.summary.usable as usize, got.urls.len());
                assert_eq!(got.summary.given as usize, got.given.len());
                assert!(
                    got.urls.iter().all(|url| url.starts_with("s3://") && !url.starts_with("s3:///")),
                    "{:?}",
                    got.urls
                );
                let _ = got.summary.remarks();
            }
        }
    }
}

/// Lines of real tools, intact or damaged, with names of all kinds.
fn lines() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        "[a-c]{1,3}(/[a-c ]{1,3}){0,2}\\.(srt|vtt|mp4)",
        "[ -~é日]{0,12}",
        Just("--More--".to_owned()),
        Just("s3://acme/x/1.srt".to_owned()),
        Just(String::new()),
    ];
    let form = prop_oneof![
        Just("2026-03-14 12:00:00       1234 {}"),
        Just("2026-03-14 12:00:00   1.2 KiB {}"),
        Just("                           PRE {}/"),
        Just("2026/03/14 12:00:00             1234  {}"),
        Just("2026-03-14 12:00         1234  s3://acme/{}"),
        Just("     1234 {}"),
        Just("     1234 2026-03-14 12:00:00.000000000 {}"),
        Just("[2026-03-14 12:00:00 UTC] 1.2KiB STANDARD {}"),
        Just("-rw-r--r--  1 ana staff      1234 Mar 14 12:00 {}"),
        Just("CONTENTS\t\"9e\"\t{}\t2026-03-14T12:00:00+00:00\t1234\tSTANDARD"),
        Just("v.mp4,{}"),
        Just("{}\t{}"),
        Just("./{}"),
        Just("{}"),
        Just("Total Objects: {}"),
        Just("[\"{}\"]"),
        Just("{\"Contents\": [{\"Key\": \"{}\"}]}"),
        Just("{\"key\": \"{}\"}"),
    ];
    proptest::collection::vec((form, name, 0..40_usize), 0..12).prop_map(|lines| {
        let line = |(form, name, cut): (&str, String, usize)| {
            let line = form.replace("{}", &name);
            // Some are cut off.
            if cut < 8 { line.chars().take(cut * 4).collect() } else { line }
        };
        lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_and_the_counts_add_up(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        every_way(&bytes);
    }

    #[test]
    fn any_lines_of_any_tools_are_read_or_refused_and_the_counts_add_up(text in lines()) {
        every_way(text.as_bytes());
    }

    #[test]
    fn a_recursive_listing_comes_back_as_it_was_printed(names in proptest::collection::vec("[^\\n\\r]{1,30}", 1..20)) {
        let names: Vec<String> = names.into_iter().map(|name| format!("{name}.srt")).collect();
        let text: String = names.iter().map(|name| format!("2026-11-12 13:58:00 {:>10} {name}\n", name.len())).collect();
        let got = read_from(&Source::parse("k@s3://acme").unwrap(), text.as_bytes(), None).unwrap();
        prop_assert_eq!(got.urls, names.iter().map(|name| format!("s3://acme/{name}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_key_comes_back_from_every_tool_as_it_is(key in "[a-zA-Z0-9é日+%&=~'(),;!\\[\\]{}@$#^]([ a-zA-Z0-9é日+%&=~'(),;!\\[\\]{}@$#^./-]{0,20}[a-z])?\\.srt") {
        for form in [
            "2026-03-14 12:00:00       1234 caps/{}",
            "2026/03/14 12:00:00             1234  caps/{}",
            "2026-03-14 12:00         1234  s3://acme/caps/{}",
            "CONTENTS\t\"9e\"\tcaps/{}\t2026-03-14T12:00:00+00:00\t1234\tSTANDARD",
            "     1234 caps/{}",
            "     1234 2026-03-14 12:00:00.000000000 caps/{}",
            "[2026-03-14 12:00:00 UTC] 1.2KiB STANDARD caps/{}",
            "-rw-r--r--  1 ana staff      1234 Mar 14 12:00 caps/{}",
            "s3://acme/caps/{}",
            "caps/{}",
        ] {
            let text = form.replace("{}", &key);
            let got = read_from(&Source::parse("k@s3://acme").unwrap(), text.as_bytes(), None).unwrap();
            prop_assert_eq!(&got.urls, &[format!("s3://acme/caps/{}", key)], "{}", text);
        }
        let json = serde_json::json!({ "Contents": [{ "Key": format!("caps/{key}") }], "Name": "acme" }).to_string();
        let got = read_from(&Source::parse("k").unwrap(), json.as_bytes(), None).unwrap();
        prop_assert_eq!(&got.urls, &[format!("s3://acme/caps/{}", key)]);
    }
}
