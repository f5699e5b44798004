//! The headless commands: each calls domain and io, prints, and returns an exit code. Standard output is data, standard
//! error is narration.

pub mod arguments;
mod attempts;
pub mod check;
#[cfg(feature = "sandbox")]
pub mod demo;
mod document;
pub mod edit;
pub mod follow;
pub mod history;
pub mod merge;
pub mod pair;
pub mod receipt;
mod report;
pub mod retry;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod signals;
pub mod submit;

use crate::domain::draft::Snapshot;
use crate::domain::evidence::{AT_ONCE, Evidence};
use crate::domain::limits::{Limits, Profile};
use crate::domain::printable::printable;
use crate::domain::request::Address;
use crate::io::api_key;
use crate::io::error_words;
use crate::io::folders::Folders;
use crate::io::s3::{self, Credentials, Endpoint, Ffprobe};
use crate::io::trust::Trust;
use crate::io::twelve_labs::{Proxy, Route};
use crate::settings::{ApiKeySource, Origin, S3Credentials, Setting, Settings};
use crate::submission::{ApiKeys, Configured, Destination, Submissions};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// An address for a message: what stands before the last `@` may be a password.
fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, place)) => format!("…@{place}"),
        None => url.to_owned(),
    }
}

/// What every command works with.
#[derive(Clone, Debug)]
pub struct Context {
    pub settings: Settings,
    pub folders: Folders,
}

impl Context {
    /// The address of uploads.
    ///
    /// # Errors
    /// [`Failure`] naming the setting that is wrong and where it came from.
    pub fn address(&self) -> Result<Address, Failure> {
        let Settings { api_url, allow_http, .. } = &self.settings;
        Address::parse(&api_url.value, allow_http.value).map_err(|why| {
            let shown = match without_credentials(&api_url.value) {
                empty if empty.trim().is_empty() => "\"\"".into(),
                shown => shown,
            };
            Failure::usage(format!("the API's address {shown} {}: it {why}", api_url.origin))
        })
    }

    /// Submissions with these settings: address, API key and ledger.
    ///
    /// # Errors
    /// As [`Context::address`], or for a CA file.
    pub fn submissions(&self) -> Result<Submissions, Failure> {
        let address = self.address()?;
        let Settings { profile, idle_seconds, .. } = &self.settings;
        let to = Destination {
            route: Route {
                proxy: Proxy::from_environment(&address, |name| std::env::var(name).ok()),
                trust: self.trust()?,
            },
            address,
            profile: profile.as_ref().map(|profile| profile.value.clone()),
            idle: Duration::from_secs(idle_seconds.value),
        };
        Ok(Submissions::new(self.folders.state.clone(), to, self.api_keys()))
    }

    /// The trusted certificates.
    ///
    /// # Errors
    /// [`Failure`] for a CA file that can't be read or contains no certificate.
    fn trust(&self) -> Result<Trust, Failure> {
        let Some(Setting { value, origin }) = &self.settings.ca_file else { return Ok(Trust::default()) };
        Trust::from_file(value).map_err(|why| Failure::usage(format!("{why} (ca-file {origin})")))
    }

    /// The source of the API key, in the words of every screen, message and ledger.
    fn api_keys(&self) -> ApiKeys {
        let Setting { value, origin } = self.settings.api_key.clone();
        let variable = match &origin {
            Origin::Environment(name) => Some(*name),
            _ => None,
        };
        let origin = match &value {
            ApiKeySource::Missing => return ApiKeys::new(None),
            ApiKeySource::Given(_) => origin.to_string(),
            ApiKeySource::File(path) => format!("from the file {}", path.display()),
            ApiKeySource::Command(_) => format!("from a command, {origin}"),
        };
        let read = Box::new(move || match &value {
            ApiKeySource::Given(key) => api_key::sound_shared(key),
            ApiKeySource::File(path) => api_key::from_file(path).map(Arc::new),
            ApiKeySource::Command(command) => api_key::from_command(command).map(Arc::new),
            ApiKeySource::Missing => Err(api_key::KeyError::Missing),
        });
        ApiKeys::new(Some(Configured { origin, variable, read }))
    }

    /// How to reach S3, and whether to use the operator's AWS credentials.
    ///
    /// # Errors
    /// [`Failure`] if the endpoint is not an address, or for a CA file.
    pub fn s3(&self) -> Result<s3::S3Options, Failure> {
        let Settings { s3_endpoint, s3_credentials, aws_profile, ffprobe, .. } = &self.settings;
        let ffprobe = ffprobe.as_ref().map(|ffprobe| Ffprobe::at(ffprobe.value.clone()));
        let endpoint = s3_endpoint.as_ref().map(|endpoint| Endpoint::parse(&endpoint.value)).transpose();
        let credentials = (s3_credentials.value == S3Credentials::Aws).then(|| {
            let environment = std::env::vars_os();
            let text =
                environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
            Credentials::new(aws_profile.as_ref().map(|profile| profile.value.as_str()), std::env::home_dir(), text)
        });
        let endpoint = endpoint.map_err(|why| Failure::usage(why.to_string()))?;
        Ok(s3::S3Options { endpoint, credentials, ffprobe, trust: self.trust()?, ..s3::S3Options::default() })
    }

