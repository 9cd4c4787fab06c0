//! Every value, there and back through `echo`.

use crate::ensure;
use katydid_sdk::prelude::*;
use katydid_sdk::{FromValue, Mismatch, Struct};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sends a value and expects it back as it was.
fn echoed(client: &Client, value: &Value) -> Result {
    let reply = client.call("echo", (value,))?;
    ensure(reply == *value, &format!("{reply:?} is {value:?}"))
}

pub(crate) fn plain(client: &Client) -> Result {
    let repeated: Struct = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
    let values = [
        Value::Nil,
        Value::Bool(true),
        Value::Int(i32::MIN),
        Value::Long(1 << 40),
        Value::Double(-0.1),
        Value::Text("<&> ä €\n".to_owned()),
        Value::DateTime("19980717T14:08:55".to_owned()),
        Value::Binary(vec![0, 127, 255]),
        Value::Array(vec![]),
        Value::Struct(Struct::new()),
        Value::Struct(repeated),
        Value::from([("list", Value::from([Value::from([("deep", Value::from([1.5]))])]))]),
    ];
    values.iter().try_for_each(|value| echoed(client, value))?;
    // All at once: the target answers several values as an array of them.
    let reply = client.call("echo", &values[..])?;
    ensure(reply == Value::Array(values.to_vec()), "all come back")?;
    ensure(reply[10]["a"] == Value::Int(3), "of repeated members the last wins")?;
    ensure(reply[11]["list"][0]["deep"][0].to::<f64>()? == 1.5, "one can look into it")?;
    ensure(reply[99]["none"].is_nil(), "what is not there is nil")
}

/// Sends a Rust value and expects it back as the same type.
fn back<T: FromValue + PartialEq + Clone>(client: &Client, value: T) -> Result
where
    Value: From<T>,
{
    let reply: T = client.call("echo", (value.clone(),))?.to()?;
    ensure(reply == value, "it comes back as it was")
}

pub(crate) fn typed(client: &Client) -> Result {
    back(client, true)?;
    back(client, -7_i32)?;
    back(client, u32::MAX)?;
    back(client, i64::MIN)?;
    back(client, 1e300)?;
    back(client, "text".to_owned())?;
    back(client, vec![1_u8, 2, 3])?;
    back(client, vec!["a".to_owned(), "b".to_owned()])?;
    back(client, BTreeMap::from([("a".to_owned(), vec![1, 2])]))?;
    back(client, Some(1))?;
    back(client, None::<i32>)?;
    let mixed: (i32, String, f64) = client.call("echo", (1, "two", 3.0))?.to()?;
    ensure(mixed == (1, "two".to_owned(), 3.0), "several come back as a tuple")?;
    let id: u64 = client.call("echo", (user_id(),))?.to()?;
    ensure(id == user_id(), "a number of 64 bits without a sign may be sent")?;
    ensure(client.call("echo", [1, 2])?.to::<Vec<i32>>()? == [1, 2], "an array is parameters")?;
    ensure(client.call("echo", ())? == Value::from(""), "no parameter at all")
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Payment {
    Cash,
    Card { number: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    id: i64,
    items: Vec<(String, u8)>,
    total: f64,
    payment: Vec<Payment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

pub(crate) fn by_serde(client: &Client) -> Result {
    let order = Order {
        id: 1 << 33,
        items: vec![("tea".to_owned(), 2)],
        total: 6.0,
        payment: vec![Payment::Cash, Payment::Card { number: "42".to_owned() }],
        note: None,
    };
    let reply = client.call("echo", (Serde(&order), "beside"))?;
    ensure(reply[0]["items"][0][0].as_str() == Some("tea"), "a struct is a struct")?;
    ensure(reply[0].deserialize::<Order>()? == order, "an order comes back as it was")?;
    ensure(Value::serialize(&order)? == reply[0], "and is what was sent")
}

/// What is not expected is an error that says so.
pub(crate) fn not_expected(client: &Client) -> Result {
    let reply = client.call("echo", ("7",))?;
    let mismatch: Mismatch = reply.to::<i32>().expect_err("a text is no number");
    let said = mismatch.to_string();
    ensure(said == "expected an int of 32 bits, found the text \"7\"", &said)?;
    ensure(reply.deserialize::<Order>().is_err(), "nor is it an order")
}
