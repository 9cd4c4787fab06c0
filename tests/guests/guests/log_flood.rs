//! Logs without an end in sight.

use guests::{Breaks, Next, call_echo, log};

struct LogFlood;
guests::breaks!(LogFlood);

impl Breaks for LogFlood {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        for line in 0..10_000 {
            log::write(log::Level::Info, &format!("line {line}"));
        }
        call_echo();
        Ok(Next::StopUser)
    }
}
