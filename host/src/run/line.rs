//! One virtual user's line to the world: carries its requests, takes the stamps, counts.

use super::part::Part;
use super::recorder::{Book, Recorder, Request, XMLRPC};
use super::{GuestLine, Shared};
use crate::guest::{Caller, Level, Row};
use crate::wire::{Connection, Exchanged};
use katydid_load::evidence::{Evidence, Excerpt};
use katydid_load::metric::Recorded;
use katydid_load::{Failure, Label, LabelId, Sample, StopReason};
use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
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
    /// The body of the last request, and everything of its reply that came.
    fn wire(&self) -> (&[u8], &[u8]);
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

    fn wire(&self) -> (&[u8], &[u8]) {
        Connection::wire(self)
    }

    fn take(&mut self) -> Self {
        Connection::take(self)
    }
}

/// A user's line.
pub(super) struct Line<X: Exchange> {
    exchange: X,
    shared: Arc<Shared<X>>,
    who: Who<X>,
    iteration: u64,
    called_ns: u64,
    /// When the iteration was due, until its first request has taken that over.
    due_ns: Option<u64>,
    /// The number of the last request that was handed to the wire.
    last: u64,
}

/// Whose line it is.
pub(super) struct Who<X: Exchange> {
    pub(super) part: Arc<Part<X>>,
    pub(super) shard: usize,
    /// The user's number in the run.
    pub(super) user: u64,
    /// Its number in its scenario.
    pub(super) place: u32,
    /// The version that the user has, and where it is counted.
    pub(super) book: Book,
}

impl<X: Exchange> Clone for Who<X> {
    fn clone(&self) -> Self {
        let Self { part, shard, user, place, book } = self;
        let part = Arc::clone(part);
        Self { part, shard: *shard, user: *user, place: *place, book: *book }
    }
}

/// The facts of one request; none where it was asked for after the run's end, and does not count.
pub(super) struct Measured(Option<Facts>);

struct Facts {
    number: u64,
    due_ns: u64,
    called_ns: u64,
    sent_ns: u64,
    done_ns: u64,
    /// Bytes sent and received.
    sizes: (u64, u64),
    attempts: u8,
}

impl<X: Exchange> Line<X> {
    pub(super) fn new(exchange: X, shared: Arc<Shared<X>>, who: Who<X>) -> Self {
        Self { exchange, shared, who, iteration: 0, called_ns: 0, due_ns: None, last: 0 }
    }

    /// Says when the iteration that is about to begin was due, on the clock of the stamps.
    pub(super) fn set_due(&mut self, due_ns: u64) {
        self.due_ns = Some(due_ns);
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
            version: self.who.book.version,
            user: self.who.user,
            iteration: self.iteration,
            number: facts.number,
            due_ns: facts.due_ns,
            called_ns: facts.called_ns,
            sent_ns: facts.sent_ns,
            done_ns: facts.done_ns,
            bytes_sent: facts.sizes.0,
            bytes_received: facts.sizes.1,
            attempts: facts.attempts,
            outcome,
        };
        let request = Request { book: self.who.book, request_type, name, sample };
        self.recorder().request(&self.shared.labels, request);
    }

    /// When the request is due: in the open model the first one of an iteration when that was, any other one
    /// when it is asked for.
    fn due(&mut self) -> u64 {
        self.due_ns.take().unwrap_or(self.called_ns)
    }

    /// Keeps a failed exchange whole, if it is one of the first of its kind.
    #[cold]
    fn keep_evidence(&self, name: &str, facts: &Facts, failure: &Failure) {
        let label = Label { request_type: XMLRPC.into(), name: name.into() };
        let mut exhibits = self.shared.exhibits.lock().unwrap_or_else(PoisonError::into_inner);
        if !exhibits.wants(&label, failure) {
            return;
        }
        // A call that was judged late may have been followed by others.
        let (request, reply) =
            if facts.number == self.last { self.exchange.wire() } else { (&[][..], &[][..]) };
        exhibits.keep(Evidence {
            label,
            failure: failure.clone(),
            version: self.who.book.version,
            user: self.who.user,
            iteration: self.iteration,
            number: facts.number,
            due_ns: facts.due_ns,
            called_ns: facts.called_ns,
            sent_ns: (facts.attempts > 0).then_some(facts.sent_ns),
            done_ns: facts.done_ns,
            request: Excerpt::of(request),
            reply: Excerpt::of(reply),
        });
    }

    fn next_number(&mut self) -> u64 {
        let requests = &self.who.part.progress[self.who.place as usize].requests;
        let number = requests.load(Ordering::Relaxed);
        requests.store(number + 1, Ordering::Relaxed);
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
        let (called_ns, due_ns) = (self.called_ns, self.due());
        let number = self.next_number();
        self.last = number;
        let id = (self.who.user, number);
        let facts = self.exchange.exchange(request, called_ns, id, timeout).await;
        let Exchanged { sent_ns, done_ns, bytes_sent, bytes_received, attempts, outcome } = facts;
        let sizes = (bytes_sent, bytes_received);
        let facts = Facts { number, due_ns, called_ns, sent_ns, done_ns, sizes, attempts };
        (Measured(Some(facts)), outcome)
    }

    fn refuse(&mut self, _request: Vec<u8>) -> Measured {
        let (now, due_ns) = (self.now_ns(), self.due());
        Measured(Some(Facts {
            number: self.next_number(),
            due_ns,
            called_ns: self.called_ns,
            sent_ns: now,
            done_ns: now,
            sizes: (0, 0),
            attempts: 0,
        }))
    }

    fn reply(&self) -> &[u8] {
        self.exchange.reply()
    }

    fn count(&mut self, measured: Measured, name: &str, outcome: Result<(), &Failure>) {
        if let Some(facts) = measured.0 {
            self.record(XMLRPC, name, &facts, outcome);
            if let Err(failure) = outcome {
                self.keep_evidence(name, &facts, failure);
            }
        }
    }

    fn inner_call(&mut self, method: &str, outcome: Result<(), &Failure>) {
        let now_ns = self.now_ns();
        self.recorder().inner_call(self.who.book, method, outcome, now_ns);
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
            due_ns: began_ns,
            called_ns: began_ns,
            sent_ns: began_ns,
            done_ns,
            sizes: (0, response_length),
            attempts: 1,
        };
        self.record(request_type, name, &facts, outcome);
    }

    fn check(&mut self, name: &str, ok: bool) {
        self.recorder().check(self.who.book, name, ok);
    }

    fn metric(&mut self, name: &str, value: Recorded) {
        let now_ns = self.now_ns();
        self.recorder().metric(self.who.book, name, value, now_ns);
    }

    fn row(&mut self, set: &str) -> Result<Option<Row>, String> {
        self.who.part.data.draw(set, self.who.place, self.shared.spec.seed)
    }

    fn setup_data(&self) -> Option<Arc<[u8]>> {
        self.who.part.setup_data.get().cloned()
    }

    fn log(&mut self, level: Level, message: &str) {
        let message = one_line(message);
        let line = GuestLine { user: self.who.user, level, message: &message };
        (self.shared.spec.guest_log)(line);
    }

    fn drop_log_line(&mut self) {
        self.recorder().drop_log_line(self.who.book);
    }

    fn stop_run(&mut self, reason: &str) {
        self.shared.signal.ask(StopReason::Scenario(one_line(reason)));
    }

    fn now_us(&self) -> u64 {
        self.now_ns().saturating_sub(self.shared.began_ns()) / 1_000
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
pub(super) fn one_line(text: &str) -> String {
    let tame = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(GuestLine::MAX_CHARS).map(tame).collect()
}
