//! Where the scenario is, and what it may ask of the host.

use crate::backend;
use std::fmt;
use std::time::Duration;

/// Counts a named assertion, and answers it. Where it does not hold, the check is counted as failed;
/// neither the request nor the iteration is.
pub fn check(name: &str, ok: bool) -> bool {
    backend::check(name, ok);
    ok
}

/// Waits, to the microsecond. Ends early when the run does.
pub fn sleep(time: Duration) {
    backend::sleep_us(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
}

/// A parameter given to the run (`--param name=value`).
#[must_use]
pub fn parameter(name: &str) -> Option<String> {
    backend::parameter(name)
}

/// The number of this virtual user, from 0, unique in the run.
#[must_use]
pub fn user_id() -> u64 {
    backend::user_id()
}

/// The number of this user's iteration, from 0.
#[must_use]
pub fn iteration() -> u64 {
    backend::iteration()
}

/// Time since the run began, on the clock that times the requests.
#[must_use]
pub fn now() -> Duration {
    Duration::from_micros(backend::now_us())
}

/// Ends the whole run; the program's exit code then says that the scenario did it.
pub fn stop_run(reason: impl fmt::Display) {
    backend::stop_run(&reason.to_string());
}
