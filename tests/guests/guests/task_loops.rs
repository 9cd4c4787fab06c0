//! Computes for ever.

use guests::{Breaks, Next};

struct TaskLoops;
guests::breaks!(TaskLoops);

impl Breaks for TaskLoops {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        loop {
            core::hint::black_box(0);
        }
    }
}
