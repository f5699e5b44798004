//! Inventory data files in Parquet: behind the feature `parquet`, because its reader takes about 50 CPU seconds to
//! compile.

use crate::domain::keys::listing::OnRow;
use std::path::Path;

/// Reads the rows of a data file.
///
/// # Errors
/// Always: this build can't read Parquet.
#[cfg(not(feature = "parquet"))]
pub fn read(_: &Path, _: &mut OnRow<'_>) -> Result<(), String> {
    const WHY: &str = "this cuecard is built without Parquet. Have AWS write the report as CSV, or build with: \
                       cargo install cuecard --features parquet";
    Err(WHY.to_owned())
}

/// Reads the relevant columns of a data file, row by row.
///
/// # Errors
/// What is wrong with the file.
#[cfg(feature = "parquet")]
pub fn read(path: &Path, take: &mut OnRow<'_>) -> Result<(), String> {
    use crate::domain::keys::listing::{Field, Row};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field as Value;
    use parquet::schema::types::Type;

    let wrong = |error: parquet::errors::ParquetError| error.to_string();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let reader = SerializedFileReader::new(file).map_err(wrong)?;
    let schema = reader.metadata().file_metadata().schema();
    let wanted: Vec<_> =
        schema.get_fields().iter().filter(|field| Field::named(field.name()).is_some()).cloned().collect();
    if !wanted.iter().any(|field| Field::named(field.name()) == Some(Field::Key)) {
        return Err("it has no column key".to_owned());
    }
    let wanted = Type::group_type_builder(schema.name()).with_fields(wanted).build().map_err(wrong)?;
    for (line, row) in (1..).zip(reader.get_row_iter(Some(wanted)).map_err(wrong)?) {
        let values = row.map_err(wrong)?;
        let modified = values.get_column_iter().find_map(|(name, value)| match value {
            Value::TimestampMillis(at) if Field::named(name) == Some(Field::LastModified) => {
                jiff::Timestamp::from_millisecond(*at).ok().map(|at| at.to_string())
            }
            _ => None,
        });
        let mut row = Row { line, modified: modified.as_deref(), ..Row::default() };
        for (name, value) in values.get_column_iter() {
            match (Field::named(name), value) {
                (Some(Field::Key), Value::Str(key)) => row.key = Some(key),
                (Some(Field::Key), Value::Bytes(key)) => row.key = key.as_utf8().ok(),
                (Some(Field::Bucket), Value::Str(bucket)) => row.bucket = Some(bucket),
                (Some(Field::Bucket), Value::Bytes(bucket)) => row.bucket = bucket.as_utf8().ok(),
                (Some(Field::IsLatest), Value::Bool(is)) => row.is_older = !is,
                (Some(Field::IsDeleteMarker), Value::Bool(is)) => row.is_delete_marker = *is,
                (Some(Field::Size), Value::Long(size)) => row.size = u64::try_from(*size).ok(),
                _ => {}
            }
        }
        if take(row).is_break() {
            return Ok(());
        }
    }
    Ok(())
}
