//! Laws about swaps.

use super::{CONSTANT_100_MS, GRACE, NONE, Person, Ran, module, ramp, run_and, total};
use crate::guest::Module;
use crate::run::control::{Answer, Control};
use crate::run::swap::SwapRules;
use katydid_load::rollback::Rule;
use katydid_load::{Share, SwapStep, VersionState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The same scenario, that calls another method: its requests can be told from the first one's.
const OTHER_METHOD: (&str, &str) = ("\"get_time\")", "\"get_date\")");
const ON_START: &str =
    "(param $is_state i32) (param $state i32) (param $state_len i32) (result i32)\n";

impl Person {
    async fn swap(&self, module: Module, share: f64) -> Answer {
        let routes = Arc::new(self.scripted.routes());
        let digest = module.digest.clone();
        let prepare = Box::pin(std::future::ready(Ok((module, routes))));
        let share = Share::new(share).unwrap();
        self.ask(|answer| Control::Swap { digest, prepare, share, answer }).await
    }

    async fn promote(&self) -> Answer {
        self.ask(|answer| Control::Promote { answer }).await
    }

    async fn roll_back(&self) -> Answer {
        self.ask(|answer| Control::RollBack { answer }).await
    }

    /// Users of each version as of the last second.
    fn users(&self) -> Vec<(u32, u32)> {
        let snapshot = self.snapshots.borrow();
        snapshot.versions.iter().map(|version| (version.number, version.users)).collect()
    }
}

fn fast(_: Duration) -> Duration {
    Duration::from_millis(50)
}

fn no_rules() -> SwapRules {
    SwapRules::default()
}

fn steps(ran: &Ran) -> Vec<(u32, &'static str)> {
    ran.outcome.snapshot.marks.iter().map(|mark| (mark.version, mark.step.as_str())).collect()
}

/// The names under which a version has counted requests.
fn names(ran: &Ran, version: &VersionState) -> Vec<String> {
    let total = version.total.as_ref().unwrap();
    let labels = &ran.outcome.snapshot.labels;
    let mut names: Vec<_> =
        total.labels().map(|(id, _)| labels[id.index()].name.to_string()).collect();
    names.sort();
    names
}

/// The parts add up to the whole, in counts and in every statistic.
fn parts_are_the_whole(ran: &Ran) {
    let snapshot = &ran.outcome.snapshot;
    let requests: u64 = snapshot.versions.iter().map(|version| version.counts.requests).sum();
    assert_eq!(requests, total(snapshot).requests);
    assert_eq!(requests, ran.calls.len() as u64);
    let mut sum = katydid_load::Window::default();
    for version in &snapshot.versions {
        sum.merge(version.total.as_ref().unwrap());
    }
    assert!(sum == *snapshot.total);
    assert_eq!(snapshot.total.interrupted_iterations, 0, "no swap cuts an iteration");
}

/// Every call is made at the moment at which it would have been made without the swap.
#[tokio::test(start_paused = true)]
async fn a_swap_moves_no_request() {
    let size = || ramp((40, 1_000.0, 30));
    let first = module(CONSTANT_100_MS, &[]).await;
    let undisturbed = run_and(first.clone(), size(), (GRACE, fast), no_rules(), async |_| {}).await;
    let second = module(CONSTANT_100_MS, &[OTHER_METHOD]).await;
    let ran = run_and(first, size(), (GRACE, fast), no_rules(), async |person| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(second, 1.0).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(2)).await;
        assert_eq!(person.users(), [(1, 0), (2, 40)]);
    })
    .await;
    assert_eq!(steps(&ran), [(2, "swap_started"), (2, "swap_ready"), (2, "swapped")]);
    let [old, new] = &ran.outcome.snapshot.versions[..] else { panic!("two versions") };
    assert_eq!(names(&ran, old), ["get_random_number", "get_time"]);
    assert_eq!(names(&ran, new), ["get_date", "get_random_number"]);
    parts_are_the_whole(&ran);
    // Tokio's timers have a resolution of a millisecond.
    let sorted = |ran: &Ran| {
        let mut calls: Vec<_> = ran.calls.iter().map(|ns| ns / 1_000_000).collect();
        calls.sort_unstable();
        calls
    };
    assert_eq!(sorted(&ran).len(), sorted(&undisturbed).len());
    let moved =
        sorted(&ran).iter().zip(sorted(&undisturbed)).filter(|(a, b)| a.abs_diff(*b) > 1).count();
    assert_eq!(moved, 0, "of {}", ran.calls.len());
}

