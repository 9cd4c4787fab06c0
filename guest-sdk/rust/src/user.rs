//! What a scenario's author implements, and what tasks and hooks may look like.

use crate::{Class, Client, Error, Result, Set, Value};

/// A kind of virtual user: its state, and the class that says what it does.
///
/// Usually written by [`#[user]`](macro@crate::user); by hand it is one function:
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Shopper {
///     basket: Vec<i32>,
/// }
///
/// impl Shopper {
///     fn fill(&mut self, client: &Client) -> Result {
///         self.basket.push(client.call("pick", ())?.to()?);
///         Ok(())
///     }
/// }
///
/// impl User for Shopper {
///     fn class() -> Class<Self> {
///         Class::new("Shopper").wait_time(between(1.0, 3.0)).task("fill", 10, Shopper::fill)
///     }
/// }
///
/// scenario!(Shopper);
/// ```
///
/// Each virtual user is made by `Default` and has an instance of the module of its own: no other
/// user sees its state.
pub trait User: Default + 'static {
    /// Declares the class. It is asked more than once and must always say the same.
    fn class() -> Class<Self>;
}

/// A set of tasks for users of the type `U`, named by the user's class or by another set. Usually
/// written by [`#[task_set]`](macro@crate::task_set).
pub trait TaskSet<U> {
    /// Declares the set.
    fn set() -> Set<U>;
}

/// What a task wants to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    Proceed,
    /// Leave the innermost task set; outside of all sets: go on.
    Interrupt,
    /// This user has done enough: it ends with `on_stop` and is not replaced.
    StopUser,
}

/// What a task or a hook may answer: nothing, a [`Next`], the [`Reply`](crate::Reply) of its last call
/// (which is then looked at no more), or a `Result` of these. Errors are whatever becomes an [`Error`].
#[diagnostic::on_unimplemented(
    message = "a task cannot answer `{Self}`",
    note = "it answers nothing, `Next`, `Result`, `Result<Next>` or `Reply`"
)]
pub trait Outcome {
    /// What happens next.
    ///
    /// # Errors
    /// Why the task ended early.
    fn outcome(self) -> Result<Next>;
}

impl Outcome for () {
    fn outcome(self) -> Result<Next> {
        Ok(Next::Proceed)
    }
}

impl Outcome for Next {
    fn outcome(self) -> Result<Next> {
        Ok(self)
    }
}

impl<E: Into<Error>> Outcome for Result<(), E> {
    fn outcome(self) -> Result<Next> {
        flat(self.map(|()| Next::Proceed))
    }
}

impl<E: Into<Error>> Outcome for Result<Value, E> {
    fn outcome(self) -> Result<Next> {
        flat(self.map(|_| Next::Proceed))
    }
}

impl<E: Into<Error>> Outcome for Result<Next, E> {
    fn outcome(self) -> Result<Next> {
        flat(self)
    }
}

/// A [`Next`] that came as an error is none.
fn flat<E: Into<Error>>(answer: Result<Next, E>) -> Result<Next> {
    answer.or_else(|error| {
        let error = error.into();
        error.next().ok_or(error)
    })
}

/// What can be a task or a hook of users of the type `U`: `fn(&mut U)` or `fn(&mut U, &Client)`,
/// answering an [`Outcome`]. `Form` only tells the two apart.
#[diagnostic::on_unimplemented(
    message = "this is no task of `{U}`",
    note = "a task takes `&mut {U}` and perhaps `&Client`, and answers nothing, `Next`, `Result`, `Result<Next>` or `Reply`"
)]
pub trait Task<U, Form>: 'static {
    /// Carries it out.
    ///
    /// # Errors
    /// Why it ended early.
    fn run(&self, user: &mut U, client: &Client) -> Result<Next>;
}

impl<U, F, O> Task<U, (O,)> for F
where
    F: Fn(&mut U) -> O + 'static,
    O: Outcome,
{
    fn run(&self, user: &mut U, _client: &Client) -> Result<Next> {
        self(user).outcome()
    }
}

impl<U, F, O> Task<U, (O, Client)> for F
where
    F: Fn(&mut U, &Client) -> O + 'static,
    O: Outcome,
{
    fn run(&self, user: &mut U, client: &Client) -> Result<Next> {
        self(user, client).outcome()
    }
}

/// What can take up what a user of another version of the scenario has saved: `fn(&mut U, &[u8])` or
/// `fn(&mut U, &[u8], &Client)`, answering an [`Outcome`]. `Form` only tells the two apart.
#[diagnostic::on_unimplemented(
    message = "this cannot restore a state of `{U}`",
    note = "it takes `&mut {U}`, `&[u8]` and perhaps `&Client`, and answers nothing, `Next`, `Result`, `Result<Next>` or `Reply`"
)]
pub trait Restore<U, Form>: 'static {
    /// Takes it up.
    ///
    /// # Errors
    /// Why the user cannot go on with it.
    fn restore(&self, user: &mut U, state: &[u8], client: &Client) -> Result<Next>;
}

impl<U, F, O> Restore<U, (O,)> for F
where
    F: Fn(&mut U, &[u8]) -> O + 'static,
    O: Outcome,
{
    fn restore(&self, user: &mut U, state: &[u8], _client: &Client) -> Result<Next> {
        self(user, state).outcome()
    }
}

impl<U, F, O> Restore<U, (O, Client)> for F
where
    F: Fn(&mut U, &[u8], &Client) -> O + 'static,
    O: Outcome,
{
    fn restore(&self, user: &mut U, state: &[u8], client: &Client) -> Result<Next> {
        self(user, state, client).outcome()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    #[test]
    fn a_task_answers_in_many_ways() {
        fn ended(outcome: impl Outcome) -> Result<Next, String> {
            outcome.outcome().map_err(|error| error.to_string())
        }
        assert_eq!(ended(()), Ok(Next::Proceed));
        assert_eq!(ended(Next::StopUser), Ok(Next::StopUser));
        assert_eq!(ended(Ok::<(), Failure>(())), Ok(Next::Proceed));
        assert_eq!(ended(Err::<(), _>(Failure::Status(500))), Err("status 500".to_owned()));
        assert_eq!(ended(Ok::<_, Error>(Next::Interrupt)), Ok(Next::Interrupt));
        assert_eq!(ended(Err::<(), Error>(Next::Interrupt.into())), Ok(Next::Interrupt));
        assert_eq!(ended(Err::<Next, _>(Error::new("no"))), Err("no".to_owned()));
        assert_eq!(ended(Ok::<_, Failure>(Value::Int(7))), Ok(Next::Proceed));
    }
}
