//! What a window has counted: of the whole run, or of one version of its scenario.
use crate::report::labels;
use crate::report::stats::is_sound;
use katydid_load::compare::CONFIDENCE;
use katydid_load::metric::{Metric, MetricKey, MetricKind};
use katydid_load::{
    Arrivals, CheckStats, ErrorKey, LabelStats, Lateness, Occurrences, PERCENTILES, Snapshot,
    Times, Window,
};
use serde::{Serialize, Serializer};

/// All of it.
#[derive(Serialize)]
pub(super) struct FiguresDto<'a> {
    totals: StatsDto,
    iterations: IterationsDto,
    lateness: Option<LatenessDto>,
    arrivals: Option<ArrivalsDto>,
    labels: Vec<LabelDto>,
    failures: Vec<FailureDto>,
    errors: Vec<ErrorDto<'a>>,
    checks: Vec<CheckDto<'a>>,
    inner_calls: Vec<InnerCallDto<'a>>,
    metrics: Vec<MetricDto<'a>>,
}

impl<'a> FiguresDto<'a> {
    /// The figures of a window of the run. The snapshot says how long that has lasted.
    pub(super) fn new(window: &'a Window, snapshot: &Snapshot) -> Self {
        let totals = window.total();
        Self {
            iterations: IterationsDto {
                completed: window.iterations,
                interrupted: window.interrupted_iterations,
            },
            lateness: LatenessDto::new(&window.lateness, totals.requests),
            arrivals: ArrivalsDto::new(&window.arrivals),
            totals: StatsDto::new(&totals, snapshot),
            labels: labels(window, snapshot),
            failures: failures(window, snapshot),
            errors: errors(window, snapshot),
            checks: checks(window),
            inner_calls: inner_calls(window),
            metrics: metrics(window, snapshot),
        }
    }
}

#[derive(Serialize)]
pub(super) struct IterationsDto {
    pub(super) completed: u64,
    pub(super) interrupted: u64,
}

#[derive(Serialize)]
struct LatenessDto {
    mean_us: f64,
    max_us: u64,
}

impl LatenessDto {
    fn new(lateness: &Lateness, requests: u64) -> Option<Self> {
        let mean_us = thousandths(lateness.sum_us as f64 / requests as f64);
        (requests > 0).then_some(Self { mean_us, max_us: lateness.max_us })
    }
}

#[derive(Serialize)]
struct ArrivalsDto {
    scheduled: u64,
    started: u64,
    dropped: u64,
    lateness: Option<TimesDto>,
}

impl ArrivalsDto {
    /// `None` where none was ever due: in the closed model.
    fn new(arrivals: &Arrivals) -> Option<Self> {
        let Arrivals { scheduled, started, dropped, ref lateness } = *arrivals;
        let lateness = TimesDto::new(lateness);
        (scheduled > 0).then_some(Self { scheduled, started, dropped, lateness })
    }
}

/// What is told of a label, and of all labels together.
#[derive(Serialize)]
struct StatsDto {
    requests: u64,
    failed: u64,
    failure_ratio: f64,
    requests_per_s: f64,
    retried: u64,
    never_sent: u64,
    bytes_sent: u64,
    bytes_received: u64,
    response_time: Option<TimesDto>,
    service_time: Option<TimesDto>,
}

impl StatsDto {
    fn new(stats: &LabelStats, snapshot: &Snapshot) -> Self {
        let seconds = snapshot.elapsed_ns as f64 / 1e9;
        let requests_per_s = if seconds > 0.0 { stats.requests as f64 / seconds } else { 0.0 };
        Self {
            requests: stats.requests,
            failed: stats.failed,
            failure_ratio: stats.failure_ratio(),
            requests_per_s,
            retried: stats.retries,
            never_sent: stats.unsent,
            bytes_sent: stats.bytes_sent,
            bytes_received: stats.bytes_received,
            response_time: TimesDto::new(&stats.response),
            service_time: TimesDto::new(&stats.service),
        }
    }
}

#[derive(Serialize)]
struct LabelDto {
    r#type: String,
    name: String,
    #[serde(flatten)]
    stats: StatsDto,
}

