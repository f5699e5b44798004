//! cuecard gives every video of a Twelve Labs cloud-to-cloud manifest its transcript, proves that the
//! manifest is right, and uploads it once.
//!
//! ```text
//!             keys, resize, results                      what must be done
//!  terminal ─────────────► Msg ──► app::update(&mut Model, Msg) ──► Vec<Effect> ──► runtime ──► io::*
//!      ▲                            the only place that changes state       │
//!      └──── ui::draw(&Model, &mut Frame) ◄── Model                         └── Msg back, carrying its JobId
//! ```
//!
//! The ten-minute tour, in reading order:
//!
//! * [`domain`] is pure: the document as bytes, edits as operations, rules, outcomes. No I/O, no clock. It is a package of
//!   its own, so that the compiler holds it apart, builds it beside the rest, and optimises what works on a million rows.
//! * [`app`] is the state of the screens and the one function that changes it.
//! * [`ui`] reads the state and writes a frame.
//! * [`io`] holds the adapters: files, S3, Twelve Labs, the store, the clipboard.
//! * [`submission`] is the protocol of a send: facts, ledger, send, outcome. The screen and the command line share it.
//! * [`settings`] decides which value counts and records its origin.
//! * [`commands`] are the headless commands over the same engine.
//! * [`terminal`] and [`runtime`] own the terminal and the loop.
//! * [`fault`] turns a panic into a sentence and an exit code.
//! * `sandbox` is a Twelve Labs and a public bucket on loopback, for rehearsal, demos and tests.

#[cfg(not(unix))]
compile_error!(
    "cuecard is for Unix: it owns a terminal, its signals and modes of files. On Windows it runs inside WSL."
);

pub mod app;
pub mod commands;
pub use cuecard_domain as domain;
pub mod fault;
pub mod io;
pub mod runtime;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod settings;
pub mod submission;
pub mod terminal;
pub mod ui;
