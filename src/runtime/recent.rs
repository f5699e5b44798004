//! Which files the chooser offers.

use crate::app::msg::Recent;
use crate::domain::receipt::Receipt;
use crate::io::files::{names_in, read_prefix};
use crate::io::parts;
use crate::io::store::Cache;
use std::path::{Path, PathBuf};

/// Recent files that are still there, then JSON files of this folder.
pub fn files(state: &Path) -> Vec<Recent> {
    let recent = Cache::open(state).and_then(|cache| cache.recent(20)).unwrap_or_default();
    let mut files: Vec<Recent> = recent
        .into_iter()
        .filter(|recent| recent.path.is_file())
        .map(|recent| Recent { rows: Some(recent.rows), when: when(recent.opened_ms), path: recent.path })
        .collect();
    let here = names_in(Path::new(".")).map(PathBuf::from);
    let mut here: Vec<PathBuf> = here
        .filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) && path.is_file())
        .filter_map(|path| path.canonicalize().ok())
        .filter(|path| !files.iter().any(|file| file.path == *path))
        .collect();
    here.sort();
    here.truncate(200);
    here.retain(|path| !is_ours(path));
    files.extend(here.into_iter().map(|path| Recent { path, rows: None, when: "in this folder".into() }));
    files
}

/// A receipt or a part of a check that cuecard wrote: no manifest.
fn is_ours(path: &Path) -> bool {
    let start = read_prefix(path, 64);
    start.is_ok_and(|start| Receipt::begins(&start.bytes) || parts::begins(&start.bytes))
}

/// `today 13:40`, `yesterday`, `12 Nov`, `2025-11-12`.
pub fn when(unix_ms: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    let at = jiff::Timestamp::from_millisecond(unix_ms).unwrap_or_default().to_zoned(zone);
    let now = jiff::Zoned::now();
    if at.date() == now.date() {
        at.strftime("today %H:%M").to_string()
    } else if now.date().yesterday().is_ok_and(|yesterday| at.date() == yesterday) {
        "yesterday".into()
    } else if at.year() == now.year() {
        at.strftime("%-d %b").to_string()
    } else {
        at.strftime("%Y-%m-%d").to_string()
    }
}
