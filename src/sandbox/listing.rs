//! A page of a bucket's listing as XML (Amazon S3 API, ListObjectsV2). It knows `bucket` for the fault it answers with.

use super::bucket::Fault;
use super::objects::{Object, Objects};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::escape::escape;
use std::fmt::Write;

/// Characters that S3 doesn't encode in a listing with `encoding-type=url`; blanks become a plus.
const LISTED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// A listing request.
#[derive(Debug, Default)]
pub(super) struct Asked {
    prefix: String,
    /// Keys that contain it after the prefix are grouped as one folder.
    delimiter: String,
    /// The last key or folder of the previous page.
    after: String,
    token: Option<String>,
    most: usize,
    encoded: bool,
}

impl Asked {
    /// Parses a query; None if it is not for this listing. No page is longer than `page`.
    pub(super) fn read(query: &str, page: usize) -> Result<Option<Asked>, Fault> {
        let mut asked = Asked { most: page, ..Asked::default() };
        let mut is_listing = false;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("list-type", "2") => is_listing = true,
                ("prefix", _) => asked.prefix = value.into_owned(),
                ("delimiter", _) => asked.delimiter = value.into_owned(),
                ("continuation-token", _) => asked.token = Some(value.into_owned()),
                ("encoding-type", "url") => asked.encoded = true,
                ("max-keys", _) => match value.parse::<usize>() {
                    Ok(most) => asked.most = most.min(page),
                    Err(_) => return Err(Fault::argument("Provided max-keys not an integer or within integer range")),
                },
                _ => {}
            }
        }
        if let Some(token) = &asked.token {
            let after = token.strip_prefix(TOKEN).and_then(|token| percent_decode_str(token).decode_utf8().ok());
            asked.after = after.ok_or(Fault::argument("The continuation token provided is incorrect"))?.into_owned();
        }
        Ok(is_listing.then_some(asked))
    }

    /// The requested page.
    pub(super) fn page(&self, bucket: &str, objects: &Objects) -> String {
        let Asked { prefix, delimiter, after, token, most, encoded } = self;
        let (mut contents, mut folders) = (String::new(), String::new());
        let (mut count, mut last, mut goes_on) = (0, String::new(), false);
        objects.scan(bucket, prefix, after, |key, object| {
            let name = folder(key, prefix, delimiter).unwrap_or(key);
            // The folder was listed with its first key, perhaps on the previous page.
            if name == last || name <= after.as_str() {
                return true;
            }
            if count == *most {
                goes_on = *most > 0;
                return false;
            }
            count += 1;
            name.clone_into(&mut last);
            if name == key {
                contents += &self.object(key, object);
            } else {
                folders += &self.folder(name);
            }
            true
        });
        let mut page = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        page += "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
        put(&mut page, "Name", bucket);
        put(&mut page, "Prefix", &self.written(prefix));
        if !delimiter.is_empty() {
            put(&mut page, "Delimiter", &self.written(delimiter));
        }
        if *encoded {
            put(&mut page, "EncodingType", "url");
        }
        put(&mut page, "MaxKeys", &most.to_string());
        put(&mut page, "KeyCount", &count.to_string());
        put(&mut page, "IsTruncated", &goes_on.to_string());
        if let Some(token) = token {
            put(&mut page, "ContinuationToken", token);
        }
        if goes_on {
            put(
                &mut page,
                "NextContinuationToken",
                &format!("{TOKEN}{}", utf8_percent_encode(&last, NON_ALPHANUMERIC)),
            );
        }
        page + &contents + &folders + "</ListBucketResult>"
    }

    fn object(&self, key: &str, Object { content, modified }: &Object) -> String {
        let mut entry = String::from("<Contents>");
        put(&mut entry, "Key", &self.written(key));
        put(&mut entry, "LastModified", &modified.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string());
        put(&mut entry, "ETag", &format!("\"{}\"", content.etag));
        put(&mut entry, "Size", &content.size.to_string());
        put(&mut entry, "StorageClass", "STANDARD");
        entry + "</Contents>"
    }

    fn folder(&self, name: &str) -> String {
        let mut entry = String::from("<CommonPrefixes>");
        put(&mut entry, "Prefix", &self.written(name));
        entry + "</CommonPrefixes>"
    }

    fn written(&self, text: &str) -> String {
        if self.encoded { utf8_percent_encode(text, LISTED).to_string().replace(' ', "+") } else { text.to_owned() }
    }
}

/// Tokens are opaque to clients.
const TOKEN: &str = "1!";

