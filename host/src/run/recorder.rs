//! Where samples go: one recorder for each shard, emptied once a second.

use katydid_load::metric::Recorded;
use katydid_load::window::bounded_error;
use katydid_load::{ErrorKind, Event, Failure, Label, LabelId, Labels, Sample, Window};
use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The type of requests made by `client.call`.
pub(super) const XMLRPC: &str = "xmlrpc";

/// A shard's statistics of the running second.
///
/// The lock is the shard's own: another thread takes it once a second, for as long as it takes to
/// exchange two pointers. Uncontended it costs about ten nanoseconds, a thousandth of a request;
/// in return the second ends on time even where the shard is late.
pub(super) struct Recorder {
    inner: Mutex<Inner>,
    logs: Vec<LogSender>,
}

#[derive(Default)]
struct Inner {
    /// For each version that has users here: what it counted. Two at most, but for a moment, or as many for
    /// each class.
    windows: Vec<(Book, Window)>,
    /// Names seen on this shard, for requests of type `xmlrpc`.
    ids: HashMap<Box<str>, (LabelId, Label)>,
    /// For each log, the lines that were not handed on yet.
    lines: Vec<Vec<u8>>,
}

/// What is counted apart: the users of a version, or of one class of it where somebody asks for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Book {
    /// The version's running number.
    pub(super) version: u32,
    /// The class's place in that version; 0 for all where nobody asks for classes.
    pub(super) class: u32,
}

/// A request to be counted, complete but for its label.
pub(super) struct Request<'a> {
    pub(super) book: Book,
    pub(super) request_type: &'a str,
    pub(super) name: &'a str,
    pub(super) sample: Sample<'a>,
}

/// Lines are handed to the writer in portions of about this size.
const PORTION: usize = 256 << 10;
/// Names that a shard remembers without asking the run's registry.
const REMEMBERED: usize = 1_000;

impl Recorder {
    pub(super) fn new(logs: Vec<LogSender>) -> Self {
        let lines = vec![Vec::new(); logs.len()];
        Self { inner: Mutex::new(Inner { lines, ..Inner::default() }), logs }
    }

    /// Counts one request: one sample, one event.
    pub(super) fn request(&self, labels: &Mutex<Labels>, mut request: Request<'_>) {
        let mut inner = self.lock();
        if request.request_type == XMLRPC
            && let Some(&(id, _)) = inner.ids.get(request.name)
        {
            request.sample.label = id;
        } else {
            let (id, label) = intern(labels, &request);
            request.sample.label = id;
            if request.request_type == XMLRPC && inner.ids.len() < REMEMBERED {
                inner.ids.insert(request.name.into(), (id, label));
            }
        }
        inner.window(request.book).record(&request.sample);
        if !self.logs.is_empty() {
            log_request(&self.logs, &mut inner, labels, &request);
        }
    }

    pub(super) fn check(&self, book: Book, name: &str, ok: bool) {
        self.lock().window(book).record_check(name, ok);
    }

    pub(super) fn metric(&self, book: Book, name: &str, value: Recorded, at_ns: u64) {
        self.lock().window(book).record_metric(name, value, at_ns);
    }

    /// Counts an arrival that was due: either somebody begins it, or it is dropped.
    pub(super) fn arrival(&self, book: Book, started: bool) {
        let mut inner = self.lock();
        let arrivals = &mut inner.window(book).arrivals;
        arrivals.scheduled += 1;
        *(if started { &mut arrivals.started } else { &mut arrivals.dropped }) += 1;
    }

    /// Counts how late an arrival was begun.
    pub(super) fn late(&self, book: Book, us: u64) {
        self.lock().window(book).arrivals.lateness.record(us);
    }

    pub(super) fn inner_call(
        &self,
        book: Book,
        method: &str,
        outcome: Result<(), &Failure>,
        at_ns: u64,
    ) {
        self.lock().window(book).record_inner_call(method, outcome, at_ns);
    }

    /// Counts a line of the scenario's log that nobody sees.
    pub(super) fn drop_log_line(&self, book: Book) {
        self.lock().window(book).dropped_log_lines += 1;
    }

    /// Counts an iteration that came to its end, or was cut.
    pub(super) fn iteration(&self, book: Book, interrupted: bool) {
        let mut inner = self.lock();
        let window = inner.window(book);
        *(if interrupted { &mut window.interrupted_iterations } else { &mut window.iterations }) +=
            1;
    }

    /// Counts a trap or an error that the scenario answered.
    pub(super) fn error(
        &self,
        (book, user, iteration): (Book, u64, u64),
        place: &str,
        kind: ErrorKind,
        message: &str,
        at_ns: u64,
    ) {
        let message = &*bounded_error(message);
        let mut inner = self.lock();
        inner.window(book).record_error(place, kind, message, at_ns);
        let event = match kind {
            ErrorKind::Trap => Event::UserTrapped { user, iteration, place, message },
            ErrorKind::Failed => Event::IterationFailed { user, iteration, place, message },
        };
        append(&self.logs, &mut inner.lines, &event);
    }

