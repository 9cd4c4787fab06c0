//! What a report is told of a run beside its figures, and all of a run that has ended.
use super::series::Series;
use katydid_load::{Snapshot, StopReason, Verdict};
use std::time::Duration;

/// What a report says of a run that its figures do not.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// The scenarios that run side by side, at least one; [`katydid_load::VersionState`] names them by their
    /// place.
    pub scenarios: Vec<ScenarioInfo>,
    /// How long the run is to last, in nanoseconds; until it is stopped, or all users have ended, where none
    /// is given.
    pub run_time_ns: Option<u64>,
    /// What determines every pick, pause and random number of the run.
    pub seed: u64,
}

/// One of the scenarios of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioInfo {
    /// What it is called where there are several.
    pub name: String,
    /// Its file, or its name where it has none.
    pub file: String,
    /// Where its requests go.
    pub host: String,
    /// SHA-256 of its module, in hexadecimal.
    pub digest: String,
    /// Its load in words: `50 users, 10 started per second, 10 iterations each`, or
    /// `200 arrivals/s, at most 500 users`.
    pub load: String,
    /// The most users that it may have at once.
    pub peak_users: u32,
    /// Whether its load is arrivals, begun when they are due by whoever is free.
    pub open: bool,
    /// How many iterations each user was to make; any number where none is given.
    pub iterations: Option<u64>,
    /// The parameters that it was given: names and values.
    pub parameters: Vec<(String, String)>,
}

impl RunInfo {
    /// The most users that there may be at once.
    pub(super) fn peak_users(&self) -> u64 {
        self.scenarios.iter().map(|scenario| u64::from(scenario.peak_users)).sum()
    }

    /// The scenario at this place, as people call it.
    pub(super) fn name_of(&self, scenario: u32) -> String {
        let named = self.scenarios.get(scenario as usize);
        named.map_or_else(|| format!("scenario {scenario}"), |scenario| scenario.name.clone())
    }
}

/// All that is known of a run that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Results<'a> {
    /// What its figures do not say.
    pub info: &'a RunInfo,
    /// When it began, as a time since the beginning of 1970.
    pub began_unix: Duration,
    /// Its last figures.
    pub snapshot: &'a Snapshot,
    /// Its figures second by second.
    pub series: &'a Series,
    /// How it came out.
    pub verdict: &'a Verdict,
    /// Why it ended.
    pub reason: &'a StopReason,
}
