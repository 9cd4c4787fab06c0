//! Swaps: one version of the scenario takes the place of another while the run goes on.
//!
//! ```text
//! idle ─► preparing ─► changing ─► idle                          all users
//!             │            │  └──► canary ─► changing ─► idle     a share, then promoted
//!             ▼            ▼          ▼
//!          refused      returning ◄───┘ ─► idle                   rolled back
//! ```
//!
//! A module is compiled, tried and given room aside, while the old version works. Then users change, each at
//! the edge of its iteration: the first of each class alone, and when it has started well, the others one
//! after the other. Two versions overlap at most; the old one's room is given back when its last user is gone.

use super::Shared;
use super::collector::Collector;
use super::control::Answer;
use super::line::Exchange;
use super::machine;
use super::part::Part;
use super::recorder::LogSender;
use super::version::{Assignment, Routes, Version};
use crate::guest::{Identity, Module};
use katydid_load::rollback::Rule;
use katydid_load::{Event, Mark, Share, SwapStep, Window};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How often it is looked whether all users have changed.
const LOOK: Duration = Duration::from_millis(20);
/// How long the first user of a class may take to start.
const TRIAL: Duration = Duration::from_secs(60);

/// What is done with a version that serves only a share of the users, if nobody says anything.
#[derive(Debug, Clone, Default)]
pub struct SwapRules {
    /// A version that breaks one of them is rolled back, as long as the swap is not over.
    pub roll_back: Vec<Rule>,
    /// A canary that has held for so long is promoted, as soon as there are enough samples for every rule.
    pub promote_after: Option<Duration>,
}

/// Makes a module and says where its users' requests go; or says in one line why it cannot.
pub(super) type Prepare<X> =
    Pin<Box<dyn Future<Output = Result<(Module, Arc<Routes<X>>), String>> + Send>>;

/// The swaps of one scenario.
pub(super) struct Swaps<X: Exchange> {
    shared: Arc<Shared<X>>,
    part: Arc<Part<X>>,
    logs: Vec<LogSender>,
    rules: SwapRules,
    state: State<X>,
    /// What the last completed swap replaced, should somebody want it back.
    before: Option<(Module, Arc<Routes<X>>)>,
}

enum State<X: Exchange> {
    Idle,
    Preparing {
        swap: Swap,
        /// What is made, once it is.
        made: Arc<Mutex<Option<Made<X>>>>,
        task: JoinHandle<()>,
        answer: oneshot::Sender<Answer>,
    },
    Changing(Overlap<X>),
    Canary(Overlap<X>),
    Returning {
        overlap: Overlap<X>,
        reason: String,
    },
}

/// A swap that was asked for.
struct Swap {
    number: u32,
    digest: String,
    share: Share,
    asked: Instant,
}

/// A version that may have users, or why it may not.
type Made<X> = Result<Arc<Version<X>>, String>;

/// Two versions at work.
struct Overlap<X: Exchange> {
    swap: Swap,
    old: Arc<Version<X>>,
    new: Arc<Version<X>>,
    /// When users began to change, and since when the share has it.
    began: Instant,
    held_since: Option<Instant>,
    /// What each has counted since then: the same stretch of time, so that they can be compared.
    counted: [Window; 2],
    /// That is enough for every rule to say something.
    judged: bool,
}

impl<X: Exchange> Swaps<X> {
    pub(super) fn new(
        shared: Arc<Shared<X>>,
        part: Arc<Part<X>>,
        logs: Vec<LogSender>,
        rules: SwapRules,
    ) -> Self {
        Self { shared, part, logs, rules, state: State::Idle, before: None }
    }

    /// Whether it must be looked at now and again.
    pub(super) fn is_busy(&self) -> bool {
        match &self.state {
            State::Idle => false,
            State::Preparing { .. } | State::Changing(_) | State::Returning { .. } => true,
            State::Canary(overlap) => promotion(overlap, &self.rules).is_some(),
        }
    }

