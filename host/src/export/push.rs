//! Pushes figures to a monitoring system while a run goes on, and once more when it has ended.
//!
//! A thread of its own does it, so that a receiver that is slow, down or wrong never disturbs the run: what
//! cannot be sent waits within bounds, is tried again ever more rarely, and is then dropped, the oldest
//! first. Since figures count from the beginning, what is lost is resolution, never a count. The first
//! trouble is told at once, the sum of it at the end.
use super::{Origin, otlp, remote_write};
use crate::clock::monotonic_ns;
use crate::wire::{Connection, Header, HeaderError, Settings, Target, TargetError, Timeouts};
use crate::wire::{TargetOptions, TlsOptions};
use katydid_load::{Failure, Snapshot};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// How often figures are pushed by default.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// How long a receiver is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long one push may take, and how long the last ones are tried at the end of the run.
    pub(super) patience: Duration,
    /// How long a receiver that did not take a push is left alone at first; each time twice as long.
    pub(super) first_pause: Duration,
    /// And at most.
    pub(super) longest_pause: Duration,
}

const PACE: Pace = Pace {
    patience: Duration::from_secs(5),
    first_pause: Duration::from_secs(1),
    longest_pause: Duration::from_secs(30),
};
/// Most requests that wait, and most bytes in them.
const MAX_WAITING: (usize, usize) = (64, 8 << 20);
/// Most snapshots that the thread has not looked at yet.
const MAX_OFFERED: usize = 4;

/// What a receiver understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Prometheus's remote write, version 1.0.
    RemoteWrite,
    /// OpenTelemetry's OTLP over HTTP, in protobuf.
    Otlp,
}

/// Where figures are pushed to, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// A URL as the target's are: `https://me:secret@name:port/path`. Without a path it is the protocol's
    /// own: `/api/v1/write` or `/v1/metrics`.
    pub url: String,
    /// What is understood there.
    pub protocol: Protocol,
    /// More headers: an `Authorization`, a tenant.
    pub headers: Vec<Header>,
    /// Whom to trust behind `https://`.
    pub tls: TlsOptions,
    /// How often.
    pub interval: Duration,
}

