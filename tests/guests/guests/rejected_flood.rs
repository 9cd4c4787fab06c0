//! Makes calls for ever that cannot be written: none of them waits for a target.

use guests::{Breaks, Next, Node, client};

struct RejectedFlood;
guests::breaks!(RejectedFlood);

impl Breaks for RejectedFlood {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        loop {
            assert!(client::call("echo", &[Node::Array(1)]).is_err());
        }
    }
}
