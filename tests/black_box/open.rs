//! The load model: users by stages, arrivals, thresholds, files of samples.

use katydid_tests::{Run, Target, guest, number, output, python, root, run, text};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn wat() -> std::path::PathBuf {
    root().join("scripts/wat/api_user.wat")
}

/// Runs it with results as JSON.
fn results(target: &Target, args: &[&str]) -> (Run, Value) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let common = ["-H", &target.url, "--json", path];
    let run = run(&wat(), &[&common[..], args].concat());
    let text = std::fs::read_to_string(file.path()).unwrap();
    (run, serde_json::from_str(&text).unwrap())
}

fn arrivals(document: &Value) -> [u64; 3] {
    let arrivals = &document["arrivals"];
    ["scheduled", "started", "dropped"].map(|name| number(&arrivals[name]))
}

/// Every arrival is a request that the target has seen, or was dropped and is said to be.
#[test]
fn arrivals_are_started_or_dropped_and_the_target_agrees() {
    let target = Target::start(&["--delay", "50ms"]);
    // 3 users of 50 ms serve 60 per second.
    let args = ["--arrivals", "200/s", "-u", "3", "--max-vus", "3", "-t", "3s"];
    let (run, document) = results(&target, &args);
    let [scheduled, started, dropped] = arrivals(&document);
    assert_eq!(scheduled, 600, "{}", run.out);
    assert_eq!(scheduled, started + dropped);
    assert!(dropped > 300, "{dropped}");
    assert_eq!(target.stop().len() as u64, started);
    assert_eq!(run.requests().count() as u64, started);
    assert!(run.out.contains("dropped"), "{}", run.out);
    // Response times begin when a request was due.
    for request in run.requests() {
        assert!(number(&request["due_ns"]) <= number(&request["called_ns"]), "{request}");
    }
}

/// A target that freezes: service times do not show who waited for it to thaw, response times do.
#[test]
fn a_stall_is_in_the_response_times_of_those_who_arrived_in_it() {
    let target = Target::start(&["--delay", "none", "--inject", "at 2s for 1s stall"]);
    let args = ["--arrivals", "100/s", "-u", "10", "--max-vus", "200", "-t", "5s"];
    let (run, document) = results(&target, &args);
    let [scheduled, started, dropped] = arrivals(&document);
    assert_eq!((scheduled, started, dropped), (500, 500, 0), "{}", run.out);
    // A hundred arrivals were due in the stall, and waited for half of it on average.
    let waited = |event: &&Value| number(&event["done_ns"]) - number(&event["due_ns"]) > 50_000_000;
    let waited = run.requests().filter(waited).count();
    assert!((80..=110).contains(&waited), "{waited}");
}

/// (arguments, exit code, what the summary says)
#[test]
fn thresholds_decide() {
    let target = Target::start(&["--delay", "none", "--inject", "every 10 fault"]);
    let table: &[(&[&str], i32, &str)] = &[
        (&["--threshold", "p95 < 5s"], 1, "held"),
        (&["--threshold", "failures < 1%"], 3, "breached"),
        (&["--threshold", "get_time: failures < 50%", "--threshold", "requests > 10"], 1, "held"),
        // A rule about what never happens guards nothing.
        (&["--threshold", "get_tiem: p95 < 5s"], 3, "get_tiem"),
    ];
    for (args, code, words) in table {
        let common = ["-H", &target.url, "-u", "5", "-r", "100", "-i", "10"];
        let run = run(&wat(), &[&common[..], args].concat());
        assert_eq!(run.code, *code, "{args:?}: {}", run.out);
        assert!(run.out.contains(words), "{args:?}: {}", run.out);
    }
}

