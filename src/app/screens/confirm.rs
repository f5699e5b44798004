//! The confirmation that both gates ask for: a key that counts only once the gate could be read, and words that have to be
//! typed.

use crate::app::action::Action;
use crate::app::context::Ctx;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::Moment;

/// Confirmation is ignored until this long after the gate is complete, in milliseconds: typeahead must not send.
const ARMED_AFTER: i64 = 300;

#[derive(Debug, Default)]
pub struct Confirmation {
    /// It is accepted from this Unix time in milliseconds on: earlier keystrokes were meant for another screen.
    pub armed_at: Option<i64>,
    /// The input for what has to be typed, while it is open.
    pub input: Option<LineInput>,
}

impl Confirmation {
    /// The gate is complete now.
    pub fn arm(&mut self, now: Moment) {
        self.armed_at = Some(now.unix_ms + ARMED_AFTER);
    }

    pub fn is_typing(&self) -> bool {
        self.input.is_some()
    }

    /// Opens the input.
    pub fn ask(&mut self) {
        self.input = Some(LineInput::new(""));
    }

    /// Whether the key counts now; says so if it came too early. `does`: what it does.
    pub fn counts(&self, ctx: &mut Ctx<'_>, does: &'static str) -> bool {
        let counts = self.armed_at.is_some_and(|at| ctx.now.unix_ms >= at);
        if !counts {
            let text = "that Y came before this could be read; nothing was sent.";
            ctx.say(Message::plain(text).offer(Action::Confirm, does));
        }
        counts
    }

    /// Closes the input. Whether exactly `wanted` was typed; says so if not. A number may be typed with its commas.
    pub fn typed(&mut self, ctx: &mut Ctx<'_>, wanted: Option<String>) -> bool {
        let typed = self.input.take().map(|input| input.text().trim().replace(',', "")).unwrap_or_default();
        let Some(wanted) = wanted else { return false };
        if typed != wanted {
            ctx.say(Message::plain(format!("that was not “{wanted}”; nothing is sent")));
        }
        typed == wanted
    }
}
