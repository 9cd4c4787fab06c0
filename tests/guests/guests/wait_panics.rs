//! Panics when it is asked for its pause.

use guests::{Breaks, WaitTime};

struct WaitPanics;
guests::breaks!(WaitPanics);

impl Breaks for WaitPanics {
    fn new() -> Self {
        Self
    }

    fn wait() -> WaitTime {
        WaitTime::Asked
    }

    fn wait_us(&self) -> u64 {
        panic!("how long?")
    }
}
