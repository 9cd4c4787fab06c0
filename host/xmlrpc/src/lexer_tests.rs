//! The lexer: every rule a row, and `quick_xml` as the oracle.
#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event as Theirs};

use crate::lexer::{Event, LexError, Lexer, resolve};

/// All events of a text. An element that is still open at its end is an error, as it is to the decoder.
fn events(text: &str, blank: bool) -> Result<Vec<Event<'_>>, (LexError, usize)> {
    let mut lexer = Lexer::new(text);
    let (mut events, mut open) = (Vec::new(), 0);
    loop {
        match lexer.next(blank).map_err(|error| (error, lexer.at()))? {
            Event::Eof if open == 0 => return Ok(events),
            Event::Eof => return Err((LexError::Truncated, lexer.at())),
            event => {
                open += i32::from(matches!(event, Event::Start(_)));
                open -= i32::from(event == Event::End);
                events.push(event);
            }
        }
    }
}

#[test]
#[rustfmt::skip] // a row a line
fn texts() {
    use Event::{Empty, End, Reference, Start, Text};
    let rows: &[(&str, &str, &[Event<'_>])] = &[
        ("nothing", "", &[]),
        ("an element", "<a></a>", &[Start("a"), End]),
        ("an empty one", "<a/>", &[Empty("a")]),
        ("elements in elements", "<a><b/><a></a></a>", &[Start("a"), Empty("b"), Start("a"), End, End]),
        ("prefixes stay", "<x:a></x:a>", &[Start("x:a"), End]),
        ("any letters", "<é-1._/>", &[Empty("é-1._")]),
        ("white space in tags", "<a \r\n\t></a \r\n\t><b />", &[Start("a"), End, Empty("b")]),
        ("attributes", "<a b='>' c = \"/>'\"d=''></a>", &[Start("a"), End]),
        ("attributes in an empty one", "<a b='/'/>", &[Empty("a")]),
        ("a slash between attributes", "<a b=/ c></a>", &[Start("a"), End]),
        ("text", "a > ]]> \" '", &[Text("a > ]]> \" '")]),
        ("text in elements", "\n<a> b </a>\r\n", &[Text("\n"), Start("a"), Text(" b "), End, Text("\r\n")]),
        ("references", "a&lt;&#x41;&;", &[Text("a"), Reference("lt"), Reference("#x41"), Reference("")]),
        ("CDATA", "<![CDATA[]]><![CDATA[<a>&b;]]]>]>", &[Text(""), Text("<a>&b;]"), Text("]>")]),
        ("comments", "<!----><!-- <a> -- & > --->b", &[Text("b")]),
        ("instructions", "<?xml version='1.0'?><?a?><?b > ? ?><??><? c?>", &[]),
    ];
    for (what, text, expected) in rows {
        assert_eq!(events(text, true).as_deref(), Ok(*expected), "{what}");
    }
}

#[test]
fn white_space_is_skipped_where_it_means_nothing() {
    use Event::{End, Reference, Start, Text};
    let text = " \r\n\t<a> <!-- c --> b <![CDATA[ ]]> &lt; </a>\n";
    let expected =
        [Start("a"), Text("b "), Text(" "), Reference("lt"), End].map(Ok::<_, LexError>).to_vec();
    let mut lexer = Lexer::new(text);
    let found: Vec<_> = std::iter::repeat_with(|| lexer.next(false)).take(expected.len()).collect();
    assert_eq!(found, expected);
    assert_eq!(lexer.at(), text.len() - "</a>\n".len(), "the place of the last event");
    assert_eq!((lexer.next(false), lexer.at()), (Ok(Event::Eof), text.len()));
    assert_eq!(lexer.next(false), Ok(Event::Eof), "for ever");
}

#[test]
#[rustfmt::skip] // a row a line
fn errors() {
    let malformed = |what: &str| LexError::Malformed(what.into());
    let rows: Vec<(&str, &str, LexError, usize)> = vec![
        ("an element without an end", "<a>", LexError::Truncated, 3),
        ("half a start", "x<a", LexError::Truncated, 1),
        ("nothing after <", "<", LexError::Truncated, 0),
        ("half an empty one", "<a/", LexError::Truncated, 0),
        ("half an end", "<a></a", LexError::Truncated, 3),
        ("a quote without an end", "<a b='>", LexError::Truncated, 0),
        ("half an attribute", "<a b", LexError::Truncated, 0),
        ("half a comment", "<!-- -- >", LexError::Truncated, 0),
        ("a comment's start is not its end", "<!--->", LexError::Truncated, 0),
        ("half a declaration of any kind", "<!", LexError::Truncated, 0),
        ("half CDATA", "<![CDATA[ ]>", LexError::Truncated, 0),
        ("half of what begins CDATA", "<![CD", LexError::Truncated, 0),
        ("half an instruction", "<?a >", LexError::Truncated, 0),
        ("half of what begins one", "<?", LexError::Truncated, 0),
        ("half a reference", "&lt", LexError::Truncated, 0),
        ("half a document type", "<!DOCTYPE a", LexError::Truncated, 0),
        ("a document type", "<a><!DOCTYPE b []>", LexError::Doctype, 3),
        ("in small letters", "<!doctype html>", LexError::Doctype, 0),
        ("another declaration", "<!ENTITY a>", malformed("unexpected \"<!\""), 0),
        ("CDATA in small letters", "<![cdata[]]>", malformed("unexpected \"<!\""), 0),
        ("an empty instruction", "<?>?>", malformed("unexpected \"<?\""), 0),
        ("another end", "<a></b\t>", malformed("</b> where </a> is due"), 3),
        ("more than is due", "<a></ab>", malformed("</ab> where </a> is due"), 3),
        ("less than is due", "<ab></a>", malformed("</a> where </ab> is due"), 4),
        ("another prefix", "<x:a></a>", malformed("</a> where </x:a> is due"), 5),
        ("white space before a name", "<a></ a>", malformed("</ a> where </a> is due"), 3),
        ("an end of nothing", "<a/></a>", malformed("</a> without a start"), 4),
        ("no name", "<>", malformed("\"<>\" is no tag"), 0),
        ("no name but white space", "1 < 2", malformed("\"< 2\" is no tag"), 2),
        ("a slash in a name", "<a/b>", malformed("\"<a/b>\" is no tag"), 0),
        ("a quote in a name", "<a'b'>", malformed("\"<a\\'b\\'>\" is no tag"), 0),
        ("a tag in a tag", "<a <b>", malformed("\"<a <b>\" is no tag"), 0),
        ("a tag in an attribute", "<a b='<c>'>", malformed("\"<a b=\\'<c>\\'>\" is no tag"), 0),
        ("a bare ampersand", "a & b &lt;", malformed("\"&\" without \";\""), 2),
        ("a bare ampersand before a tag", "&<a/>;", malformed("\"&\" without \";\""), 0),
    ];
    for (what, text, error, at) in rows {
        assert_eq!(events(text, true), Err((error, at)), "{what}");
    }
}

/// All that `quick_xml` says of a text, in our words, and of each text whether white space in front of it
/// belongs to it, as it does in CDATA.
fn theirs(text: &str) -> Option<Vec<(TheirEvent, bool)>> {
    let mut reader = Reader::from_str(text);
    let (mut events, mut open) = (Vec::new(), 0);
    loop {
        let (event, kept) = match reader.read_event().ok()? {
            Theirs::Start(element) => {
                open += 1;
                (TheirEvent::Start(element.name().as_ref().to_owned()), true)
            }
            Theirs::Empty(element) => (TheirEvent::Empty(element.name().as_ref().to_owned()), true),
            Theirs::End(_) => {
                open -= 1;
                (TheirEvent::End, true)
            }
            Theirs::Text(text) => (TheirEvent::Text(text.to_string()), false),
            Theirs::CData(text) => (TheirEvent::Text(text.to_string()), true),
            Theirs::GeneralRef(name) => {
                (TheirEvent::Reference(name.to_string(), resolved(&name)), true)
            }
            Theirs::Comment(_) | Theirs::PI(_) | Theirs::Decl(_) => continue,
            Theirs::DocType(_) => return None,
            Theirs::Eof => return (open == 0).then_some(events),
        };
        events.push((event, kept));
    }
}

/// What `quick_xml` resolves a reference to.
fn resolved(name: &BytesRef<'_>) -> Option<char> {
    let entity = quick_xml::escape::resolve_predefined_entity(name);
    entity.and_then(|text| text.chars().next()).or(name.resolve_char_ref().ok().flatten())
}

/// An [`Event`] that owns what it says.
#[derive(Debug, Clone, PartialEq)]
enum TheirEvent {
    Start(String),
    Empty(String),
    End,
    Text(String),
    Reference(String, Option<char>),
}

impl From<Event<'_>> for TheirEvent {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Start(name) => Self::Start(name.into()),
            Event::Empty(name) => Self::Empty(name.into()),
            Event::End => Self::End,
            Event::Text(text) => Self::Text(text.into()),
            Event::Reference(name) => Self::Reference(name.into(), resolve(name)),
            Event::Eof => panic!("not part of the events"),
        }
    }
}

