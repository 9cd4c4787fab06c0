//! The figures that rules look at.
use crate::number::name;
use std::fmt;

/// In what a figure is measured, and which is its last place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Unit {
    /// Microseconds.
    Time,
    /// Hundredths of a percent.
    Share,
    /// Whole numbers.
    Count,
    /// Thousandths per second.
    PerSecond,
    /// Thousandths of what only the scenario knows.
    Plain,
}

/// Which of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// Their mean.
    Mean,
    /// A percentile, in hundredths: 9,990 is `p99.9`.
    Percentile(u64),
    /// The least.
    Min,
    /// The greatest.
    Max,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Percentile(percentile) => f.write_str(&name(*percentile)),
            Which::Mean => f.write_str("avg"),
            Which::Min => f.write_str("min"),
            Which::Max => f.write_str("max"),
        }
    }
}

/// Times of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Clocked {
    Response,
    Service,
    Lateness,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    Requests,
    Failures,
    Iterations,
    Interrupted,
    Errors,
    Traps,
    Dropped,
    /// A counter of the scenario's own.
    Counter(String),
}

/// What a share is a share of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Failed requests, of all.
    Failures,
    /// Dropped arrivals, of all.
    Dropped,
    /// Checks that passed, of all.
    Checks,
    /// Those of one name.
    Check(String),
    /// Values of a rate of the scenario's own that held, of all.
    Rate(String),
}

/// Which value of a gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    Last,
    Least,
    Most,
}

/// A figure that a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Figure {
    Time(Clocked, Which),
    Count(Counted),
    Pace(Counted),
    Share(Part),
    Trend(String, Which),
    Gauge(String, Reading),
}

impl Figure {
    pub(crate) fn unit(&self) -> Unit {
        match self {
            Figure::Time(..) => Unit::Time,
            Figure::Count(_) => Unit::Count,
            Figure::Pace(_) => Unit::PerSecond,
            Figure::Share(_) => Unit::Share,
            Figure::Trend(..) | Figure::Gauge(..) => Unit::Plain,
        }
    }

    /// Whether it is kept for each label.
    pub(crate) fn is_of_labels(&self) -> bool {
        match self {
            Figure::Time(clocked, _) => *clocked != Clocked::Lateness,
            Figure::Count(counted) | Figure::Pace(counted) => {
                matches!(counted, Counted::Requests | Counted::Failures)
            }
            Figure::Share(part) => *part == Part::Failures,
            Figure::Trend(..) | Figure::Gauge(..) => false,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Time(Clocked::Response, which) => which.fmt(f),
            Figure::Time(Clocked::Service, which) => write!(f, "service {which}"),
            Figure::Time(Clocked::Lateness, which) => write!(f, "lateness {which}"),
            Figure::Count(counted) | Figure::Pace(counted) => match counted {
                Counted::Requests => f.write_str("requests"),
                Counted::Failures => f.write_str("failures"),
                Counted::Iterations => f.write_str("iterations"),
                Counted::Interrupted => f.write_str("interrupted"),
                Counted::Errors => f.write_str("errors"),
                Counted::Traps => f.write_str("traps"),
                Counted::Dropped => f.write_str("dropped"),
                Counted::Counter(name) => write!(f, "counter{{{name}}}"),
            },
            Figure::Share(part) => match part {
                Part::Failures => f.write_str("failures"),
                Part::Dropped => f.write_str("dropped"),
                Part::Checks => f.write_str("checks"),
                Part::Check(name) => write!(f, "checks{{{name}}}"),
                Part::Rate(name) => write!(f, "rate{{{name}}}"),
            },
            Figure::Trend(name, which) => write!(f, "trend{{{name}}} {which}"),
            Figure::Gauge(name, Reading::Last) => write!(f, "gauge{{{name}}}"),
            Figure::Gauge(name, Reading::Least) => write!(f, "gauge{{{name}}} min"),
            Figure::Gauge(name, Reading::Most) => write!(f, "gauge{{{name}}} max"),
        }
    }
}
