//! Load over time, in straight pieces: so many users ([`Closed`]), or so many arrivals per second ([`Open`]).
mod closed;
mod open;
mod piece;
mod rate;
mod text;

pub use closed::Closed;
pub use open::{Open, Schedule, Spacing};
pub use rate::{MAX_RATE_PER_S, Rate};

use thiserror::Error;

/// Most users of a run.
pub const MAX_USERS: u32 = 1_000_000;
/// Slowest start of users, per second: one in a thousand seconds.
pub const MIN_SPAWN_RATE: f64 = 0.001;
/// Fastest start of users, per second.
pub const MAX_SPAWN_RATE: f64 = 1_000_000.0;

/// Most stages of a profile.
pub const MAX_STAGES: usize = 10_000;
/// Longest that all stages of a profile may last together, in nanoseconds: a hundred years of 365 days.
pub const LONGEST_NS: u64 = 36_500 * 86_400 * 1_000_000_000;

/// A stretch of a profile, in which the load moves in a straight line from what it was to its target. It is
/// read from text and written as text: `30s:100` (users), `30s:200/s` (arrivals).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage<T> {
    /// How long it lasts, in nanoseconds. 0: the target is reached at once.
    pub length_ns: u64,
    /// Where it leads: a number of users, or a [`Rate`].
    pub target: T,
}

/// When a run ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// With the last stage, for whoever gave stages and no run time.
    WithStages,
    /// So many nanoseconds after its beginning: a run time. Later stages do not happen; after earlier ones the
    /// load stays as it is.
    At(u64),
    /// Not before it is stopped. After the stages the load stays as it is.
    #[default]
    Never,
}

/// How many iterations a run makes, where it is not time that ends it. It ends when the last is made.
///
/// **Shared iterations are dealt, not raced for.** Number i is made by user i mod `users`, as that user's
/// iteration i / `users`. So each user knows from the start how many it makes, no shard and no machine has to
/// ask another, and everything that is keyed by (seed, user, iteration), picks, waits, data rows and the
/// scenario's own dice, comes out the same wherever the user runs: the same seed gives the same multiset of
/// calls. Had the fastest user taken the next number, as k6's `shared-iterations` do, the target's mood would
/// decide who does what. The price: such a run takes as long as its slowest user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iterations {
    /// So many by each user.
    PerUser(u64),
    /// So many by all users together.
    Shared(u64),
}

impl Iterations {
    /// How many of them user `user` (from 0) of so many users makes. `users` is the same all run long: the
    /// most that there ever are.
    pub fn of(self, user: u32, users: u32) -> u64 {
        match self {
            Iterations::PerUser(each) => each,
            Iterations::Shared(all) => {
                let (user, users) = (u64::from(user), u64::from(users.max(1)));
                all / users + u64::from(user < all % users)
            }
        }
    }

    /// Finds every mistake at once.
    ///
    /// # Errors
    /// The mistakes, at least one.
    pub fn check(self) -> Result<(), Vec<ProfileError>> {
        let (Iterations::PerUser(count) | Iterations::Shared(count)) = self;
        if count == 0 { Err(vec![ProfileError::Iterations]) } else { Ok(()) }
    }
}

/// What is wrong with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ProfileError {
    /// The number of users is out of range.
    #[error("the number of users is \"{0}\": it must be from 1 to {MAX_USERS}")]
    Users(u32),
    /// A stage, counted from 1, leads to too many users.
    #[error("stage {0} leads to \"{1}\" users: at most {MAX_USERS} are possible")]
    StageUsers(usize, u32),
    /// There is never a user.
    #[error("there is never a user: give a stage a target above 0, or the run more time")]
    NoUsers,
    /// No iteration ever arrives.
    #[error("the arrival rate is always \"0\": give a stage a rate above 0, or the run more time")]
    NoArrivals,
    /// The spawn rate is out of range.
    #[error(
        "the spawn rate is \"{0}\" users per second: it must be from {MIN_SPAWN_RATE} to {MAX_SPAWN_RATE}"
    )]
    SpawnRate(f64),
    /// There are too many stages.
    #[error("there are \"{0}\" stages: at most {MAX_STAGES} are possible")]
    TooManyStages(usize),
    /// All stages together last too long.
    #[error("the stages last longer than 100 years: shorten them")]
    TooLong,
    /// The run would be over as it begins.
    #[error("the stages last \"0\" together: give one of them a duration, or the run a run time")]
    NoStages,
    /// The run time is nothing.
    #[error("the run time is \"0\": leave it out for a run without an end")]
    RunTime,
    /// No iteration is to be made.
    #[error("the number of iterations is \"0\": leave it out for users without an end")]
    Iterations,
}

/// The mistakes that profiles of every kind may have, and how long this one lasts: `None` for ever.
fn check<T>(stages: &[Stage<T>], end: End, mistakes: &mut Vec<ProfileError>) -> Option<u64> {
    if stages.len() > MAX_STAGES {
        mistakes.push(ProfileError::TooManyStages(stages.len()));
    }
    let all = stages.iter().fold(0_u64, |sum, stage| sum.saturating_add(stage.length_ns));
    if all > LONGEST_NS {
        mistakes.push(ProfileError::TooLong);
    }
    match end {
        End::WithStages if all == 0 => mistakes.push(ProfileError::NoStages),
        End::At(0) => mistakes.push(ProfileError::RunTime),
        _ => {}
    }
    match end {
        End::WithStages => Some(all),
        End::At(ns) => Some(ns),
        End::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_iterations_are_dealt() {
        let rows = [
            (Iterations::Shared(10), 4, vec![3, 3, 2, 2]),
            (Iterations::Shared(8), 4, vec![2, 2, 2, 2]),
            // Fewer than users: the others make none.
            (Iterations::Shared(2), 4, vec![1, 1, 0, 0]),
            (Iterations::PerUser(7), 3, vec![7, 7, 7]),
        ];
        for (iterations, users, expected) in rows {
            let each: Vec<u64> = (0..users).map(|user| iterations.of(user, users)).collect();
            assert_eq!(each, expected, "{iterations:?} of {users}");
        }
        for (all, users) in [(0, 1), (1, 7), (1_000, 7), (u64::MAX, 1_000)] {
            let sum: u64 = (0..users).map(|user| Iterations::Shared(all).of(user, users)).sum();
            assert_eq!(sum, all);
        }
        assert_eq!(Iterations::Shared(3).of(0, 0), 3, "no division by nothing");
    }

    #[test]
    fn no_iterations_are_a_mistake() {
        for none in [Iterations::PerUser(0), Iterations::Shared(0)] {
            assert_eq!(none.check(), Err(vec![ProfileError::Iterations]));
        }
        assert_eq!(Iterations::Shared(1).check(), Ok(()));
    }
}
