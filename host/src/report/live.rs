//! The run as it goes.
use super::RunInfo;
use super::arrivals;
use super::facts;
use super::fit;
use super::number::{self, count};
use super::sections::count_errors;
use super::stats::{self, Pace};
use super::style::{Paint, Style};
use super::thresholds;
use super::versions;
use katydid_load::{ErrorKind, Snapshot, Stage, Warning};

/// Most labels that are listed; the others are only counted.
const MOST_LABELS: usize = 30;
/// Most warnings that are listed.
const MOST_WARNINGS: usize = 3;
/// Lines of the table that are no label's: heads, rule, `Aggregated`, `… 12 more labels`.
const TABLE_LINES: usize = 5;

/// The live view, to be drawn over the one before: each line ends in a newline, none is wider than
/// the style allows, and there are no more of them than it allows.
pub fn live(snapshot: &Snapshot, info: &RunInfo, style: &Style) -> String {
    let mut lines = fit::flow(&header(snapshot, info), style);
    let mut below = arrivals::lines(snapshot, style);
    let mut doubts = thresholds::live(snapshot, style);
    doubts.extend(facts::warnings(&snapshot.warnings, MOST_WARNINGS, style));
    if !doubts.is_empty() {
        below.push(String::new());
        below.extend(doubts);
    }
    lines.push(String::new());
    // The table of labels has at least one of them.
    let no_request = snapshot.total.labels().next().is_none();
    let table = if no_request { 1 } else { TABLE_LINES + 1 };
    let room = style.height.saturating_sub(lines.len() + table + below.len());
    lines.extend(versions::live(snapshot, info, room, style));
    if no_request {
        lines.push(fit::cut("no request yet", style.width, style));
    } else {
        let taken = lines.len() + TABLE_LINES + below.len();
        let limit = style.height.saturating_sub(taken).clamp(1, MOST_LABELS);
        lines.extend(stats::table(snapshot, limit, Pace::LastSecond).lines(style));
    }
    lines.extend(below);
    lines.truncate(style.height);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Where the run stands, in pieces that are never torn apart.
fn header(snapshot: &Snapshot, info: &RunInfo) -> Vec<(Paint, String)> {
    let [requests, _] = stats::since_the_beginning(snapshot);
    let [per_second, failing] = stats::last_second(snapshot, None);
    let paint = |is: bool, paint| if is { paint } else { Paint::Plain };
    let saturated =
        snapshot.warnings.iter().any(|w| matches!(w, Warning::GeneratorSaturated { .. }));
    let mut pieces = vec![
        (Paint::Strong, stage(snapshot).to_owned()),
        (Paint::Plain, time(snapshot, info)),
        (Paint::Plain, users(snapshot, info)),
        (Paint::Plain, number::counted(requests, "request")),
        (Paint::Plain, format!("{}/s", count(per_second))),
        (paint(failing > 0, Paint::Bad), format!("{} failures/s", count(failing))),
    ];
    pieces.extend(errors(snapshot).map(|errors| (Paint::Bad, errors)));
    pieces.extend(busy(snapshot).map(|busy| (paint(saturated, Paint::Doubt), busy)));
    pieces
}

/// The run in one plain line, for readers without a screen.
pub fn progress_line(snapshot: &Snapshot, info: &RunInfo) -> String {
    let [requests, failed] = stats::since_the_beginning(snapshot);
    let [per_second, failing] = stats::last_second(snapshot, None);
    let mut parts =
        vec![format!("{} {}", stage(snapshot), time(snapshot, info)), users(snapshot, info)];
    parts.extend(versions::users(snapshot));
    parts.extend(arrivals::progress(snapshot));
    parts.extend([
        format!("{} ({}/s)", number::counted(requests, "request"), count(per_second)),
        format!("{} ({}/s)", number::counted(failed, "failure"), count(failing)),
    ]);
    if requests > 0 {
        let total = snapshot.total.total();
        let at = |percentile| number::ms(total.response.percentile_us(percentile));
        parts.push(format!("median {} ms, p95 {} ms", at(50.0), at(95.0)));
    }
    parts.extend(errors(snapshot));
    parts.extend(busy(snapshot));
    let breached = thresholds::number_breached(snapshot);
    if breached > 0 {
        parts.push(format!("{} breached", number::counted(breached, "threshold")));
    }
    if !snapshot.warnings.is_empty() {
        parts.push(number::counted(snapshot.warnings.len() as u64, "warning"));
    }
    parts.join(", ")
}

/// Where the run is in its life. Its end goes on though somebody has paused it.
fn stage(snapshot: &Snapshot) -> &'static str {
    match snapshot.stage {
        Stage::Spawning | Stage::Running if snapshot.paused => "paused",
        stage => stage.as_str(),
    }
}

fn time(snapshot: &Snapshot, info: &RunInfo) -> String {
    let elapsed = number::seconds(snapshot.elapsed_ns);
    match info.run_time_ns {
        Some(ns) => format!("{elapsed} of {}", number::span(ns)),
        None => elapsed,
    }
}

fn users(snapshot: &Snapshot, info: &RunInfo) -> String {
    format!("{}/{} users", count(snapshot.users.into()), count(info.peak_users()))
}

/// What the scenario did wrong, if anything: without it, users that only trap would look idle.
fn errors(snapshot: &Snapshot) -> Option<String> {
    let kinds = [ErrorKind::Trap, ErrorKind::Failed];
    let count = kinds.map(|kind| count_errors(&snapshot.total, kind)).iter().sum();
    (count > 0).then(|| number::counted(count, "scenario error"))
}

/// How busy the busiest shard was in the last second, if there is any.
fn busy(snapshot: &Snapshot) -> Option<String> {
    let busiest = snapshot.shards.iter().map(|shard| shard.busy_share).reduce(f64::max)?;
    Some(format!("busy {}", number::share(busiest)))
}
