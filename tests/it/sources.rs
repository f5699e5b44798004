//! Where transcript keys come from, as an operator names the places, is asked about them and takes them back.

use crate::app_driver::{App, NOW};
use crate::manifests;
use cuecard::app::msg::{FoundList, KeysSoFar};
use cuecard::app::{Effect, Msg};
use cuecard::domain::keys::{End, Key, KeyList, KnownSource, Source, SourceFault, Summary};
use std::sync::Arc;

fn videos() -> App {
    let rows = (1..=4).map(|n| manifests::row(format!("s3://acme-video/news/070{n}.mp4")));
    App::open(&manifests::manifest(rows))
}

const LISTED: &str = "2026-11-12 13:58:00      41207 news/0701.srt\n2026-11-12 13:58:00      41207 news/0702.srt\n";

fn keys(app: &App) -> Vec<String> {
    let list = &app.model.session().unwrap().keys.list;
    (0..list.len()).filter_map(|at| list.get(at)).map(|key| key.url()).collect()
}

fn sources(names: &[(&str, &str)]) -> App {
    let mut app = videos();
    for (name, text) in names {
        app.press(&format!(":source {name}<Enter>"));
        app.source_holds(name, text);
    }
    app
}

#[test]
fn every_source_has_a_line_with_what_it_was_read_as_and_how_much_of_it_can_be_used() {
    let app = sources(&[
        ("keys.txt", "s3://acme/a.srt\ns3://acme/b.vtt\ns3://acme/c.mp4\n--More--\n"),
        ("more.txt", "s3://acme/d.srt\n"),
    ]);
    let picture = app.keys(":sources<Enter>").size(80, 24).draw();
    picture.shows("keys          4 from 2 sources, 3 are transcripts");
    picture.shows("▲ keys.txt                 plain list                    3       2     14:01");
    picture
        .shows("✓ more.txt                 plain list                    1       1     14:01")
        .shows("+ add a source");
    picture.shows("4  \"--More--\"").shows("1 key is no .srt or .vtt:").shows(".mp4 1");
}

#[test]
fn doubts_about_unselected_sources_are_shown() {
    let app = sources(&[("keys.txt", "s3://acme/a.srt\n--More--\n"), ("more.txt", "s3://acme/d.srt\n")]);
    let app = app.keys(":sources<Enter>j");
    app.size(80, 24)
        .draw()
        .shows("▲ keys.txt: 1 line is no key, line 2: \"--More--\"")
        .shows("every key is .srt or .vtt");
}

#[test]
fn keys_that_two_sources_list_are_there_once() {
    let app = sources(&[
        ("a.txt", "s3://acme/1.srt\ns3://acme/2.srt\n"),
        ("b.txt", "s3://acme/2.srt\ns3://acme/3.srt\ns3://acme/3.srt\n"),
    ]);
    assert_eq!(keys(&app), ["s3://acme/1.srt", "s3://acme/2.srt", "s3://acme/3.srt"]);
    app.keys(":sources<Enter>").draw().shows("5 from 2 sources, 3 are transcripts, 2 repeats");
}

#[test]
fn a_removed_source_takes_its_keys_with_it_and_comes_back_where_it_was() {
    let names = [("a.txt", "s3://acme/1.srt\n"), ("b.txt", "s3://acme/2.srt\n")];
    let app = sources(&names).keys(":sources<Enter>d");
    assert_eq!(keys(&app), ["s3://acme/2.srt"]);
    app.draw().hides("  ✓ a.txt").shows("removed a.txt.  u brings it back");
    let app = app.keys("u");
    assert_eq!(keys(&app), ["s3://acme/1.srt", "s3://acme/2.srt"]);
    let picture = app.draw();
    assert!(picture.find("✓ a.txt").0 < picture.find("✓ b.txt").0);
    app.keys("ddu").draw().shows("✓ b.txt").hides("✓ a.txt");
}

