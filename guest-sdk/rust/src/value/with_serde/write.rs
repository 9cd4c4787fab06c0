//! A `Serializer` whose output is a value.

use super::super::{IntoValue as _, Mismatch, Struct, Value};
use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

type Written = Result<Value, Mismatch>;

pub(super) struct Writer;

/// What a variant is wrapped into: a struct of one member.
fn wrapped(variant: &str, content: Value) -> Value {
    Value::from([(variant, content)])
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = Mismatch;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    fn serialize_bool(self, value: bool) -> Written {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Written {
        Ok(i32::from(value).into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        Ok(value.into())
    }

    fn serialize_u8(self, value: u8) -> Written {
        Ok(i32::from(value).into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        value.into_value()
    }

    fn serialize_f32(self, value: f32) -> Written {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Written {
        Ok(value.into())
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        Ok(value.into())
    }

    fn serialize_none(self) -> Written {
        Ok(Value::Nil)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(Value::Nil)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        Ok(Value::Nil)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Written {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self).map(|content| wrapped(variant, content))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Items, Mismatch> {
        Ok(Items { variant: None, items: Vec::new() })
    }

    fn serialize_tuple(self, _length: usize) -> Result<Items, Mismatch> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Items, Mismatch> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Items, Mismatch> {
        Ok(Items { variant: Some(variant), items: Vec::new() })
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Members, Mismatch> {
        Ok(Members { variant: None, members: Struct::new(), name: String::new() })
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Members, Mismatch> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Members, Mismatch> {
        Ok(Members { variant: Some(variant), members: Struct::new(), name: String::new() })
    }
}

/// An array under way, perhaps the content of a variant.
pub(super) struct Items {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl Items {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        value.serialize(Writer).map(|value| self.items.push(value))
    }

    fn finish(self) -> Written {
        let array = Value::Array(self.items);
        Ok(match self.variant {
            Some(variant) => wrapped(variant, array),
            None => array,
        })
    }
}

/// A struct under way, perhaps the content of a variant.
pub(super) struct Members {
    variant: Option<&'static str>,
    members: Struct,
    /// The name whose value comes next.
    name: String,
}

impl Members {
    fn add<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Mismatch> {
        value.serialize(Writer).map(|value| self.members.push(name, value))
    }

    fn finish(self) -> Written {
        let members = Value::Struct(self.members);
        Ok(match self.variant {
            Some(variant) => wrapped(variant, members),
            None => members,
        })
    }
}

macro_rules! items {
    ($($trait:ident $add:ident)*) => {$(
        impl $trait for Items {
            type Ok = Value;
            type Error = Mismatch;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
                self.add(value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Members {
            type Ok = Value;
            type Error = Mismatch;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Mismatch> {
                self.add(name, value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

fields!(SerializeStruct SerializeStructVariant);

impl SerializeMap for Members {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Mismatch> {
        self.name = match key.serialize(Writer)? {
            Value::Text(name) => name,
            Value::Int(key) => key.to_string(),
            Value::Long(key) => key.to_string(),
            other => {
                return Err(Mismatch::custom(format_args!("{other} cannot be a member's name")));
            }
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let name = std::mem::take(&mut self.name);
        self.add(&name, value)
    }

    fn end(self) -> Written {
        self.finish()
    }
}
