//! Takes memory for ever when it is asked what it is.

use guests::{Behaviour, Next, UserClass};

struct DescribeBomb;
guests::scenario!(DescribeBomb);

impl Behaviour for DescribeBomb {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            hoard.push(vec![1; 1 << 20]);
            core::hint::black_box(&hoard);
        }
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
