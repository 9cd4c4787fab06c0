//! Swapping one version of a scenario for another, for all inputs: who is what afterwards, who is of a canary, and
//! by which rules it is taken back.
use katydid_load::window::MAX_ERRORS;
use katydid_load::{
    Description, Dispatch, ErrorKind, Failure, LabelId, Rule, Sample, Share, UserClass, Wait,
    Window,
};
use proptest::prelude::*;

/// Some classes of eight that there may be, in any order.
fn description() -> impl Strategy<Value = Description> {
    let names = prop::sample::subsequence("abcdefgh".chars().collect::<Vec<_>>(), 0..=8);
    let numbers = prop::collection::vec((0_u32..6, prop::option::weighted(0.4, 0_u32..30)), 8);
    (names.prop_shuffle(), numbers).prop_map(|(names, numbers)| {
        let class = |(name, (weight, fixed_count)): (char, _)| UserClass {
            name: name.to_string(),
            weight,
            fixed_count,
            host: None,
            wait: Wait::None,
            sets: Vec::new(),
            tasks: Vec::new(),
        };
        let mut description = Description::default();
        description.classes.extend(names.into_iter().zip(numbers).map(class));
        description
    })
}

fn name_of<'a>(dispatch: &Dispatch, description: &'a Description, k: u32) -> Option<&'a str> {
    dispatch.class_of(k).map(|class| description.classes[class].name.as_str())
}

fn count_by_name(dispatch: &Dispatch, description: &Description, name: &str) -> u32 {
    let class = description.classes.iter().position(|class| class.name == name);
    class.map_or(0, |class| dispatch.count_of(class))
}

proptest! {
    #[test]
    fn after_any_swaps_classes_have_their_users_and_most_users_their_class(
        descriptions in prop::collection::vec(description(), 1..4),
        users in 0_u32..120,
    ) {
        let mut old = &descriptions[0];
        let mut dispatch = Dispatch::new(old, users);
        for new in &descriptions[1..] {
            let fresh = Dispatch::new(new, users);
            let next = Dispatch::following((&dispatch, old), new, users);
            for class in 0..new.classes.len() {
                let has = (0..users).filter(|k| next.class_of(*k) == Some(class)).count();
                prop_assert_eq!(has, fresh.count_of(class) as usize);
                prop_assert_eq!(next.count_of(class), fresh.count_of(class));
            }
            prop_assert_eq!(next.users(), fresh.users());
            prop_assert_eq!(next.class_of(users), None);

            let keeps = |k: &u32| {
                let (before, after) = (name_of(&dispatch, old, *k), name_of(&next, new, *k));
                before.is_some() && before == after
            };
            let most: u32 = new.classes.iter().map(|class| {
                count_by_name(&dispatch, old, &class.name).min(count_by_name(&next, new, &class.name))
            }).sum();
            prop_assert_eq!((0..users).filter(keeps).count(), most as usize);
            // Who loses its class has a higher number than all who keep it.
            for k in (0..users).filter(|k| !keeps(k)) {
                if let Some(lost) = name_of(&dispatch, old, k) {
                    let mut later = (k..users).filter(keeps);
                    prop_assert!(later.all(|k| name_of(&dispatch, old, k) != Some(lost)));
                }
            }

            prop_assert_eq!(&next, &Dispatch::following((&dispatch, old), new, users), "deterministic");
            prop_assert_eq!(&next, &Dispatch::following((&next, new), new, users), "at rest");
            (dispatch, old) = (next, new);
        }
    }

    #[test]
    fn nothing_changes_where_nothing_changed(description in description(), users in 0_u32..120) {
        let dispatch = Dispatch::new(&description, users);
        prop_assert_eq!(&Dispatch::following((&dispatch, &description), &description, users), &dispatch);
    }

    #[test]
    fn every_class_has_its_share_rounded_up(description in description(), users in 0_u32..120, share in 1_u32..=128) {
        let dispatch = Dispatch::new(&description, users);
        let of_128 = Share::new(f64::from(share) / 128.0).expect("a share");
        let chosen = dispatch.chosen(of_128, users);
        prop_assert_eq!(chosen.len(), users as usize);
        for class in 0..description.classes.len() {
            let has = (0..users).filter(|k| dispatch.class_of(*k) == Some(class) && chosen[*k as usize]).count();
            prop_assert_eq!(has as u32, (dispatch.count_of(class) * share).div_ceil(128));
        }
        for k in (0..users).filter(|k| dispatch.class_of(*k).is_none()) {
            prop_assert_eq!(chosen[k as usize], of_128.is_all());
        }
        // Who is chosen is so whoever comes after.
        prop_assert_eq!(&dispatch.chosen(of_128, users / 2)[..], &chosen[..users as usize / 2]);
    }
}

