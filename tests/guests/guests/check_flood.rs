//! Checks for ever.

use guests::{Breaks, Next, context};

struct CheckFlood;
guests::breaks!(CheckFlood);

impl Breaks for CheckFlood {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        loop {
            context::check("flood", true);
        }
    }
}
