//! What the characters of a burst would do, which tells the text that a terminal without bracketed paste sends at once
//! from the keys of a script or of a quick hand on a slow line.

use super::action::Action;
use super::command::{Keymap, Lookup, Scope};
use super::key::Key;
use crossterm::event::KeyCode;

/// The characters of ASCII.
const COUNT: usize = 128;
/// Endings of the files that people copy the names of.
const ENDINGS: [&str; 13] =
    [".srt", ".vtt", ".mp4", ".mov", ".mkv", ".m4v", ".webm", ".avi", ".json", ".jsonl", ".csv", ".tsv", ".txt"];

/// What a character does where no input has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Does {
    /// Moves, selects, shows otherwise, undoes: harmless at any speed, as a held key sends it.
    #[default]
    Moves,
    /// A digit that counts for the command after it.
    Counts,
    /// Opens an input: what follows, up to Enter, is text.
    Types,
    /// As [`Does::Types`], and what is typed becomes a value.
    Edits,
    /// Opens a screen or a menu, where keys have other meanings.
    Shows,
    /// Changes rows or files.
    Changes,
    /// Leaves a screen or the program.
    Leaves,
    /// Confirms what can't be undone.
    Confirms,
    /// No command: no script sends it.
    Nothing,
}

/// What the screen in front makes of characters.
#[derive(Clone, Debug)]
pub struct Listening {
    /// An input has the focus and gets them, up to Enter.
    pub typing: bool,
    /// Where the others are looked up.
    scopes: Vec<Scope>,
    does: [Does; COUNT],
}

impl Default for Listening {
    /// Everything is typed into an input.
    fn default() -> Listening {
        Listening { typing: true, scopes: Vec::new(), does: [Does::Moves; COUNT] }
    }
}

impl Listening {
    /// Looks everything up anew only where another screen or an input has come to the front.
    pub fn follow(&mut self, keymap: &Keymap, scopes: &[Scope], typing: bool) {
        self.typing = typing;
        if self.scopes != scopes {
            *self = Listening::of(keymap, scopes, typing);
        }
    }

    pub fn of(keymap: &Keymap, scopes: &[Scope], typing: bool) -> Listening {
        let mut does = [Does::Nothing; COUNT];
        for (byte, slot) in (0_u8..).zip(&mut does) {
            *slot = match keymap.look_up(scopes, &[key(byte)]) {
                Lookup::Found(action) => of(action),
                Lookup::Begun => Does::Moves,
                Lookup::Nothing if byte.is_ascii_digit() => Does::Counts,
                Lookup::Nothing if matches!(byte, b'\r' | b'\n' | b'\t') => Does::Moves,
                Lookup::Nothing => Does::Nothing,
            };
        }
        Listening { typing, scopes: scopes.to_vec(), does }
    }

    fn does(&self, c: char) -> Does {
        self.does.get(u32::from(c) as usize).copied().unwrap_or(Does::Nothing)
    }

    /// Whether these keystrokes only move, so that they need not wait for what may follow: a paste that begins with
    /// them changes nothing yet.
    pub fn only_moves(&self, keys: &str) -> bool {
        let is_harmless = |c: char| match self.does(c) {
            _ if self.typing => !is_end(c),
            Does::Moves | Does::Counts => true,
            // A key that does nothing.
            Does::Nothing => !c.is_alphanumeric(),
            _ => false,
        };
        keys.chars().all(is_harmless)
    }

    /// Whether characters that arrived at once are text, not keys: among them is one that no command has, or commands
    /// that change or leave something follow each other without a move between them, or they are columns or the name of
    /// a file. Single keys, moves in any number, and a command with its line (`:w`, `/text`, an address for `e`) are
    /// keys.
    pub fn reads_like_text(&self, burst: &str) -> bool {
        let mut rest = if self.typing { burst.split_once(is_end).map_or("", |(_, rest)| rest) } else { burst };
        if !self.typing && burst.chars().nth(1).is_none() {
            return false;
        }
        if self.is_file_name(rest) {
            return true;
        }
        let (mut has_changed, mut word) = (false, String::new());
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            let does = self.does(c);
            match does {
                // People select some rows for one change, not one for each.
                Does::Moves if c == ' ' && has_changed => continue,
                // A keystroke with Ctrl is in no text, but where it is not bound.
                _ if c.is_control() && !is_end(c) && c != '\t' && does != Does::Nothing => {}
                Does::Moves => {}
                // A column of numbers: a count is for a command. Elsewhere than in the table digits choose.
                Does::Counts if self.does('\r') == Does::Edits && rest.starts_with(['\r', '\n', '\t']) => return true,
                Does::Counts => {}
                Does::Types | Does::Edits => {
                    let (line, after) = rest.split_once(is_end).unwrap_or((rest, ""));
                    if does == Does::Edits && (!is_value(line) || is_second(c, &word)) {
                        return true;
                    }
                    rest = after;
                }
                Does::Shows => return self.commands(rest) > 2,
                Does::Changes if has_changed => return true,
                Does::Changes => {}
                // Layer by layer, and the answer to what is asked then.
                Does::Leaves => {
                    let after = rest.trim_start_matches(|c| self.does(c) == Does::Leaves);
                    return self.commands(after) > 1;
                }
                Does::Confirms => return self.commands(rest) > 0,
                Does::Nothing => return true,
            }
            has_changed = does == Does::Changes;
            word.push(c);
        }
        false
    }

    /// Whether the first line is the name of a file: no command has a line that begins like it.
    fn is_file_name(&self, text: &str) -> bool {
        let line = text.split(is_end).next().unwrap_or_default();
        let lower = line.to_ascii_lowercase();
        let first = line.chars().map(|c| self.does(c)).find(|does| !matches!(does, Does::Moves | Does::Counts));
        !line.contains("://")
            && line.starts_with(char::is_alphanumeric)
            && ENDINGS.iter().any(|ending| lower.ends_with(ending))
            && !matches!(first, Some(Does::Types | Does::Edits))
    }

    /// Characters that do more than move.
    fn commands(&self, text: &str) -> usize {
        let is_command = |c: &char| !c.is_control() && !matches!(self.does(*c), Does::Moves | Does::Counts);
        text.chars().filter(is_command).count()
    }
}

