//! One connection to the target, kept alive, for one virtual user.

use super::broken::{Broken, Stage, closed_by_peer, transport};
use super::cookies::{self, Jar};
use super::dial::Dial;
use super::head::RequestHead;
use super::http::{Coding, HttpReply, ReplyReader, header_values};
use super::inflate::inflate;
use super::settings::Settings;
use super::stream::Stream;
use super::timer::Timer;
use super::tls::Session;
use super::url::{Protocol, Target};
use crate::clock::monotonic_ns;
use katydid_load::failure::{Failure, Phase};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

/// The immutable facts of one exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// Just before the request was handed to the wire, on a connection that stands. Sent again on a
    /// stale connection: the last time. Redirected: the first time, for the whole way is the
    /// target's service. Never sent: the end.
    pub sent_ns: u64,
    /// Just after the reply's last byte was read, or the exchange failed.
    pub done_ns: u64,
    /// Length of the request's body; 0 where it was never sent.
    pub bytes_sent: u64,
    /// Length of the reply's body as it came: chunks joined, not inflated. What it was inflated to
    /// is the length of [`Connection::reply`].
    pub bytes_received: u64,
    /// How often the request was written whole: 0 never, 2 retried on a stale connection; each
    /// redirect that was followed adds one.
    pub attempts: u8,
    /// HTTP status 200, or what else happened.
    pub outcome: Result<(), Failure>,
}

/// A connection that is made when it is first needed, and made anew after it broke.
pub struct Connection {
    target: Arc<Target>,
    settings: Arc<Settings>,
    user: u64,
    head: RequestHead,
    stream: Option<Stream>,
    request: Vec<u8>,
    received: Vec<u8>,
    reply: Range<usize>,
    /// Where its head is; nowhere where the reply was inflated over it.
    head_of_reply: Range<usize>,
    timer: Timer,
    /// The same instant on tokio's clock and ours, to turn stamps into deadlines without a look at
    /// the clock.
    origin: (Instant, u64),
    /// What the user remembers of TLS.
    session: Option<Arc<Session>>,
    /// The user's cookies, where they are kept.
    jar: Option<Box<Jar>>,
}

/// Buffers that one long document has made larger than this do not stay so.
const KEPT_BUFFER: usize = 64 << 10;
/// A reply of one value fits. Each user keeps such a buffer, and one that is sent more lets it grow once.
const FIRST_BUFFER: usize = 512;

/// A request on its way: where it stands in its buffer, or the copy that a redirect made necessary.
struct Sending {
    start: usize,
    redirected: Option<Redirected>,
    deadline: Instant,
}

struct Redirected {
    path: String,
    request: Vec<u8>,
    hops: u8,
}

impl Connection {
    /// A connection of `user` to `target`; nothing is opened yet.
    #[must_use]
    pub fn new(target: Arc<Target>, settings: Arc<Settings>, user: u64) -> Self {
        let head = RequestHead::new(&target, &settings, &target.path, None);
        Self {
            request: head.bytes.clone(),
            head,
            user,
            stream: None,
            received: Vec::new(),
            reply: 0..0,
            head_of_reply: 0..0,
            timer: Timer::default(),
            origin: (Instant::now(), monotonic_ns()),
            session: target.is_tls().then(Arc::default),
            jar: (settings.cookies && target.protocol == Protocol::Http).then(Box::default),
            target,
            settings,
        }
    }

    /// The body of the last request, and everything of its reply that came.
    #[must_use]
    pub fn wire(&self) -> (&[u8], &[u8]) {
        (self.request.get(self.head.bytes.len()..).unwrap_or_default(), &self.received)
    }

