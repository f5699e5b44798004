//! The key map: default bindings with the operator's remappings. Looks up keystrokes, and bindings for hints.

use super::{Command, Scope, TABLE};
use crate::app::action::Action;
use crate::app::key::Key;
use crate::domain::printable::printable;
use crossterm::event::KeyCode;
use std::collections::BTreeMap;

/// Result of looking up the keystrokes typed so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    Found(Action),
    /// They are the beginning of a longer binding.
    Begun,
    Nothing,
}

/// The bindings in force.
#[derive(Clone, Debug)]
pub struct Keymap {
    /// For each command of [`TABLE`], its key sequences.
    keys: Vec<Vec<Vec<Key>>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Keymap { keys: TABLE.iter().map(|b| b.keys.iter().filter_map(|k| Key::sequence(k)).collect()).collect() }
    }
}

impl Keymap {
    /// Applies the settings' `[keys]` table: command names with the bindings that replace their own.
    ///
    /// # Errors
    /// A sentence naming an unknown command, a binding that cannot be parsed or typed, or two that collide.
    pub fn remapped(table: &BTreeMap<String, Vec<String>>) -> Result<Keymap, String> {
        let mut map = Keymap::default();
        for (name, keys) in table {
            let at =
                TABLE.iter().position(|b| b.name == name).ok_or_else(|| format!("[keys] names no command: {name}"))?;
            let scope = TABLE.get(at).map_or(Scope::Global, |command| command.scope);
            let read = |key: &String| pressable(key, scope).map_err(|why| format!("[keys] {name}: {why}"));
            let sequences = keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            if let Some(slot) = map.keys.get_mut(at) {
                *slot = sequences;
            }
        }
        if let Some((short, long, key)) = map.hidden() {
            return Err(format!("[keys] {key} is {short}, so the longer key of {long} can never be reached"));
        }
        match map.collision() {
            Some((a, b, key)) => Err(format!("[keys] {key} would mean both {a} and {b}")),
            None => Ok(map),
        }
    }

    /// Two commands looked up together with the same binding.
    fn collision(&self) -> Option<(&'static str, &'static str, String)> {
        let all: Vec<_> = TABLE.iter().zip(&self.keys).flat_map(|(b, ks)| ks.iter().map(move |k| (b, k))).collect();
        all.iter().enumerate().find_map(|(i, (a, key))| {
            all.iter()
                .skip(i + 1)
                .find(|(b, other)| other == key && are_looked_up_together(a.scope, b.scope))
                .map(|(b, _)| (a.name, b.name, key.iter().map(Key::to_string).collect()))
        })
    }

    /// A binding that hides a longer one: it is the longer one's beginning and always matches first.
    fn hidden(&self) -> Option<(&'static str, &'static str, String)> {
        let all: Vec<_> = TABLE.iter().zip(&self.keys).flat_map(|(b, ks)| ks.iter().map(move |k| (b, k))).collect();
        let with_global = |scope: Scope| !is_text_scope(scope) && !matches!(scope, Scope::Sending | Scope::SendingRows);
        let hides = |short: &Command, long: &Command| {
            short.scope == long.scope
                || (matches!(long.scope, Scope::Global | Scope::Typed) && with_global(short.scope))
        };
        all.iter().find_map(|(short, key)| {
            all.iter()
                .find(|(long, keys)| hides(short, long) && keys.len() > key.len() && keys.starts_with(key))
                .map(|(long, _)| (short.name, long.name, key.iter().map(Key::to_string).collect()))
        })
    }

    /// Looks up `typed` in `scopes`; the first scope that binds it wins.
    pub fn look_up(&self, scopes: &[Scope], typed: &[Key]) -> Lookup {
        let mut begun = false;
        for scope in scopes {
            for (binding, sequences) in TABLE.iter().zip(&self.keys).filter(|(b, _)| b.scope == *scope) {
                if sequences.iter().any(|s| s.as_slice() == typed) {
                    return Lookup::Found(binding.action);
                }
                begun |= sequences.iter().any(|s| s.len() > typed.len() && s.starts_with(typed));
            }
        }
        if begun { Lookup::Begun } else { Lookup::Nothing }
    }

    /// A command's bindings in written form.
    pub fn keys_of(&self, command: &Command) -> Vec<String> {
        self.of(command.scope).find(|(it, _)| it.name == command.name).map(|(_, keys)| keys).unwrap_or_default()
    }

