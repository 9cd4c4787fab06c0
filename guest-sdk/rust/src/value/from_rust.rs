//! From Rust to XML-RPC.

use super::{Mismatch, Struct, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

macro_rules! from {
    ($($type:ty => $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let make: fn($type) -> Value = $value;
                make(value)
            }
        }
    )*};
}

from! {
    bool => Value::Bool;
    i16 => |value| Value::Int(value.into());
    u16 => |value| Value::Int(value.into());
    i32 => Value::Int;
    u32 => |value| Value::from(i64::from(value));
    // The narrowest that fits: `<i8>` is an extension that not every server reads.
    i64 => |value| i32::try_from(value).map_or(Value::Long(value), Value::Int);
    f32 => |value| Value::Double(value.into());
    f64 => Value::Double;
    &str => |text| Value::Text(text.to_owned());
    String => Value::Text;
    &String => |text| Value::Text(text.clone());
    char => |one| Value::Text(one.into());
    Cow<'_, str> => |text| Value::Text(text.into_owned());
    Vec<u8> => Value::Binary;
    &[u8] => |bytes| Value::Binary(bytes.to_vec());
    Struct => Value::Struct;
    &Value => Value::clone;
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Binary(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value> + Clone> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        Self::Array(items.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

/// A struct of these members, in this order.
impl<T: Into<Value>, const N: usize> From<[(&str, T); N]> for Value {
    fn from(members: [(&str, T); N]) -> Self {
        Self::Struct(members.into_iter().collect())
    }
}

impl<T: Into<Value>> From<BTreeMap<String, T>> for Value {
    fn from(members: BTreeMap<String, T>) -> Self {
        Self::Struct(members.into_iter().collect())
    }
}

/// Members in the order of their names, so that the same map is always the same call.
impl<T: Into<Value>> From<HashMap<String, T>> for Value {
    fn from(members: HashMap<String, T>) -> Self {
        let mut members: Vec<_> = members.into_iter().collect();
        members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self::Struct(members.into_iter().collect())
    }
}

/// Nothing is nil, which many servers refuse.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}

/// What can be a parameter of a call. Everything that is `Into<Value>` is, and beside it `u64`,
/// `usize` and, with the feature `serde`, a [`Serde`](crate::Serde), which may not fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as an XML-RPC value",
    note = "small integers are sent as `i32`, bytes as `Vec<u8>`, anything of serde's as `Serde(&value)`"
)]
pub trait IntoValue {
    /// The value to send.
    ///
    /// # Errors
    /// XML-RPC has no value for it.
    fn into_value(self) -> Result<Value, Mismatch>;
}

impl<T> IntoValue for T
where
    Value: From<T>,
{
    fn into_value(self) -> Result<Value, Mismatch> {
        Ok(self.into())
    }
}

macro_rules! checked {
    ($($type:ty)*) => {$(
        impl IntoValue for $type {
            fn into_value(self) -> Result<Value, Mismatch> {
                let fits = i64::try_from(self).map(Value::from);
                fits.map_err(|_| Mismatch::new(format!("{self} does not fit a long of 64 bits")))
            }
        }

        impl TryFrom<$type> for Value {
            type Error = Mismatch;

            fn try_from(value: $type) -> Result<Self, Mismatch> {
                value.into_value()
            }
        }
    )*};
}

checked!(u64 usize);

/// The parameters of a call: `()`, a tuple of up to eight, an array, a slice or a `Vec`.
///
/// One parameter is a tuple with a comma: `(7,)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of parameters",
    note = "write a tuple, one parameter with a comma: `(7,)`; none: `()`"
)]
pub trait Args {
    /// The values to send, in order.
    ///
    /// # Errors
    /// XML-RPC has no value for one of them.
    fn into_values(self) -> Result<Vec<Value>, Mismatch>;
}

impl<T: IntoValue> Args for Vec<T> {
    fn into_values(self) -> Result<Vec<Value>, Mismatch> {
        self.into_iter().map(IntoValue::into_value).collect()
    }
}

impl<T: IntoValue + Clone> Args for &[T] {
    fn into_values(self) -> Result<Vec<Value>, Mismatch> {
        self.iter().cloned().map(IntoValue::into_value).collect()
    }
}

impl<T: IntoValue, const N: usize> Args for [T; N] {
    fn into_values(self) -> Result<Vec<Value>, Mismatch> {
        self.into_iter().map(IntoValue::into_value).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: IntoValue),*> Args for ($($name,)*) {
            #[allow(non_snake_case, reason = "a type and its value share a name")]
            fn into_values(self) -> Result<Vec<Value>, Mismatch> {
                let ($($name,)*) = self;
                Ok(vec![$($name.into_value()?),*])
            }
        }
    )*};
}

tuples! {
    ()
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_the_narrowest_value_that_fits() {
        let rows = [
            (Value::from(i16::MIN), Value::Int(-32_768)),
            (Value::from(u16::MAX), Value::Int(65_535)),
            (Value::from(i64::from(i32::MAX)), Value::Int(i32::MAX)),
            (Value::from(i64::from(i32::MAX) + 1), Value::Long(2_147_483_648)),
            (Value::from(i64::from(i32::MIN) - 1), Value::Long(-2_147_483_649)),
            (Value::from(u32::MAX), Value::Long(4_294_967_295)),
        ];
        for (made, expected) in rows {
            assert_eq!(made, expected);
        }
    }

    #[test]
    fn what_is_too_large_is_an_error() {
        assert_eq!(7_u64.into_value(), Ok(Value::Int(7)));
        assert_eq!(Value::try_from(i64::MAX as u64), Ok(Value::Long(i64::MAX)));
        let error = (i64::MAX as u64 + 1).into_value().expect_err("too large");
        assert_eq!(error.to_string(), "9223372036854775808 does not fit a long of 64 bits");
        assert!((1, u64::MAX).into_values().is_err());
    }

    #[test]
    fn bytes_are_binary_and_lists_are_arrays() {
        assert_eq!(Value::from(vec![1_u8, 2]), Value::Binary(vec![1, 2]));
        assert_eq!(Value::from([1_u8, 2]), Value::Binary(vec![1, 2]));
        assert_eq!(Value::from(&b"ab"[..]), Value::Binary(b"ab".to_vec()));
        assert_eq!(Value::from(vec!["a"]), Value::Array(vec![Value::from("a")]));
        assert_eq!(Value::from(&[1, 2][..]), Value::from([1, 2]));
        assert_eq!(Value::from(None::<i32>), Value::Nil);
        assert_eq!(Value::from(Some('x')), Value::from("x"));
    }

    #[test]
    fn a_hash_map_is_always_the_same_struct() {
        let map: HashMap<String, i32> = (0..9).map(|n| (n.to_string(), n)).collect();
        let sorted: BTreeMap<String, i32> = map.clone().into_iter().collect();
        assert_eq!(Value::from(map), Value::from(sorted));
    }

    #[test]
    fn parameters_come_in_many_forms() {
        let expected = Ok(vec![Value::Int(1), Value::Int(2)]);
        assert_eq!((1, 2_u64).into_values(), expected);
        assert_eq!([1, 2].into_values(), expected);
        assert_eq!(vec![1_usize, 2].into_values(), expected);
        assert_eq!((&[1, 2][..]).into_values(), expected);
        assert_eq!(().into_values(), Ok(vec![]));
        assert_eq!((1, 2, 3, 4, 5, 6, 7, 8).into_values().map(|values| values.len()), Ok(8));
    }
}
