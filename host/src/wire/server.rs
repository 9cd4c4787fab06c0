//! A small HTTP/1.1 server for the built-in target: what it does with a request is its [`Handler`]'s
//! business, when it did it is stamped here.
//!
//! One thread accepts and hands the connections round robin to workers, each a thread with a runtime,
//! a handler and connections of its own: no lock and no channel on the way of a request. A request
//! costs one read and one write. HTTP/1.0, keep-alive, pipelining, chunked bodies and `Expect` are
//! understood; TLS, compression, `Date` and time-outs for slow clients are not here.

use crate::clock::monotonic_ns;
use std::cell::RefCell;
use std::io::{self, Write as _};
use std::mem;
use std::net::{TcpListener as StdListener, TcpStream as StdStream, ToSocketAddrs};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

pub use std::net::SocketAddr;
/// For tests of what is built upon the server, which name no sockets either.
#[cfg(test)]
pub(crate) use std::net::TcpStream as TcpClient;

/// Longest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// Longest body of a request, in bytes, chunks joined.
const MAX_BODY: usize = 64 << 20;
const MAX_HEADERS: usize = 100;
/// Longest line that announces a chunk, in bytes, extensions included.
const MAX_CHUNK_LINE: usize = 4 << 10;
/// Room for what is read at once: more than a usual request, so that tokio knows from the short read
/// that the socket is empty and need not ask again.
const ROOM: usize = 4 << 10;
/// Buffers that one long message has made larger than this do not stay so.
const KEPT_BUFFER: usize = 64 << 10;
/// Connections that may wait to be accepted. The kernel cuts it down to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;
/// How often [`Handler::tick`] is called.
const TICK: Duration = Duration::from_millis(200);

/// What is done with requests. Every worker has its own handler and calls it from one thread only.
pub trait Handler: Send + 'static {
    /// What is remembered of a request from its arrival to its end.
    type Note: 'static;

    /// A request was read whole. Writes the reply and says when to send it, or what else to do.
    fn handle(&mut self, request: &Request<'_>, reply: &mut Reply) -> (Plan, Self::Note);

    /// The end of a request: called exactly once for each that was handled.
    fn ended(&mut self, note: Self::Note, ending: Ending);

    /// What came was no request, and was refused with this HTTP status.
    fn refused(&mut self, _status: u16) {}

    /// Called every 200 ms, and a last time after the last request has ended.
    fn tick(&mut self) {}
}

/// A request that was read whole.
#[derive(Debug)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The target as it stands in the first line.
    pub path: &'a str,
    /// The value of the id header, as it came; empty where there is none.
    pub id: &'a [u8],
    /// The body, chunks joined.
    pub body: &'a [u8],
    /// The port that the client sends from.
    pub peer_port: u16,
    /// The number of its connection, from 1, in the order of acceptance.
    pub connection: u64,
    /// Its own number on the connection, from 1.
    pub number: u64,
    /// Just after its last byte was read, on the monotonic clock.
    pub received_ns: u64,
    /// From the server's first connection until then, in nanoseconds.
    pub elapsed_ns: u64,
}

/// What a handler answers.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// More header lines, each with its line end.
    pub headers: &'static str,
    /// The body. Empty when the handler is given it.
    pub body: Vec<u8>,
    /// The length to announce instead of the body's own: a lie.
    pub announced: Option<usize>,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: "text/xml",
            headers: "",
            body: Vec::new(),
            announced: None,
        }
    }
}

impl Reply {
    /// A fresh reply that keeps the memory of the last one, unless that was a long one.
    fn renew(&mut self) {
        let mut body = mem::take(&mut self.body);
        tidy(&mut body);
        *self = Self { body, ..Self::default() };
    }
}

/// What to do with a request that was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Wait so long. Granularity: 1 ms, rounded up.
    pub wait: Duration,
    /// And then do this.
    pub then: Then,
}

/// What to do when the wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Send the reply.
    Reply,
    /// Send the reply as if the connection stayed open, then close it.
    ReplyAndClose,
    /// Close the connection without a reply.
    Close,
    /// Reset the connection without a reply.
    Reset,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Just before the reply was written, or before the connection was closed or reset.
    pub replied_ns: u64,
    /// Length of the body that was written.
    pub bytes_out: usize,
    /// Whether it ended as planned.
    pub fate: Fate,
}

/// Whether a request ended as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As planned.
    Done,
    /// The client had gone before the reply was written whole.
    Gone,
    /// The server stopped, or its outage began, first. The connection was closed.
    Stopped,
}

/// A time in which nobody listens and every connection is closed, as if the process had died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Since the first connection.
    pub at: Duration,
    /// How long.
    pub length: Duration,
}

/// How to run a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Workers, at least one.
    pub threads: usize,
    /// The header whose value becomes [`Request::id`].
    pub id_header: &'static str,
    /// In order of time.
    pub outages: Vec<Outage>,
}

/// A server that listens and does not serve yet.
#[derive(Debug)]
pub struct Server {
    listener: StdListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on an address like `127.0.0.1:8877` or `localhost:0`.
    ///
    /// # Errors
    ///
    /// The address cannot be read, resolved or listened on; the message names it.
    pub fn bind(address: &str) -> io::Result<Self> {
        let explain = |error: io::Error| {
            let cure = match error.kind() {
                io::ErrorKind::AddrInUse => ", another process has it, choose another port",
                io::ErrorKind::InvalidInput => ", write it like 127.0.0.1:8877",
                _ => "",
            };
            io::Error::new(error.kind(), format!("cannot listen on \"{address}\": {error}{cure}"))
        };
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in address.to_socket_addrs().map_err(explain)? {
            match listen(address) {
                Ok(listener) => {
                    let address = listener.local_addr()?;
                    return Ok(Self { listener, address });
                }
                Err(error) => last = error,
            }
        }
        Err(explain(last))
    }

