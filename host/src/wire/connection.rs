//! One connection to the target, kept alive, for one virtual user.

use super::http::{HttpReply, ReplyLimits, ReplyReader};
use super::timer::Timer;
use super::url::{ID_WIDTH, LENGTH_WIDTH, RequestHead, Target};
use crate::clock::monotonic_ns;
use katydid_load::failure::{Failure, Phase};
use std::future::poll_fn;
use std::io;
use std::io::Write as _;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long an exchange may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the request's last byte to the reply's first.
    pub first_byte: Duration,
    /// From the guest's call to the reply's last byte, connecting included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(10), first_byte: seconds(60), total: seconds(60) }
    }
}

/// What the connections of a run have in common.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Time-outs of each exchange.
    pub timeouts: Timeouts,
    /// Bounds on each reply.
    pub limits: ReplyLimits,
    /// A header that carries an id of each request, so that it can be found in the target's log.
    pub request_id_header: Option<String>,
    /// Once true, exchanges under way end as `interrupted` when they are next polled.
    pub cut: Arc<AtomicBool>,
}

/// The immutable facts of one exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// Just before the request was last handed to the wire; the end, if it never was.
    pub sent_ns: u64,
    /// Just after the reply's last byte was read, or the exchange failed.
    pub done_ns: u64,
    /// Length of the request's body; 0 where it was never sent.
    pub bytes_sent: u64,
    /// Length of the reply's body.
    pub bytes_received: u64,
    /// How often the request was written whole: 0 never, 2 retried on a stale connection.
    pub attempts: u8,
    /// HTTP status 200, or what else happened.
    pub outcome: Result<(), Failure>,
}

/// A connection that is made when it is first needed, and made anew after it broke.
#[derive(Debug)]
pub struct Connection {
    target: Arc<Target>,
    settings: Arc<Settings>,
    head: RequestHead,
    stream: Option<TcpStream>,
    request: Vec<u8>,
    received: Vec<u8>,
    reply: Range<usize>,
    timer: Timer,
    /// The same instant on tokio's clock and ours, to turn stamps into deadlines without a look at
    /// the clock.
    origin: (Instant, u64),
}

/// Buffers that one long document has made larger than this do not stay so.
const KEPT_BUFFER: usize = 64 << 10;
const FIRST_BUFFER: usize = 2 << 10;

impl Connection {
    /// A connection to `target`; nothing is opened yet.
    #[must_use]
    pub fn new(target: Arc<Target>, settings: Arc<Settings>) -> Self {
        let head = target.head(settings.request_id_header.as_deref());
        Self {
            target,
            settings,
            request: head.bytes.clone(),
            head,
            stream: None,
            received: Vec::new(),
            reply: 0..0,
            timer: Timer::default(),
            origin: (Instant::now(), monotonic_ns()),
        }
    }

    /// Begins a request: answers the buffer that its body is to be appended to, and that
    /// [`Connection::exchange`] takes back. It is moved, not lent, so that the body may be read from
    /// where the connection itself lives: a guest's store.
    pub fn begin(&mut self) -> Vec<u8> {
        let mut request = std::mem::take(&mut self.request);
        if request.capacity() > KEPT_BUFFER || request.len() < self.head.bytes.len() {
            request = self.head.bytes.clone();
        }
        request.truncate(self.head.bytes.len());
        request
    }

    /// The body of the last good reply.
    #[must_use]
    pub fn reply(&self) -> &[u8] {
        &self.received[self.reply.clone()]
    }

    /// Sends a request that [`Connection::begin`] began and reads its reply. `called_ns` is when it
    /// was asked for: the total time-out counts from there, and `timeout` may shorten it. `id` goes
    /// into the id header, if there is one.
    ///
    /// A connection that was kept from an earlier request may have been closed by the target
    /// meanwhile. If it breaks before any byte of the reply came, the request is sent once more.
    pub async fn exchange(
        &mut self,
        request: Vec<u8>,
        called_ns: u64,
        id: (u64, u64),
        timeout: Option<Duration>,
    ) -> Exchanged {
        self.request = request;
        let body = self.request.len().saturating_sub(self.head.bytes.len());
        let mut facts = Exchanged {
            sent_ns: 0,
            done_ns: 0,
            bytes_sent: body as u64,
            bytes_received: 0,
            attempts: 0,
            outcome: Ok(()),
        };
        self.fill_head(id, body);
        let total = timeout.map_or(self.settings.timeouts.total, |timeout| {
            timeout.min(self.settings.timeouts.total)
        });
        let deadline = self.instant(called_ns) + total;
        let mut attempt = self.attempt(deadline, &mut facts).await;
        if let Err(Broken { stale: true, .. }) = attempt {
            attempt = self.attempt(deadline, &mut facts).await;
        }
        facts.outcome = match attempt {
            Ok(reply) => {
                if !reply.keep_alive {
                    self.stream = None;
                }
                facts.bytes_received = reply.body.len() as u64;
                self.reply = reply.body;
                if reply.status == 200 { Ok(()) } else { Err(Failure::Status(reply.status)) }
            }
            Err(broken) => {
                self.stream = None;
                Err(broken.failure)
            }
        };
        if facts.outcome.is_err() && facts.done_ns == 0 {
            facts.done_ns = monotonic_ns();
        }
        if facts.attempts == 0 {
            facts.sent_ns = facts.done_ns;
            facts.bytes_sent = 0;
        }
        facts
    }

    fn fill_head(&mut self, (user, number): (u64, u64), body: usize) {
        // By hand: this is done for every request. A body is bounded far below what the hole holds.
        let hole = &mut self.request[self.head.length_at..][..LENGTH_WIDTH];
        hole.fill(b' ');
        let mut rest = body;
        for digit in hole.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8; // below ten
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if let Some(at) = self.head.id_at {
            let hole = &mut self.request[at..][..ID_WIDTH];
            let _ = write!(&mut hole[..], "{user:016x}-{number:016x}");
        }
    }

