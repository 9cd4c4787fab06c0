//! What this machine allows, compared with what a run needs.

use crate::run::RunSpec;
use katydid_load::Warning;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files beside the users' connections: the scenario, logs, the runtimes' own.
const OTHER_FILES: u64 = 100;
/// Memory maps of one live user, and of the program without users: counted in `/proc/PID/maps`. A memory
/// whose beginning is mapped lies in two more pieces.
const MAPS_PER_STACK: u64 = 2;
const MAPS_PER_MEMORY: u64 = 2;
const MAPS_PER_IMAGE: u64 = 2;
const OTHER_MAPS: u64 = 500;

/// Cores that this process may use.
pub(super) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

/// Raises what may be raised without asking, and warns of what stays too low.
pub(super) fn prepare(spec: &RunSpec) -> Vec<Warning> {
    let users = u64::from(spec.shape.users);
    let mut warnings = Vec::new();
    let need = users + OTHER_FILES;
    let have = raise_open_files(need);
    if have < need {
        warnings.push(Warning::LimitTooLow { limit: "ulimit -n", have, need });
    }
    let image = if spec.module.large_image { MAPS_PER_IMAGE } else { 0 };
    let maps_per_user =
        MAPS_PER_STACK + (MAPS_PER_MEMORY + image) * u64::from(spec.module.memories);
    let need = users * maps_per_user + OTHER_MAPS;
    let have = std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(u64::MAX);
    if have < need {
        warnings.push(Warning::LimitTooLow { limit: "sysctl vm.max_map_count", have, need });
    }
    warnings
}

/// Raises the soft limit of open files towards `need`; answers what it is then.
fn raise_open_files(need: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= need {
        return current;
    }
    let raised = limit.maximum.map_or(need, |maximum| maximum.min(need));
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }) {
        Ok(()) => raised,
        Err(_) => current,
    }
}
