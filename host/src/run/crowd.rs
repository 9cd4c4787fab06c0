//! How many users there are.

use super::signal::Signal;
use katydid_load::StopReason;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// Counts the users of a run. A user is parked as long as the version in force has no class for it.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    planned: u32,
    started: AtomicU32,
    present: AtomicU32,
    parked: AtomicU32,
    /// Told when the last user of the shape has started.
    pub(super) all_started: Notify,
}

impl Crowd {
    pub(super) fn new(planned: u32) -> Self {
        Self { planned, ..Self::default() }
    }

    /// Users alive that have a class.
    pub(super) fn active(&self) -> u32 {
        let present = self.present.load(Ordering::Relaxed);
        present.saturating_sub(self.parked.load(Ordering::Relaxed))
    }

    pub(super) fn enter(&self) {
        self.present.fetch_add(1, Ordering::Relaxed);
        if self.started.fetch_add(1, Ordering::Relaxed) + 1 == self.planned {
            self.all_started.notify_one();
        }
    }

    pub(super) fn leave(&self, signal: &Signal) {
        self.present.fetch_sub(1, Ordering::Relaxed);
        self.end_if_all_are_parked(signal);
    }

    pub(super) fn park(&self, signal: &Signal) {
        self.parked.fetch_add(1, Ordering::Relaxed);
        self.end_if_all_are_parked(signal);
    }

    pub(super) fn unpark(&self) {
        self.parked.fetch_sub(1, Ordering::Relaxed);
    }

    /// Parked users wait for others to need them. Where there are no others, the run is done.
    fn end_if_all_are_parked(&self, signal: &Signal) {
        let parked = self.parked.load(Ordering::Relaxed) > 0;
        let started = self.started.load(Ordering::Relaxed) == self.planned;
        if parked && started && self.active() == 0 && !signal.is_stopping() {
            signal.ask(StopReason::UsersDone);
        }
    }
}
