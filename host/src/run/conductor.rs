//! Begins a run, watches its clock and its swaps, ends it.

use super::collector::Collector;
use super::control::Command;
use super::hooks::{self, Shaped};
use super::line::Exchange;
use super::part::Part;
use super::recorder::{LogSender, LogWriter, Recorder, open_log};
use super::signal::Signal;
use super::spec::RunSpec;
use super::swap::{SwapRules, Swaps};
use super::version::{Routes, Version};
use super::{Facts, Shared};
use crate::clock::Clock;
use anyhow::Context as _;
use katydid_load::threshold::{Group, Thresholds};
use katydid_load::{Event, Holds, Labels, Planned, Snapshot, StopReason, Verdict};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

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

/// How often it is looked how far a swap is.
const LOOK: Duration = Duration::from_millis(20);

/// Everything that stands before the first user.
pub(super) struct Prepared<X: Exchange> {
    pub(super) shared: Arc<Shared<X>>,
    logs: Vec<(LogSender, LogWriter)>,
    planned: Vec<Planned>,
    rules: SwapRules,
    pub(super) thresholds: Thresholds,
}

/// Makes room for everybody. `routes` are those of the scenarios, in their order.
pub(super) fn prepare<X: Exchange>(
    spec: RunSpec,
    clock: Clock,
    routes: Vec<Routes<X>>,
) -> anyhow::Result<Prepared<X>> {
    let logs = spec.logs.into_iter().map(open_log).collect::<std::io::Result<Vec<_>>>();
    let logs = logs.context("cannot start the event log")?;
    let rooms = spec.scenarios.iter().map(|scenario| scenario.load.room());
    let shards = spec.shards.clamp(1, rooms.sum::<u32>().max(1));
    let (mut parts, mut planned, mut users) = (Vec::new(), Vec::new(), 0);
    for (index, (scenario, routes)) in (0..).zip(spec.scenarios.into_iter().zip(routes)) {
        let room = scenario.load.room();
        let version = (index + 1, scenario.module.clone(), Arc::new(routes));
        let first = Version::new(version, (room, &scenario.tags), None)
            .with_context(|| format!("scenario {:?}", scenario.name))?;
        let (name, load) = (scenario.name.clone(), scenario.words.clone());
        planned.push(Planned { name, load, most_users: room });
        parts.push(Arc::new(Part::new((index, users), scenario, first, shards)));
        users += u64::from(room);
    }
    let senders: Vec<_> = logs.iter().map(|(sender, _)| sender.clone()).collect();
    let shared = Arc::new(Shared {
        parts,
        signal: Arc::new(Signal::with_cut(Arc::clone(&spec.wire.cut))),
        spawned: tokio::sync::Notify::new(),
        news: Arc::default(),
        labels: Mutex::new(Labels::new(spec.max_labels)),
        exhibits: Mutex::default(),
        recorders: (0..shards).map(|_| Recorder::new(senders.clone())).collect(),
        classes_apart: spec
            .thresholds
            .groups()
            .iter()
            .any(|group| matches!(group, Group::Class(_))),
        began: OnceLock::new(),
        paused: false.into(),
        spec: Facts {
            seed: spec.seed,
            clock,
            counters: Arc::clone(&spec.wire.counters),
            graceful_stop: spec.graceful_stop,
            guest_log: spec.guest_log,
        },
    });
    let (rules, thresholds) = (spec.swaps, spec.thresholds);
    Ok(Prepared { shared, logs, planned, rules, thresholds })
}

/// The run's life, from the first second to the verdict. `begin` lets the shards run and answers when all of
/// them have ended.
pub(super) async fn conduct<X: Exchange, S>(
    prepared: Prepared<X>,
    collector: Collector,
    commands: mpsc::UnboundedReceiver<Command<X>>,
    begin: impl FnOnce(&Arc<Shared<X>>) -> anyhow::Result<S>,
) -> anyhow::Result<Outcome>
where
    S: Future<Output = anyhow::Result<()>>,
{
    let Prepared { shared, logs, planned, rules, thresholds } = prepared;
    let senders: Vec<_> = logs.iter().map(|(sender, _)| sender.clone()).collect();
    let mut conductor = Conductor::new(shared, senders, (collector, thresholds), rules);
    let ended = match conductor.set_up().await {
        Ok(shaped) => {
            conductor.announce(&planned);
            let asked = conductor.ask(shaped);
            let ended = match begin(&conductor.shared) {
                Ok(shards) => conductor.watch(shards, commands).await,
                Err(error) => Err(error),
            };
            drop(asked);
            if ended.is_ok() {
                conductor.tear_down().await;
            }
            ended
        }
        // What was never set up is not torn down.
        Err(reason) => {
            conductor.announce(&planned);
            conductor.shared.signal.ask(StopReason::Scenario(reason));
            Ok(())
        }
    };
    let outcome = ended.map(|()| conductor.finish());
    drop(conductor);
    for (sender, writer) in logs {
        drop(sender);
        tokio::task::spawn_blocking(|| writer.finish()).await.context("the event log")??;
    }
    outcome
}

