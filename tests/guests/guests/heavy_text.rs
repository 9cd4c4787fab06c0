//! Hands over more text than one call may carry.

use guests::{Breaks, Next, context};

struct HeavyText;
guests::breaks!(HeavyText);

impl Breaks for HeavyText {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        context::check(&"x".repeat(20 << 20), true);
        Ok(Next::Proceed)
    }
}
