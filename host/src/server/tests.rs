//! Through real sockets: what is answered, and what is done.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::{Answer, Control, Options, Server, TIMES, Times, start_with};
use crate::export::fixture;
use crate::wire::server::TcpClient;
use katydid_load::{Share, Snapshot};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Notes what it is asked to do.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) asked: Mutex<Vec<String>>,
    takes: Duration,
}

impl Fake {
    fn note(&self, what: String) -> Answer<'_> {
        Box::pin(async move {
            tokio::time::sleep(self.takes).await;
            self.asked.lock().unwrap().push(what.clone());
            if what == "promote" { Err("there is no canary".to_owned()) } else { Ok(what) }
        })
    }
}

impl Control for Fake {
    fn snapshot(&self) -> Snapshot {
        fixture::snapshot(3)
    }
    fn set_users(&self, scenario: Option<String>, users: u32) -> Answer<'_> {
        self.note(format!("users {users} {scenario:?}"))
    }
    fn set_rate(&self, scenario: Option<String>, per_second: f64) -> Answer<'_> {
        self.note(format!("rate {per_second} {scenario:?}"))
    }
    fn pause(&self) -> Answer<'_> {
        self.note("pause".to_owned())
    }
    fn resume(&self) -> Answer<'_> {
        self.note("resume".to_owned())
    }
    fn reset(&self) -> Answer<'_> {
        self.note("reset".to_owned())
    }
    fn stop(&self) -> Answer<'_> {
        self.note("stop".to_owned())
    }
    fn swap(&self, module: Vec<u8>, share: Share) -> Answer<'_> {
        self.note(format!("swap {} bytes {share}", module.len()))
    }
    fn promote(&self) -> Answer<'_> {
        self.note("promote".to_owned())
    }
    fn roll_back(&self) -> Answer<'_> {
        self.note("roll back".to_owned())
    }
}

pub(super) const MAX_MODULE_BYTES: usize = 100_000;

pub(super) fn options(token: Option<&str>) -> Options {
    Options {
        allow_remote: false,
        token: token.map(str::to_owned),
        max_module_bytes: MAX_MODULE_BYTES,
        origin: fixture::origin(),
        results: Box::new(|out| out.write_all(b"{\"schema\": \"katydid-results-1\"}\n")),
    }
}

pub(super) fn server_with(
    times: Times,
    token: Option<&str>,
    takes: Duration,
) -> (Server, Arc<Fake>) {
    let fake = Arc::new(Fake { takes, ..Fake::default() });
    let control: Arc<dyn Control> = Arc::<Fake>::clone(&fake);
    let address = "127.0.0.1:0".parse().unwrap();
    (start_with(times, address, options(token), control).unwrap(), fake)
}

pub(super) fn server() -> (Server, Arc<Fake>) {
    server_with(TIMES, None, Duration::ZERO)
}

