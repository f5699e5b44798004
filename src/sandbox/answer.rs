//! The answers that a transfer can be made to get.

/// What the sandbox says to a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Answer {
    /// 204 without a body, as version 1.2 documents it.
    #[default]
    NoContent,
    /// 200 with the JSON of version 1.0.
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    TooLarge,
    TooManyRequests,
    /// To another origin.
    Redirect,
    ServerError,
    /// 204 after some seconds.
    Slow,
    /// Takes everything, then closes the connection without a word.
    Drop,
    /// 200, and the connection breaks in the middle of the body.
    Cut,
    /// 400 with a body full of terminal escape sequences.
    Escape,
}

impl Answer {
    pub const ALL: [(&'static str, Answer); 14] = [
        ("204", Answer::NoContent),
        ("200", Answer::Ok),
        ("400", Answer::BadRequest),
        ("401", Answer::Unauthorized),
        ("403", Answer::Forbidden),
        ("404", Answer::NotFound),
        ("413", Answer::TooLarge),
        ("429", Answer::TooManyRequests),
        ("302", Answer::Redirect),
        ("500", Answer::ServerError),
        ("slow", Answer::Slow),
        ("drop", Answer::Drop),
        ("cut", Answer::Cut),
        ("escape", Answer::Escape),
    ];

    pub fn named(name: &str) -> Option<Answer> {
        Answer::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, answer)| answer)
    }

    /// The answer that an API key asks for by its end: `anything-401`.
    pub fn asked_by(api_key: &str) -> Option<Answer> {
        Answer::named(api_key.rsplit_once('-')?.1)
    }
}
