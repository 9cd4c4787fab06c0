//! Nodes as JSON and back, in tables and against `serde_json`.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_fuzz::{Target, Way, fuzz};
use katydid_xmlrpc::json::{MAX_DEPTH, read, write};
use katydid_xmlrpc::{EncodeError, Limits, OwnedNode};
use serde_json::Value;

use OwnedNode::{Array, Binary, Boolean, DateTime, Double, Int, Long, Member, Members, Nil, Text};

fn nodes(text: &str) -> Result<Vec<OwnedNode>, EncodeError> {
    let mut nodes = Vec::new();
    read(text, Limits::default(), &mut nodes).map(|()| nodes)
}

fn json(document: &[OwnedNode]) -> Option<String> {
    let mut text = String::new();
    write(document.iter().map(OwnedNode::as_node), &mut text).then_some(text)
}

#[test]
fn arguments_are_read() {
    let text = |text: &str| Text(text.to_owned());
    let name = |name: &str| Member(name.to_owned());
    let rows: &[(&str, &str, &[OwnedNode])] = &[
        ("none", "", &[]),
        ("white space only", " \n", &[]),
        ("white space anywhere", "  1\t,\n2 \r\n", &[Int(1), Int(2)]),
        ("words", "null,true,false", &[Nil, Boolean(true), Boolean(false)]),
        (
            "the least and the greatest int",
            "-2147483648,2147483647",
            &[Int(i32::MIN), Int(i32::MAX)],
        ),
        ("one more is a long", "2147483648,-2147483649", &[Long(1 << 31), Long(-(1 << 31) - 1)]),
        ("all of 64 bits", "-9223372036854775808", &[Long(i64::MIN)]),
        ("a point or an exponent", "1.0,1e2,-0.5E-1", &[Double(1.0), Double(100.0), Double(-0.05)]),
        ("escapes", r#""a\"\\\/\b\f\n\r\tz""#, &[text("a\"\\/\u{8}\u{c}\n\r\tz")]),
        ("escaped characters", r#""\u00e9\uD83E\udd97""#, &[text("é🦗")]),
        (
            "a lone surrogate",
            r#""\ud83e","\udd97\ud83e","\ud83eA""#,
            &[text("\u{fffd}"), text("\u{fffd}\u{fffd}"), text("\u{fffd}A")],
        ),
        ("what stands for itself", "\"é🦗\u{7f}\"", &[text("é🦗\u{7f}")]),
        ("an empty array and object", "[],{}", &[Array(0), Members(0)]),
        (
            "what is nested",
            r#"{"a":[1,[2]],"":{"b":null}},3"#,
            &[
                Members(2),
                name("a"),
                Array(2),
                Int(1),
                Array(1),
                Int(2),
                name(""),
                Members(1),
                name("b"),
                Nil,
                Int(3),
            ],
        ),
        (
            "names that repeat",
            r#"{"a":1,"a":2}"#,
            &[Members(2), name("a"), Int(1), name("a"), Int(2)],
        ),
    ];
    for (what, text, expected) in rows {
        assert_eq!(nodes(text).as_deref(), Ok(*expected), "{what}: {text}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let rows = [
        (",", "a value is expected", 0),
        ("1,", "the text ends too early", 2),
        (",1", "a value is expected", 0),
        ("1 2", "a comma or the end is expected", 2),
        ("1]", "a comma or the end is expected", 1),
        ("1}", "a comma or the end is expected", 1),
        ("[", "the text ends too early", 1),
        ("[1", "the text ends too early", 2),
        ("[1,]", "a value is expected", 3),
        ("[1}", "a comma or the end is expected", 2),
        ("nul", "a value is expected", 0),
        ("NaN", "a value is expected", 0),
        ("+1", "a value is expected", 0),
        ("01", "a number is expected", 0),
        ("-", "a number is expected", 0),
        ("1.", "a number is expected", 0),
        (".5", "a value is expected", 0),
        ("1e", "a number is expected", 0),
        ("9223372036854775808", "an integer of more than 64 bits", 0),
        ("\"a", "a string without an end", 2),
        ("\"\n\"", "a control character in a string", 1),
        ("\"\\x\"", "an unknown escape", 1),
        ("\"\\u12\"", "an unknown escape", 1),
        ("\"\\u+123\"", "an unknown escape", 1),
        ("{1:2}", "a name is expected", 1),
        ("{\"a\" 2}", "a colon is expected", 5),
        ("{\"a\":}", "a value is expected", 5),
        ("{\"a\":1,}", "a name is expected", 7),
        ("{\"a\"", "a colon is expected", 4),
        ("{", "a name is expected", 1),
    ];
    for (text, what, offset) in rows {
        assert_eq!(nodes(text), Err(EncodeError::Json { what, offset }), "{text}");
    }
}

#[test]
fn a_limit_that_just_suffices_changes_nothing() {
    let text = r#"[{"a":[1]}],2"#;
    let (max_nodes, max_depth) = (6, 3);
    let within = |limits| read(text, limits, &mut Vec::<OwnedNode>::new());
    let limits = Limits { max_nodes, max_depth, ..Limits::default() };
    assert_eq!(within(limits), Ok(()));
    let refused = |what, limit| Err(EncodeError::Limit { what, limit });
    assert_eq!(within(Limits { max_nodes: 5, ..limits }), refused("nodes", 5));
    assert_eq!(within(Limits { max_depth: 2, ..limits }), refused("levels", 2));
}

#[test]
fn replies_are_written() {
    let text = |text: &str| Text(text.to_owned());
    let name = |name: &str| Member(name.to_owned());
    let deep = |levels: u32| [vec![Array(1); levels as usize], vec![Int(1)]].concat();
    let most = MAX_DEPTH as u32;
    let rows: &[(&str, &[OwnedNode], Option<&str>)] = &[
        ("nil", &[Nil], Some("null")),
        ("booleans", &[Boolean(true)], Some("true")),
        ("an int", &[Int(-5)], Some("-5")),
        ("a long", &[Long((1 << 53) - 1)], Some("9007199254740991")),
        ("a long that a double would bend", &[Long(1 << 53)], None),
        ("the least long", &[Long(i64::MIN)], None),
        ("a whole double", &[Double(1.0)], Some("1.0")),
        ("a negative zero", &[Double(-0.0)], Some("-0.0")),
        ("a large double", &[Double(1e300)], Some("1e300")),
        ("no number", &[Double(f64::NAN)], None),
        ("an infinity", &[Double(f64::INFINITY)], None),
        ("text", &[text("a\"\\\n\r\t\u{1}é\u{7f}")], Some("\"a\\\"\\\\\\n\\r\\t\\u0001é\u{7f}\"")),
        ("a date", &[DateTime("20261123T00:00:00".into())], None),
        ("bytes, deep inside", &[Array(1), Members(1), name("a"), Binary(vec![])], None),
        ("empty ones", &[Array(2), Array(0), Members(0)], Some("[[],{}]")),
        (
            "what is nested",
            &[Members(2), name("a"), Array(2), Int(1), Array(1), Int(2), name("b\""), text("")],
            Some(r#"{"a":[1,[2]],"b\"":""}"#),
        ),
        ("the deepest", &deep(most), Some(&format!("{}1{}", "[".repeat(32), "]".repeat(32)))),
        ("one level more", &deep(most + 1), None),
    ];
    for (what, document, expected) in rows {
        assert_eq!(json(document).as_deref(), *expected, "{what}");
    }
}

const TOKENS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud83e",
    "\\udd97",
    "\\n",
    "null",
    "true",
    "false",
    "0",
    "-",
    "1",
    "12",
    ".5",
    "e",
    "E+",
    "e-3",
    "9223372036854775807",
    "9223372036854775808",
    " ",
    "\n",
    "é",
    "🦗",
    "\"a\"",
    "\"a\":",
    "[]",
    "{}",
    "\u{1}",
];

#[test]
fn serde_json_agrees_about_whatever_is_made_up() {
    fuzz(Target { name: "json", tokens: TOKENS, cases: 20_000 }, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let theirs: Result<Value, _> = serde_json::from_str(&format!("[{text}]"));
        let document = match nodes(&text) {
            Ok(document) => document,
            Err(error) => {
                // An integer of any length is a double to them.
                let long =
                    matches!(error, EncodeError::Json { what, .. } if what.contains("64 bits"));
                let refused = !matches!(theirs, Ok(Value::Array(_)));
                assert!(refused || long, "{error}: {text}");
                return Way::of_words(&error.to_string());
            }
        };
        match theirs {
            Ok(Value::Array(values)) => {
                let mut ours = document.iter();
                for value in &values {
                    same(value, &mut ours, &text);
                }
                assert_eq!(ours.next(), None, "{text}");
            }
            Ok(other) => panic!("{other}: {text}"),
            // They refuse lone surrogates and doubles that are out of range, and recurse.
            Err(error) => {
                let said = error.to_string();
                let known =
                    ["surrogate", "unexpected end of hex escape", "out of range", "recursion"];
                assert!(known.iter().any(|known| said.contains(known)), "{said}: {text}");
            }
        }
        written_again(&document);
        Way::of(document.iter().map(std::mem::discriminant).take(8).collect::<Vec<_>>())
    });
}

fn same<'n>(value: &Value, ours: &mut impl Iterator<Item = &'n OwnedNode>, text: &str) {
    let node = ours.next().unwrap_or_else(|| panic!("a node is missing: {text}"));
    match (value, node) {
        (Value::Null, Nil) => {}
        (Value::Bool(theirs), Boolean(ours)) => assert_eq!(theirs, ours, "{text}"),
        // To them `-0` is a double.
        (Value::Number(theirs), Int(ours)) => {
            assert_eq!(theirs.as_f64(), Some((*ours).into()), "{text}");
        }

        (Value::Number(theirs), Long(ours)) => assert_eq!(theirs.as_i64(), Some(*ours), "{text}"),
        (Value::Number(theirs), Double(ours)) => {
            // Without their feature `float_roundtrip` the last digit may differ.
            let theirs = theirs.as_f64().unwrap();
            assert!((theirs - ours).abs() <= ours.abs() * 1e-15, "{theirs} {ours}: {text}");
        }
        (Value::String(theirs), Text(ours)) => assert_eq!(theirs, ours, "{text}"),
        (Value::Array(theirs), Array(count)) => {
            assert_eq!(theirs.len(), *count as usize, "{text}");
            theirs.iter().for_each(|value| same(value, ours, text));
        }
        // Theirs are sorted, and each name is there once.
        (Value::Object(theirs), Members(count)) => {
            for _ in 0..*count {
                let Some(Member(name)) = ours.next() else { panic!("a name is missing: {text}") };
                assert!(theirs.contains_key(name), "{name}: {text}");
                skip(ours);
            }
        }
        (theirs, ours) => panic!("{theirs} {ours:?}: {text}"),
    }
}

/// Passes over one value.
fn skip<'n>(nodes: &mut impl Iterator<Item = &'n OwnedNode>) {
    let mut values = 1u64;
    while values > 0 {
        values -= 1;
        match nodes.next() {
            Some(Array(count)) => values += u64::from(*count),
            // A name counts as a value of its own here.
            Some(Members(count)) => values += 2 * u64::from(*count),
            Some(_) => {}
            None => panic!("a node is missing"),
        }
    }
}

/// What has a form in JSON reads as it was.
fn written_again(document: &[OwnedNode]) {
    let one = [vec![Array(0)], document.to_vec()].concat();
    let mut at = 1;
    let mut count = 0;
    while at < one.len() {
        at = katydid_xmlrpc::end_of_value(&one, at).unwrap();
        count += 1;
    }
    let one = [vec![Array(count)], document.to_vec()].concat();
    if let Some(text) = json(&one) {
        let again = nodes(&text).unwrap();
        assert_eq!(format!("{again:?}"), format!("{one:?}"), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    }
}
