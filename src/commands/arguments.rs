//! The command line, declared once: it drives parsing, help, completions and the manual page. Each command declares its
//! own arguments and uses the shared ones from here: `check`, `edit`, `follow`,
//! `history`, `merge`, `pair`, `receipt`, `retry`, `sandbox`.

use crate::settings::Flags;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const MORE: &str = "\
Exit codes:
  0      fine, or accepted
  1      findings of severity error, values that set or replace left because they would be errors,
         or a send blocked by errors or by an identical earlier one
  2      usage, unreadable input, no key, no connection for check --online, or a question
         and no terminal to ask it on
  3      not sent, safe to send again
  4      refused by the server (3xx, 4xx)
  5      outcome unknown (5xx, or no complete reply): look before sending again
  128+n  ended by signal n

The API key comes from TWELVELABS_API_KEY (or TL_API_KEY), or from api-key-file or
api-key-command in the configuration, or is asked for; it is never an argument.
A manifest named like a command opens as ./check.

Environment:
  CUECARD_API_URL, CUECARD_S3_ENDPOINT, CUECARD_PROFILE,
  CUECARD_AWS, CUECARD_LIMITS, CUECARD_OFFLINE, CUECARD_ASCII, CUECARD_ALLOW_HTTP
                       as the flags with these names; a flag takes precedence
  AWS_PROFILE and the other variables of AWS, with --aws only
  CUECARD_CA_FILE      PEM certificates that count beside the system's (ca-file in config.toml)
  CUECARD_STATE_DIR    what was sent, unsaved edits, recent files
  CUECARD_CONFIG_DIR   config.toml
  CUECARD_LOG          debug, info, …: writes cuecard.log into the state folder
  NO_COLOR             no colours
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
                       the proxy for uploads, shown before anything is sent

config.toml may hold api-url, s3-endpoint, s3-credentials (none or aws), aws-profile,
api-key-file, api-key-command, ca-file, limits, checks-at-once, offline, allow-http, ascii,
no-color, contrast, mouse, idle-seconds and profile; tables [profiles.NAME] with the
same and protect; a table [keys] of commands and their keys.";

/// Give every video of a Twelve Labs manifest its transcript, prove the manifest right, upload it once.
#[derive(Debug, Parser)]
#[command(name = "cuecard", version, after_long_help = MORE, max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    /// The manifest to open; without one, a list to choose from
    pub manifest: Option<PathBuf>,
    /// Transcript keys to pick from: s3://bucket/prefix, a saved listing, or a plain list
    #[arg(long, value_name = "SOURCE")]
    pub from: Vec<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The global options that each command uses. They are in its help; others are rejected. A command that is not listed
/// uses all of them.
const MEANT: [(&str, &[&str]); 13] = [
    ("check", &["profile", "api_url", "s3_endpoint", "aws", "limits", "offline", "allow_http", "config"]),
    ("submit", &["profile", "api_url", "s3_endpoint", "aws", "allow_http", "config"]),
    ("set", &[]),
    ("clear", &[]),
    ("replace", &[]),
    ("merge", &[]),
    ("follow", &["profile", "api_url", "offline", "allow_http", "config"]),
    ("history", &[]),
    ("receipt", &[]),
    ("completions", &[]),
    ("man", &[]),
    ("sandbox", &[]),
    ("demo", &["ascii"]),
];

fn is_meant(command: &str, option: &str) -> bool {
    MEANT.iter().find(|(name, _)| *name == command).is_none_or(|(_, meant)| meant.contains(&option))
}

fn without_unused(command: clap::Command, name: &str) -> clap::Command {
    command.mut_args(|arg| {
        let hide = arg.is_global_set() && !is_meant(name, arg.get_id().as_str());
        if hide { arg.hide(true) } else { arg }
    })
}

impl Arguments {
    /// The declared command line, with unused global options removed from each command's help.
    pub fn declared() -> clap::Command {
        let mut command = Arguments::command();
        // Propagates the global options first.
        command.build();
        command.mut_subcommands(|sub| {
            let name = sub.get_name().to_owned();
            without_unused(sub, &name).mut_subcommands(|below| without_unused(below, &name))
        })
    }

