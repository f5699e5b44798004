//! The subject of a reply: from the service's error code if there is one, else from the status. Codes: the vendor's
//! list for v1.1 to v1.3, and the numbers of v1.0.

use super::reply::{BodyState, Reply};

/// What a refusal is about, as far as it decides the operator's next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A redirect.
    Elsewhere,
    /// A web page from a gateway, proxy or sign-in page instead of the service.
    Gateway,
    /// The manifest, or a parameter.
    Manifest,
    /// The API key is invalid or expired.
    Key,
    /// The API key lacks the permission.
    Forbidden,
    Plan,
    Region,
    /// Credit or usage is used up.
    Credit,
    /// Something the manifest names doesn't exist: most likely an index.
    Missing,
    /// This API version has no such endpoint.
    Endpoint,
    Size,
    Limit,
    Other,
}

impl About {
    /// None for an undocumented code.
    pub(super) fn of_code(code: &str) -> Option<About> {
        let about = match code {
            "api_key_invalid" | "unauthorized" | "101" => About::Key,
            "api_not_allowed" => About::Forbidden,
            "api_allowed_for_paid_plan" => About::Plan,
            "region_not_allowed" => About::Region,
            "usage_limit_exceeded" | "insufficient_funds" => About::Credit,
            "parameter_invalid"
            | "parameter_not_provided"
            | "parameter_unknown"
            | "tags_not_allowed"
            | "102"
            | "103"
            | "104"
            | "105" => About::Manifest,
            "resource_not_exist" | "201" => About::Missing,
            "api_upgrade_required" => About::Endpoint,
            "video_filesize_too_large" => About::Size,
            "too_many_requests" => About::Limit,
            "index_option_cannot_be_changed" | "index_engine_cannot_be_changed" | "index_name_already_exists" => {
                About::Other
            }
            "video_resolution_too_low"
            | "video_resolution_too_high"
            | "video_resolution_invalid_aspect_ratio"
            | "video_duration_too_short"
            | "video_duration_too_long"
            | "video_file_broken"
            | "task_cannot_be_deleted" => About::Other,
            "301" | "302" | "303" | "304" | "305" | "306" | "401" | "501" => About::Other,
            _ => return None,
        };
        Some(about)
    }

    fn of_status(reply: &Reply) -> About {
        match reply.status {
            300..=399 => About::Elsewhere,
            413 => About::Size,
            429 => About::Limit,
            _ if reply.is_web_page() => About::Gateway,
            401 | 403 if reply.is_in_plain_words() => About::Gateway,
            400 | 422 => About::Manifest,
            401 => About::Key,
            403 => About::Forbidden,
            404 | 410 => About::Endpoint,
            _ => About::Other,
        }
    }
}

impl Reply {
    /// The subject, if this is a refusal.
    pub fn about(&self) -> About {
        let code = self.vendor_error().and_then(|error| error.code);
        code.and_then(|code| About::of_code(&code)).unwrap_or_else(|| About::of_status(self))
    }

    /// A web page where the service would send JSON or nothing.
    pub fn is_web_page(&self) -> bool {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body).trim_ascii_start();
        match body.first() {
            Some(b'<') => true,
            Some(b'{' | b'[' | b'"') => false,
            Some(_) => self.is_html(),
            None => self.body_state == BodyState::NotLoaded && self.is_html(),
        }
    }

    /// Words where the service would send JSON or nothing, or a question for a name and a password: a proxy's refusal.
    fn is_in_plain_words(&self) -> bool {
        let asks = self.header("www-authenticate").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("basic"));
        asks || self.body.trim_ascii().first().is_some_and(|first| !matches!(first, b'{' | b'[' | b'"' | b'<'))
    }

    /// The header says that the body is a web page.
    pub(super) fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
    }
}
