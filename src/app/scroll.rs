//! Cursor and first visible line of a list.

use super::action::Action;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub cursor: usize,
    pub top: usize,
}

impl Scroll {
    /// Moves the cursor by `steps` within `len` lines and keeps it in a viewport of `height` lines.
    pub fn step(&mut self, steps: isize, len: usize, height: usize) {
        self.to(self.cursor.saturating_add_signed(steps), len, height);
    }

    pub fn to(&mut self, cursor: usize, len: usize, height: usize) {
        self.cursor = cursor.min(len.saturating_sub(1));
        let height = height.max(1);
        // One line of context stays visible beyond the cursor, where there is room for it.
        let margin = usize::from(height > 4);
        let lowest_top = (self.cursor + 1 + margin).saturating_sub(height);
        let highest_top = self.cursor.saturating_sub(margin);
        self.top = self.top.clamp(lowest_top.min(highest_top), highest_top.max(lowest_top));
        self.top = self.top.min(len.saturating_sub(height));
    }

    /// Scrolls the viewport and moves the cursor only to keep it inside.
    pub fn wheel(&mut self, lines: isize, len: usize, height: usize) {
        self.top = self.top.saturating_add_signed(lines).min(len.saturating_sub(height));
        self.cursor =
            self.cursor.clamp(self.top, (self.top + height.max(1) - 1).min(len.saturating_sub(1)).max(self.top));
    }

    /// Carries out a movement in a list of `len` lines with a viewport of `height` lines.
    pub fn act(&mut self, action: Action, count: Option<u32>, len: usize, height: usize) {
        let many = count.unwrap_or(1).max(1) as isize;
        let page = height.saturating_sub(1).max(1) as isize;
        match action {
            Action::Down => self.step(many, len, height),
            Action::Up => self.step(-many, len, height),
            Action::PageDown => self.step(page, len, height),
            Action::PageUp => self.step(-page, len, height),
            Action::HalfDown => self.step((page / 2).max(1), len, height),
            Action::HalfUp => self.step(-(page / 2).max(1), len, height),
            Action::First => self.to(0, len, height),
            Action::Last => self.to(count.map_or(usize::MAX, |n| n as usize - usize::from(n > 0)), len, height),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_never_leaves_the_window(
            moves in prop::collection::vec((-30isize..30, 0usize..60, 1usize..20, any::<bool>()), 1..40)
        ) {
            let mut scroll = Scroll::default();
            for (steps, len, height, wheel) in moves {
                if wheel { scroll.wheel(steps, len, height) } else { scroll.step(steps, len, height) }
                prop_assert!(scroll.cursor < len.max(1));
                if !wheel {
                    prop_assert!(scroll.top <= scroll.cursor && scroll.cursor < scroll.top + height);
                }
                prop_assert!(scroll.top <= len.saturating_sub(height));
            }
        }
    }
}
