//! The run as it went: the last thing that a reader sees of it.
use super::RunInfo;
use super::against;
use super::arrivals;
use super::facts;
use super::metrics;
use super::percentiles;
use super::scenarios;
use super::sections;
use super::stats::{self, Pace};
use super::style::{Paint, Style};
use super::swaps;
use super::thresholds;
use super::versions;
use katydid_load::{Snapshot, StopReason, Verdict};
use std::io::{self, Write};

/// Most warnings that are listed.
const MOST_WARNINGS: usize = 10;

/// Writes the final report: requests, percentiles, scenarios, versions and swaps, failures, inner calls,
/// errors, checks, metrics, thresholds, facts, warnings, verdict.
/// Sections in which there is nothing are left out; the verdict is always the last line.
///
/// # Errors
/// The writer's.
pub fn summary(
    snapshot: &Snapshot,
    info: &RunInfo,
    verdict: &Verdict,
    reason: &StopReason,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut section = |title: &str, lines: Vec<String>| -> io::Result<()> {
        if !lines.is_empty() {
            writeln!(out, "{}", style.paint(Paint::Strong, title))?;
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out)?;
        }
        Ok(())
    };
    if snapshot.total.labels().next().is_none() {
        section("Requests", vec!["no request was made".to_owned()])?;
    } else {
        let table = stats::table(snapshot, usize::MAX, Pace::WholeRun);
        // Beside each table of percentiles, since without it they would say too much.
        let with_arrivals = |mut lines: Vec<String>| {
            lines.extend(arrivals::lines(snapshot, style));
            lines
        };
        section("Requests", with_arrivals(table.lines(style)))?;
        let (title, table) = percentiles::table(snapshot);
        section(title, with_arrivals(table.lines(style)))?;
    }
    let lines = |table: Option<super::table::Table>| table.map_or(Vec::new(), |t| t.lines(style));
    section("Scenarios", lines(scenarios::table(snapshot, info)))?;
    section("Versions", lines(versions::summary(snapshot, info)))?;
    if let Some((title, table)) = against::table(snapshot) {
        section(&title, table.lines(style))?;
    }
    section("Swaps", lines(swaps::table(snapshot, info)))?;
    section("Failures", lines(sections::failures(snapshot)))?;
    section("Calls inside system.multicall", lines(sections::inner_calls(&snapshot.total)))?;
    section("Errors of the scenario", lines(sections::errors(snapshot)))?;
    section("Checks", lines(sections::checks(&snapshot.total)))?;
    for (title, table) in metrics::tables(snapshot) {
        section(title, table.lines(style))?;
    }
    section("Thresholds", lines(thresholds::table(snapshot)))?;
    section("Run", facts::facts(snapshot, info, reason).lines(style))?;
    section("Warnings", facts::warnings(&snapshot.warnings, MOST_WARNINGS, style))?;
    facts::verdict(snapshot, verdict, style).iter().try_for_each(|line| writeln!(out, "{line}"))
}
