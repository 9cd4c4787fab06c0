//! The builder of user classes and task sets, which the attributes write for you.

use crate::bindings::exports::katydid::load::scenario as wit;
use crate::user::{Restore, Task};
use crate::wait::Wait;
use crate::{Client, Next, Result, User};

/// A task or a hook, whatever its form was.
type Run<U> = Box<dyn Fn(&mut U, &Client) -> Result<Next>>;

/// What saves a user's state, whatever its form was.
type Save<U> = Box<dyn Fn(&mut U) -> Option<Vec<u8>>>;
/// What restores it.
type Resume<U> = Box<dyn Fn(&mut U, &[u8], &Client) -> Result<Next>>;

/// How a user's state gets from one version of the scenario to the next.
pub(crate) struct State<U> {
    pub(crate) save: Save<U>,
    pub(crate) restore: Resume<U>,
}

/// Declares a kind of user: what [`#[user]`](macro@crate::user) writes, usable by hand.
///
/// ```
/// use katydid_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Guest;
///
/// impl User for Guest {
///     fn class() -> Class<Self> {
///         Class::new("Guest")
///             .host("http://127.0.0.1:8877/")
///             .weight(3)
///             .wait_time(constant_pacing(1.0))
///             .task("look", 10, |_: &mut Guest, client: &Client| client.call("look", ()))
///             .tagged_task("leave", 1, ["slow"], |_: &mut Guest| Next::StopUser)
///             .set(Set::new("Pay").sequential().task("pay", 1, |_: &mut Guest| Next::Interrupt))
///     }
/// }
/// ```
pub struct Class<U> {
    name: String,
    weight: u32,
    fixed_count: Option<u32>,
    host: Option<String>,
    wait: Pause<U>,
    state: Option<State<U>>,
    set: Set<U>,
}

enum Pause<U> {
    None,
    Known(Wait),
    Asked(Box<dyn Fn(&mut U) -> f64>),
}

impl<U: User> Class<U> {
    /// A class of this name, with the weight 1 and nothing to do yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            weight: 1,
            fixed_count: None,
            host: None,
            wait: Pause::None,
            state: None,
            set: Set::new(name),
        }
    }

    /// The URL of its target, for example `http://127.0.0.1:8877/`; a run may override it.
    #[must_use]
    pub fn host(mut self, url: &str) -> Self {
        self.host = Some(url.to_owned());
        self
    }

    /// Its share of the users, against the other classes.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// So many users exactly, counted before the weights are looked at.
    #[must_use]
    pub fn fixed_count(mut self, users: u32) -> Self {
        self.fixed_count = Some(users);
        self
    }

    /// The pause between iterations, see [`wait`](crate::wait).
    #[must_use]
    pub fn wait_time(mut self, wait: Wait) -> Self {
        self.wait = Pause::Known(wait);
        self
    }

    /// Asks the user after each iteration how many seconds to pause.
    #[must_use]
    pub fn wait_time_asked(mut self, seconds: impl Fn(&mut U) -> f64 + 'static) -> Self {
        self.wait = Pause::Asked(Box::new(seconds));
        self
    }

    /// Lets a user's state outlive the exchange of the scenario while it runs: between two iterations
    /// the old version saves it, and the new one restores it **in place of** [`on_start`](Self::on_start);
    /// `on_stop` runs in neither. What is saved is any bytes, or none, for a user that rather stops and
    /// starts anew. A restore that fails is like an `on_start` that does: the user starts anew.
    ///
    /// Which task comes next is the host's to know, and survives. A set's `on_start` does not: a user
    /// that was inside a set enters it again with its next task there, without having left it.
    ///
    /// ```
    /// use katydid_sdk::prelude::*;
    ///
    /// #[derive(Default)]
    /// struct Counter(u64);
    ///
    /// impl Counter {
    ///     fn restore(&mut self, state: &[u8]) -> Result {
    ///         self.0 = u64::from_le_bytes(state.try_into()?);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// impl User for Counter {
    ///     fn class() -> Class<Self> {
    ///         Class::new("Counter")
    ///             .state(|user: &mut Counter| user.0.to_le_bytes().to_vec(), Counter::restore)
    ///             .task("count", 1, |user: &mut Counter| user.0 += 1)
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn state<S: Into<Option<Vec<u8>>>, Form>(
        mut self,
        save: impl Fn(&mut U) -> S + 'static,
        restore: impl Restore<U, Form>,
    ) -> Self {
        self.state = Some(State {
            save: Box::new(move |user| save(user).into()),
            restore: Box::new(move |user, state, client| restore.restore(user, state, client)),
        });
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn kept_state(&self) -> Option<&State<U>> {
        self.state.as_ref()
    }

    pub(crate) fn tasks(&self) -> &Set<U> {
        &self.set
    }

    /// The pause that the user asks for, in seconds; none where the class knows it.
    pub(crate) fn asked_wait(&self, user: &mut U) -> f64 {
        match &self.wait {
            Pause::Asked(seconds) => seconds(user),
            Pause::None | Pause::Known(_) => 0.0,
        }
    }

    /// The class in the contract's words.
    pub(crate) fn describe(&self) -> wit::UserClass {
        let set = |(place, one): (usize, &One<U>)| wit::TaskSet {
            name: one.name.clone(),
            parent: one.parent.map(id),
            weight: one.weight,
            order: one.order,
            tags: one.tags.clone(),
            transitions: one.chain.iter().map(|link| self.set.transition(place, link)).collect(),
        };
        let task = |(place, task): (usize, &Named<U>)| wit::Task {
            id: id(place),
            name: task.name.clone(),
            set: id(task.set),
            weight: task.weight,
            tags: task.tags.clone(),
        };
        wit::UserClass {
            name: self.name.clone(),
            weight: self.weight,
            fixed_count: self.fixed_count,
            host: self.host.clone(),
            wait: match self.wait {
                Pause::None => wit::WaitTime::None,
                Pause::Known(wait) => wait.into(),
                Pause::Asked(_) => wit::WaitTime::Asked,
            },
            sets: self.set.sets.iter().enumerate().map(set).collect(),
            tasks: self.set.tasks.iter().enumerate().map(task).collect(),
        }
    }
}

