//! The fuzz target of the reader of HTTP and SCGI replies. `katydid_fuzz` says how it runs.
//!
//! What is found must not depend on how the bytes arrive: all at once, in pieces, one by one.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::http::{Coding, Dialect, ReplyLimits, ReplyReader, header_values};
use super::inflate::inflate;
use katydid_fuzz::{Rng, Target, Way, fuzz};

const TOKENS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 304 Not Modified\r\n",
    "HTTP/1.1 500 \r\n",
    "Content-Length: ",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: ",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Content-Type: text/xml\r\n",
    "Content-Encoding: gzip\r\n",
    "Content-Encoding: deflate\r\n",
    "Content-Encoding: br\r\n",
    "Set-Cookie: a=b; Path=/\r\n",
    "Status: 200 OK\r\n",
    "Status: ",
    "Location: /\r\n",
    "<?xml version=\"1.0\"?>",
    "\x1f",
    "\x01\x02\0\u{fffd}\u{fffd}\0\0",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "5;a=\"b\"\r\nhello\r\n",
    "ffffffffffffffff\r\n",
    "0",
    ": ",
    ",",
    ";",
    "\t",
    "X: y\r\n",
    "hello",
];

/// Small, so that they are reached.
const LIMITS: ReplyLimits = ReplyLimits { head_bytes: 256, body_bytes: 512 };

/// What came of a reply: nothing yet, or what it is, or what is wrong with it.
type Found = Result<Option<Reply>, String>;

#[derive(Debug, PartialEq)]
struct Reply {
    status: u16,
    body: Vec<u8>,
    coding: Coding,
    cookies: Vec<Vec<u8>>,
    keep_alive: bool,
}

/// Reads bytes that arrive in pieces; `size` says how long the next one is.
fn read(bytes: &[u8], dialect: Dialect, ended: bool, mut size: impl FnMut() -> usize) -> Found {
    let mut reader = ReplyReader::new(dialect);
    let mut buffer = Vec::new();
    let mut rest = bytes;
    loop {
        let (piece, later) = rest.split_at(size().max(1).min(rest.len()));
        buffer.extend_from_slice(piece);
        rest = later;
        let last = rest.is_empty();
        let reply = reader.advance(&mut buffer, ended && last, LIMITS);
        if let Some(reply) = reply.map_err(|failure| failure.to_string())? {
            assert!(reply.status < 1000, "three digits");
            let cookies = header_values(&buffer[reply.head], "set-cookie");
            assert_eq!(reply.sets_cookies, !cookies.is_empty(), "the head is that of the reply");
            let body = buffer.get(reply.body).expect("the body lies in the buffer").to_vec();
            assert!(body.len() <= LIMITS.body_bytes, "bounded");
            let (status, coding, keep_alive) = (reply.status, reply.coding, reply.keep_alive);
            return Ok(Some(Reply { status, body, coding, cookies, keep_alive }));
        }
        if last {
            assert!(!ended, "when no more comes there is a reply or an error");
            return Ok(None);
        }
    }
}

/// Whether both found the same. Only a reader that saw more of the bytes knows of those behind the
/// reply, and only one that saw a head grow knows that it grew too long.
fn alike(slow: &Found, whole: &Found) -> bool {
    match (slow, whole) {
        (Ok(Some(slow)), Ok(Some(whole))) => {
            let alive = slow.keep_alive || !whole.keep_alive;
            alive && slow.body == whole.body && slow.status == whole.status
        }
        (Err(slow), _) if slow.contains("exceeds") || slow.contains("too long") => true,
        // What is quoted is what had come.
        (Err(slow), Err(whole)) => Way::of_words(slow) == Way::of_words(whole),
        _ => slow == whole,
    }
}

/// In words, what came of it, and of its body when it is inflated.
fn words(found: &Found) -> String {
    let reply = match found {
        Ok(Some(reply)) => reply,
        Ok(None) => return "more is needed".into(),
        Err(error) => {
            assert!(error.len() < 600, "what is quoted is bounded: {error}");
            return error.clone();
        }
    };
    let mut out = Vec::new();
    let inflated = inflate(reply.coding, &reply.body, &mut out, LIMITS);
    assert!(out.len() <= LIMITS.body_bytes + 1, "never more than one byte too much");
    let alive = if reply.keep_alive { "alive" } else { "closing" };
    format!("{alive} {:?} {:?}", inflated.is_ok(), reply.coding)
}

#[test]
fn replies_do_not_depend_on_how_they_arrive() {
    fuzz(Target { name: "http_reply", tokens: TOKENS, cases: 4000 }, |bytes| {
        // Far past the limits.
        let bytes = &bytes[..bytes.len().min(1500)];
        let mut way = String::new();
        for (dialect, ended) in [
            (Dialect::Http, false),
            (Dialect::Http, true),
            (Dialect::Scgi, false),
            (Dialect::Scgi, true),
        ] {
            let whole = read(bytes, dialect, ended, || usize::MAX);
            let mut rng = Rng::new(bytes.len() as u64);
            let slow = read(bytes, dialect, ended, || 1);
            assert!(alike(&slow, &whole), "one by one: {slow:?}, whole: {whole:?}");
            let pieces = read(bytes, dialect, ended, || rng.below(40));
            assert!(alike(&pieces, &whole), "in pieces: {pieces:?}, whole: {whole:?}");
            way += &words(&whole);
        }
        Way::of_words(&way)
    });
}
