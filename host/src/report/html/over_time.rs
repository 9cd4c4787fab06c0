//! What happened when: charts over the time of the run, and the same figures as a table.
use super::chart::{Chart, Line, Mark};
use super::scale::{self, Scale};
use super::seconds::{Stretch, stretches};
use crate::report::Results;
use crate::report::number;
use crate::report::swaps;
use crate::report::table::{Cell, Column, Table};
use katydid_load::SwapStep;

/// What a chart's values are.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Count,
    PerSecond,
    Share,
    /// Given in microseconds.
    Milliseconds,
}

impl Unit {
    fn words(self) -> fn(f64) -> String {
        match self {
            Unit::Count => number::significant,
            Unit::PerSecond => per_second,
            Unit::Share => number::share,
            Unit::Milliseconds => milliseconds,
        }
    }

    fn tick(self) -> fn(f64) -> String {
        match self {
            Unit::Milliseconds => milliseconds_at_axis,
            _ => self.words(),
        }
    }

    /// Of rates it matters how far they are from nothing, of times that the short ones are told apart too.
    fn scale(self, values: impl Iterator<Item = f64> + Clone) -> Scale {
        match self {
            Unit::Count | Unit::PerSecond => Scale::of(values),
            Unit::Share => Scale::to(1.0),
            Unit::Milliseconds => Scale::wide(values),
        }
    }
}

/// The run over time, ready to be drawn.
pub(super) struct OverTime {
    stretches: Vec<Stretch>,
    /// How long a stretch is, in seconds.
    pub(super) length_s: f64,
    places: Vec<f64>,
    names: Vec<String>,
    ticks: Vec<(f64, String)>,
    marks: Vec<Mark>,
}

impl OverTime {
    pub(super) fn new(results: &Results<'_>) -> Self {
        let (stretches, length_s) = stretches(results.series);
        let whole = stretches.last().map_or(1.0, |last| last.end_s).max(0.001);
        let places = stretches.iter().map(|stretch| stretch.end_s / whole).collect();
        let names = stretches.iter().map(|stretch| moment(stretch.end_s)).collect();
        let ticks = scale::moments(whole).into_iter().map(|at| (at / whole, moment(at))).collect();
        Self { stretches, length_s, places, names, ticks, marks: marks(results, whole) }
    }

