//! XML to events: a pull lexer for messages that are text already.
//!
//! The innermost loop of a load test, hence our own: it looks at each byte about once, borrows
//! whatever it tells, and allocates nothing but the stack of the elements that are open. There is no
//! recursion, and each step takes time in proportion to what it consumes.
//!
//! Strict where a message could mean two things: elements nest and their names match, a tag has a
//! name, attribute values are quoted and closed and hold no `<`, nothing begins without an end, and
//! document types are refused. Lenient where it means one thing only: attributes are skipped and not
//! told, `--` may stand in a comment, `]]>` in text, control characters and an XML declaration
//! anywhere. How many roots there are, and what may stand around them, is the caller's business.

use memchr::{memchr, memchr2, memchr3};

use crate::error::quote;

/// A piece of the text. Comments and processing instructions, the XML declaration included, are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// An element begins. Its name, with the prefix.
    Start(&'a str),
    /// An element begins and ends at once. Its name, with the prefix.
    Empty(&'a str),
    /// The innermost element ends.
    End,
    /// Characters as they stand there, raw or in CDATA. The line ends are what they were.
    Text(&'a str),
    /// A reference, without `&` and `;`. See [`resolve`].
    Reference(&'a str),
    /// The end of the text, whatever is still open.
    Eof,
}

/// Why there is no next event. Nothing can be read after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LexError {
    /// The text ends in the middle of something.
    Truncated,
    /// A document type. It could define entities.
    Doctype,
    /// Whatever else is wrong, for people.
    Malformed(String),
}

/// Reads a text event by event.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    /// Where the current event starts, and where the next one.
    from: usize,
    next: usize,
    /// The names of the elements that are open, the outermost first. As many as the caller lets begin.
    open: Vec<&'a str>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, from: 0, next: 0, open: Vec::with_capacity(16) }
    }

    /// Where the last event or error starts, in bytes.
    pub(crate) fn at(&self) -> usize {
        self.from
    }

    /// The next event. Where white space means nothing (`blank` is false) what stands in front of the
    /// event is skipped; then there is none for white space alone.
    ///
    /// # Errors
    ///
    /// Any [`LexError`].
    #[inline]
    pub(crate) fn next(&mut self, blank: bool) -> Result<Event<'a>, LexError> {
        let bytes = self.text.as_bytes();
        loop {
            if !blank {
                while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.next) {
                    self.next += 1;
                }
            }
            self.from = self.next;
            let Some(&first) = bytes.get(self.from) else { return Ok(Event::Eof) };
            return match (first, bytes.get(self.from + 1)) {
                (b'<', Some(b'/')) => self.end(),
                (b'<', Some(b'!')) => match self.declaration()? {
                    Some(event) => Ok(event),
                    None => continue,
                },
                (b'<', Some(b'?')) => {
                    self.instruction()?;
                    continue;
                }
                (b'<', _) => self.start(),
                (b'&', _) => self.reference(),
                _ => {
                    let rest = &bytes[self.from..];
                    let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                    self.next += length;
                    Ok(Event::Text(&self.text[self.from..self.next]))
                }
            };
        }
    }

    /// `<name`, attributes, and `>` or `/>`.
    #[inline]
    fn start(&mut self) -> Result<Event<'a>, LexError> {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.from + 1..];
        let length = rest.iter().position(|&byte| !NAME[usize::from(byte)]).unwrap_or(rest.len());
        let end = self.from + 1 + length;
        let name = &self.text[self.from + 1..end];
        let empty = match (bytes.get(end), bytes.get(end + 1)) {
            _ if length == 0 && !rest.is_empty() => return self.no_tag(),
            (Some(b'>'), _) => {
                self.next = end + 1;
                false
            }
            (Some(b'/'), Some(b'>')) => {
                self.next = end + 2;
                true
            }
            (Some(b' ' | b'\n' | b'\r' | b'\t'), _) => self.attributes(end)?,
            (None, _) | (Some(b'/'), None) => return Err(LexError::Truncated),
            _ => return self.no_tag(),
        };
        if empty {
            return Ok(Event::Empty(name));
        }
        self.open.push(name);
        Ok(Event::Start(name))
    }

    /// What follows the name in a tag, from `at`. Tells whether the tag is one that ends at once.
    fn attributes(&mut self, mut at: usize) -> Result<bool, LexError> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b'>') => break,
                Some(&delimiter @ (b'"' | b'\'')) => {
                    let value = &bytes[at + 1..];
                    match memchr2(delimiter, b'<', value) {
                        Some(length) if value[length] == delimiter => at += length + 2,
                        Some(_) => return self.no_tag(),
                        None => return Err(LexError::Truncated),
                    }
                }
                Some(b'<') => return self.no_tag(),
                Some(_) => at += 1,
                None => return Err(LexError::Truncated),
            }
        }
        self.next = at + 1;
        Ok(bytes[at - 1] == b'/')
    }

    /// `</name>`, perhaps with white space after the name.
    #[inline]
    fn end(&mut self) -> Result<Event<'a>, LexError> {
        let rest = &self.text.as_bytes()[self.from + 2..];
        let due = self.open.pop();
        if let Some(due) = due
            && rest.get(due.len()) == Some(&b'>')
            && rest.starts_with(due.as_bytes())
        {
            self.next = self.from + due.len() + 3;
            return Ok(Event::End);
        }
        self.unusual_end(due)
    }

    /// An end tag that is not exactly the one that is due.
    #[cold]
    fn unusual_end(&mut self, due: Option<&str>) -> Result<Event<'a>, LexError> {
        let rest = &self.text[self.from + 2..];
        let length = memchr(b'>', rest.as_bytes()).ok_or(LexError::Truncated)?;
        let found = rest[..length].trim_end_matches([' ', '\n', '\r', '\t']);
        self.next = self.from + length + 3;
        match due {
            Some(due) if due == found => Ok(Event::End),
            Some(due) => malformed(format!("</{}> where </{}> is due", quote(found), quote(due))),
            None => malformed(format!("</{}> without a start", quote(found))),
        }
    }

    /// `<!--` to `-->`, which is no event, or `<![CDATA[` to `]]>`.
    fn declaration(&mut self) -> Result<Option<Event<'a>>, LexError> {
        let rest = &self.text[self.from..];
        if rest.starts_with("<!--") {
            self.skip_to("<!--", "-->")?;
            return Ok(None);
        }
        if rest.starts_with("<![CDATA[") {
            return Ok(Some(Event::Text(self.skip_to("<![CDATA[", "]]>")?)));
        }
        let whole = ["<!--", "<![CDATA[", "<!DOCTYPE"];
        let doctype = rest.get(..9).is_some_and(|tag| tag.eq_ignore_ascii_case("<!DOCTYPE"));
        Err(match memchr(b'>', rest.as_bytes()) {
            Some(_) if doctype => LexError::Doctype,
            None if doctype => LexError::Truncated,
            _ if whole.iter().any(|whole| whole.starts_with(rest)) => LexError::Truncated,
            _ => LexError::Malformed("unexpected \"<!\"".into()),
        })
    }

    /// `<?` to `?>`; `<?>` is neither.
    fn instruction(&mut self) -> Result<(), LexError> {
        match self.text.as_bytes().get(self.from + 2) {
            Some(b'>') => malformed("unexpected \"<?\"".into()),
            _ => self.skip_to("<?", "?>").map(|_| ()),
        }
    }

    /// What stands between `open`, where the event starts, and `close`.
    fn skip_to(&mut self, open: &str, close: &str) -> Result<&'a str, LexError> {
        let rest = &self.text[self.from + open.len()..];
        let mut length = 0;
        loop {
            let left = &rest.as_bytes()[length..];
            length += memchr(b'>', left).ok_or(LexError::Truncated)? + 1;
            if let Some(content) = rest[..length].strip_suffix(close) {
                self.next = self.from + open.len() + length;
                return Ok(content);
            }
        }
    }

    /// `&name;`.
    fn reference(&mut self) -> Result<Event<'a>, LexError> {
        let rest = &self.text[self.from + 1..];
        let length = memchr3(b';', b'&', b'<', rest.as_bytes()).ok_or(LexError::Truncated)?;
        if rest.as_bytes()[length] != b';' {
            return malformed("\"&\" without \";\"".into());
        }
        self.next = self.from + length + 2;
        Ok(Event::Reference(&rest[..length]))
    }

    /// The error that `<` begins nothing.
    #[cold]
    fn no_tag<T>(&self) -> Result<T, LexError> {
        malformed(format!("\"{}\" is no tag", quote(&self.text[self.from..])))
    }
}

/// The character that a reference stands for, or `None` where it is neither one of the five entities
/// nor a character reference. NUL is no character, others that XML forbids are.
pub(crate) fn resolve(reference: &str) -> Option<char> {
    let (digits, radix) = match reference {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => match reference.strip_prefix('#')?.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (&reference[1..], 10),
        },
    };
    // A sign is none of XML's, but `from_str_radix` takes one.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|&character| character != '\0')
}

#[cold]
fn malformed<T>(what: String) -> Result<T, LexError> {
    Err(LexError::Malformed(what))
}

/// For each byte whether it may stand in a name: XML's letters, digits and marks, and whatever is not
/// ASCII.
const NAME: [bool; 256] = {
    let mut name = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        name[byte] = byte >= 0x80
            || ascii.is_ascii_alphanumeric()
            || matches!(ascii, b'_' | b':' | b'-' | b'.');
        byte += 1;
    }
    name
};
