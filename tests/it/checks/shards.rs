//! `cuecard check --shard` and `--merge`: parts on many machines tell what one run tells.

use super::command::{Session, err, faulty, findings};
use super::*;
use cuecard::sandbox::{SandboxOptions, VIDEOS};
use std::collections::BTreeMap;
use std::process::{Command, Output};

const PARTS: [&str; 4] = ["part-1.json", "part-2.json", "part-3.json", "part-4.json"];

/// Rows that break every online rule, and rows that share videos and transcripts.
fn many() -> Vec<String> {
    let good = |n: usize| row(&format!("s3://acme-video/{}.mp4", n / 2), &url(&format!("{}.srt", n / 3)));
    faulty().into_iter().chain((0..60).map(good)).collect()
}

/// All four parts, each on a machine of its own: with GNU parallel, or as four processes where that isn't installed.
async fn ask(session: &Session) {
    let args = ["--online", "--at-once", "2", "--shard"];
    if Command::new("parallel").arg("--version").output().is_ok_and(|it| it.stdout.starts_with(b"GNU parallel")) {
        let mut command = session.command(&[]);
        let mut parallel = Command::new("parallel");
        parallel.current_dir(session.folder.path()).env_clear().env("HOME", session.folder.path());
        for (name, value) in command.get_envs() {
            parallel.envs(value.map(|value| (name, value)));
        }
        let program = command.get_program().to_str().unwrap().to_owned();
        let own = "CUECARD_STATE_DIR=state-{#}";
        parallel.args(["--will-cite", "-j4", own, &program, "check", "m.json"]).args(args);
        parallel.args(["{#}/4", "-o", "part-{#}.json", ":::", "1", "2", "3", "4"]);
        command = parallel;
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{}", err(&output));
        return;
    }
    eprintln!("GNU parallel is not installed: the parts run as four processes");
    let children: Vec<_> = (1..=4)
        .map(|n| {
            let mut command = session.command(&args);
            command.arg(format!("{n}/4")).args(["-o", &format!("part-{n}.json")]);
            command.env("CUECARD_STATE_DIR", session.folder.path().join(format!("state-{n}")));
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        assert_eq!(status.code(), Some(0));
    }
}

/// How often each object and index was asked about, without the buckets.
fn objects(session: &Session) -> BTreeMap<String, u64> {
    let is_object = |target: &str| target.trim_end_matches('/').matches('/').count() > 1;
    session.sandbox.s3_targets().into_iter().filter(|(target, _)| is_object(target)).collect()
}

fn same(merged: &Output, whole: &Output) {
    assert_eq!(String::from_utf8_lossy(&merged.stdout), String::from_utf8_lossy(&whole.stdout));
    assert_eq!(merged.status.code(), whole.status.code(), "{}", err(merged));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_by_gnu_parallel_tell_finding_by_finding_what_one_run_tells() {
    let session = Session::new(SandboxOptions::default(), &many()).await;
    let whole = session.check(&["--online", "--format", "json"]).await;
    assert!(findings(&whole).len() > 40);
    let (asked, requests) = (objects(&session), session.sandbox.s3_count());
    session.sandbox.forget_s3_requests();

    ask(&session).await;
    // No object is asked about by two parts. A bucket is asked about again only where a part begins in the midst of it.
    assert_eq!(objects(&session), asked);
    let more = session.sandbox.s3_count() - requests;
    // So is the folder of keys that are missing, by each part that misses one.
    assert!(more <= 3 + 3, "{more} requests more than one run");

    session.sandbox.forget_s3_requests();
    for format in ["text", "json", "sarif"] {
        let whole = session.check(&["--online", "--format", format]).await;
        session.sandbox.forget_s3_requests();
        let merged = session.check(&[&["--format", format, "--merge"], &PARTS[..]].concat()).await;
        same(&merged, &whole);
        assert_eq!(session.sandbox.s3_count(), 0, "joining asks nobody");
        let said = err(&merged);
        assert!(said.starts_with(&format!("4 parts of 4, {} rows, sha-256 ", many().len())), "{said}");
        assert!(said.contains("; asked ") && said.contains(" requests, no object twice\n"), "{said}");
        let last = |output: &Output| err(output).lines().last().unwrap().to_owned();
        assert_eq!(last(&merged), last(&whole));
    }
    // Whichever order they are named in, and for a range of rows.
    let range = ["--rows", "3..20", "--format", "json"];
    let whole = session.check(&[&["--online"], &range[..]].concat()).await;
    let mut backwards = PARTS;
    backwards.reverse();
    same(&session.check(&[&range[..], &["--merge"], &backwards].concat()).await, &whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_part_is_told_and_only_allowed_on_demand() {
    let rows: Vec<String> = (0..12).map(|n| row(&format!("s3://{VIDEOS}/{n}.mp4"), "")).collect();
    let session = Session::new(SandboxOptions::default(), &rows).await;
    ask(&session).await;
    let merge = async |more: &[&str]| session.check(&[more, &["--merge"], &PARTS[..2], &PARTS[3..]].concat()).await;
    let output = merge(&[]).await;
    let said = err(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    // 12 videos and the index that all rows name: four parts of 3 or 4.
    assert!(said.starts_with("3 parts of 4: part 3 of 4 is missing, 3 rows were not asked about\n"), "{said}");
    let allowed = merge(&["--allow-missing"]).await;
    assert_eq!(allowed.status.code(), Some(0), "{}", err(&allowed));
    assert!(allowed.stdout == output.stdout);
    assert!(err(&allowed).starts_with("warning: 3 parts of 4: part 3 of 4 is missing, 3 rows "), "{}", err(&allowed));
    // In SARIF it stands where the run is described; JSON has no place for it.
    let sarif = async |more: &[&str]| -> serde_json::Value {
        serde_json::from_slice(&merge(&[more, &["--format", "sarif"]].concat()).await.stdout).unwrap()
    };
    for (more, level, is_successful) in [(&[][..], "error", false), (&["--allow-missing"], "warning", true)] {
        let invocation = &sarif(more).await["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], is_successful);
        let told = &invocation["toolExecutionNotifications"][0];
        assert_eq!(told["level"], level);
        assert!(told["message"]["text"].as_str().unwrap().contains("part 3 of 4 is missing"));
    }
    let two = session.check(&["--merge", PARTS[1], PARTS[3]]).await;
    assert!(err(&two).starts_with("2 parts of 4: parts 1 and 3 of 4 are missing, 12 rows were not"), "{}", err(&two));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_another_file_or_another_check_is_refused_by_name() {
    let rows: Vec<String> = (0..4).map(|n| row(&format!("s3://acme-video/{n}.mp4"), "")).collect();
    let session = Session::new(SandboxOptions::default(), &rows).await;
    let folder = session.folder.path();
    let part = async |more: &[&str], shard: &str, name: &str| {
        let output = session.check(&[&["--online", "--shard", shard, "-o", name], more].concat()).await;
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        err(&output)
    };
    let said = part(&[], "1/2", "a.json").await;
    assert!(
        said.ends_with("a.json is part 1 of 2: 3 answers, 1 finding.\n") || said.contains("a.json is part 1 of 2: "),
        "{said}"
    );
    part(&[], "1/2", "again.json").await;
    part(&[], "2/3", "three.json").await;
    part(&["--no-videos"], "2/2", "no-videos.json").await;
    let manifest = std::fs::read_to_string(folder.join("m.json")).unwrap();
    std::fs::write(folder.join("m.json"), manifest.replace("/3.mp4", "/33.mp4")).unwrap();
    part(&[], "2/2", "other.json").await;
    std::fs::write(folder.join("m.json"), &manifest).unwrap();
    std::fs::write(folder.join("cut.json"), &std::fs::read(folder.join("a.json")).unwrap()[..300]).unwrap();
    for (name, why) in [
        ("again.json", "again.json is part 1 of 2, as is a.json\n"),
        ("three.json", "three.json is part 2 of 3, and of 2 is a.json\n"),
        ("no-videos.json", "no-videos.json was asked without videos, and with videos was a.json\n"),
        ("other.json", "other.json is of sha-256 "),
        ("cut.json", "cut.json is a part that was edited or cut; make it again\n"),
        ("m.json", "m.json is not a part of a check\n"),
        ("none.json", "none.json there is no such file\n"),
    ] {
        let output = session.check(&["--merge", "a.json", name]).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name}");
        assert!(err(&output).starts_with(why), "{}", err(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_job_knows_its_part_and_its_exit_code_tells_whether_the_part_is_there() {
    let session = Session::new(SandboxOptions::default(), &faulty()).await;
    let run = async |set: &[(&str, &str)], more: &[&str]| {
        let mut command = session.command(&[&["--online", "--shard", "env", "-o", "part.json"], more].concat());
        command.envs(set.iter().copied());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "1"), ("AWS_BATCH_JOB_ARRAY_SIZE", "2")];
    // There are errors in it, and the part is there: a scheduler would repeat a job that fails.
    let output = run(&batch, &[]).await;
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{}", err(&output));
    let text = std::fs::read_to_string(session.folder.path().join("part.json")).unwrap();
    let part: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&part["part"], &part["rows"], &part["store"]),
        (&"2/2".into(), &faulty().len().into(), &session.sandbox.s3_endpoint().into())
    );
    let found = part["findings"].as_array().unwrap();
    assert!(!found.is_empty() && found.iter().all(|it| it["row"].is_u64() && it["message"].is_string()), "{found:?}");
    assert!(!text.contains("CANARY"));
    // The same on Slurm, over the part of before.
    let slurm = [("SLURM_ARRAY_TASK_ID", "8"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "8")];
    assert_eq!(run(&slurm, &[]).await.status.code(), Some(0));
    assert!(std::fs::read_to_string(session.folder.path().join("part.json")).unwrap().contains("\"part\":\"8/8\""));
    // Nobody answers: the part of before stays.
    let lost = run(&batch, &["--s3-endpoint", NOBODY, "--afresh"]).await;
    assert_eq!(lost.status.code(), Some(2));
    assert!(
        err(&lost).ends_with("Without a connection part 2 of 2 is not written. The same command asks again.\n"),
        "{}",
        err(&lost)
    );
    assert!(std::fs::read_to_string(session.folder.path().join("part.json")).unwrap().contains("\"part\":\"8/8\""));
    for (set, more, why) in [
        (&[][..], &[][..], "neither AWS_BATCH_JOB_ARRAY_INDEX nor SLURM_ARRAY_TASK_ID is set; give --shard I/N"),
        (&batch, &["--rows", "1..2"], "--rows"),
        (&batch, &["--format", "json"], "--format"),
    ] {
        let output = run(set, more).await;
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(why), "{}", err(&output));
    }
    // Never over another file.
    let output = session.check(&["--online", "--shard", "1/2", "-o", "m.json"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).ends_with("m.json: it is not a part of a check; name another file with -o\n"),
        "{}",
        err(&output)
    );
}
