//! Comparing two results: that chance is not taken for a change, nor a change for chance.
use katydid_load::compare::{
    CONFIDENCE, ChangeJudgement, ChangeRule, Comparison, Delta, Finding, Measure, Measured, Row,
    Second, Side, Spread,
};
use katydid_load::threshold::Which;
use katydid_load::{Label, LabelStats, Rng, Times};
use proptest::prelude::*;

/// What may be wrong with a run beside chance.
#[derive(Debug, Clone, Copy)]
struct Target {
    /// Mean of its times, which are exponential, in microseconds.
    mean_us: f64,
    /// How often it fails.
    failures: f64,
    /// By how much each second is slower or faster than the others: 0.2 is up to 20 %.
    unrest: f64,
}

const TARGET: Target = Target { mean_us: 20_000.0, failures: 0.02, unrest: 0.0 };

fn uniform(rng: &mut Rng) -> f64 {
    rng.below(1 << 53) as f64 / (1_u64 << 53) as f64
}

fn label(name: &str) -> Label {
    Label { request_type: "xmlrpc".into(), name: name.into() }
}

/// A run of so many seconds with so many requests in each, half of them under `a` and half under `b`.
fn run(target: Target, seconds: u64, each: u64, seed: u64) -> Measured {
    let mut rng = Rng::new(seed);
    let (mut sides, mut series) = ([LabelStats::default(), LabelStats::default()], Vec::new());
    for _ in 0..seconds {
        let pace = 1.0 + target.unrest * (2.0 * uniform(&mut rng) - 1.0);
        let mut second = Second { requests: each, ..Second::default() };
        for n in 0..each {
            let us = (target.mean_us * pace * rng.exponential()) as u64;
            let failed = uniform(&mut rng) < target.failures;
            let side = &mut sides[(n % 2) as usize];
            side.requests += 1;
            side.failed += u64::from(failed);
            side.response.record(us);
            side.service.record(us);
            second.failed += u64::from(failed);
            second.mean_us += us as f64 / each as f64;
        }
        series.push(second);
    }
    let mut total = sides[0].clone();
    total.merge(&sides[1]);
    Measured {
        seconds: seconds as f64,
        total: Side::of(&total),
        labels: [("a", &sides[0]), ("b", &sides[1])]
            .map(|(name, side)| (label(name), Side::of(side)))
            .into(),
        series,
    }
}

fn deltas(comparison: &Comparison) -> impl Iterator<Item = &Delta> {
    comparison.rows.iter().flat_map(|row| &row.deltas)
}

fn of(row: &Row, measure: Measure) -> Finding {
    row.deltas.iter().find(|delta| delta.measure == measure).expect("this figure").finding
}

/// How often each figure is found to differ where nothing does.
fn false_alarms(target: Target, runs: u64, (seconds, each): (u64, u64)) -> f64 {
    let (mut alarms, mut all) = (0, 0);
    for pair in 0..runs {
        let (before, after) =
            (run(target, seconds, each, 2 * pair), run(target, seconds, each, 2 * pair + 1));
        for delta in deltas(&Comparison::new(&before, &after)) {
            all += 1;
            alarms += u32::from(matches!(delta.finding, Finding::Better | Finding::Worse));
        }
    }
    f64::from(alarms) / f64::from(all)
}

#[test]
fn chance_is_not_taken_for_a_change() {
    let alarms = false_alarms(TARGET, 100, (20, 50));
    // One in a hundred figures; they hang together, so that it is a few more or fewer.
    assert!(alarms <= 1.5 * (1.0 - CONFIDENCE), "{alarms}");
    // Nor where whole seconds are slower than others, which is what their number alone would not explain.
    let unrest = Target { unrest: 0.5, ..TARGET };
    let alarms = false_alarms(unrest, 20, (62, 60));
    assert!(alarms <= 0.02, "{alarms}");
    let blind = |seed| Measured { series: Vec::new(), ..run(unrest, 62, 60, seed) };
    let differs = |pair: u64| {
        let row = &Comparison::new(&blind(2 * pair), &blind(2 * pair + 1)).rows[0];
        of(row, Measure::Response(Which::Mean)) != Finding::NoDifference
    };
    let blind = (0..30).filter(|pair| differs(*pair)).count();
    assert!(blind > 4, "without its seconds: {blind} of 30");
}

