//! Connections against a server that says exactly these bytes.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::connection::{Connection, Exchanged};
use super::settings::{Settings, Timeouts};
use super::url::{Target, TargetOptions};
use crate::clock::monotonic_ns;
use katydid_load::failure::{Failure, Phase};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// What the server does with one request.
enum Answer {
    /// Says these parts, a little apart.
    Say(Vec<&'static [u8]>),
    /// Says this, then closes.
    SayAndClose(&'static [u8]),
    /// Closes without a word.
    Close,
    /// Says nothing for long.
    Silence,
}
use Answer::{Close, Say, SayAndClose, Silence};

/// Serves these answers, one a request, over as many connections as it takes; then answers how many
/// connections and requests there were.
fn serve(answers: Vec<Answer>) -> (u16, JoinHandle<(usize, usize)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut answers = answers.into_iter().peekable();
        let (mut connections, mut requests) = (0, 0);
        while answers.peek().is_some() {
            let (mut stream, _) = listener.accept().unwrap();
            connections += 1;
            while answers.peek().is_some() && read_request(&mut stream) {
                requests += 1;
                match answers.next().unwrap() {
                    Say(parts) => parts.iter().for_each(|part| {
                        stream.write_all(part).unwrap();
                        std::thread::sleep(Duration::from_millis(5));
                    }),
                    SayAndClose(bytes) => {
                        stream.write_all(bytes).unwrap();
                        break;
                    }
                    Close => break,
                    Silence => std::thread::sleep(Duration::from_secs(1)),
                }
            }
        }
        (connections, requests)
    });
    (port, thread)
}

/// Reads one request whole: its head, then as many bytes as it says.
fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return false;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length:")).unwrap();
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).is_ok()
}

fn connect(port: u16, timeouts: Timeouts) -> Connection {
    let target =
        Target::resolve(&format!("http://127.0.0.1:{port}/RPC2"), &TargetOptions::default())
            .unwrap();
    let settings = Settings { timeouts, ..Settings::default() };
    Connection::new(Arc::new(target), Arc::new(settings), 1)
}

async fn exchange(connection: &mut Connection) -> Exchanged {
    let mut request = connection.begin();
    request.extend_from_slice(b"<methodCall/>");
    let facts = connection.exchange(request, monotonic_ns(), (1, 2), None).await;
    assert!(facts.sent_ns <= facts.done_ns && facts.done_ns <= monotonic_ns(), "{facts:?}");
    facts
}

