//! What a fault's value says.

use std::borrow::Cow;

use crate::text::Integer;
use crate::walk::members;
use crate::{Node, OwnedNode};

/// The longest message of a fault, in bytes; a longer one is cut and ends with `…`.
pub const MAX_FAULT_MESSAGE: usize = 4096;

/// The code and the message of a fault, whose value is `document`. `None` where it is no struct with a
/// `faultCode`. Other members are ignored; of two with the same name the last one counts.
pub(crate) fn fault(document: &[OwnedNode]) -> Option<(i32, String)> {
    let mut nodes = document.iter().map(OwnedNode::as_node);
    let Some(Node::Members(count)) = nodes.next() else {
        return None;
    };
    let mut reader = FaultReader::default();
    members(count, &mut nodes, |name, value| reader.member(name, value))?;
    reader.finish()
}

/// Reads a fault from the members of a struct.
#[derive(Default)]
pub(crate) struct FaultReader<'n> {
    code: Option<Node<'n>>,
    message: Option<Node<'n>>,
}

impl<'n> FaultReader<'n> {
    /// Takes a member: its name and the first node of its value.
    pub(crate) fn member(&mut self, name: &str, value: Node<'n>) {
        match name {
            "faultCode" => self.code = Some(value),
            "faultString" => self.message = Some(value),
            _ => {}
        }
    }

    /// The code and the message, the latter bounded. `None` where there was no `faultCode`.
    pub(crate) fn finish(self) -> Option<(i32, String)> {
        let message = self.message.map(words).unwrap_or_default();
        let code = match self.code? {
            Node::Int(code) => return Some((code, bounded(&message))),
            code => words(code),
        };
        let number = match Integer::parse(&code) {
            Some(Integer::Fits(number)) => i32::try_from(number).ok(),
            _ => None,
        };
        Some(match number {
            Some(number) => (number, bounded(&message)),
            None => (0, bounded(&format!("[{code}] {message}"))),
        })
    }
}

/// A scalar for people.
fn words(node: Node<'_>) -> Cow<'_, str> {
    match node {
        Node::Text(text) | Node::DateTime(text) => Cow::Borrowed(text),
        Node::Int(value) => Cow::Owned(value.to_string()),
        Node::Long(value) => Cow::Owned(value.to_string()),
        Node::Double(value) => Cow::Owned(value.to_string()),
        Node::Boolean(value) => Cow::Owned(value.to_string()),
        Node::Nil => Cow::Borrowed(""),
        Node::Binary(_) => Cow::Borrowed("(binary)"),
        Node::Array(_) => Cow::Borrowed("(array)"),
        Node::Members(_) | Node::Member(_) => Cow::Borrowed("(struct)"),
    }
}

/// A fault's message, cut to [`MAX_FAULT_MESSAGE`] bytes.
fn bounded(message: &str) -> String {
    if message.len() <= MAX_FAULT_MESSAGE {
        return message.to_owned();
    }
    let mark = '…';
    let end = message.floor_char_boundary(MAX_FAULT_MESSAGE - mark.len_utf8());
    let mut cut = message[..end].to_owned();
    cut.push(mark);
    cut
}
