//! Whole exchanges of the first few failures, so that they can be acted on.
use crate::failure::Failure;
use crate::label::Label;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Exchanges that are kept of each (label, failure).
pub const PER_FAILURE: usize = 3;
/// (label, failure) pairs of which any are kept; the first ones.
pub const MAX_FAILURES: usize = 100;
/// Bytes of a request or a reply that are kept.
pub const MAX_BYTES: usize = 16 << 10;

/// A text on the wire: its beginning, and how long it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// At most [`MAX_BYTES`] of it.
    pub bytes: Box<[u8]>,
    /// Its whole length, in bytes.
    pub length: usize,
}

impl Excerpt {
    /// The beginning of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes[..bytes.len().min(MAX_BYTES)].into(), length: bytes.len() }
    }

    /// Whether some of it is missing.
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.length
    }
}

/// One failed exchange, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it was counted under.
    pub label: Label,
    /// Why it failed.
    pub failure: Failure,
    /// The scenario's version, by its number.
    pub version: u32,
    /// The user, its iteration, and which of its requests this was.
    pub user: u64,
    /// The user's iteration.
    pub iteration: u64,
    /// Which of the user's requests.
    pub number: u64,
    /// When it was due, called, sent and done, in nanoseconds; `sent` is `None` where it never was.
    pub due_ns: u64,
    /// When the guest asked for it.
    pub called_ns: u64,
    /// When it was handed to the wire.
    pub sent_ns: Option<u64>,
    /// When it was done.
    pub done_ns: u64,
    /// What was asked: the body of the request.
    pub request: Excerpt,
    /// What was answered: as many bytes of the reply as came, head and body.
    pub reply: Excerpt,
}

/// The first few exchanges of each (label, failure). Which ones are first depends on the moment, so that this is
/// no statistic: it is never merged into a window.
#[derive(Debug, Clone, Default)]
pub struct Exhibits {
    kept: BTreeMap<(Label, &'static str, String), Vec<Arc<Evidence>>>,
}

impl Exhibits {
    /// Whether another one of this (label, failure) would be kept.
    pub fn wants(&self, label: &Label, failure: &Failure) -> bool {
        match self.kept.get(&Self::key(label, failure)) {
            Some(kept) => kept.len() < PER_FAILURE,
            None => self.kept.len() < MAX_FAILURES,
        }
    }

    /// Keeps it, if there is room.
    pub fn keep(&mut self, evidence: Evidence) {
        if self.wants(&evidence.label, &evidence.failure) {
            let key = Self::key(&evidence.label, &evidence.failure);
            self.kept.entry(key).or_default().push(Arc::new(evidence));
        }
    }

    /// All that are kept, by label and failure.
    pub fn all(&self) -> Vec<Arc<Evidence>> {
        self.kept.values().flatten().cloned().collect()
    }

    fn key(label: &Label, failure: &Failure) -> (Label, &'static str, String) {
        (label.clone(), failure.kind(), failure.bounded().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(name: &str, code: i32) -> Evidence {
        Evidence {
            label: Label { request_type: "xmlrpc".into(), name: name.into() },
            failure: Failure::Fault { code, message: "no".into() },
            version: 1,
            user: 0,
            iteration: 0,
            number: 0,
            due_ns: 0,
            called_ns: 0,
            sent_ns: None,
            done_ns: 0,
            request: Excerpt::of(&[7; MAX_BYTES + 1]),
            reply: Excerpt::default(),
        }
    }

    #[test]
    fn a_few_of_each_and_not_without_end() {
        let mut exhibits = Exhibits::default();
        for code in 0..200 {
            for _ in 0..5 {
                exhibits.keep(evidence("a", code));
            }
        }
        assert_eq!(exhibits.all().len(), MAX_FAILURES * PER_FAILURE);
        let one = &exhibits.all()[0];
        assert!(one.request.is_cut() && !one.reply.is_cut());
        assert_eq!((one.request.bytes.len(), one.request.length), (MAX_BYTES, MAX_BYTES + 1));
        assert!(!exhibits.wants(&one.label, &one.failure));
    }
}
