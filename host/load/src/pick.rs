//! What a user does next.
use crate::describe::{Order, UserClass};
use crate::rng::Rng;
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let mut sets: Vec<Set> = class
            .sets
            .iter()
            .map(|set| Set {
                name: set.name.clone(),
                parent: set.parent.unwrap_or(0) as usize,
                order: set.order,
                entries: Vec::new(),
                cumulated: Vec::new(),
            })
            .collect();
        for (place, task) in class.tasks.iter().enumerate() {
            if let Some(set) = sets.get_mut(task.set as usize) {
                set.add(Entry::Task(place), task.weight);
            }
        }
        // Inner sets come after the set they are in, so from the last to the first each is complete when it is
        // its turn; the entries of a set are then put back into the order of declaration.
        for place in (1..sets.len()).rev() {
            let parent = sets[place].parent;
            if parent < place && !sets[place].entries.is_empty() {
                sets[parent].add(Entry::Set(place), class.sets[place].weight);
            }
        }
        sets.iter_mut().for_each(Set::finish);
        let tasks = class.tasks.iter().map(|task| (task.name.clone(), task.set)).collect();
        sets.first()
            .is_some_and(|outermost| !outermost.entries.is_empty())
            .then_some(Plan { sets, tasks })
    }

    /// Whether a place in one of the two plans is the same place in the other, so that a user may go on
    /// there: both declare the same sets and tasks, by name, nesting and order, none more and none less, and
    /// the same of them can be picked. Weights may differ otherwise, and ids and tags as they like.
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
}

/// Where one user stands in its class's plan. No memory of its own while it is in the outermost set.
#[derive(Debug, Clone)]
pub struct Picker {
    plan: Arc<Plan>,
    /// The innermost set that was entered.
    set: usize,
    /// The next place in that set, where it is a sequence.
    next: usize,
    /// The next places in the sets around it, the outermost first.
    outer: Vec<usize>,
}

