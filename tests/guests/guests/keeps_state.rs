//! Counts its iterations, over any number of versions of its module, and sees that nothing of that is lost
//! or changed on the way.

use guests::{Behaviour, Hooks, Next, UserClass, WaitTime, class, log};
use std::cell::Cell;

/// What a state begins with. All bytes: it is no text.
const MARK: &[u8] = b"keeps_state\0\xff";

struct KeepsState {
    iterations: Cell<u64>,
    started: Cell<bool>,
    saved: Cell<bool>,
}
guests::scenario!(KeepsState);

impl KeepsState {
    fn start(&self, iterations: u64) {
        assert!(!self.started.replace(true), "started once");
        self.iterations.set(iterations);
    }
}

impl Behaviour for KeepsState {
    fn new(_class: String) -> Self {
        Self { iterations: Cell::new(0), started: Cell::new(false), saved: Cell::new(false) }
    }

    fn describe() -> Vec<UserClass> {
        vec![UserClass { wait: WaitTime::Constant(10_000), ..class("KeepsState", &["count"]) }]
    }

    fn hooks() -> Hooks {
        Hooks::STATE
    }

    fn on_start(&self) -> Result<(), String> {
        self.start(0);
        log::write(log::Level::Info, "began with no state");
        Ok(())
    }

    fn resume(&self, state: Vec<u8>) -> Result<(), String> {
        let (mark, rest) = state.split_at_checked(MARK.len()).expect("not cut");
        assert_eq!(mark, MARK, "what save produced");
        let (count, complement) = rest.split_at_checked(8).expect("not cut");
        let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        assert_eq!(number(count), !number(complement), "what save produced");
        self.start(number(count));
        log::write(log::Level::Info, &format!("resumed at {}", number(count)));
        Ok(())
    }

    fn run(&self, _task: u32) -> Result<Next, String> {
        assert!(self.started.get() && !self.saved.get(), "between on-start and save");
        guests::call_echo();
        self.iterations.set(self.iterations.get() + 1);
        Ok(Next::Proceed)
    }

    fn save(&self) -> Option<Vec<u8>> {
        assert!(self.started.get() && !self.saved.replace(true), "saved once");
        let count = self.iterations.get();
        Some([MARK, &count.to_le_bytes(), &(!count).to_le_bytes()].concat())
    }

    fn on_stop(&self) -> Result<(), String> {
        assert!(!self.saved.get(), "what was saved is not stopped");
        log::write(log::Level::Info, &format!("stopped at {}", self.iterations.get()));
        Ok(())
    }
}