#[test]
fn several_sources_are_read_at_once_and_keys_are_used_as_they_come() {
    let mut app = videos().keys(":source s3://acme/subs/<Enter>:source b.txt<Enter>");
    let (job, id, _) = app.asked_source("s3://acme/subs/");
    let so_far = |count: u32| {
        let list: KeyList = (0..count).map(|n| Key::named("acme", format!("subs/{n}.srt"))).collect();
        KeysSoFar { list: Arc::new(list), ..KeysSoFar::default() }
    };
    app.send(Msg::KeysListed(job, id, so_far(2)));
    assert_eq!(keys(&app).len(), 2);
    app.source_holds("b.txt", "s3://acme/b.srt\n");
    assert_eq!(keys(&app), ["s3://acme/subs/0.srt", "s3://acme/subs/1.srt", "s3://acme/b.srt"]);
    let mut app = app.keys(":sources<Enter>").size(80, 24);
    app.draw().shows("reading").shows("2 transcripts so far.").shows("✓ b.txt");
    app.send(Msg::KeysListed(job, id, so_far(3)));
    app.draw().shows("3 transcripts so far.");
    app.send(Msg::KeysEnded(job, id, Ok(Box::default())));
    assert_eq!(keys(&app).len(), 4);
}

#[test]
fn control_c_stops_the_reading_at_once_and_keeps_what_came() {
    let mut app = videos().keys(":source s3://acme<Enter>");
    let (job, id, _) = app.asked_source("s3://acme");
    let list: KeyList = (0..1_000).map(|n| Key::named("acme", format!("{n}.srt"))).collect();
    let so_far = KeysSoFar { list: Arc::new(list), ..KeysSoFar::default() };
    app.send(Msg::KeysListed(job, id, so_far.clone()));
    let mut app = app.keys("<^c>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Cancel(it) if *it == job)));
    assert_eq!(keys(&app).len(), 1_000);
    // What was under way when it was stopped changes nothing any more.
    app.send(Msg::KeysListed(job, id, KeysSoFar::default()));
    app.send(Msg::KeysEnded(job, id, Ok(Box::default())));
    assert_eq!(keys(&app).len(), 1_000);
    app.keys(":sources<Enter>").draw().shows("- s3://acme").shows("stopped").shows("a better key may be missing");
}

#[test]
fn a_source_read_again_keeps_its_keys_until_there_are_more() {
    let mut app = sources(&[("a.txt", "s3://acme/1.srt\ns3://acme/2.srt\n")]).keys(":sources<Enter><^r>");
    assert_eq!(keys(&app).len(), 2);
    app.source_holds("a.txt", "s3://acme/1.srt\n");
    assert_eq!(keys(&app), ["s3://acme/1.srt"]);
    let mut app = app.keys("<^r>");
    let (job, id, _) = app.asked_source("a.txt");
    app.send(Msg::KeysListed(job, id, KeysSoFar::default()));
    let gone = SourceFault::Unreadable("a.txt can't be read: permission denied".into());
    app.send(Msg::KeysEnded(job, id, Err(Box::new(gone))));
    assert_eq!(keys(&app), ["s3://acme/1.srt"], "what could not be read again stays");
    app.draw().shows("▲ a.txt").shows("14:01").shows("Not read again: a.txt can't be read: permission");
    app.draw().shows("Its keys of 14:01 stay.").shows("1 from 1 source, 1 is a transcript");
    // One that breaks off before it has as much as before changes nothing either, and neither does ^c.
    app.press("<^r>");
    let (job, id, _) = app.asked_source("a.txt");
    app.send(Msg::KeysEnded(
        job,
        id,
        Ok(Box::new(Summary { end: End::early("S3 was silent."), ..Summary::default() })),
    ));
    assert_eq!(keys(&app), ["s3://acme/1.srt"]);
    app.draw().shows("broke off after 0 transcripts");
    app.press("<^r><^c>");
    assert_eq!(keys(&app), ["s3://acme/1.srt"]);
    app.draw().hides("stopped before its end");
    // Read again well, it is as good as new.
    app.press("<^r>");
    app.source_holds("a.txt", "s3://acme/1.srt\ns3://acme/3.srt\n");
    app.draw().shows("✓ a.txt").hides("Not read again");
    assert_eq!(keys(&app).len(), 2);
}

const NAMES: &str = "asset,source_file,captions\nep-1,news/0701.mp4,subs/0702.srt\nep-2,news/0702.mp4,subs/0701.srt\n";

fn sure(app: &App) -> Vec<String> {
    let Some(pairing) = app.model.session().unwrap().proposals.pairing.clone() else { return Vec::new() };
    let rows = (0..app.model.session().unwrap().total()).filter_map(|row| pairing.of_row(row));
    rows.filter(|it| it.is_sure()).filter_map(|it| it.transcript()).map(|key| pairing.url(key)).collect()
}

#[test]
fn a_table_of_relative_names_pairs_the_objects_and_keys_that_they_end() {
    let listed = "s3://acme/subs/0701.srt\ns3://acme/subs/0702.srt\n";
    let mut app = sources(&[("keys.txt", listed), ("names.csv", NAMES)]).size(80, 24);
    app.press(":sources<Enter>");
    app.draw().shows("video       2  2 of 2 are objects of this manifest");
    app.press("<Enter>");
    app.source_holds("names.csv", NAMES);
    // What the table says, and not what the names say.
    assert_eq!(sure(&app), ["s3://acme/subs/0702.srt", "s3://acme/subs/0701.srt"]);
    app.draw().shows("2 of 2 videos are objects of this manifest, 2 of 2 transcripts");
    app.draw().shows("table, 3 lines                2       2");
}

#[test]
fn a_table_of_relative_names_alone_gets_the_bucket_of_the_manifest_and_that_is_said() {
    let mut app = sources(&[("names.csv", NAMES)]).keys(":sources<Enter><Enter>").size(80, 24);
    app.source_holds("names.csv", NAMES);
    assert_eq!(sure(&app), ["s3://acme-video/subs/0702.srt", "s3://acme-video/subs/0701.srt"]);
    app.draw().shows("2 of 2 videos are objects of this manifest; names").shows("2 from 1 source, 2 are transcripts");
    app.keys("<Esc>P").draw().shows("2 sure").hides("no keys are known");
}

#[test]
fn a_table_without_places_asks_for_them_and_one_of_other_videos_says_so() {
    let bare = "v,t\nnews/0701.mp4,0702.srt\n";
    let mut app = sources(&[("t.csv", bare)]).keys(":sources<Enter><Enter>").size(80, 24);
    app.source_holds("t.csv", bare);
    app.draw().shows("whose names?").shows("t.csv names no bucket.").shows("no source is read");
    app.press("<Enter>");
    app.draw().shows("names are relative. Type the prefix they belong to:");
    app.press("acme/subs/<Enter>");
    app.source_holds("t.csv", bare);
    assert_eq!(sure(&app), ["s3://acme/subs/0702.srt"]);
    let other = "v,t\ngone/1.mp4,s3://acme/1.srt\n";
    let mut app = sources(&[("t.csv", other)]).keys(":sources<Enter><Enter>").size(80, 24);
    app.source_holds("t.csv", other);
    assert!(sure(&app).is_empty());
    app.draw().shows("▲ t.csv").shows("no video of it is an object of this manifest");
}

const PAIRS: &str = "asset,source_file,captions,owner\n\
    ep-1,s3://acme-video/news/0701.mp4,s3://acme/x1.srt,m.holm\n\
    ep-2,s3://acme-video/news/0702.mp4,s3://acme/x2.srt,m.holm\n";

#[test]
fn a_table_alone_pairs_its_rows_and_a_listing_of_its_bucket_says_what_is_there() {
    let proposed = |app: &App, row: u32| {
        let pairing = app.model.session().unwrap().proposals.pairing.clone()?;
        pairing.of_row(row).filter(|it| it.is_sure()).and_then(|it| it.transcript()).map(|key| pairing.url(key))
    };
    let mut app = sources(&[("pairs.csv", PAIRS)]).keys(":sources<Enter><Enter>");
    app.source_holds("pairs.csv", PAIRS);
    let all: Vec<_> = (0..app.model.session().unwrap().total()).filter_map(|row| proposed(&app, row)).collect();
    assert_eq!(all, ["s3://acme/x1.srt", "s3://acme/x2.srt"]);
    app.draw().shows("2 from 1 source, 2 are transcripts");

    let mut app = sources(&[("a.txt", "s3://acme/x1.srt\n"), ("pairs.csv", PAIRS)]).keys(":sources<Enter><Enter>");
    app.source_holds("pairs.csv", PAIRS);
    assert_eq!(keys(&app), ["s3://acme/x1.srt"]);
    let all: Vec<_> = (0..app.model.session().unwrap().total()).filter_map(|row| proposed(&app, row)).collect();
    assert_eq!(all, ["s3://acme/x1.srt"]);
}

#[test]
fn a_table_asks_which_columns_are_meant_and_enter_takes_those_that_the_values_tell() {
    let mut app = sources(&[("pairs.csv", PAIRS)]).size(80, 24);
    app.draw().shows("pairs.csv is a table: its columns are not known yet.");
    assert!(keys(&app).is_empty());
    app.press(":sources<Enter>");
    let picture = app.draw();
    picture.shows("› pairs.csv").shows("Which column names the video, which the transcript?");
    picture
        .shows("2  source_file   s3://acme-video/news/0701.mp4")
        .shows("video       2  2 of 2 are objects of this manifest");
    picture.shows("transcript  3  2 of 2 are .srt or .vtt").shows("Enter takes 2 and 3.  1–4 names another");
    app.press("<Enter>");
    app.source_holds("pairs.csv", PAIRS);
    // No listing says which keys the bucket has: those of the table stand.
    assert_eq!(keys(&app), ["s3://acme/x1.srt", "s3://acme/x2.srt"]);
    let sources = &app.model.session().unwrap().keys;
    let given = sources.given();
    let given: Vec<_> = given.iter().map(|given| (&*given.transcript, &*given.by, given.line)).collect();
    assert_eq!(given, [("s3://acme/x1.srt", "pairs.csv", 2), ("s3://acme/x2.srt", "pairs.csv", 3)]);
    app.draw().shows("✓ pairs.csv").shows("table, 3 lines").shows("2 pairs given, 2 of 2 videos are objects");
}

#[test]
fn digits_name_other_columns_and_are_no_count_there() {
    let mut app = sources(&[("pairs.csv", PAIRS)]).keys(":sources<Enter>").size(80, 24);
    app.press("1");
    assert!(app.model.pending.is_empty());
    app.draw().shows("video       1  0 of 2 are objects of this manifest").shows("Enter takes 1 and 3");
    app.press("4");
    app.draw().shows("Enter takes 1 and 4");
    app.press("0");
    app.draw().shows("video       0  none: a list of transcripts");
    app.press("7");
    app.draw().shows("choose one of 1–4");
    app.press("3<Enter>");
    app.source_holds("pairs.csv", PAIRS);
    assert_eq!(keys(&app), ["s3://acme/x1.srt", "s3://acme/x2.srt"]);
    // Elsewhere a digit is a count as ever.
    assert_eq!(app.keys("3").model.pending.count, Some(3));
}

#[test]
fn a_table_whose_values_tell_nothing_wants_both_columns_named() {
    let text = "a,b,c\n1,x.srt,y.srt\n2,z.srt,w.srt\n";
    let mut app = sources(&[("t.csv", text)]).keys(":sources<Enter><Enter>");
    app.draw().shows("choose the video's column first, 0 for none");
    app.press("0<Enter>");
    app.draw().shows("now choose the transcript's column");
    app.press("2<Enter>");
    let (_, _, source) = app.asked_source("t.csv");
    assert!(matches!(source, Source::File { columns: Some(columns), .. } if columns.to_string() == "0,2"));
}

#[test]
fn names_without_their_prefix_ask_for_it_where_it_can_be_typed() {
    let app = sources(&[("ls.txt", "2026-11-12 13:58:00  41207 0701.srt\n2026-11-12 13:58:00  41207 0702.srt\n")]);
    app.draw().shows("ls.txt names no bucket.  :sources asks where its names belong");
    let mut app = app.keys(":sources<Enter><Enter>").size(80, 24);
    app.draw().shows("✗ names are relative. Type the prefix they belong to:").shows("> s3://");
    app.press("<Enter>");
    app.draw().shows("there is no bucket in s3://");
    app.press("acme/subs/<Enter>");
    app.source_holds("ls.txt", LISTED.replace("news/", "").as_str());
    assert_eq!(keys(&app), ["s3://acme/subs/0701.srt", "s3://acme/subs/0702.srt"]);
    app.draw().shows("✓ ls.txt").shows("names taken as relative to");
}

#[test]
fn found_sources_are_offered_and_s3_is_asked_only_after_choosing() {
    let mut app = videos().keys(":sources<Enter><Enter>").size(80, 24);
    let found = app.effects.iter().find_map(|effect| match effect {
        Effect::FindLists(job, path) => Some((*job, path.clone())),
        _ => None,
    });
    let (job, beside) = found.unwrap();
    assert_eq!(beside, std::path::Path::new("/videos/news-2026.json"));
    let list =
        FoundList { path: "captions.txt".into(), shape: "aws s3 ls".into(), size: 214_000, when: "today 13:40".into() };
    app.send(Msg::ListsFound(job, vec![list]));
    let picture = app.draw();
    picture.shows("▌ s3://acme-video/  the bucket of all 4 videos");
    picture.shows("  captions.txt      aws s3 ls, here, 214 KB, today 13:40");
    picture.shows("Nothing is requested from S3 before you choose.").shows("what can be a source");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::ReadKeys { .. })));
    let mut app = app.keys("<Down><Enter>");
    app.source_holds("captions.txt", "s3://acme/1.srt\n");
    app.draw().shows("✓ captions.txt").shows("+ add a source");
    assert_eq!(keys(&app), ["s3://acme/1.srt"]);
}

