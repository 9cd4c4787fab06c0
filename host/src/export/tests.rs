//! That every format says what the windows counted.
#![allow(clippy::panic)]
use super::family::Classes;
use super::page::{self, Samples};
use super::{ExportLabel, Origin, fixture, otlp, prometheus, remote_write};
use katydid_load::{Snapshot, Times};
use std::collections::BTreeMap;

fn page_of(snapshot: &Snapshot) -> Samples {
    let text = prometheus::text(snapshot, &fixture::origin());
    page::read(&text).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

/// The sum of the samples of this name whose labels include these.
fn sum(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |of: &BTreeMap<String, String>| {
        labels.iter().all(|(name, value)| of.get(*name).is_some_and(|is| is == value))
    };
    let all = samples.iter().filter(|((is, of), _)| is == name && fits(of));
    all.map(|(_, value)| value).sum()
}

#[test]
fn the_page_counts_what_the_windows_counted() {
    let snapshot = fixture::snapshot(4);
    let samples = page_of(&snapshot);
    let total = snapshot.total.total();
    let is = |name: &str, labels: &[(&str, &str)], expected: f64| {
        assert_eq!(sum(&samples, name, labels), expected, "{name} {labels:?}");
    };
    let good = (total.requests - total.failed) as f64;
    is("katydid_requests_total", &[], total.requests as f64);
    is("katydid_requests_total", &[("outcome", "good")], good);
    is("katydid_failures_total", &[], total.failed as f64);
    is("katydid_failures_total", &[("kind", "fault")], total.failed as f64 / 2.0);
    is("katydid_never_sent_total", &[], 8.0);
    is("katydid_retries_total", &[], 8.0);
    is("katydid_sent_bytes_total", &[], 80_000.0);
    is("katydid_response_time_seconds_count", &[], total.requests as f64);
    is("katydid_service_time_seconds_count", &[], total.requests as f64);
    is("katydid_checks_total", &[("check", "the sum is right"), ("outcome", "passed")], 4.0);
    is("katydid_scenario_errors_total", &[("kind", "trap")], 8.0);
    is("katydid_inner_calls_total", &[("method", "a.b"), ("outcome", "failed")], 8.0);
    is("katydid_iterations_total", &[("outcome", "completed")], 720.0);
    is("katydid_custom_counter_total", &[("metric", "carts")], 24.0);
    is("katydid_custom_gauge", &[("metric", "depth"), ("version", "2")], -3.0);
    is("katydid_custom_rate_total", &[("outcome", "held")], 8.0);
    is("katydid_custom_trend_bucket", &[("le", "1000.0")], 0.0);
    is("katydid_custom_trend_bucket", &[("le", "2000.0")], 8.0);
    is("katydid_arrivals_total", &[], 80.0);
    is("katydid_arrivals_total", &[("outcome", "dropped")], 8.0);
    is("katydid_arrival_lateness_seconds_bucket", &[("le", "0.00025")], 24.0);
    is("katydid_users", &[], 30.0);
    is("katydid_users", &[("scenario", "shop.wasm"), ("version", "1")], 10.0);
    // The second one has no name, and is called by its number.
    is("katydid_users", &[("scenario", "2")], 20.0);
    is("katydid_version_info", &[("digest", &"2".repeat(64))], 1.0);
    is("katydid_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    is("katydid_stage", &[], 1.0);
    is("katydid_stage", &[("stage", "running")], 1.0);
    is("katydid_threshold_breached", &[], 1.0);
    is("katydid_threshold_breached", &[("rule", "failures < 1%")], 1.0);
    is("katydid_busy_ratio", &[("shard", "1")], 0.25);
    is("katydid_lateness_seconds_total", &[], 0.0016);
    is("katydid_lateness_max_seconds", &[], 0.000_002);
    is("katydid_dropped_log_lines_total", &[], 16.0);
    is("katydid_connections_opened_total", &[], 30.0);
    is("katydid_elapsed_seconds", &[], 4.0);
    is("katydid_warnings", &[], 1.0);
}

#[test]
fn classes_are_those_of_the_times() {
    let snapshot = fixture::snapshot(3);
    let samples = page_of(&snapshot);
    let mut times = Times::default();
    snapshot.total.labels().for_each(|(_, stats)| times.merge(&stats.service));
    for (us, le) in [(100, "0.0001"), (2_500, "0.0025"), (1_000_000, "1.0"), (60_000_000, "60.0")] {
        let below: u64 = times.recorded().filter(|(at, _)| *at <= us).map(|(_, n)| n).sum();
        let told = sum(&samples, "katydid_service_time_seconds_bucket", &[("le", le)]);
        assert_eq!(told, below as f64, "{le}");
    }
    let seconds = sum(&samples, "katydid_service_time_seconds_sum", &[]);
    assert!((seconds - times.sum_us() as f64 / 1e6).abs() < 1e-6);
}

#[test]
fn an_end_belongs_to_its_class() {
    let mut times = Times::default();
    for us in [0, 100, 101, 250, 999, 1_000, 1_001, 59_000_000, 61_000_000, u64::MAX] {
        times.record(us);
    }
    let classes = Classes::of(&times, &[100, 1_000, 60_000_000], 1e6);
    assert_eq!((classes.counts.as_slice(), classes.count()), (&[2, 4, 2, 2][..], 10));
    assert_eq!(classes.ends, [0.0001, 0.001, 60.0], "as people write them");
}

#[test]
fn any_label_is_read_back_as_it_was() {
    let samples = page_of(&fixture::snapshot(1));
    for (request_type, name) in fixture::NAMES {
        let labels = [("type", request_type), ("name", name)];
        assert!(sum(&samples, "katydid_requests_total", &labels) > 0.0, "{name}");
    }
    // Two labels of one name are one figure: it is not said twice.
    let labels = [("name", "(other)"), ("outcome", "good")];
    assert_eq!(sum(&samples, "katydid_requests_total", &labels), 70.0);
}

#[test]
fn a_run_that_has_just_begun() {
    let samples = page_of(&Snapshot::default());
    assert_eq!(sum(&samples, "katydid_users", &[]), 0.0);
    assert!(!samples.keys().any(|(name, _)| name.starts_with("katydid_arrivals")));
    assert_eq!(samples.keys().filter(|(name, _)| name == "katydid_stage").count(), 4);
}

#[test]
fn remote_write_says_what_the_page_says() {
    let snapshot = fixture::snapshot(2);
    let origin = Origin { labels: Vec::new(), ..fixture::origin() };
    let text = prometheus::text(&snapshot, &origin);
    let page = page::read(&text).expect("a page");
    let mut written = Samples::new();
    for body in remote_write::bodies(&snapshot, &origin) {
        for (labels, value, at_ms) in remote_write::read(&body) {
            assert_eq!(at_ms, 1_700_000_002_123);
            let names: Vec<_> = labels.iter().map(|(name, _)| name.clone()).collect();
            assert!(names.is_sorted() && !labels.iter().any(|(_, value)| value.is_empty()));
            let mut labels: BTreeMap<_, _> = labels.into_iter().collect();
            assert_eq!(labels.remove("job").as_deref(), Some("katydid"));
            let name = labels.remove("__name__").expect("a name");
            assert_eq!(written.insert((name, labels), value), None, "no series twice");
        }
    }
    assert_eq!(written, page);
}

#[test]
fn large_runs_are_written_in_several_requests() {
    let snapshot = fixture::snapshot(1);
    let all = remote_write::bodies(&snapshot, &fixture::origin());
    let series: Vec<_> = all.iter().map(|body| remote_write::read(body).len()).collect();
    assert!(
        series.iter().all(|n| *n <= 2_000)
            && series.len() == series.iter().sum::<usize>().div_ceil(2_000)
    );
    let given = remote_write::read(&all[0]);
    let has = |name: &str, value: &str| {
        given.iter().all(|(labels, ..)| labels.contains(&(name.to_owned(), value.to_owned())))
    };
    assert!(has("run", "nightly \"7\"") && has("team", "a") && has("job", "katydid"));
}

#[test]
fn labels_as_people_write_them() {
    for (text, expected) in [
        ("run=7", None),
        ("a_b=c=d e", None),
        ("job=load", None),
        ("run", Some("has no \"=\"")),
        ("=7", Some("letters, digits")),
        ("7=7", Some("letters, digits")),
        ("a-b=7", Some("letters, digits")),
        ("žluť=7", Some("letters, digits")),
        ("__name__=7", Some("taken")),
        ("le=7", Some("taken")),
        ("version=7", Some("taken")),
        ("run=", Some("must have a value")),
    ] {
        let error = text.parse::<ExportLabel>().err();
        assert_eq!(error.is_some(), expected.is_some(), "{text}: {error:?}");
        assert!(error.unwrap_or_default().contains(expected.unwrap_or_default()), "{text}");
    }
}

#[test]
fn what_an_otlp_receiver_says() {
    // rejected_data_points = 3, error_message = "no".
    let partial = [0x0a, 6, 0x08, 3, 0x12, 2, b'n', b'o'];
    for (reply, expected) in [
        (&partial[..], Some((3, "no".to_owned()))),
        (&[], None),
        // A warning: nothing was rejected.
        (&[0x0a, 4, 0x12, 2, b'n', b'o'], None),
        (b"<html>", None),
    ] {
        assert_eq!(otlp::rejected(reply), expected, "{reply:?}");
    }
}
