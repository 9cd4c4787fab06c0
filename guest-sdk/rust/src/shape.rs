//! A load that the scenario says itself.

use crate::bindings::exports::katydid::load::scenario as wit;
use std::time::Duration;

/// Where a run is, for a function that `scenario!` names as its `shape`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Time since the run began.
    pub elapsed: Duration,
    /// Users alive.
    pub users: u32,
    /// Requests since the run began.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Requests of the last second.
    pub requests_per_second: u64,
    /// 95th percentile of the response times of the last second.
    pub p95: Duration,
}

/// What load there is to be from now on.
///
/// A shape is a function that is asked once a second. It may read the parameters of the run; it makes no calls.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// const PEAK: Parameter<i64> = Parameter::integer("peak").default(100).about("users at noon");
///
/// /// Up for a minute, down for a minute; over when half of the requests fail.
/// fn day(now: Status) -> Load {
///     if now.failed * 2 > now.requests {
///         return Load::Stop;
///     }
///     let share = match now.elapsed.as_secs_f64() / 60.0 {
///         minute @ ..1.0 => minute,
///         minute @ 1.0..2.0 => 2.0 - minute,
///         _ => return Load::Stop,
///     };
///     Load::Users((PEAK.get() as f64 * share) as u32)
/// }
///
/// #[derive(Default)]
/// struct Reader;
///
/// #[user]
/// impl Reader {
///     #[task]
///     fn read(&mut self, client: &Client) -> Reply {
///         client.call("page", ())
///     }
/// }
///
/// scenario!(Reader, shape = day, parameters = [PEAK]);
///
/// let noon = Status { elapsed: Duration::from_secs(60), ..Status::default() };
/// assert_eq!(day(noon), Load::Users(100));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// So many users.
    Users(u32),
    /// So many iterations begun in each second, whoever is free: finite, from 0.
    Arrivals(f64),
    /// The run has done enough.
    Stop,
}

impl From<wit::Status> for Status {
    fn from(now: wit::Status) -> Self {
        Self {
            elapsed: Duration::from_micros(now.elapsed_us),
            users: now.users,
            requests: now.requests,
            failed: now.failed,
            requests_per_second: now.requests_per_second,
            p95: Duration::from_micros(now.p95_us),
        }
    }
}

impl From<Load> for wit::Load {
    fn from(load: Load) -> Self {
        match load {
            Load::Users(users) => Self::Users(users),
            Load::Arrivals(rate) => Self::Arrivals(rate),
            Load::Stop => Self::Stop,
        }
    }
}