/// Users that wait for nothing change at the edge of an iteration too.
#[tokio::test(start_paused = true)]
async fn users_without_a_wait_change_between_two_calls() {
    let first = module(NONE, &[]).await;
    let second = module(NONE, &[OTHER_METHOD]).await;
    let slow = |_| Duration::from_secs(3);
    let ran = run_and(first, ramp((10, 1_000.0, 30)), (GRACE, slow), no_rules(), async |person| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(second, 1.0).await.unwrap(), "users change to v2");
    })
    .await;
    parts_are_the_whole(&ran);
    assert_eq!(steps(&ran).last(), Some(&(2, "swapped")));
    let swapped = ran.outcome.snapshot.marks.last().unwrap();
    let SwapStep::Swapped { took_ns, .. } = swapped.step else { panic!("{swapped:?}") };
    assert!(took_ns < 7_000_000_000, "the first one's iteration, then the others': {took_ns}");
}

#[tokio::test(start_paused = true)]
async fn a_canary_is_promoted() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let second = module(CONSTANT_100_MS, &[OTHER_METHOD]).await;
    let third = second.clone();
    let ran = run_and(first, ramp((50, 1_000.0, 60)), (GRACE, fast), no_rules(), async |person| {
        assert!(person.promote().await.is_err(), "there is none");
        assert!(person.roll_back().await.is_err(), "there is nothing to go back to");
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(second, 0.1).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(person.users(), [(1, 45), (2, 5)]);
        let refused = person.swap(third, 1.0).await.unwrap_err();
        assert!(refused.contains("v2 is a canary"), "{refused}");
        assert_eq!(person.promote().await.unwrap(), "v2 is to have all users");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(person.users(), [(1, 0), (2, 50)]);
        // The version before can be had again, as another version.
        assert_eq!(person.roll_back().await.unwrap(), "users change to v4");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(person.users(), [(1, 0), (2, 0), (4, 50)]);
    })
    .await;
    parts_are_the_whole(&ran);
    let expected = [
        (2, "swap_started"),
        (2, "swap_ready"),
        (2, "swapped"),
        (3, "swap_started"),
        (3, "swap_refused"),
        (2, "swapped"),
        (4, "swap_started"),
        (4, "swap_ready"),
        (4, "swapped"),
    ];
    assert_eq!(steps(&ran), expected);
    let versions = &ran.outcome.snapshot.versions;
    assert_eq!(versions[0].digest, versions[2].digest);
}

#[tokio::test(start_paused = true)]
async fn a_canary_is_rolled_back() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let second = module(CONSTANT_100_MS, &[OTHER_METHOD]).await;
    let ran = run_and(first, ramp((50, 1_000.0, 40)), (GRACE, fast), no_rules(), async |person| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(second, 0.2).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(person.users(), [(1, 40), (2, 10)]);
        assert_eq!(person.roll_back().await.unwrap(), "users go back to v1");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(person.users(), [(1, 50), (2, 0)]);
        assert!(person.promote().await.is_err(), "it is gone");
    })
    .await;
    parts_are_the_whole(&ran);
    assert_eq!(steps(&ran).last(), Some(&(2, "rolled_back")));
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_holds_is_promoted_by_itself() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let second = module(CONSTANT_100_MS, &[OTHER_METHOD]).await;
    let rules =
        SwapRules { roll_back: Rule::defaults(), promote_after: Some(Duration::from_secs(20)) };
    let ran = run_and(first, ramp((50, 1_000.0, 60)), (GRACE, fast), rules, async |person| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(second, 0.1).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(19)).await;
        assert_eq!(person.users(), [(1, 45), (2, 5)]);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(person.users(), [(1, 0), (2, 50)]);
    })
    .await;
    parts_are_the_whole(&ran);
}

