//! Load over time, for all profiles: who is there, what arrives when, and that any number of workers see the same.
use katydid_load::profile::Stage;
use katydid_load::{Closed, End, Iterations, Open, Rate, Spacing};
use proptest::prelude::*;
use std::sync::Arc;

const S: u64 = 1_000_000_000;

/// Lengths from a nanosecond to days, and steps.
fn length() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0),
        2 => 1_u64..40,
        3 => (0_u32..48, any::<u64>()).prop_map(|(bits, random)| random & ((1 << bits) - 1)),
        2 => (1_u64..100).prop_map(|s| s * S),
    ]
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::WithStages),
        Just(End::Never),
        (1_u64..1_000 * S).prop_map(End::At),
        length().prop_map(End::At)
    ]
}

fn stages<T: std::fmt::Debug + Copy>(
    target: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<Stage<T>>> {
    let stage = (length(), target).prop_map(|(length_ns, target)| Stage { length_ns, target });
    prop::collection::vec(stage, 0..12)
}

fn users() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..6, 0_u32..200, 0_u32..=1_000_000]
}

fn rate() -> impl Strategy<Value = Rate> {
    prop_oneof![
        Just("0/s".to_owned()),
        (0_u32..2_000).prop_map(|n| format!("{n}/s")),
        (0.0..5.0).prop_map(|n| format!("{n:.6}/m")),
        (0_u32..=1_000_000).prop_map(|n| format!("{n}/s")),
        (0_u32..9_999_999).prop_map(|n| format!("{n}/h")),
    ]
    .prop_map(|text| text.parse().expect("a rate"))
}

fn closed() -> impl Strategy<Value = Closed> {
    let staged = (users(), stages(users()), end())
        .prop_filter_map("a good profile", |(start, stages, end)| {
            Closed::new(start, &stages, end).ok()
        });
    let ramp = (1_u32..=1_000_000, -3.0..6.0, end())
        .prop_filter_map("a good ramp", |(users, rate, end)| {
            Closed::ramp(users, 10_f64.powf(rate), end).ok()
        });
    let any = prop_oneof![3 => staged, 1 => ramp];
    (any, prop::option::of((0..300 * S, users(), prop::option::of(rate())))).prop_map(
        |(profile, turn)| match turn {
            Some((at, users, rate)) => profile.turned(at, users, rate),
            None => profile,
        },
    )
}

fn open() -> impl Strategy<Value = Open> {
    let staged = (rate(), stages(rate()), end())
        .prop_filter_map("a good profile", |(start, stages, end)| {
            Open::new(start, &stages, end).ok()
        });
    (staged, prop::option::of((0..300 * S, rate(), length()))).prop_map(
        |(profile, turn)| match turn {
            Some((at, rate, within)) => profile.turned(at, rate, within),
            None => profile,
        },
    )
}

