//! What the peers of this world are known to send, and what somebody might send to hurt. The rules
//! themselves have their rows in `decode.rs` and `encode.rs`.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_xmlrpc::OwnedNode::{self, *};
use katydid_xmlrpc::{
    DecodeError, EncodeError, Encoder, Extensions, Limits, MAX_FAULT_MESSAGE, Node, Reply,
    decode_reply,
};

fn reply(body: &[u8]) -> Result<(Reply, Vec<OwnedNode>), DecodeError> {
    let mut document = Vec::new();
    let reply = decode_reply(body, Limits::default(), &mut document)?;
    Ok((reply, document))
}

fn body(value: &str) -> String {
    format!(
        "<methodResponse><params><param><value>{value}</value></param></params></methodResponse>"
    )
}

fn value(xml: &str) -> Result<Vec<OwnedNode>, String> {
    reply(body(xml).as_bytes()).map(|(_, document)| document).map_err(|error| error.to_string())
}

fn text(text: &str) -> OwnedNode {
    Text(text.into())
}

/// No form is looked into and none is given a time zone: what was said is what is told.
#[test]
fn dates_of_all_forms_stay_text() {
    let rows = [
        ("the specification's own", "19980717T14:08:55"),
        ("with dashes", "1998-07-17T14:08:55"),
        ("with fractions of a second", "19980717T14:08:55.250"),
        ("in universal time", "19980717T14:08:55Z"),
        ("with a zone", "1998-07-17T14:08:55+02:00"),
        ("with a zone, compact", "19980717T140855-0700"),
        ("no date at all", "00000000T00:00:00Z"),
        ("only a day", "1998-07-17"),
        ("a blank instead of a T", "1998-07-17 14:08:55"),
        ("words", "yesterday"),
        ("nothing", ""),
    ];
    for (what, date) in rows {
        let expected = Ok(vec![DateTime(date.into())]);
        let written = format!("<dateTime.iso8601>{date}</dateTime.iso8601>");
        assert_eq!(value(&written), expected, "{what}");
        let written = format!("<ext:dateTime>\n  {date}\n</ext:dateTime>");
        assert_eq!(value(&written), expected, "{what}, Apache's, with white space");
    }
}

