//! Header lines that a run adds to its requests. They cannot smuggle in another line.

use std::str::FromStr;

/// One header line, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

/// Why a text is no header that can be sent.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HeaderError {
    /// There is no colon.
    #[error("header {0:?} has no colon; write it as \"Name: value\"")]
    NoColon(String),
    /// The name is no token (RFC 9110 §5.6.2).
    #[error("header name {0:?} is not allowed; use letters, digits and dashes")]
    Name(String),
    /// The value has a control character, which may end the line.
    #[error(
        "the value of header {0:?} has a control character or line break; give each header on its own"
    )]
    Value(String),
    /// Katydid decides this one.
    #[error("header {name:?} cannot be set: {reason}")]
    Owned {
        /// Its name, as it was given.
        name: String,
        /// Why, and what to do instead.
        reason: &'static str,
    },
}

/// Headers that say where a request ends or how the connection goes on: to lie about them would
/// break the next request, not this one.
const OWNED: [(&str, &str); 8] = [
    ("content-length", "it is the length of each request, and counted"),
    ("transfer-encoding", "requests are sent with a length"),
    ("connection", "connections are kept or closed by a setting of their own"),
    ("keep-alive", "connections are kept or closed by a setting of their own"),
    ("upgrade", "only HTTP/1.1 is spoken"),
    ("te", "trailers are read, but mean nothing here"),
    ("trailer", "requests have none"),
    ("expect", "a request is sent whole, without waiting for an interim reply"),
];

impl Header {
    /// Checks a name and a value.
    ///
    /// # Errors
    /// The name is no header name, or one that is not for sale; the value has a control character.
    pub fn new(name: &str, value: &str) -> Result<Self, HeaderError> {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(HeaderError::Name(name.into()));
        }
        let owned = OWNED.iter().find(|(owned, _)| owned.eq_ignore_ascii_case(name));
        if let Some(&(_, reason)) = owned {
            return Err(HeaderError::Owned { name: name.into(), reason });
        }
        let value = value.trim_matches([' ', '\t']);
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(HeaderError::Value(name.into()));
        }
        Ok(Self { name: name.into(), value: value.into() })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Reads `Name: value`.
impl FromStr for Header {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (name, value) =
            text.split_once(':').ok_or_else(|| HeaderError::NoColon(text.into()))?;
        Self::new(name, value)
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers() {
        let table = [
            ("X-Tenant: acme", "X-Tenant", "acme"),
            ("X-Empty:", "X-Empty", ""),
            ("Authorization:Bearer a:b", "Authorization", "Bearer a:b"),
            ("x:\t two  words \t", "x", "two  words"),
            ("Host: other.example", "Host", "other.example"),
            ("X-Name: žluť", "X-Name", "žluť"),
        ];
        for (text, name, value) in table {
            let header: Header = text.parse().unwrap();
            assert_eq!((header.name.as_str(), header.value.as_str()), (name, value), "{text}");
        }
    }

    #[test]
    fn not_headers() {
        let table = [
            ("X-Tenant", "has no colon"),
            (": x", "name \"\" is not allowed"),
            ("X Y: z", "name \"X Y\" is not allowed"),
            ("X-Y : z", "name \"X-Y \" is not allowed"),
            ("X\r\nY: z", "is not allowed"),
            ("X: a\r\nY: b", "control character or line break"),
            ("X: a\nY: b", "control character or line break"),
            ("X: a\0b", "control character or line break"),
            ("content-LENGTH: 5", "cannot be set"),
            ("Transfer-Encoding: chunked", "sent with a length"),
            ("Connection: close", "kept or closed by a setting"),
            ("Expect: 100-continue", "without waiting"),
        ];
        for (text, expected) in table {
            let error = text.parse::<Header>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
