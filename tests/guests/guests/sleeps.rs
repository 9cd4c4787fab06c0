//! Sleeps for a thousand years in its task.

use guests::{Breaks, Next, call_echo, context};

struct Sleeps;
guests::breaks!(Sleeps);

impl Breaks for Sleeps {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        call_echo();
        context::sleep_us(u64::MAX);
        Ok(Next::Proceed)
    }
}
