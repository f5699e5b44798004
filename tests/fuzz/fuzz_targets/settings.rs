//! The configuration file and the environment: read or refused in one printable line, and no secret is told.
//!
//! Input: the value of a variable, a line end, the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use settings::{ApiKeySource, Flags, Origin, Settings, SettingsError, Sources};

#[expect(dead_code, reason = "the program uses all of it")]
#[path = "../../../src/settings.rs"]
mod settings;

const NAMES: [&str; 6] =
    ["CUECARD_PROFILE", "CUECARD_API_URL", "CUECARD_AWS", "CUECARD_FFPROBE", "TWELVELABS_API_KEY", "CUECARD_OFFLINE"];

fuzz_target!(|data: &[u8]| {
    let Ok(data) = std::str::from_utf8(data) else { return };
    let (value, file) = data.split_once('\n').unwrap_or(("", data));
    let name = NAMES[value.len() % NAMES.len()];
    let environment = [(name.to_owned(), value.to_owned())];
    for environment in [&[][..], &environment] {
        let sources = Sources { file: Some(("config.toml".into(), file)), environment, flags: Flags::default() };
        match Settings::resolve(&sources) {
            Ok(read) => check(&read, environment),
            Err(error) => {
                let said = error.to_string();
                assert!(!said.is_empty());
                if let SettingsError::File { why, .. } = &error {
                    placed(why, file);
                }
            }
        }
    }
});

fn check(read: &Settings, environment: &[(String, String)]) {
    // Empty only if the file says so, and then it is refused where it is used: another address would be a guess.
    assert!(!read.api_url.value.is_empty() || matches!(read.api_url.origin, Origin::File { .. }));
    assert!(read.checks_at_once.as_ref().is_none_or(|most| (1..=64).contains(&most.value)));
    assert!(read.idle_seconds.value > 0);
    assert!(read.ffprobe.as_ref().is_none_or(|path| !path.value.as_os_str().is_empty()));
    if let ApiKeySource::Given(_) = &read.api_key.value {
        let key = environment.iter().find(|(name, _)| name == "TWELVELABS_API_KEY").map(|(_, value)| value.trim());
        let key = key.filter(|key| key.len() > 5).unwrap_or("\0");
        assert!(!format!("{:?}", read.api_key).contains(key), "a key is never told");
    }
}

/// `line 3: …`: a line that is there, and none of its text that could be a secret.
fn placed(why: &str, file: &str) {
    let Some(rest) = why.strip_prefix("line ") else { return };
    let number: usize = rest.split(':').next().and_then(|number| number.parse().ok()).expect("a number");
    assert!((1..=file.matches('\n').count() + 1).contains(&number), "{why}");
}
