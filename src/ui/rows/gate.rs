//! Draws the gate before a send row by row: what goes, what can't, and how to confirm it.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::time::Duration;

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::Layout;
use crate::app::model::Model;
use crate::app::msg::RowsReady;
use crate::app::screens::rows::{RowsBlock, RowsGate, RowsNeeded, Whole, block};
use crate::domain::format::{length, row_number};
use crate::domain::manifest::{Field, RowId};
use crate::domain::rows::{AT_ONCE, CannotGo, Quota, SentRow, Tally};
use crate::ui::body::{VALUE_AT, counted, file_part, head, labelled, marked, told, write_lines};
use crate::ui::frame::{Title, line_width};
use crate::ui::text::{cut_end, cut_middle, pad_left, pad_to, safe, thousands, width, without_secret, wrap};
use crate::ui::theme::{Mark, Theme};
use crate::ui::{confirm, sent_before};

/// From this width on, the request is shown as a curl command, and the rows that can't go by name.
const WIDE: u16 = 110;
/// Most rows that are listed because they can't go.
const LISTED: usize = 4;
/// A guess at the pace until there is one, in rows a second.
const PACE: u64 = 2;
/// The usual limit of tasks a day.
const A_DAY: u64 = 1_000;

pub fn draw(model: &Model, gate: &RowsGate, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let ready = gate.ready.as_deref();
    let phrase = match ready.and_then(|ready| ready.attempt) {
        Some(attempt) => {
            let answered = ready.map_or(0, |ready| ready.plan.asked);
            let rows = counted(ready.map_or(0, |ready| u64::from(ready.plan.rows)), "row");
            format!("goes on with attempt {attempt}, {} of {rows} were asked", thousands(answered))
        }
        None => "nothing of this file was sent on this route".to_owned(),
    };
    let title = Title { name: "row by row", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(frame.buffer_mut(), layout, theme, layout.body, &title, "");
    let cells = layout.window.width.saturating_sub(2);
    let room = usize::from(cells).saturating_sub(VALUE_AT);

    let mut lines = form(model, gate, theme, room);
    if let Some(ready) = ready {
        lines.push(Line::default());
        lines.extend(cannot(model, gate, ready, theme, usize::from(cells)));
        lines.extend(before(model, ready, theme, usize::from(cells)));
        if layout.window.width >= WIDE {
            lines.extend(listed(model, gate, ready, theme, usize::from(cells)));
            if !ready.curl.is_empty() {
                lines.push(Line::default());
                lines.extend(confirm::curl(theme, &ready.curl, " of row 1", room));
            }
        }
    }
    lines.push(Line::default());
    lines.extend(last(model, gate, theme, usize::from(cells)));
    confirm::fit(&mut lines, layout.body.height);
    write_lines(frame.buffer_mut(), layout.body, &lines);
    confirm::input(frame, layout, theme, &gate.confirmation, &lines);
}

fn form(model: &Model, gate: &RowsGate, theme: &Theme, room: usize) -> Vec<Line<'static>> {
    let cut = |text: &str| Span::raw(cut_end(text, room, theme.ellipsis()));
    let unknown = || Span::styled(theme.not_known(), theme.dim());
    let ready = gate.ready.as_deref();
    let of = |text: Option<String>| text.map_or_else(unknown, |text| cut(&text));

    let mut to = Vec::new();
    let mut left = room;
    if let Some(profile) = &model.options.profile {
        let profile = cut_end(profile, 16, theme.ellipsis());
        left = left.saturating_sub(width(&profile) + 2);
        to.extend([Span::styled(profile, theme.bold()), Span::raw("  ")]);
    }
    let address = model.options.address.as_ref().map(|address| address.single()).unwrap_or_default();
    let each = ", one POST for each row";
    let each = if width(&address) + each.len() > left { ", one POST a row" } else { each };
    let address = cut_middle(&address, left.saturating_sub(each.len()), theme.ellipsis());
    to.push(Span::raw(format!("{address}{each}")));

    let session = model.session();
    let saved = session.and_then(|session| session.saved_at).map(|at| format!(", saved {}", at.clock()));
    let same = ready
        .map_or("", |ready| if ready.facts.same_on_disk { ", same bytes on disk" } else { ", other bytes on disk" });
    let known = format!("{}{same}", saved.unwrap_or_default());
    let name = session.map(|session| session.name()).unwrap_or_default();
    let name = cut_middle(&name, room.saturating_sub(known.len()), theme.ellipsis());

    // What could go is told only where it may.
    let is_barred = goes_none(model, gate);
    let rows = ready.map(|ready| if is_barred { 0 } else { ready.plan.going.len() as u64 });
    let requests = rows.map(|rows| match rows {
        0 => "none".to_owned(),
        rows => format!("{}, at most {AT_ONCE} at once; each row is recorded before and after", thousands(rows)),
    });
    let of_going = |tell: &dyn Fn(&RowsReady) -> String| {
        of(ready.map(|ready| if is_barred { "none".to_owned() } else { tell(ready) }))
    };
    let why = gate.why.as_deref().unwrap_or("you asked for it");
    let mut lines = vec![
        labelled(theme, "to", to),
        labelled(theme, "why", [cut(why)]),
        labelled(theme, "file", [Span::raw(format!("{name}{known}"))]),
        labelled(theme, "sha-256", [of(ready.map(|ready| ready.facts.fingerprint.hex()))]),
        labelled(theme, "requests", [of(requests)]),
        labelled(theme, "limit", [cut(&limit(model, ready.and_then(|ready| ready.quota)))]),
        labelled(theme, "time", [of(rows.map(time))]),
        labelled(theme, "videos", [of_going(&|ready| videos(model, gate, ready, room))]),
        labelled(theme, "transcripts", [of_going(&transcripts)]),
    ];
    let key = match ready.map(|ready| ready.facts.key_origin.as_deref()) {
        None => unknown(),
        Some(origin) => cut(origin.unwrap_or("none")),
    };
    lines.push(labelled(theme, "key", [key]));
    if let Some(proxy) = ready.and_then(|ready| ready.facts.proxy.as_ref()) {
        lines.push(labelled(theme, "proxy", [cut(proxy)]));
    }
    lines
}

