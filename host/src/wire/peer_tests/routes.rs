//! Unix sockets, SCGI, IPv6, addresses to and from.

use super::*;
use crate::wire::names::Lookup;
use std::io::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my target.sock");
    let url = format!("unix:{}:/RPC2", path.to_str().unwrap().replace(' ', "%20"));
    let (came, _) = requests(&target(&url), Settings::default(), 1).await;
    assert_eq!(came, [Err("transport: no such socket".to_owned())]);

    let listener = UnixListener::bind(&path).unwrap();
    let answers = vec![say(OK), close(OK), Answer::Dribble(OK.to_vec())];
    let peer = serve(Listener::Unix(listener), answers);
    let (came, totals) = requests(&target(&url), Settings::default(), 3).await;
    assert_eq!(came, [good("hi"), good("hi"), good("hi")]);
    assert_eq!((totals.opened, totals.reused), (2, 1));
    let seen = peer.await.unwrap();
    assert!(seen.requests[0].starts_with("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"), "{seen:?}");

    // The file is there, but nobody listens.
    let (came, _) = requests(&target(&url), Settings::default(), 1).await;
    assert_eq!(came, [Err("transport: connection refused".to_owned())]);
}

#[tokio::test]
async fn over_ipv6() {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let peer = serve(Listener::Tcp(listener), vec![say(OK)]);
    let (came, _) =
        requests(&target(&format!("http://[::1]:{port}/")), Settings::default(), 1).await;
    assert_eq!(came, [good("hi")]);
    let seen = peer.await.unwrap();
    assert!(seen.requests[0].contains(&format!("\r\nHost: [::1]:{port}\r\n")), "{seen:?}");
}

#[tokio::test]
async fn scgi_replies() {
    let rtorrent = "Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<r/>";
    #[rustfmt::skip]
    let table: [(&str, Answer, Result<&str, &str>); 14] = [
        ("as rTorrent does", close(rtorrent), Ok("<r/>")),
        ("each byte on its own", Answer::Dribble(rtorrent.into()), Ok("<r/>")),
        ("with a length it need not close", say(rtorrent), Ok("<r/>")),
        ("without a length", close("Status: 200 OK\r\n\r\n<r/>"), Ok("<r/>")),
        ("without a status", close("Content-Type: text/xml\r\n\r\n<r/>"), Ok("<r/>")),
        ("lines that end in a line feed", close("Status: 200\nContent-Length: 4\n\n<r/>"), Ok("<r/>")),
        ("nothing but XML", close("<r/>"), Ok("<r/>")),
        ("a status line", close("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<r/>"), Ok("<r/>")),
        ("a bad status", close("Status: 500 Oh\r\n\r\noh"), Err("status 500")),
        ("a redirect", close("Location: http://h/x\r\n\r\n"), Err("status 302: redirects to \"http://h/x\", which would turn the call into a GET; name that URL as the host")),
        ("one that could be followed", close("Status: 307 X\r\nLocation: /x\r\n\r\n"), Err("status 307: redirects to \"/x\", which SCGI cannot follow")),
        ("a status that is none", close("Status: fine\r\n\r\n<r/>"), Err("protocol: the reply's status \"fine\" is not a number like 200")),
        ("nothing", close(""), Err("transport: connection closed without a reply")),
        ("neither", close("what is this\r\n\r\n"), Err("protocol: the reply is neither SCGI headers nor XML")),
    ];
    for (what, answer, expected) in table {
        let (listener, address) = tcp().await;
        let peer = serve(listener, vec![answer]);
        let scgi = target(&format!("scgi://{address}/RPC2"));
        let (came, _) = requests(&scgi, Settings::default(), 1).await;
        assert_eq!(came, [expected.map(str::to_owned).map_err(str::to_owned)], "{what}");
        peer.await.unwrap();
    }
}

#[tokio::test]
async fn scgi_takes_a_connection_for_each_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rtorrent");
    let listener = UnixListener::bind(&path).unwrap();
    // Even where the other side would go on.
    let answers = vec![say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<r/>"), close("<r/>")];
    let peer = serve(Listener::Unix(listener), answers);
    let scgi = target(&format!("scgi+unix:{}", path.display()));
    let (came, totals) = requests(&scgi, Settings::default(), 2).await;
    assert_eq!(came, [good("<r/>"), good("<r/>")]);
    assert_eq!((totals.opened, totals.reused), (2, 0));
    let seen = peer.await.unwrap();
    let (length, rest) = seen.requests[0].split_once(':').unwrap();
    let (head, body) = rest.split_at(length.parse().unwrap());
    assert!(head.starts_with("CONTENT_LENGTH\x0013\0SCGI\x001\0"), "{head:?}");
    assert_eq!(body, ",<methodCall/>");
}

#[tokio::test]
async fn users_come_from_the_source_addresses_in_turns() {
    let (listener, address) = tcp().await;
    let peer = serve(listener, vec![say(OK), say(OK), say(OK)]);
    let sources = ["127.0.0.2", "::1", "127.0.0.3"].map(|text| text.parse().unwrap()).to_vec();
    let settings = Arc::new(Settings { sources, ..Settings::default() });
    let target = target(&format!("http://{address}/"));
    for user in 0..3 {
        let mut connection = Connection::new(Arc::clone(&target), Arc::clone(&settings), user);
        assert_eq!(exchange(&mut connection).await.outcome, Ok(()));
    }
    let seen = peer.await.unwrap();
    let from: Vec<_> = seen.from.iter().map(|from| from.split(':').next().unwrap()).collect();
    assert_eq!(from, ["127.0.0.2", "127.0.0.3", "127.0.0.2"]);

    let settings = Settings { sources: vec!["::1".parse().unwrap()], ..Settings::default() };
    let (came, _) = requests(&target, settings, 1).await;
    assert_eq!(came, [Err("transport: no source address is of the target's family".to_owned())]);
}

/// The record moves from one server to another, then is gone; each request is a connection.
#[tokio::test]
async fn new_connections_follow_the_name() {
    let (first, at_first) = tcp().await;
    let (second, at_second) = tcp().await;
    let peers = [serve(first, vec![say(OK)]), serve(second, vec![say(OK), say(OK)])];
    let addresses: [SocketAddr; 2] = [at_first, at_second].map(|text| text.parse().unwrap());
    let record = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&record);
    let lookup: Lookup = Arc::new(move |name, port| {
        assert_eq!((name, port), ("target.example", 80));
        let address = addresses.get(now.load(Ordering::Relaxed));
        address.map(|&address| vec![address]).ok_or_else(|| Error::other("no such name"))
    });
    let ttl = Duration::from_millis(20);
    let options =
        TargetOptions { lookup: Some(lookup), dns_ttl: Some(ttl), ..TargetOptions::default() };
    let target = Arc::new(Target::resolve("http://target.example/", &options).unwrap());
    let settings = Arc::new(Settings { keep_alive: false, ..Settings::default() });
    let mut connection = Connection::new(target, Arc::clone(&settings), 1);
    let gone = "transport: the target's name does not resolve (no such name)".to_owned();
    for (state, expected) in [(0, Ok(())), (1, Ok(())), (1, Ok(())), (2, Err(gone))] {
        record.store(state, Ordering::Relaxed);
        tokio::time::sleep(2 * ttl).await;
        let outcome = exchange(&mut connection).await.outcome;
        assert_eq!(outcome.map_err(|failure| failure.to_string()), expected, "{state}");
    }
    assert!(settings.counters.totals().lookups >= 2);
    for peer in peers {
        peer.await.unwrap();
    }
}
