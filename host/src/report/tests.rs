//! Runs that never were, and what is reported of them.
use super::golden::{assert_tidy, golden, strip_colors, wide};
use super::{RunInfo, ScenarioInfo, Style, live, summary};
use katydid_load::{
    Connections, Counts, ErrorKind, Failure, Label, LabelId, Labels, Phase, Sample, ShardState,
    Snapshot, Stage, StopReason, Verdict, VersionState, Warning, Window,
};
use std::sync::Arc;

const S: u64 = 1_000_000_000;
/// Clocks do not begin at 0 when a run does.
const BEGAN: u64 = 77 * S;

fn info() -> RunInfo {
    let scenario = ScenarioInfo {
        name: "api_user".to_owned(),
        file: "api_user.wat".to_owned(),
        host: "http://127.0.0.1:8877/".to_owned(),
        digest: "4f2a91c07b3e5d6811".repeat(3),
        load: "50 users, 10 started per second".to_owned(),
        peak_users: 50,
        open: false,
        iterations: None,
        parameters: Vec::new(),
    };
    RunInfo { scenarios: vec![scenario], run_time_ns: Some(60 * S), seed: 42 }
}

/// A run under construction: time passes as requests are recorded.
#[derive(Default)]
struct Run {
    labels: Labels,
    total: Window,
    window: Window,
    warnings: Vec<Warning>,
}

impl Run {
    /// Records a request that was done so many milliseconds into the run.
    fn request(&mut self, name: &str, at_ms: u64, took_us: u64, outcome: Result<(), &Failure>) {
        let label = self.labels.intern("xmlrpc", name);
        self.sample(label, at_ms, [took_us, took_us + 2], outcome);
    }

    /// Records a request by its label and its two times, service and response.
    fn sample(
        &mut self,
        label: LabelId,
        at_ms: u64,
        [service_us, response_us]: [u64; 2],
        outcome: Result<(), &Failure>,
    ) {
        let done_ns = BEGAN + at_ms * 1_000_000 + response_us * 1_000;
        let sample = Sample {
            label,
            version: 1,
            user: 0,
            iteration: 0,
            number: 0,
            due_ns: done_ns - response_us * 1_000,
            called_ns: done_ns - response_us * 1_000,
            sent_ns: done_ns - service_us * 1_000,
            done_ns,
            bytes_sent: 230,
            bytes_received: 345,
            attempts: 1,
            outcome,
        };
        self.total.record(&sample);
        if at_ms >= 58_000 {
            self.window.record(&sample);
        }
    }

    fn snapshot(self, stage: Stage) -> Snapshot {
        let users = if stage == Stage::Finished { 0 } else { 50 };
        let (window, total) = (Arc::new(self.window), Arc::new(self.total));
        let only = VersionState {
            number: 1,
            scenario: 0,
            digest: info().scenarios[0].digest.as_str().into(),
            began_ns: BEGAN,
            users,
            counts: Counts::of(&total),
            window: Arc::clone(&window),
            total: Some(Arc::clone(&total)),
        };
        Snapshot {
            began_ns: BEGAN,
            elapsed_ns: 59 * S + 40_000_000,
            users,
            stage,
            window,
            total,
            labels: self.labels.all().to_vec(),
            warnings: self.warnings,
            connections: Connections {
                opened: 57,
                reused: 5_040,
                full_handshakes: 50,
                resumed_handshakes: 7,
                redirects: 0,
                lookups: 1,
            },
            shards: vec![
                ShardState { busy_share: 0.12, most_busy_share: 0.5, mean_busy_share: 0.11 },
                ShardState { busy_share: 0.344, most_busy_share: 0.934, mean_busy_share: 0.4 },
            ],
            seconds: 59,
            versions: vec![only],
            ..Snapshot::default()
        }
    }
}

/// Two labels, as the demo has them; every 90th `get_time` fails.
fn typical() -> Run {
    let mut run = Run::default();
    let failure = Failure::Fault { code: 4, message: "too many parameters".to_owned() };
    for i in 0..3_400_u64 {
        let outcome = if i % 90 == 0 { Err(&failure) } else { Ok(()) };
        run.request("get_time", i * 59_000 / 3_400, 640 + i * 7 % 900 + i / 3_300 * i, outcome);
    }
    for i in 0..1_700_u64 {
        run.request("get_random_number", i * 59_000 / 1_700, 980 + i * 13 % 4_000, Ok(()));
    }
    run.total.iterations = 5_100;
    run.total.interrupted_iterations = 3;
    run
}

