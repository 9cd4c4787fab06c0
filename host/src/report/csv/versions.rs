//! What Locust has no file for: the versions of the scenario, and the swaps.
use super::{PERCENTILES, milliseconds, open, rates, stats_columns, stats_rows, write_row};
use crate::report::calendar;
use crate::report::fit;
use crate::report::stats::AGGREGATED;
use crate::report::swaps as steps;
use katydid_load::{Mark, Snapshot, VersionState};
use std::io::{self, Write};
use std::time::Duration;

/// The columns of `PREFIX_swaps.csv`.
const SWAPS: [&str; 7] = ["Timestamp", "Version", "Digest", "Step", "Share", "Took", "Reason"];
/// Columns of a row of old: its names, counts and rates; the other figures are known no more.
const UNKNOWN_TIMES: usize = 5;
/// Longest digest that is written, in characters; those of SHA-256 have 64.
const DIGEST_CHARS: usize = 100;

/// Writes `PREFIX_versions.csv`: for each version that has had users, the first one first, its number, the
/// digest of its module, and the columns and rows of `PREFIX_stats.csv`. A version that is one of the old
/// ones, whose counts alone are kept, has the row `Aggregated` only, and nothing where its times would stand.
///
/// Rates are per second of the whole run, so that those of all versions add up to the run's.
///
/// # Errors
/// The writer's.
pub fn versions(snapshot: &Snapshot, out: &mut impl Write) -> io::Result<()> {
    let mut file = open(out);
    let header = ["Version", "Digest"].map(str::to_owned);
    write_row(&mut file, header.into_iter().chain(stats_columns()))?;
    for version in &snapshot.versions {
        let rows = match &version.total {
            Some(total) => stats_rows(total, snapshot),
            None => vec![counts(version, snapshot)],
        };
        for row in rows {
            let names = [version.number.to_string(), fit::escaped(&version.digest, DIGEST_CHARS)];
            write_row(&mut file, names.into_iter().chain(row))?;
        }
    }
    file.flush()
}

/// The row of a version whose counts alone are kept.
fn counts(version: &VersionState, snapshot: &Snapshot) -> Vec<String> {
    let counts = [version.counts.requests, version.counts.failed];
    let unknown = |n| std::iter::repeat_n(String::new(), n);
    let names = [String::new(), AGGREGATED.to_owned()].into_iter();
    let counted = counts.map(|n| n.to_string()).into_iter().chain(unknown(UNKNOWN_TIMES));
    let rates = rates(counts, snapshot).into_iter();
    names.chain(counted).chain(rates).chain(unknown(PERCENTILES.len())).collect()
}

/// Writes `PREFIX_swaps.csv`: a row for each of the latest steps of swaps, the oldest of them first.
/// `began_unix` is when the run began, as a time since the beginning of 1970.
///
/// The timestamp is in seconds since then, to the millisecond; the share of the users is from 0 to 1; how
/// long the swap took is in milliseconds. What a step does not say is empty.
///
/// # Errors
/// The writer's.
pub fn swaps(snapshot: &Snapshot, began_unix: Duration, out: &mut impl Write) -> io::Result<()> {
    let mut file = open(out);
    write_row(&mut file, SWAPS)?;
    for Mark { at_ns, version, digest, step, .. } in &snapshot.marks {
        let at = calendar::unix(*at_ns, snapshot, began_unix);
        let share = steps::share(step).map(|share| share.get().to_string());
        let took = steps::took_ns(step).map(|ns| milliseconds(ns / 1_000));
        let fields = [
            format!("{}.{:03}", at.as_secs(), at.subsec_millis()),
            version.to_string(),
            fit::escaped(digest, DIGEST_CHARS),
            step.as_str().to_owned(),
            share.unwrap_or_default(),
            took.unwrap_or_default(),
            steps::reason(step).unwrap_or_default(),
        ];
        write_row(&mut file, fields)?;
    }
    file.flush()
}
