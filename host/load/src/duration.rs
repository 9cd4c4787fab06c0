//! Durations as people write them: `250ms`, `1.4s`, `2m`, `1h30m`; a plain number is seconds.

use std::time::Duration;

const SECOND: u128 = 1_000_000_000;

/// Units in nanoseconds, the largest first.
const UNITS: [(&str, u128); 8] = [
    ("d", 86_400 * SECOND),
    ("h", 3_600 * SECOND),
    ("m", 60 * SECOND),
    ("s", SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

/// Far beyond any test, and far below what would overflow a clock.
const LONGEST: u128 = 36_500 * 86_400 * SECOND;

/// Reads a duration. Parts follow one another from the largest unit to the smallest, each a decimal
/// number and a unit (`d h m s ms us ns`). What is finer than a nanosecond is cut off.
///
/// # Errors
///
/// The text is no duration, or one of more than 100 years; the message quotes it and says how to
/// write one.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = |why: &str| {
        Err(format!(
            "duration \"{}\" {why}, write it like 250ms, 1.4s, 2m, 1h30m, or 5 for seconds",
            text.escape_debug()
        ))
    };
    let mut rest = text.trim();
    if rest.starts_with('-') {
        return wrong("is negative");
    }
    let mut total: u128 = 0;
    let mut finer_than = u128::MAX;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let first = finer_than == u128::MAX;
        let unit = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, size)) => *size,
            None if unit.is_empty() && first => SECOND,
            None => return wrong("has an unknown unit"),
        };
        if unit >= finer_than {
            return wrong("names its units out of order");
        }
        let Some(part) = scaled(number, unit) else { return wrong("has no readable number") };
        total = total.saturating_add(part);
        if total > LONGEST {
            return wrong("is longer than 100 years");
        }
        if after.is_empty() {
            break;
        }
        finer_than = unit;
        rest = after;
    }
    // Bounded by LONGEST: both parts fit.
    let seconds = u64::try_from(total / SECOND).unwrap_or(u64::MAX);
    let nanoseconds = u32::try_from(total % SECOND).unwrap_or(0);
    Ok(Duration::new(seconds, nanoseconds))
}

/// A decimal number of units, in nanoseconds: exact, never through a float. A number too large for
/// any use is answered as the largest one.
fn scaled(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let mut total: u128 = 0;
    for digit in whole.bytes() {
        total = total.saturating_mul(10).saturating_add(u128::from(digit - b'0'));
    }
    total = total.saturating_mul(unit);
    let mut place = unit;
    // 20 places reach below a nanosecond of a day.
    for digit in fraction.bytes().take(20) {
        // Kept as a sum of whole tenths: units are products of tens and sixties, so nothing that a
        // nanosecond can express is lost before the place itself is below one.
        let value = place * u128::from(digit - b'0');
        total = total.saturating_add(value / 10);
        place = place.div_euclid(10);
    }
    Some(total)
}

/// Writes a duration so that [`parse`] reads the same one, as short as it can be: `1h30m`, `1.4s`,
/// `250ms`, `0s`.
#[must_use]
pub fn show(duration: Duration) -> String {
    let total = duration.as_nanos();
    if total == 0 {
        return "0s".into();
    }
    if total < SECOND {
        let (name, unit) = match total {
            1_000_000.. => ("ms", 1_000_000),
            1_000.. => ("us", 1_000),
            _ => ("ns", 1),
        };
        return decimal(total, unit) + name;
    }
    let mut text = String::new();
    let mut rest = total;
    for (name, unit) in [("h", 3_600 * SECOND), ("m", 60 * SECOND)] {
        if rest >= unit {
            text += &format!("{}{name}", rest / unit);
            rest %= unit;
        }
    }
    if rest > 0 {
        text += &decimal(rest, SECOND);
        text += "s";
    }
    text
}

/// `total / unit` with as many decimals as it needs; `unit` is a power of ten.
fn decimal(total: u128, unit: u128) -> String {
    let places = unit.ilog10() as usize;
    if places == 0 {
        return total.to_string();
    }
    let text = format!("{}.{:0places$}", total / unit, total % unit);
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let ns = Duration::from_nanos;
        let rows = [
            ("a plain number is seconds", "5", ns(5_000_000_000)),
            ("a fraction of seconds", "0.25", ns(250_000_000)),
            ("no digit before the point", ".5s", ns(500_000_000)),
            ("no digit after it", "5.s", ns(5_000_000_000)),
            ("zero", "0", ns(0)),
            ("milliseconds", "250ms", ns(250_000_000)),
            ("a fraction", "1.4s", ns(1_400_000_000)),
            ("microseconds, in both spellings", "7us", ns(7_000)),
            ("microseconds, in both spellings", "7µs", ns(7_000)),
            ("nanoseconds", "3ns", ns(3)),
            ("minutes", "2m", ns(120_000_000_000)),
            ("parts", "1h30m", ns(5_400_000_000_000)),
            ("parts with a fraction", "1m1.5s", ns(61_500_000_000)),
            ("a day and a nanosecond", "1d1ns", ns(86_400_000_000_001)),
            ("a fraction of a minute", "0.1m", ns(6_000_000_000)),
            ("a fraction of an hour", "1.25h", ns(4_500_000_000_000)),
            ("nine places are exact", "0.123456789s", ns(123_456_789)),
            ("finer than a nanosecond is cut off", "1.9999999999s", ns(1_999_999_999)),
            ("white space around it", " 1s ", ns(1_000_000_000)),
        ];
        for (what, text, expected) in rows {
            assert_eq!(parse(text), Ok(expected), "{what}: {text}");
        }
    }

    #[test]
    fn refuses_the_rest_and_says_why() {
        let rows = [
            ("", "has no readable number"),
            ("s", "has no readable number"),
            (".", "has no readable number"),
            ("1.2.3s", "has no readable number"),
            ("-1s", "is negative"),
            ("5 parsecs", "has an unknown unit"),
            ("1s500", "has an unknown unit"),
            ("1 s", "has an unknown unit"),
            ("1m1h", "names its units out of order"),
            ("1s1s", "names its units out of order"),
            ("101000d", "is longer than 100 years"),
            ("99999999999999999999999999999999999999999999999h", "is longer than 100 years"),
            ("1e3", "has an unknown unit"),
            ("NaN", "has an unknown unit"),
        ];
        for (text, why) in rows {
            let error = parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
            assert!(error.contains(&format!("\"{text}\"")), "{error}");
        }
    }

    #[test]
    fn writes_the_shortest_form_and_reads_it_back() {
        let rows = [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5us"),
            (250_000_000, "250ms"),
            (1_400_000_000, "1.4s"),
            (60_000_000_000, "1m"),
            (61_500_000_000, "1m1.5s"),
            (5_400_000_000_000, "1h30m"),
            (90_000_000_000_000, "25h"),
            (3_600_000_000_001, "1h0.000000001s"),
        ];
        for (nanoseconds, text) in rows {
            let duration = Duration::from_nanos(nanoseconds);
            assert_eq!(show(duration), text);
            assert_eq!(parse(text), Ok(duration));
        }
    }
}
