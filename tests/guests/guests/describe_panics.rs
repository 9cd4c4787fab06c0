//! Panics when it is asked what it is.

use guests::{Behaviour, Next, UserClass};

struct DescribePanics;
guests::scenario!(DescribePanics);

impl Behaviour for DescribePanics {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        std::panic::set_hook(Box::new(|info| guests::log::panicking(&info.to_string())));
        panic!("who am I?")
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        Ok(Next::Proceed)
    }
}
