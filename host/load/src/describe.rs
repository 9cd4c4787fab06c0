//! What a scenario says about itself, and what is wrong with it. Mirrors `wit/load.wit`, interface `scenario`.
use crate::pick::Plan;
use crate::text;
use crate::wait::Wait;
use std::collections::HashSet;

/// Most user classes of a scenario.
pub const MAX_CLASSES: usize = 1_000;
/// Most tasks of a scenario, all classes together.
pub const MAX_TASKS: usize = 10_000;
/// Most task sets of a scenario, all classes together.
pub const MAX_SETS: usize = 10_000;
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
    /// The user classes, at least one.
    pub classes: Vec<UserClass>,
}

/// Which of the functions that every scenario exports do something; the others are never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hooks {
    /// `save` and the state of `on-start`: a user's state outlives the exchange of its module, where the old
    /// and the new version both say so.
    pub state: bool,
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
        ];
        for (what, size, limit) in sizes {
            if size > limit {
                mistakes.add(|| format!("the scenario has {size} {what}, more than {limit}"));
            }
        }
        // Whatever else is wrong with something so large, its size comes first.
        if sizes.iter().all(|(_, size, limit)| size <= limit) {
            self.check_classes(&mut mistakes);
        }
        mistakes.into_result()
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
                _ => {}
            }
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

fn check_name(name: &str, mistakes: &mut Mistakes, what: impl Fn() -> String) {
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
fn quoted(name: &str) -> String {
    format!("\"{}\"", text::tame(name, 60))
}

/// The mistakes found so far; those above the limit are only counted.
#[derive(Default)]
struct Mistakes {
    told: Vec<String>,
    untold: usize,
}

impl Mistakes {
    fn add(&mut self, mistake: impl FnOnce() -> String) {
        if self.told.len() < MAX_MISTAKES {
            self.told.push(mistake());
        } else {
            self.untold += 1;
        }
    }

    fn into_result(mut self) -> Result<(), Vec<String>> {
        if self.untold > 0 {
            self.told.push(format!("and {} more", self.untold));
        }
        if self.told.is_empty() { Ok(()) } else { Err(self.told) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scenario without a mistake: one class, two nested sets, a task in each.
    fn good() -> Description {
        let set = |name: &str, parent| TaskSet {
            name: name.to_owned(),
            parent,
            weight: 1,
            order: Order::Weighted,
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
            (
                |c| c.tasks.iter_mut().for_each(|t| t.weight = 0),
                "has no task that can ever be picked",
            ),
            // The only live task is in a set that is never entered.
            (
                |c| (c.tasks[0].weight, c.sets[1].weight) = (0, 0),
                "has no task that can ever be picked",
            ),
            (|c| c.weight = 0, "every user class has the weight 0"),
            (|c| c.fixed_count = Some(0), "every user class has the weight 0"),
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
        description.classes =
            vec![UserClass { tasks: Vec::new(), ..good().classes.remove(0) }; MAX_CLASSES + 1];
        assert_eq!(
            description.check(),
            Err(vec!["the scenario has 1001 user classes, more than 1000".to_owned()])
        );
    }
}
