//! `cuecard check --online`.
