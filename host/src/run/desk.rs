//! Where arrivals meet users, in the open model: one desk for each shard of each scenario.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Free users of one shard, by class. Nobody else touches it: the lock is never waited for.
#[derive(Debug, Default)]
pub(super) struct Desk {
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    class: Arc<str>,
    seat: Arc<Seat>,
    waker: Waker,
}

/// What a user is told to begin.
#[derive(Debug, Default)]
pub(super) struct Seat {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the iteration was due, in nanoseconds after the beginning of the scenario.
    due_ns: Option<u64>,
    /// Its name is on the desk's list.
    listed: bool,
}

impl Seat {
    /// One that has its first iteration already, perhaps.
    pub(super) fn with(due_ns: Option<u64>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { due_ns, listed: false }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Gives an iteration to a free user of this class: to the one that became free last, whose memory the
    /// cores still know. Answers whether there is one.
    pub(super) fn assign(&self, class: &str, due_ns: u64) -> bool {
        let mut idle = self.lock();
        let Some(place) = idle.iter().rposition(|idle| &*idle.class == class) else { return false };
        let Idle { seat, waker, .. } = idle.remove(place);
        drop(idle);
        *seat.lock() = State { due_ns: Some(due_ns), listed: false };
        waker.wake();
        true
    }

    /// Waits at the desk. Ready with when the iteration was due.
    pub(super) fn poll(
        &self,
        seat: &Arc<Seat>,
        class: &Arc<str>,
        context: &mut Context<'_>,
    ) -> Poll<u64> {
        let mut state = seat.lock();
        if let Some(due_ns) = state.due_ns.take() {
            return Poll::Ready(due_ns);
        }
        if !std::mem::replace(&mut state.listed, true) {
            let (class, seat) = (Arc::clone(class), Arc::clone(seat));
            self.lock().push(Idle { class, seat, waker: context.waker().clone() });
        }
        Poll::Pending
    }

    /// Takes a user's name off the list. What it was given meanwhile stays with its seat.
    pub(super) fn leave(&self, seat: &Arc<Seat>) {
        if std::mem::replace(&mut seat.lock().listed, false) {
            self.lock().retain(|idle| !Arc::ptr_eq(&idle.seat, seat));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_became_free_last_is_called_first() {
        let (desk, class): (Desk, Arc<str>) = (Desk::default(), "A".into());
        let mut context = Context::from_waker(Waker::noop());
        let seats = [Seat::with(None), Seat::with(None), Seat::with(Some(7))];
        let mut poll = |seat: &Arc<Seat>| desk.poll(seat, &class, &mut context);
        assert_eq!(poll(&seats[2]), Poll::Ready(7), "its first one came with it");
        assert_eq!(poll(&seats[0]), Poll::Pending);
        assert_eq!(poll(&seats[1]), Poll::Pending);
        assert_eq!(poll(&seats[1]), Poll::Pending, "listed once");
        assert!(!desk.assign("B", 1), "nobody of that class");
        assert!(desk.assign("A", 1) && desk.assign("A", 2));
        assert!(!desk.assign("A", 3), "all are busy");
        assert_eq!((poll(&seats[1]), poll(&seats[0])), (Poll::Ready(1), Poll::Ready(2)));
        assert_eq!(poll(&seats[0]), Poll::Pending);
        desk.leave(&seats[0]);
        assert!(!desk.assign("A", 4), "it has gone");
    }
}
