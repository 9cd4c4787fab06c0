//! One virtual user at work: the same code under the host and in tests.

use crate::{Class, Client, Error, Failure, Next, Result, User, log};

/// A virtual user of any class, as its host drives it. Errors are messages for people.
pub(crate) trait Running {
    /// `on_start` of the class, or, with the state of another version's user, what restores it.
    fn start(&mut self, state: Option<&[u8]>) -> Result<(), String>;
    /// One iteration; tasks are named by their place.
    fn run_task(&mut self, task: usize) -> Result<Next, String>;
    /// The pause before the next one, in seconds, where the class leaves it to the user.
    fn wait(&mut self) -> f64;
    /// What a user of another version is to go on with; none where it is rather to start anew.
    fn save(&mut self) -> Option<Vec<u8>>;
    /// `on_stop` of the sets that the user is in, then of the class.
    fn stop(&mut self) -> Result<(), String>;
}

/// A virtual user, and where it stands in its class's sets.
///
/// The host picks tasks, and it keeps to the sets: it names tasks of a set, or of one inside it, until
/// one of them answers `interrupt`. Which sets have been entered and left can thus be told from the
/// set of each task.
pub(crate) struct Alive<U> {
    pub(crate) class: Class<U>,
    pub(crate) user: U,
    /// The sets that were entered, the outermost first; never the class's own.
    entered: Vec<usize>,
    /// This user has done enough before its first iteration.
    done: bool,
    /// An error of a set's `on_stop`, which has no iteration of its own that could fail.
    owed: Option<String>,
}

impl<U: User> Alive<U> {
    pub(crate) fn new() -> Self {
        Self { class: U::class(), user: U::default(), entered: Vec::new(), done: false, owed: None }
    }

    /// Leaves the sets that this one is not in, and enters those that it is in.
    ///
    /// Anything but [`Next::Proceed`] comes from a set's `on_start`; that set is not entered.
    fn go_to(&mut self, set: usize) -> Result<Next> {
        let mut path = Vec::new();
        let mut place = Some(set);
        while let Some(one) = place.and_then(|place| self.class.tasks().sets().get(place)) {
            path.extend(place);
            place = one.parent;
        }
        path.pop(); // The class's own set has no parent, hence is the last.
        path.reverse();
        while !path.starts_with(&self.entered) {
            self.leave();
        }
        for &place in &path[self.entered.len()..] {
            if let Some(hook) = &self.class.tasks().sets()[place].on_start {
                match hook(&mut self.user, &Client::new())? {
                    Next::Proceed => {}
                    other => return Ok(other),
                }
            }
            self.entered.push(place);
        }
        Ok(Next::Proceed)
    }

    /// Leaves the innermost set. The host hears of an error when the user stops; a person at once.
    fn leave(&mut self) {
        let Some(place) = self.entered.pop() else { return };
        let set = &self.class.tasks().sets()[place];
        let Some(hook) = &set.on_stop else { return };
        if let Err(error) = hook(&mut self.user, &Client::new())
            && error.failure().is_none()
        {
            let message = format!("{}.on_stop: {error}", set.name);
            log::error!("{message}");
            self.owed.get_or_insert(message);
        }
    }

    /// One iteration, errors as they are.
    fn iterate(&mut self, task: usize) -> Result<Next> {
        let named = self.class.tasks().tasks().get(task);
        let set = named.ok_or_else(|| Error::new(format!("there is no task {task}")))?.set;
        match self.go_to(set)? {
            Next::Proceed => {}
            other => return Ok(other),
        }
        let answer = (self.class.tasks().tasks()[task].run)(&mut self.user, &Client::new());
        let leaves = match answer {
            Ok(Next::StopUser) => false,
            Ok(Next::Interrupt) => true,
            // The host, too, leaves a chain that is at its end, whatever came of its last task.
            Ok(Next::Proceed) | Err(_) => self.class.tasks().ends(task),
        };
        if leaves {
            self.leave();
        }
        answer
    }
}

impl<U: User> Running for Alive<U> {
    fn start(&mut self, state: Option<&[u8]>) -> Result<(), String> {
        let (user, client) = (&mut self.user, &Client::new());
        let began = match (self.class.kept_state(), state, &self.class.tasks().sets()[0].on_start) {
            (Some(kept), Some(state), _) => (kept.restore)(user, state, client),
            (_, _, Some(on_start)) => on_start(user, client),
            (_, _, None) => return Ok(()),
        };
        match began {
            Ok(next) => self.done = next == Next::StopUser,
            // The run was over before this user began: nobody's fault.
            Err(error) if error.failure() == Some(&Failure::Interrupted) => self.done = true,
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    fn run_task(&mut self, task: usize) -> Result<Next, String> {
        if self.done {
            return Ok(Next::StopUser);
        }
        self.iterate(task).or_else(|error| match error.failure() {
            // A failure is data: the host has counted that request.
            Some(_) => Ok(Next::Proceed),
            None => Err(error.to_string()),
        })
    }

    fn wait(&mut self) -> f64 {
        self.class.asked_wait(&mut self.user)
    }

    fn save(&mut self) -> Option<Vec<u8>> {
        // One that has done enough before its first iteration is to find that out anew.
        let kept = self.class.kept_state().filter(|_| !self.done)?;
        (kept.save)(&mut self.user)
    }

    fn stop(&mut self) -> Result<(), String> {
        while !self.entered.is_empty() {
            self.leave();
        }
        if let Some(hook) = &self.class.tasks().sets()[0].on_stop
            && let Err(error) = hook(&mut self.user, &Client::new())
            && error.failure().is_none()
        {
            self.owed.get_or_insert(error.to_string());
        }
        self.owed.take().map_or(Ok(()), Err)
    }
}
