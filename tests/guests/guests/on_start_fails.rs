//! Is refused before its first iteration.

use guests::Breaks;

struct OnStartFails;
guests::breaks!(OnStartFails);

impl Breaks for OnStartFails {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) -> Result<(), String> {
        Err("no licence".into())
    }
}
