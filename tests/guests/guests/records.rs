//! Figures of each kind, known in advance: what the statistics must say of them. Each user runs one iteration.

use guests::{Behaviour, Next, UserClass, class, context, metrics};

struct Records;
guests::scenario!(Records);

impl Behaviour for Records {
    fn new(_class: String) -> Self {
        Self
    }

    fn describe() -> Vec<UserClass> {
        vec![class("Records", &["everything"])]
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        metrics::counter("sold", 2);
        metrics::counter("sold", 3);
        // Whoever comes last, the least and the most are the same.
        metrics::gauge("stock", -1.5);
        metrics::gauge("stock", context::user_id() as f64);
        for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            metrics::gauge("stock", nothing);
        }
        (0..4).for_each(|n| metrics::rate("in stock", n > 0));
        (1..=1_000).for_each(|n| metrics::trend("words", n));
        // One name may be used for two kinds; names are anybody's words.
        metrics::trend("sold", 7);
        metrics::counter("no\nname\u{1b}[31m", 1);
        Ok(Next::StopUser)
    }
}
