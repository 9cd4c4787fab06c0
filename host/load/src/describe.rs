//! What a scenario says about itself, and what is wrong with it. Mirrors `wit/load.wit`, interface `scenario`.
use crate::parameter::{self, Parameter};
use crate::pick::Plan;
use crate::text;
use crate::wait::Wait;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most user classes of a scenario.
pub const MAX_CLASSES: usize = 1_000;
/// Most tasks of a scenario, all classes together.
pub const MAX_TASKS: usize = 10_000;
/// Most task sets of a scenario, all classes together.
pub const MAX_SETS: usize = 10_000;
/// Most transitions of a scenario, all classes together.
pub const MAX_TRANSITIONS: usize = 100_000;
/// Longest name of a class, set, task or tag, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Longest URL of a target, in characters.
pub const MAX_HOST_CHARS: usize = 2_000;
/// Most mistakes that are told at once.
pub const MAX_MISTAKES: usize = 50;

/// Everything the host must know before the first user exists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// What the scenario does beside its tasks.
    pub hooks: Hooks,
    /// The parameters that it reads. Where it declares none, a run may give any.
    pub parameters: Vec<Parameter>,
    /// The user classes, at least one.
    pub classes: Vec<UserClass>,
}

/// Which of the functions that every scenario exports do something; the others are never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hooks {
    /// `save` and the state of `on-start`: a user's state outlives the exchange of its module, where the old
    /// and the new version both say so.
    pub state: bool,
    /// `setup`, once before the run.
    pub setup: bool,
    /// `teardown`, once after the run.
    pub teardown: bool,
    /// `shape`, each second: the load is what the scenario says.
    pub shape: bool,
}

/// A kind of user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserClass {
    /// Its name, unique in the scenario.
    pub name: String,
    /// Its share of the users against the other classes. 0: none, unless `fixed_count` says otherwise.
    pub weight: u32,
    /// So many users exactly, counted before the weights are looked at. The weight is then ignored.
    pub fixed_count: Option<u32>,
    /// The URL of its target; a run may override it.
    pub host: Option<String>,
    /// The pause between its iterations.
    pub wait: Wait,
    /// Its task sets, at least one; the first is the outermost.
    pub sets: Vec<TaskSet>,
    /// Its tasks, at least one.
    pub tasks: Vec<Task>,
}

/// A named set of tasks, perhaps inside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSet {
    /// Its name, for people.
    pub name: String,
    /// The set it is nested in, by its place in the list; none for the first.
    pub parent: Option<u32>,
    /// How often it is entered, against its siblings and the tasks of its parent. 0: never.
    pub weight: u32,
    /// How its tasks and inner sets are chosen.
    pub order: Order,
    /// Words by which a run may choose among tasks: as if each task in it, and in the sets in it, had them.
    pub tags: Vec<String>,
    /// Which of its tasks may follow on which, where its order is [`Order::Transitions`].
    pub transitions: Vec<Transition>,
}

/// One task of a set may follow on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The task that was last, by its place in the class's list of tasks.
    pub from: u32,
    /// The one that may be next, by its place in that list; the same one is fine.
    pub to: u32,
    /// How often it is, against the other transitions from there. 0: never.
    pub weight: u32,
}

/// A named, weighted function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What `run-task` is given; unique within its class, stable only within one module.
    pub id: u32,
    /// Its name, for people.
    pub name: String,
    /// The set it belongs to, by its place in the list of sets.
    pub set: u32,
    /// How often it is chosen, against its siblings. 0: never.
    pub weight: u32,
    /// Words by which a run may choose among tasks.
    pub tags: Vec<String>,
}

/// How the next task of a set is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// At random, by weight.
    #[default]
    Weighted,
    /// In the order of declaration, over and over; the tasks of the set first, then its inner sets.
    Sequential,
    /// By the task that was last and the weights of the set's transitions: a Markov chain. It begins with the
    /// first task of the set. A task without a transition away from it is the end: the user leaves the set, as
    /// after an interrupt, and begins anew where it is the outermost. Weights of tasks do not matter, except 0:
    /// never. Sets inside are never entered, so there must be none.
    Transitions,
}