/// (what is changed in the scenario, what the refusal or the roll-back says, how many users it has touched)
#[tokio::test(start_paused = true)]
async fn bad_versions_touch_one_user_at_most() {
    let constructor = "(param $class i32) (param $class_len i32) (result i32)\n";
    let rows: [(&str, &str, &str, u32); 4] = [
        (constructor, "    unreachable\n", "cannot be constructed", 0),
        (constructor, "    (loop $for_ever (br $for_ever))\n", "--max-fuel", 0),
        (ON_START, "unreachable\n", "on_start of user", 1),
        (ON_START, "(loop $for_ever (br $for_ever))\n", "--max-fuel", 1),
    ];
    for (place, fault, reason, touched) in rows {
        let first = module(CONSTANT_100_MS, &[]).await;
        let bad = module(CONSTANT_100_MS, &[(place, &format!("{place}{fault}"))]).await;
        let ran =
            run_and(first, ramp((20, 1_000.0, 20)), (GRACE, fast), no_rules(), async |person| {
                sleep(Duration::from_secs(5)).await;
                let answer = person.swap(bad, 1.0).await;
                assert_eq!(answer.is_err(), touched == 0, "{answer:?}");
                sleep(Duration::from_secs(5)).await;
                assert_eq!(person.users()[0], (1, 20));
            })
            .await;
        parts_are_the_whole(&ran);
        let last = ran.outcome.snapshot.marks.last().unwrap();
        assert!(last.step.reason().unwrap().contains(reason), "{last:?}");
        let errors = ran.outcome.snapshot.versions.iter().map(|v| v.counts.errors);
        assert_eq!(errors.sum::<u64>(), u64::from(touched), "{last:?}");
        assert_eq!(total(&ran.outcome.snapshot).failed, 0);
    }
}

/// What a version does wrong later, a rule sees.
#[tokio::test(start_paused = true)]
async fn a_version_that_traps_is_rolled_back_by_rule() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let heap = "(global.set $heap (i32.const 512))\n";
    let traps =
        (heap, "(global.set $heap (i32.const 512))\n (if (local.get $task) (then unreachable))\n");
    let bad = module(CONSTANT_100_MS, &[traps]).await;
    let rules = SwapRules { roll_back: Rule::defaults(), promote_after: None };
    let ran = run_and(first, ramp((50, 1_000.0, 30)), (GRACE, fast), rules, async |person| {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(person.swap(bad, 0.1).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(5)).await;
        assert_eq!(person.users(), [(1, 50), (2, 0)]);
    })
    .await;
    parts_are_the_whole(&ran);
    let last = ran.outcome.snapshot.marks.last().unwrap();
    assert!(last.step.reason().unwrap().contains("traps > 0"), "{last:?}");
}

/// A scenario of which no class is known is another scenario.
#[tokio::test(start_paused = true)]
async fn classes_must_have_something_in_common() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let other = module(CONSTANT_100_MS, &[("\"ApiUser\")", "\"Another\")")]).await;
    let ran = run_and(first, ramp((5, 1_000.0, 10)), (GRACE, fast), no_rules(), async |person| {
        sleep(Duration::from_secs(2)).await;
        let refused = person.swap(other, 1.0).await.unwrap_err();
        assert!(refused.contains("(\"ApiUser\"), but \"Another\""), "{refused}");
    })
    .await;
    parts_are_the_whole(&ran);
    assert_eq!(steps(&ran).last(), Some(&(2, "swap_refused")));
}

/// Users that start while a swap goes on take what they are to have.
#[tokio::test(start_paused = true)]
async fn a_swap_during_the_ramp() {
    let first = module(CONSTANT_100_MS, &[]).await;
    let second = module(CONSTANT_100_MS, &[OTHER_METHOD]).await;
    let ran = run_and(first, ramp((60, 2.0, 60)), (GRACE, fast), no_rules(), async |person| {
        sleep(Duration::from_secs(5)).await;
        assert_eq!(person.swap(second, 1.0).await.unwrap(), "users change to v2");
        sleep(Duration::from_secs(35)).await;
        assert_eq!(person.users(), [(1, 0), (2, 60)]);
    })
    .await;
    parts_are_the_whole(&ran);
}
