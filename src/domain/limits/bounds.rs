//! Checks one limit each: how certainly a video exceeds it, and the sentence with the measured and the allowed value.

use super::Verdict;
use super::engines::Name;
use super::tables::{Aspect, Pixels, Reading, Table};
use crate::format::{length as clock, short_bytes};
use crate::video::{Facts, Length};
use std::time::Duration;

/// Tolerance around a bound: the vendor doesn't document what the service measures (header, longest track, frames).
const NEAR_MS: u64 = 500;

/// Both bounds are inclusive.
pub(super) fn duration(length: &Length, (least, most): (u64, u64)) -> Verdict {
    let (least, most) = (least * 1_000, most * 1_000);
    let is_outside = |ms: u64| ms < least || ms > most;
    let is_near = |ms: u64| ms.abs_diff(least) <= NEAR_MS || ms.abs_diff(most) <= NEAR_MS;
    let other = length.media_ms.unwrap_or(length.ms);
    if is_outside(length.ms) != is_outside(other) {
        let why = format!("players show {}, its tracks hold {}", spell(length.ms), spell(other));
        return Verdict::Doubtful(why);
    }
    match is_outside(length.ms) {
        _ if is_near(length.ms) || is_near(other) => {
            Verdict::Doubtful("so near to the limit it depends on what the service measures".into())
        }
        true if length.is_rough => Verdict::Doubtful("the length is an estimate".into()),
        true => Verdict::Outside,
        false => Verdict::Within,
    }
}

pub(super) fn duration_words(length: &Length, engine: Name, table: &Table) -> String {
    let (least, most) = engine.of(table).seconds;
    let about = if length.is_rough { "about " } else { "" };
    let who = if table.marengo.seconds == table.pegasus.seconds { "a video" } else { engine.word() };
    let verb = if who == "a video" { "may play" } else { "takes" };
    format!("It plays {about}{}; {who} {verb} {} to {}", spell(length.ms), spell(least * 1_000), spell(most * 1_000))
}

/// `3.4 s` below a minute, where tenths count, else `12:40`.
fn spell(ms: u64) -> String {
    match ms {
        0..60_000 if ms.is_multiple_of(1_000) => format!("{} s", ms / 1_000),
        0..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => clock(Duration::from_millis(ms)),
    }
}

/// A gigabyte may mean 10⁹ or 2³⁰ bytes.
pub(super) fn size(bytes: u64, gigabytes: Option<u64>) -> Verdict {
    match gigabytes {
        Some(limit) if bytes > limit << 30 => Verdict::Outside,
        Some(limit) if bytes > limit * 1_000_000_000 => {
            Verdict::Doubtful("it is within the limit if a GB is 1,073,741,824 bytes".into())
        }
        _ => Verdict::Within,
    }
}

pub(super) fn size_words(bytes: u64, engine: Name, table: &Table) -> String {
    let who = if table.marengo.gigabytes == table.pegasus.gigabytes { "a video" } else { engine.word() };
    let verb = if who == "a video" { "may have" } else { "takes" };
    let limit = engine.of(table).gigabytes.unwrap_or_default();
    format!("The file has {}; {who} {verb} up to {limit} GB", short_bytes(bytes))
}

/// The candidate sizes: as coded, and as shown.
fn sizes(facts: &Facts) -> Vec<(u32, u32)> {
    let mut sizes: Vec<(u32, u32)> = facts.coded.into_iter().chain(facts.display).collect();
    sizes.dedup();
    sizes
}

