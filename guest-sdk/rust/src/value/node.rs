//! Values as the contract carries them: a flat list of nodes in document order.
//!
//! Neither direction recurses, and nothing is allocated from a count that somebody else sent.

use super::{Struct, Value};
use crate::bindings::katydid::load::data::Node;

/// Deepest value that is read. The host allows less; a value is dropped recursively, so there must
/// be an end.
const DEEPEST: usize = 1_000;

/// What stands open while a document is read.
enum Open {
    Array { left: u32, items: Vec<Value> },
    Struct { left: u32, members: Vec<(String, Value)>, name: Option<String> },
}

impl Open {
    fn is_full(&self) -> bool {
        match self {
            Self::Array { left, .. } => *left == 0,
            Self::Struct { left, name, .. } => *left == 0 && name.is_none(),
        }
    }

    fn close(self) -> Value {
        match self {
            Self::Array { items, .. } => Value::Array(items),
            Self::Struct { members, .. } => Value::Struct(Struct(members)),
        }
    }

    /// Takes a value that belongs here.
    fn add(&mut self, value: Value) -> Result<(), &'static str> {
        match self {
            Self::Array { left, items } => {
                *left = left.checked_sub(1).ok_or("an array has too many items")?;
                items.push(value);
            }
            Self::Struct { members, name, .. } => {
                let name = name.take().ok_or("a member has no name")?;
                members.push((name, value));
            }
        }
        Ok(())
    }

    /// Takes the name of the next member.
    fn name(&mut self, next: String) -> Result<(), &'static str> {
        match self {
            Self::Struct { left, name: name @ None, .. } => {
                *left = left.checked_sub(1).ok_or("a struct has too many members")?;
                *name = Some(next);
                Ok(())
            }
            _ => Err("a member's name stands in the wrong place"),
        }
    }
}

/// The values of a document.
///
/// # Errors
/// The nodes are no document; what is wrong, in words.
pub(crate) fn decode(nodes: Vec<Node>) -> Result<Vec<Value>, &'static str> {
    let mut done = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for node in nodes {
        let value = match node {
            Node::Nil => Value::Nil,
            Node::Boolean(value) => Value::Bool(value),
            Node::Int(value) => Value::Int(value),
            Node::Long(value) => Value::Long(value),
            Node::Double(value) => Value::Double(value),
            Node::Text(text) => Value::Text(text),
            Node::DateTime(text) => Value::DateTime(text),
            Node::Binary(bytes) => Value::Binary(bytes),
            Node::Member(name) => {
                open.last_mut().ok_or("a member stands outside of a struct")?.name(name)?;
                continue;
            }
            Node::Array(0) => Value::Array(Vec::new()),
            Node::Members(0) => Value::Struct(Struct::new()),
            _ if open.len() >= DEEPEST => return Err("a value is nested too deeply"),
            Node::Array(left) => {
                open.push(Open::Array { left, items: Vec::new() });
                continue;
            }
            Node::Members(left) => {
                open.push(Open::Struct { left, members: Vec::new(), name: None });
                continue;
            }
        };
        settle(value, &mut open, &mut done)?;
    }
    if open.is_empty() { Ok(done) } else { Err("the document ends too early") }
}

/// Puts a whole value where it belongs, and so on with each container that it completes.
fn settle(
    mut value: Value,
    open: &mut Vec<Open>,
    done: &mut Vec<Value>,
) -> Result<(), &'static str> {
    while let Some(mut inner) = open.pop() {
        inner.add(value)?;
        if !inner.is_full() {
            open.push(inner);
            return Ok(());
        }
        value = inner.close();
    }
    done.push(value);
    Ok(())
}

/// What is still to be written, the next one last.
enum Step {
    Value(Value),
    Member(String),
}

/// The document of these values.
pub(crate) fn encode(values: Vec<Value>) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(values.len());
    // Allocates nothing for what has nothing in it, as most parameters.
    let mut steps = Vec::new();
    for value in values {
        nodes.push(node(value, &mut steps));
        while let Some(step) = steps.pop() {
            nodes.push(match step {
                Step::Value(value) => node(value, &mut steps),
                Step::Member(name) => Node::Member(name),
            });
        }
    }
    nodes
}

/// The first node of a value; what is in it is put off.
fn node(value: Value, steps: &mut Vec<Step>) -> Node {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match value {
        Value::Nil => Node::Nil,
        Value::Bool(value) => Node::Boolean(value),
        Value::Int(value) => Node::Int(value),
        Value::Long(value) => Node::Long(value),
        Value::Double(value) => Node::Double(value),
        Value::Text(text) => Node::Text(text),
        Value::DateTime(text) => Node::DateTime(text),
        Value::Binary(bytes) => Node::Binary(bytes),
        Value::Array(items) => {
            let length = count(items.len());
            steps.extend(items.into_iter().rev().map(Step::Value));
            Node::Array(length)
        }
        Value::Struct(members) => {
            let length = count(members.len());
            for (name, value) in members.0.into_iter().rev() {
                steps.push(Step::Value(value));
                steps.push(Step::Member(name));
            }
            Node::Members(length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        let values = vec![
            Value::Nil,
            Value::Array(vec![]),
            Value::Struct(Struct::new()),
            Value::from([
                ("empty", Value::from(Vec::<i32>::new())),
                ("a", Value::from([Value::Bool(true), Value::from([1, 2]), Value::Double(0.5)])),
                ("a", Value::from([("b", Value::Struct(Struct::new())), ("c", Value::Long(9))])),
            ]),
            Value::Binary(vec![0, 255]),
            Value::DateTime("19980717T14:08:55".into()),
            Value::from("x"),
        ];
        assert_eq!(decode(encode(values.clone())), Ok(values));
        assert_eq!(decode(vec![]), Ok(vec![]));
    }

    #[test]
    fn nodes_that_are_no_document_are_refused() {
        let name = || Node::Member("a".into());
        let rows = [
            (vec![Node::Array(2), Node::Nil], "the document ends too early"),
            (vec![Node::Array(u32::MAX)], "the document ends too early"),
            (vec![Node::Members(1), name()], "the document ends too early"),
            (vec![name()], "a member stands outside of a struct"),
            (vec![Node::Array(1), name()], "a member's name stands in the wrong place"),
            (vec![Node::Members(2), name(), name()], "a member's name stands in the wrong place"),
            (vec![Node::Members(1), Node::Nil], "a member has no name"),
            (vec![Node::Array(1); DEEPEST + 1], "a value is nested too deeply"),
        ];
        for (nodes, why) in rows {
            assert_eq!(decode(nodes), Err(why));
        }
    }

    #[test]
    fn the_deepest_value_is_read() {
        let mut nodes = vec![Node::Array(1); DEEPEST];
        nodes.push(Node::Int(1));
        assert_eq!(decode(nodes).map(|values| values.len()), Ok(1));
    }
}
