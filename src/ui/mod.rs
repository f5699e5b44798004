//! Writes the state of the screens into a frame. It must never change that state, nor remember anything itself.

mod body;
pub mod frame;
pub mod help;
pub mod log;
pub mod palette;
pub mod picker;
pub mod picture;
pub mod problems;
pub mod review;
pub mod send;
pub mod sweep;
pub mod text;
pub mod theme;