/// Something of everything.
fn everything() -> Run {
    let mut run = typical();
    let label = run.labels.intern("grpc", "shop.v1.Basket/Add");
    let failures = [
        Failure::Timeout(Phase::FirstByte),
        Failure::Status(503),
        Failure::Transport("connection reset by peer (os error 104)\r\n\u{1b}[2J".to_owned()),
        Failure::Protocol(format!("not XML: {}", "<html><body>Bad gateway ".repeat(8))),
    ];
    for i in 0..400_u64 {
        let outcome = failures.get(i as usize % 12).map_or(Ok(()), Err);
        // This client queues: what users suffer is not what the target took.
        run.sample(label, 100 + i * 140, [9_000 + i * 20, 14_000 + i * 60], outcome);
    }
    let never_sent = Sample {
        label,
        version: 1,
        user: 0,
        iteration: 0,
        number: 0,
        due_ns: BEGAN,
        called_ns: BEGAN + 3_000,
        sent_ns: 0,
        done_ns: BEGAN + 9_000,
        bytes_sent: 0,
        bytes_received: 0,
        attempts: 0,
        outcome: Err(&Failure::Interrupted),
    };
    run.total.record(&never_sent);
    run.total.record(&Sample {
        attempts: 2,
        outcome: Ok(()),
        sent_ns: BEGAN + 5_000,
        ..never_sent
    });
    for (name, ok) in [("sum is right", true), ("in stock", false), ("in stock", true)] {
        (0..500).for_each(|_| run.total.record_check(name, ok));
    }
    let trap = "wasm trap: wasm `unreachable` instruction executed\n  at shop::basket::add\n  \
                at shop::run_task\n  at katydid:load/scenario#[method]user.run-task";
    for at in 0..3 {
        run.total.record_error("Shopper.buy", ErrorKind::Trap, trap, BEGAN + (2 + at * 17) * S);
    }
    let failed =
        "the basket is empty, though the target said that it had taken the goods twice over";
    run.total.record_error("Shopper.on-start", ErrorKind::Failed, failed, BEGAN + 3 * S);
    run.warnings = vec![
        Warning::GeneratorSaturated { busy_share: 0.934 },
        Warning::LimitTooLow { limit: "ulimit -n", have: 1_024, need: 10_100 },
    ];
    run
}

fn summarized(run: Run, verdict: &Verdict, reason: &StopReason, style: &Style) -> String {
    let snapshot = run.snapshot(Stage::Finished);
    let mut text = Vec::new();
    summary(&snapshot, &info(), verdict, reason, style, &mut text).expect("memory takes all");
    let text = String::from_utf8(text).expect("reports are text");
    assert_tidy(&text, style);
    text
}

const FAILED: Verdict = Verdict::RequestsFailed;
const TIME_OVER: StopReason = StopReason::RunTime;

#[test]
fn a_typical_run() {
    golden("summary_typical", &summarized(typical(), &FAILED, &TIME_OVER, &Style::default()));
}

#[test]
fn every_section_in_every_width() {
    for width in [60, 80, 100, 120] {
        let style = Style { width, ..Style::default() };
        golden(
            &format!("summary_everything_{width}"),
            &summarized(everything(), &FAILED, &TIME_OVER, &style),
        );
    }
    let ascii = Style { unicode: false, width: 80, ..Style::default() };
    golden("summary_everything_ascii", &summarized(everything(), &FAILED, &TIME_OVER, &ascii));
    let color = Style { color: true, ..wide() };
    golden("summary_everything_color", &summarized(everything(), &FAILED, &TIME_OVER, &color));
}

#[test]
fn colours_change_nothing_else() {
    let color = Style { color: true, ..wide() };
    let colored = summarized(everything(), &FAILED, &TIME_OVER, &color);
    let plain = summarized(everything(), &FAILED, &TIME_OVER, &wide());
    let stripped: String = colored.lines().map(|line| strip_colors(line) + "\n").collect();
    assert_eq!(stripped, plain);
    assert_ne!(colored, plain);
}

#[test]
fn a_run_without_requests() {
    let run = Run { warnings: vec![Warning::NoRequests], ..Run::default() };
    let done = summarized(run, &Verdict::Passed, &StopReason::UsersDone, &Style::default());
    golden("summary_zero_requests", &done);
}

#[test]
fn a_run_that_only_traps() {
    let mut run = Run::default();
    run.request("get_time", 10, 900, Ok(()));
    for i in 0..40 {
        let message = format!("wasm trap: out of bounds\n{}", "  at deep\n".repeat(20));
        let place = format!("Shopper.task{}", i % 30);
        run.total.record_error(&place, ErrorKind::Trap, &message, BEGAN + i * S);
    }
    golden("summary_traps", &summarized(run, &FAILED, &TIME_OVER, &Style::default()));
}

#[test]
fn a_run_that_the_scenario_ended() {
    let reason = "no stock\nleft".to_owned();
    let verdict = Verdict::Aborted { reason: reason.clone() };
    let stop = StopReason::Scenario(reason);
    golden("summary_aborted", &summarized(typical(), &verdict, &stop, &wide()));
}

