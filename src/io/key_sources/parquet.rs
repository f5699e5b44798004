//! Data files of an inventory in Parquet.

use crate::domain::keys::listing::Row;
use std::ops::ControlFlow;
use std::path::Path;

pub fn read(_: &Path, _: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) -> Result<(), String> {
    Err("this cuecard reads no Parquet: set the report up as CSV, or build it with cargo install cuecard --features parquet"
        .to_owned())
}
