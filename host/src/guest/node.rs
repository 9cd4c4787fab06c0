//! XML-RPC data between the codec and a guest's memory, copied once on its way.
//!
//! These types mirror `katydid:load/data` by hand, because those that a bindgen makes would own every
//! string that a guest sends. Going out, a node only points into the guest's memory.

use katydid_load::failure::{Failure, Phase};
use katydid_xmlrpc::{EncodeError, Encoder, Extensions, Limits, Node, OwnedNode, Sink};
use std::sync::Arc;
use wasmtime::component::{ComponentType, Lift, Lower, WasmList, WasmStr};
use wasmtime::{AsContext, AsContextMut};

/// `data.node`, as it comes from a guest.
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(super) enum GuestNode {
    #[component(name = "nil")]
    Nil,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "int")]
    Int(i32),
    #[component(name = "long")]
    Long(i64),
    #[component(name = "double")]
    Double(f64),
    #[component(name = "text")]
    Text(WasmStr),
    #[component(name = "date-time")]
    DateTime(WasmStr),
    #[component(name = "binary")]
    Binary(WasmList<u8>),
    #[component(name = "array")]
    Array(u32),
    #[component(name = "members")]
    Members(u32),
    #[component(name = "member")]
    Member(WasmStr),
}

/// Writes a call into `body`. The outer error is the guest's (it traps), the inner one says why the
/// call cannot be written.
pub(super) fn encode_call(
    mut store: impl AsContextMut,
    method: &str,
    args: &WasmList<GuestNode>,
    body: &mut Vec<u8>,
    (limits, extensions): (Limits, Extensions),
) -> wasmtime::Result<Result<(), EncodeError>> {
    let mut encoder = match Encoder::call(body, method, limits) {
        Ok(encoder) => encoder.with_extensions(extensions),
        Err(error) => return Ok(Err(error)),
    };
    for index in 0..args.len() {
        let Some(node) = args.get(store.as_context_mut(), index).transpose()? else { break };
        if let Err(error) = encode_node(store.as_context(), &node, &mut encoder)? {
            return Ok(Err(error));
        }
    }
    Ok(encoder.finish())
}

/// The same nodes, copied: for what looks at them after the call.
pub(super) fn owned_nodes(
    mut store: impl AsContextMut,
    args: &WasmList<GuestNode>,
) -> wasmtime::Result<Vec<OwnedNode>> {
    let mut nodes = Vec::new();
    for index in 0..args.len() {
        let Some(node) = args.get(store.as_context_mut(), index).transpose()? else { break };
        let store = store.as_context();
        nodes.push(match node {
            GuestNode::Nil => OwnedNode::Nil,
            GuestNode::Boolean(value) => OwnedNode::Boolean(value),
            GuestNode::Int(value) => OwnedNode::Int(value),
            GuestNode::Long(value) => OwnedNode::Long(value),
            GuestNode::Double(value) => OwnedNode::Double(value),
            GuestNode::Text(text) => OwnedNode::Text(text.to_str(&store)?.into()),
            GuestNode::DateTime(text) => OwnedNode::DateTime(text.to_str(&store)?.into()),
            GuestNode::Binary(bytes) => OwnedNode::Binary(bytes.as_le_slice(&store).into()),
            GuestNode::Array(count) => OwnedNode::Array(count),
            GuestNode::Members(count) => OwnedNode::Members(count),
            GuestNode::Member(name) => OwnedNode::Member(name.to_str(&store)?.into()),
        });
    }
    Ok(nodes)
}

fn encode_node(
    store: impl AsContext,
    node: &GuestNode,
    encoder: &mut Encoder<'_>,
) -> wasmtime::Result<Result<(), EncodeError>> {
    let store = store.as_context();
    Ok(match node {
        GuestNode::Nil => encoder.node(Node::Nil),
        GuestNode::Boolean(value) => encoder.node(Node::Boolean(*value)),
        GuestNode::Int(value) => encoder.node(Node::Int(*value)),
        GuestNode::Long(value) => encoder.node(Node::Long(*value)),
        GuestNode::Double(value) => encoder.node(Node::Double(*value)),
        GuestNode::Text(text) => encoder.node(Node::Text(&text.to_str(&store)?)),
        GuestNode::DateTime(text) => encoder.node(Node::DateTime(&text.to_str(&store)?)),
        GuestNode::Binary(bytes) => encoder.node(Node::Binary(bytes.as_le_slice(&store))),
        GuestNode::Array(count) => encoder.node(Node::Array(*count)),
        GuestNode::Members(count) => encoder.node(Node::Members(*count)),
        GuestNode::Member(name) => encoder.node(Node::Member(&name.to_str(&store)?)),
    })
}

