//! Recurses for ever. Rust keeps a stack of its own in linear memory, which ends before that of wasm.

use guests::{Breaks, Next};

struct Recurses;
guests::breaks!(Recurses);

impl Breaks for Recurses {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        core::hint::black_box(down(0));
        Ok(Next::Proceed)
    }
}

#[expect(unconditional_recursion, reason = "on purpose")]
fn down(n: u64) -> u64 {
    let here = core::hint::black_box([n; 64]);
    down(n + 1) + here[(n % 64) as usize]
}