/// `987 of 1,000 tasks left, back at 00:00`
fn limit(model: &Model, quota: Option<Quota>) -> String {
    let Some(Quota { left, most, reset_s }) = quota else { return "not told yet; the first answer tells".to_owned() };
    let most = most.map(|most| format!(" of {}", thousands(most))).unwrap_or_default();
    let reset = reset_s.map(|at| at.saturating_mul(1_000));
    let back = reset.map(|at| format!(", back at {}", model.now.at(at).short_clock())).unwrap_or_default();
    let wait = reset.filter(|_| left == 0).and_then(|at| u64::try_from(at - model.now.unix_ms).ok());
    let wait =
        wait.map(|ms| format!(": the first row waits {}", length(Duration::from_millis(ms)))).unwrap_or_default();
    let tasks = if wait.is_empty() { " tasks" } else { "" };
    format!("{}{most}{tasks} left{back}{wait}", thousands(left))
}

/// `about 5 min at 2 a second, if no other limit holds`
fn time(rows: u64) -> String {
    let seconds = rows.div_ceil(PACE);
    let about = match seconds {
        0 => return "none: no row goes".to_owned(),
        1..60 => format!("about {seconds} s"),
        60..3_600 => format!("about {} min", seconds / 60),
        _ => format!("{}:{:02} h", seconds / 3_600, seconds / 60 % 60),
    };
    match rows.div_ceil(A_DAY) {
        0 | 1 => format!("{about} at {PACE} a second, if no other limit holds"),
        days => format!("{about} at {PACE} a second; {days} days if {} a day hold", thousands(A_DAY)),
    }
}

fn videos(model: &Model, gate: &RowsGate, ready: &RowsReady, room: usize) -> String {
    let by_link = ready.plan.by_link();
    let public = ready.plan.going.len() as u64 - by_link;
    let private = ready.plan.cannot.iter().filter(|(_, why)| *why == CannotGo::Private).count() as u64;
    let mut words = match (public, by_link) {
        (0, 0) => "none".to_owned(),
        (0, by_link) => format!("{} by presigned link, 60 min each", thousands(by_link)),
        _ => format!("{} by public address", thousands(public)),
    };
    let mut add = |more: String| {
        if width(&words) + width(&more) <= room {
            words.push_str(&more);
        }
    };
    if by_link > 0 {
        if public > 0 {
            add(format!(", {} by presigned link, 60 min each", thousands(by_link)));
        }
        add(", made when sent, stored nowhere".to_owned());
    }
    if private > 0 {
        let ones = if private == 1 { "private one" } else { "private ones" };
        let help = match (ready.can_sign, gate.by_link) {
            (true, false) => format!(" ({}: by presigned link)", key(model, Action::PresignedLinks)),
            _ => "; --aws would let them".to_owned(),
        };
        add(format!("; {} {ones} cannot go{help}", thousands(private)));
    }
    if ready.unchecked > 0 {
        add(format!("; {} not checked: public is assumed", counted(ready.unchecked, "row")));
    }
    words
}

