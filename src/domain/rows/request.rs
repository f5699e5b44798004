//! The request for one row, for each version of the API (facts/twelvelabs.md §7), and its curl command.

use crate::manifest::{Field, Row};
use crate::request::{Address, KEY_VARIABLE, shell_quoted};
use std::fmt;

/// Whether this version of the API takes a transcript with a video. From 1.3 on there is neither a transcript nor a
/// language.
pub fn takes_transcripts(address: &Address) -> bool {
    let base = address.as_str().strip_suffix(Address::PATH).unwrap_or_default();
    let version = base.rsplit('/').next().and_then(|segment| segment.strip_prefix('v')).unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(1), minor) => minor.unwrap_or(0) < 3,
        (Some(major), _) => major == 0,
        // An address without a version is another one's gateway: it is believed to be as the one for transfers.
        (None, _) => true,
    }
}

/// The addresses from which the service fetches. A presigned one is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct RowLinks {
    pub video: String,
    /// None: the row goes without a transcript.
    pub transcript: Option<String>,
}

/// The fields of one request, in order.
#[derive(Clone, PartialEq, Eq)]
pub struct RowRequest {
    fields: Vec<(&'static str, String)>,
}

impl RowRequest {
    pub fn new(takes_transcripts: bool, row: &Row<'_>, links: RowLinks) -> RowRequest {
        let mut fields = Vec::with_capacity(5);
        let transcript = links.transcript.filter(|_| takes_transcripts);
        if transcript.is_some() {
            fields.push(("provide_transcription", "true".to_owned()));
        }
        if takes_transcripts {
            fields.push(("language", row.text(Field::Language).to_owned()));
        }
        fields.push(("index_id", row.text(Field::IndexId).to_owned()));
        fields.push(("video_url", links.video));
        fields.extend(transcript.map(|link| ("transcription_url", link)));
        RowRequest { fields }
    }

    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// A link may be presigned: names only.
impl fmt::Debug for RowRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

impl fmt::Debug for RowLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowLinks").finish_non_exhaustive()
    }
}

/// The curl command of a row, one entry per line, to be joined by backslashes. The caller puts `VIDEO_LINK` in the place
/// of a presigned link.
pub fn curl_of_row(address: &Address, request: &RowRequest, key_variable: Option<&str>) -> Vec<String> {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '/' | ':' | '%' | '=' | ',');
    let field = |(name, value): (&str, &str)| {
        let pair = format!("{name}={value}");
        // curl reads a file for @ and <, and a type behind a semicolon: this option takes the text as it is.
        if pair.chars().all(is_plain) { format!("-F {pair}") } else { format!("--form-string {}", shell_quoted(&pair)) }
    };
    let url = address.single();
    let url = if url.chars().all(is_plain) { url } else { shell_quoted(&url) };
    let (links, short): (Vec<_>, Vec<_>) = request.fields().partition(|(name, _)| name.ends_with("_url"));
    let mut lines = vec![
        format!("curl -X POST {url}"),
        "-H 'accept: application/json'".to_owned(),
        format!("-H \"x-api-key: ${}\"", key_variable.unwrap_or(KEY_VARIABLE)),
        short.into_iter().map(field).collect::<Vec<_>>().join(" "),
    ];
    lines.extend(links.into_iter().map(field));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    const ROW: &str = r#"[{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://b/a.mp4"}]"#;

    fn address(base: &str) -> Address {
        Address::parse(base, false).unwrap()
    }

    fn request(takes: bool, transcript: Option<&str>) -> RowRequest {
        let manifest = Manifest::parse(ROW.into()).unwrap();
        let links = RowLinks { video: "https://b.s3/a.mp4".into(), transcript: transcript.map(str::to_owned) };
        RowRequest::new(takes, &manifest.row(0), links)
    }

    #[test]
    fn a_version_from_1_3_on_takes_no_transcript() {
        for (base, takes) in [
            ("https://api.twelvelabs.io/v1", true),
            ("https://api.twelvelabs.io/v1.0", true),
            ("https://api.twelvelabs.io/v1.1.2", true),
            ("https://api.twelvelabs.io/v1.2", true),
            ("https://api.twelvelabs.io/v1.2/", true),
            ("https://api.twelvelabs.io/v1.3", false),
            ("https://api.twelvelabs.io/v1.30", false),
            ("https://api.twelvelabs.io/v1.3.1", false),
            ("https://api.twelvelabs.io/v2", false),
            ("https://gateway.example/labs", true),
            ("https://gateway.example", true),
        ] {
            assert_eq!(takes_transcripts(&address(base)), takes, "{base}");
        }
    }

    #[test]
    fn each_version_gets_the_fields_that_it_knows() {
        let names = |takes, transcript| request(takes, transcript).fields().map(|(name, _)| name).collect::<Vec<_>>();
        let link = Some("https://b.s3/a.srt");
        assert_eq!(
            names(true, link),
            ["provide_transcription", "language", "index_id", "video_url", "transcription_url"]
        );
        assert_eq!(names(true, None), ["language", "index_id", "video_url"]);
        assert_eq!(names(false, link), ["index_id", "video_url"]);
        assert_eq!(names(false, None), ["index_id", "video_url"]);
    }

    #[test]
    fn the_curl_command_names_the_key_and_quotes_what_curl_would_read_otherwise() {
        let lines = curl_of_row(&address("https://api.twelvelabs.io/v1.2"), &request(true, Some("@x;y")), None);
        assert_eq!(
            lines,
            [
                "curl -X POST https://api.twelvelabs.io/v1.2/tasks",
                "-H 'accept: application/json'",
                "-H \"x-api-key: $TWELVELABS_API_KEY\"",
                "-F provide_transcription=true -F language=en -F index_id=6298d673f1090f1100476d4c",
                "-F video_url=https://b.s3/a.mp4",
                "--form-string 'transcription_url=@x;y'",
            ]
        );
    }

    #[test]
    fn a_link_is_not_in_the_debug_text() {
        let links = RowLinks { video: "https://b/?X-Amz-Signature=CANARY".into(), transcript: None };
        let manifest = Manifest::parse(ROW.into()).unwrap();
        let request = RowRequest::new(true, &manifest.row(0), links.clone());
        assert!(!format!("{request:?} {links:?}").contains("CANARY"));
    }
}
