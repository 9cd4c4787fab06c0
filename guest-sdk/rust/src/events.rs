//! Requests that the scenario makes by its own means (a custom client) stand in the same statistics
//! as calls. Each function here counts exactly one.

use crate::backend;
use crate::bindings::katydid::load::events::RequestEvent;
use crate::{Failure, now};
use std::fmt;
use std::time::Duration;

fn event(request_type: &str, name: &str, took: Duration, length: u64) -> RequestEvent {
    RequestEvent {
        request_type: request_type.to_owned(),
        name: name.to_owned(),
        response_time_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        response_length: length,
    }
}

/// A request had a good reply of `length` bytes after the time that it `took`.
pub fn request_success(request_type: &str, name: &str, took: Duration, length: u64) {
    backend::request_success(&event(request_type, name, took, length));
}

/// A request failed after the time that it `took`, for this reason.
pub fn request_failure(
    request_type: &str,
    name: &str,
    took: Duration,
    length: u64,
    reason: impl fmt::Display,
) {
    backend::request_failure(&event(request_type, name, took, length), &reason.to_string());
}

/// Carries out a request of the scenario's own, times it with the host's clock, and counts it: as a
/// success with the length that it answers beside its result, in bytes, or as a failure for the
/// reason of its error.
///
/// ```
/// # use katydid_sdk::prelude::*;
/// # fn send(_: &str) -> Result<Vec<u8>, std::fmt::Error> { Ok(vec![0; 7]) }
/// # fn task(client: &Client) -> Result {
/// let reply = measure("grpc", "pay.Charge", || {
///     let reply = send("charge")?;
///     let length = reply.len() as u64;
///     Ok::<_, std::fmt::Error>((reply, length))
/// })?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// A [`Failure::Reported`] with the reason, so that `?` ends the iteration as with a call.
pub fn measure<T, E: fmt::Display>(
    request_type: &str,
    name: &str,
    request: impl FnOnce() -> Result<(T, u64), E>,
) -> Result<T, Failure> {
    let began = now();
    let outcome = request();
    let took = now().saturating_sub(began);
    match outcome {
        Ok((made, length)) => {
            request_success(request_type, name, took, length);
            Ok(made)
        }
        Err(error) => {
            let reason = error.to_string();
            request_failure(request_type, name, took, 0, &reason);
            Err(Failure::Reported(reason))
        }
    }
}
