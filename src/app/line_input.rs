//! A one-line text input with readline editing. A paste is one insert and one undo step.
//!
//! The text area's own shortcuts are never used (its `^u` is undo): keystrokes arrive as [`Edit`]s from the command
//! table.

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text it accepts, in bytes: eight times the longest S3 key. Longer pastes are rejected.
pub const LONGEST: usize = 8 * 1024;

/// An editing command of readline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edit {
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    DeleteLeft,
    DeleteRight,
    DeleteWordLeft,
    DeleteWordRight,
    DeleteToStart,
    DeleteToEnd,
    Undo,
    Redo,
}

/// Why a paste was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    SeveralLines,
    TooLong,
}

#[derive(Clone, Debug)]
pub struct LineInput {
    area: TextArea<'static>,
    /// The text is a secret: the screen shows dots in its place.
    pub masked: bool,
}

impl LineInput {
    /// The cursor starts at the end.
    pub fn new(text: &str) -> LineInput {
        let line: String = text.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }).collect();
        let mut area = TextArea::new(vec![line]);
        area.set_max_histories(200);
        area.move_cursor(CursorMove::End);
        LineInput { area, masked: false }
    }

    pub fn masked() -> LineInput {
        LineInput { masked: true, ..LineInput::new("") }
    }

    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Cursor position in `char`s from the start.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Cursor position in bytes from the start.
    pub fn cursor_byte(&self) -> usize {
        self.text().char_indices().nth(self.cursor()).map_or(self.text().len(), |(at, _)| at)
    }

    pub fn type_char(&mut self, c: char) {
        if self.text().len() + c.len_utf8() <= LONGEST {
            self.area.input_without_shortcuts(Input { key: AreaKey::Char(c), ctrl: false, alt: false, shift: false });
        }
    }

    /// Inserts a paste at the cursor as one undo step.
    ///
    /// # Errors
    /// [`Rejected`] when it has several lines or would make the text too long; the text is unchanged then.
    pub fn paste(&mut self, text: &str) -> Result<(), Rejected> {
        let line = text.trim_end_matches(['\r', '\n']);
        if line.contains(['\r', '\n']) {
            return Err(Rejected::SeveralLines);
        }
        if self.text().len() + line.len() > LONGEST {
            return Err(Rejected::TooLong);
        }
        self.area.insert_str(line);
        Ok(())
    }

    /// Replaces the whole text; undo brings the old one back.
    pub fn replace(&mut self, text: &str) {
        if text != self.text() {
            self.area.select_all();
            self.area.insert_str(text.replace(['\r', '\n'], " "));
        }
    }

    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Left => (0..self.grapheme_before()).for_each(|_| self.area.move_cursor(CursorMove::Back)),
            Edit::Right => (0..self.grapheme_after()).for_each(|_| self.area.move_cursor(CursorMove::Forward)),
            Edit::WordLeft => self.area.move_cursor(CursorMove::WordBack),
            Edit::WordRight => self.area.move_cursor(CursorMove::WordForward),
            Edit::Home => self.area.move_cursor(CursorMove::Head),
            Edit::End => self.area.move_cursor(CursorMove::End),
            Edit::DeleteLeft => (0..self.grapheme_before()).for_each(|_| ignore(self.area.delete_char())),
            Edit::DeleteRight => (0..self.grapheme_after()).for_each(|_| ignore(self.area.delete_next_char())),
            Edit::DeleteWordLeft => ignore(self.area.delete_word()),
            Edit::DeleteWordRight => ignore(self.area.delete_next_word()),
            Edit::DeleteToStart => ignore(self.area.delete_line_by_head()),
            Edit::DeleteToEnd => ignore(self.area.delete_line_by_end()),
            Edit::Undo => ignore(self.area.undo()),
            Edit::Redo => ignore(self.area.redo()),
        }
    }

    /// Number of `char`s in the grapheme cluster left of the cursor.
    fn grapheme_before(&self) -> usize {
        let before = self.text().get(..self.cursor_byte()).unwrap_or_default();
        before.graphemes(true).next_back().map_or(0, |g| g.chars().count())
    }

    fn grapheme_after(&self) -> usize {
        let after = self.text().get(self.cursor_byte()..).unwrap_or_default();
        after.graphemes(true).next().map_or(0, |g| g.chars().count())
    }
}

/// Discards the text area's report of whether it changed anything: callers compare the text.
fn ignore(_changed: bool) {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paste_is_one_step_of_undo() {
        let mut input = LineInput::new("s3://");
        input.paste("bucket/key.srt\n").unwrap();
        assert_eq!(input.text(), "s3://bucket/key.srt");
        input.apply(Edit::Undo);
        assert_eq!(input.text(), "s3://");
    }

    #[test]
    fn several_lines_are_refused_and_change_nothing() {
        let mut input = LineInput::new("a");
        assert_eq!(input.paste("b\nc"), Err(Rejected::SeveralLines));
        assert_eq!(input.paste(&"x".repeat(LONGEST)), Err(Rejected::TooLong));
        assert_eq!(input.text(), "a");
    }

    #[test]
    fn a_replaced_text_comes_back_by_undo() {
        let mut input = LineInput::new("https://b.s3.amazonaws.com/k");
        input.replace("s3://b/k");
        assert_eq!((input.text(), input.cursor()), ("s3://b/k", 8));
        for _ in 0..2 {
            input.apply(Edit::Undo);
        }
        assert_eq!(input.text(), "https://b.s3.amazonaws.com/k");
    }

    proptest! {
        #[test]
        fn any_keys_keep_one_line_and_a_cursor_inside_it(steps in prop::collection::vec((0usize..16, any::<char>()), 0..80)) {
            use Edit::*;
            let edits = [Left, Right, WordLeft, WordRight, Home, End, DeleteLeft, DeleteRight, DeleteWordLeft,
                DeleteWordRight, DeleteToStart, DeleteToEnd, Undo, Redo];
            let mut input = LineInput::new("s3://b/k 한국어.srt");
            for (step, c) in steps {
                match edits.get(step) {
                    Some(edit) => input.apply(*edit),
                    None if step == 14 && !c.is_control() => input.type_char(c),
                    None => { let _ = input.paste(&format!("p{c}q")); }
                }
                prop_assert!(!input.text().contains('\n'));
                prop_assert!(input.cursor() <= input.text().chars().count());
                prop_assert!(input.text().is_char_boundary(input.cursor_byte()));
            }
        }
    }
}
