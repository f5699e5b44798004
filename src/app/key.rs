//! A keystroke, its written form (`j`, `^s`, `Enter`, `space`), and its conversion from crossterm's key events.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
}

impl Key {
    pub const fn char(c: char) -> Key {
        Key { code: KeyCode::Char(c), ctrl: false, alt: false }
    }

    pub const fn plain(code: KeyCode) -> Key {
        Key { code, ctrl: false, alt: false }
    }

    /// Converts a terminal event. Shift is dropped: the character already shows it.
    pub fn of(event: &KeyEvent) -> Key {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        match event.code {
            // Terminals send ^m and ^j for Enter, ^i for Tab, ^h for Backspace; some protocols tell them apart.
            KeyCode::Char('m' | 'j') if ctrl => Key::plain(KeyCode::Enter),
            KeyCode::Char('i') if ctrl => Key::plain(KeyCode::Tab),
            KeyCode::Char('h') if ctrl => Key::plain(KeyCode::Backspace),
            KeyCode::Char(c) if ctrl => Key { code: KeyCode::Char(c.to_ascii_lowercase()), ctrl, alt },
            code => Key { code, ctrl, alt },
        }
    }

    /// The character this keystroke inserts into text, if any.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Parses one keystroke from the front of `text` and returns the rest; a capital stands for itself.
    fn read(text: &str) -> Option<(Key, &str)> {
        for (name, code) in NAMED {
            if let Some(rest) = text.strip_prefix(name) {
                return Some((Key::plain(code), rest));
            }
        }
        let mut chars = text.chars();
        let first = chars.next()?;
        if first == '^' {
            let mut after = chars.clone();
            if let Some(c) = after.next().filter(|c| !c.is_whitespace()) {
                return Some((
                    Key { code: KeyCode::Char(c.to_ascii_lowercase()), ctrl: true, alt: false },
                    after.as_str(),
                ));
            }
        }
        if let Some(rest) = text.strip_prefix("alt-") {
            let (key, rest) = Key::read(rest)?;
            return Some((Key { alt: true, ..key }, rest));
        }
        Some((Key::char(first), chars.as_str()))
    }

    /// Parses a written sequence such as `gg` or `^s`; None when `text` is empty or cannot be parsed.
    pub fn sequence(mut text: &str) -> Option<Vec<Key>> {
        let mut keys = Vec::new();
        while !text.is_empty() {
            let (key, rest) = Key::read(text)?;
            keys.push(key);
            text = rest;
        }
        (!keys.is_empty()).then_some(keys)
    }
}

const NAMED: [(&str, KeyCode); 17] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("BackTab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Del", KeyCode::Delete),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("F1", KeyCode::F(1)),
    ("F5", KeyCode::F(5)),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) if self.ctrl => write!(f, "^{c}"),
            KeyCode::Char(c) => write!(f, "{c}"),
            code => write!(f, "{code:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_key_reads_back_as_itself() {
        for written in ["j", "G", "^s", "Enter", "Esc", "space", "PgDn", "F1", ".", "}", "^", "alt-b", "BackTab", "Del"]
        {
            let keys = Key::sequence(written).unwrap();
            assert_eq!(keys.len(), 1, "{written}");
            assert_eq!(keys[0].to_string(), written);
        }
        assert_eq!(Key::sequence("gg").unwrap(), [Key::char('g'), Key::char('g')]);
        assert_eq!(Key::sequence(""), None);
    }

    #[test]
    fn control_m_and_control_j_are_enter() {
        for c in ['m', 'j'] {
            let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
            assert_eq!(Key::of(&event), Key::plain(KeyCode::Enter));
        }
    }
}
