//! What became of a send, and what a reply means.

/// What is known of a submission after it ended. Exit codes: 0, 3, 4, 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Accepted,
    NotSent,
    Refused,
    Unknown,
}
