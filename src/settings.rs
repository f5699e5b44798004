//! Resolves settings: defaults < file < environment < flags. Every value records its origin. Pure: it gets the file's
//! text, the environment and the flags as arguments.

use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

pub const DEFAULT_API_URL: &str = "https://api.twelvelabs.io/v1.2";

/// The origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, profile: Option<String> },
    Environment(&'static str),
    Flag(&'static str),
    Sandbox,
}

impl fmt::Display for Origin {
    /// `from CUECARD_API_URL in the environment`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("by default"),
            Origin::File { path, profile: None } => write!(f, "from {}", path.display()),
            Origin::File { path, profile: Some(profile) } => write!(f, "from profile {profile} in {}", path.display()),
            Origin::Environment(name) => write!(f, "from {name} in the environment"),
            Origin::Flag(name) => write!(f, "from {name}"),
            Origin::Sandbox => f.write_str("of the sandbox"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

/// Where to get the API key; reading it happens elsewhere.
#[derive(Clone, Debug)]
pub enum ApiKeySource {
    /// Shared, so that memory holds one copy.
    Given(Arc<SecretString>),
    /// Must be readable only by its owner.
    File(PathBuf),
    /// The first line of its output is the API key.
    Command(String),
    /// Not configured: ask, if there is a terminal.
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    #[default]
    Normal,
    /// Nothing is dimmed.
    High,
}

/// The credentials for S3 requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum S3Credentials {
    /// Anonymous.
    #[default]
    None,
    /// The operator's AWS credentials.
    Aws,
}

/// The resolved settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub profile: Option<Setting<String>>,
    /// The profile requires typing the number of rows before a send.
    pub protect: bool,
    /// Base URL of the API, not validated yet.
    pub api_url: Setting<String>,
    pub s3_endpoint: Option<Setting<String>>,
    pub s3_credentials: Setting<S3Credentials>,
    /// The operator's AWS profile. AWS_PROFILE takes precedence and is read elsewhere.
    pub aws_profile: Option<Setting<String>>,
    pub api_key: Setting<ApiKeySource>,
    /// The table of video limits, not validated yet.
    pub limits: Option<Setting<String>>,
    /// Concurrent S3 questions, 1 to 64.
    pub checks_at_once: Option<Setting<usize>>,
    pub offline: Setting<bool>,
    pub allow_http: Setting<bool>,
    /// A PEM file of certificates trusted in addition to the system's.
    pub ca_file: Option<Setting<PathBuf>>,
    /// The ffprobe that may be started. None: none may.
    pub ffprobe: Option<Setting<PathBuf>>,
    pub ascii: Setting<bool>,
    pub no_color: Setting<bool>,
    pub contrast: Setting<Contrast>,
    pub mouse: Setting<bool>,
    /// Timeout without progress, in seconds.
    pub idle_seconds: Setting<u64>,
    /// Action to keystrokes, as in the file; the key map validates them.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Flags of the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub profile: Option<String>,
    pub api_url: Option<String>,
    pub s3_endpoint: Option<String>,
    pub aws: bool,
    pub limits: Option<String>,
    pub offline: bool,
    pub allow_http: bool,
    pub ascii: bool,
}

/// The inputs of the resolution.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// The configuration file and its text, if it exists.
    pub file: Option<(PathBuf, &'a str)>,
    pub environment: &'a [(String, String)],
    pub flags: Flags,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error("there is no profile {name:?}{}", among(known))]
    NoSuchProfile { name: String, known: Vec<String> },
    #[error("{name} is {value:?}; it can be 1 or 0")]
    NotYesOrNo { name: &'static str, value: String },
    #[error("api-key-file and api-key-command are both given {origin}; keep one")]
    TwoKeys { origin: Origin },
}

fn among(known: &[String]) -> String {
    if known.is_empty() { "; the configuration has none".into() } else { format!("; there are {}", known.join(", ")) }
}

/// Whether a program may be started, and where it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Allowed {
    Found(bool),
    At(String),
}

impl From<String> for Allowed {
    fn from(text: String) -> Allowed {
        match text.as_str() {
            "1" | "true" | "yes" => Allowed::Found(true),
            "0" | "false" | "no" | "off" => Allowed::Found(false),
            _ => Allowed::At(text),
        }
    }
}

impl Allowed {
    /// The program: `true` finds it in `PATH`.
    fn program(self) -> Option<PathBuf> {
        match self {
            Allowed::Found(true) => Some("ffprobe".into()),
            Allowed::At(path) if !path.trim().is_empty() => match Allowed::from(path) {
                Allowed::At(path) => Some(path.into()),
                Allowed::Found(is_found) => is_found.then(|| "ffprobe".into()),
            },
            Allowed::Found(false) | Allowed::At(_) => None,
        }
    }
}

