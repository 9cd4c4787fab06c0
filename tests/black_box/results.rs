//! Results as files, read by readers that are not ours and compared with the events of the same run.

use katydid_tests::{Run, Target, guest, katydid, output, python, root, run};
use serde_json::Value;
use std::path::Path;

/// What a script of `tests/peers` prints of a file.
fn read(script: &str, args: &[&Path]) -> Value {
    let mut command = python();
    let (code, out, err) = output(command.arg(root().join("tests/peers").join(script)).args(args));
    assert_eq!(code, 0, "{script}: {err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// A run in which much goes wrong, and its files in a folder of their own.
fn eventful(more: &[&str]) -> (Run, tempfile::TempDir) {
    let rules =
        ["--inject", "every 7 fault 4 out, of \"stock\"", "--inject", "every 11 status 503"];
    let target = Target::start(&[&["--delay", "0s..20ms"], &rules[..]].concat());
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("run").display().to_string();
    let json = folder.path().join("run.json").display().to_string();
    let load = ["-H", &target.url, "-u", "3", "-r", "100", "-t", "2.5s"];
    let files = ["--csv", &prefix, "--json", &json];
    let run = run(&guest("task_fails"), &[&load[..], &files, more].concat());
    let _ = target.stop();
    (run, folder)
}

#[test]
fn csv_and_json_agree_with_the_events() {
    let (run, folder) = eventful(&[]);
    let schema = root().join("host/schema/results-1.json");
    let csv = read("read_csv.py", &[&folder.path().join("run")]);
    let json = read("read_json.py", &[&folder.path().join("run.json"), &schema]);
    let failed = run.all("request_failure").count();
    let errors = run.all("iteration_failed").chain(run.all("user_trapped")).count();
    assert!(failed > 10 && errors > 10, "{}", run.out);
    for summary in [&csv, &json] {
        assert_eq!(summary["requests"], run.requests().count(), "{summary}");
        assert_eq!(summary["failed"], failed, "{summary}");
        assert_eq!(summary["errors"], errors, "{summary}");
    }
    for same in ["labels", "failures"] {
        assert_eq!(csv[same], json[same]);
    }
    // The last row of the history is the whole run.
    assert_eq!(csv["last_second"]["requests"], csv["requests"], "{csv}");
    assert_eq!(
        (&csv["full_history"], &json["verdict"]),
        (&Value::Bool(false), &"requests_failed".into())
    );
}

#[test]
fn the_history_may_have_each_label() {
    let (_, folder) = eventful(&["--csv-full-history", "--quiet"]);
    let csv = read("read_csv.py", &[&folder.path().join("run")]);
    assert_eq!(csv["full_history"], true, "{csv}");
}

#[test]
fn quiet_is_quiet_and_json_may_go_to_standard_output() {
    let target = Target::start(&["--delay", "none"]);
    let mut command = katydid();
    command.arg("run").arg(guest("says")).args(["-H", &target.url, "-t", "2s", "--quiet"]);
    command.args(["--param", "tenant=acme"]);
    let (code, out, err) = output(&mut command);
    assert_eq!((code, out.as_str(), err.as_str()), (1, "", ""));
    let (code, out, _) = output(command.args(["--json", "-"]));
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["verdict"]["exit_code"]), (1, &Value::from(1)));
    let _ = target.stop();
}

#[test]
fn files_that_cannot_be_written_are_told_before_the_run() {
    let mut command = katydid();
    command.arg("run").arg(guest("says")).args(["-H", "http://127.0.0.1:1/"]);
    let missing =
        ["--csv", "/nowhere/run", "--json", "/nowhere/run.json", "--events", "/nowhere/e"];
    let (code, out, err) = output(command.args(missing));
    assert_eq!((code, out.as_str()), (2, ""));
    for file in ["run_stats.csv", "run_failures.csv", "run.json", "/nowhere/e\""] {
        assert!(err.contains(file), "{file} is not in {err}");
    }
    // A full disk is told at the end, after the summary.
    let target = Target::start(&["--delay", "none"]);
    let mut command = katydid();
    command.arg("run").arg(guest("flood")).args(["-H", &target.url, "-t", "1s"]);
    let (code, out, err) = output(command.args(["--json", "/dev/full"]));
    assert_eq!(code, 5, "{err}");
    assert!(out.contains("verdict: passed"), "{out}");
    assert!(err.contains("cannot write the results: No space left"), "{err}");
    let _ = target.stop();
}

/// A run is held against an earlier one, whose file it may write anew.
#[test]
fn a_baseline_decides_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json").display().to_string();
    let against = |inject: &[&str], more: &[&str]| {
        let target = Target::start(&[&["--delay", "none"], inject].concat());
        let load = ["-H", &target.url, "-u", "2", "-r", "100", "-i", "100", "--seed", "1"];
        let run = run(&guest("flood"), &[&load[..], &["--json", &file], more].concat());
        let _ = target.stop();
        run
    };
    let rule = ["--baseline", &file, "--baseline-threshold", "failures increase < 1%"];
    assert_eq!(against(&[], &[]).code, 0);
    let same = against(&[], &rule);
    assert_eq!(same.code, 0, "{}", same.out);
    assert!(same.out.contains("failures increase < 1%"), "{}", same.out);
    let worse = against(&["--inject", "every 2 fault 1 no"], &rule);
    assert_eq!(worse.code, 3, "{}", worse.out);
    assert!(worse.out.contains("this run"), "{}", worse.out);
    let missing = against(&[], &["--baseline", "/nowhere/before.json"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("--baseline: cannot read \"/nowhere/before.json\""),
        "{}",
        missing.err
    );
}
