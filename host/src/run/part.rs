//! One scenario of a run: its load, its users, their versions.

use super::data::Data;
use super::desk::Desk;
use super::line::Exchange;
use super::signal::Signal;
use super::spec::{Load, ScenarioSpec, Tags};
use super::version::{Version, Versions};
use katydid_load::profile::{Closed, End, Iterations, Open, Rate, Spacing};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A scenario at work.
pub(super) struct Part<X: Exchange> {
    /// Its place among the scenarios of the run.
    pub(super) index: u32,
    pub(super) name: String,
    /// The number in the run of its first user; the others follow.
    pub(super) first_user: u64,
    /// Most users that it ever has.
    pub(super) room: u32,
    /// When it begins, after the run did.
    pub(super) start: Duration,
    pub(super) iterations: Option<Iterations>,
    pub(super) tags: Tags,
    pub(super) data: Data,
    /// The scenario says itself what load there is to be.
    pub(super) is_shaped: bool,
    /// Users that are there before the first arrival, in the open model.
    pub(super) at_first: u32,
    pub(super) spacing: Spacing,
    pub(super) parameters: Arc<BTreeMap<String, String>>,
    pub(super) versions: Versions<X>,
    pub(super) crowd: Crowd,
    /// What `setup` answered.
    pub(super) setup_data: OnceLock<Arc<[u8]>>,
    /// How far each user has come, whatever task it has, or none.
    pub(super) progress: Box<[Progress]>,
    /// For each shard, where its arrivals wait for users, in the open model.
    pub(super) desks: Vec<Desk>,
    plan: Mutex<Plan>,
    /// No more iterations are begun.
    over: AtomicBool,
}

/// How far a user has come. Only its own task writes it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Requests that it has begun: the number of the next one.
    pub(super) requests: AtomicU64,
    /// Iterations that it has made when its task ended the last time.
    pub(super) iterations: AtomicU64,
}

/// The load over time, as planned or as somebody has asked for since.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    Closed(Arc<Closed>),
    Open(Arc<Open>),
}

