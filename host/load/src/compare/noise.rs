//! How much less the requests of a run say than as many that are independent of each other.
use super::{Measured, Second};

/// Design effects: by how much the variance of a figure is greater than independent requests would make it. At
/// least 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Noise {
    pub(super) times: f64,
    pub(super) failures: f64,
    pub(super) pace: f64,
}

/// Fewest stretches of time that a run is cut into, of whole seconds; fewer where it has fewer seconds.
const STRETCHES: usize = 30;
/// Fewest stretches that tell anything.
const FEWEST: usize = 12;
/// The mean of the lower three quarters of squares of a standard normal variable.
const MEAN_OF_LOWER_SQUARES: f64 = 0.368_5;

impl Noise {
    const NONE: Noise = Noise { times: 1.0, failures: 1.0, pace: 1.0 };

    /// What the seconds of a run show. Nothing where there are too few.
    pub(super) fn of(measured: &Measured) -> Self {
        let stretches = stretches(&measured.series);
        let Some(times) = &measured.total.response else { return Self::NONE };
        if stretches.len() < FEWEST || measured.total.requests == 0 {
            return Self::NONE;
        }
        let ratio = measured.total.failed as f64 / measured.total.requests as f64;
        // Of a mean the variance is that of one value over their number; of a count it is the count itself.
        let count = |stretch: &Stretch| stretch.requests;
        let one_over_count = |stretch: &Stretch| 1.0 / stretch.requests;
        let mean = |stretch: &Stretch| stretch.sum_us / stretch.requests;
        let failures = |stretch: &Stretch| stretch.failed / stretch.requests;
        Self {
            times: effect(&stretches, mean, one_over_count, times.stddev_us.powi(2)),
            failures: effect(&stretches, failures, one_over_count, ratio * (1.0 - ratio)),
            pace: effect(&stretches, count, count, 1.0),
        }
    }
}

/// Some seconds together.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    requests: f64,
    failed: f64,
    sum_us: f64,
}

/// The run in stretches of the same length. The first and the last second may be partial ones and are left out.
fn stretches(series: &[Second]) -> Vec<Stretch> {
    let whole = series.get(1..series.len().saturating_sub(1)).unwrap_or_default();
    let length = (whole.len() / STRETCHES).max(1);
    let together = |seconds: &[Second]| {
        seconds.iter().fold(Stretch::default(), |sum, second| Stretch {
            requests: sum.requests + second.requests as f64,
            failed: sum.failed + second.failed as f64,
            sum_us: sum.sum_us + second.mean_us * second.requests as f64,
        })
    };
    whole.chunks_exact(length).map(together).collect()
}

