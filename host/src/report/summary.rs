//! The run as it went: the last thing that a reader sees of it.
use super::RunInfo;
use super::against;
use super::facts;
use super::percentiles;
use super::sections;
use super::stats::{self, Pace};
use super::style::{Paint, Style};
use super::swaps;
use super::versions;
use katydid_load::{Snapshot, StopReason, Verdict};
use std::io::{self, Write};

/// Most warnings that are listed.
const MOST_WARNINGS: usize = 10;

/// Writes the final report: requests, percentiles, versions and swaps, failures, inner calls, errors, checks,
/// facts, warnings, verdict.
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
        section("Requests", table.lines(style))?;
        let (title, table) = percentiles::table(snapshot);
        section(title, table.lines(style))?;
    }
    let lines = |table: Option<super::table::Table>| table.map_or(Vec::new(), |t| t.lines(style));
    section("Versions", lines(versions::summary(snapshot)))?;
    if let Some((title, table)) = against::table(snapshot) {
        section(&title, table.lines(style))?;
    }
    section("Swaps", lines(swaps::table(snapshot)))?;
    section("Failures", lines(sections::failures(snapshot)))?;
    section("Calls inside system.multicall", lines(sections::inner_calls(&snapshot.total)))?;
    section("Errors of the scenario", lines(sections::errors(snapshot)))?;
    section("Checks", lines(sections::checks(&snapshot.total)))?;
    section("Run", facts::facts(snapshot, info, reason).lines(style))?;
    section("Warnings", facts::warnings(&snapshot.warnings, MOST_WARNINGS, style))?;
    facts::verdict(snapshot, verdict, style).iter().try_for_each(|line| writeln!(out, "{line}"))
}
