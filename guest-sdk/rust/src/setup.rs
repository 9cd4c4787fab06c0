//! What happens once, before the first user and after the last one.

use crate::{Client, Error, Outcome, Result, backend};

/// What can set up a run: `fn() -> Result<T>` or `fn(&Client) -> Result<T>`, named by `scenario!` as its `setup`.
/// `Form` only tells the two apart.
///
/// It is called once, before the first user exists. An error, be it of a request that failed, ends the run before
/// it begins. What it answers, every user reads with [`setup_data`]: any type of serde's, or nothing. Without the
/// feature `serde`: a `Vec<u8>`, a `String` or nothing.
///
/// ```
/// use katydid_sdk::prelude::*;
/// use katydid_sdk::testing::World;
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Shop {
///     id: i64,
///     token: String,
/// }
///
/// fn open(client: &Client) -> Result<Shop> {
///     let id = client.call("shop.create", ("load test",))?.to()?;
///     let token = client.call("shop.login", (id,))?.to()?;
///     Ok(Shop { id, token })
/// }
///
/// fn close(client: &Client) -> Result {
///     let shop: Shop = setup_data()?;
///     client.call("shop.delete", (shop.id,))?;
///     Ok(())
/// }
///
/// #[derive(Default)]
/// struct Shopper {
///     token: String,
/// }
///
/// #[user]
/// impl Shopper {
///     fn on_start(&mut self) -> Result {
///         let shop: Shop = setup_data()?;
///         self.token = shop.token;
///         Ok(())
///     }
///
///     #[task]
///     fn browse(&mut self, client: &Client) -> Reply {
///         client.call("browse", (&self.token,))
///     }
/// }
///
/// scenario!(Shopper, setup = open, teardown = close);
///
/// let world = World::new()
///     .answer("shop.create", |_| Ok(7))
///     .answer("shop.login", |_| Ok("t-1"))
///     .answer("shop.delete", |_| Ok(true))
///     .answer("browse", |_| Ok(true));
/// world.setup(open)?;
/// world.run_task::<Shopper>("browse")?;
/// world.teardown(close)?;
/// assert_eq!(world.calls("browse"), [[Value::from("t-1")]]);
/// assert_eq!(world.calls("shop.delete"), [[Value::from(7)]]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "this cannot set up a run",
    note = "it takes nothing or `&Client`, and answers nothing, `Result` or a `Result` of anything that is `Serialize`"
)]
pub trait Setup<Form>: 'static {
    /// Sets it up.
    ///
    /// # Errors
    /// Why there can be no run.
    fn set_up(&self, client: &Client) -> Result<Option<Vec<u8>>>;
}

impl<F, O> Setup<(O,)> for F
where
    F: Fn() -> O + 'static,
    O: SetupOutcome,
{
    fn set_up(&self, _client: &Client) -> Result<Option<Vec<u8>>> {
        self().left()
    }
}

impl<F, O> Setup<(O, Client)> for F
where
    F: Fn(&Client) -> O + 'static,
    O: SetupOutcome,
{
    fn set_up(&self, client: &Client) -> Result<Option<Vec<u8>>> {
        self(client).left()
    }
}

/// What a set-up may answer.
#[doc(hidden)]
pub trait SetupOutcome {
    fn left(self) -> Result<Option<Vec<u8>>>;
}

impl SetupOutcome for () {
    fn left(self) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

impl<T: IntoSetupData, E: Into<Error>> SetupOutcome for Result<T, E> {
    fn left(self) -> Result<Option<Vec<u8>>> {
        self.map_err(Into::into)?.into_setup_data()
    }
}

/// What can tear down what was set up: `fn()` or `fn(&Client)`, answering what a task may, named by `scenario!` as
/// its `teardown`. `Form` only tells the two apart.
///
/// It is called once, after the last user has gone. A request that fails in it has been counted and is no error
/// of it.
#[diagnostic::on_unimplemented(
    message = "this cannot tear down a run",
    note = "it takes nothing or `&Client`, and answers nothing, `Result` or `Reply`"
)]
pub trait Teardown<Form>: 'static {
    /// Tears it down.
    ///
    /// # Errors
    /// Why it ended early.
    fn tear_down(&self, client: &Client) -> Result;
}

impl<F, O> Teardown<(O,)> for F
where
    F: Fn() -> O + 'static,
    O: Outcome,
{
    fn tear_down(&self, _client: &Client) -> Result {
        self().outcome().map(drop)
    }
}

impl<F, O> Teardown<(O, Client)> for F
where
    F: Fn(&Client) -> O + 'static,
    O: Outcome,
{
    fn tear_down(&self, client: &Client) -> Result {
        self(client).outcome().map(drop)
    }
}

