//! Rules by which a canary is taken back by itself.
use crate::number::{
    PERCENT, decimal, microseconds, name, percent, percentage, percentile, scaled, time,
};
use crate::times::Times;
use crate::version::Counts;
use crate::warning::Warning;
use crate::window::Window;
use crate::wrong::{TextError, Wrong};
use std::fmt;
use std::str::FromStr;

/// Fewest requests of a version of which a failure ratio or a percentile says anything.
pub const MIN_SAMPLES: u64 = 100;

/// What the new version must not do. It is read from text and written as text; white space and upper case do
/// not matter.
///
/// | rule | is broken when |
/// |---|---|
/// | `traps > 0` | the new version has trapped more often, since it began |
/// | `errors > 10` | it has had more errors: traps and failed iterations |
/// | `failures > 5%` | its failure ratio is higher |
/// | `failures > +5%` | its failure ratio is more than so many percentage points above the old version's |
/// | `p95 > 250ms` | this percentile of its response times is longer (`us`, `ms`, `s`) |
/// | `p95 > 200%` | it is longer than this share of the old version's: 200 % is twice as long |
///
/// Any percentile between 0 and 100 will do, `median` is `p50`. Percentages and percentiles have at most two
/// decimals, times are told apart to the microsecond. Whoever asks for failures or times waits until each
/// version that is looked at has made [`MIN_SAMPLES`] requests, or as many as the percentile needs
/// ([`Warning::samples_needed`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Traps { above: u64 },
    Errors { above: u64 },
    FailureRatio { above: u64 },
    FailureRatioRise { above: u64 },
    ResponseTime { percentile: u64, above_us: u64 },
    ResponseTimeShare { percentile: u64, above: u64 },
}

/// A text is no rule.
pub type RuleError = TextError;

impl Rule {
    /// The rules of a canary that nobody gave any: `traps > 0`, `failures > +5%`, `p95 > 200%`.
    pub fn defaults() -> Vec<Rule> {
        let kinds = [
            Kind::Traps { above: 0 },
            Kind::FailureRatioRise { above: 5 * PERCENT },
            Kind::ResponseTimeShare { percentile: 95 * PERCENT, above: 200 * PERCENT },
        ];
        kinds.map(Rule).to_vec()
    }

    /// Why the rule is broken, in one line for people; `None` where it holds, or where there are too few
    /// samples to say. Both windows cover the same stretch of time: since the new version began.
    pub fn broken(&self, new: &Window, old: &Window) -> Option<String> {
        let why = match self.0 {
            Kind::Traps { above } => is_above(above, new.traps()).map(|n| counted(n, "trap")),
            Kind::Errors { above } => {
                is_above(above, Counts::of(new).errors).map(|n| counted(n, "error"))
            }
            Kind::FailureRatio { above } => {
                let (failed, requests) = failures(new)?;
                is_above(above, hundredths(failed, requests))
                    .map(|ratio| format!("the failure ratio is {}", percent(ratio)))
            }
            Kind::FailureRatioRise { above } => {
                let (failed, requests) = failures(new)?;
                let (old_failed, old_requests) = failures(old)?;
                // Both on one denominator. 128 bits hold this for up to 2^57 requests each.
                let more = (failed * old_requests).saturating_sub(old_failed * requests);
                is_above(above, hundredths(more, requests * old_requests)).map(|points| {
                    format!(
                        "the failure ratio is {}, {} points above the old version's {}",
                        percent(hundredths(failed, requests)),
                        decimal(points, 2),
                        percent(hundredths(old_failed, old_requests)),
                    )
                })
            }
            Kind::ResponseTime { percentile, above_us } => {
                is_above(above_us, response_us(new, percentile)?)
                    .map(|us| format!("{} is {}", name(percentile), time(us, " ")))
            }
            Kind::ResponseTimeShare { percentile, above } => {
                let us = response_us(new, percentile)?;
                // Nothing takes no time: what was measured as 0 took less than a microsecond.
                let old_us = response_us(old, percentile)?.max(1);
                is_above(above, hundredths(us.into(), old_us.into())).map(|share| {
                    format!(
                        "{} is {}, {} of the old version's {}",
                        name(percentile),
                        time(us, " "),
                        percent(share),
                        time(old_us, " ")
                    )
                })
            }
        }?;
        Some(format!("{why} (rule: {self})"))
    }

