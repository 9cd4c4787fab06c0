//! XML-RPC data, and its ways to and from Rust.

#[cfg(feature = "serde")]
mod bytes;
mod from_rust;
mod node;
mod to_rust;
#[cfg(feature = "serde")]
mod with_serde;

#[cfg(feature = "serde")]
pub(crate) use bytes::{from_bytes, to_bytes};
pub use from_rust::{Args, IntoValue};
pub(crate) use node::{decode, encode};
pub use to_rust::{FromValue, Mismatch};
#[cfg(feature = "serde")]
pub use with_serde::Serde;

use std::fmt;
use std::ops::Index;

/// One XML-RPC value.
///
/// Make one with [`From`], or name a variant where Rust has no type for it. Read one with
/// [`to`](Value::to), or look into it with `value["name"]` and `value[0]`:
///
/// ```
/// use katydid_sdk::Value;
///
/// let value = Value::from([("sku", Value::from("A1")), ("sizes", Value::from([38, 40]))]);
/// assert_eq!(value["sizes"][1].to::<i32>()?, 40);
/// assert_eq!(value["sku"].to::<String>()?, "A1");
/// assert!(value["colour"].is_nil()); // what is not there is nil
///
/// let error = value["sku"].to::<i32>().unwrap_err();
/// assert_eq!(error.to_string(), "expected an int of 32 bits, found the text \"A1\"");
/// # Ok::<(), katydid_sdk::Mismatch>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `<nil/>`, an extension: many servers refuse it.
    #[default]
    Nil,
    /// `<boolean>`.
    Bool(bool),
    /// `<int>`, 32 bits.
    Int(i32),
    /// `<i8>`, an extension: 64 bits.
    Long(i64),
    /// `<double>`. Infinities and NaN cannot be sent.
    Double(f64),
    /// `<string>`.
    Text(String),
    /// `<dateTime.iso8601>`, for example `19980717T14:08:55`. XML-RPC names no time zone.
    DateTime(String),
    /// `<base64>`.
    Binary(Vec<u8>),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<struct>`.
    Struct(Struct),
}

static NIL: Value = Value::Nil;

impl Value {
    /// The value as a Rust type; what fits which is told at [`FromValue`].
    ///
    /// # Errors
    /// The value is of another type, or does not fit. The message names both.
    pub fn to<T: FromValue>(&self) -> Result<T, Mismatch> {
        T::from_value(self)
    }

    /// The member of this name: the last one, where names repeat. `None` where there is none, or
    /// where this is no struct.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_struct()?.get(name)
    }

    /// The members, if this is a struct.
    #[must_use]
    pub fn as_struct(&self) -> Option<&Struct> {
        match self {
            Self::Struct(members) => Some(members),
            _ => None,
        }
    }

    /// The items, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if this is a text or a date.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::DateTime(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is `nil`.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

/// The member of this name, as [`Value::get`]; nil where there is none.
impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NIL)
    }
}

/// The item at this place, from 0; nil where there is none, or where this is no array.
impl Index<usize> for Value {
    type Output = Value;

    fn index(&self, place: usize) -> &Value {
        self.as_array().and_then(|items| items.get(place)).unwrap_or(&NIL)
    }
}

/// For messages: the type and, in short, the content.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => write!(f, "the boolean {value}"),
            Self::Int(value) => write!(f, "the int {value}"),
            Self::Long(value) => write!(f, "the long {value}"),
            Self::Double(value) => write!(f, "the double {value}"),
            Self::Text(text) => write!(f, "the text {}", Short(text)),
            Self::DateTime(text) => write!(f, "the date {}", Short(text)),
            Self::Binary(bytes) => write!(f, "{} bytes of binary", bytes.len()),
            Self::Array(items) => write!(f, "an array of {}", items.len()),
            Self::Struct(members) => write!(f, "a struct of {}", members.len()),
        }
    }
}

/// A text in quotes, cut to what a message can bear.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 40;
        match self.0.char_indices().nth(MOST) {
            None => write!(f, "{:?}", self.0),
            Some((end, _)) => write!(f, "{:?}...", &self.0[..end]),
        }
    }
}

/// The members of a struct, in order. Names may repeat, as some servers repeat them: [`get`] and
/// every conversion take the last one.
///
/// [`get`]: Struct::get
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Struct(Vec<(String, Value)>);

impl Struct {
    /// A struct without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member at the end, after one of the same name if there is one.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// The member of this name; the last one, where names repeat.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// How many members there are, those of the same name counted each.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All members, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Struct {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl IntoIterator for Struct {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_into_a_value_never_fails() {
        let value = Value::from([("a", Value::from([1, 2])), ("b", Value::from("x"))]);
        assert_eq!(value["a"][1], Value::Int(2));
        for missing in [&value["c"], &value[0], &value["a"][2], &value["b"]["c"], &value["a"]["b"]]
        {
            assert!(missing.is_nil());
        }
        assert_eq!((value.get("b"), value.get("c")), (Some(&Value::from("x")), None));
    }

    #[test]
    fn of_members_with_one_name_the_last_wins_and_all_stay() {
        let members: Struct = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
        assert_eq!(members.get("a"), Some(&Value::Int(3)));
        let names: Vec<&str> = members.iter().map(|(name, _)| name).collect();
        assert_eq!((names, members.len()), (vec!["a", "b", "a"], 3));
    }

    #[test]
    fn messages_stay_short() {
        assert_eq!(
            Value::from("ä".repeat(41)).to_string(),
            format!("the text \"{}\"...", "ä".repeat(40))
        );
        assert_eq!(Value::from(vec![0_u8; 9]).to_string(), "9 bytes of binary");
    }
}
