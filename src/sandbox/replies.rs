//! The replies of the Twelve Labs stand-in, word for word as documented where they are.

use super::answer::Answer;
use super::serve::Cut;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;

/// What a reply needs to know of its sandbox.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub(super) slow: Duration,
    /// The target of redirects.
    pub(super) elsewhere: String,
}

pub(super) async fn reply(answer: Answer, manner: &Manner, cut: Cut, why: &str) -> Response {
    match answer {
        Answer::NoContent => StatusCode::NO_CONTENT.into_response(),
        Answer::Ok => {
            // Spelled as by the vendor.
            let message = "Succesfully requested indexing task";
            json_reply(StatusCode::OK, &json!({ "message": message, "type": "index_task_create" }))
        }
        Answer::BadRequest => fault(StatusCode::BAD_REQUEST, "parameter_invalid", why),
        Answer::Unauthorized => {
            let message = "The API key is either invalid or expired. Please, generate a new key.";
            fault(StatusCode::UNAUTHORIZED, "api_key_invalid", message)
        }
        Answer::Forbidden => {
            fault(StatusCode::FORBIDDEN, "api_allowed_for_paid_plan", "This API is allowed for the paid plan only.")
        }
        Answer::NotFound => {
            fault(StatusCode::NOT_FOUND, "api_upgrade_required", "The endpoint is not in this version of the API.")
        }
        Answer::Gone => fault(StatusCode::GONE, "endpoint_not_exist", "The endpoint is no longer available."),
        Answer::UpgradeRequired => {
            let message = "The endpoint starts with version v1.3 and the request is for version v1.2.";
            fault(StatusCode::BAD_REQUEST, "api_upgrade_required", message)
        }
        Answer::TooLarge => {
            let page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n";
            (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Answer::TooManyRequests => {
            let message = "You have exceeded the rate limit (1000req/1day). Please try again later.";
            fault(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
        }
        Answer::TooManyEmpty => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Answer::Redirect => (StatusCode::FOUND, [(header::LOCATION, manner.elsewhere.as_str())]).into_response(),
        Answer::ServerError => {
            let page = "<html><body><h1>500 Internal Server Error</h1></body></html>\n";
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Answer::Slow => {
            tokio::time::sleep(manner.slow).await;
            StatusCode::NO_CONTENT.into_response()
        }
        Answer::Drop => cut.now().await,
        Answer::Cut => {
            let chunks = futures_util::stream::unfold(0, async |chunk| match chunk {
                0 => Some((Ok(Bytes::from_static(b"{\"message\": \"Succesfully req")), 1)),
                _ => {
                    // The head and the first chunk must be sent before the connection breaks.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Some((Err(io::Error::from(io::ErrorKind::BrokenPipe)), 1))
                }
            });
            let head = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_LENGTH, "83")];
            (head, Body::from_stream(chunks)).into_response()
        }
        Answer::Escape => {
            let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\u{1b}[0m \u{9b}31m \u{202e}txt.evil\u{202c} \u{200b}zero \
                           \u{e0041}tag \u{1b}]52;c;cm0gLXJmIC8=\u{7}\u{0}\u{8}\u{7f}\r\n\u{1b}[?1049l done";
            let body =
                json!({ "code": "parameter_invalid", "message": hostile, "docs_url": "\u{1b}]8;;http://evil\u{7}" });
            // Once escaped as in JSON and once raw: none of these bytes may reach the terminal.
            let raw = format!("{body}\n{hostile}\n");
            (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], raw).into_response()
        }
    }
}

pub(super) fn fault(status: StatusCode, code: &str, message: &str) -> Response {
    let docs_url = "https://docs.twelvelabs.io/docs/error-codes";
    json_reply(status, &json!({ "code": code, "message": message, "docs_url": docs_url }))
}

pub(super) fn json_reply(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
