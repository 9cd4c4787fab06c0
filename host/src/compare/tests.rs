//! What is said of two results, and which are none.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::{Compared, Document, Look};
use katydid_fuzz::Rng;
use katydid_load::Times;
use katydid_load::compare::CONFIDENCE;
use serde_json::{Value, json};
use std::path::Path;

/// A label: name, requests, failed, and the fastest time in µs; the slowest is three times as much.
type Counted<'a> = (&'a str, u64, u64, u64);

const BEFORE: [Counted<'_>; 5] = [
    ("get_time", 30_000, 30, 4_000),
    ("find `a|b` *now* \u{1b}[2J @team", 12_000, 0, 20_000),
    ("add", 12_000, 1_200, 900),
    ("rare", 20, 0, 900),
    ("gone", 500, 0, 900),
];
const AFTER: [Counted<'_>; 5] = [
    // As it was, as far as anybody can tell.
    ("get_time", 30_020, 33, 4_002),
    ("find `a|b` *now* \u{1b}[2J @team", 12_010, 0, 26_000),
    ("add", 12_030, 12, 700),
    ("rare", 21, 1, 950),
    ("new", 500, 0, 900),
];

fn times(counted: &[Counted<'_>]) -> Value {
    let mut times = Times::default();
    for (_, requests, _, fastest) in counted {
        // Spread evenly, in an order of no meaning.
        (0..*requests)
            .for_each(|n| times.record(fastest + fastest * 2 * (n * 7_919 % 1_000) / 1_000));
    }
    if times.count() == 0 {
        return Value::Null;
    }
    let of = |p: f64| times.percentile_us(p);
    let all = [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];
    let percentiles = all.map(|p| (p.to_string(), json!(of(p))));
    let intervals = all.map(|p| (p.to_string(), json!(times.percentile_interval(p, CONFIDENCE))));
    let object = |members: [(String, Value); 11]| Value::Object(members.into_iter().collect());
    json!({
        "min_us": times.min_us(),
        "mean_us": times.mean_us(),
        "stddev_us": times.stddev_us(),
        "percentiles_us": object(percentiles),
        "percentile_intervals_us": object(intervals),
    })
}

fn stats(counted: &[Counted<'_>]) -> Value {
    json!({
        "requests": counted.iter().map(|(_, requests, ..)| requests).sum::<u64>(),
        "failed": counted.iter().map(|(_, _, failed, _)| failed).sum::<u64>(),
        "response_time": times(counted),
        "service_time": times(counted),
        "not known": [1, 2],
    })
}

/// A run of a minute.
fn results(counted: &[Counted<'_>]) -> Value {
    let label = |one: &Counted<'_>| {
        let mut label = stats(&[*one]);
        label["type"] = json!(if one.0 == "add" { "grpc" } else { "xmlrpc" });
        label["name"] = json!(one.0);
        label
    };
    let all: u64 = counted.iter().map(|(_, requests, ..)| requests).sum();
    let second = |_| {
        json!({
            "at_us": 1,
            "requests": all / 60,
            "failed": 0,
            "response_time": {"mean_us": 6_000.0, "p50_us": 1},
        })
    };
    json!({
        "schema": "katydid-results-1",
        "tool": {"name": "katydid"},
        "run": {
            "scenarios": [{"name": "shop", "sha256": "4f2a91c07b3e5d68", "load": "50 users"}],
            "began": "2026-09-13T08:30:00Z",
            "elapsed_us": 60_000_000,
            "not known": null,
        },
        "verdict": {"name": "requests_failed", "exit_code": 1},
        "totals": stats(counted),
        "labels": counted.iter().map(label).collect::<Vec<_>>(),
        "warnings": [],
        "versions": [{"number": 1}],
        "series": (0..60).map(second).collect::<Vec<_>>(),
        "not known": {},
    })
}

fn read(name: &str, document: &Value) -> Document {
    Document::read(name, document.to_string().as_bytes()).unwrap()
}

fn compared(rules: &[&str]) -> Compared {
    let mut after = results(&AFTER);
    after["run"]["began"] = json!("2026-09-14T08:30:00Z");
    let rules: Vec<_> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Compared::new(read("before.json", &results(&BEFORE)), read("after.json", &after), &rules)
}

/// Two runs about which there is everything to say.
fn doubtful() -> Compared {
    let (mut before, mut after) = (results(&BEFORE), results(&AFTER));
    before["verdict"]["name"] = json!("interrupted");
    after["run"]["elapsed_us"] = json!(40_000_000);
    after["run"]["scenarios"][0]["sha256"] = json!("99aa");
    after["run"]["scenarios"][0]["load"] = json!("60 users");
    after["warnings"] =
        json!([{"name": "x", "text": "the generator is saturated: a shard is 97 % busy"}]);
    after["versions"] = json!([{}, {}]);
    let rules = [
        "p95 regression < 10%",
        "get_time: p95 regression < 10%",
        "failures increase <= 1%",
        "rare: avg regression < 1%",
        "nothing: rps regression < 5%",
    ];
    let rules: Vec<_> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Compared::new(read("before.json", &before), read("a/long/way/off/after.json", &after), &rules)
}

fn golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compare/testdata").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{name} is not what is told now; look, then UPDATE_GOLDEN=1:\n{text}");
}

