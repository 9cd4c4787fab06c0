//! Panics at its end.

use guests::Breaks;

struct StopPanics;
guests::breaks!(StopPanics);

impl Breaks for StopPanics {
    fn new() -> Self {
        Self
    }

    fn on_stop(&self) -> Result<(), String> {
        panic!("no good-bye")
    }
}
