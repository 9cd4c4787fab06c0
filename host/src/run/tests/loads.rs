//! Laws of the load model: users that come and go, arrivals, several scenarios, commands.

use super::{CONSTANT_100_MS, GRACE, NONE, module, run_all, run_and, scenario, total};
use crate::run::Load;
use crate::run::control::Control;
use crate::run::swap::SwapRules;
use katydid_load::StopReason;
use katydid_load::profile::{Closed, End, Iterations, Open, Rate, Spacing, Stage};
use std::time::Duration;
use tokio::time::sleep;

const S: u64 = 1_000_000_000;

fn fast(_: Duration) -> Duration {
    Duration::from_millis(50)
}

fn open(per_second: f64, seconds: u64, (first, most): (u32, u32)) -> Load {
    let rate = Rate::per_second(per_second).unwrap();
    let rate = Open::constant(rate, End::At(seconds * S)).unwrap();
    Load::Open { rate, spacing: Spacing::Regular, first, most }
}

fn no_rules() -> SwapRules {
    SwapRules::default()
}

/// Users come and go as the profile says.
#[tokio::test(start_paused = true)]
async fn users_follow_the_stages() {
    let stage = |seconds: u64, target| Stage { length_ns: seconds * S, target };
    let stages = [stage(20, 40), stage(30, 40), stage(20, 5), stage(0, 20), stage(20, 20)];
    let users = Closed::new(1, &stages, End::WithStages).unwrap();
    let load = Load::Closed { users: users.clone(), iterations: None, most: 0 };
    let module = module(CONSTANT_100_MS, &[]).await;
    let ran = run_and(module, load, (GRACE, fast), no_rules(), async |_| {}).await;
    for snapshot in &ran.snapshots[1..89] {
        let at_ns = snapshot.elapsed_ns;
        // One that goes ends its iteration first; timers have a resolution of a millisecond.
        let around = [at_ns.saturating_sub(160_000_000), at_ns];
        let most = around.iter().map(|&at| users.users_at(at)).max().unwrap();
        let least = around.iter().map(|&at| users.users_at(at)).min().unwrap();
        assert!((least..=most).contains(&snapshot.users), "{} at {at_ns}", snapshot.users);
    }
    assert_eq!(ran.outcome.reason, StopReason::RunTime);
    assert_eq!(ran.outcome.snapshot.elapsed_ns / S, 90);
    assert_eq!(ran.outcome.snapshot.total.interrupted_iterations, 0);
}

/// A target that takes its time for everybody: the open model is held, and each request is due when it arrived.
#[tokio::test(start_paused = true)]
async fn an_open_rate_is_held() {
    let module = module(NONE, &[]).await;
    let load = open(200.0, 30, (20, 50));
    let ran = run_and(module, load, (GRACE, fast), no_rules(), async |_| {}).await;
    let arrivals = &ran.outcome.snapshot.total.arrivals;
    assert_eq!((arrivals.scheduled, arrivals.started, arrivals.dropped), (6_000, 6_000, 0));
    for snapshot in &ran.snapshots[1..30] {
        let second = &snapshot.window.arrivals;
        assert!((199..=201).contains(&second.scheduled), "{second:?}");
    }
    assert_eq!(total(&ran.outcome.snapshot).requests, 6_000);
    // Tokio's timers are up to a millisecond late.
    assert!(arrivals.lateness.max_us() <= 1_000, "{}", arrivals.lateness.max_us());
    assert_eq!(ran.outcome.snapshot.total.iterations, 6_000);
}

/// With too few users: scheduled = started + dropped, exactly, and in every second.
#[tokio::test(start_paused = true)]
async fn what_nobody_is_free_for_is_dropped_and_counted() {
    let module = module(NONE, &[]).await;
    // 4 users of 50 ms each serve 80 per second.
    let load = open(200.0, 20, (4, 4));
    let ran = run_and(module, load, (GRACE, fast), no_rules(), async |_| {}).await;
    let total = &ran.outcome.snapshot.total;
    assert_eq!(total.arrivals.scheduled, 4_000);
    assert_eq!(total.arrivals.started + total.arrivals.dropped, 4_000);
    assert_eq!(total.arrivals.started, total.iterations);
    assert!((1_560..=1_640).contains(&total.iterations), "{}", total.iterations);
    for snapshot in &ran.snapshots {
        let second = &snapshot.window.arrivals;
        assert_eq!(second.scheduled, second.started + second.dropped);
    }
}

