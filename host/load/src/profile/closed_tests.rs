use super::*;
use crate::profile::MAX_STAGES;

const S: u64 = 1_000_000_000;

/// Stages of (seconds, users).
fn stages(stages: &[(u64, u32)]) -> Vec<Stage<u32>> {
    stages.iter().map(|&(s, target)| Stage { length_ns: s * S, target }).collect()
}

fn closed(start: u32, of: &[(u64, u32)], end: End) -> Closed {
    Closed::new(start, &stages(of), end).expect("a good profile")
}

#[test]
fn users_over_time() {
    let up_and_down = closed(0, &[(10, 10), (5, 10), (10, 0)], End::WithStages);
    let steps = closed(5, &[(0, 10), (10, 10), (0, 3), (10, 3)], End::WithStages);
    let half = closed(0, &[(10, 10)], End::At(5 * S));
    let held = closed(0, &[(10, 10)], End::At(60 * S));
    let crowd = closed(0, &[(3, 1_000_000)], End::Never);
    // (profile, at) → users
    let rows = [
        // A line through nothing: the first user comes when the line is at 1,
        (&up_and_down, 0, 0),
        (&up_and_down, S - 1, 0),
        (&up_and_down, S, 1),
        (&up_and_down, 10 * S - 1, 9),
        (&up_and_down, 10 * S, 10),
        (&up_and_down, 15 * S, 10),
        // and the last one goes as soon as it is below.
        (&up_and_down, 15 * S + 1, 9),
        (&up_and_down, 16 * S, 9),
        (&up_and_down, 16 * S + 1, 8),
        (&up_and_down, 24 * S, 1),
        (&up_and_down, 24 * S + 1, 0),
        (&up_and_down, u64::MAX, 0),
        // Steps take no time, and the last one at an instant counts.
        (&steps, 0, 10),
        (&steps, 10 * S - 1, 10),
        (&steps, 10 * S, 3),
        (&steps, 99 * S, 3),
        // After a run's end everything stays as it was.
        (&half, 5 * S, 5),
        (&half, 9 * S, 5),
        (&held, 11 * S, 10),
        (&held, u64::MAX, 10),
        // A third of a nanosecond is rounded up.
        (&crowd, 2_999, 0),
        (&crowd, 3_000, 1),
        (&crowd, 3 * S, 1_000_000),
        (&crowd, u64::MAX, 1_000_000),
    ];
    for (profile, t, expected) in rows {
        assert_eq!(profile.users_at(t), expected, "after {t} ns of {profile:?}");
    }
    let peaks = [(&up_and_down, 10), (&steps, 10), (&half, 5), (&held, 10), (&crowd, 1_000_000)];
    for (profile, peak) in peaks {
        assert_eq!(profile.peak(), peak, "{profile:?}");
    }
    let lengths = [(&up_and_down, Some(25)), (&half, Some(5)), (&held, Some(60)), (&crowd, None)];
    for (profile, seconds) in lengths {
        assert_eq!(profile.length_ns(), seconds.map(|s| s * S), "{profile:?}");
    }
    assert_eq!([&up_and_down, &half, &crowd].map(Closed::settled_at_ns), [25 * S, 5 * S, 3 * S]);
}

#[test]
fn a_peak_that_is_cut_off_is_never_reached() {
    // The step comes at the very instant at which the line would be at its end.
    let cut = closed(0, &[(10, 10), (0, 0), (10, 0)], End::WithStages);
    assert_eq!((cut.peak(), cut.users_at(10 * S - 1), cut.users_at(10 * S)), (9, 9, 0));
    assert_eq!(cut.change(9, 0), None);
    assert_eq!(cut.change(8, 0), Some((9 * S, true)));
    assert_eq!(cut.change(8, 9 * S), Some((10 * S, false)));
}

#[test]
fn users_come_and_go() {
    let waves = closed(2, &[(10, 10), (0, 5), (10, 5), (4, 1), (0, 8)], End::Never);
    // (user, after) → next change
    let rows = [
        ((0, 0), None),
        // There from the start, gone with the last ramp, back with the last step: user 1 from 24 s on,
        ((1, 0), Some((23 * S + 1, false))),
        ((1, 23 * S), Some((23 * S + 1, false))),
        ((1, 23 * S + 1), Some((24 * S, true))),
        ((1, 24 * S), None),
        // and user 2 comes at 1.25 s.
        ((2, 0), Some((1_250_000_000, true))),
        ((2, 1_249_999_999), Some((1_250_000_000, true))),
        ((2, 1_250_000_000), Some((22 * S + 1, false))),
        // Gone with the step down.
        ((8, 9 * S), Some((10 * S, false))),
        ((8, 10 * S), None),
        // Would be there at the very instant of the step down, and so never is.
        ((9, 0), None),
        ((5, 24 * S - 1), Some((24 * S, true))),
        ((u32::MAX, 0), None),
        ((0, u64::MAX), None),
    ];
    for ((user, after), expected) in rows {
        assert_eq!(waves.change(user, after), expected, "user {user} after {after} ns");
    }
    // A change at the very end of the run is told, a later one is not.
    let ends = |seconds| closed(0, &[(10, 10)], End::At(seconds * S)).change(4, 0);
    assert_eq!([ends(5), ends(4)], [Some((5 * S, true)), None]);
}