#[test]
fn clear_changes_are_found() {
    let slower = Target { mean_us: 24_000.0, ..TARGET };
    let failing = Target { failures: 0.05, ..TARGET };
    let before = run(TARGET, 40, 200, 1);
    let changes = [
        (slower, Measure::Response(Which::Mean)),
        (slower, Measure::Response(Which::Percentile(5_000))),
        (slower, Measure::Response(Which::Percentile(9_500))),
        (slower, Measure::Service(Which::Mean)),
        (failing, Measure::Failures),
    ];
    for (target, measure) in changes {
        for seed in 2..6 {
            let after = run(target, 40, 200, seed);
            let worse = Comparison::new(&before, &after);
            let better = Comparison::new(&after, &before);
            // Of all labels together and of each.
            for place in 0..3 {
                assert_eq!(
                    of(&worse.rows[place], measure),
                    Finding::Worse,
                    "{measure} {place} {seed}"
                );
                assert_eq!(
                    of(&better.rows[place], measure),
                    Finding::Better,
                    "{measure}, the other way"
                );
            }
        }
    }
    let fast = run(TARGET, 40, 220, 9);
    let more = Comparison::new(&before, &fast);
    assert_eq!(of(&more.rows[0], Measure::Pace), Finding::Better);
    assert_eq!(of(&Comparison::new(&fast, &before).rows[0], Measure::Pace), Finding::Worse);
    // From nothing to something.
    let (good, bad) =
        (run(Target { failures: 0.0, ..TARGET }, 40, 200, 3), run(TARGET, 40, 200, 4));
    assert_eq!(of(&Comparison::new(&good, &bad).rows[0], Measure::Failures), Finding::Worse);
}

#[test]
fn small_changes_and_few_requests() {
    // Ten million requests know half a percent, but it does not matter.
    let side = |mean_us: f64| Side {
        requests: 10_000_000,
        failed: 0,
        response: Some(Spread {
            count: 10_000_000,
            mean_us,
            stddev_us: 1_000.0,
            percentiles: Vec::new(),
        }),
        service: None,
    };
    let measured =
        |mean_us| Measured { seconds: 100.0, total: side(mean_us), ..Measured::default() };
    let mean = |after| {
        let comparison = Comparison::new(&measured(10_000.0), &measured(after));
        of(&comparison.rows[0], Measure::Response(Which::Mean))
    };
    assert_eq!(
        [10_050.0, 10_101.0, 9_899.0].map(mean),
        [Finding::NoDifference, Finding::Worse, Finding::Better]
    );

    let few = Comparison::new(&run(TARGET, 4, 20, 1), &run(TARGET, 40, 200, 2));
    assert!(
        deltas(&few)
            .filter(|delta| delta.measure != Measure::Response(Which::Percentile(5_000)))
            .all(|delta| {
                delta.finding == Finding::TooFew
                    || matches!(delta.measure, Measure::Response(_) | Measure::Service(_))
            })
    );
    let last = Measure::Response(Which::Percentile(9_999));
    assert_eq!(of(&few.rows[0], last), Finding::TooFew, "never so many");
    let nothing = Comparison::new(&Measured::default(), &Measured::default());
    assert_eq!(
        nothing.rows[0].deltas.iter().map(|delta| delta.finding).collect::<Vec<_>>(),
        [Finding::TooFew]
    );
}

#[test]
fn labels_of_one_side_only() {
    let before = run(TARGET, 2, 20, 1);
    let mut after = before.clone();
    let side = after.labels.remove(&label("a")).expect("it is there");
    after.labels.insert(label("c"), side);
    let comparison = Comparison::new(&before, &after);
    assert_eq!(
        comparison.rows.iter().map(|row| row.label.clone()).collect::<Vec<_>>(),
        [None, Some(label("b"))]
    );
    assert_eq!(
        (comparison.only_before, comparison.only_after),
        (vec![label("a")], vec![label("c")])
    );
}

fn rule(text: &str) -> ChangeRule {
    text.parse().expect(text)
}

/// Two results in which each figure has changed as said: (before, after, finding).
fn changed(label: Option<Label>, deltas: &[(Measure, f64, f64, Finding)]) -> Row {
    let delta = |&(measure, before, after, finding): &_| Delta { measure, before, after, finding };
    Row { label, deltas: deltas.iter().map(delta).collect() }
}

