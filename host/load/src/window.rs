//! One second of mergeable statistics: the law on which the distribution rests.
use crate::failure::Failure;
use crate::groups::{Grouped, Groups, Merge};
use crate::label::LabelId;
use crate::metric::{MAX_METRIC_CHARS, MAX_METRICS, Metric, MetricKey, Recorded};
use crate::sample::Sample;
use crate::text;
use crate::times::Times;
use std::borrow::Cow;

/// Most distinct failures that are told apart under one label.
pub const FAILURES_PER_LABEL: usize = 50;
/// Most distinct names of checks.
pub const MAX_CHECKS: usize = 1_000;
/// Most distinct calls inside a `system.multicall`, by method and failure.
pub const MAX_INNER_CALLS: usize = 500;
/// Most distinct errors.
pub const MAX_ERRORS: usize = 200;
/// Longest name of a check, in characters.
pub const MAX_CHECK_CHARS: usize = 200;
/// Longest message of an error, in characters.
pub const MAX_ERROR_CHARS: usize = 1_000;

/// How often something happened, and when first and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrences {
    /// How often.
    pub count: u64,
    /// When first, in nanoseconds; `u64::MAX` where never.
    pub first_ns: u64,
    /// When last, in nanoseconds.
    pub last_ns: u64,
}

impl Default for Occurrences {
    fn default() -> Self {
        Self { count: 0, first_ns: u64::MAX, last_ns: 0 }
    }
}

impl Occurrences {
    fn once(at_ns: u64) -> Self {
        Self { count: 1, first_ns: at_ns, last_ns: at_ns }
    }
}

impl Merge for Occurrences {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.first_ns = self.first_ns.min(other.first_ns);
        self.last_ns = self.last_ns.max(other.last_ns);
    }
}

impl Grouped for Failure {
    fn kind(&self) -> &'static str {
        Failure::kind(self)
    }
}

/// The failures of one label. Reports call what was folded `(other)`, by kind.
pub type Failures = Groups<Failure, Occurrences, FAILURES_PER_LABEL>;

/// Everything about the requests of one label. Every request is in both [`Times`], failed and never sent ones
/// too (as Locust counts them).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelStats {
    /// Requests, good or failed.
    pub requests: u64,
    /// Those that failed.
    pub failed: u64,
    /// How often a request was sent once more.
    pub retries: u64,
    /// Requests that never reached the wire.
    pub unsent: u64,
    /// Lengths of the requests' bodies, in bytes. Saturates, because custom clients may report any number.
    pub bytes_sent: u64,
    /// Lengths of the replies' bodies, in bytes. Saturates.
    pub bytes_received: u64,
    /// Service times.
    pub service: Times,
    /// Response times.
    pub response: Times,
    /// The failures, told apart; their counts add up to `failed`.
    pub failures: Failures,
}

impl LabelStats {
    /// Adds one request.
    #[inline]
    pub fn record(&mut self, sample: &Sample<'_>) {
        self.requests += 1;
        self.retries += u64::from(sample.attempts.saturating_sub(1));
        self.unsent += u64::from(sample.attempts == 0);
        self.bytes_sent = self.bytes_sent.saturating_add(sample.bytes_sent);
        self.bytes_received = self.bytes_received.saturating_add(sample.bytes_received);
        self.service.record(sample.service_us());
        self.response.record(sample.response_us());
        if let Err(failure) = sample.outcome {
            self.record_failure(failure, sample.done_ns);
        }
    }

    #[cold]
    fn record_failure(&mut self, failure: &Failure, at_ns: u64) {
        self.failed += 1;
        self.failures.at(failure.bounded().as_ref()).merge(&Occurrences::once(at_ns));
    }