fn transcripts(ready: &RowsReady) -> String {
    let lost = ready.plan.cannot.iter().filter(|(_, why)| *why == CannotGo::TranscriptLost).count() as u64;
    if lost > 0 {
        return format!("this version takes no transcript: {} would be lost", thousands(lost));
    }
    let with = ready.plan.going.iter().filter(|going| going.with_transcript).count() as u64;
    match ready.plan.going.len() as u64 - with {
        0 if with == 0 => "none".to_owned(),
        0 => format!("{} by public address", thousands(with)),
        without if with == 0 => format!("none: {} without", counted(without, "row")),
        without => format!("{} by public address, {} without", thousands(with), thousands(without)),
    }
}

/// Whether no row goes, whatever could: all of them went before, or are going now.
fn goes_none(model: &Model, gate: &RowsGate) -> bool {
    let against = model.session().and_then(|session| block(session, &model.options, gate));
    matches!(against, Some(RowsBlock::SentBefore(_) | RowsBlock::UnderWay(_)))
}

/// `- 7 of 640 rows cannot go   ✗ 2 errors   ○ 5 without transcript   } shows them`, and what was asked before. In a narrow
/// window it takes more lines: none of it is cut.
fn cannot(model: &Model, gate: &RowsGate, ready: &RowsReady, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    if goes_none(model, gate) {
        return Vec::new();
    }
    let (cannot, going, rows) = (ready.plan.cannot_go(), ready.plan.going.len() as u64, u64::from(ready.plan.rows));
    let mut lines = Vec::new();
    if cannot > 0 {
        let words = format!(" {} of {} cannot go", thousands(cannot), counted(rows, "row"));
        let mut parts = vec![vec![theme.mark(Mark::Excluded), Span::raw(words)]];
        parts.extend(ready.plan.reasons().into_iter().map(|(why, words)| {
            let (mark, _) = reason(model, 0, why);
            vec![theme.mark(mark), Span::raw(format!(" {words}"))]
        }));
        parts.push(vec![Span::styled(key(model, Action::NextProblem), theme.key()), Span::raw(" shows them")]);
        lines.extend(filled(parts, cells));
    } else if going == rows {
        lines.push(marked(theme, Mark::Ok, &format!("all {} can go", counted(rows, "row"))));
    } else if going > 0 {
        lines.push(marked(theme, Mark::Ok, &format!("{} of {} can go", thousands(going), counted(rows, "row"))));
    }
    if ready.plan.asked > 0 {
        let (were, they) = if ready.plan.asked == 1 { ("was", "it is") } else { ("were", "they are") };
        let asked = Tally::of_states(ready.rows.iter().map(SentRow::state_now));
        let asked = Tally { not_sent: 0, ..asked }.in_short();
        let text = format!("{} {were} asked before: {asked}; {they} left out", counted(ready.plan.asked, "row"));
        lines.extend(wrap(&text, cells.saturating_sub(2)).into_iter().map(|line| Line::raw(format!("  {line}"))));
    }
    lines
}

/// Parts of a line with blanks between them; those that have no room stand in the next line.
fn filled(parts: Vec<Vec<Span<'static>>>, cells: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for part in parts {
        let part = Line::from(part);
        let has_room = |line: &Line<'_>| usize::from(line_width(line) + line_width(&part)) + 3 <= cells;
        match lines.last_mut() {
            None => lines.push(part),
            Some(line) if has_room(line) => {
                line.push_span("   ");
                line.spans.extend(part.spans);
            }
            Some(_) => {
                let indent = std::iter::once(Span::raw("  "));
                lines.push(indent.chain(part.spans).collect::<Vec<_>>().into());
            }
        }
    }
    lines
}

