//! What this machine allows, compared with what a run needs.

use super::spec::{RunSpec, ScenarioSpec};
use crate::guest::{Limits, Module, WIDE_MEMORY};
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
/// Addresses of a process: 47 bits on x86-64, and no fewer on the other machines that we run on. Guards,
/// stacks and small modules share what the large memories leave.
const ADDRESSES: u64 = 1 << 47;
const OTHER_ADDRESSES: u64 = 16 << 40;

/// Cores that this process may use.
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

/// Raises what may be raised without asking, and warns of what stays too low.
pub fn prepare(spec: &RunSpec) -> Vec<Warning> {
    let room = |scenario: &ScenarioSpec| u64::from(scenario.load.room());
    let users: u64 = spec.scenarios.iter().map(room).sum();
    let mut warnings = Vec::new();
    let need = users + OTHER_FILES;
    let have = raise_open_files(need);
    if have < need {
        warnings.push(Warning::LimitTooLow { limit: "ulimit -n", have, need });
    }
    let maps = |scenario| room(scenario) * maps_per_user(&scenario.module);
    let need = spec.scenarios.iter().map(maps).sum::<u64>() + OTHER_MAPS;
    let have = most_maps();
    if have < need {
        warnings.push(Warning::LimitTooLow { limit: MAP_LIMIT, have, need });
    }
    warnings
}

/// Whether the addresses of a process suffice for memories that are guarded by them, with half of them left
/// for another version of each scenario.
pub fn has_wide_room(scenarios: &[ScenarioSpec]) -> bool {
    let large = scenarios.iter().filter(|scenario| scenario.module.build.large_code);
    let memories = |scenario: &ScenarioSpec| {
        u64::from(scenario.load.room()) * u64::from(scenario.module.memories)
    };
    large.map(memories).sum::<u64>().saturating_mul(WIDE_MEMORY) <= ADDRESSES / 2 - OTHER_ADDRESSES
}

/// Whether two versions may overlap while `users` go from one to the other.
///
/// # Errors
/// They may not; in one line, with the cure.
pub(super) fn room_for_two(old: &Module, new: &Module, users: u32) -> Result<(), String> {
    // A user has one instance at a time, but what an old one was mapped to stays so until all are gone, and
    // some of its memory stays resident.
    let users = u64::from(users);
    let (need, have) =
        (users * (maps_per_user(old) + maps_per_user(new)) + OTHER_MAPS, most_maps());
    if have < need {
        return Err(format!(
            "{MAP_LIMIT} is {have}, two versions of {users} users may need {need}: raise it, or use fewer users in \
             one process"
        ));
    }
    let need = users * u64::from(old.memories) * Limits::KEPT_RESIDENT as u64;
    let have = available_memory();
    if have < need {
        let mib = |bytes: u64| bytes >> 20;
        return Err(format!(
            "{} MiB of memory are available, two versions of {users} users may need {} more: use fewer users",
            mib(have),
            mib(need)
        ));
    }
    Ok(())
}

/// Memory that may be had without taking it from anybody, in bytes; any amount where nobody says.
fn available_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map_or(u64::MAX, |kib| kib << 10)
}

const MAP_LIMIT: &str = "sysctl vm.max_map_count";

fn maps_per_user(module: &Module) -> u64 {
    let image = if module.build.large_image { MAPS_PER_IMAGE } else { 0 };
    MAPS_PER_STACK + (MAPS_PER_MEMORY + image) * u64::from(module.memories)
}

fn most_maps() -> u64 {
    let text = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok();
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(u64::MAX)
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
