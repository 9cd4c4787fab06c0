//! Records as many figures in one iteration as its parameter `figures` says, each under a name of its own.

use guests::{Behaviour, Next, UserClass, class, context, metrics};

struct Flood;
guests::scenario!(Flood);

impl Behaviour for Flood {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Flood", &["flood"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let figures: u64 = context::parameter("figures").map_or(1, |text| text.parse().unwrap());
        (0..figures).for_each(|n| metrics::counter(&format!("figure {n}"), 1));
        Ok(Next::StopUser)
    }
}
