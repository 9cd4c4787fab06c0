//! The versions of the scenario that users have, and which of them is whose.

use super::line::{Exchange, Line};
use super::spec::Tags;
use crate::guest::{Module, Scenario};
use katydid_load::{Description, Dispatch, Plan, Share, UserClass};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Where the requests of a version's users go.
pub(super) struct Routes<X> {
    /// For each class, the address: a connection to the same one outlives a change of version.
    pub(super) addresses: Vec<String>,
    /// Makes what carries a user's requests: class, user.
    pub(super) dial: Box<dyn Fn(usize, u64) -> X + Send + Sync>,
}

/// One version of the scenario, with room for all users.
pub(super) struct Version<X: Exchange> {
    /// Its running number, from 1.
    pub(super) number: u32,
    pub(super) module: Module,
    pub(super) scenario: Scenario<Line<X>>,
    pub(super) routes: Arc<Routes<X>>,
    /// For each class, what its users do; none where all of it is left out.
    pub(super) plans: Vec<Option<Arc<Plan>>>,
    pub(super) dispatch: Dispatch,
    trial: Trial,
}

/// How the first users of a version fare: one of each class goes before all others.
#[derive(Default)]
struct Trial {
    /// For each class, the user that goes first, plus one; 0 as long as none has offered itself.
    first: Vec<AtomicU64>,
    verdicts: Mutex<Verdicts>,
}

#[derive(Default)]
struct Verdicts {
    /// For each class, whether its first user has started well.
    well: Vec<bool>,
    /// Nothing that happens now can fail the trial any more.
    over: bool,
    failed: Option<String>,
    /// CPU time that making an instance took, the longest so far.
    instance: Duration,
    /// The shortest.
    least: Option<Duration>,
}

impl<X: Exchange> Version<X> {
    /// Reserves room for `users` of this version. `before` is the version that they have now.
    ///
    /// # Errors
    /// A class has nothing to do, or there is no room.
    pub(super) fn new(
        (number, module, routes): (u32, Module, Arc<Routes<X>>),
        (users, tags): (u32, &Tags),
        before: Option<&Self>,
    ) -> anyhow::Result<Self> {
        let (description, plans) = chosen(&module.description, tags)?;
        let description = &description;
        let dispatch = match before {
            Some(before) => Dispatch::following(
                (&before.dispatch, &before.module.description),
                description,
                users,
            ),
            None => Dispatch::new(description, users),
        };
        let trial = Trial::new(description.classes.len(), before.is_none());
        let scenario = Scenario::new(&module, users)?;
        Ok(Self { number, module, scenario, routes, plans, dispatch, trial })
    }

    pub(super) fn class(&self, class: usize) -> &UserClass {
        &self.module.description.classes[class]
    }

    /// Whether `user` is the one that tries this class out.
    fn goes_first(&self, class: usize, user: u32) -> bool {
        let (first, me) = (&self.trial.first[class], u64::from(user) + 1);
        let was = first.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed);
        was.is_ok() || was == Err(me)
    }

    /// CPU time that making an instance takes, the shortest so far.
    pub(super) fn instance(&self) -> Duration {
        self.trial.lock().least.unwrap_or_default()
    }

    /// Says that a user of this class has started, and how much CPU time its instance took to make.
    pub(super) fn started(&self, class: usize, instance: Duration, news: &Notify) {
        let mut verdicts = self.trial.lock();
        verdicts.least = Some(verdicts.least.map_or(instance, |least| least.min(instance)));
        if !verdicts.over && !std::mem::replace(&mut verdicts.well[class], true) {
            verdicts.instance = verdicts.instance.max(instance);
            news.notify_one();
        }
    }

    /// Says that a user could not start. Where it came to a trap, or the user was the first of its class, the
    /// trial has failed.
    pub(super) fn stumbled(&self, class: usize, trapped: bool, reason: String, news: &Notify) {
        let mut verdicts = self.trial.lock();
        if !verdicts.over && verdicts.failed.is_none() && (trapped || !verdicts.well[class]) {
            verdicts.failed = Some(reason);
            news.notify_one();
        }
    }

    /// Why the trial has failed, if it has.
    pub(super) fn failed(&self) -> Option<String> {
        self.trial.lock().failed.clone()
    }

    /// Whether the first user of this class has started well.
    fn is_proven(&self, class: usize) -> bool {
        self.trial.lock().well[class]
    }

    /// A class whose first user is under way and has not started yet.
    pub(super) fn unproven(&self) -> Option<&str> {
        let verdicts = self.trial.lock();
        let tried = self.trial.first.iter().map(|first| first.load(Ordering::Relaxed) > 0);
        let waits = tried.zip(&verdicts.well).position(|(tried, well)| tried && !well)?;
        Some(&self.class(waits).name)
    }

    /// What goes wrong from now on is an error like any other.
    pub(super) fn end_trial(&self) {
        self.trial.lock().over = true;
    }
}

