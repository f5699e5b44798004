//! Arguments, log set-up, dispatch, exit code. The only file that uses anyhow.

use anyhow::Context as _;
use cuecard::app::Model;
use cuecard::app::command::Keymap;
use cuecard::app::options::{AppOptions, Look};
use cuecard::commands::arguments::{Arguments, Command, Global};
use cuecard::commands::{self, Context, Failure, say};
use cuecard::domain::parallel;
use cuecard::domain::printable::printable;
use cuecard::fault;
use cuecard::io::error_words;
use cuecard::io::folders::{Folders, read_config};
use cuecard::runtime::{self, End, Start, World};
use cuecard::settings::{Contrast, Settings, Sources};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use zeroize::Zeroize as _;

fn main() -> ExitCode {
    leave_no_dump();
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let exit = fault::guarded(say, cuecard::io::threads::exit_code, || {
        run(arguments).unwrap_or_else(|error| {
            // A system error in words; otherwise `{:#}`, the whole chain on one line.
            match error.downcast_ref::<std::io::Error>() {
                Some(system) => say(&format!("cuecard: {}", error_words(system))),
                None => say(&format!("cuecard: {error:#}")),
            }
            error.downcast_ref::<Failure>().map_or(2, |failure| failure.exit)
        })
    });
    ExitCode::from(exit)
}

/// A core dump would contain the API key. Child processes inherit this.
fn leave_no_dump() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // The limit doesn't apply where dumps are piped to a program.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn run(arguments: Arguments) -> anyhow::Result<u8> {
    if let (Some(manifest), Some(_)) = (&arguments.manifest, &arguments.command) {
        anyhow::bail!("{} comes before a command: give either a manifest to open or a command", manifest.display());
    }
    if !arguments.from.is_empty() && arguments.command.is_some() {
        anyhow::bail!("--from comes before a command: it only applies to a manifest that is opened");
    }
    let exit = match &arguments.command {
        Some(Command::Completions { shell }) => commands::completions(*shell)?,
        Some(Command::Man { command }) => commands::man(command.as_deref())?,
        Some(Command::Check(check)) => commands::check(check, &context(&arguments.global)?)?,
        Some(Command::Pair(pair)) => commands::pair::run(pair, &context(&arguments.global)?)?,
        Some(Command::Set(set)) => commands::edit::set(set, &context(&arguments.global)?)?,
        Some(Command::Clear(clear)) => commands::edit::clear(clear, &context(&arguments.global)?)?,
        Some(Command::Replace(replace)) => commands::edit::replace(replace, &context(&arguments.global)?)?,
        Some(Command::Merge(merge)) => commands::merge::run(merge, &context(&arguments.global)?)?,
        Some(Command::Submit(submit)) => commands::submit::run(submit, &context(&arguments.global)?)?,
        Some(Command::Receipt(receipt)) => commands::receipt::run(receipt)?,
        Some(Command::Follow(follow)) => commands::follow::run(follow, &context(&arguments.global)?)?,
        Some(Command::History(history)) => commands::history::run(history, &context(&arguments.global)?)?,
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(sandbox)) => commands::sandbox::run(sandbox)?,
        #[cfg(feature = "sandbox")]
        Some(Command::Demo) => demo(&arguments.global)?,
        None => open(&arguments)?,
    };
    Ok(exit)
}

/// The interactive program: the table on a manifest, or the chooser without one.
fn open(arguments: &Arguments) -> anyhow::Result<u8> {
    need_terminal()?;
    let context = context(&arguments.global)?;
    let settings_file = settings_file(&arguments.global, &context.folders);
    let mut start = start(context, arguments.manifest.clone(), arguments.from.clone())?;
    start.model.options.settings_file = Some(settings_file);
    match runtime::run(start).context("the terminal can't be used")? {
        End::Exit(code) => Ok(code),
        #[cfg(feature = "sandbox")]
        End::Demo => demo(&arguments.global),
        #[cfg(not(feature = "sandbox"))]
        End::Demo => Ok(0),
    }
}

