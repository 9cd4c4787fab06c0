//! A comparison for programs: every figure, unrounded.
use super::document::Document;
use super::{Compared, doubts};
use katydid_load::Label;
use katydid_load::compare::{CONFIDENCE, Delta, Measure, Row};
use serde_json::{Value, json};

/// What a document is called that is laid out like this one. Members are only ever added.
const SCHEMA: &str = "katydid-comparison-1";

pub(super) fn text(compared: &Compared) -> String {
    let Compared { before, after, comparison, rules } = compared;
    let verdict = compared.verdict();
    let labels = |labels: &[Label]| labels.iter().map(label).collect::<Vec<_>>();
    let rules = rules.iter().map(|(rule, judgement)| {
        json!({
            "rule": rule.to_string(),
            "result": judgement.as_str(),
            "passes": judgement.passes(),
            "text": judgement.to_string(),
        })
    });
    let document = json!({
        "schema": SCHEMA,
        "before": run(before),
        "after": run(after),
        "verdict": verdict.as_str(),
        "exit_code": verdict.exit_code(),
        "rules": rules.collect::<Vec<_>>(),
        "doubts": doubts::doubts(before, after),
        "confidence": CONFIDENCE,
        "total": comparison.rows.first().map(deltas),
        "labels": comparison.rows.iter().skip(1).map(row).collect::<Vec<_>>(),
        "only_before": labels(&comparison.only_before),
        "only_after": labels(&comparison.only_after),
    });
    format!("{document:#}\n")
}

fn run(document: &Document) -> Value {
    json!({
        "file": document.name,
        "began": document.run.began,
        "elapsed_us": document.run.elapsed_us,
        "requests": document.measured.total.requests,
        "failed": document.measured.total.failed,
    })
}

fn label(label: &Label) -> Value {
    json!({ "type": &*label.request_type, "name": &*label.name })
}

fn row(row: &Row) -> Value {
    let mut value = row.label.as_ref().map_or(Value::Null, label);
    value["deltas"] = deltas(row);
    value
}

fn deltas(row: &Row) -> Value {
    row.deltas.iter().map(delta).collect()
}

fn delta(delta: &Delta) -> Value {
    let unit = match delta.measure {
        Measure::Failures => "ratio",
        Measure::Pace => "per_s",
        Measure::Response(_) | Measure::Service(_) => "us",
    };
    json!({
        "figure": delta.measure.to_string(),
        "unit": unit,
        "before": delta.before,
        "after": delta.after,
        "absolute": delta.absolute(),
        "relative": delta.relative(),
        "finding": delta.finding.as_str(),
    })
}
