//! The fuzz target that compares us with the `xmlrpc` crate: what both accept they understand alike,
//! and what it accepts we do, but for what is listed here. `katydid_fuzz` says how it runs.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::error::Error;

use katydid_fuzz::{Target, Way, fuzz};
use katydid_xmlrpc::{Limits, OwnedNode, Reply, decode_reply, end_of_value};
use xmlrpc::Value;

/// What both languages are made of.
const TOKENS: &[&str] = &[
    "<value>",
    "</value>",
    "<value/>",
    "<array><data>",
    "</data></array>",
    "<struct>",
    "</struct>",
    "<member>",
    "</member>",
    "<name>",
    "</name>",
    "<name>a</name>",
    "<int>",
    "</int>",
    "<i4>",
    "</i4>",
    "<i8>",
    "</i8>",
    "<boolean>",
    "</boolean>",
    "<double>",
    "</double>",
    "<string>",
    "</string>",
    "<string/>",
    "<base64>",
    "</base64>",
    "<dateTime.iso8601>",
    "</dateTime.iso8601>",
    "<nil/>",
    "<!-- -->",
    "<![CDATA[",
    "]]>",
    "&lt;",
    "&#65;",
    "&amp;",
    "é",
    "\n",
    " ",
    "QUJD",
    "==",
    "+1",
    "-0",
    "1e5",
    "<value><int>1</int></value>",
    "<value><array><data>",
    "</data></array></value>",
    "<value><struct><member><name>a</name><value>",
    "</value></member></struct></value>",
];

/// Answers with these bytes.
struct Canned<'a>(&'a [u8]);

impl<'a> xmlrpc::Transport for Canned<'a> {
    type Stream = &'a [u8];

    fn transmit(self, _: &xmlrpc::Request<'_>) -> Result<&'a [u8], Box<dyn Error + Send + Sync>> {
        Ok(self.0)
    }
}

/// What the other one reads: a value, or the code and message of a fault.
fn theirs(body: &[u8]) -> Option<Result<Value, (i32, String)>> {
    match xmlrpc::Request::new("m").call(Canned(body)) {
        Ok(value) => Some(Ok(value)),
        Err(error) => {
            let fault = error.fault()?;
            Some(Err((fault.fault_code, fault.fault_string.clone())))
        }
    }
}

#[test]
fn what_both_read_they_read_alike() {
    fuzz(Target { name: "differential", tokens: TOKENS, cases: 20_000 }, |body| {
        // The oracle leaves the ends of lines as they are, which XML does not.
        if body.contains(&b'\r') {
            return Way::of(());
        }
        let mut document = Vec::new();
        let ours = decode_reply(body, Limits::default(), &mut document);
        let theirs = theirs(body);
        match (&ours, &theirs) {
            (Ok(Reply::Value), Some(Ok(value))) => {
                compare(&mut &document[..], value);
            }
            (Ok(Reply::Fault { code, message }), Some(Err((their_code, their_message)))) => {
                assert_eq!(code, their_code);
                same_text(message, their_message);
            }
            (Ok(Reply::Value), Some(Err(_))) | (Ok(Reply::Fault { .. }), Some(Ok(_))) => {
                panic!("one reads a fault: {ours:?} {theirs:?}")
            }
            _ => {}
        }
        // What one of them refuses leads nowhere.
        let kinds: Vec<_> = document.iter().take(6).map(std::mem::discriminant).collect();
        if ours.is_ok() && theirs.is_some() { Way::of(kinds) } else { Way::of(()) }
    });
}

/// Whether a value of ours is one of theirs.
fn compare(nodes: &mut &[OwnedNode], value: &Value) {
    let (first, rest) = nodes.split_first().unwrap();
    *nodes = rest;
    match (first, value) {
        (OwnedNode::Int(ours), Value::Int(theirs)) => assert_eq!(ours, theirs),
        (OwnedNode::Int(ours), Value::Int64(theirs)) => assert_eq!(i64::from(*ours), *theirs),
        (OwnedNode::Long(ours), Value::Int64(theirs)) => assert_eq!(ours, theirs),
        (OwnedNode::Boolean(ours), Value::Bool(theirs)) => assert_eq!(ours, theirs),
        (OwnedNode::Double(ours), Value::Double(theirs)) => {
            assert!(ours == theirs || (ours.is_nan() && theirs.is_nan()), "{ours} {theirs}");
        }
        (OwnedNode::Text(ours), Value::String(theirs)) => same_text(ours, theirs),
        (OwnedNode::Binary(ours), Value::Base64(theirs)) => assert_eq!(ours, theirs),
        (OwnedNode::DateTime(_), Value::DateTime(_)) | (OwnedNode::Nil, Value::Nil) => {}
        (OwnedNode::Array(count), Value::Array(values)) => {
            assert_eq!(*count as usize, values.len());
            values.iter().for_each(|value| compare(nodes, value));
        }
        (OwnedNode::Members(count), Value::Struct(members)) => {
            // Of doubled names both take the last one; the oracle shows no other.
            let mut last = BTreeMap::new();
            for _ in 0..*count {
                let Some((OwnedNode::Member(name), rest)) = nodes.split_first() else {
                    panic!("a member has a name");
                };
                let (value, rest) = rest.split_at(end_of_value(rest, 0).unwrap());
                last.insert(name, value);
                *nodes = rest;
            }
            let names: Vec<_> = last.keys().map(|name| name.as_str()).collect();
            assert_eq!(names, members.keys().collect::<Vec<_>>());
            for (mut value, theirs) in last.into_values().zip(members.values()) {
                compare(&mut value, theirs);
            }
        }
        (ours, theirs) => panic!("{ours:?} {theirs:?}"),
    }
}

fn same_text(ours: &str, theirs: &str) {
    // The oracle drops blank texts.
    let plain = |text: &str| if text.trim().is_empty() { String::new() } else { text.to_owned() };
    assert_eq!(plain(ours), plain(theirs));
}
