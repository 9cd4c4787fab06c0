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

mod collector;
mod conductor;
mod crowd;
mod line;
pub mod machine;
mod recorder;
mod shard;
mod signal;
mod swap;
#[cfg(test)]
mod tests;
mod user;
mod version;

pub use conductor::{Outcome, RunHandle, start};
pub use recorder::EventLog;
pub use swap::SwapRules;

use crate::guest::{Level, Module};
use crate::wire;
use katydid_load::Shape;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
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
    /// What is done with versions that are swapped in.
    pub swaps: SwapRules,
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

/// A module that may take the place of the running one.
pub struct Candidate {
    /// The scenario.
    pub module: Module,
    /// For each of its classes, where its requests go.
    pub targets: Vec<Arc<wire::Target>>,
}

/// A swap that someone wants.
pub struct Attempt {
    /// SHA-256 of the module's file, in hexadecimal.
    pub digest: String,
    /// Makes the candidate; runs beside the conductor, so it may take its time. An error is the reason of the
    /// refusal, in one line.
    pub prepare: Pin<Box<dyn Future<Output = Result<Candidate, String>> + Send>>,
}

/// What every shard and user of a run knows; generic over what carries the requests.
struct Shared<X: line::Exchange> {
    spec: Facts,
    versions: version::Versions<X>,
    signal: Arc<signal::Signal>,
    labels: std::sync::Mutex<katydid_load::Labels>,
    crowd: crowd::Crowd,
    recorders: Vec<recorder::Recorder>,
}

/// The part of a run spec that stays as it was given.
struct Facts {
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
