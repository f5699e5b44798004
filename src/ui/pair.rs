//! Draws the pairs by class, with samples and with warnings about what to look at before taking anything. The counts were
//! computed in the background; sentences are made only for the few rows shown.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{SidePane, chosen_line, counted, head, side_pane, write, write_right};
use super::difference::names_apart;
use super::frame::Title;
use super::text::{cut_end, cut_middle, pad_left, pad_to, safe, thousands, width, without_secret, wrap};
use super::theme::{Mark, Theme};
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::Pair;
use crate::app::screens::pair::{Stage, stage};
use crate::app::session::{KeySource, KeysState, Session, SourceState, keys_state};
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Class, OfClass, Pairing, Standing, Verdict};
use crate::domain::s3_url::key;

/// Number of warnings and schemes that are listed.
const ALERTS: usize = 2;
const SCHEMES: usize = 2;
const SCHEMES_BESIDE: usize = 4;
/// Most cells for a sample's reason.
const REASON: usize = 30;

pub fn draw(model: &Model, screen: &Pair, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let buffer = frame.buffer_mut();
    let stage = stage(session, &model.jobs);
    let panes = layout.pair();
    let pairs =
        Pairs { model, session, screen, layout, theme, stage, is_beside: matches!(panes.side, Side::Beside(_)) };
    let phrase = pairs.phrase();
    // The number of keys gives way to the sums.
    let fits = |right: &String| 20 + width(&phrase) + width(right) <= usize::from(layout.window.width);
    let shorter = || Some(counted(session.keys.list.len().into(), "key")).filter(fits);
    let right = Some(pairs.keys_words()).filter(fits).or_else(shorter).filter(|_| !pairs.is_beside).unwrap_or_default();
    let title = Title { name: "pair", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    let is_whole = matches!(stage, Stage::NoRows | Stage::NoneLeft | Stage::Comparing | Stage::Compared);
    head(buffer, layout, theme, if is_whole { layout.body } else { panes.main }, &title, "");
    match stage {
        Stage::NoRows => return write(buffer, layout.body, layout.body.y, 1, "This manifest has no rows."),
        Stage::NoneLeft => {
            let rows = session.now().excluded_rows().len() as u64;
            let are = if rows == 1 { "is" } else { "are" };
            let words = format!("{} {are} excluded, none is left to pair.", counted(rows, "row"));
            return write(buffer, layout.body, layout.body.y, 1, words);
        }
        Stage::Comparing | Stage::Compared => return pairs.compared(buffer, panes.main),
        Stage::Working if !screen.is_slow(model.now) => return,
        _ => {}
    }
    pairs.classes(buffer, panes.main);
    side_pane(buffer, layout, theme, panes.side, |area, is_beside| {
        let class = screen.class();
        if is_beside {
            let lines = pairs.beside(area.width.into());
            return SidePane { title: class.name().to_owned(), right: pairs.counts(), lines };
        }
        let so_far = if stage == Stage::Reading { " so far" } else { "" };
        let rows = pairs.of_class(class).map(|of_class| counted(of_class.count.rows.into(), "row"));
        let title = rows.map_or_else(|| class.name().to_owned(), |rows| format!("{}, {rows}{so_far}", class.name()));
        SidePane { title, right: pairs.counts(), lines: pairs.below(area) }
    });
}

struct Pairs<'a> {
    model: &'a Model,
    session: &'a Session,
    screen: &'a Pair,
    layout: &'a Layout,
    theme: &'a Theme,
    stage: Stage,
    is_beside: bool,
}

/// Right ends of the three counts, and the column of the words.
struct Ends {
    rows: u16,
    sure: u16,
    to_decide: u16,
    why: u16,
}

