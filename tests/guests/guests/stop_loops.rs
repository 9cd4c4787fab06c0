//! Never comes back from its end.

use guests::Breaks;

struct StopLoops;
guests::breaks!(StopLoops);

impl Breaks for StopLoops {
    fn new() -> Self {
        Self
    }

    fn on_stop(&self) -> Result<(), String> {
        loop {
            core::hint::black_box(0);
        }
    }
}
