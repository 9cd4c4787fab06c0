//! XML to nodes, leniently.
//!
//! A state machine over the events of the [`Lexer`]: the elements that are open form a stack of
//! [`Frame`]s, so nothing recurses. What is lenient here:
//!
//! - White space between elements is ignored; that of strings, untyped values and names is kept, that
//!   around numbers, booleans and dates dropped. Line ends become `\n`, as XML demands.
//! - Prefixes of element names are ignored (Apache's `ex:nil`), and so are attributes, comments and
//!   processing instructions. CDATA, the five entities and character references are resolved.
//! - Control characters that XML forbids are taken as they are: it is what the target said.
//! - `<data>` may be missing in an array, `<value>` may come before `<name>` in a member, names may
//!   repeat, base64 may miss its padding, integers are sized by their value and not by their type.
//!
//! What could mean two things is an error: a value of two types, text beside a type, an unknown type.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::charset;
use crate::error::{quote, quote_bytes};
use crate::fault::fault;
use crate::lexer::{Event, LexError, Lexer, resolve};
use crate::nodes::Nodes;
use crate::scalar::Scalar;
use crate::text::{Integer, Text, is_blank};
use crate::{DecodeError, Limits, Node, Sink};

/// Takes base64 with and without padding, and ignores the bits of the last character that stand for
/// nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a target replied.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A value; it is in the sink.
    Value,
    /// A fault.
    Fault {
        /// `faultCode`. 0 where it is no number that fits; then the message begins with it, in brackets.
        code: i32,
        /// `faultString`, empty where it is missing, at most
        /// [`MAX_FAULT_MESSAGE`](crate::MAX_FAULT_MESSAGE) bytes.
        message: String,
    },
}

/// Reads a `methodResponse` and pushes its value: exactly one, all of it. Nothing is pushed for a fault.
///
/// # Errors
///
/// Any [`DecodeError`]; the sink then holds what was read before.
pub fn decode_reply(
    body: &[u8],
    limits: Limits,
    sink: &mut impl Sink,
) -> Result<Reply, DecodeError> {
    let fault = decode(body, limits, sink, Kind::Reply)?.fault;
    Ok(fault.map_or(Reply::Value, |(code, message)| Reply::Fault { code, message }))
}

/// Reads a `methodCall`, pushes its parameters, each a value, and returns the method's name without the
/// white space around it.
///
/// # Errors
///
/// Any [`DecodeError`]; the sink then holds what was read before.
pub fn decode_call(
    body: &[u8],
    limits: Limits,
    sink: &mut impl Sink,
) -> Result<String, DecodeError> {
    Ok(decode(body, limits, sink, Kind::Call)?.method.unwrap_or_default())
}

/// Which message is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Call,
    Reply,
}

impl Kind {
    /// The root element.
    fn root(self) -> &'static str {
        match self {
            Self::Call => "methodCall",
            Self::Reply => "methodResponse",
        }
    }
}

/// What a message says beside its values.
#[derive(Default)]
struct Outcome {
    method: Option<String>,
    fault: Option<(i32, String)>,
}

/// An open element, and what has been seen in it.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// `methodCall` or `methodResponse`; `body` once its `params` or `fault` began.
    Message {
        body: bool,
    },
    MethodName,
    Params {
        count: u32,
    },
    Param {
        filled: bool,
    },
    Fault {
        filled: bool,
    },
    /// `value`; `typed` once an element named its type.
    Value {
        typed: bool,
    },
    Scalar(Scalar),
    /// `array` at this place in the sink; it counts values that stand in it without `data`.
    Array {
        at: usize,
        count: u32,
        data: bool,
    },
    /// `data` of the array at this place in the sink.
    Data {
        at: usize,
        count: u32,
    },
    Struct {
        at: usize,
        count: u32,
    },
    /// `member`; `nameless` is the place of a name that was pushed before it was known.
    Member {
        name: bool,
        value: bool,
        nameless: Option<usize>,
    },
    Name,
}

impl Frame {
    /// Whether the characters in this element mean something, white space included.
    fn has_text(&self) -> bool {
        matches!(
            self,
            Self::Value { typed: false } | Self::Scalar(_) | Self::Name | Self::MethodName
        )
    }
}

