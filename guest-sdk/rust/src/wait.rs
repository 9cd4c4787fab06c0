//! The pause between two iterations of a user, in Locust's words and, as there, in seconds.

use crate::bindings::exports::katydid::load::scenario::WaitTime as Wit;

/// A wait time, made by one of this module's functions. Where a user names none, there is no pause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Constant(u64),
    Between(u64, u64),
    Pacing(u64),
    Poisson(u64),
}

/// Always so many seconds.
#[must_use]
pub const fn constant(seconds: f64) -> Wait {
    Wait(Kind::Constant(micros(seconds)))
}

/// Uniformly between the two, in seconds, both included. The host refuses a `low` above `high`.
#[must_use]
pub const fn between(low: f64, high: f64) -> Wait {
    Wait(Kind::Between(micros(low), micros(high)))
}

/// An iteration starts so many seconds after the one before it started, or at once where that one
/// took longer.
#[must_use]
pub const fn constant_pacing(seconds: f64) -> Wait {
    Wait(Kind::Pacing(micros(seconds)))
}

/// Each user starts at most so many iterations in each second: pacing, said the other way around.
#[must_use]
pub const fn constant_throughput(per_second: f64) -> Wait {
    constant_pacing(1.0 / per_second)
}

/// At random, so many seconds on average: exponentially distributed, so that a user's iterations come like the
/// events of a Poisson process.
#[must_use]
pub const fn poisson(mean: f64) -> Wait {
    Wait(Kind::Poisson(micros(mean)))
}

/// Microseconds, rounded. Less than nothing, and what is no number, is nothing.
pub(crate) const fn micros(seconds: f64) -> u64 {
    // The cast goes to the nearest number there is.
    (seconds * 1e6).round() as u64
}

impl From<Wait> for Wit {
    fn from(wait: Wait) -> Self {
        match wait.0 {
            Kind::Constant(us) => Self::Constant(us),
            Kind::Between(low, high) => Self::Between((low, high)),
            Kind::Pacing(us) => Self::Pacing(us),
            Kind::Poisson(us) => Self::Poisson(us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_microseconds() {
        let rows = [
            (constant(0.0000014), Kind::Constant(1)),
            (constant(1.4), Kind::Constant(1_400_000)),
            (constant(-1.0), Kind::Constant(0)),
            (constant(f64::NAN), Kind::Constant(0)),
            (between(0.1, 1.0), Kind::Between(100_000, 1_000_000)),
            (constant_pacing(0.5), Kind::Pacing(500_000)),
            (constant_throughput(4.0), Kind::Pacing(250_000)),
            (constant_throughput(0.0), Kind::Pacing(u64::MAX)),
            (poisson(2.5), Kind::Poisson(2_500_000)),
        ];
        for (wait, kind) in rows {
            assert_eq!(wait.0, kind);
        }
    }
}
