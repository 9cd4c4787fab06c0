//! Fuzz targets of what reads and writes messages; `katydid_fuzz` says how they run. That of the lexer
//! stands beside it.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_fuzz::{Target, Way, fuzz};
use katydid_xmlrpc::multicall::{methods, outcomes};
use katydid_xmlrpc::{
    DecodeError, Encoder, Extensions, Limits, MAX_FAULT_MESSAGE, OwnedNode, Reply, decode_call,
    decode_reply, end_of_value,
};

/// What messages are made of.
const TOKENS: &[&str] = &[
    "<methodResponse>",
    "</methodResponse>",
    "<methodCall>",
    "</methodCall>",
    "<methodName>",
    "</methodName>",
    "<params>",
    "</params>",
    "<params/>",
    "<param>",
    "</param>",
    "<fault>",
    "</fault>",
    "<value>",
    "</value>",
    "<value/>",
    "<array>",
    "</array>",
    "<array/>",
    "<data>",
    "</data>",
    "<data/>",
    "<struct>",
    "</struct>",
    "<struct/>",
    "<member>",
    "</member>",
    "<name>",
    "</name>",
    "<name/>",
    "faultCode",
    "faultString",
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
    "<ex:nil/>",
    "<ex:biginteger>",
    "</ex:biginteger>",
    "<!--",
    "-->",
    "<!-- -->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a>",
    "<!",
    "<?",
    "?>",
    "<?xml version=\"1.0\"?>",
    "<?xml version='1.0' encoding='ISO-8859-1'?>",
    "<?xml encoding='UTF-16'?>",
    "&",
    "&#",
    ";",
    "&lt;",
    "&#13;",
    "&#x41;",
    "&#0;",
    "&nbsp;",
    "'",
    "\"",
    " a='b'",
    "\u{feff}",
    "\r\n",
    "\u{fffd}",
    "é",
    "🦗",
    "\0",
    "QUJD",
    "==",
    "NaN",
    "-INF",
    "1e400",
    "true",
    "<value><int>1</int></value>",
    "<value><array><data>",
    "</data></array></value>",
    "<value><struct><member><name>a</name><value>",
    "</value></member></struct></value>",
];

/// What a message said.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Method(String),
    Reply(Reply),
}

type Decode = fn(&[u8], Limits, &mut Vec<OwnedNode>) -> Result<Said, DecodeError>;

fn call(body: &[u8], limits: Limits, sink: &mut Vec<OwnedNode>) -> Result<Said, DecodeError> {
    decode_call(body, limits, sink).map(Said::Method)
}

fn reply(body: &[u8], limits: Limits, sink: &mut Vec<OwnedNode>) -> Result<Said, DecodeError> {
    decode_reply(body, limits, sink).map(Said::Reply)
}

#[test]
fn replies() {
    fuzz(Target { name: "decode_reply", tokens: TOKENS, cases: 10_000 }, |body| {
        let (said, document) = match read(reply, body) {
            Ok(read) => read,
            Err(error) => return Way::of_words(&error),
        };
        match &said {
            Said::Reply(Reply::Fault { message, .. }) => {
                assert!(document.is_empty(), "nothing is pushed for a fault");
                assert!(message.len() <= MAX_FAULT_MESSAGE);
            }
            _ => assert_eq!(end_of_value(&document, 0), Some(document.len()), "one value"),
        }
        let inner = outcomes(document.iter().map(OwnedNode::as_node));
        let array = matches!(document.first(), Some(OwnedNode::Array(_)));
        assert_eq!(inner.is_some(), array, "every array may be that of a multicall");
        way(&document)
    });
}

#[test]
fn calls() {
    fuzz(Target { name: "decode_call", tokens: TOKENS, cases: 10_000 }, |body| {
        let (_, document) = match read(call, body) {
            Ok(read) => read,
            Err(error) => return Way::of_words(&error),
        };
        let (mut at, mut values) = (0, 0);
        while at < document.len() {
            at = end_of_value(&document, at).expect("whole values");
            values += 1;
        }
        let inner = methods(document.iter().map(OwnedNode::as_node));
        let array = matches!(document.first(), Some(OwnedNode::Array(_))) && values == 1;
        assert_eq!(inner.is_some(), array, "every array may be that of a multicall");
        way(&document)
    });
}

/// The way of a document: which kinds of nodes follow each other in it.
fn way(document: &[OwnedNode]) -> Way {
    let kinds = document.iter().map(std::mem::discriminant);
    let mut pairs: Vec<_> = kinds.clone().zip(kinds.skip(1)).collect();
    pairs.dedup();
    pairs.truncate(6);
    Way::of((document.len().min(8), pairs))
}

