//! Sources of transcript keys, read as the screens and the commands read them.

use cuecard::domain::draft::Snapshot;
use cuecard::domain::keys::{End, KeyList, Shape, Source, SourceFault, Summary};
use cuecard::domain::manifest::Manifest;
use cuecard::io::key_sources::{World, read};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn world(manifest: &str) -> World {
    let manifest = Manifest::parse(manifest.as_bytes().to_vec()).unwrap();
    World { s3: Err("offline".to_owned()), manifest: Snapshot::of(Arc::new(manifest)), ask_columns: false }
}

const ONE_BUCKET: &str = r#"[{"object":"s3://v/1.mp4","transcription":"s3://t/1.srt"},{"object":"s3://w/2.mp4"}]"#;
const TWO_BUCKETS: &str = r#"[{"object":"s3://v/1.mp4"},{"object":"s3://w/2.mp4"}]"#;

async fn all(source: &Source, world: &World) -> (Result<Summary, SourceFault>, Vec<String>) {
    let mut list = KeyList::new();
    let summary = read(source, world, |page| {
        list.extend(&page.keys);
        ControlFlow::Continue(())
    })
    .await;
    (summary, (0..list.len()).filter_map(|index| list.get(index)).map(|key| key.url()).collect())
}

fn file(folder: &tempfile::TempDir, name: &str, text: &[u8], at: &str) -> Source {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Source::parse(&format!("{}{at}", path.display())).unwrap()
}

#[tokio::test]
async fn list_without_bucket_takes_the_named_or_only_bucket_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let named = file(&folder, "keys.txt", b"c/1.srt\nc/1.mp4\n", "@s3://acme");
    let (summary, urls) = all(&named, &world(TWO_BUCKETS)).await;
    let summary = summary.unwrap();
    assert_eq!(urls, ["s3://acme/c/1.srt"]);
    assert_eq!((summary.keys, summary.usable, summary.assumed_bucket, summary.end), (2, 1, None, End::Whole));

    let unnamed = file(&folder, "keys.txt", b"c/1.srt\n", "");
    let (summary, urls) = all(&unnamed, &world(ONE_BUCKET)).await;
    assert_eq!((urls, summary.unwrap().assumed_bucket), (vec!["s3://t/c/1.srt".to_owned()], Some("t".to_owned())));

    let (refused, urls) = all(&unnamed, &world(TWO_BUCKETS)).await;
    let refused = refused.unwrap_err();
    assert_eq!((&refused, urls.len()), (&SourceFault::NoBucket { source: Box::new(unnamed.clone()) }, 0));
    assert!(refused.to_string().ends_with(&format!("Say whose list it is: {unnamed}@s3://BUCKET")), "{refused}");
}

