//! A target that is down: every call is counted, and the run recovers by itself.

use katydid_tests::{Target, guest, number, run, text};
use std::net::TcpListener;

/// The original fires nothing at all when the server is down.
#[test]
fn calls_to_a_target_that_is_down_are_failures_each_counted() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = run(&guest("flood"), &["-H", &format!("http://{free}/"), "-u", "3", "-t", "1s"]);
    assert_eq!(run.code, 1);
    let failures: Vec<_> = run.all("request_failure").collect();
    assert!(failures.len() > 10);
    assert_eq!(run.all("request_success").count(), 0);
    for failure in &failures {
        assert_eq!(text(&failure["failure"]), "transport: connection refused");
        assert_eq!(number(&failure["attempts"]), 0);
    }
    // Each user counts its calls from 0 without a gap: none was attempted and not counted.
    for user in 0..3 {
        let mut numbers: Vec<_> = failures
            .iter()
            .filter(|failure| number(&failure["user"]) == user)
            .map(|failure| number(&failure["request"]))
            .collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "user {user}");
    }
    assert!(run.out.contains("connection refused"), "{}", run.out);
}

#[test]
fn a_target_that_comes_back_is_used_again() {
    let script = ["--delay", "1ms", "--inject", "at 1s for 1s down"];
    let target = Target::start(&script);
    let run = run(
        &guest("flood"),
        &[
            "-H",
            &target.url,
            "-u",
            "5",
            "-r",
            "100",
            "-t",
            "4s",
            "--request-id-header",
            "X-Request-Id",
        ],
    );
    let log = target.stop();
    let refused: Vec<_> = run
        .all("request_failure")
        .filter(|event| text(&event["failure"]).contains("refused"))
        .map(|event| number(&event["done_ns"]))
        .collect();
    assert!(!refused.is_empty());
    let last_refused = refused.iter().max().unwrap();
    for user in 0..5 {
        let recovered = run.all("request_success").any(|event| {
            number(&event["user"]) == user && number(&event["done_ns"]) > *last_refused
        });
        assert!(recovered, "user {user} did not recover");
    }
    let unsent = run.requests().filter(|event| number(&event["attempts"]) == 0).count();
    let retries = run.requests().filter(|event| number(&event["attempts"]) == 2).count();
    // What was on its way when the target went down may be cut off before it was read whole.
    let samples = run.requests().count();
    assert!(log.len() + unsent <= samples + retries);
    assert!(log.len() + unsent + 10 >= samples + retries);
}

#[test]
fn time_outs_say_which() {
    let cases = [
        (&["--delay", "10s"][..], &["--first-byte-timeout", "100ms"][..], "timeout: first byte"),
        (&["--delay", "10s"], &["--timeout", "100ms"], "timeout: total"),
    ];
    for (target, args, expected) in cases {
        let target = Target::start(target);
        let load = ["-H", &target.url, "-u", "1", "-t", "1s"];
        let run = run(&guest("flood"), &[&load[..], args].concat());
        let failures: Vec<_> = run.all("request_failure").collect();
        assert!(failures.len() >= 3, "{}", failures.len());
        for failure in failures {
            assert_eq!(text(&failure["failure"]), expected);
            let took_ns = number(&failure["done_ns"]) - number(&failure["called_ns"]);
            assert!(took_ns >= 100_000_000, "it struck early: {took_ns}");
        }
    }
}

/// Requests under way when the grace is over are answered `interrupted`, and counted.
#[test]
fn a_run_that_is_cut_counts_what_was_under_way() {
    let target = Target::start(&["--delay", "60s"]);
    let run = run(
        &guest("flood"),
        &["-H", &target.url, "-u", "4", "-r", "100", "-t", "1s", "--graceful-stop", "300ms"],
    );
    assert_eq!(run.kinds().get("interrupted"), Some(&4), "{:?}", run.kinds());
    assert_eq!(run.requests().count(), 4);
    assert!(run.out.contains("4 interrupted"), "{}", run.out);
}
