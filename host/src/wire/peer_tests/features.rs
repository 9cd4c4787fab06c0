//! What HTTP has beside requests and replies.

use super::*;
use crate::wire::http::ReplyLimits;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write as _;

/// Answers so, over plain TCP; what came of the requests, what was counted, what the peer has seen.
async fn play(
    path: &str,
    settings: Settings,
    answers: Vec<Answer>,
    count: usize,
) -> (Vec<Result<String, String>>, Connections, Seen) {
    let (listener, address) = tcp().await;
    let peer = serve(listener, answers);
    let (came, totals) =
        requests(&target(&format!("http://{address}{path}")), settings, count).await;
    (came, totals, peer.await.unwrap())
}

#[tokio::test]
async fn how_connections_break() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi";
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi";
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    #[rustfmt::skip]
    let table = [
        ("before the reply", close(""), "transport: connection closed without a reply"),
        ("inside the head", close("HTTP/1.1 200"), "transport: connection closed inside the reply's head"),
        ("inside the body", close(cut), "transport: connection closed inside the reply's body"),
        ("inside a chunk", close(chunk), "transport: connection closed inside the reply's body"),
        ("reset before", Answer::Reset(Vec::new()), "transport: connection reset"),
        ("reset inside", Answer::Reset(cut.to_vec()), "transport: connection reset in the middle of the reply"),
        ("a status line of no sense", close("ICY 200 OK\r\n\r\n"), "protocol: the reply is not HTTP (invalid HTTP version): \"ICY 200 OK\\r\\n\\r\\n\""),
        ("a chunk of no sense", close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"), "protocol: a chunk's size is not a hexadecimal number"),
        ("a head without end", close(long), "protocol: the reply's head exceeds 65536 bytes"),
        ("a body too long", close("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "protocol: the reply's body exceeds 16777216 bytes"),
        ("another coding", say(reply("Content-Encoding: br\r\n", "x")), "protocol: the reply's content encoding is neither gzip nor deflate"),
        ("a status", say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), "status 404"),
    ];
    for (what, answer, expected) in table {
        let (came, _, _) = play("/", Settings::default(), vec![answer], 1).await;
        assert_eq!(came, [Err(expected.replace("\\\"", "\""))], "{what}");
    }
}

#[tokio::test]
async fn each_byte_in_a_write_of_its_own() {
    let chunked: &[u8] =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nhel\r\n02;x=y\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n";
    let answers = vec![Answer::Dribble(chunked.to_vec()), Answer::Dribble(OK.to_vec())];
    let (came, totals, seen) = play("/", Settings::default(), answers, 2).await;
    assert_eq!(came, [good("hello"), good("hi")]);
    assert_eq!((totals.opened, totals.reused, seen.from.len()), (1, 1, 1));
}

#[tokio::test]
async fn headers_and_passwords_are_sent() {
    let (listener, address) = tcp().await;
    let peer = serve(listener, vec![say(OK)]);
    let headers = ["X-Tenant: acme", "User-Agent: me"].map(|text| text.parse().unwrap()).to_vec();
    let settings = Settings { headers, compressed: true, ..Settings::default() };
    let target = target(&format!("http://m%40e:s%3Aecret@{address}/RPC2?x=1"));
    assert_eq!(requests(&target, settings, 1).await.0, [good("hi")]);
    let expected = format!(
        "POST /RPC2?x=1 HTTP/1.1\r\nHost: {address}\r\nContent-Type: text/xml\r\n\
         Accept-Encoding: gzip, deflate\r\nAuthorization: Basic bUBlOnM6ZWNyZXQ=\r\n\
         X-Tenant: acme\r\nUser-Agent: me\r\nContent-Length:         13\r\n\r\n<methodCall/>"
    );
    assert_eq!(peer.await.unwrap().requests, [expected]);
}

#[tokio::test]
async fn connections_are_not_kept_where_that_is_off() {
    let settings = Settings { keep_alive: false, ..Settings::default() };
    let (came, totals, seen) = play("/", settings, vec![say(OK), say(OK), say(OK)], 3).await;
    assert_eq!(came, [good("hi"), good("hi"), good("hi")]);
    assert_eq!((totals.opened, totals.reused, seen.from.len()), (3, 0, 3));
    assert!(seen.requests.iter().all(|request| request.contains("\r\nConnection: close\r\n")));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_replies() {
    let long = "<value/>".repeat(1_000);
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
    raw.write_all(long.as_bytes()).unwrap();
    let (packed, raw) = (gzip(long.as_bytes()), raw.finish().unwrap());
    let size = packed.len() as u64;
    let chunks = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n".to_vec(),
        format!("{:x}\r\n", packed.len()).into_bytes(),
        packed.clone(),
        b"\r\n0\r\n\r\n".to_vec(),
    ];
    let answers = vec![
        say(reply("Content-Encoding: GZIP\r\n", &packed)),
        say(reply("Content-Encoding: x-gzip\r\n", &packed)),
        say(reply("Content-Encoding: deflate\r\n", raw)),
        Answer::Dribble(chunks.concat()),
        say(reply("Content-Encoding: identity\r\n", &long)),
        say(OK),
    ];
    let expected = [&long, &long, &long, &long, &long, "hi"].map(|body| Ok(body.to_owned()));
    let (came, totals, _) = play("/", Settings::default(), answers.clone(), 6).await;
    assert!(came == expected, "all are inflated");
    assert_eq!(totals.opened, 1);

    // Counted as they came.
    let (listener, address) = tcp().await;
    let peer = serve(listener, answers[..1].to_vec());
    let target = target(&format!("http://{address}/"));
    let mut connection = Connection::new(target, Arc::default(), 1);
    let facts = exchange(&mut connection).await;
    assert_eq!((facts.bytes_received, connection.reply().len()), (size, long.len()));
    peer.await.unwrap();
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let limits = ReplyLimits { body_bytes: 1 << 20, ..ReplyLimits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let answers = vec![say(reply("Content-Encoding: gzip\r\n", bomb)), say(OK)];
    let (came, totals, _) = play("/", settings, answers, 2).await;
    assert_eq!(
        came,
        [Err("protocol: the reply's body exceeds 1048576 bytes".to_owned()), good("hi")]
    );
    assert_eq!(totals.opened, 1, "the connection is as good as before");
}

fn redirect(status: u16, location: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn redirects() {
    let away = "http://other.example/x?session=1";
    let four: Vec<_> = (0..4).map(|_| say(redirect(307, "/again"))).collect();
    let mut three = four[..3].to_vec();
    three.push(say(OK));
    type Row<'a> = (&'a str, Vec<Answer>, Result<&'a str, &'a str>, &'a [&'a str]);
    #[rustfmt::skip]
    let table: [Row<'_>; 11] = [
        ("307", vec![say(redirect(307, "/new?a=b")), say(OK)], Ok("hi"), &["/old/x", "/new?a=b"]),
        ("308, relative", vec![say(redirect(308, "new")), say(OK)], Ok("hi"), &["/old/x", "/old/new"]),
        ("twice, relative to the last one", vec![say(redirect(307, "/a/b")), say(redirect(307, "c")), say(OK)], Ok("hi"), &["/old/x", "/a/b", "/a/c"]),
        ("by a server that closes", vec![close(redirect(307, "/new")), say(OK)], Ok("hi"), &["/old/x", "/new"]),
        ("to a failure", vec![say(redirect(307, "/new")), say("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")], Err("status 500"), &["/old/x", "/new"]),
        ("three times", three, Ok("hi"), &["/old/x", "/again", "/again", "/again"]),
        ("without end", four, Err("status 307: redirects to \"/again\", one redirect too many"), &["/old/x", "/again", "/again", "/again"]),
        ("elsewhere", vec![say(redirect(307, away))], Err("status 307: redirects to \"http://other.example/x\", which is not the target"), &["/old/x"]),
        ("302", vec![say(redirect(302, "/new"))], Err("status 302: redirects to \"/new\", which would turn the call into a GET; name that URL as the host"), &["/old/x"]),
        ("301, elsewhere", vec![say(redirect(301, away))], Err("status 301: redirects to \"http://other.example/x\", which would turn the call into a GET; name that URL as the host"), &["/old/x"]),
        ("nowhere", vec![say("HTTP/1.1 307 X\r\nContent-Length: 0\r\n\r\n")], Err("status 307: a redirect without a location"), &["/old/x"]),
    ];
    for (what, answers, expected, paths) in table {
        let (came, totals, seen) = play("/old/x", Settings::default(), answers, 1).await;
        assert_eq!(came, [expected.map(str::to_owned).map_err(str::to_owned)], "{what}");
        let asked: Vec<_> =
            seen.requests.iter().map(|request| request.split(' ').nth(1).unwrap()).collect();
        assert_eq!(asked, paths, "{what}");
        assert!(seen.requests.iter().all(|request| request.ends_with("\r\n\r\n<methodCall/>")));
        assert_eq!(totals.redirects, paths.len() as u64 - 1, "{what}");
    }
}

/// One request, sent first when it was sent first, and written as often as the target was asked.
#[tokio::test]
async fn a_redirected_request_is_one_request() {
    let (listener, address) = tcp().await;
    let peer = serve(listener, vec![say(redirect(308, "/new")), say(OK), say(OK)]);
    let target = target(&format!("http://{address}/"));
    let mut connection = Connection::new(target, Arc::default(), 1);
    let facts = exchange(&mut connection).await;
    assert_eq!((facts.outcome, facts.attempts, facts.bytes_sent), (Ok(()), 2, 13));
    let facts = exchange(&mut connection).await;
    assert_eq!((facts.outcome, facts.attempts), (Ok(()), 1));
    let seen = peer.await.unwrap();
    assert!(seen.requests[2].starts_with("POST / "), "nothing is remembered of it");
}

#[tokio::test]
async fn cookies_go_back_where_that_is_on() {
    let cookie = |headers: &str| say(reply(headers, "hi"));
    let answers = vec![
        cookie("Set-Cookie: a=1; Path=/; HttpOnly\r\nSet-Cookie: b=2; Max-Age=0\r\n"),
        cookie("set-cookie: c=3; Secure\r\nset-cookie: d=4; Path=/\r\n"),
        cookie("Set-Cookie: a=; Max-Age=0; Path=/\r\n"),
        say(OK),
    ];
    let cookies = |seen: &Seen| -> Vec<String> {
        let line = |request: &String| {
            request
                .lines()
                .find_map(|line| line.strip_prefix("Cookie: "))
                .unwrap_or_default()
                .to_owned()
        };
        seen.requests.iter().map(line).collect()
    };
    let on = Settings { cookies: true, ..Settings::default() };
    let (came, _, seen) = play("/rpc", on, answers.clone(), 4).await;
    assert!(came.iter().all(Result::is_ok), "{came:?}");
    assert_eq!(cookies(&seen), ["", "a=1", "a=1; d=4", "d=4"]);
    assert!(seen.requests.iter().all(|request| request.ends_with("\r\n\r\n<methodCall/>")));
    let (_, _, seen) = play("/rpc", Settings::default(), answers, 4).await;
    assert_eq!(cookies(&seen), ["", "", "", ""]);
}

#[tokio::test]
async fn a_redirect_may_set_a_cookie_first() {
    let login =
        "HTTP/1.1 307 X\r\nSet-Cookie: s=1; Path=/\r\nLocation: /in\r\nContent-Length: 0\r\n\r\n";
    let settings = Settings { cookies: true, ..Settings::default() };
    let (came, _, seen) = play("/", settings, vec![say(login), say(OK)], 1).await;
    assert_eq!(came, [good("hi")]);
    assert!(seen.requests[1].contains("\r\nCookie: s=1\r\n"), "{seen:?}");
    assert!(seen.requests[1].ends_with("\r\n\r\n<methodCall/>"), "{seen:?}");
}