impl Pairs<'_> {
    fn standing(&self) -> Option<&Standing> {
        self.session.proposals.standing.as_deref()
    }

    /// None while nothing is known of it.
    fn of_class(&self, class: Class) -> Option<&OfClass> {
        let is_known = matches!(self.stage, Stage::Reading | Stage::Pairs);
        self.standing().filter(|_| is_known).and_then(|standing| standing.of_class(class))
    }

    fn pairing(&self) -> Option<&Pairing> {
        let is_old = matches!(self.stage, Stage::Working | Stage::Stopped);
        self.session.proposals.pairing.as_deref().filter(|_| !is_old)
    }

    /// The three sums.
    fn phrase(&self) -> String {
        let count = |count: u32| thousands(count.into());
        let scope = self.session.proposals.scope.as_ref();
        let of = scope.map_or_else(String::new, |rows| format!("of {} selected: ", thousands(rows.len() as u64)));
        if matches!(self.stage, Stage::Comparing | Stage::Compared) {
            let told = self.session.proposals.comparison.as_ref();
            let rows = told.map(|told| Verdict::ALL.iter().map(|verdict| told.of(*verdict).len() as u64).sum::<u64>());
            let compared =
                rows.map_or_else(String::new, |rows| format!(" {} compared with their names", thousands(rows)));
            return format!("{of}no row is without a transcript.{compared}");
        }
        let is_partial = keys_state(self.session, &self.model.jobs) == KeysState::Partial;
        match self.stage {
            Stage::NoRows | Stage::NoneLeft => return String::new(),
            Stage::Reading => return format!("{of}so far, the list is still being read"),
            Stage::Working if self.screen.is_slow(self.model.now) => {
                return format!("{of}so far, names are still being compared");
            }
            Stage::Stopped if !is_partial => return format!("{of}stopped, nothing is paired"),
            _ => {}
        }
        let standing = self.standing().filter(|_| self.stage != Stage::Working);
        if is_partial && standing.is_none_or(|standing| standing.taken() == 0) {
            let keys = self.session.keys.list.len();
            return format!("{of}the list is not complete, {}", counted(keys.into(), "key"));
        }
        let Some(standing) = standing else { return String::new() };
        let taken = standing.taken();
        let mut parts = Vec::new();
        if taken > 0 {
            parts.push(format!("{} taken", count(taken)));
        }
        if taken == 0 || standing.open() > 0 {
            parts.push(format!("{} sure", count(standing.open())));
        }
        parts.push(format!("{} to decide", count(standing.to_decide())));
        parts.push(format!("{} nothing fits", count(standing.nothing_fits())));
        format!("{of}{}", parts.join(", "))
    }

    /// `10,914 keys, 13:58`
    fn keys_words(&self) -> String {
        let keys = &self.session.keys;
        keys.heading().unwrap_or_else(|| counted(keys.list.len().into(), "key"))
    }

    /// About the selected class.
    fn counts(&self) -> String {
        let Some(of_class) = self.of_class(self.screen.class()).filter(|_| self.stage == Stage::Pairs) else {
            return String::new();
        };
        let count = of_class.count;
        let taken = match of_class.taken {
            0 => String::new(),
            rows => format!("{} taken, ", thousands(rows.into())),
        };
        format!("{taken}{} sure, {} to decide", thousands(count.sure.into()), thousands(count.to_decide.into()))
    }

    fn ends(&self) -> Ends {
        let digits = self.layout.digits;
        let rows = 14 + digits.max(8) + if self.is_beside { 1 } else { 2 };
        let sure = rows + digits.max(7) + if self.is_beside { 1 } else { 2 };
        let to_decide = sure + if self.is_beside { digits.max(9) + 2 } else { digits.max(9) + 3 };
        Ends { rows, sure, to_decide, why: to_decide + 3 }
    }

    fn classes(&self, buffer: &mut Buffer, area: Area) {
        let ends = self.ends();
        let theme = self.theme;
        let dim = |text: &'static str| Line::styled(text, theme.dim());
        write_right(buffer, area, area.y, ends.rows, dim("rows"));
        write_right(buffer, area, area.y, ends.sure, dim("sure"));
        write_right(buffer, area, area.y, ends.to_decide, dim("to decide"));
        // Each class has its samples below it if all of them fit.
        let step = if self.is_beside && area.height >= 27 { 5 } else { 1 };
        for (at, class) in Class::ALL.into_iter().enumerate() {
            let y = area.y + 1 + u16::try_from(at).unwrap_or(0) * step;
            self.class(buffer, area, y, class, &ends);
            if at == self.screen.at {
                chosen_line(buffer, theme, Area { y, height: 1, ..area });
            }
            if step > 1 {
                let lines = self.samples(class, usize::from(area.width.saturating_sub(3)), false);
                for (y, line) in (y + 1..area.bottom()).zip(lines) {
                    write(buffer, area, y, 3, line);
                }
            }
        }
    }

    fn class(&self, buffer: &mut Buffer, area: Area, y: u16, class: Class, ends: &Ends) {
        let theme = self.theme;
        let of_class = self.of_class(class);
        let count = of_class.map(|of_class| of_class.count).unwrap_or_default();
        let taken = of_class.map_or(0, |of_class| of_class.taken);
        let is_reading = self.stage == Stage::Reading;
        let depends_on_all = matches!(class, Class::Likely | Class::None);
        let unknown = if is_reading { depends_on_all } else { of_class.is_none() };
        let mark = match class {
            _ if is_reading || unknown => Mark::Queued,
            Class::None => Mark::Missing,
            _ if count.rows == 0 => Mark::Missing,
            // All its sure rows are taken, or all its rows are.
            _ if count.sure == 0 && (taken > 0 || count.to_decide == 0) => Mark::Ok,
            _ => Mark::Choice,
        };
        let glyph = if mark == Mark::Choice { Span::raw(theme.glyph(mark)) } else { theme.mark(mark) };
        write(buffer, area, y, 2, vec![glyph, Span::raw(" "), Span::raw(class.name())]);
        for (end, count) in [(ends.rows, count.rows), (ends.sure, count.sure), (ends.to_decide, count.to_decide)] {
            let text =
                if unknown { Line::styled(theme.not_known(), theme.dim()) } else { Line::raw(thousands(count.into())) };
            write_right(buffer, area, y, end, text);
        }
        let why = match class {
            _ if is_reading && unknown && self.is_beside => "when it is complete".into(),
            _ if is_reading && unknown => "when the list is complete".into(),
            Class::Normalised if self.is_beside => "other writing".into(),
            Class::Likely if self.is_beside => "words, numbers agree".into(),
            class => self.pairing().map_or(class.why().into(), |pairing| pairing.why(class)),
        };
        // Beside the other pane it may use all but one cell of the gap.
        let room = (area.right() + if self.is_beside { 3 } else { 0 }).saturating_sub(ends.why + 1);
        let (wide, room) = (Area { width: area.width + if self.is_beside { 2 } else { 0 }, ..area }, usize::from(room));
        write(buffer, wide, y, ends.why, cut_end(&why, room.max(1), theme.ellipsis()));
    }

    /// First, middle and last row of a class.
    fn samples(&self, class: Class, cells: usize, with_reason: bool) -> Vec<Line<'static>> {
        let (Some(of_class), Some(pairing)) = (self.of_class(class), self.pairing()) else { return Vec::new() };
        let rows = &of_class.samples;
        let digits = usize::from(self.layout.digits);
        let told: Vec<(String, String)> = rows.iter().map(|row| self.sample(pairing, *row, class)).collect();
        let longest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width(text)).max().unwrap_or(0);
        let reason = if with_reason && cells >= 70 { longest(&mut told.iter().map(|it| &it.1)).min(REASON) } else { 0 };
        // Two names and gaps of two cells; what one column does not need is left to the other.
        let free = cells.saturating_sub(digits + 4 + if reason > 0 { reason + 2 } else { 0 });
        let share = (free * 27 / 50).max(12);
        let wanted = longest(&mut told.iter().map(|it| &it.0));
        let objects: Vec<_> = rows.iter().map(|row| self.session.now().value(*row, Field::Object)).collect();
        let room = share.max(free.saturating_sub(wanted));
        let videos = names_apart(objects.iter().map(|value| without_secret(value.text())), room, self.theme.ellipsis());
        let video = longest(&mut videos.iter()).max(share.min(free.saturating_sub(wanted)));
        let other = free.saturating_sub(video);
        let lines = rows.iter().zip(videos).zip(told).map(|((row, shown), (what, why))| {
            let mut line = vec![Span::styled(pad_left(&row_number(*row), digits), self.theme.dim()), Span::raw("  ")];
            line.push(Span::raw(pad_to(&shown, video + 2)));
            if reason > 0 && !why.is_empty() {
                let what = cut_middle(&what, other, self.theme.ellipsis());
                line.push(Span::raw(pad_to(&what, other + 2)));
                line.push(Span::styled(cut_end(&why, reason, self.theme.ellipsis()), self.theme.dim()));
            } else {
                let room = if reason > 0 { other + 2 + reason } else { other };
                line.push(Span::raw(cut_end(&what, room, self.theme.ellipsis())));
            }
            Line::from(line)
        });
        lines.collect()
    }

    /// The transcript shown beside a video, and the reason in a few words.
    fn sample(&self, pairing: &Pairing, row: RowId, class: Class) -> (String, String) {
        let own = self.session.now().value(row, Field::Transcription);
        let Some(proposal) = pairing.of_row(row).filter(|_| own.is_empty()) else {
            return (file(&without_secret(own.text())), "taken".to_owned());
        };
        match (class, proposal.transcript()) {
            (Class::None, _) => match pairing.nearest(row) {
                Some((near, veto)) => (format!("near: {}, {veto}", file(&pairing.url(near))), String::new()),
                None => ("near: none".to_owned(), String::new()),
            },
            (_, Some(key)) => {
                let reason = pairing.reason(proposal);
                let mut parts = reason.split(" · ");
                let first = parts.next().unwrap_or_default();
                // With equal names, the folder is what differs.
                let why = if class == Class::Exact { parts.next().unwrap_or(first) } else { first };
                (file(&pairing.url(key)), why.to_owned())
            }
            (_, None) => (pairing.question(proposal).unwrap_or_default(), String::new()),
        }
    }

    /// Warnings about what to look at before taking anything.
    fn alerts(&self) -> Vec<String> {
        let mut alerts = Vec::new();
        let is_partial = keys_state(self.session, &self.model.jobs) == KeysState::Partial;
        if self.stage != Stage::Reading && is_partial {
            alerts.push("list ends early: a better key may be missing".to_owned());
        }
        let of_class = self.of_class(self.screen.class()).filter(|_| self.stage == Stage::Pairs);
        let (Some(of_class), Some(pairing)) = (of_class, self.pairing()) else { return alerts };
        if of_class.close_seconds > 0 {
            let have = if of_class.close_seconds == 1 { "has" } else { "have" };
            let rows = thousands(of_class.close_seconds.into());
            alerts.push(format!("{rows} {have} a close second: it would be taken if the first were missing"));
        }
        let alarms = pairing.alarms().iter().take(if of_class.shifted > 0 { ALERTS } else { 0 });
        for alarm in alarms {
            let object = self.session.now().value(alarm.row, Field::Object);
            let object = without_secret(object.text()).into_owned();
            let path = object.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
            let (folder, rows) = (safe(key::folder(path)).into_owned(), thousands(alarm.rows.into()));
            let (none, left) = (file(&object), file(&pairing.url(alarm.left)));
            alerts.push(format!("{rows} in {folder} may be shifted by one: {none} has none, {left} is left"));
        }
        alerts
    }

    fn below(&self, area: Area) -> Vec<Line<'static>> {
        let (cells, height) = (usize::from(area.width), usize::from(area.height));
        let alert = |text: &String| {
            let text = cut_end(text, cells.saturating_sub(2), self.theme.ellipsis());
            Line::from(vec![self.theme.mark(Mark::Warning), Span::raw(format!(" {text}"))])
        };
        let alerts: Vec<Line<'_>> = self.alerts().iter().take(ALERTS).map(alert).collect();
        let mut lines = self.samples(self.screen.class(), cells, true);
        // Warnings always stay; schemes are dropped first, then samples.
        lines.truncate(height.saturating_sub(alerts.len()));
        lines.extend(alerts);
        if self.stage == Stage::Reading {
            lines.push(Line::default());
            lines.extend(self.reading(cells));
        } else {
            lines.extend(self.schemes(cells));
        }
        lines.truncate(height);
        lines
    }

    /// What is known while keys are still being read.
    fn reading(&self, cells: usize) -> Vec<Line<'static>> {
        let rows = self.standing().map_or(0, |standing| {
            [Class::Exact, Class::Normalised, Class::Ambiguous].iter().map(|class| standing.count(*class).rows).sum()
        });
        let total = thousands(self.session.total().into());
        let have = if rows == 1 { "has" } else { "have" };
        let label = |label: &str| Span::styled(pad_to(label, 11), self.theme.dim());
        let paired = format!("{} of {total} rows {have} a candidate", thousands(rows.into()));
        let is_read = |source: &&KeySource| matches!(source.state, SourceState::Reading(_));
        let source = self.session.keys.all.iter().find(is_read).map(KeySource::name).unwrap_or_default();
        let source = cut_end(&source, cells.saturating_sub(38), self.theme.ellipsis());
        let usable = format!("{source}        {} are .srt or .vtt", thousands(self.session.keys.list.len().into()));
        let mut lines = vec![
            Line::from(vec![label("keys"), Span::raw(usable)]),
            Line::from(vec![label("paired"), Span::raw(paired)]),
            Line::default(),
        ];
        let waits = "Taking waits for the end of the list: a later key may fit as well.";
        lines.extend(wrap(waits, cells).into_iter().map(Line::raw));
        lines
    }

    fn schemes(&self, cells: usize) -> Vec<Line<'static>> {
        let Some(pairing) = self.pairing() else { return Vec::new() };
        let schemes = pairing.schemes();
        let mut lines = Vec::new();
        let coverage = |rows: u32, of: u32, none: &str| match of.saturating_sub(rows) {
            0 => format!("{} of {}", thousands(rows.into()), thousands(of.into())),
            1 if none != "none" => format!("{} of {}, 1 has none", thousands(rows.into()), thousands(of.into())),
            left => {
                format!("{} of {}, {} {none}", thousands(rows.into()), thousands(of.into()), thousands(left.into()))
            }
        };
        let name = cells.saturating_sub(11 + 13 + 2 + 24).max(8);
        let mut line = |folder: String, pattern: String, covers: String| {
            let label = if lines.is_empty() { "schemes" } else { "" };
            let pattern = cut_middle(&pattern, name, self.theme.ellipsis());
            let folder = cut_end(&folder, 12, self.theme.ellipsis());
            lines.push(Line::from(vec![
                Span::styled(pad_to(label, 11), self.theme.dim()),
                Span::raw(pad_to(&folder, 13)),
                Span::raw(pad_to(&pattern, name + 2)),
                Span::raw(covers),
            ]));
        };
        for scheme in schemes.iter().take(SCHEMES) {
            let folder = last_folder(&pairing.url(scheme.key));
            line(folder, pairing.pattern(scheme), coverage(scheme.rows, scheme.of, "have none"));
        }
        if let Some(rest) = schemes.get(SCHEMES..).filter(|rest| !rest.is_empty()) {
            let (rows, of) = rest.iter().fold((0, 0), |(rows, of), scheme| (rows + scheme.rows, of + scheme.of));
            line(format!("{} more", rest.len()), String::new(), coverage(rows, of, "none"));
        }
        lines
    }

    /// The right pane of a wide window.
    fn beside(&self, cells: usize) -> Vec<Line<'static>> {
        if self.stage == Stage::Reading {
            return self.reading(cells);
        }
        let mut lines = Vec::new();
        for text in self.alerts() {
            let is_seconds = text.contains("a close second");
            for (at, part) in wrap(&text, cells.saturating_sub(2)).into_iter().enumerate() {
                let sign = if at == 0 { self.theme.mark(Mark::Warning) } else { Span::raw(" ") };
                lines.push(Line::from(vec![sign, Span::raw(format!(" {part}"))]));
            }
            if is_seconds {
                lines.extend(self.seconds(cells));
            }
            lines.push(Line::default());
        }
        lines.extend(self.schemes_beside(cells));
        lines.extend(self.keys_beside(cells));
        lines
    }

    /// Rows with a close second.
    fn seconds(&self, cells: usize) -> Vec<Line<'static>> {
        let of_class = self.of_class(self.screen.class());
        let (Some(of_class), Some(pairing)) = (of_class, self.pairing()) else { return Vec::new() };
        let digits = usize::from(self.layout.digits);
        let mut lines = Vec::new();
        for row in of_class.seconds.iter().take(2) {
            let object = self.session.now().value(*row, Field::Object);
            let room = cells.saturating_sub(digits + 4);
            let video = cut_middle(&file(&without_secret(object.text())), room, self.theme.ellipsis());
            lines.push(Line::raw(format!("  {}  {video}", pad_left(&row_number(*row), digits))));
            let choices = pairing.of_row(*row).map(|proposal| pairing.choices(proposal)).unwrap_or_default();
            if let [first, second, ..] = choices.as_slice() {
                let text = format!("{}, else {}", file(&pairing.url(*first)), file(&pairing.url(*second)));
                let text = cut_middle(&text, room, self.theme.ellipsis());
                lines.push(Line::raw(format!("{}{text}", " ".repeat(digits + 4))));
            }
        }
        lines
    }

    fn schemes_beside(&self, cells: usize) -> Vec<Line<'static>> {
        let Some(pairing) = self.pairing().filter(|pairing| !pairing.schemes().is_empty()) else { return Vec::new() };
        let right = |left: String, right: String| {
            let room = cells.saturating_sub(width(&right) + 1);
            Line::raw(format!(
                "{}{right}",
                pad_to(&cut_end(&left, room.saturating_sub(1), self.theme.ellipsis()), room + 1)
            ))
        };
        let covers = |rows: u32, of: u32| format!("{} of {}", thousands(rows.into()), thousands(of.into()));
        let mut lines = vec![Line::styled("schemes", self.theme.dim())];
        for scheme in pairing.schemes().iter().take(SCHEMES_BESIDE) {
            let folder = last_folder(&pairing.url(scheme.key));
            lines.push(right(format!("  {folder}"), covers(scheme.rows, scheme.of)));
            let pattern = cut_middle(&pairing.pattern(scheme), cells.saturating_sub(2), self.theme.ellipsis());
            lines.push(Line::raw(format!("  {pattern}")));
        }
        if let Some(rest) = pairing.schemes().get(SCHEMES_BESIDE..).filter(|rest| !rest.is_empty()) {
            let (rows, of) = rest.iter().fold((0, 0), |(rows, of), scheme| (rows + scheme.rows, of + scheme.of));
            lines.push(right(format!("  {} more", rest.len()), covers(rows, of)));
        }
        lines.push(Line::default());
        lines
    }

    fn keys_beside(&self, cells: usize) -> Vec<Line<'static>> {
        let line = |left: &str, count: u64| {
            let count = thousands(count);
            let room = cells.saturating_sub(count.len());
            let left = cut_end(left, room.saturating_sub(4), self.theme.ellipsis());
            Line::raw(format!("{}{count}", pad_to(&format!("  {left}"), room)))
        };
        let head = Line::styled("keys", self.theme.dim());
        let right = Line::styled(self.keys_words(), self.theme.dim());
        let mut lines = vec![super::body::apart(head, right, u16::try_from(cells).unwrap_or(u16::MAX))];
        for (source, summary, _) in self.session.keys.read() {
            lines.push(line(&source.name(), summary.usable));
        }
        let others: u64 = self.session.keys.read().map(|(_, summary, _)| summary.others.total()).sum();
        if others > 0 {
            lines.push(line("no .srt or .vtt", others));
        }
        if let Some(pairing) = self.pairing() {
            lines.push(line("fit no row", pairing.overview().unused.into()));
        }
        lines
    }

    /// The filled rows, compared with their names.
    fn compared(&self, buffer: &mut Buffer, area: Area) {
        let Some(told) = &self.session.proposals.comparison else { return };
        for (at, verdict) in Verdict::ALL.into_iter().enumerate() {
            let y = area.y + 1 + u16::try_from(at).unwrap_or(0);
            let count = told.of(verdict).len();
            let mark = match verdict {
                Verdict::Agree if count > 0 => Mark::Ok,
                Verdict::Contradict if count > 0 => Mark::Warning,
                _ => Mark::Missing,
            };
            write(buffer, area, y, 2, vec![self.theme.mark(mark), Span::raw(" "), Span::raw(verdict.name())]);
            write_right(buffer, area, y, 30, thousands(count as u64));
            if at == self.screen.at {
                chosen_line(buffer, self.theme, Area { y, height: 1, ..area });
            }
        }
        write_right(buffer, area, area.y, 30, Line::styled("rows", self.theme.dim()));
    }
}

fn file(url: &str) -> String {
    safe(key::file_name(url)).into_owned()
}

/// The last folder of a key: `algebra/`.
fn last_folder(url: &str) -> String {
    let folder = key::folder(url).trim_end_matches('/');
    format!("{}/", safe(key::file_name(folder)))
}
