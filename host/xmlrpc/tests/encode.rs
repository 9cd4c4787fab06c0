//! What is written: every rule of strict output, a row each.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_xmlrpc::{EncodeError, Encoder, Limits, Node, encode_fault};

const HEAD: &str = "<?xml version=\"1.0\"?><methodResponse><params>";
const TAIL: &str = "</params></methodResponse>";

fn write(mut encoder: Encoder<'_>, nodes: &[Node<'_>]) -> Result<(), EncodeError> {
    for node in nodes {
        encoder.node(*node)?;
    }
    encoder.finish()
}

fn reply(nodes: &[Node<'_>], limits: Limits) -> Result<String, EncodeError> {
    let mut out = Vec::new();
    write(Encoder::reply(&mut out, limits), nodes)?;
    Ok(String::from_utf8(out).unwrap())
}

fn call(method: &str, nodes: &[Node<'_>], limits: Limits) -> Result<String, EncodeError> {
    let mut out = Vec::new();
    write(Encoder::call(&mut out, method, limits)?, nodes)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
#[rustfmt::skip] // a row a line
fn values() {
    use Node::*;
    let rows: &[(&str, &[Node<'_>], &str)] = &[
        ("nil is an element", &[Nil], "<nil/>"),
        ("true is 1", &[Boolean(true)], "<boolean>1</boolean>"),
        ("false is 0", &[Boolean(false)], "<boolean>0</boolean>"),
        ("zero", &[Int(0)], "<int>0</int>"),
        ("the smallest int", &[Int(i32::MIN)], "<int>-2147483648</int>"),
        ("the largest int", &[Int(i32::MAX)], "<int>2147483647</int>"),
        ("a long says so even when it is small", &[Long(7)], "<i8>7</i8>"),
        ("the smallest long", &[Long(i64::MIN)], "<i8>-9223372036854775808</i8>"),
        ("the largest long", &[Long(i64::MAX)], "<i8>9223372036854775807</i8>"),
        ("a double in its shortest digits", &[Double(0.1)], "<double>0.1</double>"),
        ("the sign of zero survives", &[Double(-0.0)], "<double>-0</double>"),
        ("a large double has no exponent", &[Double(1e22)], "<double>10000000000000000000000</double>"),
        ("a small double has no exponent", &[Double(-1e-7)], "<double>-0.0000001</double>"),
        ("text keeps its white space", &[Text(" a\n\tb ")], "<string> a\n\tb </string>"),
        ("empty text is typed", &[Text("")], "<string></string>"),
        ("markup is escaped", &[Text("<a>&\"'")], "<string>&lt;a&gt;&amp;\"'</string>"),
        ("a carriage return survives", &[Text("\r\n")], "<string>&#13;\n</string>"),
        ("other scripts pass", &[Text("größe 日本 🦗")], "<string>größe 日本 🦗</string>"),
        ("neighbours of what is illegal pass", &[Text("\u{7f}\u{fffd}\u{f000}\u{10ffff}")], "<string>\u{7f}\u{fffd}\u{f000}\u{10ffff}</string>"),
        ("a date is not looked at", &[DateTime("soon & so")], "<dateTime.iso8601>soon &amp; so</dateTime.iso8601>"),
        ("an empty date passes", &[DateTime("")], "<dateTime.iso8601></dateTime.iso8601>"),
        ("no bytes", &[Binary(b"")], "<base64></base64>"),
        ("one byte is padded twice", &[Binary(b"a")], "<base64>YQ==</base64>"),
        ("two bytes are padded once", &[Binary(b"ab")], "<base64>YWI=</base64>"),
        ("three bytes are not padded", &[Binary(&[0xff, 0xfe, 0xfd])], "<base64>//79</base64>"),
        ("an empty array has data", &[Array(0)], "<array><data></data></array>"),
        ("an empty struct", &[Members(0)], "<struct></struct>"),
        (
            "an array of arrays",
            &[Array(2), Array(1), Int(1), Array(0)],
            "<array><data><value><array><data><value><int>1</int></value></data></array></value>\
             <value><array><data></data></array></value></data></array>",
        ),
        (
            "a struct, its names escaped, doubled and empty",
            &[
                Members(3),
                Member("a<b"),
                Int(1),
                Member("a<b"),
                Members(0),
                Member(""),
                Nil,
            ],
            "<struct><member><name>a&lt;b</name><value><int>1</int></value></member>\
             <member><name>a&lt;b</name><value><struct></struct></value></member>\
             <member><name></name><value><nil/></value></member></struct>",
        ),
        (
            "containers in a struct close with it",
            &[
                Members(1),
                Member("a"),
                Array(1),
                Members(1),
                Member("b"),
                Array(0),
            ],
            "<struct><member><name>a</name><value><array><data><value><struct><member><name>b</name>\
             <value><array><data></data></array></value></member></struct></value></data></array></value>\
             </member></struct>",
        ),
    ];
    for (what, nodes, expected) in rows {
        let expected = format!("{HEAD}<param><value>{expected}</value></param>{TAIL}");
        assert_eq!(
            reply(nodes, Limits::default()).as_deref(),
            Ok(expected.as_str()),
            "{what}"
        );
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn calls() {
    let rows: &[(&str, &str, &[Node<'_>], &str, &str)] = &[
        ("no parameters", "system.listMethods", &[], "system.listMethods", ""),
        ("two parameters", "add", &[Node::Int(1), Node::Nil], "add", "<param><value><int>1</int></value></param><param><value><nil/></value></param>"),
        ("a container is one parameter", "f", &[Node::Array(1), Node::Nil, Node::Members(0)], "f", "<param><value><array><data><value><nil/></value></data></array></value></param><param><value><struct></struct></value></param>"),
        ("an unusual name is escaped and passes", "a<b & c\r", &[], "a&lt;b &amp; c&#13;", ""),
        ("an empty name passes", "", &[], "", ""),
    ];
    for (what, method, nodes, name, params) in rows {
        let expected = format!(
            "<?xml version=\"1.0\"?><methodCall><methodName>{name}</methodName><params>{params}</params></methodCall>"
        );
        assert_eq!(
            call(method, nodes, Limits::default()).as_deref(),
            Ok(expected.as_str()),
            "{what}"
        );
    }
}

#[test]
fn appends_and_never_clears() {
    let mut out = b"POST / HTTP/1.1\r\n\r\n".to_vec();
    // The limit is that of the message, not of what stands before it.
    let limits = Limits { max_bytes: 104, ..Limits::default() };
    write(Encoder::call(&mut out, "a", limits).unwrap(), &[]).unwrap();
    assert!(out.starts_with(b"POST / HTTP/1.1\r\n\r\n<?xml version=\"1.0\"?>"));
    encode_fault(&mut out, 1, "x");
    assert!(out.ends_with(b"</methodResponse>") && out.starts_with(b"POST"));
}

#[test]
#[rustfmt::skip] // a row a line
fn what_cannot_be_written() {
    use Node::*;
    let character = |character, offset, place| EncodeError::Character {
        character,
        offset,
        place,
    };
    let sequence = |node, what| EncodeError::Sequence { node, what };
    let rows: Vec<(&str, &[Node<'_>], EncodeError)> = vec![
        ("a control character in a text", &[Text("aé\u{1b}")], character('\u{1b}', 3, "a text")),
        ("NUL", &[Text("\0")], character('\0', 0, "a text")),
        ("the last control character", &[Text("\u{1f}")], character('\u{1f}', 0, "a text")),
        ("U+FFFE", &[Text("ab\u{fffe}")], character('\u{fffe}', 2, "a text")),
        ("U+FFFF after a neighbour", &[Text("\u{fffd}\u{ffff}")], character('\u{ffff}', 3, "a text")),
        ("a control character in a date", &[DateTime("\u{8}")], character('\u{8}', 0, "a date")),
        ("a control character in a name", &[Members(1), Member("\u{1}")], character('\u{1}', 0, "a member's name")),
        ("infinity", &[Double(f64::INFINITY)], EncodeError::NotFinite(f64::INFINITY)),
        ("negative infinity", &[Double(f64::NEG_INFINITY)], EncodeError::NotFinite(f64::NEG_INFINITY)),
        ("a reply of nothing", &[], sequence(0, "a reply needs a value")),
        ("a reply of two values", &[Nil, Nil], sequence(1, "a second value in a reply")),
        ("a reply of two containers", &[Array(0), Array(0)], sequence(1, "a second value in a reply")),
        ("a name at the top", &[Member("a")], sequence(0, "the name of a member outside of a struct")),
        ("a name in an array", &[Array(1), Member("a")], sequence(1, "the name of a member outside of a struct")),
        ("a value where a name is due", &[Members(1), Nil], sequence(1, "a value where the name of a member is due")),
        ("a container where a name is due", &[Members(1), Array(0)], sequence(1, "a value where the name of a member is due")),
        ("a name where a value is due", &[Members(1), Member("a"), Member("b")], sequence(2, "the name of a member where its value is due")),
        ("a name after the last member", &[Members(1), Member("a"), Nil, Member("b")], sequence(3, "the name of a member outside of a struct")),
        ("more values than announced", &[Array(1), Nil, Nil], sequence(2, "a second value in a reply")),
        ("an array that misses a value", &[Array(2), Nil], sequence(2, "values of an array are missing")),
        ("a struct that misses a member", &[Members(2), Member("a"), Nil], sequence(3, "members of a struct are missing")),
        ("a member that misses its value", &[Members(1), Member("a")], sequence(2, "the value of a member is missing")),
        ("an absurd count costs nothing", &[Array(u32::MAX), Members(u32::MAX)], sequence(2, "members of a struct are missing")),
    ];
    for (what, nodes, expected) in rows {
        assert_eq!(reply(nodes, Limits::default()), Err(expected), "{what}");
    }
    assert_eq!(
        call("a\0", &[], Limits::default()),
        Err(character('\0', 1, "the method's name"))
    );
    assert!(
        matches!(
            reply(&[Double(f64::NAN)], Limits::default()),
            Err(EncodeError::NotFinite(_))
        ),
        "NaN"
    );
}

#[test]
fn errors_read_well() {
    let rows = [
        (
            EncodeError::Character { character: '\u{1b}', offset: 3, place: "a text" },
            "character \\u{1b} at byte 3 of a text cannot be written as XML, send it as binary",
        ),
        (
            EncodeError::NotFinite(f64::NEG_INFINITY),
            "double \"-inf\" cannot be written as XML-RPC, only finite numbers can",
        ),
        (
            EncodeError::Sequence { node: 2, what: "values of an array are missing" },
            "node 2: values of an array are missing",
        ),
        (EncodeError::Limit { what: "bytes", limit: 9 }, "message exceeds the limit of 9 bytes"),
    ];
    for (error, expected) in rows {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn limits() {
    use Node::*;
    let nested: Vec<Node<'_>> = std::iter::repeat_n(Array(1), 3).chain([Nil]).collect();
    let depth = |max_depth| Limits { max_depth, ..Limits::default() };
    let nodes = |max_nodes| Limits { max_nodes, ..Limits::default() };
    let bytes = |max_bytes| Limits { max_bytes, ..Limits::default() };
    let limit = |what, limit| Err(EncodeError::Limit { what, limit });

    assert!(reply(&nested, depth(3)).is_ok(), "as deep as allowed");
    assert_eq!(reply(&nested, depth(2)), limit("levels", 2), "one level too deep");
    assert_eq!(reply(&[Array(0)], depth(0)), limit("levels", 0), "an empty container is a level");
    assert!(reply(&nested, nodes(4)).is_ok(), "as many nodes as allowed");
    assert_eq!(reply(&nested, nodes(3)), limit("nodes", 3), "one node too many");

    let whole = reply(&[Text("a&b")], Limits::default()).unwrap();
    assert_eq!(reply(&[Text("a&b")], bytes(whole.len())), Ok(whole.clone()), "as long as allowed");
    for short in 0..whole.len() {
        assert_eq!(
            reply(&[Text("a&b")], bytes(short)),
            limit("bytes", short),
            "too long by {}",
            whole.len() - short
        );
    }
    assert_eq!(call("method", &[], bytes(20)), limit("bytes", 20), "the method's name counts");

    // What would be cut anyway is not copied first: neither text, nor its escapes, nor base64.
    let large = "&".repeat(1 << 20);
    for node in [Text(&large), Binary(large.as_bytes()), DateTime(&large)] {
        let mut out = Vec::new();
        let mut encoder = Encoder::reply(&mut out, bytes(1 << 20));
        assert_eq!(encoder.node(node), Err(EncodeError::Limit { what: "bytes", limit: 1 << 20 }));
        drop(encoder);
        assert!(out.len() < (1 << 20) + 100, "{}", out.len());
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn faults() {
    let mut out = Vec::new();
    encode_fault(&mut out, -4, "a<b\u{0}c\u{ffff}\u{1b}");
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "<?xml version=\"1.0\"?><methodResponse><fault><value><struct><member><name>faultCode</name>\
         <value><int>-4</int></value></member><member><name>faultString</name><value><string>\
         a&lt;b\u{fffd}c\u{fffd}\u{fffd}</string></value></member></struct></value></fault></methodResponse>"
    );
}
