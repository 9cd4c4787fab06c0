//! Replies from bytes, whole and one by one.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::http::{Coding, Dialect, HttpReply, ReplyLimits, ReplyReader, header_values};
use katydid_load::Failure;

fn read(bytes: &[u8], ended: bool) -> Result<Option<(u16, Vec<u8>, bool)>, Failure> {
    let mut buffer = bytes.to_vec();
    let limits = ReplyLimits { head_bytes: 512, body_bytes: 64 };
    let reply = ReplyReader::default().advance(&mut buffer, ended, limits)?;
    Ok(reply.map(|reply| (reply.status, buffer[reply.body].to_vec(), reply.keep_alive)))
}

/// The same bytes one by one: what is found must not depend on how they arrive.
fn read_slowly(bytes: &[u8], ended: bool) -> Result<Option<(u16, Vec<u8>, bool)>, Failure> {
    let mut reader = ReplyReader::default();
    let mut buffer = Vec::new();
    let limits = ReplyLimits { head_bytes: 512, body_bytes: 64 };
    for &byte in bytes {
        buffer.push(byte);
        if let Some(reply) = reader.advance(&mut buffer, false, limits)? {
            return Ok(Some((reply.status, buffer[reply.body].to_vec(), reply.keep_alive)));
        }
    }
    let reply = if ended { reader.advance(&mut buffer, true, limits)? } else { None };
    Ok(reply.map(|reply| (reply.status, buffer[reply.body].to_vec(), reply.keep_alive)))
}

