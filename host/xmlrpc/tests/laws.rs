//! Laws: what is written is read again, nothing panics, and the `xmlrpc` crate agrees.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::error::Error;

use katydid_xmlrpc::{
    Encoder, Limits, OwnedNode, Reply, decode_call, decode_reply, encode_fault, end_of_value,
};
use proptest::prelude::*;

/// A value as a tree, which is easier to make up than a document.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(OwnedNode),
    Array(Vec<Tree>),
    Struct(Vec<(String, Tree)>),
}

impl Tree {
    fn flatten(&self, document: &mut Vec<OwnedNode>) {
        match self {
            Tree::Leaf(node) => document.push(node.clone()),
            Tree::Array(values) => {
                document.push(OwnedNode::Array(values.len() as u32));
                values.iter().for_each(|value| value.flatten(document));
            }
            Tree::Struct(members) => {
                document.push(OwnedNode::Members(members.len() as u32));
                for (name, value) in members {
                    document.push(OwnedNode::Member(name.clone()));
                    value.flatten(document);
                }
            }
        }
    }

    /// What the `xmlrpc` crate holds this for.
    fn oracle(&self) -> xmlrpc::Value {
        match self {
            Tree::Leaf(OwnedNode::Boolean(value)) => (*value).into(),
            Tree::Leaf(OwnedNode::Int(value)) => (*value).into(),
            Tree::Leaf(OwnedNode::Long(value)) => (*value).into(),
            Tree::Leaf(OwnedNode::Double(value)) => (*value).into(),
            Tree::Leaf(OwnedNode::Text(text)) => text.as_str().into(),
            Tree::Leaf(OwnedNode::Binary(bytes)) => bytes.clone().into(),
            Tree::Leaf(_) => xmlrpc::Value::Nil,
            Tree::Array(values) => xmlrpc::Value::Array(values.iter().map(Tree::oracle).collect()),
            Tree::Struct(members) => xmlrpc::Value::Struct(
                members.iter().map(|(name, value)| (name.clone(), value.oracle())).collect(),
            ),
        }
    }
}

/// Characters that XML can express, those that need care more often than not.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::sample::select(
            "<>&\"'\r\n\t ]é\u{7f}\u{85}\u{2028}\u{fffd}\u{10ffff}".chars().collect::<Vec<_>>()
        ),
        any::<char>(),
    ];
    let legal = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    prop::collection::vec(character.prop_filter("legal in XML", legal), 0..12)
        .prop_map(String::from_iter)
}

/// Scalars that both this crate and the oracle express; a long is one that needs 64 bits.
fn leaf() -> impl Strategy<Value = OwnedNode> {
    prop_oneof![
        Just(OwnedNode::Nil),
        any::<bool>().prop_map(OwnedNode::Boolean),
        any::<i32>().prop_map(OwnedNode::Int),
        any::<i64>()
            .prop_filter("needs 64 bits", |long| i32::try_from(*long).is_err())
            .prop_map(OwnedNode::Long),
        any::<f64>().prop_filter("finite", |double| double.is_finite()).prop_map(OwnedNode::Double),
        text().prop_map(OwnedNode::Text),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(OwnedNode::Binary),
    ]
}

fn tree_of(
    leaf: impl Strategy<Value = OwnedNode> + 'static,
    name: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = Tree> {
    leaf.prop_map(Tree::Leaf).prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Tree::Array),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(Tree::Struct),
        ]
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    let date = text().prop_map(|text| OwnedNode::DateTime(text.trim_ascii().into()));
    tree_of(prop_oneof![6 => leaf(), 1 => date], text().boxed())
}

fn document(trees: &[Tree]) -> Vec<OwnedNode> {
    let mut document = Vec::new();
    trees.iter().for_each(|tree| tree.flatten(&mut document));
    document
}

fn call(method: &str, document: &[OwnedNode]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::call(&mut out, method, Limits::default()).unwrap();
    document.iter().for_each(|node| encoder.node(node.as_node()).unwrap());
    encoder.finish().unwrap();
    out
}

fn reply(document: &[OwnedNode]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::reply(&mut out, Limits::default());
    document.iter().for_each(|node| encoder.node(node.as_node()).unwrap());
    encoder.finish().unwrap();
    out
}

