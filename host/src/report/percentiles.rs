//! The table of percentiles: response times, and service times where they tell something else.
use super::number;
use super::stats;
use super::table::{Cell, Column, Table};
use katydid_load::{LabelStats, PERCENTILES, Snapshot, Times};

/// What service time must be apart from response time, in microseconds, to be worth a line.
const APART_US: u64 = 50;
/// What an asterisk at a percentile means.
pub(super) const DOUBT: &str = "* too few samples: fewer than ten lie above it";

/// The percentiles of each label and of all, with a heading.
pub(super) fn table(snapshot: &Snapshot) -> (&'static str, Table) {
    let total = snapshot.total.total();
    let labels: Vec<_> = snapshot.total.labels().collect();
    let all = || labels.iter().map(|(_, stats)| *stats).chain([&total]);
    let both = all().any(differ);
    let title = match both {
        true => "Percentiles of response time and service time",
        false => "Percentiles of response time",
    };
    let mut table = Table::new(columns(both));
    for (id, stats) in &labels {
        rows(&mut table, &stats::names(snapshot, *id), stats, both, false);
    }
    rows(&mut table, &[String::new(), stats::AGGREGATED.to_owned()], &total, both, true);
    let doubtful = all().any(|stats| PERCENTILES.iter().any(|p| is_doubtful(&stats.response, *p)));
    if doubtful {
        table.note(DOUBT.to_owned());
    }
    (title, table)
}

/// Whether the service time of a label is worth a line: somewhere it is more than 5 % and more than
/// 50 µs apart from the response time. Percentiles that rest on too few samples are not asked (one
/// slow connect would answer for the whole run), but the median always is.
fn differ(stats: &LabelStats) -> bool {
    let at = |percentile: f64| {
        let response = stats.response.percentile_us(percentile);
        let apart = response.abs_diff(stats.service.percentile_us(percentile));
        apart > APART_US && apart > response / 20
    };
    let sound = |p: f64| p < 100.0 && stats::is_sound(stats.requests, p);
    PERCENTILES.iter().any(|p| (*p == 50.0 || sound(*p)) && at(*p))
}

fn is_doubtful(times: &Times, percentile: f64) -> bool {
    !stats::is_sound(times.count(), percentile)
}

/// A percentile in milliseconds, marked where it rests on too few samples.
pub(super) fn cell(times: &Times, percentile: f64) -> Cell {
    Cell::from(number::ms(times.percentile_us(percentile))).marked(is_doubtful(times, percentile))
}

fn columns(both: bool) -> Vec<Column> {
    let mut columns = vec![Column::words("Type").expendable(6), Column::words("Name").cut(17)];
    if both {
        columns.push(Column::words("Time"));
    }
    let expendable = |percentile: f64| match percentile {
        50.0 | 95.0 | 99.0 => 1,
        100.0 => 2,
        90.0 => 3,
        99.9 => 4,
        75.0 => 5,
        99.99 => 7,
        98.0 => 8,
        80.0 => 9,
        _ => 10,
    };
    columns.extend(PERCENTILES.map(|p| {
        Column::figures(format!("{p}%")).group("in ms").least(5).expendable(expendable(p))
    }));
    columns
}

/// The one or two rows of a label.
fn rows(table: &mut Table, names: &[String; 2], stats: &LabelStats, both: bool, last: bool) {
    let row = |names: [String; 2], what: &str, times: &Times| {
        let mut cells: Vec<Cell> = names.into_iter().map(Cell::from).collect();
        if both {
            cells.push(what.into());
        }
        cells.extend(PERCENTILES.map(|p| cell(times, p)));
        cells
    };
    let response = row(names.clone(), "response", &stats.response);
    if last {
        table.ruled_row(response)
    } else {
        table.row(response)
    }
    if both && differ(stats) {
        table.row(row(Default::default(), "service", &stats.service));
    }
}