#[test]
fn whole_replies() {
    #[rustfmt::skip]
    let table: &[(&str, &str, bool, u16, &str, bool)] = &[
        ("a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", true),
        ("an empty body", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", false, 200, "", true),
        ("a closing server", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", false, 200, "hi", false),
        ("HTTP/1.0 closes", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", false),
        ("HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi", false, 200, "hi", true),
        ("until it closes", "HTTP/1.0 200 OK\r\n\r\nall of it", true, 200, "all of it", false),
        ("no content", "HTTP/1.1 204 No Content\r\n\r\n", false, 204, "", true),
        ("an error with a body", "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\noh!", false, 500, "oh!", true),
        ("an interim reply first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", true),
        ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", false, 200, "abc0123456789", true),
        ("chunks and trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", false, 200, "a", true),
        ("chunked wins over a length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", false, 200, "a", true),
        ("the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", false, 200, "hi", true),
    ];
    for &(what, bytes, ended, status, body, keep_alive) in table {
        let expected = Some((status, body.as_bytes().to_vec(), keep_alive));
        assert_eq!(read(bytes.as_bytes(), ended).unwrap(), expected, "{what}");
        assert_eq!(read_slowly(bytes.as_bytes(), ended).unwrap(), expected, "{what}, slowly");
    }
}

#[test]
fn as_many_headers_as_may_be() {
    for headers in [0, 23, 24, 99] {
        let head = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 2", "A:\r\n".repeat(headers));
        let reply = read(format!("{head}\r\n\r\nhi").as_bytes(), false).unwrap();
        assert_eq!(reply, Some((200, b"hi".to_vec(), true)), "{headers} and one more");
    }
}

#[test]
fn bytes_behind_the_reply_spoil_the_connection() {
    let reply = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP", false).unwrap();
    assert_eq!(reply, Some((200, b"hi".to_vec(), false)));
}

#[test]
fn wrong_replies() {
    #[rustfmt::skip]
    let table: &[(&str, String, bool, &str)] = &[
        ("not HTTP", "hello there\r\n\r\n".into(), false, "not HTTP"),
        ("nothing at all", String::new(), true, "closed inside the reply's head"),
        ("half a head", "HTTP/1.1 200 OK\r\nConte".into(), true, "closed inside the reply's head"),
        ("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi".into(), true, "closed inside the reply's body"),
        ("half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi".into(), true, "closed inside the reply's body"),
        ("no trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n".into(), true, "closed inside the reply's body"),
        ("a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".into(), false, "not a number"),
        ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".into(), false, "two content lengths"),
        ("a length past 64 bits", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".into(), false, "not a number"),
        ("a body past the limit", "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n".into(), false, "exceeds 64 bytes"),
        ("an endless body", format!("HTTP/1.0 200 OK\r\n\r\n{}", "x".repeat(65)), false, "exceeds 64 bytes"),
        ("chunks past the limit", format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{}\r\n1\r\n", "x".repeat(64)), false, "exceeds 64 bytes"),
        ("a huge chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n".into(), false, "exceeds 64 bytes"),
        ("a chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc".into(), false, "longer than it says"),
        ("a chunk of no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n".into(), false, "hexadecimal"),
        ("another transfer encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n".into(), false, "is not \"chunked\""),
        ("an endless head", format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(600)), false, "head exceeds 512"),
        ("a long head that comes at once", format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(600)), false, "head exceeds 512"),
        ("interim replies without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(30), false, "head exceeds 512"),
        ("too many headers", format!("HTTP/1.1 200 OK\r\n{}\r\n", "A:\r\n".repeat(101)), false, "not HTTP"),
    ];
    for (what, bytes, ended, expected) in table {
        for error in [
            read(bytes.as_bytes(), *ended).expect_err(what),
            read_slowly(bytes.as_bytes(), *ended).expect_err(what),
        ] {
            assert!(error.to_string().contains(expected), "{what}: {error}");
        }
    }
}

/// What a dialect makes of these bytes, when they come at once and when they come one by one.
fn read_as(dialect: Dialect, text: &str) -> (HttpReply, Vec<u8>) {
    let limits = ReplyLimits { head_bytes: 512, body_bytes: 64 };
    let mut buffer = text.as_bytes().to_vec();
    let reply = ReplyReader::new(dialect).advance(&mut buffer, true, limits).unwrap().unwrap();
    let mut slow = ReplyReader::new(dialect);
    let mut slowly = Vec::new();
    let mut found = None;
    for &byte in text.as_bytes() {
        slowly.push(byte);
        found = slow.advance(&mut slowly, false, limits).unwrap();
        if found.is_some() {
            break;
        }
    }
    let found = found.or_else(|| slow.advance(&mut slowly, true, limits).unwrap());
    assert_eq!(found.as_ref(), Some(&reply), "{text}");
    (reply, buffer)
}

#[test]
fn codings() {
    let table = [
        ("", Coding::Identity),
        ("Content-Encoding: identity\r\n", Coding::Identity),
        ("Content-Encoding:\r\n", Coding::Identity),
        ("content-encoding: GZip\r\n", Coding::Gzip),
        ("Content-Encoding: x-gzip \r\n", Coding::Gzip),
        ("Content-Encoding: deflate\r\n", Coding::Deflate),
        ("Content-Encoding: br\r\n", Coding::Unknown),
        ("Content-Encoding: gzip, gzip\r\n", Coding::Unknown),
    ];
    for (header, expected) in table {
        let text = format!("HTTP/1.1 200 OK\r\n{header}Content-Length: 0\r\n\r\n");
        assert_eq!(read_as(Dialect::Http, &text).0.coding, expected, "{header}");
    }
}

#[test]
fn a_reply_keeps_its_head() {
    let headers = "Set-Cookie: a=1\r\nX: y\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nhi";
    let interim = "HTTP/1.1 103 Early\r\nSet-Cookie: no=1\r\n\r\n";
    for (dialect, text) in [
        (Dialect::Http, format!("{interim}HTTP/1.1 200 OK\r\n{headers}")),
        (Dialect::Scgi, format!("Status: 200\r\n{headers}")),
    ] {
        let (reply, buffer) = read_as(dialect, &text);
        assert!(reply.sets_cookies && &buffer[reply.body] == b"hi");
        let head = &buffer[reply.head];
        assert_eq!(header_values(head, "Set-Cookie"), [b"a=1", b"b=2"]);
        assert!(header_values(head, "location").is_empty());
    }
}

#[test]
fn scgi_replies() {
    #[rustfmt::skip]
    let table = [
        ("Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi"),
        ("Status:404\nX: y\n\nno", 404, "no"),
        ("Content-Type: text/xml\r\n\r\nall of it", 200, "all of it"),
        ("Host: is no status line\r\n\r\nhi", 200, "hi"),
        ("Location: /x\r\n\r\n", 302, ""),
        ("<r/>", 200, "<r/>"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "hi"),
    ];
    for (text, status, body) in table {
        let (reply, buffer) = read_as(Dialect::Scgi, text);
        assert_eq!((reply.status, &buffer[reply.body]), (status, body.as_bytes()), "{text}");
    }
    let limits = ReplyLimits { head_bytes: 512, body_bytes: 64 };
    let endless = format!("X: {}", "x".repeat(600));
    let table = [
        ("what is this\r\n\r\n", "neither SCGI headers nor XML"),
        ("Status: fine\r\n\r\n", "\"fine\" is not a number like 200"),
        ("Status: 20\r\n\r\n", "\"20\" is not a number like 200"),
        ("Status: 200", "closed inside the reply's head"),
        ("HTT", "closed inside the reply's head"),
        (&endless, "head exceeds 512"),
    ];
    for (text, expected) in table {
        let mut buffer = text.as_bytes().to_vec();
        let error = ReplyReader::new(Dialect::Scgi).advance(&mut buffer, true, limits).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}

/// Each chunk brings a thousand times its length in extensions.
#[test]
fn small_chunks_do_not_fill_the_memory() {
    let limits = ReplyLimits { head_bytes: 8 << 10, body_bytes: 1_000 };
    let chunk = format!("1;{}\r\nx\r\n", "y".repeat(1_000));
    let mut reader = ReplyReader::default();
    let mut buffer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..1_000 {
        buffer.extend_from_slice(chunk.as_bytes());
        assert_eq!(reader.advance(&mut buffer, false, limits), Ok(None));
        assert!(buffer.len() < 100_000, "{}", buffer.len());
    }
    buffer.extend_from_slice(b"0\r\n\r\n");
    let reply = reader.advance(&mut buffer, false, limits).unwrap().unwrap();
    assert!(reply.keep_alive && buffer[reply.body] == [b'x'; 1_000]);
}