fn rule(text: &str) -> Rule {
    text.parse().unwrap_or_else(|error| unreachable!("{text:?} is a rule: {error}"))
}

/// A rule as it is written, and with spaces and capitals where they do not matter.
fn written() -> impl Strategy<Value = (String, String)> {
    let percent = (0_u32..1_000, 0_u32..100).prop_map(|(whole, hundredths)| {
        let text = format!("{whole}.{hundredths:02}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    let percentile =
        (1_u32..10_000).prop_map(|hundredths| format!("p{}", f64::from(hundredths) / 100.0));
    let time = prop_oneof![
        (0_u64..1_000).prop_map(|us| [us.to_string(), "us".to_owned()]),
        (1_u32..1_000).prop_map(|ms| [ms.to_string(), "ms".to_owned()]),
        (1_000_u64..1_000_000).prop_map(|us| [format!("{}", us as f64 / 1_000.0), "ms".to_owned()]),
        (1_u64..100_000).prop_map(|s| [s.to_string(), "s".to_owned()]),
        (1_000_001_u64..9_999_999).prop_map(|us| [format!("{}", us as f64 / 1e6), "s".to_owned()]),
    ];
    let parts = prop_oneof![
        ("traps|errors", any::<u64>()).prop_map(|(what, n)| vec![what, n.to_string()]),
        ("\\+?", percent.clone().prop_filter("below 100", |p| p.find('.').unwrap_or(p.len()) < 3))
            .prop_map(|(plus, percent)| {
                let mut parts = vec!["failures".to_owned(), plus, percent, "%".to_owned()];
                parts.retain(|part| !part.is_empty());
                parts
            }),
        (percentile.clone(), percent).prop_map(|(name, percent)| vec![name, percent, "%".into()]),
        (percentile, time).prop_map(|(name, [number, unit])| vec![name, number, unit]),
    ];
    let spaces = prop::collection::vec("[ \t\n]{0,2}", 6);
    (parts, spaces, any::<bool>()).prop_map(|(parts, spaces, capitals)| {
        let canonical = format!("{} > {}", parts[0], parts[1..].concat());
        let mut loose = spaces[0].clone() + &parts[0] + &spaces[1] + ">";
        for (part, space) in parts[1..].iter().zip(&spaces[2..]) {
            loose += &(space.clone() + part);
        }
        loose += &spaces[5];
        (canonical, if capitals { loose.to_uppercase() } else { loose })
    })
}

proptest! {
    #[test]
    fn rules_are_written_as_they_are_read((canonical, loose) in written()) {
        prop_assert_eq!(rule(&canonical).to_string(), canonical.as_str());
        prop_assert_eq!(rule(&loose), rule(&canonical), "{:?}", loose);
    }

    #[test]
    fn no_text_is_too_odd_to_be_refused(text in prop_oneof![
        any::<String>(),
        "(traps|errors|failures|median|p ?[0-9.]{0,5}|[a-z]*) ?>{0,2} ?[+-]?[0-9.]{0,30} ?(%|ms|us|s|µs|.)",
    ]) {
        match text.parse::<Rule>() {
            Ok(rule) => {
                prop_assert_eq!(rule.to_string().parse(), Ok(rule));
                rule.broken(&Window::default(), &Window::default());
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}

#[test]
fn rules_in_other_words() {
    let rows = [
        ("median > 200%", "p50 > 200%"),
        ("p95 > 0.25s", "p95 > 250ms"),
        ("p95 > 1000us", "p95 > 1ms"),
        ("p95 > 1500ms", "p95 > 1.5s"),
        ("p95 > 70µs", "p95 > 70us"),
        ("p95.50 > 120.10%", "p95.5 > 120.1%"),
        ("traps > 007", "traps > 7"),
        ("failures > +5.%", "failures > +5%"),
    ];
    for (text, canonical) in rows {
        assert_eq!(rule(text).to_string(), canonical);
    }
    let defaults: Vec<String> = Rule::defaults().iter().map(ToString::to_string).collect();
    assert_eq!(defaults, ["traps > 0", "failures > +5%", "p95 > 200%"]);
}

#[test]
fn what_is_no_rule() {
    let any = "write it like traps > 0, errors > 10, failures > +5% or p95 > 200%";
    let failures = "which is no percentage below 100 of at most two decimals, \
                    write it like failures > 5% or failures > +5%";
    let percentile = "which is no percentile between 0 and 100 of at most two decimals, \
                      write it like p95 > 200% or p99.9 > 250ms";
    let time = "which is no percentage of at most two decimals, nor a time in us, ms or s, \
                write it like p95 > 200% or p95 > 250ms";
    let rows = [
        ("", "\"\" has no \">\"", any),
        ("traps", "\"traps\" has no \">\"", any),
        ("Latency > 3", "\"Latency > 3\" has \"latency\"", any),
        ("p > 3%", "has \"p\"", any),
        ("> 3%", "has \"\"", any),
        ("traps > x", "has \"x\"", "which is no whole number, write it like traps > 0"),
        ("errors >= 1", "has \"= 1\"", "which is no whole number, write it like errors > 10"),
        ("errors > 1.5", "has \"1.5\"", "no whole number"),
        // One more than fits.
        ("traps > 18446744073709551616", "has \"18446744073709551616\"", "no whole number"),
        ("failures > 5", "has \"5\"", failures),
        ("failures > 100%", "has \"100%\"", failures),
        ("failures > -5%", "has \"-5%\"", failures),
        ("failures > +1.005%", "has \"+1.005%\"", failures),
        ("p0 > 200%", "has \"p0\"", percentile),
        ("p100 > 200%", "has \"p100\"", percentile),
        ("p99.999 > 200%", "has \"p99.999\"", percentile),
        ("p95 > 200", "has \"200\"", time),
        ("p95 > +20%", "has \"+20%\"", time),
        ("p95 > 2m", "has \"2m\"", time),
        ("p95 > 0.5us", "has \"0.5us\"", time),
        ("p95 > 1 0ms", "has \"1 0ms\"", time),
        ("p95 > .5s", "has \".5s\"", time),
        // Others' text breaks no line and is bounded.
        ("traps > \u{1b}[2J\n1", "\u{fffd}[2J\u{fffd}1", "no whole number"),
    ];
    for (text, quoted, cure) in rows {
        let error = text.parse::<Rule>().expect_err(text).to_string();
        assert!(error.starts_with("the rule \""), "{error}");
        assert!(error.contains(quoted) && error.contains(cure), "{text:?}: {error}");
    }
    let error = "traps > ".to_owned() + &"9".repeat(10_000);
    assert!(error.parse::<Rule>().expect_err("too large").to_string().len() < 300);
}

/// A window with this many requests of each of two labels, `failed` of the first of them, all as long.
fn requests(each: u64, failed: u64, us: u64) -> Window {
    let mut window = Window::default();
    for (n, label) in (0..each).flat_map(|n| [(n, 0), (n, 1)]) {
        window.record(&Sample {
            label: LabelId(label),
            version: 1,
            user: 0,
            iteration: 0,
            number: 0,
            due_ns: 0,
            called_ns: 0,
            // Service times are not what a rule looks at.
            sent_ns: us * 1_000,
            done_ns: us * 1_000,
            bytes_sent: 0,
            bytes_received: 0,
            attempts: 1,
            outcome: if label == 0 && n < failed { Err(&Failure::Interrupted) } else { Ok(()) },
        });
    }
    window
}

#[test]
fn rules_on_failures_and_times() {
    // (rule, (requests of each label, failed, µs) of new and old, why it is broken)
    let rows = [
        // As much as is allowed, and one more.
        ("failures > 5%", (50, 5, 1), (0, 0, 1), None),
        ("failures > 5%", (50, 6, 1), (0, 0, 1), Some("the failure ratio is 6 %")),
        ("failures > 0%", (50_000, 1, 1), (0, 0, 1), Some("the failure ratio is 0.01 %")),
        // Exactly 5 points more, where floating point would err: 0.55 − 0.5 > 0.05.
        ("failures > +5%", (100, 110, 1), (100, 100, 1), None),
        (
            "failures > +5%",
            (100, 15, 1),
            (200, 5, 1),
            Some("the failure ratio is 7.5 %, 6.25 points above the old version's 1.25 %"),
        ),
        // Fewer failures than before are never too many.
        ("failures > +0%", (100, 1, 1), (100, 2, 1), None),
        ("failures > +5%", (100, 90, 1), (100, 90, 1), None),
        ("p95 > 250ms", (100, 0, 250_000), (0, 0, 1), None),
        ("p95 > 200us", (100, 0, 201), (0, 0, 1), Some("p95 is 201 µs")),
        ("median > 1ms", (100, 0, 1_001), (0, 0, 1), Some("p50 is 1.001 ms")),
        ("p95 > 200%", (100, 0, 2_000), (100, 0, 1_000), None),
        (
            "p95 > 200%",
            (100, 0, 1_003),
            (100, 0, 500),
            Some("p95 is 1.003 ms, 200.6 % of the old version's 500 µs"),
        ),
        // Division by nothing.
        (
            "p95 > 200%",
            (100, 0, 3),
            (100, 0, 0),
            Some("p95 is 3 µs, 300 % of the old version's 1 µs"),
        ),
        ("p95 > 200%", (100, 0, 0), (100, 0, 0), None),
        // Too few to say: of the new version, of the old one, and for such a percentile.
        ("failures > 5%", (49, 49, 1), (100, 0, 1), None),
        ("failures > +5%", (49, 49, 1), (100, 0, 1), None),
        ("failures > +5%", (100, 100, 1), (49, 0, 1), None),
        ("p50 > 1us", (49, 0, 2), (0, 0, 1), None),
        ("p95 > 100%", (99, 0, 2), (99, 0, 1), None),
        ("p95 > 100%", (100, 0, 2), (99, 0, 1), None),
        ("p99 > 1us", (499, 0, 2), (0, 0, 1), None),
        ("p99 > 1us", (500, 0, 2), (0, 0, 1), Some("p99 is 2 µs")),
    ];
    for (text, new, old, why) in rows {
        let window = |(each, failed, us)| requests(each, failed, us);
        let broken = rule(text).broken(&window(new), &window(old));
        let why = why.map(|why| format!("{why} (rule: {})", rule(text)));
        assert_eq!(broken, why, "{text}, new {new:?}, old {old:?}");
    }
}

#[test]
fn rules_that_could_not_be_broken_yet() {
    // (rule, requests of each label of the new version and of the old one, whether that is enough)
    let rows = [
        ("traps > 0", 0, 0, true),
        ("errors > 5", 0, 0, true),
        ("failures > 5%", 50, 0, true),
        ("failures > 5%", 49, 50, false),
        ("failures > +5%", 50, 50, true),
        ("failures > +5%", 50, 49, false),
        ("p95 > 250ms", 100, 0, true),
        ("p95 > 250ms", 99, 0, false),
        ("p95 > 200%", 100, 100, true),
        ("p95 > 200%", 100, 99, false),
    ];
    for (text, new, old, expected) in rows {
        let [new, old] = [new, old].map(|each| requests(each, 0, 1));
        assert_eq!(rule(text).has_enough(&new, &old), expected, "{text}");
    }
}

#[test]
fn rules_on_traps_and_errors() {
    let errors = |traps, failed| {
        let mut window = Window::default();
        for (kind, count) in [(ErrorKind::Trap, traps), (ErrorKind::Failed, failed)] {
            (0..count).for_each(|n| window.record_error("a.b", kind, &n.to_string(), 1));
        }
        window
    };
    let many = MAX_ERRORS;
    let rows = [
        ("traps > 0", (0, 9), None),
        ("traps > 0", (1, 9), Some("1 trap (rule: traps > 0)")),
        ("traps > 2", (2, 0), None),
        ("traps > 2", (3, 0), Some("3 traps (rule: traps > 2)")),
        ("errors > 3", (1, 2), None),
        ("errors > 3", (2, 2), Some("4 errors (rule: errors > 3)")),
        // Too many to be kept apart.
        ("traps > 399", (2 * many, many), Some("400 traps (rule: traps > 399)")),
        ("errors > 599", (2 * many, many), Some("600 errors (rule: errors > 599)")),
    ];
    for (text, (traps, failed), why) in rows {
        let broken = rule(text).broken(&errors(traps, failed), &errors(500, 500));
        assert_eq!(broken.as_deref(), why, "{text}");
    }
}