    /// Hands out what was counted since the last time, and takes empty windows from `spare`.
    pub(super) fn take(&self, spare: &mut Vec<Window>, to: &mut Vec<(Book, Window)>) {
        let mut inner = self.lock();
        self.logs.iter().zip(&mut inner.lines).for_each(|(log, lines)| log.flush(lines));
        // A version that has counted nothing while another did is over, or comes back by itself.
        let several = inner.windows.len() > 1;
        inner.windows.retain_mut(|(book, window)| {
            let idle = window.is_empty();
            if !idle {
                to.push((*book, std::mem::replace(window, spare.pop().unwrap_or_default())));
            }
            !(idle && several)
        });
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// What these users count into.
    #[inline]
    fn window(&mut self, book: Book) -> &mut Window {
        let known = self.windows.iter().position(|(known, _)| *known == book);
        let place = known.unwrap_or_else(|| {
            self.windows.push((book, Window::default()));
            self.windows.len() - 1
        });
        &mut self.windows[place].1
    }
}

fn intern(labels: &Mutex<Labels>, request: &Request<'_>) -> (LabelId, Label) {
    let mut labels = labels.lock().unwrap_or_else(PoisonError::into_inner);
    let id = labels.intern(request.request_type, request.name);
    (id, label_of(&labels, id, request))
}

fn label_of(labels: &Labels, id: LabelId, request: &Request<'_>) -> Label {
    labels.get(id).cloned().unwrap_or_else(|| Label {
        request_type: request.request_type.into(),
        name: request.name.into(),
    })
}

fn append(logs: &[LogSender], lines: &mut [Vec<u8>], event: &Event<'_>) {
    logs.iter().zip(lines).for_each(|(log, lines)| log.append(lines, event));
}

fn log_request(
    logs: &[LogSender],
    inner: &mut Inner,
    labels: &Mutex<Labels>,
    request: &Request<'_>,
) {
    let Inner { ids, lines, .. } = inner;
    let other;
    let label = match ids.get(request.name).filter(|_| request.request_type == XMLRPC) {
        Some((_, label)) => label,
        None => {
            let labels = labels.lock().unwrap_or_else(PoisonError::into_inner);
            other = label_of(&labels, request.sample.label, request);
            &other
        }
    };
    let sample = &request.sample;
    let event = match sample.outcome {
        Ok(()) => Event::RequestSuccess { sample, label },
        Err(_) => Event::RequestFailure { sample, label },
    };
    append(logs, lines, &event);
}

/// A log of every event of a run.
pub struct EventLog {
    /// Appends one event as one line.
    pub format: fn(&Event<'_>, &mut Vec<u8>),
    /// Where the lines go.
    pub to: Box<dyn Write + Send>,
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog").finish_non_exhaustive()
    }
}

/// One end of the way to the thread that writes the event log.
#[derive(Clone)]
pub(super) struct LogSender {
    format: fn(&Event<'_>, &mut Vec<u8>),
    to: SyncSender<Vec<u8>>,
}

/// The thread that writes the event log.
pub(super) struct LogWriter(JoinHandle<std::io::Result<()>>);

/// Starts a thread that writes the log. Shards wait for a slow disk rather than lose a line.
pub(super) fn open_log(log: EventLog) -> std::io::Result<(LogSender, LogWriter)> {
    let (to, lines) = sync_channel(16);
    let thread = std::thread::Builder::new()
        .name("katydid-events".into())
        .spawn(move || write_lines(log.to, &lines))?;
    Ok((LogSender { format: log.format, to }, LogWriter(thread)))
}

fn write_lines(mut to: Box<dyn Write + Send>, lines: &Receiver<Vec<u8>>) -> std::io::Result<()> {
    let mut result = Ok(());
    // Goes on receiving after an error, so that no shard waits for a writer that is gone.
    while let Ok(portion) = lines.recv() {
        if result.is_ok() {
            result = to.write_all(&portion);
        }
    }
    result.and_then(|()| to.flush())
}

impl LogSender {
    fn append(&self, lines: &mut Vec<u8>, event: &Event<'_>) {
        (self.format)(event, lines);
        if lines.len() >= PORTION {
            self.flush(lines);
        }
    }

    fn flush(&self, lines: &mut Vec<u8>) {
        if !lines.is_empty() {
            // Fails only where the writing thread has panicked; `LogWriter::finish` says so.
            let _ = self.to.send(std::mem::take(lines));
        }
    }

    /// Writes an event that happened outside any shard.
    pub(super) fn event(&self, event: &Event<'_>) {
        let mut line = Vec::new();
        (self.format)(event, &mut line);
        self.flush(&mut line);
    }
}

impl LogWriter {
    /// Waits until everything is written. All senders must be gone.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        use anyhow::Context as _;
        match self.0.join() {
            Ok(result) => result.context("cannot write the event log"),
            Err(_) => anyhow::bail!("the thread that writes the event log panicked"),
        }
    }
}
