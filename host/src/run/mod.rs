//! Executes a run spec on this machine.
//!
//! ```text
//! start ─► one thread per shard ─► one task per virtual user ─► guest ─► Line ─► wire
//!   │                 every second: windows, merged by ─────────────────────┘
//!   └─► the conductor: clock of the run, snapshots, end ─► RunHandle
//! ```
//!
//! A shard is one thread with a runtime, users, connections and a recorder of its own. Users never
//! meet; the only thing that others touch is the recorder, once a second.

mod conductor;
mod line;
mod recorder;
mod shard;
mod signal;
#[cfg(test)]
mod tests;
mod user;

pub use conductor::{Outcome, RunHandle, start};
pub use recorder::EventLog;

use crate::guest::{self, Level, Module};
use crate::wire;
use katydid_load::{Dispatch, Shape};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What to run, complete and checked.
pub struct RunSpec {
    /// The scenario.
    pub module: Module,
    /// For each of its classes, where its requests go.
    pub targets: Vec<Arc<wire::Target>>,
    /// How many users, when.
    pub shape: Shape,
    /// Determines picks, waits and the guests' randomness.
    pub seed: u64,
    /// What the scenario may ask for by name.
    pub parameters: Arc<BTreeMap<String, String>>,
    /// Time-outs and bounds of each exchange.
    pub wire: wire::Settings,
    /// How long iterations under way may take to end after the run did.
    pub graceful_stop: Duration,
    /// Threads that carry users.
    pub shards: u32,
    /// Labels that are told apart; what is above them is counted together.
    pub max_labels: u32,
    /// Where to log every event, if anywhere.
    pub event_log: Option<EventLog>,
    /// Takes the guests' log, line by line; called on the shards' threads.
    pub guest_log: Arc<dyn Fn(GuestLine<'_>) + Send + Sync>,
}

/// A line of a guest's log.
#[derive(Debug, Clone, Copy)]
pub struct GuestLine<'a> {
    /// Which user says it.
    pub user: u64,
    /// How grave it is.
    pub level: Level,
    /// What it says; free of control characters, at most [`GuestLine::MAX_CHARS`] long.
    pub message: &'a str,
}

impl GuestLine<'_> {
    /// Longer lines are cut.
    pub const MAX_CHARS: usize = 2_000;
}

/// What every shard and user of a run knows; generic over what carries the requests.
struct Shared<X: line::Exchange> {
    spec: Facts,
    scenario: guest::Scenario<line::Line<X>>,
    signal: Arc<signal::Signal>,
    labels: std::sync::Mutex<katydid_load::Labels>,
    /// Users alive.
    users: std::sync::atomic::AtomicU32,
    /// Users that were ever started.
    started: std::sync::atomic::AtomicU32,
    /// Told when the last user of the shape has started.
    all_started: tokio::sync::Notify,
    recorders: Vec<recorder::Recorder>,
    /// Makes what carries a user's requests: class, user.
    dial: Box<dyn Fn(usize, u64) -> X + Send + Sync>,
}

/// The part of a run spec that stays as it was given.
struct Facts {
    description: Arc<katydid_load::Description>,
    plans: Vec<Arc<katydid_load::Plan>>,
    dispatch: Dispatch,
    shape: Shape,
    seed: u64,
    parameters: Arc<BTreeMap<String, String>>,
    clock: crate::clock::Clock,
    counters: Arc<wire::Counters>,
    began_ns: u64,
    graceful_stop: Duration,
    guest_log: Arc<dyn Fn(GuestLine<'_>) + Send + Sync>,
}

impl fmt::Debug for RunSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunSpec").field("shape", &self.shape).finish_non_exhaustive()
    }
}
