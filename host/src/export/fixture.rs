//! A run that has everything, for the tests of those who show it.
use super::{ExportLabel, Origin};
use katydid_load::metric::Recorded;
use katydid_load::{
    Connections, Counts, ErrorKind, Failure, Holds, Label, LabelId, Phase, Sample, ShardState,
    Snapshot, Stage, ThresholdState, VersionState, Warning, Window,
};
use std::sync::Arc;
use std::time::Duration;

/// Names that every format must escape, or take as they are.
pub(crate) const NAMES: [(&str, &str); 4] = [
    ("xmlrpc", "get_time"),
    ("xmlrpc", "a \"quoted\" \\ name\u{fffd}, žluť = {x}"),
    ("grpc", "get_time"),
    // A scenario that calls its own requests so, and the real one.
    ("(other)", "(other)"),
];

pub(crate) fn origin() -> Origin {
    let label = |text: &str| text.parse::<ExportLabel>().expect("a label");
    Origin {
        began_unix: Duration::from_millis(1_700_000_000_123),
        scenarios: vec!["shop.wasm".to_owned(), String::new()],
        labels: vec![label("run=nightly \"7\""), label("team=a")],
    }
}

/// The snapshot after so many seconds, in each of which the same happens.
pub(crate) fn snapshot(seconds: u64) -> Snapshot {
    let parts = [1, 2].map(|version| {
        let mut total = Window::default();
        (0..seconds).for_each(|second| total.merge(&window(version, second)));
        total
    });
    let mut total = Window::default();
    parts.iter().for_each(|part| total.merge(part));
    let mut last = Window::default();
    if let Some(second) = seconds.checked_sub(1) {
        [1, 2].iter().for_each(|version| last.merge(&window(*version, second)));
    }
    let state = |number: u32, total: Window| VersionState {
        number,
        scenario: number - 1,
        digest: format!("{number}").repeat(64).into(),
        began_ns: 5,
        users: 10 * number,
        counts: Counts::of(&total),
        window: Arc::default(),
        total: Some(Arc::new(total)),
    };
    let mut versions: Vec<_> = (1..).zip(parts).map(|(n, total)| state(n, total)).collect();
    // One whose counts alone are kept.
    versions.push(VersionState { total: None, users: 0, ..state(3, Window::default()) });
    let label = |(request_type, name): (&str, &str)| Label {
        request_type: request_type.into(),
        name: name.into(),
    };
    let mut labels: Vec<_> = NAMES.into_iter().map(label).collect();
    labels.push(label(NAMES[3]));
    let threshold = |rule: &str, holds| ThresholdState {
        rule: rule.to_owned(),
        holds,
        value: "1 %".to_owned(),
        aborts: false,
    };
    Snapshot {
        began_ns: 5,
        elapsed_ns: seconds * 1_000_000_000,
        users: 30,
        stage: Stage::Running,
        window: Arc::new(last),
        total: Arc::new(total),
        labels,
        warnings: vec![Warning::LogDropped { lines: 7 }],
        shards: vec![ShardState { busy_share: 0.25, ..ShardState::default() }; 2],
        connections: Connections {
            opened: 30,
            reused: 12,
            full_handshakes: 4,
            ..Connections::default()
        },
        thresholds: vec![
            threshold("failures < 1%", Holds::No),
            threshold("\"get_time\": p95 < 200ms", Holds::Unknown),
        ],
        seconds,
        versions,
        ..Snapshot::default()
    }
}

/// A second of a version.
fn window(version: u32, second: u64) -> Window {
    let mut window = Window::default();
    let failures = [
        Failure::Status(503),
        Failure::Timeout(Phase::Total),
        Failure::Fault { code: 4, message: "no".to_owned() },
        Failure::Fault { code: 5, message: "nor this".to_owned() },
    ];
    for n in 0..100_u64 {
        // From 50 µs to some minutes; some on the very ends of the classes.
        let us = [50, 100, 101, 2_500, 7_000, 1_000_000, 200_000_000][n as usize % 7] + n / 90;
        let failure = failures.get(n as usize % 20);
        let due_ns = second * 1_000_000_000 + n;
        window.record(&Sample {
            label: LabelId((n % 5) as u32),
            version,
            user: n,
            iteration: second,
            number: 0,
            due_ns,
            called_ns: due_ns + 2_000,
            sent_ns: due_ns + 5_000,
            done_ns: due_ns + 5_000 + us * 1_000,
            bytes_sent: 100,
            bytes_received: 200,
            attempts: if n == 3 { 2 } else { u8::from(n != 60) },
            outcome: failure.map_or(Ok(()), Err),
        });
    }
    window.record_check("the sum is right", second.is_multiple_of(2));
    window.record_check("(other)", true);
    window.record_error("Shopper.buy", ErrorKind::Trap, "unreachable", second);
    window.record_inner_call("a.b", Ok(()), second);
    window.record_inner_call("a.b", Err(&failures[2]), second);
    window.record_metric("carts", Recorded::Counter(3), second);
    window.record_metric("depth", Recorded::Gauge(-1.5 * f64::from(version)), second);
    window.record_metric("won", Recorded::Rate(true), second);
    window.record_metric("size", Recorded::Trend(1_234), second);
    window.iterations = 90;
    window.interrupted_iterations = 1;
    window.dropped_log_lines = 2;
    window.arrivals.scheduled = 10;
    window.arrivals.started = 9;
    window.arrivals.dropped = 1;
    (0..9).for_each(|n| window.arrivals.lateness.record(n * 100));
    window
}
