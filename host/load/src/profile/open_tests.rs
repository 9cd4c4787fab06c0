use super::*;
use crate::profile::MAX_STAGES;

const S: u64 = 1_000_000_000;
const MS: u64 = 1_000_000;

fn rate(text: &str) -> Rate {
    text.parse().expect(text)
}

/// Stages of (seconds, rate).
fn stages(stages: &[(u64, &str)]) -> Vec<Stage<Rate>> {
    stages.iter().map(|&(s, target)| Stage { length_ns: s * S, target: rate(target) }).collect()
}

fn open(start: &str, of: &[(u64, &str)], end: End) -> Open {
    Open::new(rate(start), &stages(of), end).expect("a good profile")
}

#[test]
fn constant_rates_are_exact() {
    // (rate, n) → when
    let rows = [
        (("200/s", 0), 0),
        (("200/s", 1), 5 * MS),
        (("200/s", 17_280_000), 86_400 * S),
        (("1000000/s", 123_456_789), 123_456_789_000),
        (("0.5/s", 3), 6 * S),
        (("12000/m", 7), 35 * MS),
        (("3600/h", 7), 7 * S),
        (("1/h", 24), 86_400 * S),
        // No whole nanosecond: the one before, and whole ones where they are, however far.
        (("3/s", 1), 333_333_333),
        (("3/s", 2), 666_666_666),
        (("3/s", 3_000_000_000), 1_000_000_000 * S),
        (("7/m", 7_000), 60_000 * S),
    ];
    for ((of, n), expected) in rows {
        let profile = Open::constant(rate(of), End::Never).expect("a good profile");
        assert_eq!(profile.nth_arrival(n), Some(expected), "arrival {n} of {of}");
        assert_eq!((profile.rate_at(n), profile.peak()), (rate(of).get(), rate(of).get()));
    }
    let slow = Open::constant(rate("0.000001/h"), End::Never).expect("a good profile");
    assert_eq!(slow.nth_arrival(1), Some(3_600_000_000_000_000_000), "in 114 years");
    assert_eq!(slow.nth_arrival(6), None, "beyond every clock");
    assert_eq!(slow.nth_arrival(u64::MAX), None);
}

#[test]
fn a_run_has_as_many_arrivals_as_its_rate_says() {
    // (start, stages, end, how many in all)
    type Row<'a> = (&'a str, &'a [(u64, &'a str)], End, u64);
    let rows: [Row<'_>; 9] = [
        ("200/s", &[], End::At(30 * S), 6_000),
        // One that would be due as the run ends is not.
        ("1/s", &[], End::At(S), 1),
        ("1/s", &[], End::At(S + 1), 2),
        ("1/s", &[(10, "1/s")], End::WithStages, 10),
        // A triangle: half of what its peak would bring.
        ("0/s", &[(10, "100/s"), (10, "0/s")], End::WithStages, 1_000),
        // A run time is filled up with the last rate, and cuts off.
        ("0/s", &[(10, "100/s")], End::At(11 * S), 600),
        ("0/s", &[(10, "100/s")], End::At(5 * S), 125),
        // A step and a pause.
        (
            "9/s",
            &[(0, "10/s"), (2, "10/s"), (0, "0/s"), (5, "0/s"), (0, "3/s"), (2, "3/s")],
            End::WithStages,
            26,
        ),
        ("0/s", &[(30, "1000000/s"), (30, "1000000/s")], End::WithStages, 45_000_000),
    ];
    for (start, of, end, total) in rows {
        let profile = open(start, of, end);
        assert_eq!(profile.due_by(u64::MAX), total, "{start} {of:?} {end:?}");
        assert_eq!(profile.nth_arrival(total), None);
        let last = profile.nth_arrival(total - 1).expect("the last one");
        assert!(Some(last) < profile.length_ns());
        assert_eq!(profile.due_by(last), total);
        assert!(last == 0 || profile.due_by(last - 1) == total - 1);
    }
}

