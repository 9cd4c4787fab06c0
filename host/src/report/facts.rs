//! What there is to say of a run in words: its facts, its warnings, its verdict.
use super::fit;
use super::number::{self, counted};
use super::sections::count_errors;
use super::stats::since_the_beginning;
use super::style::{Paint, Style};
use super::table::{Column, Table};
use super::thresholds;
use super::{RunInfo, ScenarioInfo};
use katydid_load::{Connections, ErrorKind, LabelStats, Snapshot, StopReason, Verdict, Warning};

/// Longest name of a file or a host that is shown, in characters.
const NAME_CHARS: usize = 300;

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The facts: a table of two columns without heads.
pub(super) fn facts(snapshot: &Snapshot, info: &RunInfo, reason: &StopReason) -> Table {
    let total = snapshot.total.total();
    let mut table = Table::new(vec![Column::words(""), Column::words("").wrap(20)]);
    let mut fact = |what: &str, text: String| table.row(vec![what.into(), text.into()]);
    for (what, text) in scenarios(info) {
        fact(what, text);
    }
    fact("ended", format!("after {}: {}", number::span(snapshot.elapsed_ns), because(reason)));
    fact("iterations", iterations(snapshot));
    fact("requests", requests(&total));
    let [sent, received] = [total.bytes_sent, total.bytes_received].map(number::bytes);
    fact("bytes", format!("{sent} sent, {received} received"));
    if snapshot.connections.opened > 0 {
        fact("connections", connections(&snapshot.connections));
    }
    if total.requests > 0 {
        fact("lateness", lateness(snapshot, total.requests));
    }
    if !snapshot.shards.is_empty() {
        fact("shards", shards(snapshot));
    }
    fact("katydid", VERSION.to_owned());
    table
}

/// What runs, where to, how much of it and how long. Each scenario has its own facts where there are several.
fn scenarios(info: &RunInfo) -> Vec<(&'static str, String)> {
    let escaped = |text: &str| fit::escaped(text, NAME_CHARS);
    let how_long = how_long(info);
    let several = info.scenarios.len() > 1;
    let mut facts = Vec::new();
    for scenario in &info.scenarios {
        let ScenarioInfo { name, file, host, digest, load, parameters, .. } = scenario;
        let name = if several { escaped(name) + ": " } else { String::new() };
        facts.push(("scenario", format!("{name}{} (sha256 {})", escaped(file), short(digest, 12))));
        facts.push(("host", escaped(host)));
        let until = if several { String::new() } else { format!(", {how_long}") };
        facts.push(("load", escaped(load) + &until));
        if !parameters.is_empty() {
            let parameters = parameters.iter().map(|(name, value)| format!("{name}={value}"));
            facts.push(("parameters", escaped(&parameters.collect::<Vec<_>>().join(", "))));
        }
    }
    if several {
        facts.push(("run", how_long));
    }
    facts
}

/// As much of a digest as people compare: so many of its characters.
pub(super) fn short(digest: &str, chars: usize) -> String {
    fit::escaped(digest, NAME_CHARS).chars().take(chars).collect()
}

/// `for 1m00s, seed 42`. How many iterations there are to be is said with the load.
fn how_long(info: &RunInfo) -> String {
    let endless = info.scenarios.iter().any(|scenario| scenario.iterations.is_none());
    let until = match info.run_time_ns {
        Some(ns) => format!("for {}, ", number::span(ns)),
        None if endless => "until stopped, ".to_owned(),
        None => String::new(),
    };
    format!("{until}seed {}", info.seed)
}

fn because(reason: &StopReason) -> String {
    match reason {
        StopReason::RunTime => "the run time was over".to_owned(),
        StopReason::UsersDone => "every user had ended".to_owned(),
        StopReason::Asked => "it was asked to stop".to_owned(),
        StopReason::Signal => "a signal came".to_owned(),
        StopReason::Threshold(rule) => {
            format!("a threshold was breached: {}", fit::escaped(rule, NAME_CHARS))
        }
        StopReason::Scenario(why) => {
            format!("the scenario stopped it: {}", fit::escaped(why, NAME_CHARS))
        }
    }
}

fn iterations(snapshot: &Snapshot) -> String {
    let completed = number::count(snapshot.total.iterations);
    match snapshot.total.interrupted_iterations {
        0 => format!("{completed} completed"),
        n => format!("{completed} completed, {} interrupted", number::count(n)),
    }
}

