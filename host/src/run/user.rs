//! The life of one virtual user.

use super::Shared;
use super::line::{Exchange, Line};
use super::signal::PhaseWaker;
use crate::guest::{Identity, Next, Trap, User};
use katydid_load::{ErrorKind, Picker, Purpose, Rng, UserClass, Wait};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// What an iteration is given to end after its pending calls were answered `interrupted`.
const MOMENT: Duration = Duration::from_secs(1);
/// Pause before a user that failed is made anew; doubled each time until it completes an iteration.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);

/// Lives until the user has ended by itself or the run is over. After the run was cut, what does not
/// end within a moment is dropped where it stands.
pub(super) async fn live<X: Exchange>(shared: Arc<Shared<X>>, shard: usize, user: u32) {
    let mut waker = shared.signal.waker();
    let mut cut_at: Option<std::pin::Pin<Box<Sleep>>> = None;
    let mut stopping_seen = false;
    let mut life = pin!(lives(Arc::clone(&shared), shard, user));
    poll_fn(|context| {
        watch_phase(&mut waker, context, shared.signal.is_stopping(), &mut stopping_seen);
        if shared.signal.is_cut() && cut_at.is_none() {
            cut_at = Some(Box::pin(sleep(MOMENT)));
        }
        if life.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        cut_at.as_mut().map_or(Poll::Pending, |moment| moment.as_mut().poll(context))
    })
    .await;
}

/// Stays registered for the next change of phase: first for stopping, then for the cut.
fn watch_phase(
    waker: &mut PhaseWaker,
    context: &mut std::task::Context<'_>,
    stopping: bool,
    seen: &mut bool,
) {
    if stopping && !*seen {
        *seen = true;
        waker.renew();
    }
    waker.register(context);
}

/// One instance after the other, until one of them ends well.
async fn lives<X: Exchange>(shared: Arc<Shared<X>>, shard: usize, user: u32) {
    let Some(class) = shared.spec.dispatch.class_of(user) else { return };
    let mut one = Life {
        picker: Picker::new(Arc::clone(&shared.spec.plans[class])),
        class: &shared.spec.description.classes[class],
        class_index: class,
        shared: &shared,
        shard,
        user: user.into(),
        iteration: 0,
    };
    let mut back_off = FIRST_BACK_OFF;
    loop {
        let before = one.iteration;
        if one.run().await.is_ok() || shared.signal.is_stopping() {
            return;
        }
        if one.iteration > before {
            back_off = FIRST_BACK_OFF;
        }
        one.iteration += 1;
        if one.is_done() {
            return;
        }
        one.pause(Instant::now() + back_off).await;
        back_off = (back_off * 2).min(LONGEST_BACK_OFF);
    }
}

/// The user is to be made anew.
struct Failed;

struct Life<'a, X: Exchange> {
    shared: &'a Arc<Shared<X>>,
    class: &'a UserClass,
    class_index: usize,
    picker: Picker,
    shard: usize,
    user: u64,
    /// Number of the iteration under way; it goes on counting when the user is made anew.
    iteration: u64,
}

impl<X: Exchange> Life<'_, X> {
    /// From the constructor to `on-stop`.
    async fn run(&mut self) -> Result<(), Failed> {
        let exchange = (self.shared.dial)(self.class_index, self.user);
        let line = Line::new(exchange, Arc::clone(self.shared), self.shard, self.user);
        let identity = Identity {
            user: self.user,
            seed: self.shared.spec.seed,
            parameters: Arc::clone(&self.shared.spec.parameters),
        };
        let made = self.shared.scenario.new_user(line, &identity, &self.class.name).await;
        let mut user = made.map_err(|trap| self.trapped("constructor", &trap))?;
        let started = user.on_start().await.map_err(|trap| self.trapped("on_start", &trap))?;
        if let Err(message) = started {
            self.error("on_start", ErrorKind::Failed, &message);
            return Err(Failed);
        }
        self.iterations(&mut user).await?;
        let stopped = user.on_stop().await.map_err(|trap| self.trapped("on_stop", &trap))?;
        if let Err(message) = stopped {
            self.error("on_stop", ErrorKind::Failed, &message);
        }
        Ok(())
    }

    /// Iterations, until the user or the run has had enough.
    async fn iterations(&mut self, user: &mut User<Line<X>>) -> Result<(), Failed> {
        while !self.shared.signal.is_stopping() && !self.is_done() {
            // A look at the clock that only a wait has use for.
            let began = (self.class.wait != Wait::None).then(Instant::now);
            let mut rng = self.rng(Purpose::Pick);
            let class = self.class;
            let task = &class.tasks[self.picker.next(&mut rng)];
            let answer = user.run_task(self.iteration, task.id).await;
            self.shared.recorders[self.shard].iteration(self.shared.signal.is_cut());
            match answer.map_err(|trap| self.trapped(&task.name, &trap))? {
                Ok(Next::Proceed) => {}
                Ok(Next::Interrupt) => self.picker.interrupt(),
                Ok(Next::StopUser) => return Ok(()),
                Err(message) => self.error(&task.name, ErrorKind::Failed, &message),
            }
            let until = self.next_start(user, began).await?;
            self.iteration += 1;
            match until.filter(|_| !self.is_done()) {
                Some(until) => self.pause(until).await,
                // A task that waits for nothing must not keep its shard to itself.
                None => tokio::task::consume_budget().await,
            }
        }
        Ok(())
    }

    /// When the next iteration starts; none for at once.
    async fn next_start(
        &self,
        user: &mut User<Line<X>>,
        began: Option<Instant>,
    ) -> Result<Option<Instant>, Failed> {
        let Some(began) = began else { return Ok(None) };
        let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let pause_us = match self.class.wait.pause_us(&mut self.rng(Purpose::Wait), took_us) {
            Some(pause_us) => pause_us,
            None => user.wait_us().await.map_err(|trap| self.trapped("wait_us", &trap))?,
        };
        Ok((pause_us > 0).then(|| Instant::now() + Duration::from_micros(pause_us)))
    }

    /// Waits, but not beyond the end of the run.
    async fn pause(&self, until: Instant) {
        let mut sleep = pin!(sleep_until(until));
        poll_fn(|context| {
            if self.shared.signal.is_stopping() {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }

    /// Whether it has made as many iterations as each user was to make.
    fn is_done(&self) -> bool {
        self.shared.spec.shape.iterations.is_some_and(|most| self.iteration >= most)
    }

    fn rng(&self, purpose: Purpose) -> Rng {
        Rng::keyed(self.shared.spec.seed, self.user, self.iteration, purpose)
    }

    fn trapped(&self, function: &str, trap: &Trap) -> Failed {
        self.error(function, ErrorKind::Trap, &trap.to_string());
        Failed
    }

    fn error(&self, function: &str, kind: ErrorKind, message: &str) {
        let place = format!("{}.{function}", self.class.name);
        let now_ns = self.shared.spec.clock.now_ns();
        let who = (self.user, self.iteration);
        self.shared.recorders[self.shard].error(who, &place, kind, message, now_ns);
    }
}
