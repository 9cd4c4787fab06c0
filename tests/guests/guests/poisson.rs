//! Waits at random, 10 ms on average, and sees that it is so: the share of pauses longer than t is e to the -t/10 ms.
//! Each user makes 400 iterations.

use guests::{Behaviour, Next, UserClass, WaitTime, class, client, context};
use std::cell::{Cell, RefCell};

const MEAN_US: u64 = 10_000;
const ITERATIONS: u64 = 400;

struct Poisson {
    ended: Cell<Option<u64>>,
    pauses: RefCell<Vec<u64>>,
}
guests::scenario!(Poisson);

impl Behaviour for Poisson {
    fn new(_class: String) -> Self {
        Self { ended: Cell::new(None), pauses: RefCell::default() }
    }

    fn describe() -> Vec<UserClass> {
        vec![UserClass { wait: WaitTime::Poisson(MEAN_US), ..class("Poisson", &["pause"]) }]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        let now = context::now_us();
        if let Some(ended) = self.ended.get() {
            self.pauses.borrow_mut().push(now - ended);
        }
        if context::iteration() + 1 < ITERATIONS {
            self.ended.set(Some(context::now_us()));
            return Ok(Next::Proceed);
        }
        let pauses = self.pauses.borrow();
        let longer = |us: u64| {
            pauses.iter().filter(|pause| **pause > us).count() as f64 / pauses.len() as f64
        };
        // Five standard deviations around 0.61, 0.37 and 0.05; a late machine makes pauses longer, not shorter.
        let [half, one, three] = [MEAN_US / 2, MEAN_US, 3 * MEAN_US].map(longer);
        assert!((0.48..0.85).contains(&half), "{half} are longer than half the mean");
        assert!((0.25..0.65).contains(&one), "{one} are longer than the mean");
        assert!((0.003..0.3).contains(&three), "{three} are longer than three times the mean");
        client::call("echo", &[]).expect("the target answers");
        Ok(Next::StopUser)
    }
}