#[test]
fn slopes_and_pauses() {
    let triangle = open("0/s", &[(10, "100/s"), (10, "0/s")], End::WithStages);
    let paused =
        open("10/s", &[(1, "10/s"), (0, "0/s"), (5, "0/s"), (0, "10/s"), (1, "10/s")], End::Never);
    let late = open("0/s", &[(5, "0/s"), (0, "2/s")], End::Never);
    let rows = [
        // 5 t² have arrived after t seconds.
        (&triangle, 0, Some(0)),
        (&triangle, 5, Some(S)),
        (&triangle, 20, Some(2 * S)),
        (&triangle, 125, Some(5 * S)),
        (&triangle, 500, Some(10 * S)),
        (&triangle, 995, Some(19 * S)),
        (&triangle, 999, Some(20 * S - 447_213_596)),
        (&triangle, 1_000, None),
        // What the pause's first instant would have brought comes as it ends.
        (&paused, 9, Some(900 * MS)),
        (&paused, 10, Some(6 * S)),
        (&paused, 11, Some(6_100 * MS)),
        (&paused, 1_000, Some(105 * S)),
        (&late, 0, Some(5 * S)),
        (&late, 1, Some(5_500 * MS)),
    ];
    for (profile, n, expected) in rows {
        assert_eq!(profile.nth_arrival(n), expected, "arrival {n} of {profile:?}");
    }
    assert_eq!(
        [0, 5, 10, 15, 20, 99].map(|s| triangle.rate_at(s * S)),
        [0.0, 50.0, 100.0, 50.0, 0.0, 0.0]
    );
    assert_eq!((triangle.peak(), late.peak(), late.rate_at(0)), (100.0, 2.0, 0.0));
    let cut = open("0/s", &[(10, "100/s")], End::At(5 * S));
    assert_eq!((cut.peak(), cut.rate_at(u64::MAX)), (50.0, 50.0));
}

#[test]
fn the_longest_slopes_do_not_overflow() {
    let century = 36_500 * 86_400;
    for (start, end) in [("0/s", "1000000/s"), ("1000000/s", "0/s"), ("1000000/s", "999999/s")] {
        let profile = open(start, &[(century, end)], End::WithStages);
        let total = profile.due_by(u64::MAX);
        let both = rate(start).get() + rate(end).get();
        assert_eq!(total, (century as f64 * both / 2.0) as u64, "{start} to {end}");
        for n in [0, 1, total / 3, total / 2, total - 2, total - 1] {
            let t = profile.nth_arrival(n).expect("one of them");
            assert!(profile.due_by(t) > n && (t == 0 || profile.due_by(t - 1) <= n), "{n} at {t}");
        }
    }
}

