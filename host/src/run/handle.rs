//! What others hold of a run: they look at it, and tell it what they want.

use super::collector::Collector;
use super::conductor::{Outcome, conduct, prepare};
use super::control::{Answer, Command, Control};
use super::line::Exchange;
use super::signal::Signal;
use super::spec::{Attempt, RunSpec};
use super::version::Routes;
use super::{Shared, shard};
use crate::clock::Clock;
use crate::wire::{self, Connection};
use anyhow::Context as _;
use katydid_load::profile::Rate;
use katydid_load::{Share, Snapshot, StopReason};
use std::fmt;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// A run under way. Clones are handles of the same run; only the first one has its outcome.
pub struct RunHandle {
    snapshots: watch::Receiver<Snapshot>,
    signal: Arc<Signal>,
    commands: mpsc::UnboundedSender<Command<Connection>>,
    settings: Arc<wire::Settings>,
    outcome: Option<tokio::task::JoinHandle<anyhow::Result<Outcome>>>,
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl Clone for RunHandle {
    fn clone(&self) -> Self {
        Self {
            snapshots: self.snapshots.clone(),
            signal: Arc::clone(&self.signal),
            commands: self.commands.clone(),
            settings: Arc::clone(&self.settings),
            outcome: None,
        }
    }
}

impl RunHandle {
    /// What can be seen of the run: a new value each second and at each step of a swap, the last one when it
    /// has ended.
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

    /// Puts another version of a scenario in the place of the running one, for a share of its users: the module
    /// is compiled and tried aside, then each user changes at the edge of its iteration. Answers when users
    /// begin to change. What comes of it stands in the snapshots' marks, refusals too.
    ///
    /// # Errors
    /// Why the swap was refused, in one line. Every user still has what it had.
    pub fn swap(
        &self,
        attempt: Attempt,
        share: Share,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let settings = Arc::clone(&self.settings);
        let Attempt { scenario, digest, prepare } = attempt;
        let prepare = Box::pin(async move {
            let candidate = prepare.await?;
            Ok((candidate.module, Arc::new(routes(candidate.targets, settings))))
        });
        self.ask(scenario, move |answer| Control::Swap { digest, prepare, share, answer })
    }

    /// Gives the canary to all users.
    ///
    /// # Errors
    /// There is no canary that could be promoted, in one line.
    pub fn promote(
        &self,
        scenario: Option<String>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(scenario, |answer| Control::Promote { answer })
    }

    /// Gives all users the version before again: of the swap under way, or else of the last one.
    ///
    /// # Errors
    /// There is nothing to go back to, in one line.
    pub fn roll_back(
        &self,
        scenario: Option<String>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(scenario, |answer| Control::RollBack { answer })
    }

    /// So many users from now on, in place of what was planned; so many per second come or go, all at once
    /// where no rate is given.
    ///
    /// # Errors
    /// There is no room for so many, or the scenario is of the open model, in one line.
    pub fn set_users(
        &self,
        scenario: Option<String>,
        users: u32,
        rate: Option<Rate>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(scenario, move |answer| Control::Users { users, rate, answer })
    }

    /// So many arrivals per second from now on, in place of what was planned.
    ///
    /// # Errors
    /// The scenario is of the closed model, in one line.
    pub fn set_rate(
        &self,
        scenario: Option<String>,
        rate: Rate,
    ) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(scenario, move |answer| Control::Rate { rate, answer })
    }

    /// Begins no iterations until [`RunHandle::resume`]. Time goes on, and so does what is under way; what
    /// would have arrived meanwhile does not.
    ///
    /// # Errors
    /// It is paused already, in one line.
    pub fn pause(&self) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(None, |answer| Control::Pause { paused: true, answer })
    }

    /// Goes on after [`RunHandle::pause`].
    ///
    /// # Errors
    /// It is not paused, in one line.
    pub fn resume(&self) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(None, |answer| Control::Pause { paused: false, answer })
    }

    /// Forgets everything that was counted so far.
    ///
    /// # Errors
    /// The run has ended, in one line.
    pub fn reset(&self) -> impl Future<Output = Answer> + Send + 'static {
        self.ask(None, |answer| Control::Reset { answer })
    }

    fn ask(
        &self,
        scenario: Option<String>,
        control: impl FnOnce(oneshot::Sender<Answer>) -> Control<Connection>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let (send, answer) = oneshot::channel();
        // Fails where the run has ended; so does the answer then.
        let _ = self.commands.send(Command { scenario, control: control(send) });
        async move { answer.await.unwrap_or_else(|_| Err("the run has ended".to_owned())) }
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// We could not do our job: a shard broke, or the event log could not be written.
    pub async fn outcome(&mut self) -> anyhow::Result<Outcome> {
        let outcome = self.outcome.as_mut().context("only the first handle has the outcome")?;
        outcome.await.context("the run's conductor failed")?
    }
}

/// Begins a run on threads of its own.
///
/// # Errors
/// The users do not fit this machine, or threads cannot be started.
pub fn start(spec: RunSpec) -> anyhow::Result<RunHandle> {
    let settings = Arc::new(spec.wire.clone());
    let mut ways = Vec::new();
    for scenario in &spec.scenarios {
        ways.push(routes(scenario.targets.clone(), Arc::clone(&settings)));
    }
    let prepared = prepare(spec, Clock::Monotonic, ways)?;
    let signal = Arc::clone(&prepared.shared.signal);
    let busy: Vec<Arc<shard::Busy>> =
        prepared.shared.recorders.iter().map(|_| Arc::default()).collect();
    let (publish, snapshots) = watch::channel(Snapshot::default());
    let (commands, received) = mpsc::unbounded_channel();
    let collector = Collector::new(busy.clone(), publish, &prepared.thresholds);
    let shards = move |shared: &Arc<Shared<Connection>>| shards(shared, &busy);
    let outcome = tokio::spawn(conduct(prepared, collector, received, shards));
    Ok(RunHandle { snapshots, signal, commands, settings, outcome: Some(outcome) })
}

/// Starts the shards. Ends when all of them have.
fn shards<X: Exchange>(
    shared: &Arc<Shared<X>>,
    busy: &[Arc<shard::Busy>],
) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + Send + use<X>> {
    let mut ends = Vec::new();
    for (index, meter) in (0..).zip(busy) {
        let thread = shard::start(Arc::clone(shared), index, Arc::clone(meter))
            .context("cannot start a shard's thread")?;
        ends.push(end_of(thread, index));
    }
    Ok(async move {
        for end in ends {
            end.await?;
        }
        Ok(())
    })
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

/// Where the requests of each class go.
fn routes(targets: Vec<Arc<wire::Target>>, settings: Arc<wire::Settings>) -> Routes<Connection> {
    let addresses = targets.iter().map(|target| target.url.clone()).collect();
    let dial = Box::new(move |class: usize, user: u64| {
        Connection::new(Arc::clone(&targets[class]), Arc::clone(&settings), user)
    });
    Routes { addresses, dial }
}
