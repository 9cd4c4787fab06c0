//! What is counted of connections, over all users and threads of a run.

use katydid_load::Connections;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Users that share a stripe; shards take users by number modulo their own count, so that on up to
/// so many shards (a power of two of them) no two write the same cache line.
const STRIPES: usize = 64;

/// Counts of a run's connections. All but one change only when a connection does; the one that
/// changes with each request is spread over cache lines.
#[derive(Debug)]
pub struct Counters {
    opened: AtomicU64,
    full_handshakes: AtomicU64,
    resumed_handshakes: AtomicU64,
    redirects: AtomicU64,
    lookups: AtomicU64,
    reused: [Stripe; STRIPES],
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Stripe(AtomicU64);

impl Default for Counters {
    fn default() -> Self {
        Self {
            opened: AtomicU64::default(),
            full_handshakes: AtomicU64::default(),
            resumed_handshakes: AtomicU64::default(),
            redirects: AtomicU64::default(),
            lookups: AtomicU64::default(),
            reused: std::array::from_fn(|_| Stripe::default()),
        }
    }
}

impl Counters {
    /// What they have come to by now.
    #[must_use]
    pub fn totals(&self) -> Connections {
        Connections {
            opened: self.opened.load(Relaxed),
            reused: self.reused.iter().map(|stripe| stripe.0.load(Relaxed)).sum(),
            full_handshakes: self.full_handshakes.load(Relaxed),
            resumed_handshakes: self.resumed_handshakes.load(Relaxed),
            redirects: self.redirects.load(Relaxed),
            lookups: self.lookups.load(Relaxed),
        }
    }

    pub(super) fn opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    pub(super) fn reused(&self, user: u64) {
        let stripe = (user % STRIPES as u64) as usize; // below STRIPES
        self.reused[stripe].0.fetch_add(1, Relaxed);
    }

    pub(super) fn handshake(&self, resumed: bool) {
        let counter = if resumed { &self.resumed_handshakes } else { &self.full_handshakes };
        counter.fetch_add(1, Relaxed);
    }

    pub(super) fn redirected(&self) {
        self.redirects.fetch_add(1, Relaxed);
    }

    pub(super) fn looked_up(&self) {
        self.lookups.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_add_up() {
        let counters = Counters::default();
        for user in 0..1_000 {
            counters.reused(user);
        }
        counters.opened();
        counters.handshake(true);
        counters.handshake(false);
        let totals = counters.totals();
        assert_eq!((totals.reused, totals.opened), (1_000, 1));
        assert_eq!((totals.full_handshakes, totals.resumed_handshakes), (1, 1));
    }
}
