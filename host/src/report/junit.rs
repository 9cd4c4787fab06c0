//! The run as a suite of tests, in JUnit's XML, for everything that shows those: CI servers, mostly.
//!
//! | test case | fails when |
//! |---|---|
//! | `run` | an error where the scenario aborted the run or a signal interrupted it |
//! | `requests` | the verdict is that requests failed |
//! | one for each threshold | it was breached; skipped where nothing was counted that it could be held against |
//! | one for each check | never: how often it passed and failed is its output |
//!
//! A check that failed decides nothing by itself, neither the exit code nor this file: a threshold does
//! (`checks{login} >= 99%`), and has a test case of its own. So some test case fails, or is an error, exactly
//! where the exit code is not 0.
use super::calendar;
use super::facts;
use super::fit;
use super::number;
use super::results::Results;
use katydid_load::{CheckStats, Holds, ThresholdState, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io::{self, Write};

/// Longest text of an attribute, in characters.
const TEXT_CHARS: usize = 1_000;

/// What became of a test case.
enum Outcome {
    Passed,
    /// Something was measured, and is not as it should be: what.
    Failed(String),
    /// It could not come to its end: why.
    Error(String),
    /// Nothing can be said: why.
    Skipped(String),
}

struct Case {
    /// What stands before its name: `katydid`, and what kind of case it is.
    class: &'static str,
    name: String,
    outcome: Outcome,
    output: Option<String>,
}

/// Writes the document.
///
/// # Errors
/// The writer's.
pub fn junit(results: &Results<'_>, out: &mut impl Write) -> io::Result<()> {
    let cases = cases(results);
    let how_many = |is: fn(&Outcome) -> bool| cases.iter().filter(|case| is(&case.outcome)).count();
    let counts = [
        ("tests", cases.len()),
        ("failures", how_many(|outcome| matches!(outcome, Outcome::Failed(_)))),
        ("errors", how_many(|outcome| matches!(outcome, Outcome::Error(_)))),
        ("skipped", how_many(|outcome| matches!(outcome, Outcome::Skipped(_)))),
    ];
    let counts = counts.map(|(name, count)| (name, count.to_string()));
    let time = ("time", seconds(results));
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = [("name", "katydid".to_owned())].into_iter().chain(counts.clone());
    begin(&mut xml, "testsuites", all.chain([time.clone()]))?;
    let names: Vec<_> = results.info.scenarios.iter().map(|scenario| &*scenario.name).collect();
    // Local times in the schemas that there are; ours is UTC, and the property `began` says so.
    let timestamp = calendar::utc(results.began_unix).trim_end_matches('Z').to_owned();
    let suite = [("name", names.join(", "))].into_iter().chain(counts);
    begin(&mut xml, "testsuite", suite.chain([time, ("timestamp", timestamp)]))?;
    begin(&mut xml, "properties", [])?;
    for (name, value) in properties(results) {
        empty(&mut xml, "property", [("name", name.to_owned()), ("value", value)])?;
    }
    end(&mut xml, "properties")?;
    cases.iter().try_for_each(|case| write_case(&mut xml, case, results))?;
    end(&mut xml, "testsuite")?;
    end(&mut xml, "testsuites")?;
    writeln!(out)
}

fn cases(results: &Results<'_>) -> Vec<Case> {
    let Results { snapshot, verdict, .. } = *results;
    let case =
        |class, name: &str, outcome| Case { class, name: name.to_owned(), outcome, output: None };
    let grounds = || format!("{verdict}: {}", facts::grounds(snapshot, verdict));
    let requests = match verdict {
        Verdict::RequestsFailed => Outcome::Failed(grounds()),
        _ => Outcome::Passed,
    };
    let thresholds = snapshot
        .thresholds
        .iter()
        .map(|state| case("katydid.thresholds", &state.rule, of_threshold(state)));
    let thresholds: Vec<_> = thresholds.collect();
    let breached = thresholds.iter().any(|case| matches!(case.outcome, Outcome::Failed(_)));
    let run = match verdict {
        Verdict::Aborted { .. } | Verdict::Interrupted => Outcome::Error(grounds()),
        // A breach that the last figures do not show any more ended the run all the same.
        Verdict::ThresholdBreached if !breached => Outcome::Failed(grounds()),
        _ => Outcome::Passed,
    };
    let mut cases = vec![case("katydid", "run", run), case("katydid", "requests", requests)];
    cases.extend(thresholds);
    let checks = &snapshot.total.checks;
    let kept = checks.kept().map(|(name, stats)| (name.as_str(), stats));
    let all = kept.chain(checks.folded().map(|(_, stats)| ("(other)", stats)));
    cases.extend(all.map(|(name, CheckStats { passed, failed })| {
        let share = number::percent(*passed, passed.saturating_add(*failed));
        let output = format!("{passed} passed, {failed} failed ({share} passed)");
        Case { output: Some(output), ..case("katydid.checks", name, Outcome::Passed) }
    }));
    cases
}

fn of_threshold(ThresholdState { rule, holds, value, aborts }: &ThresholdState) -> Outcome {
    let ended = if *aborts { "; it ends the run" } else { "" };
    match holds {
        Holds::Yes => Outcome::Passed,
        Holds::No => Outcome::Failed(format!("{rule} does not hold: {value}{ended}")),
        Holds::Unknown => Outcome::Skipped(value.clone()),
    }
}

/// The facts of the run, in words for people and figures for machines.
fn properties(results: &Results<'_>) -> Vec<(&'static str, String)> {
    let Results { info, snapshot, verdict, reason, .. } = *results;
    let mut properties = vec![("version", facts::VERSION.to_owned())];
    for scenario in &info.scenarios {
        properties.push(("scenario", scenario.file.clone()));
        properties.push(("sha256", scenario.digest.clone()));
        properties.push(("host", scenario.host.clone()));
        properties.push(("load", scenario.load.clone()));
        let parameters = scenario.parameters.iter();
        properties.extend(parameters.map(|(name, value)| ("parameter", format!("{name}={value}"))));
    }
    let total = snapshot.total.total();
    let at = |percentile| total.response.percentile_us(percentile).to_string();
    properties.extend([
        ("seed", info.seed.to_string()),
        ("began", calendar::utc(results.began_unix)),
        ("verdict", verdict.as_str().to_owned()),
        ("exit_code", verdict.exit_code().to_string()),
        ("stop_reason", reason.as_str().to_owned()),
        ("iterations", snapshot.total.iterations.to_string()),
        ("requests", total.requests.to_string()),
        ("failed_requests", total.failed.to_string()),
        ("response_time_p50_us", at(50.0)),
        ("response_time_p95_us", at(95.0)),
        ("response_time_p99_us", at(99.0)),
    ]);
    if snapshot.total.arrivals.scheduled > 0 {
        let arrivals = &snapshot.total.arrivals;
        properties.push(("arrivals_scheduled", arrivals.scheduled.to_string()));
        properties.push(("arrivals_dropped", arrivals.dropped.to_string()));
    }
    let warnings = snapshot.warnings.iter();
    properties.extend(warnings.map(|w| ("warning", format!("{w}; {}", w.cure()))));
    properties
}

fn write_case(xml: &mut Writer<impl Write>, case: &Case, results: &Results<'_>) -> io::Result<()> {
    // Only the run itself has a length; what is asked of it takes no time.
    let time = if case.class == "katydid" { seconds(results) } else { "0".to_owned() };
    let attributes =
        [("classname", case.class.to_owned()), ("name", case.name.clone()), ("time", time)];
    let kind = match case.class {
        "katydid.thresholds" => Verdict::ThresholdBreached.as_str(),
        _ => results.verdict.as_str(),
    };
    let (what, kind, message) = match &case.outcome {
        Outcome::Passed if case.output.is_none() => return empty(xml, "testcase", attributes),
        Outcome::Passed => ("", "", ""),
        Outcome::Failed(message) => ("failure", kind, message.as_str()),
        Outcome::Error(message) => ("error", kind, message.as_str()),
        Outcome::Skipped(message) => ("skipped", "", message.as_str()),
    };
    begin(xml, "testcase", attributes)?;
    if !what.is_empty() {
        let message = [("message", message.to_owned())].into_iter();
        let kind = (!kind.is_empty()).then(|| ("type", kind.to_owned()));
        empty(xml, what, message.chain(kind))?;
    }
    if let Some(output) = &case.output {
        begin(xml, "system-out", [])?;
        xml.write_event(Event::Text(BytesText::new(&harmless(output))))?;
        end(xml, "system-out")?;
    }
    end(xml, "testcase")
}

fn seconds(results: &Results<'_>) -> String {
    format!("{:.3}", results.snapshot.elapsed_ns as f64 / 1e9)
}

fn tag<'a>(
    name: &'a str,
    attributes: impl IntoIterator<Item = (&'static str, String)>,
) -> BytesStart<'a> {
    let mut tag = BytesStart::new(name);
    for (name, value) in attributes {
        tag.push_attribute((name, harmless(&value).as_str()));
    }
    tag
}

