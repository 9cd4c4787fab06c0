//! What a scenario does once for all its users: `setup`, `teardown`, `shape`.

use super::Shared;
use super::line::{Exchange, Line, Who};
use super::part::{Part, since};
use super::spec::GuestLine;
use crate::guest::{Identity, Load, Shaper, Status, Trap};
use katydid_load::profile::Rate;
use katydid_load::{ErrorKind, Snapshot, StopReason};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Calls `setup` where the scenario has it, and keeps what it answers for its users.
///
/// # Errors
/// What went wrong: the run is not to begin.
pub(super) async fn setup<X: Exchange>(
    shared: &Arc<Shared<X>>,
    part: &Arc<Part<X>>,
) -> Result<(), String> {
    let version = Arc::clone(&part.versions.current().base);
    if !version.module.description.hooks.setup {
        return Ok(());
    }
    let made = version.scenario.setup(line(shared, part), &whom(shared, part)).await;
    if let Some(data) = told(shared, part, "setup", made)? {
        let _ = part.setup_data.set(data.into());
    }
    Ok(())
}

/// Calls `teardown` where the scenario has it. What goes wrong is counted.
pub(super) async fn teardown<X: Exchange>(shared: &Arc<Shared<X>>, part: &Arc<Part<X>>) {
    let version = Arc::clone(&part.versions.current().base);
    if version.module.description.hooks.teardown {
        let made = version.scenario.teardown(line(shared, part), &whom(shared, part)).await;
        // It is counted.
        let _ = told(shared, part, "teardown", made);
    }
}

/// The line of whoever is no user.
fn line<X: Exchange>(shared: &Arc<Shared<X>>, part: &Arc<Part<X>>) -> Line<X> {
    let version = Arc::clone(&part.versions.current().base);
    let exchange = (version.routes.dial)(0, Identity::NOBODY);
    let who = Who {
        part: Arc::clone(part),
        shard: 0,
        user: Identity::NOBODY,
        place: part.room,
        book: shared.book(version.number, None),
    };
    Line::new(exchange, Arc::clone(shared), who)
}

fn whom<X: Exchange>(shared: &Shared<X>, part: &Part<X>) -> Identity {
    let parameters = Arc::clone(&part.parameters);
    Identity { user: Identity::NOBODY, seed: shared.spec.seed, iteration: 0, parameters }
}

/// Counts what went wrong, and answers it in one line.
fn told<X: Exchange, T>(
    shared: &Shared<X>,
    part: &Part<X>,
    function: &str,
    made: Result<Result<T, String>, Trap>,
) -> Result<T, String> {
    let (kind, text, reason) = match made {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(message)) => (ErrorKind::Failed, message.clone(), message),
        Err(trap) => (ErrorKind::Trap, trap.to_string(), trap.reason),
    };
    let place = format!("{}.{function}", part.name);
    let book = shared.book(part.versions.current().base.number, None);
    let (who, now_ns) = ((book, Identity::NOBODY, 0), shared.spec.clock.now_ns());
    shared.recorders[0].error(who, &place, kind, &text, now_ns);
    Err(format!("{function} of scenario {:?}: {reason}", part.name))
}

/// A scenario that says itself what load there is to be.
pub(super) struct Shaped<X: Exchange> {
    shared: Arc<Shared<X>>,
    part: Arc<Part<X>>,
    shaper: Shaper,
}

impl<X: Exchange> Shaped<X> {
    /// Asks for the first time, which decides whether there are users or arrivals.
    ///
    /// # Errors
    /// It cannot be asked, in one line.
    pub(super) async fn begin(
        shared: &Arc<Shared<X>>,
        part: &Arc<Part<X>>,
    ) -> Result<Self, String> {
        let version = Arc::clone(&part.versions.current().base);
        let shaper = version.module.shaper(&whom(shared, part)).await;
        let shaper = shaper.map_err(|error| format!("scenario {:?}: {error}", part.name))?;
        let (shared, part) = (Arc::clone(shared), Arc::clone(part));
        let mut this = Self { shared, part, shaper };
        let first = this.ask(&Snapshot::default()).await?;
        this.part.begin_shaped(matches!(first, Load::Arrivals(_)));
        this.follow(first)?;
        Ok(this)
    }

    /// Asks once a second, until the run ends.
    pub(super) async fn go_on(mut self, snapshots: watch::Receiver<Snapshot>) {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        second.tick().await;
        while !self.shared.signal.is_stopping() && !self.part.is_over() {
            second.tick().await;
            let snapshot = snapshots.borrow().clone();
            let asked = self.ask(&snapshot).await.and_then(|load| self.follow(load));
            if let Err(reason) = asked {
                return self.shared.signal.ask(StopReason::Scenario(reason));
            }
        }
    }

    async fn ask(&mut self, snapshot: &Snapshot) -> Result<Load, String> {
        let (total, last) = (snapshot.total.total(), snapshot.window.total());
        let status = Status {
            elapsed_us: snapshot.elapsed_ns / 1_000,
            users: snapshot.users,
            requests: total.requests,
            failed: total.failed,
            requests_per_second: last.requests,
            p95_us: last.response.percentile_us(95.0),
        };
        let asked = self.shaper.ask(status).await;
        for (level, message) in self.shaper.take_lines() {
            let message = super::line::one_line(&message);
            let line = GuestLine { user: Identity::NOBODY, level, message: &message };
            (self.shared.spec.guest_log)(line);
        }
        told(&self.shared, &self.part, "shape", asked.map(Ok))
    }

    fn follow(&self, load: Load) -> Result<(), String> {
        let at = since(self.shared.began() + self.part.start);
        match load {
            Load::Users(users) => self.part.set_users(users, at, None)?,
            Load::Arrivals(rate) => {
                let rate = Rate::per_second(rate);
                let rate = rate.ok_or("shape answered more arrivals than any machine can make")?;
                self.part.set_rate(rate, at)?;
            }
            Load::Stop => self.part.end(&self.shared.signal),
        }
        self.shared.signal.announce();
        Ok(())
    }
}

/// Longest that `teardown` may take after the run has ended.
pub(super) fn patience(graceful_stop: Duration) -> Duration {
    graceful_stop.max(Duration::from_secs(1))
}