    /// Whether there are enough samples to say that the rule holds, where it is not [`broken`](Rule::broken).
    pub fn has_enough(&self, new: &Window, old: &Window) -> bool {
        let both = |enough: fn(&Window, u64) -> bool, what| enough(new, what) && enough(old, what);
        let of_failures = |window: &Window, _| failures(window).is_some();
        let of_times = |window: &Window, percentile| response_us(window, percentile).is_some();
        match self.0 {
            Kind::Traps { .. } | Kind::Errors { .. } => true,
            Kind::FailureRatio { .. } => of_failures(new, 0),
            Kind::FailureRatioRise { .. } => both(of_failures, 0),
            Kind::ResponseTime { percentile, .. } => of_times(new, percentile),
            Kind::ResponseTimeShare { percentile, .. } => both(of_times, percentile),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let two_places = |hundredths: u64| decimal(hundredths.into(), 2);
        match self.0 {
            Kind::Traps { above } => write!(f, "traps > {above}"),
            Kind::Errors { above } => write!(f, "errors > {above}"),
            Kind::FailureRatio { above } => write!(f, "failures > {}%", two_places(above)),
            Kind::FailureRatioRise { above } => write!(f, "failures > +{}%", two_places(above)),
            Kind::ResponseTime { percentile, above_us } => {
                write!(f, "{} > {}", name(percentile), time(above_us, ""))
            }
            Kind::ResponseTimeShare { percentile, above } => {
                write!(f, "{} > {}%", name(percentile), two_places(above))
            }
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let kind = parse(&text.to_ascii_lowercase());
        kind.map(Self).map_err(|wrong| wrong.in_the("rule", text))
    }
}

fn parse(text: &str) -> Result<Kind, Wrong> {
    let any = "traps > 0, errors > 10, failures > +5% or p95 > 200%";
    let Some((figure, bound)) = text.split_once('>') else {
        return Err(Wrong("has no \">\"".to_owned(), any));
    };
    let (figure, bound) = (figure.trim(), bound.trim());
    match figure {
        "traps" => Ok(Kind::Traps { above: parse_count(bound, "traps > 0")? }),
        "errors" => Ok(Kind::Errors { above: parse_count(bound, "errors > 10")? }),
        "failures" => parse_failures(bound),
        _ => match percentile(figure) {
            Some(Ok(percentile)) => parse_response_time(percentile, bound),
            Some(Err(what)) => Wrong::no(figure, what, "p95 > 200% or p99.9 > 250ms"),
            None => Wrong::no(figure, "figure that there are rules for", any),
        },
    }
}

fn parse_count(bound: &str, example: &'static str) -> Result<u64, Wrong> {
    scaled(bound, 0).map_or_else(|| Wrong::no(bound, "whole number", example), Ok)
}

fn parse_failures(bound: &str) -> Result<Kind, Wrong> {
    let rise = bound.strip_prefix('+').map(str::trim_start);
    // No ratio is above 100 %: such a rule would guard nothing.
    match (percentage(rise.unwrap_or(bound)).filter(|above| *above < 100 * PERCENT), rise) {
        (Some(above), Some(_)) => Ok(Kind::FailureRatioRise { above }),
        (Some(above), None) => Ok(Kind::FailureRatio { above }),
        (None, _) => {
            let what = "percentage below 100 of at most two decimals";
            Wrong::no(bound, what, "failures > 5% or failures > +5%")
        }
    }
}

fn parse_response_time(percentile: u64, bound: &str) -> Result<Kind, Wrong> {
    if let Some(above) = percentage(bound) {
        Ok(Kind::ResponseTimeShare { percentile, above })
    } else if let Some(above_us) = microseconds(bound) {
        Ok(Kind::ResponseTime { percentile, above_us })
    } else {
        let what = "percentage of at most two decimals, nor a time in us, ms or s";
        Wrong::no(bound, what, "p95 > 200% or p95 > 250ms")
    }
}

/// The figure, where it breaks a rule with this bound.
fn is_above<T: PartialOrd + From<u64>>(bound: u64, figure: T) -> Option<T> {
    (figure > T::from(bound)).then_some(figure)
}

/// Failed and all requests; `None` where they are too few to say.
fn failures(window: &Window) -> Option<(u128, u128)> {
    let counts = Counts::of(window);
    (counts.requests >= MIN_SAMPLES).then(|| (counts.failed.into(), counts.requests.into()))
}

/// A percentile (in hundredths) of the response times of all labels, in microseconds; `None` where they are
/// too few to say.
fn response_us(window: &Window, percentile: u64) -> Option<u64> {
    let percentile = percentile as f64 / 100.0;
    let needed = Warning::samples_needed(percentile)?.max(MIN_SAMPLES);
    if Counts::of(window).requests < needed {
        return None;
    }
    let mut times = Times::default();
    window.labels().for_each(|(_, stats)| times.merge(&stats.response));
    Some(times.percentile_us(percentile))
}

/// Which share of the whole the part is, in hundredths of a percent, rounded up: then it is above a rule's
/// bound exactly where the share is, and is seen to be.
fn hundredths(part: u128, whole: u128) -> u128 {
    (part * 10_000).div_ceil(whole)
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
