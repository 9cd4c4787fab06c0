//! Is a difference more than chance?
use super::noise::Noise;
use super::{
    CONFIDENCE, Delta, Finding, LEAST_CHANGE, MIN_REQUESTS, Measure, Percentile, Side, Spread,
};
use crate::chance::{normal_bound, ratio_interval};
use crate::threshold::Which;
use std::cmp::Ordering;

/// All figures of a label. Sides and noise are those of the earlier and of the later result.
pub(super) fn deltas(
    (before, after): (&Side, &Side),
    seconds: (f64, f64),
    noise: (&Noise, &Noise),
) -> Vec<Delta> {
    let z = normal_bound(CONFIDENCE);
    let mut deltas = vec![failures((before, after), noise, z)];
    deltas.extend(pace((before, after), seconds, noise, z));
    let mut both =
        |measure: fn(Which) -> Measure, before: &Option<Spread>, after: &Option<Spread>| {
            if let (Some(before), Some(after)) = (before, after) {
                times((before, after), measure, noise, z, &mut deltas);
            }
        };
    both(Measure::Response, &before.response, &after.response);
    both(Measure::Service, &before.service, &after.service);
    deltas
}

/// A value and the interval that the true one lies in.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    value: f64,
    low: f64,
    high: f64,
}

/// What the difference of two true values, the later less the earlier one, lies between: their intervals, put
/// together as independent ones.
fn difference(before: Estimate, after: Estimate) -> (f64, f64) {
    let difference = after.value - before.value;
    let reach = |one: f64, other: f64| (one * one + other * other).sqrt();
    (
        difference - reach(after.value - after.low, before.high - before.value),
        difference + reach(after.high - after.value, before.value - before.low),
    )
}

fn failures((before, after): (&Side, &Side), noise: (&Noise, &Noise), z: f64) -> Delta {
    let estimate = |side: &Side, noise: &Noise| {
        // As many independent requests say as much.
        let whole = side.requests as f64 / noise.failures;
        let value = side.failed as f64 / side.requests.max(1) as f64;
        let (low, high) = ratio_interval(value * whole, whole, z);
        Estimate { value, low, high }
    };
    let (before_it, after_it) = (estimate(before, noise.0), estimate(after, noise.1));
    let (lowest, highest) = difference(before_it, after_it);
    let few = before.requests.min(after.requests);
    let finding = if lowest > 0.0 {
        Finding::Worse
    } else if highest < 0.0 {
        Finding::Better
    } else if few < MIN_REQUESTS {
        // Without any request nothing is above or below anything.
        Finding::TooFew
    } else {
        Finding::NoDifference
    };
    Delta { measure: Measure::Failures, before: before_it.value, after: after_it.value, finding }
}

/// Requests per second; none where one of the runs has no length.
fn pace(
    (before, after): (&Side, &Side),
    seconds: (f64, f64),
    noise: (&Noise, &Noise),
    z: f64,
) -> Option<Delta> {
    if !(seconds.0 > 0.0 && seconds.1 > 0.0) {
        return None;
    }
    let side = |side: &Side, seconds: f64, noise: &Noise| {
        let requests = side.requests as f64;
        (requests / seconds, requests * noise.pace / (seconds * seconds))
    };
    let (pace, variance) = side(before, seconds.0, noise.0);
    let (later_pace, later_variance) = side(after, seconds.1, noise.1);
    let enough = before.requests.min(after.requests) >= MIN_REQUESTS;
    let reach = z * (variance + later_variance).sqrt();
    // The slower one is the worse one.
    let finding = by_reach((later_pace, pace), reach, pace, enough);
    Some(Delta { measure: Measure::Pace, before: pace, after: later_pace, finding })
}

fn times(
    (before, after): (&Spread, &Spread),
    measure: fn(Which) -> Measure,
    noise: (&Noise, &Noise),
    z: f64,
    deltas: &mut Vec<Delta>,
) {
    let variance = |spread: &Spread, noise: &Noise| {
        spread.stddev_us.powi(2) * noise.times / spread.count.max(1) as f64
    };
    let reach = z * (variance(before, noise.0) + variance(after, noise.1)).sqrt();
    let enough = before.count.min(after.count) >= MIN_REQUESTS;
    deltas.push(Delta {
        measure: measure(Which::Mean),
        before: before.mean_us,
        after: after.mean_us,
        finding: by_reach((before.mean_us, after.mean_us), reach, before.mean_us, enough),
    });
    for earlier in &before.percentiles {
        let same = |later: &&Percentile| later.percentile == earlier.percentile;
        let Some(later) = after.percentiles.iter().find(same) else { continue };
        let which = Which::Percentile((earlier.percentile * 100.0).round() as u64);
        deltas.push(Delta {
            measure: measure(which),
            before: earlier.us as f64,
            after: later.us as f64,
            finding: by_interval((earlier, later), noise),
        });
    }
}

/// Of two values the greater one is worse, if it is farther off than chance reaches, and far enough to matter.
fn by_reach((good, bad): (f64, f64), reach: f64, before: f64, enough: bool) -> Finding {
    let difference = bad - good;
    let matters = difference.abs() > reach && difference.abs() >= LEAST_CHANGE * before;
    match difference.partial_cmp(&0.0) {
        _ if !enough => Finding::TooFew,
        Some(Ordering::Greater) if matters => Finding::Worse,
        Some(Ordering::Less) if matters => Finding::Better,
        _ => Finding::NoDifference,
    }
}

fn by_interval((before, after): (&Percentile, &Percentile), noise: (&Noise, &Noise)) -> Finding {
    let estimate = |percentile: &Percentile, noise: &Noise| {
        let (low, high) = percentile.interval_us?;
        let (value, wider) = (percentile.us as f64, noise.times.sqrt());
        let [low, high] = [low, high].map(|end| value + (end as f64 - value) * wider);
        Some(Estimate { value, low, high })
    };
    let (Some(before), Some(after)) = (estimate(before, noise.0), estimate(after, noise.1)) else {
        return Finding::TooFew;
    };
    let (lowest, highest) = difference(before, after);
    let matters = (after.value - before.value).abs() >= LEAST_CHANGE * before.value;
    match matters {
        true if lowest > 0.0 => Finding::Worse,
        true if highest < 0.0 => Finding::Better,
        _ => Finding::NoDifference,
    }
}
