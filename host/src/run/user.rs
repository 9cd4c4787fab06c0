//! The life of one virtual user.

use super::Shared;
use super::line::{Exchange, Line, Who};
use super::signal::ChangeWaker;
use super::version::{Assignment, Turn, Version};
use crate::clock::thread_cpu_ns;
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
/// Longer than any run.
const EVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// Lives until the user has ended by itself or the run is over. After the run was cut, what does not
/// end within a moment is dropped where it stands.
pub(super) async fn live<X: Exchange>(shared: Arc<Shared<X>>, shard: usize, user: u32) {
    let mut waker: ChangeWaker = shared.signal.waker();
    let mut cut_at: Option<std::pin::Pin<Box<Sleep>>> = None;
    let mut life = pin!(lives(Arc::clone(&shared), shard, user));
    poll_fn(|context| {
        waker.register(context);
        if shared.signal.is_cut() && cut_at.is_none() {
            cut_at = Some(Box::pin(sleep(MOMENT)));
        }
        if life.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        cut_at.as_mut().map_or(Poll::Pending, |moment| moment.as_mut().poll(context))
    })
    .await;
    shared.versions.take_seat(user, None);
}

/// One version after the other, until the user has had enough or the run is over.
async fn lives<X: Exchange>(shared: Arc<Shared<X>>, shard: usize, user: u32) {
    let mut one = Life::new(&shared, shard, user);
    while let Leave::For(version) = one.with_version().await {
        one.take_up(version);
    }
}

/// The user is to be made anew.
struct Failed;

/// Why an instance ends, where it ends well.
enum Leave<X: Exchange> {
    /// The user has had enough, or the run is over.
    Over,
    /// The user goes on with this version.
    For(Arc<Version<X>>),
}

struct Life<'a, X: Exchange> {
    shared: &'a Arc<Shared<X>>,
    who: Who,
    user: u32,
    /// Number of the iteration under way; it goes on counting when the user is made anew.
    iteration: u64,
    version: Arc<Version<X>>,
    /// The user's place in what follows is that of this announcement.
    generation: u64,
    assignment: Arc<Assignment<X>>,
    /// There is nothing to change until the next announcement.
    settled: bool,
    /// Its class; none where this version has none for it.
    class: Option<usize>,
    picker: Option<Picker>,
    /// What the last instance left to the next one: what carries requests, the state that it saved,
    /// and when its next iteration is due.
    exchange: Option<X>,
    state: Option<Vec<u8>>,
    due: Option<Instant>,
}

impl<'a, X: Exchange> Life<'a, X> {
    fn new(shared: &'a Arc<Shared<X>>, shard: usize, user: u32) -> Self {
        let generation = shared.signal.generation();
        let assignment = shared.versions.current();
        let version = Arc::clone(assignment.at_birth(user));
        let requests = Arc::default();
        let who = Who { shard, user: user.into(), version: version.number, requests };
        let class = version.dispatch.class_of(user);
        let picker = class.map(|class| Picker::new(Arc::clone(&version.plans[class])));
        Self {
            shared,
            who,
            user,
            iteration: 0,
            version,
            generation,
            assignment,
            settled: false,
            class,
            picker,
            exchange: None,
            state: None,
            due: None,
        }
    }

    /// Goes over to another version, with everything that fits it.
    fn take_up(&mut self, version: Arc<Version<X>>) {
        let old = std::mem::replace(&mut self.version, version);
        let new = &self.version;
        let class = new.dispatch.class_of(self.user);
        let kept = same_class((&old, self.class), (new, class));
        let same_address = kept.is_some_and(|(before, after)| {
            old.routes.addresses.get(before) == new.routes.addresses.get(after)
        });
        if !same_address {
            self.exchange = None;
        }
        self.picker = match (self.picker.take(), kept, class) {
            (Some(mut picker), Some((before, after)), _) => {
                let same = old.plans[before].same_places(&new.plans[after]);
                picker.go_on(Arc::clone(&new.plans[after]), same);
                Some(picker)
            }
            (_, _, class) => class.map(|class| Picker::new(Arc::clone(&new.plans[class]))),
        };
        if kept.is_none() {
            (self.state, self.due) = (None, None);
        }
        self.class = class;
        self.who.version = new.number;
        self.settled = false;
    }

    /// Whether the user's state outlives a change to this version.
    fn keeps_state(&self, next: &Version<X>) -> bool {
        let both = [&*self.version, next].iter().all(|v| v.module.description.hooks.state);
        let class = next.dispatch.class_of(self.user);
        both && same_class((&self.version, self.class), (next, class)).is_some()
    }

