//! Numbers as rules say them: decimals, percentages, percentiles, times. Whole numbers inside, so that rules are
//! exact; each writer has a reader, its inverse.

/// Percentages and percentiles are kept in hundredths of a percent.
pub(crate) const PERCENT: u64 = 100;

/// A number of so many decimals, given in units of the last of them, without needless zeros.
pub(crate) fn decimal(value: u128, places: usize) -> String {
    let digits = format!("{value:0>0$}", places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// The inverse of [`decimal`]: a number with at most so many decimals, in units of the last of them.
pub(crate) fn scaled(number: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// The inverse of [`percent`], with or without a space, in hundredths of a percent.
pub(crate) fn percentage(text: &str) -> Option<u64> {
    scaled(text.strip_suffix('%')?.trim_end(), 2)
}

/// A percentage, for people.
pub(crate) fn percent(hundredths: u128) -> String {
    decimal(hundredths, 2) + " %"
}

/// The name of a percentile that is given in hundredths: `p99.9`.
pub(crate) fn name(percentile: u64) -> String {
    format!("p{}", decimal(percentile.into(), 2))
}

/// The inverse of [`name`]; `median` will do for `p50`. `None` where the text is not even meant as a percentile,
/// else what it ought to be.
pub(crate) fn percentile(text: &str) -> Option<Result<u64, &'static str>> {
    if text == "median" {
        return Some(Ok(50 * PERCENT));
    }
    let number = text.strip_prefix('p')?.trim_start();
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let found = scaled(number, 2).filter(|found| (1..100 * PERCENT).contains(found));
    Some(found.ok_or("percentile between 0 and 100 of at most two decimals"))
}

/// A time in the largest of the units of which it is one or more; exact.
pub(crate) fn time(us: u64, space: &str) -> String {
    let (places, unit) = match us {
        1_000_000.. => (6, "s"),
        1_000.. => (3, "ms"),
        // In a rule, what every keyboard has.
        _ => (0, if space.is_empty() { "us" } else { "µs" }),
    };
    decimal(us.into(), places) + space + unit
}

/// The inverse of [`time`].
pub(crate) fn microseconds(text: &str) -> Option<u64> {
    // Seconds last: the others end in an "s" too.
    let units = [("us", 0), ("µs", 0), ("ms", 3), ("s", 6)];
    let (number, places) = units
        .into_iter()
        .find_map(|(unit, places)| Some((text.strip_suffix(unit)?.trim_end(), places)))?;
    scaled(number, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_their_inverse() {
        let rows = [
            (0, 2, "0"),
            (5, 2, "0.05"),
            (50, 2, "0.5"),
            (500, 2, "5"),
            (1_234_567, 6, "1.234567"),
            (7, 0, "7"),
        ];
        for (value, places, text) in rows {
            assert_eq!(decimal(value.into(), places), text);
            assert_eq!(scaled(text, places), Some(value));
        }
        for text in ["", ".", ".5", "-1", "+1", "1e3", "1.2.3", "0.123", "18446744073709551616"] {
            assert_eq!(scaled(text, 2), None, "{text}");
        }
    }

    #[test]
    fn times_and_their_inverse() {
        for (us, rule, words) in [
            (0, "0us", "0 µs"),
            (999, "999us", "999 µs"),
            (1_500, "1.5ms", "1.5 ms"),
            (1_000_001, "1.000001s", "1.000001 s"),
        ] {
            assert_eq!((time(us, "").as_str(), time(us, " ").as_str()), (rule, words));
            assert_eq!((microseconds(rule), microseconds(words)), (Some(us), Some(us)));
        }
    }

    #[test]
    fn percentiles() {
        let rows = [
            ("p50", Some(Ok(5_000))),
            ("median", Some(Ok(5_000))),
            ("p 99.9", Some(Ok(9_990))),
            ("p0", Some(Err("percentile between 0 and 100 of at most two decimals"))),
            ("pass", None),
            ("99", None),
        ];
        for (text, expected) in rows {
            assert_eq!(percentile(text), expected, "{text}");
        }
    }
}
