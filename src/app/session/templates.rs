//! Templates: the one learnt from rows filled by hand, which is offered once, and those saved for the videos' bucket.

use super::{Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::effect::{Effect, TemplateOrder};
use crate::app::filling::{Ground, Learning};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::JobId;
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::{carries_secret, split};
use crate::domain::template::{Fit, LearntTemplate, SavedTemplate};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// This many rows filled by hand are remembered; no learnt template may contradict them.
const REMEMBERED: usize = 200;

#[derive(Debug, Default)]
pub struct Templates {
    /// Rows filled by hand, in order.
    by_hand: Vec<RowId>,
    pub learnt: Option<Arc<LearntTemplate>>,
    /// The rows it was learnt from.
    pub learnt_from: Vec<RowId>,
    /// Templates that were offered or left, and are not offered again.
    told: Vec<String>,
    /// The learnt one was offered, and neither used nor left since.
    pub is_offered: bool,
    pub saved: Vec<SavedTemplate>,
    /// The bucket they are saved for.
    pub bucket: Option<String>,
}

impl Templates {
    /// The operator left a template's screen: does not offer it again.
    pub fn leave(&mut self, template: String) {
        self.is_offered = false;
        if !self.told.contains(&template) {
            self.told.push(template);
        }
    }
}

impl Session {
    /// The rows and S3 keys a template is applied to: `rows`, else all rows without a transcript.
    pub fn ground(&self, rows: Option<RowSet>) -> Ground {
        let (list, listed) = (Arc::clone(&self.keys.list), Arc::clone(&self.keys.listed));
        Ground { snapshot: self.now().clone(), rows, list, listed }
    }

    /// A row was filled by hand: starts learning a template, in case others follow the same pattern.
    pub fn filled_by_hand(&mut self, env: &mut Env<'_>, row: RowId) -> Done {
        let snapshot = self.now().clone();
        let templates = &mut self.templates;
        templates
            .by_hand
            .retain(|known| *known != row && !snapshot.value(*known, Field::Transcription).text().is_empty());
        templates.by_hand.push(row);
        let surplus = templates.by_hand.len().saturating_sub(REMEMBERED);
        templates.by_hand.drain(..surplus);
        let first = templates.by_hand.len().saturating_sub(2);
        let examples: Vec<RowId> = templates.by_hand.iter().skip(first).copied().collect();
        let mut held = templates.by_hand.clone();
        held.sort_unstable();
        let ground = self.ground(None);
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Learn, &mut done.effects);
        self.templates.learnt_from.clone_from(&examples);
        let learning = Learning { examples, held: held.into_iter().collect(), ground };
        done.effects.push(Effect::Compute(job, Compute::Learn(Box::new(learning))));
        done
    }

    /// Takes in a learnt template, if one explains the rows, and offers it.
    pub fn learnt(&mut self, env: &mut Env<'_>, job: JobId, learnt: Option<Box<LearntTemplate>>) -> Done {
        if !env.jobs.finish(Task::Learn, job) {
            return Done::nothing();
        }
        self.templates.learnt = learnt.map(|learnt| Arc::new(*learnt));
        self.templates.is_offered &= self.templates.learnt.is_some();
        let Some(learnt) = self.templates.learnt.clone().filter(|learnt| learnt.is_worth_offering()) else {
            return Done::nothing();
        };
        let template = learnt.template.to_string();
        if self.templates.told.contains(&template) {
            return Done::nothing();
        }
        self.templates.told.push(template);
        self.templates.is_offered = true;
        let note = match &learnt.rival {
            Some(_) => Message::plain("two templates fit.").offer(Action::Template, "asks about one row"),
            None => Message::plain(offer(&learnt, env.size.0.into())).offer(Action::Template, "shows them"),
        };
        Done::said(note)
    }

    /// What the offered template would fill a row without a transcript with, and whether it is known to be in the list:
    /// where there is a list, only what stands in it.
    pub fn templated(&self, row: RowId) -> Option<(String, bool)> {
        let learnt = self.templates.learnt.as_ref();
        let learnt = learnt.filter(|learnt| self.templates.is_offered && learnt.rival.is_none())?;
        let now = self.now();
        let is_open = !now.is_excluded(row) && now.value(row, Field::Transcription).is_empty();
        let has_list = learnt.applied.has_list();
        let fit = if has_list { Fit::Exist } else { Fit::NotListed };
        let text =
            learnt.template.value(now, row).ok().filter(|_| is_open && learnt.applied.rows(fit).contains(row))?;
        Some((text, has_list))
    }

    /// Takes it, for this row; None when there is nothing to take.
    pub fn take_templated(&mut self, env: &mut Env<'_>, row: RowId) -> Option<Done> {
        let (text, _) = self.templated(row)?;
        let edit = Edit { rows: RowSet::one(row), change: Change::Set(Field::Transcription, text) };
        let number = row_number(row);
        Some(self.edit(env, edit, |_| format!("row {number} took what the template says.")))
    }

    /// Reads the saved templates of the bucket of a row's video.
    pub fn read_templates(&mut self, env: &mut Env<'_>, row: RowId) -> Done {
        let bucket = split(self.now().value(row, Field::Object).text()).map(|(bucket, _)| bucket.to_owned());
        match bucket {
            Some(bucket) if self.templates.bucket.as_ref() != Some(&bucket) => {
                self.templates.saved.clear();
                self.templates.bucket = Some(bucket.clone());
                self.order_templates(env, TemplateOrder::Read { bucket })
            }
            _ => Done::nothing(),
        }
    }

    pub fn keep_template(&mut self, env: &mut Env<'_>, name: String, text: String) -> Done {
        let Some(bucket) = self.templates.bucket.clone() else { return Done::plain("this row names no bucket") };
        if carries_secret(&text) {
            return Done::plain("a signed link is a password: keep the template without what follows its ?");
        }
        self.order_templates(env, TemplateOrder::Keep { bucket, name, text })
    }

    /// `:forget NAME`: forgets a saved template.
    pub fn forget_template(&mut self, env: &mut Env<'_>, name: &str) -> Done {
        let known = self.current().map_or_else(Done::nothing, |row| self.read_templates(env, row));
        let Some(bucket) = self.templates.bucket.clone() else { return known };
        let order = TemplateOrder::Forget { bucket, name: name.to_owned() };
        known.then(self.order_templates(env, order))
    }

    fn order_templates(&mut self, env: &mut Env<'_>, order: TemplateOrder) -> Done {
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Templates, &mut done.effects);
        done.effects.push(Effect::Templates(job, order));
        done
    }

    /// Takes in the saved templates, and what was done to one.
    pub fn templates_read(
        &mut self,
        env: &mut Env<'_>,
        job: JobId,
        read: Result<(Vec<SavedTemplate>, Option<String>), String>,
    ) -> Done {
        if !env.jobs.finish(Task::Templates, job) {
            return Done::nothing();
        }
        match read {
            Ok((saved, done)) => {
                self.templates.saved = saved;
                done.map_or_else(Done::nothing, |said| Done::said(Message::fine(said)))
            }
            Err(fault) => Done::said(Message::error(fault)),
        }
    }
}

/// `…/{stem}.{lang}.vtt fits 8,412 rows: 8,390 exist, 22 do not.`, shortened to a narrow window.
fn offer(learnt: &LearntTemplate, width: usize) -> String {
    let applied = &learnt.applied;
    let fits = counted(applied.fits(), "row");
    let (exist, others) = (applied.count(Fit::Exist), applied.count(Fit::NotListed));
    let words = match applied.has_list() {
        true => format!(" fits {fits}: {} exist, {} do not.", thousands(exist), thousands(others)),
        false => format!(" fits {fits}; whether they exist is not known."),
    };
    let room = width.saturating_sub(words.width() + "  T shows them".len() + 2);
    let mut template = learnt.template.to_string();
    while template.width() > room {
        // Cut from the left, at a slash: the name is the most telling part.
        let rest = template.trim_start_matches('…').trim_start_matches('/');
        let Some((_, shorter)) = rest.trim_start_matches("s3://").split_once('/') else { break };
        template = format!("…/{shorter}");
    }
    template + &words
}
