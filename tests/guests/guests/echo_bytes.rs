//! Sends a thousand letters there and back, and looks at them.

use guests::{Behaviour, Next, Node, UserClass, class, client};

struct EchoBytes;
guests::scenario!(EchoBytes);

impl Behaviour for EchoBytes {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("EchoBytes", &["echo"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let text = "katydid ".repeat(125);
        if let Ok(reply) = client::call("echo", &[Node::Text(text.clone())]) {
            assert!(matches!(&reply[..], [Node::Text(echoed)] if *echoed == text));
        }
        Ok(Next::Proceed)
    }
}