#[test]
fn mistakes() {
    let of = |start: &str, of: &[(u64, &str)], end| {
        let mistakes = Open::new(rate(start), &stages(of), end).expect_err("a mistake");
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let nothing =
        "the arrival rate is always \"0\": give a stage a rate above 0, or the run more time";
    let rows = [
        (of("0/s", &[], End::Never), nothing),
        (of("0/s", &[(10, "0/s")], End::WithStages), nothing),
        // Only after the end.
        (of("0/s", &[(10, "0/s"), (0, "5/s")], End::At(5 * S)), nothing),
        (
            of("5/s", &[], End::WithStages),
            "the stages last \"0\" together: give one of them a duration, or the run a run time",
        ),
        (
            of("5/s", &[], End::At(0)),
            "the run time is \"0\": leave it out for a run without an end",
        ),
        (
            of("5/s", &[(4_000_000_000, "1/s")], End::Never),
            "the stages last longer than 100 years: shorten them",
        ),
    ];
    for (mistakes, expected) in rows {
        assert_eq!(mistakes, expected);
    }
    let all = Open::new(Rate::ZERO, &stages(&[(0, "1/s"); MAX_STAGES + 1]), End::WithStages);
    assert_eq!(all.map_err(|mistakes| mistakes.len()), Err(2));
}

#[test]
fn somebody_asks_for_another_rate() {
    let plan = open("10/s", &[], End::At(60 * S));
    type Row<'a> = (&'a str, u64, &'a [(u64, u64)]);
    let rows: [Row<'_>; 3] = [
        // Asked at 2.05 s, half a gap after number 20: the other half comes at the new pace.
        ("100/s", 0, &[(20, 2_000), (21, 2_055), (22, 2_065)]),
        // A slope from 10 to 30 in 2 s brings 40.
        ("30/s", 2, &[(20, 2_000), (60, 4_033), (61, 4_067)]),
        ("0/s", 0, &[(20, 2_050)]),
    ];
    for (to, seconds, expected) in rows {
        let turned = plan.turned(2_050 * MS, rate(to), seconds * S);
        assert_eq!(turned.length_ns(), Some(60 * S));
        let mut schedule = Arc::new(plan.clone()).arrivals(Spacing::Regular, (0, 1), 0);
        assert_eq!(schedule.by_ref().take(21).last(), Some((20, 2 * S)));
        schedule.follow(Arc::new(turned));
        for (n, t_ms) in &expected[1..] {
            let (_, t) = schedule.by_ref().find(|(next, _)| next == n).expect("one of them");
            assert_eq!(t / MS + u64::from(t % MS > 500_000), *t_ms, "{n} at {to}");
        }
        if to == "0/s" {
            assert_eq!(schedule.next(), None, "a pause without an end");
            let again = schedule.open.turned(10 * S, rate("10/s"), 0);
            schedule.follow(Arc::new(again));
            assert_eq!(schedule.next(), Some((21, 10_050 * MS)), "what had gathered is kept");
        }
    }
}

#[test]
fn poisson_arrivals_are_random_with_the_rate_as_their_mean() {
    let seconds = 2_000;
    let profile = Arc::new(open("50/s", &[], End::At(seconds * S)));
    let times: Vec<u64> = profile.arrivals(Spacing::Poisson, (0, 1), 7).map(|(_, t)| t).collect();
    assert!(times.is_sorted());

    // In each second as many as a Poisson variable: mean and variance are both the rate. The bounds are five
    // standard errors: √(50 / 2,000) of the mean, about 50 × √(2 / 2,000) of the variance.
    let mut counts = vec![0_f64; seconds as usize];
    times.iter().for_each(|t| counts[(t / S) as usize] += 1.0);
    let mean = counts.iter().sum::<f64>() / seconds as f64;
    let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / (seconds - 1) as f64;
    assert!((mean - 50.0).abs() < 0.8, "mean {mean}");
    assert!((variance - 50.0).abs() < 8.0, "variance {variance}");

    // The gaps are exponential: the greatest distance of their distribution from it, times √n, is above 1.95
    // once in a thousand seeds (Kolmogorov and Smirnov).
    let mut gaps: Vec<f64> =
        times.windows(2).map(|t| (t[1] - t[0]) as f64 / S as f64 * 50.0).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = |(i, gap): (usize, &f64)| {
        let expected = 1.0 - (-gap).exp();
        (expected - i as f64 / n).abs().max((expected - (i + 1) as f64 / n).abs())
    };
    let farthest = gaps.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt();
    assert!(farthest < 1.95, "{farthest}");

    // Neighbouring gaps do not know of each other: their correlation is within five standard errors of none.
    let products = times.windows(3).map(|t| {
        let gap = |i: usize| (t[i + 1] - t[i]) as f64 / S as f64 * 50.0 - 1.0;
        gap(0) * gap(1)
    });
    let correlation = products.sum::<f64>() / n;
    assert!(correlation.abs() < 5.0 / n.sqrt(), "{correlation}");

    let other = profile.arrivals(Spacing::Poisson, (0, 1), 8).next();
    assert_ne!(other, Some((0, times[0])), "another seed");
}

#[test]
fn poisson_arrivals_follow_the_rate() {
    // A slope: after t of 100 seconds (t / 100)² of them.
    let profile = Arc::new(open("0/s", &[(100, "1000/s")], End::WithStages));
    let times: Vec<u64> = profile.arrivals(Spacing::Poisson, (0, 1), 1).map(|(_, t)| t).collect();
    for (t, share) in [(25, 0.0625), (50, 0.25), (75, 0.5625), (100, 1.0)] {
        let (count, expected) = (times.partition_point(|at| *at < t * S) as f64, share * 50_000.0);
        assert!(
            (count - expected).abs() < 5.0 * expected.sqrt(),
            "{count} of {expected} after {t} s"
        );
    }
    // Nothing in a pause.
    let stages = [(10, "100/s"), (0, "0/s"), (10, "0/s"), (0, "100/s"), (10, "100/s")];
    let paused = Arc::new(open("100/s", &stages, End::WithStages));
    let mut schedule = paused.arrivals(Spacing::Poisson, (0, 1), 1);
    assert!(schedule.all(|(_, t)| !(10 * S..20 * S).contains(&t)));
}

#[test]
fn the_same_arrivals_for_ever() {
    // Pinned: changing this changes what every recorded seed means.
    let profile = Arc::new(open("1000/s", &[], End::Never));
    let first: Vec<_> = profile.arrivals(Spacing::Poisson, (0, 1), 1).take(3).collect();
    assert_eq!(first, [(0, 261_859), (1, 542_961), (2, 873_780)]);
}