fn requests(total: &LabelStats) -> String {
    let parts =
        [(total.failed, "failed"), (total.unsent, "never sent"), (total.retries, "retried")];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<_> = parts.map(|(n, what)| format!("{} {what}", number::count(n))).collect();
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", number::count(total.requests), parts.join(", "))
}

fn connections(connections: &Connections) -> String {
    let Connections { opened, reused, full_handshakes, resumed_handshakes, redirects, lookups } =
        *connections;
    let parts = [
        (reused, "requests on kept ones"),
        (full_handshakes, "TLS handshakes in full"),
        (resumed_handshakes, "resumed"),
        (redirects, "redirects followed"),
        (lookups, "look-ups of names"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts = parts.map(|(n, what)| format!(", {} {what}", number::count(n)));
    format!("{} opened{}", number::count(opened), parts.collect::<String>())
}

/// How busy each of our threads was: above nine tenths its own delay is in the figures.
fn shards(snapshot: &Snapshot) -> String {
    let busy = snapshot.shards.iter().map(|shard| {
        let mean = number::share(shard.mean_busy_share);
        format!("{mean} (at most {})", number::share(shard.most_busy_share))
    });
    let busy: Vec<_> = busy.collect();
    format!("{}, busy {}", busy.len(), busy.join(", "))
}

/// Our own delay, always reported: it is there to be nothing.
fn lateness(snapshot: &Snapshot, requests: u64) -> String {
    let lateness = &snapshot.total.lateness;
    if lateness.max_us == 0 {
        return "none".to_owned();
    }
    let mean = match (lateness.sum_us as f64 / requests as f64).round() as u64 {
        0 => "less than 0.001".to_owned(),
        mean => number::ms(mean),
    };
    format!("{mean} ms on average, {} ms at most", number::ms(lateness.max_us))
}

/// The warnings with their cures, wrapped; at most so many.
pub(super) fn warnings(warnings: &[Warning], limit: usize, style: &Style) -> Vec<String> {
    let one = |warning: &Warning| {
        let text = fit::escaped(&format!("{warning}; {}", warning.cure()), 600);
        fit::hanging("warning:", &text, Paint::Doubt, style)
    };
    let mut lines: Vec<String> = warnings.iter().take(limit).flat_map(one).collect();
    let more = warnings.len().saturating_sub(limit) as u64;
    if more > 0 {
        let text = format!("… {}", counted(more, "more warning"));
        lines.push(style.paint(Paint::Doubt, &fit::cut(&text, style.width, style)));
    }
    lines
}

/// The verdict in a sentence: what it is, its exit code, what it rests on.
pub(super) fn verdict(snapshot: &Snapshot, verdict: &Verdict, style: &Style) -> Vec<String> {
    let paint = match verdict {
        Verdict::Passed => Paint::Good,
        Verdict::Interrupted => Paint::Doubt,
        Verdict::RequestsFailed | Verdict::ThresholdBreached | Verdict::Aborted { .. } => {
            Paint::Bad
        }
    };
    let code = verdict.exit_code();
    let text = format!("{verdict} (exit code {code}): {}", grounds(snapshot, verdict));
    fit::hanging("verdict:", &text, paint, style)
}

/// What a verdict rests on: requests that failed, and what the scenario did wrong.
pub(super) fn grounds(snapshot: &Snapshot, verdict: &Verdict) -> String {
    let [requests, failed] = since_the_beginning(snapshot);
    let of = || format!("{} of {}", number::count(failed), counted(requests, "request"));
    let ratio = || number::percent(failed, requests);
    let mut grounds = match (requests, failed, verdict) {
        (0, ..) => "no request was made".to_owned(),
        (_, 0, _) => format!("{}, none failed", counted(requests, "request")),
        (_, _, Verdict::RequestsFailed) => format!("{} ({})", of(), ratio()),
        _ => format!("{} failed ({})", of(), ratio()),
    };
    let errors = [(ErrorKind::Trap, "trap"), (ErrorKind::Failed, "failed iteration")];
    let errors = errors.map(|(kind, what)| (count_errors(&snapshot.total, kind), what));
    let errors = errors.into_iter().filter(|(n, _)| *n > 0);
    let errors: Vec<_> = errors.map(|(n, what)| counted(n, what)).collect();
    if !errors.is_empty() {
        // The verdict says that requests failed where only the scenario did: say who it was.
        grounds += if failed > 0 { ", " } else { "; the scenario itself failed: " };
        grounds += &errors.join(", ");
    }
    match thresholds::named(snapshot) {
        Some(named) if *verdict == Verdict::ThresholdBreached => format!("{named}; {grounds}"),
        _ => grounds,
    }
}