    /// # Errors
    /// For a wrong command line, or a request for help.
    pub fn read(line: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
        let mut command = Arguments::declared();
        let matches = command.try_get_matches_from_mut(line)?;
        if let Some((name, sub)) = matches.subcommand() {
            let given = |option: &&clap::Id| sub.value_source(option.as_str()) == Some(ValueSource::CommandLine);
            let mut meaningless = sub.ids().filter(given).filter(|option| !is_meant(name, option.as_str()));
            let globals = Global::augment_args(clap::Command::new("globals"));
            let is_global = |option: &clap::Id| globals.get_arguments().any(|arg| arg.get_id() == option);
            if let Some(option) = meaningless.find(|option| is_global(option)) {
                let option = option.as_str().replace('_', "-");
                let why = format!("--{option} has no effect on `cuecard {name}`");
                return Err(command.error(ErrorKind::UnknownArgument, why));
            }
        }
        Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// Named set of settings in the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Base URL of the API [default: https://api.twelvelabs.io/v1.2]"
    )]
    pub api_url: Option<String>,
    /// S3-compatible store to ask instead of AWS, path-style
    #[arg(long, global = true, value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// Use your AWS credentials for listings and for what S3 refuses to anonymous requests
    #[arg(long, global = true)]
    pub aws: bool,
    /// Table of video limits [default: v1.2]
    #[arg(long, global = true, value_name = "NAME")]
    pub limits: Option<String>,
    /// Check nothing over the network
    #[arg(long, global = true)]
    pub offline: bool,
    /// Draw with ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Send to an http:// address on another machine
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// Configuration file [default: config.toml in the configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Global {
    pub fn flags(&self) -> Flags {
        Flags {
            profile: self.profile.clone(),
            api_url: self.api_url.clone(),
            s3_endpoint: self.s3_endpoint.clone(),
            aws: self.aws,
            limits: self.limits.clone(),
            offline: self.offline,
            allow_http: self.allow_http,
            ascii: self.ascii,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The editor against a sandbox with a sample manifest: no key, no network
    #[cfg(feature = "sandbox")]
    Demo,
    #[cfg(feature = "sandbox")]
    Sandbox(super::sandbox::Sandbox),
    /// Check a manifest, and with --online what it names, without sending it
    Check(super::check::Check),
    /// Propose transcripts by name for rows without one; fill in the sure ones
    Pair(super::pair::Arguments),
    /// Set a field of many rows
    Set(super::edit::Set),
    /// Empty a field of many rows
    Clear(super::edit::Clear),
    /// Replace a pattern in a field of many rows
    Replace(super::edit::Replace),
    /// Carry the transcripts of an edited manifest over into a fresh export
    Merge(super::merge::Arguments),
    /// Check a manifest, upload it, print the service's answer
    Submit(Submit),
    /// See what became of each row that was sent; only reads
    Follow(super::follow::Arguments),
    /// What was sent, when, where, and what came back
    History(History),
    Receipt(super::receipt::Arguments),
    /// Shell completions on standard output
    Completions {
        shell: clap_complete::Shell,
    },
    /// The manual page on standard output, of cuecard or of one command
    Man {
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Submit {
    /// The manifest to upload, as it is on disk
    pub manifest: PathBuf,
    /// Don't ask; a protected profile still asks
    #[arg(long)]
    pub yes: bool,
    /// Print what would be sent, without sending it
    #[arg(long)]
    pub dry_run: bool,
    /// Send despite findings of severity error
    #[arg(long)]
    pub allow_errors: bool,
    /// Send even if the same bytes went to the same address before
    #[arg(long)]
    pub again: bool,
    /// transfer: the whole manifest in one request; tasks: row by row, one request for each row
    #[arg(long, value_enum, default_value_t = Route::Transfer)]
    pub route: Route,
    /// With --route tasks: send the other rows if some cannot go
    #[arg(long)]
    pub skip_blocked: bool,
    /// With --route tasks: rows without a transcript go, and where the API takes none, all rows
    #[arg(long)]
    pub without_transcripts: bool,
    /// With --route tasks: wait until a used-up limit opens again
    #[arg(long)]
    pub wait: bool,
    /// With --route tasks: go on only with this attempt of the history
    #[arg(long, value_name = "N")]
    pub resume: Option<i64>,
    /// With --route tasks: one line or one JSON object for each row
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How a manifest gets to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Route {
    Transfer,
    Tasks,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct History {
    #[command(subcommand)]
    pub past: Option<Past>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// What else can be done with the attempts in the ledger.
#[derive(Debug, Subcommand)]
pub enum Past {
    /// Print the receipt of an attempt as JSON, without secrets
    Show(super::receipt::Show),
    /// Say what became of an attempt whose outcome is unknown
    Settle {
        /// Number of the attempt
        attempt: i64,
        /// What you found
        outcome: super::history::Said,
        /// The row, of an attempt that was sent row by row: its number in the file that was sent
        #[arg(long, value_name = "ROW")]
        row: Option<std::num::NonZeroU32>,
    },
    Draft(super::retry::Draft),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
