//! The calls inside a `system.multicall`, and what came of each.
//!
//! One call carries many: its only parameter is an array of structs of `methodName` and `params`, and
//! its reply an array that has for each of them an array of the one result, or a struct of `faultCode`
//! and `faultString`. On the wire that is one request; whoever counts wants to know about those inside.
//!
//! Both functions read a stream of nodes once, from whatever holds them, and never allocate for a
//! count that is only announced.
//!
//! ```
//! use katydid_xmlrpc::multicall::{Outcome, outcomes};
//! use katydid_xmlrpc::OwnedNode::{Array, Int, Member, Members, Text};
//!
//! let reply = [
//!     Array(2),
//!     Array(1), Int(5),
//!     Members(2), Member("faultCode".into()), Int(4), Member("faultString".into()), Text("no".into()),
//! ];
//! let inner = outcomes(reply.iter().map(|node| node.as_node())).unwrap();
//! assert_eq!(inner, [Outcome::Value, Outcome::Fault { code: 4, message: "no".into() }]);
//! ```

use crate::Node;
use crate::fault::FaultReader;
use crate::walk::{Walk, members};

/// The method that does this.
pub const METHOD: &str = "system.multicall";

/// What came of one inner call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An array of one value: the call went well.
    Value,
    /// A fault, with code and message as those of [`Reply::Fault`](crate::Reply::Fault).
    Fault {
        /// `faultCode`, 0 where it is no number that fits.
        code: i32,
        /// `faultString`, bounded by [`MAX_FAULT_MESSAGE`](crate::MAX_FAULT_MESSAGE).
        message: String,
    },
    /// Neither: an array of another length, a struct without `faultCode`, or a bare value.
    Other,
}

/// What came of each inner call, from the value of the reply. There may be fewer or more than calls:
/// the target decides.
///
/// `None` where it is no array, or not exactly one value.
pub fn outcomes<'n>(reply: impl IntoIterator<Item = Node<'n>>) -> Option<Vec<Outcome>> {
    each(&mut reply.into_iter(), outcome)
}

/// The method of each inner call, from the parameters of the outer one; none for what is no struct
/// with a text as `methodName`. Of names that repeat the last one counts.
///
/// `None` where the parameters are anything but one array.
pub fn methods<'n>(params: impl IntoIterator<Item = Node<'n>>) -> Option<Vec<Option<&'n str>>> {
    each(&mut params.into_iter(), method)
}

/// Reads an array, its elements one by one.
fn each<'n, I: Iterator<Item = Node<'n>>, T>(
    nodes: &mut I,
    element: fn(&mut I) -> Option<T>,
) -> Option<Vec<T>> {
    let Node::Array(count) = nodes.next()? else { return None };
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(element(nodes)?);
    }
    nodes.next().is_none().then_some(found)
}

fn outcome<'n>(nodes: &mut impl Iterator<Item = Node<'n>>) -> Option<Outcome> {
    let first = nodes.next()?;
    let Node::Members(count) = first else {
        Walk::skip(first, nodes)?;
        return Some(if first == Node::Array(1) { Outcome::Value } else { Outcome::Other });
    };
    let mut fault = FaultReader::default();
    members(count, nodes, |name, value| fault.member(name, value))?;
    Some(match fault.finish() {
        Some((code, message)) => Outcome::Fault { code, message },
        None => Outcome::Other,
    })
}

fn method<'n>(nodes: &mut impl Iterator<Item = Node<'n>>) -> Option<Option<&'n str>> {
    let first = nodes.next()?;
    let Node::Members(count) = first else {
        Walk::skip(first, nodes)?;
        return Some(None);
    };
    let mut method = None;
    members(count, nodes, |name, value| match (name, value) {
        ("methodName", Node::Text(text)) => method = Some(text),
        ("methodName", _) => method = None,
        _ => {}
    })?;
    Some(method)
}