    /// Adds everything that the other one counted.
    pub fn merge(&mut self, other: &LabelStats) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.retries += other.retries;
        self.unsent += other.unsent;
        self.bytes_sent = self.bytes_sent.saturating_add(other.bytes_sent);
        self.bytes_received = self.bytes_received.saturating_add(other.bytes_received);
        self.service.merge(&other.service);
        self.response.merge(&other.response);
        self.failures.merge(&other.failures);
    }

    /// The failure ratio, from 0 to 1. 0 where there was no request.
    pub fn failure_ratio(&self) -> f64 {
        if self.requests == 0 { 0.0 } else { self.failed as f64 / self.requests as f64 }
    }

    /// Forgets everything and keeps the memory of the times.
    fn clear(&mut self) {
        let Self {
            requests,
            failed,
            retries,
            unsent,
            bytes_sent,
            bytes_received,
            service,
            response,
            failures,
        } = self;
        for count in [requests, failed, retries, unsent, bytes_sent, bytes_received] {
            *count = 0;
        }
        service.clear();
        response.clear();
        failures.clear();
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckStats {
    /// How often it held.
    pub passed: u64,
    /// How often it did not.
    pub failed: u64,
}

impl Merge for CheckStats {
    fn merge(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Grouped for str {
    fn kind(&self) -> &'static str {
        "check"
    }
}

impl Grouped for String {
    fn kind(&self) -> &'static str {
        self.as_str().kind()
    }
}

/// What an error said, cut to [`MAX_ERROR_CHARS`] characters.
pub fn bounded_error(message: &str) -> Cow<'_, str> {
    text::bounded(message, MAX_ERROR_CHARS)
}

/// What went wrong on our side of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// A trap ended the guest; the user was rebuilt.
    Trap,
    /// A task, `on-start` or `on-stop` answered an error; the user lives on.
    Failed,
}

impl ErrorKind {
    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Trap => "trap",
            ErrorKind::Failed => "failed",
        }
    }
}

/// What errors are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorKey {
    /// What kind.
    pub kind: ErrorKind,
    /// Where: `class.task`.
    pub place: String,
    /// What the scenario or its trap said, on one line or several, at most [`MAX_ERROR_CHARS`] characters.
    pub message: String,
}

impl Grouped for ErrorKey {
    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }
}

/// A call inside a `system.multicall`: which, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InnerCall {
    /// Its method.
    pub method: String,
    /// Why it has no result, as a failure would say it.
    pub failure: Option<String>,
}

impl Grouped for InnerCall {
    fn kind(&self) -> &'static str {
        if self.failure.is_some() { "failed" } else { "good" }
    }
}

/// How late we were: calls against the moment they were due. Ends and sum only; it is there to be nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// Sum over all requests, in microseconds.
    pub sum_us: u64,
    /// The worst, in microseconds.
    pub max_us: u64,
}

/// Planned starts of iterations, in the open model: every one was either started or dropped, in the second in
/// which it was due.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrivals {
    /// How many were due.
    pub scheduled: u64,
    /// How many of them a user began.
    pub started: u64,
    /// How many no user was free to begin.
    pub dropped: u64,
    /// How late those that were started began.
    pub lateness: Times,
}

impl Arrivals {
    fn merge(&mut self, other: &Self) {
        self.scheduled += other.scheduled;
        self.started += other.started;
        self.dropped += other.dropped;
        self.lateness.merge(&other.lateness);
    }

    fn clear(&mut self) {
        (self.scheduled, self.started, self.dropped) = (0, 0, 0);
        self.lateness.clear();
    }
}

/// One second of everything that happened, or any sum of such seconds.
///
/// **Law**: [`Window::merge`] is commutative and associative, and `Window::default()` is its identity, caps
/// included ([`Groups`] says how). So shards, machines and seconds may be put together in any order.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// By place of the label; none, or one without requests, where nothing was counted.
    labels: Vec<Option<Box<LabelStats>>>,
    /// Checks by name.
    pub checks: Groups<String, CheckStats, MAX_CHECKS>,
    /// Calls inside a `system.multicall`, which is one request itself.
    pub inner_calls: Groups<InnerCall, Occurrences, MAX_INNER_CALLS>,
    /// The scenario's own metrics.
    pub metrics: Groups<MetricKey, Metric, MAX_METRICS>,
    /// Errors, told apart. Never a statistic of the target.
    pub errors: Groups<ErrorKey, Occurrences, MAX_ERRORS>,
    /// Iterations that came to their end, failed ones included, interrupted ones not.
    pub iterations: u64,
    /// Iterations that the end of the run, or a user's removal, cut short.
    pub interrupted_iterations: u64,
    /// Lines of the scenario's log above its limit, which nobody saw.
    pub dropped_log_lines: u64,
    /// Our own delay over all requests.
    pub lateness: Lateness,
    /// Planned starts of iterations; none in the closed model.
    pub arrivals: Arrivals,
}