/// What other attempts had of the rows: those that were accepted are left out.
fn before(model: &Model, ready: &RowsReady, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    if ready.before.is_empty() {
        return Vec::new();
    }
    let mut lines = sent_before::lines(model, theme, &ready.before, cells, false);
    let left_out = ready.plan.left_out.len() as u64;
    if left_out > 0 {
        let words = if left_out == 1 { "1 row is left out" } else { "rows are left out" };
        let count = if left_out == 1 { String::new() } else { format!("{} ", thousands(left_out)) };
        lines.push(Line::raw(format!("  {count}{words}: accepted before, and not sent again row by row")));
    } else if !ready.before.blocks() {
        let (mark, words) = sent_before::in_short(&ready.before);
        lines = vec![Line::from(vec![theme.mark(mark), Span::raw(format!(" {words}"))])];
    }
    lines
}

/// The first rows that can't go, with their reason.
fn listed(model: &Model, gate: &RowsGate, ready: &RowsReady, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let shown = || ready.plan.cannot.iter().filter(|(_, why)| *why != CannotGo::Excluded);
    if shown().next().is_none() {
        return Vec::new();
    }
    let mut lines = vec![Line::default()];
    for (row, why) in shown().take(LISTED) {
        let name = gate.snapshot.value(*row, Field::Object).text().to_owned();
        let name = cut_middle(file_part(&without_secret(&name)), 28, theme.ellipsis());
        let (mark, why) = reason(model, *row, *why);
        let mut line = vec![Span::raw(format!("{}  {}  ", pad_left(&row_number(*row), 7), pad_to(&safe(&name), 28)))];
        line.extend([
            theme.mark(mark),
            Span::raw(format!(" {}", cut_end(&why, cells.saturating_sub(42), theme.ellipsis()))),
        ]);
        lines.push(Line::from(line));
    }
    if let Some(more) = (ready.plan.cannot_go() as usize).checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(Line::raw(format!("         and {} more", thousands(more as u64))));
    }
    lines
}

/// Why a row can't go: an error by its rule.
pub(super) fn reason(model: &Model, row: RowId, why: CannotGo) -> (Mark, String) {
    let rule = || {
        let session = model.session()?;
        let hit = session.findings.as_ref()?.of_row(session.now(), row).into_iter().next()?;
        Some(format!("{}  {}", hit.rule.code(), hit.rule.title()))
    };
    match why {
        CannotGo::Error => (Mark::Error, rule().unwrap_or_else(|| "error".to_owned())),
        CannotGo::WithoutTranscript => (Mark::Missing, "without transcript".to_owned()),
        CannotGo::TranscriptLost => (Mark::Error, "its transcript would be lost".to_owned()),
        CannotGo::Private => (Mark::Excluded, "private".to_owned()),
        CannotGo::Repeats(first) => (Mark::Excluded, format!("same index and video as row {}", row_number(first))),
        CannotGo::NotAskable => (Mark::Error, "a key with . or .. between slashes".to_owned()),
        CannotGo::UnknownBefore(attempt) => (Mark::Unknown, format!("unknown in attempt {attempt}")),
        CannotGo::Excluded => (Mark::Excluded, "excluded".to_owned()),
    }
}

fn key(model: &Model, action: Action) -> String {
    model.keymap.key_for(&[Scope::RowsGate], action).map(|key| safe(&key).into_owned()).unwrap_or_default()
}

/// How to confirm, or what blocks it.
fn last(model: &Model, gate: &RowsGate, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let against = model.session().and_then(|session| block(session, &model.options, gate));
    match (&against, &gate.confirmation.input) {
        (Some(RowsBlock::Type(need)), Some(_)) => {
            let to = if *need == RowsNeeded::WithoutTranscripts { "to lose them" } else { "to send" };
            confirm::to_type(model, theme, need.words(), to)
        }
        (Some(block), _) => {
            let mark = match block {
                RowsBlock::Gathering | RowsBlock::Checking => Mark::Checking,
                RowsBlock::Type(_) | RowsBlock::SentBefore(Whole::Accepted { .. }) => Mark::Warning,
                RowsBlock::AllSent => Mark::Ok,
                _ => Mark::Error,
            };
            told(model, theme, mark, &block.message(model.now), cells)
        }
        (None, _) => {
            let host = model.options.address.as_ref().map(|address| address.host()).unwrap_or_default();
            let rows = gate.ready.as_ref().map_or(0, |ready| ready.plan.going.len() as u64);
            let send = format!("send {} one by one to {}", counted(rows, "row"), safe(&host));
            confirm::choices(model, theme, Scope::RowsGate, &send)
        }
    }
}