#[test]
fn a_flood_of_failures() {
    let mut run = Run::default();
    for i in 0..900_u64 {
        let message = format!("user {} not found", i % 300);
        let failure = Failure::Fault { code: 404, message };
        run.request("find", i * 60, 1_500, Err(&failure));
    }
    golden("summary_failure_flood", &summarized(run, &FAILED, &TIME_OVER, &wide()));
}

#[test]
fn huge_numbers() {
    let mut run = Run::default();
    let label = run.labels.intern("custom", "everything.at.once");
    run.sample(label, 0, [3_700_000_000, 86_400_000_000], Ok(()));
    let one = run.total.clone();
    // Doubled forty times: a million million requests.
    for _ in 0..40 {
        let sum = run.total.clone();
        run.total.merge(&sum);
    }
    run.window = one;
    run.total.iterations = u64::MAX;
    golden("summary_huge", &summarized(run, &Verdict::Passed, &StopReason::Signal, &wide()));
}

#[test]
fn names_in_other_scripts() {
    let mut run = Run::default();
    for (i, name) in ["購入者.登録する", "Käufer.bestellen", "наблюдатель", "🛒.add", "add"]
        .into_iter()
        .enumerate()
    {
        (0..40).for_each(|at| run.request(name, at * 1_000, 700 + i as u64 * 350, Ok(())));
    }
    golden("summary_unicode", &summarized(run, &Verdict::Passed, &TIME_OVER, &Style::default()));
}

#[test]
fn times_below_a_millisecond() {
    let mut run = Run::default();
    (0..2_000).for_each(|i| run.request("ping", i * 29, 38 + i % 17, Ok(())));
    (0..5).for_each(|i| run.request("zero", i * 29, 0, Ok(())));
    golden("summary_fast", &summarized(run, &Verdict::Passed, &TIME_OVER, &wide()));
}

/// The live view, checked against its own promises.
fn lively(run: Run, stage: Stage, style: &Style) -> String {
    let text = live(&run.snapshot(stage), &info(), style);
    assert_tidy(&text, style);
    assert!(text.ends_with('\n') && text.lines().count() <= style.height);
    text
}

#[test]
fn live_in_every_width() {
    for width in [60, 80, 120] {
        let style = Style { width, height: 24, ..Style::default() };
        golden(&format!("live_{width}"), &lively(everything(), Stage::Running, &style));
    }
    let color = Style { color: true, ..wide() };
    golden("live_color", &lively(everything(), Stage::Running, &color));
    golden("live_nothing_yet", &lively(Run::default(), Stage::Spawning, &Style::default()));
}

#[test]
fn live_with_many_labels() {
    let many = || {
        let mut run = Run::default();
        for i in 0..400_u64 {
            run.request(&format!("catalogue.page_{}", i % 40), i * 147, 800 + i, Ok(()));
        }
        run
    };
    let style = Style { height: 14, width: 100, ..Style::default() };
    golden("live_many_labels", &lively(many(), Stage::Stopping, &style));
    // However small the screen is, the view stays on it.
    for height in 0..20 {
        for width in [0, 1, 7, 20, 33, 59] {
            let style = Style { height, width, ..Style::default() };
            let text = live(&many().snapshot(Stage::Running), &info(), &style);
            assert!(text.lines().count() <= height, "{width} × {height}");
            assert!(text.lines().all(|l| super::fit::width(l) <= width.max(8)), "{text}");
        }
    }
}

#[test]
fn progress_in_one_line() {
    let lines = [
        super::progress_line(&everything().snapshot(Stage::Running), &info()),
        super::progress_line(&Run::default().snapshot(Stage::Spawning), &info()),
        super::progress_line(
            &typical().snapshot(Stage::Running),
            &RunInfo { run_time_ns: None, ..info() },
        ),
    ];
    golden("progress_line", &(lines.join("\n") + "\n"));
}

#[test]
fn no_width_is_too_small() {
    let snapshot = everything().snapshot(Stage::Finished);
    for width in 0..60 {
        let style = Style { width, ..Style::default() };
        let mut text = Vec::new();
        summary(&snapshot, &info(), &FAILED, &TIME_OVER, &style, &mut text).expect("memory");
        assert!(text.ends_with(b"\n"), "{width}");
    }
}

#[test]
fn a_label_that_nobody_knows() {
    let mut run = Run::default();
    run.sample(LabelId(7), 0, [1_000, 1_000], Ok(()));
    let text = summarized(run, &Verdict::Passed, &TIME_OVER, &Style::default());
    assert!(text.contains("label 7"), "{text}");
}

#[test]
fn labels_are_names_and_no_format() {
    let label = Label { request_type: "a".into(), name: "{}%s".into() };
    let mut run = Run::default();
    run.labels.intern(&label.request_type, &label.name);
    run.sample(LabelId(0), 0, [1_000, 1_000], Ok(()));
    assert!(summarized(run, &Verdict::Passed, &TIME_OVER, &wide()).contains("{}%s"));
}
