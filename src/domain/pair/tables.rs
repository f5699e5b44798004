//! The names in a table's pairs, held against the objects of the manifest and the keys of the lists: by address, by
//! whole key, else by the parts of a path from its end, where only one fits. Between two nothing is guessed, and what
//! does not fit is counted and not dropped in silence.

use crate::draft::Snapshot;
use crate::format::{counted, thousands};
use crate::keys::{Given, KeyList, TableColumn, WhichColumns, only_bucket};
use crate::manifest::Field;
use crate::printable::printable;
use crate::s3_url::{key, split};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The pairs of one table as far as they are of this manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The pairs whose video is an object of the manifest, with addresses on both sides.
    pub given: Vec<Given>,
    pub pairs: u64,
    /// How many of [`Table::given`] have a transcript in the lists; None without a list.
    pub listed: Option<u64>,
    /// The first video that is no object, or may be one of several: its line and name.
    pub stray: Option<(u64, String)>,
    /// The bucket that was added to transcripts that no list has.
    pub assumed: Option<String>,
    /// What the names of transcripts lack. Such a table states nothing.
    pub lacks: Option<Lack>,
}

/// What makes an address of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Bucket,
    /// Names without a folder, relative to who knows what.
    Prefix,
}

impl Table {
    /// `5 of 6 videos are objects of this manifest, 4 of these 5 transcripts are in the lists`
    pub fn words(&self) -> String {
        let videos = self.given.len() as u64;
        let (is, of) = (if videos == 1 { "is an object" } else { "are objects" }, counted(self.pairs, "video"));
        let mut words = match (videos, &self.stray) {
            (0, Some((line, name))) => {
                let (line, name) = (thousands(*line), printable(name));
                return format!("no video of it is an object of this manifest, such as line {line}, \"{name}\"");
            }
            _ => format!("{} of {of} {is} of this manifest", thousands(videos)),
        };
        if let Some(listed) = self.listed {
            let is = if listed == 1 { "is" } else { "are" };
            words.push_str(&format!(", {} of {} {is} in the lists", thousands(listed), counted(videos, "transcript")));
        }
        if let Some((line, name)) = &self.stray {
            words.push_str(&format!("; not line {}, \"{}\"", thousands(*line), printable(name)));
        }
        if let Some(bucket) = &self.assumed {
            words.push_str(&format!("; names without a bucket are taken to be in s3://{}", printable(bucket)));
        }
        words
    }

    /// Something of it goes nowhere.
    pub fn is_doubtful(&self) -> bool {
        (self.given.len() as u64) < self.pairs || self.listed.is_some_and(|listed| listed < self.given.len() as u64)
    }
}

/// The bucket of all transcripts of a manifest, or if there are none of all videos; None if there are several.
pub fn bucket_of(snapshot: &Snapshot) -> Option<String> {
    let texts = |field| (0..snapshot.len()).map(move |row| snapshot.value(row, field));
    let has_transcripts = texts(Field::Transcription).any(|value| !value.text().is_empty());
    let field = if has_transcripts { Field::Transcription } else { Field::Object };
    only_bucket(texts(field).map(|value| Cow::Owned(value.text().to_owned())))
}

/// Matches the pairs of each table.
pub fn matched(tables: &[&[Given]], snapshot: &Snapshot, lists: &[&KeyList]) -> Vec<Table> {
    let pairs = || tables.iter().flat_map(|table| table.iter());
    let mut objects = Names::wanted(pairs().map(|pair| &*pair.video));
    objects.read_objects(snapshot);
    let mut keys = Names::wanted(pairs().map(|pair| &*pair.transcript));
    for list in lists {
        for (bucket, key) in (0..list.len()).filter_map(|at| list.name(at)) {
            keys.add(bucket, key);
        }
    }
    let buckets: HashSet<&str> = lists.iter().flat_map(|list| list.buckets()).map(String::as_str).collect();
    let of_lists = match buckets.len() {
        1 => buckets.iter().next().map(|bucket| (*bucket).to_owned()),
        _ => None,
    };
    let needs_bucket = pairs().any(|pair| split(&pair.transcript).is_none());
    let bucket = of_lists.or_else(|| needs_bucket.then(|| bucket_of(snapshot)).flatten());
    let has_lists = lists.iter().any(|list| !list.is_empty());
    let world = World { objects, keys, bucket, buckets, has_lists };
    tables.iter().map(|table| world.table(table)).collect()
}

/// Counts for each column of a table how many of its first values are objects of the manifest.
pub fn count_objects(which: &mut WhichColumns, snapshot: &Snapshot) {
    let mut objects = Names::wanted(which.columns.iter().flat_map(|column| &column.values).map(String::as_str));
    objects.read_objects(snapshot);
    let count = |column: &TableColumn| column.values.iter().filter(|value| objects.find(value).is_some()).count();
    let counts: Vec<usize> = which.columns.iter().map(count).collect();
    for (column, found) in which.columns.iter_mut().zip(counts) {
        column.objects = Some(u32::try_from(found).unwrap_or(u32::MAX));
    }
}

