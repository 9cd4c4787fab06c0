//! Looks into a `system.multicall`: one request on the wire, with calls in it that count too.

use super::caller::Caller;
use katydid_load::failure::Failure;
use katydid_xmlrpc::multicall::{Outcome, methods, outcomes};
use katydid_xmlrpc::{Limits, OwnedNode, decode_reply};

pub(super) use katydid_xmlrpc::multicall::METHOD;

/// Counts the calls that were asked for by what came of each, as the last reply tells it. A request that
/// keeps to no convention has none.
pub(super) fn count(asked: &[OwnedNode], caller: &mut impl Caller, limits: Limits) {
    let mut reply: Vec<OwnedNode> = Vec::new();
    if decode_reply(caller.reply(), limits, &mut reply).is_err() {
        return;
    }
    let asked = methods(asked.iter().map(OwnedNode::as_node)).unwrap_or_default();
    let answered = outcomes(reply.iter().map(OwnedNode::as_node)).unwrap_or_default();
    let mut answered = answered.into_iter();
    for method in asked {
        let method = method.unwrap_or("(no method)");
        let failure = match answered.next() {
            Some(Outcome::Value) => {
                caller.inner_call(method, Ok(()));
                continue;
            }
            Some(Outcome::Fault { code, message }) => Failure::Fault { code, message },
            Some(Outcome::Other) => Failure::Protocol("neither a result nor a fault".to_owned()),
            None => Failure::Protocol("the reply has no answer to it".to_owned()),
        };
        caller.inner_call(method, Err(&failure));
    }
}
