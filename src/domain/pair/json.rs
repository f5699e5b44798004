//! A proposal as a JSON object: in the domain, because a million are written at once.

use super::result::{Pairing, Proposal};
use crate::manifest::Field;
use crate::report::push_json;
use crate::s3_url::without_secret;

impl Pairing {
    /// Appends the proposal as an object of {row, object, transcript, confidence, sure, reason, alternatives}, with rows
    /// from 1.
    pub fn push_json(&self, out: &mut Vec<u8>, proposal: &Proposal) {
        let object = self.snapshot.value(proposal.row, Field::Object);
        out.extend_from_slice(b"{\"row\":");
        out.extend_from_slice((proposal.row + 1).to_string().as_bytes());
        out.extend_from_slice(b",\"object\":");
        push_json(out, &without_secret(object.text()));
        out.extend_from_slice(b",\"transcript\":");
        let mut url = String::new();
        match proposal.transcript() {
            Some(key) => self.push_url(out, key, &mut url),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"confidence\":");
        push_json(out, proposal.class.name());
        out.extend_from_slice(if proposal.is_sure() { b",\"sure\":true" } else { b",\"sure\":false" });
        out.extend_from_slice(b",\"reason\":");
        push_json(out, &self.reason(proposal));
        out.extend_from_slice(b",\"alternatives\":[");
        for (at, key) in self.alternatives(proposal).into_iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            self.push_url(out, key, &mut url);
        }
        out.extend_from_slice(b"]}");
    }

    fn push_url(&self, out: &mut Vec<u8>, key: u32, url: &mut String) {
        url.clear();
        if let Some((bucket, key)) = self.keys.name(key) {
            url.extend(["s3://", bucket, "/", key]);
        }
        push_json(out, url);
    }
}
