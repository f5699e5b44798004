//! The parts of `cuecard demo`: a sandbox, a copy of its sample manifest, and isolated settings. Leaves nothing behind.

use super::Context;
use crate::io::folders::Folders;
use crate::sandbox::{MANIFEST, Sandbox, SandboxOptions};
use crate::settings::{Flags, Origin, Settings, Sources};
use std::io;
use std::path::PathBuf;

/// The sandbox accepts any API key. This one is not secret, but is still never shown.
const KEY: &str = "sandbox-demo-key";

#[derive(Debug)]
pub struct Demo {
    pub context: Context,
    pub manifest: PathBuf,
    /// `s3://bucket/` with transcripts to pick from.
    pub captions: String,
    _folder: tempfile::TempDir,
    _sandbox: Sandbox,
    // Dropped last: what runs in it ends first.
    _runtime: tokio::runtime::Runtime,
}

impl Demo {
    /// Starts the sandbox on free local ports. Only flags about the look are used.
    ///
    /// # Errors
    /// If no port is free or the temporary folder can't be written.
    pub fn start(flags: Flags) -> io::Result<Demo> {
        let runtime = crate::io::threads::runtime(Some(1))?;
        let sandbox = runtime.block_on(Sandbox::start(SandboxOptions::default()))?;
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
        // The sandbox's key belongs to nobody.
        settings.api_key.origin = Origin::Sandbox;
        let folders = Folders { state: folder.path().join("state"), config: folder.path().join("config") };
        let captions = sandbox.captions();
        let context = Context { settings, folders };
        Ok(Demo { context, manifest, captions, _folder: folder, _sandbox: sandbox, _runtime: runtime })
    }
}
