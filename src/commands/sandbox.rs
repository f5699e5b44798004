//! `cuecard sandbox`: the stand-in alone. Prints its addresses and runs until it is ended.

use super::{Failure, print, say};
use crate::sandbox::{Answer, Sandbox as Running, SandboxOptions};
use std::io;
use std::time::Duration;

/// Run a Twelve Labs stand-in and public demo buckets on this machine, without a key and without a network
#[derive(Clone, Debug, clap::Args)]
pub struct Sandbox {
    /// Port of the Twelve Labs stand-in; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    api_port: u16,
    /// Port of the buckets; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    s3_port: u16,
    /// Answer to uploads: 204, 200, 400, 401, 403, 404, 410, upgrade, 413, 429, empty, 302, 500, slow, drop, cut or escape
    #[arg(long, value_name = "NAME", default_value = "204", value_parser = answer)]
    answer: Answer,
    /// Seconds before the answer `slow`
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    slow: u64,
}

fn answer(name: &str) -> Result<Answer, String> {
    let names = || Answer::ALL.map(|(name, _)| name).join(", ");
    Answer::named(name).ok_or_else(|| format!("it is one of {}", names()))
}

/// Starts the sandbox, prints its addresses, and waits for ^c or SIGTERM.
///
/// # Errors
/// [`Failure`] if a port is taken or stdout can't be written.
pub fn run(arguments: &Sandbox) -> Result<u8, Failure> {
    let failed =
        |error: io::Error| Failure::usage(format!("the sandbox can't run: {}", crate::io::error_words(&error)));
    let runtime = crate::io::threads::runtime(Some(2)).map_err(failed)?;
    runtime.block_on(async {
        // Before printing: whoever reads the addresses may end us at once.
        let ended = signals().map_err(failed)?;
        let slow = Duration::from_secs(arguments.slow);
        let Sandbox { api_port, s3_port, answer, .. } = *arguments;
        let options = SandboxOptions { api_port, s3_port, answer, slow, ..SandboxOptions::default() };
        let sandbox = Running::start(options).await.map_err(failed)?;
        let (api, s3, captions) = (sandbox.api_url(), sandbox.s3_endpoint(), sandbox.captions());
        print(&format!("api-url      {api}\ns3-endpoint  {s3}\ncaptions     {captions}\n"))?;
        say("Any API key will do; one that ends in an answer's name, such as sandbox-401, gets that answer.");
        let control = api.trim_end_matches("v1.2");
        say(&format!("curl -X PUT {control}answer/429 changes the answer for all others,"));
        say("answer/single/429 that to POST /tasks, answer/tasks/429 that to GET /tasks. ^c ends the sandbox.");
        Ok(ended.await)
    })
}

fn signals() -> io::Result<impl Future<Output = u8>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    })
}