    /// Takes what each version has counted in a second, and judges the new one by it.
    pub(super) fn second(&mut self, counted: &[(u32, Window)]) {
        let (State::Changing(overlap) | State::Canary(overlap)) = &mut self.state else { return };
        for (sum, version) in overlap.counted.iter_mut().zip([&overlap.old, &overlap.new]) {
            let of_it = counted.iter().filter(|(number, _)| *number == version.number);
            of_it.for_each(|(_, window)| sum.merge(window));
        }
        let [old, new] = &overlap.counted;
        let rules = &self.rules.roll_back;
        overlap.judged = rules.iter().all(|rule| rule.has_enough(new, old));
        if let Some(reason) = rules.iter().find_map(|rule| rule.broken(new, old)) {
            self.roll_back(reason);
        }
    }

    /// Compiles and tries a module aside.
    pub(super) fn begin(
        &mut self,
        number: u32,
        (digest, prepare): (String, Prepare<X>),
        (share, answer): (Share, oneshot::Sender<Answer>),
        collector: &Collector,
    ) {
        let swap = Swap { number, digest, share, asked: Instant::now() };
        self.mark(collector, &swap, SwapStep::Started { share });
        let reason = match &self.state {
            State::Idle if self.shared.signal.is_stopping() || self.part.is_over() => {
                "the run is ending".to_owned()
            }
            State::Idle => {
                let made = Arc::default();
                let (shared, part) = (Arc::clone(&self.shared), Arc::clone(&self.part));
                let slot: Arc<Mutex<Option<Made<X>>>> = Arc::clone(&made);
                let task = tokio::spawn(async move {
                    let version = make(prepare, number, (&shared, &part)).await;
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
                    shared.news.notify_one();
                });
                self.state = State::Preparing { swap, made, task, answer };
                return;
            }
            State::Preparing { swap, .. } => format!("v{} is still being prepared", swap.number),
            State::Canary(now) => {
                format!("v{} is a canary: promote it or roll it back first", now.swap.number)
            }
            State::Changing(now) | State::Returning { overlap: now, .. } => {
                format!("users are still changing from or to v{}", now.swap.number)
            }
        };
        self.refuse(&swap, reason, answer, collector);
    }

    fn refuse(
        &self,
        swap: &Swap,
        reason: String,
        answer: oneshot::Sender<Answer>,
        collector: &Collector,
    ) {
        self.mark(collector, swap, SwapStep::Refused { reason: reason.clone() });
        // Whoever asked may have gone.
        let _ = answer.send(Err(reason));
    }

    /// Goes on with a version that is ready, or refused.
    fn take_what_was_made(&mut self, collector: &Collector) {
        if !matches!(&self.state, State::Preparing { task, .. } if task.is_finished()) {
            return;
        }
        let State::Preparing { swap, answer, made, .. } =
            std::mem::replace(&mut self.state, State::Idle)
        else {
            return;
        };
        let made = made.lock().unwrap_or_else(PoisonError::into_inner).take();
        let made = made.unwrap_or_else(|| Err("preparing it failed: it panicked".to_owned()));
        let new = match made {
            Ok(version) => version,
            Err(reason) => return self.refuse(&swap, reason, answer, collector),
        };
        let now_ns = self.shared.spec.clock.now_ns();
        collector.add_version(&new.module, (&self.part, new.number), now_ns);
        self.mark(collector, &swap, SwapStep::Ready);
        let _ = answer.send(Ok(format!("users change to v{}", new.number)));
        let old = Arc::clone(&self.part.versions.current().base);
        let began = Instant::now();
        let overlap = Overlap {
            swap,
            old,
            new,
            began,
            held_since: None,
            counted: Default::default(),
            judged: self.rules.roll_back.is_empty(),
        };
        self.send_users(&overlap, overlap.swap.share);
        self.state = State::Changing(overlap);
    }

    /// Lets this share of the users change.
    fn send_users(&self, overlap: &Overlap<X>, share: Share) {
        let now = self.part.versions.current();
        self.assign(now.towards(&overlap.new, (share, self.part.room), Instant::now()));
    }

