//! Reading an HTTP/1.1 or SCGI reply from a growing buffer. Pure: it never touches a socket.
//!
//! Rules: RFC 9112. `httparse` reads the head, the framing of the body is ours. An SCGI reply is what
//! a CGI script writes (RFC 3875 §6): headers, of which `Status` is one, and a body.

use katydid_load::Failure;
use std::ops::Range;

/// Bounds on what a reply may be.
#[derive(Debug, Clone, Copy)]
pub struct ReplyLimits {
    /// Longest head, in bytes, interim ones included.
    pub head_bytes: usize,
    /// Longest body, in bytes, as it comes and once more after it was inflated.
    pub body_bytes: usize,
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self { head_bytes: 64 << 10, body_bytes: 16 << 20 }
    }
}

const MAX_HEADERS: usize = 100;
/// With so many in a head, no room is made for more: heads are read on a guest's stack, deeper than all else, and
/// what was touched of that stays resident as long as the user.
const USUAL_HEADERS: usize = 24;
/// Bytes between joined chunks and those to come that are left where they are.
const MAX_GAP: usize = 64 << 10;
const NO_TRAILERS: &[u8] = b"\r\n";

/// How far the reading of a reply has come. Feed it the whole buffer each time bytes have arrived.
#[derive(Debug, Default)]
pub struct ReplyReader {
    dialect: Dialect,
    head: Option<Head>,
    /// Where the reader stands in the buffer: behind the head, or inside a chunked body.
    at: usize,
    /// End of the chunks decoded so far, which are moved together behind the head.
    decoded: usize,
    in_trailers: bool,
}

/// How a reply begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// With a status line.
    #[default]
    Http,
    /// With headers, or at once with XML; it ends with its connection.
    Scgi,
}

/// What was done to a body for the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Coding {
    /// Nothing.
    #[default]
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or by mistake RFC 1951.
    Deflate,
    /// Something else.
    Unknown,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    start: usize,
    end: usize,
    framing: Framing,
}

/// What the headers say of the body and the connection.
#[derive(Debug, Clone, Copy)]
struct Framing {
    body: Body,
    keep_alive: bool,
    coding: Coding,
    sets_cookies: bool,
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
    /// Where in the buffer the head is.
    pub head: Range<usize>,
    /// Where in the buffer the body is, chunks already joined.
    pub body: Range<usize>,
    /// How the body is compressed.
    pub coding: Coding,
    /// There is at least one `Set-Cookie` header.
    pub sets_cookies: bool,
    /// The connection can carry the next request.
    pub keep_alive: bool,
}

impl ReplyReader {
    /// A reader of replies that begin like this.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }

    /// Looks at all bytes that have arrived since the request was sent. `ended` says that no more
    /// will come. Answers the reply when it is whole, nothing when more is needed, or what is wrong.
    ///
    /// # Errors
    /// The bytes are not an HTTP/1 reply, break off, or exceed a limit.
    pub fn advance(
        &mut self,
        buffer: &mut Vec<u8>,
        ended: bool,
        limits: ReplyLimits,
    ) -> Result<Option<HttpReply>, Failure> {
        let head = match self.head {
            Some(head) => head,
            None => match self.read_head(buffer, ended, limits)? {
                Some(head) => *self.head.insert(head),
                None if ended => return Err(broken_off("head")),
                None => return Ok(None),
            },
        };
        let Framing { body: framed, keep_alive, coding, sets_cookies } = head.framing;
        let body = match framed {
            Body::Length(length) => {
                if buffer.len() - head.end >= length {
                    Some(head.end..head.end + length)
                } else if ended {
                    return Err(broken_off("body"));
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
                    return Err(broken_off("body"));
                }
                whole
            }
        };
        Ok(body.map(|body| {
            // Bytes behind the reply belong to nothing we asked for: do not reuse the connection.
            let end = if framed == Body::Chunked { self.at } else { body.end };
            let keep_alive = keep_alive && framed != Body::UntilClose && end == buffer.len();
            let head_at = head.start..head.end;
            HttpReply { status: head.status, head: head_at, body, coding, sets_cookies, keep_alive }
        }))
    }

    /// Reads the head, stepping over interim (1xx) ones.
    fn read_head(
        &mut self,
        buffer: &[u8],
        ended: bool,
        limits: ReplyLimits,
    ) -> Result<Option<Head>, Failure> {
        if self.dialect == Dialect::Scgi {
            match scgi_beginning(buffer, ended) {
                Some(Beginning::StatusLine) => self.dialect = Dialect::Http,
                Some(Beginning::Headers) => return self.read_scgi_head(buffer, limits),
                Some(Beginning::Xml) => return Ok(Some(BARE)),
                None => return Ok(None),
            }
        }
        loop {
            let rest = &buffer[self.at..];
            let parsed = match parse_head::<USUAL_HEADERS>(rest, limits) {
                Err(httparse::Error::TooManyHeaders) => parse_head::<MAX_HEADERS>(rest, limits),
                parsed => parsed,
            };
            let parsed = parsed.map_err(|error| not_http(rest, error))?;
            let httparse::Status::Complete((length, status, framing)) = parsed else {
                return head_fits(buffer.len(), limits).map(|()| None);
            };
            let start = self.at;
            let end = start + length;
            head_fits(end, limits)?;
            self.at = end;
            self.decoded = end;
            if (100..200).contains(&status) {
                continue;
            }
            return Ok(Some(Head { status, start, end, framing: framing? }));
        }
    }

