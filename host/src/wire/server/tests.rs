//! The server over real sockets.

use super::*;
use crate::clock::monotonic_ns;
use std::io::{Read as _, Write as _};
use std::net::TcpStream as StdStream;
use std::sync::Mutex;

/// What a test's handler has seen.
type Seen = Arc<Mutex<Vec<String>>>;

/// Does what the path says, echoes the body, and writes down the ends.
struct Echo(Seen);

impl Handler for Echo {
    type Note = (String, u64);

    fn handle(&mut self, request: &Request<'_>, reply: &mut Reply) -> (Plan, Self::Note) {
        reply.body.extend_from_slice(request.body);
        let (wait, then) = match request.path {
            "/wait" => (Duration::from_millis(30), Then::Reply),
            "/forever" => (Duration::MAX, Then::Reply),
            "/last" => (Duration::ZERO, Then::ReplyAndClose),
            "/close" => (Duration::ZERO, Then::Close),
            "/reset" => (Duration::ZERO, Then::Reset),
            _ => (Duration::ZERO, Then::Reply),
        };
        let note = format!("{} {} {}", request.connection, request.number, request.path);
        (Plan { wait, then }, (note, request.received_ns))
    }

    fn ended(&mut self, (note, received_ns): Self::Note, ending: Ending) {
        assert!(received_ns <= ending.replied_ns && ending.replied_ns <= monotonic_ns());
        let line = format!("{note} {:?} {}", ending.fate, ending.bytes_out);
        self.0.lock().expect("nobody panics").push(line);
    }

    fn refused(&mut self, status: u16) {
        self.0.lock().expect("nobody panics").push(format!("refused {status}"));
    }
}

fn echo(threads: usize, outages: Vec<Outage>) -> (Running, Seen) {
    let seen = Seen::default();
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    let settings = Settings { threads, id_header: "X-Id", outages };
    let running = server.start(settings, || Echo(Arc::clone(&seen))).expect("threads");
    (running, seen)
}

