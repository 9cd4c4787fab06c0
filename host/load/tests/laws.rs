//! The laws on which other layers rest, for all inputs: merging, the shape's inverse, fair dispatch, honest
//! percentiles, faithful picks.
use katydid_load::metric::{MAX_METRICS, Recorded};
use katydid_load::window::FAILURES_PER_LABEL;
use katydid_load::{
    Description, Dispatch, ErrorKind, Failure, LabelId, Order, PERCENTILES, Phase, Picker, Plan,
    Rng, Sample, Task, TaskSet, Times, UserClass, Wait, Window,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Something that a window counts.
#[derive(Debug, Clone)]
enum Fact {
    Request {
        label: u32,
        stamps: [u64; 4],
        bytes: u64,
        attempts: u8,
        failure: Option<Failure>,
    },
    Check(String, bool),
    Error(u8, bool, u64),
    Iteration,
    Interrupted,
    LogDropped,
    Inner(u8, bool),
    Metric(u8, Recorded, u64),
    /// An arrival that was begun so late, or dropped.
    Arrival(Option<u64>),
}

/// Failures, some of kinds that repeat, some with so many texts that the cap is reached.
fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Interrupted),
        Just(Failure::Timeout(Phase::Total)),
        (500_u16..510).prop_map(Failure::Status),
        (0..90, "[ab]").prop_map(|(code, message)| Failure::Fault { code, message }),
        (0..90).prop_map(|n| Failure::Judged(format!("wrong {n}"))),
        // Too long to be kept whole, and alike in what is kept.
        "[xy]{3}".prop_map(|end| Failure::Transport("long ".repeat(100) + &end)),
    ]
}

/// Times from nothing to more than an hour, in nanoseconds, so that histograms of all sizes meet.
fn stamp() -> impl Strategy<Value = u64> {
    (0_u32..44, any::<u64>()).prop_map(|(bits, random)| random & ((1 << bits) - 1))
}

/// Values of all kinds. Gauges are few and their moments too, so that two of them meet.
fn recorded() -> impl Strategy<Value = Recorded> {
    prop_oneof![
        any::<u64>().prop_map(Recorded::Counter),
        (-3_i8..3).prop_map(|value| Recorded::Gauge(f64::from(value) / 2.0)),
        any::<bool>().prop_map(Recorded::Rate),
        (0_u64..100_000).prop_map(Recorded::Trend),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    let request = (
        0_u32..4,
        prop::array::uniform4(stamp()),
        any::<u64>(),
        0_u8..3,
        prop::option::of(failure()),
    );
    prop_oneof![
        8 => request.prop_map(|(label, stamps, bytes, attempts, failure)| {
            Fact::Request { label, stamps, bytes, attempts, failure }
        }),
        1 => ("[a-c]{1,3}", any::<bool>()).prop_map(|(name, ok)| Fact::Check(name, ok)),
        1 => (any::<u8>(), any::<bool>(), stamp()).prop_map(|(n, trap, at)| Fact::Error(n, trap, at)),
        1 => Just(Fact::Iteration),
        1 => Just(Fact::Interrupted),
        1 => Just(Fact::LogDropped),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(method, good)| Fact::Inner(method, good)),
        1 => (any::<u8>(), recorded(), 0_u64..5).prop_map(|(n, value, at)| Fact::Metric(n, value, at)),
        1 => prop::option::of(stamp()).prop_map(Fact::Arrival),
    ]
}

fn count(window: &mut Window, fact: &Fact) {
    match fact {
        Fact::Request {
            label,
            stamps: [due, to_call, to_send, to_end],
            bytes,
            attempts,
            failure,
        } => {
            let (called, sent) = (due + to_call, due + to_call + to_send);
            window.record(&Sample {
                label: LabelId(*label),
                version: 1,
                user: 1,
                iteration: 2,
                number: 3,
                due_ns: *due,
                called_ns: called,
                sent_ns: sent,
                done_ns: sent + to_end,
                bytes_sent: *bytes,
                bytes_received: bytes / 2,
                attempts: *attempts,
                outcome: failure.as_ref().map_or(Ok(()), Err),
            });
        }
        Fact::Check(name, ok) => window.record_check(name, *ok),
        Fact::Error(n, trap, at) => {
            let kind = if *trap { ErrorKind::Trap } else { ErrorKind::Failed };
            window.record_error(
                &format!("class.task{}", n % 8),
                kind,
                &format!("message {n}"),
                *at,
            );
        }
        Fact::Iteration => window.iterations += 1,
        Fact::Interrupted => window.interrupted_iterations += 1,
        Fact::LogDropped => window.dropped_log_lines += 1,
        Fact::Inner(method, good) => {
            let outcome = if *good { Ok(()) } else { Err(&Failure::Interrupted) };
            window.record_inner_call(&method.to_string(), outcome, 1);
        }
        Fact::Metric(n, value, at) => {
            window.record_metric(&format!("metric {}", n % 2), *value, *at)
        }
        Fact::Arrival(late) => {
            window.arrivals.scheduled += 1;
            match late {
                Some(us) => {
                    window.arrivals.started += 1;
                    window.arrivals.lateness.record(*us);
                }
                None => window.arrivals.dropped += 1,
            }
        }
    }
}