#[test]
fn a_refused_source_says_why_where_it_was_typed_and_leaves_no_trace() {
    let mut app = videos().keys(":sources<Enter><Enter>").size(80, 24);
    app.press("notes.txt<Enter>");
    app.source_holds("notes.txt", "buy milk\ncall home\n");
    app.draw().shows("✗ notes.txt: no line is a key. Expected one of the shapes below").shows("> notes.txt");
    app.press("<^u>s3://acme-video<Enter>");
    let (job, id, source) = app.asked_source("s3://acme-video");
    let fault = SourceFault::NotAllowed { source: Box::new(source), help: "…".into() };
    app.send(Msg::KeysEnded(job, id, Err(Box::new(fault))));
    app.draw().shows("✗ S3 does not let us list s3://acme-video. Use a saved listing, or --aws");
    app.press("<^u>nowhere<Enter>");
    let (job, id, source) = app.asked_source("nowhere");
    app.send(Msg::KeysEnded(job, id, Err(Box::new(SourceFault::NoFile { source: Box::new(source) }))));
    app.draw().shows("✗ no such file");
    app.press("<^u>s3:///x<Enter>");
    app.draw().shows("✗ there is no bucket in s3:///x");
    app.press("<^u>-<Enter>");
    app.draw().shows("✗ standard input is the keyboard here");
    assert!(app.keys("<Esc>").model.session().unwrap().keys.all.is_empty());
}