/// Reads these bytes as anything; whatever comes of it, it must be well-formed and must not panic.
fn read(bytes: &[u8]) -> bool {
    let mut sink: Vec<OwnedNode> = Vec::new();
    let called = decode_call(bytes, Limits::default(), &mut sink).is_ok();
    if called {
        let mut at = 0;
        while at < sink.len() {
            at = end_of_value(&sink, at).expect("whole values");
        }
    }
    sink.clear();
    match decode_reply(bytes, Limits::default(), &mut sink) {
        Ok(Reply::Value) => {
            assert_eq!(end_of_value(&sink, 0), Some(sink.len()), "exactly one value")
        }
        Ok(Reply::Fault { .. }) => assert!(sink.is_empty(), "nothing is pushed for a fault"),
        Err(_) => return called,
    }
    true
}

/// Answers with these bytes and keeps the request.
struct Canned<'a>(&'a [u8], &'a mut Vec<u8>);

impl<'a> xmlrpc::Transport for Canned<'a> {
    type Stream = &'a [u8];

    fn transmit(
        self,
        request: &xmlrpc::Request<'_>,
    ) -> Result<&'a [u8], Box<dyn Error + Send + Sync>> {
        request.write_as_xml(self.1)?;
        Ok(self.0)
    }
}

/// What the oracle holds the value for that starts at `at`, which is moved past it.
fn rebuild(document: &[OwnedNode], at: &mut usize) -> xmlrpc::Value {
    let node = &document[*at];
    *at += 1;
    match node {
        OwnedNode::Array(count) => {
            xmlrpc::Value::Array((0..*count).map(|_| rebuild(document, at)).collect())
        }
        OwnedNode::Members(count) => {
            let mut members = BTreeMap::new();
            for _ in 0..*count {
                let OwnedNode::Member(name) = &document[*at] else { panic!("no name") };
                *at += 1;
                members.insert(name.clone(), rebuild(document, at));
            }
            xmlrpc::Value::Struct(members)
        }
        scalar => Tree::Leaf(scalar.clone()).oracle(),
    }
}

/// Text that the oracle handles: it takes neither `\r` (which it does not escape), nor empty or blank
/// strings (which it drops), nor characters that `xml-rs` refuses.
fn oracle_text() -> impl Strategy<Value = String> + Clone {
    "[a-zA-Z<>&\"'é日🦗][ a-z<>&\"'é日🦗\\n]{0,10}".boxed()
}

