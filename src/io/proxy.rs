//! Chooses the proxy for a request. It is decided here and passed to the HTTP client, so that the operator sees the one
//! in use. One that can't be used stops the request: the client would go round it without a word.

use crate::domain::request::Address;
use crate::io::client::cause_of;
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use url::Url;

/// What the HTTP client takes; it ignores a proxy with another scheme.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// A proxy from the environment.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Or why it can't be used. The URL may contain a password.
    url: Result<SecretString, String>,
    shown: String,
    variable: &'static str,
}

impl Proxy {
    /// The environment's proxy for this address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else `ALL_PROXY`; lower
    /// case first, as in curl. None for `NO_PROXY` and loopback addresses.
    pub fn from_environment(address: &Address, variable: impl Fn(&str) -> Option<String>) -> Option<Proxy> {
        let names: [&'static str; 4] = match address.url().scheme() {
            "https" => ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
            _ => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
        };
        let set = |name: &str| variable(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let (name, value) = names.into_iter().find_map(|name| Some((name, set(name)?)))?;
        let exceptions = set("no_proxy").or_else(|| set("NO_PROXY")).unwrap_or_default();
        let host = address.url().host_str().unwrap_or_default().trim_matches(['[', ']']);
        if address.is_loopback() || exceptions.split(',').any(|rule| excepts(rule.trim(), host)) {
            return None;
        }
        let whole = if value.contains("://") { value } else { format!("http://{value}") };
        let url = Url::parse(&whole).ok();
        let shown = url.as_ref().and_then(|url| {
            let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
            Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
        });
        Some(Proxy {
            url: usable(url.filter(|_| shown.is_some())),
            shown: shown.unwrap_or_else(|| "an unreadable address".into()),
            variable: name,
        })
    }

    /// `proxy.example:3128 from HTTPS_PROXY`, without user name and password.
    pub fn shown(&self) -> String {
        let unused = if self.url.is_err() { ", which can't be used" } else { "" };
        format!("{} from {}{unused}", self.shown, self.variable)
    }

    /// # Errors
    /// `the proxy … can't be used: …`, without a full stop.
    pub(super) fn for_client(&self) -> Result<reqwest::Proxy, String> {
        let url =
            self.url.as_ref().map_err(String::clone).and_then(|url| {
                reqwest::Proxy::all(url.expose_secret()).map_err(|error| cause_of(&error.without_url()))
            });
        url.map_err(|why| format!("the proxy {} from {} can't be used: {why}", self.shown, self.variable))
    }
}

/// The URL as the HTTP client reads it: by the rules of its own parser, which ignores a proxy that it can't read.
fn usable(url: Option<Url>) -> Result<SecretString, String> {
    let url = url.ok_or_else(|| "its address can't be read".to_owned())?;
    let scheme = url.scheme();
    if scheme == "socks" {
        return Err("socks:// does not say which SOCKS; write socks5h:// or socks4a://".into());
    }
    if !SCHEMES.contains(&scheme) {
        return Err(format!("cuecard knows no {scheme}:// proxies; write http://, https:// or socks5h://"));
    }
    let is_read = url.as_str().parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_some());
    if is_read { Ok(url.as_str().into()) } else { Err("its address can't be read".into()) }
}

/// One entry of `NO_PROXY`: `*`, a domain (with its subdomains), an address, or a network `10.0.0.0/8`.
fn excepts(rule: &str, host: &str) -> bool {
    if rule == "*" {
        return true;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        let (network, length) = rule.split_once('/').unwrap_or((rule, ""));
        let Ok(network) = network.trim_matches(['[', ']']).parse::<IpAddr>() else { return false };
        return match (length.is_empty(), length.parse::<u32>()) {
            (true, _) => network == ip,
            (false, Ok(length)) => in_network(ip, network, length),
            (false, Err(_)) => false,
        };
    }
    let rule = rule.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    !rule.is_empty() && (host == rule || host.strip_suffix(&rule).is_some_and(|rest| rest.ends_with('.')))
}