/// (what the server does, what comes of each request: its body or failure, and how often it was sent)
#[tokio::test]
async fn exchanges() {
    type Expected = (Result<&'static str, &'static str>, u8);
    #[rustfmt::skip]
    let table: Vec<(&str, Vec<Answer>, Vec<Expected>, usize)> = vec![
        ("kept alive", vec![Say(vec![OK]), Say(vec![OK])], vec![(Ok("hi"), 1), (Ok("hi"), 1)], 1),
        ("in pieces", vec![Say(vec![b"HTTP/1.1 200", b" OK\r\nContent-Len", b"gth: 2\r\n\r\nh", b"i"])], vec![(Ok("hi"), 1)], 1),
        ("chunks in pieces", vec![Say(vec![b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh", b"\r\n1\r", b"\ni\r\n0\r\n", b"\r\n"])], vec![(Ok("hi"), 1)], 1),
        ("an interim reply", vec![Say(vec![b"HTTP/1.1 100 Continue\r\n\r\n", OK])], vec![(Ok("hi"), 1)], 1),
        ("a server that says that it closes", vec![SayAndClose(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"), Say(vec![OK])], vec![(Ok("hi"), 1), (Ok("hi"), 1)], 2),
        ("HTTP/1.0 until it closes", vec![SayAndClose(b"HTTP/1.0 200 OK\r\n\r\nhi"), Say(vec![OK])], vec![(Ok("hi"), 1), (Ok("hi"), 1)], 2),
        ("a status", vec![Say(vec![b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"]), Say(vec![OK])], vec![(Err("status 503"), 1), (Ok("hi"), 1)], 1),
        ("stale: sent once more", vec![Say(vec![OK]), Close, Say(vec![OK])], vec![(Ok("hi"), 1), (Ok("hi"), 2)], 2),
        ("stale twice: given up", vec![Say(vec![OK]), Close, Close, Say(vec![OK])], vec![(Ok("hi"), 1), (Err("closed without a reply"), 2), (Ok("hi"), 1)], 3),
        ("a new connection is not tried twice", vec![Close, Say(vec![OK])], vec![(Err("closed without a reply"), 1), (Ok("hi"), 1)], 2),
        ("after a byte of the reply nothing is sent again", vec![Say(vec![OK]), SayAndClose(b"H"), Say(vec![OK])], vec![(Ok("hi"), 1), (Err("inside the reply's head"), 1), (Ok("hi"), 1)], 2),
        ("not HTTP", vec![SayAndClose(b"what?\r\n\r\n"), Say(vec![OK])], vec![(Err("not HTTP"), 1), (Ok("hi"), 1)], 2),
        ("bytes that nobody asked for", vec![Say(vec![OK, b"more"]), Say(vec![OK])], vec![(Ok("hi"), 1), (Ok("hi"), 1)], 2),
    ];
    for (what, answers, expected, connections) in table {
        let requests = answers.len();
        let (port, server) = serve(answers);
        let mut connection = connect(port, Timeouts::default());
        for (outcome, attempts) in expected {
            let facts = exchange(&mut connection).await;
            assert_eq!(facts.attempts, attempts, "{what}: {facts:?}");
            match (outcome, &facts.outcome) {
                (Ok(body), Ok(())) => assert_eq!(connection.reply(), body.as_bytes(), "{what}"),
                (Err(words), Err(failure)) => {
                    assert!(failure.to_string().contains(words), "{what}: {failure}");
                }
                _ => panic!("{what}: {facts:?}"),
            }
            // Lets a close arrive, as it does between two requests of a user.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(connection);
        assert_eq!(server.join().unwrap(), (connections, requests), "{what}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let facts = exchange(&mut connect(port, Timeouts::default())).await;
    assert_eq!(facts.outcome, Err(Failure::Transport("connection refused".into())));
    assert_eq!((facts.attempts, facts.sent_ns), (0, facts.done_ns));
}

#[tokio::test]
async fn time_outs() {
    let short = Duration::from_millis(50);
    let table = [
        (Timeouts { first_byte: short, ..Timeouts::default() }, Phase::FirstByte),
        (Timeouts { total: short, ..Timeouts::default() }, Phase::Total),
    ];
    for (timeouts, phase) in table {
        let (port, server) = serve(vec![Silence]);
        let called_ns = monotonic_ns();
        let facts = exchange(&mut connect(port, timeouts)).await;
        assert_eq!(facts.outcome, Err(Failure::Timeout(phase)));
        assert!(facts.done_ns - called_ns >= 50_000_000, "never early");
        server.join().unwrap();
    }
}

/// A listener whose backlog is full answers no handshake.
#[tokio::test]
async fn connecting_times_out() {
    let listener =
        socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let _filling: Vec<_> =
        (0..3).map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(100))).collect();
    let timeouts = Timeouts { connect: Duration::from_millis(50), ..Timeouts::default() };
    let facts = exchange(&mut connect(address.port(), timeouts)).await;
    assert_eq!(facts.outcome, Err(Failure::Timeout(Phase::Connect)));
    assert_eq!(facts.attempts, 0);
}

#[tokio::test]
async fn a_run_that_is_cut_interrupts() {
    let (port, server) = serve(vec![Silence]);
    let cut = Arc::new(AtomicBool::new(false));
    let settings = Settings { cut: Arc::clone(&cut), ..Settings::default() };
    let target =
        Target::resolve(&format!("http://127.0.0.1:{port}/"), &TargetOptions::default()).unwrap();
    let mut connection = Connection::new(Arc::new(target), Arc::new(settings), 1);
    let mut exchanging = std::pin::pin!(exchange(&mut connection));
    let waited = tokio::time::timeout(Duration::from_millis(30), &mut exchanging).await;
    assert!(waited.is_err());
    cut.store(true, Ordering::Relaxed);
    // Being polled is the executor's part.
    let facts = exchanging.await;
    assert_eq!(facts.outcome, Err(Failure::Interrupted));
    assert_eq!(facts.attempts, 1);
    server.join().unwrap();
}
