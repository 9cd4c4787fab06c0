//! The results as a page for people: one file that needs no network, no other file, and no script but for the
//! figures under a pointer. Charts are drawn here, tables are those of the summary.
//!
//! Nothing that came from elsewhere is markup ([`markup`]); and if it were, no script but our own would run,
//! and nothing would be fetched: a policy in the page says so, with the digests of its style and its script.
mod chart;
mod distribution;
mod failures;
mod markup;
mod over_time;
mod scale;
mod seconds;
mod tables;
#[cfg(test)]
mod tests;

use super::results::Results;
use super::table::Table;
use super::{
    against, arrivals, calendar, facts, fit, metrics, number, percentiles, scenarios, sections,
    stats, swaps, thresholds, versions,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::Chart;
use distribution::Percentiles;
use katydid_load::Verdict;
use markup::{Markup, element};
use over_time::OverTime;
use sha2::{Digest as _, Sha256};
use stats::Pace;
use std::io::{self, Write};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes the page.
///
/// # Errors
/// The writer's.
pub fn html(results: &Results<'_>, out: &mut impl Write) -> io::Result<()> {
    let over_time = OverTime::new(results);
    let percentiles = Percentiles::new(results.snapshot.total.total().requests);
    let [times, distributions] = [over_time.charts(), percentiles.charts(results.snapshot)];
    let figures = times.iter().chain(&distributions);
    let figures = figures.map(|chart| (chart.id.to_owned(), chart.data())).collect();
    let main: Markup = [
        verdict(results),
        warnings(results),
        optional("Thresholds", thresholds::table(results.snapshot)),
        requests(results),
        charts(&over_time, &times),
        distribution(&distributions),
        optional("Scenarios", scenarios::table(results.snapshot, results.info)),
        failures(results),
        side_by_side(results),
        others(results),
    ]
    .into_iter()
    .collect();
    let parts = [
        ("policy", Markup::text(&policy())),
        ("title", Markup::text(&format!("{}: {}", names(results), results.verdict))),
        ("style", Markup::own(STYLE)),
        ("main", main),
        ("figures", Markup::json(&serde_json::Value::Object(figures))),
        ("script", Markup::own(SCRIPT)),
    ];
    fill(PAGE, &parts, out)
}

/// Writes a template: what stands in double braces is the name of a part.
fn fill(template: &str, parts: &[(&str, Markup)], out: &mut impl Write) -> io::Result<()> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        out.write_all(before.as_bytes())?;
        if let Some((_, part)) = parts.iter().find(|(known, _)| *known == name) {
            out.write_all(part.as_str().as_bytes())?;
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// What the page may do: show itself.
fn policy() -> String {
    let [style, script] = [STYLE, SCRIPT].map(|text| STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// What ran.
fn names(results: &Results<'_>) -> String {
    let names = results.info.scenarios.iter().map(|scenario| fit::escaped(&scenario.name, 100));
    names.collect::<Vec<_>>().join(", ")
}

/// A part of the page under a heading; nothing where nothing is in it.
fn section(title: &str, inside: Markup) -> Markup {
    if inside.is_empty() {
        return inside;
    }
    element("section").with(element("h2").text(title)).with(inside).into()
}

fn optional(title: &str, table: Option<Table>) -> Markup {
    section(title, table.map(|table| tables::table(&table, title)).unwrap_or_default())
}

/// How it came out, and what it was.
fn verdict(results: &Results<'_>) -> Markup {
    let Results { info, snapshot, verdict, reason, .. } = *results;
    let (class, sign) = match verdict {
        Verdict::Passed => ("verdict good", "✓"),
        Verdict::Interrupted => ("verdict doubt", "!"),
        _ => ("verdict bad", "✗"),
    };
    let code = verdict.exit_code();
    let sign = element("span").class("sign").attr("aria-hidden", "true").text(sign);
    let words = element("strong").text(format!("{verdict} (exit code {code})"));
    let grounds = element("span").text(facts::grounds(snapshot, verdict));
    let banner = element("div").class(class).with(sign);
    let banner = banner.with(element("p").with(words).with(element("br")).with(grounds));
    let began = calendar::utc(results.began_unix);
    let when = element("p").class("small").with(Markup::text("Load test of "));
    let when =
        when.with(element("time").attr("datetime", &began).text(began.replace(['T', 'Z'], " ")));
    let facts = tables::table(&facts::facts(snapshot, info, reason), "");
    let head = element("header").with(element("h1").text(names(results)));
    let head: Markup = head.with(when.text("UTC")).with(banner).into();
    [head, section("Run", facts)].into_iter().collect()
}

fn warnings(results: &Results<'_>) -> Markup {
    let warnings = results.snapshot.warnings.iter().map(|warning| {
        let cure = element("span").class("cure").text(format!("What to do: {}.", warning.cure()));
        element("li").text(fit::escaped(&warning.to_string(), 600)).with(element("br")).with(cure)
    });
    let warnings: Markup = warnings.collect();
    if warnings.is_empty() {
        return warnings;
    }
    section(
        "Warnings: doubts about these very figures",
        element("ul").class("warnings").with(warnings).into(),
    )
}

/// The tables of labels, and beside each what became of the arrivals.
fn requests(results: &Results<'_>) -> Markup {
    let snapshot = results.snapshot;
    if snapshot.total.labels().next().is_none() {
        return section("Requests", element("p").text("No request was made.").into());
    }
    let arrivals = || -> Markup {
        let words = arrivals::in_words(&snapshot.total.arrivals);
        let line = |words: String| Markup::from(element("p").text(format!("Arrivals: {words}")));
        words.map(line).unwrap_or_default()
    };
    let requests = stats::table(snapshot, usize::MAX, Pace::WholeRun);
    let (title, percentiles) = percentiles::table(snapshot);
    let mut parts = section(
        "Requests",
        [tables::table(&requests, "Requests"), arrivals()].into_iter().collect(),
    );
    let doubt = element("p").class("small").text(percentiles::DOUBT).into();
    let percentiles = [tables::table(&percentiles, title), doubt, arrivals()];
    parts.add(section(title, percentiles.into_iter().collect()));
    parts
}

/// The charts over time, and their figures.
fn charts(over_time: &OverTime, charts: &[Chart<'_>]) -> Markup {
    let figures: Markup = charts.iter().map(Chart::figure).collect();
    let each = match over_time.length_s {
        1.0 => "Each point is a second.".to_owned(),
        length => {
            let length = number::span((length * 1e9) as u64);
            format!(
                "Each point stands for {length}: rates are means, users, times and busy shares the \
                 highest of its seconds."
            )
        }
    };
    let table = tables::table(&over_time.table(), "The run over time");
    let summary = element("summary").text("The same in figures");
    let details = element("details").with(summary).with(table);
    let parts: [Markup; 3] = [
        element("p").class("small").text(each).into(),
        element("div").class("charts").with(figures).into(),
        details.into(),
    ];
    section("Over time", parts.into_iter().collect())
}

fn distribution(charts: &[Chart<'_>]) -> Markup {
    if charts.is_empty() {
        return Markup::default();
    }
    let figures: Markup = charts.iter().map(Chart::figure).collect();
    let words = "Each step to the right leaves a tenth of the requests: at 99% stands the time that one in a \
                 hundred exceeds.";
    let parts: [Markup; 2] = [
        element("p").class("small").text(words).into(),
        element("div").class("charts").with(figures).into(),
    ];
    section("Distribution", parts.into_iter().collect())
}

fn failures(results: &Results<'_>) -> Markup {
    let snapshot = results.snapshot;
    let mut parts = optional("Failures", sections::failures(snapshot));
    parts.add(section("The first failed exchanges", failures::exchanges(snapshot)));
    let calls = sections::inner_calls(&snapshot.total);
    parts.add(optional("Calls inside system.multicall", calls));
    parts.add(optional("Errors of the scenario", sections::errors(snapshot)));
    parts
}

/// The versions of the scenario, and how one took another's place.
fn side_by_side(results: &Results<'_>) -> Markup {
    let Results { info, snapshot, .. } = *results;
    let mut parts = optional("Versions", versions::summary(snapshot, info));
    if let Some((title, table)) = against::table(snapshot) {
        parts.add(optional(&title, Some(table)));
    }
    parts.add(optional("Swaps", swaps::table(snapshot, info)));
    parts
}

fn others(results: &Results<'_>) -> Markup {
    let snapshot = results.snapshot;
    let mut parts = optional("Checks", sections::checks(&snapshot.total));
    for (title, table) in metrics::tables(snapshot) {
        parts.add(optional(title, Some(table)));
    }
    parts
}
