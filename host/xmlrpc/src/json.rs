//! Nodes as JSON text and back, for callers whose own language reads and writes JSON faster than nodes.
//!
//! Only what both can say has such a form, so that nothing is marked or escaped in it: nil is `null`, an
//! integer is written without a point, a double with one or with an exponent. A date, bytes, infinities
//! and NaN have none, nor have integers whose digits a double would lose, and deep nesting, since readers
//! of JSON recurse.
//!
//! The grammar is that of RFC 8259, strictly; a lone surrogate, which it allows, is read as U+FFFD.

use std::fmt::Write;

use crate::{EncodeError, Limits, Node, Sink};

/// The deepest nesting that [`write`] has a form for.
pub const MAX_DEPTH: usize = 32;

/// The greatest integer, and the least without its sign, all of whose neighbours a double tells apart.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Pushes values of JSON with commas between them, the parameters of a call, as nodes. There may be none.
///
/// # Errors
///
/// [`EncodeError::Json`] where the text is something else, or has an integer of more than 64 bits;
/// [`EncodeError::Limit`] where it has too many nodes or levels. The sink then holds a part of it.
pub fn read(text: &str, limits: Limits, sink: &mut impl Sink) -> Result<(), EncodeError> {
    Reader { text, at: 0, limits, open: Vec::new() }.parameters(sink)
}

/// An array or object that is not closed yet.
struct Open {
    /// Where its node is; none for what is around the parameters, which has no node.
    node: Option<usize>,
    object: bool,
    count: u32,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    limits: Limits,
    open: Vec<Open>,
}