impl Window {
    /// Counts one request. Allocates nothing for a known label, a success and a time like those before.
    #[inline]
    pub fn record(&mut self, sample: &Sample<'_>) {
        let late_us = sample.lateness_us();
        self.lateness.sum_us = self.lateness.sum_us.saturating_add(late_us);
        self.lateness.max_us = self.lateness.max_us.max(late_us);
        match self.labels.get_mut(sample.label.index()) {
            Some(Some(stats)) => stats.record(sample),
            _ => self.stats_at(sample.label).record(sample),
        }
    }

    /// Counts one outcome of a check. Long names are cut, control characters replaced.
    pub fn record_check(&mut self, name: &str, ok: bool) {
        let stats = if name.len() <= MAX_CHECK_CHARS && !name.chars().any(text::is_unruly) {
            self.checks.at(name)
        } else {
            self.checks.at(text::tame(name, MAX_CHECK_CHARS).as_str())
        };
        match ok {
            true => stats.passed += 1,
            false => stats.failed += 1,
        }
    }

    /// Counts one value of a custom metric. Long names are cut, control characters replaced.
    pub fn record_metric(&mut self, name: &str, value: Recorded, at_ns: u64) {
        let key = MetricKey { name: text::tame(name, MAX_METRIC_CHARS), kind: value.kind() };
        self.metrics.at(&key).record(value, at_ns);
    }

    /// Counts one call inside a `system.multicall`. Long names are cut, control characters replaced.
    pub fn record_inner_call(&mut self, method: &str, outcome: Result<(), &Failure>, at_ns: u64) {
        let method = text::tame(method, MAX_CHECK_CHARS);
        let failure = outcome.err().map(ToString::to_string);
        self.inner_calls.at(&InnerCall { method, failure }).merge(&Occurrences::once(at_ns));
    }

    /// Counts one error of the scenario: where (`class.task`), what kind, what it said, when. Long messages
    /// are cut.
    pub fn record_error(&mut self, place: &str, kind: ErrorKind, message: &str, at_ns: u64) {
        let message = bounded_error(message).into_owned();
        let place = text::tame(place, MAX_ERROR_CHARS);
        self.errors.at(&ErrorKey { kind, place, message }).merge(&Occurrences::once(at_ns));
    }

    /// Adds everything that the other window counted.
    pub fn merge(&mut self, other: &Window) {
        for (label, stats) in other.labels() {
            self.stats_at(label).merge(stats);
        }
        self.checks.merge(&other.checks);
        self.inner_calls.merge(&other.inner_calls);
        self.metrics.merge(&other.metrics);
        self.arrivals.merge(&other.arrivals);
        self.errors.merge(&other.errors);
        self.iterations += other.iterations;
        self.interrupted_iterations += other.interrupted_iterations;
        self.dropped_log_lines += other.dropped_log_lines;
        self.lateness.sum_us = self.lateness.sum_us.saturating_add(other.lateness.sum_us);
        self.lateness.max_us = self.lateness.max_us.max(other.lateness.max_us);
    }

    /// Forgets everything and keeps the memory, for the next second.
    pub fn clear(&mut self) {
        for stats in self.labels.iter_mut().flatten() {
            if stats.requests > 0 {
                stats.clear();
            }
        }
        self.checks.clear();
        self.inner_calls.clear();
        self.metrics.clear();
        self.arrivals.clear();
        self.errors.clear();
        (self.iterations, self.interrupted_iterations, self.dropped_log_lines) = (0, 0, 0);
        self.lateness = Lateness::default();
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        let groups = self.checks.is_empty()
            && self.inner_calls.is_empty()
            && self.metrics.is_empty()
            && self.errors.is_empty();
        let counts = self.iterations
            + self.interrupted_iterations
            + self.dropped_log_lines
            + self.arrivals.scheduled
            + self.arrivals.lateness.count();
        groups && counts == 0 && self.labels().next().is_none()
    }

