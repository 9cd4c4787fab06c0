//! Calls `get_random_number(0, 100)` without a pause and looks at each reply: the guest of the
//! benchmarks and of the truth tests.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct Flood;
guests::scenario!(Flood);

impl Behaviour for Flood {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Flood", &["get_random_number"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        match client::call("get_random_number", &[Node::Int(0), Node::Int(100)]) {
            Ok(reply) if matches!(reply[..], [Node::Int(_) | Node::Double(_)]) => {}
            Ok(_) => return Err("the reply is not one number".into()),
            Err(_) => {} // Counted by the host.
        }
        Ok(Next::Proceed)
    }
}
