//! JSON output of listing tools: one value, several in sequence, or one per line. Entries are processed as they are
//! read.
//!
//! | printed by | shape |
//! |---|---|
//! | `aws s3api list-objects-v2`, `list-object-versions` | `{"Contents": [{"Key": …}]}`, `{"Versions": …, "DeleteMarkers": …}` |
//! | the same with `--query` | `[{"Key": …}]`, `["caps/01.srt"]`, `[["caps/01.srt", 1234]]` |
//! | `rclone lsjson` | `[{"Path": …, "IsDir": false}]` |
//! | `mc ls --json`, `s5cmd --json ls` | `{"key": …, "type": "file"}`, one a line |
//! | another manifest | `[{"transcription": …}]` |

use super::lines::{Found, Line, plain_line};
use super::sink::{Names, Sink};
use crate::keys::{End, Entry, KeyList, Shape, is_transcript};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::io::BufRead;

/// Reads JSON to the end, or until the receiver stops.
pub fn read(input: impl BufRead, sink: &mut Sink<'_>) -> End {
    sink.counts_entries();
    let mut state = State { sink, shape: Shape::Json, entry: 0, started: false, goes_on: false };
    let mut json = serde_json::Deserializer::from_reader(input);
    let mut values = 0;
    let end = loop {
        state.started = false;
        match Top(&mut state).deserialize(&mut json) {
            _ if state.sink.is_stopped() => break End::Stopped,
            Ok(()) => values += 1,
            // Between two values this is the end of the file.
            Err(error) if error.is_eof() && !state.started && values > 0 => break End::Whole,
            Err(error) => break End::Early(place_of(&error)),
        }
    };
    let (shape, goes_on) = (state.shape, state.goes_on);
    sink.summary.shape = shape;
    match end {
        End::Whole if goes_on => {
            End::Early("the listing is incomplete: it was made with --max-items or --no-paginate".to_owned())
        }
        end => end,
    }
}

fn place_of(error: &serde_json::Error) -> String {
    let why = error.to_string();
    let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
    format!("line {}, column {}: {why}", error.line(), error.column())
}

struct State<'s, 'a> {
    sink: &'s mut Sink<'a>,
    shape: Shape,
    /// Number of the last entry, from 1.
    entry: u64,
    /// Part of the current value has been read.
    started: bool,
    /// The last page announces another one.
    goes_on: bool,
}

/// A page being read. Its keys are held until its end: the bucket name comes after them, or not at all.
#[derive(Default)]
struct Listed {
    is_page: bool,
    held: KeyList,
    bucket: Option<String>,
    /// It says that another page follows.
    goes_on: bool,
    /// Fields that are not part of a page.
    rest: Map<String, Value>,
}

impl State<'_, '_> {
    fn entry(&mut self, entry: Value) {
        self.entry += 1;
        match entry {
            Value::String(text) => self.text(&text),
            // `["caps/01.srt", 1234]`: the transcript, else the first text, is the key.
            Value::Array(fields) => match the_key(&fields) {
                Some(key) => {
                    let size = fields.iter().find_map(Value::as_u64);
                    self.sink.key(Entry { size, ..Entry::named("", key) }, Names::Whole);
                }
                None => self.sink.not_key(self.entry, "a list without a text in it"),
            },
            Value::Object(fields) if fields.contains_key("Contents") => {
                let mut listed = Listed::default();
                for (name, value) in fields {
                    self.field(&mut listed, &name, value);
                }
                self.page(listed);
            }
            Value::Object(fields) => self.object(&fields),
            other => self.sink.not_key(self.entry, &other.to_string()),
        }
    }

    fn text(&mut self, text: &str) {
        match plain_line(text) {
            Line::Key(Found { bucket, key, size, modified }) => {
                self.sink.key(Entry { bucket: &bucket, key: &key, size, modified }, Names::Unsure);
            }
            _ => self.sink.not_key(self.entry, text),
        }
    }

    fn object(&mut self, fields: &Map<String, Value>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let entry = |key| Entry { bucket: "", key, size: size(fields), modified: modified(fields) };
        let is = |name: &str| fields.get(name).and_then(Value::as_bool);
        if is("IsDir") == Some(true) || matches!(text("type"), Some("folder" | "directory")) {
            self.sink.folder();
        } else if is("IsLatest") == Some(false) {
            self.sink.older_version();
        } else if let Some(key) = text("Key") {
            self.shape = Shape::Objects;
            self.sink.key(entry(key), Names::Whole);
        } else if let Some(key) = text("key") {
            // `mc` adds a status to each object and prints relative names; `s5cmd` prints full addresses.
            if fields.contains_key("status") {
                self.shape = Shape::Mc;
                self.sink.key(entry(key), Names::Relative);
            } else {
                self.shape = Shape::S5cmd;
                self.text(key);
            }
        } else if let Some(path) = text("Path") {
            self.shape = Shape::RcloneLsjson;
            self.sink.key(entry(path), Names::Relative);
        } else if let Some(transcript) = fields.get("transcription") {
            match transcript.as_str() {
                None | Some("") => self.sink.passed(),
                Some(url) => self.text(url),
            }
        } else {
            let names: Vec<&str> = fields.keys().take(4).map(String::as_str).collect();
            let what = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            self.sink.not_key(self.entry, &format!("an object with {what} in it"));
        }
    }