    fn assign(&self, assignment: Assignment<X>) {
        self.part.versions.assign(assignment);
        self.shared.signal.announce();
    }

    /// Looks how far the users are, and takes the next step if it is due.
    pub(super) fn look(&mut self, collector: &Collector) {
        self.take_what_was_made(collector);
        self.state = match std::mem::replace(&mut self.state, State::Idle) {
            State::Changing(overlap) => self.look_at_change(overlap, collector),
            State::Canary(overlap) => {
                self.state = State::Canary(overlap);
                return self.look_at_canary();
            }
            State::Returning { overlap, reason } if self.part.versions.are_settled() => {
                self.mark(collector, &overlap.swap, SwapStep::RolledBack { reason });
                release(overlap.new);
                State::Idle
            }
            other => other,
        };
    }

    fn look_at_change(&mut self, overlap: Overlap<X>, collector: &Collector) -> State<X> {
        let slow = overlap.began.elapsed() > TRIAL;
        let slow = slow.then(|| overlap.new.unproven()).flatten();
        let slow = slow.map(|class| {
            format!("the first user of class {class:?} has not started after {TRIAL:?}")
        });
        if let Some(reason) = overlap.new.failed().or(slow) {
            return self.returning(overlap, reason);
        }
        let assignment = self.part.versions.current();
        if let Some(opened) = assignment.opened(Instant::now()) {
            self.assign(opened);
        }
        if !self.part.versions.are_settled() {
            return State::Changing(overlap);
        }
        self.arrived(overlap, collector)
    }

    /// Everybody of the share has changed.
    fn arrived(&mut self, mut overlap: Overlap<X>, collector: &Collector) -> State<X> {
        let share = overlap.swap.share;
        let took = overlap.swap.asked.elapsed();
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.mark(collector, &overlap.swap, SwapStep::Swapped { share, took_ns });
        overlap.held_since = Some(Instant::now());
        if !share.is_all() {
            return State::Canary(overlap);
        }
        let Overlap { old, new, .. } = overlap;
        new.end_trial();
        if let Some(on_next) = self.part.versions.current().on_next() {
            self.assign(on_next);
        }
        self.before = Some((old.module.clone(), Arc::clone(&old.routes)));
        release(old);
        State::Idle
    }

    fn look_at_canary(&mut self) {
        let State::Canary(overlap) = &self.state else { return };
        if let Some(reason) = overlap.new.failed() {
            self.roll_back(reason);
        } else if promotion(overlap, &self.rules).is_some_and(|at| Instant::now() >= at) {
            // It is a canary, so it can be promoted.
            let _ = self.promote();
        }
    }

    pub(super) fn promote(&mut self) -> Result<u32, String> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Canary(mut overlap) => {
                let number = overlap.swap.number;
                overlap.swap.share = Share::ALL;
                (overlap.swap.asked, overlap.began) = (Instant::now(), Instant::now());
                self.send_users(&overlap, Share::ALL);
                self.state = State::Changing(overlap);
                Ok(number)
            }
            other => {
                self.state = other;
                Err("there is no canary that could be promoted".to_owned())
            }
        }
    }

    /// Goes back to the version before: of a swap under way, or of the last one.
    pub(super) fn go_back(
        &mut self,
        last: &mut u32,
        answer: oneshot::Sender<Answer>,
        collector: &Collector,
    ) {
        match &self.state {
            State::Changing(overlap) | State::Canary(overlap) => {
                let number = overlap.old.number;
                self.roll_back("somebody asked for it".to_owned());
                let _ = answer.send(Ok(format!("users go back to v{number}")));
            }
            State::Idle if self.before.is_some() => {
                let Some(before) = self.before.clone() else { return };
                let digest = before.0.digest.clone();
                let prepare = Box::pin(std::future::ready(Ok(before)));
                *last += 1;
                self.begin(*last, (digest, prepare), (Share::ALL, answer), collector);
            }
            State::Idle => _ = answer.send(Err("there is no earlier version".to_owned())),
            State::Preparing { swap, .. } => {
                let why = format!("v{} is still being prepared: no user has it", swap.number);
                let _ = answer.send(Err(why));
            }
            State::Returning { .. } => _ = answer.send(Err("users are going back already".into())),
        }
    }

    fn roll_back(&mut self, reason: String) {
        self.state = match std::mem::replace(&mut self.state, State::Idle) {
            State::Changing(overlap) | State::Canary(overlap) => self.returning(overlap, reason),
            other => other,
        };
    }

    fn returning(&self, overlap: Overlap<X>, reason: String) -> State<X> {
        overlap.new.end_trial();
        self.assign(self.part.versions.current().to_base(Instant::now()));
        State::Returning { overlap, reason }
    }

    fn mark(&self, collector: &Collector, swap: &Swap, step: SwapStep) {
        let at_ns = self.shared.spec.clock.now_ns();
        let (version, scenario) = (swap.number, self.part.index);
        let mark = Mark { at_ns, version, scenario, digest: swap.digest.as_str().into(), step };
        self.logs.iter().for_each(|log| log.event(&Event::Swap { mark: &mark }));
        collector.mark(mark);
    }
}