    /// The address, with the port that the system chose where 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until [`Running`] is stopped or dropped. `handler` makes the handler of each worker.
    ///
    /// # Errors
    ///
    /// A thread or a runtime cannot be made.
    pub fn start<H: Handler>(
        self,
        settings: Settings,
        mut handler: impl FnMut() -> H,
    ) -> io::Result<Running> {
        let first_ns = Arc::new(AtomicU64::new(0));
        let (stop, stopped) = oneshot::channel();
        let mut running = Running { address: self.address, stop: Some(stop), threads: Vec::new() };
        let mut workers = Vec::new();
        let (ready, answers) = std::sync::mpsc::channel();
        for index in 0..settings.threads.max(1) {
            let (worker, orders) = mpsc::unbounded_channel();
            workers.push(worker);
            let facts = Facts { first_ns: Arc::clone(&first_ns), id_header: settings.id_header };
            let (handler, ready) = (handler(), ready.clone());
            running
                .spawn(format!("target-{index}"), move || work(orders, handler, facts, &ready))?;
        }
        let acceptor = Acceptor { address: self.address, workers, first_ns, next: 0 };
        let (listener, outages) = (self.listener, settings.outages);
        running.spawn("target-accept".into(), move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let begun = runtime.and_then(|runtime| {
                let _inside = runtime.enter();
                let listener = TcpListener::from_std(listener)?;
                Ok((runtime, listener))
            });
            match begun {
                Ok((runtime, listener)) => {
                    let _ = ready.send(Ok(()));
                    runtime.block_on(acceptor.run(listener, &outages, stopped));
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        })?;
        // Each thread answers once, or is gone.
        for answer in answers.iter().take(running.threads.len()) {
            answer?;
        }
        Ok(running)
    }
}

/// A server at work. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Ends all threads and closes all sockets, then returns. Requests under way end as
    /// [`Fate::Stopped`]. Does nothing the second time.
    pub fn stop(&mut self) {
        // The acceptor leaves, its channels close, and so the workers leave.
        self.stop = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has already said so.
            let _ = thread.join();
        }
    }

    fn spawn(&mut self, name: String, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = std::thread::Builder::new().name(name).spawn(body)?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(address: SocketAddr) -> io::Result<StdListener> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of a server before us, still in TIME_WAIT, must not keep us off its port.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// What the acceptor tells a worker.
enum Order {
    /// Serve this connection; its number, and the port of the client.
    Serve(StdStream, u64, u16),
    /// Close all connections.
    CloseAll,
}

/// The thread that accepts.
struct Acceptor {
    address: SocketAddr,
    workers: Vec<mpsc::UnboundedSender<Order>>,
    first_ns: Arc<AtomicU64>,
    /// Connections so far.
    next: u64,
}

impl Acceptor {
    async fn run(
        mut self,
        mut listener: TcpListener,
        outages: &[Outage],
        mut stopped: oneshot::Receiver<()>,
    ) {
        for outage in outages {
            let up = async {
                let begin = self.accept_first(&listener).await;
                tokio::select! {
                    () = sleep_until(begin + outage.at) => {}
                    () = self.accept_all(&listener) => {}
                }
                begin + outage.at + outage.length
            };
            let end = tokio::select! {
                _ = &mut stopped => return,
                end = up => end,
            };
            drop(listener);
            for worker in &self.workers {
                let _ = worker.send(Order::CloseAll);
            }
            let down = async {
                sleep_until(end).await;
                self.listen_again().await
            };
            listener = tokio::select! {
                _ = &mut stopped => return,
                again = down => again,
            };
        }
        tokio::select! {
            _ = &mut stopped => {}
            () = self.accept_all(&listener) => {}
        }
    }

    /// The instant of the first connection ever, which is awaited.
    async fn accept_first(&mut self, listener: &TcpListener) -> Instant {
        while self.next == 0 {
            self.accept_one(listener).await;
        }
        let since = monotonic_ns().saturating_sub(self.first_ns.load(Ordering::Relaxed));
        let now = Instant::now();
        now.checked_sub(Duration::from_nanos(since)).unwrap_or(now)
    }

    async fn accept_all(&mut self, listener: &TcpListener) {
        loop {
            self.accept_one(listener).await;
        }
    }

    async fn accept_one(&mut self, listener: &TcpListener) {
        let accepted = match listener.accept().await {
            Ok((stream, peer)) => stream.into_std().map(|stream| (stream, peer.port())),
            Err(error) => Err(error),
        };
        let Ok((stream, port)) = accepted else {
            // Too many open files, most likely: it passes when clients leave.
            return sleep(Duration::from_millis(20)).await;
        };
        if self.next == 0 {
            self.first_ns.store(monotonic_ns(), Ordering::Relaxed);
        }
        self.next += 1;
        let index = self.next % self.workers.len() as u64;
        if let Some(worker) = self.workers.get(usize::try_from(index).unwrap_or(0)) {
            let _ = worker.send(Order::Serve(stream, self.next, port));
        }
    }

    async fn listen_again(&self) -> TcpListener {
        loop {
            if let Ok(listener) = listen(self.address).and_then(TcpListener::from_std) {
                return listener;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What all connections know.
#[derive(Clone)]
struct Facts {
    first_ns: Arc<AtomicU64>,
    id_header: &'static str,
}

/// The thread of a worker.
fn work<H: Handler>(
    mut orders: mpsc::UnboundedReceiver<Order>,
    handler: H,
    facts: Facts,
    ready: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    let begun = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = match begun {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(()));
    let handler = Rc::new(RefCell::new(handler));
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Serve(stream, number, port)) => {
                        let handler = Rc::clone(&handler);
                        if let Ok(connection) = Connection::new(stream, number, port, &facts, handler) {
                            connections.spawn_local(connection.run());
                        }
                    }
                    Some(Order::CloseAll) => connections.shutdown().await,
                    None => break,
                },
                _ = ticks.tick() => handler.borrow_mut().tick(),
                // Only to forget it.
                _ = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        connections.shutdown().await;
    });
    drop(runtime);
    handler.borrow_mut().tick();
}

/// One connection of a client.
struct Connection<H: Handler> {
    stream: TcpStream,
    number: u64,
    peer_port: u16,
    facts: Facts,
    handler: Rc<RefCell<H>>,
    inbox: Inbox,
    reply: Reply,
    outbox: Vec<u8>,
}

impl<H: Handler> Connection<H> {
    fn new(
        stream: StdStream,
        number: u64,
        peer_port: u16,
        facts: &Facts,
        handler: Rc<RefCell<H>>,
    ) -> io::Result<Self> {
        let stream = TcpStream::from_std(stream)?;
        // A long reply must not wait for an acknowledgement of its first part.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            number,
            peer_port,
            facts: facts.clone(),
            handler,
            inbox: Inbox::default(),
            reply: Reply::default(),
            outbox: Vec::new(),
        })
    }

    /// Serves until either side closes.
    async fn run(mut self) {
        let mut number = 0;
        let mut received_ns = monotonic_ns();
        loop {
            let message = match self.receive(&mut received_ns).await {
                Ok(Some(message)) => message,
                // The client left; there is nobody to tell.
                Ok(None) => return,
                Err(Refusal(status, reason)) => return self.refuse(status, reason).await,
            };
            number += 1;
            let keep = self.answer(&message, number, received_ns).await;
            if !keep {
                return;
            }
            self.inbox.forget(&message);
        }
    }

    /// Reads the next request whole. `None`: the client closed or broke the connection.
    async fn receive(&mut self, received_ns: &mut u64) -> Result<Option<Message>, Refusal> {
        let mut encouraged = false;
        loop {
            if let Some(message) = self.inbox.advance(self.facts.id_header)? {
                return Ok(Some(message));
            }
            if self.inbox.waits_for_encouragement() && !encouraged {
                encouraged = true;
                if self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err() {
                    return Ok(None);
                }
            }
            let buffer = self.inbox.room();
            match self.stream.read_buf(buffer).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(_) => *received_ns = monotonic_ns(),
            }
        }
    }

    /// Has a request handled and carries out the plan. Answers whether the connection goes on.
    async fn answer(&mut self, message: &Message, number: u64, received_ns: u64) -> bool {
        let (buffer, head) = (&self.inbox.buffer, &message.head);
        self.reply.renew();
        let request = Request {
            method: text(buffer, &head.method),
            path: text(buffer, &head.path),
            id: buffer.get(head.id.clone()).unwrap_or_default(),
            body: buffer.get(message.body.clone()).unwrap_or_default(),
            peer_port: self.peer_port,
            connection: self.number,
            number,
            received_ns,
            elapsed_ns: received_ns.saturating_sub(self.facts.first_ns.load(Ordering::Relaxed)),
        };
        let bodyless = request.method == "HEAD";
        let (plan, note) = self.handler.borrow_mut().handle(&request, &mut self.reply);
        let pending = Pending { handler: &self.handler, note: Some(note) };
        if !plan.wait.is_zero() {
            sleep(plan.wait).await;
        }
        match plan.then {
            Then::Reply | Then::ReplyAndClose => {}
            Then::Close => {
                pending.end(monotonic_ns(), 0, Fate::Done);
                return false;
            }
            Then::Reset => {
                let replied_ns = monotonic_ns();
                // The connection is dropped by our caller, and then resets.
                let _ = self.stream.set_zero_linger();
                pending.end(replied_ns, 0, Fate::Done);
                return false;
            }
        }
        write_head(&mut self.outbox, &self.reply, head);
        let bytes_out = if bodyless { 0 } else { self.reply.body.len() };
        self.outbox.extend_from_slice(self.reply.body.get(..bytes_out).unwrap_or_default());
        let replied_ns = monotonic_ns();
        let sent = self.stream.write_all(&self.outbox).await;
        let fate = if sent.is_ok() { Fate::Done } else { Fate::Gone };
        pending.end(replied_ns, bytes_out, fate);
        sent.is_ok() && head.keep_alive && plan.then == Then::Reply
    }

    /// Says what was wrong, and closes such that the client can read it.
    async fn refuse(mut self, status: u16, reason: &'static str) {
        self.handler.borrow_mut().refused(status);
        self.reply.renew();
        self.reply.status = status;
        self.reply.content_type = "text/plain";
        self.reply.body.extend_from_slice(reason.as_bytes());
        self.reply.body.push(b'\n');
        write_head(&mut self.outbox, &self.reply, &Head::default());
        self.outbox.extend_from_slice(&self.reply.body);
        // Closing while unread bytes are left would reset the connection, and the reply be lost.
        let _ = timeout(Duration::from_secs(1), async {
            self.stream.write_all(&self.outbox).await?;
            self.stream.shutdown().await?;
            let mut left = 4 * MAX_BODY;
            while left > 0 {
                self.outbox.clear();
                match self.stream.read_buf(&mut self.outbox).await? {
                    0 => break,
                    count => left = left.saturating_sub(count),
                }
            }
            io::Result::Ok(())
        })
        .await;
    }
}

