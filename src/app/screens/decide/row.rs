//! The current row: its candidates, the state of its neighbours, and the question about it.

use super::{Decide, MOST};
use crate::app::next::Ask;
use crate::app::session::Session;
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Class, Proposal};
use crate::domain::printable::printable;
use crate::domain::s3_url::{key, without_secret};

/// A candidate, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Index into the list; None for the row's own transcript if no list has it.
    pub key: Option<u32>,
    pub url: String,
    /// `same name`, `claimed by 7,210`, `used now`
    pub word: String,
    /// In bytes.
    pub size: Option<u64>,
    pub modified: Option<String>,
}

/// The state of a row beside the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    TakenNow,
    Taken,
    Filled,
    Left,
    Sure,
    LikeThis,
    ToDecide,
    NothingFits,
    Excluded,
}

impl Neighbour {
    pub const fn words(self) -> &'static str {
        match self {
            Neighbour::TakenNow => "taken now",
            Neighbour::Taken => "taken",
            Neighbour::Filled => "filled",
            Neighbour::Left => "left",
            Neighbour::Sure => "sure",
            Neighbour::LikeThis => "to decide, like this one",
            Neighbour::ToDecide => "to decide",
            Neighbour::NothingFits => "nothing fits",
            Neighbour::Excluded => "excluded",
        }
    }
}

impl Decide {
    /// Looks up the candidates of the current row.
    pub(super) fn look(&mut self, session: &Session) {
        let held = self.hand.and_then(|at| self.choices.get(at)).map(|choice| choice.url.clone());
        let was = self.choices.first().map(|choice| choice.url.clone());
        self.choices.clear();
        self.fitting = 0;
        self.hand = None;
        let (Some(row), Some(pairing)) = (self.row(), self.pairing(session)) else { return };
        let now = session.now().value(row, Field::Transcription);
        let proposal = pairing.of_row(row);
        let keys = proposal.map(|proposal| pairing.choices(proposal)).unwrap_or_default();
        let mut all: Vec<(Option<u32>, String)> = keys.iter().map(|key| (Some(*key), pairing.url(*key))).collect();
        if self.ask == Ask::Contradict || (!now.is_empty() && !all.iter().any(|(_, url)| url == now.text())) {
            let own = all.iter().position(|(_, url)| url == now.text()).map(|at| all.remove(at));
            all.insert(0, own.unwrap_or_else(|| (None, without_secret(now.text()).into_owned())));
        }
        self.fitting = all.len();
        let choice = |(key, url): (Option<u32>, String)| {
            let word = match (key, proposal) {
                _ if !now.is_empty() && url == now.text() => "used now".to_owned(),
                (Some(key), Some(proposal)) if proposal.transcript() == Some(key) => "proposed".to_owned(),
                (Some(key), Some(proposal)) => pairing.candidate(proposal, key),
                _ => "used now".to_owned(),
            };
            let listed = key.and_then(|key| pairing.keys().get(key));
            let (size, modified) = listed.map_or((None, None), |key| (key.size, key.modified.clone()));
            Choice { key, url, word, size, modified }
        };
        self.choices = all.into_iter().take(MOST).map(choice).collect();
        let is_better = self.ask != Ask::Contradict
            && proposal.is_some_and(|proposal| proposal.transcript().is_some())
            && !self.choices.is_empty();
        // Facts that arrive about the candidates don't change the selected one.
        let same_row = was.is_some() && was == self.choices.first().map(|choice| choice.url.clone());
        let kept = held.filter(|_| same_row).and_then(|url| self.choices.iter().position(|choice| choice.url == url));
        self.hand = kept.or(is_better.then_some(0));
    }

    pub fn neighbour(&self, session: &Session, row: RowId) -> Neighbour {
        let now = session.now();
        if now.is_excluded(row) {
            return Neighbour::Excluded;
        }
        if !now.value(row, Field::Transcription).is_empty() {
            return match () {
                () if self.done.contains(row) => Neighbour::TakenNow,
                () if session.proposals.took.contains(row) => Neighbour::Taken,
                () => Neighbour::Filled,
            };
        }
        if session.proposals.left.contains(row) {
            return Neighbour::Left;
        }
        let of_row = |row| session.proposals.pairing.as_ref().and_then(|pairing| pairing.of_row(row));
        let Some(proposal) = of_row(row) else { return Neighbour::NothingFits };
        match (proposal.is_sure(), proposal.question()) {
            (true, _) => Neighbour::Sure,
            (_, Some(question)) => {
                let own = self.row().and_then(of_row).and_then(Proposal::question);
                if own == Some(question) { Neighbour::LikeThis } else { Neighbour::ToDecide }
            }
            (_, None) => Neighbour::NothingFits,
        }
    }
}

/// The question about the current row; for a row that is only looked through, the reason for its proposal.
pub fn question(decide: &Decide, session: &Session) -> String {
    let (Some(row), Some(pairing)) = (decide.row(), decide.pairing(session)) else { return String::new() };
    let Some(proposal) = pairing.of_row(row) else {
        let word = if session.proposals.took.contains(row) { "taken" } else { "filled" };
        return format!("{word} before these proposals were made");
    };
    match decide.ask {
        Ask::Contradict => {
            let told = session.proposals.comparison.as_ref();
            let better = told.and_then(|told| {
                let at = told.comparison.rows.binary_search_by_key(&row, |compared| compared.row).ok()?;
                told.comparison.rows.get(at)?.better
            });
            match better.map(|key| pairing.url(key)) {
                Some(url) => format!("by its name {} is its transcript", printable(key::file_name(&url))),
                None => "by its name this is not its transcript".to_owned(),
            }
        }
        Ask::All | Ask::Class(_) => pairing.question(proposal).unwrap_or_else(|| pairing.reason(proposal)),
        Ask::Through(Class::None) => match pairing.nearest(row) {
            Some((near, veto)) => {
                format!("nothing fits. Near: {}, {veto}", printable(key::file_name(&pairing.url(near))))
            }
            None => "nothing fits. Near: none".to_owned(),
        },
        Ask::Through(_) => pairing.reason(proposal),
    }
}
