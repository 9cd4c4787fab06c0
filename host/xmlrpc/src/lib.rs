//! XML-RPC as a stream of nodes: strict out, lenient in, bounded.
//!
//! Data is a flat list of [`Node`]s in document order: [`Node::Array`] announces how many values
//! follow, [`Node::Members`] how many pairs of a [`Node::Member`] and a value. There is no tree, so
//! there is no recursion, and the caller keeps its own node type: it feeds an [`Encoder`] and is fed
//! through a [`Sink`], and nothing is converted twice.
//!
//! ```
//! use katydid_xmlrpc::{Encoder, Limits, Node, OwnedNode, Reply, decode_reply};
//!
//! let mut request = Vec::new();
//! let mut encoder = Encoder::call(&mut request, "add", Limits::default())?;
//! encoder.node(Node::Int(19))?;
//! encoder.node(Node::Int(23))?;
//! encoder.finish()?;
//! assert!(request.ends_with(b"<param><value><int>23</int></value></param></params></methodCall>"));
//!
//! let body = b"<methodResponse><params><param><value><i4>42</i4></value></param></params></methodResponse>";
//! let mut document: Vec<OwnedNode> = Vec::new();
//! assert_eq!(decode_reply(body, Limits::default(), &mut document)?, Reply::Value);
//! assert_eq!(document, [OwnedNode::Int(42)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Strict out: what [`Encoder`] writes is what <http://xmlrpc.com/spec.md> allows, plus the
//! [`Extensions`] `<nil/>` and `<i8>`, which are written only where the caller asks for them. Lenient
//! in: what the servers of this world send is read wherever it means one thing only (the rules stand
//! beside the code of the decoder). Bounded: by [`Limits`], whatever the other side sends or announces.
#![deny(unsafe_code)]

mod charset;
mod decode;
mod encode;
mod error;
mod fault;
mod lexer;
#[cfg(test)]
mod lexer_fuzz;
#[cfg(test)]
mod lexer_tests;
pub mod multicall;
mod nodes;
mod scalar;
mod text;
mod walk;

pub use decode::{Reply, decode_call, decode_reply};
pub use encode::{Encoder, encode_fault};
pub use error::{DecodeError, EncodeError};
pub use fault::MAX_FAULT_MESSAGE;

use walk::Walk;

/// One node of a document, borrowed from whoever owns it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node<'a> {
    /// `<nil/>`, an extension. Many servers refuse it.
    Nil,
    /// `<boolean>`.
    Boolean(bool),
    /// `<int>`; read from every integer type whose value fits 32 bits.
    Int(i32),
    /// `<i8>`, an extension; read from every integer type whose value fits 64 bits but not 32.
    Long(i64),
    /// `<double>`. Infinities and NaN are read, never written.
    Double(f64),
    /// `<string>`, an untyped value, or the digits of a `biginteger` beyond 64 bits.
    Text(&'a str),
    /// `<dateTime.iso8601>` as the text it was, perhaps empty: XML-RPC names no time zone.
    DateTime(&'a str),
    /// `<base64>`, decoded.
    Binary(&'a [u8]),
    /// `<array>`: so many values follow.
    Array(u32),
    /// `<struct>`: so many pairs of a [`Node::Member`] and a value follow.
    Members(u32),
    /// The name of a member; its value follows. Names may repeat, by custom the last one wins.
    Member(&'a str),
}

/// What one message may cost, in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the message: of the body that is read, or of what one [`Encoder`] appends.
    /// 64 MiB by default.
    pub max_bytes: usize,
    /// Arrays and structs inside one another: 0 allows scalars only, 1 an array of scalars.
    /// 128 by default.
    pub max_depth: usize,
    /// Nodes of the message, names of members included. 1,000,000 by default.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_depth: 128, max_nodes: 1_000_000 }
    }
}

/// What an [`Encoder`] may write that is not in the specification. Both by default: they are written
/// only where the caller hands over a [`Node`] that asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extensions {
    /// `<nil/>`, for [`Node::Nil`]; an error without it.
    pub nil: bool,
    /// `<i8>`, for [`Node::Long`]. Without it, one that fits 32 bits becomes an `<int>`, another is an
    /// error.
    pub i8: bool,
}

