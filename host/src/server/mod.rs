//! A small HTTP API for a run that goes on: what it is like, and what to do about it. Off unless asked for.
//!
//! ```text
//! client ─► gate: Host, token ─► routes ─► Control ─► the run
//!                                  ├─► status    JSON, for programs
//!                                  └─► export    OpenMetrics, for Prometheus
//! ```
//!
//! It can stop a run and load code, so it trusts nobody: it listens on this machine alone unless told
//! otherwise, and then only with a token; it refuses requests that a web page may have made a browser send
//! (a foreign `Host`, a form's content type); every size and time is bounded. It has a thread of its own, so
//! that its clients never wait for the screen, nor the screen for them.

mod gate;
#[cfg(test)]
mod hostile_tests;
mod routes;
mod status;
#[cfg(test)]
mod tests;

use crate::export::Origin;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use katydid_load::{Share, Snapshot};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Most connections at one time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 64;
/// Most bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// How long clients may take.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// For a request's head, and between two requests.
    head: Duration,
    /// For a request's body.
    body: Duration,
    /// For all that a connection is used for: who reads our replies too slowly does not hold it for ever.
    connection: Duration,
    /// For a reply under way when the server or its connection is to end.
    grace: Duration,
}

const TIMES: Times = Times {
    head: Duration::from_secs(10),
    body: Duration::from_secs(30),
    connection: Duration::from_secs(300),
    grace: Duration::from_secs(1),
};

/// What was done, or why it was not: one line for people either way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;

/// A run, as the API sees it. Answers are polled on the server's own thread, each to its end, even where its
/// client has gone; only those that the server's end cuts off are dropped.
pub trait Control: Send + Sync + 'static {
    /// The latest figures.
    fn snapshot(&self) -> Snapshot;
    /// Sets the number of users of a scenario; of the only one, where none is named.
    fn set_users(&self, scenario: Option<String>, users: u32) -> Answer<'_>;
    /// Sets how many iterations begin per second; finite, not negative.
    fn set_rate(&self, scenario: Option<String>, per_second: f64) -> Answer<'_>;
    /// Begins no more iterations for now.
    fn pause(&self) -> Answer<'_>;
    /// Goes on.
    fn resume(&self) -> Answer<'_>;
    /// Forgets the statistics, as if the run began now.
    fn reset(&self) -> Answer<'_>;
    /// Ends the run.
    fn stop(&self) -> Answer<'_>;
    /// Puts a new version of the scenario in the place of the running one, for this share of the users.
    fn swap(&self, module: Vec<u8>, share: Share) -> Answer<'_>;
    /// Gives a canary to all users.
    fn promote(&self) -> Answer<'_>;
    /// Gives all users the version of before.
    fn roll_back(&self) -> Answer<'_>;
}

/// Writes the results so far as one JSON document.
pub type Results = Box<dyn Fn(&mut Vec<u8>) -> io::Result<()> + Send + Sync>;

/// Who may use the API, and what it says that a run does not know.
pub struct Options {
    /// Listens on an address that other machines reach; they need the token.
    pub allow_remote: bool,
    /// What a client must show as `Authorization: Bearer …`, if anything.
    pub token: Option<String>,
    /// Largest scenario that is taken, in bytes.
    pub max_module_bytes: usize,
    /// What figures do not say of themselves, for `/metrics`.
    pub origin: Origin,
    /// What `/v1/results` answers.
    pub results: Results,
}

/// Without the token.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("allow_remote", &self.allow_remote)
            .field("max_module_bytes", &self.max_module_bytes)
            .finish_non_exhaustive()
    }
}

/// A server at work. Dropping it ends it: replies under way have a second to get through.
#[derive(Debug)]
pub struct Server {
    /// Where it listens, with the port that the system chose where 0 was asked for.
    pub addr: SocketAddr,
    closing: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing = None;
        // A thread that panicked has already said so.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Listens, and serves until the server is dropped.
///
/// # Errors
/// The address is not this machine's alone and that was not allowed, or there is no token; it cannot be
/// listened on; a thread cannot be made. The message says what to do.
pub fn start(addr: SocketAddr, options: Options, control: Arc<dyn Control>) -> io::Result<Server> {
    start_with(TIMES, addr, options, control)
}

fn start_with(
    times: Times,
    addr: SocketAddr,
    options: Options,
    control: Arc<dyn Control>,
) -> io::Result<Server> {
    check(addr, &options).map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
    let explain = |error: io::Error| {
        let cure = match error.kind() {
            io::ErrorKind::AddrInUse => ", another process has it, choose another port",
            io::ErrorKind::AddrNotAvailable => ", this machine does not have it, try 127.0.0.1",
            io::ErrorKind::PermissionDenied => ", choose a port above 1023",
            _ => "",
        };
        io::Error::new(error.kind(), format!("the API cannot listen on {addr}: {error}{cure}"))
    };
    let listener = std::net::TcpListener::bind(addr).map_err(explain)?;
    listener.set_nonblocking(true)?;
    let addr = listener.local_addr()?;
    let router = routes::router(options, control, addr, times.body);
    let (closing, closed) = watch::channel(());
    let (ready, begun) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name("api".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let made = runtime.and_then(|runtime| {
            let _inside = runtime.enter();
            Ok((TcpListener::from_std(listener)?, runtime))
        });
        match made {
            Ok((listener, runtime)) => {
                let _ = ready.send(Ok(()));
                // What a client began and nobody waits for any more ends with the runtime.
                runtime.block_on(serve(listener, router, times, closed));
            }
            Err(error) => _ = ready.send(Err(error)),
        }
    })?;
    let server = Server { addr, closing: Some(closing), thread: Some(thread) };
    // The thread answers once, or has said itself why it is gone.
    begun.recv().unwrap_or_else(|_| Err(io::Error::other("the API's thread has died")))?;
    Ok(server)
}

fn check(addr: SocketAddr, options: &Options) -> Result<(), String> {
    if options.token.as_ref().is_some_and(|token| token.trim().is_empty()) {
        return Err("the API's token is empty, set KATYDID_API_TOKEN to a secret".to_owned());
    }
    if is_loopback(addr.ip()) {
        return Ok(());
    }
    if !options.allow_remote {
        return Err(format!(
            "the API would listen on {addr}, where other machines reach it and could stop the run; use 127.0.0.1, or add --api-allow-remote"
        ));
    }
    if options.token.is_none() {
        return Err(
            "--api-allow-remote needs a token, set KATYDID_API_TOKEN to a secret".to_owned()
        );
    }
    Ok(())
}

/// Whether an address is reached from this machine alone, in whichever of its two forms.
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

async fn serve(
    listener: TcpListener,
    router: Router,
    times: Times,
    mut closed: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        let has_room = connections.len() < MAX_CONNECTIONS;
        tokio::select! {
            _ = closed.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), times, closed.clone()));
                }
                // Too many files are open, as a rule: do not spin until one is closed.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(times.grace, all).await;
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    router: Router,
    times: Times,
    mut closed: watch::Receiver<()>,
) {
    let Ok(local) = stream.local_addr() else { return };
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router.layer(axum::Extension(gate::Local(local.ip()))));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    // What a client does wrong is the client's business: errors are nobody's here.
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = closed.changed() => {}
        () = sleep(times.connection) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = timeout(times.grace, serving).await;
}
