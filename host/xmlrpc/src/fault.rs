//! What a fault's value says.

use std::borrow::Cow;

use crate::text::Integer;
use crate::{OwnedNode, end_of_value};

/// The longest message of a fault, in bytes; a longer one is cut and ends with `…`.
pub const MAX_FAULT_MESSAGE: usize = 4096;

/// The code and the message of a fault, whose value is `document`. `None` where it is no struct with a
/// `faultCode`. Other members are ignored; of two with the same name the last one counts.
pub(crate) fn fault(document: &[OwnedNode]) -> Option<(i32, String)> {
    let Some(OwnedNode::Members(count)) = document.first() else {
        return None;
    };
    let (mut code, mut message) = (None, None);
    let mut at = 1;
    for _ in 0..*count {
        let (Some(OwnedNode::Member(name)), Some(value)) = (document.get(at), document.get(at + 1))
        else {
            return None;
        };
        match name.as_str() {
            "faultCode" => code = Some(value),
            "faultString" => message = Some(value),
            _ => {}
        }
        at = end_of_value(document, at + 1)?;
    }
    let message = message.map(words).unwrap_or_default();
    let (code, message) = match code? {
        OwnedNode::Int(code) => (*code, message),
        code => {
            let code = words(code);
            match Integer::parse(&code) {
                Some(Integer::Fits(number)) => i32::try_from(number).ok(),
                _ => None,
            }
            .map_or_else(
                || (0, Cow::Owned(format!("[{code}] {message}"))),
                |number| (number, message.clone()),
            )
        }
    };
    Some((code, bounded(&message)))
}

/// A scalar for people.
fn words(node: &OwnedNode) -> Cow<'_, str> {
    match node {
        OwnedNode::Text(text) | OwnedNode::DateTime(text) => Cow::Borrowed(text),
        OwnedNode::Int(value) => Cow::Owned(value.to_string()),
        OwnedNode::Long(value) => Cow::Owned(value.to_string()),
        OwnedNode::Double(value) => Cow::Owned(value.to_string()),
        OwnedNode::Boolean(value) => Cow::Owned(value.to_string()),
        OwnedNode::Nil => Cow::Borrowed(""),
        OwnedNode::Binary(_) => Cow::Borrowed("(binary)"),
        OwnedNode::Array(_) => Cow::Borrowed("(array)"),
        OwnedNode::Members(_) | OwnedNode::Member(_) => Cow::Borrowed("(struct)"),
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