struct World<'a> {
    objects: Names<'a>,
    keys: Names<'a>,
    /// For names without one.
    bucket: Option<String>,
    /// Of the lists.
    buckets: HashSet<&'a str>,
    has_lists: bool,
}

impl World<'_> {
    fn table(&self, pairs: &[Given]) -> Table {
        let mut table = Table { pairs: pairs.len() as u64, ..Table::default() };
        let mut listed = 0;
        for pair in pairs {
            let Some(video) = self.objects.find(&pair.video) else {
                table.stray.get_or_insert_with(|| (pair.line, pair.video.clone()));
                continue;
            };
            let transcript = match self.keys.find(&pair.transcript) {
                Some(url) => {
                    listed += 1;
                    url.to_owned()
                }
                None if split(&pair.transcript).is_some() => pair.transcript.clone(),
                None => match self.placed(&pair.transcript) {
                    Ok((bucket, url)) => {
                        table.assumed.get_or_insert(bucket);
                        url
                    }
                    Err(lack) => {
                        table.lacks = Some(lack);
                        continue;
                    }
                },
            };
            table.given.push(Given { video: video.to_owned(), transcript, ..pair.clone() });
        }
        table.listed = self.has_lists.then_some(listed);
        if table.lacks.is_some() {
            table.given.clear();
        }
        table
    }

    /// The address of a transcript that is in no list. Where a list has the bucket, it will be said that it is not in it.
    fn placed(&self, name: &str) -> Result<(String, String), Lack> {
        let bucket = self.bucket.as_deref().ok_or(Lack::Bucket)?;
        if !self.buckets.contains(bucket) && !name.contains('/') {
            return Err(Lack::Prefix);
        }
        Ok((bucket.to_owned(), format!("s3://{bucket}/{}", plain(name))))
    }
}

/// Addresses by their file names: only those that are wanted are kept.
struct Names<'a> {
    by_file: HashMap<&'a str, Vec<Box<str>>>,
}

impl<'a> Names<'a> {
    fn wanted(names: impl Iterator<Item = &'a str>) -> Names<'a> {
        let file = |name: &'a str| key::file_name(split(name).map_or(name, |(_, key)| key));
        Names { by_file: names.map(|name| (file(name), Vec::new())).collect() }
    }

    fn read_objects(&mut self, snapshot: &Snapshot) {
        if self.by_file.is_empty() {
            return;
        }
        for row in 0..snapshot.len() {
            if let Some((bucket, key)) = split(snapshot.value(row, Field::Object).text()) {
                self.add(bucket, key);
            }
        }
    }

    fn add(&mut self, bucket: &str, key: &str) {
        if let Some(known) = self.by_file.get_mut(key::file_name(key)) {
            let url = format!("s3://{bucket}/{key}");
            if !known.iter().any(|known| **known == *url) {
                known.push(url.into());
            }
        }
    }

    /// The only address that a name can mean.
    fn find(&self, name: &str) -> Option<&str> {
        let file = key::file_name(split(name).map_or(name, |(_, key)| key));
        let known = self.by_file.get(file)?;
        if split(name).is_some() {
            return known.iter().map(|url| &**url).find(|url| *url == name);
        }
        let name = plain(name);
        let key = |url: &str| split(url).map_or(0, |(_, key)| key.len());
        let before = |url: &str| url.strip_suffix(name).map(|rest| (key(url) == name.len(), rest.ends_with('/')));
        let only = |is: fn((bool, bool)) -> bool| {
            let mut found = known.iter().map(|url| &**url).filter(|url| before(url).is_some_and(is));
            (found.next(), found.next().is_some())
        };
        match only(|(is_whole, _)| is_whole) {
            (Some(one), is_several) => (!is_several).then_some(one),
            (None, _) => match only(|(_, is_at_a_folder)| is_at_a_folder) {
                (one, false) => one,
                (_, true) => None,
            },
        }
    }
}

fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;
    use crate::manifest::Manifest;
    use std::sync::Arc;

    fn snapshot(objects: &[&str]) -> Snapshot {
        let rows: Vec<_> = objects.iter().map(|object| serde_json::json!({ "object": object })).collect();
        let bytes = serde_json::to_vec(&rows).unwrap();
        Snapshot::of(Arc::new(Manifest::parse(bytes).unwrap()))
    }

    fn given(video: &str, transcript: &str) -> Given {
        Given { video: video.into(), transcript: transcript.into(), line: 2, by: "t.csv".into() }
    }

    fn list(keys: &[(&str, &str)]) -> KeyList {
        keys.iter().map(|(bucket, key)| Key::named(*bucket, *key)).collect()
    }

