//! A small HTTP/1.1 server for the built-in target: what it does with a request is its [`Handler`]'s
//! business, when it did it is stamped here.
//!
//! One thread accepts and hands the connections round robin to workers, each a thread with a runtime,
//! a handler and connections of its own: no lock and no channel on the way of a request. A request
//! costs one read and one write. HTTP/1.0, keep-alive, pipelining, chunked bodies and `Expect` are
//! understood; TLS, compression, `Date` and time-outs for slow clients are not here.

mod acceptor;
mod connection;
mod head;
mod inbox;
#[cfg(test)]
mod tests;
mod worker;

use acceptor::{Acceptor, listen};
use connection::Facts;
use std::io;
use std::mem;
use std::net::{TcpListener as StdListener, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use worker::work;

pub use std::net::SocketAddr;
/// For tests of what is built upon the server, which name no sockets either.
#[cfg(test)]
pub(crate) use std::net::TcpStream as TcpClient;

/// Buffers that one long message has made larger than this do not stay so.
const KEPT_BUFFER: usize = 64 << 10;

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
    /// The address cannot be read, resolved or listened on; the message names it and a cure.
    pub fn bind(address: &str) -> io::Result<Self> {
        let explain = |error: io::Error, cure: &str| {
            io::Error::new(error.kind(), format!("cannot listen on \"{address}\": {error}{cure}"))
        };
        let unread = |error| explain(error, ", write it like 127.0.0.1:8877");
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in address.to_socket_addrs().map_err(unread)? {
            match listen(address) {
                Ok(listener) => {
                    let address = listener.local_addr()?;
                    return Ok(Self { listener, address });
                }
                Err(error) => last = error,
            }
        }
        let cure = match last.kind() {
            io::ErrorKind::AddrInUse => ", another process has it, choose another port",
            io::ErrorKind::AddrNotAvailable => {
                ", this machine does not have it, try 127.0.0.1 or 0.0.0.0"
            }
            io::ErrorKind::PermissionDenied => ", choose a port above 1023",
            _ => "",
        };
        Err(explain(last, cure))
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

/// Empties a buffer, and gives its memory back if that was much.
fn tidy(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT_BUFFER);
}
