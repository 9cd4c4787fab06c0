//! Thresholds as people write them.
use super::figure::{Clocked, Counted, Figure, Part, Reading, Unit, Which};
use super::{Comparison, Group, Scope, Threshold};
use crate::label::MAX_LABEL_CHARS;
use crate::number::{decimal, microseconds, percentage, percentile, scaled, time};
use crate::text::tame;
use crate::wrong::{TextError, Wrong};
use std::fmt;
use std::str::FromStr;

const ANY: &str = "p95 < 200ms, get_time: failures < 1%, rps > 50 or checks{login} >= 99%";
const PERCENTILES: &str = "p95 < 200ms or p99.9 < 1.4s";
/// Longest name that is looked for: a request type and a name, and the space between them.
const MAX_CHARS: usize = 2 * MAX_LABEL_CHARS + 1;

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Group::Run => {}
            Group::Class(name) => write!(f, "class {name}: ")?,
            Group::Scenario(name) => write!(f, "scenario {name}: ")?,
        }
        self.label.as_ref().map_or(Ok(()), |label| write!(f, "{label}: "))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, figure, comparison, bound } = self;
        write!(f, "{scope}{figure} {} ", comparison.as_str())?;
        let size = bound.unsigned_abs();
        f.write_str(if *bound < 0 { "-" } else { "" })?;
        match figure.unit() {
            Unit::Time => f.write_str(&time(u64::try_from(size).unwrap_or(u64::MAX), "")),
            Unit::Share => write!(f, "{}%", decimal(size, 2)),
            Unit::Count => write!(f, "{size}"),
            Unit::PerSecond => write!(f, "{}/s", decimal(size, 3)),
            Unit::Plain => f.write_str(&decimal(size, 3)),
        }
    }
}

impl FromStr for Threshold {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        parse(text).map_err(|wrong| wrong.in_the("threshold", text))
    }
}

fn parse(text: &str) -> Result<Threshold, Wrong> {
    // Names may contain anything, bounds no comparison: it is the last one.
    let Some(place) = text.rfind(['<', '>']) else {
        return Err(Wrong("has no <, <=, > or >=".to_owned(), ANY));
    };
    let (left, right) = text.split_at(place);
    let (is_below, right) = (right.starts_with('<'), &right[1..]);
    let (comparison, bound) = match (is_below, right.strip_prefix('=')) {
        (true, None) => (Comparison::Below, right),
        (true, Some(bound)) => (Comparison::AtMost, bound),
        (false, None) => (Comparison::Above, right),
        (false, Some(bound)) => (Comparison::AtLeast, bound),
    };
    let bound = bound.trim().to_ascii_lowercase();
    let (scope, figure) = scope_and_figure(left)?;
    let (figure, bound) = with_bound(figure, &bound)?;
    if scope.label.is_some() && !figure.is_of_labels() {
        let what = format!("asks one label for \"{figure}\", which only the whole run has");
        return Err(Wrong(what, ANY));
    }
    Ok(Threshold { scope, figure, comparison, bound })
}

/// Takes a scope and a figure apart. What is counted may still turn out to be a pace or a share.
pub(crate) fn scope_and_figure(text: &str) -> Result<(Scope, Figure), Wrong> {
    let (group, text) = group(text.trim())?;
    if let Some(figure) = named(text) {
        return Ok((Scope { group, label: None }, figure?));
    }
    let Some((label, figure)) = text.rsplit_once(':') else {
        return Ok((Scope { group, label: None }, plain(text)?));
    };
    let label = tame(label.trim(), MAX_CHARS);
    if label.is_empty() {
        return Err(Wrong("has no label before the \":\"".to_owned(), ANY));
    }
    Ok((Scope { group, label: Some(label) }, plain(figure)?))
}

/// Takes a group and the rest apart. Where no `:` follows, these are no words for a group.
fn group(text: &str) -> Result<(Group, &str), Wrong> {
    let (Some((kind, _)), Some((before, after))) = (text.split_once(' '), text.split_once(':'))
    else {
        return Ok((Group::Run, text));
    };
    let make = match kind {
        "class" => Group::Class,
        "scenario" => Group::Scenario,
        _ => return Ok((Group::Run, text)),
    };
    let name = before[kind.len()..].trim();
    if name.is_empty() {
        return Err(Wrong(format!("has no name after \"{kind}\""), ANY));
    }
    Ok((make(tame(name, MAX_CHARS)), after.trim_start()))
}

/// A figure without a name in it.
fn plain(text: &str) -> Result<Figure, Wrong> {
    let text = text.trim().to_ascii_lowercase();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
    let clocked = match first {
        "response" => Some(Clocked::Response),
        "service" => Some(Clocked::Service),
        "lateness" => Some(Clocked::Lateness),
        _ => None,
    };
    if let Some(clocked) = clocked {
        return match which(rest.trim_start()) {
            Some(which) => Ok(Figure::Time(clocked, which?)),
            None => Wrong::no(&text, "figure that there are thresholds for", "service p95 < 200ms"),
        };
    }
    if let Some(which) = which(&text) {
        return Ok(Figure::Time(Clocked::Response, which?));
    }
    Ok(match text.as_str() {
        "requests" => Figure::Count(Counted::Requests),
        "rps" => Figure::Pace(Counted::Requests),
        "failures" => Figure::Count(Counted::Failures),
        "iterations" => Figure::Count(Counted::Iterations),
        "interrupted" => Figure::Count(Counted::Interrupted),
        "errors" => Figure::Count(Counted::Errors),
        "traps" => Figure::Count(Counted::Traps),
        "dropped" => Figure::Count(Counted::Dropped),
        "checks" => Figure::Share(Part::Checks),
        _ => return Wrong::no(&text, "figure that there are thresholds for", ANY),
    })
}

