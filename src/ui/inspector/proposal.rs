//! What is proposed for the row in hand: the key and why, the candidates that want a decision, or what came nearest. It must
//! never look like something that is in the file.

use ratatui::text::{Line, Span};

use super::Inspector;
use crate::app::action::Action;
use crate::domain::pair::{Class, Pairing, Proposal};
use crate::domain::s3_url::key;
use crate::ui::body::{apart, key_and, shown_key};
use crate::ui::text::{cut_end, cut_key, safe, thousands, width, wrap};
use crate::ui::theme::Mark;

const TEMPLATE: &str = "template";
/// Candidates that are listed.
const MOST: usize = 9;
const FEW: usize = 3;

impl<'a> Inspector<'a> {
    fn proposal(&self) -> Option<(&'a Pairing, &'a Proposal)> {
        let proposal = self.session.proposal_of(self.row)?;
        Some((self.session.proposals.pairing.as_deref()?, proposal))
    }

    fn key_of(&self, action: Action, words: &str) -> Vec<Span<'static>> {
        key_and(self.model, self.theme, action, words)
    }

    /// The sign and its word, what is said, and what answers it.
    fn said(&self, pairing: &Pairing, proposal: &Proposal) -> (Mark, &'static str, String, Vec<Span<'static>>) {
        match proposal.class {
            Class::None => {
                let near = match pairing.nearest(self.row) {
                    Some((near, veto)) => format!("near: {}, {veto}", file(pairing, near)),
                    None => "near: none".to_owned(),
                };
                (Mark::Missing, "nothing fits", near, Vec::new())
            }
            class if proposal.is_sure() => {
                (Mark::Choice, class.name(), pairing.reason(proposal), self.key_of(Action::Fix, "take it"))
            }
            class => {
                let question = pairing.question(proposal).unwrap_or_else(|| pairing.reason(proposal));
                (Mark::Choice, class.name(), question, self.key_of(Action::Pick, "pick"))
            }
        }
    }

    fn head(&self, mark: Mark, word: &'static str) -> Vec<Span<'static>> {
        vec![Span::raw(self.theme.glyph(mark)), Span::raw(" "), Span::styled(word, self.theme.bold())]
    }

    /// The keys to choose from; of a sure proposal the cell of the table shows it.
    fn choices(pairing: &Pairing, proposal: &Proposal, most: usize) -> (Vec<String>, usize) {
        if proposal.is_sure() || proposal.class == Class::None {
            return (Vec::new(), 0);
        }
        let keys = pairing.choices(proposal);
        let name = |key: &u32| pairing.keys().name(*key).map_or_else(String::new, |(_, key)| key.to_owned());
        (keys.iter().take(most).map(name).collect(), keys.len())
    }

    /// What the offered template says of the row, unless a proposal is surer: the key, and what is known of it.
    fn templated(&self) -> Option<(String, &'static str)> {
        let (url, is_listed) = self.session.templated(self.row)?;
        let is_sure = self.proposal().is_some_and(|(_, proposal)| proposal.is_sure());
        let known = if is_listed { "is in the list" } else { "whether it exists is not known" };
        (!is_sure).then(|| (shown_key(self.session, &url).to_owned(), known))
    }

    pub(super) fn templated_tall(&self, cells: usize) -> Vec<Line<'static>> {
        let Some((key, known)) = self.templated() else { return Vec::new() };
        let mut lines = vec![Line::from(self.head(Mark::Choice, TEMPLATE))];
        lines.extend(wrap(&key, cells.saturating_sub(2)).into_iter().map(|line| Line::raw(format!("  {line}"))));
        let take = Line::from(self.key_of(Action::Fix, "take it"));
        lines.push(apart(Line::raw(format!("  {known}")), take, u16::try_from(cells).unwrap_or(u16::MAX)));
        lines
    }

    pub(super) fn templated_flat(&self, cells: usize) -> Vec<Line<'static>> {
        let Some((key, known)) = self.templated() else { return Vec::new() };
        let take = self.key_of(Action::Fix, "take it");
        let taken: usize = take.iter().map(|span| width(&span.content)).sum();
        let mut first = self.head(Mark::Choice, TEMPLATE);
        let room = cells.saturating_sub(2 + TEMPLATE.len() + 3 + 2 + width(known) + 2 + taken);
        first.push(Span::raw("   "));
        first.extend(cut_key(&key, room, self.theme.ellipsis()).spans(self.theme));
        first.push(Span::raw(format!("  {known}")));
        vec![apart(Line::from(first), Line::from(take), u16::try_from(cells).unwrap_or(u16::MAX))]
    }

    pub(super) fn proposed_tall(&self, cells: usize) -> Vec<Line<'static>> {
        let Some((pairing, proposal)) = self.proposal() else { return Vec::new() };
        let (mark, word, said, answer) = self.said(pairing, proposal);
        let mut lines = vec![Line::from(self.head(mark, word))];
        let indented = |text: &str| {
            let lines = wrap(text, cells.saturating_sub(2)).into_iter().map(|line| Line::raw(format!("  {line}")));
            lines.collect::<Vec<_>>()
        };
        let asking = proposal.question().and_then(|at| pairing.questions().get(at)).map_or(0, |question| question.rows);
        lines.extend(match asking {
            0 | 1 => indented(&said),
            rows => indented(&format!("{said}. {} rows ask this.", thousands(rows.into()))),
        });
        let (choices, all) = Self::choices(pairing, proposal, MOST);
        let left = all.saturating_sub(choices.len());
        choices.iter().for_each(|choice| lines.extend(indented(choice)));
        if left > 0 {
            lines.push(Line::styled(format!("  {} more", thousands(left as u64)), self.theme.dim()));
        }
        if !answer.is_empty() {
            let mut line = Line::raw("  ");
            line.spans.extend(answer);
            let to_decide = self.session.proposals.standing.as_ref().map_or(0, |standing| standing.to_decide());
            if to_decide > 1 && !proposal.is_sure() {
                let words = format!("decides all {}", thousands(to_decide.into()));
                line.push_span(", ");
                line.spans.extend(self.key_of(Action::Pair, &words));
            }
            lines.push(line);
        }
        lines
    }

    pub(super) fn proposed_flat(&self, cells: usize) -> Vec<Line<'static>> {
        let Some((pairing, proposal)) = self.proposal() else { return Vec::new() };
        let (mark, word, said, answer) = self.said(pairing, proposal);
        let taken: usize = answer.iter().map(|span| width(&span.content)).sum();
        let mut first = self.head(mark, word);
        let room = cells.saturating_sub(4 + width(word) + taken + 2);
        first.extend([Span::raw("  "), Span::raw(cut_end(&said, room, self.theme.ellipsis()))]);
        let mut lines = vec![apart(Line::from(first), Line::from(answer), u16::try_from(cells).unwrap_or(u16::MAX))];
        let (choices, all) = Self::choices(pairing, proposal, FEW);
        let left = all.saturating_sub(choices.len());
        for (at, choice) in choices.iter().enumerate() {
            let more = if at + 1 == FEW && left > 0 { format!("  {left} more") } else { String::new() };
            let text = cut_end(choice, cells.saturating_sub(2 + more.len()), self.theme.ellipsis());
            lines.push(Line::from(vec![Span::raw(format!("  {text}")), Span::styled(more, self.theme.dim())]));
        }
        lines
    }
}

fn file(pairing: &Pairing, at: u32) -> String {
    pairing.keys().name(at).map_or_else(String::new, |(_, name)| safe(key::file_name(name)).into_owned())
}
