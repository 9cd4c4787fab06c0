//! How everyone in a run hears of what concerns all, without asking: its end, and changes of version.

use katydid_load::StopReason;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

const RUNNING: u8 = 0;
const STOPPING: u8 = 1;
const CUT: u8 = 2;

/// The way down: running, stopping (no new iteration begins), cut (whatever waits is answered). And a
/// number that grows with each change that users must hear of, wherever they are.
#[derive(Debug, Default)]
pub(super) struct Signal {
    phase: AtomicU8,
    /// The same as `phase` being cut, for the connections.
    pub(super) cut: Arc<AtomicBool>,
    changed: Arc<Changed>,
    reason: Mutex<Option<StopReason>>,
    /// Wakes the conductor when someone asks for the end.
    pub(super) asked: Notify,
}

#[derive(Debug, Default)]
struct Changed {
    generation: AtomicU64,
    notify: Arc<Notify>,
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
            self.announce();
        }
    }

    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        if self.phase.fetch_max(CUT, Ordering::Relaxed) != CUT {
            self.announce();
        }
    }

    /// Lets calls through again: for what comes after the last user.
    pub(super) fn lift_cut(&self) {
        self.cut.store(false, Ordering::Relaxed);
        self.phase.store(STOPPING, Ordering::Relaxed);
    }

    /// Wakes every user. What it is to find must be in its place before.
    pub(super) fn announce(&self) {
        self.changed.generation.fetch_add(1, Ordering::Release);
        self.changed.notify.notify_waiters();
    }

    /// How often something was announced. Whoever sees it change looks at what may have changed.
    pub(super) fn generation(&self) -> u64 {
        self.changed.generation.load(Ordering::Acquire)
    }

    /// Something that makes its task be polled at each announcement.
    pub(super) fn waker(&self) -> ChangeWaker {
        ChangeWaker { changed: Arc::clone(&self.changed), waiting: None, since: 0 }
    }
}

/// Wakes one task at each announcement.
///
/// Polling a notification takes a lock that all shards share. So it is polled once for each announcement,
/// not each time the task runs: a task's waker stays the same as long as it lives.
pub(super) struct ChangeWaker {
    changed: Arc<Changed>,
    waiting: Option<Pin<Box<OwnedNotified>>>,
    /// The generation that was current before the task was registered.
    since: u64,
}

impl ChangeWaker {
    /// Registers the task, if it is not registered since the last announcement. To be called before what may
    /// have changed is looked at.
    pub(super) fn register(&mut self, context: &mut Context<'_>) {
        while self.waiting.is_none() || self.since != self.generation() {
            // Read first: an announcement in between is then seen by the next call, at the latest.
            self.since = self.generation();
            let mut waiting = Box::pin(Arc::clone(&self.changed.notify).notified_owned());
            // Ready where something was announced this very moment: then for the next time.
            self.waiting = (waiting.as_mut().poll(context) == Poll::Pending).then_some(waiting);
        }
    }

    fn generation(&self) -> u64 {
        self.changed.generation.load(Ordering::Acquire)
    }
}
