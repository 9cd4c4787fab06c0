//! Puts a number into each check, each too long.

use guests::{Breaks, Next, call_echo, context};

struct CheckNames;
guests::breaks!(CheckNames);

impl Breaks for CheckNames {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        for number in 0..5_000 {
            context::check(&format!("{number} {}", "x".repeat(1_000)), false);
        }
        call_echo();
        Ok(Next::StopUser)
    }
}