#[tokio::test]
async fn the_manifest_is_a_source_and_what_cannot_be_read_says_why() {
    let (summary, urls) = all(&Source::Manifest, &world(ONE_BUCKET)).await;
    assert_eq!((summary.unwrap().shape, urls), (Shape::Manifest, vec!["s3://t/1.srt".to_owned()]));
    let nowhere = Source::parse("/nowhere/keys.txt").unwrap();
    let fault = all(&nowhere, &world(ONE_BUCKET)).await.0.unwrap_err().to_string();
    assert_eq!(fault, "/nowhere/keys.txt does not exist");
    let folder = all(&Source::parse("/").unwrap(), &world(ONE_BUCKET)).await.0.unwrap_err().to_string();
    assert!(folder.starts_with("/ is a folder"), "{folder}");
    let offline = all(&Source::parse("s3://acme").unwrap(), &world(ONE_BUCKET)).await.0;
    assert_eq!(offline, Err(SourceFault::Unreadable("offline".to_owned())));
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

/// A report as AWS delivers it, with data files at `place`; returns the path of its manifest.
fn inventory(folder: &Path, rows: &[&str], place: impl Fn(usize) -> PathBuf) -> PathBuf {
    let mut files = Vec::new();
    for (at, rows) in rows.iter().enumerate() {
        let path = folder.join(place(at));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let bytes = packed(rows);
        std::fs::write(&path, &bytes).unwrap();
        files
            .push(format!(r#"{{"key":"reports/acme/all/data/{at}.csv.gz","size":{},"MD5checksum":"x"}}"#, bytes.len()));
    }
    let text = format!(
        r#"{{"sourceBucket":"acme","destinationBucket":"arn:aws:s3:::logs","version":"2016-11-30","creationTimestamp":"1",
            "fileFormat":"CSV","fileSchema":"Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate",
            "files":[{}]}}"#,
        files.join(",")
    );
    let path = folder.join("reports/acme/all/2026-03-14T01-00Z/manifest.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

const ROWS: [&str; 2] = [
    "\"acme\",\"caps/a+b%2Bc%C3%A9.srt\",\"v1\",\"true\",\"false\",\"7\",\"2026-03-14T12:00:00.000Z\"\n\
     \"acme\",\"caps/old.srt\",\"v0\",\"false\",\"false\",\"7\",\"2026-03-13T12:00:00.000Z\"\n",
    "\"acme\",\"caps/gone.srt\",\"v2\",\"true\",\"true\",\"\",\"2026-03-14T12:00:00.000Z\"\n\
     \"acme\",\"v/1.mp4\",\"v2\",\"true\",\"false\",\"9\",\"2026-03-14T12:00:00.000Z\"\n\
     \"acme\",\"caps/%FF.srt\",\"v2\",\"true\",\"false\",\"9\",\"2026-03-14T12:00:00.000Z\"\n",
];

#[tokio::test]
async fn an_inventory_is_read_from_its_manifest_wherever_its_data_files_were_copied_to() {
    let name = |at: usize| format!("{at}.csv.gz");
    let here = PathBuf::from("reports/acme/all/2026-03-14T01-00Z");
    let places: [&dyn Fn(usize) -> PathBuf; 4] = [
        &|at| PathBuf::from("reports/acme/all/data").join(name(at)),
        &|at| here.join(name(at)),
        &|at| here.join("data").join(name(at)),
        &|at| here.join("reports/acme/all/data").join(name(at)),
    ];
    for place in places {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::parse(&inventory(folder.path(), &ROWS, place).display().to_string()).unwrap();
        let (summary, urls) = all(&source, &world(TWO_BUCKETS)).await;
        let summary = summary.unwrap();
        assert_eq!(urls, ["s3://acme/caps/a b+cé.srt"]);
        assert_eq!(summary.shape.to_string(), "S3 Inventory, 2 files");
        assert_eq!((summary.older_versions, summary.delete_markers, summary.not_keys.count), (1, 1, 1));
        assert_eq!((summary.keys, summary.others.to_string(), summary.end), (2, "1 .mp4".to_owned(), End::Whole));
    }
}

#[tokio::test]
async fn an_inventory_with_a_part_missing_or_cut_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = inventory(folder.path(), &ROWS, |at| PathBuf::from(format!("reports/acme/all/data/{at}.csv.gz")));
    let source = Source::parse(&manifest.display().to_string()).unwrap();
    let second = folder.path().join("reports/acme/all/data/1.csv.gz");
    let bytes = std::fs::read(&second).unwrap();
    std::fs::write(&second, &bytes[..bytes.len() - 9]).unwrap();
    let cut = all(&source, &world(TWO_BUCKETS)).await.0.unwrap_err().to_string();
    assert!(cut.contains("1.csv.gz has ") && cut.ends_with("in the manifest: copy it again"), "{cut}");
    let damaged: Vec<u8> =
        bytes.iter().enumerate().map(|(at, b)| if at == bytes.len() / 2 { !b } else { *b }).collect();
    std::fs::write(&second, damaged).unwrap();
    let summary = all(&source, &world(TWO_BUCKETS)).await.0.unwrap();
    assert!(matches!(&summary.end, End::Early(why) if why.contains("1.csv.gz")), "{:?}", summary.end);
    std::fs::remove_file(&second).unwrap();
    let missing = all(&source, &world(TWO_BUCKETS)).await.0.unwrap_err().to_string();
    assert!(
        missing.contains("1 of its 2 data files is not here, such as reports/acme/all/data/1.csv.gz."),
        "{missing}"
    );
}

/// The manifest of a report with one data file in Parquet.
fn parquet_report(folder: &Path, data: &[u8]) -> Source {
    std::fs::write(folder.join("0.parquet"), data).unwrap();
    let text = format!(
        r#"{{"sourceBucket":"acme","fileFormat":"Parquet","fileSchema":"message s3.inventory {{}}",
            "files":[{{"key":"r/0.parquet","size":{}}}]}}"#,
        data.len()
    );
    let path = folder.join("manifest.json");
    std::fs::write(&path, text).unwrap();
    Source::parse(&path.display().to_string()).unwrap()
}

