//! Describes itself with many mistakes; all of them are told at once.

use guests::{Behaviour, Next, UserClass, WaitTime, class};

struct DescribeNonsense;
guests::scenario!(DescribeNonsense);

impl Behaviour for DescribeNonsense {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        let mut a = class("", &["task"]);
        a.host = Some("http://a\nb".into());
        let mut b = class("B", &["one", "two"]);
        b.tasks[1].id = 0;
        b.tasks[1].set = 7;
        b.wait = WaitTime::Between((5, 2));
        vec![a, b, class("C", &[])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