/// Compares both readings of a text. A refusal of ours where `quick_xml` sees none must be one of the
/// rules that are stricter on purpose.
pub(crate) fn compare(text: &str) -> Result<(), TestCaseError> {
    let theirs = theirs(text);
    let own = |blank| {
        events(text, blank).map(|events| events.into_iter().map(TheirEvent::from).collect())
    };
    let (kept, skipped): (Result<Vec<_>, _>, Result<Vec<_>, _>) = (own(true), own(false));
    prop_assert_eq!(kept.as_ref().err(), skipped.as_ref().err(), "white space changes no error");
    match (kept, theirs) {
        (Ok(kept), theirs) => {
            prop_assert!(theirs.is_some(), "only quick_xml refuses {}", text);
            let theirs = theirs.unwrap_or_default();
            let all: Vec<_> = theirs.iter().map(|(event, _)| event.clone()).collect();
            prop_assert_eq!(kept, all, "{}", text);
            let trimmed = theirs.into_iter().filter_map(|(event, kept)| match event {
                TheirEvent::Text(text) if !kept => {
                    let text = text.trim_start_matches([' ', '\n', '\r', '\t']);
                    (!text.is_empty()).then(|| TheirEvent::Text(text.into()))
                }
                event => Some(event),
            });
            prop_assert_eq!(skipped.unwrap(), trimmed.collect::<Vec<_>>(), "{}", text);
        }
        (Err((LexError::Malformed(what), _)), Some(_)) => {
            prop_assert!(what.ends_with(" is no tag"), "only we refuse {}: {}", text, what);
        }
        (Err(error), Some(_)) => prop_assert!(false, "only we refuse {}: {:?}", text, error),
        (Err(_), None) => {}
    }
    Ok(())
}

