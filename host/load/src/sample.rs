//! The immutable fact about one request.
use crate::failure::Failure;
use crate::label::LabelId;

/// One request, from the moment it was planned to the last byte of its reply. Stamps are nanoseconds on the
/// run's monotonic clock; `due` ≤ `called` ≤ `sent` ≤ `done` where all of them happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<'a> {
    /// What it is counted under.
    pub label: LabelId,
    /// The running number of the scenario's version that made it, from 1.
    pub version: u32,
    /// The virtual user that made it.
    pub user: u64,
    /// That user's iteration.
    pub iteration: u64,
    /// Which of that user's requests, from 0. With the user it names the request in the target's log.
    pub number: u64,
    /// When it was planned. In closed runs: when it was called.
    pub due_ns: u64,
    /// When the guest asked for it.
    pub called_ns: u64,
    /// When it was handed to the wire; without meaning when `attempts` is 0.
    pub sent_ns: u64,
    /// When the last byte of the reply was read, or the request given up.
    pub done_ns: u64,
    /// Length of the request's body, in bytes; once, however often it was sent.
    pub bytes_sent: u64,
    /// Length of the reply's body, in bytes.
    pub bytes_received: u64,
    /// How often it was sent: 0 never, 1 the rule, 2 once more because a kept connection had gone stale.
    pub attempts: u8,
    /// Whether the reply was good.
    pub outcome: Result<(), &'a Failure>,
}

impl Sample<'_> {
    /// Service time: what the target took, `done − sent` in whole microseconds, rounded down. A request that
    /// was never sent has no service time; `done − called` stands in for it, what the user waited in vain.
    #[inline]
    pub fn service_us(&self) -> u64 {
        let from = if self.attempts == 0 { self.called_ns } else { self.sent_ns };
        self.done_ns.saturating_sub(from) / 1_000
    }

    /// Response time: what an arriving user suffered, `done − due` in whole microseconds, rounded down.
    #[inline]
    pub fn response_us(&self) -> u64 {
        self.done_ns.saturating_sub(self.due_ns) / 1_000
    }

    /// Lateness: our own delay, `called − due` in whole microseconds, rounded down. 0 in closed runs.
    #[inline]
    pub fn lateness_us(&self) -> u64 {
        self.called_ns.saturating_sub(self.due_ns) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_times() {
        let rows = [
            // (due, called, sent, done, attempts) → (service, response, lateness)
            ((1_000, 1_000, 3_500, 9_999, 1), (6, 8, 0), "closed: due = called; rounded down"),
            (
                (0, 5_000_000, 5_010_000, 6_010_000, 1),
                (1_000, 6_010, 5_000),
                "open: we were 5 ms late",
            ),
            ((0, 2_000, 0, 10_000, 0), (8, 10, 2), "never sent: counted from the call"),
            ((5_000, 4_000, 9_000, 3_000, 1), (0, 0, 0), "stamps that run backwards never wrap"),
        ];
        for ((due_ns, called_ns, sent_ns, done_ns, attempts), expected, why) in rows {
            let sample = Sample {
                label: LabelId(0),
                version: 1,
                user: 0,
                iteration: 0,
                number: 0,
                due_ns,
                called_ns,
                sent_ns,
                done_ns,
                bytes_sent: 0,
                bytes_received: 0,
                attempts,
                outcome: Ok(()),
            };
            assert_eq!(
                (sample.service_us(), sample.response_us(), sample.lateness_us()),
                expected,
                "{why}"
            );
        }
    }
}