    /// One instance after the other, until one of them ends well.
    async fn with_version(&mut self) -> Leave<X> {
        let Some(class) = self.class else { return self.park().await };
        self.shared.versions.take_seat(self.user, Some(&self.version));
        let mut back_off = FIRST_BACK_OFF;
        loop {
            let before = self.iteration;
            if let Ok(leave) = self.instance(class).await {
                return leave;
            }
            if self.shared.signal.is_stopping() {
                return Leave::Over;
            }
            if self.iteration > before {
                back_off = FIRST_BACK_OFF;
            }
            self.iteration += 1;
            if self.is_done() {
                return Leave::Over;
            }
            if let Some(version) = self.pause(Instant::now() + back_off).await {
                return Leave::For(version);
            }
            // What it could not begin with once, it need not try again.
            self.state = None;
            back_off = (back_off * 2).min(LONGEST_BACK_OFF);
        }
    }

    /// This version has no class for the user: it waits for one that has.
    async fn park(&mut self) -> Leave<X> {
        self.shared.versions.take_seat(self.user, None);
        self.shared.crowd.park(&self.shared.signal);
        let version = self.pause(Instant::now() + EVER).await;
        self.shared.crowd.unpark();
        version.map_or(Leave::Over, Leave::For)
    }

    /// From the constructor to `on-stop`.
    async fn instance(&mut self, class: usize) -> Result<Leave<X>, Failed> {
        let version = Arc::clone(&self.version);
        let dial = || (version.routes.dial)(class, self.who.user);
        let exchange = self.exchange.take().unwrap_or_else(dial);
        let line = Line::new(exchange, Arc::clone(self.shared), self.who.clone());
        let identity = Identity {
            user: self.who.user,
            seed: self.shared.spec.seed,
            iteration: self.iteration,
            parameters: Arc::clone(&self.shared.spec.parameters),
        };
        let cpu_ns = thread_cpu_ns();
        let made = version.scenario.new_user(line, &identity, &version.class(class).name).await;
        let mut user = made.map_err(|trap| self.stillborn(class, "constructor", &trap))?;
        let instance = Duration::from_nanos(thread_cpu_ns().saturating_sub(cpu_ns));
        let started = user.on_start(self.state.as_deref()).await;
        let started = started.map_err(|trap| self.stillborn(class, "on_start", &trap))?;
        let news = &self.shared.versions.news;
        if let Err(message) = started {
            self.error("on_start", ErrorKind::Failed, &message);
            version.stumbled(class, false, self.said("on_start", &message), news);
            return Err(Failed);
        }
        version.started(class, instance, news);
        self.state = None;
        let leave = self.iterations(&mut user, version.class(class)).await?;
        self.end(&mut user, &leave).await?;
        Ok(leave)
    }

    /// Ends an instance; what outlives it is kept for the next one.
    async fn end(&mut self, user: &mut User<Line<X>>, leave: &Leave<X>) -> Result<(), Failed> {
        if let Leave::For(next) = leave
            && self.keeps_state(next)
        {
            self.state = user.save().await.map_err(|trap| self.trapped("save", &trap))?;
        }
        if self.state.is_none() {
            let stopped = user.on_stop().await.map_err(|trap| self.trapped("on_stop", &trap))?;
            if let Err(message) = stopped {
                self.error("on_stop", ErrorKind::Failed, &message);
            }
        }
        if matches!(leave, Leave::For(_)) {
            self.exchange = Some(user.caller().take_exchange());
        }
        Ok(())
    }

    /// Iterations, until the user or the run has had enough, or another version is to take over.
    async fn iterations(
        &mut self,
        user: &mut User<Line<X>>,
        class: &UserClass,
    ) -> Result<Leave<X>, Failed> {
        if let Some(due) = self.due.take()
            && let Some(version) = self.pause(due).await
        {
            return Ok(Leave::For(version));
        }
        while !self.shared.signal.is_stopping() && !self.is_done() {
            if let Turn::Now(version) = self.turn() {
                return Ok(Leave::For(version));
            }
            // A look at the clock that only a wait has use for.
            let began = (class.wait != Wait::None).then(Instant::now);
            let mut rng = self.rng(Purpose::Pick);
            let picker = self.picker.as_mut().expect("a user with a class has a plan");
            let task = &class.tasks[picker.next(&mut rng)];
            let answer = user.run_task(self.iteration, task.id).await;
            let cut = self.shared.signal.is_cut();
            self.shared.recorders[self.who.shard].iteration(self.who.version, cut);
            match answer.map_err(|trap| self.trapped(&task.name, &trap))? {
                Ok(Next::Proceed) => {}
                Ok(Next::Interrupt) => self.picker.iter_mut().for_each(Picker::interrupt),
                Ok(Next::StopUser) => return Ok(Leave::Over),
                Err(message) => self.error(&task.name, ErrorKind::Failed, &message),
            }
            let until = self.next_start(user, class, began).await?;
            self.iteration += 1;
            match until.filter(|_| !self.is_done()) {
                Some(until) => {
                    if let Some(version) = self.pause(until).await {
                        return Ok(Leave::For(version));
                    }
                }
                // A task that waits for nothing must not keep its shard to itself.
                None => tokio::task::consume_budget().await,
            }
        }
        Ok(Leave::Over)
    }

