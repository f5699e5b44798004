//! The README's pictures, drawn by the program; this test fails if they are stale.

use crate::app_driver::App;
use crate::observed::{all_fine, cues, observe, read, transcript, video};
use cuecard::app::jobs::Task;
use cuecard::app::msg::{GateFacts, JobId};
use cuecard::app::{Effect, Msg};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::evidence::Answer;
use cuecard::domain::outcome::{Attempt, BodyState, Ended, How, Intent, Reply, judge};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::domain::submission::Earlier;
use cuecard::ui::picture::{Palette, svg};
use std::fmt::Write as _;
use std::path::Path;

/// Forty videos of a news archive, most with their transcript.
fn manifest() -> String {
    let mut rows = Vec::new();
    for row in 700..740 {
        let transcript = match row {
            705 | 706 | 718 | 724..=726 => String::new(),
            711 => "s3://acme-captions/news/2026/0771.srt".to_owned(),
            712 => "s3://acme-captions/news/2026/0712.vt".to_owned(),
            _ => format!("s3://acme-captions/news/2026/{row:04}.srt"),
        };
        let language = if row == 727 { "en-US" } else { "en" };
        let mut text = String::new();
        let _ = write!(
            text,
            "  {{\n    \"index_id\": \"6298d673f1090f1100476d4c\",\n    \"language\": \"{language}\",\n    \"object\": \"s3://acme-video/news/2026/{row:04}.mp4\",\n    \"transcription\": \"{transcript}\"\n  }}"
        );
        rows.push(text);
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

const KEYS: [&str; 9] = [
    "news/2026/0705.srt",
    "news/2026/0705.en.vtt",
    "news/2026/0706.srt",
    "news/2026/0711.srt",
    "news/2026/0712.vtt",
    "news/2026/0718.srt",
    "news/2025/0705.srt",
    "sport/2026/0705.srt",
    "news/2026/0704.srt",
];

fn app() -> App {
    let mut app = App::open(&manifest()).with_keys("acme-captions", &KEYS).size(120, 32);
    app.model.options.address = Address::parse("https://api.twelvelabs.io/v1.2", false).ok();
    // Everything visible was checked; for the current row the video, too.
    all_fine(&mut app);
    observe(&mut app, 11, read(cues(1_862_000)));
    observe(&mut app, 11, video(760));
    app
}

/// With a transcript that doesn't exist.
fn one_gone() -> App {
    let mut app = app();
    observe(&mut app, 19, transcript(Answer::Missing { deleted: false, instead: None }));
    app.keys("12G")
}

/// The content of the chosen key and the length of the video are known.
fn picking() -> App {
    let mut app = app().keys("6Go");
    observe(&mut app, 5, video(764));
    all_fine(&mut app);
    app
}

/// With two transcripts picked and the wrong ones fixed.
fn filled() -> App {
    app().keys("6Go<Enter>o<Enter>12G:set transcript s3://acme-captions/news/2026/0711.srt<Enter><Enter>13G.28G.")
}

fn facts(snapshot: &Snapshot) -> Box<GateFacts> {
    Box::new(GateFacts {
        fingerprint: Fingerprint::of(snapshot.pieces()),
        same_on_disk: true,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        earlier: Earlier::default(),
        ledger_fault: None,
    })
}

fn at_the_gate() -> App {
    let mut app = filled().keys("<^s>").saved().keys("RS");
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Prepare { .. }));
    let Effect::Prepare { job, snapshot, .. } = app.effects.remove(at.expect("the gate asks for its facts")) else {
        unreachable!()
    };
    app.send(Msg::Prepared(job, Ok(facts(&snapshot))));
    app
}

fn answered() -> App {
    let mut app = at_the_gate();
    app.model.now.unix_ms += 1_000;
    app.press("Y");
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Send(_)));
    let Effect::Send(order) = app.effects.remove(at.expect("Y sends")) else { unreachable!() };
    let reply = Reply {
        status: 204,
        reason: "No Content".into(),
        version: "HTTP/2".into(),
        headers: vec![("date".into(), "Mon, 23 Nov 2026 14:01:02 GMT".into()), ("x-api-version".into(), "v1.2".into())],
        body: Vec::new(),
        body_state: BodyState::Whole,
    };
    let ended = Ended { how: How::Replied(reply), begun: true, sent: order.fingerprint.bytes, took_ms: 840 };
    let intent = Intent {
        started_ms: app.model.now.unix_ms,
        address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
        profile: Some("prod".into()),
        file: order.path.display().to_string(),
        fingerprint: order.fingerprint,
        rows: order.rows,
        key_origin: "from TWELVELABS_API_KEY in the environment".into(),
    };
    let attempt = Attempt {
        id: 1,
        outcome: judge(&ended),
        intent,
        ended,
        under_way: false,
        settled: None,
        settled_before: Vec::new(),
        followed: None,
        tally: None,
    };
    app.send(Msg::Sent(order.job, Box::new(attempt.clone())));
    app.send(Msg::LogRead(log_job(&app), Ok(vec![attempt])));
    app
}

#[test]
fn an_accepted_upload_is_remembered_until_the_file_is_changed() {
    assert!(!at_the_gate().model.session().unwrap().was_accepted());
    let app = answered();
    assert!(app.model.session().unwrap().was_accepted());
    assert!(!app.keys("<Esc>2Gd").model.session().unwrap().was_accepted());
}

fn log_job(app: &App) -> JobId {
    app.model.jobs.id(Task::ReadEarlier).expect("the ledger is asked")
}

#[test]
fn the_pictures_are_what_the_program_draws() {
    let pictures = [
        ("table", "The table: videos, transcripts, states, and the row in hand", one_gone()),
        ("editor", "The editor under a row: the fault is marked, the fix named", app().keys("13Ge")),
        ("picker", "Transcript keys ranked for the video of the row", picking()),
        ("problems", "Problems by rule, with their rows", one_gone().keys("!")),
        ("review", "Old and new of every change, and what will be sent", filled().keys("R")),
        ("gate", "Exactly what would be sent, and where", at_the_gate()),
        ("result", "Status code, what it means, and the reply", answered()),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    let mut stale = Vec::new();
    for (name, title, app) in pictures {
        let drawn = svg(&app.draw().buffer, &Palette::DARK, title);
        let path = folder.join(format!("{name}.svg"));
        if std::env::var_os("CUECARD_UPDATE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &drawn).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(drawn.as_str()) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; CUECARD_UPDATE=1 cargo test --test it pictures draws them anew");
}