impl Trial {
    fn new(classes: usize, over: bool) -> Self {
        let verdicts = Verdicts { well: vec![over; classes], over, ..Verdicts::default() };
        let first = (0..classes).map(|_| AtomicU64::new(0)).collect();
        Self { first, verdicts: Mutex::new(verdicts) }
    }

    fn lock(&self) -> MutexGuard<'_, Verdicts> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of a scenario when its tasks are chosen by tags: a class without any has no users.
fn chosen(
    description: &Description,
    Tags { include, exclude }: &Tags,
) -> anyhow::Result<(Description, Vec<Option<Arc<Plan>>>)> {
    let mut left = description.clone();
    let plan = |class: &mut UserClass| {
        let plan = Plan::with_tags(class, include, exclude);
        if plan.is_none() {
            (class.weight, class.fixed_count) = (0, None);
        }
        plan.map(Arc::new)
    };
    let plans: Vec<_> = left.classes.iter_mut().map(plan).collect();
    let somebody = left.classes.iter().any(UserClass::has_users);
    anyhow::ensure!(
        somebody,
        "no task is left by --tags {include:?} and --exclude-tags {exclude:?}"
    );
    Ok((left, plans))
}

/// Which version is whose. Immutable: a change is another assignment.
pub(super) struct Assignment<X: Exchange> {
    /// Of all users that are not of the share.
    pub(super) base: Arc<Version<X>>,
    next: Option<Next<X>>,
    /// From when on users go back to `base`.
    from: Instant,
    pace: Pace,
}

struct Next<X: Exchange> {
    version: Arc<Version<X>>,
    /// For each user, whether it is of the share.
    chosen: Box<[bool]>,
    /// For each class, from when on its users follow the first one; none as long as that is under way.
    open: Vec<Option<Instant>>,
}

/// How fast users follow each other. Were all to change at once, making their instances would hold up every
/// request of their shard.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Time between two users of one shard.
    gap: Duration,
    shards: u32,
}

/// Share of a shard's time that making instances may take: one in so many parts.
const DUTY: u32 = 4;
const SHORTEST_GAP: Duration = Duration::from_micros(100);
/// All users of a shard have had their turn after so long, however long making an instance takes.
const LONGEST_ROUND: Duration = Duration::from_secs(10);

impl Pace {
    /// The pace for instances that take so long to make.
    fn of(instance: Duration, (users, shards): (u32, u32)) -> Self {
        let longest = (LONGEST_ROUND * shards / users.max(1)).max(SHORTEST_GAP);
        Self { gap: (instance * DUTY).clamp(SHORTEST_GAP, longest), shards }
    }
}

/// What is a user's turn.
pub(super) enum Turn<X: Exchange> {
    /// It has what it is to have, until something else is announced.
    Stay,
    /// It may change from this moment on.
    At(Instant),
    /// It changes.
    Now(Arc<Version<X>>),
}

impl<X: Exchange> Assignment<X> {
    /// All users have this version from the beginning.
    fn first(base: Arc<Version<X>>, size: (u32, u32)) -> Self {
        Self { base, next: None, from: Instant::now(), pace: Pace::of(Duration::ZERO, size) }
    }

    /// All users have the base's version, or go back to it from now on.
    pub(super) fn to_base(&self, now: Instant) -> Self {
        Self { base: Arc::clone(&self.base), next: None, from: now, pace: self.pace }
    }

    /// All users have had the next version: it is the base of what follows.
    pub(super) fn on_next(&self) -> Option<Self> {
        let base = Arc::clone(&self.next.as_ref()?.version);
        Some(Self { base, next: None, from: self.from, pace: self.pace })
    }

    /// This share of `users` is to have `next`, from now on, the first of each class before the others.
    pub(super) fn towards(
        &self,
        next: &Arc<Version<X>>,
        (share, users): (Share, u32),
        now: Instant,
    ) -> Self {
        let classes = 0..next.plans.len();
        let open = classes.map(|class| next.is_proven(class).then_some(now)).collect();
        let chosen = next.dispatch.chosen(share, users);
        let next = Next { version: Arc::clone(next), chosen, open };
        Self { base: Arc::clone(&self.base), next: Some(next), from: now, pace: self.pace }
    }

