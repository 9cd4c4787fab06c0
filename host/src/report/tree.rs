//! The tasks of a user class as a tree of task sets.
use super::fit;
use super::number;
use super::style::Style;
use super::table::{Column, Table};
use katydid_load::{Order, Transition, UserClass};

/// How deep task sets are shown; deeper ones are only mentioned.
const DEEPEST: usize = 12;
/// Longest name and longest list of tags, in characters.
const NAME_CHARS: usize = 300;
/// Most followers of a task that are named.
const FOLLOWERS: usize = 5;

/// The tree, with the chance that each task and each inner set has among its siblings.
pub(super) fn table(class: &UserClass, style: &Style) -> Table {
    let mut table = Table::new(vec![
        Column::words("  Task").cut(30),
        Column::figures("weight").expendable(2),
        Column::figures("chance").expendable(1),
        Column::words("Tags").wrap(12).expendable(3),
    ]);
    Tree::new(class).add_rows(0, "  ", 1, style, &mut table);
    table
}

/// The task sets of a class.
pub(super) struct Tree<'a> {
    class: &'a UserClass,
    /// By place of the set.
    sets: Vec<Set>,
    /// By place of the task, where its set is a chain.
    chain: Vec<Link>,
}

/// What comes before and after a task of a chain.
#[derive(Default, Clone)]
struct Link {
    /// It follows another one.
    follows: bool,
    /// What may follow it, by place, and how often.
    followers: Vec<(usize, u32)>,
}

/// What is in a task set.
#[derive(Default, Clone)]
struct Set {
    /// Its tasks, then its inner sets.
    children: Vec<Child>,
    /// What everything in it weighs: 0 where nothing can ever be picked.
    weight: u64,
}

/// What is in a set, by its place in the lists of the class.
#[derive(Clone, Copy)]
pub(super) enum Child {
    Task(usize),
    Set(usize),
}

impl<'a> Tree<'a> {
    pub(super) fn new(class: &'a UserClass) -> Self {
        let sets = vec![Set::default(); class.sets.len()];
        let mut this = Self { class, sets, chain: chain(class) };
        let all =
            (0..class.tasks.len()).map(Child::Task).chain((0..class.sets.len()).map(Child::Set));
        for child in all {
            if let Some(set) = this.parent(child).and_then(|set| this.sets.get_mut(set)) {
                set.children.push(child);
            }
        }
        // Inner sets come after the set that they are in: from the last to the first, what is in each
        // is known when it is its turn.
        for place in (0..this.sets.len()).rev() {
            let weights = this.sets[place].children.iter().map(|child| this.weight(*child));
            this.sets[place].weight = weights.sum();
        }
        this
    }

    /// The set that it is in. `None` for the outermost, and for what breaks the rule of the order.
    fn parent(&self, child: Child) -> Option<usize> {
        match child {
            Child::Task(place) => Some(self.class.tasks[place].set as usize),
            Child::Set(place) => {
                self.class.sets[place].parent.map(|set| set as usize).filter(|set| *set < place)
            }
        }
    }

    /// What it weighs against its siblings: nothing where nothing in it can be picked.
    fn weight(&self, child: Child) -> u64 {
        match child {
            Child::Task(place) => self.class.tasks[place].weight.into(),
            Child::Set(place) if self.sets[place].weight > 0 => {
                self.class.sets[place].weight.into()
            }
            Child::Set(_) => 0,
        }
    }

    /// Its weight, and that of itself and its siblings together, where it is chosen by weight.
    pub(super) fn odds(&self, child: Child) -> Option<(u64, u64)> {
        let set = self.parent(child)?;
        let order = self.class.sets.get(set)?.order;
        (order == Order::Weighted).then(|| (self.weight(child), self.sets[set].weight))
    }

    /// Its chance among its siblings in words.
    fn chance(&self, child: Child) -> String {
        match self.odds(child) {
            _ if self.weight(child) == 0 => "never".to_owned(),
            Some((weight, all)) => number::percent(weight, all),
            None if !self.in_chain(child) => "in turn".to_owned(),
            None => match child {
                Child::Task(place) if self.is_first(place) => "first".to_owned(),
                Child::Task(place) if self.chain[place].follows => "follows".to_owned(),
                _ => "never".to_owned(),
            },
        }
    }