/// The folder of a key, from `prefix` to the first delimiter after it.
fn folder<'a>(key: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    if delimiter.is_empty() {
        return None;
    }
    let end = key.strip_prefix(prefix)?.find(delimiter)? + prefix.len() + delimiter.len();
    key.get(..end)
}

fn put(out: &mut String, element: &str, text: &str) {
    // A raw carriage return would be parsed as a line feed.
    let text = escape(text).replace('\r', "&#13;");
    // Writing to a string never fails.
    let _ = write!(out, "<{element}>{text}</{element}>");
}

#[cfg(test)]
mod tests {
    use super::super::footage::Sparse;
    use super::*;

    fn bucket(keys: &[&str]) -> Objects {
        let objects = Objects::default();
        keys.iter().for_each(|key| objects.put("b", key, Sparse::whole(b"1".to_vec())));
        objects
    }

    /// The keys and folders of all pages, and how many pages there were.
    fn listed(objects: &Objects, query: &str, page: usize) -> (Vec<String>, usize) {
        let (mut names, mut pages, mut token) = (Vec::new(), 0, String::new());
        loop {
            let asked = Asked::read(&format!("list-type=2&{query}{token}"), page).unwrap().unwrap();
            let xml = asked.page("b", objects);
            let texts = |element: &str| {
                let (open, close) = (format!("<{element}>"), format!("</{element}>"));
                xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect::<Vec<_>>()
            };
            names.extend(texts("Key"));
            // The first one is the requested prefix.
            names.extend(texts("Prefix").into_iter().skip(1));
            pages += 1;
            assert_eq!(texts("IsTruncated")[0] == "true", !texts("NextContinuationToken").is_empty());
            let Some(next) = texts("NextContinuationToken").pop() else { return (names, pages) };
            token = format!("&continuation-token={}", utf8_percent_encode(&next, NON_ALPHANUMERIC));
        }
    }

    #[test]
    fn keys_come_in_the_order_of_their_bytes_over_pages_of_any_size() {
        let keys = ["a", "a/", "a/b", "a//b", "a0", "é", "Z", "b/c", "\u{10000}", "\u{ffee}"];
        let mut sorted = keys.map(str::to_owned).to_vec();
        sorted.sort();
        for page in 1..12 {
            assert_eq!(listed(&bucket(&keys), "", page), (sorted.clone(), keys.len().div_ceil(page)), "{page}");
        }
        assert_eq!(listed(&bucket(&keys), "max-keys=3", 1_000).1, 4);
        assert_eq!(listed(&bucket(&keys), "max-keys=0", 1_000), (Vec::new(), 1));
        assert_eq!(listed(&bucket(&[]), "", 1_000), (Vec::new(), 1));
    }

    #[test]
    fn a_prefix_and_a_delimiter_select_as_s3_documents_it() {
        let keys = ["news/", "news/a.srt", "news/b/1.srt", "news/b/2.srt", "news/c/1.srt", "newsreel.srt", "x.srt"];
        let names = |query: &str, page| {
            let mut names = listed(&bucket(&keys), query, page).0;
            names.sort();
            names
        };
        for page in [1, 2, 1_000] {
            assert_eq!(names("prefix=news/", page), keys[..5]);
            assert_eq!(names("delimiter=/", page), ["news/", "newsreel.srt", "x.srt"]);
            let inside = ["news/", "news/a.srt", "news/b/", "news/c/"];
            assert_eq!(names("prefix=news/&delimiter=/", page), inside);
            assert_eq!(names("prefix=none/&delimiter=/", page), [""; 0]);
        }
    }

    #[test]
    fn odd_keys_are_escaped_or_encoded() {
        let objects = bucket(&["a&<b>\"\r c+é%"]);
        assert_eq!(listed(&objects, "", 9).0, ["a&amp;&lt;b&gt;&quot;&#13; c+é%"]);
        assert_eq!(listed(&objects, "encoding-type=url", 9).0, ["a%26%3Cb%3E%22%0D+c%2B%C3%A9%25"]);
    }

    #[test]
    fn other_queries_are_no_listing_and_bad_parameters_are_refused() {
        assert!(Asked::read("", 9).unwrap().is_none());
        assert!(Asked::read("list-type=1", 9).unwrap().is_none());
        for query in ["max-keys=many", "max-keys=-1", "continuation-token=", "continuation-token=1!%25FF"] {
            assert!(Asked::read(query, 9).is_err(), "{query}");
        }
    }
}