/// Reads a message and checks what must hold of each.
fn read(decode: Decode, body: &[u8]) -> Result<(Said, Vec<OwnedNode>), String> {
    let mut document = Vec::new();
    let said = decode(body, Limits::default(), &mut document);
    let mut behind = vec![OwnedNode::Nil];
    assert_eq!(decode(body, Limits::default(), &mut behind), said, "whatever the sink holds");
    if let Err(error) = said {
        check_other_encoding(decode, body, None);
        assert!(error.to_string().len() < 800, "what is quoted is bounded: {error}");
        return Err(error.to_string());
    }
    let said = said.unwrap();
    assert_eq!(behind[1..], document[..]);
    // The shortest value has eight bytes, in any encoding.
    assert!(document.len() * 8 <= body.len(), "nodes come from bytes");
    check_limits(decode, body, &said, &document);
    check_other_encoding(decode, body, Some((&said, &document)));
    check_written_again(&document);
    Ok((said, document))
}

/// A limit that just suffices changes nothing, one below it is an error.
fn check_limits(decode: Decode, body: &[u8], said: &Said, document: &[OwnedNode]) {
    let read = |limits| {
        let mut found = Vec::new();
        decode(body, limits, &mut found).map(|said| (said, found))
    };
    let refused = |limits, what| match read(limits) {
        Err(DecodeError::Limit { what: found, .. }) => assert_eq!(found, what),
        other => panic!("{what}: {other:?}"),
    };
    let all = Ok((said.clone(), document.to_vec()));
    let max_bytes = body.len();
    assert_eq!(read(Limits { max_bytes, ..Limits::default() }), all);
    refused(Limits { max_bytes: max_bytes - 1, ..Limits::default() }, "bytes");
    if matches!(said, Said::Reply(Reply::Fault { .. })) {
        // Its nodes are not told.
        return;
    }
    let max_nodes = document.len();
    assert_eq!(read(Limits { max_nodes, ..Limits::default() }), all);
    if max_nodes > 0 {
        refused(Limits { max_nodes: max_nodes - 1, ..Limits::default() }, "nodes");
    }
    let max_depth = depth(document);
    assert_eq!(read(Limits { max_depth, ..Limits::default() }), all);
    if max_depth > 0 {
        refused(Limits { max_depth: max_depth - 1, ..Limits::default() }, "levels");
    }
}

/// The most containers inside one another.
fn depth(document: &[OwnedNode]) -> usize {
    let (mut ends, mut deepest) = (Vec::new(), 0);
    for (at, node) in document.iter().enumerate() {
        ends.retain(|end| at < *end);
        if matches!(node, OwnedNode::Array(_) | OwnedNode::Members(_)) {
            ends.push(end_of_value(document, at).unwrap());
            deepest = deepest.max(ends.len());
        }
    }
    deepest
}

/// The same text in UTF-16 says the same; so does one with more white space and comments around it.
fn check_other_encoding(decode: Decode, body: &[u8], expected: Option<(&Said, &Vec<OwnedNode>)>) {
    let Ok(text) = std::str::from_utf8(body) else { return };
    // A declaration says what UTF-16 overrules, and what begins like UTF-16 is it already.
    let marked = text.trim_ascii_start().starts_with('\u{feff}');
    if marked || text.contains("encoding") || body.iter().take(2).any(|byte| *byte == 0) {
        return;
    }
    let units = std::iter::once('\u{feff}').chain(text.chars()).collect::<String>();
    let wide: Vec<u8> = units.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut bodies = vec![wide];
    if expected.is_some() {
        bodies.push([b"\r\n<!-- -->", body, b"<?x y?>\n"].concat());
    }
    for body in bodies {
        let mut found = Vec::new();
        let said = decode(&body, Limits::default(), &mut found).ok();
        assert_eq!(said.as_ref().map(|said| (said, &found)), expected, "{text}");
    }
}

/// What can be read can be written, but for what only lenient reading takes, and reads the same.
fn check_written_again(document: &[OwnedNode]) {
    let mut out = Vec::new();
    let mut encoder = Encoder::call(&mut out, "m", Limits::default()).unwrap();
    let written = document.iter().try_for_each(|node| encoder.node(node.as_node()));
    let written = written.and_then(|()| encoder.finish());
    let strict = |node: &OwnedNode| match node {
        OwnedNode::Double(double) => double.is_finite(),
        OwnedNode::Text(text) | OwnedNode::DateTime(text) | OwnedNode::Member(text) => {
            text.chars().all(legal)
        }
        _ => true,
    };
    assert_eq!(written.is_ok(), document.iter().all(strict), "{written:?} {document:?}");
    if written.is_ok() {
        let mut again = Vec::new();
        assert_eq!(decode_call(&out, Limits::default(), &mut again), Ok("m".into()));
        assert_eq!(again, document);
    }
}

