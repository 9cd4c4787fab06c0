//! Where a run's figures go beside the screen: flags, files, and what is written when.

use super::api::began_unix;
use super::baseline::Baseline;
use super::run::LogLevel;
use crate::compare::Compared;
use crate::export::push::Push;
use crate::report::csv::{self, History};
use crate::report::{self, Results, RunInfo, Series};
use crate::run::{EventLog, Outcome};
use anyhow::Context as _;
use katydid_load::Snapshot;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is reported, and where to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv and PREFIX_exceptions.csv,
    /// in the columns of Locust; after a swap also PREFIX_versions.csv and PREFIX_swaps.csv
    #[arg(long, value_name = "PREFIX")]
    csv: Option<PathBuf>,
    /// A row for each label, not only for all together, in each second of PREFIX_stats_history.csv
    #[arg(long, requires = "csv")]
    csv_full_history: bool,
    /// Write all results as one JSON document; - is standard output, in place of the summary
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write all results as one HTML page that needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the verdict, thresholds and checks as JUnit XML, for CI
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write every sample: CSV where the file ends in .csv, else JSON lines
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
    /// Print the first few whole exchanges of each failure before the summary
    #[arg(long)]
    pub(super) show_failures: bool,
    /// Log every event of the run, as JSON lines
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Print nothing before the summary
    #[arg(long)]
    pub(super) only_summary: bool,
    /// Print nothing but errors: the exit code and the files say the rest
    #[arg(short, long, conflicts_with = "only_summary")]
    pub(super) quiet: bool,
    /// Least grave lines of the scenario's log that are shown
    #[arg(short = 'L', long, value_name = "LEVEL", default_value = "info")]
    pub(super) loglevel: LogLevel,
}

/// Seconds between two versions of the CSV files that are written anew each time.
const ANEW_S: u32 = 10;

impl OutputArgs {
    /// Whether the summary goes to standard output.
    pub(super) fn summary(&self) -> bool {
        !self.quiet && !self.json.as_deref().is_some_and(is_stdout)
    }

    /// Opens every file, before anything runs: the logs of events, and the rest.
    pub(super) fn open(&self, mistakes: &mut Vec<String>) -> (Vec<EventLog>, Outputs) {
        let mut logs = Vec::new();
        if let Some(file) = self.events.as_deref().and_then(|path| create(path, "events", mistakes))
        {
            logs.push(EventLog {
                format: report::events::json_line,
                to: Box::new(BufWriter::new(file)),
            });
        }
        if let Some(path) = self.samples.as_deref()
            && let Some(file) = create(path, "samples", mistakes)
        {
            logs.push(samples(path, BufWriter::new(file)));
        }
        let csv = self.csv.as_deref().and_then(|prefix| Csv::open(prefix, mistakes));
        let json: Option<Box<dyn Write>> = match self.json.as_deref() {
            None => None,
            Some(path) if is_stdout(path) => Some(Box::new(std::io::stdout())),
            Some(path) => match create(path, "results", mistakes) {
                Some(file) => Some(Box::new(file)),
                None => None,
            },
        };
        let mut open = |path: &Option<PathBuf>, what| create(path.as_deref()?, what, mistakes);
        let (html, junit) = (open(&self.html, "page"), open(&self.junit, "JUnit file"));
        let full_history = self.csv_full_history;
        let series = Series::default();
        (
            logs,
            Outputs {
                csv,
                full_history,
                json,
                html,
                junit,
                series,
                pushes: Vec::new(),
                baseline: None,
                failed: None,
            },
        )
    }
}

