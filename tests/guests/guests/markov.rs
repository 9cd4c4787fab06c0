//! Two chains, one in the other's neighbourhood: the class's own set leads into an inner one, which is a chain with an
//! end. Each user sees that what comes is what may come, and how often.

use guests::{
    Behaviour, Next, Order, Task, TaskSet, Transition, UserClass, class, client, context, set,
};
use std::cell::{Cell, RefCell};

/// Ids are no places: they are stable only within a module, and any numbers.
const STROLL: u32 = 70;
const LOOK: u32 = 10;
const FILL: u32 = 30;
const PAY: u32 = 20;
const NEVER: u32 = 40;
/// (before, after, weight)
const SHOP: [(u32, u32, u32); 6] = [
    (LOOK, LOOK, 6),
    (LOOK, FILL, 2),
    (LOOK, NEVER, 0),
    (FILL, LOOK, 1),
    (FILL, PAY, 1),
    (NEVER, LOOK, 1),
];
const ITERATIONS: u64 = 600;

struct Markov {
    last: Cell<u32>,
    seen: RefCell<Vec<(u32, u32)>>,
}
guests::scenario!(Markov);

impl Behaviour for Markov {
    fn new(_class: String) -> Self {
        // As if it came from the shop.
        Self { last: Cell::new(PAY), seen: RefCell::default() }
    }

    fn describe() -> Vec<UserClass> {
        let link = |(before, after, weight)| Transition { before, after, weight };
        let task =
            |id, name: &str, set| Task { id, name: name.into(), set, weight: 1, tags: vec![] };
        let shop = set("shop", Some(0), Order::Transitions);
        vec![UserClass {
            sets: vec![
                set("town", None, Order::Sequential),
                TaskSet { transitions: SHOP.map(link).to_vec(), ..shop },
            ],
            tasks: vec![
                task(LOOK, "look", 1),
                task(PAY, "pay", 1),
                task(FILL, "fill", 1),
                task(NEVER, "never", 1),
                task(STROLL, "stroll", 0),
            ],
            ..class("Markov", &[])
        }]
    }

    fn run(&self, task: u32) -> Result<Next, String> {
        let last = self.last.replace(task);
        self.seen.borrow_mut().push((last, task));
        // Whoever has paid leaves the shop, without having said so.
        let may_come: Vec<u32> = match last {
            STROLL => vec![LOOK],
            PAY => vec![STROLL],
            _ => SHOP.iter().filter(|(before, ..)| *before == last).map(|link| link.1).collect(),
        };
        assert!(may_come.contains(&task) && task != NEVER, "{task} follows {last}");
        if context::iteration() + 1 < ITERATIONS {
            return Ok(Next::Proceed);
        }
        let seen = self.seen.borrow();
        let often = |before, after| {
            let from = seen.iter().filter(|(last, _)| *last == before).count();
            let there = seen.iter().filter(|link| **link == (before, after)).count();
            there as f64 / from as f64
        };
        let (again, paid) = (often(LOOK, LOOK), often(FILL, PAY));
        assert!((0.6..0.9).contains(&again), "{again} of the looks are followed by another one");
        assert!((0.3..0.7).contains(&paid), "{paid} of the baskets are paid for");
        client::call("echo", &[]).expect("the target answers");
        Ok(Next::StopUser)
    }
}
