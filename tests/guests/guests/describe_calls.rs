//! Calls the target when it is asked what it is: there is none yet.

use guests::{Behaviour, Next, UserClass, class, client};

struct DescribeCalls;
guests::scenario!(DescribeCalls);

impl Behaviour for DescribeCalls {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        assert!(client::call("echo", &[]).is_err());
        vec![class("Fine", &["task"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
