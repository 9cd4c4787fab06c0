//! The scenario's own metrics, by kind.
use super::number::{self, count};
use super::sections::{MOST, note_rest};
use super::stats;
use super::table::{Cell, Column, Table};
use katydid_load::Snapshot;
use katydid_load::metric::{Metric, MetricKey, MetricKind};

/// A table for each kind that was recorded, with its heading.
pub(super) fn tables(snapshot: &Snapshot) -> Vec<(&'static str, Table)> {
    let kinds = [
        ("Counters", MetricKind::Counter),
        ("Gauges", MetricKind::Gauge),
        ("Rates", MetricKind::Rate),
        ("Trends", MetricKind::Trend),
    ];
    let table = |(title, kind)| Some((title, of_kind(snapshot, kind)?));
    kinds.into_iter().filter_map(table).collect()
}

/// All metrics of a window of one kind, by name; last what was too much to be told apart.
fn of_kind(snapshot: &Snapshot, kind: MetricKind) -> Option<Table> {
    let metrics = &snapshot.total.metrics;
    let kept = metrics.kept().filter(|(MetricKey { kind: of, .. }, _)| *of == kind);
    let kept = kept.map(|(key, metric)| (key.name.as_str(), metric));
    let folded = metrics.folded().filter(|(of, _)| *of == kind.as_str());
    let rows: Vec<_> = kept.chain(folded.map(|(_, metric)| ("(other)", metric))).collect();
    let mut table = Table::new(columns(kind));
    for (name, metric) in rows.iter().take(MOST) {
        let figures = cells(metric, kind, snapshot);
        table.row([Cell::from(*name)].into_iter().chain(figures).collect());
    }
    note_rest(&mut table, rows.iter().skip(MOST).map(|(_, metric)| recorded(metric, kind)));
    (!rows.is_empty()).then_some(table)
}

fn columns(kind: MetricKind) -> Vec<Column> {
    let figures: &[(&str, u8)] = match kind {
        MetricKind::Counter => &[("sum", 0), ("per second", 1)],
        MetricKind::Gauge => &[("last", 0), ("least", 1), ("most", 1)],
        MetricKind::Rate => &[("# yes", 2), ("# no", 1), ("share yes", 0)],
        MetricKind::Trend => &[
            ("count", 5),
            ("average", 3),
            ("least", 6),
            ("most", 2),
            ("median", 0),
            ("p95", 1),
            ("p99", 4),
        ],
    };
    let figures = figures.iter().map(|(title, rank)| Column::figures(*title).expendable(*rank));
    [Column::words("Metric").cut(20)].into_iter().chain(figures).collect()
}

fn cells(metric: &Metric, kind: MetricKind, snapshot: &Snapshot) -> Vec<Cell> {
    let trend = &metric.trend();
    let percentile = |percentile| {
        let cell = Cell::from(count(trend.percentile_us(percentile)));
        cell.marked(!stats::is_sound(trend.count(), percentile))
    };
    match kind {
        MetricKind::Counter => [count(metric.sum), number::rate(metric.sum, snapshot.elapsed_ns)]
            .map(Cell::from)
            .into(),
        MetricKind::Gauge => {
            let gauge = metric.gauge.map(|gauge| [gauge.last, gauge.least, gauge.most]);
            gauge.unwrap_or_default().map(|value| number::significant(value).into()).into()
        }
        MetricKind::Rate => {
            let (yes, no) = (metric.rate.passed, metric.rate.failed);
            let share = number::percent(yes, yes.saturating_add(no));
            [count(yes), count(no), share].map(Cell::from).into()
        }
        MetricKind::Trend => vec![
            count(trend.count()).into(),
            number::significant(trend.mean_us()).into(),
            count(trend.min_us()).into(),
            count(trend.max_us()).into(),
            percentile(50.0),
            percentile(95.0),
            percentile(99.0),
        ],
    }
}

/// How often it was recorded, as far as its kind tells: a counter tells its sum.
fn recorded(metric: &Metric, kind: MetricKind) -> u64 {
    match kind {
        MetricKind::Counter => metric.sum,
        MetricKind::Gauge => u64::from(metric.gauge.is_some()),
        MetricKind::Rate => metric.rate.passed.saturating_add(metric.rate.failed),
        MetricKind::Trend => metric.trend().count(),
    }
}
