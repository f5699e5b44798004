//! `cuecard submit` and `cuecard history` in scripts: exit codes, streams, and files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::loopback::{Act, Server, split};
use assert_cmd::Command;
use predicates::prelude::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const KEY: &str = "tlk_CANARY_0123456789";
const GOOD: &str = r#"[
  {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/news/0700.mp4", "transcription": "s3://acme-captions/news/0700.srt"},
  {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/news/0701.mp4", "transcription": "s3://acme-captions/news/0701.srt"}
]
"#;

/// A folder with its own manifest, state and configuration.
struct Session {
    folder: tempfile::TempDir,
}

impl Session {
    fn new() -> Session {
        Session::with(GOOD)
    }

    fn with(manifest: &str) -> Session {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), manifest).unwrap();
        Session { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bare(&self) -> Command {
        Command::from_std(self.std())
    }

    fn std(&self) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.folder.path()).env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("CUECARD_STATE_DIR", self.path("state"))
            .env("CUECARD_CONFIG_DIR", self.path("config"))
            .env("CUECARD_LOG", "trace");
        command
    }

    fn submit(&self, server: &Server, more: &[&str]) -> assert_cmd::assert::Assert {
        let mut command = self.bare();
        command.env("TWELVELABS_API_KEY", KEY).args(["submit", "m.json", "--api-url", &server.base()]).args(more);
        self.run(command)
    }

    /// In every case the API key appears only on the wire.
    fn run(&self, mut command: Command) -> assert_cmd::assert::Assert {
        let assert = command.timeout(Duration::from_secs(60)).assert();
        let output = assert.get_output();
        assert!(!contains(&output.stdout, KEY) && !contains(&output.stderr, KEY));
        if let Ok(entries) = std::fs::read_dir(self.path("state")) {
            for entry in entries {
                let path = entry.unwrap().path();
                assert!(!contains(&std::fs::read(&path).unwrap(), KEY), "{}", path.display());
            }
        }
        assert
    }

    fn history(&self) -> Vec<serde_json::Value> {
        let mut command = self.bare();
        command.args(["history", "--format", "json"]);
        let assert = self.run(command).success();
        serde_json::from_slice(&assert.get_output().stdout).unwrap()
    }

    fn outcomes(&self) -> Vec<String> {
        self.history().iter().map(|attempt| attempt["outcome"].as_str().unwrap().to_owned()).collect()
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

fn no_content() -> Server {
    Server::answering("HTTP/1.1 204 No Content", b"")
}

#[test]
fn an_accepted_manifest_arrives_as_it_is_on_disk() {
    let session = Session::new();
    let server = no_content();
    session
        .submit(&server, &["--yes"])
        .code(0)
        .stdout("Status code: 204\n")
        .stderr(predicate::str::contains("ACCEPTED"));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (_, body) = split(&requests[0]).unwrap();
    let (_, part) = split(body).unwrap();
    assert!(part.starts_with(GOOD.as_bytes()));
    assert!(contains(&requests[0], KEY));
}

#[test]
fn exit_code_tells_the_outcome_of_the_upload() {
    let json = r#"{"code":"api_key_invalid","message":"No."}"#;
    let cases = [
        ("HTTP/1.1 200 OK\nConnection: close", "{\"a\":1.0}", 0, "Status code: 200\n{\n  \"a\": 1.0\n}\n"),
        ("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/\nContent-Length: 0", "", 4, "Status code: 302\n"),
        (
            "HTTP/1.1 401 Unauthorized\nConnection: close",
            json,
            4,
            "Status code: 401\n{\n  \"code\": \"api_key_invalid\",\n  \"message\": \"No.\"\n}\n",
        ),
        ("HTTP/1.1 503 Oh\nConnection: close", "<html>\n", 5, "Status code: 503\n<html>\n"),
        ("no head", "", 5, ""),
    ];
    for (head, body, exit, stdout) in cases {
        let session = Session::new();
        let server = Server::answering(head, body.as_bytes());
        session.submit(&server, &["--yes"]).code(exit).stdout(stdout);
        assert_eq!(server.requests().len(), 1, "{head}");
    }
    let session = Session::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = session.bare();
    command.env("TL_API_KEY", KEY).args([
        "submit",
        "m.json",
        "--yes",
        "--api-url",
        &format!("http://127.0.0.1:{gone}"),
    ]);
    session.run(command).code(3).stdout("").stderr(predicate::str::contains("Nothing left this machine"));
    assert_eq!(session.outcomes(), ["not_sent"]);
}

#[test]
fn errors_block_unless_allowed() {
    let session = Session::with(&GOOD.replacen("6298d673f1090f1100476d4c", "629d807aa9e2a3a33a92c00b1", 1));
    let server = no_content();
    session.submit(&server, &["--yes"]).code(1).stdout("").stderr(predicate::str::contains("index-id-format"));
    assert!(server.requests().is_empty());
    assert!(session.outcomes().is_empty());
    session.submit(&server, &["--yes", "--allow-errors"]).code(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn errors_that_an_online_check_found_block_a_send_until_they_are_allowed() {
    let session = Session::new();
    let store = Server::answering("HTTP/1.1 404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>");
    let endpoint = store.base().trim_end_matches("/v1.2").to_owned();
    let api = no_content();
    let send = |more: &[&str]| {
        let mut command = session.bare();
        command.env("TWELVELABS_API_KEY", KEY).env("CUECARD_S3_ENDPOINT", &endpoint);
        command.args(["submit", "m.json", "--yes", "--api-url", &api.base()]).args(more);
        session.run(command)
    };
    let mut check = session.bare();
    check.env("CUECARD_S3_ENDPOINT", &endpoint).args(["check", "m.json", "--online"]);
    session.run(check).code(1);
    let asked = store.requests().len();
    let known = predicate::str::contains("known from an online check, the last answer from ");
    send(&[]).code(1).stderr(known.and(predicate::str::contains("block the upload. Nothing was sent.")));
    let tells =
        predicate::str::contains("cannot go").and(predicate::str::contains("`cuecard check --online` tells which"));
    send(&["--route", "tasks"]).code(1).stderr(tells);
    assert_eq!((api.requests().len(), store.requests().len()), (0, asked), "nothing is sent, nobody is asked");
    send(&["--allow-errors"]).code(0);
    assert_eq!(api.requests().len(), 1);
}

#[test]
fn what_was_accepted_or_is_unknown_is_not_sent_twice() {
    for (head, exit) in [("HTTP/1.1 204 No Content", 0), ("HTTP/1.1 500 Oh\nContent-Length: 0", 5)] {
        let session = Session::new();
        let server = Server::answering(head, b"");
        session.submit(&server, &["--yes"]).code(exit);
        session.submit(&server, &["--yes"]).code(1).stdout("").stderr(predicate::str::contains("--again"));
        session.submit(&server, &["--dry-run"]).code(1);
        assert_eq!(server.requests().len(), 1);
        session.submit(&server, &["--yes", "--again"]).code(exit);
        assert_eq!(server.requests().len(), 2);
        assert_eq!(session.outcomes().len(), 2);
    }
    let session = Session::new();
    let server = Server::answering("HTTP/1.1 400 Bad\nContent-Length: 0", b"");
    session.submit(&server, &["--yes"]).code(4);
    session.submit(&server, &["--yes"]).code(4);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_damaged_ledger_is_told_everywhere_and_blocks_until_somebody_says_otherwise() {
    let damages: [fn(&Path); 2] = [
        |ledger| std::fs::write(ledger, "not a database at all, but as long as one may be").unwrap(),
        |ledger| {
            std::fs::rename(ledger, ledger.with_file_name("ledger.db-wal")).unwrap();
        },
    ];
    for damage in damages {
        let session = Session::new();
        let server = no_content();
        session.submit(&server, &["--yes"]).code(0);
        damage(&session.path("state/ledger.db"));
        let is_told = || predicate::str::contains("damaged").and(predicate::str::contains("ledger.db.damaged-"));

        let mut check = session.bare();
        check.args(["check", "m.json", "--api-url", &server.base()]);
        session.run(check).code(0).stdout(is_told().and(predicate::str::contains("already-sent")));
        for _ in 0..2 {
            let refused = session.submit(&server, &["--yes"]).code(1).stdout("");
            refused.stderr(is_told().and(predicate::str::contains("--again")));
        }
        session.submit(&server, &["--dry-run"]).code(1).stderr(is_told());
        for format in ["text", "json"] {
            let mut history = session.bare();
            history.args(["history", "--format", format]);
            let told = session.run(history).code(2).stderr(is_told());
            let told = told.stderr(predicate::str::contains("Nothing has been sent").not());
            told.stdout(if format == "json" { "[]\n" } else { "" });
        }
        assert_eq!(server.requests().len(), 1);
        session.submit(&server, &["--yes", "--again"]).code(0);
        assert_eq!(server.requests().len(), 2);
        let mut history = session.bare();
        history.args(["history"]);
        session.run(history).code(2).stdout(predicate::str::contains("accepted")).stderr(is_told());
    }
}

#[test]
fn a_send_that_nobody_answers_is_told_while_it_is_waited_for_and_ends_as_unknown() {
    let session = Session::new();
    std::fs::create_dir(session.path("config")).unwrap();
    std::fs::write(session.path("config/config.toml"), "idle-seconds = 6\n").unwrap();
    let silent = Server::start(Act::Hang);
    let told = session.submit(&silent, &["--yes"]).code(5);
    told.stderr(predicate::str::contains("Still trying: 127.0.0.1").and(predicate::str::contains("does not answer.")));
}

#[test]
fn a_store_that_does_not_answer_is_told_while_it_is_waited_for() {
    let session = Session::new();
    session.history();
    let busy = rusqlite::Connection::open(session.path("state/ledger.db")).unwrap();
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut history = session.bare();
    history.arg("history");
    let told =
        session.run(history).code(2).stderr(predicate::str::contains("Still waiting: the disk does not answer."));
    told.stderr(predicate::str::contains("in use by another program"));
}

#[test]
fn a_pipe_in_the_place_of_the_ledger_ends_every_command_at_once() {
    let session = Session::new();
    let server = no_content();
    std::fs::create_dir(session.path("state")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let pipe = session.path("state/ledger.db");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    // The tests' own log would also read the folder; here only the ledger matters.
    let run = |arguments: &[&str]| {
        let mut command = session.bare();
        command.env("TWELVELABS_API_KEY", KEY).args(arguments).timeout(Duration::from_secs(20)).assert()
    };
    let is_told = || predicate::str::contains("ledger.db is a pipe: move it away");
    run(&["history"]).code(2).stderr(is_told());
    run(&["submit", "m.json", "--yes", "--api-url", &server.base()]).code(3).stderr(is_told());
    run(&["check", "m.json"]).code(0).stdout(is_told());
    assert!(server.requests().is_empty());
}

#[test]
fn a_question_without_a_terminal_sends_nothing() {
    let session = Session::new();
    let server = no_content();
    session.submit(&server, &[]).code(2).stderr(predicate::str::contains("--yes"));
    let mut keyless = session.bare();
    keyless.args(["submit", "m.json", "--yes", "--api-url", &server.base()]);
    session.run(keyless).code(2).stderr(predicate::str::contains("TWELVELABS_API_KEY"));
    std::fs::create_dir(session.path("config")).unwrap();
    std::fs::write(session.path("config/config.toml"), "[profiles.prod]\nprotect = true").unwrap();
    session.submit(&server, &["--yes", "--profile", "prod"]).code(2).stderr(predicate::str::contains("protected"));
    assert!(server.requests().is_empty());
    assert!(session.outcomes().is_empty());
}

#[test]
fn a_dry_run_tells_everything_and_sends_nothing() {
    let session = Session::new();
    let server = no_content();
    let sha256 = cuecard::domain::request::Fingerprint::of([GOOD.as_bytes()]).hex();
    session
        .submit(&server, &["--dry-run"])
        .code(0)
        .stdout(predicate::str::contains(sha256).and(predicate::str::contains("$TWELVELABS_API_KEY")))
        .stdout(predicate::str::contains("before   never sent before\n"))
        .stderr("Nothing was sent: this was a dry run.\n");
    assert!(server.requests().is_empty());
    assert!(session.outcomes().is_empty());
}

#[test]
fn what_cannot_be_sent_is_told_before_anything_else() {
    let server = no_content();
    let cases = [("[{\"a\": 1}, ", 2, "line 1"), ("{\"a\": 1}", 2, "line 1"), ("[]", 1, "no rows")];
    for (manifest, exit, words) in cases {
        let session = Session::with(manifest);
        session.submit(&server, &["--yes"]).code(exit).stdout("").stderr(predicate::str::contains(words));
    }
    let session = Session::new();
    for (url, words) in [
        ("http://api.example/v1", "--allow-http"),
        ("https://me:pw@api.example/v1", "password"),
        ("nonsense", "is not a URL"),
    ] {
        let mut command = session.bare();
        command.env("TWELVELABS_API_KEY", KEY).args(["submit", "m.json", "--yes", "--api-url", url]);
        session.run(command).code(2).stderr(predicate::str::contains(words));
    }
    std::fs::remove_file(session.path("m.json")).unwrap();
    session.submit(&server, &["--yes"]).code(2).stderr(predicate::str::contains("m.json"));
    assert!(server.requests().is_empty());
}

#[test]
fn without_a_ledger_nothing_is_sent() {
    let session = Session::new();
    let server = no_content();
    std::fs::write(session.path("state"), "a file").unwrap();
    session.submit(&server, &["--yes"]).code(3).stderr(predicate::str::contains("CUECARD_STATE_DIR"));
    assert!(server.requests().is_empty());
}

#[test]
fn a_key_comes_from_a_private_file_or_a_command() {
    use std::os::unix::fs::PermissionsExt;
    let session = Session::new();
    let server = no_content();
    let file = session.path("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    std::fs::create_dir(session.path("config")).unwrap();
    let configured = |line: &str, exit: i32, words: &str| {
        std::fs::write(session.path("config/config.toml"), line).unwrap();
        let mut command = session.bare();
        command.args(["submit", "m.json", "--yes", "--again", "--api-url", &server.base()]);
        session.run(command).code(exit).stderr(predicate::str::contains(words));
    };
    let by_file = format!("api-key-file = {:?}", file.display().to_string());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    configured(&by_file, 2, "chmod 600");
    assert!(server.requests().is_empty());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    configured(&by_file, 0, "ACCEPTED");
    configured(&format!("api-key-command = 'cat {}'", file.display()), 0, "ACCEPTED");
    configured("api-key-command = 'echo tlk_CANARY_0123456789; exit 3'", 2, "exit status: 3");
    assert_eq!(server.requests().iter().filter(|request| contains(request, KEY)).count(), 2);
}

#[test]
fn a_pipe_is_neither_a_manifest_nor_a_key() {
    let session = Session::new();
    let server = no_content();
    let made = std::process::Command::new("mkfifo").arg("-m600").arg(session.path("pipe")).status().unwrap();
    assert!(made.success());
    let submit = |manifest: &str, config: &str| {
        std::fs::write(session.path("config.toml"), config).unwrap();
        let mut command = session.bare();
        command.args(["submit", manifest, "--yes", "--config", "config.toml", "--api-url", &server.base()]);
        session.run(command).code(2)
    };
    submit("pipe", "").stderr(predicate::str::contains("is a pipe: an upload is read twice"));
    submit("-", "").stderr(predicate::str::contains("- is standard input: an upload is read twice"));
    let config = format!("api-key-file = '{}'", session.path("pipe").display());
    submit("m.json", &config).stderr(predicate::str::contains("not a regular file"));
    assert!(server.requests().is_empty());
}

#[test]
fn nothing_a_server_says_can_command_the_terminal() {
    let session = Session::new();
    let head = "HTTP/1.1 400 Bad\nX-Evil: \u{202e}\u{85}x\nConnection: close";
    let server =
        Server::answering(head, "{\"code\":\"\u{202e}x\",\"message\":\"a\\u001b[31mb\"}\u{1b}]0;t\u{7}".as_bytes());
    let assert = session.submit(&server, &["--yes"]).code(4);
    let mut outputs = vec![assert.get_output().clone()];
    for format in ["text", "json"] {
        let mut command = session.bare();
        command.args(["history", "--format", format]);
        outputs.push(session.run(command).success().get_output().clone());
    }
    for output in outputs {
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
        }
    }
}

/// Runs until the server has the request, then sends the signal.
fn interrupted(session: &Session, signal: &str) -> (std::process::Output, Server) {
    let server = Server::start(Act::Hang);
    let mut command = session.std();
    command.env("TWELVELABS_API_KEY", KEY).args(["submit", "m.json", "--yes", "--api-url", &server.base()]);
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let give_up = Instant::now() + Duration::from_secs(30);
    while !server.requests().iter().any(|request| contains(request, "0701.srt")) && Instant::now() < give_up {
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    (child.wait_with_output().unwrap(), server)
}

#[test]
fn a_signal_in_the_middle_leaves_an_unknown_outcome() {
    for (signal, exit) in [("-INT", 130), ("-TERM", 143)] {
        let session = Session::new();
        let (output, _server) = interrupted(&session, signal);
        assert_eq!(output.status.code(), Some(exit), "{output:?}");
        let history = session.history();
        assert_eq!(
            (&history[0]["outcome"], &history[0]["cause"]),
            (&"unknown".into(), &"stopped by you".into()),
            "{history:?}"
        );
        assert_eq!(history[0]["bytes_sent"], GOOD.len());
    }
}

#[test]
fn a_killed_upload_is_unknown_and_blocks() {
    let session = Session::new();
    let (_, server) = interrupted(&session, "-KILL");
    let history = session.history();
    assert_eq!((&history[0]["outcome"], &history[0]["under_way"]), (&"unknown".into(), &false.into()), "{history:?}");
    session.submit(&server, &["--yes"]).code(1).stderr(predicate::str::contains("no known outcome"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_history_is_a_table_for_people() {
    let session = Session::new();
    let mut empty = session.bare();
    empty.arg("history");
    session.run(empty).code(0).stdout("").stderr(predicate::str::contains("Nothing has been sent."));
    assert!(session.history().is_empty());
    session.submit(&no_content(), &["--yes"]).code(0);
    let mut command = session.bare();
    command.arg("history");
    session.run(command).code(0).stdout(
        predicate::str::is_match(
            r"(?m)^ 1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  accepted 204 +2  - +[0-9a-f]{8}  127\.0\.0\.1 +/.*m\.json$",
        )
        .unwrap(),
    );
    let attempt = &session.history()[0];
    assert_eq!((&attempt["rows"], &attempt["status"]), (&2.into(), &204.into()));
    assert_eq!(attempt["key"], "from TWELVELABS_API_KEY in the environment");
    assert!(Path::new(attempt["file"].as_str().unwrap()).is_absolute());
}

#[test]
fn usage_is_exit_2_and_help_is_not() {
    let session = Session::new();
    let run = |arguments: &[&str]| {
        let mut command = session.bare();
        command.args(arguments);
        session.run(command)
    };
    run(&["submit"]).code(2).stdout("");
    run(&["submit", "m.json", "--api-key", "x"]).code(2);
    run(&["--\u{1b}[31m"]).code(2).stderr(predicate::str::contains("\u{1b}").not());
    run(&["m.json", "history"]).code(2);
    run(&["check", "m.json", "--profile", "nope"]).code(2).stderr(predicate::str::contains("nope"));
    run(&["check", "m.json", "--config", "nope.toml"]).code(2).stderr(
        predicate::str::contains("nope.toml can't be read: no such file")
            .and(predicate::str::contains("os error").not()),
    );
    run(&["m.json"]).code(2).stderr(predicate::str::contains("terminal"));
    run(&["--help"]).code(0).stdout(predicate::str::contains("outcome unknown"));
    run(&["--version"]).code(0).stdout(predicate::str::starts_with("cuecard "));
    run(&["man"])
        .code(0)
        .stdout(predicate::str::contains(".TH cuecard").and(predicate::str::contains("allow\\-errors")));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run(&["completions", shell]).code(0).stdout(predicate::str::contains("submit"));
    }
}

#[test]
fn an_option_that_means_nothing_to_a_command_is_not_in_its_help_and_is_refused() {
    let desk = Session::new();
    let run = |arguments: &[&str]| {
        let mut command = desk.bare();
        command.args(arguments);
        desk.run(command)
    };
    for arguments in [
        &["history", "--offline"][..],
        &["--offline", "history"],
        &["history", "--s3-endpoint", "http://127.0.0.1:1"],
        &["history", "--profile", "prod"],
        &["submit", "m.json", "--limits", "v1.2"],
        &["submit", "m.json", "--aws"],
        &["submit", "m.json", "--wait"],
        &["submit", "m.json", "--skip-blocked"],
        &["submit", "m.json", "--route", "tasks", "--allow-errors"],
        &["check", "m.json", "--ascii"],
        &["completions", "bash", "--api-url", "x"],
        &["man", "--allow-http"],
        &["--from", "keys.txt", "history"],
    ] {
        let words = predicate::str::contains("has no effect on").or(predicate::str::contains("comes before a command"));
        run(arguments).code(2).stdout("").stderr(words);
    }
    let help = |command: &str| {
        let assert = run(&[command, "--help"]).code(0);
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    assert!(!help("history").contains("--offline") && !help("history").contains("--api-url"));
    assert!(!help("submit").contains("--limits") && help("submit").contains("--api-url"));
    assert!(help("check").contains("--limits") && help("check").contains("--offline"));
    run(&["check", "m.json", "--offline"]).code(0);
    run(&["--offline", "check", "m.json"]).code(0);
}

#[test]
fn each_command_has_a_manual_page_of_its_own() {
    let desk = Session::new();
    let man = |name: &str| {
        let mut command = desk.bare();
        command.args(["man", name]);
        desk.run(command)
    };
    let mut help = desk.bare();
    help.arg("--help");
    let help = String::from_utf8(desk.run(help).get_output().stdout.clone()).unwrap();
    let commands = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.len() >= 12 && names.contains(&"merge"), "{names:?}");
    for name in names {
        man(name).code(0).stdout(predicate::str::contains(format!(".TH cuecard-{name}")));
    }
    man("check").stdout(predicate::str::contains("no\\-videos").and(predicate::str::contains("allow\\-errors").not()));
    man("nope").code(2).stderr(predicate::str::contains("there is no command \"nope\"; there are "));
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let session = Session::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = session.std();
    assert_eq!(command.args(["completions", "bash"]).stdout(writer).status().unwrap().code(), Some(0));
}

#[test]
fn a_machine_without_ca_certificates_is_told_what_to_install() {
    let session = Session::new();
    let server = no_content();
    let mut command = session.bare();
    command.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent").env("TL_API_KEY", KEY);
    command.args(["submit", "m.json", "--yes", "--api-url", &server.base().replace("http:", "https:")]);
    session.run(command).code(3).stderr(predicate::str::contains("ca-certificates"));
    assert_eq!(session.outcomes(), ["not_sent"]);
}

#[test]
fn a_check_knows_what_was_sent_and_leaves_no_trace() {
    let session = Session::new();
    let server = no_content();
    let check = || {
        let mut command = session.bare();
        command.env_remove("CUECARD_LOG").args(["check", "m.json", "--format", "json", "--api-url", &server.base()]);
        let assert = session.run(command).code(0);
        let findings: Vec<serde_json::Value> = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        findings.into_iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(check().is_empty());
    assert!(!session.path("state").exists());
    session.submit(&server, &["--yes"]).code(0);
    assert_eq!(check(), ["already-sent"]);
}
