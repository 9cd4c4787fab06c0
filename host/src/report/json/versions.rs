//! The versions of the scenario, and the steps by which one took another's place.
use super::figures::{FiguresDto, IterationsDto, micros};
use crate::report::swaps;
use katydid_load::{Mark, Share, Snapshot, VersionState};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct VersionDto<'a> {
    number: u32,
    scenario: u32,
    digest: &'a str,
    began_us: u64,
    users: u32,
    requests: u64,
    failed: u64,
    scenario_errors: u64,
    iterations: IterationsDto,
    figures: Option<FiguresDto<'a>>,
}

impl<'a> VersionDto<'a> {
    pub(super) fn new(version: &'a VersionState, snapshot: &Snapshot) -> Self {
        let VersionState { number, scenario, ref digest, began_ns, users, counts, .. } = *version;
        Self {
            number,
            scenario,
            digest,
            began_us: micros(began_ns.saturating_sub(snapshot.began_ns)),
            users,
            requests: counts.requests,
            failed: counts.failed,
            scenario_errors: counts.errors,
            iterations: IterationsDto {
                completed: counts.iterations,
                interrupted: counts.interrupted_iterations,
            },
            // Those of the only version are the run's: they would all be there twice.
            figures: version
                .total
                .as_deref()
                .filter(|_| snapshot.versions.len() > 1)
                .map(|total| FiguresDto::new(total, snapshot)),
        }
    }
}

#[derive(Serialize)]
pub(super) struct SwapDto<'a> {
    at_us: u64,
    scenario: u32,
    version: u32,
    digest: &'a str,
    step: &'static str,
    share: Option<f64>,
    took_us: Option<u64>,
    reason: Option<String>,
}

impl<'a> SwapDto<'a> {
    pub(super) fn new(mark: &'a Mark, snapshot: &Snapshot) -> Self {
        let Mark { at_ns, version, scenario, ref digest, ref step } = *mark;
        Self {
            at_us: micros(at_ns.saturating_sub(snapshot.began_ns)),
            scenario,
            version,
            digest,
            step: step.as_str(),
            share: swaps::share(step).map(Share::get),
            took_us: swaps::took_ns(step).map(micros),
            reason: swaps::reason(step),
        }
    }
}
