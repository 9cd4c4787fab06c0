//! Logs a few lines that are too long.

use guests::{Breaks, Next, call_echo, log};

struct LogHeavy;
guests::breaks!(LogHeavy);

impl Breaks for LogHeavy {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        for letter in ["a", "b", "c"] {
            log::write(log::Level::Info, &letter.repeat(30_000));
        }
        call_echo();
        Ok(Next::StopUser)
    }
}
