//! Describes a hundred thousand classes.

use guests::{Behaviour, Next, UserClass, class};

struct DescribeHeavy;
guests::scenario!(DescribeHeavy);

impl Behaviour for DescribeHeavy {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Many", &["task"]); 100_000]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
