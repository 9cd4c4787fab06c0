//! What the document says, that it says what the model does, and that the schema knows all of it.
use crate::report::events::json_line;
use crate::report::facts::VERSION;
use crate::report::golden::golden;
use crate::report::replay::{self, BEGAN_UNIX, ODD_NAME, TRAP, info};
use crate::report::{Results, RunInfo, Series};
use katydid_load::{Event, LabelStats, PERCENTILES, Snapshot, StopReason, Times, Verdict};
use serde_json::{Map, Value};

const SCHEMA: &str = include_str!("../../../schema/results-1.json");

fn text(run: &[Snapshot], verdict: &Verdict, reason: &StopReason) -> String {
    text_with(run, &info(), verdict, reason)
}

/// The document, with a version that no release changes.
pub(super) fn text_of(run: &[Snapshot], info: &RunInfo) -> String {
    without_version(text_with(run, info, &Verdict::RequestsFailed, &StopReason::RunTime))
}

fn without_version(text: String) -> String {
    text.replace(&format!("\"version\": \"{VERSION}\""), "\"version\": \"0.0.0\"")
}

fn text_with(run: &[Snapshot], info: &RunInfo, verdict: &Verdict, reason: &StopReason) -> String {
    let mut series = Series::default();
    run.iter().for_each(|snapshot| series.push(snapshot));
    let snapshot = run.last().expect("a run has an end");
    let began_unix = BEGAN_UNIX;
    let mut out = Vec::new();
    let results = Results { info, began_unix, snapshot, series: &series, verdict, reason };
    super::write(&results, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn document(run: &[Snapshot]) -> Value {
    let text = text(run, &Verdict::RequestsFailed, &StopReason::RunTime);
    serde_json::from_str(&text).expect("JSON")
}

pub(super) fn document_of(run: &[Snapshot], info: &RunInfo) -> Value {
    serde_json::from_str(&text_of(run, info)).expect("JSON")
}

pub(super) fn list<'a>(document: &'a Value, member: &str) -> &'a Vec<Value> {
    document[member].as_array().expect("a list")
}

pub(super) fn sum(list: &[Value], member: &str) -> u64 {
    list.iter().map(|item| item[member].as_u64().expect("a whole number")).sum()
}

#[test]
fn something_of_everything() {
    let version = without_version;
    let everything = text(&replay::everything(), &Verdict::RequestsFailed, &StopReason::RunTime);
    golden("results_everything", &version(everything));
    let aborted = Verdict::Aborted { reason: "no\nstock".to_owned() };
    let reason = StopReason::Scenario("no\nstock".to_owned());
    golden("results_nothing", &version(text(&replay::nothing(), &aborted, &reason)));
    let swaps = text(&replay::swaps(), &Verdict::RequestsFailed, &StopReason::RunTime);
    golden("results_swaps", &version(swaps));
}

#[test]
fn figures_are_the_models() {
    for run in [replay::everything(), replay::random(1), replay::random(2), replay::nothing()] {
        let document = document(&run);
        let snapshot = &run[run.len() - 1];
        assert_stats(&document["totals"], &snapshot.total.total(), snapshot);
        let labels = list(&document, "labels");
        assert_eq!(labels.len(), snapshot.total.labels().count());
        for (id, stats) in snapshot.total.labels() {
            let label = &snapshot.labels[id.index()];
            let is =
                |dto: &&Value| dto["type"] == *label.request_type && dto["name"] == *label.name;
            assert_stats(labels.iter().find(is).expect("each label is there"), stats, snapshot);
        }
        for member in ["requests", "failed", "retried", "never_sent", "bytes_received"] {
            assert_eq!(sum(labels, member), document["totals"][member]);
        }
        assert_eq!(sum(list(&document, "failures"), "count"), document["totals"]["failed"]);
    }
}

