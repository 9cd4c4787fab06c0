//! A chain of tasks with an end, and figures of the scenario's own.

use crate::ensure;
use katydid_sdk::prelude::*;

/// Strolls twenty times; each stroll is a walk from bench to bench until it goes home.
#[derive(Default)]
pub(crate) struct Wanderer {
    journal: String,
}

#[user(fixed_count = 1, wait_time = poisson(0.0005), tags("walk"), sequential, sets(Stroll))]
impl Wanderer {
    #[task(tags("home"))]
    fn at_home(&mut self) -> Next {
        self.journal.push('.');
        metrics::gauge("strolls left", 20.0 - self.strolls() as f64);
        if self.strolls() < 20 { Next::Proceed } else { Next::StopUser }
    }

    fn strolls(&self) -> usize {
        self.journal.matches('+').count()
    }

    fn on_stop(&mut self) -> Result {
        let strolls: Vec<&str> = self.journal.trim_matches('.').split('.').collect();
        ensure(strolls.len() == 20, &self.journal)?;
        for stroll in strolls {
            // In, perhaps to and fro, and home from a bench.
            let way = stroll.strip_prefix("+w").and_then(|way| way.strip_suffix("rh-"));
            let way = way.ok_or_else(|| Error::new(format!("{stroll} is no stroll")))?;
            ensure(way.chars().all(|step| "wr".contains(step)), stroll)?;
            ensure(!way.contains("rr") && !way.ends_with('r'), stroll)?;
        }
        let walks = self.journal.matches('w').count() as f64;
        let again = self.journal.matches("ww").count() as f64;
        metrics::rate("walked on", again > 0.0);
        ensure(walks > 25.0, "most benches are passed by")
    }
}

struct Stroll;

#[task_set(tags("park", "outside"))]
impl Stroll {
    fn on_start(user: &mut Wanderer) {
        user.journal.push('+');
    }

    #[task(then(walk = 3, rest = 2))]
    fn walk(user: &mut Wanderer) {
        metrics::counter("steps", 10);
        metrics::trend("walked so far", user.journal.len() as u64);
        user.journal.push('w');
    }

    /// Ends the chain, hence the set, without saying so.
    #[task(name = "go home")]
    fn home(user: &mut Wanderer) {
        user.journal.push('h');
    }

    #[task(then(home, walk))]
    fn rest(user: &mut Wanderer) {
        user.journal.push('r');
    }

    fn on_stop(user: &mut Wanderer) {
        user.journal.push('-');
    }
}
