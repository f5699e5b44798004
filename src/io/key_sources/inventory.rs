//! Locates the data files of an S3 Inventory report near a local copy of its manifest and reads their rows.

use super::file;
use crate::domain::format::{exact_bytes, thousands};
use crate::domain::keys::listing::{DataFile, Format, Inventory, OnPage, OnRow, ReadOptions, read_inventory};
use crate::domain::keys::{Input, SourceFault, Summary};
use crate::domain::printable::printable;
use std::path::{Component, Path, PathBuf};

/// Reads all rows of a report.
///
/// # Errors
/// [`SourceFault`] if its manifest or a data file is unusable, or it holds no usable keys.
pub fn read(
    file: &Input,
    manifest: &[u8],
    options: &ReadOptions<'_>,
    on_page: &mut OnPage<'_>,
) -> Result<Summary, SourceFault> {
    let unusable = |why: String| SourceFault::Unreadable(format!("{file}: {why}"));
    let inventory = Inventory::parse(manifest).map_err(|error| unusable(error.to_string()))?;
    let Input::Path(path) = file else {
        return Err(unusable("an inventory must be read from a file: its data files are beside it".to_owned()));
    };
    let paths = all_found(path, &inventory.files).map_err(unusable)?;
    read_inventory(&inventory, options, on_page, &mut |take| {
        let mut goes_on = true;
        for path in &paths {
            let rows = rows(&inventory, path, &mut |row| {
                let flow = take(row);
                goes_on = flow.is_continue();
                flow
            });
            rows.map_err(|why| format!("{}: {why}", path.display()))?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    })
}

fn rows(inventory: &Inventory, path: &Path, take: &mut OnRow<'_>) -> Result<(), String> {
    match inventory.format {
        Format::Csv => inventory.read_csv(file::data(path)?, take),
        Format::Parquet => super::parquet::read(path, take),
    }
}

/// All data files must exist: a report with a missing part would silently produce wrong pairs.
fn all_found(manifest: &Path, files: &[DataFile]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::with_capacity(files.len());
    let mut missing: Vec<&DataFile> = Vec::new();
    for file in files {
        let Some(path) = candidates(manifest, &file.key).find(|path| path.is_file()) else {
            missing.push(file);
            continue;
        };
        let len = std::fs::metadata(&path).map_or(0, |facts| facts.len());
        if len != file.size {
            return Err(format!(
                "the data file {} has {}, but {} in the manifest: copy it again",
                path.display(),
                exact_bytes(len),
                exact_bytes(file.size)
            ));
        }
        found.push(path);
    }
    let Some(first) = missing.first() else { return Ok(found) };
    Err(format!(
        "{} of its {} data files {} not here, such as {}. Copy the whole report, or put them beside the manifest",
        thousands(missing.len() as u64),
        thousands(files.len() as u64),
        if missing.len() == 1 { "is" } else { "are" },
        printable(&first.key)
    ))
}

/// Possible locations of a data file: beside the manifest, in `data/` beside it or beside its folder as in the bucket,
/// or with its full key under a parent folder.
fn candidates<'a>(manifest: &'a Path, key: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let name = Path::new(key.rsplit('/').next().unwrap_or(key));
    let near = [Some(folder.join(name)), Some(folder.join("data").join(name)), Some(folder.join("../data").join(name))];
    // For a key that leads out of the folders, only the file name is used.
    let is_tame = Path::new(key).components().all(|part| matches!(part, Component::Normal(_)));
    let above = folder.ancestors().filter(move |_| is_tame).map(move |folder| folder.join(key));
    let is_name = name.components().all(|part| matches!(part, Component::Normal(_)));
    near.into_iter().flatten().filter(move |_| is_name).chain(above)
}