/// What the scenario's [`setup`](Setup) answered. All of it is read anew each time: keep what a task needs.
///
/// # Errors
/// It answered something else, or nothing at all.
pub fn setup_data<T: FromSetupData>() -> Result<T> {
    let read = T::from_setup_data(backend::setup_data());
    read.map_err(|why| Error::new(format!("what setup answered: {why}")))
}

/// What `setup` can leave for the users: any `Serialize`.
pub trait IntoSetupData {
    #[doc(hidden)]
    fn into_setup_data(self) -> Result<Option<Vec<u8>>>;
}

/// What the users can read of it: any `DeserializeOwned`.
pub trait FromSetupData: Sized {
    #[doc(hidden)]
    fn from_setup_data(data: Option<Vec<u8>>) -> Result<Self, String>;
}

#[cfg(feature = "serde")]
mod with_serde {
    use super::{FromSetupData, IntoSetupData};
    use crate::value::{from_bytes, to_bytes};
    use crate::{Result, Value};
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    impl<T: Serialize> IntoSetupData for T {
        fn into_setup_data(self) -> Result<Option<Vec<u8>>> {
            Ok(match Value::serialize(&self)? {
                Value::Nil => None,
                value => Some(to_bytes(value)),
            })
        }
    }

    impl<T: DeserializeOwned> FromSetupData for T {
        fn from_setup_data(data: Option<Vec<u8>>) -> Result<Self, String> {
            let value = data.map_or(Ok(Value::Nil), |bytes| from_bytes(&bytes))?;
            value.deserialize().map_err(|why| why.to_string())
        }
    }
}

#[cfg(not(feature = "serde"))]
mod without_serde {
    use super::{FromSetupData, IntoSetupData};
    use crate::Result;

    impl IntoSetupData for () {
        fn into_setup_data(self) -> Result<Option<Vec<u8>>> {
            Ok(None)
        }
    }

    impl IntoSetupData for Vec<u8> {
        fn into_setup_data(self) -> Result<Option<Vec<u8>>> {
            Ok(Some(self))
        }
    }

    impl IntoSetupData for String {
        fn into_setup_data(self) -> Result<Option<Vec<u8>>> {
            Ok(Some(self.into_bytes()))
        }
    }

    impl FromSetupData for Vec<u8> {
        fn from_setup_data(data: Option<Vec<u8>>) -> Result<Self, String> {
            data.ok_or_else(|| "nothing".to_owned())
        }
    }

    impl FromSetupData for String {
        fn from_setup_data(data: Option<Vec<u8>>) -> Result<Self, String> {
            Self::from_utf8(Vec::from_setup_data(data)?).map_err(|why| why.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use crate::{Failure, Value};

    #[test]
    fn what_is_left_is_read() -> Result {
        let world = World::new();
        world.setup(|| Ok::<_, Error>("token".to_owned()))?;
        assert_eq!(setup_data::<String>()?, "token");
        world.setup(|_: &Client| Ok::<_, Error>(vec![0_u8, 255]))?;
        assert_eq!(setup_data::<Vec<u8>>()?, [0, 255]);
        world.setup(|| ())?;
        world.setup(|_: &Client| -> Result { Ok(()) })?;
        let nothing = setup_data::<String>().map_err(|error| error.to_string());
        assert!(
            nothing.is_err_and(|why| why.starts_with("what setup answered: ")),
            "it left nothing"
        );
        Ok(())
    }

    #[cfg(feature = "serde")]
    #[test]
    fn it_may_be_anything_of_serdes() -> Result {
        let world = World::new().setup_data((7, Some("x"), [1.5, 2.5]));
        assert_eq!(
            setup_data::<(u8, Option<String>, Vec<f64>)>()?,
            (7, Some("x".to_owned()), vec![1.5, 2.5])
        );
        let other = setup_data::<bool>().map_err(|error| error.to_string());
        assert_eq!(
            other,
            Err("what setup answered: invalid type: sequence, expected a boolean".to_owned())
        );
        drop(world);
        let _world = World::new();
        assert_eq!(setup_data::<Option<u8>>()?, None);
        Ok(())
    }

    /// A request that fails stops the set-up; what is torn down has been counted.
    #[test]
    fn failures_and_errors() {
        let world = World::new().answer("close", |_| Err::<Value, _>(Failure::Status(503)));
        let calls = |client: &Client| client.call("close", ()).map(drop);
        let set_up = world.setup(move |client: &Client| calls(client));
        assert_eq!(set_up.map_err(|error| error.to_string()), Err("status 503".to_owned()));
        assert!(world.teardown(move |client: &Client| calls(client)).is_ok());
        assert!(world.teardown(|| ()).is_ok());
        let torn_down = world.teardown(|| Err::<(), _>(Error::new("it is still open")));
        assert_eq!(
            torn_down.map_err(|error| error.to_string()),
            Err("it is still open".to_owned())
        );
    }
}
