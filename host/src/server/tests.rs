//! Through real sockets: what is answered, to whom, and what is not put up with.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::{Answer, Control, Options, Server, TIMES, Times, start, start_with};
use crate::export::fixture;
use crate::wire::server::TcpClient;
use katydid_load::{Share, Snapshot};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Notes what it is asked to do.
#[derive(Default)]
struct Fake {
    asked: Mutex<Vec<String>>,
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

const MAX_MODULE_BYTES: usize = 100_000;

fn options(token: Option<&str>) -> Options {
    Options {
        allow_remote: false,
        token: token.map(str::to_owned),
        max_module_bytes: MAX_MODULE_BYTES,
        origin: fixture::origin(),
        results: Box::new(|out| out.write_all(b"{\"schema\": \"katydid-results-1\"}\n")),
    }
}

fn server_with(times: Times, token: Option<&str>, takes: Duration) -> (Server, Arc<Fake>) {
    let fake = Arc::new(Fake { takes, ..Fake::default() });
    let control: Arc<dyn Control> = Arc::<Fake>::clone(&fake);
    let address = "127.0.0.1:0".parse().unwrap();
    (start_with(times, address, options(token), control).unwrap(), fake)
}

fn server() -> (Server, Arc<Fake>) {
    server_with(TIMES, None, Duration::ZERO)
}

/// Sends these bytes, and answers all that comes until the server closes, or is silent for long.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpClient::connect(server.addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may have closed before all was written.
    let _ = stream.write_all(request);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

/// Status, head and body of a reply.
fn reply(text: &str) -> (u16, String, String) {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

/// A request with some headers and a body of its length.
fn ask(server: &Server, line: &str, headers: &str, body: &str) -> (u16, String, String) {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    reply(&raw(server, request.as_bytes()))
}

const JSON: &str = "Content-Type: application/json\r\n";
const WASM: &str = "Content-Type: application/wasm\r\n";

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

#[test]
fn foreign_names_are_refused() {
    let (server, fake) = server();
    for (line, hosts, status) in [
        ("POST /v1/stop", "Host: evil.example\r\n", 403),
        ("GET /v1/status", "Host: evil.example\r\n", 403),
        ("GET /", "Host: evil.example\r\n", 403),
        ("GET /nothing", "Host: evil.example\r\n", 403),
        ("GET http://evil.example/v1/status", "Host: localhost\r\n", 403),
        ("GET /", "", 400),
        ("GET /", "Host: localhost\r\nHost: evil.example\r\n", 400),
        ("GET /", "Host:\r\n", 403),
        ("GET /", "Host: 127.0.0.1\r\n", 200),
        ("GET http://localhost/", "Host: localhost\r\n", 200),
    ] {
        let request = format!("{line} HTTP/1.1\r\n{hosts}{JSON}Connection: close\r\n\r\n");
        let (got, _, body) = reply(&raw(&server, request.as_bytes()));
        assert_eq!(got, status, "{line} {hosts}: {body}");
    }
    assert_eq!(fake.asked.lock().unwrap().len(), 0);
}

#[test]
fn a_token_is_asked_for_everywhere() {
    let (server, fake) = server_with(TIMES, Some("s3cret"), Duration::ZERO);
    let bearer = format!("{JSON}Authorization: Bearer s3cret\r\n");
    let wrong = format!("{JSON}Authorization: Bearer secret\r\n");
    for line in ["GET /", "GET /metrics", "GET /v1/status", "GET /nothing", "POST /v1/pause"] {
        for headers in [JSON, &wrong] {
            let (status, head, body) = ask(&server, line, headers, "");
            assert!(status == 401 && head.contains("www-authenticate: bearer"), "{line} {head}");
            assert!(body.contains("show the token") && !body.contains("s3cret"), "{body}");
        }
        let (status, ..) = ask(&server, line, &bearer, "");
        assert_eq!(status, if line.ends_with("nothing") { 404 } else { 200 }, "{line}");
    }
    assert_eq!(*fake.asked.lock().unwrap(), ["pause"]);
    // On this machine a name is looked at even so.
    let request =
        format!("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{bearer}\r\n");
    assert_eq!(reply(&raw(&server, request.as_bytes())).0, 403);
}

#[test]
fn where_it_does_not_listen() {
    let try_at = |addr: &str, allow_remote, token| {
        let options = Options { allow_remote, ..options(token) };
        start(addr.parse().unwrap(), options, Arc::new(Fake::default()))
    };
    for (addr, allow_remote, token, expected) in [
        ("0.0.0.0:0", false, None, "add --api-allow-remote"),
        ("0.0.0.0:0", false, Some("s3cret"), "add --api-allow-remote"),
        ("[::]:0", false, None, "add --api-allow-remote"),
        ("192.0.2.7:0", false, None, "add --api-allow-remote"),
        ("0.0.0.0:0", true, None, "needs a token, set KATYDID_API_TOKEN"),
        ("127.0.0.1:0", false, Some(" "), "the API's token is empty"),
        ("192.0.2.7:0", true, Some("s3cret"), "cannot listen on 192.0.2.7:0"),
    ] {
        let error = try_at(addr, allow_remote, token).unwrap_err().to_string();
        assert!(error.contains(expected), "{addr}: {error}");
    }
    let (first, _) = server();
    let error = try_at(&first.addr.to_string(), false, None).unwrap_err().to_string();
    assert!(error.contains("choose another port"), "{error}");
    // For all who have the token, by whatever name they know it.
    let server = try_at("0.0.0.0:0", true, Some("s3cret")).unwrap();
    for (token, status) in [("s3cret", 200), ("none", 401)] {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: load-box.example:80\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let mut stream = TcpClient::connect(("127.0.0.1", server.addr.port())).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(reply(&answer).0, status);
    }
}

const HURRIED: Times = Times {
    head: Duration::from_millis(300),
    body: Duration::from_millis(300),
    connection: Duration::from_secs(2),
    grace: Duration::from_millis(300),
};

#[test]
fn sizes_and_times_are_bounded() {
    let (server, fake) = server_with(HURRIED, None, Duration::ZERO);
    let began = Instant::now();
    let put = format!("PUT /v1/scenario HTTP/1.1\r\nHost: localhost\r\n{WASM}");
    let chunks = "4000\r\n".to_owned() + &"x".repeat(0x4000) + "\r\n";
    let endless = chunks.repeat(MAX_MODULE_BYTES / 0x4000 + 2);
    for (what, request, status) in [
        (
            "a long head",
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(40_000)),
            431,
        ),
        (
            "many headers",
            format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(500)),
            431,
        ),
        (
            "a long path",
            format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(40_000)),
            414,
        ),
        ("a length announced", format!("{put}Content-Length: 9999999999\r\n\r\n"), 413),
        ("no end of chunks", format!("{put}Transfer-Encoding: chunked\r\n\r\n{endless}"), 413),
        ("a body that does not come", format!("{put}Content-Length: 10\r\n\r\nabc"), 408),
        ("a head that does not end", "GET / HTTP/1.1\r\nHost: localhost\r\n".to_owned(), 0),
        ("nothing at all", String::new(), 0),
        (
            "a second request that does not come",
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
            200,
        ),
    ] {
        let (got, head, body) = reply(&raw(&server, request.as_bytes()));
        // Over-long lines are refused in one way or the other.
        let fits = got == status || (status == 414 && got == 431);
        assert!(fits, "{what}: {head} {body}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(fake.asked.lock().unwrap().len(), 0);
}

#[test]
fn a_crowd_that_says_nothing_goes_again() {
    let (server, _) = server_with(HURRIED, None, Duration::ZERO);
    let crowd: Vec<_> = (0..200).map(|_| TcpClient::connect(server.addr).unwrap()).collect();
    // Served once those before it have had their time.
    assert_eq!(ask(&server, "GET /v1/status", "", "").0, 200);
    drop(crowd);
}

#[test]
fn what_is_no_request() {
    let panics = count_panics();
    let (server, fake) = server_with(HURRIED, None, Duration::ZERO);
    let get = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let post = "POST /v1/pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let rows: Vec<(Vec<u8>, &[u16])> = vec![
        (b"\r\n\r\n".into(), &[0, 400]),
        (b"GET\r\n\r\n".into(), &[400]),
        (b"GET / HTTP/9.9\r\n\r\n".into(), &[400]),
        (b"GET / HTTP/2.0\r\n\r\n".into(), &[400]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), &[0, 400]),
        (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[400, 404]),
        (b"CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[403]),
        (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[404]),
        (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[404]),
        (b"GET /v1/../v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[404]),
        (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), &[400, 404]),
        (b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n".into(), &[400, 403]),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nA\0b: c\r\n\r\n".into(), &[400]),
        (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n".into(), &[400]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".into(), &[0, 400]),
        (vec![0; 5_000], &[0, 400]),
        (format!("{get}Content-Length: x\r\n\r\n").into(), &[400]),
        (format!("{get}Content-Length: -1\r\n\r\n").into(), &[400]),
        (format!("{get}Content-Length: 1\r\nContent-Length: 2\r\n\r\n").into(), &[400]),
        (format!("{get}Transfer-Encoding: gzip\r\n\r\n").into(), &[400]),
        (format!("{get}Expect: 200-maybe\r\n\r\n").into(), &[200, 417]),
        (format!("{get}Upgrade: websocket\r\n\r\n").into(), &[200]),
        (format!("{get}Authorization: \u{7f}\r\n\r\n").into(), &[400]),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n").into(), &[400]),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n").into(), &[400]),
        (format!("{post}Content-Length: 3\r\n\r\n\u{7f}\u{0}\u{1}").into(), &[400]),
        (format!("{post}Content-Length: 2\r\n\r\n[]").into(), &[400]),
    ];
    for (request, expected) in rows {
        let (status, head, _) = reply(&raw(&server, &request));
        let shown = String::from_utf8_lossy(&request[..request.len().min(100)]).into_owned();
        assert!(expected.contains(&status), "{shown:?}: {status} {head}");
    }
    // And whatever else a good request can be turned into, one mistake or several.
    let good = format!("{post}Content-Length: 2\r\n\r\n{{}}\r\n").into_bytes();
    let mut dice = 1_u64;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) as usize % sides
    };
    for _ in 0..300 {
        let mut request = good.clone();
        for _ in 0..=roll(3) {
            let at = roll(request.len());
            match roll(4) {
                0 => request[at] = roll(256) as u8,
                1 => _ = request.remove(at),
                2 => request.insert(at, [b'\r', b'\n', b':', b' ', 0, 0xff, b'9'][roll(7)]),
                _ => request.truncate(at.max(1)),
            }
        }
        let (status, head, _) = reply(&raw(&server, &request));
        let known = [0, 200, 400, 403, 404, 405, 408, 413, 414, 415, 417, 431, 501, 505];
        assert!(known.contains(&status), "{status} {head}");
    }
    assert_eq!(ask(&server, "GET /v1/status", "", "").0, 200, "it is still there");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
    let asked = fake.asked.lock().unwrap();
    assert!(asked.iter().all(|what| what == "pause"), "{asked:?}");
}

/// Counts the panics of servers' threads from now on.
fn count_panics() -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, before) = (Arc::clone(&count), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() == Some("api") {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        before(panic);
    }));
    count
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