    /// The charts; those of arrivals only where there were any.
    pub(super) fn charts(&self) -> Vec<Chart<'_>> {
        let chart = |id, title, lines, unit| self.chart(id, title, lines, unit);
        let mut charts = vec![
            chart(
                "rates",
                "Requests and failures per second",
                vec![
                    self.line("requests/s", |s| Some(s.requests_per_s())),
                    self.line("failures/s", |s| Some(s.failures_per_s())),
                ],
                Unit::PerSecond,
            ),
            chart(
                "times",
                "Response time in ms",
                vec![
                    self.line("median", |s| s.times.map(|times| times[0] as f64)),
                    self.line("p95", |s| s.times.map(|times| times[1] as f64)),
                    self.line("p99", |s| s.times.map(|times| times[2] as f64)),
                ],
                Unit::Milliseconds,
            ),
            chart(
                "users",
                "Users",
                vec![self.line("users", |s| Some(s.users.into()))],
                Unit::Count,
            ),
            chart(
                "busy",
                "Share of time in which the busiest shard was busy",
                vec![self.line("busy", |s| Some(s.busy_share))],
                Unit::Share,
            ),
        ];
        if self.is_open() {
            let arrivals = |which: usize| move |s: &Stretch| Some(s.arrivals_per_s()?[which]);
            let late = |which: usize| move |s: &Stretch| Some(s.arrivals?.late?[which] as f64);
            charts.push(chart(
                "arrivals",
                "Arrivals per second",
                vec![
                    self.line("scheduled", arrivals(0)),
                    self.line("started", arrivals(1)),
                    self.line("dropped", arrivals(2)),
                ],
                Unit::PerSecond,
            ));
            charts.push(chart(
                "late",
                "How late iterations began, in ms",
                vec![self.line("p99", late(0)), self.line("most", late(1))],
                Unit::Milliseconds,
            ));
        }
        charts
    }

    fn chart(&self, id: &'static str, title: &str, lines: Vec<Line>, unit: Unit) -> Chart<'_> {
        let values = lines.iter().flat_map(|line| line.values.iter().flatten().copied());
        Chart {
            id,
            title: title.to_owned(),
            group: "time",
            places: &self.places,
            names: &self.names,
            ticks: &self.ticks,
            scale: unit.scale(values),
            lines,
            words: unit.words(),
            tick: unit.tick(),
            marks: &self.marks,
        }
    }

    fn line(&self, name: &str, value: impl Fn(&Stretch) -> Option<f64>) -> Line {
        Line { name: name.to_owned(), values: self.stretches.iter().map(value).collect() }
    }

    fn is_open(&self) -> bool {
        self.stretches.iter().any(|stretch| stretch.arrivals.is_some())
    }

    /// All figures of all charts.
    pub(super) fn table(&self) -> Table {
        let mut columns = vec![Column::figures("until").cut(1)];
        let times = |title: &str| Column::figures(title).group("response time in ms");
        columns.extend(["users", "requests/s", "failures/s"].map(Column::figures));
        columns.extend(["median", "p95", "p99"].map(times));
        columns.push(Column::figures("busy"));
        if self.is_open() {
            let arrivals = |title: &str| Column::figures(title).group("arrivals/s");
            columns.extend(["scheduled", "started", "dropped"].map(arrivals));
            columns.extend(["p99", "most"].map(|t| Column::figures(t).group("ms late")));
        }
        let mut table = Table::new(columns);
        for (stretch, name) in self.stretches.iter().zip(&self.names) {
            let rates = [stretch.requests_per_s(), stretch.failures_per_s()].map(per_second);
            let times = stretch.times.map(|times| times.map(number::ms));
            let mut cells = vec![name.clone(), stretch.users.to_string()];
            cells.extend(rates);
            cells.extend(times.unwrap_or_default());
            cells.push(number::share(stretch.busy_share));
            if self.is_open() {
                let late = stretch.arrivals.and_then(|due| due.late);
                let late = late.map(|late| late.map(number::ms));
                cells.extend(stretch.arrivals_per_s().unwrap_or_default().map(per_second));
                cells.extend(late.unwrap_or_default());
            }
            table.row(cells.into_iter().map(Cell::from).collect());
        }
        table
    }
}

/// The steps of swaps. Those by which something came to its end have words.
fn marks(results: &Results<'_>, whole: f64) -> Vec<Mark> {
    let snapshot = results.snapshot;
    let titles = swaps::swap_lines(snapshot, snapshot.marks.len());
    let mark = |(mark, title): (&katydid_load::Mark, String)| {
        let at_s = mark.at_ns.saturating_sub(snapshot.began_ns) as f64 / 1e9;
        let what = match &mark.step {
            SwapStep::Started { .. } | SwapStep::Ready => None,
            SwapStep::Swapped { share, .. } if share.is_all() => Some("swapped".to_owned()),
            SwapStep::Swapped { share, .. } => Some(share.to_string()),
            SwapStep::Refused { .. } => Some("refused".to_owned()),
            SwapStep::RolledBack { .. } => Some("rolled back".to_owned()),
        };
        let label = what.map(|what| format!("v{} {what}", mark.version));
        Mark { place: at_s / whole, label, title }
    };
    snapshot.marks.iter().zip(titles).map(mark).collect()
}

/// A time since the beginning of the run.
fn moment(seconds: f64) -> String {
    number::span((seconds * 1e9).round() as u64)
}

fn per_second(rate: f64) -> String {
    number::significant((rate * 100.0).round() / 100.0)
}

/// Microseconds in milliseconds.
pub(super) fn milliseconds(us: f64) -> String {
    number::ms(us as u64) + " ms"
}

/// The same as it stands at an axis, whose title says the unit.
pub(super) fn milliseconds_at_axis(us: f64) -> String {
    number::significant(us / 1_000.0)
}