/// A request that was handled and has not ended. If its connection is cut off first, it ends so.
struct Pending<'c, H: Handler> {
    handler: &'c RefCell<H>,
    note: Option<H::Note>,
}

impl<H: Handler> Pending<'_, H> {
    fn end(mut self, replied_ns: u64, bytes_out: usize, fate: Fate) {
        if let Some(note) = self.note.take() {
            self.handler.borrow_mut().ended(note, Ending { replied_ns, bytes_out, fate });
        }
    }
}

impl<H: Handler> Drop for Pending<'_, H> {
    fn drop(&mut self) {
        // Borrowed only if the handler itself panics.
        if let (Some(note), Ok(mut handler)) = (self.note.take(), self.handler.try_borrow_mut()) {
            let fate = Fate::Stopped;
            handler.ended(note, Ending { replied_ns: monotonic_ns(), bytes_out: 0, fate });
        }
    }
}

/// Replaces what the buffer holds by the head of a reply.
fn write_head(out: &mut Vec<u8>, reply: &Reply, request: &Head) {
    tidy(out);
    let length = reply.announced.unwrap_or(reply.body.len());
    // Writing to a vector cannot fail.
    let _ = write!(
        out,
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {length}\r\n{}",
        reply.status,
        phrase(reply.status),
        reply.content_type,
        reply.headers
    );
    out.extend_from_slice(match (request.keep_alive, request.old) {
        (true, false) => b"\r\n",
        (true, true) => b"Connection: keep-alive\r\n\r\n",
        (false, _) => b"Connection: close\r\n\r\n",
    });
}