proptest! {
    #[test]
    fn a_user_is_there_exactly_between_its_changes(
        profile in closed(),
        k in prop_oneof![0_u32..6, 0_u32..200, 0_u32..1_000_000, Just(u32::MAX)],
        at in prop::collection::vec(any::<u64>(), 8),
        after in prop_oneof![Just(0), 0..1_000 * S],
    ) {
        let is_here = |t| profile.users_at(t) > k;
        let (mut now, mut here) = (after, is_here(after));
        for _ in 0..40 {
            let change = profile.change(k, now);
            let next = change.map_or(u64::MAX, |(t, _)| t);
            prop_assert!(next > now || now == u64::MAX, "time goes on");
            for sample in &at {
                // Somewhere in between, its ends most of all.
                let t = now + sample % (next - now).max(1);
                prop_assert_eq!(is_here(t), here, "{} in {}..{}", t, now, next);
            }
            let Some((_, comes)) = change else { break };
            prop_assert_eq!(is_here(next - 1), here, "not a nanosecond before");
            prop_assert_eq!(is_here(next), comes);
            prop_assert_ne!(comes, here, "no ping-pong");
            prop_assert!(profile.length_ns().is_none_or(|length| next <= length));
            (now, here) = (next, comes);
        }
    }

    #[test]
    fn nobody_is_above_the_peak_and_the_peak_is_reached(profile in closed(), at in prop::collection::vec(0..1_000 * S, 20)) {
        let peak = profile.peak();
        for t in at.into_iter().chain([0, u64::MAX]) {
            prop_assert!(profile.users_at(t) <= peak);
        }
        prop_assert_eq!(profile.change(peak, 0), None);
        if peak > profile.users_at(0) {
            prop_assert!(profile.change(peak - 1, 0).is_some_and(|(_, comes)| comes));
        }
        let settled = profile.settled_at_ns();
        prop_assert_eq!(profile.users_at(settled), profile.users_at(u64::MAX));
    }

    #[test]
    fn arrivals_and_their_inverse_agree(profile in open(), numbers in prop::collection::vec(0_u32..40, 1..20)) {
        let mut last = 0;
        let mut numbers: Vec<u64> = numbers.into_iter().map(|bits| (1 << bits) - 1 + u64::from(bits)).collect();
        numbers.sort_unstable();
        // Before a turn everything is forgotten.
        let first = profile.due_by(0);
        for n in numbers.into_iter().filter(|n| *n >= first) {
            let Some(t) = profile.nth_arrival(n) else {
                prop_assert!(profile.due_by(u64::MAX) <= n);
                break;
            };
            prop_assert!(t >= last, "one after the other");
            prop_assert!(profile.length_ns().is_none_or(|length| t < length));
            prop_assert!(profile.due_by(t) > n, "{} is due at {}", n, t);
            prop_assert!(t == 0 || profile.due_by(t - 1) <= n, "and not a nanosecond before");
            prop_assert!(profile.rate_at(t) <= profile.peak() * 1.000_001);
            last = t;
        }
    }

    #[test]
    fn workers_together_are_the_whole(profile in open(), workers in 1_u32..9, poisson in any::<bool>(), seed in any::<u64>()) {
        let (profile, many) = (Arc::new(profile), 300);
        let spacing = if poisson { Spacing::Poisson } else { Spacing::Regular };
        let whole: Vec<_> = profile.arrivals(spacing, (0, 1), seed).take(many).collect();
        prop_assert!(whole.iter().enumerate().all(|(place, (n, _))| place as u64 == *n), "none is missing");
        prop_assert!(whole.is_sorted_by_key(|(_, t)| *t));
        let of = |worker| profile.arrivals(spacing, (worker, workers), seed).take_while(|(n, _)| *n < many as u64);
        let mut parts: Vec<_> = (0..workers).flat_map(of).collect();
        parts.sort_unstable();
        prop_assert_eq!(&parts, &whole);
        for worker in 0..workers {
            prop_assert!(of(worker).all(|(n, _)| n % u64::from(workers) == u64::from(worker)));
        }
        if !poisson {
            prop_assert!(whole.iter().all(|(n, t)| profile.nth_arrival(*n) == Some(*t)));
        }
    }

    #[test]
    fn a_turn_moves_what_comes_and_nothing_that_was(profile in open(), at in 0..100 * S, to in rate(), within in length()) {
        let turned = profile.turned(at, to, within);
        // What was due before it is due no more, what was not is not yet.
        let due = profile.due_by(at.saturating_sub(1));
        prop_assert!(turned.due_by(at.saturating_sub(1)).abs_diff(due) <= 1);
        if let Some(t) = turned.nth_arrival(due + 1) {
            prop_assert!(t >= at);
        }
        prop_assert_eq!(turned.length_ns(), profile.length_ns());
    }

    #[test]
    fn texts_are_read_as_they_are_written(length_ns in length(), users in any::<u32>(), rate in rate()) {
        let stage = Stage { length_ns, target: users };
        prop_assert_eq!(stage.to_string().parse(), Ok(stage));
        let stage = Stage { length_ns, target: rate };
        prop_assert_eq!(stage.to_string().parse(), Ok(stage));
        prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        let per_second = Rate::per_second(rate.get()).expect("in range");
        prop_assert!((per_second.get() - rate.get()).abs() <= 5.1e-7);
    }

    #[test]
    fn no_text_is_too_odd_to_be_refused(text in prop_oneof![any::<String>(), "[0-9smh.:/]{0,20}"]) {
        if let Ok(rate) = text.parse::<Rate>() {
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
        if let Ok(stage) = text.parse::<Stage<u32>>() {
            prop_assert_eq!(stage.to_string().parse(), Ok(stage));
        }
        match text.parse::<Stage<Rate>>() {
            Ok(stage) => prop_assert_eq!(stage.to_string().parse(), Ok(stage)),
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }

    #[test]
    fn every_shared_iteration_is_somebodys(all in 1_u64..500, users in 1_u32..40) {
        let of = |user| Iterations::Shared(all).of(user, users);
        // The i-th one is made by user i mod users, as its own iteration i / users.
        for i in 0..all {
            prop_assert!(of((i % u64::from(users)) as u32) > i / u64::from(users));
        }
        prop_assert_eq!((0..users).map(of).sum::<u64>(), all);
    }
}
