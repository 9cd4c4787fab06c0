//! Figures of a scenario's own, beside the requests.
use crate::groups::{Grouped, Merge};
use crate::times::Times;
use crate::window::CheckStats;
use std::borrow::Cow;

/// Most custom metrics that are told apart.
pub const MAX_METRICS: usize = 200;
/// Longest name of a metric, in characters.
pub const MAX_METRIC_CHARS: usize = 200;

/// What a custom metric measures, hence how it is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetricKind {
    /// A sum.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// How often something held.
    Rate,
    /// A distribution.
    Trend,
}

impl MetricKind {
    /// The kind in one word: stable, for files and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Rate => "rate",
            MetricKind::Trend => "trend",
        }
    }
}

/// What metrics are told apart by: one name may be used for two kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricKey {
    /// What the scenario calls it, at most [`MAX_METRIC_CHARS`] characters.
    pub name: String,
    /// What it measures.
    pub kind: MetricKind,
}

impl Grouped for MetricKey {
    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }
}

/// One value that a scenario recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recorded {
    /// Adds to a sum.
    Counter(u64),
    /// Is so much now; finite.
    Gauge(f64),
    /// Held or not.
    Rate(bool),
    /// One value of a distribution, in a unit of the scenario's own.
    Trend(u64),
}

impl Recorded {
    /// What it is a value of.
    pub fn kind(&self) -> MetricKind {
        match self {
            Recorded::Counter(_) => MetricKind::Counter,
            Recorded::Gauge(_) => MetricKind::Gauge,
            Recorded::Rate(_) => MetricKind::Rate,
            Recorded::Trend(_) => MetricKind::Trend,
        }
    }
}

/// A gauge: the latest value, the least and the most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// When the latest was set, in nanoseconds.
    pub last_ns: u64,
    /// The latest; of two at the same moment the greater one, so that merging does not depend on the order.
    pub last: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// One custom metric, whatever its kind: what is not of its kind stays empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metric {
    /// The sum of a counter. Saturates.
    pub sum: u64,
    /// The values of a gauge.
    pub gauge: Option<Gauge>,
    /// How often a rate held, and did not.
    pub rate: CheckStats,
    /// The values of a trend; a histogram is large, so that others have none.
    trend: Option<Box<Times>>,
}

impl Metric {
    /// Adds one value.
    pub fn record(&mut self, value: Recorded, at_ns: u64) {
        match value {
            Recorded::Counter(add) => self.sum = self.sum.saturating_add(add),
            Recorded::Gauge(value) => {
                let one = Gauge { last_ns: at_ns, last: value, least: value, most: value };
                self.merge_gauge(one);
            }
            Recorded::Rate(true) => self.rate.passed += 1,
            Recorded::Rate(false) => self.rate.failed += 1,
            Recorded::Trend(value) => self.trend.get_or_insert_default().record(value),
        }
    }

    /// The values of a trend.
    pub fn trend(&self) -> Cow<'_, Times> {
        self.trend.as_deref().map_or_else(|| Cow::Owned(Times::default()), Cow::Borrowed)
    }

    fn merge_gauge(&mut self, other: Gauge) {
        let Some(gauge) = &mut self.gauge else {
            self.gauge = Some(other);
            return;
        };
        let later = other.last_ns > gauge.last_ns
            || (other.last_ns == gauge.last_ns && other.last > gauge.last);
        if later {
            (gauge.last_ns, gauge.last) = (other.last_ns, other.last);
        }
        gauge.least = gauge.least.min(other.least);
        gauge.most = gauge.most.max(other.most);
    }
}

impl Merge for Metric {
    fn merge(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        if let Some(gauge) = other.gauge {
            self.merge_gauge(gauge);
        }
        self.rate.merge(&other.rate);
        if let Some(trend) = &other.trend {
            self.trend.get_or_insert_default().merge(trend);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_merge_in_any_order() {
        let of = |values: &[(Recorded, u64)]| {
            let mut metric = Metric::default();
            values.iter().for_each(|(value, at_ns)| metric.record(*value, *at_ns));
            metric
        };
        let (a, b) = (
            of(&[
                (Recorded::Gauge(3.0), 5),
                (Recorded::Counter(u64::MAX), 6),
                (Recorded::Trend(7), 1),
            ]),
            of(&[(Recorded::Gauge(-1.0), 9), (Recorded::Gauge(2.0), 5), (Recorded::Counter(1), 6)]),
        );
        let merged = |first: &Metric, second: &Metric| {
            let mut sum = first.clone();
            sum.merge(second);
            sum
        };
        assert_eq!(merged(&a, &b), merged(&b, &a));
        assert_eq!(merged(&a, &Metric::default()), a);
        let sum = merged(&a, &b);
        assert_eq!(sum.sum, u64::MAX, "saturates");
        let gauge = sum.gauge.expect("was set");
        // The last one that b recorded is not its latest.
        assert_eq!((gauge.last, gauge.least, gauge.most), (-1.0, -1.0, 3.0));
    }
}