impl Default for Extensions {
    fn default() -> Self {
        Self { nil: true, i8: true }
    }
}

/// Receives the nodes of a message in document order while it is read.
///
/// How many values a container has is known only at its end, so it is pushed with count 0 and patched.
/// After an error the sink holds whatever was read before it: throw that away.
pub trait Sink {
    /// Takes the next node.
    fn push(&mut self, node: Node<'_>);
    /// How many nodes the sink holds: the place of the node that is pushed next.
    fn len(&self) -> usize;
    /// Whether the sink holds no node.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Sets the count of the [`Node::Array`] or [`Node::Members`] at the place `at`, as told by
    /// [`Sink::len`] before it was pushed.
    fn set_count(&mut self, at: usize, count: u32);
    /// Sets the name of the [`Node::Member`] at the place `at`: it was pushed without one, because its
    /// `<value>` came before its `<name>`.
    fn set_name(&mut self, at: usize, name: &str);
}

/// One node that owns its text, so that a `Vec<OwnedNode>` is a document. For servers and tests.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnedNode {
    /// See [`Node::Nil`].
    Nil,
    /// See [`Node::Boolean`].
    Boolean(bool),
    /// See [`Node::Int`].
    Int(i32),
    /// See [`Node::Long`].
    Long(i64),
    /// See [`Node::Double`].
    Double(f64),
    /// See [`Node::Text`].
    Text(String),
    /// See [`Node::DateTime`].
    DateTime(String),
    /// See [`Node::Binary`].
    Binary(Vec<u8>),
    /// See [`Node::Array`].
    Array(u32),
    /// See [`Node::Members`].
    Members(u32),
    /// See [`Node::Member`].
    Member(String),
}

impl OwnedNode {
    /// The same node, borrowed.
    pub fn as_node(&self) -> Node<'_> {
        match self {
            Self::Nil => Node::Nil,
            Self::Boolean(value) => Node::Boolean(*value),
            Self::Int(value) => Node::Int(*value),
            Self::Long(value) => Node::Long(*value),
            Self::Double(value) => Node::Double(*value),
            Self::Text(text) => Node::Text(text),
            Self::DateTime(text) => Node::DateTime(text),
            Self::Binary(bytes) => Node::Binary(bytes),
            Self::Array(count) => Node::Array(*count),
            Self::Members(count) => Node::Members(*count),
            Self::Member(name) => Node::Member(name),
        }
    }
}

impl From<Node<'_>> for OwnedNode {
    fn from(node: Node<'_>) -> Self {
        match node {
            Node::Nil => Self::Nil,
            Node::Boolean(value) => Self::Boolean(value),
            Node::Int(value) => Self::Int(value),
            Node::Long(value) => Self::Long(value),
            Node::Double(value) => Self::Double(value),
            Node::Text(text) => Self::Text(text.into()),
            Node::DateTime(text) => Self::DateTime(text.into()),
            Node::Binary(bytes) => Self::Binary(bytes.into()),
            Node::Array(count) => Self::Array(count),
            Node::Members(count) => Self::Members(count),
            Node::Member(name) => Self::Member(name.into()),
        }
    }
}

impl Sink for Vec<OwnedNode> {
    fn push(&mut self, node: Node<'_>) {
        self.push(node.into());
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn set_count(&mut self, at: usize, count: u32) {
        if let Some(OwnedNode::Array(old) | OwnedNode::Members(old)) = self.get_mut(at) {
            *old = count;
        }
    }

    fn set_name(&mut self, at: usize, name: &str) {
        if let Some(OwnedNode::Member(old)) = self.get_mut(at) {
            name.clone_into(old);
        }
    }
}

/// The place just past the value that starts at `at`, or `None` where no whole value starts: a name
/// instead of a value, a value instead of a name, or an end before the announced count.
///
/// Iterative; time and memory grow with the nodes of that value, never with an announced count.
pub fn end_of_value(document: &[OwnedNode], at: usize) -> Option<usize> {
    let mut walk = Walk::default();
    let mut next = at;
    loop {
        let whole = walk.step(document.get(next)?.as_node())?;
        next = next.checked_add(1)?;
        if whole {
            return Some(next);
        }
    }
}
