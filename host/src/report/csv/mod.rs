//! Results as Locust's four CSV files, for everything that reads those: the same columns in the same
//! order, rows in Locust's order, lines that end in CR LF. Beside them two of our own, about swaps.
//!
//! | file | who writes it | when |
//! |---|---|---|
//! | `PREFIX_stats.csv` | [`stats`] | anew, from any snapshot |
//! | `PREFIX_stats_history.csv` | [`History`] | row by row, from each snapshot |
//! | `PREFIX_failures.csv` | [`failures`] | anew, from any snapshot |
//! | `PREFIX_exceptions.csv` | [`exceptions`] | anew, from any snapshot |
//! | `PREFIX_versions.csv` | [`versions()`] | anew, from any snapshot |
//! | `PREFIX_swaps.csv` | [`swaps`] | anew, from any snapshot |
//!
//! Times are response times (from when a request was due) in milliseconds. What differs from Locust,
//! always because its own figure would be a poorer one:
//!
//! - Times keep three places after the point; Locust rounds percentiles to whole milliseconds, and from
//!   100 ms on to two digits.
//! - Rates of the whole run are per second of the run; Locust's clock stops at the last request.
//! - A content size is the length of a reply's body.
//! - An exception is an error of the scenario: a trap or a failed iteration, told apart by kind, place
//!   and message. Its traceback begins with its place, because a guest's has none.
//! - What the model did not tell apart has the error `fault (other)`, the message `(other)`.
//!
//! Text is quoted where it must be, and not made harmless to spreadsheets: a name that begins with `=`
//! stays one.
mod history;
#[cfg(test)]
mod tests;
mod versions;

pub use history::History;
pub use versions::{swaps, versions};

use super::calendar;
use super::labels;
use super::stats::AGGREGATED;
use katydid_load::{ErrorKey, LabelStats, Occurrences, PERCENTILES, Snapshot, Times, Window};
use std::io::{self, Write};
use std::time::Duration;

/// The columns of `PREFIX_stats.csv` before the percentiles.
const STATS: [&str; 11] = [
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
];
/// The columns of `PREFIX_failures.csv`.
const FAILURES: [&str; 6] = ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"];
/// The columns of `PREFIX_exceptions.csv`.
const EXCEPTIONS: [&str; 4] = ["Count", "Message", "Traceback", "Nodes"];
/// Where Locust knows no figure.
const NOT_APPLICABLE: &str = "N/A";
/// The node, as Locust calls the only one.
const NODE: &str = "local";

/// Writes `PREFIX_stats.csv`: a row for each label, `Aggregated` last.
///
/// # Errors
/// The writer's.
pub fn stats(snapshot: &Snapshot, out: &mut impl Write) -> io::Result<()> {
    let mut file = open(out);
    write_row(&mut file, stats_columns())?;
    for row in stats_rows(&snapshot.total, snapshot) {
        write_row(&mut file, row)?;
    }
    file.flush()
}

fn stats_columns() -> impl Iterator<Item = String> {
    STATS.map(str::to_owned).into_iter().chain(percentile_columns())
}

/// A row for each label that has requests in a window of the run, `Aggregated` last.
fn stats_rows(window: &Window, snapshot: &Snapshot) -> Vec<Vec<String>> {
    let row = |names: [String; 2], stats: &LabelStats| {
        let fields = names.into_iter().chain(since_the_beginning(stats));
        let rates = rates([stats.requests, stats.failed], snapshot);
        fields.chain(rates).chain(percentiles(&stats.response)).collect()
    };
    let labels = labels::sorted(window, snapshot).into_iter();
    let mut rows: Vec<_> = labels.map(|l| row([l.request_type, l.name], l.stats)).collect();
    rows.push(row([String::new(), AGGREGATED.to_owned()], &window.total()));
    rows
}

/// Requests and failures per second of the run.
fn rates(counts: [u64; 2], snapshot: &Snapshot) -> [String; 2] {
    counts.map(|n| per_second(n, snapshot.elapsed_ns).to_string())
}

