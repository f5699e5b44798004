//! Following on the screen, by its keys.
