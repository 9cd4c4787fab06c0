//! What a client has sent, put together to requests however its bytes arrive. Pure.

use super::head::{Framing, Head, MAX_BODY, MAX_HEADERS, Refusal, TOO_LONG, read_head};
use super::tidy;
use std::ops::Range;

/// Longest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// Longest line that announces a chunk, in bytes, extensions included.
const MAX_CHUNK_LINE: usize = 4 << 10;
/// Room for what is read at once: more than a usual request, so that tokio knows from the short read
/// that the socket is empty and need not ask again.
const ROOM: usize = 4 << 10;

/// A request that is whole. Ranges are places in the buffer.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) head: Head,
    pub(super) body: Range<usize>,
    /// Where the next request begins.
    end: usize,
}

/// What a client has sent, and how far it has been understood. Pure: it never touches a socket.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub(super) buffer: Vec<u8>,
    /// Where the request under way begins.
    start: usize,
    /// Its head, once that is whole.
    head: Option<Head>,
    /// Until where a chunked body has been joined.
    joined: usize,
    /// Where its next chunk begins.
    raw: usize,
    /// Until where the buffer has been looked at without finding the end of a head.
    seen: usize,
}

impl Inbox {
    /// Looks at what has arrived: a whole request, or `None` when more is needed.
    pub(super) fn advance(&mut self, id_header: &str) -> Result<Option<Message>, Refusal> {
        if self.head.is_none() {
            // A head ends with a line end. Without a new one there is nothing to parse, however
            // slowly the client sends.
            let fresh = self.buffer.get(self.seen..).unwrap_or_default();
            if !fresh.contains(&b'\n') {
                self.seen = self.buffer.len();
                return self.check_head(self.seen).map(|()| None);
            }
            self.head = read_head(&self.buffer, self.start, id_header)?;
            self.seen = self.buffer.len();
            let Some(head) = &self.head else {
                return self.check_head(self.seen).map(|()| None);
            };
            (self.joined, self.raw) = (head.end, head.end);
            let end = head.end;
            self.check_head(end)?;
        }
        let Some(head) = &self.head else { return Ok(None) };
        let begin = head.end;
        let (body, end) = match head.framing {
            Framing::None => (begin..begin, begin),
            // The sum cannot overflow: a length was bounded when it was read.
            Framing::Length(length) if self.buffer.len() - begin < length => return Ok(None),
            Framing::Length(length) => (begin..begin + length, begin + length),
            Framing::Chunked => match self.join_chunks(begin)? {
                Some(end) => (begin..self.joined, end),
                None => return Ok(None),
            },
        };
        Ok(self.head.take().map(|head| Message { head, body, end }))
    }

    fn check_head(&self, end: usize) -> Result<(), Refusal> {
        if end - self.start > MAX_HEAD {
            return Err(Refusal(431, "the head of the request is longer than 64 KiB"));
        }
        Ok(())
    }

    /// Moves the chunks that have arrived together. Answers the end of the last one's trailers.
    fn join_chunks(&mut self, begin: usize) -> Result<Option<usize>, Refusal> {
        const BROKEN: Refusal = Refusal(400, "the body is not chunked as it should be");
        loop {
            let rest = self.buffer.get(self.raw..).unwrap_or_default();
            let (line, size) = match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if rest.len() <= MAX_CHUNK_LINE => break,
                _ => return Err(BROKEN),
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size > MAX_BODY - (self.joined - begin) {
                return Err(TOO_LONG);
            }
            if size == 0 {
                let trailers = rest.get(line..).unwrap_or_default();
                let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
                match httparse::parse_headers(trailers, &mut headers) {
                    Ok(httparse::Status::Complete((length, _))) => {
                        return Ok(Some(self.raw + line + length));
                    }
                    Ok(httparse::Status::Partial) if trailers.len() <= MAX_HEAD => break,
                    _ => return Err(BROKEN),
                }
            }
            let Some(end) = rest.get(line + size..line + size + 2) else { break };
            if end != b"\r\n" {
                return Err(BROKEN);
            }
            let data = self.raw + line;
            self.buffer.copy_within(data..data + size, self.joined);
            self.joined += size;
            self.raw = data + size + 2;
        }
        // Many small chunks must not fill the memory with what stood between them.
        // Only where something stands between: or a long chunk would be moved at each of its reads.
        if self.raw > self.joined {
            self.buffer.copy_within(self.raw.., self.joined);
            self.buffer.truncate(self.buffer.len() - (self.raw - self.joined));
            self.raw = self.joined;
        }
        Ok(None)
    }

