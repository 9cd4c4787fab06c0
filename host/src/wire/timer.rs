//! A deadline that costs nothing while it is not reached.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// One timer for all exchanges of a connection, one after the other.
///
/// Setting a timer for each request would cost more than the rest of the bookkeeping. This one is
/// left armed when a request ends: it fires no later than the deadline of any later request, and is
/// only then set anew. So it is touched once in a time-out, not once in a request.
#[derive(Debug, Default)]
pub(super) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready once `deadline` has passed; otherwise the task is woken at that time.
    pub(super) fn poll_passed(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn strikes_at_each_deadline_though_it_is_left_armed() {
        let mut timer = Timer::default();
        let start = Instant::now();
        // Later, later still, and earlier than what is armed.
        for seconds in [10, 25, 26, 90, 91] {
            let deadline = start + Duration::from_secs(seconds);
            poll_fn(|context| timer.poll_passed(context, deadline)).await;
            assert_eq!(start.elapsed().as_secs(), seconds);
        }
        // Armed for an hour by a request that ended at once; the next one is due in a second.
        let far = Instant::now() + Duration::from_secs(3600);
        poll_fn(|context| {
            assert!(timer.poll_passed(context, far).is_pending());
            Poll::Ready(())
        })
        .await;
        let near = Instant::now() + Duration::from_secs(1);
        poll_fn(|context| timer.poll_passed(context, near)).await;
        assert_eq!(Instant::now(), near);
    }
}
