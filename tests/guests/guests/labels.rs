//! Puts a number into each label, as people do who have not read the manual. One iteration.

use guests::events::RequestEvent;
use guests::{Behaviour, Next, Node, UserClass, class, client, events};

struct Labels;
guests::scenario!(Labels);

impl Behaviour for Labels {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Labels", &["flood"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        for number in 0..1_500 {
            events::request_success(&RequestEvent {
                request_type: "rest".into(),
                name: format!("/orders/{number}"),
                response_time_us: 1_000,
                response_length: 1,
            });
        }
        for _ in 0..10 {
            let _ = client::call("echo", &[Node::Int(1)]);
        }
        Ok(Next::StopUser)
    }
}
