//! Read by others: a real Prometheus that scrapes and is written to, and OpenTelemetry's own decoder.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::push::{Options, Protocol, Push};
use super::{fixture, prometheus};
use crate::wire::server::{
    Ending, Handler, Plan, Reply, Request, Server, Settings, TcpClient, Then,
};
use crate::wire::{Header, TlsOptions};
use katydid_load::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A process of others, which ends with the test.
struct Peer(Child);

impl Peer {
    fn start(command: &mut Command, cure: &str) -> Self {
        let what = format!("{:?}", command.get_program());
        Self(command.spawn().unwrap_or_else(|error| panic!("{what}: {error}; type: {cure}")))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers every request with a page.
struct Page(String);

impl Handler for Page {
    type Note = ();

    fn handle(&mut self, _: &Request<'_>, reply: &mut Reply) -> (Plan, ()) {
        reply.content_type = prometheus::CONTENT_TYPE;
        reply.body.extend_from_slice(self.0.as_bytes());
        (Plan { wait: Duration::ZERO, then: Then::Reply }, ())
    }

    fn ended(&mut self, (): (), _: Ending) {}
}

/// A Prometheus that scrapes this address.
struct Prometheus {
    port: u16,
    _folder: tempfile::TempDir,
    _process: Peer,
}

impl Prometheus {
    fn start(scraped: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let jobs = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n\
             scrape_configs: [{{job_name: page, metrics_path: /, static_configs: [{{targets: ['{scraped}']}}]}}]\n"
        );
        std::fs::write(&config, jobs).unwrap();
        // A port that was free a moment ago.
        let port = Server::bind("127.0.0.1:0").unwrap().local_addr().port();
        let flag = |name: &str, value: String| format!("--{name}={value}");
        let process = Peer::start(
            Command::new("prometheus")
                .arg(flag("config.file", config.display().to_string()))
                .arg(flag("storage.tsdb.path", folder.path().join("data").display().to_string()))
                .arg(flag("web.listen-address", format!("127.0.0.1:{port}")))
                .arg("--web.enable-remote-write-receiver")
                .arg("--log.level=error"),
            "apt-get install -y --no-install-recommends prometheus",
        );
        let prometheus = Self { port, _folder: folder, _process: process };
        prometheus.until("/-/ready", |reply| reply.contains("200 OK"));
        prometheus
    }

    /// Asks until the answer is what it should be.
    fn until(&self, path: &str, is: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let reply = self.get(path).unwrap_or_default();
            if is(&reply) {
                return reply;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{path}: {reply}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpClient::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: x\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }

    /// The newest samples of a job, by name and labels, without those that Prometheus itself adds.
    fn samples(&self, job: &str) -> super::page::Samples {
        let path =
            format!("/api/v1/query?query=%7B__name__%3D~%22katydid_.%2B%22%2Cjob%3D%22{job}%22%7D");
        let reply = self.until(&path, |reply| reply.contains("katydid_users"));
        let (_, body) = reply.split_once("\r\n\r\n").unwrap();
        let answer: Value = serde_json::from_str(body).unwrap();
        let sample = |one: &Value| {
            let labels = one["metric"].as_object().unwrap().iter();
            let labels = labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().into()));
            let mut labels: BTreeMap<String, String> = labels.collect();
            ["job", "instance", "run", "team"].iter().for_each(|added| _ = labels.remove(*added));
            let name = labels.remove("__name__").unwrap();
            ((name, labels), one["value"][1].as_str().unwrap().parse::<f64>().unwrap())
        };
        answer["data"]["result"].as_array().unwrap().iter().map(sample).collect()
    }
}

/// The snapshot, taken just now: a real receiver looks at the clock.
fn now(snapshot: &Snapshot) -> super::Origin {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let began_unix = now - Duration::from_nanos(snapshot.elapsed_ns);
    super::Origin { began_unix, ..fixture::origin() }
}

#[test]
fn a_real_prometheus_scrapes_and_is_written_to() {
    let snapshot = fixture::snapshot(3);
    let text = prometheus::text(&snapshot, &fixture::origin());
    let expected = super::page::read(&text).unwrap();
    let settings = Settings { threads: 1, id_header: "X", outages: Vec::new() };
    let page = Server::bind("127.0.0.1:0").unwrap().start(settings, || Page(text.clone())).unwrap();
    let prometheus = Prometheus::start(&page.local_addr().to_string());

    let options = Options {
        url: format!("http://127.0.0.1:{}", prometheus.port),
        protocol: Protocol::RemoteWrite,
        headers: Vec::new(),
        tls: TlsOptions::default(),
        interval: Duration::ZERO,
    };
    let mut push = Push::start(&options, now(&snapshot), |why| panic!("{why}")).unwrap();
    // The same moment twice, which no receiver takes.
    push.offer(&snapshot);
    push.offer(&snapshot);
    let pushed = push.finish(&snapshot);
    assert_eq!((pushed.lost, &pushed.trouble, pushed.complete), (0, &None, true), "{pushed:?}");
    assert_eq!(pushed.complaint(), None);

    let written = prometheus.samples("katydid");
    assert!(written.len() == expected.len() && expected.len() > 500);
    for ((key, told), (expected_key, expected)) in written.iter().zip(&expected) {
        let elapsed = key.0 == "katydid_elapsed_seconds";
        assert!(key == expected_key && (told == expected || elapsed), "{key:?}: {told} {expected}");
    }
    assert_eq!(prometheus.samples("page"), expected);
    let targets = prometheus.until("/api/v1/targets", |reply| reply.contains("\"health\":\"up\""));
    assert!(targets.contains("\"lastError\":\"\""), "{targets}");
}