#[test]
fn a_table_that_is_chosen_leads_to_its_question() {
    let mut app = videos().keys(":sources<Enter><Enter>pairs.csv<Enter>");
    app.source_holds("pairs.csv", PAIRS);
    app.draw().shows("Which column names the video, which the transcript?").shows("› pairs.csv");
}

#[test]
fn tab_completes_the_source_name() {
    let mut app = videos().keys(":sources<Enter><Enter><Tab>");
    app.draw().shows("> s3://acme-video/");
    app.press("<^u>s3://a<Tab>");
    app.draw().shows("> s3://acme-video/");
    app.press("<^u>list<Tab>");
    let job = app.effects.iter().find_map(|effect| match effect {
        Effect::CompletePath(job, begun) if begun == "list" => Some(*job),
        _ => None,
    });
    app.send(Msg::PathCompleted(job.unwrap(), "lists/".into()));
    app.draw().shows("> lists/");
}

#[test]
fn sources_of_an_earlier_session_are_offered_and_never_read_by_themselves() {
    let mut app = videos();
    let job = app.model.session().unwrap().online.job;
    let known = |name: &str, read_ms| KnownSource {
        source: Source::parse(name).unwrap(),
        shape: "listed, anonymous".into(),
        keys: 9_214,
        usable: 8_934,
        read_ms,
    };
    let eleven_days = 11 * 24 * 60 * 60 * 1_000;
    app.send(Msg::SourcesKnown(job, vec![known("s3://acme-captions/", NOW.unix_ms - eleven_days)]));
    // Where keys are wanted they are offered first.
    app.press("P");
    let picture = app.draw();
    assert!(picture.find("s3://acme-captions").1.starts_with('▌'), "{}", picture.text());
    picture.shows("8,934 transcripts when it was read, 12 Nov");
    app.press("<Esc>");
    let mut app = app.keys(":sources<Enter>").size(80, 24);
    app.draw().shows("· s3://acme-captions       listed, anonymous         9,214   8,934    12 Nov");
    app.draw().shows("keys          1 source of an earlier session, none read yet");
    app.draw().shows("9,214 keys, 8,934 usable when it was last read, 12 Nov.");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::ReadKeys { .. })));
    app.press("<^r>");
    app.source_holds("s3://acme-captions", "s3://acme-captions/1.srt\n");
    let kept = app.effects.iter().rev().find_map(|effect| match effect {
        Effect::KeepSources(path, known) => Some((path.clone(), known.clone())),
        _ => None,
    });
    let (path, kept) = kept.unwrap();
    assert_eq!(path, std::path::Path::new("/videos/news-2026.json"));
    assert_eq!((kept.len(), kept[0].usable, kept[0].read_ms), (1, 1, NOW.unix_ms));
}