#[test]
fn rules_on_changes() {
    use Finding::{Better, NoDifference, TooFew, Worse};
    let p95 = Measure::Response(Which::Percentile(9_500));
    let comparison = Comparison {
        rows: vec![
            changed(
                None,
                &[
                    (Measure::Failures, 0.01, 0.025, Worse),
                    (Measure::Pace, 200.0, 180.0, Worse),
                    (Measure::Response(Which::Mean), 10_000.0, 11_000.0, NoDifference),
                    (p95, 100_000.0, 120_000.0, Worse),
                    (Measure::Service(Which::Percentile(9_990)), 0.0, 3.0, TooFew),
                    (Measure::Service(Which::Mean), 10_000.0, 9_000.0, Better),
                ],
            ),
            changed(
                Some(Label { request_type: "sql".into(), name: "a".into() }),
                &[(p95, 100.0, 101.0, NoDifference)],
            ),
            changed(Some(label("a")), &[(p95, 100.0, 150.0, Worse)]),
        ],
        only_before: vec![label("old")],
        only_after: vec![label("new")],
    };
    // (rule, judgement, words)
    let rows = [
        ("p95 regression < 20.01%", "held", "+20 %"),
        ("p95 regression <= 20%", "held", "+20 %"),
        ("p95 regression < 20%", "breached", "+20 %"),
        ("p95 regression < 19ms", "breached", "+20 ms"),
        ("p95 regression <= 20ms", "held", "+20 ms"),
        ("avg regression < 5%", "doubtful", "+10 %, which may be chance"),
        ("service avg regression < 0%", "held", "-10 %"),
        (
            "service p99.9 regression < 1%",
            "unknown",
            "+300 %, but there are too few requests to say whether that is chance",
        ),
        ("failures increase < 1%", "breached", "+1.5 points"),
        ("failures increase < 2%", "held", "+1.5 points"),
        ("rps regression < 10%", "breached", "+10 %"),
        ("rps decrease <= 10%", "held", "+10 %"),
        // Of labels of one name the worst counts.
        ("a: p95 regression < 10%", "breached", "+50 %"),
        ("sql a: p95 regression < 10%", "held", "+1 %"),
        ("p99 regression < 10%", "unknown", "the results have no p99 in common"),
        ("old: p95 regression < 1%", "unknown", "only the earlier result has \"old\""),
        ("new: p95 regression < 1%", "unknown", "only the later result has \"new\""),
        ("b: p95 regression < 1%", "unknown", "nothing was counted under \"b\""),
    ];
    for (text, judgement, words) in rows {
        let judged = rule(text).evaluate(&comparison);
        assert_eq!((judged.as_str(), judged.to_string().as_str()), (judgement, words), "{text}");
        assert_eq!(judged.passes(), ["held", "doubtful"].contains(&judgement), "{text}");
    }
    let change = |text| match rule(text).evaluate(&comparison) {
        ChangeJudgement::Held(change) | ChangeJudgement::Breached(change) => Some(change.get()),
        _ => None,
    };
    assert_eq!(change("p95 regression < 1%").map(f64::round), Some(20.0));
    assert_eq!(
        rule("p95 regression < 1%").evaluate(&Comparison::default()).to_string(),
        "there is nothing to compare"
    );
}