fn assert_stats(dto: &Value, stats: &LabelStats, snapshot: &Snapshot) {
    let counts = [
        ("requests", stats.requests),
        ("failed", stats.failed),
        ("retried", stats.retries),
        ("never_sent", stats.unsent),
        ("bytes_sent", stats.bytes_sent),
        ("bytes_received", stats.bytes_received),
    ];
    for (member, count) in counts {
        assert_eq!(dto[member], count, "{member}");
    }
    let figure = |member| dto[member].as_f64().expect("a number");
    assert!((figure("failure_ratio") - stats.failure_ratio()).abs() < 1e-12);
    let seconds = snapshot.elapsed_ns as f64 / 1e9;
    assert!((figure("requests_per_s") * seconds - stats.requests as f64).abs() < 1e-6);
    assert_times(&dto["response_time"], &stats.response);
    assert_times(&dto["service_time"], &stats.service);
}

fn assert_times(dto: &Value, times: &Times) {
    if times.count() == 0 {
        return assert_eq!(*dto, Value::Null);
    }
    assert_eq!((&dto["min_us"], &dto["max_us"]), (&times.min_us().into(), &times.max_us().into()));
    let mean = dto["mean_us"].as_f64().expect("a number");
    assert!((mean - times.mean_us()).abs() <= 0.0005);
    for percentile in PERCENTILES {
        let key = percentile.to_string();
        assert_eq!(dto["percentiles_us"][&key], times.percentile_us(percentile), "{key} %");
        // Ten of so many must lie above.
        let above = times.count() as f64 * (100.0 - percentile) / 100.0;
        let doubtful = percentile < 100.0 && above + 1e-9 < 10.0;
        let listed = list(dto, "doubtful_percentiles").contains(&key.clone().into());
        assert_eq!(listed, doubtful, "{key} % of {}", times.count());
    }
}

#[test]
fn the_points_together_are_the_run() {
    for run in [replay::everything(), replay::random(7)] {
        let document = document(&run);
        let series = list(&document, "series");
        assert_eq!(series.len(), run.len());
        for member in ["requests", "failed"] {
            assert_eq!(sum(series, member), document["totals"][member]);
        }
        for (point, snapshot) in series.iter().zip(&run) {
            let times = snapshot.window.total().response;
            assert_eq!(point["at_us"], snapshot.elapsed_ns / 1_000);
            assert_eq!(
                (&point["users"], &point["requests"]),
                (&snapshot.users.into(), &times.count().into())
            );
            match times.count() {
                0 => assert_eq!(point["response_time"], Value::Null),
                _ => assert_eq!(point["response_time"]["p95_us"], times.percentile_us(95.0)),
            }
        }
    }
    let shards = document(&replay::everything())["shards"].to_string();
    let expected = r#"[{"max_busy_share":0.3,"mean_busy_share":0.2},{"max_busy_share":0.125,"mean_busy_share":0.1}]"#;
    assert_eq!(shards, expected);
}

#[test]
fn the_versions_together_are_the_run() {
    for run in [replay::swaps(), replay::everything(), replay::nothing()] {
        let document = document(&run);
        let versions = list(&document, "versions");
        let snapshot = &run[run.len() - 1];
        assert_eq!(versions.len(), snapshot.versions.len());
        for member in ["requests", "failed"] {
            assert_eq!(sum(versions, member), document["totals"][member]);
        }
        let errors = sum(list(&document, "errors"), "count");
        assert_eq!(sum(versions, "scenario_errors"), errors);
        if let [only] = &versions[..] {
            assert_eq!(only["figures"], Value::Null, "nothing is there twice");
            continue;
        }
        for (dto, version) in versions.iter().zip(&snapshot.versions) {
            let (figures, total) = (&dto["figures"], version.total.as_deref().expect("kept"));
            assert_stats(&figures["totals"], &total.total(), snapshot);
            assert_eq!(list(figures, "labels").len(), total.labels().count());
            assert_eq!(sum(list(figures, "failures"), "count"), dto["failed"]);
            assert_eq!(figures["iterations"], dto["iterations"]);
            // Its points are its requests; those without versions are the first one's.
            let of_point = |point: &Value, member: &str| match point["versions"].as_array() {
                None if version.number == 1 => point[member].as_u64().unwrap_or_default(),
                None => 0,
                Some(points) => {
                    let own = points.iter().filter(|p| p["number"] == version.number);
                    own.filter_map(|point| point[member].as_u64()).sum()
                }
            };
            for member in ["requests", "failed"] {
                let points = list(&document, "series").iter().map(|p| of_point(p, member));
                assert_eq!(points.sum::<u64>(), dto[member].as_u64().unwrap_or_default());
            }
        }
    }
}

