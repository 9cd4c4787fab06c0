//! Begins a run, watches its clock and its swaps, ends it.

use super::collector::Collector;
use super::crowd::Crowd;
use super::line::Exchange;
use super::recorder::{LogSender, LogWriter, Recorder, open_log};
use super::shard::{self, Busy};
use super::signal::Signal;
use super::swap::{Command, Swaps};
use super::version::{Routes, Version, Versions};
use super::{Attempt, Facts, RunSpec, Shared};
use crate::clock::Clock;
use crate::wire::{self, Connection};
use anyhow::Context as _;
use katydid_load::{Event, Labels, Share, Snapshot, StopReason, Verdict};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// A run under way.
pub struct RunHandle {
    snapshots: watch::Receiver<Snapshot>,
    signal: Arc<Signal>,
    commands: mpsc::UnboundedSender<Command<Connection>>,
    settings: Arc<wire::Settings>,
    outcome: tokio::task::JoinHandle<anyhow::Result<Outcome>>,
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle").field("signal", &self.signal).finish_non_exhaustive()
    }
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

    /// Puts another version of the scenario in the place of this one, for a share of the users: the module is
    /// compiled and tried aside, then each user changes at the edge of its iteration. Answers when users begin
    /// to change: the number of the version. What comes of it stands in the snapshots' marks, refusals too.
    ///
    /// # Errors
    /// Why the swap was refused, in one line. Every user still has what it had.
    pub fn swap(
        &self,
        attempt: Attempt,
        share: Share,
    ) -> impl Future<Output = Result<u32, String>> + Send + 'static {
        let settings = Arc::clone(&self.settings);
        let Attempt { digest, prepare } = attempt;
        let prepare = Box::pin(async move {
            let candidate = prepare.await?;
            Ok((candidate.module, Arc::new(routes(candidate.targets, settings))))
        });
        self.ask(move |answer| Command::Swap { digest, prepare, share, answer })
    }

    /// Gives the canary to all users. Answers its number.
    ///
    /// # Errors
    /// There is no canary that could be promoted, in one line.
    pub fn promote(&self) -> impl Future<Output = Result<u32, String>> + Send + 'static {
        self.ask(|answer| Command::Promote { answer })
    }

    /// Gives all users the version before again: of the swap under way, or else of the last one.
    /// Answers the number of the version to which they go.
    ///
    /// # Errors
    /// There is nothing to go back to, in one line.
    pub fn roll_back(&self) -> impl Future<Output = Result<u32, String>> + Send + 'static {
        self.ask(|answer| Command::RollBack { answer })
    }

    fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<u32, String>>) -> Command<Connection>,
    ) -> impl Future<Output = Result<u32, String>> + Send + 'static {
        let (send, answer) = oneshot::channel();
        // Fails where the run has ended; so does the answer then.
        let _ = self.commands.send(command(send));
        async move { answer.await.unwrap_or_else(|_| Err("the run has ended".to_owned())) }
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
    let first = routes(spec.targets.clone(), Arc::clone(&settings));
    let began = Instant::now();
    let shards = spec.shards.clamp(1, spec.shape.users.max(1));
    let rules = spec.swaps.clone();
    let (shared, log) = prepare(spec, Clock::Monotonic, first)?;
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
    let (commands, received) = mpsc::unbounded_channel();
    let sender = log.as_ref().map(|(sender, _)| sender.clone());
    let swaps = Swaps::new(Arc::clone(&shared), sender, received, rules);
    let collector = Collector::new(busy, publish);
    let outcome = tokio::spawn(conduct(shared, log, (collector, swaps), began, all_ended));
    Ok(RunHandle { snapshots, signal, commands, settings, outcome })
}

/// Where the requests of each class go.
fn routes(targets: Vec<Arc<wire::Target>>, settings: Arc<wire::Settings>) -> Routes<Connection> {
    let addresses = targets.iter().map(|target| target.url.clone()).collect();
    let dial = Box::new(move |class: usize, user: u64| {
        Connection::new(Arc::clone(&targets[class]), Arc::clone(&settings), user)
    });
    Routes { addresses, dial }
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
    routes: Routes<X>,
) -> anyhow::Result<(Arc<Shared<X>>, Log)> {
    let log = spec.event_log.map(open_log).transpose().context("cannot start the event log")?;
    let sender = log.as_ref().map(|(sender, _)| sender);
    let users = spec.shape.users;
    let shards = spec.shards.clamp(1, users.max(1));
    let first = Version::new((1, spec.module, Arc::new(routes)), users, None)?;
    let shared = Arc::new(Shared {
        versions: Versions::new(first, (users, shards)),
        signal: Arc::new(Signal::with_cut(Arc::clone(&spec.wire.cut))),
        labels: Mutex::new(Labels::new(spec.max_labels)),
        crowd: Crowd::new(users),
        recorders: (0..shards).map(|_| Recorder::new(sender.cloned())).collect(),
        spec: Facts {
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
    (mut collector, mut swaps): (Collector, Swaps<X>),
    began: Instant,
    shards: impl Future<Output = anyhow::Result<()>> + Send,
) -> anyhow::Result<Outcome> {
    let facts = &shared.spec;
    let event = |event: &Event<'_>| log.iter().for_each(|(sender, _)| sender.event(event));
    event(&Event::RunStarted { shape: &facts.shape, seed: facts.seed });
    let first = Arc::clone(&shared.versions.current().base);
    collector.add_version(first.number, &first.module.digest, facts.began_ns);
    drop(first);
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
                swaps.second(collector.collect(&shared, spawned));
            }
            wake = swaps.wait() => swaps.act(wake, &collector),
            () = shared.crowd.all_started.notified() => {
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
    drop((shared, swaps));
    if let Some((sender, writer)) = log {
        drop(sender);
        tokio::task::spawn_blocking(|| writer.finish()).await.context("the event log")??;
    }
    Ok(Outcome { verdict, reason, snapshot })
}

/// At this instant, or never.
pub(super) async fn at(instant: Option<Instant>) {
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
