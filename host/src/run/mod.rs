//! Executes a run spec on this machine.
//!
//! ```text
//! start ─► setup ─► one thread per shard ─► executors ─► one task per virtual user ─► guest ─► Line ─► wire
//!   │                                           every second: windows, merged by ────────────────┘
//!   └─► the conductor: clock of the run, swaps, commands, snapshots, thresholds, end ─► RunHandle
//! ```
//!
//! A shard is one thread with a runtime, users, connections and a recorder of its own. Users never
//! meet; the only thing that others touch is the recorder, once a second. A *part* is one scenario of
//! the run: its load, its users, its versions.

mod alarm;
mod collector;
mod conductor;
mod control;
mod data;
mod desk;
mod executor;
mod handle;
mod hooks;
mod line;
pub mod machine;
mod part;
mod recorder;
mod shard;
mod signal;
mod spec;
mod swap;
#[cfg(test)]
mod tests;
mod user;
mod version;

pub use conductor::{Outcome, verdict};
pub use control::Answer;
pub use data::DataSet;
pub use handle::{RunHandle, start};
pub use recorder::EventLog;
pub use spec::{Attempt, Candidate, GuestLine, Load, RunSpec, ScenarioSpec, Tags};
pub use swap::SwapRules;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What every shard and user of a run knows; generic over what carries the requests.
struct Shared<X: line::Exchange> {
    spec: Facts,
    parts: Vec<Arc<part::Part<X>>>,
    signal: Arc<signal::Signal>,
    /// Told when every planned user of a part has started.
    spawned: Notify,
    /// Told when a swap may go on.
    news: Arc<Notify>,
    labels: Mutex<katydid_load::Labels>,
    exhibits: Mutex<katydid_load::evidence::Exhibits>,
    recorders: Vec<recorder::Recorder>,
    /// The classes of a version are counted apart.
    classes_apart: bool,
    /// When users began: after `setup`, on both clocks.
    began: OnceLock<(Instant, u64)>,
    /// No iteration is begun until somebody resumes the run.
    paused: AtomicBool,
}

/// The part of a run spec that stays as it was given.
struct Facts {
    seed: u64,
    clock: crate::clock::Clock,
    counters: Arc<crate::wire::Counters>,
    graceful_stop: Duration,
    guest_log: spec::GuestLog,
}

impl<X: line::Exchange> Shared<X> {
    fn shards(&self) -> u32 {
        self.recorders.len() as u32
    }

    /// When users began, or now where that is still to come.
    fn began(&self) -> Instant {
        self.began.get().map_or_else(Instant::now, |(began, _)| *began)
    }

    /// The same on the clock of the stamps, in nanoseconds.
    fn began_ns(&self) -> u64 {
        self.began.get().map_or_else(|| self.spec.clock.now_ns(), |(_, began_ns)| *began_ns)
    }

    /// Where a user of this class is counted; without one, whoever is no user.
    fn book(&self, version: u32, class: Option<usize>) -> recorder::Book {
        let class = class.map_or(u32::MAX, |class| class as u32);
        recorder::Book { version, class: if self.classes_apart { class } else { 0 } }
    }

    fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }
}