/// Figures cannot be pushed there.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The URL is none, or its name has no address.
    #[error("metrics cannot be pushed: {0}")]
    Target(#[from] TargetError),
    /// A header is none.
    #[error("metrics cannot be pushed: {0}")]
    Header(#[from] HeaderError),
    /// There is no thread to be had.
    #[error("metrics cannot be pushed: {0}")]
    Thread(#[from] std::io::Error),
}

/// What came of pushing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Where to, without a password.
    pub url: String,
    /// Requests that the receiver took.
    pub taken: u64,
    /// Requests that it did not take, and snapshots that were never made into any.
    pub lost: u64,
    /// What the latest trouble was.
    pub trouble: Option<String>,
    /// Whether the last figures of the run have arrived.
    pub complete: bool,
}

impl Pushed {
    /// What a person must know, in one line; `None` where nothing was lost.
    pub fn complaint(&self) -> Option<String> {
        let Self { url, taken, lost, trouble, complete } = self;
        let why = trouble.as_deref().unwrap_or("the receiver is too slow");
        let end = if *complete { "the last one has arrived" } else { "the last one is missing" };
        let all = taken + lost;
        (*lost > 0 || !complete)
            .then(|| format!("{lost} of {all} pushes of metrics to {url} were lost: {why}; {end}"))
    }
}

/// A thread that pushes. Dropping it leaves it to itself: what waits is lost.
#[derive(Debug)]
pub struct Push {
    interval_ns: u64,
    /// When the next snapshot is wanted, since the run began.
    next_ns: u64,
    orders: mpsc::UnboundedSender<Order>,
    offered: Arc<AtomicUsize>,
    /// Snapshots that the thread was too busy for.
    skipped: u64,
    thread: JoinHandle<Pushed>,
}

#[derive(Debug)]
struct Order {
    snapshot: Snapshot,
    last: bool,
}

impl Push {
    /// Begins to push. `tell` is given the first trouble in one line, on the thread that pushes.
    ///
    /// # Errors
    /// The URL or a header is wrong, the URL's name has no address, a thread cannot be made.
    pub fn start(
        options: &Options,
        origin: Origin,
        tell: impl Fn(&str) + Send + 'static,
    ) -> Result<Self, PushError> {
        Self::start_at(PACE, options, origin, tell)
    }

    pub(super) fn start_at(
        pace: Pace,
        options: &Options,
        origin: Origin,
        tell: impl Fn(&str) + Send + 'static,
    ) -> Result<Self, PushError> {
        let (own, path): (&[_], _) = match options.protocol {
            Protocol::RemoteWrite => (&remote_write::HEADERS, remote_write::PATH),
            Protocol::Otlp => (&otlp::HEADERS, otlp::PATH),
        };
        let target_options = TargetOptions { tls: options.tls.clone(), ..TargetOptions::default() };
        let target = Arc::new(Target::resolve(&with_path(&options.url, path), &target_options)?);
        let own = own.iter().map(|(name, value)| Header::new(name, value));
        let mut headers = own.collect::<Result<Vec<_>, _>>()?;
        headers.extend(options.headers.iter().cloned());
        let patience = pace.patience;
        let timeouts = Timeouts { connect: patience, first_byte: patience, total: patience };
        let settings = Arc::new(Settings { headers, timeouts, ..Settings::default() });
        let offered = Arc::new(AtomicUsize::new(0));
        let (orders, to_do) = mpsc::unbounded_channel();
        let url = target.url.clone();
        let (protocol, pending) = (options.protocol, Arc::clone(&offered));
        let tell = Box::new(tell);
        let (ready, begun) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("push".to_owned()).spawn(move || {
            let pushed = Pushed { url, ..Pushed::default() };
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    let _ = ready.send(Ok(()));
                    runtime.block_on(async {
                        let connection = Connection::new(target, settings, 0);
                        let line = Line { pace, protocol, origin, connection, tell, pushed };
                        line.work(to_do, &pending).await
                    })
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                    pushed
                }
            }
        })?;
        // The thread answers once, or has said itself why it is gone.
        begun.recv().unwrap_or_else(|_| Err(std::io::Error::other("its thread has died")))?;
        let interval_ns = u64::try_from(options.interval.as_nanos()).unwrap_or(u64::MAX);
        Ok(Self { interval_ns, next_ns: 0, orders, offered, skipped: 0, thread })
    }

    /// Takes a snapshot if the last one was taken so long ago; returns at once in any case.
    pub fn offer(&mut self, snapshot: &Snapshot) {
        if snapshot.elapsed_ns < self.next_ns {
            return;
        }
        self.next_ns = snapshot.elapsed_ns.saturating_add(self.interval_ns);
        if self.offered.load(Ordering::Relaxed) >= MAX_OFFERED {
            self.skipped += 1;
        } else {
            self.order(snapshot, false);
        }
    }

    /// Pushes the last snapshot, whenever it was taken, and waits for what is still to be sent, ten seconds
    /// at most.
    pub fn finish(mut self, snapshot: &Snapshot) -> Pushed {
        self.order(snapshot, true);
        let died = Pushed { trouble: Some("its thread has died".to_owned()), ..Pushed::default() };
        let mut pushed = self.thread.join().unwrap_or(died);
        pushed.lost += self.skipped;
        pushed
    }

    fn order(&mut self, snapshot: &Snapshot, last: bool) {
        self.offered.fetch_add(1, Ordering::Relaxed);
        // Its receiver goes only after the last order, or with a panic that was told already.
        let _ = self.orders.send(Order { snapshot: snapshot.clone(), last });
    }
}

/// The URL, with this path where it has none.
fn with_path(url: &str, path: &str) -> String {
    match Url::parse(url) {
        Ok(mut whole) if whole.has_host() && whole.path() == "/" => {
            whole.set_path(path);
            whole.into()
        }
        _ => url.to_owned(),
    }
}

/// What the thread holds.
struct Line {
    pace: Pace,
    protocol: Protocol,
    origin: Origin,
    connection: Connection,
    tell: Box<dyn Fn(&str) + Send>,
    pushed: Pushed,
}

/// Why a push did not succeed.
enum Trouble {
    /// The receiver may take it later.
    Now(String),
    /// It never will.
    Ever(String),
}

