//! The parts of a send, before anything is sent: address, fingerprint of the bytes, file name on the wire, and the
//! equivalent curl command. Pure: knows no API key and opens no file.

use super::printable::printable;
use sha2::{Digest, Sha256};
use std::fmt;
use url::{Host, Url};

/// Identifies the checked bytes: the sent ones must match before the last byte leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    pub sha256: [u8; 32],
    pub bytes: u64,
}

impl Fingerprint {
    pub fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Fingerprint {
        let mut hash = Sha256::new();
        let mut bytes = 0u64;
        for piece in pieces {
            hash.update(piece);
            bytes += piece.len() as u64;
        }
        Fingerprint { sha256: hash.finalize().into(), bytes }
    }

    /// 64 lower-case hex digits.
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        self.sha256.iter().fold(String::with_capacity(64), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({}, {} bytes)", self.hex(), self.bytes)
    }
}

/// The address of the upload: an `http(s)` URL without user name, password, query or fragment, so that it can be shown
/// and stored unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("is not a URL; it should look like https://api.twelvelabs.io/v1.2")]
    NoUrl,
    #[error("must begin with https://")]
    Scheme,
    #[error("is plain http, which would show the API key on the way; use https://, or --allow-http if that is meant")]
    PlainHttp,
    #[error("must not hold a user name or password")]
    Credentials,
    #[error("is the address of the upload itself; leave {0} away, it is appended")]
    Path(&'static str),
    #[error("must not have a ? or # part; the path is appended to it")]
    Query,
}

impl Address {
    /// The path of the upload, appended to the API's base URL.
    pub const PATH: &'static str = "/tasks/transfers";

    /// From the API's base URL, `https://api.twelvelabs.io/v1.2`. Plain `http` only for loopback, unless `allow_http`.
    ///
    /// # Errors
    /// [`AddressError`], a sentence that continues the name of the setting.
    pub fn parse(base: &str, allow_http: bool) -> Result<Address, AddressError> {
        let base = base.trim();
        let url = Url::parse(base).map_err(|_| AddressError::NoUrl)?;
        let loopback = is_loopback(url.host().ok_or(AddressError::NoUrl)?);
        match url.scheme() {
            "https" => {}
            "http" if loopback || allow_http => {}
            "http" => return Err(AddressError::PlainHttp),
            _ => return Err(AddressError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Query);
        }
        // Doubled slashes are slips, and would make another address of the one that was sent to before.
        let mut url = url;
        let path = url.path().split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/");
        url.set_path(&path);
        if let Some(own) = [Address::PATH, "/tasks"].into_iter().find(|own| url.path().ends_with(own)) {
            return Err(AddressError::Path(own));
        }
        let whole = format!("{}{}", url.as_str().trim_end_matches('/'), Address::PATH);
        Ok(Address { url: Url::parse(&whole).map_err(|_| AddressError::NoUrl)? })
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The address for one video with its transcript, row by row: `https://api.twelvelabs.io/v1.2/tasks`.
    pub fn single(&self) -> String {
        self.as_str().strip_suffix("/transfers").unwrap_or(self.as_str()).to_owned()
    }

    /// Host, with a non-default port: `api.twelvelabs.io`, `127.0.0.1:8080`.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub fn is_loopback(&self) -> bool {
        self.url.host().is_some_and(is_loopback)
    }
}

/// The service behind the address of an upload, whole or row by row: every version of the API at one host is the same
/// one, for a video that one of them took in is in the index of all.
pub fn service_of(address: &str) -> &str {
    let base = address.strip_suffix("/transfers").unwrap_or(address);
    let base = base.strip_suffix("/tasks").unwrap_or(base);
    // As version 1.0 has it.
    let base = base.strip_suffix("/indexes").unwrap_or(base);
    let is_version = |segment: &str| {
        let numbers = segment.strip_prefix('v').unwrap_or_default();
        !numbers.is_empty() && numbers.split('.').all(|part| part.parse::<u32>().is_ok())
    };
    match base.rsplit_once('/') {
        Some((before, last)) if is_version(last) => before,
        _ => base,
    }
}

