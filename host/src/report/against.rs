//! The last version against the one whose place it took or was to take, label by label.
use super::number::{count, percent};
use super::percentiles;
use super::stats::{self, AGGREGATED};
use super::style::Paint;
use super::table::{Cell, Column, Table};
use katydid_load::{LabelId, LabelStats, Mark, Snapshot, SwapStep, VersionState, Window};
use std::collections::BTreeSet;

/// Percentiles that are compared, with what their columns are called and how early they go.
const COMPARED: [(f64, &str, u8); 3] = [(50.0, "median", 4), (95.0, "p95", 2), (99.0, "p99", 5)];

/// The last version and the one before it side by side, with a heading. `None` where the figures of one are
/// not known, or it has made no request.
pub(super) fn table(snapshot: &Snapshot) -> Option<(String, Table)> {
    let known = snapshot.versions.iter().rev().filter_map(|v| Some((v, v.total.as_deref()?)));
    let known: Vec<_> = known.collect();
    let [old, new] = (0..known.len()).find_map(|place| {
        let (new, before) = (known[place], &known[place + 1..]);
        // Of two canaries in a row, the second is measured by what the first was measured by.
        let measures = |(old, _): &&(&VersionState, _)| {
            old.scenario == new.0.scenario && !was_rolled_back(old, snapshot)
        };
        Some([*before.iter().find(measures)?, new])
    })?;
    let both @ [old_window, new_window] = [old.1, new.1];
    if both.iter().any(|window| window.labels().next().is_none()) {
        return None;
    }
    let of_both = old_window.labels().chain(new_window.labels());
    let mut table = Table::new(columns([old.0, new.0]));
    let mut doubtful = false;
    // In the order of their ids, in which the other tables have them too.
    for id in of_both.map(|(id, _)| id).collect::<BTreeSet<LabelId>>() {
        let stats = both.map(|window: &Window| window.label(id));
        table.row(cells(stats::names(snapshot, id), stats, &mut doubtful));
    }
    let totals = both.map(Window::total);
    let names = [String::new(), AGGREGATED.to_owned()];
    table.ruled_row(cells(names, [Some(&totals[0]), Some(&totals[1])], &mut doubtful));
    if doubtful {
        table.note(percentiles::DOUBT.to_owned());
    }
    let title = format!("v{} against v{}: response times in ms", old.0.number, new.0.number);
    Some((title, table))
}

fn was_rolled_back(version: &VersionState, snapshot: &Snapshot) -> bool {
    let own = |mark: &&Mark| mark.version == version.number;
    snapshot.marks.iter().filter(own).any(|mark| matches!(mark.step, SwapStep::RolledBack { .. }))
}

/// Two columns for each figure, which come and go together.
fn columns(versions: [&VersionState; 2]) -> Vec<Column> {
    let pair = |group: &'static str, least, expendable| {
        versions.map(|version| {
            let column = Column::figures(format!("v{}", version.number)).group(group);
            column.least(least).expendable(expendable).tied()
        })
    };
    let mut columns = vec![Column::words("Type").expendable(6), Column::words("Name").cut(17)];
    columns.extend(pair("requests", 5, 3));
    columns.extend(pair("failures", 6, 1));
    columns.extend(COMPARED.into_iter().flat_map(|(_, group, rank)| pair(group, 5, rank)));
    columns
}

fn cells(names: [String; 2], both: [Option<&LabelStats>; 2], doubtful: &mut bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> = names.into_iter().map(Cell::from).collect();
    cells.extend(both.map(|stats| Cell::from(count(stats.map_or(0, |stats| stats.requests)))));
    // What a version never called has no figures.
    let figure = |of: &dyn Fn(&LabelStats) -> Cell| both.map(|s| s.map_or(Cell::default(), of));
    cells.extend(figure(&|stats| {
        // A canary makes fewer requests: only their ratios compare.
        let paint = if stats.failed > 0 { Paint::Bad } else { Paint::Plain };
        Cell::painted(percent(stats.failed, stats.requests), paint)
    }));
    for (percentile, ..) in COMPARED {
        cells.extend(figure(&|stats| percentiles::cell(&stats.response, percentile)));
        let few = |stats: &&LabelStats| !stats::is_sound(stats.requests, percentile);
        *doubtful |= both.iter().flatten().any(few);
    }
    cells
}
