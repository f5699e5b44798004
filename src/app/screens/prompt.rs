//! A prompt for one line of text: a path, an API key, a search text.

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::context::{Act, Ctx};
use crate::app::line_input::LineInput;
use crate::app::next::{Next, Purpose, Request};

#[derive(Debug)]
pub struct Prompt {
    pub purpose: Purpose,
    pub input: LineInput,
}

impl Prompt {
    pub fn new(purpose: Purpose, text: &str) -> Prompt {
        let input = if purpose == Purpose::ApiKey { LineInput::masked() } else { LineInput::new(text) };
        Prompt { purpose, input }
    }

    /// The label before the input.
    pub fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::OpenPath => "open",
            Purpose::SaveReply => "save the reply as",
            Purpose::ApiKey => "API key, for this session only",
            Purpose::SearchReply => "/",
            Purpose::TemplateName => "name:",
            Purpose::VerifyFile => "verify which file",
        }
    }
}

impl Act for Prompt {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Prompt, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn act(&mut self, _ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let text = self.input.text().trim();
        match request.action {
            Action::Accept if !text.is_empty() => Next::Answer(self.purpose, text.to_owned()),
            Action::Accept | Action::Back => Next::Close,
            _ => Next::Stay,
        }
    }
}