/// `data.node`, on its way to a guest.
#[derive(Debug, Clone, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub(super) enum HostNode {
    #[component(name = "nil")]
    Nil,
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "int")]
    Int(i32),
    #[component(name = "long")]
    Long(i64),
    #[component(name = "double")]
    Double(f64),
    #[component(name = "text")]
    Text(Box<str>),
    #[component(name = "date-time")]
    DateTime(Box<str>),
    #[component(name = "binary")]
    Binary(Box<[u8]>),
    #[component(name = "array")]
    Array(u32),
    #[component(name = "members")]
    Members(u32),
    #[component(name = "member")]
    Member(Box<str>),
}

/// Nodes that many guests may get, each straight from here.
pub(super) type Nodes = Arc<[HostNode]>;

/// A row of a set of data, as a guest gets it. A clone costs nothing: whoever holds the set may hand out the
/// same row to any number of users.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(super) Nodes);

impl Row {
    /// The row that is this document of exactly one value: an array, or a struct.
    pub fn new<'a>(nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let mut document = Document::default();
        nodes.into_iter().for_each(|node| document.push(node));
        Self(document.0.into())
    }
}

/// A reply as the codec fills it and the guest gets it.
#[derive(Debug, Clone, Default)]
pub(super) struct Document(pub(super) Vec<HostNode>);

impl Sink for Document {
    fn push(&mut self, node: Node<'_>) {
        self.0.push(match node {
            Node::Nil => HostNode::Nil,
            Node::Boolean(value) => HostNode::Boolean(value),
            Node::Int(value) => HostNode::Int(value),
            Node::Long(value) => HostNode::Long(value),
            Node::Double(value) => HostNode::Double(value),
            Node::Text(text) => HostNode::Text(text.into()),
            Node::DateTime(text) => HostNode::DateTime(text.into()),
            Node::Binary(bytes) => HostNode::Binary(bytes.into()),
            Node::Array(count) => HostNode::Array(count),
            Node::Members(count) => HostNode::Members(count),
            Node::Member(name) => HostNode::Member(name.into()),
        });
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn set_count(&mut self, at: usize, count: u32) {
        if let Some(HostNode::Array(old) | HostNode::Members(old)) = self.0.get_mut(at) {
            *old = count;
        }
    }

    fn set_name(&mut self, at: usize, name: &str) {
        if let Some(HostNode::Member(old)) = self.0.get_mut(at) {
            *old = name.into();
        }
    }
}

/// `data.fault`.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct GuestFault {
    code: i32,
    message: String,
}

/// `data.failure`.
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum GuestFailure {
    #[component(name = "fault")]
    Fault(GuestFault),
    #[component(name = "status")]
    Status(u16),
    #[component(name = "timeout")]
    Timeout(String),
    #[component(name = "transport")]
    Transport(String),
    #[component(name = "protocol")]
    Protocol(String),
    #[component(name = "rejected")]
    Rejected(String),
    #[component(name = "interrupted")]
    Interrupted,
}

impl From<Failure> for GuestFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault { code, message } => Self::Fault(GuestFault { code, message }),
            Failure::Status(status) | Failure::Redirect { status, .. } => Self::Status(status),
            Failure::Timeout(phase) => Self::Timeout(
                match phase {
                    Phase::Connect => "connect",
                    Phase::FirstByte => "first byte",
                    Phase::Total => "total",
                }
                .into(),
            ),
            Failure::Transport(text) => Self::Transport(text),
            Failure::Protocol(text) => Self::Protocol(text),
            // The last two are a scenario's own words; it never gets them back.
            Failure::Rejected(text) | Failure::Judged(text) | Failure::Reported(text) => {
                Self::Rejected(text)
            }
            Failure::Interrupted => Self::Interrupted,
        }
    }
}

/// `client.options`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Options {
    pub(super) label: Option<String>,
    #[component(name = "timeout-ms")]
    pub(super) timeout_ms: Option<u32>,
}
