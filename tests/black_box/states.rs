//! In each language a user takes its state along into another version of its scenario, and nothing is lost.

use katydid_tests::{Live, Target, katydid, number, output, root};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The scenario of each language, and the file of it that says which version it is.
const SCENARIOS: &[(&str, &str)] = &[
    ("c/keeps.c", "keeps.c"),
    ("go/keeps", "main.go"),
    ("javascript/keeps.js", "keeps.js"),
    ("python/keeps.py", "keeps.py"),
];
const USERS: u64 = 3;
/// Longest that what must come is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_state_outlives_its_module_in_each_language() {
    for (scenario, named) in SCENARIOS {
        let built = |version| build(&root().join("tests/languages").join(scenario), named, version);
        takes_its_state_along(scenario, [built("v1"), built("v2")]);
    }
}

/// A version of a scenario, as a component. Its sources always lie in the same place: what was built of them once
/// is found again.
fn build(scenario: &Path, named: &str, version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("states").join(named);
    let sources = folder.join(version);
    std::fs::create_dir_all(&sources).unwrap();
    let files = if scenario.is_dir() { scenario } else { scenario.parent().unwrap() };
    let from = std::fs::read_to_string(files.join(named)).unwrap();
    assert_eq!(from.matches("\"v1\"").count(), 1, "{named} says once which version it is");
    std::fs::write(sources.join(named), from.replace("\"v1\"", &format!("{version:?}"))).unwrap();
    if let Ok(module) = std::fs::read_to_string(scenario.join("go.mod")) {
        let sdk = root().join("guest-sdk");
        let module = module.replace("../../../../guest-sdk", sdk.to_str().unwrap());
        std::fs::write(sources.join("go.mod"), module).unwrap();
    }
    let component = folder.join(version).with_extension("wasm");
    let mut command = katydid();
    command.arg("build").arg(&sources).arg("-o").arg(&component);
    let (code, _, err) = output(&mut command);
    assert_eq!(code, 0, "{err}");
    component
}

/// How many calls there were of each user in each version, as far as is written.
fn calls(events: &Path) -> BTreeMap<(u64, u64), u64> {
    let mut calls = BTreeMap::new();
    let text = std::fs::read_to_string(events).unwrap();
    let whole = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for event in whole.filter(|event| event["event"] == "request_success") {
        *calls.entry((number(&event["user"]), number(&event["version"]))).or_default() += 1;
    }
    calls
}

fn takes_its_state_along(what: &str, [first, second]: [PathBuf; 2]) {
    let target = Target::start(&["--delay", "none"]);
    let api = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    let users = USERS.to_string();
    let load = ["-H", &target.url, "-u", &users, "-r", "100", "--no-rollback"];
    let more = ["--request-id-header", "X-Request-Id", "--events", events.to_str().unwrap()];
    let mut live = Live::start(&first, &[&load[..], &more, &["--api", &api]].concat());
    live.wait_for("requests (");
    let put = |path: &Path| {
        let mut command = Command::new("curl");
        command.args(["-sSf", "-X", "PUT", "-H", "Content-Type: application/wasm"]);
        command.arg("--data-binary").arg(format!("@{}", path.display()));
        output(command.arg(format!("http://{api}/v1/scenario")))
    };
    let (code, out, err) = put(&second);
    assert_eq!(code, 0, "{what}: {out} {err}");
    live.wait_for("v2 has all users");
    // What has happened is written once a second.
    let began = Instant::now();
    while (0..USERS).any(|user| !calls(&events).contains_key(&(user, 2))) {
        assert!(began.elapsed() < PATIENCE, "{what}: no calls of v2: {}", live.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, err) = live.stop();
    assert_eq!(code, 130, "{what}: {err}");

    // What each user said, against what was counted of it.
    let calls = calls(&events);
    assert_eq!(target.stop().len() as u64, calls.values().sum::<u64>(), "{what}: none is lost");
    let text = std::fs::read_to_string(events).unwrap();
    for bad in ["request_failure", "user_trapped", "iteration_failed", "rolled_back"] {
        assert!(!text.contains(bad), "{what}, {bad}: {err}");
    }
    for user in 0..USERS {
        let [of_first, of_second] = [1, 2].map(|version| calls.get(&(user, version)).copied());
        let (before, after) = (of_first.unwrap_or(0), of_second.unwrap_or(0));
        assert!(before > 0 && after > 0, "{what}: {calls:?}");
        let said: Vec<_> =
            err.lines().filter_map(|l| l.strip_prefix(&format!("[user {user}] info: "))).collect();
        let expected = [
            "v1 began".to_owned(),
            format!("v2 goes on after {before}, saved by v1"),
            format!("v2 stopped after {}", before + after),
        ];
        assert_eq!(said, expected, "{what}: {err}");
    }
}
