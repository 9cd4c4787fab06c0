//! Two classes by weight and one by count, waits of each kind, nested and sequential sets, with the
//! class and task as the method: the target's log then shows who did what.

use guests::{Behaviour, Next, Order, Task, UserClass, WaitTime, class, client, context, set};

struct Classes(String);
guests::scenario!(Classes);

const INNER: u32 = 2;

impl Behaviour for Classes {
    fn new(class: String) -> Self {
        Self(class)
    }

    fn describe() -> Vec<UserClass> {
        let task =
            |id, name: &str, set| Task { id, name: name.into(), set, weight: 1, tags: vec![] };
        let waits = |name: &str, weight, wait| UserClass { weight, wait, ..class(name, &["task"]) };
        vec![
            waits("light", 1, WaitTime::Between((1_000, 3_000))),
            waits("heavy", 3, WaitTime::Constant(2_000)),
            UserClass { fixed_count: Some(2), ..waits("paced", 1, WaitTime::Pacing(10_000)) },
            UserClass { fixed_count: Some(1), ..waits("asking", 1, WaitTime::Asked) },
            UserClass {
                fixed_count: Some(1),
                wait: WaitTime::Constant(1_000),
                sets: vec![
                    set("outer", None, Order::Sequential),
                    set("inner", Some(0), Order::Sequential),
                ],
                tasks: vec![task(0, "a", 0), task(1, "b", 1), task(INNER, "c", 1)],
                ..class("nested", &[])
            },
        ]
    }

    fn run(&self, task: u32) -> Result<Next, String> {
        let _ = client::call(&format!("{}.{task}", self.0), &[]);
        // The inner set is left after its second task.
        let left = self.0 == "nested" && task == INNER;
        Ok(if left { Next::Interrupt } else { Next::Proceed })
    }

    fn wait_us(&self) -> u64 {
        assert!(context::user_id() < 1_000);
        5_000
    }
}