#[test]
fn a_push_that_prometheus_refuses_is_told_once() {
    let prometheus = Prometheus::start("127.0.0.1:1");
    let url = format!("http://127.0.0.1:{}/api/v1/nothing", prometheus.port);
    let options = Options {
        url,
        protocol: Protocol::RemoteWrite,
        headers: Vec::new(),
        tls: TlsOptions::default(),
        interval: Duration::from_secs(1),
    };
    let (told, lines) = std::sync::mpsc::channel();
    let tell = move |line: &str| told.send(line.to_owned()).unwrap();
    let mut push = Push::start(&options, fixture::origin(), tell).unwrap();
    (0..3).for_each(|seconds| push.offer(&fixture::snapshot(seconds)));
    let pushed = push.finish(&fixture::snapshot(4));
    assert_eq!((pushed.taken, pushed.complete), (0, false));
    let complaint = pushed.complaint().unwrap();
    assert!(complaint.contains("were lost: status 404; the last one is missing"), "{complaint}");
    let lines: Vec<_> = lines.iter().collect();
    assert!(lines.len() == 1 && lines[0].contains("nothing: status 404"), "{lines:?}");
}

/// The Python that has what the tests need.
fn python() -> Command {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python3");
    Command::new(if own.exists() { own } else { "python3".into() })
}

#[test]
fn the_decoder_of_opentelemetry_understands() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/export/testdata");
    let script = folder.join("otlp_receiver.py");
    let cure = "pip install opentelemetry-proto";
    let mut receiver = Peer::start(python().arg(script).stdout(Stdio::piped()), cure);
    let mut lines = BufReader::new(receiver.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.next().unwrap_or_else(|| panic!("no opentelemetry-proto; type: {cure}"));

    let snapshot = fixture::snapshot(3);
    let options = Options {
        url: format!("http://me:secret@127.0.0.1:{port}"),
        protocol: Protocol::Otlp,
        headers: vec!["X-Tenant: a".parse::<Header>().unwrap()],
        tls: TlsOptions::default(),
        interval: Duration::from_secs(5),
    };
    let push = Push::start(&options, fixture::origin(), |why| panic!("{why}")).unwrap();
    let pushed = push.finish(&snapshot);
    assert_eq!((pushed.taken, pushed.lost, pushed.complete), (1, 0, true), "{pushed:?}");
    assert!(!pushed.url.contains("secret"));

    let received: Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
    assert_eq!(received["path"], "/v1/metrics");
    assert_eq!(received["headers"]["X-Tenant"], "a");
    assert_eq!(received["headers"]["Authorization"], "Basic bWU6c2VjcmV0");
    let resource = &received["request"]["resource_metrics"][0];
    let attributes = attributes(&resource["resource"]);
    for (name, value) in [("service.name", "katydid"), ("run", "nightly \"7\""), ("team", "a")] {
        assert_eq!(attributes[name], value);
    }
    let metrics = resource["scope_metrics"][0]["metrics"].as_array().unwrap();
    let metric = |name: &str| metrics.iter().find(|metric| metric["name"] == name).unwrap();
    let total = snapshot.total.total();

    let requests = metric("katydid.requests");
    assert_eq!(requests["sum"]["aggregation_temporality"], "AGGREGATION_TEMPORALITY_CUMULATIVE");
    assert_eq!(requests["sum"]["is_monotonic"], true);
    let points = requests["sum"]["data_points"].as_array().unwrap();
    assert_eq!(points.iter().map(|point| whole(&point["as_int"])).sum::<u64>(), total.requests);
    assert_eq!(points[0]["start_time_unix_nano"], "1700000000123000000");
    assert_eq!(points[0]["time_unix_nano"], "1700000003123000000");

    let times = metric("katydid.response_time");
    assert_eq!(times["unit"], "s");
    let points = times["histogram"]["data_points"].as_array().unwrap();
    let mut counted = 0;
    for point in points {
        let counts = point["bucket_counts"].as_array().unwrap();
        assert_eq!(counts.len(), point["explicit_bounds"].as_array().unwrap().len() + 1);
        let all: u64 = counts.iter().map(whole).sum();
        assert_eq!(all, whole(&point["count"]));
        counted += all;
    }
    assert_eq!(counted, total.requests);
    let users = metric("katydid.users")["gauge"]["data_points"].as_array().unwrap();
    assert_eq!(users.iter().filter_map(|point| point["as_double"].as_f64()).sum::<f64>(), 30.0);
    assert!(metric("katydid.version.info")["gauge"].is_object());
}

fn attributes(of: &Value) -> BTreeMap<String, String> {
    let attributes = of["attributes"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    attributes.map(|one| (text(&one["key"]), text(&one["value"]["string_value"]))).collect()
}

/// JSON has 64 bits as text.
fn whole(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}