#[test]
fn the_picker_says_how_many_keys_there_are_and_of_when() {
    let mut app = sources(&[("a.txt", "s3://acme/1.srt\n")]);
    app.press("o");
    app.draw().shows("1 key, 14:01").shows("keys of a.txt, 14:01");
    let mut app = sources(&[("a.txt", "s3://acme/1.srt\n")]);
    app.model.now.unix_ms += 60_000;
    app.press(":source b.txt<Enter>");
    app.source_holds("b.txt", "s3://acme/2.srt\n");
    app.press("o");
    app.draw().shows("2 keys, 14:01").shows("keys of 2 sources, the oldest of 14:01");
}

#[test]
fn offline_a_bucket_is_refused_and_a_list_is_read() {
    let mut app = videos();
    app.model.options.offline = true;
    app.press(":source s3://acme<Enter>");
    app.draw().shows("offline, buckets are not listed.");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::ReadKeys { .. })));
    app.press(":source a.txt<Enter>");
    app.source_holds("a.txt", "s3://acme/1.srt\n");
    assert_eq!(keys(&app).len(), 1);
}

#[test]
fn the_hint_of_enter_is_what_enter_does_with_the_source_in_hand() {
    let app = videos().size(80, 24).keys(":sources<Enter>");
    app.draw().shows("Enter add a source").hides("use them");
    let app = sources(&[("keys.txt", "s3://acme/a.srt\n")]).size(80, 24).keys(":sources<Enter>");
    app.draw().shows("Enter use them").hides("column");
    app.keys("j").draw().shows("Enter add a source");
    let app = sources(&[("pairs.csv", PAIRS)]).size(80, 24).keys(":sources<Enter>");
    app.draw().shows("Enter use these columns   1–4 column");
}

#[test]
fn buckets_that_cannot_be_listed_are_not_offered() {
    let rows = [
        manifests::row("s3://acme-video/1.mp4").transcript("s3://Cuecard_Captions/1.srt"),
        manifests::row("s3://acme-video/2.mp4").transcript("s3://your-bucket/2.srt"),
        manifests::row("s3://acme-video/3.mp4").transcript("s3://acme-captions/3.srt"),
        manifests::row("s3://acme-video/4.mp4"),
    ];
    let app = App::open(&manifests::manifest(rows)).size(80, 24).keys("P");
    let picture = app.draw();
    picture.hides("Cuecard_Captions").hides("your-bucket");
    assert!(picture.find("s3://acme-captions/").1.starts_with('▌'));
    picture.shows("s3://acme-video/");
}

#[test]
fn what_a_removal_says_is_not_replaced_by_old_news() {
    let app = sources(&[("a.txt", "s3://acme/0701.srt\n"), ("b.txt", "s3://acme/0702.srt\n")]);
    let app = app.size(80, 24).keys(":sources<Enter>d");
    app.draw().shows("removed a.txt.  u brings it back").hides("have a proposal");
    app.keys("u").draw().shows("a.txt is back").hides("proposal");
}