#[test]
fn of_old_versions_the_counts_remain() {
    let mut run = replay::swaps();
    let end = run.last_mut().expect("a run has an end");
    end.versions[0].total = None;
    let document = document(&run);
    let [old, kept, ..] = &list(&document, "versions")[..] else { unreachable!("two at least") };
    assert_eq!((&old["figures"], &old["requests"]), (&Value::Null, &1_520.into()));
    assert!(kept["figures"].is_object());
    assert_known(&document, &schema(), &schema(), "");
}

#[test]
fn a_missed_snapshot_is_made_up_for_and_a_double_one_ignored() {
    let run = replay::everything();
    let sparse = [run[0].clone(), run[2].clone(), run[2].clone(), run[5].clone(), run[5].clone()];
    let document = document(&sparse);
    let requests: Vec<_> = list(&document, "series").iter().map(|p| &p["requests"]).collect();
    assert_eq!(requests, [0, 80, 7]);
}

#[test]
fn a_second_takes_little_memory_whatever_happens_in_it() {
    assert!(size_of::<crate::report::series::Point>() <= 104);
    assert!(size_of::<crate::report::series::PointArrivals>() <= 56);
}

#[test]
fn text_comes_back_as_it_was() {
    let document = document(&replay::everything());
    let has = |list: &[Value], member: &str, text: &str| list.iter().any(|i| i[member] == text);
    assert!(has(list(&document, "labels"), "name", ODD_NAME));
    assert!(has(list(&document, "errors"), "message", TRAP));
    assert!(has(list(&document, "failures"), "text", "fault 4: no user \\u{1b}[2J"));
    assert_eq!(document["run"]["scenarios"][0]["file"], info().scenarios[0].file);
    assert_eq!(document["run"]["seed"], u64::MAX);
    let at: Vec<_> = ["began", "began_unix_us"].map(|m| document["run"][m].to_string()).into();
    assert_eq!(at, ["\"2026-09-13T08:30:00Z\"", "1789288200250000"]);
}