/// Empties a buffer, and gives its memory back if that was much.
fn tidy(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT_BUFFER);
}

/// The bytes of a part of the head, which `httparse` has found to be text.
fn text<'b>(buffer: &'b [u8], part: &Range<usize>) -> &'b str {
    buffer.get(part.clone()).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// What came is no request that we serve: the HTTP status, and why.
#[derive(Debug, PartialEq)]
struct Refusal(u16, &'static str);

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Framing {
    #[default]
    None,
    Length(usize),
    Chunked,
}

/// What matters of the head of a request. Ranges are places in the buffer.
#[derive(Debug, Default)]
struct Head {
    method: Range<usize>,
    path: Range<usize>,
    id: Range<usize>,
    /// Where the body begins.
    end: usize,
    framing: Framing,
    keep_alive: bool,
    /// HTTP/1.0.
    old: bool,
    /// The client waits for `100 Continue` before it sends the body.
    expects: bool,
}

/// A request that is whole. Ranges are places in the buffer.
#[derive(Debug)]
struct Message {
    head: Head,
    body: Range<usize>,
    /// Where the next request begins.
    end: usize,
}

/// What a client has sent, and how far it has been understood. Pure: it never touches a socket.
#[derive(Debug, Default)]
struct Inbox {
    buffer: Vec<u8>,
    /// Where the request under way begins.
    start: usize,
    /// Its head, once that is whole.
    head: Option<Head>,
    /// Until where a chunked body has been joined.
    joined: usize,
    /// Where its next chunk begins.
    raw: usize,
    /// Until where the buffer has been looked at without finding the end of a head.
    seen: usize,
}

impl Inbox {
    /// Looks at what has arrived: a whole request, or `None` when more is needed.
    fn advance(&mut self, id_header: &str) -> Result<Option<Message>, Refusal> {
        if self.head.is_none() {
            // A head ends with a line end. Without a new one there is nothing to parse, however
            // slowly the client sends.
            let fresh = self.buffer.get(self.seen..).unwrap_or_default();
            if !fresh.contains(&b'\n') {
                self.seen = self.buffer.len();
                return self.check_head(self.seen).map(|()| None);
            }
            self.head = read_head(&self.buffer, self.start, id_header)?;
            self.seen = self.buffer.len();
            let Some(head) = &self.head else {
                return self.check_head(self.seen).map(|()| None);
            };
            (self.joined, self.raw) = (head.end, head.end);
            let end = head.end;
            self.check_head(end)?;
        }
        let Some(head) = &self.head else { return Ok(None) };
        let begin = head.end;
        let (body, end) = match head.framing {
            Framing::None => (begin..begin, begin),
            // The sum cannot overflow: a length was bounded when it was read.
            Framing::Length(length) if self.buffer.len() - begin < length => return Ok(None),
            Framing::Length(length) => (begin..begin + length, begin + length),
            Framing::Chunked => match self.join_chunks(begin)? {
                Some(end) => (begin..self.joined, end),
                None => return Ok(None),
            },
        };
        Ok(self.head.take().map(|head| Message { head, body, end }))
    }

    fn check_head(&self, end: usize) -> Result<(), Refusal> {
        if end - self.start > MAX_HEAD {
            return Err(Refusal(431, "the head of the request is longer than 64 KiB"));
        }
        Ok(())
    }

    /// Moves the chunks that have arrived together. Answers the end of the last one's trailers.
    fn join_chunks(&mut self, begin: usize) -> Result<Option<usize>, Refusal> {
        const BROKEN: Refusal = Refusal(400, "the body is not chunked as it should be");
        loop {
            let rest = self.buffer.get(self.raw..).unwrap_or_default();
            let (line, size) = match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) if rest.len() <= MAX_CHUNK_LINE => break,
                _ => return Err(BROKEN),
            };
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size > MAX_BODY - (self.joined - begin) {
                return Err(TOO_LONG);
            }
            if size == 0 {
                let trailers = rest.get(line..).unwrap_or_default();
                let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
                match httparse::parse_headers(trailers, &mut headers) {
                    Ok(httparse::Status::Complete((length, _))) => {
                        return Ok(Some(self.raw + line + length));
                    }
                    Ok(httparse::Status::Partial) if trailers.len() <= MAX_HEAD => break,
                    _ => return Err(BROKEN),
                }
            }
            let Some(end) = rest.get(line + size..line + size + 2) else { break };
            if end != b"\r\n" {
                return Err(BROKEN);
            }
            let data = self.raw + line;
            self.buffer.copy_within(data..data + size, self.joined);
            self.joined += size;
            self.raw = data + size + 2;
        }
        // Many small chunks must not fill the memory with what stood between them.
        // Only where something stands between: or a long chunk would be moved at each of its reads.
        if self.raw > self.joined {
            self.buffer.copy_within(self.raw.., self.joined);
            self.buffer.truncate(self.buffer.len() - (self.raw - self.joined));
            self.raw = self.joined;
        }
        Ok(None)
    }

    /// The head is there, the body is not, and the client waits to be told that we want it.
    fn waits_for_encouragement(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.expects && head.end == self.buffer.len())
    }

    /// The buffer, with room for what comes next. It grows with what has come, never with what was
    /// announced.
    fn room(&mut self) -> &mut Vec<u8> {
        if self.head.is_none() && self.start > 0 {
            self.buffer.drain(..self.start);
            self.seen -= self.start;
            self.start = 0;
        }
        let length = self.buffer.len();
        if self.buffer.capacity() - length < ROOM {
            self.buffer.reserve(length.max(ROOM));
        }
        &mut self.buffer
    }

    /// Goes on to what follows a message.
    fn forget(&mut self, message: &Message) {
        self.start = message.end;
        if self.start == self.buffer.len() {
            tidy(&mut self.buffer);
            self.start = 0;
        }
        self.seen = self.start;
    }
}

