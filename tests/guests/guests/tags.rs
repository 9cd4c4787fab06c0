//! Tags on tasks and on sets. Each task calls the method that is named after it; `last` ends the user.

use guests::{Behaviour, Next, Order, Task, TaskSet, UserClass, class, client, context, set};

struct Tags;
guests::scenario!(Tags);

const NAMES: [&str; 4] = ["plain", "fast", "in.fast", "in.slow"];

impl Behaviour for Tags {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).into()).collect();
        let task = |id: u32, set, tags: &[&str]| Task {
            id,
            name: NAMES[id as usize].into(),
            set,
            weight: 1,
            tags: words(tags),
        };
        vec![UserClass {
            sets: vec![
                TaskSet { tags: words(&["all"]), ..set("outer", None, Order::Weighted) },
                TaskSet { tags: words(&["inside", "shop"]), ..set("in", Some(0), Order::Weighted) },
            ],
            tasks: vec![
                task(0, 0, &[]),
                task(1, 0, &["fast"]),
                task(2, 1, &["fast"]),
                task(3, 1, &["slow"]),
            ],
            ..class("Tags", &[])
        }]
    }

    fn run(&self, task: u32) -> Result<Next, String> {
        let _ = client::call(NAMES[task as usize], &[]);
        match (context::iteration(), task) {
            (100.., _) => Ok(Next::StopUser),
            (_, 2..) => Ok(Next::Interrupt),
            _ => Ok(Next::Proceed),
        }
    }
}
