//! Panics in its task, after its panic handler has told the host what it knows.

use guests::{Breaks, Next};

struct Panics;
guests::breaks!(Panics);

impl Breaks for Panics {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        std::panic::set_hook(Box::new(|info| guests::log::panicking(&info.to_string())));
        panic!("out of luck")
    }
}
