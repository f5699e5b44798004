//! Sends the facts, news and end of a send row by row to the screen as messages.

use crate::app::Msg;
use crate::app::effect::{PrepareRows, SendRows};
use crate::app::msg::{LookedBack, RowsRead, RowsReady};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Fact, SubjectKind};
use crate::domain::manifest::Field;
use crate::domain::rows::{RowsControl, RowsPlan, curl_of_row};
use crate::domain::rules::Severity;
use crate::io::error_words;
use crate::io::s3::{Place, S3};
use crate::submission::Submissions;
use crate::submission::rows::{Manner, Places, RowsFacts, RowsKept, RowsParcel, shown_request};
use std::sync::Arc;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, unbounded_channel};

/// The facts for the gate.
pub fn prepare(submissions: &Submissions, s3: &S3, order: PrepareRows) -> Result<Box<RowsReady>, String> {
    let PrepareRows { snapshot, path, findings, mut terms, .. } = order;
    let prepared = submissions.prepare_rows(&snapshot, &path);
    let prepared = prepared.map_err(|error| format!("{} can't be read: {}", path.display(), error_words(&error)))?;
    let can_sign = s3.credentials().is_some();
    terms.by_link &= can_sign;
    let evidence = findings.evidence();
    let is_wrong = |row| findings.worst(row) == Some(Severity::Error);
    let is_private = |object: &str| place(evidence, object).is_some_and(|place| place.is_private);
    let plan = RowsPlan::of(&snapshot, terms, is_wrong, is_private, &prepared.known);
    let to = submissions.to();
    let request = plan.going.first().and_then(|first| {
        let places = places(evidence, &snapshot, &RowsPlan { going: vec![*first], ..RowsPlan::default() });
        shown_request(&snapshot, first, &places, s3, terms.takes_transcripts)
    });
    let variable = submissions.api_keys().variable();
    let curl = request.map(|request| curl_of_row(&to.address, &request, variable)).unwrap_or_default();
    let is_unchecked = |row| evidence.about(SubjectKind::Video, snapshot.value(row, Field::Object).text()).is_none();
    let unchecked = plan.going.iter().filter(|going| is_unchecked(going.row)).count() as u64;
    let RowsFacts { facts, attempt, under_way, before, rows, quota, .. } = prepared;
    Ok(Box::new(RowsReady { facts, attempt, under_way, before, plan, rows, quota, curl, can_sign, unchecked }))
}

/// A send row by row from the ledger, to show it.
///
/// # Errors
/// In words, if the ledger can't be read.
pub fn kept(submissions: &Submissions, id: i64) -> Result<Option<Box<RowsRead>>, String> {
    let kept = submissions.rows_sent(id).map_err(|error| error.to_string())?;
    Ok(kept
        .map(|RowsKept { attempt, rows, able, sent }| Box::new(RowsRead { attempt, rows, able, sent: Arc::new(sent) })))
}

/// What the ledger knows of a file that was opened. If it can't be read, the gate says so.
pub fn look_back(submissions: &Submissions, snapshot: &Snapshot) -> LookedBack {
    let (cut_off, before) = submissions.look_back(snapshot);
    LookedBack { cut_off, before }
}

/// What the evidence says of a video.
fn place(evidence: &Evidence, object: &str) -> Option<Place> {
    match evidence.about(SubjectKind::Video, object)?.fact {
        Fact::Video(video) => Some(Place { is_private: video.signed || video.is_refused(), region: video.region }),
        _ => None,
    }
}

fn places(evidence: &Evidence, snapshot: &Snapshot, plan: &RowsPlan) -> Places {
    let objects = plan.going.iter().map(|going| snapshot.value(going.row, Field::Object).text().to_owned());
    objects.filter_map(|object| Some((object.clone(), place(evidence, &object)?))).collect()
}

/// The news go through a channel of their own: this must not wait for the screen, and none may be lost.
pub async fn send(
    submissions: Arc<Submissions>,
    s3: S3,
    order: SendRows,
    control: UnboundedReceiver<RowsControl>,
    results: Sender<Msg>,
) {
    let SendRows { job, snapshot, path, fingerprint, plan, evidence } = order;
    let places = places(&evidence, &snapshot, &plan);
    let parcel = RowsParcel { file: path, fingerprint, snapshot, plan, places, s3, again: false };
    let (news, mut heard) = unbounded_channel();
    let forwarded = {
        let results = results.clone();
        async move {
            while let Some(news) = heard.recv().await {
                let _ = results.send(Msg::RowsMoved(job, news)).await;
            }
        }
    };
    let sending = async {
        let narrate = move |told| {
            let _ = news.send(told);
        };
        submissions.send_rows(parcel, Manner { waits: true, holds: true }, control, narrate).await
    };
    let (sent, ()) = tokio::join!(sending, forwarded);
    let _ = results.send(Msg::RowsEnded(job, sent.map_err(|why| why.to_string()))).await;
}