    /// The labels that have requests, in the order of their ids.
    pub fn labels(&self) -> impl Iterator<Item = (LabelId, &LabelStats)> {
        let numbered = (0..).map(LabelId).zip(&self.labels);
        numbered
            .filter_map(|(id, stats)| Some((id, stats.as_deref()?)))
            .filter(|(_, stats)| stats.requests > 0)
    }

    /// What was counted under this label, if anything.
    pub fn label(&self, id: LabelId) -> Option<&LabelStats> {
        self.labels.get(id.index())?.as_deref().filter(|stats| stats.requests > 0)
    }

    /// All labels together: the row that Locust calls `Aggregated`.
    pub fn total(&self) -> LabelStats {
        let mut total = LabelStats::default();
        self.labels().for_each(|(_, stats)| total.merge(stats));
        total
    }

    /// How often a guest trapped, told apart or not.
    pub fn traps(&self) -> u64 {
        let kept = self.errors.kept().filter(|(key, _)| key.kind == ErrorKind::Trap);
        let folded = self.errors.folded().filter(|(kind, _)| *kind == ErrorKind::Trap.as_str());
        kept.map(|(_, seen)| seen.count).chain(folded.map(|(_, seen)| seen.count)).sum()
    }

    /// The statistics of a label, made where it has none.
    #[cold]
    fn stats_at(&mut self, id: LabelId) -> &mut LabelStats {
        if id.index() >= self.labels.len() {
            self.labels.resize_with(id.index() + 1, || None);
        }
        self.labels[id.index()].get_or_insert_default()
    }
}

