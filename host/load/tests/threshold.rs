//! Thresholds: what may be written, what is found, and that no text is too odd.
use katydid_load::metric::Recorded;
use katydid_load::{
    ErrorKind, Failure, Figures, Holds, Judgement, Label, Labels, Sample, Threshold, Thresholds,
    Watched, Window,
};
use proptest::prelude::*;

const S: u64 = 1_000_000_000;

fn threshold(text: &str) -> Threshold {
    text.parse().expect(text)
}

/// A run of 10 s: 1 to 1,000 ms for `get_time`, of which every hundredth fails; 10 times 5 ms for `db:query`,
/// under two request types.
fn run() -> (Window, Vec<Label>) {
    let (mut window, mut labels) = (Window::default(), Labels::default());
    let mut request = |label, ms: u64, fails: bool| {
        window.record(&Sample {
            label,
            version: 1,
            user: 0,
            iteration: 0,
            number: 0,
            due_ns: 0,
            called_ns: 0,
            // A millisecond of the response time is ours.
            sent_ns: 1_000_000,
            done_ns: ms * 1_000_000,
            bytes_sent: 0,
            bytes_received: 0,
            attempts: 1,
            outcome: if fails { Err(&Failure::Status(500)) } else { Ok(()) },
        });
    };
    let label = labels.intern("xmlrpc", "get_time");
    (1..=1_000).for_each(|ms| request(label, ms, ms % 100 == 0));
    for request_type in ["xmlrpc", "sql"] {
        let label = labels.intern(request_type, "db:query");
        (0..10).for_each(|_| request(label, 5, false));
    }
    for n in 0..1_000 {
        window.record_check("login", n != 0);
        window.record_check("a: b<c", n % 2 == 0);
    }
    for _ in 0..3 {
        window.record_error("a.b", ErrorKind::Trap, "unreachable", 1);
    }
    window.record_error("a.b", ErrorKind::Failed, "no", 1);
    (window.iterations, window.interrupted_iterations) = (500, 2);
    (window.arrivals.scheduled, window.arrivals.started, window.arrivals.dropped) =
        (1_000, 990, 10);
    (0..990).for_each(|us| window.arrivals.lateness.record(us));
    window.record_metric("sold", Recorded::Counter(70), 1);
    window.record_metric("queue", Recorded::Gauge(4.25), 1);
    window.record_metric("queue", Recorded::Gauge(-1.5), 2);
    (0..4).for_each(|n| window.record_metric("cached", Recorded::Rate(n > 0), 1));
    (1..=100).for_each(|n| window.record_metric("size", Recorded::Trend(n), 1));
    (window, labels.all().to_vec())
}

#[test]
fn every_figure_is_found() {
    let (window, labels) = run();
    let figures = Figures::new(&window, &labels, 10 * S);
    let held = [
        // Nearest ranks of 1,020: histogram classes are a thousandth wide at most.
        ("p95 < 950ms", "949.247 ms"),
        ("median <= 491ms", "490.239 ms"),
        ("max <= 1s", "1 s"),
        ("min >= 1ms", "1 ms"),
        ("get_time: avg <= 500.5ms", "500.5 ms"),
        ("get_time: service avg < 500ms", "499.5 ms"),
        ("xmlrpc get_time: p50 > 100ms", "500.223 ms"),
        // Both request types, one of them, and a label with a colon in it.
        ("db:query: requests >= 20", "20"),
        ("sql db:query: requests <= 10", "10"),
        ("db:query: p99.9 < 6ms", "5 ms"),
        ("failures < 1%", "0.98 %"),
        ("get_time: failures <= 1%", "1 %"),
        ("failures <= 10", "10"),
        ("failures < 1.5/s", "1/s"),
        ("db:query: failures < 1", "0"),
        ("requests > 1000", "1020"),
        ("rps > 100", "102/s"),
        ("get_time: rps >= 100", "100/s"),
        ("checks{login} >= 99.9%", "99.9 %"),
        ("checks{a: b<c} > 49%", "50 %"),
        ("checks < 75%", "74.95 %"),
        ("iterations >= 50/s", "50/s"),
        ("iterations > 499", "500"),
        ("interrupted < 3", "2"),
        ("errors < 5", "4"),
        ("traps <= 3", "3"),
        ("dropped <= 1%", "1 %"),
        ("dropped < 11", "10"),
        ("lateness max < 1ms", "989 µs"),
        ("lateness p50 < 0.5ms", "494 µs"),
        ("counter{sold} >= 7/s", "7/s"),
        ("counter{sold} > 69", "70"),
        ("gauge{queue} < -1.4", "-1.5"),
        ("gauge{queue} max < 5", "4.25"),
        ("gauge{queue} min >= -1.5", "-1.5"),
        ("rate{cached} >= 75%", "75 %"),
        ("trend{size} p95 <= 95", "95"),
        ("trend{size} avg < 50.6", "50.5"),
    ];
    for (text, value) in held {
        let judged = threshold(text).evaluate(&figures);
        assert_eq!((judged.holds(), judged.to_string().as_str()), (Holds::Yes, value), "{text}");
        // The opposite does not hold, and says the same where the value is exact.
        let opposites = [("<=", ">"), (">=", "<"), ("<", ">="), (">", "<=")];
        let at = text.rfind(['<', '>']).expect("there is one");
        let rest = &text[at..];
        let (from, to) = opposites.iter().find(|(from, _)| rest.starts_with(from)).expect("one");
        let opposite = text[..at].to_owned() + &rest.replacen(from, to, 1);
        let judged = threshold(&opposite).evaluate(&figures);
        assert_eq!(judged.holds(), Holds::No, "{opposite}");
        assert!(!judged.passes());
    }
}

