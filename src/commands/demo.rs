//! What `cuecard demo` works with: a sandbox, a copy of its sample manifest, settings that look at nothing else. It
//! leaves nothing behind.

use super::Context;
use crate::io::folders::Folders;
use crate::sandbox::{MANIFEST, Options, Sandbox};
use crate::settings::{Flags, Origin, Settings, Sources};
use std::io;
use std::path::PathBuf;

/// Any key does in the sandbox; one that is no secret is shown nowhere all the same.
const KEY: &str = "sandbox-demo-key";

#[derive(Debug)]
pub struct Demo {
    pub context: Context,
    pub manifest: PathBuf,
    /// `s3://bucket/` with transcripts to pick from.
    pub captions: String,
    _folder: tempfile::TempDir,
    _sandbox: Sandbox,
    // Last: what runs in it ends first.
    _runtime: tokio::runtime::Runtime,
}

impl Demo {
    /// Starts the sandbox on free ports of this machine. Of the flags only those that change the look count.
    ///
    /// # Errors
    /// When no port is free or the temporary folder can't be written.
    pub fn start(flags: Flags) -> io::Result<Demo> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(Options::default()))?;
        let folder = tempfile::Builder::new().prefix("cuecard-demo-").tempdir()?;
        let manifest = folder.path().join("demo.json");
        std::fs::write(&manifest, MANIFEST)?;
        let environment = [
            ("TWELVELABS_API_KEY".to_owned(), KEY.to_owned()),
            ("CUECARD_API_URL".to_owned(), sandbox.api_url().to_owned()),
            ("CUECARD_S3_ENDPOINT".to_owned(), sandbox.s3_endpoint().to_owned()),
        ];
        let look = std::env::var("NO_COLOR").ok().map(|value| ("NO_COLOR".to_owned(), value));
        let environment: Vec<(String, String)> = environment.into_iter().chain(look).collect();
        let sources =
            Sources { file: None, environment: &environment, flags: Flags { ascii: flags.ascii, ..Flags::default() } };
        let mut settings = Settings::resolve(&sources).map_err(io::Error::other)?;
        // What opens the sandbox is no key of anybody's.
        settings.api_key.origin = Origin::Sandbox;
        let folders = Folders { state: folder.path().join("state"), config: folder.path().join("config") };
        let captions = sandbox.captions();
        let context = Context { settings, folders };
        Ok(Demo { context, manifest, captions, _folder: folder, _sandbox: sandbox, _runtime: runtime })
    }
}