const TOO_LONG: Refusal = Refusal(413, "the body of the request is longer than 64 MiB");

/// Reads the head that begins at `start`, if it is whole.
fn read_head(buffer: &[u8], start: usize, id_header: &str) -> Result<Option<Head>, Refusal> {
    let bytes = buffer.get(start..).unwrap_or_default();
    let mut headers = [const { mem::MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal(431, "the request has more than 100 headers"));
        }
        Err(httparse::Error::Version) => return Err(Refusal(505, "only HTTP/1 is spoken here")),
        Err(_) => return Err(Refusal(400, "this is not an HTTP request")),
    };
    // Where a part of the buffer is in it.
    let place = |part: &[u8]| {
        let at = part.as_ptr().addr().wrapping_sub(buffer.as_ptr().addr());
        at..at + part.len()
    };
    let old = request.version == Some(0);
    let mut head = Head {
        method: place(request.method.unwrap_or_default().as_bytes()),
        path: place(request.path.unwrap_or_default().as_bytes()),
        end: start + length,
        old,
        keep_alive: !old,
        ..Head::default()
    };
    let mut chunked = false;
    for httparse::Header { name, value } in request.headers.iter() {
        if name.eq_ignore_ascii_case("content-length") {
            let length = content_length(value)?;
            if head.framing != Framing::None && head.framing != Framing::Length(length) {
                return Err(Refusal(400, "the request has two different lengths"));
            }
            head.framing = Framing::Length(length);
        } else if name.eq_ignore_ascii_case("connection") {
            for token in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                if token.eq_ignore_ascii_case(b"close") {
                    head.keep_alive = false;
                } else if old && token.eq_ignore_ascii_case(b"keep-alive") {
                    head.keep_alive = true;
                }
            }
        } else if name.eq_ignore_ascii_case(id_header) {
            head.id = place(value);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal(501, "of the transfer encodings only chunked is understood"));
            }
            chunked = true;
        } else if name.eq_ignore_ascii_case("expect") {
            if !value.trim_ascii().eq_ignore_ascii_case(b"100-continue") {
                return Err(Refusal(417, "only 100-continue can be expected"));
            }
            head.expects = !old;
        }
    }
    if chunked {
        // Two sides that disagree which one counts can be made to see different requests.
        if head.framing != Framing::None {
            return Err(Refusal(400, "the request has a length and is chunked"));
        }
        head.framing = Framing::Chunked;
    }
    Ok(Some(head))
}