impl Description {
    /// Finds every mistake at once: sentences for the scenario's author, at most [`MAX_MISTAKES`] and a last one
    /// that says how many more there are.
    ///
    /// # Errors
    /// The mistakes, at least one.
    pub fn check(&self) -> Result<(), Vec<String>> {
        let mut mistakes = Mistakes::default();
        if self.classes.is_empty() {
            mistakes.add(|| "the scenario has no user class".to_owned());
        }
        let count = |of: fn(&UserClass) -> usize| self.classes.iter().map(of).sum::<usize>();
        let sizes = [
            ("user classes", self.classes.len(), MAX_CLASSES),
            ("task sets", count(|c| c.sets.len()), MAX_SETS),
            ("tasks", count(|c| c.tasks.len()), MAX_TASKS),
            ("transitions", count(UserClass::transitions), MAX_TRANSITIONS),
        ];
        for (what, size, limit) in sizes {
            if size > limit {
                mistakes.add(|| format!("the scenario has {size} {what}, more than {limit}"));
            }
        }
        parameter::check(&self.parameters, &mut mistakes);
        // Whatever else is wrong with something so large, its size comes first.
        if sizes.iter().all(|(_, size, limit)| size <= limit) {
            self.check_classes(&mut mistakes);
        }
        mistakes.into_result()
    }

    /// Every tag that a task or a set has: what a run may choose by.
    pub fn tags(&self) -> BTreeSet<&str> {
        let of_sets = self.classes.iter().flat_map(|class| &class.sets).flat_map(|set| &set.tags);
        let of_tasks =
            self.classes.iter().flat_map(|class| &class.tasks).flat_map(|task| &task.tags);
        of_sets.chain(of_tasks).map(String::as_str).collect()
    }

    fn check_classes(&self, mistakes: &mut Mistakes) {
        let mut names = HashSet::new();
        for (place, class) in self.classes.iter().enumerate() {
            if !names.insert(&class.name) {
                mistakes.add(|| format!("user class {} is declared twice", quoted(&class.name)));
            }
            class.check(place, mistakes);
        }
        if !self.classes.is_empty() && !self.classes.iter().any(UserClass::has_users) {
            mistakes.add(|| "every user class has the weight 0: there would be no user".to_owned());
        }
    }
}

impl UserClass {
    /// Whether any run can have users of this class, if it has enough of them.
    pub fn has_users(&self) -> bool {
        self.fixed_count.unwrap_or(self.weight) > 0
    }

    fn transitions(&self) -> usize {
        self.sets.iter().map(|set| set.transitions.len()).sum()
    }

    fn check(&self, place: usize, mistakes: &mut Mistakes) {
        check_name(&self.name, mistakes, || format!("user class number {}", place + 1));
        let class = || format!("user class {}", quoted(&self.name));
        if let Some(host) = &self.host
            && (host.chars().count() > MAX_HOST_CHARS || host.chars().any(text::is_unruly))
        {
            mistakes.add(|| {
                format!("{}: the host is too long or contains control characters", class())
            });
        }
        if let Wait::Between(low, high) = self.wait
            && low > high
        {
            mistakes.add(|| {
                format!("{}: the wait time is between {low} µs and {high} µs: swap them", class())
            });
        }
        if self.sets.is_empty() {
            mistakes.add(|| format!("{} has no task set", class()));
        }
        for (place, set) in self.sets.iter().enumerate() {
            let this = || format!("{}: task set number {}", class(), place + 1);
            check_name(&set.name, mistakes, this);
            match set.parent {
                Some(parent) if place == 0 => {
                    mistakes.add(|| {
                        format!("{} is the outermost and cannot be nested in set {parent}", this())
                    });
                }
                None if place > 0 => {
                    mistakes.add(|| format!("{} names no set that it is nested in", this()))
                }
                Some(parent) if parent as usize >= place => {
                    mistakes.add(|| {
                        format!(
                            "{} is nested in set {parent}, which is not declared before it",
                            this()
                        )
                    });
                }
                Some(parent) if self.sets[parent as usize].order == Order::Transitions => {
                    mistakes.add(|| {
                        let outer = quoted(&self.sets[parent as usize].name);
                        format!("{} is never entered: {outer} follows its transitions", this())
                    });
                }
                _ => {}
            }
            for tag in &set.tags {
                check_name(tag, mistakes, || format!("{}: a tag", this()));
            }
            self.check_transitions(place, mistakes, &this);
        }
        let mut ids = HashSet::new();
        for (place, task) in self.tasks.iter().enumerate() {
            check_name(&task.name, mistakes, || format!("{}: task number {}", class(), place + 1));
            let this = || format!("{}: task {}", class(), quoted(&task.name));
            if !ids.insert(task.id) {
                mistakes
                    .add(|| format!("{} has the id {}, which another task has", this(), task.id));
            }
            if task.set as usize >= self.sets.len() {
                mistakes.add(|| {
                    format!("{} is in set {}, but there are {}", this(), task.set, self.sets.len())
                });
            }
            for tag in &task.tags {
                check_name(tag, mistakes, || format!("{}: a tag", this()));
            }
        }
        if self.tasks.is_empty() {
            mistakes.add(|| format!("{} has no task", class()));
        } else if Plan::new(self).is_none() {
            mistakes.add(|| {
                format!("{} has no task that can ever be picked: check weights and sets", class())
            });
        }
    }
}