/// None if the size is unknown or certainly allowed.
pub(super) fn resolution(facts: &Facts, table: &Table) -> Option<(Verdict, String)> {
    let sizes = sizes(facts);
    let is_turned = matches!(facts.rotation, 90 | 270);
    let judge = |bound: &Pixels, allows: fn(u32, u32) -> bool| {
        let (mut holds, mut fails) = (false, false);
        for size in &sizes {
            for reading in bound.readings {
                for allowed in reading.judge(*size, is_turned, allows) {
                    *(if allowed { &mut holds } else { &mut fails }) = true;
                }
            }
        }
        (holds, fails)
    };
    let (bound, side, (holds, _)) = [
        (&table.least, "from", judge(&table.least, |own, bound| own >= bound)),
        (&table.most, "up to", judge(&table.most, |own, bound| own <= bound)),
    ]
    .into_iter()
    .filter(|(_, _, (_, fails))| *fails)
    .min_by_key(|(_, _, (holds, _))| *holds)?;
    let (first, last) = (sizes.first()?, sizes.last()?);
    let mut picture = format!("{}x{}", first.0, first.1);
    if first != last {
        picture.push_str(&format!(", shown as {}x{}", last.0, last.1));
    }
    let fact = format!("The picture is {picture}; a video may have {side} {}", bound.words);
    let why = || format!("it depends on how {} is read", bound.words);
    Some((if holds { Verdict::Doubtful(why()) } else { Verdict::Outside }, fact))
}

impl Reading {
    /// The verdicts of this reading: one, or one for each orientation.
    fn judge(self, (width, height): (u32, u32), is_turned: bool, allows: fn(u32, u32) -> bool) -> Vec<bool> {
        let (longer, shorter) = (width.max(height), width.min(height));
        match self {
            Reading::Shorter(bound) => vec![allows(shorter, bound)],
            Reading::Height(bound) if is_turned => vec![allows(height, bound), allows(width, bound)],
            Reading::Height(bound) => vec![allows(height, bound)],
            Reading::Sides(long, short) => vec![allows(longer, long) && allows(shorter, short)],
        }
    }
}

/// The allowed shapes, landscape; portrait ones are turned first: 1:1, 4:3, 5:4, 16:9, 17:9.
const SHAPES: [f64; 5] = [1.0, 4.0 / 3.0, 5.0 / 4.0, 16.0 / 9.0, 17.0 / 9.0];
const WIDEST: f64 = 2.4;
/// Encoders round a side up to a multiple of 2, 8 or 16: 1920x804 stands for 2.4:1 or 2.39:1.
const NEAR: f64 = 0.01;

/// None if there is no limit, or the shape is unknown or certainly allowed.
pub(super) fn aspect(facts: &Facts, table: &Table) -> Option<(Verdict, String)> {
    let limit = table.aspect?;
    let ratio = |(width, height): (u32, u32)| f64::from(width.max(height)) / f64::from(width.min(height).max(1));
    let sizes = sizes(facts);
    let ratios: Vec<f64> = sizes.iter().copied().map(ratio).collect();
    // The shape as shown is the intended one; without it, the pixels may have any shape.
    let (width, height) = facts.display?;
    let shown = ratio((width, height));
    let fact = |limit: &str| format!("The picture is {width}x{height}, {shown:.3}:1; a video may have {limit}");
    let range = || fact("1:1 to 2.4:1");
    if ratios.iter().all(|ratio| *ratio > WIDEST * (1.0 + NEAR)) {
        return Some((Verdict::Outside, range()));
    }
    if ratios.iter().any(|ratio| *ratio > WIDEST * (1.0 + NEAR)) {
        return Some((Verdict::Doubtful("it depends on the shape of its pixels".into()), range()));
    }
    if ratios.iter().any(|ratio| *ratio > WIDEST) {
        return Some((Verdict::Doubtful("it is very near to the limit".into()), range()));
    }
    let is_listed = |ratio: f64| SHAPES.iter().any(|shape| (ratio / shape - 1.0).abs() <= NEAR);
    if limit == Aspect::List && !is_listed(shown) {
        let why = "another page of that time allows anything from 1:1 to 2.4:1";
        let list = fact("1:1, 4:3, 4:5, 5:4, 16:9, 9:16 or 17:9");
        return Some((Verdict::Doubtful(why.into()), list));
    }
    None
}
