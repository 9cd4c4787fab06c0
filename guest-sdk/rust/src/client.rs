//! Calls to the target.

use crate::backend::{self, Judged};
use crate::bindings::katydid::load::client::Options;
use crate::bindings::katydid::load::data::Node;
use crate::events;
use crate::value::{decode, encode};
use crate::{Args, Failure, Mismatch, Multicall, Value};
use std::fmt;
use std::time::Duration;

/// The value that the target answered, or why there is none.
pub type Reply = Result<Value, Failure>;

/// Calls the target of this user. The host sends each call, times it and counts it exactly once.
///
/// Every task is given one; a function that is not may make its own with [`Client::new`]: it holds
/// nothing.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Client {}

impl Client {
    /// A client of this user's target.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    /// Calls `method` and waits for the reply. Counted under the method's name.
    ///
    /// ```no_run
    /// # use katydid_sdk::prelude::*;
    /// # fn task(client: &Client) -> Result {
    /// client.call("get_time", ())?;
    /// let n: i32 = client.call("get_random_number", (0, 100))?.to()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Why there is no good reply. It has been counted.
    pub fn call(&self, method: &str, args: impl Args) -> Reply {
        match args.into_values() {
            Ok(values) => reply(backend::call(method, &encode(values))),
            Err(mismatch) => Err(refused(method, &mismatch)),
        }
    }

    /// Several calls in one request of the method `system.multicall`.
    pub fn multicall(&self) -> Multicall<'_> {
        Multicall::new(self)
    }

    /// A call with a name, a time-out or a verdict of its own (Locust's `catch_response`).
    ///
    /// ```no_run
    /// # use katydid_sdk::prelude::*;
    /// # fn task(client: &Client) -> Result {
    /// let exchange = client
    ///     .request("search", ("tea",))
    ///     .label("search, cold")
    ///     .timeout(Duration::from_millis(500))
    ///     .send();
    /// match exchange.reply() {
    ///     Ok(found) if found[0].is_nil() => exchange.fail("nothing found"),
    ///     Err(failure) if failure.is_fault(4) => exchange.pass(), // sold out: fine
    ///     _ => {} // counted by the reply
    /// }
    /// # Ok(()) }
    /// ```
    pub fn request<'a>(&self, method: &'a str, args: impl Args) -> Request<'a> {
        let options = Options { label: None, timeout_ms: None };
        Request { method, nodes: args.into_values().map(encode), options }
    }
}

/// A call that is not sent yet, made by [`Client::request`].
#[must_use = "nothing is sent before `send`"]
pub struct Request<'a> {
    method: &'a str,
    nodes: Result<Vec<Node>, Mismatch>,
    options: Options,
}

impl Request<'_> {
    /// Counts the request under this name in place of the method's.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.options.label = Some(label.into());
        self
    }

    /// Total time-out of this request, rounded up to a millisecond; the run's own stays the longest.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let ms = timeout.as_nanos().div_ceil(1_000_000);
        self.options.timeout_ms = Some(u32::try_from(ms).unwrap_or(u32::MAX));
        self
    }

    /// Sends the call and waits for the reply.
    pub fn send(self) -> Exchange {
        let Self { method, nodes, options } = self;
        Exchange(match nodes {
            Ok(nodes) => Sent::Yes(backend::call_judged(method, &nodes, &options)),
            Err(mismatch) => {
                Sent::No(refused(options.label.as_deref().unwrap_or(method), &mismatch))
            }
        })
    }
}

/// A call whose outcome the scenario judges after it has read the reply.
///
/// The request is counted when it is passed or failed, or, without a judgement, by its reply when
/// this value goes. Times are those of the exchange: thinking about it costs the target nothing.
pub struct Exchange(Sent);

enum Sent {
    Yes(Judged),
    /// It could not be written as XML-RPC, and was counted as that.
    No(Failure),
}

impl Exchange {
    /// The reply. May be asked again; each time it is copied from the host.
    ///
    /// # Errors
    /// Why there is no good reply.
    pub fn reply(&self) -> Reply {
        match &self.0 {
            Sent::Yes(judged) => reply(judged.reply()),
            Sent::No(failure) => Err(failure.clone()),
        }
    }

    /// Counts the request as a success, whatever the reply was.
    pub fn pass(self) {
        if let Sent::Yes(judged) = self.0 {
            judged.pass();
        }
    }

    /// Counts the request as a failure, for this reason.
    pub fn fail(self, reason: impl fmt::Display) {
        if let Sent::Yes(judged) = self.0 {
            judged.fail(&reason.to_string());
        }
    }
}

/// The one value of a reply.
fn reply(nodes: Result<Vec<Node>, Failure>) -> Reply {
    let broken = |why: &str| Failure::Protocol(format!("the host's reply: {why}"));
    let mut values = decode(nodes?).map_err(broken)?;
    match values.pop() {
        Some(value) if values.is_empty() => Ok(value),
        _ => Err(broken("not exactly one value")),
    }
}

/// A call that cannot be written as XML-RPC. The host never sees it, so it is told here: each call is
/// counted once.
pub(crate) fn refused(name: &str, mismatch: &Mismatch) -> Failure {
    let failure = Failure::Rejected(mismatch.to_string());
    events::request_failure("xmlrpc", name, Duration::ZERO, 0, &failure);
    failure
}
