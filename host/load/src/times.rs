//! Many times, few bytes: a mergeable histogram, with its ends and its sum exact.
use crate::chance;
use hdrhistogram::Histogram;
use std::fmt;

/// The percentiles that every report shows (Locust's). 100 is the exact maximum.
pub const PERCENTILES: [f64; 11] =
    [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];

/// Longest time that is told apart: one hour. Longer ones count as one hour in percentiles; maximum and sum
/// stay exact.
pub const LONGEST_US: u64 = 3_600_000_000;

/// Significant digits of the histogram. With 3, values below 2,048 µs are exact and no other is off by more
/// than 1/1,024.
const DIGITS: u8 = 3;

/// A collection of times in microseconds. Merging is commutative and associative; the default is its identity.
///
/// Counts are 64 bits wide: 32 would overflow in a long run's total, silently.
#[derive(Clone)]
pub struct Times {
    counts: Histogram<u64>,
    sum_us: u64,
    min_us: u64,
    max_us: u64,
}

impl Default for Times {
    fn default() -> Self {
        let counts = Histogram::new(DIGITS).expect("a histogram may have up to 5 digits");
        Self { counts, sum_us: 0, min_us: u64::MAX, max_us: 0 }
    }
}

impl Times {
    /// Adds one time. Allocates only where it is longer than any before.
    #[inline]
    pub fn record(&mut self, us: u64) {
        self.record_n(us.min(LONGEST_US), 1);
        self.sum_us = self.sum_us.saturating_add(us);
        self.min_us = self.min_us.min(us);
        self.max_us = self.max_us.max(us);
    }

    #[inline]
    fn record_n(&mut self, us: u64, count: u64) {
        let recorded = self.counts.record_n(us, count);
        debug_assert!(recorded.is_ok(), "a histogram that grows takes every value");
    }

    /// Adds all times of the other one.
    pub fn merge(&mut self, other: &Times) {
        let merged = self.counts.add(&other.counts);
        debug_assert!(merged.is_ok(), "a histogram that grows takes every other");
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.min_us = self.min_us.min(other.min_us);
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Forgets every time and keeps the memory.
    pub fn clear(&mut self) {
        if self.count() > 0 {
            self.counts.reset();
            (self.sum_us, self.min_us, self.max_us) = (0, u64::MAX, 0);
        }
    }

    /// How many times there are.
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// Their exact sum, in microseconds.
    pub fn sum_us(&self) -> u64 {
        self.sum_us
    }

    /// The exact shortest, in microseconds. 0 where there is none.
    pub fn min_us(&self) -> u64 {
        if self.count() == 0 { 0 } else { self.min_us }
    }

    /// The exact longest, in microseconds. 0 where there is none.
    pub fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The exact mean, in microseconds. 0 where there is none.
    pub fn mean_us(&self) -> f64 {
        if self.count() == 0 { 0.0 } else { self.sum_us as f64 / self.count() as f64 }
    }

    /// The time that `percentile` percent of all do not exceed, in microseconds: the nearest rank, at most
    /// 0.1 % above the exact one, never outside the exact ends. 0 where there is none. Percentiles are told
    /// apart to four places after the point.
    pub fn percentile_us(&self, percentile: f64) -> u64 {
        let count = self.count();
        if count == 0 || percentile >= 100.0 {
            return self.max_us;
        }
        // Whole numbers: in floating point, 99.9 % of 1,000 is 999.0000000000001 and would be rank 1,000.
        let rank = (u128::from(count) * u128::from(millionths(percentile))).div_ceil(1_000_000);
        self.at_rank(rank.max(1) as u64)
    }

    /// The value with this rank, from 1 to the count.
    fn at_rank(&self, rank: u64) -> u64 {
        // The histogram rounds its argument up to a rank: half a rank below is safe against its rounding.
        let value = self.counts.value_at_quantile((rank as f64 - 0.5) / self.count() as f64);
        value.clamp(self.min_us, self.max_us)
    }

    /// The interval, in microseconds, in which the percentile of the distribution behind these times lies with
    /// at least this confidence (0.99: in 99 of 100 runs), whatever that distribution is. It takes the times for
    /// independent of each other. `None` where there are too few of them to say, and for the ends.
    pub fn percentile_interval(&self, percentile: f64, confidence: f64) -> Option<(u64, u64)> {
        let millionths = millionths(percentile);
        if !(1..1_000_000).contains(&millionths) {
            return None;
        }
        let (low, high) = chance::percentile_ranks(self.count(), millionths, confidence)?;
        let lowest = self.counts.lowest_equivalent(self.at_rank(low));
        Some((lowest.max(self.min_us), self.at_rank(high)))
    }

    /// The standard deviation, in microseconds: of a sample, so that its square does not depend on how many
    /// there are. Found in the histogram, as exact as percentiles are, so that nothing need be added up while
    /// times are recorded. 0 where there are fewer than two.
    pub fn stddev_us(&self) -> f64 {
        let mean = self.mean_us();
        let squares = self.counts.iter_recorded().map(|step| {
            let middle = self.counts.median_equivalent(step.value_iterated_to()) as f64;
            (middle - mean).powi(2) * step.count_at_value() as f64
        });
        let degrees = self.count().saturating_sub(1);
        if degrees == 0 { 0.0 } else { (squares.sum::<f64>() / degrees as f64).sqrt() }
    }

    /// The distinct values that the histogram holds, with their counts: (lowest µs of its class, count).
    pub fn recorded(&self) -> impl Iterator<Item = (u64, u64)> {
        self.counts.iter_recorded().map(|step| {
            (self.counts.lowest_equivalent(step.value_iterated_to()), step.count_at_value())
        })
    }
}

/// A percentile in millionths, so that four places after its point are told apart.
fn millionths(percentile: f64) -> u32 {
    (percentile.clamp(0.0, 100.0) * 10_000.0).round() as u32
}

/// Equal when they answer every question alike, whatever memory they hold.
impl PartialEq for Times {
    fn eq(&self, other: &Self) -> bool {
        let ends = |t: &Times| (t.count(), t.sum_us, t.min_us, t.max_us);
        ends(self) == ends(other) && self.recorded().eq(other.recorded())
    }
}

impl fmt::Debug for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Times")
            .field("count", &self.count())
            .field("sum_us", &self.sum_us)
            .field("min_us", &self.min_us())
            .field("max_us", &self.max_us)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(all: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        all.into_iter().for_each(|us| times.record(us));
        times
    }

