//! What came of the calls inside a `system.multicall`.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_xmlrpc::OwnedNode::{self, *};
use katydid_xmlrpc::multicall::{Outcome, methods, outcomes};
use katydid_xmlrpc::{Limits, MAX_FAULT_MESSAGE, decode_reply, end_of_value};
use proptest::prelude::*;

/// A row: what it is, nodes, and what is read from them.
type Row<T> = (&'static str, Vec<OwnedNode>, Option<Vec<T>>);

fn text(text: &str) -> OwnedNode {
    Text(text.into())
}

fn member(name: &str) -> OwnedNode {
    Member(name.into())
}

fn read(reply: &[OwnedNode]) -> Option<Vec<Outcome>> {
    outcomes(reply.iter().map(OwnedNode::as_node))
}

fn names(params: &[OwnedNode]) -> Option<Vec<Option<&str>>> {
    methods(params.iter().map(OwnedNode::as_node))
}

fn fault(code: i32, message: &str) -> Outcome {
    Outcome::Fault { code, message: message.into() }
}

#[test]
#[rustfmt::skip] // a row a line
fn replies() {
    use Outcome::{Other, Value};
    let code = |code: OwnedNode| vec![member("faultCode"), code];
    let rows: Vec<Row<Outcome>> = vec![
        ("no calls", vec![Array(0)], Some(vec![])),
        ("a value", vec![Array(1), Array(1), Int(5)], Some(vec![Value])),
        ("a value that is large", vec![Array(2), Array(1), Array(2), Members(1), member("a"), Nil, Array(0), Array(1), Nil], Some(vec![Value, Value])),
        ("a value that looks like a fault", [vec![Array(1), Array(1), Members(1)], code(Int(1))].concat(), Some(vec![Value])),
        ("a fault", vec![Array(1), Members(2), member("faultCode"), Int(-32601), member("faultString"), text("no")], Some(vec![fault(-32601, "no")])),
        ("the other way round", vec![Array(1), Members(2), member("faultString"), text("no"), member("faultCode"), Int(4)], Some(vec![fault(4, "no")])),
        ("a fault without a message", [vec![Array(1), Members(1)], code(Int(4))].concat(), Some(vec![fault(4, "")])),
        ("a code as a string", [vec![Array(1), Members(1)], code(text(" 4 "))].concat(), Some(vec![fault(4, "")])),
        ("a code as a word", [vec![Array(1), Members(1)], code(text("Client"))].concat(), Some(vec![fault(0, "[Client] ")])),
        ("other members, deep ones", [vec![Array(2), Members(2), member("trace"), Array(2), Members(1), member("faultCode"), Int(9), Nil], code(Int(4)), vec![Array(1), Nil]].concat(), Some(vec![fault(4, ""), Value])),
        ("the last of two codes", [vec![Array(1), Members(2)], code(Int(1)), code(Int(2))].concat(), Some(vec![fault(2, "")])),
        ("a struct that is no fault", vec![Array(1), Members(1), member("a"), Int(1)], Some(vec![Other])),
        ("an empty struct", vec![Array(1), Members(0)], Some(vec![Other])),
        ("a bare value", vec![Array(2), Int(1), text("x")], Some(vec![Other, Other])),
        ("arrays of other lengths", vec![Array(2), Array(0), Array(2), Nil, Nil], Some(vec![Other, Other])),
        ("no array", vec![Int(1)], None),
        ("a struct", vec![Members(0)], None),
        ("nothing", vec![], None),
        ("a name", vec![member("a")], None),
        ("more than one value", vec![Array(0), Array(0)], None),
        ("too few", vec![Array(2), Array(1), Nil], None),
        ("too few inside", vec![Array(1), Array(1)], None),
        ("a member without a value", vec![Array(1), Members(1), member("faultCode")], None),
        ("a value without a name", vec![Array(1), Members(1), Nil, Nil], None),
        ("a name without a struct", vec![Array(1), Array(1), member("a")], None),
        ("absurd counts", vec![Array(u32::MAX), Members(u32::MAX)], None),
        ("absurd counts inside", vec![Array(1), Array(1), Array(u32::MAX), Nil], None),
    ];
    for (what, reply, expected) in rows {
        assert_eq!(read(&reply), expected, "{what}");
    }
    let long = text(&"ä".repeat(MAX_FAULT_MESSAGE));
    let reply = [vec![Array(1), Members(2), member("faultString"), long], code(Int(1))].concat();
    let found = read(&reply).unwrap();
    let [Outcome::Fault { code: 1, message }] = &found[..] else { panic!("{found:?}") };
    assert!(message.len() <= MAX_FAULT_MESSAGE && message.ends_with('…'), "bounded");
    let mut deep = vec![Array(1); 100_000];
    deep.push(Nil);
    assert_eq!(read(&deep), Some(vec![Value]), "depth costs no stack");
}

#[test]
#[rustfmt::skip] // a row a line
fn calls() {
    let call = |name: &str| vec![Members(2), member("methodName"), text(name), member("params"), Array(2), Int(1), Members(0)];
    let rows: Vec<Row<Option<&str>>> = vec![
        ("no calls", vec![Array(0)], Some(vec![])),
        ("two calls", [vec![Array(2)], call("a"), call("b.c")].concat(), Some(vec![Some("a"), Some("b.c")])),
        ("params first, other members", vec![Array(1), Members(3), member("params"), Array(1), Members(1), member("methodName"), text("inner"), member("methodName"), text("outer"), member("x"), Nil], Some(vec![Some("outer")])),
        ("the last of two names", vec![Array(1), Members(2), member("methodName"), text("a"), member("methodName"), text("b")], Some(vec![Some("b")])),
        ("the last one is no name", vec![Array(1), Members(2), member("methodName"), text("a"), member("methodName"), Nil], Some(vec![None])),
        ("no name, no struct, a name", [vec![Array(3), Members(0), Array(1), Nil], call("a")].concat(), Some(vec![None, None, Some("a")])),
        ("no parameters", vec![], None),
        ("two parameters", vec![Array(0), Nil], None),
        ("no array", vec![text("a")], None),
        ("absurd counts", vec![Array(u32::MAX), Nil], None),
    ];
    for (what, params, expected) in rows {
        assert_eq!(names(&params), expected, "{what}");
    }
}

/// What a server really writes, and its reply as the decoder tells it.
#[test]
fn a_reply_from_the_wire() {
    let body = "<methodResponse><params><param><value><array><data>\
        <value><array><data><value><int>3</int></value></data></array></value>\
        <value><struct><member><value><int>1</int></value><name>faultCode</name></member>\
        <member><name>faultString</name><value>&lt;x&gt;</value></member></struct></value>\
        </data></array></value></param></params></methodResponse>";
    let mut document = Vec::new();
    decode_reply(body.as_bytes(), Limits::default(), &mut document).unwrap();
    assert_eq!(read(&document), Some(vec![Outcome::Value, fault(1, "<x>")]));
}

/// Any whole value.
fn value() -> impl Strategy<Value = Vec<OwnedNode>> {
    let scalar = prop_oneof![
        Just(vec![Nil]),
        any::<i32>().prop_map(|number| vec![Int(number)]),
        "[a-z]{0,3}".prop_map(|text| vec![Text(text)]),
    ];
    scalar.prop_recursive(4, 20, 4, |inner| {
        let name = prop::sample::select(vec!["faultCode", "faultString", "methodName", "a"]);
        let array = prop::collection::vec(inner.clone(), 0..4)
            .prop_map(|values| [vec![Array(values.len() as u32)], values.concat()].concat());
        let members = prop::collection::vec((name, inner), 0..4).prop_map(|members| {
            let mut all = vec![Members(members.len() as u32)];
            members.into_iter().for_each(|(name, value)| {
                all.push(Member(name.into()));
                all.extend(value);
            });
            all
        });
        prop_oneof![array, members]
    })
}

/// Nodes in any order.
fn node() -> impl Strategy<Value = OwnedNode> {
    prop_oneof![
        Just(Nil),
        Just(Text("a".into())),
        (0u32..4).prop_map(Array),
        (0u32..4).prop_map(Members),
        prop::sample::select(vec!["faultCode", "faultString", "methodName"])
            .prop_map(|name| Member(name.into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A reply made of results and faults is read as those, whatever the results hold.
    #[test]
    fn what_is_put_in_comes_out(inner in prop::collection::vec(
        prop_oneof![
            value().prop_map(|value| ([vec![Array(1)], value].concat(), Outcome::Value)),
            (any::<i32>(), "[a-z]{0,5}", value()).prop_map(|(code, message, more)| {
                let mut nodes = vec![Members(3), Member("faultCode".into()), Int(code)];
                nodes.push(Member("more".into()));
                nodes.extend(more);
                nodes.extend([Member("faultString".into()), Text(message.clone())]);
                (nodes, Outcome::Fault { code, message })
            }),
        ],
        0..6,
    )) {
        let mut reply = vec![Array(inner.len() as u32)];
        inner.iter().for_each(|(nodes, _)| reply.extend_from_slice(nodes));
        let expected: Vec<_> = inner.into_iter().map(|(_, outcome)| outcome).collect();
        prop_assert_eq!(read(&reply), Some(expected));
        // One node less, or one more, is no reply at all.
        prop_assert_eq!(read(&reply[..reply.len() - 1]), None);
        reply.push(Nil);
        prop_assert_eq!(read(&reply), None);
    }

    /// Nodes in any order: answered exactly where they are one array, and one outcome for each element.
    #[test]
    fn any_nodes(nodes in prop::collection::vec(node(), 0..12)) {
        let whole = end_of_value(&nodes, 0) == Some(nodes.len());
        let count = match nodes.first() {
            Some(Array(count)) if whole => Some(*count as usize),
            _ => None,
        };
        prop_assert_eq!(read(&nodes).map(|found| found.len()), count);
        prop_assert_eq!(names(&nodes).map(|found| found.len()), count);
    }
}
