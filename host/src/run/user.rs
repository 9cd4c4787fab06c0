//! The life of one virtual user.

use super::Shared;
use super::desk::Seat;
use super::line::{Exchange, Line, Who};
use super::part::{Part, Plan, nanoseconds, since};
use super::signal::{ChangeWaker, Signal};
use super::version::{Assignment, Turn, Version};
use crate::clock::thread_cpu_ns;
use crate::guest::{Identity, Next, Trap, User};
use katydid_load::{ErrorKind, Picker, Purpose, Rng, UserClass, Wait};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
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

/// How a user's task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has had enough, or the run is over.
    Done,
    /// Its time was over; it may come again.
    Away,
}

/// Lives until the user has ended by itself, its time is over, or the run is. After the run was cut, what does
/// not end within a moment is dropped where it stands. In the open model its first iteration may have been due
/// before it was there: it waits at its seat.
pub(super) async fn live<X: Exchange>(
    shared: Arc<Shared<X>>,
    part: Arc<Part<X>>,
    (shard, user): (usize, u32),
    seat: Arc<Seat>,
) -> Ended {
    let mut waker: ChangeWaker = shared.signal.waker();
    let mut cut_at: Option<std::pin::Pin<Box<Sleep>>> = None;
    let mut life = pin!(lives(&shared, &part, (shard, user), Arc::clone(&seat)));
    let ended = poll_fn(|context| {
        waker.register(context);
        if shared.signal.is_cut() && cut_at.is_none() {
            cut_at = Some(Box::pin(sleep(MOMENT)));
        }
        if let Poll::Ready(ended) = life.as_mut().poll(context) {
            return Poll::Ready(ended);
        }
        let moment = cut_at.as_mut().map(|moment| moment.as_mut().poll(context));
        moment.unwrap_or(Poll::Pending).map(|()| Ended::Done)
    })
    .await;
    part.desks[shard].leave(&seat);
    part.versions.take_seat(user, None);
    ended
}

/// One version after the other, until the user has had enough or the run is over.
async fn lives<X: Exchange>(
    shared: &Arc<Shared<X>>,
    part: &Arc<Part<X>>,
    (shard, user): (usize, u32),
    seat: Arc<Seat>,
) -> Ended {
    let mut one = Life::new(shared, part, (shard, user), seat);
    let ended = loop {
        match one.with_version().await {
            Leave::For(version) => one.take_up(version),
            Leave::Away => break Ended::Away,
            Leave::Over => break Ended::Done,
        }
    };
    part.progress[user as usize].iterations.store(one.iteration, Ordering::Relaxed);
    ended
}

/// The user is to be made anew.
struct Failed;

/// Why an instance ends, where it ends well.
enum Leave<X: Exchange> {
    /// The user has had enough, or the run is over.
    Over,
    /// The user goes on with this version.
    For(Arc<Version<X>>),
    /// The load wants fewer users.
    Away,
}

struct Life<'a, X: Exchange> {
    shared: &'a Arc<Shared<X>>,
    part: &'a Arc<Part<X>>,
    seat: Arc<Seat>,
    who: Who<X>,
    user: u32,
    /// Number of the iteration under way; it goes on counting when the user is made anew.
    iteration: u64,
    version: Arc<Version<X>>,
    /// The user's place in what follows is that of this announcement.
    generation: u64,
    assignment: Arc<Assignment<X>>,
    /// There is nothing to change until the next announcement.
    settled: bool,
    /// When its time is over, if the load says so.
    until: Option<Instant>,
    /// How many iterations it makes, if that is bounded.
    most: Option<u64>,
    /// Its class; none where this version has none for it.
    class: Option<usize>,
    picker: Option<Picker>,
    /// What the last instance left to the next one: what carries requests, the state that it saved,
    /// and when its next iteration is due.
    exchange: Option<X>,
    state: Option<Vec<u8>>,
    resume: Option<Instant>,
}

impl<'a, X: Exchange> Life<'a, X> {
    fn new(
        shared: &'a Arc<Shared<X>>,
        part: &'a Arc<Part<X>>,
        (shard, user): (usize, u32),
        seat: Arc<Seat>,
    ) -> Self {
        let generation = shared.signal.generation();
        let assignment = part.versions.current();
        let version = Arc::clone(assignment.at_birth(user));
        let number = part.first_user + u64::from(user);
        let class = version.dispatch.class_of(user);
        let who = Who {
            shard,
            user: number,
            place: user,
            book: shared.book(version.number, class),
            part: Arc::clone(part),
        };
        let picker = class.and_then(|class| version.plans[class].clone()).map(Picker::new);
        let mut this = Self {
            shared,
            part,
            seat,
            who,
            user,
            iteration: part.progress[user as usize].iterations.load(Ordering::Relaxed),
            version,
            generation,
            assignment,
            settled: false,
            until: None,
            most: part.iterations_of(user),
            class,
            picker,
            exchange: None,
            state: None,
            resume: None,
        };
        this.until = this.end_of_time();
        this
    }