fn in_network(ip: IpAddr, network: IpAddr, length: u32) -> bool {
    let (differing, bits) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => (u128::from(u32::from(ip) ^ u32::from(network)) << 96, 32),
        (IpAddr::V6(ip), IpAddr::V6(network)) => (u128::from(ip) ^ u128::from(network), 128),
        _ => return false,
    };
    length <= bits && differing.leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(base: &str, environment: &[(&str, &str)]) -> Option<String> {
        let address = Address::parse(base, true).unwrap();
        let read = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Proxy::from_environment(&address, read).map(|proxy| proxy.shown())
    }

    #[test]
    fn the_environment_names_the_proxy_and_its_exceptions() {
        let https = "https://api.twelvelabs.io/v1.2";
        let set = ("HTTPS_PROXY", "http://me:secret@proxy.example:3128");
        assert_eq!(proxy(https, &[set]).as_deref(), Some("proxy.example:3128 from HTTPS_PROXY"));
        assert_eq!(proxy(https, &[("ALL_PROXY", "p:1")]).as_deref(), Some("p:1 from ALL_PROXY"));
        assert_eq!(proxy(https, &[("HTTP_PROXY", "p:1")]), None);
        assert_eq!(proxy("https://127.0.0.1/v1", &[set]), None);
        for exception in ["*", "twelvelabs.io", ".twelvelabs.io", "a.b, api.twelvelabs.io"] {
            assert_eq!(proxy(https, &[set, ("NO_PROXY", exception)]), None, "{exception}");
        }
        for other in ["labs.io", "api.twelvelabs.io.evil.com", "10.0.0.0/8", ""] {
            assert!(proxy(https, &[set, ("no_proxy", other)]).is_some(), "{other}");
        }
        assert_eq!(proxy("https://10.1.2.3", &[set, ("no_proxy", "10.0.0.0/8")]), None);
        assert!(proxy("https://11.1.2.3", &[set, ("no_proxy", "10.0.0.0/8")]).is_some());
    }

    #[test]
    fn a_proxy_that_the_client_would_go_round_is_refused_by_name() {
        let of = |value: &str| {
            let address = Address::parse("https://api.twelvelabs.io", false).unwrap();
            Proxy::from_environment(&address, |name| (name == "ALL_PROXY").then(|| value.to_owned())).unwrap()
        };
        for (value, why) in [
            ("socks://127.0.0.1:9", "socks:// does not say which SOCKS; write socks5h:// or socks4a://"),
            ("SOCKS://127.0.0.1:9/", "socks:// does not say which SOCKS; write socks5h:// or socks4a://"),
            ("ftp://p:9", "cuecard knows no ftp:// proxies; write http://, https:// or socks5h://"),
            ("foo://p:9", "cuecard knows no foo:// proxies; write http://, https:// or socks5h://"),
            ("socks6://p:9", "cuecard knows no socks6:// proxies; write http://, https:// or socks5h://"),
            ("file:///p", "its address can't be read"),
            ("socks5:///p", "its address can't be read"),
            ("socks5:p:9", "its address can't be read"),
            ("://", "its address can't be read"),
            ("p q:9", "its address can't be read"),
        ] {
            let proxy = of(value);
            let error = proxy.for_client().unwrap_err();
            assert!(
                error.starts_with("the proxy ") && error.ends_with(&format!("can't be used: {why}")),
                "{value}: {error}"
            );
            assert!(proxy.shown().ends_with("from ALL_PROXY, which can't be used"), "{value}: {}", proxy.shown());
        }
        for value in [
            "p:9",
            "http://p:9/",
            "https://p",
            "socks4://p:9",
            "socks4a://p:9",
            "Socks5://p",
            "socks5h://a:b%40@[::1]:9",
        ] {
            let proxy = of(value);
            assert!(proxy.for_client().is_ok() && proxy.shown().ends_with("from ALL_PROXY"), "{value}");
        }
    }

    #[test]
    fn a_proxy_password_is_not_in_the_debug_text() {
        let address = Address::parse("https://api.twelvelabs.io", false).unwrap();
        let proxy = Proxy::from_environment(&address, |_| Some("http://me:hunter2@p:1".into()));
        assert!(!format!("{proxy:?}").contains("hunter2"));
    }
}
