//! `katydid inspect URL`: what a target says of itself, by its own introspection.

use super::Usage;
use super::requests::RequestArgs;
use crate::clock::monotonic_ns;
use crate::report::inspect_target::{Method, TargetInspection};
use crate::wire::{Connection, Target};
use anyhow::Context as _;
use katydid_load::Failure;
use katydid_xmlrpc::{Encoder, Limits, Node, OwnedNode, Reply, decode_reply};
use std::sync::Arc;

/// Methods that are asked for signature and help; a target may list any number.
const METHODS: usize = 500;
/// Calls whose times are compared for the round trip.
const ROUND_TRIPS: u64 = 10;

/// Whether this is a target rather than a file.
pub(super) fn is_url(text: &str) -> bool {
    ["http://", "https://", "unix:", "scgi://", "scgi+unix:"].iter().any(|s| text.starts_with(s))
}

/// Asks the target at `url`.
pub(super) async fn ask(url: &str, requests: &RequestArgs) -> anyhow::Result<TargetInspection> {
    let mut mistakes = Vec::new();
    let settings = requests.settings(&mut mistakes);
    let target = Target::resolve(url, &requests.target_options());
    let target = match target {
        Ok(target) if mistakes.is_empty() => Arc::new(target),
        target => {
            mistakes.extend(target.err().map(|error| error.to_string()));
            return Err(Usage(mistakes).into());
        }
    };
    let mut client = Client {
        connection: Connection::new(Arc::clone(&target), Arc::new(settings), 0),
        number: 0,
        best_ns: u64::MAX,
    };
    let listed = client.call("system.listMethods", &[]).await;
    let server = client.connection.reply_header("server");
    let names: Vec<String> = match listed {
        Ok(nodes) => nodes.into_iter().filter_map(text).collect(),
        Err(failure @ (Failure::Fault { .. } | Failure::Protocol(_))) => {
            let hint = "it answers, but has no introspection; its methods must be known";
            return Err(Usage(vec![format!("system.listMethods: {failure}; {hint}")]).into());
        }
        Err(failure) => Err(anyhow::anyhow!("{failure}"))
            .with_context(|| format!("cannot ask {:?} what it is", target.url))?,
    };
    for _ in 0..ROUND_TRIPS {
        let _ = client.call("system.listMethods", &[]).await;
    }
    let round_trip_us = client.best_ns / 1_000;
    let methods = names.len();
    let mut described = Vec::new();
    for name in names.into_iter().take(METHODS) {
        let signatures = signatures(&client.call("system.methodSignature", &[&name]).await);
        let help = client.call("system.methodHelp", &[&name]).await.ok();
        let help = help.and_then(|nodes| nodes.into_iter().find_map(text)).unwrap_or_default();
        described.push(Method { name, signatures, help });
    }
    described.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(TargetInspection { url: target.url.clone(), server, round_trip_us, methods, described })
}

fn text(node: OwnedNode) -> Option<String> {
    match node {
        OwnedNode::Text(text) => Some(text),
        _ => None,
    }
}

/// Signatures are an array of arrays of type names, the first of each is the result's; some servers
/// answer a text instead.
fn signatures(reply: &Result<Vec<OwnedNode>, Failure>) -> Vec<Vec<String>> {
    let Ok(nodes) = reply else { return Vec::new() };
    let mut signatures: Vec<Vec<String>> = Vec::new();
    // The outermost array is skipped; each array in it begins a signature.
    for node in nodes.iter().skip(1) {
        match (node, signatures.last_mut()) {
            (OwnedNode::Array(_), _) => signatures.push(Vec::new()),
            (OwnedNode::Text(name), Some(signature)) => signature.push(name.to_string()),
            _ => {}
        }
    }
    signatures.retain(|signature| !signature.is_empty());
    signatures
}

struct Client {
    connection: Connection,
    number: u64,
    /// The shortest exchange so far.
    best_ns: u64,
}

impl Client {
    async fn call(&mut self, method: &str, args: &[&str]) -> Result<Vec<OwnedNode>, Failure> {
        let limits = Limits::default();
        let called_ns = monotonic_ns();
        let mut request = self.connection.begin();
        let rejected = |error: katydid_xmlrpc::EncodeError| Failure::Rejected(error.to_string());
        let mut encoder = Encoder::call(&mut request, method, limits).map_err(rejected)?;
        for arg in args {
            encoder.node(Node::Text(arg)).map_err(rejected)?;
        }
        encoder.finish().map_err(rejected)?;
        self.number += 1;
        let facts = self.connection.exchange(request, called_ns, (0, self.number), None).await;
        facts.outcome?;
        self.best_ns = self.best_ns.min(facts.done_ns - facts.sent_ns);
        let mut nodes = Vec::new();
        match decode_reply(self.connection.reply(), limits, &mut nodes) {
            Ok(Reply::Value) => Ok(nodes),
            Ok(Reply::Fault { code, message }) => Err(Failure::Fault { code, message }),
            Err(error) => Err(Failure::Protocol(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_every_sort() {
        let text = |text: &str| OwnedNode::Text(text.into());
        let two = vec![
            OwnedNode::Array(2),
            OwnedNode::Array(2),
            text("int"),
            text("int"),
            OwnedNode::Array(1),
            text("string"),
        ];
        assert_eq!(signatures(&Ok(two)), [vec!["int", "int"], vec!["string"]]);
        assert!(signatures(&Ok(vec![text("signatures not supported")])).is_empty());
        assert!(signatures(&Err(Failure::Interrupted)).is_empty());
    }
}
