//! What is told of a run: names, meanings and figures, whatever the format.
//!
//! Bounded as the run itself is: labels, checks, metrics and kept versions all have caps, and what is above
//! them comes under `(other)`.
use super::Origin;
use super::family::{Classes, Family, Kind, Labels, Unit, Value};
use katydid_load::metric::MetricKind;
use katydid_load::{ErrorKind, Holds, LabelId, LabelStats, Snapshot, Stage, Window, label};

/// Upper ends of the classes of times, in microseconds.
const TIMES_US: [u64; 18] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
];
/// The same for what a scenario measures in a unit of its own.
const VALUES: [u64; 28] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    1_000_000_000,
];

/// Every name of a label that figures have here, and those that formats keep for themselves.
pub(super) const LABEL_NAMES: [&str; 17] = [
    "scenario",
    "version",
    "type",
    "name",
    "outcome",
    "kind",
    "check",
    "method",
    "metric",
    "shard",
    "stage",
    "rule",
    "digest",
    "le",
    "quantile",
    "otel_scope_name",
    "otel_scope_version",
];

/// A version of a scenario, or the run as a whole where no version is known.
struct Part<'a> {
    labels: Labels,
    users: u32,
    digest: Option<&'a str>,
    /// `None` where it is one of the old ones whose counts alone are kept.
    window: Option<&'a Window>,
}

impl Part<'_> {
    fn with<const N: usize>(&self, more: [(&'static str, &str); N]) -> Labels {
        let more = more.map(|(name, value)| (name, value.to_owned()));
        self.labels.iter().cloned().chain(more).collect()
    }
}

/// Everything that is told of a snapshot, without what there is none of.
pub(super) fn families(snapshot: &Snapshot, origin: &Origin) -> Vec<Family> {
    let parts = parts(snapshot, origin);
    let mut families = requests(snapshot, &parts);
    families.extend(scenarios(&parts));
    families.extend(custom(&parts));
    families.extend(run(snapshot));
    families.extend(generator(snapshot));
    families.retain(|family| !family.points.is_empty());
    families
}

fn parts<'a>(snapshot: &'a Snapshot, origin: &Origin) -> Vec<Part<'a>> {
    let scenario = |place| ("scenario", origin.scenario(place));
    if snapshot.versions.is_empty() {
        let (labels, window) = (vec![scenario(0)], Some(&*snapshot.total));
        return vec![Part { labels, users: snapshot.users, digest: None, window }];
    }
    let part = |version: &'a katydid_load::VersionState| Part {
        labels: vec![scenario(version.scenario), ("version", version.number.to_string())],
        users: version.users,
        digest: Some(&version.digest),
        window: version.total.as_deref(),
    };
    snapshot.versions.iter().map(part).collect()
}

/// What stands for what was too many to be told apart.
fn or_other(name: Option<&str>) -> &str {
    name.unwrap_or(label::OTHER)
}

fn requests(snapshot: &Snapshot, parts: &[Part<'_>]) -> Vec<Family> {
    use Kind::{Counter, Histogram};
    let seconds = Some(Unit::Seconds);
    let mut requests = Family::new(Counter, "requests", None, "Requests, good or failed.");
    let mut failures = Family::new(Counter, "failures", None, "Failed requests, by kind.");
    let mut retries = Family::new(Counter, "retries", None, "Requests sent once more.");
    let mut unsent =
        Family::new(Counter, "never_sent", None, "Requests that never reached the wire.");
    let bytes = Some(Unit::Bytes);
    let mut sent = Family::new(Counter, "sent", bytes, "Lengths of the requests' bodies.");
    let mut received = Family::new(Counter, "received", bytes, "Lengths of the replies' bodies.");
    let help = "From when a request was due to its reply's last byte: what a user suffered.";
    let mut response = Family::new(Histogram, "response_time", seconds, help);
    let help = "From when a request was sent to its reply's last byte: what the target took.";
    let mut service = Family::new(Histogram, "service_time", seconds, help);
    let name_of = |id: LabelId| {
        let label = snapshot.labels.get(id.index());
        label.map_or((label::OTHER, label::OTHER), |label| (&*label.request_type, &*label.name))
    };
    for part in parts {
        for (id, stats) in part.window.into_iter().flat_map(Window::labels) {
            let (request_type, name) = name_of(id);
            let labels = part.with([("type", request_type), ("name", name)]);
            let and = |more: &'static str, value: &str| {
                labels.iter().cloned().chain([(more, value.to_owned())]).collect::<Labels>()
            };
            let LabelStats { failed, .. } = *stats;
            let good = stats.requests.saturating_sub(failed);
            requests.add(and("outcome", "good"), Value::Count(good));
            requests.add(and("outcome", "failed"), Value::Count(failed));
            let kept = stats.failures.kept().map(|(failure, seen)| (failure.kind(), seen.count));
            let folded = stats.failures.folded().map(|(kind, seen)| (kind, seen.count));
            for (kind, count) in kept.chain(folded) {
                failures.add(and("kind", kind), Value::Count(count));
            }
            retries.add(labels.clone(), Value::Count(stats.retries));
            unsent.add(labels.clone(), Value::Count(stats.unsent));
            sent.add(labels.clone(), Value::Count(stats.bytes_sent));
            received.add(labels.clone(), Value::Count(stats.bytes_received));
            let classes = |times| Value::Classes(Classes::of(times, &TIMES_US, 1e6));
            response.add(labels.clone(), classes(&stats.response));
            service.add(labels, classes(&stats.service));
        }
    }
    vec![requests, failures, retries, unsent, sent, received, response, service]
}

