//! Figures as people read them. Whole numbers throughout: nothing is rounded twice, nothing overflows.

/// A count with its thousands apart: `1,234,567`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of something, in the singular or the plural: `1 request`, `2 requests`.
pub(super) fn counted(n: u64, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(n))
}

/// Microseconds as milliseconds, with three significant digits or all that are known before the
/// point: `0.123`, `1.23`, `12.3`, `1,234`.
pub(super) fn ms(us: u64) -> String {
    match us {
        0 => "0".to_owned(),
        1..1_000 => format!("0.{us:03}"),
        1_000..9_995 => hundredths(rounded(us, 10)),
        9_995..99_950 => tenths(rounded(us, 100)),
        _ => count(rounded(us, 1_000)),
    }
}

/// How often per second: `0.25`, `12.3`, `1,234`. Nothing per second where there was no time.
pub(super) fn rate(n: u64, elapsed_ns: u64) -> String {
    if n == 0 || elapsed_ns == 0 {
        return "0".to_owned();
    }
    let per_second = n as f64 * 1e9 / elapsed_ns as f64;
    if per_second < 0.01 {
        "<0.01".to_owned()
    } else if per_second < 9.995 {
        format!("{per_second:.2}")
    } else if per_second < 99.95 {
        format!("{per_second:.1}")
    } else {
        // Saturates: a float beyond is no rate of ours.
        count(per_second.round() as u64)
    }
}

/// A part of a whole: `0 %`, `0.72 %`, `12.3 %`, `100 %`. What is not nothing never reads as nothing,
/// and what is not all never as all.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    let scaled = u128::from(part) * 10_000;
    let in_hundredths = ((scaled + u128::from(whole) / 2) / u128::from(whole)) as u64;
    match in_hundredths {
        0 => "<0.01 %".to_owned(),
        1..1_000 => format!("{} %", hundredths(in_hundredths)),
        1_000..9_995 => format!("{} %", tenths(rounded(in_hundredths, 10))),
        _ => ">99.9 %".to_owned(),
    }
}

/// A share from 0 to 1 in whole percent.
pub(super) fn share(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A number with six significant digits, without needless zeros: `0.25`, `1234.5`, `1e21`.
pub(super) fn significant(value: f64) -> String {
    let magnitude = value.abs();
    if value != 0.0 && !(1e-4..1e15).contains(&magnitude) {
        return format!("{value:e}");
    }
    let digits = if magnitude < 1.0 { 0 } else { magnitude.log10() as usize + 1 };
    let text = format!("{value:.0$}", 6_usize.saturating_sub(digits));
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.to_owned()
}

/// Bytes in decimal units: `512 B`, `1.2 kB`, `34 MB`.
pub fn bytes(n: u64) -> String {
    let mut unit = 1;
    for name in ["B", "kB", "MB", "GB", "TB", "PB"] {
        let whole = rounded(n, unit);
        if whole < 1_000 {
            return match unit {
                1 => format!("{n} B"),
                _ if rounded(n, unit / 10) < 100 => {
                    format!("{} {name}", tenths(rounded(n, unit / 10)))
                }
                _ => format!("{whole} {name}"),
            };
        }
        unit *= 1_000;
    }
    format!("{} EB", tenths(rounded(n, unit / 10)))
}

/// A length of time: `250 ms`, `3.2 s`, `12 s`, `1m03s`, `1h02m03s`.
pub(super) fn span(ns: u64) -> String {
    match ns {
        0 => "0 s".to_owned(),
        1..999_500_000 => format!("{} ms", ms(rounded(ns, 1_000))),
        999_500_000..59_950_000_000 => {
            let text = tenths(rounded(ns, 100_000_000));
            format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
        }
        _ => clock(rounded(ns, 1_000_000_000)),
    }
}

/// A length of time that goes on, in whole seconds: those that are over.
pub(super) fn seconds(ns: u64) -> String {
    match ns / 1_000_000_000 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => clock(seconds),
    }
}

/// When something happened, counted from the beginning of the run: `+3.2 s`, `+1m03s`.
pub(super) fn offset(at_ns: u64, began_ns: u64) -> String {
    match at_ns.saturating_sub(began_ns) {
        // Always one place after the point, so that a column of them reads as one.
        ns @ 0..59_950_000_000 => format!("+{} s", tenths(rounded(ns, 100_000_000))),
        ns => format!("+{}", clock(rounded(ns, 1_000_000_000))),
    }
}

fn clock(seconds: u64) -> String {
    let (minutes, s) = (seconds / 60, seconds % 60);
    let (hours, m) = (minutes / 60, minutes % 60);
    let (days, h) = (hours / 24, hours % 24);
    match (days, hours) {
        (0, 0) => format!("{m}m{s:02}s"),
        (0, _) => format!("{h}h{m:02}m{s:02}s"),
        _ => format!("{}d{h:02}h{m:02}m", count(days)),
    }
}

/// How many `unit`s, rounded half up.
fn rounded(n: u64, unit: u64) -> u64 {
    n / unit + u64::from(n % unit >= unit.div_ceil(2) && unit > 1)
}

fn tenths(n: u64) -> String {
    format!("{}.{}", count(n / 10), n % 10)
}

