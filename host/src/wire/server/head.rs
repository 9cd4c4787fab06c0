//! The head of a request: what matters of it, and what is refused. Pure.

use std::mem;
use std::ops::Range;

/// Longest body of a request, in bytes, chunks joined.
pub(super) const MAX_BODY: usize = 64 << 20;
pub(super) const MAX_HEADERS: usize = 100;

/// What came is no request that we serve: the HTTP status, and why.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal(pub(super) u16, pub(super) &'static str);

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Framing {
    #[default]
    None,
    Length(usize),
    Chunked,
}

/// What matters of the head of a request. Ranges are places in the buffer.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) method: Range<usize>,
    pub(super) path: Range<usize>,
    pub(super) id: Range<usize>,
    /// Where the body begins.
    pub(super) end: usize,
    pub(super) framing: Framing,
    pub(super) keep_alive: bool,
    /// HTTP/1.0.
    pub(super) old: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub(super) expects: bool,
}

pub(super) const TOO_LONG: Refusal = Refusal(413, "the body of the request is longer than 64 MiB");

/// Reads the head that begins at `start`, if it is whole.
pub(super) fn read_head(
    buffer: &[u8],
    start: usize,
    id_header: &str,
) -> Result<Option<Head>, Refusal> {
    let bytes = buffer.get(start..).unwrap_or_default();
    let mut headers = [const { mem::MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal(431, "the request has more than 100 headers"));
        }
        Err(httparse::Error::Version) => return Err(Refusal(505, "only HTTP/1 is spoken here")),
        Err(_) => return Err(Refusal(400, "this is not an HTTP request")),
    };
    // Where a part of the buffer is in it.
    let place = |part: &[u8]| {
        let at = part.as_ptr().addr().wrapping_sub(buffer.as_ptr().addr());
        at..at + part.len()
    };
    let old = request.version == Some(0);
    let mut head = Head {
        method: place(request.method.unwrap_or_default().as_bytes()),
        path: place(request.path.unwrap_or_default().as_bytes()),
        end: start + length,
        old,
        keep_alive: !old,
        ..Head::default()
    };
    let mut chunked = false;
    for httparse::Header { name, value } in request.headers.iter() {
        if name.eq_ignore_ascii_case("content-length") {
            let length = content_length(value)?;
            if head.framing != Framing::None && head.framing != Framing::Length(length) {
                return Err(Refusal(400, "the request has two different lengths"));
            }
            head.framing = Framing::Length(length);
        } else if name.eq_ignore_ascii_case("connection") {
            for token in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                if token.eq_ignore_ascii_case(b"close") {
                    head.keep_alive = false;
                } else if old && token.eq_ignore_ascii_case(b"keep-alive") {
                    head.keep_alive = true;
                }
            }
        } else if name.eq_ignore_ascii_case(id_header) {
            head.id = place(value);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal(501, "of the transfer encodings only chunked is understood"));
            }
            chunked = true;
        } else if name.eq_ignore_ascii_case("expect") {
            if !value.trim_ascii().eq_ignore_ascii_case(b"100-continue") {
                return Err(Refusal(417, "only 100-continue can be expected"));
            }
            head.expects = !old;
        }
    }
    if chunked {
        // Two sides that disagree which one counts can be made to see different requests.
        if head.framing != Framing::None {
            return Err(Refusal(400, "the request has a length and is chunked"));
        }
        head.framing = Framing::Chunked;
    }
    Ok(Some(head))
}

fn content_length(value: &[u8]) -> Result<usize, Refusal> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Refusal(400, "the length of the request is no number"));
    }
    let length = digits.iter().fold(0_usize, |length, digit| {
        length.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    });
    if length > MAX_BODY { Err(TOO_LONG) } else { Ok(length) }
}

/// The bytes of a part of the head, which `httparse` has found to be text.
pub(super) fn text<'b>(buffer: &'b [u8], part: &Range<usize>) -> &'b str {
    buffer.get(part.clone()).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}