/// The guest calls methods that have the class's name: what a class has counted can be told from the labels.
#[test]
fn a_threshold_may_be_about_one_class() {
    let target = Target::start(&["--delay", "none"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("results.json");
    let classes = ["light", "heavy", "paced", "nobody"];
    let rules = classes.map(|class| format!("class {class}: requests > 0"));
    let mut args = vec!["-H", &target.url, "-u", "12", "-r", "1000", "-i", "9", "--json"];
    args.push(file.to_str().unwrap());
    rules.iter().for_each(|rule| args.extend(["--threshold", rule]));
    let run = run(&guest("classes"), &args);
    assert_eq!(run.code, 3, "{}", run.out);
    let results: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    for (place, class) in classes.iter().enumerate() {
        let of_class = |event: &&Value| text(&event["name"]).starts_with(&format!("{class}."));
        let threshold = &results["thresholds"][place];
        match run.requests().filter(of_class).count() {
            0 => {
                assert_eq!(threshold["value"], "no user of the class \"nobody\" has done anything")
            }
            counted => assert_eq!(threshold["value"], counted.to_string(), "{class}"),
        }
    }
}

#[test]
fn a_breach_ends_the_run_after_its_delay() {
    let target = Target::start(&["--delay", "none", "--inject", "every 2 fault"]);
    let args = ["-H", &target.url, "-u", "5", "-r", "100", "-t", "60s"];
    let abort = ["--abort-unless", "failures < 1%", "--abort-delay", "1s"];
    let run = run(&wat(), &[&args[..], &abort].concat());
    assert_eq!(run.code, 3, "{}", run.out);
    let stopping = run.all("run_stopping").next().unwrap();
    assert_eq!(
        (text(&stopping["reason"]), text(&stopping["message"])),
        ("threshold".into(), "failures < 1%".into())
    );
    let finished = run.all("run_finished").next().unwrap();
    assert!(number(&finished["elapsed_ns"]) < 30_000_000_000, "{finished}");
}

/// Percentiles of the summary against an exact sort of the samples, by a reader that is not ours.
#[test]
fn percentiles_agree_with_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (csv, json) = (path("samples.csv"), path("results.json"));
    let target = Target::start(&["--delay", "0ms..20ms"]);
    let args = [
        "-H",
        &target.url,
        "-u",
        "50",
        "-r",
        "1000",
        "-t",
        "4s",
        "--samples",
        &csv,
        "--json",
        &json,
    ];
    let run = run(&wat(), &args);
    assert_eq!(run.code, 0, "{}", run.out);
    let check = root().join("tests/peers/percentiles.py");
    let (code, out, err) = output(python().arg(check).args([&csv, &json]));
    assert_eq!(code, 0, "{out}{err}");
}

/// The same seed makes the same calls with the same rows, on any number of shards.
#[test]
fn a_seed_repeats_calls() {
    let target = Target::start(&["--delay", "none"]);
    let calls = |shards: &str| {
        let args = ["-H", &target.url, "-u", "7", "-r", "1000", "--seed", "11", "--shards", shards];
        let run = run(&wat(), &[&args[..], &["--shared-iterations", "100"]].concat());
        assert_eq!(run.code, 0, "{}", run.out);
        let mut calls: Vec<_> = run
            .requests()
            .map(|event| format!("{} {} {}", event["user"], event["iteration"], event["name"]))
            .collect();
        calls.sort();
        calls
    };
    let one = calls("1");
    assert_eq!(one.len(), 100);
    assert_eq!(one, calls("4"));
}

/// The files for people and for CI are what they say they are.
#[test]
fn pages_and_junit_are_well_formed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, junit) = (path("page.html"), path("junit.xml"));
    let target = Target::start(&[
        "--delay",
        "none",
        "--inject",
        "every 5 fault 4 <script>alert(1)</script>",
    ]);
    let args = ["-H", &target.url, "-u", "5", "-r", "100", "-t", "3s", "--show-failures"];
    let files = ["--html", &html, "--junit", &junit, "--threshold", "failures < 1%"];
    let run = run(&wat(), &[&args[..], &files].concat());
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("<methodCall>"), "whole exchanges: {}", run.out);
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(!page.contains("<script>alert"), "text of others is no markup");
    for forbidden in ["http-equiv=\"refresh\"", "src=\"http", "href=\"http"] {
        assert!(!page.contains(forbidden), "needs the network: {forbidden}");
    }
    let check = "import sys, xml.dom.minidom as x; d = x.parse(sys.argv[1]).documentElement; \
                 assert d.tagName == 'testsuites' and int(d.getAttribute('failures')) >= 1, d.toxml()";
    let (code, out, err) = output(python().args(["-c", check, &junit]));
    assert_eq!(code, 0, "{out}{err}");
    assert!(Path::new(&html).metadata().unwrap().len() < 5_000_000);
    opens_in_a_browser(&html);
}

/// A browser shows the page: its script comes to its end, and nothing is complained about.
fn opens_in_a_browser(html: &str) {
    let profile = tempfile::tempdir().unwrap();
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]);
    chromium.arg(format!("--user-data-dir={}", profile.path().display()));
    chromium.args(["--dump-dom", &format!("file://{html}")]);
    let (code, shown, complaints) = output(&mut chromium);
    assert_eq!(code, 0, "{complaints}");
    assert!(shown.contains("data-script=\"ready\""), "the script has stopped: {complaints}");
    let console: Vec<_> = complaints.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:?}");
}