fn begin(
    xml: &mut Writer<impl Write>,
    name: &str,
    attributes: impl IntoIterator<Item = (&'static str, String)>,
) -> io::Result<()> {
    xml.write_event(Event::Start(tag(name, attributes)))
}

fn empty(
    xml: &mut Writer<impl Write>,
    name: &str,
    attributes: impl IntoIterator<Item = (&'static str, String)>,
) -> io::Result<()> {
    xml.write_event(Event::Empty(tag(name, attributes)))
}

fn end(xml: &mut Writer<impl Write>, name: &str) -> io::Result<()> {
    xml.write_event(Event::End(BytesEnd::new(name)))
}

/// Text without the characters that XML 1.0 cannot hold in any way. The writer escapes the others.
fn harmless(text: &str) -> String {
    fit::escaped(text, TEXT_CHARS).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::golden::golden;
    use crate::report::replay::{BEGAN_UNIX, ODD_NAME, everything, info, nothing};
    use crate::report::replay_open::{arrivals_info, open};
    use crate::report::{RunInfo, ScenarioInfo, Series};
    use katydid_load::{Snapshot, StopReason};
    use quick_xml::Reader;

    fn written(info: &RunInfo, snapshot: &Snapshot, verdict: &Verdict) -> String {
        let (series, reason) = (Series::default(), &StopReason::RunTime);
        let (began_unix, series) = (BEGAN_UNIX, &series);
        let mut out = Vec::new();
        let results = Results { info, began_unix, snapshot, series, verdict, reason };
        junit(&results, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("XML is UTF-8")
    }

    /// How many elements there are of this name, read by a parser.
    fn count(text: &str, name: &str) -> usize {
        let mut reader = Reader::from_str(text);
        let mut count = 0;
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(tag) | Event::Empty(tag) => {
                    tag.attributes().for_each(|a| drop(a.expect("well-formed")));
                    count += usize::from(tag.name().as_ref() == name);
                }
                Event::Eof => return count,
                _ => {}
            }
        }
    }

    #[test]
    fn a_run_as_tests() {
        let run = open();
        let text = written(&arrivals_info(), &run[run.len() - 1], &Verdict::ThresholdBreached);
        golden("junit", &text.replace(&format!("value=\"{}\"", facts::VERSION), "value=\"0.0.0\""));
    }

    #[test]
    fn something_fails_exactly_where_the_exit_code_is_not_0() {
        let verdicts = [
            Verdict::Passed,
            Verdict::RequestsFailed,
            Verdict::ThresholdBreached,
            Verdict::Aborted { reason: "no <stock>".to_owned() },
            Verdict::Interrupted,
        ];
        for verdict in verdicts {
            for run in [everything(), nothing()] {
                let text = written(&info(), &run[run.len() - 1], &verdict);
                let bad = count(&text, "failure") + count(&text, "error");
                assert_eq!(bad > 0, verdict.exit_code() != 0, "{verdict}: {text}");
            }
        }
    }

    #[test]
    fn text_of_others_stays_text() {
        let odd = "a\u{0}\u{b}\u{1b}<b a=\"&\">]]>\u{fffe}\r\n";
        let scenario = ScenarioInfo {
            name: odd.into(),
            parameters: vec![(odd.into(), ODD_NAME.into())],
            ..info().scenarios[0].clone()
        };
        let info = RunInfo { scenarios: vec![scenario], ..info() };
        let text = written(&info, &everything()[4], &Verdict::Aborted { reason: odd.into() });
        assert_eq!(count(&text, "b"), 0);
        assert!(
            !text.replace('\n', "").chars().any(|c| c.is_control() || c == '\u{fffe}'),
            "{text}"
        );
        assert!(
            text.contains(
                "name=\"a\\u{0}\\u{b}\\u{1b}&lt;b a=&quot;&amp;&quot;&gt;]]&gt;\u{fffd}\\r\\n\""
            ),
            "{text}"
        );
    }
}
