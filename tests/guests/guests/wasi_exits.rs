//! Ends its program, as it thinks.

use guests::{Breaks, Next};

struct WasiExits;
guests::breaks!(WasiExits);

impl Breaks for WasiExits {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        wasip2::cli::exit::exit(Err(()));
        Ok(Next::Proceed)
    }
}
