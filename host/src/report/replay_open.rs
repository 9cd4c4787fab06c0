//! Runs that never were, of the open model and of several scenarios, with a scenario's own metrics,
//! thresholds, and failures that were kept whole.
use super::replay::{BEGAN_NS, MS, ODD_NAME, Replay, digest, info};
use super::{RunInfo, ScenarioInfo};
use katydid_load::evidence::{Evidence, Excerpt, MAX_BYTES};
use katydid_load::metric::Recorded;
use katydid_load::{
    Failure, Holds, Label, Share, Snapshot, Stage, SwapStep, ThresholdState, Warning,
};
use std::sync::Arc;

/// What stands in a page and must not be read as one.
pub(super) const MARKUP: &str = "</script><img src=x onerror=\"alert('1')\">&amp;";

/// The run of [`open`].
pub(super) fn arrivals_info() -> RunInfo {
    let scenario = ScenarioInfo {
        load: "40 arrivals/s, at most 5 users".to_owned(),
        peak_users: 5,
        open: true,
        parameters: vec![("tenant".into(), "acme".into()), ("note".into(), MARKUP.into())],
        ..info().scenarios.remove(0)
    };
    RunInfo { scenarios: vec![scenario], run_time_ns: Some(6_000 * MS), ..info() }
}

/// Six seconds of forty arrivals each; the target stalls in the fourth, so that nobody is free.
pub(super) fn open() -> Vec<Snapshot> {
    let mut run = Replay::default();
    let busy = Failure::Fault { code: 4, message: format!("no {MARKUP}") };
    run.publish(0, 0, Stage::Spawning);
    for second in 0..6_u64 {
        let stalled = second == 3;
        for i in 0..if stalled { 5 } else { 40_u64 } {
            let slow = if stalled { 900_000 } else { 2_000 + i * 90 };
            let outcome = if i % 9 == 4 { Err(&busy) } else { Ok(()) };
            let name = if i % 4 == 3 { ODD_NAME } else { "get_time" };
            run.request(name, second * 1_000 + i * 25, [slow, slow + 150 + i], outcome);
            let at_ns = BEGAN_NS + (second * 1_000 + i * 25) * MS;
            let second = run.second();
            second.arrivals.lateness.record(120 + i * 2);
            second.record_metric("basket value", Recorded::Trend(1_990 + i * 35), at_ns);
            second.record_metric("basket full", Recorded::Rate(i % 3 == 0), at_ns);
            second.record_metric("queue", Recorded::Gauge(i as f64 / 2.0), at_ns);
            second.record_metric("sold", Recorded::Counter(i), at_ns);
            second.record_check("sum is right", i != 7);
            second.iterations += 1;
        }
        let arrivals = &mut run.second().arrivals;
        arrivals.scheduled = 40;
        arrivals.started = arrivals.lateness.count();
        arrivals.dropped = arrivals.scheduled - arrivals.started;
        run.publish((second + 1) * 1_000 * MS, 5, Stage::Running);
    }
    run.publish(6_004 * MS, 0, Stage::Finished);
    if let Some(last) = run.snapshots.last_mut() {
        last.warnings = vec![Warning::ArrivalsDropped { dropped: 35, scheduled: 240 }];
        last.thresholds = thresholds();
        last.evidence = evidence();
    }
    run.snapshots
}

fn thresholds() -> Vec<ThresholdState> {
    let state = |rule: &str, holds, value: &str, aborts| ThresholdState {
        rule: rule.to_owned(),
        holds,
        value: value.to_owned(),
        aborts,
    };
    vec![
        state("get_time: p95 < 200ms", Holds::Yes, "5.31 ms", false),
        state("failures < 1%", Holds::No, "12.2 %", true),
        state(&format!("checks{{{MARKUP}}} >= 99%"), Holds::Unknown, "no such check ran", false),
    ]
}

fn evidence() -> Vec<Arc<Evidence>> {
    let label = Label { request_type: "xmlrpc".into(), name: "get_time".into() };
    let reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version='1.0'?>\r\n<methodResponse>\
                  <fault>\x1b[2J</script><!--</fault></methodResponse>";
    let first = Evidence {
        label: label.clone(),
        failure: Failure::Fault { code: 4, message: format!("no {MARKUP}") },
        version: 1,
        user: 3,
        iteration: 1_204,
        number: 1_207,
        due_ns: BEGAN_NS + 102 * MS,
        called_ns: BEGAN_NS + 102 * MS + 131_000,
        sent_ns: Some(BEGAN_NS + 102 * MS + 145_000),
        done_ns: BEGAN_NS + 104 * MS,
        request: Excerpt::of(
            b"<?xml version=\"1.0\"?><methodCall><methodName>get_time</methodName></methodCall>",
        ),
        reply: Excerpt::of(reply),
    };
    let second = Evidence {
        user: 4,
        sent_ns: None,
        request: Excerpt { bytes: Box::default(), length: 0 },
        reply: Excerpt { bytes: b"\x1f\x8b\x08\x00".as_slice().into(), length: MAX_BYTES + 5 },
        ..first.clone()
    };
    let other = Evidence {
        label: Label { name: ODD_NAME.into(), ..label },
        failure: Failure::Status(503),
        ..first.clone()
    };
    [other, first, second].map(Arc::new).into()
}

/// The run of [`several`].
pub(super) fn several_info() -> RunInfo {
    let browse = ScenarioInfo { name: "browse".to_owned(), ..info().scenarios.remove(0) };
    let checkout = ScenarioInfo {
        name: "check\u{1b}out".to_owned(),
        file: "checkout.wat".to_owned(),
        host: "https://pay.example/".to_owned(),
        digest: digest(2).into(),
        iterations: Some(10),
        ..arrivals_info().scenarios.remove(0)
    };
    RunInfo { scenarios: vec![browse, checkout], run_time_ns: None, seed: 7 }
}

/// Two scenarios side by side, one of them open; with `swapped` a canary of the second one.
pub(super) fn several(swapped: bool) -> Vec<Snapshot> {
    let mut run = Replay::default();
    run.begin(2, 0);
    run.of_scenario(1);
    for second in 0..4_u64 {
        if second == 2 && swapped {
            run.mark(3, 2_100, SwapStep::Started { share: Share::ALL });
            run.begin(3, 2_100);
            run.of_scenario(1);
        }
        let checkout = if second >= 2 && swapped { 3 } else { 2 };
        for i in 0..100 {
            let at_ms = second * 1_000 + i * 10;
            run.on(1, 3).request("get_time", at_ms, [700 + i, 702 + i], Ok(()));
            run.on(checkout, 2).request("pay", at_ms, [9_000 + i * 9, 9_500 + i * 9], Ok(()));
            let arrivals = &mut run.second().arrivals;
            arrivals.scheduled += 1;
            arrivals.started += 1;
            arrivals.lateness.record(40 + i);
        }
        run.publish((second + 1) * 1_000 * MS, 5, Stage::Running);
    }
    if let Some(last) = run.snapshots.last_mut() {
        last.stage = Stage::Finished;
        last.marks.iter_mut().for_each(|mark| mark.scenario = 1);
    }
    run.snapshots
}
