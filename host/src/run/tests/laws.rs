//! Laws about time of every run.

use super::{CONSTANT_100_MS, GRACE, NONE, PACING_100_MS, run, total};
use katydid_load::profile::{Closed, End};
use katydid_load::{Failure, Stage, Verdict};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_ten_minute_ramp_follows_its_shape() {
    let ran = run(CONSTANT_100_MS, (300, 0.5, 600), GRACE, |_| Duration::from_secs(3)).await;
    let shape = Closed::ramp(300, 0.5, End::Never).unwrap();
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
    ran.snapshots.iter().for_each(|snapshot| sum.merge(&snapshot.window));
    let whole = &ran.outcome.snapshot.total;
    assert!(sum == **whole);
    assert_eq!(total(&ran.outcome.snapshot).requests, ran.calls.len() as u64);
}