    /// When the load wants this user no more, as far as is known now.
    fn end_of_time(&self) -> Option<Instant> {
        let Plan::Closed(plan) = self.part.plan() else { return None };
        let began = self.shared.began() + self.part.start;
        let now_ns = nanoseconds(since(began));
        if plan.users_at(now_ns) <= self.user {
            return Some(Instant::now());
        }
        match plan.change(self.user, now_ns)? {
            (at_ns, false) => Some(began + Duration::from_nanos(at_ns)),
            _ => None,
        }
    }

    /// Whether no more iterations are begun.
    fn is_over(&self) -> bool {
        is_over(self.part, &self.shared.signal)
    }

    /// Whether its time is over.
    fn is_gone(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
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
        let plan = class.and_then(|class| new.plans[class].clone());
        let before = kept.and_then(|(before, _)| old.plans[before].as_ref());
        self.picker = match (self.picker.take(), before, plan) {
            (Some(mut picker), Some(before), Some(plan)) => {
                let same = before.same_places(&plan);
                picker.go_on(plan, same);
                Some(picker)
            }
            (_, _, plan) => plan.map(Picker::new),
        };
        if kept.is_none() {
            (self.state, self.resume) = (None, None);
        }
        self.class = class;
        self.who.book = self.shared.book(new.number, class);
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
        self.part.versions.take_seat(self.user, Some(&self.version));
        let mut back_off = FIRST_BACK_OFF;
        loop {
            let before = self.iteration;
            if let Ok(leave) = self.instance(class).await {
                return leave;
            }
            if self.is_over() {
                return Leave::Over;
            }
            if self.iteration > before {
                back_off = FIRST_BACK_OFF;
            }
            self.iteration += 1;
            if self.is_done() {
                return Leave::Over;
            }
            if let Some(leave) = self.pause(Instant::now() + back_off).await {
                return leave;
            }
            // What it could not begin with once, it need not try again.
            self.state = None;
            back_off = (back_off * 2).min(LONGEST_BACK_OFF);
        }
    }

