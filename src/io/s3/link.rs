//! Addresses from which a service fetches objects: the public one, or a presigned one made with the operator's own
//! credentials. A presigned link is a secret: it is made when it is needed, and kept nowhere.

use super::S3;
use super::address::{HOME, is_region, object_url};
use super::bucket::Bucket;
use super::exchange::Failed;
use super::object::Asked;
use crate::domain::s3_url::S3Url;

/// Where an object is, and who may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// An anonymous request was refused.
    pub is_private: bool,
    /// None for the region that the service requires.
    pub region: Option<Box<str>>,
}

impl S3 {
    /// Asks as anybody for one byte of an object. None if there is no clear answer.
    pub async fn place(&self, url: &S3Url) -> Option<Place> {
        let mut asked = Asked::new(self, url, &Bucket::default());
        let reply = asked.get(url, 0..1, None).await.ok()?;
        let is_private = match reply.status {
            200 | 206 | 416 => false,
            403 if !reply.is_web_page() => true,
            _ => return None,
        };
        Some(Place { is_private, region: Some(asked.region().into()) })
    }

    /// The public address. None if the key can't be asked for exactly.
    pub fn public_address(&self, url: &S3Url, place: &Place) -> Option<String> {
        object_url(self.options.endpoint.as_ref(), region(place), url)
    }

    /// A presigned address, which lives an hour, or as long as the credentials.
    ///
    /// # Errors
    /// In words, if there are no credentials that can sign. They never hold the link.
    pub async fn presigned_address(&self, url: &S3Url, place: &Place) -> Result<String, String> {
        let signing = self.signing.as_ref().ok_or("a private video needs --aws")?;
        let address = self.public_address(url, place).ok_or("its key can't be asked for exactly")?;
        signing.presigned(&address, region(place)).await.map_err(|failed| match failed {
            Failed::Unsigned(why) => format!("no presigned link: {why}"),
            _ => "no presigned link could be made".to_owned(),
        })
    }
}

fn region(place: &Place) -> &str {
    place.region.as_deref().filter(|region| is_region(region)).unwrap_or(HOME)
}
