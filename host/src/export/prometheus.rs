//! The page that Prometheus reads: OpenMetrics text 1.0, which it understands since version 2.5.
use super::Origin;
use super::families::families;
use super::family::{Classes, Family, Kind, Labels, Unit, Value};
use katydid_load::Snapshot;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{self, Registry};
use std::collections::HashMap;
use std::fmt;

/// What the page is: the value of `Content-Type`.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page.
pub fn text(snapshot: &Snapshot, origin: &Origin) -> String {
    let mut registry = Registry::with_prefix("katydid");
    registry.register_collector(Box::new(Page(families(snapshot, origin))));
    let mut page = String::new();
    encode(&mut page, &registry).expect("a string takes everything");
    page
}

/// Figures that were counted elsewhere.
#[derive(Debug)]
struct Page(Vec<Family>);

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.0 {
            let kind = match family.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram => MetricType::Histogram,
                Kind::Info => MetricType::Info,
            };
            let unit = family.unit.map(|unit| match unit {
                Unit::Seconds => registry::Unit::Seconds,
                Unit::Bytes => registry::Unit::Bytes,
            });
            let mut encoder =
                encoder.encode_descriptor(family.name, family.help, unit.as_ref(), kind)?;
            for (labels, value) in &family.points {
                point(&mut encoder, family.kind, labels, value)?;
            }
        }
        Ok(())
    }
}

fn point(
    encoder: &mut MetricEncoder<'_>,
    kind: Kind,
    labels: &Labels,
    value: &Value,
) -> fmt::Result {
    if kind == Kind::Info {
        return encoder.encode_info(labels);
    }
    let mut encoder = encoder.encode_family(labels)?;
    // Nothing here has examples; their type must be said all the same.
    let counter = None::<&Exemplar<NoLabelSet, f64>>;
    match (kind, value) {
        (Kind::Counter, Value::Count(count)) => encoder.encode_counter(count, counter),
        (Kind::Counter, Value::Number(amount)) => encoder.encode_counter(amount, counter),
        (_, Value::Number(number)) => encoder.encode_gauge(number),
        (_, Value::Count(count)) => encoder.encode_gauge(count),
        (_, Value::Classes(classes)) => {
            let Classes { ends, counts, sum } = classes;
            let ends = ends.iter().copied().chain([f64::INFINITY]);
            let classes_: Vec<(f64, u64)> = ends.zip(counts.iter().copied()).collect();
            let examples = None::<&HashMap<usize, Exemplar<NoLabelSet, f64>>>;
            encoder.encode_histogram(*sum, classes.count(), &classes_, examples)
        }
    }
}
