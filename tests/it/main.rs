//! One binary for all integration tests: it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that can't go on fails by panicking"
)]

mod any_keys;
mod any_screen;
mod app_driver;
mod bulk;
#[cfg(feature = "sandbox")]
mod checks;
mod columns;
mod crossing;
mod document;
mod edit_command;
mod files;
#[cfg(feature = "sandbox")]
mod follow;
mod frame;
#[cfg(feature = "sandbox")]
mod index;
mod key_sources;
mod keys;
mod layers;
mod legible;
mod listings;
mod loopback;
mod manifests;
mod merge;
mod merge_command;
mod observed;
mod online;
mod opening;
mod operators;
mod pairing;
mod pairs;
mod pairs_told;
mod pictures;
mod pty;
mod readme;
mod receipts;
mod reloading;
mod rows_screen;
mod rules;
#[cfg(feature = "sandbox")]
mod s3;
mod said;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
mod sandbox_tasks;
mod saving;
mod screens;
mod secrets;
mod sent_before;
mod settings;
mod side_by_side;
mod sources;
mod store;
mod submit;
mod submit_command;
#[cfg(feature = "sandbox")]
mod submit_rows;
mod submit_terminal;
mod subscreens;
mod subtitle;
mod template_screen;
mod tls;
mod tour;
mod video;
mod ways_out;
