use super::*;
use crate::describe::TaskSet;
use crate::wait::Wait;

/// A class from (parent, weight, order) of each set and (set, weight) of each task.
fn class(sets: &[(Option<u32>, u32, Order)], tasks: &[(u32, u32)]) -> UserClass {
    let set = |&(parent, weight, order): &_| TaskSet {
        name: "set".to_owned(),
        parent,
        weight,
        order,
        tags: Vec::new(),
        transitions: Vec::new(),
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

const CHAIN: Order = Order::Transitions;

/// The class with these transitions in its set at this place.
fn chained(mut class: UserClass, set: usize, transitions: &[(u32, u32, u32)]) -> UserClass {
    let transition = |&(from, to, weight): &_| Transition { from, to, weight };
    class.sets[set].transitions = transitions.iter().map(transition).collect();
    class
}

/// The first picks of a user who never interrupts.
fn picks(class: &UserClass, count: usize) -> Vec<usize> {
    let (mut picker, mut rng) = (picker(class), Rng::new(1));
    (0..count).map(|_| picker.next(&mut rng)).collect()
}

#[test]
fn a_chain_follows_its_transitions() {
    let tasks = class(&[(None, 1, CHAIN)], &[(0, 1), (0, 7), (0, 1), (0, 0)]);
    // (transitions, first picks)
    type Row<'a> = (&'a [(u32, u32, u32)], [usize; 6]);
    let rows: [Row<'_>; 7] = [
        // It begins with the first task, whatever its weight.
        (&[(0, 2, 1), (2, 1, 1), (1, 0, 1)], [0, 2, 1, 0, 2, 1]),
        (&[(0, 0, 1)], [0, 0, 0, 0, 0, 0]),
        (&[(0, 1, 1), (1, 1, 1)], [0, 1, 1, 1, 1, 1]),
        // Without a way on, the outermost set begins anew.
        (&[(0, 1, 1), (1, 2, 1)], [0, 1, 2, 0, 1, 2]),
        (&[(1, 2, 1)], [0, 0, 0, 0, 0, 0]),
        // Weight 0 is never: of a transition, and of the task that it leads to.
        (&[(0, 1, 0), (0, 2, 1), (2, 0, 1)], [0, 2, 0, 2, 0, 2]),
        (&[(0, 3, 9), (0, 2, 1), (2, 3, 1)], [0, 2, 0, 2, 0, 2]),
    ];
    for (transitions, expected) in rows {
        let class = chained(tasks.clone(), 0, transitions);
        assert_eq!(picks(&class, 6), expected, "{transitions:?}");
    }
    // What is not of the set, which a check would have told, is not followed.
    let class = chained(tasks, 0, &[(0, 9, 5), (u32::MAX, 0, 1), (0, 1, 1)]);
    assert_eq!(picks(&class, 4), [0, 1, 0, 1]);
}

#[test]
fn a_chain_that_ends_leaves_its_set() {
    // Task 0, then the chain 1, 2, then task 3 in a set of its own that is never left by itself.
    let sets = [(None, 1, SEQUENCE), (Some(0), 1, CHAIN), (Some(0), 1, SEQUENCE)];
    let class = class(&sets, &[(0, 1), (1, 1), (1, 1), (2, 1)]);
    let ends = chained(class.clone(), 1, &[(1, 2, 1)]);
    assert_eq!(picks(&ends, 5), [0, 1, 2, 3, 3]);
    // It may be interrupted too, and then begins anew.
    let round = chained(class, 1, &[(1, 2, 1), (2, 1, 1)]);
    let (mut picker, mut rng) = (picker(&round), Rng::new(1));
    assert_eq!([0; 5].map(|_: i32| picker.next(&mut rng)), [0, 1, 2, 1, 2]);
    picker.interrupt();
    assert_eq!(picker.next(&mut rng), 3);
    picker.interrupt();
    assert_eq!([0; 2].map(|_: i32| picker.next(&mut rng)), [0, 1]);
    // Sets in a chain are never entered.
    let inner = self::class(&[(None, 1, CHAIN), (Some(0), 9, CHANCE)], &[(0, 1), (1, 1)]);
    assert_eq!(picks(&inner, 3), [0, 0, 0]);
    assert_eq!(Plan::new(&self::class(&[(None, 1, CHAIN), (Some(0), 9, CHANCE)], &[(1, 1)])), None);
}

#[test]
fn transitions_are_as_frequent_as_their_weights_say() {
    // From 0: one in four stays; the same transition twice is one of both weights. From 1 always back.
    let class = class(&[(None, 1, CHAIN)], &[(0, 1), (0, 1), (0, 1)]);
    let class =
        chained(class, 0, &[(0, 0, 2), (0, 1, 1), (0, 2, 3), (0, 1, 2), (1, 0, 5), (2, 0, 1)]);
    let mut picker = picker(&class);
    let (mut from_first, mut last) = ([0_u32; 3], 1);
    for iteration in 0..20_000 {
        let task = picker.next(&mut Rng::keyed(1, 0, iteration, crate::Purpose::Pick));
        if last == 0 {
            from_first[task] += 1;
        } else {
            assert_eq!(task, 0);
        }
        last = task;
    }
    let all = f64::from(from_first.iter().sum::<u32>());
    for (task, share) in [(0, 0.25), (1, 0.375), (2, 0.375)] {
        let found = f64::from(from_first[task]) / all;
        assert!((found - share).abs() < 0.02, "task {task}: {found} of {share}");
    }
}

#[test]
fn a_user_goes_on_in_a_chain_of_another_version() {
    let class = class(&[(None, 1, CHAIN)], &[(0, 1), (0, 1), (0, 1)]);
    let old = chained(class.clone(), 0, &[(0, 1, 1), (1, 0, 1)]);
    let new = Arc::new(Plan::new(&chained(class, 0, &[(1, 2, 1), (2, 1, 1)])).expect("a plan"));
    let (mut picker, mut rng) = (picker(&old), Rng::new(1));
    assert_eq!([0; 2].map(|_: i32| picker.next(&mut rng)), [0, 1]);
    assert!(picker.plan.same_places(&new), "transitions are weights");
    picker.go_on(new, true);
    assert_eq!([0; 3].map(|_: i32| picker.next(&mut rng)), [2, 1, 2]);
}

#[test]
fn tags_choose_tasks() {
    // 0 and 1 in the outermost set, 2 and 3 in an inner one, 4 in a set inside that.
    let sets = [(None, 1, SEQUENCE), (Some(0), 1, SEQUENCE), (Some(1), 1, SEQUENCE)];
    let mut class = class(&sets, &[(0, 1), (0, 1), (1, 1), (1, 1), (2, 1)]);
    for (task, tags) in [(0, vec!["read"]), (1, vec!["write", "slow"]), (3, vec!["read", "slow"])] {
        class.tasks[task].tags = tags.into_iter().map(str::to_owned).collect();
    }
    class.sets[1].tags = vec!["cart".to_owned()];
    let tags = |of: &str| of.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    // (include, exclude) → tasks that remain
    let rows: [((&str, &str), &[usize]); 11] = [
        (("", ""), &[0, 1, 2, 3, 4]),
        (("read", ""), &[0, 3]),
        (("read write", ""), &[0, 1, 3]),
        // A set's tags are those of everything in it.
        (("cart", ""), &[2, 3, 4]),
        (("cart read", ""), &[0, 2, 3, 4]),
        (("", "cart"), &[0, 1]),
        (("", "slow"), &[0, 2, 4]),
        // Exclusion wins.
        (("read", "slow"), &[0]),
        (("cart", "slow"), &[2, 4]),
        (("nothing", ""), &[]),
        (("", "read write cart"), &[]),
    ];
    for ((include, exclude), expected) in rows {
        let plan = Plan::with_tags(&class, &tags(include), &tags(exclude));
        let entries = |plan: &Plan| {
            let entries = plan.sets.iter().flat_map(|set| &set.entries);
            let task = |entry: &Entry| match entry {
                Entry::Task(place) => Some(*place),
                Entry::Set(_) => None,
            };
            entries.filter_map(task).collect::<Vec<_>>()
        };
        let found = plan.as_ref().map(entries).unwrap_or_default();
        assert_eq!(found, expected, "include {include:?}, exclude {exclude:?}");
        assert_eq!(plan.is_none(), expected.is_empty());
    }
    assert_eq!(Plan::with_tags(&class, &[], &[]), Plan::new(&class));
    // A set of which nothing is left is not entered.
    let plan = Plan::with_tags(&class, &tags("write"), &[]).expect("a plan");
    let mut picker = Picker::new(Arc::new(plan));
    assert_eq!([0; 3].map(|_: i32| picker.next(&mut Rng::new(1))), [1, 1, 1]);
    // In a chain nothing leads to what is left out.
    class.sets.truncate(1);
    class.tasks.truncate(2);
    class.sets[0].order = CHAIN;
    let class = chained(class, 0, &[(0, 1, 9), (0, 0, 1), (1, 0, 1)]);
    let plan = Plan::with_tags(&class, &[], &tags("write")).expect("a plan");
    let mut picker = Picker::new(Arc::new(plan));
    assert_eq!([0; 4].map(|_: i32| picker.next(&mut Rng::new(1))), [0, 0, 0, 0]);
}
