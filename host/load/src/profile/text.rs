//! Stages as people write them: a duration, a colon, a target.
use super::{Rate, Stage};
use crate::duration;
use crate::wrong::{TextError, Wrong};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const OF_USERS: &str = "30s:100 or 2m:0";
const OF_RATES: &str = "30s:200/s or 1m:12000/m";

impl<T: fmt::Display> fmt::Display for Stage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = duration::show(Duration::from_nanos(self.length_ns));
        write!(f, "{length}:{}", self.target)
    }
}

impl FromStr for Stage<u32> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let users = |text: &str| match text.parse() {
            Ok(users) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(users),
            _ => Wrong::no(text, "number of users", OF_USERS),
        };
        parse(text, OF_USERS, users).map_err(|wrong| wrong.in_the("stage", text))
    }
}

impl FromStr for Stage<Rate> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let rate = |text: &str| match text.parse::<Rate>() {
            Ok(rate) => Ok(rate),
            Err(_) => Wrong::no(text, "rate up to 1000000/s", OF_RATES),
        };
        parse(text, OF_RATES, rate).map_err(|wrong| wrong.in_the("stage", text))
    }
}

fn parse<T>(
    text: &str,
    example: &'static str,
    target: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Result<Stage<T>, Wrong> {
    let Some((length, to)) = text.split_once(':') else {
        return Err(Wrong("has no \":\"".to_owned(), example));
    };
    let (length, to) = (length.trim(), to.trim());
    match duration::parse(length) {
        // 100 years, the longest that is read, are far below what fits.
        Ok(length) => Ok(Stage { length_ns: length.as_nanos() as u64, target: target(to)? }),
        Err(_) => Wrong::no(length, "duration up to 100 years", example),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_of_users() {
        let rows = [
            ("30s:100", 30_000_000_000, 100, "30s:100"),
            (" 1m30s : 0 ", 90_000_000_000, 0, "1m30s:0"),
            // A plain number is seconds; a step takes none.
            ("5:007", 5_000_000_000, 7, "5s:7"),
            ("0:4294967295", 0, u32::MAX, "0s:4294967295"),
        ];
        for (text, length_ns, target, shown) in rows {
            let stage = Stage { length_ns, target };
            assert_eq!(text.parse(), Ok(stage), "{text}");
            assert_eq!((stage.to_string().as_str(), shown.parse()), (shown, Ok(stage)));
        }
    }

    #[test]
    fn stages_of_rates() {
        for (text, length_ns, rate, shown) in [
            ("30s:200/s", 30_000_000_000, "200/s", "30s:200/s"),
            ("1.5s : 12000/m", 1_500_000_000, "200/s", "1.5s:12000/m"),
            ("0s:0/s", 0, "0/s", "0s:0/s"),
        ] {
            let stage = Stage { length_ns, target: rate.parse::<Rate>().expect(rate) };
            assert_eq!(text.parse(), Ok(stage), "{text}");
            assert_eq!(shown.parse(), Ok(stage));
            assert_eq!(text.parse::<Stage<Rate>>().expect(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_stage() {
        let rows = [
            ("", "the stage \"\" has no \":\", write it like 30s:100 or 2m:0"),
            ("30s", "has no \":\""),
            (":5", "has \"\", which is no duration up to 100 years, write it like"),
            ("5 parsecs:5", "has \"5 parsecs\", which is no duration"),
            ("40000d:5", "has \"40000d\", which is no duration up to 100 years"),
            ("30s:", "has \"\", which is no number of users"),
            ("30s:-1", "has \"-1\", which is no number of users"),
            ("30s:+1", "has \"+1\", which is no number of users"),
            ("30s:1.5", "has \"1.5\", which is no number of users"),
            ("30s:4294967296", "has \"4294967296\", which is no number of users"),
            ("30s:200/s", "has \"200/s\", which is no number of users"),
            ("30s:1:2", "has \"1:2\", which is no number of users"),
            ("\u{1b}\n:1", "has \"\u{fffd}\", which is no duration"),
        ];
        for (text, expected) in rows {
            let error = text.parse::<Stage<u32>>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
        for (text, expected) in [
            ("30s:100", "has \"100\", which is no rate up to 1000000/s, write it like 30s:200/s"),
            ("30s:2000000/s", "has \"2000000/s\", which is no rate up to 1000000/s"),
        ] {
            let error = text.parse::<Stage<Rate>>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