fn decode(
    body: &[u8],
    limits: Limits,
    sink: &mut impl Sink,
    kind: Kind,
) -> Result<Outcome, DecodeError> {
    if body.len() > limits.max_bytes {
        return Err(DecodeError::Limit { what: "bytes", limit: limits.max_bytes });
    }
    if body.trim_ascii().is_empty() {
        return Err(DecodeError::Empty);
    }
    // Plain text is told apart before its encoding is looked at.
    if !matches!(body.trim_ascii_start(), [b'<' | 0 | 0xef | 0xfe | 0xff, ..]) {
        return Err(DecodeError::NotXmlRpc { expected: kind.root(), beginning: quote_bytes(body) });
    }
    let (text, base) = charset::to_text(body)?;
    Decoder {
        lexer: Lexer::new(&text),
        body,
        whole: &text,
        base,
        kind,
        finished: false,
        text: Text::default(),
        scratch: Vec::new(),
        stack: Vec::with_capacity(16),
        nodes: Nodes { sink, fault: None, count: 0, depth: 0, limits },
        outcome: Outcome::default(),
    }
    .run()
}

struct Decoder<'a, 's, S> {
    lexer: Lexer<'a>,
    /// The body as it came, to quote from.
    body: &'a [u8],
    /// The body as text; `base` bytes of the body stand before it.
    whole: &'a str,
    base: usize,
    kind: Kind,
    /// The root element has ended.
    finished: bool,
    /// The characters of the innermost element.
    text: Text<'a>,
    /// Base64 without its white space, and decoded.
    scratch: Vec<u8>,
    stack: Vec<Frame>,
    nodes: Nodes<'s, S>,
    outcome: Outcome,
}

