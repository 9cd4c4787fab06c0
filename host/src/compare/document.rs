//! A results file, as far as it is compared.
use super::view::plain;
use katydid_load::Label;
use katydid_load::compare::{Measured, Percentile, Second, Side, Spread};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// The layout that is read.
const SCHEMA: &str = "katydid-results-1";

/// A file holds no results that can be compared. The message names it and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not JSON.
    #[error("{name:?} is not JSON: {reason}; name a file that `katydid run --json` wrote")]
    NotJson {
        /// The file.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// It is JSON of somebody else's.
    #[error("{name:?} holds no results ({reason}); name a file that `katydid run --json` wrote")]
    NoResults {
        /// The file.
        name: String,
        /// What is missing or wrong.
        reason: String,
    },
    /// Its layout is of another version.
    #[error(
        "{name:?} is laid out as {schema:?}, which is not {SCHEMA:?}; use the Katydid that wrote it"
    )]
    OtherLayout {
        /// The file.
        name: String,
        /// What it calls its layout.
        schema: String,
    },
}

/// A results file.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is called.
    pub(super) name: String,
    pub(super) run: Run,
    /// In one word, as results say it.
    pub(super) verdict: String,
    pub(super) warnings: Vec<Warning>,
    /// How many versions of its scenarios have had users.
    pub(super) versions: usize,
    pub(super) measured: Measured,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Run {
    pub(super) elapsed_us: u64,
    #[serde(default)]
    pub(super) began: String,
    #[serde(default)]
    pub(super) scenarios: Vec<Scenario>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Scenario {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) sha256: String,
    #[serde(default)]
    pub(super) load: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Warning {
    #[serde(default)]
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Layout {
    schema: Option<String>,
}

#[derive(Deserialize)]
struct File {
    run: Run,
    verdict: Named,
    totals: Stats,
    labels: Vec<Labelled>,
    #[serde(default)]
    warnings: Vec<Warning>,
    #[serde(default)]
    versions: Vec<IgnoredAny>,
    #[serde(default)]
    series: Vec<Point>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Stats {
    requests: u64,
    failed: u64,
    response_time: Option<Times>,
    service_time: Option<Times>,
}

#[derive(Deserialize)]
struct Labelled {
    r#type: String,
    name: String,
    #[serde(flatten)]
    stats: Stats,
}

#[derive(Deserialize)]
struct Times {
    mean_us: f64,
    stddev_us: f64,
    percentiles_us: BTreeMap<String, u64>,
    percentile_intervals_us: BTreeMap<String, Option<(u64, u64)>>,
}

#[derive(Deserialize)]
struct Point {
    requests: u64,
    failed: u64,
    response_time: Option<Mean>,
}

#[derive(Deserialize)]
struct Mean {
    mean_us: f64,
}

impl Document {
    /// Reads results as `--json` writes them. `name` is what they are called in what is told of them.
    ///
    /// # Errors
    /// They are none, or of another layout than this program's.
    pub fn read(name: &str, json: &[u8]) -> Result<Self, DocumentError> {
        let name = name.to_owned();
        // It may quote the file.
        let reason = |error: serde_json::Error| plain(&error.to_string());
        let layout: Layout = match serde_json::from_slice(json) {
            Ok(layout) => layout,
            Err(error) if error.is_data() => {
                return Err(DocumentError::NoResults { name, reason: reason(error) });
            }
            Err(error) => return Err(DocumentError::NotJson { name, reason: reason(error) }),
        };
        match layout.schema {
            Some(schema) if schema == SCHEMA => {}
            Some(schema) => {
                return Err(DocumentError::OtherLayout { name, schema: plain(&schema) });
            }
            None => {
                return Err(DocumentError::NoResults { name, reason: "no schema".to_owned() });
            }
        }
        let file: File = match serde_json::from_slice(json) {
            Ok(file) => file,
            Err(error) => return Err(DocumentError::NoResults { name, reason: reason(error) }),
        };
        match measured(&file) {
            Ok(measured) => Ok(Self {
                name,
                run: file.run,
                verdict: file.verdict.name,
                warnings: file.warnings,
                versions: file.versions.len(),
                measured,
            }),
            Err(reason) => Err(DocumentError::NoResults { name, reason }),
        }
    }
}

fn measured(file: &File) -> Result<Measured, String> {
    let mut labels = BTreeMap::new();
    for Labelled { r#type, name, stats } in &file.labels {
        let label = Label { request_type: r#type.as_str().into(), name: name.as_str().into() };
        let side = side(stats)?;
        // A scenario may call a label what we call the rest; the larger one of the two is compared.
        match labels.get(&label) {
            Some(Side { requests, .. }) if *requests >= side.requests => {}
            _ => _ = labels.insert(label, side),
        }
    }
    let second = |point: &Point| Second {
        requests: point.requests,
        failed: point.failed,
        mean_us: point.response_time.as_ref().map_or(0.0, |times| times.mean_us),
    };
    Ok(Measured {
        seconds: file.run.elapsed_us as f64 / 1e6,
        total: side(&file.totals)?,
        labels,
        series: file.series.iter().map(second).collect(),
    })
}

fn side(stats: &Stats) -> Result<Side, String> {
    let Stats { requests, failed, response_time, service_time } = stats;
    if failed > requests {
        return Err(format!("{failed} of {requests} requests failed"));
    }
    let spread = |times: &Option<Times>| times.as_ref().map(|t| spread(t, *requests)).transpose();
    Ok(Side {
        requests: *requests,
        failed: *failed,
        response: spread(response_time)?,
        service: spread(service_time)?,
    })
}

/// Every request has a time.
fn spread(times: &Times, count: u64) -> Result<Spread, String> {
    let Times { mean_us, stddev_us, percentiles_us, percentile_intervals_us } = times;
    if *mean_us < 0.0 || *stddev_us < 0.0 {
        return Err("a mean or a deviation of less than 0".to_owned());
    }
    let mut percentiles = Vec::new();
    for (text, us) in percentiles_us {
        let percentile: f64 =
            text.parse().map_err(|_| format!("{:?} is no percentile", plain(text)))?;
        // Of the maximum no sample says how far it could have gone.
        if percentile > 0.0 && percentile < 100.0 {
            let interval_us = percentile_intervals_us.get(text).copied().flatten();
            percentiles.push(Percentile { percentile, us: *us, interval_us });
        }
    }
    percentiles.sort_by(|a, b| a.percentile.total_cmp(&b.percentile));
    Ok(Spread { count, mean_us: *mean_us, stddev_us: *stddev_us, percentiles })
}
