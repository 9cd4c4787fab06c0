//! What a user does next.
use crate::describe::{Order, Task, Transition, UserClass};
use crate::rng::Rng;
use std::collections::HashMap;
use std::sync::Arc;

/// The tasks of a class, ready to be picked from: immutable, shared by all users of the class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    sets: Vec<Set>,
    /// Name and set of every task, those that are never picked too: by them plans are compared.
    tasks: Vec<(String, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    name: String,
    parent: usize,
    order: Order,
    entries: Vec<Entry>,
    /// The weight of each entry, added to those before it.
    cumulated: Vec<u64>,
    /// For each entry what may follow on it, where the set follows transitions.
    following: Vec<Following>,
}

/// What may follow on a task: places in the entries, and the weight of each, added to those before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Following {
    entries: Vec<usize>,
    cumulated: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    /// By its place in the class's list of tasks.
    Task(usize),
    /// By its place in the class's list of sets.
    Set(usize),
}

impl Plan {
    /// The plan of a class. Weight 0 means never, in sequences too; sets in which nothing can be picked are
    /// never entered. `None` where nothing at all can be picked.
    pub fn new(class: &UserClass) -> Option<Plan> {
        Self::of(class, |_| true)
    }

    /// The plan of those tasks of a class that a run chooses by tags, as Locust does: a task has its own tags and
    /// those of all sets that it is in. Where any tags are to be included, it must have one of them; it must
    /// have none that is to be excluded. `None` where nothing is left: the class then has no users.
    pub fn with_tags(class: &UserClass, include: &[String], exclude: &[String]) -> Option<Plan> {
        let any = |tags: &[String], of: &[String]| tags.iter().any(|tag| of.contains(tag));
        // Of each set, whether itself or one around it has such a tag. Outer sets come first.
        let tagged = |of: &[String]| {
            let mut sets: Vec<bool> = Vec::new();
            for set in &class.sets {
                let outer = set.parent.and_then(|parent| sets.get(parent as usize).copied());
                sets.push(outer.unwrap_or(false) || any(&set.tags, of));
            }
            sets
        };
        let [included, excluded] = [include, exclude].map(tagged);
        let has = |task: &Task, of: &[String], sets: &[bool]| {
            any(&task.tags, of) || sets.get(task.set as usize).copied().unwrap_or(false)
        };
        Self::of(class, |task| {
            (include.is_empty() || has(task, include, &included)) && !has(task, exclude, &excluded)
        })
    }

    /// The plan of the tasks that are to be kept.
    fn of(class: &UserClass, is_kept: impl Fn(&Task) -> bool) -> Option<Plan> {
        let mut sets: Vec<Set> = class
            .sets
            .iter()
            .map(|set| Set {
                name: set.name.clone(),
                parent: set.parent.unwrap_or(0) as usize,
                order: set.order,
                entries: Vec::new(),
                cumulated: Vec::new(),
                following: Vec::new(),
            })
            .collect();
        for (place, task) in class.tasks.iter().enumerate().filter(|(_, task)| is_kept(task)) {
            if let Some(set) = sets.get_mut(task.set as usize) {
                set.add(Entry::Task(place), task.weight);
            }
        }
        // Inner sets come after the set they are in, so from the last to the first each is complete when it is
        // its turn; the entries of a set are then put back into the order of declaration.
        for place in (1..sets.len()).rev() {
            let parent = sets[place].parent;
            let enters = parent < place && sets[parent].order != Order::Transitions;
            if enters && !sets[place].entries.is_empty() {
                sets[parent].add(Entry::Set(place), class.sets[place].weight);
            }
        }
        for (set, described) in sets.iter_mut().zip(&class.sets) {
            set.finish();
            if set.order == Order::Transitions {
                set.follow(&described.transitions);
            }
        }
        let tasks = class.tasks.iter().map(|task| (task.name.clone(), task.set)).collect();
        sets.first()
            .is_some_and(|outermost| !outermost.entries.is_empty())
            .then_some(Plan { sets, tasks })
    }

    /// Whether a place in one of the two plans is the same place in the other, so that a user may go on
    /// there: both declare the same sets and tasks, by name, nesting and order, none more and none less, and
    /// the same of them can be picked. Weights may differ otherwise, and ids, tags and transitions as they
    /// like.
    pub fn same_places(&self, other: &Plan) -> bool {
        self.tasks == other.tasks
            && self.sets.iter().map(Set::place).eq(other.sets.iter().map(Set::place))
    }
}

impl Set {
    fn add(&mut self, entry: Entry, weight: u32) {
        if weight > 0 {
            self.entries.push(entry);
            self.cumulated.push(u64::from(weight));
        }
    }

