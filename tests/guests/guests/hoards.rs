//! Never lets go of a judged call.

use guests::client::Options;
use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Hoards;
guests::scenario!(Hoards);

impl Behaviour for Hoards {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Hoards", &["hoard"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let options = Options { label: None, timeout_ms: None };
        loop {
            std::mem::forget(client::call_judged("echo", &[Node::Int(1)], &options));
        }
    }
}
