//! What is read: every rule of lenient input, a row each.
#![allow(clippy::unwrap_used, clippy::panic)]

use katydid_xmlrpc::OwnedNode::{self, *};
use katydid_xmlrpc::{
    DecodeError, Limits, MAX_FAULT_MESSAGE, Reply, decode_call, decode_reply, end_of_value,
};

fn reply(body: &[u8], limits: Limits) -> Result<(Reply, Vec<OwnedNode>), DecodeError> {
    let mut document = Vec::new();
    let reply = decode_reply(body, limits, &mut document)?;
    Ok((reply, document))
}

fn value(xml: &str) -> Result<Vec<OwnedNode>, DecodeError> {
    let body = format!("<methodResponse><params><param>{xml}</param></params></methodResponse>");
    let (reply, document) = reply(body.as_bytes(), Limits::default())?;
    assert_eq!(reply, Reply::Value);
    assert_eq!(end_of_value(&document, 0), Some(document.len()), "exactly one value: {xml}");
    Ok(document)
}

/// A method and its parameters.
type Call = (String, Vec<OwnedNode>);

fn text(text: &str) -> OwnedNode {
    Text(text.into())
}

fn member(name: &str) -> OwnedNode {
    Member(name.into())
}

#[test]
#[rustfmt::skip] // a row a line
fn values() {
    let rows: Vec<(&str, &str, Vec<OwnedNode>)> = vec![
        ("int", "<int>1</int>", vec![Int(1)]),
        ("i4", "<i4>-1</i4>", vec![Int(-1)]),
        ("i1", "<i1>1</i1>", vec![Int(1)]),
        ("i2", "<i2>1</i2>", vec![Int(1)]),
        ("an i8 that fits 32 bits is an int", "<i8>1</i8>", vec![Int(1)]),
        ("an int that does not is a long", "<int>2147483648</int>", vec![Long(1 << 31)]),
        ("the smallest int", "<i4>-2147483648</i4>", vec![Int(i32::MIN)]),
        ("the smallest long", "<i8>-9223372036854775808</i8>", vec![Long(i64::MIN)]),
        ("the largest long", "<i8>9223372036854775807</i8>", vec![Long(i64::MAX)]),
        ("a plus, zeros and white space", "<int>\n +0007\t</int>", vec![Int(7)]),
        ("many zeros do not overflow", "<int>-000000000000000000000000000001</int>", vec![Int(-1)]),
        ("a small biginteger is an int", "<ex:biginteger>12</ex:biginteger>", vec![Int(12)]),
        ("a large one is its digits", "<biginteger> +0099999999999999999999</biginteger>", vec![text("99999999999999999999")]),
        ("a large negative one", "<biginteger>-9223372036854775809</biginteger>", vec![text("-9223372036854775809")]),
        ("boolean 0", "<boolean>0</boolean>", vec![Boolean(false)]),
        ("boolean 1", "<boolean> 1 </boolean>", vec![Boolean(true)]),
        ("boolean true", "<boolean>true</boolean>", vec![Boolean(true)]),
        ("boolean false", "<boolean>false</boolean>", vec![Boolean(false)]),
        ("double", "<double> -1.5 </double>", vec![Double(-1.5)]),
        ("double with a plus and an exponent", "<double>+1.5E3</double>", vec![Double(1500.0)]),
        ("double without a fraction", "<double>5.</double>", vec![Double(5.0)]),
        ("float", "<ex:float>0.5</ex:float>", vec![Double(0.5)]),
        ("bigdecimal", "<ex:bigdecimal>0.25</ex:bigdecimal>", vec![Double(0.25)]),
        ("infinity", "<double>INF</double>", vec![Double(f64::INFINITY)]),
        ("negative infinity", "<double>-INF</double>", vec![Double(f64::NEG_INFINITY)]),
        ("a double too large is infinite", "<double>1e999</double>", vec![Double(f64::INFINITY)]),
        ("a string keeps its white space", "<string> a\n</string>", vec![text(" a\n")]),
        ("an empty string", "<string></string>", vec![text("")]),
        ("an empty string in short", "<string/>", vec![text("")]),
        ("the five entities", "<string>&lt;&gt;&amp;&quot;&apos;</string>", vec![text("<>&\"'")]),
        ("character references", "<string>&#65;&#x42;&#x1F997;&#13;</string>", vec![text("AB🦗\r")]),
        ("pieces are joined", "<string>a&amp;b<!-- c --><![CDATA[<d&amp;>]]><?e f?>g</string>", vec![text("a&b<d&amp;>g")]),
        ("line ends become line feeds", "<string>a\r\nb\rc<![CDATA[\r\n\r]]></string>", vec![text("a\nb\nc\n\n")]),
        ("a referenced return does not merge", "<string>&#13;\n\r\n</string>", vec![text("\r\n\n")]),
        ("]]> in text", "<string>]]></string>", vec![text("]]>")]),
        ("control characters as they are", "<string>\u{1}&#2;</string>", vec![text("\u{1}\u{2}")]),
        ("a date", "<dateTime.iso8601> 19980717T14:08:55 </dateTime.iso8601>", vec![DateTime("19980717T14:08:55".into())]),
        ("a date of any form", "<dateTime.iso8601>1998-07-17T14:08:55.123+02:00</dateTime.iso8601>", vec![DateTime("1998-07-17T14:08:55.123+02:00".into())]),
        ("an empty date", "<dateTime.iso8601/>", vec![DateTime(String::new())]),
        ("Apache's date", "<ex:dateTime>x</ex:dateTime>", vec![DateTime("x".into())]),
        ("base64", "<base64>YWI=</base64>", vec![Binary(b"ab".to_vec())]),
        ("base64 with white space anywhere", "<base64>\n Y W\r\nI\t= </base64>", vec![Binary(b"ab".to_vec())]),
        ("base64 without padding", "<base64>YQ</base64>", vec![Binary(b"a".to_vec())]),
        ("base64 with superfluous bits", "<base64>YR==</base64>", vec![Binary(b"a".to_vec())]),
        ("empty base64", "<base64></base64>", vec![Binary(Vec::new())]),
        ("base64 as CDATA", "<base64><![CDATA[YWI=]]></base64>", vec![Binary(b"ab".to_vec())]),
        ("nil", "<nil/>", vec![Nil]),
        ("nil in long, with a blank", "<nil> </nil>", vec![Nil]),
        ("Apache's nil, attributes ignored", "<ex:nil xmlns:ex='http://ws.apache.org/xmlrpc/namespaces/extensions' a=\">\"/>", vec![Nil]),
        ("an empty array", "<array><data></data></array>", vec![Array(0)]),
        ("an empty array in short", "<array><data/></array>", vec![Array(0)]),
        ("an array without data", "<array><value>a</value><value/></array>", vec![Array(2), text("a"), text("")]),
        ("an empty array without data", "<array/>", vec![Array(0)]),
        ("arrays in arrays", "<array><data><value><array><data/></array></value> <value><int>1</int></value></data></array>", vec![Array(2), Array(0), Int(1)]),
        ("an empty struct", "<struct/>", vec![Members(0)]),
        ("a struct, formatted", "<struct>\n <member>\n <name>a</name>\n <value>\n<int>1</int></value>\n</member>\n</struct>\n", vec![Members(1), member("a"), Int(1)]),
        ("names keep white space, may be empty and repeat", "<struct><member><name> &amp; </name><value/></member><member><name/><value/></member><member><name/><value/></member></struct>", vec![Members(3), member(" & "), text(""), member(""), text(""), member(""), text("")]),
        ("a value before its name", "<struct><member><value><array><data><value>x</value></data></array></value><name>n&lt;</name></member></struct>", vec![Members(1), member("n<"), Array(1), text("x")]),
        ("values before names inside one another", "<struct><member><value><struct><member><value/><name>in</name></member></struct></value><name>out</name></member></struct>", vec![Members(1), member("out"), Members(1), member("in"), text("")]),
        ("white space as a reference between elements", "<struct>&#32;<!-- c --><![CDATA[]]></struct>", vec![Members(0)]),
    ];
    for (what, xml, expected) in rows {
        assert_eq!(
            value(&format!("<value>{xml}</value>")),
            Ok(expected.clone()),
            "{what}"
        );
        assert_eq!(
            value(&format!("<value>\n\t{xml}\r\n</value>")),
            Ok(expected),
            "{what}, with white space"
        );
    }
    assert!(
        matches!(value("<value><double>NaN</double></value>").unwrap()[..], [Double(nan)] if nan.is_nan())
    );
}