fn connect(running: &Running) -> StdStream {
    let stream = StdStream::connect(running.local_addr()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    stream
}

/// Reads until this many replies with bodies have come, or the connection ends.
fn read(stream: &mut StdStream, bytes: usize) -> io::Result<String> {
    let mut all = vec![0; bytes];
    let mut length = 0;
    while length < bytes {
        match stream.read(&mut all[length..])? {
            0 => break,
            count => length += count,
        }
    }
    all.truncate(length);
    Ok(String::from_utf8(all).expect("text"))
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn serves_over_real_sockets() {
    let (mut running, seen) = echo(2, Vec::new());
    // Kept alive, one after the other.
    let mut stream = connect(&running);
    for body in ["one", "two"] {
        stream.write_all(post("/", body).as_bytes()).expect("sent");
        assert_eq!(read(&mut stream, ok(body).len()).expect("a reply"), ok(body));
    }
    // Pipelined, the first one slow, the last one in two halves: replies come in order.
    let all = post("/wait", "slow") + &post("/", "fast") + &post("/", "halved");
    let (begin, end) = all.split_at(all.len() - 3);
    stream.write_all(begin.as_bytes()).expect("sent");
    let expected = ok("slow") + &ok("fast");
    assert_eq!(read(&mut stream, expected.len()).expect("replies"), expected);
    stream.write_all(end.as_bytes()).expect("sent");
    assert_eq!(read(&mut stream, ok("halved").len()).expect("a reply"), ok("halved"));
    // Long enough not to fit any buffer on the way.
    let long = "x".repeat(8 << 20);
    let mut writer = stream.try_clone().expect("a socket");
    let request = post("/", &long);
    let sending = std::thread::spawn(move || writer.write_all(request.as_bytes()));
    assert!(read(&mut stream, ok(&long).len()).expect("a reply") == ok(&long));
    sending.join().expect("no panic").expect("sent");

    let rows = [
        (
            "HTTP/1.0 without keep-alive",
            "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\na",
            "\r\nConnection: close\r\n\r\na",
        ),
        (
            "the client closes",
            "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
            "\r\nConnection: close\r\n\r\na",
        ),
        (
            "HEAD has no body",
            "HEAD / HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
            "Content-Length: 1\r\nConnection: close\r\n\r\n",
        ),
        (
            "we close without a word",
            "POST /last HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
            "Content-Length: 1\r\n\r\na",
        ),
        ("we close instead of replying", "POST /close HTTP/1.1\r\nContent-Length: 1\r\n\r\na", ""),
        ("not HTTP", "hello\r\n\r\n", "this is not an HTTP request\n"),
    ];
    for (what, request, end) in rows {
        let mut stream = connect(&running);
        stream.write_all(request.as_bytes()).expect("sent");
        let reply = read(&mut stream, 100_000).expect(what);
        assert!(reply.ends_with(end) && end.is_empty() == reply.is_empty(), "{what}: {reply}");
    }

    let mut stream = connect(&running);
    stream.write_all(b"POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").expect("sent");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(read(&mut stream, head.len()).expect("a reply"), head);
    stream.write_all(post("/reset", "").as_bytes()).expect("sent");
    let reset = read(&mut stream, 1).expect_err("no reply, no end");
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);

    let begun = std::time::Instant::now();
    let mut waiting = connect(&running);
    waiting.write_all(post("/forever", "").as_bytes()).expect("sent");
    std::thread::sleep(Duration::from_millis(50));
    running.stop();
    assert!(begun.elapsed() < Duration::from_secs(5), "stopping does not wait for requests");
    assert_eq!(read(&mut waiting, 1).expect("closed"), "");
    StdStream::connect(running.local_addr()).expect_err("nobody listens any more");

    let mut seen = std::mem::take(&mut *seen.lock().expect("nobody panics"));
    seen.sort();
    let expected = [
        "1 1 / Done 3",
        "1 2 / Done 3",
        "1 3 /wait Done 4",
        "1 4 / Done 4",
        "1 5 / Done 6",
        "1 6 / Done 8388608",
        "2 1 / Done 1",
        "3 1 / Done 1",
        "4 1 / Done 0",
        "5 1 /last Done 1",
        "6 1 /close Done 0",
        "8 1 / Done 0",
        "8 2 /reset Done 0",
        "9 1 /forever Stopped 0",
        "refused 400",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_client_may_wait_for_permission() {
    let (running, _) = echo(1, Vec::new());
    let mut stream = connect(&running);
    let head = "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sent");
    let permission = "HTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(read(&mut stream, permission.len()).expect("permission"), permission);
    stream.write_all(b"hi").expect("sent");
    assert_eq!(read(&mut stream, ok("hi").len()).expect("a reply"), ok("hi"));
    // It did not wait, so it needs none.
    stream.write_all(format!("{head}hi").as_bytes()).expect("sent");
    assert_eq!(read(&mut stream, ok("hi").len()).expect("a reply"), ok("hi"));
}

#[test]
fn an_outage_closes_and_refuses_and_ends() {
    let ms = Duration::from_millis;
    let (running, seen) = echo(1, vec![Outage { at: ms(100), length: ms(200) }]);
    std::thread::sleep(ms(150));
    // The clock starts with the first connection, so it is up.
    let mut stream = connect(&running);
    let begun = std::time::Instant::now();
    stream.write_all(post("/forever", "").as_bytes()).expect("sent");
    assert_eq!(read(&mut stream, 1).expect("closed"), "");
    let closed = begun.elapsed();
    StdStream::connect(running.local_addr()).expect_err("it is down");
    while StdStream::connect(running.local_addr()).is_err() {
        std::thread::sleep(ms(5));
    }
    assert!(closed >= ms(90) && begun.elapsed() >= ms(290), "{closed:?}");
    let mut stream = connect(&running);
    stream.write_all(post("/", "up").as_bytes()).expect("sent");
    assert_eq!(read(&mut stream, ok("up").len()).expect("a reply"), ok("up"));
    assert_eq!(seen.lock().expect("nobody panics")[0], "1 1 /forever Stopped 0");
}

#[test]
fn an_address_that_cannot_be_had_is_named() {
    let (running, _) = echo(1, Vec::new());
    let taken = running.local_addr().to_string();
    let rows = [
        (taken.as_str(), "choose another port"),
        ("here", "127.0.0.1:8877"),
        ("127.0.0.1:port", "127.0.0.1:8877"),
        // Reserved for documentation: nobody has it.
        ("192.0.2.1:0", "this machine does not have it"),
    ];
    for (address, part) in rows {
        let error = Server::bind(address).expect_err(address).to_string();
        assert!(error.contains(&format!("\"{address}\"")) && error.contains(part), "{error}");
    }
}