    fn in_chain(&self, child: Child) -> bool {
        let set = self.parent(child).and_then(|set| self.class.sets.get(set));
        set.is_some_and(|set| set.order == Order::Transitions)
    }

    /// Whether a chain begins with this task.
    fn is_first(&self, task: usize) -> bool {
        let set = self.class.tasks[task].set;
        let mut siblings = self.class.tasks[..task].iter().filter(|other| other.set == set);
        siblings.all(|other| other.weight == 0)
    }

    /// What follows a task of a chain, in words.
    fn then(&self, task: usize) -> String {
        let followers = &self.chain[task].followers;
        if followers.is_empty() {
            return match self.class.tasks[task].set {
                0 => "then from the beginning".to_owned(),
                _ => "then out of the set".to_owned(),
            };
        }
        let all = followers.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let named = followers.iter().take(FOLLOWERS).map(|(place, weight)| {
            let name = fit::escaped(&self.class.tasks[*place].name, NAME_CHARS);
            format!("{name} {}", number::percent((*weight).into(), all))
        });
        let mut text = format!("then {}", named.collect::<Vec<_>>().join(", "));
        if let Some(more @ 1..) = followers.len().checked_sub(FOLLOWERS) {
            text += &format!(" and {}", number::counted(more as u64, "other"));
        }
        text
    }

    fn add_rows(&self, set: usize, prefix: &str, depth: usize, style: &Style, table: &mut Table) {
        let Some(Set { children, .. }) = self.sets.get(set) else { return };
        for (place, child) in children.iter().enumerate() {
            let last = place + 1 == children.len();
            let [branch, below] = match (last, style.unicode) {
                (false, true) => ["├─ ", "│  "],
                (true, true) => ["└─ ", "   "],
                (false, false) => ["|- ", "|  "],
                (true, false) => ["`- ", "   "],
            };
            self.add_row(*child, &format!("{prefix}{branch}"), table);
            let below = format!("{prefix}{below}");
            let inner = match *child {
                Child::Set(inner) => inner,
                Child::Task(task) => {
                    if self.in_chain(*child) && self.class.tasks[task].weight > 0 {
                        table.note(below + &self.then(task));
                    }
                    continue;
                }
            };
            // Its author decides how deep it is: recursion ends before the stack does.
            if depth < DEEPEST {
                self.add_rows(inner, &below, depth + 1, style, table);
            } else if !self.sets[inner].children.is_empty() {
                table.note(below + style.ellipsis());
            }
        }
    }

    fn add_row(&self, child: Child, branch: &str, table: &mut Table) {
        let (name, weight, tags) = match child {
            Child::Task(place) => {
                let task = &self.class.tasks[place];
                (task.name.clone(), task.weight, task.tags.join(", "))
            }
            Child::Set(place) => {
                let set = &self.class.sets[place];
                let order = match set.order {
                    Order::Weighted => "set",
                    Order::Sequential => "set, in order",
                    Order::Transitions => "set, a chain",
                };
                (format!("{} ({order})", set.name), set.weight, set.tags.join(", "))
            }
        };
        table.row(vec![
            format!("{branch}{}", fit::escaped(&name, NAME_CHARS)).into(),
            number::count(weight.into()).into(),
            self.chance(child).into(),
            fit::escaped(&tags, NAME_CHARS).into(),
        ]);
    }
}

/// What comes before and after each task of a chain; what is never picked does neither.
fn chain(class: &UserClass) -> Vec<Link> {
    let mut links = vec![Link::default(); class.tasks.len()];
    let picked = |task: u32| {
        class.tasks.get(task as usize).filter(|task| task.weight > 0).map(|_| task as usize)
    };
    let chains = class.sets.iter().filter(|set| set.order == Order::Transitions);
    for Transition { from, to, weight } in chains.flat_map(|set| &set.transitions) {
        if let (Some(from), Some(to), 1..) = (picked(*from), picked(*to), *weight) {
            links[from].followers.push((to, *weight));
            links[to].follows |= from != to;
        }
    }
    links
}
