//! The pause between two iterations of a user.
use crate::rng::Rng;

/// The pause between two iterations. All lengths are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wait {
    /// No pause.
    #[default]
    None,
    /// Always so long.
    Constant(u64),
    /// Uniformly between the two, both included.
    Between(u64, u64),
    /// An iteration starts so long after the one before it started; at once when that took longer.
    Pacing(u64),
    /// The scenario is asked each time.
    Asked,
    /// At random, so long on average: exponentially distributed, as between the arrivals of a Poisson process.
    /// Never longer than 37 times that.
    Poisson(u64),
}

impl Wait {
    /// How long to pause after an iteration that took so long, in microseconds. `None` where the scenario
    /// must be asked. Draws from `rng` (keyed [`crate::Purpose::Wait`]) only for [`Wait::Between`] and
    /// [`Wait::Poisson`].
    pub fn pause_us(&self, rng: &mut Rng, iteration_took_us: u64) -> Option<u64> {
        match *self {
            Wait::None => Some(0),
            Wait::Constant(us) => Some(us),
            Wait::Between(low, high) => Some(rng.between(low, high)),
            Wait::Pacing(us) => Some(us.saturating_sub(iteration_took_us)),
            Wait::Asked => None,
            // A cast stops at the largest number there is.
            Wait::Poisson(mean) => Some((mean as f64 * rng.exponential()).round() as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses() {
        let rows = [
            (Wait::None, 500, Some(0)),
            // The pause does not depend on the iteration.
            (Wait::Constant(1_000), 0, Some(1_000)),
            (Wait::Constant(1_000), 5_000, Some(1_000)),
            (Wait::Between(7, 7), 0, Some(7)),
            // Pacing fills up what is left of its period,
            (Wait::Pacing(1_000), 300, Some(700)),
            (Wait::Pacing(1_000), 1_000, Some(0)),
            // and never goes below nothing.
            (Wait::Pacing(1_000), 5_000, Some(0)),
            (Wait::Asked, 300, None),
        ];
        for (wait, took, expected) in rows {
            assert_eq!(wait.pause_us(&mut Rng::new(1), took), expected, "{wait:?} after {took} µs");
        }
    }

    #[test]
    fn between_stays_between_and_reaches_both_ends() {
        let mut rng = Rng::new(3);
        let pauses: Vec<u64> =
            (0..200).filter_map(|_| Wait::Between(10, 13).pause_us(&mut rng, 99)).collect();
        assert_eq!((pauses.iter().min(), pauses.iter().max()), (Some(&10), Some(&13)));
    }
    #[test]
    fn poisson_is_exponential() {
        const MEAN: u64 = 100_000;
        const N: usize = 100_000;
        let mut rng = Rng::new(5);
        let mut pauses: Vec<u64> =
            (0..N).filter_map(|_| Wait::Poisson(MEAN).pause_us(&mut rng, 99)).collect();
        pauses.sort_unstable();
        let mean = pauses.iter().sum::<u64>() as f64 / N as f64 / MEAN as f64;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        // The law of the distribution: the share that is longer than t is e to the -t.
        for t in [0.01, 0.1, 0.5, 1.0, 2.0, 5.0] {
            let shorter = pauses.partition_point(|pause| (*pause as f64) < t * MEAN as f64);
            let longer = 1.0 - shorter as f64 / N as f64;
            assert!((longer - (-t).exp()).abs() < 0.005, "{longer} are longer than {t}");
        }
        assert_eq!(Wait::Poisson(0).pause_us(&mut rng, 99), Some(0));
        let most = Wait::Poisson(u64::MAX).pause_us(&mut rng, 99);
        assert!(most > Some(1 << 50), "no overflow: {most:?}");
    }
}
