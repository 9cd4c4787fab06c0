//! Nodes to XML, strictly.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{EncodeError, Extensions, Limits, Node};

/// Writes one `methodCall` or `methodResponse`, node by node.
///
/// It appends to the vector and never clears it, so the caller may keep an HTTP head in front. It
/// checks that the nodes form a document and allocates for what it is given, never for a count that was
/// only announced. After an error what it appended is unfinished, as it is without
/// [`finish`](Self::finish): the caller truncates.
#[derive(Debug)]
pub struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    limits: Limits,
    extensions: Extensions,
    /// `out` must not become longer than this.
    end: usize,
    /// Nodes so far.
    nodes: usize,
    /// Top-level values begun so far.
    values: usize,
    /// A reply: exactly one top-level value.
    reply: bool,
    /// The containers that still miss something, the outermost first.
    open: Vec<Open>,
}

/// A container that misses something.
#[derive(Debug)]
struct Open {
    /// Values still to come, the one under way included.
    left: u32,
    due: Due,
}

/// What must come next in a container.
#[derive(Debug, PartialEq)]
enum Due {
    /// An array's value.
    Item,
    /// The name of a struct's member.
    Name,
    /// The value of the member whose name was the last node.
    MemberValue,
}

impl<'o> Encoder<'o> {
    /// Begins a call of `method`. Every top-level value becomes one parameter; there may be none.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Character`] where the method's name cannot be written as XML, and
    /// [`EncodeError::Limit`] where it is too long. Other unusual names pass.
    pub fn call(out: &'o mut Vec<u8>, method: &str, limits: Limits) -> Result<Self, EncodeError> {
        let mut encoder = Self::new(out, limits, false);
        encoder.out.reserve(method.len().min(limits.max_bytes) + 256);
        encoder.raw(b"<?xml version=\"1.0\"?><methodCall><methodName>");
        encoder.text(method, "the method's name")?;
        encoder.raw(b"</methodName><params>");
        encoder.check_bytes()?;
        Ok(encoder)
    }

    /// Begins a reply. It takes exactly one top-level value.
    pub fn reply(out: &'o mut Vec<u8>, limits: Limits) -> Self {
        let mut encoder = Self::new(out, limits, true);
        encoder.out.reserve(256);
        encoder.raw(b"<?xml version=\"1.0\"?><methodResponse><params>");
        encoder
    }

    fn new(out: &'o mut Vec<u8>, limits: Limits, reply: bool) -> Self {
        let end = out.len().saturating_add(limits.max_bytes);
        let extensions = Extensions::default();
        Self { out, limits, extensions, end, nodes: 0, values: 0, reply, open: Vec::new() }
    }

