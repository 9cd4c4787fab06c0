//! Where arrivals meet users, in the open model: one desk for each shard of each scenario.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Free users of one shard, by class. Nobody else touches it: the lock is never waited for.
#[derive(Debug, Default)]
pub(super) struct Desk {
    idle: Mutex<Vec<Idle>>,
    /// Users that were begun without an iteration, and have not come to the desk yet.
    coming: Mutex<VecDeque<Coming>>,
    queue: Mutex<Queue>,
}

/// Iterations that were due when nobody was free.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Places that were kept for new users, and are not needed: somebody became free in time.
    released: Vec<usize>,
}

/// An iteration for which a new user is to be made, at the place that is kept for it, unless somebody becomes
/// free before: either way it is begun.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) class: Arc<str>,
    pub(super) due_ns: u64,
    pub(super) place: usize,
}

#[derive(Debug)]
struct Coming {
    class: Arc<str>,
    seat: Arc<Seat>,
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
    /// It was at the desk once, or never will be.
    came: bool,
}

impl Seat {
    /// One that has its first iteration already, perhaps.
    pub(super) fn with(due_ns: Option<u64>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { due_ns, ..State::default() }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Desk {
    /// A user of this class has begun, and will come.
    pub(super) fn expect(&self, class: Arc<str>, seat: Arc<Seat>) {
        locked(&self.coming).push_back(Coming { class, seat });
    }

    /// Gives an iteration to a free user of this class: to the one that became free last, whose memory the
    /// cores still know; where none is free, to one that is about to come, which is sooner than a new one
    /// would. Answers whether there is one.
    pub(super) fn assign(&self, class: &str, due_ns: u64) -> bool {
        let mut idle = locked(&self.idle);
        let Some(place) = idle.iter().rposition(|idle| &*idle.class == class) else {
            drop(idle);
            return self.assign_to_coming(class, due_ns);
        };
        let Idle { seat, waker, .. } = idle.remove(place);
        drop(idle);
        *seat.lock() = State { due_ns: Some(due_ns), listed: false, came: true };
        waker.wake();
        true
    }

    fn assign_to_coming(&self, class: &str, due_ns: u64) -> bool {
        let mut coming = locked(&self.coming);
        coming.retain(|coming| !coming.seat.lock().came);
        let Some(place) = coming.iter().position(|coming| &*coming.class == class) else {
            return false;
        };
        let coming = coming.remove(place);
        coming.inspect(|coming| coming.seat.lock().due_ns = Some(due_ns)).is_some()
    }

    /// Lets an iteration wait for whoever comes first.
    pub(super) fn queue(&self, waiting: Waiting) {
        locked(&self.queue).waiting.push_back(waiting);
    }

    /// The iteration that has waited longest, if somebody is to be made for it.
    pub(super) fn next_waiting(&self) -> Option<Waiting> {
        locked(&self.queue).waiting.pop_front()
    }

    pub(super) fn is_anything_waiting(&self) -> bool {
        !locked(&self.queue).waiting.is_empty()
    }

    /// Places that nobody needs any more.
    pub(super) fn released(&self) -> Vec<usize> {
        std::mem::take(&mut locked(&self.queue).released)
    }

    fn take_waiting(&self, class: &str) -> Option<u64> {
        let mut queue = locked(&self.queue);
        let place = queue.waiting.iter().position(|waiting| &*waiting.class == class)?;
        let waiting = queue.waiting.remove(place)?;
        queue.released.push(waiting.place);
        Some(waiting.due_ns)
    }

    /// Waits at the desk. Ready with when the iteration was due.
    pub(super) fn poll(
        &self,
        seat: &Arc<Seat>,
        class: &Arc<str>,
        context: &mut Context<'_>,
    ) -> Poll<u64> {
        let mut state = seat.lock();
        state.came = true;
        if let Some(due_ns) = state.due_ns.take() {
            return Poll::Ready(due_ns);
        }
        if !state.listed
            && let Some(due_ns) = self.take_waiting(class)
        {
            return Poll::Ready(due_ns);
        }
        if !std::mem::replace(&mut state.listed, true) {
            let (class, seat) = (Arc::clone(class), Arc::clone(seat));
            locked(&self.idle).push(Idle { class, seat, waker: context.waker().clone() });
        }
        Poll::Pending
    }

    /// Takes a user's name off the list. What it was given meanwhile stays with its seat.
    pub(super) fn leave(&self, seat: &Arc<Seat>) {
        let mut state = seat.lock();
        state.came = true;
        if std::mem::replace(&mut state.listed, false) {
            drop(state);
            locked(&self.idle).retain(|idle| !Arc::ptr_eq(&idle.seat, seat));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn who_becomes_free_takes_what_waits_longest() {
        let (desk, class): (Desk, Arc<str>) = (Desk::default(), "A".into());
        let wait = |class: &str, due_ns, place| {
            desk.queue(Waiting { class: class.into(), due_ns, place });
        };
        let mut context = Context::from_waker(Waker::noop());
        let seat = Seat::with(None);
        wait("B", 1, 7);
        wait("A", 2, 8);
        wait("A", 3, 9);
        assert_eq!(desk.poll(&seat, &class, &mut context), Poll::Ready(2));
        assert_eq!(desk.released(), [8], "nobody need be made");
        assert_eq!(desk.next_waiting().map(|waiting| waiting.place), Some(7));
        assert_eq!(desk.poll(&seat, &class, &mut context), Poll::Ready(3));
        assert_eq!(desk.poll(&seat, &class, &mut context), Poll::Pending);
        assert!(!desk.is_anything_waiting());
    }

    #[test]
    fn who_is_about_to_come_is_called_before_a_new_one_is_made() {
        let (desk, class): (Desk, Arc<str>) = (Desk::default(), "A".into());
        let mut context = Context::from_waker(Waker::noop());
        let seats = [Seat::with(None), Seat::with(None), Seat::with(None)];
        let mut poll = |seat: &Arc<Seat>| desk.poll(seat, &class, &mut context);
        seats.iter().for_each(|seat| desk.expect(Arc::clone(&class), Arc::clone(seat)));
        assert!(!desk.assign("B", 0), "nobody of that class");
        desk.leave(&seats[0]);
        assert_eq!(poll(&seats[2]), Poll::Pending);
        assert!(desk.assign("A", 1), "to the one that is there");
        assert!(desk.assign("A", 2), "to the one that is coming");
        assert!(!desk.assign("A", 3), "the other has gone");
        assert_eq!((poll(&seats[1]), poll(&seats[2])), (Poll::Ready(2), Poll::Ready(1)));
        assert_eq!(poll(&seats[1]), Poll::Pending);
        assert!(desk.assign("A", 4) && !desk.assign("A", 5), "nobody is called twice");
    }
}