    /// The head is there, the body is not, and the client waits to be told that we want it.
    pub(super) fn waits_for_encouragement(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.expects && head.end == self.buffer.len())
    }

    /// The buffer, with room for what comes next. It grows with what has come, never with what was
    /// announced.
    pub(super) fn room(&mut self) -> &mut Vec<u8> {
        if self.head.is_none() && self.start > 0 {
            self.buffer.drain(..self.start);
            self.seen -= self.start;
            self.start = 0;
        }
        let length = self.buffer.len();
        if self.buffer.capacity() - length < ROOM {
            self.buffer.reserve(length.max(ROOM));
        }
        &mut self.buffer
    }

    /// Goes on to what follows a message.
    pub(super) fn forget(&mut self, message: &Message) {
        self.start = message.end;
        if self.start == self.buffer.len() {
            tidy(&mut self.buffer);
            self.start = 0;
        }
        self.seen = self.start;
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::text;
    use super::*;

    /// Feeds the bytes in pieces of this size and answers the requests that come out: method, path,
    /// id, body, whether the connection is kept.
    fn read_all(bytes: &[u8], piece: usize) -> Result<Vec<[String; 4]>, Refusal> {
        let mut inbox = Inbox::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            inbox.room().extend_from_slice(piece);
            while let Some(message) = inbox.advance("X-Id")? {
                let part = |part: &Range<usize>| text(&inbox.buffer, part).to_owned();
                let head = &message.head;
                let kept = if head.keep_alive { "kept" } else { "closed" };
                let line = format!("{} {} {kept}", part(&head.method), part(&head.path));
                found.push([line, part(&head.id), part(&message.body), String::new()]);
                inbox.forget(&message);
            }
        }
        let left = inbox.buffer.get(inbox.start..).unwrap_or_default();
        found.push([String::new(), String::new(), String::new(), format!("{} left", left.len())]);
        Ok(found)
    }

    #[test]
    fn requests_are_found_however_the_bytes_arrive() {
        let rows: &[(&str, &str, &[[&str; 3]], &str)] = &[
            (
                "a body with a length",
                "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
                &[["POST /RPC2 kept", "", "hello"]],
                "0 left",
            ),
            (
                "no length, no body",
                "GET /?a=b HTTP/1.1\r\nx-ID: 7f-1\r\n\r\n",
                &[["GET /?a=b kept", "7f-1", ""]],
                "0 left",
            ),
            (
                "pipelined, the last one unfinished",
                "POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST /2 HTTP/1.1\r\n\
                 Content-Length: 2\r\n\r\nbbPOST /3 HTTP/1.1\r\n",
                &[["POST /1 kept", "", "a"], ["POST /2 kept", "", "bb"]],
                "18 left",
            ),
            (
                "chunks with an extension and a trailer, then another request",
                "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, my world\r\n\
                 0\r\nX-Sum: 1\r\n\r\nGET /next HTTP/1.1\r\n\r\n",
                &[["POST / kept", "", "hello, my world"], ["GET /next kept", "", ""]],
                "0 left",
            ),
            (
                "an empty chunked body",
                "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                &[["POST / kept", "", ""]],
                "0 left",
            ),
            (
                "the client wants to close",
                "POST / HTTP/1.1\r\nConnection: TE, Close\r\nContent-Length: 0\r\n\r\n",
                &[["POST / closed", "", ""]],
                "0 left",
            ),
            ("HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", &[["GET / closed", "", ""]], "0 left"),
            (
                "unless it is asked not to",
                "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
                &[["GET / kept", "", ""]],
                "0 left",
            ),
            (
                "the same length twice",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                &[["POST / kept", "", "x"]],
                "0 left",
            ),
        ];
        for (what, bytes, expected, left) in rows {
            for piece in [1, 2, 3, 7, 1000] {
                let mut wanted: Vec<[String; 4]> = expected
                    .iter()
                    .map(|[line, id, body]| [line, id, body, &""].map(|part| (*part).to_owned()))
                    .collect();
                wanted.push(["", "", "", left].map(str::to_owned));
                assert_eq!(read_all(bytes.as_bytes(), piece), Ok(wanted), "{what}, by {piece}");
            }
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let long = "x".repeat(MAX_HEAD);
        let many: String = (0..=MAX_HEADERS).map(|n| format!("h{n}: x\r\n")).collect();
        let post = "POST / HTTP/1.1\r\n";
        let rows = [
            ("not HTTP", "\x16\x03\x01\x02\r\n".to_owned(), 400),
            ("HTTP/2", "PRI * HTTP/2.0\r\n\r\n".into(), 505),
            ("a line without an end", format!("GET /{long}"), 431),
            ("a head without an end", format!("GET / HTTP/1.1\r\nh: {long}\r\n"), 431),
            ("too many headers", format!("GET / HTTP/1.1\r\n{many}\r\n"), 431),
            ("a length that is none", format!("{post}Content-Length: -1\r\n\r\n"), 400),
            ("an empty length", format!("{post}Content-Length:\r\n\r\n"), 400),
            ("two lengths", format!("{post}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400),
            ("a length in a list", format!("{post}Content-Length: 1, 1\r\n\r\n"), 400),
            ("a long body", format!("{post}Content-Length: 67108865\r\n\r\n"), 413),
            ("an endless body", format!("{post}Content-Length: 99999999999999999999\r\n\r\n"), 413),
            (
                "a length and chunks",
                format!("{post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
                400,
            ),
            (
                "a compressed transfer",
                format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n"),
                501,
            ),
            ("no number of a chunk", format!("{post}Transfer-Encoding: chunked\r\n\r\nx\r\n"), 400),
            (
                "a chunk longer than it says",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
                400,
            ),
            (
                "a giant chunk",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n"),
                413,
            ),
            (
                "the largest chunk",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
                413,
            ),
            ("a wish we do not know", format!("{post}Expect: a miracle\r\n\r\n"), 417),
        ];
        for (what, bytes, status) in rows {
            // Longer pieces for the long ones: one byte at a time they would take a second each.
            for piece in if bytes.len() < 1000 { [1, 5, 1000] } else { [997, 5000, 1 << 20] } {
                let refusal = read_all(bytes.as_bytes(), piece).map(|_| ()).expect_err(what);
                assert_eq!(refusal.0, status, "{what}, by {piece}: {}", refusal.1);
            }
        }
    }

    #[test]
    fn no_input_panics_however_it_is_cut() {
        let mut state = 1_u64;
        let mut draw = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % bound
        };
        let parts = [
            "POST / HTTP/1.1\r\n",
            "GET / HTTP/1.0\r\n",
            "Content-Length: 3\r\n",
            "\r\n",
            "\n",
            "abc",
            "Transfer-Encoding: chunked\r\n",
            "3\r\nabc\r\n",
            "0\r\n",
            "\r\n",
            "X-Id:\r\n",
            "x: y\r\n",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "ffff",
            ";",
            "\0",
            " ",
            "\u{e9}",
        ];
        for _ in 0..20_000 {
            let mut bytes: Vec<u8> =
                (0..draw(12)).flat_map(|_| parts[draw(parts.len())].bytes()).collect();
            if !bytes.is_empty() && draw(2) == 0 {
                let at = draw(bytes.len());
                bytes[at] = draw(256) as u8;
            }
            // A head is looked at when a line ends; then, cut differently, it means the same.
            bytes.push(b'\n');
            let (one, other) = (read_all(&bytes, 1 + draw(9)), read_all(&bytes, 1000));
            assert_eq!(one.is_ok(), other.is_ok(), "{}", bytes.escape_ascii());
            if let (Ok(one), Ok(other)) = (&one, &other) {
                assert_eq!(one.len(), other.len(), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn small_chunks_do_not_fill_the_memory() {
        let mut inbox = Inbox::default();
        inbox.room().extend_from_slice(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..10_000 {
            inbox.room().extend_from_slice(b"1;padding=to-make-it-longer\r\nx\r\n");
            assert!(inbox.advance("").expect("good").is_none());
        }
        assert!(inbox.buffer.len() < 10_100, "{}", inbox.buffer.len());
        inbox.room().extend_from_slice(b"0\r\n\r\n");
        let message = inbox.advance("").expect("good").expect("whole");
        assert_eq!(inbox.buffer[message.body], [b'x'; 10_000]);
    }
}
