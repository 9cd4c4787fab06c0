//! OpenTelemetry's metrics over HTTP (OTLP), in protobuf.
//!
//! OTLP may also be JSON, but a receiver need not take it, and some do not; protobuf all of them do. The
//! dozen messages that metrics need are written out here: the crate that has them all brings its whole RPC
//! framework along.
use super::Origin;
use super::families::families;
use super::family::{Family, Kind, Labels, Unit, Value};
use katydid_load::Snapshot;
use prost::Message;

/// Headers that a receiver expects.
pub(super) const HEADERS: [(&str, &str); 1] = [("Content-Type", "application/x-protobuf")];
/// The path of a receiver whose URL has none.
pub(super) const PATH: &str = "/v1/metrics";

/// Figures count from the beginning of the run.
const CUMULATIVE: i32 = 2;

/// The body of the request that carries a snapshot.
pub(super) fn body(snapshot: &Snapshot, origin: &Origin) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let nanoseconds =
        |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let span = Span {
        began: nanoseconds(origin.began_unix),
        taken: nanoseconds(origin.taken_unix(snapshot)),
    };
    let is_named = origin.labels.iter().any(|label| label.name == "service_name");
    let service = (!is_named).then(|| KeyValue::new("service.name", "katydid"));
    let own = [KeyValue::new("service.version", &version)];
    let given = origin.labels.iter().map(|label| match label.name.as_str() {
        // The one name that everybody wants to give; it has a dot here.
        "service_name" => KeyValue::new("service.name", &label.value),
        name => KeyValue::new(name, &label.value),
    });
    let attributes = service.into_iter().chain(own).chain(given).collect();
    let scope = Scope { name: "katydid".to_owned(), version };
    let metrics = families(snapshot, origin).iter().map(|family| metric(family, span)).collect();
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics }];
    let resource = Some(Resource { attributes });
    Request { resource_metrics: vec![ResourceMetrics { resource, scope_metrics }] }.encode_to_vec()
}

/// What a receiver that took the request did not take of it: how many figures, and why.
pub(super) fn rejected(reply: &[u8]) -> Option<(i64, String)> {
    let rejected = Reply::decode(reply).ok()?.partial_success?;
    (rejected.data_points > 0).then_some((rejected.data_points, rejected.message))
}

#[derive(Debug, Clone, Copy)]
struct Span {
    began: u64,
    taken: u64,
}

fn metric(family: &Family, span: Span) -> Metric {
    let points = || family.points.iter();
    let numbers =
        || points().map(|(labels, value)| NumberPoint::new(labels, value, span)).collect();
    let data = match family.kind {
        Kind::Counter => {
            Data::Sum(Sum { points: numbers(), temporality: CUMULATIVE, is_monotonic: true })
        }
        Kind::Gauge | Kind::Info => Data::Gauge(Gauge { points: numbers() }),
        Kind::Histogram => Data::Histogram(Histogram {
            points: points().filter_map(|(l, value)| HistogramPoint::new(l, value, span)).collect(),
            temporality: CUMULATIVE,
        }),
    };
    let unit = match (family.unit, family.kind) {
        (Some(Unit::Seconds), _) => "s",
        (Some(Unit::Bytes), _) => "By",
        (None, _) => "1",
    };
    // An info is a gauge here and would be called like the thing itself.
    let info = if family.kind == Kind::Info { ".info" } else { "" };
    Metric {
        name: format!("katydid.{}{info}", family.name),
        description: family.help.to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
    }
}

fn attributes(labels: &Labels) -> Vec<KeyValue> {
    labels.iter().map(|(name, value)| KeyValue::new(name, value)).collect()
}

/// `ExportMetricsServiceRequest`, and what is in it: `opentelemetry/proto/metrics/v1`.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(message, repeated, tag = "1")]
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeMetrics {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    unit: String,
    #[prost(oneof = "Data", tags = "5, 7, 9")]
    data: Option<Data>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Data {
    #[prost(message, tag = "5")]
    Gauge(Gauge),
    #[prost(message, tag = "7")]
    Sum(Sum),
    #[prost(message, tag = "9")]
    Histogram(Histogram),
}

#[derive(Clone, PartialEq, Message)]
struct Gauge {
    #[prost(message, repeated, tag = "1")]
    points: Vec<NumberPoint>,
}

#[derive(Clone, PartialEq, Message)]
struct Sum {
    #[prost(message, repeated, tag = "1")]
    points: Vec<NumberPoint>,
    #[prost(int32, tag = "2")]
    temporality: i32,
    #[prost(bool, tag = "3")]
    is_monotonic: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(message, repeated, tag = "1")]
    points: Vec<HistogramPoint>,
    #[prost(int32, tag = "2")]
    temporality: i32,
}

#[derive(Clone, PartialEq, Message)]
struct NumberPoint {
    #[prost(fixed64, tag = "2")]
    start_unix_ns: u64,
    #[prost(fixed64, tag = "3")]
    unix_ns: u64,
    #[prost(oneof = "Number", tags = "4, 6")]
    value: Option<Number>,
    #[prost(message, repeated, tag = "7")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
enum Number {
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(sfixed64, tag = "6")]
    Int(i64),
}

impl NumberPoint {
    fn new(labels: &Labels, value: &Value, span: Span) -> Self {
        let value = match value {
            Value::Count(n) => Some(Number::Int(i64::try_from(*n).unwrap_or(i64::MAX))),
            Value::Number(n) => Some(Number::Double(*n)),
            Value::Classes(_) => None,
        };
        let Span { began: start_unix_ns, taken: unix_ns } = span;
        Self { start_unix_ns, unix_ns, value, attributes: attributes(labels) }
    }
}

#[derive(Clone, PartialEq, Message)]
struct HistogramPoint {
    #[prost(fixed64, tag = "2")]
    start_unix_ns: u64,
    #[prost(fixed64, tag = "3")]
    unix_ns: u64,
    #[prost(fixed64, tag = "4")]
    count: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(fixed64, repeated, tag = "6")]
    bucket_counts: Vec<u64>,
    #[prost(double, repeated, tag = "7")]
    explicit_bounds: Vec<f64>,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
}

impl HistogramPoint {
    fn new(labels: &Labels, value: &Value, span: Span) -> Option<Self> {
        let Value::Classes(classes) = value else { return None };
        let Span { began: start_unix_ns, taken: unix_ns } = span;
        Some(Self {
            start_unix_ns,
            unix_ns,
            count: classes.count(),
            sum: Some(classes.sum),
            bucket_counts: classes.counts.clone(),
            explicit_bounds: classes.ends.clone(),
            attributes: attributes(labels),
        })
    }
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(string, optional, tag = "1")]
    string: Option<String>,
}

impl KeyValue {
    fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: Some(AnyValue { string: Some(value.to_owned()) }) }
    }
}

#[derive(Clone, PartialEq, Message)]
struct Reply {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    data_points: i64,
    #[prost(string, tag = "2")]
    message: String,
}
