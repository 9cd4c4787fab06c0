//! Sleeps for a thousand years after its last iteration.

use guests::Breaks;

struct StopsSlowly;
guests::breaks!(StopsSlowly);

impl Breaks for StopsSlowly {
    fn new() -> Self {
        Self
    }

    fn on_stop(&self) -> Result<(), String> {
        guests::context::sleep_us(u64::MAX);
        Ok(())
    }
}
