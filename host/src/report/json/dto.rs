//! What the document is made of. `host/schema/results-1.json` says what each member means.
use super::SCHEMA;
use super::figures::{FiguresDto, micros};
use super::parts::{ExchangeDto, ScenarioDto, ThresholdDto};
use super::versions::{SwapDto, VersionDto};
use crate::report::Results;
use crate::report::calendar;
use crate::report::facts::VERSION;
use crate::report::series::Point;
use katydid_load::{Connections, ShardState, StopReason, Verdict, Warning};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ResultsDto<'a> {
    schema: &'static str,
    tool: ToolDto,
    run: RunDto<'a>,
    verdict: VerdictDto,
    stop: StopDto<'a>,
    thresholds: Vec<ThresholdDto<'a>>,
    #[serde(flatten)]
    figures: FiguresDto<'a>,
    exchanges: Vec<ExchangeDto<'a>>,
    warnings: Vec<WarningDto>,
    shards: Vec<ShardDto>,
    connections: ConnectionsDto,
    versions: Vec<VersionDto<'a>>,
    swaps: Vec<SwapDto<'a>>,
    swaps_ever: u64,
    series: &'a [Point],
}

impl<'a> ResultsDto<'a> {
    pub(super) fn new(results: &Results<'a>) -> Self {
        let Results { snapshot, series, .. } = *results;
        Self {
            schema: SCHEMA,
            tool: ToolDto { name: "katydid", version: VERSION },
            run: RunDto::new(results),
            verdict: VerdictDto::new(results.verdict),
            stop: StopDto::new(results.reason),
            thresholds: snapshot.thresholds.iter().map(ThresholdDto::new).collect(),
            figures: FiguresDto::new(&snapshot.total, snapshot),
            exchanges: snapshot.evidence.iter().map(|e| ExchangeDto::new(e, snapshot)).collect(),
            warnings: snapshot.warnings.iter().map(WarningDto::new).collect(),
            shards: snapshot.shards.iter().map(ShardDto::new).collect(),
            connections: ConnectionsDto::new(&snapshot.connections),
            versions: snapshot.versions.iter().map(|v| VersionDto::new(v, snapshot)).collect(),
            swaps: snapshot.marks.iter().map(|mark| SwapDto::new(mark, snapshot)).collect(),
            swaps_ever: snapshot.marks_ever,
            series: &series.points,
        }
    }
}

#[derive(Serialize)]
struct ToolDto {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct RunDto<'a> {
    scenarios: Vec<ScenarioDto<'a>>,
    run_time_us: Option<u64>,
    seed: u64,
    began: String,
    began_unix_us: u64,
    elapsed_us: u64,
}

impl<'a> RunDto<'a> {
    fn new(results: &Results<'a>) -> Self {
        let Results { info, began_unix, snapshot, .. } = *results;
        Self {
            scenarios: info.scenarios.iter().map(ScenarioDto::new).collect(),
            run_time_us: info.run_time_ns.map(micros),
            seed: info.seed,
            began: calendar::utc(began_unix),
            began_unix_us: u64::try_from(began_unix.as_micros()).unwrap_or(u64::MAX),
            elapsed_us: micros(snapshot.elapsed_ns),
        }
    }
}

#[derive(Serialize)]
struct VerdictDto {
    name: &'static str,
    exit_code: u8,
    text: String,
}

impl VerdictDto {
    fn new(verdict: &Verdict) -> Self {
        let name = verdict.as_str();
        Self { name, exit_code: verdict.exit_code(), text: verdict.to_string() }
    }
}

#[derive(Serialize)]
struct StopDto<'a> {
    reason: &'static str,
    message: Option<&'a str>,
}

impl<'a> StopDto<'a> {
    fn new(reason: &'a StopReason) -> Self {
        let (message, reason) = (reason.message(), reason.as_str());
        Self { reason, message }
    }
}

#[derive(Serialize)]
struct WarningDto {
    name: &'static str,
    text: String,
    cure: &'static str,
}

impl WarningDto {
    fn new(warning: &Warning) -> Self {
        let name = match warning {
            Warning::GeneratorSaturated { .. } => "generator_saturated",
            Warning::LabelsOverflowed { .. } => "labels_overflowed",
            Warning::LogDropped { .. } => "log_dropped",
            Warning::LimitTooLow { .. } => "limit_too_low",
            Warning::ArrivalsDropped { .. } => "arrivals_dropped",
            Warning::Late { .. } => "late",
            Warning::NoRequests => "no_requests",
        };
        Self { name, text: warning.to_string(), cure: warning.cure() }
    }
}

#[derive(Serialize)]
struct ConnectionsDto {
    opened: u64,
    requests_on_kept: u64,
    tls_full_handshakes: u64,
    tls_resumed_handshakes: u64,
    redirects: u64,
    lookups: u64,
}

impl ConnectionsDto {
    fn new(connections: &Connections) -> Self {
        Self {
            opened: connections.opened,
            requests_on_kept: connections.reused,
            tls_full_handshakes: connections.full_handshakes,
            tls_resumed_handshakes: connections.resumed_handshakes,
            redirects: connections.redirects,
            lookups: connections.lookups,
        }
    }
}

#[derive(Serialize)]
struct ShardDto {
    mean_busy_share: f64,
    max_busy_share: f64,
}

impl ShardDto {
    fn new(shard: &ShardState) -> Self {
        Self { mean_busy_share: shard.mean_busy_share, max_busy_share: shard.most_busy_share }
    }
}