impl Line {
    async fn work(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        offered: &AtomicUsize,
    ) -> Pushed {
        let mut waiting = VecDeque::new();
        let Pace { patience, first_pause, longest_pause } = self.pace;
        let (mut pause, mut not_before) = (first_pause, Instant::now());
        let mut taken_ns = None;
        let mut end = None;
        loop {
            tokio::select! {
                biased;
                order = orders.recv(), if end.is_none() => {
                    let Some(Order { mut snapshot, last }) = order else { return self.pushed };
                    offered.fetch_sub(1, Ordering::Relaxed);
                    // No receiver takes two figures of one moment, and moments are milliseconds.
                    let earliest = taken_ns.map_or(0, |taken: u64| taken.saturating_add(1_000_000));
                    snapshot.elapsed_ns = snapshot.elapsed_ns.max(earliest);
                    taken_ns = Some(snapshot.elapsed_ns);
                    self.encode(&snapshot, &mut waiting);
                    if last {
                        // Worth a try, whatever has been.
                        (pause, not_before) = (first_pause, Instant::now());
                        end = Some(not_before + patience);
                    }
                }
                () = sleep_until(not_before), if !waiting.is_empty() => {
                    let Some(body) = waiting.front() else { continue };
                    match self.send(body).await {
                        Ok(()) => {
                            (pause, self.pushed.taken) = (first_pause, self.pushed.taken + 1);
                            waiting.pop_front();
                        }
                        Err(Trouble::Ever(why)) => {
                            self.trouble(&why, 1);
                            waiting.pop_front();
                        }
                        Err(Trouble::Now(why)) => {
                            self.trouble(&why, 0);
                            not_before = Instant::now() + pause;
                            pause = (pause * 2).min(longest_pause);
                        }
                    }
                }
                else => break,
            }
            let next = not_before.max(Instant::now());
            if end.is_some_and(|end| waiting.is_empty() || next > end) {
                break;
            }
        }
        self.pushed.complete = waiting.is_empty() && self.pushed.complete;
        self.pushed.lost += waiting.len() as u64;
        self.pushed
    }

    /// Puts a snapshot to what waits; drops the oldest where that is too much.
    fn encode(&mut self, snapshot: &Snapshot, waiting: &mut VecDeque<Vec<u8>>) {
        match self.protocol {
            Protocol::RemoteWrite => {
                waiting.extend(remote_write::bodies(snapshot, &self.origin));
            }
            Protocol::Otlp => waiting.push_back(otlp::body(snapshot, &self.origin)),
        }
        let bytes = |waiting: &VecDeque<Vec<u8>>| waiting.iter().map(Vec::len).sum::<usize>();
        while waiting.len() > MAX_WAITING.0 || (waiting.len() > 1 && bytes(waiting) > MAX_WAITING.1)
        {
            waiting.pop_front();
            self.pushed.lost += 1;
        }
    }

    async fn send(&mut self, body: &[u8]) -> Result<(), Trouble> {
        let mut request = self.connection.begin();
        request.extend_from_slice(body);
        let facts = self.connection.exchange(request, monotonic_ns(), (0, 0), None).await;
        // Whether the last ones have arrived is whether the latest one has.
        self.pushed.complete = false;
        match facts.outcome {
            Ok(()) => {}
            Err(Failure::Status(201..=299)) => {}
            Err(failure) => {
                let why = failure.to_string();
                return Err(match failure {
                    Failure::Transport(_)
                    | Failure::Timeout(_)
                    | Failure::Interrupted
                    | Failure::Status(429 | 500..=599) => Trouble::Now(why),
                    _ => Trouble::Ever(why),
                });
            }
        }
        let is_otlp = self.protocol == Protocol::Otlp;
        let rejected = is_otlp.then(|| otlp::rejected(self.connection.reply())).flatten();
        if let Some((count, why)) = rejected {
            return Err(Trouble::Ever(format!("{count} figures were rejected: {why:?}")));
        }
        self.pushed.complete = true;
        Ok(())
    }

    /// Notes a trouble, and tells the first one.
    fn trouble(&mut self, why: &str, lost: u64) {
        if self.pushed.trouble.is_none() {
            let url = &self.pushed.url;
            (self.tell)(&format!(
                "metrics cannot be pushed to {url}: {why}; the run goes on, and so do the attempts"
            ));
        }
        self.pushed.trouble = Some(why.to_owned());
        self.pushed.lost += lost;
    }
}
