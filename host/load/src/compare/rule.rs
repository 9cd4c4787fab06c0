//! What must not have changed too much: `p95 regression < 10%`.
use super::{Comparison, Delta, Finding, Measure};
use crate::number::{PERCENT, decimal, microseconds, percentage, time};
use crate::threshold::{
    Clocked, Counted, Figure, Group, Scope, Which, is_called, scope_and_figure,
};
use crate::wrong::{TextError, Wrong, quotable};
use std::fmt;
use std::str::FromStr;

const ANY: &str = "p95 regression < 10%, get_time: avg regression < 5ms or failures increase < 1%";

/// How much worse a result may be than an earlier one: `[label:] figure regression < bound`. It is read from text
/// and written as text; white space does not matter, upper case only in names.
///
/// | rule | bounds |
/// |---|---|
/// | `p95 regression < 10%`, `service avg regression < 5ms` | how much longer times are, as a share or a time |
/// | `failures increase < 1%` | how many percentage points the failure ratio is higher |
/// | `rps regression < 5%` | how many requests per second are missing, of what they were |
///
/// `increase` will do for `regression` and the other way around, `decrease` where less is worse; `<=` for `<`. The
/// figures are those that results are compared by: percentiles that both results have, means, failures and
/// requests per second; of the whole run, or of the labels of that name, of which the worst counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChangeRule {
    scope: Scope,
    measure: Measure,
    or_equal: bool,
    bound: Bound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bound {
    /// In hundredths of a percent, or of a percentage point.
    Share(u64),
    /// In microseconds.
    Time(u64),
}

/// A change for the worse, in the unit of its bound; less than 0 where it is one for the better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    amount: f64,
    unit: &'static str,
}

impl Change {
    /// The change in percent, percentage points or microseconds.
    pub fn get(self) -> f64 {
        self.amount
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.amount.abs();
        f.write_str(if self.amount < 0.0 { "-" } else { "+" })?;
        match self.unit {
            "µs" => f.write_str(&time(size.round() as u64, " ")),
            unit => write!(f, "{} {unit}", decimal((size * 100.0).round() as u128, 2)),
        }
    }
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeJudgement {
    /// It holds.
    Held(Change),
    /// The change is beyond the bound, but no more than chance may do. The rule is not broken by that; more
    /// requests would tell.
    Doubtful(Change),
    /// The change is beyond the bound, and no chance.
    Breached(Change),
    /// Nothing can be said; why, in one line. As bad as a breach.
    Unknown(String),
}

impl ChangeJudgement {
    /// Whether nothing speaks against the later result.
    pub fn passes(&self) -> bool {
        matches!(self, ChangeJudgement::Held(_) | ChangeJudgement::Doubtful(_))
    }

    /// The judgement in one word: stable, for files and machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            ChangeJudgement::Held(_) => "held",
            ChangeJudgement::Doubtful(_) => "doubtful",
            ChangeJudgement::Breached(_) => "breached",
            ChangeJudgement::Unknown(_) => "unknown",
        }
    }

    /// The graver, the greater; of two that are as grave the greater change.
    fn gravity(&self) -> (u8, f64) {
        match self {
            ChangeJudgement::Held(change) => (0, change.amount),
            ChangeJudgement::Doubtful(change) => (1, change.amount),
            ChangeJudgement::Unknown(_) => (2, 0.0),
            ChangeJudgement::Breached(change) => (3, change.amount),
        }
    }
}

impl fmt::Display for ChangeJudgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeJudgement::Held(change) | ChangeJudgement::Breached(change) => change.fmt(f),
            ChangeJudgement::Doubtful(change) => write!(f, "{change}, which may be chance"),
            ChangeJudgement::Unknown(why) => f.write_str(why),
        }
    }
}

