//! Rules for a whole run: `get_time: p95 < 200ms`. Its verdict, and when it is ended early, hang on them.
mod figure;
mod measure;
mod text;

pub use figure::Which;
pub(crate) use figure::{Clocked, Counted, Figure};
pub use measure::Figures;
pub(crate) use measure::is_called;
pub(crate) use text::scope_and_figure;

use crate::number::{decimal, percent, time};
use crate::snapshot::{Holds, ThresholdState};
use crate::wrong::TextError;
use figure::Unit;
use std::fmt;

/// Whose figures are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Group {
    /// Everybody's.
    Run,
    /// Those of the users of the class with this name, of every scenario that has one.
    Class(String),
    /// Those of the users of the scenario with this name.
    Scenario(String),
}

/// What is looked at: everything, a group of users, what was counted under one label, or both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    pub(crate) group: Group,
    /// All labels with this name, or the one of this request type and name: `get_time`, `xmlrpc get_time`.
    pub(crate) label: Option<String>,
}

/// How a figure must lie to its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Comparison {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Below => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Above => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
        }
    }

    /// Whether the bound is one from above.
    fn is_ceiling(self) -> bool {
        matches!(self, Comparison::Below | Comparison::AtMost)
    }

    fn as_str(self) -> &'static str {
        match self {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// What must hold for a run: `[label:] figure comparison bound`. It is read from text and written as text; white
/// space does not matter, upper case only in names.
///
/// | figure | what it is | bounds like |
/// |---|---|---|
/// | `p95`, any percentile; `median`, `avg`, `min`, `max` | response times | `250us`, `200ms`, `1.4s` |
/// | `service p95` and so on | service times | the same |
/// | `failures` | failed requests, or their share of all requests | `10`, `0.5/s`, `1%` |
/// | `requests`, `rps` | requests, or requests per second | `1000`, `50/s` (`rps > 50`) |
/// | `lateness p99` and so on | how late arrivals were started | `2ms` |
/// | `dropped` | arrivals that were dropped, or their share | `1`, `0.1%` |
/// | `checks`, `checks{login}` | the share of checks that passed | `99%` |
/// | `iterations`, `interrupted` | iterations that ended, that were cut short | `1000`, `5/s` |
/// | `errors`, `traps` | errors of the scenario; its traps | `1` |
/// | `counter{sold}` | the scenario's own metrics: a sum, | `100`, `3/s` |
/// | `rate{cached}` | the share in which something held, | `80%` |
/// | `trend{size} p95` and so on | a distribution, | `4096` |
/// | `gauge{queue}`, `gauge{queue} max` | the latest, the least, the greatest value | `10`, `-0.5` |
///
/// The first four may be asked of one label: `get_time: p95 < 200ms`, `xmlrpc get_time: failures < 1%`. All may
/// be asked of the users of one class, or of one scenario: `class Buyer: p95 < 1s`, `scenario shop: checks > 99%`,
/// `class Buyer: get_time: p95 < 200ms`. Comparisons are `<`, `<=`, `>` and `>=`.
/// All of them are exact: to the microsecond, the hundredth of a percent, the thousandth per second.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Threshold {
    scope: Scope,
    figure: Figure,
    comparison: Comparison,
    /// In units of the last place of the figure's unit.
    bound: i128,
}

/// A figure as it was found, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    amount: i128,
    unit: Unit,
}

impl Value {
    /// The value as a number: microseconds, shares from 0 to 1, counts, or so many per second.
    pub fn get(self) -> f64 {
        let amount = self.amount as f64;
        match self.unit {
            Unit::Time | Unit::Count => amount,
            Unit::Share => amount / 10_000.0,
            Unit::PerSecond | Unit::Plain => amount / 1_000.0,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.amount.unsigned_abs();
        let minus = if self.amount < 0 { "-" } else { "" };
        f.write_str(minus)?;
        match self.unit {
            Unit::Time => f.write_str(&time(u64::try_from(size).unwrap_or(u64::MAX), " ")),
            Unit::Share => f.write_str(&percent(size)),
            Unit::Count => write!(f, "{size}"),
            Unit::PerSecond => write!(f, "{}/s", decimal(size, 3)),
            Unit::Plain => f.write_str(&decimal(size, 3)),
        }
    }
}

/// How a threshold stands. The value is rounded away from the bound, so that it can be seen to hold or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It holds.
    Held(Value),
    /// It does not.
    Breached(Value),
    /// There is nothing that it could be held against; why, in one line. **At the end of a run this is as bad
    /// as a breach**: a rule about a label that nobody ever called guards nothing, and a typing error in it
    /// must not make a release pass.
    Unknown(String),
}

