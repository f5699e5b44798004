//! The answers that a request can get.

/// The sandbox's answer to a transfer, to a single video or to a question for tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Answer {
    /// 204 without a body, as documented for version 1.2.
    #[default]
    NoContent,
    /// 200 with version 1.0's JSON.
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    /// 410: the endpoint was taken away.
    Gone,
    /// 400 with the code of an endpoint that another version of the API has.
    UpgradeRequired,
    TooLarge,
    TooManyRequests,
    /// 429 without a body and without any word on the limit.
    TooManyEmpty,
    /// To another origin.
    Redirect,
    ServerError,
    /// 204 after some seconds.
    Slow,
    /// Reads everything, then closes the connection without a reply.
    Drop,
    /// 200, but the connection breaks in the middle of the body.
    Cut,
    /// 400 with a body full of terminal escape sequences.
    Escape,
}

impl Answer {
    pub const ALL: [(&'static str, Answer); 17] = [
        ("204", Answer::NoContent),
        ("200", Answer::Ok),
        ("400", Answer::BadRequest),
        ("401", Answer::Unauthorized),
        ("403", Answer::Forbidden),
        ("404", Answer::NotFound),
        ("410", Answer::Gone),
        ("upgrade", Answer::UpgradeRequired),
        ("413", Answer::TooLarge),
        ("429", Answer::TooManyRequests),
        ("empty", Answer::TooManyEmpty),
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

    /// With this answer the service has the manifest, whether or not the client learns it.
    pub(super) fn takes_in(self) -> bool {
        matches!(self, Answer::NoContent | Answer::Ok | Answer::Slow | Answer::Drop | Answer::Cut)
    }

    /// It says that there is no transfer endpoint; the others may still be there.
    pub(super) fn is_about_the_endpoint(self) -> bool {
        matches!(self, Answer::NotFound | Answer::Gone | Answer::UpgradeRequired)
    }

    /// The answer selected by the end of an API key: `anything-401`.
    pub fn asked_by(api_key: &str) -> Option<Answer> {
        Answer::named(api_key.rsplit_once('-')?.1)
    }
}