#[test]
fn the_ramp_is_that_of_locust() {
    for (users, spawn_rate) in
        [(10, 1.0), (10, 3.0), (600, 0.5), (1, 0.001), (MAX_USERS, 1e6), (7, 0.7)]
    {
        let ramp = Closed::ramp(users, spawn_rate, End::Never).expect("a good ramp");
        // User k after k / rate seconds, rounded up.
        let comes_at = |k: u32| (f64::from(k) * 1e9 / spawn_rate).ceil() as u64;
        assert_eq!((ramp.users_at(0), ramp.peak(), ramp.length_ns()), (1, users, None));
        assert_eq!(ramp.settled_at_ns(), comes_at(users - 1));
        for k in [1, 2, 3, 6, 9, 500, 999_999].into_iter().filter(|k| *k < users) {
            assert_eq!(ramp.change(k, 0), Some((comes_at(k), true)), "{k} of {users}");
        }
    }
    // A run time cuts it short; it does not end with its last user.
    let ramp = |end| Closed::ramp(10, 1.0, end).expect("a good ramp");
    assert_eq!((ramp(End::At(3 * S)).peak(), ramp(End::At(3 * S)).length_ns()), (4, Some(3 * S)));
    assert_eq!(ramp(End::WithStages).length_ns(), None);
}

#[test]
fn mistakes() {
    let of = |start, of: &[(u64, u32)], end| {
        let mistakes = Closed::new(start, &stages(of), end).expect_err("a mistake");
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let rows = [
        (of(0, &[], End::Never), "the number of users is \"0\": it must be from 1 to 1000000"),
        (
            of(MAX_USERS + 1, &[], End::Never),
            "the number of users is \"1000001\": it must be from 1 to 1000000",
        ),
        (
            of(1, &[(1, 1), (1, 2_000_000), (1, u32::MAX)], End::Never),
            "stage 2 leads to \"2000000\" users: at most 1000000 are possible",
        ),
        (
            of(0, &[(10, 0)], End::WithStages),
            "there is never a user: give a stage a target above 0, or the run more time",
        ),
        // It would come after the end.
        (
            of(0, &[(10, 5)], End::At(S)),
            "there is never a user: give a stage a target above 0, or the run more time",
        ),
        (
            of(5, &[(0, 5)], End::WithStages),
            "the stages last \"0\" together: give one of them a duration, or the run a run time",
        ),
        (of(5, &[], End::At(0)), "the run time is \"0\": leave it out for a run without an end"),
        (
            of(5, &[(3_000_000_000, 5), (3_000_000_000, 5)], End::Never),
            "the stages last longer than 100 years: shorten them",
        ),
        (
            of(5, &[(0, 1); MAX_STAGES + 1], End::Never),
            "there are \"10001\" stages: at most 10000 are possible",
        ),
    ];
    for (mistakes, expected) in rows {
        assert_eq!(mistakes, expected);
    }
    // All at once.
    let all = Closed::new(MAX_USERS + 1, &stages(&[(0, MAX_USERS + 1)]), End::WithStages);
    assert_eq!(all.map_err(|mistakes| mistakes.len()), Err(3));
    let ramps = [
        (0, 1.0, vec![ProfileError::Users(0)]),
        (MAX_USERS + 1, 1.0, vec![ProfileError::Users(MAX_USERS + 1)]),
        (1, 0.0, vec![ProfileError::SpawnRate(0.0)]),
        (1, f64::INFINITY, vec![ProfileError::SpawnRate(f64::INFINITY)]),
        (0, 1e7, vec![ProfileError::Users(0), ProfileError::SpawnRate(1e7)]),
    ];
    for (users, rate, expected) in ramps {
        assert_eq!(Closed::ramp(users, rate, End::Never), Err(expected));
    }
    assert!(Closed::ramp(1, f64::NAN, End::Never).is_err());
    let both = Closed::ramp(0, -1.0, End::At(0)).expect_err("three mistakes");
    assert_eq!(both.len(), 3, "{both:?}");
}

#[test]
fn somebody_asks_for_more_or_fewer() {
    let rate = |text: &str| Some(text.parse::<Rate>().expect(text));
    let plan = closed(0, &[(10, 10), (10, 0)], End::At(60 * S));
    // Asked at 5 s, when there are 5 users.
    type Row<'a> = ((u32, Option<Rate>), &'a [(u64, u32)]);
    let rows: [Row<'_>; 5] = [
        ((8, rate("1/s")), &[(5, 5), (6, 6), (7, 7), (8, 8), (30, 8)]),
        ((2, rate("60/m")), &[(5, 5), (7, 3), (8, 2), (30, 2)]),
        ((100, None), &[(5, 100), (30, 100)]),
        ((0, rate("0/s")), &[(5, 0), (30, 0)]),
        // As it is: a pause in the plan.
        ((5, rate("1/s")), &[(5, 5), (30, 5)]),
    ];
    for ((users, rate), expected) in rows {
        let turned = plan.turned(5 * S, users, rate);
        assert_eq!(turned.length_ns(), Some(60 * S));
        for (t, users_then) in expected {
            assert_eq!(turned.users_at(t * S), *users_then, "{users} asked for, at {t} s");
        }
    }
    let turned = plan.turned(5 * S, 8, rate("1/s"));
    assert_eq!(turned.users_at(0), 5, "what was is forgotten");
    assert_eq!(turned.change(5, 0), Some((6 * S, true)));
    assert_eq!(turned.change(4, 5 * S), None);
    assert_eq!(plan.turned(5 * S, u32::MAX, None).peak(), MAX_USERS);
}