/// A log of samples alone: CSV by the file's ending.
fn samples(path: &Path, mut to: BufWriter<File>) -> EventLog {
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if !is_csv {
        return EventLog { format: report::samples::json_line, to: Box::new(to) };
    }
    // What cannot be written here cannot be written later either, and is told then.
    let _ = to.write_all(report::samples::CSV_HEADER.as_bytes());
    EventLog { format: report::samples::csv_line, to: Box::new(to) }
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn create(path: &Path, what: &str, mistakes: &mut Vec<String>) -> Option<File> {
    let file = File::create(path);
    let cure = "check that the folder exists and that you may write to it";
    file.map_err(|error| {
        mistakes.push(format!("cannot write the {what} to {:?}: {error}; {cure}", path.display()));
    })
    .ok()
}

/// The files of a run.
pub(super) struct Outputs {
    csv: Option<Csv>,
    full_history: bool,
    json: Option<Box<dyn Write>>,
    html: Option<File>,
    junit: Option<File>,
    series: Series,
    pushes: Vec<Push>,
    baseline: Option<Baseline>,
    /// What went wrong first; the run goes on without that file.
    failed: Option<anyhow::Error>,
}

impl Outputs {
    /// Pushes figures too.
    pub(super) fn push_to(&mut self, pushes: Vec<Push>) {
        self.pushes = pushes;
    }

    /// Compares the run with an earlier one when it has ended.
    pub(super) fn compare_with(&mut self, baseline: Option<Baseline>) {
        self.baseline = baseline;
    }

    /// Takes a second of the run.
    pub(super) fn second(&mut self, snapshot: &Snapshot) {
        self.pushes.iter_mut().for_each(|push| push.offer(snapshot));
        if self.json.is_some() || self.html.is_some() || self.baseline.is_some() {
            self.series.push(snapshot);
        }
        let full_history = self.full_history;
        self.try_csv(|csv| csv.second(snapshot, full_history));
    }

    /// Writes what can only be written at the end, and compares where that is asked for. An error is the
    /// first that any file had.
    pub(super) fn finish(
        &mut self,
        info: &RunInfo,
        outcome: &Outcome,
    ) -> anyhow::Result<Option<Compared>> {
        let snapshot = &outcome.snapshot;
        self.second(snapshot);
        self.try_csv(|csv| csv.write_anew(snapshot));
        let results = Results {
            info,
            began_unix: began_unix(snapshot),
            snapshot,
            series: &self.series,
            verdict: &outcome.verdict,
            reason: &outcome.reason,
        };
        let json = self.json.take().map(|to| {
            let mut to = BufWriter::new(to);
            report::json::write(&results, &mut to)
                .and_then(|()| to.flush())
                .context("cannot write the results")
        });
        let html = self.html.take().map(|to| {
            let mut to = BufWriter::new(to);
            report::html(&results, &mut to)
                .and_then(|()| to.flush())
                .context("cannot write the page")
        });
        let junit = self.junit.take().map(|to| {
            let mut to = BufWriter::new(to);
            let written = report::junit(&results, &mut to).and_then(|()| to.flush());
            written.context("cannot write the JUnit file")
        });
        let compared = self.baseline.take().map(|baseline| baseline.compare(&results)).transpose();
        for error in [json, html, junit].into_iter().flatten().filter_map(Result::err) {
            self.failed.get_or_insert(error);
        }
        for push in self.pushes.drain(..) {
            if let Some(complaint) = push.finish(snapshot).complaint() {
                eprintln!("warning: {complaint}");
            }
        }
        self.failed.take().map_or(compared, Err)
    }

    fn try_csv(&mut self, write: impl FnOnce(&mut Csv) -> std::io::Result<()>) {
        let Some(csv) = &mut self.csv else { return };
        if let Err(error) = write(csv).context("cannot write the CSV files") {
            self.failed.get_or_insert(error);
            self.csv = None;
        }
    }
}

/// Locust's four files, and two of our own after a swap.
struct Csv {
    prefix: PathBuf,
    /// Opened at once; its first row needs to know when the run began.
    history: Option<File>,
    rows: Option<History<File>>,
    seconds: u32,
}

impl Csv {
    /// Makes all four, so that what cannot be written is known before the run.
    fn open(prefix: &Path, mistakes: &mut Vec<String>) -> Option<Self> {
        let mut make = |name| create(&named(prefix, name), "CSV files", mistakes);
        let (history, stats) = (make("stats_history"), make("stats"));
        let (failures, exceptions) = (make("failures"), make("exceptions"));
        (stats.is_some() && failures.is_some() && exceptions.is_some() && history.is_some())
            .then(|| Self { prefix: prefix.to_owned(), history, rows: None, seconds: 0 })
    }

    fn second(&mut self, snapshot: &Snapshot, full_history: bool) -> std::io::Result<()> {
        if let Some(file) = self.history.take() {
            self.rows = Some(History::new(file, full_history, began_unix(snapshot))?);
        }
        if let Some(rows) = &mut self.rows {
            rows.append(snapshot)?;
        }
        self.seconds += 1;
        if self.seconds.is_multiple_of(ANEW_S) { self.write_anew(snapshot) } else { Ok(()) }
    }

    fn write_anew(&self, snapshot: &Snapshot) -> std::io::Result<()> {
        let file = |name| File::create(named(&self.prefix, name));
        csv::stats(snapshot, &mut file("stats")?)?;
        csv::failures(snapshot, began_unix(snapshot), &mut file("failures")?)?;
        csv::exceptions(snapshot, &mut file("exceptions")?)?;
        if snapshot.marks_ever == 0 {
            return Ok(());
        }
        csv::versions(snapshot, &mut file("versions")?)?;
        csv::swaps(snapshot, began_unix(snapshot), &mut file("swaps")?)
    }
}

fn named(prefix: &Path, name: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(format!("_{name}.csv"));
    path.into()
}
