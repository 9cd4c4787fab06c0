//! How a run goes, as one JSON document. Units come last in names, as in the results.
use crate::export::Origin;
use katydid_load::{LabelStats, PERCENTILES, Snapshot, Times, VersionState, Window};
use serde_json::{Map, Value, json};

/// The document.
pub(super) fn document(snapshot: &Snapshot, origin: &Origin) -> Value {
    let elapsed_s = snapshot.elapsed_ns as f64 / 1e9;
    let version = |version: &VersionState| {
        json!({
            "number": version.number,
            "scenario": origin.scenario(version.scenario),
            "digest": version.digest,
            "users": version.users,
            "requests": version.counts.requests,
            "failed": version.counts.failed,
        })
    };
    let threshold = |state: &katydid_load::ThresholdState| {
        json!({
            "rule": state.rule,
            "state": state.holds.as_str(),
            "value": state.value,
            "aborts": state.aborts,
        })
    };
    let warning = |warning: &katydid_load::Warning| {
        let text = warning.to_string();
        json!({ "text": text, "cure": warning.cure() })
    };
    json!({
        "stage": snapshot.stage.as_str(),
        "paused": snapshot.paused,
        "elapsed_us": snapshot.elapsed_ns / 1_000,
        "users": snapshot.users,
        "last_second": figures(&snapshot.window, 1.0),
        "total": figures(&snapshot.total, elapsed_s),
        "versions": snapshot.versions.iter().map(version).collect::<Vec<_>>(),
        "thresholds": snapshot.thresholds.iter().map(threshold).collect::<Vec<_>>(),
        "warnings": snapshot.warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

/// What was counted in so many seconds.
fn figures(window: &Window, seconds: f64) -> Value {
    let LabelStats { requests, failed, response, service, .. } = &window.total();
    let per_s = if seconds > 0.0 { *requests as f64 / seconds } else { 0.0 };
    let arrivals = &window.arrivals;
    // A run with a number of users has none.
    let arrivals = (arrivals.scheduled > 0).then(|| {
        json!({
            "scheduled": arrivals.scheduled,
            "started": arrivals.started,
            "dropped": arrivals.dropped,
        })
    });
    json!({
        "requests": requests,
        "failed": failed,
        "requests_per_s": per_s,
        "iterations": window.iterations,
        "response_time": times(response),
        "service_time": times(service),
        "arrivals": arrivals,
    })
}

fn times(times: &Times) -> Option<Value> {
    let percentile = |p: f64| (p.to_string(), Value::from(times.percentile_us(p)));
    let percentiles: Map<_, _> = PERCENTILES.into_iter().map(percentile).collect();
    (times.count() > 0).then(|| {
        json!({
            "min_us": times.min_us(),
            "mean_us": times.mean_us(),
            "max_us": times.max_us(),
            "percentiles_us": percentiles,
        })
    })
}
