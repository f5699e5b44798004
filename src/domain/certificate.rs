//! Why a server's certificate is not trusted, and the way out: for uploads, for S3 and for following alike.

/// What the TLS library says of a certificate that it does not take.
const UNTRUSTED: &str = "invalid peer certificate: ";

/// A fault in plain words, both without a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untrusted {
    /// A clause: `it has expired`.
    pub why: &'static str,
    /// What to do: `check the clock of this machine`.
    pub way_out: &'static str,
}

impl Untrusted {
    /// From the library's words. None if no certificate is at fault.
    pub fn read(cause: &str) -> Option<Untrusted> {
        const NAME_ITS_CA: &str = "set SSL_CERT_FILE, or ca-file in config.toml, to the CA of your proxy or server";
        const MAKE_ANOTHER: &str = "no setting helps; make one by openssl req -x509 with -addext basicConstraints=critical,CA:FALSE \
                                    -addext subjectAltName=DNS:NAME, and name it as ca-file";
        let (_, fault) = cause.split_once(UNTRUSTED)?;
        let says = |words: &[&str]| words.iter().any(|word| fault.contains(word));
        let (why, way_out) = match () {
            () if says(&["UnknownIssuer", "BadSignature"]) => ("no authority known here has signed it", NAME_ITS_CA),
            () if says(&["CaUsedAsEndEntity"]) => ("it is self-signed, and as an authority (CA:TRUE)", MAKE_ANOTHER),
            () if says(&["UnsupportedCertVersion"]) => {
                ("it has no room for the server's name (version 1)", MAKE_ANOTHER)
            }
            () if says(&["not valid for any"]) => ("it names no server (subjectAltName)", MAKE_ANOTHER),
            () if says(&["NotValidForName", "not valid for name"]) => {
                ("it is for another name", "check the address in the settings")
            }
            () if says(&["NotValidYet", "not valid yet"]) => ("it is not valid yet", "check the clock of this machine"),
            () if says(&["Expired", "expired"]) => ("it has expired", "renew it, or check the clock of this machine"),
            () if says(&["Revoked"]) => ("it was revoked", "the server needs another one"),
            () => ("it can't be verified", "check the address in the settings, and the clock of this machine"),
        };
        Some(Untrusted { why, way_out })
    }

    /// `its certificate is not trusted (it has expired): renew it, …`: a clause. None as for [`Untrusted::read`].
    pub fn told(cause: &str) -> Option<String> {
        let Untrusted { why, way_out } = Untrusted::read(cause)?;
        Some(format!("its certificate is not trusted ({why}): {way_out}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_certificate_has_plain_words_and_a_way_out() {
        let names = "certificate not valid for name \"localhost\"; certificate is ";
        for (fault, why, way_out) in [
            ("UnknownIssuer", "no authority", "ca-file in config.toml"),
            ("BadSignature", "no authority", "set SSL_CERT_FILE"),
            ("Other(OtherError(CaUsedAsEndEntity))", "self-signed", "CA:FALSE"),
            ("Other(OtherError(UnsupportedCertVersion))", "version 1", "subjectAltName"),
            ("certificate expired: verification time 1764193058 (UNIX), but …", "expired", "clock"),
            ("Expired", "expired", "clock"),
            ("certificate not valid yet: verification time 1", "not valid yet", "clock"),
            (&format!("{names}only valid for DnsName(\"a\")"), "another name", "address"),
            (&format!("{names}not valid for any names (according to its …)"), "names no server", "subjectAltName"),
            ("Revoked", "revoked", "another"),
            ("BadEncoding", "verified", "address"),
        ] {
            let told = Untrusted::told(&format!("invalid peer certificate: {fault}")).unwrap();
            assert!(told.contains(why) && told.contains(way_out), "{told}");
            assert!(!told.contains("Other") && !told.contains("UNIX") && !told.ends_with('.'), "{told}");
        }
        for other in ["connection refused", "received fatal alert: UnknownCA", ""] {
            assert_eq!(Untrusted::told(other), None, "{other}");
        }
    }
}