#[test]
fn values_are_rounded_away_from_their_bound() {
    let (window, labels) = run();
    // 1,020 requests in 7 s are 145.714285… per second, 10 failures 0.98039 %.
    let figures = Figures::new(&window, &labels, 7 * S);
    let rows = [
        ("rps < 145.715", Holds::Yes, "145.714/s"),
        ("rps < 145.714", Holds::No, "145.715/s"),
        ("rps > 145.714", Holds::Yes, "145.715/s"),
        ("rps > 145.715", Holds::No, "145.714/s"),
        ("failures <= 0.98%", Holds::No, "0.99 %"),
        ("failures >= 0.99%", Holds::No, "0.98 %"),
        ("gauge{queue} max > 4.249", Holds::Yes, "4.25"),
    ];
    for (text, holds, value) in rows {
        let judged = threshold(text).evaluate(&figures);
        assert_eq!((judged.holds(), judged.to_string().as_str()), (holds, value), "{text}");
    }
    let value = |text| match threshold(text).evaluate(&figures) {
        Judgement::Held(value) | Judgement::Breached(value) => value.get(),
        Judgement::Unknown(_) => f64::NAN,
    };
    let numbers = [
        ("max < 1s", 1e6),
        ("failures <= 10", 10.0),
        ("rps < 145.715", 145.714),
        ("checks{login} > 1%", 0.999),
        ("gauge{queue} < 0", -1.5),
    ];
    for (text, expected) in numbers {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn what_was_never_counted_is_unknown() {
    let (window, labels) = run();
    let (nothing, full) = (Window::default(), Figures::new(&window, &labels, 10 * S));
    let empty = Figures::new(&nothing, &labels, 0);
    let unknown = [
        (&full, "get_tiem: p95 < 1s", "nothing was counted under \"get_tiem\""),
        (&full, "get_tiem: failures < 1", "nothing was counted under \"get_tiem\""),
        (&full, "rpc get_time: requests > 0", "nothing was counted under \"rpc get_time\""),
        (&full, "checks{logout} > 1%", "the check \"logout\" was never made"),
        (&full, "trend{sold} p95 < 1", "the trend \"sold\" was never recorded"),
        (&full, "counter{gold} < 1", "the counter \"gold\" was never recorded"),
        (&empty, "get_time: p95 < 1s", "nothing was counted under \"get_time\""),
        (&empty, "p95 < 1s", "no request was made"),
        (&empty, "failures < 1%", "no request was made"),
        (&empty, "checks >= 0%", "no check was made"),
        (&empty, "rps >= 0", "no time has passed"),
        (&empty, "dropped < 1", "no iteration was due: the run is one of users, not of arrivals"),
        (
            &empty,
            "lateness max < 1s",
            "no iteration was due: the run is one of users, not of arrivals",
        ),
    ];
    for (figures, text, why) in unknown {
        let judged = threshold(text).evaluate(figures);
        assert_eq!(judged, Judgement::Unknown(why.to_owned()), "{text}");
        assert!(!judged.passes(), "as bad as a breach");
    }
    // Nothing is known to be none.
    for text in ["failures < 1", "requests < 1", "errors < 1", "traps < 1", "iterations <= 0"] {
        assert_eq!(threshold(text).evaluate(&empty).to_string(), "0");
    }
}

#[test]
fn breaches_are_remembered_and_may_end_the_run() {
    let (window, labels) = run();
    let quiet = Window::default();
    let watched = |text, abort_after_ns| Watched { threshold: threshold(text), abort_after_ns };
    let mut thresholds = Thresholds::new(vec![
        watched("errors < 1", None),
        watched("failures < 1", Some(5 * S)),
        watched("get_time: p95 < 1s", Some(0)),
        watched("traps < 3", Some(0)),
    ]);
    let mut found = Vec::new();
    for second in 1..=8 {
        // Errors from the third second on, gone again from the seventh.
        let window = if (3..7).contains(&second) { &window } else { &quiet };
        let judged = thresholds.judge(&Figures::new(window, &labels, second * S));
        found.push(judged.iter().map(|judged| judged.holds()).collect::<Vec<_>>());
        let abort = thresholds.abort().map(|(rule, at)| (rule.to_string(), at / S));
        let expected = (second >= 3).then(|| ("traps < 3".to_owned(), 3));
        assert_eq!(abort, expected, "after {second} s");
    }
    assert_eq!(found[0], [Holds::Yes, Holds::Yes, Holds::Unknown, Holds::Yes]);
    assert_eq!(found[3], [Holds::No, Holds::No, Holds::Yes, Holds::No]);
    let at: Vec<_> =
        (0..5).map(|place| thresholds.breached_at_ns(place).map(|ns| ns / S)).collect();
    assert_eq!(at, [Some(3), Some(5), None, Some(3), None], "the second one only after its delay");
    let state = thresholds.all()[1].state(&Judgement::Unknown("why".to_owned()));
    assert_eq!(
        (state.rule.as_str(), state.value.as_str(), state.aborts),
        ("failures < 1", "why", true)
    );
}

#[test]
fn thresholds_in_other_words() {
    let rows = [
        (" GET_time :  Median<0.2S ", "GET_time: p50 < 200ms"),
        ("response P95.50 <=1000us", "p95.5 <= 1ms"),
        ("service mean < 1.4s", "service avg < 1.4s"),
        ("failures<1.50 %", "failures < 1.5%"),
        ("failures < 007", "failures < 7"),
        ("rps > 50", "requests > 50/s"),
        ("requests > 0.5 /s", "requests > 0.5/s"),
        ("checks { Log in } >= 99.9%", "checks{Log in} >= 99.9%"),
        ("checks{a} > b} >= 99%", "checks{a} > b} >= 99%"),
        ("gauge{q} MAX > -0.50", "gauge{q} max > -0.5"),
        ("http GET /a{id}?x=<y>: p99 < 1s", "http GET /a{id}?x=<y>: p99 < 1s"),
        ("class: p99 < 1s", "class: p99 < 1s"),
        ("class  Big Buyer :p99 < 1s", "class Big Buyer: p99 < 1s"),
        ("scenario shop: checks{a: b} > 99%", "scenario shop: checks{a: b} > 99%"),
        ("class Buyer: get_time : failures<1%", "class Buyer: get_time: failures < 1%"),
    ];
    for (text, canonical) in rows {
        let read = threshold(text);
        assert_eq!(read.to_string(), canonical);
        assert_eq!(threshold(canonical), read);
    }
}

#[test]
fn what_is_no_threshold() {
    let any =
        ", write it like p95 < 200ms, get_time: failures < 1%, rps > 50 or checks{login} >= 99%";
    let rows = [
        ("", "the threshold \"\" has no <, <=, > or >="),
        ("p95 = 3ms", "has no <, <=, > or >="),
        ("latency < 3ms", "has \"latency\", which is no figure that there are thresholds for"),
        (": p95 < 3ms", "has no label before the \":\""),
        ("get_time < 3ms", "has \"get_time\", which is no figure"),
        ("class : p95 < 3ms", "has no name after \"class\""),
        (
            "class Buyer: a: checks >= 99%",
            "asks one label for \"checks\", which only the whole run has",
        ),
        ("a: checks >= 99%", "asks one label for \"checks\", which only the whole run has"),
        ("a: lateness p99 < 1ms", "asks one label for \"lateness p99\""),
        ("checks{login >= 99%", "has a \"{\" without its \"}\""),
        ("checks{} >= 99%", "has no name between its braces"),
        ("checks{a} b >= 99%", "has \"b\", which is no part of this figure"),
    ];
    for (text, expected) in rows {
        let error = text.parse::<Threshold>().expect_err(text).to_string();
        assert!(error.contains(expected) && error.ends_with(any), "{text:?}: {error}");
    }
    let rows = [
        (
            "p0 < 3ms",
            "has \"p0\", which is no percentile between 0 and 100 of at most two decimals",
        ),
        ("p100 < 3ms", "has \"p100\", which is no percentile"),
        ("p95 < 200", "has \"200\", which is no time in us, ms or s, write it like p95 < 200ms"),
        ("p95 < 5%", "has \"5%\", which is no time in us, ms or s"),
        ("p95 == 5ms", "has no <"),
        ("p95 < < 5ms", "has \"p95 <\", which is no percentile"),
        ("p95 <> 5ms", "has \"p95 <\", which is no percentile"),
        (
            "service < 5ms",
            "has \"service\", which is no figure that there are thresholds for, write it like service p95",
        ),
        (
            "failures < 101%",
            "has \"101%\", which is no whole number, number per second or percentage up to 100",
        ),
        ("failures < 0.5", "has \"0.5\", which is no whole number"),
        ("errors < 1%", "has \"1%\", which is no whole number or number per second"),
        ("checks >= 99", "has \"99\", which is no percentage up to 100 of at most two decimals"),
        ("checks >= 99.999%", "has \"99.999%\", which is no percentage"),
        ("rps > 5ms", "has \"5ms\", which is no number per second of at most three decimals"),
        ("rps > -5", "has \"-5\", which is no number per second"),
        ("gauge{a} > --5", "has \"--5\", which is no number of at most three decimals"),
        ("trend{a} > 5", "has \"\", which is no percentile, avg, min or max"),
        ("traps < 18446744073709551616", "has \"18446744073709551616\", which is no whole number"),
        ("\u{1b}[2J\n < 1", "has \"\u{fffd}[2j\""),
    ];
    for (text, expected) in rows {
        let error = text.parse::<Threshold>().expect_err(text).to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{text:?}: {error}");
    }
    let long = format!("{}: x < {}", "y".repeat(10_000), "9".repeat(10_000));
    assert!(long.parse::<Threshold>().expect_err("too long").to_string().len() < 400);
}

/// Texts that are often thresholds.
fn nearly() -> impl Strategy<Value = String> {
    let scope = prop_oneof![3 => Just(String::new()), 1 => ".{0,6}: ?", 1 => "[a-z<>{}: ]{1,8}:"];
    let figure = prop_oneof![
        "(service |lateness |response )?(p[0-9]{1,2}(\\.[0-9]{0,3})?|median|avg|min|max)",
        "requests|rps|failures|iterations|interrupted|errors|traps|dropped|checks",
        "(checks|counter|rate|trend|gauge)\\{.{0,8}\\} ?(p95|avg|min|max)?",
        "[a-z {}]{0,9}",
    ];
    let bound = "-?[0-9]{1,21}(\\.[0-9]{0,4})? ?(us|ms|s|%|/s|µs)?";
    (scope, figure, "( )?(<|<=|>|>=)( )?", bound).prop_map(|(a, b, c, d)| a + &b + &c + &d)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_is_too_odd(text in prop_oneof![1 => any::<String>(), 5 => nearly()]) {
        match text.parse::<Threshold>() {
            Ok(threshold) => {
                prop_assert_eq!(threshold.to_string().parse(), Ok(threshold.clone()), "{}", threshold);
                let (window, labels) = run_once();
                for elapsed in [0, 1, u64::MAX] {
                    let judged = threshold.evaluate(&Figures::new(window, labels, elapsed));
                    prop_assert!(!judged.to_string().contains('\n'));
                }
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}

fn run_once() -> (&'static Window, &'static [Label]) {
    static RUN: std::sync::OnceLock<(Window, Vec<Label>)> = std::sync::OnceLock::new();
    let (window, labels) = RUN.get_or_init(run);
    (window, labels)
}
