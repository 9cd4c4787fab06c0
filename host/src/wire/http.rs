//! Reading an HTTP/1.1 reply from a growing buffer. Pure: it never touches a socket.
//!
//! Rules: RFC 9112. `httparse` reads the head, the framing of the body is ours.

use std::ops::Range;

/// Bounds on what a reply may be.
#[derive(Debug, Clone, Copy)]
pub struct ReplyLimits {
    /// Longest head, in bytes.
    pub head_bytes: usize,
    /// Longest body, in bytes.
    pub body_bytes: usize,
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self { head_bytes: 64 << 10, body_bytes: 16 << 20 }
    }
}

const MAX_HEADERS: usize = 100;

/// How far the reading of a reply has come. Feed it the whole buffer each time bytes have arrived.
#[derive(Debug, Default)]
pub struct ReplyReader {
    head: Option<Head>,
    /// Where the reader stands in the buffer: behind the head, or inside a chunked body.
    at: usize,
    /// End of the chunks decoded so far, which are moved together behind the head.
    decoded: usize,
    in_trailers: bool,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    end: usize,
    body: Body,
    keep_alive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Body {
    Length(usize),
    Chunked,
    UntilClose,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// Where in the buffer the body is, chunks already joined.
    pub body: Range<usize>,
    /// The connection can carry the next request.
    pub keep_alive: bool,
}

impl ReplyReader {
    /// Looks at all bytes that have arrived since the request was sent. `ended` says that no more
    /// will come. Answers the reply when it is whole, nothing when more is needed, or what is wrong.
    ///
    /// # Errors
    /// The bytes are not an HTTP/1 reply, break off, or exceed a limit.
    pub fn advance(
        &mut self,
        buffer: &mut [u8],
        ended: bool,
        limits: ReplyLimits,
    ) -> Result<Option<HttpReply>, String> {
        let head = match self.head {
            Some(head) => head,
            None => match self.read_head(buffer, limits)? {
                Some(head) => head,
                None if ended => {
                    return Err("the reply ended inside its head".into());
                }
                None => return Ok(None),
            },
        };
        let body = match head.body {
            Body::Length(length) => {
                if buffer.len() - head.end >= length {
                    Some(head.end..head.end + length)
                } else if ended {
                    return Err(format!(
                        "the reply ended after {} of {length} bytes",
                        buffer.len() - head.end
                    ));
                } else {
                    None
                }
            }
            Body::UntilClose => {
                if buffer.len() - head.end > limits.body_bytes {
                    return Err(too_long(limits));
                }
                ended.then_some(head.end..buffer.len())
            }
            Body::Chunked => {
                let whole = self.read_chunks(buffer, head.end, limits)?;
                if whole.is_none() && ended {
                    return Err("the reply ended inside a chunked body".into());
                }
                whole
            }
        };
        Ok(body.map(|body| {
            // Bytes behind the reply belong to nothing we asked for: do not reuse the connection.
            let end = if head.body == Body::Chunked { self.at } else { body.end };
            let keep_alive =
                head.keep_alive && head.body != Body::UntilClose && end == buffer.len();
            HttpReply { status: head.status, body, keep_alive }
        }))
    }

    /// Reads the head, stepping over interim (1xx) ones.
    fn read_head(&mut self, buffer: &[u8], limits: ReplyLimits) -> Result<Option<Head>, String> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut reply = httparse::Response::new(&mut headers);
            let parsed = reply
                .parse(&buffer[self.at..])
                .map_err(|error| not_http(&buffer[self.at..], error))?;
            let httparse::Status::Complete(length) = parsed else {
                if buffer.len() - self.at > limits.head_bytes {
                    return Err(format!("the reply's head exceeds {} bytes", limits.head_bytes));
                }
                return Ok(None);
            };
            let status = reply.code.unwrap_or_default();
            let end = self.at + length;
            self.at = end;
            self.decoded = end;
            if (100..200).contains(&status) {
                continue;
            }
            let (body, keep_alive) = framing(status, reply.version == Some(1), reply.headers)?;
            if matches!(body, Body::Length(length) if length > limits.body_bytes) {
                return Err(too_long(limits));
            }
            let head = Head { status, end, body, keep_alive };
            self.head = Some(head);
            return Ok(Some(head));
        }
    }

    /// Joins the chunks that have arrived; answers the body once the last chunk and the trailers
    /// have been read (RFC 9112 §7.1).
    fn read_chunks(
        &mut self,
        buffer: &mut [u8],
        start: usize,
        limits: ReplyLimits,
    ) -> Result<Option<Range<usize>>, String> {
        while !self.in_trailers {
            let (line, size) = match httparse::parse_chunk_size(&buffer[self.at..]) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if buffer.len() - self.at > limits.head_bytes => {
                    return Err("the line of a chunk's size is too long".into());
                }
                Ok(httparse::Status::Partial) => return Ok(None),
                Err(_) => return Err("a chunk's size is not a hexadecimal number".into()),
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size > limits.body_bytes - (self.decoded - start).min(limits.body_bytes) {
                return Err(too_long(limits));
            }
            if size == 0 {
                self.at += line;
                self.in_trailers = true;
                break;
            }
            let from = self.at + line;
            let Some(ending) = buffer.get(from + size..from + size + 2) else { return Ok(None) };
            if ending != b"\r\n" {
                return Err("a chunk is longer than it says".into());
            }
            buffer.copy_within(from..from + size, self.decoded);
            self.decoded += size;
            self.at = from + size + 2;
        }
        let mut trailers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        match httparse::parse_headers(&buffer[self.at..], &mut trailers) {
            Ok(httparse::Status::Complete((length, _))) => {
                self.at += length;
                Ok(Some(start..self.decoded))
            }
            Ok(httparse::Status::Partial) if buffer.len() - self.at > limits.head_bytes => {
                Err("the trailers are too long".into())
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(error) => Err(format!("the trailers are not headers: {error}")),
        }
    }
}