/// Writes `PREFIX_failures.csv`: a row for each failure that was told apart under each label.
/// `began_unix` is when the run began, as a time since the beginning of 1970.
///
/// # Errors
/// The writer's.
pub fn failures(snapshot: &Snapshot, began_unix: Duration, out: &mut impl Write) -> io::Result<()> {
    let mut file = open(out);
    write_row(&mut file, FAILURES)?;
    let at = |ns| calendar::utc(calendar::unix(ns, snapshot, began_unix));
    for label in labels::sorted(&snapshot.total, snapshot) {
        let failures = &label.stats.failures;
        let kept = failures.kept().map(|(failure, seen)| (failure.to_string(), seen));
        let folded = failures.folded().map(|(kind, seen)| (format!("{kind} (other)"), seen));
        for (text, Occurrences { count, first_ns, last_ns }) in kept.chain(folded) {
            let [request_type, name] = [&label.request_type, &label.name].map(String::clone);
            let count = count.to_string();
            let fields = [request_type, name, text, count, at(*first_ns), at(*last_ns)];
            write_row(&mut file, fields)?;
        }
    }
    file.flush()
}

/// Writes `PREFIX_exceptions.csv`: a row for each error of the scenario that was told apart.
///
/// # Errors
/// The writer's.
pub fn exceptions(snapshot: &Snapshot, out: &mut impl Write) -> io::Result<()> {
    let mut file = open(out);
    write_row(&mut file, EXCEPTIONS)?;
    let errors = &snapshot.total.errors;
    let kept = errors.kept().map(|(ErrorKey { kind, place, message }, seen)| {
        let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
        let trace = format!("{} in {place}\n{rest}", kind.as_str());
        (seen.count, first.trim_end().to_owned(), trace.trim_end().to_owned())
    });
    let folded = errors.folded().map(|(kind, seen)| (seen.count, "(other)".into(), kind.into()));
    for (count, message, traceback) in kept.chain(folded) {
        write_row(&mut file, [count.to_string(), message, traceback, NODE.to_owned()])?;
    }
    file.flush()
}

fn open<W: Write>(out: W) -> ::csv::Writer<W> {
    ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out)
}

fn write_row<W: Write, T: AsRef<[u8]>>(
    file: &mut ::csv::Writer<W>,
    fields: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    Ok(file.write_record(fields)?)
}

/// The columns of the percentiles: `50%` to `100%`.
fn percentile_columns() -> impl Iterator<Item = String> {
    PERCENTILES.into_iter().map(|percentile| format!("{percentile}%"))
}

fn percentiles(times: &Times) -> [String; PERCENTILES.len()] {
    PERCENTILES.map(|percentile| match times.count() {
        0 => NOT_APPLICABLE.to_owned(),
        _ => milliseconds(times.percentile_us(percentile)),
    })
}

/// The seven figures since the run began that two of the files have: counts, times, size.
fn since_the_beginning(stats: &LabelStats) -> [String; 7] {
    let times = &stats.response;
    let size = match stats.requests {
        0 => 0.0,
        requests => stats.bytes_received as f64 / requests as f64,
    };
    [
        stats.requests.to_string(),
        stats.failed.to_string(),
        milliseconds(times.percentile_us(50.0)),
        (times.mean_us() / 1_000.0).to_string(),
        milliseconds(times.min_us()),
        milliseconds(times.max_us()),
        size.to_string(),
    ]
}

/// Microseconds as milliseconds, exactly, with as few places as that takes.
fn milliseconds(us: u64) -> String {
    match (us / 1_000, us % 1_000) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:03}").trim_end_matches('0').to_owned(),
    }
}

/// How many per second. 0 where no time has passed.
fn per_second(n: u64, ns: u64) -> f64 {
    if ns == 0 { 0.0 } else { n as f64 * 1e9 / ns as f64 }
}
