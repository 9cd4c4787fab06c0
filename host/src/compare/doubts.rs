//! Why a comparison may not mean what it seems to.
use super::document::{Document, Scenario};
use super::figure;

/// Runs of lengths that are farther apart than this share of the longer one are not alike.
const ALIKE: f64 = 0.9;

/// What a reader should know before believing any of it, each in one line.
pub(super) fn doubts(before: &Document, after: &Document) -> Vec<String> {
    let mut doubts = Vec::new();
    let differ = |what: fn(&Scenario) -> &str| {
        let all = |of: &Document| of.run.scenarios.iter().map(what).map(str::to_owned).collect();
        let [before, after]: [Vec<String>; 2] = [before, after].map(all);
        before != after
    };
    if differ(|scenario| &scenario.sha256) {
        doubts.push("the scenarios are not the same".to_owned());
    }
    if differ(|scenario| &scenario.load) {
        doubts.push("the loads are not the same".to_owned());
    }
    let lengths = [before, after].map(|of| of.measured.seconds);
    if lengths[0].min(lengths[1]) < ALIKE * lengths[0].max(lengths[1]) {
        let [before, after] = lengths.map(figure::seconds);
        doubts.push(format!("one run lasted {before}, the other one {after}"));
    }
    for of in [before, after] {
        let name = &of.name;
        if matches!(of.verdict.as_str(), "aborted" | "interrupted") {
            doubts.push(format!("{name} is of a run that was {}", of.verdict));
        }
        if of.versions > of.run.scenarios.len().max(1) {
            doubts.push(format!("{name} has several versions of a scenario in its figures"));
        }
        doubts.extend(of.warnings.iter().map(|warning| format!("{name}: {}", warning.text)));
    }
    doubts
}