#[test]
#[rustfmt::skip] // a row a line
fn untyped_values() {
    let rows = [
        ("text", "<value>abc</value>", "abc"),
        ("white space is kept", "<value>\n a </value>", "\n a "),
        ("even when there is nothing else", "<value> \n</value>", " \n"),
        ("nothing", "<value></value>", ""),
        ("nothing in short", "<value />", ""),
        ("digits are text", "<value>42</value>", "42"),
        ("pieces are joined", "<value> <!-- c -->a&lt;<![CDATA[<b>]]></value>", " a<<b>"),
    ];
    for (what, xml, expected) in rows {
        assert_eq!(value(xml), Ok(vec![text(expected)]), "{what}");
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn bad_values() {
    let rows = [
        ("an int of nothing", "<value><int/></value>", "\"\" is no integer"),
        ("an int with only a sign", "<value><int>-</int></value>", "\"-\" is no integer"),
        ("an int with a fraction", "<value><int>1.0</int></value>", "\"1.0\" is no integer"),
        ("an int with two signs", "<value><int>+-1</int></value>", "\"+-1\" is no integer"),
        ("other scripts' digits", "<value><int>١</int></value>", "\"١\" is no integer"),
        ("an i8 beyond 64 bits", "<value><i8>9223372036854775808</i8></value>", "\"9223372036854775808\" is no integer"),
        ("a boolean of two", "<value><boolean>2</boolean></value>", "\"2\" is no boolean"),
        ("a double of nothing", "<value><double> </double></value>", "\" \" is no double"),
        ("a double with a comma", "<value><double>1,5</double></value>", "\"1,5\" is no double"),
        ("nil with a text", "<value><nil>x</nil></value>", "\"x\" is no nil"),
        ("base64 of something else", "<value><base64>Y*==</base64></value>", "\"Y*==\" is no base64"),
        ("base64 of one letter", "<value><base64>Y</base64></value>", "\"Y\" is no base64"),
        ("base64 with padding inside", "<value><base64>YQ==YQ==</base64></value>", "\"YQ==YQ==\" is no base64"),
        ("serialized Java is never read", "<value><ex:serializable>rO0</ex:serializable></value>", "unknown type <ex:serializable>"),
        ("a DOM", "<value><ex:dom><a/></ex:dom></value>", "unknown type <ex:dom>"),
        ("an unknown type", "<value><Int>1</Int></value>", "unknown type <Int>"),
        ("a value of two types", "<value><int>1</int><int>2</int></value>", "<int> beside the type of a value"),
        ("text before a type", "<value>a<int>1</int></value>", "text \"a\" beside the type of a value"),
        ("text after a type", "<value><int>1</int>b</value>", "unexpected text \"b\" in <value>"),
        ("an entity after a type", "<value><int>1</int>&lt;</value>", "unexpected text \"&lt;\" in <value>"),
        ("an element in a scalar", "<value><string><b>x</b></string></value>", "unexpected <b> in a scalar"),
        ("an element in a name", "<value><struct><member><name><b/></name></member></struct></value>", "unexpected <b> in <name>"),
        ("text in a struct", "<value><struct>x</struct></value>", "unexpected text \"x\" in <struct>"),
        ("a value in a struct", "<value><struct><value/></struct></value>", "unexpected <value> in <struct>"),
        ("a member without a name", "<value><struct><member><value/></member></struct></value>", "a member without a name"),
        ("a member without a value", "<value><struct><member><name>a</name></member></struct></value>", "a member without a value"),
        ("a member of two names", "<value><struct><member><name>a</name><name>b</name></member></struct></value>", "unexpected <name> in <member>"),
        ("a member of two values", "<value><struct><member><value/><value/></member></struct></value>", "unexpected <value> in <member>"),
        ("an array of two data", "<value><array><data/><data/></array></value>", "unexpected <data> in <array>"),
        ("values beside data", "<value><array><data/><value/></array></value>", "unexpected <value> in <array>"),
        ("data beside values", "<value><array><value/><data/></array></value>", "unexpected <data> in <array>"),
        ("data in data", "<value><array><data><data/></data></array></value>", "unexpected <data> in <data>"),
        ("an unknown entity", "<value>&nbsp;</value>", "unknown entity \"&nbsp;\""),
        ("a reference to NUL", "<value>&#0;</value>", "unknown entity \"&#0;\""),
        ("a reference to half a character", "<value>&#xD800;</value>", "unknown entity \"&#xD800;\""),
        ("a reference beyond Unicode", "<value>&#x110000;</value>", "unknown entity \"&#x110000;\""),
        ("a reference of nothing", "<value>&#;</value>", "unknown entity \"&#;\""),
        ("a bare ampersand", "<value>AT&T</value>", "\"&\" without \";\""),
        ("an end that does not fit", "<value><int>1</i4></value>", "</i4> where </int> is due"),
        ("no parameter value", "", "a parameter without a value"),
        ("two values in a parameter", "<value/><value/>", "unexpected <value> in <param>"),
        ("something else in a parameter", "<int>1</int>", "unexpected <int> in <param>"),
    ];
    for (what, xml, expected) in rows {
        let error = value(xml).unwrap_err();
        let DecodeError::Malformed {
            what: found,
            offset,
        } = &error
        else {
            panic!("{what}: {error}")
        };
        assert_eq!(found, expected, "{what}");
        assert!(
            (31..31 + xml.len() + 8).contains(offset),
            "{what}: {offset}"
        );
        assert_eq!(error.to_string(), format!("{expected} at byte {offset}"));
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn messages() {
    let body = "<methodResponse><params><param><value>é</value></param></params></methodResponse>";
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| {
        text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
    };
    let latin1 = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("no declaration", body.into()),
        ("a declaration", format!("<?xml version='1.0'?>{body}").into()),
        ("an encoding", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n{body}\r\n").into()),
        ("an encoding in small letters", format!("<?xml version=\"1.0\" encoding = 'utf8' ?>{body}").into()),
        ("a byte order mark", format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>{body}").into()),
        ("a byte order mark and blank lines", format!("\u{feff}\r\n\n{body}").into()),
        ("blank lines before the declaration", format!("\r\n\n<?xml version=\"1.0\"?>{body}").into()),
        ("comments and instructions around", format!("<!-- a --><?b c?>{body}<!-- d --><?e?>\n").into()),
        ("ISO-8859-1", latin1(&format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{body}" ))),
        ("UTF-16, little end first", utf16(&format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>{body}"), u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(&format!("\u{feff}{body}"), u16::to_be_bytes)),
        ("UTF-16 without a mark", utf16(body, u16::to_le_bytes)),
        ("UTF-16 without a mark, big end first", utf16(body, u16::to_be_bytes)),
        (".NET: UTF-8 that says UTF-16", format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{body}").into()),
        ("a huge attribute", body.replacen("<value>", &format!("<value a='{}'>", "x".repeat(1 << 20)), 1) .into()),
        ("a prefix and a default namespace", body.replace("methodResponse>", "x:methodResponse>").into()),
        ("blanks in tags", body.replace("<value>", "<value\n>") .replace("</value>", "</value >") .into()),
    ];
    for (what, bytes) in rows {
        assert_eq!(
            reply(&bytes, Limits::default()),
            Ok((Reply::Value, vec![text("é")])),
            "{what}"
        );
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn bad_messages() {
    let body = "<methodResponse><params><param><value/></param></params></methodResponse>";
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![], "the body is empty"),
        ("white space", b" \r\n".to_vec(), "the body is empty"),
        ("plain text", "Internal Server Error\n".into(), "not an XML-RPC methodResponse, it begins with \"Internal Server Error\\n\""),
        ("plain text of another encoding", b"\xa0\xff".to_vec(), "not an XML-RPC methodResponse, it begins with \"\u{fffd}\u{fffd}\""),
        ("JSON", "{\"a\":1}".into(), "not an XML-RPC methodResponse, it begins with \"{\\\"a\\\":1}\""),
        ("a page", "<html><body>502 Bad & <br></body></html>".into(), "not an XML-RPC methodResponse, it begins with \"<html><body>502 Bad & <br></body></html>\""),
        ("a page with a document type", "<!DOCTYPE html>\n<html>".into(), "document types are refused, the body begins with \"<!DOCTYPE html>\\n<html>\""),
        ("a bomb", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><methodResponse/>".into(), "document types are refused, the body begins with \"<?xml version=\\'1.0\\'?><!DOCTYPE a [<!ENTITY b \\'c\\'>]><methodResponse/>\""),
        ("half a document type", "<!DOCTYPE a [".into(), "not an XML-RPC methodResponse, it begins with \"<!DOCTYPE a [\""),
        ("a call instead of a reply", "<methodCall/>".into(), "not an XML-RPC methodResponse, it begins with \"<methodCall/>\""),
        ("only a comment", "<!-- a -->".into(), "not an XML-RPC methodResponse, it begins with \"<!-- a -->\""),
        ("an end", "</a>".into(), "not an XML-RPC methodResponse, it begins with \"</a>\""),
        ("a long page is cut", "<pp>".repeat(100).into(), "not an XML-RPC methodResponse, it begins with \"<pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp><pp>…\""),
        ("junk before", format!("Warning: {body}").into(), "not an XML-RPC methodResponse, it begins with \"Warning: <methodResponse><params><param><value/></param></params></methodRespons…\""),
        ("text after", format!("{body}\n x\u{1b}").into(), "junk after the message, \"x\\u{1b}\" at byte 75"),
        ("a second message", format!("{body}{body}").into(), "junk after the message, \"<methodResponse><params><param><value/></param></params></methodResponse>\" at byte 73"),
        ("an entity after", format!("{body}&amp;").into(), "junk after the message, \"&amp;\" at byte 73"),
        ("a broken tag after", format!("{body}<a").into(), "junk after the message, \"<a\" at byte 73"),
        ("NUL after", format!("{body}\0").into(), "junk after the message, \"\\0\" at byte 73"),
        ("a document type inside", body.replace("<value/>", "<!DOCTYPE a><value/>").into(), "document types are refused, the body begins with \"<methodResponse><params><param><!DOCTYPE a><value/></param></params></methodResp…\""),
        ("an unknown declaration inside", body.replace("<value/>", "<!ENTITY a 'b'><value/>").into(), "unexpected \"<!\" at byte 31"),
        ("no value", "<methodResponse><params/></methodResponse>".into(), "a reply without a value at byte 25"),
        ("nothing at all", "<methodResponse/>".into(), "a reply without a value at byte 0"),
        ("two parameters", body.replace("</params>", "<param><value/></param></params>") .into(), "unexpected <param> in <params> at byte 47"),
        ("parameters twice", body.replace("</params>", "</params><params/>").into(), "unexpected <params> in the message at byte 56"),
        ("a fault beside parameters", body.replace("</params>", "</params><fault/>").into(), "unexpected <fault> in the message at byte 56"),
        ("a method's name in a reply", "<methodResponse><methodName>a</methodName></methodResponse>".into(), "unexpected <methodName> in the message at byte 16"),
        ("invalid UTF-8", b"<methodResponse>\xc3\xa9\xe9</methodResponse>".to_vec(), "invalid UTF-8 (0xe9 after \"<methodResponse>\u{e9}\") at byte 18"),
        ("invalid UTF-8 after a mark", b"\xef\xbb\xbf<a>\xff".to_vec(), "invalid UTF-8 (0xff after \"<a>\") at byte 6"),
        ("half of UTF-16", b"\xff\xfe<\0a".to_vec(), "invalid UTF-16 (half of a character) at byte 4"),
        ("half a surrogate pair", b"\xfe\xff\0<\xd8\0\0a".to_vec(), "invalid UTF-16 (half of a surrogate pair) at byte 4"),
        ("an encoding that nobody converts", format!("<?xml version='1.0' encoding='KOI8-R'?>{body}").into(), "encoding \"KOI8-R\" is not supported (UTF-8, US-ASCII, ISO-8859-1 and UTF-16 are), declared at byte 0"),
    ];
    for (what, bytes, expected) in rows {
        let error = reply(&bytes, Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{what}");
    }
}

#[test]
fn truncated_messages() {
    let body = "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct><member><name>a&amp;é</name>\
                <value><![CDATA[x]]></value></member><!-- c --></struct></value></param></params></methodResponse>";
    assert!(reply(body.as_bytes(), Limits::default()).is_ok());
    for end in 0..body.len() {
        assert!(reply(&body.as_bytes()[..end], Limits::default()).is_err(), "cut at {end}");
    }
    for end in [40, 60, 62, 105, 120, body.len() - 1] {
        let error = reply(&body.as_bytes()[..end], Limits::default()).unwrap_err();
        assert_eq!(error, DecodeError::Truncated { offset: end });
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn faults() {
    let fault = |members: &str| {
        let body = format!(
            "<methodResponse><fault><value><struct>{members}</struct></value></fault></methodResponse>"
        );
        let (reply, document) = reply(body.as_bytes(), Limits::default())?;
        assert_eq!(document, [], "nothing is pushed");
        let Reply::Fault { code, message } = reply else {
            panic!("no fault")
        };
        Ok::<_, DecodeError>((code, message))
    };
    let code =
        |value: &str| format!("<member><name>faultCode</name><value>{value}</value></member>");
    let text =
        |value: &str| format!("<member><name>faultString</name><value>{value}</value></member>");
    let rows = [
        ("plain", code("<int>4</int>") + &text("<string>no</string>"), 4, "no"),
        ("the other way round, untyped", text("no") + &code("<i4>-4</i4>"), -4, "no"),
        ("a code as a string", code("<string> 4 </string>") + &text("no"), 4, "no"),
        ("a code as a double", code("<double>4.0</double>") + &text("no"), 4, "no"),
        ("a code as a word", code("Client") + &text("no"), 0, "[Client] no"),
        ("a code that does not fit", code("<i8>4294967296</i8>") + &text("no"), 0, "[4294967296] no"),
        ("no message", code("<int>4</int>"), 4, ""),
        ("a message of nil", code("<int>4</int>") + &text("<nil/>"), 4, ""),
        ("a message that is a number", code("<int>4</int>") + &text("<int>5</int>"), 4, "5"),
        ("the last one counts", code("1") + &code("2") + &text("a") + &text("b"), 2, "b"),
        ("other members are ignored, whatever they hold", "<member><value><array><data><value>x</value></data></array></value><name>trace</name></member>".to_owned() + &code("<int>4</int>") + "<member><name>more</name><value><struct><member><name>faultCode</name><value>9</value></member></struct></value></member>" + &text("no"), 4, "no"),
    ];
    for (what, members, code, message) in rows {
        assert_eq!(fault(&members), Ok((code, message.to_owned())), "{what}");
    }
    for (what, members) in [("an empty struct", String::new()), ("no code", text("no"))] {
        assert!(
            fault(&members)
                .unwrap_err()
                .to_string()
                .starts_with("a fault without a faultCode"),
            "{what}"
        );
    }
    for content in [
        "",
        "<value/>",
        "<value><int>1</int></value>",
        "<value><array><data/></array></value>",
    ] {
        let body = format!("<methodResponse><fault>{content}</fault></methodResponse>");
        assert!(
            reply(body.as_bytes(), Limits::default()).is_err(),
            "no struct: {content}"
        );
    }

    let longest = "ä".repeat(MAX_FAULT_MESSAGE / 2);
    assert_eq!(
        fault(&(code("1") + &text(&longest))),
        Ok((1, longest.clone())),
        "the longest message"
    );
    let (_, message) = fault(&(code("1") + &text(&(longest + "b")))).unwrap();
    assert!(
        message.ends_with("ä…") && message.len() <= MAX_FAULT_MESSAGE,
        "a longer one is cut"
    );
}

#[test]
#[rustfmt::skip] // a row a line
fn calls() {
    let call = |body: &str| {
        let mut document = Vec::new();
        let method = decode_call(body.as_bytes(), Limits::default(), &mut document)
            .map_err(|error| error.to_string())?;
        Ok::<_, String>((method, document))
    };
    let rows: Vec<(&str, &str, Result<Call, String>)> = vec![
        ("no params", "<methodCall><methodName>a</methodName></methodCall>", Ok(("a".into(), vec![]))),
        ("empty params", "<methodCall><methodName> a&lt;b\n</methodName><params/></methodCall>", Ok(("a<b".into(), vec![]))),
        ("two parameters", "<methodCall><methodName>a</methodName><params><param><value><int>1</int></value></param> <param><value>b</value></param></params></methodCall>", Ok(("a".into(), vec![Int(1), text("b")]))),
        ("the name last", "<methodCall><params/><methodName>a</methodName></methodCall>", Ok(("a".into(), vec![]))),
        ("an empty name", "<methodCall><methodName/></methodCall>", Ok((String::new(), vec![]))),
        ("no name", "<methodCall><params/></methodCall>", Err("a call without a methodName at byte 21".into())),
        ("two names", "<methodCall><methodName/><methodName/></methodCall>", Err("unexpected <methodName> in the message at byte 25".into())),
        ("a fault", "<methodCall><methodName/><fault/></methodCall>", Err("unexpected <fault> in the message at byte 25".into())),
        ("a reply", "<methodResponse/>", Err("not an XML-RPC methodCall, it begins with \"<methodResponse/>\"".into())),
    ];
    for (what, body, expected) in rows {
        assert_eq!(call(body), expected, "{what}");
    }
}

#[test]
fn the_sink_may_hold_something_already() {
    let mut document = vec![Array(7)];
    let body = "<methodCall><methodName>a</methodName><params><param><value><array><data><value/></data></array></value></param>\
                <param><value><struct><member><value/><name>n</name></member></struct></value></param></params></methodCall>";
    decode_call(body.as_bytes(), Limits::default(), &mut document).unwrap();
    assert_eq!(document, [Array(7), Array(1), text(""), Members(1), member("n"), text("")]);
}

#[test]
fn limits() {
    let nest = |depth: usize| {
        let (open, close) =
            ("<array><data><value>".repeat(depth), "</value></data></array>".repeat(depth));
        format!(
            "<methodResponse><params><param><value>{open}{close}</value></param></params></methodResponse>"
        )
    };
    let read =
        |body: &str, limits| reply(body.as_bytes(), limits).map(|(_, document)| document.len());
    let depth = |max_depth| Limits { max_depth, ..Limits::default() };
    let nodes = |max_nodes| Limits { max_nodes, ..Limits::default() };
    let bytes = |max_bytes| Limits { max_bytes, ..Limits::default() };
    let limit = |what, limit| Err(DecodeError::Limit { what, limit });

    assert_eq!(read(&nest(3), depth(3)), Ok(4), "as deep as allowed");
    assert_eq!(read(&nest(3), depth(2)), limit("levels", 2), "one level too deep");
    assert_eq!(read(&nest(128), Limits::default()), Ok(129), "the default");
    assert_eq!(read(&nest(129), Limits::default()), limit("levels", 128), "beyond the default");
    assert_eq!(
        read(&nest(100_000), depth(usize::MAX)),
        Ok(100_001),
        "no recursion: depth costs no stack"
    );
    assert_eq!(read(&nest(3), nodes(4)), Ok(4), "as many nodes as allowed");
    assert_eq!(read(&nest(3), nodes(3)), limit("nodes", 3), "one node too many");
    assert_eq!(read(&nest(3), bytes(nest(3).len())), Ok(4), "as long as allowed");
    assert_eq!(
        read(&nest(3), bytes(nest(3).len() - 1)),
        limit("bytes", nest(3).len() - 1),
        "one byte too long"
    );

    let siblings = "<methodResponse><params><param><value><array><data><value><array/></value><value><struct/></value></data></array>\
                    </value></param></params></methodResponse>";
    assert_eq!(read(siblings, depth(2)), Ok(3), "siblings are not deeper than one of them");
    let fault = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member></struct>\
                 </value></fault></methodResponse>";
    assert_eq!(read(fault, nodes(2)), limit("nodes", 2), "a fault has limits, too");
}

#[test]
#[rustfmt::skip] // a row a line
fn ends_of_values() {
    let rows: Vec<(&str, Vec<OwnedNode>, usize, Option<usize>)> = vec![
        ("a scalar", vec![Nil], 0, Some(1)),
        ("the second scalar", vec![Nil, Int(1)], 1, Some(2)),
        ("an empty container", vec![Array(0), Nil], 0, Some(1)),
        ("a tree", vec![Array(2), Members(1), member("a"), Array(0), Nil, Nil], 0, Some(5)),
        ("inside of a tree", vec![Array(2), Members(1), member("a"), Array(0), Nil, Nil], 1, Some(4)),
        ("past the end", vec![Nil], 1, None),
        ("far past the end", vec![Nil], usize::MAX, None),
        ("a name is no value", vec![member("a"), Nil], 0, None),
        ("a name in an array", vec![Array(1), member("a"), Nil], 0, None),
        ("a value instead of a name", vec![Members(1), Nil, Nil], 0, None),
        ("a name instead of a value", vec![Members(1), member("a"), member("b")], 0, None),
        ("a missing value", vec![Array(2), Nil], 0, None),
        ("an absurd count", vec![Array(u32::MAX), Members(u32::MAX)], 0, None),
    ];
    for (what, document, at, expected) in rows {
        assert_eq!(end_of_value(&document, at), expected, "{what}");
    }
    let mut deep = vec![Array(1); 100_000];
    deep.push(Nil);
    assert_eq!(
        end_of_value(&deep, 0),
        Some(100_001),
        "depth costs no stack"
    );
}
