//! How long a method takes to answer.

use crate::duration;
use katydid_load::Rng;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A random time, evenly distributed between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    least: Duration,
    most: Duration,
}

impl Delay {
    /// Answer at once.
    pub const NONE: Self = Self::constant(Duration::ZERO);

    /// Always so long.
    #[must_use]
    pub const fn constant(time: Duration) -> Self {
        Self { least: time, most: time }
    }

    /// Between the two, in whichever order they are given.
    #[must_use]
    pub fn between(one: Duration, other: Duration) -> Self {
        Self { least: one.min(other), most: one.max(other) }
    }

    pub(super) fn draw(self, dice: &mut Rng) -> Duration {
        let span = u64::try_from((self.most - self.least).as_nanos()).unwrap_or(u64::MAX);
        if span == 0 {
            return self.least;
        }
        self.least + Duration::from_nanos(dice.between(0, span))
    }
}

impl FromStr for Delay {
    type Err = String;

    /// Reads `none`, a duration, or two of them: `0s..1s`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self::NONE);
        }
        let Some((least, most)) = text.split_once("..") else {
            return duration::parse(text).map(Self::constant);
        };
        let (least, most) = (duration::parse(least)?, duration::parse(most)?);
        if least > most {
            return Err(format!("delay \"{text}\" ends before it begins, exchange the two"));
        }
        Ok(Self { least, most })
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self { least, most } if least == most => f.write_str(&duration::show(least)),
            Self { least, most } => {
                write!(f, "{}..{}", duration::show(least), duration::show(most))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::dice;
    use super::*;

    #[test]
    fn reads_and_writes_delays() {
        let rows = [
            ("none", "none"),
            ("0", "none"),
            ("250ms", "250ms"),
            ("0s..1s", "0s..1s"),
            ("0..1", "0s..1s"),
            ("1.5ms..2m", "1.5ms..2m"),
            ("1s..1s", "1s"),
        ];
        for (text, shown) in rows {
            assert_eq!(text.parse::<Delay>().map(|delay| delay.to_string()), Ok(shown.into()));
        }
        for (text, why) in
            [("", "\"\""), ("1s..", "\"\""), ("2s..1s", "ends before it begins"), ("x", "\"x\"")]
        {
            let error = text.parse::<Delay>().expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn draws_between_the_bounds() {
        let delay = Delay::between(Duration::from_nanos(12), Duration::from_nanos(10));
        let mut drawn: Vec<u128> =
            (0..1000).map(|number| delay.draw(&mut dice(1, number)).as_nanos()).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn, [10, 11, 12]);
        let always = Delay::constant(Duration::from_secs(5));
        assert_eq!(always.draw(&mut dice(1, 1)), Duration::from_secs(5));
        let huge = Delay::between(Duration::ZERO, Duration::MAX);
        assert!(huge.draw(&mut dice(1, 1)) <= Duration::from_nanos(u64::MAX));
    }
}
