//! The table of labels: how many requests, how many failed, how long they took, how often.
use super::number;
use super::style::Paint;
use super::table::{Cell, Column, Table};
use katydid_load::{Label, LabelId, LabelStats, Snapshot, Warning, Window};

/// What the last two columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// What happened in the last full second: the run as it goes.
    LastSecond,
    /// What happened per second since the run began: the run as it went.
    WholeRun,
}

/// The name of the row of all labels together, as Locust calls it.
pub(super) const AGGREGATED: &str = "Aggregated";

/// One row for each label that has requests, in the order of their appearance, so that no row moves;
/// at most `limit` of them. The last row is all labels together, shown or not.
pub(super) fn table(snapshot: &Snapshot, limit: usize, pace: Pace) -> Table {
    let mut table = Table::new(columns(pace));
    let rows = snapshot.total.labels();
    let (mut shown, mut more) = (0, 0);
    for (id, stats) in rows {
        if shown < limit {
            shown += 1;
            let [request_type, name] = names(snapshot, id);
            table.row(cells(snapshot, [request_type, name], Some(id), stats, pace));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        table.note(format!("… {}", number::counted(more, "more label")));
    }
    let names = [String::new(), AGGREGATED.to_owned()];
    table.ruled_row(cells(snapshot, names, None, &snapshot.total.total(), pace));
    table
}

/// The type and the name that a label is shown as.
pub(super) fn names(snapshot: &Snapshot, id: LabelId) -> [String; 2] {
    match snapshot.labels.get(id.index()) {
        Some(Label { request_type, name }) => [request_type.to_string(), name.to_string()],
        None => ["?".to_owned(), format!("label {}", id.0)],
    }
}

/// Whether there are enough samples for a percentile to be told apart from the maximum.
pub(super) fn is_sound(samples: u64, percentile: f64) -> bool {
    Warning::samples_needed(percentile).is_none_or(|needed| samples >= needed)
}

/// The columns, least widths such that a live table seldom moves. What goes first where there is no
/// room is what a reader can do without most easily; the name never goes.
fn columns(pace: Pace) -> Vec<Column> {
    let time = |title: &str, expendable| {
        Column::figures(title).least(5).expendable(expendable).group("response time in ms")
    };
    let group = match pace {
        Pace::LastSecond => "now",
        Pace::WholeRun => "",
    };
    let per_second = |title: &str, expendable| {
        Column::figures(title).least(6).expendable(expendable).group(group)
    };
    vec![
        Column::words("Type").expendable(8),
        Column::words("Name").cut(17),
        Column::figures("# reqs").least(8).expendable(1),
        Column::figures("# fails").expendable(3),
        Column::figures("ratio").least(6).expendable(6),
        time("Avg", 7),
        time("Min", 11),
        time("Max", 9),
        time("Med", 4),
        time("p95", 2),
        time("p99", 5),
        per_second("reqs/s", 4),
        per_second("fails/s", 10),
    ]
}

fn cells(
    snapshot: &Snapshot,
    names: [String; 2],
    label: Option<LabelId>,
    stats: &LabelStats,
    pace: Pace,
) -> Vec<Cell> {
    let time = |us| Cell::from(number::ms(us));
    let percentile = |percentile| {
        // A live figure is read in passing: its doubts are told at the end.
        let marked = pace == Pace::WholeRun && !is_sound(stats.response.count(), percentile);
        time(stats.response.percentile_us(percentile)).marked(marked)
    };
    let [requests, failed] = match pace {
        Pace::LastSecond => last_second(snapshot, label).map(number::count),
        Pace::WholeRun => {
            [stats.requests, stats.failed].map(|n| number::rate(n, snapshot.elapsed_ns))
        }
    };
    let bad = if stats.failed > 0 { Paint::Bad } else { Paint::Plain };
    let failing = if failed == "0" { Paint::Plain } else { Paint::Bad };
    let [request_type, name] = names;
    vec![
        request_type.into(),
        name.into(),
        number::count(stats.requests).into(),
        Cell::painted(number::count(stats.failed), bad),
        Cell::painted(number::percent(stats.failed, stats.requests), bad),
        time(stats.response.mean_us().round() as u64),
        time(stats.response.min_us()),
        time(stats.response.max_us()),
        percentile(50.0),
        percentile(95.0),
        percentile(99.0),
        requests.into(),
        Cell::painted(failed, failing),
    ]
}

/// Requests, and those that failed, of the last full second: of one label or of all.
pub(super) fn last_second(snapshot: &Snapshot, label: Option<LabelId>) -> [u64; 2] {
    match label {
        Some(id) => snapshot.window.label(id).map_or([0, 0], |s| [s.requests, s.failed]),
        None => counted(&snapshot.window),
    }
}

/// Requests, and those that failed, since the run began. Cheaper than the sum of everything.
pub(super) fn since_the_beginning(snapshot: &Snapshot) -> [u64; 2] {
    counted(&snapshot.total)
}

/// Requests, and those that failed, of a window.
pub(super) fn counted(window: &Window) -> [u64; 2] {
    window.labels().map(|(_, s)| [s.requests, s.failed]).fold([0, 0], add)
}

fn add(a: [u64; 2], b: [u64; 2]) -> [u64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}
