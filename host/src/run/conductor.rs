//! Begins a run, watches its clock, puts the shards' seconds together, ends it.

use super::line::Exchange;
use super::recorder::{LogSender, LogWriter, Recorder, open_log};
use super::shard::{self, Busy};
use super::signal::Signal;
use super::{Facts, RunSpec, Shared};
use crate::clock::Clock;
use crate::guest::Scenario;
use crate::wire::Connection;
use anyhow::Context as _;
use katydid_load::{
    Dispatch, Event, LabelId, Labels, Plan, Snapshot, Stage, StopReason, Verdict, Warning, Window,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// A run under way.
#[derive(Debug)]
pub struct RunHandle {
    snapshots: watch::Receiver<Snapshot>,
    signal: Arc<Signal>,
    outcome: tokio::task::JoinHandle<anyhow::Result<Outcome>>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Passed or not.
    pub verdict: Verdict,
    /// Why it ended.
    pub reason: StopReason,
    /// The final figures.
    pub snapshot: Snapshot,
}

impl RunHandle {
    /// What can be seen of the run: a new value each second, the last one when it has ended.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshots.clone()
    }

    /// Begins no more iterations; those under way have the graceful stop's time to end.
    pub fn stop(&self, reason: StopReason) {
        self.signal.ask(reason);
    }

    /// Ends at once: whatever waits is answered `interrupted`.
    pub fn cut(&self, reason: StopReason) {
        self.signal.ask(reason);
        self.signal.stop();
        self.signal.cut();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// We could not do our job: a shard broke, or the event log could not be written.
    pub async fn outcome(&mut self) -> anyhow::Result<Outcome> {
        (&mut self.outcome).await.context("the run's conductor failed")?
    }
}

/// Begins a run on threads of its own.
///
/// # Errors
/// The users do not fit this machine, or threads cannot be started.
pub fn start(spec: RunSpec) -> anyhow::Result<RunHandle> {
    let settings = Arc::new(spec.wire.clone());
    let targets = spec.targets.clone();
    let dial = move |class: usize, user: u64| {
        Connection::new(Arc::clone(&targets[class]), Arc::clone(&settings), user)
    };
    let began = Instant::now();
    let shards = spec.shards.clamp(1, spec.shape.users.max(1));
    let (shared, log) = prepare(spec, Clock::Monotonic, Box::new(dial))?;
    let mut ends = Vec::new();
    let mut busy = Vec::new();
    for index in 0..shards {
        let meter = Arc::new(Busy::default());
        let thread = shard::start(Arc::clone(&shared), index, shards, began, Arc::clone(&meter))
            .context("cannot start a shard's thread")?;
        busy.push(meter);
        ends.push(end_of(thread, index));
    }
    let signal = Arc::clone(&shared.signal);
    let (publish, snapshots) = watch::channel(Snapshot::default());
    let all_ended = async move {
        for end in ends {
            end.await?;
        }
        Ok(())
    };
    let outcome = tokio::spawn(conduct(shared, log, busy, publish, began, all_ended));
    Ok(RunHandle { snapshots, signal, outcome })
}

/// Waits for a shard's thread without blocking this one.
async fn end_of(
    thread: std::thread::JoinHandle<anyhow::Result<()>>,
    index: u32,
) -> anyhow::Result<()> {
    let (send, ended) = oneshot::channel();
    std::thread::Builder::new().name("katydid-join".into()).spawn(move || {
        let _ = send.send(thread.join());
    })?;
    match ended.await {
        Ok(Ok(result)) => result.with_context(|| format!("shard {index} failed")),
        _ => anyhow::bail!("shard {index} panicked"),
    }
}

type Log = Option<(LogSender, LogWriter)>;

/// Everything that stands before the first user.
pub(super) fn prepare<X: Exchange>(
    spec: RunSpec,
    clock: Clock,
    dial: Box<dyn Fn(usize, u64) -> X + Send + Sync>,
) -> anyhow::Result<(Arc<Shared<X>>, Log)> {
    let description = Arc::clone(&spec.module.description);
    let plans = description
        .classes
        .iter()
        .map(|class| Plan::new(class).map(Arc::new))
        .collect::<Option<Vec<_>>>()
        .context("a user class has no task that can be picked")?;
    let log = spec.event_log.map(open_log).transpose().context("cannot start the event log")?;
    let sender = log.as_ref().map(|(sender, _)| sender);
    let shards = spec.shards.clamp(1, spec.shape.users.max(1));
    let shared = Arc::new(Shared {
        scenario: Scenario::new(&spec.module, spec.shape.users)?,
        signal: Arc::new(Signal::with_cut(Arc::clone(&spec.wire.cut))),
        labels: Mutex::new(Labels::new(spec.max_labels)),
        users: AtomicU32::new(0),
        started: AtomicU32::new(0),
        all_started: tokio::sync::Notify::new(),
        recorders: (0..shards).map(|_| Recorder::new(sender.cloned())).collect(),
        dial,
        spec: Facts {
            dispatch: Dispatch::new(&description, spec.shape.users),
            description,
            plans,
            shape: spec.shape,
            seed: spec.seed,
            parameters: spec.parameters,
            clock,
            counters: Arc::clone(&spec.wire.counters),
            began_ns: clock.now_ns(),
            graceful_stop: spec.graceful_stop,
            guest_log: spec.guest_log,
        },
    });
    Ok((shared, log))
}

/// The run's life, from the first second to the verdict.
pub(super) async fn conduct<X: Exchange>(
    shared: Arc<Shared<X>>,
    log: Log,
    busy: Vec<Arc<Busy>>,
    publish: watch::Sender<Snapshot>,
    began: Instant,
    shards: impl Future<Output = anyhow::Result<()>> + Send,
) -> anyhow::Result<Outcome> {
    let facts = &shared.spec;
    let event = |event: &Event<'_>| log.iter().for_each(|(sender, _)| sender.event(event));
    event(&Event::RunStarted { shape: &facts.shape, seed: facts.seed });
    let mut collector = Collector { busy, spare: Vec::new(), publish };
    let end = facts.shape.run_time_ns.map(|ns| began + Duration::from_nanos(ns));
    let mut cut_at = None;
    let mut spawned = false;
    let mut second = began;
    let mut shards = std::pin::pin!(shards);
    let result = loop {
        tokio::select! {
            result = &mut shards => break result,
            () = sleep_until(second) => {
                second += Duration::from_secs(1);
                collector.collect(&shared, spawned);
            }
            () = shared.all_started.notified() => {
                spawned = true;
                event(&Event::SpawningComplete { users: facts.shape.users });
            }
            () = shared.signal.asked.notified() => {}
            () = at(end), if cut_at.is_none() => shared.signal.ask(StopReason::RunTime),
            () = at(cut_at), if !shared.signal.is_cut() => shared.signal.cut(),
        }
        if let Some(reason) = shared.signal.reason()
            && cut_at.is_none()
        {
            event(&Event::RunStopping { reason: &reason });
            shared.signal.stop();
            cut_at = Some(Instant::now() + facts.graceful_stop);
        }
    };
    // Where one shard broke, the others are not worth waiting for.
    if result.is_err() {
        shared.signal.stop();
        shared.signal.cut();
    }
    result?;
    let reason = shared.signal.reason().unwrap_or(StopReason::UsersDone);
    let snapshot = collector.finish(&shared);
    let verdict = verdict(&snapshot, &reason);
    event(&Event::RunFinished { verdict: &verdict, elapsed_ns: snapshot.elapsed_ns });
    drop(shared);
    if let Some((sender, writer)) = log {
        drop(sender);
        tokio::task::spawn_blocking(|| writer.finish()).await.context("the event log")??;
    }
    Ok(Outcome { verdict, reason, snapshot })
}

/// At this instant, or never.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

fn verdict(snapshot: &Snapshot, reason: &StopReason) -> Verdict {
    match reason {
        StopReason::Scenario(reason) => Verdict::Aborted { reason: reason.clone() },
        StopReason::Signal => Verdict::Interrupted,
        StopReason::RunTime | StopReason::UsersDone | StopReason::Asked => {
            let failed = snapshot.total.labels().any(|(_, stats)| stats.failed > 0);
            if failed || !snapshot.total.errors.is_empty() {
                Verdict::RequestsFailed
            } else {
                Verdict::Passed
            }
        }
    }
}

/// Puts the shards' seconds together and publishes them.
struct Collector {
    busy: Vec<Arc<Busy>>,
    /// Emptied windows, to be filled again.
    spare: Vec<Window>,
    publish: watch::Sender<Snapshot>,
}

/// Share of a second above which a shard's own delay is in the figures.
const SATURATED: f64 = 0.9;

impl Collector {
    /// Takes what the shards have counted since the last time and publishes a snapshot.
    fn collect<X: Exchange>(&mut self, shared: &Shared<X>, spawned: bool) {
        let mut window = self.spare.pop().unwrap_or_default();
        for recorder in &shared.recorders {
            let mut taken = recorder.take(self.spare.pop().unwrap_or_default());
            window.merge(&taken);
            taken.clear();
            self.spare.push(taken);
        }
        let shards: Vec<_> = self.busy.iter().map(|busy| busy.state()).collect();
        let stage = match (shared.signal.is_stopping(), spawned) {
            (true, _) => Stage::Stopping,
            (false, true) => Stage::Running,
            (false, false) => Stage::Spawning,
        };
        let mut last = Arc::new(window);
        self.publish.send_modify(|snapshot| {
            snapshot.began_ns = shared.spec.began_ns;
            snapshot.elapsed_ns = shared.spec.clock.now_ns().saturating_sub(shared.spec.began_ns);
            snapshot.users = shared.users.load(Ordering::Relaxed);
            snapshot.stage = stage;
            // Copied only where a reader still holds what it has seen.
            Arc::make_mut(&mut snapshot.total).merge(&last);
            std::mem::swap(&mut snapshot.window, &mut last);
            let labels = shared.labels.lock().unwrap_or_else(PoisonError::into_inner);
            if labels.all().len() != snapshot.labels.len() {
                snapshot.labels = labels.all().to_vec();
            }
            snapshot.shards = shards;
            snapshot.connections = shared.spec.counters.totals();
            snapshot.warnings = warnings(snapshot, labels.other());
        });
        if let Some(mut window) = Arc::into_inner(last) {
            window.clear();
            self.spare.push(window);
        }
    }

    /// The last snapshot, with the doubts that can only be had at the end.
    fn finish<X: Exchange>(&mut self, shared: &Shared<X>) -> Snapshot {
        self.collect(shared, true);
        self.publish.send_modify(|snapshot| {
            snapshot.stage = Stage::Finished;
            if snapshot.total.labels().next().is_none() {
                snapshot.warnings.push(Warning::NoRequests);
            }
        });
        self.publish.borrow().clone()
    }
}

/// Doubts that a run may raise while it is under way.
fn warnings(snapshot: &Snapshot, other: Option<LabelId>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let busiest = snapshot.shards.iter().map(|shard| shard.most_busy_share).fold(0.0, f64::max);
    if busiest > SATURATED {
        warnings.push(Warning::GeneratorSaturated { busy_share: busiest });
    }
    let overflowed = other.and_then(|other| snapshot.total.label(other));
    if let Some(stats) = overflowed {
        warnings.push(Warning::LabelsOverflowed { requests: stats.requests });
    }
    if snapshot.total.dropped_log_lines > 0 {
        warnings.push(Warning::LogDropped { lines: snapshot.total.dropped_log_lines });
    }
    warnings
}
