//! Asks WASI for timers for ever and lets none go.

use guests::{Breaks, Next};
use wasip2::clocks::monotonic_clock;

struct WasiHoards;
guests::breaks!(WasiHoards);

impl Breaks for WasiHoards {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        loop {
            std::mem::forget(monotonic_clock::subscribe_duration(u64::MAX));
        }
    }
}