fn is_end(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

/// Whether this may be typed into a field: a value has a blank only in a key, and a key stands in an address. Behind a
/// Tab, which takes a completion, nothing is typed.
fn is_value(line: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_punctuation();
    let is_columns = line.trim_end_matches('\t').contains('\t');
    let is_marks = !line.is_empty() && line.chars().all(is_mark);
    !is_columns && !is_marks && (!line.contains(' ') || line.contains("://"))
}

/// Whether this letter begins the second word after `before`: `uk intro`, but not `jj e`.
fn is_second(c: char, before: &str) -> bool {
    let Some(first) = before.strip_suffix(' ') else { return false };
    let first = first.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    c.is_alphabetic() && first.chars().any(|c| !first.starts_with(c))
}

/// The key that sends this byte.
fn key(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::plain(KeyCode::Enter),
        b'\t' => Key::plain(KeyCode::Tab),
        0x08 | 0x7f => Key::plain(KeyCode::Backspace),
        0x1b => Key::plain(KeyCode::Esc),
        1..0x1b => Key { code: KeyCode::Char(char::from(b'a' - 1 + byte)), ctrl: true, alt: false },
        _ => Key::plain(KeyCode::Char(char::from(byte))),
    }
}

fn of(action: Action) -> Does {
    use Action as A;
    match action {
        A::Edit | A::ClearAndEdit => Does::Edits,
        A::Palette | A::Search | A::Filter | A::Pick | A::Help | A::Template | A::OpenAnother | A::AnotherKey => {
            Does::Types
        }
        A::Review
        | A::Submit
        | A::Log
        | A::Problems
        | A::Pair
        | A::Sources
        | A::YankMenu
        | A::FilterByState
        | A::Sort
        | A::OpenGate
        | A::EditFile
        | A::HandOver
        | A::Merge => Does::Shows,
        A::Clear
        | A::Exclude
        | A::Restore
        | A::Fix
        | A::FixAll
        | A::FixEverything
        | A::Put
        | A::Take
        | A::TakeAll
        | A::TakeClass
        | A::Same
        | A::Leave
        | A::Drop
        | A::Revert
        | A::CopyAbove
        | A::CopyGone
        | A::Save
        | A::Write
        | A::WriteOver
        | A::Overwrite
        | A::MergeWithDisk
        | A::Reload
        | A::ReloadAndDrop
        | A::ReadAgain
        | A::ItWasAccepted
        | A::ItWasNot
        | A::ForgetJournal
        | A::CheckTranscripts
        | A::CheckEverything => Does::Changes,
        A::Quit
        | A::QuitNow
        | A::Back
        | A::SaveAndQuit
        | A::DiscardAndQuit
        | A::SaveIfNeededAndQuit
        | A::Suspend
        | A::Demo => Does::Leaves,
        A::Confirm => Does::Confirms,
        _ => Does::Moves,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_like_text(scope: Scope, burst: &str, typing: bool) -> bool {
        let scopes = [scope, Scope::Always, Scope::Global, Scope::Typed];
        Listening::of(&Keymap::default(), &scopes, typing).reads_like_text(burst)
    }

    #[test]
    fn bursts_of_text_are_not_read_as_keys() {
        for (scope, burst, typing) in [
            (Scope::Table, "q:q", false),
            (Scope::Table, "q:q\r", false),
            (Scope::Table, "dd", false),
            (Scope::Table, "Xavier", false),
            (Scope::Table, "X\r", false),
            (Scope::Table, "xx.d", false),
            (Scope::Table, "jjdd", false),
            (Scope::Table, "d.srt", false),
            (Scope::Table, "PARTY", false),
            (Scope::Table, "some", false),
            (Scope::Table, "i think\r", false),
            (Scope::Table, "e.g. this\r", false),
            (Scope::Table, "b.srt", false),
            (Scope::Table, "한국", false),
            (Scope::Table, "né", false),
            (Scope::Table, "quiet", false),
            (Scope::Table, "a.srt\rdd", true),
            (Scope::Table, "a.srt\rb.srt\r", true),
            (Scope::Gate, "Yes", false),
            (Scope::Gate, "Your", false),
            (Scope::Review, "xx yy", false),
            // Columns of a spreadsheet.
            (Scope::Table, "1\ten\ts3://acme/01.srt\r", false),
            (Scope::Table, "en\tfr\r", false),
            (Scope::Table, "1\r2\r3\r", false),
            (Scope::Table, "12\r", false),
            (Scope::Table, ".\r.\r", false),
            // Names of files.
            (Scope::Table, "01.srt", false),
            (Scope::Table, "axe.srt\r", false),
            (Scope::Table, "uk intro.srt\r", false),
            (Scope::Table, "xylophone lesson.srt", false),
            (Scope::Table, "x d x d x d", false),
            (Scope::Table, "\u{7}xad", false),
            (Scope::Table, "abc\u{3}\u{3}", false),
            (Scope::Result, "All good here\r", false),
        ] {
            assert!(reads_like_text(scope, burst, typing), "{burst:?}");
        }
    }

    #[test]
    fn fast_bursts_of_keys_are_read_as_keys() {
        for (scope, burst, typing) in [
            (Scope::Table, "d", false),
            (Scope::Table, "X", false),
            (Scope::Table, "한", false),
            (Scope::Table, "jjj", false),
            (Scope::Table, "gg", false),
            (Scope::Table, "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjkkkkk", false),
            (Scope::Table, "uuuu", false),
            (Scope::Table, "nnN}{][", false),
            (Scope::Table, "5j10k]]", false),
            (Scope::Table, "12G", false),
            (Scope::Table, "jd", false),
            (Scope::Table, "djdjdj", false),
            (Scope::Table, "dhdhdhdR", false),
            (Scope::Table, "d:w\r", false),
            (Scope::Table, ":w\r", false),
            (Scope::Table, ":w\r:q\r", false),
            (Scope::Table, "gg:q\r", false),
            (Scope::Table, ":filter some words of mine\r", false),
            (Scope::Table, "/some words\r", false),
            (Scope::Table, "fmine\rdj", false),
            (Scope::Table, "es3://acme/a b.srt\r", false),
            (Scope::Table, "cko\r", false),
            (Scope::Table, "RS", false),
            (Scope::Table, "Fm", false),
            (Scope::Table, "sv", false),
            (Scope::Table, "yv", false),
            (Scope::Table, "qd", false),
            (Scope::Review, "qqd", false),
            (Scope::Gate, "qqq", false),
            (Scope::Table, "?jjjj", false),
            (Scope::Table, "!jj.", false),
            (Scope::Table, "          ", false),
            (Scope::Gate, "Y", false),
            (Scope::Gate, "jjY", false),
            (Scope::Table, "Xavier", true),
            (Scope::Table, "dd q:q", true),
            (Scope::Table, "a.srt\rjj", true),
            (Scope::Table, "a.srt\re", true),
            (Scope::Table, "x\u{13}", false),
            (Scope::Table, "x\u{3}\u{3}", false),
            (Scope::Table, "jje\u{15}s3://acme/a.srt\r", false),
            (Scope::Table, "\rs3://acme/a.srt\r", false),
            (Scope::Table, "\r:w\r", true),
            (Scope::Table, "es3\t\r", false),
            (Scope::Table, "jj\tjj", false),
            (Scope::Table, "jj e", false),
            (Scope::Table, "  T", false),
            (Scope::Table, "   d", false),
            (Scope::Table, "/01.srt\r", false),
            (Scope::Table, "jj:w out.json\r", false),
            (Scope::Table, "e01.srt\r", false),
            (Scope::Decide, "11213", false),
            (Scope::Decide, "1\r2\r", false),
            (Scope::Decide, "j\rj\r", false),
        ] {
            assert!(!reads_like_text(scope, burst, typing), "{burst:?}");
        }
    }

    #[test]
    fn what_only_moves_is_told_from_what_changes() {
        let scopes = [Scope::Table, Scope::Always, Scope::Global, Scope::Typed];
        let table = Listening::of(&Keymap::default(), &scopes, false);
        for keys in ["j", "k", "G", "12", "a", " ", "\t", "\u{3}", "\u{4}", "["] {
            assert!(table.only_moves(keys), "{keys:?}");
        }
        for keys in ["x", "d", "e", "\r", "q", ":", "R", "\u{13}", "jx", "b", "한"] {
            assert!(!table.only_moves(keys), "{keys:?}");
        }
        let input = Listening::of(&Keymap::default(), &scopes, true);
        for (keys, moves) in [("x", true), ("q:q", true), ("\t", true), ("\r", false), ("x\r", false)] {
            assert_eq!(input.only_moves(keys), moves, "{keys:?}");
        }
    }
}