/// One of many values; `None` where the text is not even meant as one.
fn which(text: &str) -> Option<Result<Which, Wrong>> {
    Some(Ok(match text {
        "avg" | "mean" | "average" => Which::Mean,
        "min" => Which::Min,
        "max" => Which::Max,
        _ => match percentile(text)? {
            Ok(percentile) => Which::Percentile(percentile),
            Err(what) => return Some(Wrong::no(text, what, PERCENTILES)),
        },
    }))
}

/// A figure with a name in it: `checks{login}`, `trend{size} p95`; `None` where the text is not meant as one.
fn named(text: &str) -> Option<Result<Figure, Wrong>> {
    let (kind, rest) = text.split_once('{')?;
    let kind = kind.trim_end().to_ascii_lowercase();
    if !["checks", "counter", "rate", "trend", "gauge"].contains(&kind.as_str()) {
        return None;
    }
    let Some((name, after)) = rest.rsplit_once('}') else {
        return Some(Err(Wrong("has a \"{\" without its \"}\"".to_owned(), ANY)));
    };
    let (name, after) = (tame(name.trim(), MAX_CHARS), after.trim().to_ascii_lowercase());
    if name.is_empty() {
        return Some(Err(Wrong("has no name between its braces".to_owned(), ANY)));
    }
    Some(match (kind.as_str(), after.as_str()) {
        ("checks", "") => Ok(Figure::Share(Part::Check(name))),
        ("counter", "") => Ok(Figure::Count(Counted::Counter(name))),
        ("rate", "") => Ok(Figure::Share(Part::Rate(name))),
        ("gauge", "") => Ok(Figure::Gauge(name, Reading::Last)),
        ("gauge", "min") => Ok(Figure::Gauge(name, Reading::Least)),
        ("gauge", "max") => Ok(Figure::Gauge(name, Reading::Most)),
        ("trend", after) => match which(after) {
            Some(which) => which.map(|which| Figure::Trend(name, which)),
            None => Wrong::no(after, "percentile, avg, min or max", "trend{size} p95 < 4096"),
        },
        (_, after) => Wrong::no(after, "part of this figure", ANY),
    })
}

/// The figure and its bound. A count with a bound per second is a pace, one with a percentage a share.
fn with_bound(figure: Figure, bound: &str) -> Result<(Figure, i128), Wrong> {
    let per_second = |text: &str| scaled(text.strip_suffix("/s")?.trim_end(), 3);
    let (figure, found, what, example) = match figure {
        Figure::Time(..) => (figure, microseconds(bound), "time in us, ms or s", PERCENTILES),
        Figure::Share(_) => {
            let share = percentage(bound).filter(|share| *share <= 10_000);
            (figure, share, "percentage up to 100 of at most two decimals", "checks >= 99.5%")
        }
        // Here the unit is in the name.
        Figure::Pace(_) => {
            let pace = per_second(bound).or_else(|| scaled(bound, 3));
            (figure, pace, "number per second of at most three decimals", "rps > 50")
        }
        Figure::Trend(..) | Figure::Gauge(..) => {
            let (negative, digits) = match bound.strip_prefix('-') {
                Some(digits) => (true, digits),
                None => (false, bound),
            };
            let what = "number of at most three decimals";
            let Some(found) = scaled(digits, 3).map(i128::from) else {
                return Wrong::no(bound, what, "gauge{queue} max < 10.5");
            };
            return Ok((figure, if negative { -found } else { found }));
        }
        Figure::Count(counted) => {
            let part = match counted {
                Counted::Failures => Some(Part::Failures),
                Counted::Dropped => Some(Part::Dropped),
                _ => None,
            };
            if let Some(pace) = per_second(bound) {
                return Ok((Figure::Pace(counted), pace.into()));
            }
            match (part, percentage(bound).filter(|share| *share <= 10_000)) {
                (Some(part), Some(share)) => return Ok((Figure::Share(part), share.into())),
                (Some(_), None) => {
                    let what = "whole number, number per second or percentage up to 100";
                    (Figure::Count(counted), scaled(bound, 0), what, "failures < 1%")
                }
                (None, _) => {
                    let what = "whole number or number per second";
                    (
                        Figure::Count(counted),
                        scaled(bound, 0),
                        what,
                        "errors < 1 or requests > 50/s",
                    )
                }
            }
        }
    };
    match found {
        Some(found) => Ok((figure, found.into())),
        None => Wrong::no(bound, what, example),
    }
}