/// An element or whatever may stand in one, well-formed. No byte order mark: where a mutation brings it
/// to the front `quick_xml` drops it, as our decoder does before there is a lexer.
fn content() -> impl Strategy<Value = String> {
    let white = || "[ \r\n\t]{0,2}";
    let name = || "([a-z]{1,2}:)?[a-cA-Zé_][a-z0-9.é_-]{0,12}";
    let attribute = (name(), white(), white(), "'[^'<&\u{feff}]{0,6}'|\"[^\"<&\u{feff}]{0,6}\"")
        .prop_map(|(name, a, b, value)| format!(" {name}{a}={b}{value}"));
    let inside = (prop::collection::vec(attribute, 0..3), white())
        .prop_map(|(attributes, white)| attributes.concat() + &white);
    let references = [
        "lt",
        "gt",
        "amp",
        "quot",
        "apos",
        "#65",
        "#x1F997",
        "#xd800",
        "#0",
        "nbsp",
        "#",
        "#x",
        "#+1",
        "#x-1",
        "#X41",
        "#99999999999",
        "",
        "é",
    ];
    let leaf = prop_oneof![
        4 => "[ a-z>'\"=/é\\]?!\r\n\t-]{1,12}",
        2 => white().prop_map(String::from),
        1 => prop::sample::select(references.to_vec()).prop_map(|name| format!("&{name};")),
        1 => "[ a-z<>&'\"é!?]{0,10}".prop_map(|text| format!("<!--{text}-->")),
        1 => "[ a-z<>&'\"é\\]-]{0,10}".prop_filter("CDATA's end", |text| !text.contains("]]>")).prop_map(|text| format!("<![CDATA[{text}]]>")),
        1 => (name(), "[ \n][ a-z<>&'\"é!-]{0,10}").prop_map(|(name, text)| format!("<?{name}{text}?>")),
        1 => (name(), inside.clone()).prop_map(|(name, inside)| format!("<{name}{inside}/>")),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        (name(), inside.clone(), prop::collection::vec(inner, 0..6), white()).prop_map(
            |(name, inside, content, white)| {
                format!("<{name}{inside}>{}</{name}{white}>", content.concat())
            },
        )
    })
}

fn document() -> impl Strategy<Value = String> {
    let declaration = prop::sample::select(&["", "<?xml version=\"1.0\"?>\n", "\r\n<?xml?>"][..]);
    (declaration, prop::collection::vec(content(), 1..6))
        .prop_map(|(declaration, content)| declaration.to_owned() + &content.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Both read a well-formed document, and read the same.
    #[test]
    fn quick_xml_agrees(text in document()) {
        prop_assert!(events(&text, true).is_ok(), "{}", text);
        compare(&text)?;
    }

    /// Of one that was changed we refuse whatever `quick_xml` refuses, and read the rest as it does.
    #[test]
    fn quick_xml_agrees_about_mutations(
        text in document(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6), 1..5),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let marks: Vec<char> = "<>&;/!?-[]'\"=: \n#xDa1é".chars().collect();
        for (index, mark, how) in changes {
            if characters.is_empty() {
                break;
            }
            let at = index.index(characters.len());
            let mark = marks[mark.index(marks.len())];
            match how {
                0 => characters[at] = mark,
                1 => characters.insert(at, mark),
                2 => drop(characters.remove(at)),
                3 => characters.truncate(at),
                4 => drop(characters.drain(..at)),
                _ => characters.extend_from_within(at..),
            }
        }
        compare(&String::from_iter(characters))?;
    }

    /// Pieces of markup in any order: the same.
    #[test]
    fn quick_xml_agrees_about_pieces(pieces in prop::collection::vec(prop::sample::select(&[
        "<a>", "</a>", "<a", "</", "<b:a/>", "<!--", "-->", "<![CDATA[", "]]>", "<!", "<?", "?>", "<?xml", "<!DOCTYPE",
        "&", "&lt;", "#", ";", "<", ">", "/", "'", "\"", "=", " ", "\r", "a", "-", "]", "é", "\0",
    ][..]), 0..12)) {
        compare(&pieces.concat())?;
    }
}
