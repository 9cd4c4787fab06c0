//! Answers an error of many megabytes.

use guests::{Breaks, Next};

struct HeavyError;
guests::breaks!(HeavyError);

impl Breaks for HeavyError {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        Err("why ".repeat(1 << 20))
    }
}