#[cfg(not(feature = "parquet"))]
#[tokio::test]
async fn an_inventory_in_parquet_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let fault = all(&parquet_report(folder.path(), b"PAR1"), &world(TWO_BUCKETS)).await.0.unwrap_err().to_string();
    assert!(
        fault.ends_with("Have AWS write the report as CSV, or build with: cargo install cuecard --features parquet")
    );
}

#[cfg(feature = "parquet")]
#[tokio::test]
async fn an_inventory_in_parquet_is_read_with_its_keys_as_they_are() {
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    let schema = "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional boolean is_latest;
                  optional boolean is_delete_marker; optional int64 size; optional int64 last_modified_date (TIMESTAMP_MILLIS);
                  optional binary e_tag (UTF8); }";
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = |values: [&str; 3]| values.map(ByteArray::from);
    let mut column = |write: &dyn Fn(&mut parquet::file::writer::SerializedColumnWriter<'_>) -> usize| {
        let mut column = group.next_column().unwrap().unwrap();
        assert_eq!(write(&mut column), 3);
        column.close().unwrap();
    };
    let there = Some(&[1_i16, 1, 1][..]);
    column(&|c| c.typed::<ByteArrayType>().write_batch(&texts(["acme"; 3]), None, None).unwrap());
    let keys = texts(["caps/a+b%20é.srt", "caps/old.srt", "caps/gone.srt"]);
    column(&|c| c.typed::<ByteArrayType>().write_batch(&keys, None, None).unwrap());
    column(&|c| c.typed::<BoolType>().write_batch(&[true, false, true], there, None).unwrap());
    column(&|c| c.typed::<BoolType>().write_batch(&[false, false, true], there, None).unwrap());
    column(&|c| c.typed::<Int64Type>().write_batch(&[7, 7, 0], there, None).unwrap());
    column(&|c| c.typed::<Int64Type>().write_batch(&[1_773_489_600_000; 3], there, None).unwrap());
    column(&|c| c.typed::<ByteArrayType>().write_batch(&texts(["x"; 3]), there, None).unwrap());
    group.close().unwrap();
    writer.close().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (summary, urls) = all(&parquet_report(folder.path(), &bytes), &world(TWO_BUCKETS)).await;
    let summary = summary.unwrap();
    assert_eq!(urls, ["s3://acme/caps/a+b%20é.srt"]);
    assert_eq!((summary.older_versions, summary.delete_markers, summary.end), (1, 1, End::Whole));
    let broken = all(&parquet_report(folder.path(), &bytes[..bytes.len() / 2]), &world(TWO_BUCKETS)).await;
    assert!(matches!(broken.0, Err(SourceFault::Unreadable(_))));
}

#[tokio::test]
async fn a_packed_listing_is_unpacked_and_one_that_is_cut_says_that_it_ends_early() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..5_000).map(|n| format!("2026-03-14 12:00:00 {n:>10} caps/{n}-{}.srt\n", n * 7919)).collect();
    let bytes = packed(&text);
    let (summary, urls) = all(&file(&folder, "keys.txt.gz", &bytes, "@s3://acme"), &world(TWO_BUCKETS)).await;
    assert_eq!((urls.len(), summary.unwrap().end), (5_000, End::Whole));
    let cut = file(&folder, "cut.gz", &bytes[..bytes.len() / 2], "@s3://acme");
    let (summary, urls) = all(&cut, &world(TWO_BUCKETS)).await;
    assert!(urls.len() > 100 && urls.len() < 5_000, "{}", urls.len());
    assert!(matches!(summary.unwrap().end, End::Early(_)));
}

#[tokio::test]
async fn reading_a_file_stops_when_the_reader_stops() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..200_000).map(|n| format!("caps/{n}.srt\n")).collect();
    let source = file(&folder, "keys.txt", text.as_bytes(), "@s3://acme");
    let world = world(TWO_BUCKETS);
    let mut pages = 0;
    let summary = read(&source, &world, |_| {
        pages += 1;
        ControlFlow::Break(())
    });
    let summary = summary.await.unwrap();
    assert_eq!((pages, summary.end), (1, End::Stopped));
    assert!(summary.entries < 20_000, "{}", summary.entries);
}