/// What scenarios did, beside their requests.
fn scenarios(parts: &[Part<'_>]) -> Vec<Family> {
    use Kind::{Counter, Gauge, Info};
    let mut users = Family::new(Gauge, "users", None, "Virtual users alive.");
    let mut version = Family::new(Info, "version", None, "The versions of the scenarios.");
    let mut iterations =
        Family::new(Counter, "iterations", None, "Passes through a task that have ended.");
    let help = "Traps and failed iterations of the scenario; never a statistic of the target.";
    let mut errors = Family::new(Counter, "scenario_errors", None, help);
    let mut checks = Family::new(Counter, "checks", None, "What the scenario asserted.");
    let mut inner = Family::new(Counter, "inner_calls", None, "Calls inside of system.multicall.");
    for part in parts {
        users.add(part.labels.clone(), Value::Number(part.users.into()));
        if let Some(digest) = part.digest {
            version.add(part.with([("digest", digest)]), Value::Number(1.0));
        }
        let Some(window) = part.window else { continue };
        for (outcome, count) in
            [("completed", window.iterations), ("interrupted", window.interrupted_iterations)]
        {
            iterations.add(part.with([("outcome", outcome)]), Value::Count(count));
        }
        for kind in [ErrorKind::Trap, ErrorKind::Failed] {
            errors.add(part.with([("kind", kind.as_str())]), Value::Count(0));
        }
        let kept = window.errors.kept().map(|(key, seen)| (key.kind.as_str(), seen.count));
        let folded = window.errors.folded().map(|(kind, seen)| (kind, seen.count));
        for (kind, count) in kept.chain(folded) {
            errors.add(part.with([("kind", kind)]), Value::Count(count));
        }
        let kept = window.checks.kept().map(|(name, stats)| (Some(name.as_str()), stats));
        let folded = window.checks.folded().map(|(_, stats)| (None, stats));
        for (name, stats) in kept.chain(folded) {
            for (outcome, count) in [("passed", stats.passed), ("failed", stats.failed)] {
                let labels = part.with([("check", or_other(name)), ("outcome", outcome)]);
                checks.add(labels, Value::Count(count));
            }
        }
        let kept = window
            .inner_calls
            .kept()
            .map(|(call, seen)| (Some(call.method.as_str()), call.failure.is_none(), seen.count));
        let folded = window.inner_calls.folded().map(|(kind, seen)| {
            // The kinds of inner calls are their outcomes.
            (None, kind == "good", seen.count)
        });
        for (method, good, count) in kept.chain(folded) {
            let outcome = if good { "good" } else { "failed" };
            let labels = part.with([("method", or_other(method)), ("outcome", outcome)]);
            inner.add(labels, Value::Count(count));
        }
    }
    vec![users, version, iterations, errors, checks, inner]
}

/// The scenario's own metrics. Their names are labels, so that none can pass for a figure of ours.
fn custom(parts: &[Part<'_>]) -> Vec<Family> {
    let mut counters =
        Family::new(Kind::Counter, "custom_counter", None, "Counters of the scenario's own.");
    let mut gauges = Family::new(Kind::Gauge, "custom_gauge", None, "Gauges of its own.");
    let mut rates = Family::new(Kind::Counter, "custom_rate", None, "Rates of its own.");
    let mut trends = Family::new(Kind::Histogram, "custom_trend", None, "Trends of its own.");
    for part in parts {
        let Some(window) = part.window else { continue };
        let kept = window.metrics.kept().map(|(k, m)| (Some(k.name.as_str()), k.kind.as_str(), m));
        let folded = window.metrics.folded().map(|(kind, metric)| (None, kind, metric));
        for (name, kind, metric) in kept.chain(folded) {
            let labels = part.with([("metric", or_other(name))]);
            let is = |of: MetricKind| kind == of.as_str();
            if is(MetricKind::Counter) {
                counters.add(labels, Value::Count(metric.sum));
            } else if is(MetricKind::Gauge) {
                if let Some(gauge) = metric.gauge {
                    gauges.add(labels, Value::Number(gauge.last));
                }
            } else if is(MetricKind::Rate) {
                for (outcome, n) in [("held", metric.rate.passed), ("not", metric.rate.failed)] {
                    let labels = part.with([("metric", or_other(name)), ("outcome", outcome)]);
                    rates.add(labels, Value::Count(n));
                }
            } else {
                trends.add(labels, Value::Classes(Classes::of(&metric.trend(), &VALUES, 1.0)));
            }
        }
    }
    vec![counters, gauges, rates, trends]
}

/// Where the run is in its life, and what was planned for it.
fn run(snapshot: &Snapshot) -> Vec<Family> {
    use Kind::{Counter, Gauge, Histogram, Info};
    let one = |value| [(Labels::new(), value)];
    let seconds = Some(Unit::Seconds);
    let stages = [Stage::Spawning, Stage::Running, Stage::Stopping, Stage::Finished];
    let stage = |stage: Stage| {
        let is = f64::from(u8::from(snapshot.stage == stage));
        (vec![("stage", stage.as_str().to_owned())], Value::Number(is))
    };
    let rule = |state: &katydid_load::ThresholdState| {
        let breached = f64::from(u8::from(state.holds == Holds::No));
        (vec![("rule", state.rule.clone())], Value::Number(breached))
    };
    let paused = Value::Number(f64::from(u8::from(snapshot.paused)));
    let elapsed = Value::Number(snapshot.elapsed_ns as f64 / 1e9);
    let tool = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    let mut families = vec![
        Family::new(Info, "build", None, "The program that makes the run.")
            .with([(tool, Value::Number(1.0))]),
        Family::new(Gauge, "elapsed", seconds, "Time since the run began.").with(one(elapsed)),
        Family::new(Gauge, "stage", None, "1 for where the run is in its life.")
            .with(stages.map(stage)),
        Family::new(Gauge, "paused", None, "1 while no iteration begins.").with(one(paused)),
        Family::new(Gauge, "threshold_breached", None, "1 where a threshold does not hold.")
            .with(snapshot.thresholds.iter().map(rule)),
    ];
    let arrivals = &snapshot.total.arrivals;
    // A run with a number of users has none.
    if arrivals.scheduled > 0 {
        let outcomes = [("started", arrivals.started), ("dropped", arrivals.dropped)];
        let outcome =
            |(outcome, n): (&str, u64)| (vec![("outcome", outcome.to_owned())], Value::Count(n));
        let help = "Planned starts of iterations: begun by a user, or dropped as none was free.";
        let lateness = Value::Classes(Classes::of(&arrivals.lateness, &TIMES_US, 1e6));
        families.extend([
            Family::new(Counter, "arrivals", None, help).with(outcomes.map(outcome)),
            Family::new(Histogram, "arrival_lateness", seconds, "How late iterations began.")
                .with(one(lateness)),
        ]);
    }
    families
}

/// How we ourselves are doing.
fn generator(snapshot: &Snapshot) -> Vec<Family> {
    use Kind::{Counter, Gauge};
    let one = |value| [(Labels::new(), value)];
    let count = |n: u64| one(Value::Count(n));
    let total = &snapshot.total;
    let seconds = Some(Unit::Seconds);
    let busy = snapshot.shards.iter().enumerate().map(|(place, shard)| {
        (vec![("shard", place.to_string())], Value::Number(shard.busy_share))
    });
    let late_sum = Value::Number(total.lateness.sum_us as f64 / 1e6);
    let late_max = Value::Number(snapshot.window.lateness.max_us as f64 / 1e6);
    let warnings = Value::Number(snapshot.warnings.len() as f64);
    let made = &snapshot.connections;
    let handshakes = [("full", made.full_handshakes), ("resumed", made.resumed_handshakes)]
        .map(|(kind, n)| (vec![("kind", kind.to_owned())], Value::Count(n)));
    vec![
        Family::new(Gauge, "busy_ratio", None, "Share of the last second in which it was busy.")
            .with(busy),
        Family::new(Counter, "lateness", seconds, "Our own delay, over all requests together.")
            .with(one(late_sum)),
        Family::new(Gauge, "lateness_max", seconds, "Our own delay, at worst, in the last second.")
            .with(one(late_max)),
        Family::new(Gauge, "warnings", None, "Doubts about these figures.").with(one(warnings)),
        Family::new(Counter, "dropped_log_lines", None, "Lines of the scenario's log, not kept.")
            .with(count(total.dropped_log_lines)),
        Family::new(Counter, "connections_opened", None, "Connections opened.")
            .with(count(made.opened)),
        Family::new(Counter, "connections_reused", None, "Requests on a connection that was kept.")
            .with(count(made.reused)),
        Family::new(Counter, "tls_handshakes", None, "TLS handshakes.").with(handshakes),
        Family::new(Counter, "redirects", None, "Redirects followed.").with(count(made.redirects)),
        Family::new(Counter, "lookups", None, "Look-ups of the target's name.")
            .with(count(made.lookups)),
    ]
}
