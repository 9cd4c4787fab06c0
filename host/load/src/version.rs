//! Versions of a scenario within one run, and the steps by which one takes the place of another.
use crate::window::Window;
use std::fmt;
use std::sync::Arc;

/// Versions whose figures are kept whole; of older ones the counts remain.
pub const KEPT_VERSIONS: usize = 8;
/// Steps of swaps that a snapshot shows; older ones are forgotten, the event log has them all.
pub const MAX_MARKS: usize = 200;

/// A share of the users: more than none, at most all; in millionths, so that 7 % of 100 are 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(u32);

const WHOLE: u32 = 1_000_000;

impl Share {
    /// All users.
    pub const ALL: Share = Share(WHOLE);

    /// A share from 0 (excluded) to 1, rounded to millionths but never to none.
    pub fn new(share: f64) -> Option<Self> {
        let millionths = (share * f64::from(WHOLE)).round() as u32;
        (share > 0.0 && share <= 1.0).then_some(Self(millionths.max(1)))
    }

    /// Whether these are all users.
    pub fn is_all(self) -> bool {
        self.0 == WHOLE
    }

    /// The share, from 0 to 1.
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// Whether the user with this place among its like (from 0) is of the share. Of the first n users the
    /// share rounded up are, for every n: the first always is, and a user stays in or out however many follow.
    pub fn includes(self, place: u32) -> bool {
        let up_to = |n: u64| (n * u64::from(self.0)).div_ceil(WHOLE.into());
        up_to(u64::from(place) + 1) > up_to(place.into())
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // At most two decimals, none where they say nothing.
        write!(f, "{} %", (self.get() * 10_000.0).round() / 100.0)
    }
}

/// What one version has done since its first user began. Never folded, never forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests, good or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// Iterations that came to their end.
    pub iterations: u64,
    /// Iterations cut short; none ever by a swap.
    pub interrupted_iterations: u64,
    /// Errors of the scenario: traps and failed iterations.
    pub errors: u64,
}

impl Counts {
    /// What a window counted.
    pub fn of(window: &Window) -> Self {
        let labels = || window.labels().map(|(_, stats)| stats);
        let kept = window.errors.kept().map(|(_, seen)| seen.count);
        let folded = window.errors.folded().map(|(_, seen)| seen.count);
        Self {
            requests: labels().map(|stats| stats.requests).sum(),
            failed: labels().map(|stats| stats.failed).sum(),
            iterations: window.iterations,
            interrupted_iterations: window.interrupted_iterations,
            errors: kept.chain(folded).sum(),
        }
    }

    /// Adds the other's.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.iterations += other.iterations;
        self.interrupted_iterations += other.interrupted_iterations;
        self.errors += other.errors;
    }
}

/// One version of the scenario, and what was counted of it. The counts of all versions together are those of
/// the run: no request is counted under two.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VersionState {
    /// Its running number, from 1. Refused ones leave gaps.
    pub number: u32,
    /// The scenario that it is a version of, by its place among those of the run.
    pub scenario: u32,
    /// SHA-256 of the module, in hexadecimal: what it is, whatever it is called.
    pub digest: Box<str>,
    /// When it was ready for its first user, in nanoseconds on the clock of the stamps.
    pub began_ns: u64,
    /// Users that have it now.
    pub users: u32,
    /// What it has done.
    pub counts: Counts,
    /// What happened in the last full second.
    pub window: Arc<Window>,
    /// What happened since it began; `None` where it is one of the old ones whose counts alone are kept.
    pub total: Option<Arc<Window>>,
}

/// A step of a swap: when it happened, and to which version.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// When, in nanoseconds on the clock of the stamps.
    pub at_ns: u64,
    /// The running number of the version that is to come, or had come. Numbers are those of the run: no two
    /// scenarios share one.
    pub version: u32,
    /// The scenario, by its place among those of the run.
    pub scenario: u32,
    /// SHA-256 of its module, in hexadecimal.
    pub digest: Box<str>,
    /// What happened.
    pub step: SwapStep,
}

/// What happens in the life of a swap. All of it fires where the run is planned, on no user's shard.
#[derive(Debug, Clone, PartialEq)]
pub enum SwapStep {
    /// Fires when someone has asked for a swap, before the module is compiled and tried aside. Every user
    /// still has the version that it had. `swap_started`.
    Started {
        /// The users that are to have it.
        share: Share,
    },
    /// Fires when the module is compiled and tried and its room is reserved: from now on users change, each at
    /// the edge of its iteration, the first of each class before all others. `swap_ready`.
    Ready,
    /// Fires when every user of the share has changed: after a canary's share, and again after its promotion.
    /// `swapped`.
    Swapped {
        /// The users that have it.
        share: Share,
        /// How long it took since the swap, or its promotion, was asked for, in nanoseconds.
        took_ns: u64,
    },
    /// Fires when a swap ends before any user has changed: the module is none, or unfit, or there is no room
    /// for it. `swap_refused`.
    Refused {
        /// Why, in one line.
        reason: String,
    },
    /// Fires when every user that had changed has the version of before again: because somebody asked for it,
    /// a rule was broken, or the first user of a class could not start. `rolled_back`.
    RolledBack {
        /// Why, in one line.
        reason: String,
    },
}

impl SwapStep {
    /// The step in one word: stable, for files and machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            SwapStep::Started { .. } => "swap_started",
            SwapStep::Ready => "swap_ready",
            SwapStep::Swapped { .. } => "swapped",
            SwapStep::Refused { .. } => "swap_refused",
            SwapStep::RolledBack { .. } => "rolled_back",
        }
    }

    /// Why, where the step has a reason.
    pub fn reason(&self) -> Option<&str> {
        match self {
            SwapStep::Refused { reason } | SwapStep::RolledBack { reason } => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_users() {
        // (share, who of the first ten)
        let rows: [(f64, &[u32]); 7] = [
            (1.0, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (0.5, &[0, 2, 4, 6, 8]),
            (0.1, &[0]),
            (0.25, &[0, 4, 8]),
            // Any share has somebody.
            (0.0001, &[0]),
            (1e-12, &[0]),
            (0.9, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ];
        for (share, expected) in rows {
            let share = Share::new(share).expect("a share");
            let got: Vec<u32> = (0..10).filter(|&place| share.includes(place)).collect();
            assert_eq!(got, expected, "{share}");
        }
        for share in [0.0, -0.1, 1.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Share::new(share), None, "{share}");
        }
        assert!(Share::ALL.is_all());
        for percent in 1..=100 {
            let share = Share::new(f64::from(percent) / 100.0).expect("a share");
            assert_eq!((0..100).filter(|&place| share.includes(place)).count(), percent as usize);
        }
    }

    #[test]
    fn shares_in_words() {
        for (share, words) in
            [(1.0, "100 %"), (0.1, "10 %"), (0.125, "12.5 %"), (0.33333, "33.33 %")]
        {
            assert_eq!(Share::new(share).expect("a share").to_string(), words);
        }
    }

    #[test]
    fn counts_of_windows_add_up() {
        let mut window = Window::default();
        window.record_error("a.b", crate::ErrorKind::Trap, "c", 1);
        window.iterations = 3;
        let mut counts = Counts::of(&window);
        counts.add(&Counts::of(&window));
        assert_eq!((counts.errors, counts.iterations, counts.requests), (2, 6, 0));
    }
}
