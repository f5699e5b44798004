//! Checks in the sources which modules use which: the architecture is a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each part of `src/` with the parts it may use.
const LAYERS: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("app", &["domain"]),
    ("ui", &["app", "domain"]),
    ("io", &["domain"]),
    ("settings", &[]),
    ("fault", &[]),
    ("terminal", &["fault"]),
    ("sandbox", &[]),
    ("submission", &["domain", "io"]),
    ("commands", &["domain", "io", "submission", "settings", "sandbox"]),
    ("runtime", &["app", "ui", "io", "submission", "domain", "terminal", "settings"]),
    ("lib", &[]),
];

/// Forbidden in the pure parts: I/O, clocks, schedulers. Threads that only compute are allowed.
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
    if parts.last().is_some_and(|last| last == "mod" || (last == "lib" && parts.len() > 1)) {
        parts.pop();
    }
    parts
}

/// The code without comments and unit tests, which may use anything.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Our parts named in a file, by `crate::…`, `crate::{…}` or enough `super::`.
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
        // The compiler holds `domain` apart: it is a package that depends on none of ours.
        if part == "main" || part == "domain" {
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

/// Our paths named in a file, from the crate's root with groups expanded: `["app", "screens", "table"]`.
fn paths(code: &str, module: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("use ") {
        let starts = code[..at].chars().next_back().is_none_or(|c| c.is_whitespace());
        if let Some((tree, _)) = code[at + 4..].split_once(';').filter(|_| starts) {
            expand("", tree, &mut found);
        }
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            if !code[..at].ends_with(is_word) {
                found.insert(code[at..].chars().take_while(|c| is_word(*c)).collect());
            }
        }
    }
    found.iter().filter_map(|path| resolved(path, module)).collect()
}

/// Expands the groups of a `use`.
fn expand(before: &str, tree: &str, found: &mut BTreeSet<String>) {
    let Some((path, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        found.insert(format!("{before}{}", path.split_whitespace().collect::<String>()));
        return;
    };
    let (mut depth, mut part) = (0, String::new());
    for c in group[..group.rfind('}').unwrap_or(group.len())].chars().chain([',']) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            if !part.trim().is_empty() {
                expand(&format!("{before}{}", path.trim()), part.trim(), found);
            }
            part.clear();
        } else {
            part.push(c);
        }
    }
}

/// A path from the crate's root; None for one outside the crate.
fn resolved(path: &str, module: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").filter(|part| !part.is_empty()).peekable();
    let mut from = match *parts.peek()? {
        "crate" if module.first().is_some_and(|part| part == "domain") => vec!["domain".to_owned()],
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    for part in parts {
        match part {
            "crate" | "self" => {}
            "super" => drop(from.pop()),
            name => from.push(name.to_owned()),
        }
    }
    Some(from)
}

/// Which modules of a folder use which others, with an example file.
type Named = BTreeMap<String, BTreeMap<String, PathBuf>>;

#[test]
fn no_modules_know_each_other_in_a_circle() {
    let files: Vec<(Vec<String>, PathBuf)> = sources().into_iter().map(|path| (module(&path), path)).collect();
    let folders: BTreeSet<Vec<String>> =
        files.iter().filter_map(|(module, _)| Some(module.split_last()?.1.to_vec())).collect();
    let mut wrong = Vec::new();
    for folder in folders {
        let mut named = Named::new();
        for (module, path) in files.iter().filter(|(module, _)| module.starts_with(&folder)) {
            let Some(own) = module.get(folder.len()).filter(|own| !["main", "lib"].contains(&own.as_str())) else {
                continue;
            };
            for used in paths(&code(path), module).into_iter().filter(|used| used.starts_with(&folder)) {
                let Some(other) = used.get(folder.len()).filter(|other| *other != own) else { continue };
                let is_module =
                    files.iter().any(|(file, _)| file.get(folder.len()) == Some(other) && file.starts_with(&folder));
                if is_module {
                    named.entry(own.clone()).or_default().insert(other.clone(), path.clone());
                }
            }
        }
        for (module, others) in &named {
            for (other, path) in others {
                // Siblings may use each other if the head of a file names the other.
                let says_why = |from: &str, to: &str| {
                    named
                        .get(from)
                        .and_then(|others| others.get(to))
                        .is_some_and(|path| head(path).contains(&format!("`{to}`")))
                };
                if leads(&named, other, module) && !says_why(module, other) && !says_why(other, module) {
                    wrong.push(format!("{} names {other}, which leads back to {module}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a module uses another, directly or indirectly.
fn leads(named: &Named, from: &str, to: &str) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(module) = waiting.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module.clone()) {
            waiting.extend(named.get(&module).into_iter().flat_map(|others| others.keys().cloned()));
        }
    }
    false
}

/// The lines that say what a file owns.
fn head(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_circle_is_seen_through_groups_and_supers() {
    let module: Vec<String> = ["app", "screens", "table"].map(str::to_owned).into();
    let code = "use crate::app::{context::Ctx, session::{Env, view::View}};\nfn f() { super::super::jobs::end() }";
    let found: Vec<String> = paths(code, &module).iter().map(|path| path.join("/")).collect();
    assert_eq!(found, ["app", "app/context/Ctx", "app/jobs/end", "app/session/Env", "app/session/view/View"]);
    let mut named = Named::new();
    for (from, to) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")] {
        named.entry(from.to_owned()).or_default().insert(to.to_owned(), PathBuf::new());
    }
    assert!(leads(&named, "b", "a") && !leads(&named, "a", "d"));
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