impl<X: Exchange> Drop for Swaps<X> {
    /// What is being prepared at the end of the run is needed no more.
    fn drop(&mut self) {
        if let State::Preparing { task, .. } = &self.state {
            task.abort();
        }
    }
}

/// When a canary is promoted by itself: not before its rules have something to go by.
fn promotion<X: Exchange>(overlap: &Overlap<X>, rules: &SwapRules) -> Option<Instant> {
    if !overlap.judged {
        return None;
    }
    overlap.held_since.zip(rules.promote_after).map(|(since, after)| since + after)
}

/// Compiles, tries, reserves.
async fn make<X: Exchange>(
    prepare: Prepare<X>,
    number: u32,
    (shared, part): (&Shared<X>, &Part<X>),
) -> Made<X> {
    let (module, routes) = prepare.await?;
    let users = part.room;
    let old = Arc::clone(&part.versions.current().base);
    fits(&old.module, &module)?;
    machine::room_for_two(&old.module, &module, users)?;
    let parameters = Arc::clone(&part.parameters);
    let whom = Identity { user: 0, seed: shared.spec.seed, iteration: 0, parameters };
    module.try_out(&whom).await.map_err(|error| error.to_string())?;
    let tags = part.tags.clone();
    let reserve = move || Version::new((number, module, routes), (users, &tags), Some(&*old));
    let made = tokio::task::spawn_blocking(reserve).await;
    let version = made.map_err(|broken| broken.to_string())?;
    version.map(Arc::new).map_err(|error| format!("{error:#}"))
}

/// A swap puts another version of a scenario in its place: at least one user class must be the same.
fn fits(old: &Module, new: &Module) -> Result<(), String> {
    let names = |module: &Module| -> Vec<String> {
        module.description.classes.iter().map(|class| class.name.clone()).collect()
    };
    let (old, new) = (names(old), names(new));
    if new.iter().any(|name| old.contains(name)) {
        return Ok(());
    }
    Err(format!(
        "it has none of the running version's user classes ({}), but {}: it is another scenario, which wants a run \
         of its own",
        list(&old),
        list(&new)
    ))
}

/// The first few of them.
fn list(names: &[String]) -> String {
    const MOST: usize = 5;
    let few: Vec<_> = names.iter().take(MOST).map(|name| format!("{name:?}")).collect();
    let more = if names.len() > MOST { ", ..." } else { "" };
    format!("{}{more}", few.join(", "))
}

/// Gives a version's room back when the last of its users has let it go, on a thread that nobody waits for:
/// unmapping a pool takes its time.
fn release<X: Exchange>(mut version: Arc<Version<X>>) {
    tokio::spawn(async move {
        loop {
            match Arc::try_unwrap(version) {
                Ok(last) => return drop(tokio::task::spawn_blocking(move || drop(last))),
                Err(still) => version = still,
            }
            sleep(LOOK).await;
        }
    });
}
