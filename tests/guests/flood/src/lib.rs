//! Calls `get_random_number(0, 100)` without a pause and checks each reply.

wit_bindgen::generate!({ path: "../../../wit", world: "load" });

use exports::katydid::load::scenario::{
    Description, Guest, GuestUser, Next, Order, Task, TaskSet, UserClass, WaitTime,
};
use katydid::load::client;
use katydid::load::data::Node;

struct Scenario;
export!(Scenario);

impl Guest for Scenario {
    type User = Flood;

    fn describe() -> Description {
        let task = |id, name: &str, weight| Task {
            id,
            name: name.into(),
            set: 0,
            weight,
            tags: Vec::new(),
        };
        Description {
            classes: vec![UserClass {
                name: "Flood".into(),
                weight: 1,
                fixed_count: None,
                host: Some("http://127.0.0.1:8877/".into()),
                wait: WaitTime::None,
                sets: vec![TaskSet {
                    name: "Flood".into(),
                    parent: None,
                    weight: 1,
                    order: Order::Weighted,
                }],
                tasks: vec![task(0, "get_random_number", 1)],
            }],
        }
    }
}

struct Flood;

impl GuestUser for Flood {
    fn new(_class: String) -> Self {
        Self
    }

    fn on_start(&self) -> Result<(), String> {
        Ok(())
    }

    fn run_task(&self, _task: u32) -> Result<Next, String> {
        match client::call("get_random_number", &[Node::Int(0), Node::Int(100)]) {
            Ok(reply) if matches!(reply[..], [Node::Int(_) | Node::Double(_)]) => {}
            Ok(_) => return Err("the reply is not one number".into()),
            Err(_) => {} // Counted by the host.
        }
        Ok(Next::Proceed)
    }

    fn wait_us(&self) -> u64 {
        0
    }

    fn on_stop(&self) -> Result<(), String> {
        Ok(())
    }
}