    /// The fields of an object, as far as they can be read.
    fn fields<'de, A: MapAccess<'de>>(&mut self, map: &mut A, listed: &mut Listed) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if matches!(&*name, "Contents" | "Versions") {
                listed.is_page = true;
                map.next_value_seed(Objects { state: &mut *self, listed: &mut *listed })?;
            } else {
                let value = map.next_value()?;
                self.field(listed, &name, value);
            }
        }
        Ok(())
    }

    /// A field of a page, or of an object that turns out not to be one.
    fn field(&mut self, listed: &mut Listed, name: &str, value: Value) {
        match (name, value) {
            ("Contents" | "Versions", Value::Array(objects)) => {
                listed.is_page = true;
                for object in objects {
                    self.listed(listed, object);
                }
            }
            // An empty page.
            ("Contents" | "Versions", Value::Null) => listed.is_page = true,
            ("DeleteMarkers", Value::Array(markers)) => {
                listed.is_page = true;
                markers.iter().for_each(|_| self.sink.delete_marker());
            }
            ("CommonPrefixes", Value::Array(folders)) => {
                listed.is_page = true;
                folders.iter().for_each(|_| self.sink.folder());
            }
            ("IsTruncated", Value::Bool(is)) => listed.goes_on |= is,
            ("NextToken" | "NextContinuationToken" | "NextMarker" | "NextKeyMarker", value) => {
                listed.goes_on |= value.as_str().is_some_and(|token| !token.is_empty());
            }
            ("Name", Value::String(bucket)) => listed.bucket = Some(bucket),
            (name, value) => {
                listed.rest.insert(name.to_owned(), value);
            }
        }
    }

    /// An object of a page.
    fn listed(&mut self, listed: &mut Listed, object: Value) {
        self.entry += 1;
        let Value::Object(fields) = &object else {
            return self.sink.not_key(self.entry, &object.to_string());
        };
        let key = fields.get("Key").and_then(Value::as_str);
        let is_older = fields.get("IsLatest").and_then(Value::as_bool) == Some(false);
        let entry = key.map(|key| Entry { bucket: "", key, size: size(fields), modified: modified(fields) });
        // Entries that are only counted need no bucket.
        if is_older || !entry.is_some_and(|entry| listed.held.push(entry)) {
            self.object(fields);
        }
    }

    fn page(&mut self, listed: Listed) {
        let Listed { is_page, held, bucket, goes_on, mut rest } = listed;
        if !is_page {
            self.entry += 1;
            rest.extend(bucket.map(|name| ("Name".to_owned(), name.into())));
            return self.object(&rest);
        }
        self.shape = Shape::Objects;
        self.goes_on = goes_on;
        let bucket = bucket.unwrap_or_default();
        for key in (0..held.len()).filter_map(|index| held.get(index)) {
            let modified = key.modified.as_deref();
            self.sink.key(Entry { bucket: &bucket, key: key.key, size: key.size, modified }, Names::Whole);
        }
    }
}

fn the_key(fields: &[Value]) -> Option<&str> {
    let mut texts = fields.iter().filter_map(Value::as_str);
    let first = texts.clone().next();
    texts.find(|text| is_transcript(text)).or(first)
}

fn size(fields: &Map<String, Value>) -> Option<u64> {
    ["Size", "size"].into_iter().find_map(|name| fields.get(name)?.as_u64())
}

fn modified(fields: &Map<String, Value>) -> Option<&str> {
    ["LastModified", "lastModified", "last_modified", "ModTime"].into_iter().find_map(|name| fields.get(name)?.as_str())
}

/// A top-level value: a list of entries, or an object that may be a page.
struct Top<'v, 's, 'a>(&'v mut State<'s, 'a>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of keys")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.started = true;
        while let Some(entry) = list.next_element::<Value>()? {
            self.0.entry(entry);
            wanted(self.0)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.started = true;
        let mut listed = Listed::default();
        let read = self.0.fields(&mut map, &mut listed);
        // A page that breaks off keeps the keys it brought.
        if read.is_ok() || listed.is_page {
            self.0.page(listed);
        }
        read.and_then(|()| wanted(self.0))
    }
}

/// The objects of one page, one by one: there may be millions.
struct Objects<'v, 's, 'a, 'l> {
    state: &'v mut State<'s, 'a>,
    listed: &'l mut Listed,
}

impl<'de> DeserializeSeed<'de> for Objects<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the objects of a listing")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(object) = list.next_element::<Value>()? {
            self.state.listed(self.listed, object);
            wanted(self.state)?;
        }
        Ok(())
    }
}

fn wanted<E: Error>(state: &State<'_, '_>) -> Result<(), E> {
    if state.sink.is_stopped() { Err(E::custom("nobody wants more")) } else { Ok(()) }
}