/// How the body ends and whether the connection lives on (RFC 9112 §6.3 and §9.3).
fn framing(
    status: u16,
    http_1_1: bool,
    headers: &[httparse::Header<'_>],
) -> Result<(Body, bool), String> {
    let mut length = None;
    let mut chunked = false;
    let mut keep_alive = http_1_1;
    for header in headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let value = content_length(header.value)?;
            if length.is_some_and(|length| length != value) {
                return Err("the reply has two content lengths".into());
            }
            length = Some(value);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = header.value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            if !chunked {
                return Err(format!(
                    "the reply's transfer encoding {:?} is not \"chunked\"",
                    String::from_utf8_lossy(header.value)
                ));
            }
        } else if header.name.eq_ignore_ascii_case("connection") {
            for word in header.value.split(|&byte| byte == b',') {
                let word = word.trim_ascii();
                if word.eq_ignore_ascii_case(b"close") {
                    keep_alive = false;
                } else if word.eq_ignore_ascii_case(b"keep-alive") {
                    keep_alive = true;
                }
            }
        }
    }
    let body = if status == 204 || status == 304 {
        Body::Length(0)
    } else if chunked {
        Body::Chunked
    } else {
        length.map_or(Body::UntilClose, Body::Length)
    };
    Ok((body, keep_alive))
}

fn content_length(value: &[u8]) -> Result<usize, String> {
    let digits = value.trim_ascii();
    let wrong =
        || format!("the content length {:?} is not a number", String::from_utf8_lossy(value));
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)
}

fn too_long(limits: ReplyLimits) -> String {
    format!("the reply's body exceeds {} bytes", limits.body_bytes)
}

fn not_http(bytes: &[u8], error: httparse::Error) -> String {
    let beginning = &bytes[..bytes.len().min(40)];
    format!("the reply is not HTTP ({error}): {:?}", String::from_utf8_lossy(beginning))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn read(bytes: &[u8], ended: bool) -> Result<Option<(u16, Vec<u8>, bool)>, String> {
        let mut buffer = bytes.to_vec();
        let limits = ReplyLimits { head_bytes: 512, body_bytes: 64 };
        let reply = ReplyReader::default().advance(&mut buffer, ended, limits)?;
        Ok(reply.map(|reply| (reply.status, buffer[reply.body].to_vec(), reply.keep_alive)))
    }

    /// The same bytes one by one: what is found must not depend on how they arrive.
    fn read_slowly(bytes: &[u8], ended: bool) -> Result<Option<(u16, Vec<u8>, bool)>, String> {
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
    fn bytes_behind_the_reply_spoil_the_connection() {
        let reply = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP", false).unwrap();
        assert_eq!(reply, Some((200, b"hi".to_vec(), false)));
    }

    #[test]
    fn wrong_replies() {
        #[rustfmt::skip]
        let table: &[(&str, String, bool, &str)] = &[
            ("not HTTP", "hello there\r\n\r\n".into(), false, "not HTTP"),
            ("nothing at all", String::new(), true, "ended inside its head"),
            ("half a head", "HTTP/1.1 200 OK\r\nConte".into(), true, "ended inside its head"),
            ("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi".into(), true, "after 2 of 5 bytes"),
            ("half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi".into(), true, "inside a chunked body"),
            ("no trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n".into(), true, "inside a chunked body"),
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
            ("too many headers", format!("HTTP/1.1 200 OK\r\n{}\r\n", "A:\r\n".repeat(101)), false, "not HTTP"),
        ];
        for (what, bytes, ended, expected) in table {
            for error in [
                read(bytes.as_bytes(), *ended).expect_err(what),
                read_slowly(bytes.as_bytes(), *ended).expect_err(what),
            ] {
                assert!(error.contains(expected), "{what}: {error}");
            }
        }
    }
}