/// A place in a list as the contract numbers it. More than the host would ever take is its last.
fn id(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Declares a set of tasks: what [`#[task_set]`](macro@crate::task_set) writes, usable by hand.
///
/// A user that enters a set runs the set's `on_start` and stays until a task answers
/// [`Next::Interrupt`]; then, or when the user stops, the set's `on_stop` runs.
pub struct Set<U> {
    /// This set, then those inside it, each after the one that it is in.
    sets: Vec<One<U>>,
    /// The tasks of all of them. Their places are their ids.
    tasks: Vec<Named<U>>,
}

/// One set without what is in it.
pub(crate) struct One<U> {
    pub(crate) name: String,
    /// The set that it is in, by its place in the list.
    pub(crate) parent: Option<usize>,
    weight: u32,
    order: wit::Order,
    tags: Vec<String>,
    /// What follows what, where that is how its tasks are chosen.
    chain: Vec<Link>,
    pub(crate) on_start: Option<Run<U>>,
    pub(crate) on_stop: Option<Run<U>>,
}

/// How often the second task follows the first one, by their names.
struct Link(String, String, u32);

/// One task.
pub(crate) struct Named<U> {
    pub(crate) name: String,
    /// The set that it is in, by its place in the list.
    pub(crate) set: usize,
    weight: u32,
    tags: Vec<String>,
    pub(crate) run: Run<U>,
}

impl<U: 'static> Set<U> {
    /// A set of this name, with the weight 1 and nothing in it yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let (name, parent) = (name.to_owned(), None);
        let one = One {
            name,
            parent,
            weight: 1,
            order: wit::Order::Weighted,
            tags: Vec::new(),
            chain: Vec::new(),
            on_start: None,
            on_stop: None,
        };
        Self { sets: vec![one], tasks: Vec::new() }
    }

    /// How often it is entered, against its siblings and the tasks beside it. 0: never.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        self.sets[0].weight = weight;
        self
    }

    pub(crate) fn sets(&self) -> &[One<U>] {
        &self.sets
    }

    pub(crate) fn tasks(&self) -> &[Named<U>] {
        &self.tasks
    }

    fn add_task(&mut self, name: &str, weight: u32, tags: Vec<String>, run: Run<U>) {
        self.tasks.push(Named { name: name.to_owned(), set: 0, weight, tags, run });
    }

    /// Whether nothing follows this task, where its set is a chain: the user leaves it then.
    pub(crate) fn ends(&self, place: usize) -> bool {
        let Some(task) = self.tasks.get(place) else { return false };
        let set = &self.sets[task.set];
        let goes_on = |Link(before, _, weight): &Link| *before == task.name && *weight > 0;
        set.order == wit::Order::Transitions && !set.chain.iter().any(goes_on)
    }

    /// A link of a set's chain in the contract's words.
    fn transition(&self, set: usize, Link(before, after, weight): &Link) -> wit::Transition {
        let named = |name: &String| {
            let place = self.tasks.iter().position(|task| task.set == set && task.name == *name);
            // The host tells of a task that there is not.
            place.map_or(u32::MAX, id)
        };
        wit::Transition { before: named(before), after: named(after), weight: *weight }
    }

    /// Takes another set's list behind its own.
    fn add_set(&mut self, inner: Self) {
        let offset = self.sets.len();
        self.sets.extend(inner.sets.into_iter().map(|one| {
            let parent = one.parent.map_or(0, |parent| parent + offset);
            One { parent: Some(parent), ..one }
        }));
        let tasks = inner.tasks.into_iter();
        self.tasks.extend(tasks.map(|task| Named { set: task.set + offset, ..task }));
    }
}

