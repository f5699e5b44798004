//! Draws the problems by rule, and the rows of the selected rule. Computes fixes only for visible rows.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::Span;

use super::body::{counted, file_part, head, key_and, place_in, window, write, write_right};
use super::difference::names_apart;
use super::frame::{Title, rect, titled_rule};
use super::text::{cut_end, cut_middle, pad_left, pad_to, thousands, width, without_secret};
use super::theme::{Cursor, Gutter, Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::Problems;
use crate::app::session::Session;
use crate::domain::findings::Group;
use crate::domain::fixes::fix_for;
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::rules::{Fix, Rule, Severity};

/// Right end of the counts, exclusive.
const COUNT_END: u16 = 32;

pub fn draw(model: &Model, screen: &Problems, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let buffer = frame.buffer_mut();
    let panes = layout.problems(u16::try_from(screen.groups.len()).unwrap_or(u16::MAX));
    let phrase = phrase(session, screen);
    let title = Title { name: "problems", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };

    let Some(group) = screen.groups.get(screen.scroll.cursor) else {
        head(buffer, layout, theme, layout.body, &title, "");
        let total = u64::from(session.total());
        let said = match (&session.findings, &session.checking) {
            (_, Some(checking)) => {
                format!("So far, {} of {} rows checked.", thousands(checking.done.into()), thousands(total))
            }
            (None, None) => "The rows are not checked yet.".to_owned(),
            (Some(_), None) => format!("No problems in {}.", counted(total, "row")),
        };
        write(buffer, layout.body, layout.body.y, 1, said);
        if let Some(so_far) = so_far(session) {
            write(buffer, layout.body, layout.body.y + 1, 1, so_far);
        }
        return;
    };
    let place = format!("rule {}", place_in(screen.scroll, screen.groups.len(), panes.main.height));
    head(buffer, layout, theme, panes.main, &title, &place);
    groups(buffer, theme, screen, Area { width: panes.main.width.saturating_sub(1), ..panes.main });
    if let Side::Below { rule, area } = panes.side {
        let name = format!("{}, {}", group.rule.code(), counted(screen.rows.len() as u64, "row"));
        let place = match place_in(screen.row_scroll, screen.rows.len(), area.height) {
            none if none.is_empty() => none,
            place => format!("row {place}"),
        };
        titled_rule(buffer, layout, theme, rule, &name, &place, screen.in_rows);
        let area = Area { width: area.width.saturating_sub(1), ..area };
        rows_of(buffer, model, layout, theme, screen, group.rule, area);
    }
}

/// `29 findings in 27 rows, 3 rules`. As in the tallies, notes are not among the findings.
fn phrase(session: &Session, screen: &Problems) -> String {
    let count = |is_note: bool| -> u64 {
        let of_kind = screen.groups.iter().filter(|group| (group.severity == Severity::Note) == is_note);
        of_kind.map(|group| group.count).sum()
    };
    let (findings, notes) = (count(false), count(true));
    let found =
        (findings > 0).then(|| format!("{} in {}", counted(findings, "finding"), counted(screen.affected, "row")));
    let noted = (notes > 0).then(|| counted(notes, "note"));
    let rules = screen.groups.iter().filter(|group| group.count > 0).count() as u64;
    let rules = (rules > 0).then(|| counted(rules, "rule"));
    let parts: Vec<String> = found.into_iter().chain(noted).chain(rules).collect();
    let more_to_come = if !parts.is_empty() && session.online.sweep.is_some() { " so far" } else { "" };
    parts.join(", ") + more_to_come
}

/// Progress of the online check of many rows, while one runs.
fn so_far(session: &Session) -> Option<String> {
    session.online.sweep.as_ref()?;
    let progress = &session.online.progress;
    Some(format!("so far, {} of {} links checked", thousands(progress.done), thousands(progress.total)))
}

fn groups(buffer: &mut Buffer, theme: &Theme, screen: &Problems, area: Area) {
    for (y, at) in (area.y..area.bottom()).zip(window(screen.scroll, screen.groups.len(), area.height)) {
        let Some(group) = screen.groups.get(at) else { break };
        one_group(buffer, theme, group, area, y);
        if at == screen.scroll.cursor {
            mark_row(buffer, theme, Area { y, height: 1, ..area }, !screen.in_rows);
        }
    }
}

fn mark_row(buffer: &mut Buffer, theme: &Theme, area: Area, focused: bool) {
    let cursor = if focused { Cursor::Here } else { Cursor::HereUnfocused };
    let [bar, ..] = theme.gutter(Gutter { cursor, ..Gutter::default() });
    theme.stand_out(buffer, rect(area));
    write(buffer, area, area.y, area.x, bar);
}

fn one_group(buffer: &mut Buffer, theme: &Theme, group: &Group, area: Area, y: u16) {
    let (mark, style) = match group.severity {
        Severity::Error => (Mark::Error, theme.bold()),
        Severity::Warning => (Mark::Warning, theme.plain()),
        Severity::Note => (Mark::Note, theme.plain()),
    };
    let code = group.rule.code();
    let count = thousands(group.count);
    write(buffer, area, y, 2, vec![theme.mark(mark), Span::raw(" "), Span::styled(code, style)]);
    // A long code or count pushes the title to the right.
    let count_end = COUNT_END.max(u16::try_from(4 + code.len() + 1 + count.len()).unwrap_or(COUNT_END));
    write_right(buffer, area, y, count_end, count);
    let title_at = count_end + 3;
    let title_room = usize::from(area.right().saturating_sub(title_at));
    let fixes = match group.fixes {
        0 => String::new(),
        1 => "1 fix".to_owned(),
        n => format!("{} fixes", thousands(n)),
    };
    // The number of fixes is shown only if the title stays whole.
    let title = group.rule.title();
    write(buffer, area, y, title_at, cut_end(title, title_room, theme.ellipsis()));
    if title_room >= 2 + width(title) + width(&fixes) {
        write_right(buffer, area, y, area.right(), fixes);
    }
}

fn rows_of(
    buffer: &mut Buffer,
    model: &Model,
    layout: &Layout,
    theme: &Theme,
    screen: &Problems,
    rule: Rule,
    area: Area,
) {
    let Some(session) = model.session() else { return };
    let digits = usize::from(layout.digits);
    let x = area.x + 2;
    let names = area.right().saturating_sub(x + layout.digits + 2);
    // Two names and a fix share the rest, with gaps of two cells.
    let name = usize::from(names.saturating_sub(4) / 3);
    let in_sight = window(screen.row_scroll, screen.rows.len(), area.height);
    let rows = || in_sight.clone().filter_map(|at| Some((at, *screen.rows.get(at)?)));
    let names = |field: Field| {
        let values: Vec<_> = rows().map(|(_, row)| session.now().value(row, field)).collect();
        let texts = values.iter().map(|value| without_secret(value.text()));
        match field {
            Field::Transcription | Field::Object => names_apart(texts, name, theme.ellipsis()),
            _ => texts.map(|text| cut_middle(&text, name, theme.ellipsis())).collect(),
        }
    };
    let both = names(Field::Object).into_iter().zip(names(rule_field(rule)));
    for ((y, (at, row)), (video, other)) in (area.y..area.bottom()).zip(rows()).zip(both) {
        let mut line = vec![Span::raw(pad_left(&row_number(row), digits)), Span::raw("  ")];
        line.extend([Span::raw(pad_to(&video, name + 2)), Span::raw(other)]);
        write(buffer, area, y, x, line);
        let fix = session.findings.as_deref().and_then(|findings| fix_for(findings, session.now(), row, rule));
        if let Some(fix) = fix {
            let words = cut_end(&fix_words(session, row, &fix), name.saturating_sub(2), theme.ellipsis());
            write_right(buffer, area, y, area.right(), key_and(model, theme, Action::Fix, &words));
        }
        if at == screen.row_scroll.cursor && screen.in_rows {
            mark_row(buffer, theme, Area { y, height: 1, ..area }, true);
        }
    }
}

/// The field shown beside the video: the one that the rule is about.
fn rule_field(rule: Rule) -> Field {
    match rule {
        Rule::IndexIdFormat | Rule::IndexMixed | Rule::IndexNotFound | Rule::IndexExpired | Rule::IndexAudio => {
            Field::IndexId
        }
        Rule::LanguageEmpty | Rule::LanguageUndocumented | Rule::LanguageMismatch => Field::Language,
        _ => Field::Transcription,
    }
}

/// Describes a fix in two or three words.
fn fix_words(session: &Session, row: RowId, fix: &Fix) -> String {
    match fix {
        Fix::Exclude => "exclude".to_owned(),
        Fix::Set(field, value) => {
            let now = session.now().value(row, *field);
            match value.strip_prefix(now.text()) {
                Some(added) if !now.text().is_empty() && !added.is_empty() => format!("add {added}"),
                _ if file_part(value) == file_part(now.text()) => format!("use {value}"),
                _ => format!("use {}", file_part(value)),
            }
        }
    }
}