struct Conductor<X: Exchange> {
    shared: Arc<Shared<X>>,
    logs: Vec<LogSender>,
    collector: Collector,
    thresholds: Thresholds,
    swaps: Vec<Swaps<X>>,
    /// The number of the latest version, refused ones included.
    last: u32,
    /// All planned users have started.
    spawned: bool,
}

impl<X: Exchange> Conductor<X> {
    fn new(
        shared: Arc<Shared<X>>,
        logs: Vec<LogSender>,
        (collector, thresholds): (Collector, Thresholds),
        rules: SwapRules,
    ) -> Self {
        let swaps_of = |part: &Arc<Part<X>>| {
            Swaps::new(Arc::clone(&shared), Arc::clone(part), logs.clone(), rules.clone())
        };
        let swaps: Vec<_> = shared.parts.iter().map(swaps_of).collect();
        let last = swaps.len() as u32;
        Self { shared, logs, collector, thresholds, swaps, last, spawned: false }
    }

    fn event(&self, event: &Event<'_>) {
        self.logs.iter().for_each(|log| log.event(event));
    }

    /// What the scenarios do before their users begin. Answers those that say themselves what load there is.
    async fn set_up(&mut self) -> Result<Vec<Shaped<X>>, String> {
        let mut shaped = Vec::new();
        for part in &self.shared.parts {
            let signal = &self.shared.signal;
            tokio::select! {
                done = hooks::setup(&self.shared, part) => done?,
                // Asked to stop meanwhile: what it waits for is not waited for.
                () = signal.asked.notified() => {
                    return Err(signal.reason().map_or_else(String::new, |reason| {
                        format!("stopped during setup ({})", reason.as_str())
                    }));
                }
            }
            if part.is_shaped {
                shaped.push(Shaped::begin(&self.shared, part).await?);
            }
        }
        Ok(shaped)
    }

    /// Asks those scenarios for their load, as long as the answer lives.
    fn ask(&self, shaped: Vec<Shaped<X>>) -> JoinSet<()> {
        let go_on = |one: Shaped<X>| one.go_on(self.collector.snapshots());
        shaped.into_iter().map(go_on).collect()
    }

    /// What the scenarios do after their users have gone.
    async fn tear_down(&self) {
        if self.shared.signal.reason() == Some(StopReason::Signal) && self.shared.signal.is_cut() {
            return;
        }
        self.shared.signal.lift_cut();
        let all = async {
            for part in &self.shared.parts {
                hooks::teardown(&self.shared, part).await;
            }
        };
        let patience = hooks::patience(self.shared.spec.graceful_stop);
        // What takes longer is not waited for.
        let _ = tokio::time::timeout(patience, all).await;
    }

    /// The clock of the run begins.
    fn announce(&mut self, planned: &[Planned]) {
        let now = (Instant::now(), self.shared.spec.clock.now_ns());
        let (_, began_ns) = *self.shared.began.get_or_init(|| now);
        self.event(&Event::RunStarted { scenarios: planned, seed: self.shared.spec.seed });
        for part in &self.shared.parts {
            let first = Arc::clone(&part.versions.current().base);
            self.collector.add_version(&first.module, (part, first.number), began_ns);
        }
    }

