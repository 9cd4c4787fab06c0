//! What the document is made of. `host/schema/results-1.json` says what each member means.
use super::figures::{FiguresDto, micros};
use super::series::Point;
use super::versions::{SwapDto, VersionDto};
use super::{Results, SCHEMA};
use crate::report::calendar;
use crate::report::facts::VERSION;
use katydid_load::{Connections, ShardState, StopReason, Verdict, Warning};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ResultsDto<'a> {
    schema: &'static str,
    tool: ToolDto,
    scenario: ScenarioDto<'a>,
    run: RunDto<'a>,
    verdict: VerdictDto,
    stop: StopDto<'a>,
    #[serde(flatten)]
    figures: FiguresDto<'a>,
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
            scenario: ScenarioDto { file: &results.info.scenario, sha256: &results.info.digest },
            run: RunDto::new(results),
            verdict: VerdictDto::new(results.verdict),
            stop: StopDto::new(results.reason),
            figures: FiguresDto::new(&snapshot.total, snapshot),
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
struct ScenarioDto<'a> {
    file: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct RunDto<'a> {
    host: &'a str,
    users: u32,
    spawn_rate: f64,
    run_time_us: Option<u64>,
    iterations_per_user: Option<u64>,
    seed: u64,
    began: String,
    began_unix_us: u64,
    elapsed_us: u64,
}

impl<'a> RunDto<'a> {
    fn new(results: &Results<'a>) -> Self {
        let Results { info, began_unix, snapshot, .. } = *results;
        Self {
            host: &info.host,
            users: info.users,
            spawn_rate: info.spawn_rate,
            run_time_us: info.run_time_ns.map(micros),
            iterations_per_user: info.iterations,
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
