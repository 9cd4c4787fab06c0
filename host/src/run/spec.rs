//! What to run.

use super::data::DataSet;
use super::recorder::EventLog;
use super::swap::SwapRules;
use crate::guest::{Level, Module};
use crate::wire;
use katydid_load::profile::{Closed, End, Iterations, Open, Spacing};
use katydid_load::threshold::Thresholds;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What to run, complete and checked.
pub struct RunSpec {
    /// The scenarios, at least one.
    pub scenarios: Vec<ScenarioSpec>,
    /// Determines picks, waits and the guests' randomness.
    pub seed: u64,
    /// Time-outs and bounds of each exchange.
    pub wire: wire::Settings,
    /// How long iterations under way may take to end after the run did.
    pub graceful_stop: Duration,
    /// Threads that carry users.
    pub shards: u32,
    /// What must hold for the run to pass.
    pub thresholds: Thresholds,
    /// Labels that are told apart; what is above them is counted together.
    pub max_labels: u32,
    /// What is done with versions that are swapped in.
    pub swaps: SwapRules,
    /// Where to log events, if anywhere.
    pub logs: Vec<EventLog>,
    /// Takes the guests' log, line by line; called on the shards' threads.
    pub guest_log: GuestLog,
}

/// One scenario of a run.
pub struct ScenarioSpec {
    /// What it is called in the run; no two have the same name.
    pub name: String,
    /// Its first version.
    pub module: Module,
    /// For each of its classes, where its requests go.
    pub targets: Vec<Arc<wire::Target>>,
    /// How many users, or arrivals, when.
    pub load: Load,
    /// The same in words, for people.
    pub words: String,
    /// When it begins, after the run did.
    pub start: Duration,
    /// What it may ask for by name.
    pub parameters: Arc<BTreeMap<String, String>>,
    /// Which of its tasks are carried out.
    pub tags: Tags,
    /// The rows that its users may draw.
    pub data: Vec<DataSet>,
}

/// Which tasks are carried out: those with any of the first tags, where there are any, and none of the second.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    /// A task must have one of these; any task may be carried out where there are none.
    pub include: Vec<String>,
    /// A task must have none of these.
    pub exclude: Vec<String>,
}

/// How many users, or arrivals, when.
#[derive(Debug, Clone)]
pub enum Load {
    /// The closed model: so many users, each of which begins an iteration when it has made the one before.
    Closed {
        /// How many there are.
        users: Closed,
        /// How many iterations they make; any number where none is given.
        iterations: Option<Iterations>,
        /// How many there may be if somebody asks for more while the run goes on; at least the profile's peak.
        most: u32,
    },
    /// The open model: so many iterations are due, whoever is free.
    Open {
        /// How many are due.
        rate: Open,
        /// How they are spaced.
        spacing: Spacing,
        /// Users that are there before the first arrival.
        first: u32,
        /// Most users; an arrival that finds all of them busy is dropped.
        most: u32,
    },
    /// What the scenario's own hook `shape` says, each second.
    Shaped {
        /// When the run ends, if the scenario does not end it before.
        end: End,
        /// Most users.
        most: u32,
    },
}

impl Load {
    /// Most users that there ever are.
    #[must_use]
    pub fn room(&self) -> u32 {
        match self {
            Load::Closed { users, most, .. } => users.peak().max(*most),
            Load::Open { first, most, .. } => (*first).max(*most),
            Load::Shaped { most, .. } => (*most).max(1),
        }
    }
}

/// Takes the guests' log, line by line.
pub(super) type GuestLog = Arc<dyn Fn(GuestLine<'_>) + Send + Sync>;

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
    /// The scenario that is to be swapped, by its name; the only one where there is one.
    pub scenario: Option<String>,
    /// SHA-256 of the module's file, in hexadecimal.
    pub digest: String,
    /// Makes the candidate; runs beside the conductor, so it may take its time. An error is the reason of the
    /// refusal, in one line.
    pub prepare: Pin<Box<dyn Future<Output = Result<Candidate, String>> + Send>>,
}

impl fmt::Debug for RunSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.scenarios.iter().map(|scenario| &scenario.name).collect();
        f.debug_struct("RunSpec").field("scenarios", &names).finish_non_exhaustive()
    }
}