/// One level of the file: the top or a profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Level {
    api_url: Option<String>,
    s3_endpoint: Option<String>,
    s3_credentials: Option<S3Credentials>,
    aws_profile: Option<String>,
    api_key_file: Option<PathBuf>,
    api_key_command: Option<String>,
    limits: Option<String>,
    checks_at_once: Option<usize>,
    offline: Option<bool>,
    allow_http: Option<bool>,
    ca_file: Option<PathBuf>,
    ffprobe: Option<Allowed>,
    ascii: Option<bool>,
    no_color: Option<bool>,
    contrast: Option<Contrast>,
    mouse: Option<bool>,
    idle_seconds: Option<u64>,
    // Only at the top:
    profile: Option<String>,
    profiles: Option<BTreeMap<String, Level>>,
    keys: Option<BTreeMap<String, Vec<String>>>,
    // Only in a profile:
    protect: Option<bool>,
}

impl Settings {
    /// # Errors
    /// [`SettingsError`] for a file that can't be parsed, a missing profile, or a word that is neither yes nor no.
    /// Nothing is guessed: a wrong address is worse than none.
    pub fn resolve(sources: &Sources<'_>) -> Result<Settings, SettingsError> {
        let mut top = match &sources.file {
            Some((path, text)) => read(path, text)?,
            None => Level::default(),
        };
        let path = sources.file.as_ref().map(|(path, _)| path.clone()).unwrap_or_default();
        let in_file = |profile: Option<&str>| Origin::File { path: path.clone(), profile: profile.map(str::to_owned) };
        let environment = Environment(sources.environment);
        let flags = &sources.flags;

        let profile = pick([
            flags.profile.clone().map(|p| (p, Origin::Flag("--profile"))),
            environment.text("CUECARD_PROFILE"),
            top.profile.take().map(|p| (p, in_file(None))),
        ]);
        let mut profiles = top.profiles.take().unwrap_or_default();
        let named = match &profile {
            Some(profile) => profiles.remove(&profile.value).ok_or_else(|| SettingsError::NoSuchProfile {
                name: profile.value.clone(),
                known: profiles.keys().cloned().collect(),
            })?,
            None => Level::default(),
        };
        let levels =
            Levels { named: (&named, in_file(profile.as_ref().map(|p| p.value.as_str()))), top: (&top, in_file(None)) };
        Ok(Settings {
            protect: named.protect.unwrap_or(false),
            api_url: pick([
                flags.api_url.clone().map(|v| (v, Origin::Flag("--api-url"))),
                environment.text("CUECARD_API_URL"),
                levels.get(|level| level.api_url.clone()),
            ])
            .unwrap_or(Setting { value: DEFAULT_API_URL.to_owned(), origin: Origin::Default }),
            s3_endpoint: pick([
                flags.s3_endpoint.clone().map(|v| (v, Origin::Flag("--s3-endpoint"))),
                environment.text("CUECARD_S3_ENDPOINT"),
                levels.get(|level| level.s3_endpoint.clone()),
            ]),
            s3_credentials: pick([
                flags.aws.then_some((S3Credentials::Aws, Origin::Flag("--aws"))),
                environment
                    .yes_or_no("CUECARD_AWS")?
                    .map(|(aws, origin)| (if aws { S3Credentials::Aws } else { S3Credentials::None }, origin)),
                levels.get(|level| level.s3_credentials),
            ])
            .or_default(),
            aws_profile: match environment.text("AWS_PROFILE") {
                Some(_) => None,
                None => pick([levels.get(|level| level.aws_profile.clone())]),
            },
            api_key: api_key(&environment, &levels)?,
            limits: pick([
                flags.limits.clone().map(|v| (v, Origin::Flag("--limits"))),
                environment.text("CUECARD_LIMITS"),
                levels.get(|level| level.limits.clone()),
            ]),
            checks_at_once: pick([levels.get(|level| level.checks_at_once)]),
            offline: pick([
                flags.offline.then_some((true, Origin::Flag("--offline"))),
                environment.yes_or_no("CUECARD_OFFLINE")?,
                levels.get(|level| level.offline),
            ])
            .or_default(),
            allow_http: pick([
                flags.allow_http.then_some((true, Origin::Flag("--allow-http"))),
                environment.yes_or_no("CUECARD_ALLOW_HTTP")?,
                levels.get(|level| level.allow_http),
            ])
            .or_default(),
            ca_file: pick([
                environment.text("CUECARD_CA_FILE").map(|(path, origin)| (PathBuf::from(path), origin)),
                levels.get(|level| level.ca_file.clone()),
            ]),
            ffprobe: pick([
                environment.text("CUECARD_FFPROBE").map(|(value, origin)| (Allowed::from(value), origin)),
                levels.get(|level| level.ffprobe.clone()),
            ])
            .and_then(|Setting { value, origin }| Some(Setting { value: value.program()?, origin })),
            ascii: pick([
                flags.ascii.then_some((true, Origin::Flag("--ascii"))),
                environment.yes_or_no("CUECARD_ASCII")?,
                levels.get(|level| level.ascii),
            ])
            .or_default(),
            // https://no-color.org: set and not empty, whatever the value.
            no_color: pick([
                environment.text("NO_COLOR").map(|(_, origin)| (true, origin)),
                levels.get(|level| level.no_color),
            ])
            .or_default(),
            contrast: pick([levels.get(|level| level.contrast)]).or_default(),
            mouse: pick([levels.get(|level| level.mouse)]).unwrap_or(Setting { value: true, origin: Origin::Default }),
            idle_seconds: pick([levels.get(|level| level.idle_seconds.filter(|seconds| *seconds > 0))])
                .unwrap_or(Setting { value: 120, origin: Origin::Default }),
            keys: top.keys.clone().unwrap_or_default(),
            profile,
        })
    }
}