    /// Reads the headers of an SCGI reply. Without a status it is a good one, or a redirect.
    #[inline(never)] // its frame is large, that of its caller is to be small
    fn read_scgi_head(
        &mut self,
        buffer: &[u8],
        limits: ReplyLimits,
    ) -> Result<Option<Head>, Failure> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let parsed = httparse::parse_headers(buffer, &mut headers)
            .map_err(|_| Failure::Protocol("the reply is neither SCGI headers nor XML".into()))?;
        let httparse::Status::Complete((end, headers)) = parsed else {
            return head_fits(buffer.len(), limits).map(|()| None);
        };
        head_fits(end, limits)?;
        self.at = end;
        self.decoded = end;
        let value = |name: &str| {
            headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|h| h.value)
        };
        let status = match (value("status"), value("location")) {
            (Some(status), _) => status_code(status)?,
            (None, Some(_)) => 302,
            (None, None) => 200,
        };
        let mut framing = framing(status, false, headers, limits)?;
        framing.keep_alive = false;
        Ok(Some(Head { status, start: 0, end, framing }))
    }

    /// Joins the chunks that have arrived; answers the body once the last chunk and the trailers
    /// have been read (RFC 9112 §7.1).
    fn read_chunks(
        &mut self,
        buffer: &mut Vec<u8>,
        start: usize,
        limits: ReplyLimits,
    ) -> Result<Option<Range<usize>>, Failure> {
        let protocol = |text: &str| Err(Failure::Protocol(text.into()));
        // What stood between the chunks may be many times as long as they are.
        if self.at - self.decoded > MAX_GAP {
            buffer.drain(self.decoded..self.at);
            self.at = self.decoded;
        }
        while !self.in_trailers {
            let (line, size) = match httparse::parse_chunk_size(&buffer[self.at..]) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if buffer.len() - self.at > limits.head_bytes => {
                    return protocol("the line of a chunk's size is too long");
                }
                Ok(httparse::Status::Partial) => return Ok(None),
                Err(_) => return protocol("a chunk's size is not a hexadecimal number"),
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
                return protocol("a chunk is longer than it says");
            }
            buffer.copy_within(from..from + size, self.decoded);
            self.decoded += size;
            self.at = from + size + 2;
        }
        if buffer[self.at..].starts_with(NO_TRAILERS) {
            self.at += NO_TRAILERS.len();
            return Ok(Some(start..self.decoded));
        }
        match trailers(&buffer[self.at..]) {
            Ok(httparse::Status::Complete(length)) => {
                self.at += length;
                Ok(Some(start..self.decoded))
            }
            Ok(httparse::Status::Partial) if buffer.len() - self.at > limits.head_bytes => {
                protocol("the trailers are too long")
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(error) => protocol(&format!("the trailers are not headers: {error}")),
        }
    }
}

/// How long the head of an HTTP reply is, its status, and what its headers say.
#[inline(never)] // its frame is large, that of its caller is to be small
fn parse_head<const HEADERS: usize>(
    bytes: &[u8],
    limits: ReplyLimits,
) -> httparse::Result<(usize, u16, Result<Framing, Failure>)> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut reply = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = reply.parse(bytes)? else {
        return Ok(httparse::Status::Partial);
    };
    let status = reply.code.unwrap_or_default();
    let framing = framing(status, reply.version == Some(1), reply.headers, limits);
    Ok(httparse::Status::Complete((length, status, framing)))
}

/// How long the trailers are, with the empty line behind them.
#[inline(never)] // its frame is large, that of its caller is to be small
fn trailers(bytes: &[u8]) -> httparse::Result<usize> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    match httparse::parse_headers(bytes, &mut headers)? {
        httparse::Status::Complete((length, _)) => Ok(httparse::Status::Complete(length)),
        httparse::Status::Partial => Ok(httparse::Status::Partial),
    }
}

/// The values of a header in a head that [`ReplyReader`] has read. For the few replies whose other
/// headers matter: the head is read once more.
pub(super) fn header_values(head: &[u8], name: &str) -> Vec<Vec<u8>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut reply = httparse::Response::new(&mut headers);
    let headers = match reply.parse(head) {
        Ok(httparse::Status::Complete(_)) => reply.headers,
        // An SCGI reply has no status line.
        _ => match httparse::parse_headers(head, &mut headers) {
            Ok(httparse::Status::Complete((_, headers))) => headers,
            _ => return Vec::new(),
        },
    };
    let named = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| header.value.to_vec()).collect()
}

