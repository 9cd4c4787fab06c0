//! The versions of the scenario that have had users, one below the other.
use super::RunInfo;
use super::facts;
use super::fit;
use super::number::{self, counted};
use super::percentiles;
use super::stats::{self, Pace};
use super::style::{Paint, Style};
use super::swaps::{self, DIGEST_CHARS};
use super::table::{Cell, Column, Table};
use katydid_load::{Counts, Snapshot, Times, VersionState};
use std::collections::BTreeSet;

/// Most versions that the live view lists.
const MOST_LIVE: usize = 4;
/// Most versions that the summary lists, the latest.
const MOST: usize = 20;
/// Versions that the live view lists even where no user has them any more: the latest.
const LATEST: usize = 2;
/// Longest name of a scenario that is shown, in characters.
const NAME_CHARS: usize = 200;
/// Lines of the live view that are no version's: two of heads, an empty one at the end.
const OTHER_LINES: usize = 3;

/// The part of the live view about versions and swaps, an empty line at its end; at most `room` lines.
/// Nothing where nothing was ever swapped, and nothing where there is no room.
pub(super) fn live(snapshot: &Snapshot, info: &RunInfo, room: usize, style: &Style) -> Vec<String> {
    if !are_several(snapshot) && snapshot.marks.is_empty() {
        return Vec::new();
    }
    let mark = swaps::latest(snapshot, style).filter(|_| room > 1);
    let limit = room.saturating_sub(OTHER_LINES + usize::from(mark.is_some())).min(MOST_LIVE);
    let now = that_matter_now(snapshot, limit);
    let mut lines = Vec::new();
    if !now.is_empty() {
        lines.extend(table(snapshot, info, &now, Pace::LastSecond).lines(style));
    }
    lines.extend(mark);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Whether there ever was a second version of a scenario. That there are several scenarios is no swap.
pub(super) fn are_several(snapshot: &Snapshot) -> bool {
    let mut seen = BTreeSet::new();
    !snapshot.versions.iter().all(|version| seen.insert(version.scenario))
}

/// The versions that users have, and the latest ones; at most so many, in the order of their numbers.
fn that_matter_now(snapshot: &Snapshot, limit: usize) -> Vec<&VersionState> {
    let latest = snapshot.versions.len().saturating_sub(LATEST);
    let numbered = snapshot.versions.iter().enumerate();
    let matters = |(place, version): &(usize, &VersionState)| version.users > 0 || *place >= latest;
    let mut now: Vec<_> = numbered.filter(matters).collect();
    now.sort_by_key(|(place, version)| std::cmp::Reverse((version.users > 0, *place)));
    now.truncate(limit);
    now.sort_by_key(|(place, _)| *place);
    now.into_iter().map(|(_, version)| version).collect()
}

/// How many users each version has, where there are several versions: `v1 90 users, v2 10 users`.
pub(super) fn users(snapshot: &Snapshot) -> Option<String> {
    let of = |version: &VersionState| {
        format!("v{} {}", version.number, counted(version.users.into(), "user"))
    };
    let used = snapshot.versions.iter().filter(|version| version.users > 0);
    let parts: Vec<_> = used.map(of).collect();
    (are_several(snapshot) && !parts.is_empty()).then(|| parts.join(", "))
}

/// The versions of a run as it went. `None` where each scenario had only one.
pub(super) fn summary(snapshot: &Snapshot, info: &RunInfo) -> Option<Table> {
    let hidden = snapshot.versions.len().saturating_sub(MOST);
    let (older, latest) = snapshot.versions.split_at(hidden);
    let mut table = table(snapshot, info, &latest.iter().collect::<Vec<_>>(), Pace::WholeRun);
    if !older.is_empty() {
        let mut sum = Counts::default();
        older.iter().for_each(|version| sum.add(&version.counts));
        let versions = counted(older.len() as u64, "older version");
        let parts = [(sum.requests, "request"), (sum.failed, "failure"), (sum.errors, "error")];
        let parts = parts.map(|(n, what)| counted(n, what)).join(", ");
        table.note(format!("… {versions}: {parts}"));
    }
    are_several(snapshot).then_some(table)
}

fn table(snapshot: &Snapshot, info: &RunInfo, versions: &[&VersionState], pace: Pace) -> Table {
    let errors = pace == Pace::WholeRun || versions.iter().any(|v| v.counts.errors > 0);
    let mut columns = columns(pace, errors);
    let named = info.scenarios.len() > 1;
    if named {
        columns.insert(1, Column::words("Scenario").cut(12).expendable(7));
    }
    let mut table = Table::new(columns);
    for version in versions {
        let mut cells = cells(snapshot, version, pace, errors);
        if named {
            cells.insert(1, fit::escaped(&info.name_of(version.scenario), NAME_CHARS).into());
        }
        table.row(cells);
    }
    table
}

/// The columns. What goes first where there is no room is what a reader who watches a swap can do without
/// most easily.
fn columns(pace: Pace, errors: bool) -> Vec<Column> {
    let time = |title: &str, expendable| {
        let column = Column::figures(title).least(5).expendable(expendable);
        column.group("response time in ms")
    };
    let now = |title: &str| Column::figures(title).least(6).group("now");
    let mut columns = vec![Column::words("Version"), Column::words("Digest").expendable(9)];
    columns.extend(match pace {
        Pace::LastSecond => [now("users").expendable(1), now("reqs/s").expendable(4)],
        Pace::WholeRun => {
            [Column::figures("ready").expendable(4), Column::figures("iterations").expendable(10)]
        }
    });
    columns.extend([
        Column::figures("# reqs").least(8).expendable(if pace == Pace::WholeRun { 1 } else { 7 }),
        Column::figures("# fails").expendable(5),
        Column::figures("ratio").least(6).expendable(1),
        time("Med", 8),
        time("p95", 2),
        time("p99", 6),
    ]);
    if errors {
        columns.push(Column::figures("errors").expendable(3));
    }
    columns
}

fn cells(snapshot: &Snapshot, version: &VersionState, pace: Pace, errors: bool) -> Vec<Cell> {
    let VersionState { number, digest, began_ns, users, counts, window, total, .. } = version;
    let bad = |n| if n > 0 { Paint::Bad } else { Paint::Plain };
    let mut cells: Vec<Cell> =
        vec![format!("v{number}").into(), facts::short(digest, DIGEST_CHARS).into()];
    cells.extend(match pace {
        Pace::LastSecond => {
            let [requests, _] = stats::counted(window);
            [u64::from(*users), requests].map(|n| number::count(n).into())
        }
        Pace::WholeRun => {
            let ready = number::offset(*began_ns, snapshot.began_ns);
            [ready, number::count(counts.iterations)].map(Cell::from)
        }
    });
    cells.extend([
        number::count(counts.requests).into(),
        Cell::painted(number::count(counts.failed), bad(counts.failed)),
        Cell::painted(number::percent(counts.failed, counts.requests), bad(counts.failed)),
    ]);
    let times = total.as_ref().map(|total| total.total().response).unwrap_or_default();
    cells.extend([50.0, 95.0, 99.0].map(|percentile| time(&times, percentile, pace)));
    if errors {
        cells.push(Cell::painted(number::count(counts.errors), bad(counts.errors)));
    }
    cells
}

/// A percentile of a version, nothing where none is known. A live figure is read in passing: its doubts are
/// told at the end.
fn time(times: &Times, percentile: f64, pace: Pace) -> Cell {
    match (times.count(), pace) {
        (0, _) => Cell::default(),
        (_, Pace::LastSecond) => percentiles::cell(times, percentile).marked(false),
        (_, Pace::WholeRun) => percentiles::cell(times, percentile),
    }
}