    /// The limits for videos.
    ///
    /// # Errors
    /// [`Failure`] that lists the tables, for an unknown one.
    pub fn limits(&self) -> Result<Limits, Failure> {
        let Some(Setting { value, origin }) = &self.settings.limits else { return Ok(Limits::default()) };
        let profile = Profile::named(value).ok_or_else(|| {
            let names = Profile::ALL.map(Profile::name).join(", ");
            Failure::usage(format!("unknown limits {value:?}, {origin}; known ones are {names}"))
        })?;
        Ok(Limits { profile })
    }

    /// Concurrent S3 questions: from the argument, else from the settings.
    pub fn at_once(&self, now: Option<usize>) -> usize {
        now.or(self.settings.checks_at_once.as_ref().map(|most| most.value)).unwrap_or(AT_ONCE)
    }
}

/// `cuecard check`: see [`check::run`].
///
/// # Errors
/// [`Failure`] for settings that contradict each other.
pub fn check(arguments: &check::Check, context: &Context) -> Result<u8, Failure> {
    let limits = context.limits()?;
    let offline = &context.settings.offline;
    if arguments.online && offline.value {
        return Err(Failure::usage(format!("--online needs the network, but offline is set {}", offline.origin)));
    }
    if let (Some(shard), Some(output)) = (arguments.shard, &arguments.output) {
        return check::part(arguments, context, shard, output);
    }
    let observe = |snapshot: &Snapshot| match arguments.online {
        true => check::observe(arguments, context, snapshot),
        false if arguments.merge.is_empty() => Ok(Evidence::new(limits).into()),
        false => check::joined(arguments, limits, snapshot),
    };
    let already_sent = |snapshot: &Snapshot| submit::already_sent(context, snapshot);
    let mut out = io::BufWriter::new(io::stdout().lock());
    Ok(check::run(arguments, &observe, &already_sent, &mut out, &mut io::stderr()))
}

/// Why a command ends early: a sentence for standard error, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub exit: u8,
    pub message: String,
}

impl Failure {
    /// Usage, unreadable input, no API key.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: 2, message: message.into() }
    }

    /// Blocked by findings or by an identical earlier send.
    pub fn blocked(message: impl Into<String>) -> Failure {
        Failure { exit: 1, message: message.into() }
    }

    pub fn not_sent(message: impl Into<String>) -> Failure {
        Failure { exit: 3, message: message.into() }
    }
}

/// Writes data to standard output. A reader that closed the pipe (`| head`) is not an error.
///
/// # Errors
/// [`Failure`] if the output can't be written for any other reason.
pub fn print(data: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(data.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("the output can't be written: {}", error_words(&error))))
        }
        _ => Ok(()),
    }
}

/// Writes one printable line of narration. If that fails, there is nobody to tell.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let (first, rest) = clause.split_at_checked(1).unwrap_or_default();
    format!("{}{rest}.", first.to_uppercase())
}

/// Says so if an operation that should be instant takes long.
pub fn patiently<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let watch = move || {
        if matches!(waiting.recv_timeout(SLOW), Err(std::sync::mpsc::RecvTimeoutError::Timeout)) {
            say(what);
        }
    };
    // Without a thread, wait silently.
    let _ = std::thread::Builder::new().name("patience".into()).spawn(watch);
    let result = work();
    drop(done);
    result
}

/// After this long, an operation that should be instant is reported.
const SLOW: Duration = Duration::from_secs(4);
const FILE_IS_SLOW: &str = "Still reading the file: the disk is slow, or does not answer.";
pub const DISK_IS_SLOW: &str = "Still waiting: the disk does not answer.";

/// `cuecard completions`
pub fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut command = arguments::Arguments::declared();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "cuecard", &mut script);
    print(&String::from_utf8_lossy(&script)).map(|()| 0)
}

/// `cuecard man`: one page with a section per command, or the page of one command.
///
/// # Errors
/// [`Failure`] for an unknown command.
pub fn man(of: Option<&str>) -> Result<u8, Failure> {
    let wrong = |error: io::Error| Failure::usage(format!("the manual page can't be made: {}", error_words(&error)));
    let command = arguments::Arguments::declared();
    let mut page = Vec::new();
    if let Some(name) = of {
        let Some(part) = command.find_subcommand(name) else {
            let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            return Err(Failure::usage(format!("there is no command {name:?}; there are {}", names.join(", "))));
        };
        let title = format!("cuecard-{name}");
        clap_mangen::Man::new(part.clone()).title(title).render(&mut page).map_err(wrong)?;
        return print(&String::from_utf8_lossy(&page)).map(|()| 0);
    }
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(wrong)?;
    for part in command.get_subcommands() {
        section(part).to_writer(&mut page).map_err(wrong)?;
    }
    print(&String::from_utf8_lossy(&page)).map(|()| 0)
}

fn section(command: &clap::Command) -> clap_mangen::roff::Roff {
    use clap_mangen::roff::{Roff, bold, roman};
    let text = |words: Option<&clap::builder::StyledStr>| roman(words.map(ToString::to_string).unwrap_or_default());
    let mut roff = Roff::new();
    roff.control("SH", [format!("cuecard {}", command.get_name()).to_uppercase().as_str()]);
    roff.text([text(command.get_about())]);
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_id() != "help")
    {
        roff.control("TP", []);
        roff.text([bold(argument.to_string())]).text([text(argument.get_help())]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_never_printed() {
        for (url, shown) in [
            ("http://u:SECRET@api.example/v1.2", "…@api.example/v1.2"),
            ("SECRET@x", "…@x"),
            ("https://a:b@SECRET@x", "…@x"),
            ("https://x/v1.2", "https://x/v1.2"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
