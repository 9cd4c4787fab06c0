//! Several calls in one request.

use crate::{Args, Client, Failure, Mismatch, Reply, Struct, Value};

/// Calls that are sent as one request of the method `system.multicall`, made by [`Client::multicall`].
#[must_use = "nothing is sent before `send`"]
#[derive(Debug)]
pub struct Multicall<'a> {
    client: &'a Client,
    calls: Result<Vec<Value>, Mismatch>,
}

impl<'a> Multicall<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client, calls: Ok(Vec::new()) }
    }

    /// Adds a call.
    pub fn call(mut self, method: &str, args: impl Args) -> Self {
        self.calls = self.calls.and_then(|mut calls| {
            let mut call = Struct::new();
            call.push("methodName", method);
            call.push("params", args.into_values()?);
            calls.push(Value::Struct(call));
            Ok(calls)
        });
        self
    }

    /// Sends them all and waits for the reply: one answer for each call, in their order.
    ///
    /// ```no_run
    /// # use katydid_sdk::prelude::*;
    /// # fn task(client: &Client) -> Result {
    /// let replies = client.multicall().call("get_time", ()).call("get_random_number", (0, 100)).send()?;
    /// for reply in replies {
    ///     check("no fault inside", reply.is_ok());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Why the request has no good reply. The request is counted once; the calls in it are counted
    /// beside it, by method and fault.
    pub fn send(self) -> Result<Vec<Reply>, Failure> {
        let calls = match self.calls {
            Ok(calls) => calls,
            Err(mismatch) => return Err(crate::client::refused(METHOD, &mismatch)),
        };
        let asked = calls.len();
        let reply = self.client.call(METHOD, (calls,))?;
        match reply {
            Value::Array(answers) if answers.len() == asked => {
                Ok(answers.into_iter().map(answer).collect())
            }
            other => Err(Failure::Protocol(format!(
                "{METHOD} of {asked} calls answered {}",
                match other {
                    Value::Array(answers) => format!("{} results", answers.len()),
                    _ => "no array".to_owned(),
                }
            ))),
        }
    }
}

const METHOD: &str = "system.multicall";

/// An array of the one result, or a struct with a fault.
fn answer(answer: Value) -> Reply {
    match answer {
        Value::Array(mut result) if result.len() == 1 => Ok(result.swap_remove(0)),
        Value::Struct(fault) => match (fault.get("faultCode"), fault.get("faultString")) {
            (Some(Value::Int(code)), message) => {
                let message = message.and_then(Value::as_str).unwrap_or_default().to_owned();
                Err(Failure::Fault { code: *code, message })
            }
            _ => Err(broken()),
        },
        _ => Err(broken()),
    }
}

fn broken() -> Failure {
    Failure::Protocol("neither a result nor a fault".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn fault() -> Value {
        let mut fault = Struct::new();
        fault.push("faultCode", 4);
        fault.push("faultString", "out of stock");
        Value::Struct(fault)
    }

    #[test]
    fn each_call_has_its_answer() {
        let world = World::new().answer(METHOD, |_| {
            Ok(Value::from(vec![Value::from(vec![7]), fault(), Value::from(3)]))
        });
        let three = |client: &Client| {
            let calls = client.multicall().call("a", ()).call("b", (1, "x")).call("c", ());
            calls.send()
        };
        let replies = three(&Client::new()).expect("an array");
        assert_eq!(replies[0], Ok(Value::from(7)));
        assert!(replies[1].as_ref().is_err_and(|failure| failure.is_fault(4)));
        assert_eq!(replies[2], Err(broken()));
        let sent = &world.calls(METHOD)[0][0];
        assert_eq!(sent[1]["methodName"].as_str(), Some("b"));
        assert_eq!(sent[1]["params"][1].as_str(), Some("x"));
    }

    #[test]
    fn a_reply_of_another_length_is_no_good_one() {
        let _world = World::new().answer(METHOD, |_| Ok(Value::from(vec![Value::from(vec![7])])));
        let failure = Client::new().multicall().call("a", ()).call("b", ()).send();
        let expected = "system.multicall of 2 calls answered 1 results";
        assert_eq!(failure, Err(Failure::Protocol(expected.to_owned())));
    }
}