impl UserClass {
    /// Checks the transitions of the set at this place, which `this` names.
    fn check_transitions(&self, place: usize, mistakes: &mut Mistakes, this: &impl Fn() -> String) {
        let TaskSet { order, transitions, .. } = &self.sets[place];
        match (order, transitions.is_empty()) {
            (Order::Transitions, true) => {
                mistakes.add(|| format!("{} is to follow transitions and has none", this()));
            }
            (Order::Weighted | Order::Sequential, false) => {
                mistakes.add(|| format!("{} has transitions, but does not follow them", this()));
            }
            _ => {}
        }
        let task =
            |number: u32| self.tasks.get(number as usize).filter(|task| task.set as usize == place);
        let mut weights = BTreeMap::<u32, u64>::new();
        for Transition { from, to, weight } in transitions {
            for end in [from, to] {
                if task(*end).is_none() {
                    mistakes.add(|| {
                        format!(
                            "{} has a transition to or from task {end}, which is not in it",
                            this()
                        )
                    });
                }
            }
            *weights.entry(*from).or_default() += u64::from(*weight);
        }
        for (from, _) in weights.into_iter().filter(|(_, weight)| *weight == 0) {
            if let Some(task) = task(from) {
                mistakes.add(|| {
                    let from = quoted(&task.name);
                    format!("{}: all transitions from task {from} have the weight 0", this())
                });
            }
        }
    }
}

pub(crate) fn check_name(name: &str, mistakes: &mut Mistakes, what: impl Fn() -> String) {
    if name.trim().is_empty() {
        mistakes.add(|| format!("{} has no name", what()));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        mistakes.add(|| format!("{} has a name of more than {MAX_NAME_CHARS} characters", what()));
    }
    if name.chars().any(text::is_unruly) {
        mistakes.add(|| format!("{} has control characters in its name", what()));
    }
}

/// A name as it is quoted in a mistake.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", text::tame(name, 60))
}

/// The mistakes found so far; those above the limit are only counted.
#[derive(Default)]
pub(crate) struct Mistakes {
    told: Vec<String>,
    untold: usize,
}

impl Mistakes {
    pub(crate) fn add(&mut self, mistake: impl FnOnce() -> String) {
        if self.told.len() < MAX_MISTAKES {
            self.told.push(mistake());
        } else {
            self.untold += 1;
        }
    }

    pub(crate) fn into_result(mut self) -> Result<(), Vec<String>> {
        if self.untold > 0 {
            self.told.push(format!("and {} more", self.untold));
        }
        if self.told.is_empty() { Ok(()) } else { Err(self.told) }
    }
}

#[cfg(test)]
#[path = "describe_tests.rs"]
mod tests;