/// A row: what it is, the XML, and its nodes or the beginning of what is wrong.
type Row = (&'static str, &'static str, Result<Vec<OwnedNode>, &'static str>);

#[test]
#[rustfmt::skip] // a row a line
fn values() {
    let rows: Vec<Row> = vec![
        ("nil of any prefix", "<n0:nil/>", Ok(vec![Nil])),
        ("nil of an empty prefix", "<:nil/>", Ok(vec![Nil])),
        ("nil of two prefixes", "<a:b:nil></a:b:nil>", Ok(vec![Nil])),
        ("Apache's small integers", "<array><data><value><ex:i1>-128</ex:i1></value><value><ex:i2>9</ex:i2></value></data></array>", Ok(vec![Array(2), Int(-128), Int(9)])),
        ("rTorrent's long", "<ex:i8>1099511627776</ex:i8>", Ok(vec![Long(1 << 40)])),
        ("an i1 that is too large for its name", "<i1>1000</i1>", Ok(vec![Int(1000)])),
        ("a biginteger of 64 bits", "<ext:biginteger>9223372036854775807</ext:biginteger>", Ok(vec![Long(i64::MAX)])),
        ("minus nothing", "<biginteger>-000</biginteger>", Ok(vec![Int(0)])),
        ("standard types with a prefix", "<ex:struct><ex:member><ex:name>a</ex:name><ex:value><ex:boolean>1</ex:boolean></ex:value></ex:member></ex:struct>", Ok(vec![Members(1), Member("a".into()), Boolean(true)])),
        ("a bigdecimal that no double holds", "<bigdecimal>1e400</bigdecimal>", Ok(vec![Double(f64::INFINITY)])),
        ("Java's infinity", "<double>-Infinity</double>", Ok(vec![Double(f64::NEG_INFINITY)])),
        ("Python's infinity", "<double>inf</double>", Ok(vec![Double(f64::INFINITY)])),
        ("a double without a leading digit", "<double>-.5</double>", Ok(vec![Double(-0.5)])),
        ("a double that is zero to us", "<double>1e-999</double>", Ok(vec![Double(0.0)])),
        ("Windows' infinity", "<double>1.#INF</double>", Err("\"1.#INF\" is no double")),
        ("a double with digits grouped", "<double>1_000</double>", Err("\"1_000\" is no double")),
        ("a boolean in capitals", "<boolean>TRUE</boolean>", Err("\"TRUE\" is no boolean")),
        ("a boolean of nothing", "<boolean/>", Err("\"\" is no boolean")),
        ("base64 with half of its padding", "<base64>YQ=</base64>", Ok(vec![Binary(b"a".into())])),
        ("base64 in lines, without padding", "<base64>\r\nYW\r\nI\r\n</base64>", Ok(vec![Binary(b"ab".into())])),
        ("base64 in pieces", "<base64>Y<!-- c -->W<![CDATA[I]]>&#61;</base64>", Ok(vec![Binary(b"ab".into())])),
        ("base64 of the URL alphabet", "<base64>_-8=</base64>", Err("\"_-8=\" is no base64")),
        ("base64 with padding in front", "<base64>=YQ=</base64>", Err("\"=YQ=\" is no base64")),
        ("serialized Java of any prefix", "<ns1:serializable>rO0ABXNy</ns1:serializable>", Err("unknown type <ns1:serializable>")),
        ("serialized Java of no prefix", "<serializable/>", Err("unknown type <serializable>")),
        ("a DOM", "<ns1:dom><a/></ns1:dom>", Err("unknown type <ns1:dom>")),
        ("a no-break space is no white space", "<int>\u{a0}1</int>", Err("\"\\u{a0}1\" is no integer")),
    ];
    for (what, xml, expected) in rows {
        match expected {
            Ok(expected) => assert_eq!(value(xml), Ok(expected), "{what}"),
            Err(part) => {
                let error = value(xml).unwrap_err();
                assert!(error.starts_with(part), "{what}: {error}");
            }
        }
    }
}

/// Byte order marks and blank lines in any order in front: PHP writes one for each file it includes.
#[test]
fn marks_and_blank_lines_in_front() {
    let message = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", body("é"));
    for (what, front) in [
        ("a mark", "\u{feff}"),
        ("two marks", "\u{feff}\u{feff}"),
        ("blank lines, then a mark", "\r\n\n\u{feff}"),
        ("a mark, blank lines, a mark", "\u{feff}\n\u{feff}\n"),
    ] {
        // A mark says UTF-8, whatever is declared.
        let found = reply(format!("{front}{message}").as_bytes());
        assert_eq!(found, Ok((Reply::Value, vec![text("é")])), "{what}");
        let broken = format!("{front}{}", body("<int>x</int>"));
        let at = broken.find("</int>").unwrap();
        let error = reply(broken.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("\"x\" is no integer at byte {at}"), "{what}");
    }
    for (what, junk, beginning) in [
        ("a warning", "<br />\n<b>Warning</b>: x", "<br />\\n<b>Warning</b>: x<?xml"),
        ("a mark and a notice", "\u{feff}Notice: y\n", "\\u{feff}Notice: y\\n<?xml"),
        ("a mark after junk", "ok\u{feff}", "ok\\u{feff}<?xml"),
    ] {
        let error = reply(format!("{junk}{message}").as_bytes()).unwrap_err();
        let expected = format!("not an XML-RPC methodResponse, it begins with \"{beginning}");
        assert!(error.to_string().starts_with(&expected), "{what}: {error}");
    }
    assert!(reply("\u{feff}".as_bytes()).is_err(), "nothing but a mark");
}

/// Codes and members as servers make them up; the text that people read is built from both.
#[test]
fn faults_as_servers_make_them_up() {
    let fault = |members: &str| {
        let members = format!("<struct>{members}</struct>");
        let body =
            format!("<methodResponse><fault><value>{members}</value></fault></methodResponse>");
        match reply(body.as_bytes()) {
            Ok((Reply::Fault { code, message }, document)) if document.is_empty() => {
                (code, message)
            }
            other => panic!("{other:?}"),
        }
    };
    let member = |name: &str, value: &str| {
        format!("<member><name>{name}</name><value>{value}</value></member>")
    };
    let apache = member("faultCause", "<ex:nil/>")
        + &member("faultCode", "<ex:i2>7</ex:i2>")
        + &member("faultString", "<string>Failed</string>");
    assert_eq!(fault(&apache), (7, "Failed".into()), "Apache adds a cause");
    let odoo = member("faultCode", "2") + &member("faultString", "Access &lt;Denied&gt;\n");
    assert_eq!(fault(&odoo), (2, "Access <Denied>\n".into()), "an untyped code");
    let dotted =
        member("faultCode", "<string>Server.userException</string>") + &member("faultString", "x");
    assert_eq!(fault(&dotted), (0, "[Server.userException] x".into()), "a code of SOAP");
    let long = member("faultCode", &"z".repeat(1 << 20)) + &member("faultString", "x");
    let (code, message) = fault(&long);
    assert!(code == 0 && message.len() <= MAX_FAULT_MESSAGE, "a code of a megabyte is cut");
}

/// Values beyond the specification are written only where that is allowed.
#[test]
fn extensions_are_written_where_they_are_allowed() {
    let write = |node: Node<'_>, extensions: Extensions| {
        let mut out = Vec::new();
        let mut encoder = Encoder::reply(&mut out, Limits::default()).with_extensions(extensions);
        encoder.node(node).and_then(|()| encoder.finish())?;
        let whole = String::from_utf8(out).unwrap();
        let from = whole.find("<value>").unwrap() + "<value>".len();
        Ok::<_, EncodeError>(whole[from..whole.find("</value>").unwrap()].to_owned())
    };
    let all = Extensions::default();
    let none = Extensions { nil: false, i8: false };
    let rows: Vec<(&str, Node<'_>, Extensions, Result<&str, EncodeError>)> = vec![
        ("nil, allowed", Node::Nil, all, Ok("<nil/>")),
        ("nil, not allowed", Node::Nil, none, Err(EncodeError::NoNil)),
        ("nil alone is allowed", Node::Nil, Extensions { nil: true, ..none }, Ok("<nil/>")),
        ("a long, allowed", Node::Long(1 << 31), all, Ok("<i8>2147483648</i8>")),
        ("a small long, allowed", Node::Long(-1), all, Ok("<i8>-1</i8>")),
        ("the largest int", Node::Long(0x7fff_ffff), none, Ok("<int>2147483647</int>")),
        ("one more", Node::Long(1 << 31), none, Err(EncodeError::NoI8(1 << 31))),
        ("the smallest int", Node::Long(-(1 << 31)), none, Ok("<int>-2147483648</int>")),
        ("one less", Node::Long(-(1 << 31) - 1), none, Err(EncodeError::NoI8(-(1 << 31) - 1))),
        ("an int is none", Node::Int(-1), none, Ok("<int>-1</int>")),
    ];
    for (what, node, extensions, expected) in rows {
        assert_eq!(write(node, extensions), expected.map(str::to_owned), "{what}");
    }
    assert_eq!(
        EncodeError::NoI8(1 << 31).to_string(),
        "integer 2147483648 does not fit the 32 bits of an int, and i8 is not allowed here: send a \
         string or a double"
    );
    assert_eq!(
        EncodeError::NoNil.to_string(),
        "nil is not allowed here: leave the value out or send an empty string"
    );
}

