//! Who may use what of ours, read from the sources themselves: the architecture is a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each part of `src/` with the parts it may name.
const LAYERS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("app", &["domain"]),
    ("ui", &["app", "domain"]),
    ("io", &["domain"]),
    ("settings", &[]),
    ("terminal", &[]),
    ("sandbox", &[]),
    ("submission", &["domain", "io"]),
    ("commands", &["domain", "io", "submission", "settings", "sandbox"]),
    ("runtime", &["app", "ui", "io", "submission", "domain", "terminal", "settings"]),
    ("lib", &[]),
];

/// What the pure parts must not touch: no I/O, no clock, no scheduler. Threads that only compute are fine.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    (
        "domain",
        &[
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "std::env",
            "std::process",
            "tokio",
            "reqwest",
            "rusqlite",
            "crossterm",
            "ratatui",
            "Instant::now",
            "SystemTime",
        ],
    ),
    (
        "app",
        &[
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "std::env",
            "std::process",
            "std::thread",
            "tokio",
            "reqwest",
            "rusqlite",
            "ratatui",
            "Instant",
            "SystemTime",
            "Zoned::now",
            "Timestamp::now",
        ],
    ),
    (
        "ui",
        &[
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "std::env",
            "std::process",
            "std::thread",
            "tokio",
            "reqwest",
            "rusqlite",
            "Instant",
            "SystemTime",
            "Zoned::now",
            "Timestamp::now",
        ],
    ),
];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// `["app", "screens", "table"]` for `src/app/screens/table.rs`.
fn module(path: &Path) -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut parts: Vec<String> = path
        .strip_prefix(src)
        .unwrap()
        .with_extension("")
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The code without comments, unit tests left out (they may use what they like).
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The parts of ours that a file names, by `crate::…`, by `crate::{…}` or by enough `super::`.
fn named(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let up = "super::".repeat(depth);
    for start in ["crate::", up.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &code[at + start.len()..];
            if rest.starts_with("super::") {
                continue;
            }
            if let Some(group) = rest.strip_prefix('{') {
                found.extend(top_names(group));
            } else {
                found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    found
}

/// The first word of each entry of a `use` group.
fn top_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut name, mut open) = (0, String::new(), true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                open = true;
            }
            ':' => open &= depth != 0,
            c if depth == 0 && open && (c.is_alphanumeric() || c == '_') => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn every_part_uses_only_the_parts_it_may() {
    let mut wrong = Vec::new();
    for path in sources() {
        let module = module(&path);
        let part = module.first().cloned().unwrap_or_default();
        if part == "main" {
            continue;
        }
        let (_, allowed) =
            LAYERS.iter().find(|(name, _)| *name == part).unwrap_or_else(|| panic!("{part} is no layer"));
        let parts: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
        for used in named(&code(&path), module.len()) {
            if parts.contains(used.as_str()) && used != part && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_parts_touch_nothing_outside() {
    let mut wrong = Vec::new();
    for path in sources() {
        let module = module(&path);
        let Some((_, forbidden)) = FORBIDDEN.iter().find(|(name, _)| module.first().is_some_and(|m| m == name)) else {
            continue;
        };
        let code = code(&path);
        for word in *forbidden {
            if code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            {
                wrong.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_text_area_stays_in_the_line_input() {
    let users: Vec<_> = sources().into_iter().filter(|path| code(path).contains("tui_textarea")).collect();
    assert_eq!(users.len(), 1, "{users:?}");
    assert!(users[0].ends_with("app/line_input.rs"));
}

#[test]
fn a_layer_that_reaches_up_is_seen() {
    let code =
        "use crate::{app::Model, domain::{io, manifest}};\nuse super::super::ui;\nfn f() { crate::runtime::run() }";
    let expected: BTreeSet<String> = ["app", "domain", "runtime", "ui"].map(str::to_owned).into();
    assert_eq!(named(code, 2), expected);
}