    /// Writes only these extensions of XML-RPC. Without a call of this all are written.
    #[must_use]
    pub fn with_extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = extensions;
        self
    }

    /// Writes the next node.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Sequence`] where the node cannot stand here, [`EncodeError::Character`] and
    /// [`EncodeError::NotFinite`] where XML-RPC cannot express it, [`EncodeError::NoI8`] and
    /// [`EncodeError::NoNil`] where only an extension could that is left out, [`EncodeError::Limit`]
    /// where the message becomes too large.
    pub fn node(&mut self, node: Node<'_>) -> Result<(), EncodeError> {
        if self.nodes >= self.limits.max_nodes {
            return Err(EncodeError::Limit { what: "nodes", limit: self.limits.max_nodes });
        }
        if let Node::Member(name) = node {
            self.member(name)?;
        } else {
            self.begin_value()?;
            let whole = self.value(node)?;
            if whole {
                self.end_value();
            }
        }
        self.nodes += 1;
        self.check_bytes()
    }

    /// Ends the message.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Sequence`] where a container misses values or a reply has none,
    /// [`EncodeError::Limit`] where the message is too large.
    pub fn finish(mut self) -> Result<(), EncodeError> {
        match self.open.last() {
            Some(Open { due: Due::Item, .. }) => {
                return self.misplaced("values of an array are missing");
            }
            Some(Open { due: Due::Name, .. }) => {
                return self.misplaced("members of a struct are missing");
            }
            Some(Open { due: Due::MemberValue, .. }) => {
                return self.misplaced("the value of a member is missing");
            }
            None => {}
        }
        if !self.reply {
            self.raw(b"</params></methodCall>");
        } else if self.values == 1 {
            self.raw(b"</params></methodResponse>");
        } else {
            return self.misplaced("a reply needs a value");
        }
        self.check_bytes()
    }

    /// Writes the name of a member.
    fn member(&mut self, name: &str) -> Result<(), EncodeError> {
        match self.open.last_mut() {
            Some(open) if open.due == Due::Name => open.due = Due::MemberValue,
            Some(Open { due: Due::MemberValue, .. }) => {
                return self.misplaced("the name of a member where its value is due");
            }
            _ => return self.misplaced("the name of a member outside of a struct"),
        }
        self.raw(b"<member><name>");
        self.text(name, "a member's name")?;
        self.raw(b"</name>");
        Ok(())
    }

    /// Checks that a value may stand here, and opens what is around it.
    fn begin_value(&mut self) -> Result<(), EncodeError> {
        match self.open.last() {
            Some(Open { due: Due::Name, .. }) => {
                self.misplaced("a value where the name of a member is due")
            }
            Some(_) => Ok(()),
            None if self.reply && self.values > 0 => self.misplaced("a second value in a reply"),
            None => {
                self.values += 1;
                self.raw(b"<param>");
                Ok(())
            }
        }
    }

    /// Writes a value or begins a container. Tells whether the value is whole.
    fn value(&mut self, node: Node<'_>) -> Result<bool, EncodeError> {
        match node {
            // Not a value; `node` sends it elsewhere.
            Node::Member(_) => return Ok(false),
            Node::Nil if !self.extensions.nil => return Err(EncodeError::NoNil),
            Node::Nil => self.raw(b"<value><nil/></value>"),
            Node::Boolean(true) => self.raw(b"<value><boolean>1</boolean></value>"),
            Node::Boolean(false) => self.raw(b"<value><boolean>0</boolean></value>"),
            Node::Int(value) => {
                self.raw(b"<value><int>");
                integer(self.out, value.into());
                self.raw(b"</int></value>");
            }
            Node::Long(value) if !self.extensions.i8 => {
                let narrow = i32::try_from(value).map_err(|_| EncodeError::NoI8(value))?;
                return self.value(Node::Int(narrow));
            }
            Node::Long(value) => {
                self.raw(b"<value><i8>");
                integer(self.out, value);
                self.raw(b"</i8></value>");
            }
            Node::Double(value) if !value.is_finite() => return Err(EncodeError::NotFinite(value)),
            Node::Double(value) => {
                self.raw(b"<value><double>");
                // `Display` writes the shortest digits that read back as the same number, and never an
                // exponent, which XML-RPC does not know. Writing to a vector cannot fail.
                let _ = write!(self.out, "{value}");
                self.raw(b"</double></value>");
            }
            Node::Text(text) => {
                self.raw(b"<value><string>");
                self.text(text, "a text")?;
                self.raw(b"</string></value>");
            }
            Node::DateTime(text) => {
                self.raw(b"<value><dateTime.iso8601>");
                self.text(text, "a date")?;
                self.raw(b"</dateTime.iso8601></value>");
            }
            Node::Binary(bytes) => {
                self.raw(b"<value><base64>");
                self.binary(bytes)?;
                self.raw(b"</base64></value>");
            }
            Node::Array(count) => return self.begin_container(count, Due::Item),
            Node::Members(count) => return self.begin_container(count, Due::Name),
        }
        Ok(true)
    }

    /// Begins an array or a struct. Tells whether it is whole, which it is when it is empty.
    fn begin_container(&mut self, count: u32, due: Due) -> Result<bool, EncodeError> {
        if self.open.len() >= self.limits.max_depth {
            return Err(EncodeError::Limit { what: "levels", limit: self.limits.max_depth });
        }
        match (&due, count) {
            (Due::Item, 0) => self.raw(b"<value><array><data></data></array></value>"),
            (Due::Item, _) => self.raw(b"<value><array><data>"),
            (_, 0) => self.raw(b"<value><struct></struct></value>"),
            (_, _) => self.raw(b"<value><struct>"),
        }
        if count > 0 {
            self.open.push(Open { left: count, due });
        }
        Ok(count == 0)
    }

    /// Closes what ends with the value that was just written.
    fn end_value(&mut self) {
        loop {
            let Some(open) = self.open.last_mut() else {
                self.raw(b"</param>");
                return;
            };
            // An open container misses at least one value.
            open.left -= 1;
            let whole = open.left == 0;
            let close: &[u8] = match (&open.due, whole) {
                (Due::Item, false) => b"",
                (Due::Item, true) => b"</data></array></value>",
                (_, false) => b"</member>",
                (_, true) => b"</member></struct></value>",
            };
            if open.due == Due::MemberValue {
                open.due = Due::Name;
            }
            self.raw(close);
            if !whole {
                return;
            }
            self.open.pop();
        }
    }

    /// Appends markup.
    fn raw(&mut self, markup: &[u8]) {
        self.out.extend_from_slice(markup);
    }

    /// Appends text, escaped.
    fn text(&mut self, text: &str, place: &'static str) -> Result<(), EncodeError> {
        self.check_room(text.len())?;
        match escape(self.out, text, self.end) {
            Ok(()) => Ok(()),
            Err(Unwritable::Full) => self.check_bytes(),
            Err(Unwritable::Illegal { character, offset }) => {
                Err(EncodeError::Character { character, offset, place })
            }
        }
    }

    /// Appends base64, without line breaks.
    fn binary(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let length = bytes.len().div_ceil(3).saturating_mul(4);
        self.check_room(length)?;
        let at = self.out.len();
        self.out.resize(at + length, 0);
        // The slice has exactly the length that padded base64 needs, so that this cannot fail.
        let written = STANDARD.encode_slice(bytes, &mut self.out[at..]).unwrap_or(0);
        self.out.truncate(at + written);
        Ok(())
    }

    /// Refuses what would not fit, before it is copied.
    fn check_room(&self, more: usize) -> Result<(), EncodeError> {
        if more > self.end.saturating_sub(self.out.len()) {
            return Err(EncodeError::Limit { what: "bytes", limit: self.limits.max_bytes });
        }
        Ok(())
    }

    /// Refuses what has become too long.
    fn check_bytes(&self) -> Result<(), EncodeError> {
        if self.out.len() > self.end {
            return Err(EncodeError::Limit { what: "bytes", limit: self.limits.max_bytes });
        }
        Ok(())
    }

    /// The error about the node that is due or at hand.
    fn misplaced<T>(&self, what: &'static str) -> Result<T, EncodeError> {
        Err(EncodeError::Sequence { node: self.nodes, what })
    }
}

