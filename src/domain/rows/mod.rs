//! Sending a manifest row by row, one `POST /tasks` for each row: the route that outlives the transfer endpoint.
//!
//! Which rows can go is the [`RowsPlan`]; how one is asked for, the [`RowRequest`]; what became of it, the [`RowEnd`];
//! when the next may go, the [`Pace`]. Pure: no clock, no network.
//!
//! A row is accepted only with a task id. A row whose outcome is unknown is never sent again by itself.

mod news;
mod outcome;
mod pace;
mod plan;
mod record;
mod request;

pub use news::{RowsControl, RowsCutOff, RowsNews, RowsSent, RowsWhy, Slow};
pub use outcome::{Halt, Quota, RowEnd, Stop};
pub use pace::{AT_ONCE, Action, Event, Hold, Pace, Wait};
pub use plan::{CannotGo, Going, Known, KnownRows, RowsPlan, Terms, known_rows};
pub use record::{RowState, SentRow, Tally};
pub use request::{RowLinks, RowRequest, curl_of_row, takes_transcripts};
