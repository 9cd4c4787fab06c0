use super::*;

/// A scenario without a mistake: one class, two nested sets, a task in each.
fn good() -> Description {
    let set = |name: &str, parent| TaskSet {
        name: name.to_owned(),
        parent,
        weight: 1,
        order: Order::Weighted,
        tags: Vec::new(),
        transitions: Vec::new(),
    };
    let task = |id, name: &str, set| Task {
        id,
        name: name.to_owned(),
        set,
        weight: 1,
        tags: vec!["smoke".to_owned()],
    };
    Description {
        hooks: Hooks::default(),
        parameters: Vec::new(),
        classes: vec![UserClass {
            name: "Shopper".to_owned(),
            weight: 1,
            fixed_count: None,
            host: None,
            wait: Wait::Between(1, 2),
            sets: vec![set("outer", None), set("inner", Some(0))],
            tasks: vec![task(7, "browse", 0), task(9, "buy", 1)],
        }],
    }
}

fn transition(from: u32, to: u32, weight: u32) -> Transition {
    Transition { from, to, weight }
}

/// Lets the inner set follow transitions.
fn chain(class: &mut UserClass, transitions: &[Transition]) {
    (class.sets[1].order, class.sets[1].transitions) = (Order::Transitions, transitions.to_vec());
}

