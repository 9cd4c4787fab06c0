//! A module that is to take another one's place, tried before any user depends on it.

use super::caller::Nobody;
use super::effort::aside;
use super::module::Module;
use super::scenario::{Identity, Scenario};
use super::wrap::ModuleError;

impl Module {
    /// Makes a user of each class that can have users, as this one would be made in a run, and lets it go
    /// again: each in an instance of its own, within the limits of an iteration. None of them starts, and
    /// none reaches anything: what a constructor logs is kept to itself, what it calls is answered
    /// `interrupted`. All of it happens aside, see [`Effort::Background`](super::Effort::Background).
    ///
    /// # Errors
    /// The first class whose users cannot be made, with the reason; or there is no room for one user.
    pub async fn try_out(&self, whom: &Identity) -> Result<(), ModuleError> {
        let (module, whom) = (self.clone(), whom.clone());
        aside(async move || {
            let room = Scenario::new(&module, 1);
            let scenario = room.map_err(|error| ModuleError::NoRoom(format!("{error:#}")))?;
            for class in module.description.classes.iter().filter(|class| class.has_users()) {
                let made = scenario.new_user(Nobody::default(), &whom, &class.name).await;
                made.map_err(|trap| ModuleError::Constructor {
                    class: class.name.clone(),
                    reason: trap.reason,
                })?;
            }
            Ok(())
        })
        .await
    }
}
