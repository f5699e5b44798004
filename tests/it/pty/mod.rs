//! The binary as operators run it: on a real terminal, with real files and a server that records every byte.

mod editor;
mod job;
mod leaving;
mod memory;
mod pasting;
mod recovery;
mod replies;
pub mod screen;
mod surroundings;

use crate::manifests::{manifest, row};
use screen::{Place, Screen};

pub const KEY: &str = "tlk_CANARY_0123456789";
pub const VENDOR: &str = include_str!("../../../assets/samples/vendor-example.json");

/// The vendor's example without the extra digit in its first index id.
pub fn vendor_fixed() -> String {
    VENDOR.replace("629d807aa9e2a3a33a92c00b1", "629d807aa9e2a3a33a92c00b")
}

/// That many sound rows without transcripts.
pub fn rows(count: usize) -> String {
    manifest((1..=count).map(|n| row(format!("s3://acme-video/news/{n:05}.mp4"))))
}

/// The table on a manifest of five rows, checked.
pub fn five_rows(place: &Place) -> Screen {
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("missing 5");
    screen
}
