//! Calls once, unless `--param calls=0` says not to, and then waits for an hour: what a user costs that
//! does nothing.

use guests::{Behaviour, Next, UserClass, WaitTime, call_echo, class, context};

struct Idles;
guests::scenario!(Idles);

impl Behaviour for Idles {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![UserClass {
            wait: WaitTime::Constant(3_600_000_000),
            ..class("Idles", &["call once"])
        }]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        if context::parameter("calls").as_deref() != Some("0") {
            call_echo();
        }
        Ok(Next::Proceed)
    }
}
