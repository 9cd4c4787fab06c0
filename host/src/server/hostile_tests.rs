//! Clients that want what they should not have, take their time, or talk nonsense.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::tests::{
    Fake, HURRIED, JSON, MAX_MODULE_BYTES, WASM, ask, options, raw, reply, server, server_with,
};
use super::{Options, Server, TIMES, start};
use crate::wire::server::TcpClient;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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
    // Side by side, since most of those without an end are waited for.
    std::thread::scope(|scope| {
        for dice in 1..=10 {
            let (server, good) = (&server, &good);
            scope.spawn(move || (0..30).for_each(|n| send_mutation(server, good, dice * 100 + n)));
        }
    });
    assert_eq!(ask(&server, "GET /v1/status", "", "").0, 200, "it is still there");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
    let asked = fake.asked.lock().unwrap();
    assert!(asked.iter().all(|what| what == "pause"), "{asked:?}");
}

/// Sends a good request with a few mistakes in it.
fn send_mutation(server: &Server, good: &[u8], mut dice: u64) {
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) as usize % sides
    };
    let mut request = good.to_vec();
    for _ in 0..=roll(3) {
        let at = roll(request.len());
        match roll(4) {
            0 => request[at] = roll(256) as u8,
            1 => _ = request.remove(at),
            2 => request.insert(at, [b'\r', b'\n', b':', b' ', 0, 0xff, b'9'][roll(7)]),
            _ => request.truncate(at.max(1)),
        }
    }
    let (status, head, _) = reply(&raw(server, &request));
    let known = [0, 200, 400, 403, 404, 405, 408, 413, 414, 415, 417, 431, 501, 505];
    assert!(known.contains(&status), "{status} {head}");
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
