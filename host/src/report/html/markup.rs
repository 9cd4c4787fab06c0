//! Markup that nothing from elsewhere can break out of: text and the values of attributes are escaped where
//! they come in, and there is no other way in.
use std::fmt::Display;

/// Elements that are written without an end where nothing is in them.
const EMPTY: [&str; 5] = ["br", "circle", "line", "path", "rect"];

/// A piece of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Markup(String);

impl Markup {
    /// Text.
    pub(super) fn text(text: &str) -> Self {
        Self(escape(text))
    }

    /// What belongs to the program: never anything that was read or received.
    pub(super) fn own(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Data for a script, as JSON in which nothing looks like markup.
    pub(super) fn json(data: &serde_json::Value) -> Self {
        let json = data.to_string();
        let escaped = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")];
        Self(escaped.iter().fold(json, |json, (c, code)| json.replace(*c, code)))
    }

    /// Adds another piece.
    pub(super) fn add(&mut self, more: impl Into<Markup>) {
        self.0.push_str(&more.into().0);
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of it, to be written.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Markup>> FromIterator<T> for Markup {
    fn from_iter<I: IntoIterator<Item = T>>(pieces: I) -> Self {
        let mut all = Self::default();
        pieces.into_iter().for_each(|piece| all.add(piece));
        all
    }
}

/// An element under construction.
#[derive(Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    inside: Markup,
}

/// An element with this name.
pub(super) fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inside: Markup::default() }
}

impl Element {
    /// With this attribute.
    pub(super) fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes += &format!(" {name}=\"{}\"", escape(&value.to_string()));
        self
    }

    /// Of this class, or these; of none where it is empty.
    pub(super) fn class(self, class: &str) -> Self {
        if class.is_empty() { self } else { self.attr("class", class) }
    }

    /// With this text in it.
    pub(super) fn text(self, text: impl AsRef<str>) -> Self {
        self.with(Markup::text(text.as_ref()))
    }

    /// With this in it.
    pub(super) fn with(mut self, inside: impl Into<Markup>) -> Self {
        self.inside.add(inside);
        self
    }
}

impl From<Element> for Markup {
    fn from(Element { name, attributes, inside: Markup(inside) }: Element) -> Self {
        if inside.is_empty() && EMPTY.contains(&name) {
            return Self(format!("<{name}{attributes}/>"));
        }
        Self(format!("<{name}{attributes}>{inside}</{name}>"))
    }
}

/// Text with everything escaped that could end it, in an element or in an attribute of either kind of quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No document may hold them. Others that could do harm are escaped where text is bounded.
            '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push(char::REPLACEMENT_CHARACTER)
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn markup(element: Element) -> String {
        Markup::from(element).0
    }

    #[test]
    fn text_stays_text() {
        let rows = [
            ("", ""),
            ("a b\n\té購", "a b\n\té購"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            // What is escaped already is text like any other.
            ("&amp;&#60;", "&amp;amp;&amp;#60;"),
            ("--><!--]]>", "--&gt;&lt;!--]]&gt;"),
            (
                "a\0\u{8}\u{1b}[2J\r\u{7f}\u{9f}\u{ffff}b",
                "a\u{fffd}\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}\u{fffd}b",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(escape(text), expected);
            assert_eq!(markup(element("b").text(text)), format!("<b>{expected}</b>"));
        }
    }

    #[test]
    fn attributes_stay_attributes() {
        let rows = [
            ("\" onload=\"alert(1)", "&quot; onload=&quot;alert(1)"),
            ("' onload='alert(1)", "&#39; onload=&#39;alert(1)"),
            ("\"><script>", "&quot;&gt;&lt;script&gt;"),
            ("a b=c", "a b=c"),
        ];
        for (value, expected) in rows {
            let link = element("p").attr("title", value);
            assert_eq!(markup(link), format!("<p title=\"{expected}\"></p>"));
        }
    }

    #[test]
    fn elements_have_an_end() {
        let inner: Markup = [element("br"), element("i").class("")].into_iter().collect();
        let outer = element("div").class("a b").with(inner).with(Markup::own("<hr/>")).text("<");
        assert_eq!(markup(outer), "<div class=\"a b\"><br/><i></i><hr/>&lt;</div>");
        assert_eq!(markup(element("path").attr("d", "M0 0h1")), "<path d=\"M0 0h1\"/>");
    }

    #[test]
    fn no_data_ends_its_script() {
        let data = json!({"</script>": "<!--<script>&\u{2028}"});
        let Markup(text) = Markup::json(&data);
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), data);
    }
}
