//! Which value counts, and that its origin is recorded.

use cuecard::settings::{
    ApiKeySource, Contrast, DEFAULT_API_URL, Flags, Origin, S3Credentials, Settings, SettingsError, Sources,
};
use secrecy::ExposeSecret;

const FILE: &str = r#"
api-url = "https://top"
s3-endpoint = "https://s3.top"
api-key-file = "/keys/top"
contrast = "high"
mouse = false
profile = "stage"

[keys]
save = ["ctrl-s", "w"]

[profiles.stage]
api-url = "https://stage"

[profiles.prod]
api-key-command = "pass show tl"
protect = true
"#;

fn resolve(file: Option<&str>, environment: &[(&str, &str)], flags: Flags) -> Result<Settings, SettingsError> {
    let environment: Vec<_> = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Settings::resolve(&Sources { file: file.map(|text| ("/c.toml".into(), text)), environment: &environment, flags })
}

#[test]
fn a_stronger_source_wins_and_is_remembered() {
    let url = |file, environment: &[(&str, &str)], flag: Option<&str>| {
        let flags = Flags { api_url: flag.map(str::to_owned), ..Flags::default() };
        let found = resolve(file, environment, flags).unwrap().api_url;
        (found.value, found.origin.to_string())
    };
    let set = [("CUECARD_API_URL", " https://env ")];
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(url(None, &[], None), pair(DEFAULT_API_URL, "by default"));
    assert_eq!(url(Some("api-url = 'https://top'"), &[], None), pair("https://top", "from /c.toml"));
    assert_eq!(url(Some(FILE), &[], None), pair("https://stage", "from profile stage in /c.toml"));
    assert_eq!(url(Some(FILE), &set, None), pair("https://env", "from CUECARD_API_URL in the environment"));
    assert_eq!(url(Some(FILE), &set, Some("https://flag")), pair("https://flag", "from --api-url"));
    assert_eq!(url(None, &[("CUECARD_API_URL", "")], None).0, DEFAULT_API_URL);
}

#[test]
fn aws_credentials_are_used_only_when_somebody_says_so() {
    let file = "s3-credentials = 'aws'\naws-profile = 'acme'";
    let of = |file: Option<&str>, environment: &[(&str, &str)], aws| {
        let settings = resolve(file, environment, Flags { aws, ..Flags::default() }).unwrap();
        (settings.s3_credentials.value, settings.aws_profile.map(|profile| profile.value))
    };
    let lying_about = [("AWS_ACCESS_KEY_ID", "x"), ("AWS_PROFILE", "other")];
    assert_eq!(of(None, &lying_about, false), (S3Credentials::None, None));
    assert_eq!(of(Some(file), &[], false), (S3Credentials::Aws, Some("acme".into())));
    // AWS_PROFILE is read elsewhere and takes precedence over the file.
    assert_eq!(of(Some(file), &lying_about, false), (S3Credentials::Aws, None));
    assert_eq!(of(Some(file), &[("CUECARD_AWS", "0")], false).0, S3Credentials::None);
    assert_eq!(of(None, &[("CUECARD_AWS", "0")], true).0, S3Credentials::Aws);
    assert!(resolve(Some("s3-credentials = 'azure'"), &[], Flags::default()).is_err());
}

#[test]
fn a_profile_lies_over_the_top_of_the_file() {
    let prod = resolve(Some(FILE), &[], Flags { profile: Some("prod".into()), ..Flags::default() }).unwrap();
    assert_eq!(prod.api_url.value, "https://top");
    assert!(prod.protect);
    assert!(matches!(&prod.api_key.value, ApiKeySource::Command(command) if command == "pass show tl"));
    assert_eq!((prod.contrast.value, prod.mouse.value), (Contrast::High, false));
    assert_eq!(prod.keys["save"], ["ctrl-s", "w"]);
    let stage = resolve(Some(FILE), &[], Flags::default()).unwrap();
    assert!(!stage.protect);
    assert!(matches!(&stage.api_key.value, ApiKeySource::File(file) if file.ends_with("top")));
    let missing = resolve(Some(FILE), &[("CUECARD_PROFILE", "other")], Flags::default()).unwrap_err();
    assert_eq!(missing.to_string(), "there is no profile \"other\"; there are prod, stage");
}