impl Reader<'_> {
    fn parameters(mut self, sink: &mut impl Sink) -> Result<(), EncodeError> {
        self.open.push(Open { node: None, object: false, count: 0 });
        while let Some(Open { node, object, count }) = self.open.last() {
            let (object, first) = (*object, *count == 0);
            let end = node.map(|_| if object { b'}' } else { b']' });
            let next = self.next();
            if next == end {
                self.close(sink);
                continue;
            }
            if !first {
                match next {
                    Some(b',') => self.at += 1,
                    Some(_) => return self.wrong("a comma or the end is expected"),
                    None => return self.wrong("the text ends too early"),
                }
            }
            if object {
                self.name(sink)?;
            }
            self.value(sink)?;
        }
        Ok(())
    }

    /// The next character that is not white space.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn close(&mut self, sink: &mut impl Sink) {
        if let Some(Open { node: Some(at), count, .. }) = self.open.pop() {
            self.at += 1;
            sink.set_count(at, count);
        }
    }

    fn name(&mut self, sink: &mut impl Sink) -> Result<(), EncodeError> {
        if self.next() != Some(b'"') {
            return self.wrong("a name is expected");
        }
        self.string(sink, |name| Node::Member(name))?;
        if self.next() != Some(b':') {
            return self.wrong("a colon is expected");
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, sink: &mut impl Sink) -> Result<(), EncodeError> {
        if let Some(around) = self.open.last_mut() {
            // No text has room for more than 32 bits can count: each value takes a byte, and a comma.
            around.count = around.count.saturating_add(1);
        }
        match self.next() {
            Some(b'"') => self.string(sink, |text| Node::Text(text)),
            Some(b'-' | b'0'..=b'9') => self.number(sink),
            Some(b'{') => self.begin(Node::Members(0), true, sink),
            Some(b'[') => self.begin(Node::Array(0), false, sink),
            Some(b'n') => self.word("null", Node::Nil, sink),
            Some(b't') => self.word("true", Node::Boolean(true), sink),
            Some(b'f') => self.word("false", Node::Boolean(false), sink),
            Some(_) => self.wrong("a value is expected"),
            None => self.wrong("the text ends too early"),
        }
    }

    fn push(&self, node: Node<'_>, sink: &mut impl Sink) -> Result<(), EncodeError> {
        if sink.len() >= self.limits.max_nodes {
            return Err(EncodeError::Limit { what: "nodes", limit: self.limits.max_nodes });
        }
        sink.push(node);
        Ok(())
    }

    fn begin(
        &mut self,
        node: Node<'_>,
        object: bool,
        sink: &mut impl Sink,
    ) -> Result<(), EncodeError> {
        // What is around the parameters is open too, and is no level.
        if self.open.len() > self.limits.max_depth {
            return Err(EncodeError::Limit { what: "levels", limit: self.limits.max_depth });
        }
        self.at += 1;
        self.open.push(Open { node: Some(sink.len()), object, count: 0 });
        self.push(node, sink)
    }

    fn word(
        &mut self,
        word: &str,
        node: Node<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), EncodeError> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.wrong("a value is expected");
        }
        self.at += word.len();
        self.push(node, sink)
    }

    fn number(&mut self, sink: &mut impl Sink) -> Result<(), EncodeError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let integer = start + usize::from(bytes[start] == b'-');
        let mut end = digits(integer);
        if end == integer || (bytes[integer] == b'0' && end > integer + 1) {
            return self.wrong("a number is expected");
        }
        let mut whole = true;
        if bytes.get(end) == Some(&b'.') {
            let fraction = end + 1;
            end = digits(fraction);
            whole = false;
            if end == fraction {
                return self.wrong("a number is expected");
            }
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = end + 1 + sign;
            end = digits(exponent);
            whole = false;
            if end == exponent {
                return self.wrong("a number is expected");
            }
        }
        let number = &self.text[start..end];
        let node = if !whole {
            // What is written like this is always read; beyond the greatest double it is infinite, which
            // the encoder refuses.
            Node::Double(number.parse().unwrap_or(f64::NAN))
        } else if let Ok(value) = number.parse() {
            i32::try_from(value).map_or(Node::Long(value), Node::Int)
        } else {
            return self.wrong("an integer of more than 64 bits");
        };
        self.at = end;
        self.push(node, sink)
    }

    /// Pushes the string that begins here.
    fn string(
        &mut self,
        sink: &mut impl Sink,
        node: impl for<'n> FnOnce(&'n str) -> Node<'n>,
    ) -> Result<(), EncodeError> {
        let start = self.at + 1;
        let end = self.plain(start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.push(node(&self.text[start..end]), sink);
        }
        self.at = start;
        let text = self.escaped()?;
        self.push(node(&text), sink)
    }

    /// Where what stands for itself in a string ends.
    fn plain(&self, start: usize) -> usize {
        let rest = &self.text.as_bytes()[start..];
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        rest.iter().position(special).map_or(self.text.len(), |length| start + length)
    }

    /// Reads a string that has escapes, to past its end.
    fn escaped(&mut self) -> Result<String, EncodeError> {
        let mut into = String::new();
        loop {
            let end = self.plain(self.at);
            into.push_str(&self.text[self.at..end]);
            self.at = end;
            match self.text.as_bytes().get(end) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(into);
                }
                Some(b'\\') => into.push(self.escape()?),
                Some(_) => return self.wrong("a control character in a string"),
                None => return self.wrong("a string without an end"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, EncodeError> {
        let escaped = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.wrong("an unknown escape"),
        };
        self.at += 2;
        Ok(escaped)
    }

    /// `\uXXXX`, or two of them for one character.
    fn unicode(&mut self) -> Result<char, EncodeError> {
        let Some(first) = self.unit() else { return self.wrong("an unknown escape") };
        self.at += 6;
        if (0xd800..0xdc00).contains(&first)
            && let Some(second @ 0xdc00..0xe000) = self.unit()
        {
            self.at += 6;
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The unit of UTF-16 whose escape is here.
    fn unit(&self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 6)?.strip_prefix("\\u")?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    }

    fn wrong<T>(&self, what: &'static str) -> Result<T, EncodeError> {
        Err(EncodeError::Json { what, offset: self.at })
    }
}

/// Appends a document of one value as JSON. Tells whether it has such a form; where it has none, a part of
/// it is appended.
pub fn write<'n>(document: impl IntoIterator<Item = Node<'n>>, out: &mut String) -> bool {
    let mut open: Vec<(u32, bool)> = Vec::new();
    for node in document {
        match node {
            Node::Array(_) | Node::Members(_) if open.len() == MAX_DEPTH => return false,
            Node::Array(0) => out.push_str("[]"),
            Node::Members(0) => out.push_str("{}"),
            Node::Array(count) => {
                out.push('[');
                open.push((count, false));
                continue;
            }
            Node::Members(count) => {
                out.push('{');
                open.push((count, true));
                continue;
            }
            Node::Member(name) => {
                string(name, out);
                out.push(':');
                continue;
            }
            Node::Nil => out.push_str("null"),
            Node::Boolean(value) => out.push_str(if value { "true" } else { "false" }),
            Node::Text(text) => string(text, out),
            Node::Long(value) if value.unsigned_abs() > MAX_INTEGER => return false,
            // Writing to a string cannot fail.
            Node::Int(value) => write!(out, "{value}").unwrap_or(()),
            Node::Long(value) => write!(out, "{value}").unwrap_or(()),
            // Always with a point or an exponent.
            Node::Double(value) if value.is_finite() => write!(out, "{value:?}").unwrap_or(()),
            Node::Double(_) | Node::DateTime(_) | Node::Binary(_) => return false,
        }
        // A value is whole; with it perhaps what it is the last part of.
        while let Some((left, object)) = open.last_mut() {
            *left -= 1;
            if *left > 0 {
                out.push(',');
                break;
            }
            out.push(if *object { '}' } else { ']' });
            open.pop();
        }
    }
    true
}

/// Appends a string with its quotes.
fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => write!(out, "\\u{control:04x}").unwrap_or(()),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
