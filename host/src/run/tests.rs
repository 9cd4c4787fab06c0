//! Laws about time, in virtual time: real guests and the real executor, a scripted target, and a
//! clock that jumps from one event to the next. Ten minutes take milliseconds, and what is asserted
//! is exact.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::conductor::{Outcome, conduct, prepare};
use super::line::Exchange;
use super::{RunSpec, shard};
use crate::clock::Clock;
use crate::guest::{Limits, Module};
use crate::wire::{Exchanged, Settings};
use katydid_load::{Failure, Shape, Snapshot, Stage, Verdict};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

const REPLY: &[u8] =
    b"<methodResponse><params><param><value><int>7</int></value></param></params></methodResponse>";

/// A target whose service time is a function of when a request is sent.
struct Scripted {
    clock: Clock,
    began_ns: u64,
    service: fn(Duration) -> Duration,
    cut: Arc<AtomicBool>,
    calls: Arc<Mutex<Vec<u64>>>,
}

impl Exchange for Scripted {
    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        _called_ns: u64,
        _id: (u64, u64),
        _timeout: Option<Duration>,
    ) -> Exchanged {
        let sent_ns = self.clock.now_ns();
        let at_ns = sent_ns - self.began_ns;
        self.calls.lock().unwrap().push(at_ns);
        let mut served = pin!(tokio::time::sleep((self.service)(Duration::from_nanos(at_ns))));
        let outcome = poll_fn(|context| {
            if self.cut.load(Ordering::Relaxed) {
                return Poll::Ready(Err(Failure::Interrupted));
            }
            served.as_mut().poll(context).map(Ok)
        })
        .await;
        Exchanged {
            sent_ns,
            done_ns: self.clock.now_ns(),
            bytes_sent: request.len() as u64,
            bytes_received: REPLY.len() as u64,
            attempts: 1,
            outcome,
        }
    }

    fn reply(&self) -> &[u8] {
        REPLY
    }
}

/// The demo's scenario, with this wait in place of its own (bytes of `wait-time` in its text).
async fn module(wait: &str) -> Module {
    let wat = include_str!("../../../scripts/wat/api_user.wat");
    let own = [
        r#""\02\00\00\00\00\00\00\00"                        ;; wait: between"#,
        r#""\a0\86\01\00\00\00\00\00"                        ;;   100,000 us"#,
    ];
    assert!(own.iter().all(|line| wat.contains(line)), "the script has changed");
    let wat = wat.replace(own[0], &wait[..wait.find(' ').unwrap()]);
    let wat = wat.replace(own[1], &wait[wait.find(' ').unwrap()..]);
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    Module::load(wat.as_bytes(), limits, None).await.unwrap()
}

/// No wait at all.
const NONE: &str = r#""\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00""#;
/// 100 ms after each iteration.
const CONSTANT_100_MS: &str = r#""\01\00\00\00\00\00\00\00" "\a0\86\01\00\00\00\00\00""#;
/// Iterations start 100 ms apart.
const PACING_100_MS: &str = r#""\03\00\00\00\00\00\00\00" "\a0\86\01\00\00\00\00\00""#;

struct Ran {
    outcome: Outcome,
    snapshots: Vec<Snapshot>,
    /// When each call was made, since the run began.
    calls: Vec<u64>,
}

async fn run(
    wait: &str,
    (users, spawn_rate, seconds): (u32, f64, u64),
    graceful_stop: Duration,
    service: fn(Duration) -> Duration,
) -> Ran {
    let cut = Arc::new(AtomicBool::new(false));
    let spec = RunSpec {
        module: module(wait).await,
        targets: Vec::new(),
        shape: Shape {
            users,
            spawn_rate,
            run_time_ns: Some(seconds * 1_000_000_000),
            iterations: None,
        },
        seed: 1,
        parameters: Arc::default(),
        wire: Settings { cut: Arc::clone(&cut), ..Settings::default() },
        graceful_stop,
        shards: 2,
        max_labels: 1_000,
        event_log: None,
        guest_log: Arc::new(|_| {}),
    };
    let began = Instant::now();
    let clock = Clock::Tokio(began);
    let calls = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&calls);
    let dial = move |_: usize, _: u64| Scripted {
        clock,
        began_ns: 0,
        service,
        cut: Arc::clone(&cut),
        calls: Arc::clone(&log),
    };
    let (shared, events) = prepare(spec, clock, Box::new(dial)).unwrap();
    let (publish, mut seen) = watch::channel(Snapshot::default());
    let shards = {
        let shared = Arc::clone(&shared);
        async move {
            let other = tokio::spawn(shard::drive(Arc::clone(&shared), 1, 2, began));
            shard::drive(shared, 0, 2, began).await?;
            other.await?
        }
    };
    let watcher = tokio::spawn(async move {
        let mut snapshots = Vec::new();
        while seen.changed().await.is_ok() {
            snapshots.push(seen.borrow_and_update().clone());
        }
        snapshots
    });
    let outcome = conduct(shared, events, Vec::new(), publish, began, shards).await.unwrap();
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    Ran { outcome, snapshots: watcher.await.unwrap(), calls }
}

const GRACE: Duration = Duration::from_secs(30);

fn total(snapshot: &Snapshot) -> katydid_load::LabelStats {
    snapshot.total.total()
}