    /// Hands over the connection with all that belongs to it, and stays behind with nothing opened.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let (target, settings) = (Arc::clone(&self.target), Arc::clone(&self.settings));
        std::mem::replace(self, Self::new(target, settings, self.user))
    }

    /// Begins a request: answers the buffer that its body is to be appended to, and that
    /// [`Connection::exchange`] takes back. It is moved, not lent, so that the body may be read from
    /// where the connection itself lives: a guest's store.
    pub fn begin(&mut self) -> Vec<u8> {
        if let Some(jar) = &mut self.jar
            && jar.may_expire()
            && jar.expire(unix_seconds())
        {
            self.renew_head();
        }
        let mut request = std::mem::take(&mut self.request);
        if request.capacity() > KEPT_BUFFER || request.len() < self.head.bytes.len() {
            request = self.head.bytes.clone();
        }
        request.truncate(self.head.bytes.len());
        request
    }

    /// The body of the last reply, inflated; empty where it was not a good one.
    #[must_use]
    pub fn reply(&self) -> &[u8] {
        &self.received[self.reply.clone()]
    }

    /// A header of the last good reply, as text.
    #[must_use]
    pub fn reply_header(&self, name: &str) -> Option<String> {
        let head = self.received.get(self.head_of_reply.clone())?;
        let value = header_values(head, name).into_iter().next()?;
        Some(String::from_utf8_lossy(&value).into_owned())
    }

    /// Sends a request that [`Connection::begin`] began and reads its reply. `called_ns` is when it
    /// was asked for: the total time-out counts from there, and `timeout` may shorten it. `id` goes
    /// into the id header, if there is one.
    ///
    /// A connection that was kept from an earlier request may have been closed by the target
    /// meanwhile. If it breaks before any byte of the reply came, the request is sent once more.
    /// Redirects by 307 and 308 are followed as long as they stay within the target.
    pub async fn exchange(
        &mut self,
        request: Vec<u8>,
        called_ns: u64,
        id: (u64, u64),
        timeout: Option<Duration>,
    ) -> Exchanged {
        self.request = request;
        (self.reply, self.head_of_reply) = (0..0, 0..0);
        let body = self.request.len().saturating_sub(self.head.bytes.len());
        let mut facts = Exchanged {
            sent_ns: 0,
            done_ns: 0,
            bytes_sent: body as u64,
            bytes_received: 0,
            attempts: 0,
            outcome: Ok(()),
        };
        let total = timeout.map_or(self.settings.timeouts.total, |timeout| {
            timeout.min(self.settings.timeouts.total)
        });
        let mut sending = Sending {
            start: self.head.fill(&mut self.request, id, body),
            redirected: None,
            deadline: self.instant(called_ns) + total,
        };
        facts.outcome = loop {
            let mut attempt = self.attempt(&sending, &mut facts).await;
            if let Err(Broken { stale: true, .. }) = attempt {
                attempt = self.attempt(&sending, &mut facts).await;
            }
            let reply = match attempt {
                Ok(reply) => reply,
                Err(broken) => {
                    self.stream = None;
                    break Err(broken.failure);
                }
            };
            // SCGI has one request for each connection, whatever the reply may say.
            let http = self.target.protocol == Protocol::Http;
            if !(reply.keep_alive && self.settings.keep_alive && http) {
                self.stream = None;
            }
            facts.bytes_received = reply.body.len() as u64;
            if reply.sets_cookies {
                self.take_cookies(&reply, &sending);
            }
            match reply.status {
                200 => break self.accept(reply),
                301 | 302 | 303 | 307 | 308 => match self.follow(&reply, &mut sending, id) {
                    Ok(()) => {}
                    Err(failure) => break Err(failure),
                },
                status => break Err(Failure::Status(status)),
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

    fn instant(&self, stamp_ns: u64) -> Instant {
        self.origin.0 + Duration::from_nanos(stamp_ns.saturating_sub(self.origin.1))
    }

    async fn attempt(
        &mut self,
        sending: &Sending,
        facts: &mut Exchanged,
    ) -> Result<HttpReply, Broken> {
        (facts.done_ns, facts.bytes_received) = (0, 0);
        let deadline = sending.deadline;
        let reused = self.stream.as_mut().is_some_and(Stream::is_quiet);
        if reused {
            self.settings.counters.reused(self.user);
        } else {
            // Closed before the next one is opened: a user has one connection at a time.
            self.stream = None;
            self.stream = Some(self.connect(deadline).await?);
        }
        let dialect = self.target.protocol.dialect();
        let Self { stream, request, received, timer, settings, .. } = self;
        let Some(stream) = stream.as_mut() else {
            return Err(Failure::Transport("not connected".into()).into());
        };
        let request = match &sending.redirected {
            Some(redirected) => &redirected.request[..],
            None => &request[sending.start..],
        };
        if received.capacity() > KEPT_BUFFER {
            *received = Vec::new();
        }
        received.clear();
        // Only what the target closed while we did not look is worth a second try.
        let broke = |error: io::Error, received: &[u8]| Broken {
            stale: reused && received.is_empty() && closed_by_peer(&error),
            failure: transport(
                &error,
                if received.is_empty() { Stage::Request } else { Stage::Reply },
            ),
        };

        let sent_ns = monotonic_ns();
        if sending.redirected.is_none() {
            facts.sent_ns = sent_ns;
        }
        let total = (deadline, Phase::Total);
        let mut guard = Guard { timer, cut: &settings.cut };
        guard.run(total, stream.send(request)).await?.map_err(|error| broke(error, received))?;
        facts.attempts = facts.attempts.saturating_add(1);

        let first_byte = self.origin.0
            + Duration::from_nanos(sent_ns.saturating_sub(self.origin.1))
            + settings.timeouts.first_byte;
        let mut until = if first_byte < deadline { (first_byte, Phase::FirstByte) } else { total };
        let mut reader = ReplyReader::new(dialect);
        loop {
            // Room for more than what usually comes: tokio then knows from a short read that the
            // socket is empty, and spares the system call that would only tell so.
            if received.capacity() - received.len() < FIRST_BUFFER / 2 {
                received.reserve(received.len().max(FIRST_BUFFER));
            }
            let count = guard
                .run(until, stream.read_buf(received))
                .await?
                .map_err(|error| broke(error, received))?;
            facts.done_ns = monotonic_ns();
            if count == 0 && received.is_empty() {
                return Err(broke(io::ErrorKind::UnexpectedEof.into(), received));
            }
            until = total;
            let reply = reader.advance(received, count == 0, settings.limits)?;
            if let Some(reply) = reply {
                return Ok(reply);
            }
        }
    }

    async fn connect(&mut self, deadline: Instant) -> Result<Stream, Failure> {
        let until = Instant::now() + self.settings.timeouts.connect;
        let until =
            if until < deadline { (until, Phase::Connect) } else { (deadline, Phase::Total) };
        let mut guard = Guard { timer: &mut self.timer, cut: &self.settings.cut };
        let dial = Dial::begin(&self.target, &self.settings, self.user, self.session.as_ref());
        guard.run(until, dial).await?
    }

    /// Makes the body of a good reply the one that can be read.
    fn accept(&mut self, reply: HttpReply) -> Result<(), Failure> {
        (self.reply, self.head_of_reply) = (reply.body, reply.head);
        if reply.coding == Coding::Identity {
            return Ok(());
        }
        let mut inflated = Vec::new();
        let result = inflate(reply.coding, self.reply(), &mut inflated, self.settings.limits);
        (self.reply, self.head_of_reply) = (0..inflated.len(), 0..0);
        self.received = inflated;
        result
    }

    /// Prepares the request for where a redirect leads, or says why it is not followed.
    fn follow(
        &mut self,
        reply: &HttpReply,
        sending: &mut Sending,
        id: (u64, u64),
    ) -> Result<(), Failure> {
        let status = reply.status;
        let refused = |reason: String| Err(Failure::Redirect { status, reason });
        let head = &self.received[reply.head.clone()];
        let location = header_values(head, "location").into_iter().next();
        let Some(location) = location.and_then(|location| String::from_utf8(location).ok()) else {
            return refused("a redirect without a location".into());
        };
        let (path, hops) = match &sending.redirected {
            Some(redirected) => (&redirected.path, redirected.hops),
            None => (&self.target.path, 0),
        };
        let to = self.target.redirected(path, &location);
        let shown = match &to {
            Ok(path) => path.split('?').next().unwrap_or_default(),
            Err(elsewhere) => elsewhere,
        };
        if !matches!(status, 307 | 308) {
            return refused(format!(
                "redirects to {shown:?}, which would turn the call into a GET; name that URL as the host"
            ));
        }
        if self.target.protocol == Protocol::Scgi {
            return refused(format!("redirects to {shown:?}, which SCGI cannot follow"));
        }
        if to.is_ok() && hops >= self.settings.redirects {
            return refused(format!("redirects to {shown:?}, one redirect too many"));
        }
        let path = match to {
            Ok(path) => path,
            Err(elsewhere) => {
                return refused(format!("redirects to {elsewhere:?}, which is not the target"));
            }
        };
        let cookies = self.cookies_for(&path);
        let head = RequestHead::new(&self.target, &self.settings, &path, cookies.as_deref());
        let body = &self.request[self.head.bytes.len()..];
        let mut request = [&head.bytes[..], body].concat();
        head.fill(&mut request, id, body.len());
        sending.redirected = Some(Redirected { path, request, hops: hops.saturating_add(1) });
        self.settings.counters.redirected();
        Ok(())
    }

    fn take_cookies(&mut self, reply: &HttpReply, sending: &Sending) {
        let Some(jar) = &mut self.jar else { return };
        let path = match &sending.redirected {
            Some(redirected) => &redirected.path,
            None => &self.target.path,
        };
        let from = cookies::From { host: self.target.host(), path, tls: self.target.is_tls() };
        let now = unix_seconds();
        let mut changed = false;
        for header in header_values(&self.received[reply.head.clone()], "set-cookie") {
            changed |= jar.set(&header, from, now);
        }
        if changed {
            self.renew_head();
        }
    }

    fn cookies_for(&self, path: &str) -> Option<String> {
        self.jar.as_ref().and_then(|jar| jar.header(path, self.target.is_tls()))
    }

    /// The cookies have changed: the next request begins otherwise. The body of one under way is
    /// kept, for a redirect may ask for it again.
    fn renew_head(&mut self) {
        let path = &self.target.path;
        let cookies = self.cookies_for(path);
        let head = RequestHead::new(&self.target, &self.settings, path, cookies.as_deref());
        let body = self.request.get(self.head.bytes.len()..).unwrap_or_default();
        self.request = [&head.bytes[..], body].concat();
        self.head = head;
    }
}

/// Without the request, which may hold a password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("target", &self.target)
            .field("user", &self.user)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

fn unix_seconds() -> u64 {
    // Before 1970 no cookie has expired.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
        step: impl Future<Output = T>,
    ) -> Result<T, Failure> {
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
