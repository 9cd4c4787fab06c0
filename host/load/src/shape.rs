//! Load as a function of time.
use thiserror::Error;

/// Most users of a run.
pub const MAX_USERS: u32 = 1_000_000;
/// Slowest start of users, per second: one in a thousand seconds.
pub const MIN_SPAWN_RATE: f64 = 0.001;
/// Fastest start of users, per second.
pub const MAX_SPAWN_RATE: f64 = 1_000_000.0;

/// What is wrong with a shape.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ShapeError {
    /// The number of users is out of range.
    #[error("the number of users is \"{0}\": it must be from 1 to {MAX_USERS}")]
    Users(u32),
    /// The spawn rate is out of range.
    #[error(
        "the spawn rate is \"{0}\" users per second: it must be from {MIN_SPAWN_RATE} to {MAX_SPAWN_RATE}"
    )]
    SpawnRate(f64),
    /// The run time is nothing.
    #[error("the run time is \"0\": leave it out for a run without an end")]
    RunTime,
    /// No iteration is to be made.
    #[error("the number of iterations is \"0\": leave it out for users without an end")]
    Iterations,
}

/// A closed ramp: users start one after the other at a steady rate, the first at once, and then stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// How many users there are in the end: 1 to [`MAX_USERS`].
    pub users: u32,
    /// How many of them start per second: [`MIN_SPAWN_RATE`] to [`MAX_SPAWN_RATE`].
    pub spawn_rate: f64,
    /// How long the run lasts from its beginning, the ramp included, in nanoseconds; until it is stopped where
    /// none is given. Nothing below looks at it.
    pub run_time_ns: Option<u64>,
    /// How many iterations each user makes before it ends, failed and interrupted ones included; any number
    /// where none is given. Nothing below looks at it.
    pub iterations: Option<u64>,
}

impl Shape {
    /// Finds every mistake at once.
    ///
    /// # Errors
    /// The mistakes, at least one.
    pub fn check(&self) -> Result<(), Vec<ShapeError>> {
        let mistakes: Vec<ShapeError> = [
            (!(1..=MAX_USERS).contains(&self.users)).then_some(ShapeError::Users(self.users)),
            (!(MIN_SPAWN_RATE..=MAX_SPAWN_RATE).contains(&self.spawn_rate))
                .then_some(ShapeError::SpawnRate(self.spawn_rate)),
            (self.run_time_ns == Some(0)).then_some(ShapeError::RunTime),
            (self.iterations == Some(0)).then_some(ShapeError::Iterations),
        ]
        .into_iter()
        .flatten()
        .collect();
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    /// How many users have started at this time after the beginning of the run: 1 at time 0, all of them from
    /// [`Shape::spawned_at`] on.
    pub fn users_at(&self, t_ns: u64) -> u32 {
        // The number rounded down is one short, or right where rounding came in between: the inverse decides.
        let mut started = ((t_ns as f64 * self.spawn_rate / 1e9) as u32).min(self.users);
        while started < self.users && self.nth_user_at(started) <= t_ns {
            started += 1;
        }
        started
    }

    /// When user `k` (from 0) starts, in nanoseconds after the beginning of the run, rounded up.
    pub fn nth_user_at(&self, k: u32) -> u64 {
        (f64::from(k) * 1e9 / self.spawn_rate).ceil() as u64
    }

    /// When the last user starts.
    pub fn spawned_at(&self) -> u64 {
        self.nth_user_at(self.users.saturating_sub(1))
    }

    /// The users that worker `worker` of `workers` runs: every `workers`-th, beginning with its own number. All
    /// workers together run each user once, and each has its share of the ramp at every instant.
    pub fn users_of(&self, worker: u32, workers: u32) -> impl Iterator<Item = u32> + use<> {
        (worker..self.users).step_by(workers.max(1) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn users_over_time() {
        // (users, rate, at) → users there
        let rows = [
            // The first one is there at once.
            ((10, 1.0, 0), 1),
            ((10, 1.0, S - 1), 1),
            ((10, 1.0, S), 2),
            ((10, 1.0, 9 * S - 1), 9),
            ((10, 1.0, 9 * S), 10),
            // The ramp ends at its number of users,
            ((10, 1.0, 3_600 * S), 10),
            ((10, 1.0, u64::MAX), 10),
            // and is rounded up to the nanosecond: 1/3 s is 333,333,333.3 ns.
            ((10, 3.0, 333_333_333), 1),
            ((10, 3.0, 333_333_334), 2),
            ((10, 0.5, 2 * S), 2),
            ((1, MIN_SPAWN_RATE, 0), 1),
            ((MAX_USERS, MAX_SPAWN_RATE, S), MAX_USERS),
        ];
        for ((users, spawn_rate, t), expected) in rows {
            let shape = Shape { users, spawn_rate, run_time_ns: None, iterations: None };
            assert_eq!(shape.check(), Ok(()));
            assert_eq!(shape.users_at(t), expected, "{users} at {spawn_rate}/s after {t} ns");
        }
        assert_eq!(
            Shape { users: 600, spawn_rate: 1.0, run_time_ns: None, iterations: None }.spawned_at(),
            599 * S
        );
    }

    #[test]
    fn mistakes() {
        let rows = [
            ((0, 1.0, None), "the number of users is \"0\": it must be from 1 to 1000000"),
            (
                (MAX_USERS + 1, 1.0, None),
                "the number of users is \"1000001\": it must be from 1 to 1000000",
            ),
            (
                (1, 0.0, None),
                "the spawn rate is \"0\" users per second: it must be from 0.001 to 1000000",
            ),
            (
                (1, -1.0, None),
                "the spawn rate is \"-1\" users per second: it must be from 0.001 to 1000000",
            ),
            (
                (1, f64::NAN, None),
                "the spawn rate is \"NaN\" users per second: it must be from 0.001 to 1000000",
            ),
            (
                (1, f64::INFINITY, None),
                "the spawn rate is \"inf\" users per second: it must be from 0.001 to 1000000",
            ),
            ((1, 1.0, Some(0)), "the run time is \"0\": leave it out for a run without an end"),
        ];
        for ((users, spawn_rate, run_time_ns), expected) in rows {
            let mistakes = Shape { users, spawn_rate, run_time_ns, iterations: None }
                .check()
                .expect_err(expected);
            assert_eq!(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
        }
        let all =
            Shape { users: 0, spawn_rate: 0.0, run_time_ns: Some(0), iterations: Some(0) }.check();
        assert_eq!(all.map_err(|mistakes| mistakes.len()), Err(4), "all mistakes at once");
    }
}
