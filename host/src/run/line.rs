//! One virtual user's line to the world: carries its requests, takes the stamps, counts.

use super::recorder::{Recorder, Request, XMLRPC};
use super::{GuestLine, Shared};
use crate::guest::{Caller, Level};
use crate::wire::{Connection, Exchanged};
use katydid_load::{Failure, LabelId, Sample, StopReason};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

/// What carries requests: a [`Connection`], or something scripted in tests.
pub(super) trait Exchange: Send + 'static {
    /// Answers the buffer that the request's body is to be appended to.
    fn begin(&mut self) -> Vec<u8>;
    /// Sends it and waits for the reply. `called_ns` is when it was asked for, `id` is for the
    /// target's log.
    fn exchange(
        &mut self,
        request: Vec<u8>,
        called_ns: u64,
        id: (u64, u64),
        timeout: Option<Duration>,
    ) -> impl Future<Output = Exchanged> + Send;
    /// The body of the last good reply.
    fn reply(&self) -> &[u8];
    /// Hands over what it has (a connection, cookies, a session) and stays behind with nothing.
    fn take(&mut self) -> Self;
}

impl Exchange for Connection {
    fn begin(&mut self) -> Vec<u8> {
        Connection::begin(self)
    }

    fn exchange(
        &mut self,
        request: Vec<u8>,
        called_ns: u64,
        id: (u64, u64),
        timeout: Option<Duration>,
    ) -> impl Future<Output = Exchanged> + Send {
        Connection::exchange(self, request, called_ns, id, timeout)
    }

    fn reply(&self) -> &[u8] {
        Connection::reply(self)
    }

    fn take(&mut self) -> Self {
        Connection::take(self)
    }
}

/// A user's line.
pub(super) struct Line<X: Exchange> {
    exchange: X,
    shared: Arc<Shared<X>>,
    who: Who,
    iteration: u64,
    called_ns: u64,
}

/// Whose line it is.
#[derive(Clone)]
pub(super) struct Who {
    pub(super) shard: usize,
    pub(super) user: u64,
    /// The running number of the version that the user has.
    pub(super) version: u32,
    /// Requests that the user has begun so far, in whatever instance: the number of the next one. Only the
    /// user's own task looks at it.
    pub(super) requests: Arc<AtomicU64>,
}

/// The facts of one request; none where it was asked for after the run's end, and does not count.
pub(super) struct Measured(Option<Facts>);

struct Facts {
    number: u64,
    called_ns: u64,
    sent_ns: u64,
    done_ns: u64,
    bytes_sent: u64,
    bytes_received: u64,
    attempts: u8,
}

impl<X: Exchange> Line<X> {
    pub(super) fn new(exchange: X, shared: Arc<Shared<X>>, who: Who) -> Self {
        Self { exchange, shared, who, iteration: 0, called_ns: 0 }
    }

    /// Hands over what carries the requests, for the user's next instance.
    pub(super) fn take_exchange(&mut self) -> X {
        self.exchange.take()
    }

    fn recorder(&self) -> &Recorder {
        &self.shared.recorders[self.who.shard]
    }

    fn now_ns(&self) -> u64 {
        self.shared.spec.clock.now_ns()
    }

    fn record(&self, request_type: &str, name: &str, facts: &Facts, outcome: Result<(), &Failure>) {
        let sample = Sample {
            label: LabelId(0),
            version: self.who.version,
            user: self.who.user,
            iteration: self.iteration,
            number: facts.number,
            // In a closed run a request is due when it is asked for.
            due_ns: facts.called_ns,
            called_ns: facts.called_ns,
            sent_ns: facts.sent_ns,
            done_ns: facts.done_ns,
            bytes_sent: facts.bytes_sent,
            bytes_received: facts.bytes_received,
            attempts: facts.attempts,
            outcome,
        };
        let request = Request { request_type, name, sample };
        self.recorder().request(&self.shared.labels, request);
    }

    fn next_number(&mut self) -> u64 {
        let number = self.who.requests.load(Ordering::Relaxed);
        self.who.requests.store(number + 1, Ordering::Relaxed);
        number
    }
}

impl<X: Exchange> Caller for Line<X> {
    type Measured = Measured;

    fn begin_iteration(&mut self, iteration: u64) {
        self.iteration = iteration;
    }

    fn begin(&mut self) -> Vec<u8> {
        self.called_ns = self.now_ns();
        self.exchange.begin()
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        timeout: Option<Duration>,
    ) -> (Measured, Result<(), Failure>) {
        if self.shared.signal.is_cut() {
            return (Measured(None), Err(Failure::Interrupted));
        }
        let called_ns = self.called_ns;
        let number = self.next_number();
        let id = (self.who.user, number);
        let facts = self.exchange.exchange(request, called_ns, id, timeout).await;
        let Exchanged { sent_ns, done_ns, bytes_sent, bytes_received, attempts, outcome } = facts;
        let facts =
            Facts { number, called_ns, sent_ns, done_ns, bytes_sent, bytes_received, attempts };
        (Measured(Some(facts)), outcome)
    }

    fn refuse(&mut self, _request: Vec<u8>) -> Measured {
        let now = self.now_ns();
        Measured(Some(Facts {
            number: self.next_number(),
            called_ns: self.called_ns,
            sent_ns: now,
            done_ns: now,
            bytes_sent: 0,
            bytes_received: 0,
            attempts: 0,
        }))
    }

    fn reply(&self) -> &[u8] {
        self.exchange.reply()
    }

    fn count(&mut self, measured: Measured, name: &str, outcome: Result<(), &Failure>) {
        if let Some(facts) = measured.0 {
            self.record(XMLRPC, name, &facts, outcome);
        }
    }

    fn inner_call(&mut self, method: &str, outcome: Result<(), &Failure>) {
        let now_ns = self.now_ns();
        self.recorder().inner_call(self.who.version, method, outcome, now_ns);
    }

    fn report(
        &mut self,
        request_type: &str,
        name: &str,
        response_time_us: u64,
        response_length: u64,
        outcome: Result<(), &Failure>,
    ) {
        let done_ns = self.now_ns();
        let began_ns = done_ns.saturating_sub(response_time_us.saturating_mul(1_000));
        let facts = Facts {
            number: self.next_number(),
            called_ns: began_ns,
            sent_ns: began_ns,
            done_ns,
            bytes_sent: 0,
            bytes_received: response_length,
            attempts: 1,
        };
        self.record(request_type, name, &facts, outcome);
    }

    fn check(&mut self, name: &str, ok: bool) {
        self.recorder().check(self.who.version, name, ok);
    }

    fn log(&mut self, level: Level, message: &str) {
        let message = one_line(message);
        let line = GuestLine { user: self.who.user, level, message: &message };
        (self.shared.spec.guest_log)(line);
    }

    fn drop_log_line(&mut self) {
        self.recorder().drop_log_line(self.who.version);
    }

    fn stop_run(&mut self, reason: &str) {
        self.shared.signal.ask(StopReason::Scenario(one_line(reason)));
    }

    fn now_us(&self) -> u64 {
        self.now_ns().saturating_sub(self.shared.spec.began_ns) / 1_000
    }

    async fn sleep(&mut self, time: Duration) {
        let mut sleep = std::pin::pin!(tokio::time::sleep(time));
        poll_fn(|context| {
            if self.shared.signal.is_cut() {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }
}

/// What a guest says, free of control characters and cut to a bounded length.
fn one_line(text: &str) -> String {
    let tame = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(GuestLine::MAX_CHARS).map(tame).collect()
}
