//! How an iteration ends when it does not simply go on.

use crate::{Failure, Next};
use std::fmt;

/// What a task, a hook or a function of a scenario answers: nothing, unless said otherwise.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a task ended early. Made by `?` or [`Error::new`]; there are three kinds.
///
/// - A **request failed** (a [`Failure`]). The host has counted that request already, and a failure
///   is data. The iteration ends, but is no failed iteration.
/// - The scenario wants something **next** (a [`Next`]): `Err(Next::Interrupt)?` and
///   `Err(Next::StopUser)?` reach the host from however deep a function.
/// - **Anything else**: a message, a reply that is not what the scenario expects
///   ([`Mismatch`](crate::Mismatch)), any other [`std::error::Error`]. The iteration is counted as
///   failed, with this message.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// fn pay(client: &Client, amount: &str) -> Result<i32> {
///     let amount: i32 = amount.parse()?;          // not a number: a failed iteration
///     let reply = client.call("pay", (amount,))?; // a fault: the iteration ends, counted once
///     let left: i32 = reply["left"].to()?;        // no such member: a failed iteration
///     if left < 0 {
///         return Err(Error::new(format!("overdrawn by {}", -left)));
///     }
///     Ok(left)
/// }
/// ```
pub struct Error(Kind);

enum Kind {
    Failure(Failure),
    Next(Next),
    Other(Box<dyn std::error::Error>),
    Message(String),
}

impl Error {
    /// An error of the scenario, in words for the person who runs the test.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(Kind::Message(message.to_string()))
    }

    /// The failed request, if it was one.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.0 {
            Kind::Failure(failure) => Some(failure),
            _ => None,
        }
    }

    /// What is to happen next, if it was no failure and no error at all.
    #[must_use]
    pub fn next(&self) -> Option<Next> {
        match self.0 {
            Kind::Next(next) => Some(next),
            _ => None,
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let error: Box<dyn std::error::Error> = Box::new(error);
        Self(match error.downcast::<Failure>() {
            Ok(failure) => Kind::Failure(*failure),
            Err(other) => Kind::Other(other),
        })
    }
}

impl From<Next> for Error {
    fn from(next: Next) -> Self {
        Self(Kind::Next(next))
    }
}

/// The message, and those of the errors behind it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Failure(failure) => failure.fmt(f),
            Kind::Next(next) => write!(f, "{next:?}"),
            Kind::Message(message) => f.write_str(message),
            Kind::Other(error) => {
                error.fmt(f)?;
                let mut source = error.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
        }
    }
}

/// Like [`Display`](fmt::Display), so that a `#[test]` that answers this error can be read.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stays_one() {
        let error = Error::from(Failure::Status(503));
        assert_eq!(error.failure(), Some(&Failure::Status(503)));
        assert_eq!((error.next(), error.to_string()), (None, "status 503".to_owned()));
    }

    #[test]
    fn other_errors_keep_their_words() {
        let read = || -> Result { Ok("x".parse::<i32>().map(|_| ())?) };
        let error = read().expect_err("no number");
        assert!(error.failure().is_none());
        assert_eq!(error.to_string(), "invalid digit found in string");
        assert_eq!(format!("{:?}", Error::new("no such item")), "no such item");
    }

    #[test]
    fn the_next_thing_travels_as_an_error() {
        assert_eq!(Error::from(Next::Interrupt).next(), Some(Next::Interrupt));
    }
}
