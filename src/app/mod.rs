//! The state of the screens, and the one function that changes it: [`update()`]. No I/O, no clock, no tokio.

pub mod change;
pub mod effect;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod line_input;
pub mod model;
pub mod msg;
pub mod online;
pub mod screens;
pub mod session;
mod update;
pub mod view;

pub use effect::Effect;
pub use model::Model;
pub use msg::{JobId, Msg};
pub use update::{enabled, update};
