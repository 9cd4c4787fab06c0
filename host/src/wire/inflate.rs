//! Compressed replies (RFC 9110 §8.4.1): gzip and deflate, never larger than the limit on replies.
//!
//! By the core of `miniz_oxide`, straight into the reply's buffer. The comfortable decoders above it
//! make a window of 43 KB for each reply, on a stack that is a guest's fiber; this one makes its
//! 11 KB once for each thread.

use super::http::{Coding, ReplyLimits, too_long};
use katydid_load::Failure;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use std::cell::RefCell;

thread_local! {
    static INFLATER: RefCell<Box<DecompressorOxide>> = RefCell::default();
}

/// Why a body cannot be inflated.
#[derive(Debug, PartialEq)]
enum Wrong {
    Damaged,
    TooLong,
}

/// Appends what `body` stands for to `out`.
///
/// # Errors
/// The body is not what its coding says, or more than the limit.
pub(super) fn inflate(
    coding: Coding,
    body: &[u8],
    out: &mut Vec<u8>,
    limits: ReplyLimits,
) -> Result<(), Failure> {
    if body.is_empty() {
        return Ok(());
    }
    let limit = limits.body_bytes;
    let (name, result) = match coding {
        Coding::Gzip => ("gzip", gzip(body, out, limit)),
        Coding::Deflate => ("deflate", deflate(body, out, limit)),
        Coding::Identity => {
            out.extend_from_slice(body);
            return Ok(());
        }
        Coding::Unknown => {
            return Err(Failure::Protocol(
                "the reply's content encoding is neither gzip nor deflate".into(),
            ));
        }
    };
    result.map_err(|wrong| match wrong {
        Wrong::TooLong => too_long(limits),
        Wrong::Damaged => Failure::Protocol(format!("the reply's {name} data is damaged")),
    })
}

/// RFC 1952: members, one after the other, each with a header, data, checksum and length.
fn gzip(body: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), Wrong> {
    let mut rest = body;
    while !rest.is_empty() {
        let data = behind_gzip_header(rest).ok_or(Wrong::Damaged)?;
        let begin = out.len();
        let used = stream(data, out, limit, 0)?;
        let trailer = data.get(used..used + 8).ok_or(Wrong::Damaged)?;
        let member = &out[begin..];
        // The length is told modulo 2^32.
        let expected = [crc32fast::hash(member).to_le_bytes(), (member.len() as u32).to_le_bytes()];
        if trailer != expected.concat() {
            return Err(Wrong::Damaged);
        }
        rest = &data[used + 8..];
    }
    Ok(())
}

/// RFC 1952 §2.3.
fn behind_gzip_header(member: &[u8]) -> Option<&[u8]> {
    const DEFLATE: u8 = 8;
    const HEADER_SUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;
    let (&[0x1f, 0x8b, DEFLATE, flags, _, _, _, _, _, _], mut rest) = member.split_first_chunk()?
    else {
        return None;
    };
    if flags & RESERVED != 0 {
        return None;
    }
    if flags & EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & HEADER_SUM != 0 { rest.get(2..) } else { Some(rest) }
}

/// "deflate" means zlib (RFC 1950), but some servers send it bare, and their first bytes may look
/// like zlib's by chance.
fn deflate(body: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), Wrong> {
    let begin = out.len();
    match stream(body, out, limit, TINFL_FLAG_PARSE_ZLIB_HEADER) {
        Err(Wrong::Damaged) => {
            out.truncate(begin);
            stream(body, out, limit, 0).map(drop)
        }
        result => result.map(drop),
    }
}