fn labels(window: &Window, snapshot: &Snapshot) -> Vec<LabelDto> {
    let dto = |row: labels::Row<'_>| LabelDto {
        r#type: row.request_type,
        name: row.name,
        stats: StatsDto::new(row.stats, snapshot),
    };
    labels::sorted(window, snapshot).into_iter().map(dto).collect()
}

/// Times of one kind.
#[derive(Serialize)]
struct TimesDto {
    min_us: u64,
    mean_us: f64,
    max_us: u64,
    stddev_us: f64,
    percentiles_us: Percentiles,
    percentile_intervals_us: Intervals,
    doubtful_percentiles: Vec<String>,
}

impl TimesDto {
    fn new(times: &Times) -> Option<Self> {
        let doubtful = PERCENTILES.into_iter().filter(|p| !is_sound(times.count(), *p));
        (times.count() > 0).then(|| Self {
            min_us: times.min_us(),
            mean_us: thousandths(times.mean_us()),
            max_us: times.max_us(),
            stddev_us: thousandths(times.stddev_us()),
            percentiles_us: Percentiles(PERCENTILES.map(|p| times.percentile_us(p))),
            percentile_intervals_us: Intervals(
                PERCENTILES.map(|p| times.percentile_interval(p, CONFIDENCE)),
            ),
            doubtful_percentiles: doubtful.map(|p| p.to_string()).collect(),
        })
    }
}

/// Where each percentile lies, as a map from `50` to `99.99`: the maximum has none.
struct Intervals([Option<(u64, u64)>; PERCENTILES.len()]);

impl Serialize for Intervals {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let all = PERCENTILES.iter().zip(&self.0).filter(|(p, _)| **p < 100.0);
        to.collect_map(all.map(|(p, interval)| (p.to_string(), interval)))
    }
}

/// A metric of the scenario's own; what is not of its kind is null.
#[derive(Serialize)]
struct MetricDto<'a> {
    name: Option<&'a str>,
    kind: &'static str,
    sum: Option<u64>,
    gauge: Option<GaugeDto>,
    rate: Option<RateDto>,
    trend: Option<TrendDto>,
}

#[derive(Serialize)]
struct GaugeDto {
    last: f64,
    last_at_us: u64,
    least: f64,
    most: f64,
}

#[derive(Serialize)]
struct RateDto {
    yes: u64,
    no: u64,
}

/// Values in a unit of the scenario's own.
#[derive(Serialize)]
struct TrendDto {
    count: u64,
    least: u64,
    mean: f64,
    most: u64,
    percentiles: Percentiles,
    doubtful_percentiles: Vec<String>,
}

fn metrics<'a>(window: &'a Window, snapshot: &Snapshot) -> Vec<MetricDto<'a>> {
    let kept = window.metrics.kept();
    let kept = kept.map(|(MetricKey { name, kind }, m)| (Some(name.as_str()), kind.as_str(), m));
    let folded = window.metrics.folded().map(|(kind, metric)| (None, kind, metric));
    kept.chain(folded).map(|(name, kind, m)| MetricDto::new(name, kind, m, snapshot)).collect()
}

impl<'a> MetricDto<'a> {
    fn new(
        name: Option<&'a str>,
        kind: &'static str,
        metric: &Metric,
        snapshot: &Snapshot,
    ) -> Self {
        let is = |of: MetricKind| kind == of.as_str();
        let gauge = metric.gauge.map(|gauge| GaugeDto {
            last: gauge.last,
            last_at_us: micros(gauge.last_ns.saturating_sub(snapshot.began_ns)),
            least: gauge.least,
            most: gauge.most,
        });
        let rate = RateDto { yes: metric.rate.passed, no: metric.rate.failed };
        Self {
            name,
            kind,
            sum: is(MetricKind::Counter).then_some(metric.sum),
            gauge: gauge.filter(|_| is(MetricKind::Gauge)),
            rate: is(MetricKind::Rate).then_some(rate),
            trend: TimesDto::new(&metric.trend()).filter(|_| is(MetricKind::Trend)).map(|times| {
                TrendDto {
                    count: metric.trend().count(),
                    least: times.min_us,
                    mean: times.mean_us,
                    most: times.max_us,
                    percentiles: times.percentiles_us,
                    doubtful_percentiles: times.doubtful_percentiles,
                }
            }),
        }
    }
}

