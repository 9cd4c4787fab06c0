//! Prometheus's remote write, version 1.0: protobuf in a Snappy block.
use super::Origin;
use super::families::families;
use super::family::{Family, Kind, Unit, Value};
use katydid_load::Snapshot;
use prost::Message;

/// Headers that a receiver expects.
pub(super) const HEADERS: [(&str, &str); 3] = [
    ("Content-Type", "application/x-protobuf"),
    ("Content-Encoding", "snappy"),
    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
];
/// The path of a receiver whose URL has none.
pub(super) const PATH: &str = "/api/v1/write";

/// Most series of one request: what Prometheus itself sends at most by default.
const MAX_SERIES: usize = 2_000;

/// The bodies of the requests that carry a snapshot.
pub(super) fn bodies(snapshot: &Snapshot, origin: &Origin) -> Vec<Vec<u8>> {
    let taken_ms = origin.taken_unix(snapshot).as_millis();
    let timestamp = i64::try_from(taken_ms).unwrap_or(i64::MAX);
    let families = families(snapshot, origin);
    let mut metadata: Vec<_> = families.iter().map(MetricMetadata::new).collect();
    let series: Vec<TimeSeries> = families
        .iter()
        .flat_map(samples)
        .map(|(name, labels, value)| {
            let samples = vec![Sample { value, timestamp }];
            TimeSeries { labels: sorted(name, labels, origin), samples }
        })
        .collect();
    let body = |series: &[TimeSeries]| {
        let timeseries = series.to_vec();
        let request = WriteRequest { timeseries, metadata: std::mem::take(&mut metadata) };
        let block = snap::raw::Encoder::new().compress_vec(&request.encode_to_vec());
        block.expect("a block may have 4 GiB")
    };
    series.chunks(MAX_SERIES).map(body).collect()
}

/// Labels as a receiver expects them: sorted by name, none of them empty.
fn sorted(name: String, labels: Vec<(&str, String)>, origin: &Origin) -> Vec<Label> {
    let own = labels.into_iter().map(|(name, value)| Label { name: name.to_owned(), value });
    let given = origin
        .labels
        .iter()
        .map(|label| Label { name: label.name.clone(), value: label.value.clone() });
    let job_is_given = origin.labels.iter().any(|label| label.name == "job");
    let job = Label { name: "job".to_owned(), value: "katydid".to_owned() };
    let job = (!job_is_given).then_some(job);
    let name = Label { name: "__name__".to_owned(), value: name };
    let mut all: Vec<_> = own.chain(given).chain(job).chain([name]).collect();
    all.retain(|label| !label.value.is_empty());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// A name, its labels, its value.
type Flat<'a> = (String, Vec<(&'a str, String)>, f64);

/// A family as the flat samples that Prometheus knows; they are called what they are called on the page.
fn samples(family: &Family) -> impl Iterator<Item = Flat<'_>> {
    let name = name(family);
    family.points.iter().flat_map(move |(labels, value)| {
        let labels: Vec<(&str, String)> = labels.clone();
        let one = |suffix: &str, value: f64| (format!("{name}{suffix}"), labels.clone(), value);
        let classes = match (family.kind, value) {
            (Kind::Counter, Value::Count(n)) => return vec![one("_total", *n as f64)],
            (Kind::Counter, Value::Number(n)) => return vec![one("_total", *n)],
            (Kind::Info, _) => return vec![one("_info", 1.0)],
            (_, Value::Number(n)) => return vec![one("", *n)],
            (_, Value::Count(n)) => return vec![one("", *n as f64)],
            (_, Value::Classes(classes)) => classes,
        };
        let mut samples = vec![one("_sum", classes.sum), one("_count", classes.count() as f64)];
        let ends = classes.ends.iter().map(|end| format!("{end:?}")).chain(["+Inf".to_owned()]);
        let mut below = 0;
        for (end, count) in ends.zip(&classes.counts) {
            below += count;
            let (name, mut labels, value) = one("_bucket", below as f64);
            labels.push(("le", end));
            samples.push((name, labels, value));
        }
        samples
    })
}

fn name(family: &Family) -> String {
    let unit = family.unit.map_or("", |unit| match unit {
        Unit::Seconds => "_seconds",
        Unit::Bytes => "_bytes",
    });
    format!("katydid_{}{unit}", family.name)
}

/// `prometheus.WriteRequest`, as `remote.proto` has it.
#[derive(Clone, PartialEq, Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<TimeSeries>,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<MetricMetadata>,
}

#[derive(Clone, PartialEq, Message)]
struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    /// Milliseconds since the beginning of 1970.
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
struct MetricMetadata {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    family: String,
    #[prost(string, tag = "4")]
    help: String,
    #[prost(string, tag = "5")]
    unit: String,
}

impl MetricMetadata {
    fn new(family: &Family) -> Self {
        let kind = match family.kind {
            Kind::Counter => 1,
            Kind::Gauge => 2,
            Kind::Histogram => 3,
            Kind::Info => 6,
        };
        let unit = family.unit.map_or("", |unit| match unit {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        });
        let (help, unit) = (family.help.to_owned(), unit.to_owned());
        Self { kind, family: name(family), help, unit }
    }
}

/// A series: labels, value, milliseconds.
#[cfg(test)]
pub(super) type Series = (Vec<(String, String)>, f64, i64);

/// The series of a body.
#[cfg(test)]
pub(super) fn read(body: &[u8]) -> Vec<Series> {
    let request = snap::raw::Decoder::new().decompress_vec(body).expect("a block");
    let request = WriteRequest::decode(&*request).expect("a request");
    let series = |series: TimeSeries| {
        let labels = series.labels.into_iter().map(|label| (label.name, label.value)).collect();
        (labels, series.samples[0].value, series.samples[0].timestamp)
    };
    request.timeseries.into_iter().map(series).collect()
}
