//! The one clock: `CLOCK_MONOTONIC`, in nanoseconds. It is shared by all processes of a machine, so
//! that our stamps and the target's own log can be compared without any tolerance.

/// Nanoseconds on the machine's monotonic clock.
#[must_use]
pub fn monotonic_ns() -> u64 {
    nanoseconds(rustix::time::ClockId::Monotonic)
}

/// CPU time that the calling thread has used since it began, in nanoseconds.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    nanoseconds(rustix::time::ClockId::ThreadCPUTime)
}

fn nanoseconds(clock: rustix::time::ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    // Neither clock is ever negative.
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// Where a run reads the time: the real clock, or tokio's own, which a test can hold and advance.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// [`monotonic_ns`].
    Monotonic,
    /// Nanoseconds since this instant of tokio's clock.
    Tokio(tokio::time::Instant),
}

impl Clock {
    /// The time now, in nanoseconds.
    #[must_use]
    pub fn now_ns(self) -> u64 {
        match self {
            Clock::Monotonic => monotonic_ns(),
            Clock::Tokio(origin) => u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX),
        }
    }
}
