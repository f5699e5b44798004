//! Reads two transcripts to their ends for the first cue in which they differ. Their texts are dropped at once.

use super::world::Stop;
use crate::app::{JobId, Msg};
use crate::domain::evidence::Subject;
use crate::domain::subtitle::{Body, Difference, difference};
use crate::io::s3::S3;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

pub struct Pair {
    pub subjects: [Subject; 2],
    pub regions: [Option<Box<str>>; 2],
}

pub async fn compare(s3: S3, job: JobId, pair: Pair, after: Duration, results: Sender<Msg>, stop: Stop) {
    let told = tokio::select! {
        biased;
        () = stop.token.cancelled() => return,
        told = async {
            tokio::time::sleep(after).await;
            first_difference(&s3, pair).await
        } => told,
    };
    let _ = results.send(Msg::CuesCompared(job, told)).await;
}

async fn first_difference(s3: &S3, pair: Pair) -> Result<Difference, String> {
    let Pair { subjects: [one, two], regions: [here, there] } = pair;
    let (one, two) = tokio::try_join!(bytes(s3, &one, here), bytes(s3, &two, there))?;
    let compare = move || {
        let body = |(bytes, is_cut)| Body { bytes, is_cut };
        difference(body((&one.0, one.1)), body((&two.0, two.1)))
    };
    tokio::task::spawn_blocking(compare).await.map_err(|_| "the comparison broke off".to_owned())
}

async fn bytes(s3: &S3, subject: &Subject, region: Option<Box<str>>) -> Result<(Vec<u8>, bool), String> {
    let url = subject.url().ok_or_else(|| format!("{subject} can't be asked for"))?;
    s3.transcript_bytes(&url, region).await.map_err(|why| why.to_string())
}