fn oracle_tree() -> impl Strategy<Value = Tree> {
    let scalar = prop_oneof![
        4 => leaf().prop_filter("no text", |node| !matches!(node, OwnedNode::Text(_))),
        1 => oracle_text().prop_map(OwnedNode::Text),
    ];
    tree_of(scalar, oracle_text())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A call that is written is read again as it was.
    #[test]
    fn calls_survive(method in text(), trees in prop::collection::vec(tree(), 0..4)) {
        let nodes = document(&trees);
        let mut sink: Vec<OwnedNode> = Vec::new();
        let read = decode_call(&call(&method, &nodes), Limits::default(), &mut sink);
        prop_assert_eq!(read, Ok(method.trim_ascii().to_owned()));
        prop_assert_eq!(sink, nodes);
    }

    /// A reply that is written is read again as it was.
    #[test]
    fn replies_survive(tree in tree()) {
        let nodes = document(&[tree]);
        let mut sink: Vec<OwnedNode> = Vec::new();
        prop_assert_eq!(decode_reply(&reply(&nodes), Limits::default(), &mut sink), Ok(Reply::Value));
        prop_assert_eq!(sink, nodes);
    }

    /// A fault that is written is read again as it was.
    #[test]
    fn faults_survive(code in any::<i32>(), message in text()) {
        let mut out = Vec::new();
        encode_fault(&mut out, code, &message);
        let mut sink: Vec<OwnedNode> = Vec::new();
        prop_assert_eq!(decode_reply(&out, Limits::default(), &mut sink), Ok(Reply::Fault { code, message }));
    }

    /// Any sequence of nodes is either refused or read again: the encoder lets no broken document pass.
    #[test]
    fn sequences_are_refused_or_survive(nodes in prop::collection::vec(
        prop_oneof![
            Just(OwnedNode::Nil),
            (0u32..3).prop_map(OwnedNode::Array),
            (0u32..3).prop_map(OwnedNode::Members),
            Just(OwnedNode::Member("m".into())),
        ],
        0..8,
    )) {
        let mut out = Vec::new();
        let mut encoder = Encoder::reply(&mut out, Limits::default());
        let written = nodes.iter().try_for_each(|node| encoder.node(node.as_node())).and_then(|()| encoder.finish());
        prop_assert_eq!(written.is_ok(), end_of_value(&nodes, 0) == Some(nodes.len()));
        if written.is_ok() {
            let mut sink: Vec<OwnedNode> = Vec::new();
            prop_assert_eq!(decode_reply(&out, Limits::default(), &mut sink), Ok(Reply::Value));
            prop_assert_eq!(sink, nodes);
        }
    }

    /// No bytes make the decoder panic.
    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    /// Nor do pieces of XML in any order.
    #[test]
    fn pieces_never_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "<methodResponse>", "</methodResponse>", "<methodCall>", "</methodCall>", "<methodName>", "</methodName>",
        "<params>", "</params>", "<param>", "</param>", "<fault>", "</fault>", "<value>", "</value>", "<value/>",
        "<array>", "</array>", "<data>", "</data>", "<struct>", "</struct>", "<member>", "</member>", "<name>",
        "</name>", "<int>", "</int>", "<base64>", "</base64>", "<nil/>", "<ex:nil/>", "<!--", "-->", "<![CDATA[",
        "]]>", "<!DOCTYPE", "<!", "<?", "?>", "<?xml encoding=", "&", "&#", ";", "&lt;", "<", ">", "</", "/>", ":",
        "'", "\"", "1", "-", " ", "\r", "é", "\u{feff}", "\0",
    ]), 0..30)) {
        read(pieces.concat().as_bytes());
    }

    /// Nor do valid messages with bytes changed, removed, doubled or added.
    #[test]
    fn mutations_never_panic(
        tree in tree(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4, any::<u8>()), 1..6),
    ) {
        let mut bytes = reply(&document(&[tree]));
        for (index, how, byte) in changes {
            let at = index.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                _ => bytes.extend_from_within(at..),
            }
        }
        read(&bytes);
    }

    /// A valid message that is cut anywhere is an error.
    #[test]
    fn truncations_are_errors(tree in tree()) {
        let bytes = reply(&document(&[tree]));
        for end in 0..bytes.len() {
            prop_assert!(!read(&bytes[..end]), "cut at {}", end);
        }
        prop_assert!(read(&bytes));
    }

    /// The `xmlrpc` crate reads our replies as we mean them, and we read its calls as it means them.
    #[test]
    fn the_oracle_agrees(tree in oracle_tree()) {
        let ours = reply(&document(std::slice::from_ref(&tree)));
        let mut theirs = Vec::new();
        let value = xmlrpc::Request::new("oracle").arg(tree.oracle()).call(Canned(&ours, &mut theirs)).unwrap();
        prop_assert_eq!(&value, &tree.oracle(), "it reads us");

        let mut sink: Vec<OwnedNode> = Vec::new();
        prop_assert_eq!(decode_call(&theirs, Limits::default(), &mut sink), Ok("oracle".into()));
        prop_assert_eq!(rebuild(&sink, &mut 0), tree.oracle(), "we read it");
    }
}

/// The `xmlrpc` crate reads our faults.
#[test]
fn the_oracle_reads_faults() {
    let mut ours = Vec::new();
    encode_fault(&mut ours, -7, "a<b & c");
    let error = xmlrpc::Request::new("oracle").call(Canned(&ours, &mut Vec::new())).unwrap_err();
    let fault = error.fault().unwrap();
    assert_eq!((fault.fault_code, fault.fault_string.as_str()), (-7, "a<b & c"));
}

/// Dates: the oracle parses what we take as text.
#[test]
fn the_oracle_reads_dates() {
    let ours = reply(&[OwnedNode::DateTime("19980717T14:08:55".into())]);
    let mut theirs = Vec::new();
    let value = xmlrpc::Request::new("oracle").call(Canned(&ours, &mut theirs)).unwrap();
    let date = value.as_datetime().unwrap();
    assert_eq!((date.time.hour, date.time.minute, date.time.second), (14, 8, 55));
    theirs.clear();
    xmlrpc::Request::new("oracle").arg(value).call(Canned(&ours, &mut theirs)).unwrap();
    let mut sink: Vec<OwnedNode> = Vec::new();
    decode_call(&theirs, Limits::default(), &mut sink).unwrap();
    assert!(
        matches!(&sink[..], [OwnedNode::DateTime(text)] if text.contains("14:08:55")),
        "{sink:?}"
    );
}
