//! Two ways to keep users busy: the closed model has so many of them, the open one so many arrivals for them.

use super::Shared;
use super::alarm::Alarm;
use super::desk::{Desk, Seat, Waiting};
use super::line::Exchange;
use super::part::{Part, Plan, since};
use super::user::{self, Ended};
use super::version::Version;
use katydid_load::profile::{Closed, Schedule};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Carries one shard's share of a scenario's users from its beginning to its end.
pub(super) async fn execute<X: Exchange>(
    shared: Arc<Shared<X>>,
    part: Arc<Part<X>>,
    shard: u32,
) -> anyhow::Result<()> {
    let mut executor = Executor::new(shared, part, shard);
    if executor.wait(Some(executor.began)).await == Woken::Due {
        match executor.part.plan() {
            Plan::Closed(_) => executor.closed().await?,
            Plan::Open(_) => executor.open().await?,
        }
    }
    while executor.users.join_next().await.transpose().map_err(broken)?.is_some() {}
    Ok(())
}

fn broken(error: tokio::task::JoinError) -> anyhow::Error {
    anyhow::anyhow!("a virtual user's task failed: {error}")
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// Its time has come.
    Due,
    /// Something was announced.
    Announced,
    /// The run, or the scenario, begins no more iterations.
    Over,
}

struct Executor<X: Exchange> {
    shared: Arc<Shared<X>>,
    part: Arc<Part<X>>,
    shard: u32,
    shards: u32,
    /// When the scenario begins.
    began: Instant,
    generation: u64,
    alarm: Alarm,
    users: JoinSet<(u32, Ended)>,
    /// Where each of this shard's users stands, by its place among them.
    states: Vec<State>,
    /// How many of them are away.
    away: usize,
    /// When the next user may be made for an arrival that nobody is free for.
    next_making: Instant,
}

/// Making users for arrivals takes at most one part in so many of a shard: were one made for each arrival that
/// finds nobody free, making them would keep the others from becoming free, and one hiccup would make thousands.
const MAKING: u32 = 2;
/// Time between two of them, at least and at most.
const MAKING_GAP: (Duration, Duration) = (Duration::from_micros(200), Duration::from_millis(10));

/// A user, as its executor knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has no task: it never came, or it went when its time was over.
    Away,
    /// It has one.
    Here,
    /// It is away, and will come for an arrival that waits, if nobody else does.
    Kept,
    /// It has done enough, and will not come again.
    Done,
}

impl<X: Exchange> Executor<X> {
    fn new(shared: Arc<Shared<X>>, part: Arc<Part<X>>, shard: u32) -> Self {
        let shards = shared.shards();
        let began = shared.began() + part.start;
        let places = (part.room + shards - 1 - shard) / shards;
        let states = vec![State::Away; places as usize];
        let generation = shared.signal.generation();
        let (users, away) = (JoinSet::new(), states.len());
        let alarm = Alarm::new(shared.spec.clock);
        Self {
            shared,
            part,
            shard,
            shards,
            began,
            generation,
            alarm,
            users,
            states,
            away,
            next_making: began,
        }
    }

    fn number(&self, place: usize) -> u32 {
        place as u32 * self.shards + self.shard
    }

    fn begin(&mut self, place: usize, seat: Arc<Seat>) {
        self.states[place] = State::Here;
        self.away -= 1;
        if self.part.crowd.enter() {
            self.shared.spawned.notify_one();
        }
        let (shared, part) = (Arc::clone(&self.shared), Arc::clone(&self.part));
        let (shard, user) = (self.shard as usize, self.number(place));
        self.users.spawn(async move {
            let ended =
                user::live(Arc::clone(&shared), Arc::clone(&part), (shard, user), seat).await;
            if part.crowd.leave() {
                part.end(&shared.signal);
            }
            (user, ended)
        });
    }

