//! Files that are not manifests, or nearly are, or are malicious.

use super::*;

fn refuse(bytes: &[u8]) -> Refusal {
    match Manifest::parse(bytes.to_vec()) {
        Err(refusal) => refusal,
        Ok(manifest) => panic!("read {} rows of {:?}", manifest.len(), String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn hostile_files_are_refused_in_words() {
    let table: &[(&[u8], &str)] = &[
        (b"", "1:1 the file is empty | a manifest is at least []"),
        (b" \n ", "1:1 the file contains nothing but blanks | a manifest is at least []"),
        (b"null", "1:1 expected a list of rows, found null | a manifest is a list of rows between [ and ]"),
        (b"\n 12", "2:2 expected a list of rows, found a number | a manifest is a list of rows between [ and ]"),
        (
            b"{\"a\":1}",
            "1:1 expected a list of rows, found an object | put [ before the first row and ] after the last",
        ),
        (
            b"{\"a\":1}\n{\"a\":2}\n",
            "1:1 expected a list of rows, found objects without a list | this looks like JSON Lines; put the rows between [ and ] with commas between them",
        ),
        (
            b"{\"videos\":[{}]}",
            "1:1 expected a list of rows, found an object | a list stands inside it; keep only the part from its [ to its ]",
        ),
        (b"\xFF\xD8\xFF\xE0", "1:1 byte 0xFF is not UTF-8 text | save the file as UTF-8"),
        (b"<html>", "1:1 expected a list of rows, found < | this looks like a web page, not JSON"),
        (b"[\n {}\n {}\n]", "3:2 expected a comma or ], found { | a comma is missing after the row above"),
        (b"[{} {}]", "1:5 expected a comma or ], found { | a comma is missing before this row"),
        (b"[{},\n]", "2:1 expected a row after the comma, found ] | take out the comma before it"),
        (b"[{},,{}]", "1:5 expected a row, found a comma | one comma too many"),
        (b"[{\"a\":1,}]", "1:9 expected a key after the comma, found } | take out the comma before it"),
        (b"[{\"a\":[1,]}]", "1:10 expected a value after the comma, found ] | take out the comma before it"),
        (
            b"[{\"a\":1 \"b\":2}]",
            "1:9 expected a comma or }, found \" | a comma is missing before it, or a \" inside a text is not written \\\"",
        ),
        (b"[{\"a\":1\n\"b\":2}]", "2:1 expected a comma or }, found \" | a comma is missing after the value above"),
        (b"[{\"a\":1\n,{}]", "2:2 expected a key in double quotes, found { | "),
        (b"[{\"a\":\"b\"c\"}]", "1:10 expected a comma or }, found c | a \" inside a text must be written \\\""),
        (b"[{}}]", "1:4 expected a comma or ], found } | one } too many"),
        (b"[{]", "1:3 expected a key in double quotes, found ] | "),
        (b"[{\"a\" 1}]", "1:7 expected a colon after the key, found 1 | "),
        (b"[{'a':1}]", "1:3 expected a key in double quotes, found a single quote | write \" instead of '"),
        (b"[{a:1}]", "1:3 expected a key in double quotes, found a | keys and texts need double quotes"),
        (b"[{\"a\":'b'}]", "1:7 expected a value, found a single quote | write \" instead of '"),
        (b"[{\"a\":None}]", "1:7 expected a value, found None | keys and texts need double quotes"),
        (b"[{\"a\":nul}]", "1:7 expected true, false or null, found nul | texts need double quotes"),
        (b"[{\"a\":01}]", "1:7 expected a number, found 01 | numbers look like 12 or 1.5; texts need double quotes"),
        (b"[ // x\n{}]", "1:3 expected a value, found / | JSON has no comments"),
        (
            b"[{\"a\":\"b\n\"}]",
            "1:9 the text is not closed before the line ends | a closing \" is missing, or write \\n",
        ),
        (b"[{\"a\":\"\t\"}]", "1:8 a tab inside a text | write \\t for it"),
        (b"[{\"a\":\"\0\"}]", "1:8 a NUL byte inside a text | the file may be damaged"),
        (b"[{}\0]", "1:4 expected a comma or ], found a NUL byte | "),
        (b"[{\"a\":\"\\x\"}]", "1:9 expected an escape such as \\n after \\, found x | write \\\\ for a backslash"),
        (
            b"[{}",
            "1:4 the file ends before the list of rows is closed | the last ] is missing, or the file was cut off",
        ),
        (b"[{},", "1:5 the file ends where a value is expected | the file was cut off"),
        (b"[{\"a\":\"b", "1:9 the file ends inside a text | a closing \" is missing, or the file was cut off"),
        (b"[{\"a\":1", "1:8 the file ends inside a row | a } is missing, or the file was cut off"),
        (
            b"[]]",
            "1:3 expected the end of the file after ], found ] | the list of rows is closed before this; take out what follows, or the ] above",
        ),
        (
            b"[]\n[]",
            "2:1 expected the end of the file after ], found [ | the list of rows is closed before this; take out what follows, or the ] above",
        ),
        ("\u{FEFF}[é {}]".as_bytes(), "1:2 expected a value, found é | "),
        (
            "\u{FEFF}{}".as_bytes(),
            "1:1 expected a list of rows, found an object | put [ before the first row and ] after the last",
        ),
        (b"[{\"\xC3\xA9\":\"\xE9\"}]", "1:8 byte 0xE9 is not UTF-8 text | save the file as UTF-8"),
        (b"[{} {\"\xE9\"}]", "1:5 expected a comma or ], found { | a comma is missing before this row"),
        (b"\xFF\xFE[\0]\0", "1:1 the file is UTF-16 text | save it as UTF-8"),
        (b"[\0]\0", "1:1 the file is UTF-16 text | save it as UTF-8"),
        (b"[\0\0\0]\0\0\0", "1:1 the file is UTF-32 text | save it as UTF-8"),
        (b"\0\0\0[\0\0\0]", "1:1 the file is UTF-32 text | save it as UTF-8"),
        (b"\x1F\x8B\x08\0", "1:1 the file is gzip-compressed | unpack it first"),
    ];
    for (source, expected) in table {
        let Refusal { why, advice, line, column, byte, .. } = refuse(source);
        assert_eq!(format!("{line}:{column} {why} | {advice}"), *expected, "{:?}", String::from_utf8_lossy(source));
        assert!(byte <= source.len());
    }
}

#[test]
fn odd_elements_and_values_are_read() {
    let source =
        br#"[{"object":"\ud800","language":1e400,"transcription":{"a":[1,{"object":"z"}]},"index_id":true}, []]"#;
    let manifest = Manifest::parse(source.to_vec()).unwrap();
    let row = manifest.row(0);
    assert_eq!(*row.value(Field::Object), Value::Other(r#""\ud800""#));
    assert_eq!(*row.value(Field::Language), Value::Other("1e400"));
    assert_eq!(*row.value(Field::Transcription), Value::Other(r#"{"a":[1,{"object":"z"}]}"#));
    assert_eq!(*row.value(Field::IndexId), Value::Other("true"));
    assert!(!manifest.row(1).is_object && !manifest.row(2).is_object);
    assert_eq!(Manifest::parse(b"[]".to_vec()).unwrap().len(), 0);
}

#[test]
fn deep_nesting_is_handled_without_overflow() {
    let deep =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000));
    let (lists, objects) = (deep("[", "", "]"), deep(r#"{"a":"#, "1", "}"));
    let source = format!(r#"[{{"x":{lists},"object":{objects},"language":"en"}}]"#);
    let manifest = Manifest::parse(source.into_bytes()).unwrap();
    assert_eq!(manifest.row(0).text(Field::Language), "en");
    let refusal = refuse(format!("[{}", "[".repeat(100_000)).as_bytes());
    assert_eq!(refusal.why, "the file ends inside a list");
}

#[test]
fn a_refusal_shows_the_lines_around_the_fault() {
    let source = "[\r\n  {\r\n    \"transcription\": \"\"\r\n  }\r\n  { \"é\": 1 }\r\n]";
    let refusal = refuse(source.as_bytes());
    assert_eq!((refusal.line, refusal.column, refusal.rows_before), (5, 3, 1));
    let lines = excerpt(source.as_bytes(), &refusal, 3, 40);
    let shown: Vec<_> = lines.iter().map(|line| (line.number, line.text.as_str(), line.caret)).collect();
    assert_eq!(
        shown,
        [(2, "  {", None), (3, "    \"transcription\": \"\"", None), (4, "  }", None), (5, "  { \"é\": 1 }", Some(2)),]
    );
    let long = format!("[{}{{}} {{}}{}]", "{},".repeat(1000), ",{}".repeat(1000));
    let line = &excerpt(long.as_bytes(), &refuse(long.as_bytes()), 3, 20)[0];
    let caret = line.caret.unwrap();
    assert_eq!(line.text.chars().nth(caret), Some('{'));
    assert!(line.text.starts_with('…') && line.text.ends_with('…') && line.text.chars().count() <= 22, "{line:?}");
}

proptest! {
    #[test]
    fn any_damage_is_refused_or_read_and_never_a_panic(at in 0usize..120, byte in any::<u8>(), cut in any::<bool>()) {
        let mut source = br#"[ {"index_id":"6298","language":null,"object":"s3:\/\/b\/\u00e9","x":[1.5,{"y":true}]}, {"object":"b"}, -1e5 ]"#.to_vec();
        let at = at.min(source.len() - 1);
        if cut { source.truncate(at) } else { source[at] = byte }
        let valid = serde_json::from_slice::<Vec<serde::de::IgnoredAny>>(&source).is_ok() && std::str::from_utf8(&source).is_ok();
        match Manifest::parse(source.clone()) {
            Ok(manifest) => {
                prop_assert!(valid);
                prop_assert_eq!(bytes(&Snapshot::of(Arc::new(manifest))), source);
            }
            Err(refusal) => {
                prop_assert!(!valid);
                excerpt(&source, &refusal, 3, 60);
            }
        }
    }

    #[test]
    fn fields_read_as_serde_json_reads_them(
        members in prop::collection::vec((key(), json()), 0..8),
        (before, between, colon) in (blanks(), blanks(), blanks()),
    ) {
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("{key}{before}:{colon}{value}{between}")).collect();
        let element = format!("{{{before}{}{colon}}}", members.join(&format!(",{before}")));
        let plain: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&element).unwrap();
        let manifest = read(&format!("[{element}]"));
        let row = manifest.row(0);
        for field in Field::ALL {
            let there = manifest.value_span(0, field).map(|span| String::from_utf8_lossy(&manifest.bytes()[span]));
            let there = there.map(|raw| serde_json::from_str::<serde_json::Value>(&raw).unwrap());
            prop_assert_eq!(there.as_ref(), plain.get(field.name()));
            match (row.value(field), plain.get(field.name())) {
                (Value::Absent, None) | (Value::Null, Some(serde_json::Value::Null)) => {}
                (Value::Text(text), Some(serde_json::Value::String(expected))) => prop_assert_eq!(text, expected),
                (Value::Other(raw), Some(expected)) => {
                    prop_assert!(!expected.is_string() && !expected.is_null());
                    prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(raw).unwrap(), expected);
                }
                (read, expected) => prop_assert!(false, "{read:?} for {expected:?} in {element}"),
            }
        }
    }
}

fn blanks() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(Field::ALL.to_vec()).prop_map(|field| field.name().to_owned());
    prop_oneof![4 => known, 1 => any::<String>()].prop_flat_map(quoted)
}

/// A text as JSON: as serde_json writes it, or with every character escaped.
fn quoted(text: String) -> impl Strategy<Value = String> {
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
    prop::sample::select(vec![serde_json::to_string(&text).unwrap(), format!("\"{escaped}\"")])
}

fn json() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec!["null", "true", "-0.5e3", "7", "\"\"", "[]", "{}", r#""\\""#, r#""}],{\"""#]);
    let leaf = prop_oneof![plain.prop_map(str::to_owned), any::<String>().prop_flat_map(quoted)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,")));
        let object = prop::collection::vec((key(), inner), 0..4)
            .prop_map(|items| items.iter().map(|(key, value)| format!("{key}:{value}")).collect::<Vec<_>>().join(","));
        prop_oneof![list, object.prop_map(|members| format!("{{{members}}}"))]
    })
}
