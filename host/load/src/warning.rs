//! Doubts about our own numbers, shown beside them.
use std::fmt;

/// A doubt about the numbers of a run. `Display` says what is the matter, [`Warning::cure`] what to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// A shard was so busy that its own delay is in the figures.
    GeneratorSaturated {
        /// Share of the time in which the busiest shard was busy, from 0 to 1.
        busy_share: f64,
    },
    /// Requests were counted under `(other)` because there were too many labels.
    LabelsOverflowed {
        /// How many requests.
        requests: u64,
    },
    /// The scenario logged more than it may.
    LogDropped {
        /// How many lines nobody saw.
        lines: u64,
    },
    /// A limit of this machine is lower than the run may need.
    LimitTooLow {
        /// Which, as its owner calls it: `ulimit -n`, `vm.max_map_count`.
        limit: &'static str,
        /// What it is.
        have: u64,
        /// What the run may need.
        need: u64,
    },
    /// Arrivals were due and no user was free to begin them: the load was less than what was asked for.
    ArrivalsDropped {
        /// How many.
        dropped: u64,
        /// Of how many that were due.
        scheduled: u64,
    },
    /// Iterations began so late that our own delay is in the response times.
    Late {
        /// How late the latest hundredth of them began, in microseconds: the 99th percentile.
        p99_us: u64,
    },
    /// The run has ended and made no request at all.
    NoRequests,
}

impl Warning {
    /// How many samples a percentile needs before it is told apart from the maximum with any confidence: ten
    /// that lie above it. `None` for 100, the maximum itself.
    pub fn samples_needed(percentile: f64) -> Option<u64> {
        let above = 100.0 - percentile.max(0.0);
        // Rounded to millionths first: 100 − 99.9 is 0.09999999999999432.
        let millionths = (above * 10_000.0).round() as u64;
        10_000_000_u64.checked_div(millionths)
    }

    /// What to do about it, in the imperative.
    pub fn cure(&self) -> &'static str {
        match self {
            Warning::GeneratorSaturated { .. } => "use more shards or machines, or fewer users",
            Warning::LabelsOverflowed { .. } => {
                "give requests one label per kind, without ids in it"
            }
            Warning::LogDropped { .. } => "log less, or raise --max-log-lines or --max-log-bytes",
            Warning::LimitTooLow { .. } => "raise the limit, or use fewer users in one process",
            Warning::ArrivalsDropped { .. } => "raise --max-vus, or lower the rate",
            Warning::Late { .. } => "use more shards or machines, or a lower rate",
            Warning::NoRequests => "check that the tasks call anything, and that users started",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::GeneratorSaturated { busy_share } => {
                write!(f, "the generator is saturated: a shard is {:.0} % busy", busy_share * 100.0)
            }
            Warning::LabelsOverflowed { requests } => {
                write!(f, "too many labels: {requests} requests are counted under (other)")
            }
            Warning::LogDropped { lines } => {
                write!(f, "the scenario logs too much: {lines} lines were dropped")
            }
            Warning::LimitTooLow { limit, have, need } => {
                write!(f, "{limit} is {have}, the run may need {need}")
            }
            Warning::ArrivalsDropped { dropped, scheduled } => {
                write!(f, "{dropped} of {scheduled} arrivals were dropped: no user was free")
            }
            Warning::Late { p99_us } => {
                let ms = *p99_us as f64 / 1_000.0;
                write!(
                    f,
                    "the generator is late: 1 % of the iterations began {ms:.1} ms late or more"
                )
            }
            Warning::NoRequests => f.write_str("no request was made"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_a_percentile_needs() {
        let rows = [
            (0.0, Some(10)),
            (50.0, Some(20)),
            (90.0, Some(100)),
            (99.0, Some(1_000)),
            (99.9, Some(10_000)),
            (99.99, Some(100_000)),
            // The maximum is the maximum of any number of samples.
            (100.0, None),
            (250.0, None),
            (-1.0, Some(10)),
        ];
        for (percentile, expected) in rows {
            assert_eq!(Warning::samples_needed(percentile), expected, "{percentile} %");
        }
    }

    #[test]
    fn warnings_in_words() {
        let rows = [
            (
                Warning::GeneratorSaturated { busy_share: 0.934 },
                "the generator is saturated: a shard is 93 % busy",
            ),
            (
                Warning::LabelsOverflowed { requests: 3 },
                "too many labels: 3 requests are counted under (other)",
            ),
            (
                Warning::LimitTooLow { limit: "ulimit -n", have: 1_024, need: 10_100 },
                "ulimit -n is 1024, the run may need 10100",
            ),
            (Warning::LogDropped { lines: 2 }, "the scenario logs too much: 2 lines were dropped"),
            (
                Warning::ArrivalsDropped { dropped: 12, scheduled: 3_000 },
                "12 of 3000 arrivals were dropped: no user was free",
            ),
            (
                Warning::Late { p99_us: 12_345 },
                "the generator is late: 1 % of the iterations began 12.3 ms late or more",
            ),
            (Warning::NoRequests, "no request was made"),
        ];
        for (warning, expected) in rows {
            assert_eq!(warning.to_string(), expected);
            assert!(!warning.cure().is_empty());
        }
    }
}
