//! Finding a figure in what was counted.
use super::figure::{Clocked, Counted, Figure, Part, Reading, Which};
use super::{Group, Scope};
use crate::label::Label;
use crate::metric::{Metric, MetricKey, MetricKind};
use crate::times::Times;
use crate::version::Counts;
use crate::window::{CheckStats, LabelStats, MAX_CHECKS, Window};
use crate::wrong::quotable;
use std::borrow::Cow;
use std::cell::OnceCell;

/// What thresholds are held against: everything counted since a run began.
#[derive(Debug)]
pub struct Figures<'a> {
    window: &'a Window,
    labels: &'a [Label],
    elapsed_ns: u64,
    /// What groups of users have counted, as far as somebody asks for it.
    groups: &'a [(Group, Window)],
    /// All labels together, added up when they are first asked for.
    all: OnceCell<LabelStats>,
}

/// A figure as a fraction of whole numbers, in units of its last place; or why there is none.
type Found = Result<(i128, i128), String>;

impl<'a> Figures<'a> {
    /// The figures of a window, the labels of its ids, and how long it covers, in nanoseconds.
    pub fn new(window: &'a Window, labels: &'a [Label], elapsed_ns: u64) -> Self {
        Self { window, labels, elapsed_ns, groups: &[], all: OnceCell::new() }
    }

    /// With the same of groups of users.
    #[must_use]
    pub fn with_groups(self, groups: &'a [(Group, Window)]) -> Self {
        Self { groups, ..self }
    }

    /// How long the window covers, in nanoseconds.
    pub(super) fn elapsed_ns(&self) -> u64 {
        self.elapsed_ns
    }

    /// Finds a figure.
    pub(super) fn measure(&self, scope: &Scope, figure: &Figure) -> Found {
        let what = match &scope.group {
            Group::Run => return self.measure_all(scope, figure),
            Group::Class(name) => format!("class \"{}\"", quotable(name)),
            Group::Scenario(name) => format!("scenario \"{}\"", quotable(name)),
        };
        let its = self.groups.iter().find(|(group, _)| *group == scope.group);
        match its.filter(|(_, window)| !window.is_empty()) {
            Some((_, window)) => {
                Figures::new(window, self.labels, self.elapsed_ns).measure_all(scope, figure)
            }
            None => Err(format!("no user of the {what} has done anything")),
        }
    }

    /// The same of everybody who is counted here.
    fn measure_all(&self, scope: &Scope, figure: &Figure) -> Found {
        match figure {
            Figure::Time(Clocked::Lateness, which) => {
                time_of(&self.arrivals()?.lateness, *which, "no iteration was started")
            }
            Figure::Time(clocked, which) => {
                let stats = self.stats(scope)?;
                let response = *clocked == Clocked::Response;
                let times = if response { &stats.response } else { &stats.service };
                time_of(times, *which, "no request was made")
            }
            Figure::Count(counted) => Ok((self.count(scope, counted)?.into(), 1)),
            Figure::Pace(_) if self.elapsed_ns == 0 => Err("no time has passed".to_owned()),
            Figure::Pace(counted) => {
                // Thousandths per nanosecond to thousandths per second.
                let thousandths = i128::from(self.count(scope, counted)?) * 1_000 * 1_000_000_000;
                Ok((thousandths, self.elapsed_ns.into()))
            }
            Figure::Share(part) => {
                let (part, whole) = self.share(scope, part)?;
                Ok((i128::from(part) * 10_000, whole.into()))
            }
            Figure::Trend(name, which) => {
                let trend = &self.metric(name, MetricKind::Trend)?.trend();
                let (value, of) = time_of(trend, *which, "it was never recorded")?;
                Ok((value.saturating_mul(1_000), of))
            }
            Figure::Gauge(name, reading) => {
                let gauge = self.metric(name, MetricKind::Gauge)?.gauge;
                let gauge = gauge.ok_or_else(|| "it was never recorded".to_owned())?;
                let value = match reading {
                    Reading::Last => gauge.last,
                    Reading::Least => gauge.least,
                    Reading::Most => gauge.most,
                };
                // In millionths: what is finer is not told apart. Saturates.
                Ok(((value * 1e6).round() as i128, 1_000))
            }
        }
    }

    fn count(&self, scope: &Scope, counted: &Counted) -> Result<u64, String> {
        Ok(match counted {
            Counted::Requests => self.stats_or_none(scope)?.map_or(0, |stats| stats.requests),
            Counted::Failures => self.stats_or_none(scope)?.map_or(0, |stats| stats.failed),
            Counted::Iterations => self.window.iterations,
            Counted::Interrupted => self.window.interrupted_iterations,
            Counted::Errors => Counts::of(self.window).errors,
            Counted::Traps => self.window.traps(),
            Counted::Dropped => self.arrivals()?.dropped,
            Counted::Counter(name) => self.metric(name, MetricKind::Counter)?.sum,
        })
    }

