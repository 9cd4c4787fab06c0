//! A run held against an earlier one.

use super::compare;
use crate::compare::{Compared, Document};
use crate::report::{self, Results};
use anyhow::Context as _;
use katydid_load::Verdict;
use katydid_load::compare::ChangeRule;
use std::path::PathBuf;

/// What a run is compared with.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Thresholds")]
pub(super) struct BaselineArgs {
    /// Compare with the results of an earlier run, as --json wrote them
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What must hold against the baseline, else the exit code is 3: 'p95 regression < 10%',
    /// 'failures increase < 1%'; may be repeated
    #[arg(long = "baseline-threshold", value_name = "RULE", requires = "baseline")]
    rules: Vec<ChangeRule>,
}

/// The earlier run, read whole: its file may be written anew by this one.
pub(super) struct Baseline {
    before: Document,
    rules: Vec<ChangeRule>,
}

impl BaselineArgs {
    pub(super) fn read(&self, mistakes: &mut Vec<String>) -> Option<Baseline> {
        let mut wrong = Vec::new();
        let before = compare::read(self.baseline.as_ref()?, &mut wrong);
        mistakes.extend(wrong.into_iter().map(|why| format!("--baseline: {why}")));
        Some(Baseline { before: before?, rules: self.rules.clone() })
    }
}

impl Baseline {
    /// Compares a run that has ended, by what its results file would say.
    pub(super) fn compare(self, results: &Results<'_>) -> anyhow::Result<Compared> {
        let mut bytes = Vec::new();
        report::json::write(results, &mut bytes).context("cannot write the results")?;
        let after = Document::read("this run", &bytes).context("cannot compare this run")?;
        Ok(Compared::new(self.before, after, &self.rules))
    }
}

/// Prints a comparison below the run's own summary.
pub(super) fn print(compared: &Compared) -> anyhow::Result<()> {
    compare::print(&format!("\n{}", compare::tables(compared)))
}

/// What the run ends with: a regression is a breached threshold, where nothing graver has happened.
pub(super) fn verdict(own: &Verdict, compared: Option<&Compared>) -> Verdict {
    match (own, compared.map(Compared::verdict)) {
        (
            Verdict::Passed | Verdict::RequestsFailed,
            Some(breached @ Verdict::ThresholdBreached),
        ) => breached,
        _ => own.clone(),
    }
}
