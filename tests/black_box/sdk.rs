//! The Rust SDK: a scenario that uses everything of it, asserts for itself, and is counted here.

use katydid_tests::{Run, Target, number, run, sdk_guest, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A target that does wrong in each way that the scenario tells apart.
const RULES: [&str; 10] = [
    "--inject",
    "method get_random_number fault 4 out of stock",
    "--inject",
    "method get_time status 503",
    "--inject",
    "method system.listMethods stall 2s",
    "--inject",
    "method system.methodHelp drop",
    "--inject",
    "method system.methodSignature garbage",
];

fn against_a_bad_target(scenario: &Path, more: &[&str]) -> (Run, usize) {
    let target = Target::start(&[&["--delay", "none"], &RULES[..]].concat());
    let load = ["-H", &target.url, "-u", "10", "-r", "100", "-t", "20s", "--param", "tenant=acme"];
    let run = run(scenario, &[&load[..], more].concat());
    (run, target.stop().len())
}

#[test]
fn everything_that_the_sdk_offers_holds() {
    let built = ["wasm32-unknown-unknown", "wasm32-wasip2"].map(sdk_guest);
    assert!(built[0].is_some(), "run `./tests/run --guests` first");
    for scenario in built.into_iter().flatten() {
        let (run, received) = against_a_bad_target(&scenario, &[]);
        let errors: Vec<_> = run
            .all("user_trapped")
            .chain(run.all("iteration_failed"))
            .map(|event| format!("{}: {}", text(&event["place"]), text(&event["message"])))
            .collect();
        // What goes wrong on purpose, and nothing else.
        let expected = [
            "Panics.once: panicked",
            "Fails.in_each_way: fails on purpose",
            "Fails.in_each_way: expected a boolean, found the text \"x\"",
        ];
        assert_eq!(errors.len(), expected.len(), "{errors:#?}");
        for beginning in expected {
            assert!(errors.iter().any(|error| error.starts_with(beginning)), "{errors:#?}");
        }
        let panic = &errors[0];
        assert!(panic.contains("on purpose") && panic.contains("src/wrong.rs:"), "{panic}");
        counted(&run, received);
        assert_eq!(run.code, 1);
    }
}

fn counted(run: &Run, received: usize) {
    let mut labels: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for event in run.requests() {
        let counts = labels.entry(text(&event["name"])).or_default();
        match event["event"] == "request_success" {
            true => counts.0 += 1,
            false => counts.1 += 1,
        }
    }
    let expected = [
        ("accepted", (1, 0)),
        ("echo", (51, 2)),
        ("expected fault", (1, 0)),
        ("get_random_number", (0, 2)),
        ("get_time", (0, 1)),
        ("pay.Balance", (1, 0)),
        ("pay.Charge", (1, 0)),
        ("pay.Close", (0, 1)),
        ("pay.Refund", (0, 1)),
        ("refused", (0, 1)),
        ("system.listMethods", (0, 1)),
        ("system.methodHelp", (0, 1)),
        ("system.methodSignature", (0, 1)),
        ("unjudged", (1, 0)),
        ("unjudged fault", (0, 1)),
    ];
    let expected = expected.map(|(name, counts)| (name.to_owned(), counts));
    assert_eq!(labels, BTreeMap::from(expected));
    // An argument that no document can hold is told as a request that failed; it is not the wire's.
    let on_the_wire = |event: &&Value| event["type"] == "xmlrpc" && event["kind"] != "reported";
    let sent: u64 =
        run.requests().filter(on_the_wire).map(|event| number(&event["attempts"])).sum();
    assert_eq!(sent as usize, received, "the target received each try");
    assert!(run.out.contains("Checks"), "{}", run.out);
    for line in ["info: user 0 begins", "info: user 0 ends"] {
        assert!(run.err.contains(line), "{line} is not in {}", run.err);
    }
    assert!(!run.err.contains("debug: "), "{}", run.err);
}

#[test]
fn a_scenario_in_rust_ends_the_run() {
    let scenario = sdk_guest("wasm32-unknown-unknown").unwrap();
    let (run, _) = against_a_bad_target(&scenario, &["--param", "end=run"]);
    assert_eq!(run.code, 4, "{}", run.out);
    assert!(run.out.contains("the scenario has seen enough"), "{}", run.out);
}