    const OBJECTS: [&str; 4] =
        ["s3://v/shows/ep-1/master.mov", "s3://v/shows/ep-2/master.mov", "s3://v/talk.mp4", "s3://v/old/talk.mp4"];

    #[test]
    fn a_name_means_the_only_object_that_it_ends_and_nothing_where_two_fit() {
        for (name, object) in [
            ("s3://v/shows/ep-1/master.mov", Some(OBJECTS[0])),
            ("shows/ep-1/master.mov", Some(OBJECTS[0])),
            ("./shows/ep-1/master.mov", Some(OBJECTS[0])),
            ("ep-2/master.mov", Some(OBJECTS[1])),
            ("talk.mp4", Some(OBJECTS[2])),
            ("old/talk.mp4", Some(OBJECTS[3])),
            ("master.mov", None),
            ("p-2/master.mov", None),
            ("s3://w/talk.mp4", None),
            ("TALK.mp4", None),
            ("", None),
        ] {
            let pairs = [given(name, "s3://t/1.srt")];
            let table = matched(&[&pairs], &snapshot(&OBJECTS), &[]).remove(0);
            assert_eq!(table.given.first().map(|pair| &*pair.video), object, "{name}");
            assert_eq!((table.pairs, table.stray.is_none()), (1, object.is_some()), "{name}");
        }
    }

    #[test]
    fn a_transcript_is_the_listed_key_it_names_else_one_that_no_list_has() {
        let listed = list(&[("t", "captions/1.srt"), ("t", "captions/2.srt"), ("t", "old/2.srt"), ("t", "2.srt")]);
        for (name, url, count) in [
            ("s3://t/captions/1.srt", "s3://t/captions/1.srt", 1),
            ("captions/1.srt", "s3://t/captions/1.srt", 1),
            ("1.srt", "s3://t/captions/1.srt", 1),
            ("2.srt", "s3://t/2.srt", 1),
            ("captions/9.srt", "s3://t/captions/9.srt", 0),
            ("9.srt", "s3://t/9.srt", 0),
        ] {
            let pairs = [given("talk.mp4", name)];
            let table = matched(&[&pairs], &snapshot(&OBJECTS), &[&listed]).remove(0);
            assert_eq!((&*table.given[0].transcript, table.listed), (url, Some(count)), "{name}");
            assert_eq!(table.is_doubtful(), count == 0, "{name}");
        }
    }

    #[test]
    fn without_a_list_names_in_folders_get_the_only_bucket_and_others_lack_their_prefix() {
        let two = ["s3://v/talk.mp4", "s3://w/other.mp4"];
        for (objects, name, given_to) in [
            (&OBJECTS[..], "captions/1.srt", Ok("s3://v/captions/1.srt")),
            (&OBJECTS[..], "1.srt", Err(Lack::Prefix)),
            (&two[..], "captions/1.srt", Err(Lack::Bucket)),
            (&two[..], "s3://t/1.srt", Ok("s3://t/1.srt")),
        ] {
            let pairs = [given("talk.mp4", name)];
            let table = matched(&[&pairs], &snapshot(objects), &[]).remove(0);
            assert_eq!(table.listed, None);
            match given_to {
                Ok(url) => assert_eq!(table.given[0].transcript, url, "{name}"),
                Err(lack) => assert_eq!((table.given.len(), table.lacks), (0, Some(lack)), "{name}"),
            }
        }
    }

    #[test]
    fn what_a_table_gives_and_what_it_does_not_is_said() {
        let pairs = [given("talk.mp4", "1.srt"), given("gone.mp4", "2.srt"), given("old/talk.mp4", "3.srt")];
        let table = matched(&[&pairs], &snapshot(&OBJECTS), &[&list(&[("t", "1.srt")])]).remove(0);
        assert_eq!(
            table.words(),
            "2 of 3 videos are objects of this manifest, 1 of 2 transcripts is in the lists; not line 2, \"gone.mp4\"; \
             names without a bucket are taken to be in s3://t"
        );
        let none = matched(&[&pairs[1..2]], &snapshot(&OBJECTS), &[]).remove(0);
        assert_eq!(none.words(), "no video of it is an object of this manifest, such as line 2, \"gone.mp4\"");
    }

    #[test]
    fn columns_are_counted_by_the_objects_in_them() {
        let column = |values: &[&str]| TableColumn {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ..TableColumn::default()
        };
        let source = crate::keys::Source::parse("t.csv").unwrap();
        let columns = vec![column(&["a", "b"]), column(&["shows/ep-1/master.mov", "gone.mov", "talk.mp4"])];
        let mut which = WhichColumns { source, columns, guess: None, missing: None };
        count_objects(&mut which, &snapshot(&OBJECTS));
        assert_eq!(which.columns.iter().map(|column| column.objects).collect::<Vec<_>>(), [Some(0), Some(2)]);
    }
}