/// Doubles at the ends of their range have hundreds of digits, no exponent, and read back the same.
#[test]
fn doubles_without_an_exponent() {
    for double in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e23, 0.1 + 0.2, -0.0] {
        let mut out = Vec::new();
        let mut encoder = Encoder::reply(&mut out, Limits::default());
        encoder.node(Node::Double(double)).and_then(|()| encoder.finish()).unwrap();
        let written = String::from_utf8(out.clone()).unwrap();
        let digits = written.split(['<', '>']).find(|part| part.parse::<f64>().is_ok()).unwrap();
        assert!(digits.bytes().all(|byte| b"-.0123456789".contains(&byte)), "{digits}");
        assert_eq!(reply(&out).unwrap().1, [Double(double)]);
    }
}

/// Each of these would take minutes or gigabytes if anything were done more than once for each byte.
#[test]
#[rustfmt::skip] // a row a line
fn floods_cost_what_they_weigh() {
    const MANY: usize = 200_000;
    let nest = |open: &str, close: &str| body(&(open.repeat(100) + "<int>1</int>" + &close.repeat(100)));
    let rows: Vec<(&str, String, Option<usize>)> = vec![
        ("attributes", body(&format!("<int{}>1</int>", " a='b'".repeat(MANY))), Some(1)),
        ("attributes without an end", body(&format!("<int{}", " a='b'".repeat(MANY))), None),
        ("a long attribute", body(&format!("<int a='{}'>1</int>", ">".repeat(MANY))), Some(1)),
        ("quotes", body(&format!("<int {}>1</int>", "''".repeat(MANY))), Some(1)),
        ("prefixes", body(&format!("<{}int>1</{}int>", "x:".repeat(MANY), "x:".repeat(MANY))), Some(1)),
        ("a long name", body(&format!("<{}>", "x".repeat(MANY))), None),
        ("comments in text", body(&"a<!---->".repeat(MANY)), Some(1)),
        ("half a comment", body(&format!("<!--{}", "->".repeat(MANY))), None),
        ("CDATA", body(&"<![CDATA[]]>".repeat(MANY)), Some(1)),
        ("instructions", body(&"<?a ??>".repeat(MANY)), Some(1)),
        ("references", body(&"&lt;&#65;".repeat(MANY)), Some(1)),
        ("a reference without an end", body(&format!("&{}", "a".repeat(MANY))), None),
        ("a long reference", body(&format!("&#{}65;", "0".repeat(MANY))), Some(1)),
        ("line ends", body(&"\r\n\r".repeat(MANY)), Some(1)),
        ("digits", body(&format!("<int>{}</int>", "9".repeat(MANY))), None),
        ("leading zeros", body(&format!("<int>{}1</int>", "0".repeat(MANY))), Some(1)),
        ("a large integer", body(&format!("<biginteger>{}</biginteger>", "9".repeat(MANY))), Some(1)),
        ("a precise double", body(&format!("<double>0.{}1</double>", "0".repeat(MANY))), Some(1)),
        ("base64 of megabytes, in lines", body(&format!("<base64>{}</base64>", "QUJDQUJD\r\n".repeat(MANY))), Some(1)),
        ("base64 in pieces", body(&format!("<base64>{}</base64>", "<![CDATA[QUJD]]>".repeat(MANY))), Some(1)),
        ("values", body(&format!("<array>{}</array>", "<value/>".repeat(MANY))), Some(MANY + 1)),
        ("members of the same name", body(&format!("<struct>{}</struct>", "<member><name>a</name><value/></member>".repeat(MANY))), Some(2 * MANY + 1)),
        ("blanks", body(&format!("<array>{}</array>", "\n".repeat(MANY))), Some(1)),
        ("values before their names", nest("<struct><member><value>", "</value><name>a</name></member></struct>"), Some(201)),
        ("elements that nobody knows, inside one another", body(&"<a>".repeat(MANY)), None),
        ("arrays inside one another", body(&"<array><data><value>".repeat(MANY)), None),
        ("ends of nothing", body(&"</a>".repeat(MANY)), None),
        ("an entity bomb", format!("<!DOCTYPE a [{}]>{}", "<!ENTITY a '&b;&b;'>".repeat(MANY), body("&a;")), None),
        ("an endless body", body(&"x".repeat(MANY)) + &"y".repeat(MANY), None),
        ("a fault's members", format!("<methodResponse><fault><value><struct>{}</struct></value></fault></methodResponse>", "<member><name>faultCode</name><value>1</value></member>".repeat(MANY)), Some(0)),
    ];
    for (what, body, expected) in rows {
        match (reply(body.as_bytes()), expected) {
            (Ok((_, document)), Some(nodes)) => assert_eq!(document.len(), nodes, "{what}"),
            (Err(error), None) => assert!(error.to_string().len() < 600, "{what}: {error}"),
            (found, _) => panic!("{what}: {:?}", found.map(|(reply, _)| reply)),
        }
    }
}