    /// The same, with the classes open whose first user has started well since; none where nothing is new.
    pub(super) fn opened(&self, now: Instant) -> Option<Self> {
        let Self { base, next, from, pace } = self;
        let next = next.as_ref()?;
        let open = |(class, open): (usize, &Option<Instant>)| {
            open.or_else(|| next.version.is_proven(class).then_some(now))
        };
        let open: Vec<_> = next.open.iter().enumerate().map(open).collect();
        (open != next.open).then(|| {
            let (version, chosen) = (Arc::clone(&next.version), next.chosen.clone());
            let size = (u32::try_from(chosen.len()).unwrap_or(u32::MAX), pace.shards);
            let pace = Pace::of(version.trial.lock().instance, size);
            let next = Some(Next { version, chosen, open });
            Self { base: Arc::clone(base), next, from: *from, pace }
        })
    }

    /// What the user is to have in the end.
    fn wanted(&self, user: u32) -> &Arc<Version<X>> {
        match &self.next {
            Some(next) if next.chosen.get(user as usize) == Some(&true) => &next.version,
            _ => &self.base,
        }
    }

    /// What a user that begins now has: what it is to have, unless that is still being tried.
    pub(super) fn at_birth(&self, user: u32) -> &Arc<Version<X>> {
        match &self.next {
            Some(next) if next.from(user).is_none() => &self.base,
            _ => self.wanted(user),
        }
    }

    /// What `user`, who has the version `has`, is to do at the edge of an iteration.
    pub(super) fn turn(&self, user: u32, has: &Version<X>) -> Turn<X> {
        let wanted = self.wanted(user);
        if wanted.number == has.number {
            return Turn::Stay;
        }
        let from = match &self.next {
            Some(next) if next.version.number == wanted.number => match next.from(user) {
                Some(from) => from,
                None => {
                    let class = next.version.dispatch.class_of(user);
                    let first = class.is_some_and(|class| next.version.goes_first(class, user));
                    return if first { Turn::Now(Arc::clone(wanted)) } else { Turn::Stay };
                }
            },
            _ => self.from,
        };
        let at = from + self.pace.gap * (user / self.pace.shards);
        if Instant::now() >= at { Turn::Now(Arc::clone(wanted)) } else { Turn::At(at) }
    }
}

impl<X: Exchange> Next<X> {
    /// From when on this user follows the first of its class; one that has no class in the next version leaves
    /// with whoever follows first.
    fn from(&self, user: u32) -> Option<Instant> {
        match self.version.dispatch.class_of(user) {
            Some(class) => self.open[class],
            None => self.open.iter().flatten().min().copied(),
        }
    }
}

/// Which version is whose, now.
pub(super) struct Versions<X: Exchange> {
    now: Mutex<Arc<Assignment<X>>>,
    /// The number of the version that each user has; 0 where it has none, or is none.
    seats: Box<[AtomicU32]>,
}

impl<X: Exchange> Versions<X> {
    pub(super) fn new(first: Version<X>, (users, shards): (u32, u32)) -> Self {
        let first = Assignment::first(Arc::new(first), (users, shards));
        Self {
            now: Mutex::new(Arc::new(first)),
            seats: (0..users).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    pub(super) fn current(&self) -> Arc<Assignment<X>> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another assignment in force. It must be announced afterwards.
    pub(super) fn assign(&self, assignment: Assignment<X>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(assignment);
    }

    /// Says which version a user has from now on; none when it ends.
    pub(super) fn take_seat(&self, user: u32, version: Option<&Version<X>>) {
        let number = version.map_or(0, |version| version.number);
        self.seats[user as usize].store(number, Ordering::Relaxed);
    }

    /// Whether every user has what it is to have.
    pub(super) fn are_settled(&self) -> bool {
        let assignment = self.current();
        self.seats.iter().zip(0..).all(|(seat, user)| {
            let has = seat.load(Ordering::Relaxed);
            has == 0 || has == assignment.wanted(user).number
        })
    }

    /// How many users have the version with this number.
    pub(super) fn users_of(&self, number: u32) -> u32 {
        self.seats.iter().map(|seat| u32::from(seat.load(Ordering::Relaxed) == number)).sum()
    }
}
