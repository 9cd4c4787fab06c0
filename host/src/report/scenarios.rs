//! The scenarios of a run side by side, where there are several.
use super::RunInfo;
use super::fit;
use super::number;
use super::percentiles;
use super::style::Paint;
use super::table::{Cell, Column, Table};
use katydid_load::{Counts, Snapshot, Window};

/// One row for each, in the order in which they were given. `None` where there is only one.
pub(super) fn table(snapshot: &Snapshot, info: &RunInfo) -> Option<Table> {
    let open = snapshot.total.arrivals.scheduled > 0;
    let mut table = Table::new(columns(open));
    for place in 0..info.scenarios.len() as u32 {
        table.row(cells(snapshot, place, &info.name_of(place), open));
    }
    (info.scenarios.len() > 1).then_some(table)
}

fn columns(open: bool) -> Vec<Column> {
    let time = |title: &str, rank| {
        Column::figures(title).least(5).expendable(rank).group("response time in ms")
    };
    let mut columns = vec![
        Column::words("Scenario").cut(17),
        Column::figures("iterations").expendable(7),
        Column::figures("# reqs").expendable(3),
        Column::figures("# fails").expendable(5),
        Column::figures("ratio").least(6).expendable(1),
        time("Med", 6),
        time("p95", 2),
        time("p99", 4),
    ];
    if open {
        let group = "arrivals";
        columns.push(Column::figures("# due").group(group).expendable(8));
        columns.push(Column::figures("# dropped").group(group).expendable(1));
        columns.push(Column::figures("p99 late").group(group).expendable(9));
    }
    columns
}

fn cells(snapshot: &Snapshot, place: u32, name: &str, open: bool) -> Vec<Cell> {
    let (mut counts, mut window) = (Counts::default(), Window::default());
    for version in snapshot.versions.iter().filter(|version| version.scenario == place) {
        counts.add(&version.counts);
        version.total.iter().for_each(|total| window.merge(total));
    }
    let bad = if counts.failed > 0 { Paint::Bad } else { Paint::Plain };
    let times = window.total().response;
    let percentile = |percentile| match times.count() {
        0 => Cell::default(),
        _ => percentiles::cell(&times, percentile),
    };
    let mut cells = vec![
        fit::escaped(name, 200).into(),
        number::count(counts.iterations).into(),
        number::count(counts.requests).into(),
        Cell::painted(number::count(counts.failed), bad),
        Cell::painted(number::percent(counts.failed, counts.requests), bad),
        percentile(50.0),
        percentile(95.0),
        percentile(99.0),
    ];
    if open {
        cells.extend(arrivals(&window));
    }
    cells
}

/// Nothing where the scenario's load is users.
fn arrivals(window: &Window) -> [Cell; 3] {
    let arrivals = &window.arrivals;
    if arrivals.scheduled == 0 {
        return Default::default();
    }
    let paint = if arrivals.dropped > 0 { Paint::Doubt } else { Paint::Plain };
    [
        number::count(arrivals.scheduled).into(),
        Cell::painted(number::count(arrivals.dropped), paint),
        percentiles::cell(&arrivals.lateness, 99.0),
    ]
}
