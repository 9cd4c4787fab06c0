//! Its task answers an error: a failed iteration, and the user lives on.

use guests::{Breaks, Next};

struct TaskFails;
guests::breaks!(TaskFails);

impl Breaks for TaskFails {
    fn new() -> Self {
        Self
    }

    fn run(&self) -> Result<Next, String> {
        Err("a task may fail".into())
    }
}
