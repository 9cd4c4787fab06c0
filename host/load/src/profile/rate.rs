//! So many per second, minute or hour: exact.
use crate::number::{decimal, scaled};
use crate::wrong::{TextError, Wrong};
use std::fmt;
use std::str::FromStr;

/// The fastest rate, per second.
pub const MAX_RATE_PER_S: u64 = 1_000_000;

/// Rates are kept in millionths per hour, so that six decimals of any unit are exact.
const MILLION: u64 = 1_000_000;
/// The fastest rate as it is kept.
const MAX: u64 = MAX_RATE_PER_S * 3_600 * MILLION;
/// How a rate is written.
const EXAMPLE: &str = "200/s, 0.5/s, 12000/m or 3600/h";

/// A number of arrivals per time: 0 to [`MAX_RATE_PER_S`], to six decimals of its unit. It is read from text and
/// written as text, in the unit that it came in: `200/s`, `12000/m`, `3600/h`. Two are equal when they are as
/// fast.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    millionths_per_h: u64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
}

impl Unit {
    const ALL: [Unit; 3] = [Unit::Second, Unit::Minute, Unit::Hour];

    fn per_h(self) -> u64 {
        match self {
            Unit::Second => 3_600,
            Unit::Minute => 60,
            Unit::Hour => 1,
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Unit::Second => "/s",
            Unit::Minute => "/m",
            Unit::Hour => "/h",
        }
    }
}

impl Rate {
    /// Nothing at all.
    pub const ZERO: Rate = Rate { millionths_per_h: 0, unit: Unit::Second };

    /// So many per second, rounded to six decimals. `None` where it is negative, no number, or too fast.
    pub fn per_second(rate: f64) -> Option<Self> {
        let in_range = (0.0..=MAX_RATE_PER_S as f64).contains(&rate);
        let millionths = |rate: f64| (rate * MILLION as f64).round() as u64;
        in_range.then(|| Self { millionths_per_h: millionths(rate) * 3_600, unit: Unit::Second })
    }

    /// The rate per second.
    pub fn get(self) -> f64 {
        self.millionths_per_h as f64 / (3_600 * MILLION) as f64
    }

    /// The rate in millionths per hour: a whole number.
    pub(super) fn millionths_per_h(self) -> u64 {
        self.millionths_per_h
    }
}

impl PartialEq for Rate {
    fn eq(&self, other: &Self) -> bool {
        self.millionths_per_h == other.millionths_per_h
    }
}

impl Eq for Rate {}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Exact: a rate is a whole number of millionths in the unit that it came in.
        let millionths = self.millionths_per_h / self.unit.per_h();
        write!(f, "{}{}", decimal(millionths.into(), 6), self.unit.suffix())
    }
}

impl FromStr for Rate {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        parse(text.trim()).map_err(|wrong| wrong.in_the("rate", text))
    }
}

fn parse(text: &str) -> Result<Rate, Wrong> {
    let split = |unit: Unit| Some((text.strip_suffix(unit.suffix())?.trim_end(), unit));
    let Some((number, unit)) = Unit::ALL.into_iter().find_map(split) else {
        return Err(Wrong("does not end in /s, /m or /h".to_owned(), EXAMPLE));
    };
    let Some(millionths) = scaled(number, 6) else {
        return Wrong::no(number, "number of at most six decimals", EXAMPLE);
    };
    match millionths.checked_mul(unit.per_h()).filter(|rate| *rate <= MAX) {
        Some(millionths_per_h) => Ok(Rate { millionths_per_h, unit }),
        None => Err(Wrong(format!("is above {MAX_RATE_PER_S} per second"), EXAMPLE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_in_all_units() {
        let rows = [
            ("200/s", 200.0, "200/s"),
            (" 0.5 /s ", 0.5, "0.5/s"),
            ("12000/m", 200.0, "12000/m"),
            ("3600/h", 1.0, "3600/h"),
            ("0/s", 0.0, "0/s"),
            ("007.50/m", 0.125, "7.5/m"),
            ("1000000/s", 1e6, "1000000/s"),
            ("0.000001/h", 1e-6 / 3_600.0, "0.000001/h"),
        ];
        for (text, per_s, shown) in rows {
            let rate: Rate = text.parse().expect(text);
            assert_eq!((rate.get(), rate.to_string().as_str()), (per_s, shown));
            assert_eq!(shown.parse(), Ok(rate));
        }
        assert_eq!("12000/m".parse::<Rate>(), "200/s".parse(), "as fast is equal");
    }

    #[test]
    fn rates_from_numbers() {
        let rows = [
            (200.0, Some("200/s")),
            (1.0 / 3.0, Some("0.333333/s")),
            (0.0, Some("0/s")),
            (1e6, Some("1000000/s")),
            (1_000_000.1, None),
            (-1.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ];
        for (per_s, expected) in rows {
            let rate = Rate::per_second(per_s).map(|rate| rate.to_string());
            assert_eq!(rate.as_deref(), expected, "{per_s}");
        }
    }

    #[test]
    fn what_is_no_rate() {
        let cure = ", write it like 200/s, 0.5/s, 12000/m or 3600/h";
        let rows = [
            ("", "the rate \"\" does not end in /s, /m or /h"),
            ("200", "the rate \"200\" does not end in /s, /m or /h"),
            ("200/d", "the rate \"200/d\" does not end in /s, /m or /h"),
            ("/s", "the rate \"/s\" has \"\", which is no number of at most six decimals"),
            ("-1/s", "the rate \"-1/s\" has \"-1\", which is no number of at most six decimals"),
            ("1e3/s", "the rate \"1e3/s\" has \"1e3\", which is no number of at most six decimals"),
            ("1000001/s", "the rate \"1000001/s\" is above 1000000 per second"),
            ("60000001/m", "the rate \"60000001/m\" is above 1000000 per second"),
            // The largest that can be read, times 3,600.
            ("18446744073709/s", "the rate \"18446744073709/s\" is above 1000000 per second"),
        ];
        for (text, expected) in rows {
            let error = text.parse::<Rate>().expect_err(text).to_string();
            assert_eq!(error, expected.to_owned() + cure);
        }
    }
}
