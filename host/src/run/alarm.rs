//! Waking at a moment, to the microsecond where the operating system can.

use crate::clock::Clock;
use rustix::fd::OwnedFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, Sleep, sleep_until};

/// Wakes one task at one moment after the other. The runtime's own timers are rounded up to milliseconds, which
/// is as long as whole exchanges take: arrivals would be late by more than they last.
pub(super) enum Alarm {
    /// A timer of the kernel's, on the clock of the stamps.
    Kernel { timer: AsyncFd<OwnedFd>, set_for: Option<u64> },
    /// The runtime's: where its clock is not the kernel's, as in tests, or the kernel has no timer left.
    Runtime(Pin<Box<Sleep>>),
}

impl Alarm {
    /// One for the runtime that this is called in.
    pub(super) fn new(clock: Clock) -> Self {
        let kernel = || {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
            // Deprecated for types that may lie about their descriptor; this one owns it.
            #[allow(deprecated)]
            AsyncFd::new(timer).ok()
        };
        match matches!(clock, Clock::Monotonic).then(kernel).flatten() {
            Some(timer) => Self::Kernel { timer, set_for: None },
            None => Self::Runtime(Box::pin(sleep_until(Instant::now()))),
        }
    }

    /// Ready at this moment: given on the runtime's clock, and in nanoseconds on that of the stamps.
    pub(super) fn poll(
        &mut self,
        (at, at_ns): (Instant, u64),
        now_ns: u64,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        match self {
            Self::Runtime(sleep) => {
                if sleep.deadline() != at {
                    sleep.as_mut().reset(at);
                }
                sleep.as_mut().poll(context)
            }
            Self::Kernel { timer, set_for } => loop {
                if now_ns >= at_ns {
                    return Poll::Ready(());
                }
                if *set_for != Some(at_ns) {
                    *set_for = Some(at_ns);
                    set(timer, at_ns);
                }
                let Ok(mut guard) = ready!(timer.poll_read_ready(context)) else {
                    return Poll::Ready(());
                };
                let mut count = [0; 8];
                if rustix::io::read(timer.get_ref(), &mut count).is_ok() {
                    *set_for = None;
                    return Poll::Ready(());
                }
                // It was readable for an earlier moment, and is no more.
                guard.clear_ready();
            },
        }
    }
}

fn set(timer: &AsyncFd<OwnedFd>, at_ns: u64) {
    let at = Timespec {
        tv_sec: i64::try_from(at_ns / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: (at_ns % 1_000_000_000) as _,
    };
    let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: at };
    // A moment that has passed makes it ready at once; nothing else can be wrong with it.
    let _ = timerfd_settime(timer.get_ref(), TimerfdTimerFlags::ABSTIME, &once);
}