#[test]
fn the_key_comes_from_the_environment_first_and_is_never_shown() {
    let set = [("TL_API_KEY", "tlk_second"), ("TWELVELABS_API_KEY", "tlk_first")];
    let settings = resolve(Some(FILE), &set, Flags::default()).unwrap();
    assert!(matches!(&settings.api_key.value, ApiKeySource::Given(key) if key.expose_secret() == "tlk_first"));
    assert_eq!(settings.api_key.origin, Origin::Environment("TWELVELABS_API_KEY"));
    assert!(!format!("{settings:?}").contains("tlk_"));
    // Variables read as API keys are also removed from child processes.
    for name in cuecard::io::api_key::VARIABLES {
        let settings = resolve(None, &[(name, "tlk_only")], Flags::default()).unwrap();
        assert!(matches!(settings.api_key.value, ApiKeySource::Given(_)), "{name}");
    }
    assert!(matches!(resolve(None, &[], Flags::default()).unwrap().api_key.value, ApiKeySource::Missing));
}

#[test]
fn a_file_that_is_not_understood_is_refused_with_its_line_and_without_its_text() {
    let cases = [
        ("\nnonsense = 1", "line 2: unknown field `nonsense`"),
        ("api-key = 'tlk_secret'", "line 1: unknown field `api-key`"),
        ("contrast = 'loud'", "line 1: unknown variant `loud`"),
        // The palette belongs to the terminal.
        ("theme = 'light'", "line 1: unknown field `theme`"),
        ("offline = 'yes'", "line 1: invalid type"),
        ("a = [", "line 1: "),
        ("protect = true", "`protect` belongs in a profile"),
        ("[profiles.a]\nprofile = 'b'", "profile \"a\" can't hold"),
        ("[profiles.a]\nprotct = true", "line 2: unknown field `protct`"),
    ];
    for (text, expected) in cases {
        let error = resolve(Some(text), &[], Flags::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("/c.toml: {expected}")), "{text:?}: {error}");
        assert!(!error.contains("tlk_secret"), "{error}");
    }
}

#[test]
fn switches_take_yes_or_no_and_no_color_takes_anything() {
    for (value, expected) in [("1", true), ("true", true), ("0", false), ("no", false)] {
        assert_eq!(resolve(None, &[("CUECARD_OFFLINE", value)], Flags::default()).unwrap().offline.value, expected);
    }
    assert!(resolve(None, &[("CUECARD_OFFLINE", "maybe")], Flags::default()).is_err());
    assert!(resolve(None, &[("NO_COLOR", "0")], Flags::default()).unwrap().no_color.value);
    assert!(!resolve(None, &[("NO_COLOR", "")], Flags::default()).unwrap().no_color.value);
    let flags = Flags { offline: true, ..Flags::default() };
    assert!(resolve(None, &[("CUECARD_OFFLINE", "0")], flags).unwrap().offline.value);
}

#[test]
fn an_ffprobe_is_started_only_when_somebody_allows_it() {
    let program = |file, environment: &[(&str, &str)]| {
        resolve(file, environment, Flags::default()).unwrap().ffprobe.map(|it| it.value.display().to_string())
    };
    let allowed = Some("ffprobe = true");
    assert_eq!(program(None, &[]), None);
    assert_eq!(program(Some("ffprobe = false"), &[]), None);
    assert_eq!(program(Some("ffprobe = \"\""), &[]), None);
    assert_eq!(program(allowed, &[]).as_deref(), Some("ffprobe"));
    assert_eq!(program(Some("ffprobe = \"/opt/ffprobe\""), &[]).as_deref(), Some("/opt/ffprobe"));
    assert_eq!(program(None, &[("CUECARD_FFPROBE", "1")]).as_deref(), Some("ffprobe"));
    assert_eq!(program(None, &[("CUECARD_FFPROBE", "/opt/ffprobe")]).as_deref(), Some("/opt/ffprobe"));
    for no in ["0", "no", "false", "off"] {
        assert_eq!(program(allowed, &[("CUECARD_FFPROBE", no)]), None, "{no} takes it back");
    }
}