    fn instant(&self, stamp_ns: u64) -> Instant {
        self.origin.0 + Duration::from_nanos(stamp_ns.saturating_sub(self.origin.1))
    }

    async fn attempt(
        &mut self,
        deadline: Instant,
        facts: &mut Exchanged,
    ) -> Result<HttpReply, Broken> {
        facts.done_ns = 0;
        let reused = self.still_open();
        if !reused {
            self.stream = Some(self.connect(deadline).await?);
        }
        let Self { stream, request, received, timer, settings, .. } = self;
        let Some(stream) = stream.as_mut() else {
            return Err(Failure::Transport("not connected".into()).into());
        };
        if received.capacity() > KEPT_BUFFER {
            *received = Vec::new();
        }
        received.clear();
        // Only what the target closed while we did not look is worth a second try.
        let stale = |error: io::Error, received: &[u8]| Broken {
            stale: reused && received.is_empty() && closed_by_peer(&error),
            failure: transport(&error),
        };

        facts.sent_ns = monotonic_ns();
        let total = (deadline, Phase::Total);
        let mut guard = Guard { timer, cut: &settings.cut };
        guard
            .run(total, stream.write_all(request))
            .await?
            .map_err(|error| stale(error, received))?;
        facts.attempts += 1;

        let first_byte = self.origin.0
            + Duration::from_nanos(facts.sent_ns.saturating_sub(self.origin.1))
            + settings.timeouts.first_byte;
        let mut until = if first_byte < deadline { (first_byte, Phase::FirstByte) } else { total };
        let mut reader = ReplyReader::default();
        loop {
            // Room for more than what usually comes: tokio then knows from a short read that the
            // socket is empty, and spares the system call that would only tell so.
            if received.capacity() - received.len() < FIRST_BUFFER / 2 {
                received.reserve(received.len().max(FIRST_BUFFER));
            }
            let count = guard
                .run(until, stream.read_buf(received))
                .await?
                .map_err(|error| stale(error, received))?;
            facts.done_ns = monotonic_ns();
            if count == 0 && received.is_empty() {
                return Err(stale(io::ErrorKind::UnexpectedEof.into(), received));
            }
            until = total;
            let reply =
                reader.advance(received, count == 0, settings.limits).map_err(Failure::Protocol)?;
            if let Some(reply) = reply {
                return Ok(reply);
            }
        }
    }

    /// A connection is there, and the target has neither closed it nor sent what nobody asked for.
    /// Costs no system call as long as the runtime has seen nothing arrive.
    fn still_open(&mut self) -> bool {
        let quiet = self.stream.as_ref().is_some_and(|stream| {
            matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
        });
        if !quiet {
            self.stream = None;
        }
        quiet
    }

    async fn connect(&mut self, deadline: Instant) -> Result<TcpStream, Broken> {
        let until = Instant::now() + self.settings.timeouts.connect;
        let until =
            if until < deadline { (until, Phase::Connect) } else { (deadline, Phase::Total) };
        let mut guard = Guard { timer: &mut self.timer, cut: &self.settings.cut };
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for &address in &self.target.addresses {
            match guard.run(until, TcpStream::connect(address)).await? {
                Ok(stream) => {
                    // Without this a request of two segments would wait for the first one's
                    // acknowledgement.
                    stream.set_nodelay(true).map_err(|error| transport(&error))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(transport(&last).into())
    }
}

/// Runs one step of an exchange until it is done, its deadline passes or the run is cut.
struct Guard<'a> {
    timer: &'a mut Timer,
    cut: &'a AtomicBool,
}

impl Guard<'_> {
    async fn run<T>(
        &mut self,
        (deadline, phase): (Instant, Phase),
        step: impl Future<Output = io::Result<T>>,
    ) -> Result<io::Result<T>, Failure> {
        let mut step = pin!(step);
        poll_fn(|context| {
            if let std::task::Poll::Ready(result) = step.as_mut().poll(context) {
                return std::task::Poll::Ready(Ok(result));
            }
            if self.cut.load(Ordering::Relaxed) {
                return std::task::Poll::Ready(Err(Failure::Interrupted));
            }
            self.timer.poll_passed(context, deadline).map(|()| Err(Failure::Timeout(phase)))
        })
        .await
    }
}

/// Why an attempt came to nothing.
struct Broken {
    failure: Failure,
    /// The connection was an old one and broke before the reply began: worth one more try.
    stale: bool,
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self { failure, stale: false }
    }
}

fn closed_by_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof,
    };
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof
    )
}

/// Words that are the same for the same cause, so that failures can be grouped.
fn transport(error: &io::Error) -> Failure {
    use io::ErrorKind::{
        AddrNotAvailable, BrokenPipe, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, UnexpectedEof,
    };
    const EMFILE: i32 = 24;
    Failure::Transport(match error.kind() {
        ConnectionRefused => "connection refused".into(),
        ConnectionReset => "connection reset".into(),
        BrokenPipe => "connection closed while sending".into(),
        UnexpectedEof => "connection closed without a reply".into(),
        HostUnreachable => "host unreachable".into(),
        NetworkUnreachable => "network unreachable".into(),
        AddrNotAvailable => {
            "no local port is free (widen net.ipv4.ip_local_port_range or use fewer users)".into()
        }
        _ if error.raw_os_error() == Some(EMFILE) => {
            "too many open files (raise `ulimit -n`)".into()
        }
        _ => error.to_string().to_lowercase(),
    })
}