/// Equal when they counted the same, whatever memory they hold.
impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.labels().eq(other.labels())
            && self.checks == other.checks
            && self.inner_calls == other.inner_calls
            && self.metrics == other.metrics
            && self.arrivals == other.arrivals
            && self.errors == other.errors
            && (self.iterations, self.interrupted_iterations)
                == (other.iterations, other.interrupted_iterations)
            && self.dropped_log_lines == other.dropped_log_lines
            && self.lateness == other.lateness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<'a>(label: u32, took_us: u64, outcome: Result<(), &'a Failure>) -> Sample<'a> {
        Sample {
            label: LabelId(label),
            version: 1,
            user: 0,
            iteration: 0,
            number: 0,
            due_ns: 1_000,
            called_ns: 3_000,
            sent_ns: 5_000,
            done_ns: 5_000 + took_us * 1_000,
            bytes_sent: 100,
            bytes_received: 200,
            attempts: 1,
            outcome,
        }
    }

    #[test]
    fn one_of_each() {
        let mut window = Window::default();
        let failure = Failure::Status(500);
        window.record(&sample(3, 10, Ok(())));
        window.record(&Sample { attempts: 2, ..sample(3, 30, Err(&failure)) });
        window.record(&Sample { attempts: 0, ..sample(0, 1, Err(&failure)) });
        assert_eq!(window.labels().map(|(id, _)| id.0).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(window.label(LabelId(1)), None, "never heard of");
        let stats = window.label(LabelId(3)).expect("was counted");
        assert_eq!((stats.requests, stats.failed, stats.retries, stats.unsent), (2, 1, 1, 0));
        assert_eq!((stats.bytes_sent, stats.bytes_received), (200, 400));
        assert_eq!((stats.service.min_us(), stats.service.max_us()), (10, 30));
        assert_eq!((stats.response.min_us(), stats.response.max_us()), (14, 34));
        assert_eq!(stats.failure_ratio(), 0.5);
        let total = window.total();
        assert_eq!((total.requests, total.failed, total.unsent, total.retries), (3, 2, 1, 1));
        let failures: Vec<_> = total.failures.kept().collect();
        assert_eq!(
            failures,
            [(&failure, &Occurrences { count: 2, first_ns: 6_000, last_ns: 35_000 })]
        );
        assert_eq!(window.lateness, Lateness { sum_us: 6, max_us: 2 });
    }

    #[test]
    fn a_flood_of_messages_is_counted_and_hides_no_status() {
        let mut window = Window::default();
        for i in 0..500 {
            window.record(&sample(
                0,
                1,
                Err(&Failure::Fault { code: i, message: format!("user {i} not found") }),
            ));
        }
        window.record(&sample(0, 1, Err(&Failure::Status(503))));
        let failures = &window.label(LabelId(0)).expect("was counted").failures;
        assert_eq!(failures.kept().len(), FAILURES_PER_LABEL);
        assert_eq!(failures.kept().next().map(|(failure, _)| failure), Some(&Failure::Status(503)));
        let folded: Vec<_> = failures.folded().map(|(kind, seen)| (kind, seen.count)).collect();
        assert_eq!(folded, [("fault", 451)]);
    }

    #[test]
    fn texts_without_end_are_cut_before_they_are_kept() {
        let mut window = Window::default();
        for end in ["a", "b"] {
            let endless = Failure::Transport("x".repeat(1_000_000) + end);
            window.record(&sample(0, 1, Err(&endless)));
        }
        let failures = &window.label(LabelId(0)).expect("was counted").failures;
        let kept: Vec<_> = failures
            .kept()
            .map(|(failure, seen)| (failure.to_string().len() < 310, seen.count))
            .collect();
        assert_eq!(kept, [(true, 2)], "what looks the same is the same");
    }

    #[test]
    fn checks_and_errors() {
        let mut window = Window::default();
        window.record_check("sum is right", true);
        window.record_check("sum is right", false);
        window.record_check("bad\nname", true);
        let checks: Vec<_> =
            window.checks.kept().map(|(name, stats)| (name.as_str(), *stats)).collect();
        let held = CheckStats { passed: 1, failed: 0 };
        assert_eq!(
            checks,
            [("bad\u{fffd}name", held), ("sum is right", CheckStats { passed: 1, failed: 1 })]
        );
        window.record_error("Shopper.buy", ErrorKind::Trap, "unreachable", 5);
        window.record_error("Shopper.buy", ErrorKind::Trap, "unreachable", 3);
        window.record_error("Shopper.buy", ErrorKind::Failed, &"x".repeat(5_000), 4);
        let errors: Vec<_> =
            window.errors.kept().map(|(key, seen)| (key.kind, key.message.len(), *seen)).collect();
        assert_eq!(
            errors[0],
            (ErrorKind::Trap, 11, Occurrences { count: 2, first_ns: 3, last_ns: 5 })
        );
        assert_eq!((errors[1].0, errors[1].2.count), (ErrorKind::Failed, 1));
        assert!(errors[1].1 < MAX_ERROR_CHARS + 3, "long messages are cut");
    }

    #[test]
    fn figures_that_a_custom_client_invents_do_not_overflow() {
        let mut window = Window::default();
        for _ in 0..3 {
            let absurd =
                Sample { done_ns: u64::MAX, bytes_received: u64::MAX, ..sample(0, 1, Ok(())) };
            window.record(&Sample { called_ns: u64::MAX, ..absurd });
        }
        let sum = window.clone();
        window.merge(&sum);
        assert_eq!(
            window.label(LabelId(0)).map(|stats| (stats.requests, stats.bytes_received)),
            Some((6, u64::MAX))
        );
    }

    #[test]
    fn a_cleared_window_is_the_identity_and_keeps_its_memory() {
        let mut window = Window::default();
        window.record(&sample(1, 10, Err(&Failure::Interrupted)));
        window.record_check("a", true);
        window.record_error("a.b", ErrorKind::Failed, "c", 1);
        (window.iterations, window.interrupted_iterations) = (1, 1);
        assert!(!window.is_empty());
        window.clear();
        assert_eq!(window, Window::default());
        assert!(window.is_empty());
        assert_eq!(window.labels().count(), 0);
        assert!(window.labels[1].is_some(), "the histograms are still there");
    }
}