fn is_loopback(host: Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The file name sent to the service: ASCII letters, digits, `.`, `-`, `_` and blanks; anything else becomes `_`.
/// Multipart parsers disagree about names with raw UTF-8 or quotes.
pub fn wire_name(file_name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' };
    let name: String = file_name.chars().map(safe).take(200).collect();
    if name.trim_matches(['_', ' ', '.']).is_empty() { "manifest.json".to_owned() } else { name }
}

/// Size of the multipart body with its boundary lines: the value of `Content-Length`.
pub fn request_bytes(wire_name: &str, file_bytes: u64) -> u64 {
    // --B CRLF, the part's head, CRLF CRLF, the file, CRLF --B-- CRLF; B is four groups of 16 hex digits.
    const BOUNDARY: usize = 4 * 16 + 3;
    let head = format!(
        "Content-Disposition: form-data; name=\"file\"; filename=\"{wire_name}\"\r\nContent-Type: application/json\r\n\r\n"
    );
    file_bytes + (2 + BOUNDARY + 2 + head.len() + 2 + 2 + BOUNDARY + 2 + 2) as u64
}

/// The usual variable for the API key.
pub const KEY_VARIABLE: &str = "TWELVELABS_API_KEY";

/// The equivalent curl command, one entry per line, to be joined by backslashes. The API key is only referenced by its
/// variable, or by the usual one if no variable holds it.
pub fn curl(address: &Address, file: &str, key_variable: Option<&str>) -> Vec<String> {
    let from = if file.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/')) {
        file.to_owned()
    } else {
        // curl interprets `;` and `,` in an unquoted name.
        format!("\"{}\"", file.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let name = file.rsplit('/').next().unwrap_or(file);
    let on_wire = wire_name(name);
    let named = if on_wire == name { String::new() } else { format!(";filename=\"{on_wire}\"") };
    let part = format!("file=@{from}{named};type=application/json");
    let variable = key_variable.unwrap_or(KEY_VARIABLE);
    let url = address.as_str();
    let plain_url = url.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '%'));
    let url = if plain_url { url.to_owned() } else { shell_quoted(url) };
    vec![
        format!("curl -X POST {url}"),
        "-H 'accept: application/json'".to_owned(),
        format!("-H \"x-api-key: ${variable}\""),
        format!("-F {}", shell_quoted(&part)),
    ]
}

