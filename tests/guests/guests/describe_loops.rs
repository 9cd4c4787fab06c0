//! Never comes back from describing itself.

use guests::{Behaviour, Next, UserClass};

struct DescribeLoops;
guests::scenario!(DescribeLoops);

impl Behaviour for DescribeLoops {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        loop {
            core::hint::black_box(0);
        }
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