/// The stall law: the target freezes from 10 s to 10 s + `stall`, and answers everything that waited when it
/// thaws. Arrivals go on meanwhile. Who is due t into the stall waits stall − t and its own service time: response
/// times are spread evenly over the stall, while the service time of a request that was sent at once is the same.
#[tokio::test(start_paused = true)]
async fn a_stall_shows_in_response_times_as_the_law_says() {
    fn frozen(at: Duration, stall_ms: u64) -> Duration {
        let (from, until) = (Duration::from_secs(10), Duration::from_millis(10_000 + stall_ms));
        let own = Duration::from_millis(1);
        if at >= from && at < until { until - at + own } else { own }
    }
    type Service = fn(Duration) -> Duration;
    let stalls: [(u64, Service); 2] =
        [(1_400, |at| frozen(at, 1_400)), (6_000, |at| frozen(at, 6_000))];
    for (stall_ms, service) in stalls {
        let module = module(NONE, &[]).await;
        // Enough users for everybody who arrives during the stall.
        let load = open(100.0, 60, (20, 1_000));
        let ran = run_and(module, load, (GRACE, service), no_rules(), async |_| {}).await;
        let stats = total(&ran.outcome.snapshot);
        assert_eq!((stats.requests, ran.outcome.snapshot.total.arrivals.dropped), (6_000, 0));
        // So many were due in the stall: one each 10 ms.
        let caught = stall_ms / 10;
        // The k-th longest wait is stall − 10 ms × (k − 1), and a millisecond of service.
        for k in [1, caught / 4, caught / 2, caught] {
            let rank = 100.0 * (1.0 - (k as f64 - 0.5) / 6_000.0);
            let law_us = (stall_ms - 10 * (k - 1)) * 1_000 + 1_000;
            let got_us = stats.response.percentile_us(rank);
            let error = got_us.abs_diff(law_us);
            // The histogram's resolution, and that of Tokio's timers.
            assert!(error <= law_us / 1_000 + 2_000, "{stall_ms} ms, {k}: {got_us} for {law_us}");
        }
        let rest = 100.0 * (1.0 - (caught as f64 + 10.0) / 6_000.0);
        assert!(stats.response.percentile_us(rest) <= 3_000);
    }
}

/// The same stall with too few users: they are all caught in it, what they could not begin is dropped, and nothing
/// is hidden: what was begun late is late by its response time, not by its service time.
#[tokio::test(start_paused = true)]
async fn a_stall_that_catches_all_users_drops_arrivals() {
    fn service(at: Duration) -> Duration {
        let (from, until) = (Duration::from_secs(10), Duration::from_secs(16));
        if at >= from && at < until { until - at } else { Duration::from_millis(1) }
    }
    let module = module(NONE, &[]).await;
    let load = open(100.0, 30, (10, 10));
    let ran = run_and(module, load, (GRACE, service), no_rules(), async |_| {}).await;
    let arrivals = &ran.outcome.snapshot.total.arrivals;
    assert_eq!(arrivals.scheduled, 3_000);
    // Ten were begun in the stall, 600 were due in it, and one as it thawed.
    assert!((590..=591).contains(&arrivals.dropped), "{arrivals:?}");
    assert_eq!(arrivals.started + arrivals.dropped, 3_000);
}

/// Random arrivals are the same for the same seed, and as many as the rate says, more or less.
#[tokio::test(start_paused = true)]
async fn poisson_arrivals_keep_their_mean() {
    let module = module(NONE, &[]).await;
    let rate = Rate::per_second(100.0).unwrap();
    let rate = Open::constant(rate, End::At(60 * S)).unwrap();
    let load = Load::Open { rate, spacing: Spacing::Poisson, first: 10, most: 100 };
    let ran = run_and(module, load, (GRACE, fast), no_rules(), async |_| {}).await;
    let arrivals = &ran.outcome.snapshot.total.arrivals;
    assert_eq!(arrivals.dropped, 0);
    // Five standard deviations.
    assert!((5_600..=6_400).contains(&arrivals.scheduled), "{arrivals:?}");
}

#[tokio::test(start_paused = true)]
async fn shared_iterations_are_made_once() {
    for count in [1, 7, 100] {
        let module = module(NONE, &[]).await;
        let users = Closed::constant(7, End::Never).unwrap();
        let load = Load::Closed { users, iterations: Some(Iterations::Shared(count)), most: 7 };
        let ran = run_and(module, load, (GRACE, fast), no_rules(), async |_| {}).await;
        assert_eq!(ran.outcome.snapshot.total.iterations, count);
        assert_eq!(ran.outcome.reason, StopReason::UsersDone);
    }
}

