//! Rows of the data that a run is given (`--data users=users.csv`).
//!
//! ```
//! use katydid_sdk::prelude::*;
//! # use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Account {
//!     name: String,
//!     pin: u32,
//! }
//!
//! fn log_in(client: &Client) -> Result {
//!     let account: Account = data::row("users")?;
//!     client.call("login", (account.name, account.pin))?;
//!     Ok(())
//! }
//! ```
//!
//! Which row comes is the run's to say: each once, around and around, at random, or the user's own.

use crate::value::decode;
use crate::{Error, Result, Value, backend};

/// The next row of a set, as it is: an array or a struct. None when the set is used up.
///
/// # Errors
/// The run has no such set.
pub fn value(set: &str) -> Result<Option<Value>> {
    let Some(nodes) = backend::row(set).map_err(Error::new)? else { return Ok(None) };
    let wrong = |why: &str| Error::new(format!("a row of {set:?} is no value: {why}"));
    let mut values = decode(nodes).map_err(wrong)?;
    match (values.pop(), values.is_empty()) {
        (Some(row), true) => Ok(Some(row)),
        _ => Err(wrong("it is not one")),
    }
}

/// The next row of a set, as any type of serde's, or none when the set is used up. As in a CSV file, where all is
/// text, a text may stand for a number or a boolean, and an empty one for `None`.
///
/// # Errors
/// The run has no such set, or the row does not fit the type.
#[cfg(feature = "serde")]
pub fn next_row<T: serde::de::DeserializeOwned>(set: &str) -> Result<Option<T>> {
    let Some(row) = value(set)? else { return Ok(None) };
    let fits = row.deserialize_text().map_err(|why| format!("a row of {set:?}: {why}"));
    fits.map(Some).map_err(Error::new)
}

/// Like [`next_row`], for users that have nothing to do without one: when the set is used up, `?` ends the user
/// ([`Next::StopUser`](crate::Next::StopUser)).
///
/// # Errors
/// The set is used up, there is no such set, or the row does not fit the type.
#[cfg(feature = "serde")]
pub fn row<T: serde::de::DeserializeOwned>(set: &str) -> Result<T> {
    next_row(set)?.ok_or_else(|| crate::Next::StopUser.into())
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::testing::World;
    use crate::{Next, Serde};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Account {
        name: String,
        pin: u16,
        rate: f64,
        vip: bool,
        note: Option<String>,
        age: Option<u8>,
    }

    fn ada() -> Account {
        let (name, note) = ("ada".to_owned(), Some("7".to_owned()));
        Account { name, pin: 42, rate: 0.5, vip: true, note, age: None }
    }

    #[test]
    fn rows_of_a_csv_and_of_json_lines_fit_the_same_type() -> Result {
        let texts =
            [("name", "ada"), ("pin", "42"), ("rate", "0.5"), ("vip", "true"), ("note", "7")];
        let texts = Value::from(texts.into_iter().chain([("age", "")]).collect::<crate::Struct>());
        let world = World::new().row("users", texts).row("users", Serde(ada()));
        assert_eq!(row::<Account>("users")?, ada());
        assert_eq!(next_row::<Account>("users")?, Some(ada()));
        assert_eq!(next_row::<Account>("users")?, None);
        assert_eq!(
            row::<Account>("users").map_err(|error| error.next()),
            Err(Some(Next::StopUser))
        );
        drop(world);
        Ok(())
    }

    #[test]
    fn a_row_may_be_anything() -> Result {
        let _world = World::new()
            .row("a", [1, 2])
            .row("a", Value::from([Value::from("x"), Value::from(3)]))
            .row("a", 7);
        assert_eq!(value("a")?, Some(Value::from([1, 2])));
        assert_eq!(row::<(String, u8)>("a")?, ("x".to_owned(), 3));
        assert_eq!(
            row::<String>("a").map_err(|e| e.to_string()),
            Err("a row of \"a\": invalid type: integer `7`, expected a string".to_owned())
        );
        assert_eq!(value("a")?, None);
        let error = value("b").map_err(|error| error.to_string());
        assert_eq!(error, Err("the test's world has no set of data \"b\"".to_owned()));
        Ok(())
    }
}
