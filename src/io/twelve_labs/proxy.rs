//! Chooses the proxy for a request. It is decided here and passed to the HTTP client, so that the operator sees the one
//! in use.

use crate::domain::request::Address;
use crate::io::client::cause_of;
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use url::Url;

/// A proxy from the environment.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// May contain a password.
    url: SecretString,
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
        let shown = Url::parse(&whole).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
        });
        Some(Proxy {
            url: whole.into(),
            shown: shown.unwrap_or_else(|| "an unreadable address".into()),
            variable: name,
        })
    }

    /// `proxy.example:3128 from HTTPS_PROXY`, without user name and password.
    pub fn shown(&self) -> String {
        format!("{} from {}", self.shown, self.variable)
    }

    /// # Errors
    /// Why it can't be used. A scheme that the client does not know it would pass over in silence, and send without a
    /// proxy.
    pub(super) fn for_client(&self) -> Result<reqwest::Proxy, String> {
        let url = self.url.expose_secret();
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
        match scheme.as_str() {
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                reqwest::Proxy::all(url).map_err(|error| cause_of(&error.without_url()))
            }
            "socks" => Err("socks:// does not say which; write socks5://, or socks4://".to_owned()),
            _ => Err("its address begins neither with http:// or https:// nor with socks5:// or socks4://".to_owned()),
        }
    }
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
    fn a_proxy_of_a_kind_that_would_be_passed_over_is_refused() {
        let address = Address::parse("https://api.twelvelabs.io/v1.2", false).unwrap();
        let usable = |url: &str| Proxy::from_environment(&address, |_| Some(url.into())).unwrap().for_client();
        for url in
            ["p:1", "http://p:1", "https://p:1", "SOCKS5://p:1", "socks5h://p:1", "socks4://p:1", "socks4a://p:1"]
        {
            assert!(usable(url).is_ok(), "{url}");
        }
        for url in ["socks://p:1", "socks6://p:1", "ftp://p:1", "foo://p:1", "://p:1", "://"] {
            assert!(usable(url).is_err(), "{url}");
        }
        assert!(usable("socks://p:1").unwrap_err().contains("socks5://"));
    }

    #[test]
    fn a_proxy_password_is_not_in_the_debug_text() {
        let address = Address::parse("https://api.twelvelabs.io", false).unwrap();
        let proxy = Proxy::from_environment(&address, |_| Some("http://me:hunter2@p:1".into()));
        assert!(!format!("{proxy:?}").contains("hunter2"));
    }
}
