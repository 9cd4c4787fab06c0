//! Takes memory for ever.

use guests::{Breaks, Next};

struct MemoryBomb;
guests::breaks!(MemoryBomb);

impl Breaks for MemoryBomb {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            hoard.push(vec![1; 1 << 20]);
            core::hint::black_box(&hoard);
        }
    }
}