/// Appends a fault reply. Characters of the message that XML cannot express become U+FFFD.
pub fn encode_fault(out: &mut Vec<u8>, code: i32, message: &str) {
    out.reserve(message.len() + 256);
    out.extend_from_slice(
        b"<?xml version=\"1.0\"?><methodResponse><fault><value><struct>\
          <member><name>faultCode</name><value><int>",
    );
    integer(out, code.into());
    out.extend_from_slice(
        b"</int></value></member><member><name>faultString</name><value><string>",
    );
    let mut rest = message;
    while let Err(Unwritable::Illegal { character, offset }) = escape(out, rest, usize::MAX) {
        out.extend_from_slice("\u{fffd}".as_bytes());
        rest = &rest[offset + character.len_utf8()..];
    }
    out.extend_from_slice(b"</string></value></member></struct></value></fault></methodResponse>");
}

/// Appends a number in decimal.
fn integer(out: &mut Vec<u8>, value: i64) {
    // 19 digits and a sign.
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut left = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    out.extend_from_slice(&digits[at..]);
}

/// Why a text could not be written to its end.
enum Unwritable {
    /// The output became longer than allowed.
    Full,
    /// XML 1.0 cannot express this character. What stands before it has been written.
    Illegal { character: char, offset: usize },
}

/// For each byte whether [`escape`] must look at it: markup, what XML 1.0 forbids (all control
/// characters but tab, line feed and carriage return), `\r` (a reader would take it for a line feed)
/// and the byte that U+FFFE and U+FFFF start with.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = byte != b'\t' as usize && byte != b'\n' as usize;
        byte += 1;
    }
    special[b'<' as usize] = true;
    special[b'&' as usize] = true;
    special[b'>' as usize] = true;
    special[0xef] = true;
    special
};

/// Appends text as XML character data; may pass `end` by one escape before it says so.
fn escape(out: &mut Vec<u8>, text: &str, end: usize) -> Result<(), Unwritable> {
    let bytes = text.as_bytes();
    // Written so far; looked at so far.
    let (mut written, mut at) = (0, 0);
    while let Some(plain) = bytes[at..].iter().position(|&byte| SPECIAL[usize::from(byte)]) {
        at += plain;
        let replacement: &[u8] = match bytes[at] {
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'&' => b"&amp;",
            b'\r' => b"&#13;",
            0xef if !matches!(bytes[at..], [_, 0xbf, 0xbe | 0xbf, ..]) => {
                at += 1;
                continue;
            }
            _ => {
                out.extend_from_slice(&bytes[written..at]);
                let character = text[at..].chars().next().unwrap_or_default();
                return Err(Unwritable::Illegal { character, offset: at });
            }
        };
        out.extend_from_slice(&bytes[written..at]);
        out.extend_from_slice(replacement);
        at += 1;
        written = at;
        if out.len() > end {
            return Err(Unwritable::Full);
        }
    }
    out.extend_from_slice(&bytes[written..]);
    Ok(())
}
