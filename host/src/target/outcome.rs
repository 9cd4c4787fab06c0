//! How requests end, in words and in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a request ended: the word in the log, and what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A good reply.
    Ok,
    /// A fault, deserved or injected.
    Fault,
    /// An HTTP status other than 200: 405 for what is not a POST, or injected.
    Status,
    /// A good reply that was held back by a rule.
    Stall,
    /// A good reply, and the connection closed behind it.
    Close,
    /// Something that is not XML.
    Garbage,
    /// Half of the reply as if it were whole.
    Truncate,
    /// Half of the reply, and the connection closed.
    Cut,
    /// The connection closed without a reply.
    Drop,
    /// The connection reset.
    Reset,
    /// The client had left before its reply was written.
    Gone,
    /// The target was stopped, or down, before it replied.
    Stopped,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Fault,
        Self::Status,
        Self::Stall,
        Self::Close,
        Self::Garbage,
        Self::Truncate,
        Self::Cut,
        Self::Drop,
        Self::Reset,
        Self::Gone,
        Self::Stopped,
    ];

    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fault => "fault",
            Self::Status => "status",
            Self::Stall => "stall",
            Self::Close => "close",
            Self::Garbage => "garbage",
            Self::Truncate => "truncate",
            Self::Cut => "cut",
            Self::Drop => "drop",
            Self::Reset => "reset",
            Self::Gone => "gone",
            Self::Stopped => "stopped",
        }
    }
}

/// What a target has served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were read whole, those still under way included.
    pub requests: u64,
    /// What was refused because it was no HTTP request, or too large. Not in the log.
    pub refused: u64,
    ended: [u64; Outcome::ALL.len()],
}

impl Counts {
    /// Requests that ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.ended[outcome as usize]
    }
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) requests: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) ended: [AtomicU64; Outcome::ALL.len()],
}

impl Counters {
    pub(super) fn read(&self) -> Counts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // The ends first: nothing has ended more often than it began.
        let ended = self.ended.each_ref().map(get);
        Counts { requests: get(&self.requests), refused: get(&self.refused), ended }
    }
}
