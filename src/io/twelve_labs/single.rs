//! Sends one row: `POST /tasks`, once, over a connection of its own. A kept connection may be closed by the server just
//! then, and its row would be unknown.

use super::body::Meter;
use super::redact::Redactor;
use super::{Limits, Route, client, not_connected, read_reply};
use crate::domain::outcome::{Ended, How};
use crate::domain::request::Address;
use crate::domain::rows::RowRequest;
use crate::io::client::cause_of;
use futures_util::stream;
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Client};
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Sends rows to one address with one API key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Singles {
    client: Client,
    address: String,
    header: HeaderValue,
    api_key: Arc<SecretString>,
    limits: Limits,
}

impl Singles {
    /// Sends nothing. Uses the same route as uploads.
    ///
    /// # Errors
    /// A sentence without its full stop: the API key is not valid in a header, or TLS could not be set up.
    pub fn new(
        address: &Address,
        api_key: Arc<SecretString>,
        route: &Route,
        limits: Limits,
    ) -> Result<Singles, String> {
        let mut header = HeaderValue::from_str(api_key.expose_secret())
            .map_err(|_| "the API key contains characters that are not allowed in an HTTP header".to_owned())?;
        header.set_sensitive(true);
        Ok(Singles { client: client(limits.connect, route)?, address: address.single(), header, api_key, limits })
    }

    /// Sends one row. Always returns; cancelling `stop` ends it soon, and the result says whether anything had left.
    /// Nothing of a presigned link gets into the result, even if the service echoes it.
    pub async fn send(&self, row: &RowRequest, stop: &CancellationToken) -> Ended {
        let started = Instant::now();
        let size = row.fields().map(|(_, value)| value.len() as u64).sum();
        let meter = Arc::new(Meter::new(size, Box::new(|_| {})));
        let how = self.exchange(row, &meter, stop).await;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let begun = meter.begun();
        Ended { how, begun, sent: if begun { size } else { 0 }, took_ms }
    }

    async fn exchange(&self, row: &RowRequest, meter: &Arc<Meter>, stop: &CancellationToken) -> How {
        let request = self.client.post(&self.address).header(ACCEPT, "application/json");
        let request = request.header("x-api-key", self.header.clone()).multipart(form(row, meter));
        let response = tokio::select! {
            biased;
            response = request.send() => response,
            () = stop.cancelled() => return How::Stopped,
            () = meter.stands_still(self.limits.idle) => {
                return How::TimedOut(format!("nothing moved for {} s", self.limits.idle.as_secs_f32()));
            }
        };
        match response {
            Ok(response) => {
                let redactors = self.redactors(row);
                How::Replied(read_reply(response, &redactors, self.limits.body, meter, stop).await)
            }
            // Only this proves that no byte of the request was sent.
            Err(error) if error.is_connect() || error.is_builder() => not_connected(error, self.limits.connect),
            Err(error) => How::NoReply(cause_of(&error.without_url())),
        }
    }

    fn redactors(&self, row: &RowRequest) -> Vec<Redactor> {
        let links = row.fields().filter(|(_, value)| value.contains("X-Amz-"));
        let secrets = links.filter_map(|(_, link)| url::Url::parse(link).ok()).flat_map(|link| {
            let is_secret =
                |name: &str| matches!(name, "X-Amz-Signature" | "X-Amz-Security-Token" | "X-Amz-Credential");
            let plain = link.query_pairs().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.into_owned());
            let pairs = link.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
            let coded = pairs.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.to_owned());
            plain.chain(coded).collect::<Vec<_>>()
        });
        let key = Redactor::new(self.api_key.expose_secret());
        [key].into_iter().chain(secrets.map(|secret| Redactor::marking(&secret, "‹a presigned link›"))).collect()
    }
}

/// The first field is a stream, so that its first poll is noticed: from then on bytes may have been sent.
fn form(row: &RowRequest, meter: &Arc<Meter>) -> Form {
    row.fields().enumerate().fold(Form::new(), |form, (at, (name, value))| {
        if at > 0 {
            return form.text(name, value.to_owned());
        }
        let (meter, value) = (Arc::clone(meter), value.to_owned());
        let len = value.len() as u64;
        let first = stream::once(async move {
            meter.begin();
            Ok::<_, io::Error>(value)
        });
        form.part(name, Part::stream_with_length(Body::wrap_stream(first), len))
    })
}