    /// The commands of a scope with their bindings in written form.
    pub fn of(&self, scope: Scope) -> impl Iterator<Item = (&'static Command, Vec<String>)> + '_ {
        TABLE
            .iter()
            .zip(&self.keys)
            .filter(move |(b, _)| b.scope == scope)
            .map(|(b, keys)| (b, keys.iter().map(|k| k.iter().map(Key::to_string).collect()).collect()))
    }

    /// The first binding of an action in any scope.
    pub fn any_key_for(&self, action: Action) -> Option<String> {
        let command = TABLE.iter().find(|command| command.action == action)?;
        self.keys_of(command).into_iter().next()
    }

    /// The binding a hint shows for an action, from the first of `scopes` that has it.
    pub fn key_for(&self, scopes: &[Scope], action: Action) -> Option<String> {
        scopes
            .iter()
            .flat_map(|scope| self.of(*scope))
            .find(|(binding, _)| binding.action == action)
            .and_then(|(_, keys)| keys.into_iter().next())
    }
}

/// A command that is typed after `:` may be given a key: it works over the table, where its key must mean nothing else.
fn are_looked_up_together(a: Scope, b: Scope) -> bool {
    let over_table = |scope: Scope| matches!(scope, Scope::Table | Scope::Global | Scope::Typed);
    a == b || ((a == Scope::Typed || b == Scope::Typed) && over_table(a) && over_table(b))
}

/// Parses a binding of the settings' `[keys]` table.
///
/// # Errors
/// Why it cannot be parsed, or not be typed in that scope.
fn pressable(written: &str, scope: Scope) -> Result<Vec<Key>, String> {
    let shown = printable(written);
    let hint = "keys are written as j, G, gg, ^o (control-o), alt-d, Enter, space, PgDn, F1";
    let keys = Key::sequence(written).ok_or_else(|| format!("no key is called «{shown}»; {hint}"))?;
    let other = |key: &Key| key.ctrl && matches!(key.code, KeyCode::Char('m' | 'j' | 'i' | 'h'));
    let first = keys.first();
    if keys.len() > 2 {
        Err(format!("«{shown}» is not one key, nor two pressed one after the other; {hint}"))
    } else if keys.iter().any(|key| key.typed().is_some_and(|c| c.is_ascii_digit())) {
        Err(format!("«{shown}»: a digit is a count"))
    } else if keys.iter().any(other) {
        Err(format!("«{shown}»: terminals send this as Enter, Tab or Backspace"))
    } else if is_text_scope(scope) && first.is_some_and(|key| key.typed().is_some()) {
        Err(format!("«{shown}»: letters are text there"))
    } else {
        Ok(keys)
    }
}

/// Whether letters are text where this scope's bindings are looked up.
fn is_text_scope(scope: Scope) -> bool {
    use Scope as S;
    matches!(
        scope,
        S::Always
            | S::Input
            | S::Editor
            | S::Find
            | S::Picker
            | S::Palette
            | S::Help
            | S::Prompt
            | S::Bulk
            | S::AddSource
            | S::Template
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use super::{Action as A, Scope as S};
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        assert_eq!(Keymap::default().collision(), None);
    }

    #[test]
    fn every_written_key_can_be_read() {
        for binding in TABLE {
            for key in binding.keys {
                assert!(Key::sequence(key).is_some(), "{} {key}", binding.name);
            }
        }
    }

    #[test]
    fn command_names_are_unique_and_dashed() {
        let mut seen = HashSet::new();
        for binding in TABLE {
            assert!(seen.insert(binding.name), "{}", binding.name);
            assert!(binding.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }

    #[test]
    fn no_letter_is_a_command_where_letters_are_text() {
        let typing =
            [S::Always, S::Input, S::Editor, S::Find, S::Picker, S::Palette, S::Help, S::Prompt, S::Bulk, S::AddSource];
        for binding in TABLE.iter().filter(|b| typing.contains(&b.scope)) {
            for key in binding.keys {
                let first = Key::sequence(key).unwrap()[0];
                assert_eq!(first.typed(), None, "{} in {:?}", binding.name, binding.scope);
            }
        }
    }

    #[test]
    fn digits_are_never_commands() {
        for binding in TABLE {
            assert!(!binding.keys.iter().any(|k| k.starts_with(|c: char| c.is_ascii_digit())), "{}", binding.name);
        }
    }

    #[test]
    fn remapping_replaces_keys_and_refuses_collisions() {
        let table = |name: &str, key: &str| BTreeMap::from([(name.to_owned(), vec![key.to_owned()])]);
        let map = Keymap::remapped(&table("undo", "Z")).unwrap();
        assert_eq!(map.look_up(&[S::Table], &[Key::char('Z')]), Lookup::Found(A::Undo));
        assert_eq!(map.look_up(&[S::Table], &[Key::char('u')]), Lookup::Nothing);
        assert!(Keymap::remapped(&table("undo", "x")).unwrap_err().contains("exclude"));
        assert!(Keymap::remapped(&table("fly", "x")).unwrap_err().contains("fly"));
    }

    #[test]
    fn a_two_key_command_waits_for_its_second_key() {
        let map = Keymap::default();
        assert_eq!(map.look_up(&[S::Table, S::Global], &[Key::char('g')]), Lookup::Begun);
        assert_eq!(map.look_up(&[S::Table, S::Global], &[Key::char('g'); 2]), Lookup::Found(A::First));
    }
}
