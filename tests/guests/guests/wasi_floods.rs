//! Prints without an end in sight, and asks for more randomness than there is.

use guests::{Breaks, Next};
use wasip2::cli::stdout::get_stdout;

struct WasiFloods;
guests::breaks!(WasiFloods);

impl Breaks for WasiFloods {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        for _ in 0..1_000 {
            get_stdout().blocking_write_and_flush(&[b'x'; 4_096]).map_err(|e| format!("{e:?}"))?;
        }
        wasip2::random::random::get_random_bytes(1 << 40);
        Ok(Next::Proceed)
    }
}