#[test]
fn rules_in_other_words() {
    let rows = [
        (" Median  Regression<10.50 %", "p50 regression < 10.5%"),
        ("service mean increase <= 1000us", "service avg regression <= 1ms"),
        ("http a<b: p95 regression < 5%", "http a<b: p95 regression < 5%"),
        ("failures regression < 1%", "failures increase < 1%"),
        ("rps decrease < 5%", "requests regression < 5%"),
        ("a: requests regression < 5%", "a: requests regression < 5%"),
    ];
    for (text, canonical) in rows {
        assert_eq!(rule(text).to_string(), canonical);
        assert_eq!(rule(canonical), rule(text));
    }
    let wrong = [
        ("", "the rule \"\" has no < or <="),
        ("p95 regression > 5%", "has no < or <="),
        ("< 5%", "has \"\", which is no figure and what becomes of it"),
        ("p95 < 5%", "has \"p95\", which is no figure and what becomes of it"),
        (
            "p95 growth < 5%",
            "has \"growth\", which is no change for the worse: regression or increase",
        ),
        (
            "rps increase < 5%",
            "has \"increase\", which is no change for the worse: regression or decrease",
        ),
        ("max regression < 5%", "has \"max\", which is no figure that results are compared by"),
        (
            "checks regression < 5%",
            "has \"checks\", which is no figure that results are compared by",
        ),
        (
            "p95 regression < 5",
            "has \"5\", which is no percentage of at most two decimals, nor a time in us, ms or s",
        ),
        (
            "rps regression < 5ms",
            "has \"5ms\", which is no percentage of at most two decimals, write it like",
        ),
        ("failures increase < -1%", "has \"-1%\", which is no percentage"),
    ];
    for (text, expected) in wrong {
        let error = text.parse::<ChangeRule>().expect_err(text).to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_result_does_not_differ_from_itself(seed in any::<u64>(), seconds in 1_u64..40, each in 0_u64..60, failures in 0.0..1.0) {
        let measured = run(Target { failures, unrest: 0.3, ..TARGET }, seconds, each, seed);
        for delta in deltas(&Comparison::new(&measured, &measured)) {
            prop_assert!(matches!(delta.finding, Finding::NoDifference | Finding::TooFew), "{:?}", delta);
            prop_assert_eq!(delta.absolute(), 0.0);
        }
    }

    #[test]
    fn the_other_way_around_is_the_opposite(seeds in any::<[u64; 2]>(), factor in 0.5..2.0, each in 10_u64..100) {
        let before = run(TARGET, 15, each, seeds[0]);
        let after = run(Target { mean_us: TARGET.mean_us * factor, ..TARGET }, 15, each, seeds[1]);
        let opposite = |finding| match finding {
            Finding::Better => Finding::Worse,
            Finding::Worse => Finding::Better,
            same => same,
        };
        let (there, back) = (Comparison::new(&before, &after), Comparison::new(&after, &before));
        for (there, back) in deltas(&there).zip(deltas(&back)) {
            // Only at the least change that matters, a share of another value, may they part.
            let near = there.relative().is_some_and(|change| (change.abs() - 0.01).abs() < 0.001);
            prop_assert!(near || there.finding == opposite(back.finding), "{:?} {:?}", there, back);
        }
    }

    #[test]
    fn percentiles_lie_in_their_intervals(seed in any::<u64>(), count in 20_u64..3_000) {
        let mut rng = Rng::new(seed);
        let mut times = Times::default();
        (0..count).for_each(|_| times.record((1e6 * rng.exponential()) as u64));
        for percentile in [50.0, 90.0, 95.0, 99.0, 99.9] {
            let value = times.percentile_us(percentile);
            let wide = times.percentile_interval(percentile, 0.99);
            if let Some((low, high)) = wide {
                prop_assert!(low <= value && value <= high);
                let narrow = times.percentile_interval(percentile, 0.9);
                prop_assert!(narrow.is_some_and(|narrow| low <= narrow.0 && narrow.1 <= high));
            }
        }
    }

    #[test]
    fn no_text_is_too_odd_to_be_refused(text in prop_oneof![
        any::<String>(),
        "(.{0,4}: ?)?(p[0-9.]{1,5}|avg|service avg|failures|rps|requests|max) (regression|increase|decrease|x) ?<=? ?[0-9.]{1,20} ?(%|ms|us|s)?",
    ]) {
        match text.parse::<ChangeRule>() {
            Ok(rule) => {
                prop_assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
                rule.evaluate(&Comparison::default());
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}

#[test]
fn intervals_hold_what_they_promise() {
    // The percentiles of the exponential distribution, and how often they are outside of a 95 % interval.
    for (percentile, exact) in [(50.0, 2_f64.ln()), (95.0, 20_f64.ln()), (99.0, 100_f64.ln())] {
        let mut missed = 0;
        for seed in 0..400 {
            let (mut rng, mut times) = (Rng::new(seed), Times::default());
            (0..600).for_each(|_| times.record((1e7 * rng.exponential()) as u64));
            let (low, high) = times.percentile_interval(percentile, 0.95).expect("enough");
            missed += u32::from(!(low as f64..=high as f64).contains(&(1e7 * exact)));
        }
        // Four standard errors above 5 %.
        assert!(missed <= 37, "{percentile} %: {missed} of 400");
        assert!(missed >= 4, "{percentile} %: wider than need be, {missed} of 400");
    }
}
