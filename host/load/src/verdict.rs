//! How a run came out.
use crate::text::Bounded;
use std::fmt::{self, Write};

/// How a run came out. The gravest wins: the order of the variants is from good to bad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verdict {
    /// Nothing to complain about.
    #[default]
    Passed,
    /// Requests failed.
    RequestsFailed,
    /// A threshold was breached.
    ThresholdBreached,
    /// The scenario ended the run.
    Aborted {
        /// Why, as the scenario said it.
        reason: String,
    },
    /// Someone stopped the run by a signal before its end.
    Interrupted,
}

impl Verdict {
    /// The verdict in one word: stable, for files and machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::RequestsFailed => "requests_failed",
            Verdict::ThresholdBreached => "threshold_breached",
            Verdict::Aborted { .. } => "aborted",
            Verdict::Interrupted => "interrupted",
        }
    }

    /// The program's exit code. Law, never renumbered. (2 usage or spec, 5 internal and 6 runners lost are
    /// errors, not verdicts.)
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::RequestsFailed => 1,
            Verdict::ThresholdBreached => 3,
            Verdict::Aborted { .. } => 4,
            Verdict::Interrupted => 130,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Passed => f.write_str("passed"),
            Verdict::RequestsFailed => f.write_str("requests failed"),
            Verdict::ThresholdBreached => f.write_str("threshold breached"),
            Verdict::Aborted { reason } => {
                write!(Bounded::new(f, 300), "aborted by the scenario: {reason}")
            }
            Verdict::Interrupted => f.write_str("interrupted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_and_words() {
        let rows = [
            (Verdict::Passed, 0, "passed"),
            (Verdict::RequestsFailed, 1, "requests failed"),
            (Verdict::ThresholdBreached, 3, "threshold breached"),
            (
                Verdict::Aborted { reason: "no\nstock".to_owned() },
                4,
                "aborted by the scenario: no\\nstock",
            ),
            (Verdict::Interrupted, 130, "interrupted"),
        ];
        for (verdict, code, words) in &rows {
            assert_eq!((verdict.exit_code(), verdict.to_string().as_str()), (*code, *words));
        }
        assert!(rows.is_sorted_by(|a, b| a.0 < b.0), "the gravest is the greatest");
    }
}
