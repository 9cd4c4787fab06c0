//! Values and serde: any `Serialize` can be sent, any `Deserialize` can be read.

mod read;
mod write;

use super::{IntoValue, Mismatch, Value};
use serde::{Deserialize, Serialize};

impl Value {
    /// The value as any type of serde's: structs from structs, vectors and tuples from arrays,
    /// options from nil, enums from a text (a variant without content) or a struct of one member.
    ///
    /// # Errors
    /// The value does not fit, in serde's words.
    ///
    /// ```
    /// use katydid_sdk::{Mismatch, Value};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Order { id: i64, items: Vec<String> }
    ///
    /// let reply = Value::from([("id", Value::from(7)), ("items", Value::from(["tea"]))]);
    /// let order: Order = reply.deserialize()?;
    /// assert_eq!((order.id, order.items[0].as_str()), (7, "tea"));
    /// # Ok::<(), Mismatch>(())
    /// ```
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Mismatch> {
        T::deserialize(read::Reader { value: self, text: false })
    }

    /// The same, for what may have been a row of text: see [`data`](crate::data).
    pub(crate) fn deserialize_text<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Mismatch> {
        T::deserialize(read::Reader { value: self, text: true })
    }

    /// The value that stands for any type of serde's: the way back of
    /// [`deserialize`](Value::deserialize). Nothing (`None`, `()`) becomes nil, which many servers
    /// refuse: skip such fields with `#[serde(skip_serializing_if = "Option::is_none")]`.
    ///
    /// # Errors
    /// XML-RPC has no value for it: an integer beyond 64 bits, a map whose keys are no names.
    pub fn serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, Mismatch> {
        value.serialize(write::Writer)
    }
}

/// A parameter that is any type of serde's: `client.call("order", (Serde(&order), 3))`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serde<T>(pub T);

impl<T: Serialize> IntoValue for Serde<T> {
    fn into_value(self) -> Result<Value, Mismatch> {
        Value::serialize(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args as _;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Size {
        Small,
        Exact(i32),
        Range(i32, i32),
        Named { name: String },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item<'a> {
        sku: &'a str,
        sizes: Vec<Size>,
        weight: f32,
        note: Option<char>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gift: Option<bool>,
        counts: (u8, i64, u64),
        stock: BTreeMap<u16, ()>,
    }

    fn item() -> Item<'static> {
        let sizes =
            vec![Size::Small, Size::Exact(38), Size::Range(1, 2), Size::Named { name: "L".into() }];
        let stock = BTreeMap::from([(7, ())]);
        Item {
            sku: "A1",
            sizes,
            weight: 0.5,
            note: None,
            gift: None,
            counts: (1, 1 << 40, 3),
            stock,
        }
    }

    #[test]
    fn everything_comes_back() {
        let value = Value::serialize(&item()).expect("every field has a value");
        assert_eq!(value.deserialize::<Item<'_>>(), Ok(item()));
    }

    #[test]
    fn it_looks_as_a_server_expects() {
        let value = Value::serialize(&item()).expect("every field has a value");
        assert_eq!(value["sizes"][0], Value::from("Small"));
        assert_eq!(value["sizes"][1], Value::from([("Exact", 38)]));
        assert_eq!(value["sizes"][2], Value::from([("Range", Value::from([1, 2]))]));
        assert_eq!(value["sizes"][3], Value::from([("Named", Value::from([("name", "L")]))]));
        assert_eq!(
            value["counts"],
            Value::Array(vec![Value::Int(1), Value::Long(1 << 40), Value::Int(3)])
        );
        assert_eq!(value["stock"], Value::from([("7", Value::Nil)]));
        assert_eq!((value.get("note"), value.get("gift")), (Some(&Value::Nil), None));
    }

    #[test]
    fn what_other_servers_write_is_read_too() {
        // A whole double as an int, a name that repeats, members that nobody asked for.
        #[derive(Debug, PartialEq, Deserialize)]
        struct Price {
            amount: f64,
        }
        let value = Value::from([("amount", 1), ("unknown", 2), ("amount", 3)]);
        assert_eq!(value.deserialize(), Ok(Price { amount: 3.0 }));
        assert_eq!(
            Value::DateTime("19980717T14:08:55".into()).deserialize(),
            Ok("19980717T14:08:55")
        );
        assert_eq!(Value::Nil.deserialize::<()>(), Ok(()));
        assert_eq!(Value::Int(5).deserialize::<Option<i8>>(), Ok(Some(5)));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (value, why) in [
            (Value::from([("sku", "A1")]), "missing field `sizes`"),
            (Value::from([("sku", 1)]), "invalid type: integer `1`, expected a borrowed string"),
        ] {
            assert_eq!(
                value.deserialize::<Item<'_>>().map_err(|e| e.to_string()),
                Err(why.to_owned())
            );
        }
        let long = (1, 2, 3, 4);
        let value = Value::serialize(&long).expect("integers have values");
        assert!(value.deserialize::<(i32, i32)>().is_err(), "an array that is too long");
        assert!(Value::from("Huge").deserialize::<Size>().is_err());
        assert!(Value::from([("Small", 1)]).deserialize::<Size>().is_err());
        assert!(Value::serialize(&u64::MAX).is_err());
        assert!(Value::serialize(&BTreeMap::from([((1, 2), 3)])).is_err(), "a key that is no name");
        assert!((Serde(u64::MAX),).into_values().is_err());
        assert_eq!((Serde(Size::Small),).into_values(), Ok(vec![Value::from("Small")]));
    }
}
