//! A value as bytes: what `setup` leaves for the users.

use super::{Value, decode, encode};
use crate::bindings::katydid::load::data::Node;

/// What all bytes begin with; another format would have another number.
const FORMAT: u8 = 1;

/// A byte for each kind of node.
mod tag {
    pub(super) const NIL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const LONG: u8 = 4;
    pub(super) const DOUBLE: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const DATE_TIME: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const ARRAY: u8 = 9;
    pub(super) const MEMBERS: u8 = 10;
    pub(super) const MEMBER: u8 = 11;
}

/// The bytes that stand for a value.
pub(crate) fn to_bytes(value: Value) -> Vec<u8> {
    let mut to = vec![FORMAT];
    for node in encode(vec![value]) {
        match node {
            Node::Nil => to.push(tag::NIL),
            Node::Boolean(false) => to.push(tag::FALSE),
            Node::Boolean(true) => to.push(tag::TRUE),
            Node::Int(value) => fixed(&mut to, tag::INT, value.to_le_bytes()),
            Node::Long(value) => fixed(&mut to, tag::LONG, value.to_le_bytes()),
            Node::Double(value) => fixed(&mut to, tag::DOUBLE, value.to_le_bytes()),
            Node::Text(text) => text_of(&mut to, tag::TEXT, text.as_bytes()),
            Node::DateTime(text) => text_of(&mut to, tag::DATE_TIME, text.as_bytes()),
            Node::Binary(bytes) => text_of(&mut to, tag::BINARY, &bytes),
            Node::Array(count) => fixed(&mut to, tag::ARRAY, count.to_le_bytes()),
            Node::Members(count) => fixed(&mut to, tag::MEMBERS, count.to_le_bytes()),
            Node::Member(name) => text_of(&mut to, tag::MEMBER, name.as_bytes()),
        }
    }
    to
}

fn fixed<const N: usize>(to: &mut Vec<u8>, tag: u8, bytes: [u8; N]) {
    to.push(tag);
    to.extend(bytes);
}

fn text_of(to: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    // More than the host would ever take; what is cut then is no value any more.
    fixed(to, tag, u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    to.extend(bytes);
}

/// The value that these bytes stand for.
///
/// # Errors
/// They stand for none; why, in words.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Value, &'static str> {
    let mut left = bytes.strip_prefix(&[FORMAT]).ok_or("another version of the SDK wrote it")?;
    let mut nodes = Vec::new();
    while let Some((&tag, rest)) = left.split_first() {
        left = rest;
        nodes.push(node(tag, &mut left).ok_or("it is cut or garbled")?);
    }
    let mut values = decode(nodes)?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err("it is not one value"),
    }
}

/// The node with this tag, and the bytes behind it.
fn node(tag: u8, left: &mut &[u8]) -> Option<Node> {
    Some(match tag {
        tag::NIL => Node::Nil,
        tag::FALSE => Node::Boolean(false),
        tag::TRUE => Node::Boolean(true),
        tag::INT => Node::Int(i32::from_le_bytes(taken(left)?)),
        tag::LONG => Node::Long(i64::from_le_bytes(taken(left)?)),
        tag::DOUBLE => Node::Double(f64::from_le_bytes(taken(left)?)),
        tag::TEXT => Node::Text(text(left)?),
        tag::DATE_TIME => Node::DateTime(text(left)?),
        tag::BINARY => Node::Binary(sized(left)?.to_vec()),
        tag::ARRAY => Node::Array(u32::from_le_bytes(taken(left)?)),
        tag::MEMBERS => Node::Members(u32::from_le_bytes(taken(left)?)),
        tag::MEMBER => Node::Member(text(left)?),
        _ => return None,
    })
}

fn taken<const N: usize>(left: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = left.split_first_chunk()?;
    *left = rest;
    Some(*first)
}

fn sized<'a>(left: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(taken(left)?);
    let (first, rest) = left.split_at_checked(length as usize)?;
    *left = rest;
    Some(first)
}

fn text(left: &mut &[u8]) -> Option<String> {
    String::from_utf8(sized(left)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Struct;

    #[test]
    fn every_value_comes_back_and_no_cut_one_does() {
        let value = Value::from([
            ("nil", Value::Nil),
            ("truths", Value::from([true, false])),
            ("numbers", Value::Array(vec![Value::Int(-7), Value::Long(1 << 40)])),
            ("double", Value::Double(-0.0)),
            ("text", Value::from("ä\0")),
            ("date", Value::DateTime("19980717T14:08:55".into())),
            ("bytes", Value::from(vec![0_u8, 255])),
            ("empty", Value::Struct(Struct::new())),
        ]);
        let bytes = to_bytes(value.clone());
        assert_eq!(from_bytes(&bytes), Ok(value));
        for length in 0..bytes.len() {
            assert!(from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        let rows: [(&[u8], _); 6] = [
            (&[], "another version of the SDK wrote it"),
            (&[2, tag::NIL], "another version of the SDK wrote it"),
            (&[FORMAT], "it is not one value"),
            (&[FORMAT, tag::NIL, tag::NIL], "it is not one value"),
            (&[FORMAT, 99], "it is cut or garbled"),
            (&[FORMAT, tag::TEXT, 255, 255, 255, 255], "it is cut or garbled"),
        ];
        for (bytes, why) in rows {
            assert_eq!(from_bytes(bytes), Err(why));
        }
        assert_eq!(
            from_bytes(&[FORMAT, tag::ARRAY, 9, 0, 0, 0]),
            Err("the document ends too early")
        );
    }
}