/// Whether XML 1.0 can express this character.
fn legal(character: char) -> bool {
    !matches!(
        character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Bytes as a program that makes a sequence of nodes, and the limits to write it with.
struct Program<'p> {
    rest: &'p [u8],
    limits: Limits,
}

impl Program<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    fn eight(&mut self) -> [u8; 8] {
        std::array::from_fn(|_| self.byte())
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.byte().into();
        let (bytes, rest) = self.rest.split_at(self.rest.len().min(length));
        self.rest = rest;
        bytes.to_vec()
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn document(&mut self) -> Vec<OwnedNode> {
        let mut document = Vec::new();
        while !self.rest.is_empty() {
            document.push(match self.byte() % 12 {
                0 => OwnedNode::Nil,
                1 => OwnedNode::Boolean(self.byte() % 2 == 1),
                2 => OwnedNode::Int(i32::from_le_bytes(std::array::from_fn(|_| self.byte()))),
                3 => OwnedNode::Long(i64::from_le_bytes(self.eight())),
                4 => OwnedNode::Double(f64::from_le_bytes(self.eight())),
                5 => OwnedNode::Text(self.text()),
                6 => OwnedNode::DateTime(self.text()),
                7 => OwnedNode::Binary(self.bytes()),
                8 => OwnedNode::Array(self.byte().into()),
                9 => OwnedNode::Members(self.byte().into()),
                10 => OwnedNode::Member(self.text()),
                _ => {
                    self.limits.max_bytes = usize::from(self.byte()) * 4;
                    self.limits.max_depth = self.byte().into();
                    continue;
                }
            });
        }
        document
    }
}

/// Whatever is written is read again as it was meant, and nothing else is written.
#[test]
fn round_trips() {
    fuzz(
        Target {
            name: "round_trip",
            tokens: &["\x05\x03<&>", "\x08\x02", "\x09\x01\x0a\x01a", "\x0b"],
            cases: 20_000,
        },
        |bytes| {
            let mut program = Program { rest: bytes, limits: Limits::default() };
            let document = program.document();
            let limits = program.limits;
            let mut out = b"head".to_vec();
            let mut encoder = Encoder::reply(&mut out, limits);
            let written = document.iter().try_for_each(|node| encoder.node(node.as_node()));
            let written = written.and_then(|()| encoder.finish());
            // By its head and the digits of one double it may pass the limit before it says so.
            assert!(
                out.len() <= 4 + limits.max_bytes + 512,
                "{} of {}",
                out.len(),
                limits.max_bytes
            );
            let Ok(()) = written else {
                return Way::of_words(&written.unwrap_err().to_string());
            };
            assert!(out.len() <= 4 + limits.max_bytes);
            assert!(std::str::from_utf8(&out).unwrap().chars().all(legal), "XML 1.0 has all of it");
            let mut again = Vec::new();
            assert_eq!(decode_reply(&out[4..], limits, &mut again), Ok(Reply::Value));
            assert_eq!(again, document.iter().map(as_read).collect::<Vec<_>>());
            check_specification(&document);
            way(&document)
        },
    );
}

/// A node as it is read: white space around a date means nothing, an integer has the size it needs.
fn as_read(node: &OwnedNode) -> OwnedNode {
    match node {
        OwnedNode::DateTime(text) => OwnedNode::DateTime(text.trim_ascii().into()),
        OwnedNode::Long(long) => i32::try_from(*long).map_or(node.clone(), OwnedNode::Int),
        _ => node.clone(),
    }
}

/// Without extensions it is written without them, or not at all.
fn check_specification(document: &[OwnedNode]) {
    let mut out = Vec::new();
    let none = Extensions { nil: false, i8: false };
    let mut encoder = Encoder::reply(&mut out, Limits::default()).with_extensions(none);
    let written = document.iter().try_for_each(|node| encoder.node(node.as_node()));
    let written = written.and_then(|()| encoder.finish());
    let beyond = |node: &OwnedNode| matches!(as_read(node), OwnedNode::Nil | OwnedNode::Long(_));
    assert_eq!(written.is_err(), document.iter().any(beyond), "{written:?}");
    let has = |tag: &[u8]| out.windows(tag.len()).any(|window| window == tag);
    assert!(!has(b"<nil/>") && !has(b"<i8>"));
}
