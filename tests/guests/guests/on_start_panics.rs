//! Panics before its first iteration.

use guests::Breaks;

struct OnStartPanics;
guests::breaks!(OnStartPanics);

impl Breaks for OnStartPanics {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) -> Result<(), String> {
        panic!("no licence")
    }
}
