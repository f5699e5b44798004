//! Checks the README: its key table is the key map.

use cuecard::app::command::{Scope, TABLE};
use std::fmt::Write as _;
use std::path::Path;

const START: &str =
    "<!-- keys: made from src/app/command/table.rs, `CUECARD_UPDATE=1 cargo test --test it readme` -->\n";
const END: &str = "<!-- /keys -->";

/// The screens of the table, in its order.
const SCREENS: [(&str, &[Scope]); 24] = [
    ("everywhere", &[Scope::Always, Scope::Global]),
    ("table", &[Scope::Table]),
    ("editor", &[Scope::Editor]),
    ("any line of text", &[Scope::Input]),
    ("picker", &[Scope::Picker]),
    ("pair", &[Scope::Pair]),
    ("decide", &[Scope::Decide]),
    ("keys and their sources", &[Scope::Keys, Scope::AddSource]),
    ("template", &[Scope::Template]),
    ("problems", &[Scope::Problems]),
    ("change of many rows", &[Scope::Bulk, Scope::Breaks]),
    ("merge", &[Scope::Merge, Scope::MergeRows, Scope::LeaveMerge]),
    ("review", &[Scope::Review, Scope::Recovery]),
    ("gate", &[Scope::Gate]),
    ("sending", &[Scope::Sending]),
    ("result", &[Scope::Result, Scope::Settle]),
    ("follow", &[Scope::Follow]),
    ("row-by-row gate", &[Scope::RowsGate]),
    ("sending rows", &[Scope::SendingRows, Scope::LeavingRows]),
    ("row-by-row result", &[Scope::RowsResult]),
    ("palette, help, log", &[Scope::Palette, Scope::Help, Scope::Log]),
    ("receipt", &[Scope::Receipt]),
    ("after `:`", &[Scope::Typed]),
    (
        "questions",
        &[
            Scope::Find,
            Scope::Prompt,
            Scope::Yank,
            Scope::FilterBy,
            Scope::SortBy,
            Scope::Quit,
            Scope::Changed,
            Scope::CheckOnline,
            Scope::Chooser,
            Scope::Unreadable,
        ],
    ),
];

fn key_table() -> String {
    let mut table = String::from("| screen | keys | command | what it does |\n|---|---|---|---|\n");
    for (screen, scopes) in SCREENS {
        for binding in TABLE.iter().filter(|binding| scopes.contains(&binding.scope)) {
            let mut keys: Vec<String> =
                binding.keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
            if binding.scope == Scope::Typed {
                keys.extend(
                    binding.aliases.iter().map(|name| format!("`:{}`", format!("{name} {}", binding.takes).trim_end())),
                );
            }
            let _ = writeln!(table, "| {screen} | {} | `{}` | {} |", keys.join(" "), binding.name, binding.label);
        }
    }
    table
}

#[test]
fn the_key_table_is_the_key_map() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once(START).expect("the README has a place for the keys");
    let (shown, tail) = rest.split_once(END).expect("the README's key table ends");
    let table = key_table();
    if std::env::var_os("CUECARD_UPDATE").is_some() {
        std::fs::write(&path, format!("{head}{START}{table}{END}{tail}")).unwrap();
        return;
    }
    assert!(shown == table, "README.md is stale: CUECARD_UPDATE=1 cargo test --test it readme");
}

#[test]
fn every_key_is_in_the_table() {
    for binding in TABLE {
        assert!(SCREENS.iter().any(|(_, scopes)| scopes.contains(&binding.scope)), "{:?}", binding.scope);
    }
}
