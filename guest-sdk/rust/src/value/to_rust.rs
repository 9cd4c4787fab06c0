//! From XML-RPC to Rust.

use super::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A value that is not what the scenario expects, or that XML-RPC cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch(String);

impl Mismatch {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn found(expected: &str, found: &Value) -> Self {
        Self(format!("expected {expected}, found {found}"))
    }

    /// The same, one step further out.
    fn at(self, place: impl fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Mismatch {}

#[cfg(feature = "serde")]
impl serde::de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[cfg(feature = "serde")]
impl serde::ser::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// What a value can become by [`Value::to`].
///
/// Integers take ints and longs that fit; `f64` takes doubles and all integers, because many servers
/// write whole doubles as ints; `String` takes texts and dates; `Vec<u8>` takes binary; `Option`
/// takes nil as nothing; `Vec` and tuples take arrays, maps by name take structs. Nothing else is
/// converted in silence: a text of digits is no number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an XML-RPC value",
    note = "read small integers as `i32`, bytes as `Vec<u8>`, anything of serde's with `deserialize`"
)]
pub trait FromValue: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The value is of another type, or does not fit.
    fn from_value(value: &Value) -> Result<Self, Mismatch>;
}

macro_rules! integers {
    ($($type:ty, $expected:literal;)*) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Result<Self, Mismatch> {
                let fits = match *value {
                    Value::Int(value) => value.try_into().ok(),
                    Value::Long(value) => value.try_into().ok(),
                    _ => None,
                };
                fits.ok_or_else(|| Mismatch::found($expected, value))
            }
        }
    )*};
}

integers! {
    i16, "an int of 16 bits";
    u16, "an int of 16 bits from 0";
    i32, "an int of 32 bits";
    u32, "an int of 32 bits from 0";
    i64, "an int of 64 bits";
    u64, "an int of 64 bits from 0";
    usize, "an int from 0";
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        match *value {
            Value::Double(value) => Ok(value),
            Value::Int(value) => Ok(value.into()),
            Value::Long(value) => Ok(value as f64),
            _ => Err(Mismatch::found("a double", value)),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        match *value {
            Value::Bool(value) => Ok(value),
            _ => Err(Mismatch::found("a boolean", value)),
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        value.as_str().map(str::to_owned).ok_or_else(|| Mismatch::found("a text", value))
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Binary(bytes) => Ok(bytes.clone()),
            _ => Err(Mismatch::found("binary", value)),
        }
    }
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        Ok(value.clone())
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        if value.is_nil() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

fn items<'a>(value: &'a Value, expected: &str) -> Result<&'a [Value], Mismatch> {
    value.as_array().ok_or_else(|| Mismatch::found(expected, value))
}

fn item<T: FromValue>(place: usize, value: &Value) -> Result<T, Mismatch> {
    T::from_value(value).map_err(|mismatch| mismatch.at(format_args!("item {place}")))
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        items(value, "an array")?.iter().enumerate().map(|(n, value)| item(n, value)).collect()
    }
}

fn members<T: FromValue, M: FromIterator<(String, T)>>(value: &Value) -> Result<M, Mismatch> {
    let members = value.as_struct().ok_or_else(|| Mismatch::found("a struct", value))?;
    let member = |(name, value): (&str, &Value)| match T::from_value(value) {
        Ok(value) => Ok((name.to_owned(), value)),
        Err(mismatch) => Err(mismatch.at(format_args!("member {name:?}"))),
    };
    members.iter().map(member).collect()
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        members(value)
    }
}

impl<T: FromValue> FromValue for HashMap<String, T> {
    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        members(value)
    }
}

macro_rules! tuples {
    ($($count:literal ($($name:ident $place:literal)*))*) => {$(
        impl<$($name: FromValue),*> FromValue for ($($name,)*) {
            fn from_value(value: &Value) -> Result<Self, Mismatch> {
                const EXPECTED: &str = concat!("an array of ", $count);
                let items = items(value, EXPECTED)?;
                if items.len() != $count {
                    return Err(Mismatch::found(EXPECTED, value));
                }
                Ok(($(item::<$name>($place, &items[$place])?,)*))
            }
        }
    )*};
}

