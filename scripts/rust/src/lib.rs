//! `ApiUser` in Rust: what `scripts/wat/api_user.wat` does, written against the bare WIT.

wit_bindgen::generate!({ path: "../../wit", world: "load" });

use exports::katydid::load::scenario::{
    Description, Guest, GuestUser, Next, Order, Task, TaskSet, UserClass, WaitTime,
};
use katydid::load::client;
use katydid::load::data::Node;

struct Scenario;
export!(Scenario);

const GET_TIME: u32 = 0;
const GET_RANDOM_NUMBER: u32 = 1;

impl Guest for Scenario {
    type User = ApiUser;

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
                name: "ApiUser".into(),
                weight: 1,
                fixed_count: None,
                host: Some("http://127.0.0.1:8877/".into()),
                wait: WaitTime::Between((100_000, 1_000_000)),
                sets: vec![TaskSet {
                    name: "ApiUser".into(),
                    parent: None,
                    weight: 1,
                    order: Order::Weighted,
                }],
                tasks: vec![
                    task(GET_TIME, "get_time", 10),
                    task(GET_RANDOM_NUMBER, "get_random_number", 5),
                ],
            }],
        }
    }
}

struct ApiUser;

impl GuestUser for ApiUser {
    fn new(_class: String) -> Self {
        Self
    }

    fn on_start(&self) -> Result<(), String> {
        Ok(())
    }

    fn run_task(&self, task: u32) -> Result<Next, String> {
        // Whatever comes of a call has been counted; this user goes on.
        let _ = match task {
            GET_TIME => client::call("get_time", &[]),
            GET_RANDOM_NUMBER => client::call("get_random_number", &[Node::Int(0), Node::Int(100)]),
            other => return Err(format!("there is no task {other}")),
        };
        Ok(Next::Proceed)
    }

    fn wait_us(&self) -> u64 {
        0
    }

    fn on_stop(&self) -> Result<(), String> {
        Ok(())
    }
}