#[test]
fn as_people_see_it() {
    let quiet = compared(&[]);
    golden("terminal.txt", &quiet.terminal(&Look::default()));
    golden("markdown.md", &quiet.markdown());
    golden("comparison.json", &quiet.json());
    let loud = doubtful();
    golden("doubtful_60.txt", &loud.terminal(&Look { width: 60, ..Look::default() }));
    golden(
        "doubtful_40_ascii.txt",
        &loud.terminal(&Look { width: 40, unicode: false, ..Look::default() }),
    );
    golden("doubtful_color.txt", &loud.terminal(&Look { color: true, ..Look::default() }));
    golden("doubtful.md", &loud.markdown());
    let same = read("a.json", &results(&BEFORE));
    let same = Compared::new(same.clone(), same, &["p95 regression < 10%".parse().unwrap()]);
    golden("same.txt", &same.terminal(&Look::default()));
    let none = read("none.json", &results(&[]));
    let none = Compared::new(none.clone(), none, &["p95 regression < 10%".parse().unwrap()]);
    golden("none.txt", &none.terminal(&Look::default()));
}

#[test]
fn every_line_fits() {
    for compared in [compared(&["p95 regression < 10%"]), doubtful()] {
        for width in [0, 1, 20, 40, 60, 80, 120] {
            let text = compared.terminal(&Look { width, ..Look::default() });
            for line in text.lines() {
                assert!(!line.chars().any(char::is_control) && line == line.trim_end(), "{line:?}");
                let columns = unicode_width::UnicodeWidthStr::width(line);
                // Narrower than a word and its indentation, nothing can be said at all.
                assert!(width < 20 || columns <= width, "{width}: {line}");
            }
        }
        assert!(!compared.markdown().chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn rules_decide_the_exit_code() {
    for (rules, code) in [
        (&[][..], 0),
        (&["get_time: p95 regression < 10%"], 0),
        (&["find: p95 regression < 10%"], 3),
        (&["failures increase < 0.5%", "p50 regression < 1ms"], 0),
        (&["get_time: p95 regression < 10%", "avg regression < 1%"], 3),
        // Nobody can say.
        (&["rare: failures increase < 1%"], 3),
        (&["gone: p95 regression < 10%"], 3),
    ] {
        let compared = compared(rules);
        assert_eq!(
            compared.verdict().exit_code(),
            code,
            "{rules:?} {}",
            compared.terminal(&Look::default())
        );
        let document: Value = serde_json::from_str(&compared.json()).unwrap();
        assert_eq!(document["exit_code"], code);
        assert_eq!(document["rules"].as_array().unwrap().len(), rules.len());
    }
}

#[test]
fn what_holds_no_results() {
    let good = results(&BEFORE);
    let with = |pointer: &str, value: Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document.to_string()
    };
    let text = good.to_string();
    for (json, expected) in [
        (String::new(), "is not JSON: EOF"),
        ("{\"schema\": ".to_owned(), "is not JSON"),
        (text[..text.len() / 2].to_owned(), "is not JSON"),
        ("Type,Name,Request Count".to_owned(), "is not JSON"),
        ("[]".to_owned(), "holds no results"),
        ("{}".to_owned(), "holds no results (no schema)"),
        ("{\"schema\": 1}".to_owned(), "holds no results (invalid type"),
        (
            with("/schema", json!("k6-summary")),
            "is laid out as \"k6-summary\", which is not \"katydid-results-1\"",
        ),
        (with("/schema", json!("katydid-results-2")), "use the Katydid that wrote it"),
        (with("/totals", json!({"requests": 1})), "missing field `failed`"),
        (with("/totals/failed", json!(1_000_000)), "1000000 of 54520 requests failed"),
        (with("/totals/response_time/stddev_us", json!(-1.0)), "less than 0"),
        (with("/totals/response_time/stddev_us", json!(null)), "invalid type: null"),
        (with("/labels/0/requests", json!(-1)), "holds no results"),
        (
            with("/labels/0/response_time/percentiles_us", json!({"high": 1})),
            "\"high\" is no percentile",
        ),
        (
            with("/labels/0/response_time/percentile_intervals_us", json!({"50": [1]})),
            "holds no results",
        ),
        (with("/series/0/requests", json!("many")), "holds no results"),
        ("[".repeat(100_000), "holds no results"),
    ] {
        let error = Document::read("b\n.json", json.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("\"b\\n.json\" ") && error.contains(expected), "{error}");
        assert!(!error.contains('\n'));
    }
    let long = with("/schema", json!("x\u{1b}".repeat(100_000)));
    let error = Document::read("a", long.as_bytes()).unwrap_err().to_string();
    assert!(error.len() < 600 && !error.contains('\u{1b}'), "what is quoted is bounded: {error}");
    assert!(Document::read("a", text.as_bytes()).is_ok());
    // What older files may not have.
    for optional in ["/warnings", "/versions", "/series"] {
        let mut document = good.clone();
        document.as_object_mut().unwrap().remove(&optional[1..]);
        assert!(Document::read("a", document.to_string().as_bytes()).is_ok(), "{optional}");
    }
}

#[test]
fn a_label_twice() {
    let mut document = results(&[("(other)", 10, 0, 900), ("(other)", 30, 0, 900)]);
    for _ in 0..2 {
        let read = read("a", &document);
        assert_eq!(
            read.measured.labels.values().map(|side| side.requests).collect::<Vec<_>>(),
            [30]
        );
        document["labels"].as_array_mut().unwrap().reverse();
    }
}

/// Whatever a file says, it is read or refused, and what was read can be told.
#[test]
fn files_of_others() {
    let small = [("a", 50, 3, 900), ("b", 7, 0, 10)];
    let mut good = results(&small);
    good["series"].as_array_mut().unwrap().truncate(14);
    let (good, other) = (good.to_string(), results(&[]).to_string());
    let rules =
        ["p95 regression < 10%".parse().unwrap(), "a: failures increase < 1%".parse().unwrap()];
    let tokens =
        ["\"", ":", ",", "null", "0", "-1", "1e308", "99999999999999999999", "{}", "[]", "\\u001b"];
    let mut dice = Rng::new(1);
    let mut taken = 0;
    for _ in 0..3_000 {
        let mut json = good.clone().into_bytes();
        dice.mutate(&mut json, other.as_bytes(), &tokens);
        match Document::read("odd.json", &json) {
            Ok(odd) => {
                taken += 1;
                let compared = Compared::new(odd, read("good.json", &results(&small)), &rules);
                let text = compared.terminal(&Look::default()) + &compared.markdown();
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
                assert!(serde_json::from_str::<Value>(&compared.json()).is_ok());
            }
            Err(error) => assert!(error.to_string().len() < 600, "{error}"),
        }
    }
    assert!(taken > 100, "{taken}");
}
