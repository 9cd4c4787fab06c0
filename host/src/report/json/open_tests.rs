//! What the document says of runs of the open model and of several scenarios.
use super::tests::{assert_known, document_of, list, schema, sum, text_of};
use crate::report::golden::golden;
use crate::report::replay::{everything, info, nothing};
use crate::report::replay_open::{MARKUP, arrivals_info, open, several, several_info};
use katydid_load::metric::Recorded;
use serde_json::Value;

#[test]
fn runs_of_all_kinds() {
    golden("results_open", &text_of(&open(), &arrivals_info()));
    golden("results_several", &text_of(&several(true), &several_info()));
    for (run, info) in [(open(), arrivals_info()), (several(true), several_info())] {
        assert_known(&document_of(&run, &info), &schema(), &schema(), "");
    }
}

#[test]
fn arrivals_are_the_models() {
    let run = open();
    let document = document_of(&run, &arrivals_info());
    let total = &run[run.len() - 1].total.arrivals;
    let (arrivals, series) = (&document["arrivals"], list(&document, "series"));
    for (member, count) in
        [("scheduled", total.scheduled), ("started", total.started), ("dropped", total.dropped)]
    {
        assert_eq!(arrivals[member], count, "{member}");
        let points = series.iter().filter_map(|point| point["arrivals"][member].as_u64());
        assert_eq!(points.sum::<u64>(), count, "{member}");
    }
    let p99 = &arrivals["lateness"]["percentiles_us"]["99"];
    assert_eq!(*p99, total.lateness.percentile_us(99.0));
    // Nothing was due before the first second.
    assert_eq!(series[0]["arrivals"], Value::Null);
    assert_eq!(series[4]["arrivals"]["dropped"], 35);
    for run in [everything(), nothing()] {
        assert_eq!(document_of(&run, &info())["arrivals"], Value::Null);
    }
}

#[test]
fn each_scenario_has_its_versions() {
    let document = document_of(&several(true), &several_info());
    let numbers = |list: &[Value]| -> Vec<[u64; 2]> {
        let of = |item: &Value, member: &str| item[member].as_u64().expect("a whole number");
        list.iter().map(|v| ["number", "scenario"].map(|member| of(v, member))).collect()
    };
    assert_eq!(numbers(list(&document, "versions")), [[1, 0], [2, 1], [3, 1]]);
    assert_eq!(list(&document, "swaps")[0]["scenario"], 1);
    let scenarios = list(&document["run"], "scenarios");
    assert_eq!(scenarios[1]["name"], "check\u{1b}out");
    assert_eq!((&scenarios[0]["open"], &scenarios[1]["open"]), (&false.into(), &true.into()));
    assert_eq!(scenarios[1]["parameters"][1]["value"], MARKUP);
    // A version's arrivals are its own.
    let of_versions = list(&document, "versions").iter().map(|v| v["figures"]["arrivals"].clone());
    let scheduled: Vec<_> = of_versions.map(|a| a["scheduled"].clone()).collect();
    assert_eq!(scheduled, [Value::Null, 200.into(), 200.into()]);
    assert_eq!(sum(&[document["arrivals"].clone()], "scheduled"), 400);
}

#[test]
fn a_metric_has_what_its_kind_has() {
    let document = document_of(&open(), &arrivals_info());
    let metrics = list(&document, "metrics");
    let members = ["sum", "gauge", "rate", "trend"];
    let kinds = ["counter", "gauge", "rate", "trend"];
    for metric in metrics {
        let place = kinds.iter().position(|kind| metric["kind"] == *kind).expect("a kind");
        for (other, member) in members.iter().enumerate() {
            assert_eq!(metric[member].is_null(), other != place, "{metric}");
        }
    }
    assert_eq!(metrics.len(), 4);
    let mut flood = crate::report::replay::Replay::default();
    for i in 0..202_u64 {
        flood.second().record_metric(&format!("m{i:03}"), Recorded::Counter(1), 1);
    }
    flood.publish(1_000, 1, katydid_load::Stage::Finished);
    let document = document_of(&flood.snapshots, &info());
    let other = list(&document, "metrics").last().expect("a flood");
    assert_eq!((&other["name"], &other["sum"]), (&Value::Null, &2.into()));
    assert_known(&document, &schema(), &schema(), "");
}

#[test]
fn bytes_are_text_or_base64() {
    let document = document_of(&open(), &arrivals_info());
    let exchanges = list(&document, "exchanges");
    assert_eq!(exchanges.len(), 3);
    let request = exchanges[0]["request"]["text"].as_str().expect("text");
    assert!(request.starts_with("<?xml version=\"1.0\"?>"));
    assert_eq!(exchanges[0]["request"]["base64"], Value::Null);
    let reply = &exchanges[2]["reply"];
    assert_eq!((&reply["text"], &reply["base64"]), (&Value::Null, &"H4sIAA==".into()));
    assert_eq!((&reply["bytes"], &reply["kept_bytes"]), (&16_389.into(), &4.into()));
    assert_eq!(exchanges[2]["sent_us"], Value::Null);
}
