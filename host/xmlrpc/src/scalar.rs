//! Types by the names of their elements.

/// The types without elements inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar {
    Nil,
    Boolean,
    Integer,
    BigInteger,
    Double,
    Text,
    DateTime,
    Binary,
}

impl Scalar {
    /// The type of this element.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::Text,
            "int" | "i4" | "i8" | "i2" | "i1" => Self::Integer,
            "double" | "float" | "bigdecimal" => Self::Double,
            "boolean" => Self::Boolean,
            "dateTime.iso8601" | "dateTime" => Self::DateTime,
            "base64" => Self::Binary,
            "nil" => Self::Nil,
            "biginteger" => Self::BigInteger,
            _ => return None,
        })
    }
}
