//! What users are given, for all inputs: rows of data, and tasks by transitions.
use katydid_load::{
    AtEnd, Draw, Order, Picker, Plan, Rng, Rows, Task, TaskSet, Transition, UserClass, Wait,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

fn kinds() -> impl Strategy<Value = Rows> {
    prop::sample::select(vec![Rows::Unique, Rows::SharedCircular, Rows::Random, Rows::PerUser])
}

/// A chain of so many tasks.
fn chain(tasks: u32, transitions: &[(u32, u32, u32)]) -> UserClass {
    let transition = |&(from, to, weight): &_| Transition { from, to, weight };
    let task = |id| Task { id, name: format!("task {id}"), set: 0, weight: 1, tags: Vec::new() };
    UserClass {
        name: "class".to_owned(),
        weight: 1,
        fixed_count: None,
        host: None,
        wait: Wait::None,
        sets: vec![TaskSet {
            name: "set".to_owned(),
            parent: None,
            weight: 1,
            order: Order::Transitions,
            tags: Vec::new(),
            transitions: transitions.iter().map(transition).collect(),
        }],
        tasks: (0..tasks).map(task).collect(),
    }
}

proptest! {
    #[test]
    fn no_row_is_ever_two_users(rows in 0_u64..300, users in 1_u64..50, recycle in any::<bool>()) {
        let at_end = if recycle { AtEnd::Recycle } else { AtEnd::Stop };
        let mut owner = BTreeMap::new();
        for user in 0..users {
            for draw in 0..20 {
                let draw = Draw { seed: 7, file: 0, rows, user, users, draw };
                if let Some(row) = Rows::Unique.row(at_end, &draw) {
                    prop_assert!(row < rows);
                    prop_assert_eq!(*owner.entry(row).or_insert(user), user, "row {}", row);
                }
            }
        }
        // Who draws often enough has them all: none is lost.
        prop_assert_eq!(owner.len() as u64, rows.min(users * 20));
    }

    #[test]
    fn unique_rows_come_once(rows in 0_u64..300, users in 1_u64..50) {
        let mut seen = HashSet::new();
        for user in 0..users {
            let row = |draw| Rows::Unique.row(AtEnd::Stop, &Draw { seed: 7, file: 0, rows, user, users, draw });
            let mut own = 0;
            while let Some(row) = row(own) {
                prop_assert!(seen.insert(row), "row {} comes twice", row);
                own += 1;
            }
            prop_assert!((own..own + 5).all(|draw| row(draw).is_none()), "the end is the end");
        }
        prop_assert_eq!(seen.len() as u64, rows);
    }

    #[test]
    fn circular_rows_come_equally_often(rows in 1_u64..60, users in 1_u64..20, rounds in 1_u64..4) {
        // When all users have drawn as often, over whole rounds of the file.
        let mut counts = BTreeMap::<u64, u64>::new();
        for user in 0..users {
            for draw in 0..rows * rounds {
                let draw = Draw { seed: 7, file: 0, rows, user, users, draw };
                *counts.entry(Rows::SharedCircular.row(AtEnd::Stop, &draw).expect("endless")).or_default() += 1;
            }
        }
        prop_assert_eq!(counts.len() as u64, rows);
        prop_assert!(counts.values().all(|count| *count == users * rounds));
    }

    #[test]
    fn any_number_of_shards_gives_the_same_rows(
        kind in kinds(), seed in any::<u64>(), rows in 1_u64..100, users in 1_u64..30, shards in 1_u64..8, recycle in any::<bool>(),
    ) {
        let at_end = if recycle { AtEnd::Recycle } else { AtEnd::Stop };
        // What users of a shard are given, in the order in which that shard happens to run them.
        let of = |shard: u64, shards: u64| {
            let users_of = (shard..users).step_by(shards as usize);
            let mut rows: Vec<_> = users_of
                .flat_map(|user| (0..6).map(move |draw| Draw { seed, file: 3, rows, user, users, draw }))
                .map(|draw| (draw.user, draw.draw, kind.row(at_end, &draw)))
                .collect();
            rows.reverse();
            rows
        };
        let mut parts: Vec<_> = (0..shards).flat_map(|shard| of(shard, shards)).collect();
        let mut whole = of(0, 1);
        parts.sort_unstable();
        whole.sort_unstable();
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn a_chain_takes_no_way_that_there_is_not(
        tasks in 1_u32..8,
        transitions in prop::collection::vec((0_u32..8, 0_u32..8, 0_u32..4), 0..30),
        seed in any::<u64>(),
    ) {
        let transitions: Vec<_> = transitions.into_iter().filter(|(from, to, _)| *from < tasks && *to < tasks).collect();
        let plan = Plan::new(&chain(tasks, &transitions)).expect("a task");
        let (mut picker, mut rng) = (Picker::new(Arc::new(plan)), Rng::new(seed));
        let ways: HashSet<(usize, usize)> =
            transitions.iter().filter(|(_, _, weight)| *weight > 0).map(|(from, to, _)| (*from as usize, *to as usize)).collect();
        let mut last = picker.next(&mut rng);
        prop_assert_eq!(last, 0, "it begins with the first");
        for _ in 0..50 {
            let next = picker.next(&mut rng);
            let ends = !ways.iter().any(|(from, _)| *from == last);
            prop_assert!(if ends { next == 0 } else { ways.contains(&(last, next)) }, "{} after {}", next, last);
            last = next;
        }
    }
}