    fn share(&self, scope: &Scope, part: &Part) -> Result<(u64, u64), String> {
        match part {
            Part::Failures => {
                let stats = self.stats(scope)?;
                Ok((stats.failed, stats.requests))
            }
            Part::Dropped => {
                let arrivals = self.arrivals()?;
                Ok((arrivals.dropped, arrivals.scheduled))
            }
            Part::Checks => {
                let kept = self.window.checks.kept().map(|(_, stats)| *stats);
                let all = kept.chain(self.window.checks.folded().map(|(_, stats)| *stats));
                let all = all.fold(CheckStats::default(), |sum, stats| CheckStats {
                    passed: sum.passed + stats.passed,
                    failed: sum.failed + stats.failed,
                });
                passed(all).ok_or_else(|| "no check was made".to_owned())
            }
            Part::Check(name) => {
                let mut kept = self.window.checks.kept();
                let found = kept.find(|(check, _)| check.trim() == name);
                found.and_then(|(_, stats)| passed(*stats)).ok_or_else(|| {
                    let name = quotable(name);
                    match self.window.checks.folded().next() {
                        None => format!("the check \"{name}\" was never made"),
                        Some(_) => format!(
                            "the check \"{name}\" is none of the {MAX_CHECKS} that are told apart"
                        ),
                    }
                })
            }
            Part::Rate(name) => {
                let rate = self.metric(name, MetricKind::Rate)?.rate;
                passed(rate).ok_or_else(|| format!("\"{}\" was never recorded", quotable(name)))
            }
        }
    }

    /// What was counted of this scope, at least one request; or why not.
    fn stats(&self, scope: &Scope) -> Result<Cow<'_, LabelStats>, String> {
        let stats = self.stats_or_none(scope)?;
        stats.ok_or_else(|| "no request was made".to_owned())
    }

    /// The same, but for a run without a request: there is nothing, and that is all.
    fn stats_or_none(&self, scope: &Scope) -> Result<Option<Cow<'_, LabelStats>>, String> {
        let Some(wanted) = &scope.label else {
            let all = self.all.get_or_init(|| self.window.total());
            return Ok((all.requests > 0).then_some(Cow::Borrowed(all)));
        };
        let mut found: Option<Cow<'_, LabelStats>> = None;
        for (id, stats) in self.window.labels() {
            if !self.labels.get(id.index()).is_some_and(|label| is_called(label, wanted)) {
                continue;
            }
            match &mut found {
                None => found = Some(Cow::Borrowed(stats)),
                Some(sum) => sum.to_mut().merge(stats),
            }
        }
        let nothing = || format!("nothing was counted under \"{}\"", quotable(wanted));
        found.ok_or_else(nothing).map(Some)
    }

    fn arrivals(&self) -> Result<&crate::window::Arrivals, String> {
        let arrivals = &self.window.arrivals;
        let none = || "no iteration was due: the run is one of users, not of arrivals".to_owned();
        (arrivals.scheduled > 0).then_some(arrivals).ok_or_else(none)
    }

    fn metric(&self, name: &str, kind: MetricKind) -> Result<&Metric, String> {
        let is_it = |key: &MetricKey| key.kind == kind && key.name.trim() == name;
        let found = self.window.metrics.kept().find(|(key, _)| is_it(key));
        let never = || format!("the {} \"{}\" was never recorded", kind.as_str(), quotable(name));
        found.map(|(_, metric)| metric).ok_or_else(never)
    }
}

/// Whether a rule that names a label means this one.
pub(crate) fn is_called(label: &Label, wanted: &str) -> bool {
    label.name.trim() == wanted || label.to_string().trim() == wanted
}

fn passed(stats: CheckStats) -> Option<(u64, u64)> {
    let all = stats.passed + stats.failed;
    (all > 0).then_some((stats.passed, all))
}

fn time_of(times: &Times, which: Which, nothing: &str) -> Found {
    if times.count() == 0 {
        return Err(nothing.to_owned());
    }
    Ok(match which {
        Which::Percentile(hundredths) => (times.percentile_us(hundredths as f64 / 100.0).into(), 1),
        Which::Mean => (times.sum_us().into(), times.count().into()),
        Which::Min => (times.min_us().into(), 1),
        Which::Max => (times.max_us().into(), 1),
    })
}
