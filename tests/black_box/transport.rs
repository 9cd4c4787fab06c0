//! Other ways to a target than plain HTTP over TCP, with servers of other people behind them.

use katydid_tests::{Peer, Run, Target, guest, katydid, output, python, root, run, text};
use serde_json::Value;

/// A server of `tests/peers/transport_server.py`: its URL, and the certificate to trust, if any.
struct Server {
    _peer: Peer,
    url: String,
    pem: Option<String>,
}

impl Server {
    fn start(mode: &str) -> Self {
        let mut command = python();
        let peer =
            Peer::start(command.arg(root().join("tests/peers/transport_server.py")).arg(mode));
        let mut words = peer.said.split_whitespace().map(str::to_owned);
        let (url, pem) = (words.next().unwrap(), words.next());
        Self { _peer: peer, url, pem }
    }

    fn run(&self, more: &[&str]) -> Run {
        let load = ["-H", &self.url, "-u", "5", "-r", "1000", "-i", "20", "-t", "20s"];
        run(&guest("echo_bytes"), &[&load[..], more].concat())
    }
}

fn went_well(run: &Run) {
    assert_eq!(run.code, 0, "{}\n{}", run.out, run.err);
    assert_eq!(run.all("request_success").count(), 100, "{}", run.out);
}

#[test]
fn every_transport_carries_calls() {
    for mode in ["unix", "scgi", "scgi-unix", "gzip"] {
        let server = Server::start(mode);
        let compressed: &[&str] = if mode == "gzip" { &["--compressed"] } else { &[] };
        let run = server.run(compressed);
        went_well(&run);
        if mode == "gzip" {
            // The reply repeats 1,000 letters; on the wire it is short.
            let received =
                run.all("request_success").map(|e| e["bytes_received"].as_u64().unwrap());
            assert!(received.max().unwrap() < 600, "{}", run.out);
        }
    }
}

#[test]
fn tls_is_checked_unless_told_otherwise() {
    let server = Server::start("https");
    let pem = server.pem.clone().unwrap();
    let run = server.run(&["--ca", &pem]);
    went_well(&run);
    assert!(run.out.contains("5 TLS handshakes in full"), "{}", run.out);
    went_well(&server.run(&["--insecure"]));
    // Nobody vouches for it: each request fails, with the reason, and none is sent.
    let run = server.run(&[]);
    assert_eq!((run.code, run.all("request_success").count()), (1, 0), "{}", run.out);
    let failure = text(&run.all("request_failure").next().unwrap()["failure"]);
    assert!(failure.contains("tls") || failure.contains("TLS"), "{failure}");
    assert!(failure.contains("issuer"), "{failure}");
    assert!(run.requests().all(|event| event["attempts"] == 0));
    // Each connection anew: sessions are resumed.
    let run = server.run(&["--ca", &pem, "--no-keep-alive"]);
    went_well(&run);
    assert!(run.out.contains("connections  100 opened, "), "{}", run.out);
    assert!(run.out.contains("95 resumed"), "{}", run.out);
}

#[test]
fn a_target_may_ask_for_our_certificate() {
    let server = Server::start("https-client");
    let pem = server.pem.clone().unwrap();
    went_well(&server.run(&["--ca", &pem, "--cert", &pem]));
    let run = server.run(&["--ca", &pem]);
    assert_eq!((run.code, run.all("request_success").count()), (1, 0), "{}", run.out);
}

#[test]
fn what_cannot_be_is_told_at_once() {
    let mut command = katydid();
    command.arg("run").arg(guest("idles")).args(["-H", "https://127.0.0.1:1/", "-t", "1s"]);
    command.args(["--ca", "/nowhere.pem", "--header", "Content-Length: 5", "--header", "a b: c"]);
    let (code, _, err) = output(command.args(["--source", "192.0.2.1", "--header", "x: a\u{7}b"]));
    assert_eq!(code, 2, "{err}");
    for said in ["/nowhere.pem", "Content-Length", "a b", "192.0.2.1", "--header \"x: "] {
        assert!(err.contains(said), "{said} is not in {err}");
    }
}

#[test]
fn a_password_is_sent_and_never_shown() {
    let target = Target::start(&["--delay", "none"]);
    let url = target.url.replace("http://", "http://me:s3cret@");
    let json = tempfile::NamedTempFile::new().unwrap();
    let path = json.path().display().to_string();
    let run = run(&guest("idles"), &["-H", &url, "-t", "500ms", "--json", &path]);
    assert_eq!(run.code, 0, "{}", run.out);
    let document = std::fs::read_to_string(json.path()).unwrap();
    for shown in [&run.out, &run.err, &document] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    assert!(run.out.contains("me:***@"), "{}", run.out);
    let _ = target.stop();
}

#[test]
fn a_target_tells_its_methods() {
    let target = Target::start(&["--delay", "none"]);
    let (code, out, err) = output(katydid().args(["inspect", &target.url]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("get_random_number(int, int) -> int"), "{out}");
    assert!(out.contains("round trip"), "{out}");
    let (code, out, _) = output(katydid().args(["inspect", "--json", &target.url]));
    let document: Value = serde_json::from_str(&out).unwrap();
    let described = document["described"].as_array().unwrap();
    assert_eq!((code, document["methods"].as_u64()), (0, Some(described.len() as u64)));
    let _ = target.stop();
    // Python's server has introspection without signatures, and says who it is.
    let server = Server::start("unix");
    let (code, out, err) = output(katydid().args(["inspect", &server.url]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("BaseHTTP/") && out.contains("get_time(?)"), "{out}");
    let (code, _, err) = output(katydid().args(["inspect", "http://127.0.0.1:1/"]));
    assert_eq!(code, 5, "{err}");
    assert!(err.contains("cannot ask \"http://127.0.0.1:1/\" what it is: transport: "), "{err}");
}
