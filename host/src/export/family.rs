//! A figure and its kind, before any format has a say.
use katydid_load::Times;
use std::collections::BTreeMap;

/// Names and values of labels, in the order in which they are written.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What a family's figures are, hence how they may be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were how large.
    Histogram,
    /// Always 1: its labels tell.
    Info,
}

/// In what figures are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Of a counter.
    Count(u64),
    /// Of a counter, in a unit; of a gauge; of an info.
    Number(f64),
    /// Of a histogram.
    Classes(Classes),
}

/// How many were how large.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Classes {
    /// The upper ends of the classes, included; the last class has none.
    pub(super) ends: Vec<f64>,
    /// How many in each class: one more than there are ends.
    pub(super) counts: Vec<u64>,
    /// All of them together.
    pub(super) sum: f64,
}

impl Classes {
    /// Puts times into classes, to the histogram's resolution. `scale` is their unit in that of the family.
    pub(super) fn of(times: &Times, ends: &[u64], scale: f64) -> Self {
        let mut counts = vec![0; ends.len() + 1];
        for (us, count) in times.recorded() {
            counts[ends.partition_point(|end| *end < us)] += count;
        }
        // Divided, not multiplied: 100 / 1e6 is what everybody reads as 0.0001.
        let ends = ends.iter().map(|end| *end as f64 / scale).collect();
        Self { ends, counts, sum: times.sum_us() as f64 / scale }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Figures of one name.
#[derive(Debug)]
pub(super) struct Family {
    /// Without `katydid`, the unit and what a format puts behind it.
    pub(super) name: &'static str,
    /// What it means, in one line.
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    pub(super) unit: Option<Unit>,
    /// No labels twice, ever: a target of ours would refuse all of it.
    pub(super) points: BTreeMap<Labels, Value>,
}

impl Family {
    pub(super) fn new(
        kind: Kind,
        name: &'static str,
        unit: Option<Unit>,
        help: &'static str,
    ) -> Self {
        Self { name, help, kind, unit, points: BTreeMap::new() }
    }

    /// Adds a figure. Where there is one with these labels (a scenario may name a thing `(other)` itself),
    /// counts are added, and of other figures the last one stays.
    pub(super) fn add(
        &mut self,
        labels: impl IntoIterator<Item = (&'static str, String)>,
        value: Value,
    ) {
        let labels = labels.into_iter().collect();
        match (self.points.get_mut(&labels), value) {
            (Some(Value::Count(known)), Value::Count(more)) => *known = known.saturating_add(more),
            (Some(Value::Classes(known)), Value::Classes(more)) => {
                known.counts.iter_mut().zip(&more.counts).for_each(|(known, more)| *known += more);
                known.sum += more.sum;
            }
            (_, value) => _ = self.points.insert(labels, value),
        }
    }

    /// With these figures.
    pub(super) fn with(mut self, figures: impl IntoIterator<Item = (Labels, Value)>) -> Self {
        figures.into_iter().for_each(|(labels, value)| self.add(labels, value));
        self
    }
}
