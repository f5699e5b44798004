//! Writes the state of the screens into a frame. It must never change that state, nor remember anything itself.

pub mod frame;
pub mod picture;
pub mod sweep;
pub mod text;
pub mod theme;