impl Judgement {
    /// Whether a run that is over has passed. What could not be judged has not.
    pub fn passes(&self) -> bool {
        matches!(self, Judgement::Held(_))
    }

    /// The same without the value.
    pub fn holds(&self) -> Holds {
        match self {
            Judgement::Held(_) => Holds::Yes,
            Judgement::Breached(_) => Holds::No,
            Judgement::Unknown(_) => Holds::Unknown,
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Judgement::Held(value) | Judgement::Breached(value) => value.fmt(f),
            Judgement::Unknown(why) => f.write_str(why),
        }
    }
}

/// A text is no threshold.
pub type ThresholdError = TextError;

impl Threshold {
    /// Holds the threshold against what was counted.
    pub fn evaluate(&self, figures: &Figures<'_>) -> Judgement {
        let (numerator, denominator) = match figures.measure(&self.scope, &self.figure) {
            Ok(found) => found,
            Err(why) => return Judgement::Unknown(why),
        };
        // The figure is numerator / denominator in units of its last place.
        let held = self.comparison.holds(numerator.cmp(&self.bound.saturating_mul(denominator)));
        let down = numerator.div_euclid(denominator);
        let is_whole = numerator.rem_euclid(denominator) == 0;
        let amount = down + i128::from(!is_whole && held != self.comparison.is_ceiling());
        let value = Value { amount, unit: self.figure.unit() };
        if held { Judgement::Held(value) } else { Judgement::Breached(value) }
    }
}

/// A threshold, and what a breach of it does to the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The rule.
    pub threshold: Threshold,
    /// A breach ends the run, but not before it has lasted so long, in nanoseconds: the beginning of a run is
    /// often not like the rest. `None`: the run goes on, its verdict tells.
    pub abort_after_ns: Option<u64>,
}

impl Watched {
    /// How it stands, for readers.
    pub fn state(&self, judgement: &Judgement) -> ThresholdState {
        ThresholdState {
            rule: self.threshold.to_string(),
            holds: judgement.holds(),
            value: judgement.to_string(),
            aborts: self.abort_after_ns.is_some(),
        }
    }
}

/// All thresholds of a run, held against its figures second by second.
#[derive(Debug, Clone, Default)]
pub struct Thresholds {
    all: Vec<Watched>,
    /// When each was first found breached, in nanoseconds after the beginning of the run.
    breached_at_ns: Vec<Option<u64>>,
}

impl Thresholds {
    /// Nothing was found yet.
    pub fn new(all: Vec<Watched>) -> Self {
        let breached_at_ns = vec![None; all.len()];
        Self { all, breached_at_ns }
    }

    /// The thresholds, in the order in which they were given.
    pub fn all(&self) -> &[Watched] {
        &self.all
    }

    /// The groups of users that they ask for, each once, beside the whole run.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        for group in self.all.iter().map(|watched| &watched.threshold.scope.group) {
            if *group != Group::Run && !groups.contains(group) {
                groups.push(group.clone());
            }
        }
        groups
    }

    /// Holds each of them against everything that was counted so far. Breaches are remembered; of a threshold
    /// that ends the run only those after its delay.
    pub fn judge(&mut self, figures: &Figures<'_>) -> Vec<Judgement> {
        let now_ns = figures.elapsed_ns();
        let judged: Vec<_> = self.all.iter().map(|it| it.threshold.evaluate(figures)).collect();
        for ((watched, judgement), first) in
            self.all.iter().zip(&judged).zip(&mut self.breached_at_ns)
        {
            let counts = now_ns >= watched.abort_after_ns.unwrap_or(0);
            if first.is_none() && counts && judgement.holds() == Holds::No {
                *first = Some(now_ns);
            }
        }
        judged
    }

    /// When the threshold at this place was first found breached, in nanoseconds after the beginning of the run.
    pub fn breached_at_ns(&self, place: usize) -> Option<u64> {
        self.breached_at_ns.get(place).copied().flatten()
    }

    /// The threshold that has ended the run, the first that was breached, and when that was.
    pub fn abort(&self) -> Option<(&Threshold, u64)> {
        let both = self.all.iter().zip(&self.breached_at_ns);
        both.filter(|(watched, _)| watched.abort_after_ns.is_some())
            .filter_map(|(watched, at_ns)| Some((&watched.threshold, (*at_ns)?)))
            .min_by_key(|(_, at_ns)| *at_ns)
    }
}
