//! A question answered by a line of text: a path, an API key, a word to look for.

use super::{Screen, close, open as files, send, show};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use secrecy::SecretString;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenPath,
    SaveReply,
    ApiKey,
    SearchReply,
}

#[derive(Debug)]
pub struct Prompt {
    pub purpose: Purpose,
    pub input: LineInput,
}

impl Prompt {
    /// What stands before the input.
    pub fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::OpenPath => "open",
            Purpose::SaveReply => "save the reply as",
            Purpose::ApiKey => "API key, for this session only",
            Purpose::SearchReply => "/",
        }
    }
}

pub fn open(model: &mut Model, purpose: Purpose, text: &str) {
    let input = if purpose == Purpose::ApiKey { LineInput::masked() } else { LineInput::new(text) };
    show(model, Screen::Prompt(Prompt { purpose, input }));
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Prompt(prompt)) = model.screens.last() else { return Vec::new() };
    let (purpose, text) = (prompt.purpose, prompt.input.text().trim().to_owned());
    match action {
        Action::Back => close(model),
        Action::Accept => {
            close(model);
            if text.is_empty() {
                return Vec::new();
            }
            return answered(model, purpose, text);
        }
        _ => {}
    }
    Vec::new()
}

fn answered(model: &mut Model, purpose: Purpose, text: String) -> Vec<Effect> {
    match purpose {
        Purpose::OpenPath if model.session().is_some_and(|session| session.draft.is_dirty()) => {
            model.say(Mark::Plain, "the changes are not saved.  :w saves them");
            Vec::new()
        }
        Purpose::OpenPath => files::load(model, PathBuf::from(text)),
        Purpose::SaveReply => send::save_reply(model, PathBuf::from(text)),
        Purpose::SearchReply => send::search(model, &text),
        Purpose::ApiKey => {
            let mut effects = vec![Effect::KeepKey(SecretString::from(text))];
            effects.extend(send::look_again(model));
            effects
        }
    }
}