/// Makes a good class bad, and what must then be said.
type Row = (fn(&mut UserClass), &'static str);

#[test]
fn every_mistake_is_found() {
    assert_eq!(good().check(), Ok(()));
    let rows: &[Row] = &[
        (|c| c.name = String::new(), "user class number 1 has no name"),
        (
            |c| c.name = "a\u{1b}b".to_owned(),
            "user class number 1 has control characters in its name",
        ),
        (
            |c| c.name = "x".repeat(201),
            "user class number 1 has a name of more than 200 characters",
        ),
        (
            |c| c.host = Some("http://a\nb".to_owned()),
            "the host is too long or contains control characters",
        ),
        (|c| c.wait = Wait::Between(3, 2), "the wait time is between 3 µs and 2 µs: swap them"),
        (
            |c| c.sets[0].parent = Some(1),
            "task set number 1 is the outermost and cannot be nested in set 1",
        ),
        (|c| c.sets[1].parent = None, "task set number 2 names no set that it is nested in"),
        // A set inside itself, or inside a later one: how loops would begin.
        (
            |c| c.sets[1].parent = Some(1),
            "task set number 2 is nested in set 1, which is not declared before it",
        ),
        (|c| c.sets[1].parent = Some(u32::MAX), "which is not declared before it"),
        (|c| c.tasks[1].id = 7, "task \"buy\" has the id 7, which another task has"),
        (|c| c.tasks[1].set = 2, "task \"buy\" is in set 2, but there are 2"),
        (|c| c.tasks[0].tags[0].clear(), "task \"browse\": a tag has no name"),
        (|c| c.tasks.clear(), "user class \"Shopper\" has no task"),
        (|c| c.sets.clear(), "user class \"Shopper\" has no task set"),
        (|c| c.tasks.iter_mut().for_each(|t| t.weight = 0), "has no task that can ever be picked"),
        // The only live task is in a set that is never entered.
        (|c| (c.tasks[0].weight, c.sets[1].weight) = (0, 0), "has no task that can ever be picked"),
        (|c| c.weight = 0, "every user class has the weight 0"),
        (|c| c.fixed_count = Some(0), "every user class has the weight 0"),
        (
            |c| c.sets[0].tags.push("a\nb".to_owned()),
            "task set number 1: a tag has control characters",
        ),
        // Transitions that nobody follows, and a set that has none to follow.
        (
            |c| c.sets[0].transitions.push(transition(0, 0, 1)),
            "task set number 1 has transitions, but does not follow them",
        ),
        (
            |c| c.sets[1].order = Order::Transitions,
            "task set number 2 is to follow transitions and has none",
        ),
        // To a task of another set, from one that there is not.
        (
            |c| chain(c, &[transition(1, 0, 1)]),
            "task set number 2 has a transition to or from task 0, which is not in it",
        ),
        (
            |c| chain(c, &[transition(u32::MAX, 1, 1)]),
            "task set number 2 has a transition to or from task 4294967295, which is not in it",
        ),
        (
            |c| chain(c, &[transition(1, 1, 0)]),
            "task set number 2: all transitions from task \"buy\" have the weight 0",
        ),
        (
            |c| {
                (c.sets[0].order, c.sets[0].transitions) =
                    (Order::Transitions, vec![transition(0, 0, 1)])
            },
            "task set number 2 is never entered: \"outer\" follows its transitions",
        ),
    ];
    for (spoil, expected) in rows {
        let mut description = good();
        spoil(&mut description.classes[0]);
        let mistakes = description.check().expect_err(expected);
        assert!(
            mistakes.iter().any(|m| m.contains(expected)),
            "{mistakes:?} should say {expected:?}"
        );
    }
}

#[test]
fn what_looks_odd_but_is_no_mistake() {
    let rows: &[fn(&mut UserClass)] = &[
        |c| c.wait = Wait::Between(2, 2),
        |c| c.tasks[1].weight = 0,
        |c| (c.weight, c.fixed_count) = (0, Some(1)),
        |c| c.name = "Käufer 購入者".to_owned(),
        |c| c.name = "x".repeat(200),
        |c| chain(c, &[transition(1, 1, 1)]),
        // Twice the same, one of them for nothing.
        |c| chain(c, &[transition(1, 1, 0), transition(1, 1, 3)]),
    ];
    for alter in rows {
        let mut description = good();
        alter(&mut description.classes[0]);
        assert_eq!(description.check(), Ok(()));
    }
}

#[test]
fn all_mistakes_at_once_but_not_without_end() {
    assert_eq!(
        Description::default().check(),
        Err(vec!["the scenario has no user class".to_owned()])
    );

    let mut description = good();
    description.classes.push(description.classes[0].clone());
    description.classes[1].wait = Wait::Between(9, 1);
    let mistakes = description.check().expect_err("two mistakes");
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert_eq!(mistakes[0], "user class \"Shopper\" is declared twice");

    let task = description.classes[0].tasks[0].clone();
    description.classes[0].tasks = vec![Task { name: "\n".repeat(1_000), ..task }; 1_000];
    let mistakes = description.check().expect_err("thousands of mistakes");
    assert_eq!(mistakes.len(), MAX_MISTAKES + 1);
    assert!(
        mistakes.iter().all(|m| m.chars().count() < 300 && !m.contains('\n')),
        "each is bounded"
    );
    assert!(
        mistakes[MAX_MISTAKES].starts_with("and ") && mistakes[MAX_MISTAKES].ends_with(" more")
    );
}

#[test]
fn absurd_sizes() {
    let mut description = good();
    let task = description.classes[0].tasks[0].clone();
    description.classes[0].tasks = vec![task; MAX_TASKS + 1];
    assert_eq!(
        description.check(),
        Err(vec!["the scenario has 10001 tasks, more than 10000".to_owned()])
    );
    chain(&mut description.classes[0], &vec![transition(1, 1, 1); MAX_TRANSITIONS + 1]);
    description.classes[0].tasks.truncate(1);
    assert_eq!(
        description.check(),
        Err(vec!["the scenario has 100001 transitions, more than 100000".to_owned()])
    );
    description.classes =
        vec![UserClass { tasks: Vec::new(), ..good().classes.remove(0) }; MAX_CLASSES + 1];
    assert_eq!(
        description.check(),
        Err(vec!["the scenario has 1001 user classes, more than 1000".to_owned()])
    );
}

#[test]
fn tags_to_choose_by() {
    let mut description = good();
    description.classes[0].sets[1].tags.push("cart".to_owned());
    assert_eq!(description.tags().into_iter().collect::<Vec<_>>(), ["cart", "smoke"]);
}
