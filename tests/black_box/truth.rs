//! What we print must agree with the target's own log.

use katydid_tests::{Run, Target, guest, number, run, text};
use std::collections::HashMap;

const MIXED: &[&str] = &[
    "--delay",
    "none",
    "--threads",
    "1",
    "--inject",
    "ratio 0.5% fault 4 too many parameters",
    "--inject",
    "ratio 0.2% reset",
    "--inject",
    "ratio 0.2% garbage",
    "--inject",
    "ratio 0.1% truncate",
    "--inject",
    "ratio 0.1% cut",
    "--inject",
    "ratio 0.1% drop",
    "--inject",
    "ratio 0.2% status 500",
    "--inject",
    "ratio 0.02% stall 30ms",
    "--inject",
    "at 1s for 200ms stall",
];

/// The target's log = samples − never sent + retries, exactly; and for each request
/// sent ≤ received ≤ replied ≤ done, without any tolerance: one clock took all the stamps.
#[test]
fn the_targets_log_agrees_with_every_sample() {
    // Long enough for 100,000 requests on a slow machine; the count is asserted below.
    let mut made = 0;
    for seed in 1.. {
        let target = Target::start(MIXED);
        let args = ["-H", &target.url, "-u", "50", "-r", "1000", "-t", "8s", "--seed", "5"];
        let id_header = ["--request-id-header", "X-Request-Id"];
        let run = run(&guest("flood"), &[&args[..], &id_header[..]].concat());
        made += agree(&run, target);
        assert!(seed < 20, "this machine makes too few requests: {made} in {seed} runs");
        if made >= 100_000 {
            break;
        }
    }
}

fn agree(run: &Run, target: Target) -> usize {
    let log = target.stop();
    assert_eq!(run.code, 1, "failures were injected: {}", run.err);

    let mut samples = HashMap::new();
    let (mut unsent, mut retries) = (0, 0);
    for sample in run.requests() {
        let attempts = number(&sample["attempts"]);
        unsent += usize::from(attempts == 0);
        retries += usize::from(attempts > 1);
        let id = format!("{:016x}-{:016x}", number(&sample["user"]), number(&sample["request"]));
        assert!(samples.insert(id, sample).is_none(), "counted twice: {sample}");
    }
    assert_eq!(log.len() + unsent, samples.len() + retries, "log + never sent = samples + retries");
    let kinds = run.kinds();
    for kind in ["fault", "status", "protocol"] {
        assert!(kinds.contains_key(kind), "no {kind} among {kinds:?}");
    }
    // What breaks before its first byte is tried once more, and hardly ever breaks twice.
    assert!(retries > 0);

    let mut last = HashMap::new();
    for received in &log {
        let sample =
            samples.get(&received.id).unwrap_or_else(|| panic!("not counted: {received:?}"));
        assert!(received.received_ns <= received.replied_ns, "{received:?}");
        assert!(received.replied_ns <= number(&sample["done_ns"]), "{received:?} {sample}");
        last.insert(&received.id, received);
    }
    for (id, received) in last {
        let sample = samples[id];
        assert!(number(&sample["sent_ns"]) <= received.received_ns, "{received:?} {sample}");
        assert!(number(&sample["called_ns"]) <= number(&sample["sent_ns"]), "{sample}");
        assert_eq!(number(&sample["due_ns"]), number(&sample["called_ns"]), "closed: {sample}");
        let good = sample["event"] == "request_success";
        let well = matches!(received.outcome.as_str(), "ok" | "stall");
        assert_eq!(good, well, "{received:?} {sample}");
    }
    the_summary_says_the_same(run, samples.len());
    samples.len()
}

/// The numbers that a person reads are those of the events.
fn the_summary_says_the_same(run: &Run, samples: usize) {
    let failed = run.all("request_failure").count();
    let verdict = run.out.lines().find(|line| line.starts_with("verdict:")).unwrap();
    let digits = verdict.replace(',', "");
    assert!(digits.contains(&format!("{failed} of {samples} requests")), "{verdict}");
    for event in run.all("request_failure").take(50) {
        let failure = text(&event["failure"]);
        assert!(run.out.contains(&failure[..failure.len().min(20)]), "{failure} is not shown");
    }
}

/// A retry happens only on a kept connection that broke before any byte of the reply.
#[test]
fn a_stale_connection_is_tried_once_more_and_counted() {
    let target = Target::start(&["--delay", "none", "--inject", "every 10 drop"]);
    let run = run(
        &guest("flood"),
        &["-H", &target.url, "-u", "1", "-t", "1s", "--request-id-header", "X-Request-Id"],
    );
    let log = target.stop();
    let retried = run.requests().filter(|sample| number(&sample["attempts"]) == 2).count();
    let samples = run.requests().count();
    assert!(retried > 0);
    assert_eq!(log.len(), samples + retried);
    // Nine good ones follow each broken one, so the second try always succeeds.
    assert_eq!(run.code, 0, "{}", run.out);
}
