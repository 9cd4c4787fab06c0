//! The fuzz target of the lexer: any text, and `quick_xml` as the oracle. `katydid_fuzz` says how it
//! runs.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::lexer::{Event, Lexer};
use crate::lexer_tests::compare;
use katydid_fuzz::{Target, Way, fuzz};

const TOKENS: &[&str] = &[
    "<a>",
    "</a>",
    "<a",
    "</",
    "<b:a/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!",
    "<?",
    "?>",
    "<?xml",
    "<!DOCTYPE",
    "&",
    "&lt;",
    "&apos;",
    "&quot;",
    "&gt;",
    "&amp;",
    "&#65;",
    "&#x",
    "#",
    ";",
    "<",
    ">",
    "/",
    "/>",
    "'",
    "\"",
    "=",
    " b='c'",
    " ",
    "\r",
    "\n",
    "-",
    "]",
    "é",
    "🦗",
    "\0",
    "\u{feff}",
];

#[test]
fn quick_xml_agrees_about_whatever_is_made_up() {
    fuzz(Target { name: "lexer", tokens: TOKENS, cases: 20_000 }, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        // `quick_xml` drops a mark in front, as our decoder does before there is a lexer.
        let text = text.trim_start_matches('\u{feff}');
        compare(text).unwrap();
        let mut lexer = Lexer::new(text);
        let (mut way, mut at) = (Vec::new(), 0);
        loop {
            let event = lexer.next(true);
            assert!(lexer.at() >= at && text.is_char_boundary(lexer.at()), "it goes on");
            at = lexer.at();
            match event {
                Ok(Event::Eof) => return Way::of(way),
                Ok(event) if way.len() < 6 => way.push(std::mem::discriminant(&event)),
                Ok(_) => {}
                Err(error) => return Way::of_words(&format!("{error:?}")),
            }
        }
    });
}