tuples! {
    1 (A 0)
    2 (A 0 B 1)
    3 (A 0 B 1 C 2)
    4 (A 0 B 1 C 2 D 3)
    5 (A 0 B 1 C 2 D 3 E 4)
    6 (A 0 B 1 C 2 D 3 E 4 F 5)
    7 (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    8 (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

macro_rules! try_from {
    ($($type:ty)*) => {$(
        impl TryFrom<Value> for $type {
            type Error = Mismatch;

            fn try_from(value: Value) -> Result<Self, Mismatch> {
                value.to()
            }
        }

        impl TryFrom<&Value> for $type {
            type Error = Mismatch;

            fn try_from(value: &Value) -> Result<Self, Mismatch> {
                value.to()
            }
        }
    )*};
}

try_from!(i16 u16 i32 u32 i64 u64 usize f64 bool String Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_what_it_is() -> Result<(), Mismatch> {
        assert_eq!(Value::Int(-7).to::<i64>()?, -7);
        assert_eq!(Value::Long(7).to::<u16>()?, 7);
        assert_eq!(Value::Int(2).to::<f64>()?, 2.0);
        assert!(Value::Bool(true).to::<bool>()?);
        assert_eq!(
            Value::DateTime("19980717T14:08:55".into()).to::<String>()?,
            "19980717T14:08:55"
        );
        assert_eq!(Value::Binary(vec![1]).to::<Vec<u8>>()?, [1]);
        assert_eq!(Value::Nil.to::<Option<i32>>()?, None);
        assert_eq!(Value::Int(1).to::<Option<i32>>()?, Some(1));
        assert_eq!(Value::from([1, 2]).to::<Vec<i32>>()?, [1, 2]);
        let pair = Value::Array(vec![Value::from("a"), Value::from(1)]);
        assert_eq!(pair.to::<(String, i32)>()?, ("a".to_owned(), 1));
        assert_eq!(i32::try_from(Value::Int(3))?, 3);
        assert_eq!(String::try_from(&Value::from("x"))?, "x");
        Ok(())
    }

    #[test]
    fn of_repeated_members_a_map_takes_the_last() -> Result<(), Mismatch> {
        let value = Value::from([("a", 1), ("a", 2)]);
        assert_eq!(value.to::<BTreeMap<String, i32>>()?, BTreeMap::from([("a".to_owned(), 2)]));
        assert_eq!(value.to::<HashMap<String, i32>>()?["a"], 2);
        Ok(())
    }

    #[test]
    fn a_mismatch_names_both_sides_and_the_place() {
        fn told<T: FromValue>(value: &Value) -> String {
            value.to::<T>().err().map(|mismatch| mismatch.to_string()).unwrap_or_default()
        }
        let deep = Value::from([("sizes", Value::from(vec![Value::from(1), Value::from("L")]))]);
        let rows = [
            (told::<i32>(&Value::from("7")), "expected an int of 32 bits, found the text \"7\""),
            (told::<u32>(&Value::Int(-1)), "expected an int of 32 bits from 0, found the int -1"),
            (
                told::<i32>(&Value::Long(1 << 40)),
                "expected an int of 32 bits, found the long 1099511627776",
            ),
            (told::<bool>(&Value::Int(1)), "expected a boolean, found the int 1"),
            (told::<String>(&Value::Nil), "expected a text, found nil"),
            (told::<Vec<u8>>(&Value::from([1])), "expected binary, found an array of 1"),
            (told::<Vec<i32>>(&deep), "expected an array, found a struct of 1"),
            (told::<(i32,)>(&Value::from([1, 2])), "expected an array of 1, found an array of 2"),
            (
                told::<BTreeMap<String, Vec<i32>>>(&deep),
                "member \"sizes\": item 1: expected an int of 32 bits, found the text \"L\"",
            ),
        ];
        for (said, expected) in rows {
            assert_eq!(said, expected);
        }
    }
}