/// Sends these bytes, and answers all that comes until the server closes, or is silent for long.
pub(super) fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpClient::connect(server.addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may have closed before all was written.
    let _ = stream.write_all(request);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

/// Status, head and body of a reply.
pub(super) fn reply(text: &str) -> (u16, String, String) {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

/// A request with some headers and a body of its length.
pub(super) fn ask(server: &Server, line: &str, headers: &str, body: &str) -> (u16, String, String) {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    reply(&raw(server, request.as_bytes()))
}

pub(super) const JSON: &str = "Content-Type: application/json\r\n";
pub(super) const WASM: &str = "Content-Type: application/wasm\r\n";

#[test]
fn what_there_is_to_see() {
    let (server, _) = server();
    let get = |path: &str| ask(&server, &format!("GET {path}"), "", "");
    let (status, head, body) = get("/");
    assert!(status == 200 && head.contains("content-type: text/plain"), "{head}");
    assert!(body.contains(&format!("curl http://{}/v1/status", server.addr)), "{body}");

    let (status, head, body) = get("/metrics");
    assert!(status == 200 && head.contains("content-type: application/openmetrics-text"), "{head}");
    assert!(body.contains("katydid_requests_total{") && body.ends_with("# EOF\n"));

    let (status, head, body) = get("/v1/results");
    assert!(status == 200 && head.contains("content-type: application/json"), "{head}");
    assert_eq!(body, "{\"schema\": \"katydid-results-1\"}\n");

    let (status, head, body) = get("/v1/status?any=query");
    assert!(status == 200 && head.contains("cache-control: no-store"), "{head}");
    let said: Value = serde_json::from_str(&body).unwrap();
    let snapshot = fixture::snapshot(3);
    let total = snapshot.total.total();
    for (pointer, expected) in [
        ("/stage", json!("running")),
        ("/paused", json!(false)),
        ("/elapsed_us", json!(3_000_000)),
        ("/users", json!(30)),
        ("/total/requests", json!(total.requests)),
        ("/total/failed", json!(total.failed)),
        ("/total/requests_per_s", json!(total.requests as f64 / 3.0)),
        ("/total/response_time/percentiles_us/99.9", json!(total.response.percentile_us(99.9))),
        ("/total/service_time/max_us", json!(total.service.max_us())),
        ("/total/arrivals/dropped", json!(6)),
        ("/last_second/requests", json!(200)),
        ("/last_second/requests_per_s", json!(200.0)),
        ("/versions/0/scenario", json!("shop.wasm")),
        ("/versions/1/users", json!(20)),
        ("/thresholds/0/state", json!("breached")),
        ("/thresholds/1/state", json!("unknown")),
        ("/warnings/0/text", json!("the scenario logs too much: 7 lines were dropped")),
    ] {
        assert_eq!(said.pointer(pointer), Some(&expected), "{pointer}");
    }
    // Only the head, where that is all that was asked for.
    let (status, _, body) = ask(&server, "HEAD /v1/status", "", "");
    assert_eq!((status, body.as_str()), (200, ""));
}

#[test]
fn what_there_is_to_do() {
    let (server, fake) = server();
    let module = "x".repeat(MAX_MODULE_BYTES);
    for (line, headers, body, status, asked) in [
        ("POST /v1/users", JSON, "{\"users\": 50}", 200, "users 50 None"),
        ("POST /v1/users", JSON, "{\"users\": 0, \"scenario\": \"x\"}", 200, "users 0 Some(\"x\")"),
        ("POST /v1/rate", JSON, "{\"per_second\": 0.5, \"scenario\": null}", 200, "rate 0.5 None"),
        ("POST /v1/pause", JSON, "{}", 200, "pause"),
        ("POST /v1/resume", JSON, "", 200, "resume"),
        ("POST /v1/reset", "content-type: Application/JSON; charset=utf-8\r\n", " ", 200, "reset"),
        ("POST /v1/stop", JSON, "{}", 200, "stop"),
        ("PUT /v1/scenario", WASM, &module, 200, "swap 100000 bytes 100 %"),
        ("PUT /v1/scenario?share=10%", WASM, "x", 200, "swap 1 bytes 10 %"),
        ("POST /v1/promote", JSON, "{}", 409, "promote"),
        ("POST /v1/rollback", JSON, "{}", 200, "roll back"),
    ] {
        let (got, _, body) = ask(&server, line, headers, body);
        assert_eq!(got, status, "{line}: {body}");
        let expected = match status {
            200 => json!({ "done": asked }),
            _ => json!({ "error": "there is no canary" }),
        };
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
        assert_eq!(std::mem::take(&mut *fake.asked.lock().unwrap()), [asked]);
    }
}

#[test]
fn what_is_refused() {
    let (server, fake) = server();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let long = "x".repeat(MAX_MODULE_BYTES + 1);
    let long_order = format!("{{\"users\": 1, \"scenario\": \"{}\"}}", "x".repeat(17 << 10));
    for (line, headers, body, status, why) in [
        ("GET /v1/nothing", "", "", 404, "no such path"),
        ("GET /v1/status/", "", "", 404, "no such path"),
        ("GET //v1/status", "", "", 404, "no such path"),
        ("POST /", JSON, "", 405, "not by this method"),
        ("DELETE /v1/scenario", "", "", 405, "not by this method"),
        ("GET /v1/stop", "", "", 405, "not by this method"),
        // What a browser asks before a script of another site may post: nobody may.
        ("OPTIONS /v1/stop", "Origin: http://evil.example\r\n", "", 405, "not by this method"),
        ("POST /v1/stop", "", "", 415, "Content-Type: application/json"),
        ("POST /v1/stop", form, "a=b", 415, "Content-Type: application/json"),
        ("POST /v1/stop", "Content-Type: text/plain\r\n", "{}", 415, "application/json"),
        ("POST /v1/stop", WASM, "{}", 415, "application/json"),
        ("PUT /v1/scenario", JSON, "x", 415, "Content-Type: application/wasm"),
        ("POST /v1/stop", JSON, "[]", 400, "the body is not what it should be"),
        ("POST /v1/users", JSON, "[50, null]", 400, "no JSON object"),
        ("POST /v1/stop", JSON, "{\"now\": true}", 400, "unknown field `now`"),
        ("POST /v1/users", JSON, "", 400, "missing field `users`"),
        ("POST /v1/users", JSON, "{\"users\": -1}", 400, "-1"),
        ("POST /v1/users", JSON, "{\"users\": 5000000000}", 400, "5000000000"),
        ("POST /v1/users", JSON, "{\"users\": 1.5}", 400, "1.5"),
        ("POST /v1/users", JSON, "{\"users\": 1, \"users\": 2}", 400, "duplicate field"),
        ("POST /v1/users", JSON, "{\"users\": 1", 400, "EOF"),
        ("POST /v1/users", JSON, "\u{0}", 400, "no JSON object"),
        ("POST /v1/users", JSON, &"[".repeat(9_000), 400, "the body is not"),
        ("POST /v1/users", JSON, &long_order, 413, "larger than 16384 bytes"),
        ("POST /v1/rate", JSON, "{\"per_second\": -0.1}", 400, "0 or more"),
        ("POST /v1/rate", JSON, "{\"per_second\": 1e999}", 400, "out of range"),
        ("POST /v1/rate", JSON, "{\"per_second\": \"5\"}", 400, "invalid type"),
        ("PUT /v1/scenario?share=0", WASM, "x", 400, "write a share"),
        ("PUT /v1/scenario", WASM, "", 400, "no module"),
        ("PUT /v1/scenario", WASM, &long, 413, "larger than 100000 bytes"),
    ] {
        let (got, head, said) = ask(&server, line, headers, body);
        assert_eq!(got, status, "{line} {head} {said}");
        let said: Value = serde_json::from_str(&said).unwrap();
        assert!(said["error"].as_str().is_some_and(|error| error.contains(why)), "{line}: {said}");
        assert!(!head.contains("access-control"), "{head}");
        assert_eq!(head.contains("allow: "), status == 405, "{head}");
    }
    assert_eq!(*fake.asked.lock().unwrap(), [""; 0], "nothing of all that was done");
}

pub(super) const HURRIED: Times = Times {
    head: Duration::from_millis(300),
    body: Duration::from_millis(300),
    connection: Duration::from_secs(2),
    grace: Duration::from_millis(300),
};

/// Whoever starts and drops it may be in the middle of something asynchronous.
#[tokio::test]
async fn within_another_runtime() {
    let (server, _) = server();
    assert_eq!(ask(&server, "GET /v1/status", "", "").0, 200);
    drop(server);
}

#[test]
fn replies_under_way_get_through_when_it_ends() {
    let (server, fake) = server_with(TIMES, None, Duration::from_millis(200));
    let addr = server.addr;
    let client = std::thread::spawn(move || {
        let mut stream = TcpClient::connect(addr).unwrap();
        let request =
            format!("POST /v1/stop HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    std::thread::sleep(Duration::from_millis(100));
    drop(server);
    assert_eq!(reply(&client.join().unwrap()).0, 200);
    assert_eq!(*fake.asked.lock().unwrap(), ["stop"]);
    assert!(TcpClient::connect(addr).is_err(), "nobody listens any more");
}

#[test]
fn an_order_that_takes_for_ever_does_not_hold_the_end() {
    let (server, fake) = server_with(HURRIED, None, Duration::from_secs(600));
    let mut stream = TcpClient::connect(server.addr).unwrap();
    let request =
        format!("POST /v1/stop HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    drop(server);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(fake.asked.lock().unwrap().len(), 0);
}

#[test]
fn an_order_outlives_its_client() {
    let (server, fake) = server_with(TIMES, None, Duration::from_millis(200));
    let mut stream = TcpClient::connect(server.addr).unwrap();
    let request =
        format!("POST /v1/pause HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    drop(stream);
    let began = Instant::now();
    while fake.asked.lock().unwrap().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "it was given up");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Every line of the list does what it says: with the real curl, typed as it stands there.
#[test]
fn the_list_can_be_typed() {
    let (server, fake) = server_with(TIMES, Some("s3cret"), Duration::ZERO);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("new.wasm"), [0; 1_000]).unwrap();
    let shell = |line: &str| {
        let curl = line.replace("curl ", "curl -sS --fail-with-body ");
        let output = Command::new("sh")
            .args(["-c", &curl])
            .current_dir(folder.path())
            .env("KATYDID_API_TOKEN", "s3cret")
            .output()
            .unwrap();
        let [said, wrong] =
            [&output.stdout, &output.stderr].map(|out| String::from_utf8_lossy(out).into_owned());
        assert!(!wrong.contains("not found"), "{wrong}; type: apt-get install -y curl");
        (output.status.success(), said + &wrong)
    };
    let token = "-H \"Authorization: Bearer $KATYDID_API_TOKEN\"";
    let (done, list) = shell(&format!("curl http://{}/ {token}", server.addr));
    assert!(done && list.contains(token), "{list}");
    let lines: Vec<_> = list.lines().filter(|line| line.starts_with("  curl ")).collect();
    assert_eq!(lines.len(), super::routes::ENDPOINTS.len());
    for line in lines {
        let (done, said) = shell(&format!("{line} {token}"));
        assert_eq!(done, !line.contains("promote"), "{line}: {said}");
    }
    let expected = [
        "users 50 None",
        "rate 200 None",
        "pause",
        "resume",
        "reset",
        "stop",
        "swap 1000 bytes 10 %",
        "promote",
        "roll back",
        "users 5 Some(\"shop\")",
    ];
    assert_eq!(*fake.asked.lock().unwrap(), expected);
}