/// How much farther values lie from the line through their neighbours than they would by their own variance, which
/// is `unit` times what `weight` says. The farthest quarter is left out, so that a few steps in the load do not
/// count.
fn effect(
    stretches: &[Stretch],
    value: impl Fn(&Stretch) -> f64,
    weight: impl Fn(&Stretch) -> f64,
    unit: f64,
) -> f64 {
    let of_three = |three: &[Stretch]| {
        let [a, b, c] = three else { return None };
        let bend = value(a) - 2.0 * value(b) + value(c);
        let expected = (weight(a) + 4.0 * weight(b) + weight(c)) * unit;
        let share = bend * bend / expected;
        share.is_finite().then_some(share)
    };
    let mut shares: Vec<f64> = stretches.windows(3).filter_map(of_three).collect();
    shares.sort_by(f64::total_cmp);
    shares.truncate((shares.len() * 3).div_ceil(4));
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    (mean / MEAN_OF_LOWER_SQUARES).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::{Side, Spread};
    use super::*;
    use crate::rng::Rng;

    /// About normal, mean 0, variance 1.
    fn normal(rng: &mut Rng) -> f64 {
        let sum: f64 = (0..12).map(|_| rng.below(1 << 53) as f64 / (1_u64 << 53) as f64).sum();
        sum - 6.0
    }

    /// A run of so many seconds with 400 requests each, whose times have a deviation of 1,000 µs within a second
    /// and of `between` between seconds, on top of a trend.
    fn run(seconds: u64, between: f64, trend: impl Fn(u64) -> f64, rng: &mut Rng) -> Noise {
        let second = |t| Second {
            requests: 400,
            failed: 0,
            // The mean of 400 has a deviation of 50 µs.
            mean_us: 5_000.0 + trend(t) + normal(rng) * between + normal(rng) * 50.0,
        };
        let series: Vec<_> = (0..seconds).map(second).collect();
        let requests = 400 * seconds;
        let spread =
            Spread { count: requests, mean_us: 5e3, stddev_us: 1e3, percentiles: Vec::new() };
        let total = Side { requests, failed: 0, response: Some(spread), service: None };
        Noise::of(&Measured { seconds: seconds as f64, total, series, ..Measured::default() })
    }

    /// The mean effect on times over many runs.
    fn mean(seconds: u64, between: f64, trend: fn(u64) -> f64) -> f64 {
        let mut rng = Rng::new(3);
        (0..200).map(|_| run(seconds, between, trend, &mut rng).times).sum::<f64>() / 200.0
    }

    #[test]
    fn noise_between_seconds_is_found_and_trends_are_not() {
        let even: fn(u64) -> f64 = |_| 0.0;
        let rises: fn(u64) -> f64 = |t| t as f64 * 20.0;
        let steps: fn(u64) -> f64 = |t| (t / 20) as f64 * 5_000.0;
        // (seconds, deviation between seconds, trend) → effect: 1 + (between / 50)²
        let rows = [
            ((62, 0.0, even), 1.0..1.4),
            ((62, 0.0, rises), 1.0..1.4),
            ((62, 0.0, steps), 1.0..2.5),
            ((62, 150.0, even), 9.0..12.0),
            ((62, 150.0, rises), 9.0..12.0),
            ((602, 150.0, even), 9.0..12.0),
            // Too short to tell.
            ((13, 150.0, even), 1.0..1.000_1),
        ];
        for ((seconds, between, trend), expected) in rows {
            let found = mean(seconds, between, trend);
            assert!(expected.contains(&found), "{seconds} s, {between}: {found}");
        }
    }

    #[test]
    fn odd_series() {
        let of = |series: Vec<Second>| {
            let spread = Spread { count: 9, mean_us: 1.0, stddev_us: 0.0, percentiles: Vec::new() };
            let total = Side { requests: 9, failed: 9, response: Some(spread), service: None };
            Noise::of(&Measured { seconds: 1.0, total, series, ..Measured::default() })
        };
        let second = Second { requests: 1, failed: 1, mean_us: 1.0 };
        for series in
            [vec![], vec![second], vec![second; 3], vec![Second::default(); 100], vec![second; 100]]
        {
            assert_eq!(of(series), Noise::NONE);
        }
        assert_eq!(Noise::of(&Measured::default()), Noise::NONE);
    }

    #[test]
    fn failures_and_requests_that_come_in_bursts() {
        let second = |t: u64| Second {
            requests: 100 + t * t % 7 * 50,
            failed: t % 4 / 3 * 40,
            mean_us: 1.0,
        };
        let series: Vec<_> = (0..32).map(second).collect();
        let requests = series.iter().map(|second| second.requests).sum();
        let failed = series.iter().map(|second| second.failed).sum();
        let spread =
            Spread { count: requests, mean_us: 1.0, stddev_us: 1.0, percentiles: Vec::new() };
        let total = Side { requests, failed, response: Some(spread), service: None };
        let noise = Noise::of(&Measured { seconds: 32.0, total, series, ..Measured::default() });
        assert!(noise.failures > 5.0 && noise.pace > 5.0 && noise.times == 1.0, "{noise:?}");
    }
}