    /// This version has no class for the user: it waits for one that has.
    async fn park(&mut self) -> Leave<X> {
        self.part.versions.take_seat(self.user, None);
        if self.part.crowd.park() {
            self.part.end(&self.shared.signal);
        }
        let leave = self.pause(Instant::now() + EVER).await;
        self.part.crowd.unpark();
        leave.unwrap_or(Leave::Over)
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
            parameters: Arc::clone(&self.part.parameters),
        };
        let cpu_ns = thread_cpu_ns();
        // Boxed, since it is large and soon over: a user's task would keep room for it as long as it lives.
        let name = &version.class(class).name;
        let made = Box::pin(version.scenario.new_user(line, &identity, name)).await;
        let mut user = made.map_err(|trap| self.stillborn(class, "constructor", &trap))?;
        let instance = Duration::from_nanos(thread_cpu_ns().saturating_sub(cpu_ns));
        let started = user.on_start(self.state.as_deref()).await;
        let started = started.map_err(|trap| self.stillborn(class, "on_start", &trap))?;
        let news = &self.shared.news;
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
        if let Some(resume) = self.resume.take()
            && let Some(leave) = self.pause(resume).await
        {
            return Ok(leave);
        }
        let open = matches!(self.part.plan(), Plan::Open(_));
        let name: Arc<str> = if open { class.name.as_str().into() } else { Arc::default() };
        while open || !self.is_over() {
            if self.is_done() {
                break;
            }
            if let Turn::Now(version) = self.turn() {
                return Ok(Leave::For(version));
            }
            if self.is_gone() {
                return Ok(Leave::Away);
            }
            if open {
                match self.next_arrival(&name).await {
                    Some(due_ns) => user.caller().set_due(due_ns),
                    None if self.is_over() => break,
                    None => continue,
                }
            } else if self.shared.is_paused() {
                self.hold().await;
                continue;
            }
            // A look at the clock that only a wait has use for.
            let began = (class.wait != Wait::None && !open).then(Instant::now);
            let mut rng = self.rng(Purpose::Pick);
            let picker = self.picker.as_mut().expect("a user with a class has a plan");
            let task = &class.tasks[picker.next(&mut rng)];
            let answer = user.run_task(self.iteration, task.id).await;
            let cut = self.shared.signal.is_cut();
            self.shared.recorders[self.who.shard].iteration(self.who.book, cut);
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
                    if let Some(leave) = self.pause(until).await {
                        return Ok(leave);
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

    /// Waits, but not beyond the end of the run. Answers what the user is to do instead, where that is due
    /// before.
    async fn pause(&mut self, until: Instant) -> Option<Leave<X>> {
        loop {
            let mut wake = match self.turn() {
                Turn::Now(version) => {
                    self.resume = Some(until);
                    return Some(Leave::For(version));
                }
                Turn::At(at) => at.min(until),
                Turn::Stay => until,
            };
            if self.is_gone() {
                return Some(Leave::Away);
            }
            wake = self.until.map_or(wake, |gone| wake.min(gone));
            self.hear(Some(wake)).await;
            if self.is_over() || Instant::now() >= until {
                return None;
            }
        }
    }

    /// Waits until something is announced: somebody has paused the run.
    async fn hold(&mut self) {
        self.hear(None).await;
    }

    /// Waits for this moment, an announcement, or the end.
    async fn hear(&mut self, until: Option<Instant>) {
        let mut sleep = pin!(until.map(sleep_until));
        let (part, signal, generation) = (self.part, &self.shared.signal, self.generation);
        poll_fn(|context| {
            if is_over(part, signal) || signal.generation() != generation {
                return Poll::Ready(());
            }
            match sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.poll(context),
                None => Poll::Pending,
            }
        })
        .await;
    }

    /// Waits for an iteration to begin; answers when it was due. None where something is announced before, or
    /// no more will come.
    async fn next_arrival(&mut self, class: &Arc<str>) -> Option<u64> {
        let (part, signal, generation) = (self.part, &self.shared.signal, self.generation);
        let (desk, seat) = (&part.desks[self.who.shard], &self.seat);
        let arrival = poll_fn(|context| {
            // What it was given it makes, even at the end: it was counted as started.
            if let Poll::Ready(due_ns) = desk.poll(seat, class, context) {
                return Poll::Ready(Some(due_ns));
            }
            let heard = is_over(part, signal) || signal.generation() != generation;
            if heard { Poll::Ready(None) } else { Poll::Pending }
        })
        .await?;
        let began = Duration::from_nanos(self.shared.began_ns()) + self.part.start;
        let due_ns = nanoseconds(began).saturating_add(arrival);
        let late_ns = self.shared.spec.clock.now_ns().saturating_sub(due_ns);
        self.shared.recorders[self.who.shard].late(self.who.book, late_ns / 1_000);
        Some(due_ns)
    }

    /// Whether this user is to change to another version now, or when. Costs one look at a number as long as
    /// nothing is announced.
    fn turn(&mut self) -> Turn<X> {
        let generation = self.shared.signal.generation();
        if generation != self.generation {
            self.generation = generation;
            self.assignment = self.part.versions.current();
            self.settled = false;
            self.until = self.end_of_time();
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
        self.most.is_some_and(|most| self.iteration >= most)
    }

    fn rng(&self, purpose: Purpose) -> Rng {
        Rng::keyed(self.shared.spec.seed, self.who.user, self.iteration, purpose)
    }

    /// A trap before the first iteration.
    fn stillborn(&self, class: usize, function: &str, trap: &Trap) -> Failed {
        let reason = self.said(function, &trap.reason);
        self.version.stumbled(class, true, reason, &self.shared.news);
        self.trapped(function, trap)
    }

    fn trapped(&self, function: &str, trap: &Trap) -> Failed {
        self.error(function, ErrorKind::Trap, &trap.to_string());
        Failed
    }

    fn error(&self, function: &str, kind: ErrorKind, message: &str) {
        let place = self.place(function);
        let now_ns = self.shared.spec.clock.now_ns();
        let who = (self.who.book, self.who.user, self.iteration);
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

fn is_over<X: Exchange>(part: &Part<X>, signal: &Signal) -> bool {
    signal.is_stopping() || part.is_over()
}

/// The places of the user's class in the old version and in the new one, where it is the same by name.
fn same_class<X: Exchange>(
    (old, before): (&Version<X>, Option<usize>),
    (new, after): (&Version<X>, Option<usize>),
) -> Option<(usize, usize)> {
    let (before, after) = (before?, after?);
    (old.class(before).name == new.class(after).name).then_some((before, after))
}