/// Appends one stream; answers how many bytes of `data` it took.
fn stream(data: &[u8], out: &mut Vec<u8>, limit: usize, flags: u32) -> Result<usize, Wrong> {
    let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    INFLATER.with_borrow_mut(|inflater| {
        inflater.init();
        let (mut used, mut end) = (0, out.len());
        loop {
            // Room for one byte more than is allowed, so that too much can be told from enough.
            let room = (2 * end).max(4 * data.len()).max(1_024).min(limit.saturating_add(1));
            out.resize(room.max(end), 0);
            let (status, took, made) = decompress(inflater, &data[used..], out, end, flags);
            used += took;
            end += made;
            if end > limit {
                out.truncate(end);
                return Err(Wrong::TooLong);
            }
            match status {
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::Done => {
                    out.truncate(end);
                    return Ok(used);
                }
                _ => return Err(Wrong::Damaged),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use flate2::{Compression, GzBuilder};
    use std::io::Write as _;

    const LIMITS: ReplyLimits = ReplyLimits { head_bytes: 512, body_bytes: 1_000 };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(coding: Coding, body: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let result = inflate(coding, body, &mut out, LIMITS);
        assert!(out.len() <= LIMITS.body_bytes + 1 && out.capacity() <= 4 * LIMITS.body_bytes);
        result.map(|()| out).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_they_stand_for() {
        let text = b"<methodResponse/>".repeat(20);
        let fits = vec![b'x'; LIMITS.body_bytes];
        let two = [gzip(b"one "), gzip(b"two")].concat();
        let mut named = GzBuilder::new()
            .filename("reply.xml")
            .comment("of no use")
            .extra(*b"ab\0\0")
            .write(Vec::new(), Compression::fast());
        named.write_all(&text).unwrap();
        let named = named.finish().unwrap();
        let table: [(&str, Coding, Vec<u8>, &[u8]); 10] = [
            ("gzip with a name", Coding::Gzip, named, &text),
            ("gzip", Coding::Gzip, gzip(&text), &text),
            ("gzip in two members", Coding::Gzip, two, b"one two"),
            ("zlib", Coding::Deflate, zlib(&text), &text),
            ("raw deflate", Coding::Deflate, raw(&text), &text),
            ("nothing", Coding::Gzip, Vec::new(), b""),
            ("nothing, compressed", Coding::Gzip, gzip(b""), b""),
            ("as much as is allowed, gzip", Coding::Gzip, gzip(&fits), &fits),
            ("as much as is allowed, deflate", Coding::Deflate, raw(&fits), &fits),
            ("as it is", Coding::Identity, text.clone(), &text),
        ];
        for (what, coding, body, expected) in table {
            assert_eq!(read(coding, &body).as_deref(), Ok(expected), "{what}");
        }
    }

    #[test]
    fn damaged_or_too_much() {
        let bomb = vec![0; 50 << 20];
        let more = vec![b'x'; LIMITS.body_bytes + 1];
        let whole = gzip(b"<methodResponse/>");
        let mut wrong_sum = whole.clone();
        let at = wrong_sum.len() - 8;
        wrong_sum[at] ^= 1;
        let table = [
            ("a gzip bomb", Coding::Gzip, gzip(&bomb), "exceeds 1000 bytes"),
            ("a deflate bomb", Coding::Deflate, raw(&bomb), "exceeds 1000 bytes"),
            ("a zlib bomb", Coding::Deflate, zlib(&bomb), "exceeds 1000 bytes"),
            ("one byte too much", Coding::Gzip, gzip(&more), "exceeds 1000 bytes"),
            ("cut off", Coding::Gzip, whole[..whole.len() - 9].to_vec(), "gzip data is damaged"),
            ("a wrong sum", Coding::Gzip, wrong_sum, "gzip data is damaged"),
            ("not gzip", Coding::Gzip, b"<methodResponse/>".to_vec(), "gzip data is damaged"),
            (
                "bytes behind it",
                Coding::Gzip,
                [&whole[..], b"more"].concat(),
                "gzip data is damaged",
            ),
            (
                "not deflate",
                Coding::Deflate,
                b"<methodResponse/>".to_vec(),
                "deflate data is damaged",
            ),
            ("another coding", Coding::Unknown, b"x".to_vec(), "neither gzip nor deflate"),
        ];
        for (what, coding, body, expected) in table {
            let error = read(coding, &body).expect_err(what);
            assert!(error.contains(expected), "{what}: {error}");
        }
    }
}
