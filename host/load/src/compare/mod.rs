//! Two results side by side: what has changed, and whether it is more than chance.
//!
//! Every statement holds with a confidence of [`CONFIDENCE`]: where nothing has changed, one in a hundred
//! comparisons says that something has, of each figure; of a hundred figures one, so look twice at a lone one.
//!
//! | figure | by what a difference is found |
//! |---|---|
//! | failure ratio | Newcombe's score interval (*Statistics in Medicine* 17, 1998, method 10) |
//! | mean of times | Welch's test (1947) at its limit for [`MIN_REQUESTS`] and more |
//! | percentile of times | the intervals of both, which hold whatever the distribution |
//! | requests per second | as the mean, with the variance that counts show from second to second |
//!
//! Each of them gives an interval for the true difference; there is one where the interval leaves out 0. Those of
//! two percentiles ([`Times::percentile_interval`]) are put together as Zou and Donner do (*Statistics in
//! Medicine* 27, 2008).
//!
//! These take requests for independent of each other, which they are not: a slow second is slow for all of them.
//! How much less they say for that is measured in the run's own seconds (Kish's design effect, *Survey Sampling*,
//! 1965), from how far each stretch of time lies from the line through its neighbours; so a load that rises is
//! not taken for noise. What it cannot know is how runs differ from each other, in weather, neighbours and
//! caches: two runs of the same release, compared, tell that.
//!
//! A difference of less than [`LEAST_CHANGE`] of the value before is none, however certain it is.
mod finding;
mod noise;
mod rule;

pub use rule::{Change, ChangeJudgement, ChangeRule};

use crate::label::Label;
use crate::rollback::MIN_SAMPLES;
use crate::threshold::Which;
use crate::times::{PERCENTILES, Times};
use crate::window::LabelStats;
use noise::Noise;
use std::collections::BTreeMap;
use std::fmt;

/// How sure a statement is, from 0 to 1.
pub const CONFIDENCE: f64 = 0.99;
/// Requests of each side below which nothing is said of a mean or of a pace, or that a failure ratio is the same.
pub const MIN_REQUESTS: u64 = MIN_SAMPLES;
/// The least share of the value before by which a time or a pace must have changed.
pub const LEAST_CHANGE: f64 = 0.01;

/// One of two results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// How long the run was, in seconds.
    pub seconds: f64,
    /// All labels together.
    pub total: Side,
    /// Each label.
    pub labels: BTreeMap<Label, Side>,
    /// The run second by second, all labels together; may be missing.
    pub series: Vec<Second>,
}

/// What was counted under a label.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Side {
    /// Requests, good or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// Response times; `None` where there were none.
    pub response: Option<Spread>,
    /// Service times; `None` where there were none.
    pub service: Option<Spread>,
}

impl Side {
    /// What was counted.
    pub fn of(stats: &LabelStats) -> Self {
        Self {
            requests: stats.requests,
            failed: stats.failed,
            response: Spread::of(&stats.response),
            service: Spread::of(&stats.service),
        }
    }
}

/// How times are spread, as far as results tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// How many there are.
    pub count: u64,
    /// Their mean, in microseconds.
    pub mean_us: f64,
    /// Their standard deviation, in microseconds.
    pub stddev_us: f64,
    /// Percentiles, each below 100.
    pub percentiles: Vec<Percentile>,
}

impl Spread {
    /// That of [`PERCENTILES`], but for the maximum, of which no sample says how far it could have gone. `None`
    /// where there is no time.
    pub fn of(times: &Times) -> Option<Self> {
        let percentile = |percentile| Percentile {
            percentile,
            us: times.percentile_us(percentile),
            interval_us: times.percentile_interval(percentile, CONFIDENCE),
        };
        (times.count() > 0).then(|| Self {
            count: times.count(),
            mean_us: times.mean_us(),
            stddev_us: times.stddev_us(),
            percentiles: PERCENTILES.into_iter().filter(|p| *p < 100.0).map(percentile).collect(),
        })
    }
}

/// A percentile, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentile {
    /// Which, from 0 to 100, both excluded.
    pub percentile: f64,
    /// Its value, in microseconds.
    pub us: u64,
    /// Where the percentile of all that could have come lies with [`CONFIDENCE`], in microseconds; `None` where
    /// there are too few times to say.
    pub interval_us: Option<(u64, u64)>,
}

/// One second of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Second {
    /// Requests, good or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// The mean of their response times, in microseconds.
    pub mean_us: f64,
}

/// Whether a difference is more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The later result is better, more than chance explains.
    Better,
    /// Chance explains the difference, or it is too small to matter.
    NoDifference,
    /// There are too few requests to say.
    TooFew,
    /// The later result is worse, more than chance explains.
    Worse,
}

impl Finding {
    /// The finding in one word: stable, for files and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Finding::Better => "better",
            Finding::NoDifference => "no_difference",
            Finding::TooFew => "too_few",
            Finding::Worse => "worse",
        }
    }
}

/// A figure that results are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The failure ratio, from 0 to 1.
    Failures,
    /// Requests per second. More are better.
    Pace,
    /// Response times, in microseconds.
    Response(Which),
    /// Service times, in microseconds.
    Service(Which),
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Failures => f.write_str("failures"),
            Measure::Pace => f.write_str("requests"),
            Measure::Response(which) => which.fmt(f),
            Measure::Service(which) => write!(f, "service {which}"),
        }
    }
}

/// A figure in both results.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delta {
    /// Which figure.
    pub measure: Measure,
    /// Its earlier value.
    pub before: f64,
    /// Its later value.
    pub after: f64,
    /// Whether the difference is more than chance.
    pub finding: Finding,
}

impl Delta {
    /// How much more it is.
    pub fn absolute(&self) -> f64 {
        self.after - self.before
    }

    /// How much more it is, as a share of what it was: 0.1 is 10 % more. `None` where it was nothing.
    pub fn relative(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.absolute() / self.before)
    }
}

/// All figures of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which label; `None` for all of them together.
    pub label: Option<Label>,
    /// Its figures: failures, pace, response times, service times.
    pub deltas: Vec<Delta>,
}

/// Two results side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// All labels together first, then each label that both results have.
    pub rows: Vec<Row>,
    /// Labels that only the earlier result has.
    pub only_before: Vec<Label>,
    /// Labels that only the later result has.
    pub only_after: Vec<Label>,
}

impl Comparison {
    /// Compares a result with an earlier one.
    pub fn new(before: &Measured, after: &Measured) -> Self {
        let noise = (Noise::of(before), Noise::of(after));
        let seconds = (before.seconds, after.seconds);
        let row = |label: Option<&Label>, before: &Side, after: &Side| Row {
            label: label.cloned(),
            deltas: finding::deltas((before, after), seconds, (&noise.0, &noise.1)),
        };
        let both = before
            .labels
            .iter()
            .filter_map(|(label, side)| Some(row(Some(label), side, after.labels.get(label)?)));
        let only = |one: &Measured, other: &Measured| {
            one.labels.keys().filter(|label| !other.labels.contains_key(label)).cloned().collect()
        };
        Self {
            rows: std::iter::once(row(None, &before.total, &after.total)).chain(both).collect(),
            only_before: only(before, after),
            only_after: only(after, before),
        }
    }
}
