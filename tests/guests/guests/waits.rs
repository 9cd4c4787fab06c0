//! Wants to wait for longer than there is time.

use guests::{Breaks, WaitTime};

struct Waits;
guests::breaks!(Waits);

impl Breaks for Waits {
    fn new() -> Self {
        Self
    }

    fn wait() -> WaitTime {
        WaitTime::Asked
    }

    fn wait_us(&self) -> u64 {
        u64::MAX
    }
}