/// A time for each percentile, as a map from `50` to `100`.
struct Percentiles([u64; PERCENTILES.len()]);

impl Serialize for Percentiles {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let keys = PERCENTILES.iter().map(ToString::to_string);
        to.collect_map(keys.zip(&self.0))
    }
}

#[derive(Serialize)]
struct FailureDto {
    r#type: String,
    name: String,
    kind: &'static str,
    text: Option<String>,
    #[serde(flatten)]
    seen: SeenDto,
}

fn failures(window: &Window, snapshot: &Snapshot) -> Vec<FailureDto> {
    let of_label = |row: labels::Row<'_>| {
        let failures = &row.stats.failures;
        let kept = failures.kept().map(|(f, seen)| (f.kind(), Some(f.to_string()), seen));
        let folded = failures.folded().map(|(kind, seen)| (kind, None, seen));
        let dto = |(kind, text, seen): (_, _, &Occurrences)| FailureDto {
            r#type: row.request_type.clone(),
            name: row.name.clone(),
            kind,
            text,
            seen: SeenDto::new(seen, snapshot),
        };
        kept.chain(folded).map(dto).collect::<Vec<_>>()
    };
    labels::sorted(window, snapshot).into_iter().flat_map(of_label).collect()
}

#[derive(Serialize)]
struct ErrorDto<'a> {
    kind: &'static str,
    place: Option<&'a str>,
    message: Option<&'a str>,
    #[serde(flatten)]
    seen: SeenDto,
}

fn errors<'a>(window: &'a Window, snapshot: &Snapshot) -> Vec<ErrorDto<'a>> {
    let errors = &window.errors;
    let kept = errors.kept().map(|(ErrorKey { kind, place, message }, seen)| ErrorDto {
        kind: kind.as_str(),
        place: Some(place),
        message: Some(message),
        seen: SeenDto::new(seen, snapshot),
    });
    let folded = errors.folded().map(|(kind, seen)| ErrorDto {
        kind,
        place: None,
        message: None,
        seen: SeenDto::new(seen, snapshot),
    });
    kept.chain(folded).collect()
}

/// How often, and when first and last.
#[derive(Serialize)]
struct SeenDto {
    count: u64,
    first_seen_us: u64,
    last_seen_us: u64,
}

impl SeenDto {
    fn new(seen: &Occurrences, snapshot: &Snapshot) -> Self {
        let at = |ns: u64| micros(ns.saturating_sub(snapshot.began_ns));
        let [first_seen_us, last_seen_us] = [seen.first_ns, seen.last_ns].map(at);
        Self { count: seen.count, first_seen_us, last_seen_us }
    }
}

#[derive(Serialize)]
struct CheckDto<'a> {
    name: Option<&'a str>,
    passed: u64,
    failed: u64,
}

#[derive(Serialize)]
struct InnerCallDto<'a> {
    method: Option<&'a str>,
    failure: Option<&'a str>,
    count: u64,
}

fn inner_calls(window: &Window) -> Vec<InnerCallDto<'_>> {
    let calls = &window.inner_calls;
    let kept = calls.kept().map(|(call, seen)| InnerCallDto {
        method: Some(&call.method),
        failure: call.failure.as_deref(),
        count: seen.count,
    });
    let folded = calls.folded().map(|(kind, seen)| InnerCallDto {
        method: None,
        failure: (kind == "failed").then_some(kind),
        count: seen.count,
    });
    kept.chain(folded).collect()
}

fn checks(window: &Window) -> Vec<CheckDto<'_>> {
    let checks = &window.checks;
    let kept = checks.kept().map(|(name, stats)| (Some(name.as_str()), stats));
    let folded = checks.folded().map(|(_, stats)| (None, stats));
    kept.chain(folded)
        .map(|(name, CheckStats { passed, failed })| CheckDto {
            name,
            passed: *passed,
            failed: *failed,
        })
        .collect()
}

/// Nanoseconds as whole microseconds.
pub(super) fn micros(ns: u64) -> u64 {
    ns / 1_000
}

/// A mean, rounded to three places after the point: no clock knows more.
pub(super) fn thousandths(mean: f64) -> f64 {
    (mean * 1_000.0).round() / 1_000.0
}
