//! Errors of the codec, and how they quote what was wrong.

/// Why a message cannot be written. What was appended until then is unfinished: the caller cuts it off.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// XML 1.0 has no way to write this character, not even escaped.
    #[error(
        "character {} at byte {offset} of {place} cannot be written as XML, send it as binary",
        .character.escape_default()
    )]
    Character {
        /// The character.
        character: char,
        /// Where it starts in its text, in bytes.
        offset: usize,
        /// What kind of text that is.
        place: &'static str,
    },
    /// XML-RPC has no way to write an infinity or NaN.
    #[error("double \"{0}\" cannot be written as XML-RPC, only finite numbers can")]
    NotFinite(f64),
    /// An integer needs `<i8>`, which [`Extensions`](crate::Extensions) leave out.
    #[error(
        "integer {0} does not fit the 32 bits of an int, and i8 is not allowed here: send a string \
         or a double"
    )]
    NoI8(i64),
    /// A nil, which [`Extensions`](crate::Extensions) leave out.
    #[error("nil is not allowed here: leave the value out or send an empty string")]
    NoNil,
    /// The sequence of nodes is no document.
    #[error("node {node}: {what}")]
    Sequence {
        /// The number of the offending node, from 0; past the last one where nodes are missing.
        node: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The message is larger than [`Limits`](crate::Limits) allow.
    #[error("message exceeds the limit of {limit} {what}")]
    Limit {
        /// `bytes`, `nodes` or `levels`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

/// Why a message cannot be read. Offsets count bytes of the body, or of its UTF-8 form where it came in
/// another encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing, or white space only.
    #[error("the body is empty")]
    Empty,
    /// The body does not begin like the message that was expected: an HTML page, plain text, ...
    #[error("not an XML-RPC {expected}, it begins with \"{beginning}\"")]
    NotXmlRpc {
        /// The root element that was expected.
        expected: &'static str,
        /// The raw beginning, bounded, control characters escaped.
        beginning: String,
    },
    /// A document type definition stands before the message. It could define entities, so none is read.
    #[error("document types are refused, the body begins with \"{beginning}\"")]
    Doctype {
        /// The raw beginning, bounded, control characters escaped.
        beginning: String,
    },
    /// The body ends in the middle of the message.
    #[error("the body ends in the middle of the message, after {offset} bytes")]
    Truncated {
        /// Length of the body.
        offset: usize,
    },
    /// Something is wrong at a certain place.
    #[error("{what} at byte {offset}")]
    Malformed {
        /// Where.
        offset: usize,
        /// What, quoting the offending text.
        what: String,
    },
    /// The message is larger than [`Limits`](crate::Limits) allow.
    #[error("message exceeds the limit of {limit} {what}")]
    Limit {
        /// `bytes`, `nodes` or `levels`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

/// The longest quotation, in characters.
const MAX_QUOTE: usize = 80;

/// The beginning of `text`, at most [`MAX_QUOTE`] characters, with quotes, control characters and other
/// invisible ones escaped.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::new();
    let mut used = 0;
    for character in text.chars() {
        let escaped = character.escape_debug();
        used += escaped.len();
        if used > MAX_QUOTE {
            quoted.push('…');
            break;
        }
        quoted.extend(escaped);
    }
    quoted
}

/// Like [`quote`], for bytes that may be anything.
pub(crate) fn quote_bytes(bytes: &[u8]) -> String {
    // No character is longer than 4 bytes; one more tells that the quotation is cut.
    let beginning = &bytes[..bytes.len().min(4 * (MAX_QUOTE + 1))];
    quote(&String::from_utf8_lossy(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_bounded_and_escaped() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("nothing", b"", ""),
            ("plain text stays", b"plain", "plain"),
            (
                "control characters and quotes are escaped",
                b"a\n\x1b[1m\"b\"",
                "a\\n\\u{1b}[1m\\\"b\\\"",
            ),
            ("bytes that are no UTF-8 are replaced", b"\xff\xfe", "\u{fffd}\u{fffd}"),
        ];
        for (what, bytes, expected) in rows {
            assert_eq!(quote_bytes(bytes), *expected, "{what}");
        }
        assert_eq!(quote(&"x".repeat(80)), "x".repeat(80), "exactly the bound");
        assert_eq!(quote(&"x".repeat(81)), "x".repeat(80) + "…", "one more is cut");
        assert!(quote_bytes(&vec![0; 1 << 20]).len() < 100, "escapes count towards the bound");
    }
}