    /// All but the weights.
    fn place(&self) -> (&str, usize, Order, &[Entry]) {
        (&self.name, self.parent, self.order, &self.entries)
    }

    /// Puts the entries in order, tasks before sets, and adds up the weights.
    fn finish(&mut self) {
        let mut both: Vec<(Entry, u64)> =
            self.entries.drain(..).zip(self.cumulated.drain(..)).collect();
        both.sort_by_key(|(entry, _)| match *entry {
            Entry::Task(place) => (0, place),
            Entry::Set(place) => (1, place),
        });
        let mut sum = 0;
        for (entry, weight) in both {
            sum += weight;
            self.entries.push(entry);
            self.cumulated.push(sum);
        }
    }

    /// Finds what may follow on each entry. Transitions to or from what is never picked are left out.
    fn follow(&mut self, transitions: &[Transition]) {
        let places: HashMap<Entry, usize> = self.entries.iter().copied().zip(0..).collect();
        let entry = |task: u32| places.get(&Entry::Task(task as usize)).copied();
        self.following = vec![Following::default(); self.entries.len()];
        for Transition { from, to, weight } in transitions {
            if let (Some(from), Some(to), 1..) = (entry(*from), entry(*to), *weight) {
                let Following { entries, cumulated } = &mut self.following[from];
                entries.push(to);
                let before = cumulated.last().copied().unwrap_or(0);
                cumulated.push(before + u64::from(*weight));
            }
        }
    }
}

/// A place, drawn by weights that are added up. There is at least one.
fn draw(cumulated: &[u64], rng: &mut Rng) -> usize {
    let total = cumulated.last().copied().unwrap_or(0);
    let drawn = rng.below(total);
    cumulated.partition_point(|sum| *sum <= drawn)
}

/// Where one user stands in its class's plan. No memory of its own while it is in the outermost set.
#[derive(Debug, Clone)]
pub struct Picker {
    plan: Arc<Plan>,
    /// The innermost set that was entered.
    set: usize,
    /// The next place in that set, where it is a sequence; one more than the last, where it follows transitions.
    next: usize,
    /// The next places in the sets around it, the outermost first.
    outer: Vec<usize>,
}

impl Picker {
    /// A user at the beginning of the plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, set: 0, next: 0, outer: Vec::new() }
    }

    /// The next task, as its place in the class's list of tasks. Inner sets are entered on the way (each then
    /// starts at its beginning) and not left before [`Picker::interrupt`], or where their transitions end. `rng`
    /// is keyed [`crate::Purpose::Pick`]; sequences do not draw from it.
    pub fn next(&mut self, rng: &mut Rng) -> usize {
        loop {
            let set = &self.plan.sets[self.set];
            // A plan has no empty set that can be reached, so there is a weight and an entry.
            let place = match set.order {
                Order::Weighted => draw(&set.cumulated, rng),
                Order::Sequential => {
                    let place = self.next;
                    self.next = (place + 1) % set.entries.len();
                    place
                }
                Order::Transitions => {
                    // One more than the last place; 0 before the first.
                    let following = self.next.checked_sub(1).map(|last| &set.following[last]);
                    let place = match following {
                        None => 0,
                        Some(following) if following.entries.is_empty() => {
                            self.leave();
                            continue;
                        }
                        Some(following) => following.entries[draw(&following.cumulated, rng)],
                    };
                    self.next = place + 1;
                    place
                }
            };
            match set.entries[place] {
                Entry::Task(task) => return task,
                Entry::Set(inner) => {
                    self.outer.push(self.next);
                    (self.set, self.next) = (inner, 0);
                }
            }
        }
    }

    /// Follows another plan from now on, that of another version of the scenario: from where the user stands if
    /// the plans have the [same places](Plan::same_places), which is found out once for each class and told
    /// here; else from the beginning.
    pub fn go_on(&mut self, plan: Arc<Plan>, same_places: bool) {
        debug_assert!(!same_places || self.plan.same_places(&plan), "these are other places");
        if same_places {
            self.plan = plan;
        } else {
            *self = Self::new(plan);
        }
    }

    /// Leaves a set that has come to its end: begins anew where it is the outermost.
    fn leave(&mut self) {
        if self.outer.is_empty() {
            self.next = 0;
        } else {
            self.interrupt();
        }
    }

    /// Leaves the innermost set; the one around it goes on where it was. In the outermost set: goes on.
    pub fn interrupt(&mut self) {
        if let Some(next) = self.outer.pop() {
            (self.set, self.next) = (self.plan.sets[self.set].parent, next);
        }
    }
}

#[cfg(test)]
#[path = "pick_tests.rs"]
mod tests;