/// How an SCGI reply may begin.
enum Beginning {
    /// As an HTTP reply does, which some applications send out of habit.
    StatusLine,
    Headers,
    /// With the document itself.
    Xml,
}

/// A reply that is nothing but XML.
const BARE: Head = Head {
    status: 200,
    start: 0,
    end: 0,
    framing: Framing {
        body: Body::UntilClose,
        keep_alive: false,
        coding: Coding::Identity,
        sets_cookies: false,
    },
};

fn scgi_beginning(buffer: &[u8], ended: bool) -> Option<Beginning> {
    const HTTP: &[u8] = b"HTTP/";
    if buffer.starts_with(HTTP) {
        Some(Beginning::StatusLine)
    } else if HTTP.starts_with(buffer) && !ended {
        None
    } else if buffer.first() == Some(&b'<') {
        Some(Beginning::Xml)
    } else {
        Some(Beginning::Headers)
    }
}

/// `200 OK` as 200.
fn status_code(value: &[u8]) -> Result<u16, Failure> {
    let digits = value.split(|&byte| byte == b' ').next().unwrap_or_default();
    let code = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
    code.filter(|code| (100..1_000).contains(code)).ok_or_else(|| {
        let value = String::from_utf8_lossy(value);
        Failure::Protocol(format!("the reply's status {value:?} is not a number like 200"))
    })
}

/// How the body ends and whether the connection lives on (RFC 9112 §6.3 and §9.3).
fn framing(
    status: u16,
    http_1_1: bool,
    headers: &[httparse::Header<'_>],
    limits: ReplyLimits,
) -> Result<Framing, Failure> {
    let mut length = None;
    let mut chunked = false;
    let mut framing = Framing { body: Body::UntilClose, keep_alive: http_1_1, ..BARE.framing };
    for header in headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let value = content_length(header.value)?;
            if length.is_some_and(|length| length != value) {
                return Err(Failure::Protocol("the reply has two content lengths".into()));
            }
            length = Some(value);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = header.value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            if !chunked {
                let value = String::from_utf8_lossy(header.value);
                return Err(Failure::Protocol(format!(
                    "the reply's transfer encoding {value:?} is not \"chunked\""
                )));
            }
        } else if header.name.eq_ignore_ascii_case("connection") {
            for word in header.value.split(|&byte| byte == b',') {
                let word = word.trim_ascii();
                if word.eq_ignore_ascii_case(b"close") {
                    framing.keep_alive = false;
                } else if word.eq_ignore_ascii_case(b"keep-alive") {
                    framing.keep_alive = true;
                }
            }
        } else if header.name.eq_ignore_ascii_case("content-encoding") {
            framing.coding = coding(header.value);
        } else if header.name.eq_ignore_ascii_case("set-cookie") {
            framing.sets_cookies = true;
        }
    }
    framing.body = if status == 204 || status == 304 {
        Body::Length(0)
    } else if chunked {
        Body::Chunked
    } else {
        length.map_or(Body::UntilClose, Body::Length)
    };
    if matches!(framing.body, Body::Length(length) if length > limits.body_bytes) {
        return Err(too_long(limits));
    }
    Ok(framing)
}

fn coding(value: &[u8]) -> Coding {
    let value = value.trim_ascii();
    let is = |name: &[u8]| value.eq_ignore_ascii_case(name);
    if is(b"gzip") || is(b"x-gzip") {
        Coding::Gzip
    } else if is(b"deflate") {
        Coding::Deflate
    } else if is(b"identity") || value.is_empty() {
        Coding::Identity
    } else {
        Coding::Unknown
    }
}

fn content_length(value: &[u8]) -> Result<usize, Failure> {
    let digits = value.trim_ascii();
    let wrong = || {
        let value = String::from_utf8_lossy(value);
        Failure::Protocol(format!("the content length {value:?} is not a number"))
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)
}

fn head_fits(bytes: usize, limits: ReplyLimits) -> Result<(), Failure> {
    if bytes <= limits.head_bytes {
        return Ok(());
    }
    Err(Failure::Protocol(format!("the reply's head exceeds {} bytes", limits.head_bytes)))
}

pub(super) fn too_long(limits: ReplyLimits) -> Failure {
    Failure::Protocol(format!("the reply's body exceeds {} bytes", limits.body_bytes))
}

/// Where, but not after how many bytes: that would be a failure of its own for each length.
fn broken_off(part: &str) -> Failure {
    Failure::Transport(format!("connection closed inside the reply's {part}"))
}

fn not_http(bytes: &[u8], error: httparse::Error) -> Failure {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
    Failure::Protocol(format!("the reply is not HTTP ({error}): {beginning:?}"))
}