impl<X: Exchange> Part<X> {
    pub(super) fn new(
        (index, first_user): (u32, u64),
        spec: ScenarioSpec,
        first: Version<X>,
        shards: u32,
    ) -> Self {
        let ScenarioSpec { name, load, start, parameters, tags, data, .. } = spec;
        let (room, is_shaped) = (load.room(), matches!(load, Load::Shaped { .. }));
        let (plan, planned, iterations, at_first, spacing) = match load {
            Load::Closed { users, iterations, .. } => {
                let peak = users.peak();
                (Plan::Closed(Arc::new(users)), peak, iterations, 0, Spacing::Regular)
            }
            Load::Open { rate, spacing, first, .. } => {
                (Plan::Open(Arc::new(rate)), first, None, first, spacing)
            }
            Load::Shaped { end, .. } => (nobody(end), 0, None, 0, Spacing::Regular),
        };
        Self {
            index,
            name,
            first_user,
            room,
            start,
            iterations,
            tags,
            is_shaped,
            data: Data::new(data, room),
            at_first,
            spacing,
            parameters,
            versions: Versions::new(first, (room, shards)),
            crowd: Crowd { planned, ..Crowd::default() },
            setup_data: OnceLock::new(),
            progress: (0..=room).map(|_| Progress::default()).collect(),
            desks: (0..shards).map(|_| Desk::default()).collect(),
            plan: Mutex::new(plan),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many iterations a user makes; any number where none is given.
    pub(super) fn iterations_of(&self, user: u32) -> Option<u64> {
        self.iterations.map(|iterations| iterations.of(user, self.crowd.planned))
    }

    /// When its time is over, after its own beginning.
    pub(super) fn length(&self) -> Option<Duration> {
        let length_ns = match self.plan() {
            Plan::Closed(users) => users.length_ns(),
            Plan::Open(rate) => rate.length_ns(),
        };
        length_ns.map(Duration::from_nanos)
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Begins no more iterations.
    pub(super) fn end(&self, signal: &Signal) {
        if !self.over.swap(true, Ordering::Relaxed) {
            signal.announce();
        }
    }

    /// The scenario says itself what load there is to be: arrivals, or users. Nobody has begun yet.
    pub(super) fn begin_shaped(&self, arrivals: bool) {
        if arrivals {
            let end = self.length().map_or(End::Never, |length| End::At(nanoseconds(length)));
            let one = Rate::per_second(1.0).unwrap_or(Rate::ZERO);
            let open = Open::constant(one, end).expect("a rate of one has no mistake");
            let plan = Plan::Open(Arc::new(open.turned(0, Rate::ZERO, 0)));
            *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        }
    }

    /// So many users from now on, `at` after its beginning.
    pub(super) fn set_users(
        &self,
        users: u32,
        at: Duration,
        rate: Option<Rate>,
    ) -> Result<(), String> {
        if users > self.room {
            return Err(format!(
                "{users} users are more than the {} that scenario {:?} has room for: see --max-vus",
                self.room, self.name
            ));
        }
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let Plan::Closed(closed) = &*plan else {
            return Err(format!("scenario {:?} has a rate of arrivals, not users", self.name));
        };
        *plan = Plan::Closed(Arc::new(closed.turned(nanoseconds(at), users, rate)));
        Ok(())
    }

    /// So many arrivals per second from now on.
    pub(super) fn set_rate(&self, rate: Rate, at: Duration) -> Result<(), String> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let Plan::Open(open) = &*plan else {
            return Err(format!("scenario {:?} has users, not a rate of arrivals", self.name));
        };
        *plan = Plan::Open(Arc::new(open.turned(nanoseconds(at), rate, 0)));
        Ok(())
    }

    /// Whether everybody has started whom its ramp brings.
    pub(super) fn is_spawned(&self) -> bool {
        self.crowd.started.load(Ordering::Relaxed) >= self.crowd.planned
    }
}

/// Nobody yet.
fn nobody(end: End) -> Plan {
    let one = Closed::constant(1, end).expect("one user is no mistake");
    Plan::Closed(Arc::new(one.turned(0, 0, None)))
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// How long ago this was; nothing where it is still to come.
pub(super) fn since(began: Instant) -> Duration {
    Instant::now().saturating_duration_since(began)
}

/// Counts the users of a scenario. A user is parked as long as the version in force has no class for it.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Users that the ramp brings.
    pub(super) planned: u32,
    started: AtomicU32,
    present: AtomicU32,
    parked: AtomicU32,
}

impl Crowd {
    /// Users alive that have a class.
    pub(super) fn active(&self) -> u32 {
        let present = self.present.load(Ordering::Relaxed);
        present.saturating_sub(self.parked.load(Ordering::Relaxed))
    }

    /// Answers whether all that were planned have started with this one.
    pub(super) fn enter(&self) -> bool {
        self.present.fetch_add(1, Ordering::Relaxed);
        self.started.fetch_add(1, Ordering::Relaxed) + 1 == self.planned
    }

    /// Answers whether only parked ones are left: they wait for others to need them, and there are none.
    pub(super) fn leave(&self) -> bool {
        self.present.fetch_sub(1, Ordering::Relaxed);
        self.all_are_parked()
    }

    /// The same for one that is parked from now on.
    pub(super) fn park(&self) -> bool {
        self.parked.fetch_add(1, Ordering::Relaxed);
        self.all_are_parked()
    }

    pub(super) fn unpark(&self) {
        self.parked.fetch_sub(1, Ordering::Relaxed);
    }

    fn all_are_parked(&self) -> bool {
        let parked = self.parked.load(Ordering::Relaxed) > 0;
        let started = self.started.load(Ordering::Relaxed) >= self.planned;
        parked && started && self.active() == 0
    }
}