/// Runs the interactive program on a sandbox with its own sample copy and state folder. Configured API keys and
/// addresses are ignored.
#[cfg(feature = "sandbox")]
fn demo(global: &Global) -> anyhow::Result<u8> {
    need_terminal()?;
    let demo = commands::demo::Demo::start(global.flags())
        .map_err(|error| anyhow::anyhow!("the sandbox did not start: {}", error_words(&error)))?;
    let mut start = start(demo.context.clone(), Some(demo.manifest.clone()), vec![demo.captions.clone()])?;
    start.model.options.tour = Some(demo.manifest.clone());
    let end = runtime::run(start)?;
    // Not earlier: the sandbox and its folder end with it.
    drop(demo);
    match end {
        End::Exit(code) => Ok(code),
        End::Demo => self::demo(global),
    }
}

fn need_terminal() -> anyhow::Result<()> {
    anyhow::ensure!(
        std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
        "the editor needs a terminal; `cuecard --help` lists the commands that don't"
    );
    Ok(())
}

/// Builds the model and its environment from the settings.
fn start(context: Context, manifest: Option<PathBuf>, sources: Vec<String>) -> anyhow::Result<Start> {
    let s3 = context.s3()?;
    let limits = context.limits()?;
    let at_once = context.at_once(None);
    let submissions = Arc::new(context.submissions()?);
    let Context { settings, folders } = context;
    let address = submissions.to().address.clone();
    let keymap = Keymap::remapped(&settings.keys).map_err(anyhow::Error::msg)?;
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
    let look = Look {
        ascii: settings.ascii.value || !utf8,
        no_color: settings.no_color.value,
        high_contrast: settings.contrast.value == Contrast::High,
    };
    let options = AppOptions {
        host: address.host(),
        address: Some(address),
        profile: settings.profile.as_ref().map(|profile| profile.value.clone()),
        key_variable: submissions.api_keys().variable(),
        protect: settings.protect,
        offline: settings.offline.value,
        limits,
        sources,
        settings_file: None,
        tour: None,
    };
    let world = World { state: folders.state, submissions, s3, offline: options.offline, at_once };
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    let model = Model::new(options, look, keymap, size);
    Ok(Start { model, manifest, mouse: settings.mouse.value, world })
}

/// The configuration file: the one that was named, else the usual one.
fn settings_file(global: &Global, folders: &Folders) -> PathBuf {
    global.config.clone().unwrap_or_else(|| folders.config_file())
}

/// Settings and folders, from the configuration file, the environment and the flags.
fn context(global: &Global) -> anyhow::Result<Context> {
    commands::patiently(commands::DISK_IS_SLOW, || fault::system_works(parallel::cores()))?;
    let folders = Folders::find(|name| std::env::var_os(name))
        .context("there is no home folder; set CUECARD_STATE_DIR and CUECARD_CONFIG_DIR")?;
    let path = settings_file(global, &folders);
    let read = || read_config(&path, global.config.is_some());
    let text = commands::patiently(commands::DISK_IS_SLOW, read).map_err(|error| {
        anyhow::anyhow!("the configuration {} can't be read: {}", path.display(), error_words(&error))
    })?;
    let mut environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let settings = Settings::resolve(&Sources {
        file: text.as_deref().map(|text| (path, text)),
        environment: &environment,
        flags: global.flags(),
    });
    // The API key is among them and must be in memory only once.
    environment.iter_mut().for_each(|(_, value)| value.zeroize());
    let settings = settings?;
    log_to(&folders.state);
    Ok(Context { settings, folders })
}

/// `CUECARD_LOG=debug` writes our own log beside the databases. Other crates stay silent, so that no header is ever
/// logged. The program works without a log.
fn log_to(state: &Path) {
    let Ok(level) = std::env::var("CUECARD_LOG") else { return };
    let Ok(level) = level.parse::<LevelFilter>() else {
        return say("CUECARD_LOG can be off, error, warn, info, debug or trace.");
    };
    // Only ours: other crates may log parts of a request.
    let filter = Targets::new().with_target("cuecard", level);
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = std::fs::create_dir_all(state).and_then(|()| options.open(state.join("cuecard.log")));
    match opened {
        Ok(file) => {
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file);
            // This runs once, so it can't fail.
            let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
        }
        Err(error) => say(&format!("the log can't be written: {}", error_words(&error))),
    }
}

/// Help and version are data; a wrong command line goes to stderr with exit code 2, and may contain anything.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Styled if the output is a terminal; a closed pipe is not an error.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    for line in error.render().to_string().lines() {
        eprintln!("{}", printable(line));
    }
    ExitCode::from(2)
}
