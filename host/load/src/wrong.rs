//! Text that says nothing that we know, and the words for it.
use crate::text;
use thiserror::Error;

/// A text is not what it should be. The message quotes it, bounded and on one line, and says how to write one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the {noun} \"{text}\" {what}, write it like {example}")]
pub struct TextError {
    noun: &'static str,
    text: String,
    what: String,
    example: &'static str,
}

/// What is wrong with a text, and how to write it.
pub(crate) struct Wrong(pub(crate) String, pub(crate) &'static str);

impl Wrong {
    /// A part of the text is none of what it should be.
    pub(crate) fn no<T>(part: &str, what: &str, example: &'static str) -> Result<T, Self> {
        Err(Self(format!("has \"{}\", which is no {what}", quotable(part)), example))
    }

    /// The error about the whole text, which should be what the noun says.
    pub(crate) fn in_the(self, noun: &'static str, text: &str) -> TextError {
        TextError { noun, text: quotable(text), what: self.0, example: self.1 }
    }
}

/// Text of others, as an error quotes it.
pub(crate) fn quotable(text: &str) -> String {
    text::tame(text.trim(), 60)
}
