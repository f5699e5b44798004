//! Problems of an index itself: it expires soon, or doesn't process audio.

use super::Breach;
use crate::format::thousands;
use crate::index::Index;
use crate::rules::{Rule, Severity};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// Days before expiry at which the warning starts. Free indexes live for 90 (facts/twelvelabs.md §5).
const SOON_DAYS: i64 = 7;

/// Problems of an index at `now_ms` (Unix milliseconds), for a row with or without a transcript.
pub fn index_faults(index: &Index, now_ms: i64, has_transcript: bool) -> Vec<Breach> {
    let mut faults = Vec::new();
    if let Some(expires) = index.expires_ms {
        let left = expires.saturating_sub(now_ms);
        let days = |ms: i64| match ms / DAY_MS {
            0 => "less than a day".into(),
            1 => "1 day".into(),
            days => format!("{} days", thousands(days.unsigned_abs())),
        };
        if left <= 0 {
            let message = format!("The index expired {} ago. Choose another one.", days(left.saturating_neg()));
            faults.push(Breach { rule: Rule::IndexExpired, severity: Severity::Error, message });
        } else if left <= SOON_DAYS * DAY_MS {
            let message = format!("The index expires in {}.", days(left));
            faults.push(Breach { rule: Rule::IndexExpired, severity: Severity::Warning, message });
        }
    }
    if has_transcript && index.needs_audio == Some(false) {
        let message = "The index does not process audio (no conversation or audio), so it may not use the transcript.";
        faults.push(Breach { rule: Rule::IndexAudio, severity: Severity::Warning, message: message.into() });
    }
    faults
}
