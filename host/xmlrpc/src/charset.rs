//! Which characters the bytes of a body stand for.

use std::borrow::Cow;

use crate::DecodeError;
use crate::error::{quote, quote_bytes};

/// How far into a body an encoding may be declared, in bytes.
const MAX_DECLARATION: usize = 512;

/// The body as text, and how many bytes of the body stand before it.
///
/// UTF-8 and its subset US-ASCII are borrowed; ISO-8859-1 where it is declared and UTF-16 where the
/// first bytes show it are converted. A byte order mark wins over a declaration.
///
/// # Errors
///
/// [`DecodeError::Malformed`] for any other encoding, and for bytes that do not fit theirs.
pub(crate) fn to_text(body: &[u8]) -> Result<(Cow<'_, str>, usize), DecodeError> {
    if let Some(start) = behind_marks(body) {
        return Ok((Cow::Borrowed(utf8(&body[start..], start)?), start));
    }
    match body {
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes, 2),
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes, 2),
        [0, b'<', ..] => return utf16(body, u16::from_be_bytes, 0),
        [b'<', 0, ..] => return utf16(body, u16::from_le_bytes, 0),
        _ => {}
    }
    let Some(declared) = declared(body) else {
        return Ok((Cow::Borrowed(utf8(body, 0)?), 0));
    };
    let is =
        |names: &[&str]| names.iter().any(|name| declared.eq_ignore_ascii_case(name.as_bytes()));
    // What declares UTF-16 in single bytes is not UTF-16: .NET writes that in front of UTF-8.
    if is(&["utf-8", "utf8", "us-ascii", "ascii", "utf-16"]) {
        return Ok((Cow::Borrowed(utf8(body, 0)?), 0));
    }
    if is(&["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1"]) {
        return Ok((Cow::Owned(body.iter().map(|&byte| char::from(byte)).collect()), 0));
    }
    let what = format!(
        "encoding \"{}\" is not supported (UTF-8, US-ASCII, ISO-8859-1 and UTF-16 are), declared",
        quote_bytes(declared)
    );
    Err(DecodeError::Malformed { offset: 0, what })
}

/// Where a body starts behind byte order marks of UTF-8, if it has any. Each PHP file may put one in
/// front of what it writes, and blank lines too.
fn behind_marks(body: &[u8]) -> Option<usize> {
    let mut rest = body;
    let mut start = None;
    while let Some(after) = rest.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf") {
        rest = after;
        start = Some(body.len() - rest.len());
    }
    start
}

/// The encoding that the XML declaration names, if there is one.
fn declared(body: &[u8]) -> Option<&[u8]> {
    let declaration = body.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.len().min(MAX_DECLARATION)];
    let end = declaration.iter().position(|&byte| byte == b'>')?;
    let declaration = &declaration[..end];
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|window| window == name)?;
    let value = declaration[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?;
    let (delimiter, value) = value.trim_ascii_start().split_first()?;
    value.split(|byte| byte == delimiter).next()
}

/// Checks UTF-8 that starts at `base`.
fn utf8(bytes: &[u8], base: usize) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let bad = bytes.get(at).copied().unwrap_or_default();
        let before = std::str::from_utf8(&bytes[..at]).unwrap_or_default();
        let near = before.char_indices().rev().nth(39).map_or(0, |(index, _)| index);
        let what = format!("invalid UTF-8 (0x{bad:02x} after \"{}\")", quote(&before[near..]));
        DecodeError::Malformed { offset: base + at, what }
    })
}

/// Converts UTF-16 that starts at `base`.
fn utf16(
    bytes: &[u8],
    unit: fn([u8; 2]) -> u16,
    base: usize,
) -> Result<(Cow<'static, str>, usize), DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(pairs.len());
    let mut at = base;
    for character in char::decode_utf16(units) {
        let Ok(character) = character else {
            let what = "invalid UTF-16 (half of a surrogate pair)".into();
            return Err(DecodeError::Malformed { offset: at, what });
        };
        text.push(character);
        at += 2 * character.len_utf16();
    }
    if !rest.is_empty() {
        let what = "invalid UTF-16 (half of a character)".into();
        return Err(DecodeError::Malformed { offset: at, what });
    }
    Ok((Cow::Owned(text), 0))
}