fn content_length(value: &[u8]) -> Result<usize, Refusal> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Refusal(400, "the length of the request is no number"));
    }
    let length = digits.iter().fold(0_usize, |length, digit| {
        length.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    });
    if length > MAX_BODY { Err(TOO_LONG) } else { Ok(length) }
}

/// What people call the statuses that are likely here. It means nothing to a client.
fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::sync::Mutex;

    /// Feeds the bytes in pieces of this size and answers the requests that come out: method, path,
    /// id, body, whether the connection is kept.
    fn read_all(bytes: &[u8], piece: usize) -> Result<Vec<[String; 4]>, Refusal> {
        let mut inbox = Inbox::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            inbox.room().extend_from_slice(piece);
            while let Some(message) = inbox.advance("X-Id")? {
                let part = |part: &Range<usize>| text(&inbox.buffer, part).to_owned();
                let head = &message.head;
                let kept = if head.keep_alive { "kept" } else { "closed" };
                let line = format!("{} {} {kept}", part(&head.method), part(&head.path));
                found.push([line, part(&head.id), part(&message.body), String::new()]);
                inbox.forget(&message);
            }
        }
        let left = inbox.buffer.get(inbox.start..).unwrap_or_default();
        found.push([String::new(), String::new(), String::new(), format!("{} left", left.len())]);
        Ok(found)
    }

    #[test]
    fn requests_are_found_however_the_bytes_arrive() {
        let rows: &[(&str, &str, &[[&str; 3]], &str)] = &[
            (
                "a body with a length",
                "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
                &[["POST /RPC2 kept", "", "hello"]],
                "0 left",
            ),
            (
                "no length, no body",
                "GET /?a=b HTTP/1.1\r\nx-ID: 7f-1\r\n\r\n",
                &[["GET /?a=b kept", "7f-1", ""]],
                "0 left",
            ),
            (
                "pipelined, the last one unfinished",
                "POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST /2 HTTP/1.1\r\n\
                 Content-Length: 2\r\n\r\nbbPOST /3 HTTP/1.1\r\n",
                &[["POST /1 kept", "", "a"], ["POST /2 kept", "", "bb"]],
                "18 left",
            ),
            (
                "chunks with an extension and a trailer, then another request",
                "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, my world\r\n\
                 0\r\nX-Sum: 1\r\n\r\nGET /next HTTP/1.1\r\n\r\n",
                &[["POST / kept", "", "hello, my world"], ["GET /next kept", "", ""]],
                "0 left",
            ),
            (
                "an empty chunked body",
                "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                &[["POST / kept", "", ""]],
                "0 left",
            ),
            (
                "the client wants to close",
                "POST / HTTP/1.1\r\nConnection: TE, Close\r\nContent-Length: 0\r\n\r\n",
                &[["POST / closed", "", ""]],
                "0 left",
            ),
            ("HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", &[["GET / closed", "", ""]], "0 left"),
            (
                "unless it is asked not to",
                "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
                &[["GET / kept", "", ""]],
                "0 left",
            ),
            (
                "the same length twice",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                &[["POST / kept", "", "x"]],
                "0 left",
            ),
        ];
        for (what, bytes, expected, left) in rows {
            for piece in [1, 2, 3, 7, 1000] {
                let mut wanted: Vec<[String; 4]> = expected
                    .iter()
                    .map(|[line, id, body]| [line, id, body, &""].map(|part| (*part).to_owned()))
                    .collect();
                wanted.push(["", "", "", left].map(str::to_owned));
                assert_eq!(read_all(bytes.as_bytes(), piece), Ok(wanted), "{what}, by {piece}");
            }
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let long = "x".repeat(MAX_HEAD);
        let many: String = (0..=MAX_HEADERS).map(|n| format!("h{n}: x\r\n")).collect();
        let post = "POST / HTTP/1.1\r\n";
        let rows = [
            ("not HTTP", "\x16\x03\x01\x02\r\n".to_owned(), 400),
            ("HTTP/2", "PRI * HTTP/2.0\r\n\r\n".into(), 505),
            ("a line without an end", format!("GET /{long}"), 431),
            ("a head without an end", format!("GET / HTTP/1.1\r\nh: {long}\r\n"), 431),
            ("too many headers", format!("GET / HTTP/1.1\r\n{many}\r\n"), 431),
            ("a length that is none", format!("{post}Content-Length: -1\r\n\r\n"), 400),
            ("an empty length", format!("{post}Content-Length:\r\n\r\n"), 400),
            ("two lengths", format!("{post}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400),
            ("a length in a list", format!("{post}Content-Length: 1, 1\r\n\r\n"), 400),
            ("a long body", format!("{post}Content-Length: 67108865\r\n\r\n"), 413),
            ("an endless body", format!("{post}Content-Length: 99999999999999999999\r\n\r\n"), 413),
            (
                "a length and chunks",
                format!("{post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
                400,
            ),
            (
                "a compressed transfer",
                format!("{post}Transfer-Encoding: gzip, chunked\r\n\r\n"),
                501,
            ),
            ("no number of a chunk", format!("{post}Transfer-Encoding: chunked\r\n\r\nx\r\n"), 400),
            (
                "a chunk longer than it says",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
                400,
            ),
            (
                "a giant chunk",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n"),
                413,
            ),
            (
                "the largest chunk",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
                413,
            ),
            ("a wish we do not know", format!("{post}Expect: a miracle\r\n\r\n"), 417),
        ];
        for (what, bytes, status) in rows {
            // Longer pieces for the long ones: one byte at a time they would take a second each.
            for piece in if bytes.len() < 1000 { [1, 5, 1000] } else { [997, 5000, 1 << 20] } {
                let refusal = read_all(bytes.as_bytes(), piece).map(|_| ()).expect_err(what);
                assert_eq!(refusal.0, status, "{what}, by {piece}: {}", refusal.1);
            }
        }
    }

    #[test]
    fn no_input_panics_however_it_is_cut() {
        let mut state = 1_u64;
        let mut draw = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % bound
        };
        let parts = [
            "POST / HTTP/1.1\r\n",
            "GET / HTTP/1.0\r\n",
            "Content-Length: 3\r\n",
            "\r\n",
            "\n",
            "abc",
            "Transfer-Encoding: chunked\r\n",
            "3\r\nabc\r\n",
            "0\r\n",
            "\r\n",
            "X-Id:\r\n",
            "x: y\r\n",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "ffff",
            ";",
            "\0",
            " ",
            "\u{e9}",
        ];
        for _ in 0..20_000 {
            let mut bytes: Vec<u8> =
                (0..draw(12)).flat_map(|_| parts[draw(parts.len())].bytes()).collect();
            if !bytes.is_empty() && draw(2) == 0 {
                let at = draw(bytes.len());
                bytes[at] = draw(256) as u8;
            }
            // A head is looked at when a line ends; then, cut differently, it means the same.
            bytes.push(b'\n');
            let (one, other) = (read_all(&bytes, 1 + draw(9)), read_all(&bytes, 1000));
            assert_eq!(one.is_ok(), other.is_ok(), "{}", bytes.escape_ascii());
            if let (Ok(one), Ok(other)) = (&one, &other) {
                assert_eq!(one.len(), other.len(), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn small_chunks_do_not_fill_the_memory() {
        let mut inbox = Inbox::default();
        inbox.room().extend_from_slice(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..10_000 {
            inbox.room().extend_from_slice(b"1;padding=to-make-it-longer\r\nx\r\n");
            assert!(inbox.advance("").expect("good").is_none());
        }
        assert!(inbox.buffer.len() < 10_100, "{}", inbox.buffer.len());
        inbox.room().extend_from_slice(b"0\r\n\r\n");
        let message = inbox.advance("").expect("good").expect("whole");
        assert_eq!(inbox.buffer[message.body], [b'x'; 10_000]);
    }

    /// What a test's handler has seen.
    type Seen = Arc<Mutex<Vec<String>>>;

    /// Does what the path says, echoes the body, and writes down the ends.
    struct Echo(Seen);

    impl Handler for Echo {
        type Note = (String, u64);

        fn handle(&mut self, request: &Request<'_>, reply: &mut Reply) -> (Plan, Self::Note) {
            reply.body.extend_from_slice(request.body);
            let (wait, then) = match request.path {
                "/wait" => (Duration::from_millis(30), Then::Reply),
                "/forever" => (Duration::MAX, Then::Reply),
                "/last" => (Duration::ZERO, Then::ReplyAndClose),
                "/close" => (Duration::ZERO, Then::Close),
                "/reset" => (Duration::ZERO, Then::Reset),
                _ => (Duration::ZERO, Then::Reply),
            };
            let note = format!("{} {} {}", request.connection, request.number, request.path);
            (Plan { wait, then }, (note, request.received_ns))
        }

        fn ended(&mut self, (note, received_ns): Self::Note, ending: Ending) {
            assert!(received_ns <= ending.replied_ns && ending.replied_ns <= monotonic_ns());
            let line = format!("{note} {:?} {}", ending.fate, ending.bytes_out);
            self.0.lock().expect("nobody panics").push(line);
        }

        fn refused(&mut self, status: u16) {
            self.0.lock().expect("nobody panics").push(format!("refused {status}"));
        }
    }

    fn echo(threads: usize, outages: Vec<Outage>) -> (Running, Seen) {
        let seen = Seen::default();
        let server = Server::bind("127.0.0.1:0").expect("a port is free");
        let settings = Settings { threads, id_header: "X-Id", outages };
        let running = server.start(settings, || Echo(Arc::clone(&seen))).expect("threads");
        (running, seen)
    }

    fn connect(running: &Running) -> StdStream {
        let stream = StdStream::connect(running.local_addr()).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
        stream
    }

    /// Reads until this many replies with bodies have come, or the connection ends.
    fn read(stream: &mut StdStream, bytes: usize) -> io::Result<String> {
        let mut all = vec![0; bytes];
        let mut length = 0;
        while length < bytes {
            match stream.read(&mut all[length..])? {
                0 => break,
                count => length += count,
            }
        }
        all.truncate(length);
        Ok(String::from_utf8(all).expect("text"))
    }

    fn ok(body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    fn post(path: &str, body: &str) -> String {
        format!("POST {path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn serves_over_real_sockets() {
        let (mut running, seen) = echo(2, Vec::new());
        // Kept alive, one after the other.
        let mut stream = connect(&running);
        for body in ["one", "two"] {
            stream.write_all(post("/", body).as_bytes()).expect("sent");
            assert_eq!(read(&mut stream, ok(body).len()).expect("a reply"), ok(body));
        }
        // Pipelined, the first one slow, the last one in two halves: replies come in order.
        let all = post("/wait", "slow") + &post("/", "fast") + &post("/", "halved");
        let (begin, end) = all.split_at(all.len() - 3);
        stream.write_all(begin.as_bytes()).expect("sent");
        let expected = ok("slow") + &ok("fast");
        assert_eq!(read(&mut stream, expected.len()).expect("replies"), expected);
        stream.write_all(end.as_bytes()).expect("sent");
        assert_eq!(read(&mut stream, ok("halved").len()).expect("a reply"), ok("halved"));
        // Long enough not to fit any buffer on the way.
        let long = "x".repeat(8 << 20);
        let mut writer = stream.try_clone().expect("a socket");
        let request = post("/", &long);
        let sending = std::thread::spawn(move || writer.write_all(request.as_bytes()));
        assert!(read(&mut stream, ok(&long).len()).expect("a reply") == ok(&long));
        sending.join().expect("no panic").expect("sent");

        let rows = [
            (
                "HTTP/1.0 without keep-alive",
                "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\na",
                "\r\nConnection: close\r\n\r\na",
            ),
            (
                "the client closes",
                "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
                "\r\nConnection: close\r\n\r\na",
            ),
            (
                "HEAD has no body",
                "HEAD / HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
                "Content-Length: 1\r\nConnection: close\r\n\r\n",
            ),
            (
                "we close without a word",
                "POST /last HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
                "Content-Length: 1\r\n\r\na",
            ),
            (
                "we close instead of replying",
                "POST /close HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
                "",
            ),
            ("not HTTP", "hello\r\n\r\n", "this is not an HTTP request\n"),
        ];
        for (what, request, end) in rows {
            let mut stream = connect(&running);
            stream.write_all(request.as_bytes()).expect("sent");
            let reply = read(&mut stream, 100_000).expect(what);
            assert!(reply.ends_with(end) && end.is_empty() == reply.is_empty(), "{what}: {reply}");
        }

        let mut stream = connect(&running);
        stream.write_all(b"POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").expect("sent");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n";
        assert_eq!(read(&mut stream, head.len()).expect("a reply"), head);
        stream.write_all(post("/reset", "").as_bytes()).expect("sent");
        let reset = read(&mut stream, 1).expect_err("no reply, no end");
        assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);

        let begun = std::time::Instant::now();
        let mut waiting = connect(&running);
        waiting.write_all(post("/forever", "").as_bytes()).expect("sent");
        std::thread::sleep(Duration::from_millis(50));
        running.stop();
        assert!(begun.elapsed() < Duration::from_secs(5), "stopping does not wait for requests");
        assert_eq!(read(&mut waiting, 1).expect("closed"), "");
        StdStream::connect(running.local_addr()).expect_err("nobody listens any more");

        let mut seen = std::mem::take(&mut *seen.lock().expect("nobody panics"));
        seen.sort();
        let expected = [
            "1 1 / Done 3",
            "1 2 / Done 3",
            "1 3 /wait Done 4",
            "1 4 / Done 4",
            "1 5 / Done 6",
            "1 6 / Done 8388608",
            "2 1 / Done 1",
            "3 1 / Done 1",
            "4 1 / Done 0",
            "5 1 /last Done 1",
            "6 1 /close Done 0",
            "8 1 / Done 0",
            "8 2 /reset Done 0",
            "9 1 /forever Stopped 0",
            "refused 400",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_client_may_wait_for_permission() {
        let (running, _) = echo(1, Vec::new());
        let mut stream = connect(&running);
        let head = "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        let permission = "HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(read(&mut stream, permission.len()).expect("permission"), permission);
        stream.write_all(b"hi").expect("sent");
        assert_eq!(read(&mut stream, ok("hi").len()).expect("a reply"), ok("hi"));
        // It did not wait, so it needs none.
        stream.write_all(format!("{head}hi").as_bytes()).expect("sent");
        assert_eq!(read(&mut stream, ok("hi").len()).expect("a reply"), ok("hi"));
    }

    #[test]
    fn an_outage_closes_and_refuses_and_ends() {
        let ms = Duration::from_millis;
        let (running, seen) = echo(1, vec![Outage { at: ms(100), length: ms(200) }]);
        std::thread::sleep(ms(150));
        // The clock starts with the first connection, so it is up.
        let mut stream = connect(&running);
        let begun = std::time::Instant::now();
        stream.write_all(post("/forever", "").as_bytes()).expect("sent");
        assert_eq!(read(&mut stream, 1).expect("closed"), "");
        let closed = begun.elapsed();
        StdStream::connect(running.local_addr()).expect_err("it is down");
        while StdStream::connect(running.local_addr()).is_err() {
            std::thread::sleep(ms(5));
        }
        assert!(closed >= ms(90) && begun.elapsed() >= ms(290), "{closed:?}");
        let mut stream = connect(&running);
        stream.write_all(post("/", "up").as_bytes()).expect("sent");
        assert_eq!(read(&mut stream, ok("up").len()).expect("a reply"), ok("up"));
        assert_eq!(seen.lock().expect("nobody panics")[0], "1 1 /forever Stopped 0");
    }

    #[test]
    fn an_address_that_cannot_be_had_is_named() {
        let (running, _) = echo(1, Vec::new());
        let taken = running.local_addr().to_string();
        for (address, part) in [(taken.as_str(), "choose another port"), ("here", "127.0.0.1:8877")]
        {
            let error = Server::bind(address).expect_err(address).to_string();
            assert!(error.contains(&format!("\"{address}\"")) && error.contains(part), "{error}");
        }
    }
}
