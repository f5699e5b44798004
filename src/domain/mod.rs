//! What cuecard knows about manifests, independent of files, terminals, networks and clocks.

pub mod bulk;
pub mod draft;
pub mod evidence;
pub mod findings;
pub mod fixes;
pub mod format;
pub mod keys;
pub mod limits;
pub mod manifest;
pub mod many;
pub mod names;
pub mod outcome;
pub mod pair;
pub mod printable;
pub mod rebase;
pub mod request;
pub mod row_set;
pub mod rules;
pub mod s3_url;
pub mod search;
pub mod submission;
pub mod subtitle;
pub mod video;
