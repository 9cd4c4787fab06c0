//! What a virtual user needs of the world outside its sandbox.

use super::node::Row;
use katydid_load::failure::Failure;
use katydid_load::metric::Recorded;
use std::sync::Arc;
use std::time::Duration;

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of the scenario.
    Debug,
    /// For whoever runs it.
    Info,
    /// Something to look at.
    Warn,
    /// Something is wrong.
    Error,
}

/// The outside of one virtual user: its calls, and everything else that it may say or ask.
///
/// The guest's side writes and reads XML-RPC, a caller moves bytes, takes the stamps and counts.
/// Every request that is begun is measured once, by [`Caller::exchange`] or [`Caller::refuse`], and
/// every measurement is counted once, by [`Caller::count`].
pub trait Caller: Send + 'static {
    /// The facts of one request, until it is counted.
    type Measured: Send + 'static;

    /// Says which of the user's iterations begins.
    fn begin_iteration(&mut self, iteration: u64);

    /// Stamps that the guest asked, and answers the buffer that the request's body is to be appended
    /// to. What already stands in it is the caller's own.
    fn begin(&mut self) -> Vec<u8>;

    /// Sends a request that [`Caller::begin`] began, and waits for its reply.
    fn exchange(
        &mut self,
        request: Vec<u8>,
        timeout: Option<Duration>,
    ) -> impl Future<Output = (Self::Measured, Result<(), Failure>)> + Send;

    /// Takes back a request that cannot be sent.
    fn refuse(&mut self, request: Vec<u8>) -> Self::Measured;

    /// The body of the last good reply.
    fn reply(&self) -> &[u8];

    /// Counts one request: exactly one sample, and one success or failure event.
    fn count(&mut self, measured: Self::Measured, name: &str, outcome: Result<(), &Failure>);

    /// Counts a call inside a `system.multicall` that has been answered; it is no request.
    fn inner_call(&mut self, method: &str, outcome: Result<(), &Failure>);

    /// Counts a request that the guest made by its own means.
    fn report(
        &mut self,
        request_type: &str,
        name: &str,
        response_time_us: u64,
        response_length: u64,
        outcome: Result<(), &Failure>,
    );

    /// Counts a named assertion.
    fn check(&mut self, name: &str, ok: bool);

    /// Records a figure of the guest's own. Gauges are finite.
    fn metric(&mut self, name: &str, value: Recorded);

    /// The next row of a set of data, for this user in this iteration; none when the set is used up.
    ///
    /// # Errors
    /// There is no such set, in words for the guest.
    fn row(&mut self, set: &str) -> Result<Option<Row>, String>;

    /// What the scenario's `setup` answered, if anything.
    fn setup_data(&self) -> Option<Arc<[u8]>>;

    /// Takes a line of the guest's log.
    fn log(&mut self, level: Level, message: &str);

    /// Counts a line of the guest's log that was above its limit.
    fn drop_log_line(&mut self);

    /// Ends the run.
    fn stop_run(&mut self, reason: &str);

    /// Microseconds since the run began.
    fn now_us(&self) -> u64;

    /// Waits, at most until the run is cut.
    fn sleep(&mut self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The outside of an instance that is nobody's: it reaches nothing, and what it says is kept.
#[derive(Debug, Default)]
pub(super) struct Nobody {
    /// The lines of its log.
    pub(super) lines: Vec<(Level, String)>,
}

impl Caller for Nobody {
    type Measured = ();

    fn begin_iteration(&mut self, _: u64) {}

    fn begin(&mut self) -> Vec<u8> {
        Vec::new()
    }

    async fn exchange(&mut self, _: Vec<u8>, _: Option<Duration>) -> ((), Result<(), Failure>) {
        ((), Err(Failure::Interrupted))
    }

    fn refuse(&mut self, _: Vec<u8>) {}

    fn reply(&self) -> &[u8] {
        &[]
    }

    fn count(&mut self, (): (), _: &str, _: Result<(), &Failure>) {}

    fn inner_call(&mut self, _: &str, _: Result<(), &Failure>) {}

    fn report(&mut self, _: &str, _: &str, _: u64, _: u64, _: Result<(), &Failure>) {}

    fn check(&mut self, _: &str, _: bool) {}

    fn metric(&mut self, _: &str, _: Recorded) {}

    fn row(&mut self, _: &str) -> Result<Option<Row>, String> {
        Err("there is no data here".to_owned())
    }

    fn setup_data(&self) -> Option<Arc<[u8]>> {
        None
    }

    fn log(&mut self, level: Level, message: &str) {
        self.lines.push((level, message.to_owned()));
    }

    fn drop_log_line(&mut self) {}

    fn stop_run(&mut self, _: &str) {}

    fn now_us(&self) -> u64 {
        0
    }

    async fn sleep(&mut self, _: Duration) {}
}