impl<'a, S: Sink> Decoder<'a, '_, S> {
    fn run(mut self) -> Result<Outcome, DecodeError> {
        loop {
            let blank = self.stack.last().is_some_and(Frame::has_text);
            let event = match self.lexer.next(blank) {
                Ok(event) => event,
                Err(error) => return Err(self.not_xml(error)),
            };
            match event {
                Event::Start(name) => self.start(name)?,
                Event::Empty(name) => {
                    self.start(name)?;
                    self.end()?;
                }
                // The lexer has checked that the name fits.
                Event::End => self.end()?,
                Event::Text(text) => self.characters(text)?,
                Event::Reference(reference) => self.reference(reference)?,
                Event::Eof if self.finished => return Ok(self.outcome),
                Event::Eof if self.stack.is_empty() => return Err(self.not_xml_rpc()),
                Event::Eof => {
                    return Err(DecodeError::Truncated { offset: self.body.len() });
                }
            }
        }
    }

    /// An element begins.
    fn start(&mut self, name: &str) -> Result<(), DecodeError> {
        let local =
            name.bytes().rposition(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..]);
        let Some(frame) = self.stack.last_mut() else {
            return self.start_root(local);
        };
        match frame {
            Frame::Value { typed } => {
                if *typed {
                    return self.malformed(format!("<{}> beside the type of a value", quote(name)));
                }
                *typed = true;
                if !is_blank(self.text.as_str()) {
                    return self.malformed(format!(
                        "text \"{}\" beside the type of a value",
                        quote(self.text.as_str())
                    ));
                }
                self.text.clear();
                return self.start_type(local, name);
            }
            Frame::Data { count, .. } | Frame::Array { count, data: false, .. }
                if local == "value" =>
            {
                *count = self.nodes.next_count(*count)?;
                self.stack.push(Frame::Value { typed: false });
            }
            Frame::Array { at, count: 0, data: data @ false } if local == "data" => {
                *data = true;
                let at = *at;
                self.stack.push(Frame::Data { at, count: 0 });
            }
            Frame::Struct { count, .. } if local == "member" => {
                *count = self.nodes.next_count(*count)?;
                self.stack.push(Frame::Member { name: false, value: false, nameless: None });
            }
            Frame::Member { name: name @ false, .. } if local == "name" => {
                *name = true;
                self.stack.push(Frame::Name);
            }
            Frame::Member { name, value: value @ false, nameless } if local == "value" => {
                *value = true;
                if !*name {
                    *nameless = Some(self.nodes.len());
                    self.nodes.push(Node::Member(""))?;
                }
                self.stack.push(Frame::Value { typed: false });
            }
            Frame::Param { filled: filled @ false } | Frame::Fault { filled: filled @ false }
                if local == "value" =>
            {
                *filled = true;
                self.stack.push(Frame::Value { typed: false });
            }
            Frame::Params { count }
                if local == "param" && (*count == 0 || self.kind == Kind::Call) =>
            {
                *count = self.nodes.next_count(*count)?;
                self.stack.push(Frame::Param { filled: false });
            }
            Frame::Message { body: body @ false } if local == "params" => {
                *body = true;
                self.stack.push(Frame::Params { count: 0 });
            }
            Frame::Message { body: body @ false }
                if local == "fault" && self.kind == Kind::Reply =>
            {
                *body = true;
                self.nodes.fault = Some(Vec::new());
                self.stack.push(Frame::Fault { filled: false });
            }
            Frame::Message { .. }
                if local == "methodName"
                    && self.kind == Kind::Call
                    && self.outcome.method.is_none() =>
            {
                self.stack.push(Frame::MethodName);
            }
            _ => {
                let place = self.place();
                return self.malformed(format!("unexpected <{}> {place}", quote(name)));
            }
        }
        self.text.clear();
        Ok(())
    }

    /// The root element begins.
    fn start_root(&mut self, local: &str) -> Result<(), DecodeError> {
        if self.finished || local != self.kind.root() {
            return Err(self.outside());
        }
        self.stack.push(Frame::Message { body: false });
        Ok(())
    }

    /// The element begins that names a value's type.
    fn start_type(&mut self, local: &str, name: &str) -> Result<(), DecodeError> {
        let frame = if let Some(scalar) = Scalar::named(local) {
            Frame::Scalar(scalar)
        } else {
            let at = self.nodes.len();
            match local {
                "struct" => {
                    self.nodes.open(Node::Members(0))?;
                    Frame::Struct { at, count: 0 }
                }
                "array" => {
                    self.nodes.open(Node::Array(0))?;
                    Frame::Array { at, count: 0, data: false }
                }
                _ => return self.malformed(format!("unknown type <{}>", quote(name))),
            }
        };
        self.stack.push(frame);
        Ok(())
    }

    /// The innermost element ends.
    fn end(&mut self) -> Result<(), DecodeError> {
        let Some(frame) = self.stack.pop() else {
            // The lexer refuses an end without a start.
            return self.malformed("an end without a start".into());
        };
        match frame {
            Frame::Scalar(scalar) => {
                self.scalar(scalar)?;
                self.text.clear();
            }
            Frame::Value { typed: true } | Frame::Params { .. } => {}
            Frame::Value { typed: false } => self.nodes.push(Node::Text(self.text.as_str()))?,
            Frame::Data { at, count } | Frame::Struct { at, count } => {
                self.nodes.set_count(at, count);
                if let Frame::Struct { .. } = frame {
                    self.nodes.depth -= 1;
                }
            }
            Frame::Array { at, count, data } => {
                if !data {
                    self.nodes.set_count(at, count);
                }
                self.nodes.depth -= 1;
            }
            Frame::Name => {
                let name = self.text.as_str();
                match self.stack.last() {
                    Some(Frame::Member { nameless: Some(at), .. }) => {
                        self.nodes.set_name(*at, name)
                    }
                    _ => self.nodes.push(Node::Member(name))?,
                }
                self.text.clear();
            }
            Frame::Member { name: false, .. } => {
                return self.malformed("a member without a name".into());
            }
            Frame::Member { value: false, .. } => {
                return self.malformed("a member without a value".into());
            }
            Frame::Member { .. } => {}
            Frame::Param { filled: false } => {
                return self.malformed("a parameter without a value".into());
            }
            Frame::Param { .. } => {}
            Frame::Fault { filled } => {
                let document = self.nodes.fault.take().unwrap_or_default();
                match fault(&document) {
                    Some(fault) if filled => self.outcome.fault = Some(fault),
                    _ => return self.malformed("a fault without a faultCode".into()),
                }
            }
            Frame::MethodName => {
                self.outcome.method = Some(self.text.as_str().trim_ascii().to_owned());
                self.text.clear();
            }
            Frame::Message { body } => self.end_root(body)?,
        }
        Ok(())
    }

    /// The root element ends.
    fn end_root(&mut self, body: bool) -> Result<(), DecodeError> {
        self.finished = true;
        match self.kind {
            Kind::Call if self.outcome.method.is_none() => {
                self.malformed("a call without a methodName".into())
            }
            Kind::Reply if !body || (self.nodes.count == 0 && self.outcome.fault.is_none()) => {
                self.malformed("a reply without a value".into())
            }
            _ => Ok(()),
        }
    }

    /// Characters, raw or in CDATA.
    fn characters(&mut self, text: &'a str) -> Result<(), DecodeError> {
        match self.stack.last() {
            Some(frame) if frame.has_text() => {
                self.text.push(text);
                Ok(())
            }
            _ if is_blank(text) => Ok(()),
            Some(_) => {
                let text = quote(text.trim_ascii());
                self.malformed(format!("unexpected text \"{text}\" {}", self.place()))
            }
            None => Err(self.outside()),
        }
    }

    /// An entity or a character reference.
    fn reference(&mut self, reference: &str) -> Result<(), DecodeError> {
        if self.stack.is_empty() {
            return Err(self.outside());
        }
        let Some(character) = resolve(reference) else {
            return self.malformed(format!("unknown entity \"&{};\"", quote(reference)));
        };
        match self.stack.last() {
            Some(frame) if frame.has_text() => {
                self.text.push_char(character);
                Ok(())
            }
            _ if character.is_ascii_whitespace() => Ok(()),
            _ => self.malformed(format!(
                "unexpected text \"&{};\" {}",
                quote(reference),
                self.place()
            )),
        }
    }

    /// Pushes the scalar whose text is complete.
    fn scalar(&mut self, scalar: Scalar) -> Result<(), DecodeError> {
        let text = self.text.as_str();
        let node = match scalar {
            Scalar::Text => Node::Text(text),
            Scalar::DateTime => Node::DateTime(text.trim_ascii()),
            Scalar::Nil if is_blank(text) => Node::Nil,
            Scalar::Nil => return self.bad_value("nil"),
            Scalar::Boolean => match text.trim_ascii() {
                "0" | "false" => Node::Boolean(false),
                "1" | "true" => Node::Boolean(true),
                _ => return self.bad_value("boolean"),
            },
            Scalar::Double => match text.trim_ascii().parse() {
                Ok(value) => Node::Double(value),
                Err(_) => return self.bad_value("double"),
            },
            Scalar::Integer | Scalar::BigInteger => match Integer::parse(text) {
                Some(Integer::Fits(value)) => {
                    i32::try_from(value).map_or(Node::Long(value), Node::Int)
                }
                Some(Integer::Beyond { negative, digits }) if scalar == Scalar::BigInteger => {
                    let sign = if negative { "-" } else { "" };
                    return self.nodes.push(Node::Text(&format!("{sign}{digits}")));
                }
                _ => return self.bad_value("integer"),
            },
            Scalar::Binary => return self.binary(),
        };
        self.nodes.push(node)
    }

    /// Pushes the bytes that the text is the base64 of.
    fn binary(&mut self) -> Result<(), DecodeError> {
        let text = self.text.as_str().as_bytes();
        self.scratch.clear();
        let decoded = if text.iter().any(u8::is_ascii_whitespace) {
            let dense: Vec<u8> =
                text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64.decode_vec(dense, &mut self.scratch)
        } else {
            BASE64.decode_vec(text, &mut self.scratch)
        };
        if decoded.is_err() {
            return self.bad_value("base64");
        }
        self.nodes.push(Node::Binary(&self.scratch))
    }

    /// The error that the text is no value of its type.
    fn bad_value<T>(&self, kind: &str) -> Result<T, DecodeError> {
        self.malformed(format!("\"{}\" is no {kind}", quote(self.text.as_str())))
    }

    /// An error at the current event.
    fn malformed<T>(&self, what: String) -> Result<T, DecodeError> {
        Err(DecodeError::Malformed { offset: self.base + self.lexer.at(), what })
    }

    /// Where the current event is, for people.
    fn place(&self) -> &'static str {
        match self.stack.last() {
            None => "outside of the message",
            Some(Frame::Message { .. }) => "in the message",
            Some(Frame::MethodName) => "in <methodName>",
            Some(Frame::Params { .. }) => "in <params>",
            Some(Frame::Param { .. }) => "in <param>",
            Some(Frame::Fault { .. }) => "in <fault>",
            Some(Frame::Value { .. }) => "in <value>",
            Some(Frame::Scalar(_)) => "in a scalar",
            Some(Frame::Array { .. }) => "in <array>",
            Some(Frame::Data { .. }) => "in <data>",
            Some(Frame::Struct { .. }) => "in <struct>",
            Some(Frame::Member { .. }) => "in <member>",
            Some(Frame::Name) => "in <name>",
        }
    }

    /// The error that the body is something else.
    fn not_xml_rpc(&self) -> DecodeError {
        DecodeError::NotXmlRpc { expected: self.kind.root(), beginning: quote_bytes(self.body) }
    }

    /// The error that something stands before or after the message, at the current event.
    fn outside(&self) -> DecodeError {
        if !self.finished {
            return self.not_xml_rpc();
        }
        let rest = self.whole.get(self.lexer.at()..).unwrap_or_default();
        let white = rest.len() - rest.trim_ascii_start().len();
        let what = format!("junk after the message, \"{}\"", quote(&rest[white..]));
        DecodeError::Malformed { offset: self.base + self.lexer.at() + white, what }
    }

    /// The error that the lexer could not read on.
    fn not_xml(&self, error: LexError) -> DecodeError {
        match error {
            LexError::Doctype => DecodeError::Doctype { beginning: quote_bytes(self.body) },
            _ if self.stack.is_empty() => self.outside(),
            LexError::Truncated => DecodeError::Truncated { offset: self.body.len() },
            LexError::Malformed(what) => {
                DecodeError::Malformed { offset: self.base + self.lexer.at(), what }
            }
        }
    }
}