impl ChangeRule {
    /// Holds the rule against two results.
    pub fn evaluate(&self, comparison: &Comparison) -> ChangeJudgement {
        let is_meant = |row: &&super::Row| match (&self.scope.label, &row.label) {
            (None, None) => true,
            (Some(wanted), Some(label)) => is_called(label, wanted),
            _ => false,
        };
        let judged = comparison.rows.iter().filter(is_meant).map(|row| {
            let delta = row.deltas.iter().find(|delta| delta.measure == self.measure);
            let missing = || format!("the results have no {} in common", self.measure);
            delta.map_or_else(|| ChangeJudgement::Unknown(missing()), |delta| self.judge(delta))
        });
        let gravest = judged.max_by(|a, b| {
            let (a, b) = (a.gravity(), b.gravity());
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        gravest.unwrap_or_else(|| ChangeJudgement::Unknown(self.why_no_row(comparison)))
    }

    fn judge(&self, delta: &Delta) -> ChangeJudgement {
        let Some(change) = self.change(delta) else {
            return ChangeJudgement::Unknown(format!("{} was nothing before", self.measure));
        };
        let bound = match self.bound {
            Bound::Share(hundredths) => hundredths as f64 / PERCENT as f64,
            Bound::Time(us) => us as f64,
        };
        let holds = change.amount < bound || (self.or_equal && change.amount == bound);
        match delta.finding {
            _ if holds => ChangeJudgement::Held(change),
            Finding::Worse => ChangeJudgement::Breached(change),
            Finding::Better | Finding::NoDifference => ChangeJudgement::Doubtful(change),
            Finding::TooFew => ChangeJudgement::Unknown(format!(
                "{change}, but there are too few requests to say whether that is chance"
            )),
        }
    }

    fn change(&self, delta: &Delta) -> Option<Change> {
        Some(match (self.measure, self.bound) {
            (Measure::Failures, _) => Change { amount: delta.absolute() * 100.0, unit: "points" },
            (_, Bound::Time(_)) => Change { amount: delta.absolute(), unit: "µs" },
            // More is better.
            (Measure::Pace, _) => Change { amount: -delta.relative()? * 100.0, unit: "%" },
            // Nothing takes no time: what was measured as 0 took less than a microsecond.
            _ => Change { amount: delta.absolute() / delta.before.max(1.0) * 100.0, unit: "%" },
        })
    }

    fn why_no_row(&self, comparison: &Comparison) -> String {
        let Some(wanted) = &self.scope.label else {
            return "there is nothing to compare".to_owned();
        };
        let quoted = quotable(wanted);
        if comparison.only_before.iter().any(|label| is_called(label, wanted)) {
            format!("only the earlier result has \"{quoted}\"")
        } else if comparison.only_after.iter().any(|label| is_called(label, wanted)) {
            format!("only the later result has \"{quoted}\"")
        } else {
            format!("nothing was counted under \"{quoted}\"")
        }
    }
}

impl fmt::Display for ChangeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, measure, or_equal, bound } = self;
        let word = if *measure == Measure::Failures { "increase" } else { "regression" };
        let comparison = if *or_equal { "<=" } else { "<" };
        write!(f, "{scope}{measure} {word} {comparison} ")?;
        match bound {
            Bound::Share(hundredths) => write!(f, "{}%", decimal((*hundredths).into(), 2)),
            Bound::Time(us) => f.write_str(&time(*us, "")),
        }
    }
}

impl FromStr for ChangeRule {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        parse(text).map_err(|wrong| wrong.in_the("rule", text))
    }
}

fn parse(text: &str) -> Result<ChangeRule, Wrong> {
    let Some((left, right)) = text.rsplit_once('<') else {
        return Err(Wrong("has no < or <=".to_owned(), ANY));
    };
    let (or_equal, bound) = match right.strip_prefix('=') {
        Some(bound) => (true, bound),
        None => (false, right),
    };
    let Some((figure, word)) = left.trim_end().rsplit_once(char::is_whitespace) else {
        return Wrong::no(left, "figure and what becomes of it", ANY);
    };
    let (scope, figure) = scope_and_figure(figure)?;
    if scope.group != Group::Run {
        let what = format!(
            "asks for \"{}\", but results tell labels apart only",
            scope.to_string().trim_end()
        );
        return Err(Wrong(what, ANY));
    }
    let measure = match figure {
        Figure::Time(Clocked::Response, which @ (Which::Mean | Which::Percentile(_))) => {
            Measure::Response(which)
        }
        Figure::Time(Clocked::Service, which @ (Which::Mean | Which::Percentile(_))) => {
            Measure::Service(which)
        }
        Figure::Count(Counted::Failures) => Measure::Failures,
        Figure::Count(Counted::Requests) | Figure::Pace(Counted::Requests) => Measure::Pace,
        figure => {
            return Wrong::no(&figure.to_string(), "figure that results are compared by", ANY);
        }
    };
    let worse = if measure == Measure::Pace { "decrease" } else { "increase" };
    let word = word.to_ascii_lowercase();
    if word != "regression" && word != worse {
        return Wrong::no(&word, &format!("change for the worse: regression or {worse}"), ANY);
    }
    let bound = bound.trim().to_ascii_lowercase();
    let is_time = matches!(measure, Measure::Response(_) | Measure::Service(_));
    let found = match (percentage(&bound), microseconds(&bound)) {
        (Some(share), _) => Bound::Share(share),
        (None, Some(us)) if is_time => Bound::Time(us),
        (None, _) => {
            let what = "percentage of at most two decimals";
            let or_time = if is_time { ", nor a time in us, ms or s" } else { "" };
            return Wrong::no(&bound, &format!("{what}{or_time}"), ANY);
        }
    };
    Ok(ChangeRule { scope, measure, or_equal, bound: found })
}
