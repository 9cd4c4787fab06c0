//! A value as a `Deserializer`.

use super::super::{Mismatch, Struct, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    Deserializer, EnumAccess, Error as _, IntoDeserializer, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::collections::HashMap;

#[derive(Clone, Copy)]
pub(super) struct Reader<'de> {
    pub(super) value: &'de Value,
    /// A text may stand for a number or a boolean, and an empty one for nothing.
    pub(super) text: bool,
}

impl<'de> Reader<'de> {
    /// The same for what is in it.
    fn inner(self, value: &'de Value) -> Self {
        Self { value, ..self }
    }
}

impl<'de> IntoDeserializer<'de, Mismatch> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers_in_text {
    ($($deserialize:ident $visit:ident)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            if let (true, Value::Text(text)) = (self.text, self.value)
                && let Ok(number) = text.parse()
            {
                return visitor.$visit(number);
            }
            self.deserialize_any(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.value {
            Value::Nil => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i32(*value),
            Value::Long(value) => visitor.visit_i64(*value),
            Value::Double(value) => visitor.visit_f64(*value),
            Value::Text(text) | Value::DateTime(text) => visitor.visit_borrowed_str(text),
            Value::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(|item| self.inner(item)));
                let made = visitor.visit_seq(&mut items)?;
                items.end().map(|()| made)
            }
            Value::Struct(members) => {
                let members = distinct(members);
                let each = members.into_iter().map(|(name, value)| (Name(name), self.inner(value)));
                visitor.visit_map(MapDeserializer::new(each))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.value {
            Value::Nil => visitor.visit_none(),
            Value::Text(text) if self.text && text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    numbers_in_text! {
        deserialize_bool visit_bool
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
        deserialize_f32 visit_f32
        deserialize_f64 visit_f64
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let one = match self.value {
            Value::Text(name) => Variant { name, content: None },
            Value::Struct(members) => match distinct(members)[..] {
                [(name, content)] => Variant { name, content: Some(self.inner(content)) },
                _ => return Err(Mismatch::found("a struct of one member", self.value)),
            },
            other => return Err(Mismatch::found("a text or a struct of one member", other)),
        };
        visitor.visit_enum(one)
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The name of a member. As a map's key it may stand for a number, as it was written.
struct Name<'de>(&'de str);

impl<'de> IntoDeserializer<'de, Mismatch> for Name<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! number_names {
    ($($deserialize:ident $visit:ident)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_borrowed_str(self.0)
    }

    number_names! {
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(Variant { name: self.0, content: None })
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// The members without those that a later one of the same name replaces, each name where it first
/// stood: serde's derived types refuse what repeats.
fn distinct(members: &Struct) -> Vec<(&str, &Value)> {
    let mut kept: Vec<(&str, &Value)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (name, value) in members.iter() {
        match places.get(name) {
            Some(&place) => kept[place].1 = value,
            None => {
                places.insert(name, kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

struct Variant<'de> {
    name: &'de str,
    content: Option<Reader<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<S: serde::de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self), Mismatch> {
        let name: StrDeserializer<'_, Mismatch> = self.name.into_deserializer();
        seed.deserialize(name).map(|variant| (variant, self))
    }
}

impl<'de> Variant<'de> {
    fn reader(&self, expected: &'static str) -> Result<Reader<'de>, Mismatch> {
        let missing = || Mismatch::invalid_type(Unexpected::UnitVariant, &expected);
        self.content.ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        match self.content {
            None | Some(Reader { value: Value::Nil, .. }) => Ok(()),
            Some(other) => Err(Mismatch::found("a variant without content", other.value)),
        }
    }

    fn newtype_variant_seed<S: serde::de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Mismatch> {
        seed.deserialize(self.reader("a variant with content")?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.reader("a variant with items")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.reader("a variant with members")?.deserialize_any(visitor)
    }
}