fn window(facts: &[Fact]) -> Window {
    let mut window = Window::default();
    facts.iter().for_each(|fact| count(&mut window, fact));
    window
}

fn merged(a: &Window, b: &Window) -> Window {
    let mut sum = a.clone();
    sum.merge(b);
    sum
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(fact(), 0..250)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_merge_in_any_order(a in facts(), b in facts(), c in facts()) {
        let all = window(&[a.clone(), b.clone(), c.clone()].concat());
        let (a, b, c) = (window(&a), window(&b), window(&c));
        prop_assert_eq!(&merged(&a, &b), &merged(&b, &a), "commutative");
        prop_assert_eq!(&merged(&merged(&a, &b), &c), &merged(&a, &merged(&b, &c)), "associative");
        prop_assert_eq!(&merged(&a, &Window::default()), &a, "identity on the right");
        prop_assert_eq!(&merged(&Window::default(), &a), &a, "identity on the left");
        prop_assert_eq!(&merged(&merged(&c, &a), &b), &all, "the parts make the whole");
    }

    #[test]
    fn a_window_that_was_used_before_counts_like_a_new_one(before in facts(), after in facts()) {
        let mut reused = window(&before);
        reused.clear();
        after.iter().for_each(|fact| count(&mut reused, fact));
        prop_assert_eq!(&reused, &window(&after));
        prop_assert_eq!(&merged(&reused, &window(&before)), &window(&[before, after].concat()));
    }

    #[test]
    fn no_failure_is_lost_whatever_the_caps(facts in facts()) {
        let window = window(&facts);
        for (_, stats) in window.labels() {
            let kept: u64 = stats.failures.kept().map(|(_, seen)| seen.count).sum();
            let folded: u64 = stats.failures.folded().map(|(_, seen)| seen.count).sum();
            prop_assert_eq!(kept + folded, stats.failed);
            prop_assert!(stats.failures.kept().len() <= FAILURES_PER_LABEL);
            prop_assert_eq!((stats.service.count(), stats.response.count()), (stats.requests, stats.requests));
        }
    }

    #[test]
    fn no_metric_and_no_arrival_is_lost(values in prop::collection::vec((0_u16..300, recorded(), 0_u64..5), 0..400), arrivals in prop::collection::vec(prop::option::of(stamp()), 0..50)) {
        let mut parts = [Window::default(), Window::default()];
        for (place, (n, value, at)) in values.iter().enumerate() {
            parts[place % 2].record_metric(&format!("metric {n}"), *value, *at);
        }
        arrivals.iter().for_each(|late| count(&mut parts[0], &Fact::Arrival(*late)));
        let sum = merged(&parts[0], &parts[1]);
        prop_assert_eq!(&merged(&parts[1], &parts[0]), &sum);
        prop_assert!(sum.metrics.kept().len() <= MAX_METRICS);
        let all = || sum.metrics.kept().map(|(_, m)| m).chain(sum.metrics.folded().map(|(_, m)| m));
        let rates = values.iter().filter(|(_, value, _)| matches!(value, Recorded::Rate(_))).count();
        let trends = values.iter().filter(|(_, value, _)| matches!(value, Recorded::Trend(_))).count();
        prop_assert_eq!(all().map(|m| m.rate.passed + m.rate.failed).sum::<u64>(), rates as u64);
        prop_assert_eq!(all().map(|m| m.trend().count()).sum::<u64>(), trends as u64);
        let counted = values.iter().filter_map(|(_, value, _)| match value {
            Recorded::Counter(add) => Some(*add),
            _ => None,
        });
        // A sum that saturates is all there can be.
        let shown = all().fold(0_u64, |sum, m| sum.saturating_add(m.sum));
        prop_assert_eq!(shown, counted.fold(0_u64, u64::saturating_add));
        prop_assert_eq!(sum.arrivals.scheduled, sum.arrivals.started + sum.arrivals.dropped);
        prop_assert_eq!(sum.arrivals.lateness.count(), sum.arrivals.started);
    }

    #[test]
    fn percentiles_are_those_of_an_exact_sort(mut all in prop::collection::vec(stamp(), 1..600)) {
        let mut times = Times::default();
        for us in &mut all {
            // Times longer than an hour are not told apart; a unit test says so.
            *us = (*us / 1_000).min(3_600_000_000);
            times.record(*us);
        }
        all.sort_unstable();
        // The nearest rank in whole numbers, percentiles in hundredths of a percent.
        let hundredths = [5_000, 6_600, 7_500, 8_000, 9_000, 9_500, 9_800, 9_900, 9_990, 9_999, 10_000];
        for (percentile, hundredths) in PERCENTILES.into_iter().zip(hundredths) {
            let exact = all[(all.len() * hundredths).div_ceil(10_000) - 1];
            let shown = times.percentile_us(percentile);
            prop_assert!(shown >= exact && (shown - exact) as f64 <= (exact as f64 * 0.001).max(1.0), "{percentile} %: {shown} for {exact}");
        }
        prop_assert_eq!((times.min_us(), times.max_us()), (all[0], all[all.len() - 1]));
        prop_assert_eq!(times.sum_us(), all.iter().sum::<u64>());
    }

    #[test]
    fn every_prefix_of_users_is_within_one_of_its_shares(
        weights in prop::collection::vec(prop_oneof![0_u32..5, 0_u32..1_000], 1..40),
        fixed in prop::collection::vec(0_u32..20, 0..3),
        users in 1_u32..600,
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let mut classes: Vec<UserClass> = weights.iter().map(|weight| class(*weight, None, &[], &[])).collect();
        classes.extend(fixed.iter().map(|count| class(1, Some(*count), &[], &[])));
        let dispatch = Dispatch::new(&Description { classes, ..Description::default() }, users);
        prop_assert_eq!(dispatch.users(), users);
        let fixed: u32 = fixed.iter().sum::<u32>().min(users);
        for k in 0..fixed {
            prop_assert!(dispatch.class_of(k).is_some_and(|class| class >= weights.len()), "fixed counts come first");
        }
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut counts = vec![0_u64; weights.len()];
        for (n, k) in (fixed..users).enumerate() {
            counts[dispatch.class_of(k).expect("a weighted class takes the rest")] += 1;
            for (class, weight) in weights.iter().enumerate() {
                // Both sides times the sum of the weights, to stay in whole numbers.
                let (has, share) = (counts[class] * sum, (n as u64 + 1) * u64::from(*weight));
                prop_assert!(has.abs_diff(share) < sum, "class {class} has {} after {} users", counts[class], n + 1);
            }
        }
    }

    #[test]
    fn sequences_keep_their_order_and_chance_its_weights(weights in prop::collection::vec(0_u32..10, 1..8), seed in any::<u64>()) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let live: Vec<usize> = (0..weights.len()).filter(|task| weights[*task] > 0).collect();

        let plan = Plan::new(&class(1, None, &[Order::Sequential], &weights)).expect("something can be picked");
        let mut picker = Picker::new(Arc::new(plan));
        let mut rng = Rng::new(seed);
        for expected in live.iter().cycle().take(live.len() * 3) {
            prop_assert_eq!(picker.next(&mut rng), *expected);
        }

        let plan = Plan::new(&class(1, None, &[Order::Weighted], &weights)).expect("something can be picked");
        let mut picker = Picker::new(Arc::new(plan));
        let mut counts = vec![0_u32; weights.len()];
        let rounds = 5_000;
        (0..rounds).for_each(|_| counts[picker.next(&mut rng)] += 1);
        let sum = f64::from(weights.iter().sum::<u32>());
        for (task, weight) in weights.iter().enumerate() {
            let share = f64::from(*weight) / sum;
            // Six standard deviations: wrong once in a billion rows.
            let tolerance = 6.0 * (share * (1.0 - share) * f64::from(rounds)).sqrt();
            prop_assert!((f64::from(counts[task]) - share * f64::from(rounds)).abs() <= tolerance);
        }
    }
}

/// A class with one set per order, each nested in the one before, and tasks of these weights in the first.
fn class(weight: u32, fixed_count: Option<u32>, orders: &[Order], tasks: &[u32]) -> UserClass {
    let set = |(place, order): (usize, &Order)| TaskSet {
        name: format!("set {place}"),
        parent: (place as u32).checked_sub(1),
        weight: 1,
        order: *order,
        tags: Vec::new(),
        transitions: Vec::new(),
    };
    let task = |(id, weight): (usize, &u32)| Task {
        id: id as u32,
        name: format!("task {id}"),
        set: 0,
        weight: *weight,
        tags: Vec::new(),
    };
    UserClass {
        name: "class".to_owned(),
        weight,
        fixed_count,
        host: None,
        wait: Wait::None,
        sets: orders.iter().enumerate().map(set).collect(),
        tasks: tasks.iter().enumerate().map(task).collect(),
    }
}