/// Each scenario has its own load, beginning and end.
#[tokio::test(start_paused = true)]
async fn several_scenarios_in_one_run() {
    let (a, b) = (module(NONE, &[]).await, module(CONSTANT_100_MS, &[]).await);
    let mut late = scenario("late", b, super::ramp((5, 1_000.0, 20)));
    late.start = Duration::from_secs(10);
    let all = vec![scenario("open", a, open(50.0, 15, (10, 20))), late];
    let ran = run_all(all, (GRACE, fast), no_rules(), async |_| {}).await;
    let snapshot = &ran.outcome.snapshot;
    assert_eq!(snapshot.elapsed_ns / S, 30);
    let [open, late] = &snapshot.versions[..] else { panic!("two versions") };
    assert_eq!((open.number, open.scenario, late.number, late.scenario), (1, 0, 2, 1));
    assert_eq!(open.counts.iterations, 750);
    // Five users, an iteration each 150 ms, for twenty seconds.
    assert!((660..=670).contains(&late.counts.iterations), "{late:?}");
    assert_eq!(open.counts.requests + late.counts.requests, ran.calls.len() as u64);
    assert_eq!(ran.outcome.reason, StopReason::RunTime);
}

#[tokio::test(start_paused = true)]
async fn users_go_up_and_down_by_command() {
    let module = module(CONSTANT_100_MS, &[]).await;
    let users = Closed::constant(10, End::At(60 * S)).unwrap();
    let load = Load::Closed { users, iterations: None, most: 50 };
    let ran = run_and(module, load, (GRACE, fast), no_rules(), async |person| {
        let users = || person.snapshots.borrow().users;
        let set =
            async |users, rate| person.ask(|answer| Control::Users { users, rate, answer }).await;
        sleep(Duration::from_millis(5_500)).await;
        assert_eq!(users(), 10);
        assert_eq!(set(50, None).await.unwrap(), "scenario \"only\" is to have 50 users");
        sleep(Duration::from_secs(2)).await;
        assert_eq!(users(), 50);
        set(0, None).await.unwrap();
        sleep(Duration::from_secs(2)).await;
        assert_eq!(users(), 0, "nobody, and the run goes on");
        set(20, Rate::per_second(10.0)).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert!((1..=11).contains(&users()), "as of the last second: {}", users());
        sleep(Duration::from_secs(2)).await;
        assert_eq!(users(), 20);
        let refused = set(51, None).await.unwrap_err();
        assert!(refused.contains("--max-vus"), "{refused}");
        let rate = Rate::per_second(5.0).unwrap();
        assert!(person.ask(|answer| Control::Rate { rate, answer }).await.is_err());
        assert!(person.ask_of(Some("x"), |answer| Control::Promote { answer }).await.is_err());
    })
    .await;
    // Nobody's numbers begin anew: the target can tell all requests apart.
    assert_eq!(total(&ran.outcome.snapshot).requests, ran.calls.len() as u64);
    assert_eq!(ran.outcome.snapshot.elapsed_ns / S, 60);
}

#[tokio::test(start_paused = true)]
async fn a_rate_changes_by_command() {
    let module = module(NONE, &[]).await;
    let ran =
        run_and(module, open(10.0, 40, (20, 50)), (GRACE, fast), no_rules(), async |person| {
            sleep(Duration::from_millis(10_500)).await;
            let rate = Rate::per_second(100.0).unwrap();
            person.ask(|answer| Control::Rate { rate, answer }).await.unwrap();
            sleep(Duration::from_secs(10)).await;
            person.ask(|answer| Control::Rate { rate: Rate::ZERO, answer }).await.unwrap();
        })
        .await;
    let arrivals = &ran.outcome.snapshot.total.arrivals;
    // 10.5 s of 10, ten of 100, and none for the rest.
    assert!((1_104..=1_107).contains(&arrivals.scheduled), "{arrivals:?}");
    assert_eq!(arrivals.dropped, 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_paused_resumed_and_reset() {
    for load in [super::ramp((10, 1_000.0, 30)), open(100.0, 30, (20, 20))] {
        let module = module(CONSTANT_100_MS, &[]).await;
        let ran = run_and(module, load, (GRACE, fast), no_rules(), async |person| {
            let pause = async |paused| person.ask(|answer| Control::Pause { paused, answer }).await;
            let requests = || total(&person.snapshots.borrow()).requests;
            assert!(pause(false).await.is_err(), "it is not paused");
            sleep(Duration::from_millis(5_500)).await;
            pause(true).await.unwrap();
            assert!(pause(true).await.is_err(), "it is");
            sleep(Duration::from_secs(2)).await;
            let before = requests();
            assert!(person.snapshots.borrow().paused);
            sleep(Duration::from_secs(5)).await;
            assert_eq!(requests(), before, "nothing happens");
            pause(false).await.unwrap();
            sleep(Duration::from_secs(2)).await;
            assert!(requests() > before);
            person.ask(|answer| Control::Reset { answer }).await.unwrap();
            sleep(Duration::from_secs(2)).await;
            assert!(requests() < before, "forgotten");
        })
        .await;
        assert!(total(&ran.outcome.snapshot).requests < ran.calls.len() as u64);
    }
}
