//! Two results files side by side: what has changed, whether it is more than chance, and whether it may be.
//!
//! ```text
//! before.json ─┐
//!              ├─► document ─► load::compare ─► Compared ─► terminal · markdown · json · verdict
//! after.json ──┘                  rules ──────────┘
//! ```
//!
//! A file is read as far as it is compared: members that are not known are passed over, another version of
//! the layout is refused. The statistics are those of [`katydid_load::compare`]; here is only what they are
//! read from and how they are told.

mod document;
mod doubts;
mod figure;
mod json;
mod markdown;
mod terminal;
#[cfg(test)]
mod tests;
mod view;

pub use document::{Document, DocumentError};
pub use terminal::Look;

use katydid_load::Verdict;
use katydid_load::compare::{ChangeJudgement, ChangeRule, Comparison};

/// Two results side by side.
#[derive(Debug)]
pub struct Compared {
    before: Document,
    after: Document,
    comparison: Comparison,
    rules: Vec<(ChangeRule, ChangeJudgement)>,
}

impl Compared {
    /// Compares a result with an earlier one, and holds it against rules.
    pub fn new(before: Document, after: Document, rules: &[ChangeRule]) -> Self {
        let comparison = Comparison::new(&before.measured, &after.measured);
        let judged = |rule: &ChangeRule| (rule.clone(), rule.evaluate(&comparison));
        let rules = rules.iter().map(judged).collect();
        Self { before, after, comparison, rules }
    }

    /// Passed, or a threshold breached where a rule is broken or nothing can be said of it. A difference that
    /// no rule is about breaks nothing.
    pub fn verdict(&self) -> Verdict {
        match self.rules.iter().all(|(_, judgement)| judgement.passes()) {
            true => Verdict::Passed,
            false => Verdict::ThresholdBreached,
        }
    }

    /// Tables for a terminal or a file of text.
    pub fn terminal(&self, look: &Look) -> String {
        terminal::text(&view::View::new(self), look)
    }

    /// Tables in GitHub's Markdown, for a pull request.
    pub fn markdown(&self) -> String {
        markdown::text(&view::View::new(self))
    }

    /// All of it as one JSON document, `katydid-comparison-1`: every figure, those that tables leave out too.
    pub fn json(&self) -> String {
        json::text(self)
    }
}
