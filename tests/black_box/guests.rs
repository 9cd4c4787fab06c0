//! Guests that assert for themselves, and what the host says of those that break. Each guest of
//! `tests/guests` stands in a test of this package, or the last test here fails.

use katydid_tests::{Run, Target, guest, interrupt, katydid, number, root, run, text};
use std::collections::BTreeMap;
use std::process::Stdio;

fn quick(name: &str, args: &[&str]) -> (Run, usize) {
    let target = Target::start(&["--delay", "none"]);
    let run = run(&guest(name), &[&["-H", &target.url, "-r", "100", "-t", "10s"], args].concat());
    (run, target.stop().len())
}

/// (request type, name, good) → how often.
fn counted(run: &Run) -> BTreeMap<(String, String, bool), usize> {
    let mut counted = BTreeMap::new();
    for event in run.requests() {
        let good = event["event"] == "request_success";
        *counted.entry((text(&event["type"]), text(&event["name"]), good)).or_default() += 1;
    }
    counted
}

fn row(kind: &str, name: &str, good: bool, times: usize) -> ((String, String, bool), usize) {
    ((kind.to_owned(), name.to_owned(), good), times)
}

#[test]
fn a_scenario_says_everything_that_it_may() {
    let (run, received) = quick("says", &["-u", "3", "--param", "tenant=acme"]);
    let expected = BTreeMap::from([
        row("grpc", "pay.Charge", true, 3),
        row("grpc", "pay.Refund", false, 3),
        row("xmlrpc", "system.listMethods", true, 3),
    ]);
    assert_eq!(counted(&run), expected, "{}", run.err);
    assert_eq!(received, 3);
    let refund = run.all("request_failure").next().unwrap();
    assert_eq!(text(&refund["failure"]), "reported: out of funds");
    let took_ns = number(&refund["done_ns"]) - number(&refund["sent_ns"]);
    assert_eq!(took_ns, 2_500_000, "as the scenario reported it");
    for shown in ["has methods", "never true", "out of funds"] {
        assert!(run.out.contains(shown), "{shown} is not in {}", run.out);
    }
    // Control characters are gone, lines below the level too.
    assert!(run.err.contains("info: hello from [31m "), "{}", run.err);
    assert!(!run.err.contains("not shown"));
    assert_eq!(run.code, 1, "requests failed");
    assert_eq!(run.all("user_trapped").count() + run.all("iteration_failed").count(), 0);
}

#[test]
fn a_scenario_judges_its_calls() {
    let (run, received) = quick("judges", &["-u", "2"]);
    assert_eq!(run.all("iteration_failed").count(), 0, "{}", run.out);
    assert_eq!(run.all("user_trapped").count(), 0, "{}", run.out);
    let row = |name: &str, good, count| row("xmlrpc", name, good, count);
    let expected = BTreeMap::from([
        row("refused", false, 2),
        row("expected fault", true, 2),
        row("unjudged good", true, 2),
        row("unjudged bad", false, 2),
        row("forgotten", true, 2),
        // Two calls of each user that could not be sent.
        row("echo", false, 4),
    ]);
    assert_eq!(counted(&run), expected);
    assert_eq!(received, 10);
    assert_eq!(run.kinds()["rejected"], 4);
    assert_eq!(run.kinds()["judged"], 2);
}

