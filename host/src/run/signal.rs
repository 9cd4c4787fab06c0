//! How a run is told to end, and how everyone in it hears of it without asking.

use katydid_load::StopReason;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

const RUNNING: u8 = 0;
const STOPPING: u8 = 1;
const CUT: u8 = 2;

/// The way down: running, stopping (no new iteration begins), cut (whatever waits is answered).
#[derive(Debug, Default)]
pub(super) struct Signal {
    phase: AtomicU8,
    /// The same as `phase` being cut, for the connections.
    pub(super) cut: Arc<AtomicBool>,
    changed: Arc<Notify>,
    reason: Mutex<Option<StopReason>>,
    /// Wakes the conductor when someone asks for the end.
    pub(super) asked: Notify,
}

impl Signal {
    pub(super) fn with_cut(cut: Arc<AtomicBool>) -> Self {
        Self { cut, ..Self::default() }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.phase.load(Ordering::Relaxed) >= STOPPING
    }

    pub(super) fn is_cut(&self) -> bool {
        self.phase.load(Ordering::Relaxed) >= CUT
    }

    /// Asks the conductor to end the run; the first reason counts.
    pub(super) fn ask(&self, reason: StopReason) {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
        self.asked.notify_one();
    }

    pub(super) fn reason(&self) -> Option<StopReason> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn stop(&self) {
        if self.phase.fetch_max(STOPPING, Ordering::Relaxed) == RUNNING {
            self.changed.notify_waiters();
        }
    }

    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        if self.phase.fetch_max(CUT, Ordering::Relaxed) != CUT {
            self.changed.notify_waiters();
        }
    }

    /// Something that makes its task be polled when the phase changes.
    pub(super) fn waker(&self) -> PhaseWaker {
        PhaseWaker { changed: Arc::clone(&self.changed), waiting: None }
    }
}

/// Wakes one task at each change of phase.
///
/// Polling a notification takes a lock that all shards share. So it is polled once for each change,
/// not each time the task runs: a task's waker stays the same as long as it lives.
pub(super) struct PhaseWaker {
    changed: Arc<Notify>,
    waiting: Option<Pin<Box<OwnedNotified>>>,
}

impl PhaseWaker {
    /// Registers the task, if it is not registered since the last change. To be called before the
    /// phase is looked at.
    pub(super) fn register(&mut self, context: &mut Context<'_>) {
        while self.waiting.is_none() {
            let mut waiting = Box::pin(Arc::clone(&self.changed).notified_owned());
            // Ready where the phase changed this very moment: then for the next change.
            if waiting.as_mut().poll(context) == Poll::Pending {
                self.waiting = Some(waiting);
            }
        }
    }

    /// To be called when a change was seen: the next [`PhaseWaker::register`] waits for another one.
    pub(super) fn renew(&mut self) {
        self.waiting = None;
    }
}
