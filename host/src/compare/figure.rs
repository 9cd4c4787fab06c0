//! Figures as people read them.
use katydid_load::compare::{Delta, Finding, Measure};

/// A figure before and after, and what has become of it.
pub(super) fn delta(delta: &Delta) -> [String; 3] {
    let Delta { measure, before, after, .. } = *delta;
    match measure {
        Measure::Failures => {
            let points = delta.absolute() * 100.0;
            [percent(before), percent(after), signed(points, " points")]
        }
        Measure::Pace => [number(before), number(after), relative(delta)],
        Measure::Response(_) | Measure::Service(_) => {
            let unit = unit(before.max(after));
            [time(before, unit), time(after, unit), relative(delta)]
        }
    }
}

/// What a figure is called.
pub(super) fn measure(measure: Measure) -> String {
    match measure {
        Measure::Pace => "requests/s".to_owned(),
        other => other.to_string(),
    }
}

/// What was found, in words.
pub(super) fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Better => "better",
        Finding::NoDifference => "no change",
        Finding::TooFew => "too few",
        Finding::Worse => "worse",
    }
}

/// A length of time.
pub(super) fn seconds(seconds: f64) -> String {
    format!("{} s", number(seconds))
}

/// A count with its thousands apart.
pub(super) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

fn relative(delta: &Delta) -> String {
    match delta.relative() {
        Some(share) => signed(share * 100.0, " %"),
        None if delta.after > 0.0 => "from 0".to_owned(),
        None => signed(0.0, " %"),
    }
}

/// What reads as nothing has no sign.
fn signed(value: f64, unit: &str) -> String {
    let size = number(value.abs());
    let is_nothing = size.chars().all(|c| matches!(c, '0' | '.'));
    let sign = match value {
        _ if is_nothing => "",
        v if v < 0.0 => "-",
        _ => "+",
    };
    let size = if is_nothing { "0" } else { &size };
    format!("{sign}{size}{unit}")
}

/// A share from 0 to 1. What is not nothing does not read as nothing, nor what is not all as all.
fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        p if p < 0.005 => "<0.01 %".to_owned(),
        p if (99.95..100.0).contains(&p) => ">99.9 %".to_owned(),
        p => format!("{} %", number(p)),
    }
}

/// Three significant digits, or all before the point.
fn number(value: f64) -> String {
    let places = match value.abs() {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    grouped(&format!("{value:.places$}"))
}

/// Microseconds in one of these, and its name.
type Unit = (f64, &'static str);

fn unit(us: f64) -> Unit {
    match us {
        us if us < 1_000.0 => (1.0, "µs"),
        us if us < 1_000_000.0 => (1_000.0, "ms"),
        _ => (1_000_000.0, "s"),
    }
}

fn time(us: f64, (in_us, name): Unit) -> String {
    // Whole microseconds are all that clocks tell, but for means.
    let value = if in_us == 1.0 { format!("{us:.0}") } else { number(us / in_us) };
    format!("{value} {name}")
}

fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let digits: Vec<char> = whole.chars().collect();
    let thousands = digits.rchunks(3).rev().map(|three| three.iter().collect::<String>());
    thousands.collect::<Vec<_>>().join(",") + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use katydid_load::threshold::Which;

    #[test]
    fn figures_as_people_read_them() {
        let p95 = Measure::Response(Which::Percentile(9_500));
        for (measure, before, after, expected) in [
            (Measure::Failures, 0.0, 0.0, ["0 %", "0 %", "0 points"]),
            (Measure::Failures, 0.126_4, 0.000_01, ["12.6 %", "<0.01 %", "-12.6 points"]),
            (Measure::Failures, 0.01, 0.010_01, ["1.00 %", "1.00 %", "0 points"]),
            (Measure::Failures, 1.0, 0.0, ["100 %", "0 %", "-100 points"]),
            (Measure::Failures, 0.999_99, 0.5, [">99.9 %", "50.0 %", "-50.0 points"]),
            (Measure::Pace, 1_234.5, 1_300.0, ["1,234", "1,300", "+5.31 %"]),
            (Measure::Pace, 0.0, 0.5, ["0.00", "0.50", "from 0"]),
            (p95, 980.0, 1_020.0, ["0.98 ms", "1.02 ms", "+4.08 %"]),
            (p95, 12.0, 6.0, ["12 µs", "6 µs", "-50.0 %"]),
            (p95, 0.0, 0.0, ["0 µs", "0 µs", "0 %"]),
            (p95, 1_234_567.0, 12_345_678_901.0, ["1.23 s", "12,346 s", "+999,901 %"]),
        ] {
            let one = Delta { measure, before, after, finding: Finding::NoDifference };
            assert_eq!(delta(&one), expected.map(str::to_owned));
        }
    }
}