    #[test]
    fn nothing_is_zero() {
        let times = Times::default();
        assert_eq!(
            (times.count(), times.min_us(), times.max_us(), times.mean_us()),
            (0, 0, 0, 0.0)
        );
        assert_eq!(PERCENTILES.map(|p| times.percentile_us(p)), [0; 11]);
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        // 1 … 1,000 µs, all exact: the p-th percentile is p × 10.
        let times = times(1..=1_000);
        let rows = [
            (0.0, 1),
            (50.0, 500),
            (50.01, 501),
            (66.0, 660),
            (99.0, 990),
            // The one that floating point gets wrong.
            (99.9, 999),
            (99.99, 1_000),
            (100.0, 1_000),
            // Out of range is as far as it goes.
            (-5.0, 1),
            (250.0, 1_000),
        ];
        for (percentile, expected) in rows {
            assert_eq!(times.percentile_us(percentile), expected, "{percentile} %");
        }
        assert_eq!(times.mean_us(), 500.5);
    }

    #[test]
    fn the_ends_are_exact_and_no_percentile_leaves_them() {
        let one = times([1_234_567]);
        assert_eq!(PERCENTILES.map(|p| one.percentile_us(p)), [1_234_567; 11]);
        let zeros = times([0, 0]);
        assert_eq!((zeros.count(), zeros.percentile_us(50.0), zeros.max_us()), (2, 0, 0));
        // Beyond an hour only maximum and sum go on.
        let long = times([1, u64::MAX]);
        assert_eq!((long.max_us(), long.sum_us()), (u64::MAX, u64::MAX));
        assert_eq!(long.percentile_us(50.0), 1);
        assert!((LONGEST_US..LONGEST_US + LONGEST_US / 1_000).contains(&long.percentile_us(99.0)));
    }

    #[test]
    fn deviations_and_intervals() {
        let rows = [
            (times([]), 0.0),
            (times([7]), 0.0),
            (times([1, 3]), 2_f64.sqrt()),
            (times(1..=1_000), 288.819_436),
        ];
        for (times, expected) in rows {
            assert!((times.stddev_us() - expected).abs() < 1e-6, "{}", times.stddev_us());
        }
        // Of longer ones as exact as their classes are.
        let long = times((1..=1_000).map(|n| n * 1_000));
        assert!((long.stddev_us() / 288_819.436 - 1.0).abs() < 0.001, "{}", long.stddev_us());

        let thousand = times(1..=1_000);
        // (percentile, confidence) → interval; a rank is a microsecond here.
        let rows = [
            ((50.0, 0.95), Some((469, 532))),
            ((50.0, 0.99), Some((459, 542))),
            ((95.0, 0.99), Some((931, 968))),
            ((99.0, 0.99), Some((981, 998))),
            // Of 1,000 none is surely above 99.9 % of all that could come.
            ((99.9, 0.99), None),
            ((100.0, 0.99), None),
            ((0.0, 0.99), None),
        ];
        for ((percentile, confidence), expected) in rows {
            let found = thousand.percentile_interval(percentile, confidence);
            assert_eq!(found, expected, "{percentile} % at {confidence}");
        }
        assert_eq!(times([]).percentile_interval(50.0, 0.95), None);
    }

    #[test]
    fn cleared_times_are_as_new() {
        let mut reused = times([5, 3_600_000_000]);
        reused.clear();
        assert_eq!(reused, Times::default());
        reused.record(7);
        assert_eq!(reused, times([7]));
        assert_eq!((reused.min_us(), reused.max_us()), (7, 7));
    }
}
