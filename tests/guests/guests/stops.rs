//! Ends the whole run from inside.

use guests::{Behaviour, Next, UserClass, class, client, context};

struct Stops;
guests::scenario!(Stops);

impl Behaviour for Stops {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Stops", &["stop"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let _ = client::call("get_time", &[]);
        context::stop_run("the account is\nempty");
        Ok(Next::Proceed)
    }
}
