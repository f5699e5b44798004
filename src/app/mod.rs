//! Application state and the one function that changes it: [`update()`]. No I/O, no clock, no tokio.
//!
//! ```text
//!  Msg ──► update ──► the screen in front: act(&mut self, &mut Ctx, &Request) -> Next
//!              │            │ asks
//!              │            ▼
//!              └────► session: fn(&mut Session, …) -> Done { changed, effects, note, question }
//!                           │ starts
//!                           ▼
//!                         jobs: task → id, whether an interrupt stops it, its status text
//! ```

pub mod action;
pub mod burst;
pub mod command;
pub mod compute;
pub mod context;
pub mod count;
pub mod effect;
pub mod filling;
pub mod jobs;
pub mod key;
pub mod layout;
pub mod line_input;
pub mod message;
pub mod model;
pub mod msg;
pub mod next;
pub mod options;
pub mod pairs;
pub mod screens;
pub mod scroll;
pub mod session;
pub mod tour;
mod update;

pub use effect::Effect;
pub use model::Model;
pub use msg::{JobId, Msg};
pub use update::{choose, load, open, update};