fn hundredths(n: u64) -> String {
    format!("{}.{:02}", count(n / 100), n % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let rows = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345, "12,345"),
            (123_456, "123,456"),
            (1_000_000, "1,000,000"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ];
        for (n, expected) in rows {
            assert_eq!(count(n), expected);
        }
        assert_eq!(
            [0, 1, 2].map(|n| counted(n, "trap")),
            ["0 traps", "1 trap", "2 traps"].map(str::to_owned)
        );
    }

    #[test]
    fn milliseconds() {
        let rows = [
            (0, "0"),
            (1, "0.001"),
            (123, "0.123"),
            (999, "0.999"),
            (1_000, "1.00"),
            (1_234, "1.23"),
            // Half rounds up.
            (1_235, "1.24"),
            (9_994, "9.99"),
            // What rounds to ten is written like ten,
            (9_995, "10.0"),
            (10_000, "10.0"),
            (99_949, "99.9"),
            // and a hundred like a hundred.
            (99_950, "100"),
            (999_499, "999"),
            (999_500, "1,000"),
            (999_950, "1,000"),
            (3_600_000_000, "3,600,000"),
            (u64::MAX, "18,446,744,073,709,552"),
        ];
        for (us, expected) in rows {
            assert_eq!(ms(us), expected, "{us} µs");
        }
    }

    #[test]
    fn rates() {
        const S: u64 = 1_000_000_000;
        let rows = [
            ((0, S), "0"),
            // No time, no rate.
            ((5, 0), "0"),
            ((1, 4 * S), "0.25"),
            ((1, 1_000 * S), "<0.01"),
            ((9_994, 1_000 * S), "9.99"),
            ((9_995, 1_000 * S), "10.0"),
            ((9_994, 100 * S), "99.9"),
            ((9_996, 100 * S), "100"),
            ((1_234_567, S), "1,234,567"),
            // A rate that nobody believes is still no panic.
            ((u64::MAX, 1), "18,446,744,073,709,551,615"),
        ];
        for ((n, elapsed), expected) in rows {
            assert_eq!(rate(n, elapsed), expected, "{n} in {elapsed} ns");
        }
    }

    #[test]
    fn percents() {
        let rows = [
            ((0, 10), "0 %"),
            ((0, 0), "0 %"),
            ((37, 5_123), "0.72 %"),
            ((1, 3), "33.3 %"),
            ((2, 3), "66.7 %"),
            ((1, 10), "10.0 %"),
            ((999, 10_000), "9.99 %"),
            // Never nothing and never all, unless it is.
            ((1, 1_000_000), "<0.01 %"),
            ((999_999, 1_000_000), ">99.9 %"),
            ((9_994, 10_000), "99.9 %"),
            ((10, 10), "100 %"),
            ((11, 10), "100 %"),
            ((u64::MAX - 1, u64::MAX), ">99.9 %"),
            ((u64::MAX / 2, u64::MAX), "50.0 %"),
        ];
        for ((part, whole), expected) in rows {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
        assert_eq!([0.0, 0.344, 1.0].map(share), ["0 %", "34 %", "100 %"].map(str::to_owned));
    }

    #[test]
    fn numbers_of_others() {
        let rows = [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (0.25, "0.25"),
            (1.0 / 3.0, "0.333333"),
            (1_234.5, "1234.5"),
            (-1_234.567_89, "-1234.57"),
            (999_999.6, "1000000"),
            (123_456_789.0, "123456789"),
            (0.000_05, "5e-5"),
            (1e21, "1e21"),
        ];
        for (value, expected) in rows {
            assert_eq!(significant(value), expected);
        }
    }

    #[test]
    fn sizes() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_249, "1.2 kB"),
            (1_250, "1.3 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            // What rounds to a thousand takes the next unit.
            (999_500, "1.0 MB"),
            (34_000_000, "34 MB"),
            (5_600_000_000, "5.6 GB"),
            (7_800_000_000_000_000, "7.8 PB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (n, expected) in rows {
            assert_eq!(bytes(n), expected);
        }
    }

    #[test]
    fn spans() {
        const MS: u64 = 1_000_000;
        const S: u64 = 1_000 * MS;
        let rows = [
            (0, "0 s"),
            (250 * MS, "250 ms"),
            (1_500, "0.002 ms"),
            (999 * MS, "999 ms"),
            (999_500_000, "1 s"),
            (3_240 * MS, "3.2 s"),
            (12 * S, "12 s"),
            (59_949 * MS, "59.9 s"),
            // What rounds to a minute is one.
            (59_950 * MS, "1m00s"),
            (60 * S, "1m00s"),
            (63 * S, "1m03s"),
            (3_599_500 * MS, "1h00m00s"),
            (3_723 * S, "1h02m03s"),
            (86_400 * S, "1d00h00m"),
            (u64::MAX, "213,503d23h34m"),
        ];
        for (ns, expected) in rows {
            assert_eq!(span(ns), expected, "{ns} ns");
        }
        assert_eq!(
            [0, 999 * MS, 12_900 * MS, 60 * S, 3_723 * S].map(seconds),
            ["0 s", "0 s", "12 s", "1m00s", "1h02m03s"].map(str::to_owned),
            "seconds that are over"
        );
        assert_eq!(
            [0, 7 * S, 10_240 * MS, 67 * S].map(|at| offset(at, 7 * S)),
            ["+0.0 s", "+0.0 s", "+3.2 s", "+1m00s"].map(str::to_owned),
            "stamps from before the beginning do not wrap"
        );
    }
}