    /// Waits for this moment, an announcement, or the end. Users that end meanwhile are noted.
    async fn wait(&mut self, until: Option<Instant>) -> Woken {
        let mut waker = self.shared.signal.waker();
        let Self { shared, part, users, states, generation, shards, away, alarm, began, .. } = self;
        let (clock, began_ns) = (shared.spec.clock, shared.began_ns());
        let until = until.map(|at| {
            let after = nanoseconds(at.saturating_duration_since(*began) + part.start);
            (at, began_ns.saturating_add(after))
        });
        poll_fn(|context| {
            waker.register(context);
            if shared.signal.is_stopping() || part.is_over() {
                return Poll::Ready(Woken::Over);
            }
            if shared.signal.generation() != *generation {
                *generation = shared.signal.generation();
                return Poll::Ready(Woken::Announced);
            }
            let mut changed = false;
            while let Poll::Ready(Some(Ok((user, ended)))) = users.poll_join_next(context) {
                let place = (user / *shards) as usize;
                states[place] = if ended == Ended::Done { State::Done } else { State::Away };
                *away += usize::from(ended == Ended::Away);
                changed = true;
            }
            if changed {
                return Poll::Ready(Woken::Announced);
            }
            match until {
                Some(until) => alarm.poll(until, clock.now_ns(), context).map(|()| Woken::Due),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// So many users: each comes when its time is, and goes by itself when that is over.
    async fn closed(&mut self) -> anyhow::Result<()> {
        loop {
            let Plan::Closed(plan) = self.part.plan() else { return Ok(()) };
            let now_ns = nanoseconds(since(self.began));
            self.bring(&plan, now_ns);
            let next = self.next_change(&plan, now_ns);
            if next.is_none() && self.is_done(&plan, now_ns) {
                return Ok(());
            }
            if self.wait(next).await == Woken::Over {
                return Ok(());
            }
        }
    }

    /// Begins every user that is to be here and is not.
    fn bring(&mut self, plan: &Closed, now_ns: u64) {
        let users = plan.users_at(now_ns);
        for place in 0..self.states.len() {
            if self.number(place) >= users {
                break;
            }
            if self.states[place] == State::Away {
                self.begin(place, Seat::with(None));
            }
        }
    }

    /// When the next of this shard's users comes. Those that go look after that themselves.
    fn next_change(&self, plan: &Closed, now_ns: u64) -> Option<Instant> {
        let here = plan.users_at(now_ns).saturating_sub(self.shard).div_ceil(self.shards);
        let next = (here as usize) < self.states.len();
        // Users come in the order of their numbers, so that no other comes before this one.
        match next.then(|| plan.change(self.number(here as usize), now_ns))?? {
            (at_ns, true) => Some(self.began + Duration::from_nanos(at_ns)),
            _ => None,
        }
    }

    /// Whether every user that is to be here has done enough.
    fn is_done(&self, plan: &Closed, now_ns: u64) -> bool {
        let users = plan.users_at(now_ns);
        let mut here = (0..self.states.len()).take_while(|&place| self.number(place) < users);
        self.users.is_empty() && users > 0 && here.all(|place| self.states[place] == State::Done)
    }

    /// So many arrivals: each is given to a free user when it is due, to a new one where none is free and there
    /// is room, and dropped where there is none.
    async fn open(&mut self) -> anyhow::Result<()> {
        let Plan::Open(plan) = self.part.plan() else { return Ok(()) };
        for place in 0..self.states.len() {
            if self.number(place) < self.part.at_first {
                let seat = Seat::with(None);
                if let Some(class) = self.class_of(place) {
                    self.desk().expect(class.into(), Arc::clone(&seat));
                }
                self.begin(place, seat);
            }
        }
        let worker = (self.shard, self.shards);
        let mut schedule = plan.arrivals(self.part.spacing, worker, self.shared.spec.seed);
        let mut classes = Classes::new(&self.part.versions.current().base);
        loop {
            let next = schedule.peek().map(|(_, at_ns)| self.began + Duration::from_nanos(at_ns));
            let waits = self.desk().is_anything_waiting();
            let making = waits.then_some(self.next_making);
            match self.wait([next, making].into_iter().flatten().min()).await {
                Woken::Over => {
                    while self.make_next() {}
                    return Ok(());
                }
                Woken::Due => self.serve(&mut schedule, &classes),
                Woken::Announced => {
                    self.serve(&mut schedule, &classes);
                    if let Plan::Open(plan) = self.part.plan() {
                        schedule.follow(plan);
                    }
                    classes.look(&self.part.versions.current().base);
                }
            }
        }
    }

    /// Where this shard's arrivals wait for users.
    fn desk(&self) -> &Desk {
        &self.part.desks[self.shard as usize]
    }

    /// Hands out what is due by now.
    fn serve(&mut self, schedule: &mut Schedule, classes: &Classes) {
        let now_ns = nanoseconds(since(self.began));
        let recorder = &Arc::clone(&self.shared).recorders[self.shard as usize];
        for place in self.desk().released() {
            self.states[place] = State::Away;
            self.away += 1;
        }
        while let Some((n, due_ns)) = schedule.peek().filter(|(_, due_ns)| *due_ns <= now_ns) {
            schedule.next();
            if self.shared.is_paused() {
                continue;
            }
            let class = classes.of(n);
            let name = classes.name(class);
            let started = self.desk().assign(name, due_ns) || self.keep_place(name, due_ns);
            recorder.arrival(self.shared.book(classes.version, class), started);
        }
        let now = Instant::now();
        if self.next_making <= now && self.make_next() {
            let instance = self.part.versions.current().base.instance();
            let (least, most) = MAKING_GAP;
            self.next_making = now + (instance * MAKING).clamp(least, most);
        }
    }

    /// Makes a user for the arrival that has waited longest.
    fn make_next(&mut self) -> bool {
        let waiting = self.desk().next_waiting();
        let Some(Waiting { due_ns, place, .. }) = waiting else { return false };
        self.away += 1;
        self.begin(place, Seat::with(Some(due_ns)));
        true
    }

    /// Lets an arrival wait for a user of this class, the next that is free or a new one, if there is room for
    /// one.
    fn keep_place(&mut self, class: &str, due_ns: u64) -> bool {
        if self.away == 0 {
            return false;
        }
        let of_class = |place: &usize| {
            self.states[*place] == State::Away
                && self.class_of(*place).is_some_and(|name| name == class)
        };
        let Some(place) = (0..self.states.len()).find(of_class) else { return false };
        self.states[place] = State::Kept;
        self.away -= 1;
        let waiting = Waiting { class: class.into(), due_ns, place };
        self.desk().queue(waiting);
        true
    }

    /// The class that a user at this place would be of.
    fn class_of(&self, place: usize) -> Option<String> {
        let (current, user) = (self.part.versions.current(), self.number(place));
        let version = current.at_birth(user);
        let class = version.dispatch.class_of(user)?;
        Some(version.class(class).name.clone())
    }
}

/// Of which class each arrival is: by weight, in turn, as users are.
struct Classes {
    version: u32,
    names: Vec<Arc<str>>,
    /// For each arrival of a round, the place of its class.
    round: Vec<u32>,
}

impl Classes {
    fn new<X: Exchange>(version: &Version<X>) -> Self {
        let classes = &version.module.description.classes;
        let names = classes.iter().map(|class| class.name.as_str().into()).collect();
        let users = version.dispatch.users();
        let round = (0..).filter_map(|user| version.dispatch.class_of(user)).take(users as usize);
        Self { version: version.number, names, round: round.map(|class| class as u32).collect() }
    }

    /// Looks whether another version is in force.
    fn look<X: Exchange>(&mut self, version: &Version<X>) {
        if version.number != self.version {
            *self = Self::new(version);
        }
    }

    /// The place of the class of this arrival.
    fn of(&self, arrival: u64) -> Option<usize> {
        let place = arrival % self.round.len().max(1) as u64;
        self.round.get(place as usize).map(|class| *class as usize)
    }

    fn name(&self, class: Option<usize>) -> &str {
        class.and_then(|class| self.names.get(class)).map_or("", |name| name)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    super::part::nanoseconds(time)
}
