//! Everything a reader may see at one instant.
use crate::evidence::Evidence;
use crate::label::Label;
use crate::version::{Mark, VersionState};
use crate::warning::Warning;
use crate::window::Window;
use std::sync::Arc;

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stage {
    /// Users are still being started.
    #[default]
    Spawning,
    /// All of them are there.
    Running,
    /// No more iterations are started; those under way come to their end.
    Stopping,
    /// Nothing moves any more: the figures are final.
    Finished,
}

impl Stage {
    /// The stage in one word: stable, for files and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Spawning => "spawning",
            Stage::Running => "running",
            Stage::Stopping => "stopping",
            Stage::Finished => "finished",
        }
    }
}

/// How one shard (one core's share of the users) is doing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ShardState {
    /// Share of the last second in which it was busy, from 0 to 1.
    pub busy_share: f64,
    /// The same for the busiest of its seconds.
    pub most_busy_share: f64,
    /// The same for all of its seconds together.
    pub mean_busy_share: f64,
}

/// What a run's connections have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Connections {
    /// Connections opened; failed attempts to open one are not.
    pub opened: u64,
    /// Times that a request was handed to a connection that an earlier one had used.
    pub reused: u64,
    /// TLS handshakes in full.
    pub full_handshakes: u64,
    /// TLS handshakes that resumed an earlier session of the same user.
    pub resumed_handshakes: u64,
    /// Redirects followed.
    pub redirects: u64,
    /// Times that a target's name was looked up during the run.
    pub lookups: u64,
}

/// Whether a threshold holds, as far as can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nothing was counted that it could be held against.
    Unknown,
}

impl Holds {
    /// The answer in one word: stable, for files and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Holds::Yes => "held",
            Holds::No => "breached",
            Holds::Unknown => "unknown",
        }
    }
}

/// A threshold of the run, and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdState {
    /// The rule, as it is written: `get_time: p95 < 200ms`.
    pub rule: String,
    /// Whether it holds for everything counted so far.
    pub holds: Holds,
    /// The figure that it is held against, as people read it; or why there is none.
    pub value: String,
    /// A breach ends the run.
    pub aborts: bool,
}

/// Everything a reader may see at one instant. Immutable, and cheap to clone: readers share the windows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// When the run began, in nanoseconds on the clock of its stamps.
    pub began_ns: u64,
    /// Time since the run began, in nanoseconds.
    pub elapsed_ns: u64,
    /// Users alive.
    pub users: u32,
    /// Where the run is in its life.
    pub stage: Stage,
    /// What happened in the last full second, all shards together.
    pub window: Arc<Window>,
    /// What happened since the run began.
    pub total: Arc<Window>,
    /// The labels; each one's place is its id in the windows.
    pub labels: Vec<Label>,
    /// Doubts about these figures.
    pub warnings: Vec<Warning>,
    /// How each shard is doing.
    pub shards: Vec<ShardState>,
    /// What the connections have come to.
    pub connections: Connections,
    /// Somebody has paused the run: no iteration begins.
    pub paused: bool,
    /// The thresholds of the run, in the order in which they were given.
    pub thresholds: Vec<ThresholdState>,
    /// The first few whole exchanges of each failure.
    pub evidence: Vec<Arc<Evidence>>,
    /// How many full seconds were published before and with this snapshot. Steps of swaps are published
    /// between two seconds and do not count.
    pub seconds: u64,
    /// The versions of the scenario that ever had users, the first one first.
    pub versions: Vec<VersionState>,
    /// The latest steps of swaps, the oldest first; at most [`crate::version::MAX_MARKS`].
    pub marks: Vec<Mark>,
    /// How many steps of swaps there were, those that are shown no more included.
    pub marks_ever: u64,
}
