//! Receivers that are slow, down or wrong.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::fixture;
use super::push::{Options, Pace, Protocol, Push, Pushed};
use crate::wire::TlsOptions;
use crate::wire::server::{Ending, Handler, Plan, Reply, Request, Running, Server, Settings, Then};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const PACE: Pace = Pace {
    patience: Duration::from_millis(400),
    first_pause: Duration::from_millis(20),
    longest_pause: Duration::from_millis(80),
};

/// Answers these statuses in turn, the last one for ever, so late; tells what it got.
struct Answers {
    statuses: Vec<u16>,
    wait: Duration,
    body: &'static [u8],
    got: Sender<(String, usize)>,
}

impl Handler for Answers {
    type Note = ();

    fn handle(&mut self, request: &Request<'_>, reply: &mut Reply) -> (Plan, ()) {
        self.got.send((request.path.to_owned(), request.body.len())).unwrap();
        let more = self.statuses.len() > 1;
        reply.status = if more { self.statuses.remove(0) } else { self.statuses[0] };
        reply.body.extend_from_slice(self.body);
        (Plan { wait: self.wait, then: Then::Reply }, ())
    }

    fn ended(&mut self, (): (), _: Ending) {}
}

type Got = Receiver<(String, usize)>;

fn receiver(statuses: &[u16], wait: Duration, body: &'static [u8]) -> (Running, Got) {
    let (got, all) = channel();
    let settings = Settings { threads: 1, id_header: "X", outages: Vec::new() };
    let handler = || Answers { statuses: statuses.to_vec(), wait, body, got: got.clone() };
    (Server::bind("127.0.0.1:0").unwrap().start(settings, handler).unwrap(), all)
}

fn push_to(address: impl std::fmt::Display, protocol: Protocol) -> (Push, Receiver<String>) {
    let options = Options {
        url: format!("http://{address}"),
        protocol,
        headers: Vec::new(),
        tls: TlsOptions::default(),
        interval: Duration::from_secs(1),
    };
    let (told, lines) = channel();
    let tell = move |line: &str| told.send(line.to_owned()).unwrap();
    (Push::start_at(PACE, &options, fixture::origin(), tell).unwrap(), lines)
}

/// A run of so many seconds, offered four times a second.
fn run(push: &mut Push, seconds: u64) {
    for quarter in 0..seconds * 4 {
        let mut snapshot = fixture::snapshot(quarter / 4);
        snapshot.elapsed_ns += quarter % 4 * 250_000_000;
        push.offer(&snapshot);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn once_each_interval_and_at_the_end() {
    for (protocol, path) in
        [(Protocol::RemoteWrite, "/api/v1/write"), (Protocol::Otlp, "/v1/metrics")]
    {
        let (mut receiver, got) = receiver(&[200, 204], Duration::ZERO, b"");
        let (mut push, lines) = push_to(receiver.local_addr(), protocol);
        run(&mut push, 3);
        let pushed = push.finish(&fixture::snapshot(3));
        receiver.stop();
        assert_eq!((pushed.taken, pushed.lost, pushed.complete), (4, 0, true), "{pushed:?}");
        assert_eq!((pushed.complaint(), lines.iter().count()), (None, 0));
        drop(receiver);
        let got: Vec<_> = got.try_iter().collect();
        assert!(
            got.len() == 4 && got.iter().all(|(at, bytes)| at == path && *bytes > 0),
            "{got:?}"
        );
    }
}

#[test]
fn what_was_not_taken_is_tried_again_and_told_once() {
    let (receiver, _got) = receiver(&[503, 429, 500, 200], Duration::ZERO, b"");
    let (mut push, lines) = push_to(receiver.local_addr(), Protocol::Otlp);
    run(&mut push, 2);
    let pushed = push.finish(&fixture::snapshot(2));
    assert_eq!((pushed.taken, pushed.lost, pushed.complete), (3, 0, true), "{pushed:?}");
    let lines: Vec<_> = lines.iter().collect();
    assert!(lines.len() == 1 && lines[0].contains("status 503; the run goes on"), "{lines:?}");
}

#[test]
fn what_will_never_be_taken_is_not_tried_again() {
    let partial: &[u8] = &[0x0a, 6, 0x08, 3, 0x12, 2, b'n', b'o'];
    for (statuses, body, expected) in [
        (&[400, 200], &b""[..], "status 400; the last one has arrived"),
        (&[200, 200], partial, "3 figures were rejected: \"no\"; the last one is missing"),
        (&[200, 302], b"", "without a location; the last one is missing"),
    ] {
        let (receiver, got) = receiver(statuses, Duration::ZERO, body);
        let (mut push, lines) = push_to(receiver.local_addr(), Protocol::Otlp);
        run(&mut push, 1);
        let pushed = push.finish(&fixture::snapshot(1));
        drop(receiver);
        assert_eq!(got.iter().count(), 2);
        let complaint = pushed.complaint().unwrap();
        assert!(complaint.ends_with(expected) && pushed.lost > 0, "{complaint}");
        assert_eq!(lines.iter().count(), 1);
    }
}

#[test]
fn nobody_there() {
    let address = Server::bind("127.0.0.1:0").unwrap().local_addr();
    let (mut push, lines) = push_to(address, Protocol::RemoteWrite);
    run(&mut push, 3);
    let began = Instant::now();
    let Pushed { taken, lost, complete, trouble, .. } = push.finish(&fixture::snapshot(3));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!((taken, lost, complete), (0, 4, false));
    assert!(trouble.unwrap().contains("refused"));
    assert_eq!(lines.iter().count(), 1);
}

#[test]
fn a_receiver_that_sleeps_disturbs_nobody() {
    let (receiver, _got) = receiver(&[200], Duration::from_secs(60), b"");
    let (mut push, _lines) = push_to(receiver.local_addr(), Protocol::Otlp);
    let mut snapshot = fixture::snapshot(1);
    let began = Instant::now();
    for second in 0..400 {
        snapshot.elapsed_ns = second * 1_000_000_000;
        push.offer(&snapshot);
        std::thread::sleep(Duration::from_millis(5));
    }
    let offering = began.elapsed();
    let pushed = push.finish(&fixture::snapshot(500));
    assert!(offering < Duration::from_secs(30), "{offering:?}");
    assert!(began.elapsed() - offering < Duration::from_secs(30));
    // Each is counted once: taken, lost, or waiting when the run ended.
    assert_eq!((pushed.taken, pushed.lost, pushed.complete), (0, 401, false));
    assert!(pushed.complaint().unwrap().contains("401 of 401"), "{pushed:?}");
}

/// Whoever starts and ends it may be in the middle of something asynchronous.
#[tokio::test]
async fn within_another_runtime() {
    let (receiver, _got) = receiver(&[200], Duration::ZERO, b"");
    let (push, _lines) = push_to(receiver.local_addr(), Protocol::Otlp);
    assert!(push.finish(&fixture::snapshot(1)).complete);
    drop(push_to(receiver.local_addr(), Protocol::Otlp));
}

#[test]
fn where_nothing_can_be_pushed() {
    for (url, expected) in [
        ("nonsense", "metrics cannot be pushed: host \"nonsense\""),
        ("ftp://127.0.0.1/", "metrics cannot be pushed: host"),
        ("http://no-such-host.invalid/", "does not resolve"),
    ] {
        let options = Options {
            url: url.to_owned(),
            protocol: Protocol::Otlp,
            headers: Vec::new(),
            tls: TlsOptions::default(),
            interval: Duration::from_secs(1),
        };
        let error = Push::start(&options, fixture::origin(), |_| {}).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