#[test]
fn what_was_not_told_apart_is_still_counted() {
    let document = document(&replay::flood());
    let last = |member| list(&document, member).last().expect("a flood").to_string();
    let rows = [
        ("failures", 51, r#""text":null"#, r#""count":10"#),
        ("errors", 201, r#""place":null"#, r#""count":10"#),
        ("checks", 1_001, r#""name":null"#, r#""passed":1"#),
    ];
    for (member, length, nameless, count) in rows {
        assert_eq!(list(&document, member).len(), length);
        let last = last(member);
        assert!(last.contains(nameless) && last.contains(count), "{last}");
    }
}

#[test]
fn each_item_is_a_line() {
    let text = text(&replay::everything(), &Verdict::Passed, &StopReason::Asked);
    assert_eq!(text.lines().filter(|line| line.starts_with(r#"    {"at_us": "#)).count(), 6);
    assert_eq!(text.lines().filter(|line| line.starts_with(r#"    {"type": "#)).count(), 4 + 7);
    assert!(text.ends_with("}\n"));
}

/// What the event log calls the end of a run.
#[test]
fn names_are_those_of_the_event_log() {
    let said = |event: &Event<'_>, member: &str| -> Value {
        let mut line = Vec::new();
        json_line(event, &mut line);
        serde_json::from_slice::<Value>(&line).expect("JSON")[member].take()
    };
    let why = "no stock".to_owned();
    let verdicts = [
        Verdict::Passed,
        Verdict::RequestsFailed,
        Verdict::ThresholdBreached,
        Verdict::Aborted { reason: why.clone() },
        Verdict::Interrupted,
    ];
    let reasons = [
        StopReason::RunTime,
        StopReason::UsersDone,
        StopReason::Asked,
        StopReason::Signal,
        StopReason::Scenario(why.clone()),
        StopReason::Threshold(why),
    ];
    for (verdict, reason) in verdicts.iter().cycle().zip(&reasons) {
        let text = text(&replay::nothing(), verdict, reason);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let finished = Event::RunFinished { verdict, elapsed_ns: 1 };
        assert_eq!(document["verdict"]["name"], said(&finished, "verdict"));
        assert_eq!(document["verdict"]["exit_code"], said(&finished, "exit_code"));
        let stopping = Event::RunStopping { reason };
        assert_eq!(document["stop"]["reason"], said(&stopping, "reason"));
        assert_eq!(document["stop"]["message"], said(&stopping, "message"));
        assert_known(&document, &schema(), &schema(), "");
    }
}

pub(super) fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

/// What a part of the schema refers to in the end, or the part itself.
fn resolved<'a>(part: &'a Value, schema: &'a Value) -> &'a Value {
    match part["$ref"].as_str().and_then(|to| schema.pointer(to.trim_start_matches('#'))) {
        Some(part) => resolved(part, schema),
        None => part,
    }
}

/// Asserts that the schema knows every member and misses none. The full validation is Python's, in the
/// black-box tests; this much needs no validator, and fails where a member was added here alone.
pub(super) fn assert_known(value: &Value, part: &Value, schema: &Value, place: &str) {
    let part = resolved(part, schema);
    match value {
        Value::Object(members) => {
            let known = part["properties"].as_object().unwrap_or_else(|| unreachable!("{place}"));
            for (name, member) in members {
                let place = format!("{place}.{name}");
                let part = known.get(name).unwrap_or_else(|| unreachable!("{place} is unknown"));
                assert_known(member, part, schema, &place);
            }
            assert_eq!(members.len(), known.len(), "{place}: every member is always there");
        }
        Value::Array(items) => {
            items.iter().for_each(|item| assert_known(item, &part["items"], schema, place));
        }
        _ => assert!(part.get("properties").is_none() || value.is_null(), "{place}"),
    }
    let known = part["enum"].as_array();
    assert!(known.is_none_or(|known| known.contains(value)), "{place}: {value}");
}

#[test]
fn the_schema_knows_every_member() {
    let schema = schema();
    let runs = [replay::everything(), replay::nothing(), replay::flood(), replay::random(5)];
    for run in runs.into_iter().chain([replay::swaps()]) {
        assert_known(&document(&run), &schema, &schema, "");
    }
}

/// Every object is closed and requires all of its members, every member is described.
#[test]
fn the_schema_leaves_nothing_open() {
    fn look(part: &Value, schema: &Value, place: &str) {
        if let Some(members) = part["properties"].as_object() {
            assert_eq!(part["additionalProperties"], false, "{place}");
            let required = part["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(members.keys().eq(sorted(required).iter()), "{place} requires all it has");
            for (name, member) in members {
                let place = format!("{place}.{name}");
                let described = |part: &Value| {
                    part["description"].as_str().is_some_and(|text| text.ends_with('.'))
                };
                assert!(described(member) || described(resolved(member, schema)), "{place}");
                look(member, schema, &place);
            }
        }
        part.get("items").iter().for_each(|items| look(items, schema, place));
        for (name, part) in part["$defs"].as_object().unwrap_or(&Map::new()) {
            assert!(part.get("$ref").is_some() || part.get("type").is_some(), "{name}");
            look(part, schema, name);
        }
    }
    fn sorted(names: &[Value]) -> Vec<String> {
        let mut names: Vec<_> =
            names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
        names.sort();
        names
    }
    let schema = schema();
    look(&schema, &schema, "");
    assert_eq!(schema["properties"]["schema"]["const"], super::SCHEMA);
}