    /// Watches over the shards until all of them have ended.
    async fn watch(
        &mut self,
        shards: impl Future<Output = anyhow::Result<()>>,
        mut commands: mpsc::UnboundedReceiver<Command<X>>,
    ) -> anyhow::Result<()> {
        let shared = Arc::clone(&self.shared);
        let (mut second, mut cut_at) = (shared.began(), None);
        let mut shards = std::pin::pin!(shards);
        let result = loop {
            let busy = self.swaps.iter().any(Swaps::is_busy);
            tokio::select! {
                result = &mut shards => break result,
                () = sleep_until(second) => {
                    second += Duration::from_secs(1);
                    let counted = self.collector.collect(&shared, self.spawned);
                    self.swaps.iter_mut().for_each(|swaps| swaps.second(counted));
                    self.collector.judge(&mut self.thresholds);
                    if let Some((threshold, _)) = self.thresholds.abort() {
                        shared.signal.ask(StopReason::Threshold(threshold.to_string()));
                    }
                }
                Some(command) = commands.recv() => {
                    let rest = (&mut self.collector, &mut self.last);
                    command.carry_out(&shared, &mut self.swaps, rest);
                }
                () = shared.news.notified() => {}
                () = sleep(LOOK), if busy => {}
                () = shared.spawned.notified() => self.look_who_is_there(),
                () = shared.signal.asked.notified() => {}
                () = at(self.next_end()) => self.end_what_is_over(),
                () = at(cut_at), if !shared.signal.is_cut() => shared.signal.cut(),
            }
            for swaps in &mut self.swaps {
                swaps.look(&self.collector);
            }
            if let Some(reason) = shared.signal.reason()
                && cut_at.is_none()
            {
                self.event(&Event::RunStopping { reason: &reason });
                shared.signal.stop();
                cut_at = Some(Instant::now() + shared.spec.graceful_stop);
            }
        };
        // Where one shard broke, the others are not worth waiting for.
        if result.is_err() {
            shared.signal.stop();
            shared.signal.cut();
        }
        result
    }

    fn look_who_is_there(&mut self) {
        if !self.spawned && self.shared.parts.iter().all(|part| part.is_spawned()) {
            self.spawned = true;
            let users = self.shared.parts.iter().map(|part| part.crowd.planned).sum();
            self.event(&Event::SpawningComplete { users });
        }
    }

    /// When the next scenario's time is over.
    fn next_end(&self) -> Option<Instant> {
        let going = self.shared.parts.iter().filter(|part| !part.is_over());
        going.filter_map(|part| self.end_of(part)).min()
    }

    fn end_of(&self, part: &Part<X>) -> Option<Instant> {
        Some(self.shared.began() + part.start + part.length()?)
    }

    /// Ends the scenarios whose time is over; with the last of them, the run.
    fn end_what_is_over(&self) {
        let now = Instant::now();
        let parts = &self.shared.parts;
        let over = |part: &Arc<Part<X>>| self.end_of(part).is_some_and(|end| end <= now);
        if parts.iter().all(|part| part.is_over() || over(part)) {
            // The users of all of them have the graceful stop's time.
            self.shared.signal.ask(StopReason::RunTime);
        }
        parts.iter().filter(|part| over(part)).for_each(|part| part.end(&self.shared.signal));
    }

    fn finish(&mut self) -> Outcome {
        let reason = self.shared.signal.reason().unwrap_or(StopReason::UsersDone);
        self.collector.finish(&self.shared);
        self.collector.judge(&mut self.thresholds);
        let snapshot = self.collector.snapshots().borrow().clone();
        let verdict = verdict(&snapshot, &reason);
        let elapsed_ns = snapshot.elapsed_ns;
        self.event(&Event::RunFinished { verdict: &verdict, elapsed_ns });
        Outcome { verdict, reason, snapshot }
    }
}

/// At this instant, or never.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// How a run with these figures has come out that ended for this reason. The gravest wins. A threshold that nothing
/// could be held against guards nothing: it counts as breached.
#[must_use]
pub fn verdict(snapshot: &Snapshot, reason: &StopReason) -> Verdict {
    let breached = snapshot.thresholds.iter().any(|threshold| threshold.holds != Holds::Yes);
    match reason {
        StopReason::Scenario(reason) => Verdict::Aborted { reason: reason.clone() },
        StopReason::Signal => Verdict::Interrupted,
        _ if breached => Verdict::ThresholdBreached,
        _ => {
            let failed = snapshot.total.labels().any(|(_, stats)| stats.failed > 0);
            if failed || !snapshot.total.errors.is_empty() {
                Verdict::RequestsFailed
            } else {
                Verdict::Passed
            }
        }
    }
}
