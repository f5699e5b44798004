use super::*;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

const KEY: &str = "tlk_CANARY?0123>456~789";

fn json(text: &str) -> String {
    text.bytes().map(|byte| format!("\\u{byte:04X}")).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

fn redacted(text: &str) -> String {
    String::from_utf8(Redactor::new(KEY).redacted(text.as_bytes(), false)).unwrap()
}

fn in_hex(text: &str) -> String {
    String::from_utf8(hex(text.as_bytes())).unwrap()
}

fn with_between(key: &str, between: &str) -> String {
    key.chars().map(String::from).collect::<Vec<_>>().join(between)
}

const FORMS: [fn(&str) -> String; 43] = [
    str::to_owned,
    str::to_lowercase,
    str::to_uppercase,
    |key| key.replacen('t', "\\u0074", 1),
    json,
    percent,
    |key| percent(&json(key)),
    |key| json(&percent(key)),
    |key| key.bytes().map(|byte| format!("&#x{byte:x};")).collect(),
    |key| key.bytes().map(|byte| format!("&#{byte};")).collect(),
    |key| key.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
    in_hex,
    |key| in_hex(key).to_uppercase(),
    backwards,
    |key| STANDARD.encode(key.to_lowercase()),
    |key| json(&backwards(&key.to_lowercase())),
    |key| with_between(key, "\u{200b}"),
    |key| with_between(key, "\u{feff}\u{ad}"),
    |key| with_between(key, "\\u200b"),
    |key| with_between(key, "%E2%80%8B"),
    |key| with_between(key, "&#8203;"),
    |key| with_between(key, "&shy;"),
    |key| with_between(key, "\\r\\n"),
    |key| with_between(key, "\\t"),
    |key| with_between(key, "=\r\n"),
    |key| with_between(key, "=\n"),
    |key| with_between(key, "\0"),
    |key| with_between(key, "\u{e0020}"),
    |key| key.bytes().map(|byte| format!("={byte:02X}")).collect(),
    |key| key.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
    |key| key.bytes().map(|byte| format!("\\u{{{byte:x}}}")).collect(),
    |key| key.chars().map(|c| char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap()).collect(),
    // As a list of characters, of numbers, or in pieces.
    |key| with_between(key, "\",\""),
    |key| with_between(key, "-"),
    |key| with_between(key, "\" + \""),
    |key| key.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(","),
    |key| key.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(" "),
    |key| key.bytes().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(" "),
    |key| key.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"),
    // Escapes of HTML without their end, of old JavaScript, and of CSS.
    |key| key.bytes().map(|byte| format!("&#{byte}")).collect(),
    |key| key.bytes().map(|byte| format!("&#x{byte:X}")).collect(),
    |key| key.bytes().map(|byte| format!("%u00{byte:02x}")).collect(),
    |key| key.bytes().map(|byte| format!("\\0000{byte:02x}")).collect(),
];

#[test]
fn a_key_that_comes_in_pieces_is_taken_out_in_all_but_the_short_ones() {
    for at in 0..=KEY.len() {
        let (head, tail) = KEY.split_at(at);
        for said in [
            format!("{{\"a\":\"{head}\",\"b\":\"{tail}\"}}"),
            format!("{{\"b\":\"{}\",\"a\":\"{}\"}}", percent(tail), json(head)),
            format!("{} … {}", backwards(head), with_between(tail, "\u{200b}")),
            format!("{} … {}", in_hex(head), tail.to_uppercase()),
        ] {
            let marked = redacted(&said).to_lowercase();
            for part in KEY.to_lowercase().as_bytes().windows(SHORTEST_PIECE) {
                let part = str::from_utf8(part).unwrap();
                assert!(!marked.contains(part) && !marked.contains(&backwards(part)), "{at}: {said}: {marked}");
            }
            assert!(marked.contains("‹the api key›"), "{at}: {said}: {marked}");
        }
    }
    // What a service shows to name a key stays.
    assert_eq!(redacted("the key tlk_CAN…~789 has expired"), "the key tlk_CAN…~789 has expired");
    let forms: [fn(&str) -> String; 4] = [str::to_owned, in_hex, |part| STANDARD_NO_PAD.encode(part), in_whole_base32];
    for coded in forms {
        let [long, short] = [SHORTEST_PIECE, SHORTEST_PIECE - 1].map(|len| coded(KEY.get(..len).unwrap()));
        let left = redacted(&format!("the key {long} has expired")).replace(MARK, "");
        // Of the last group, a character says less than one of the key's.
        assert!(left.len() <= "the key  has expired".len() + 2, "{long}: {left}");
        let named = format!("the key {short} has expired");
        assert_eq!(redacted(&named), named);
    }
    assert_eq!(redacted("the key …CANARY?0 has expired"), "the key …‹the API key› has expired");
}

/// The characters of base32 that whole groups of five bits give.
fn in_whole_base32(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let value = |five: &[u8]| five.iter().fold(0usize, |value, bit| value << 1 | usize::from(*bit));
    bits.chunks_exact(5).map(|five| char::from(ALPHABET[value(five)])).collect()
}

#[test]
fn a_key_within_base32_is_taken_out_wherever_it_stands() {
    for before in 0..6 {
        let coded = in_whole_base32(&format!("{}{KEY}.....", "x".repeat(before)));
        let marked = redacted(&format!("seen: {coded}."));
        assert!(marked.contains("‹the API key›") && marked.len() < 50, "{before}: {coded}: {marked}");
    }
}

#[test]
fn a_key_is_taken_out_in_whatever_form_a_server_echoes_it() {
    for (at, form) in FORMS.into_iter().enumerate() {
        let said = format!("{{\"message\":\"the key {} is not known\"}}", form(KEY));
        let marked = redacted(&said);
        // Of base64, the last character says less than one of the key's.
        let marked = marked.replace("›k=", "›");
        assert_eq!(marked, "{\"message\":\"the key ‹the API key› is not known\"}", "form {at}: {said}");
    }
}

#[test]
fn a_key_within_base64_is_taken_out_wherever_it_stands() {
    for engine in [&STANDARD as &dyn Coding, &URL_SAFE_NO_PAD] {
        for before in ["", "u", "us", "use", "x-api-key: "] {
            for after in ["", ".", "..", "\nHost: example.com"] {
                let coded = engine.coded(&format!("{before}{KEY}{after}"));
                let marked = redacted(&format!("seen: {coded}."));
                assert!(marked.contains("‹the API key›"), "{before:?} {after:?}: {coded}");
                // What is left of the characters at its edges says less than one of the key's.
                let left = marked.replace("‹the API key›", "").len() + KEY.len() * 8 / 6;
                assert!(left <= "seen: .".len() + coded.len() + 3, "{marked}");
            }
        }
    }
    let coded = STANDARD.encode(format!("x-api-key: {KEY}"));
    let (head, tail) = coded.split_at(25);
    for broken in [format!("{head}\r\n{tail}"), format!("\"{head}\\n{tail}\""), percent(&coded)] {
        assert!(redacted(&broken).contains("‹the API key›"), "{broken}");
    }
}

#[test]
fn a_key_that_is_coded_twice_or_named_by_entities_is_taken_out() {
    let standard = |text: &str| STANDARD.encode(text);
    let safe = |text: &str| URL_SAFE_NO_PAD.encode(text);
    for before in ["", "u", "us"] {
        let key = format!("{before}{KEY}.....");
        for coded in [
            standard(&standard(&key)),
            safe(&standard(&key)),
            standard(&format!("x{}", safe(&key))),
            standard(&in_hex(&key)),
            in_hex(&standard(&key)),
            standard(&backwards(&key)),
            percent(&standard(&standard(&key))),
        ] {
            let marked = redacted(&format!("seen: {coded}"));
            assert!(marked.contains("‹the API key›") && marked.len() < 80, "{before:?}: {coded}: {marked}");
        }
    }
    let named = KEY.replace('_', "&lowbar;").replace('?', "&quest;").replace('>', "&gt;").replace('~', "&tilde;");
    assert_eq!(redacted(&format!("the key {named} is old")), "the key ‹the API key› is old");
    let buffer: Vec<u8> = KEY.bytes().collect();
    let buffer = format!("{{\"type\":\"Buffer\",\"data\":{buffer:?}}}");
    assert_eq!(redacted(&buffer), "{\"type\":\"Buffer\",\"data\":[‹the API key›]}");
}

trait Coding {
    fn coded(&self, text: &str) -> String;
}

impl<E: base64::Engine> Coding for E {
    fn coded(&self, text: &str) -> String {
        self.encode(text)
    }
}

#[test]
fn a_reply_that_is_cut_within_the_key_keeps_none_of_it() {
    let redactor = Redactor::new(KEY);
    for form in FORMS {
        let said = format!("no such key: {}", form(KEY));
        for len in 0..said.len() {
            let Some(cut) = said.get(..len) else { continue };
            let marked = String::from_utf8(redactor.redacted(cut.as_bytes(), true)).unwrap();
            let shown = cut.strip_prefix("no such key: ").unwrap_or_default();
            // Its first three characters are the same for every key, and an escape has six for one.
            let harmless = form(KEY.get(..3).unwrap()).len().max(form(KEY).len() * 4 / KEY.len() + 6);
            // After it may stand what is invisible, signs, or the rest of a character of base64.
            let is_little = |rest: &str| rest.len() < 10 || !rest.contains(char::is_alphanumeric);
            let is_marked = marked.rsplit_once("‹the API key›").is_some_and(|(_, rest)| is_little(rest));
            assert!(shown.len() <= harmless || is_marked, "{cut}: {marked}");
        }
    }
}

#[test]
fn only_what_may_be_the_key_is_taken_from_the_end_of_a_reply_that_is_cut() {
    let cut = |text: &str| String::from_utf8(Redactor::new(KEY).redacted(text.as_bytes(), true)).unwrap();
    assert_eq!(cut("no such key: tlk_CAN"), "no such key: ‹the API key›");
    assert_eq!(cut("no such key: tlk_CAN%4"), "no such key: ‹the API key›", "an escape that is cut");
    for sign in ["?api-key=", "%", "a&", "\\", "&#", "=%"] {
        for key in ["tlk_", "tlk_C", "tlk_CANARY"] {
            assert_eq!(cut(&format!("{sign}{key}")), format!("{sign}‹the API key›"));
        }
    }
    for whole in ["no such key: tlk", "no such key: tlk_other", "no such key: tlk_CAN%5A"] {
        assert_eq!(cut(whole), whole);
    }
}

#[test]
fn a_reply_that_is_nothing_but_the_key_in_wide_characters_is_taken_out() {
    let wide: String = KEY.chars().map(|c| char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap()).collect();
    assert_eq!(redacted(&wide), MARK);
}

#[test]
fn a_key_with_signs_is_taken_out_however_json_and_html_write_them() {
    let key = r#"ab/cd"ef\gh'ij&kl<mn>op"#;
    let redactors = [Redactor::new(key), Redactor::marking(key, MARK)];
    let json = key.replace('\\', r"\\").replace('"', r#"\""#);
    let html = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for said in [
        json.replace('/', r"\/").replace('\'', r"\'"),
        html.replace('"', "&quot;").replace('\'', "&apos;"),
        html.replace('"', "&#34;").replace('\'', "&#x27;"),
        json,
        html,
    ] {
        for redactor in &redactors {
            assert_eq!(redactor.redacted(said.as_bytes(), false), MARK.as_bytes(), "{said}");
        }
    }
}

#[test]
fn what_stands_between_two_characters_keeps_them_apart_unless_it_is_invisible() {
    // A byte of two digits is no character, or only a part of one.
    for between in ["%80", "%AD", "=80", "%E3%81%82", "\\q", "x", "&a-b;"] {
        let said = with_between(KEY, between);
        assert_eq!(redacted(&said), said);
    }
    // Two bytes a character, with the zeros in octal.
    let wide = format!("the key {} is old", with_between(KEY, "\\000"));
    assert_eq!(redacted(&wide), "the key ‹the API key› is old");
}

#[test]
fn another_secret_is_taken_out_of_escapes_whatever_signs_it_has() {
    let mark = "‹the link›";
    let between_signs = ["\",\"", "-", "\" + \"", ":"];
    for (at, form) in FORMS.into_iter().enumerate() {
        let coded = form(KEY);
        // A list is sought for the key alone.
        if between_signs.iter().any(|signs| coded.matches(signs).count() == KEY.len() - 1) {
            continue;
        }
        let marked = Redactor::marking(KEY, mark).redacted(format!("seen: {coded} …").as_bytes(), false);
        let marked = String::from_utf8(marked).unwrap();
        // Of base64, the last character says less than one of the key's.
        assert_eq!(marked.replace("›k=", "›"), "seen: ‹the link› …", "form {at}: {coded}");
    }
    for (sign, names) in NAMES {
        let secret = format!("u7Tq{sign}9zRw");
        for name in names.split(' ') {
            let said = format!("seen: u7Tq&{name};9zRw …");
            let marked = Redactor::marking(&secret, mark).redacted(said.as_bytes(), false);
            assert_eq!(String::from_utf8(marked).unwrap(), "seen: ‹the link› …", "{said}");
        }
    }
}

/// The names that HTML has for the signs of a key or link.
const NAMES: [(char, &str); 32] = [
    ('-', "hyphen dash"),
    ('&', "amp AMP"),
    ('<', "lt"),
    ('>', "gt"),
    ('"', "quot"),
    ('\'', "apos"),
    ('_', "lowbar underbar UnderBar"),
    ('/', "sol"),
    ('+', "plus"),
    ('=', "equals"),
    ('.', "period"),
    (',', "comma"),
    (':', "colon"),
    (';', "semi"),
    ('?', "quest"),
    ('!', "excl"),
    ('#', "num"),
    ('$', "dollar"),
    ('%', "percnt"),
    ('*', "ast midast"),
    ('@', "commat"),
    ('^', "hat Hat"),
    ('`', "grave"),
    ('(', "lpar"),
    (')', "rpar"),
    ('[', "lsqb lbrack"),
    (']', "rsqb rbrack"),
    ('{', "lcub lbrace"),
    ('}', "rcub rbrace"),
    ('|', "verbar vert"),
    ('\\', "bsol"),
    ('~', "tilde"),
];

#[test]
fn a_key_of_few_characters_is_taken_out_whole_wherever_it_stands() {
    const SHORT: &str = "k7Qx2z";
    let redacted = |text: &str| String::from_utf8(Redactor::new(SHORT).redacted(text.as_bytes(), false)).unwrap();
    let codings: [fn(&str) -> String; 4] =
        [str::to_owned, in_hex, |text| STANDARD_NO_PAD.encode(text), in_whole_base32];
    for (coding, bits) in codings.into_iter().zip([8, 4, 6, 5]) {
        for before in 0..6 {
            let coded = coding(&format!("{}{SHORT}.....", "x".repeat(before)));
            let marked = redacted(&format!("seen: {coded}"));
            // All but the characters that are in part a neighbour's.
            let taken = (SHORT.len() * 8 / bits).saturating_sub(1);
            let left = "seen: ".len() + coded.len() - taken;
            assert!(marked.contains(MARK) && marked.len() <= left + MARK.len(), "{before}: {coded}: {marked}");
        }
    }
    let named = "a list of k7Qx2 and 7Qx2z";
    assert_eq!(redacted(named), named, "less than the key is anything");
    // Without its signs it has too few characters to be told from other words.
    let signed = Redactor::new("abc-de");
    assert_eq!(signed.redacted(b"abcde, abc-de", false), "abcde, ‹the API key›".as_bytes());
}

#[test]
fn a_short_piece_of_the_key_that_is_coded_twice_names_it_and_stays() {
    let standard = |text: &str| STANDARD_NO_PAD.encode(text);
    let forms: [&dyn Fn(&str) -> String; 6] = [
        &|text| standard(&standard(text)),
        &|text| standard(&in_hex(text)),
        &|text| in_hex(&standard(text)),
        &|text| in_hex(&in_hex(text)),
        &|text| standard(&backwards(text)),
        &|text| in_hex(&backwards(text)),
    ];
    for (at, coded) in forms.into_iter().enumerate() {
        let short = SHORTEST_PIECE - 1;
        for piece in [KEY.get(..short).unwrap(), KEY.get(KEY.len() - short..).unwrap()] {
            let named = format!("the key {} has expired", coded(piece));
            assert_eq!(redacted(&named), named, "form {at} of {piece}");
        }
        assert!(redacted(&coded(KEY)).contains(MARK), "form {at}");
    }
}

#[test]
fn another_secret_is_taken_out_of_what_is_coded_for_an_address() {
    let mark = "‹the link›";
    let redactor = Redactor::marking(KEY, mark);
    let coded = ["u", "us", "use"].map(|before| URL_SAFE_NO_PAD.encode(format!("{before}{KEY}")));
    assert!(coded.iter().any(|coded| coded.contains(['-', '_'])), "{coded:?}");
    for coded in coded {
        let marked = String::from_utf8(redactor.redacted(coded.as_bytes(), false)).unwrap();
        // Up to four characters before it, and one behind, are in part none of the key's.
        assert!(marked.contains(mark) && marked.len() <= mark.len() + 5, "{coded}: {marked}");
    }
}

#[test]
fn a_redactor_does_not_tell_its_key_when_it_is_logged() {
    let logged = format!("{:?}", Redactor::new(KEY));
    assert_eq!(logged, "Redactor { mark: \"‹the API key›\", .. }");
}

#[test]
fn text_without_the_key_is_unchanged() {
    for text in [
        "",
        "{\"code\":\"api_key_invalid\",\"message\":\"Key tlk_\\u2026 is 100% wrong &amp; expired\"}",
        "tlk_CAN…",
        "\\u0000%zz&#;&#x;\\",
    ] {
        assert_eq!(redacted(text), text);
    }
    assert_eq!(Redactor::new("short").redacted(b"short", true), b"short");
}

proptest! {
    #[test]
    fn no_layers_of_escapes_hide_a_key(
        key in "[!-~]{8,40}",
        forms in proptest::collection::vec(proptest::sample::select(vec![0_usize, 1, 2, 4, 5, 6]), 0..3),
        before in "[a-z ]{0,20}",
        after in "[a-z ]{0,20}",
    ) {
        let coded = forms.iter().fold(key.clone(), |text, form| FORMS[*form](&text));
        let said = format!("{before}{coded}{after}");
        let marked = Redactor::new(&key).redacted(said.as_bytes(), false);
        let marked = String::from_utf8(marked).unwrap();
        prop_assert!(marked.contains("‹the API key›"), "{}: {}", said, marked);
        prop_assert!(!marked.contains(&coded), "{}: {}", said, marked);
    }

    #[test]
    fn redacting_any_text_adds_at_most_one_mark(text in proptest::collection::vec(any::<u8>(), 0..200), is_cut: bool) {
        let marked = Redactor::new(KEY).redacted(&text, is_cut);
        prop_assert!(marked.len() <= text.len() + MARK.len());
    }
}
