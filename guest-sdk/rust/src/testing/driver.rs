//! A virtual user in a test's hands.

use super::{error, with};
use crate::running::{Alive, Running as _};
use crate::{Error, Next, Result, User};
use std::time::Duration;

/// A virtual user that a test drives as the host would.
///
/// Its methods answer what the host sees: a request that failed is no error (except where a user does
/// not get through its `on_start`), a message is.
pub struct TestUser<U> {
    alive: Alive<U>,
    iterations: u64,
}

impl<U: User> TestUser<U> {
    pub(super) fn new() -> Self {
        Self { alive: Alive::new(), iterations: 0 }
    }

    /// The user's own struct.
    #[must_use]
    pub fn state(&self) -> &U {
        &self.alive.user
    }

    /// The user's own struct, to be brought into the state that a test begins with.
    #[must_use]
    pub fn state_mut(&mut self) -> &mut U {
        &mut self.alive.user
    }

    /// What happens before the first iteration.
    ///
    /// # Errors
    /// The user did not get through it; the host would try anew with a fresh user.
    pub fn on_start(&mut self) -> Result {
        self.alive.start(None).map_err(error)
    }

    /// What happens in place of [`on_start`](Self::on_start) where the scenario was exchanged while it
    /// runs, and a user of the version before has [saved](Self::save) this. Where the class keeps no
    /// state, `on_start` happens after all.
    ///
    /// # Errors
    /// The user did not get through it; the host would start a fresh user.
    pub fn resume(&mut self, state: &[u8]) -> Result {
        self.alive.start(Some(state)).map_err(error)
    }

    /// What happens in place of [`on_stop`](Self::on_stop) where the scenario is exchanged while it runs:
    /// the state that a user of the next version would resume. With none, both would happen as ever.
    #[must_use]
    pub fn save(&mut self) -> Option<Vec<u8>> {
        self.alive.save()
    }

    /// One iteration. Tasks of a set may be called `Set.task`; the set is entered before.
    ///
    /// # Errors
    /// The iteration failed, or there is no such task, or more than one.
    pub fn run_task(&mut self, task: &str) -> Result<Next> {
        let place = self.place(task)?;
        let iteration = self.iterations;
        self.iterations += 1;
        with(|state| (state.iteration, state.drawn) = (iteration, 0));
        self.alive.run_task(place).map_err(error)
    }

    /// The pause that the user asks for; none where its class knows it.
    pub fn wait_time(&mut self) -> Duration {
        Duration::from_micros(crate::wait::micros(self.alive.wait()))
    }

    /// What happens after the last iteration: the sets that the user is in are left, then `on_stop`.
    ///
    /// # Errors
    /// One of these failed; the first is told.
    pub fn on_stop(&mut self) -> Result {
        self.alive.stop().map_err(error)
    }

    /// The place of a task that is named alone or behind its set.
    fn place(&self, called: &str) -> Result<usize> {
        let all = self.alive.class.tasks();
        let full = |place: usize| {
            let task = &all.tasks()[place];
            format!("{}.{}", all.sets()[task.set].name, task.name)
        };
        let fits = |&place: &usize| all.tasks()[place].name == called || full(place) == called;
        let found: Vec<usize> = (0..all.tasks().len()).filter(fits).collect();
        match found[..] {
            [place] => Ok(place),
            [] => {
                let known: Vec<String> = (0..all.tasks().len()).map(full).collect();
                Err(Error::new(format!("there is no task {called:?}, only {}", known.join(", "))))
            }
            _ => {
                let known: Vec<String> = found.into_iter().map(full).collect();
                Err(Error::new(format!("which task {called:?}? {}", known.join(", "))))
            }
        }
    }
}
