//! What the characters of a burst would do, which tells the text that a terminal without bracketed paste sends at once
//! from the keys of a script or of a quick hand on a slow line.

use super::action::Action;
use super::command::{Keymap, Lookup, Scope};
use super::key::Key;
use crossterm::event::KeyCode;

/// First and last visible character of ASCII.
const VISIBLE: std::ops::RangeInclusive<u8> = b' '..=b'~';
const COUNT: usize = (b'~' - b' ') as usize + 1;

/// What a character does where no input has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Does {
    /// Moves, selects, shows otherwise, undoes: harmless at any speed, as a held key sends it.
    #[default]
    Moves,
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
        for (byte, slot) in VISIBLE.zip(&mut does) {
            let key = Key::plain(KeyCode::Char(char::from(byte)));
            *slot = match keymap.look_up(scopes, &[key]) {
                _ if byte.is_ascii_digit() => Does::Moves,
                Lookup::Found(action) => of(action),
                Lookup::Begun => Does::Moves,
                Lookup::Nothing => Does::Nothing,
            };
        }
        Listening { typing, scopes: scopes.to_vec(), does }
    }

    fn does(&self, c: char) -> Does {
        let at = u8::try_from(c).ok().filter(|byte| VISIBLE.contains(byte)).map(|byte| usize::from(byte - b' '));
        at.and_then(|at| self.does.get(at)).copied().unwrap_or(Does::Nothing)
    }

    /// Whether characters that arrived at once are text, not keys: among them is one that no command has, or commands
    /// that change or leave something follow each other without a move between them. Single keys, moves in any number,
    /// and a command with its line (`:w`, `/text`, an address for `e`) are keys.
    pub fn reads_like_text(&self, burst: &str) -> bool {
        let mut rest = if self.typing { burst.split_once(['\r', '\n']).map_or("", |(_, rest)| rest) } else { burst };
        if !self.typing && burst.chars().nth(1).is_none() {
            return false;
        }
        let mut has_changed = false;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            let does = if matches!(c, '\r' | '\n' | '\t') { Does::Moves } else { self.does(c) };
            match does {
                Does::Moves => {}
                Does::Types | Does::Edits => {
                    let (line, after) = rest.split_once(['\r', '\n']).unwrap_or((rest, ""));
                    // A value has a blank only in a key, and a key stands in an address.
                    if does == Does::Edits && line.contains(' ') && !line.contains("://") {
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
        }
        false
    }

    /// Characters that do more than move.
    fn commands(&self, text: &str) -> usize {
        text.chars().filter(|c| !c.is_control() && self.does(*c) != Does::Moves).count()
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
        ] {
            assert!(!reads_like_text(scope, burst, typing), "{burst:?}");
        }
    }
}
