//! The file that grows by the second.
use super::{open, per_second, percentile_columns, percentiles, since_the_beginning, write_row};
use crate::report::labels;
use crate::report::stats::{self, AGGREGATED};
use katydid_load::{LabelId, LabelStats, Snapshot, Times};
use std::io::{self, Write};
use std::time::Duration;

/// The columns before the percentiles.
const BEFORE: [&str; 6] = ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"];
/// The columns after the percentiles.
const AFTER: [&str; 7] = [
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
];
/// The shortest time over which a rate is taken: the last row of a run may stand for a few milliseconds,
/// and a rate over those would tower over the chart.
const SHORTEST_NS: u64 = 1_000_000_000;

/// Writes `PREFIX_stats_history.csv`: rows are appended for each snapshot, and flushed.
///
/// Rates are those of the time since the row before, a second. (Locust shows the mean of ten seconds of
/// which the last was two seconds ago, because it waits for its workers.) They come from the totals: a
/// snapshot that was missed is made up for by the next.
///
/// The percentiles are those since the run began; with the full history, which has a row for each label
/// too, those of the last second, and `N/A` in a second without requests. (There, Locust shows about ten
/// seconds, and zeros.)
#[derive(Debug)]
pub struct History<W: Write> {
    file: ::csv::Writer<W>,
    full: bool,
    began_unix: Duration,
    /// When the last row was written; none yet where none was.
    written_at_ns: Option<u64>,
    /// Requests and failures of all labels when the last row was written.
    all: [u64; 2],
    /// The same by label, for the full history.
    by_label: Vec<[u64; 2]>,
}

impl<W: Write> History<W> {
    /// Begins the file with its header. `full` adds a row for each label; `began_unix` is when the run
    /// began, as a time since the beginning of 1970.
    ///
    /// # Errors
    /// The writer's.
    pub fn new(out: W, full: bool, began_unix: Duration) -> io::Result<Self> {
        let mut file = open(out);
        let [before, after] = [&BEFORE[..], &AFTER].map(|c| c.iter().map(|c| (*c).to_owned()));
        write_row(&mut file, before.chain(percentile_columns()).chain(after))?;
        file.flush()?;
        let (written_at_ns, all, by_label) = (None, [0, 0], Vec::new());
        Ok(Self { file, full, began_unix, written_at_ns, all, by_label })
    }

    /// Appends the rows of one snapshot, `Aggregated` last. One that was given before, as the last one of
    /// a run easily is, adds nothing.
    ///
    /// # Errors
    /// The writer's; the file may then end in the middle of a row.
    pub fn append(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let all = stats::since_the_beginning(snapshot);
        if self.written_at_ns == Some(snapshot.elapsed_ns) && self.all == all {
            return Ok(());
        }
        let before_ns = self.written_at_ns.replace(snapshot.elapsed_ns).unwrap_or(0);
        let now = Now {
            at: self.began_unix.saturating_add(Duration::from_nanos(snapshot.elapsed_ns)),
            users: snapshot.users,
            span_ns: snapshot.elapsed_ns.saturating_sub(before_ns).max(SHORTEST_NS),
        };
        if self.full {
            self.append_labels(snapshot, &now)?;
        }
        let total = snapshot.total.total();
        let second = self.full.then(|| snapshot.window.total().response);
        let times = second.as_ref().unwrap_or(&total.response);
        let names = [String::new(), AGGREGATED.to_owned()];
        let new = since(&mut self.all, &total);
        write_row(&mut self.file, now.row(names, new, times, &total))?;
        self.file.flush()
    }

    fn append_labels(&mut self, snapshot: &Snapshot, now: &Now) -> io::Result<()> {
        let nothing = Times::default();
        for label in labels::sorted(&snapshot.total, snapshot) {
            let second = snapshot.window.label(label.id).map_or(&nothing, |stats| &stats.response);
            let new = since(self.seen(label.id), label.stats);
            let names = [label.request_type, label.name];
            write_row(&mut self.file, now.row(names, new, second, label.stats))?;
        }
        Ok(())
    }

    /// What had been counted under a label when the last row was written.
    fn seen(&mut self, label: LabelId) -> &mut [u64; 2] {
        if self.by_label.len() <= label.index() {
            self.by_label.resize(label.index() + 1, [0, 0]);
        }
        &mut self.by_label[label.index()]
    }
}

/// Requests and failures since the last time, which is now.
fn since(seen: &mut [u64; 2], stats: &LabelStats) -> [u64; 2] {
    let counted = [stats.requests, stats.failed];
    let new = [0, 1].map(|i| counted[i].saturating_sub(seen[i]));
    *seen = counted;
    new
}

/// What the rows of one snapshot share.
struct Now {
    /// When the snapshot was taken, since the beginning of 1970.
    at: Duration,
    users: u32,
    /// The time that the rates are taken over.
    span_ns: u64,
}

impl Now {
    fn row(
        &self,
        names: [String; 2],
        new: [u64; 2],
        times: &Times,
        total: &LabelStats,
    ) -> impl Iterator<Item = String> {
        let rates = new.map(|n| format!("{:.6}", per_second(n, self.span_ns)));
        [self.at.as_secs().to_string(), self.users.to_string()]
            .into_iter()
            .chain(names)
            .chain(rates)
            .chain(percentiles(times))
            .chain(since_the_beginning(total))
    }
}
