//! Where programs look at a run and tell it what they want: the local API, and metrics that are pushed.

use super::swap::{Maker, Swapper};
use crate::clock::monotonic_ns;
use crate::duration;
use crate::export::push::{self, Protocol, Push};
use crate::export::{ExportLabel, Origin};
use crate::report::{self, Results, RunInfo, Series};
use crate::run::{Answer, RunHandle, verdict};
use crate::server::{self, Control, Server};
use crate::wire::TlsOptions;
use anyhow::Context as _;
use katydid_load::profile::Rate;
use katydid_load::{Share, Snapshot, StopReason};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Who may look at a run, and where its figures are sent while it goes on.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "API and metrics")]
pub(super) struct ApiArgs {
    /// Serve status, metrics for Prometheus, and controls over HTTP, at 127.0.0.1:PORT; GET / lists them. A token
    /// in KATYDID_API_TOKEN is asked of clients
    #[arg(long, value_name = "ADDRESS:PORT")]
    api: Option<SocketAddr>,
    /// Let other machines use the API; they need the token
    #[arg(long, requires = "api")]
    api_allow_remote: bool,
    /// Push metrics to a Prometheus that takes remote writes
    #[arg(long, value_name = "URL")]
    prometheus_remote_write: Option<String>,
    /// Push metrics to an OpenTelemetry collector, by OTLP over HTTP
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
    /// Time between two pushes
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse)]
    metrics_interval: Duration,
    /// A label of everything that is pushed; may be repeated
    #[arg(long = "metrics-label", alias = "metrics-labels", value_name = "NAME=VALUE")]
    metrics_labels: Vec<ExportLabel>,
}

/// Most bytes of a module that the API takes: the sandbox's own limit holds too.
const MODULE_BYTES: usize = 64 << 20;

impl ApiArgs {
    /// Begins to serve, where that is wanted.
    pub(super) fn serve(
        &self,
        handle: &RunHandle,
        info: &RunInfo,
        swapper: &Swapper,
    ) -> anyhow::Result<Option<Server>> {
        let Some(addr) = self.api else { return Ok(None) };
        let (snapshots, told) = (handle.snapshots(), info.clone());
        let results = Box::new(move |out: &mut Vec<u8>| {
            let snapshot = snapshots.borrow().clone();
            let reason = StopReason::Asked;
            let results = Results {
                info: &told,
                began_unix: began_unix(&snapshot),
                verdict: &verdict(&snapshot, &reason),
                snapshot: &snapshot,
                series: &Series::default(),
                reason: &reason,
            };
            report::json::write(&results, out)
        });
        let options = server::Options {
            allow_remote: self.api_allow_remote,
            token: std::env::var("KATYDID_API_TOKEN").ok().filter(|token| !token.is_empty()),
            max_module_bytes: MODULE_BYTES,
            origin: self.origin(info),
            results,
        };
        let control = Arc::new(Remote { handle: handle.clone(), swapper: swapper.maker(0) });
        let server = server::start(addr, options, control);
        server.with_context(|| format!("cannot serve the API at {addr}")).map(Some)
    }

    /// Begins to push, wherever that is wanted.
    pub(super) fn pushes(&self, info: &RunInfo) -> anyhow::Result<Vec<Push>> {
        let both =
            [(&self.prometheus_remote_write, Protocol::RemoteWrite), (&self.otlp, Protocol::Otlp)];
        let wanted = both.into_iter().filter_map(|(url, protocol)| Some((url.clone()?, protocol)));
        wanted
            .map(|(url, protocol)| {
                let options = push::Options {
                    url: url.clone(),
                    protocol,
                    headers: Vec::new(),
                    tls: TlsOptions::default(),
                    interval: self.metrics_interval,
                };
                let tell = |trouble: &str| eprintln!("warning: {trouble}");
                Push::start(&options, self.origin(info), tell)
                    .with_context(|| format!("cannot push metrics to {url:?}"))
            })
            .collect()
    }

    fn origin(&self, info: &RunInfo) -> Origin {
        Origin {
            began_unix: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            scenarios: info.scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            labels: self.metrics_labels.clone(),
        }
    }
}

/// When the run began, by the calendar.
pub(super) fn began_unix(snapshot: &Snapshot) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(Duration::from_nanos(monotonic_ns().saturating_sub(snapshot.began_ns)))
}

/// A run, as clients of the API see it.
struct Remote {
    handle: RunHandle,
    swapper: Maker,
}

impl Control for Remote {
    fn snapshot(&self) -> Snapshot {
        self.handle.snapshots().borrow().clone()
    }

    fn set_users(&self, scenario: Option<String>, users: u32) -> server::Answer<'_> {
        Box::pin(self.handle.set_users(scenario, users, None))
    }

    fn set_rate(&self, scenario: Option<String>, per_second: f64) -> server::Answer<'_> {
        match Rate::per_second(per_second) {
            Some(rate) => Box::pin(self.handle.set_rate(scenario, rate)),
            None => {
                ready(Err(format!("{per_second} arrivals per second are more than can be made")))
            }
        }
    }

    fn pause(&self) -> server::Answer<'_> {
        Box::pin(self.handle.pause())
    }

    fn resume(&self) -> server::Answer<'_> {
        Box::pin(self.handle.resume())
    }

    fn reset(&self) -> server::Answer<'_> {
        Box::pin(self.handle.reset())
    }

    fn stop(&self) -> server::Answer<'_> {
        self.handle.stop(StopReason::Asked);
        ready(Ok("the run ends: iterations under way may end".to_owned()))
    }

    fn swap(&self, module: Vec<u8>, share: Share) -> server::Answer<'_> {
        Box::pin(self.handle.swap((self.swapper)(module), share))
    }

    fn promote(&self) -> server::Answer<'_> {
        Box::pin(self.handle.promote(None))
    }

    fn roll_back(&self) -> server::Answer<'_> {
        Box::pin(self.handle.roll_back(None))
    }
}

fn ready(answer: Answer) -> server::Answer<'static> {
    Box::pin(std::future::ready(answer))
}