fn boxed<U, Form>(task: impl Task<U, Form>) -> Run<U> {
    Box::new(move |user, client| task.run(user, client))
}

/// A class and a set are filled with the same words.
macro_rules! filled {
    ($type:ident<U: $bound:tt>, |$own:ident| $set:expr) => {
        impl<U: $bound> $type<U> {
            /// A task, and how often it is chosen, against the tasks and sets beside it. 0: never.
            #[must_use]
            pub fn task<Form>(mut self, name: &str, weight: u32, task: impl Task<U, Form>) -> Self {
                let $own = &mut self;
                $set.add_task(name, weight, Vec::new(), boxed(task));
                self
            }

            /// A task with words by which a run may choose among tasks.
            #[must_use]
            pub fn tagged_task<Form, T: Into<String>>(
                mut self,
                name: &str,
                weight: u32,
                tags: impl IntoIterator<Item = T>,
                task: impl Task<U, Form>,
            ) -> Self {
                let tags = tags.into_iter().map(Into::into).collect();
                let $own = &mut self;
                $set.add_task(name, weight, tags, boxed(task));
                self
            }

            /// A set inside this one. Where tasks are chosen in order, sets come after all tasks.
            #[must_use]
            pub fn set(mut self, inner: Set<U>) -> Self {
                let $own = &mut self;
                $set.add_set(inner);
                self
            }

            /// Chooses tasks in the order of declaration, over and over, in place of by weight.
            #[must_use]
            pub fn sequential(mut self) -> Self {
                let $own = &mut self;
                $set.sets[0].order = wit::Order::Sequential;
                self
            }

            /// Chooses tasks by the one that came before, in place of by weight (a Markov chain): after
            /// this one come those, so often against one another. It begins with the task that is
            /// declared first. A task that nothing follows ends it: the user leaves the set, as after
            /// [`Next::Interrupt`]; the class's own tasks begin anew. There are no sets inside.
            #[must_use]
            pub fn then<'a>(
                mut self,
                task: &str,
                followers: impl IntoIterator<Item = (&'a str, u32)>,
            ) -> Self {
                let $own = &mut self;
                $set.sets[0].order = wit::Order::Transitions;
                let link = |(after, weight): (&str, _)| Link(task.into(), after.into(), weight);
                $set.sets[0].chain.extend(followers.into_iter().map(link));
                self
            }

            /// Words by which a run may choose among tasks: as if each task of it, and of the sets inside
            /// it, had them.
            #[must_use]
            pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
                let $own = &mut self;
                $set.sets[0].tags.extend(tags.into_iter().map(Into::into));
                self
            }

            /// Runs before the first task. Who does not get through it, be it for a request that
            /// failed, has not started: a class's is tried anew on a fresh user, after a pause; a
            /// set's in the next iteration.
            #[must_use]
            pub fn on_start<Form>(mut self, hook: impl Task<U, Form>) -> Self {
                let $own = &mut self;
                $set.sets[0].on_start = Some(boxed(hook));
                self
            }

            /// Runs after the last task. What it wants to happen next is ignored.
            #[must_use]
            pub fn on_stop<Form>(mut self, hook: impl Task<U, Form>) -> Self {
                let $own = &mut self;
                $set.sets[0].on_stop = Some(boxed(hook));
                self
            }
        }
    };
}

filled!(Class<U: User>, |this| this.set);
filled!(Set<U: 'static>, |this| this);