trait OrDefault<T> {
    fn or_default(self) -> Setting<T>;
}

impl<T: Default> OrDefault<T> for Option<Setting<T>> {
    fn or_default(self) -> Setting<T> {
        self.unwrap_or_else(|| Setting { value: T::default(), origin: Origin::Default })
    }
}

/// The first value that is set, highest precedence first.
fn pick<T, const N: usize>(candidates: [Option<(T, Origin)>; N]) -> Option<Setting<T>> {
    candidates.into_iter().flatten().next().map(|(value, origin)| Setting { value, origin })
}

fn api_key(environment: &Environment<'_>, levels: &Levels<'_>) -> Result<Setting<ApiKeySource>, SettingsError> {
    for name in ["TWELVELABS_API_KEY", "TL_API_KEY"] {
        if let Some((key, origin)) = environment.text(name) {
            return Ok(Setting { value: ApiKeySource::Given(Arc::new(key.into())), origin });
        }
    }
    for (level, origin) in [&levels.named, &levels.top] {
        let source = match (&level.api_key_file, &level.api_key_command) {
            (Some(_), Some(_)) => return Err(SettingsError::TwoKeys { origin: origin.clone() }),
            (Some(file), None) => ApiKeySource::File(file.clone()),
            (None, Some(command)) => ApiKeySource::Command(command.clone()),
            (None, None) => continue,
        };
        return Ok(Setting { value: source, origin: origin.clone() });
    }
    Ok(Setting { value: ApiKeySource::Missing, origin: Origin::Default })
}

struct Levels<'a> {
    named: (&'a Level, Origin),
    top: (&'a Level, Origin),
}

impl Levels<'_> {
    fn get<T>(&self, field: impl Fn(&Level) -> Option<T>) -> Option<(T, Origin)> {
        [&self.named, &self.top].into_iter().find_map(|(level, origin)| Some((field(level)?, origin.clone())))
    }
}

struct Environment<'a>(&'a [(String, String)]);

impl Environment<'_> {
    /// An empty variable counts as unset.
    fn text(&self, name: &'static str) -> Option<(String, Origin)> {
        let (_, value) = self.0.iter().find(|(n, value)| n == name && !value.trim().is_empty())?;
        Some((value.trim().to_owned(), Origin::Environment(name)))
    }

    fn yes_or_no(&self, name: &'static str) -> Result<Option<(bool, Origin)>, SettingsError> {
        let Some((value, origin)) = self.text(name) else { return Ok(None) };
        match value.as_str() {
            "1" | "true" | "yes" => Ok(Some((true, origin))),
            "0" | "false" | "no" => Ok(Some((false, origin))),
            _ => Err(SettingsError::NotYesOrNo { name, value }),
        }
    }
}

fn read(path: &std::path::Path, text: &str) -> Result<Level, SettingsError> {
    let wrong = |why: String| {
        let misnamed = text.lines().any(|line| line.trim_start().starts_with("[profile."));
        let hint = if misnamed { "; a named set of settings is written [profiles.NAME]" } else { "" };
        SettingsError::File { path: path.to_owned(), why: why + hint }
    };
    let top: Level = toml::from_str(text).map_err(|error| wrong(placed(&error, text)))?;
    if top.protect.is_some() {
        return Err(wrong("`protect` belongs in a profile".into()));
    }
    let levels = top.profiles.iter().flatten().map(|(_, profile)| profile).chain([&top]);
    if levels.filter_map(|level| level.checks_at_once).any(|most| !(1..=64).contains(&most)) {
        return Err(wrong("`checks-at-once` can be 1 to 64".into()));
    }
    for (name, profile) in top.profiles.iter().flatten() {
        if profile.profile.is_some() || profile.profiles.is_some() || profile.keys.is_some() {
            return Err(wrong(format!("profile {name:?} can't hold `profile`, `profiles` or `keys`")));
        }
    }
    Ok(top)
}

/// The fault and its line, without the source text: a misplaced secret must not be shown.
fn placed(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("line {line}: {}", error.message())
}