#[test]
fn every_kind_of_value_goes_there_and_back() {
    let (run, received) = quick("echoes", &["-u", "1"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(received, 22);
}

/// Who takes nobody's place is given no state, and is not asked for its own when it ends.
#[test]
fn a_run_without_a_swap_keeps_no_state() {
    let (run, received) = quick("keeps_state", &["-u", "3", "-i", "5"]);
    assert_eq!((run.code, received), (0, 15), "{}\n{}", run.out, run.err);
    for (line, times) in [("began with no state", 3), ("stopped at 5", 3), ("resumed at", 0)] {
        assert_eq!(run.err.matches(line).count(), times, "{line}: {}", run.err);
    }
}

/// Servers that read nothing but the specification's types get nothing else.
#[test]
fn extensions_can_be_left_out() {
    let (run, _) = quick("echoes", &["-u", "1", "-i", "1", "--no-extensions"]);
    let failures: Vec<_> = run.all("request_failure").map(|e| text(&e["failure"])).collect();
    assert!(failures.iter().all(|failure| failure.starts_with("rejected: ")), "{failures:?}");
    for needed in ["i8", "nil"] {
        assert!(failures.iter().any(|failure| failure.contains(needed)), "{failures:?}");
    }
}

/// A multicall is one request; the calls inside are counted beside it, by method and fault.
#[test]
fn calls_inside_a_multicall_are_counted() {
    let (run, received) = quick("multicall", &["-u", "4"]);
    assert_eq!((run.code, received), (0, 4), "{}", run.out);
    assert_eq!(counted(&run), BTreeMap::from([row("xmlrpc", "system.multicall", true, 4)]));
    let section = run.out.split("Calls inside system.multicall").nth(1).unwrap();
    let rows: Vec<_> = section.lines().skip(2).take(3).map(str::trim).collect();
    assert!(rows.contains(&"4  echo            good"), "{rows:?}");
    assert!(rows.contains(&"4  get_time        good"), "{rows:?}");
    assert!(
        rows.iter().any(|row| row.starts_with("4  no.such.method  fault -32601: ")),
        "{rows:?}"
    );
}

/// Above 1,000 labels requests are counted together, all of them, and that is said.
#[test]
fn a_flood_of_labels_is_bounded_and_counted() {
    let (run, received) = quick("labels", &["-u", "1"]);
    assert_eq!((run.code, received), (0, 10), "{}", run.out);
    assert_eq!(run.requests().count(), 1_510);
    assert!(run.out.contains("510 requests are counted under (other)"), "{}", run.out);
    let total = run.out.lines().find(|line| line.contains("Aggregated")).unwrap();
    assert!(total.contains("1,510"), "{total}");
}

/// What a guest makes the host keep is bounded, and what it kept is still counted.
#[test]
fn judged_calls_cannot_be_hoarded() {
    let target = Target::start(&["--delay", "none"]);
    let run =
        run(&guest("hoards"), &["-H", &target.url, "-u", "1", "-t", "1s", "--max-held-calls", "7"]);
    let traps: Vec<_> = run.all("user_trapped").map(|event| text(&event["message"])).collect();
    assert!(!traps.is_empty());
    assert!(
        traps
            .iter()
            .all(|trap| trap.contains("limit of 7 judged calls held at a time (--max-held-calls)")),
        "{traps:?}"
    );
    assert_eq!(run.requests().count(), target.stop().len());
    assert_eq!(run.requests().count(), 7 * traps.len());
}

#[test]
fn a_scenario_ends_the_run() {
    let (run, _) = quick("stops", &["-u", "1"]);
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("the account is empty"), "{}", run.out);
}

/// Ctrl-C lets iterations under way end, reports and answers 130.
#[test]
fn ctrl_c_drains_and_reports() {
    let target = Target::start(&["--delay", "300ms"]);
    let mut child = katydid()
        .arg("run")
        .arg(guest("flood"))
        .args(["-H", &target.url, "-u", "5", "-r", "100"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    interrupt(&child);
    let status = child.wait().unwrap();
    let out = std::io::read_to_string(child.stdout.take().unwrap()).unwrap();
    assert_eq!(status.code(), Some(130), "{out}");
    assert!(out.contains("verdict: interrupted (exit code 130)"), "{out}");
    let log = target.stop();
    assert!(!log.is_empty() && log.iter().all(|line| line.outcome == "ok"), "not drained");
    assert!(out.contains(&format!("{} completed", log.len())), "{} in {out}", log.len());
}

#[test]
fn no_guest_is_without_a_test() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let tests: String = std::fs::read_dir(root().join("tests/black_box"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let manifest = read("tests/guests/Cargo.toml");
    for entry in std::fs::read_dir(root().join("tests/guests/guests")).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not built");
        let quoted = format!("(\"{name}\"");
        assert!(tests.contains(&quoted), "no test runs {name}");
    }
}