#[tokio::test(start_paused = true)]
async fn a_ten_minute_ramp_follows_its_shape() {
    let ran = run(CONSTANT_100_MS, (300, 0.5, 600), GRACE, |_| Duration::from_secs(3)).await;
    let shape = Shape { users: 300, spawn_rate: 0.5, run_time_ns: None, iterations: None };
    let mut seconds = 0;
    for snapshot in ran.snapshots.iter().filter(|seen| seen.stage < Stage::Stopping) {
        // A user that is due this very moment may be there or not.
        let before = snapshot.elapsed_ns.checked_sub(2_000_000).map_or(0, |t| shape.users_at(t));
        let after = shape.users_at(snapshot.elapsed_ns);
        assert!((before..=after).contains(&snapshot.users), "{snapshot:?}");
        seconds += 1;
    }
    assert!(seconds >= 599, "{seconds}");
    assert_eq!(ran.outcome.verdict, Verdict::Passed);
}

/// (wait, service time, calls of one user in a minute)
#[tokio::test(start_paused = true)]
async fn waits_are_kept_to_the_millisecond() {
    let fast = |_| Duration::from_millis(50);
    let slow = |_| Duration::from_millis(150);
    type Service = fn(Duration) -> Duration;
    let table: [(&str, Service, u64); 4] = [
        // Each iteration takes 50 ms and 100 ms of pause.
        (CONSTANT_100_MS, fast, 150),
        // From start to start.
        (PACING_100_MS, fast, 100),
        // An iteration longer than its pace is followed at once.
        (PACING_100_MS, slow, 150),
        (NONE, fast, 50),
    ];
    for (wait, service, period_ms) in table {
        let ran = run(wait, (1, 1.0, 60), GRACE, service).await;
        let expected: Vec<_> = (0..(60_000 / period_ms)).map(|n| n * period_ms).collect();
        // Tokio's timers have a resolution of a millisecond and are never early.
        let rounded: Vec<_> = ran.calls.iter().map(|ns| ns / 1_000_000).collect();
        assert_eq!(rounded.len(), expected.len(), "{wait}: {:?}", &rounded[..5]);
        assert_eq!(rounded[1] - rounded[0], period_ms, "{wait}");
        assert_eq!(total(&ran.outcome.snapshot).requests, expected.len() as u64);
    }
}

/// In a closed run a stall delays those who wait in it, and nobody else: the target freezes from
/// 10 s to 11.4 s.
#[tokio::test(start_paused = true)]
async fn a_stall_is_suffered_once_by_each_user() {
    fn service(at: Duration) -> Duration {
        let (from, until) = (Duration::from_millis(10_000), Duration::from_millis(11_400));
        let done = at + Duration::from_millis(50);
        if at < until && done > from { until.saturating_sub(at) } else { done - at }
    }
    let ran = run(CONSTANT_100_MS, (20, 1_000.0, 30), GRACE, service).await;
    let stats = total(&ran.outcome.snapshot);
    let stalled =
        ran.calls.iter().filter(|&&at| service(Duration::from_nanos(at)).as_millis() > 50);
    assert_eq!(stalled.count(), 20, "one request of each user");
    assert!((1_300_000..=1_451_000).contains(&stats.service.max_us()), "{stats:?}");
    assert_eq!(stats.response.max_us(), stats.service.max_us(), "closed: due when called");
    assert_eq!(ran.outcome.snapshot.total.lateness.max_us, 0);
    let share = 20.0 / stats.requests as f64 * 100.0;
    assert_eq!(stats.service.percentile_us(100.0 - share - 0.1) / 1_000, 50);
}

/// After the run time iterations under way may end within the grace, and what does not is cut.
#[tokio::test(start_paused = true)]
async fn the_end_is_graceful_and_then_it_is_the_end() {
    let patient = run(NONE, (5, 1_000.0, 10), GRACE, |_| Duration::from_secs(8)).await;
    assert_eq!(total(&patient.outcome.snapshot).requests, 10);
    assert_eq!(patient.outcome.verdict, Verdict::Passed);
    assert_eq!(patient.outcome.snapshot.elapsed_ns / 1_000_000_000, 16);

    let hasty =
        run(NONE, (5, 1_000.0, 10), Duration::from_secs(2), |_| Duration::from_secs(8)).await;
    let stats = total(&hasty.outcome.snapshot);
    assert_eq!((stats.requests, stats.failed), (10, 5));
    assert!(stats.failures.kept().all(|(failure, _)| *failure == Failure::Interrupted));
    assert_eq!(hasty.outcome.snapshot.elapsed_ns / 1_000_000_000, 12);
    assert_eq!(hasty.outcome.snapshot.total.interrupted_iterations, 5);
    assert_eq!(hasty.outcome.verdict, Verdict::RequestsFailed);
}

/// Every second's window stands in the total once.
#[tokio::test(start_paused = true)]
async fn the_seconds_add_up_to_the_whole() {
    let ran = run(CONSTANT_100_MS, (10, 1_000.0, 20), GRACE, |_| Duration::from_millis(30)).await;
    let mut sum = katydid_load::Window::default();
    ran.snapshots
        .iter()
        // The last one is published twice: as the last second, and as the end.
        .filter(|snapshot| snapshot.stage != Stage::Finished)
        .for_each(|snapshot| sum.merge(&snapshot.window));
    let whole = &ran.outcome.snapshot.total;
    let last = &ran.outcome.snapshot.window;
    assert!(
        sum == **whole || {
            sum.merge(last);
            sum == **whole
        }
    );
    assert_eq!(total(&ran.outcome.snapshot).requests, ran.calls.len() as u64);
}