/// Quotes one word for a POSIX shell; text that a terminal would not show as it is becomes `$'…'`, which bash, zsh and
/// ksh read.
pub(crate) fn shell_quoted(text: &str) -> String {
    if printable(text) == text {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let escaped = text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', byte as char]),
            0x20..=0x7e => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
        out
    });
    format!("$'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_and_route_at_one_host_is_the_same_service() {
        let same = [
            "https://api.twelvelabs.io/v1.2/tasks/transfers",
            "https://api.twelvelabs.io/v1.3/tasks/transfers",
            "https://api.twelvelabs.io/v1.2/tasks",
            "https://api.twelvelabs.io/v1.1.2/tasks",
            "https://api.twelvelabs.io/v1/indexes/tasks/transfers",
            "https://api.twelvelabs.io/tasks",
        ];
        assert!(same.iter().all(|address| service_of(address) == "https://api.twelvelabs.io"), "{same:?}");
        for other in [
            "https://gateway.example/v1.2/tasks",
            "http://api.twelvelabs.io/v1.2/tasks",
            "https://api.twelvelabs.io:8443/v1.2/tasks",
            "https://api.twelvelabs.io/eu/v1.2/tasks",
            "https://api.twelvelabs.io/v1.x/tasks",
            "https://api.twelvelabs.io/v/tasks",
        ] {
            assert_ne!(service_of(other), "https://api.twelvelabs.io", "{other}");
        }
    }

    #[test]
    fn an_address_is_https_or_loopback_and_holds_no_secret() {
        let cases = [
            ("https://api.twelvelabs.io/v1.2", Ok("https://api.twelvelabs.io/v1.2/tasks/transfers")),
            ("https://api.twelvelabs.io/v1.2///", Ok("https://api.twelvelabs.io/v1.2/tasks/transfers")),
            ("https://api.twelvelabs.io/v1.2/tasks/transfers", Err(AddressError::Path(Address::PATH))),
            ("https://api.twelvelabs.io/v1.2/tasks/transfers//", Err(AddressError::Path(Address::PATH))),
            ("https://api.twelvelabs.io/v1.2/tasks", Err(AddressError::Path("/tasks"))),
            ("https://api.twelvelabs.io/v1.2/tasks/", Err(AddressError::Path("/tasks"))),
            ("http://127.0.0.1:8080/v1.2", Ok("http://127.0.0.1:8080/v1.2/tasks/transfers")),
            ("http://[::1]:8080", Ok("http://[::1]:8080/tasks/transfers")),
            ("http://localhost/v1.2", Ok("http://localhost/v1.2/tasks/transfers")),
            ("http://localhost.evil.com/v1.2", Err(AddressError::PlainHttp)),
            ("https://api.twelvelabs.io//v1.2//", Ok("https://api.twelvelabs.io/v1.2/tasks/transfers")),
            ("https://api.twelvelabs.io/v1.2/tasks//transfers", Err(AddressError::Path(Address::PATH))),
            ("http://127.0.0.1.evil.com/v1.2", Err(AddressError::PlainHttp)),
            ("http://api.twelvelabs.io/v1.2", Err(AddressError::PlainHttp)),
            ("https://me:pw@api.twelvelabs.io", Err(AddressError::Credentials)),
            ("https://api.twelvelabs.io/?a=b", Err(AddressError::Query)),
            ("ftp://api.twelvelabs.io", Err(AddressError::Scheme)),
            ("api.twelvelabs.io", Err(AddressError::NoUrl)),
            ("", Err(AddressError::NoUrl)),
        ];
        for (base, expected) in cases {
            let got = Address::parse(base, false);
            assert_eq!(got.as_ref().map(Address::as_str).map_err(|e| *e), expected, "{base}");
        }
        assert!(Address::parse("http://mirror.example/v1.2", true).is_ok());
    }

    #[test]
    fn the_name_on_the_wire_cannot_break_out_of_its_header() {
        for (name, wire) in [
            ("news-2026.json", "news-2026.json"),
            ("a\"\r\nx: y.json", "a___x_ y.json"),
            ("한국어.json", "___.json"),
            ("..", "manifest.json"),
            ("", "manifest.json"),
        ] {
            assert_eq!(wire_name(name), wire);
        }
    }

    #[test]
    fn the_curl_command_names_the_key_and_quotes_the_file() {
        let address = Address::parse("https://api.twelvelabs.io/v1.2", false).unwrap();
        assert_eq!(
            curl(&address, "news-2026.json", None),
            [
                "curl -X POST https://api.twelvelabs.io/v1.2/tasks/transfers",
                "-H 'accept: application/json'",
                "-H \"x-api-key: $TWELVELABS_API_KEY\"",
                "-F 'file=@news-2026.json;type=application/json'",
            ]
        );
        assert_eq!(curl(&address, "m.json", Some("TL_API_KEY"))[2], "-H \"x-api-key: $TL_API_KEY\"");
    }

    #[test]
    fn the_curl_command_sends_the_file_under_the_name_that_is_on_the_wire() {
        let address = Address::parse("https://api.twelvelabs.io/v1.2", false).unwrap();
        let last = |file: &str| curl(&address, file, None).pop().unwrap();
        for (file, part) in [
            ("news/m.json", r#"-F 'file=@news/m.json;type=application/json'"#),
            ("my news.json", r#"-F 'file=@"my news.json";type=application/json'"#),
            ("한국.json", r#"-F 'file=@"한국.json";filename="__.json";type=application/json'"#),
            ("dir;x/..json", r#"-F 'file=@"dir;x/..json";type=application/json'"#),
            ("it's; \"x\".json", r#"-F 'file=@"it'\''s; \"x\".json";filename="it_s_ _x_.json";type=application/json'"#),
            ("a\u{1b}[31m.json", r#"-F $'file=@"a\x1b[31m.json";filename="a__31m.json";type=application/json'"#),
        ] {
            assert_eq!(last(file), part);
            let name = wire_name(file.rsplit('/').next().unwrap());
            let said = last(file).split_once("filename=\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
            assert_eq!(said.unwrap_or_else(|| file.rsplit('/').next().unwrap().to_owned()), name);
        }
    }
}