impl Picker {
    /// A user at the beginning of the plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, set: 0, next: 0, outer: Vec::new() }
    }

    /// The next task, as its place in the class's list of tasks. Inner sets are entered on the way (a sequence
    /// then starts at its beginning) and not left before [`Picker::interrupt`]. `rng` is keyed
    /// [`crate::Purpose::Pick`]; sequences do not draw from it.
    pub fn next(&mut self, rng: &mut Rng) -> usize {
        loop {
            let set = &self.plan.sets[self.set];
            // A plan has no empty set that can be reached, so there is a weight and an entry.
            let place = match set.order {
                Order::Weighted => {
                    let total = set.cumulated.last().copied().unwrap_or(0);
                    let drawn = rng.below(total);
                    set.cumulated.partition_point(|sum| *sum <= drawn)
                }
                Order::Sequential => {
                    let place = self.next;
                    self.next = (place + 1) % set.entries.len();
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

    /// Leaves the innermost set; the one around it goes on where it was. In the outermost set: goes on.
    pub fn interrupt(&mut self) {
        if let Some(next) = self.outer.pop() {
            (self.set, self.next) = (self.plan.sets[self.set].parent, next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::{Task, TaskSet};
    use crate::wait::Wait;

    /// A class from (parent, weight, order) of each set and (set, weight) of each task.
    fn class(sets: &[(Option<u32>, u32, Order)], tasks: &[(u32, u32)]) -> UserClass {
        let set = |&(parent, weight, order): &_| TaskSet {
            name: "set".to_owned(),
            parent,
            weight,
            order,
        };
        let task = |(id, &(set, weight)): (usize, &(u32, u32))| Task {
            id: id as u32,
            name: "task".to_owned(),
            set,
            weight,
            tags: Vec::new(),
        };
        UserClass {
            name: "class".to_owned(),
            weight: 1,
            fixed_count: None,
            host: None,
            wait: Wait::None,
            sets: sets.iter().map(set).collect(),
            tasks: tasks.iter().enumerate().map(task).collect(),
        }
    }

    fn picker(class: &UserClass) -> Picker {
        Picker::new(Arc::new(Plan::new(class).expect("a class with something to pick")))
    }

    const SEQUENCE: Order = Order::Sequential;
    const CHANCE: Order = Order::Weighted;

    #[test]
    fn a_sequence_repeats_and_never_draws() {
        let class = class(&[(None, 1, SEQUENCE)], &[(0, 1), (0, 9), (0, 0), (0, 1)]);
        let (mut picker, mut rng) = (picker(&class), Rng::new(1));
        let picks: Vec<usize> = (0..7).map(|_| picker.next(&mut rng)).collect();
        assert_eq!(picks, [0, 1, 3, 0, 1, 3, 0], "weights do not matter, except 0: never");
        assert_eq!(rng, Rng::new(1));
    }

    #[test]
    fn a_user_stays_in_an_inner_set_until_it_interrupts() {
        // Task 0, then the inner sequence 1, 2, then another inner set with task 3, and around again.
        let sets = [(None, 1, SEQUENCE), (Some(0), 1, SEQUENCE), (Some(0), 1, CHANCE)];
        let class = class(&sets, &[(0, 1), (1, 1), (1, 1), (2, 1)]);
        let (mut picker, mut rng) = (picker(&class), Rng::new(1));
        let mut picks = |n: usize, picker: &mut Picker| -> Vec<usize> {
            (0..n).map(|_| picker.next(&mut rng)).collect()
        };
        assert_eq!(picks(4, &mut picker), [0, 1, 2, 1]);
        picker.interrupt();
        assert_eq!(picks(2, &mut picker), [3, 3], "the outer sequence goes on where it was");
        picker.interrupt();
        assert_eq!(picks(3, &mut picker), [0, 1, 2], "the inner one begins anew");
        picker.interrupt();
        picker.interrupt();
        assert_eq!(picks(1, &mut picker), [3], "interrupting the outermost set changes nothing");
    }

    #[test]
    fn sets_in_sets() {
        // Each set holds only the next one; the task is in the innermost.
        let sets = [(None, 1, CHANCE), (Some(0), 3, SEQUENCE), (Some(1), 1, CHANCE)];
        let class = class(&sets, &[(2, 5)]);
        let (mut picker, mut rng) = (picker(&class), Rng::new(1));
        assert_eq!(picker.next(&mut rng), 0);
        assert_eq!(picker.outer.len(), 2, "two sets deep");
        picker.interrupt();
        assert_eq!((picker.outer.len(), picker.set), (1, 1));
        assert_eq!(picker.next(&mut rng), 0);
        picker.interrupt();
        picker.interrupt();
        picker.interrupt();
        assert_eq!((picker.outer.len(), picker.set), (0, 0));
    }

    #[test]
    fn weights_are_frequencies() {
        // The inner set is entered as often as its weight says, against the tasks beside it.
        let class =
            class(&[(None, 1, CHANCE), (Some(0), 4, CHANCE)], &[(0, 1), (0, 5), (1, 1), (0, 0)]);
        let mut picker = picker(&class);
        let mut counts = [0_u32; 4];
        for iteration in 0..10_000 {
            counts[picker.next(&mut Rng::keyed(1, 0, iteration, crate::Purpose::Pick))] += 1;
            picker.interrupt();
        }
        assert_eq!(counts[3], 0, "weight 0 is never picked");
        for (task, share) in [(0, 1_000), (1, 5_000), (2, 4_000)] {
            assert!(
                counts[task].abs_diff(share) < 200,
                "task {task}: {} of about {share}",
                counts[task]
            );
        }
    }

    #[test]
    fn nothing_to_pick_is_no_plan() {
        let rows = [
            (class(&[], &[]), "no set"),
            (class(&[(None, 1, CHANCE)], &[]), "no task"),
            (class(&[(None, 1, CHANCE)], &[(0, 0)]), "weight 0"),
            (class(&[(None, 1, CHANCE)], &[(1, 1)]), "a task of no set"),
            (
                class(&[(None, 1, CHANCE), (Some(0), 0, CHANCE)], &[(1, 1)]),
                "a set that is never entered",
            ),
            // Only a description that was not checked can say this; it must not loop.
            (class(&[(None, 1, CHANCE), (Some(1), 1, CHANCE)], &[(1, 1)]), "a set inside itself"),
        ];
        for (class, why) in rows {
            assert_eq!(Plan::new(&class), None, "{why}");
        }
    }

    #[test]
    fn places_are_the_same_or_not() {
        let sets = [(None, 1, SEQUENCE), (Some(0), 2, CHANCE), (Some(0), 1, CHANCE)];
        let class = class(&sets, &[(0, 1), (1, 3), (1, 0), (2, 1)]);
        type Change = fn(&mut UserClass);
        // (what changes, whether the places stay the same)
        let rows: &[(Change, bool)] = &[
            (|_| (), true),
            (|c| c.tasks[1].weight = 9, true),
            (|c| c.sets[1].weight = 9, true),
            (|c| c.tasks.iter_mut().for_each(|task| task.id += 7), true),
            (|c| c.tasks[0].tags.push("smoke".to_owned()), true),
            // The class may be called and weighted as it likes: who compares has found the two.
            (|c| (c.name, c.weight, c.wait) = ("other".to_owned(), 7, Wait::Constant(5)), true),
            (|c| c.tasks[0].name.push('2'), false),
            (|c| c.sets[1].name.push('2'), false),
            (|c| c.sets[0].order = CHANCE, false),
            (|c| c.sets[2].parent = Some(1), false),
            (|c| c.tasks[1].set = 2, false),
            (|c| c.tasks[2].set = 2, false),
            (|c| c.tasks.truncate(3), false),
            (|c| c.tasks.push(c.tasks[0].clone()), false),
            (|c| c.sets.push(c.sets[1].clone()), false),
            // What can be picked has changed.
            (|c| c.tasks[2].weight = 1, false),
            (|c| c.sets[1].weight = 0, false),
        ];
        let plan = Plan::new(&class).expect("something to pick");
        for (row, (change, same)) in rows.iter().enumerate() {
            let mut changed = class.clone();
            change(&mut changed);
            let changed = Plan::new(&changed).expect("something to pick");
            assert_eq!(plan.same_places(&changed), *same, "row {row}");
            assert_eq!(changed.same_places(&plan), *same, "row {row}, the other way around");
        }
    }

    #[test]
    fn a_user_goes_on_where_it_stood_or_begins_anew() {
        // Task 0, then the inner sequence 1, 2, 3, then task 4 in a set of its own.
        let sets = [(None, 1, SEQUENCE), (Some(0), 1, SEQUENCE), (Some(0), 1, SEQUENCE)];
        let old = class(&sets, &[(0, 1), (1, 1), (1, 1), (1, 1), (2, 1)]);
        let mut alike = old.clone();
        alike.tasks.iter_mut().for_each(|task| task.weight = 5);
        let mut other = old.clone();
        other.tasks[4].name.push('2');

        // (the new version, where the user goes on, and after it has left the set that it is then in)
        for (new, next, after) in [(&alike, [2, 3], 4), (&other, [0, 1], 4)] {
            let new = Arc::new(Plan::new(new).expect("something to pick"));
            let (mut picker, mut rng) = (picker(&old), Rng::new(1));
            assert_eq!([0; 2].map(|_: i32| picker.next(&mut rng)), [0, 1]);
            let same_places = picker.plan.same_places(&new);
            picker.go_on(Arc::clone(&new), same_places);
            assert!(Arc::ptr_eq(&picker.plan, &new));
            assert_eq!([0; 2].map(|_: i32| picker.next(&mut rng)), next);
            picker.interrupt();
            assert_eq!(picker.next(&mut rng), after);
        }
    }

    #[test]
    fn dead_sets_are_never_entered() {
        let class = class(
            &[(None, 1, SEQUENCE), (Some(0), 9, CHANCE), (Some(1), 9, CHANCE)],
            &[(0, 1), (1, 0)],
        );
        let (mut picker, mut rng) = (picker(&class), Rng::new(1));
        assert_eq!([0; 3].map(|_: i32| picker.next(&mut rng)), [0, 0, 0]);
    }
}