    /// When the next iteration starts; none for at once.
    async fn next_start(
        &mut self,
        user: &mut User<Line<X>>,
        class: &UserClass,
        began: Option<Instant>,
    ) -> Result<Option<Instant>, Failed> {
        let Some(began) = began else { return Ok(None) };
        let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let pause_us = match class.wait.pause_us(&mut self.rng(Purpose::Wait), took_us) {
            Some(pause_us) => pause_us,
            None => user.wait_us().await.map_err(|trap| self.trapped("wait_us", &trap))?,
        };
        Ok((pause_us > 0).then(|| Instant::now() + Duration::from_micros(pause_us)))
    }

    /// Waits, but not beyond the end of the run. Answers the version to change to where that is due before.
    async fn pause(&mut self, until: Instant) -> Option<Arc<Version<X>>> {
        loop {
            let wake = match self.turn() {
                Turn::Now(version) => {
                    self.due = Some(until);
                    return Some(version);
                }
                Turn::At(at) => at.min(until),
                Turn::Stay => until,
            };
            let mut sleep = pin!(sleep_until(wake));
            let signal = &self.shared.signal;
            poll_fn(|context| {
                if signal.is_stopping() || signal.generation() != self.generation {
                    return Poll::Ready(());
                }
                sleep.as_mut().poll(context)
            })
            .await;
            if signal.is_stopping() || Instant::now() >= until {
                return None;
            }
        }
    }

    /// Whether this user is to change to another version now, or when. Costs one look at a number as long as
    /// nothing is announced.
    fn turn(&mut self) -> Turn<X> {
        let generation = self.shared.signal.generation();
        if generation != self.generation {
            self.generation = generation;
            self.assignment = self.shared.versions.current();
            self.settled = false;
        }
        if self.settled {
            return Turn::Stay;
        }
        let turn = self.assignment.turn(self.user, &self.version);
        self.settled = matches!(turn, Turn::Stay);
        turn
    }

    /// Whether it has made as many iterations as each user was to make.
    fn is_done(&self) -> bool {
        self.shared.spec.shape.iterations.is_some_and(|most| self.iteration >= most)
    }

    fn rng(&self, purpose: Purpose) -> Rng {
        Rng::keyed(self.shared.spec.seed, self.who.user, self.iteration, purpose)
    }

    /// A trap before the first iteration.
    fn stillborn(&self, class: usize, function: &str, trap: &Trap) -> Failed {
        let reason = self.said(function, &trap.reason);
        self.version.stumbled(class, true, reason, &self.shared.versions.news);
        self.trapped(function, trap)
    }

    fn trapped(&self, function: &str, trap: &Trap) -> Failed {
        self.error(function, ErrorKind::Trap, &trap.to_string());
        Failed
    }

    fn error(&self, function: &str, kind: ErrorKind, message: &str) {
        let place = self.place(function);
        let now_ns = self.shared.spec.clock.now_ns();
        let who = (self.who.version, self.who.user, self.iteration);
        self.shared.recorders[self.who.shard].error(who, &place, kind, message, now_ns);
    }

    /// Where something happened: `class.function`.
    fn place(&self, function: &str) -> String {
        let class = self.class.map_or("", |class| &self.version.class(class).name);
        format!("{class}.{function}")
    }

    fn said(&self, function: &str, message: &str) -> String {
        format!("{} of user {}: {message}", self.place(function), self.who.user)
    }
}

/// The places of the user's class in the old version and in the new one, where it is the same by name.
fn same_class<X: Exchange>(
    (old, before): (&Version<X>, Option<usize>),
    (new, after): (&Version<X>, Option<usize>),
) -> Option<(usize, usize)> {
    let (before, after) = (before?, after?);
    (old.class(before).name == new.class(after).name).then_some((before, after))
}
